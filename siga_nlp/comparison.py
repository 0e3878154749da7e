"""Requirements side by side: who asks more of whom, what was added, what was left out.

``compare`` gives the long table, one row an item × pair of documents, seen from ``document``: ``stricter`` means that
``other`` asks more. Levels of a field:

    same  stricter  looser      compared on what the words mean: 每季度1次 is four times a year
    different                   both are measured, and cannot be ordered (天 against 次, 至少 against 不超过, for each 村 against in all)
    unmeasured                  only one side says it in numbers (定期 against 每季度)
    (null)                      neither side says it

Who is bound, the scope (what an amount is owed for, under which condition) and the lead unit are ``same`` or
``different`` (also where only one side names them); they do not decide the overall level, since nothing orders them.

The overall level follows from them by this rule:

1. No counterpart in ``other``: ``not_applicable`` if the requirement binds only levels above the level of ``other``,
   else ``absent``.
2. One side has no measure at all: ``unmeasured``. Neither has: the level of the modality.
3. Both are measured, but in no field both: ``different``.
4. A field that is ``different`` makes the whole ``different``; but a frequency with the same total in another spacing
   (每季度1次, 每年4次) counts as the same. A field that only one side states is something more that this side asks.
5. Of the rest: all ``same`` is ``same``; ``stricter`` (``looser``) wins over ``same``; both together are ``different``.
   Modality is one of the fields.

A bare number (每月1次) is what is owed at least; 左右 asks a little less than the number without it; a recurrence without a count
(每月要研究) is once each time. Periods count as in ``per_year``: 12 months, 52 weeks. Months are set against days only where all
months give one answer. Events that deadlines run from have no level; where they differ, ``why`` says so.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .alignment import HIERARCHY, Alignment, align, core, pair_score
from .messages import label, say
from .table import Row, StrPath, check_table, is_missing, records, to_frame
from .view import fold
from .windows import deadline_words, period_words

if TYPE_CHECKING:
    import pandas as pd

COMPARISON = {
    "item": "text", "topic": "text", "role": "text", "document": "text", "other": "text", "requirement_id": "text",
    "other_id": "text", "score": "number", "level": "text", "frequency_level": "text", "quantity_level": "text",
    "deadline_level": "text", "modality_level": "text", "who_level": "text", "scope_level": "text", "lead_level": "text",
    "why": "text", "text": "text", "other_text": "text",
}  # fmt: skip
LEVELS = ("same", "stricter", "looser", "different", "unmeasured", "absent", "not_applicable")
BY = ("doc_id", "region", "level")
MOST_ROWS = 2_000_000
_ORDER = {"stricter": 1, "same": 0, "looser": -1}
_SIGN = {1: "stricter", 0: "same", -1: "looser"}


# Fields


@dataclass(frozen=True, slots=True)
class Verdict:
    """Level of one field, with the reason; ``extra`` is 1 where only ``other`` states it, -1 where only ``document``."""

    level: str | None
    why: str = ""
    spacing: bool = False
    extra: int = 0


_PERIOD = re.compile(r"P(\d+(?:\.\d+)?)([YMWD])|PT(\d+(?:\.\d+)?)H")


def _times_a_year(period: str | None) -> float | None:
    """Periods that fit into a year, as in ``per_year`` of the table: 12 months, 52 weeks, 365 days, 2 semesters."""
    if period == "semester":
        return 2.0
    match = _PERIOD.fullmatch(period or "")
    if not match:
        return None
    length, unit = float(match[1] or match[3]), match[2] or "H"
    if not length:
        return None
    if unit == "W":
        length, unit = 7 * length, "D"
    times = {"Y": 1, "M": 12, "D": 365, "H": 365 * 24}[unit] / length
    return times // 1 if times >= 1 else times


def _direction(op: str | None) -> str:
    return "cap" if op in ("le", "lt") else "floor"


def _sign(here: float, there: float) -> int:
    if abs(here - there) <= 1e-9 * max(abs(here), abs(there)):
        return 0
    return 1 if there > here else -1


def _bounds(one: tuple[str | None, float, float | None], other: tuple[str | None, float, float | None],
            *, whole: bool, scale: tuple[float, float] = (1.0, 1.0)) -> int | None:  # fmt: skip
    """1 if ``other`` asks more, -1 if less, 0 if the same, ``None`` if one is a floor and the other a cap."""
    if _direction(one[0]) != _direction(other[0]):
        return None
    keys = []
    for (op, value, most), factor in zip((one, other), scale, strict=True):
        step = 0.0
        if op == "gt":
            value, step = (value // 1 + 1, 0.0) if whole else (value, 1.0)
        elif op == "lt":
            value, step = (-(-value // 1) - 1, 0.0) if whole else (value, -1.0)
        elif op == "approx":
            step = -1.0
        keys.append((value * factor, step, (most or 0.0) * factor if op == "range" else 0.0))
    for here, there in zip(*keys, strict=True):
        sign = _sign(here, there)
        if sign:
            return -sign if _direction(one[0]) == "cap" else sign
    return 0


def _frequency(one: Row, other: Row, lang: str) -> Verdict:
    sides = []
    for row in (one, other):
        count, period = row["frequency_count"], row["frequency_period"]
        if count is None and (row["quantity_value"] is not None or row["deadline"] is not None):
            period = None  # 每年不少于1个月, 每年2月底前: the period belongs to the amount or the date
        sides.append((count, period))
    (count, period), (other_count, other_period) = sides
    stated = [c is not None or p is not None for c, p in sides]
    if not any(stated):
        return Verdict(None)
    if not all(stated):
        days = [_recurring(row) for row in (one, other)]
        if stated[0] and days[1] or stated[1] and days[0]:
            here, there = (
                _often(r, lang) if told else _much(r, lang) for r, told in zip((one, other), stated, strict=True)
            )
            return Verdict("different", say("compare_times_days", lang, one=here, other=there))
        return Verdict("unmeasured", say("compare_one_states", lang, field=say("field_frequency", lang)),
                       extra=-1 if stated[0] else 1)  # fmt: skip
    bound = (one["frequency_op"], 1.0 if count is None else count, one["frequency_max"])
    other_bound = (other["frequency_op"], 1.0 if other_count is None else other_count, other["frequency_max"])
    said = {"one": _often(one, lang), "other": _often(other, lang)}
    if _direction(bound[0]) != _direction(other_bound[0]):
        return Verdict("different", say("compare_opposite", lang, **said))
    if _thing(one) != _thing(other):
        return Verdict("different", say("compare_bases", lang, **said))
    if period == other_period:
        sign = _bounds(bound, other_bound, whole=True)
        assert sign is not None
        return Verdict(_SIGN[sign], say(f"compare_{_SIGN[sign]}", lang, **said))
    rate, other_rate = _times_a_year(period), _times_a_year(other_period)
    if rate is None or other_rate is None:
        return Verdict("different", say("compare_no_total", lang, **said))
    sign = _bounds(bound, other_bound, whole=True, scale=(rate, other_rate))
    assert sign is not None
    if sign == 0:
        total = say("per_year", lang, count=f"{bound[1] * rate:.3g}")
        return Verdict("different", say("compare_spacing", lang, total=total, **said), spacing=True)
    return Verdict(_SIGN[sign], say(f"compare_{_SIGN[sign]}", lang, **said))


# Unit → measure and the least and the greatest size in the measure's smallest unit. A month has 28 to 31 days.
_UNITS: Mapping[str, tuple[str, float, float]] = {
    "分钟": ("time", 1, 1), "分": ("time", 1, 1), "小时": ("time", 60, 60), "个小时": ("time", 60, 60), "钟头": ("time", 60, 60),
    "天": ("days", 1, 1), "日": ("days", 1, 1), "周": ("days", 7, 7), "星期": ("days", 7, 7), "个星期": ("days", 7, 7),
    "个月": ("days", 28, 31), "月": ("days", 28, 31), "年": ("days", 365, 366), "周年": ("days", 365, 366),
    "个工作日": ("workdays", 1, 1), "工作日": ("workdays", 1, 1),
    "元": ("money", 1, 1), "万元": ("money", 1e4, 1e4), "亿元": ("money", 1e8, 1e8), "块": ("money", 1, 1),
    "米": ("length", 1, 1), "公里": ("length", 1e3, 1e3), "千米": ("length", 1e3, 1e3),
    "平方米": ("area", 1, 1), "公顷": ("area", 1e4, 1e4), "平方公里": ("area", 1e6, 1e6),
    "千克": ("weight", 1, 1), "公斤": ("weight", 1, 1), "吨": ("weight", 1e3, 1e3),
    "人": ("persons", 1, 1), "名": ("persons", 1, 1), "位": ("persons", 1, 1),
    "个": ("things", 1, 1), "家": ("things", 1, 1), "所": ("things", 1, 1),
    "%": ("percent", 1, 1), "‰": ("percent", 0.1, 0.1),
    "学时": ("class hours", 1, 1), "课时": ("class hours", 1, 1),
}  # fmt: skip
_MONTHS = {"个月": 1, "月": 1, "年": 12, "周年": 12, "半年": 6, "季度": 3}


def _span(value: float, unit: str, factor: float = 1.0) -> tuple[float, float]:
    """Least and greatest size; months add up: two are 59 to 62 days, twelve 365 or 366."""
    if unit not in _MONTHS:
        _, least, most = _UNITS[unit]
        return value * least * factor, value * most * factor
    months = value * _MONTHS[unit] * factor
    return _month_days(months)


def _month_days(months: float) -> tuple[float, float]:
    whole = int(months)
    table = {0: (0, 0), 1: (28, 31), 2: (59, 62), 3: (89, 92), 4: (120, 123), 5: (150, 153), 6: (181, 184),
             7: (212, 215), 8: (242, 245), 9: (273, 276), 10: (303, 306), 11: (334, 337)}  # fmt: skip
    years, rest = divmod(whole, 12)
    low, high = table[rest]
    part = months - whole
    return years * 365 + low + part * 28, years * 366 + high + part * 31


_OCCASIONS = frozenset("次 场 回 期 批 趟 堂课".split())
_PERSONS = frozenset("人 名 个 位".split())


def _base(row: Row) -> str | None:
    """What a quantity is owed for: each time, each period, or nothing said."""
    if row["basis"] in _OCCASIONS or row["frequency_count"] is not None:
        return "time"
    if row["frequency_period"] and not row["deadline"]:
        return "period"
    return None


def _thing(row: Row) -> str | None:
    """The thing for each of which it is owed (每条河每月1次): numbers owed for different things have no order."""
    return None if row["basis"] in _OCCASIONS | _PERSONS else row["basis"]


def _recurring(row: Row) -> bool:
    return row["quantity_value"] is not None and _base(row) == "period"


def _quantity(one: Row, other: Row, lang: str) -> Verdict:
    stated = [row["quantity_value"] is not None for row in (one, other)]
    if not any(stated):
        return Verdict(None)
    if not all(stated):
        return Verdict("unmeasured", say("compare_one_states", lang, field=say("field_quantity", lang)),
                       extra=-1 if stated[0] else 1)  # fmt: skip
    said = {"one": _much(one, lang), "other": _much(other, lang)}
    bound = (one["quantity_op"], one["quantity_value"], one["quantity_max"])
    other_bound = (other["quantity_op"], other["quantity_value"], other["quantity_max"])
    unit, other_unit = (fold(row["quantity_unit"] or "") for row in (one, other))
    if _direction(bound[0]) != _direction(other_bound[0]):
        return Verdict("different", say("compare_opposite", lang, **said))
    measure, other_measure = (_UNITS.get(u, (u, 1, 1))[0] for u in (unit, other_unit))
    if measure != other_measure:
        return Verdict("different", say("compare_units", lang, **said))
    bases = [_base(row) for row in (one, other)]
    factor, other_factor = 1.0, 1.0
    if bases[0] != bases[1]:
        return Verdict("different", say("compare_bases", lang, **said))
    if bases[0] == "period" and one["frequency_period"] != other["frequency_period"]:
        rates = [_times_a_year(row["frequency_period"]) for row in (one, other)]
        if None in rates:
            return Verdict("different", say("compare_bases", lang, **said))
        factor, other_factor = (rate or 1.0 for rate in rates)
    if _thing(one) != _thing(other):
        return Verdict("different", say("compare_bases", lang, **said))
    if unit == other_unit or measure not in ("days",) or not {unit, other_unit} & _MONTHS.keys():
        size = _UNITS[unit][1] if unit in _UNITS else 1.0
        other_size = _UNITS[other_unit][1] if other_unit in _UNITS else 1.0
        if unit == other_unit:
            size = other_size = 1.0
        sign = _bounds(bound, other_bound, whole=False, scale=(size * factor, other_size * other_factor))
    elif unit in _MONTHS and other_unit in _MONTHS:
        scale = (_MONTHS[unit] * factor, _MONTHS[other_unit] * other_factor)
        sign = _bounds(bound, other_bound, whole=False, scale=scale)
    else:
        low, high = _span(bound[1], unit, factor)
        other_low, other_high = _span(other_bound[1], other_unit, other_factor)
        if high < other_low:
            sign = 1
        elif other_high < low:
            sign = -1
        else:
            return Verdict("different", say("compare_month_days", lang, **said))
        if _direction(bound[0]) == "cap":
            sign = -sign
    assert sign is not None
    return Verdict(_SIGN[sign], say(f"compare_{_SIGN[sign]}", lang, **said))


_BY = re.compile(r"by (?:(\d{4})(?:-(\d\d)(?:-(\d\d))?)?|--(\d\d)(?:-(\d\d))?|---(\d\d)|([a-z]+-(?:end|start|mid)))")
_RUN = re.compile(r"within P(T?)(\d+(?:\.\d+)?)(WD|[YMWDHS])|P(T?)(\d+(?:\.\d+)?)(WD|[YMWDH]) before")
_LAST_DAY = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _deadline_key(row: Row) -> tuple[str, tuple[float, float], int] | None:
    """Kind of a deadline, its least and greatest length or place, and 1 if the greater one asks more."""
    text = row["deadline"]
    by = _BY.fullmatch(text)
    if by:
        year, month, day, each_month, each_day, of_month, named = by.groups()
        if year:
            key = float(year) * 372 + (int(month or 12) - 1) * 31 + (int(day) if day else 31)
            return "date", (key, key), -1
        if each_month:
            m = int(each_month)
            key = (m - 1) * 31.0 + (int(each_day) if each_day else _LAST_DAY[m - 1])
            if re.search("次年|翌年|第二年|下一年", fold(f"{row['text']}{row['measure']}")):
                key += 372
            return "day of the year", (key, key), -1
        if of_month:
            return "day of the month", (float(of_month), float(of_month)), -1
        if named == "year-end":
            return "day of the year", (11 * 31.0 + 31, 11 * 31.0 + 31), -1
        return named, (0.0, 0.0), -1
    run = _RUN.fullmatch(text)
    if run:
        within = run[2] is not None
        time, length, unit = (run[1], float(run[2]), run[3]) if within else (run[4], float(run[5]), run[6])
        kind = "within" if within else "before"
        if time:
            size = {"H": 1.0, "M": 1 / 60, "S": 1 / 3600}.get(unit, 1.0)
            return f"{kind} hours", (length * size, length * size), -1 if within else 1
        if unit == "WD":
            return f"{kind} working days", (length, length), -1 if within else 1
        span = (
            _month_days(length * (12 if unit == "Y" else 1))
            if unit in "YM"
            else (length * (7 if unit == "W" else 1),) * 2
        )
        return f"{kind} days", span, -1 if within else 1
    return None


def _deadline(one: Row, other: Row, lang: str) -> Verdict:
    stated = [row["deadline"] is not None for row in (one, other)]
    if not any(stated):
        return Verdict(None)
    if not all(stated):
        return Verdict("unmeasured", say("compare_one_states", lang, field=say("field_deadline", lang)),
                       extra=-1 if stated[0] else 1)  # fmt: skip
    said = {"one": _by_when(one, lang), "other": _by_when(other, lang)}
    if one["deadline"] == other["deadline"] and _next_year(one) == _next_year(other):
        return Verdict("same", say("compare_same", lang, **said))
    here, there = _deadline_key(one), _deadline_key(other)
    if here is None or there is None or here[0] != there[0]:
        return Verdict("different", say("compare_deadlines", lang, **said))
    if here[1] == there[1]:
        return Verdict("same", say("compare_same", lang, **said))
    if here[1][1] < there[1][0]:
        sign = here[2]
    elif there[1][1] < here[1][0]:
        sign = -here[2]
    else:
        return Verdict("different", say("compare_month_days", lang, **said))
    return Verdict(_SIGN[sign], say(f"compare_{_SIGN[sign]}", lang, **said))


def _next_year(row: Row) -> bool:
    return bool(re.search("次年|翌年|第二年|下一年", fold(f"{row['text']}{row['measure']}")))


_FORCE = {"obligation": 2, "prohibition": 2, "recommendation": 1, "permission": 0}


def _modality(one: Row, other: Row, lang: str) -> Verdict:
    here, there = one["modality"] or "obligation", other["modality"] or "obligation"
    said = {"one": label(here, lang), "other": label(there, lang)}
    if here == there:
        return Verdict("same")
    if {here, there} == {"obligation", "prohibition"}:
        if all(_caps(row) for row in (one, other)):
            return Verdict("same", say("compare_cap_words", lang, **said))
        return Verdict("different", say("compare_modality", lang, **said))
    if "prohibition" in (here, there) and "recommendation" in (here, there):
        return Verdict("different", say("compare_modality", lang, **said))
    sign = _sign(_FORCE[here], _FORCE[there])
    return Verdict(_SIGN[sign], say("compare_modality", lang, **said))


def _alike(sides: Sequence[Any], told: Sequence[str], key: str, lang: str) -> Verdict:
    """Whether two sides name the same thing; no order is between what they name."""
    if not any(sides):
        return Verdict(None)
    if sides[0] == sides[1]:
        return Verdict("same")
    return Verdict("different", say(key, lang, one=told[0] or "–", other=told[1] or "–"))


def _who(one: Row, other: Row, lang: str) -> Verdict:
    named = [(frozenset(r["subject_level"] or ()), frozenset(r["subject_role"] or ())) for r in (one, other)]
    written = [fold(r["subject"] or "") for r in (one, other)]
    if written[0] == written[1] or any(named[0]) and named[0] == named[1]:
        return Verdict("same" if any(written) else None)
    levels = ["、".join(label(v, "zh") for v in r["subject_level"] or ()) for r in (one, other)]
    told = levels if all(levels) and levels[0] != levels[1] else [text[:24] for text in written]
    return _alike(written, told, "compare_subjects", lang)


def _scope(one: Row, other: Row, lang: str) -> Verdict:
    """What one amount is owed for, apart from the time that it takes, and the condition."""
    bases = [
        "人" if r["basis"] in _PERSONS else r["basis"] if r["basis"] not in _OCCASIONS else None for r in (one, other)
    ]
    conditions = [fold(r["condition"] or "") for r in (one, other)]
    owed = _alike(bases, [b or "" for b in bases], "compare_owed_for", lang)
    said = _alike(conditions, conditions, "compare_conditions", lang)
    level = "different" if "different" in (owed.level, said.level) else owed.level or said.level
    return Verdict(level, "; ".join(part for part in (owed.why, said.why) if part))


# 市委组织部, 县委组织部, 金昌市委组织部: the same unit of another place.
_PLACE = re.compile(r"^.*?[省市县区州旗](?=委|党委|政府|人民政府|直|级|纪委|政协|人大)")


def _lead(one: Row, other: Row, lang: str) -> Verdict:
    written = [[fold(unit) for unit in r["lead_units"] or ()] for r in (one, other)]
    units = [frozenset(_PLACE.sub("", unit) for unit in side) for side in written]
    return _alike(units, [", ".join(side) for side in written], "compare_leads", lang)


def _caps(row: Row) -> bool:
    return row["frequency_op"] in ("le", "lt") or row["quantity_op"] in ("le", "lt")


_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "approx": "≈", "eq": "", "range": ""}


def amount(op: str | None, value: float | None, most: float | None) -> str:
    """``≥2``, ``2–3``; nothing for no value.

    >>> amount("ge", 2.0, None), amount("range", 2.0, 3.0), amount(None, None, None)
    ('≥2', '2–3', '')
    """
    if value is None:
        return ""
    return f"{_SIGNS.get(op or 'eq', '')}{value:g}" + (f"–{most:g}" if most is not None else "")


def _often(row: Row, lang: str = "en") -> str:
    count, period = row["frequency_count"], row["frequency_period"]
    said = "" if count is None else f"{amount(row['frequency_op'], count, row['frequency_max'])}次"
    if lang == "zh":
        return (period_words(period).replace(" ", "") if period else "") + said
    return " / ".join(part for part in (said, period) if part)


def _much(row: Row, lang: str = "en") -> str:
    if row["quantity_value"] is None:
        return ""
    said = amount(row["quantity_op"], row["quantity_value"], row["quantity_max"]) + (row["quantity_unit"] or "")
    if _base(row) == "period" and lang == "zh":
        return period_words(row["frequency_period"]).replace(" ", "") + said
    per = "次" if _base(row) == "time" else row["frequency_period"] if _base(row) == "period" else row["basis"]
    return f"{said} / {per}" if per else said


def _by_when(row: Row, lang: str = "en") -> str:
    deadline = row["deadline"] or ""
    return deadline_words(deadline).replace(" ", "") if lang == "zh" else deadline


def measure_cell(row: Row, *, lang: str = "en") -> str:
    """The measure of a requirement in short: ``≥1次 / P3M``, ``≥2个月 / P1Y``, ``within P10WD``; ``定期`` if only that.

    >>> from siga_nlp.table import COLUMNS
    >>> row = dict.fromkeys(COLUMNS) | {"frequency_op": "ge", "frequency_count": 1, "frequency_period": "P3M"}
    >>> measure_cell(row), measure_cell(row, lang="zh")
    ('≥1次 / P3M', '每季度≥1次')
    """
    often = _often(row, lang) if row["frequency_count"] is not None or row["quantity_value"] is None else ""
    parts = [often, _much(row, lang), _by_when(row, lang)]
    return "; ".join(part for part in parts if part) or row["vague"] or label_of_unmeasured(row)


def label_of_unmeasured(row: Row) -> str:
    """A mark for a duty without any measure: the modal word, or ✓."""
    return row["modal"] or "✓"


def _measured(row: Row) -> bool:
    return any(row[c] is not None for c in ("frequency_count", "frequency_period", "quantity_value", "deadline"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one requirement stands to another: the overall level, that of each field, and why."""

    level: str
    frequency: str | None
    quantity: str | None
    deadline: str | None
    modality: str | None
    who: str | None
    scope: str | None
    lead: str | None
    why: str


