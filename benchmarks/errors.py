"""What goes wrong, by kind: the disagreements with gold files, tabulated.

    python -m benchmarks.errors [--gold DIR --text DIR ...] [--pred TABLE]     by default the gold that ships

Causes are told from the two readings alone (the one starts within the other, the source of the subject, the part of a
measure that differs), so that a table before and one after a change can be held side by side. Single statements are
listed by ``siga evaluate --misses``, not here: the table may be looked at for documents that nobody develops on.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from siga_nlp.evaluation import SLOTS, Evaluation, Unit, evaluate
from siga_nlp.view import fold

_PARTS = {"frequency": ("op", "count", "max", "period"), "quantity": ("op", "value", "max", "unit")}


def causes(unit: Unit) -> Iterator[str]:
    """Why a unit is no strict hit, one cause a wrong slot.

    >>> gold = {"subject": "县长", "action": "到村接访群众", "frequency": {"op": "ge", "count": 2}}
    >>> row = {"subject": "副县长", "subject_source": "stated", "action": "接访", "frequency_op": "eq", "frequency_count": 2}
    >>> list(causes(Unit("measured", "a", gold, row, ("subject", "action", "frequency"))))
    ['subject: boundary', 'action: too short', 'frequency: op']
    """
    if unit.gold is None or unit.row is None:
        yield f"statement: {unit.kind}"
        return
    for slot in unit.slots:
        if slot in _PARTS:
            held = unit.gold.get(slot) or {}
            parts = [(part, held.get(part), unit.row.get(f"{slot}_{part}")) for part in _PARTS[slot]]
            yield f"{slot}: {_one_side(any(g for _, g, _ in parts), any(r for *_, r in parts)) or _first(parts)}"
        else:
            yield f"{slot}: {_of_words(slot, unit.gold, unit.row)}"


def _first(parts: Iterable[tuple[str, Any, Any]]) -> str:
    return next((part for part, a, b in parts if a != b), "other")


def _one_side(gold: object, row: object) -> str | None:
    if bool(gold) != bool(row):
        return "left empty" if gold else "filled where the gold has none"
    return None


def _of_words(slot: str, gold: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    one_side = _one_side(gold.get(slot), row.get(slot))
    if one_side or slot not in ("subject", "action"):
        return one_side or "another value"
    found = fold(row[slot])
    readings = [fold(reading) for reading in (gold[slot], *(gold.get("alt") or {}).get(slot, ())) if reading]
    short, long = any(found in r for r in readings), any(r in found for r in readings)
    if slot == "action":
        return "too short" if short else "too long" if long else "another stretch"
    if short or long:
        return "boundary"
    return "another one, inherited" if row.get("subject_source") == "inherited" else "another one, stated"


def table(result: Evaluation) -> str:
    """The causes by register, and how often rows of each source of the subject and of each rule are strictly right."""
    registers = list(dict.fromkeys(result.registers.values()))
    counts = Counter((cause, result.registers[unit.doc_id]) for unit in result.misses for cause in causes(unit))
    totals = Counter(cause for cause, _ in counts.elements())
    width = max(map(len, totals), default=10)
    lines = [f"{'cause':{width}}  {'all':>5}  " + "  ".join(f"{register:>11}" for register in registers)]
    for cause, count in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
        cells = "  ".join(f"{counts[cause, register]:>11}" for register in registers)
        lines.append(f"{cause:{width}}  {count:>5}  {cells}")
    rows = [unit for unit in result.units if unit.row is not None]
    lines += ["", *_rates("subject_source", rows, lambda unit: [str((unit.row or {}).get("subject_source"))])]
    lines += ["", *_rates("rule", rows, lambda unit: unit.rules, least=5)]
    return "\n".join(lines)


def _rates(
    title: str, units: Iterable[Unit], names: Callable[[Unit], Iterable[str]], *, least: int = 1
) -> Iterator[str]:
    """Rows and the share strictly right for each name, the most wrong rows first."""
    seen: dict[str, list[Unit]] = {}
    for unit in units:
        for name in {*names(unit)}:
            seen.setdefault(name, []).append(unit)
    width = max(map(len, (*seen, title)))
    yield f"{title:{width}}   rows  wrong  right  what is wrong"
    bad = {name: [unit for unit in mine if unit.kind != "right"] for name, mine in seen.items()}
    for name in sorted(seen, key=lambda name: (-len(bad[name]), name)):
        if len(seen[name]) >= least and bad[name]:
            what = Counter(slot for unit in bad[name] for slot in unit.slots or (unit.kind,))
            told = ", ".join(f"{slot} {what[slot]}" for slot in (*SLOTS, "extra") if what[slot])
            right = 1 - len(bad[name]) / len(seen[name])
            yield f"{name:{width}}  {len(seen[name]):>5}  {len(bad[name]):>5}  {right:>5.2f}  {told}"


def main(argv: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.errors", description=__doc__.split("\n")[0])
    parser.add_argument("--gold", default="tests/gold", help="folder of gold files (default: tests/gold)")
    parser.add_argument("--text", nargs="+", default=["tests/gold/texts"], help="folders with the documents")
    parser.add_argument("--pred", help="a table of rows (default: extract them now)")
    arguments = parser.parse_args(argv)
    print(table(evaluate(arguments.gold, text=arguments.text, pred=arguments.pred)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
