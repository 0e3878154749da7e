"""Who acts: stated in the clause, after 由 or after the modal word, inherited from earlier words, or the main actor."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from ..clauses import Clause, Modal
from ..models import Node, Span
from ..parties import Party
from .page import Page
from .statements import Actor, Memory, Statement

# The main actor: who has acted so often, and in so much of what the document has said so far.
LEAST_TIMES, LEAST_SHARE = 3, 0.5
# The kinds of nodes that requirements are read from.
READ = frozenset({"article", "heading", "item", "paragraph", "table_row"})


def subject_of(page: Page, clause: Clause, cue: int, memory: Memory) -> Actor:
    """Who acts in a clause whose first cue (modal word or measure) stands at ``cue``."""
    masked, parties, wording = page.masked, page.parties, page.wording
    begin = page.begin(clause, cue)
    each = parties.each.match(masked, begin, cue)
    begin = each.end() if each else begin
    lead = masked[begin:cue]
    tail = wording.adverb_tail.search(lead)
    if tail:
        lead = lead[: tail.start()]
    listed, sign, last = lead.rpartition("、")
    if sign and parties.when.fullmatch(last):
        begin, lead = begin + len(lead), ""  # 做到议题明确、会前|应通知全体党员
    if wording.in_respect.fullmatch(lead) or parties.rhythm.match(lead) or parties.per_one.fullmatch(lead):
        lead = ""
    elif wording.area.fullmatch(lead):
        lead = ""  # 农村|30分钟内到达
    elif wording.demand.fullmatch(lead):
        lead = ""  # 有五分之一以上代表提议|应当召开
    elif wording.there_are.search(lead):
        lead = lead[:-1]  # 代表会议有|三分之二以上委员出席
    modal = bool(page.cues.find(masked, cue, cue + 3))
    when = parties.when.match(lead)
    if when and (
        when.end() == len(lead) and not lead.endswith("时间") or _names_whole(page, lead[when.end() :], modal)
    ):
        begin, lead = begin + when.end(), lead[when.end() :]
    by = parties.after_by(masked, begin, cue) if "由" in lead else None
    if by and parties.he_appoints.match(masked, by.start):
        return Actor(memory.subject, memory.inherited())  # 召集人不能出席时,由其指定委员一人代理
    if by:
        body = wording.made_up.search(masked, begin, clause.end)
        if body and _names_party(page, masked[begin : body.start()]):
            return _stated(page, (begin, body.start()), memory)
        return _stated(page, (by.start, by.end), memory, "subject-after-由")
    if wording.validity.match(lead):
        return Actor(issues=("thing_as_subject",))
    if _names_whole(page, lead, modal):
        if (
            memory.subject
            and not modal
            and parties.weak.search(lead)
            and parties.done_to.search(masked, cue, clause.end)
        ):
            return Actor(memory.subject, memory.inherited(), ("thing_as_subject",))  # 危重患者每30分钟巡视1次
        state(page, (begin, begin + len(lead)), memory, acts=True)
        return Actor((begin, begin + len(lead)), "stated")
    organized = parties.organizing.match(lead)
    party = parties.leading(masked, begin + organized.end(), cue) if organized else None
    if party and party.whole and wording.person_end.search(page.says((party.start, party.end))):
        return _stated(page, (party.start, party.end), memory)
    term = wording.term_of.search(lead)
    if term and 1 < term.start() and parties.ends_in_head(lead[: term.start()]):
        memory.act_for((begin, begin + term.start()), passing=True)
        return Actor((begin, begin + term.start()), "stated")
    level = wording.level_tail.search(lead)
    if level and level.start():
        return _stated(page, (begin + level.start(), begin + level.end()), memory)
    party = page.leading(begin, cue)
    if party and parties.named_after.search(lead) and parties.people.search(masked, party.start, party.end):
        party = None  # 居民家庭走访率应…: people only name the thing
    if party and party.end > party.start and (party.whole or party.end >= cue or _is_known(page, party, memory)):
        owner = () if party.whole or party.end >= cue else ("owner_as_subject",)  # 各级河长名单应…
        return _stated(page, (party.start, party.end), memory, *owner)
    if party and parties.of_or_by.match(masked, party.end) and carries(page, party, memory, of=True):
        # 省委常委的联系点, 公司之内部控制制度: whose thing it is has to act.
        return _stated(page, (party.start, party.end), memory, "owner_as_subject")
    by = parties.after_by(masked, begin, clause.end)
    if by:
        return _stated(page, (by.start, by.end), memory, "subject-after-由")
    if page.register == "tw" and lead.endswith("者") and len(lead) > 3 and not parties.case_who.search(lead):
        return _stated(page, (begin, begin + len(lead)), memory)
    if lead and not parties.preposition.match(lead) and not wording.unfinished_end.search(lead):
        nobody = (memory.subject is None or memory.far) and lead[0] != "其"  # 其纪录应保存: whose?
        if (
            nobody
            and 2 <= len(lead) <= 40
            and (modal or not (wording.verb.match(lead) or parties.never_organ.match(lead)))
        ):
            link = wording.reaching_tail.search(lead) or wording.copula.search(lead)
            memory.topic = begin, begin + (link.start() if link and link.start() > 1 else len(lead))
            return Actor(memory.topic, "stated", ("thing_as_subject",))
        return Actor(memory.subject, memory.inherited(), ("thing_as_subject",))
    if memory.topic and not lead and (memory.subject is None or memory.far):
        return Actor(memory.topic, "stated", ("thing_as_subject",))
    if parties.request.match(masked, clause.start, cue) and (addressees := _addressees(page)):
        return Actor(addressees, "inherited")
    far = ("subject_from_far",) if memory.subject and memory.far else ()
    return Actor(memory.subject, memory.inherited(), far)


def of_authority(page: Page, actor: Actor, start: int, end: int, memory: Memory) -> Actor:
    """Who acts if the act from ``start`` is one of an authority: 届期未改善者,得废止其许可 says of whom, and not who."""
    authority = memory.authority
    if actor.span is None or authority is None:
        return actor
    allowed = actor.source == "inherited" and page.wording.quorum.match(page.masked, start - 2)  # 经审查符合者,始得核发
    if not allowed and not page.masked.endswith("者", *actor.span):
        return actor
    if not page.parties.authority_act.match(page.masked, start, end):
        return actor
    return Actor(authority, "inherited", actor.issues)


def of_applicant(page: Page, actor: Actor, start: int, end: int, memory: Memory) -> Actor:
    """Who acts if the act from ``start`` is one of those who apply: 经主管机关同意者,得分期缴纳 says who agrees, and not who pays."""
    if actor.span is None or actor.source == "stated" or not page.parties.receives.search(page.says(actor.span)):
        return actor
    applicant = memory.regulated or memory.ruled.leader
    if applicant is None or not page.parties.applicant_act.match(page.masked, start, end):
        return actor
    return Actor(applicant, "inherited", actor.issues)


def _addressees(page: Page) -> Span | None:
    """To whom a document is addressed (``各县人民政府,市直各单位:``): who is asked where nobody is named."""
    node = next((node for node in page.nodes if node.kind == "salutation"), None)
    return page.strip(node.body, node.end) if node else None


def _stated(page: Page, span: Span, memory: Memory, *issues: str) -> Actor:
    state(page, span, memory)
    return Actor(span, "stated", issues)


def state(page: Page, span: Span, memory: Memory, *, acts: bool = False) -> None:
    """Remember a stated subject: as known, and as the one who acts from here on.

    任何人 and those of whom only an exception speaks (逾期未改正者) act to the end of the sentence, and so does 群众 where
    it ``acts`` as the grammatical subject.
    """
    words, parties = page.says(span), page.parties
    memory.known.add(words)
    weak = parties.weak.search(words)
    if parties.anybody.match(words) or parties.exceptional.match(words) or weak and acts:
        memory.act_for(span, passing=True)
    elif not weak:
        memory.act_for(span)
        if not parties.back_reference.match(words):
            memory.steady = span
        if parties.authority.search(words):
            memory.authority = span
        else:
            memory.regulated = span
        times = memory.stated.add(words, span)
        # An authority is nearly always named where it acts; those whom it regulates are often left out.
        if times >= 3 and not parties.authority.search(words):
            memory.ruled.add(words, span, 3 if times == 3 else 1)


def carries(page: Page, party: Party, memory: Memory, *, of: bool = False) -> bool:
    """Whether a party that opens a clause may be the subject of what follows: known as one, or plainly named.

    ``of``: it stands before 的 (省委常委的联系点), so that no predicate need follow it.
    """
    words = page.masked[party.start : party.end]
    if page.parties.weak.search(words) or page.parties.anybody.match(words):
        return False
    if page.parties.case_who.search(words):
        return False
    named = page.parties.plain(page.masked, party) or page.parties.doing.match(page.masked, party.start, party.end + 4)
    return _is_known(page, party, memory) or (party.whole or of) and bool(named)


def leads(page: Page, party: Party, cue: int) -> bool:
    """Whether a party that opens a sentence acts in it though nobody knows it yet (``药事人员受理处方后,应当…``)."""
    parties, words = page.parties, page.masked[party.start : party.end]
    if not party.whole or party.end > cue or parties.weak.search(words) or parties.anybody.match(words):
        return False
    if words.endswith("者") and ("的" in words or not parties.agent.search(words)):
        return False
    if parties.passing_to.match(words):
        return False  # 交|县委办公室存档
    begins_name = parties.no_verb.match(words) or parties.own_head.search(words) or parties.own_body.search(words)
    begins_name = begins_name or parties.role_by_verb.fullmatch(words)
    return not parties.verb.match(words) or "等" in words or bool(begins_name)


def is_named(page: Page, party: Party, end: int, memory: Memory) -> bool:
    """Whether a party behind a measure acts there: 30日内|县林业局完成摸底, but not 30分钟内|书面报告县委值班室."""
    if carries(page, party, memory):
        return True
    words = page.masked[party.start : party.end]
    begins_act = page.parties.verb.match(words) and not page.parties.no_verb.match(words)
    return not begins_act and bool(page.parties.named_behind.match(words)) and leads(page, party, end)


def open_topic(page: Page, clause: Clause, memory: Memory) -> bool:
    """Remember what opens a sentence as a clause by itself: a party nobody knows (``经许可使用河川公地之农户,得…``: True),
    or a thing.
    """
    parties, wording = page.parties, page.wording
    start, end = page.trim(clause.start, clause.end)
    words = page.masked[start:end]
    if clause.after == ":" and 2 < len(words) <= 20 and not parties.ends_in_head(words):
        memory.topic = start, end  # 楼地板面积:平均每人应有…
        return False
    if clause.after != "," or not 2 < len(words) <= 60 or parties.object_of.match(words):
        return False
    relative = "的" in words or "之" in words
    if relative and _is_relative_name(page, words):
        state(page, (start, end), memory, acts=True)
        return True
    named = _relative_opening(page, start, end) if "的" in words else None
    if named:
        state(page, named, memory, acts=True)
        return True
    thing = not (parties.preposition.match(words) or wording.verb.match(words) or wording.unfinished_end.search(words))
    if memory.subject and not memory.far:
        memory.topic = (start, end) if thing and not wording.condition.search(words) else None
        return False
    if parties.case_who.search(words) or wording.made_by.match(words):
        return False
    if parties.topic_who.search(words) and not parties.exceptional.match(words) and page.register == "tw":
        state(page, (start, end), memory, acts=True)
        return True
    if wording.condition.search(words):
        return False
    if (
        parties.ends_in_head(words)
        and (relative or _names_party(page, words))
        and not parties.never_a_name.match(words)
    ):
        state(page, (start, end), memory, acts=True)
        return True
    if thing:
        memory.topic = start, end
    return False


def _is_known(page: Page, party: Party, memory: Memory) -> bool:
    return party.end - party.start > 2 and page.masked[party.start : party.end] in memory.known


def _names_whole(page: Page, lead: str, modal: bool) -> bool:
    """Whether a lead is the name of a party; before a modal word 监督 is one, and no verb."""
    return _names_party(page, lead) or modal and lead in page.parties.bare


def _names_party(page: Page, lead: str) -> bool:
    """Whether the words before a modal or measure are, as a whole, the name of a party."""
    parties, verb = page.parties, page.wording.verb
    listed, _, last = lead.rpartition("、")
    if (
        last.endswith("等")
        and parties.ends_in_head(listed)
        and not verb.match(lead)
        and not parties.object_of.match(lead)
    ):
        return True  # 施工单位、矿场、仓储点等
    if not lead or len(lead) > 70 or not parties.ends_in_head(lead) or lead in parties.bare:
        return False
    if parties.object_of.match(lead) or parties.rhythm.match(lead):
        return False
    if parties.never_organ.match(lead) and "的" not in lead and "之" not in lead:
        return False
    if parties.compound.fullmatch(lead) or parties.named_by_verb(lead):
        return True
    if verb.match(lead) and "的" not in lead and "之" not in lead:
        leading = parties.leading(lead, 0, len(lead))
        return leading is not None and (leading.end == len(lead) or _joined_by_verb(page, lead[leading.end :]))
    if parties.preposition.match(lead):
        return "的" in lead and not parties.never_a_name.match(lead)
    leading = parties.leading(lead, 0, len(lead))
    if leading is None or leading.end == len(lead):
        return True
    if not leading.whole:
        return not parties.inner_preposition.search(lead, leading.end - 1)
    if "各" in lead[leading.end :] and parties.places.fullmatch(lead, 0, leading.end):
        return True  # 全市|建设工程各参建单位
    # 省委常委到基层单位: the party ends where a preposition or a verb begins.
    rest = lead[leading.end :]
    relative, _, name = rest.rpartition("的")
    if relative and verb.match(relative) and parties.ends_in_head(name) and not verb.match(name):
        return True  # 县里设置的巡河员、保洁员等
    if parties.preposition.match(rest):
        return bool(parties.together_with.match(rest))
    if page.wording.staffing.match(rest):
        return False  # 委员会|置委员九人
    return not verb.match(rest) or bool(parties.compound.fullmatch(rest))


def _joined_by_verb(page: Page, rest: str) -> bool:
    """Whether a name goes on with one that begins like a verb: 队长|和协助驻村乡干部."""
    joint = page.parties.coordination.match(rest)
    return bool(joint and len(rest) <= 20 and not page.parties.inner_stop.search(rest, joint.end()))


def subject_after_modal(page: Page, modal: Modal, end: int) -> tuple[Span, int, tuple[str, ...]] | None:
    """The actor who stands as the object of 鼓励 禁止 允许 (``鼓励社会力量参与``): its span, where the act begins, issues."""
    masked, parties, wording = page.masked, page.parties, page.wording
    if wording.acts_on.match(masked, modal.end):
        return None  # 禁止聘用未取得资格的驾驶人
    party = parties.leading(masked, modal.end, end, modified=True, bare=True)
    plainly = not parties.preposition.match(masked, modal.end) or wording.by_law.match(masked, modal.end)
    acts = party and (party.whole or modal.modality != "prohibition")  # 严禁打着单位旗号…
    if party and plainly and acts and party.end < end - 1 and not parties.of.match(masked, party.end):
        return (party.start, party.end), party.end, ()
    if modal.modality != "recommendation":
        return None
    verb = wording.verb.search(masked, modal.end + 2, min(end, modal.end + 20))
    words = masked[modal.end : verb.start()] if verb else ""
    if verb and wording.people.search(words) and not wording.verb.match(words):
        return (modal.end, verb.start()), verb.start(), ("subject_guessed",)
    return None


def _relative_opening(page: Page, start: int, end: int) -> Span | None:
    """A name with a relative clause before it, and a preposition behind it: ``接到举报的部门对属于职责范围内的事项``."""
    parties, masked = page.parties, page.masked
    at = masked.find("的", start + 2, end) + 1
    if not at or not page.wording.verb.match(masked, start) or parties.never_a_name.match(masked, start):
        return None
    party = parties.leading(masked, at, end)
    if party and party.whole and party.end < end - 1 and parties.preposition.match(masked, party.end):
        return start, party.end
    return None


def _is_relative_name(page: Page, words: str) -> bool:
    """Whether a clause is a name with a relative clause before it: ``居住分散的村``, ``经许可使用公地之农户``."""
    parties = page.parties
    if parties.never_a_name.match(words):
        return False
    at = max(words.rfind("的"), words.rfind("之")) + 1
    name = words[at:]
    place = parties.places.fullmatch(name)
    return bool(place or name and parties.ends_in_head(name) and len(name) <= 12)


def named_by_headline(page: Page, index: int) -> Span | None:
    """Whom a headline names (``1.县级领导。``) or charges (``保洁员岗位职责``, ``压实学校主体责任``)."""
    node, parties = page.nodes[index], page.parties
    if not node.heading and node.kind not in ("heading", "title", "annex"):
        return None
    start, end = node.heading or (node.body, node.end)
    party = parties.leading(page.masked, start, end, bare=True)
    if party and parties.duties.match(page.masked, party.end, end):
        return party.start, party.end
    for match in parties.charge.finditer(page.masked, start, end):
        charged = parties.leading(page.masked, match.end(), end)
        if charged and parties.charged.match(page.masked, charged.end, end):
            return charged.start, charged.end
    if node.heading and party and party.whole and _acts_in_headline(page, party, end):
        return party.start, party.end  # 居委会建立卫生日制度。每月…
    return None


def _acts_in_headline(page: Page, party: Party, end: int) -> bool:
    """Whether a party that opens a headline does something in it."""
    weak = page.parties.weak.search(page.says((party.start, party.end)))
    return not weak and page.wording.sets_up.match(page.masked, party.end, end) is not None


def charged(node: Node) -> tuple[Span, ...]:
    """The units that a node names as those who lead (牵头单位) or, where none does, as those responsible (责任单位)."""
    return node.units.get("lead") or node.units.get("responsible", ())


def inherited_by(page: Page, index: int, memory: Memory) -> tuple[Span | None, bool]:
    """The subject that a node starts from: that of its stem, else of the nearest node above or before it.

    The second value says whether it comes from another article or section.
    """
    node = page.nodes[index]
    if node.stem >= 0 and node.stem in memory.subjects:
        return memory.subjects[node.stem], False
    if charged(node):
        return None, False
    if memory.titled:
        return memory.titled, False
    previous = index - 1
    while previous >= 0 and page.nodes[previous].kind not in READ:
        previous -= 1
    listed = previous >= 0 and page.nodes[previous].stem >= 0 and page.nodes[previous].stem != node.stem
    if listed and not memory.far and _article(node.path) == _article(page.nodes[previous].path):
        # After a list it is whoever its stem names who acts, and not the one of its last item.
        while page.nodes[previous].stem >= 0:
            previous = page.nodes[previous].stem
        if memory.subjects.get(previous):
            return memory.subjects[previous], False
    far = memory.far or previous < 0 or _article(node.path) != _article(page.nodes[previous].path)
    if far and memory.subject and previous >= 0 and memory.subject[0] >= page.nodes[previous].end:
        return memory.subject, False  # named by a title in between
    if far:
        return _main_actor(memory), True
    if memory.subject and page.parties.back_reference.match(page.says(memory.subject)) and memory.steady:
        if page.nodes[previous].start <= memory.subject[0] and _in_article(page, node.path, memory.steady):
            return memory.steady, False
    return memory.subject, far


def settle(page: Page, row: Statement) -> None:
    """Look once more at a subject taken from a paragraph before, which is the least sure of all.

    Where a thing stands as the subject, it is named rather than somebody from another paragraph; else doubt is told.
    """
    if row.subject is None or row.source != "inherited" or "subject_from_far" in row.issues:
        return
    if _introduced(page, row.index, row.subject):
        return
    thing = _thing(page, row) if "thing_as_subject" in row.issues else None
    if thing:
        row.subject, row.source = thing, "stated"
    else:
        row.issues.append("subject_from_above")


def _thing(page: Page, row: Statement) -> Span | None:
    """The thing that stands where the subject would, at the head of a row's words."""
    cues = [atom.start for atom in row.atoms] + ([row.modal[0]] if row.modal else [])
    cues += [row.basis_span[0]] if row.basis_span else []
    cue = min((cue for cue in cues if cue > row.start), default=row.start)
    start, end = page.strip(row.start, cue)
    tail = page.wording.adverb_tail.search(page.masked[start:end])
    end = start + tail.start() if tail else end
    for said in (page.wording.reaching_tail, page.wording.copula):
        link = said.search(page.masked, start, end)
        end = link.start() if link and link.start() > start + 1 else end
    words = page.masked[start:end]
    if words.startswith("其"):
        return None  # 其纪录应保存: nobody learns from it whose
    ruled = row.modal is not None and row.modal[0] == cue  # 检查结果须…: before a modal word 检查 begins a name
    if not 2 <= len(words) <= 40 or page.wording.no_thing.match(words) or not ruled and page.wording.verb.match(words):
        return None
    return start, end


