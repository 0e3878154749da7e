"""What there is to read under some paths, without reading it: files, folders, zip files of them."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path, PurePosixPath

from ..models import ReadFailure
from .addresses import files_below, is_address, open_binary
from .failures import Unreadable

MAX_FILE = 256 * 1024 * 1024
"""Bytes of a file, packed or not, beyond which it is reported and not read."""

FORMATS = {".txt": "txt", ".text": "txt", ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html",
           ".xhtml": "html", ".docx": "docx", ".docm": "docx", ".pdf": "pdf"}  # fmt: skip

_AS_DOCX = "open it in Word, WPS or LibreOffice and save it as .docx"
_OCR = "run text recognition (OCR) on it and save the result as .docx or .txt"
_TABLE = "if it holds requirements, save it as .docx or .txt; if it is a ledger, pass it to siga check"
# Endings that a user would expect to be read; everything else in a folder is ignored quietly.
_UNSUPPORTED = {
    **dict.fromkeys((".doc", ".wps", ".wpt", ".dot", ".rtf", ".odt", ".pages", ".uot"), ("a document", _AS_DOCX)),
    **dict.fromkeys((".ofd", ".caj", ".ceb", ".djvu"), ("a document", "print or export it as .pdf with text")),
    **dict.fromkeys((".xls", ".xlsx", ".xlsm", ".et"), ("a spreadsheet", _TABLE)),
    **dict.fromkeys((".ppt", ".pptx", ".dps"), ("a slide show", "save its text as .docx or .txt")),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic"), ("an image", _OCR)),
    **dict.fromkeys((".mht", ".mhtml"), ("a web archive", "save the page as .html")),
    **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".tgz", ".xz"), ("an archive", "unpack it or pack it as .zip")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """Where a file stands in a zip file: what its directory says, so that it can be read alone."""

    offset: int
    method: int
    packed: int
    size: int
    crc: int


@dataclass(frozen=True, slots=True)
class Record:
    """Where a document stands in a Parquet file: row group, and row in it."""

    group: int
    row: int


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to read. Plain data: it can be pickled to another process.

    ``name`` is shown to people (``folder/a.txt``, ``a.zip/b.txt``), ``path`` is a file or an address; ``failure`` is set
    when it is known without reading that it cannot be read. ``size`` is in bytes, unpacked.
    """

    name: str
    doc_id: str
    format: str
    path: str
    size: int = 0
    member: Member | Record | None = None
    failure: ReadFailure | None = None
    notes: tuple[str, ...] = ()


def sources(
    paths: Iterable[str | PathLike[str]] | str | PathLike[str], *, doc_id: str | None = None
) -> Iterator[Source]:
    """List what there is to read under ``paths``: files as given, folders recursively in sorted order, zip members, rows of
    Parquet files. A path may be an address (``s3://…``).

    Hidden files, ``documents.csv`` and ``README.*`` in a folder are no documents. Ids are unique: of two files with one
    name the later gets its folder before it (``2024-办法``), its ending behind it (``办法-txt``) or a number, and a
    note.

    >>> [s.failure.reason for s in sources(["no/such/file.txt"])]
    ['missing']
    """
    taken: dict[str, str] = {}
    for path in [paths] if isinstance(paths, str | PathLike) else paths:
        for source in _at(os.fspath(path)) if is_address(path) else _under(Path(path)):
            if source.failure is None:
                source = _with_own_id(replace(source, doc_id=doc_id or source.doc_id), taken)
            yield source


def source_bytes(source: Source) -> bytes:
    """The bytes of a source; raises :class:`Unreadable`, never anything else.

    >>> source_bytes(Source("x.txt", "x", "txt", "no/such/x.txt"))
    Traceback (most recent call last):
    ...
    siga_nlp.reading.failures.Unreadable: there is no such file
    """
    if source.failure is not None:
        raise Unreadable(source.failure.reason, source.failure.message, source.failure.advice)
    if source.size > MAX_FILE:
        raise too_large(source.size)
    try:
        if isinstance(source.member, Member):
            from .archives import member_bytes

            return member_bytes(source.path, source.member)
        if source.member is not None:
            from .parquet import record_bytes

            return record_bytes(source.path, source.member)
        with open_binary(source.path) as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise _from_os(error) from None
    if len(data) > MAX_FILE:
        raise too_large(len(data))
    return data


