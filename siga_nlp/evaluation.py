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

Agreement beyond chance (Cohen's κ, Krippendorff's α) needs units that both coders labelled. Which statements there are is
itself what coders differ in, so three things are told apart, and none stands for the others:

- *field by field*, the units are the pairs; of a pair in which a field agrees (other readings of the gold and the
  tolerance above included) both labels are the gold's;
- the same *with unmatched statements* as units too, whose label of the other coder is "no statement";
- *sentence*: the units are the stretches of text between 。；！？ and line breaks, each labelled measured, modal, both
  or neither. Here the places without a statement count, as they must for a chance level to exist.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .agreement import agreement, intervals
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
class Unit:
    """A pair (``right``, or ``wrong`` in some slots), a gold statement ``missed``, or an ``extra`` row."""

    tier: str
    doc_id: str
    gold: Row | None = None
    row: Row | None = None
    wrong: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """``right`` ``wrong`` ``missed`` or ``extra``."""
        if self.row is None or self.gold is None:
            return "missed" if self.row is None else "extra"
        return "wrong" if self.slots else "right"

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots of the strict score that are wrong."""
        return tuple(slot for slot in self.wrong if slot in SLOTS)

    @property
    def rules(self) -> list[str]:
        """The rules that filled the row; empty where there is no row."""
        return list((self.row or {}).get("rules") or [])

    @property
    def issues(self) -> list[str]:
        """The row's issues, without what follows a colon."""
        return [issue.partition(":")[0] for issue in (self.row or {}).get("issues") or []]


