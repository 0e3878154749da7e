"""DOCX → text: one line a paragraph, automatic numbers written out, tables row by row.

The parts are read straight from the package with lxml, so that nothing but the text's own parts is unpacked, sizes are
checked before, and elements are known by their local names (Word, WPS and strict OOXML differ in namespaces only).
"""

from __future__ import annotations

import contextlib
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from .failures import Unreadable
from .numbering import Numbering
from .wordml import attribute, child, is_on, local_name

MAX_UNPACKED = 256 * 1024 * 1024
"""Bytes that all parts of a DOCX together may unpack to."""
MAX_TEXT_PART = 128 * 1024 * 1024
MAX_RATIO = 200
RATIO_FROM = 32 * 1024 * 1024

_DAMAGED = "open it in Word, WPS or LibreOffice, let it repair the file, and save it as .docx again"


def read_docx(data: bytes) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """Text, metadata and notes of a DOCX; raises :class:`Unreadable`."""
    try:
        with _named_damage():
            archive = zipfile.ZipFile(io.BytesIO(data))
        with archive:
            return _read(_Package(archive, len(data)))
    except RecursionError:
        raise Unreadable("corrupt", "its tables or text boxes are nested too deeply", _DAMAGED) from None


@contextlib.contextmanager
def _named_damage() -> Iterator[None]:
    """What the zipfile module raises on damaged files, as one refusal."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, struct.error) as error:
        raise Unreadable("corrupt", f"it is a damaged or truncated DOCX ({error})", _DAMAGED) from None


def is_encrypted_office(data: bytes) -> bool:
    """Whether an OLE file is a password-protected Office document (and not an old ``.doc``)."""
    return "EncryptedPackage".encode("utf-16-le") in data


class _Package:
    """The parts of a DOCX, sizes checked."""

    def __init__(self, package: zipfile.ZipFile, packed: int) -> None:
        self._package = package
        infos = package.infolist()
        total = sum(info.file_size for info in infos)
        if total > MAX_UNPACKED or (total > RATIO_FROM and total > MAX_RATIO * packed):
            raise Unreadable(
                "too_large",
                f"it unpacks from {packed / 1e6:.1f} MB to {total / 1e6:.0f} MB",
                "make sure that you trust it; open it and save its text alone as .docx or .txt",
            )
        self._names = {info.filename.lstrip("/"): info for info in infos}
        if any(info.flag_bits & 1 for info in infos):
            raise Unreadable("encrypted", "it is protected by a password", "save a copy without the password")

    def root(self, name: str) -> Any | None:
        """The parsed XML of a part, ``None`` if there is none."""
        from lxml import etree

        info = self._names.get(name)
        if info is None:
            return None
        if info.file_size > MAX_TEXT_PART:
            raise Unreadable("too_large", f"its part {name} unpacks to {info.file_size / 1e6:.0f} MB", _DAMAGED)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)
        try:
            with _named_damage():
                data = self._package.read(info)
            return etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            raise Unreadable("corrupt", f"its part {name} is damaged ({error})", _DAMAGED) from None

    def related(self, part: str, kind: str) -> str | None:
        """The name of the part that ``part`` relates to as ``kind`` (``styles``, ``numbering`` …)."""
        folder, base = posixpath.split(part)
        relations = self.root(posixpath.join(folder, "_rels", f"{base}.rels"))
        for relation in relations if relations is not None else ():
            if str(relation.get("Type", "")).endswith("/" + kind) and relation.get("TargetMode") != "External":
                target = relation.get("Target", "")
                return (
                    target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                )
        return None


def _read(package: _Package) -> tuple[str, dict[str, str], tuple[str, ...]]:
    main = package.related("", "officeDocument") or "word/document.xml"
    root = package.root(main)
    if root is None:
        raise Unreadable("corrupt", "it has no document part: it is a zip file, but no Word document", _DAMAGED)
    body = child(root, "body")
    numbering = Numbering(
        package.root(package.related(main, "numbering") or "word/numbering.xml"),
        package.root(package.related(main, "styles") or "word/styles.xml"),
    )
    lines = list(_blocks(body, numbering)) if body is not None else []
    notes = package.root(package.related(main, "footnotes") or "word/footnotes.xml")
    for footnote in notes if notes is not None else ():
        if attribute(footnote, "type") in (None, "normal"):
            lines.extend(f"注：{line}" for line in _blocks(footnote, numbering))
    text = "\n".join(lines)
    if not text.strip():
        pictures = next((e for e in root.iter() if local_name(e) in ("drawing", "pict")), None) is not None
        if pictures:
            raise Unreadable("scan", "it holds pictures and no text", "run text recognition (OCR) on them")
        raise Unreadable("no_text", "it holds no text", "check that it is the right file")
    return text, _properties(package), tuple(numbering.notes)


def _properties(package: _Package) -> dict[str, str]:
    name = package.related("", "core-properties") or "docProps/core.xml"
    try:
        root = package.root(name)
    except Unreadable:  # properties are not worth a document
        return {}
    return {local_name(e): e.text.strip() for e in (root if root is not None else ()) if e.text and e.text.strip()}


# ---- paragraphs and tables ------------------------------------------------------------------------------------------

# Tracked deletions and what is not running text.
_LEFT_OUT = frozenset({
    "del", "moveFrom", "delText", "instrText", "delInstrText", "rt", "fldData", "sectPr", "rPr", "pPr", "tblPr", "trPr",
    "tcPr", "annotationRef", "footnoteRef", "endnoteRef", "sdtPr", "sdtEndPr", "proofErr",
})  # fmt: skip
_TEXT = {"tab": "\t", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


def _blocks(parent: Any, numbering: Numbering) -> Iterator[str]:
    """Lines of the paragraphs and tables in an element, in document order."""
    for element in _flow(parent):
        if local_name(element) == "p":
            yield from _paragraph(element, numbering)
        else:
            yield from _table(element, numbering)


def _flow(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables under an element, through content controls and insertions. No recursion."""
    stack = list(reversed(parent))
    while stack:
        element = stack.pop()
        name = local_name(element)
        if name in ("p", "tbl"):
            yield element
        elif name in ("del", "moveFrom"):
            continue
        elif name == "AlternateContent":
            stack.extend(reversed(_alternative(element)))
        else:
            stack.extend(reversed(element))