def compare_rows(row: Row, other: Row, *, lang: str = "en") -> Comparison:
    """Compare two rows of the requirement table; ``stricter`` means that ``other`` asks more.

    >>> from siga_nlp.models import Document
    >>> from siga_nlp.table import extract, rows, COLUMNS
    >>> from siga_nlp.table import requirements, records
    >>> a, b = records(requirements([Document("a", "县长每季度至少接访1次。"), Document("b", "县长每年接访不少于4次。")]))
    >>> found = compare_rows(a, b); found.level, found.frequency
    ('same', 'different')
    """
    fields = {
        "frequency": _frequency(row, other, lang),
        "quantity": _quantity(row, other, lang),
        "deadline": _deadline(row, other, lang),
        "modality": _modality(row, other, lang),
    }
    why = [verdict.why for verdict in fields.values() if verdict.why]
    if fields["frequency"].level == "different" and fields["quantity"].level == "unmeasured":
        why.remove(fields["quantity"].why)  # times against days is said already
    level = _overall(row, other, list(fields.values())[:3], fields["modality"])
    if level == "unmeasured":
        here, there = (measure_cell(r, lang=lang) for r in (row, other))
        why = [say("compare_unmeasured", lang, one=here, other=there), fields["modality"].why]
    if not _measured(row) and not _measured(other):
        vague = [r["vague"] or "" for r in (row, other)]
        if vague[0] != vague[1]:
            why.append(say("compare_vague", lang, one=vague[0] or "–", other=vague[1] or "–"))
        else:
            why.append(say("compare_no_measure", lang))
        acts = [fold(r["action"] or "") for r in (row, other)]
        if core(acts[0]) != core(acts[1]):
            why.append(say("compare_wording", lang, one=acts[0], other=acts[1]))
    events = [fold(r["deadline_event"] or "") for r in (row, other)]
    if all(events) and events[0] != events[1]:
        why.append(say("compare_events", lang, one=events[0], other=events[1]))
    beside = {"who": _who(row, other, lang), "scope": _scope(row, other, lang), "lead": _lead(row, other, lang)}
    why += [verdict.why for verdict in beside.values()]
    return Comparison(
        level=level,
        frequency=fields["frequency"].level,
        quantity=fields["quantity"].level,
        deadline=fields["deadline"].level,
        modality=fields["modality"].level,
        **{name: verdict.level for name, verdict in beside.items()},
        why="; ".join(part for part in why if part),
    )


