"""From a statement in the view to a requirement that quotes the source: every span is mapped back, values are made."""

from __future__ import annotations

from collections.abc import Sequence

from ..measures import Atom
from ..models import Document, Frequency, Quantity, Requirement, Span
from ..parties import normalize
from ..topics import topic
from ..view import View
from .page import Page
from .statements import MEASURING, Statement
from .subjects import charged

_SLOT = {"count": "frequency", "amount": "quantity", "deadline": "deadline", "period": "period"}


def requirement(document: Document, seen: View, page: Page, row: Statement) -> Requirement:
    """The requirement that a statement makes, in words and offsets of ``document.text``."""
    node = page.nodes[row.index]
    lead = charged(node)
    subject, source, issues, rules = row.subject, row.source, row.issues, row.rules
    if subject is None and lead:
        subject, source, rules = (lead[0][0], lead[-1][1]), "inherited", [*rules, "subject-from-units"]
    if subject is None:
        source, issues = "none", [*issues, "no_subject"]
    atoms = row.atoms
    measure = event = None
    if atoms or row.shared:
        if _is_doubtful(page, row):
            issues = [*issues, "two_readings"]
        measuring = [a for a in atoms if a.kind in MEASURING or a.kind == "comparator"]
        measure = (min(a.start for a in measuring), max(a.end for a in measuring)) if measuring else None
        event = next((a.event for a in atoms if a.event), None)
    start, end = _extent(page, row, measure)
    vague = page.wording.vague.search(page.masked, start, end)
    spans: dict[str, tuple[Span, ...]] = {}
    if subject:
        spans["subject"] = (seen.span(*subject),)
    if row.modal:
        spans["modal"] = (seen.span(*row.modal),)
    if row.action:
        spans["action"] = tuple([seen.span(*span) for span in row.action])
    for name, span in (("measure", measure), ("condition", row.condition), ("deadline_event", event)):
        if span:
            spans[name] = (seen.span(*span),)
    for kind, name in _SLOT.items() if atoms else ():
        found = tuple([seen.span(a.start, a.end) for a in atoms if a.kind == kind])
        if found:
            spans[name] = found
    if vague:
        spans["vague"] = (seen.span(*vague.span()),)
    units = {kind: tuple(page.text[a:b] for a, b in stretches) for kind, stretches in node.units.items()}
    levels, roles = normalize(page.text[slice(*subject)], page.lexicon) if subject else ((), ())
    a, b = seen.span(start, end)
    words = spans["measure"][0] if measure else None
    return Requirement(
        start=a,
        end=b,
        text=document.text[a:b],
        section=node.path or None,
        measure=document.text[slice(*words)] if words else None,
        measure_start=words[0] if words else None,
        measure_end=words[1] if words else None,
        subject=seen.words(*subject) if subject else None,
        subject_source=source,
        subject_level=levels,
        subject_role=roles,
        lead_units=units.get("lead", ()),
        responsible_units=units.get("responsible", ()) + units.get("cooperating", ()),
        basis=row.basis,
        modality=row.modality,
        modal=seen.words(*row.modal) if row.modal else None,
        action="".join([seen.words(*span) for span in row.action]) or None,
        topic=_topic(page, row, start, end),
        condition=seen.words(*row.condition) if row.condition else None,
        frequency=_frequency(row) if atoms or row.shared or row.period else None,
        quantity=_quantity(row) if atoms or row.shared else None,
        deadline=next((atom.deadline for atom in atoms if atom.kind == "deadline"), None),
        deadline_event=seen.words(*event) if event else None,
        vague=vague[0] if vague else None,
        rules=tuple(dict.fromkeys(rules)),
        issues=tuple(dict.fromkeys(issues)),
        spans=spans,
    )


