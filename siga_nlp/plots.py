"""Figures of the tables: each one call on a frame, each a matplotlib ``Figure`` that can be changed as any other.

matplotlib, because it draws without a browser and without a network, and writes the SVG, PDF and PNG that journals take.
Every figure is set in the font that comes with the package (``data/fonts``), whatever the machine has: Chinese shows
everywhere, and the same table gives the same picture. ``chinese_font()`` sets figures of your own in it.

A figure is no picture of hidden numbers: ``figure.data`` is the frame that was drawn, ``figure.export("name")`` writes
SVG, PNG, that frame as CSV and where it came from. What a number cannot be given for (定期, 原则上) is drawn as such.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .messages import LANGUAGES, default_language, label
from .table import Row, StrPath, check_table, is_missing, provenance

_log = logging.getLogger("matplotlib.font_manager")
_level = _log.level
_log.setLevel(logging.ERROR)  # on its first use it says that it looks for fonts, into the notebook
from matplotlib.figure import Figure  # noqa: E402

_log.setLevel(_level)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FONT = "Siga Sans"
_FAMILY = [FONT, "DejaVu Sans"]
_WIDTH = 7.2  # inches: the width of a page's text (183 mm)
_DOTS = 200  # an inch, of PNG files
_INK, _SOFT, _RULE = "#1b1b1b", "#5c5c5c", "#d5d5d5"
# Hues by Okabe and Ito, who chose them for colour-blind readers; with a marker each they are told apart in print too.
_HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a7a00", "#555555")
_MARKERS = "osD^vPX*<>"
_LEVEL_HUES = {
    "same": "#009e73", "stricter": "#0072b2", "looser": "#e69f00", "different": "#cc79a7", "unmeasured": "#cfc200",
    "absent": "#e4e4e4", "central": "#222222", "province": "#0072b2", "city": "#56b4e9", "county": "#009e73",
    "township": "#e69f00", "village": "#cc79a7",
    "met": "#8fc9b3", "missing": "#d55e00", "short": "#f3b37a", "late": "#e6c229", "exceeded": "#cc79a7",
    "violated": "#8e2f66", "undetermined": "#bdbdbd", "not_due": "#dfe7ef",
}  # fmt: skip
_LEVELS = ("central", "province", "city", "county", "township", "village")
_TAKEN = ("stricter", "same", "unmeasured", "different", "looser")

_SAY: Mapping[str, tuple[str, str]] = {
    "heatmap": ("{value} by {side} and topic", "{side} × 主题：{value}"),
    "dumbbell": ("The same duty in different places: how often a year, at least", "同一事项在各处：每年至少几次"),
    "timeline": ("Windows and due dates", "时段与期限"),
    "timeline_findings": ("Windows and what was found in them", "时段与核对结果"),
    "funnel": ("What became of the duties of {top}", "{top}的要求在下级的落实"),
    "frequencies": ("How often things are asked", "频次分布"),
    "headers": ("What the documents say of themselves", "文件要素的完整程度"),
    "region": ("region", "地区"),
    "doc_id": ("document", "文件"),
    "topic": ("topic", "主题"),
    "other_topics": ("others", "其他主题"),
    "no_topic": ("no topic", "无主题"),
    "no_place": ("(not known)", "（不明）"),
    "requirements": ("requirements", "要求条数"),
    "items": ("items", "事项数"),
    "asked": ("items asked", "有规定的事项数"),
    "share": ("share of items asked", "有规定的事项占比"),
    "index": ("index of demand", "要求强度指数"),
    "mean_rank": ("mean rank", "平均位次"),
    "times": ("times a year, at least (log scale)", "每年至少次数（对数刻度）"),
    "no_number": ("no number", "无次数"),
    "of": ("{asked} of {items}", "{asked}/{items}"),
    "under_one": ("< 1", "不足1"),
    "no_total": ("no total", "不能折算"),
    "vague": ("vague word", "模糊词"),
    "note_table": ("{documents} documents, {rows} rows", "{documents} 份文件，{rows} 行"),
    "note_rows": ("{rows} rows", "{rows} 行"),
    "note_others": ("others: {n} topics", "其他主题共 {n} 个"),
    "note_left": ("{n} more not drawn", "另有 {n} 项未画出"),
    "note_undated": ("{n} without a day not drawn", "{n} 项没有日期，未画出"),
    "note_fitting": ("of the items that could bind anybody there", "只计对当地适用的事项"),
    "title": ("title", "标题"),
    "issuer": ("issuer", "发文机关"),
    "doc_number": ("number", "发文字号"),
    "date": ("date", "成文日期"),
    "genre": ("genre", "文种"),
    "place": ("region", "地区"),
    "region_code": ("region code", "区划代码"),
    "level": ("level", "层级"),
    "no_level": ("no level", "层级不明"),
}


class Plot(Figure):
    """A matplotlib figure that knows its ``kind`` and the frame that was drawn (``data``)."""

    kind: str = ""
    data: pd.DataFrame
    _made_from: pd.DataFrame

    @functools.cached_property
    def source(self) -> Row:
        """What it was made from: ``sg.provenance`` of the frame it was called on."""
        return provenance(self._made_from)

    def __repr__(self) -> str:
        rows, columns = self.data.shape
        return f"<Plot {self.kind}: {rows} rows × {columns} columns, sha256 {_digest(self.data)[:12]}>"

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = (int(inches * 100) for inches in self.get_size_inches())
        return self._bytes("png", dots=144, about=self.kind), {"width": width, "height": height}

    def _bytes(self, format: str, *, about: str, dots: int = _DOTS) -> bytes:
        metadata = {"Description": about}
        metadata |= {"Date": None, "Creator": "siga_nlp"} if format == "svg" else {"Software": "siga_nlp"}  # type: ignore[dict-item]
        out = io.BytesIO()
        with _drawing():
            self.savefig(out, format=format, dpi=dots, metadata=metadata)
        return out.getvalue()

    def export(self, name: StrPath) -> list[Path]:
        """Write ``name.svg``, ``name.png``, ``name.csv`` (what was drawn) and ``name.json`` (what it was made from).

        The same table gives the same bytes. Folders on the way are made; a file that cannot be written raises ``OSError``.
        """
        source = {"figure": self.kind, "data_sha256": _digest(self.data), **self.source}
        about = f"{self.kind}; siga_nlp {source['siga_nlp']}; made from the table {source['table_sha256']}"
        contents = {
            ".svg": self._bytes("svg", about=about),
            ".png": self._bytes("png", about=about),
            ".csv": ("\ufeff" + self.data.to_csv(index=False, lineterminator="\r\n")).encode(),
            ".json": (json.dumps(source, ensure_ascii=False, indent=1) + "\n").encode(),
        }
        stem = Path(name)
        stem.parent.mkdir(parents=True, exist_ok=True)
        written = []
        for ending, content in contents.items():
            path = stem.with_name(stem.name + ending)
            path.write_bytes(content)
            written.append(path)
        return written


def chinese_font() -> str:
    """Set the figures that you draw with matplotlib yourself in the package's font; gives its name.

    >>> chinese_font()
    'Siga Sans'
    """
    import matplotlib

    _register()
    matplotlib.rcParams["font.family"] = _FAMILY
    return FONT


def plot_heatmap(
    frame: pd.DataFrame, *, by: str = "region", value: str | None = None, topics: int = 16, lang: str | None = None
) -> Plot:
    """Heat map of places × topics.

    Args:
        frame: A requirement table (its rows are counted), or what ``sg.coverage`` or ``sg.demand`` gave for it.
        by: The side: ``region`` or ``doc_id``.
        value: The column drawn, of a coverage or demand frame: ``share`` (default), ``asked``, ``items``, ``index``.
        topics: The most frequent so many; the others of a requirement table are summed up in a last column.

    An empty cell is a place without any; a cell with a dash has no value (nothing of the topic could bind anybody there).
    """
    import numpy as np

    lang = _language(lang)
    counts = "requirement_id" in frame.columns
    value = "requirements" if counts else value or "share"
    _need(frame, (by, "topic") if counts else (by, "topic", value), "plot_heatmap")
    none, others = _say("no_topic", lang), _say("other_topics", lang)
    data = frame[[by, "topic"]].copy()
    data["topic"] = data["topic"].fillna(none)
    data[by] = data[by].fillna(_say("no_place", lang))
    if counts:
        weight = data["topic"].value_counts()
    else:
        weight = frame.groupby(data["topic"])["items" if "items" in frame.columns else value].max()
    ranked = [str(t) for t in weight.sort_index().sort_values(ascending=False, kind="stable").index if t != none]
    rest = set(ranked[topics:])
    if counts:  # what is summed up or has no topic stands at the end, as a number only: its shade would say nothing
        data["topic"] = data["topic"].map(lambda t: others if t in rest else t)
        data = data.groupby([by, "topic"]).size().reset_index(name=value)
        notes = [_say("note_others", lang, n=len(rest))] if rest else []
    else:
        data[value] = frame[value].astype("Float64")
        data = data[~data["topic"].isin(list(rest))].reset_index(drop=True)
        notes = [_say("note_left", lang, n=len(rest))] if rest else []
    wide = data.pivot(index=by, columns="topic", values=value).sort_index()
    wide = wide[[t for t in (*ranked[:topics], others, none) if t in wide.columns]]
    places, tops = _places(list(wide.index), by), [_plain(t) for t in wide.columns]
    with _drawing():
        height = 0.26 * len(places) + 0.16 * max(map(len, tops), default=1) + 1.1
        figure, ax = _figure("heatmap", data, frame, height=height)
        cells = np.ma.masked_invalid(wide.to_numpy(dtype="float64", na_value=float("nan")))
        shaded = np.ma.masked_array(cells, np.ma.getmaskarray(cells) | np.isin(tops, (others, none))[None, :])
        mesh = ax.pcolormesh(shaded, cmap="Blues", edgecolors="white", linewidth=1, vmin=0)
        top = float(shaded.max()) if shaded.count() else 1.0
        for y, line in enumerate(cells):
            for x, cell in enumerate(line):
                words = ("–" if not counts else "") if np.ma.is_masked(cell) else _figures(float(cell), value)
                dark = not np.ma.is_masked(shaded[y, x]) and float(cell) > 0.55 * top
                ax.text(x + 0.5, y + 0.5, words, ha="center", va="center", fontsize=7, color="white" if dark else _INK)
        ax.xaxis.tick_top()
        stacked = len(tops) > 7  # as Chinese stands in narrow columns; English is turned
        names = ["\n".join(t) if stacked and not t.isascii() else t for t in tops]
        for text, name in zip(ax.set_xticks([x + 0.5 for x in range(len(tops))], names), tops, strict=True):
            text.label2.set_rotation(90 if stacked and name.isascii() else 0)
        _label_places(ax, places, at=0.5)
        ax.invert_yaxis()
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        figure.colorbar(mesh, ax=ax, shrink=0.7, aspect=18, pad=0.01).outline.set_visible(False)
        title = _say("heatmap", lang, side=_say(by, lang), value=_say(value, lang))
        return _done(figure, title, [_counted(frame, lang), *notes], lang)


def plot_dumbbell(
    table: pd.DataFrame,
    *,
    by: str = "region",
    topic: str | None = None,
    items: int = 20,
    decisions: Any = None,
    lang: str | None = None,
) -> Plot:
    """How often a year the same item is owed in different places, at least: a dot a place, a line from least to most.

    Items are those of ``sg.compare``; drawn are those for which two places or more give a number (``per_year``), those
    with the greatest ratio first. A place that has the item without such a number stands hollow at the left.

    Raises ``ValueError`` where no item has two numbers.
    """
    import pandas as pd

    from .comparison import compare

    lang = _language(lang)
    pairs = compare(table, by=by, topic=topic, decisions=decisions)
    halves = [
        pairs[["item", "topic", side, key]].set_axis(["item", "topic", by, "requirement_id"], axis=1)
        for side, key in (("document", "requirement_id"), ("other", "other_id"))
    ]
    data = pd.concat(halves).dropna(subset=["requirement_id"]).drop_duplicates(["item", by])
    about = table.set_index("requirement_id")[["per_year", "measure"]]
    data = data.join(about, on="requirement_id").sort_values(["item", by], ignore_index=True)
    numbers = data.dropna(subset=["per_year"]).groupby("item")["per_year"].agg(["count", "min", "max"])
    numbers = numbers[(numbers["count"] > 1) & (numbers["min"] > 0)]
    if numbers.empty:
        raise ValueError("no item has a number of times a year in two places: there is nothing to set side by side")
    ratio = (numbers["max"] / numbers["min"]).sort_index().sort_values(ascending=False, kind="stable")
    shown = list(ratio.index[:items])
    data = data[data["item"].isin(shown)].reset_index(drop=True)
    sides = sorted(data[by].unique())
    least, most = float(numbers.loc[shown, "min"].min()), float(numbers.loc[shown, "max"].max())
    hollow = bool(data["per_year"].isna().any())
    lane = least / 2
    with _drawing():
        figure, ax = _figure("dumbbell", data, table, height=0.36 * len(shown) + 1.6)
        seen: set[str] = set()
        for y, item in enumerate(shown):
            rows = data[data["item"] == item].to_dict("records")
            low, high = float(numbers.loc[item, "min"]), float(numbers.loc[item, "max"])
            ax.plot([low, high], [y, y], color="#b8b8b8", linewidth=2, zorder=1, solid_capstyle="round")
            for row in rows:
                known = not is_missing(row["per_year"])
                x = float(row["per_year"]) if known else lane
                same = [r[by] for r in rows if (float(r["per_year"]) if not is_missing(r["per_year"]) else lane) == x]
                shift = 0.8 / max(len(same), 4) * (same.index(row[by]) - (len(same) - 1) / 2)
                n = sides.index(row[by])
                color = _HUES[n % len(_HUES)]
                ax.plot(
                    [x], [y + shift], linestyle="", marker=_MARKERS[n % len(_MARKERS)], markersize=4.5, color=color,
                    markerfacecolor=color if known else "white",
                )  # fmt: skip
                seen.add(row[by])
        for side in sorted(seen):
            n = sides.index(side)
            name = "".join(_places([side], by)[0][:1])
            ax.plot([], [], linestyle="", marker=_MARKERS[n % len(_MARKERS)], markersize=5,
                    color=_HUES[n % len(_HUES)], label=name)  # fmt: skip
        ax.set_xscale("log")
        ticks = _spaced([t for t in _TIMES if least / 1.3 <= t <= most * 1.3])
        ax.set_xticks(
            ([lane] if hollow else []) + ticks,
            ([_say("no_number", lang)] if hollow else []) + [_ratio(t) for t in ticks],
        )
        ax.set_xticks([], minor=True)
        ax.set_xlim((lane if hollow else least) / 1.4, most * 1.4)
        if hollow:
            ax.axvline(least / 2**0.5, color=_RULE, linewidth=0.8, linestyle=":")
        ax.set_xlabel(_say("times", lang))
        ax.set_yticks(range(len(shown)), [_cut(item, 18) for item in shown])
        ax.set_ylim(len(shown) - 0.4, -0.6)
        ax.grid(axis="x", color=_RULE, linewidth=0.5)
        _open_frame(ax)
        figure.legend(loc="outside lower center", ncols=4 if by == "region" else 3, fontsize=7, frameon=False)
        left = [_say("note_left", lang, n=len(ratio) - len(shown))] if len(ratio) > len(shown) else []
        return _done(figure, _say("dumbbell", lang), [_counted(table, lang), *left], lang)


def plot_timeline(frame: pd.DataFrame, *, rows: int = 40, lang: str | None = None) -> Plot:
    """Windows of tasks (``sg.checklist`` with a range) by topic, or of findings (``sg.check``) by what was found.

    A line is one duty of one subject, a bar a window, a black line a due day inside it. What has neither a window nor a day
    is not drawn and counted below, and so are lines beyond ``rows``; of findings, lines with something open come first.
    """
    import pandas as pd

    lang = _language(lang)
    findings = "status" in frame.columns
    _need(frame, ("requirement_id", "who", "window_start", "window_end"), "plot_timeline")
    lines = []
    for row in frame.to_dict("records"):
        row = {name: None if is_missing(cell) else cell for name, cell in row.items()}
        start, end, due = (_day(row.get(name)) for name in ("window_start", "window_end", "due"))
        who = " ".join(str(row[k]) for k in ("person", "unit") if row.get(k)) or row["who"] or ""
        what = row.get("what") or row.get("topic") or ""
        asks = f" {_figures(row['need'], '')}{row.get('measure_unit') or ''}" if row.get("need") is not None else ""
        lines.append(
            {
                "requirement_id": row["requirement_id"],
                "line": f"{who}　{what}{asks or ''}",
                "state": row["status"] if findings else row.get("topic"),
                "start": (start or due or end) if end or due else None,  # from a day on, without an end, is no window
                "end": end or due,
                "due": due,
            }
        )
    data = pd.DataFrame(lines, columns=["requirement_id", "line", "state", "start", "end", "due"])
    undated = int(data["start"].isna().sum())
    data = data.dropna(subset=["start"]).reset_index(drop=True)
    keys = list(dict.fromkeys(zip(data["requirement_id"], data["line"], strict=True)))
    if findings:
        bad = {k for k, s in zip(zip(data["requirement_id"], data["line"], strict=True), data["state"], strict=True)
               if s in _BAD}  # fmt: skip
        keys.sort(key=lambda key: key not in bad)
    left, keys = len(keys[rows:]), keys[:rows]
    place = {key: n for n, key in enumerate(keys)}
    data = data[[key in place for key in zip(data["requirement_id"], data["line"], strict=True)]].reset_index(drop=True)
    data["state"] = data["state"].astype("object").where(data["state"].notna(), None)
    states = list(dict.fromkeys(data["state"]))
    alone = Counter(zip(data["requirement_id"], data["line"], strict=True))
    hues = {s: _LEVEL_HUES[s] if findings else _HUES[n] for n, s in enumerate(states[: len(states) if findings else 7])}
    grey = "#b8b8b8"  # topics beyond those that can be told apart, and duties without one
    if not findings:
        hues[None] = grey
    with _drawing():
        figure, ax = _figure("timeline", data, frame, height=0.2 * max(len(keys), 1) + 1.4)
        for row in data.to_dict("records"):
            y = place[(row["requirement_id"], row["line"])]
            first, last = _number(row["start"]), _number(row["end"]) + 1
            if row["start"] == row["end"] and alone[row["requirement_id"], row["line"]] <= 12:
                ax.plot([first + 0.5], [y], linestyle="", marker="D", markersize=5, color=hues.get(row["state"], grey))
                continue
            ax.barh(
                y,
                last - first,
                left=first,
                height=0.62,
                color=hues.get(row["state"], grey),
                edgecolor="white",
                linewidth=0.6,
            )
            if row["due"] and row["due"] != row["end"]:
                ax.plot([_number(row["due"]) + 0.5] * 2, [y - 0.42, y + 0.42], color=_INK, linewidth=1.4)
        if len(data):
            _months(ax, min(data["start"]), max(data["end"]), lang)
        ax.set_yticks(range(len(keys)), [_cut(line, 22) for _, line in keys])
        ax.set_ylim(max(len(keys), 1) - 0.4, -0.6)
        _open_frame(ax)
        names = {str(label(s, lang) if findings else s): hues[s] for s in states if s is not None and s in hues}
        if len(names) < len(states):
            names[_say("other_topics", lang)] = grey
        _legend(figure, names)
        notes = [_counted(frame, lang)]
        notes += [_say("note_undated", lang, n=undated)] if undated else []
        notes += [_say("note_left", lang, n=left)] if left else []
        return _done(figure, _say("timeline_findings" if findings else "timeline", lang), notes, lang)


def plot_funnel(
    table: pd.DataFrame,
    *,
    top: str | None = None,
    topic: str | None = None,
    decisions: Any = None,
    lang: str | None = None,
) -> Plot:
    """What became of a superior's duties down the hierarchy: for each region below it, how many of the items that could
    bind anybody there it took up, stricter, alike or looser.

    Args:
        table: A requirement table that holds a superior and regions below it (``region`` is written from the top down).
        top: The superior; by default the region with the most others below it.
        topic: Only items of this topic.

    Raises ``ValueError`` where no region of the table lies below another.
    """
    import pandas as pd

    from .comparison import compare

    lang = _language(lang)
    check_table(table)
    regions = sorted(table["region"].dropna().unique())
    below = {r: [s for s in regions if s != r and s.startswith(r)] for r in regions}
    top = top or max(regions, key=lambda r: (len(below[r]), -len(r)), default=None)
    if top is None or not below.get(top):
        known = ", ".join(r for r in regions if below[r]) or "none"
        raise ValueError(f"{top}: no region of the table lies below it; regions with others below them: {known}")
    within = table[table["region"].isin([top, *below[top]])]
    found = compare(within, by="region", baseline=top, topic=topic, decisions=decisions)
    found = found[(found["document"] == top) & (found["level"] != "not_applicable")]
    kinds = [*_TAKEN, "absent"]
    counts = pd.crosstab(found["other"], found["level"]).reindex(index=below[top], columns=kinds, fill_value=0)
    data = counts.rename_axis(index="region", columns=None).reset_index()
    data.insert(1, "items", counts.sum(axis=1).to_list())
    data.insert(2, "asked", counts[list(_TAKEN)].sum(axis=1).to_list())
    own = int(found["item"].nunique())
    data = pd.concat([pd.DataFrame([{"region": top, "items": own, "asked": own}]), data], ignore_index=True)
    data = data.astype(dict.fromkeys(["items", "asked", *kinds], "Int64"))
    places = _places(list(data["region"]), "region")
    with _drawing():
        figure, ax = _figure("funnel", data, table, height=0.34 * len(places) + 1.6)
        ax.barh(0, own, height=0.66, color=_SOFT)
        ax.text(own, 0, f" {own}", va="center", fontsize=7.5)
        for y, row in enumerate(data[1:].to_dict("records"), 1):
            x = 0
            for kind in kinds:
                ax.barh(y, row[kind], left=x, height=0.66, color=_LEVEL_HUES[kind], edgecolor="white", linewidth=0.6)
                if row[kind] and kind != "absent" and row[kind] >= 0.03 * data["items"].max():
                    ax.text(x + row[kind] / 2, y, f"{row[kind]}", ha="center", va="center", fontsize=7,
                            color="white" if kind in ("stricter", "same") else _INK)  # fmt: skip
                x += row[kind]
            said = _say("of", lang, asked=row["asked"], items=row["items"])
            ax.text(x, y, f" {said}" + (f"　{row['asked'] / row['items']:.0%}" if row["items"] else ""),
                    va="center", fontsize=7.5)  # fmt: skip
        ax.set_xlim(0, max(1, data["items"].max()) * 1.18)
        _label_places(ax, places, at=0)
        ax.set_ylim(len(places) - 0.4, -0.6)
        ax.set_xlabel(_say("items", lang))
        _open_frame(ax)
        _legend(figure, {label(kind, lang): _LEVEL_HUES[kind] for kind in kinds})
        title = _say("funnel", lang, top=top) + (f"：{topic}" if topic else "")
        return _done(figure, title, [_counted(within, lang), _say("note_fitting", lang)], lang)


def plot_frequencies(table: pd.DataFrame, *, by: str = "level", lang: str | None = None) -> Plot:
    """How many requirements ask for how many times a year at least, by ``level``, ``modality`` or another column.

    To the right, apart: a frequency without a total for a year (每届, 至多), and a word instead of a number (定期).
    Rows without any frequency are not drawn.
    """
    import pandas as pd
    from matplotlib.ticker import MaxNLocator

    lang = _language(lang)
    _need(table, ("requirement_id", "per_year", "frequency_count", "frequency_period", "vague", by), "plot_frequencies")
    bins = [_say("under_one", lang), "1", "2", "3", "4", "5–11", "12", "13–51", "52", "> 52"]
    apart = [_say("no_total", lang), _say("vague", lang)]

    def bin_of(row: Mapping[str, Any]) -> str | None:
        n = row["per_year"]
        if not is_missing(n):
            edges = (1, 2, 3, 4, 5, 12, 13, 52, 53)
            return bins[sum(float(n) >= edge for edge in edges)]
        if not is_missing(row["frequency_count"]) or not is_missing(row["frequency_period"]):
            return apart[0]
        return apart[1] if not is_missing(row["vague"]) else None

    drawn = pd.DataFrame(
        {"times": [bin_of(r) for r in table.to_dict("records")], by: table[by].astype("object").to_list()}
    )
    drawn = drawn.dropna(subset=["times"])
    drawn[by] = drawn[by].map(lambda v: "" if is_missing(v) else str(v))
    kinds = [k for k in _LEVELS if k in set(drawn[by])]
    kinds += sorted(set(drawn[by]) - set(kinds), key=lambda k: (k == "", k))
    wide = pd.crosstab(drawn["times"], drawn[by]).reindex(index=[*bins, *apart], columns=kinds, fill_value=0)
    data = wide.rename_axis(columns=None).reset_index()
    with _drawing():
        figure, ax = _figure("frequencies", data, table, height=3.4)
        xs = [n + (0.7 if n >= len(bins) else 0) for n in range(len(wide))]
        floor = [0] * len(wide)
        for n, kind in enumerate(kinds):
            color = _LEVEL_HUES.get(kind, _HUES[n % len(_HUES)]) if kind else "#bdbdbd"
            name = label(kind, lang) if kind else _say("no_level", lang) if by == "level" else _say("no_topic", lang)
            heights = wide[kind].to_list()
            bars = ax.bar(
                xs, heights, bottom=floor, width=0.78, color=color, edgecolor="white", linewidth=0.6, label=name
            )
            for bar in bars[len(bins) :]:
                bar.set_hatch("////")
            floor = [a + b for a, b in zip(floor, heights, strict=True)]
        for x, total in zip(xs, floor, strict=True):
            if total:
                ax.text(x, total, f"{total}", ha="center", va="bottom", fontsize=7.5)
        ax.set_xticks(xs, [*bins, *(words.replace(" ", "\n") for words in apart)])
        ax.set_xlabel(_say("times", lang).split("（")[0].split(" (")[0])
        ax.set_ylabel(_say("requirements", lang))
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
        _open_frame(ax)
        ax.legend(frameon=False, fontsize=7.5)
        return _done(figure, _say("frequencies", lang), [_counted(table, lang)], lang)


def plot_headers(frame: pd.DataFrame, *, documents: int = 60, lang: str | None = None) -> Plot:
    """Which header facts each document has: a requirement table, or ``documents.csv`` as a frame.

    Of more than ``documents`` documents only the shares are drawn.
    """
    lang = _language(lang)
    _need(frame, ("doc_id", *_FACTS), "plot_headers")
    known = frame.drop_duplicates("doc_id").sort_values("doc_id")
    data = known[["doc_id"]].reset_index(drop=True)
    for fact in _FACTS:
        data[fact] = [not is_missing(cell) for cell in known[fact]]
    names = [_say("place" if fact == "region" else fact, lang) for fact in _FACTS]
    shares = [f"{int(data[fact].sum())}/{len(data)}" for fact in _FACTS]
    with _drawing():
        tiles = len(data) <= documents
        figure, ax = _figure("headers", data, frame, height=0.2 * len(data) + 1.3 if tiles else 2.6)
        if tiles:
            for y, row in enumerate(data.to_dict("records")):
                for x, fact in enumerate(_FACTS):
                    color = "#a5d2ee" if row[fact] else "#f1f1f1"
                    ax.add_patch(_tile(x, y, color))
                    if not row[fact]:
                        ax.text(x + 0.5, y + 0.5, "×", ha="center", va="center", fontsize=8, color=_SOFT)
            ax.set_xlim(0, len(_FACTS))
            ax.set_ylim(len(data), 0)
            ax.set_xticks(
                [x + 0.5 for x in range(len(names))], [f"{a}\n{b}" for a, b in zip(names, shares, strict=True)]
            )
            ax.xaxis.tick_top()
            ax.set_yticks([y + 0.5 for y in range(len(data))], [_cut(d, 36) for d in data["doc_id"]])
            ax.tick_params(length=0)
            ax.spines[:].set_visible(False)
        else:
            ax.barh(range(len(names)), [data[fact].mean() for fact in _FACTS], color="#56b4e9")
            ax.set_yticks(range(len(names)), [f"{a}　{b}" for a, b in zip(names, shares, strict=True)])
            ax.set_ylim(len(names) - 0.4, -0.6)
            ax.set_xlim(0, 1)
            ax.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")
            _open_frame(ax)
        return _done(figure, _say("headers", lang), [_counted(frame, lang)], lang)


_FACTS = ("title", "issuer", "doc_number", "date", "genre", "region", "region_code", "level")
_BAD = ("missing", "short", "late", "exceeded", "violated")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMES = (0.2, 0.333333, 0.5, 1, 2, 4, 6, 12, 24, 36, 52, 104, 156, 365)


# What the figures share


@functools.lru_cache(maxsize=1)
def _register() -> None:
    from matplotlib.font_manager import fontManager

    fontManager.addfont(Path(__file__).parent / "data" / "fonts" / "siga-sans.otf")


@contextmanager
def _drawing() -> Iterator[None]:
    """Our settings, and after it the user's as they were. The salt makes the ids inside an SVG the same each time."""
    from matplotlib import rc_context

    _register()
    settings = {
        "font.family": _FAMILY, "font.size": 8, "axes.titlesize": 9.5, "axes.labelcolor": _SOFT, "text.color": _INK,
        "xtick.color": _SOFT, "ytick.color": _INK, "axes.edgecolor": _RULE, "axes.unicode_minus": False,
        "svg.fonttype": "path", "svg.hashsalt": "siga_nlp", "hatch.linewidth": 0.4, "hatch.color": "white",
    }  # fmt: skip
    with rc_context(settings):  # type: ignore[arg-type]
        yield