def _overall(row: Row, other: Row, measures: Sequence[Verdict], modality: Verdict) -> str:
    measured = [_measured(r) for r in (row, other)]
    if not all(measured):
        return "unmeasured" if any(measured) else modality.level or "same"
    if not any(v.level not in (None, "unmeasured") for v in measures):
        return "different"
    signs = set()
    for verdict in (*measures, modality):
        if verdict.level is None or verdict.spacing:
            continue
        if verdict.level == "unmeasured":
            signs.add(verdict.extra)
        elif verdict.level == "different":
            return "different"
        else:
            signs.add(_ORDER[verdict.level])
    signs.discard(0)
    return "same" if not signs else "different" if len(signs) == 2 else _SIGN[signs.pop()]


# Documents and regions


@dataclass(frozen=True, slots=True)
class _Side:
    """A column of the comparison: a document, or all documents of a region."""

    name: str
    level: str | None
    region: str | None
    code: str | None
    policies: frozenset[str]


def _sides(rows: Iterable[Row], by: str, policy: Mapping[str, str]) -> dict[str, _Side]:
    first: dict[str, Row] = {}
    policies: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        name = _side_name(row, by)
        first.setdefault(name, row)
        policies[name].add(policy.get(row["doc_id"], ""))
    return {
        name: _Side(name, row["level"], row["region"], row["region_code"], frozenset(policies[name]))
        for name, row in first.items()
    }


