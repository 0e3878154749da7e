"""Documents → rows, one or many: in this process, or in several at once, always in the order of the input.

``read`` is the one function that all ways of running share: a ``Task`` (what to read) gives an ``Outcome`` (the rows), or
a ``ReadFailure``. ``outcomes`` does it for many. What was read is kept where the task says, so that a later run, or one
that takes up where another was stopped, need not read it again; a file that has changed since is read anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from .models import Document, ReadFailure, Requirement
from .table import Row, StrPath, as_text, rows

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from .reading import Source

DOCUMENT_COLUMNS: dict[str, str] = {
    "doc_id": "text",
    "source": "text",
    "format": "text",
    "encoding": "text",
    "encoding_reason": "text",
    "sha256": "text",
    "title": "text",
    "issuer": "text",
    "doc_number": "text",
    "index_number": "text",
    "date": "text",
    "published": "text",
    "validity": "text",
    "subject_class": "text",
    "genre": "text",
    "region": "text",
    "region_code": "text",
    "level": "text",
    "requirements": "int",
    "notes": "list",
    "issues": "list",
}
"""What is said of a document that was read."""

_WORTH = 1_500_000  # bytes: a worker takes about a second to start, in which one process reads something like this
_BATCH = 48_000  # bytes of documents that a worker is given at once: some dozen milliseconds of work and more
_MOST = 16  # documents that a worker is given at once
_AHEAD = 3  # batches under way for each worker; more of them would be held in memory while a slow one is awaited


@dataclass(frozen=True, slots=True)
class Task:
    """A document to read: plain data, for whichever process reads it."""

    source: Source
    entry: Mapping[str, str] | None = None  # what documents.csv says of it
    rules: str | None = None
    kept: str | None = None  # the file that holds, or shall hold, what was read
    again: bool = False  # read it whatever is kept
    texts: tuple[str, ...] = ()  # formats in which the rows are wanted as text too: the reader's work, not the writer's


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading a document gave: a row of ``DOCUMENT_COLUMNS``, and the rows of its requirements.

    ``texts`` are the rows in the formats that the task names (``table.as_text``).
    """

    document: Row
    rows: list[Row]
    texts: tuple[str, ...] = ()
    reused: bool = False


def read(task: Task, data: bytes | None = None) -> Outcome | ReadFailure:
    """Read one document (``data``: its bytes, if at hand), or take what was kept of it. Never raises for its content."""
    from .corpus import Listing, complete
    from .reading import Unreadable, digest, source_bytes

    source = task.source
    if data is None:
        try:
            data = source_bytes(source)
        except Unreadable as refusal:
            message = f"{source.name}: {refusal.message}"
            return source.failure or ReadFailure(source.name, refusal.reason, message, refusal.advice)
    if task.kept and not task.again and (found := load(task, digest(data))):
        return found
    listing = Listing({}, {source.doc_id: task.entry}) if task.entry else None
    document = complete(source, data=data, listing=listing, rules=task.rules)
    if isinstance(document, ReadFailure):
        return document
    requirements = requirements_of(document, rules=task.rules)
    if isinstance(requirements, ReadFailure):
        return requirements
    made = list(rows(document, requirements))
    outcome = Outcome(_about(document, len(made)), made, tuple(as_text(made, format) for format in task.texts))
    if task.kept:
        store(task, outcome)
    return outcome


def requirements_of(document: Document, *, rules: str | None = None) -> tuple[Requirement, ...] | ReadFailure:
    """The requirements of a document; a bug of ours must not cost the other documents."""
    from .extraction import extract

    try:
        return extract(document, rules=rules)
    except Exception as error:  # noqa: BLE001
        return ReadFailure(
            document.source,
            "internal",
            f"{document.source}: the extraction failed on it ({type(error).__name__}: {error})",
            "please report it with the file",
        )


