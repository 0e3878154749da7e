"""The door between records and tables: rows, frames, and the four file formats.

Everything that is written as a table goes through ``write_table``: fixed columns, missing is null, texts that a
spreadsheet would run are disarmed, and the same rows give the same bytes. pandas, pyarrow and the XLSX libraries
are imported where they are needed: ``rows`` and ``extract`` work without them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias
from zipfile import BadZipFile, ZipFile

from .messages import progress, say
from .models import Document, Frequency, Quantity, ReadFailure, Requirement
from .view import fold

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = dict[str, Any]
Columns: TypeAlias = Mapping[str, str]
StrPath: TypeAlias = str | os.PathLike[str]

VERSION = "1"  # of the columns below; written into Parquet and XLSX files

# Column → kind: text, int (whole numbers), number, list (of texts), spans ({field: [[start, end], ...]}).
COLUMNS: dict[str, str] = {
    "requirement_id": "text",
    "doc_id": "text",
    "title": "text",
    "issuer": "text",
    "doc_number": "text",
    "date": "text",
    "genre": "text",
    "region": "text",
    "region_code": "text",
    "level": "text",
    "section": "text",
    "start": "int",
    "end": "int",
    "text": "text",
    "measure": "text",
    "measure_start": "int",
    "measure_end": "int",
    "subject": "text",
    "subject_source": "text",
    "subject_level": "list",
    "subject_role": "list",
    "lead_units": "list",
    "responsible_units": "list",
    "basis": "text",
    "modality": "text",
    "modal": "text",
    "action": "text",
    "topic": "text",
    "condition": "text",
    "frequency_op": "text",
    "frequency_count": "number",
    "frequency_max": "number",
    "frequency_period": "text",
    "per_year": "number",
    "quantity_op": "text",
    "quantity_value": "number",
    "quantity_max": "number",
    "quantity_unit": "text",
    "deadline": "text",
    "deadline_event": "text",
    "vague": "text",
    "rules": "list",
    "issues": "list",
    "spans": "spans",
}
_DEGREES = ("度", "摄氏度", "℃", "°C")  # units in which there is less than nothing
FORMATS = ("csv", "jsonl", "parquet", "xlsx")
_HEADER_COLUMNS = ("title", "issuer", "doc_number", "date", "genre", "region", "region_code", "level")
# What nobody reads would be owed never, silently: such cells are refused.
_FORMS = {
    "frequency_period": (
        r"P\d+(?:\.\d+)?(?:WD|[YMWD])|PT\d+(?:\.\d+)?[HMS]|semester|term|decade",
        "Write P1Y, P6M, P3M, P1M, P1W, P1D (every year … day) and their like, semester or term.",
    ),
    "deadline": (
        r"by (?:\d{4}(?:-\d\d){0,2}|--\d\d(?:-\d\d)?|---\d\d|(?:year|quarter|month|week|semester|term)-end)"
        r"|within P\S+|P\S+ (?:before|after)|in \S+|from \S+",
        "Write by 2024-12-31, by --06 (each June), by ---10 (each 10th), by quarter-end, within P15D, P3D before.",
    ),
}
VALUES = {
    "modality": ("obligation", "prohibition", "permission", "recommendation"),
    "subject_source": ("stated", "inherited", "none"),
    "frequency_op": ("ge", "gt", "le", "lt", "approx", "range", "eq"),
    "quantity_op": ("ge", "gt", "le", "lt", "approx", "range", "eq"),
}


# Records → rows


def rows(document: Document, requirements: Iterable[Requirement]) -> Iterator[Row]:
    """The rows of one document: a dict with the keys of ``COLUMNS`` for each requirement, in their order.

    ``requirement_id`` is ``doc_id/xxxxxxxxxx``. The ten digits are a hash of the clause's and the measure's folded
    words and of how many equal ones stand before it, not of the section or the place: a requirement keeps its id
    when others are added around it, when sections are renumbered, and whatever else is in the corpus.

    >>> d = Document("x", "县长每月至少接访1次。")
    >>> row, = rows(d, [Requirement(0, 10, "县长每月至少接访1次", subject="县长", subject_source="stated")])
    >>> row["doc_id"], row["subject"], row["frequency_count"]
    ('x', '县长', None)
    """
    seen: dict[str, int] = {}
    about = {name: _plain(getattr(document.header, name), "text") for name in _HEADER_COLUMNS}
    blank: Row = dict.fromkeys(COLUMNS) | about | {"doc_id": _plain(document.doc_id, "text")}
    broken = _SURROGATE.search(document.text) is not None
    for r in requirements:
        content = "\0".join("".join(fold(part or "").split()) for part in (r.text, r.measure))
        ordinal = seen[content] = seen.get(content, -1) + 1
        digest = hashlib.sha256(f"{content}\0{ordinal}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
        row = blank.copy()
        row["requirement_id"] = f"{document.doc_id}/{digest}"
        for name, cell in zip(_OWN_COLUMNS, _own_cells(r), strict=True):
            if cell or cell == 0:
                row[name] = list(cell) if isinstance(cell, tuple) else cell
        if r.spans:
            row["spans"] = {name: [list(span) for span in spans] for name, spans in r.spans.items()}
        for record, names in ((r.frequency, _FREQUENCY), (r.quantity, _QUANTITY)):
            for field, name in names if record else ():
                row[name] = _plain(getattr(record, field), COLUMNS[name])
        row["per_year"] = per_year(r)
        yield {name: _plain(cell, COLUMNS[name]) for name, cell in row.items()} if broken else row


# The columns that are fields of a requirement as they are, and those that are fields of its two records.
_OWN_COLUMNS = tuple(f.name for f in fields(Requirement) if f.name in COLUMNS and f.name != "spans")
_own_cells = attrgetter(*_OWN_COLUMNS)
_FREQUENCY = tuple((f.name, f"frequency_{f.name}") for f in fields(Frequency))
_QUANTITY = tuple((f.name, f"quantity_{f.name}") for f in fields(Quantity))


def per_year(requirement: Requirement) -> int | float | None:
    """The least number of times a year that satisfies a requirement, or ``None`` where it cannot be said.

    It can be said of an obligation or a recommendation that states a count of times and a period of known length,
    and asks for that count or more (``ge eq gt range``): count × whole periods that fit into a year (a year has 12
    months, 365 days, two semesters; periods longer than a year count as the fraction). ``gt`` asks for the next
    whole number. There is none for an upper bound (``le lt``: zero times satisfies it), for ``approx``, for a
    permission or a prohibition, for a recurrence without a count of times (每年不少于1个月), for a term of office.

    >>> def least(op, count, period, most=None, modality="obligation"):
    ...     from siga_nlp.models import Frequency
    ...     return per_year(Requirement(0, 1, "x", modality=modality, frequency=Frequency(op, count, most, period)))
    >>> least("ge", 2, "P1Y"), least("ge", 1, "P3M"), least("eq", 1, "P1W"), least("eq", 1, "P10D")
    (2, 4, 52, 36)
    >>> least("eq", 1, "P3Y"), least("eq", 1, "P2Y"), least("range", 1, "P1M", most=2), least("gt", 2, "semester")
    (0.333333, 0.5, 12, 6)
    >>> least("le", 2, "P1Y"), least("ge", 2, "term"), least("ge", 2, None), least(None, None, "P1Y")
    (None, None, None, None)
    >>> least("ge", 1, "P1Y", modality="permission")
    """
    f = requirement.frequency
    if f is None or f.count is None or requirement.modality not in ("obligation", "recommendation"):
        return None
    if (f.op or "eq") not in ("ge", "eq", "gt", "range"):
        return None
    periods = _periods_a_year(f.period)
    if periods is None:
        return None
    least = f.count // 1 + 1 if f.op == "gt" else f.count
    return _number(round(least * periods, 6))


_PERIOD = re.compile(r"P(\d+(?:\.\d+)?)([YMWD])|PT(\d+(?:\.\d+)?)(H)")
_IN_A_YEAR = {"Y": 1, "M": 12, "D": 365, "H": 365 * 24}


def _periods_a_year(period: str | None) -> float | None:
    if period == "semester":
        return 2
    match = _PERIOD.fullmatch(period or "")
    length = float(match[1] or match[3]) if match else 0.0
    if not match or not length:
        return None
    unit = match[2] or match[4]
    if unit == "W":
        unit, length = "D", 7 * length
    times = _IN_A_YEAR[unit] / length
    return times // 1 if times >= 1 else times


def _number(value: float) -> int | float:
    """2.0 → 2: whole numbers are written without a point."""
    return int(value) if value == value // 1 else float(value)


def _plain(value: Any, kind: str) -> Any:
    """A cell as plain Python; what stands for "missing" becomes None."""
    return None if is_missing(value) else _AS[kind](value)


def _other(cell: Any) -> Any:
    """A cell of no column of ours."""
    cell = cell.item() if hasattr(cell, "item") else cell
    return _number(cell) if isinstance(cell, float) else cell


# Half of a surrogate pair has no bytes in any file. The readers let none through; a text made in memory may hold one.
_SURROGATE = re.compile("[\ud800-\udfff]")
_AS: Mapping[str, Callable[[Any], Any]] = {
    "text": lambda cell: _SURROGATE.sub("\ufffd", str(cell)),
    "int": int,
    "number": lambda cell: _number(float(cell)),
    "list": lambda cell: [str(word) for word in cell],
    "spans": lambda cell: {str(name): [[int(a), int(b)] for a, b in pairs] for name, pairs in cell.items()},
    "": _other,
}


def is_missing(value: Any) -> bool:
    """Whether a cell holds nothing: None, NaN, pd.NA, "", an empty list. pandas is not needed to ask.

    >>> [is_missing(v) for v in (None, float("nan"), "", [], 0, "无")]
    [True, True, True, True, False, False]
    """
    if value is None or isinstance(value, str | list | tuple | dict):
        return not value
    if isinstance(value, float):
        return math.isnan(value)
    if type(value).__name__ in ("NAType", "NaTType"):
        return True
    return hasattr(value, "__len__") and len(value) == 0


def extract(paths: StrPath | Iterable[StrPath], *, rules: StrPath | None = None) -> Iterator[Row]:
    """The requirements of files and folders, row by row, as dicts with the columns of the requirement table.

    One document is in memory at a time and pandas is not loaded. A file that cannot be read right is left out with
    a warning that names it; ``siga extract`` and ``siga run`` list such files and end with exit code 1.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp(), "note.txt")
    >>> _ = file.write_text("县长每月至少接访群众1次。", encoding="utf-8")
    >>> [(row["subject"], row["frequency_count"], row["frequency_period"]) for row in extract(file)]
    [('县长', 1, 'P1M')]
    """
    from .corpus import iter_documents
    from .extraction import extract as extract_requirements

    for document in iter_documents(as_paths(paths), rules=as_folder(rules)):
        if isinstance(document, ReadFailure):
            _warn(document)
            continue
        yield from rows(document, extract_requirements(document, rules=as_folder(rules)))


def requirements(
    documents: StrPath | Document | Iterable[StrPath | Document | ReadFailure], *, rules: StrPath | None = None
) -> pd.DataFrame:
    """The requirement table of documents, a corpus, files or folders: one row a requirement.

    ``rules`` is a folder of rule files of your own. Texts are ``string``, offsets ``Int64``, numbers ``Float64``
    columns with ``<NA>`` for missing; lists and ``spans`` are Python lists and dicts, or ``None``. Files that cannot
    be read right give a warning each.

    >>> table = requirements(Document("x", "县长每月至少接访群众1次。"))
    >>> table[["subject", "frequency_count", "per_year"]].values.tolist()
    [['县长', 1.0, 12.0]]
    """
    from .extraction import extract as extract_requirements

    found: list[Row] = []
    made = made_from(rules)
    for document in readable(documents):
        found.extend(rows(document, extract_requirements(document, rules=as_folder(rules))))
        made["documents"][document.doc_id] = document.sha256 or None
    return to_frame(found, made=made)


def as_paths(paths: StrPath | Iterable[StrPath]) -> list[Path]:
    """One path or several, as a list."""
    return [Path(paths)] if isinstance(paths, (str, os.PathLike)) else [Path(p) for p in paths]


def as_folder(rules: StrPath | None) -> str | None:
    """A folder of rules as the core takes it."""
    return None if rules is None else os.fspath(rules)


def readable(given: StrPath | Document | Iterable[StrPath | Document | ReadFailure]) -> Iterator[Document]:
    """The documents of what a user gives (documents, files, folders); a warning for each that cannot be read right."""
    for document in progress(_documents(given)):
        if isinstance(document, ReadFailure):
            _warn(document)
        else:
            yield document


def _documents(
    given: StrPath | Document | Iterable[StrPath | Document | ReadFailure],
) -> Iterator[Document | ReadFailure]:
    from .corpus import iter_documents

    if isinstance(given, Document):
        yield given
    elif isinstance(given, (str, os.PathLike)):
        yield from iter_documents([Path(given)])
    else:
        for item in given:
            if isinstance(item, (Document, ReadFailure)):
                yield item
            else:
                yield from iter_documents([Path(item)])


def _warn(failure: ReadFailure) -> None:
    warnings.warn(f"{failure.message}; {failure.advice}", stacklevel=3)


# What rows were made from

# Attribute of a frame, and key in a file, that holds it as JSON (pandas copies attributes at every step: a text is
# cheap to copy).
MADE = "siga_provenance"


def made_from(rules: StrPath | None = None) -> Row:
    """What rows are made with, here and now; the hashes of their documents are for the caller to fill in."""
    from . import __version__
    from .lexicon import digest

    return {"extracted_with": __version__, "rules_sha256": digest(as_folder(rules)), "documents": {}}


class Provenance:
    """The provenance of a table, gathered as its rows go by (``add``: plain rows, in their order)."""

    def __init__(self, made: Mapping[str, Any] | None, columns: Columns = COLUMNS) -> None:
        self.made = made or {}
        self._columns = columns
        self._digest = hashlib.sha256()
        self._rows = 0
        self._doc_ids: dict[str, None] = {}

    def add(self, row: Row, line: str | None = None) -> None:
        """Add a row (``line``: as JSON, if at hand)."""
        self._digest.update((line or json_line(row, columns=self._columns)).encode())
        self._rows += 1
        if row.get("doc_id") is not None:
            self._doc_ids[row["doc_id"]] = None

    def add_lines(self, lines: str, count: int, doc_id: str) -> None:
        """Add the rows of a document, as JSON lines."""
        self._digest.update(lines.encode())
        self._rows += count
        if count:
            self._doc_ids[doc_id] = None

    def record(self) -> Row:
        from . import __version__

        known = self.made.get("documents") or {}
        return {
            "siga_nlp": __version__,
            "extracted_with": self.made.get("extracted_with"),
            "rules_sha256": self.made.get("rules_sha256"),
            "rows": self._rows,
            "table_sha256": self._digest.hexdigest(),
            "documents": {d: known.get(d) for d in sorted(self._doc_ids if "doc_id" in self._columns else known)},
        }


def provenance(
    table: pd.DataFrame, *, documents: pd.DataFrame | Iterable[Document] | None = None, columns: Columns | None = None
) -> Row:
    """What a table was made from: a small record for a figure, a footnote, a file beside it.

    Args:
        table: A requirement table, a part of one, or a table that was made from one (``compare``, ``checklist``,
            ``check``).
        documents: Where the hashes of documents come from that the frame knows nothing of (it was read from a CSV
            without its ``.provenance.json``, or pandas dropped ``attrs`` in a merge): the documents, or
            ``documents.csv`` as a frame.
        columns: The columns that count, if not those of the frame.

    Returns:
        ``siga_nlp`` the version at work; ``extracted_with`` the version that extracted the rows; ``rules_sha256`` of
        its rule files and of the user's; ``rows``; ``table_sha256``, the SHA-256 of the table as JSONL (so that of
        the ``.jsonl`` that ``write_table`` writes); ``documents``, each document of the rows with the SHA-256 of its
        file. What is not known is ``None``.

    >>> record = provenance(requirements(Document("x", "县长每月至少接访群众1次。", sha256="ab")))
    >>> list(record), record["documents"], record["rows"]
    (['siga_nlp', 'extracted_with', 'rules_sha256', 'rows', 'table_sha256', 'documents'], {'x': 'ab'}, 1)
    """
    import pandas as pd

    columns = columns or {str(name): COLUMNS.get(str(name), "") for name in table.columns}
    made = json.loads(table.attrs.get(MADE, "{}"))
    if documents is not None:
        pairs = (
            zip(documents["doc_id"], documents["sha256"], strict=True)
            if isinstance(documents, pd.DataFrame)
            else ((document.doc_id, document.sha256) for document in documents)
        )
        made["documents"] = {
            **(made.get("documents") or {}),
            **{str(d): None if is_missing(h) else h for d, h in pairs},
        }
    gathered = Provenance(made, columns)
    for row in records(table, columns=columns):
        gathered.add(row)
    return gathered.record()


def provenance_told(table: pd.DataFrame, lang: str) -> str:
    """The provenance of a requirement table in a sentence, for the foot of a page."""
    return say("made_from", lang, **{k: "?" if v is None else v for k, v in provenance(table).items()})


def provenance_path(path: StrPath) -> Path:
    """Where the provenance of a table stands whose format has no place for it: ``t.csv`` → ``t.provenance.json``."""
    return Path(path).with_suffix(".provenance.json")


def write_provenance(record: Row, path: StrPath) -> None:
    """Write a record of ``provenance`` as JSON."""
    Path(path).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


# Rows ↔ frames


def to_frame(
    rows: Iterable[Row], *, columns: Columns = COLUMNS, of: Any = None, made: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """A DataFrame with typed columns from row dicts. A key that a row lacks is missing; other keys are kept last.

    ``of`` is the frame that the rows were computed from: what is known of its provenance goes on. ``made`` states it
    for rows that come from documents.
    """
    import pandas as pd

    from .frames import Table

    rows = list(rows)
    extra = {key: "" for row in rows for key in row if key not in columns}
    data = {}
    for name in [*columns, *extra]:
        kind = columns.get(name, "")
        cells = [row.get(name) for row in rows]
        cells = [_plain(cell, kind) for cell in cells] if kind else cells
        data[name] = pd.Series(cells, dtype=_DTYPES.get(kind, "object"))
    frame = Table(data)
    if MADE in getattr(of, "attrs", ()):
        frame.attrs[MADE] = of.attrs[MADE]
    elif made:
        frame.attrs[MADE] = json.dumps(made)
    return frame


_DTYPES = {"text": "string", "int": "Int64", "number": "Float64"}


def records(frame: pd.DataFrame, *, columns: Columns = COLUMNS) -> Iterator[Row]:
    """The rows of a frame as plain dicts with the given columns (a column the frame lacks is missing)."""
    names = [name for name in columns if name in frame.columns]
    for cells in zip(*(frame[name] for name in names), strict=True):
        found = dict(zip(names, cells, strict=True))
        yield {name: _plain(found.get(name), kind) for name, kind in columns.items()}


# Where a row stands: `siga verify` tells of each that is wrong.
_OFFSETS = frozenset({"start", "end", "measure_start", "measure_end"})


def check_table(frame: pd.DataFrame, *, name: str = "table", columns: Columns = COLUMNS) -> pd.DataFrame:
    """Return ``frame`` if it is a requirement table, else raise ``ValueError`` with all that is wrong with it.

    Checked: the columns are there, the version of the file is ours, ids are given and unique, coded values are known,
    numbers are numbers, and ``end - start`` is the length of ``text`` (a spreadsheet may have changed cells). Rows are
    named as they stand in the file that the table was read from, else counted from 1.

    >>> check_table(to_frame([{"requirement_id": "x/1"}]).drop(columns=["text", "end"]), name="my.csv")
    Traceback (most recent call last):
    ...
    ValueError: my.csv is not a sound requirement table:
    - columns are missing: end, text. Write the table again with `siga extract` or `siga run`.
    - doc_id is missing in row 1. Each row needs one.
    """
    import pandas as pd

    problems = []
    version = frame.attrs.get("siga_table", VERSION)
    if version != VERSION:
        problems.append(
            f"it has version {version} of the columns, this program reads version {VERSION}. "
            "Write it again with the siga_nlp that is installed here."
        )
    missing = [c for c in columns if c not in frame.columns]
    if 2 * len(missing) > len(columns):
        there = ", ".join(str(c)[:24] for c in list(frame.columns)[:6]) or "nothing"
        problems.append(
            f"most columns are missing: its first row says: {there}. The names of the columns "
            "stand in the first row: delete what is above them, and save a CSV with commas between its cells."
        )
    elif missing:
        problems.append(
            f"columns are missing: {', '.join(missing)}. Write the table again with `siga extract` or `siga run`."
        )

    first = frame.attrs.get(_FIRST_ROW, 1)
    numbers = frame.index if pd.api.types.is_integer_dtype(frame.index) else range(len(frame))

    def report(bad: Any, what: str, advice: str) -> None:
        places = [str(n + first) for n, hit in zip(numbers, bad.fillna(False), strict=True) if hit]
        if places:
            more = f" and {len(places) - 5} more" if len(places) > 5 else ""
            where = "row" if len(places) == 1 else "rows"
            problems.append(f"{what} in {where} {', '.join(places[:5])}{more}. {advice}")

    for key in ("requirement_id", "doc_id"):
        if key in frame.columns:
            report(frame[key].isna(), f"{key} is missing", "Each row needs one.")
    if "requirement_id" in frame.columns:
        ids = frame["requirement_id"]
        report(
            ids.notna() & ids.duplicated(),
            "requirement_id stands there a second time",
            "Drop the repeated rows, or give the documents different ids in documents.csv.",
        )
    for key, allowed in VALUES.items():
        if key in columns and key in frame.columns:
            bad = frame[key].notna() & ~frame[key].isin(list(allowed))
            report(bad, f"{key} has an unknown value", f"Known are: {', '.join(sorted(allowed))}.")
    for key, kind in columns.items():
        if kind in ("int", "number") and key in frame.columns:
            bad = frame[key].notna() & pd.to_numeric(frame[key], errors="coerce").isna()
            report(bad, f"{key} is not a number", "Write digits, or leave the cell empty.")
            bad = ~pd.to_numeric(frame[key], errors="coerce").fillna(0).between(0, sys.float_info.max)
            bad &= key not in _OFFSETS
            if key.startswith("quantity") and "quantity_unit" in frame.columns:
                bad &= ~frame["quantity_unit"].isin(_DEGREES).fillna(False)  # 不高于-18℃
            report(bad, f"{key} is negative or without end", "Nothing is owed so; correct the cell, or leave it empty.")
    for key, (form, advice) in _FORMS.items():
        if key in columns and key in frame.columns:
            bad = frame[key].notna() & ~frame[key].astype("string").str.fullmatch(form)
            report(bad, f"{key} has a form that is not known", advice)
    if "text" in columns and not {"start", "end", "text"} & set(missing):
        start, end = (pd.to_numeric(frame[key], errors="coerce") for key in ("start", "end"))
        bad = frame["text"].notna() & (end - start != frame["text"].astype("string").str.len())
        report(bad, "text is not as long as end - start says", "A program changed the cells; write the table again.")
    if problems:
        raise ValueError(f"{name} is not a sound requirement table:\n- " + "\n- ".join(problems))
    return frame


# Files


def format_of(path: StrPath, format: str | None = None) -> str:
    """The table format that is asked for, or that a file name's ending says."""
    chosen = format or Path(path).suffix.lower().lstrip(".")
    if chosen not in FORMATS:
        said = f"{chosen!r}" if chosen else "no ending"
        raise ValueError(f"{path}: a table is written as .{', .'.join(FORMATS)}, and this says {said}")
    return chosen


