"""A comparison as a workbook: matrix with the quotes as comments, long table, what each lacks, figures, rules, provenance."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..comparison import COMPARISON
from ..table import StrPath, provenance, provenance_sheet, records
from .grid import Entry, Grid, asked_by, css_class, demands, lay_out, place_of, policies_told, sources_of
from .words import FORMULAS, LEVELS, RULES, Words, checked, fields_told, measure_words, role_words, visible

if TYPE_CHECKING:
    import pandas as pd

    from ..alignment import Alignment


def comparison_xlsx(
    comparison: pd.DataFrame,
    table: pd.DataFrame,
    path: StrPath,
    *,
    alignment: Alignment | None = None,
    lang: str = "zh",
    script: str = "simplified",
) -> None:
    """A comparison as a workbook: matrix with the quotes as comments, long table, what each lacks, figures, rules, and
    what it was made from (``sg.provenance``).

    Args:
        comparison: The long table of ``sg.compare``.
        table: The requirement table that was compared.
        alignment: That of the comparison; ``align`` finds it if left out.
        path: Where to write it; the file appears when it is complete.
        lang: ``zh`` or ``en``, of every heading but those of the sheet ``table``, which programs read.
        script: ``simplified`` or ``traditional``, of Chinese headings.

    Raises:
        ValueError: An unknown language or script, or a column of the comparison is missing.
        OSError: It cannot be written there.
    """
    import datetime

    import xlsxwriter

    words = Words(*checked(lang, script))
    grid = lay_out(comparison, table, alignment, lang)
    beside = Path(path).with_name(f".{Path(path).name}.{os.getpid()}.new")
    try:
        # Nothing but our own calls decides what a cell is: texts stay texts, whatever they begin with.
        with xlsxwriter.Workbook(os.fspath(beside)) as book:
            book.set_properties({"created": datetime.datetime(2000, 1, 1), "title": words("title")})
            styles = _Styles(book)
            _matrix_sheet(book, styles, grid, words)
            _table_sheet(book, styles, comparison)
            _missing_sheet(book, styles, grid, words)
            _figures_sheet(book, styles, grid, table, words)
            _about_sheet(book, styles, grid, table, words)
            provenance_sheet(book, provenance(table))
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


_CELL = 32_767  # characters of a cell
_COMMENT = 3_000  # characters of a comment that a reader can still take in
_SHEET = 1_048_576  # rows of a sheet


class _Styles:
    """The formats of a workbook."""

    def __init__(self, book: Any) -> None:
        base = {"valign": "top", "text_wrap": True}
        self.heading = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, **base})
        self.plain = book.add_format({"valign": "top"})
        self.wrap = book.add_format(base)
        self.bold = book.add_format({"bold": True, "font_size": 13})
        self.share = book.add_format({"num_format": "0%", "valign": "top"})
        self.figure = book.add_format({"num_format": "0.00", "valign": "top"})
        edge = {"border": 1, "border_color": "#C9C9C9"}
        self.item = book.add_format({**base, **edge})
        self.level = {
            name: book.add_format({**base, **edge, "bg_color": level.light[0], "font_color": level.light[1]})
            for name, level in LEVELS.items()
        }


def _text(text: Any, most: int = _CELL) -> str:
    shown = visible(text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _heads(sheet: Any, styles: _Styles, names: Sequence[str], widths: Sequence[float]) -> None:
    for n, (name, width) in enumerate(zip(names, widths, strict=True)):
        sheet.set_column(n, n, width)
        sheet.write_string(0, n, _text(name), styles.heading)


def _tall(sheet: Any, n: int, cells: Sequence[str], widths: Sequence[float]) -> None:
    """Make a row as high as its wrapped texts are; not every program does that by itself."""
    lines = 1
    for cell, width in zip(cells, widths, strict=True):
        columns = (sum(1.9 if ord(char) > 0x2E7F else 1.0 for char in line) for line in cell.split("\n"))
        lines = max(lines, sum(max(1, math.ceil(held / max(width - 1, 1))) for held in columns))
    if lines > 1:
        sheet.set_row(n, 15 * min(lines, 20))


def _landscape(sheet: Any) -> None:
    """Prints on A4 landscape, as wide as a page, headings on each."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _matrix_sheet(book: Any, styles: _Styles, grid: Grid, words: Words) -> None:
    sheet = book.add_worksheet(_text(words("matrix"), 31))
    columns = [words.own(column) for column in grid.columns]
    widths = [12, 16, 32, *[22] * len(columns)]
    _heads(sheet, styles, [words("topic"), words("role"), words("item"), *columns], widths)
    sheet.freeze_panes(1, 3)
    for n, item in enumerate(grid.shown, 1):
        topic = words.own(item.topic) if item.topic else words("other_topic")
        shown = [topic, role_words(item.role, words), item.name]
        for column, text in enumerate(shown):
            sheet.write_string(n, column, _text(text), styles.item)
        for column, name in enumerate(grid.columns, 3):
            if name in item.empty:
                level, told, comment = (
                    item.empty[name],
                    f"{words.sign(item.empty[name])} {words.level(item.empty[name])}",
                    "",
                )
            else:
                entries = item.cells[name]
                level = css_class(entries[0].level)
                told = "\n".join(
                    f"{measure_words(e.row, words)}  {words.sign(e.level)} {words.level(e.level)}" for e in entries
                )
                comment = "\n\n".join(_comment(e, words) for e in entries)
            sheet.write_string(n, column, _text(told), styles.level[level])
            shown.append(told)
            if comment:
                size = {"x_scale": 2.6, "y_scale": min(1.2 + len(comment) / 110, 6), "font_size": 9}
                sheet.write_comment(n, column, _text(comment, _COMMENT), size)
        _tall(sheet, n, shown, widths)
    sheet.autofilter(0, 0, len(grid.shown), 2 + len(columns))
    _landscape(sheet)


