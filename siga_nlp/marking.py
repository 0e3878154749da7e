"""A document with its requirements marked, and a row with what filled it: for a browser, a notebook or a terminal.

The HTML stands alone: no script, no address, everything from the document escaped. A slot is told by colour and by
the kind of line under it, so that it can be told without colours too. Viewers of notebooks that take the style sheet
away (GitHub's, JupyterLab for what it does not trust) leave styles in the marks, which suit light and dark; those that
take these away too leave the lines of the text, the numbers and the list below it.
"""

# ruff: noqa: SIM905  (the list of columns reads better as words between spaces)
from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from html import escape
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any

from .messages import LANGUAGES, label, language
from .models import Document, Requirement, Span
from .windows import period_words


@dataclass(frozen=True, slots=True)
class _Slot:
    """How a slot is shown: names (en, zh), letter in plain text, terminal code, line, colours (light, dark)."""

    names: tuple[str, str]
    letter: str
    ansi: str
    line: str
    ink: tuple[str, str]
    tint: tuple[str, str]


# Hues by Okabe and Ito, who chose them for colour-blind readers; slots of near hues differ in their line.
_NEUTRAL = (("#6b6b6b", "#b8b8b8"), ("#ececec", "#3a3a3a"))
_BLUE = (("#0072b2", "#56b4e9"), ("#d3e7f5", "#10374f"))
_GREEN = (("#007a59", "#2fc79b"), ("#d0efe4", "#0d3b2f"))
_ORANGE = (("#9a6200", "#e69f00"), ("#fde9c4", "#49340a"))
_PURPLE = (("#a8467d", "#e29cc4"), ("#f6dfeb", "#4a1f38"))
_VERMILLION = (("#b84d00", "#f58a4b"), ("#fbdccb", "#53260c"))
_SKY = (("#1878a8", "#8fd3ff"), ("#e0f3fe", "#1d4154"))
_YELLOW = (("#7a6f00", "#f0e442"), ("#faf6bd", "#3f3b06"))
SLOTS: Mapping[str, _Slot] = {
    "subject": _Slot(("who", "主体"), "S", "1;34", "2px solid", *_BLUE),
    "modal": _Slot(("modal word", "情态词"), "M", "1", "3px double", *_NEUTRAL),
    "action": _Slot(("what", "行为"), "A", "32", "2px dashed", *_GREEN),
    "measure": _Slot(("measure", "量度"), "=", "4", "2px solid", *_NEUTRAL),
    "period": _Slot(("period", "周期"), "P", "33;4", "2px dotted", *_ORANGE),
    "frequency": _Slot(("how often", "频次"), "F", "1;33", "2px solid", *_ORANGE),
    "quantity": _Slot(("how much", "数量"), "Q", "1;35", "4px solid", *_PURPLE),
    "deadline": _Slot(("by when", "期限"), "D", "1;31", "3px double", *_VERMILLION),
    "deadline_event": _Slot(("from what event", "起算事件"), "E", "31", "4px dotted", *_VERMILLION),
    "basis": _Slot(("owed for each", "计量对象"), "B", "36", "2px dotted", *_SKY),
    "condition": _Slot(("condition", "条件"), "C", "2", "2px dotted", *_NEUTRAL),
    "vague": _Slot(("vague word", "模糊词"), "V", "33", "4px solid", *_YELLOW),
    "lead_units": _Slot(("lead unit", "牵头单位"), "L", "1;36", "3px double", *_SKY),
    "responsible_units": _Slot(("responsible unit", "责任单位"), "R", "36", "2px dashed", *_SKY),
}
OTHER = _Slot(("other", "其他"), "*", "7", "1px dashed", *_NEUTRAL)
# For displaCy, which has one colour for a label and black letters.
COLORS: Mapping[str, str] = {name: slot.tint[0] for name, slot in SLOTS.items()}

