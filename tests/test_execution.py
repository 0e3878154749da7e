"""Several processes: the same bytes in the same order, none for small work, and what happens when one of them dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing import active_children
from pathlib import Path

import pytest

from siga_nlp import execution
from siga_nlp.execution import Outcome, outcomes, tasks_for
from siga_nlp.run import CACHE, FILES, run

Patch = Callable[[str], None]


@pytest.fixture
def many(corpus: Path) -> Path:
    """A corpus of some batches."""
    for number in range(60):
        folder = corpus / f"{number % 3}"
        folder.mkdir(exist_ok=True)
        (folder / f"d{number:02}.txt").write_text(
            f"云岭市办法（样例）\n一、市长每月至少接访{number + 1}次。\n二、县长每季度调研{number}天。\n",
            encoding="utf-8",
        )
    (corpus / "documents.csv").write_text("file,issuer,doc_id\n1/d01.txt,云岭市委,\n2/d02.txt,,d03\n", encoding="utf-8")
    return corpus


@pytest.fixture
def workers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start workers for the least of work."""
    monkeypatch.setattr(execution, "_WORTH", 0)


@pytest.fixture
def in_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patch:
    """Run some code when a process starts, with ``on_read(f)``: call f with the id of each document that is read."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(Path(execution.__file__).parents[1])]))

    def patch(code: str) -> None:
        (folder / "sitecustomize.py").write_text(
            "import os, signal, sys, time\n"
            "def on_read(f):\n"
            "    import siga_nlp.extraction\n"
            "    core = sys.modules['siga_nlp.extraction']\n"
            "    extract = core.extract\n"
            "    def first(document, **options):\n"
            "        f(document.doc_id)\n"
            "        return extract(document, **options)\n"
            "    core.extract = first\n" + code,
            encoding="utf-8",
        )

    return patch


def contents(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in FILES}


@pytest.mark.usefixtures("workers_at_once")
def test_two_processes_give_the_same_bytes_as_one(many: Path, tmp_path: Path) -> None:
    one = run(many, tmp_path / "one")
    two = run(many, tmp_path / "two", workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert [f.reason for f in two.failures] == ["duplicate_id", "empty"] and two.failures == one.failures
    assert two.requirements == one.requirements > 100 and not active_children()
    again = run(many, tmp_path / "two", workers=2)
    assert again.reused == again.documents == one.documents
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_small_work_starts_no_process(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiprocessing.get_context", None)
    assert run(many, tmp_path / "out", workers=8).documents == 61


@pytest.mark.usefixtures("workers_at_once")
def test_a_document_that_kills_its_process_is_all_that_is_lost(
    many: Path, tmp_path: Path, in_every_process: Patch
) -> None:
    run(many, tmp_path / "one")
    in_every_process("def die(doc):\n    if doc in ('d07', 'd40'): os._exit(9)\non_read(die)\n")
    summary = run(many, tmp_path / "two", workers=2)
    died = {f.source: f.message for f in summary.failures if f.reason == "died"}
    assert {*died} == {"1/d07.txt", "1/d40.txt"} and "out of memory" in died["1/d07.txt"]
    lines = (tmp_path / "one" / "requirements.jsonl").read_text("utf-8").splitlines()
    rest = [line for line in lines if '"doc_id": "d07"' not in line and '"doc_id": "d40"' not in line]
    assert (tmp_path / "two" / "requirements.jsonl").read_text("utf-8").splitlines() == rest
    assert b"died" in contents(tmp_path / "two")["failures.csv"]


@pytest.mark.parametrize("moment", [0, 30, -1], ids=["first", "middle", "last"])
@pytest.mark.usefixtures("workers_at_once")
def test_a_process_killed_from_outside_costs_nothing(many: Path, moment: int) -> None:
    tasks = tasks_for([many])
    expected = list(outcomes(tasks))
    found = []
    for result in outcomes(tasks, workers=2):
        if len(found) == moment % len(tasks):
            active_children()[0].kill()
        found.append(result)
    assert found == expected and not active_children()


@pytest.mark.usefixtures("workers_at_once")
def test_whoever_has_had_enough_leaves_no_process(many: Path) -> None:
    with closing(outcomes(tasks_for([many]), workers=2)) as results:
        assert isinstance(next(results), Outcome)
        assert active_children()
    assert not active_children()


@pytest.mark.usefixtures("workers_at_once")
def test_where_no_process_can_start_it_is_said(many: Path, in_every_process: Patch) -> None:
    in_every_process("if 'spawn_main' in ' '.join(sys.orig_argv): os._exit(3)\n")
    with pytest.raises(execution.NoWorkers, match="workers=1"):
        list(outcomes(tasks_for([many]), workers=2))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "killed"])
@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are not Windows's")
def test_a_stopped_run_is_taken_up_again(
    many: Path, tmp_path: Path, in_every_process: Patch, stop: signal.Signals
) -> None:
    out, mark = tmp_path / "out", tmp_path / "mark"
    in_every_process(
        "import siga_nlp.execution\nsiga_nlp.execution._WORTH = 0\n"
        "def wait(doc):\n"
        f"    if doc == 'd58':\n        open({str(mark)!r}, 'w').write(str(os.getpid()))\n        time.sleep(60)\n"
        "on_read(wait)\n"
    )
    command = [sys.executable, "-m", "siga_nlp", "run", str(many), "--out", str(out), "--workers", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        until(mark.exists)
        if stop == signal.SIGINT:
            os.killpg(process.pid, stop)  # as the terminal does: to the workers too
        else:
            process.send_signal(stop)
        assert process.stderr
        errors = process.stderr.read()
    if stop == signal.SIGINT:
        assert process.returncode == 130 and "Interrupted" in errors and "Traceback" not in errors
    until(lambda: not alive(int(mark.read_text())))
    assert not (out / "requirements.csv").exists()
    assert len(list((out / CACHE).glob("*.json"))) >= 20
    assert run(many, out).reused >= 20
    run(many, tmp_path / "other")
    assert contents(out) == contents(tmp_path / "other")


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_more_rows_than_a_sheet_holds_leave_the_spreadsheet_out(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(many, out)
    assert (out / "requirements.xlsx").exists()
    monkeypatch.setattr("siga_nlp.run.XLSX_MOST", 100)
    summary = run(many, out)
    assert summary.left_out == ("requirements.xlsx",) and summary.requirements > 100
    assert not (out / "requirements.xlsx").exists() and (out / "requirements.parquet").exists()
