"""Whether a requirement table stands in its texts: the hash of each text, and each row's words at each row's place.

A table that quotes its clauses is verified by the quotes. A table of facts only (``extracted/reference``) has no quotes:
there the row's id, which holds a hash of the clause's and the measure's words, is computed anew from the text.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from .messages import LANGUAGES, default_language
from .models import Document, ReadFailure, Requirement
from .table import COLUMNS, as_paths, check_table, read_table, records, rows

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = dict[str, Any]
StrPath: TypeAlias = str | os.PathLike[str]

HASH = "text_sha256"  # a further column of reference tables
REFERENCE_COLUMNS: Mapping[str, str] = {**COLUMNS, HASH: "text"}

# key → (English, Chinese)
_SAY: Mapping[str, tuple[str, str]] = {
    "text": ("text {source}", "文本 {source}"),
    "no_text": (
        "its text is not among those given: none has the hash {hash}, the name or the document number ({number})",
        "所给文件中没有它的文本：哈希 {hash}、文件名、发文字号（{number}）均不相符",
    ),
    "unhashed": ("the table holds no hash of it", "表中没有文本哈希"),
    "same": ("hash matches: the very same text", "哈希相符：文本完全一致"),
    "differs": (
        "HASH DIFFERS: this is another copy (table {want}, text {have})",
        "哈希不符：这是另一份文本（表 {want}，文本 {have}）",
    ),
    "rows": ("{matched} of {count} rows stand at their place", "{count} 行中有 {matched} 行与原文位置相符"),
    "all": ("all match", "全部相符"),
    "some": ("does NOT match", "不相符"),
    "section": ("section {section}", "{section}"),
    "clause": ("the clause does not stand there", "此处不是该条文字"),
    "measure": ("the measure does not stand there", "此处不是该量度文字"),
    "outside": (
        "the place lies outside the text ({length} characters)",
        "位置超出文本范围（共 {length} 字）",
    ),
    "spans": ("a span of {what} lies outside the text", "{what} 的位置超出文本范围"),
    "elsewhere": ("the same words stand at {start}–{end}", "相同文字位于 {start}–{end}"),
    "nowhere": ("the words stand nowhere in the text", "全文没有这段文字"),
    "more": ("… and {count} more", "……另有 {count} 行"),
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A row that does not stand at its place.

    ``what`` is ``clause``, ``measure``, ``outside`` (of the text) or ``spans:FIELD``; ``found`` is where the same words
    begin instead, if they stand in the text at all.
    """

    requirement_id: str
    section: str | None
    start: int | None
    end: int | None
    what: str
    found: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of one document of a table.

    ``source`` is the file its text was read from (``None``: not among those given), ``hash`` is ``same``, ``differs``
    or ``unhashed`` (the table holds none), ``rows`` and ``matched`` count rows. ``sound`` is true where the text is
    there, its hash does not differ, and every row stands at its place.
    """

    doc_id: str
    source: str | None
    hash: str
    rows: int
    matched: int
    mismatches: tuple[Mismatch, ...] = ()
    want: str | None = None
    have: str | None = None
    number: str | None = None
    length: int = 0

    @property
    def sound(self) -> bool:
        return self.source is not None and self.hash != "differs" and self.matched == self.rows

    def lines(self, lang: str | None = None, *, most: int = 20) -> Iterator[str]:
        """The finding in words, at most so many rows of it (``most=0``: all)."""
        n = LANGUAGES.index(lang or default_language())
        colon = "：" if n else ": "

        def say(key: str, **values: Any) -> str:
            return _SAY[key][n].format(**values)

        yield f"{self.doc_id}{colon}{say('all' if self.sound else 'some')}"
        if self.source is None:
            yield "  " + say("no_text", hash=(self.want or "-")[:12], number=self.number or "-")
            return
        yield "  " + say("text", source=self.source)
        yield "  " + say(self.hash, want=(self.want or "")[:12], have=(self.have or "")[:12])
        yield "  " + say("rows", matched=self.matched, count=self.rows)
        shown = self.mismatches[:most] if most else self.mismatches
        for m in shown:
            kind, _, field = m.what.partition(":")
            where = f"[{m.start}, {m.end})" + (f" {say('section', section=m.section)}" if m.section else "")
            told = say(kind, what=field, length=self.length)
            if kind != "spans":
                told += "; " if not n else "；"
                length = (m.end or 0) - (m.start or 0)
                told += (
                    say("nowhere") if m.found is None else say("elsewhere", start=m.found, end=m.found + max(length, 0))
                )
            yield f"  {m.requirement_id} {where}{colon}{told}"
        if len(shown) < len(self.mismatches):
            yield "  " + say("more", count=len(self.mismatches) - len(shown))


def verify(
    table: pd.DataFrame | StrPath,
    *,
    text: StrPath | Document | Iterable[StrPath | Document],
    failures: list[ReadFailure] | None = None,
) -> list[Verified]:
    """Verify a requirement table against the texts it was made from.

    A document's text is the one with the hash that the table holds (column ``text_sha256``), else the one with its
    name, else the one with its document number, else the only one given for the only document. Of each row the clause
    and the measure are compared with the text at their offsets; where a row quotes nothing, its id is computed anew.

    Args:
        table: A requirement table or a file of one; ``text_sha256`` may be a further column.
        text: Files, folders or documents.
        failures: Takes what could not be read, if given.

    Returns:
        A finding for each document of the table, in the table's order.

    Raises:
        ValueError: It is no requirement table, or has no rows.
        FileNotFoundError: There is no such table.

    >>> from siga_nlp.table import requirements
    >>> document = Document("x", "县长每月至少接访群众1次。")
    >>> found, = verify(requirements(document), text=document)
    >>> found.sound, found.matched, found.rows
    (True, 1, 1)
    >>> found, = verify(requirements(document), text=Document("x", "注：县长每月至少接访群众1次。"))
    >>> found.sound, found.mismatches[0].what, found.mismatches[0].found
    (False, 'clause', 2)
    """
    if isinstance(table, (str, os.PathLike)):
        name = os.fspath(table)
        table = read_table(table, columns=REFERENCE_COLUMNS)
    else:
        name = "table"
    check_table(table, name=name)
    if not len(table):
        raise ValueError(f"{name} has no rows: there is nothing to verify. Write it again with `siga extract`.")
    by_document: dict[str, list[Row]] = {}
    for row in records(table, columns=REFERENCE_COLUMNS):
        by_document.setdefault(row["doc_id"], []).append(row)
    documents = _documents(text, failures)
    return [_verified(doc_id, found, documents, len(by_document)) for doc_id, found in by_document.items()]


def text_hash(text: str) -> str:
    """The SHA-256 of a document's text, as reference tables hold it: of its UTF-8 bytes, in hexadecimal digits.

    >>> text_hash("县长")[:12]
    'ff0c012ea058'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _documents(
    text: StrPath | Document | Iterable[StrPath | Document], failures: list[ReadFailure] | None
) -> list[Document]:
    from .corpus import iter_documents

    given = [text] if isinstance(text, (str, os.PathLike, Document)) else list(text)
    found: list[Document] = []
    for item in given:
        if isinstance(item, Document):
            found.append(item)
            continue
        for document in iter_documents(as_paths(item)):
            if isinstance(document, Document):
                found.append(document)
            elif failures is not None:
                failures.append(document)
    return found