def harmless_name(name: str) -> str:
    """A relative name without drive, root, ``..`` or control characters, for showing and for ids.

    >>> harmless_name("../../etc/办法.txt"), harmless_name("C:\\\\temp\\\\a.txt")
    ('etc/办法.txt', 'temp/a.txt')
    """
    name = re.sub(r"^[A-Za-z]:", "", name.replace("\\", "/"))
    name = re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", name)
    parts = [part for part in name.split("/") if part.strip() not in ("", ".", "..")]
    return unicodedata.normalize("NFC", "/".join(parts))


def is_listed(parts: tuple[str, ...]) -> bool:
    """Whether a file inside a folder or archive may be a document, by its name alone (last part: the file)."""
    if any(part.startswith((".", "~$")) or part == "__MACOSX" for part in parts):
        return False
    last = parts[-1].lower()
    return last != "documents.csv" and not re.fullmatch(r"readme(?:\.[\w-]+)*", last)


def classify(name: str, path: str, *, asked: bool, **fields: object) -> Source | None:
    """The source for a file by its ending; ``None`` for what is ignored quietly (never if it was ``asked`` for)."""
    pure = PurePosixPath(name)
    ending = pure.suffix.lower()
    doc_id = unicodedata.normalize("NFC", pure.stem)
    if ending in FORMATS:
        return Source(name, doc_id, FORMATS[ending], path, **fields)  # type: ignore[arg-type]
    if ending in _UNSUPPORTED:
        what, advice = _UNSUPPORTED[ending]
        return failed(name, path, "unsupported", f"{what} of type {ending} cannot be read", advice)
    if asked:
        kind = f"files of type {ending} cannot be read" if ending else "it has no ending that says what it is"
        return failed(name, path, "unsupported", kind, "give a .txt, .md, .html, .docx or .pdf file, or a .zip of them")
    return None


def failed(name: str, path: str, reason: str, message: str, advice: str) -> Source:
    """A source that is known to be unreadable."""
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    failure = ReadFailure(name, reason, f"{name}: {message}", advice)
    return Source(name, PurePosixPath(name).stem, ending, path, failure=failure)


def too_large(size: int) -> Unreadable:
    """The refusal of a file beyond the limit."""
    return Unreadable(
        "too_large",
        f"it is larger ({size / 1e6:.0f} MB) than the limit of {MAX_FILE / 1e6:.0f} MB",
        "split it, or save its text alone as .txt",
    )


def _at(address: str) -> Iterator[Source]:
    """What there is at an address: a file, or the files below it in the order of their paths."""
    shown, empty = address.rstrip("/"), True
    try:
        for name, full, size in files_below(address):
            asked = not name
            if asked or is_listed(tuple(name.split("/"))):
                for source in _document(full, name or shown.rpartition("/")[2], size, asked=asked):
                    empty = False
                    yield source
    except Unreadable as refusal:
        yield failed(shown, address, refusal.reason, refusal.message, refusal.advice)
        return
    if empty:
        yield _no_documents(shown, address)


def _no_documents(name: str, path: str) -> Source:
    advice = "put .txt, .md, .html, .docx or .pdf files (or a .zip of them) into it"
    return failed(name, path, "no_documents", "the folder holds no documents", advice)


def _under(path: Path) -> Iterator[Source]:
    name = _shown(path.as_posix())
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        yield _failed_os(name, str(path), error)
        return
    if stat.S_ISDIR(mode):
        empty = True
        for source in _in_folder(path):
            empty = False
            yield source
        if empty:
            yield _no_documents(name, str(path))
    else:
        yield from _file(path, name, mode, asked=True)


