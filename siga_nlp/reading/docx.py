"""DOCX → text: one line a paragraph, automatic numbers written out, tables row by row.

The parts are read straight from the package with lxml, so that nothing but the text's own parts is unpacked, sizes are
checked before, and elements are known by their local names (Word, WPS and strict OOXML differ in namespaces only).
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from . import numerals
from .failures import Unreadable

MAX_UNPACKED = 256 * 1024 * 1024
"""Bytes that all parts of a DOCX together may unpack to."""
MAX_TEXT_PART = 128 * 1024 * 1024
MAX_RATIO = 200
RATIO_FROM = 32 * 1024 * 1024

_DAMAGED = "open it in Word, WPS or LibreOffice, let it repair the file, and save it as .docx again"


def read_docx(data: bytes) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """Text, metadata and notes of a DOCX; raises :class:`Unreadable`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _read(_Package(package, len(data)))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError, OSError) as error:
        raise Unreadable("corrupt", f"it is a damaged or truncated DOCX ({error})", _DAMAGED) from None
    except RecursionError:
        raise Unreadable("corrupt", "its tables or text boxes are nested too deeply", _DAMAGED) from None


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
            return etree.fromstring(self._package.read(info), parser)
        except etree.XMLSyntaxError as error:
            raise Unreadable("corrupt", f"its part {name} is damaged ({error})", _DAMAGED) from None

    def related(self, part: str, kind: str) -> str | None:
        """The name of the part that ``part`` relates to as ``kind`` (``styles``, ``numbering`` …)."""
        folder, base = posixpath.split(part)
        relations = self.root(posixpath.join(folder, "_rels", f"{base}.rels"))
        for relation in relations if relations is not None else ():
            if str(relation.get("Type", "")).endswith("/" + kind) and relation.get("TargetMode") != "External":
                target = relation.get("Target", "")
                return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        return None


def _read(package: _Package) -> tuple[str, dict[str, str], tuple[str, ...]]:
    main = package.related("", "officeDocument") or "word/document.xml"
    root = package.root(main)
    if root is None:
        raise Unreadable("corrupt", "it has no document part: it is a zip file, but no Word document", _DAMAGED)
    body = _child(root, "body")
    numbering = _Numbering(
        package.root(package.related(main, "numbering") or "word/numbering.xml"),
        package.root(package.related(main, "styles") or "word/styles.xml"),
    )
    lines = list(_blocks(body, numbering)) if body is not None else []
    notes = package.root(package.related(main, "footnotes") or "word/footnotes.xml")
    for footnote in notes if notes is not None else ():
        if _get(footnote, "type") in (None, "normal"):
            lines.extend(f"注：{line}" for line in _blocks(footnote, numbering))
    text = "\n".join(lines)
    if not text.strip():
        pictures = next((e for e in root.iter() if _name(e) in ("drawing", "pict")), None) is not None
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
    return {_name(e): e.text.strip() for e in (root if root is not None else ()) if e.text and e.text.strip()}


# ---- elements -------------------------------------------------------------------------------------------------------


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _child(element: Any | None, name: str) -> Any | None:
    return None if element is None else next((child for child in element if _name(child) == name), None)


def _get(element: Any | None, name: str) -> str | None:
    """An attribute by its local name."""
    if element is None:
        return None
    return next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == name), None)


def _value(element: Any | None, *path: str) -> str | None:
    """``w:val`` of a descendant by path of local names."""
    for name in path:
        element = _child(element, name)
    return _get(element, "val")


def _is_on(properties: Any | None, name: str) -> bool:
    element = _child(properties, name)
    return element is not None and (_get(element, "val") or "true") not in ("0", "false", "off")


# ---- paragraphs and tables ------------------------------------------------------------------------------------------

# Tracked deletions and what is not running text.
_LEFT_OUT = frozenset("del moveFrom delText instrText delInstrText rt fldData sectPr rPr pPr tblPr trPr tcPr "
                      "annotationRef footnoteRef endnoteRef sdtPr sdtEndPr proofErr".split())  # fmt: skip
