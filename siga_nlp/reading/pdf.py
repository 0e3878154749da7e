"""PDF → text as laid out, line by line, with the spans of page headers, footers and page numbers.

A scan has no text: it is refused with advice, not read as an empty document.
"""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ..models import Span
from .failures import Unreadable

MARGIN = 0.12
"""Share of the page's height, above and below, in which headers, footers and page numbers stand."""
SAME_HEIGHT = 0.02
"""Two lines on different pages stand at the same height if they differ by less (share of the page's height)."""
REPEATS = 0.3
"""Share of the pages on which a line must be repeated to be a page header (odd and even pages may differ)."""

_OCR = "run text recognition (OCR) on it and read the result, or find the text version on the publisher's site"
_PAGE_NUMBER = re.compile(
    r"[\s\-‐-―－_·•.|~～〔\[（(]*+第?\s*+(\d{1,4}|[０-９]{1,4})\s*+页?(\s*+[/／,，]?\s*+共?\s*+\d{1,4}\s*+页?)?[\s\-‐-―－_·•.|~～〕\]）)]*"
)
_EDGE_NUMBER = re.compile(
    r"^(?:[\-‐-―－·•|]\s*)?(?:第\s*)?(\d{1,4})(?:\s*页)?(?:\s*[\-‐-―－·•|]+|\s+)|(?:(?<![\-‐-―－·•|])[\-‐-―－·•|]+\s*|(?<!\s)\s+|第\s*)(\d{1,4})(?:\s*页)?(?:\s*[\-‐-―－·•|])?$"
)


@dataclass(frozen=True, slots=True)
class Pages:
    """The text of all pages, joined by one line break, and what of it is furniture."""

    text: str
    furniture: tuple[Span, ...]
    metadata: dict[str, str]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Line:
    text: str
    page: int
    height: float  # of the line's middle above the page's foot, 0 to 1


def read_pdf(data: bytes) -> Pages:
    """Read a PDF from its bytes; raises :class:`Unreadable` (``encrypted``, ``scan``, ``corrupt``, ``garbled``)."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Unreadable(
                "encrypted",
                "it is encrypted: a password is needed to read it",
                "print or save a copy without the password",
            ) from None
        raise Unreadable("corrupt", f"it is no readable PDF ({error})", "download or export it again") from None
    try:
        return _read(document)
    finally:
        document.close()


def _read(document: Any) -> Pages:
    import pypdfium2

    lines: list[_Line] = []
    without_text: list[int] = []
    damaged: list[int] = []
    count = len(document)
    for number in range(count):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            damaged.append(number + 1)
            continue
        try:
            found = _lines(page, number)
            if not found and _has_pictures(page):
                without_text.append(number + 1)
            lines.extend(found)
        except pypdfium2.PdfiumError:
            damaged.append(number + 1)
        finally:
            page.close()
    furniture = _furniture(lines, count)
    body = "".join(line.text for i, line in enumerate(lines) if i not in furniture)
    if without_text and len(re.sub(r"\s", "", body)) < 10 * len(without_text) and len(without_text) * 2 > count:
        raise Unreadable(
            "scan", f"it is a scan: {len(without_text)} of its {count} page(s) are pictures without text", _OCR
        )
    if not body.strip():
        what = "its pages cannot be read" if damaged else "its pages hold no text"
        raise Unreadable("corrupt" if damaged else "no_text", what, _OCR)
    _check_garbled(body)
    notes = []
    if without_text:
        notes.append(
            f"pages_without_text: {_ranges(without_text)} of {count} hold pictures only and were not read; {_OCR}"
        )
    if damaged:
        notes.append(f"pages_damaged: {_ranges(damaged)} of {count} could not be read")
    text, spans = _joined(lines, furniture)
    metadata = {k: v for k, v in document.get_metadata_dict(skip_empty=True).items() if v.strip()}
    return Pages(text, spans, metadata, tuple(notes))


def _lines(page: Any, number: int) -> list[_Line]:
    """The lines of a page in the order of its content, with their heights."""
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()
    try:
        count = pdfium.FPDFText_CountChars(textpage)
        low, high = page.get_cropbox()[1::2]  # the media box, where there is no crop box
        size = (high - low) or 1.0
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        lines: list[_Line] = []
        units: list[int] = []
        middles: list[float] = []

        def flush() -> None:
            text = _characters(units)
            if text.strip():
                height = sorted(middles)[len(middles) // 2] if middles else 0.5
                lines.append(_Line(text.rstrip(" \t"), number, height))
            units.clear()
            middles.clear()

        for index in range(count):
            unit = pdfium.FPDFText_GetUnicode(textpage, index)
            if unit in (0x0A, 0x0D):
                flush()
                continue
            if unit == 0:
                continue
            units.append(unit)
            drawn = unit not in (0x20, 0x3000, 0xA0) and len(middles) < 40
            if drawn and pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
                middles.append(((bottom.value + top.value) / 2 - low) / size)
        flush()
        return lines
    finally:
        textpage.close()


def _characters(units: list[int]) -> str:
    """Code units to characters: surrogate pairs are joined, PDFium's mark of a hyphen at the line end is one."""
    text = "".join("-" if unit in (0x02, 0xFFFE) else chr(unit) for unit in units if unit < 0x110000)
    if any("\ud800" <= c <= "\udfff" for c in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _has_pictures(page: Any) -> bool:
    import pypdfium2.raw as pdfium

    return (
        next(iter(page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH), max_depth=3)), None)
        is not None
    )


