"""Documents with their headers: one file, a corpus folder, or lazily whatever is asked for.

``documents.csv`` beside the documents overrides or completes what the texts say of themselves. Columns, any of them in
any order: ``file`` (relative to the list) or ``doc_id`` to say which document, and ``doc_id title issuer doc_number date
genre region region_code level`` for what is known of it; an empty cell leaves what the text says.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path

from .header import LEVELS, read_date, read_header
from .messages import progress
from .models import Document, Header, ReadFailure
from .reading import Source, Unreadable, exists, is_address, joined, read_source, sources
from .reading.addresses import files_below, open_binary
from .regions import resolve

StrPath = str | PathLike[str]
COLUMNS = ("file", "doc_id", "title", "issuer", "doc_number", "date", "genre", "region", "region_code", "level")
LISTING = "documents.csv"
_LEVEL_NAMES = {
    "国家": "central", "国家级": "central", "中央": "central", "省": "province", "省级": "province", "市": "city",
    "市级": "city", "地级": "city", "县": "county", "县级": "county", "区县级": "county", "乡镇": "township",
    "乡级": "township", "乡镇级": "township", "街道": "township", "村": "village", "村级": "village",
}  # fmt: skip
# Issues that are settled when the list states the field.
_SETTLED = {
    "title": ("title_",),
    "issuer": ("issuer_",),
    "date": ("date_",),
    "genre": ("genre_",),
    "region": ("region_",),
    "region_code": ("region_",),
    "level": ("level_",),
}


class DocumentError(OSError, ValueError):
    """A document that cannot be read right; ``failure`` says why and what to do."""

    def __init__(self, failure: ReadFailure) -> None:
        super().__init__(f"{failure.message}; {failure.advice}")
        self.failure = failure


class ListingError(ValueError):
    """``documents.csv`` has mistakes; the message names all of them with their rows."""


@dataclass(frozen=True, repr=False)
class Corpus:
    """Documents in the order of their paths, and the files that could not be read.

    Iterates over documents; ``corpus["doc-id"]`` and ``corpus[0]`` give one, ``"doc-id" in corpus`` asks for one.
    """

    documents: tuple[Document, ...] = ()
    failures: tuple[ReadFailure, ...] = ()
    _by_id: Mapping[str, Document] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {document.doc_id: document for document in self.documents})

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)

    def __contains__(self, item: object) -> bool:
        return item in self._by_id or item in self.documents

    def __getitem__(self, key: str | int) -> Document:
        if isinstance(key, int):
            return self.documents[key]
        if key not in self._by_id:
            from difflib import get_close_matches

            near = get_close_matches(key, self._by_id, n=3, cutoff=0.4)
            raise KeyError(f"no document {key!r} in the corpus" + (f"; near: {', '.join(near)}" if near else ""))
        return self._by_id[key]

    def __repr__(self) -> str:
        regions = len({document.header.region for document in self.documents if document.header.region})
        counts = ((len(self.documents), "document"), (regions, "region"), (len(self.failures), "failure"))
        return f"Corpus({', '.join(f'{n} {word}' + 's' * (n != 1) for n, word in counts)})"


# --- reading --------------------------------------------------------------------------------------------------------


def read_document(path: StrPath) -> Document:
    """Read one file, with its header.

    Raises:
        DocumentError: It cannot be read right (an ``OSError`` and a ``ValueError``), or it holds several documents.
        ListingError: The ``documents.csv`` that lists it has mistakes.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp(), "a.txt")
    >>> _ = file.write_text("金昌市人民政府关于接访的通知\\n各县、区人民政府:\\n请执行。\\n2024年1月8日", encoding="utf-8")
    >>> header = read_document(file).header
    >>> header.region_code, header.date
    ('620300', '2024-01-08')
    """
    found = list(_first(iter_documents([path]), 2))
    if len(found) == 1 and isinstance(found[0], Document):
        return found[0]
    if found and isinstance(found[0], ReadFailure):
        raise DocumentError(found[0])
    name = os.fspath(path)
    raise DocumentError(
        ReadFailure(name, "several", f"{name}: it holds several documents", "use read_corpus, or name one file")
    )


def _first(items: Iterable[Document | ReadFailure], count: int) -> Iterator[Document | ReadFailure]:
    for n, item in enumerate(items, 1):
        yield item
        if n == count:
            return


def read_corpus(
    path: StrPath, *, level: str | Iterable[str] | None = None, region: str | Iterable[str] | None = None
) -> Corpus:
    """Read a corpus folder (or file, or zip file).

    Args:
        path: Folder with documents and, if there is one, ``documents.csv``.
        level: Keep documents of these levels (``central province city county township village``).
        region: Keep documents of these regions and of those below them (``福建省``, ``浙江``, ``350000``).

    Raises:
        ListingError: ``documents.csv`` has mistakes.
        ValueError: ``level`` is none of the six.

    >>> import tempfile
    >>> read_corpus(tempfile.mkdtemp())
    Corpus(0 documents, 0 regions, 1 failure)
    """
    levels = {level} if isinstance(level, str) else set(level or ())
    if wrong := sorted(levels - set(LEVELS)):
        raise ValueError(f"level {', '.join(wrong)}: there is no such level; use {' '.join(LEVELS)}")
    regions = [region] if isinstance(region, str) else list(region or ())
    documents: list[Document] = []
    failures: list[ReadFailure] = []
    for found in progress(iter_documents([path])):
        if isinstance(found, ReadFailure):
            failures.append(found)
        elif (not levels or found.header.level in levels) and (
            not regions or any(_within(found.header, name) for name in regions)
        ):
            documents.append(found)
    return Corpus(tuple(documents), tuple(failures))


def _within(header: Header, name: str) -> bool:
    """Whether the document's region is ``name`` or lies below it, by name or by code."""
    if header.region and (header.region == name or header.region.startswith(name)):
        return True
    found = resolve(name)
    code = name if re.fullmatch(r"\d{6}", name) else found.code
    if code and header.region_code:
        stem = re.sub(r"(?:00){1,2}$", "", code)
        if header.region_code.startswith(stem):
            return True
    # Divisions without a code, as in 台湾省: by the path of their names.
    below = resolve(header.region) if header.region and not header.region_code else None
    return bool(below and found.region and any(found.region in path for path in below.candidates))


