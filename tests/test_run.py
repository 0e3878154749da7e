"""``siga run``: the same bytes whatever was kept, old files or new ones, failures beside results."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import siga_nlp as sg
from siga_nlp.run import CACHE, FILES, CannotRun, run
from siga_nlp.table import read_table


def contents(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in FILES}


def test_the_tables_hold_what_the_documents_say(corpus: Path, tmp_path: Path) -> None:
    summary = run(corpus, tmp_path / "out")
    tables = [read_table(tmp_path / "out" / f"requirements.{e}") for e in ("csv", "jsonl", "parquet", "xlsx")]
    assert {tuple(t["doc_id"]) for t in tables} == {("a", "a", "b")}
    assert tables[0]["frequency_count"].tolist() == [2, 1, 3]
    assert all(table.equals(tables[0]) for table in tables[1:])
    assert (summary.documents, summary.requirements, summary.measured) == (2, 3, 3)
    assert summary.failures[0].source == "empty.txt" and summary.failures[0].reason == "empty"
    documents = (tmp_path / "out" / "documents.csv").read_text("utf-8-sig")
    assert "b,b.txt,txt,gb18030" in documents
    assert "empty.txt,empty," in (tmp_path / "out" / "failures.csv").read_text("utf-8-sig")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted([CACHE, *FILES])
    for table in tables:
        record = sg.provenance(table)
        assert record["documents"] == {n: hashlib.sha256((corpus / f"{n}.txt").read_bytes()).hexdigest() for n in "ab"}
        assert record == json.loads((tmp_path / "out" / "requirements.provenance.json").read_text("utf-8"))


def test_the_same_rows_as_from_python(corpus: Path, tmp_path: Path) -> None:
    run(corpus, tmp_path / "out")
    lines = (tmp_path / "out" / "requirements.jsonl").read_text("utf-8").splitlines()
    with pytest.warns(UserWarning, match="empty.txt"):
        assert [json.loads(line) for line in lines] == list(sg.extract(corpus))


def test_a_second_run_reads_only_what_changed_and_gives_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    first, other = tmp_path / "first", tmp_path / "other"
    assert run(corpus, first).reused == 0
    before = contents(first)
    again = run(corpus, first)
    assert again.reused == 2 and contents(first) == before
    assert run(corpus, first, force=True).reused == 0 and contents(first) == before

    (corpus / "a.txt").write_text("青溪县办法（样例）\n镇长每年至少调研4次。\n", encoding="utf-8")
    (corpus / "c.txt").write_text("乡规（样例）\n乡长每月至少走访5次。\n", encoding="utf-8")
    assert run(corpus, first).reused == 1
    run(corpus, other)
    assert contents(first) == contents(other)
    assert contents(first)["requirements.csv"] != before["requirements.csv"]
    assert len(list((first / CACHE).glob("*.json"))) == 3, "what no run needs any more is thrown away"


def test_the_time_of_day_is_in_no_file(corpus: Path, tmp_path: Path) -> None:
    run(corpus, tmp_path / "out")
    before = contents(tmp_path / "out")
    time.sleep(2.1)  # a zip archive counts in steps of two seconds
    os.utime(corpus / "a.txt")
    run(corpus, tmp_path / "elsewhere", force=True)
    assert contents(tmp_path / "elsewhere") == before


def test_other_rules_other_results(corpus: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    with pytest.raises(CannotRun, match="no .yaml file in this folder"):
        run(corpus, tmp_path / "out", rules=rules)
    (rules / "own.yaml").write_text("{}\n", encoding="utf-8")
    run(corpus, tmp_path / "out", rules=rules)
    assert run(corpus, tmp_path / "out", rules=rules).reused == 2
    (rules / "own.yaml").write_text("{} # changed\n", encoding="utf-8")
    assert run(corpus, tmp_path / "out", rules=rules).reused == 0
    assert run(corpus, tmp_path / "out").reused == 0


def test_a_line_of_the_list_changes_its_document_only(corpus: Path, tmp_path: Path) -> None:
    run(corpus, tmp_path / "out")
    (corpus / "documents.csv").write_text("file,issuer\nb.txt,云岭市委\n", encoding="utf-8")
    assert run(corpus, tmp_path / "out").reused == 1
    table = read_table(tmp_path / "out" / "requirements.csv")
    assert table["issuer"].tolist()[-1] == "云岭市委"
    (corpus / "documents.csv").write_text("file,date\nb.txt,13月\n", encoding="utf-8")
    with pytest.raises(CannotRun, match="row 2, column date"):
        run(corpus, tmp_path / "out")


def test_two_documents_of_one_id(corpus: Path, tmp_path: Path) -> None:
    (corpus / "documents.csv").write_text("file,doc_id\nb.txt,a\n", encoding="utf-8")
    summary = run(corpus, tmp_path / "out")
    assert [(f.source, f.reason) for f in summary.failures] == [("b.txt", "duplicate_id"), ("empty.txt", "empty")]
    assert set(read_table(tmp_path / "out" / "requirements.csv")["doc_id"]) == {"a"}


def test_a_damaged_cache_is_not_believed(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(corpus, out)
    before = contents(out)
    for kept in (out / CACHE).glob("*.json"):
        kept.write_bytes(kept.read_bytes().replace(b'"frequency_count": ', b'"frequency_count": 1'))
    assert run(corpus, out).reused == 0
    assert contents(out) == before
    for kept in (out / CACHE).glob("*.json"):
        kept.write_bytes(kept.read_bytes()[:-40])
    assert run(corpus, out).reused == 0
    assert contents(out) == before


def test_an_extraction_that_fails_costs_only_its_document(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import siga_nlp.extraction  # noqa: F401

    core = sys.modules["siga_nlp.extraction"]
    extract = core.extract

    def fails_on_a(document: Any, **options: Any) -> Any:
        if document.doc_id == "a":
            raise RecursionError("too deep")
        return extract(document, **options)

    monkeypatch.setattr(core, "extract", fails_on_a)
    summary = run(corpus, tmp_path / "out")
    assert summary.documents == 1
    assert {f.source: f.reason for f in summary.failures} == {"a.txt": "internal", "empty.txt": "empty"}
    assert "too deep" in summary.failures[0].message


_SLOW = """
import sys, time
import siga_nlp.extraction
core = sys.modules["siga_nlp.extraction"]
extract = core.extract
def slow(document, **options):
    if document.doc_id == "b":
        print("reading b", flush=True)
        time.sleep(60)
    return extract(document, **options)