_TEXT = {"tab": "\t", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


def _blocks(parent: Any, numbering: _Numbering) -> Iterator[str]:
    """Lines of the paragraphs and tables in an element, in document order."""
    for element in _flow(parent):
        if _name(element) == "p":
            yield from _paragraph(element, numbering)
        else:
            yield from _table(element, numbering)


def _flow(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables under an element, through content controls and insertions. No recursion."""
    stack = list(reversed(parent))
    while stack:
        element = stack.pop()
        name = _name(element)
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
        found = _child(element, name)
        if found is not None:
            return found
    return ()


def _paragraph(paragraph: Any, numbering: _Numbering) -> Iterator[str]:
    boxes: list[Any] = []
    text = _runs(paragraph, boxes)
    properties = _child(paragraph, "pPr")
    deleted = _child(_child(properties, "rPr"), "del") is not None and not text.strip()
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
        name = _name(element)
        if name == "t":
            parts.append(element.text or "")
        elif name in _TEXT:
            parts.append(_TEXT[name])
        elif name == "br":
            parts.append("\n")
        elif name == "sym":
            code = _get(element, "char") or ""
            if re.fullmatch(r"[0-9A-Fa-f]{4}", code) and not 0xD800 <= int(code, 16) <= 0xDFFF:
                parts.append(chr(int(code, 16)))
        elif name == "txbxContent":
            boxes.append(element)
        elif name in _LEFT_OUT or (name == "r" and _is_on(_child(element, "rPr"), "vanish")):
            continue
        elif name == "AlternateContent":
            stack.extend(reversed(_alternative(element)))
        else:
            stack.extend(reversed(element))
    return "".join(parts)


def _table(table: Any, numbering: _Numbering, depth: int = 0) -> Iterator[str]:
    """Rows as lines, cells joined by `` | ``. A row with one filled cell is a frame: its paragraphs stay lines."""
    for row in (e for e in _children(table) if _name(e) == "tr"):
        if _child(_child(row, "trPr"), "del") is not None:
            continue
        cells: list[list[str]] = []
        for cell in (e for e in _children(row) if _name(e) == "tc"):
            merged = _child(_child(cell, "tcPr"), "vMerge")
            if merged is not None and _get(merged, "val") != "restart":
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


def _cell(cell: Any, numbering: _Numbering, depth: int) -> Iterator[str]:
    for element in _flow(cell):
        if _name(element) == "p":
            yield from _paragraph(element, numbering)
        else:
            yield from _table(element, numbering, depth + 1)


def _children(element: Any) -> Iterator[Any]:
    """Rows of a table and cells of a row, through content controls."""
    for child in element:
        if _name(child) in ("sdt", "sdtContent", "ins", "customXml", "moveTo"):
            yield from _children(child)
        else:
            yield child


# ---- automatic numbers ----------------------------------------------------------------------------------------------

_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda n: f"{n:02d}",
    "decimalFullWidth": numerals.full_width,
    "decimalFullWidth2": numerals.full_width,
    "decimalHalfWidth": str,
    "decimalEnclosedCircle": numerals.circled,
    "decimalEnclosedCircleChinese": numerals.circled,
    "decimalEnclosedFullstop": lambda n: chr(0x2487 + n) if 1 <= n <= 20 else f"{n}.",
    "decimalEnclosedParen": lambda n: chr(0x2473 + n) if 1 <= n <= 20 else f"({n})",
    "chineseCounting": numerals.counted,
    "chineseCountingThousand": numerals.chinese,
    "taiwaneseCounting": numerals.counted,
    "taiwaneseCountingThousand": numerals.chinese,
    "japaneseCounting": numerals.chinese,
    "koreanCounting": numerals.chinese,
    "ideographDigital": lambda n: "".join("〇一二三四五六七八九"[int(d)] for d in str(n)),
    "taiwaneseDigital": lambda n: "".join("○一二三四五六七八九"[int(d)] for d in str(n)),
    "japaneseDigitalTenThousand": lambda n: "".join("〇一二三四五六七八九"[int(d)] for d in str(n)),
    "chineseLegalSimplified": lambda n: numerals.chinese(n, legal=True),
    "ideographLegalTraditional": lambda n: numerals.chinese(n, legal=True).translate(
        str.maketrans("贰叁陆", "貳參陸")
    ),
    "ideographTraditional": numerals.stem,
    "ideographZodiac": numerals.branch,
    "ideographEnclosedCircle": lambda n: chr(0x327F + n) if 1 <= n <= 10 else f"({numerals.chinese(n)})",
    "lowerLetter": numerals.alphabetic,
    "upperLetter": lambda n: numerals.alphabetic(n).upper(),
    "lowerRoman": numerals.roman,
    "upperRoman": lambda n: numerals.roman(n).upper(),
    "ordinal": lambda n: f"{n}.",
    "numberInDash": lambda n: f"- {n} -",
}


@dataclass(slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None  # the level (from 1) whose number sets this one back; 0: never
    legal: bool = False
    style: str | None = None


@dataclass(slots=True)
class _Counter:
    """The running numbers of one abstract list; all lists made from it count on together."""

    values: dict[int, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)


class _Numbering:
    """``numbering.xml`` and the styles that point into it: the number of each paragraph in turn."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        self.notes: list[str] = []
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}  # abstract list → numbering style that defines it
        self._lists: dict[str, str] = {}  # list → abstract list
        self._overrides: dict[str, dict[int, tuple[int | None, _Level | None]]] = {}
        self._counters: dict[str, _Counter] = {}
        self._styles: dict[str, Any] = {}
        self._default_style: str | None = None
        for style in styles if styles is not None else ():
            if _name(style) == "style" and (name := _get(style, "styleId")):
                self._styles[name] = style
                if _get(style, "type") == "paragraph" and (_get(style, "default") or "0") in ("1", "true", "on"):
                    self._default_style = name
        for element in numbering if numbering is not None else ():
            if _name(element) == "abstractNum":
                self._add_abstract(element)
        for element in numbering if numbering is not None else ():
            if _name(element) == "num":
                self._add_list(element)

    def _add_abstract(self, element: Any) -> None:
        number = _get(element, "abstractNumId") or ""
        levels = (self._level(e) for e in element if _name(e) == "lvl")
        self._abstract[number] = dict(levels)
        if link := _value(element, "numStyleLink"):
            self._links[number] = link

    def _add_list(self, element: Any) -> None:
        number = _get(element, "numId") or ""
        self._lists[number] = _value(element, "abstractNumId") or ""
        overrides = self._overrides.setdefault(number, {})
        for override in (e for e in element if _name(e) == "lvlOverride"):
            level = _integer(_get(override, "ilvl"), 0)
            start = _value(override, "startOverride")
            own = _child(override, "lvl")
            overrides[level] = (_integer(start, 1) if start else None, self._level(own)[1] if own is not None else None)

    @staticmethod
    def _level(element: Any) -> tuple[int, _Level]:
        restart = _value(element, "lvlRestart")
        form = _child(element, "numFmt")
        if form is None:  # newer formats stand in mc:AlternateContent
            form = next((e for e in element.iter() if _name(e) == "numFmt"), None)
        return _integer(_get(element, "ilvl"), 0), _Level(
            start=_integer(_value(element, "start"), 1),
            format=_get(form, "val") or "decimal",
            text=_value(element, "lvlText") or "",
            suffix=_value(element, "suff") or "tab",
            restart=_integer(restart, 0) if restart is not None else None,
            legal=_is_on(element, "isLgl"),
            style=_value(element, "pStyle"),
        )

    def label(self, properties: Any | None, *, empty: bool) -> str:
        """The number that Word writes before a paragraph, counted on; ``""`` if it has none.

        Word counts empty numbered paragraphs too, although it is easily overlooked.
        """
        place = self._place(properties)
        if place is None:
            return ""
        number, level = place
        levels, owner = self._levels(number)
        own = levels.get(level)
        if own is None:
            return ""
        counter = self._counters.setdefault(owner, _Counter())
        values = counter.values
        first = number not in counter.seen
        counter.seen.add(number)
        if first:
            # A list that starts anew at some level (startOverride) sets the shared count back.
            for overridden, (start, _) in self._overrides.get(number, {}).items():
                if start is not None:
                    values[overridden] = start - 1
        values[level] = values.get(level, own.start - 1) + 1
        for lower, definition in levels.items():
            if lower > level and lower in values:
                restart = definition.restart
                if restart is None or (restart > 0 and level < restart):
                    override = self._overrides.get(number, {}).get(lower)
                    values[lower] = (override[0] if override and override[0] is not None else definition.start) - 1
        if empty or own.format in ("none", "bullet"):
            return ""
        text = re.sub(r"%([1-9])", lambda m: self._written(levels, values, int(m[1]) - 1, own), own.text)
        if own.suffix == "nothing" or not text:
            return text
        # Chinese numbers stand close to their text; 1. and (a) keep the space that the tab makes.
        return text if text[-1] in "、．。：）)】〕」》条章节款项编目①②③④⑤⑥⑦⑧⑨⑩" and own.suffix == "tab" else text + " "

    def _written(self, levels: dict[int, _Level], values: dict[int, int], level: int, own: _Level) -> str:
        definition = levels.get(level)
        if definition is None or definition.format in ("none", "bullet"):
            return ""
        # A level that was skipped shows its first number.
        value = values.get(level, definition.start)
        value = definition.start if value < 0 else value
        if own.legal:
            return str(value)
        form = _FORMATS.get(definition.format)
        if form is None:
            note = f"number_format: automatic numbers of the format {definition.format} are written as 1, 2, 3"
            if note not in self.notes:
                self.notes.append(note)
            form = str
        return form(value)

    def _place(self, properties: Any | None) -> tuple[str, int] | None:
        """List and level of a paragraph: its own, else its style's, else that of the styles it is based on."""
        own = _child(properties, "numPr")
        style = _value(properties, "pStyle") or self._default_style
        number, level = _value(own, "numId"), _value(own, "ilvl")
        seen: set[str] = set()
        name = style
        while number is None and name and name not in seen and name in self._styles:
            seen.add(name)
            inherited = _child(_child(self._styles[name], "pPr"), "numPr")
            number = _value(inherited, "numId")
            if level is None:
                level = _value(inherited, "ilvl")
            if number is not None and level is None:
                level = self._linked_level(number, name)
            name = _value(self._styles[name], "basedOn")
        if number is None or number == "0" or number not in self._lists:
            return None
        return number, _integer(level, 0)

    def _linked_level(self, number: str, style: str) -> str | None:
        """The level that names a style as its own (a style says its list, the list says the style's level)."""
        levels, _ = self._levels(number)
        return next((str(i) for i, level in levels.items() if level.style == style), None)

    def _levels(self, number: str) -> tuple[dict[int, _Level], str]:
        """The levels of a list with its overrides, and the abstract list that counts for it."""
        abstract = self._lists.get(number, "")
        seen: set[str] = set()
        while abstract in self._links and abstract not in seen:
            seen.add(abstract)
            target = _value(self._styles.get(self._links[abstract]), "pPr", "numPr", "numId")
            if target is None or target not in self._lists:
                break
            abstract = self._lists[target]
        levels = self._abstract.get(abstract, {})
        replaced = {i: level for i, (_, level) in self._overrides.get(number, {}).items() if level is not None}
        return ({**levels, **replaced} if replaced else levels), abstract


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,9}", text) else default