def _text_of(doc_id: str, found: Sequence[Row], documents: Sequence[Document], alone: bool) -> Document | None:
    want, number = found[0][HASH], found[0]["doc_number"]
    tests: list[Callable[[Document], bool]] = [
        lambda d: want is not None and text_hash(d.text) == want,
        lambda d: d.doc_id == doc_id,
        lambda d: number is not None and d.header.doc_number == number,
    ]
    for test in tests:
        fitting = [d for d in documents if test(d)]
        if fitting:
            return fitting[0]
    return documents[0] if alone and len(documents) == 1 else None


def _verified(doc_id: str, found: list[Row], documents: Sequence[Document], count: int) -> Verified:
    hashes = {row[HASH] for row in found}
    if len(hashes) > 1:
        raise ValueError(
            f"the rows of {doc_id} name {len(hashes)} different texts in {HASH}; one document has one text. "
            "Take the table from where it came, or split it."
        )
    want, number = found[0][HASH], found[0]["doc_number"]
    document = _text_of(doc_id, found, documents, count == 1)
    if document is None:
        return Verified(
            doc_id, None, "unhashed" if want is None else "differs", len(found), 0, want=want, number=number
        )
    have = text_hash(document.text)
    mismatches = []
    shift = 0
    for row in found:
        what = _wrong(row, document)
        if what is not None:
            place = None if what.startswith("spans") else _place(row, document, shift)
            if place is not None:
                shift = place - row["start"]
            mismatches.append(Mismatch(row["requirement_id"], row["section"], row["start"], row["end"], what, place))
    return Verified(
        doc_id,
        document.source or document.doc_id,
        "unhashed" if want is None else "same" if want == have else "differs",
        len(found),
        len(found) - len(mismatches),
        tuple(mismatches),
        want,
        have,
        number,
        len(document.text),
    )


