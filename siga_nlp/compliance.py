"""Findings: what a requirement table asks for, against what a ledger says was done.

A finding is one requirement × one bound person or unit × one window of the calendar. What is certain and what is only
possible are counted apart: a record that is doubtful (an unreadable date, a match of middling score, days that may
overlap) widens the count to an interval, and where the interval leaves the answer open the finding is
``undetermined`` and says why. Records are counted by the date of the activity. Nothing here looks at today's date.
"""

from __future__ import annotations

import functools
import math
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .alignment import core, likeness
from .binding import binding
from .ledger import Amount, Ledger, LedgerError, people, read_ledger, read_roster
from .lexicon import load
from .parties import normalize
from .patterns import alternation
from .table import Row, StrPath, check_table, is_missing, read_table, records, to_frame, write_table
from .topics import topic as topic_of
from .view import fold
from .windows import Window, due, has_windows, windows

if TYPE_CHECKING:
    import pandas as pd

MATCHED, DOUBTFUL = 0.70, 0.40
"""A record counts for a requirement from ``MATCHED`` on; from ``DOUBTFUL`` on a person is asked."""
FINDINGS: dict[str, str] = {
    "requirement_id": "text", "topic": "text", "who": "text", "unit": "text", "person": "text", "window_start": "text",
    "window_end": "text", "need": "number", "have": "number", "measure_unit": "text", "status": "text",
    "evidence": "list", "why": "text",
}  # fmt: skip
MATCHES: dict[str, str] = {
    "row": "text", "date": "text", "person": "text", "unit": "text", "activity": "text", "requirement_id": "text",
    "asks": "text", "score": "number", "state": "text", "why": "text", "decision": "text",
}  # fmt: skip
STATUSES = ("missing", "short", "late", "exceeded", "violated", "undetermined", "not_due", "met")
_LEVELS = ("central", "province", "city", "county", "township", "village")
_LEVEL_NAMES = dict(zip(_LEVELS, ("中央", "省级", "市级", "县级", "乡级", "村级"), strict=True))


# Records and requirements, as they are compared


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


@dataclass(slots=True)
class _Use:
    """A record as evidence for one requirement and party. ``sure`` if it counts for certain."""

    record: Record
    sure: bool
    doubt: str = ""


@dataclass(slots=True)
class _Count:
    """What was found in a window: the certain and the possible count, the rows, the arithmetic."""

    low: float = 0
    high: float = 0
    rows: list[str] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@functools.lru_cache(maxsize=1)
def _concepts() -> tuple[re.Pattern[str], dict[str, frozenset[str]]]:
    of: dict[str, set[str]] = defaultdict(set)
    for concept, words in load().terms["ledger_activities"].items():
        for word in words:
            of[word].add(concept)
    return re.compile(alternation(of)), {word: frozenset(found) for word, found in of.items()}


@functools.lru_cache(maxsize=65536)
def concepts(text: str) -> frozenset[str]:
    """The kinds of activity that a text names.

    >>> sorted(concepts("赴河口镇蹲点调研2天")), sorted(concepts("撰写调研报告"))
    (['调研', '蹲点'], ['调研报告'])
    """
    pattern, of = _concepts()
    return frozenset().union(*(of[m[0]] for m in pattern.finditer(fold(text))))


@functools.lru_cache(maxsize=1)
def _words() -> dict[str, re.Pattern[str]]:
    terms = load().terms
    names = ("ledger_not_done", "ledger_negations", "ledger_scaling", "ledger_each")
    return {name: re.compile(alternation(terms[name])) for name in names}


def _says(name: str, text: str) -> str:
    found = _words()[name].search(fold(text))
    return found[0] if found else ""


@functools.lru_cache(maxsize=65536)
def _topic(activity: str) -> str | None:
    return topic_of(fold(activity), fold(activity), load())


@functools.lru_cache(maxsize=262144)
def match_score(activity: str, action: str, topic: str | None) -> tuple[float, str]:
    """How surely an activity is one that a requirement's action asks for, 0 to 1, and why (zh).

    0.8 × the share of the action's kinds of activity that the record names + 0.1 × same topic + 0.1 × likeness of the
    words. Where the action names no known kind, 0.85 × likeness + 0.15 × same topic (from 0.5 on). What is only about
    such an activity (通报接访情况) or was not done (接访取消) is never certain.

    >>> match_score("到河口镇接访群众5批", "接待来访群众", "信访接待")[0] >= MATCHED
    True
    >>> DOUBTFUL <= match_score("讲党课1次", "为联系点党员讲党课", "党课")[0] < MATCHED
    True
    """
    asked, named = concepts(action), concepts(activity)
    same = topic is not None and _topic(activity) == topic
    if asked:
        shared = asked & named
        if not shared:
            return 0.0, ""
        share = len(shared) / len(asked)
        score = 0.8 * share + 0.1 * same + 0.1 * _likeness(activity, action)
        why = f"都有“{'、'.join(sorted(shared))}”" + (f"，缺“{'、'.join(sorted(asked - named))}”" if share < 1 else "")
    else:
        like = _likeness(activity, action)
        score, why = 0.85 * like + 0.15 * same, f"文字相似 {like:.2f}"
        if score < 0.5:
            return 0.0, ""
    meta = (named & set(load().terms["ledger_about"])) - asked
    if score >= MATCHED and meta:
        score, why = MATCHED - 0.05, f"{why}；可能只是{'、'.join(sorted(meta))}"
    undone = _says("ledger_not_done", activity)
    if score >= DOUBTFUL and undone:
        score, why = min(score, MATCHED - 0.05), f"{why}；写有“{undone}”"
    return round(score, 2), why + ("，主题相同" if same else "")


def _likeness(activity: str, action: str) -> float:
    return likeness(core(activity), core(action))


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
    levels.update(dict.fromkeys(word for word in re.findall(r"[a-z]+", folded.lower()) if word in _LEVELS))
    if re.search(r"驻村|村干部|村党", folded):
        levels["village"] = None
    return tuple(levels), tuple(roles)


def _is_personal(row: Row) -> bool:
    return any(role in load().terms["ledger_person_roles"] for role in row["subject_role"] or ())


def _binds(row: Row, party: Party) -> bool:
    """Whether a requirement binds somebody of these levels and roles: by level and role, or as holder of a wider one.

    What binds 领导干部 or 干部 in general binds 市级领导干部 too, but not in the document of a county.
    """
    levels, roles = row["subject_level"] or (), row["subject_role"] or ()
    above = (
        {level for level in party.levels if _LEVELS.index(level) < _LEVELS.index(row["level"])}
        if row["level"]
        else set()
    )
    if not levels and party.levels and above == set(party.levels):
        return False
    if (not levels or set(levels) & set(party.levels)) and set(roles) <= set(party.roles):
        return True
    return any(
        binding(asked, fold(row["subject"]), document_level=row["level"], lexicon=load()) in ("direct", "general")
        for asked in _asked(party)
    )