def _figure(kind: str, data: pd.DataFrame, frame: pd.DataFrame, *, height: float) -> tuple[Plot, Axes]:
    figure = Plot(figsize=(_WIDTH, min(max(height, 1.8), 30)), layout="constrained", facecolor="white")
    figure.kind, figure.data, figure._made_from = kind, data, frame
    return figure, figure.add_subplot()


def _done(figure: Plot, title: str, notes: Sequence[str], lang: str) -> Plot:
    note = ("；" if lang == "zh" else "; ").join(note for note in notes if note)
    figure.suptitle(title, x=0.008, ha="left", fontsize=9.5)
    figure.axes[0].set_title(note, loc="left", pad=8, fontsize=6.5, color=_SOFT)
    for ax in figure.axes:  # ticks that a later change of the limits makes are set in it too
        ax.tick_params(labelfontfamily=_FAMILY)
    return figure


def _digest(frame: pd.DataFrame) -> str:
    return hashlib.sha256(frame.to_csv(index=False).encode("utf-8", "surrogatepass")).hexdigest()


def _language(lang: str | None) -> str:
    lang = lang or default_language()
    if lang not in LANGUAGES:
        raise ValueError(f"lang is {lang!r}; it can be {' or '.join(LANGUAGES)}")
    return lang


def _say(key: str, lang: str, **values: object) -> str:
    return _SAY[key][LANGUAGES.index(lang)].format(**values)


