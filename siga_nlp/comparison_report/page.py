"""A comparison as one page for any browser: no script, no address, both themes, prints on A4 landscape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..table import Row, provenance_told
from .grid import (
    Demand,
    Entry,
    Grid,
    Item,
    asked_by,
    css_class,
    demands,
    lay_out,
    place_of,
    policies_told,
    shortened,
    sources_of,
)
from .words import FORMULAS, LEVELS, OUT, RULES, Words, checked, fields_told, measure_words, role_words, safe

if TYPE_CHECKING:
    import pandas as pd

    from ..alignment import Alignment


def comparison_html(
    comparison: pd.DataFrame,
    table: pd.DataFrame,
    *,
    alignment: Alignment | None = None,
    lang: str = "zh",
    script: str = "simplified",
) -> str:
    """A comparison as one page for any browser: no script, no address, both themes, prints on A4 landscape.

    Args:
        comparison: The long table of ``sg.compare``: one row an item × pair.
        table: The requirement table that was compared, for places, subjects and measures.
        alignment: That of the comparison, which says what documents are of one policy; ``align`` finds it if left out.
        lang: ``zh`` or ``en``, of every heading.
        script: ``simplified`` or ``traditional``, of Chinese headings; quotes stay in their own script.

    Returns:
        The page, as text. Write it as UTF-8.

    Raises:
        ValueError: An unknown language or script, or a column of the comparison is missing.
    """
    words = Words(*checked(lang, script))
    grid = lay_out(comparison, table, alignment, lang)
    body = "\n".join(_sections(grid, table, words))
    code = {"en": "en", "zh": "zh-Hans"}[lang] if script == "simplified" else {"en": "en", "zh": "zh-Hant"}[lang]
    title = safe(words("title"))
    return (
        f'<!DOCTYPE html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        '<meta name="color-scheme" content="light dark"/>\n'
        f"<title>{title}</title>\n<style>{_css()}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _sections(grid: Grid, table: pd.DataFrame, words: Words) -> Iterator[str]:
    yield f"<h1>{safe(words('title'))}</h1>"
    counts = words("counts", columns=len(grid.columns), items=len(grid.items), pairs=grid.pairs)
    yield f'<p class="soft">{safe(counts)}</p>'
    if not grid.items:
        yield f"<p>{safe(words('nothing'))}</p>"
        return
    yield _documents(grid, table, words)
    yield _legend(grid, words)
    notes = _Notes()
    yield _matrix(grid, words, notes)
    yield _heat_map(demands(grid, table), grid, words)
    yield _coverage(grid, words)
    yield _missing(grid, words)
    yield _explained("rules", RULES, words)
    yield _explained("formula", FORMULAS, words)
    yield f'<p class="soft made">{safe(words.own(provenance_told(table, words.lang)))}</p>'
    yield notes.printed(words)


def _documents(grid: Grid, table: pd.DataFrame, words: Words) -> str:
    """Which documents stand behind each column."""
    heads = ("name", "document", "issuer", "number", "date", "requirements")
    lines = []
    known = sources_of(table)
    for column in grid.columns:
        for first, count in known.get(column, [({}, 0)]):
            cells = [column, first.get("title"), first.get("issuer"), first.get("doc_number"), first.get("date")]
            told = "".join(
                f'<td class="{"nw" if n in (0, 3, 4) else "w"}">{safe(cell or "")}</td>' for n, cell in enumerate(cells)
            )
            lines.append(f'<tr>{told}<td class="n">{count or ""}</td></tr>')
    head = "".join(f"<th>{safe(words(name))}</th>" for name in heads)
    title, told = safe(words("documents")), policies_told(grid, words)
    note = f'<p class="soft">{safe(told)}</p>' if told else ""
    return (
        f'<section><h2>{title}</h2><div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>{note}</section>"
    )


def _chip(level: str, words: Words) -> str:
    return f'<span class="chip l-{css_class(level)}">{words.sign(level)} {safe(words.level(level))}</span>'


def _legend(grid: Grid, words: Words) -> str:
    shown = "".join(
        f'<li>{_chip(name, words)} <span class="soft">{grid.levels[name]}</span></li>'
        for name in [*LEVELS, *sorted(set(grid.levels) - set(LEVELS))]
    )
    return (
        f'<section><h2>{safe(words("levels"))} <span class="soft">({safe(words("cells"))})</span></h2>'
        f'<ul class="legend">{shown}</ul></section>'
    )


_MOST_LACKED = 8_000  # lines of what all of them lack
_NOTED = 1500  # cells whose quotes are printed; a longer list helps nobody on paper
_LONGEST = 1200  # characters of a quote on the page


@dataclass(slots=True)
class _Notes:
    """Quotes as they are printed: numbered, in the order of the matrix."""

    lines: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    left_out: int = 0

    def number(self, row: Row, quoted: str) -> str:
        id_ = str(row["requirement_id"])
        if id_ not in self.numbers:
            if len(self.lines) >= _NOTED:
                self.left_out += 1
                return ""
            self.lines.append(quoted)
            self.numbers[id_] = len(self.lines)
        return f'<sup class="note">[{self.numbers[id_]}]</sup>'

    def printed(self, words: Words) -> str:
        lines = "".join(f'<li value="{n}">{line}</li>' for n, line in enumerate(self.lines, 1))
        more = f"<p>{safe(words('many', count=self.left_out))}</p>" if self.left_out else ""
        return f'<section class="notes"><h2>{safe(words("notes"))}</h2><ol>{lines}</ol>{more}</section>'


def _quoted(row: Row, words: Words) -> str:
    """A quote with its place, for the screen and for print."""
    place = f'<span class="place">{safe(place_of(row, words))}</span>'
    if row["text"] is None:
        who = safe(" ".join(str(row[name]) for name in ("subject", "action", "measure") if row[name]))
        return f'{place} <span class="facts">{who}</span> <span class="soft">{safe(words("no_quote"))}</span>'
    text = str(row["text"])
    more = words("cut", count=len(text) - _LONGEST) if len(text) > _LONGEST else ""
    cut = f'<span class="soft">{safe(more)}</span>' if more else ""
    return f"{place} <q>{safe(text[:_LONGEST])}</q>{cut}"


def _matrix(grid: Grid, words: Words, notes: _Notes) -> str:
    head = "".join(f'<th scope="col">{safe(words.own(column))}</th>' for column in grid.columns)
    parts = []
    for topic in dict.fromkeys(item.topic for item in grid.shown):
        name = words.own(topic) if topic else words("other_topic")
        parts.append(
            f'<tbody><tr class="topic"><th colspan="{len(grid.columns) + 1}" scope="rowgroup"><span>{safe(name)}</span>'
            "</th></tr>"
        )
        for item in (i for i in grid.shown if i.topic == topic):
            cells = "".join(_cell(item, column, words, notes) for column in grid.columns)
            parts.append(f"<tr>{_item_head(item, words)}{cells}</tr>")
        parts.append("</tbody>")
    return (
        f'<section><h2>{safe(words("matrix"))}</h2><p class="soft">{safe(words("matrix_note"))} '
        f'<span class="screen">{safe(words("click"))}</span><span class="note">{safe(words("printed"))}</span>{_cut(grid, words)}</p>'
        f'<details name="cell" class="close"><summary>✕ {safe(words("close"))}</summary></details>'
        f'<div class="wide tall"><table class="matrix"><thead><tr><th scope="col">{safe(words("item"))}</th>{head}</tr>'
        f"</thead>{''.join(parts)}</table></div></section>"
    )


def _cut(grid: Grid, words: Words) -> str:
    if len(grid.shown) == len(grid.items):
        return ""
    return f" <b>{safe(words('shortened', shown=len(grid.shown), count=len(grid.items)))}</b>"


def _item_head(item: Item, words: Words) -> str:
    role = f'<span class="role">{safe(role_words(item.role, words))}</span>' if item.role else ""
    lines = [
        f"<li>{safe(words.own(str(pair['document'])))} → {safe(words.own(str(pair['other'])))} "
        f'{_chip(pair["level"] or "different", words)} <span class="soft">{safe(fields_told(pair, words))}</span> '
        f"{safe(words.own(pair['why'] or ''))}</li>"
        for pair in item.pairs[:200]
    ]
    more = f'<li class="soft">… {len(item.pairs) - 200}</li>' if len(item.pairs) > 200 else ""
    pairs = f'<ul class="pairs">{"".join(lines)}{more}</ul>'
    return (
        f'<th scope="row"><details name="cell"><summary>{role}<span>{safe(_name(item))}</span></summary>'
        f'<div class="pop"><b>{safe(item.key)} · {safe(words("all_pairs"))}</b>{pairs}</div></details></th>'
    )


def _cell(item: Item, column: str, words: Words, notes: _Notes) -> str:
    if column in item.empty:
        level = item.empty[column]
        return f'<td class="l-{level}"><span class="mark">{words.sign(level)} {safe(words.level(level))}</span></td>'
    shown = "".join(_opened(item, column, entry, words, notes) for entry in item.cells[column])
    return f'<td class="l-{css_class(item.cells[column][0].level)}">{shown}</td>'


def _opened(item: Item, column: str, entry: Entry, words: Words, notes: _Notes) -> str:
    """A requirement in its cell; a click opens its quote beside that of the reference."""
    row = entry.row
    number = notes.number(row, _quoted(row, words))
    facts = [_fact("quote", _who(row, words) + _quoted(row, words), words)]
    if entry.pair is not None and entry.against is not None:
        facts.append(_fact("reference_quote", _who(entry.against, words) + _quoted(entry.against, words), words))
        told = {"fields": fields_told(entry.pair, words), "why": words.own(entry.pair["why"] or "")}
        facts += [_fact(key, safe(text), words) for key, text in told.items() if text]
    mark = f'<span class="mark">{words.sign(entry.level)} {safe(words.level(entry.level))}</span>'
    head = safe(f"{words.own(column)} · {_name(item)}")
    return (
        f'<details name="cell"><summary><b>{safe(measure_words(row, words))}</b>{number} {mark}</summary>'
        f'<div class="pop"><b>{head}</b> {mark}<dl>{"".join(facts)}</dl></div></details>'
    )


def _fact(key: str, told: str, words: Words) -> str:
    return f"<div><dt>{safe(words(key))}</dt><dd>{told}</dd></div>"


def _who(row: Row, words: Words) -> str:
    return f'<span class="place">{safe(words("who"))} {safe(row["subject"])}</span>' if row["subject"] else ""


def _name(item: Item) -> str:
    return shortened(item.name, 60)


# Figures


def _heat_map(found: Mapping[tuple[str, str | None], Demand], grid: Grid, words: Words) -> str:
    """Topics down, regions across: an inline drawing with the number in each field."""
    every = list(dict.fromkeys(item.topic for item in grid.items))
    ranked = {topic for (_, topic), cell in found.items() if cell.index is not None}
    topics = [topic for topic in every if topic in ranked]
    others = [words.own(topic) if topic else words("other_topic") for topic in every if topic not in ranked]
    left, top, wide, high = 132, 46, 100, 26
    width, height = left + wide * len(grid.columns) + 8, top + high * len(topics) + 8
    parts = []
    for x, column in enumerate(grid.columns):
        name = words.own(column)
        whole = name if len(name) <= 14 else "…" + name[-13:]
        lines = _two_lines(whole)
        middle = f"{left + wide * x + wide / 2:g}"
        spans = "".join(
            f'<tspan x="{middle}" y="{top - 9 - 16 * (len(lines) - 1 - k)}">{safe(line)}</tspan>'
            for k, line in enumerate(lines)
        )
        parts.append(f'<text class="t" text-anchor="middle">{spans}<title>{safe(name)}</title></text>')
    most = max((d.index for d in found.values() if d.index is not None), default=0) or 1
    for y, topic in enumerate(topics):
        name = words.own(topic) if topic else words("other_topic")
        at = top + high * y
        parts.append(
            f'<text class="t" x="{left - 8}" y="{at + 18}" text-anchor="end">{safe(shortened(name, 8))}'
            f"<title>{safe(name)}</title></text>"
        )
        for x, column in enumerate(grid.columns):
            cell = found.get((column, topic))
            index = cell.index if cell else None
            shade = 0.08 + 0.92 * index / most if index else 0.0
            tip = f"{words.own(column)} · {name}" + (f": {cell.told}" if cell else "")
            ink = "t hi" if shade > 0.75 else "t mid" if shade > 0.55 else "t"
            told = f"{index:.2f}" if index is not None else words("unranked") if cell and cell.asked else "—"
            parts.append(
                f'<g><title>{safe(tip)}</title><rect class="heat" x="{left + wide * x + 1}" y="{at + 1}" width="{wide - 2}" '
                f'height="{high - 2}" fill-opacity="{shade:.2f}"/><text class="{ink}" x="{left + wide * x + wide / 2:g}" '
                f'y="{at + 18}" text-anchor="middle">{told}</text></g>'
            )
    title = safe(words("demand"))
    rest = safe(" " + words("demand_rest", told=", ".join(others))) if others else ""
    return (
        f'<section class="whole"><h2>{title}</h2><p class="soft">{safe(words("demand_note"))}{rest}</p><div class="wide"><svg role="img" '
        f'aria-label="{title}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">{"".join(parts)}</svg></div>'
        "</section>"
    )


def _two_lines(name: str, most: int = 7) -> list[str]:
    """A name on two lines, parted after a province or a city where that is possible.

    >>> _two_lines("云岭省临峪市禾垄县"), _two_lines("福建省"), _two_lines("abcdefghij")
    (['云岭省', '临峪市禾垄县'], ['福建省'], ['abc', 'defghij'])
    """
    if len(name) <= most:
        return [name]
    ends = [n + 1 for n, char in enumerate(name) if char in "省市州" and 2 <= len(name) - n - 1 <= most]
    at = ends[0] if ends and ends[0] <= most else len(name) - most
    return [name[:at], name[at:]]


def _coverage(grid: Grid, words: Words) -> str:
    """For each topic and column a bar of the items asked; all topics first."""
    groups: list[tuple[str, list[Item]]] = [(words("all_topics"), grid.items)]
    for topic in dict.fromkeys(item.topic for item in grid.items):
        name = words.own(topic) if topic else words("other_topic")
        groups.append((name, [i for i in grid.items if i.topic == topic]))
    lines = []
    for name, items in groups:
        cells = []
        for column in grid.columns:
            asked = sum(column in item.cells for item in items)
            whole = sum(item.empty.get(column) not in OUT for item in items)
            cells.append(f"<td>{_bar(asked, whole)}</td>")
        lines.append(f'<tr><th scope="row">{safe(name)}</th>{"".join(cells)}</tr>')
    head = "".join(f'<th scope="col">{safe(words.own(column))}</th>' for column in grid.columns)
    return (
        f'<section><h2>{safe(words("coverage"))}</h2><p class="soft">{safe(words("coverage_note"))}</p>'
        f'<div class="wide"><table class="bars"><thead><tr><th scope="col">{safe(words("topic"))}</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div></section>"
    )


def _bar(part: int, whole: int) -> str:
    if not whole:
        return "—"
    filled = 80 * part / whole
    return (
        f'<svg class="bar" viewBox="0 0 80 10" width="80" height="10" aria-hidden="true"><rect class="rail" width="80" '
        f'height="10"/><rect class="fill" width="{filled:.1f}" height="10"/></svg> {part}/{whole} '
        f'<span class="soft">{100 * part / whole:.0f}%</span>'
    )


def _missing(grid: Grid, words: Words) -> str:
    blocks = []
    told = {item.key: _lacked(item, words) for item in grid.items}
    for column in grid.columns:
        lacking = [item for item in grid.items if item.empty.get(column) == "absent"]
        name = safe(words.own(column))
        if not lacking:
            blocks.append(f"<h3>{name}</h3><p>{safe(words('lacks_nothing'))}</p>")
            continue
        lines = []
        listed = lacking[: max(_MOST_LACKED // len(grid.columns), 1)]
        for topic in dict.fromkeys(item.topic for item in listed):
            under = [item for item in listed if item.topic == topic]
            shown = "".join(f"<li>{told[item.key]}</li>" for item in under)
            head = words.own(topic) if topic else words("other_topic")
            lines.append(f"<li><b>{safe(head)}</b> ({len(under)})<ul>{shown}</ul></li>")
        if len(listed) < len(lacking):
            lines.append(f"<li>{safe(words('further', count=len(lacking) - len(listed)))}</li>")
        blocks.append(
            f'<details open="open"><summary><h3>{name} <span class="soft">{len(lacking)}</span></h3></summary>'
            f'<ul class="lacks">{"".join(lines)}</ul></details>'
        )
    return (
        f'<section class="missing"><h2>{safe(words("missing"))}</h2><p class="soft">{safe(words("missing_note"))}</p>'
        f"{''.join(blocks)}</section>"
    )


def _lacked(item: Item, words: Words) -> str:
    role = f'<span class="role">{safe(role_words(item.role, words))}</span> ' if item.role else ""
    asked = safe(f"{words('asked_by')} {asked_by(item, words)}")
    return f'{role}{safe(shortened(item.name, 60))} <span class="soft">{asked}</span>'


def _explained(key: str, lines: Iterable[tuple[str, str]], words: Words) -> str:
    shown = "".join(f"<li>{safe(words.own(line[words.number]))}</li>" for line in lines)
    return f'<section><h2>{safe(words(key))}</h2><ul class="rules">{shown}</ul></section>'


@lru_cache(maxsize=1)
def _css() -> str:
    """``page.css`` with the colours of the levels."""
    text = (Path(__file__).parent / "page.css").read_text("utf-8")
    for n, theme in enumerate(("light", "dark")):
        tints = ((name, (level.light, level.dark)[n]) for name, level in LEVELS.items())
        told = "".join(f";--{name}-t:{tint};--{name}-i:{ink}" for name, (tint, ink) in tints)
        text = text.replace(f"/*{theme}*/", told)
    rules = (f".l-{n}{{background:var(--{n}-t)}}.l-{n} .mark,.chip.l-{n}{{color:var(--{n}-i)}}" for n in LEVELS)
    return text.replace("/*levels*/", "\n".join(rules))
