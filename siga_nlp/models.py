"""The records that pass between the rooms. Every span is half-open and counts code points.

``Document`` → ``View`` (the text as it is matched) → ``Node`` (structure) → ``Match`` → ``Requirement``.
Imports nothing of ours, so that every room may import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Header:
    """What the head of a document says of it. ``None`` where the text does not say.

    ``date`` and ``published`` are ISO 8601 (``2024-01-08``, ``2024-01`` or ``2024``). ``level`` is one of
    ``central province city county township village``. ``issues`` holds what a person should look at
    (``region_ambiguous: 朝阳区 (北京市, 长春市)``). ``spans`` says where in the document's text each fact stands.
    """

    title: str | None = None
    issuer: str | None = None
    doc_number: str | None = None
    index_number: str | None = None
    date: str | None = None
    published: str | None = None
    validity: str | None = None
    subject_class: str | None = None
    genre: str | None = None
    region: str | None = None
    region_code: str | None = None
    level: str | None = None
    issues: tuple[str, ...] = ()
    spans: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read; ``text`` is frozen and all offsets refer to it.

    ``furniture`` are the spans of ``text`` that belong to the page and not to the document (page headers,
    footers, page numbers of a PDF): kept in ``text``, left out of the view. ``metadata`` is what the file format
    itself states (HTML ``meta``, YAML front matter, DOCX properties).
    """

    doc_id: str
    text: str
    source: str = ""
    format: str = "txt"
    encoding: str | None = None
    encoding_reason: str | None = None
    sha256: str = ""
    furniture: tuple[Span, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    header: Header = Header()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """A file that could not be read right: why, and what the user can do."""

    source: str
    reason: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often: ``op`` one of ge gt le lt approx range eq; ``period`` an ISO 8601 duration, semester or term."""

    op: str | None = None
    count: float | None = None
    max: float | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much; ``unit`` is the measure word as written, in simplified script."""

    op: str
    value: float
    max: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One subject group × one action × one measure. ``start``/``end`` and ``spans`` refer to the document's text.

    Field names and values are those of the requirement table (README, "The requirement table").
    """

    start: int
    end: int
    text: str
    section: str | None = None
    measure: str | None = None
    measure_start: int | None = None
    measure_end: int | None = None
    subject: str | None = None
    subject_source: str = "none"
    subject_level: tuple[str, ...] = ()
    subject_role: tuple[str, ...] = ()
    lead_units: tuple[str, ...] = ()
    responsible_units: tuple[str, ...] = ()
    basis: str | None = None
    modality: str = "obligation"
    modal: str | None = None
    action: str | None = None
    topic: str | None = None
    condition: str | None = None
    frequency: Frequency | None = None
    quantity: Quantity | None = None
    deadline: str | None = None
    deadline_event: str | None = None
    vague: str | None = None
    rules: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """One paragraph of a document in its place: a line of the view, or a numbered part of one.

    Offsets refer to the *view*. ``kind`` is one of ``part chapter section article heading item paragraph annex title
    salutation signature units table_row retelling boilerplate``; requirements are read from ``article heading item
    paragraph table_row``. ``label`` is as folded (``第五条`` ``一、`` ``(一)`` ``1.``), ``path`` that of the contract
    (``二/（三）/10``). ``body`` is where the text after the label begins; ``heading`` the headline, alone or run in
    (``10.组织开展下访接访。``). ``parent`` is an index into the tree (-1: none); ``stem`` the node whose last clause
    introduces the list that an item belongs to (-1: none), ``rank`` the depth (1 = 编 …). ``units`` maps ``lead``,
    ``responsible`` and ``cooperating`` to the spans of the units named for it (牵头单位: …).
    """

    kind: str
    start: int
    end: int
    body: int
    label: str = ""
    path: str = ""
    rank: int = 0
    heading: Span | None = None
    parent: int = -1
    stem: int = -1
    units: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