def iter_documents(paths: Iterable[StrPath] | StrPath, *, rules: str | None = None) -> Iterator[Document | ReadFailure]:
    """Documents with their headers, one at a time; a file that cannot be read gives its ``ReadFailure`` in its place.

    ``rules`` is a folder of the user's own rules, for what the head of a document says.

    Raises:
        ListingError: A ``documents.csv`` under ``paths`` (or above a file or folder, if it lists it) has mistakes.
    """
    given = [paths] if isinstance(paths, str | PathLike) else list(paths)
    listing = read_listing(given)
    for source in sources(given):
        yield complete(source, listing=listing, rules=rules)


def complete(
    source: Source, *, data: bytes | None = None, listing: Listing | None = None, rules: str | None = None
) -> Document | ReadFailure:
    """Read one source (``data``: its bytes, if at hand), with its header and what the list says of it. Never raises."""
    document = read_source(source, data=data)
    if isinstance(document, ReadFailure):
        return document
    from .lexicon import load
    from .view import view

    lexicon = load(rules)
    try:
        header = read_header(document, view(document.text, furniture=document.furniture), lexicon=lexicon)
    except (Exception, RecursionError) as error:  # noqa: BLE001  a bug of ours must not cost the document
        header = Header(issues=(f"header_failed: {type(error).__name__}: {error}",))
    document = replace(document, header=header)
    entry = listing.entry(source) if listing else None
    return _with_entry(document, entry) if entry else document


def _with_entry(document: Document, entry: Mapping[str, str]) -> Document:
    header, changes = document.header, dict[str, str | None]()
    for name in ("title", "issuer", "doc_number", "date", "genre", "region", "region_code", "level"):
        if entry.get(name):
            changes[name] = entry[name]
    if "region" in changes and "region_code" not in changes:
        # The region of the list replaces the one of the text: never its name with the other's code.
        found = resolve(entry["region"])
        changes["region_code"] = found.code
        if "level" not in changes and found.level:
            changes["level"] = found.level
    settled = tuple(prefix for name in changes for prefix in _SETTLED.get(name, ()))
    issues = tuple(issue for issue in header.issues if not (settled and issue.startswith(settled)))
    spans = {
        name: span
        for name, span in header.spans.items()
        if name not in changes or changes[name] == getattr(header, name, None)
    }
    header = replace(header, **changes, issues=issues, spans=spans)
    return replace(document, header=header, doc_id=entry.get("doc_id") or document.doc_id)


# --- documents.csv ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """What the ``documents.csv`` files say, by file and by id."""

    by_file: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by_id: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def entry(self, source: Source) -> Mapping[str, str] | None:
        """The row about a source: the one that names its file, else the one that names its id."""
        return self.by_file.get(_key(source)) or self.by_id.get(source.doc_id)


def _key(source: Source) -> str:
    path = joined("", source.path) if not is_address(source.path) else source.path
    if source.member is not None:  # of a zip or a Parquet file
        inner = re.split(r"\.(?:zip|parquet)/", source.name, maxsplit=1, flags=re.IGNORECASE)[-1]
        return joined(path, inner)
    return path


def read_listing(paths: Iterable[StrPath]) -> Listing:
    """The lists that belong to some paths: in the folders and below them, and up to three folders above."""
    by_file: dict[str, Mapping[str, str]] = {}
    by_id: dict[str, Mapping[str, str]] = {}
    problems: list[str] = []
    seen: set[str] = set()
    for path in paths:
        for file, own in _listings_at(os.fspath(path)) if is_address(path) else _listings(Path(path)):
            key = joined("", file) if not is_address(file) else file
            if key in seen:
                continue
            seen.add(key)
            _read_listing(file, own, by_file, by_id, problems)
    if problems:
        raise ListingError("\n".join(problems))
    return Listing(by_file, by_id)


