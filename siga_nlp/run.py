"""``siga run``: a folder of documents → the requirement table in every format, and what could not be read.

The same corpus gives the same bytes, from nothing or from the cache, by one process or by many. Per document, what was
extracted is kept in ``<out>/.siga-cache`` with all that it depends on: the file's bytes, its line in
``documents.csv``, the rules, and this package itself. A run that is killed leaves the files of the last one; what it
had read is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import lexicon
from .cluster import outcomes
from .execution import DOCUMENT_COLUMNS, NoWorkers, Outcome, Task, fingerprint
from .messages import say
from .models import ReadFailure
from .table import Provenance, StrPath, as_folder, made_from, table_writer, text_file, write_provenance

if TYPE_CHECKING:
    from .corpus import Listing
    from .reading import Source

FAILURE_COLUMNS: dict[str, str] = dict.fromkeys(("source", "reason", "message", "advice"), "text")
PARQUET, XLSX = "requirements.parquet", "requirements.xlsx"
TEXTS = ("csv", "jsonl")  # written as the processes that read give them, the last with its digest
TABLES = (*(f"requirements.{format}" for format in TEXTS), PARQUET, XLSX)
PROVENANCE = "requirements.provenance.json"
FILES = (*TABLES, "documents.csv", "failures.csv", PROVENANCE)
XLSX_MOST = 1_048_575
"""Rows of a spreadsheet's sheet beside the heading. With more there is no XLSX: half a table would be taken for the whole."""
CACHE = ".siga-cache"


class CannotRun(Exception):
    """What stands in the way before any work is done, or at its end; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did: counts, the failures, and how many documents were taken from the last run."""

    out: Path
    documents: int = 0
    reused: int = 0
    requirements: int = 0
    measured: int = 0
    with_issues: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    failures: tuple[ReadFailure, ...] = ()
    left_out: tuple[str, ...] = ()  # files that were not written: more rows than they can hold


def run(
    corpus: StrPath = "corpus",
    out: StrPath = "extracted",
    *,
    rules: StrPath | None = None,
    force: bool = False,
    lang: str = "en",
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
    workers: int | None = 1,
    scheduler: str | None = None,
) -> Summary:
    """Read the documents under ``corpus`` and write the tables into ``out``.

    ``rules`` is a folder of rule files of your own, ``force`` reads everything again, ``progress`` wraps the list of
    what is read (``tqdm``), ``workers`` is the number of processes (``execution.outcomes``),
    ``scheduler`` the address of a Dask scheduler (``cluster.outcomes``). Memory holds a few documents at a
    time, and a line about each.

    Raises ``CannotRun`` if there is nothing to read or ``out`` cannot be written.
    """
    from .corpus import ListingError, read_listing
    from .reading import exists, sources

    out = Path(out)
    if not exists(corpus):
        raise CannotRun(say("no_such_path", lang, path=corpus))
    try:
        lexicon.load(as_folder(rules))
        listing = read_listing([corpus])
    except (lexicon.RuleError, FileNotFoundError, ListingError) as error:
        raise CannotRun(str(error)) from None
    found = [s for s in sources([corpus]) if s.failure is None or s.failure.reason != "no_documents"]
    if not found:
        raise CannotRun(say("nothing_to_read", lang, path=corpus))
    kept = _prepare(out, lang)
    new = Path(tempfile.mkdtemp(prefix="new-", dir=kept))
    try:
        base = fingerprint() + lexicon.digest(as_folder(rules))
        tasks = [_task(source, listing, kept, base, as_folder(rules), force) for source in found]
        with closing(outcomes(tasks, workers=workers, scheduler=scheduler, progress=progress)) as results:
            summary = _write_all(_without_duplicates(found, results), out, new, Provenance(made_from(rules)))
        _replace_all(new, out, lang)
        _forget_the_rest(kept, tasks)
    except NoWorkers as error:
        raise CannotRun(str(error)) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return summary


