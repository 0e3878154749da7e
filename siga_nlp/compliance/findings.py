"""One requirement against the records that concern it: a finding for each party and window."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from ..table import Row
from ..view import fold
from ..windows import Window, due, has_windows, windows
from .counting import Count, Use, add_use, arithmetic, days_in, judged, length_of, lies_in, months_judged
from .given import LEVEL_NAMES, Party, Record, bare, same_unit, span_of
from .matching import Match, concepts, says
from .who import Who, is_personal

FINDINGS: dict[str, str] = {
    "requirement_id": "text", "topic": "text", "who": "text", "unit": "text", "person": "text", "window_start": "text",
    "window_end": "text", "need": "number", "have": "number", "measure_unit": "text", "status": "text",
    "evidence": "list", "why": "text",
}  # fmt: skip
STATUSES = ("missing", "short", "late", "exceeded", "violated", "undetermined", "not_due", "met")
_COUNT_UNITS = {"次", "场", "回", "期", "堂", "节"}
_UNIT = {"日": "天", "工作日": "天", "个工作日": "天", "个小时": "小时", "名": "人", "批次": "批", "回": "次"}


class Checked:
    """One requirement against the records that concern it."""

    def __init__(self, row: Row, who: Who, matches: Sequence[Match], since: date, until: date) -> None:
        self.row, self.who, self.matches, self.until = row, who, matches, until
        self.since = since
        self.named: dict[str, list[Match]] | None = None
        in_force = _iso(row["date"])
        self.in_force = in_force if in_force and in_force > since else None

    def findings(self) -> Iterable[Row]:
        row = self.row
        if row["modality"] == "prohibition":
            return self._prohibition()
        reason = self._unmeasured()
        if reason:
            return [
                self._finding(
                    None, None, "undetermined", Count(rows=self._done()), None, "", reason + self._done_words()
                )
            ]
        if self._of_things():
            return self._each([Party("", "", (), ())], personal=False, together=True)
        if is_personal(row):
            return self._each(self.who.people(row), personal=True)
        return self._units()

    def _of_things(self) -> bool:
        """Whether what is asked is asked of the events or things themselves (每场宣讲, 陪同人员), whoever acts."""
        *_, each = self._need()
        cap = each and (self.row["quantity_op"] or "") in ("le", "lt")
        return "thing_as_subject" in (self.row["issues"] or ()) or cap and self.row["subject_source"] != "stated"

    # What cannot be checked at all

    def _unmeasured(self) -> str:
        row = self.row
        issues = row["issues"] or ()
        if row["subject"] is None:
            return "文件没有说由谁做"
        if "thing_as_subject" in issues and row["subject_source"] == "stated":
            return f"“{row['subject']}”是事物，文件没有说由谁做"
        measured = row["frequency_count"] is not None or row["quantity_value"] is not None or row["deadline"]
        if row["vague"] and not measured:
            return f"“{row['vague']}”没有数量标准"
        if not measured:
            return "文件没有规定次数、数量或期限"
        if row["deadline"] and row["deadline"].startswith(("within", "P")) and row["frequency_count"] is None:
            event = f"“{row['deadline_event']}”" if row["deadline_event"] else "另一件事"
            return f"期限从{event}算起，台账没有它的日期"
        if row["quantity_unit"] in ("%", "‰") or row["quantity_value"] is not None and 0 < row["quantity_value"] < 1:
            return "要求的是比例，台账没有总数，无法换算"
        period = row["frequency_period"]
        if row["quantity_unit"] == "年" and row["frequency_count"] is None:
            return "要求的是年限，活动台账看不出"
        if period == "term":
            return "任期起止不明"
        if period and not has_windows(period):
            return f"周期 {period} 不能划分为日历时段"
        return ""

    def _done(self) -> list[str]:
        return [m.record.row for m in self.matches if m.state in ("matched", "yes") and not self.who.refusal(self.row, m.record)
                and self._in_range(m.record)]  # fmt: skip

    def _in_range(self, record: Record) -> bool:
        return record.start is not None and self.since <= record.start <= self.until

    def _done_words(self) -> str:
        done = self._done()
        return f"；台账中相关记录 {len(done)} 条" if done else "；台账中没有相关记录"

    # Prohibitions

    def _prohibition(self) -> list[Row]:
        found, doubtful = [], []
        for m in self.matches:
            if m.state == "no" or not self._in_range(m.record) or self.who.elsewhere(m.record):
                continue
            if m.state in ("matched", "yes"):
                count = Count(1, 1, [m.record.row])
                party = Party(m.record.person, m.record.unit, (), ())
                found.append(self._finding(party, (m.record.start, m.record.end), "violated", count, 0, "次",
                                           f"第 {m.record.row} 行明文记载“{m.record.activity}”"))  # fmt: skip
            else:
                doubtful.append(m.record.row)
        if found:
            return found
        why = "台账没有违反的记载；没有记载不等于没有发生"
        if doubtful:
            why = f"第 {'、'.join(doubtful)} 行可能是违反，请核对"
        return [self._finding(None, None, "undetermined", Count(rows=doubtful), 0, "次", why)]

    # Units

    def _units(self) -> list[Row]:
        row = self.row
        subject = fold(row["subject"])
        levels, roles = set(row["subject_level"] or ()), set(row["subject_role"] or ())
        if says("ledger_each", subject):
            if self.who.roster is not None:
                bound = [
                    p
                    for p in self.who.units
                    if (not levels or levels & set(p.levels)) and roles - {"单位", "部门"} <= set(p.roles)
                ]
                if bound:
                    return self._each(bound, personal=False)
                return [self._finding(None, None, "undetermined", Count(rows=self._done()), None, "",
                                      f"花名册里没有“{row['subject']}”的单位（姓名留空、填单位和级别即可）" + self._done_words())]  # fmt: skip
            named = sorted({m.record.unit for m in self.matches if m.record.unit and m.state in ("matched", "yes")
                            and not self.who.elsewhere(m.record)})  # fmt: skip
            if named:
                return self._each([Party("", unit, (), ()) for unit in named], personal=False)
            return [
                self._finding(
                    None, None, "undetermined", Count(), None, "", f"没有花名册，不知道“{row['subject']}”有哪些"
                )
            ]
        generic = re.fullmatch(r"[省市县区乡镇]?(?:直|级|有关|相关|责任|牵头|成员)*(?:单位|部门|机关)", subject)
        if generic:
            return self._each([Party("", "", (), ())], personal=False, together=True)
        return self._each([Party("", row["subject"], (), ())], personal=False)

    # Each party × each window

    def _each(self, parties: Sequence[Party], *, personal: bool, together: bool = False) -> list[Row]:
        row = self.row
        if not parties:
            if self.who.roster is None:
                why = f"没有花名册，台账也没有写明谁是“{row['subject']}”"
                return [
                    self._finding(
                        None, None, "undetermined", Count(rows=self._done()), None, "", why + self._done_words()
                    )
                ]
            why = f"花名册里没有“{row['subject']}”"
            return [self._finding(None, None, "undetermined", Count(), None, "", why)]
        out: list[Row] = []
        for party in parties:
            uses = self._uses(party, personal=personal, together=together)
            for window in self._windows(party):
                out += self._judge(party, window, uses, together=together)
        return out

    def _windows(self, party: Party) -> list[Window | None]:
        period = self.row["frequency_period"]
        if period is None and self.row["deadline"]:
            full = due(self.row["deadline"], Window(self.since, self.until, False, self.since, self.until))
            if full.date is None:
                period = "P1Y"
            else:
                return [Window(self.since, full.date, False, self.since, full.date)]
        if period is None:
            return [None]
        found = []
        for window in windows(period, self.since, self.until, anchor=self.since):
            first = max(d for d in (window.start, self.in_force, party.since) if d)
            last = min(d for d in (window.full_end, party.until) if d)
            if first > last:
                continue
            cut = first > window.full_start or last < window.full_end
            found.append(Window(first, last, cut, window.full_start, window.full_end))
        return list(found)

    def _matches_of(self, party: Party) -> Sequence[Match]:
        """The matches whose records name somebody, found once for all: a large ledger names many."""
        if self.named is None:
            self.named = defaultdict(list)
            for m in self.matches:
                for name in dict.fromkeys(bare(n) for n in m.record.names):
                    self.named[name].append(m)
        return self.named.get(bare(party.name), ())

    def _uses(self, party: Party, *, personal: bool, together: bool) -> list[Use]:
        uses = []
        for m in self._matches_of(party) if personal else self.matches:
            record = m.record
            if m.state == "no" or (record.repeats and m.state != "yes"):
                continue
            sure, doubt = m.state in ("matched", "yes"), ""
            if not sure:
                doubt = f"第 {record.row} 行是否属于此事项存疑（{m.score:.2f}）"
            if self.who.elsewhere(record):
                continue
            if personal:
                held = [(p, certain) for name in record.names for p, certain in self.who.holders(name, record)]
                mine = [certain for p, certain in held if p == party]
                if not mine:
                    continue
                if not any(mine):
                    sure, doubt = False, f"第 {record.row} 行的“{party.name}”可能是别人（同名或单位不符）"
            elif not together and party.unit:
                if not record.unit or not same_unit(party.unit, record.unit):
                    continue
            if record.start is None:
                sure, doubt = False, f"第 {record.row} 行日期无法识别（{record.problem}）"
            elif record.problem:
                doubt = f"第 {record.row} 行{record.problem}，按所写日期计"
            uses.append(Use(record, sure, doubt))
        return uses

    def _judge(self, party: Party, window: Window | None, uses: Sequence[Use], *, together: bool) -> list[Row]:
        row = self.row
        assumed = self._assumed(party)
        if row["deadline"] and row["frequency_count"] is None and row["quantity_value"] is None and window:
            return [self._deadline(party, window, uses, assumed)]
        first = window.start if window else self.since
        last = min(window.end, self.until) if window else self.until
        op, need, most, unit, each = self._need()
        if each and op in ("le", "lt"):
            return self._cap_each_time(party, window, (first, last), uses, op, need, unit, assumed)
        months = unit in ("个月", "月") and row["frequency_count"] is None
        if months or unit == "天":
            count = days_in(uses, first, last)
        elif row["frequency_count"] is not None:
            count = self._times(uses, first, last, row if each else None)
        else:
            count = self._sum(uses, first, last, unit)
        asked = f"要求{row['measure'] or row['text']}"
        running = window is not None and window.full_end > self.until and window.end > self.until
        cut = window is not None and window.cut
        shown_need, shown_unit = (
            need,
            (self.row["quantity_unit"] if unit == _UNIT.get(self.row["quantity_unit"]) else unit),
        )
        why = [asked]
        if months:
            status, words = months_judged(count, need, running, cut)
            shown_unit = "个月"
            why += [arithmetic(count, "天"), words]
        else:
            scaled = None
            if (
                cut
                and window
                and not running
                and op in ("ge", "gt", "eq")
                and says("ledger_scaling", row["text"] or "")
            ):
                share = ((window.end - window.start).days + 1) / ((window.full_end - window.full_start).days + 1)
                scaled = math.ceil(need * share - 1e-9)
                why.append(f"文件允许折算：{need:g}×{share:.2f}，按 {scaled} {unit}计")
                shown_need = scaled
            status, words = judged(
                op, need if scaled is None else scaled, most, count, running, cut and scaled is None, unit
            )
            why += [arithmetic(count, unit), words]
        if window is None and status not in ("met", "exceeded"):
            status = "undetermined"
            why.append("文件没有规定到何时完成")
        if together and status == "met":
            status = "undetermined"
            why.append(f"合计够数，但文件没有说是每个单位还是“{row['subject']}”合计")
        elif together:
            why.append("按合计核对；合计不够，每个单位更不够" if status in ("short", "missing") else "按合计核对")
        if cut and window and status in ("undetermined",):
            why.append(_cut_words(window, party, self.in_force))
        open_ = count.low < need if op not in ("le", "lt") else True
        if status in ("undetermined", "short", "missing", "not_due", "exceeded") and open_:
            why += self._doubts(uses, first, last)
        why.append(assumed)
        found = self._finding(party, window, status, count, shown_need, shown_unit, "；".join(w for w in why if w))
        # Days are no months: how many months they are is not for us to say, except none.
        return [{**found, "have": None} if months and count.high else found]

    def _doubts(self, uses: Sequence[Use], first: date, last: date) -> list[str]:
        """What may have a part in the window and was not counted; a strange year is named, since it may be a slip."""
        told = [use.doubt for use in uses if use.doubt and (
            use.record.start is None or first <= use.record.start <= last or use.sure and use.record.problem)]  # fmt: skip
        shown = told[:5]
        return [*shown, f"等 {len(told)} 条存疑记录"] if len(told) > 5 else shown

    def _need(self) -> tuple[str, float, float | None, str, bool]:
        """Operator, number, upper end and unit of what is asked in a window; whether an amount is asked each time."""
        row = self.row
        quantity = row["quantity_value"] is not None
        unit = _UNIT.get(row["quantity_unit"] or "", row["quantity_unit"] or "")
        if row["frequency_count"] is not None:
            return row["frequency_op"] or "eq", row["frequency_count"], row["frequency_max"], "次", quantity
        if not quantity:
            return "ge", 1, None, "次", False
        each = (
            (row["basis"] or "") not in ("", "人", "户", "村", "单位")
            or row["frequency_period"] is None
            and row["quantity_op"] in ("le", "lt")
        )
        return row["quantity_op"] or "eq", row["quantity_value"], row["quantity_max"], unit, each

    def _assumed(self, party: Party) -> str:
        if self.who.roster is not None:
            return ""
        if party.name:
            return f"没有花名册：假定{party.name}（台账写作{_role_words(party)}）受此约束、全期在任"
        return "没有花名册：只核对台账里出现的单位" if party.unit and party.unit != self.row["subject"] else ""

    # Counts

    def _times(self, uses: Sequence[Use], first: date, last: date, qualified: Row | None) -> Count:
        count = Count()
        for use in uses:
            low, high = self._times_of(use.record)
            inside = lies_in(use.record, first, last, high)
            if inside is None:
                continue
            if inside == "maybe":
                low = 0
            if qualified is not None:
                fits = self._fits(use.record, qualified)
                if fits is False:
                    count.sums.append(
                        f"第 {use.record.row} 行不足{qualified['quantity_value']:g}{qualified['quantity_unit']}，不计"
                    )
                    continue
                if fits is None:
                    low = 0
                    count.doubts.append(f"第 {use.record.row} 行没有写明{qualified['quantity_unit']}数")
            if high == math.inf:
                count.doubts.append(f"第 {use.record.row} 行“{use.record.vague}”没有写明次数，按 {low:g} 次以上")
            add_use(count, use, low, high, "次")
        return count

    def _times_of(self, record: Record) -> tuple[float, float]:
        """How many times a record is: as it states, else once."""
        stated = [a for a in record.amounts if a.unit in _COUNT_UNITS and a.value == int(a.value)]
        asked = concepts(self.row["action"] or "")
        own = [a for a in stated if concepts(a.label) & asked]
        foreign = [a for a in stated if concepts(a.label) and not concepts(a.label) & asked and not a.column]
        rest = [a for a in stated if a not in foreign]
        chosen = own or rest
        values = [a.value for a in chosen]
        if values:
            return min(values), max(values)
        return 1, math.inf if re.search(r"[次场回]", record.vague) else 1

    def _fits(self, record: Record, asked: Row) -> bool | None:
        unit = _UNIT.get(asked["quantity_unit"], asked["quantity_unit"])
        if unit == "天":
            length = length_of(record)
            values = [] if length is None else [length]
        else:
            values = [a.value for a in record.amounts if a.unit == unit]
        if len(values) != 1:
            return None
        have, need = values[0], asked["quantity_value"]
        fits: dict[str, bool] = {"ge": have >= need, "gt": have > need, "le": have <= need, "lt": have < need}
        return bool(fits.get(asked["quantity_op"] or "ge", have >= need))

    def _sum(self, uses: Sequence[Use], first: date, last: date, unit: str) -> Count:
        count = Count()
        asked = concepts(self.row["action"] or "")
        for use in uses:
            record = use.record
            stated = [a for a in record.amounts if a.unit == unit or not a.unit and a.column]
            own = [a for a in stated if concepts(a.label) & asked]
            chosen = own or [a for a in stated if not concepts(a.label) or a.column]
            inside = lies_in(record, first, last, 2)
            if inside is None:
                continue
            if not chosen:
                if use.sure:
                    count.doubts.append(f"第 {record.row} 行没有写明多少{unit}")
                count.high = math.inf
                continue
            values = [a.value for a in chosen]
            low, high = (
                (sum(values), sum(values))
                if len({a.label for a in chosen}) == len(chosen)
                else (max(values), sum(values))
            )
            add_use(count, use, 0 if inside == "maybe" else low, high, unit)
        return count

    # Deadlines and caps

    def _deadline(self, party: Party, window: Window, uses: Sequence[Use], assumed: str) -> Row:
        row = self.row
        whole = Window(window.full_start, window.full_end, False, window.full_start, window.full_end)
        by = due(row["deadline"], whole)
        last = by.date
        count = Count()
        if last is None:
            return self._finding(
                party, window, "undetermined", count, None, "", f"期限是“{by.formula}”，不知道是哪一天"
            )
        opens = by.opens or window.start
        sure = [u for u in uses if u.sure and u.record.start and window.start <= u.record.start and u.record.end
                and u.record.end <= min(window.end, self.until)]  # fmt: skip
        done = [u for u in sure if u.record.end and u.record.end <= last and u.record.start and u.record.start >= opens]
        after = [u for u in sure if u.record.start and u.record.start > last]
        unsure = [
            u
            for u in uses
            if not u.sure and (u.record.start is None or window.start <= u.record.start <= min(window.end, self.until))
        ]
        asked = f"要求{row['measure'] or row['text']}，即 {last} 前（含当日）"
        if done:
            count = Count(1, 1, [u.record.row for u in done])
            status, words = "met", f"第 {'、'.join(count.rows)} 行（{span_of(done[0].record)}）按期完成"
        elif unsure:
            status, words = "undetermined", "；".join(u.doubt for u in unsure[:5])
            count = Count(0, 1, [u.record.row for u in after])
        elif after:
            count = Count(1, 1, [u.record.row for u in after])
            assert after[0].record.start is not None
            days = (after[0].record.start - last).days
            status, words = "late", f"第 {after[0].record.row} 行（{span_of(after[0].record)}）完成，迟 {days} 天"
        elif last > self.until:
            status, words = "not_due", f"到 {self.until} 尚未到期"
        elif window.cut and (window.start > last or window.end < last or window.start > window.full_start):
            status, words = "undetermined", "台账里没有记录；" + _cut_words(window, party, self.in_force)
        else:
            status, words = "missing", f"到 {self.until} 没有记录"
        shown = (
            Window(window.start, last, window.cut, window.full_start, window.full_end)
            if window.start <= last
            else window
        )
        return self._finding(party, shown, status, count, 1, "次", "；".join(w for w in (asked, words, assumed) if w))

    def _cap_each_time(
        self, party: Party, window: Window | None, span: tuple[date, date], uses: Sequence[Use], op: str, most: float,
        unit: str, assumed: str,
    ) -> list[Row]:  # fmt: skip
        asked = concepts(self.row["action"] or "")
        values: list[tuple[float, Use]] = []
        found: list[Row] = []
        for use in uses:
            if use.record.start is None or not span[0] <= use.record.start <= span[1]:
                continue
            for a in use.record.amounts:
                same = concepts(a.label) & asked or not concepts(a.label) and unit not in ("人",)
                if a.unit == unit and same:
                    values.append((a.value, use))
        over = [(v, u) for v, u in values if u.sure and (v > most or op == "lt" and v == most)]
        asked_words = f"要求{self.row['measure'] or self.row['text']}"
        highest = max((v for v, u in values if u.sure), default=0)
        if over and not (party.name or party.unit):  # whoever it was: each record by itself
            for value, use in over:
                record = use.record
                whose = Party(record.person, record.unit, (), ())
                words = f"第 {record.row} 行 {value:g}{unit}，超过 {most:g}{unit}"
                found.append(self._finding(whose, (record.start, record.end), "exceeded", Count(value, value, [record.row]),
                                           most, unit, f"{asked_words}；{words}"))  # fmt: skip
            return found
        if over:
            count = Count(highest, highest, [u.record.row for _, u in over])
            words = "、".join(f"第 {u.record.row} 行 {v:g}{unit}" for v, u in over) + f"，超过 {most:g}{unit}"
            status = "exceeded"
        else:
            count = Count(highest, highest, [u.record.row for _, u in values if u.sure])
            silent = sum(1 for u in uses if u.sure and u.record.start and span[0] <= u.record.start <= span[1]) - len(
                count.rows
            )
            status = "met" if values and silent <= 0 and window is not None else "undetermined"
            words = (
                f"写明的 {len(count.rows)} 次都未超过；另有 {max(silent, 0)} 条记录没有写明"
                if values
                else f"台账没有写明{unit}数"
            )
        return [
            self._finding(
                party, window, status, count, most, unit, "；".join(w for w in (asked_words, words, assumed) if w)
            )
        ]

    # Rows

    def _finding(
        self, party: Party | None, window: Window | tuple[date | None, date | None] | None, status: str, count: Count,
        need: float | None, unit: str, why: str,
    ) -> Row:  # fmt: skip
        row = self.row
        if isinstance(window, Window):
            first, last = window.start, window.end
        elif window:
            first, last = window  # type: ignore[assignment]
        else:
            first, last = self.since, None
        measured = need is not None
        return {
            "requirement_id": row["requirement_id"], "topic": row["topic"], "who": row["subject"],
            "unit": party.unit or None if party else None, "person": party.name or None if party else None,
            "window_start": str(first) if first else None, "window_end": str(last) if last else None, "need": need,
            "have": count.low if measured else None, "measure_unit": unit or None, "status": status,
            "evidence": list(dict.fromkeys(count.rows)), "why": why,
        }  # fmt: skip


def _cut_words(window: Window, party: Party, in_force: date | None) -> str:
    reasons = []
    if party.since and party.since > window.full_start:
        reasons.append(f"{party.since} 起任职")
    if party.until and party.until < window.full_end:
        reasons.append(f"{party.until} 止任职")
    if in_force and in_force > window.full_start:
        reasons.append(f"文件 {in_force} 才印发")
    if not reasons:
        reasons.append(f"只核对 {window.start} 起的部分")
    return f"完整时段是 {window.full_start}—{window.full_end}，{'、'.join(reasons)}"


def _iso(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _role_words(party: Party) -> str:
    """A party's level and role in words."""
    return "".join(LEVEL_NAMES[level] for level in party.levels) + "、".join(party.roles)
