"""What show and explain draw: the text itself, the right marks over it, nothing that runs or reaches out."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siga_nlp.marking import SLOTS, Page, explain, show
from siga_nlp.models import Document, Frequency, Header, Quantity, Requirement

TEXT = "（一）省级领导干部每年至少两次到基层接访<群众>，\r\n应当于2月底前报告&“备案”。第 1 页"


def span(part: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(part)
    return start, start + len(part)


def requirement(part: str, **slots: str) -> Requirement:
    start, end = span(part)
    spans = {slot: (span(words),) for slot, words in slots.items() if not slot.startswith("_")}
    return Requirement(start, end, part, spans=spans)


ROWS = (
    replace(
        requirement(
            "省级领导干部每年至少两次到基层接访<群众>",
            subject="省级领导干部",
            period="每年",
            frequency="至少两次",
            measure="每年至少两次",
            action="到基层接访<群众>",
            condition="干部每年至少",
        ),
        section="一/（一）",
        subject="省级领导干部",
        subject_source="stated",
        action="到基层接访<群众>",
        measure="每年至少两次",
        frequency=Frequency("ge", 2, None, "P1Y"),
        rules=("period-every", "count", 'odd"><script>'),
        issues=("two_readings: a/b",),
    ),
    replace(
        requirement("应当于2月底前报告", modal="应当", measure="于2月底前", deadline="2月底前", subject="省级领导干部"),
        subject="省级领导干部",
        subject_source="inherited",
        modal="应当",
        action="报告",
        deadline="by --02",
        quantity=Quantity("range", 1, 2, "件"),
        rules=("obligation-应当", "by-month-end"),
    ),
)
DOCUMENT = Document("a", TEXT, furniture=(span("第 1 页"),))


class Marks(HTMLParser):
    """Reads the marked text back: each character with the slots over it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, str]] = []
        self.characters: list[tuple[str, frozenset[str]]] = []
        self.titles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "br":
            self.handle_data("\n")
        if tag in ("meta", "br"):
            return
        self.stack.append((tag, values.get("class") or ""))
        self.titles += [values["title"] or ""] if "title" in values else []

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop()[0] == tag, "tags do not nest"

    def handle_data(self, data: str) -> None:
        if ("div", "siga-text") in self.stack and not any(tag == "a" for tag, _ in self.stack):
            slots = frozenset(
                re.match(r"m-(\w+)", kind)[1]  # type: ignore[index]
                for tag, kind in self.stack
                if tag == "u"
            )
            self.characters += [(char, slots) for char in data]


def marks(page: Page) -> Marks:
    parser = Marks()
    parser.feed(page.html)
    parser.close()
    assert not parser.stack
    return parser


TEXTS = st.text(st.sampled_from("县委每年至少两次<>&\"'，。\r\n 　\t\x00\x1b\ud800\u202e“a1"), max_size=40)


@settings(deadline=None)
@given(st.data())
def test_any_overlap_is_marked_on_the_right_characters(data: st.DataObject) -> None:
    text = data.draw(TEXTS)
    place = st.integers(0, len(text))
    rows = []
    for _ in range(data.draw(st.integers(0, 3))):
        start, end = sorted((data.draw(place), data.draw(place)))
        spans = {}
        for slot in data.draw(st.lists(st.sampled_from([*SLOTS]), max_size=4, unique=True)):
            a, b = sorted((data.draw(place), data.draw(place)))
            spans[slot] = ((a, b),)
        rows.append(Requirement(start, end, text[start:end], spans=spans))
    page = show(Document("x", text), rows, lang="zh")
    got = marks(page).characters
    kept = [n for n, char in enumerate(text) if char != "\r"]
    wanted = [
        frozenset(slot for row in rows for slot, spans in row.spans.items() for a, b in spans if a <= n < b)
        for n in kept
    ]
    assert [slots for _, slots in got] == wanted
    for (char, _), n in zip(got, kept, strict=True):
        assert char == text[n] or text[n] in "\x00\x1b\ud800\u202e"
    for color in (False, True):
        printed = page.terminal(color=color, width=40)
        printed.encode("utf-8")
        assert not re.search(r"[\x00\u202e]|\x1b(?!\[[\d;]*m)", printed)
        assert color or "\x1b" not in printed
        assert all(columns(line) <= 40 for line in re.sub(r"\x1b\[[\d;]*m", "", printed).split("\n"))
    page.html.encode("utf-8")


def columns(line: str) -> int:
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in line
    )


