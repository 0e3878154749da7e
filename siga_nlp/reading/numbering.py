"""The automatic numbers of a DOCX: ``numbering.xml`` and the styles that point into it.

Word stores 一、（一）1. not in the text but as list and level:
who reads the text alone loses them, and with them the structure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import numerals
from .wordml import attribute, child, is_on, local_name, value_of

_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda n: f"{n:02d}",
    "decimalFullWidth": numerals.full_width,
    "decimalFullWidth2": numerals.full_width,
    "decimalHalfWidth": str,
    "decimalEnclosedCircle": numerals.circled,
    "decimalEnclosedCircleChinese": numerals.circled,
    "decimalEnclosedFullstop": lambda n: chr(0x2487 + n) if 1 <= n <= 20 else f"{n}.",
    "decimalEnclosedParen": lambda n: chr(0x2473 + n) if 1 <= n <= 20 else f"({n})",
    "chineseCounting": numerals.counted,
    "chineseCountingThousand": numerals.chinese,
    "taiwaneseCounting": numerals.counted,
    "taiwaneseCountingThousand": numerals.chinese,
    "japaneseCounting": numerals.chinese,
    "koreanCounting": numerals.chinese,
    "ideographDigital": lambda n: "".join("〇一二三四五六七八九"[int(d)] for d in str(n)),
    "taiwaneseDigital": lambda n: "".join("○一二三四五六七八九"[int(d)] for d in str(n)),
    "japaneseDigitalTenThousand": lambda n: "".join("〇一二三四五六七八九"[int(d)] for d in str(n)),
    "chineseLegalSimplified": lambda n: numerals.chinese(n, legal=True),
    "ideographLegalTraditional": lambda n: numerals.chinese(n, legal=True).translate(str.maketrans("贰叁陆", "貳參陸")),
    "ideographTraditional": numerals.stem,
    "ideographZodiac": numerals.branch,
    "ideographEnclosedCircle": lambda n: chr(0x327F + n) if 1 <= n <= 10 else f"({numerals.chinese(n)})",
    "lowerLetter": numerals.alphabetic,
    "upperLetter": lambda n: numerals.alphabetic(n).upper(),
    "lowerRoman": numerals.roman,
    "upperRoman": lambda n: numerals.roman(n).upper(),
    "ordinal": lambda n: f"{n}.",
    "numberInDash": lambda n: f"- {n} -",
}


@dataclass(slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None  # the level (from 1) whose number sets this one back; 0: never
    legal: bool = False
    style: str | None = None


@dataclass(slots=True)
class _Counter:
    """The running numbers of one abstract list; all lists made from it count on together."""

    values: dict[int, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)


class Numbering:
    """``numbering.xml`` and the styles that point into it: the number of each paragraph in turn."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        self.notes: list[str] = []
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}  # abstract list → numbering style that defines it
        self._lists: dict[str, str] = {}  # list → abstract list
        self._overrides: dict[str, dict[int, tuple[int | None, _Level | None]]] = {}
        self._counters: dict[str, _Counter] = {}
        self._styles: dict[str, Any] = {}
        self._default_style: str | None = None
        for style in styles if styles is not None else ():
            if local_name(style) == "style" and (name := attribute(style, "styleId")):
                self._styles[name] = style
                if attribute(style, "type") == "paragraph" and (attribute(style, "default") or "0") in (
                    "1",
                    "true",
                    "on",
                ):
                    self._default_style = name
        for element in numbering if numbering is not None else ():
            if local_name(element) == "abstractNum":
                self._add_abstract(element)
        for element in numbering if numbering is not None else ():
            if local_name(element) == "num":
                self._add_list(element)

    def _add_abstract(self, element: Any) -> None:
        number = attribute(element, "abstractNumId") or ""
        levels = (self._level(e) for e in element if local_name(e) == "lvl")
        self._abstract[number] = dict(levels)
        if link := value_of(element, "numStyleLink"):
            self._links[number] = link

    def _add_list(self, element: Any) -> None:
        number = attribute(element, "numId") or ""
        self._lists[number] = value_of(element, "abstractNumId") or ""
        overrides = self._overrides.setdefault(number, {})
        for override in (e for e in element if local_name(e) == "lvlOverride"):
            level = _integer(attribute(override, "ilvl"), 0)
            start = value_of(override, "startOverride")
            own = child(override, "lvl")
            overrides[level] = (_integer(start, 1) if start else None, self._level(own)[1] if own is not None else None)

    @staticmethod
    def _level(element: Any) -> tuple[int, _Level]:
        restart = value_of(element, "lvlRestart")
        form = child(element, "numFmt")
        if form is None:  # newer formats stand in mc:AlternateContent
            form = next((e for e in element.iter() if local_name(e) == "numFmt"), None)
        return _integer(attribute(element, "ilvl"), 0), _Level(
            start=_integer(value_of(element, "start"), 1),
            format=attribute(form, "val") or "decimal",
            text=value_of(element, "lvlText") or "",
            suffix=value_of(element, "suff") or "tab",
            restart=_integer(restart, 0) if restart is not None else None,
            legal=is_on(element, "isLgl"),
            style=value_of(element, "pStyle"),
        )

    def label(self, properties: Any | None, *, empty: bool) -> str:
        """The number that Word writes before a paragraph, counted on; ``""`` if it has none.

        Word counts empty numbered paragraphs too, although it is easily overlooked.
        """
        place = self._place(properties)
        if place is None:
            return ""
        number, level = place
        levels, owner = self._levels(number)
        own = levels.get(level)
        if own is None:
            return ""
        counter = self._counters.setdefault(owner, _Counter())
        values = counter.values
        first = number not in counter.seen
        counter.seen.add(number)
        if first:
            # A list that starts anew at some level (startOverride) sets the shared count back.
            for overridden, (start, _) in self._overrides.get(number, {}).items():
                if start is not None:
                    values[overridden] = start - 1
        values[level] = values.get(level, own.start - 1) + 1
        for lower, definition in levels.items():
            if lower > level and lower in values:
                restart = definition.restart
                if restart is None or (restart > 0 and level < restart):
                    override = self._overrides.get(number, {}).get(lower)
                    values[lower] = (override[0] if override and override[0] is not None else definition.start) - 1
        if empty or own.format in ("none", "bullet"):
            return ""
        text = re.sub(r"%([1-9])", lambda m: self._written(levels, values, int(m[1]) - 1, own), own.text)
        if own.suffix == "nothing" or not text:
            return text
        # Chinese numbers stand close to their text; 1. and (a) keep the space that the tab makes.
        return text if text[-1] in "、．。：）)】〕」》条章节款项编目①②③④⑤⑥⑦⑧⑨⑩" and own.suffix == "tab" else text + " "

    def _written(self, levels: dict[int, _Level], values: dict[int, int], level: int, own: _Level) -> str:
        definition = levels.get(level)
        if definition is None or definition.format in ("none", "bullet"):
            return ""
        # A level that was skipped shows its first number.
        value = values.get(level, definition.start)
        value = definition.start if value < 0 else value
        if own.legal:
            return str(value)
        form = _FORMATS.get(definition.format)
        if form is None:
            note = f"number_format: automatic numbers of the format {definition.format} are written as 1, 2, 3"
            if note not in self.notes:
                self.notes.append(note)
            form = str
        return form(value)

    def _place(self, properties: Any | None) -> tuple[str, int] | None:
        """List and level of a paragraph: its own, else its style's, else that of the styles it is based on."""
        own = child(properties, "numPr")
        style = value_of(properties, "pStyle") or self._default_style
        number, level = value_of(own, "numId"), value_of(own, "ilvl")
        seen: set[str] = set()
        name = style
        while number is None and name and name not in seen and name in self._styles:
            seen.add(name)
            inherited = child(child(self._styles[name], "pPr"), "numPr")
            number = value_of(inherited, "numId")
            if level is None:
                level = value_of(inherited, "ilvl")
            if number is not None and level is None:
                level = self._linked_level(number, name)
            name = value_of(self._styles[name], "basedOn")
        if number is None or number == "0" or number not in self._lists:
            return None
        return number, _integer(level, 0)

    def _linked_level(self, number: str, style: str) -> str | None:
        """The level that names a style as its own (a style says its list, the list says the style's level)."""
        levels, _ = self._levels(number)
        return next((str(i) for i, level in levels.items() if level.style == style), None)

    def _levels(self, number: str) -> tuple[dict[int, _Level], str]:
        """The levels of a list with its overrides, and the abstract list that counts for it."""
        abstract = self._lists.get(number, "")
        seen: set[str] = set()
        while abstract in self._links and abstract not in seen:
            seen.add(abstract)
            target = value_of(self._styles.get(self._links[abstract]), "pPr", "numPr", "numId")
            if target is None or target not in self._lists:
                break
            abstract = self._lists[target]
        levels = self._abstract.get(abstract, {})
        replaced = {i: level for i, (_, level) in self._overrides.get(number, {}).items() if level is not None}
        return ({**levels, **replaced} if replaced else levels), abstract


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,9}", text) else default
