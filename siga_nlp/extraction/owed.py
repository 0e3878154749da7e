"""Which measures of a clause state how much of an action is owed: not those of conditions, history, names and things."""

from __future__ import annotations

from collections.abc import Sequence

from ..clauses import Clause, Modal
from ..measures import Atom
from .page import Page
from .statements import COUNTED, Sentence

# Deadlines that name a date: in a sentence that tells what was done they are history.
_DATED = ("in-", "by-", "before-year")
# Numbers of these rules are owed with no further word.
_OWED_BARE = frozenset({"rotation"})
# A clause that says one of these is no mere case.
_NO_CASE = frozenset({"period", "deadline", "count", "basis"})
# People: more than these are no committee but a figure.
_LARGEST_BODY = 60
# Households, villages, firms: nobody is given more of them; beyond is a figure.
_LARGEST_TASK = 20


def owed(page: Page, sentence: Sentence, k: int, modals: Sequence[Modal]) -> list[Atom]:
    """The measures of clause ``k`` that state what is owed, under its governing ``modals``."""
    clause = sentence.clauses[k]
    masked, wording = page.masked, page.wording
    # A duty may stand before the sanction for those who miss it; without a modal word it is whom the sanction strikes.
    threatened = sentence.clauses[k:] if not modals else [clause]
    if sentence.penalty or not clause.atoms or any(wording.penalty.search(masked, c.start, c.end) for c in threatened):
        return []
    words = masked[clause.start : clause.end]
    if wording.definition.search(words) or _is_scored(page, sentence, k) or not modals and wording.deems.search(words):
        return []
    if not modals and page.register == "tw" and wording.deemed_later.match(masked, clause.end, clause.end + 240):
        return []
    background = wording.background.search(words) if clause.after == "," else None
    condition = bool(wording.condition_end.search(words)) or not modals and bool(wording.every_case.match(words))
    modal_at = modals[0].start if modals else None
    kept = []
    for atom in clause.atoms:
        if background and atom.start >= clause.start + background.start():
            continue
        if atom.kind == "period":
            keeps = not (wording.period_as_attribute.match(masked, atom.end, clause.end) or condition and not modals)
            keeps = keeps and not (clause.after == ":" and wording.amounts_stem.search(words))
            following = sentence.after(k)
            if not modals and following and following.modals and wording.measured_thing.search(words):
                keeps = keeps and any(a.kind in COUNTED for a in clause.atoms)
            bare = masked[clause.start : atom.start].strip(" ,、") == "" and not modals and k == 0
            if bare and _names_thing(page, sentence):
                keeps = keeps and any(a.kind in COUNTED for a in clause.atoms)  # 载明下列事项:每星期平均工时
            if wording.period_in_name.search(masked, clause.start, atom.start):
                keeps = keeps and not wording.named_amount.match(masked, atom.end, clause.end)
        elif atom.kind == "deadline":
            keeps = not (condition and not modals) and _is_due(page, sentence, k, atom)
        elif atom.kind in COUNTED:
            keeps = not condition and _is_owed(page, sentence, k, atom, modal_at)
        else:
            keeps = True
        if keeps:
            kept.append(atom)
    return kept


def _names_whom(page: Page, sentence: Sentence, k: int, atom: Atom) -> bool:
    """Whether an amount only says which parties must act: 持有股份百分之五以上的股东,应当…"""
    clause, following = sentence.clauses[k], sentence.after(k)
    if clause.after != "," or following is None or not following.modals:
        return False
    if following.modals[0].start > following.start + 2 or page.masked[atom.end : atom.end + 1] != "的":
        return False
    return page.parties.ends_in_head(page.masked[atom.end + 1 : clause.end])


def _names_thing(page: Page, sentence: Sentence) -> bool:
    """Whether a sentence is an item of a list of things (记载下列事项:)."""
    stem = page.nodes[sentence.index].stem
    if stem < 0:
        return False
    tail = page.masked[max(page.nodes[stem].body, page.nodes[stem].end - 80) : page.nodes[stem].end].rstrip()
    return bool(page.wording.stem_things.search(tail) and not page.wording.stem_acts.search(tail))


def _is_scored(page: Page, sentence: Sentence, k: int) -> bool:
    """Whether a clause says how many marks are taken or given (每次扣2分), or for what, before a clause that does."""
    wording, masked, clause = page.wording, page.masked, sentence.clauses[k]
    if wording.scoring.search(masked, clause.start, clause.end):
        return True
    following = sentence.after(k)
    if following is None or not wording.scored_case.match(masked, clause.start, clause.end):
        return False
    return bool(wording.scoring.search(masked, following.start, following.end))


