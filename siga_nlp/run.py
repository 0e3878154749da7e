"""``siga run``: a folder of documents → the requirement table in every format, and what could not be read.

The same corpus gives the same bytes, from nothing or from the cache. Per document, what was extracted is kept in
``<out>/.siga-cache`` under a hash of all that it depends on: the file's bytes, its line in ``documents.csv``, the
rules, and this package itself. A run that is killed leaves the files of the last one; what it had read is kept.
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
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from . import lexicon
from .messages import say
from .models import Document, ReadFailure
from .table import Provenance, Row, StrPath, as_folder, made_from, rows, table_writer, write_provenance

if TYPE_CHECKING:
    from .corpus import Listing
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
FAILURE_COLUMNS: dict[str, str] = dict.fromkeys(("source", "reason", "message", "advice"), "text")
TABLES = tuple(f"requirements.{ending}" for ending in ("csv", "jsonl", "parquet", "xlsx"))
PROVENANCE = "requirements.provenance.json"
FILES = (*TABLES, "documents.csv", "failures.csv", PROVENANCE)
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


def run(
    corpus: StrPath = "corpus",
    out: StrPath = "extracted",
    *,
    rules: StrPath | None = None,
    force: bool = False,
    lang: str = "en",
    progress: Callable[[list[Source]], Iterable[Source]] = iter,
) -> Summary:
    """Read the documents under ``corpus`` and write the tables into ``out``.

    ``rules`` is a folder of rule files of your own, ``force`` reads everything again, ``progress`` wraps the list of
    sources (``tqdm``). One document is in memory at a time.

    Raises ``CannotRun`` if there is nothing to read or ``out`` cannot be written.
    """
    from .corpus import ListingError, read_listing
    from .reading import sources

    corpus, out = Path(corpus), Path(out)
    if not corpus.exists():
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
        gathered = Provenance(made_from(rules))
        summary = _write_all(_results(progress(found), listing, kept, rules, force), out, new, gathered)
        _replace_all(new, out, lang)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return summary


def _write_all(results: Iterable[_Result | ReadFailure], out: Path, new: Path, gathered: Provenance) -> Summary:
    failures: list[ReadFailure] = []
    documents = reused = total = measured = with_issues = 0
    levels: Counter[str] = Counter()
    topics: Counter[str] = Counter()
    with ExitStack() as files:
        write_rows = [
            files.enter_context(table_writer(new / name, name.rpartition(".")[2], gathered=gathered)) for name in TABLES
        ]
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
            for row in result.rows:
                gathered.add(row)
                for write in write_rows:
                    write(row)
                total += 1
                measured += row["measure"] is not None
                with_issues += row["issues"] is not None
                levels[row["level"] or ""] += 1
                topics[row["topic"] or ""] += 1
    write_provenance(gathered.record(), new / PROVENANCE)
    return Summary(out, documents, reused, total, measured, with_issues, levels, topics, tuple(failures))


# One document


@dataclass(frozen=True, slots=True)
class _Result:
    reused: bool
    document: Row
    rows: list[Row]


def _results(
    found: Iterable[Source], listing: Listing, kept: Path, rules: StrPath | None, force: bool
) -> Iterator[_Result | ReadFailure]:
    """What each source gives, in their order: kept from the last run, or read now. Failures are not kept."""
    used: set[str] = set()
    taken: dict[str, str] = {}
    base = _fingerprint() + lexicon.digest(as_folder(rules))
    for source in found:
        result = _result(source, listing, kept, rules, force, base, used)
        if isinstance(result, _Result):
            doc_id, name = result.document["doc_id"], result.document["source"]
            if doc_id in taken:
                message = f"{name}: its id {doc_id!r} is that of {taken[doc_id]} too"
                result = ReadFailure(name, "duplicate_id", message, "give one of them another doc_id in documents.csv")
            else:
                taken[doc_id] = name
        yield result
    for stale in kept.glob("*.json"):
        if stale.stem not in used:
            stale.unlink(missing_ok=True)


def _result(
    source: Source, listing: Listing, kept: Path, rules: StrPath | None, force: bool, base: str, used: set[str]
) -> _Result | ReadFailure:
    from .reading import Unreadable, source_bytes

    try:
        data = source_bytes(source)
    except Unreadable as refusal:
        message = f"{source.name}: {refusal.message}"
        return source.failure or ReadFailure(source.name, refusal.reason, message, refusal.advice)
    facts = [base, source.name, source.doc_id, source.format, source.notes, dict(listing.entry(source) or {})]
    key = hashlib.sha256(json.dumps(facts).encode() + b"\0" + data).hexdigest()[:40]
    used.add(key)
    path = kept / f"{key}.json"
    cached = None if force else _load(path)
    if cached:
        return _Result(True, *cached)
    result = _extract(source, data, listing, rules)
    if isinstance(result, ReadFailure):
        return result
    _store(path, *result)
    return _Result(False, *result)


def _extract(
    source: Source, data: bytes, listing: Listing, rules: StrPath | None
) -> tuple[Row, list[Row]] | ReadFailure:
    from .corpus import complete
    from .extraction import extract

    document = complete(source, data=data, listing=listing, rules=as_folder(rules))
    if isinstance(document, ReadFailure):
        return document
    try:
        found = list(rows(document, extract(document, rules=as_folder(rules))))
    except Exception as error:  # noqa: BLE001  a bug of ours must not cost the other documents
        return ReadFailure(
            document.source,
            "internal",
            f"{document.source}: the extraction failed on it ({type(error).__name__}: {error})",
            "please report it with the file",
        )
    return _about(document, len(found)), found


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


# What a result depends on


@cache
def _fingerprint() -> str:
    """A hash of this package's own files and of the versions of what reads documents for it."""
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


# The cache: a file a document; the first line is about it, the others are its rows


def _load(path: Path) -> tuple[Row, list[Row]] | None:
    """What was kept, or ``None`` if nothing was or the file is damaged."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        first = json.loads(head)
        if first["sha256"] != hashlib.sha256(body).hexdigest():
            return None
        return first["document"], [json.loads(line) for line in body.splitlines()]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _store(path: Path, document: Row, found: list[Row]) -> None:
    body = b"".join(json.dumps(row).encode() + b"\n" for row in found)
    head = json.dumps({"sha256": hashlib.sha256(body).hexdigest(), "document": document}).encode()
    beside = path.with_suffix(f".{os.getpid()}.new")
    beside.write_bytes(head + b"\n" + body)
    os.replace(beside, path)


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
    """Move the finished files into place, when all of them are on the disk."""
    for name in FILES:
        with open(new / name, "r+b") as file:
            os.fsync(file.fileno())
    for name in FILES:
        try:
            os.replace(new / name, out / name)
        except OSError as error:
            raise CannotRun(say("cannot_replace", lang, path=out / name, why=error.strerror or error)) from None