def score(units: Iterable[Unit]) -> Score:
    """The counts of some units: of a document, a register, or all."""
    gold = predicted = pairs = strict = 0
    right: Counter[str] = Counter()
    for unit in units:
        gold += unit.gold is not None
        predicted += unit.row is not None
        if unit.gold is not None and unit.row is not None:
            pairs += 1
            strict += not unit.slots
            right.update(slot for slot in (*SLOTS, *ALSO) if slot not in unit.wrong)
    return Score(gold, predicted, pairs, strict, dict(right))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All units that were compared, and what the figures are grouped by.

    ``registers`` names the register of every document compared, ``sentences`` the labels of its sentences.
    ``left_out`` are documents that only one of two coders annotated. ``rows`` says whether the second coder is the
    extraction (or a table of its columns), whose rows carry issues.
    """

    units: tuple[Unit, ...]
    registers: Mapping[str, str]
    sentences: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    rows: bool = True

    @property
    def misses(self) -> tuple[Unit, ...]:
        """The disagreements: what was missed, what was extra, and pairs with a wrong slot."""
        return tuple(unit for unit in self.units if unit.kind != "right")

    @property
    def documents(self) -> dict[str, dict[str, Score]]:
        """The scores of each document and tier (``documents["x"]["measured"]``)."""
        by: dict[tuple[str, str], list[Unit]] = {(d, tier): [] for d in self.registers for tier in TIERS.values()}
        for unit in self.units:
            by[unit.doc_id, unit.tier].append(unit)
        return {d: {tier: score(by[d, tier]) for tier in TIERS.values()} for d in self.registers}

    @property
    def tiers(self) -> dict[str, Score]:
        """The scores of all documents together."""
        return {tier: score(unit for unit in self.units if unit.tier == tier) for tier in TIERS.values()}

    def to_dict(self, *, replicates: int = 0, seed: int = 0) -> dict[str, Any]:
        """All figures, ready for JSON: ``measured`` and ``modal`` in all, ``documents``, ``figures``, ``agreement``."""
        return {name: found.to_dict() for name, found in self.tiers.items()} | {
            "documents": {d: {n: s.to_dict() for n, s in t.items()} for d, t in self.documents.items()},
            "registers": dict(self.registers),
            "left_out": list(self.left_out),
            "figures": figures(self, replicates=replicates, seed=seed),
            "agreement": agreements(self, replicates=replicates, seed=seed),
        }

    def to_frame(self, *, replicates: int = 0, seed: int = 0) -> pd.DataFrame:
        """The rows of ``figures`` as a frame."""
        import pandas as pd

        return pd.DataFrame(figures(self, replicates=replicates, seed=seed), columns=FIGURES)

    def __str__(self) -> str:
        lines = [_line(name, found) for name, found in self.tiers.items()]
        return "\n".join([*lines, f"{len(self.registers)} documents"])


FIGURES = (
    "part", "name", "tier", "field", "documents", "gold", "predicted", "right", "precision", "precision_low",
    "precision_high", "recall", "recall_low", "recall_high", "f1", "f1_low", "f1_high", "of_found",
)  # fmt: skip
"""Columns of ``figures``: each figure with its 95 % interval; ``of_found`` is the share of the pairs that are right."""
AGREEMENT = (
    "tier", "field", "units", "share", "kappa", "kappa_low", "kappa_high", "alpha", "alpha_low", "alpha_high",
    "units_all", "kappa_all", "alpha_all",
)  # fmt: skip
"""Columns of ``agreements``; ``…_all`` are those with unmatched statements as units."""


def figures(result: Evaluation, *, replicates: int = 0, seed: int = 0) -> list[dict[str, Any]]:
    """Precision, recall and F1 of everything, one row a ``part`` (``all``, ``register``, ``issues``, ``document``),
    its ``name``, ``tier`` and ``field`` (``found``, ``strict``, a slot). A slot is right where the statement was found
    and the slot agrees. Of rows with and without issues only precision can be said. With ``replicates``, intervals
    over documents for all and for registers.
    """
    rows = _figures(result.units, "all", "", list(result.registers), replicates, seed)
    for register in dict.fromkeys(result.registers.values()):
        documents = [d for d, r in result.registers.items() if r == register]
        units = [unit for unit in result.units if result.registers[unit.doc_id] == register]
        rows += _figures(units, "register", register, documents, replicates, seed)
    if result.rows:
        mine = [unit for unit in result.units if unit.row is not None]
        groups: dict[str, list[Unit]] = {
            "without": [unit for unit in mine if not unit.issues],
            "with": [unit for unit in mine if unit.issues],
        }
        for issue in sorted({issue for unit in mine for issue in unit.issues}):
            groups[issue] = [unit for unit in mine if issue in unit.issues]
        for name, units in groups.items():
            for row in _figures(units, "issues", name, list(result.registers), replicates, seed):
                if row["field"] == "strict":
                    rows.append(
                        row | dict.fromkeys(("gold", "recall", "recall_low", "recall_high", "f1", "f1_low", "f1_high"))
                    )
    for document in result.registers:
        units = [unit for unit in result.units if unit.doc_id == document]
        rows += _figures(units, "document", document, [document], 0, seed)
    return rows


def _figures(
    units: Sequence[Unit], part: str, name: str, documents: list[str], replicates: int, seed: int
) -> list[dict[str, Any]]:
    rows = []
    for tier in (*TIERS.values(), "all"):
        mine = [unit for unit in units if tier in (unit.tier, "all")]
        total = score(mine)
        bounds = _bounds(mine, documents, replicates, seed)
        for n, (slot, right) in enumerate(_rights(total)):
            row: dict[str, Any] = dict.fromkeys(FIGURES)
            row |= {"part": part, "name": name, "tier": tier, "field": slot, "documents": len(documents)}
            row |= {"gold": total.gold, "predicted": total.predicted, "right": right}
            row |= _prf(right, total.predicted, total.gold)
            row["of_found"] = round(right / total.pairs, 4) if total.pairs else None
            for m, figure in enumerate(("precision", "recall", "f1")):
                if bounds and (interval := bounds[3 * n + m]):
                    row[f"{figure}_low"], row[f"{figure}_high"] = (round(bound, 4) for bound in interval)
            rows.append(row)
    return rows


def _rights(found: Score) -> list[tuple[str, int]]:
    slots = ((slot, found.right.get(slot, 0)) for slot in (*SLOTS, *ALSO))
    return [("found", found.pairs), ("strict", found.strict), *slots]


def _bounds(units: Sequence[Unit], documents: list[str], replicates: int, seed: int) -> list[Any] | None:
    if replicates < 1 or len(documents) < 2:
        return None
    import numpy as np

    by: dict[str, list[Unit]] = {document: [] for document in documents}
    for unit in units:
        by[unit.doc_id].append(unit)
    scores = [score(group) for group in by.values()]
    gold, predicted = np.array([s.gold for s in scores]), np.array([s.predicted for s in scores])
    right = np.array([[count for _, count in _rights(s)] for s in scores])

    def prf(drawn: Any) -> Any:
        hits, owed, given = drawn @ right, (drawn @ gold)[:, None], (drawn @ predicted)[:, None]
        three = [hits / np.where(total, total, np.nan) for total in (given, owed, (given + owed) / 2)]
        return np.stack(three, 2).reshape(len(drawn), -1)

    return intervals(prf, len(documents), replicates=replicates, seed=seed)


def agreements(result: Evaluation, *, replicates: int = 0, seed: int = 0) -> list[dict[str, Any]]:
    """Agreement beyond chance, one row a tier and field, and one for the sentences (see the head of this module)."""
    rows = []
    for tier in TIERS.values():
        for slot in (*SLOTS, *ALSO):
            pairs: dict[str, list[tuple[str, str]]] = {document: [] for document in result.registers}
            every: dict[str, list[tuple[str, str]]] = {document: [] for document in result.registers}
            for unit in result.units:
                if unit.tier == tier:
                    every[unit.doc_id].append(unit.labels[slot])
                    if unit.gold is not None and unit.row is not None:
                        pairs[unit.doc_id].append(unit.labels[slot])
            rows.append(_agreed(tier, slot, pairs, every, replicates, seed))
    rows.append(_agreed("", "sentence", result.sentences, {}, replicates, seed))
    return rows


def _agreed(
    tier: str,
    slot: str,
    pairs: Mapping[str, Sequence[tuple[str, str]]],
    every: Mapping[str, Sequence[tuple[str, str]]],
    replicates: int,
    seed: int,
) -> dict[str, Any]:
    on, over = agreement([*pairs.values()], replicates=replicates, seed=seed), agreement([*every.values()])
    row: dict[str, Any] = dict.fromkeys(AGREEMENT)
    row |= {"tier": tier, "field": slot, "units": on.units, "share": on.share, "kappa": on.kappa, "alpha": on.alpha}
    row["kappa_low"], row["kappa_high"] = on.kappa_interval or (None, None)
    row["alpha_low"], row["alpha_high"] = on.alpha_interval or (None, None)
    if every:
        row |= {"units_all": over.units, "kappa_all": over.kappa, "alpha_all": over.alpha}
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()}


def evaluate(
    gold: StrPath,
    *,
    text: StrPath | Iterable[StrPath],
    pred: StrPath | pd.DataFrame | Iterable[Row] | None = None,
    other: StrPath | None = None,
    rules: StrPath | None = None,
    registers: Mapping[str, str] | None = None,
    progress: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> Evaluation:
    """Compare requirement rows, or a second coder's gold files, with the gold files of a folder.

    Args:
        gold: A folder of ``<doc_id>.jsonl`` files; the documents named there are the ones compared.
        text: Folders (or files) that hold these documents.
        pred: The rows: a table file, a frame, or dicts. By default they are extracted from the documents here.
        other: A second coder's folder of gold files, compared instead of rows. Precision and recall are then those of
            the second coder with the first as the measure (F1 is the same both ways). Documents that only one of them
            annotated are left out, and named in ``left_out``.
        rules: With no ``pred``, a folder of rule files of your own.
        registers: Groups of documents of your own, by ``doc_id``; by default ``register`` tells them apart.
        progress: Wraps the names of the documents, as ``tqdm.tqdm`` does.

    Raises:
        ValueError: The gold files are not sound, or ``pred`` holds no row of any of the documents. The message lists
            every fault with file and line.

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

    if pred is not None and other is not None:
        raise ValueError("pred and other: give one of them, a table of rows or a second coder's gold files")
    names, left_out = _names(gold), []
    if other is not None:
        names, left_out = sorted({*names} & {*_names(other)}), sorted({*names} ^ {*_names(other)})
        if not names:
            raise ValueError(f"{gold} and {other}: no document is annotated in both (the names of the files differ)")
    found = {s.doc_id: s for s in sources(as_paths(text)) if s.failure is None and s.doc_id in set(names)}
    listing = read_listing(as_paths(text))
    by_document: dict[str, list[Row]] = {name: [] for name in names}
    if pred is not None:
        given = list(_rows_of(pred))
        for row in given:
            if row.get("doc_id") in by_document:
                by_document[row["doc_id"]].append(row)
        if given and not any(by_document.values()):
            ids = ", ".join(sorted({str(row.get("doc_id")) for row in given})[:5])
            raise ValueError(f"no row belongs to a document annotated in {gold}; the rows' doc_id are: {ids}")
    faults: list[str] = []
    units: list[Unit] = []
    groups: dict[str, str] = {}
    sentences: dict[str, tuple[tuple[str, str], ...]] = {}
    for name in progress(names):
        if name not in found:
            faults.append(
                f"{name}.jsonl: there is no document of that name under {', '.join(map(str, as_paths(text)))}"
            )
            continue
        page = _Text(found[name])
        statements = list(_gold_statements(Path(gold, f"{name}.jsonl"), page, faults))
        if other is not None:
            placed = list(_gold_statements(Path(other, f"{name}.jsonl"), page, faults))
        elif not faults:
            own = by_document[name] if pred is not None else list(_extracted(found[name], listing, rules))
            if pred is not None and (astray := sum(not page.holds(row) for row in own)):
                faults.append(
                    f"{name}: {astray} of {len(own)} rows do not stand in this text where the table says; "
                    "the table is of another version of the file, extract it again"
                )
            placed = list(_row_statements(own, page))
        if faults:
            continue
        groups[name] = (registers or {}).get(name) or register(page.text)
        sentences[name] = tuple(_sentence_labels(page.text, statements, placed))
        for tier, tier_name in TIERS.items():
            units += _compare(
                [s for s in statements if s.tier == tier], [s for s in placed if s.tier == tier], name, tier_name
            )
    if faults:
        raise ValueError("The files compared are not sound:\n" + "\n".join(faults))
    return Evaluation(tuple(units), groups, sentences, tuple(left_out), rows=other is None)


