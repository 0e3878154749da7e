"""What the records of a window come to: a certain and a possible count, its arithmetic, and the status it gives."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from .given import Record


@dataclass(slots=True)
class Use:
    """A record as evidence for one requirement and party. ``sure`` if it counts for certain."""

    record: Record
    sure: bool
    doubt: str = ""


@dataclass(slots=True)
class Count:
    """What was found in a window: the certain and the possible count, the rows, the arithmetic."""

    low: float = 0
    high: float = 0
    rows: list[str] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def lies_in(record: Record, first: date, last: date, times: float) -> str | None:
    """Whether a record's date is in a window: ``yes``, ``maybe`` (its days leave it open) or None.

    A stretch counts by its first day; where it stands for several times, or only the month is known, the times may
    lie in several windows.
    """
    if record.start is None or record.end is None:
        return "maybe"
    if record.end < first or record.start > last:
        return None
    if first <= record.start and record.end <= last:
        return "yes"
    if record.precision == "month" or times > 1:
        return "maybe"
    return "yes" if first <= record.start <= last else None


def add_use(count: Count, use: Use, low: float, high: float, unit: str) -> None:
    sure = use.sure and low > 0
    if sure:
        count.low += low
        count.rows.append(use.record.row)
        count.sums.append(f"第 {use.record.row} 行 {low:g}{unit}")
    count.high += high


def length_of(record: Record) -> float | None:
    """Days of a record: as stated, else those of its dates; None where it says 若干 or contradicts itself."""
    if record.start is None or record.end is None:
        return None
    stated = {a.value for a in record.amounts if a.unit == "天"}
    span = (record.end - record.start).days + 1
    if len(stated) > 1 or (record.precision == "month" and not stated) or re.search("[天日]", record.vague):
        return None
    if stated:
        value = stated.pop()
        return None if span > 1 and value > span else value
    return span


def days_in(uses: Sequence[Use], first: date, last: date) -> Count:
    """Days in a window: days that two records share count once.

    Records that cover their whole stretch are united day by day. One that states fewer days than its stretch has
    (3月4日—10日, 5天) adds at least what cannot lie on days already counted, at most what it states.
    """
    count = Count()
    full: set[date] = set()
    partial: list[tuple[date, date, float, float]] = []
    possible: set[date] = set()
    for use in uses:
        record = use.record
        if record.start is None or record.end is None:
            count.high = math.inf
            continue
        length = length_of(record)
        start, end = record.start, record.end
        if length is not None and start == end and length > 1:
            end = start + timedelta(days=math.ceil(length) - 1)  # 日期 is the first day, 天数 how many
        a, b = max(start, first), min(end, last)
        if a > b:
            continue
        span, inside = (end - start).days + 1, (b - a).days + 1
        days = {a + timedelta(days=n) for n in range(inside)}
        if not use.sure or length is None:
            count.high += inside if length is None else min(length, inside)
            if use.sure:
                count.doubts.append(f"第 {record.row} 行天数不明")
            continue
        count.rows.append(record.row)
        count.sums.append(f"第 {record.row} 行 {min(length, inside):g}天")
        possible |= days
        if length >= span:
            full |= days
        else:
            partial.append((a, b, max(0.0, length - (span - inside)), min(length, inside)))
    low = len(full) + _disjoint([(a, b, max(0.0, n - sum(a <= d <= b for d in full))) for a, b, n, _ in partial])
    high = len(full) + sum(
        min(m, sum(a + timedelta(days=i) not in full for i in range((b - a).days + 1))) for a, b, _, m in partial
    )
    count.low = low
    count.high += min(high, len(possible))
    total = sum(float(s.rsplit(" ", 1)[1][:-1]) for s in count.sums)
    if total > count.low:
        count.sums.append(f"重叠的日子只计一次，共减 {total - count.low:g}天")
    return count


def _disjoint(stays: list[tuple[date, date, float]]) -> float:
    """The most that stays which share no day add up to (weighted interval scheduling)."""
    best: list[tuple[date, float]] = []
    for a, b, n in sorted(stays, key=lambda s: s[1]):
        before = max((total for end, total in best if end < a), default=0.0)
        best.append((b, max(before + n, best[-1][1] if best else 0.0)))
    return best[-1][1] if best else 0.0


_OPS = {"ge": "不少于", "gt": "多于", "le": "不超过", "lt": "少于", "eq": "", "approx": "约", "range": ""}


def judged(
    op: str, need: float, most: float | None, count: Count, running: bool, cut: bool, unit: str
) -> tuple[str, str]:
    """Status and words for a count against what is asked."""
    low, high = count.low, count.high
    sign = _OPS.get(op, "")
    if op in ("le", "lt"):
        if low > need or op == "lt" and low == need:
            return "exceeded", f"{low:g}＞{need:g}，超过"
        if running:
            return "not_due", f"时段未完，目前 {low:g}{unit}，未超过"
        if high > need or op == "lt" and high == need:
            return "undetermined", f"确定的 {low:g}{unit}未超过，加上存疑的可能超过"
        return "met", f"{low:g}≤{need:g}，未超过" if op == "le" else f"{low:g}＜{need:g}，未超过"
    if op == "range" and most is not None and low > most:
        return "exceeded", f"{low:g}＞{most:g}，超过"
    least = math.floor(need) + 1 if op == "gt" else need
    if low >= least:
        if op == "range" and most is not None and running:
            return "not_due", f"已有 {low:g}{unit}，时段未完"
        return "met", f"{low:g}≥{least:g}，已达到"
    if running:
        return "not_due", f"已有 {low:g}{unit}，还差 {least - low:g}{unit}，尚未到期"
    if cut:
        return "undetermined", f"{low:g}＜{least:g}，但时段不完整，文件没有规定折算"
    if high >= least:
        return "undetermined", f"确定的 {low:g}{unit}＜{sign or ''}{least:g}，加上存疑的可能达到"
    if op == "approx" and low > 0:
        return "undetermined", f"{low:g}＜{least:g}，“左右”没有规定可差多少"
    if high == 0:
        return "missing", f"没有记录，缺 {least:g}{unit}"
    more = f"，加上存疑的也不够（最多 {high:g}）" if high > low else ""
    return "short", f"{low:g}＜{least:g}，差 {least - low:g}{unit}{more}"


def months_judged(count: Count, need: float, running: bool, cut: bool) -> tuple[str, str]:
    """Months against days: the text does not say how many days a month has. What every reading agrees on is decided."""
    surely, surely_not = 31 * need, 15 * need
    if count.low >= surely:
        return "met", f"{count.low:g}天≥{surely:g}天，按一个月31天也够{need:g}个月"
    if running:
        return "not_due", f"已有 {count.low:g}天，尚未到期"
    if cut:
        return "undetermined", "时段不完整，文件没有规定折算"
    if count.high == 0:
        return "missing", f"没有记录，缺 {need:g}个月"
    if count.high < surely_not:
        return "short", f"{count.low:g}天不到{need:g}个月的一半（{surely_not:g}天），怎样折算都不够"
    return "undetermined", f"{count.low:g}天与{need:g}个月无法比较，文件没有规定一个月折合多少天"


def arithmetic(count: Count, unit: str) -> str:
    shown = [s for s in count.sums if "不计" not in s and "重叠" not in s]
    extra = [s for s in count.sums if "不计" in s or "重叠" in s]
    if not shown:
        return "；".join([*extra, *count.doubts][:6])
    words = "＋".join(shown[:12]) + (f"＋…（共 {len(shown)} 行）" if len(shown) > 12 else "")
    return "；".join([*extra[:4], *count.doubts[:4], f"{words}＝{count.low:g}{unit}"])
