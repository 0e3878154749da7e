"""A DataFrame that shows itself well: in a notebook the columns a reader looks at first, long cells cut with the whole on
hover; in a terminal, columns that stand straight although a Chinese character takes two places.

Nothing else is different: it is a ``pandas.DataFrame``, and what is selected from it shows itself the same way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

import pandas as pd

# What is shown of a requirement table that is shown as a whole, in this order. A selection is shown as it was selected.
_FIRST = (
    "region", "section", "subject", "modality", "action", "measure", "per_year", "deadline", "topic", "issues", "text",
)  # fmt: skip
_FIRST_PLAIN = ("region", "subject", "action", "measure")  # in a terminal
_WHOLE, _HEAD, _TAIL = 40, 10, 5  # a frame of more rows than the first is shown by so many at its head and its end
_CUT = {"text": 28, "other_text": 28, "why": 28}
_STYLE = (
    "<style>.siga-table td,.siga-table th{text-align:left!important;vertical-align:top;white-space:nowrap}"
    ".siga-table td.n{text-align:right!important}.siga-table td[title]{cursor:help}</style>"
)


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
            words = str(shown.map(lambda cell: cell[:11] + "…" if isinstance(cell, str) and len(cell) > 12 else cell))
        return f"{words}\n{more} more columns: .columns names them"

    def _repr_html_(self) -> str | None:
        if self.columns.nlevels > 1 or self.index.nlevels > 1:
            words: str | None = pd.DataFrame(self)._repr_html_()
            return words
        return "".join(_html(self))


def _shown(frame: pd.DataFrame, first: Sequence[str] = _FIRST) -> pd.DataFrame:
    whole = len(frame.columns) > 20 and {"requirement_id", *_FIRST} <= set(frame.columns)
    return frame[list(first)] if whole else frame


def _html(frame: pd.DataFrame) -> Iterator[str]:
    shown = _shown(frame)
    long = len(shown) > _WHOLE
    counted = isinstance(frame.index, pd.RangeIndex) or pd.api.types.is_integer_dtype(frame.index)
    index = ' class="i"' if counted else ""
    yield f'<div>{_STYLE}<table class="dataframe siga-table">\n<thead><tr><th{index}></th>'
    yield "".join(f"<th>{escape(str(name))}</th>" for name in shown.columns) + "</tr></thead>\n<tbody>\n"
    for n in [*range(_HEAD), *range(len(shown) - _TAIL, len(shown))] if long else range(len(shown)):
        if long and n == len(shown) - _TAIL:
            yield f"<tr><th{index}>⋯</th>{'<td>⋯</td>' * len(shown.columns)}</tr>\n"
        cells = zip(shown.columns, shown.iloc[n], strict=True)
        yield f"<tr><th{index}>{escape(str(shown.index[n]))}</th>{''.join(_cell(str(name), cell) for name, cell in cells)}</tr>\n"
    yield "</tbody></table>\n"
    columns = f"{len(frame.columns)} columns" + (
        f", {len(shown.columns)} shown" if len(shown.columns) < len(frame.columns) else ""
    )
    yield f"<p class='siga-size'>{len(frame)} rows × {columns}</p></div>"


def _cell(name: str, cell: Any) -> str:
    if isinstance(cell, bool):
        return f"<td>{cell}</td>"
    if isinstance(cell, list | tuple | dict):
        words = json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict) else "、".join(map(str, cell))
    elif pd.isna(cell):
        return "<td></td>"
    elif isinstance(cell, int | float) or hasattr(cell, "dtype"):
        return f'<td class="n">{cell:g}</td>' if isinstance(cell, float) else f'<td class="n">{cell}</td>'
    else:
        words = str(cell)
    most = _CUT.get(name, 22)
    line = " ".join(words.split())
    if len(line) <= most:
        short = " class='s'" if len(line) <= 12 else ""
        return f"<td{short}>{escape(line)}</td>"
    return f'<td title="{escape(words)}">{escape(line[: most - 1])}…</td>'
