"""Items: what belongs together stands together, what does not stays apart, and a person has the last word."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import siga_nlp as sg
from siga_nlp.alignment import Alignment, align, core, likeness, neighbours, similar
from siga_nlp.models import Document
from siga_nlp.table import write_table

if TYPE_CHECKING:
    import pandas as pd

Located = Callable[["pd.DataFrame", str, str], set[str]]


def items_of(alignment: Alignment) -> dict[str, set[str]]:
    """Requirement → its items; what is said twice is in the items of the first."""
    found: dict[str, set[str]] = {}
    for row in alignment.items.to_dict("records"):
        for name in (row["requirement_id"], *(row["repeats"] or ())):
            found.setdefault(name, set()).add(row["item"])
    return found


def together(items: dict[str, set[str]], ones: Iterable[str], others: Iterable[str]) -> bool:
    return any(items.get(a, set()) & items.get(b, set()) for a in ones for b in others)


def judged(
    table: pd.DataFrame, gold: dict[str, Any], located: Located
) -> tuple[set[tuple[str, str, str]], list[Any], int]:
    """Pairs of the gold that are not in one item, pairs to keep apart that are, and how many pairs there are."""
    items = items_of(align(table))
    missed, count = set(), 0
    for item in gold["items"]:
        members = [(doc, located(table, doc, clause)) for doc, clause in item["members"]]
        for n, (doc, ones) in enumerate(members):
            for other, others in members[n + 1 :]:
                count += 1
                if not together(items, ones, others):
                    missed.add((item["name"], doc, other))
    joined = [pair for pair in gold["apart"] if together(items, *(located(table, *member) for member in pair))]
    return missed, joined, count


# 在便民大厅坐班 shares no word with 接待群众: a person must join it.
def hard(missed: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    return {m for m in missed if m[0] == "乡镇接访" and "helong-xian-sixia-2023" in m[1:]}


def test_items_of_the_sample_corpus(root: Path, sample_table: pd.DataFrame, located: Located) -> None:
    gold = json.loads((root / "tests/gold/sample/alignment.json").read_text("utf-8"))
    missed, joined, count = judged(sample_table, gold, located)
    assert count == 535
    assert missed - hard(missed) == set()
    assert joined == []


def test_items_of_gold_rows(root: Path, gold_rows: Callable[..., pd.DataFrame], located: Located) -> None:
    gold = json.loads((root / "tests/gold/sample/alignment.json").read_text("utf-8"))
    missed, joined, _ = judged(gold_rows(root / "tests/gold/sample", root / "corpus"), gold, located)
    assert missed - hard(missed) == set()
    assert joined == []


@pytest.mark.parametrize("rows", ["extracted", "gold"])
def test_items_of_real_documents(
    shared: Path, gold_rows: Callable[..., pd.DataFrame], located: Located, rows: str
) -> None:
    gold = json.loads((shared / "gold/alignment.json").read_text("utf-8"))
    if rows == "gold":
        table = gold_rows(shared / "gold", shared / "seeds", "000 001 003")
    else:
        table = sg.requirements(
            [p for p in sorted((shared / "seeds").iterdir()) if p.name[:3] in ("000", "001", "003")]
        )
    missed, joined, _ = judged(table, gold, located)
    assert {name for name, _, _ in missed} <= {"政策宣讲"}  # 集中宣传活动 and 宣讲: other words, no common object
    assert joined == []


def table_of(**texts: str) -> pd.DataFrame:
    return sg.requirements([Document(name, text) for name, text in texts.items()])


def sets(alignment: Alignment) -> set[frozenset[str]]:
    return {frozenset(rows["requirement_id"]) for _, rows in alignment.items.groupby("item")}


def test_levels_bind() -> None:
    table = table_of(a="市级领导干部每季度接访1次。县级领导干部每月接访1次。", b="市级领导干部每月接访2次。")
    items = align(table).items.groupby("item")["doc_id"].agg(sorted).to_dict()
    assert items == {"市级接访": ["a", "b"], "县级接访": ["a"]}


def test_a_clause_for_two_levels_has_a_place_in_both_items() -> None:
    table = table_of(a="市、县级领导干部每年接访2次。", b="市级领导干部每月接访2次。", c="县级领导干部每月接访2次。")
    items = align(table).items.groupby("item")["doc_id"].agg(sorted).to_dict()
    assert items == {"市级接访": ["a", "b"], "县级接访": ["a", "c"]}


def test_rounds_of_a_post_are_one_act() -> None:
    texts = {
        "a": "县(市)级河长每季度巡查不少于1次。",
        "b": "县级河长应当对责任河湖进行巡查。",
        "c": "县级河长每月巡河1次。",
        "d": "县级林长每月巡查1次。",
    }
    table = sg.requirements([Document(name, text) for name, text in texts.items()])
    items = align(table).items
    assert sorted(sorted(found) for _, found in items.groupby("item")["doc_id"]) == [["a", "b", "c"], ["d"]]
    assert table["topic"].tolist() == ["河湖巡查"] * 3 + ["林草保护"]


def test_common_words_of_different_policies_are_no_item() -> None:
    rivers = "市级河长每月巡河1次。县级河长每月巡河2次。乡级河长每周巡河1次。市级河长每月通报巡河进度1次。"
    safety = "企业每年演练1次。企业每月检查1次。乡镇每周排查1次。市级督查室每年通报1次。企业每年体检1次。"
    one, other = (
        rivers + "".join(f"县长应当修订第{n}类{w}规定。" for n, w in enumerate(words))
        for words in ("甲乙丙丁戊己庚辛", "东南西北上下左右")
    )
    far = safety + "".join(f"厂长应当更换{w}设备。" for w in "子丑寅卯辰巳午未")
    items = items_of(align(table_of(a=one, b=other, c=far)))
    docs = {frozenset(i.split("/")[0] for i, of in items.items() if of & held) for held in items.values()}
    assert frozenset("ab") in docs and not any("c" in d and len(d) > 1 for d in docs)


def test_traditional_script_is_no_difference() -> None:
    table = table_of(a="縣級領導干部每月至少接待群眾來訪1次。", b="县级领导干部每月至少接待群众来访2次。")
    assert align(table).items["item"].nunique() == 1


def test_an_item_holds_one_requirement_of_a_document_and_level(sample_table: pd.DataFrame) -> None:
    items = align(sample_table).items
    assert not items.duplicated(["item", "doc_id"]).any()
    repeats = [r for cell in items["repeats"].dropna() for r in cell]
    assert set(items["requirement_id"]) | set(repeats) == set(sample_table["requirement_id"])
    assert len(repeats) == len(set(repeats)) > 0
    assert not set(repeats) & set(items["requirement_id"])


def test_the_order_of_the_rows_does_not_matter(sample_table: pd.DataFrame) -> None:
    first = align(sample_table)
    mixed = list(range(len(sample_table)))
    random.Random(3).shuffle(mixed)
    second = align(sample_table.iloc[mixed].reset_index(drop=True))
    for name in ("items", "pairs", "near"):
        assert getattr(first, name).to_json() == getattr(second, name).to_json(), name


def test_pairs_say_why(sample_table: pd.DataFrame) -> None:
    found = align(sample_table)
    assert found.pairs["score"].between(0, 1).all()
    assert found.pairs["why"].str.startswith("actions ").all()
    assert set(found.pairs["joined"]) == {"yes", "no"}
    assert len(found.near) and found.near["decision"].isna().all()
    clear = (found.near["score"] > 0.7601) & (found.near["joined"] == "yes") | (found.near["score"] < 0.6399)
    assert not clear.any()


# Decisions


def decided(table: pd.DataFrame, one: str, other: str, decision: str) -> dict[str, str]:
    ids = [table[table["text"].str.contains(text)]["requirement_id"].iloc[0] for text in (one, other)]
    return {"requirement_id": ids[0], "other_id": ids[1], "decision": decision, "note": "读过原文"}


def test_joins_and_splits_are_applied(tmp_path: Path) -> None:
    table = table_of(a="镇长每周接待群众1天。", b="镇长每周在大厅坐班2天。", c="镇长每周接访1天。")
    assert len(sets(align(table))) == 2
    join, split = decided(table, "接待", "坐班", "join"), decided(table, "接待", "接访", "split")
    file = tmp_path / "decisions.csv"
    write_table([join, split], file, columns=dict.fromkeys(join, "text"))
    found = align(table, decisions=file)
    assert found.decisions["status"].tolist() == ["applied", "applied"]
    items = items_of(found)
    assert together(items, [join["requirement_id"]], [join["other_id"]])
    assert not together(items, [split["requirement_id"]], [split["other_id"]])


def test_decisions_are_never_lost(tmp_path: Path) -> None:
    table = table_of(a="镇长每周接待群众1天。镇长每年调研3次。", b="镇长每周接访1天。")
    gone = {"requirement_id": "old/1", "other_id": "old/2", "decision": "join", "note": "旧版"}
    same_document = decided(table, "接待", "调研", "join")
    one, other = decided(table, "接待", "接访", "join"), decided(table, "接待", "接访", "split")
    found = align(table, decisions=[gone, same_document, one, other])
    assert found.decisions["status"].tolist() == ["unknown_id", "conflict", "overruled", "applied"]
    again = tmp_path / "near.csv"
    write_table(found.near, again, columns={str(c): "text" for c in found.near.columns})
    second = align(table, decisions=again)
    assert second.decisions.to_json() == found.decisions.to_json()
    assert sets(second) == sets(found) and len(sets(found)) == 3


@pytest.mark.parametrize(
    ("decisions", "says"),
    [
        ([{"requirement_id": "a", "decision": "join"}], "columns are missing: other_id"),
        (
            [{"requirement_id": "a", "other_id": "b", "decision": "merge"}],
            "row 2: two requirement ids and join or split",
        ),
    ],
)
def test_bad_decisions(decisions: list[dict[str, str]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        align(table_of(a="镇长每周接访1天。"), decisions=decisions)


# Texts


def test_likeness_is_symmetric(sample_table: pd.DataFrame) -> None:
    cores = sorted({core(action) for action in sample_table["action"].dropna()})[::7]
    for one in cores:
        assert likeness(one, one) == 1
        for other in cores:
            assert 0 <= likeness(one, other) == likeness(other, one) <= 1


def test_neighbours_take_no_account_of_the_order() -> None:
    texts = ["接访", "接待来访", "讲党课", "上党课", "到联系点", "联系点轮换"]
    first = {texts[n]: {texts[m] for m, _ in found} for n, found in enumerate(neighbours(texts, top=2))}
    turned = texts[::-1]
    second = {turned[n]: {turned[m] for m, _ in found} for n, found in enumerate(neighbours(turned, top=2))}
    assert first == second
    assert neighbours([], ["接访"]) == [] and neighbours(["接访"], []) == [[]] and neighbours(["!"], ["?"]) == [[]]


def test_similar_serves_other_texts() -> None:
    found = similar(["赴村接待来访群众", "打球"], ["讲党课", "接访", "下乡调研"])
    assert [index for index, _, _ in found[0]] == [1]
    assert found[1] == []


def test_items_are_named_once(sample_table: pd.DataFrame) -> None:
    items = align(sample_table).items
    assert max(Counter(items.drop_duplicates(["item", "topic"])["item"]).values()) == 1