def write_table(
    rows: pd.DataFrame | Iterable[Row],
    path: StrPath,
    format: str | None = None,
    *,
    columns: Columns = COLUMNS,
    made: Mapping[str, Any] | None = None,
    sidecar: bool = False,
) -> None:
    """Write rows or a frame as CSV, JSONL, Parquet or XLSX; the format is that of the file name unless given.

    Rows are written as they come (a generator is never held as a whole). The file appears when it is complete:
    it is written beside and moved into place.

    What the rows were made from (``provenance``) goes with them where it is known: into the metadata of a Parquet
    file, onto a sheet of its own in XLSX. ``made`` states it for rows that are no frame. ``sidecar`` writes it beside
    the table, as ``t.provenance.json``: CSV and JSONL have no place for it.
    """
    format = format_of(path, format)
    if hasattr(rows, "columns"):
        made = made or json.loads(getattr(rows, "attrs", {}).get(MADE, "null"))
        rows = records(rows, columns=columns)
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    gathered = Provenance(made, columns) if made or sidecar else None
    try:
        with table_writer(beside, format, columns=columns, gathered=gathered) as write:
            for row in rows:
                plain = {name: _plain(row.get(name), kind) for name, kind in columns.items()}
                write(plain)
                if gathered and format != "jsonl":  # which is hashed as it is written
                    gathered.add(plain)
        os.replace(beside, path)
        if gathered and sidecar:
            write_provenance(gathered.record(), beside)
            os.replace(beside, provenance_path(path))
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def table_writer(
    path: StrPath, format: str, *, columns: Columns = COLUMNS, gathered: Provenance | None = None
) -> Iterator[Callable[[Row], None]]:
    """Open a table file for writing and give the function that writes one plain row (as ``rows`` and ``records`` give).

    A row is on its way to the disk when ``write`` returns; at most one row group of Parquet is in memory. What
    ``gathered`` holds at the end goes into Parquet and XLSX files; JSONL adds its rows to it, the others do not.
    """
    with _WRITERS[format](Path(path), columns, gathered) as write:
        yield write


