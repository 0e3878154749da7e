"""Ledgers: activity records as offices keep them, read into one frame with the sheet's own row numbers.

Nothing is repaired in silence. How each column was understood is in ``Ledger.columns`` with its score, what could not
be read is in ``Ledger.problems`` with its row numbers, and a date that has two readings has none.
"""

from __future__ import annotations

import csv
import functools
import io
import math
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .lexicon import load
from .measures import number
from .patterns import alternation
from .reading.encodings import decode
from .reading.failures import Unreadable
from .view import fold

if TYPE_CHECKING:
    import pandas as pd

SURE, DOUBTFUL = 75, 55  # of 100: from SURE on a heading is taken, from DOUBTFUL on it is asked about
COLUMNS = ("row", "sheet", "line", "start", "end", "date_text", "precision", "person", "unit", "role", "activity",
           "amounts", "undetermined", "note", "problem", "duplicate_of")  # fmt: skip
_HEADER_DEPTH = 15  # rows in which the heading is looked for


class LedgerError(ValueError):
    """A ledger or roster that cannot be used as it is: what is wrong where, and what to do."""


class Amount(NamedTuple):
    """A number in a record: ``5批`` in ``接待群众5批12人`` is ``Amount(5, "批", "接待群众")``; ``column`` where it has its own."""

    value: float
    unit: str
    label: str = ""
    column: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """How one heading was understood: the field, the score (100: as in the list of words), where it stands."""

    heading: str
    field: str
    score: float
    sheet: str = ""
    asked: bool = False


@dataclass(frozen=True)
class Ledger:
    """Activity records: ``frame`` (one row a record), how the columns were understood, and what to look at.

    Columns of the frame: ``row`` (number of the row as in the sheet, ``3月!5`` where there are several sheets), ``sheet``
    ``line``, ``start`` ``end`` (dates, None where unreadable), ``date_text``, ``precision`` (``day`` or ``month``),
    ``person`` ``unit`` ``role`` ``activity`` ``note`` (as written), ``amounts`` (tuple of ``Amount``), ``undetermined``
    (amount words that name no number), ``problem``, ``duplicate_of`` (the row it repeats).
    """

    path: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    problems: tuple[str, ...]
    year: int | None = None
    year_source: str = ""

    def __str__(self) -> str:
        lines = [f"{self.path}: {len(self.frame)} 条记录"]
        for c in self.columns:
            lines.append(f"  {c.sheet + '!' if c.sheet else ''}{c.heading} → {c.field} ({c.score:.0f})")
        return "\n".join([*lines, *(f"  ! {p}" for p in self.problems)])


# Dates

_N = r"[0-9〇零○一二三四五六七八九十廿卅]"
_DATE = "|".join(
    (
        rf"(?:(?P<roc{{0}}>民国|中华民国)?(?P<y{{0}}>{_N}{{{{1,4}}}}|元)年)?(?P<m{{0}}>{_N}{{{{1,3}}}})月(?P<d{{0}}>{_N}{{{{1,4}}}})[日号]?",
        r"(?P<Y{0}>[0-9]{{1,4}})(?P<s{0}>[-/.])(?P<M{0}>[0-9]{{1,2}})(?P=s{0})(?P<D{0}>[0-9]{{1,2}})",
        r"(?P<P{0}>[0-9]{{4}})(?P<Q{0}>[01][0-9])(?P<R{0}>[0-3][0-9])",
        r"(?P<a{0}>[0-9]{{1,2}})[-/.](?P<b{0}>[0-9]{{1,2}})",
    )
)
_SINGLE = re.compile(f"(?:{_DATE.format(1)})")
_RANGE = re.compile(rf"(?:{_DATE.format(1)})(?:至|到|-+|~+)(?:{_DATE.format(2)}|(?P<last>{_N}{{1,3}})[日号]?)")
_MONTH = re.compile(
    rf"(?:(?P<roc>民国)?(?P<y>{_N}{{2,4}})年)?(?P<m>{_N}{{1,3}})月份?|(?P<Y>[0-9]{{4}})[-/.](?P<M>[0-9]{{1,2}})"
)
_CLOCK = re.compile(
    r"(?:(?<![T\s])[T\s]+|(?<=[日号]))\d{1,2}(?:[:时点]\d{0,2}(?::\d{2}(?:\.\d+)?)?分?|:\d{2})(?:\s*[-~至到]\s*\d{1,2}[:时点]\d{0,2}分?)?Z?$"
)
_AFTER = re.compile(
    r"(?:(?<!\s)\s+)?(?:\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|(?:上午|下午|晚上?|中午|早上|全天|上、下午)[\d:时点分\s~至到-]*)\s*"
)
_MANY = re.compile(r"[日号\d][、,;及和]\s*\d")
_SERIALS = (29221, 73050)  # 1980 to 2099: what an Excel serial of a ledger can be
_EPOCH = date(1899, 12, 30)


class When(NamedTuple):
    """The days of a record, or why they are not known (``problem``). ``precision`` is ``day`` or ``month``."""

    start: date | None
    end: date | None
    precision: str = "day"
    problem: str = ""
    year_given: bool = True


