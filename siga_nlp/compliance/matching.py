"""Which records concern which requirement, how surely and why, and what a person has decided of the doubtful ones."""

from __future__ import annotations

import functools
import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..alignment import core, likeness
from ..ledger import LedgerError
from ..lexicon import load
from ..patterns import alternation
from ..table import Row, StrPath, is_missing, read_table, records, write_table
from ..topics import topic as topic_of
from ..view import fold
from .given import Record, span_of

if TYPE_CHECKING:
    import pandas as pd

MATCHED, DOUBTFUL = 0.70, 0.40
"""A record counts for a requirement from ``MATCHED`` on; from ``DOUBTFUL`` on a person is asked."""
MATCHES: dict[str, str] = {
    "row": "text", "date": "text", "person": "text", "unit": "text", "activity": "text", "requirement_id": "text",
    "asks": "text", "score": "number", "state": "text", "why": "text", "decision": "text",
}  # fmt: skip


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


def says(name: str, text: str) -> str:
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
    undone = says("ledger_not_done", activity)
    if score >= DOUBTFUL and undone:
        score, why = min(score, MATCHED - 0.05), f"{why}；写有“{undone}”"
    return round(score, 2), why + ("，主题相同" if same else "")


def _likeness(activity: str, action: str) -> float:
    return likeness(core(activity), core(action))


def _breach_score(activity: str, action: str) -> tuple[float, str]:
    """Whether a record states that a prohibition was broken: nearly all its words, and no word that denies it."""
    like = _likeness(activity, action)
    stated = re.search(r"违反|违规|违纪", activity)
    if like < 0.6 and not (stated and concepts(action) & concepts(activity)):
        return 0.0, ""
    denied = says("ledger_negations", activity)
    if denied:
        return 0.0, ""
    score = min(like, 1.0) if like >= 0.6 else 0.6
    return round(score, 2), f"记录中有“{action}”的文字，相似 {like:.2f}"


@dataclass(frozen=True, slots=True)
class Match:
    record: Record
    score: float
    state: str  # matched doubtful yes no
    why: str


class Matches:
    """Which records concern which requirement."""

    def __init__(self, rows: Sequence[Row], found: Sequence[Record], decided: Mapping[_Key, bool]) -> None:
        self.by_requirement: dict[str, list[Match]] = {}
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
                    matches.append(Match(record, score, state, why))
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


# Decisions

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
    return (span_of(record), record.person, record.activity, rid)