@contextmanager
def _csv_file(path: Path, columns: Columns, _: Provenance | None) -> Iterator[Callable[[Row], None]]:
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        yield csv_writer(file, columns=columns)


def csv_writer(file: IO[str], *, columns: Columns = COLUMNS) -> Callable[[Row], None]:
    """Write the heading of a CSV table to an open text file, and give the function that writes one row."""
    write = _csv_rows(file, columns)
    write({name: name for name in columns})
    return write


def _csv_rows(file: IO[str], columns: Columns) -> Callable[[Row], None]:
    writer = csv.writer(file, lineterminator="\r\n")

    def write(row: Row) -> None:
        writer.writerow([disarm(cell) if isinstance(cell, str) else cell for cell in _flat(row, columns)])

    return write


@contextmanager
def _jsonl_file(path: Path, columns: Columns, gathered: Provenance | None) -> Iterator[Callable[[Row], None]]:
    with open(path, "w", encoding="utf-8", newline="\n") as file:

        def write(row: Row) -> None:
            line = json_line(row, columns=columns)
            file.write(line)
            if gathered:
                gathered.add(row, line)

        yield write


def json_line(row: Row, *, columns: Columns = COLUMNS) -> str:
    """One row as a line of JSON, lists and spans as such, Chinese characters as they are.

    >>> json_line({"who": "县长"}, columns={"who": "text", "what": "text"})
    '{"who": "县长", "what": null}\\n'
    """
    return _JSON.encode({name: row.get(name) for name in columns}) + "\n"