def _need(frame: pd.DataFrame, columns: Sequence[str], name: str) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ValueError(
            f"{name}: the frame lacks the columns {', '.join(missing)}; it has {', '.join(frame.columns[:12])}"
        )
    if not len(frame):
        raise ValueError(f"{name}: the frame has no rows, so there is nothing to draw")


def _counted(frame: pd.DataFrame, lang: str) -> str:
    if "doc_id" in frame.columns:
        return _say("note_table", lang, documents=frame["doc_id"].nunique(), rows=len(frame))
    return _say("note_rows", lang, rows=len(frame))


def _places(names: Sequence[str], by: str) -> list[tuple[str, int]]:
    """Names as they are written below each other: without those of the superiors that stand above them, and the depth.

    >>> _places(["云岭省", "云岭省青岫市", "云岭省青岫市石棠县", "海澜省汐港市"], "region")
    [('云岭省', 0), ('青岫市', 1), ('石棠县', 2), ('海澜省汐港市', 0)]
    """
    if by != "region":
        return [(_cut(name, 30), 0) for name in names]
    found = []
    for name in names:
        name = _plain(name)
        above = [other for other in names if other != name and name.startswith(other)]
        found.append((name[max(map(len, above), default=0) :], len(above)))
    return found


def _label_places(ax: Axes, places: Sequence[tuple[str, int]], *, at: float) -> None:
    """Names of places at the y axis, those below others indented."""
    ax.set_yticks([y + at for y in range(len(places))], ["　" * depth + name for name, depth in places])
    widest = max((sum(1 if ord(c) > 0x2E80 else 0.6 for c in "　" * depth + name) for name, depth in places), default=0)
    ax.tick_params(axis="y", pad=widest * 8.2)
    for text in ax.get_yticklabels():
        text.set_horizontalalignment("left")