@functools.lru_cache(maxsize=4096)
def _asked(party: Party) -> tuple[str, ...]:
    """A party as a subject would name it: 市级领导干部."""
    names = [_LEVEL_NAMES[level] for level in party.levels] or [""]
    return tuple(name + role for name in names for role in party.roles if role in ("领导干部", "干部", "党员"))


# The parts of a check


def _given_table(table: StrPath | pd.DataFrame) -> list[Row]:
    frame = read_table(table) if isinstance(table, (str, os.PathLike)) else table
    name = os.fspath(table) if isinstance(table, (str, os.PathLike)) else "table"
    return list(records(check_table(frame, name=name)))


def _given_records(ledger: StrPath | Ledger) -> list[Record]:
    frame = (ledger if isinstance(ledger, Ledger) else read_ledger(ledger)).frame
    names = ("row", "line", "start", "end", "precision", "person", "unit", "role", "activity", "amounts",
             "undetermined", "note", "problem", "duplicate_of")  # fmt: skip
    found = []
    for cells in zip(*(frame[name].tolist() for name in names), strict=True):
        row, line, start, end, precision, person, unit, role, activity, amounts, vague, note, problem, repeats = cells
        found.append(Record(row, line, start, end, precision, person, people(person)[0], unit, role, activity,
                            tuple(amounts), vague, note, problem, repeats))  # fmt: skip
    return sorted(found, key=lambda r: (r.line, r.row))


def _given_roster(roster: StrPath | pd.DataFrame | None) -> tuple[Party, ...] | None:
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


# Matches and decisions

_YES, _NO = {"yes", "y", "是", "计", "计入", "1", "true"}, {"no", "n", "否", "不计", "不计入", "0", "false"}
_Key = tuple[str, str, str, str]


def read_decisions(given: StrPath | pd.DataFrame | None) -> dict[_Key, bool]:
    """Decisions on doubtful records, by record and requirement. Rows with an empty ``decision`` are open still.

    The file is one that ``siga check --decisions`` wrote; in the column ``decision`` stands 是 or 否 (yes, no).
    """
    if given is None:
        return {}
    if isinstance(given, (str, os.PathLike)):
        name = os.fspath(given)
        if not Path(given).exists():
            raise LedgerError(f"{name}: there is no such file of decisions")
        frame = read_table(given, columns=MATCHES)
    else:
        name, frame = "decisions", given
    wanted = ("date", "person", "activity", "requirement_id", "decision")
    lacking = [c for c in wanted if c not in frame.columns]
    if lacking:
        raise LedgerError(f"{name}: columns are missing: {', '.join(lacking)}; use the file that siga check wrote")
    found: dict[_Key, bool] = {}
    faults = []
    for n, row in enumerate(frame.to_dict("records"), 2):
        day, person, activity, rid, word = ("" if is_missing(row[c]) else str(row[c]).strip() for c in wanted)
        if not word:
            continue
        if word.lower() not in _YES | _NO:
            faults.append(f"row {n}: {word!r}")
            continue
        found[day, person, activity, rid] = word.lower() in _YES
    if faults:
        raise LedgerError(f"{name}: decision is 是 or 否 (yes, no), or empty; not {'; '.join(faults)}")
    return found


def write_decisions(matches: pd.DataFrame, path: StrPath) -> int:
    """Write the doubtful matches of ``match`` for a person to decide; what was decided before is kept. Returns how many
    are open.
    """
    kept: dict[_Key, Row] = {}
    if Path(path).exists():
        for row in records(read_table(path, columns=MATCHES), columns=MATCHES):
            kept[row["date"] or "", row["person"] or "", row["activity"] or "", row["requirement_id"] or ""] = row
    for row in records(matches, columns=MATCHES):
        key = (row["date"] or "", row["person"] or "", row["activity"] or "", row["requirement_id"] or "")
        if row["state"] == "doubtful":
            kept[key] = {**row, "decision": (kept.get(key) or row)["decision"]}
    write_table(kept.values(), path, columns=MATCHES)
    return sum(not row["decision"] for row in kept.values())


def _key(record: Record, rid: str) -> _Key:
    return (_span(record), record.person, record.activity, rid)


def _span(record: Record) -> str:
    if record.start is None or record.end is None:
        return ""
    return str(record.start) if record.start == record.end else f"{record.start}/{record.end}"


@dataclass(frozen=True, slots=True)
class _Match:
    record: Record
    score: float
    state: str  # matched doubtful yes no
    why: str


class _Matches:
    """Which records concern which requirement."""

    def __init__(self, rows: Sequence[Row], found: Sequence[Record], decided: Mapping[_Key, bool]) -> None:
        self.by_requirement: dict[str, list[_Match]] = {}
        by_text: dict[str, list[Record]] = defaultdict(list)
        for record in found:
            by_text[record.activity].append(record)
        self.known: set[int] = set()
        for row in rows:
            if row["modality"] not in ("obligation", "prohibition"):
                continue
            rid, forbidden = str(row["requirement_id"]), row["modality"] == "prohibition"
            matches = self.by_requirement[rid] = []
            for text, several in by_text.items():
                if forbidden:
                    score, why = _breach_score(text, row["action"] or "")
                else:
                    of_things = "thing_as_subject" in (
                        row["issues"] or ()
                    )  # 暗访结果 要通报: the thing says what about
                    action = (row["text"] if of_things else row["action"]) or row["text"] or ""
                    score, why = match_score(text, action, row["topic"])
                if score < DOUBTFUL and not decided:
                    continue
                for record in several:
                    decision = decided.get(_key(record, rid))
                    if decision is None and score < DOUBTFUL:
                        continue
                    state = "matched" if score >= MATCHED else "doubtful"
                    if decision is not None:
                        state, why = ("yes" if decision else "no"), "人工确定"
                    matches.append(_Match(record, score, state, why))
                    self.known.add(id(record))
            matches.sort(key=lambda m: (m.record.line, m.record.row))
        # A record that surely is what one requirement asks for is not half of what another one does (调研 is no 蹲点).
        settled = {
            id(m.record) for those in self.by_requirement.values() for m in those if m.state in ("matched", "yes")
        }
        for rid, those in self.by_requirement.items():
            self.by_requirement[rid] = [
                m for m in those if not (m.state == "doubtful" and "，缺“" in m.why and id(m.record) in settled)
            ]


