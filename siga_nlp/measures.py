"""Measure words: strings → values. Numerals, durations, counts, amounts, periods and deadlines.

Everything here works on folded text (``view.fold``). What counts as a measure is data: ``rules/measures.yaml``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date as calendar_date

from .lexicon import Lexicon, Rule
from .patterns import Sieve

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "廿": 20, "卅": 30}
_POWERS = {"十": 10, "百": 100, "千": 1000}
# Kinds that say how much of an act is owed.
# 一小时三十分钟: how many of the second unit make one of the first; 一年六个月内: the months of a deadline.
_PARTS = {("小时", "分钟"): 60, ("个小时", "分钟"): 60, ("年", "个月"): 12}
_MONTHS = re.compile(r"(within )?P(\d+)M( before)?")
_OF_ACTS = ("amount", "basis", "comparator", "count")
# Years, months, days: no round is longer (2020年一审 is a date).
_LONGEST_ROUND = 60
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_CAPITALS = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
# 一两个, 两三次, 二三十人, 十七八天, 三五天
_ABOUT = re.compile(
    r"(?P<head>[一二三四五六七八九]?十)?(?P<a>[一二两三四五六七八])(?P<b>(?<=一)两|[二三四五六七八九])(?P<power>[十百千万]*)"
)


def _inside_event(match: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    """Whether spans lie within the event of a deadline: 自收到前款规定的材料之日起十日内."""
    if not match.groupdict().get("event"):
        return False
    first, last = match.span("event")
    return all(first <= a and b <= last for a, b in spans)


@functools.lru_cache(maxsize=4096)
def number(text: str) -> float | None:
    """The value of a numeral in any form that Chinese drafting uses; ``None`` if it is none.

    >>> [number(t) for t in ("一百二十", "两", "廿", "十五", "半", "3.5", "2万", "三分之二", "1:10", "二〇二四")]
    [120, 2, 20, 15, 0.5, 3.5, 20000, 0.66666667, 0.1, 2024]
    """
    if not text or about(text):
        return None
    text = text.translate(_CAPITALS)
    if text == "半":
        return 0.5
    if text.endswith("半数") or text == "一半":
        return 0.5
    if "/" in text:
        above, _, below = text.partition("/")
        return round(int(above) / int(below), 6) if above.isdigit() and below.isdigit() and int(below) else None
    if ":" in text or "∶" in text or "比" in text:
        one, other = map(number, re.split("[:∶比]", text, maxsplit=1))
        return round(one / other, 6) if one is not None and other else None
    if "分之" in text:
        below, above = text.split("分之", 1)
        part, whole = (
            number(above),
            {"百": 100, "千": 1000, "万": 10_000, "百万": 1_000_000}.get(below) or number(below),
        )
        if part is None or not whole:
            return None
        return part if below in ("百", "千", "百万") else round(part / whole, 8)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万亿]*)[%‰]?", text.replace(" ", ""))
    if match:
        value = float(match[1])
        for power in match[2]:
            value *= _POWERS.get(power) or _MYRIADS[power]
        return _plain(value)
    if "点" in text:
        whole_part, _, decimals = text.partition("点")
        head = number(whole_part)
        if head is None or any(c not in _DIGITS for c in decimals):
            return None
        return float(f"{int(head)}." + "".join(str(_DIGITS[c]) for c in decimals))
    if all(c in _DIGITS for c in text) and len(text) > 1:
        return int("".join(str(_DIGITS[c]) for c in text))
    total, section, digit = 0, 0, 0
    for char in text:
        if char in _DIGITS:
            if _DIGITS[char] >= 20:
                section += _DIGITS[char]
            else:
                digit = _DIGITS[char]
        elif char in _POWERS:
            section += (digit or 1) * _POWERS[char]
            digit = 0
        elif char in _MYRIADS:
            total = (total + section + digit or 1) * _MYRIADS[char]
            section, digit = 0, 0
        else:
            return None
    return total + section + digit


@functools.lru_cache(maxsize=4096)
def about(text: str) -> tuple[float, float] | None:
    """The two values of a numeral that names two: no single number, and no digits of one.

    >>> about("一两"), about("两三"), about("二三十"), about("十七八"), about("三五"), about("二十三"), about("二五")
    ((1, 2), (2, 3), (20, 30), (17, 18), (3, 5), None, None)
    """
    match = _ABOUT.fullmatch(text)
    if not match or not (_DIGITS[match["b"]] == _DIGITS[match["a"]] + 1 or match["a"] + match["b"] == "三五"):
        return None
    if match["head"] and match["power"]:
        return None
    low, high = (number((match["head"] or "") + match[name] + match["power"]) for name in ("a", "b"))
    return None if low is None or high is None else (low, high)


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else value


@functools.lru_cache(maxsize=4096)
def duration(count: float | None, unit: str, lexicon: Lexicon) -> str | None:
    """An ISO 8601 duration (``P15D``, ``PT2H``; ``P3WD`` for working days; ``semester``, ``term``).

    >>> from siga_nlp.lexicon import load
    >>> [duration(n, u, load()) for n, u in ((2, "年"), (None, "半年"), (24, "小时"), (3, "个工作日"), (2, "季度"))]
    ['P2Y', 'P6M', 'PT24H', 'P3WD', 'P6M']
    """
    half = unit in ("个半月",)
    code = lexicon.terms["durations"].get("个月" if half else unit)
    code = code or lexicon.terms["durations"].get(unit.removeprefix("个").removeprefix("自然"))
    if code is None:
        return None
    amount = (1 if count is None else count) + (0.5 if half else 0)
    if code in ("semester", "term"):
        return code if amount == 1 else None
    match = re.fullmatch(r"(T?)([\d.]*)(\w+)", code)
    assert match is not None
    amount = _plain(amount * float(match[2] or 1))
    if code == "Y" and amount == 0.5:
        return "P6M"
    return f"P{match[1]}{amount:g}{match[3]}"


# 纪录于会|后五日内: what stands before the event that a deadline runs from.
_BEFORE_EVENT = re.compile(
    r"(?:.*(?:应当|必须|须|(?<![相对适响反])应(?!急)|可以|不得))?(?:当(?=至少|最迟|于|在))?(?:至少|最迟)?(?:[^于]*(?<![由关对位属处至终便利有高低多少优])于|[在自从])?"
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One measure word group. ``kind`` is one of period count amount deadline basis comparator.

    Offsets are those of the text that was searched.
    """

    kind: str
    start: int
    end: int
    rule: str
    op: str | None = None
    value: float | None = None
    max: float | None = None
    unit: str | None = None
    period: str | None = None
    deadline: str | None = None
    event: tuple[int, int] | None = None
    basis: str | None = None


