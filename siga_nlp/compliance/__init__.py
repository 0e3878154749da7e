"""Findings: what a requirement table asks for, against what a ledger says was done.

A finding is one requirement × one bound person or unit × one window of the calendar. What is certain and what is only
possible are counted apart: a record that is doubtful (an unreadable date, a match of middling score, days that may
overlap) widens the count to an interval, and where the interval leaves the answer open the finding is
``undetermined`` and says why. Records are counted by the date of the activity. Nothing here looks at today's date.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ..ledger import Ledger, LedgerError
from ..table import Row, StrPath, to_frame
from .findings import FINDINGS as FINDINGS
from .findings import STATUSES as STATUSES
from .findings import Checked
from .given import Record, given_records, given_roster, given_table, span_of
from .given import as_day as as_day
from .matching import MATCHES as MATCHES
from .matching import Matches, read_decisions
from .matching import match_score as match_score
from .matching import write_decisions as write_decisions
from .who import Who

if TYPE_CHECKING:
    import pandas as pd


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
    rows, found, parties = given_table(table), given_records(ledger), given_roster(roster)
    matches = Matches(rows, found, read_decisions(decisions))
    who = Who(rows, parties, found)
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
        "row": record.row, "date": span_of(record), "person": record.person, "unit": record.unit,
        "activity": record.activity, "requirement_id": rid, "asks": asks, "score": score, "state": state, "why": why,
        "decision": {"yes": "是", "no": "否"}.get(state),
    }  # fmt: skip


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
    rows, found = given_table(table), given_records(ledger)
    who = Who(rows, given_roster(roster), found)
    matches = Matches(rows, found, read_decisions(decisions))
    findings: list[Row] = []
    for row in rows:
        if row["modality"] in ("obligation", "prohibition"):
            checked = Checked(row, who, matches.by_requirement[str(row["requirement_id"])], since, until)
            findings.extend(checked.findings())
    return to_frame(findings, columns=FINDINGS, of=table)
