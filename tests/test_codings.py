"""Codings as the tools that coders use read them: pyrefiqda, dkpro-cassis, plain JSON; each at its characters."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.models import Document, Header, Requirement
from siga_nlp.table import read_table, rows, to_frame, write_table

# Characters outside the BMP, all three line ends, both scripts, markup.
TEXT = "𠮷縣下基層辦法\r\n一、縣長每月\r\n至少接訪2次<&>，𪚥鄉長要守紀律。\r二、县长每季度至少调研1次。\n"
DOCUMENT = Document("甲/縣 <1>", TEXT, header=Header(title="辦法 & 細則", level="county", region="𠮷縣"), sha256="ab")


def place(part: str) -> tuple[int, int]:
    return TEXT.index(part), TEXT.index(part) + len(part)


def requirement(clause: str, **slots: str) -> Requirement:
    spans = {slot: (place(words),) for slot, words in slots.items()}
    return Requirement(*place(clause), clause, spans=spans, subject_level=("county",), topic="信访接待")


ROWS = (
    requirement("縣長每月\r\n至少接訪2次<&>", subject="縣長", measure="每月\r\n至少", action="接訪", frequency="2次"),
    requirement("縣長每月\r\n至少接訪2次<&>", subject="縣長", action="接訪2次<&>"),
    requirement("𪚥鄉長要守紀律", subject="𪚥鄉長", modal="要", action="守紀律"),
    requirement("县长每季度至少调研1次", subject="县长", action="调研"),
)
TABLE = to_frame(rows(DOCUMENT, ROWS))
WORDS = {(slot, TEXT[a:b]) for row in ROWS for slot, places in row.spans.items() for a, b in places}

Coded = set[tuple[str, str]]


def lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ud800", "\ufffd")


def of_qdpx(path: Path, folder: Path) -> tuple[Any, Coded]:
    """(name of the code, words) as pyrefiqda reads them; the text is the file that the project names."""
    from pyrefiqda import RefiProject

    project = RefiProject.load(path, folder)
    names = {}

    def walk(codes: list[Any], above: str) -> None:
        for code in codes:
            names[code.guid] = above + code.name
            walk(code.code, f"{above}{code.name}/")

    walk(project.code_book.codes.code, "")
    assert len(set(names)) == len(names)
    found: Coded = set()
    for source in project.sources.text_source:
        text = RefiProject.resolve_source_path(source.plain_text_path, folder).read_bytes().decode("utf-8")
        assert "\r" not in text and not text.startswith("\ufeff")
        for selection in source.plain_text_selection:
            assert 0 <= selection.start_position < selection.end_position <= len(text)
            words = text[selection.start_position : selection.end_position]
            found |= {(names[coding.code_ref.target_guid], words) for coding in selection.coding}
    return project, found


def of_cas(data: bytes) -> Coded:
    import cassis

    cas = cassis.load_cas_from_json(io.BytesIO(data))
    found = {(slot.slot, slot.get_covered_text()) for slot in cas.select("webanno.custom.Slot")}
    return found | {("", clause.get_covered_text()) for clause in cas.select("webanno.custom.Requirement")}


def of_annotations(path: Path, texts: dict[str, str]) -> Coded:
    """As the recommendation says: offsets count code points; the quote and what is around it say the same."""
    page = json.loads(path.read_text("utf-8"))
    assert page["type"] == "AnnotationCollection" and page["total"] == len(page["first"]["items"])
    ids = [item["id"] for item in page["first"]["items"]]
    assert len(set(ids)) == len(ids)
    found: Coded = set()
    for item in page["first"]["items"]:
        text = texts[item["target"]["source"]["label"]]
        where, quote = item["target"]["selector"]
        assert text[where["start"] : where["end"]] == quote["exact"]
        assert text[: where["start"]].endswith(quote["prefix"]) and text[where["end"] :].startswith(quote["suffix"])
        found |= {(body["value"], quote["exact"]) for body in item["body"] if body["purpose"] == "tagging"}
    return found


def test_a_project_opens_with_each_code_at_its_words(tmp_path: Path) -> None:
    path = tmp_path / "coded.qdpx"
    assert sg.write_codings(DOCUMENT, path, TABLE, lang="en") == len(ROWS)
    project, found = of_qdpx(path, tmp_path / "out")
    slots = {(name.removeprefix("slot/"), words) for name, words in found if name.startswith("slot/")}
    english = {
        "subject": "who",
        "action": "what",
        "modal": "modal word",
        "frequency": "how often",
        "measure": "measure",
    }
    assert slots == {(english[slot], lf(words)) for slot, words in WORDS}
    clauses = {lf(row.text) for row in ROWS}
    assert {words for name, words in found if name == "requirement"} == clauses
    for code in ("topic/信访接待", "kind/obligation", "level of the document/county", "level bound/county"):
        assert {words for name, words in found if name == f"requirement/{code}"} == clauses, code
    (source,) = project.sources.text_source
    names = {variable.guid: variable.name for variable in project.variables.variable}
    facts = {names[value.variable_ref.target_guid]: value.text_value for value in source.variable_value}
    assert facts == {"title": "辦法 & 細則", "level": "county", "region": "𠮷縣"}
    assert source.name == DOCUMENT.doc_id and "sha256 ab" in source.description
    assert sg.provenance(TABLE)["table_sha256"] in project.description
    spans = [(s.start_position, s.end_position) for s in source.plain_text_selection]
    assert len(set(spans)) == len(spans), "one selection a place, with all its codes"


def test_the_project_is_in_the_form_of_the_standard(tmp_path: Path) -> None:
    sg.write_codings(DOCUMENT, tmp_path / "c.qdpx", TABLE, lang="zh")
    archive = zipfile.ZipFile(tmp_path / "c.qdpx")
    guid = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    first, *texts = archive.namelist()
    assert first == "project.qde" and all(re.fullmatch(rf"sources/{guid}\.txt", name) for name in texts)
    xml = archive.read("project.qde").decode("utf-8")
    assert all(re.fullmatch(guid, value) for value in re.findall(r'(?:guid|GUID|User)="([^"]*)"', xml))
    # The schema wants the parts of an element in this order.
    parts = ["<Users>", "<CodeBook>", "<Variables>", "<Sources>", "</Sources>\n  <Description>"]
    assert [xml.index(part) for part in parts] == sorted(xml.index(part) for part in parts)
    assert xml.rindex("<PlainTextSelection") < xml.index("<VariableValue>")
    assert {"要求", "主题", "成分", "信访接待", "义务", "县级"} <= set(
        re.findall(r'<Code guid="[^"]*" name="([^"]*)"', xml)
    )
    assert "接访、" in xml, "a topic is described by its words"


def test_a_cas_counts_utf_16_units(tmp_path: Path) -> None:
    sg.write_codings(DOCUMENT, tmp_path / "c.json", TABLE)
    data = (tmp_path / "c.json").read_bytes()
    assert of_cas(data) == WORDS | {("", row.text) for row in ROWS}
    cas = json.loads(data)
    last = max(f.get("end", 0) for f in cas["%FEATURE_STRUCTURES"])
    assert last == len(TEXT.encode("utf-16-le")) // 2 == len(TEXT) + 2


def test_web_annotations_count_code_points(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonld"
    sg.write_codings(DOCUMENT, path, TABLE, lang="zh")
    found = of_annotations(path, {DOCUMENT.doc_id: TEXT})
    chinese = {"subject": "主体", "action": "行为", "modal": "情态词", "frequency": "频次", "measure": "量度"}
    assert {tag for tag in found if tag[0].startswith("成分")} == {(f"成分/{chinese[s]}", words) for s, words in WORDS}
    assert {words for tag, words in found if tag == "主题/信访接待"} == {row.text for row in ROWS}
    assert TABLE["requirement_id"].tolist() == [
        body["value"]
        for item in json.loads(path.read_text("utf-8"))["first"]["items"]
        for body in item["body"]
        if body["purpose"] == "identifying" and len(item["body"]) > 3
    ]


SIGNS = st.text(st.sampled_from('县長𠮷𪚥🙂\r\n<&"\x00\x0b\ud800\u2028 每a'), min_size=1, max_size=30)


@settings(max_examples=20, deadline=None)
@given(text=SIGNS, data=st.data())
def test_any_text_keeps_its_places(text: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any")
    a = data.draw(st.integers(0, len(text) - 1))
    b = data.draw(st.integers(a + 1, len(text)))
    c = data.draw(st.integers(a, b - 1))
    document = Document("d", text)
    found = [Requirement(a, b, text[a:b], spans={"subject": ((c, b),)})]
    frame = to_frame([]) if "\ud800" in text[a:b] else to_frame(rows(document, found))  # a frame cannot hold it
    kept = [] if frame.empty else [("", text[a:b]), ("subject", text[c:b])]
    plain = text.replace("\ud800", "\ufffd")
    for name in ("c.qdpx", "c.json", "c.jsonld"):
        sg.write_codings(document, folder / name, frame, lang="en")
    assert of_cas((folder / "c.json").read_bytes()) == set(kept)
    tagged = of_annotations(folder / "c.jsonld", {"d": plain})
    assert {words for tag, words in tagged if tag == "slot/who"} == {words for slot, words in kept if slot}
    coded = of_qdpx(folder / "c.qdpx", folder / "out")[1]
    half = text[b - 1 :].startswith("\r\n")  # an end amid a line end is its beginning
    whole = {(slot, lf(words[:-1] if half else words)) for slot, words in kept}
    assert {words for tag, words in coded if tag == "slot/who"} == {words for slot, words in whole if slot and words}
    assert {words for tag, words in coded if tag == "requirement"} == {
        words for slot, words in whole if not slot and words
    }


def test_the_same_input_gives_the_same_bytes_from_any_table_format(corpus: Path, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="empty.txt"):
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            for ending in ("qdpx", "jsonld", "zip"):
                assert sg.write_codings(corpus, tmp_path / name / f"c.{ending}", lang="zh") == 3
    table = sg.requirements(list(sg.read_corpus(corpus)))
    for format in ("csv", "parquet", "xlsx"):
        write_table(table, tmp_path / f"t.{format}", sidecar=True)
        sg.write_codings(
            sg.read_corpus(corpus), tmp_path / "one" / "c.qdpx", read_table(tmp_path / f"t.{format}"), lang="zh"
        )
        assert (tmp_path / "one" / "c.qdpx").read_bytes() == (tmp_path / "two" / "c.qdpx").read_bytes(), format
    for ending in ("jsonld", "zip"):
        assert (tmp_path / "one" / f"c.{ending}").read_bytes() == (tmp_path / "two" / f"c.{ending}").read_bytes()
    assert zipfile.ZipFile(tmp_path / "one" / "c.zip").namelist() == ["a.json", "b.json"]
    assert not list(tmp_path.glob("**/.*.new"))


def test_names_inside_a_zip_are_safe(tmp_path: Path) -> None:
    documents = [Document(name, "县长每月至少接访1次。") for name in ("../a", "..\\a", "C:a", "甲 乙", "A", "...")]
    sg.write_codings(documents, tmp_path / "c.zip")
    names = zipfile.ZipFile(tmp_path / "c.zip").namelist()
    assert len({name.lower() for name in names}) == 6
    assert not [name for name in names if "/" in name or "\\" in name or ":" in name or name.startswith(".")]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: sg.write_codings(DOCUMENT, p / "c.xml", TABLE), ".qdpx"),
        (lambda p: sg.write_codings([DOCUMENT, Document("b", "")], p / "c.json", TABLE), "name a .zip"),
        (lambda p: sg.write_codings([], p / "c.qdpx", TABLE), "no document"),
        (lambda p: sg.write_codings(Document("b", TEXT), p / "c.qdpx", TABLE), "not given: 甲/縣"),
        (lambda p: sg.write_codings(Document(DOCUMENT.doc_id, "x" + TEXT), p / "c.qdpx", TABLE), "another version"),
        (lambda p: sg.write_codings(DOCUMENT, p / "c.qdpx", TABLE, lang="fr"), "zh"),
    ],
)
def test_what_cannot_be_written_is_said(call: Callable[[Path], Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call(tmp_path)
    assert not list(tmp_path.iterdir())