def _about(document: Document, count: int) -> Row:
    header = document.header
    row: Row = {}
    for name in DOCUMENT_COLUMNS:
        if name == "requirements":
            row[name] = count
        elif name == "issues":
            row[name] = list(header.issues) or None
        elif name == "notes":
            row[name] = list(document.notes) or None
        else:
            row[name] = getattr(document, name, None) or getattr(header, name, None) or None
    return row


# What is kept of documents


@cache
def fingerprint() -> str:
    """What rows depend on beside document and rules: a hash of this package's own files and of the versions of what reads documents for it."""
    from importlib.metadata import PackageNotFoundError, version

    digest = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in ("opencc", "lxml", "pypdfium2", "python-docx", "jieba", "PyYAML", "scikit-learn"):
        try:
            digest.update(f"{name} {version(name)}\0".encode())
        except PackageNotFoundError:
            pass
    return digest.hexdigest()


# A file a document; the first line is about it, the others are its rows


def load(task: Task, sha256: str | None = None) -> Outcome | None:
    """What was kept of a document (whose bytes have this hash); ``None`` if nothing was, or the file is damaged."""
    try:
        head, _, body = Path(task.kept or "").read_bytes().partition(b"\n")
        first = json.loads(head)
        if first["sha256"] != hashlib.sha256(body).hexdigest() or sha256 not in (None, first["document"]["sha256"]):
            return None
        found = [json.loads(line) for line in body.splitlines()]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    texts = tuple(body.decode() if format == "jsonl" else as_text(found, format) for format in task.texts)
    return Outcome(first["document"], found, texts, reused=True)


def store(task: Task, outcome: Outcome) -> None:
    """Keep what reading a document gave."""
    texts = dict(zip(task.texts, outcome.texts, strict=True))
    body = (texts["jsonl"] if "jsonl" in texts else as_text(outcome.rows, "jsonl")).encode()
    head = json.dumps({"sha256": hashlib.sha256(body).hexdigest(), "document": outcome.document}).encode()
    beside = f"{task.kept}.{os.getpid()}.new"
    Path(beside).write_bytes(head + b"\n" + body)
    os.replace(beside, task.kept or "")


# Many documents


def tasks_for(paths: Sequence[StrPath], *, rules: str | None = None) -> list[Task]:
    """What there is to read under some files and folders, with what ``documents.csv`` says of it."""
    from .corpus import read_listing
    from .reading import sources

    listing = read_listing(paths)
    return [Task(source, listing.entry(source), rules) for source in sources(paths)]


def outcomes(
    tasks: Sequence[Task], *, workers: int | None = 1, progress: Callable[[Iterable[Any]], Iterable[Any]] = iter
) -> Generator[Outcome | ReadFailure, None, None]:
    """What each task gives, in their order.

    ``workers`` is the number of processes, 1 for this one alone, ``None`` for as many as there are cores, at most 8.
    None are started where they would take longer to start than the work takes. With several, some batches of documents
    are read ahead. A process that dies (killed, out of memory) costs the document that it died of, which gives a
    ``ReadFailure`` with the reason ``died``; what else it had is read again. ``progress`` wraps the tasks (``tqdm``).
    Close the iterator to stop the workers before the end.

    Raises ``NoWorkers`` if none can be started.
    """
    workers = _worthwhile(tasks, workers)
    results = map(read, tasks) if workers == 1 else _in_processes(tasks, workers)
    for result, _ in zip(results, progress(tasks), strict=True):
        yield result


def _worthwhile(tasks: Sequence[Task], workers: int | None) -> int:
    if sum(task.source.size for task in tasks) < _WORTH:
        return 1
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(workers or min(cores, 8), len(tasks)))