def _comment(entry: Entry, words: Words) -> str:
    row, parts = entry.row, []
    if row["subject"]:
        parts.append(f"{words('who')}: {row['subject']}")
    parts.append(f"{place_of(row, words)}\n" + (f"“{row['text']}”" if row["text"] is not None else words("no_quote")))
    if entry.pair is not None and entry.against is not None:
        against = entry.against
        quoted = f"\n“{against['text']}”" if against["text"] is not None else ""
        parts.append(f"{words('reference_quote')}: {place_of(against, words)}{quoted}")
        parts.extend(part for part in (fields_told(entry.pair, words), words.own(entry.pair["why"] or "")) if part)
    return "\n".join(parts)


def _table_sheet(book: Any, styles: _Styles, comparison: pd.DataFrame) -> None:
    """The long table, under the names of the contract; what a sheet cannot hold goes onto further ones."""
    names = list(COMPARISON)
    widths = [18, 12, 16, 14, 14, 20, 20, 7, 14, 12, 12, 12, 12, 12, 12, 12, 40, 50, 50]
    lines = list(records(comparison, columns=COMPARISON))
    for first in range(0, max(len(lines), 1), _SHEET - 1):
        sheet = book.add_worksheet("table" if not first else f"table {first // (_SHEET - 1) + 1}")
        _heads(sheet, styles, names, widths)
        sheet.freeze_panes(1, 1)
        held = lines[first : first + _SHEET - 1]
        for n, line in enumerate(held, 1):
            for column, name in enumerate(names):
                cell = line[name]
                if isinstance(cell, str):
                    marked = styles.level[css_class(cell)] if name.endswith("level") else None
                    style = marked or (styles.wrap if name in ("why", "text", "other_text") else styles.plain)
                    sheet.write_string(n, column, _text(cell), style)
                elif cell is not None:
                    sheet.write_number(n, column, cell, styles.plain)
        sheet.autofilter(0, 0, len(held), len(names) - 1)
        _landscape(sheet)


