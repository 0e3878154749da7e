"""The long table of a comparison as rows and columns: which requirement stands in which cell, and how it compares."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..alignment import HIERARCHY, ITEMS, POLICIES, Alignment, align
from ..comparison import compare_rows, demand
from ..derived_topics import DERIVED
from ..table import COLUMNS, Row, is_missing, records, to_frame
from .words import FIELDS, LEVELS, MIRRORED, ORDERED, Words, measure_words

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Entry:
    """One requirement in a cell: how it stands to the reference of its row."""

    row: Row
    level: str
    pair: Row | None = None
    against: Row | None = None


@dataclass(slots=True)
class Item:
    key: str
    topic: str | None
    role: str | None
    name: str = ""
    reference: str | None = None
    cells: dict[str, list[Entry]] = field(default_factory=dict)
    empty: dict[str, str] = field(default_factory=dict)
    pairs: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grid:
    columns: list[str]
    items: list[Item]
    shown: list[Item]  # of a comparison too large to look at: those that most have
    pairs: int
    levels: Counter[str]  # of the cells
    policies: pd.DataFrame  # of the documents, see ``Alignment``


_MOST_CELLS = 40_000  # of the matrix: a browser and a reader still manage

_NEEDED = ("item", "topic", "role", "document", "other", "requirement_id", "other_id", "level", "why", *ORDERED)


def lay_out(comparison: pd.DataFrame, table: pd.DataFrame, alignment: Alignment | None, lang: str) -> Grid:
    missing = [name for name in _NEEDED if name not in comparison.columns]
    if missing:
        raise ValueError(
            f"this is no comparison: columns are missing: {', '.join(missing)}. Make it with `siga compare` or sg.compare."
        )
    rows = {row["requirement_id"]: row for row in records(table)}
    pairs = [{**dict.fromkeys(FIELDS), **_plain(row)} for row in comparison.to_dict("records")]
    columns = list(dict.fromkeys(name for side in ("document", "other") for name in (p[side] for p in pairs) if name))
    sources = sources_of(table)
    levels = {column: found[0][0].get("level") for column, found in sources.items()}
    if alignment is not None:
        policies = alignment.policies
    else:
        policies = align(table).policies if rows else to_frame([], columns=POLICIES)
    policy = {row["doc_id"]: row["policy"] for row in policies.to_dict("records")}
    of = {column: {policy.get(row["doc_id"]) for row, _ in found} for column, found in sources.items()}
    baseline = _baseline(pairs)
    order = sorted(columns, key=lambda c: (c != baseline, _height(levels.get(c)), c))
    items: dict[str, Item] = {}
    for pair in pairs:
        key = str(pair["item"])
        items.setdefault(key, Item(key, pair["topic"], pair["role"])).pairs.append(pair)
    for item in items.values():
        _fill(item, order, rows, levels, lang)
        mine = {policy.get(entry.row["doc_id"]) for entries in item.cells.values() for entry in entries}
        item.empty |= {
            column: "not_compared"
            for column, level in item.empty.items()
            if level == "absent" and column not in _lacking(item) and mine.isdisjoint(of.get(column, mine))
        }
    shared = Counter(item.topic for item in items.values() if len(item.cells) > 1)
    ranked = sorted(
        items.values(),
        key=lambda i: (
            i.topic is None,
            (i.topic or "").startswith(DERIVED),
            -shared[i.topic],
            i.topic or "",
            -len(i.cells),
            _rank(i),
            i.key,
        ),
    )
    most = max(_MOST_CELLS // max(len(order), 1), 1)
    chosen = ranked
    if len(ranked) > most:
        keys = {item.key for item in sorted(ranked, key=lambda i: -len(i.cells))[:most]}
        chosen = [item for item in ranked if item.key in keys]
    return Grid(order, ranked, chosen, len(pairs), _tally(ranked), policies)


def _tally(items: Iterable[Item]) -> Counter[str]:
    found: Counter[str] = Counter()
    for item in items:
        found.update(entry.level for entries in item.cells.values() for entry in entries)
        found.update(item.empty.values())
    return found


def _baseline(pairs: Sequence[Row]) -> str | None:
    """The one that all others are compared with, if there is one: no pair of the comparison is without it."""
    shared = set.intersection(*({p["document"], p["other"]} for p in pairs)) if pairs else set()
    measured = {p["document"] for p in pairs if p["other_id"] is not None} & shared
    return min(measured or shared, default=None)


def _height(level: str | None) -> int:
    return HIERARCHY.index(level) if level in HIERARCHY else len(HIERARCHY)


def _named(item: Item) -> list[int]:
    """The levels that an item binds, as places in the hierarchy."""
    return [HIERARCHY.index(part) for part in (item.role or "").split() if part in HIERARCHY]


def _rank(item: Item) -> list[int]:
    return _named(item) or [len(HIERARCHY)]


def _plain(row: Mapping[Any, Any]) -> Row:
    return {str(name): None if is_missing(cell) else cell for name, cell in row.items()}


def _fill(
    item: Item, columns: Sequence[str], rows: Mapping[str, Row], levels: Mapping[str, str | None], lang: str
) -> None:
    """The cells of an item: its requirements by column, and how each stands to the reference."""
    held: dict[str, dict[str, Row]] = {}
    for pair in item.pairs:
        for column, key, quote in (("document", "requirement_id", "text"), ("other", "other_id", "other_text")):
            id_ = pair[key]
            if id_ is not None:
                row = rows.get(id_) or _unknown(id_, pair.get(quote))
                held.setdefault(pair[column], {})[id_] = row
    between: dict[tuple[str, str], list[Row]] = defaultdict(list)
    lacking = _lacking(item)
    for pair in item.pairs:
        between[pair["document"], pair["other"]].append(pair)
    item.reference = next((c for c in columns if c in held), None)
    references = held.get(item.reference or "", {})
    for column in columns:
        for _, row in sorted(held.get(column, {}).items(), key=lambda e: (e[1]["start"] or 0, e[0])):
            if column == item.reference:
                item.cells.setdefault(column, []).append(Entry(row, "reference" if len(held) > 1 else "only"))
                continue
            pair_of, level, against = _standing(item, column, row, references, between, lang)
            item.cells.setdefault(column, []).append(Entry(row, level, pair_of, against))
        if column not in held:
            # Some pairs are not in the comparison (of those that share no item; with a baseline, of the others).
            fits = column in lacking or _fits(item, held, levels.get(column))
            item.empty[column] = "absent" if fits else "not_applicable"
    first = item.cells[item.reference][0].row if item.reference else None
    item.name = str((first or {}).get("action") or (first or {}).get("text") or item.key)


def _lacking(item: Item) -> set[str]:
    return {pair["other"] for pair in item.pairs if pair["level"] == "absent"}


def _fits(item: Item, held: Mapping[str, Mapping[str, Row]], level: str | None) -> bool:
    """Whether an item could bind anybody there: not if all its requirements name only levels above."""
    if level not in HIERARCHY:
        return True
    named = [_bound(item, row) for rows in held.values() for row in rows.values()]
    return any(not levels or max(map(_height, levels)) >= _height(level) for levels in named)


def _bound(item: Item, row: Row) -> list[str]:
    """The levels for which a requirement stands in an item."""
    own, bound = row["subject_level"] or [], [HIERARCHY[n] for n in _named(item)]
    return [level for level in own if level in bound] or [level for level in own if level in HIERARCHY]


def _standing(
    item: Item,
    column: str,
    row: Row,
    references: Mapping[str, Row],
    between: Mapping[tuple[str, str], list[Row]],
    lang: str,
) -> tuple[Row | None, str, Row | None]:
    """How a requirement stands to the reference of its row: as the comparison says, else compared here."""
    id_, reference = row["requirement_id"], item.reference or ""
    for pair in between.get((reference, column), ()):
        if pair["other_id"] == id_ and pair["requirement_id"] in references:
            return pair, pair["level"] or "different", references[pair["requirement_id"]]
    for pair in between.get((column, reference), ()):
        if pair["requirement_id"] == id_ and pair["other_id"] in references:
            fields = {name: MIRRORED.get(pair[name], pair[name]) for name in ("level", *FIELDS)}
            turned = {**pair, **fields, "why": None, "requirement_id": pair["other_id"], "other_id": id_}
            return turned, fields["level"] or "different", references[pair["other_id"]]
    against = next(iter(references.values()))
    found = compare_rows(against, row, lang=lang)
    pair = {
        "requirement_id": against["requirement_id"],
        "other_id": id_,
        "why": found.why or None,
        **{name: getattr(found, name.removesuffix("_level")) for name in FIELDS},
    }
    return pair, found.level, against


def _unknown(id_: str, text: Any) -> Row:
    """A requirement that the table does not hold: its quote, and no more."""
    return {**dict.fromkeys(COLUMNS), "requirement_id": id_, "text": text}


@dataclass(frozen=True, slots=True)
class Demand:
    """Index, share and rank of a column's requirements under a topic, and the numbers behind them."""

    index: float | None
    asked: int
    told: str
    row: Row


