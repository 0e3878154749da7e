"""Rows and the four formats: what is written is read back, to the character."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.lexicon import load
from siga_nlp.models import Document, Frequency, Header, Quantity, Requirement
from siga_nlp.table import COLUMNS, FORMATS, disarm, rearm, records, rows, table_writer, to_frame

TEXT = "=县长每月至少接访2次，办理1-2件。\r\n镇长要守纪律。"
HEADER = Header(title="样例办法", issuer="青溪县委", date="2023-05", level="county", region="青溪县")
DOCUMENT = Document("a", TEXT, header=HEADER)
REQUIREMENTS = (
    Requirement(
        0, 18, TEXT[0:18], section="一/（二）", measure="每月至少接访2次", measure_start=3, measure_end=11,
        subject="县长", subject_source="stated", subject_level=("county",), subject_role=("领导干部",),
        action="接访", topic="信访接待", frequency=Frequency("ge", 2.0, None, "P1M"),
        quantity=Quantity("range", 1.0, 2.0, "件"), rules=("times", "amount"),
        spans={"subject": ((1, 3),), "action": ((7, 9), (12, 14))},
    ),
    Requirement(20, 26, TEXT[20:26], subject="镇长", subject_source="stated", modal="要", action="守纪律"),
)  # fmt: skip


def found() -> list[dict[str, Any]]:
    return list(rows(DOCUMENT, REQUIREMENTS))


def test_columns_are_those_of_the_contract(shared: Path) -> None:
    section = (shared / "CONTRACT.md").read_text("utf-8").split("## The requirement table")[1].split("## The other")[0]
    cells = [line.split("|")[2] for line in section.splitlines() if line.startswith("|")]
    assert [name for cell in cells for name in re.findall(r"`(\w+)`", cell)] == list(COLUMNS)


def test_a_row_has_plain_values_and_null_for_missing() -> None:
    row, modal = found()
    assert list(row) == list(COLUMNS)
    assert (row["frequency_count"], type(row["frequency_count"])) == (2, int)
    assert row["per_year"] == 24
    assert row["spans"] == {"subject": [[1, 3]], "action": [[7, 9], [12, 14]]}
    assert row["title"] == "样例办法" and row["genre"] is None
    for name in ("frequency_count", "quantity_value", "per_year", "measure", "rules", "issues", "spans"):
        assert modal[name] is None


def test_one_requirement_more_renames_no_other() -> None:
    before = {row["text"]: row["requirement_id"] for row in found()}
    new = Requirement(5, 8, TEXT[5:8], section="九", subject_source="none")
    after = {row["text"]: row["requirement_id"] for row in rows(DOCUMENT, [new, *REQUIREMENTS])}
    assert {text: after[text] for text in before} == before
    moved = Document("a", "前言。" + TEXT)
    assert [row["requirement_id"] for row in rows(moved, REQUIREMENTS)] == list(before.values())


def test_equal_requirements_have_ids_of_their_own() -> None:
    same = [row["requirement_id"] for row in rows(DOCUMENT, REQUIREMENTS + REQUIREMENTS)]
    assert len(set(same)) == 4
    assert same[:2] == [row["requirement_id"] for row in found()]


@pytest.mark.parametrize("format", FORMATS)
def test_round_trip(format: str, tmp_path: Path) -> None:
    expected = found()
    path = tmp_path / f"t.{format}"
    sg.write_table(iter(expected), path)
    frame = sg.read_table(path)
    assert list(frame.columns) == list(COLUMNS)
    assert list(records(frame)) == expected
    assert all(text == TEXT[a:b] for text, a, b in zip(frame["text"], frame["start"], frame["end"], strict=True))
    assert frame["frequency_count"].isna().tolist() == [False, True]
    sg.check_table(frame)
    again = tmp_path / f"again.{format}"
    sg.write_table(frame, again)
    assert again.read_bytes() == path.read_bytes()


def test_round_trip_of_no_rows(tmp_path: Path) -> None:
    for format in FORMATS:
        sg.write_table([], tmp_path / f"t.{format}")
        frame = sg.read_table(tmp_path / f"t.{format}")
        assert list(frame.columns) == list(COLUMNS) and frame.empty
        sg.check_table(frame)


# Whatever a document may hold: control characters, quotation marks, line breaks, what spreadsheets would run.
texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12) | st.sampled_from(
    ["=1+1", "'=x", "''@", "+", "-3", "\t", "\r", "\r\n", "\x00", "_x000D_", "￾", "\uffff", 'a"b', ",", "\x0b", "\x85"]
)


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(texts, min_size=1, max_size=4))
@pytest.mark.parametrize("format", FORMATS)
def test_any_text_comes_back_to_the_character(
    format: str, parts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / f"t.{format}"
    text = "".join(parts)
    document = Document("d", text)
    cuts = [0, *(len("".join(parts[: n + 1])) for n in range(len(parts)))]
    given_rows = list(
        rows(document, [Requirement(a, b, text[a:b], subject=text[a:b]) for a, b in zip(cuts, cuts[1:], strict=False)])
    )
    sg.write_table(given_rows, path)
    frame = sg.read_table(path)
    assert frame["text"].tolist() == [text[a:b] for a, b in zip(frame["start"], frame["end"], strict=True)]
    assert list(records(frame)) == given_rows


@given(st.text())
def test_disarming_can_be_undone(text: str) -> None:
    assert not text or rearm(disarm(text)) == text
    assert not re.match(r"[=+\-@\t\r]", disarm(text))


def test_no_cell_runs_in_a_spreadsheet(tmp_path: Path) -> None:
    row = found()[0] | {"subject": "+cmd", "action": "@SUM(A1)", "title": "=HYPERLINK(1)"}
    sg.write_table([row], tmp_path / "t.csv")
    with open(tmp_path / "t.csv", encoding="utf-8-sig", newline="") as file:
        cells = list(csv.reader(file))[1]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    sg.write_table([row], tmp_path / "t.xlsx")
    sheet = zipfile.ZipFile(tmp_path / "t.xlsx").read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "=HYPERLINK(1)" in sheet


def test_files_are_what_their_readers_expect(tmp_path: Path) -> None:
    for format in FORMATS:
        sg.write_table(found(), tmp_path / f"t.{format}")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbfrequirement_id,doc_id,")
    line = (tmp_path / "t.jsonl").read_text("utf-8").splitlines()[0]
    assert "县长" in line and json.loads(line) == found()[0]
    assert '"frequency_count": 2,' in line
    from pyarrow import parquet

    schema = parquet.read_schema(tmp_path / "t.parquet")
    assert {name: str(schema.field(name).type) for name in ("start", "per_year", "rules", "text")} == {
        "start": "int64", "per_year": "double", "rules": "list<element: string>", "text": "string",
    }  # fmt: skip
    import openpyxl

    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    assert sheet.freeze_panes == "C2" and sheet.auto_filter.ref
    assert sheet["AE2"].value == 2 and sheet["AE3"].value is None


def test_parquet_is_written_in_groups_of_rows(tmp_path: Path) -> None:
    from pyarrow import parquet

    sg.write_table((found()[0] | {"requirement_id": f"a/{n}"} for n in range(5_001)), tmp_path / "t.parquet")
    groups = parquet.ParquetFile(tmp_path / "t.parquet").metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [5_000, 1]


def test_half_a_surrogate_pair_loses_no_row(tmp_path: Path) -> None:
    row = found()[0] | {"text": "县\ud800长"}
    for format in FORMATS:
        sg.write_table([row, found()[1]], tmp_path / f"t.{format}")
        texts = sg.read_table(tmp_path / f"t.{format}")["text"].astype(object).tolist()
        assert len(texts) == 2 and texts[0][0] + texts[0][-1] == "县长" and len(texts[0]) == 3


def test_a_cell_too_long_for_a_spreadsheet_says_so(tmp_path: Path) -> None:
    sg.write_table([found()[0] | {"text": "长" * 40_000}], tmp_path / "t.xlsx")
    (text,) = sg.read_table(tmp_path / "t.xlsx")["text"]
    assert len(text) <= 32_767 and text.endswith("files]")


def test_more_rows_than_a_sheet_holds_go_onto_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siga_nlp.table._XLSX_ROWS", 4)
    given_rows = [found()[0] | {"requirement_id": f"a/{n}"} for n in range(8)]
    sg.write_table(given_rows, tmp_path / "t.xlsx")
    assert sg.read_table(tmp_path / "t.xlsx")["requirement_id"].tolist() == [f"a/{n}" for n in range(8)]


def test_a_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield found()[0]
        raise RuntimeError("stop")

    for format in FORMATS:
        path = tmp_path / f"t.{format}"
        path.write_text("old")
        with pytest.raises(RuntimeError, match="stop"):
            sg.write_table(broken(), path)
        assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == len(FORMATS)


def test_a_table_saved_by_a_spreadsheet_program_is_read(tmp_path: Path) -> None:
    sg.write_table(found(), tmp_path / "t.csv")
    text = (tmp_path / "t.csv").read_text("utf-8-sig")
    (tmp_path / "gbk.csv").write_bytes(text.encode("gb18030"))
    assert sg.read_table(tmp_path / "gbk.csv")["subject"].tolist() == ["县长", "镇长"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.txt", b"", "written as .csv, .jsonl, .parquet, .xlsx"),
        ("t.jsonl", b'{"a": 1}\n{', "line 2: not JSON"),
        ("t.jsonl", b"[1]", "line 1: one JSON object a line"),
        ("t.csv", "doc_id,start\na,三\n".encode(), "row 2, column start: '三' is not a number"),
        ("t.csv", b"doc_id,rules\na,times\n", "row 2, column rules: 'times' is not JSON"),
        ("t.parquet", b"no", "not a readable parquet table"),
        ("t.xlsx", b"no", "not a readable xlsx table"),
    ],
)
def test_unreadable_tables_are_refused_with_the_place(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        sg.read_table(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name))


def test_check_table_tells_all_at_once(tmp_path: Path) -> None:
    frame = to_frame(found() + found()).drop(columns=["modal", "spans"])
    frame.loc[1, "modality"] = "duty"
    frame.loc[2, "end"] = 99
    frame.attrs["siga_table"] = "0"
    with pytest.raises(ValueError) as caught:
        sg.check_table(frame, name="my.csv")
    message = str(caught.value)
    for part in ("my.csv", "version 0", "missing: modal, spans", "second time in rows 3, 4",
                 "modality has an unknown value in row 2", "not as long as end - start says in row 3"):  # fmt: skip
        assert part in message


@pytest.mark.parametrize(("name", "row"), [("t.csv", 4), ("t.xlsx", 4), ("t.jsonl", 3), ("t.parquet", 3)])
def test_a_row_is_named_as_it_stands_in_its_file(name: str, row: int, sample_table: Any, tmp_path: Path) -> None:
    edited = sample_table.head(5).copy()
    edited.loc[edited.index[2], "modality"] = "duty"
    sg.write_table(edited, tmp_path / name)
    read = sg.read_table(tmp_path / name)
    for table in (read, read.iloc[1:]):
        with pytest.raises(ValueError, match=f"modality has an unknown value in row {row}[.]"):
            sg.check_table(table)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("frequency_period", "每月", "frequency_period has a form that is not known in row 1"),
        ("deadline", "6月底", "deadline has a form that is not known in row 1"),
        ("quantity_value", -3, "quantity_value is negative"),
        ("frequency_count", float("inf"), "frequency_count is negative or without end"),
    ],
)
def test_what_nobody_could_owe_is_refused(column: str, cell: object, message: str, sample_table: Any) -> None:
    """Read as nothing, it would be a duty that never falls due."""
    edited = sample_table.head(3).astype(object)
    edited.loc[edited.index[0], column] = cell
    with pytest.raises(ValueError, match=message):
        sg.check_table(edited)
    assert len(sg.check_table(sample_table)) == len(sample_table)


def test_a_formula_without_a_value_is_no_empty_cell(tmp_path: Path, sample_table: Any) -> None:
    import openpyxl

    path = tmp_path / "table.xlsx"
    sg.write_table(sample_table.head(3), path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    column = [cell.value for cell in sheet[1]].index("frequency_count") + 1
    place = sheet.cell(3, column).coordinate
    sheet[place] = "=1+1"
    book.save(path)
    with pytest.raises(ValueError, match=f"cell {place}: the formula '=1\\+1' has no calculated value"):
        sg.read_table(path)


def test_rows_need_no_pandas() -> None:
    code = (
        "import sys; from siga_nlp.models import Document, Requirement; from siga_nlp.table import rows, json_line;"
        "print(json_line(*rows(Document('a', '县长'), [Requirement(0, 2, '县长')]))[:18]);"
        "sys.exit(bool({'pandas', 'pyarrow', 'spacy', 'jieba', 'openpyxl', 'xlsxwriter'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith('{"requirement_id":'), done.stderr


def test_tables_of_other_columns_follow_the_same_rules(tmp_path: Path) -> None:
    columns = {"task_id": "text", "due": "text", "count": "number"}
    with table_writer(tmp_path / "t.csv", "csv", columns=columns) as write:
        write({"task_id": "=1", "count": 2.5})
    frame = sg.read_table(tmp_path / "t.csv", columns=columns)
    assert list(records(frame, columns=columns)) == [{"task_id": "=1", "due": None, "count": 2.5}]


# Provenance

SOURCED = Document("b", "县长每月至少接访2次。", sha256="c0ffee")


@pytest.mark.parametrize("format", FORMATS)
def test_what_a_table_was_made_from_goes_with_its_file(format: str, tmp_path: Path) -> None:
    table = sg.requirements([SOURCED, Document("a", "镇长要守纪律。")])
    record = sg.provenance(table)
    assert record["documents"] == {"a": None, "b": "c0ffee"}, "sorted; a text made in memory has no file"
    assert record["siga_nlp"] == record["extracted_with"] == sg.__version__ and record["rows"] == 2
    path = tmp_path / f"t.{format}"
    sg.write_table(table, path, sidecar=format in ("csv", "jsonl"))
    again = sg.read_table(path)
    assert list(again.columns) == list(COLUMNS) and sg.provenance(again) == record
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    sg.write_table(again, copy, sidecar=True)
    assert copy.read_bytes() == path.read_bytes()
    assert json.loads((copy.parent / "t.provenance.json").read_text("utf-8")) == record


def test_the_hash_of_a_table_is_that_of_its_jsonl(tmp_path: Path) -> None:
    table = sg.requirements(SOURCED)
    sg.write_table(table, tmp_path / "t.jsonl")
    assert sg.provenance(table)["table_sha256"] == hashlib.sha256((tmp_path / "t.jsonl").read_bytes()).hexdigest()
    changed = table.assign(subject="乡长")
    assert sg.provenance(changed)["table_sha256"] != sg.provenance(table)["table_sha256"]


def test_a_part_of_a_table_names_its_own_documents_and_what_is_unknown_is_null(tmp_path: Path) -> None:
    table = sg.requirements([SOURCED, Document("a", "镇长要守纪律。", sha256="ab")])
    assert sg.provenance(table[table["doc_id"] == "b"])["documents"] == {"b": "c0ffee"}
    sg.write_table(table, tmp_path / "t.csv")
    bare = sg.read_table(tmp_path / "t.csv")
    record = sg.provenance(bare)
    assert (record["extracted_with"], record["rules_sha256"]) == (None, None)
    assert record["documents"] == {"a": None, "b": None}
    assert sg.provenance(bare, documents=[SOURCED])["documents"] == {"a": None, "b": "c0ffee"}
    listed = to_frame([{"doc_id": "a", "sha256": "ab"}, {"doc_id": "b"}], columns={"doc_id": "text", "sha256": "text"})
    assert sg.provenance(bare, documents=listed)["documents"] == {"a": "ab", "b": None}


def test_tables_made_from_a_table_keep_what_it_was_made_from(tmp_path: Path) -> None:
    table = sg.requirements([SOURCED, Document("a", "县长每月至少接访1次。", sha256="ab")])
    for derived in (sg.compare(table), sg.checklist(table, start="2026", end="2026"), sg.matrix(table, by="doc_id")):
        assert sg.provenance(derived)["documents"] == {"a": "ab", "b": "c0ffee"}
        assert sg.provenance(derived)["rules_sha256"] == sg.provenance(table)["rules_sha256"]


def test_rules_of_ones_own_change_the_hash_of_the_rules(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_bytes("terms: {heads: [圩长]}\n".encode())
    own = sg.provenance(sg.requirements(SOURCED, rules=tmp_path))["rules_sha256"]
    assert own != sg.provenance(sg.requirements(SOURCED))["rules_sha256"]
    (tmp_path / "own.yaml").write_bytes("terms: {heads: [圩长]}\r\n".encode())
    assert sg.provenance(sg.requirements(SOURCED, rules=tmp_path))["rules_sha256"] == own, "line ends aside"


def test_a_broken_provenance_file_is_named(tmp_path: Path) -> None:
    sg.write_table(found(), tmp_path / "t.csv")
    for content in ("{", "[]", '{"documents": 1}'):
        (tmp_path / "t.provenance.json").write_text(content)
        with pytest.raises(ValueError, match="t.provenance.json: not the provenance of a table"):
            sg.read_table(tmp_path / "t.csv")


def test_whatever_a_rule_reads_is_sound_in_a_table() -> None:
    """A period or a deadline that our own check refused would stop a comparison."""
    texts = [str(e["text"]) for rules in load().rules.values() for rule in rules for e in rule.examples]
    texts += [f"每{unit}1次" for unit in load().terms["durations"]]
    clauses = [form.format(t) for t in texts for form in ("县长应当{}检查。", "县长{}。", "{}，检查一次。")]
    table = sg.requirements([Document(f"d{n}", text) for n, text in enumerate(clauses)])
    assert len(sg.check_table(table)) > len(texts) and "P1WD" in set(table["frequency_period"].dropna())