_SAY: Mapping[str, tuple[str, str]] = {
    "count": ("{n} requirements", "{n} 条要求"),
    "none": ("no requirements found", "没有找到要求"),
    "section": ("section", "位置"),
    "modality": ("kind", "性质"),
    "reading": ("reading", "规范读法"),
    "rules": ("rules", "规则"),
    "issues": ("look at", "需留意"),
    "slot": ("field", "字段"),
    "words": ("words", "原文"),
    "place": ("characters", "字符位置"),
    "value": ("value", "取值"),
    "filled": ("filled by", "填写规则"),
    "inherited": ("inherited", "承前"),
    "outside": ("outside the clause", "在本条之外"),
    "implied": ("implied", "隐含"),
    "other_rules": ("other rules", "其他规则"),
    "requirement": ("requirement", "要求"),
    "furniture": ("page header or footer, not read", "页眉页脚，不参与读取"),
}
ISSUES: Mapping[str, tuple[str, str]] = {
    "no_subject": ("nobody is named who must act", "没有写明由谁负责"),
    "no_action": ("no act was found", "没有找到行为"),
    "action_from_far": ("the act stands in an earlier sentence", "行为取自前面的句子"),
    "two_readings": ("there is a second reading", "另有一种读法"),
    "thing_as_subject": (
        "the subject is a thing, not an actor",
        "主语是事物而非责任主体",
    ),
    "subject_from_above": ("the subject stands in a paragraph before", "主体取自前一段"),
    "subject_from_far": ("the subject is the document's main actor", "主体取自全文的主要主体"),
    "subject_guessed": ("the subject is guessed from its words", "主体由字面推测"),
    "owner_as_subject": ("the subject is whose thing it is", "主体为事物的所有者"),
    "subject-after-由": ("the subject is named after 由", "主体取自“由”字之后"),
}
OPERATORS: Mapping[str, tuple[str, str]] = {
    "ge": ("at least {}", "至少{}"),
    "gt": ("more than {}", "多于{}"),
    "le": ("at most {}", "至多{}"),
    "lt": ("fewer than {}", "少于{}"),
    "approx": ("about {}", "约{}"),
    "range": ("{}", "{}"),
    "eq": ("exactly {}", "{}"),
}


# Characters that would steer a terminal or a page (escape sequences, right-to-left overrides) or cannot be written:
# shown as pictures or as U+FFFD, one for one.
VISIBLE = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF], 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines for a terminal: a text, what is marked in it (without colours: by letters below it, unless not
    ``lettered``), and the numbers that stand before its lines in a gutter so many columns wide."""

    text: str
    marks: tuple[tuple[int, int, str], ...] = ()
    numbers: tuple[tuple[int, int], ...] = ()
    lettered: bool = True
    gutter: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """What ``show``, ``explain`` and ``browse`` return: a notebook displays it, ``print`` prints it, ``html`` is a whole page."""

    title: str
    fragment: str
    blocks: tuple[Block, ...]
    lang: str

    @property
    def html(self) -> str:
        """A whole page: no address, for any browser."""
        code = "zh-CN" if self.lang == "zh" else "en"
        return (
            f'<!doctype html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            f"<title>{_escaped(self.title)}</title>\n<style>{_page_css()}</style>\n</head>\n"
            f"<body>\n{self.fragment}\n</body>\n</html>\n"
        )

    def _repr_html_(self) -> str:
        return self.fragment

    def __str__(self) -> str:
        return self.terminal()

    def terminal(self, *, color: bool = False, width: int = 88) -> str:
        """The page for a terminal of ``width`` columns.

        With ``color`` the slots are coloured (ANSI); without, each is marked by its letter in a line below the text.
        """
        return "\n".join(line for block in self.blocks for line in _printed(block, color=color, width=max(width, 24)))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page as HTML."""
        Path(path).write_text(self.html, encoding="utf-8", newline="\n")


def show(
    document: Document,
    requirements: Any = None,
    *,
    html: str | PathLike[str] | None = None,
    lang: str | None = None,
) -> Page:
    """A document with its requirements marked in the source.

    Args:
        document: A document that was read (``sg.read_document``).
        requirements: Records of it, or a requirement table (rows of other documents are left out). By default they
            are extracted.
        html: Where to write the page, if anywhere.
        lang: ``zh`` or ``en`` for the labels; by default the system's language.

    Returns:
        A page: displayed by a notebook, printed by ``print``; ``.html`` is the whole page, ``.save(path)`` writes it.

    Raises:
        ValueError: A row does not quote this document's text where it says.

    >>> document = Document("a", "县长每月至少接访1次。")
    >>> row = Requirement(0, 10, "县长每月至少接访1次", subject="县长", spans={"subject": ((0, 2),)})
    >>> print(show(document, [row], lang="en").terminal(width=40).splitlines()[2])
       1│ 县长每月至少接访1次。
    """
    lang = language(lang)
    if not isinstance(document, Document):
        raise TypeError(
            f"show needs a document that was read, not {type(document).__name__}: show(sg.read_document(path))"
        )
    if requirements is None:
        from .extraction import extract

        requirements = extract(document)
    rows = own_rows(document, requirements)
    layers = _layers(document, rows)
    title = document.header.title or document.doc_id or _say("requirement", lang)
    count = _say("count", lang).format(n=len(rows)) if rows else _say("none", lang)
    used = _used(rows)
    anchor = "siga-" + hashlib.sha256(document.text.encode("utf-8", "replace")).hexdigest()[:8]
    fragment = (
        f'<div class="siga"><style>{css()}</style>\n<div class="siga-head"><b>{_escaped(title)}</b> '
        f"<span>{_escaped(document.doc_id) + ' · ' if title != document.doc_id else ''}{count}</span></div>\n{_legend(used, lang)}"
        f'<div class="siga-text" style="white-space:pre-wrap;line-height:2.2">{_marked(document.text, layers, rows, anchor, lang)}</div>\n'
        f"{_row_list(rows, anchor, lang) if rows else ''}</div>"
    )
    page = Page(
        title,
        fragment,
        tuple(_show_blocks(document, rows, layers, title, count, used, lang)),
        lang,
    )
    if html is not None:
        page.save(html)
    return page


