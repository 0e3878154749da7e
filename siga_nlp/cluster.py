"""The same on a Dask cluster, past one machine; the only room that imports Dask (``pip install siga-nlp[dask]``).

Batches of documents go to the workers, results come back in the order of the input, so the tables are those of a serial
run to the byte. Files of this machine are sent along; what stands at an address (``s3://…``) the workers read for
themselves. What was read is kept here, as ever.
"""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import execution
from .execution import NoWorkers, Outcome, Task, batches, died, fingerprint, load, read, store
from .models import ReadFailure

if TYPE_CHECKING:
    from .reading import Source

LOCAL = "local"
_AHEAD = 2  # batches under way for each worker's thread
_PATIENCE = 120  # seconds to wait for a worker where there is none


def outcomes(
    tasks: Sequence[Task],
    *,
    workers: int | None = 1,
    scheduler: str | None = None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Generator[Outcome | ReadFailure, None, None]:
    """``execution.outcomes``, by the Dask workers of a scheduler if one is named.

    ``scheduler`` is its address (``tcp://host:8786``), or ``"local"`` for a cluster of ``workers`` processes on this
    machine that ends with the work. The workers need this same version of siga_nlp. A worker that dies is replaced by
    the others; a document on which several have died gives a ``ReadFailure`` with the reason ``died``.

    Raises ``NoWorkers`` if Dask is not installed, the scheduler cannot be reached, has no workers, or if theirs is
    another siga_nlp.
    """
    if scheduler is None:
        yield from execution.outcomes(tasks, workers=workers, progress=progress)
        return
    with ExitStack() as stack:
        results = stack.enter_context(closing(_results(tasks, _connected(scheduler, workers, stack))))
        for result, _ in zip(results, progress(tasks), strict=True):
            yield result


def _connected(scheduler: str, workers: int | None, stack: ExitStack) -> Any:
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise NoWorkers('Dask is not installed here: pip install "siga-nlp[dask]"') from None
    try:
        if scheduler == LOCAL:
            with _deaf():
                cluster = LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL"
                )
            return stack.enter_context(Client(stack.enter_context(cluster)))
        return stack.enter_context(Client(scheduler, timeout=10))
    except (OSError, TimeoutError, ValueError) as error:
        raise NoWorkers(f"no Dask scheduler answers at {scheduler} ({error}); is it running there?") from None


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that start here do not hear Ctrl-C, which is for this one to handle: it ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True, slots=True)
class _Errand:
    """A document for a worker to read: with its bytes, if it is a file of this machine."""

    task: Task
    data: bytes | None
    known: str | None  # the hash of the bytes whose rows are at hand


@dataclass(frozen=True, slots=True)
class _Batch:
    tasks: list[Task]
    held: dict[int, Outcome]  # by place in the batch: what was kept of an earlier run
    errands: dict[int, _Errand]
    future: Any


def _results(tasks: Sequence[Task], client: Any) -> Generator[Outcome | ReadFailure, None, None]:
    rules = _contents(tasks[0].rules) if tasks else ()
    waiting: deque[_Batch] = deque()
    most, counted = 0, 0.0
    try:
        for batch in batches(tasks):
            waiting.append(_sent(client, batch, rules))
            if time.monotonic() - counted > 2:  # workers come and go
                most, counted = _AHEAD * sum(client.nthreads().values()) + 2, time.monotonic()
            while len(waiting) >= most:
                yield from _received(client, waiting.popleft(), rules)
        while waiting:
            yield from _received(client, waiting.popleft(), rules)
    finally:
        client.cancel([batch.future for batch in waiting if batch.future is not None])