@pytest.mark.parametrize(
    "page", [show(DOCUMENT, ROWS, lang="zh"), explain(ROWS[0], lang="en")], ids=["show", "explain"]
)
def test_pages_stand_alone_and_run_nothing(page: Page) -> None:
    for html in (page.html, page._repr_html_()):
        assert not re.search(
            r"<script|<link|<img|<iframe|javascript:|https?:|//|@import|url\(|\bon\w+=", html, re.IGNORECASE
        )
    assert page.html.startswith("<!doctype html>") and '<meta charset="utf-8">' in page.html
    assert "prefers-color-scheme:dark" in page.html and "data-jp-theme-light" in page._repr_html_()


def test_what_viewers_leave_of_a_page_can_be_read() -> None:
    """GitHub's viewer and JupyterLab (for what it does not trust) take style sheets away, or all styles and ids."""
    html = show(DOCUMENT, ROWS, lang="zh")._repr_html_()
    unstyled = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    for style in re.findall(r'<u [^>]*style="([^"]*)"', unstyled):
        assert "border-bottom:" in style and "var(" not in style
        assert not re.search(r"(?<![-\w])color:", style), "the letters keep the theme's colour"
    bare = re.sub(r'\s(?:style|class|id|title|href)="[^"]*"', "", unstyled)
    assert "<mark" not in bare, "which is black on yellow by itself"
    text = unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br>", "\n", bare.split("</div>\n")[2])))
    assert re.sub(r"\[\d+!?\]", "", text) == TEXT.replace("\r", "")
    names = re.sub(r"<[^>]+>", "", bare.split("</div>\n")[1].replace("&nbsp;", " ")).split()
    assert names == [SLOTS[slot].names[1] for slot in SLOTS if any(row.spans.get(slot) for row in ROWS)]


def test_hover_tells_the_reading_and_the_rules() -> None:
    titles = marks(show(DOCUMENT, ROWS, lang="zh")).titles
    both = [title for title in titles if "频次: 每年至少 2 次 [ge 2 P1Y]" in title]
    assert both and all("period-every, count" in title and "一/（一）" in title for title in both)
    assert any("two_readings" in title and "另有一种读法" in title for title in titles)
    english = marks(show(DOCUMENT, ROWS, lang="en")).titles
    assert any("at least 2 times in a year" in title for title in english)
    assert any("by when: by --02" in title and "1–2 件" in title for title in english)


def test_every_row_is_listed_and_linked() -> None:
    html = show(DOCUMENT, ROWS, lang="en").html
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert len(targets) == 2 * len(ROWS)
    assert targets == set(re.findall(r'id="([^"]+)"', html))
    assert "page header or footer" in html


def test_a_table_is_shown_like_the_records(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    from siga_nlp.table import read_table, rows, write_table

    records = list(rows(DOCUMENT, ROWS))
    other = {**records[0], "doc_id": "b", "text": "别的"}
    page = show(DOCUMENT, ROWS, lang="zh")
    assert show(DOCUMENT, records, lang="zh").html == page.html
    assert show(DOCUMENT, pd.DataFrame([*records, other]), lang="zh").html == page.html
    for name in ("t.csv", "t.parquet", "t.jsonl"):
        write_table(records, tmp_path / name)
        table = read_table(tmp_path / name)
        assert show(DOCUMENT, table, lang="zh").html == page.html
        assert str(explain(table.iloc[1], lang="zh")) == str(explain(records[1], lang="zh"))
    raw = pd.read_csv(tmp_path / "t.csv", encoding="utf-8-sig")
    assert show(DOCUMENT, raw, lang="zh").html == page.html


def test_rows_of_another_text_are_refused() -> None:
    with pytest.raises(ValueError, match=r"quotes '省级领导干部每年.*another version"):
        show(Document("a", "换了" + TEXT), ROWS)
    with pytest.raises(ValueError, match="another version"):
        explain(ROWS[0], document=Document("a", "换了" + TEXT))
    with pytest.raises(TypeError, match="read_document"):
        show(TEXT)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="one row"):
        explain(3)
    with pytest.raises(ValueError, match="has no start"):
        explain({"subject": "县委"})
    with pytest.raises(ValueError, match="zh"):
        show(DOCUMENT, ROWS, lang="fr")


def test_html_is_written_and_the_records_are_extracted_by_default(tmp_path: Path) -> None:
    document = Document("x", "县长每月至少接访1次。", header=Header(title="办法"))
    page = show(document, html=tmp_path / "x.html", lang="zh")
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == page.html
    assert "<title>办法</title>" in page.html and "1 条要求" in page.html
    assert "没有找到要求" in show(Document("x", "无"), (), lang="zh").html