def explain(row: Any, *, document: Document | None = None, lang: str | None = None) -> Page:
    """Which rules filled which slot of a row, on which characters, and what a person should look at.

    Args:
        row: A row of the requirement table (Series or dict) or a ``Requirement``.
        document: The row's document, for the words of spans outside the clause (an inherited subject).
        lang: ``zh`` or ``en`` for the labels; by default the system's language.

    >>> row = Requirement(5, 12, "县长每月下访1次"[:7], subject="县长", spans={"subject": ((5, 7),)}, rules=("count",))
    >>> print(explain(row, lang="en").terminal(width=40).splitlines()[1])
      县长每月下访1
    """
    lang = language(lang)
    cells = _cells(row)
    if document is not None:
        _check_quote(cells, document)
    offset, text = cells["start"], cells["text"] or ""
    marks = tuple(
        (max(a, offset) - offset, min(b, offset + len(text)) - offset, slot)
        for slot, spans in cells["spans"].items()
        for a, b in spans
        if a < offset + len(text) and b > offset
    )
    facts = _facts(cells, document, lang)
    shared = [rule for rule in cells["rules"] if _slot_of(rule) not in {slot for slot, *_ in facts}]
    notes = [issue_words(issue, lang) for issue in cells["issues"]]
    name = cells.get("requirement_id") or _say("requirement", lang)
    head = " · ".join(part for part in (name, cells["section"], label(cells["modality"] or "", lang)) if part)
    layers = {(a, b, slot): [0] for a, b, slot in marks}
    return Page(
        name,
        f'<div class="siga"><style>{css()}</style>\n<div class="siga-head"><b>{_escaped(head)}</b></div>\n'
        f'<div class="siga-text" style="white-space:pre-wrap;line-height:2.2">{_marked(text, layers, [], "", lang)}</div>\n'
        f"{_fact_table(facts, lang)}{_remarks(shared, notes, lang)}</div>",
        tuple(_explain_blocks(head, text, marks, facts, shared, notes, lang)),
        lang,
    )


# Rows of any kind → one kind


def _cells(row: Any) -> Row:
    """A row as a plain dict with the table's columns; missing cells are None, lists are lists."""
    if isinstance(row, Requirement):
        cells: Row = asdict(row)
        for name, keys in {
            "frequency": ("op", "count", "max", "period"),
            "quantity": ("op", "value", "max", "unit"),
        }.items():
            values = cells.pop(name) or {}
            cells |= {f"{name}_{key}": values.get(key) for key in keys}
    elif isinstance(row, Mapping):
        cells = dict(row)
    elif callable(getattr(row, "to_dict", None)) and not hasattr(row, "columns"):
        cells = row.to_dict()
    else:
        raise TypeError(
            f"explain needs one row of a requirement table (table.loc[…]) or a Requirement, not {type(row).__name__}"
        )
    missing = [name for name in ("start", "end", "text") if name not in cells]
    if missing:
        raise ValueError(f"this is no row of a requirement table: it has no {' and no '.join(missing)}")
    cells = {str(name): _cell(value) for name, value in cells.items()}
    for name in _COLUMNS:
        cells.setdefault(name, None)
    for name in ("rules", "issues", "lead_units", "responsible_units", "subject_level"):
        cells[name] = list(_parsed(cells[name]) or ())
    spans = _parsed(cells["spans"]) or {}
    cells["spans"] = {slot: [(int(a), int(b)) for a, b in places] for slot, places in spans.items() if _cell(places)}
    cells["start"], cells["end"] = int(cells["start"]), int(cells["end"])
    return cells


_COLUMNS = (
    "section subject subject_source basis modality modal action topic condition frequency_op frequency_count "
    "frequency_max frequency_period quantity_op quantity_value quantity_max quantity_unit deadline deadline_event vague "
    "measure rules issues spans lead_units responsible_units subject_level"
).split()