def _write_all(results: Iterable[Outcome | ReadFailure], out: Path, new: Path, gathered: Provenance) -> Summary:
    failures: list[ReadFailure] = []
    documents = reused = total = measured = with_issues = 0
    levels: Counter[str] = Counter()
    topics: Counter[str] = Counter()
    with ExitStack() as files:
        write_text = [files.enter_context(text_file(new / f"requirements.{format}", format)) for format in TEXTS]
        write_row = {
            name: files.enter_context(table_writer(new / name, name.rpartition(".")[2], gathered=gathered))
            for name in (PARQUET, XLSX)
        }
        write_document = files.enter_context(table_writer(new / "documents.csv", "csv", columns=DOCUMENT_COLUMNS))
        write_failure = files.enter_context(table_writer(new / "failures.csv", "csv", columns=FAILURE_COLUMNS))
        for result in results:
            if isinstance(result, ReadFailure):
                failures.append(result)
                write_failure({name: getattr(result, name) or None for name in FAILURE_COLUMNS})
                continue
            documents += 1
            reused += result.reused
            write_document(result.document)
            gathered.made["documents"][result.document["doc_id"]] = result.document["sha256"]
            for write_rows, text in zip(write_text, result.texts, strict=True):
                write_rows(text)
            gathered.add_lines(result.texts[-1], len(result.rows), result.document["doc_id"])
            if total + len(result.rows) > XLSX_MOST:
                write_row.pop(XLSX, None)
            for row in result.rows:
                for write in write_row.values():
                    write(row)
                total += 1
                measured += row["measure"] is not None
                with_issues += row["issues"] is not None
                levels[row["level"] or ""] += 1
                topics[row["topic"] or ""] += 1
    write_provenance(gathered.record(), new / PROVENANCE)
    left_out = () if XLSX in write_row else (XLSX,)
    for name in left_out:
        (new / name).unlink()
    return Summary(out, documents, reused, total, measured, with_issues, levels, topics, tuple(failures), left_out)


def _without_duplicates(
    found: Iterable[Source], results: Iterable[Outcome | ReadFailure]
) -> Iterator[Outcome | ReadFailure]:
    """The results; of two documents with one id the later is a failure."""
    taken: dict[str, str] = {}
    for source, result in zip(found, results, strict=True):
        if isinstance(result, Outcome):
            doc_id = result.document["doc_id"]
            if doc_id in taken:
                message = f"{source.name}: its id {doc_id!r} is that of {taken[doc_id]} too"
                advice = "give one of them another doc_id in documents.csv"
                result = ReadFailure(source.name, "duplicate_id", message, advice)
            else:
                taken[doc_id] = source.name
        yield result


def _task(source: Source, listing: Listing, kept: Path, base: str, rules: str | None, force: bool) -> Task:
    """What to read, and where it is kept: under a hash of all that the rows depend on beside the file's bytes."""
    entry = listing.entry(source)
    facts = [base, source.name, source.doc_id, source.format, source.notes, dict(entry or {})]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:40]
    return Task(source, entry, rules, str(kept / f"{key}.json"), force, TEXTS)


def _forget_the_rest(kept: Path, tasks: Iterable[Task]) -> None:
    """Throw away what was kept of documents that are no longer there, or were read by other rules."""
    used = {Path(task.kept).name for task in tasks if task.kept}
    for stale in kept.glob("*.json"):
        if stale.name not in used:
            stale.unlink(missing_ok=True)


# The output folder


def _prepare(out: Path, lang: str) -> Path:
    """The cache folder inside ``out``; says before the work whether ``out`` can be written."""
    kept = out / CACHE
    try:
        kept.mkdir(parents=True, exist_ok=True)
        (kept / ".gitignore").write_text("*\n", encoding="ascii")
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise CannotRun(say("cannot_write", lang, path=out, why=error.strerror or error)) from None
    for name in FILES:
        try:
            if (out / name).exists():
                with open(out / name, "r+b"):
                    pass
        except OSError as error:
            raise CannotRun(say("cannot_replace", lang, path=out / name, why=error.strerror or error)) from None
    for leftover in [*kept.glob("new-*"), *kept.glob("*.new")]:  # of a run that was killed
        if time.time() - leftover.stat().st_mtime > 86_400:
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)
    return kept


def _replace_all(new: Path, out: Path, lang: str) -> None:
    """Move the finished files into place, when all of them are on the disk; a file that this run leaves out goes."""
    finished = [name for name in FILES if (new / name).exists()]
    for name in finished:
        with open(new / name, "r+b") as file:
            os.fsync(file.fileno())
    for name in FILES:
        try:
            if name in finished:
                os.replace(new / name, out / name)
            else:
                (out / name).unlink(missing_ok=True)
        except OSError as error:
            raise CannotRun(say("cannot_replace", lang, path=out / name, why=error.strerror or error)) from None