def _listings_at(address: str) -> Iterator[tuple[str, bool]]:
    """Lists at an address or below it."""
    try:
        for name, full, _ in files_below(address):
            if name.rpartition("/")[2] == LISTING and not any(part.startswith(".") for part in name.split("/")):
                yield full, True
    except Unreadable:
        return  # it is said where the documents are read


def _listings(path: Path) -> Iterator[tuple[str, bool]]:
    """Lists for a path, and whether each is its own (below it or beside it) or one of a folder above."""
    beside = path if path.is_dir() else path.parent
    if path.is_dir():
        for folder, below, names in os.walk(path):
            below[:] = sorted(name for name in below if not name.startswith("."))
            if LISTING in names:
                yield os.path.join(folder, LISTING), True
    elif (beside / LISTING).is_file():
        yield str(beside / LISTING), True
    for above in list(beside.absolute().parents)[:3]:
        if (above / LISTING).is_file():
            yield str(above / LISTING), False


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _read_listing(
    file: str,
    own: bool,
    by_file: dict[str, Mapping[str, str]],
    by_id: dict[str, Mapping[str, str]],
    problems: list[str],
) -> None:
    try:
        with open_binary(file) as opened:
            text = _decoded(opened.read())
    except (OSError, Unreadable) as error:
        problems.append(f"{file}: cannot be read ({getattr(error, 'strerror', '') or error}); check its permissions")
        return
    folder = file[: -len(LISTING)].rstrip("/\\") or "."
    first = text.split("\n", 1)[0]
    separator = max(",\t;", key=first.count)
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    columns = [name.strip() for name in rows[0]] if rows else []
    if "requirements" in columns:
        return  # a table that siga wrote
    unknown = [name for name in columns if name not in COLUMNS]
    if not own and unknown:
        return  # somebody else's list of something else
    if not rows:
        return
    if unknown:
        named = ", ".join(repr(name) for name in unknown)
        problems.append(f"{file} row 1: unknown column {named}; use {', '.join(COLUMNS)}")
    if len(set(columns)) < len(columns):
        twice = sorted({name for name in columns if columns.count(name) > 1})
        problems.append(f"{file} row 1: column {', '.join(twice)} stands there twice")
    if not {"file", "doc_id"} & set(columns):
        problems.append(f"{file} row 1: neither file nor doc_id is there, so nobody knows which document is meant")
        return
    listed: dict[str, int] = {}
    ids: dict[str, int] = {}
    known: set[str] | None = None
    for number, cells in enumerate(rows[1:], 2):
        entry = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name in COLUMNS}
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{file} row {number}"
        if len(cells) > len(columns):
            problems.append(f"{where}: {len(cells)} cells for {len(columns)} columns; quote a cell that holds a comma")
            continue
        _check(entry, where, problems)
        name, doc_id = entry.get("file", ""), entry.get("doc_id", "")
        if not name and not doc_id:
            problems.append(f"{where}: neither file nor doc_id is filled in")
            continue
        if name:
            key = joined(folder, name.replace("\\", "/"))
            if key in listed:
                problems.append(f"{where}, column file: {name!r} stands in row {listed[key]} already")
                continue
            listed[key] = number
            if not re.search(r"\.(?:zip|parquet)/", name, re.IGNORECASE) and not _is_file(key):
                problems.append(f"{where}, column file: {name!r} is not there; write it relative to {LISTING}")
            by_file[key] = entry
        else:
            if known is None:
                known = {source.doc_id for source in sources([folder])}
            if doc_id not in known:
                problems.append(f"{where}, column doc_id: no document {doc_id!r} beside the list; name its file")
            by_id[doc_id] = entry
        if doc_id:
            if doc_id in ids:
                problems.append(f"{where}, column doc_id: {doc_id!r} stands in row {ids[doc_id]} already")
            ids.setdefault(doc_id, number)


def _is_file(path: str) -> bool:
    return exists(path) if is_address(path) else os.path.isfile(path)


def _check(entry: dict[str, str], where: str, problems: list[str]) -> None:
    """Check and normalize date, level and code of one row in place."""
    if value := entry.get("date"):
        bare = re.fullmatch(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2]))?", value)
        date = value if bare else read_date(value)
        if date is None:
            problems.append(f"{where}, column date: {value!r} is not a date; use YYYY-MM-DD or 2024年3月2日")
        else:
            entry["date"] = date
    if value := entry.get("level"):
        level = _LEVEL_NAMES.get(value, value)
        if level not in LEVELS:
            problems.append(f"{where}, column level: {value!r} is no level; use {', '.join(LEVELS)}")
        entry["level"] = level
    if value := entry.get("region_code"):
        # Excel writes 350000.0 when the column has empty cells.
        code = re.sub(r"\.0$", "", value)
        if not re.fullmatch(r"\d{6}", code):
            problems.append(f"{where}, column region_code: {value!r} is no GB/T 2260 code; use six digits")
        entry["region_code"] = code


__all__ = [
    "COLUMNS",
    "Corpus",
    "DocumentError",
    "Listing",
    "ListingError",
    "complete",
    "iter_documents",
    "read_corpus",
    "read_document",
    "read_listing",
]
