"""Figures: every glyph is there, what is drawn is what the table says, and an export holds all of it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import siga_nlp as sg
from siga_nlp.table import is_missing

if TYPE_CHECKING:
    import pandas as pd

    from siga_nlp.plots import Plot


@pytest.fixture(autouse=True)
def _a_missing_glyph_is_an_error() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns: Glyph … missing from font(s); findfont: …
        yield


@pytest.fixture(scope="module")
def table(root: Path) -> pd.DataFrame:
    return sg.read_table(root / "extracted" / "requirements.csv")


@pytest.fixture(scope="module")
def tasks(root: Path) -> pd.DataFrame:
    return sg.checklist(root / "corpus/yunling/qingxiu-shi-sixia-2023.txt", start="2026", end="2026")


@pytest.fixture(scope="module")
def findings(root: Path) -> pd.DataFrame:
    return sg.check(
        sg.requirements(root / "corpus/yunling/qingxiu-shi-sixia-2023.txt"),
        root / "corpus/ledgers/qingxiu-2024.csv",
        as_of="2024-12-31",
        roster=root / "corpus/ledgers/qingxiu-2024-roster.csv",
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("plot", "frame"),
    [
        (sg.plot_heatmap, "table"),
        (sg.plot_dumbbell, "table"),
        (sg.plot_timeline, "tasks"),
        (sg.plot_timeline, "findings"),
        (sg.plot_funnel, "table"),
        (sg.plot_frequencies, "table"),
        (sg.plot_headers, "table"),
    ],
)
def test_every_glyph_shows_and_no_words_are_cut_off(
    plot: Callable[..., Plot], frame: str, lang: str, request: pytest.FixtureRequest
) -> None:
    figure = plot(request.getfixturevalue(frame), lang=lang)
    figure.draw_without_rendering()
    width, height = figure.canvas.get_width_height()
    texts = [t for ax in figure.axes for t in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.title]]
    beyond = [
        tick.label1 for ax in figure.axes for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim()))
        for tick in axis.get_major_ticks() if not min(limits) <= tick.get_loc() <= max(limits)
    ]  # fmt: skip
    for text in texts:
        if text.get_text() and text.get_visible() and text not in beyond:
            box = text.get_window_extent()
            assert box.x0 > -2 and box.y0 > -2 and box.x1 < width + 2 and box.y1 < height + 2, text
    from matplotlib.font_manager import FontProperties, findfont

    assert all(findfont(FontProperties(family=t.get_fontfamily())).endswith("siga-sans.otf") for t in texts)


def test_font_has_simplified_and_traditional_and_its_licence(root: Path) -> None:
    from fontTools.ttLib import TTFont

    folder = root / "siga_nlp" / "data" / "fonts"
    font = TTFont(folder / "siga-sans.otf")
    glyphs = font.getBestCmap()
    simplified = [bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF)]
    traditional = [bytes([a, b]).decode("big5", "ignore") for a in range(0xA4, 0xC7) for b in (*range(0x40, 0x7F), *range(0xA1, 0xFF))]  # fmt: skip
    wanted = {c for c in [*simplified, *traditional, *"，。、；：？！“”‘’（）《》〈〉【】〔〕—…·％≥≤≈×→①⑩〇"] if c}
    assert len(wanted) > 8_900 and not [c for c in wanted if ord(c) not in glyphs]
    assert "Source" not in font["name"].getDebugName(1)  # the name that the licence reserves
    assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "OFL.txt").read_text("utf-8")
    assert (folder / "siga-sans.otf").stat().st_size < 6_000_000


def test_heatmap_counts_the_rows_of_the_table(table: pd.DataFrame) -> None:
    figure = sg.plot_heatmap(table, topics=5, lang="en")
    drawn = figure.data
    assert drawn["requirements"].sum() == len(table)
    nowhere = sg.plot_heatmap(table.assign(region=table["region"].where(table["level"] != "city")), lang="zh").data
    assert nowhere["requirements"].sum() == len(table) and "（不明）" in set(nowhere["region"])
    cell = drawn[(drawn["region"] == "云岭省") & (drawn["topic"] == "信访接待")]["requirements"].item()
    assert cell == ((table["region"] == "云岭省") & (table["topic"] == "信访接待")).sum()
    assert {"others", "no topic"} < set(drawn["topic"]) and drawn["topic"].nunique() == 7
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert sum(int(t) for t in texts if t) == len(table)


def test_heatmap_of_coverage_tells_zero_from_nothing_to_cover(table: pd.DataFrame) -> None:
    covered = sg.coverage(table)
    figure = sg.plot_heatmap(covered, topics=99, lang="en")
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert texts.count("–") == covered["share"].isna().sum() and texts.count("0") == (covered["share"] == 0).sum() > 0


def test_dumbbell_dots_are_the_numbers_of_the_rows(table: pd.DataFrame) -> None:
    figure = sg.plot_dumbbell(table, topic="信访接待", lang="en")
    rows = table.set_index("requirement_id")
    assert len(figure.data) and figure.data["item"].nunique() == len(figure.axes[0].get_yticks())
    for dot in figure.data.to_dict("records"):
        row = rows.loc[dot["requirement_id"]]
        assert row["region"] == dot["region"] and is_missing(row["per_year"]) == is_missing(dot["per_year"])
        assert is_missing(dot["per_year"]) or row["per_year"] == dot["per_year"]
    numbers = figure.data.dropna(subset=["per_year"]).groupby("item")["per_year"].agg(["count", "min", "max"])
    assert (numbers["count"] > 1).all()


def test_dumbbell_keeps_a_place_without_a_number_apart() -> None:
    from siga_nlp.models import Document

    said = {"甲": "县长每月至少接访1次。", "乙": "县长每季度至少接访1次。", "丙": "县长应当定期接访。"}
    table = sg.requirements([Document(name, text) for name, text in said.items()])
    figure = sg.plot_dumbbell(table, by="doc_id", lang="zh")
    assert dict(zip(figure.data["doc_id"], figure.data["per_year"].fillna(0), strict=True)) == {
        "甲": 12,
        "乙": 4,
        "丙": 0,
    }
    dots = [
        line for line in figure.axes[0].lines if line.get_marker() not in ("None", "") and len(line.get_xdata()) == 1
    ]
    hollow = [line for line in dots if line.get_markerfacecolor() == "white"]
    assert len(dots) == 3 and len(hollow) == 1 and hollow[0].get_xdata()[0] < 4
    with pytest.raises(ValueError, match="no item has a number"):
        sg.plot_dumbbell(table[table["doc_id"] != "甲"], by="doc_id")


def test_timeline_draws_each_window_and_says_what_it_leaves_out(tasks: pd.DataFrame, findings: pd.DataFrame) -> None:
    figure = sg.plot_timeline(tasks, lang="en")
    windows = tasks.dropna(subset=["window_start"])
    assert len(figure.data) == len(windows) and len(figure.axes[0].patches) == len(windows)
    assert f"{len(tasks) - len(windows)} without a day not drawn" in figure.axes[0].get_title(loc="left")
    few = sg.plot_timeline(findings, rows=5, lang="en")
    assert len(few.axes[0].get_yticks()) == 5 and "more not drawn" in few.axes[0].get_title(loc="left")
    bad = few.data.groupby(["requirement_id", "line"])["state"].agg(set)
    assert all(states & {"missing", "short", "late", "exceeded", "violated"} for states in bad)


def test_funnel_counts_what_the_comparison_says(table: pd.DataFrame) -> None:
    figure = sg.plot_funnel(table, top="云岭省", lang="zh")
    found = sg.compare(table[table["region"].str.startswith("云岭省")], by="region", baseline="云岭省")
    found = found[(found["document"] == "云岭省") & (found["other"] == "云岭省青岫市")]
    (row,) = figure.data[figure.data["region"] == "云岭省青岫市"].to_dict("records")
    assert row["items"] == (found["level"] != "not_applicable").sum()
    assert row["stricter"] == (found["level"] == "stricter").sum() > 0
    assert row["asked"] + row["absent"] == row["items"]
    with pytest.raises(ValueError, match="no region of the table lies below it; .*云岭省"):
        sg.plot_funnel(table, top="瀛坪县")


def test_frequencies_leave_no_row_with_one_out(table: pd.DataFrame) -> None:
    drawn = sg.plot_frequencies(table, lang="en").data.set_index("times").sum(axis=1)
    assert drawn["12"] == (table["per_year"] == 12).sum() > 0
    assert drawn.drop(["no total", "vague word"]).sum() == table["per_year"].notna().sum()
    frequency = table[["frequency_count", "frequency_period", "vague"]].notna().any(axis=1)
    assert drawn.sum() == (frequency | table["per_year"].notna()).sum()


def test_headers_tell_what_is_lacking(table: pd.DataFrame) -> None:
    import pandas as pd

    drawn = sg.plot_headers(table).data.set_index("doc_id")
    assert not drawn.loc["hailan-sheng-anquan-2021", "doc_number"] and drawn["title"].all()
    many = pd.concat([table.assign(doc_id=table["doc_id"] + str(n)) for n in range(5)])
    assert len(sg.plot_headers(many).axes[0].patches) == 8  # shares only


def test_export_holds_figure_data_and_source_and_is_the_same_each_time(table: pd.DataFrame, tmp_path: Path) -> None:
    import pandas as pd
    from lxml import etree

    figure = sg.plot_frequencies(table, lang="zh")
    names = [path.name for path in figure.export(tmp_path / "a" / "图1")]
    assert names == ["图1.svg", "图1.png", "图1.csv", "图1.json"]
    svg = (tmp_path / "a" / "图1.svg").read_bytes()
    assert etree.fromstring(svg).tag.endswith("svg") and b"<image" not in svg and b'href="http' not in svg
    assert (tmp_path / "a" / "图1.png").read_bytes()[:4] == b"\x89PNG"
    assert pd.read_csv(tmp_path / "a" / "图1.csv")["times"].tolist() == figure.data["times"].tolist()
    about = json.loads((tmp_path / "a" / "图1.json").read_text("utf-8"))
    assert about["figure"] == "frequencies" and about["siga_nlp"] == sg.__version__ and about["rows"] == len(table)
    sg.plot_frequencies(table, lang="zh").export(tmp_path / "b" / "图1")
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    figure.savefig(tmp_path / "a.pdf")  # as a user would


def test_a_figure_can_be_changed_and_leaves_the_users_settings_alone(table: pd.DataFrame) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    figure = sg.plot_heatmap(table, lang="zh")
    assert dict(matplotlib.rcParams) == before
    figure.axes[0].set_xlabel("主題（臺灣）")
    figure.suptitle("另起的标题")
    data, size = figure._repr_png_()
    assert data[:4] == b"\x89PNG" and size["width"] == 720
    with matplotlib.rc_context():
        assert sg.chinese_font() == "Siga Sans"
        from matplotlib.figure import Figure

        own = Figure()
        own.text(0.5, 0.5, "自己画的图：瀛坪縣")
        own.draw_without_rendering()


def test_wrong_frames_get_a_reason(table: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="plot_timeline: the frame lacks the columns who, window_start"):
        sg.plot_timeline(table)
    with pytest.raises(ValueError, match="has no rows"):
        sg.plot_heatmap(table[:0])
    with pytest.raises(ValueError, match="lang is 'fr'"):
        sg.plot_headers(table, lang="fr")
