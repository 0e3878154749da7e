"""The command as users call it: results on stdout, messages on stderr, exit codes of the contract."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import siga_nlp as sg
from siga_nlp.table import COLUMNS

Siga = Callable[..., "subprocess.CompletedProcess[str]"]
HEAVY = {"matplotlib", "pandas", "pyarrow", "spacy", "jieba", "sklearn", "lxml", "docx", "pypdfium2", "opencc", "yaml", "openpyxl",
         "xlsxwriter", "icalendar", "dateutil", "tqdm", "numpy", "importlib.metadata"}  # fmt: skip


@pytest.mark.parametrize("verb", [None, "run", "extract", "show", "checklist", "evaluate", "cite", "codebook"])
def test_help_has_an_example_and_loads_nothing_heavy(verb: str | None) -> None:
    code = (
        "import sys, siga_nlp.cli as cli\n"
        "try: cli.main(sys.argv[1:])\n"
        f"except SystemExit as e: print('exit', e.code, sorted({HEAVY!r} & set(sys.modules)))"
    )
    arguments = [*([verb] if verb else []), "--help"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.stdout.endswith("exit 0 []\n"), done.stdout + done.stderr
    assert "example:\n  siga " in done.stdout


def test_version_is_that_of_the_package(siga: Siga, root: Path) -> None:
    import tomllib

    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert siga("--version").stdout == f"siga_nlp {version}\n" and sg.__version__ == version


@pytest.mark.parametrize(
    "call",
    [(), ("runn",), ("extract",), ("evaluate",), ("extract", "a.txt", "--format", "doc"), ("run", "--lang", "fr")],
)
def test_wrong_usage_is_2(siga: Siga, call: tuple[str, ...]) -> None:
    done = siga(*call)
    assert done.returncode == 2 and done.stdout == "" and "usage: siga" in done.stderr


def test_jsonl_is_one_row_a_line(siga: Siga, corpus: Path) -> None:
    done = siga("extract", corpus / "a.txt", "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and done.stderr == ""
    assert [list(row) for row in rows] == [list(COLUMNS)] * 2
    text = (corpus / "a.txt").read_text("utf-8")
    assert all(row["text"] == text[row["start"] : row["end"]] for row in rows)


def test_csv_on_stdout_is_the_csv_file(siga: Siga, corpus: Path, tmp_path: Path) -> None:
    done = siga("extract", corpus / "a.txt", "--format", "csv")
    siga("extract", corpus / "a.txt", "--out", "a.csv")
    written = (tmp_path / "a.csv").read_bytes().decode()
    assert done.stdout == written.replace("\r\n", "\n"), "line ends aside, which subprocess translates"
    lines = list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"))))
    assert [line["frequency_count"] for line in lines] == ["2", "1"]


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals there")
def test_progress_shows_on_a_terminal(root: Path, corpus: Path, tmp_path: Path) -> None:
    import fcntl
    import pty
    import select
    import struct
    import termios

    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    done = subprocess.run(
        [sys.executable, "-m", "siga_nlp", "run", str(corpus), "--out", str(tmp_path / "out"), "--lang", "en"],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=terminal,
        timeout=120,
    )
    shown = os.read(screen, 65_536).decode() if select.select([screen], [], [], 10)[0] else ""
    os.close(terminal)
    os.close(screen)
    assert done.returncode == 1 and "reading" in shown and "/3 [" in shown


def test_a_bad_file_is_named_and_the_others_are_kept(siga: Siga, corpus: Path) -> None:
    done = siga("extract", corpus, corpus / "gone.txt", "--format", "jsonl")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 3
    assert "empty.txt" in done.stderr and "gone.txt" in done.stderr


def test_nothing_to_read_is_wrong_usage(siga: Siga, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    for call in (("extract", "gone.txt"), ("extract", "none"), ("run", "none"), ("run", "gone"), ("show", "gone.txt")):
        done = siga(*call)
        assert done.returncode == 2 and done.stdout == "" and call[1] in done.stderr, call
        assert "Traceback" not in done.stderr


def test_table_on_the_screen_in_both_languages(siga: Siga, corpus: Path) -> None:
    english = siga("extract", corpus / "a.txt", "--lang", "en").stdout
    chinese = siga("extract", corpus / "a.txt", "--lang", "zh").stdout
    assert english.startswith("a: 2 requirements\n") and "how often" in english and "≥2 / P1M" in english
    assert chinese.startswith("a：2 条要求\n") and "频次" in chinese and "义务" in chinese
    assert siga("extract", corpus / "a.txt", LC_ALL="zh_CN.UTF-8").stdout == chinese


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet", "t.xlsx"])
def test_into_a_file(siga: Siga, corpus: Path, tmp_path: Path, name: str) -> None:
    done = siga("extract", corpus / "a.txt", "--out", name)
    assert done.returncode == 0 and done.stdout == "" and "2 requirements written to" in done.stderr
    assert sg.read_table(tmp_path / name)["doc_id"].tolist() == ["a", "a"]


def test_into_a_page_and_into_codings(siga: Siga, corpus: Path, tmp_path: Path) -> None:
    for name in ("t.html", "t.qdpx", "t.jsonld", "t.zip"):
        done = siga("extract", corpus, "--out", name, "--lang", "zh")
        assert done.returncode == 1 and "3 条要求" in done.stderr and "empty.txt" in done.stderr, done.stderr
        assert (tmp_path / name).stat().st_size > 1000
    sg.write_codings(list(sg.read_corpus(corpus)), tmp_path / "same.qdpx", lang="zh")
    with zipfile.ZipFile(tmp_path / "t.qdpx") as one, zipfile.ZipFile(tmp_path / "same.qdpx") as other:
        assert one.read("project.qde").replace(b'name="t"', b'name="same"') == other.read("project.qde")
    done = siga("extract", corpus, "--out", "t.json")
    assert done.returncode == 2 and "name a .zip" in done.stderr and not (tmp_path / "t.json").exists()


def test_references_and_the_codebook_of_a_table_or_of_documents(siga: Siga, corpus: Path, tmp_path: Path) -> None:
    siga("extract", corpus / "a.txt", "--out", "t.csv")
    table = sg.read_table(tmp_path / "t.csv")
    for given in ("t.csv", corpus / "a.txt"):
        done = siga("cite", given)
        assert done.stdout == sg.cite(table) + "\n" and done.returncode == 0, done.stderr
    assert siga("cite", "t.csv", "--style", "bibtex").stdout == sg.cite(table, style="bibtex") + "\n"
    assert siga("codebook", "t.csv", "--lang", "zh").stdout == sg.codebook(table, lang="zh")
    assert siga("codebook", "--lang", "en").stdout == sg.codebook(lang="en")
    for call in (("cite", "gone.csv"), ("codebook", "gone.csv"), ("codebook", "--rules", "nowhere"), ("cite",)):
        done = siga(*call)
        assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr, call
    (tmp_path / "t.csv").write_text("doc_id\na\n")
    assert "columns are missing" in siga("cite", "t.csv").stderr


def test_what_cannot_be_written_is_said(siga: Siga, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for call, part in (
        (("--out", "t.doc"), "t.doc"),
        (("--out", "file/t.csv"), "cannot write there"),
        (("--out", "t.csv", "--format", "table"), "for the screen"),
        (("--format", "xlsx"), "--out"),
        (("--format", "jsonl", "--explain"), "--explain"),
        (("--rules", "nowhere"), "nowhere: there is no such folder of rules"),
    ):
        done = siga("extract", corpus / "a.txt", *call)
        assert done.returncode == 2 and part in done.stderr and "Traceback" not in done.stderr, call


def test_explain_names_the_rules(siga: Siga, corpus: Path) -> None:
    plain = siga("extract", corpus / "a.txt").stdout
    explained = siga("extract", corpus / "a.txt", "--explain").stdout
    rule = next(sg.extract(corpus / "a.txt"))["rules"][0]
    assert rule in explained and rule not in plain


@pytest.mark.parametrize("encoding", ["cp936", "cp1252", "ascii"])
def test_a_console_of_another_encoding_gets_utf8_in_a_pipe(siga: Siga, corpus: Path, encoding: str) -> None:
    for call in (("extract", corpus), ("extract", corpus, "--format", "jsonl"), ("run", corpus, "--lang", "zh")):
        done = siga(*call, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "县长" in done.stdout or "要求" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="pipes close differently there")
def test_a_reader_that_has_seen_enough(root: Path, tmp_path: Path) -> None:
    many = tmp_path / "many.txt"
    many.write_text("县长每月至少接访2次。\n" * 20_000, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "siga_nlp", "extract", str(many), "--format", "jsonl"],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=120) == 0


def test_run_sums_up(siga: Siga, corpus: Path, tmp_path: Path) -> None:
    done = siga("run", corpus, "--out", "out")
    assert done.returncode == 1, "one of the files is empty"
    assert "Documents: 2" in done.stdout and "Requirements: 3" in done.stdout
    assert "By topic:" in done.stdout and "Not read: 1" in done.stdout and "empty.txt" in done.stdout
    assert done.stderr == "", "no progress bar in a pipe"
    (corpus / "empty.txt").unlink()
    again = siga("run", corpus, "--out", "out", "--lang", "zh")
    assert again.returncode == 0 and "2 份文件未变" in again.stdout


def test_show_marks_the_document(siga: Siga, corpus: Path, tmp_path: Path) -> None:
    done = siga("show", corpus / "a.txt")
    assert done.returncode == 0 and "县长" in done.stdout and "接访" in done.stdout
    done = siga("show", corpus / "a.txt", "--html", "a.html")
    assert done.returncode == 0
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "县长" in page and "http://" not in page and "https://" not in page
    assert siga("show", corpus).returncode == 2, "one document at a time"
    assert siga("show", corpus / "empty.txt").returncode == 1


def test_names_of_the_package_are_loaded_when_used() -> None:
    code = (
        "import sys, siga_nlp as sg\n"
        f"assert not {HEAVY!r} & set(sys.modules), 'import'\n"
        "import siga_nlp.extraction, siga_nlp.marking, siga_nlp.evaluation\n"
        "assert callable(sg.requirements) and callable(sg.show) and callable(sg.evaluate)\n"
        "assert set(sg.__all__) <= set(dir(sg))\n"
        "[getattr(sg, name) for name in sg.__all__]\n"
        "try: sg.nothing\n"
        "except AttributeError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.stdout == "module 'siga_nlp' has no attribute 'nothing'\n", done.stderr


def test_extract_from_python_loads_no_pandas(corpus: Path) -> None:
    code = (
        "import sys, siga_nlp as sg\n"
        "rows = sg.extract(sys.argv[1]); print(next(rows)['doc_id'], len(list(rows)))\n"
        "print(sorted({'pandas', 'pyarrow', 'spacy', 'sklearn', 'lxml', 'docx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(corpus / "a.txt")], capture_output=True, text=True)
    assert done.stdout == "a 1\n[]\n", done.stderr


def test_requirements_takes_documents_paths_and_folders(corpus: Path) -> None:
    with pytest.warns(UserWarning, match="empty.txt"):
        whole = sg.requirements(corpus)
    parts: list[Any] = [sg.read_document(corpus / "a.txt"), corpus / "b.txt"]
    assert sg.requirements(parts).equals(whole)
    assert str(whole["start"].dtype) == "Int64" and str(whole["per_year"].dtype) == "Float64"
    sg.check_table(whole)
