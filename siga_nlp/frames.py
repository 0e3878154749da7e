"""A DataFrame that shows itself well: in a notebook the columns a reader looks at first, long cells cut with the whole on
hover; in a terminal, columns that stand straight although a Chinese character takes two places.

Nothing else is different: it is a ``pandas.DataFrame``, and what is selected from it shows itself the same way.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from html import escape
from numbers import Number
from typing import Any

import pandas as pd

# What is shown of a requirement table that is shown as a whole, in this order. A selection is shown as it was selected.
_FIRST = (
    "region", "section", "subject", "modality", "action", "measure", "per_year", "deadline", "topic", "issues", "text",
)  # fmt: skip
_FIRST_PLAIN = ("region", "subject", "action", "measure")  # in a terminal
_WHOLE, _HEAD, _TAIL = 40, 10, 5  # a frame of more rows than the first is shown by so many at its head and its end
_CUT, _CUTS = 44, {"text": 56, "other_text": 56, "why": 64}  # columns of a cell; a Chinese character takes two
# In the cells themselves: a notebook that is not trusted yet loses its style sheets.
_LEFT = ' style="text-align:left;white-space:nowrap"'


class Table(pd.DataFrame):  # type: ignore[misc]
    """A table of requirements, or one that was made of it."""

    @property
    def _constructor(self) -> Callable[..., Table]:
        return Table

    def __repr__(self) -> str:
        shown = pd.DataFrame(_shown(self, _FIRST_PLAIN))
        more = len(self.columns) - len(shown.columns)
        with pd.option_context("display.unicode.east_asian_width", True):
            if not more:
                return str(shown)
            words = str(shown.map(lambda cell: _short(cell, 16) if isinstance(cell, str) else cell))
        return f"{words}\n{more} more columns: .columns names them"

    def _repr_html_(self) -> str | None:
        if self.columns.nlevels > 1 or self.index.nlevels > 1:
            words: str | None = pd.DataFrame(self)._repr_html_()
            return words
        return "".join(_html(self))


def _shown(frame: pd.DataFrame, first: Sequence[str] = _FIRST) -> pd.DataFrame:
    if len(frame.columns) <= 20 or not {"requirement_id", *_FIRST} <= set(frame.columns):
        return frame
    one_place = frame["region"].nunique(dropna=False) == 1
    return frame[[name for name in first if name != "region" or not one_place]]


def _html(frame: pd.DataFrame) -> Iterator[str]:
    shown = _shown(frame)
    long = len(shown) > _WHOLE
    counted = pd.api.types.is_integer_dtype(frame.index)  # row numbers, which a report leaves out
    index = " class='i'" if counted else _LEFT
    yield f'<div><table class="dataframe siga-table">\n<thead><tr><th{index}></th>'
    for name, kind in shown.dtypes.items():
        yield f"<th{'' if pd.api.types.is_numeric_dtype(kind) else _LEFT}>{escape(str(name))}</th>"
    yield "</tr></thead>\n<tbody>\n"
    for n in [*range(_HEAD), *range(len(shown) - _TAIL, len(shown))] if long else range(len(shown)):
        if long and n == len(shown) - _TAIL:
            yield f"<tr><th{index}>⋯</th>{f'<td{_LEFT}>⋯</td>' * len(shown.columns)}</tr>\n"
        cells = "".join(_cell(str(name), cell) for name, cell in zip(shown.columns, shown.iloc[n], strict=True))
        yield f"<tr><th{index}>{escape(str(shown.index[n]))}</th>{cells}</tr>\n"
    more = f", {len(shown.columns)} shown" if len(shown.columns) < len(frame.columns) else ""
    yield f"</tbody></table>\n<p class='siga-size'>{len(frame)} rows × {len(frame.columns)} columns{more}</p></div>"


def _cell(name: str, cell: Any) -> str:
    if isinstance(cell, list | tuple | dict):
        words = json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict) else "、".join(map(str, cell))
    elif pd.isna(cell):
        return "<td></td>"
    elif isinstance(cell, Number):
        return f"<td>{cell:g}</td>" if isinstance(cell, float) else f"<td>{cell}</td>"
    else:
        words = str(cell)
    line = " ".join(words.split())
    short = _short(line, _CUTS.get(name, _CUT))
    if short == line:
        long = " class='long'" if _width(line) > 24 else ""  # a page to print on may break these
        return f"<td{long}{_LEFT}>{escape(line)}</td>"
    return f'<td class="long"{_LEFT} title="{escape(words)}">{escape(short)}</td>'


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _short(text: str, width: int) -> str:
    """A text cut to so many columns, with a sign where it was cut."""
    if _width(text) <= width:
        return text
    while _width(text) > width - 1:
        text = text[:-1]
    return text + "…"