def _wrong(row: Row, document: Document) -> str | None:
    """What of a row does not stand at its place, or None."""
    text, start, end = document.text, row["start"], row["end"]
    if start is None or end is None or not 0 <= start < end <= len(text):
        return "outside"
    begins, ends = row["measure_start"], row["measure_end"]
    if begins is not None and not (ends is not None and start <= begins < ends <= end):
        return "measure"
    if row["text"] is None:
        if row["requirement_id"] not in _ids(row, document, start):
            return "clause"
    elif text[start:end] != row["text"]:
        return "clause"
    elif row["measure"] is not None and begins is not None and text[begins:ends] != row["measure"]:
        return "measure"
    for field, places in (row["spans"] or {}).items():
        if any(not 0 <= a < b <= len(text) for a, b in places):
            return f"spans:{field}"
    return None


_REPEATS = 12  # equal clauses of a document whose ids are tried: an id counts how many equal ones stand before it


def _ids(row: Row, document: Document, start: int) -> list[str]:
    """The ids that the words at ``start`` may have, as the first, second … of their like."""
    return [r["requirement_id"] for r in rows(_bare(row, document), [_at(row, document.text, start)] * _REPEATS)]


def _bare(row: Row, document: Document) -> Document:
    return Document(row["doc_id"], document.text)


def _at(row: Row, text: str, start: int) -> Requirement:
    """The row's clause and measure, read at another place of the text."""
    end = start + row["end"] - row["start"]
    a, b = row["measure_start"], row["measure_end"]
    measure = None if a is None else text[start + a - row["start"] : start + b - row["start"]]
    return Requirement(start, end, text[start:end], measure=measure)


_MOST = 200_000  # characters of a text that is searched for words of which only the hash is known


def _place(row: Row, document: Document, shift: int) -> int | None:
    """Where the row's words begin instead: as far from their place as those of the row before, or the nearest place."""
    text, start, end = document.text, row["start"], row["end"]
    if start is None or end is None or not 0 <= start < end:
        return None
    length = int(end - start)
    expected = int(start + shift)
    if row["text"] is not None:
        places = []
        at = text.find(row["text"])
        while at >= 0:
            places.append(at)
            at = text.find(row["text"], at + 1)
        return min(places, key=lambda p: (abs(p - expected), p)) if places else None
    if 0 <= expected <= len(text) - length and row["requirement_id"] in _ids(row, document, expected):
        return expected
    if len(text) > _MOST:
        return None
    windows = (_at(row, text, at) for at in range(len(text) - length + 1))
    found = rows(_bare(row, document), windows)
    return next((at for at, r in enumerate(found) if r["requirement_id"] == row["requirement_id"]), None)
