"""A document as the extraction reads it: text, masked text, nodes and the compiled rules, with the small questions that
every step asks of them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..clauses import Clause, Cues, cues, mask
from ..lexicon import Lexicon, Rule
from ..measures import Atom, Measures, compiled
from ..models import Node, Span
from ..parties import Parties, Party, parties
from .wording import Units, Wording, units, wording

_BRACKETED = re.compile(r"⟨(□+)⟩")
_LONG_BRACKET = re.compile(r"⟨□{5,}⟩")
_GROUP_NAME = re.compile(r"\(\?P<\w+>")
_SHORT_NAME = re.compile(r"以下(?:简|合|统)称为?[“「\"]?([\u4e00-\u9fff]{2,10})[”」\"]?\)")
_EDGES = " ,、:;。\n"
_DUE_YEAR = re.compile(r"20(?:(?<!\d20)(?=\d\d年(?:\d{1,2}月(?:\d{1,2}日)?)?[底末]?前)|(?<=[到至]20)(?=\d\d年))\d\d")
# Signs that differ in traditional script and are frequent in every text.
_TRADITIONAL = "為於應條關與經發專學國會業"
_CLASSICAL = ("之", "者,", "得", "应于", "为之")


@dataclass(frozen=True, slots=True)
class Page:
    """``text`` is the view's, ``masked`` the same with brackets and quotes blotted out (``clauses.mask``).

    In ``inside`` only what stands in brackets within brackets is blotted out.
    """

    text: str
    masked: str
    inside: str
    nodes: Sequence[Node]
    register: str
    lexicon: Lexicon
    cues: Cues
    measures: Measures
    parties: Parties
    wording: Wording
    units: Units
    plans_from: int | None
    plan: bool
    mechanisms: tuple[tuple[Rule, re.Pattern[str], re.Pattern[str]], ...]
    short_names: frozenset[str]

    def opened(self) -> Page:
        """The same with the insides of brackets laid open, to read one of them as a sentence."""
        return replace(self, masked=self.inside)

    def says(self, span: Span) -> str:
        """The masked words of a span."""
        return self.masked[span[0] : span[1]]

    def strip(self, start: int, end: int) -> Span:
        """A stretch without the punctuation at its edges."""
        masked = self.masked
        while end > start and masked[end - 1] in _EDGES:
            end -= 1
        while start < end and masked[start] in _EDGES:
            start += 1
        return start, end

    def trim(self, start: int, end: int) -> Span:
        """A stretch without punctuation at its edges and without link words (并且 同时 …) at its head."""
        link = self.wording.link.match(self.masked, start, end)
        return self.strip(link.end() if link and link.end() < end else start, end)

    def begin(self, clause: Clause, cue: int) -> int:
        """Where a clause begins after its link words, at ``cue`` at the latest."""
        link = self.wording.link.match(self.masked, clause.start, cue)
        return link.end() if link else clause.start

    def long_brackets(self, start: int, end: int) -> list[Span]:
        """Brackets in a stretch that hold more than a word."""
        return [m.span() for m in _LONG_BRACKET.finditer(self.masked, start, end) if self.text[m.start()] in "(["]

    def without_quote(self, atom: Atom) -> Atom:
        """A measure without the name in quotes behind it: 1个|“儿童之家”; a round bracket (2次(场)) stays its own."""
        if not self.masked.endswith("⟩", atom.start, atom.end):
            return atom
        at = self.masked.rfind("⟨", atom.start, atom.end)
        return atom if at <= atom.start or self.text[at] in "([" else replace(atom, end=at)

    def opening(self, clause: Clause) -> Party | None:
        """The party that opens a clause, if one does; 有效期内 and the like may stand before it."""
        when = self.parties.within_term.match(self.masked, clause.start, clause.end)
        start = when.end() if when else clause.start
        return self.leading(start, clause.end, modified=self.masked.startswith("被", start))

    def leading(self, start: int, end: int, *, modified: bool = False) -> Party | None:
        """The party that opens a stretch: as its words show, or by a short name that the document gave (以下简称受托者)."""
        found = self.parties.leading(self.masked, start, end, modified=modified)
        if not self.short_names or found:
            return found
        lead = self.parties.lead.match(self.masked, start, end)
        at = lead.end() if lead else start
        short = next((name for name in self.short_names if self.masked.startswith(name, at, end)), "")
        if not short or self.parties.joint.match(self.masked, at + len(short), end):
            return found
        return Party(at, at + len(short), True)


def open_page(source: str, text: str, nodes: Sequence[Node], lexicon: Lexicon) -> Page:
    """The page of a document: ``source`` is its own text, ``text`` the view's.

    >>> from siga_nlp.lexicon import load
    >>> open_page("县（区）要落实", "县(区)要落实", (), load()).masked
    '县⟨□⟩要落实'
    """
    register = drafting_register(source, text)
    masked = mask(text)
    return Page(
        text=text,
        masked=masked,
        inside=_BRACKETED.sub(lambda m: f"⟨{mask(text[m.start(1) : m.end(1)])}⟩", masked),
        nodes=nodes,
        register=register,
        lexicon=lexicon,
        cues=cues(lexicon, register),
        measures=compiled(lexicon),
        parties=(names := parties(lexicon, register)),
        wording=wording(lexicon),
        units=units(lexicon),
        plans_from=_plans_from(text, nodes, lexicon),
        plan=any(_titles(text, nodes, lexicon)),
        mechanisms=_mechanisms(lexicon),
        short_names=_short_names(text, names),
    )


def _short_names(text: str, names: Parties) -> frozenset[str]:
    """The short names that a document gives to parties."""
    given = _SHORT_NAME.findall(text)
    return frozenset(name for name in given if names.ends_in_head(name) or name.endswith("者"))


@functools.lru_cache(maxsize=8)
def _mechanisms(lexicon: Lexicon) -> tuple[tuple[Rule, re.Pattern[str], re.Pattern[str]], ...]:
    """Each rule, its pattern, and the pattern of a series of its parts outside quotation marks."""
    found = []
    for rule in lexicon.rules["mechanism"]:
        pattern = lexicon.compile(rule.pattern)
        part = _GROUP_NAME.sub("(?:", lexicon.expand(rule.pattern))
        found.append(
            (
                rule,
                pattern,
                re.compile(
                    f"(?:{part})(?:、(?:{part}))+(?=(?:、年[终底末][\u4e00-\u9fff]{{2,4}}?)?(?:制度|机制|工作|[,;。:!]|$))",
                    re.M,
                ),
            )
        )
    return tuple(found)


def _titles(text: str, nodes: Sequence[Node], lexicon: Lexicon) -> list[re.Match[str]]:
    """The titles of a document that name a year and a plan for it."""
    pattern = wording(lexicon).plan_title
    found = [pattern.search(text, node.start, node.end) for node in nodes[:12] if node.kind in ("title", "paragraph")]
    return [match for match in found if match]


def _plans_from(text: str, nodes: Sequence[Node], lexicon: Lexicon) -> int | None:
    """The first year that a document plans for: that of its title (2024年工作要点) or of its deadlines (2024年底前)."""
    years = [int(found["year"]) for found in _titles(text, nodes, lexicon)]
    years += [int(year) for year in _DUE_YEAR.findall(text)]
    return min(years, default=None)


def drafting_register(source: str, folded: str) -> str:
    """``tw`` for a text in traditional script that drafts in the Taiwanese manner (之, 者, 於, 得), else ``cn``.

    Script alone does not tell: a mainland text that a machine has converted is traditional and ``cn``.

    >>> drafting_register("主管機關得委託辦理之。", "主管机关得委托办理之。")
    'tw'
    >>> drafting_register("各單位要報送總結。", "各单位要报送总结。")
    'cn'
    >>> drafting_register("单位取得证书之日起，应当备案。", "单位取得证书之日起,应当备案。")
    'cn'
    """
    sample = folded[:20000]
    if len(source) == len(folded):
        # Characters only: full-width signs differ in every text.
        differing = sum(a != b and "\u3400" <= a < "\ufb00" for a, b in zip(source, sample, strict=False))
    else:
        differing = 6 * sum(map(source.count, _TRADITIONAL))
    if differing < 0.02 * len(sample):
        return "cn"
    classical = sum(map(sample.count, _CLASSICAL))
    return "tw" if classical > 0.008 * len(sample) else "cn"