def _is_due(page: Page, sentence: Sentence, k: int, atom: Atom) -> bool:
    """Whether a deadline is one: not 三日内的, not a date in history, not 2019年前成立的."""
    clause = sentence.clauses[k]
    if page.wording.deadline_as_attribute.match(page.masked, atom.end, clause.end) or _is_leave(page, clause, atom):
        return False
    if not page.cues.find(page.masked, clause.start, clause.end) and _begins_case(page, sentence, k, atom):
        return False
    if sentence.history and atom.rule.startswith(_DATED):
        return False
    if page.wording.hands_in.search(page.masked, clause.start, atom.start):
        if page.wording.paper_of_age.match(page.masked, atom.end, clause.end):
            return False
    return not page.wording.founded.match(page.masked, atom.end, clause.end)


def _is_owed(page: Page, sentence: Sentence, k: int, atom: Atom, modal_at: int | None) -> bool:
    """Whether a count or an amount, in a clause that is no condition, is owed."""
    masked, wording, units = page.masked, page.wording, page.units
    clause = sentence.clauses[k]
    after = masked[atom.end : clause.end]
    share = atom.rule.startswith("share")
    has_period = any(a.period for a in clause.atoms)
    bounded = atom.op is not None or _bounded(clause, atom)
    plain_bound = masked.startswith(("以上", "以下", "以内"), atom.end - 2)
    if clause.after == ":" and _names_case(page, sentence, k):
        return False
    if_so = modal_at is not None and atom.end <= modal_at and wording.if_so.search(masked, clause.start, atom.start)
    if if_so:
        return False  # 如在三十度以内应设置遮光装置
    if atom.unit in units.temperature_units and wording.by_heat.search(masked, clause.start, atom.start):
        return True
    if atom.unit in units.calendar_units and atom.value and atom.value > 1000 or atom.unit in units.rank_units:
        return False
    if clause.after == ":" and modal_at is None and atom.start <= clause.start + 1 and not after.strip():
        return False
    if atom.unit in units.score_units and wording.marks_before.search(masked, clause.start, atom.start):
        return False
    if share and modal_at is None and wording.demanded_then.match(after):
        return False
    if atom.op in ("gt", "lt") and not share and (modal_at is None or atom.start < modal_at):
        return False  # 超过三十人的单位应当: to whom a rule applies
    if atom.unit not in units.time_units and wording.counted_as.fullmatch(after):
        earlier = sentence.clauses[max(0, k - 1)]
        if wording.rounded.search(masked, earlier.start, earlier.end):
            return False
        if wording.rounded_within.search(masked, clause.start, atom.start):
            return False
    if atom.op is None and atom.unit in units.time_units and wording.at_that_time.match(after):
        return False
    if atom.kind == "amount" and wording.qualification.match(after) or _is_leave(page, clause, atom):
        return False
    if modal_at is None and plain_bound and wording.kind_ruled.match(after):
        if wording.nobody.fullmatch(masked, clause.start, atom.start):
            return False
    if modal_at is None and plain_bound and wording.kind_of_thing.fullmatch(after):
        if wording.nobody.fullmatch(masked, clause.start, atom.start):
            return False
    if modal_at is None and clause.after == "," and wording.of_things.fullmatch(after):
        if wording.size_before.search(masked, clause.start, atom.start):
            return False
    if modal_at is None and k == 0 and _names_whom(page, sentence, k, atom):
        return False
    if modal_at is None and (wording.grade_next.match(after) or atom.unit in units.score_units and not share):
        if not wording.verb.search(masked, clause.start, atom.start) and not has_period:
            return False
    if modal_at is None and not share and _leads_to_case(page, sentence, k):
        return False
    if atom.unit in units.term_units and wording.of_a_person.match(after):
        if wording.by_whom.search(masked[clause.start : atom.start]):
            return False
    if wording.case_after.match(after) and wording.case_before.search(masked[clause.start : atom.start]):
        return False
    if _is_whole_item(page, sentence, k, atom):
        return True
    if atom.op is None and wording.each_follows.match(masked, atom.end, clause.end):
        return False
    if atom.op is None and wording.is_divided.match(masked, atom.end, clause.end):
        return False
    one_person = atom.value == 1 and atom.unit in units.people_units  # 1人最多帮扶5户 is made a basis later
    if atom.op is None and not one_person and not _has_verb_before(page, clause, atom):
        later = next((a for a in clause.atoms if a.start > atom.end and a.kind in (*COUNTED, "comparator")), None)
        if later and later.op and masked.find("、", atom.end, later.start) < 0:
            return False  # 全市6个园区实现产值200亿元以上
    if not share and wording.of_whom.match(after) and not wording.bound.match(masked, atom.start):
        return False  # 接种满21天的人员
    if (
        atom.op is None
        and wording.sums_up.search(masked, clause.start, atom.start)
        and wording.summed.match(page.text, atom.start)
    ):
        return False  # 安全、质量、进度三项重点
    if after.startswith(("的", "之")) and masked.startswith(("以上", "以下", "以内"), atom.end - 2):
        if any(a.kind in COUNTED and a.start > atom.end for a in clause.atoms):
            return False  # 供餐1000人以上的学校不少于2次
    plain = not has_period and not any(a.kind == "basis" for a in clause.atoms)
    if sentence.history and (
        atom.op in (None, "approx")
        and not has_period
        or wording.retold.search(masked[sentence.clauses[0].start : clause.end])
    ):
        return False
    if modal_at is not None:
        # 三十人以上的单位应当 … but 至少两人要持证.
        ahead = atom.end <= modal_at and not has_period and not _is_throughout(atom) and not share
        ahead = ahead and not masked.startswith("其中", atom.start - 2)  # 其中十小时应为
        if atom.end <= modal_at and wording.demanded.search(masked, atom.end, modal_at):
            return False  # 有五分之一以上代表提议应当召开
        if ahead and not (atom.start <= clause.start + 2 and wording.bound_ahead.match(page.text, atom.start)):
            return False
    elif not has_period:
        if (atom.unit in units.score_units or atom.op in ("gt", "lt")) and wording.threshold.match(after):
            return False
        if share and not bounded and not _share_is_owed(page, clause, atom):
            return False
        if not share and atom.kind == "amount" and plain and wording.describes.match(after):
            if not wording.verb.search(masked, clause.start, atom.start):
                return False
    return bounded or not plain or _bare_is_owed(page, sentence, k, atom, modal_at)


