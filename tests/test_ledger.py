"""Reading ledgers: dates, amounts, columns and the sheets that offices really keep."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.ledger import Ledger, LedgerError, people, read_amounts, read_date

DAY = dt.date(2024, 3, 5)


def csv_file(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "台账.csv"
    path.write_bytes(text.encode(encoding))
    return path


def xlsx(tmp_path: Path, *sheets: tuple[str, list[list[Any]]], merge: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    for ref in merge:
        book.worksheets[0].merge_cells(ref)
    path = tmp_path / "台账.xlsx"
    book.save(path)
    return path


def cells(ledger: Ledger, *names: str) -> list[list[Any]]:
    return ledger.frame[list(names)].values.tolist()


# Dates


@pytest.mark.parametrize(
    "value",
    ["2024-3-5", "2024/3/5", "2024.3.5", "2024/03/05", "2024年3月5日", "2024年3月5号", "２０２４年３月５日", "２０２４．３．５", "二〇二四年三月五日",
     "二○二四年三月五日", "20240305", "民国113年3月5日", "民國113年3月5日", "113.3.5", "113年3月5日", "3月5日", "三月五日", "3-5", "3/5", "3.5", " 3 月 5 日 ",
     "2024-03-05 09:30", "2024-03-05T09:30:00", "2024年3月5日 9:30-11:00", "2024年3月5日上午", "3月5日（周二）", "3月5日下午3时", 45356, 45356.4, "45356",
     dt.datetime(2024, 3, 5, 9, 30), DAY],
)  # fmt: skip
def test_dates_in_every_usual_form(value: Any) -> None:
    when = read_date(value, year=2024)
    assert (when.start, when.end, when.precision) == (DAY, DAY, "day")


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("3月5日—7日", "2024-03-05", "2024-03-07"),
        ("3月5日-3月7日", "2024-03-05", "2024-03-07"),
        ("3月5-7日", "2024-03-05", "2024-03-07"),
        ("3月30日至4月2日", "2024-03-30", "2024-04-02"),
        ("2023年12月30日至2024年1月2日", "2023-12-30", "2024-01-02"),
        ("2023年12月30日至1月2日", "2023-12-30", "2024-01-02"),
        ("2024.3.5-3.7", "2024-03-05", "2024-03-07"),
        ("2024-03-05至2024-03-07", "2024-03-05", "2024-03-07"),
        ("2024/3/5～2024/3/7", "2024-03-05", "2024-03-07"),
        ("三月五日至七日", "2024-03-05", "2024-03-07"),
        ("民國113年3月5日—7日", "2024-03-05", "2024-03-07"),
    ],
)
def test_ranges(value: str, start: str, end: str) -> None:
    when = read_date(value, year=2024)
    assert (str(when.start), str(when.end)) == (start, end)


@pytest.mark.parametrize(
    ("value", "why"),
    [("3月5日、8日", "几个日期"), ("年初", "不是日期"), ("2024-2-30", "没有这一天"), ("13月5日", "没有这一天"), ("3月7日至5日", "早于"), (3.1, "3月10日"),
     ("3.1", "3月10日"), ("", "没有日期"), (None, "没有日期"), (True, "不是日期"), ("24-3-5", "读法不定"), ("5/3/2024", "不是日期"), (7, "不是日期")],
)  # fmt: skip
def test_a_date_with_two_readings_or_none_has_none(value: Any, why: str) -> None:
    when = read_date(value, year=2024)
    assert when.start is None and why in when.problem


def test_without_a_year_there_is_no_date() -> None:
    assert read_date("3月5日").problem == "没有年份"


@settings(max_examples=200, deadline=None)
@given(st.dates(dt.date(2000, 1, 1), dt.date(2049, 12, 31)))
def test_forms_agree(day: dt.date) -> None:
    forms: list[Any] = [f"{day.year}年{day.month}月{day.day}日", f"民国{day.year - 1911}年{day.month}月{day.day}日", str(day), f"{day:%Y%m%d}",
                        (day - dt.date(1899, 12, 30)).days, dt.datetime.combine(day, dt.time(8))]  # fmt: skip
    assert {read_date(form).start for form in forms} == {day}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789年月日民国至-—./〇一二三 :上午至", max_size=16))
def test_any_text_gives_dates_in_order_or_a_reason(text: str) -> None:
    when = read_date(text, year=2024)
    assert (when.start is None and when.problem) or (when.start and when.end and when.start <= when.end)


# Amounts


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("下访2天,接待群众5批12人", [(2, "天"), (5, "批"), (12, "人")]),
        ("调研半天", [(0.5, "天")]),
        ("住村两天半", [(2.5, "天")]),
        ("宣讲1.5小时，听众三十人", [(1.5, "小时"), (30, "人")]),
        ("走访12户次", [(12, "户次")]),
        ("3月5日至7日下访", []),
        ("2024年第3次会议", []),
        ("接待若干人", []),
    ],
)
def test_amounts_in_a_text(text: str, wanted: list[tuple[float, str]]) -> None:
    assert [(a.value, a.unit) for a in read_amounts(text)[0]] == wanted


def test_words_without_a_number_stay_words(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "日期,姓名,事项,天数\n2024-3-5,甲某,下访,若干\n2024-3-6,甲某,下访,半天\n2024-3-7,甲某,下访,约3天\n2024-3-8,甲某,下访,2-3天\n",
    )
    ledger = sg.read_ledger(path)
    assert [(bool(a), bool(u)) for a, u in cells(ledger, "amounts", "undetermined")] == [
        (False, True),
        (True, False),
        (False, True),
        (False, True),
    ]
    assert any("若干" in p and "第 2 行" in p for p in ledger.problems)


def test_names_in_a_cell() -> None:
    assert people("甲某、乙某 ,丙某/丁某") == (("甲某", "乙某", "丙某", "丁某"), False)
    assert people("张　三") == (("张三",), False) and people("甲某等3人") == (("甲某",), True)


# Columns


@pytest.mark.parametrize(
    "head",
    ["日期,姓名,单位,职务,事项,次数,备注", "备注,活动内容,参加人员,活动时间,所在单位,级别,数量", "序号,時間,人員,單位,職務／級別,工作內容,天數,備註",
     "No.,Date,Name,Department,Title,Activity,Count,Note", "开展时间,带队领导姓名,责任单位,职务（级别）,主要工作内容,接待批次,备注说明",
     "填报日期,活动日期,姓名,单位,职务,工作事项,天数,备注", "*日期：,*姓名：,*单位：,*事项："],
)  # fmt: skip
def test_headers_in_any_order_and_wording(tmp_path: Path, head: str) -> None:
    names = head.split(",")
    line = []
    for name in names:
        folded = name.lower()
        if any(w in folded for w in ("填报",)):
            line.append("2024-9-9")
        elif any(w in folded for w in ("时间", "日期", "時間", "date")):
            line.append("2024-3-5")
        elif any(w in folded for w in ("姓名", "人员", "人員", "name", "领导")):
            line.append("甲某")
        elif any(w in folded for w in ("内容", "事项", "內容", "activity")):
            line.append("接访")
        else:
            line.append("")
    ledger = sg.read_ledger(csv_file(tmp_path, f"{head}\n{','.join(line)}\n"))
    assert cells(ledger, "row", "start", "person", "activity") == [["2", DAY, "甲某", "接访"]]
    assert all(0 < c.score <= 100 for c in ledger.columns) and {"date", "person", "activity"} <= {
        c.field for c in ledger.columns
    }


def test_missing_and_doubtful_columns_are_one_clear_message(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "何处,单位,姓名,级别\n甲,乙,丙,丁\n")
    with pytest.raises(LedgerError) as error:
        sg.read_ledger(path)
    said = str(error.value)
    assert (
        "date" in said
        and "activity" in said
        and "第 1 行表头" in said
        and "--columns" in said
        and said.count("\n") == 2
    )
    path = csv_file(tmp_path, "活动日期,活动时间,姓名,事项\n2024-3-5,2024-3-6,甲某,接访\n")
    with pytest.raises(LedgerError, match="都像 date"):
        sg.read_ledger(path)
    assert cells(sg.read_ledger(path, columns={"date": "活动时间"}), "start") == [[dt.date(2024, 3, 6)]]
    with pytest.raises(LedgerError, match="没有“没有”这一列"):
        sg.read_ledger(path, columns={"date": "没有"})
    with pytest.raises(LedgerError, match="nonsense"):
        sg.read_ledger(path, columns={"nonsense": "姓名"})


def test_a_column_of_hours_is_no_rival_of_a_column_of_dates(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "日期,时间,姓名,事项\n2024-3-5,09:30,甲某,接访\n")
    assert cells(sg.read_ledger(path), "start") == [[DAY]]


# Sheets


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "日期,姓名,单位,事项\n" + "2024年3月5日,甲某,某县信访局,接待来访群众三批，当场答复两件\n" * 3
    assert cells(sg.read_ledger(csv_file(tmp_path, text, encoding)), "person")[0] == ["甲某"]


def test_big5(tmp_path: Path) -> None:
    text = "日期,姓名,單位,事項\n" + "民國113年3月5日,王某,某縣政府,接待來訪群眾三批並當場答覆\n" * 3
    assert cells(sg.read_ledger(csv_file(tmp_path, text, "big5")), "start")[0] == [DAY]


def test_title_row_gives_the_year_and_two_header_rows_are_one(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path,
        ("表", [["某县2024年领导干部下访台账", None, None, None, None], ["日期", "姓名", "下访情况", None, None], [None, None, "工作内容", "天数", "接待批次"],
                ["3月5日", "甲某", "下访", 2, 5]]),
        merge=("A1:E1", "A2:A3", "B2:B3", "C2:E2"),
    )  # fmt: skip
    ledger = sg.read_ledger(path)
    assert ledger.year == 2024 and any("按表题作 2024 年" in p for p in ledger.problems)
    assert cells(ledger, "row", "start", "activity") == [["4", DAY, "下访"]]
    assert [(a.value, a.unit) for a in ledger.frame["amounts"][0]] == [(2, "天"), (5, "批")]


def test_merged_cells_hold_for_all_their_rows_but_amounts_do_not(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path,
        ("表", [["日期", "姓名", "单位", "事项", "天数"], [DAY, "甲某", "某县", "下访", 3], [None, "乙某", None, "下访", None], ["2024-3-6", "丙某", None, "接访", 1]]),
        merge=("A2:A3", "C2:C4", "E2:E3"),
    )  # fmt: skip
    ledger = sg.read_ledger(path)
    assert cells(ledger, "start", "person", "unit") == [
        [DAY, "甲某", "某县"],
        [DAY, "乙某", "某县"],
        [dt.date(2024, 3, 6), "丙某", "某县"],
    ]
    assert [len(a) for a in ledger.frame["amounts"]] == [1, 0, 1] and "合并" in ledger.frame["undetermined"][1]


def test_several_sheets_are_read_and_rows_say_which(tmp_path: Path) -> None:
    head = ["日期", "姓名", "事项"]
    path = xlsx(
        tmp_path,
        ("2024年1月", [head, ["1月5日", "甲某", "接访"]]),
        ("空", []),
        ("说明", [["本表由各县填报"]]),
        ("2024年2月", [head, ["2月6日", "甲某", "接访"]]),
    )
    ledger = sg.read_ledger(path)
    assert cells(ledger, "row", "start") == [["2024年1月!2", dt.date(2024, 1, 5)], ["2024年2月!2", dt.date(2024, 2, 6)]]
    assert any("“空”是空的" in p for p in ledger.problems) and any("“说明”" in p for p in ledger.problems)
    assert cells(sg.read_ledger(path, sheet="2024年2月"), "row") == [["2"]]
    with pytest.raises(LedgerError, match="没有工作表"):
        sg.read_ledger(path, sheet="3月")


@pytest.mark.parametrize("text", ["", "\n\n", "日期,姓名,事项\n", "这里没有表头\n也没有记录\n"])
def test_nothing_to_read(tmp_path: Path, text: str) -> None:
    path = csv_file(tmp_path, text)
    if text.startswith("日期"):
        assert len(sg.read_ledger(path).frame) == 0
    else:
        with pytest.raises(LedgerError, match="台账"):
            sg.read_ledger(path)


@pytest.mark.parametrize("name", ["x.xls", "x.pdf", "x"])
def test_other_files_are_refused_with_advice(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(LedgerError, match="另存为"):
        sg.read_ledger(tmp_path / name)


def test_a_file_that_is_not_what_its_name_says(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    with pytest.raises(LedgerError, match="不是可读的"):
        sg.read_ledger(tmp_path / "x.xlsx")
    with pytest.raises(LedgerError, match="没有这个文件"):
        sg.read_ledger(tmp_path / "none.csv")


def test_unparseable_dates_are_named_all_at_once(tmp_path: Path) -> None:
    lines = [f"{'年初' if n % 10 == 0 else '2024-3-5'},甲某,事项{n}" for n in range(60)]
    ledger = sg.read_ledger(csv_file(tmp_path, "日期,姓名,事项\n" + "\n".join(lines)))
    (said,) = [p for p in ledger.problems if p.startswith("日期无法识别")]
    assert (
        all(f"第 {n} 行“年初”" in said for n in (2, 12, 22, 32, 42, 52)) and "6 行" in said and len(ledger.frame) == 60
    )


def test_a_row_of_another_year_and_duplicates_are_flagged(tmp_path: Path) -> None:
    lines = [f"2024-{m}-{d},甲某,接访" for m in range(1, 6) for d in (2, 9, 16, 23, 28)]
    ledger = sg.read_ledger(
        csv_file(tmp_path, "日期,姓名,事项\n" + "\n".join([*lines, "2014-3-5,甲某,接访", "2024年1月2日,甲 某,接访。"]))
    )
    assert any("第 27 行 2014" in p for p in ledger.problems)
    assert ledger.frame["duplicate_of"].tolist()[-1] == "2"


def test_headings_again_totals_and_remarks_are_no_records(tmp_path: Path) -> None:
    ledger = sg.read_ledger(
        csv_file(
            tmp_path,
            "日期,姓名,事项\n2024-3-5,甲某,接访\n日期,姓名,事项\n2024-3-6,甲某,接访\n合计,,2次\n填表说明：略,,\n",
        )
    )
    assert cells(ledger, "row") == [["2"], ["4"]]
    assert sum("不是记录" in p for p in ledger.problems) == 2  # the heading again is none, and needs no word


def test_formulas_are_texts(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://example.invalid/","x")'
    for path in (
        xlsx(tmp_path, ("表", [["日期", "姓名", "事项"], [DAY, "甲某", evil]])),
        csv_file(tmp_path, '日期,姓名,事项\n2024-3-5,甲某,"' + evil.replace('"', '""') + '"\n'),
    ):
        assert cells(sg.read_ledger(path), "activity") == [[evil]]


def test_what_a_formula_came_to_is_read(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for k, name in enumerate(("日期", "姓名", "事项", "天数")):
            sheet.write_string(0, k, name)
        sheet.write_formula(1, 0, "=DATE(2024,3,5)", book.add_format({"num_format": "yyyy-mm-dd"}), 45356)
        sheet.write_string(1, 1, "甲某")
        sheet.write_string(1, 2, "下访")
        sheet.write_formula(1, 3, "=1+1", None, 2)
    ledger = sg.read_ledger(path)
    assert cells(ledger, "start") == [[DAY]] and ledger.frame["amounts"][0][0].value == 2


def test_a_line_break_in_a_cell_does_not_shift_the_rows(tmp_path: Path) -> None:
    ledger = sg.read_ledger(csv_file(tmp_path, '日期,姓名,事项\n2024-3-5,甲某,"接访\n两批"\n2024-3-6,甲某,接访\n'))
    assert cells(ledger, "row") == [["2"], ["3"]]


def test_start_and_end_in_two_columns(tmp_path: Path) -> None:
    ledger = sg.read_ledger(
        csv_file(tmp_path, "开始日期,结束日期,姓名,事项\n2024-3-5,2024-3-9,甲某,调研\n2024-3-5,2024-3-1,甲某,调研\n")
    )
    assert cells(ledger, "start", "end") == [[DAY, dt.date(2024, 3, 9)], [None, None]]


def test_a_hundred_thousand_rows_fit_into_a_gigabyte(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "large.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for k, name in enumerate(("日期", "姓名", "单位", "职务", "事项", "天数", "备注")):
            sheet.write_string(0, k, name)
        for n in range(1, 100_001):
            for k, text in enumerate(
                (
                    f"2024年{n % 12 + 1}月{n % 28 + 1}日",
                    f"人{n % 900}",
                    f"单位{n % 50}",
                    "县级领导",
                    f"接访群众{n % 9 + 1}批",
                )
            ):
                sheet.write_string(n, k, text)
            sheet.write_number(n, 5, n % 3 + 1)
    code = "import sys, resource, siga_nlp as sg; n = len(sg.read_ledger(sys.argv[1]).frame); print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    count, kilobytes = map(int, done.stdout.split())
    assert count == 100_000 and kilobytes < 1_000_000


# Rosters


def test_roster_terms_must_be_dates(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "姓名,单位,级别,职务,任职起始,任职截止\n甲某,某县,县级,领导干部,去年,\n乙某,某县,县级,领导干部,2024-1-1,至今\n丙某,某县,县级,领导干部,春天,\n",
    )
    with pytest.raises(LedgerError, match="第 2 行“去年”.*第 4 行“春天”"):
        sg.read_roster(path)
    path = csv_file(
        tmp_path, "姓名,单位,级别,职务,任职起始,任职截止\n乙某,某县,县级,领导干部,2024-1-1,至今\n,某县,县级,县,,\n"
    )
    assert sg.read_roster(path)[["name", "from", "to"]].values.tolist() == [
        ["乙某", dt.date(2024, 1, 1), None],
        ["", None, None],
    ]
