"""Whom a requirement binds, and whose a record is."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Sequence

from ..binding import binding
from ..lexicon import load
from ..table import Row
from ..view import fold
from .given import LEVEL_NAMES, LEVELS, Party, Record, bare, same_unit, standing


def is_personal(row: Row) -> bool:
    return any(role in load().terms["ledger_person_roles"] for role in row["subject_role"] or ())


def _binds(row: Row, party: Party) -> bool:
    """Whether a requirement binds somebody of these levels and roles: by level and role, or as holder of a wider one.

    What binds 领导干部 or 干部 in general binds 市级领导干部 too, but not in the document of a county.
    """
    levels, roles = row["subject_level"] or (), row["subject_role"] or ()
    above = (
        {level for level in party.levels if LEVELS.index(level) < LEVELS.index(row["level"])} if row["level"] else set()
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
    names = [LEVEL_NAMES[level] for level in party.levels] or [""]
    return tuple(name + role for name in names for role in party.roles if role in ("领导干部", "干部", "党员"))


class Who:
    """Whom a requirement binds, and whose a record is."""

    def __init__(self, rows: Sequence[Row], roster: tuple[Party, ...] | None, found: Sequence[Record]) -> None:
        self.roster = roster
        self.bound: dict[str, dict[Party, None]] = {}
        self.regions = {fold(str(r["region"])) for r in rows if r["region"]}
        self.by_name: dict[str, list[Party]] = defaultdict(list)
        for party in roster or ():
            if party.name:
                self.by_name[bare(party.name)].append(party)
        self.seen = _people_in(found) if roster is None else ()
        for party in self.seen:
            self.by_name[bare(party.name)].append(party)
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
        found = self.by_name.get(bare(name), [])
        if not found:
            return []
        if self.roster is None:
            found = [p for p in found if not record.unit or not p.unit or p.unit == record.unit]
            return [(p, len(found) == 1) for p in found]
        fits = [p for p in found if not record.unit or not p.unit or same_unit(p.unit, record.unit)]
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
        if is_personal(row):
            if not record.names:
                return "没有人员姓名"
            for name in record.names:
                if any(self.is_bound(row, party) for party, _ in self.holders(name, record)):
                    return ""
            if self.roster is not None and not any(self.by_name.get(bare(n)) for n in record.names):
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
            told[bare(name), record.unit].add(record.role)
    names = {bare(name): name for record in found for name in record.names}
    parties = []
    for (name, unit), roles in sorted(told.items()):
        levels, held = standing(" ".join(sorted(roles)))
        if not unit and len({u for n, u in told if n == name and u}) == 1:
            continue  # the same person in a row that leaves the unit out
        parties.append(Party(names[name], unit, levels, held))
    return tuple(parties)
