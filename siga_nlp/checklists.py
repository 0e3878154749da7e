"""Checklists: the requirement table as tasks with windows and due dates, for one subject or for all.

A task is one requirement in one window. What the text does not say is left open: a duty without a number gets none, a
deadline that runs from an event stays a formula until the event's day is given, a rotation waits for its first day.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .binding import binding
from .lexicon import Lexicon, load
from .messages import LANGUAGES, say
from .models import Document
from .patterns import alternation
from .table import Row, StrPath, check_table, records, requirements, to_frame
from .view import fold
from .windows import (
    Due,
    Window,
    deadline_words,
    due,
    has_windows,
    length_words,
    month_end,
    period_words,
    plain_date,
    windows,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: dict[str, str] = dict.fromkeys(
    (
        "task_id", "requirement_id", "doc_id", "section", "topic", "who", "what", "modality", "how_often", "how_much",
        "window_start", "window_end", "due", "evidence", "vague", "text",
    ),
    "text",
)  # fmt: skip
SCRIPTS = ("simplified", "traditional")
# What the calendar has of its own; other periods turn from a day that somebody must give.
_CALENDAR = {
    "P1Y",
    "P12M",
    "P6M",
    "P4M",
    "P3M",
    "P2M",
    "P1M",
    "P0.5M",
    "P10D",
    "P1W",
    "P1D",
    "PT24H",
    "semester",
    "term",
}


def checklist(
    table: pd.DataFrame | Document | StrPath,
    *,
    for_subject: str | None = None,
    start: date | str | None = None,
    end: date | str | None = None,
    rotation_start: date | str | None = None,
    event_dates: Mapping[str, date | str] | None = None,
    holidays: bool = False,
    script: str = "simplified",
    lang: str | None = None,
    rules: StrPath | None = None,
) -> pd.DataFrame:
    """The tasks of a requirement table (or of a document, or a file): a frame with the columns of the checklist.

    Args:
        table: A requirement table, a ``Document``, or the path of a table or of a document.
        for_subject: Only what binds them, as the text or you may call them (市级领导干部): matched by level and role. ``who``
            says it where a rule binds them only as part of a wider circle, or only some of them.
        start, end: The range. A recurring duty gives a task for each window in it (``siga_nlp.windows``); a duty with a
            fixed day that is not in the range gives none. Without a range, a task for each requirement.
        rotation_start: First day of the rotations (3年一轮换), which have no calendar of their own.
        event_dates: Event (as in ``deadline_event``, or a part of it) or ``requirement_id`` → its day.
        holidays: Count working days with the package ``chinese-calendar``, where it knows the year.
        script: Of our own words: ``simplified`` or ``traditional``. What comes from the source keeps its own.
        lang: ``zh`` or ``en``; default: Chinese, if the source is Chinese.
        rules: A folder of rule files of your own.

    Permissions are no tasks. Grouped by topic, in the order in which the documents bring them up. ``due`` is an ISO date,
    or words. ``frame.attrs["notes"]`` says what was left out and what was assumed.

    Raises ``ValueError`` for a table that is not sound, a date that is none, and a subject that no requirement binds
    (the message lists those there are).

    >>> tasks = checklist(Document("x", "市级领导干部每季度至少接访群众1次。"), start="2026-01-01", end="2026-12-31")
    >>> tasks["due"].tolist()
    ['2026-03-31', '2026-06-30', '2026-09-30', '2026-12-31']
    >>> tasks[["who", "what", "how_often"]].values.tolist()[0]
    ['市级领导干部', '接访群众', '每季度至少 1 次']
    """
    if script not in SCRIPTS:
        raise ValueError(f"script {script!r} is not known; it is one of {', '.join(SCRIPTS)}")
    if lang is not None and lang not in LANGUAGES:
        raise ValueError(f"lang {lang!r} is not known; it is one of {', '.join(LANGUAGES)}")
    first, last = _range(start, end)
    anchor = parse_day(rotation_start, name="rotation_start") if rotation_start is not None else None
    events = {fold(name): parse_day(day, name=f"the day of {name}") for name, day in (event_dates or {}).items()}
    lexicon = load(None if rules is None else str(rules))
    rows = list(records(_table(table, rules)))
    lang = lang or source_language(row["text"] or "" for row in rows)
    notes: dict[str, int] = {}
    wanted = [row for row in rows if row["modality"] != "permission"]
    _note(notes, "checklist_permissions", len(rows) - len(wanted))
    whom: dict[int, str] = {}
    if for_subject is not None:
        wanted, whom = _bound(wanted, for_subject, lexicon, lang)
        _note(notes, "checklist_nobody", sum(row["subject"] is None for row in rows))
    tasks: list[Row] = []
    for row in wanted:
        who = _who(row["subject"], whom.get(id(row)), for_subject, lang)
        fixed = _fixed(row, who, lexicon, lang)
        for window, by in _occurrences(row, first, last, anchor, events, holidays, lang, notes):
            tasks.append({**fixed, **_dated(row, window, by, lexicon, lang)})
    order: dict[str | None, int] = {}
    for task in tasks:
        order.setdefault(task["topic"], len(order))
    order[None] = len(order) + 1
    tasks.sort(key=lambda task: order[task["topic"]])  # stable: the document's order within a topic
    if lang == "zh" and script == "traditional":
        for task in tasks:
            for name in ("topic", "how_often", "how_much"):
                task[name] = task[name] and to_traditional(task[name])
    frame = to_frame(tasks, columns=COLUMNS, of=table)
    frame.attrs |= {
        "subject": for_subject,
        "start": first.isoformat() if first else None,
        "end": last.isoformat() if last else None,
        "lang": lang,
        "script": script,
        "notes": [say(key, lang, count=count) for key, count in notes.items()],
    }
    return frame


def parse_day(day: date | str, *, last: bool = False, name: str = "date") -> date:
    """A date from one, or from ``2026-03-05``, ``2026-03``, ``2026``, ``2026年3月5日``: a month's or year's first day (``last``: its last).

    >>> str(parse_day("2026年2月", last=True)), str(parse_day("2026"))
    ('2026-02-28', '2026-01-01')
    """
    if isinstance(day, date):
        return plain_date(day)
    match = re.fullmatch(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月?)|年?)", fold(str(day)).strip())
    if match:
        year, month, number = int(match[1]), match[2], match[3]
        try:
            if number:
                return date(year, int(month), int(number))
            return month_end(year, int(month or 12)) if last else date(year, int(month or 1), 1)
        except ValueError:
            pass
    raise ValueError(f"{name}: {day!r} is not a date; use YYYY-MM-DD or 2026年3月5日")


def source_language(texts: Iterable[str]) -> str:
    """``zh`` if the texts hold Chinese characters (or there are none), else ``en``."""
    seen = False
    for text in texts:
        if re.search(r"[\u3400-\u9fff]", text):
            return "zh"
        seen = seen or bool(text)
    return "en" if seen else "zh"


@functools.lru_cache(maxsize=4096)
def to_traditional(text: str) -> str:
    """Our own words in traditional script.

    >>> to_traditional("每季度至少 1 次")
    '每季度至少 1 次'
    """
    return str(_opencc().convert(text.encode("utf-8", "replace").decode()))


@functools.lru_cache(maxsize=1)
def _opencc() -> Any:
    from opencc import OpenCC

    return OpenCC("s2tw")


# Rows → tasks


def _range(start: date | str | None, end: date | str | None) -> tuple[date | None, date | None]:
    if start is None and end is None:
        return None, None
    if start is None or end is None:
        raise ValueError("a range has two ends: give both start (--from) and end (--to), or neither")
    first, last = parse_day(start, name="start (--from)"), parse_day(end, last=True, name="end (--to)")
    if last < first:
        raise ValueError(f"the range ends ({last}) before it starts ({first}); give the earlier day as start (--from)")
    return first, last


def _table(table: pd.DataFrame | Document | StrPath, rules: StrPath | None) -> pd.DataFrame:
    from .table import FORMATS, read_table

    if isinstance(table, Document):
        return requirements(table, rules=rules)
    if hasattr(table, "columns"):
        return check_table(table)
    if str(table).lower().endswith(tuple(f".{format}" for format in FORMATS)):
        return check_table(read_table(table), name=str(table))
    return requirements(table, rules=rules)


def _note(notes: dict[str, int], key: str, count: int = 1) -> None:
    if count:
        notes[key] = notes.get(key, 0) + count


def _bound(rows: list[Row], subject: str, lexicon: Lexicon, lang: str) -> tuple[list[Row], dict[int, str]]:
    asked = fold(subject).strip()
    kinds: dict[tuple[Any, Any], str | None] = {}
    whom: dict[int, str] = {}
    for row in rows:
        key = (row["subject"], row["level"])
        if key not in kinds:
            kinds[key] = binding(asked, fold(key[0] or ""), document_level=key[1], lexicon=lexicon) if asked else None
        kind = kinds[key]
        if kind is not None:
            whom[id(row)] = kind
    if not whom and rows:
        known = list(dict.fromkeys(row["subject"] for row in rows if row["subject"]))
        shown = "、".join(known[:30]) or say("none", lang)
        more = say("checklist_more_subjects", lang, count=len(known) - 30) if len(known) > 30 else ""
        raise ValueError(say("checklist_unknown_subject", lang, subject=subject, known=" ".join(shown.split()) + more))
    return [row for row in rows if id(row) in whom], whom


def _who(subject: str | None, kind: str | None, asked: str | None, lang: str) -> str | None:
    if subject is None or kind in (None, "direct"):
        return subject
    return subject + say(f"checklist_{kind}", lang, subject=asked)


def _fixed(row: Row, who: str | None, lexicon: Lexicon, lang: str) -> Row:
    what = row["action"] or row["text"]
    if row["modality"] == "prohibition" and row["action"]:
        # Nobody should take what is forbidden for something to do.
        what = " ".join((row["modal"] or say("checklist_not", "zh")).split()) + what
    if row["condition"]:
        what = say("checklist_condition", lang, condition=row["condition"], what=what)
    return {
        "requirement_id": row["requirement_id"],
        "doc_id": row["doc_id"],
        "section": row["section"],
        "topic": row["topic"],
        "who": who,
        "what": what,
        "modality": row["modality"],
        "evidence": "、".join(evidence(_own_words(row), lexicon)) or None,
        "vague": row["vague"],
        "text": row["text"],
        "how_often": _often(row, lexicon, lang),
        "how_much": how_much(row, lang),
    }


def _own_words(row: Row) -> str:
    """The clause without its condition and the event of its deadline: a report that comes in is none to be kept."""
    text: str = row["text"] or ""
    for part in (row["condition"], row["deadline_event"]):
        text = text.replace(part, " ") if part else text
    return text


def _often(row: Row, lexicon: Lexicon, lang: str) -> str | None:
    words = how_often(row, lang)
    if words:
        return words
    if row["vague"] and fold(row["vague"]) not in lexicon.terms["vague_when"]:
        return say("checklist_vague", lang, vague=row["vague"])
    if row["measure"] is None and row["quantity_value"] is None and row["deadline"] is None:
        return say("checklist_forbidden" if row["modality"] == "prohibition" else "checklist_unmeasured", lang)
    return None


def _occurrences(
    row: Row,
    start: date | None,
    end: date | None,
    anchor: date | None,
    events: Mapping[str, date],
    holidays: bool,
    lang: str,
    notes: dict[str, int],
) -> Iterator[tuple[Window | None, Due]]:
    """The windows of a requirement in the range, each with its due date; (None, due) where it has no windows."""
    deadline, period = row["deadline"], row["frequency_period"]
    event_date = events.get(fold(row["requirement_id"]))
    if event_date is None and row["deadline_event"]:
        event_date = next((day for name, day in events.items() if name and name in fold(row["deadline_event"])), None)

    def by(window: Window) -> Due:
        found = due(deadline, window, event=row["deadline_event"], event_date=event_date, holidays=holidays, lang=lang)
        if found.working_days:
            _note(notes, f"checklist_{found.working_days}")
        return found

    if start is None or end is None:
        yield None, _without_range(deadline, row["deadline_event"], by, lang)
        return
    whole = Window(start, end, False, start, end)
    if period is None or not has_windows(period):
        if deadline is None:
            yield None, Due()
            return
        if _YEARLESS.match(deadline):
            # 12月底前 in a text of some year: whether it means this one, or every one, is not ours to say.
            words = deadline_words(deadline, lang=lang)
            yield None, Due(formula=say("checklist_no_year", lang, deadline=words))
            return
        found = by(whole)
        if _outside(found, deadline, start, end):
            _note(notes, "checklist_outside")
        else:
            yield None, found
        return
    if period == "term":
        yield None, by(whole) if deadline else Due(formula=deadline_words("by term-end", lang=lang))
        return
    if period not in _CALENDAR and anchor is None:
        _note(notes, "checklist_rotation")
        yield None, Due(formula=say("checklist_from_start", lang, period=length_words(period, lang)))
        return
    if period == "semester":
        notes.setdefault("checklist_semester", 1)
    for window in windows(period, start, end, anchor=anchor):
        found = by(window)
        if deadline is not None and _outside(found, deadline, start, end):
            _note(notes, "checklist_outside")
            continue
        if window.cut:
            _note(notes, "checklist_cut")
        yield window, found


def _without_range(deadline: str | None, event: str | None, by: Any, lang: str) -> Due:
    if deadline is None:
        return Due()
    day = by(Window(date.min, date.max, False, date.min, date.max))
    assert isinstance(day, Due)
    return day if day.date else Due(formula=deadline_words(deadline, event=event, lang=lang))


def _outside(found: Due, deadline: str, start: date, end: date) -> bool:
    """A day of the calendar that the range does not hold; months (``in``) count while they overlap it."""
    if found.date is None or deadline.startswith(("within", "P")):
        return False  # whoever gives an event's day wants to see what follows from it
    return found.date < start or (found.opens or found.date) > end


_YEARLESS = re.compile(r"(?:by|in) (?:--|\w+-end)")


def _dated(row: Row, window: Window | None, by: Due, lexicon: Lexicon, lang: str) -> Row:
    said = by.date.isoformat() if by.date else by.formula
    if said is None and row["vague"] and fold(row["vague"]) in lexicon.terms["vague_when"]:
        said = say("checklist_vague_when", lang, vague=row["vague"])
    opens, closes = (window.start, window.end) if window else (None, None)
    if by.opens:  # 每年9月至11月: the months are the window, not the year
        opens, closes = by.opens, by.date
    return {
        "task_id": row["requirement_id"] + (f"@{window.full_start}" if window else ""),
        "window_start": opens.isoformat() if opens else None,
        "window_end": closes.isoformat() if closes else None,
        "due": said,
    }


@functools.lru_cache(maxsize=8)
def _evidence(lexicon: Lexicon) -> re.Pattern[str]:
    terms = lexicon.terms
    return re.compile(f"(?P<no>{alternation(terms['not_evidence'])})|{alternation(terms['evidence'])}")


def evidence(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """What a clause says is to be kept or made, in its own words, each once.

    >>> evidence("建立工作台賬,形成調研報告", load())
    ('工作台賬', '調研報告')
    """
    found = (text[m.start() : m.end()] for m in _evidence(lexicon).finditer(fold(text)) if not m["no"])
    return tuple(dict.fromkeys(" ".join(word.split()) for word in found))


# Numbers in words

_OPS = {
    "ge": ("至少 {}", "at least {}"), "gt": ("多于 {}", "more than {}"), "le": ("不超过 {}", "at most {}"),
    "lt": ("少于 {}", "less than {}"), "approx": ("约 {}", "about {}"),
}  # fmt: skip
_UNITS = {
    "次": "time(s)", "天": "day(s)", "日": "day(s)", "个月": "month(s)", "月": "month(s)", "年": "year(s)", "周": "week(s)",
    "小时": "hour(s)", "个小时": "hour(s)", "学时": "class hour(s)", "分钟": "minute(s)", "名": "person(s)", "人": "person(s)",
    "位": "person(s)", "户": "household(s)", "件": "case(s)", "篇": "piece(s)", "个": "", "家": "firm(s)", "村": "village(s)",
    "元": "yuan", "万元": "×10,000 yuan", "个工作日": "working day(s)", "工作日": "working day(s)", "平方米": "m²", "%": "%",
    "人次": "person-time(s)",
}  # fmt: skip


def how_often(row: Row, lang: str = "zh") -> str | None:
    """The frequency of a row in words, None where it has none.

    >>> row = {"frequency_op": "ge", "frequency_count": 1, "frequency_max": None, "frequency_period": "P3M"}
    >>> how_often(row), how_often(row, "en")
    ('每季度至少 1 次', 'at least 1 time each quarter')
    """
    period, count = row["frequency_period"], row["frequency_count"]
    each = re.sub("^an? ", "each ", period_words(period, lang)) if period else ""
    if count is None:
        return each or None
    times = _amount(row["frequency_op"], count, row["frequency_max"], "次", lang)
    return _after(each, times) if lang == "zh" else f"{times} {each}".strip()


def how_much(row: Row, lang: str = "zh") -> str | None:
    """The amount of a row in words, None where it has none.

    >>> row = {"quantity_op": "ge", "quantity_value": 2, "quantity_max": None, "quantity_unit": "件", "basis": "人"}
    >>> how_much(row), how_much(row, "en")
    ('每人至少 2 件', 'at least 2 cases for each person')
    """
    if row["quantity_value"] is None:
        return say("checklist_each", lang, basis=_basis(row["basis"], lang)) if row["basis"] else None
    amount = _amount(row["quantity_op"], row["quantity_value"], row["quantity_max"], row["quantity_unit"], lang)
    if not row["basis"]:
        return amount
    each = say("checklist_each", lang, basis=_basis(row["basis"], lang))
    return _after(each, amount) if lang == "zh" else f"{amount} {each}"


def _after(each: str, amount: str) -> str:
    """每人 2 件, 每人至少 2 件: a space before figures only."""
    return f"{each} {amount}" if each and amount[0].isdigit() else each + amount


def _basis(basis: str, lang: str) -> str:
    return basis if lang == "zh" else _UNITS.get(basis, basis).replace("(s)", "")


def _amount(op: str | None, value: float, most: float | None, unit: str | None, lang: str) -> str:
    number = _number(value, unit) + (f"–{_number(most, unit)}" if most is not None else "")
    named = (unit or "") if lang == "zh" else _UNITS.get(unit or "", unit or "")
    named = named.replace("(s)", "" if value == 1 and most is None else "s")
    gap = "" if named in ("%", "‰", "") else " "
    return _OPS.get(op or "eq", ("{}", "{}"))[lang != "zh"].format(f"{number}{gap}{named}")


def _number(value: float, unit: str | None) -> str:
    """A share without a unit as a fraction (0.666667 is 2/3), other numbers in full."""
    if unit is None and 0 < value < 1:
        share = Fraction(value).limit_denominator(100)
        if abs(share - Fraction(value)) < Fraction(1, 100_000):
            return f"{share.numerator}/{share.denominator}"
    return f"{value:.6f}".rstrip("0").rstrip(".")
