"""What a check is given, in the form in which it is compared: requirements, records of a ledger, whom a roster names."""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ..ledger import Amount, Ledger, LedgerError, people, read_ledger, read_roster
from ..lexicon import load
from ..parties import normalize
from ..table import Row, StrPath, check_table, is_missing, read_table, records
from ..view import fold

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a ledger. ``names`` are the people in it; ``repeats`` is the row that it repeats."""

    row: str
    line: int
    start: date | None
    end: date | None
    precision: str
    person: str
    names: tuple[str, ...]
    unit: str
    role: str
    activity: str
    amounts: tuple[Amount, ...]
    vague: str
    note: str
    problem: str
    repeats: str


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whom a duty binds: a person (with a term) or a unit. ``row`` is that of the roster, 0 without one."""

    name: str
    unit: str
    levels: tuple[str, ...]
    roles: tuple[str, ...]
    since: date | None = None
    until: date | None = None
    row: int = 0


LEVELS = ("central", "province", "city", "county", "township", "village")
LEVEL_NAMES = dict(zip(LEVELS, ("中央", "省级", "市级", "县级", "乡级", "村级"), strict=True))


@functools.lru_cache(maxsize=4096)
def standing(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Levels and roles that a level, a role or a title names.

    >>> standing("副市长"), standing("县级 领导干部")
    ((('city',), ('领导干部',)), (('county',), ('领导干部',)))
    >>> standing("市信访局局长")[0]
    ()
    """
    folded = fold(text)
    roles = dict.fromkeys(normalize(folded, load())[1])
    levels: dict[str, None] = {}
    for level, titles in load().terms["ledger_titles"].items():
        if any(re.search(rf"(?<![\w]){re.escape(t)}|{re.escape(t)}(?!助理|秘书)", folded) for t in titles):
            levels[level] = None
            roles["领导干部"] = None
    for level in re.findall(r"[省市县区乡镇村]级|乡科级|县处级|地厅级|厅局级", folded):
        code = {"省级": "province", "市级": "city", "地厅级": "city", "厅局级": "city", "乡级": "township",
                "镇级": "township", "乡科级": "township", "村级": "village"}.get(level, "county")  # fmt: skip
        levels[code] = None
    levels.update(dict.fromkeys(word for word in re.findall(r"[a-z]+", folded.lower()) if word in LEVELS))
    if re.search(r"驻村|村干部|村党", folded):
        levels["village"] = None
    return tuple(levels), tuple(roles)


def given_table(table: StrPath | pd.DataFrame) -> list[Row]:
    frame = read_table(table) if isinstance(table, (str, os.PathLike)) else table
    name = os.fspath(table) if isinstance(table, (str, os.PathLike)) else "table"
    return list(records(check_table(frame, name=name)))


def given_records(ledger: StrPath | Ledger) -> list[Record]:
    frame = (ledger if isinstance(ledger, Ledger) else read_ledger(ledger)).frame
    names = ("row", "line", "start", "end", "precision", "person", "unit", "role", "activity", "amounts",
             "undetermined", "note", "problem", "duplicate_of")  # fmt: skip
    found = []
    for cells in zip(*(frame[name].tolist() for name in names), strict=True):
        row, line, start, end, precision, person, unit, role, activity, amounts, vague, note, problem, repeats = cells
        found.append(Record(row, line, start, end, precision, person, people(person)[0], unit, role, activity,
                            tuple(amounts), vague, note, problem, repeats))  # fmt: skip
    return sorted(found, key=lambda r: (r.line, r.row))


def given_roster(roster: StrPath | pd.DataFrame | None) -> tuple[Party, ...] | None:
    if roster is None:
        return None
    frame = read_roster(roster) if isinstance(roster, (str, os.PathLike)) else roster
    lacking = [c for c in ("name", "unit", "level", "role") if c not in frame.columns]
    if lacking:
        raise LedgerError(f"roster: columns are missing: {', '.join(lacking)}. Read it with sg.read_roster.")
    found = []
    for n, row in enumerate(frame.to_dict("records"), 1):
        cell = {k: "" if is_missing(v) else v for k, v in row.items()}
        levels, roles = standing(f"{cell['level']} {cell['role']}")
        if not cell["name"]:
            unit = normalize(fold(str(cell["unit"])), load())
            levels, roles = levels or unit[0], roles or unit[1]
        since, until = _term(cell.get("from")), _term(cell.get("to"))
        found.append(
            Party(str(cell["name"]), str(cell["unit"]), levels, roles, since, until, int(cell.get("row") or n))
        )
    return tuple(found)


def _term(value: object) -> date | None:
    return value if isinstance(value, date) else as_day(str(value)) if value else None


def as_day(day: str | date) -> date:
    """A day given as a date or as text (``2024-12-31``)."""
    if isinstance(day, date):
        return date(day.year, day.month, day.day)
    try:
        return date.fromisoformat(day)
    except (ValueError, TypeError):
        raise LedgerError(f"{day!r} is no day; write it as 2024-12-31") from None


def span_of(record: Record) -> str:
    if record.start is None or record.end is None:
        return ""
    return str(record.start) if record.start == record.end else f"{record.start}/{record.end}"


def bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


@functools.lru_cache(maxsize=65536)
def same_unit(one: str, other: str) -> bool:
    a, b = bare(one), bare(other)
    return a in b or b in a or (len(a) > 3 and len(b) > 3 and _shares(a, b))


def _shares(a: str, b: str) -> bool:
    """青岫市石棠县委 and 石棠县委办: most of the shorter one's pairs of characters stand in the longer."""
    shorter, longer = sorted((a, b), key=len)
    pairs = {shorter[i : i + 2] for i in range(len(shorter) - 1)}
    return sum(p in longer for p in pairs) >= 0.8 * len(pairs)
