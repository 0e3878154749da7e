"""The table to look through: what its data say, what stands there without scripts, and what a real browser does with it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.browsing import FIRST
from siga_nlp.models import Document, Frequency, Header, Quantity, Requirement
from siga_nlp.table import rows, to_frame

TEXT = '县长每月至少接访2次</script><b>。\r\n=镇长\t"每年"走访5户。乡长要守纪律。'


def requirement(clause: str, **more: Any) -> Requirement:
    start = TEXT.index(clause)
    return Requirement(start, start + len(clause), clause, **more)


TABLE = to_frame(
    rows(
        Document("a<1>", TEXT, header=Header(title="甲&乙", region="甲县", level="county")),
        [
            requirement("县长每月至少接访2次</script><b>", subject="县长", topic="信访接待", action="接访", frequency=Frequency("ge", 2, None, "P1M")),
            requirement("=镇长\t\"每年\"走访5户", subject="=镇长", topic="走访慰问", quantity=Quantity("eq", 5, None, "户"), frequency=Frequency("eq", 1, None, "P1Y")),
            requirement("乡长要守纪律", subject="乡长", modality="prohibition", issues=("no_action",)),
        ],
    )
)  # fmt: skip


def data(html: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.S)[1])  # type: ignore[index]
    return found


def columns(html: str) -> dict[str, list[str]]:
    return {c["name"]: c.get("cells") or [c["words"][n] for n in c["places"]] for c in data(html)["columns"]}


class Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[list[str]] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.lines.append([])
        self.open = tag in ("td", "th")
        if self.open:
            self.lines[-1].append("")

    def handle_data(self, text: str) -> None:
        if self.open:
            self.lines[-1][-1] += text

    def handle_endtag(self, tag: str) -> None:
        self.open = False


def test_measures_are_in_words_and_all_cells_are_whole() -> None:
    shown = columns(sg.browse(TABLE, lang="zh").html)
    assert shown["频次"] == ["每月至少 2 次", "每年 1 次", ""]
    assert shown["数量"][1] == "5 户" and shown["性质"] == ["义务", "义务", "禁止"] and shown["层级"] == ["县级"] * 3
    assert shown["原文"] == TABLE["text"].tolist()
    english = columns(sg.browse(TABLE, lang="en").html)
    assert english["kind"] == TABLE["modality"].tolist() and english["how often"][0] == "at least 2 times in a month"
    ranks = {c["name"]: c.get("ranks") for c in data(sg.browse(TABLE, lang="zh").html)["columns"]}
    assert ranks["频次"] == [24, 1, None] and ranks["数量"] == [None, 5, None] and ranks["主体"] is None


def test_nothing_gets_out_of_its_cell_and_nothing_is_fetched() -> None:
    page = sg.browse(TABLE, lang="zh")
    assert len(re.findall("<script", page.html)) == 2 == len(re.findall("</script>", page.html))
    assert not re.search(r"https?:|//\w|@import|url\(|<link|<img|<iframe", page.html.split("<script>")[0])
    assert not re.search(r"fetch\(|XMLHttp|import\(|https?:|innerHTML|eval\(", page.html)
    assert "<b>。" not in page.html and "a&lt;1&gt;" in page.html


def test_the_first_rows_stand_there_without_a_script() -> None:
    table = pd.concat([TABLE] * 10, ignore_index=True)
    page = sg.browse(table, columns=["subject", "text"], lang="en")
    plain = re.sub(
        r"<style>.*?</style>|<script.*?</script>|\s(?:style|class|id)=\"[^\"]*\"", "", page._repr_html_(), flags=re.S
    )
    parser = Cells()
    parser.feed(plain)
    assert parser.lines[0] == ["who", "text"] and len(parser.lines) == FIRST + 1
    assert parser.lines[1] == ["县长", TABLE["text"][0]]
    assert f"the first {FIRST} of 30 rows" in unescape(plain)
    assert str(page).splitlines()[1].startswith("who | text")


def test_any_frame_can_be_looked_through(sample_table: pd.DataFrame) -> None:
    compared = sg.compare(sample_table, by="region")
    shown = data(sg.browse(compared, lang="zh").html)
    names = [column["name"] for column in shown["columns"]]
    assert names == list(compared.columns) and shown["rows"] == len(compared)
    assert [names[n] for n in shown["filters"]] == ["level", "topic", "document", "other", "role"]
    assert set(columns(sg.browse(compared, lang="zh").html)["level"]) <= {
        "相同",
        "更严",
        "更宽",
        "不可比",
        "一方未量化",
        "没有",
        "不适用",
    }
    odd = pd.DataFrame({"who": ["a", None], "n": [2.5, float("nan")], 3: [[1, 2], []]})
    assert columns(sg.browse(odd[["who", "n"]], lang="en").html) == {"who": ["a", ""], "n": ["2.5", ""]}
    assert data(sg.browse(TABLE[:0], lang="en").html)["rows"] == 0


@given(st.lists(st.text(st.sampled_from("县<>&\"'/\\\x00\u2028\ud83d\ude00\r\n\t=")), min_size=1, max_size=5))
def test_any_text_is_data(texts: list[str]) -> None:
    html = sg.browse(pd.DataFrame({"t": pd.Series(texts, dtype="object")}), lang="en").html
    html.encode("utf-8")
    got = columns(html)["t"]
    assert len(got) == len(texts)
    for cell, text in zip(got, texts, strict=True):
        kept = text.replace("\r\n", "\n").replace("\r", "\n")
        assert len(cell) == len(kept) and all(
            a == b or b in "\x00\u2028\ud83d\ude00" for a, b in zip(cell, kept, strict=True)
        )


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(ValueError, match="no column nothing"):
        sg.browse(TABLE, columns=["nothing"])
    with pytest.raises(ValueError, match="no such column is shown: topic"):
        sg.browse(TABLE, columns=["text"], filters=["topic"])
    with pytest.raises(ValueError, match="zh"):
        sg.browse(TABLE, lang="fr")


# What a reader would do, and what is on the page then.
_ACTS = """<script>
addEventListener("load", function () {
  var root = document.querySelector(".siga-browse"), said = [];
  function all(what) { return Array.from(root.querySelectorAll(what)) }
  function tell() { said.push(all(".siga-view tbody td:first-child").map(function (d) { return d.textContent })) }
  function put(text) { var box = all("input[type=search]")[0]; box.value = text; box.dispatchEvent(new Event("input")); tell() }
  tell();
  put("接访"); put("");
  all("th")[1].click(); tell(); all("th")[1].click(); tell(); all("th")[1].click(); tell();
  all("summary")[0].click();
  document.execCommand = function () { said.push([all("textarea")[0].value]); return true };
  Object.defineProperty(navigator, "clipboard", { value: undefined });
  setTimeout(function () {
    said.push(all(".siga-menu label").map(function (l) { return l.textContent.trim() }));
    all(".siga-menu label").filter(function (l) { return /^走访/.test(l.textContent.trim()) })[0].click(); tell();
    all("button")[1].click();
    all("button")[0].click(); tell();
    said.push([all(".siga-view td")[2].title, String(all("td b").length)]);
    document.body.textContent = "SAID" + JSON.stringify(said) + "DIAS";
  }, 200);
});
</script>"""


def test_a_browser_filters_sorts_searches_and_copies(tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("there is no Chromium to look at the page with")
    page = sg.browse(TABLE, columns=["subject", "how_often", "text", "topic"], filters=["topic"], lang="zh")
    (tmp_path / "page.html").write_text(page.html.replace("</body>", _ACTS + "</body>"), encoding="utf-8")
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
         "--no-first-run", "--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}",
         "--virtual-time-budget=5000", "--dump-dom", (tmp_path / "page.html").as_uri()],
        capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    found = re.search(r"SAID(.*)DIAS", done.stdout, re.S)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    first, search, everything, up, down, again, menu, chosen, copied, cleared, hover = json.loads(unescape(found[1]))
    assert first == everything == again == cleared == ["县长", "=镇长", "乡长"]
    assert search == ["县长"]
    assert up == ["=镇长", "县长", "乡长"] and down == ["县长", "=镇长", "乡长"], (
        "by how much a year, what has none last"
    )
    assert sorted(menu) == sorted(["信访接待 1", "走访慰问 1", "（无） 1"])
    assert chosen == ["=镇长"]
    heading, line = copied[0].split("\n")
    assert heading == "主体\t频次\t原文\t主题"
    assert line == '\'=镇长\t每年 1 次\t"\'=镇长\t""每年""走访5户"\t走访慰问', (
        "nothing runs in a spreadsheet, a tab stays in its cell"
    )
    assert hover == [TABLE["text"][0], "0"]
