"""The linters, so that one command checks everything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        (["-m", "ruff", "format", "--check", "."], "run: ruff format ."),
        (["-m", "ruff", "check", "."], "run: ruff check --fix ."),
        (["-m", "mypy"], "mend the types"),
        (["-c", IMPORTS], "an import goes up or sideways: see ARCHITECTURE.md"),
    ],
    ids=["format", "lint", "types", "layers"],
)
def test_code_style(root: Path, command: list[str], remedy: str) -> None:
    done = subprocess.run([sys.executable, *command], cwd=root, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        pytest.fail(f"{remedy}\n{done.stdout}{done.stderr}", pytrace=False)