def _is_throughout(atom: Atom) -> bool:
    """Whether an amount says how long something lasts (一个任期内不得, 三年内不得)."""
    return atom.kind == "amount" and atom.rule.startswith(("throughout", "within"))


def _has_verb_before(page: Page, clause: Clause, atom: Atom) -> bool:
    """Whether something is said to be done before an amount is named in a clause."""
    return page.wording.verb.search(page.masked, clause.start, atom.start) is not None


def _is_leave(page: Page, clause: Clause, atom: Atom) -> bool:
    """Whether a length of time says for what leave whose consent is needed: 外出3天以上由书记审批."""
    wording, masked = page.wording, page.masked
    if not wording.leave_case.match(masked, atom.end):
        return False
    if masked.startswith("内", atom.end - 1) and wording.leave_within.search(
        masked, max(0, clause.start - 60), atom.start
    ):
        return True
    if not masked.startswith(("以上", "以内", "以下"), atom.end - 2):
        return False
    return bool(wording.leave_before.search(masked, max(0, clause.start - 30), atom.start))


def _begins_case(page: Page, sentence: Sentence, k: int, atom: Atom) -> bool:
    """Whether a deadline is part of a case: 产品自售出之日起7日内,因质量问题需要更换的,消费者可以选择…"""
    clause, following = sentence.clauses[k], sentence.after(k)
    at_end = clause.end - atom.end <= 1 and clause.after == ","
    if following is None or not at_end or atom.event is None:
        return False
    lead = page.begin(clause, atom.start)
    ends = page.wording.case_end.search(page.masked, following.start, following.end)
    return bool(ends and page.wording.thing_before.fullmatch(page.masked, lead, atom.event[0]))


def _leads_to_case(page: Page, sentence: Sentence, k: int) -> bool:
    """Whether a clause is the first part of a case that a later one ends: 长四十公尺以下,宽不足四公尺者,应…"""
    clause = sentence.clauses[k]
    if any(a.kind in _NO_CASE for a in clause.atoms) or clause.after != ",":
        return False
    if page.wording.verb.search(page.masked, clause.start, clause.end):
        return False
    for later in sentence.clauses[k + 1 : min(k + 4, len(sentence.clauses) - 1)]:
        if later.modals:
            return False
        if page.wording.case_end.search(page.masked, later.start, later.end):
            return True
    return False