core.extract = slow
from siga_nlp.cli import main
sys.exit(main(["run", sys.argv[1], "--out", sys.argv[2]]))
"""


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT], ids=["killed", "ctrl-c"])
@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are not Windows's")
def test_a_run_that_is_stopped_leaves_the_old_files(
    corpus: Path, tmp_path: Path, root: Path, stop: signal.Signals
) -> None:
    out = tmp_path / "out"
    run(corpus, out)
    before = contents(out)
    for name in ("a.txt", "b.txt"):
        (corpus / name).write_text("镇制度（样例）\n镇长每月至少接访9次。\n", encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW, str(corpus), str(out)],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stdout.readline() == "reading b\n"
        process.send_signal(stop)
        _, errors = process.communicate(timeout=60)
    assert contents(out) == before
    if stop == signal.SIGINT:
        assert process.returncode == 130 and "Interrupted" in errors
        assert not list((out / CACHE).glob("new-*"))
    assert run(corpus, out).reused == 1, "what was read before the stop is kept"
    assert contents(out) != before


def test_what_stands_in_the_way_is_said_before_the_work(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for where, out, message in (
        (corpus, tmp_path / "file" / "out", "cannot write there"),
        (tmp_path / "empty", tmp_path / "out", "no documents to read"),
        (tmp_path / "nowhere", tmp_path / "out", "no such file or folder"),
    ):
        with pytest.raises(CannotRun, match=message):
            run(where, out)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_said_before_the_work(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(CannotRun, match="cannot write there"):
        run(corpus, tmp_path / "closed")


def test_a_file_that_cannot_be_replaced_leaves_all_as_it_was(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "requirements.xlsx").mkdir()
    with pytest.raises(CannotRun, match="requirements.xlsx: cannot be replaced"):
        run(corpus, out)
    assert sorted(p.name for p in out.iterdir()) == [CACHE, "requirements.xlsx"]


def test_progress_sees_every_source(corpus: Path, tmp_path: Path) -> None:
    seen: list[int] = []

    def progress(items: list[Any]) -> list[Any]:
        seen.append(len(items))
        return items

    run(corpus, tmp_path / "out", progress=progress)
    assert seen == [3]