def _furniture(lines: list[_Line], pages: int) -> set[int]:
    """Indices of the lines that are page numbers, or headers and footers repeated at the same height."""
    margin = [i for i, line in enumerate(lines) if line.height < MARGIN or line.height > 1 - MARGIN]
    found = _page_numbers(lines, margin, pages)
    groups: dict[tuple[str, int | None], list[int]] = defaultdict(list)
    for i in margin:
        line = lines[i].text.strip()
        # A page number beside the header runs with the pages; any other number is part of what is said
        # (不少于 2 at the foot of two pages), and only lines with the same number are the same.
        if len(line) > 100:
            continue
        edge = _EDGE_NUMBER.search(line)
        offset = int(edge[1] or edge[2]) - lines[i].page if edge else None
        core = re.sub(r"\s+", "", _EDGE_NUMBER.sub("", line))
        # A sentence at the head of two pages is text, whatever it repeats.
        if i not in found and 1 < len(core) <= 60 and not core.endswith(("。", "；", "：", "，", "、")):
            groups[core, offset].append(i)
            if edge:
                groups[re.sub(r"\s+", "", line), None].append(i)
    for group in groups.values():
        for i in group:
            there = {lines[j].page for j in group if abs(lines[j].height - lines[i].height) < SAME_HEIGHT}
            if len(there) >= max(2, REPEATS * pages):
                found.add(i)
    return found


def _page_numbers(lines: list[_Line], margin: list[int], pages: int) -> set[int]:
    """Lines that hold a number and nothing else, if the numbers run with the pages (12 alone may be a cell)."""
    numbered: list[tuple[int, int]] = []
    for i in margin:
        line = lines[i].text.strip()
        match = _PAGE_NUMBER.fullmatch(line) if len(line) <= 40 else None
        if match:
            numbered.append((i, int(match[1])))
    runs: dict[int, set[int]] = defaultdict(set)
    for i, value in numbered:
        runs[value - lines[i].page].add(lines[i].page)
    return {
        i
        for i, value in numbered
        if len(runs[value - lines[i].page]) >= 2
        or not re.fullmatch(r"[\d０-９]+", lines[i].text.strip())  # — 1 —, 第1页
        or (pages == 1 and value == 1)
    }


def _joined(lines: list[_Line], furniture: set[int]) -> tuple[str, tuple[Span, ...]]:
    """The whole text, and the furniture's spans, each with its line break so that what is left reads on."""
    parts: list[str] = []
    spans: list[Span] = []
    position = 0
    for i, line in enumerate(lines):
        end = position + len(line.text) + (1 if i + 1 < len(lines) else 0)
        if i in furniture:
            begin = position
            if i + 1 == len(lines) and begin > 0 and not (spans and spans[-1][1] == begin):
                begin -= 1  # the last line has no line break of its own
            if spans and spans[-1][1] == begin:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((begin, end))
        parts.append(line.text)
        position = end
    return "\n".join(parts), tuple(spans)


def _check_garbled(text: str) -> None:
    """A PDF may draw the right shapes and say the wrong characters (fonts without a Unicode table)."""
    from .encodings import plausibility

    sample = text[:60_000]
    visible = re.sub(r"\s", "", sample)
    if len(visible) >= 20 and plausibility(sample) < 0.35:
        raise Unreadable(
            "garbled",
            "its text is garbled: the fonts do not say which characters they draw",
            _OCR,
        )


def _ranges(pages: list[int]) -> str:
    """
    >>> _ranges([1, 2, 3, 7])
    'pages 1–3, 7'
    """
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    shown = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)
    return f"page {shown}" if len(pages) == 1 else f"pages {shown}"
