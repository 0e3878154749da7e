"""A comparison where people look: one HTML page that opens without network, and one XLSX workbook.

Both hold the matrix item × region (or document) with the measure and a mark for its level in each cell, the quotes
with their places, what each region lacks, and the rules by which levels and figures come about. Everything from
documents is escaped; a level is told by colour, by a sign and by its name.
"""

from __future__ import annotations

import math
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .alignment import ITEMS, POLICIES, Alignment, align
from .comparison import COMPARISON, compare_rows, demand
from .derived_topics import DERIVED
from .messages import LANGUAGES, PERIODS, label
from .table import COLUMNS, is_missing, records, to_frame

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = dict[str, Any]
StrPath: TypeAlias = str | os.PathLike[str]
SCRIPTS = ("simplified", "traditional")


@dataclass(frozen=True, slots=True)
class _Level:
    """How a level is shown: sign, names (en, zh), tint and ink in the light and in the dark theme."""

    sign: str
    names: tuple[str, str]
    light: tuple[str, str]
    dark: tuple[str, str]


# Hues by Okabe and Ito, who chose them for colour-blind readers; the sign and the name say the same without colour.
_LEVELS: Mapping[str, _Level] = {
    "reference": _Level("◆", ("reference", "参照"), ("#ffffff", "#1b1b1b"), ("#161616", "#e9e9e6")),
    "only": _Level("◇", ("only here", "仅此一方"), ("#ffffff", "#1b1b1b"), ("#161616", "#e9e9e6")),
    "same": _Level("＝", ("same", "相同"), ("#d0efe4", "#00533c"), ("#0d3b2f", "#6fe0bd")),
    "stricter": _Level("▲", ("stricter", "更严"), ("#cfe3f5", "#004a77"), ("#10374f", "#8fd0fa")),
    "looser": _Level("▼", ("looser", "更宽"), ("#fde3b8", "#6b4300"), ("#49340a", "#ffc04d")),
    "different": _Level("≠", ("not comparable", "不可比"), ("#f3d9e8", "#7a2455"), ("#4a1f38", "#f0b3d4")),
    "unmeasured": _Level("？", ("one unmeasured", "一方未量化"), ("#f8f3a8", "#544c00"), ("#3f3b06", "#f3e95a")),
    "absent": _Level("✕", ("absent", "没有"), ("#e4e4e4", "#4a4a4a"), ("#303030", "#b8b8b8")),
    "not_compared": _Level("·", ("other policy", "政策不同未比"), ("#ffffff", "#6a6a6a"), ("#161616", "#a0a0a0")),
    "not_applicable": _Level("–", ("not applicable", "不适用"), ("#f6f6f3", "#6a6a6a"), ("#222220", "#a0a0a0")),
}
_OUT = ("not_applicable", "not_compared")  # cells that say nothing of what is missing
_MIRRORED = {"stricter": "looser", "looser": "stricter"}
_ORDERED = ("frequency_level", "quantity_level", "deadline_level", "modality_level")
_FIELDS = (*_ORDERED, "who_level", "scope_level", "lead_level")

# key → (English, Chinese)
_SAY: Mapping[str, tuple[str, str]] = {
    "title": ("Requirements compared", "政策要求对比"),
    "counts": (
        "{columns} compared · {items} items · {pairs} pairs",
        "{columns} 个对象 · {items} 项要求 · {pairs} 对比较",
    ),
    "documents": ("What is compared", "对比对象"),
    "name": ("name", "名称"),
    "document": ("document", "文件"),
    "issuer": ("issuer", "发文机关"),
    "number": ("number", "发文字号"),
    "date": ("date", "日期"),
    "region": ("region", "地区"),
    "requirements": ("requirements", "要求数"),
    "policies": (
        "Documents of different policies are compared only in the items that they share; none of them lacks what another "
        "policy asks. Of one policy are: {told}.",
        "政策不同的文件只比较共有的要求，不因政策不同而算作缺项。属同一政策的文件：{told}。",
    ),
    "levels": ("Levels", "比较结果"),
    "level": ("level", "结果"),
    "cells": ("cells of the matrix", "矩阵单元格数"),
    "matrix": ("Matrix", "对比矩阵"),
    "matrix_note": (
        "Each row is one duty of one kind of actor. The mark in a cell says how it stands to the reference of its row (◆: the "
        "baseline or, without one, the first that asks).",
        "每行是同类主体的一项要求。单元格中的标记表示与本行参照对象（◆：指定的基准；未指定时为最左边提出要求的一方）相比的结果。",
    ),
    "click": (
        "A click on a cell opens the quotes and their places; a click on an item, all its pairs.",
        "点击单元格可查看双方原文及其位置；点击要求名称可查看逐对比较。",
    ),
    "printed": ("Numbers in brackets lead to the quotes at the end.", "方括号中的数字指向文末的原文引注。"),
    "shortened": (
        "Only {shown} of {count} items are shown, those that most have; all are in the long table.",
        "此处只列出 {count} 项中各方提出较多的 {shown} 项，全部内容见逐对比较明细。",
    ),
    "further": ("… and {count} more: see the long table", "……另有 {count} 项，见逐对比较明细"),
    "item": ("item", "要求"),
    "other_topic": ("(no topic)", "（无主题）"),
    "no_measure": ("asked, no measure", "有要求，未量化"),
    "quote": ("quote", "原文"),
    "reference_quote": ("reference", "参照原文"),
    "place": ("{section} characters {start}–{end}", "{section} 第 {start}–{end} 字"),
    "no_quote": (
        "The table holds no quotes; the place is that in the source.",
        "表中不含原文；位置为原文件中的位置。",
    ),
    "cut": ("[{count} more characters in the table]", "［余下 {count} 字见表］"),
    "fields": ("field by field", "逐字段"),
    "why": ("why", "理由"),
    "who": ("who", "主体"),
    "frequency_level": ("frequency", "频次"),
    "quantity_level": ("quantity", "数量"),
    "deadline_level": ("deadline", "期限"),
    "modality_level": ("modality", "性质"),
    "who_level": ("who is bound", "主体"),
    "scope_level": ("scope", "范围"),
    "lead_level": ("lead unit", "牵头单位"),
    "all_pairs": ("all pairs of this item", "本项逐对比较"),
    "demand": ("Demand by region and topic", "各地各主题的要求强度"),
    "demand_note": (
        "Darker is more. — : asks nothing under this topic; “n/a”: asks, but nothing of it can be ranked against another.",
        "颜色越深，要求越多越严；“—”表示该主题下没有要求，“不可排”表示有要求但无法与他方排序。",
    ),
    "unranked": ("n/a", "不可排"),
    "topic": ("topic", "主题"),
    "coverage": ("Coverage", "覆盖情况"),
    "coverage_note": (
        "Items asked of those that any of the compared asks.",
        "已提出的要求占各方所提要求总项数的比例。",
    ),
    "all_topics": ("all topics", "全部主题"),
    "missing": ("What each lacks", "各方缺少的要求"),
    "missing_note": (
        "Items that others ask and this one does not. What binds only another level of administration is not counted.",
        "他方提出而本方没有的要求；只约束其他层级的不计入。",
    ),
    "lacks_nothing": ("lacks nothing", "没有缺项"),
    "asked_by": ("asked by", "提出方"),
    "lacking": ("lacking", "缺少方"),
    "rules": ("How levels are decided", "比较结果如何判定"),
    "formula": ("How the figures are computed", "指标如何计算"),
    "notes": ("Quotes", "原文引注"),
    "many": (
        "The quotes of {count} cells are in the table; they are left out of the print.",
        "{count} 个单元格的原文见数据表，打印时从略。",
    ),
    "nothing": ("There is nothing to compare in this table.", "此表中没有可对比的内容。"),
    "role": ("who (level and role)", "主体（层级与类别）"),
    "figures": ("Figures", "指标"),
    "share": ("share", "提出比例"),
    "index": ("index of demand", "要求强度"),
    "items": ("items that could bind there", "可适用项数"),
    "asked": ("asked", "已提出"),
    "ranked": ("ranked", "可排项数"),
    "mean_rank": ("mean rank", "平均位次"),
    "about": ("About", "说明"),
    "table_note": (
        "The sheet “table” holds the long table, one row an item × pair; its columns keep the names that programs read.",
        "工作表“table”为逐对比较明细（每行一项要求 × 一对对象），列名供程序读取，保持不变。",
    ),
}


