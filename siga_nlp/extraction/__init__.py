"""From a document to its requirements: one subject group × one action × one measure (README, "The requirement table").

``extract`` walks the structure once. In each sentence it looks for modal words and measures; each modal word with its first
action, and each measure with what it measures, becomes a row. What the clause leaves out is carried along: the subject from
earlier words, the action from the clause that has it, the period over commas, the comparator over 、.

The rooms below, in the order of the data: ``structure`` → ``clauses`` (modal words and measures of each clause) →
``governing`` and ``owed`` (which of them count) → ``modal_rows``, ``measured_rows``, ``compact_rows``, ``lists`` (statements,
with ``subjects`` and ``lending`` for what they leave out) → ``quoting`` (requirements).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .. import lexicon as lexicons
from ..clauses import Clause, Modal, clauses, sentences
from ..measures import Atom
from ..models import Document, Requirement, Span
from ..parties import Party
from ..structure import parse
from ..view import view
from .compact_rows import cells_of, heading_window, mechanisms, speaking_brackets, table_row
from .governing import governing, is_opener
from .lists import introduces_list, item, lists_conditions
from .measured_rows import measured_rows
from .modal_rows import modal_row
from .owed import owed
from .page import Page, open_page
from .quoting import requirement
from .statements import COUNTED, MEASURING, Memory, Sentence
from .subjects import (
    READ,
    ancestors,
    carries,
    inherited_by,
    leads,
    named_by_headline,
    open_topic,
    settle,
    state,
    subject_of,
)


def extract(document: Document, *, rules: str | None = None) -> tuple[Requirement, ...]:
    """The requirements of a document, in its order. ``rules`` is a folder of the user's own rule files.

    Total: any text gives a tuple, possibly empty. Every span of every row verifies against ``document.text``.

    >>> doc = Document("x", "市级领导干部每季度至少到基层现场办公1次。")
    >>> row = extract(doc)[0]
    >>> row.subject, row.action, row.frequency.count, row.frequency.period
    ('市级领导干部', '到基层现场办公', 1, 'P3M')
    """
    lexicon = lexicons.load(rules)
    seen = view(document.text, furniture=document.furniture)
    page = open_page(document.text, seen.text, parse(seen, lexicon=lexicon), lexicon)
    memory = Memory(known=set(page.short_names))
    titled = -1  # the headline that names whom its section charges
    for index, node in enumerate(page.nodes):
        named = named_by_headline(page, index)
        if node.kind in ("heading", "title", "annex"):
            if named:
                titled, memory = index, replace(memory, titled=named)
            elif titled not in ancestors(page, index):
                titled, memory = -1, replace(memory, titled=None)
        if node.kind in READ:
            subject, far = inherited_by(page, index, memory)
            memory = memory.fresh(named) if named else memory.fresh(subject, far=far)
            _read_node(page, index, memory)
        elif node.kind in ("title", "annex"):
            # 网格员每月工作清单: the title of a list names who acts.
            party = page.parties.leading(page.masked, node.body, node.end)
            if party and party.whole and carries(page, party, memory):
                memory = memory.fresh((party.start, party.end))
    for row in memory.statements:
        settle(page, row)
    return tuple(requirement(document, seen, page, row) for row in memory.statements)


def _read_node(page: Page, index: int, memory: Memory) -> None:
    """All rows of one node."""
    node = page.nodes[index]
    before = len(memory.statements)
    heading_window(page, index, memory)
    if node.kind == "table_row":
        if not table_row(page, index, memory):
            cells, subject = cells_of(page, index)
            for a, b in cells:
                own = memory.fresh(subject or memory.subject)
                for start, end in sentences(page.masked, a, b):
                    _read_sentence(page, index, start, end, own)
        return
    conditional = lists_conditions(page, node)
    for start, end in sentences(page.masked, node.body, node.end):
        if page.wording.units_named.match(page.masked, start, end):
            continue
        read = mechanisms(page, index, start, end, memory)
        _read_sentence(page, index, start, end, memory, read=read, conditional=conditional)
        for a, b in speaking_brackets(page, start, end):
            opened, own = page.opened(), memory.fresh(memory.subject, far=memory.far)
            _read_sentence(opened, index, a, b, own, conditional=lists_conditions(opened, node))
    if node.stem in memory.stems:
        item(page, index, memory, before)
    if page.text[node.body : node.end].rstrip().endswith(":"):
        memory.subjects.setdefault(index, memory.subject)  # 其余委员由局长就下列人员聘兼之:
    if memory.aside and memory.aside[0] == memory.subject:
        # 会议纪要由局领导签发: who is named so acts for his paragraph only.
        (memory.subject, memory.far), memory.lasting = memory.aside[1], memory.aside[1]
    memory.subjects.setdefault(index, memory.subject)


def _read_sentence(
    page: Page,
    index: int,
    start: int,
    end: int,
    memory: Memory,
    *,
    read: Sequence[Span] = (),
    conditional: bool = False,
) -> None:
    """The rows of one sentence; whom it names and what they do goes to ``memory``. ``read`` has its rows already;
    ``conditional`` says that its node stands in a list of conditions.
    """
    masked, wording = page.masked, page.wording
    if conditional and page.nodes[index].kind == "item":
        return
    found = clauses(masked, start, end, page.cues, page.measures)
    if not found:
        return
    for clause in found:
        clause.atoms = [page.without_quote(atom) for atom in clause.atoms]
    for clause in found if read else ():
        clause.atoms = [atom for atom in clause.atoms if not any(a <= atom.start < b for a, b in read)]
    measured = any(clause.atoms for clause in found)
    if not measured and not any(clause.modals for clause in found):
        if wording.cites.match(masked, start, end):
            return
        party = page.opening(found[0])
        # 专门技术人员: is a label; else a name that nobody knows counts where there is no other.
        open_ = found[0].after == ":" or (memory.subject is None or memory.far) and page.nodes[index].stem < 0
        if party and (carries(page, party, memory) or open_ and leads(page, party, found[0].end)):
            memory.act_for((party.start, party.end))
        return
    if wording.definition.search(masked[start : min(end, start + 40)]):
        if wording.defining_verb.search(masked, start, start + 40):
            return
    told = wording.told_of_a_year.match(masked, start, end)
    planned = bool(told and page.plans_from and int(told["year"]) >= page.plans_from)
    planned = planned or wording.future.match(masked, start, end) is not None
    # A plan says of what is to grow 同比增长, and needs no word for what is to be done.
    past = wording.history.search(masked, start, end) if measured else None
    past = None if past and page.plan and wording.compared.fullmatch(past[0]) else past
    history = measured and bool(past or told and not planned)
    planned = planned or page.plan and not history
    sentence = Sentence(index, found, penalty=conditional, history=history, planned=planned)
    local = memory.fresh(memory.subject, far=memory.far, action=memory.action)
    _read_clauses(page, sentence, local)
    (memory.subject, memory.far), memory.action = local.lasting, local.action
    memory.lasting, memory.steady = local.lasting, local.steady
    memory.authority, memory.regulated = local.authority, local.regulated
    memory.aside = local.aside or memory.aside


def _read_clauses(page: Page, sentence: Sentence, memory: Memory) -> None:
    pending: Modal | None = None  # of an opener, for the measure that follows it
    due: list[Atom] = []  # a deadline that is a clause by itself, for what follows it
    when: list[Atom] = []  # how often the case of a clause recurs, for what is to be done in it
    named = encouraged = False
    for k, clause in enumerate(sentence.clauses):
        memory.entered = memory.subject, memory.far, memory.lasting
        encouraged = encouraged or any(
            not k and m.modality == "recommendation" or page.wording.encouraging.match(page.text, m.start)
            for m in clause.modals
        )
        modals = _standing_modals(page, clause, first=k == 0 or encouraged)
        _opens_list(page, sentence, k, memory)
        atoms = owed(page, sentence, k, modals)
        bare = not clause.modals or clause.modals[0].start > clause.start + 1
        opening = page.opening(clause) if bare else None
        leads_on = k == 0 or not modals and _opens_modal(page, sentence, k, bare=True)
        named = _name_actor(page, clause, opening, modals, atoms, memory, first=leads_on) or named
        if (
            k == 0
            and not named
            and not clause.modals
            and (not clause.atoms or not atoms and "的" in page.says((clause.start, clause.end)))
        ):
            named = open_topic(page, clause, memory)
        measures = [a for a in atoms if a.kind in MEASURING]
        if when and any(a.kind in COUNTED for a in measures) and not any(a.period for a in measures):
            atoms, measures = when + atoms, when + measures  # 每日进食时,应巡视一次以上
        when = [] if modals or measures else _recurring(page, clause)
        if not modals and _is_deadline(page, sentence, k, measures) and _awaited(page, sentence, k):
            due = _from_its_event(page, clause, atoms)
            if opening and _opens_modal(page, sentence, k, bare=True) and carries(page, opening, memory, of=True):
                state(page, (opening.start, opening.end), memory)
            continue
        if (
            due
            and not any(a.kind == "deadline" for a in measures)
            and (modals or any(a.kind in COUNTED for a in measures))
        ):
            atoms, measures = due + atoms, due + measures
            due = [] if not any(a.kind in COUNTED for a in measures) else due
        if not clause.modals and page.wording.joint.search(page.masked, clause.start, clause.end):
            start, end = page.trim(clause.start, clause.end)
            memory.act_for((start, end - 2), passing=True)  # 五分之一以上的成员联名,可以…
        elif not clause.modals and not clause.atoms:
            _name_in_passing(page, clause, opening, memory)
        if measures:
            measured_rows(page, sentence, k, atoms, modals[0] if modals else pending, modals, memory)
            row = memory.statements[-1] if memory.statements else None
            if modals and row and row.action and page.nodes[sentence.index].kind != "heading":
                # 应当在五日内完成下列工作: the row is kept for its measure, and the items are acts.
                introduces_list(page, sentence.index, row.action[-1], modals[-1], row.subject, memory)
            pending = None
            # A later modal word with no measure after it has an act of its own.
            modals = [m for m in modals[1:] if not any(a.start >= m.start for a in measures)]
            if any(a.rule.startswith("share") for a in measures):
                modals = [m for m in modals if not page.wording.quorum.match(page.masked, m.start)]
        if k and not measures and modals and page.wording.quorum.match(page.masked, modals[0].start):
            if modals[0].start <= clause.start + 1 and any(
                a.rule.startswith("share") for a in sentence.clauses[k - 1].atoms
            ):
                modals = modals[1:]  # 须有三分之二以上成员出席,方可召开: one rule, of the quorum
        for modal in modals:
            if not measures and _opens_measure(page, sentence, k, modal):
                pending = modal
                subject_of(page, clause, modal.start, memory)
            else:
                modal_row(page, sentence, k, modal, memory)


def _recurring(page: Page, clause: Clause) -> list[Atom]:
    """The period of a case that a clause states: 每日动物进食时, …"""
    if clause.after != "," or not page.wording.time_of_case.search(page.masked, clause.start, clause.end):
        return []
    return [atom for atom in clause.atoms if atom.kind == "period"][:1]


def _opens_list(page: Page, sentence: Sentence, k: int, memory: Memory) -> None:
    """A modal word with nothing after it but a list: ``向用户供热,应当:`` (an item each)."""
    clause, index = sentence.clauses[k], sentence.index
    if clause.after != ":" or not clause.modals or k + 1 < len(sentence.clauses):
        return
    modal = clause.modals[-1]
    if not page.masked[modal.end : clause.end].strip() and any(
        n.stem == index for n in page.nodes[index + 1 : index + 4]
    ):
        actor = subject_of(page, clause, modal.start, memory)
        memory.stems[index], memory.subjects[index] = modal, actor.span


def _standing_modals(page: Page, clause: Clause, *, first: bool) -> list[Modal]:
    """The modal words of a clause that make rows: a list of duties has no 支持 of its own, a prohibition no second 要."""
    modals = governing(page, clause)
    if not first:
        # 支持 in a list of duties is a duty; after 鼓励 it is one more recommendation.
        modals = [m for m in modals if m.modality != "recommendation" or m.start > clause.start + 2]
    if len(modals) > 1 and modals[0].modality == "prohibition":
        weak = page.wording.weak_after_prohibition
        modals = modals[:1] + [m for m in modals[1:] if not weak.match(page.text, m.start)]
    return modals


def _name_actor(
    page: Page,
    clause: Clause,
    opening: Party | None,
    modals: Sequence[Modal],
    atoms: Sequence[Atom],
    memory: Memory,
    *,
    first: bool,
) -> bool:
    """Remember the party that opens a clause, before its first cue; True if there is one."""
    cue = min([m.start for m in modals] + [a.start for a in atoms], default=clause.end)
    if opening and opening.start < opening.end <= cue:
        if carries(page, opening, memory) or first and leads(page, opening, cue):
            start = opening.start
            if memory.subject and memory.subject[1] == start - 1 and opening.end == clause.end and not modals:
                start = memory.subject[0]  # 学校领导,教学管理人员,每学期…: names joined by a comma
            memory.act_for((start, opening.end))
            if page.parties.authority.search(page.masked, opening.start, opening.end):
                memory.authority = opening.start, opening.end
            return True
    if opening and first and not modals and _acts_in_its_case(page, clause, opening):
        memory.act_for((opening.start, opening.end), passing=True)
        return True
    if page.register == "tw" and page.masked.endswith("者", clause.start, clause.end) and not modals:
        start = page.begin(clause, clause.end)
        sized = page.parties.sized.match(page.masked, start, clause.end)
        if sized and page.parties.ends_in_head(sized["who"]):
            state(page, sized.span("who"), memory)
            return True
        if clause.end - clause.start > 4 and page.wording.who_acts.match(page.masked, start, clause.end):
            passing = bool(page.parties.exceptional.match(page.masked, start, clause.end))
            memory.act_for((start, clause.end), passing=passing)  # 申请登记者,应检附…
    return False


def _acts_in_its_case(page: Page, clause: Clause, opening: Party) -> bool:
    """Whether those for whom things are done act here: 乘客乘用电梯时,应当…; 用户要求停用的,可以向企业提出."""
    parties, masked = page.parties, page.masked
    if not opening.whole or not parties.weak.search(masked[opening.start : opening.end]) or clause.after != ",":
        return False
    following = page.wording.their_act.match(masked, clause.end + 1)
    return following is not None and not parties.done_to.search(following[0])


def _name_in_passing(page: Page, clause: Clause, opening: Party | None, memory: Memory) -> None:
    """Remember a party that a clause without cues names after 由 or before 的."""
    by = page.parties.after_by(page.masked, clause.start, clause.end)
    named = memory.subject or opening
    if by and named and page.wording.made_by.match(page.masked, by.end, clause.end):
        if opening and opening.end < by.start:
            memory.act_for((opening.start, opening.end), passing=True)  # 代表由大会选举产生,任期五年
        return
    if by:
        before = memory.lasting
        state(page, (by.start, by.end), memory)
        memory.aside = memory.subject, before
        return
    formed = page.parties.formed.search(page.masked, clause.start, clause.end)
    body = page.parties.leading(page.masked, formed.start() + 2, clause.end) if formed else None
    if body and body.end >= clause.end and not page.masked.endswith("者", 0, body.end):
        memory.act_for((body.start, body.end))  # 抽调人员组成督查组,…
        return
    if opening and page.parties.of.match(page.masked, opening.end) and carries(page, opening, memory, of=True):
        state(page, (opening.start, opening.end), memory)


def _from_its_event(page: Page, clause: Clause, atoms: Sequence[Atom]) -> list[Atom]:
    """The deadline of a clause of its own, which runs from what stands before it there."""
    lead, first = page.trim(clause.start, clause.end)[0], atoms[0]
    if lead + 1 >= first.start or page.wording.strives.fullmatch(page.masked, lead, first.start):
        return list(atoms)
    return [replace(first, event=(lead, first.event[1] if first.event else first.start)), *atoms[1:]]


def _opens_modal(page: Page, sentence: Sentence, k: int, *, bare: bool = False) -> bool:
    """Whether the clause after the ``k``-th says what must be done; ``bare``: and at its head, so that it names nobody."""
    following = sentence.after(k)
    modals = governing(page, following) if following else []
    if not following or not modals:
        return False
    lead = page.masked[page.begin(following, modals[0].start) : modals[0].start]
    return not bare or not lead or page.wording.adverb_tail.fullmatch(lead) is not None


def _is_deadline(page: Page, sentence: Sentence, k: int, measures: Sequence[Atom]) -> bool:
    """Whether a clause is nothing but a deadline (``到2025年,`` ``力争每年三月底前,``) or a limit (``在不超过3%范围内,``)."""
    clause = sentence.clauses[k]
    if measures and page.wording.within_limits.search(page.masked[clause.start : clause.end].rstrip()):
        return True
    if not measures or any(a.kind not in ("deadline", "period") for a in measures) or measures[-1].kind != "deadline":
        return False
    a, b = page.trim(clause.start, clause.end)
    if (
        b - measures[-1].end <= 1
        and _opens_modal(page, sentence, k)
        and not page.wording.copula.search(page.masked, a, measures[-1].start)
    ):
        return True  # 任期届满前两个月,业主委员会应当组织换届
    goal = page.wording.strives.match(page.masked, a, measures[0].start)
    a = goal.end() if goal else a
    first = measures[0]
    starts = first.event[0] if first.event else first.start
    gaps = sum(max(0, y.start - x.end) for x, y in zip(measures, measures[1:], strict=False))
    return starts <= a + 1 and b - measures[-1].end <= 1 and gaps <= 1


def _awaited(page: Page, sentence: Sentence, k: int) -> bool:
    """Whether a deadline that is a clause by itself belongs to what follows: the next clause says who must act, or one
    of the next three owes something measured."""
    following = sentence.after(k)
    if following:
        modals = governing(page, following)
        if modals and not any(a.kind == "deadline" for a in owed(page, sentence, k + 1, modals)):
            return True
    ahead = range(k + 1, min(k + 4, len(sentence.clauses)))
    measured = [j for j in ahead if sentence.clauses[j].atoms]
    return any(owed(page, sentence, j, governing(page, sentence.clauses[j])) for j in measured)


def _opens_measure(page: Page, sentence: Sentence, k: int, modal: Modal) -> bool:
    """Whether a modal word has only an opener, and the clause after it a measure (``要结合实际,每年走访2次``)."""
    if not is_opener(page, sentence, k, modal.end, permission=modal.modality == "permission"):
        return False
    following = sentence.clauses[k + 1]
    return not governing(page, following) and any(a.kind in MEASURING for a in owed(page, sentence, k + 1, ()))
