"""What several test files share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Documents and gold files that stay outside the repository; the test is skipped where they are absent."""
    folder = Path(os.environ.get("SIGA_SHARED") or ROOT.parent / "shared")
    if not (folder / "gold").is_dir():
        pytest.skip(f"{folder.name}/ with real documents and gold files is not beside the repository")
    return folder


Siga = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def siga(tmp_path: Path) -> Siga:
    """Run the command as a user does, in a folder of its own; extra environment variables by name."""

    def call(*args: object, cwd: Path = tmp_path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "siga_nlp", *map(str, args)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **env},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )

    return call


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A small folder of documents, one of them empty."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.txt").write_text(
        "青溪县下基层办法（样例）\n一、县长每月至少接访2次。\n二、副县长每季度至少接访1次。\n", encoding="utf-8"
    )
    (folder / "b.txt").write_bytes("云岭市制度（样例）\r\n市长每年至少调研3次。\r\n".encode("gb18030"))
    (folder / "empty.txt").write_bytes(b"")
    return folder
