"""Windows and due dates: the calendar's own periods, and what no text or date may break."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siga_nlp.windows import Window, add_working_days, deadline_words, due, has_windows, windows

PERIODS = ("P1Y", "P6M", "P4M", "P3M", "P2M", "P1M", "P0.5M", "P10D", "P1W", "P1D", "PT24H", "P2Y", "P3Y", "P5M", "P1.5M",
           "P2W", "P14D", "P15D", "P7D", "PT48H", "semester", "term")  # fmt: skip
DAYS = st.dates()
YEAR = windows("P1Y", date(2025, 1, 1), date(2025, 12, 31))[0]


def ends(period: str, start: date, end: date, **more: date) -> list[str]:
    return [str(w.end) for w in windows(period, start, end, **more)]


@given(st.sampled_from(PERIODS), DAYS, st.integers(0, 2000), st.none() | DAYS)
def test_windows_cover_every_day_once(period: str, start: date, days: int, anchor: date | None) -> None:
    end = date.fromordinal(min(start.toordinal() + days, date.max.toordinal()))
    found = windows(period, start, end, anchor=anchor)
    assert found[0].start == start and found[-1].end == end
    for one, following in zip(found, found[1:], strict=False):
        assert following.start == one.end + timedelta(days=1)
    for w in found:
        assert w.full_start <= w.start <= w.end <= w.full_end
        assert period == "term" or w.cut == ((w.full_start, w.full_end) != (w.start, w.end))
    assert not any(w.cut for w in found[1:-1])


@given(st.sampled_from([p for p in PERIODS if p != "term"]), DAYS, DAYS, DAYS)
def test_the_range_does_not_move_the_periods(period: str, one: date, other: date, anchor: date) -> None:
    """A day lies in the same whole period whatever range is asked for."""
    first = windows(period, one, one, anchor=anchor)[0]
    start = max(one.toordinal() - (other.toordinal() % 40), 1)
    longer = windows(period, date.fromordinal(start), one, anchor=anchor)[-1]
    assert (first.full_start, first.full_end) == (longer.full_start, longer.full_end)


def test_calendar_periods() -> None:
    year = date(2025, 1, 1), date(2025, 12, 31)
    assert ends("P3M", *year) == ["2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"]
    assert ends("P6M", *year) == ["2025-06-30", "2025-12-31"]
    assert ends("P2M", *year)[:2] == ["2025-02-28", "2025-04-30"]
    assert ends("P0.5M", date(2024, 2, 1), date(2024, 2, 29)) == ["2024-02-15", "2024-02-29"]
    assert ends("P10D", date(2025, 1, 1), date(2025, 2, 28)) == [
        "2025-01-10", "2025-01-20", "2025-01-31", "2025-02-10", "2025-02-20", "2025-02-28",
    ]  # fmt: skip
    assert len(windows("P1M", *year)) == 12 and len(windows("PT24H", *year)) == 365
    assert ends("semester", date(2025, 1, 1), date(2025, 12, 31)) == ["2025-01-31", "2025-08-31", "2025-12-31"]


def test_a_leap_year_has_its_day() -> None:
    assert len(windows("P1D", date(2024, 2, 1), date(2024, 3, 1))) == 30
    assert ends("P1M", date(2024, 2, 1), date(2024, 2, 29)) == ["2024-02-29"]
    assert due("by --02", windows("P1Y", date(2024, 1, 1), date(2024, 12, 31))[0]).date == date(2024, 2, 29)
    assert due("by --02-29", YEAR).date == date(2025, 2, 28)


def test_the_years_end_does_not_stop_a_weekly_duty() -> None:
    found = windows("P1W", date(2025, 12, 22), date(2026, 1, 11))
    assert [(str(w.start), str(w.end), w.cut) for w in found] == [
        ("2025-12-22", "2025-12-28", False),
        ("2025-12-29", "2026-01-04", False),
        ("2026-01-05", "2026-01-11", False),
    ]
    assert windows("P1W", date(2026, 1, 1), date(2026, 1, 4))[0].full_start == date(2025, 12, 29)


def test_rotations_run_from_the_day_given_before_it_too() -> None:
    assert ends("P3Y", date(2024, 1, 1), date(2030, 12, 31), anchor=date(2025, 7, 1)) == [
        "2025-06-30", "2028-06-30", "2030-12-31",
    ]  # fmt: skip
    [one] = windows("P3Y", date(2026, 1, 1), date(2026, 12, 31), anchor=date(2026, 1, 1))
    assert one.cut and one.full_end == date(2028, 12, 31)
    # The 31st comes back after a shorter month.
    assert ends("P5M", date(2025, 1, 31), date(2025, 12, 31), anchor=date(2025, 1, 31)) == [
        "2025-06-29", "2025-11-29", "2025-12-31",
    ]  # fmt: skip


def test_a_start_moves_only_rotations() -> None:
    year = date(2025, 1, 1), date(2025, 12, 31)
    assert windows("P3M", *year, anchor=date(2025, 2, 10)) == windows("P3M", *year)


@pytest.mark.parametrize("period", ["", "P", "PT2H", "P0M", "P1WD", "monthly", "P0.3M", "P1.5D", "P99999999Y", "P1M1D"])
def test_what_is_no_period_of_dates_is_refused(period: str) -> None:
    assert not has_windows(period)
    with pytest.raises(ValueError, match="no period that dates can hold"):
        windows(period, date(2025, 1, 1), date(2025, 1, 2))


def test_a_range_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="give the earlier day first"):
        windows("P1M", date(2025, 2, 1), date(2025, 1, 1))


# Due dates


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        (None, "2025-12-31"), ("by --02", "2025-02-28"), ("by --03-15", "2025-03-15"), ("by 2025", "2025-12-31"),
        ("by 2026-02", "2026-02-28"), ("by 2024-12-31", "2024-12-31"), ("by year-end", "2025-12-31"),
        ("in --12", "2025-12-31"), ("in --09/--11", "2025-11-30"), ("in 2024-04/2024-11", "2024-11-30"),
    ],
)  # fmt: skip
def test_due_in_a_year(deadline: str | None, expected: str) -> None:
    assert str(due(deadline, YEAR).date) == expected


def test_due_in_shorter_windows() -> None:
    february = windows("P1M", date(2025, 2, 1), date(2025, 2, 28))[0]
    assert due("by ---10", february).date == date(2025, 2, 10)
    assert due("by ---31", february).date == date(2025, 2, 28)
    assert due("by month-end", february).date == date(2025, 2, 28)
    assert due("by quarter-end", february).date == date(2025, 3, 31)


def test_a_cut_window_keeps_its_own_due_date() -> None:
    [cut] = windows("P3M", date(2025, 2, 10), date(2025, 3, 1))
    assert due(None, cut).date == date(2025, 3, 31)
    assert due("by quarter-end", cut).date == date(2025, 3, 31)


@pytest.mark.parametrize(("deadline", "words"), [("by ---10", "10日前"), ("by quarter-end", "季度末前")])
def test_more_days_than_one_are_no_date(deadline: str, words: str) -> None:
    assert due(deadline, YEAR).date is None
    assert due(deadline, YEAR).formula == words


def test_a_yearless_day_in_two_years_is_no_date() -> None:
    [two] = windows("P2Y", date(2025, 1, 1), date(2026, 12, 31), anchor=date(2025, 1, 1))
    assert due("by --02", two).date is None and due("by --02", two).formula == "2月底前"


def test_months_over_the_years_end() -> None:
    [winter] = windows("P1Y", date(2025, 1, 1), date(2025, 12, 31))
    found = due("in --11/--02", Window(winter.start, date(2026, 6, 30), False, winter.start, date(2026, 6, 30)))
    assert (found.opens, found.date) == (date(2025, 11, 1), date(2026, 2, 28))


def test_events() -> None:
    assert due("within P15WD", YEAR, event="收到申请之日").formula == "收到申请之日 + 15 个工作日"
    assert due("P5D before", YEAR, event="会议召开").formula == "会议召开 − 5 日"
    assert due("within PT2H", YEAR, lang="en").formula == "within 2 hours"
    assert due("P3D before", YEAR).formula == "提前 3 日"
    assert due("within PT30M", YEAR, event="接报").formula == "接报 + 30 分钟"
    assert due("within P0D", YEAR, event="收到").formula == "收到当日"
    day = date(2025, 1, 31)
    assert due("within P15D", YEAR, event_date=day).date == date(2025, 2, 15)
    assert due("within P1M", YEAR, event_date=day).date == date(2025, 2, 28)
    assert due("P5D before", YEAR, event_date=day).date == date(2025, 1, 26)
    assert due("within PT2H", YEAR, event_date=day).date is None  # the hour is not known
    assert due("within PT2H", YEAR, event_date=datetime(2025, 1, 31, 23)).date == date(2025, 2, 1)


def test_working_days_say_how_they_were_counted() -> None:
    found = due("within P3WD", YEAR, event_date=date(2025, 1, 3))  # a Friday
    assert (found.date, found.working_days) == (date(2025, 1, 8), "weekdays")
    assert due("P3WD before", YEAR, event_date=date(2025, 1, 6)).date == date(2025, 1, 1)


def test_public_holidays_where_the_package_knows_the_year() -> None:
    pytest.importorskip("chinese_calendar")
    # The National Day holiday of 2024: 1 to 7 October, worked on Saturday the 12th.
    assert add_working_days(date(2024, 9, 30), 5, holidays=True) == (date(2024, 10, 12), "chinese_calendar")
    assert add_working_days(date(2024, 9, 30), 5) == (date(2024, 10, 7), "weekdays")


def test_a_year_that_nobody_knows_is_counted_by_weekdays_and_says_so() -> None:
    assert add_working_days(date(2990, 1, 1), 1, holidays=True)[1] == "weekdays"


FORMS = st.sampled_from(["by --{a}", "by --{a}-{b}", "by ---{b}", "by 20{a}-{b}", "by 20{a}-{b}-{a}", "in --{a}/--{b}", "in --{a}",
                         "in 20{a}-{b}/20{b}-{a}", "within P{a}D", "within PT{b}H", "P{a}WD before", "within P0.5M",
                         "by quarter-end", "by term-end", "by semester-end", "{a}"])  # fmt: skip


@given(FORMS, st.integers(0, 99), st.integers(0, 99), st.sampled_from(PERIODS), DAYS, st.none() | DAYS)
def test_every_deadline_gives_a_date_or_words(
    form: str, a: int, b: int, period: str, day: date, event: date | None
) -> None:
    window = windows(period, day, day, anchor=date(2020, 1, 1))[0]
    deadline = form.format(a=f"{a:02}", b=f"{b:02}")
    found = due(deadline, window, event_date=event)
    assert (found.date is None) != (found.formula is None)
    assert found.opens is None or found.date is not None and found.opens <= found.date
    assert deadline_words(deadline) and deadline_words(deadline, lang="en")


@given(st.text(max_size=20))
def test_any_text_is_a_deadline_in_words(text: str) -> None:
    assert due(text, YEAR).date is not None or due(text, YEAR).formula == deadline_words(text)


@given(DAYS.filter(lambda d: 2 < d.year < 9998), st.integers(1, 60))
def test_working_days_forward_and_back(day: date, count: int) -> None:
    ahead, _ = add_working_days(day, count)
    assert ahead.weekday() < 5
    between = [day + timedelta(days=n) for n in range(1, (ahead - day).days + 1)]
    assert sum(d.weekday() < 5 for d in between) == count