def demands(grid: Grid, table: pd.DataFrame) -> dict[tuple[str, str | None], Demand]:
    """The index of demand over the items of the comparison itself, so that all figures of a page agree."""
    of = {row["requirement_id"]: row for row in records(table)}
    lines = []
    for item in grid.items:
        for entries in item.cells.values():
            for row in (of[e.row["requirement_id"]] for e in entries if e.row["requirement_id"] in of):
                line = {"item": item.key, "topic": item.topic, "role": item.role, "levels": _bound(item, row)}
                lines.append({**line, "requirement_id": row["requirement_id"], "doc_id": row["doc_id"]})
    by = "doc_id" if set(grid.columns) <= {row["doc_id"] for row in of.values()} else "region"
    if len({row[by] for row in of.values()}) < 2:  # a part of the table that was compared
        return {}
    empty = to_frame([])
    alignment = Alignment(to_frame(lines, columns=ITEMS), empty, empty, empty, grid.policies)
    found = {}
    for row in (_plain(r) for r in demand(table, by=by, alignment=alignment).to_dict("records")):
        names = ("asked", "items", "share", "ranked", "mean_rank", "index")
        told = ", ".join(f"{name} {_figure(row[name])}" for name in names if row[name] is not None)
        found[str(row[by]), row["topic"]] = Demand(row["index"], row["asked"] or 0, told, row)
    return found