def _breach_score(activity: str, action: str) -> tuple[float, str]:
    """Whether a record states that a prohibition was broken: nearly all its words, and no word that denies it."""
    like = _likeness(activity, action)
    stated = re.search(r"违反|违规|违纪", activity)
    if like < 0.6 and not (stated and concepts(action) & concepts(activity)):
        return 0.0, ""
    denied = _says("ledger_negations", activity)
    if denied:
        return 0.0, ""
    score = min(like, 1.0) if like >= 0.6 else 0.6
    return round(score, 2), f"记录中有“{action}”的文字，相似 {like:.2f}"


def match(
    table: StrPath | pd.DataFrame,
    ledger: StrPath | Ledger,
    *,
    roster: StrPath | pd.DataFrame | None = None,
    decisions: StrPath | pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Which records concern which requirements, with scores; records that concern none are listed too.

    ``state``: ``matched`` ``doubtful`` (a person is asked) ``yes`` ``no`` (decided) ``unmatched``, and, with ``why``,
    ``not_counted`` for what matches but belongs to nobody who is bound (a name that the roster lacks, another place).

    >>> import siga_nlp as sg
    >>> from siga_nlp.models import Document
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp(), "l.csv")
    >>> _ = file.write_text("日期,姓名,事项\\n2024-3-5,王某,接访1次\\n2024-3-6,王某,开会\\n", encoding="utf-8")
    >>> match(sg.requirements(Document("x", "县长每月至少接访群众1次。")), file)[["row", "state"]].values.tolist()
    [['2', 'matched'], ['3', 'unmatched']]
    """
    rows, found, parties = _given_table(table), _given_records(ledger), _given_roster(roster)
    matches = _Matches(rows, found, read_decisions(decisions))
    who = _Who(rows, parties, found)
    out: list[Row] = []
    for row in rows:
        rid = str(row["requirement_id"])
        for m in matches.by_requirement.get(rid, ()):
            state, why = m.state, m.why
            if state in ("matched", "doubtful"):
                refused = who.refusal(row, m.record)
                if refused:
                    state, why = "not_counted", f"{why}；{refused}"
            out.append(_told(m.record, rid, row["measure"] or row["action"] or row["text"], m.score, state, why))
    for record in found:
        if id(record) not in matches.known:
            out.append(_told(record, None, None, None, "unmatched", "没有相近的要求"))
    order = {r.row: n for n, r in enumerate(found)}
    out.sort(key=lambda o: (order[o["row"]], str(o["requirement_id"] or "")))
    return to_frame(out, columns=MATCHES)


def _told(record: Record, rid: str | None, asks: str | None, score: float | None, state: str, why: str) -> Row:
    return {
        "row": record.row, "date": _span(record), "person": record.person, "unit": record.unit,
        "activity": record.activity, "requirement_id": rid, "asks": asks, "score": score, "state": state, "why": why,
        "decision": {"yes": "是", "no": "否"}.get(state),
    }  # fmt: skip


# Who


class _Who:
    """Whom a requirement binds, and whose a record is."""

    def __init__(self, rows: Sequence[Row], roster: tuple[Party, ...] | None, found: Sequence[Record]) -> None:
        self.roster = roster
        self.bound: dict[str, dict[Party, None]] = {}
        self.regions = {fold(str(r["region"])) for r in rows if r["region"]}
        self.by_name: dict[str, list[Party]] = defaultdict(list)
        for party in roster or ():
            if party.name:
                self.by_name[_bare(party.name)].append(party)
        self.seen = _people_in(found) if roster is None else ()
        for party in self.seen:
            self.by_name[_bare(party.name)].append(party)
        self.units = [p for p in roster or () if not p.name and p.unit]
        self._places = {*self.regions, *(fold(p.unit) for p in roster or ())}
        self._elsewhere: dict[str, str] = {}  # by unit: a ledger names few, in many records

    def people(self, row: Row) -> list[Party]:
        rid = str(row["requirement_id"])
        if rid not in self.bound:
            every = self.roster if self.roster is not None else self.seen
            self.bound[rid] = dict.fromkeys(p for p in every if p.name and _binds(row, p))
        return list(self.bound[rid])

    def is_bound(self, row: Row, party: Party) -> bool:
        if str(row["requirement_id"]) not in self.bound:
            self.people(row)
        return party in self.bound[str(row["requirement_id"])]

    def elsewhere(self, record: Record) -> str:
        """The other place that a record is from, if its unit begins with one that is not of the table's regions."""
        if record.unit not in self._elsewhere:
            self._elsewhere[record.unit] = self._other_place(record.unit)
        return self._elsewhere[record.unit]

    def _other_place(self, unit: str) -> str:
        place = re.match(
            r"[\u4e00-\u9fff]{2,4}?(?:自治州|自治县|[省市县区州])(?![直委府级属])|[\u4e00-\u9fff]{2,4}[省市县州](?=[委政直])",
            fold(unit),
        )
        if not place or not self.regions:
            return ""
        name = place[0]
        if any(name in known for known in self._places) or self.roster is None and not re.search(r"[市州]$", name):
            return ""
        return name

    def holders(self, name: str, record: Record) -> list[tuple[Party, bool]]:
        """The people whom a name in a record can mean; the flag says whether that is certain."""
        found = self.by_name.get(_bare(name), [])
        if not found:
            return []
        if self.roster is None:
            found = [p for p in found if not record.unit or not p.unit or p.unit == record.unit]
            return [(p, len(found) == 1) for p in found]
        fits = [p for p in found if not record.unit or not p.unit or _same_unit(p.unit, record.unit)]
        if not fits:
            return [] if self.elsewhere(record) else [(p, False) for p in found]
        if len(fits) > 1 and record.role:
            levels, roles = standing(record.role)
            closer = [
                p
                for p in fits
                if (not levels or set(levels) & set(p.levels)) and (not roles or set(roles) & set(p.roles))
            ]
            fits = closer or fits
        if len(fits) > 1 and record.start:  # one person who changed post has two entries
            serving = [
                p for p in fits if (not p.since or p.since <= record.start) and (not p.until or record.start <= p.until)
            ]
            fits = serving or fits
        return [(p, len(fits) == 1) for p in fits]

    def refusal(self, row: Row, record: Record) -> str:
        """Why a record that matches a requirement counts for nobody; empty if it counts for somebody."""
        place = self.elsewhere(record)
        if place:
            return f"单位属于{place}，不是本表所及"
        if _is_personal(row):
            if not record.names:
                return "没有人员姓名"
            for name in record.names:
                if any(self.is_bound(row, party) for party, _ in self.holders(name, record)):
                    return ""
            if self.roster is not None and not any(self.by_name.get(_bare(n)) for n in record.names):
                return "姓名不在花名册"
            return f"{'、'.join(record.names)}不是{row['subject']}" + (
                "" if self.roster is not None else "（按台账所写职务）"
            )
        return ""


