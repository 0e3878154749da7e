"""Requirements as codings, for the tools that coders read texts with.

REFI-QDA projects (``.qdpx``) for NVivo, MAXQDA, ATLAS.ti, QualCoder; W3C Web Annotations (``.jsonld``); UIMA CAS JSON
(``.json``, or ``.zip`` for several documents) for INCEpTION. Each counts characters in its own way: REFI-QDA and Web
Annotations in code points, UIMA in UTF-16 units. The sources of a project have line ends of one character, since
tools differ on what a CR LF counts.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from .header import LEVELS
from .lexicon import load
from .marking import ISSUES, SLOTS, VISIBLE, code, own_rows, summary
from .messages import LANGUAGES, label, language
from .models import Document, ReadFailure
from .papers import meaning, safe_names
from .table import VALUES, Row, StrPath, as_folder, provenance, readable, requirements

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("qdpx", "jsonld", "json", "zip")
_ENDINGS = "`.qdpx` (REFI-QDA), `.jsonld` (W3C Web Annotations), `.json` or `.zip` (UIMA CAS JSON)"
_HOME = uuid.UUID("5b0a3f0e-8f0d-5d0e-9d55-0f4c1a7c2d11")  # the namespace of all ids here
_ABOUT = ("title", "issuer", "doc_number", "date", "genre", "region", "region_code", "level")

# Codes above codes (en, zh): what is coded on a clause, and what on the words that fill a slot.
_GROUPS: Mapping[str, tuple[str, str]] = {
    "requirement": ("requirement", "要求"),
    "topic": ("topic", "主题"),
    "modality": ("kind", "性质"),
    "level": ("level of the document", "文件层级"),
    "subject_level": ("level bound", "约束层级"),
    "issues": ("look at", "需留意"),
    "slot": ("slot", "成分"),
}
# Which column says what the words of a slot mean, where it has another name.
_COLUMN_OF = {"period": "frequency_period", "frequency": "frequency_count", "quantity": "quantity_value"}


def codings_format(path: StrPath) -> str | None:
    """The format of codings that a file name's ending asks for; ``None`` if it asks for none.

    >>> codings_format("coded.qdpx"), codings_format("table.csv")
    ('qdpx', None)
    """
    ending = Path(path).suffix.lower().lstrip(".")
    return ending if ending in FORMATS else None


def write_codings(
    documents: StrPath | Document | Iterable[StrPath | Document | ReadFailure],
    path: StrPath,
    table: pd.DataFrame | None = None,
    *,
    lang: str | None = None,
    rules: StrPath | None = None,
) -> int:
    """Write requirements as codings of their documents; the format is that of the file name.

    - ``.qdpx``: a REFI-QDA project: the texts, document facts as variables, and codes: under 要求 the topics, kinds,
      levels and issues, each on its clause; under 成分 the slots, each on its words.
    - ``.jsonld``: a W3C annotation collection: one annotation a requirement, one a slot's words.
    - ``.json``: a UIMA CAS for one document, for INCEpTION: layers ``Requirement`` and ``Slot``.
    - ``.zip``: one such ``.json`` a document.

    Args:
        documents: Documents, a corpus, files or folders. A file that cannot be read gives a warning.
        path: The file to write. The same input gives the same bytes.
        table: Their requirement table, or a part of it. By default the requirements are extracted.
        lang: ``zh`` or ``en`` for the names of codes; by default the system's language.
        rules: A folder of rule files of your own.

    Returns:
        How many requirements were written.

    Raises:
        ValueError: The ending is none of these, there is no document (or, for ``.json``, more than one), a row does
            not quote its document where it says, or rows name a document that is not given.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "coded.qdpx")
    >>> write_codings(Document("a", "县长每月至少接访群众1次。"), path, lang="zh")
    1
    >>> ZipFile(path).namelist()[0]
    'project.qde'
    """
    form = codings_format(path)
    if form is None:
        raise ValueError(f"{path}: codings are written as {_ENDINGS}; give the file one of these endings")
    lang = language(lang)
    found = list(readable(documents))
    if not found:
        raise ValueError(f"{path}: there is no document to write codings of")
    if form == "json" and len(found) > 1:
        raise ValueError(f"{path}: a CAS holds one document, and there are {len(found)}; name a .zip for several")
    if table is None:
        table = requirements(found, rules=rules)
    strangers = sorted(set(table["doc_id"].dropna()) - {document.doc_id for document in found})
    if strangers:
        raise ValueError(
            f"the table has rows of documents that are not given: {', '.join(strangers[:5])}"
            + (f" and {len(strangers) - 5} more" if len(strangers) > 5 else "")
            + ". Give their documents too, or leave the rows out."
        )
    of: dict[str, list[Row]] = {}
    for row in table.to_dict("records"):
        of.setdefault(row["doc_id"], []).append(row)
    coded = [_Coded(document, own_rows(document, of.get(document.doc_id, []))) for document in found]
    project = _Project(Path(path).stem, coded, lang, provenance(table, documents=found), as_folder(rules))
    beside = Path(path).with_name(f".{Path(path).name}.{os.getpid()}.new")
    try:
        _WRITERS[form](project, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return sum(len(one.rows) for one in coded)


@dataclass(frozen=True, slots=True)
class _Coded:
    """A document with its rows (those of ``marking.own_rows``)."""

    document: Document
    rows: Sequence[Row]

    @property
    def id(self) -> str:
        return _id("document", self.document.doc_id)


@dataclass(frozen=True, slots=True)
class _Project:
    name: str
    coded: Sequence[_Coded]
    lang: str
    record: Row
    rules: str | None

    def say(self, words: tuple[str, str]) -> str:
        return words[LANGUAGES.index(self.lang)]

    @property
    def origin(self) -> str:
        return f"siga_nlp {self.record['siga_nlp']}"

    @property
    def made(self) -> str:
        """The provenance of the table in one line."""
        facts = ("extracted_with", "rules_sha256", "table_sha256", "rows")
        return "; ".join(f"{name} {'?' if self.record[name] is None else self.record[name]}" for name in facts)


def _id(*parts: object) -> str:
    return str(uuid.uuid5(_HOME, "\0".join(map(str, parts)).encode("utf-8", "replace").decode()))


def _clean(text: str) -> str:
    """Text that XML and JSON can hold; what they cannot is shown, sign for sign."""
    return text.translate(VISIBLE)


_HALF = dict.fromkeys(range(55296, 57344), "�")  # half a surrogate pair has no bytes


# What is coded


Code = tuple[str, ...]  # group and value: ("topic", "信访接待"), ("slot", "subject"); ("requirement",) alone


def _clause_codes(row: Row, document: Document) -> list[Code]:
    """The codes of a clause as a whole."""
    codes: list[Code] = [("requirement",)]
    level = row.get("level") or document.header.level
    for group, values in (
        ("topic", [row["topic"]]),
        ("modality", [row["modality"]]),
        ("level", [level]),
        ("subject_level", row["subject_level"]),
        ("issues", [issue.partition(":")[0].strip() for issue in row["issues"]]),
    ):
        codes += [(group, value) for value in dict.fromkeys(values) if value]
    return codes


def _slots(row: Row, document: Document) -> Iterator[tuple[int, int, str]]:
    for slot, places in row["spans"].items():
        for start, end in places:
            if 0 <= start < end <= len(document.text):
                yield start, end, slot


def _tree(project: _Project) -> dict[str, list[str]]:
    """Group → its codes: all that a coder may use, and what the rows use besides."""
    topics = load(project.rules).terms["topics"]
    tree: dict[str, list[str]] = {
        "topic": list(topics),
        "modality": list(VALUES["modality"]),
        "level": list(LEVELS),
        "subject_level": list(LEVELS),
        "issues": list(ISSUES),
        "slot": list(SLOTS),
    }  # fmt: skip
    for one in project.coded:
        for row in one.rows:
            used = [*_clause_codes(row, one.document), *(("slot", slot) for *_, slot in _slots(row, one.document))]
            for group, *value in used:
                if value and value[0] not in tree[group]:
                    tree[group].append(value[0])
    return tree


def _code_name(project: _Project, group: str, value: str) -> str:
    if group == "slot":
        return project.say(SLOTS[value].names) if value in SLOTS else value
    if group == "issues":
        return project.say(ISSUES[value]) if value in ISSUES else value
    return label(value, project.lang)


def _code_description(project: _Project, group: str, value: str) -> str:
    if group == "topic":
        return "、".join(load(project.rules).terms["topics"].get(value, ()))
    if group == "slot" and value in SLOTS:
        return meaning(_COLUMN_OF.get(value, value), project.lang)
    return "" if value == _code_name(project, group, value) else value


# REFI-QDA


@dataclass(slots=True)
class _Selection:
    codes: dict[Code, None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def _qdpx(project: _Project, path: Path) -> None:
    with ZipFile(path, "w") as archive:
        root = ElementTree.Element(
            "Project", {"xmlns": "urn:QDA-XML:project:1.0", "name": _clean(project.name), "origin": project.origin}
        )
        users = ElementTree.SubElement(root, "Users")
        ElementTree.SubElement(users, "User", {"guid": _id("user"), "name": "siga_nlp"})
        _codebook(project, ElementTree.SubElement(ElementTree.SubElement(root, "CodeBook"), "Codes"))
        variables = ElementTree.SubElement(root, "Variables")
        for name in _ABOUT:
            attributes = {"guid": _id("variable", name), "name": name, "typeOfVariable": "Text"}
            variable = ElementTree.SubElement(variables, "Variable", attributes)
            ElementTree.SubElement(variable, "Description").text = meaning(name, project.lang)
        sources = ElementTree.SubElement(root, "Sources")
        texts = [(one, _source(project, one, sources)) for one in project.coded]
        ElementTree.SubElement(root, "Description").text = project.made
        ElementTree.indent(root)
        _put(archive, "project.qde", ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))
        for one, text in texts:
            _put(archive, f"sources/{one.id}.txt", text.encode())


def _codebook(project: _Project, codes: ElementTree.Element) -> None:
    def add(parent: ElementTree.Element, key: Code, name: str, **more: str) -> ElementTree.Element:
        description = more.pop("description", "")
        codable = str(len(key) > 1 or key == ("requirement",)).lower()
        attributes = {"guid": _id("code", *key), "name": _clean(name), "isCodable": codable, **more}
        element = ElementTree.SubElement(parent, "Code", attributes)
        if description:
            ElementTree.SubElement(element, "Description").text = _clean(description)
        return element

    above = {"requirement": add(codes, ("requirement",), project.say(_GROUPS["requirement"]))}
    for group, values in _tree(project).items():
        parent = codes if group == "slot" else above["requirement"]
        above[group] = add(parent, (group,), project.say(_GROUPS[group]))
        for value in values:
            more = {"color": SLOTS[value].ink[0].upper()} if group == "slot" and value in SLOTS else {}
            description = _code_description(project, group, value)
            add(above[group], (group, value), _code_name(project, group, value), description=description, **more)


def _source(project: _Project, one: _Coded, sources: ElementTree.Element) -> str:
    """Write the codings of a document under ``sources``; the text that their positions count in."""
    document = one.document
    text, moved = _one_line_end(document.text.translate(_HALF))
    attributes = {"guid": one.id, "name": _clean(document.doc_id), "plainTextPath": f"internal://{one.id}.txt"}
    element = ElementTree.SubElement(sources, "TextSource", {**attributes, "creatingUser": _id("user")})
    told = [document.source, document.sha256 and f"sha256 {document.sha256}"]
    ElementTree.SubElement(element, "Description").text = _clean("; ".join(part for part in told if part))
    found: dict[tuple[int, int], _Selection] = {}
    for n, row in enumerate(one.rows):
        clause = found.setdefault((moved(row["start"]), moved(row["end"])), _Selection())
        clause.codes |= dict.fromkeys(_clause_codes(row, document))
        clause.notes.append(summary(n, row, project.lang))
        for start, end, slot in _slots(row, document):
            found.setdefault((moved(start), moved(end)), _Selection()).codes["slot", slot] = None
    for (start, end), selection in sorted(found.items()):
        if start == end:  # nothing but the CR of a line end
            continue
        quote = " ".join(text[start:end].split())
        chosen = ElementTree.SubElement(
            element,
            "PlainTextSelection",
            {
                "guid": _id("selection", document.doc_id, start, end),
                "name": _clean(quote[:80] + "…" * (len(quote) > 80)),
                "startPosition": str(start),
                "endPosition": str(end),
                "creatingUser": _id("user"),
            },
        )
        if selection.notes:
            ElementTree.SubElement(chosen, "Description").text = _clean("\n\n".join(selection.notes))
        for key in selection.codes:
            guid = _id("coding", document.doc_id, start, end, *key)
            coding = ElementTree.SubElement(chosen, "Coding", {"guid": guid, "creatingUser": _id("user")})
            ElementTree.SubElement(coding, "CodeRef", {"targetGUID": _id("code", *key)})
    for name in _ABOUT:
        fact = next((row[name] for row in one.rows if row.get(name)), None) or getattr(document.header, name)
        if fact:
            value = ElementTree.SubElement(element, "VariableValue")
            ElementTree.SubElement(value, "VariableRef", {"targetGUID": _id("variable", name)})
            ElementTree.SubElement(value, "TextValue").text = _clean(fact)
    return text


def _one_line_end(text: str) -> tuple[str, Callable[[int], int]]:
    """The text with LF for every line end, and where an offset of the text stands in it.

    >>> text, moved = _one_line_end("甲\\r\\n乙\\r丙")
    >>> text, moved(3), moved(5)
    ('甲\\n乙\\n丙', 2, 4)
    """
    gone = [match.start() for match in re.finditer("\r\n", text)]
    return text.replace("\r\n", "\n").replace("\r", "\n"), lambda offset: offset - bisect_left(gone, offset)


def _put(archive: ZipFile, name: str, data: bytes) -> None:
    """Add a file so that the same content gives the same bytes, whenever and wherever it is written."""
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
    archive.writestr(entry, data)


# W3C Web Annotations

_AROUND = 24  # characters before and after a quote, by which it can be found again


def _web_annotations(project: _Project, path: Path) -> None:
    items = [item for one in project.coded for item in _annotations(project, one)]
    collection = {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": f"urn:uuid:{_id('collection', project.record['table_sha256'])}",
        "type": "AnnotationCollection",
        "label": f"{project.name} ({project.made})",
        "total": len(items),
        "first": {
            "id": f"urn:uuid:{_id('page', project.record['table_sha256'])}",
            "type": "AnnotationPage",
            "startIndex": 0,
            "items": items,
        },
    }
    path.write_text(json.dumps(collection, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def _annotations(project: _Project, one: _Coded) -> Iterator[dict[str, Any]]:
    text = one.document.text.translate(_HALF)
    source = {"id": f"urn:uuid:{one.id}", "type": "Text", "format": "text/plain", "label": one.document.doc_id}
    generator = {"id": f"urn:uuid:{_id('user')}", "type": "Software", "name": project.origin}

    def annotation(row: Row, ordinal: object, start: int, end: int, codes: Iterable[Code], reading: str) -> Any:
        tags = [
            {"type": "TextualBody", "purpose": "tagging", "value": "/".join([project.say(_GROUPS[group]), *(_code_name(project, group, v) for v in value)])}
            for group, *value in codes
        ]  # fmt: skip
        facts = [("identifying", row.get("requirement_id")), ("describing", reading)]
        return {
            "id": f"urn:uuid:{_id('annotation', one.document.doc_id, ordinal, start, end)}",
            "type": "Annotation",
            "motivation": "tagging",
            "generator": generator,
            "body": tags + [{"type": "TextualBody", "purpose": p, "value": v} for p, v in facts if v],
            "target": {
                "source": source,
                "selector": [
                    {"type": "TextPositionSelector", "start": start, "end": end},
                    {
                        "type": "TextQuoteSelector",
                        "exact": text[start:end],
                        "prefix": text[max(0, start - _AROUND) : start],
                        "suffix": text[end : end + _AROUND],
                    },
                ],
            },
        }

    for n, row in enumerate(one.rows):
        reading = summary(n, row, project.lang)
        yield annotation(row, n, row["start"], row["end"], _clause_codes(row, one.document), reading)
        for start, end, slot in _slots(row, one.document):
            yield annotation(row, f"{n}/{slot}", start, end, [("slot", slot)], "")


# UIMA CAS JSON

_REQUIREMENT, _SLOT = "webanno.custom.Requirement", "webanno.custom.Slot"  # INCEpTION's space for layers of a project
_FEATURES = ("requirement_id", "section", "subject", "subject_source", "subject_level", "modality", "action", "topic",
             "frequency", "quantity", "basis", "deadline", "vague", "rules", "issues")  # fmt: skip


def _cas(project: _Project, path: Path) -> None:
    path.write_text(_cas_json(project.coded[0]), encoding="utf-8", newline="\n")


def _cas_zip(project: _Project, path: Path) -> None:
    names = safe_names(one.document.doc_id for one in project.coded)
    with ZipFile(path, "w") as archive:
        for name, one in zip(names, project.coded, strict=True):
            _put(archive, f"{name}.json", _cas_json(one).encode())


def _cas_json(one: _Coded) -> str:
    text = one.document.text.translate(_HALF)
    beyond = [n for n, char in enumerate(text) if char > "\uffff"]  # two UTF-16 units each

    def unit(offset: int) -> int:
        return offset + bisect_left(beyond, offset)

    def layer(name: str, features: Iterable[str]) -> dict[str, Any]:
        about = {feature: {"%NAME": feature, "%RANGE": "uima.cas.String"} for feature in features}
        return {"%NAME": name, "%SUPER_TYPE": "uima.tcas.Annotation", **about}

    def annotation(type_: str, start: int, end: int, **features: Any) -> None:
        said = {name: value for name, value in features.items() if value}
        place = {"@sofa": 1, "begin": unit(start), "end": unit(end)}
        structures.append({"%ID": len(structures) + 1, "%TYPE": type_, **place, **said})

    structures: list[dict[str, Any]] = []
    sofa = {"sofaNum": 1, "sofaID": "_InitialView", "mimeType": "text/plain", "sofaString": text}
    structures.append({"%ID": 1, "%TYPE": "uima.cas.Sofa", **sofa})
    annotation("uima.tcas.DocumentAnnotation", 0, len(text), language="zh")
    for row in one.rows:
        facts = {name: row.get(name) for name in _FEATURES}
        facts["frequency"] = code(row, "frequency", "count", "period")
        facts["quantity"] = code(row, "quantity", "value", "unit")
        features = {k: _clean("|".join(v) if isinstance(v, list) else v or "") for k, v in facts.items()}
        annotation(_REQUIREMENT, row["start"], row["end"], **features)
        for start, end, slot in _slots(row, one.document):
            annotation(_SLOT, start, end, slot=slot, requirement_id=features["requirement_id"])
    types = {_REQUIREMENT: layer(_REQUIREMENT, _FEATURES), _SLOT: layer(_SLOT, ("slot", "requirement_id"))}
    views = {"_InitialView": {"%SOFA": 1, "%MEMBERS": [s["%ID"] for s in structures[1:]]}}
    cas = {"%TYPES": types, "%FEATURE_STRUCTURES": structures, "%VIEWS": views}
    return json.dumps(cas, ensure_ascii=False, indent=1) + "\n"


_WRITERS = {"qdpx": _qdpx, "jsonld": _web_annotations, "json": _cas, "zip": _cas_zip}
