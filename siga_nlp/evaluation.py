"""Precision, recall and F1 of requirement rows against gold files, as a whole and slot by slot.

A gold file ``<doc_id>.jsonl`` holds what a careful reader wrote down of one document: one JSON object a line.

    tier        1: the statement carries a measure (how often, how much, by when); 2: a modal word only
    clause      the words that state it, as they stand in the file; occurrence: which of equal ones (0 is the first)
    measure     tier 1: the measure's words inside the clause
    subject action modality deadline basis vague topic   as in the requirement table; null where there is none
    frequency   {"op", "count", "max", "period"} or null     quantity   {"op", "value", "max", "unit"} or null
    alt         other readings that are right too: {"subject": ["..."], "frequency": [{...}, null]}

How rows and gold statements meet, within one document and one tier (a row is of tier 1 if it has a frequency, a
quantity or a deadline, of tier 2 if it has none but a modal word; other rows are not counted):

- Tier 1 pairs need measures that overlap, tier 2 pairs clauses that overlap well. Each row and each gold statement
  goes into one pair at most, the best ones first: overlap of the clauses, of the measures, slots that agree.
- *found* counts the pairs; *strict* those in which all six slots agree: subject (characters' F1 ≥ 0.8), action
  (≥ 0.6), modality, frequency, quantity, deadline (equal). Shares per slot are of the pairs. Script, width and
  punctuation are no differences.

Offsets into HTML depend on who reads the page, so there statements are placed by what they quote, white space aside.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .models import Document, ReadFailure, Span
from .table import StrPath, as_folder, as_paths, is_missing, read_table, records, rows
from .view import fold

if TYPE_CHECKING:
    import pandas as pd

    from .corpus import Listing
    from .reading import Source

Row: TypeAlias = Mapping[str, Any]

TIERS = {1: "measured", 2: "modal"}
SLOTS = ("subject", "action", "modality", "frequency", "quantity", "deadline")
ALSO = ("basis", "vague", "topic")
"""Reported, no part of the strict score."""
_LEAST = {"subject": 0.8, "action": 0.6}
_MODALITIES = ("obligation", "prohibition", "permission", "recommendation")
_OPS = (None, "ge", "gt", "le", "lt", "approx", "range", "eq")


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one tier; the figures follow from them.

    >>> s = Score(gold=4, predicted=5, pairs=4, strict=2, right={"subject": 3})
    >>> s.found["precision"], s.found["recall"], s.share("subject")
    (0.8, 1.0, 0.75)
    """

    gold: int = 0
    predicted: int = 0
    pairs: int = 0
    strict: int = 0
    right: Mapping[str, int] = field(default_factory=dict)

    @property
    def found(self) -> dict[str, float]:
        """Precision, recall and F1 of finding the statements."""
        return _prf(self.pairs, self.predicted, self.gold)

    @property
    def exact(self) -> dict[str, float]:
        """Precision, recall and F1 of statements with all six slots right."""
        return _prf(self.strict, self.predicted, self.gold)

    def share(self, slot: str) -> float:
        """Of the statements found, the share in which this slot is right."""
        return round(self.right.get(slot, 0) / self.pairs, 4) if self.pairs else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The figures, ready for JSON."""
        return {
            "gold": self.gold,
            "predicted": self.predicted,
            "found": self.found,
            "slots": {slot: self.share(slot) for slot in SLOTS},
            "also": {slot: self.share(slot) for slot in ALSO},
            "strict": self.exact,
        }

    def __add__(self, other: Score) -> Score:
        return Score(
            self.gold + other.gold,
            self.predicted + other.predicted,
            self.pairs + other.pairs,
            self.strict + other.strict,
            Counter(self.right) + Counter(other.right),
        )


@dataclass(frozen=True, slots=True)
class Miss:
    """One disagreement: a gold statement ``missed``, an ``extra`` row, or a pair with ``wrong`` slots."""

    tier: str
    doc_id: str
    kind: str
    slots: tuple[str, ...] = ()
    gold: Row | None = None
    row: Row | None = None

    @property
    def rules(self) -> list[str]:
        """The rules that filled the row; empty where there is no row."""
        return list((self.row or {}).get("rules") or [])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of each document and tier (``documents["x"]["measured"]``), of all (``tiers``), and the disagreements."""

    documents: Mapping[str, Mapping[str, Score]]
    misses: tuple[Miss, ...]

    @property
    def tiers(self) -> dict[str, Score]:
        """The scores of all documents together."""
        return {name: sum((d[name] for d in self.documents.values()), Score()) for name in TIERS.values()}

    def to_dict(self) -> dict[str, Any]:
        """All figures, ready for JSON: ``measured`` and ``modal`` in all, and ``documents``."""
        return {name: score.to_dict() for name, score in self.tiers.items()} | {
            "documents": {d: {n: s.to_dict() for n, s in t.items()} for d, t in self.documents.items()}
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a document and tier, the figures as columns."""
        import pandas as pd

        found = []
        for doc_id, tiers in self.documents.items():
            for name, score in tiers.items():
                figures = score.to_dict()
                found.append(
                    {"doc_id": doc_id, "tier": name, "gold": score.gold, "predicted": score.predicted}
                    | {f"found_{k}": v for k, v in figures["found"].items()}
                    | {f"strict_{k}": v for k, v in figures["strict"].items()}
                    | figures["slots"]
                )
        return pd.DataFrame(found)

    def __str__(self) -> str:
        lines = [_line(name, score) for name, score in self.tiers.items()]
        return "\n".join([*lines, f"{len(self.documents)} documents"])


def evaluate(
    gold: StrPath,
    *,
    text: StrPath | Iterable[StrPath],
    pred: StrPath | pd.DataFrame | Iterable[Row] | None = None,
    rules: StrPath | None = None,
) -> Evaluation:
    """Compare requirement rows with the gold files of a folder.

    Args:
        gold: A folder of ``<doc_id>.jsonl`` files; the documents named there are the ones compared.
        text: Folders (or files) that hold these documents.
        pred: The rows: a table file, a frame, or dicts. By default they are extracted from the documents here.
        rules: With no ``pred``, a folder of rule files of your own.

    Raises:
        ValueError: The gold files are not sound; the message lists every fault with file and line.

    >>> import tempfile, pathlib
    >>> here = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (here / "a.txt").write_text("镇长每月至少接访2次。", encoding="utf-8")
    >>> _ = (here / "a.jsonl").write_text('''{"tier": 1, "clause": "镇长每月至少接访2次", "measure": "每月至少接访2次",
    ...     "subject": "镇长", "action": "接访", "modality": "obligation",
    ...     "frequency": {"op": "ge", "count": 2, "period": "P1M"}}'''.replace("\\n", " "), encoding="utf-8")
    >>> row = {"doc_id": "a", "start": 0, "end": 10, "text": "镇长每月至少接访2次", "subject": "镇长", "action": "接访",
    ...        "modality": "obligation", "frequency_op": "ge", "frequency_count": 2, "frequency_period": "P1M"}
    >>> result = evaluate(here, text=here, pred=[row])
    >>> result.tiers["measured"].exact["f1"], len(result.misses)
    (1.0, 0)
    """
    from .corpus import read_listing
    from .reading import sources

    names = sorted(path.stem for path in Path(gold).glob("*.jsonl"))
    if not names:
        raise ValueError(f"{gold}: no gold files (*.jsonl) in this folder")
    found = {s.doc_id: s for s in sources(as_paths(text)) if s.failure is None and s.doc_id in set(names)}
    listing = read_listing(as_paths(text))
    by_document: dict[str, list[Row]] = {name: [] for name in names}
    if pred is not None:
        for row in _rows_of(pred):
            if row.get("doc_id") in by_document:
                by_document[row["doc_id"]].append(row)
    faults: list[str] = []
    documents: dict[str, dict[str, Score]] = {}
    misses: list[Miss] = []
    for name in names:
        if name not in found:
            faults.append(f"{name}.jsonl: there is no document of that name under {text}")
            continue
        page = _Text(found[name])
        statements = list(_gold_statements(Path(gold, f"{name}.jsonl"), page, faults))
        if faults:
            continue
        own = by_document[name] if pred is not None else list(_extracted(found[name], listing, rules))
        placed = list(_row_statements(own, page))
        documents[name] = {}
        for tier, tier_name in TIERS.items():
            score, wrong = _compare(
                [s for s in statements if s.tier == tier], [s for s in placed if s.tier == tier], name, tier_name
            )
            documents[name][tier_name] = score
            misses += wrong
    if faults:
        raise ValueError("The gold files are not sound:\n" + "\n".join(faults))
    return Evaluation(documents, tuple(misses))


# Statements: gold lines and rows in one form


@dataclass(frozen=True, slots=True)
class _Statement:
    tier: int
    span: Span
    measure: Span | None
    readings: Mapping[str, Sequence[Any]]  # of each slot, those that are right
    source: Row


def _gold_statements(path: Path, page: _Text, faults: list[str]) -> Iterator[_Statement]:
    for number, line in enumerate(path.read_text("utf-8-sig").split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path.name}:{number}"
        try:
            gold = json.loads(line)
            span = page.place(gold["clause"], gold.get("occurrence") or 0)
        except (ValueError, KeyError, TypeError) as error:
            faults.append(f"{where}: no JSON object with a clause ({error})")
            continue
        wrong = list(_gold_faults(gold))
        if span is None:
            wrong.append(f"clause is not in the text: {gold['clause']!r:.60}")
        measure = None
        if span is not None and gold.get("tier") == 1:
            measure = page.within(span, gold["clause"], gold.get("measure") or "")
            if measure is None:
                wrong.append(f"measure is not in the clause: {gold.get('measure')!r}")
        faults += [f"{where}: {what}" for what in wrong]
        if not wrong and span is not None:
            alternatives = gold.get("alt") or {}
            readings = {s: [_value(s, v) for v in (gold.get(s), *alternatives.get(s, ()))] for s in (*SLOTS, *ALSO)}
            yield _Statement(gold["tier"], span, measure, readings, gold)


def _gold_faults(gold: Row) -> Iterator[str]:
    if gold.get("tier") not in TIERS:
        yield f"tier is {gold.get('tier')!r}, not 1 or 2"
    if gold.get("modality") not in _MODALITIES:
        yield f"modality is {gold.get('modality')!r}, not one of {', '.join(_MODALITIES)}"
    if not gold.get("action"):
        yield "there is no action"
    for slot in ("frequency", "quantity"):
        part = gold.get(slot) or {}
        if part.get("op") not in _OPS:
            yield f"{slot} has the unknown op {part.get('op')!r}"
        elif part.get("op") == "range" and part.get("max") is None:
            yield f"{slot} is a range without max"
    if gold.get("tier") == 1 and not any(_value(slot, gold.get(slot)) for slot in SLOTS[3:]):
        yield "tier 1 without frequency, quantity or deadline"


def _row_statements(found: Iterable[Row], page: _Text) -> Iterator[_Statement]:
    seen: Counter[str] = Counter()
    for row in found:
        values: dict[str, Any] = {slot: _cell(row.get(slot)) for slot in (*SLOTS, *ALSO)}
        for slot, parts in (
            ("frequency", ("op", "count", "max", "period")),
            ("quantity", ("op", "value", "max", "unit")),
        ):
            values[slot] = {part: _cell(row.get(f"{slot}_{part}")) for part in parts}
        readings = {slot: [_value(slot, value)] for slot, value in values.items()}
        measured = any(readings[slot][0] for slot in SLOTS[3:])
        if not measured and _cell(row.get("modal")) is None:
            continue
        start, end = _cell(row.get("start")), _cell(row.get("end"))
        span: Span | None = (int(start), int(end)) if start is not None and end is not None else None
        first, last = _cell(row.get("measure_start")), _cell(row.get("measure_end"))
        measure: Span | None = (int(first), int(last)) if first is not None and last is not None else None
        if page.by_quote:
            quote = str(_cell(row.get("text")) or "")
            span = page.place(quote, seen[quote]) or page.place(quote, 0)
            seen[quote] += 1
            measure = page.within(span, quote, str(_cell(row.get("measure")) or "")) if span else None
        yield _Statement(1 if measured else 2, span or (-1, -1), measure, readings, row)


def _cell(value: Any) -> Any:
    return None if is_missing(value) else value


def _value(slot: str, value: Any) -> Any:
    """A slot's value in the form in which equal values are equal; None where there is none."""
    if slot == "frequency":
        f = value or {}
        count, most, period = _figure(f.get("count")), _figure(f.get("max")), f.get("period") or None
        if count is None and most is None and period is None and not f.get("op"):
            return None
        return (f.get("op") or "eq") if count is not None else None, count, most, period
    if slot == "quantity":
        q = value or {}
        amount = _figure(q.get("value"))
        return None if amount is None else (q.get("op") or "eq", amount, _figure(q.get("max")), _word(q.get("unit")))
    return _word(value) if slot in ALSO else value or None


def _figure(value: Any) -> float | None:
    return None if value is None or value == "" else round(float(value), 6)


def _word(value: Any) -> str | None:
    return (_letters(value) or fold(str(value))) if value else None


def _letters(text: Any) -> str:
    return re.sub(r"[\W_]+", "", fold(str(text))).lower()


def _likeness(a: str, b: str) -> float:
    """F1 of the characters that two texts share, however they are ordered."""
    x, y = Counter(_letters(a)), Counter(_letters(b))
    return 2 * (x & y).total() / ((x.total() + y.total()) or 1)


def _agree(slot: str, gold: _Statement, row: _Statement) -> bool:
    value = row.readings[slot][0]
    if slot not in _LEAST:
        return value in gold.readings[slot]
    return any(
        (reading is None and value is None) or (reading and value and _likeness(reading, value) >= _LEAST[slot])
        for reading in gold.readings[slot]
    )


# Pairing


def _compare(gold: list[_Statement], found: list[_Statement], doc_id: str, tier: str) -> tuple[Score, list[Miss]]:
    pairs = _pairs(gold, found)
    right: Counter[str] = Counter()
    misses = []
    strict = 0
    for i, j in pairs:
        agreed = [slot for slot in (*SLOTS, *ALSO) if _agree(slot, gold[i], found[j])]
        right.update(agreed)
        wrong = tuple(slot for slot in SLOTS if slot not in agreed)
        strict += not wrong
        if wrong:
            misses.append(Miss(tier, doc_id, "wrong", wrong, gold[i].source, found[j].source))
    met, used = {i for i, _ in pairs}, {j for _, j in pairs}
    misses += [Miss(tier, doc_id, "missed", gold=g.source) for i, g in enumerate(gold) if i not in met]
    misses += [Miss(tier, doc_id, "extra", row=f.source) for j, f in enumerate(found) if j not in used]
    return Score(len(gold), len(found), len(pairs), strict, dict(right)), misses


def _pairs(gold: list[_Statement], found: list[_Statement]) -> list[tuple[int, int]]:
    """One-to-one, best first."""
    candidates = [
        (weight, i, j)
        for i, g in enumerate(gold)
        for j, f in enumerate(found)
        if f.span[0] < g.span[1] and g.span[0] < f.span[1] and (weight := _weight(g, f)) is not None
    ]
    pairs, met, used = [], set(), set()
    for _, i, j in sorted(candidates, reverse=True):
        if i not in met and j not in used:
            met.add(i)
            used.add(j)
            pairs.append((i, j))
    return pairs


def _weight(gold: _Statement, found: _Statement) -> float | None:
    """How well two statements with overlapping clauses go together; None if they do not."""
    shared = _overlap(gold.span, found.span)
    weight = shared / (max(gold.span[1], found.span[1]) - min(gold.span[0], found.span[0]))
    if gold.measure and found.measure:
        measure = _overlap(gold.measure, found.measure)
        if not measure:
            return None
        weight += 1 + measure / (gold.measure[1] - gold.measure[0])
    elif weight < 0.2 and shared < 0.8 * min(gold.span[1] - gold.span[0], found.span[1] - found.span[0]):
        return None
    return weight + 0.5 * sum(_agree(slot, gold, found) for slot in SLOTS) / len(SLOTS)


def _overlap(a: Span, b: Span) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _prf(hits: int, predicted: int, gold: int) -> dict[str, float]:
    p, r = hits / predicted if predicted else 0.0, hits / gold if gold else 0.0
    return {
        "precision": round(p, 4),
        "recall": round(r, 4),
        "f1": round(2 * p * r / (p + r), 4) if p + r else 0.0,
    }


def _line(name: str, score: Score) -> str:
    found, exact = score.found, score.exact
    slots = " ".join(f"{slot} {score.share(slot):.3f}" for slot in SLOTS)
    return (
        f"{name}: gold {score.gold}, predicted {score.predicted}, found P {found['precision']:.3f} "
        f"R {found['recall']:.3f} F1 {found['f1']:.3f}; strict F1 {exact['f1']:.3f}; slots {slots}"
    )


# Texts and rows


class _Text:
    """The text of a document and where a quote stands in it; of a page, without its white space."""

    def __init__(self, source: Source) -> None:
        from .reading import read_source, source_bytes

        self.by_quote = source.format == "html"
        if self.by_quote:
            from .reading.encodings import decode

            page = _Page()
            page.feed(decode(source_bytes(source)).text)
            self.text = _squeeze("".join(page.parts))
        else:
            document = read_source(source)
            if isinstance(document, ReadFailure):
                raise ValueError(f"{document.message}; {document.advice}")
            self.text = document.text

    def place(self, quote: str, occurrence: int) -> Span | None:
        """The span of the nth place (from 0) where a quote stands."""
        quote = _squeeze(quote) if self.by_quote else quote
        at = -1
        for _ in range(occurrence + 1):
            at = self.text.find(quote, at + 1) if quote else -1
            if at < 0:
                return None
        return at, at + len(quote)

    def within(self, span: Span, quote: str, part: str) -> Span | None:
        """The span of ``part`` inside the ``quote`` that stands at ``span``."""
        if self.by_quote:
            quote, part = _squeeze(quote), _squeeze(part)
        at = quote.find(part) if part else -1
        return (span[0] + at, span[0] + at + len(part)) if at >= 0 else None


class _Page(HTMLParser):
    """All that a page shows, scripts and styles left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _rows_of(pred: StrPath | pd.DataFrame | Iterable[Row]) -> Iterable[Row]:
    if isinstance(pred, (str, Path)):
        return list(records(read_table(pred)))
    if hasattr(pred, "columns"):
        return list(records(pred))
    return pred  # type: ignore[return-value]


def _extracted(source: Source, listing: Listing, rules: StrPath | None) -> Iterator[Row]:
    from .corpus import complete
    from .extraction import extract

    document = complete(source, listing=listing)
    if isinstance(document, Document):
        yield from rows(document, extract(document, rules=as_folder(rules)))
