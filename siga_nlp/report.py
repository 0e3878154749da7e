"""The report: a notebook executed with parameters, as a page, a Word file or a PDF.

A template is a notebook whose cell tagged ``parameters`` sets names; what is given takes their place, in a cell of its own
behind it. Cells tagged ``zh`` or ``en`` are for reports in that language only. The page is one file without scripts and
without addresses; the code is left out of it.
"""

from __future__ import annotations

import ast
import base64
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .frames import Table
from .marking import issue_words
from .messages import heading, label

if TYPE_CHECKING:
    import pandas as pd
    from nbformat import NotebookNode

    from .table import StrPath

TEMPLATE = Path(__file__).parent / "data" / "report.ipynb"
FORMATS = ("html", "docx", "pdf")
FAILURES = "application/vnd.siga.failures+json"
"""The kind of output with which a template tells which inputs could not be read: a list of messages."""


class ReportError(Exception):
    """A report that could not be made; the message names template, cell and reason."""


def report(
    corpus: StrPath | None = None,
    *,
    out: StrPath,
    template: StrPath | None = None,
    parameters: Mapping[str, Any] | None = None,
    lang: str = "zh",
    watch: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Execute a template and write the report; gives what could not be read, one message each.

    Args:
        corpus: A folder of documents or a requirement table.
        out: Where to: .html, .docx or .pdf (which takes a Chromium, Chrome or Edge on the machine).
        template: A notebook; by default the one that comes with the package.
        parameters: Values for names that the template's parameter cell sets: ``baseline``, ``topic``, ``as_of``, ….
        lang: ``zh`` or ``en``.
        watch: Is called with how many cells are done, and how many there are.

    The file appears when it is complete; if anything fails, what was there before stays. Raises ``ReportError``.
    """
    out = Path(out)
    format = out.suffix.lower().lstrip(".")
    if format not in FORMATS:
        raise ReportError(f"{out}: a report is written as .{', .'.join(FORMATS)}")
    if not out.parent.is_dir():
        raise ReportError(f"{out}: there is no folder {out.parent}")
    browser = _browser() if format == "pdf" else None
    if format == "pdf" and browser is None:
        raise ReportError(
            f"{out}: a PDF takes a Chromium, Chrome or Edge, and none was found. Write .html and print it."
        )
    source = Path(template) if template else TEMPLATE
    notebook = read_notebook(source)
    given = {**(parameters or {}), **({} if corpus is None else {"corpus": os.fspath(corpus)})}
    notebook = prepare(notebook, parameters=given, lang=lang, name=source.name)
    execute(notebook, name=source.name, watch=watch)
    html = page(notebook, lang=lang)
    beside = out.with_name(f".{out.stem}.{os.getpid()}.new.{format}")
    try:
        if format == "html":
            beside.write_text(html, encoding="utf-8", newline="\n")
        elif format == "docx":
            _write_docx(html, beside)
        else:
            assert browser is not None
            _write_pdf(html, beside, browser)
        os.replace(beside, out)
    except OSError as error:
        raise ReportError(f"{out}: cannot write there ({error.strerror or error})") from error
    finally:
        beside.unlink(missing_ok=True)
    return [message for cell in notebook.cells for message in _failures(cell)]


def _failures(cell: NotebookNode) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        yield from output.get("data", {}).get(FAILURES, ())


# Notebooks


def read_notebook(path: Path) -> NotebookNode:
    """A notebook from its file, or a ``ReportError`` that says what is wrong with it."""
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise ReportError(f"{path}: there is no such notebook") from error
    except OSError as error:
        raise ReportError(f"{path}: cannot be read ({error.strerror or error})") from error
    except Exception as error:  # noqa: BLE001  nbformat raises what json, its schemas and its upgrades raise
        raise ReportError(f"{path}: not a readable notebook ({error})") from error


def prepare(notebook: NotebookNode, *, parameters: Mapping[str, Any], lang: str, name: str) -> NotebookNode:
    """A copy of a template with a cell of the given parameters, and without the cells of the other language."""
    import copy

    notebook = copy.deepcopy(notebook)
    left_out = {{"zh": "en", "en": "zh"}[lang], "injected-parameters"}  # the latter of an earlier run
    cells = [cell for cell in notebook.cells if not left_out & set(cell.metadata.get("tags", ()))]
    place = next((n for n, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", ())), None)
    if place is None:
        raise ReportError(
            f"{name}: no cell is tagged `parameters`. Tag the cell that sets corpus, baseline, topic, as_of."
        )
    known = {
        target.id
        for line in ast.parse(cells[place].source).body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name)
    }
    given = dict(parameters)
    if "lang" in known:
        given.setdefault("lang", lang)
    if unknown := sorted(set(given) - known):
        raise ReportError(f"{name}: its parameters are {', '.join(sorted(known))}, and not {', '.join(unknown)}")
    if given:
        from nbformat.v4 import new_code_cell

        lines = "\n".join(f"{key} = {value!r}" for key, value in given.items())
        cells.insert(place + 1, new_code_cell(lines, id="given-parameters", metadata={"tags": ["injected-parameters"]}))
    notebook.cells = cells
    return notebook


def execute(
    notebook: NotebookNode, *, name: str, folder: StrPath | None = None, watch: Callable[[int, int], None] | None = None
) -> NotebookNode:
    """Run a notebook in place, in ``folder`` (by default where we are), with nothing of the user's own set-up.

    Raises ``ReportError`` that names the cell that failed, its first line and the error.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    done = 0
    at: list[int] = [0]

    def start(cell: NotebookNode, cell_index: int) -> None:
        at[0] = cell_index

    def executed(cell: NotebookNode, cell_index: int, execute_reply: Any) -> None:
        nonlocal done
        done += 1
        if watch:
            watch(done, total)

    if watch:
        watch(0, total)
    client = NotebookClient(
        notebook,
        timeout=None,
        record_timing=False,
        kernel_name="python3",
        extra_arguments=[
            "--log-level=ERROR"
        ],  # Jupyter would say on stderr that this machine talks to itself in plain text
        resources={"metadata": {"path": os.fspath(folder or os.getcwd())}},
        on_cell_start=start,
        on_cell_executed=executed,
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        # No profile of the user's, and no bars: they would stand in the outputs.
        env = {**os.environ, "IPYTHONDIR": own, "TQDM_DISABLE": "1", "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
        try:
            client.execute(env=env)
        except CellExecutionError as error:
            source = notebook.cells[at[0]].source
            first = next((line for line in source.splitlines() if line.strip()), "")
            raise ReportError(f"{name}, cell {at[0] + 1} ({first}): {error.ename}: {error.evalue}") from error
        except DeadKernelError as error:
            raise ReportError(f"{name}, cell {at[0] + 1}: Python ended while it ran (out of memory?)") from error
        except NoSuchKernel as error:
            raise ReportError(
                f"{name}: Jupyter has no Python kernel here. Install it with: pip install ipykernel"
            ) from error
    return notebook


def labelled(frame: pd.DataFrame, *, lang: str = "zh") -> pd.DataFrame:
    """A table for readers of that language: Chinese headings, and coded values (``obligation``) as people call them.

    For reading only: other programs rely on the names of the columns. With ``lang="en"`` names and codes stay.

    >>> labelled(Table({"subject": ["县长"], "modality": ["obligation"]}))
       主体  性质
    0  县长  义务
    """
    if lang == "en":
        return Table(frame)

    def said(cell: Any, name: str) -> Any:
        if not isinstance(cell, str):
            return cell
        return issue_words(cell, lang) if name == "issues" else label(cell, lang)

    columns = {
        heading(str(name), lang): cells if cells.dtype.kind in "iufb" else [said(cell, str(name)) for cell in cells]
        for name, cells in frame.items()
    }
    return Table(columns, index=frame.index)


# Pages


def page(notebook: NotebookNode, *, lang: str = "zh", code: bool = False) -> str:
    """A notebook as one HTML page: no script, no address, for screen and paper, light and dark."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="basic", exclude_input=not code, exclude_input_prompt=True, exclude_output_prompt=True,
        exclude_anchor_links=True, embed_images=True,
    )  # fmt: skip
    body, _ = exporter.from_notebook_node(notebook)
    heading = next(
        (c.source for c in notebook.cells if c.cell_type == "markdown" and c.source.startswith("# ")), "# siga_nlp"
    )
    title = heading.splitlines()[0].removeprefix("# ")
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


_CSS = """
:root{color-scheme:light dark;--ink:#1b1b1b;--soft:#5c5c5c;--paper:#fff;--rule:#d5d5d5;--band:#f5f6f7}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a8a8a8;--paper:#161616;--rule:#3d3d3d;--band:#222427}}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.65 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:1.5rem 1.2rem 4rem}
h1{font-size:1.7rem;margin:.6em 0 .3em}h2{font-size:1.25rem;margin:2em 0 .4em;padding-bottom:.2em;border-bottom:1px solid var(--rule)}
h3{font-size:1.05rem}img{max-width:100%;height:auto;background:#fff}pre{white-space:pre-wrap;color:var(--soft);font-size:.85rem}
.output_html,.text_cell_render{overflow-x:auto}.input_area pre{background:var(--band);color:var(--ink);padding:.6em .8em;border-radius:3px}
table{border-collapse:collapse;font-size:.84rem;margin:.6em 0}th,td{padding:.28em .7em;border-bottom:1px solid var(--rule);text-align:left}
thead th{background:var(--band);white-space:nowrap}tbody th{font-weight:normal;color:var(--soft)}
.siga-table td:not([style]),.siga-table th:not([style]){text-align:right}.siga-table td.long{white-space:normal!important}.siga-table th.i,.siga-size{display:none}
@media print{:root{--ink:#000;--paper:#fff;--rule:#bbb;--band:#f2f2f2}main{max-width:none;padding:0}body{font-size:11pt}
h2,h3{break-after:avoid}img,tr{break-inside:avoid}.output_html{overflow:visible}table{font-size:8.5pt}}
@page{size:A4;margin:16mm 14mm}
""".strip()


def _write_docx(html: str, path: Path) -> None:
    """The page as a Word file: headings, paragraphs, lists, tables, figures."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt
    from lxml import html as lxml_html

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    width = section.page_width - section.left_margin - section.right_margin
    normal = document.styles["Normal"]
    normal.font.size = Pt(10.5)
    for name in ("Normal", *(f"Heading {n}" for n in range(1, 5))):
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), "Microsoft YaHei")

    def words(element: Any) -> str:
        return " ".join(element.text_content().split())

    def add(element: Any) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in ("style", "script", "head") or element.get("class") == "siga-size":
            return
        if tag in ("h1", "h2", "h3", "h4"):
            document.add_heading(words(element), int(tag[1]))
        elif tag == "p" and not element.xpath(".//img"):
            if words(element):
                document.add_paragraph(words(element))
        elif tag == "pre":
            document.add_paragraph(element.text_content().strip("\n"))
        elif tag == "li":
            kind = "List Number" if element.getparent().tag == "ol" else "List Bullet"
            document.add_paragraph(words(element), style=kind)
        elif tag == "img":
            picture = base64.b64decode(element.get("src").partition("base64,")[2])
            wide = float(element.get("width") or 720) * 9525  # a pixel in the units of Word
            document.add_picture(io.BytesIO(picture), width=int(min(wide, width)))
        elif tag == "table":
            lines = [
                [words(cell) for cell in row.xpath("./th[not(@class='i')]|./td")] for row in element.xpath(".//tr")
            ]
            count = max(map(len, lines), default=1)
            grid = document.add_table(len(lines), count, style="Table Grid")
            grid.autofit = False
            needed = [
                min(max(len(line[n].encode("gb18030")) for line in lines if n < len(line)) + 5, 40)
                for n in range(count)
            ]
            for column, part in zip(grid.columns, needed, strict=True):
                column.width = int(width * part / sum(needed))
            for row, line in zip(grid.rows, lines, strict=True):
                for cell, text, part in zip(row.cells, line, needed, strict=False):
                    cell.width = int(width * part / sum(needed))
                    run = cell.paragraphs[0].add_run(text)
                    run.font.size, run.bold = Pt(8), line is lines[0]
            document.add_paragraph()
        else:
            for child in element:
                add(child)

    add(lxml_html.document_fromstring(html.encode("utf-8"), parser=lxml_html.HTMLParser(encoding="utf-8")).find("body"))
    document.save(os.fspath(path))


def _browser() -> str | None:
    """A browser that prints pages, if the machine has one."""
    for name in (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
        "msedge",
        "microsoft-edge",
    ):
        if found := shutil.which(name):
            return found
    places = {
        "win32": [rf"{os.environ.get(base, '')}\{path}" for base in ("ProgramFiles(x86)", "ProgramFiles", "LocalAppData")
                  for path in (r"Microsoft\Edge\Application\msedge.exe", r"Google\Chrome\Application\chrome.exe")],
        "darwin": [f"/Applications/{name}.app/Contents/MacOS/{name}" for name in ("Google Chrome", "Microsoft Edge", "Chromium")],
    }  # fmt: skip
    return next((path for path in places.get(sys.platform, ()) if os.path.exists(path)), None)


def _write_pdf(html: str, path: Path, browser: str) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = Path(folder, "report.html")
        source.write_text(html, encoding="utf-8")
        flags = ["--headless", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}/profile"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses to run as root with one
        command = [browser, *flags, f"--print-to-pdf={path.resolve()}", source.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=180)
        except subprocess.TimeoutExpired as error:
            raise ReportError(f"{browser} did not print within three minutes. Write .html and print it.") from error
    if not path.exists() or not path.stat().st_size:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise ReportError(f"{browser} did not print the page ({last[0]}). Write .html and print it.")