def _bounded(clause: Clause, atom: Atom) -> bool:
    """Whether a comparator stands apart from its number: 不超过参评人数的15%."""
    before = [a for a in clause.atoms if a.start < atom.start and a.kind in (*COUNTED, "comparator")]
    return bool(before) and before[-1].kind == "comparator"


def _names_case(page: Page, sentence: Sentence, k: int) -> bool:
    """Whether a clause before a colon says for which case the amount after it is owed (``十只以上、未满一百只:``)."""
    clause, following = sentence.clauses[k], sentence.after(k)
    if k or page.nodes[sentence.index].stem < 0 or following is None or not following.atoms:
        return False
    said = sum(a.end - a.start for a in clause.atoms)
    return clause.end - clause.start - said <= 4


def _is_whole_item(page: Page, sentence: Sentence, k: int, atom: Atom) -> bool:
    """An item that only names an amount: ``(二)乡镇:2次``."""
    clause, node = sentence.clauses[k], page.nodes[sentence.index]
    return (
        k > 0
        and len(clause.atoms) == 1
        and atom.unit not in page.units.score_units
        and clause.end - clause.start - (atom.end - atom.start) <= 4
        and (node.stem >= 0 or node.kind == "item")
        and sentence.clauses[k - 1].after == ":"
    )


def _share_is_owed(page: Page, clause: Clause, atom: Atom) -> bool:
    """Whether a bare share is a goal (达到30%) or a quorum (三分之二), not a figure."""
    wording = page.wording
    return bool(
        wording.reaches.search(page.masked, max(clause.start, atom.start - 8), atom.start)
        or (atom.value == 100 and wording.whole_rate.search(page.masked, clause.start, atom.start))
        or wording.share_in_words.search(page.text[atom.start : atom.end])
    )


def _bare_is_owed(page: Page, sentence: Sentence, k: int, atom: Atom, modal_at: int | None) -> bool:
    """Whether a bare number (no comparator, period or 每人) states something owed."""
    masked, wording = page.masked, page.wording
    if modal_at is not None and modal_at < atom.start:
        return True
    clause, found = sentence.clauses[k], sentence.clauses
    before = masked[max(clause.start, atom.start - 14) : atom.start]
    following = sentence.after(k)
    then = following and (following.modals or following.atoms and masked.startswith("于", clause.start))
    if then and wording.case_before.search(before):
        return False  # 连续工作四小时,应休息; 于连续作业二小时,给予休息
    if (
        wording.each_or_only.search(before)
        or _is_throughout(atom)
        or atom.rule in _OWED_BARE
        or atom.rule.startswith("share")
    ):
        return True
    if not sentence.history and _is_assigned(page, sentence, k, atom):
        return True
    if wording.money.match(masked, atom.start) and wording.fee.search(masked, clause.start, atom.start):
        return atom.end >= clause.end - 1 and not sentence.history
    if _is_member(page, sentence, k, atom) or _is_one_of_row(page, sentence, k, atom):
        return True
    stem = page.nodes[sentence.index].stem
    if stem >= 0 and atom.end >= clause.end - 1 and not sentence.history:
        tail = masked[page.nodes[stem].body : page.nodes[stem].end].rstrip()
        if wording.amounts_stem.search(tail[tail.rfind("。") + 1 :]):
            return True  # 最高补助金额如下:(一)培训班二百万元
    if any(c.after == ":" and _is_standard(page, c) for c in found[:k]) and wording.member.fullmatch(
        masked, clause.start, atom.start
    ):
        return True  # 每班人数为:小班25人
    if any(c.atoms and c.modals for c in found[:k]) and wording.short_verb.fullmatch(masked, clause.start, atom.start):
        return True
    if k and atom.end >= clause.end - 1 and found[k - 1].after == "," and not found[k - 1].modals:
        if wording.case_end.search(masked, found[k - 1].start, found[k - 1].end) and wording.granted.fullmatch(before):
            return True  # 满十年的,年休假十天
    if wording.counted_as.fullmatch(masked, atom.end, clause.end) and before.endswith(("以", "按")):
        return True
    if wording.lasts_or_reaches.search(before) or wording.stays_so.match(masked, atom.end, clause.end):
        return True
    due = any(
        a.kind == "deadline" and (a.deadline or "").startswith(("by", "within"))
        for c in found[: k + 1]
        for a in c.atoms
    )
    if due or sentence.planned:
        if wording.builds.search(masked, clause.start, atom.start):
            return True  # 到2027年,各县建成5个示范点
    if any(a.kind == "period" or a.op for c in found for a in c.atoms):
        return (
            atom.kind == "count"
            or bool(wording.a_word.search(before))
            and not wording.article.match(masked, atom.start)
        )
    if atom.kind != "count" or not wording.verb.search(before):
        return False
    return not wording.once.fullmatch(masked, atom.start, atom.end) or bool(wording.held_once.search(before))