def as_text(rows: Iterable[Row], format: str) -> str:
    """Rows as they stand in a CSV or JSONL file of the requirement table, without the heading.

    >>> as_text([{"doc_id": "x"}], "csv").count(",") == len(COLUMNS) - 1
    True
    """
    if format == "jsonl":
        return "".join(map(json_line, rows))
    out = io.StringIO(newline="")
    write = _csv_rows(out, COLUMNS)
    for row in rows:
        write(row)
    return out.getvalue()


@contextmanager
def text_file(path: StrPath, format: str) -> Iterator[Callable[[str], object]]:
    """Open a CSV or JSONL file of the requirement table, and give the function that writes what ``as_text`` gave."""
    with open(path, "w", encoding="utf-8-sig" if format == "csv" else "utf-8", newline="") as file:
        if format == "csv":
            csv_writer(file)
        yield file.write


_GROUP = 5_000  # rows of a Parquet row group: what is held in memory at most


@contextmanager
def _parquet_file(path: Path, columns: Columns, gathered: Provenance | None) -> Iterator[Callable[[Row], None]]:
    import pyarrow as pa
    from pyarrow import parquet

    types = {"int": pa.int64(), "number": pa.float64(), "list": pa.list_(pa.string())}
    schema = pa.schema(
        [(name, types.get(kind, pa.string())) for name, kind in columns.items()], metadata={"siga_table": VERSION}
    )
    held: list[list[Any]] = [[] for _ in columns]  # column by column: ten times as fast as a table of dicts
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:

        def flush() -> None:
            if held[0]:
                arrays = [pa.array(cells, type=field.type) for cells, field in zip(held, schema, strict=True)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
                for cells in held:
                    cells.clear()

        def write(row: Row) -> None:
            for cells, cell in zip(held, map(row.get, columns), strict=True):
                cells.append(_json(cell) if isinstance(cell, dict) else cell)
            if len(held[0]) == _GROUP:
                flush()

        yield write
        flush()
        if gathered:
            writer.add_key_value_metadata({MADE: json.dumps(gathered.record(), ensure_ascii=False)})


_XLSX_ROWS = 1_048_576  # of a sheet, with the heading; what is more goes onto further sheets
_XLSX_SIZE = 2_000_000_000  # bytes of a sheet's XML: beyond 2 GiB a zip archive needs extensions that not all can read
_XLSX_CELL = 32_767  # characters of a cell
_CUT = "…[cut: a cell of a spreadsheet holds no more; the whole is in the CSV, JSONL and Parquet files]"
_WIDTHS = {"text": 60, "title": 30, "action": 36, "subject": 24, "condition": 24, "measure": 22, "issuer": 20}


@contextmanager
def _xlsx_file(path: Path, columns: Columns, gathered: Provenance | None) -> Iterator[Callable[[Row], None]]:
    """xlsxwriter makes the book and its headings, the rows are written into its sheets as XML by ourselves.

    Cell by cell it takes ten times as long, which would be more than reading the documents takes.
    """
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    rows_of: list[int] = []  # rows of each sheet, with the heading
    places: list[tuple[str, str]] = []
    held: list[str] = []
    sheet: Any = None
    size = 0

    def part(name: str) -> ZipInfo:
        info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the same rows give the same bytes
        info.compress_type = ZIP_DEFLATED
        return info

    def sheet_parts() -> tuple[str, str, str]:
        """The name of the last sheet's part, and its XML before and after the rows that are still to come."""
        name = f"xl/worksheets/sheet{len(rows_of)}.xml"
        with ZipFile(_xlsx_frame(columns, rows_of)) as frame:
            head, end, tail = frame.read(name).decode().partition("</sheetData>")
        return name, re.sub("<dimension [^>]*>", "", head), end + tail

    def flush() -> None:
        nonlocal size
        data = "".join(held).encode()
        held.clear()
        size += len(data)
        sheet.write(data)

    def close_sheet() -> None:
        flush()
        sheet.write(sheet_parts()[2].encode())
        sheet.close()

    def new_sheet() -> None:
        nonlocal sheet, size, places
        if rows_of:
            close_sheet()
        rows_of.append(1)
        name, head, _ = sheet_parts()
        sheet, size = book.open(part(name), "w"), 0
        held.append(head)
        places = _xlsx_columns(head)

    def write(row: Row) -> None:
        if rows_of[-1] == _XLSX_ROWS or size > _XLSX_SIZE:
            new_sheet()
        rows_of[-1] += 1
        number = rows_of[-1]
        cells = [_xlsx_cell(cell, f"{a}{number}", s) for cell, (a, s) in zip(_flat(row, columns), places, strict=True)]
        held.append(f'<row r="{number}">{"".join(cells)}</row>')
        if len(held) == 200:
            flush()

    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        new_sheet()
        try:
            yield write
        finally:
            close_sheet()
        written = set(book.namelist())
        with ZipFile(_xlsx_frame(columns, rows_of, gathered)) as frame:
            for name in frame.namelist():
                if name not in written:
                    book.writestr(part(name), frame.read(name))


def _xlsx_frame(columns: Columns, rows_of: list[int], gathered: Provenance | None = None) -> io.BytesIO:
    """A workbook with all that ours has but the rows: headings, widths, filters over so many rows, and styles; and,
    if it is known, what the rows were made from."""
    import datetime

    import xlsxwriter

    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"constant_memory": True})
    book.set_properties({"created": datetime.datetime(2000, 1, 1)})
    book.set_custom_property("siga_table", VERSION)
    heading = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, "valign": "top"})
    plain, wrapped = book.add_format({"valign": "top"}), book.add_format({"valign": "top", "text_wrap": True})
    for number, rows in enumerate(rows_of, 1):
        sheet = book.add_worksheet("table" if number == 1 else f"table {number}")
        sheet.freeze_panes(1, 2)
        for n, (name, kind) in enumerate(columns.items()):
            width = _WIDTHS.get(name, 8 if kind in ("int", "number") else 14)
            sheet.set_column(n, n, max(width, min(len(name) + 4, 16)), wrapped if name in _WIDTHS else plain)
            sheet.write_string(0, n, name, heading)
        sheet.autofilter(0, 0, rows - 1, len(columns) - 1)
    if gathered:
        provenance_sheet(book, gathered.record())
    book.close()
    return made