def batches(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    """Tasks that are worth a message to another process, in their order."""
    batch: list[Task] = []
    size = 0
    for task in tasks:
        batch.append(task)
        size += task.source.size
        if size >= _BATCH or len(batch) == _MOST:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def read_batch(batch: Sequence[Task]) -> list[Outcome | ReadFailure]:
    """What each task of a batch gives."""
    return [read(task) for task in batch]


def died(task: Task) -> ReadFailure:
    """The failure of a document that killed the process which read it."""
    name = task.source.name
    return ReadFailure(
        name,
        "died",
        f"{name}: the process that read it died (killed, or out of memory)",
        "split the document, or run again with more memory; if it stays so, please report it with the file",
    )


def _in_processes(tasks: Iterable[Task], workers: int) -> Iterator[Outcome | ReadFailure]:
    """Each thread hands a batch to a process that is free and waits for it; the results are taken in the order of the input."""
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    staff = [_Worker() for _ in range(workers)]
    free: SimpleQueue[_Worker] = SimpleQueue()
    for worker in staff:
        free.put(worker)

    def by_whoever_is_free(batch: list[Task]) -> list[Outcome | ReadFailure]:
        worker = free.get()
        try:
            return worker.read(batch)
        finally:
            free.put(worker)

    threads = ThreadPoolExecutor(workers)
    waiting: deque[Future[list[Outcome | ReadFailure]]] = deque()
    try:
        for batch in batches(tasks):
            waiting.append(threads.submit(by_whoever_is_free, batch))
            if len(waiting) == _AHEAD * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in staff:
            worker.dismiss()
        threads.shutdown()
        for worker in staff:
            worker.end()


class NoWorkers(RuntimeError):
    """Worker processes cannot be started here at all."""


class _Died(Exception):
    """A worker process is gone, and what it was to give with it."""


class _Worker:
    """A process that reads documents: started when there is work for it, and anew when it has died.

    It has a pipe to itself. Where processes share a queue (``ProcessPoolExecutor``), one that is killed while it holds the
    queue's lock leaves the others waiting for ever, and us for them. From a pipe we hear at once that it is gone, and we
    know what it was reading.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # between the thread that waits for it and the one that sends it home
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._dismissed = False

    def read(self, batch: list[Task]) -> list[Outcome | ReadFailure]:
        """What each task gives; if the process dies, each is read anew with no other beside it."""
        try:
            return self._ask(batch)
        except _Died:
            return [self._alone(task) for task in batch]

    def _alone(self, task: Task) -> Outcome | ReadFailure:
        try:
            return self._ask([task])[0]
        except _Died:
            pass
        try:
            self._ask([])
        except _Died:
            raise NoWorkers("no worker process can be started here; run it with --workers 1 (workers=1)") from None
        return died(task)

    def _ask(self, batch: list[Task]) -> list[Outcome | ReadFailure]:
        pipe = self._started()
        try:
            pipe.send(batch)
            answer: list[Outcome | ReadFailure] | Exception = pipe.recv()
        except (EOFError, OSError):
            self.end()
            raise _Died from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _started(self) -> Connection:
        from multiprocessing import get_context

        with self._lock:
            if self._dismissed:
                raise _Died
            if self._pipe is None:
                # The same on every system: what a fork copies (threads of pyarrow, locks) is not safe to go on with.
                context = get_context("spawn")
                self._pipe, theirs = context.Pipe()
                self._process = context.Process(target=_work, args=(theirs,), daemon=True)
                self._process.start()
                theirs.close()  # so that the pipe ends where the process does
            return self._pipe

    def end(self) -> None:
        """End the process; only for the thread that talks to it, or when none does."""
        with self._lock:
            if self._process:
                self._process.terminate()
                self._process.join()
            if self._pipe:
                self._pipe.close()
            self._process = self._pipe = None

    def dismiss(self) -> None:
        """Whatever the process is doing, it stops, and no other is started; whoever waits for it hears that it is gone."""
        with self._lock:
            self._dismissed = True
            if self._process:
                self._process.terminate()


def _work(pipe: Connection) -> None:
    """In a worker: give what each batch gives, until there are no more. Ctrl-C is for the process that started it to handle."""
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def follow() -> None:
        if parent:
            parent.join()
            os._exit(1)

    Thread(target=follow, daemon=True).start()
    while True:
        batch = pipe.recv()
        try:
            answer: list[Outcome | ReadFailure] | Exception = read_batch(batch)
        except Exception as error:  # noqa: BLE001
            answer = error
        pipe.send(answer)
