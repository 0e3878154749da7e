"""Topics for what fits none of the lexicon's: marked, true of their requirements, and of use wherever topics are."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

import siga_nlp as sg
from siga_nlp.alignment import align
from siga_nlp.models import Document, Header
from siga_nlp.table import records
from siga_nlp.view import fold

if TYPE_CHECKING:
    import pandas as pd

# A field that no word of the lexicon names, in two places.
ONE = "收集点应当配置四类容器。居民应当把厨余垃圾沥干后投放。物业应当每日清运厨余垃圾2次。商铺不得把厨余垃圾混投。"
OTHER = "居民应当把厨余垃圾袋装后投放。物业应当每日清运厨余垃圾3次。回收点应当配置回收容器。商铺应当分开投放厨余垃圾。"


def new_field() -> pd.DataFrame:
    table = sg.requirements(
        [
            Document(name, text, header=Header(region=region, level="city"))
            for name, text, region in (("a", ONE, "甲市"), ("b", OTHER, "乙市"))
        ]
    )
    table["topic"] = None
    return table


@pytest.fixture(scope="module")
def half(sample_table: pd.DataFrame) -> pd.DataFrame:
    """The sample without the lexicon's topic in every second row."""
    table = sample_table.copy()
    table.loc[table.index[::2], "topic"] = None
    return table


def test_leftovers_get_marked_topics_and_the_others_keep_theirs(half: pd.DataFrame) -> None:
    found = sg.derive_topics(half)
    none = set(half[half["topic"].isna()]["requirement_id"])
    assert set(found["requirement_id"]) <= none and len(found) > 60
    assert found["topic"].str.startswith("≈").all()
    assert found["requirement_id"].is_unique


def test_a_name_is_true_of_each_of_its_requirements(half: pd.DataFrame) -> None:
    texts = {r["requirement_id"]: fold(f"{r['action']} {r['text']}") for r in records(half)}
    for row in sg.derive_topics(half).to_dict("records"):
        assert row["topic"] == "≈" + "·".join(row["terms"])
        assert any(term in texts[row["requirement_id"]] for term in row["terms"]), row


def test_the_order_of_the_rows_does_not_matter(half: pd.DataFrame) -> None:
    mixed = list(range(len(half)))
    random.Random(5).shuffle(mixed)
    again = sg.derive_topics(half.iloc[mixed].reset_index(drop=True))
    assert again.to_json() == sg.derive_topics(half).to_json()


def test_a_new_field_is_compared_by_topic_on_the_first_day() -> None:
    table = new_field()
    aligned = align(table)
    topics = set(aligned.items["topic"].dropna())
    assert topics and all(topic.startswith("≈") for topic in topics) and any("厨余" in topic for topic in topics)
    topic = next(topic for topic in topics if "厨余" in topic)
    cover = sg.coverage(table, alignment=aligned)
    assert set(cover[cover["topic"] == topic]["region"]) == {"甲市", "乙市"}
    compared = sg.compare(table, topic=topic, alignment=aligned)
    assert {"same", "stricter", "looser", "absent"} & set(compared["level"])
    assert topic in set(sg.matrix(table, alignment=aligned)["topic"])
    assert topic in set(sg.demand(table, alignment=aligned)["topic"])


def test_scores_do_not_depend_on_derived_topics() -> None:
    table = new_field()
    few = table[table["action"].str.contains("投放")].reset_index(drop=True)
    whole = align(table).pairs.set_index(["requirement_id", "other_id"])["score"]
    part = align(few).pairs.set_index(["requirement_id", "other_id"])["score"]
    assert len(part) and all(whole[pair] == score for pair, score in part.items())


def test_nothing_left_gives_nothing() -> None:
    table = sg.requirements([Document("a", "县长每月接访1次。")])
    assert sg.derive_topics(table).empty
    assert sg.derive_topics(table.iloc[:0]).empty
    alone = sg.requirements([Document("a", "甲乙应当丙丁。")])
    alone["topic"] = None
    assert sg.derive_topics(alone).empty