def _sent(client: Any, tasks: list[Task], rules: _Files) -> _Batch:
    from .reading import digest, is_address

    held: dict[int, Outcome] = {}
    errands: dict[int, _Errand] = {}
    for n, task in enumerate(tasks):
        kept = load(task) if task.kept and not task.again else None
        here = not is_address(task.source.path)
        data = _bytes(task.source) if here else None
        if here and data is None:
            continue
        if kept:
            held[n] = kept
            if data is not None and digest(data) == kept.document["sha256"]:
                continue
        errands[n] = _Errand(replace(task, kept=None, rules=None), data, kept.document["sha256"] if kept else None)
    future = None
    if errands:
        future = client.submit(_do, fingerprint(), rules, list(errands.values()), pure=False)
    return _Batch(tasks, held, errands, future)


def _received(client: Any, batch: _Batch, rules: _Files) -> Iterator[Outcome | ReadFailure]:
    """What a batch gave, in the order of its tasks."""
    from distributed import KilledWorker

    found: list[Outcome | ReadFailure | None] = []
    if batch.future is not None:
        try:
            found = _result(client, batch.future)
        except KilledWorker:
            # Which of its documents did it nobody knows.
            found = [_alone(client, errand, rules) for errand in batch.errands.values()]
    done = dict(zip(batch.errands, found, strict=True))
    for n, task in enumerate(batch.tasks):
        outcome = done.get(n)
        if outcome is None:
            yield batch.held[n] if n in batch.held else read(task)
            continue
        if isinstance(outcome, Outcome) and task.kept:
            store(task, outcome)
        yield outcome


def _alone(client: Any, errand: _Errand, rules: _Files) -> Outcome | ReadFailure | None:
    from distributed import KilledWorker

    try:
        outcome: Outcome | ReadFailure | None
        (outcome,) = _result(client, client.submit(_do, fingerprint(), rules, [errand], pure=False))
        return outcome
    except KilledWorker:
        return died(errand.task)


def _result(client: Any, future: Any) -> list[Outcome | ReadFailure | None]:
    """The result of a future, unless there has been nobody to work on it for too long."""
    from distributed import TimeoutError as Late

    since = time.monotonic()
    while True:
        try:
            found: list[Outcome | ReadFailure | None] = future.result(timeout=5)
            return found
        except Late:
            if client.nthreads():
                since = time.monotonic()
            elif time.monotonic() - since > _PATIENCE:
                raise NoWorkers(f"the scheduler has had no worker for {_PATIENCE} s; start some: dask worker") from None
        except ModuleNotFoundError as error:
            raise NoWorkers(f"{error} on a worker: install the same siga_nlp there, with its extra dask") from None


# On a worker

_Files = tuple[tuple[str, bytes], ...]
_ONE = threading.Lock()  # readers of some formats are no good in two threads, and the interpreter has but one core


def _do(version: str, rules: _Files, errands: list[_Errand]) -> list[Outcome | ReadFailure | None]:
    """What each errand gives; ``None`` for what is as it was."""
    from .reading import digest

    if version != fingerprint():
        raise NoWorkers("a worker has another siga_nlp, or other versions of what it needs: install the same there")
    folder = _folder(rules)
    found: list[Outcome | ReadFailure | None] = []
    with _ONE:
        for errand in errands:
            data = errand.data if errand.data is not None else _bytes(errand.task.source)
            same = data is not None and digest(data) == errand.known
            found.append(None if same else read(replace(errand.task, rules=folder), data))
    return found


def _bytes(source: Source) -> bytes | None:
    from .reading import Unreadable, source_bytes

    try:
        return source_bytes(source)
    except Unreadable:
        return None  # ``read`` will say why


def _contents(rules: str | None) -> _Files:
    """The user's own rule files, as they are sent to the workers."""
    if rules is None:
        return ()
    return tuple((path.name, path.read_bytes()) for path in sorted(Path(rules).glob("*.yaml")))


@lru_cache(maxsize=1)
def _folder(files: _Files) -> str | None:
    """A folder with these files, for as long as the worker lives."""
    if not files:
        return None
    folder = tempfile.TemporaryDirectory(prefix="siga-rules-")
    _kept.append(folder)
    for name, data in files:
        Path(folder.name, name).write_bytes(data)
    return folder.name


_kept: list[tempfile.TemporaryDirectory[str]] = []
