"""Sentences and clauses of a node, and the words in them that matter: modal words and measures.

Offsets refer to the view. ``mask`` is the view's text with what stands inside brackets and quotation marks blotted out
(same length), so that a comma or a modal word in there parts and governs nothing.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from .lexicon import Lexicon
from .measures import Atom, Measures
from .patterns import ahead, compiled

_INSIDE = re.compile(r"\(([^()\n]*)\)|\[([^\[\]\n]*)\]|《([^《》\n]*)》|“([^“”\n]*)”|\"([^\"\n]{0,80})\"")
_SENTENCE = re.compile(r"[^。!?;\n]+")
_CLAUSE = re.compile(r"(?:[^,:|]++|(?<=\d):(?=\d))++")  # a bar parts the cells of a table
BLOT = "□"
# Characters; the longest sentences of real statutes, with their lists, stay below it.
LONGEST = 1500
# A clause with more modal words than this is no language (要要要…); what lies beyond them is not read.
MOST_MODALS = 24


def mask(text: str) -> str:
    """``text`` with the insides of brackets and quotes blotted out; same length.

    >>> mask("县(市、区)要落实“要求”")
    '县⟨□□□⟩要落实⟨□□⟩'
    """
    for _ in range(3):
        text, found = _INSIDE.subn(lambda m: "⟨" + BLOT * (m.end() - m.start() - 2) + "⟩", text)
        if not found:
            break
    return text


@dataclass(frozen=True, slots=True)
class Modal:
    """A modal word in its place."""

    start: int
    end: int
    modality: str
    rule: str


@dataclass(slots=True)
class Clause:
    """A stretch between commas. ``after`` is the sign that ends it; ``governing`` are those of its modal words that say
    what must be done, once somebody has asked (``extraction.governing``).
    """

    start: int
    end: int
    after: str
    modals: list[Modal] = field(default_factory=list)
    atoms: list[Atom] = field(default_factory=list)
    governing: list[Modal] | None = None


class Cues:
    """Finds modal words; look-alikes (rules of kind ``pseudo``) are swallowed first."""

    def __init__(self, lexicon: Lexicon, *, register: str) -> None:
        self.modality: dict[str, tuple[str, str]] = {}
        pieces = [f"(?P<pseudo>{'|'.join(ahead(lexicon.expand(rule.pattern)) for rule in lexicon.rules['pseudo'])})"]
        for n, rule in enumerate(lexicon.rules["modal"]):
            if rule.value.get("register", register) != register:
                continue
            self.modality[f"m{n}"] = (rule.value["modality"], rule.name)
            pieces.append(f"(?P<m{n}>{lexicon.expand(rule.pattern)})")
        self.pattern = compiled("|".join(map(ahead, pieces)))

    def find(self, masked: str, start: int, end: int) -> list[Modal]:
        found: list[Modal] = []
        for match in self.pattern.finditer(masked, start, end):
            if match.lastgroup and match.lastgroup != "pseudo":
                modality, rule = self.modality[match.lastgroup]
                found.append(Modal(match.start(), match.end(), modality, rule))
        return found


@functools.lru_cache(maxsize=8)
def cues(lexicon: Lexicon, register: str) -> Cues:
    """The modal rules of a lexicon for one register (``cn`` or ``tw``), compiled once."""
    return Cues(lexicon, register=register)


def sentences(masked: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of a stretch; a semicolon ends one.

    What goes on for longer than any sentence is cut at a comma or, failing that, anywhere: reading a sentence may look
    back and forth in it, and a text of one endless sentence must not take the square of its length.
    """
    found = []
    for match in _SENTENCE.finditer(masked, start, end):
        a, b = match.span()
        while b - a > LONGEST:
            cut = masked.rfind(",", a + LONGEST // 2, a + LONGEST) + 1 or a + LONGEST
            found.append((a, cut))
            a = cut
        found.append((a, b))
    return found


def clauses(masked: str, start: int, end: int, modal_cues: Cues, measures: Measures) -> list[Clause]:
    """The clauses of a sentence with their modal words and measures."""
    found = []
    modals = modal_cues.find(masked, start, end)
    atoms = measures.find(masked, start, end)
    at = am = 0
    for match in _CLAUSE.finditer(masked, start, end):
        a, b = match.span()
        clause = Clause(a, b, masked[b : b + 1])
        while am < len(modals) and modals[am].start < b:
            if len(clause.modals) < MOST_MODALS:
                clause.modals.append(modals[am])
            am += 1
        while at < len(atoms) and atoms[at].start < b:
            clause.atoms.append(atoms[at])
            at += 1
        found.append(clause)
    return found
