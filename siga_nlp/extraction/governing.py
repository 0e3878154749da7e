"""What modal words govern: those that stand in a condition govern nothing, and after an opener the act comes later."""

from __future__ import annotations

from ..clauses import Clause, Modal
from .page import Page
from .statements import Sentence


def governing(page: Page, clause: Clause) -> list[Modal]:
    """The modal words of a clause that say what must be done."""
    if clause.governing is None:
        clause.governing = [modal for modal in clause.modals if not _attributive(page, clause, modal)]
    return clause.governing


def _attributive(page: Page, clause: Clause, modal: Modal) -> bool:
    """A modal word in a condition, a relative clause or a penalty: ``对应当通过诉讼解决的``."""
    masked, wording = page.masked, page.wording
    tail = masked[modal.end : clause.end].rstrip()
    prohibits = modal.modality == "prohibition"
    # What ends a sentence is no condition of it: 应确认交付之对象为交付处方笺者。
    leads_on = clause.after in (",", ":")
    if not tail or wording.relative_end.search(tail) and (leads_on or tail.endswith("的")):
        return True
    unable = masked.startswith("不能", modal.start)
    if (not prohibits or unable) and leads_on and not wording.ground.match(tail):
        if wording.circumstance_end.search(masked[clause.start : clause.end].rstrip()):
            return True
    if wording.only_then.match(masked, modal.start, modal.end) and any(
        m.modality == "obligation" and m.end <= modal.start for m in clause.modals
    ):
        return True  # 必须经审批后方可借款: what one must do first
    if wording.by_rule.search(masked, clause.start, modal.start) and wording.of_a_thing.fullmatch(tail):
        return True
    if wording.or_ought_to.search(masked, clause.start, modal.end):
        return True
    if wording.relative_verb.match(tail) or wording.qualifies.match(tail):
        return True
    if leads_on and wording.when_needed.fullmatch(masked, clause.start, modal.end):
        return True
    if prohibits and wording.cannot.match(masked, modal.start) and wording.who_cannot.match(tail):
        return True  # 不能诊治的病人
    if wording.needing.match(masked, modal.start):
        thing = clause.after == "," and modal.start == clause.start and wording.needing_thing.fullmatch(tail)
        if thing or wording.relative_need.match(tail):
            return True
        if "的" in tail[:24] and wording.whose.search(masked, max(clause.start, modal.start - 1), modal.start):
            return True  # 对需要急救的患者
    for later in clause.modals:
        if wording.or_ought_to.search(masked, modal.end, later.end):
            continue
        if later.start > modal.end and wording.case_before_modal.fullmatch(masked, modal.end, later.start):
            return True
    lead = masked[clause.start : modal.start]
    if wording.exception_before.search(lead) and wording.exception_after.search(tail):
        return True
    if not prohibits and wording.penalty.search(masked, modal.start, clause.end):
        return True
    if clause.after == "," and wording.things_to_do.fullmatch(tail):
        return True
    if wording.in_writing.search(masked, clause.start, modal.start):
        return True  # 在证件上签注|准许驾驶
    if wording.names_contents.search(masked, clause.start, modal.start) and any(
        m.end <= modal.start for m in clause.modals
    ):
        return True  # 应当包括|禁止混放要求落实情况
    of = min((i for i in (tail.find("的"), tail.find("之") if page.register == "tw" else -1) if i >= 0), default=-1)
    if 0 <= of <= 24 and wording.before_relative.search(lead):
        return True
    if 0 < of < len(tail) - 1 and not prohibits and wording.verb_before_need.fullmatch(lead):
        return True
    return 0 < of <= 6 and any(m.end <= modal.start for m in clause.modals) and of + 1 < len(tail)


def is_opener(page: Page, sentence: Sentence, k: int, start: int, *, permission: bool = False) -> bool:
    """Whether clause ``k`` from ``start`` on only opens (``要|根据形势任务的要求,``), so that the act comes later."""
    clause = sentence.clauses[k]
    if k + 1 >= len(sentence.clauses) or clause.after != ",":
        return False
    masked, wording = page.masked, page.wording
    link = wording.link.match(masked, start, clause.end)
    start = link.end() if link else start
    severally = wording.severally.match(masked, start, clause.end)
    start = severally.end() if severally else start
    following = sentence.clauses[k + 1]
    if wording.joins_act.match(masked, following.start) or wording.example.match(masked, following.start):
        return False
    thing = wording.disposing.match(masked, start, clause.end)
    if thing:
        return bool(wording.thing_end.search(thing["thing"]) and not wording.disposed.search(thing["thing"]))
    opener = wording.opener.match(masked, start, clause.end)
    if not opener or start == clause.end:
        return False
    rest = masked[opener.end() : clause.end]
    if wording.openers_of_ground.fullmatch(opener[0]) and not wording.ground_and_act.search(rest):
        return not page.opening(following)
    if wording.opener_verbs.fullmatch(opener[0]):
        if permission and wording.means.fullmatch(opener[0]) and wording.form_end.search(rest):
            return False
        return bool(wording.means_end.search(rest))
    if wording.openers_of_place.fullmatch(opener[0]):
        return bool(wording.place_end.search(rest)) and not wording.acting_verbs.search(rest)
    # 应当按照规定配置消防设施和器材,并…: the act stands in the same clause.
    if wording.ground_then_act.search(rest):
        return False
    if not wording.with_act.fullmatch(opener[0]) or wording.opener_end.search(rest):
        return True
    return not wording.verb.search(rest, 2)
