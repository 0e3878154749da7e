"""Rows of measures: a clause is cut into segments with a measure each; what is left beside it is the act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..clauses import Clause, Modal
from ..measures import Atom, number
from ..models import Span
from .lending import act_behind_opener, lend_actions, lend_from_stem, says_act
from .modal_rows import condition_before
from .page import Page
from .statements import CLOSING, COUNTED, MEASURING, Actor, Memory, Sentence, Statement, between
from .subjects import carries, is_named, of_applicant, state, subject_of

_Segment = tuple[int, int, list[Atom]]
_OWN_PERIOD = frozenset({"period", "count"})
_LENGTH = frozenset({"amount", "comparator"})


def measured_rows(
    page: Page,
    sentence: Sentence,
    k: int,
    atoms: Sequence[Atom],
    modal: Modal | None,
    modals: Sequence[Modal],
    memory: Memory,
) -> None:
    """The rows of the measures ``atoms`` that clause ``k`` owes.

    ``modals`` are its own governing modal words, ``modal`` the first of them or that of an opener before it.
    """
    clause = sentence.clauses[k]
    made: list[Statement] = []
    segments = _segments(page, clause, atoms)
    for n, segment in enumerate(segments):
        if any(a.kind in MEASURING for a in segment[2]):
            cut = page.masked[segments[n - 1][1]] if n else ""
            made.append(_row(page, sentence.index, clause, segment, cut, modal, modals, made, memory))
    _lend_counts(page, made)
    if len(made) == 1 and _is_length(page, made[0], clause, k, memory):
        last = memory.statements[-1]
        last.atoms += [a for a in made[0].atoms if a.kind != "comparator"]
        last.rules += made[0].rules
        last.op = last.op or made[0].op
        return
    lend_actions(page, sentence, k, made, memory)
    act_behind_opener(page, sentence, k, made)
    stem = page.nodes[sentence.index].stem
    for row in [part for whole in made for part in _by_amount(page, whole)]:
        act = "".join(map(page.says, row.action))
        if act and all(a.kind == "period" for a in row.atoms) and page.wording.only_dates.fullmatch(act):
            continue  # 防火期:每年1月1日至5月31日
        if stem >= 0:
            lend_from_stem(page, row, stem)
        if row.action and page.register == "tw":
            actor = of_applicant(page, Actor(row.subject, row.source), *row.action[0], memory)
            row.subject, row.source = actor.span, actor.source
        if row.action:
            memory.action = row.action
        else:
            row.issues.append("no_action")
        row.condition = condition_before(page, sentence, k) or row.condition
        memory.statements.append(row)


def _by_amount(page: Page, row: Statement) -> list[Statement]:
    """以八十度之热水冲洗二分钟: how hot and how long are a row each."""
    amounts = [a for a in row.atoms if a.kind == "amount"]
    timed = page.units.temperature_units | page.units.length_units
    if (
        len(amounts) != 2
        or amounts[0].unit == amounts[1].unit
        or not any(a.unit in timed for a in amounts)
        or row.shared
    ):
        return [row]
    first = [a for a in row.atoms if a is not amounts[1]]
    second = amounts[1]
    if second.op is None and page.wording.either.fullmatch(page.masked, amounts[0].end, second.start):
        second = replace(second, op=amounts[0].op)  # 不少于12天或者90学时
    later = [second if a is amounts[1] else a for a in row.atoms if a is amounts[1] or a.kind == "period"]
    return [replace(row, atoms=first), replace(row, atoms=later, action=[*row.action], issues=[*row.issues])]


def _row(
    page: Page,
    index: int,
    clause: Clause,
    segment: _Segment,
    cut: str,
    modal: Modal | None,
    modals: Sequence[Modal],
    made: Sequence[Statement],
    memory: Memory,
) -> Statement:
    """The row of one segment; ``cut`` is the sign before it, ``made`` are the rows of the segments before."""
    start, end, own = segment
    own_modals = [m for m in modals if start <= m.start < end]
    # 每名市级领导包联2件: the party stands behind the words that say what one amount is owed for.
    cues = [a.start for a in own if a.start >= start and not (a.kind == "basis" and a.start <= start + 1)]
    cue = min(cues + [m.start for m in own_modals], default=end)
    prior = memory.subject, memory.far, memory.lasting
    voters = None
    if made and cut == "或":
        actor = Actor(
            made[-1].subject, "inherited" if made[-1].subject else "none"
        )  # 经代表过半数|或者全体职工过半数同意
    else:
        actor = _behind_opening(page, start, end, own, memory) or subject_of(
            page, Clause(start, end, clause.after), cue, memory
        )
    if (
        actor.source == "stated"
        and actor.span
        and prior[0]
        and own[0].rule.startswith("share")
        and page.wording.voters.search(page.says(actor.span))
        and page.wording.votes.match(page.masked, own[0].end, end)
    ):
        # 出席委员过半数同意: they vote, and it is the body that acts from there on.
        memory.subject, memory.far, memory.lasting = prior
    elif page.register == "tw" and own[0].rule.startswith("share"):
        voters = _voters(page, start, end, own[0])
        if voters:
            memory.subject, memory.far, memory.lasting = prior
            actor = Actor(voters[0], "stated")
    if (
        actor.source == "stated"
        and actor.span
        and any(a.rule == "basis-each-more" and actor.span[0] <= a.start < actor.span[1] for a in own)
    ):
        memory.subject, memory.far, memory.lasting = prior  # 每百名学生配备1名: for whom, and not who
        actor = Actor(memory.subject, memory.inherited())
    row = Statement(index, start, end, subject=actor.span, source=actor.source, issues=list(actor.issues))
    if start == clause.start and actor.source != "stated" and modal is not None and modal.start < clause.start:
        row.issues = []  # whoever acts was looked for at the modal word
    opened = next((a.end for a in own if a.kind == "amount" and row.subject and a.start == row.subject[0]), 0)
    if row.subject and row.source == "stated" and opened < row.subject[1] - 1 and opened > row.subject[0]:
        whole, row.subject = row.subject, page.trim(opened, row.subject[1])  # 由二名以上|办案民警主持
        if memory.subject == whole:
            memory.subject = row.subject
            memory.lasting = (row.subject, False) if memory.lasting[0] == whole else memory.lasting
    governing = own_modals[0] if own_modals else (modal if modal and modal.start < start else None)
    if governing:
        row.modality, row.modal = governing.modality, (governing.start, governing.end)
        closing = [a for a in own if a.kind in CLOSING and a.start >= governing.start or a.rule == "at-latest"]
        if governing.rule == "bound" and not closing:
            row.modality = "prohibition"  # 每日营业不得逾晚间十时: a bound without an amount
            own = [a for a in own if a.kind != "comparator"]
        row.rules.append(governing.rule)
    row.rules += [a.rule for a in own]
    row.atoms = [a for a in own if a.kind != "basis"]
    bases = [a for a in own if a.kind == "basis"]
    if bases:
        # 每人每餐: one stretch; what is named first counts.
        joined = all(y.start == x.end for x, y in zip(bases, bases[1:], strict=False))
        row.basis = bases[0 if joined else -1].basis
        row.basis_span = (bases[0 if joined else -1].start, bases[-1].end)
    _one_person(page, row)
    _count_each_time(page, row)
    _count_dates(page, row)
    if row.modality == "prohibition":
        row.atoms = [_how_long(page, atom) for atom in row.atoms]
    row.period = _period(own)
    if row.period is None and memory.period and _takes_period(page, row, memory.period):
        row.period = memory.period
        row.rules.append("period-carried")
    row.op = next((a.op for a in own if a.kind == "comparator"), None)
    if made:
        _carry_over(page, row, made[-1], cut)
        if cut == "、" and _is_object(page, row, made[-1]):
            # 走访企业2次、学校3次: what looks like the subject is the object of the verb before.
            verb = page.wording.verb.match(page.masked, *made[-1].action[0])
            assert row.subject is not None and verb is not None
            row.action = [verb.span(), row.subject]
            row.subject, row.source, row.rules = made[-1].subject, "inherited", [*row.rules, "verb-from-series"]
            memory.subject, memory.far, memory.lasting = prior
            return _placed(page, row, cue, memory)
    if row.subject is None or "thing_as_subject" in row.issues or _holds_staffing(page, row.subject):
        _name_body(page, row, memory)
    row.action = _residue(page, row, own_modals)
    if voters:
        row.action = [voters[1]]
    _complete_short_act(page, row)
    turn = _turn(page, row)
    if turn:
        row.action.append(turn)
    length = [a for a in row.atoms if a.kind == "amount"]
    if (
        "thing_as_subject" in row.issues
        and length
        and page.wording.length_only.fullmatch(page.masked, start, length[0].start)
    ):
        row.action, row.subject, row.source = [], prior[0], "inherited" if prior[0] else "none"  # 学制不少于1天
    member = _joins_staff(page, row, made[-1] if made else None, memory)
    if member:
        # 置组长一人,副组长二人: the verb stands once.
        body = (made or memory.statements)[-1].subject
        row.action, row.subject, row.source = member, body, "inherited" if body else "none"
        memory.subject, memory.far, memory.lasting = prior
        row.rules.append("verb-from-series")
    elif not row.action and row.source == "stated" and row.subject and (_is_counted(page, row) or _reaches(page, row)):
        # 陪同人员不超过3人, 任期三年: what is measured stands where the subject would.
        row.action = [row.subject]
        last = memory.statements[-1] if memory.statements else None
        if prior[0] == row.subject:  # named already, as what opens the clause
            prior = memory.entered
            if prior[0] is None and last and last.index == index:
                prior = last.subject, False, (last.subject, False)
        memory.subject, memory.far, memory.lasting = prior
        row.subject, row.source = memory.subject, memory.inherited()
    _take_topic(page, row, memory)
    _take_staff(page, row, memory)
    return _placed(page, row, cue, memory)


def _take_topic(page: Page, row: Statement, memory: Memory) -> None:
    """走廊宽度,单侧设教室者,不得小于二公尺: what opens the sentence is what is measured, if nothing else is said."""
    amount = next((a for a in row.atoms if a.kind == "amount"), None)
    if memory.topic is None or row.modal is None or amount is None or amount.unit in page.units.people_units:
        return
    each = row.basis_span[1] if row.basis_span else -1
    if (
        row.action in ([], [row.subject])
        and row.subject is not None
        and each == row.subject[0]
        or (len(row.action) == 1 and each == row.action[0][0] and page.parties.weak.search(page.says(row.action[0])))
    ):
        row.subject, row.source = None, "none"  # 活动室面积,每名幼儿不得小于二平方公尺: for whom, and nobody who acts
    elif (
        len(row.action) == 1
        and page.wording.staffs.fullmatch(page.says(row.action[0]))
        and page.wording.size_named.search(page.says(memory.topic))
    ):
        # 安养机构楼地板面积,平均每人应|有|七平方公尺以上: the thing, and before it whose thing it is.
        owner = page.leading(*memory.topic)
        cut = owner.end if owner and not owner.whole else memory.topic[0]
        row.action, row.rules = [*row.action, page.strip(cut, memory.topic[1])], [*row.rules, "action-from-topic"]
        if row.subject == memory.topic:
            row.subject, row.source = memory.subject, memory.inherited()
        if cut > memory.topic[0] and row.subject is None:
            row.subject, row.source = (memory.topic[0], cut), "stated"
            row.issues.append("owner_as_subject")
        return
    elif row.action or row.source == "stated":
        return
    if memory.far or memory.subject is None:
        row.subject, row.source = memory.topic, "stated"
    row.action, row.rules = [memory.topic], [*row.rules, "action-from-topic"]


def _voters(page: Page, start: int, end: int, share: Atom) -> tuple[Span, Span] | None:
    """Who votes, and what they do, where the rules of a body are drafted in the Taiwanese manner: 经出席委员过半数同意, 应有二分之一以上委员出席."""
    found = page.wording.voters_before.search(page.masked, start, share.start)
    found = found or page.wording.voters_behind.match(page.masked, share.end, end)
    act = page.wording.voting.search(page.masked, share.end, end)
    return (found.span("who"), act.span()) if found and act else None


def _take_staff(page: Page, row: Statement, memory: Memory) -> None:
    """护理人员:每照顾十五人应置一人, in a list of staff: the stem says who has to have them, the label of the item whom."""
    node, wording = page.nodes[row.index], page.wording
    counted = next((a for a in row.atoms if a.kind == "amount" and a.unit in page.units.people_units), None)
    if node.stem < 0 or counted is None:
        return
    label, stem = _label(page, row.index), page.nodes[node.stem]
    tail = page.masked[max(stem.body, stem.end - 60) : stem.end].rstrip()
    member = page.trim(row.start, counted.start)
    bare = label is None and row.start <= node.body + 2 and counted.end >= page.strip(node.body, node.end)[1]
    if bare and page.wording.appoints.search(tail) and page.parties.ends_in_head(page.says(member)):
        # 由局长就下列人员聘兼之: 本府民政局代表一人
        employer = memory.subjects.get(node.stem)
        row.action, row.subject, row.source = [member], employer, "inherited" if employer else "none"
        row.issues = []
        return
    if label is None:
        return
    if page.strip(label[1] + 1, counted.start)[0] == counted.start and row.start > label[1]:
        # 执勤官:一人,负责统筹指挥: of whom there are so many.
        row.action, row.subject = [label], memory.subjects.get(node.stem)
        row.source = "inherited" if row.subject else "none"
        row.issues, row.rules = [], [*row.rules, "staff-of-item"]
        return
    employer = memory.subjects.get(node.stem)
    above = _label(page, node.stem) if stem.stem >= 0 else None
    if above and page.masked.startswith(":", above[1]) and page.strip(above[1] + 1, stem.end)[0] >= stem.end - 1:
        # 六、厨工:(一)公立幼儿园:置一人: the label above says whom, and that of the item who.
        employer, label, stem = label, above, page.nodes[stem.stem]
        tail = page.masked[max(stem.body, stem.end - 60) : stem.end].rstrip()
    if not wording.staff_stem.search(tail):
        return
    own = row.subject in (label, employer)
    if row.subject and row.source == "stated" and not own and row.subject[0] >= node.body:
        return
    row.subject, row.source = employer, "inherited" if employer else "none"
    row.issues = [issue for issue in row.issues if issue != "thing_as_subject"]
    if employer:
        memory.act_for(employer)
    if row.action and wording.staffs.search(page.masked, *row.action[-1]):
        row.action, row.rules = [*row.action, label], [*row.rules, "staff-of-item"]


def _label(page: Page, index: int) -> Span | None:
    """The words before the colon that opens an item, where they name people or a body."""
    node = page.nodes[index]
    start = node.heading[0] if node.heading else node.body
    colon = page.masked.find(":", start, min(start + 24, node.end))
    label = page.strip(start, colon) if colon > start else (start, start)
    return label if label[1] > label[0] and page.parties.ends_in_head(page.says(label)) else None


def _behind_opening(page: Page, start: int, end: int, own: Sequence[Atom], memory: Memory) -> Actor | None:
    """Who is named behind the deadline or period that opens a segment: 11月底前各镇完成自查, 每学期每位教师上一节公开课,
    or behind a share of them: 30%的社区应建成微型消防站.

    Behind a period it may be those whom the act of somebody known is about (每年新任干部轮训一次).
    """
    at = page.trim(start, end)[0]
    opening = []
    for atom in own:
        each = atom.kind == "basis" and page.parties.each.match(page.masked, atom.start)
        share = atom.kind == "amount" and atom.rule.startswith("share")
        if atom.start > at + 1 or atom.kind not in ("deadline", "period") and not each and not share:
            break
        at = max(at, atom.end)
        opening.append(atom.kind)
        if share:
            at += page.masked.startswith("的", at)
            break
    party = page.parties.leading(page.masked, at, end) if opening else None
    if party is None or not party.whole or party.end >= end - 1:
        return None
    named = carries(page, party, memory) if opening[-1] == "period" else is_named(page, party, end, memory)
    if not named:
        return None
    cues = [modal.start for modal in page.cues.find(page.masked, party.end, end)]
    cues += [atom.start for atom in own if atom.start >= party.end]
    if opening[-1] == "amount" and party.end not in cues:
        return None
    if opening[-1] == "period" and memory.subject and not memory.far and party.end not in cues:
        return None
    if any(a.start < party.end and a.end > party.start for a in own):
        return None
    state(page, (party.start, party.end), memory)
    return Actor((party.start, party.end), "stated")


def _period(own: Sequence[Atom]) -> str | None:
    """The period in which something is owed: of several (每年3月至11月每月1次) the one next before what is counted."""
    counted = next((a.start for a in own if a.kind in COUNTED), 0)
    periods = [a for a in own if a.period]
    return next((a.period for a in reversed(periods) if a.start < counted), periods[0].period if periods else None)


def _one_person(page: Page, row: Statement) -> None:
    """1人帮扶最多不超过5户: whom the amount is owed for, and no amount."""
    amounts = [a for a in row.atoms if a.kind == "amount"]
    if len(amounts) > 1 and row.basis is None:
        first = amounts[0]
        bounded = any(a.kind == "comparator" or a.op for a in row.atoms if a.start > first.end)
        if first.value == 1 and first.op is None and first.unit in page.units.people_units and bounded:
            row.basis, row.basis_span = "人", (first.start, first.end)
            row.atoms.remove(first)


def _count_each_time(page: Page, row: Statement) -> None:
    """每年3月、9月各检查一次 is twice a year: the count holds for each of the times that are named."""
    for n, atom in enumerate(row.atoms):
        if atom.kind == "count" and atom.value:
            named = page.wording.each_time.search(page.masked, row.start, atom.start)
            if named:
                times = len(page.wording.time_named.findall(named["times"]))
                row.atoms[n] = replace(atom, value=times * atom.value, max=atom.max and times * atom.max)
                row.rules.append("count-each-time")


def _count_dates(page: Page, row: Statement) -> None:
    """每年1月、7月底前报送 is twice a year, though only the last date is read as the deadline."""
    if row.has(COUNTED) or not row.has(frozenset({"deadline"})):
        return
    named = page.wording.dates_of_year.search(page.masked, row.start, row.end)
    if named:
        start, end = named.span("times")
        end = min([end, *(a.start for a in row.atoms if start <= a.start)])
        times = len(page.wording.date_named.findall(named["times"]))
        row.atoms.append(Atom("count", start, max(end, start), "dates-of-year", op="eq", value=times))
        row.rules.append("dates-of-year")


def _how_long(page: Page, atom: Atom) -> Atom:
    """不得在三年内再次申请 says how long one must not, and nothing that is due by then."""
    if atom.kind != "deadline" or not atom.rule.startswith("within"):
        return atom
    length = page.wording.length_of_time.search(page.masked, atom.start, atom.end)
    if length is None:
        return atom
    return replace(atom, kind="amount", op="eq", value=number(length["n"]), unit=length["du"], deadline=None)


def _placed(page: Page, row: Statement, cue: int, memory: Memory) -> Statement:
    """The row with the place where its clause begins; its period is remembered."""
    if row.subject and row.stated_in(row.start, row.end):
        row.start = min([row.subject[0], cue, *(a for a, _ in row.action)])
    else:
        row.start = page.begin(Clause(row.start, row.end, ""), max(cue, row.start + 1))
    memory.period = row.period or memory.period
    return row


def _is_object(page: Page, row: Statement, before: Statement) -> bool:
    """Whether the words before a bare count are one more object of the verb of the member before."""
    if not row.subject or row.source != "stated" or row.has(frozenset({"comparator", "period"})) or not before.action:
        return False
    same = {(a.kind, a.unit) for a in row.atoms if a.kind in COUNTED} <= {(a.kind, a.unit) for a in before.atoms}
    bare = all(a.op is None for a in row.atoms if a.kind in COUNTED)
    verb = page.wording.verb.match(page.masked, *before.action[0])
    person = page.wording.person_end.search(page.says(row.subject))
    if person and verb and page.wording.staffing.fullmatch(verb[0]):
        person = None  # 设组长1名、副组长3名
    return bool(same and bare and verb and verb.end() < before.action[0][1] and not person)


def _holds_staffing(page: Page, subject: Span) -> bool:
    """Whether what was taken for a name holds the verb of it: 指挥部设指挥官."""
    verb = page.wording.staffing.search(page.masked, subject[0] + 1, subject[1])
    return verb is not None and page.masked.find("的", *subject) < 0 and verb.end() < subject[1]


def _name_body(page: Page, row: Statement, memory: Memory) -> None:
    """理事会置理事五人: what stands before the verb is the body that has these members."""
    counted = [a for a in row.atoms if a.kind == "amount" and a.unit in page.units.people_units | page.units.part_units]
    if not counted or row.basis:
        return
    verb = page.wording.staffing.search(page.masked, row.start + 1, counted[0].start)
    if (
        verb
        and len(page.masked[row.start : verb.start()].replace("□", "")) <= 18
        and not page.parties.preposition.search(page.masked, row.start, verb.start())
    ):
        start, end = page.trim(row.start, row.modal[0] if row.modal and row.modal[0] > row.start else verb.start())
        tail = page.wording.adverb_tail.search(page.masked[start:end])
        end = start + tail.start() if tail else end
        short = page.wording.short_name.search(page.text, start, end)
        end = short.start() if short else end  # 审议会(以下简称本会)
        if end - start < 2 and not page.wording.short_body.match(page.masked, start, end):
            return
        if end <= start or page.wording.no_thing.match(page.masked, start, end):
            return
        if page.wording.opener.match(page.masked, start, end):
            return  # 视需要置专任一人
        row.subject, row.source = (start, end), "stated"
        row.issues = [issue for issue in row.issues if issue != "thing_as_subject"]
        memory.act_for(row.subject)


def _joins_staff(page: Page, row: Statement, before: Statement | None, memory: Memory) -> list[Span] | None:
    """The act of a bare number of people after 置组长一人: its verb and the members that are counted here."""
    last = before or (memory.statements[-1] if memory.statements else None)
    people = page.units.people_units
    counted = [a for a in row.atoms if a.kind == "amount" and a.unit in people]
    if last is None or last.index != row.index or not last.action or not counted or row.has(_OWN_PERIOD) or row.basis:
        return None
    words = page.trim(row.start, counted[0].start)
    verb = page.wording.staffing.search(page.masked, *last.action[0])
    if page.says(words) == "其中":
        return None  # 其中一人为召集人
    if (
        not verb
        or words[1] - words[0] < 2
        or page.wording.verb.search(page.masked, *words)
        or not page.wording.member.fullmatch(page.masked, *words)
    ):
        return None
    if any(a.unit in people for a in last.atoms) and page.masked.find("。", last.end, row.start) < 0:
        return None if page.wording.staffing.search(page.masked, *words) else [verb.span(), words]
    return None


def _takes_period(page: Page, row: Statement, period: str) -> bool:
    """Whether an amount with no period is owed in the period of the clause before (每年…不少于1个月,…不少于2个月)."""
    each = page.says(row.basis_span) if row.basis_span else ""
    if (
        row.basis in page.units.per_act
        or each.endswith(("每次", "每场"))
        or page.wording.standing.search(page.masked, row.start, row.end)
    ):
        return False
    due = next((a.deadline for a in row.atoms if a.kind == "deadline" and a.deadline), None)
    if due and (period != "P1Y" or not due.startswith(("by --", "by year", "in --")) or due.startswith("by ---")):
        return False
    if any(a.kind == "amount" and a.rule.startswith("within") for a in row.atoms):
        return False  # 离职后半年内不得转让
    counted = [a for a in row.atoms if a.kind in COUNTED and not a.rule.startswith("share")]
    return any(a.unit not in page.units.sizes for a in counted)


def _carry_over(page: Page, row: Statement, before: Statement, cut: str) -> None:
    """Over 、 and 或 a bare number takes the comparator of the member before, and 每人 holds for all that follow it."""
    ops = [a.op for a in row.atoms if a.kind in COUNTED]
    if row.op is None and cut == "或" and ops == [None]:
        row.op = next((a.op for a in before.atoms if a.kind in COUNTED), None)  # 不低于2年或者5万公里
    if row.op is None and cut == "、" and ops == [None]:
        row.op = next((a.op for a in before.atoms if a.kind == "comparator"), None) or before.op
        bare = page.strip(row.start, row.end) == (row.atoms[0].start, row.atoms[-1].end)
        if row.op is None and bare:
            # 不少于24学时、5天
            row.op = next((a.op for a in before.atoms if page.wording.bound.match(page.masked, a.start)), None)
    if row.basis is None and before.basis != "次" and row.source != "stated":
        row.basis = before.basis


def _lend_counts(page: Page, made: Sequence[Statement]) -> None:
    """市级每半年、县级每季度至少讲1次: the count stands once, for all."""
    for n, row in enumerate(made[:-1]):
        if row.has(CLOSING) or says_act(page, row):
            continue
        after = next((other for other in made[n + 1 :] if other.has(COUNTED)), None)
        if after:
            row.shared = [a for a in after.atoms if a.kind in COUNTED]
            row.op = after.op
            row.rules.append("count-from-series")


def _is_counted(page: Page, row: Statement) -> bool:
    """Whether what is measured stands where the subject would: how many people there are, which share of something, how
    long a term or a meeting lasts.
    """
    units = page.units
    bounds = [a for a in row.atoms if a.kind == "amount" and a.op != "eq"]
    if not bounds or row.has(_OWN_PERIOD) or row.subject is None:
        return False
    bound = bounds[0]
    if bound.unit in units.people_units or bound.rule.startswith("share"):
        return True
    if bound.unit in units.length_units and page.wording.event_end.search(page.says(row.subject)):
        return True
    return "thing_as_subject" in row.issues and bound.unit in units.term_units


def _reaches(page: Page, row: Statement) -> bool:
    """Whether what stands where the subject would is to reach a number: 日间照料中心达到50处."""
    amount = next((a for a in row.atoms if a.kind == "amount"), None)
    assert row.subject is not None
    return bool(amount and page.wording.reaching.fullmatch(page.masked, row.subject[1], amount.start))


def _complete_short_act(page: Page, row: Statement) -> None:
    """包|10户以上: a verb of one sign takes the unit that is counted as its object."""
    amount = next((a for a in row.atoms if a.kind == "amount" and a.unit), None)
    if amount is None or len(row.action) != 1 or not page.wording.short_act.fullmatch(page.says(row.action[0])):
        return
    at = page.masked.rfind(amount.unit or "", amount.start, amount.end)
    if row.action[0][1] <= amount.start and at >= 0:
        row.action.append((at, at + len(amount.unit or "")))


def _turn(page: Page, row: Statement) -> Span | None:
    """The act that a round names itself: 合同一年一|签, 3年一|轮换."""
    for atom in row.atoms:
        if atom.rule == "rotation":
            at = page.wording.turn.search(page.masked, atom.start, atom.end)
            if at and not page.wording.mere_round.fullmatch(page.masked, at.end(), atom.end):
                return at.end(), atom.end
    return None


def _is_length(page: Page, row: Statement, clause: Clause, k: int, memory: Memory) -> bool:
    """Whether a clause only says how long the act of the row before it lasts (学制3—5天; 每次不少于半天)."""
    amounts = [a for a in row.atoms if a.kind == "amount"]
    if not k or len(amounts) != 1 or any(a.kind not in _LENGTH for a in row.atoms) or not memory.statements:
        return False
    last, amount = memory.statements[-1], amounts[0]
    if not last.has(_OWN_PERIOD) or any(a.kind == "amount" for a in last.atoms):
        return False
    if last.end < clause.start - 60 or page.masked.find("。", last.end, clause.start) >= 0:
        return False
    begin = min(row.basis_span[0], clause.start) if row.basis_span else clause.start
    return (
        amount.unit in page.units.length_units
        and page.wording.length_only.fullmatch(page.masked, begin, amount.start) is not None
        and not page.masked[amount.end : clause.end].strip("的 ")
    )


def _segments(page: Page, clause: Clause, atoms: Sequence[Atom]) -> list[_Segment]:
    """A clause cut at each 、 that parts two measures of their own, with the measures of each part.

    A deadline that a clause before has lent belongs to every part.
    """
    masked, wording = page.masked, page.wording
    closing = [a for a in atoms if a.kind in MEASURING and a.start >= clause.start]
    cuts = set()
    for left, right in zip(closing, closing[1:], strict=False):
        if left.kind == "period" and right.kind != "period":
            at = masked.find("、", left.end, right.start)
            if right.kind == "deadline" and at >= 0 and wording.verb.search(masked, left.end, at):
                cuts.add(at)  # 每季度抽查一批、年底考评一次
                continue
            # 按月实施并作成纪录表一式二份: the period has an act of its own.
            match = wording.and_act.search(masked[left.end : right.start]) if right.kind == "amount" else None
            if match:
                cuts.add(left.end + match.start())
            continue
        at = masked.find("、", left.end, right.start)
        if at < 0 and left.kind in COUNTED and (right.kind in COUNTED or right.kind == "period"):
            match = wording.and_measure.search(masked, left.end, right.start + 1)
            if match is None and right.kind in COUNTED:
                match = wording.and_verb.search(masked, left.end, right.start)
            if match is None and left.rule.startswith("share") and right.rule.startswith("share"):
                match = wording.or_share.search(masked, left.end, right.start)
            if match is None and left.kind == right.kind == "amount" and left.unit != right.unit:
                match = wording.or_thing.search(masked, left.end, right.start)
            at = match.start() if match else -1
        if at < 0 and left.kind == right.kind == "amount" and wording.next_paper.match(masked, left.end, right.start):
            at = left.end  # 申请书一份|及图样三份
        if at >= 0:
            cuts.add(at)
    bounds = [clause.start, *sorted(cuts), clause.end]
    found = []
    for n, (start, end) in enumerate(zip(bounds, bounds[1:], strict=False)):
        sign = wording.cut_sign.match(masked, start) if n else None
        a = sign.end() if sign else start
        found.append((a, end, [x for x in atoms if a <= x.start < end or x.start < clause.start]))
    return found


def _residue(page: Page, row: Statement, modals: Sequence[Modal]) -> list[Span]:
    """What a segment says besides subject, modal word and measure: the act, in pieces.

    A piece that says to whom a deadline applies (``信息变动的|3日内录入``) becomes the condition.
    """
    wording, masked = page.wording, page.masked
    pieces = _without_standard(page, list(between(row.start, row.end, sorted(_holes(page, row, modals)))))
    found = []
    for n, (start, end) in enumerate(pieces):
        a, b = page.strip(start, end) if n else page.trim(start, end)
        behind = n or row.subject is not None and row.subject[1] == a or any(atom.end == a for atom in row.atoms)
        scale = wording.at_scale.match(masked, a, b) if behind else None
        if scale and scale.end() < b:
            a = scale.end()  # 不低于1%|的比例|配备
        if behind and b - a > 1 and masked[a] in "的之" and masked[a - 1] != masked[a]:
            a += 1  # 三分之二以上|之同意
        if masked[b - 1 : b] in ("的", "之") and any(a.start == end and a.rule.startswith("share") for a in row.atoms):
            b -= 1  # 占总分的|30%
        if wording.link.fullmatch(masked, a, b):
            continue  # 二是
        times = wording.times_ahead.match(masked, a, b)
        if times:
            a = times.end()
            if a >= b:
                continue
        link = wording.copula.search(masked, a, b) if b < row.end else None
        if link and link.start() > a:
            b = link.start()
        words = masked[a:b]
        if (
            not words
            or wording.link.fullmatch(words)
            or wording.adverb_tail.fullmatch(words)
            or wording.leftovers.fullmatch(words)
        ):
            continue
        if len(pieces) > 1 and wording.particles.fullmatch(words):
            continue
        limited = wording.limited.search(words) if wording.as_limit.search(masked, b, row.end) else None
        if limited:
            found += [(a, a + limited.start())] * (limited.start() > 1)
            a, words = a + limited.end(), words[limited.end() :]
        if n == 0 and len(pieces) > 1 and wording.whose_end.search(words):
            if (
                modals
                and b == modals[0].start
                or not modals
                and any(atom.kind == "deadline" and atom.start >= b for atom in row.atoms)
                or wording.inner_case.fullmatch(words)
            ):
                row.condition = (a, b)
                continue
        tail = wording.adverb_tail.search(words)
        if tail and tail.start() and b < row.end and not wording.verb_end.search(words):
            b = a + tail.start()  # 宣讲一般|不超过1小时
        found.append((a, b))
    return found


def _without_standard(page: Page, pieces: list[Span]) -> list[Span]:
    """``pieces`` without the standard that an act follows: 按照套内面积|不少于千分之二|的比例建设用房."""
    for n, (start, end) in enumerate(pieces[1:], 1):
        match = page.wording.standard.match(page.masked, start, end)
        by = page.wording.by_standard.search(page.masked, *pieces[n - 1]) if match else None
        if match and by:
            # What stands before it is the thing that is ruled.
            return [(match.end(), end), *pieces[n + 1 :]]
    return pieces


def _holes(page: Page, row: Statement, modals: Sequence[Modal]) -> list[Span]:
    """The parts of a segment that are not its act: measures with their events, modal words, the subject, long brackets."""
    masked, start, end = page.masked, row.start, row.end
    holes = [(a.start, a.end) for a in row.atoms] + [(m.start, m.end) for m in modals] + _bases(page, row)
    floor = max([start, *(m.end for m in modals)])
    if row.subject and row.stated_in(start, end):
        floor = max(floor, row.subject[1])
        if "thing_as_subject" not in row.issues:
            lead = row.subject[0]
            counted = next((a.start for a in row.atoms if a.end == lead), lead)
            if masked.startswith("由", counted - 1):
                lead = counted - 1
            if page.parties.each.fullmatch(masked, max(start, lead - 2), lead):
                lead -= 2
            holes.append((lead, row.subject[1]))
    for atom in row.atoms:
        if atom.event:
            # 自收到申请之日起15日内: the event is no act; it begins at 自, behind the subject.
            named = row.subject[1] if row.subject and row.stated_in(start, end) else start
            ends = [start, named, *(m.end for m in modals)]
            floor = max(x for x in ends if x <= max(start, atom.start))
            lead = max(atom.event[0], floor)
            openers = page.wording.event_opener.finditer(masked, max(floor, lead - 8), atom.start)
            at = max((m.start() for m in openers), default=-1)
            first = page.strip(floor, atom.start)[0]
            if floor > start and page.wording.event_opener.match(masked, first):
                at = first  # 应于|租期届满或延长期间届满六个月前
            holes.append((at if at >= start else lead, atom.end))
    if row.basis_span and not page.wording.whose.match(masked, max(start, row.basis_span[0] - 1)):
        counted = row.basis_span[1]
        if row.modal and 0 < row.modal[0] - counted <= 8 and "basis-each-more" in row.rules:
            counted = row.modal[0]  # 每十五名|幼儿|应置教师一人
        holes.append((row.basis_span[0], counted))
    return holes + page.long_brackets(start, end)


def _bases(page: Page, row: Statement) -> list[Span]:
    """What the shares of a row are shares of: 不超过|营业额的|3%, |按合同额的|5%."""
    found = []
    for before, atom in zip([None, *row.atoms], row.atoms, strict=False):
        if not atom.rule.startswith("share"):
            continue
        if before and before.kind == "comparator" and 0 < atom.start - before.end <= 20:
            found.append((before.end, atom.start))
            continue
        match = page.wording.share_base.search(page.masked, max(row.start, atom.start - 20), atom.start)
        if match:
            found.append(match.span())
    return found
