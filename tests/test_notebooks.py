"""The notebooks run, quickly, and what they show is what comes out; ``siga report`` and its pages.

``python tests/test_notebooks.py`` runs them all and writes their outputs anew.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from siga_nlp.report import TEMPLATE, ReportError, execute, page, prepare, read_notebook, report

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from .conftest import Siga

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
NAMES = (
    "01-reading-a-document",
    "02-the-requirement-table",
    "03-comparing-places",
    "04-a-checklist",
    "05-findings-from-a-ledger",
    "06-report-template",
)
REMEDY = "run: python tests/test_notebooks.py, and read `git diff notebooks`"
ADDRESS = re.compile(r"""(?:src|href|action|data|poster)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import|<script[^>]*\bsrc""", re.I)  # fmt: skip


def source(name: str) -> NotebookNode:
    """A notebook without outputs: of the last one, the source is the template that comes with the package."""
    if name != NAMES[-1]:
        return read_notebook(FOLDER / f"{name}.ipynb")
    shown = {"corpus": "../corpus", "baseline": "云岭省", "as_of": "2024-12-31"}
    return prepare(read_notebook(TEMPLATE), parameters=shown, lang="zh", name=name)


def run(name: str) -> tuple[NotebookNode, float]:
    """A notebook with fresh outputs, nothing in it that changes from run to run; and its longest cell in seconds."""
    notebook = source(name)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    times: list[float] = []
    execute(notebook, name=name, folder=FOLDER, watch=lambda done, of: times.append(time.monotonic()))
    return settled(notebook), max(b - a for a, b in zip(times[1:], times[2:], strict=False))


def settled(notebook: NotebookNode) -> NotebookNode:
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    count = 0
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
    return notebook


def written(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def seen(notebook: NotebookNode) -> list[Any]:
    """Cells and outputs to compare; of a picture the size and the hash of its data (in its text), not the pixels, which
    differ from one version of a drawing library to the next."""
    found = []
    for cell in notebook.cells:
        outputs = [
            {**{k: v for k, v in output.items() if k != "data"},
             "data": {kind: "" if kind == "image/png" else data for kind, data in output.get("data", {}).items()}}
            for output in cell.get("outputs", ())
        ]  # fmt: skip
        found.append([cell.cell_type, cell.source, outputs])
    return found


@pytest.fixture(scope="module", params=NAMES)
def fresh(request: pytest.FixtureRequest) -> tuple[str, NotebookNode, float]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        return request.param, *run(request.param)


def test_notebook_shows_what_comes_out(fresh: tuple[str, NotebookNode, float]) -> None:
    name, notebook, _ = fresh
    committed = read_notebook(FOLDER / f"{name}.ipynb")
    assert len(committed.cells) == len(notebook.cells), REMEDY
    for n, (old, new) in enumerate(zip(seen(committed), seen(notebook), strict=True), 1):
        assert old == new, f"notebooks/{name}.ipynb, cell {n}: {REMEDY}"
    assert [cell.id for cell in committed.cells] == [cell.id for cell in notebook.cells]


def test_no_cell_is_slow_warns_or_tells_of_this_machine(fresh: tuple[str, NotebookNode, float]) -> None:
    name, notebook, longest = fresh
    assert longest < 20, f"{name}: a cell takes {longest:.0f} s"
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert outputs and not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    text = (FOLDER / f"{name}.ipynb").read_text("utf-8")
    assert not re.search(
        r"/(?:home|root|tmp|work)/|[A-Z]:\\\\|site-packages|0x[0-9a-f]{8}", re.sub(r'"image/png": "[^"]*"', "", text)
    )


def test_exported_page_has_no_remote_address(fresh: tuple[str, NotebookNode, float]) -> None:
    html = page(fresh[1], lang="en", code=True)
    assert "<h1" in html and not ADDRESS.findall(html)


# siga report


def test_report_is_one_page_in_chinese(siga: Siga, root: Path, tmp_path: Path) -> None:
    ledger, roster = (root / "corpus/ledgers" / f"qingxiu-2024{name}.csv" for name in ("", "-roster"))
    document = root / "corpus/yunling/qingxiu-shi-sixia-2023.txt"
    done = siga("report", document, "--as-of", "2024-12-31", "--ledger", ledger, "--roster", roster, "--out", "a.html")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "",
        "report written to a.html\n",
    )  # no word of Jupyter's own
    html = (tmp_path / "a.html").read_text("utf-8")
    assert "政策要求报告" in html and "台账核对" in html and "只有一个地区" in html and "缺失" in html
    assert "import siga_nlp" not in html and str(tmp_path) not in html and str(root) not in html
    assert not ADDRESS.findall(html) and [p.name for p in tmp_path.iterdir()] == ["a.html"]


def test_report_in_english_as_a_word_file_names_what_was_not_read(siga: Siga, corpus: Path, tmp_path: Path) -> None:
    import docx

    done = siga("report", corpus, "--lang", "en", "--as-of", "2025-12-31", "--out", "r.docx")
    assert done.returncode == 1 and "not read: empty.txt" in done.stderr
    document = docx.Document(str(tmp_path / "r.docx"))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Report on policy requirements" in words and "政策要求报告" not in words and "empty.txt" in words
    cells = {cell.text for grid in document.tables for row in grid.rows for cell in row.cells}
    assert {"县长", "每月至少接访2次"} <= cells and len(document.inline_shapes) >= 3


def a_template(path: Path, *cells: str, tags: tuple[str, ...] = ("parameters",)) -> Path:
    from nbformat.v4 import new_code_cell, new_notebook

    notebook = new_notebook(cells=[new_code_cell(text) for text in cells])
    notebook.cells[0].metadata["tags"] = list(tags)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def test_own_template_gets_its_parameters(siga: Siga, corpus: Path, tmp_path: Path) -> None:
    own = a_template(tmp_path / "own.ipynb", 'corpus = None\nmonth = ""', 'print(f"<b>{corpus}</b>", month)')
    done = siga("report", corpus, "--template", own, "--set", "month=2024年12月", "--out", "own.html")
    html = (tmp_path / "own.html").read_text("utf-8")
    assert done.returncode == 0 and "2024年12月" in html and "&lt;b&gt;" in html and corpus.name in html
    done = siga("report", corpus, "--template", own, "--topic", "党课", "--out", "own.html")
    assert done.returncode == 2 and "its parameters are corpus, month, and not topic" in done.stderr


def test_a_copy_of_the_shown_report_takes_new_parameters() -> None:
    copy = prepare(read_notebook(FOLDER / f"{NAMES[-1]}.ipynb"), parameters={"corpus": "ours"}, lang="zh", name="copy")
    given = [cell.source for cell in copy.cells if "injected-parameters" in cell.metadata.get("tags", ())]
    assert given == ["corpus = 'ours'\nlang = 'zh'"]  # those of the run that is shown are gone


def test_a_template_that_fails_names_cell_and_error_and_leaves_what_was_there(
    siga: Siga, corpus: Path, tmp_path: Path
) -> None:
    bad = a_template(tmp_path / "bad.ipynb", 'corpus = "x"', "number = 1\nnumber / 0")
    (tmp_path / "out.html").write_text("old", encoding="utf-8")
    done = siga("report", corpus, "--template", bad, "--out", "out.html")
    assert done.returncode == 2 and "bad.ipynb, cell 3 (number = 1): ZeroDivisionError: division by zero" in done.stderr
    assert "Traceback" not in done.stderr and (tmp_path / "out.html").read_text("utf-8") == "old"
    assert {p.name for p in tmp_path.iterdir()} == {"bad.ipynb", "corpus", "out.html"}


def test_a_browser_that_does_not_print_leaves_nothing(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = a_template(tmp_path / "own.ipynb", "corpus = 1")
    monkeypatch.setattr("siga_nlp.report._browser", lambda: sys.executable)  # it does not know these flags
    with pytest.raises(ReportError, match="did not print the page .* Write .html and print it"):
        report(corpus, out=tmp_path / "r.pdf", template=own)
    assert {p.name for p in tmp_path.iterdir()} == {"own.ipynb", "corpus"}


def test_wrong_calls_get_a_reason_before_anything_runs(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    untagged = a_template(tmp_path / "untagged.ipynb", "corpus = 1", tags=("other",))
    (tmp_path / "broken.ipynb").write_text("{", encoding="utf-8")
    for out, template, reason in (
        ("r.txt", None, "written as .html, .docx, .pdf"),
        ("no/r.html", None, "there is no folder"),
        ("r.html", untagged, "no cell is tagged `parameters`"),
        ("r.html", tmp_path / "broken.ipynb", "not a readable notebook"),
        ("r.html", tmp_path / "none.ipynb", "there is no such notebook"),
    ):
        with pytest.raises(ReportError, match=reason):
            report(corpus, out=tmp_path / out, template=template)
    monkeypatch.setattr("siga_nlp.report._browser", lambda: None)
    with pytest.raises(ReportError, match="a PDF takes a Chromium, Chrome or Edge, and none was found"):
        report(corpus, out=tmp_path / "r.pdf")


if __name__ == "__main__":
    for name in NAMES:
        began = time.monotonic()
        notebook, longest = run(name)
        (FOLDER / f"{name}.ipynb").write_text(written(notebook), encoding="utf-8", newline="\n")
        print(f"{name}: {time.monotonic() - began:.0f} s, longest cell {longest:.1f} s")
