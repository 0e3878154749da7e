"""Whom a rule binds: does the subject of a requirement take in the people or the unit that somebody asks about?

市级领导干部 are bound by what binds them by name, by what binds 领导干部 or 干部 in general, and by what binds
县处级以上领导班子成员; not by what binds 县级领导干部 or the heads of 市直部门. Works on folded text.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from .lexicon import Lexicon
from .parties import normalize
from .patterns import alternation

_RANKS = ("village", "township", "county", "city", "province", "central")
_JOINED = re.compile(r"、|,|;|\n|以及|或者|(?<!涉)及(?!其)|(?<!共)和(?![谐平睦解])|(?<!参)与|(?<!会)同(?!志|级)|或")
_BRACKET = re.compile(r"\([^()]*\)")
_OWN_ROLES = {
    "领导小组": "领导小组",
    "党政领导干部": "领导干部",
    "主要领导干部": "主要负责人",
}  # which the roles' words would cut in two
_WHOLE = re.compile(r"全[国省市州县区旗]|全自治区")  # whoever is there, whatever their level
# The holders' role ends the name; 成员 and a bracket may follow it.
_AFTER_ROLE = re.compile(r"(?:成员|同志|们|等|\([^()]*\)|\s)*$")


@dataclass(frozen=True, slots=True)
class Member:
    """One group of a subject: the levels it names (empty: any), its role (None: a name of its own), what narrows it."""

    text: str
    levels: frozenset[str] = frozenset()
    role: str | None = None
    organizations: frozenset[str] = frozenset()
    qualities: frozenset[str] = frozenset()
    own: str = ""  # what is left of the name without levels, roles and generic words


def binding(query: str, subject: str | None, *, document_level: str | None = None, lexicon: Lexicon) -> str | None:
    """How a subject (both folded) binds those who are asked about, or None if it does not.

    ``direct`` by name or by level and role; ``general`` as holders of a wider role or level; ``body`` as members of a
    body that is bound; ``part`` only those of them who are what the subject names besides. A rule without a level in the
    document of a lower level (``document_level``) binds nobody above.

    >>> from siga_nlp.lexicon import load
    >>> def ask(subject, **more): return binding("市级领导干部", subject, lexicon=load(), **more)
    >>> ask("省、市级领导干部"), ask("各级领导干部"), ask("党员干部"), ask("县处级以上领导班子成员")
    ('direct', 'general', 'general', 'general')
    >>> ask("县处级以上领导班子"), ask("市级包抓领导"), ask("县级领导干部"), ask("市直部门领导干部")
    ('body', 'part', None, None)
    >>> ask("领导干部", document_level="county")
    """
    if not subject:
        return None
    found = {
        _relation(asked, member, document_level, lexicon)
        for asked in members(query, lexicon)
        for member in members(subject, lexicon)
    }
    return next((kind for kind in ("direct", "general", "body", "part") if kind in found), None)


@functools.lru_cache(maxsize=4096)
def members(subject: str, lexicon: Lexicon) -> tuple[Member, ...]:
    """The groups that a subject (folded) joins. A level before a joint shares the role behind it.

    >>> from siga_nlp.lexicon import load
    >>> [(sorted(m.levels), m.role) for m in members("省、市级领导干部和乡镇党委", load())]
    [(['province'], '领导干部'), (['city'], '领导干部'), (['township'], '党委')]
    """
    # A bracket is one closed thing: the 、 of 县(市、区) joins nothing.
    masked = _BRACKET.sub(lambda m: "□" * len(m[0]), subject)
    cuts = [0, *(edge for m in _JOINED.finditer(masked) for edge in m.span()), len(subject)]
    pieces = [subject[a:b].strip() for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
    found: list[Member] = []
    waiting: list[Member] = []
    for piece in filter(None, pieces):
        member = _member(piece, lexicon)
        if member.role is None and member.levels and not member.own:
            waiting.append(member)
            continue
        if member.role is not None:
            found += [Member(m.text, m.levels, member.role, qualities=member.qualities) for m in waiting]
        else:
            found += waiting
        waiting = []
        found.append(member)
    return tuple(found + waiting)


def _member(text: str, lexicon: Lexicon) -> Member:
    levels, _ = normalize(_WHOLE.sub("各级", text), lexicon)
    roles = lexicon.terms["roles"]
    named = list(_roles(lexicon).finditer(text))
    names = [_OWN_ROLES.get(m[0]) or roles[m[0]] for m in named]
    head = None
    if named and _AFTER_ROLE.match(text, named[-1].end()):
        head = "领导班子成员" if names[-1] == "领导班子" and "成员" in text[named[-1].end() :] else names[-1]
        names.pop()
    organizations = frozenset(lexicon.terms["suborganizations"])
    before = frozenset(names) - {head}
    rest = _roles(lexicon).sub("", text) if head else text
    rest = _generic(lexicon).sub("", re.sub(r"[\W□]", "", _WHOLE.sub("", rest)))
    reach = set(levels)
    ranks = [_RANKS.index(level) for level in levels]
    if ranks and "以上" in text:
        reach |= set(_RANKS[min(ranks) :])
    if ranks and "以下" in text:
        reach |= set(_RANKS[: max(ranks) + 1])
    return Member(text, frozenset(reach), head, before & organizations, before & {"党员", "干部"}, rest)


@functools.lru_cache(maxsize=8)
def _roles(lexicon: Lexicon) -> re.Pattern[str]:
    return re.compile(alternation([*_OWN_ROLES, *lexicon.terms["roles"]]))


@functools.lru_cache(maxsize=8)
def _generic(lexicon: Lexicon) -> re.Pattern[str]:
    return re.compile(alternation([*lexicon.terms["levels"], *lexicon.terms["generic_names"], "成员"]))


def _relation(asked: Member, member: Member, document_level: str | None, lexicon: Lexicon) -> str | None:
    if asked.role is None or member.role is None:
        by_name = (asked.own or not member.own) and asked.text in member.text
        return "direct" if by_name or asked.text == member.text else None
    binds, bodies = lexicon.terms["binds"], lexicon.terms["bodies"]
    if member.role == asked.role:
        kind = "direct"
    elif member.role in binds.get(asked.role, ()):
        kind = "general"
    elif member.role in bodies.get(asked.role, ()):
        kind = "body"
    elif asked.role in binds.get(member.role, ()) and asked.levels & member.levels:
        kind = "part"  # 市委书记 are among 市级领导干部
    else:
        return None
    more = member.organizations - asked.organizations
    if more and (asked.levels or kind != "direct"):
        return None
    if asked.organizations - member.organizations and member.levels:
        return None
    if asked.levels:
        if member.levels:
            if not asked.levels & member.levels:
                return None
        elif document_level in _RANKS and _RANKS.index(document_level) < min(map(_RANKS.index, asked.levels)):
            return None
        elif kind == "direct":
            kind = "general"
    if asked.own and asked.own not in member.own:
        if member.own:
            return None
        return "general" if kind == "direct" else kind
    if kind == "direct" and (more or member.qualities - asked.qualities or member.own and not asked.own):
        return "part"
    if member.own and not asked.own:
        return "part" if member.role == asked.role else None  # 退休干部 are others than 市级领导干部
    return kind
