"""Levels on what the words mean, the hierarchy, and the tables made of a comparison."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.alignment import align
from siga_nlp.comparison import COMPARISON, LEVELS, changes, compare, compare_rows, coverage, demand, matrix
from siga_nlp.models import Document, Header
from siga_nlp.table import COLUMNS, read_table, records, to_frame, write_table

if TYPE_CHECKING:
    import pandas as pd

Located = Callable[["pd.DataFrame", str, str], set[str]]


def levels_of(table: pd.DataFrame, gold: list[dict[str, Any]], located: Located) -> list[tuple[str, str, set[str]]]:
    """Planted differences that are not found: name, the level there should be, the levels there are."""
    aligned = align(table)
    found = compare(table, alignment=aligned)
    repeats = {
        again: row["requirement_id"]
        for row in aligned.items.to_dict("records")
        for again in row["repeats"] or ()
    }  # fmt: skip
    by: dict[tuple[str, str, str], list[Any]] = {}
    for row in records(found, columns=COMPARISON):
        by.setdefault((row["document"], row["other"], row["requirement_id"]), []).append(row)
    wrong = []
    for entry in gold:
        ids = {repeats.get(i, i) for i in located(table, entry["document"], entry["clause"])}
        rows = [row for i in ids for row in by.get((entry["document"], entry["other"], i), ())]
        if entry["other_clause"]:
            theirs = {repeats.get(i, i) for i in located(table, entry["other"], entry["other_clause"])}
            rows = [row for row in rows if row["other_id"] in theirs]
        levels = {row["level"] for row in rows}
        if entry["level"] not in levels:
            wrong.append((entry["name"], entry["level"], levels))
    return wrong


def test_planted_differences_are_found(root: Path, sample_table: pd.DataFrame, located: Located) -> None:
    planted = json.loads((root / "tests/gold/sample/planted.json").read_text("utf-8"))
    assert len(planted) == 181
    assert levels_of(sample_table, planted, located) == []


def test_planted_differences_are_found_in_gold_rows(
    root: Path, gold_rows: Callable[..., pd.DataFrame], located: Located
) -> None:
    planted = json.loads((root / "tests/gold/sample/planted.json").read_text("utf-8"))
    assert levels_of(gold_rows(root / "tests/gold/sample", root / "corpus"), planted, located) == []


@pytest.mark.parametrize("where", ["sample", "real"])
def test_levels_of_the_alignment_gold(
    root: Path, request: pytest.FixtureRequest, gold_rows: Callable[..., pd.DataFrame], located: Located, where: str
) -> None:
    if where == "sample":
        folder, texts, only = root / "tests/gold/sample", root / "corpus", ""
    else:
        shared = request.getfixturevalue("shared")
        folder, texts, only = shared / "gold", shared / "seeds", "000 001 003"
    gold = json.loads((folder / "alignment.json").read_text("utf-8"))
    table = gold_rows(folder, texts, only)
    rows = {row["requirement_id"]: row for row in records(table)}
    wrong, count = [], 0
    for item in gold["items"]:
        first, *others = (located(table, *member) for member in item["members"])
        for ids, right, (doc, _) in zip(others, item["level"], item["members"][1:], strict=True):
            count += 1
            if not {compare_rows(rows[a], rows[b]).level for a in first for b in ids} & set(right):
                wrong.append((item["name"], doc, right))
    assert count >= 10
    assert wrong == []


# One pair of clauses at a time


def pair(one: str, other: str) -> Any:
    here, there = (next(sg_row) for sg_row in (records(sg.requirements(Document("x", text))) for text in (one, other)))
    return compare_rows(here, there)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("县长每季度至少接访1次。", "县长每年接访不少于4次。", "same"),
        ("县长每月至少接访1次。", "县长每月至少接访2次。", "stricter"),
        ("县长每月至少接访1次。", "县长每两个月至少接访1次。", "looser"),
        ("县长每季度至少接访1次。", "县长每季度至少安排1天接访。", "different"),
        ("县长每季度至少接访1次。", "县长应当定期接访。", "unmeasured"),
        ("县长应当定期接访。", "县长应当经常接访。", "same"),
        ("陪同人员不超过3人。", "陪同人员不超过2人。", "stricter"),
        ("县长每次宣讲不少于30分钟。", "县长每次宣讲不超过40分钟。", "different"),
        ("县长每次会议不超过90分钟。", "县长每次会议不超过1小时。", "stricter"),
        ("县长每年到基层调研不少于2个月。", "县长每年到基层调研不少于40天。", "looser"),
        ("县长每年到基层调研不少于1个月。", "县长每年到基层调研不少于30天。", "different"),
        ("联系点3年轮换一次。", "联系点5年轮换一次。", "looser"),
        ("各县应当于每年2月底前报送工作情况。", "各县应当于每年3月底前报送工作情况。", "looser"),
        ("责任单位应当在5日内答复。", "责任单位应当在10日内答复。", "looser"),
        ("责任单位应当在5日内答复。", "责任单位应当在5个工作日内答复。", "different"),
        ("信访部门应当提前5日公布。", "信访部门应当提前3日公布。", "looser"),
        ("镇级河长每月对每条河道至少巡查1次。", "镇级河长每月至少巡查3次。", "different"),
        ("镇级河长每个工作日巡查1次。", "镇级河长每周巡查1次。", "different"),
        ("县长应当公开承诺。", "县长可以公开承诺。", "looser"),
        ("县长可以公开承诺。", "县长不得公开承诺。", "stricter"),
        ("县长应当公开承诺。", "县长不得公开承诺。", "different"),
    ],
)
def test_levels(one: str, other: str, level: str) -> None:
    assert pair(one, other).level == level
    assert pair(one, one).level == "same"
    assert pair(other, one).level == {"stricter": "looser", "looser": "stricter"}.get(level, level)


def test_next_year_is_later() -> None:
    found = pair("各县应当于每年12月底前报送工作情况。", "各县应当于次年1月10日前报送工作情况。")
    assert found.deadline == "looser"


def test_the_same_total_in_another_spacing_is_said_twice() -> None:
    found = pair("县长每季度至少接访1次。", "县长每年接访不少于4次。")
    assert (found.level, found.frequency) == ("same", "different")
    assert "4 a year" in found.why and "P3M" in found.why and "P1Y" in found.why


def row_of(**cells: Any) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {"modality": "obligation", "text": "某条"} | cells


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    ops = st.sampled_from(["ge", "gt", "le", "lt", "approx", "eq", "range"])
    numbers = st.integers(1, 60).map(float)
    cells: dict[str, Any] = {
        "modality": draw(st.sampled_from(["obligation", "prohibition", "permission", "recommendation"]))
    }
    if draw(st.booleans()):
        cells |= {"frequency_op": draw(ops), "frequency_count": draw(numbers)}
    if draw(st.booleans()):
        cells["frequency_period"] = draw(
            st.sampled_from(["P1Y", "P6M", "P3M", "P1M", "P1W", "P10D", "P3Y", "semester", "term"])
        )
    if draw(st.booleans()):
        units = st.sampled_from(["天", "个月", "小时", "分钟", "人", "名", "元", "万元", "%", "个工作日", "篇"])
        cells |= {"quantity_op": draw(ops), "quantity_value": draw(numbers), "quantity_unit": draw(units)}
        cells["basis"] = draw(st.sampled_from([None, "人", "次", "村"]))
    if draw(st.booleans()):
        cells["deadline"] = draw(
            st.sampled_from(
                ["by 2024-12-31", "by 2024", "by --02", "by --12-10", "by ---05", "by quarter-end", "by year-end", "within P5D",
                 "within P5WD", "within PT24H", "within P1M", "P3D before", "P5D before", "in --04", "in --09/--11", "other"]
            )
        )  # fmt: skip
    for kind in ("frequency", "quantity"):
        if cells.get(f"{kind}_op") == "range":
            value = cells["frequency_count" if kind == "frequency" else "quantity_value"]
            cells[f"{kind}_max"] = value + draw(st.integers(1, 5))
    return row_of(**cells)


TURNED = {"stricter": "looser", "looser": "stricter"}


@settings(max_examples=400, deadline=None)
@given(rows(), rows())
def test_turning_a_pair_turns_its_levels(one: dict[str, Any], other: dict[str, Any]) -> None:
    there, back = compare_rows(one, other), compare_rows(other, one)
    for name in ("level", "frequency", "quantity", "deadline", "modality", "who", "scope", "lead"):
        level = getattr(there, name)
        assert getattr(back, name) == TURNED.get(level, level), name
        assert level is None or level in LEVELS


@settings(max_examples=200, deadline=None)
@given(rows())
def test_a_requirement_is_the_same_as_itself(row: dict[str, Any]) -> None:
    found = compare_rows(row, row)
    assert found.level == "same"
    assert {found.frequency, found.quantity, found.deadline, found.modality} <= {"same", None}


@settings(max_examples=200, deadline=None)
@given(rows(), rows())
def test_every_pair_has_a_reason_in_both_languages(one: dict[str, Any], other: dict[str, Any]) -> None:
    for lang in ("en", "zh"):
        found = compare_rows(one, other, lang=lang)
        assert found.why or found.level == "same"
    assert {compare_rows(one, other, lang=lang).level for lang in ("en", "zh")} == {found.level}


# Documents


def of_place(name: str, region: str, level: str, text: str, **header: Any) -> Document:
    return Document(name, text, header=Header(region=region, level=level, **header))


PROVINCE = of_place(
    "sheng", "云岭省", "province", "省级领导干部每半年接访1次。市级领导干部每季度接访1次。各级各部门应当在10日内答复。"
)
CITY = of_place("shi", "云岭省青岫市", "city", "市级领导干部每月接访1次。市级领导干部每年讲党课2次。")
OTHER_CITY = of_place("wai", "海澜省澄屿市", "city", "市级领导干部每年接访2次。市级领导干部每年讲党课1次。")


def test_down_the_hierarchy() -> None:
    found = compare(sg.requirements([PROVINCE, CITY, OTHER_CITY]), by="level")
    assert set(map(tuple, found[["document", "other"]].to_numpy())) == {("sheng", "shi"), ("shi", "sheng")}
    levels = {(row["document"], row["item"]): row["level"] for row in records(found, columns=COMPARISON)}
    assert levels == {
        ("sheng", "省级接访"): "not_applicable",
        ("sheng", "市级接访"): "stricter",
        ("sheng", "答复"): "absent",
        ("shi", "市级讲党课"): "absent",
    }
    why = dict(zip(found["item"], found["why"], strict=True))
    assert why["答复"].startswith("left out") and why["市级讲党课"].startswith("added")


def test_superiors_of_real_places_go_by_code() -> None:
    province = of_place("p", "甘肃省", "province", "市级领导干部每季度接访1次。", region_code="620000")
    city = of_place("c", "金昌市", "city", "市级领导干部每月接访1次。", region_code="620300")
    found = compare(sg.requirements([province, city]), by="level")
    assert found["level"].tolist() == ["stricter"]


def test_a_baseline() -> None:
    table = sg.requirements([PROVINCE, CITY, OTHER_CITY])
    found = compare(table, baseline="shi")
    assert set(found[found["document"] == "shi"]["other"]) == {"sheng", "wai"}
    added = found[found["document"] != "shi"]
    assert set(added["level"]) == {"absent", "not_applicable"} and set(added["other"]) == {"shi"}


def test_by_region_and_topic(sample_table: pd.DataFrame) -> None:
    found = compare(sample_table, by="region", baseline="云岭省", topic="信访接待")
    assert set(found["topic"]) == {"信访接待"}
    assert "云岭省青岫市" in set(found["other"])
    assert list(found.columns) == list(COMPARISON)
    assert not found.duplicated(["item", "document", "other"]).any()


def test_quotes_and_ids_are_those_of_the_table(sample_table: pd.DataFrame) -> None:
    texts = dict(zip(sample_table["requirement_id"], sample_table["text"], strict=True))
    found = compare(sample_table, by="level")
    for row in records(found, columns=COMPARISON):
        assert row["level"] in LEVELS
        assert texts[row["requirement_id"]] == row["text"]
        assert (row["other_id"] is None) == (row["level"] in ("absent", "not_applicable")) == (row["score"] is None)
        assert row["other_id"] is None or texts[row["other_id"]] == row["other_text"]


def test_the_same_table_gives_the_same_comparison(sample_table: pd.DataFrame) -> None:
    turned = sample_table.iloc[::-1].reset_index(drop=True)
    assert compare(sample_table, by="level").to_json() == compare(turned, by="level").to_json()


def test_pairs_stand_to_each_other_in_both_directions(sample_table: pd.DataFrame) -> None:
    found = [row for row in records(compare(sample_table), columns=COMPARISON) if row["other_id"]]
    levels = {(row["item"], row["requirement_id"], row["other_id"]): row["level"] for row in found}
    for (item, one, other), level in levels.items():
        assert levels[item, other, one] == TURNED.get(level, level)


def test_matrix_coverage_and_demand() -> None:
    table = sg.requirements([PROVINCE, CITY, OTHER_CITY])
    cells = matrix(table).set_index("item")
    assert list(cells.columns) == ["topic", "role", "云岭省", "云岭省青岫市", "海澜省澄屿市"]
    assert cells.loc["市级接访"].tolist()[2:] == ["1次 / P3M", "1次 / P1M", "2次 / P1Y"]
    assert cells.loc["市级讲党课", "云岭省"] is None or cells["云岭省"].isna()["市级讲党课"]
    cover = coverage(table).set_index(["topic", "region"])
    assert cover.loc[("信访接待", "云岭省青岫市")].tolist() == [1, 1, 1.0]  # 省级接访 could bind nobody there
    assert cover.loc[("党课", "云岭省")].tolist() == [1, 0, 0.0]
    asked = demand(table).set_index(["topic", "region"])
    assert asked.loc[("信访接待", "云岭省青岫市"), "mean_rank"] == 1
    assert asked.loc[("信访接待", "海澜省澄屿市"), "mean_rank"] == 0
    assert asked.loc[("信访接待", "云岭省"), "mean_rank"] == 0.5
    assert asked.loc[("党课", "云岭省青岫市"), "index"] == 1
    assert asked["index"].dropna().between(0, 1).all()


def test_two_versions_of_a_document() -> None:
    old = Document("old", "县长每月接访1次。县长每年讲党课1次。县长每季度现场办公1次。县长应当公开承诺。")
    new = Document("new", "县长每月接访2次。县长每季度到基层现场办公1次。县长应当公开承诺。县长每年撰写调研报告1篇。")
    found = changes(sg.requirements([old, new]), old="old", new="new")
    assert dict(zip(found["item"], found["change"], strict=True)) == {
        "县级接访": "changed",
        "县级讲党课": "dropped",
        "县级到基层现场办公": "reworded",
        "县级公布承诺": "same",
        "县级撰写调研报告": "added",
    }


def test_a_table_of_facts_without_texts(sample_table: pd.DataFrame) -> None:
    facts = sample_table.assign(text=None, spans=None)
    known = {
        frozenset(rows["requirement_id"]) for _, rows in align(sample_table).items.groupby("item") if len(rows) > 2
    }
    found = {frozenset(rows["requirement_id"]) for _, rows in align(facts).items.groupby("item") if len(rows) > 2}
    assert len(known & found) > len(known) / 2
    names = ("yunling-sheng-sixia-2023", "qingxiu-shi-sixia-2023")
    assert len(changes(facts, old=names[0], new=names[1])) > 20


def test_rows_without_words_are_like_nothing() -> None:
    table = to_frame([{"requirement_id": f"{d}/1", "doc_id": d} for d in "abc"])
    assert align(table).items["item"].tolist() == ["a/1", "b/1", "c/1"]
    assert compare(table, baseline="a")["level"].unique().tolist() == ["absent"]
    assert len(align(to_frame([])).items) == 0


# Documents of different policies


RIVERS = "市级河长每月巡河1次。县级河长每月巡河{}次。乡级河长每周巡河1次。河长应当在5日内更新公示牌。河长制办公室应当每年通报1次。"
SAFETY = "企业每年演练1次。企业每月排查隐患1次。企业应当投保责任保险。应急部门应当在5日内答复。企业每年体检1次。"


def three() -> pd.DataFrame:
    return sg.requirements(
        [
            Document(name, text, header=Header(title=title, region=f"{name}市", level="city"))
            for name, title, text in (
                ("甲", "河长巡河办法", RIVERS.format(1)),
                ("乙", "河长履职规定", RIVERS.format(2) + "河长应当暗访。"),
                ("丙", "企业安全生产条例", SAFETY),
            )
        ]
    )


def test_what_another_policy_asks_is_no_omission() -> None:
    table = three()
    assert align(table).policies["policy"].nunique() == 2
    found = compare(table, by="region")
    assert set(zip(found["document"], found["other"], strict=True)) == {("甲市", "乙市"), ("乙市", "甲市")}
    assert found[found["level"] == "absent"]["text"].tolist() == ["河长应当暗访"]
    against = compare(table, by="region", baseline="甲市")
    assert "丙市" not in set(against["document"]) | set(against["other"])
    share = coverage(table).set_index("region").groupby("region")["items"].sum()
    assert share["丙市"] == 0 and share["甲市"] == share["乙市"] == 6


def test_across_policies_everything_is_compared() -> None:
    found = compare(three(), by="region", across=True)
    assert {"丙市"} < set(found["document"]) and len(found[found["level"] == "absent"]) > 10


def test_common_acts_never_join_strangers() -> None:
    named = sg.requirements(
        [
            Document(n, text + "责任单位应当在10日内答复。", header=Header(title=title))
            for n, title, text in (("a", "河长巡河办法", RIVERS.format(1)), ("b", "企业安全生产条例", SAFETY))
        ]
        + [Document("c", RIVERS.format(3) + "责任单位应当在15日内答复。", header=Header(title="河长巡河细则"))]
    )
    items = align(named).items
    docs = items[items["item"].str.contains("答复")].groupby("item")["doc_id"].agg(sorted).tolist()
    assert ["a", "c"] in docs and not any("b" in group and len(group) > 1 for group in docs)


# Who, scope, lead unit


def test_fields_without_an_order_are_the_same_or_not() -> None:
    one = row_of(
        subject="市级领导干部", subject_level=["city"], subject_role=["领导干部"], basis="人", lead_units=["市委组织部"]
    )
    other = row_of(
        subject="县级领导干部", subject_level=["county"], subject_role=["领导干部"], basis="户", condition="汛期"
    )
    found = compare_rows(one, other)
    assert (found.level, found.who, found.scope, found.lead) == ("same", "different", "different", "different")
    assert all(
        word in found.why for word in ("binding 市级 and 县级", "owed for: 人 and 户", "– and 汛期", "市委组织部 and –")
    )
    again = row_of(
        subject="市级党政领导干部",
        subject_level=["city"],
        subject_role=["领导干部"],
        basis="名",
        lead_units=["金山市委组织部"],
    )
    found = compare_rows(one, again)
    assert (found.who, found.scope, found.lead) == ("same", "same", "same")
    nothing = compare_rows(row_of(), row_of())
    assert (nothing.who, nothing.scope, nothing.lead) == (None, None, None)


# Bad input


def two() -> pd.DataFrame:
    return sg.requirements([Document("a", "县长每月接访1次。"), Document("b", "县长每月接访2次。")])


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (lambda: two().drop(columns="action"), "columns are missing: action. Write the table again"),
        (lambda: to_frame([]), "the table has no rows; extract requirements first"),
        (lambda: two().iloc[:1], "holds one (document|region) only .a.; a comparison takes two or more"),
        (lambda: to_frame([*records(two()), *records(two())]), "requirement_id stands there a second time"),
    ],
    ids=["column", "empty", "one document", "ids"],
)
def test_bad_tables(table: Callable[[], pd.DataFrame], says: str) -> None:
    for function in (compare, matrix, coverage, demand):
        with pytest.raises(ValueError, match=says):
            function(table())


def test_files_as_spreadsheets_leave_them(siga: Any, file: Path, tmp_path: Path) -> None:
    text = file.read_text("utf-8-sig")
    gbk, titled = tmp_path / "gbk.csv", tmp_path / "titled.csv"
    gbk.write_text(text, "gb18030")
    titled.write_text("已核对的要求表\n" + text, "utf-8")
    assert siga("compare", gbk, "--by", "level").stdout == siga("compare", file, "--by", "level").stdout
    refused = siga("compare", titled)
    assert refused.returncode == 2 and "first row says: 已核对的要求表. The names" in refused.stderr
    levels = read_table(file)
    levels["level"] = levels["level"].replace({"province": "省"})
    assert len(compare(levels, by="doc_id"))


def test_a_table_of_another_version() -> None:
    table = two()
    table.attrs["siga_table"] = "7"
    with pytest.raises(ValueError, match="has version 7 of the columns"):
        compare(table)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"by": "place"}, "compared by doc_id, region, level"),
        ({"baseline": "c"}, "c: no document of the table has this name; there are a, b"),
        ({"topic": "航天"}, "航天: no item has this topic; there are 信访接待"),
        ({"by": "level"}, "no document of the table stands above another"),
    ],
)
def test_bad_options(options: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        compare(two(), **options)  # type: ignore[arg-type]


def test_too_many_pairs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siga_nlp.comparison.MOST_ROWS", 1)
    with pytest.raises(ValueError, match="name a baseline, a topic, or compare by level"):
        compare(two())


# The command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    write_table(sg.requirements([PROVINCE, CITY, OTHER_CITY]), path)
    return path


def test_command_on_the_screen(siga: Any, file: Path) -> None:
    done = siga("compare", file, "--by", "level")
    assert done.returncode == 0, done.stderr
    assert "市级接访  [信访接待]" in done.stdout
    assert "stricter" in done.stdout and "left out by shi" in done.stdout
    assert "省级接访" not in done.stdout
    chinese = siga("compare", file, "--by", "level", "--lang", "zh").stdout
    assert "更严" in chinese and "对方要求更高" in chinese


def test_command_in_a_pipe_and_into_files(siga: Any, file: Path, tmp_path: Path) -> None:
    lines = siga("compare", file, "--format", "jsonl").stdout.splitlines()
    assert lines and list(json.loads(lines[0])) == list(COMPARISON)
    cells = list(csv.DictReader(io.StringIO(siga("compare", file, "--format", "csv").stdout.removeprefix("\ufeff"))))
    assert len(cells) == len(lines) and list(cells[0]) == list(COMPARISON)
    for name in ("c.csv", "c.jsonl"):
        assert siga("compare", file, "--out", name).returncode == 0
        assert len(read_table(tmp_path / name, columns=COMPARISON)) == len(lines)


def test_command_with_decisions(siga: Any, file: Path, tmp_path: Path) -> None:
    table = read_table(file)
    ids = [next(row["requirement_id"] for row in records(table) if row["doc_id"] == d) for d in ("shi", "wai")]
    write_table(
        [{"requirement_id": ids[0], "other_id": ids[1], "decision": "split"}, {"requirement_id": "x/1", "other_id": "x/2", "decision": "join"}],
        tmp_path / "d.csv", columns=dict.fromkeys(("requirement_id", "other_id", "decision", "note"), "text"),
    )  # fmt: skip
    done = siga("compare", file, "--decisions", "d.csv", "--near", "d.csv")
    assert done.returncode == 0 and "x/1, x/2: an id is not in this table" in done.stderr
    again = read_table(tmp_path / "d.csv", columns={"decision": "text"})
    assert again["decision"].dropna().tolist() == ["split", "join"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.csv"], "there is no such file"),
        (["table.csv", "--format", "html"], "name a file with --out"),
        (["table.csv", "--out", "c.doc"], "written as .jsonl, .csv, .xlsx or .html"),
        (["table.csv", "--baseline", "x"], "no document of the table has this name"),
    ],
)
def test_wrong_usage(siga: Any, file: Path, arguments: list[str], says: str) -> None:
    done = siga("compare", *arguments)
    assert done.returncode == 2
    assert says in done.stderr and "Traceback" not in done.stderr
