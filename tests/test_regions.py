"""Administrative divisions: the table, and names that must be found, stay open or stay unknown."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siga_nlp.regions import locate, resolve

TABLE = Path(__file__).parents[1] / "siga_nlp" / "data" / "regions.csv"
ROWS = list(csv.DictReader(TABLE.open(encoding="utf-8")))
IN_FORCE = [row for row in ROWS if not row["until"]]


def _path(row: dict[str, str]) -> str:
    names = {r["code"]: r for r in reversed(ROWS) if r["code"]}
    above = names.get(row["parent"])
    return (_path(above) if above else "") + row["name"]


def test_the_table_is_sound() -> None:
    codes = [row["code"] for row in IN_FORCE if row["code"]]
    assert len(codes) == len(set(codes))
    parents = {row["code"] for row in ROWS}
    for row in ROWS:
        assert re.fullmatch(r"\d{6}|", row["code"]) and row["level"] in ("province", "city", "county")
        assert (row["level"] == "province") == (row["parent"] == "") and row["parent"] in parents | {""}
        assert not row["since"] or not row["until"] or row["since"] < row["until"]
        if row["code"]:
            level = "province" if row["code"].endswith("0000") else "city" if row["code"].endswith("00") else "county"
            assert row["level"] == level
    assert TABLE.stat().st_size < 200_000


def test_the_table_is_complete_by_level() -> None:
    counts = {level: sum(r["level"] == level and bool(r["code"]) for r in IN_FORCE) for level in ("province", "city")}
    assert counts == {"province": 34, "city": 333}
    assert sum(row["level"] == "county" and bool(row["code"]) for row in IN_FORCE) > 2800
    assert {"710000", "810000", "820000"} <= {row["code"] for row in IN_FORCE}


def test_every_division_in_force_is_found_by_its_path() -> None:
    for row in IN_FORCE:
        found = resolve(_path(row))
        assert (found.status, found.region, found.code) == ("found", row["name"], row["code"] or None), row


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("福建", "350000"),
        ("福建省", "350000"),
        ("金昌", "620300"),
        ("前郭县", "220721"),
        ("五大连池市", "231182"),
        ("内蒙古", "150000"),
        ("青海西宁", "630100"),
        ("青海海西", "632800"),
        ("陝西省⻄安市⻓安区", "610116"),
        ("乾县", "610424"),
        ("吉林", "220000"),
        ("吉林市", "220200"),
        ("西安", "610100"),
        ("湘潭", "430300"),
        ("延边州", "222400"),
        ("鄂温克旗", "150724"),
        ("神农架林区", "429021"),
        ("济源市", "419001"),
        ("白杨市", "659012"),
        ("东莞", "441900"),
        ("香港", "810000"),
        ("臺灣省", "710000"),
        ("彭水县", "500243"),
        ("公主岭市", "220184"),
        ("石家庄桥东区", "130103"),
        ("福建连江县", "350122"),
    ],
)
def test_found(name: str, code: str) -> None:
    found = resolve(name)
    assert (found.status, found.code) == ("found", code)


@pytest.mark.parametrize("name", ["朝阳区", "鼓楼区", "城关区", "朝阳", "大同", "恩施", "桥东区", "江北区", "連江縣"])
def test_ambiguous_names_give_their_candidates_and_no_code(name: str) -> None:
    found = resolve(name)
    assert found.status == "ambiguous" and found.code is None and found.region is None
    assert len(found.candidates) > 1


@pytest.mark.parametrize(
    "name", ["假县", "栖阳市", "岚江省", "福建省假县", "北京市朝阳区假镇", "全国", "新", "", "蒙古", "西宁海西"]
)
def test_unknown_names_stay_unknown(name: str) -> None:
    assert resolve(name).status == "unknown" and resolve(name).candidates == ()


@pytest.mark.parametrize(
    ("name", "context", "code"),
    [
        ("鼓楼区", "福州市人民政府", "350102"),
        ("朝阳区", ["长春市委", "关于接访的通知"], "220104"),
        ("城关区", "甘肃", "620102"),
        ("江北区", "重庆市", "500105"),
    ],
)
def test_context_settles_namesakes(name: str, context: str, code: str) -> None:
    assert resolve(name, context=context).code == code


def test_context_that_says_nothing_settles_nothing() -> None:
    assert resolve("朝阳区", context="上海市").status == "ambiguous"


def test_the_past_is_known_as_past() -> None:
    assert (resolve("襄樊市").code, resolve("襄樊市").until) == ("420600", 2010)
    assert resolve("巢湖市").status == "ambiguous"
    assert resolve("巢湖市", year=2020).code == "340181"
    assert resolve("巢湖市", year=2005).level == "city"


def test_taiwan_has_its_cities_without_invented_codes() -> None:
    assert (resolve("高雄市").status, resolve("高雄市").code) == ("found", None)
    assert sum(row["parent"] == "710000" and not row["until"] for row in ROWS) == 22


def test_locate_reads_the_place_an_organ_begins_with() -> None:
    assert locate("金昌市委办公室")[0].code == "620300"
    assert locate("福建省福州市鼓楼区人民政府")[0].code == "350102"
    for name in ("中山大学", "北京海关", "市委办公室", "城区绿化管理办法", "东区人民政府"):
        assert locate(name)[1] == 0, name


@given(st.text(alphabet="省市县区福建金昌朝阳海西宁青州旗盟自治 ", max_size=30))
def test_any_name_gives_a_result_that_agrees_with_itself(name: str) -> None:
    found = resolve(name)
    assert (found.status == "found") == (found.region is not None)
    assert (found.status == "ambiguous") == (len(found.candidates) > 1)
    end = locate(name)[1]
    assert 0 <= end <= len(name)
