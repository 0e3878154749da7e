"""Tables against their texts: the same text, another copy, changed cells, hostile tables."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.models import Document
from siga_nlp.table import COLUMNS, read_table, requirements, to_frame, write_table
from siga_nlp.verification import REFERENCE_COLUMNS, text_hash, verify

Siga = Callable[..., "subprocess.CompletedProcess[str]"]
REFERENCES = {
    "fujian-2013": "000_d6d27708a6388a54.txt",
    "jinchang-2024": "001_2547bef0e3b5fd5e.txt",
    "hubei-2013": "003_4b64a20d0aaebcc3.txt",
}
TEXT = "一、接访\n县长每月至少接访群众2次。副县长每季度至少接访群众1次。\n二、调研\n县长每年调研不少于30天。\n"


def facts_only(document: Document) -> pd.DataFrame:
    """A table as ``extracted/reference`` holds them: no quote, no spans, the hash of the text."""
    table = requirements(document)
    for column in ("text", "spans", "measure", "condition"):
        table[column] = None
    return table.assign(text_sha256=text_hash(document.text))


@pytest.fixture(params=["quotes", "facts"])
def table(request: pytest.FixtureRequest) -> pd.DataFrame:
    document = Document("a", TEXT)
    return requirements(document) if request.param == "quotes" else facts_only(document)


def test_a_table_matches_its_own_text(table: pd.DataFrame) -> None:
    (found,) = verify(table, text=Document("a", TEXT))
    assert found.sound and found.matched == found.rows == len(table) >= 3
    assert found.hash == ("same" if "text_sha256" in table else "unhashed")


def test_another_copy_is_told_with_the_places_where_the_words_stand_now(table: pd.DataFrame) -> None:
    (found,) = verify(table, text=Document("a", "首页 > 通知\n" + TEXT))
    assert not found.sound and found.matched == 0
    assert {m.found - m.start for m in found.mismatches if m.found is not None and m.start is not None} == {8}
    assert len(found.mismatches) == found.rows
    if "text_sha256" in table:
        assert found.hash == "differs"


def test_only_the_row_whose_words_changed_is_told(table: pd.DataFrame) -> None:
    (found,) = verify(table, text=Document("a", TEXT.replace("2次", "3次")))
    assert found.matched == found.rows - 1
    (mismatch,) = found.mismatches
    assert mismatch.what == "clause" and mismatch.found is None
    assert any("stand nowhere" in line for line in found.lines("en"))
    assert any("全文没有" in line for line in found.lines("zh"))


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [("measure_start", 0, "measure"), ("measure_end", 10_000, "measure"), ("start", -5, "outside")],
)
def test_changed_offsets_are_found(column: str, value: int, what: str) -> None:
    table = facts_only(Document("a", TEXT))
    table.loc[1, column] = value
    (found,) = verify(table, text=Document("a", TEXT))
    assert [(m.requirement_id, m.what) for m in found.mismatches] == [(table["requirement_id"][1], what)]


def test_a_measure_moved_by_one_character_is_found(table: pd.DataFrame) -> None:
    table = table.copy()
    table.loc[0, ["measure_start", "measure_end"]] = [table["measure_start"][0] - 1, table["measure_end"][0] - 1]
    (found,) = verify(table, text=Document("a", TEXT))
    assert found.matched == found.rows - 1


def test_a_text_that_is_not_there(table: pd.DataFrame) -> None:
    (found,) = verify(table, text=[Document("b", "别的文件。"), Document("c", "又一份。")])
    assert found.source is None and not found.sound and found.matched == 0
    assert any("not among those given" in line for line in found.lines("en"))


def test_the_hash_finds_the_text_whatever_its_name() -> None:
    (found,) = verify(facts_only(Document("a", TEXT)), text=[Document("a", "别的。"), Document("other", TEXT)])
    assert found.sound and found.source == "other"


def test_equal_clauses_are_told_apart_by_their_places() -> None:
    text = "一、县长\n县长每人联系1个村。\n二、镇长\n县长每人联系1个村。\n"
    table = facts_only(Document("a", text))
    assert len(table) == 2
    (found,) = verify(table.iloc[[1]], text=Document("a", text))
    assert found.sound


@given(st.text(alphabet="县长每月至少接访群众12次。\n一、<=", max_size=60), st.integers(0, 200), st.integers(0, 200))
def test_any_text_and_any_offsets_give_an_answer(text: str, start: int, length: int) -> None:
    row = {"requirement_id": "a/1", "doc_id": "a", "start": start, "end": start + length, "modality": "obligation"}
    (found,) = verify(to_frame([row]), text=Document("a", text))
    assert not found.sound
    assert "\n".join(found.lines("en")) and "\n".join(found.lines("zh"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns=["start"]), "columns are missing: start"),
        (lambda t: t.iloc[:0], "has no rows"),
        (lambda t: pd.concat([t, t]), "stands there a second time"),
        (lambda t: t.assign(text_sha256=[str(n) for n in range(len(t))]), "different texts"),
    ],
    ids=["no column", "no rows", "twice", "two hashes"],
)
def test_bad_tables_are_refused_with_the_reason(change: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        verify(change(requirements(Document("a", TEXT))), text=Document("a", TEXT))


# The command


def test_the_command_says_what_matches_and_what_does_not(siga: Siga, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "any name.txt").write_text(TEXT, encoding="utf-8", newline="")
    write_table(facts_only(Document("a", TEXT)), tmp_path / "t.csv", columns=REFERENCE_COLUMNS)
    done = siga("verify", "t.csv", "--text", "texts", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "a: all match" in done.stdout and "the very same text" in done.stdout and "3 of 3 rows" in done.stdout
    (tmp_path / "texts" / "any name.txt").write_text(TEXT.replace("30天", "40天"), encoding="utf-8", newline="")
    done = siga("verify", "t.csv", "--text", "texts", "--lang", "en")
    assert done.returncode == 1
    assert "does NOT match" in done.stdout and "HASH DIFFERS" in done.stdout and "2 of 3 rows" in done.stdout
    done = siga("verify", "t.csv", "--text", "texts", "--lang", "zh")
    assert "哈希不符" in done.stdout and done.returncode == 1


def test_the_command_names_what_it_could_not_read(siga: Siga, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(TEXT, encoding="utf-8", newline="")
    (tmp_path / "texts" / "empty.txt").write_bytes(b"")
    write_table(requirements(Document("a", TEXT)), tmp_path / "t.jsonl")
    done = siga("verify", "t.jsonl", "--text", "texts", "--lang", "en")
    assert done.returncode == 1 and "empty.txt" in done.stderr and "a: all match" in done.stdout
    assert siga("verify", "none.csv", "--text", "texts").returncode == 2
    assert siga("verify", "t.jsonl", "--text", "nowhere").returncode == 2
    assert siga("verify", "t.jsonl").returncode == 2


def test_help_has_an_example_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, siga_nlp.cli as cli\n"
        "try: cli.main(['verify', '--help'])\n"
        "except SystemExit: print(sorted({'pandas', 'pyarrow', 'jieba', 'lxml', 'yaml', 'openpyxl'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert "example:\n  siga verify " in done.stdout and done.stdout.endswith("[]\n"), done.stdout + done.stderr


# What is shipped


def test_the_sample_corpus_table_stands_in_the_sample_corpus(root: Path) -> None:
    found = verify(root / "extracted" / "requirements.csv", text=root / "corpus")
    assert len(found) >= 10
    assert [document.doc_id for document in found if not document.sound] == []


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_tables_are_sound_tables_of_facts(root: Path, name: str) -> None:
    folder = root / "extracted" / "reference"
    table = read_table(folder / f"{name}.csv", columns=REFERENCE_COLUMNS)
    pd.testing.assert_frame_equal(table, read_table(folder / f"{name}.jsonl", columns=REFERENCE_COLUMNS))
    sg.check_table(table)
    assert list(table.columns) == list(REFERENCE_COLUMNS) == [*COLUMNS, "text_sha256"]
    assert table["doc_id"].unique().tolist() == [name] and table["text_sha256"].nunique() == 1
    for column in ("text", "condition", "spans"):
        assert table[column].isna().all(), f"{column} quotes the document"
    for column in ("subject", "action", "measure"):
        assert table[column].str.len().max() < 22, f"{column} is longer than a label"
    measured = table["measure"].notna()
    values = table[["frequency_period", "frequency_count", "quantity_value", "deadline"]].notna().any(axis=1)
    assert (measured == values).all()
    assert (measured == table["measure_start"].notna()).all() and measured.sum() >= 10
    assert table["topic"].notna().mean() > 0.9


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_tables_stand_in_the_real_texts(root: Path, shared: Path, name: str) -> None:
    (found,) = verify(root / "extracted" / "reference" / f"{name}.csv", text=shared / "seeds")
    assert found.sound and found.hash == "same" and found.source and found.source.endswith(REFERENCES[name])


def test_reference_files_hold_no_sentence_of_the_texts(root: Path, shared: Path) -> None:
    for path in sorted((root / "extracted" / "reference").iterdir()):
        written = path.read_text("utf-8-sig")
        if path.suffix == ".jsonl":
            written = "\n".join(json.dumps(json.loads(line), ensure_ascii=False) for line in written.splitlines())
        for source in REFERENCES.values():
            text = (shared / "seeds" / source).read_text("utf-8")
            runs = {text[a : a + 22] for a in range(len(text) - 21)}
            copied = [written[a : a + 22] for a in range(len(written) - 21) if written[a : a + 22] in runs]
            assert not copied, f"{path.name} repeats {source}: {copied[:3]}"


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_tables_agree_with_the_gold(root: Path, shared: Path, name: str) -> None:
    table = read_table(root / "extracted" / "reference" / f"{name}.csv", columns=REFERENCE_COLUMNS)
    text = (shared / "seeds" / REFERENCES[name]).read_text("utf-8")
    gold = (shared / "gold" / REFERENCES[name].replace(".txt", ".jsonl")).read_text("utf-8").splitlines()
    wanted = sorted((g["clause"], g["measure"] or "", g["modality"]) for g in map(json.loads, gold))
    have = []
    for row in table.to_dict("records"):
        quoted = "" if pd.isna(row["measure_start"]) else text[row["measure_start"] : row["measure_end"]]
        have.append((text[row["start"] : row["end"]], quoted, row["modality"]))
    assert sorted(have) == wanted
