"""Both READMEs give the same commands, and what they show is what comes out.

``python tests/test_readme.py`` writes the output of their commands anew.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks(name: str, *languages: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8")
    return [body for language, body in BLOCK.findall(text) if language in languages]


def output(command: str, folder: Path) -> str:
    """What a ``siga`` command prints, run beside a copy of the corpus."""
    name, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", "siga_nlp" if name == "siga" else name, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "COLUMNS": "110"},
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout + done.stderr


def with_output(text: str, folder: Path) -> str:
    """The text of a README with the output of its ``console`` blocks as it is now."""
    shutil.rmtree(folder / "extracted", ignore_errors=True)  # a first run says nothing of an earlier one

    def shown(match: re.Match[str]) -> str:
        if match[1] != "console":
            return match[0]
        command = match[2].split("\n", 1)[0]
        lines = output(command.removeprefix("$ "), folder).rstrip("\n").split("\n")
        lines = [*lines[:18], "…"] if len(lines) > 20 else lines
        return f"```console\n{command}\n" + "\n".join(lines) + "\n```"

    return BLOCK.sub(shown, text)


@pytest.fixture(scope="module")
def beside_the_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    return folder


def test_both_languages_give_the_same_commands() -> None:
    english, chinese = (blocks(name, "sh", "bat", "python", "yaml") for name in READMES)
    assert english == chinese
    consoles = [[body.split("\n")[0] for body in blocks(name, "console")] for name in READMES]
    assert consoles[0] == [command.replace(" --lang zh", "") for command in consoles[1]]


@pytest.mark.parametrize("name", READMES)
def test_shown_output_is_real(name: str, beside_the_corpus: Path) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert with_output(text, beside_the_corpus) == text, "run: python tests/test_readme.py"


def test_the_python_example_runs(beside_the_corpus: Path) -> None:
    (code,) = blocks("README.md", "python")
    assert len(code.strip().splitlines()) <= 12
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=beside_the_corpus,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0 and done.stdout, done.stderr


def test_the_rules_example_does_what_it_says(tmp_path: Path) -> None:
    import siga_nlp as sg
    from siga_nlp.models import Document

    rules, topics = blocks("README.md", "yaml")
    (tmp_path / "own.yaml").write_text(rules, encoding="utf-8")
    (tmp_path / "topics.yaml").write_text(topics, encoding="utf-8")
    document = Document("x", "各村圩长定当巡查市场。摊主定当明码标价。")
    assert sg.requirements(document).empty
    table = sg.requirements(document, rules=tmp_path)
    assert table["subject"].tolist() == ["各村圩长", "摊主"] and set(table["modal"]) == {"定当"}
    waste = sg.requirements(Document("y", "居民应当沥干厨余垃圾。"), rules=tmp_path)
    assert waste["topic"].tolist() == ["垃圾分类"]


def test_the_check_is_the_test_command_and_nothing_else() -> None:
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    test_command = blocks("README.md", "sh")[1].strip()
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', test_command]


def test_table_of_columns_names_every_column() -> None:
    from siga_nlp.table import COLUMNS

    for name in READMES:
        section = re.split(r"<!-- columns -->", (ROOT / name).read_text("utf-8"))[1]
        cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
        assert [column for cell in cells for column in re.findall(r"`(\w+)`", cell)] == list(COLUMNS)


def test_pins_cover_what_is_needed_and_hold_no_address() -> None:
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*", pin) for pin in pins)
    assert pins == sorted(pins)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {pin.split("==")[0] for pin in pins}
    needed = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    assert {re.split(r"[<>=]", need)[0].lower() for need in needed} <= names


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(ROOT / "corpus", Path(scratch, "corpus"))
        for readme in READMES:
            path = ROOT / readme
            path.write_text(with_output(path.read_text("utf-8"), Path(scratch)), encoding="utf-8", newline="\n")
