"""Acts and comparators that a measured row takes from elsewhere: from the series it stands in, the clause before or
after, an earlier row or the stem of its list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..clauses import Clause
from ..models import Span
from .governing import governing, is_opener
from .page import Page
from .statements import COUNTED, MEASURING, Memory, Sentence, Statement
from .subjects import is_named

_OWN_PERIOD = frozenset({"period"})
_CLAUSE = re.compile(r"[^,:。;]+")


def lend_actions(page: Page, sentence: Sentence, k: int, made: Sequence[Statement], memory: Memory) -> None:
    """Acts for the rows of clause ``k`` whose segment has none."""
    for n, row in enumerate(made):
        if n:
            _take_verb(page, row, made[n - 1])
        case = _case_before_due(page, row, made, n)
        if case:
            row.condition, row.action = case
            made[n + 1].action = case[1]
            row.rules.append("action-from-series")
            continue
        if says_act(page, row):
            continue
        lent = _lent(page, sentence, k, made, n, memory)
        if lent:
            row.action, rule = lent
            row.rules.append(rule)


def _case_before_due(
    page: Page, row: Statement, made: Sequence[Statement], n: int
) -> tuple[Span | None, list[Span]] | None:
    """发现甲类2小时内、乙类24小时内完成直报: before the first of two deadlines stands the case, behind the last the act."""
    if n + 1 >= len(made) or not made[n + 1].action:
        return None
    pair = [[a for a in each.atoms if a.kind in MEASURING] for each in (row, made[n + 1])]
    if any(len(atoms) != 1 or atoms[0].kind != "deadline" for atoms in pair):
        return None
    (due,), (later,) = pair
    behind = [span for span in made[n + 1].action if span[0] >= later.end]
    if row.action and row.action[-1][1] > due.start or not behind or row.modal:
        return None
    return row.action[0] if row.action else due.event, behind


def _take_verb(page: Page, row: Statement, before: Statement) -> None:
    """联系1个县、2个贫困村: a bare object takes the verb of the member before."""
    verb = page.wording.verb.match(page.masked, *before.action[0]) if before.action else None
    bare = row.source != "stated" and row.action and not row.has(frozenset({"period"}))
    if (
        verb
        and bare
        and "verb-from-series" not in row.rules
        and not page.wording.verb.search(page.masked, row.start, row.end)
    ):
        row.action = [verb.span(), *row.action]
        row.rules.append("verb-from-series")


def _lent(
    page: Page, sentence: Sentence, k: int, made: Sequence[Statement], n: int, memory: Memory
) -> tuple[list[Span], str] | None:
    """The act for row ``n`` of ``made`` and the rule by which it is lent; the nearest source that fits."""
    found, row = sentence.clauses, made[n]
    # 每校最高二万元: who is named is whom an amount is owed for.
    own = row.basis_span is None or row.subject is None or row.subject[0] > row.basis_span[1]
    stated = row.source == "stated" and own
    alike = _alike(row, memory.statements) if stated else None
    if alike:
        return list(alike.action), "action-carried"
    later = next((other for other in made[n + 1 :] if says_act(page, other)), None)
    if later:
        return list(later.action), "action-from-series"
    earlier = next((other for other in reversed(made[:n]) if says_act(page, other)), None)
    if earlier:
        return list(earlier.action), "action-carried"
    if n == len(made) - 1 and _is_due_ahead(row, found[k]) and k + 1 < len(found):
        act = _act_after(page, sentence, k)
        if act:
            # 6月30日前,各乡镇完成摸底
            by = page.masked.startswith("由", act[0])
            party = page.parties.leading(page.masked, act[0] + by, act[1], bare=by)
            if (
                party
                and party.whole
                and party.end < act[1] - 1
                and not stated
                and is_named(page, party, act[1], memory)
            ):
                row.subject, row.source, row.issues = (party.start, party.end), "stated", []
                memory.act_for(row.subject)
                act = page.trim(party.end, act[1])
            return [act], "act-after"
    thing = row.subject if "thing_as_subject" in row.issues else None
    if (
        k
        and n == 0
        and not found[k - 1].atoms
        and thing
        and thing == memory.topic
        and found[k - 1].start <= thing[0] < found[k - 1].end
    ):
        return [thing], "action-from-topic"  # 公益劳动,|每月3次
    if k and n == 0 and not found[k - 1].atoms and not stated:
        a, b = _predicate(page, found[k - 1])
        if b - a >= 2 and not page.wording.exception.fullmatch(page.masked, a, b):
            return [(a, b)], "action-before"
    if stated or not row.action:
        if not stated and memory.action and memory.action[0][0] >= found[0].start:
            return list(memory.action), "action-carried"  # 每周开放5天,每天不少于4小时,寒暑假全天开放
        ahead = _series_ahead(page, sentence, k)
        if ahead:
            return [ahead], "action-from-series"
        far = bool(memory.action) and page.masked.find("。", memory.action[-1][1], row.start) >= 0
        if memory.action and not (far and page.nodes[row.index].stem >= 0):
            row.issues += ["action_from_far"] * far
            return list(memory.action), "action-carried"
    return None


def says_act(page: Page, row: Statement) -> bool:
    """Whether a row has an act of its own."""
    words = "".join(page.says(span) for span in row.action)
    wording = page.wording
    says_none = wording.no_act.fullmatch(words) or wording.strives.fullmatch(words)
    return (len(words) >= 2 or words == "计") and not says_none


def _alike(row: Statement, earlier: Sequence[Statement]) -> Statement | None:
    """The last row with an amount in the same unit: 其他班子成员不少于10天 measures what 15天 measured."""
    unit = next((a.unit for a in row.atoms if a.kind == "amount"), None)
    if not unit:
        return None
    for other in reversed(earlier[-6:]):
        near = other.action and row.start - other.end < 60
        if near and any(a.kind == "amount" and a.unit == unit for a in other.atoms):
            return other
    return None


def _is_due_ahead(row: Statement, clause: Clause) -> bool:
    """Whether a clause ends with when something is due (``每年12月底前,``), so that the act may follow."""
    if clause.after != "," or any(a.kind == "count" for a in row.atoms):
        return False
    return any(a.kind == "deadline" or a.kind == "period" and a.end >= clause.end - 2 for a in row.atoms)


def _act_after(page: Page, sentence: Sentence, k: int) -> Span | None:
    j = k + 1
    while j + 1 < len(sentence.clauses) and _only_due(page, sentence.clauses[j]):
        j += 1  # 结束后一个月内,最迟于十二月十日前,检附…
    while is_opener(page, sentence, j, sentence.clauses[j].start):
        j += 1
    clause = sentence.clauses[j]
    if governing(page, clause):
        return None
    a, b = page.trim(clause.start, clause.end)
    return (a, b) if b - a >= 2 else None


def _only_due(page: Page, clause: Clause) -> bool:
    """Whether a clause says nothing but by when."""
    atoms = clause.atoms
    if not atoms or clause.modals or any(a.kind != "deadline" for a in atoms):
        return False
    return atoms[-1].end >= clause.end - 1 and atoms[0].start - clause.start <= 4


def _series_ahead(page: Page, sentence: Sentence, k: int) -> Span | None:
    """省级每半年1次,市级每季度1次,在同级场所接访: the act that closes a series of measures."""
    found, j = sentence.clauses, k + 1
    while j < len(found) and any(a.kind in MEASURING and a.kind != "deadline" for a in found[j].atoms):
        if page.parties.object_of.match(page.masked, *page.trim(found[j].start, found[j].atoms[0].start)):
            return None  # 把结果一式二份: another act
        last = found[j].atoms[-1].end
        a, b = page.trim(last, found[j].end)
        # 巡查一次并做好记录: that act goes with the one before the measure.
        if b - a >= 2 and page.wording.verb.match(page.masked, a, b) and page.strip(last, b)[0] == a:
            return a, b
        j += 1
    while j < len(found) and is_opener(page, sentence, j, found[j].start):
        j += 1
    if j < len(found) and not found[j].modals and not found[j].atoms and not page.opening(found[j]):
        return page.trim(found[j].start, found[j].end)
    return None


def act_behind_opener(page: Page, sentence: Sentence, k: int, made: Sequence[Statement]) -> None:
    """应于每年三月底前将结果,报主管机关: what is left beside the measure only opens, so the act of the next clause joins it."""
    if not made or not made[-1].action or k + 1 >= len(sentence.clauses):
        return
    row, following = made[-1], sentence.clauses[k + 1]
    start, end = row.action[-1]
    if end < sentence.clauses[k].end - 1 or following.atoms or following.modals:
        return
    opens = is_opener(page, sentence, k, start)
    if not opens and not page.wording.when_end.search(page.masked, start, end):
        return
    act = _act_after(page, sentence, k)
    if act:
        thing = page.wording.disposing.match(page.masked, start, end)
        row.action = [*row.action, act] if thing else [*row.action[:-1], act]
        row.rules.append("act-after-opener")


def _predicate(page: Page, clause: Clause) -> Span:
    party = page.opening(clause)
    start = party.end if party and party.whole else clause.start
    a, b = page.trim(max([start, *(modal.end for modal in clause.modals)]), clause.end)
    return a, b - page.masked.endswith("的", a, b)


def lend_from_stem(page: Page, row: Statement, index: int) -> None:
    """A list under 以不低于下列比率为原则: its items take the comparator, and where they have none, the act.

    A stem that only names a case (``五、高级中等学校:``) has its own stem asked.
    """
    wording = page.wording
    stem = page.nodes[index]
    tail, end = page.masked.rfind("。", stem.body, stem.end) + 1 or stem.body, stem.end
    if tail > stem.body and not wording.list_words.search(page.masked, tail, end):
        pointers = list(wording.list_words.finditer(page.masked, stem.body, tail))
        if pointers:
            tail = page.masked.rfind("。", stem.body, pointers[-1].start()) + 1 or stem.body
            end = page.masked.find("。", pointers[-1].start(), stem.end)
    words = page.masked[tail:end]
    if stem.stem >= 0 and not wording.list_words.search(words) and not page.cues.find(page.masked, tail, stem.end):
        lend_from_stem(page, row, stem.stem)
        return
    counted = [a for a in row.atoms if a.kind in COUNTED]
    if row.op is None and counted and all(a.op is None for a in counted):
        listed = next((m for m in _CLAUSE.finditer(words) if wording.list_words.search(m[0])), None)
        bound = wording.bound.search(listed[0]) if listed else None
        if bound:
            row.op = page.measures.ops[bound[0]]
            row.rules.append("comparator-from-stem")
    opens = tail
    listed = next((m for m in _CLAUSE.finditer(words) if wording.amounts_stem.search(m[0])), None)
    if (
        listed
        and row.period is None
        and not row.has(_OWN_PERIOD)
        and any(a.unit not in page.units.sizes for a in counted)
    ):
        # 每月报送信息任务如下:(一)农业局5条
        atoms = page.measures.find(page.masked, tail + listed.start(), tail + listed.end())
        periods = [a for a in atoms if a.kind == "period"]
        if len(periods) == 1:
            row.period = periods[0].period
            row.rules.append("period-from-stem")
            opens = periods[0].end
    if says_act(page, row):
        return
    stretches = [match.span() for match in _CLAUSE.finditer(words)]
    for a, b in [*_before_list(page, words, stretches), *reversed(stretches)]:
        a, b = page.trim(tail + a, tail + b)
        party = page.parties.leading(page.masked, a, b)
        if party and party.whole:
            a = party.end
        a, b = page.trim(max([a, *(modal.end for modal in page.cues.find(page.masked, a, b))]), b)
        if a < opens < b:
            a = page.trim(opens, b)[0]
            told = wording.amounts_follow.search(page.masked[a:b])
            b = a + told.start() if told and told.start() > 1 else b
        refers = wording.only_refers.search(page.masked[a:b]) or wording.exception.fullmatch(page.masked, a, b)
        if b - a >= 3 and not refers:
            row.action = [(a, b)]
            row.rules.append("action-from-stem")
            return


def _before_list(page: Page, words: str, stretches: Sequence[Span]) -> list[Span]:
    """What the clause of a stem says before it points to the list (占工作人员之比率|如下), or the clause before that one."""
    for n, (a, b) in enumerate(stretches):
        pointer = page.wording.to_list.search(words, a, b)
        act = page.wording.act_of_stem.search(words, a, b) if pointer else None
        if act:
            return [act.span("act")]  # 应依下列规定|配置工作人员
        if pointer:
            before = [(x, y) for x, y in reversed(stretches[:n]) if not page.wording.opener.match(words, x, y)]
            return [(a, pointer.start())] if pointer.start() - a >= 3 else before[:1]
    return []
