"""Calendar windows and due dates: in which stretches of time a duty recurs, and on which day it is due.

A window is a period of the calendar (a quarter, an ISO week, a 旬), since 每季度 means one in each quarter and not one
in any ninety days. Periods that the calendar does not have (two years, ten weeks) rotate from a day that is given.
Nothing here looks at today's date.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from .messages import LANGUAGES, PERIODS

Day: TypeAlias = date  # a field of Due is itself called date
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The days from ``start`` to ``end``, both included, in which a recurring duty is to be done once.

    ``cut`` where the range that was asked for holds only a part of the period; ``full_start`` and ``full_end`` are the
    whole period's. They are equal to ``start`` and ``end`` where nothing is cut, and where nobody knows the period.
    """

    start: date
    end: date
    cut: bool
    full_start: date
    full_end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= plain_date(day) <= self.end


@dataclass(frozen=True, slots=True)
class Due:
    """By when. ``date`` is None where it is not known, and ``formula`` then says in words what it depends on.

    ``opens`` is the first day of a deadline that states a stretch (``in --09/--11``). ``working_days`` says how working
    days were counted: ``weekdays`` (Monday to Friday) or ``chinese_calendar`` (with the public holidays and the
    weekends worked for them); None where none were counted.
    """

    date: Day | None = None
    formula: str | None = None
    opens: Day | None = None
    working_days: str | None = None


# Windows

_PERIOD = re.compile(r"P(?:(\d+(?:\.5)?)([YMWD])|T(\d+)H)")


def windows(period: str, start: date, end: date, *, anchor: date | None = None) -> tuple[Window, ...]:
    """The windows of a period from ``start`` to ``end``: they cover every day of the range once, in order.

    Calendar periods: years; half years, thirds, quarters, double months and months from January; 上/下半月 (``P0.5M``: to
    the 15th, from the 16th); 旬 (``P10D``: from the 1st, the 11th, the 21st); weeks from Monday to Sunday; days
    (``PT24H`` too); ``semester``: from 1 September and from 1 February (a school year begins on 1 September, holidays
    belong to the semester before them). All others (``P2Y``, ``P2W``, ``P15D``) rotate from ``anchor``, before it too;
    without one, from ``start``. The length of a ``term`` is not known: one window, the range, cut.

    Raises ``ValueError`` for a period that is none, is shorter than a day or counts working days (``has_windows``
    tells), and where the range ends before it starts.

    >>> [str(w.end) for w in windows("P3M", date(2026, 1, 1), date(2026, 12, 31))]
    ['2026-03-31', '2026-06-30', '2026-09-30', '2026-12-31']
    >>> window, = windows("P3Y", date(2026, 1, 1), date(2026, 12, 31), anchor=date(2025, 3, 1))
    >>> window.cut, str(window.full_start), str(window.full_end)
    (True, '2025-03-01', '2028-02-29')
    """
    start, end = plain_date(start), plain_date(end)
    if end < start:
        raise ValueError(f"the range ends ({end}) before it starts ({start}); give the earlier day first")
    if period == "term":
        return (Window(start, end, True, start, end),)
    bounds = _bounds(period, start, plain_date(anchor) if anchor else start)
    found = []
    first = next(bounds)
    for following in bounds:
        last = following - _DAY if following < date.max else date.max
        cut = first < start or last > end
        found.append(Window(max(first, start), min(last, end), cut, first, last))
        if last >= end:
            break
        first = following
    return tuple(found)


def has_windows(period: str | None) -> bool:
    """Whether ``windows`` knows a period.

    >>> [has_windows(p) for p in ("P1Y", "P0.5M", "semester", "term", "PT24H", "PT2H", "P1WD", None)]
    [True, True, True, True, True, False, False, False]
    """
    return period in ("semester", "term") or (period is not None and _length(period) is not None)


def _length(period: str) -> tuple[str, float] | None:
    """Unit (M W D) and count of a period that dates can hold, else None."""
    match = _PERIOD.fullmatch(period)
    if not match:
        return None
    if match[3]:
        count, unit = int(match[3]) / 24, "D"
    else:
        count, unit = float(match[1]), match[2]
    if unit == "Y":
        count, unit = 12 * count, "M"
    if unit == "W" and count % 1:
        count, unit = 7 * count, "D"
    if count <= 0 or unit == "D" and count % 1:
        return None
    return (unit, count) if count < 100_000 else None