def comparison_html(
    comparison: pd.DataFrame,
    table: pd.DataFrame,
    *,
    alignment: Alignment | None = None,
    lang: str = "zh",
    script: str = "simplified",
) -> str:
    """A comparison as one page for any browser: no script, no address, both themes, prints on A4 landscape.

    Args:
        comparison: The long table of ``sg.compare``: one row an item × pair.
        table: The requirement table that was compared, for places, subjects and measures.
        alignment: That of the comparison, which says what documents are of one policy; ``align`` finds it if left out.
        lang: ``zh`` or ``en``, of every heading.
        script: ``simplified`` or ``traditional``, of Chinese headings; quotes stay in their own script.

    Returns:
        The page, as text. Write it as UTF-8.

    Raises:
        ValueError: An unknown language or script, or a column of the comparison is missing.
    """
    words = _Words(*_checked(lang, script))
    grid = _grid(comparison, table, alignment, lang)
    body = "\n".join(_sections(grid, table, words))
    code = {"en": "en", "zh": "zh-Hans"}[lang] if script == "simplified" else {"en": "en", "zh": "zh-Hant"}[lang]
    title = _safe(words("title"))
    return (
        f'<!DOCTYPE html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        '<meta name="color-scheme" content="light dark"/>\n'
        f"<title>{title}</title>\n<style>{_css()}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def comparison_xlsx(
    comparison: pd.DataFrame,
    table: pd.DataFrame,
    path: StrPath,
    *,
    alignment: Alignment | None = None,
    lang: str = "zh",
    script: str = "simplified",
) -> None:
    """A comparison as a workbook: matrix with the quotes as comments, long table, what each lacks, figures, rules.

    Args:
        comparison: The long table of ``sg.compare``.
        table: The requirement table that was compared.
        alignment: That of the comparison; ``align`` finds it if left out.
        path: Where to write it; the file appears when it is complete.
        lang: ``zh`` or ``en``, of every heading but those of the sheet ``table``, which programs read.
        script: ``simplified`` or ``traditional``, of Chinese headings.

    Raises:
        ValueError: An unknown language or script, or a column of the comparison is missing.
        OSError: It cannot be written there.
    """
    import datetime

    import xlsxwriter

    words = _Words(*_checked(lang, script))
    grid = _grid(comparison, table, alignment, lang)
    beside = Path(path).with_name(f".{Path(path).name}.{os.getpid()}.new")
    try:
        # Nothing but our own calls decides what a cell is: texts stay texts, whatever they begin with.
        with xlsxwriter.Workbook(os.fspath(beside)) as book:
            book.set_properties({"created": datetime.datetime(2000, 1, 1), "title": words("title")})
            styles = _Styles(book)
            _matrix_sheet(book, styles, grid, words)
            _table_sheet(book, styles, comparison)
            _missing_sheet(book, styles, grid, words)
            _figures_sheet(book, styles, grid, table, words)
            _about_sheet(book, styles, grid, table, words)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


# Words


def _checked(lang: str, script: str) -> tuple[str, str]:
    if lang not in LANGUAGES:
        raise ValueError(f"lang is {lang!r}; it can be {' or '.join(LANGUAGES)}")
    if script not in SCRIPTS:
        raise ValueError(f"script is {script!r}; it can be {' or '.join(SCRIPTS)}")
    return lang, script


@dataclass(frozen=True, slots=True)
class _Words:
    """Headings in the language and the script that are asked for."""

    lang: str
    script: str

    def __call__(self, key: str, **values: object) -> str:
        return self.own(_SAY[key][self.number]).format(**values)

    @property
    def number(self) -> int:
        return LANGUAGES.index(self.lang)

    def own(self, text: str) -> str:
        """Our own words (headings, normalized labels) in the script; never a quote."""
        return _traditional(text) if self.script == "traditional" else text

    def level(self, name: str) -> str:
        shown = _LEVELS.get(name)
        return self.own(shown.names[self.number]) if shown else name

    def sign(self, name: str) -> str:
        return _LEVELS[name].sign if name in _LEVELS else "·"


@lru_cache(maxsize=4096)
def _traditional(text: str) -> str:
    return str(_converter().convert(text))


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


# What would steer a page or cannot be written is shown as a picture or as U+FFFD.
_VISIBLE = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF], 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}  # fmt: skip


def _visible(text: Any) -> str:
    return str(text).replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)


def _safe(text: Any) -> str:
    return escape(_visible(text))


# The long table → rows and columns


@dataclass(frozen=True, slots=True)
class _Entry:
    """One requirement in a cell: how it stands to the reference of its row."""

    row: Row
    level: str
    pair: Row | None = None
    against: Row | None = None


@dataclass(slots=True)
class _Item:
    key: str
    topic: str | None
    role: str | None
    name: str = ""
    reference: str | None = None
    cells: dict[str, list[_Entry]] = field(default_factory=dict)
    empty: dict[str, str] = field(default_factory=dict)
    pairs: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Grid:
    columns: list[str]
    items: list[_Item]
    shown: list[_Item]  # of a comparison too large to look at: those that most have
    pairs: int
    levels: Counter[str]  # of the cells
    policies: pd.DataFrame  # of the documents, see ``Alignment``


_MOST_CELLS = 40_000  # of the matrix: a browser and a reader still manage
_MOST_LACKED = 8_000  # lines of what all of them lack, on the page

_NEEDED = ("item", "topic", "role", "document", "other", "requirement_id", "other_id", "level", "why", *_ORDERED)


