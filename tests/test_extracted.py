"""The committed tables are what this version makes of the corpus: their diff shows what a change gained and lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.gains import report
from siga_nlp.run import run
from siga_nlp.table import read_table, records

COMMITTED = ("requirements.csv", "requirements.jsonl", "documents.csv", "failures.csv")
REMEDY = "If that is what you want: `siga run`, read `git diff extracted`, and commit it with the change."


@pytest.fixture(scope="module")
def extracted(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("extracted")
    run(root / "corpus", out)
    return out


@pytest.mark.parametrize("name", COMMITTED)
def test_regenerated_is_committed(root: Path, extracted: Path, name: str) -> None:
    old, new = root / "extracted" / name, extracted / name
    assert old.exists(), f"extracted/{name} is not there. {REMEDY}"
    if old.read_bytes() == new.read_bytes():
        return
    found = ""
    if name.startswith("requirements"):
        found = report(*(list(records(read_table(path))) for path in (old, new)), most=40)
    pytest.fail(f"extracted/{name} is not what this version writes.\n{found}\n{REMEDY}", pytrace=False)


def test_every_file_of_the_corpus_is_read(extracted: Path) -> None:
    failures = (extracted / "failures.csv").read_text("utf-8-sig").splitlines()
    assert failures == ["source,reason,message,advice"]