def _in_folder(root: Path) -> Iterator[Source]:
    """Files under a folder in the order of their paths, without recursion (folders may be nested deeply)."""
    stack: list[Path] = [root]
    visited: set[tuple[int, int]] = set()
    while stack:
        path = stack.pop()
        name = _shown(path.relative_to(root).as_posix())
        try:
            info = path.stat()
            if stat.S_ISDIR(info.st_mode):
                if (info.st_dev, info.st_ino) in visited:
                    continue  # a link back to a folder that was read already
                visited.add((info.st_dev, info.st_ino))
                names = sorted(os.listdir(path), reverse=True)
                pages = {Path(n).stem for n in names if n.lower().endswith((".html", ".htm"))}
                for child in names:
                    if not is_listed((child,)) and not (child.lower().startswith("readme") and (path / child).is_dir()):
                        continue
                    if re.sub(r"(_files|\.files)$", "", child) in pages - {child}:
                        continue  # pictures and scripts that a browser saved beside the page
                    stack.append(path / child)
                continue
        except OSError as error:
            if PurePosixPath(name).suffix.lower() in FORMATS or isinstance(error, PermissionError):
                yield _failed_os(name, str(path), error)
            continue
        yield from _file(path, name, info.st_mode, asked=False, size=info.st_size)


def _file(path: Path, name: str, mode: int, *, asked: bool, size: int | None = None) -> Iterator[Source]:
    if not stat.S_ISREG(mode):
        if asked or path.suffix.lower() in FORMATS:
            yield failed(name, str(path), "unsupported", "it is no regular file", "copy its content into a file")
        return
    yield from _document(str(path), name, path.stat().st_size if size is None else size, asked=asked)


def _document(path: str, name: str, size: int, *, asked: bool) -> Iterator[Source]:
    """The document or the documents in a file."""
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".zip":
        from .archives import in_zip

        yield from in_zip(path, name)
    elif ending == ".parquet":
        from .parquet import in_parquet

        yield from in_parquet(path, name, asked=asked)
    elif source := classify(name, path, asked=asked, size=size):
        yield source


def _with_own_id(source: Source, taken: dict[str, str]) -> Source:
    """A free id by a rule that looks at the source's own name first, so that it seldom depends on other files."""
    wanted = source.doc_id
    folder, ending = PurePosixPath(source.name).parent.name, PurePosixPath(source.name).suffix.lstrip(".").lower()
    candidates = [wanted, *([f"{folder}-{wanted}"] if folder else []), f"{wanted}-{ending}"]
    number = 2
    while candidates[0] in taken:
        candidates.pop(0)
        if not candidates:
            candidates.append(f"{wanted}-{number}")
            number += 1
    doc_id = candidates[0]
    if doc_id == wanted:
        taken[doc_id] = source.name
        return source
    note = f"duplicate_id: {wanted} is already the id of {taken[wanted]}; this one is {doc_id}"
    taken[doc_id] = source.name
    return replace(source, doc_id=doc_id, notes=(*source.notes, note))


def _shown(name: str) -> str:
    """A file name as text: bytes of another encoding (GBK names from old disks) are decoded."""
    if not any("\ud800" <= c <= "\udfff" for c in name):
        return name
    from .encodings import decode

    raw = os.fsencode(name)
    try:
        return decode(raw).text
    except Unreadable:
        return raw.decode("utf-8", "replace")


def _from_os(error: OSError | ValueError) -> Unreadable:
    if isinstance(error, FileNotFoundError):
        return Unreadable("missing", "there is no such file", "check the path")
    if isinstance(error, PermissionError):
        return Unreadable("permission", "you have no permission to read it", "change its permissions or copy it")
    reason = getattr(error, "strerror", None) or str(error)
    return Unreadable(
        "unreadable", f"the system cannot read it ({reason})", "check the path and the disk, then try again"
    )


def _failed_os(name: str, path: str, error: OSError | ValueError) -> Source:
    refusal = _from_os(error)
    message = "there is no such file or folder" if refusal.reason == "missing" else refusal.message
    return failed(name, path, refusal.reason, message, refusal.advice)