PROVENANCE = "provenance"  # the sheet that holds it


def provenance_sheet(book: Any, record: Row) -> None:
    """Add the sheet ``provenance`` to a workbook of xlsxwriter: one fact a line; a document's line has its id and its hash."""
    sheet = book.add_worksheet(PROVENANCE)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 2, 66)
    facts = [(name, value) for name, value in record.items() if name != "documents"]
    for n, cells in enumerate([*facts, *(("document", *pair) for pair in record["documents"].items())]):
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write_string(n, column, str(cell))


def _xlsx_columns(head: str) -> list[tuple[str, str]]:
    """The letters and the number of the style of each column, from a sheet's XML."""
    from xlsxwriter.utility import xl_col_to_name

    spans = re.findall(r'<col min="(\d+)" max="(\d+)"[^>]* style="(\d+)"', head)
    return [(xl_col_to_name(n - 1), style) for first, last, style in spans for n in range(int(first), int(last) + 1)]


# Text is a string whatever it begins with; what XML cannot hold is written as Excel writes it.
_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_UNXML = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def _xlsx_cell(cell: Any, place: str, style: str) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return f'<c r="{place}" s="{style}"><v>{cell}</v></c>'
    if len(cell) > _XLSX_CELL:
        cell = cell[: _XLSX_CELL - len(_CUT)] + _CUT
    text = _UNXML.sub(lambda m: _XML.get(m[0]) or f"_x{ord(m[0]):04X}_", cell)
    space = ' xml:space="preserve"' if cell[:1].isspace() or cell[-1:].isspace() else ""
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