def _side_name(row: Row, by: str) -> str:
    return str((row["region"] or row["doc_id"]) if by == "region" else row["doc_id"])


def superior(side: Any, other: Any) -> bool:
    """Whether ``other`` is above ``side``: its region holds that of ``side``, by name (written top-down) or code."""
    if side.level in HIERARCHY and other.level in HIERARCHY:
        if HIERARCHY.index(other.level) >= HIERARCHY.index(side.level):
            return False
    if other.level == "central":
        return True
    if side.region and other.region and side.region != other.region and side.region.startswith(other.region):
        return True
    if not (side.code and other.code) or side.code == other.code:
        return False
    stem = re.sub("(?:00)+$", "", other.code)
    return len(stem) < len(re.sub("(?:00)+$", "", side.code)) and side.code.startswith(stem)


def _applies(row: Row, levels: Sequence[str], side: _Side) -> bool:
    """Whether a duty could bind anybody in the place of ``side``: not if it names only levels above."""
    named = levels or row["subject_level"] or ()
    if not named or not side.level or side.level not in HIERARCHY:
        return True
    least = HIERARCHY.index(side.level)
    return any(level in HIERARCHY and HIERARCHY.index(level) >= least for level in named)


def compare(
    table: pd.DataFrame,
    *,
    by: str = "doc_id",
    baseline: str | None = None,
    topic: str | None = None,
    decisions: StrPath | pd.DataFrame | Iterable[Mapping[str, Any]] | None = None,
    alignment: Alignment | None = None,
    across: bool = False,
    lang: str = "en",
) -> pd.DataFrame:
    """The requirements of documents side by side: one row an item × pair, seen from ``document``.

    Args:
        table: A requirement table of two documents or more.
        by: ``doc_id`` compares documents, ``region`` all documents of a region together, ``level`` each document with
            those above it (its superiors by region: province → city → county).
        baseline: A document (with ``by="region"``, a region): the others are compared with it. What the others add is
            there too, as rows of theirs whose counterpart is ``absent``. Without it each is compared with each, in both
            directions.
        topic: Only items of this topic.
        decisions: Joins and splits by a person, see ``align``.
        alignment: One that ``align`` gave for this table, to spare the work.
        across: Documents of different policies (``Alignment.policies``) are compared only in the items that they share:
            that rules for river chiefs say nothing of petitioners is no omission. With ``True`` it counts as one.
        lang: Language of ``why``: ``en`` or ``zh``.

    Returns:
        The columns of ``COMPARISON``, in their order. ``level`` is one of ``LEVELS``; the module's text has the rule.

    Raises:
        ValueError: The table is empty, not sound, or holds one document only; nothing has the name ``baseline``, …

    >>> from siga_nlp.models import Document
    >>> from siga_nlp.table import requirements
    >>> table = requirements([Document("a", "县长每月至少接访1次。"), Document("b", "县长每月接待群众来访2次。")])
    >>> compare(table, baseline="a")[["item", "document", "other", "level", "why"]].values.tolist()
    [['县级接访', 'a', 'b', 'stricter', 'other asks more: 2次 / P1M against ≥1次 / P1M']]
    """
    rows, sides, items = _prepared(table, by, decisions, alignment, across)
    if baseline is not None and baseline not in sides:
        names = ", ".join(list(sides)[:10]) + (" …" if len(sides) > 10 else "")
        raise ValueError(
            f"{baseline}: no {'region' if by == 'region' else 'document'} of the table has this name; there are {names}"
        )
    if topic is not None:
        known = sorted({str(entry["topic"]) for entry in items.values() if entry["topic"]})
        items = {name: entry for name, entry in items.items() if entry["topic"] == topic}
        if not items:
            raise ValueError(f"{topic}: no item has this topic; there are {', '.join(known) or 'none'}")
    return to_frame(_compared(sides, items, by, baseline, lang), columns=COMPARISON, of=table)