def test_plain_text_marks_stand_below_their_characters() -> None:
    lines = str(show(DOCUMENT, ROWS, lang="zh")).split("\n")
    n = next(n for n, line in enumerate(lines) if "省级领导干部每年" in line)
    assert lines[n].startswith("   1│ （一）省级")
    first, second = lines[n + 1], lines[n + 2]
    at = columns(lines[n][: lines[n].index("省级")])
    assert first[at : at + 12] == "SSSSSSSSSSSS"
    assert first[at + 12 :].startswith("PPPPFFFFFFFFAAAA")
    assert second[at + 8 : at + 12] == "CCCC"
    assert lines[2].startswith("    │") or lines[2].startswith("   1│")


def test_wrapping_keeps_closing_signs_and_words_together() -> None:
    text = "县" * 17 + "委，每月period-every报告，乡镇每周巡河。"
    printed = show(Document("x", text), (), lang="zh").terminal(width=42).split("\n")
    body = [line[6:] for line in printed if line[4:5] == "│"]
    assert "".join(body) == text
    assert not any(line.startswith("，") for line in body)
    assert any("period-every" in line for line in body)


def test_color_is_asked_for() -> None:
    page = show(DOCUMENT, ROWS, lang="en")
    assert "\x1b" not in str(page)
    colored = page.terminal(color=True)
    assert "\x1b[1;34m省级" in colored and colored.count("\x1b[0m") >= 5
    assert "SSSS" not in colored


def test_explain_says_which_rule_filled_what_from_where() -> None:
    said = explain(ROWS[0], lang="zh").terminal(width=200)
    frequency = next(line for line in said.split("\n") if line.startswith("  F "))
    start, _ = span("每年")
    assert f"@{start}–{start + 2}, {start + 2}–{start + 6}" in frequency
    assert "= 每年至少 2 次 [ge 2 P1Y]" in frequency and "← period-every, count" in frequency
    assert "two_readings" in said and 'odd"><script>' in said
    inherited = explain(ROWS[1], document=DOCUMENT, lang="en").terminal(width=200)
    subject = next(line for line in inherited.split("\n") if line.startswith("  S "))
    assert "outside the clause" in subject and "(inherited)" in subject
    assert "← by-month-end" in next(line for line in inherited.split("\n") if line.startswith("  D "))
    assert "← obligation-应当" in next(line for line in inherited.split("\n") if line.startswith("  M "))


def test_kinds_of_rules_that_explain_knows_are_those_of_the_rule_files() -> None:
    """A kind that was renamed would drop its rules out of their slots, among the others."""
    from siga_nlp.lexicon import load
    from siga_nlp.marking import _KIND_SLOTS

    assert set(_KIND_SLOTS) <= set(load().rules)


# Colours: WCAG 2 contrast, and hues as those see them who lack red or green cones (Machado, Oliveira, Fernandes 2009).

BLIND = {
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
}


def linear(color: str) -> tuple[float, ...]:
    color = color.lstrip("#")
    color = "".join(c * 2 for c in color) if len(color) == 3 else color
    values = [int(color[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    return tuple(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(
        sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) for c in (one, other)
    )
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("theme", "fg", "bg"), [(0, "#1b1b1b", "#fff"), (1, "#e9e9e6", "#161616")])
def test_colors_are_readable(theme: int, fg: str, bg: str) -> None:
    html = show(DOCUMENT, ROWS).html
    assert f"--fg:{fg};--bg:{bg}" in html
    for name, slot in SLOTS.items():
        assert contrast(fg, slot.tint[theme]) >= 7, name
        assert contrast(slot.ink[theme], bg) >= 4.5, name
        # Where the style sheet is taken away, a mark keeps the light theme's line on any ground.
        assert contrast(slot.ink[0], bg) >= 3, name
        assert f"--{name}-i:{slot.ink[theme]}" in html


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("kind", BLIND)
def test_no_two_slots_look_alike_to_the_color_blind(theme: int, kind: str) -> None:
    def seen(color: str) -> list[Any]:
        return [
            max(0.0, sum(m * v for m, v in zip(row, linear(color), strict=True))) ** (1 / 2.2) for row in BLIND[kind]
        ]

    for (a, one), (b, other) in itertools.combinations(SLOTS.items(), 2):
        if one.line == other.line:
            apart = sum((x - y) ** 2 for x, y in zip(seen(one.ink[theme]), seen(other.ink[theme]), strict=True)) ** 0.5
            assert apart > 0.15, (a, b, round(apart, 3))
    letters = [slot.letter for slot in SLOTS.values()]
    assert len(set(letters)) == len(letters)
