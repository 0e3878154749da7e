"""What several test files share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Documents and gold files that stay outside the repository; the test is skipped where they are absent."""
    folder = Path(os.environ.get("SIGA_SHARED") or ROOT.parent / "shared")
    if not (folder / "gold").is_dir():
        pytest.skip(f"{folder.name}/ with real documents and gold files is not beside the repository")
    return folder


Siga = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def siga(tmp_path: Path) -> Siga:
    """Run the command as a user does, in a folder of its own; extra environment variables by name."""

    def call(*args: object, cwd: Path = tmp_path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "siga_nlp", *map(str, args)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **env},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )

    return call


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A small folder of documents, one of them empty."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.txt").write_text(
        "青溪县下基层办法（样例）\n一、县长每月至少接访2次。\n二、副县长每季度至少接访1次。\n", encoding="utf-8"
    )
    (folder / "b.txt").write_bytes("云岭市制度（样例）\r\n市长每年至少调研3次。\r\n".encode("gb18030"))
    (folder / "empty.txt").write_bytes(b"")
    return folder


@pytest.fixture(scope="session")
def sample_table() -> pd.DataFrame:
    """The requirement table of the sample corpus."""
    from siga_nlp import requirements

    return requirements(ROOT / "corpus")


@pytest.fixture(scope="session")
def gold_rows() -> Callable[..., pd.DataFrame]:
    """Gold files as a requirement table, so that errors of the extraction do not count."""
    return _gold_rows


def _gold_rows(folder: Path, texts: Path, only: str = "") -> pd.DataFrame:
    from siga_nlp import read_corpus
    from siga_nlp.lexicon import load
    from siga_nlp.models import Frequency, Quantity, Requirement
    from siga_nlp.parties import normalize
    from siga_nlp.table import rows, to_frame
    from siga_nlp.view import fold

    found = []
    for document in read_corpus(texts):
        gold = folder / f"{document.doc_id}.jsonl"
        if not gold.exists() or only and document.doc_id[:3] not in only.split():
            continue
        stated = []
        for line in gold.read_text("utf-8").splitlines():
            g = json.loads(line)
            start = -1
            for _ in range(g.get("occurrence", 0) + 1):
                start = document.text.find(g["clause"], start + 1)
            start = max(start, 0)  # the text of a web page is not the page's
            levels, roles = normalize(fold(g["subject"] or ""), load())
            f, q = g["frequency"] or {}, g["quantity"] or {}
            frequency = Frequency(f.get("op"), f.get("count"), f.get("max"), f.get("period")) if f else None
            quantity = Quantity(q["op"], q["value"], q.get("max"), q.get("unit")) if q else None
            stated.append(
                Requirement(
                    start,
                    start + len(g["clause"]),
                    g["clause"],
                    measure=g["measure"],
                    subject=g["subject"],
                    subject_source=g["subject_source"],
                    subject_level=levels,
                    subject_role=roles,
                    basis=g["basis"],
                    modality=g["modality"],
                    action=g["action"],
                    topic=g["topic"],
                    frequency=frequency,
                    quantity=quantity,
                    deadline=g["deadline"],
                    vague=g["vague"],
                )  # fmt: skip
            )
        found += rows(document, stated)
    return to_frame(found)


@pytest.fixture(scope="session")
def located() -> Callable[[pd.DataFrame, str, str], set[str]]:
    """The ids of a document's requirements that stand at a clause, given by its beginning."""
    return _located


def _located(table: pd.DataFrame, doc_id: str, clause: str) -> set[str]:
    from siga_nlp.view import fold

    wanted = "".join(fold(clause).split())
    of = table[table["doc_id"] == doc_id]
    texts = {i: "".join(fold(text).split()) for i, text in zip(of["requirement_id"], of["text"], strict=True)}
    found = {i for i, text in texts.items() if text.startswith(wanted)} or {i for i in texts if wanted in texts[i]}
    if not found:  # the row begins later than the clause, or ends before it
        most = max((_overlap(wanted, text) for text in texts.values()), default=0)
        found = {i for i, text in texts.items() if most >= 6 and _overlap(wanted, text) == most}
    if not found:  # the clause begins with a subject from which the row inherits
        named = of[of["subject"].map(lambda s: "".join(fold(s or "").split()), na_action="ignore") == wanted]
        found = set(named[named["measure"].notna()].sort_values("start")["requirement_id"].head(1))
    return found


def _overlap(clause: str, text: str) -> int:
    if text in clause:
        return len(text)
    return next((n for n in range(len(clause), 0, -1) if text.startswith(clause[-n:])), 0)
