"""Rows gained, lost and changed between two versions of a requirement table.

    python -m benchmarks.gains OLD NEW        e.g. the committed extracted/requirements.jsonl and a new one
    python -m benchmarks.gains OLD NEW --gold tests/gold --text tests/gold/texts

With gold, it says first which gold statements became right and which wrong: those losses are what a change costs.

Rows of one document are the same requirement if they have one id, or else, of those left over, if their clauses and
measures overlap most. Places are no change: only what a row says is compared.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from siga_nlp.evaluation import Evaluation, Unit, evaluate
from siga_nlp.table import COLUMNS, read_table, records

Row = Mapping[str, Any]
# Where a row stands and how it is named says nothing about what it says.
_PLACE = {"requirement_id", "doc_id", "start", "end", "measure_start", "measure_end", "spans", "rules"}
SLOTS = tuple(name for name in COLUMNS if name not in _PLACE)


def compare(old: Iterable[Row], new: Iterable[Row]) -> tuple[list[Row], list[Row], list[tuple[Row, Row]]]:
    """The rows lost, the rows gained, and the pairs that say something else.

    >>> a = {"requirement_id": "x/1", "doc_id": "x", "start": 0, "end": 9, "text": "县长每月接访2次", "subject": None}
    >>> b = {"requirement_id": "x/2", "doc_id": "x", "start": 20, "end": 24, "text": "镇长要学"}
    >>> lost, gained, changed = compare([a], [a | {"subject": "县长"}, b])
    >>> len(lost), [row["text"] for row in gained], [changes(*pair) for pair in changed]
    (0, ['镇长要学'], [{'subject': (None, '县长')}])
    """
    before = {row["requirement_id"]: row for row in old}
    after = {row["requirement_id"]: row for row in new}
    pairs = [(before.pop(key), after.pop(key)) for key in [*before] if key in after]
    candidates = sorted(
        ((_overlap(b, a), b["requirement_id"], a["requirement_id"]) for b in before.values() for a in after.values()),
        key=lambda c: (-c[0], c[1], c[2]),
    )
    for weight, left, right in candidates:
        if weight > 0.3 and left in before and right in after:
            pairs.append((before.pop(left), after.pop(right)))
    return list(before.values()), list(after.values()), [pair for pair in pairs if changes(*pair)]


def changes(old: Row, new: Row) -> dict[str, tuple[Any, Any]]:
    """The columns in which two rows say different things, with both values."""
    return {slot: (old.get(slot), new.get(slot)) for slot in SLOTS if old.get(slot) != new.get(slot)}


def _overlap(a: Row, b: Row) -> float:
    if a["doc_id"] != b["doc_id"]:
        return 0.0
    return sum(
        max(0, min(a[end], b[end]) - max(a[start], b[start])) / (max(a[end], b[end]) - min(a[start], b[start]) or 1)
        for start, end in (("start", "end"), ("measure_start", "measure_end"))
        if None not in (a.get(start), b.get(start), a.get(end), b.get(end))
    )


def report(old: Iterable[Row], new: Iterable[Row], *, most: int | None = None) -> str:
    """Gains and losses to read: counts first, then ``-`` lost, ``+`` gained, ``~`` changed, document by document."""
    lost, gained, changed = compare(old, new)
    lines = [f"{len(gained)} rows gained, {len(lost)} lost, {len(changed)} changed"]
    slots = [slot for pair in changed for slot in changes(*pair)]
    if slots:
        lines.append("changed: " + ", ".join(f"{s} {slots.count(s)}" for s in sorted(set(slots), key=SLOTS.index)))
    entries = [*_entries("-", lost), *_entries("+", gained)]
    for before, after in changed:
        said = "".join(f"\n      {slot}: {_shown(a)} → {_shown(b)}" for slot, (a, b) in changes(before, after).items())
        entries.append((after["doc_id"], after["start"], f"  ~ {_quote(after)}{said}"))
    shown = sorted(entries)[:most]
    document = None
    for doc_id, _, entry in shown:
        if doc_id != document:
            lines.append(f"{doc_id}")
            document = doc_id
        lines.append(entry)
    if len(entries) > len(shown):
        lines.append(f"… and {len(entries) - len(shown)} more")
    return "\n".join(lines)


def judged(old: Evaluation, new: Evaluation) -> str:
    """Which gold statements became right or wrong between two evaluations, and the extra rows that came and went."""
    before, after = ({_named(unit): unit for unit in result.units} for result in (old, new))
    better, worse = [], []
    for key in sorted({*before, *after}):
        was, now = (units[key].slots or (units[key].kind,) if key in units else ("right",) for units in (before, after))
        was, now = (() if state == ("right",) else state for state in (was, now))
        for side, slots in ((better, [s for s in was if s not in now]), (worse, [s for s in now if s not in was])):
            if slots:
                unit = after.get(key) or before[key]
                side.append(f"  {'+' if side is better else '-'} {unit.doc_id}: {', '.join(slots)}: {_said(unit)}")
    lines = [f"against gold: {len(better)} statements better, {len(worse)} worse"]
    for tier, score in new.tiers.items():
        past = old.tiers[tier]
        found, strict = (past.found["f1"], score.found["f1"]), (past.exact["f1"], score.exact["f1"])
        lines.append(f"  {tier}: found F1 {found[0]:.3f} → {found[1]:.3f}, strict F1 {strict[0]:.3f} → {strict[1]:.3f}")
    return "\n".join([*lines, *worse, *better])


def _named(unit: Unit) -> tuple[str, ...]:
    if unit.gold is not None:
        return (
            unit.doc_id,
            unit.tier,
            "gold",
            str(unit.gold.get("occurrence") or 0),
            unit.gold["clause"],
            unit.gold["measure"] or "",
        )
    row = unit.row or {}
    return unit.doc_id, unit.tier, "extra", "", str(row.get("text")), str(row.get("measure"))


def _said(unit: Unit) -> str:
    words = unit.gold["clause"] if unit.gold is not None else (unit.row or {}).get("text", "")
    return str(words).replace("\n", " ")


def _entries(sign: str, rows: list[Row]) -> Iterator[tuple[str, int, str]]:
    for row in rows:
        filled = (f"{slot}={_shown(row.get(slot))}" for slot in ("subject", "modal", "action", "measure", "deadline"))
        yield row["doc_id"], row["start"], f"  {sign} {_quote(row)}\n      {'  '.join(filled)}"


def _quote(row: Row) -> str:
    return f"[{row.get('section') or '-'}] {row['text']}".replace("\n", " ")


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)


def main(argv: list[str] | None = None) -> int:
    """Print the report for two table files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gains", description=__doc__.split("\n")[0])
    parser.add_argument("old", help="table of the earlier version (jsonl, csv, parquet or xlsx)")
    parser.add_argument("new", help="table of the later version")
    parser.add_argument("--most", type=int, help="show at most so many rows")
    parser.add_argument("--gold", help="folder of gold files: say which changes are right")
    parser.add_argument(
        "--text", nargs="+", default=["tests/gold/texts"], help="folders with the documents of the gold"
    )
    arguments = parser.parse_args(argv)
    tables = [list(records(read_table(path))) for path in (arguments.old, arguments.new)]
    if arguments.gold:
        print(judged(*(evaluate(arguments.gold, text=arguments.text, pred=rows) for rows in tables)))
    print(report(*tables, most=arguments.most))
    return 0


if __name__ == "__main__":
    sys.exit(main())
