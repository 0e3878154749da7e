"""Header facts: invented heads of every form, and the documents at hand (tests/gold/headers.csv)."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siga_nlp.corpus import read_document
from siga_nlp.header import header_from_text, read_date, read_genre, read_header, read_number
from siga_nlp.models import Document
from siga_nlp.view import view

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("SIGA_SHARED") or ROOT.parent / "shared")
FIELDS = tuple(
    name
    for name in csv.DictReader((ROOT / "tests/gold/headers.csv").open(encoding="utf-8")).fieldnames or ()
    if name != "doc"
)
GOLD = list(csv.DictReader((ROOT / "tests" / "gold" / "headers.csv").open(encoding="utf-8")))

# --- values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("市委办发〔2024〕2号", "市委办发〔2024〕2号"),
        ("市委办发［2024］第2号", "市委办发〔2024〕2号"),
        ("市委办发（２０２４）2号", "市委办发〔2024〕2号"),
        ("市委辦發【二〇二四】二號", "市委办发〔2024〕2号"),
        ("县政办发2024年12号", "县政办发〔2024〕12号"),
        ("青溪市人民政府令第六十一号", "青溪市人民政府令第六十一号"),
        ("（20）湛仲字第2号时间：2025年3月20日上午九点", "(20)湛仲字第2号"),
        ("府社福字第1110030012號函", "府社福字第1110030012号函"),
        ("12345热线", None),
        ("第3条", None),
    ],
)
def test_document_numbers(text: str, value: str | None) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize("text", ["移动4/5G", "2.15", "第3条", "12345热线", "2024年13月2日", "2023年2月30日", "24年级"])
def test_no_date(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("title", "genre"),
    [
        ("关于印发《深化接访下乡制度实施意见》的通知", "实施意见"),
        ("关于转发市应急局防汛工作方案的通知", "方案"),
        ("关于印发《三年行动计划》《考核办法》的通知", "计划"),
        ("关于修改《养犬管理办法》的决定", "决定"),
        ("河長巡查管理暫行辦法（試行）", "办法"),
        ("县长在动员会上的讲话", "讲话"),
        ("随便什么", None),
    ],
)
def test_genre_of_titles(title: str, genre: str | None) -> None:
    assert read_genre(title) == genre


# --- whole heads


def test_table_head_and_signature() -> None:
    header = header_from_text(
        "索 引 号 | LX-2024-001 | 主题分类 | 综合政务 |\n发文字号 | 金政发〔2024〕3号 | 制发机构 | |\n有效性 | |||\n"
        "成文日期 | 发布日期 | 2024-02-26 |\n标 题 | 金昌市人民政府关于加强接访工作的意见 |\n各县、区人民政府:\n"
        "为做好工作,提出以下意见。\n金昌市人民政府\n2024年1月8日\n"
    )
    assert (header.index_number, header.doc_number, header.subject_class) == (
        "LX-2024-001",
        "金政发〔2024〕3号",
        "综合政务",
    )
    assert (header.date, header.published, header.validity) == ("2024-01-08", "2024-02-26", None)
    assert (header.issuer, header.region_code, header.level, header.genre) == (
        "金昌市人民政府",
        "620300",
        "city",
        "意见",
    )
    assert header.issues == ()


def test_one_fact_a_line_and_labels_alone_on_a_line() -> None:
    header = header_from_text(
        "索引号：\n11350000/2024-00012\n发布机构：\n福建省民政厅\n成文日期：\n2024年5月6日\n"
        "关于印发《福建省养老机构等级评定办法》的通知\n闽民养老〔2024〕5号\n各设区市民政局：\n现予印发。"
    )
    assert header.index_number == "11350000/2024-00012"
    assert (header.issuer, header.date, header.genre) == ("福建省民政厅", "2024-05-06", "办法")
    assert (header.region, header.region_code, header.level) == ("福建省", "350000", "province")


def test_metadata_completes_what_the_text_does_not_say() -> None:
    text = "各单位要加强值班。"
    meta = {"PubDate": "2024-03-02 10:00", "title": "青溪县关于值班工作的通知_青溪县政府网"}
    header = read_header(Document("a", text, metadata=meta), view(text))
    assert (header.published, header.title, header.genre) == ("2024-03-02", "青溪县关于值班工作的通知", "通知")
    assert "published" not in header.spans


def test_order_on_two_lines_with_the_adoption_in_the_text() -> None:
    header = header_from_text(
        "国务院令\n第710号\n《重大事项决策条例》已经2019年4月20日国务院常务会议通过，现予公布，自2019年9月1日起施行。\n"
        "总理 某某\n2019年4月25日\n重大事项决策条例\n第一条 为了规范，制定本条例。"
    )
    assert (header.doc_number, header.issuer, header.date) == ("国务院令第710号", "国务院", "2019-04-25")
    assert (header.title, header.genre, header.level) == ("重大事项决策条例", "条例", "central")


def test_the_latest_version_dates_a_revised_rule_and_the_others_are_named() -> None:
    header = header_from_text(
        "青溪市养犬管理条例\n（2010年3月1日青溪市第五届人民代表大会常务委员会第三次会议通过，根据2019年11月14日"
        "青溪市第七届人民代表大会常务委员会第九次会议《关于修改部分法规的决定》修正）\n第一条 为了规范养犬，制定本条例。\n"
    )
    assert header.date == "2019-11-14"
    assert "date_versions: 2010-03-01, 2019-11-14" in header.issues
    assert header.issuer == "青溪市人民代表大会常务委员会"


def test_approval_by_the_superior_is_neither_date_nor_issuer() -> None:
    header = header_from_text(
        "南阳市养犬管理条例\n2021年9月1日 南阳市第九届人民代表大会常务委员会第四次会议通过\n"
        "2021年9月29日 河南省第九届人民代表大会常务委员会第五次会议批准\n第一条 为了规范养犬，制定本条例。"
    )
    assert (header.date, header.issuer, header.region_code) == ("2021-09-01", "南阳市人民代表大会常务委员会", "411300")


def test_taiwanese_point_dates_and_number() -> None:
    header = header_from_text(
        "臺北市政府處理陳情案件作業要點\n中華民國115年3月5日府研考字第1150000001號函訂定\n一、臺北市政府為處理陳情，訂定本要點。"
    )
    assert (header.title, header.issuer) == ("台北市政府处理陈情案件作业要点", "台北市政府")
    assert (header.date, header.doc_number) == ("2026-03-05", "府研考字第1150000001号")
    assert (header.region, header.region_code) == ("台北市", None)


def test_dates_of_provisions_and_index_numbers_are_no_dates() -> None:
    header = header_from_text(
        "索引号：00012345000067890X/2024-81234\n接访工作制度\n第一条 自2025年1月1日起施行。\n第二条 会议时间：2024年3月1日前。\n"
        "责任人\n2024年12月31日\n完成\n"
    )
    assert header.date is None and header.published is None
    assert header.index_number == "00012345000067890X/2024-81234"


def test_author_and_source_are_no_issuer() -> None:
    header = header_from_text(
        "关于机关干部联户的活动方案\n作者：管理员 来源：青溪县融媒体中心\n一、总体要求\n要做好工作。"
    )
    assert header.issuer is None
    assert header.region == "青溪县" and "region_inferred: 来源" in header.issues


def test_ambiguous_region_stays_open_until_the_head_settles_it() -> None:
    text = "鼓楼区人民政府关于加强消防工作的通知\n各街道办事处:\n请执行。\n鼓楼区人民政府\n2023年3月1日"
    header = header_from_text(text)
    assert (header.region, header.region_code, header.level) == ("鼓楼区", None, "county")
    assert any(issue.startswith("region_ambiguous: 鼓楼区 (江苏省南京市鼓楼区") for issue in header.issues)
    settled = header_from_text("来源：福州市人民政府办公室\n" + text)
    assert settled.region_code == "350102" and settled.issues == ()


def test_an_unknown_place_never_gets_a_known_ones_code() -> None:
    header = header_from_text("福建省栖阳市人民政府关于养犬的通告\n栖政〔2020〕1号\n2020年1月1日")
    assert (header.region, header.region_code) == ("福建省栖阳市", None)
    assert "region_unknown: 栖阳市" in header.issues


def test_a_street_office_is_a_township_of_its_own() -> None:
    header = header_from_text(
        "北京市朝阳区人民政府建外街道办事处关于网格走访的通知\n各社区居委会：\n请执行。\n2024年1月2日"
    )
    assert (header.region, header.region_code, header.level) == ("北京市朝阳区建外街道", None, "township")


def test_region_from_a_document_number_alone_says_so() -> None:
    header = header_from_text("关于加强接访工作的意见\n闽委发（2013）4号\n各市、县委:\n要求如下。")
    assert (header.region_code, header.date) == ("350000", "2013")
    assert {"region_inferred: 发文字号", "date_from_doc_number"} <= set(header.issues)


def test_contradictions_are_named() -> None:
    header = header_from_text(
        "发文机关：金昌市民政局\n成文日期：2024年2月1日\n关于做好值班的通知\n鄂政发〔2024〕3号\n各单位：\n请执行。\n"
        "金昌市财政局\n2024年3月1日"
    )
    assert any(issue.startswith("issuer_conflict") for issue in header.issues)
    assert "date_conflict: 2024-02-01 / 2024-03-01" in header.issues
    assert any(issue.startswith("region_conflict") for issue in header.issues)


def test_news_and_a_document_printed_in_news() -> None:
    news = header_from_text("本报讯（记者 某某）日前，长春市委召开会议，部署下基层工作。会议要求领导干部每年下访两次。")
    assert (news.genre, news.issuer, news.region_code) == ("新闻", None, "220100")
    inside = header_from_text(
        "近日，湖北省委制定下发了接访制度，各地反响热烈。\n制度提出了三项要求，各地正在贯彻落实当中。\n"
        "中共湖北省委文件鄂发[2013]99号\n中共湖北省委关于印发《常委接访制度》的通知各市、州、县委:\n现印发给你们，请执行好。\n"
        "中共湖北省委\n2013年12月8日\n一、接访\n每年至少一次。某某日报讯 (记者某某)"
    )
    assert (inside.genre, inside.doc_number, inside.date) == ("制度", "鄂发〔2013〕99号", "2013-12-08")
    assert inside.title == "中共湖北省委关于印发《常委接访制度》的通知"


@given(
    st.text(
        alphabet="各省市县委关于印发的通知〔〕[]2024年一二三月日号令第 \n:：|、。《》（）【】县长人民政府海澜福建",
        max_size=200,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_text_gives_a_header_whose_spans_lie_in_it(text: str) -> None:
    header = header_from_text(text)
    for name, (start, end) in header.spans.items():
        assert 0 <= start < end <= len(text)
        assert getattr(header, name) is not None
    if "doc_number" in header.spans:
        start, end = header.spans["doc_number"]
        assert read_number(text[start:end]) is not None


def test_long_dotted_line_is_no_trouble() -> None:
    assert header_from_text("." * 50_000).date is None


# --- the documents at hand


def _path(doc: str) -> Path | None:
    for folder in (ROOT / "tests" / "gold" / "texts", SHARED / "seeds", SHARED / "corpus"):
        for ending in (".txt", ".html"):
            if (folder / (doc + ending)).is_file():
                return folder / (doc + ending)
    return None


def _same(expected: str, got: str | None) -> bool:
    """Long titles and index numbers of other people's documents stand elided: beginning…end."""
    if "…" in expected:
        first, last = expected.split("…")
        return bool(got) and got.startswith(first) and got.endswith(last)
    return (got or "") == expected