def _missing_sheet(book: Any, styles: _Styles, grid: Grid, words: Words) -> None:
    sheet = book.add_worksheet(_text(words("missing"), 31))
    names = ("lacking", "topic", "role", "item", "asked_by")
    _heads(sheet, styles, [words(name) for name in names], (18, 12, 16, 40, 60))
    sheet.freeze_panes(1, 1)
    n = 0
    asked = {item.key: asked_by(item, words) for item in grid.items}
    for column in grid.columns:
        for item in grid.items:
            if item.empty.get(column) == "absent" and n < _SHEET - 1:
                n += 1
                topic = words.own(item.topic) if item.topic else words("other_topic")
                shown = (words.own(column), topic, role_words(item.role, words), item.name, asked[item.key])
                for place, text in enumerate(shown):
                    sheet.write_string(n, place, _text(text), styles.wrap)
                _tall(sheet, n, shown, (18, 12, 16, 40, 60))
    sheet.autofilter(0, 0, n, len(names) - 1)
    _landscape(sheet)


def _figures_sheet(book: Any, styles: _Styles, grid: Grid, table: pd.DataFrame, words: Words) -> None:
    sheet = book.add_worksheet(_text(words("figures"), 31))
    numbers = ("items", "asked", "share", "ranked", "mean_rank", "index")
    _heads(sheet, styles, [words(n) for n in ("name", "topic", *numbers)], (18, 14, 12, 10, 10, 10, 10, 12))
    sheet.freeze_panes(1, 2)
    found = demands(grid, table) if grid.items else {}
    topics = list(dict.fromkeys(item.topic for item in grid.items))
    shown = sorted(
        ((k, v) for k, v in found.items() if k[0] in grid.columns),
        key=lambda e: (topics.index(e[0][1]), grid.columns.index(e[0][0])),
    )
    for n, ((column, topic), cell) in enumerate(shown, 1):
        sheet.write_string(n, 0, _text(words.own(column)), styles.plain)
        sheet.write_string(n, 1, _text(words.own(topic) if topic else words("other_topic")), styles.plain)
        for place, name in enumerate(numbers, 2):
            if cell.row[name] is not None:
                style = {"share": styles.share, "mean_rank": styles.figure, "index": styles.figure}.get(
                    name, styles.plain
                )
                sheet.write_number(n, place, cell.row[name], style)
    if shown:
        scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#56B4E9"}
        sheet.conditional_format(1, 7, len(shown), 7, scale)
    sheet.autofilter(0, 0, len(shown), 1 + len(numbers))
    _landscape(sheet)


def _about_sheet(book: Any, styles: _Styles, grid: Grid, table: pd.DataFrame, words: Words) -> None:
    sheet = book.add_worksheet(_text(words("about"), 31))
    for column, width in enumerate((28, 44, 24, 22, 14, 10)):
        sheet.set_column(column, column, width)
    n = 0

    def line(*cells: Any, style: Any = None) -> None:
        nonlocal n
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write_string(n, column, _text(cell), style or styles.plain)
        n += 1

    line(words("title"), style=styles.bold)
    line(words("counts", columns=len(grid.columns), items=len(grid.items), pairs=grid.pairs))
    line(words("table_note"))
    if len(grid.shown) < len(grid.items):
        line(words("shortened", shown=len(grid.shown), count=len(grid.items)))
    line()
    line(*(words(k) for k in ("name", "document", "issuer", "number", "date", "requirements")), style=styles.heading)
    known = sources_of(table)
    for name in grid.columns:
        for first, count in known.get(name, []):
            line(name, first["title"], first["issuer"], first["doc_number"], first["date"], str(count))
    if told := policies_told(grid, words):
        line(told)
    line()
    line(words("levels"), words("cells"), style=styles.heading)
    for name in LEVELS:
        line(f"{words.sign(name)} {words.level(name)}", str(grid.levels[name]), style=styles.level[name])
    for key, lines in (("rules", RULES), ("formula", FORMULAS)):
        line()
        line(words(key), style=styles.bold)
        for texts in lines:
            line(words.own(texts[words.number]))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
