"""What passes between the steps: a sentence as read, statements (rows in the making) and what later clauses may take
from earlier ones. Every span refers to the view.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..clauses import Clause, Modal
from ..measures import Atom
from ..models import Span

# The kinds of measure that make a row; the others (basis, comparator) only say more of one that does.
COUNTED = frozenset({"count", "amount"})
CLOSING = COUNTED | {"deadline"}
MEASURING = CLOSING | {"period"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """The clauses of one sentence of node ``index``.

    ``penalty``: it threatens one, so nothing measured in it is owed. ``history``: it tells what was done. ``planned``: it says
    what is to be done in a year that it names.
    """

    index: int
    clauses: Sequence[Clause]
    penalty: bool
    history: bool
    planned: bool = False

    def after(self, k: int) -> Clause | None:
        """The clause after the ``k``-th."""
        return self.clauses[k + 1] if k + 1 < len(self.clauses) else None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; ``source`` is stated, inherited or none. ``issues`` go to the row."""

    span: Span | None = None
    source: str = "none"
    issues: tuple[str, ...] = ()


@dataclass(slots=True)
class Statement:
    """A requirement in the making, of node ``index``: filled step by step, then quoted (``quoting.requirement``).

    ``atoms`` are its own measures, ``shared`` those lent by a later member of a series; ``period`` and ``op`` may be
    carried over from an earlier one.
    """

    index: int
    start: int
    end: int
    action: list[Span] = field(default_factory=list)
    subject: Span | None = None
    source: str = "none"
    modality: str = "obligation"
    modal: Span | None = None
    atoms: list[Atom] = field(default_factory=list)
    shared: list[Atom] = field(default_factory=list)
    period: str | None = None
    op: str | None = None
    basis: str | None = None
    basis_span: Span | None = None
    condition: Span | None = None
    rules: list[str] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)

    def has(self, kinds: frozenset[str]) -> bool:
        """Whether a measure of one of the kinds is its own."""
        return any(atom.kind in kinds for atom in self.atoms)

    def stated_in(self, start: int, end: int) -> bool:
        """Whether its subject is stated, and there."""
        return self.subject is not None and self.source == "stated" and start <= self.subject[0] < end


@dataclass(slots=True)
class Tally:
    """How often each party has acted. ``leader`` is where the one of ``most`` acts was named last, of equals the latest.

    Kept as the document is read: to count anew for each article would take the square of its length.
    """

    counts: Counter[str] = field(default_factory=Counter)
    total: int = 0
    most: int = 0
    leader: Span | None = None

    def add(self, words: str, span: Span, times: int = 1) -> int:
        """One more act (or ``times``) of a party, named at ``span``; how many there are now."""
        self.counts[words] += times
        self.total += times
        if self.counts[words] >= self.most:
            self.most, self.leader = self.counts[words], span
        return self.counts[words]


@dataclass(slots=True)
class Memory:
    """What later clauses may take from earlier ones: of the sentence, and (shared by all of them) of the document.

    ``far`` says that the subject comes from another article or section; ``lasting`` is whom later sentences may take, where
    ``subject`` acts in this one only (任何单位和个人, 逾期未改正者). ``entered`` is all of these before the
    clause that is read, ``topic`` the thing that opens the sentence as a clause by
    itself (许可证之有效期间,不得…). ``titled`` is whom the headline of a section names (保洁员岗位职责), ``steady`` the
    last subject that is not named by pointing back (前项人员), ``authority`` the last that has authority, ``regulated`` the last that has none. ``known`` are the names
    of parties that have acted, ``stated`` how often each, ``ruled`` the same of those who have no authority, ``subjects``
    whom a node ends with, ``stems`` the modal word of
    each node that introduces a list of acts.
    """

    subject: Span | None = None
    far: bool = False
    lasting: tuple[Span | None, bool] = (None, False)
    entered: tuple[Span | None, bool, tuple[Span | None, bool]] = (None, False, (None, False))
    topic: Span | None = None
    titled: Span | None = None
    steady: Span | None = None
    aside: tuple[Span | None, tuple[Span | None, bool]] | None = None
    authority: Span | None = None
    regulated: Span | None = None
    action: list[Span] = field(default_factory=list)
    period: str | None = None
    known: set[str] = field(default_factory=set)
    stated: Tally = field(default_factory=Tally)
    ruled: Tally = field(default_factory=Tally)
    subjects: dict[int, Span | None] = field(default_factory=dict)
    stems: dict[int, Modal] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    def fresh(self, subject: Span | None, *, far: bool = False, action: Sequence[Span] = ()) -> Memory:
        """A memory for a new stretch that knows this document; what is not named here begins anew."""
        return Memory(
            subject,
            far,
            (subject, far),
            steady=self.steady,
            authority=self.authority,
            regulated=self.regulated,
            titled=self.titled,
            action=list(action),
            known=self.known,
            stated=self.stated,
            ruled=self.ruled,
            subjects=self.subjects,
            stems=self.stems,
            statements=self.statements,
        )

    def act_for(self, subject: Span, *, passing: bool = False) -> None:
        """From here on it is ``subject`` who acts; if ``passing``, to the end of the sentence."""
        self.subject, self.far = subject, False
        if not passing:
            self.lasting = subject, False

    def inherited(self) -> str:
        """The source of a subject that is taken from here."""
        return "inherited" if self.subject else "none"


def between(start: int, end: int, holes: Sequence[Span]) -> list[Span]:
    """The stretches of ``[start, end)`` that no hole covers.

    >>> between(0, 10, [(2, 4), (3, 5), (9, 12)])
    [(0, 2), (5, 9)]
    """
    found, at = [], start
    for a, b in holes:
        if a > at:
            found.append((at, a))
        at = max(at, b)
    return [*found, (at, end)] if at < end else found
