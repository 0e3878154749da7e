"""Checklists: whom a rule binds, the tasks of a range, and the files as other programs read them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.binding import binding
from siga_nlp.checklists import COLUMNS, evidence, how_much, how_often, parse_day
from siga_nlp.cli import main
from siga_nlp.lexicon import load
from siga_nlp.models import Document
from siga_nlp.table import read_table, to_frame
from siga_nlp.view import fold

YEAR: dict[str, Any] = {"start": "2025-01-01", "end": "2025-12-31"}
TEXT = """青溪市深入基层办法（样例）
一、接访
（一）市级领导干部每季度至少接待来访群众1次，县级领导干部每月至少接待来访群众2次。
（二）信访部门应当建立接访台账。责任单位自收到申请之日起15个工作日内答复。
二、调研
（一）县处级以上领导班子成员每人每年到基层调研不少于60天。
（二）市直部门每年2月底前制定年度调研计划。市级领导干部联系点3年轮换一次。
三、作风
领导干部应当定期到基层走访。党员干部不得以会议代替走访。市级领导干部可以分段进行调研。
"""
DOCUMENT = Document("qingxi", TEXT)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return sg.requirements(DOCUMENT)


def row(tasks: pd.DataFrame, words: str) -> pd.DataFrame:
    found = tasks[tasks["text"].str.contains(words, regex=False)]
    assert len(found), f"no task says {words}"
    return found


# Who is bound


@pytest.mark.parametrize(
    ("query", "subject", "kind"),
    [
        ("市级领导干部", "市级领导干部", "direct"),
        ("市级领导干部", "省、市级党政领导干部", "direct"),
        ("市级领导干部", "各县（市、区）和市级领导干部", "direct"),
        ("市级領導干部", "市、縣級領導干部", "direct"),
        ("市级领导干部", "各级领导干部", "general"),
        ("市级领导干部", "全市领导干部", "general"),
        ("市级领导干部", "县处级以上领导干部", "direct"),
        ("市级领导干部", "县处级以上领导班子成员", "general"),
        ("市级领导干部", "领导班子", "body"),
        ("市级领导干部", "市级党员领导干部", "part"),
        ("市级领导干部", "市级包联领导", "part"),
        ("市级领导干部", "县级领导干部", None),
        ("市级领导干部", "市直部门单位领导干部", None),
        ("市级领导干部", "县级以下领导干部", None),
        ("市级领导干部", "市信访工作领导小组", None),
        ("市级领导干部", "退休干部", None),
        ("市级领导干部", "党委书记", None),
        ("市级领导干部", "市、县委书记", "part"),
        ("市级领导干部", "各级党政主要领导干部", None),
        ("企业", "县级以上机关单位", None),
        ("领导干部", "县级领导干部", "direct"),
        ("县级领导干部", "县（市、区）领导干部", "direct"),
        ("宣传部门", "各部门", "general"),
        ("宣传部门", "信访部门", None),
        ("河长办公室", "乡级河长", None),
        ("平安办", "街道平安办", "direct"),
        ("市委书记", "党员干部", "general"),
    ],
)
def test_binding(query: str, subject: str, kind: str | None) -> None:
    assert binding(fold(query), fold(subject), lexicon=load()) == kind


def test_a_lower_document_does_not_bind_those_above() -> None:
    ask = {"document_level": "county", "lexicon": load()}
    assert binding("市级领导干部", "领导干部", **ask) is None
    assert binding("县级领导干部", "领导干部", **ask) == "general"


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_texts_have_an_answer(query: str, subject: str) -> None:
    assert binding(query, subject, lexicon=load()) in ("direct", "general", "body", "part", None)


def test_who_says_how_it_binds(table: pd.DataFrame) -> None:
    tasks = sg.checklist(table, for_subject="市级领导干部", **YEAR)
    assert set(row(tasks, "接待来访")["who"]) == {"市级领导干部"}
    assert set(row(tasks, "60天")["who"]) == {"县处级以上领导班子成员（含市级领导干部）"}
    assert set(row(tasks, "会议代替")["who"]) == {"党员干部（含市级领导干部）"}
    assert not tasks["text"].str.contains("县级领导干部|台账|市直部门", regex=True).any()


def test_an_unknown_subject_is_told_which_there_are(table: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="没有约束“水产协会”的要求。现有主体：.*市级领导干部"):
        sg.checklist(table, for_subject="水产协会", **YEAR)
    with pytest.raises(ValueError, match="no requirement binds '水产协会'.*信访部门"):
        sg.checklist(table, for_subject="水产协会", lang="en")
    with pytest.raises(ValueError, match="没有约束"):
        sg.checklist(table, for_subject="  ")


# Tasks


def test_columns_are_those_of_the_contract(table: pd.DataFrame) -> None:
    names = (
        "task_id requirement_id doc_id section topic who what modality how_often how_much window_start window_end due "
        "evidence vague text"
    )
    assert list(sg.checklist(table, **YEAR).columns) == names.split()


def test_windows_and_words(table: pd.DataFrame) -> None:
    tasks = sg.checklist(table, **YEAR)
    quarters = row(tasks, "市级领导干部每季度")
    assert quarters["due"].tolist() == ["2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"]
    assert quarters["window_start"].tolist() == ["2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01"]
    assert set(quarters["how_often"]) == {"每季度至少 1 次"}
    assert len(row(tasks, "县级领导干部每月")) == 12
    [days] = row(tasks, "60天").to_dict("records")
    assert (days["how_often"], days["how_much"], days["due"]) == ("每年", "每人至少 60 天", "2025-12-31")
    [plan] = row(tasks, "2月底前").to_dict("records")
    assert (plan["due"], plan["evidence"]) == ("2025-02-28", "年度调研计划")


def test_each_requirement_but_permissions_is_there(table: pd.DataFrame) -> None:
    tasks = sg.checklist(table, **YEAR)
    permitted = table["modality"] == "permission"
    assert permitted.any()
    assert set(tasks["requirement_id"]) == set(table.loc[~permitted, "requirement_id"])
    assert "1 条允许性规定不是任务，未列入" in tasks.attrs["notes"]


def test_vague_unmeasured_and_forbidden_say_so(table: pd.DataFrame) -> None:
    tasks = sg.checklist(table, **YEAR)
    [vague] = row(tasks, "定期").to_dict("records")
    assert vague["how_often"] == "定期（原文未给出数字）" and vague["vague"] == "定期" and pd.isna(vague["due"])
    [forbidden] = row(tasks, "会议代替").to_dict("records")
    assert (forbidden["modality"], forbidden["how_often"]) == ("prohibition", "禁止事项")
    assert forbidden["what"] == "不得以会议代替走访", "not to be taken for something to do"
    [ledger] = row(tasks, "台账").to_dict("records")
    assert (ledger["how_often"], ledger["evidence"]) == ("原文未规定数量、频次或期限", "台账")
    assert all(pd.isna(task["window_start"]) for task in (vague, forbidden, ledger))


def test_grouped_by_topic_in_the_documents_order(table: pd.DataFrame) -> None:
    tasks = sg.checklist(table, **YEAR)
    topics = tasks["topic"].fillna("").tolist()
    runs = [t for n, t in enumerate(topics) if n == 0 or topics[n - 1] != t]
    assert len(runs) == len(set(runs)), "a topic stands in one place"
    order = {r: n for n, r in enumerate(table["requirement_id"])}
    for _, group in tasks.groupby(tasks["topic"].fillna("")):
        places = [order[r] for r in group["requirement_id"]]
        assert places == sorted(places)


def test_a_rotation_waits_for_its_first_day(table: pd.DataFrame) -> None:
    [open_] = row(sg.checklist(table, **YEAR), "轮换").to_dict("records")
    assert open_["due"] == "起算之日 + 3 年" and pd.isna(open_["window_start"])
    tasks = sg.checklist(table, start="2025-01-01", end="2027-12-31", rotation_start="2025-01-01")
    [known] = row(tasks, "轮换").to_dict("records")
    assert (known["window_start"], known["window_end"], known["due"]) == ("2025-01-01", "2027-12-31", "2027-12-31")


def test_an_event_is_a_formula_until_its_day_is_known(table: pd.DataFrame) -> None:
    assert row(sg.checklist(table, **YEAR), "答复")["due"].tolist() == ["收到申请之日 + 15 个工作日"]
    tasks = sg.checklist(table, event_dates={"收到申请": "2025-06-03"}, **YEAR)
    assert row(tasks, "答复")["due"].tolist() == ["2025-06-24"]
    assert any("周一至周五" in note for note in tasks.attrs["notes"])


def test_a_day_without_a_year_is_nobodys_guess() -> None:
    tasks = sg.checklist(Document("x", "县委办公室应当于12月底前报送总结材料。"), **YEAR)
    assert tasks["due"].tolist() == ["12月底前（原文未写年份）"]


def test_months_of_each_year_are_the_window() -> None:
    tasks = sg.checklist(Document("x", "县委督查室每年9月至11月开展一次督查。"), start="2025-01-01", end="2026-10-31")
    assert tasks["window_start"].tolist() == ["2025-09-01", "2026-09-01"]
    assert tasks["window_end"].tolist() == tasks["due"].tolist() == ["2025-11-30", "2026-11-30"]


def test_fixed_days_outside_the_range_are_left_out_and_counted() -> None:
    text = "各单位应当在2024年6月底前完成排查。各单位应当在2025年6月底前完成整改。县委每年2月底前制定计划。"
    tasks = sg.checklist(Document("x", text), start="2025-03-01", end="2025-12-31")
    assert tasks["due"].tolist() == ["2025-06-30"]
    assert "2 个期限不在起止日期之内，未列入" in tasks.attrs["notes"]


def test_a_cut_window_keeps_its_due_date(table: pd.DataFrame) -> None:
    tasks = row(sg.checklist(table, start="2025-02-10", end="2025-05-01"), "市级领导干部每季度")
    assert tasks["window_start"].tolist() == ["2025-02-10", "2025-04-01"]
    assert tasks["window_end"].tolist() == ["2025-03-31", "2025-05-01"]
    assert tasks["due"].tolist() == ["2025-03-31", "2025-06-30"]


def test_without_a_range_each_requirement_is_one_task(table: pd.DataFrame) -> None:
    tasks = sg.checklist(table)
    assert tasks["requirement_id"].is_unique and tasks["window_start"].isna().all()
    assert row(tasks, "2月底前")["due"].tolist() == ["2月底前"]


def test_ids_are_unique_and_stable(table: pd.DataFrame) -> None:
    whole = sg.checklist(table, **YEAR)
    part = sg.checklist(table, for_subject="市级领导干部", start="2025-02-10", end="2025-06-30")
    assert whole["task_id"].is_unique and part["task_id"].is_unique
    assert set(part["task_id"]) <= set(whole["task_id"])


def test_a_table_a_document_and_a_file_give_the_same(table: pd.DataFrame, tmp_path: Path) -> None:
    expected = sg.checklist(table, **YEAR)
    (tmp_path / "qingxi.txt").write_text(TEXT, encoding="utf-8")
    sg.write_table(table, tmp_path / "table.xlsx")
    for given_ in (DOCUMENT, tmp_path / "table.xlsx"):
        pd.testing.assert_frame_equal(sg.checklist(given_, **YEAR), expected)
    assert sg.checklist(tmp_path / "qingxi.txt", **YEAR)["due"].tolist() == expected["due"].tolist()


def test_language_and_script(table: pd.DataFrame) -> None:
    english = row(sg.checklist(table, lang="en", **YEAR), "市级领导干部每季度")
    assert set(english["how_often"]) == {"at least 1 time each quarter"}
    traditional = sg.checklist(table, script="traditional", **YEAR)
    [vague] = row(traditional, "定期").to_dict("records")
    assert vague["how_often"] == "定期（原文未給出數字）" and "领导干部" in vague["text"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": "2025-13-01", "end": "2025-12-31"}, "start .--from.: '2025-13-01' is not a date; use YYYY-MM-DD"),
        ({"start": "2025-01-01", "end": "spring"}, "end .--to.: 'spring' is not a date"),
        ({"start": "2025-02-30", "end": "2025-12-31"}, "'2025-02-30' is not a date"),
        ({"start": "2025-12-31", "end": "2025-01-01"}, "ends .2025-01-01. before it starts"),
        ({"start": "2025-01-01"}, "give both start"),
        ({**YEAR, "rotation_start": "0000"}, "rotation_start: '0000' is not a date"),
        ({**YEAR, "event_dates": {"收到": "soon"}}, "the day of 收到: 'soon' is not a date"),
        ({"script": "cursive"}, "one of simplified, traditional"),
        ({"lang": "fr"}, "one of en, zh"),
    ],
)
def test_bad_options(table: pd.DataFrame, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sg.checklist(table, **options)


def test_dates_in_their_usual_forms() -> None:
    for form in (
        "2025-3-5",
        "2025/03/05",
        "2025.3.5",
        "2025年3月5日",
        "２０２５年３月５日",
        datetime(2025, 3, 5, 9),
        date(2025, 3, 5),
    ):
        assert parse_day(form) == date(2025, 3, 5)
    assert parse_day("2024年2月", last=True) == date(2024, 2, 29)


def test_a_table_that_is_none_is_refused(table: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="columns are missing: deadline"):
        sg.checklist(table.drop(columns="deadline"))


@pytest.mark.parametrize(
    ("op", "value", "most", "unit", "words"),
    [
        ("ge", 2, None, "件", "至少 2 件"), ("le", 5, None, "%", "不超过 5%"), ("range", 3, 5, "天", "3–5 天"),
        ("gt", 0.5, None, None, "多于 1/2"), ("ge", 0.666667, None, None, "至少 2/3"), ("approx", 3, None, "天", "约 3 天"),
        ("eq", 1.4, None, "米", "1.4 米"), ("ge", 1234567, None, "元", "至少 1234567 元"), ("lt", 10, None, "人", "少于 10 人"),
    ],
)  # fmt: skip
def test_amounts_in_words(op: str, value: float, most: float | None, unit: str | None, words: str) -> None:
    cells = {"quantity_op": op, "quantity_value": value, "quantity_max": most, "quantity_unit": unit, "basis": None}
    assert how_much(cells) == words


@pytest.mark.parametrize("period", ["P1Y", "P2Y", "P0.5M", "P10D", "PT2H", "P3WD", "semester", "term", "odd", None])
def test_every_period_has_words(period: str | None) -> None:
    cells = {"frequency_op": "ge", "frequency_count": 2, "frequency_max": None, "frequency_period": period}
    for lang in ("zh", "en"):
        assert "2" in (how_often(cells, lang) or "")


def test_evidence_is_what_is_kept() -> None:
    assert evidence("召开报告会，形成会议纪要并公示，公示期不少于5日", load()) == ("会议纪要", "公示")
    assert evidence("经常到村里走走", load()) == ()


# Files


def hostile() -> pd.DataFrame:
    """A table whose every text is made to break something."""
    text = (
        '=HYPERLINK("http://x.invalid","点我")<script>alert(1)</script>\n# |a|b| [x](javascript:alert(1)),;\\n\x07\x0b'
    )
    cells = {
        "requirement_id": "x/1", "doc_id": "x", "section": "=1+1", "start": 0, "end": len(text), "text": text,
        "subject": "+cmd|' /C calc'!A0", "action": "@SUM(1)\r\nBEGIN:VEVENT\r\nX-EVIL:1", "modality": "obligation",
        "topic": "'[]:*?/\\=" + "长" * 40, "frequency_op": "ge", "frequency_count": 1, "frequency_period": "P3M",
        "subject_source": "stated",
    }  # fmt: skip
    second = {
        **cells,
        "requirement_id": "x/2",
        "topic": "History",
        "deadline": "within P3D",
        "deadline_event": "</script>",
    }
    return to_frame([cells, second])


EMPTY = to_frame([])


def test_xlsx_as_openpyxl_reads_it(table: pd.DataFrame, tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "tasks.xlsx"
    tasks = sg.checklist(table, **YEAR)
    sg.write_checklist(tasks, path)
    book = openpyxl.load_workbook(path)
    overview, *sheets, origin = book.worksheets
    record = sg.provenance(tasks)
    told = {line[0].value: line[1].value for line in origin.iter_rows()}
    assert origin.title == "provenance" and told["table_sha256"] == record["table_sha256"]
    assert overview.title == "概览" and [s.title for s in sheets] == [
        t or "其他" for t in dict.fromkeys(tasks["topic"].fillna(""))
    ]
    assert sum(sheet.max_row - 1 for sheet in sheets) == len(tasks)
    sheet = book["信访接待"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:4] == ["状态", "期限", "事项", "主体"]
    assert [sheet.cell(n, 2).value for n in (2, 3)] == [datetime(2025, 3, 31), datetime(2025, 6, 30)]
    assert sheet.cell(2, 2).number_format == "yyyy-mm-dd"
    [choice] = sheet.data_validations.dataValidation
    assert choice.type == "list" and choice.formula1 == '"未开始,进行中,已完成,不适用"' and "A2" in choice.sqref
    assert sheet.cell(2, 1).value == "未开始"
    assert sheet.freeze_panes == "D2" and sheet.auto_filter.ref.startswith("A1:")
    assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$1:$1" and sheet.sheet_properties.pageSetUpPr.fitToPage


def test_xlsx_a_sheet_for_each_subject(table: pd.DataFrame, tmp_path: Path) -> None:
    import openpyxl

    sg.write_checklist(sg.checklist(table, **YEAR), tmp_path / "t.xlsx", sheets="subject")
    assert "市级领导干部" in openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames
    with pytest.raises(ValueError, match="topic or subject"):
        sg.write_checklist(sg.checklist(table, **YEAR), tmp_path / "t.xlsx", sheets="moon")


def test_hostile_cells_are_inert_in_xlsx(tmp_path: Path) -> None:
    import openpyxl

    sg.write_checklist(sg.checklist(hostile(), **YEAR), tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"} and not any(cell.hyperlink for cell in cells)
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in book.sheetnames)


def test_html_is_one_inert_file(tmp_path: Path) -> None:
    from lxml import html

    tasks = sg.checklist(hostile(), **YEAR)
    page = sg.render_checklist(tasks, "html")
    tree = html.fromstring(page)
    assert len(tree.xpath("//script")) == 1 and not tree.xpath("//@src | //@href | //link | //iframe | //img")
    assert not [name for name in tree.xpath("//@*/..") if any(key.startswith("on") for key in name.attrib)]
    [policy] = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    assert "alert(1)" in "".join(tree.xpath("//blockquote//text()")), "shown, not run"
    assert tree.xpath("//input[@type='checkbox']/@data-task") == tasks["task_id"].tolist()
    assert "localStorage" in tree.xpath("string(//script)") and "http" not in page.replace("http-equiv", "").replace(
        "http://x.invalid", ""
    )


def test_markdown_has_a_box_for_each_task(table: pd.DataFrame) -> None:
    tasks = sg.checklist(table, **YEAR)
    page = sg.render_checklist(tasks)
    assert page.count("- [ ] ") == len(tasks)
    assert page.startswith("# 任务清单（2025-01-01 至 2025-12-31）\n")
    assert "## 信访接待\n" in page and "二/（一）" in page and "2025-02-28 前" in page


def test_hostile_cells_are_inert_in_markdown() -> None:
    page = sg.render_checklist(sg.checklist(hostile(), **YEAR))
    assert page.count("- [ ] ") == 8
    assert not re.search(r"(?<!\\)[<\[](?!\s\])", page.replace("- [ ]", "")), "no markup of theirs"
    assert "http://" not in page and not re.search(r"^X-EVIL|^BEGIN", page, re.M)


def test_csv_is_read_back(table: pd.DataFrame, tmp_path: Path) -> None:
    for frame in (table, hostile()):
        tasks = sg.checklist(frame, **YEAR)
        sg.write_checklist(tasks, tmp_path / "t.csv")
        back = read_table(tmp_path / "t.csv", columns=COLUMNS)
        assert back["due"].tolist() == tasks["due"].tolist() and back["task_id"].tolist() == tasks["task_id"].tolist()
    lines = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text("utf-8-sig"))))
    assert not any(cell[:1] in ("=", "+", "-", "@") for line in lines for cell in line)


def events(tasks: pd.DataFrame) -> list[Any]:
    import vobject

    text = sg.render_checklist(tasks, "ics")
    assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    calendar = vobject.readOne(text)
    return list(getattr(calendar, "vevent_list", []))


def days(event: Any) -> list[date]:
    rules = event.getrruleset(addRDate=True)
    return [event.dtstart.value] if rules is None else [found.date() for found in rules]


def test_ics_as_another_library_reads_it(table: pd.DataFrame) -> None:
    tasks = sg.checklist(table, **YEAR)
    found = events(tasks)
    dated = tasks[tasks["due"].str.fullmatch(r"\d{4}-\d\d-\d\d").fillna(False)]
    assert sorted(str(day) for event in found for day in days(event)) == sorted(dated["due"])
    [quarterly] = [e for e in found if "市级领导干部" in e.summary.value and "接待" in e.summary.value]
    assert quarterly.rrule.value == "FREQ=MONTHLY;COUNT=4;INTERVAL=3;BYMONTHDAY=-1"
    assert quarterly.dtend.value - quarterly.dtstart.value == timedelta(days=1)
    assert quarterly.valarm.trigger.value == timedelta(days=-7) and quarterly.valarm.action.value == "DISPLAY"
    assert len({event.uid.value for event in found}) == len(found)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["P1Y", "P6M", "P3M", "P2M", "P1M", "P0.5M", "P10D", "P1W", "semester", "P2W", "P3Y", "P5M"]),
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.integers(0, 900),
)
def test_ics_has_every_due_date_whatever_the_period(period: str, start: date, length: int) -> None:
    frame = to_frame(
        [{"requirement_id": "x/1", "doc_id": "x", "text": "走访", "start": 0, "end": 2, "action": "走访", "modality": "obligation",
          "frequency_op": "ge", "frequency_count": 1, "frequency_period": period}]
    )  # fmt: skip
    tasks = sg.checklist(frame, start=start, end=start + timedelta(days=length), rotation_start=date(2001, 3, 1))
    assert [str(day) for event in events(tasks) for day in days(event)] == tasks["due"].tolist()


def test_ics_again_updates_and_next_year_adds(table: pd.DataFrame) -> None:
    def ids(**options: Any) -> set[str]:
        return {event.uid.value for event in events(sg.checklist(table, for_subject="市级领导干部", **options))}

    assert sg.render_checklist(sg.checklist(table, **YEAR), "ics") == sg.render_checklist(
        sg.checklist(table, **YEAR), "ics"
    )
    assert ids(start="2025-02-10", end="2025-11-30") == ids(**YEAR)
    assert not ids(start="2026-01-01", end="2026-12-31") & ids(**YEAR)


def test_hostile_cells_are_inert_in_ics() -> None:
    found = events(sg.checklist(hostile(), **YEAR))
    assert len(found) == 1 and not hasattr(found[0], "x_evil")
    assert ",;" in found[0].description.value and "\x07" not in found[0].description.value
    assert found[0].summary.value.startswith("@SUM(1) BEGIN:VEVENT X-EVIL:1")


@pytest.mark.parametrize("format", ["md", "html", "ics", "csv", "xlsx"])
@pytest.mark.parametrize("script", ["simplified", "traditional"])
def test_an_empty_table_gives_an_empty_checklist(format: str, script: str, tmp_path: Path) -> None:
    tasks = sg.checklist(EMPTY, script=script, **YEAR)
    assert list(tasks.columns) == list(COLUMNS) and tasks.empty
    sg.write_checklist(tasks, tmp_path / f"t.{format}")
    assert (tmp_path / f"t.{format}").stat().st_size > 0
    assert sg.checklist(EMPTY, for_subject="县长", **YEAR).empty


@pytest.mark.parametrize("format", ["md", "html", "ics", "csv", "xlsx"])
def test_the_same_tasks_give_the_same_bytes(format: str, table: pd.DataFrame, tmp_path: Path) -> None:
    for name in ("a", "b"):
        sg.write_checklist(sg.checklist(table, **YEAR), tmp_path / name, format)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_frame_of_ones_own_is_written_too(table: pd.DataFrame, tmp_path: Path) -> None:
    tasks = sg.checklist(table, **YEAR)
    tasks = pd.DataFrame(tasks[tasks["modality"] == "obligation"].to_dict("list"))  # attrs are gone
    assert sg.render_checklist(tasks).startswith("# 任务清单\n")
    with pytest.raises(ValueError, match="this is no checklist: columns are missing"):
        sg.render_checklist(table)
    with pytest.raises(ValueError, match=r"written as \.md, \.xlsx, \.html, \.ics, \.csv"):
        sg.write_checklist(tasks, tmp_path / "t.doc")


# The command

Siga = Callable[..., Any]


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_command_on_a_document_and_on_a_table(siga: Siga, notice: Path, tmp_path: Path) -> None:
    options = ("--for", "市级领导干部", "--from", "2025-01-01", "--to", "2025-12-31")
    direct = siga("checklist", notice, *options)
    assert direct.returncode == 0 and direct.stdout.startswith("# 任务清单：市级领导干部（2025-01-01 至 2025-12-31）\n")
    siga("extract", notice, "--out", "table.csv")
    assert siga("checklist", "table.csv", *options).stdout == direct.stdout
    for name in ("t.xlsx", "t.html", "t.ics", "t.csv", "t.md"):
        done = siga("checklist", notice, *options, "--out", name)
        assert done.returncode == 0 and (tmp_path / name).exists(), done.stderr
    assert (tmp_path / "t.md").read_text("utf-8") == direct.stdout
    assert siga("checklist", notice, *options, "--lang", "en").stdout.startswith(
        "# Checklist: 市级领导干部, 2025-01-01 to"
    )
    assert siga("checklist", notice, *options, "--script", "traditional").stdout.startswith("# 任務清單")


def test_command_says_what_is_not_in_the_calendar(siga: Siga, notice: Path) -> None:
    done = siga(
        "checklist", notice, "--from", "2025", "--to", "2025", "--format", "ics", "--event", "收到申请=2025-06-03"
    )
    assert done.returncode == 0 and done.stdout.startswith("BEGIN:VCALENDAR") and "20250624" in done.stdout
    assert "tasks have no day and are not in the calendar" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--for", "水产协会"), "no requirement binds"),
        (("--from", "2025-02-30", "--to", "2025-12-31"), "is not a date"),
        (("--from", "2025"), "give both start"),
        (("--format", "xlsx"), "name a file with --out"),
        (("--format", "ics"), "give --from and --to"),
        (("--out", "t.doc"), "this says 'doc'"),
        (("--event", "收到"), "write EVENT=DATE"),
        (("--out", "no/such/folder/t.md"), "cannot write there"),
    ],
)
def test_command_wrong_usage(
    notice: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], message: str
) -> None:
    assert main(["checklist", str(notice), *options, "--lang", "en"]) == 2
    shown = capsys.readouterr()
    assert message in shown.err and shown.out == ""


def test_command_goes_on_without_what_it_cannot_read(siga: Siga, corpus: Path) -> None:
    done = siga("checklist", corpus, "--from", "2025", "--to", "2025")
    assert done.returncode == 1 and "empty.txt" in done.stderr and "接访" in done.stdout and "调研" in done.stdout


def test_command_on_what_is_not_there(siga: Siga) -> None:
    done = siga("checklist", "nothing.csv")
    assert done.returncode == 2 and "no such file" in done.stderr


# A real document


def test_a_real_document(shared: Path) -> None:
    [path] = (shared / "seeds").glob("001_2547bef0e3b5fd5e*")
    tasks = sg.checklist(path, for_subject="市级领导干部", **YEAR)
    four = tasks.groupby("requirement_id").size()
    assert sorted(four[four > 1].tolist()) == [4, 4, 4, 4], "four quarterly duties"
    [plan] = tasks[tasks["due"] == "2025-02-28"].to_dict("records")
    assert plan["section"] == "二/（二）/5" and "为其成员" in plan["who"]
    assert not tasks["who"].str.contains("县级|乡镇|县区").any()