_WRITERS = {"csv": _csv_file, "jsonl": _jsonl_file, "parquet": _parquet_file, "xlsx": _xlsx_file}


def _flat(row: Row, columns: Columns) -> list[Any]:
    """The cells of a row for a flat format: lists and spans as JSON."""
    return [_json(cell) if isinstance(cell, (list, dict)) else cell for cell in map(row.get, columns)]


# json.dumps would make an encoder for each of millions of cells.
_JSON = json.JSONEncoder(ensure_ascii=False, default=str)
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


# A spreadsheet runs a CSV cell that begins with one of these. The apostrophes before them keep the escape
# reversible: whatever looks escaped is escaped once more.
_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def disarm(cell: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run.

    >>> disarm("=1+1"), disarm("-3至5件"), disarm("县长"), rearm(disarm("'=x"))
    ("'=1+1", "'-3至5件", '县长', "'=x")
    """
    return "'" + cell if _RUNS.match(cell) else cell


def rearm(cell: str) -> str:
    """Undo ``disarm``."""
    return cell[1:] if cell[0] == "'" and _RUNS.match(cell) else cell


def read_table(path: StrPath, *, columns: Columns = COLUMNS) -> pd.DataFrame:
    """Read a table that ``write_table`` or ``siga`` wrote, from CSV, JSONL, Parquet or XLSX: the same frame from each.

    A CSV or XLSX file that was saved by a spreadsheet program is read too (UTF-8 or GB18030). Columns that are not
    ours are kept as they are. What is wrong with the content is ``check_table``'s to say.
    """
    format = format_of(path)
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    version = made = None
    try:
        if format == "parquet":
            from pyarrow import parquet

            file = parquet.ParquetFile(path)
            version, made = ((file.metadata.metadata or {}).get(key.encode()) for key in ("siga_table", MADE))
            version, made = version and version.decode(), made and json.loads(made)
            found = file.read().to_pylist()
        elif format == "xlsx":
            found, version, made = _read_xlsx(path)
        else:
            found = _read_csv(path) if format == "csv" else _read_jsonl(path)
            made = _read_sidecar(provenance_path(path))
    except (ValueError, OSError, KeyError, csv.Error, BadZipFile) as error:
        if str(error).startswith(f"{path}"):
            raise
        raise ValueError(f"{path}: not a readable {format} table ({error})") from error
    first = 2 if format in ("csv", "xlsx") else 1  # below the headings
    for n, row in enumerate(found, first):
        for name, cell in row.items():
            row[name] = _typed(cell, columns.get(name, ""), f"{path}, row {n}, column {name}")
    known = {name: kind for name, kind in columns.items() if any(name in r for r in found[:1])}
    frame = to_frame(found, columns=known if found else columns, made=made)
    if version:
        frame.attrs["siga_table"] = version
    frame.attrs[_FIRST_ROW] = first
    return frame


_FIRST_ROW = "siga_first_row"  # where a table's rows begin in its file


def _read_sidecar(path: Path) -> Row | None:
    if not path.exists():
        return None
    try:
        made = json.loads(path.read_text("utf-8-sig"))
        if not isinstance(made.get("documents"), dict):
            raise ValueError('no "documents" in it')
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{path}: not the provenance of a table ({error}); write it again, or remove it") from None
    found: Row = made
    return found


def _typed(cell: Any, kind: str, where: str) -> Any:
    if cell is None or cell == "":
        return None
    if kind in ("int", "number"):
        try:
            return _number(float(cell))
        except (TypeError, ValueError):
            raise ValueError(f"{where}: {cell!r} is not a number; write digits, or leave the cell empty") from None
    if kind in ("list", "spans") and isinstance(cell, str):
        try:
            return json.loads(cell)
        except ValueError:
            raise ValueError(f'{where}: {cell[:60]!r} is not JSON; lists are written as ["a","b"]') from None
    return str(cell) if kind == "text" else cell


def _read_jsonl(path: Path) -> list[Row]:
    found = []
    for n, line in enumerate(path.read_text("utf-8-sig").split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path}, line {n}: not JSON ({error})") from None
            if not isinstance(row, dict):
                raise ValueError(f"{path}, line {n}: one JSON object a line is wanted, this is {line[:40]!r}")
            found.append(row)
    return found


def _read_csv(path: Path) -> list[Row]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")  # what a spreadsheet program on a Chinese Windows saves
    limit = csv.field_size_limit(2**31 - 1)
    try:
        lines = csv.reader(io.StringIO(text, newline=""))
        names = next(lines, [])
        if not any(names):
            raise ValueError("it has no row of headings")
        return [dict(zip(names, [rearm(c) if c else None for c in cells], strict=False)) for cells in lines if cells]
    finally:
        csv.field_size_limit(limit)


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _read_xlsx(path: Path) -> tuple[list[Row], str | None, Row | None]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        version = next((str(p.value) for p in book.custom_doc_props.props if p.name == "siga_table"), None)
        sheets = [s for s in book.worksheets if re.fullmatch(r"table( \d+)?", s.title)] or book.worksheets[:1]
        found = []
        for sheet in sheets:
            _check_formulas(path, sheet.title)
            lines = sheet.iter_rows(values_only=True)
            names = [str(name) if name is not None else "" for name in next(lines, ())]
            for cells in lines:
                if any(cell is not None for cell in cells):
                    unescaped = (_unescape(cell) if isinstance(cell, str) else cell for cell in cells)
                    found.append({k: v for k, v in zip(names, unescaped, strict=False) if k})
        made: Row | None = None
        if PROVENANCE in book.sheetnames:
            made = {"documents": {}}
            for name, *values in book[PROVENANCE].iter_rows(min_col=1, max_col=3, values_only=True):
                if name == "document":
                    made["documents"][_unescape(str(values[0]))] = values[1]
                elif name:
                    made[str(name)] = values[0]
        return found, version, made
    finally:
        book.close()


def _check_formulas(path: Path, title: str) -> None:
    """A formula whose value was never calculated reads as an empty cell: refused, since its number would be lost."""
    import openpyxl

    with ZipFile(path) as packed:
        if not any(_has_formula(packed, name) for name in packed.namelist() if name.startswith("xl/worksheets/sheet")):
            return
    formulas, values = (openpyxl.load_workbook(path, data_only=only)[title] for only in (False, True))
    for line in formulas.iter_rows():
        for cell in line:
            if cell.data_type == "f" and values[cell.coordinate].value is None:
                raise ValueError(
                    f"{path}, cell {cell.coordinate}: the formula {str(cell.value)[:40]!r} has no calculated value; "
                    "open the file in Excel, WPS or LibreOffice, save it, and try again, or write the value itself"
                )


def _has_formula(packed: ZipFile, name: str) -> bool:
    rest = b""
    with packed.open(name) as part:
        while block := part.read(1 << 20):
            if re.search(rb"<f[ >]", rest + block):
                return True
            rest = block[-2:]
    return False


def _unescape(cell: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), cell)