def _people_in(found: Sequence[Record]) -> tuple[Party, ...]:
    """Without a roster: the people whom the ledger names, with the level and role that it states of them."""
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in found:
        for name in record.names:
            told[_bare(name), record.unit].add(record.role)
    names = {_bare(name): name for record in found for name in record.names}
    parties = []
    for (name, unit), roles in sorted(told.items()):
        levels, held = standing(" ".join(sorted(roles)))
        if not unit and len({u for n, u in told if n == name and u}) == 1:
            continue  # the same person in a row that leaves the unit out
        parties.append(Party(names[name], unit, levels, held))
    return tuple(parties)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


@functools.lru_cache(maxsize=65536)
def _same_unit(one: str, other: str) -> bool:
    a, b = _bare(one), _bare(other)
    return a in b or b in a or (len(a) > 3 and len(b) > 3 and _shares(a, b))


def _shares(a: str, b: str) -> bool:
    """青岫市石棠县委 and 石棠县委办: most of the shorter one's pairs of characters stand in the longer."""
    shorter, longer = sorted((a, b), key=len)
    pairs = {shorter[i : i + 2] for i in range(len(shorter) - 1)}
    return sum(p in longer for p in pairs) >= 0.8 * len(pairs)


# The check


def check(
    table: StrPath | pd.DataFrame,
    ledger: StrPath | Ledger,
    *,
    as_of: str | date,
    start: str | date | None = None,
    roster: StrPath | pd.DataFrame | None = None,
    decisions: StrPath | pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A finding for each requirement, each bound person or unit and each window up to ``as_of``.

    ``table`` is a requirement table, ``ledger`` what ``read_ledger`` gives (or a path), ``as_of`` the day up to which
    records count (that day included), ``start`` the first day (default: 1 January of that year), ``roster`` what
    ``read_roster`` gives, ``decisions`` a file of decisions on doubtful records.

    Columns as in the README. ``have`` is what is certain. ``status``: ``met``; ``short`` (some, too few), ``missing``
    (none); ``late``; ``exceeded`` (more than allowed); ``violated`` (a record states it); ``not_due`` (the window is
    open still); ``undetermined``. Permissions and recommendations bind nobody and are left out.

    >>> import tempfile, pathlib
    >>> import siga_nlp as sg
    >>> from siga_nlp.models import Document
    >>> file = pathlib.Path(tempfile.mkdtemp(), "l.csv")
    >>> _ = file.write_text("日期,姓名,级别,事项\\n" + "2024-3-5,王某,县级领导,接访1次\\n2024-3-9,王某,县级领导,接访1次\\n",
    ...                     encoding="utf-8")
    >>> table = sg.requirements(Document("x", "县级领导干部每季度至少接访1次。"))
    >>> check(table, file, as_of="2024-08-31")[["window_end", "have", "status", "evidence"]].values.tolist()
    [['2024-03-31', 2.0, 'met', ['2', '3']], ['2024-06-30', 0.0, 'missing', None], ['2024-09-30', 0.0, 'not_due', None]]
    """
    until = as_day(as_of)
    since = as_day(start) if start is not None else date(until.year, 1, 1)
    if since > until:
        raise LedgerError(f"start ({since}) is after as_of ({until}); give the earlier day as start")
    rows, found = _given_table(table), _given_records(ledger)
    who = _Who(rows, _given_roster(roster), found)
    matches = _Matches(rows, found, read_decisions(decisions))
    findings: list[Row] = []
    for row in rows:
        if row["modality"] in ("obligation", "prohibition"):
            checked = _Checked(row, who, matches.by_requirement[str(row["requirement_id"])], since, until)
            findings.extend(checked.findings())
    return to_frame(findings, columns=FINDINGS, of=table)


_COUNT_UNITS = {"次", "场", "回", "期", "堂", "节"}
_UNIT = {"日": "天", "工作日": "天", "个工作日": "天", "个小时": "小时", "名": "人", "批次": "批", "回": "次"}
_OPS = {"ge": "不少于", "gt": "多于", "le": "不超过", "lt": "少于", "eq": "", "approx": "约", "range": ""}


class _Checked:
    """One requirement against the records that concern it."""

    def __init__(self, row: Row, who: _Who, matches: Sequence[_Match], since: date, until: date) -> None:
        self.row, self.who, self.matches, self.until = row, who, matches, until
        self.since = since
        self.named: dict[str, list[_Match]] | None = None
        in_force = _iso(row["date"])
        self.in_force = in_force if in_force and in_force > since else None

    def findings(self) -> Iterable[Row]:
        row = self.row
        if row["modality"] == "prohibition":
            return self._prohibition()
        reason = self._unmeasured()
        if reason:
            return [
                self._finding(
                    None, None, "undetermined", _Count(rows=self._done()), None, "", reason + self._done_words()
                )
            ]
        if self._of_things():
            return self._each([Party("", "", (), ())], personal=False, together=True)
        if _is_personal(row):
            return self._each(self.who.people(row), personal=True)
        return self._units()

    def _of_things(self) -> bool:
        """Whether what is asked is asked of the events or things themselves (每场宣讲, 陪同人员), whoever acts."""
        *_, each = self._need()
        cap = each and (self.row["quantity_op"] or "") in ("le", "lt")
        return "thing_as_subject" in (self.row["issues"] or ()) or cap and self.row["subject_source"] != "stated"

    # What cannot be checked at all

    def _unmeasured(self) -> str:
        row = self.row
        issues = row["issues"] or ()
        if row["subject"] is None:
            return "文件没有说由谁做"
        if "thing_as_subject" in issues and row["subject_source"] == "stated":
            return f"“{row['subject']}”是事物，文件没有说由谁做"
        measured = row["frequency_count"] is not None or row["quantity_value"] is not None or row["deadline"]
        if row["vague"] and not measured:
            return f"“{row['vague']}”没有数量标准"
        if not measured:
            return "文件没有规定次数、数量或期限"
        if row["deadline"] and row["deadline"].startswith(("within", "P")) and row["frequency_count"] is None:
            event = f"“{row['deadline_event']}”" if row["deadline_event"] else "另一件事"
            return f"期限从{event}算起，台账没有它的日期"
        if row["quantity_unit"] in ("%", "‰") or row["quantity_value"] is not None and 0 < row["quantity_value"] < 1:
            return "要求的是比例，台账没有总数，无法换算"
        period = row["frequency_period"]
        if row["quantity_unit"] == "年" and row["frequency_count"] is None:
            return "要求的是年限，活动台账看不出"
        if period == "term":
            return "任期起止不明"
        if period and not has_windows(period):
            return f"周期 {period} 不能划分为日历时段"
        return ""

    def _done(self) -> list[str]:
        return [m.record.row for m in self.matches if m.state in ("matched", "yes") and not self.who.refusal(self.row, m.record)
                and self._in_range(m.record)]  # fmt: skip

    def _in_range(self, record: Record) -> bool:
        return record.start is not None and self.since <= record.start <= self.until

    def _done_words(self) -> str:
        done = self._done()
        return f"；台账中相关记录 {len(done)} 条" if done else "；台账中没有相关记录"

    # Prohibitions

    def _prohibition(self) -> list[Row]:
        found, doubtful = [], []
        for m in self.matches:
            if m.state == "no" or not self._in_range(m.record) or self.who.elsewhere(m.record):
                continue
            if m.state in ("matched", "yes"):
                count = _Count(1, 1, [m.record.row])
                party = Party(m.record.person, m.record.unit, (), ())
                found.append(self._finding(party, (m.record.start, m.record.end), "violated", count, 0, "次",
                                           f"第 {m.record.row} 行明文记载“{m.record.activity}”"))  # fmt: skip
            else:
                doubtful.append(m.record.row)
        if found:
            return found
        why = "台账没有违反的记载；没有记载不等于没有发生"
        if doubtful:
            why = f"第 {'、'.join(doubtful)} 行可能是违反，请核对"
        return [self._finding(None, None, "undetermined", _Count(rows=doubtful), 0, "次", why)]

    # Units

    def _units(self) -> list[Row]:
        row = self.row
        subject = fold(row["subject"])
        levels, roles = set(row["subject_level"] or ()), set(row["subject_role"] or ())
        if _says("ledger_each", subject):
            if self.who.roster is not None:
                bound = [
                    p
                    for p in self.who.units
                    if (not levels or levels & set(p.levels)) and roles - {"单位", "部门"} <= set(p.roles)
                ]
                if bound:
                    return self._each(bound, personal=False)
                return [self._finding(None, None, "undetermined", _Count(rows=self._done()), None, "",
                                      f"花名册里没有“{row['subject']}”的单位（姓名留空、填单位和级别即可）" + self._done_words())]  # fmt: skip
            named = sorted({m.record.unit for m in self.matches if m.record.unit and m.state in ("matched", "yes")
                            and not self.who.elsewhere(m.record)})  # fmt: skip
            if named:
                return self._each([Party("", unit, (), ()) for unit in named], personal=False)
            return [
                self._finding(
                    None, None, "undetermined", _Count(), None, "", f"没有花名册，不知道“{row['subject']}”有哪些"
                )
            ]
        generic = re.fullmatch(r"[省市县区乡镇]?(?:直|级|有关|相关|责任|牵头|成员)*(?:单位|部门|机关)", subject)
        if generic:
            return self._each([Party("", "", (), ())], personal=False, together=True)
        return self._each([Party("", row["subject"], (), ())], personal=False)

    # Each party × each window

    def _each(self, parties: Sequence[Party], *, personal: bool, together: bool = False) -> list[Row]:
        row = self.row
        if not parties:
            if self.who.roster is None:
                why = f"没有花名册，台账也没有写明谁是“{row['subject']}”"
                return [
                    self._finding(
                        None, None, "undetermined", _Count(rows=self._done()), None, "", why + self._done_words()
                    )
                ]
            why = f"花名册里没有“{row['subject']}”"
            return [self._finding(None, None, "undetermined", _Count(), None, "", why)]
        out: list[Row] = []
        for party in parties:
            uses = self._uses(party, personal=personal, together=together)
            for window in self._windows(party):
                out += self._judge(party, window, uses, together=together)
        return out

    def _windows(self, party: Party) -> list[Window | None]:
        period = self.row["frequency_period"]
        if period is None and self.row["deadline"]:
            full = due(self.row["deadline"], Window(self.since, self.until, False, self.since, self.until))
            if full.date is None:
                period = "P1Y"
            else:
                return [Window(self.since, full.date, False, self.since, full.date)]
        if period is None:
            return [None]
        found = []
        for window in windows(period, self.since, self.until, anchor=self.since):
            first = max(d for d in (window.start, self.in_force, party.since) if d)
            last = min(d for d in (window.full_end, party.until) if d)
            if first > last:
                continue
            cut = first > window.full_start or last < window.full_end
            found.append(Window(first, last, cut, window.full_start, window.full_end))
        return list(found)

    def _matches_of(self, party: Party) -> Sequence[_Match]:
        """The matches whose records name somebody, found once for all: a large ledger names many."""
        if self.named is None:
            self.named = defaultdict(list)
            for m in self.matches:
                for name in dict.fromkeys(_bare(n) for n in m.record.names):
                    self.named[name].append(m)
        return self.named.get(_bare(party.name), ())

    def _uses(self, party: Party, *, personal: bool, together: bool) -> list[_Use]:
        uses = []
        for m in self._matches_of(party) if personal else self.matches:
            record = m.record
            if m.state == "no" or (record.repeats and m.state != "yes"):
                continue
            sure, doubt = m.state in ("matched", "yes"), ""
            if not sure:
                doubt = f"第 {record.row} 行是否属于此事项存疑（{m.score:.2f}）"
            if self.who.elsewhere(record):
                continue
            if personal:
                held = [(p, certain) for name in record.names for p, certain in self.who.holders(name, record)]
                mine = [certain for p, certain in held if p == party]
                if not mine:
                    continue
                if not any(mine):
                    sure, doubt = False, f"第 {record.row} 行的“{party.name}”可能是别人（同名或单位不符）"
            elif not together and party.unit:
                if not record.unit or not _same_unit(party.unit, record.unit):
                    continue
            if record.start is None:
                sure, doubt = False, f"第 {record.row} 行日期无法识别（{record.problem}）"
            elif record.problem:
                doubt = f"第 {record.row} 行{record.problem}，按所写日期计"
            uses.append(_Use(record, sure, doubt))
        return uses

    def _judge(self, party: Party, window: Window | None, uses: Sequence[_Use], *, together: bool) -> list[Row]:
        row = self.row
        assumed = self._assumed(party)
        if row["deadline"] and row["frequency_count"] is None and row["quantity_value"] is None and window:
            return [self._deadline(party, window, uses, assumed)]
        first = window.start if window else self.since
        last = min(window.end, self.until) if window else self.until
        op, need, most, unit, each = self._need()
        if each and op in ("le", "lt"):
            return self._cap_each_time(party, window, (first, last), uses, op, need, unit, assumed)
        months = unit in ("个月", "月") and row["frequency_count"] is None
        if months or unit == "天":
            count = _days(uses, first, last)
        elif row["frequency_count"] is not None:
            count = self._times(uses, first, last, row if each else None)
        else:
            count = self._sum(uses, first, last, unit)
        asked = f"要求{row['measure'] or row['text']}"
        running = window is not None and window.full_end > self.until and window.end > self.until
        cut = window is not None and window.cut
        shown_need, shown_unit = (
            need,
            (self.row["quantity_unit"] if unit == _UNIT.get(self.row["quantity_unit"]) else unit),
        )
        why = [asked]
        if months:
            status, words = _months(count, need, running, cut)
            shown_unit = "个月"
            why += [_arithmetic(count, "天"), words]
        else:
            scaled = None
            if (
                cut
                and window
                and not running
                and op in ("ge", "gt", "eq")
                and _says("ledger_scaling", row["text"] or "")
            ):
                share = ((window.end - window.start).days + 1) / ((window.full_end - window.full_start).days + 1)
                scaled = math.ceil(need * share - 1e-9)
                why.append(f"文件允许折算：{need:g}×{share:.2f}，按 {scaled} {unit}计")
                shown_need = scaled
            status, words = _status(
                op, need if scaled is None else scaled, most, count, running, cut and scaled is None, unit
            )
            why += [_arithmetic(count, unit), words]
        if window is None and status not in ("met", "exceeded"):
            status = "undetermined"
            why.append("文件没有规定到何时完成")
        if together and status == "met":
            status = "undetermined"
            why.append(f"合计够数，但文件没有说是每个单位还是“{row['subject']}”合计")
        elif together:
            why.append("按合计核对；合计不够，每个单位更不够" if status in ("short", "missing") else "按合计核对")
        if cut and window and status in ("undetermined",):
            why.append(_cut_words(window, party, self.in_force))
        open_ = count.low < need if op not in ("le", "lt") else True
        if status in ("undetermined", "short", "missing", "not_due", "exceeded") and open_:
            why += self._doubts(uses, first, last)
        why.append(assumed)
        found = self._finding(party, window, status, count, shown_need, shown_unit, "；".join(w for w in why if w))
        # Days are no months: how many months they are is not for us to say, except none.
        return [{**found, "have": None} if months and count.high else found]

    def _doubts(self, uses: Sequence[_Use], first: date, last: date) -> list[str]:
        """What may have a part in the window and was not counted; a strange year is named, since it may be a slip."""
        told = [use.doubt for use in uses if use.doubt and (
            use.record.start is None or first <= use.record.start <= last or use.sure and use.record.problem)]  # fmt: skip
        shown = told[:5]
        return [*shown, f"等 {len(told)} 条存疑记录"] if len(told) > 5 else shown

    def _need(self) -> tuple[str, float, float | None, str, bool]:
        """Operator, number, upper end and unit of what is asked in a window; whether an amount is asked each time."""
        row = self.row
        quantity = row["quantity_value"] is not None
        unit = _UNIT.get(row["quantity_unit"] or "", row["quantity_unit"] or "")
        if row["frequency_count"] is not None:
            return row["frequency_op"] or "eq", row["frequency_count"], row["frequency_max"], "次", quantity
        if not quantity:
            return "ge", 1, None, "次", False
        each = (
            (row["basis"] or "") not in ("", "人", "户", "村", "单位")
            or row["frequency_period"] is None
            and row["quantity_op"] in ("le", "lt")
        )
        return row["quantity_op"] or "eq", row["quantity_value"], row["quantity_max"], unit, each

    def _assumed(self, party: Party) -> str:
        if self.who.roster is not None:
            return ""
        if party.name:
            return f"没有花名册：假定{party.name}（台账写作{row_role(party)}）受此约束、全期在任"
        return "没有花名册：只核对台账里出现的单位" if party.unit and party.unit != self.row["subject"] else ""

    # Counts

    def _times(self, uses: Sequence[_Use], first: date, last: date, qualified: Row | None) -> _Count:
        count = _Count()
        for use in uses:
            low, high = self._times_of(use.record)
            inside = _inside(use.record, first, last, high)
            if inside is None:
                continue
            if inside == "maybe":
                low = 0
            if qualified is not None:
                fits = self._fits(use.record, qualified)
                if fits is False:
                    count.sums.append(
                        f"第 {use.record.row} 行不足{qualified['quantity_value']:g}{qualified['quantity_unit']}，不计"
                    )
                    continue
                if fits is None:
                    low = 0
                    count.doubts.append(f"第 {use.record.row} 行没有写明{qualified['quantity_unit']}数")
            if high == math.inf:
                count.doubts.append(f"第 {use.record.row} 行“{use.record.vague}”没有写明次数，按 {low:g} 次以上")
            _add(count, use, low, high, "次")
        return count

    def _times_of(self, record: Record) -> tuple[float, float]:
        """How many times a record is: as it states, else once."""
        stated = [a for a in record.amounts if a.unit in _COUNT_UNITS and a.value == int(a.value)]
        asked = concepts(self.row["action"] or "")
        own = [a for a in stated if concepts(a.label) & asked]
        foreign = [a for a in stated if concepts(a.label) and not concepts(a.label) & asked and not a.column]
        rest = [a for a in stated if a not in foreign]
        chosen = own or rest
        values = [a.value for a in chosen]
        if values:
            return min(values), max(values)
        return 1, math.inf if re.search(r"[次场回]", record.vague) else 1

    def _fits(self, record: Record, asked: Row) -> bool | None:
        unit = _UNIT.get(asked["quantity_unit"], asked["quantity_unit"])
        if unit == "天":
            length = _length(record)
            values = [] if length is None else [length]
        else:
            values = [a.value for a in record.amounts if a.unit == unit]
        if len(values) != 1:
            return None
        have, need = values[0], asked["quantity_value"]
        fits: dict[str, bool] = {"ge": have >= need, "gt": have > need, "le": have <= need, "lt": have < need}
        return bool(fits.get(asked["quantity_op"] or "ge", have >= need))

    def _sum(self, uses: Sequence[_Use], first: date, last: date, unit: str) -> _Count:
        count = _Count()
        asked = concepts(self.row["action"] or "")
        for use in uses:
            record = use.record
            stated = [a for a in record.amounts if a.unit == unit or not a.unit and a.column]
            own = [a for a in stated if concepts(a.label) & asked]
            chosen = own or [a for a in stated if not concepts(a.label) or a.column]
            inside = _inside(record, first, last, 2)
            if inside is None:
                continue
            if not chosen:
                if use.sure:
                    count.doubts.append(f"第 {record.row} 行没有写明多少{unit}")
                count.high = math.inf
                continue
            values = [a.value for a in chosen]
            low, high = (
                (sum(values), sum(values))
                if len({a.label for a in chosen}) == len(chosen)
                else (max(values), sum(values))
            )
            _add(count, use, 0 if inside == "maybe" else low, high, unit)
        return count

    # Deadlines and caps

    def _deadline(self, party: Party, window: Window, uses: Sequence[_Use], assumed: str) -> Row:
        row = self.row
        whole = Window(window.full_start, window.full_end, False, window.full_start, window.full_end)
        by = due(row["deadline"], whole)
        last = by.date
        count = _Count()
        if last is None:
            return self._finding(
                party, window, "undetermined", count, None, "", f"期限是“{by.formula}”，不知道是哪一天"
            )
        opens = by.opens or window.start
        sure = [u for u in uses if u.sure and u.record.start and window.start <= u.record.start and u.record.end
                and u.record.end <= min(window.end, self.until)]  # fmt: skip
        done = [u for u in sure if u.record.end and u.record.end <= last and u.record.start and u.record.start >= opens]
        after = [u for u in sure if u.record.start and u.record.start > last]
        unsure = [
            u
            for u in uses
            if not u.sure and (u.record.start is None or window.start <= u.record.start <= min(window.end, self.until))
        ]
        asked = f"要求{row['measure'] or row['text']}，即 {last} 前（含当日）"
        if done:
            count = _Count(1, 1, [u.record.row for u in done])
            status, words = "met", f"第 {'、'.join(count.rows)} 行（{_span(done[0].record)}）按期完成"
        elif unsure:
            status, words = "undetermined", "；".join(u.doubt for u in unsure[:5])
            count = _Count(0, 1, [u.record.row for u in after])
        elif after:
            count = _Count(1, 1, [u.record.row for u in after])
            assert after[0].record.start is not None
            days = (after[0].record.start - last).days
            status, words = "late", f"第 {after[0].record.row} 行（{_span(after[0].record)}）完成，迟 {days} 天"
        elif last > self.until:
            status, words = "not_due", f"到 {self.until} 尚未到期"
        elif window.cut and (window.start > last or window.end < last or window.start > window.full_start):
            status, words = "undetermined", "台账里没有记录；" + _cut_words(window, party, self.in_force)
        else:
            status, words = "missing", f"到 {self.until} 没有记录"
        shown = (
            Window(window.start, last, window.cut, window.full_start, window.full_end)
            if window.start <= last
            else window
        )
        return self._finding(party, shown, status, count, 1, "次", "；".join(w for w in (asked, words, assumed) if w))

    def _cap_each_time(
        self, party: Party, window: Window | None, span: tuple[date, date], uses: Sequence[_Use], op: str, most: float,
        unit: str, assumed: str,
    ) -> list[Row]:  # fmt: skip
        asked = concepts(self.row["action"] or "")
        values: list[tuple[float, _Use]] = []
        found: list[Row] = []
        for use in uses:
            if use.record.start is None or not span[0] <= use.record.start <= span[1]:
                continue
            for a in use.record.amounts:
                same = concepts(a.label) & asked or not concepts(a.label) and unit not in ("人",)
                if a.unit == unit and same:
                    values.append((a.value, use))
        over = [(v, u) for v, u in values if u.sure and (v > most or op == "lt" and v == most)]
        asked_words = f"要求{self.row['measure'] or self.row['text']}"
        highest = max((v for v, u in values if u.sure), default=0)
        if over and not (party.name or party.unit):  # whoever it was: each record by itself
            for value, use in over:
                record = use.record
                whose = Party(record.person, record.unit, (), ())
                words = f"第 {record.row} 行 {value:g}{unit}，超过 {most:g}{unit}"
                found.append(self._finding(whose, (record.start, record.end), "exceeded", _Count(value, value, [record.row]),
                                           most, unit, f"{asked_words}；{words}"))  # fmt: skip
            return found
        if over:
            count = _Count(highest, highest, [u.record.row for _, u in over])
            words = "、".join(f"第 {u.record.row} 行 {v:g}{unit}" for v, u in over) + f"，超过 {most:g}{unit}"
            status = "exceeded"
        else:
            count = _Count(highest, highest, [u.record.row for _, u in values if u.sure])
            silent = sum(1 for u in uses if u.sure and u.record.start and span[0] <= u.record.start <= span[1]) - len(
                count.rows
            )
            status = "met" if values and silent <= 0 and window is not None else "undetermined"
            words = (
                f"写明的 {len(count.rows)} 次都未超过；另有 {max(silent, 0)} 条记录没有写明"
                if values
                else f"台账没有写明{unit}数"
            )
        return [
            self._finding(
                party, window, status, count, most, unit, "；".join(w for w in (asked_words, words, assumed) if w)
            )
        ]

    # Rows

    def _finding(
        self, party: Party | None, window: Window | tuple[date | None, date | None] | None, status: str, count: _Count,
        need: float | None, unit: str, why: str,
    ) -> Row:  # fmt: skip
        row = self.row
        if isinstance(window, Window):
            first, last = window.start, window.end
        elif window:
            first, last = window  # type: ignore[assignment]
        else:
            first, last = self.since, None
        measured = need is not None
        return {
            "requirement_id": row["requirement_id"], "topic": row["topic"], "who": row["subject"],
            "unit": party.unit or None if party else None, "person": party.name or None if party else None,
            "window_start": str(first) if first else None, "window_end": str(last) if last else None, "need": need,
            "have": count.low if measured else None, "measure_unit": unit or None, "status": status,
            "evidence": list(dict.fromkeys(count.rows)), "why": why,
        }  # fmt: skip


def row_role(party: Party) -> str:
    """A party's level and role in words."""
    return "".join(_LEVEL_NAMES[level] for level in party.levels) + "、".join(party.roles)


def _inside(record: Record, first: date, last: date, times: float) -> str | None:
    """Whether a record's date is in a window: ``yes``, ``maybe`` (its days leave it open) or None.

    A stretch counts by its first day; where it stands for several times, or only the month is known, the times may
    lie in several windows.
    """
    if record.start is None or record.end is None:
        return "maybe"
    if record.end < first or record.start > last:
        return None
    if first <= record.start and record.end <= last:
        return "yes"
    if record.precision == "month" or times > 1:
        return "maybe"
    return "yes" if first <= record.start <= last else None


def _add(count: _Count, use: _Use, low: float, high: float, unit: str) -> None:
    sure = use.sure and low > 0
    if sure:
        count.low += low
        count.rows.append(use.record.row)
        count.sums.append(f"第 {use.record.row} 行 {low:g}{unit}")
    count.high += high


def _length(record: Record) -> float | None:
    """Days of a record: as stated, else those of its dates; None where it says 若干 or contradicts itself."""
    if record.start is None or record.end is None:
        return None
    stated = {a.value for a in record.amounts if a.unit == "天"}
    span = (record.end - record.start).days + 1
    if len(stated) > 1 or (record.precision == "month" and not stated) or re.search("[天日]", record.vague):
        return None
    if stated:
        value = stated.pop()
        return None if span > 1 and value > span else value
    return span


def _days(uses: Sequence[_Use], first: date, last: date) -> _Count:
    """Days in a window: days that two records share count once.

    Records that cover their whole stretch are united day by day. One that states fewer days than its stretch has
    (3月4日—10日, 5天) adds at least what cannot lie on days already counted, at most what it states.
    """
    count = _Count()
    full: set[date] = set()
    partial: list[tuple[date, date, float, float]] = []
    possible: set[date] = set()
    for use in uses:
        record = use.record
        if record.start is None or record.end is None:
            count.high = math.inf
            continue
        length = _length(record)
        start, end = record.start, record.end
        if length is not None and start == end and length > 1:
            end = start + timedelta(days=math.ceil(length) - 1)  # 日期 is the first day, 天数 how many
        a, b = max(start, first), min(end, last)
        if a > b:
            continue
        span, inside = (end - start).days + 1, (b - a).days + 1
        days = {a + timedelta(days=n) for n in range(inside)}
        if not use.sure or length is None:
            count.high += inside if length is None else min(length, inside)
            if use.sure:
                count.doubts.append(f"第 {record.row} 行天数不明")
            continue
        count.rows.append(record.row)
        count.sums.append(f"第 {record.row} 行 {min(length, inside):g}天")
        possible |= days
        if length >= span:
            full |= days
        else:
            partial.append((a, b, max(0.0, length - (span - inside)), min(length, inside)))
    low = len(full) + _disjoint([(a, b, max(0.0, n - sum(a <= d <= b for d in full))) for a, b, n, _ in partial])
    high = len(full) + sum(
        min(m, sum(a + timedelta(days=i) not in full for i in range((b - a).days + 1))) for a, b, _, m in partial
    )
    count.low = low
    count.high += min(high, len(possible))
    total = sum(float(s.rsplit(" ", 1)[1][:-1]) for s in count.sums)
    if total > count.low:
        count.sums.append(f"重叠的日子只计一次，共减 {total - count.low:g}天")
    return count


def _disjoint(stays: list[tuple[date, date, float]]) -> float:
    """The most that stays which share no day add up to (weighted interval scheduling)."""
    best: list[tuple[date, float]] = []
    for a, b, n in sorted(stays, key=lambda s: s[1]):
        before = max((total for end, total in best if end < a), default=0.0)
        best.append((b, max(before + n, best[-1][1] if best else 0.0)))
    return best[-1][1] if best else 0.0


def _status(
    op: str, need: float, most: float | None, count: _Count, running: bool, cut: bool, unit: str
) -> tuple[str, str]:
    """Status and words for a count against what is asked."""
    low, high = count.low, count.high
    sign = _OPS.get(op, "")
    if op in ("le", "lt"):
        if low > need or op == "lt" and low == need:
            return "exceeded", f"{low:g}＞{need:g}，超过"
        if running:
            return "not_due", f"时段未完，目前 {low:g}{unit}，未超过"
        if high > need or op == "lt" and high == need:
            return "undetermined", f"确定的 {low:g}{unit}未超过，加上存疑的可能超过"
        return "met", f"{low:g}≤{need:g}，未超过" if op == "le" else f"{low:g}＜{need:g}，未超过"
    if op == "range" and most is not None and low > most:
        return "exceeded", f"{low:g}＞{most:g}，超过"
    least = math.floor(need) + 1 if op == "gt" else need
    if low >= least:
        if op == "range" and most is not None and running:
            return "not_due", f"已有 {low:g}{unit}，时段未完"
        return "met", f"{low:g}≥{least:g}，已达到"
    if running:
        return "not_due", f"已有 {low:g}{unit}，还差 {least - low:g}{unit}，尚未到期"
    if cut:
        return "undetermined", f"{low:g}＜{least:g}，但时段不完整，文件没有规定折算"
    if high >= least:
        return "undetermined", f"确定的 {low:g}{unit}＜{sign or ''}{least:g}，加上存疑的可能达到"
    if op == "approx" and low > 0:
        return "undetermined", f"{low:g}＜{least:g}，“左右”没有规定可差多少"
    if high == 0:
        return "missing", f"没有记录，缺 {least:g}{unit}"
    more = f"，加上存疑的也不够（最多 {high:g}）" if high > low else ""
    return "short", f"{low:g}＜{least:g}，差 {least - low:g}{unit}{more}"


def _months(count: _Count, need: float, running: bool, cut: bool) -> tuple[str, str]:
    """Months against days: the text does not say how many days a month has. What every reading agrees on is decided."""
    surely, surely_not = 31 * need, 15 * need
    if count.low >= surely:
        return "met", f"{count.low:g}天≥{surely:g}天，按一个月31天也够{need:g}个月"
    if running:
        return "not_due", f"已有 {count.low:g}天，尚未到期"
    if cut:
        return "undetermined", "时段不完整，文件没有规定折算"
    if count.high == 0:
        return "missing", f"没有记录，缺 {need:g}个月"
    if count.high < surely_not:
        return "short", f"{count.low:g}天不到{need:g}个月的一半（{surely_not:g}天），怎样折算都不够"
    return "undetermined", f"{count.low:g}天与{need:g}个月无法比较，文件没有规定一个月折合多少天"


def _arithmetic(count: _Count, unit: str) -> str:
    shown = [s for s in count.sums if "不计" not in s and "重叠" not in s]
    extra = [s for s in count.sums if "不计" in s or "重叠" in s]
    if not shown:
        return "；".join([*extra, *count.doubts][:6])
    words = "＋".join(shown[:12]) + (f"＋…（共 {len(shown)} 行）" if len(shown) > 12 else "")
    return "；".join([*extra[:4], *count.doubts[:4], f"{words}＝{count.low:g}{unit}"])


def _cut_words(window: Window, party: Party, in_force: date | None) -> str:
    reasons = []
    if party.since and party.since > window.full_start:
        reasons.append(f"{party.since} 起任职")
    if party.until and party.until < window.full_end:
        reasons.append(f"{party.until} 止任职")
    if in_force and in_force > window.full_start:
        reasons.append(f"文件 {in_force} 才印发")
    if not reasons:
        reasons.append(f"只核对 {window.start} 起的部分")
    return f"完整时段是 {window.full_start}—{window.full_end}，{'、'.join(reasons)}"


def _iso(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