def ancestors(page: Page, index: int) -> Iterator[int]:
    """A node and those that introduce it: the stem of its list or the headline above it, and theirs."""
    while index >= 0:
        yield index
        node = page.nodes[index]
        index = node.stem if node.stem >= 0 else node.parent


def _introduced(page: Page, index: int, subject: Span) -> bool:
    """Whether a subject stands in a node itself or in one that introduces it: its stem, its headings, a title."""
    for node in map(page.nodes.__getitem__, ancestors(page, index)):
        if node.start <= subject[0] < node.end or subject in charged(node):
            return True
    at = bisect_right(page.nodes, subject[0], key=lambda node: node.start) - 1
    return page.nodes[at].kind in ("title", "annex", "heading")


def _main_actor(memory: Memory) -> Span | None:
    """Who acts in most of what the document has said so far, if there is one; the latest of equals."""
    tally = memory.ruled if memory.ruled.total else memory.stated
    return tally.leader if tally.most >= max(LEAST_TIMES, LEAST_SHARE * tally.total) else None


def _in_article(page: Page, path: str, span: Span) -> bool:
    """Whether a span stands in the article of a path."""
    at = bisect_right(page.nodes, span[0], key=lambda node: node.start) - 1
    return at >= 0 and _article(page.nodes[at].path) == _article(path)


def _article(path: str) -> str:
    return path.split("/", 1)[0]
