"""Tables that show themselves: the columns a reader needs, quotes cut with the whole on hover, nothing that runs."""

from __future__ import annotations

import pickle
from pathlib import Path

import pandas as pd
import pytest
from lxml import html

import siga_nlp as sg
from siga_nlp.models import Document

LONG = "县长应当每月至少到" + "人民群众来信来访" * 6 + "<script>中心接待来访群众1次。"


@pytest.fixture(scope="module")
def table(root: Path) -> pd.DataFrame:
    return sg.read_table(root / "extracted" / "requirements.csv")


def cells(frame: pd.DataFrame) -> list[list[str]]:
    page = html.fromstring(frame._repr_html_())  # type: ignore[operator]
    return [[cell.text_content() for cell in row] for row in page.iter("tr")]


def test_the_whole_table_shows_what_is_looked_at_first(table: pd.DataFrame) -> None:
    head, *rows = cells(table)
    assert head == ["", "region", "section", "subject", "modality", "action", "measure", "per_year", "deadline", "topic",
                    "issues", "text"]  # fmt: skip
    assert len(rows) == 16 and rows[0][1] == table["region"].iloc[0] and rows[-1][-1] == table["text"].iloc[-1]
    assert f"{len(table)} rows × {len(table.columns)} columns, 11 shown" in table._repr_html_()  # type: ignore[operator]
    assert (
        "region" not in cells(table[table["doc_id"] == table["doc_id"].iloc[0]])[0]
    )  # it would be the same everywhere
    printed = repr(table).splitlines()
    assert printed[0].split() == ["region", "subject", "action", "measure"] and "more columns" in printed[-1]
    widths = {sum(2 if ord(c) > 0x2E80 else 1 for c in line) for line in printed[1:6]}
    assert len(widths) == 1  # the columns stand straight


def test_a_selection_shows_as_it_was_selected_and_stays_a_frame(table: pd.DataFrame) -> None:
    chosen = table.loc[table["per_year"] >= 12, ["per_year", "subject", "frequency_op"]]
    head, first, *_ = cells(chosen)
    assert head[1:] == ["per_year", "subject", "frequency_op"] and first[1] == f"{chosen['per_year'].iloc[0]:g}"
    assert isinstance(chosen, pd.DataFrame) and pickle.loads(pickle.dumps(table)).equals(table)
    grouped = table.groupby(["region", "level"]).agg(n=("doc_id", "count"))
    assert "县" in grouped._repr_html_()  # type: ignore[operator]
    assert table.T.shape == table.shape[::-1] and table[:0]._repr_html_()  # type: ignore[operator]


def test_long_cells_are_cut_and_escaped_with_the_whole_on_hover() -> None:
    table = sg.requirements(Document("x", LONG))
    page = html.fromstring(table._repr_html_())  # type: ignore[operator]
    whole = [cell.get("title") for cell in page.iter("td") if cell.get("title")]
    assert table["text"].iloc[0] in whole and not page.xpath("//script")
    assert all(len(cell.text_content()) < 60 for cell in page.iter("td"))
    assert all("text-align:left" in (c.get("style") or "text-align:left") for c in page.iter("td"))


def test_labelled_for_chinese_readers(table: pd.DataFrame) -> None:
    shown = sg.labelled(table[["region", "modality", "per_year", "issues"]].head(3))
    assert list(shown.columns) == ["地区", "性质", "每年至少次数", "需查看的理由"] and shown["性质"].iloc[0] == "义务"
    assert list(sg.labelled(table.head(1), lang="en").columns) == list(table.columns)


NOTEBOOK = """
import siga_nlp as sg
table = sg.requirements("corpus")
sg.plot_heatmap(table)
sg.compare(table, by="region")
from siga_nlp.words import words
list(words("县长应当每月接待来访群众"))
"""


def test_a_notebook_shows_progress_and_no_warning(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every warning shown, and jieba compiled anew, as on the first use after an installation."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    monkeypatch.setenv("PYTHONPATH", str(root))
    first = new_code_cell(
        "import warnings\nwarnings.simplefilter('always')\nimport sys\nsys.dont_write_bytecode = True"
    )
    notebook = new_notebook(cells=[first, new_code_cell(NOTEBOOK)])
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(root)}}).execute()
    outputs = notebook.cells[1].outputs
    assert not [o for o in outputs if o.get("name") == "stderr"], outputs
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs)
