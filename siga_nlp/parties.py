"""Who acts: the name of a party at the head of a clause, and its level and role.

A party is modifiers, a head noun (``rules/parties.yaml``) and further heads joined by 、 和 及 与 或. Works on masked text
(``clauses.mask``), where a bracket is one closed thing: 县⟨□□□⟩委常委会.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from .lexicon import Lexicon
from .patterns import alternation, compiled


@dataclass(frozen=True, slots=True)
class Party:
    """``[start, end)`` of a party's name. ``whole`` if what follows can begin a predicate, else it modifies a thing."""

    start: int
    end: int
    whole: bool


class Parties:
    """The party lexicon, compiled: the parts of ``rules/parties.yaml``, and the heads with what may not touch them."""

    def __init__(self, lexicon: Lexicon, register: str = "cn") -> None:
        terms, compile_ = lexicon.terms, lexicon.compile
        # 局 is a head, but not in 结局: short heads name the signs that may not stand before them. They follow a sign or bracket.
        shorts = terms["short_heads"] | (terms["tw_short_heads"] if register == "tw" else {})
        short = "|".join(_short(head, *around.split("|", 1)) for head, around in shorts.items())
        heads = "{heads}|{tw_heads}" if register == "tw" else "{heads}"
        short = rf"(?<=[\u4e00-\u9fff⟩])(?:{short})"
        self.head = compile_(
            rf"(?:(?:{heads})(?!{{head_not_before}})|{short}(?!{{short_head_not_before}})"
            r"|{quoted_name}(?={quoted_name_before})|{whoever}){bracket}?"
        )
        self.tail = compile_(rf"(?:{heads}|{short}|{{quoted_name}}){{bracket}}?等?$")
        self.places = compile_("{places}")
        self.place_organ = compile_("{place_organ}")
        self.weak = compile_("{weak}")
        self.verb_head = compile_("{verb_head}")
        self.doing = compile_("{doing}")
        self.role_by_verb = compile_("{role_by_verb}")
        self.report = compile_("{report}")
        self.since_rules = compile_("{since_rules}")
        self.formed = compile_("{formed}")
        self.organizing = compile_("{organizing}")
        self.people = compile_("(?:{weak_heads}|个人)$")
        self.anybody = compile_("{anybody}")
        self.bare_person = compile_("{bare_person}")
        self.agent = compile_("{agent}")
        self.topic_who = compile_("{topic_who}")
        self.exceptional = compile_("{exceptional}")
        self.authority = compile_("{authority}")
        self.applicant_act = compile_("{applicant_act}")
        self.receives = compile_("{receives}")
        self.authority_act = compile_("{authority_act}")
        self.back_reference = compile_("{back_reference}")
        self.sized = compile_("{sized}")
        self.case_who = compile_("{case_who}")
        self.request = compile_("{request}")
        self.modifiers = compile_("{modifiers}")
        self.relative = compile_("{relative}")
        self.duties = compile_("{duties}")
        self.charge = compile_("{charge}")
        self.charged = compile_("{charged}")
        self.of = compile_("{of}")
        self.of_or_by = compile_("{of_or_by}")
        self.inner_stop = compile_("{inner_stop}")
        self.inner_agent = compile_("{inner_agent}")
        self.coordination = compile_("{coordination}")
        self.joint = compile_("{coordination}|{joiner}")
        self.joined_closely = compile_("{joined_closely}")
        self.lead = compile_("{party_lead}")
        self.by = compile_("{by}")
        self.passing_to = compile_("{passing_to}")
        self.named_behind = compile_("{named_behind}")
        self.never_organ = compile_("{never_organ}")
        self.by_relative = compile_("{by_relative}")
        self.when = compile_("{when}")
        self.listed = compile_("{listed}")
        self.he_appoints = compile_("{he_appoints}")
        self.within_term = compile_("{within_term}")
        self.each = compile_("{each}")
        self.preposition = compile_("{preposition}")
        self.per_one = compile_("{per_one}")
        self.rhythm = compile_("{rhythm}")
        self.object_of = compile_("{object_of}")
        self.never_a_name = compile_("{never_a_name}")
        self.together_with = compile_("{together_with}")
        self.inner_preposition = compile_("{inner_preposition}")
        self.starter = compile_("{starter}")
        self.verb = compile_("{verb}")
        self.no_compound = compile_("{no_compound}")
        self.relative_verbs = compile_("{relative_verbs}")
        self.verbs = compile_("(?:{verbs}){1,2}")
        self.own_body = compile_("{own_body}")
        self.role = compile_("{role}")
        self.compound = compile_("{compound}")
        self.compound_head = compile_("{compound_heads}|{compound_own_heads}")
        self.compound_tail = compile_("{compound_heads}$")
        self.no_verb = compile_("{no_verb}")
        self.organ_words = compile_("{organ_words}")
        self.named_after = compile_("{named_after}")
        self.done_to = compile_("{done_to}")
        self.own_head = compile_("{compound_own_heads}$")
        # 社区|包保人员, but not 社区|办: one sign after a verb is too little to be a head.
        longer = alternation(h for h in terms["compound_heads"] if len(h) > 1)
        self.compound_next = compile_(f"{{verbs}}(?:{longer}|{{whoever}})")
        self.bare = lexicon.words("heads_with_modifier")

    def plain(self, masked: str, party: Party) -> bool:
        """Whether a name is a head alone, or one with modifiers that only parties have (各级, 县级, 有关, 主管 …)."""
        head = self.head.search(masked, party.start, party.end)
        if head is None:
            return True
        return not masked[party.start : head.start()] or bool(
            self.modifiers.fullmatch(masked, party.start, head.start())
        )

    def leading(self, masked: str, start: int, end: int, *, modified: bool = False, bare: bool = False) -> Party | None:
        """The party that opens ``masked[start:end]``, if one does.

        ``modified``: a preposition may open it. ``bare``: a head that is a verb as well (监督, 组织) may be all of it.

        >>> from siga_nlp.lexicon import load
        >>> text = "市、县级人民政府及其有关部门应当公开信息"
        >>> p = parties(load()).leading(text, 0, len(text)); text[p.start:p.end], p.whole
        ('市、县级人民政府及其有关部门', True)
        """
        match = self.lead.match(masked, start, end)
        if match:
            start = match.end()
        each = self.each.match(masked, start, end)
        if each:
            start = each.end()
        if start >= end or not modified and self.preposition.match(masked, start, end):
            return None
        doing = self.doing.match(masked, start, end)
        if doing:
            along = (
                self._further(masked, doing.end(), end) if self.coordination.match(masked, doing.end(), end) else None
            )
            return Party(start, along or doing.end(), True)
        limit = min(end, start + 120)
        head = self.head.search(masked, start, limit)
        place = self.places.match(masked, start, limit)
        organ = self.place_organ.match(masked, place.end(), limit) if place else None
        if organ and self._whole(masked, organ.end(), end):
            at = organ.end()  # 社区发展协会, 县四套班子领导
        elif place and self._whole(masked, place.end(), end) and not (head and head.start() <= place.end()):
            at = place.end()
        elif head is None or not self._nominal(masked, start, head.start()):
            return None
        elif self.since_rules.match(masked, start, head.start()):
            return None  # 本条例公布之日起进入|机构
        else:
            at = head.end()
            if head.start() == start and head[0] in self.bare and not (bare or self.bare_person.match(masked, start)):
                joined = self.coordination.match(masked, at, limit)
                if not joined and (self.verb_head.match(head[0]) or self._further(masked, at, limit) is None):
                    return None
        while True:
            further = self._further(masked, at, limit)
            if further is None:
                break
            at = further
        if masked.startswith("”", at) and at < end and masked.rfind("“", start, at) > masked.rfind("”", start, at):
            at += 1  # 村“两委”
        return Party(start, at, self._whole(masked, at, end))

    def _whole(self, masked: str, at: int, end: int) -> bool:
        return bool(self.starter.match(masked, at, end)) or at == end

    def _nominal(self, masked: str, start: int, end: int) -> bool:
        """Whether the words before a head can be its modifiers."""
        words = masked[start:end]
        if not words:
            return True
        if not self.no_compound.match(masked, start):  # 检查|机构, but not 组建|队伍
            compound = self.compound_head.match(masked, end) if self.verbs.fullmatch(words) else None
            if compound and compound.end() >= self._head_end(masked, end):
                return True
            if self.organ_words.fullmatch(words) and self.own_head.search(masked, end, self._head_end(masked, end)):
                return not self.never_organ.match(words)
        if self.report.match(words) or self.never_organ.match(words) and not self.of_or_by.search(words):
            return False  # 报|上级党委
        # 教育、卫生等部门: what comes before 等 is a list of names, whatever its words are elsewhere.
        relative = words.endswith("等") or bool(self.relative.search(words))
        if len(words) > (40 if relative or "、" in words else 24):
            return False
        if self.inner_stop.search(words) or not relative and self.inner_agent.search(words):
            return False
        return relative or not self.verb.match(words) or bool(self.no_verb.match(masked, start))

    def _further(self, masked: str, at: int, limit: int) -> int | None:
        if at == limit:
            return None
        joined = self.joint.match(masked, at, limit)
        if not joined:
            # 党委|信访部门: a modifier of the next head stands between; a verb there begins the predicate.
            compound = self.compound_next.match(masked, at, limit)
            if compound:
                return compound.end()  # 社区|包保人员
            if self.starter.match(masked, at, limit) and not self.no_verb.match(masked, at, limit):
                head = self.head.match(masked, at, limit)
                return head.end() if head and head.end() > at else None
            head = self.head.search(masked, at, min(limit, at + 14))
            if (
                head
                and (head[0][0] != "者" or self.agent.search(masked, at, head.end()))
                and not self._stops(masked, at, head.start())
            ):
                if masked[at - 1] == "级" or not self.coordination.search(masked, at, head.start()):
                    return head.end()
            return None
        begin = joined.end()
        if self.joined_closely.fullmatch(joined[0]):
            head = self.head.search(masked, begin, min(limit, begin + 14))
            if (
                head
                and len(masked[begin : head.start()].replace("□", "")) <= 6
                and not self._stops(masked, begin, head.start())
            ):
                if not self.coordination.search(masked, begin, head.start()):
                    return head.end()
            return None
        place = self.places.match(masked, begin, limit)
        head = self.head.search(masked, begin, min(limit, begin + 34))
        if head and not self._stops(masked, begin, head.start()):
            return head.end()
        if place and self._whole(masked, place.end(), limit):
            return place.end()
        return None

    def _stops(self, masked: str, start: int, end: int) -> bool:
        words = masked[start:end]
        if not words:
            return False
        relative = bool(self.of.match(words, len(words) - 1))
        if len(words) > 24 or self.inner_stop.search(words):
            return True
        if (
            relative
            or self.relative_verbs.search(words)
            and self.compound_tail.search(masked, end, self._head_end(masked, end))
            or self.verb.fullmatch(words)
            and self.compound_tail.search(masked, end, self._head_end(masked, end))
        ):
            return False  # 采购人和|采购代理机构
        verb = self.verb.match(words) and not self.no_verb.match(masked, start)
        return bool(verb or self.inner_agent.search(words))

    def _head_end(self, masked: str, start: int) -> int:
        head = self.head.match(masked, start)
        return head.end() if head else start

    def named_by_verb(self, words: str) -> bool:
        """A role named by what it does: 下基层的同志, 驻村干部 (a verb, then at once the head)."""
        if len(words) > 10:
            return False
        verb = self.verb.match(words)
        return verb is not None and bool(self.role.fullmatch(words, verb.end()))

    def ends_in_head(self, words: str) -> bool:
        """Whether a stretch ends in the head of a party (or in the name of a level: 市、县⟨□⟩)."""
        if self.tail.search(words, max(0, len(words) - 24)):
            return True
        place = self.places.match(words)
        return place is not None and place.end() == len(words)

    def after_by(self, masked: str, start: int, end: int) -> Party | None:
        """The party after 由 in a stretch (``由县级人民政府负责``)."""
        for match in self.by.finditer(masked, start, end):
            party = self.leading(masked, match.end(), end, bare=True)
            if self.listed.match(masked, match.end(), end):
                continue
            if (
                party
                and party.end > party.start
                and (party.end + 1 == end or not self.of_or_by.match(masked, party.end))
                and not self.by_relative.match(masked, party.end, end)
            ):
                return party
        return None