def _alternative(element: Any) -> Any:
    """One of the readings of ``mc:AlternateContent``: they say the same twice."""
    for name in ("Choice", "Fallback"):
        found = child(element, name)
        if found is not None:
            return found
    return ()


def _paragraph(paragraph: Any, numbering: Numbering) -> Iterator[str]:
    boxes: list[Any] = []
    text = _runs(paragraph, boxes)
    properties = child(paragraph, "pPr")
    deleted = child(child(properties, "rPr"), "del") is not None and not text.strip()
    label = "" if deleted else numbering.label(properties, empty=not text.strip())
    text = label + text.strip("\n") if text.strip() else ""
    if text.strip():
        yield from (line.rstrip() for line in text.split("\n") if line.strip())
    for box in boxes:
        yield from _blocks(box, numbering)


def _runs(paragraph: Any, boxes: list[Any]) -> str:
    """The text of a paragraph's runs; text boxes are put aside for after it."""
    parts: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        name = local_name(element)
        if name == "t":
            parts.append(element.text or "")
        elif name in _TEXT:
            parts.append(_TEXT[name])
        elif name == "br":
            parts.append("\n")
        elif name == "sym":
            code = attribute(element, "char") or ""
            if re.fullmatch(r"[0-9A-Fa-f]{4}", code) and not 0xD800 <= int(code, 16) <= 0xDFFF:
                parts.append(chr(int(code, 16)))
        elif name == "txbxContent":
            boxes.append(element)
        elif name in _LEFT_OUT or (name == "r" and is_on(child(element, "rPr"), "vanish")):
            continue
        elif name == "AlternateContent":
            stack.extend(reversed(_alternative(element)))
        else:
            stack.extend(reversed(element))
    return "".join(parts)


def _table(table: Any, numbering: Numbering, depth: int = 0) -> Iterator[str]:
    """Rows as lines, cells joined by `` | ``. A row with one filled cell is a frame: its paragraphs stay lines."""
    for row in (e for e in _children(table) if local_name(e) == "tr"):
        if child(child(row, "trPr"), "del") is not None:
            continue
        cells: list[list[str]] = []
        for cell in (e for e in _children(row) if local_name(e) == "tc"):
            merged = child(child(cell, "tcPr"), "vMerge")
            if merged is not None and attribute(merged, "val") != "restart":
                cells.append([])  # goes on from the row above: said once
            elif depth > 20:
                cells.append(["".join(cell.itertext())])
            else:
                cells.append(list(_cell(cell, numbering, depth)))
        filled = [cell for cell in cells if cell]
        if len(filled) == 1:
            yield from filled[0]
        elif filled:
            joined = [" ".join(line.replace("\t", " ") for line in cell) for cell in cells]
            while joined and not joined[-1]:
                joined.pop()
            yield " | ".join(joined)


def _cell(cell: Any, numbering: Numbering, depth: int) -> Iterator[str]:
    for element in _flow(cell):
        if local_name(element) == "p":
            yield from _paragraph(element, numbering)
        else:
            yield from _table(element, numbering, depth + 1)


def _children(element: Any) -> Iterator[Any]:
    """Rows of a table and cells of a row, through content controls."""
    for inner in element:
        if local_name(inner) in ("sdt", "sdtContent", "ins", "customXml", "moveTo"):
            yield from _children(inner)
        else:
            yield inner