def _cell(value: Any) -> Any:
    """None for every kind of nothing (NaN, pd.NA, NaT, ""), lists for arrays."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or value == ""
        or (isinstance(value, float) and math.isnan(value))
    ):
        return None
    return value


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def own_rows(document: Document, requirements: Any) -> list[Row]:
    """The rows of a document among records or a table, in its order, as plain dicts: lists are lists, missing is None.

    Raises ``ValueError`` where a row does not quote the document's text at its place.
    """
    if hasattr(requirements, "to_dict") and hasattr(requirements, "columns"):
        requirements = requirements.to_dict("records")
    elif isinstance(requirements, (Requirement, Mapping)):
        requirements = [requirements]
    rows = [_cells(row) for row in requirements]
    rows = [row for row in rows if row.get("doc_id") in (None, document.doc_id)]
    for row in rows:
        _check_quote(row, document)
    return sorted(rows, key=lambda row: (row["start"], row["end"]))


def _check_quote(row: Row, document: Document) -> None:
    start, end = row["start"], row["end"]
    if document.text[start:end] != (row["text"] or ""):
        raise ValueError(
            f"{document.doc_id}: the row {row.get('requirement_id') or ''} quotes {_short(row['text'] or '')!r} at {start}–{end}, "
            f"where the document has {_short(document.text[start:end])!r}. The table was made from another version of the "
            "file; extract it again."
        )


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"


# Layers: what lies over which characters

Layers = Mapping[tuple[int, int, str], list[int]]


def _layers(document: Document, rows: Sequence[Row]) -> Layers:
    """(start, end, slot) → the rows it belongs to; a whole requirement is the slot ``row``."""
    layers: dict[tuple[int, int, str], list[int]] = {}
    for n, row in enumerate(rows):
        layers.setdefault((row["start"], row["end"], "row"), []).append(n)
        for slot, spans in row["spans"].items():
            for start, end in spans:
                if 0 <= start < end <= len(document.text):
                    layers.setdefault((start, end, slot), []).append(n)
    for start, end in document.furniture:
        layers.setdefault((start, end, "furniture"), [])
    return layers


def _segments(length: int, layers: Layers) -> Iterator[tuple[int, int, list[tuple[int, int, str]]]]:
    """The text cut at every edge, with the layers over each piece, the widest first."""
    edges = {0, length}
    opening: dict[int, list[tuple[int, int, str]]] = {}
    for layer in layers:
        edges.update(layer[:2])
        opening.setdefault(layer[0], []).append(layer)
    active: list[tuple[int, int, str]] = []
    for start, end in pairwise(sorted(edges)):
        active = [layer for layer in active if layer[1] > start] + opening.get(start, [])
        yield (
            start,
            end,
            sorted(
                active,
                key=_outermost_first,
            ),
        )


def _outermost_first(layer: tuple[int, int, str]) -> tuple[bool, int, bool, str]:
    """The widest first; of two of one width the one that holds others (the measure 每月两次 is its frequency too)."""
    return (
        layer[2] != "row",
        layer[0] - layer[1],
        layer[2] not in ("measure", "condition"),
        layer[2],
    )


def _used(rows: Iterable[Row]) -> list[str]:
    found = {slot for row in rows for slot, spans in row["spans"].items() if spans}
    return [slot for slot in SLOTS if slot in found] + sorted(found - set(SLOTS))


# Values in words


def _say(key: str, lang: str) -> str:
    return _SAY[key][LANGUAGES.index(lang)]


def _name(slot: str, lang: str) -> str:
    return SLOTS[slot].names[LANGUAGES.index(lang)] if slot in SLOTS else slot


def issue_words(issue: str, lang: str) -> str:
    """An issue of a row with what it means."""
    known = ISSUES.get(issue.partition(":")[0].strip())
    return f"{issue} ({known[0]})" if known and lang == "en" else f"{issue}（{known[1]}）" if known else issue


def _number(value: float | None, most: float | None, op: str | None, lang: str) -> str:
    if value is None:
        return ""
    amount = f"{value:g}" + (f"–{most:g}" if most is not None else "")
    space = " " if lang == "zh" else ""
    return OPERATORS.get(op or "eq", ("{}", "{}"))[LANGUAGES.index(lang)].format(space + amount).strip()


def frequency_words(row: Row, lang: str) -> str:
    """How often, in words: ``每年至少 2 次``; "" where the row does not say."""
    count, period = row["frequency_count"], row["frequency_period"]
    if count is None and period is None:
        return ""
    amount = _number(count, row["frequency_max"], row["frequency_op"], lang)
    if lang == "zh":
        words = period_words(period) if period else ""
        words += (" " if words and amount[:1].isdigit() else "") + (f"{amount} 次" if amount else "")
    else:
        each = period_words(period, lang) if period else ""
        words = (
            f"{amount} times {each if each.startswith('every') else f'in {each}'}"
            if amount and each
            else f"{amount} times"
            if amount
            else re.sub("^an? ", "every ", each)
        )
    return words


def quantity_words(row: Row, lang: str) -> str:
    """How much, in words: ``至少 2 件``; "" where the row does not say."""
    amount = _number(row["quantity_value"], row["quantity_max"], row["quantity_op"], lang)
    if not amount:
        return ""
    return f"{amount} {row['quantity_unit'] or ''}".strip()


def _frequency(row: Row, lang: str) -> str:
    """``每年至少 2 次 [ge 2 P1Y]``: in words, and as the table has it."""
    words = frequency_words(row, lang)
    return words and f"{words} [{code(row, 'frequency', 'count', 'period')}]"


def _quantity(row: Row, lang: str) -> str:
    words = quantity_words(row, lang)
    return words and f"{words} [{code(row, 'quantity', 'value', 'unit')}]"


def code(row: Row, name: str, value: str, unit: str) -> str:
    """A measure as the table has it: ``ge 2 P1Y``; "" where there is none."""
    number, most = row[f"{name}_{value}"], row[f"{name}_max"]
    amount = None if number is None else f"{number:g}" + (f"–{most:g}" if most is not None else "")
    return " ".join(part for part in (row[f"{name}_op"], amount, row[f"{name}_{unit}"]) if part)


def _value(slot: str, row: Row, lang: str) -> str:
    """The normalized value of a slot; "" where it has none besides its words."""
    match slot:
        case "frequency" | "period":
            return _frequency(row, lang)
        case "quantity":
            return _quantity(row, lang)
        case "modal":
            return label(row["modality"] or "", lang)
        case "lead_units" | "responsible_units":
            return "、".join(row[slot])
        case _:
            return str(row.get(slot) or "")


def _readings(row: Row, lang: str) -> list[tuple[str, str]]:
    """Label and value of everything that a row says, in reading order."""
    said = [
        (_name("subject", lang), (row["subject"] or "—") + (f" ({_say('inherited', lang)})" if row["subject_source"] == "inherited" else "")),
        (_say("modality", lang), label(row["modality"] or "", lang) + f" ({row['modal'] or _say('implied', lang)})"),
        (_name("action", lang), row["action"] or "—"),
        (_name("frequency", lang), _frequency(row, lang)),
        (_name("quantity", lang), _quantity(row, lang)),
        *((_name(slot, lang), _value(slot, row, lang)) for slot in ("basis", "deadline", "deadline_event", "condition", "vague", "lead_units", "responsible_units")),
    ]  # fmt: skip
    return [(name, value) for name, value in said if value]


def summary(n: int, row: Row, lang: str) -> str:
    """What stands under the pointer: the reading, the rules, what to look at."""
    lines = [f"[{n + 1}] {row['section'] or ''}".rstrip()]
    lines += [f"{name}: {value}" for name, value in _readings(row, lang)]
    lines.append(f"{_say('rules', lang)}: {', '.join(row['rules']) or '—'}")
    if row["issues"]:
        lines.append(f"{_say('issues', lang)}: {'; '.join(issue_words(issue, lang) for issue in row['issues'])}")
    return "\n".join(lines)


# Rules → slots. Rules of the files say by their kind which slot they fill, those of the program by their names.
_KIND_SLOTS = {
    "period": "frequency",
    "count": "frequency",
    "amount": "quantity",
    "deadline": "deadline",
    "basis": "basis",
    "modal": "modal",
    "condition": "condition",
    "stem_acts": "action",
    "stem_things": "action",
}
_NAME_SLOTS = {
    "period-": "frequency",
    "action-": "action",
    "act-": "action",
    "subject-": "subject",
    "heading-window": "deadline",
}


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    from .lexicon import load

    return {rule.name: rule.kind for rules in load().rules.values() for rule in rules}


def _slot_of(rule: str) -> str:
    """The slot that a rule fills; "" where it fills none or several."""
    kind = _kinds().get(rule)
    if kind is not None:
        return _KIND_SLOTS.get(kind, "")
    return next((slot for start, slot in _NAME_SLOTS.items() if rule.startswith(start)), "")


Fact = tuple[str, str, str, str, str]


def _facts(row: Row, document: Document | None, lang: str) -> list[Fact]:
    """(slot, words, characters, value, rules) for each slot that is filled."""
    facts: list[Fact] = []
    filled = [
        slot
        for slot in [*SLOTS, *sorted(set(row["spans"]) - set(SLOTS))]
        if row["spans"].get(slot) or _value(slot, row, lang)
    ]
    # `period` is where a frequency's period stands; it gets a line of its own only without one.
    if "period" in filled and "frequency" in filled:
        filled.remove("period")
    for slot in filled:
        if slot == "modal" and row["modal"] is None and not row["spans"].get(slot):
            words: list[str] = [f"({_say('implied', lang)})"]
        else:
            words = []
        places: list[str] = []
        spans = row["spans"].get(slot, [])
        if slot == "frequency":
            spans = sorted({*spans, *row["spans"].get("period", [])})
        for start, end in spans:
            inside = row["start"] <= start and end <= row["end"]
            places.append(f"{start}–{end}" + ("" if inside else f" ({_say('outside', lang)})"))
            if document is not None:
                words.append(document.text[start:end])
            elif inside:
                words.append((row["text"] or "")[start - row["start"] : end - row["start"]])
        value = _value(slot, row, lang)
        if slot == "subject" and row["subject_source"] == "inherited":
            value += f" ({_say('inherited', lang)})"
        if not words and row.get(slot):
            words = ["、".join(row[slot]) if isinstance(row[slot], list) else str(row[slot])]
        rules = [rule for rule in row["rules"] if _slot_of(rule) == slot]
        facts.append((slot, " … ".join(words), ", ".join(places), value, ", ".join(rules)))
    return facts


# HTML


def _escaped(text: str) -> str:
    return escape(text.translate(VISIBLE).replace("\r", ""))


def _attribute(text: str) -> str:
    return _escaped(text).replace("\n", "&#10;")


@lru_cache(maxsize=1)
def css() -> str:
    """The style sheet of what this package draws: names of colours for both themes, tables, marks."""

    def colors(theme: int) -> str:
        base = ("--fg:#1b1b1b;--bg:#fff;--soft:#5c5c5c;--band:#f6f6f3;--rule:#c9c9c9", "--fg:#e9e9e6;--bg:#161616;--soft:#aaa;--band:#242422;--rule:#4a4a4a")[theme]  # fmt: skip
        slots = {**SLOTS, "other": OTHER}
        return base + "".join(f";--{n}-i:{s.ink[theme]};--{n}-t:{s.tint[theme]}" for n, s in slots.items())

    marks = "".join(
        f".siga .m-{name}{{border-color:var(--{name}-i)!important}}.siga .t-{name}{{background:var(--{name}-t)!important}}"
        for name, slot in {**SLOTS, "other": OTHER}.items()
    )
    dark = colors(1)
    return (
        f".siga{{{colors(0)};color-scheme:light;color:var(--fg);background:var(--bg);padding:12px 16px;line-height:1.5;"
        'font:15px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif}'
        # The system's theme, and, where they say, that of JupyterLab and of VS Code.
        f"@media(prefers-color-scheme:dark){{.siga{{{dark};color-scheme:dark}}}}"
        f'[data-jp-theme-light="true"] .siga,body.vscode-light .siga{{{colors(0)};color-scheme:light}}'
        f'[data-jp-theme-light="false"] .siga,body.vscode-dark .siga{{{dark};color-scheme:dark}}'
        ".siga-head span{color:var(--soft);margin-left:.6em}"
        ".siga-legend{margin:.5em 0;font-size:13px;color:var(--fg)}"
        ".siga-text{overflow-wrap:anywhere;margin:.5em 0}"
        ".siga-text .r{background:var(--band)}.siga-text .f{color:var(--soft);opacity:.75}"
        ".siga-text a{font:600 11px/1 system-ui,sans-serif;color:var(--soft);vertical-align:super;text-decoration:none;margin:0 1px;user-select:none}"
        ".siga-text a:target,.siga tr:target{outline:2px solid var(--subject-i)}"
        ".siga table{border-collapse:collapse;font-size:13.5px;margin:.5em 0;color:var(--fg);background:var(--bg);width:100%}"
        ".siga th,.siga td{border:0;border-bottom:1px solid var(--rule);padding:4px 8px;text-align:left;vertical-align:top;"
        "overflow-wrap:anywhere;background:var(--bg);color:var(--fg);white-space:normal}"
        ".siga th{color:var(--soft);font-weight:600;white-space:nowrap}.siga td:first-child,.siga td.n{white-space:nowrap}.siga td a{color:var(--subject-i)}"
        ".siga .issue{font-weight:600;color:var(--deadline-i)}.siga-scroll{overflow-x:auto}" + marks
    )


def _page_css() -> str:
    return (
        "body{margin:0 auto;max-width:70rem;background:#fff}@media(prefers-color-scheme:dark){body{background:#161616}}"
    )


def _class(slot: str) -> str:
    return slot if slot in SLOTS else "other"


def _mark(text: str, slots: Sequence[str], title: str = "") -> str:
    """The text with a line for each slot, the innermost slot's line nearest to it and its colour behind it.

    Not ``mark``: it is black by itself, in dark themes too.
    """
    out = text
    for n, slot in enumerate(reversed(slots)):
        name = _class(slot)
        tip = f' title="{_attribute(title)}"' if title and n == len(slots) - 1 else ""
        kind = "" if n else f" t-{name}"
        out = f'<u class="m-{name}{kind}" style="{_mark_style(name, n)}"{tip}>{out}</u>'
    return out


@lru_cache(maxsize=128)
def _mark_style(name: str, depth: int) -> str:
    """How a mark looks on any ground; the style sheet gives it the theme's colours. Lines stand below each other."""
    slot = SLOTS.get(name, OTHER)
    red, green, blue = (int(slot.ink[0][n : n + 2], 16) for n in (1, 3, 5))
    behind = f"rgba({red},{green},{blue},0.18)" if depth == 0 else "transparent"
    below = (1, 5, 9, 13)[min(depth, 3)]
    return f"text-decoration:none;background-color:{behind};border-bottom:{slot.line} {slot.ink[0]};padding-bottom:{below}px"