def _figure(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def place_of(row: Row, words: Words) -> str:
    if row["start"] is None:
        return str(row["requirement_id"])
    place = words("place", section=row["section"] or "", start=row["start"], end=row["end"]).strip()
    return f"{row['doc_id']} {place}"


def policies_told(grid: Grid, words: Words) -> str:
    """Which documents are of one policy, where there are several policies."""
    of: dict[str, list[str]] = defaultdict(list)
    for row in grid.policies.to_dict("records"):
        of[row["policy"]].append(row["doc_id"])
    comma, bar = (("、", "；"), (", ", "; "))[words.number == 0]
    return words("policies", told=bar.join(comma.join(docs) for docs in of.values())) if len(of) > 1 else ""


def sources_of(table: pd.DataFrame) -> dict[str, list[tuple[Row, int]]]:
    """Documents by their id, region and level, whichever names a column; each with its number of requirements."""
    counts: Counter[str] = Counter()
    first: dict[str, Row] = {}
    for row in records(table):
        counts[row["doc_id"]] += 1
        first.setdefault(row["doc_id"], row)
    known: dict[str, list[tuple[Row, int]]] = {}
    for doc_id, row in first.items():
        for name in {doc_id, row["region"], row["level"]} - {None}:
            known.setdefault(name, []).append((row, counts[doc_id]))
    return known


def asked_by(item: Item, words: Words, most: int = 8) -> str:
    """Who asks an item, and how much."""
    told = "; ".join(f"{words.own(c)} {measure_words(e[0].row, words)}" for c, e in list(item.cells.items())[:most])
    return told if len(item.cells) <= most else f"{told} … +{len(item.cells) - most}"


def css_class(level: str) -> str:
    return level if level in LEVELS else "different"


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