def _is_assigned(page: Page, sentence: Sentence, k: int, atom: Atom) -> bool:
    """Whether a small number is a share of work: 县级领导包联1个乡镇、2个贫困村."""
    clause = sentence.clauses[k]
    before = [a for a in clause.atoms if a.end <= atom.start]
    if (atom.value or 0) > _LARGEST_TASK:
        return _is_visited(page, sentence, k, atom)
    if before and page.masked.find("、", before[-1].end, atom.start) >= 0:
        return _is_assigned(page, sentence, k, before[-1])
    if page.wording.assigning.search(page.masked, clause.start, atom.start):
        return True
    return _is_visited(page, sentence, k, atom)


def _is_visited(page: Page, sentence: Sentence, k: int, atom: Atom) -> bool:
    """Whether a number is one of several that somebody named has to visit or help: 一般干部走访20户,联系5户."""
    clause, found = sentence.clauses[k], sentence.clauses
    if not page.wording.visiting.search(page.masked, clause.start, atom.start):
        return False
    if sum(a.kind == "amount" and a.op is None for c in found for a in c.atoms) < 2:
        return False
    party = next(filter(None, map(page.opening, reversed(found[: k + 1]))), None)
    return party is not None and bool(page.wording.person_end.search(page.says((party.start, party.end))))


def _is_standard(page: Page, clause: Clause) -> bool:
    """Whether a clause before a colon opens a list of amounts: 每班人数一般为:"""
    given = any(a.kind in ("basis", "period") for a in clause.atoms)
    return given and page.wording.standard_end.search(page.masked[clause.start : clause.end]) is not None


def _is_member(page: Page, sentence: Sentence, k: int, atom: Atom) -> bool:
    """Whether a number says how many people make up a body: 置组长一人, and 副组长二人 after it or in a list of members."""
    wording, masked, clause = page.wording, page.masked, sentence.clauses[k]
    stem = page.nodes[sentence.index].stem
    tail = page.masked[page.nodes[stem].body : page.nodes[stem].end] if stem >= 0 else ""
    tail = tail[tail.rfind("。") + 1 :]
    if atom.unit in page.units.copy_units:
        return atom.end >= clause.end - 1 and wording.papers_stem.search(tail) is not None
    if atom.unit in page.units.part_units:
        return bool(wording.divided.search(masked, clause.start, atom.start))
    if atom.unit not in page.units.people_units:
        return False
    if (atom.value or 0) > _LARGEST_BODY:
        return False
    if wording.staffed.search(masked, clause.start, atom.start):
        return True
    found_from = sentence.clauses[0].start
    last = max((a.end for a in clause.atoms if a.end <= atom.start), default=clause.start)
    if not wording.member.fullmatch(masked, last, atom.start) or wording.describes.match(masked[atom.end : clause.end]):
        return False
    if k == 0 and stem >= 0 and atom.end >= clause.end - 1:
        return bool(wording.members_stem.search(tail))
    if wording.staffed_before.search(masked, max(page.nodes[sentence.index].body, found_from - 200), found_from):
        return True  # 设指挥官一人,…;副指挥官二人
    return any(
        a.unit in page.units.people_units and wording.staffed.search(masked, c.start, a.start)
        for c in sentence.clauses[: k + 1]
        for a in c.atoms
        if a.end <= atom.start
    )


def _is_one_of_row(page: Page, sentence: Sentence, k: int, atom: Atom) -> bool:
    """Whether 一 is a number because it stands in a row of such acts: 送一封信、填一份表、留一个电话."""

    def alike(other: Atom, clause: Clause) -> bool:
        last = max((a.end for a in clause.atoms if a.end <= other.start), default=clause.start)
        cut = page.masked.rfind("、", last, other.start) + 1 or last
        cut = page.begin(Clause(cut, other.start, ""), other.start)
        return other.kind in COUNTED and other.value == 1 and other.op is None and 0 < other.start - cut <= 4

    clause = sentence.clauses[k]
    return alike(atom, clause) and sum(alike(a, clause) for a in clause.atoms) >= 3
