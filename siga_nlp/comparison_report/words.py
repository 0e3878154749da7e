"""What a comparison is told in: levels with their signs and colours, headings in two languages and both scripts, measures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from ..comparison import amount
from ..messages import LANGUAGES, label
from ..table import Row
from ..windows import deadline_words, period_words

SCRIPTS = ("simplified", "traditional")


@dataclass(frozen=True, slots=True)
class _Level:
    """How a level is shown: sign, names (en, zh), tint and ink in the light and in the dark theme."""

    sign: str
    names: tuple[str, str]
    light: tuple[str, str]
    dark: tuple[str, str]


# Hues by Okabe and Ito, who chose them for colour-blind readers; the sign and the name say the same without colour.
LEVELS: Mapping[str, _Level] = {
    "reference": _Level("◆", ("reference", "参照"), ("#ffffff", "#1b1b1b"), ("#161616", "#e9e9e6")),
    "only": _Level("◇", ("only here", "仅此一方"), ("#ffffff", "#1b1b1b"), ("#161616", "#e9e9e6")),
    "same": _Level("＝", ("same", "相同"), ("#d0efe4", "#00533c"), ("#0d3b2f", "#6fe0bd")),
    "stricter": _Level("▲", ("stricter", "更严"), ("#cfe3f5", "#004a77"), ("#10374f", "#8fd0fa")),
    "looser": _Level("▼", ("looser", "更宽"), ("#fde3b8", "#6b4300"), ("#49340a", "#ffc04d")),
    "different": _Level("≠", ("not comparable", "不可比"), ("#f3d9e8", "#7a2455"), ("#4a1f38", "#f0b3d4")),
    "unmeasured": _Level("？", ("one unmeasured", "一方未量化"), ("#f8f3a8", "#544c00"), ("#3f3b06", "#f3e95a")),
    "absent": _Level("✕", ("absent", "没有"), ("#e4e4e4", "#4a4a4a"), ("#303030", "#b8b8b8")),
    "not_compared": _Level("·", ("other policy", "政策不同未比"), ("#ffffff", "#6a6a6a"), ("#161616", "#a0a0a0")),
    "not_applicable": _Level("–", ("not applicable", "不适用"), ("#f6f6f3", "#6a6a6a"), ("#222220", "#a0a0a0")),
}
OUT = ("not_applicable", "not_compared")  # cells that say nothing of what is missing
MIRRORED = {"stricter": "looser", "looser": "stricter"}
ORDERED = ("frequency_level", "quantity_level", "deadline_level", "modality_level")
FIELDS = (*ORDERED, "who_level", "scope_level", "lead_level")

# key → (English, Chinese)
_SAY: Mapping[str, tuple[str, str]] = {
    "title": ("Requirements compared", "政策要求对比"),
    "counts": (
        "{columns} compared · {items} items · {pairs} pairs",
        "{columns} 个对象 · {items} 项要求 · {pairs} 对比较",
    ),
    "documents": ("What is compared", "对比对象"),
    "name": ("name", "名称"),
    "document": ("document", "文件"),
    "issuer": ("issuer", "发文机关"),
    "number": ("number", "发文字号"),
    "date": ("date", "日期"),
    "region": ("region", "地区"),
    "requirements": ("requirements", "要求数"),
    "policies": (
        "Documents of different policies are compared only in the items that they share; none of them lacks what another "
        "policy asks. Of one policy are: {told}.",
        "政策不同的文件只比较共有的要求，不因政策不同而算作缺项。属同一政策的文件：{told}。",
    ),
    "levels": ("Levels", "比较结果"),
    "level": ("level", "结果"),
    "cells": ("cells of the matrix", "矩阵单元格数"),
    "matrix": ("Matrix", "对比矩阵"),
    "matrix_note": (
        "Each row is one duty of one kind of actor. The mark in a cell says how it stands to the reference of its row (◆: the "
        "baseline or, without one, the first that asks).",
        "每行是同类主体的一项要求。单元格中的标记表示与本行参照对象（◆：指定的基准；未指定时为最左边提出要求的一方）相比的结果。",
    ),
    "click": (
        "A click on a cell opens the quotes and their places at the foot of the window, a second click closes them; a click "
        "on an item opens all its pairs. A topic with ≈ is derived from the texts; it is not in the lexicon.",
        "点击单元格，窗口下方显示双方原文及其位置，再次点击关闭；点击要求名称可查看逐对比较。带“≈”的主题由文本聚类得出，不在主题词表中。",
    ),
    "printed": ("Numbers in brackets lead to the quotes at the end.", "方括号中的数字指向文末的原文引注。"),
    "shortened": (
        "Only {shown} of {count} items are shown, those that most have; all are in the long table.",
        "此处只列出 {count} 项中各方提出较多的 {shown} 项，全部内容见逐对比较明细。",
    ),
    "further": ("… and {count} more: see the long table", "……另有 {count} 项，见逐对比较明细"),
    "item": ("item", "要求"),
    "other_topic": ("(no topic)", "（无主题）"),
    "no_measure": ("asked, no measure", "有要求，未量化"),
    "quote": ("quote", "原文"),
    "reference_quote": ("reference", "参照原文"),
    "place": ("{section} characters {start}–{end}", "{section} 第 {start}–{end} 字"),
    "no_quote": (
        "The table holds no quotes; the place is that in the source.",
        "表中不含原文；位置为原文件中的位置。",
    ),
    "cut": ("[{count} more characters in the table]", "［余下 {count} 字见表］"),
    "fields": ("field by field", "逐字段"),
    "why": ("why", "理由"),
    "who": ("who", "主体"),
    "frequency_level": ("frequency", "频次"),
    "quantity_level": ("quantity", "数量"),
    "deadline_level": ("deadline", "期限"),
    "modality_level": ("modality", "性质"),
    "differs": ("differs", "不同"),
    "close": ("close", "关闭"),
    "who_level": ("who is bound", "主体"),
    "scope_level": ("scope", "范围"),
    "lead_level": ("lead unit", "牵头单位"),
    "all_pairs": ("all pairs of this item", "本项逐对比较"),
    "demand": ("Demand by region and topic", "各地各主题的要求强度"),
    "demand_note": (
        "Darker is more. — : asks nothing under this topic; “n/a”: asks, but nothing of it can be ranked against another.",
        "颜色越深，要求越多越严；“—”表示该主题下没有要求，“不可排”表示有要求但无法与他方排序。",
    ),
    "demand_rest": ("Nothing can be ranked under: {told}.", "没有可排序要求的主题：{told}。"),
    "unranked": ("n/a", "不可排"),
    "topic": ("topic", "主题"),
    "coverage": ("Coverage", "覆盖情况"),
    "coverage_note": (
        "Items asked of those that any of the compared asks.",
        "已提出的要求占各方所提要求总项数的比例。",
    ),
    "all_topics": ("all topics", "全部主题"),
    "missing": ("What each lacks", "各方缺少的要求"),
    "missing_note": (
        "Items that others ask and this one does not. What binds only another level of administration is not counted.",
        "他方提出而本方没有的要求；只约束其他层级的不计入。",
    ),
    "lacks_nothing": ("lacks nothing", "没有缺项"),
    "asked_by": ("asked by", "提出方"),
    "lacking": ("lacking", "缺少方"),
    "rules": ("How levels are decided", "比较结果如何判定"),
    "formula": ("How the figures are computed", "指标如何计算"),
    "notes": ("Quotes", "原文引注"),
    "many": (
        "The quotes of {count} cells are in the table; they are left out of the print.",
        "{count} 个单元格的原文见数据表，打印时从略。",
    ),
    "nothing": ("There is nothing to compare in this table.", "此表中没有可对比的内容。"),
    "role": ("who (level and role)", "主体（层级与类别）"),
    "figures": ("Figures", "指标"),
    "share": ("share", "提出比例"),
    "index": ("index of demand", "要求强度"),
    "items": ("items that could bind there", "可适用项数"),
    "asked": ("asked", "已提出"),
    "ranked": ("ranked", "可排项数"),
    "mean_rank": ("mean rank", "平均位次"),
    "about": ("About", "说明"),
    "table_note": (
        "The sheet “table” holds the long table, one row an item × pair; its columns keep the names that programs read.",
        "工作表“table”为逐对比较明细（每行一项要求 × 一对对象），列名供程序读取，保持不变。",
    ),
}


# As ``comparison`` decides and counts.
RULES = (
    (
        "Each field (frequency, quantity, deadline, modality) has a level of its own, seen from the reference: stricter means "
        "that the other asks more. Who is bound, scope and lead unit are the same or not, and decide nothing.",
        "频次、数量、期限、性质各有比较结果，均以参照方为准：“更严”表示对方要求更高。主体、范围、牵头单位只分相同与否，不影响总的结果。",
    ),
    (
        "Values are compared by what the words mean: once a quarter and four times a year are the same total in another "
        "spacing; upper bounds (at most) are stricter when they are lower; at least and at most are not comparable, nor what is owed for each thing with what is owed in all.",
        "按含义比较：每季度1次与每年4次总量相同而间隔不同；上限（不超过）越低越严；“至少”与“不超过”不可比，按每条、每村等计的与总数也不可比。",
    ),
    (
        "No counterpart: not applicable if the requirement binds only levels of administration above the other; other policy if "
        "the other has no document of that policy; else absent.",
        "对方没有相应要求：只约束对方以上层级的为“不适用”，对方没有同一政策文件的为“政策不同未比”，其余为“没有”。",
    ),
    (
        "Only one side has a measure at all: one unmeasured. Neither has: the level of the modality.",
        "只有一方有量度：“一方未量化”；双方都没有量度：取性质的比较结果。",
    ),
    (
        "Both are measured, but in no field both: not comparable. A field that is not comparable makes the whole so; "
        "another spacing of the same total does not.",
        "双方都有量度但没有共同的字段：“不可比”。任一字段不可比则整体不可比；总量相同仅间隔不同的除外。",
    ),
    (
        "A field that only one side states is something more that this side asks.",
        "仅一方规定的字段，视为该方多提出的要求。",
    ),
    (
        "Of the rest: all the same is same; stricter (looser) wins over same; both together are not comparable.",
        "其余情形：各字段都相同为“相同”；有更严（更宽）而无相反的，取更严（更宽）；二者并存为“不可比”。",
    ),
)
FORMULAS = (
    (
        "Index of demand = share × mean rank, between 0 and 1, for each region (or document) and topic.",
        "要求强度 = 提出比例 × 平均位次，介于 0 与 1 之间，按地区（或文件）和主题计算。",
    ),
    (
        "Share: the items it asks, of the topic's items that could bind anybody there.",
        "提出比例：该主题下可适用于当地的各项要求中，当地已提出的比例。",
    ),
    (
        "Rank in an item: (those it is stricter than + half of those with the same) ÷ those it can be compared with; the mean "
        "is over its items that can be compared with another's.",
        "单项位次：（比其宽的对象数＋与其相同的对象数的一半）÷ 可比的对象数；平均只计可与他方比较的要求。",
    ),
    (
        "Coverage: items asked ÷ items that any of the compared asks and that could bind anybody there.",
        "覆盖率：已提出的要求项数 ÷ 各方所提且可适用于当地的要求项数。",
    ),
)


def checked(lang: str, script: str) -> tuple[str, str]:
    if lang not in LANGUAGES:
        raise ValueError(f"lang is {lang!r}; it can be {' or '.join(LANGUAGES)}")
    if script not in SCRIPTS:
        raise ValueError(f"script is {script!r}; it can be {' or '.join(SCRIPTS)}")
    return lang, script


@dataclass(frozen=True, slots=True)
class Words:
    """Headings in the language and the script that are asked for."""

    lang: str
    script: str

    def __call__(self, key: str, **values: object) -> str:
        return self.own(_SAY[key][self.number]).format(**values)

    @property
    def number(self) -> int:
        return LANGUAGES.index(self.lang)

    def own(self, text: str) -> str:
        """Our own words (headings, normalized labels) in the script; never a quote."""
        return _traditional(text) if self.script == "traditional" else text

    def level(self, name: str) -> str:
        shown = LEVELS.get(name)
        return self.own(shown.names[self.number]) if shown else name

    def sign(self, name: str) -> str:
        return LEVELS[name].sign if name in LEVELS else "·"


@lru_cache(maxsize=4096)
def _traditional(text: str) -> str:
    return str(_converter().convert(text))


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2tw")


# What would steer a page or cannot be written is shown as a picture or as U+FFFD.
_VISIBLE = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF], 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}  # fmt: skip


def visible(text: Any) -> str:
    return str(text).replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)


def safe(text: Any) -> str:
    return escape(visible(text))


# Measures

_MODES = {"prohibition": ("must not", "不得"), "permission": ("may", "可"), "recommendation": ("encouraged", "鼓励")}


def measure_words(row: Row, words: Words) -> str:
    """The measure of a requirement as the columns have it, short enough for a cell."""
    n = words.number
    often = amount(row["frequency_op"], row["frequency_count"], row["frequency_max"])
    much = amount(row["quantity_op"], row["quantity_value"], row["quantity_max"])
    much += str(row["quantity_unit"] or "") if much else ""
    if much and row["basis"]:
        much += f"/{row['basis']}"
    period = period_words(row["frequency_period"], words.lang) if row["frequency_period"] else ""
    if n == 0:
        counted = ", ".join(part for part in (f"{often}×" if often else "", much) if part)
        alone = re.sub("^an? ", "every ", period)
        told = f"{counted} {period}".rstrip() if counted else alone
    else:
        told = period.replace(" ", "") + "、".join(part for part in (f"{often}次" if often else "", much) if part)
    if row["deadline"]:
        due = deadline_words(row["deadline"], lang=words.lang)
        told = f"{told}, {due}".lstrip(", ") if n == 0 else f"{told}，{due.replace(' ', '')}".lstrip("，")
    told = words.own(told)
    told = told or str(row["vague"] or "")
    mode = _MODES.get(row["modality"] or "")
    if mode:
        return f"{words.own(mode[n])} {told}".rstrip()
    return told or words("no_measure")


def fields_told(pair: Row, words: Words) -> str:
    """The level of each field that has one."""
    told = []
    for name in FIELDS:
        level = pair[name]
        if level is not None:
            ordered = name in ORDERED or level != "different"
            told.append(f"{words(name)} {words.sign(level)} {words.level(level) if ordered else words('differs')}")
    return " · ".join(told)


def role_words(role: str | None, words: Words) -> str:
    """Level and role of an item in words."""
    parts = [label(part, words.lang) for part in (role or "").split()]
    return words.own(" ".join(parts))