def _grid(comparison: pd.DataFrame, table: pd.DataFrame, alignment: Alignment | None, lang: str) -> _Grid:
    missing = [name for name in _NEEDED if name not in comparison.columns]
    if missing:
        raise ValueError(
            f"this is no comparison: columns are missing: {', '.join(missing)}. Make it with `siga compare` or sg.compare."
        )
    rows = {row["requirement_id"]: row for row in records(table)}
    pairs = [_plain(row) for row in comparison.to_dict("records")]
    columns = list(dict.fromkeys(name for side in ("document", "other") for name in (p[side] for p in pairs) if name))
    sources = _sources(table)
    levels = {column: found[0][0].get("level") for column, found in sources.items()}
    if alignment is not None:
        policies = alignment.policies
    else:
        policies = align(table).policies if rows else to_frame([], columns=POLICIES)
    policy = {row["doc_id"]: row["policy"] for row in policies.to_dict("records")}
    of = {column: {policy.get(row["doc_id"]) for row, _ in found} for column, found in sources.items()}
    baseline = _baseline(pairs)
    order = sorted(columns, key=lambda c: (c != baseline, _height(levels.get(c)), c))
    items: dict[str, _Item] = {}
    for pair in pairs:
        key = str(pair["item"])
        items.setdefault(key, _Item(key, pair["topic"], pair["role"])).pairs.append(pair)
    for item in items.values():
        _fill(item, order, rows, levels, lang)
        mine = {policy.get(entry.row["doc_id"]) for entries in item.cells.values() for entry in entries}
        item.empty |= {
            column: "not_compared"
            for column, level in item.empty.items()
            if level == "absent" and column not in _lacking(item) and mine.isdisjoint(of.get(column, mine))
        }
    shared = Counter(item.topic for item in items.values() if len(item.cells) > 1)
    ranked = sorted(
        items.values(),
        key=lambda i: (
            i.topic is None,
            (i.topic or "").startswith(DERIVED),
            -shared[i.topic],
            i.topic or "",
            -len(i.cells),
            _rank(i),
            i.key,
        ),
    )
    most = max(_MOST_CELLS // max(len(order), 1), 1)
    chosen = ranked
    if len(ranked) > most:
        keys = {item.key for item in sorted(ranked, key=lambda i: -len(i.cells))[:most]}
        chosen = [item for item in ranked if item.key in keys]
    return _Grid(order, ranked, chosen, len(pairs), _tally(ranked), policies)


def _tally(items: Iterable[_Item]) -> Counter[str]:
    found: Counter[str] = Counter()
    for item in items:
        found.update(entry.level for entries in item.cells.values() for entry in entries)
        found.update(item.empty.values())
    return found


_HIERARCHY = ("central", "province", "city", "county", "township", "village")


def _baseline(pairs: Sequence[Row]) -> str | None:
    """The one that all others are compared with, if there is one: no pair of the comparison is without it."""
    shared = set.intersection(*({p["document"], p["other"]} for p in pairs)) if pairs else set()
    measured = {p["document"] for p in pairs if p["other_id"] is not None} & shared
    return min(measured or shared, default=None)


def _height(level: str | None) -> int:
    return _HIERARCHY.index(level) if level in _HIERARCHY else len(_HIERARCHY)


def _named(item: _Item) -> list[int]:
    """The levels that an item binds, as places in the hierarchy."""
    return [_HIERARCHY.index(part) for part in (item.role or "").split() if part in _HIERARCHY]


def _rank(item: _Item) -> list[int]:
    return _named(item) or [len(_HIERARCHY)]


def _plain(row: Mapping[Any, Any]) -> Row:
    return {str(name): None if is_missing(cell) else cell for name, cell in row.items()}


def _fill(
    item: _Item, columns: Sequence[str], rows: Mapping[str, Row], levels: Mapping[str, str | None], lang: str
) -> None:
    """The cells of an item: its requirements by column, and how each stands to the reference."""
    held: dict[str, dict[str, Row]] = {}
    for pair in item.pairs:
        for column, key, quote in (("document", "requirement_id", "text"), ("other", "other_id", "other_text")):
            id_ = pair[key]
            if id_ is not None:
                row = rows.get(id_) or _unknown(id_, pair.get(quote))
                held.setdefault(pair[column], {})[id_] = row
    between: dict[tuple[str, str], list[Row]] = defaultdict(list)
    lacking = _lacking(item)
    for pair in item.pairs:
        between[pair["document"], pair["other"]].append(pair)
    item.reference = next((c for c in columns if c in held), None)
    references = held.get(item.reference or "", {})
    for column in columns:
        for _, row in sorted(held.get(column, {}).items(), key=lambda e: (e[1]["start"] or 0, e[0])):
            if column == item.reference:
                item.cells.setdefault(column, []).append(_Entry(row, "reference" if len(held) > 1 else "only"))
                continue
            pair_of, level, against = _standing(item, column, row, references, between, lang)
            item.cells.setdefault(column, []).append(_Entry(row, level, pair_of, against))
        if column not in held:
            # Some pairs are not in the comparison (of those that share no item; with a baseline, of the others).
            fits = column in lacking or _fits(item, held, levels.get(column))
            item.empty[column] = "absent" if fits else "not_applicable"
    first = item.cells[item.reference][0].row if item.reference else None
    item.name = str((first or {}).get("action") or (first or {}).get("text") or item.key)


def _lacking(item: _Item) -> set[str]:
    return {pair["other"] for pair in item.pairs if pair["level"] == "absent"}


def _fits(item: _Item, held: Mapping[str, Mapping[str, Row]], level: str | None) -> bool:
    """Whether an item could bind anybody there: not if all its requirements name only levels above."""
    if level not in _HIERARCHY:
        return True
    named = [_bound(item, row) for rows in held.values() for row in rows.values()]
    return any(not levels or max(map(_height, levels)) >= _height(level) for levels in named)


def _bound(item: _Item, row: Row) -> list[str]:
    """The levels for which a requirement stands in an item."""
    own, bound = row["subject_level"] or [], [_HIERARCHY[n] for n in _named(item)]
    return [level for level in own if level in bound] or [level for level in own if level in _HIERARCHY]


def _standing(
    item: _Item,
    column: str,
    row: Row,
    references: Mapping[str, Row],
    between: Mapping[tuple[str, str], list[Row]],
    lang: str,
) -> tuple[Row | None, str, Row | None]:
    """How a requirement stands to the reference of its row: as the comparison says, else compared here."""
    id_, reference = row["requirement_id"], item.reference or ""
    for pair in between.get((reference, column), ()):
        if pair["other_id"] == id_ and pair["requirement_id"] in references:
            return pair, pair["level"] or "different", references[pair["requirement_id"]]
    for pair in between.get((column, reference), ()):
        if pair["requirement_id"] == id_ and pair["other_id"] in references:
            fields = {name: _MIRRORED.get(pair.get(name), pair.get(name)) for name in ("level", *_FIELDS)}
            turned = {**pair, **fields, "why": None, "requirement_id": pair["other_id"], "other_id": id_}
            return turned, fields["level"] or "different", references[pair["other_id"]]
    against = next(iter(references.values()))
    found = compare_rows(against, row, lang=lang)
    pair = {
        "requirement_id": against["requirement_id"],
        "other_id": id_,
        "why": found.why or None,
        **{name: getattr(found, name.removesuffix("_level")) for name in _FIELDS},
    }
    return pair, found.level, against


def _unknown(id_: str, text: Any) -> Row:
    """A requirement that the table does not hold: its quote, and no more."""
    return {**dict.fromkeys(COLUMNS), "requirement_id": id_, "text": text}


# Measures in words

_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "approx": "≈", "eq": "", "range": ""}
_UNITS = {"Y": ("years", "年"), "M": ("months", "个月"), "W": ("weeks", "周"), "D": ("days", "天")}
_MODES = {"prohibition": ("must not", "不得"), "permission": ("may", "可"), "recommendation": ("encouraged", "鼓励")}


def _amount(op: str | None, value: float | None, most: float | None) -> str:
    if value is None:
        return ""
    return f"{_SIGNS.get(op or 'eq', '')}{value:g}" + (f"–{most:g}" if most is not None else "")


def _period(period: str, n: int) -> str:
    if period in PERIODS:
        return PERIODS[period][n]
    unit = _UNITS.get(period[-1:])
    if unit and period[1:-1].isdigit():
        return f"every {period[1:-1]} {unit[0]}" if n == 0 else f"每{period[1:-1]}{unit[1]}"
    return period