class Measures:
    """The compiled measure rules of a lexicon."""

    # Longer readings first: what one rule has taken, the next one does not see.
    ORDER = ("noise", "deadline", "date", "count", "period", "basis", "amount", "comparator")

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.rules: list[tuple[Rule, re.Pattern[str]]] = [
            (rule, lexicon.compile(rule.pattern)) for kind in self.ORDER for rule in lexicon.rules.get(kind, ())
        ]
        self.sieve = Sieve(lexicon.expand(rule.pattern) for rule, _ in self.rules)
        self.ops = {word: op for op, word in self._op_words()}
        self.lasting = lexicon.compile("{lasting}")

    def period(self, start: int, unit: str, rule: str) -> Atom:
        """A period word at ``start`` as an atom (``月`` in 月调度)."""
        return Atom("period", start, start + len(unit), rule, period=duration(None, unit, self.lexicon))

    def _op_words(self) -> Iterator[tuple[str, str]]:
        names = {
            "at_least": "ge", "more_than": "gt", "at_most": "le", "less_than": "lt", "about_before": "approx",
            "at_least_after": "ge", "at_most_after": "le", "about_after": "approx",
        }  # fmt: skip
        for name, op in names.items():
            for word in self.lexicon.terms[name]:
                yield op, word

    def find(self, text: str, start: int, end: int) -> list[Atom]:
        """All measure word groups in ``text[start:end]``, in order, none overlapping."""
        taken: list[tuple[int, int]] = []
        atoms: list[Atom] = []
        for n in self.sieve.passing(text, start, end):
            self._apply(*self.rules[n], text, start, end, taken, atoms)
        # 自三名以上董事提议之日起十日内: what the event counts is owed by nobody.
        events = [atom.event for atom in atoms if atom.event]
        atoms = [a for a in atoms if a.kind not in _OF_ACTS or not any(x <= a.start < y for x, y in events)]
        atoms.sort(key=lambda atom: atom.start)
        return _joined(atoms)

    def _apply(
        self,
        rule: Rule,
        pattern: re.Pattern[str],
        text: str,
        start: int,
        end: int,
        taken: list[tuple[int, int]],
        atoms: list[Atom],
    ) -> None:
        for match in pattern.finditer(text, start, end):
            a, b = match.span()
            overlapping = [(x, y) for x, y in taken if a < y and x < b]
            if overlapping and not (rule.kind == "deadline" and _inside_event(match, overlapping)):
                continue
            if rule.kind in ("noise", "date"):
                taken.append((a, b))
                continue
            atom = self._read(rule, match)
            if atom is None:
                continue
            taken.append((atom.start, atom.end))
            atoms.append(atom)

    def _read(self, rule: Rule, match: re.Match[str]) -> Atom | None:
        groups = match.groupdict()
        start, end = match.span()
        if rule.kind == "basis":
            return Atom("basis", start, end, rule.name, basis=_basis(groups))
        if rule.kind == "comparator":
            return Atom("comparator", start, end, rule.name, op=self.ops[groups["c1"]])
        n, n2 = number(groups.get("n") or ""), number(groups.get("n2") or "")
        if (two := about(groups.get("n") or "")) and not groups.get("n2"):
            if rule.kind in ("count", "amount"):
                n, n2 = two
            elif rule.kind == "deadline":
                n = two[1]  # 两三天内: on the third day at the latest
        if rule.kind == "deadline" and n2 is not None:
            n = n2  # 3至5日内: on the fifth
        if groups.get("n") and n is None:
            return None
        before, after = (self.ops.get(groups.get(name) or "") for name in ("c1", "c2"))
        # 不超过5人以上, 超过半数以上: of two bounds the first one is meant.
        op = before if before != "approx" and after != "approx" and before else after or before
        if rule.kind == "period":
            period = duration(n, groups.get("pu") or groups.get("half") or str(rule.value["period"]), self.lexicon)
            return Atom("period", start, end, rule.name, period=period) if period else None
        if rule.kind == "deadline":
            form = self._deadline(rule, groups, n)
            if form is None:
                return None
            event = match.span("event") if groups.get("event") else None
            if event and "n" in groups:
                # The event may hold the subject: the measure words begin at the number.
                first = match.start("n")
                start = first - 1 if match.string[first - 1] == "前" else first
                lead = _BEFORE_EVENT.match(match.string, *event)
                if lead and lead[0]:
                    # 应于期满|前三个月 runs from 期满, 应于|前一日 from nothing that is named.
                    event = lead.end(), event[1] if lead.end() < event[1] else start
                    event = event if event[0] < event[1] else None
            if form.startswith("within") and self.lasting.match(match.string, end):
                unit = groups["du"] or ""
                return Atom("amount", start, end, rule.name, op="eq", value=n, unit=unit, event=event)
            each = groups.get("every") or groups.get("every2")
            period = duration(None, groups.get("pe") or groups["pe2"] or "", self.lexicon) if each else None
            return Atom("deadline", start, end, rule.name, deadline=form, event=event, period=period)
        if rule.kind == "count":
            if "period" in rule.value:
                if n is not None and n > _LONGEST_ROUND:
                    return None
                period = duration(n, groups["pu"] or groups.get("half") or "", self.lexicon)
                return Atom("count", start, end, rule.name, op="eq", value=1, period=period)
            if n2 is not None and (n is None or n2 <= n):
                return None
            return Atom("count", start, end, rule.name, op="range" if n2 else op, value=n, max=n2)
        return self._amount(rule, groups, start, end, op, n, n2)

    def _amount(
        self,
        rule: Rule,
        groups: dict[str, str | None],
        start: int,
        end: int,
        op: str | None,
        n: float | None,
        n2: float | None,
    ) -> Atom | None:
        words = groups["n"] or ""
        if words and not words.strip("百千万亿") and not groups.get("c1"):
            return None  # 亿元以上企业: a size, with no number of its own
        unit = groups.get("unit") or None
        if n is not None:
            parts = (number(groups.get("tenths") or "") or 0, number(groups.get("hundredths") or "") or 0)
            n = _plain(round(n + parts[0] / 10 + parts[1] / 100, 6)) * (-1 if groups.get("minus") else 1)
        if "share" in groups:
            unit = groups["share"] or ("%" if "%" in words or words.startswith("百分") else None)
            unit = unit or ("ppm" if words.startswith("百万分") else None)
            unit = unit or ("‰" if "‰" in words or words.startswith("千分") else None)
            if words == "过半数" or words == "半数" and op is None:
                op = "gt" if words == "过半数" else None
            other = groups.get("n2") or ""
            if unit == "‰" and n is not None and n2 is not None and ("%" in other or other.startswith("百分")):
                n, unit = n / 10, "%"  # 5‰至1%
        if n2 is not None and (n is None or n2 <= n):
            return None
        op = op or ("approx" if groups.get("odd") else None)
        if unit == "元" and n is not None and words[:1].isdigit() and words[-1:] in "万亿":
            unit, n = words[-1] + unit, number(words[:-1])
        return Atom("amount", start, end, rule.name, op="range" if n2 else op, value=n, max=n2, unit=unit)

    def _deadline(self, rule: Rule, groups: dict[str, str | None], n: float | None) -> str | None:
        form = str(rule.value["deadline"])
        fields: dict[str, str] = {}
        if "{n}{du}" in form:
            span = duration(n, groups["du"] or "", self.lexicon)
            if span is None:
                return None
            form = form.replace("{n}{du}", span)
        for name, width in (("y", 4), ("mo", 2), ("d", 2), ("mo2", 2)):
            if groups.get(name):
                value = number(groups[name] or "")
                if (
                    value is None
                    or name.startswith("mo")
                    and not 1 <= value <= 12
                    or name == "d"
                    and not 1 <= value <= 31
                ):
                    return None
                fields[name] = f"{int(value):0{width}d}"
        if roc := number(groups.get("roc") or ""):
            fields["y"] = f"{int(roc) + 1911}"  # 民国元年 is 1912
        if "d" in fields and "mo" in fields:
            try:
                calendar_date(int(fields.get("y", 2024)), int(fields["mo"]), int(fields["d"]))
            except ValueError:
                return None  # 2月30日: a slip of the text, no day
        if "{pe}" in form:
            names = {"年": "year", "学年": "year", "年度": "year", "季": "quarter", "季度": "quarter", "月": "month", "周": "week",
                     "学期": "semester", "任期": "term"}  # fmt: skip
            fields["pe"] = names[
                groups.get("pe") or groups.get("pe2") or groups.get("pe3") or groups.get("pe4") or "年"
            ]
        form = form.format(**fields)
        first, _, last = form.removeprefix("in ").partition("/")
        return f"in {first}" if form.startswith("in ") and first == last else form