def _legend(used: Sequence[str], lang: str) -> str:
    if not used:
        return ""
    return f'<div class="siga-legend">{" &nbsp; ".join(_mark(_escaped(_name(slot, lang)), [slot]) for slot in used)}</div>\n'


def _marked(text: str, layers: Layers, rows: Sequence[Row], anchor: str, lang: str) -> str:
    summaries = [summary(n, row, lang) for n, row in enumerate(rows)]
    out: list[str] = []
    for start, end, over in _segments(len(text), layers):
        for layer in over:
            if layer[2] == "row" and layer[0] == start:
                for n in layers[layer]:
                    sign = "!" if rows[n]["issues"] else ""
                    out.append(
                        f'<a id="{anchor}-{n + 1}" href="#{anchor}-row-{n + 1}" title="{_attribute(summaries[n])}">[{n + 1}{sign}]</a>'
                    )
        piece = _escaped(text[start:end]).replace("\n", "<br>")  # lines stay lines whatever becomes of the styles
        slots = list(dict.fromkeys(layer[2] for layer in over if layer[2] not in ("row", "furniture")))
        owners = sorted({n for layer in over if layer[2] not in ("row", "furniture") for n in layers[layer]})
        if slots:
            title = "\n".join(
                [
                    " · ".join(_name(slot, lang) for slot in slots),
                    *(summaries[n] for n in owners if n < len(rows)),
                ]
            )
            piece = _mark(piece, slots, title)
        kinds = {layer[2] for layer in over}
        if "furniture" in kinds:
            piece = f'<span class="f" title="{_attribute(_say("furniture", lang))}">{piece}</span>'
        out.append(f'<span class="r">{piece}</span>' if "row" in kinds else piece)
    return "".join(out)


