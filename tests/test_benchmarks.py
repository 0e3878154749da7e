"""The benchmarks say what they measured; their archive is the same everywhere and has no two documents alike."""

from __future__ import annotations

import doctest
import sys
from pathlib import Path

import pytest

import benchmarks.__main__ as command
from benchmarks import archive, peers
from siga_nlp import extract


def test_examples_of_the_benchmarks_run() -> None:
    for module in (archive, command):
        assert doctest.testmod(module).failed == 0


def test_made_documents_are_read_and_differ(tmp_path: Path) -> None:
    size = archive.write(40, tmp_path / "more")
    assert archive.write(3, tmp_path / "less") < size
    texts = [path.read_text("utf-8") for path in sorted((tmp_path / "more").rglob("*.txt"))]
    assert texts[:3] == [path.read_text("utf-8") for path in sorted((tmp_path / "less").rglob("*.txt"))]
    clauses = [frozenset(text.splitlines()) for text in texts]
    assert all(len(a & b) < 0.6 * len(a) for n, a in enumerate(clauses) for b in clauses[:n])
    assert abs(size / 40 / archive.SIZE - 1) < 0.25
    rows = list(extract(tmp_path / "less"))
    assert len(rows) > 60 and len({row["requirement_id"] for row in rows}) == len(rows)


def test_speeds_are_multiples_of_jieba_on_the_same_text() -> None:
    texts = {"simplified": ["县长每月至少接访2次。"] * 5}
    given = {"texts": texts, "cues": [], "branches": []}
    quick = peers.measure(peers.Peer("quick", lambda _: str.split), given, rounds=1)
    slow = peers.measure(peers.Peer("slow", lambda _: lambda text: sum(range(200_000))), given, rounds=1)
    assert quick["simplified"] > 1 > slow["simplified"]
    assert len({peer.name for peer in peers.PEERS}) == len(peers.PEERS)


@pytest.mark.skipif(sys.platform == "win32", reason="the peak of memory is asked for in another way there")
def test_a_whole_process_is_measured(tmp_path: Path) -> None:
    archive.write(1, tmp_path / "docs")
    seconds, peak = command.process(["extract", str(tmp_path / "docs"), "--out", str(tmp_path / "rows.jsonl")])
    assert seconds > 0.05 and 20 < peak < 1000 and (tmp_path / "rows.jsonl").exists()
    with pytest.raises(RuntimeError, match="no such file"):
        command.process(["extract", str(tmp_path / "nowhere")])