def register(text: str) -> str:
    """The register in which a text is drafted, since they fail in different ways: ``traditional`` (drafted in
    traditional script, as in 臺灣 and 香港, where 應 and not 應當 is the modal word, so that converted texts are not
    meant), ``statute`` (in articles, 第…条), or ``directive`` (all others: notices, plans, rules of offices).

    >>> register("館員應於每年三月前提報計畫。"), register("館員應當於每年三月前提報計劃。")
    ('traditional', 'directive')
    """
    if sum(a != b for a, b in zip(text, fold(text), strict=True) if "\u4e00" <= a <= "\u9fff") > len(text) / 20:
        if text.count("於") + text.count("應") > text.count("于") and "應當" not in text:
            return "traditional"
    return "statute" if len(_ARTICLE.findall(text)) >= _ARTICLES else "directive"


_ARTICLE = re.compile(r"第\s*[〇零一二三四五六七八九十百千0-9０-９]+\s*[条條][\s\u3000]")
_ARTICLES = 5  # fewer are mentions of another text's articles
_SENTENCE = re.compile(r"[^。；;！!？?\n]+")


def _names(folder: StrPath) -> list[str]:
    names = sorted(path.stem for path in Path(folder).glob("*.jsonl"))
    if not names:
        raise ValueError(f"{folder}: no gold files (*.jsonl) in this folder")
    return names


