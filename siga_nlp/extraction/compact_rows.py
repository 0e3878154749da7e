"""Rows of forms that are no sentences: headings with a time window, quoted mechanisms, rows of tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..measures import Atom
from ..models import Span
from .page import Page
from .statements import MEASURING, Memory, Statement

_QUOTED = re.compile(r"[“\"]([^“”\"\n]{5,40})[”\"]")
_PIECE = re.compile(r"[^、,]+")
_CELL = re.compile(r"[^|\t\n]+")
_LONG_BRACKET = re.compile(r"⟨(□{6,})⟩")
_ORDINAL = re.compile(r"[\d.、]+")


def heading_window(page: Page, index: int, memory: Memory) -> None:
    """A headline with a time window in brackets: ``走访调研知民情(4月中旬-4月下旬)``."""
    node = page.nodes[index]
    if node.kind not in ("heading", "item", "paragraph"):
        return
    start = node.heading[0] if node.heading else node.body
    match = page.wording.heading_window.match(page.text, start, min(node.end, start + 60))
    if not match:
        return
    a, b = match.span("window")
    found = [atom for atom in page.measures.find(page.text, a - 1, b + 1) if atom.kind == "deadline"]
    if not found or sum(atom.end - atom.start for atom in found) < (b - a) - 2:
        return
    rules = ["heading-window", *(atom.rule for atom in found)]
    memory.statements.append(Statement(index, start, match.end(), [(start, a - 1)], atoms=found, rules=rules))


def mechanisms(page: Page, index: int, start: int, end: int, memory: Memory) -> list[Span]:
    """A mechanism whose parts say how often: ``“月调度、季督查、半年观摩考评”``, quoted or not, a row a part.

    Gives the stretches that it has read.
    """
    read: list[Span] = []
    quoted = page.text.find("“", start, end) >= 0 or page.text.find('"', start, end) >= 0
    series_there = page.masked.find("、", start, end) >= 0
    if not quoted and not series_there:
        return read
    for rule, pattern, series in page.mechanisms:
        stretches = [match.span(1) for match in _QUOTED.finditer(page.text, start, end)] if quoted else []
        if series_there:
            stretches += [match.span() for match in series.finditer(page.masked, start, end)]
        for a, b in stretches:
            pieces = [(m.start(), m[0]) for m in _PIECE.finditer(page.text, a, b)]
            parts = [(at, part) for at, words in pieces if (part := pattern.fullmatch(words))]
            if len(parts) < 2 or len(parts) < len(pieces) or page.wording.record.match(page.text, b + 1):
                continue
            read.append((a, b))
            party = page.parties.leading(page.masked, start, a)
            if party and party.whole and party.end >= a - 4:
                memory.act_for((party.start, party.end))
            for at, part in parts:
                atom = page.measures.period(at, part["pu"], rule.name)
                act = (at + part.start("act"), at + part.end())
                memory.statements.append(
                    Statement(
                        index,
                        at,
                        act[1],
                        [act],
                        memory.subject,
                        memory.inherited(),
                        atoms=[atom],
                        period=atom.period,
                        rules=[rule.name],
                    )  # fmt: skip
                )
    return read


def cells_of(page: Page, index: int) -> tuple[list[Span], Span | None]:
    """The cells of a table row that say something, and the one (not among them) that names a party."""
    node = page.nodes[index]
    cells = [page.trim(*m.span()) for m in _CELL.finditer(page.text, node.start, node.end)]
    cells = [(a, b) for a, b in cells if b > a and not _ORDINAL.fullmatch(page.text, a, b)]
    subject = _party_cell(page, cells)
    return [cell for cell in cells if cell != subject], subject


def _party_cell(page: Page, cells: Sequence[Span]) -> Span | None:
    """The cell that names a party."""
    names = [cell for cell in cells if page.parties.ends_in_head(page.says(cell))]
    plain = [cell for cell in names if not page.wording.verb.match(page.masked, *cell)]
    if plain:
        return plain[-1]
    return (
        cells[0] if names[:1] == list(cells[:1]) and names else None
    )  # 驻村干部 | 入户走访: the first column says who


def table_row(page: Page, index: int, memory: Memory) -> bool:
    """A row of a table of duties: one cell names a party, the longest other is the act, with the measure in a cell of its
    own (入户走访 | 每周1次) or inside the act (走访企业不少于10家).
    """
    node = page.nodes[index]
    cells = [page.trim(*m.span()) for m in _CELL.finditer(page.text, node.start, node.end)]
    cells = [(a, b) for a, b in cells if b > a]
    if len(cells) < 2 or any(page.cues.find(page.masked, *cell) for cell in cells):
        return False
    measured = {}
    for a, b in cells:
        atoms = page.measures.find(page.masked, a, b)
        covered = sum(atom.end - atom.start for atom in atoms)
        if any(atom.kind in MEASURING for atom in atoms) and covered >= 0.6 * (b - a):
            measured[a, b] = atoms
    rest = [cell for cell in cells if cell not in measured and not _ORDINAL.fullmatch(page.text, *cell)]
    subject = _party_cell(page, rest)
    acts = [cell for cell in rest if cell != subject]
    if not acts:  # 县长 | 走访10户: the cell with the measure says the act too
        acts = [cell for cell, atoms in measured.items() if _says_more(page, cell, atoms)]
    if not acts and subject and len(cells) > 2:  # 老人 | 每月1次 | 月底前: whom it concerns is all that is said
        acts, subject = [subject], None
    if not acts or len(cells) < 3 and subject is None:
        return False
    act = max(acts, key=lambda cell: cell[1] - cell[0])
    if "。" in page.masked[act[0] : act[1] - 1] or page.wording.scoring.search(page.masked, *act):
        return False  # a cell of several sentences is read one by one
    within = [
        atom for atom in page.measures.find(page.masked, *act) if atom.kind in MEASURING or atom.kind == "comparator"
    ]
    if any(atom.kind in MEASURING for atom in within):
        measured[act] = within
    words = _without(page, act, measured.get(act, ()))
    if not measured or not words:
        return False
    source = "stated" if subject else memory.inherited()
    row = Statement(index, node.start, node.end, words, subject or memory.subject, source, rules=["table-row"])
    for atoms in measured.values():
        row.atoms += [atom for atom in atoms if atom.kind != "basis"]
        row.rules += [atom.rule for atom in atoms]
        row.basis = row.basis or next((atom.basis for atom in atoms if atom.basis), None)
    row.period = next((atom.period for atom in row.atoms if atom.period), None)
    row.op = next((atom.op for atom in row.atoms if atom.kind == "comparator"), None)
    memory.statements.append(row)
    return True


def _says_more(page: Page, cell: Span, atoms: Iterable[Atom]) -> bool:
    return any(b - a > 1 for a, b in _without(page, cell, atoms))


def _without(page: Page, cell: Span, atoms: Iterable[Atom]) -> list[Span]:
    """The stretches of a cell that its measure words leave."""
    edges = [cell[0], *(edge for atom in atoms for edge in (atom.start, atom.end)), cell[1]]
    parts = [page.strip(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in parts if b > a]


def speaking_brackets(page: Page, start: int, end: int) -> list[Span]:
    """The insides of brackets that say something of their own: ``(不得事先通知住户)``."""
    found: list[Span] = []
    if page.masked.find("⟨□□□□□□", start, end) < 0:
        return found
    for match in _LONG_BRACKET.finditer(page.masked, start, end):
        a, b = match.span(1)
        if page.text[a - 1] == "(" and page.wording.speaks_in_brackets.search(page.text, a, b):
            found.append((a, b))
    return found
