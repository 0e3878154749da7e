"""Rows of modal words: each modal word with its first act."""

from __future__ import annotations

from ..clauses import Clause, Modal
from ..models import Span
from .governing import governing, is_opener
from .lists import introduces_list
from .page import Page
from .statements import Actor, Memory, Sentence, Statement
from .subjects import of_applicant, of_authority, state, subject_after_modal, subject_of


def modal_row(page: Page, sentence: Sentence, k: int, modal: Modal, memory: Memory) -> None:
    """The row of one modal word of clause ``k``; none where no act follows or where it only introduces a list."""
    clause = sentence.clauses[k]
    actor = _subject(page, clause, modal, memory)
    subject, source, issues = actor.span, actor.source, list(actor.issues)
    rules = [modal.rule]
    following = [m for m in governing(page, clause) if m.start >= modal.end]
    at, end = modal.end, following[0].start if following else clause.end
    if modal.modality == "recommendation" or page.wording.actor_follows.match(page.masked, modal.start):
        told = subject_after_modal(page, modal, end)
        if told:
            subject, at, guessed = told
            source = "stated"
            rules.append("subject-after-modal")
            issues = list(guessed)
    if source != "stated" or page.masked.endswith("者", *(subject or (0, 0))):
        actor = of_authority(page, Actor(subject, source, tuple(issues)), at, end, memory)
        subject, source = actor.span, actor.source
    if page.register == "tw":
        actor = of_applicant(page, Actor(subject, source, tuple(issues)), at, end, memory)
        subject, source = actor.span, actor.source
    if not following:
        at, end, opened = _after_openers(page, sentence, k, at, modal)
        rules += ["act-after-opener"] * opened
    by = page.parties.after_by(page.masked, at, end)
    # 病历应由住院医师记录, whoever opens the clause; but 主任应由县长兼任
    at_once = by is not None and by.start - at < 2 and not page.wording.in_office.search(page.masked, by.end, end)
    if by and (at_once or by.start - at < 14 and (source != "stated" or "thing_as_subject" in issues)):
        subject, source = (by.start, by.end), "stated"
        issues = [issue for issue in issues if issue != "thing_as_subject"]
        state(page, subject, memory)
    if by and by.end < end - 1 and page.masked[by.end] not in "⟨均" and page.strip(at, end)[0] == by.start - 1:
        at = by.end  # 应由主管机关|定之
    act = page.trim(at, end)
    if page.masked.startswith("除", modal.start - 1) and page.masked[act[1] - 1] == "外":
        act = (act[0], act[1] - 1)  # 除应维持原有措施外,并
    if act[1] <= act[0]:
        return
    if page.masked.startswith(":", act[1]) and page.wording.announces.fullmatch(page.says(act)):
        return  # 各校应做到:…
    index = sentence.index
    if page.nodes[index].kind != "heading" and introduces_list(
        page, index, act, modal, None if "thing_as_subject" in issues else subject, memory
    ):
        return
    leads = subject is not None and source == "stated" and clause.start <= subject[0] <= modal.start
    start = subject[0] if subject and leads else page.begin(clause, modal.start)
    # 不得超过核定的总量: without a number it is no bound that can be kept, but forbidden.
    limit = modal.rule == "bound"
    memory.statements.append(
        Statement(
            index,
            start,
            act[1],
            [act],
            subject,
            source,
            "prohibition" if limit else modal.modality,
            (modal.start, modal.end),
            condition=condition_before(page, sentence, k),
            rules=rules,
            issues=issues,
        )  # fmt: skip
    )
    memory.action = [act]


def _subject(page: Page, clause: Clause, modal: Modal, memory: Memory) -> Actor:
    """Who acts under a modal word; a second one of the same clause looks only at the words after the first."""
    previous = [m.end for m in clause.modals if m.end <= modal.start]
    actor = subject_of(page, Clause(max(previous, default=clause.start), clause.end, clause.after), modal.start, memory)
    if previous and actor.source == "stated" and "thing_as_subject" in actor.issues:
        actor = Actor(memory.subject, memory.inherited())
    to_all = modal.modality == "recommendation" or page.wording.said_to_all.match(page.masked, modal.start)
    if to_all and actor.source == "inherited" and memory.far:
        return Actor(issues=actor.issues)  # 禁止吸烟: said to everybody
    return actor


def _after_openers(page: Page, sentence: Sentence, k: int, at: int, modal: Modal) -> tuple[int, int, int]:
    """Where the act begins and ends when it may come after openers, and how many of them were passed.

    An opener before a clause with a modal word of its own is all that is left to be the act.
    """
    found = sentence.clauses
    start, j = at, k
    while is_opener(page, sentence, j, start, permission=modal.modality == "permission"):
        j += 1
        start = found[j].start
        if governing(page, found[j]):
            return modal.end, found[k].end, j - k
    return start, found[j].end, j - k


def condition_before(page: Page, sentence: Sentence, k: int) -> Span | None:
    """The 对…的, / …时, condition before clause ``k``, if one is stated."""
    for clause in reversed(sentence.clauses[max(0, k - 2) : k]):
        if page.wording.condition.search(page.masked, clause.start, clause.end):
            return page.trim(clause.start, clause.end)
    return None