_LEFT = ' style="text-align:left"'  # JupyterLab and nbconvert push the cells of tables to the right


def _row_list(rows: Sequence[Row], anchor: str, lang: str) -> str:
    names = ("", _say("section", lang), _name("subject", lang), _say("modality", lang), _name("action", lang), _say("reading", lang), _say("rules", lang), _say("issues", lang))  # fmt: skip
    lines = []
    for n, row in enumerate(rows):
        said = _readings(row, lang)
        reading = "; ".join(f"{name}: {value}" for name, value in said[3:])
        cells = (
            row["section"] or "",
            said[0][1],
            said[1][1],
            row["action"] or "—",
            reading,
            ", ".join(row["rules"]),
        )
        issues = "; ".join(issue_words(issue, lang) for issue in row["issues"])
        lines.append(
            f'<tr id="{anchor}-row-{n + 1}"><td{_LEFT}><a href="#{anchor}-{n + 1}">{n + 1}</a></td>'
            + "".join(f"<td{_LEFT}>{_escaped(cell)}</td>" for cell in cells)
            + f'<td class="issue"{_LEFT}>{_escaped(issues)}</td></tr>'
        )
    head = "".join(f"<th{_LEFT}>{_escaped(name)}</th>" for name in names)
    return (
        f'<div class="siga-scroll"><table><thead><tr>{head}</tr></thead><tbody>\n'
        + "\n".join(lines)
        + "\n</tbody></table></div>"
    )