def read_date(value: Any, *, year: int | None = None) -> When:
    """The days that a cell of a ledger names. ``year`` serves where the cell names none.

    >>> [str(read_date(v, year=2023).start) for v in ("2023-3-5", "２０２３年３月５日", "二〇二三年三月五日", "3月5日", 44990)]
    ['2023-03-05', '2023-03-05', '2023-03-05', '2023-03-05', '2023-03-05']
    >>> [str(read_date(v).end) for v in ("民國115年3月5日", "115.3.5", "2023.3.30至4月2日", "2023年12月30日—1月2日")]
    ['2026-03-05', '2026-03-05', '2023-04-02', '2024-01-02']
    >>> read_date("3月5日").problem, read_date("年初").problem
    ('没有年份', '不是日期')
    """
    if isinstance(value, datetime):
        return _day(value.date())
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if _SERIALS[0] <= value <= _SERIALS[1]:
            return _day(_EPOCH + timedelta(days=int(value)))
        value = f"{value:g}" if value < 10_000 else str(int(value))
    if not isinstance(value, str):
        return When(None, None, problem="没有日期" if value is None else "不是日期")
    return _read_text(value, year)


@functools.lru_cache(maxsize=65536)
def _read_text(value: str, year: int | None) -> When:
    text = fold(value).strip()
    if not text:
        return When(None, None, problem="没有日期")
    text = _CLOCK.sub("", text)
    text = _AFTER.sub("", text)
    text = re.sub(r"\s+", "", text).strip("。;,")
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and _SERIALS[0] <= float(text) <= _SERIALS[1]:
        return _day(_EPOCH + timedelta(days=int(float(text))))
    if short := re.fullmatch(r"(\d{1,2})\.([123])", text):  # a spreadsheet writes 3.10 as 3.1
        return When(None, None, problem=f"可能是{short[1]}月{short[2]}日或{short[1]}月{short[2]}0日")
    match = _SINGLE.fullmatch(text)
    if match:
        first = _ymd(match.groupdict(), "1")
        if isinstance(first, str):
            return When(None, None, problem=first)
        return _made(first, first, year)
    match = _RANGE.fullmatch(text)
    if match:
        groups = match.groupdict()
        first = _ymd(groups, "1")
        last = (None, None, int(number(groups["last"]) or 0)) if groups["last"] else _ymd(groups, "2")
        if isinstance(first, str) or isinstance(last, str):
            return When(None, None, problem=first if isinstance(first, str) else str(last))
        return _made(first, last, year)
    match = _MONTH.fullmatch(text)
    if match:
        y, m = match["Y"] or match["y"], int(number(match["M"] or match["m"]) or 0)
        known = _year(y, bool(match["roc"])) if y else year
        if known is None or isinstance(known, str) or not 1 <= m <= 12:
            return When(None, None, problem="没有年份" if known is None else "没有这一天")
        following = date(known + m // 12, m % 12 + 1, 1)
        return When(date(known, m, 1), following - timedelta(days=1), "month", "", bool(y))
    if _MANY.search(text):
        return When(None, None, problem="一格里有几个日期，请分行填写")
    return When(None, None, problem="不是日期")


_Parts = tuple[int | None, int | None, int]


def _ymd(g: Mapping[str, str | None], n: str) -> _Parts | str:
    """Year, month and day of a match, or what is wrong with it."""
    if g[f"m{n}"]:
        y = g[f"y{n}"]
        year = _year(y, bool(g[f"roc{n}"])) if y else None
        parts = (year, number(g[f"m{n}"] or ""), number(g[f"d{n}"] or ""))
    elif g[f"Y{n}"]:
        year = _year(g[f"Y{n}"] or "", False)
        parts = (year, number(g[f"M{n}"] or ""), number(g[f"D{n}"] or ""))
    elif g[f"P{n}"]:
        parts = (int(g[f"P{n}"] or 0), number(g[f"Q{n}"] or ""), number(g[f"R{n}"] or ""))
        year = parts[0]
    else:
        parts = (None, number(g[f"a{n}"] or ""), number(g[f"b{n}"] or ""))
        year = None
    if isinstance(year, str):
        return year
    return (year, int(parts[1] or 0), int(parts[2] or 0))


def _year(text: str, roc: bool) -> int | str:
    """A year as it is written; two digits have two readings (2023 or 民国 23), and so none."""
    value = 1 if text == "元" else int(number(text) or 0)
    if roc:
        return value + 1911
    if 1900 <= value <= 2200:
        return value
    if 80 <= value < 200 and len(text) >= 2:  # 民国: 80 is 1991
        return value + 1911
    return f"年份“{text}”读法不定"


def _made(first: _Parts, last: _Parts, year: int | None) -> When:
    given = first[0] is not None
    y = first[0] if given else (last[0] if last[0] is not None else year)
    if y is None:
        return When(None, None, problem="没有年份", year_given=False)
    try:
        start = date(y, first[1] or 0, first[2])
        month = last[1] or first[1] or 0
        end = date(last[0] or y, month, last[2])
        if end < start and last[0] is None and last[1] is not None and start.month > 9 and end.month < 4:
            end = date(y + 1, month, last[2])  # 12月30日至1月2日
    except ValueError:
        return When(None, None, problem="没有这一天")
    if end < start:
        return When(None, None, problem="结束早于开始")
    if (end - start).days > 366:
        return When(None, None, problem="起止相隔超过一年")
    return When(start, end, year_given=given or last[0] is not None)


def _day(day: date) -> When:
    return When(day, day)


# Amounts

_AMOUNT_UNITS = "个半天|个小时|个工作日|个月|小时|工作日|分钟|人次|批次|户次|天|日|次|批|件|起|人|名|场|期|篇|户|个|条|项|回|周|月|堂|节|课时|公里|处|所|家|元|万元"
_AMOUNT = re.compile(
    rf"(?P<n>(?<![0-9])[0-9]+(?:\.[0-9]+)?[万千百]?|(?<![零一二两三四五六七八九十百千])[零一二两三四五六七八九十百千]+|半)(?P<half>个半)?(?P<u>{_AMOUNT_UNITS})(?P<tail>半(?![天日]))?"
    r"(?P<vague>左右|余|以上|上下|不等)?"
)
_DATE_IN_TEXT = re.compile(
    rf"(?<!{_N})(?:{_N}+年(?:{_N}+月(?:{_N}+[日号])?)?|{_N}+月(?:{_N}+[日号](?:[-~至到]{_N}+[日号])?|份?(?!{_N})|底))|第{_N}+[次批期场届]|[同次当每]日"
)
_FOLDED_UNITS = {"工作日": "天", "个工作日": "天", "日": "天", "批次": "批", "个小时": "小时", "名": "人", "回": "次"}


@functools.lru_cache(maxsize=65536)
def read_amounts(text: str) -> tuple[tuple[Amount, ...], str]:
    """The amounts that a text states, and the words in it that name no number.

    >>> amounts, _ = read_amounts("下访2天,接待群众5批12人")
    >>> [(a.value, a.unit, a.label) for a in amounts]
    [(2, '天', '下访'), (5, '批', '接待群众'), (12, '人', '接待群众')]
    >>> read_amounts("驻村半天")[0][0].value, read_amounts("接待若干人")
    (0.5, ((), '若干人'))
    """
    folded = fold(text)
    masked = _DATE_IN_TEXT.sub(lambda m: "\0" * len(m[0]), folded)
    found: list[Amount] = []
    vague: list[str] = []
    label, at = "", 0
    for match in _AMOUNT.finditer(masked):
        before = re.split(r"[,;。、:()\0\s]", masked[at : match.start()])[-1]
        label = before if before or match.start() != at else label
        at = match.end()
        value = number(match["n"])
        if value is None:
            continue
        if re.search(r"\d[-~至到]$", masked[: match.start()][-2:]):  # 2-3天
            vague.append(masked[match.start() - 2 : match.end()])
            continue
        if match["vague"] or re.search(r"(?:约|近|超过|至少|不少于|每|第)$", before):
            vague.append(match[0])
            continue
        if match["n"][0] == "一" and len(match["n"]) == 1 and match["u"] in ("些", "行"):
            continue
        unit = match["u"]
        if unit == "个半天":
            value, unit = value / 2, "天"
        if match["half"]:
            value += 0.5
        if match["tail"]:
            value += 0.5
        unit = _FOLDED_UNITS.get(unit, unit)
        label = re.sub(r"(?:共计?|合计|累计|达|计|为)$", "", label)
        found.append(Amount(_plain(value), unit, label))
    words = _undetermined().search(masked)
    if words and not vague:
        counted = re.match(_AMOUNT_UNITS, masked[words.end() :])
        vague.append(words[0] + (counted[0] if counted else ""))
    return tuple(found), "、".join(vague)


@functools.lru_cache(maxsize=1)
def _undetermined() -> re.Pattern[str]:
    return re.compile(alternation([w for w in load().terms["ledger_undetermined"] if len(w) > 1]))


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _amount_cell(cell: Any, heading: str) -> tuple[tuple[Amount, ...], str]:
    """An amount column's cell: a bare number counts what the heading says."""
    unit, label = _heading_unit(heading)
    if isinstance(cell, bool) or cell is None:
        return (), ""
    if isinstance(cell, (int, float)):
        if not math.isfinite(cell) or cell < 0:
            return (), str(cell)
        return (Amount(_plain(float(cell)), unit, label, True),), ""
    if isinstance(cell, (date, time)):
        return (), str(cell)  # Excel made a date of 2-3
    text = fold(str(cell)).strip()
    if not text or text in ("-", "/", "无", "—"):
        return (), ""
    value = number(text)
    if value is not None and text not in ("半",):
        return (Amount(_plain(value), unit, label, True),), ""
    found, vague = read_amounts(text)
    rest = _AMOUNT.sub("", text).strip("约共计,、;及和加 ")
    if found and not vague:
        return tuple(a._replace(label=a.label or label, column=True) for a in found), ""
    words = vague or rest or text
    return (), words if not unit or words.endswith(unit) else words + unit


@functools.lru_cache(maxsize=256)
def _heading_unit(heading: str) -> tuple[str, str]:
    folded = re.sub(r"\s+", "", fold(heading)).lower()
    bracket = re.search(r"\(([^)]+)\)", folded)
    label = re.sub(r"\([^)]*\)", "", folded)
    units: Mapping[str, str] = load().terms["ledger_amount_units"]
    if bracket and re.fullmatch(_AMOUNT_UNITS, bracket[1]):
        return _FOLDED_UNITS.get(bracket[1], bracket[1]), label
    for word, unit in sorted(units.items(), key=lambda item: -len(item[0])):
        if word in label:
            return unit, label.replace(word, "")
    return "", label


# Sheets


@dataclass(slots=True)
class _Sheet:
    """Cells of a sheet: lines as they stand (index 0 is row 1), and what of them is merged."""

    name: str
    lines: list[Sequence[Any]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    line_numbers: list[int] | None = None


def _sheets(path: Path) -> tuple[list[_Sheet], list[str]]:
    if not path.exists():
        raise LedgerError(f"{path}: 没有这个文件 (there is no such file)。请检查路径。")
    ending = path.suffix.lower()
    if ending in (".xlsx", ".xlsm"):
        return _read_xlsx(path)
    if ending in (".csv", ".tsv", ".txt"):
        return _read_csv(path)
    raise LedgerError(f"{path}: 台账读 .csv 或 .xlsx，这是“{ending or '无后缀'}”。请用 Excel 或 WPS 另存为 .xlsx。")


def _read_csv(path: Path) -> tuple[list[_Sheet], list[str]]:
    try:
        decoded = decode(path.read_bytes())
    except Unreadable as error:
        raise LedgerError(f"{path}: 无法读取 ({error})；请用 Excel 另存为“CSV UTF-8”。") from None
    sample = "\n".join(decoded.text.splitlines()[:20])
    delimiter = max(",\t;", key=lambda sign: (sample.count(sign), sign == ","))
    if sample.count(delimiter) == 0 and sample.count("，") > 3:
        delimiter = "，"
    lines: list[Sequence[Any]] = []
    numbers: list[int] = []
    limit = csv.field_size_limit(2**31 - 1)
    try:
        reader = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=delimiter)
        for number_, cells in enumerate(reader, 1):
            lines.append(["" if c is None else c for c in cells])
            numbers.append(number_)  # a row of the sheet, whatever line breaks its cells hold
    except csv.Error as error:
        raise LedgerError(f"{path}: 第 {len(lines) + 1} 行不是 CSV ({error})；请用 Excel 另存后再试。") from None
    finally:
        csv.field_size_limit(limit)
    return [_Sheet("", lines)], [f"{path.name}: {note}" for note in decoded.notes]


def _read_xlsx(path: Path) -> tuple[list[_Sheet], list[str]]:
    import openpyxl

    problems: list[str] = []
    try:
        merged, formulas = _scan_xlsx(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise LedgerError(f"{path}: 不是可读的 .xlsx ({error})；加密的请先解密，损坏的请用 Excel 另存。") from None
    found: list[_Sheet] = []
    try:
        for sheet in book.worksheets:
            if not hasattr(sheet, "reset_dimensions"):
                continue
            part = getattr(sheet, "_worksheet_path", "").lstrip("/")
            sheet.reset_dimensions()
            if getattr(sheet, "sheet_state", "visible") != "visible":
                problems.append(f"工作表“{sheet.title}”是隐藏的，也已读取")
            lines: list[Sequence[Any]] = list(sheet.iter_rows(values_only=True))
            found.append(_Sheet(sheet.title, lines, merged.get(part, [])))
        if any(formulas.values()):
            _put_formulas(path, found, problems)
    finally:
        book.close()
    return found, problems


def _scan_xlsx(path: Path) -> tuple[dict[str, list[tuple[int, int, int, int]]], dict[str, bool]]:
    """Merged cells and whether there are formulas, by part: the quick reader of openpyxl tells neither."""
    from openpyxl.utils import range_boundaries

    merged: dict[str, list[tuple[int, int, int, int]]] = {}
    formulas: dict[str, bool] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                continue
            refs: list[str] = []
            tail, has = b"", False
            with archive.open(name) as file:
                while chunk := file.read(1 << 20):
                    part = tail + chunk
                    refs += [m.decode() for m in re.findall(rb'<(?:\w+:)?mergeCell ref="([A-Z0-9:]+)"', part)]
                    has = has or re.search(rb"<(?:\w+:)?f[ >/]", part) is not None
                    tail = part[-64:]
            spans = {range_boundaries(ref) for ref in refs}
            merged[name] = sorted((r1, c1, r2, c2) for c1, r1, c2, r2 in spans)
            formulas[name] = has
    return merged, formulas


def _put_formulas(path: Path, sheets: list[_Sheet], problems: list[str]) -> None:
    """Where a formula has no value in the file, its text stands for it, as text: nothing in a ledger is ever run."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    try:
        for sheet, source in zip(sheets, (s for s in book.worksheets if hasattr(s, "reset_dimensions")), strict=False):
            source.reset_dimensions()
            places = []
            for n, cells in enumerate(source.iter_rows(values_only=True)):
                for k, cell in enumerate(cells):
                    if isinstance(cell, str) and cell.startswith("=") and n < len(sheet.lines):
                        line = sheet.lines[n]
                        if k >= len(line) or line[k] is None:
                            changed = list(line) + [None] * (k + 1 - len(line))
                            changed[k] = cell
                            sheet.lines[n] = changed
                            places.append(n + 1)
            if places:
                problems.append(f"{_at(sheet.name, places)}：公式没有算出的值，按文字读取")
    finally:
        book.close()


def _at(sheet: str, lines: Iterable[int], most: int = 0) -> str:
    numbers = sorted(set(lines))
    shown = numbers[:most] if most else numbers
    more = f" 等 {len(numbers)} 行" if most and len(numbers) > most else ""
    return (f"工作表“{sheet}”" if sheet else "") + "第 " + "、".join(map(str, shown)) + " 行" + more


# Columns


def _normal(heading: Any) -> str:
    return re.sub(r"[\s*:＊]+", "", fold(str(heading))).lower() if not isinstance(heading, str) or heading else ""


@functools.lru_cache(maxsize=4096)
def _score(heading: str, table: str) -> tuple[tuple[float, str], ...]:
    """What a heading can mean, best first: (score, field)."""
    from rapidfuzz import fuzz

    words: Mapping[str, Sequence[str]] = load().terms[table]
    bare = re.sub(r"\([^)]*\)", "", heading) or heading
    best: dict[str, float] = {}
    for name, synonyms in words.items():
        for synonym in synonyms:
            score = max(fuzz.ratio(heading, synonym), fuzz.ratio(bare, synonym))
            if len(synonym) > 1 and score < 100 and not synonym.isascii():
                if bare.endswith(synonym):
                    score = max(score, 88 - 2 * max(0, len(bare) - len(synonym) - 3))
                elif synonym in bare:
                    score = max(score, 72)
            best[name] = max(best.get(name, 0), score)
    return tuple(sorted(((s, n) for n, s in best.items()), reverse=True))


@dataclass(slots=True)
class _Header:
    line: int  # 0-based, the last row of the heading
    headings: list[str]
    title: str


def _find_header(sheet: _Sheet, table: str, given: Mapping[str, str]) -> _Header | None:
    """The heading: the row whose cells are most often names of columns, and the row below it if it goes on there."""
    best, at = 0.0, -1
    wanted = {_normal(h) for h in given.values()}
    for n, cells in enumerate(sheet.lines[:_HEADER_DEPTH]):
        names = [_normal(c) for c in cells if isinstance(c, str) and c.strip()]
        if len(names) < 2:
            continue
        hits = sum(
            min(_score(h, table)[0][0], 100) / 100 for h in names if len(h) <= 20 and _score(h, table)[0][0] >= SURE
        )
        hits += sum(1 for h in names if h in wanted)
        if hits >= 2 and hits > best + 0.5:
            best, at = hits, n
    if at < 0:
        return None
    if at and _goes_on(sheet, at, table):
        at -= 1
    title = " ".join(str(c) for cells in sheet.lines[:at] for c in cells if c not in (None, ""))
    top = [str(c).strip() if c not in (None, "") else "" for c in sheet.lines[at]]
    for r1, c1, r2, c2 in sheet.merged:
        if r1 <= at + 1 <= r2:  # a heading over several columns names each of them
            for c in range(c1 - 1, min(c2, len(top))):
                top[c] = top[c] or top[c1 - 1]
    below = sheet.lines[at + 1] if at + 1 < len(sheet.lines) else ()
    texts = [str(c).strip() if c not in (None, "") else "" for c in below]
    named = [t for t in texts if t]
    if named and all(not any(ch.isdigit() for ch in t) and len(t) <= 12 for t in named):
        hits = sum(_score(_normal(t), table)[0][0] >= SURE for t in named)
        two = any(r1 == at + 1 and (r2 > r1 or c2 > c1) for r1, c1, r2, c2 in sheet.merged)
        free = sum(1 for k, t in enumerate(texts) if t and not (k < len(top) and top[k]))
        if hits >= 1 and hits >= len(named) / 2 and (two or free or hits == len(named)):
            width = max(len(top), len(texts))
            top += [""] * (width - len(top))
            texts += [""] * (width - len(texts))
            return _Header(at + 1, [b or a for a, b in zip(top, texts, strict=True)], title)
    return _Header(at, top, title)


def _goes_on(sheet: _Sheet, at: int, table: str) -> bool:
    """Whether the heading began in the row above: names of columns over cells that are empty here."""
    here = sheet.lines[at]
    return any(
        isinstance(cell, str) and 0 < len(_normal(cell)) <= 12 and _score(_normal(cell), table)[0][0] >= SURE
        and not (k < len(here) and here[k])
        for k, cell in enumerate(sheet.lines[at - 1])
    )  # fmt: skip


def _map(
    path: Path, sheet: _Sheet, header: _Header, table: str, given: Mapping[str, str], needed: Sequence[str]
) -> tuple[dict[str, list[int]], list[Column]]:
    """Field → positions of its columns (several only for amounts)."""
    fields: Mapping[str, Any] = load().terms[table]
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise LedgerError(f"{path}: 没有名为 {', '.join(unknown)} 的字段；可用的有 {', '.join(fields)}。")
    positions: dict[str, list[int]] = {}
    found: list[Column] = []
    taken: set[int] = set()
    normal = [_normal(h) for h in header.headings]
    faults: list[str] = []
    for name, heading in given.items():
        hits = [k for k, h in enumerate(normal) if h == _normal(heading)]
        if not hits:
            shown = "、".join(h for h in header.headings if h)
            faults.append(f"--columns {name}={heading}：没有“{heading}”这一列，表头是：{shown}")
            continue
        positions[name] = hits[:1]
        taken.update(hits[:1])
        found.append(Column(header.headings[hits[0]], name, 100, sheet.name, True))
    candidates = sorted(
        ((score, name, k) for k, h in enumerate(normal) if h and k not in taken for score, name in _score(h, table)[:3]
         if score >= DOUBTFUL),
        key=lambda c: (-c[0], c[2]),
    )  # fmt: skip
    rivals: dict[str, list[int]] = {}
    best: dict[int, tuple[float, str]] = {}
    for score, name, k in candidates:
        if k not in best:
            best[k] = (score, name)
    for k, (score, name) in sorted(best.items(), key=lambda item: (-item[1][0], item[0])):
        if score < SURE or name in given:
            continue
        if name in ("amount", "other", "note"):
            positions.setdefault(name, []).append(k)
        elif name not in positions:
            positions[name] = [k]
            rivals[name] = [k]
        elif best[positions[name][0]][0] - score < 5:
            rivals[name].append(k)
            continue
        else:
            continue
        found.append(Column(header.headings[k], name, score, sheet.name))
    for name, several in rivals.items():
        if len(several) < 2:
            continue
        if name == "date":  # a column of hours is no rival of a column of dates
            several = [k for k in several if _dates_in(sheet, header, k)] or several
        if len(several) == 1:
            k = several[0]
            found = [c for c in found if c.field != name]
            found.append(Column(header.headings[k], name, best[k][0], sheet.name))
            positions[name] = [k]
        elif name in (*needed, "person", "unit"):
            heads = "、".join(f"“{header.headings[k]}”" for k in several)
            faults.append(f"{heads} 都像 {name}，请指定：--columns {name}={header.headings[several[0]]}")
    for name in needed:
        if name in positions or any(f.startswith(f"--columns {name}=") for f in faults):
            continue
        maybe = [
            (s, k)
            for k, h in enumerate(normal)
            if h and k not in taken
            for s, n in _score(h, table)
            if n == name and s >= 40
        ]
        advice = (
            f"；最像的是“{header.headings[max(maybe)[1]]}”({max(maybe)[0]:.0f} 分)，若是请写 --columns {name}={header.headings[max(maybe)[1]]}"
            if maybe
            else ""
        )
        shown = "、".join(h for h in header.headings if h)
        faults.append(
            f"没有找到 {name}（{'、'.join(fields[name][:3])}）列{advice or f'；表头是：{shown}。请写 --columns {name}=列名'}"
        )
    if faults:
        where = f"{path}" + (f"，工作表“{sheet.name}”" if sheet.name else "") + f"，第 {header.line + 1} 行表头"
        raise LedgerError(f"{where}：\n- " + "\n- ".join(faults))
    return positions, found


def _dates_in(sheet: _Sheet, header: _Header, k: int) -> bool:
    cells = [
        line[k]
        for line in sheet.lines[header.line + 1 : header.line + 60]
        if k < len(line) and line[k] not in (None, "")
    ]
    return sum(read_date(cell, year=2000).start is not None for cell in cells) * 2 > len(cells)


def _fill(sheet: _Sheet, after: int) -> dict[tuple[int, int], tuple[int, int]]:
    """For each empty cell inside a merged one, below the heading: the cell that holds the value (0-based)."""
    filled: dict[tuple[int, int], tuple[int, int]] = {}
    for r1, c1, r2, c2 in sheet.merged:
        if r2 - 1 <= after or r2 - r1 > 5000 or c2 - c1 > 50:
            continue
        for r in range(max(r1 - 1, after + 1), r2):
            for c in range(c1 - 1, c2):
                if (r, c) != (r1 - 1, c1 - 1):
                    filled[r, c] = (r1 - 1, c1 - 1)
    return filled


# Ledgers


def read_ledger(
    path: str | os.PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
    year: int | None = None,
    sheet: str | None = None,
) -> Ledger:
    """Read activity records from a CSV or XLSX file as an office keeps it.

    ``columns`` settles which column is which (``{"date": "时间"}``; fields: date end person unit role level activity
    category place amount note), ``year`` the year of dates that name none (else that of the title above the heading or
    of the sheet's name), ``sheet`` the one sheet to read (else all that have a heading).

    Raises ``LedgerError`` for a file that cannot be read and for missing or doubtful columns (all at once). Single
    cells that cannot be read do not stop it: they are in ``problems``, with the row numbers of the sheet.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp(), "l.csv")
    >>> _ = file.write_text("时间,姓名,工作内容\\n2024年3月5日—7日,王某,下访3天\\n三月,李某,接访1次\\n", encoding="utf-8")
    >>> ledger = read_ledger(file)
    >>> ledger.frame[["row", "start", "end", "person"]].values.tolist()[0]
    ['2', datetime.date(2024, 3, 5), datetime.date(2024, 3, 7), '王某']
    >>> ledger.problems
    ('日期无法识别 1 行：第 3 行“三月”（没有年份）',)
    """
    path = Path(path)
    sheets, problems = _sheets(path)
    if sheet is not None:
        if sheet not in [s.name for s in sheets]:
            raise LedgerError(f"{path}: 没有工作表“{sheet}”；有：{'、'.join(s.name for s in sheets)}")
        sheets = [s for s in sheets if s.name == sheet]
    given = dict(columns or {})
    records: list[dict[str, Any]] = []
    found: list[Column] = []
    headers = []
    for one in sheets:
        if not any(c not in (None, "") for cells in one.lines for c in cells):
            if len(sheets) > 1 or one.name:
                problems.append(f"工作表“{one.name}”是空的")
            continue
        header = _find_header(one, "ledger_columns", given)
        if header is None:
            problems.append(
                f"{f'工作表“{one.name}”' if one.name else path.name}：前 {_HEADER_DEPTH} 行里没有找到表头，未读取"
            )
            continue
        headers.append((one, header))
    if not headers:
        why = "；".join(problems) or "是空的"
        raise LedgerError(
            f"{path}: 没有可读的记录（{why}）。第一行请写列名，如 日期、姓名、单位、职务、事项、次数、备注；或用 --columns 指明。"
        )
    years: list[tuple[int | None, str]] = []
    for one, header in headers:
        positions, mapped = _map(path, one, header, "ledger_columns", given, ("date", "activity"))
        if not {"person", "unit"} & set(positions):
            raise LedgerError(
                f"{path}，第 {header.line + 1} 行表头：\n- 没有找到 person（姓名）或 unit（单位）列；请写 --columns person=列名"
            )
        found += mapped
        of, source = (year, "year") if year else _year_of(header.title, one.name)
        years.append((of, source))
        records += _records(one, header, positions, of, named=len(headers) > 1, problems=problems)
    _problems(records, problems, years)
    _duplicates(records, problems)
    import pandas as pd

    frame = pd.DataFrame(records, columns=list(COLUMNS), dtype="object")
    return Ledger(str(path), frame, tuple(found), tuple(problems), *(years[0] if len(set(years)) == 1 else (None, "")))


def _year_of(title: str, sheet: str) -> tuple[int | None, str]:
    for text, source in ((title, "title"), (sheet, "sheet")):
        found = {
            int(number(y) or 0)
            for y in re.findall(
                r"(?<![\d〇零一二三四五六七八九])((?:19|20)\d\d|二[〇零○][〇零○一二三四五六七八九]{2})年", fold(text)
            )
        }
        if not found:
            found = {int(y) for y in re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", fold(text))}
        found |= {int(number(y) or 0) + 1911 for y in re.findall(r"民国(\d{2,3})年", fold(text))}
        if len(found) == 1:
            return found.pop(), source
    return None, ""


def _records(
    sheet: _Sheet,
    header: _Header,
    positions: Mapping[str, list[int]],
    year: int | None,
    *,
    named: bool,
    problems: list[str],
) -> Iterator[dict[str, Any]]:
    filled = _fill(sheet, header.line)
    shared: list[int] = []
    names = {_normal(h) for h in header.headings if h}

    for n in range(header.line + 1, len(sheet.lines)):
        line = sheet.lines[n]
        if all(c is None or c == "" for c in line):
            continue

        def cell(name: str, line: Sequence[Any] = line, n: int = n) -> Any:
            return at(positions[name][0], line, n) if name in positions else None

        def at(k: int, line: Sequence[Any] = line, n: int = n) -> Any:
            value = line[k] if k < len(line) else None
            if value in (None, "") and (n, k) in filled:
                r, c = filled[n, k]
                value = sheet.lines[r][c] if c < len(sheet.lines[r]) else None
            return value

        texts = {
            name: _text(cell(name))
            for name in ("person", "unit", "role", "level", "activity", "category", "place", "note")
        }
        if sum(_normal(c) in names for c in line if isinstance(c, str) and c) >= 3:
            continue  # the heading once more, as on every printed page
        own = [
            k
            for name in ("date", "person", "activity")
            for k in positions.get(name, ())
            if k < len(line) and line[k] not in (None, "")
        ]
        first = next((str(c) for c in line if c not in (None, "")), "")
        if re.match(r"(?:合计|总计|小计|共计|填表说明|填报说明|注[:：]|备注[:：]|制表|审核)", re.sub(r"\s", "", first)):
            problems.append(f"{_at(sheet.name if named else '', [n + 1])}：“{first[:12]}”不是记录，未读取")
            continue
        if not own and not texts["activity"] and not texts["person"]:
            problems.append(f"{_at(sheet.name if named else '', [n + 1])}：没有日期、人员和事项，未读取")
            continue
        when = read_date(cell("date"), year=year)
        end = cell("end")
        if when.start and end not in (None, ""):
            last = read_date(end, year=year or when.start.year)
            if last.end is None or last.end < when.start:
                when = When(None, None, problem=f"结束日期“{_text(end)}”：{last.problem or '早于开始'}")
            else:
                when = When(when.start, last.end, when.precision, "", when.year_given)
        amounts: list[Amount] = []
        unsure: list[str] = []
        for k in positions.get("amount", ()):
            if (n, k) in filled and (k >= len(line) or line[k] in (None, "")):
                shared.append(n + 1)
                unsure.append("合并单元格中的数量")
                continue
            stated, vague = _amount_cell(at(k), header.headings[k])
            amounts += stated
            unsure += [vague] if vague else []
        kinds = {a.unit for a in amounts}
        for name in ("activity", "note"):
            stated, vague = read_amounts(texts[name])
            amounts += [a for a in stated if a.unit not in kinds]
            unsure += [vague] if vague and name == "activity" else []
        role = " ".join(t for t in (texts["level"], texts["role"]) if t)
        activity = "：".join(t for t in (texts["category"], texts["activity"]) if t)
        yield {
            "row": f"{sheet.name}!{n + 1}" if named else str(n + 1),
            "sheet": sheet.name,
            "line": n + 1,
            "start": when.start,
            "end": when.end,
            "date_text": _text(cell("date")),
            "precision": when.precision,
            "person": texts["person"],
            "unit": texts["unit"],
            "role": role,
            "activity": activity
            + (f"（{texts['place']}）" if texts["place"] and texts["place"] not in activity else ""),
            "amounts": tuple(amounts),
            "undetermined": "、".join(unsure),
            "note": texts["note"],
            "problem": when.problem if when.start is None else ("" if when.year_given else "year"),
            "duplicate_of": "",
        }
    if shared:
        problems.append(
            f"{_at(sheet.name if named else '', shared, 20)}：数量在合并单元格里，属于其中哪一行无法判断，只计入首行"
        )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _problems(records: list[dict[str, Any]], problems: list[str], years: Sequence[tuple[int | None, str]]) -> None:
    """What the whole ledger shows: unreadable dates (all at once), years taken from elsewhere, odd years, 若干."""
    undated = [r for r in records if r["start"] is None]
    if undated:
        places = "；".join(f"第 {r['row']} 行“{r['date_text']}”（{r['problem']}）" for r in undated)
        problems.append(f"日期无法识别 {len(undated)} 行：{places}")
    lent = [r for r in records if r["problem"] == "year"]
    if lent:
        source = {"title": "表题", "sheet": "工作表名", "year": "给定的 year"}.get(years[0][1], "表题")
        used = "、".join(sorted({str(r["start"].year) for r in lent}))
        problems.append(f"{len(lent)} 行日期没有写年份，按{source}作 {used} 年")
        for r in lent:
            r["problem"] = ""
    counted = Counter(r["start"].year for r in records if r["start"])
    if counted:
        main, most = max(counted.items(), key=lambda item: (item[1], -item[0]))
        odd = [
            r for r in records if r["start"] and abs(r["start"].year - main) and counted[r["start"].year] * 20 < most
        ]
        if odd:
            places = "、".join(f"第 {r['row']} 行 {r['start'].year}" for r in odd)
            problems.append(f"年份与其他行（{main} 年）不同，请核对：{places}")
            for r in odd:
                r["problem"] = f"年份是 {r['start'].year}，其他行是 {main}"
    unsure = [r for r in records if r["undetermined"]]
    if unsure:
        places = "；".join(f"第 {r['row']} 行“{r['undetermined']}”" for r in unsure[:30])
        problems.append(f"数量不明 {len(unsure)} 行：{places}{' …' if len(unsure) > 30 else ''}")


def _duplicates(records: list[dict[str, Any]], problems: list[str]) -> None:
    """Flag a record that repeats an earlier one: the same days, person and words."""
    first: dict[tuple[Any, ...], str] = {}
    found = []
    for r in records:
        if r["start"] is None:
            continue
        key = (r["start"], r["end"], _bare(r["person"]), _bare(r["unit"]) if not r["person"] else "",
               _bare(r["activity"]), tuple((a.value, a.unit) for a in r["amounts"]))  # fmt: skip
        if key in first:
            r["duplicate_of"] = first[key]
            found.append(f"第 {r['row']} 行同第 {first[key]} 行")
        else:
            first[key] = r["row"]
    if found:
        problems.append(f"重复 {len(found)} 行，只计一次：{'；'.join(found[:30])}{' …' if len(found) > 30 else ''}")


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


def people(cell: str) -> tuple[tuple[str, ...], bool]:
    """The names in a cell, and whether it says that there were more (等).

    >>> people("王某、李某"), people("张 三（副市长）"), people("赵某等5人")
    ((('王某', '李某'), False), (('张三',), False), (('赵某',), True))
    """
    text = re.sub(r"\([^)]*\)", "", fold(cell))
    more = bool(re.search(r"等(?:\d+[人名]?|[一二三四五六七八九十]+[人名]|同志|人)?\s*$", text))
    text = re.sub(r"等(?:\d+[人名]?|[一二三四五六七八九十]+[人名]|同志|人)?\s*$", "", text)
    names: list[str] = []
    for part in re.split(r"[、,;/\n]+|\s{2,}", text):
        pieces = part.split()
        if len(pieces) > 1 and all(len(p) >= 2 and not p.isascii() for p in pieces):
            names += pieces
        elif pieces:
            names.append(" ".join(pieces) if part.isascii() else "".join(pieces))
    return tuple(re.sub(r"同志$", "", n) for n in names if n), more


# Rosters


def read_roster(path: str | os.PathLike[str], *, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Who holds which level and role, from when to when: a frame with ``name unit level role from to row``.

    A row without a name is a unit (各县 and their like are checked unit by unit then). ``from`` and ``to`` are dates or
    None; unreadable ones raise ``LedgerError``, all rows at once, since a term that is guessed makes findings wrong.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp(), "r.csv")
    >>> _ = file.write_text("姓名,单位,级别,职务,任职时间\\n王某,市政府,市级,领导干部,2024年6月1日\\n", encoding="utf-8")
    >>> read_roster(file)[["name", "level", "from"]].values.tolist()
    [['王某', '市级', datetime.date(2024, 6, 1)]]
    """
    import pandas as pd

    path = Path(path)
    given = dict(columns or {})
    sheets, _ = _sheets(path)
    rows: list[dict[str, Any]] = []
    faults: list[str] = []
    for sheet in sheets:
        header = _find_header(sheet, "roster_columns", given)
        if header is None:
            continue
        positions, _ = _map(path, sheet, header, "roster_columns", given, ("name",))
        filled = _fill(sheet, header.line)
        for n in range(header.line + 1, len(sheet.lines)):
            cells: dict[str, Any] = {}
            for name, (k, *_more) in positions.items():
                value = sheet.lines[n][k] if k < len(sheet.lines[n]) else None
                if value in (None, "") and (n, k) in filled:
                    r, c = filled[n, k]
                    value = sheet.lines[r][c]
                cells[name] = value
            if all(value in (None, "") for value in cells.values()):
                continue
            row: dict[str, Any] = {name: _text(cells.get(name)) for name in ("name", "unit", "level", "role")}
            for name in ("from", "to"):
                value = cells.get(name)
                if value in (None, "") or _text(value) in ("至今", "现在", "-", "—"):
                    row[name] = None
                    continue
                when = read_date(value)
                row[name] = when.start if name == "from" else when.end
                if when.start is None:
                    faults.append(f"第 {n + 1} 行“{_text(value)}”（{when.problem}）")
            row["row"] = n + 1
            if row["name"] or row["unit"]:
                row["name"] = "".join(row["name"].split()) if not row["name"].isascii() else row["name"]
                rows.append(row)
    if faults:
        raise LedgerError(f"{path}: 任职日期无法识别：{'；'.join(faults)}。请写成 2024-06-01。")
    if not rows:
        raise LedgerError(f"{path}: 没有找到花名册。第一行请写列名：姓名、单位、级别、职务、任职起始、任职截止。")
    return pd.DataFrame(rows, columns=["name", "unit", "level", "role", "from", "to", "row"], dtype="object")