def _bounds(period: str, start: date, anchor: date) -> Iterator[date]:
    """First days of the windows, from the window that holds ``start`` on, without end (``date.max`` is the last)."""
    if period == "semester":
        return _steps(lambda day: _next_of(day, (2, 9)), _last_of(start, (2, 9)))
    length = _length(period)
    if length is None:
        raise ValueError(
            f"{period!r} is no period that dates can hold; known are P1Y P6M P3M P1M P0.5M P10D P1W P1D, "
            "other whole numbers of years, months, weeks or days, semester and term"
        )
    unit, count = length
    if unit == "M" and count == 0.5:
        return _steps(lambda day: _later_in_month(day, (1, 16)), start.replace(day=16 if start.day > 15 else 1))
    if unit == "M" and count <= 12 and 12 % count == 0:
        months = tuple(range(1, 13, int(count)))
        return _steps(lambda day: _next_of(day, months), _last_of(start, months))
    if unit == "D" and count == 10:
        return _steps(
            lambda day: _later_in_month(day, (1, 11, 21)), start.replace(day=min(start.day - 1, 29) // 10 * 10 + 1)
        )
    if unit == "W" and count == 1:
        monday = date.fromordinal(max(start.toordinal() - start.weekday(), 1))
        return _steps(lambda day: _plus_days(day, 7 - day.weekday()), monday)
    if unit == "D" and count == 1:
        return _steps(lambda day: _plus_days(day, 1), start)
    return _rotation(unit, count, start, anchor)


def _steps(following: Callable[[date], date], first: date) -> Iterator[date]:
    while True:
        yield first
        first = following(first)


def _rotation(unit: str, count: float, start: date, anchor: date) -> Iterator[date]:
    """Always counted from the anchor: the 31st comes back after a month that has only thirty days."""
    if unit == "M":
        distance = (start.year - anchor.year) * 12 + start.month - anchor.month
        turn = int(distance // count) - 1
    else:
        distance = (start - anchor).days
        turn = int(distance // (count * (7 if unit == "W" else 1)))

    def bound(turn: int) -> date:
        return add(anchor, turn * count, unit)

    while bound(turn + 1) <= start and bound(turn + 1) < date.max:
        turn += 1
    while True:
        yield bound(turn)
        turn += 1


def _last_of(day: date, months: tuple[int, ...]) -> date:
    """The latest first of one of these months that is not after ``day``."""
    earlier = [month for month in months if month <= day.month]
    if earlier:
        return date(day.year, earlier[-1], 1)
    return date(day.year - 1, months[-1], 1) if day.year > 1 else date.min


def _next_of(day: date, months: tuple[int, ...]) -> date:
    later = [month for month in months if month > day.month]
    if later:
        return date(day.year, later[0], 1)
    return date(day.year + 1, months[0], 1) if day.year < date.max.year else date.max


def _later_in_month(day: date, days: tuple[int, ...]) -> date:
    later = [number for number in days if number > day.day]
    return day.replace(day=later[0]) if later else _next_of(day, tuple(range(1, 13)))


def _plus_days(day: date, days: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def add(day: date, count: float, unit: str) -> date:
    """``day`` and so many months (``M``; half a one is 15 days), weeks (``W``) or days (``D``), within the calendar's ends.

    A month later is the same day of the next month, or its last day where it is shorter.

    >>> str(add(date(2026, 1, 31), 1, "M")), str(add(date(2026, 1, 31), 0.5, "M")), str(add(date(2024, 2, 29), -12, "M"))
    ('2026-02-28', '2026-02-15', '2023-02-28')
    """
    if unit != "M":
        return _plus_days(day, int(count * (7 if unit == "W" else 1)))
    whole = int(count // 1)
    month = day.year * 12 + day.month - 1 + whole
    if month < 12:
        return date.min
    if month >= (date.max.year + 1) * 12:
        return date.max
    year, number = divmod(month, 12)
    found = date(year, number + 1, min(day.day, month_end(year, number + 1).day))
    return _plus_days(found, 15) if count % 1 else found


def month_end(year: int, month: int) -> date:
    """The last day of a month.

    >>> str(month_end(2024, 2))
    '2024-02-29'
    """
    return date(year, month, calendar.monthrange(year, month)[1])


def plain_date(day: date) -> date:
    """A date without its time of day (pandas' timestamps too)."""
    return day.date() if isinstance(day, datetime) else day


# Due dates

_YEAR = re.compile(r"by (\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_YEARLESS = re.compile(r"by --(\d\d)(?:-(\d\d))?")
_DAY_OF_MONTH = re.compile(r"by ---(\d\d)")
_END_OF = re.compile(r"by (year|quarter|month|week|semester|term)-end")
_IN_YEAR = re.compile(r"in (\d{4})-(\d\d)(?:/(\d{4})-(\d\d))?")
_IN = re.compile(r"in --(\d\d)(?:/--(\d\d))?")
_SPAN = re.compile(r"P(?=\d+(?:\.\d+)?(?:WD|[YMWD])|T\d+(?:\.\d+)?[HM])(T?)(\d+(?:\.\d+)?)(WD|[YMWDH])")
_WITHIN = re.compile(rf"within ({_SPAN.pattern})")
_BEFORE = re.compile(rf"({_SPAN.pattern}) before")
_ENDS = {"year": "P1Y", "quarter": "P3M", "month": "P1M", "week": "P1W", "semester": "semester"}


def due(
    deadline: str | None,
    window: Window,
    *,
    event: str | None = None,
    event_date: date | None = None,
    holidays: bool = False,
    lang: str = "zh",
) -> Due:
    """By when a duty with this deadline is due in a window. Every string gives a result.

    ``deadline`` has the forms of the requirement table; without one, the window's last day is due. A day of the calendar
    is a date if the (whole) window holds it exactly once; ``by --02`` in a window of two years stays a formula, as do
    deadlines that run from an event until ``event_date`` is known. The day of the event does not count (民法典 §201).
    Working days are Monday to Friday; with ``holidays``, by the package ``chinese-calendar`` if it is installed and knows the
    year. Hours need a ``datetime`` as ``event_date``.

    >>> year, = windows("P1Y", date(2026, 1, 1), date(2026, 12, 31))
    >>> str(due("by --02", year).date), str(due("in --09/--11", year).opens), str(due("by year-end", year).date)
    ('2026-02-28', '2026-09-01', '2026-12-31')
    >>> due("within P15WD", year, event="收到申请之日").formula
    '收到申请之日 + 15 个工作日'
    >>> str(due("within P3WD", year, event_date=date(2026, 1, 2)).date)
    '2026-01-07'
    """
    if deadline is None:
        return Due(window.full_end)
    if match := _YEAR.fullmatch(deadline):
        year, month, day = int(match[1]), int(match[2] or 12), match[3]
        last = _month_end(year, month)
        if last is None or day and not 1 <= int(day) <= last.day:
            return Due(formula=deadline)
        return Due(last.replace(day=int(day)) if day else last)
    if match := _IN_YEAR.fullmatch(deadline):
        last = _month_end(int(match[3] or match[1]), int(match[4] or match[2]))
        first = _month_end(int(match[1]), int(match[2]))
        if last is None or first is None or last < first:
            return Due(formula=deadline)
        return Due(last, opens=first.replace(day=1))
    if match := _WITHIN.fullmatch(deadline):
        return _from_event(match, 1, event, event_date, holidays, lang)
    if match := _BEFORE.fullmatch(deadline):
        return _from_event(match, -1, event, event_date, holidays, lang)
    candidates = _candidates(deadline, window)
    if len(candidates) == 1:
        opens, last = candidates[0]
        return Due(last, opens=opens)
    return Due(formula=deadline_words(deadline, lang=lang))


def _candidates(deadline: str, window: Window) -> list[tuple[date | None, date]]:
    """(first day or None, last day) of every occurrence of a yearless deadline in the whole window; two are enough."""
    first, last = window.full_start, window.full_end
    years = range(first.year, min(last.year, first.year + 3) + 1)
    days: list[tuple[date | None, date | None]] = []
    if match := _YEARLESS.fullmatch(deadline):
        days = [(None, _day(year, int(match[1]), match[2])) for year in years]
    elif match := _DAY_OF_MONTH.fullmatch(deadline):
        days = [(None, _day(year, month, match[1], clip=True)) for year in years for month in range(1, 13)]
    elif match := _IN.fullmatch(deadline):
        opening, closing = int(match[1]), int(match[2] or match[1])
        for year in range(max(first.year - 1, 1), years[-1] + 1):
            opened, closed = _month_end(year, opening), _month_end(year + (closing < opening), closing)
            if opened is not None and closed is not None and opened.replace(day=1) >= first:
                days.append((opened.replace(day=1), closed))
    elif (match := _END_OF.fullmatch(deadline)) and match[1] in _ENDS:
        ends = windows(_ENDS[match[1]], first, min(last, _plus_days(first, 800)))
        days = [(None, w.full_end) for w in ends]
        # The window may itself lie within one period (a month, by quarter-end): that period's end is meant.
        if len(ends) == 1:
            return [(None, ends[0].full_end)]
    return [(opens, day) for opens, day in days if day is not None and first <= day <= last]


def _month_end(year: int, month: int) -> date | None:
    return month_end(year, month) if 1 <= year <= date.max.year and 1 <= month <= 12 else None


def _day(year: int, month: int, day: str | None, *, clip: bool = False) -> date | None:
    """A day of a month, its last one without ``day``. 29 February is the last of February in other years."""
    last = _month_end(year, month)
    if last is None or day is None:
        return last
    number = int(day)
    if number < 1 or number > 31 or not clip and number > 29 and number > last.day:
        return None
    return last.replace(day=min(number, last.day))


def _from_event(
    match: re.Match[str], sign: int, event: str | None, event_date: date | None, holidays: bool, lang: str
) -> Due:
    count, unit = float(match[3]), match[2] + match[4]
    if event_date is None or count > 100_000:
        return Due(formula=_formula(sign, count, unit, event, lang))
    if unit == "WD":
        if count % 1:
            return Due(formula=_formula(sign, count, unit, event, lang))
        day, used = add_working_days(plain_date(event_date), sign * int(count), holidays=holidays)
        return Due(day, working_days=used)
    if unit.startswith("T"):
        if not isinstance(event_date, datetime) or unit not in ("TH", "TM"):
            return Due(formula=_formula(sign, count, unit, event, lang))
        return Due((event_date + sign * (timedelta(hours=count) if unit == "TH" else timedelta(minutes=count))).date())
    if unit == "Y":
        count, unit = 12 * count, "M"
    if count % 1 and not (unit == "M" and count % 1 == 0.5):
        return Due(formula=_formula(sign, count, unit, event, lang))
    return Due(add(plain_date(event_date), sign * count, unit))


# In the order of LANGUAGES
_LENGTHS = {
    "Y": ("years", "年"),
    "M": ("months", "个月"),
    "W": ("weeks", "周"),
    "D": ("days", "日"),
    "WD": ("working days", "个工作日"),
    "TH": ("hours", "小时"),
    "TM": ("minutes", "分钟"),
}


def length_words(length: str, lang: str = "zh") -> str:
    """A duration in words; what is none of ours comes back as it is.

    >>> length_words("P2Y"), length_words("P15WD", "en"), length_words("PT1H", "en")
    ('2 年', '15 working days', '1 hour')
    """
    match = _SPAN.fullmatch(length)
    return _length_words(float(match[2]), match[1] + match[3], lang) if match else length


def _length_words(count: float, unit: str, lang: str) -> str:
    words = _LENGTHS[unit][LANGUAGES.index(lang)]
    return f"{count:g} {words[:-1] if lang == 'en' and count == 1 else words}"


def period_words(period: str, lang: str = "zh") -> str:
    """A period in words.

    >>> period_words("P3M"), period_words("P2Y"), period_words("P3M", "en"), period_words("P2Y", "en")
    ('每季度', '每 2 年', 'a quarter', 'every 2 years')
    """
    if period in PERIODS:
        return PERIODS[period][LANGUAGES.index(lang)]
    words = length_words(period, lang)
    return words if words == period else f"每 {words}" if lang == "zh" else f"every {words}"


def _formula(sign: int, count: float, unit: str, event: str | None, lang: str) -> str:
    """A deadline that runs from an event, or to one."""
    if count == 0:
        return f"{event or '事件'}当日" if lang == "zh" else f"on the same day ({event or 'of the event'})"
    words = _length_words(count, unit, lang)
    if event:
        return f"{event} {'+' if sign > 0 else '−'} {words}"
    if lang == "zh":
        return f"{words}内" if sign > 0 else f"提前 {words}"
    return f"within {words}" if sign > 0 else f"{words} before"


_END_WORDS = {
    "year": ("年底前", "by the end of the year"), "quarter": ("季度末前", "by the end of the quarter"),
    "month": ("月底前", "by the end of the month"), "week": ("周末前", "by the end of the week"),
    "semester": ("学期末前", "by the end of the semester"), "term": ("任期届满前", "by the end of the term"),
}  # fmt: skip


def deadline_words(deadline: str, *, event: str | None = None, lang: str = "zh") -> str:
    """A deadline in words, with the event that it runs from if that is known. What is none of ours comes back as it is.

    >>> deadline_words("by --02"), deadline_words("by ---10"), deadline_words("in --09/--11", lang="en")
    ('2月底前', '10日前', 'from September to November')
    >>> deadline_words("within P15WD"), deadline_words("within P15WD", event="受理之日"), deadline_words("by 2024-12-31")
    ('15 个工作日内', '受理之日 + 15 个工作日', '2024-12-31前')
    """
    zh = lang == "zh"
    if _YEAR.fullmatch(deadline):
        return f"{deadline[3:]}前" if zh else deadline
    if match := _IN_YEAR.fullmatch(deadline):
        return deadline[3:].replace("/", "至" if zh else " to ")
    if match := _YEARLESS.fullmatch(deadline):
        month, day = int(match[1]), match[2]
        if 1 <= month <= 12:
            name = calendar.month_name[month]
            if day:
                return f"{month}月{int(day)}日前" if zh else f"by {int(day)} {name}"
            return f"{month}月底前" if zh else f"by the end of {name}"
    elif match := _DAY_OF_MONTH.fullmatch(deadline):
        return f"{int(match[1])}日前" if zh else f"by day {int(match[1])} of the month"
    elif match := _END_OF.fullmatch(deadline):
        return _END_WORDS[match[1]][0 if zh else 1]
    elif match := _IN.fullmatch(deadline):
        first, last = int(match[1]), int(match[2] or match[1])
        if 1 <= first <= 12 and 1 <= last <= 12:
            names = calendar.month_name
            if first == last:
                return f"{first}月" if zh else f"in {names[first]}"
            return f"{first}月至{last}月" if zh else f"from {names[first]} to {names[last]}"
    elif match := _WITHIN.fullmatch(deadline):
        return _formula(1, float(match[3]), match[2] + match[4], event, lang)
    elif match := _BEFORE.fullmatch(deadline):
        return _formula(-1, float(match[3]), match[2] + match[4], event, lang)
    return deadline


def add_working_days(day: date, count: int, *, holidays: bool = False) -> tuple[date, str]:
    """The day so many working days after ``day`` (before it, if ``count`` is negative), and how they were counted.

    >>> day, used = add_working_days(date(2026, 1, 2), 3)
    >>> str(day), used
    ('2026-01-07', 'weekdays')
    """
    counted = _count(day, count, _worked) if holidays else None
    if counted is not None:
        return counted, "chinese_calendar"
    found = _count(day, count, lambda d: d.weekday() < 5)
    assert found is not None
    return found, "weekdays"


def _count(day: date, count: int, works: Callable[[date], bool | None]) -> date | None:
    step = 1 if count > 0 else -1
    left = abs(count)
    while left and date.min < day < date.max:
        day = _plus_days(day, step)
        worked = works(day)
        if worked is None:
            return None
        left -= worked
    return day


def _worked(day: date) -> bool | None:
    """Whether a day was worked in mainland China; None where nobody here knows (no such package, no such year)."""
    try:
        import chinese_calendar
    except ImportError:
        return None
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
