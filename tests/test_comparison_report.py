"""The page and the workbook of a comparison: what they say is in the tables, and nothing in them runs."""

from __future__ import annotations

import functools
import re
from itertools import combinations
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from lxml import etree

import siga_nlp as sg
from siga_nlp.comparison import COMPARISON, compare, coverage, demand
from siga_nlp.comparison_report import comparison_html, comparison_xlsx
from siga_nlp.comparison_report.words import LEVELS
from siga_nlp.models import Document, Header
from siga_nlp.table import read_table, requirements, to_frame
from siga_nlp.verification import REFERENCE_COLUMNS

HAN = re.compile("[\u4e00-\u9fff]")


@functools.lru_cache(maxsize=8)
def tree(html: str) -> etree._Element:
    """Parsed as XML: a page that is not well-formed does not pass."""
    return etree.fromstring(html.removeprefix("<!DOCTYPE html>\n").encode("utf-8"))


def words(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.fixture(scope="module")
def table(root: Path) -> pd.DataFrame:
    return sg.read_table(root / "extracted" / "requirements.csv")


@pytest.fixture(scope="module")
def comparison(table: pd.DataFrame) -> pd.DataFrame:
    return compare(table, by="region", lang="zh")


@pytest.fixture(scope="module")
def pages(table: pd.DataFrame, comparison: pd.DataFrame) -> dict[str, str]:
    return {
        "zh": comparison_html(comparison, table),
        "en": comparison_html(comparison, table, lang="en"),
        "traditional": comparison_html(comparison, table, script="traditional"),
    }


def small(**texts: str) -> pd.DataFrame:
    """Documents of places of one level, named by their keys."""
    return requirements(
        [
            Document(name, text, header=Header(title=name, region=f"{name}市", level="city"))
            for name, text in texts.items()
        ]
    )


# The page


@pytest.mark.parametrize("kind", ["zh", "en", "traditional"])
def test_the_page_stands_alone(pages: dict[str, str], kind: str) -> None:
    page = tree(pages[kind])
    assert not {"script", "link", "iframe", "img", "object", "embed", "form", "base"} & {e.tag for e in page.iter()}
    names = {name for element in page.iter() for name in element.attrib}
    assert not {"src", "href", "srcset", "action", "data", "style"} & names
    assert not [name for name in names if name.startswith("on")]
    css = words(page.find("head/style"))
    assert "url(" not in css and "@import" not in css and "//" not in css


@pytest.mark.parametrize("kind", ["zh", "en", "traditional"])
def test_every_quote_stands_in_the_table_where_the_page_says(
    pages: dict[str, str], table: pd.DataFrame, kind: str
) -> None:
    rows = {(r.doc_id, r.start, r.end): r.text for r in table.itertuples()}
    page = tree(pages[kind])
    quotes = page.findall(".//q")
    assert len(quotes) > 2 * len(table)  # in its cell, as the reference of others, and in the notes for print
    seen = set()
    for quote in quotes:
        place = words(quote.getprevious())
        doc_id, numbers = place.split(" ")[0], re.search(r"(\d+)–(\d+)", place)
        assert numbers, place
        key = (doc_id, int(numbers[1]), int(numbers[2]))
        assert "".join(quote.itertext()) == rows[key]
        seen.add(key)
    assert len(seen) > 0.8 * len(rows)


def test_cells_have_the_levels_of_the_comparison(pages: dict[str, str], comparison: pd.DataFrame) -> None:
    """Every cell against the pair of its requirement with that of the reference (◆) of its row."""
    pairs = {(r.item, r.document, r.other): r for r in comparison.itertuples()}
    matrix = tree(pages["en"]).find(".//table[@class='matrix']")
    columns = [words(th) for th in matrix.findall("thead/tr/th")][1:]
    assert sorted(columns) == sorted({*comparison["document"], *comparison["other"]})
    said: dict[tuple[str, str], set[str]] = {}
    for pair in pairs.values():
        said.setdefault((pair.item, pair.other), set()).add(pair.level)
    shown = 0
    for line in matrix.findall("tbody/tr"):
        cells = line.findall("td")
        if not cells:
            continue
        item = words(line.find(".//div[@class='pop']/b")).rsplit(" · ", 1)[0]
        marks = [words(cell.find(".//span[@class='mark']")) for cell in cells]
        if "◇ only here" in marks:
            assert all(mark in ("◇ only here", "✕ absent", "– not applicable", "· other policy") for mark in marks)
        (reference,) = [c for c, mark in zip(columns, marks, strict=True) if mark in ("◆ reference", "◇ only here")]
        for column, mark, cell in zip(columns, marks, cells, strict=True):
            if column == reference:
                continue
            pair = pairs.get((item, reference, column))
            if pair is not None:
                wanted = pair.level
                if pd.isna(pair.other_id):  # it could bind somebody there if any member of the item could
                    wanted = "absent" if "absent" in said[item, column] or mark == "✕ absent" else "not_applicable"
                level = LEVELS[wanted]
                assert mark == f"{level.sign} {level.names[0]}"
                assert cell.get("class") == f"l-{wanted}"
                shown += 1
            else:
                assert cell.get("class") in ("l-absent", "l-not_applicable", "l-not_compared")
    assert shown > 500


def test_levels_are_told_by_sign_name_and_colour() -> None:
    def luminance(color: str) -> float:
        parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    levels = dict(LEVELS)
    for one, other in combinations(levels.values(), 2):
        assert one.sign != other.sign
        assert one.names[0] != other.names[0] and one.names[1] != other.names[1]
    tinted = [level for name, level in levels.items() if name not in ("reference", "only")]
    assert len({level.light[0] for level in tinted}) == len({level.dark[0] for level in tinted}) == len(tinted)
    for level in levels.values():
        for tint, ink in (level.light, level.dark):
            lighter, darker = sorted((luminance(tint), luminance(ink)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{level.names[0]}: {ink} on {tint} is hard to read"


def test_headings_are_in_the_language_and_the_script(pages: dict[str, str]) -> None:
    import opencc

    heads = {kind: [words(e) for e in tree(page).iter("h1", "h2", "dt")] for kind, page in pages.items()}
    assert heads["zh"] and all(HAN.search(head) for head in heads["zh"])
    assert not [head for head in heads["en"] if HAN.search(head)]
    convert = opencc.OpenCC("s2t").convert
    assert heads["traditional"] == [convert(head) for head in heads["zh"]] != heads["zh"]
    quotes = {kind: ["".join(q.itertext()) for q in tree(page).iter("q")] for kind, page in pages.items()}
    assert quotes["zh"] == quotes["traditional"]
    assert [tree(pages[kind]).get("lang") for kind in ("zh", "en", "traditional")] == ["zh-Hans", "en", "zh-Hant"]


def test_both_themes_and_print_are_provided_for(pages: dict[str, str]) -> None:
    css = words(tree(pages["zh"]).find("head/style"))
    dark, printed = css.split("prefers-color-scheme:dark")[1].split("}}")[0], css.split("@media print")[1]
    assert all(f"--{name}-t:" in dark and f"--{name}-t:" in css.split("@media")[0] for name in LEVELS)
    assert "@page{size:A4 landscape" in css and "thead{display:table-header-group}" in printed
    assert ".pop{display:none}" in printed and ".notes{display:block}" in printed


def test_every_footnote_number_has_its_quote(pages: dict[str, str]) -> None:
    page = tree(pages["zh"])
    notes = page.findall(".//section[@class='notes']/ol/li")
    assert [int(li.get("value")) for li in notes] == list(range(1, len(notes) + 1))
    for sup in page.iter("sup"):
        number = int(words(sup).strip("[]"))
        quoted = sup.getparent().getparent().find(".//q")
        assert "".join(notes[number - 1].find("q").itertext()) == "".join(quoted.itertext())


def test_figures_are_those_of_the_comparison(pages: dict[str, str], table: pd.DataFrame) -> None:
    page = tree(pages["en"])
    wanted = {
        (r["region"], r["topic"] if isinstance(r["topic"], str) else "(no topic)"): r["index"]
        for r in demand(table).to_dict("records")
        if pd.notna(r["index"])
    }
    assert wanted
    shown = {}
    for group in page.findall(".//svg[@role='img']/g"):
        name = words(group.find("title"))
        told = words(group.find("text"))
        if re.fullmatch(r"\d\.\d\d", told):
            region, _, rest = name.partition(" · ")
            shown[region, rest.split(":")[0]] = float(told)
    assert shown.keys() == wanted.keys()
    assert {key: (shown[key], wanted[key]) for key in shown if abs(shown[key] - wanted[key]) > 0.0051} == {}

    bars = page.find(".//table[@class='bars']")
    columns = [words(th) for th in bars.findall("thead/tr/th")][1:]
    figures = {
        (r["region"], r["topic"] if isinstance(r["topic"], str) else "(no topic)"): (r["asked"], r["items"])
        for r in coverage(table).to_dict("records")
    }
    for line in bars.findall("tbody/tr")[1:]:
        topic = words(line.find("th"))
        for column, cell in zip(columns, line.findall("td"), strict=True):
            asked, items = figures[column, topic]
            assert words(cell).split(" ")[0] == (f"{asked}/{items}" if items else "—"), (topic, column)


def test_what_each_lacks_is_what_the_matrix_marks_absent(pages: dict[str, str]) -> None:
    page = tree(pages["en"])
    matrix = page.find(".//table[@class='matrix']")
    columns = [words(th) for th in matrix.findall("thead/tr/th")][1:]
    absent = dict.fromkeys(columns, 0)
    for line in matrix.findall("tbody/tr"):
        for column, cell in zip(columns, line.findall("td"), strict=False):
            absent[column] += cell.get("class") == "l-absent"
    counted = {}
    for block in page.findall(".//section[@class='missing']/details"):
        name, _, count = words(block.find("summary/h3")).rpartition(" ")
        counted[name] = int(count)
        assert len(block.findall("ul/li/ul/li")) == int(count)
    assert counted == {column: count for column, count in absent.items() if count}


def test_with_a_baseline_it_comes_first_and_the_others_are_still_placed() -> None:
    table = small(
        甲="县长每月至少接访群众1次。\n市长每年至少讲党课1次。\n",
        乙="县长每月至少接访群众2次。\n市长每年至少调研20天。\n",
        丙="县长每季度至少接访群众1次。\n市长每年至少调研30天。\n",
    )
    comparison = compare(table, by="region", baseline="乙市")
    page = tree(comparison_html(comparison, table, lang="en"))
    matrix = page.find(".//table[@class='matrix']")
    assert [words(th) for th in matrix.findall("thead/tr/th")] == ["item", "乙市", "丙市", "甲市"]
    lines = {
        words(tr.find("th//summary/span[last()]")): [words(td) for td in tr.findall("td")]
        for tr in matrix.findall("tbody/tr")
        if tr.find("td") is not None
    }
    visits = next(cells for name, cells in lines.items() if "接访" in name)
    assert "◆ reference" in visits[0] and "▼ looser" in visits[1] and "▼ looser" in visits[2]
    assert "≥2× a month" in visits[0] and "≥1× a quarter" in visits[1]
    surveys = next(cells for name, cells in lines.items() if "调研" in name)
    assert "▲ stricter" in surveys[1] and surveys[2] == "✕ absent"
    lectures = next(cells for name, cells in lines.items() if "党课" in name)
    assert lectures[0] == lectures[1] == "✕ absent" and "◇ only here" in lectures[2]


def test_what_a_third_adds_is_compared_without_the_baseline() -> None:
    table = small(甲="县长每月至少接访群众1次。\n", 乙="市长每年至少调研20天。\n", 丙="市长每年至少调研30天。\n")
    page = tree(comparison_html(compare(table, by="region", baseline="甲市"), table, lang="en"))
    cells = [[words(td) for td in tr.findall("td")] for tr in page.iter("tr") if len(tr.findall("td")) == 3]
    (line,) = [line for line in cells if "20天" in " ".join(line)]
    assert line[0] == "✕ absent"
    assert sorted(("◆ reference" in line[n], "▲ stricter" in line[n] or "▼ looser" in line[n]) for n in (1, 2)) == [
        (False, True),
        (True, False),
    ]


# Hostile texts

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|'/C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    "</q></details>]]><!--",
    "&lt;b&gt; &amp;",
    "a\u202egnp\x07\x00\u2028",
    "https://example.org/x",
    "\ud800",
    "{item} %s {0}",
]


@pytest.fixture(scope="module")
def hostile() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, lines = [], []
    for n, evil in enumerate(EVIL):
        for place in ("x", "y"):
            text = f"{evil} {place}" + "长" * (40_000 if n == 0 else 0)
            row = {"requirement_id": f"{place}/{n}", "doc_id": f"{place}{evil}"[:30], "region": f"{place}{evil}"}
            row |= {"title": evil, "text": text, "start": 0, "end": len(text), "subject": evil, "action": evil}
            row |= {"modality": "obligation", "topic": evil, "section": evil, "vague": evil}
            rows.append(row | {"quantity_op": "ge", "quantity_value": 1.0, "quantity_unit": evil, "basis": evil})
        names = {"document": f"x{evil}", "other": f"y{evil}", "requirement_id": f"x/{n}", "other_id": f"y/{n}"}
        line = {"item": f"{n} {evil}", "topic": evil, "role": evil, **names, "level": "same", "why": evil}
        lines.append(line | {"score": 1.0, "text": rows[-2]["text"], "other_text": rows[-1]["text"]})
    return to_frame(lines, columns=COMPARISON), to_frame(rows)


@pytest.mark.parametrize(("lang", "script"), [("zh", "simplified"), ("en", "simplified"), ("zh", "traditional")])
def test_hostile_texts_come_out_as_text(hostile: tuple[pd.DataFrame, pd.DataFrame], lang: str, script: str) -> None:
    html = comparison_html(*hostile, lang=lang, script=script)
    html.encode("utf-8")
    page = tree(html)
    assert not {"script", "img", "b"} & {e.tag for e in page.find("body").iter()} - {"b"}
    assert not [name for element in page.iter() for name in element.attrib if name.startswith("on") or name == "src"]
    quotes = ["".join(q.itertext()) for q in page.iter("q")]
    assert any(q.startswith("<script>alert(1)</script> x") for q in quotes)
    assert max(map(len, quotes)) < 2_000 and len(html) < 1_500_000
    assert "\u202e" not in html and "\x00" not in html


def test_hostile_texts_are_inert_in_the_workbook(hostile: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path) -> None:
    comparison_xlsx(*hostile, tmp_path / "c.xlsx", lang="en")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    found = set()
    for sheet in book:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type != "f" and cell.hyperlink is None, f"{sheet.title} {cell.coordinate} runs"
                if isinstance(cell.value, str):
                    found.add(cell.value)
                    assert len(cell.value) <= 32_767
                if cell.comment:
                    assert len(cell.comment.text) <= 3_000
    assert {"=cmd|'/C calc'!A0", "+1+1", "@SUM(A1)", "-2+3"} <= found


# The workbook


@pytest.fixture(scope="module")
def book(table: pd.DataFrame, comparison: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "comparison.xlsx"
    comparison_xlsx(comparison, table, path)
    return path


def test_the_matrix_sheet(book: Path, table: pd.DataFrame, comparison: pd.DataFrame) -> None:
    sheet = openpyxl.load_workbook(book).worksheets[0]
    assert sheet.title == "对比矩阵" and sheet.freeze_panes == "D2" and sheet.auto_filter.ref.startswith("A1:")
    heads = [cell.value for cell in sheet[1]]
    assert heads[:3] == ["主题", "主体（层级与类别）", "要求"]
    assert sorted(heads[3:]) == sorted({*comparison["document"], *comparison["other"]})
    assert sheet.max_row == comparison["item"].nunique() + 1
    texts = {(r.doc_id, str(r.start), str(r.end)): r.text for r in table.itertuples()}
    names = {level.names[1]: level for level in LEVELS.values()}
    comments = 0
    for line in sheet.iter_rows(min_row=2, min_col=4):
        for cell in line:
            (level,) = [level for name, level in names.items() if f"{level.sign} {name}" in cell.value]
            assert cell.fill.fgColor.rgb == "FF" + level.light[0][1:].upper()
            if level.sign in "✕–·":
                assert cell.comment is None
                continue
            places = re.findall(r"([\w-]+) (?:\S+ )?第 (\d+)–(\d+) 字\n", cell.comment.text)
            assert len(places) == (1 if level.sign in "◆◇" else 2)
            assert all(f"“{texts[place]}”" in cell.comment.text for place in places)
            comments += 1
    assert comments > len(table) / 2


def test_the_long_table_reads_back(book: Path, comparison: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(read_table(book, columns=COMPARISON), comparison, check_dtype=False)


def test_the_other_sheets(book: Path, table: pd.DataFrame) -> None:
    sheets = openpyxl.load_workbook(book)
    assert sheets.sheetnames == ["对比矩阵", "table", "各方缺少的要求", "指标", "说明", "provenance"]
    record, lines = sg.provenance(table), [*sheets["provenance"].iter_rows(values_only=True)]
    assert ("table_sha256", record["table_sha256"]) in [line[:2] for line in lines]
    # A clone holds the table without its sidecar, so the hashes of the documents can be unknown.
    told = {line[1]: (*line[2:], None)[0] for line in lines if line[0] == "document"}
    assert told == record["documents"]
    for name in sheets.sheetnames[:4]:
        assert sheets[name].freeze_panes and sheets[name].auto_filter.ref
    matrix, lacking = sheets["对比矩阵"], sheets["各方缺少的要求"]
    absent = sum("✕" in cell.value for line in matrix.iter_rows(min_row=2, min_col=4) for cell in line)
    assert lacking.max_row - 1 == absent > 100
    assert any("要求强度 =" in str(cell.value) for line in sheets["说明"].iter_rows() for cell in line)


def test_the_same_comparison_gives_the_same_bytes(
    book: Path, table: pd.DataFrame, comparison: pd.DataFrame, tmp_path: Path
) -> None:
    comparison_xlsx(comparison, table, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == book.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["again.xlsx"]


def test_the_page_says_what_it_was_made_from(table: pd.DataFrame, comparison: pd.DataFrame) -> None:
    for lang, script, words in (
        ("zh", "simplified", "据要求表生成"),
        ("zh", "traditional", "據要求表生成"),
        ("en", "simplified", "from a table of"),
    ):
        page = comparison_html(comparison, table, lang=lang, script=script)
        assert words in page and sg.provenance(table)["table_sha256"] in page


def test_no_code_of_the_table_stands_where_people_read() -> None:
    texts = {
        "a": "镇级河长每个工作日巡查1次。镇级河长每年3月至11月每周巡查1次。镇政府应当在收到报告后2小时内报告。镇政府每两年检查1次。",
        "b": "镇级河长每半月巡查1次。镇政府应当于2026年5月底前报告。镇政府应当提前3日公布。镇政府每季度末报告。",
    }
    table = sg.requirements([Document(name, text) for name, text in texts.items()])
    told = etree.HTML(comparison_html(compare(table, lang="zh"), table)).xpath("string(//body)")
    assert "每个工作日" in told and "3月至11月" in told and "2小时内" in told
    assert not re.findall(r"\bP(?:T?\d+(?:\.\d)?)(?:WD|[YMWDH])|--\d\d|(?:year|quarter|month)-end", told)


# Other tables


def test_tables_of_facts_show_places_instead_of_quotes(root: Path) -> None:
    names = ("fujian-2013", "jinchang-2024", "hubei-2013")
    files = [root / "extracted" / "reference" / f"{name}.csv" for name in names]
    table = pd.concat([read_table(file, columns=REFERENCE_COLUMNS) for file in files], ignore_index=True)
    page = tree(comparison_html(compare(table, by="region", lang="zh"), table))
    assert page.find(".//q") is None
    text = words(page)
    assert "fujian-2013 二 第 929–951 字" in text and "表中不含原文" in text and "每季度≥1次" in text


def test_requirements_that_the_table_lacks_are_quoted_from_the_comparison() -> None:
    table = small(甲="县长每月至少接访群众1次。\n", 乙="县长每月至少接访群众2次。\n")
    comparison = compare(table)
    page = tree(comparison_html(comparison, table[table["doc_id"] == "甲"], lang="en"))
    assert {"".join(q.itertext()) for q in page.iter("q")} == {"县长每月至少接访群众1次", "县长每月至少接访群众2次"}


def test_a_matrix_too_large_to_look_at_is_shortened_and_says_so(
    table: pd.DataFrame, comparison: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("siga_nlp.comparison_report.grid._MOST_CELLS", 120)
    monkeypatch.setattr("siga_nlp.comparison_report.page._MOST_LACKED", 60)
    html = comparison_html(comparison, table, lang="en")
    page = tree(html)
    matrix = page.find(".//table[@class='matrix']")
    lines = [tr for tr in matrix.findall("tbody/tr") if tr.find("td") is not None]
    count = comparison["item"].nunique()
    assert len(lines) == 120 // len(lines[0].findall("td"))
    assert f"Only {len(lines)} of {count} items are shown" in words(page)
    assert "see the long table" in words(page.find(".//section[@class='missing']"))
    assert all(
        sum(td.get("class") not in ("l-absent", "l-not_applicable") for td in tr.findall("td")) > 5 for tr in lines
    )
    comparison_xlsx(comparison, table, tmp_path / "c.xlsx", lang="en")
    assert openpyxl.load_workbook(tmp_path / "c.xlsx").worksheets[0].max_row == len(lines) + 1


def test_an_empty_comparison_says_so(tmp_path: Path) -> None:
    empty = to_frame([], columns=COMPARISON)
    assert "nothing to compare" in comparison_html(empty, to_frame([]), lang="en")
    comparison_xlsx(empty, to_frame([]), tmp_path / "empty.xlsx")
    assert openpyxl.load_workbook(tmp_path / "empty.xlsx").worksheets[0].max_row == 1


def test_bad_calls_are_told(table: pd.DataFrame, comparison: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lang is 'fr'; it can be en or zh"):
        comparison_html(comparison, table, lang="fr")
    with pytest.raises(ValueError, match="script is 's2t'; it can be simplified or traditional"):
        comparison_xlsx(comparison, table, tmp_path / "x.xlsx", script="s2t")
    with pytest.raises(ValueError, match="columns are missing: other_id, level"):
        comparison_html(comparison.drop(columns=["other_id", "level"]), table)
    assert not list(tmp_path.iterdir())