def _basis(groups: dict[str, str | None]) -> str:
    word = groups.get("basis") or groups.get("basis2") or "人"
    return (groups.get("n") or "") + word


@functools.lru_cache(maxsize=8)
def compiled(lexicon: Lexicon) -> Measures:
    """The measure rules of a lexicon, compiled once."""
    return Measures(lexicon)


def _joined(atoms: list[Atom]) -> list[Atom]:
    """One measure of each length in two units: 一小时三十分钟 is 90 分钟, 一年六个月内 is within P18M."""
    found: list[Atom] = []
    for atom in atoms:
        last = found[-1] if found else None
        if last and last.kind == "amount" and last.end == atom.start and last.value and last.max is None:
            each = _PARTS.get((last.unit or "", atom.unit or ""))
            due = _MONTHS.fullmatch(atom.deadline or "") if last.unit == "年" else None
            if each and atom.value is not None and atom.max is None:
                value = last.value * each + atom.value
                found[-1] = replace(atom, start=last.start, value=value, op=last.op or atom.op)
                continue
            if due and last.op is None:
                deadline = f"{due[1] or ''}P{int(last.value * 12) + int(due[2])}M{due[3] or ''}"
                found[-1] = replace(atom, start=last.start, deadline=deadline)
                continue
        found.append(atom)
    return found