def _fact_table(facts: Sequence[Fact], lang: str) -> str:
    names = [_say(key, lang) for key in ("slot", "words", "place", "value", "filled")]
    lines = [
        f"<tr><td{_LEFT}>{_mark(_escaped(_name(slot, lang)), [slot])}</td>"
        f"<td{_LEFT}>{_escaped(words)}</td><td{_LEFT}>{_escaped(places)}</td><td{_LEFT}>{_escaped(value)}</td><td{_LEFT}>{_escaped(rules)}</td></tr>"
        for slot, words, places, value, rules in facts
    ]
    head = "".join(f"<th{_LEFT}>{_escaped(name)}</th>" for name in names)
    return (
        f'<div class="siga-scroll"><table><thead><tr>{head}</tr></thead><tbody>\n'
        + "\n".join(lines)
        + "\n</tbody></table></div>"
    )


def _remarks(rules: Sequence[str], notes: Sequence[str], lang: str) -> str:
    out = f"<div>{_say('other_rules', lang)}: {_escaped(', '.join(rules))}</div>" if rules else ""
    return out + (f'<div class="issue">{_say("issues", lang)}: {_escaped("; ".join(notes))}</div>' if notes else "")


# Terminal


def _show_blocks(
    document: Document,
    rows: Sequence[Row],
    layers: Layers,
    title: str,
    count: str,
    used: Sequence[str],
    lang: str,
) -> Iterator[Block]:
    yield Block(f"{title}  {document.doc_id}  {count}" if title != document.doc_id else f"{title}  {count}")
    yield _key(used, lang)
    yield Block(
        document.text,
        tuple(layer for layer in layers if layer[2] not in ("row", "furniture")),
        tuple((row["start"], n + 1) for n, row in enumerate(rows)),
        gutter=6,
    )
    for n, row in enumerate(rows):
        said = "  ".join(f"{name}: {value}" for name, value in _readings(row, lang))
        where = f" {row['section']}" if row["section"] else ""
        yield Block(f"[{n + 1}]{where}  {said}")
        yield Block(f"    {_say('rules', lang)}: {', '.join(row['rules']) or '—'}")
        if row["issues"]:
            yield Block(f"    {_say('issues', lang)}: {'; '.join(issue_words(issue, lang) for issue in row['issues'])}")