@pytest.mark.parametrize("row", GOLD, ids=lambda row: row["doc"])
def test_headers_of_documents_at_hand(row: dict[str, str]) -> None:
    path = _path(row["doc"])
    if path is None:
        pytest.skip("this document stays outside the repository (set SIGA_SHARED)")
    document = read_document(path)
    wrong = {
        name: (row[name], getattr(document.header, name))
        for name in FIELDS
        if not _same(row[name], getattr(document.header, name))
    }
    assert wrong == {}
    for name, (start, end) in document.header.spans.items():
        assert 0 <= start < end <= len(document.text), name
    for name in ("date", "published"):
        quote = document.text[slice(*document.header.spans.get(name, (0, 0)))]
        # A year from the number, or 88.06.30 (民國) before 訂定, is a date only where it stands.
        if len(quote) > 8:
            assert read_date(quote) == getattr(document.header, name)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("2022年武汉市农业农村工作要点\n一、任务\n各区要落实责任。", ("2022年武汉市农业农村工作要点", "武汉市", None)),
        ("关于印发台州市河长制工作办法的通知\n各县：\n县长每月巡河1次。", ("关于印发台州市河长制工作办法的通知", "台州市", None)),
        ("法規名稱：臺北市電梯檢查規則\n修正日期：民國 108 年 07 月 15 日\n第 1 條 本規則依電業法訂定之。\n第 2 條 業者應每年檢查一次。",
         ("台北市电梯检查规则", "台北市", "2019-07-15")),
    ],
)  # fmt: skip
def test_the_place_may_stand_behind_a_year_and_the_title_behind_a_label(
    text: str, facts: tuple[str, str, str | None], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    header = read_document(tmp_path / "a.txt").header
    assert (header.title, header.region, header.date) == facts
