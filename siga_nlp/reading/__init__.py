"""Bytes → ``Document | ReadFailure``. Nothing is ever extracted to disk, and nothing raises for what a file holds.

sources(paths)       what there is to read, without reading it
source_bytes(source) its bytes (for a hash, before any parsing)
read_source(source)  Document or ReadFailure
read(path)           all of that for one path, lazily
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from ..models import Document, ReadFailure, Span
from .addresses import exists, is_address, joined
from .failures import Unreadable
from .listing import MAX_FILE, Source, source_bytes, sources

__all__ = [
    "MAX_FILE", "Source", "Unreadable", "digest", "exists", "is_address", "joined", "read", "read_source", "source_bytes",
    "sources",
]  # fmt: skip

_SIGNATURES = (
    (b"%PDF-", "pdf", "a PDF"),
    (b"PK\x03\x04", "zip", "a zip archive or an Office file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole", "an old Word, WPS or Excel file"),
    (b"{\\rtf", "rtf", "an RTF file"),
    (b"\x89PNG\r\n", "image", "a PNG image"),
    (b"\xff\xd8\xff", "image", "a JPEG image"),
    (b"GIF8", "image", "a GIF image"),
    (b"\x1f\x8b\x08", "archive", "a gzip archive"),
    (b"Rar!\x1a\x07", "archive", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive", "a 7z archive"),
    (b"\x7fELF", "program", "a program"),
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def read(path: str | PathLike[str], *, doc_id: str | None = None) -> Iterator[Document | ReadFailure]:
    """Read a file, a folder (with its subfolders, in sorted order) or a zip file, one document at a time.

    Args:
        path: File, folder or ``.zip``. What does not exist gives a ``ReadFailure``.
        doc_id: Id for a single document; the default is the file's name without its ending.

    Yields:
        ``Document`` for what was read, ``ReadFailure`` (file, reason, advice) for what was not.

    Raises:
        ValueError: ``doc_id`` is given for a folder or a zip file, which may hold several documents.

    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.txt").write_text("各级干部每年至少下基层一次。", encoding="gb18030")
    >>> [(d.doc_id, d.encoding) for d in read(folder)]
    [('a', 'gb18030')]
    """
    if doc_id is not None and (Path(path).is_dir() or str(path).lower().endswith(".zip")):
        raise ValueError(f"{path}: doc_id={doc_id!r} names one document, but this may hold several; leave doc_id out")
    return (read_source(source) for source in sources([path], doc_id=doc_id))


def read_source(source: Source, *, data: bytes | None = None) -> Document | ReadFailure:
    """Read one source; ``data`` are its bytes if the caller already has them (``source_bytes``). Never raises.

    >>> read_source(next(iter(sources(["no/such/file.txt"])))).reason
    'missing'
    """
    if source.failure is not None:
        return source.failure
    try:
        return _parse(source, source_bytes(source) if data is None else data)
    except Unreadable as refusal:
        return ReadFailure(source.name, refusal.reason, f"{source.name}: {refusal.message}", refusal.advice)
    except (Exception, RecursionError) as error:  # noqa: BLE001  a bug of ours must not cost the other documents
        return ReadFailure(
            source.name,
            "internal",
            f"{source.name}: the reader of {source.format} files failed on it ({type(error).__name__}: {error})",
            "please report it with the file; meanwhile save the document as UTF-8 text",
        )


def _parse(source: Source, data: bytes) -> Document:
    if not data:
        raise Unreadable("empty", "it is empty (0 bytes)", "check that it was saved or downloaded completely")
    _check_signature(data, source.format)
    encoding = reason = None
    metadata: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    furniture: tuple[Span, ...] = ()
    if source.format == "pdf":
        from .pdf import read_pdf

        pages = read_pdf(data)
        text, furniture, metadata, notes = pages.text, pages.furniture, pages.metadata, pages.notes
    elif source.format == "docx":
        from .docx import read_docx

        text, metadata, notes = read_docx(data)
    else:
        from .encodings import decode

        if source.format == "html":
            from .html import declared_charset, read_html

            decoded = decode(data, declared=declared_charset(data))
            text, metadata, notes = read_html(decoded.text)
        else:
            decoded = decode(data)
            text = decoded.text
            metadata = _front_matter(text) if source.format == "md" else {}
        encoding, reason, notes = decoded.encoding, decoded.reason, decoded.notes + notes
    return Document(
        doc_id=source.doc_id,
        text=_SURROGATE.sub("\ufffd", text),  # lone surrogates cannot be written to any file
        source=source.name,
        format=source.format,
        encoding=encoding,
        encoding_reason=reason,
        sha256=hashlib.sha256(data).hexdigest(),
        furniture=furniture,
        metadata=metadata,
        notes=source.notes + notes,
    )


def _check_signature(data: bytes, format: str) -> None:
    """Refuse content that is plainly something else than the file's ending says."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n") if format == "pdf" else data[:16]
    found = next(((kind, what) for magic, kind, what in _SIGNATURES if head.startswith(magic)), None)
    own = {"pdf": "pdf", "docx": "zip"}.get(format)
    if found is None or found[0] == own:
        return  # what else is wrong, the format's own reader says
    kind, what = found
    if format == "docx" and kind == "ole":
        from .docx import is_encrypted_office

        if is_encrypted_office(data):
            raise Unreadable("encrypted", "it is protected by a password", "save a copy without the password")
        raise Unreadable(
            "unsupported", "it is an old .doc file under the name of .docx", "open it and save it as .docx"
        )
    advice = {
        "pdf": "rename it to .pdf",
        "zip": "rename it to .docx (Word) or .zip (archive)",
        "ole": "open it and save it as .docx",
        "rtf": "open it and save it as .docx",
        "image": "run text recognition (OCR) on it and save the result as text",
        "archive": "unpack it, or pack it as .zip",
        "program": "leave it out",
    }[kind]
    raise Unreadable("binary", f"its name ends in .{format}, but it is {what}", advice)


def _front_matter(text: str) -> dict[str, str]:
    """Top-level ``key: value`` lines of a YAML front matter; the lines also stay in the text.

    >>> _front_matter("---\\ntitle: '办法'\\nyear: 2024\\n---\\n正文")
    {'title': '办法', 'year': '2024'}
    """
    block = re.match(r"---[ \t]*\r?\n(.{0,20000}?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", text, re.DOTALL)
    if not block:
        return {}
    pairs = re.findall(r"^([^\s:#\-][^:\n]{0,60}):[ \t]+([^\r\n]+)", block[1], re.MULTILINE)
    return {key.strip(): value.strip().strip("'\"") for key, value in pairs}


def digest(data: bytes) -> str:
    """SHA-256 of a source's bytes, as ``Document.sha256`` holds it (for a cache that must not parse).

    >>> digest(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()