def _prepared(
    table: pd.DataFrame, by: str, decisions: Any, alignment: Alignment | None, across: bool = False
) -> tuple[dict[str, Row], dict[str, _Side], dict[str, dict[str, Any]]]:
    if by not in BY:
        raise ValueError(f"{by}: requirements are compared by {', '.join(BY)}")
    check_table(table)
    if len(table) == 0:
        raise ValueError("the table has no rows; extract requirements first: siga extract or siga run")
    rows = {row["requirement_id"]: row for row in sorted(records(table), key=lambda row: str(row["requirement_id"]))}
    sides = {_side_name(row, by) for row in rows.values()}
    if len(sides) < 2:
        what = "region" if by == "region" else "document"
        raise ValueError(
            f"the table holds one {what} only ({min(sides)}); a comparison takes two or more. "
            "Extract several documents into one table: siga extract FILE FILE … --out table.csv"
        )
    alignment = alignment or align(table, decisions=decisions)
    policy = {} if across else {row["doc_id"]: row["policy"] for row in alignment.policies.to_dict("records")}
    items = _item_members(alignment, rows, by, policy)
    return rows, dict(sorted(_sides(rows.values(), by, policy).items())), items


def _item_members(
    alignment: Alignment, rows: Mapping[str, Row], by: str, policy: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Item → topic, role, policies, and for each side its requirements (the one to show first)."""
    items: dict[str, dict[str, Any]] = {}
    for entry in alignment.items.to_dict("records"):
        row = rows.get(entry["requirement_id"])
        if row is None:
            raise ValueError("the alignment is of another table: align this one")
        topic, role = (None if is_missing(entry[k]) else entry[k] for k in ("topic", "role"))
        fresh: dict[str, Any] = {"topic": topic, "role": role, "policies": set(), "sides": defaultdict(list)}
        item = items.setdefault(entry["item"], fresh)
        item["policies"].add(policy.get(row["doc_id"], ""))
        item["sides"][_side_name(row, by)].append((row, tuple(entry["levels"] or ())))
    for item in items.values():
        for found in item["sides"].values():
            found.sort(key=lambda e: e[0]["requirement_id"])
            found.sort(key=lambda e: e[0]["date"] or "", reverse=True)  # a region's latest document speaks for it
    return items


def _concerns(item: Mapping[str, Any], side: _Side) -> bool:
    """Whether a side has a document of a policy of this item: else it cannot lack it."""
    return not side.policies.isdisjoint(item["policies"])


def _compared(
    sides: Mapping[str, _Side],
    items: Mapping[str, Any],
    by: str,
    baseline: str | None,
    lang: str,
) -> Iterator[Row]:
    pairs = _pairs(sides, items, by, baseline)
    of: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for document, other, only_added in pairs:
        of[document].append((other, only_added))
    expected = sum(len(of[name]) for item in items.values() for name in item["sides"])
    if expected > MOST_ROWS:
        raise ValueError(
            f"each document with each would give {expected} rows; name a baseline, a topic, or compare by level"
        )
    for name, item in items.items():
        for document in sorted(item["sides"]):
            row, levels = item["sides"][document][0]
            for other, only_added in of[document]:
                theirs = item["sides"].get(other)
                if theirs and only_added or not theirs and not _concerns(item, sides[other]):
                    continue
                yield _line(name, item, document, other, row, levels, theirs, sides, len(item["sides"][document]), lang)


def _line(
    name: str, item: Mapping[str, Any], document: str, other: str, row: Row, levels: tuple[str, ...], theirs: Any,
    sides: Mapping[str, _Side], count: int, lang: str,
) -> Row:  # fmt: skip
    line: Row = {
        "item": name, "topic": item["topic"], "role": item["role"], "document": document, "other": other,
        "requirement_id": row["requirement_id"], "text": row["text"],
    }  # fmt: skip
    if theirs:
        other_row = theirs[0][0]
        found = compare_rows(row, other_row, lang=lang)
        more = [
            say("compare_more", lang, count=n - 1, side=s)
            for n, s in ((count, document), (len(theirs), other))
            if n > 1
        ]
        return line | {
            "other_id": other_row["requirement_id"], "score": pair_score(row, other_row), "level": found.level,
            "frequency_level": found.frequency, "quantity_level": found.quantity, "deadline_level": found.deadline,
            "modality_level": found.modality, "who_level": found.who, "scope_level": found.scope,
            "lead_level": found.lead, "why": "; ".join([found.why, *more] if found.why else more) or None,
            "other_text": other_row["text"],
        }  # fmt: skip
    here, there = sides[document], sides[other]
    if not _applies(row, levels, there):
        return line | {"level": "not_applicable", "why": say("compare_not_applicable", lang, role=_role(item, lang))}
    key = "left_out" if superior(there, here) else "added" if superior(here, there) else "absent"
    return line | {"level": "absent", "why": say(f"compare_{key}", lang, other=other)}


def _role(item: Mapping[str, Any], lang: str) -> str:
    return " ".join(label(word, lang) for word in (item["role"] or "").split())


def _pairs(
    sides: Mapping[str, _Side], items: Mapping[str, Any], by: str, baseline: str | None
) -> list[tuple[str, str, bool]]:
    """Pairs to compare, ``(document, other, only what document adds)``."""
    if baseline is not None:
        others = [name for name in sides if name != baseline]
        return [(baseline, name, False) for name in others] + [(name, baseline, True) for name in others]
    share: set[tuple[str, str]] = set()
    for item in items.values():
        names = sorted(item["sides"])
        share |= {(a, b) for a in names for b in names if a != b}
    share |= {(a, b) for a in sides for b in sides if a != b and not sides[a].policies.isdisjoint(sides[b].policies)}
    if by == "level":
        down = [(b, a) for a, b in share if superior(sides[a], sides[b])]
        if not down:
            raise ValueError(
                "no document of the table stands above another: the regions say nothing of a hierarchy. Fill in region "
                "and level in documents.csv, or compare by doc_id"
            )
        return sorted((a, b, False) for a, b in down) + sorted((b, a, True) for a, b in down)
    return sorted((a, b, False) for a, b in share)


# Tables made of it


def matrix(
    table: pd.DataFrame, *, by: str = "region", topic: str | None = None, decisions: Any = None,
    alignment: Alignment | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Items × regions (or documents) with the measure in each cell; nothing where a side does not have the item.

    Columns: ``item topic role``, then one for each side, by name. Cells are ``measure_cell``'s.
    """
    _, sides, items_of = _prepared(table, _side_kind(by), decisions, alignment)
    lines = []
    for name, item in items_of.items():
        if topic is None or item["topic"] == topic:
            cells = {side: measure_cell(found[0][0]) for side, found in item["sides"].items()}
            lines.append({"item": name, "topic": item["topic"], "role": item["role"], **cells})
    columns = {"item": "text", "topic": "text", "role": "text", **dict.fromkeys(sides, "text")}
    return to_frame(lines, columns=columns, of=table)


def _side_kind(by: str) -> str:
    if by == "level":
        raise ValueError("level: this table goes by region or doc_id")
    return by


def coverage(
    table: pd.DataFrame, *, by: str = "region", decisions: Any = None, alignment: Alignment | None = None
) -> pd.DataFrame:
    """How many of a topic's items each region (or document) has.

    Columns: the side (``region`` or ``doc_id``), ``topic``, ``items`` (of the topic, that could bind anybody there),
    ``asked`` (of these, those that the side has), ``share``. Items of a policy of which a side has no document
    (``Alignment.policies``) do not count for it, and those of a policy that one side only has, for none.
    """
    _, sides, items_of = _prepared(table, _side_kind(by), decisions, alignment)
    lines = []
    for topic, items in _by_topic(items_of, sides):
        for name, side in sides.items():
            fitting = [item for item in items if name in item["sides"] or _fits(item, side)]
            asked = sum(name in item["sides"] for item in fitting)
            share = round(asked / len(fitting), 4) if fitting else None
            lines.append({by: name, "topic": topic, "items": len(fitting), "asked": asked, "share": share})
    return to_frame(
        lines, columns={by: "text", "topic": "text", "items": "int", "asked": "int", "share": "number"}, of=table
    )


def _by_topic(
    items: Mapping[str, dict[str, Any]], sides: Mapping[str, _Side]
) -> list[tuple[str | None, list[dict[str, Any]]]]:
    """Items by topic, without those of policies that only one side has: there is nothing to compare them with."""
    found: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    having = Counter(policy for side in sides.values() for policy in side.policies)
    for item in items.values():
        if len(item["sides"]) > 1 or any(having[policy] > 1 for policy in item["policies"]):
            found[item["topic"]].append(item)
    return sorted(found.items(), key=lambda e: (e[0] is None, e[0] or ""))


def _fits(item: Mapping[str, Any], side: _Side) -> bool:
    return _concerns(item, side) and any(
        _applies(row, levels, side) for found in item["sides"].values() for row, levels in found
    )


def demand(
    table: pd.DataFrame, *, by: str = "region", decisions: Any = None, alignment: Alignment | None = None
) -> pd.DataFrame:
    """How much each region (or document) asks in each topic: share of items asked × mean rank of what it asks.

    Only items that two sides or more have are ranked: the sides are ordered by the pairwise levels of ``compare``, and
    the rank of a side is the share of the other sides that it does not fall short of: (those it is stricter than + half
    of those with the same) / those it can be compared with. ``mean_rank`` is the mean over the side's ranked items,
    ``index`` is ``share`` × ``mean_rank``, between 0 and 1.

    Columns: the side, ``topic items asked share ranked mean_rank index``.
    """
    _, sides, items_of = _prepared(table, _side_kind(by), decisions, alignment)
    lines = []
    for topic, items in _by_topic(items_of, sides):
        ranks: dict[str, list[float]] = defaultdict(list)
        for item in items:
            for name, rank in _ranks(item).items():
                ranks[name].append(rank)
        for name, side in sides.items():
            fitting = [item for item in items if name in item["sides"] or _fits(item, side)]
            asked = sum(name in item["sides"] for item in fitting)
            share = round(asked / len(fitting), 4) if fitting else None
            mean = round(sum(ranks[name]) / len(ranks[name]), 4) if ranks[name] else None
            index = None if share is None or mean is None else round(share * mean, 4)
            lines.append({by: name, "topic": topic, "items": len(fitting), "asked": asked, "share": share,
                          "ranked": len(ranks[name]), "mean_rank": mean, "index": index})  # fmt: skip
    columns = {by: "text", "topic": "text", "items": "int", "asked": "int", "share": "number", "ranked": "int",
               "mean_rank": "number", "index": "number"}  # fmt: skip
    return to_frame(lines, columns=columns, of=table)


def _ranks(item: Mapping[str, Any]) -> dict[str, float]:
    shown = {name: found[0][0] for name, found in item["sides"].items()}
    found = {}
    for name, row in shown.items():
        levels = Counter(compare_rows(row, other).level for side, other in shown.items() if side != name)
        against = levels["stricter"] + levels["looser"] + levels["same"]
        if against:
            found[name] = (levels["looser"] + levels["same"] / 2) / against
    return found


CHANGES = {
    "change": "text", **{k: v for k, v in COMPARISON.items() if k not in ("document", "other")},
}  # fmt: skip


def changes(
    table: pd.DataFrame,
    *,
    old: str,
    new: str,
    decisions: Any = None,
    alignment: Alignment | None = None,
    lang: str = "en",
) -> pd.DataFrame:
    """Two versions of one document: what was ``added``, ``dropped``, ``changed``, ``reworded`` only, or kept (``same``).

    ``old`` and ``new`` are ``doc_id``s of the table. ``changed`` rows have a level other than ``same`` (or another
    spacing), ``reworded`` ones the same demands in other words. The other columns are those of ``compare`` with ``old`` as
    ``document``; of an added one ``requirement_id`` is missing and ``other_id`` is there.
    """
    _, sides, items = _prepared(table, "doc_id", decisions, alignment)
    for name in (old, new):
        if name not in sides:
            raise ValueError(f"{name}: no document of the table has this name; there are {', '.join(list(sides)[:10])}")
    lines = []
    for name, item in items.items():
        here, there = item["sides"].get(old), item["sides"].get(new)
        if here:
            line = _line(name, item, old, new, here[0][0], here[0][1], there, sides, len(here), lang)
            if not there:
                change = "dropped"
                line |= {"level": "absent", "why": say("compare_absent", lang, other=new)}
            elif line["level"] != "same" or line["frequency_level"] == "different":
                change = "changed"
            else:
                words = ["".join(fold(r["text"] or r["action"] or "").split()) for r in (here[0][0], there[0][0])]
                change = "same" if words[0] == words[1] else "reworded"
            lines.append({"change": change, **line})
        elif there:
            row = there[0][0]
            lines.append({"change": "added", "item": name, "topic": item["topic"], "role": item["role"],
                          "other_id": row["requirement_id"], "level": "absent", "other_text": row["text"],
                          "why": say("compare_absent", lang, other=old)})  # fmt: skip
    order = {c: n for n, c in enumerate(("added", "dropped", "changed", "reworded", "same"))}
    lines.sort(key=lambda line: order[line["change"]])
    return to_frame([{k: line.get(k) for k in CHANGES} for line in lines], columns=CHANGES, of=table)
