"""Documents at addresses and in Parquet files; Dask workers give what one process gives, whatever dies on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import siga_nlp as sg
from siga_nlp import cluster
from siga_nlp.cluster import outcomes
from siga_nlp.execution import NoWorkers, tasks_for
from siga_nlp.run import FILES, CannotRun, run

RULES = """
about: words of our county
terms:
  heads: [圩长]
rules:
  - name: modal-定当
    kind: modal
    pattern: '定当'
    value: {modality: obligation}
    examples: [圩长定当巡查]
    rejects: [一定当选]
"""


def text(number: int) -> str:
    return f"云岭市办法（样例）\n一、市长每月至少接访{number + 1}次。\n二、圩长定当巡查市场。\n"


@pytest.fixture
def many(corpus: Path) -> Path:
    """A corpus of some batches: files, a zip file, a Parquet file, a list, and a file that is empty."""
    import pyarrow as pa
    from pyarrow import parquet

    for number in range(40):
        (corpus / f"d{number:02}.txt").write_text(text(number), encoding="utf-8")
    with zipfile.ZipFile(corpus / "more.zip", "w") as archive:
        for number in range(40, 60):
            archive.writestr(f"z/d{number}.txt", text(number))
    table = pa.table({"doc_id": [f"p{n}" for n in range(20)], "text": [text(n) if n else None for n in range(20)]})
    parquet.write_table(table, corpus / "rest.parquet", row_group_size=7)
    (corpus / "documents.csv").write_text(
        "file,issuer\nd01.txt,云岭市委\nmore.zip/z/d41.txt,清水市委\nrest.parquet/p3,白河市委\n", encoding="utf-8"
    )
    return corpus


def contents(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in FILES}


# Addresses and Parquet


def test_rows_of_a_parquet_file_are_documents(many: Path) -> None:
    found = sg.read_corpus(many / "rest.parquet")
    assert [document.doc_id for document in found] == [f"p{n}" for n in range(1, 20)]
    assert found["p9"].text == text(9) and found["p3"].header.issuer == "白河市委"
    assert [(Path(f.source).name, f.reason) for f in found.failures] == [("p0", "empty")]


def test_other_parquet_files_are_refused_if_asked_for_and_left_alone_in_a_folder(many: Path) -> None:
    sg.write_table(sg.extract(many / "d01.txt"), many / "requirements.parquet")
    (many / "broken.parquet").write_bytes(b"PAR1")
    reasons = {f.source: f.reason for f in sg.read_corpus(many).failures}
    assert reasons == {"empty.txt": "empty", "broken.parquet": "corrupt", "rest.parquet/p0": "empty"}
    (failure,) = sg.read_corpus(many / "requirements.parquet").failures
    assert failure.reason == "unsupported" and "table of requirements" in failure.message


def test_an_address_gives_what_the_folder_gives(many: Path, tmp_path: Path) -> None:
    run(many, tmp_path / "folder")
    run(f"file://{many}", tmp_path / "address")
    assert contents(tmp_path / "folder") == contents(tmp_path / "address")


def test_any_storage_that_fsspec_knows() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe({"/docs/a.txt": text(0).encode(), "/docs/b/c.txt": text(1).encode("gb18030"), "/docs/.x/d.txt": b"x"})
    memory.pipe({"/docs/documents.csv": "file,region,level\nb/c.txt,白河市,city\n".encode(), "/docs/x.png": b"x"})
    try:
        found = sg.read_corpus("memory://docs")
        assert [(d.doc_id, d.source, d.header.region) for d in found] == [
            ("a", "a.txt", found["a"].header.region), ("c", "b/c.txt", "白河市")
        ]  # fmt: skip
        assert [f.reason for f in found.failures] == ["unsupported"]
        assert sg.read_document("memory://docs/a.txt").text == text(0)
        memory.pipe("/docs/documents.csv", b"file\nz.txt\n")
        with pytest.raises(ValueError, match="'z.txt' is not there"):
            sg.read_corpus("memory://docs")
    finally:
        memory.rm("/docs", recursive=True)


@pytest.mark.parametrize(
    ("address", "message"),
    [("memory://nothing/here", "no such file or folder"), ("nowhere://x/a", "cannot be reached")],
)
def test_addresses_that_lead_nowhere(address: str, message: str) -> None:
    (failure,) = sg.read_corpus(address).failures
    assert message in failure.message and address in failure.message


# Dask


class Scheduler:
    """A scheduler and two workers, started as a user starts them; ``die`` names documents that kill a worker."""

    def __init__(self, folder: Path) -> None:
        self.die = folder / "die"
        (folder / "sitecustomize.py").write_text(
            "import os, sys\n"
            "if 'spawn_main' in ' '.join(sys.orig_argv):\n"
            "    import siga_nlp.extraction\n"
            "    core = sys.modules['siga_nlp.extraction']\n"
            "    extract = core.extract\n"
            "    def first(document, **options):\n"
            f"        if os.path.exists({str(self.die)!r}) and document.doc_id in open({str(self.die)!r}).read().split():\n"
            "            os._exit(9)\n"
            "        return extract(document, **options)\n"
            "    core.extract = first\n",
            encoding="utf-8",
        )
        root = str(Path(cluster.__file__).parents[1])
        self._env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(folder), root]),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        }
        self._folder, self._file = folder, folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        place = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", self._file]
        self._start("scheduler", *place, "--no-dashboard", "--idle-timeout", "5 minutes")  # should the tests be killed
        until(lambda: self._file.exists() and self._file.read_text().endswith("}"))
        self.address: str = json.loads(self._file.read_text())["address"]
        self.start_worker()
        self.start_worker()
        from distributed import Client

        with Client(self.address) as client:
            client.wait_for_workers(2, timeout=60)

    def start_worker(self) -> None:
        self._start(
            "worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--death-timeout", "30"
        )

    def kill_worker(self) -> None:
        """As if its machine had lost power."""
        os.killpg(self._processes.pop().pid, signal.SIGKILL)

    def _start(self, what: str, *options: object) -> None:
        command = [sys.executable, "-m", "dask", what, *map(str, options)]
        self._processes.append(
            subprocess.Popen(
                command, cwd=self._folder, env=self._env, start_new_session=True, stderr=subprocess.DEVNULL
            )
        )

    def stop(self) -> None:
        for process in self._processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    if os.name == "nt":
        pytest.skip("process groups of this kind are not Windows's")
    found = Scheduler(tmp_path_factory.mktemp("dask"))
    yield found
    found.stop()


def until(true: Any) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_two_workers_give_the_same_bytes(many: Path, tmp_path: Path, scheduler: Scheduler) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.yaml").write_text(RULES, encoding="utf-8")
    serial = run(many, tmp_path / "serial", rules=rules)
    found = run(many, tmp_path / "dask", rules=rules, scheduler=scheduler.address)
    assert contents(tmp_path / "serial") == contents(tmp_path / "dask")
    assert found.requirements == serial.requirements > 150 and found.failures == serial.failures
    (many / "d05.txt").write_text(text(99), encoding="utf-8")
    again = run(many, tmp_path / "dask", rules=rules, scheduler=scheduler.address)
    assert again.reused == again.documents - 1
    run(many, tmp_path / "serial", rules=rules)
    assert contents(tmp_path / "serial") == contents(tmp_path / "dask")


def test_what_stands_at_an_address_the_workers_read(many: Path, tmp_path: Path, scheduler: Scheduler) -> None:
    run(many, tmp_path / "serial")
    run(f"file://{many}", tmp_path / "dask", scheduler=scheduler.address)
    assert contents(tmp_path / "serial") == contents(tmp_path / "dask")
    again = run(f"file://{many}", tmp_path / "dask", scheduler=scheduler.address)
    assert again.reused == again.documents and contents(tmp_path / "serial") == contents(tmp_path / "dask")


def test_a_document_that_kills_workers_is_all_that_is_lost(many: Path, scheduler: Scheduler) -> None:
    tasks = tasks_for([many])
    expected = list(outcomes(tasks))
    scheduler.die.write_text("d07")
    try:
        found = list(outcomes(tasks, scheduler=scheduler.address))
    finally:
        scheduler.die.unlink()
    (place,) = (n for n, task in enumerate(tasks) if task.source.doc_id == "d07")
    assert found[place].reason == "died"  # type: ignore[union-attr]
    assert found[:place] + found[place + 1 :] == expected[:place] + expected[place + 1 :]


def test_a_worker_killed_in_mid_run_costs_nothing(many: Path, tmp_path: Path, scheduler: Scheduler) -> None:
    tasks = tasks_for([many])
    expected = list(outcomes(tasks))
    with closing(outcomes(tasks, scheduler=scheduler.address)) as results:
        found = [next(results)]
        scheduler.kill_worker()
        found += results
    scheduler.start_worker()
    assert found == expected


def test_workers_of_another_version_are_refused(
    many: Path, tmp_path: Path, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "fingerprint", lambda: "another")
    with pytest.raises(CannotRun, match="another siga_nlp"):
        run(many, tmp_path / "out", scheduler=scheduler.address)
    assert not (tmp_path / "out" / "requirements.csv").exists()


def test_a_scheduler_without_workers_is_said(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "_PATIENCE", 0)
    with LocalCluster(n_workers=0, dashboard_address=":0", processes=False) as empty:
        with pytest.raises(NoWorkers, match="dask worker"):
            list(outcomes(tasks_for([many]), scheduler=empty.scheduler_address))


def test_the_command_starts_a_cluster_of_its_own(many: Path, tmp_path: Path, siga: Any) -> None:
    run(many, tmp_path / "serial")
    done = siga("run", many, "--out", tmp_path / "dask", "--engine", "dask", "--workers", "2")
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert contents(tmp_path / "serial") == contents(tmp_path / "dask")
    shutil.rmtree(many)


def test_what_stands_in_the_way_is_said(many: Path, siga: Any) -> None:
    done = siga("extract", many, "--format", "jsonl", "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 2 and "--engine dask" in done.stderr
    done = siga("extract", many, "--format", "jsonl", "--engine", "dask", "--scheduler", "nonsense://127.0.0.1:1")
    assert done.returncode == 2 and "no Dask scheduler answers at nonsense" in done.stderr