def _topic(page: Page, row: Statement, start: int, end: int) -> str | None:
    """What the act and its clause are about; if they do not say, what their sentence is about."""
    action = "".join(page.text[a:b] for a, b in row.action)
    who = page.text[slice(*row.subject)] if row.subject else ""
    found = topic(action, page.text[start:end], page.lexicon, who=who)
    if found:
        return found
    node = page.nodes[row.index]
    first = page.masked.rfind("。", node.start, start) + 1 or node.start
    last = page.masked.find("。", end, node.end)
    return topic("", page.text[max(first, start - 200) : min(last if last >= 0 else node.end, end + 200)], page.lexicon)


def _extent(page: Page, row: Statement, measure: Span | None) -> Span:
    """From where to where a row quotes: its own words, its measure, and the parts of its act that begin among them."""
    start, end = row.start, row.end
    if measure:
        start, end = min(start, measure[0]), max(end, measure[1])
        # 任期届满两个月前,应当…: a clause by itself says when.
        start = min([start, *(a.event[0] for a in row.atoms if a.event and a.end <= row.start)])
    end = max([end, *(b for a, b in row.action if start <= a < end)])
    return page.strip(start, end)


def _is_doubtful(page: Page, row: Statement) -> bool:
    """Whether the measures of a row can be read in another way: two dates, two counts, two amounts of one unit, a range
    whose first end was not read, a list of dates of which only the last was.
    """
    atoms = row.atoms + row.shared
    deadlines = {a.deadline for a in atoms if a.kind == "deadline"}
    counts = {(a.value, a.max) for a in atoms if a.kind == "count"}
    amounts = [a for a in atoms if a.kind == "amount"]
    units = [a.unit for a in amounts]
    doubled = len(set(units)) < len(units) and _quantity(row) != _between_bounds(amounts)
    cut = any(
        page.masked[a.start - 1 : a.start] in ("-", "~") or page.masked[a.end : a.end + 1] in ("-", "~") for a in atoms
    )
    cut = cut or any(page.wording.rest_of_amount.match(page.masked, a.end) for a in amounts)
    cut = cut or any(page.wording.contrary_bounds.fullmatch(page.masked, a.start, a.end) for a in atoms if a.op)
    periods = [a for a in atoms if a.kind == "period"]
    cut = cut or any(a.rule == "period-every-range" for a in periods)
    cut = cut or any(
        page.wording.either.fullmatch(page.masked, a.end, b.start) for a, b in zip(periods, periods[1:], strict=False)
    )
    listed = any(
        page.wording.date_before.search(page.masked, max(0, a.start - 12), a.start)
        for a in atoms
        if a.kind == "deadline"
    )
    return len(deadlines) > 1 or len(counts) > 1 or doubled or cut or listed


def _between_bounds(amounts: Sequence[Atom]) -> Quantity | None:
    """不少于三人不超过五人: a range."""
    if len(amounts) < 2:
        return None
    first, second = amounts[:2]
    if (first.op, second.op) == ("ge", "le") and first.unit == second.unit:
        return Quantity("range", first.value or 0, second.value, first.unit)
    return None


def _frequency(row: Statement) -> Frequency | None:
    count = next((a for a in row.atoms + row.shared if a.kind == "count"), None)
    if count:
        return Frequency(count.op or row.op or "eq", count.value, count.max, count.period or row.period)
    return Frequency(None, None, None, row.period) if row.period else None


def _quantity(row: Statement) -> Quantity | None:
    """The amount; 不少于三人不超过五人 is a range. A comparator before a count belongs to the count."""
    atoms = row.atoms + row.shared
    amounts = [a for a in atoms if a.kind == "amount"]
    if not amounts:
        return None
    bounds = _between_bounds(amounts)
    if bounds:
        return bounds
    first = amounts[0]
    value = 0 if first.value is None else first.value
    count = next((a for a in atoms if a.kind == "count"), None)
    op = first.op or (row.op if not count or first.start < count.start else None) or "eq"
    return Quantity(op, value, first.max, first.unit)
