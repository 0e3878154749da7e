"""References and the codebook: what a paper prints is what the table and the rules say."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.lexicon import load
from siga_nlp.models import Document, Header
from siga_nlp.papers import _MEANINGS
from siga_nlp.table import COLUMNS, to_frame

ROWS = [
    {"doc_id": "b", "title": "下乡通知", "issuer": "乙市政府", "doc_number": "乙政〔2023〕7号", "date": "2023-05"},
    {"doc_id": "a", "title": "接访办法", "issuer": "丙县委 丙县政府 丙县人大 丙县政协", "date": "2024-01-08"},
    {"doc_id": "b", "title": "下乡通知", "issuer": "乙市政府", "doc_number": "乙政〔2023〕7号", "date": "2023-05"},
    {"doc_id": "c", "title": "100% {a_b} 的 <办法> & \\x ~ ^ # $", "issuer": "甲省政府", "date": "2022"},
    {"doc_id": "d e, {f}"},
]


def test_references_are_sorted_by_the_sound_of_the_issuer_and_say_what_is_missing() -> None:
    assert sg.cite(to_frame(ROWS)).split("\n") == [
        "[1] 丙县委, 丙县政府, 丙县人大, 等. 接访办法[Z]. 2024-01-08.",
        "[2] 甲省政府. 100% {a_b} 的 <办法> & \\x ~ ^ # $[Z]. 2022.",
        "[3] 乙市政府. 下乡通知: 乙政〔2023〕7号[Z]. 2023-05.",
        "[4] [责任者不详]. [题名不详] (d e, {f})[Z]. [日期不详].",
    ]


def parsed(bibtex: str) -> list[tuple[str, dict[str, str]]]:
    """Entries as BibTeX reads them: braces are counted, whether escaped or not."""
    entries, at = [], 0
    while (start := bibtex.find("@misc{", at)) >= 0:
        depth, end = 1, start + len("@misc{")
        while depth:
            depth += {"{": 1, "}": -1}.get(bibtex[end], 0)
            end += 1
        key, _, body = bibtex[start + len("@misc{") : end - 1].partition(",\n")
        fields, place = {}, 0
        while match := re.compile(r"\s*(\w+) = \{").match(body, place):
            depth, stop = 1, match.end()
            while depth:
                depth += {"{": 1, "}": -1}.get(body[stop], 0)
                stop += 1
            assert body[stop : stop + 1] in ",\n"
            fields[match[1]] = body[match.end() : stop - 1]
            place = stop + 1
        entries.append((key, fields))
        at = end
    return entries


UNTEX = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^", r"\&": "&", r"\%": "%", r"\$": "$", r"\#": "#", r"\_": "_",
}  # fmt: skip


def untexed(text: str) -> str:
    return re.sub("|".join(map(re.escape, UNTEX)), lambda m: UNTEX[m[0]], text)


def test_bibtex_can_be_read_and_its_signs_are_escaped() -> None:
    entries = dict(parsed(sg.cite(ROWS, style="bibtex")))
    assert list(entries) == ["a", "c", "b", "d-e-f"]
    assert entries["a"]["author"] == "{丙县委} and {丙县政府} and {丙县人大} and {丙县政协}"
    assert (entries["a"]["year"], entries["a"]["month"], entries["a"]["day"]) == ("2024", "1", "8")
    assert entries["b"]["howpublished"] == "乙政〔2023〕7号" and "day" not in entries["b"]
    assert untexed(entries["c"]["title"][1:-1]) == ROWS[3]["title"] and "note" not in entries["c"]
    assert entries["d-e-f"]["note"] == "not stated: title, issuer, date" and "author" not in entries["d-e-f"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True), st.text())
def test_any_document_gives_an_entry_of_its_own(doc_ids: list[str], title: str) -> None:
    rows = [{"doc_id": doc_id, "title": title} for doc_id in doc_ids]
    entries = parsed(sg.cite(rows, style="bibtex"))
    assert len(entries) == len({key.casefold() for key, _ in entries}) == len(doc_ids)
    shown = " ".join(title.split())
    if shown:
        assert {untexed(fields["title"][1:-1]) for _, fields in entries} == {shown}
    assert len(sg.cite(rows).split("\n")) == len(doc_ids)


def test_names_are_in_their_own_script_if_the_documents_are_given(root: Path) -> None:
    path = root / "tests/gold/texts/65-wangchuan-zoufang-yaodian.txt"
    document = sg.read_document(path)
    table = sg.requirements(document)
    assert "望川县政府. 望川县政府办理" in sg.cite(table)
    cited = sg.cite(table, documents=[document])
    assert cited.startswith("[1] 望川縣政府. 望川縣政府辦理走訪關懷") and "府計研字第" in cited
    assert sg.cite(
        table, documents=[sg.read_document(root / "tests/gold/texts/55-jiedao-wangge-baobao.txt")]
    ) == sg.cite(table)


def test_what_cannot_be_cited_is_said() -> None:
    with pytest.raises(ValueError, match="gbt7714 or bibtex"):
        sg.cite(ROWS, style="apa")
    with pytest.raises(ValueError, match="no column doc_id"):
        sg.cite(to_frame(ROWS).drop(columns="doc_id"))
    assert sg.cite(to_frame([])) == ""
    assert "<pre" in sg.cite(ROWS)._repr_html_() and "<办法>" not in sg.cite(ROWS)._repr_html_()


def test_the_codebook_tells_every_column_and_every_topic() -> None:
    assert list(_MEANINGS) == list(COLUMNS)
    for lang in ("en", "zh"):
        text = sg.codebook(lang=lang)
        assert re.findall(r"^\| `(\w+)` \| ", text.split("\n## ")[1], re.M) == list(COLUMNS)
        assert all(_MEANINGS[name][("en", "zh").index(lang)] for name in COLUMNS)
        for topic, words in load().terms["topics"].items():
            assert f"| {topic} | {'、'.join(words)} |" in text
    assert "| `obligation` | 义务 |" in sg.codebook(lang="zh")
    assert sg.codebook(lang="zh")._repr_markdown_() == sg.codebook(lang="zh")


def cells(text: str, heading: str) -> dict[str, list[str]]:
    """First cell → the others, of the table under a heading."""
    block = re.split(rf"^#+ {re.escape(heading)}$", text, flags=re.M)[1].split("\n#")[0]
    lines = [line for line in block.split("\n") if line.startswith("| ")][2:]
    return {first.strip("`"): rest for first, *rest in (re.split(r"(?<!\\) \| ", line.strip("| ")) for line in lines)}


def test_for_a_table_it_counts_what_there_is() -> None:
    document = Document(
        "x", "一、县长每月至少接访2次。\n二、不得收礼。\n三、县长可以委托他人接访。\n", header=Header(title="甲县办法", level="county")
    )  # fmt: skip
    table = sg.requirements(document)
    text = sg.codebook(table, lang="en")
    modality = {value: int(rest[-1]) for value, rest in cells(text, "`modality`").items()}
    assert modality == {**dict.fromkeys(modality, 0), **table["modality"].value_counts().to_dict()}
    assert sum(modality.values()) == len(table) >= 3
    assert cells(text, "`level`")["county"][-1] == str(len(table))
    topics = {topic: int(rest[-1]) for topic, rest in cells(text, "Topics").items()}
    assert topics["信访接待"] == (table["topic"] == "信访接待").sum() > 0
    assert sum(topics.values()) == len(table)
    columns = cells(text, "Columns")
    assert columns["subject"][-1] == f"{table['subject'].notna().sum()}/{len(table)}"
    assert sg.provenance(table)["table_sha256"] in text and "other rules" not in text


def test_values_that_it_does_not_know_and_markup_are_shown_as_such() -> None:
    row = {"requirement_id": "x/1", "doc_id": "x", "level": "galaxy", "topic": "a|b*<i>", "modality": "obligation"}
    text = sg.codebook(to_frame([row]), lang="en")
    assert "| galaxy | not in the codebook | 1 |" in text
    assert r"| a\|b\*&lt;i&gt; | not in the codebook | 1 |" in text
    assert all(unicodedata.category(char) != "Cc" or char == "\n" for char in text)


def test_rules_of_ones_own_are_in_the_codebook(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("terms: {topics: {圩市管理: [圩市, 摆摊]}}\n", encoding="utf-8")
    text = sg.codebook(lang="zh", rules=tmp_path)
    assert "| 圩市管理 | 圩市、摆摊 |" in text and "圩市管理" not in sg.codebook(lang="zh")
    table = sg.requirements(Document("x", "县长每月至少接访2次。"), rules=tmp_path)
    assert "另一套规则" in sg.codebook(table, lang="zh") and "另一套规则" not in sg.codebook(
        table, lang="zh", rules=tmp_path
    )