def _short(head: str, before: str, after: str = "") -> str:
    """A head of one sign, without the signs that make other words of it; it comes first, so that only where it stands is
    anything looked for."""
    return head + (f"(?<![{before}]{head})" if before else "") + (f"(?![{after}])" if after else "")


@functools.lru_cache(maxsize=8)
def parties(lexicon: Lexicon, register: str = "cn") -> Parties:
    """The party lexicon, compiled once for each register (``page.drafting_register``)."""
    return Parties(lexicon, register)


@functools.lru_cache(maxsize=8)
def _normalizers(lexicon: Lexicon) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return compiled(alternation(lexicon.terms["levels"])), compiled(alternation(lexicon.terms["roles"]))


@functools.lru_cache(maxsize=4096)
def normalize(subject: str, lexicon: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Administrative levels and roles that a subject (folded) names, in the order in which it names them.

    >>> from siga_nlp.lexicon import load
    >>> normalize("省、市级领导干部", load())
    (('province', 'city'), ('领导干部',))
    """
    level, role = _normalizers(lexicon)
    levels = dict.fromkeys(lexicon.terms["levels"][m[0]] for m in level.finditer(subject))
    roles = dict.fromkeys(lexicon.terms["roles"][m[0]] for m in role.finditer(subject))
    return tuple(levels), tuple(roles)