def _key(used: Sequence[str], lang: str) -> Block:
    """The legend: each slot's name, marked as the slot is."""
    text, marks = "", []
    for slot in used:
        name = _name(slot, lang)
        text += ("  " if text else "") + f"{SLOTS.get(slot, OTHER).letter} "
        marks.append((len(text), len(text) + len(name), slot))
        text += name
    return Block(text, tuple(marks), lettered=False)


def _explain_blocks(
    head: str, text: str, marks: tuple[tuple[int, int, str], ...], facts: Sequence[Fact], rules: Sequence[str], notes: Sequence[str], lang: str
) -> Iterator[Block]:  # fmt: skip
    yield Block(head)
    yield Block(text, marks, gutter=2)
    for slot, words, places, value, filled in facts:
        name = f"{SLOTS.get(slot, OTHER).letter} {_name(slot, lang)}"
        parts = [
            name,
            words,
            places and f"@{places}",
            value and f"= {value}" if value != words else "",
            filled and f"← {filled}",
        ]
        yield Block("  " + "  ".join(part for part in parts if part))
    if rules:
        yield Block(f"  {_say('other_rules', lang)}: {', '.join(rules)}")
    if notes:
        yield Block(f"  {_say('issues', lang)}: {'; '.join(notes)}")


@lru_cache(maxsize=65536)
def _columns(char: str) -> int:
    """Columns that a character takes on a terminal."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _printed(block: Block, *, color: bool, width: int) -> Iterator[str]:
    """A block in lines of at most ``width`` columns."""
    text = block.text.replace("\t", " ").translate(VISIBLE)
    gutter = " " * block.gutter
    inner: list[Sequence[str]] = [()] * len(text)
    if block.marks:
        for start, end, over in _segments(len(text), {mark: [] for mark in block.marks}):
            slots = list(dict.fromkeys(layer[2] for layer in reversed(over)))
            inner[start:end] = [slots] * (end - start)
    numbers = sorted(block.numbers)
    for start, end in _wrapped(text, width - len(gutter)):
        before = gutter
        if len(gutter) > 2:
            here = [
                n for _, n in numbers[bisect_left(numbers, (start,)) : bisect_left(numbers, (max(end, start + 1),))]
            ]
            numbers_text = str(here[0]) + ("+" if len(here) > 1 else "") if here else ""
            before = f"{numbers_text:>4}│ "
        visible = [n for n in range(start, end) if text[n] not in "\r\n"]
        if color:
            yield (before + _colored(text, visible, inner)).rstrip()
            continue
        yield (before + "".join(text[n] for n in visible)).rstrip()
        for depth in range(max((len(inner[n]) for n in visible), default=0) if block.lettered else 0):
            letters = (
                (SLOTS.get(inner[n][depth], OTHER).letter if depth < len(inner[n]) else " ") * _columns(text[n])
                for n in visible
            )
            yield (" " * (len(gutter) - 2) + "│ " if len(gutter) > 2 else gutter) + "".join(letters).rstrip()


def _wrapped(text: str, width: int) -> Iterator[Span]:
    """Where each line begins and ends; blank lines of the text are kept once."""
    at, blank = 0, False
    for line in text.split("\n"):
        end = at + len(line)
        if line.strip() or not blank:
            start, used = at, 0
            for n in range(at, end):
                wide = _columns(text[n])
                if used + wide > width and n > start:
                    cut = _break(text, start, n)
                    yield start, cut
                    start, used = cut, sum(map(_columns, text[cut:n]))
                used += wide
            yield start, end
        blank = not line.strip()
        at = end + 1


_NOT_FIRST = frozenset("，。、；：！？）》】」』”’,.;:!?)]}…")


def _break(text: str, start: int, at: int) -> int:
    """Where to end a line that is full at ``at``: not before closing signs, not inside a Latin word if it can be."""
    cut = at
    while cut > start + 1 and text[cut] in _NOT_FIRST:
        cut -= 1
    while cut > start + 1 and text[cut].isascii() and text[cut - 1].isascii() and not text[cut - 1].isspace():
        cut -= 1
    return cut if cut > start + 1 else at


def _colored(text: str, visible: Sequence[int], inner: Sequence[Sequence[str]]) -> str:
    out, last = "", ""
    for n in visible:
        # The innermost slot's colour; a measure holds other slots and is the line under them.
        slots = [slot for at, slot in enumerate(inner[n]) if at == 0 or slot == "measure"]
        code = ";".join(dict.fromkeys(code for slot in slots for code in SLOTS.get(slot, OTHER).ansi.split(";")))
        if code != last:
            out += ("\x1b[0m" if last else "") + (f"\x1b[{code}m" if code else "")
            last = code
        out += text[n]
    return out + ("\x1b[0m" if last else "")
