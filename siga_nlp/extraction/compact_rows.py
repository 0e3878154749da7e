"""Rows of forms that are no sentences: headings with a time window, quoted mechanisms, rows of tables."""

from __future__ import annotations

import re

from ..models import Span
from .page import Page
from .statements import MEASURING, Memory, Statement

_QUOTED = re.compile(r"[“\"]([^“”\"\n]{5,40})[”\"]")
_PIECE = re.compile(r"[^、,]+")
_CELL = re.compile(r"[^|\t\n]+")
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


def mechanisms(page: Page, index: int, start: int, end: int, memory: Memory) -> None:
    """A mechanism whose parts say how often: ``“月调度、季督查、半年观摩考评”``, quoted or not, a row a part."""
    for rule, pattern, series in page.mechanisms:
        stretches = [match.span(1) for match in _QUOTED.finditer(page.text, start, end)]
        stretches += [match.span() for match in series.finditer(page.masked, start, end)]
        for a, b in stretches:
            pieces = [(m.start(), m[0]) for m in _PIECE.finditer(page.text, a, b)]
            parts = [(at, part) for at, words in pieces if (part := pattern.fullmatch(words))]
            if len(parts) < 2 or len(parts) < len(pieces):
                continue
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


def table_row(page: Page, index: int, memory: Memory) -> bool:
    """A row of a table of duties: one short cell has the measure, one names a party, the longest other is the act."""
    node = page.nodes[index]
    cells = [page.trim(*m.span()) for m in _CELL.finditer(page.text, node.start, node.end)]
    cells = [(a, b) for a, b in cells if b > a]
    if len(cells) < 3 or any(page.cues.find(page.masked, *cell) for cell in cells):
        return False
    measured = {}
    for a, b in cells:
        atoms = page.measures.find(page.masked, a, b)
        covered = sum(atom.end - atom.start for atom in atoms)
        if any(atom.kind in MEASURING for atom in atoms) and covered >= 0.6 * (b - a):
            measured[a, b] = atoms
    rest = [cell for cell in cells if cell not in measured and not _ORDINAL.fullmatch(page.text, *cell)]
    subject: Span | None = None
    names = [cell for cell in rest if page.parties.ends_in_head(page.says(cell))]
    for cell in names:
        if not page.wording.verb.match(page.masked, *cell):
            subject = cell
    if subject is None and names and names[0] == rest[0]:
        subject = rest[0]  # 驻村干部 | 入户走访 | 每周1次: the first column says who
    acts = [cell for cell in rest if cell != subject]
    if not measured or not acts:
        return False
    act = max(acts, key=lambda cell: cell[1] - cell[0])
    source = "stated" if subject else memory.inherited()
    row = Statement(index, node.start, node.end, [act], subject or memory.subject, source, rules=["table-row"])
    for atoms in measured.values():
        row.atoms += [atom for atom in atoms if atom.kind != "basis"]
        row.rules += [atom.rule for atom in atoms]
        row.basis = row.basis or next((atom.basis for atom in atoms if atom.basis), None)
    row.period = next((atom.period for atom in row.atoms if atom.period), None)
    row.op = next((atom.op for atom in row.atoms if atom.kind == "comparator"), None)
    memory.statements.append(row)
    return True


def speaking_brackets(page: Page, start: int, end: int) -> list[Span]:
    """The insides of brackets that say something of their own: ``(不得事先通知住户)``."""
    found = []
    for match in re.finditer(r"⟨(□{6,})⟩", page.masked[start:end]):
        a, b = start + match.start(1), start + match.end(1)
        if page.text[a - 1] == "(" and page.wording.speaks_in_brackets.search(page.text, a, b):
            found.append((a, b))
    return found