def _open_frame(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(length=2, color=_RULE)
    ax.set_axisbelow(True)


def _legend(figure: Plot, names: Mapping[str, str]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(facecolor=color, label=name) for name, color in names.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=6, fontsize=7, frameon=False, handlelength=1)


def _tile(x: float, y: float, color: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x + 0.03, y + 0.06), 0.94, 0.88, facecolor=color, edgecolor="none")


def _spaced(ticks: Sequence[float]) -> list[float]:
    """Ticks of a logarithmic axis that leave room for their labels."""
    kept: list[float] = []
    for tick in ticks:
        if not kept or tick / kept[-1] >= 1.4:
            kept.append(tick)
    return kept


def _ratio(number: float) -> str:
    return f"{number:g}" if number >= 1 else f"1/{1 / number:.0f}"


def _months(ax: Axes, first: date, last: date, lang: str) -> None:
    months, day = [], date(first.year, first.month, 1)
    while day <= last:
        months.append(day)
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    step = next(n for n in (1, 3, 12, 60, 600) if len(months) / n <= 18)
    shown = [m for m in months if (m.year * 12 + m.month - 1) % step == 0]
    words = [
        (f"{m.month}月" if lang == "zh" else _MONTHS[m.month - 1])
        + (f"\n{m.year}" if m == shown[0] or m.month == 1 else "")
        for m in shown
    ]
    ax.set_xticks([_number(m) for m in shown], words, ha="left")
    ax.set_xlim(_number(months[0]), _number(last + timedelta(days=2)))
    ax.grid(axis="x", color=_RULE, linewidth=0.5)


def _number(day: date) -> float:
    """A day as matplotlib's date axes count it: days since 1970."""
    return float(day.toordinal() - date(1970, 1, 1).toordinal())


def _day(cell: Any) -> date | None:
    """A day of the frame; a due date in words is none."""
    try:
        return date.fromisoformat(str(cell)[:10]) if cell is not None else None
    except ValueError:
        return None


def _figures(number: float, value: str) -> str:
    if value in ("share", "index", "mean_rank"):
        return f"{number:.2f}".lstrip("0") if 0 < number < 1 else f"{number:g}"
    return f"{number:g}"


def _plain(text: object) -> str:
    """On one line: no font has a glyph for a line break or a tab."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", str(text))


def _cut(text: str, length: int) -> str:
    text = _plain(text)
    return text if len(text) <= length else text[: length - 1] + "…"