def _sentence_labels(text: str, gold: list[_Statement], found: list[_Statement]) -> Iterator[tuple[str, str]]:
    """What both coders saw in each sentence; a statement counts for the sentence in which it (its measure) begins."""
    labels = []
    for statements in (gold, found):
        begins = sorted(((s.measure or s.span)[0], s.tier) for s in statements if s.span[0] >= 0)
        of: list[str] = []
        at = 0
        for match in _SENTENCE.finditer(text):
            tiers = set()
            while at < len(begins) and begins[at][0] < match.end():
                tiers.add(TIERS[begins[at][1]])
                at += 1
            of.append("both" if len(tiers) > 1 else next(iter(tiers), "neither"))
        labels.append(of)
    for (a, b), match in zip(zip(*labels, strict=True), _SENTENCE.finditer(text), strict=True):
        if any(map(str.isalnum, match.group())):
            yield a, b


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
    pairs = ((a, b) for a in gold.readings[slot] for b in row.readings[slot])
    if slot not in _LEAST:
        return any(a == b for a, b in pairs)
    return any((a is None and b is None) or (a and b and _likeness(a, b) >= _LEAST[slot]) for a, b in pairs)


def _label(slot: str, statement: _Statement) -> str:
    """A slot's value as a category."""
    value = statement.readings[slot][0]
    return repr(_letters(value) if value and slot in _LEAST else value)


_ABSENT = "no statement"


# Pairing


def _compare(gold: list[_Statement], found: list[_Statement], doc_id: str, tier: str) -> Iterator[Unit]:
    pairs = _pairs(gold, found)
    slots = (*SLOTS, *ALSO)
    for i, j in pairs:
        wrong = tuple(slot for slot in slots if not _agree(slot, gold[i], found[j]))
        labels = {s: (_label(s, gold[i]), _label(s, found[j] if s in wrong else gold[i])) for s in slots}
        # Two different texts must not become one category where only their punctuation is alike.
        labels |= {s: (a, b if a != b else f"{b} (other)") for s, (a, b) in labels.items() if s in wrong}
        yield Unit(tier, doc_id, gold[i].source, found[j].source, wrong, labels)
    met, used = {i for i, _ in pairs}, {j for _, j in pairs}
    for i, g in enumerate(gold):
        if i not in met:
            yield Unit(tier, doc_id, gold=g.source, labels={s: (_label(s, g), _ABSENT) for s in slots})
    for j, f in enumerate(found):
        if j not in used:
            yield Unit(tier, doc_id, row=f.source, labels={s: (_ABSENT, _label(s, f)) for s in slots})


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

    def holds(self, row: Row) -> bool:
        """Whether a row's words stand where it says. On pages they are looked up by what they quote."""
        quote, start, end = (_cell(row.get(name)) for name in ("text", "start", "end"))
        if self.by_quote or None in (quote, start, end):
            return True
        return bool(self.text[int(start) : int(end)] == quote)

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