_BY = re.compile(r"by (?:(\d{4}(?:-\d\d){0,2})|--(\d\d)(?:-(\d\d))?|---(\d\d))")
_RUN = re.compile(r"(within )?P(T?)(\d+(?:\.\d+)?)(WD|[YMWDHS])( before)?")
_ENDS = {
    "year-end": "年底前",
    "quarter-end": "季末前",
    "month-end": "月底前",
    "week-end": "周末前",
    "semester-end": "学期末前",
}
_LENGTHS = {
    **_UNITS,
    "WD": ("working days", "个工作日"),
    "TH": ("hours", "小时"),
    "TM": ("minutes", "分钟"),
    "TS": ("seconds", "秒"),
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _deadline(deadline: str, n: int) -> str:
    """A deadline in words; a form that is not known here stays as the table has it.

    >>> _deadline("by --02", 1), _deadline("within P15D", 1), _deadline("P3D before", 0), _deadline("by --12-10", 0)
    ('2月底前', '15天内', '3 days before', 'by December 10')
    """
    by = _BY.fullmatch(deadline)
    if by and by[1]:
        return f"{by[1]}前" if n else deadline
    if by and by[4]:
        return f"每月{int(by[4])}日前" if n else f"by day {int(by[4])} of the month"
    if by and 1 <= int(by[2]) <= 12:
        month, day = int(by[2]), by[3] and int(by[3])
        if n:
            return f"{month}月{day}日前" if day else f"{month}月底前"
        return f"by {_MONTHS[month - 1]} {day}" if day else f"by the end of {_MONTHS[month - 1]}"
    run = _RUN.fullmatch(deadline)
    if run and (run[1] is None) != (run[5] is None):
        unit = _LENGTHS.get(run[2] + run[4])
        if unit and run[1]:
            return f"{run[3]}{unit[1]}内" if n else f"within {run[3]} {unit[0]}"
        if unit:
            return f"提前{run[3]}{unit[1]}" if n else f"{run[3]} {unit[0]} before"
    return _ENDS.get(deadline.removeprefix("by "), deadline) if n else deadline


def _measure(row: Row, words: _Words) -> str:
    """The measure of a requirement as the columns have it, short enough for a cell."""
    n = words.number
    often = _amount(row["frequency_op"], row["frequency_count"], row["frequency_max"])
    much = _amount(row["quantity_op"], row["quantity_value"], row["quantity_max"])
    much += str(row["quantity_unit"] or "") if much else ""
    if much and row["basis"]:
        much += f"/{row['basis']}"
    period = _period(row["frequency_period"], n) if row["frequency_period"] else ""
    if n == 0:
        counted = ", ".join(part for part in (f"{often}×" if often else "", much) if part)
        alone = f"every {period[2:]}" if period.startswith("a ") else period
        told = f"{counted} {period}".rstrip() if counted else alone
    else:
        told = period + "、".join(part for part in (f"{often}次" if often else "", much) if part)
    if row["deadline"]:
        told = ", ".join(part for part in (told, _deadline(row["deadline"], n)) if part)
    told = words.own(told)
    told = told or str(row["vague"] or "")
    mode = _MODES.get(row["modality"] or "")
    if mode:
        return f"{words.own(mode[n])} {told}".rstrip()
    return told or words("no_measure")


def _role(item: _Item, words: _Words) -> str:
    parts = [label(part, words.lang) for part in str(item.role or "").split()]
    return words.own(" ".join(parts))


# The page


def _sections(grid: _Grid, table: pd.DataFrame, words: _Words) -> Iterator[str]:
    yield f"<h1>{_safe(words('title'))}</h1>"
    counts = words("counts", columns=len(grid.columns), items=len(grid.items), pairs=grid.pairs)
    yield f'<p class="soft">{_safe(counts)}</p>'
    if not grid.items:
        yield f"<p>{_safe(words('nothing'))}</p>"
        return
    yield _documents(grid, table, words)
    yield _legend(grid, words)
    notes = _Notes()
    yield _matrix(grid, words, notes)
    yield _heat_map(_demands(grid, table), grid, words)
    yield _coverage(grid, words)
    yield _missing(grid, words)
    yield _explained("rules", _RULES, words)
    yield _explained("formula", _FORMULAS, words)
    yield notes.printed(words)


def _documents(grid: _Grid, table: pd.DataFrame, words: _Words) -> str:
    """Which documents stand behind each column."""
    heads = ("name", "document", "issuer", "number", "date", "requirements")
    lines = []
    known = _sources(table)
    for column in grid.columns:
        for first, count in known.get(column, [({}, 0)]):
            cells = [column, first.get("title"), first.get("issuer"), first.get("doc_number"), first.get("date")]
            told = "".join(
                f'<td class="{"nw" if n in (0, 3, 4) else "w"}">{_safe(cell or "")}</td>'
                for n, cell in enumerate(cells)
            )
            lines.append(f'<tr>{told}<td class="n">{count or ""}</td></tr>')
    head = "".join(f"<th>{_safe(words(name))}</th>" for name in heads)
    title, told = _safe(words("documents")), _policies(grid, words)
    note = f'<p class="soft">{_safe(told)}</p>' if told else ""
    return (
        f'<section><h2>{title}</h2><div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>{note}</section>"
    )


def _policies(grid: _Grid, words: _Words) -> str:
    """Which documents are of one policy, where there are several policies."""
    of: dict[str, list[str]] = defaultdict(list)
    for row in grid.policies.to_dict("records"):
        of[row["policy"]].append(row["doc_id"])
    comma, bar = (("、", "；"), (", ", "; "))[words.number == 0]
    return words("policies", told=bar.join(comma.join(docs) for docs in of.values())) if len(of) > 1 else ""


def _sources(table: pd.DataFrame) -> dict[str, list[tuple[Row, int]]]:
    """Documents by their id, region and level, whichever names a column; each with its number of requirements."""
    counts: Counter[str] = Counter()
    first: dict[str, Row] = {}
    for row in records(table):
        counts[row["doc_id"]] += 1
        first.setdefault(row["doc_id"], row)
    known: dict[str, list[tuple[Row, int]]] = {}
    for doc_id, row in first.items():
        for name in {doc_id, row["region"], row["level"]} - {None}:
            known.setdefault(name, []).append((row, counts[doc_id]))
    return known


def _chip(level: str, words: _Words) -> str:
    return f'<span class="chip l-{_class(level)}">{words.sign(level)} {_safe(words.level(level))}</span>'


def _class(level: str) -> str:
    return level if level in _LEVELS else "different"


def _legend(grid: _Grid, words: _Words) -> str:
    shown = "".join(
        f'<li>{_chip(name, words)} <span class="soft">{grid.levels[name]}</span></li>'
        for name in [*_LEVELS, *sorted(set(grid.levels) - set(_LEVELS))]
    )
    return (
        f'<section><h2>{_safe(words("levels"))} <span class="soft">({_safe(words("cells"))})</span></h2>'
        f'<ul class="legend">{shown}</ul></section>'
    )


_NOTED = 1500  # cells whose quotes are printed; a longer list helps nobody on paper
_LONGEST = 1200  # characters of a quote on the page


@dataclass(slots=True)
class _Notes:
    """Quotes as they are printed: numbered, in the order of the matrix."""

    lines: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    left_out: int = 0

    def number(self, row: Row, quoted: str) -> str:
        id_ = str(row["requirement_id"])
        if id_ not in self.numbers:
            if len(self.lines) >= _NOTED:
                self.left_out += 1
                return ""
            self.lines.append(quoted)
            self.numbers[id_] = len(self.lines)
        return f'<sup class="note">[{self.numbers[id_]}]</sup>'

    def printed(self, words: _Words) -> str:
        lines = "".join(f'<li value="{n}">{line}</li>' for n, line in enumerate(self.lines, 1))
        more = f"<p>{_safe(words('many', count=self.left_out))}</p>" if self.left_out else ""
        return f'<section class="notes"><h2>{_safe(words("notes"))}</h2><ol>{lines}</ol>{more}</section>'


def _place(row: Row, words: _Words) -> str:
    if row["start"] is None:
        return str(row["requirement_id"])
    place = words("place", section=row["section"] or "", start=row["start"], end=row["end"]).strip()
    return f"{row['doc_id']} {place}"


def _quoted(row: Row, words: _Words) -> str:
    """A quote with its place, for the screen and for print."""
    place = f'<span class="place">{_safe(_place(row, words))}</span>'
    if row["text"] is None:
        who = _safe(" ".join(str(row[name]) for name in ("subject", "action", "measure") if row[name]))
        return f'{place} <span class="facts">{who}</span> <span class="soft">{_safe(words("no_quote"))}</span>'
    text = str(row["text"])
    more = words("cut", count=len(text) - _LONGEST) if len(text) > _LONGEST else ""
    cut = f'<span class="soft">{_safe(more)}</span>' if more else ""
    return f"{place} <q>{_safe(text[:_LONGEST])}</q>{cut}"


def _matrix(grid: _Grid, words: _Words, notes: _Notes) -> str:
    head = "".join(f'<th scope="col">{_safe(words.own(column))}</th>' for column in grid.columns)
    parts = []
    for topic in dict.fromkeys(item.topic for item in grid.shown):
        name = words.own(topic) if topic else words("other_topic")
        parts.append(
            f'<tbody><tr class="topic"><th colspan="{len(grid.columns) + 1}" scope="rowgroup"><span>{_safe(name)}</span>'
            "</th></tr>"
        )
        for item in (i for i in grid.shown if i.topic == topic):
            cells = "".join(_cell(item, column, words, notes) for column in grid.columns)
            parts.append(f"<tr>{_item_head(item, words)}{cells}</tr>")
        parts.append("</tbody>")
    return (
        f'<section><h2>{_safe(words("matrix"))}</h2><p class="soft">{_safe(words("matrix_note"))} '
        f'<span class="screen">{_safe(words("click"))}</span><span class="note">{_safe(words("printed"))}</span>{_cut(grid, words)}</p>'
        f'<div class="wide tall"><table class="matrix"><thead><tr><th scope="col">{_safe(words("item"))}</th>{head}</tr>'
        f"</thead>{''.join(parts)}</table></div></section>"
    )


def _cut(grid: _Grid, words: _Words) -> str:
    if len(grid.shown) == len(grid.items):
        return ""
    return f" <b>{_safe(words('shortened', shown=len(grid.shown), count=len(grid.items)))}</b>"


def _item_head(item: _Item, words: _Words) -> str:
    role = f'<span class="role">{_safe(_role(item, words))}</span>' if item.role else ""
    name = item.name if len(item.name) <= 60 else item.name[:59] + "…"
    lines = []
    for pair in item.pairs[:200]:
        reasons = _safe(pair["why"] or "")
        fields = "; ".join(
            f"{words(f)} {words.sign(pair[f])} {words.level(pair[f])}" for f in _FIELDS if pair[f] is not None
        )
        lines.append(
            f"<li>{_safe(words.own(str(pair['document'])))} → {_safe(words.own(str(pair['other'])))} "
            f'{_chip(pair["level"] or "different", words)} <span class="soft">{_safe(fields)}</span> {reasons}</li>'
        )
    more = f'<li class="soft">… {len(item.pairs) - 200}</li>' if len(item.pairs) > 200 else ""
    pairs = f'<ul class="pairs">{"".join(lines)}{more}</ul>'
    return (
        f'<th scope="row"><details><summary>{role}<span>{_safe(name)}</span></summary>'
        f'<div class="pop"><b>{_safe(item.key)} · {_safe(words("all_pairs"))}</b>{pairs}</div></details></th>'
    )


def _cell(item: _Item, column: str, words: _Words, notes: _Notes) -> str:
    if column in item.empty:
        level = item.empty[column]
        return f'<td class="l-{level}"><span class="mark">{words.sign(level)} {_safe(words.level(level))}</span></td>'
    shown = "".join(_opened(entry, words, notes) for entry in item.cells[column])
    return f'<td class="l-{_class(item.cells[column][0].level)}">{shown}</td>'


def _opened(entry: _Entry, words: _Words, notes: _Notes) -> str:
    row = entry.row
    number = notes.number(row, _quoted(row, words))
    facts = []
    if row["subject"]:
        facts.append(f"<dt>{_safe(words('who'))}</dt><dd>{_safe(row['subject'])}</dd>")
    facts.append(f"<dt>{_safe(words('quote'))}</dt><dd>{_quoted(row, words)}</dd>")
    if entry.pair is not None and entry.against is not None:
        facts.append(f"<dt>{_safe(words('reference_quote'))}</dt><dd>{_quoted(entry.against, words)}</dd>")
        fields = " · ".join(
            f"{words(name)} {words.sign(entry.pair[name])} {words.level(entry.pair[name])}"
            for name in _FIELDS
            if entry.pair[name] is not None
        )
        if fields:
            facts.append(f"<dt>{_safe(words('fields'))}</dt><dd>{_safe(fields)}</dd>")
        if entry.pair["why"]:
            facts.append(f"<dt>{_safe(words('why'))}</dt><dd>{_safe(entry.pair['why'])}</dd>")
    mark = f'<span class="mark">{words.sign(entry.level)} {_safe(words.level(entry.level))}</span>'
    return (
        f"<details><summary><b>{_safe(_measure(row, words))}</b>{number} {mark}</summary>"
        f'<div class="pop"><dl>{"".join(facts)}</dl></div></details>'
    )


# Figures


@dataclass(frozen=True, slots=True)
class _Demand:
    """Index, share and rank of a column's requirements under a topic, and the numbers behind them."""

    index: float | None
    asked: int
    told: str
    row: Row


def _demands(grid: _Grid, table: pd.DataFrame) -> dict[tuple[str, str | None], _Demand]:
    """The index of demand over the items of the comparison itself, so that all figures of a page agree."""
    of = {row["requirement_id"]: row for row in records(table)}
    lines = []
    for item in grid.items:
        for entries in item.cells.values():
            for row in (of[e.row["requirement_id"]] for e in entries if e.row["requirement_id"] in of):
                line = {"item": item.key, "topic": item.topic, "role": item.role, "levels": _bound(item, row)}
                lines.append({**line, "requirement_id": row["requirement_id"], "doc_id": row["doc_id"]})
    by = "doc_id" if set(grid.columns) <= {row["doc_id"] for row in of.values()} else "region"
    if len({row[by] for row in of.values()}) < 2:  # a part of the table that was compared
        return {}
    empty = to_frame([])
    alignment = Alignment(to_frame(lines, columns=ITEMS), empty, empty, empty, grid.policies)
    found = {}
    for row in (_plain(r) for r in demand(table, by=by, alignment=alignment).to_dict("records")):
        names = ("asked", "items", "share", "ranked", "mean_rank", "index")
        told = ", ".join(f"{name} {_figure(row[name])}" for name in names if row[name] is not None)
        found[str(row[by]), row["topic"]] = _Demand(row["index"], row["asked"] or 0, told, row)
    return found


def _figure(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _heat_map(found: Mapping[tuple[str, str | None], _Demand], grid: _Grid, words: _Words) -> str:
    """Topics down, regions across: an inline drawing with the number in each field."""
    topics = list(dict.fromkeys(item.topic for item in grid.items))
    left, top, wide, high = 132, 46, 100, 26
    width, height = left + wide * len(grid.columns) + 8, top + high * len(topics) + 8
    parts = []
    for x, column in enumerate(grid.columns):
        name = words.own(column)
        whole = name if len(name) <= 14 else "…" + name[-13:]
        lines = _two_lines(whole)
        middle = f"{left + wide * x + wide / 2:g}"
        spans = "".join(
            f'<tspan x="{middle}" y="{top - 9 - 16 * (len(lines) - 1 - k)}">{_safe(line)}</tspan>'
            for k, line in enumerate(lines)
        )
        parts.append(f'<text class="t" text-anchor="middle">{spans}<title>{_safe(name)}</title></text>')
    most = max((d.index for d in found.values() if d.index is not None), default=0) or 1
    for y, topic in enumerate(topics):
        name = words.own(topic) if topic else words("other_topic")
        at = top + high * y
        parts.append(
            f'<text class="t" x="{left - 8}" y="{at + 18}" text-anchor="end">{_safe(_short(name, 8))}'
            f"<title>{_safe(name)}</title></text>"
        )
        for x, column in enumerate(grid.columns):
            cell = found.get((column, topic))
            index = cell.index if cell else None
            shade = 0.08 + 0.92 * index / most if index else 0.0
            tip = f"{words.own(column)} · {name}" + (f": {cell.told}" if cell else "")
            ink = "t hi" if shade > 0.75 else "t mid" if shade > 0.55 else "t"
            told = f"{index:.2f}" if index is not None else words("unranked") if cell and cell.asked else "—"
            parts.append(
                f'<g><title>{_safe(tip)}</title><rect class="heat" x="{left + wide * x + 1}" y="{at + 1}" width="{wide - 2}" '
                f'height="{high - 2}" fill-opacity="{shade:.2f}"/><text class="{ink}" x="{left + wide * x + wide / 2:g}" '
                f'y="{at + 18}" text-anchor="middle">{told}</text></g>'
            )
    title = _safe(words("demand"))
    return (
        f'<section class="whole"><h2>{title}</h2><p class="soft">{_safe(words("demand_note"))}</p><div class="wide"><svg role="img" '
        f'aria-label="{title}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">{"".join(parts)}</svg></div>'
        "</section>"
    )


def _two_lines(name: str, most: int = 7) -> list[str]:
    """A name on two lines, parted after a province or a city where that is possible.

    >>> _two_lines("云岭省临峪市禾垄县"), _two_lines("福建省"), _two_lines("abcdefghij")
    (['云岭省', '临峪市禾垄县'], ['福建省'], ['abc', 'defghij'])
    """
    if len(name) <= most:
        return [name]
    ends = [n + 1 for n, char in enumerate(name) if char in "省市州" and 2 <= len(name) - n - 1 <= most]
    at = ends[0] if ends and ends[0] <= most else len(name) - most
    return [name[:at], name[at:]]


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _coverage(grid: _Grid, words: _Words) -> str:
    """For each topic and column a bar of the items asked; all topics first."""
    groups: list[tuple[str, list[_Item]]] = [(words("all_topics"), grid.items)]
    for topic in dict.fromkeys(item.topic for item in grid.items):
        name = words.own(topic) if topic else words("other_topic")
        groups.append((name, [i for i in grid.items if i.topic == topic]))
    lines = []
    for name, items in groups:
        cells = []
        for column in grid.columns:
            asked = sum(column in item.cells for item in items)
            whole = sum(item.empty.get(column) not in _OUT for item in items)
            cells.append(f"<td>{_bar(asked, whole)}</td>")
        lines.append(f'<tr><th scope="row">{_safe(name)}</th>{"".join(cells)}</tr>')
    head = "".join(f'<th scope="col">{_safe(words.own(column))}</th>' for column in grid.columns)
    return (
        f'<section><h2>{_safe(words("coverage"))}</h2><p class="soft">{_safe(words("coverage_note"))}</p>'
        f'<div class="wide"><table class="bars"><thead><tr><th scope="col">{_safe(words("topic"))}</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div></section>"
    )


def _bar(part: int, whole: int) -> str:
    if not whole:
        return "—"
    filled = 80 * part / whole
    return (
        f'<svg class="bar" viewBox="0 0 80 10" width="80" height="10" aria-hidden="true"><rect class="rail" width="80" '
        f'height="10"/><rect class="fill" width="{filled:.1f}" height="10"/></svg> {part}/{whole} '
        f'<span class="soft">{100 * part / whole:.0f}%</span>'
    )


def _missing(grid: _Grid, words: _Words) -> str:
    blocks = []
    told = {item.key: _lacked(item, words) for item in grid.items}
    for column in grid.columns:
        lacking = [item for item in grid.items if item.empty.get(column) == "absent"]
        name = _safe(words.own(column))
        if not lacking:
            blocks.append(f"<h3>{name}</h3><p>{_safe(words('lacks_nothing'))}</p>")
            continue
        lines = []
        listed = lacking[: max(_MOST_LACKED // len(grid.columns), 1)]
        for topic in dict.fromkeys(item.topic for item in listed):
            under = [item for item in listed if item.topic == topic]
            shown = "".join(f"<li>{told[item.key]}</li>" for item in under)
            head = words.own(topic) if topic else words("other_topic")
            lines.append(f"<li><b>{_safe(head)}</b> ({len(under)})<ul>{shown}</ul></li>")
        if len(listed) < len(lacking):
            lines.append(f"<li>{_safe(words('further', count=len(lacking) - len(listed)))}</li>")
        blocks.append(
            f'<details open="open"><summary><h3>{name} <span class="soft">{len(lacking)}</span></h3></summary>'
            f'<ul class="lacks">{"".join(lines)}</ul></details>'
        )
    return (
        f'<section class="missing"><h2>{_safe(words("missing"))}</h2><p class="soft">{_safe(words("missing_note"))}</p>'
        f"{''.join(blocks)}</section>"
    )


def _lacked(item: _Item, words: _Words) -> str:
    role = f'<span class="role">{_safe(_role(item, words))}</span> ' if item.role else ""
    asked = _safe(f"{words('asked_by')} {_asked(item, words)}")
    return f'{role}{_safe(_short(item.name, 60))} <span class="soft">{asked}</span>'


def _asked(item: _Item, words: _Words, most: int = 8) -> str:
    """Who asks an item, and how much."""
    told = "; ".join(f"{words.own(c)} {_measure(e[0].row, words)}" for c, e in list(item.cells.items())[:most])
    return told if len(item.cells) <= most else f"{told} … +{len(item.cells) - most}"


# As ``comparison`` decides and counts.
_RULES = (
    (
        "Each field (frequency, quantity, deadline, modality) has a level of its own, seen from the reference: stricter means "
        "that the other asks more.",
        "频次、数量、期限、性质各有比较结果，均以参照方为准：“更严”表示对方要求更高。",
    ),
    (
        "Values are compared by what the words mean: once a quarter and four times a year are the same total in another "
        "spacing; upper bounds (at most) are stricter when they are lower; at least and at most are not comparable.",
        "按含义比较：每季度1次与每年4次总量相同而间隔不同；上限（不超过）越低越严；“至少”与“不超过”不可比。",
    ),
    (
        "No counterpart: not applicable if the requirement binds only levels of administration above the other, else absent.",
        "对方没有相应要求：只约束对方以上层级的为“不适用”，其余为“没有”。",
    ),
    (
        "Only one side has a measure at all: one unmeasured. Neither has: the level of the modality.",
        "只有一方有量度：“一方未量化”；双方都没有量度：取性质的比较结果。",
    ),
    (
        "Both are measured, but in no field both: not comparable. A field that is not comparable makes the whole so; "
        "another spacing of the same total does not.",
        "双方都有量度但没有共同的字段：“不可比”。任一字段不可比则整体不可比；总量相同仅间隔不同的除外。",
    ),
    (
        "A field that only one side states is something more that this side asks.",
        "仅一方规定的字段，视为该方多提出的要求。",
    ),
    (
        "Of the rest: all the same is same; stricter (looser) wins over same; both together are not comparable.",
        "其余情形：各字段都相同为“相同”；有更严（更宽）而无相反的，取更严（更宽）；二者并存为“不可比”。",
    ),
)
_FORMULAS = (
    (
        "Index of demand = share × mean rank, between 0 and 1, for each region (or document) and topic.",
        "要求强度 = 提出比例 × 平均位次，介于 0 与 1 之间，按地区（或文件）和主题计算。",
    ),
    (
        "Share: the items it asks, of the topic's items that could bind anybody there.",
        "提出比例：该主题下可适用于当地的各项要求中，当地已提出的比例。",
    ),
    (
        "Rank in an item: (those it is stricter than + half of those with the same) ÷ those it can be compared with; the mean "
        "is over its items that can be compared with another's.",
        "单项位次：（比其宽的对象数＋与其相同的对象数的一半）÷ 可比的对象数；平均只计可与他方比较的要求。",
    ),
    (
        "Coverage: items asked ÷ items that any of the compared asks and that could bind anybody there.",
        "覆盖率：已提出的要求项数 ÷ 各方所提且可适用于当地的要求项数。",
    ),
)


def _explained(key: str, lines: Iterable[tuple[str, str]], words: _Words) -> str:
    shown = "".join(f"<li>{_safe(words.own(line[words.number]))}</li>" for line in lines)
    return f'<section><h2>{_safe(words(key))}</h2><ul class="rules">{shown}</ul></section>'


@lru_cache(maxsize=1)
def _css() -> str:
    def theme(dark: int) -> str:
        base = (
            "--fg:#1b1b1b;--bg:#fff;--soft:#5c5c5c;--band:#f3f3ef;--rule:#c9c9c9;--heat:#005a8f;--hi:#fff;--mid:#1b1b1b;--rail:#e4e4e4",
            "--fg:#e9e9e6;--bg:#161616;--soft:#adadad;--band:#262624;--rule:#4a4a4a;--heat:#7cc8fa;--hi:#0b1c28;--mid:#0b1c28;--rail:#3a3a3a",
        )[dark]
        return base + "".join(
            f";--{name}-t:{(level.light, level.dark)[dark][0]};--{name}-i:{(level.light, level.dark)[dark][1]}"
            for name, level in _LEVELS.items()
        )

    levels = "".join(
        f".l-{n}{{background:var(--{n}-t)}}.l-{n} .mark,.chip.l-{n}{{color:var(--{n}-i)}}" for n in _LEVELS
    )
    return (
        f":root{{{theme(0)};color-scheme:light}}@media screen and (prefers-color-scheme:dark){{:root{{{theme(1)};"
        "color-scheme:dark}}"
        "*{box-sizing:border-box}body{margin:0 auto;padding:16px 20px;max-width:110rem;background:var(--bg);color:var(--fg);"
        'font:15px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei","PingFang SC","SimSun",sans-serif}'
        ':lang(zh-Hant){font-family:system-ui,"Noto Sans CJK TC","Microsoft JhengHei","PingFang TC","PMingLiU",sans-serif}'
        "h1{font-size:1.6em;margin:.2em 0}h2{font-size:1.2em;margin:1.4em 0 .3em}h3{font-size:1em;margin:.6em 0;display:inline}"
        ".soft{color:var(--soft);font-weight:400}p{margin:.3em 0}"
        ".wide{overflow-x:auto}.tall{max-height:88vh;overflow:auto;border:1px solid var(--rule)}"
        "table{border-collapse:collapse;font-size:13.5px}th,td{border:1px solid var(--rule);padding:4px 8px;text-align:left;"
        "vertical-align:top;overflow-wrap:anywhere}thead th{background:var(--band)}td.n{text-align:right}td.nw{white-space:nowrap}"
        ".matrix{border-collapse:separate;border-spacing:0;min-width:100%}.matrix th,.matrix td{border-width:0 1px 1px 0}"
        ".matrix td{min-width:9.5em;max-width:26em}.matrix thead th{position:sticky;top:0;z-index:2}"
        ".matrix th:first-child{position:sticky;left:0;z-index:1;background:var(--bg);min-width:13em;max-width:20em;font-weight:400}"
        ".matrix thead th:first-child{z-index:3;background:var(--band);font-weight:600}"
        ".matrix .topic th,.matrix .topic th:first-child{background:var(--band);font-weight:600;max-width:none}"
        ".matrix .topic span{position:sticky;left:8px}"
        ".role{display:inline-block;font-size:12px;color:var(--soft);margin-right:.5em}.matrix .role{display:block}"
        "summary{cursor:pointer;list-style-position:outside}.matrix summary{list-style:none}"
        ".matrix summary::-webkit-details-marker{display:none}summary:focus-visible{outline:2px solid var(--heat)}"
        ".matrix details[open] summary{border-bottom:1px solid var(--rule);margin-bottom:4px}"
        ".mark{display:inline-block;font-size:12.5px;font-weight:600;white-space:nowrap}.chip{display:inline-block;padding:0 .5em;"
        "border:1px solid var(--rule);border-radius:3px;font-weight:600;white-space:nowrap}"
        ".legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.4em 1.2em;margin:.3em 0}"
        ".pop{font-size:13px;color:var(--fg)}dl{margin:0}dt{color:var(--soft);font-size:12px}dd{margin:0 0 .3em}"
        'q{quotes:"“" "”";white-space:pre-wrap;overflow-wrap:anywhere}.place{color:var(--soft);font-size:12px;display:block}'
        ".pairs,.lacks,.rules{margin:.3em 0;padding-left:1.3em}.lacks ul{padding-left:1.2em}"
        ".bars td,.bars th[scope=row]{white-space:nowrap}.bars th:first-child{position:sticky;left:0;background:var(--bg)}.bar{vertical-align:baseline}.rail{fill:var(--rail)}.fill,.heat{fill:var(--heat)}"
        ".heat{stroke:var(--rule);stroke-width:.5}.t{fill:var(--fg);font-size:13px}.t.hi{fill:var(--hi)}.t.mid{fill:var(--mid)}svg{max-width:none}"
        ".notes,.note{display:none}" + levels + "@page{size:A4 landscape;margin:12mm}"
        "@media print{body{padding:0;font-size:10.5px;max-width:none}table{font-size:9.5px;width:100%}.mark,.role,.place,dt{font-size:8.5px}"
        ".wide,.tall{overflow:visible;max-height:none;border:0}.matrix{border-collapse:collapse}.matrix th,.matrix td{border-width:1px;"
        "min-width:0;padding:2px 4px}.matrix th,.matrix thead th,.matrix th:first-child,.matrix .topic span{position:static;min-width:0}"
        "thead{display:table-header-group}tr{break-inside:avoid}.topic{break-after:avoid}h2,h3,summary{break-after:avoid}"
        ".whole{break-inside:avoid}.screen{display:none}.lacks{columns:2;column-gap:8mm}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}.pop{display:none}.note{display:inline}sup.note{font-size:7.5px}"
        ".notes{display:block}.notes ol{columns:2;column-gap:8mm;padding-left:2.2em;font-size:9px}.notes li{break-inside:avoid}"
        ".matrix th:first-child{min-width:26mm!important}.mark{white-space:normal}.notes .place{display:inline;margin-right:.5em}svg{max-width:100%;height:auto}.bar{width:60px;height:8px}a{color:inherit}}"
    )


# The workbook

_CELL = 32_767  # characters of a cell
_COMMENT = 3_000  # characters of a comment that a reader can still take in
_SHEET = 1_048_576  # rows of a sheet


class _Styles:
    """The formats of a workbook."""

    def __init__(self, book: Any) -> None:
        base = {"valign": "top", "text_wrap": True}
        self.heading = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, **base})
        self.plain = book.add_format({"valign": "top"})
        self.wrap = book.add_format(base)
        self.bold = book.add_format({"bold": True, "font_size": 13})
        self.share = book.add_format({"num_format": "0%", "valign": "top"})
        self.figure = book.add_format({"num_format": "0.00", "valign": "top"})
        edge = {"border": 1, "border_color": "#C9C9C9"}
        self.item = book.add_format({**base, **edge})
        self.level = {
            name: book.add_format({**base, **edge, "bg_color": level.light[0], "font_color": level.light[1]})
            for name, level in _LEVELS.items()
        }


def _text(text: Any, most: int = _CELL) -> str:
    shown = _visible(text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _heads(sheet: Any, styles: _Styles, names: Sequence[str], widths: Sequence[float]) -> None:
    for n, (name, width) in enumerate(zip(names, widths, strict=True)):
        sheet.set_column(n, n, width)
        sheet.write_string(0, n, _text(name), styles.heading)


def _tall(sheet: Any, n: int, cells: Sequence[str], widths: Sequence[float]) -> None:
    """Make a row as high as its wrapped texts are; not every program does that by itself."""
    lines = 1
    for cell, width in zip(cells, widths, strict=True):
        columns = (sum(1.9 if ord(char) > 0x2E7F else 1.0 for char in line) for line in cell.split("\n"))
        lines = max(lines, sum(max(1, math.ceil(held / max(width - 1, 1))) for held in columns))
    if lines > 1:
        sheet.set_row(n, 15 * min(lines, 20))


def _landscape(sheet: Any) -> None:
    """Prints on A4 landscape, as wide as a page, headings on each."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _matrix_sheet(book: Any, styles: _Styles, grid: _Grid, words: _Words) -> None:
    sheet = book.add_worksheet(_text(words("matrix"), 31))
    columns = [words.own(column) for column in grid.columns]
    widths = [12, 16, 32, *[22] * len(columns)]
    _heads(sheet, styles, [words("topic"), words("role"), words("item"), *columns], widths)
    sheet.freeze_panes(1, 3)
    for n, item in enumerate(grid.shown, 1):
        topic = words.own(item.topic) if item.topic else words("other_topic")
        shown = [topic, _role(item, words), item.name]
        for column, text in enumerate(shown):
            sheet.write_string(n, column, _text(text), styles.item)
        for column, name in enumerate(grid.columns, 3):
            if name in item.empty:
                level, told, comment = (
                    item.empty[name],
                    f"{words.sign(item.empty[name])} {words.level(item.empty[name])}",
                    "",
                )
            else:
                entries = item.cells[name]
                level = _class(entries[0].level)
                told = "\n".join(
                    f"{_measure(e.row, words)}  {words.sign(e.level)} {words.level(e.level)}" for e in entries
                )
                comment = "\n\n".join(_comment(e, words) for e in entries)
            sheet.write_string(n, column, _text(told), styles.level[level])
            shown.append(told)
            if comment:
                size = {"x_scale": 2.6, "y_scale": min(1.2 + len(comment) / 110, 6), "font_size": 9}
                sheet.write_comment(n, column, _text(comment, _COMMENT), size)
        _tall(sheet, n, shown, widths)
    sheet.autofilter(0, 0, len(grid.shown), 2 + len(columns))
    _landscape(sheet)


def _comment(entry: _Entry, words: _Words) -> str:
    row, parts = entry.row, []
    if row["subject"]:
        parts.append(f"{words('who')}: {row['subject']}")
    parts.append(f"{_place(row, words)}\n" + (f"“{row['text']}”" if row["text"] is not None else words("no_quote")))
    if entry.pair is not None and entry.against is not None:
        against = entry.against
        quoted = f"\n“{against['text']}”" if against["text"] is not None else ""
        parts.append(f"{words('reference_quote')}: {_place(against, words)}{quoted}")
        fields = [f"{words(f)} {words.level(entry.pair[f])}" for f in _FIELDS if entry.pair[f] is not None]
        parts.extend(part for part in ("; ".join(fields), entry.pair["why"]) if part)
    return "\n".join(parts)


def _table_sheet(book: Any, styles: _Styles, comparison: pd.DataFrame) -> None:
    """The long table, under the names of the contract; what a sheet cannot hold goes onto further ones."""
    names = list(COMPARISON)
    widths = [18, 12, 16, 14, 14, 20, 20, 7, 14, 12, 12, 12, 12, 12, 12, 12, 40, 50, 50]
    lines = list(records(comparison, columns=COMPARISON))
    for first in range(0, max(len(lines), 1), _SHEET - 1):
        sheet = book.add_worksheet("table" if not first else f"table {first // (_SHEET - 1) + 1}")
        _heads(sheet, styles, names, widths)
        sheet.freeze_panes(1, 1)
        held = lines[first : first + _SHEET - 1]
        for n, line in enumerate(held, 1):
            for column, name in enumerate(names):
                cell = line[name]
                if isinstance(cell, str):
                    marked = styles.level[_class(cell)] if name.endswith("level") else None
                    style = marked or (styles.wrap if name in ("why", "text", "other_text") else styles.plain)
                    sheet.write_string(n, column, _text(cell), style)
                elif cell is not None:
                    sheet.write_number(n, column, cell, styles.plain)
        sheet.autofilter(0, 0, len(held), len(names) - 1)
        _landscape(sheet)


def _missing_sheet(book: Any, styles: _Styles, grid: _Grid, words: _Words) -> None:
    sheet = book.add_worksheet(_text(words("missing"), 31))
    names = ("lacking", "topic", "role", "item", "asked_by")
    _heads(sheet, styles, [words(name) for name in names], (18, 12, 16, 40, 60))
    sheet.freeze_panes(1, 1)
    n = 0
    asked = {item.key: _asked(item, words) for item in grid.items}
    for column in grid.columns:
        for item in grid.items:
            if item.empty.get(column) == "absent" and n < _SHEET - 1:
                n += 1
                topic = words.own(item.topic) if item.topic else words("other_topic")
                shown = (words.own(column), topic, _role(item, words), item.name, asked[item.key])
                for place, text in enumerate(shown):
                    sheet.write_string(n, place, _text(text), styles.wrap)
                _tall(sheet, n, shown, (18, 12, 16, 40, 60))
    sheet.autofilter(0, 0, n, len(names) - 1)
    _landscape(sheet)


def _figures_sheet(book: Any, styles: _Styles, grid: _Grid, table: pd.DataFrame, words: _Words) -> None:
    sheet = book.add_worksheet(_text(words("figures"), 31))
    numbers = ("items", "asked", "share", "ranked", "mean_rank", "index")
    _heads(sheet, styles, [words(n) for n in ("name", "topic", *numbers)], (18, 14, 12, 10, 10, 10, 10, 12))
    sheet.freeze_panes(1, 2)
    found = _demands(grid, table) if grid.items else {}
    topics = list(dict.fromkeys(item.topic for item in grid.items))
    shown = sorted(
        ((k, v) for k, v in found.items() if k[0] in grid.columns),
        key=lambda e: (topics.index(e[0][1]), grid.columns.index(e[0][0])),
    )
    for n, ((column, topic), cell) in enumerate(shown, 1):
        sheet.write_string(n, 0, _text(words.own(column)), styles.plain)
        sheet.write_string(n, 1, _text(words.own(topic) if topic else words("other_topic")), styles.plain)
        for place, name in enumerate(numbers, 2):
            if cell.row[name] is not None:
                style = {"share": styles.share, "mean_rank": styles.figure, "index": styles.figure}.get(
                    name, styles.plain
                )
                sheet.write_number(n, place, cell.row[name], style)
    if shown:
        scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#56B4E9"}
        sheet.conditional_format(1, 7, len(shown), 7, scale)
    sheet.autofilter(0, 0, len(shown), 1 + len(numbers))
    _landscape(sheet)


def _about_sheet(book: Any, styles: _Styles, grid: _Grid, table: pd.DataFrame, words: _Words) -> None:
    sheet = book.add_worksheet(_text(words("about"), 31))
    for column, width in enumerate((28, 44, 24, 22, 14, 10)):
        sheet.set_column(column, column, width)
    n = 0

    def line(*cells: Any, style: Any = None) -> None:
        nonlocal n
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write_string(n, column, _text(cell), style or styles.plain)
        n += 1

    line(words("title"), style=styles.bold)
    line(words("counts", columns=len(grid.columns), items=len(grid.items), pairs=grid.pairs))
    line(words("table_note"))
    if len(grid.shown) < len(grid.items):
        line(words("shortened", shown=len(grid.shown), count=len(grid.items)))
    line()
    line(*(words(k) for k in ("name", "document", "issuer", "number", "date", "requirements")), style=styles.heading)
    known = _sources(table)
    for name in grid.columns:
        for first, count in known.get(name, []):
            line(name, first["title"], first["issuer"], first["doc_number"], first["date"], str(count))
    if told := _policies(grid, words):
        line(told)
    line()
    line(words("levels"), words("cells"), style=styles.heading)
    for name in _LEVELS:
        line(f"{words.sign(name)} {words.level(name)}", str(grid.levels[name]), style=styles.level[name])
    for key, lines in (("rules", _RULES), ("formula", _FORMULAS)):
        line()
        line(words(key), style=styles.bold)
        for texts in lines:
            line(words.own(texts[words.number]))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
