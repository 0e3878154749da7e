"""Who acts: the name of a party at the head of a clause, and its level and role.

A party is modifiers, a head noun (``rules/parties.yaml``) and further heads joined by 、 和 及 与 或. Works on masked text
(``clauses.mask``), where a bracket is one closed thing: 县⟨□□□⟩委常委会.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from .lexicon import Lexicon, alternation


@dataclass(frozen=True, slots=True)
class Party:
    """``[start, end)`` of a party's name. ``whole`` if what follows can begin a predicate, else it modifies a thing."""

    start: int
    end: int
    whole: bool


class Parties:
    """The party lexicon, compiled."""

    def __init__(self, lexicon: Lexicon) -> None:
        terms = lexicon.terms
        bracket = r"(?:⟨□*⟩)"
        heads = alternation(re.sub(r"\([^)]*\)", "", h) if "(" in h else h for h in terms["heads"] if "“" not in h)
        place = r"(?:自治区|自治州|自治县|设区的市|省|市|州|县|区|旗|乡镇|乡|镇|街道|社区|村)"
        self.places = re.compile(
            rf"(?:各|本|全|该|所辖|有关|相关)?{place}{bracket}?(?:[、和及与]?{place}{bracket}?)*(?:级|两级|三级|各级)?"
        )
        short = "|".join(f"(?<=[\\u4e00-\\u9fff])(?<![{bad}]){head}" for head, bad in terms["short_heads"].items())
        self.head = re.compile(
            rf"(?:{heads}(?!公室|公厅)|(?:{short})(?![级长员室内处外面理地好法事置罚分于得需有称列属致以民才大类身口力防数均次工文物道心格社为家们])|⟨□□⟩(?:成员|干部)?(?=[每要应须可不])|者(?=$|[,每应须可不得对就依向于])){bracket}?"
        )
        self.tail = re.compile(rf"(?:{heads}|(?:{short})|⟨□□⟩(?:成员|干部)?){bracket}?$")
        self.weak = re.compile(rf"(?:{alternation(terms['weak_heads'])})$")
        self.authority = re.compile(r"(?:政府|机关|部门|主管|委员会|[局厅署])$")
        self.object_of = re.compile(r"(?:对于|对|向|把|将|给|为了|为|与|同|除|就|以|被|让)")
        self.modifiers = re.compile(
            r"(?:各级|各类|各|本|全体|任何|所有|有关|相关|主管|党政|基层|中央|地方|国家|国务院|省|市|县|区|乡|镇|村|级|直|(?:⟨□*⟩)|以上|"
            r"(?:自治)?州|旗|街道|社区|机关|人民|[省地厅局县处科乡股]级|上级|下级|本级|同级|其他|以外|职能|业务|行政|监督|管理|综合|执法|专业|主要|分管|第一|设区的|的|之|、|和|及|与|或)+"
        )
        self.lead = re.compile(rf"(?:{alternation(terms['connectives'])}|[、\s])+")
        no = alternation(terms["no_prepositions"])
        self.preposition = re.compile(rf"(?!{no})(?:{alternation(terms['prepositions'])})")
        self.each = re.compile(r"每一?[名位个]")
        self.verb = re.compile(alternation(terms["verbs"]) + r"(?![点户站])")
        self.inner_stop = re.compile(
            r"应当|必须|不得|可以|规定(?!的)|[对把将向]|根据|按照|依照|通过|至少|不少于|\d|每[年月季周日半]|(?<![会共])同时|因(?!素)"
        )
        self.coordination = re.compile(r"、|以及|及其|和|与|及|或者|或|会同")
        self.joiner = re.compile(r"(?:以外)?(?:的|之)(?:其他|各|有关|相关|主要)?|所在(?:地)?的?|所属的?|下属|及其|其他")
        self.starter = re.compile(
            rf"$|[,:]|{alternation(terms['verbs'])}(?![点户站])|(?!{no}){alternation(terms['prepositions'])}|{alternation(terms['adverbs'])}"
            r"|每|各(?!级|类|种|项|方|地|部门)|至少|最少|不|应|须|必|要|可|得|严禁|禁止|需|未|没|有|是|能|一年|半年|一季度|当[日天年月]|务|亦|皆|⟨"
            r"|\d|[一二三四五六七八九十两]+[年月日天周个次名项件]|上[报传门]|下[达发]|予|为"
            r"|[讲上抓带写办交报谈选派做走看吃住听包联驻帮送填留读找]$|[讲上抓带写办交报谈选派做走看吃住听](?=[\d一二两三四五六七八九十好到])"
        )
        self.role = re.compile(r"(?:的)?(?:干部|同志|党员|代表|志愿者|队员|学生|教师|委员)")
        self.compound_head = re.compile(alternation(terms["compound_heads"]))
        self.compound_next = re.compile(
            rf"(?:{alternation(terms['verbs'])})(?:{alternation(h for h in terms['compound_heads'] if len(h) > 1)})"
        )
        self.inner_preposition = re.compile(r"[\u4e00-\u9fff⟩](?:在|对|向|到|把|将|根据|按照)(?![线职校编岗建地位区])[\u4e00-\u9fff⟨]{2}")
        self.compound = re.compile(
            rf"(?:{alternation(terms['verbs'])}){{1,2}}(?:{alternation(terms['compound_heads'])}){bracket}?$"
        )
        self.bare = frozenset(terms["heads_with_modifier"])
        self.by = re.compile(r"(?:由|委托|责成|交由|转由)")

    def plain(self, masked: str, party: Party) -> bool:
        """Whether a name is a head alone, or one with modifiers that only parties have (各级, 县级, 有关, 主管 …)."""
        head = self.head.search(masked, party.start, party.end)
        if head is None:
            return True
        return not masked[party.start : head.start()] or bool(self.modifiers.fullmatch(masked, party.start, head.start()))

    def leading(self, masked: str, start: int, end: int, *, modified: bool = False) -> Party | None:
        """The party that opens ``masked[start:end]``, if one does.

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
        limit = min(end, start + 120)
        head = self.head.search(masked, start, limit)
        place = self.places.match(masked, start, limit)
        at = -1
        if place and self._whole(masked, place.end(), end) and not (head and head.start() <= place.end()):
            at = place.end()
        elif head is None or not self._nominal(masked, start, head.start()):
            return None
        else:
            at = head.end()
            if head.start() == start and head[0] in self.bare and not self.coordination.match(masked, at, limit):
                further = self._further(masked, at, limit)
                if further is None:
                    return None
        while True:
            further = self._further(masked, at, limit)
            if further is None:
                break
            at = further
        return Party(start, at, self._whole(masked, at, end))

    def _whole(self, masked: str, at: int, end: int) -> bool:
        return bool(self.starter.match(masked, at, end)) or at == end

    def _nominal(self, masked: str, start: int, end: int) -> bool:
        """Whether the words before a head can be its modifiers."""
        words = masked[start:end]
        if not words:
            return True
        if self.verb.fullmatch(words) and self.compound_head.match(masked, end):
            return True
        relative = words.endswith(("的", "之", "的其他", "的有关"))
        if len(words) > (40 if relative or "、" in words else 24):
            return False
        if self.inner_stop.search(words):
            return False
        return relative or not self.verb.match(words)

    def _further(self, masked: str, at: int, limit: int) -> int | None:
        joined = self.coordination.match(masked, at, limit) or self.joiner.match(masked, at, limit)
        if not joined:
            # 党委|信访部门: a modifier of the next head stands between; a verb there begins the predicate.
            compound = self.compound_next.match(masked, at, limit)
            if compound:
                return compound.end()  # 社区|包保人员
            if self.starter.match(masked, at, limit):
                head = self.head.match(masked, at, limit)
                return head.end() if head and head.end() > at else None
            head = self.head.search(masked, at, min(limit, at + 14))
            if head and head.start() >= at and not self._stops(masked, at, head.start()):
                return head.end()
            return None
        begin = joined.end()
        if joined[0] in ("与", "或"):
            head = self.head.search(masked, begin, min(limit, begin + 14))
            if head and head.start() - begin <= 6 and not self._stops(masked, begin, head.start()):
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
        relative = words.endswith(("的", "之"))
        return bool(self.inner_stop.search(words)) or (bool(self.verb.match(words)) and not relative) or len(words) > 24

    def named_by_verb(self, words: str) -> bool:
        """A role named by what it does: 下基层的同志, 驻村干部 (a verb, then at once the head)."""
        if len(words) > 10:
            return False
        verb = self.verb.match(words)
        return bool(verb) and bool(self.role.fullmatch(words, verb.end()))

    def ends_in_head(self, words: str) -> bool:
        """Whether a stretch ends in the head of a party (or in the name of a level: 市、县⟨□⟩)."""
        if self.tail.search(words, max(0, len(words) - 24)):
            return True
        place = self.places.match(words)
        return bool(place) and place.end() == len(words)

    def after_by(self, masked: str, start: int, end: int) -> Party | None:
        """The party after 由 in a stretch (``由县级人民政府负责``)."""
        for match in self.by.finditer(masked, start, end):
            if match[0] == "由":
                party = self.leading(masked, match.end(), end)
                if party and party.whole and party.end > party.start:
                    return party
        return None


@functools.lru_cache(maxsize=8)
def parties(lexicon: Lexicon) -> Parties:
    """The party lexicon, compiled once."""
    return Parties(lexicon)


@functools.lru_cache(maxsize=8)
def _normalizers(lexicon: Lexicon) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(alternation(lexicon.terms["levels"])), re.compile(alternation(lexicon.terms["roles"]))


@functools.lru_cache(maxsize=4096)
def normalize(subject: str, lexicon: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Administrative levels and roles that a subject (folded) names, in the order in which it names them.

    >>> from siga_nlp.lexicon import load
    >>> normalize("省、市级党政领导干部", load())
    (('province', 'city'), ('领导干部',))
    """
    level, role = _normalizers(lexicon)
    levels = dict.fromkeys(lexicon.terms["levels"][m[0]] for m in level.finditer(subject))
    roles = dict.fromkeys(lexicon.terms["roles"][m[0]] for m in role.finditer(subject))
    return tuple(levels), tuple(roles)
