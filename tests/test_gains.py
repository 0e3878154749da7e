"""The report of gains and losses between two versions of a table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import errors
from benchmarks.gains import main, report
from siga_nlp.evaluation import evaluate
from siga_nlp.models import Document, Frequency, Requirement
from siga_nlp.table import rows, write_table

TEXT = "县长每月至少接访2次，镇长要走访，村长要巡查。"
OLD = (
    Requirement(0, 10, TEXT[0:10], measure=TEXT[2:10], measure_start=2, measure_end=10, subject="县长",
                frequency=Frequency("ge", 2, None, "P1M")),
    Requirement(11, 16, TEXT[11:16], subject="镇长", modal="要", action="走访"),
)  # fmt: skip
NEW = (
    Requirement(0, 10, TEXT[0:10], measure=TEXT[2:10], measure_start=2, measure_end=10, subject="县长",
                frequency=Frequency("ge", 3, None, "P1M"), rules=("count",)),
    Requirement(13, 22, TEXT[13:22], modal="要", action="巡查", subject="村长"),
)  # fmt: skip


def table(requirements: tuple[Requirement, ...]) -> list[dict[str, object]]:
    return list(rows(Document("a", TEXT), requirements))


def test_report_names_what_was_gained_lost_and_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_table(table(OLD), tmp_path / "old.csv")
    write_table(table(NEW), tmp_path / "new.jsonl")
    assert main([str(tmp_path / "old.csv"), str(tmp_path / "new.jsonl")]) == 0
    said = capsys.readouterr().out
    assert said.startswith("1 rows gained, 1 lost, 1 changed\nchanged: frequency_count 1, per_year 1\na\n")
    assert "  ~ [-] 县长每月至少接访2次\n      frequency_count: 2 → 3\n      per_year: 24 → 36\n" in said
    assert "  - [-] 镇长要走访\n" in said and f"  + [-] {TEXT[13:22]}\n" in said


def test_a_clause_with_other_edges_is_a_change() -> None:
    wider = (OLD[0], Requirement(10, 16, TEXT[10:16], subject="镇长", modal="要", action="走访"))
    assert report(table(OLD), table(wider)).startswith("0 rows gained, 0 lost, 1 changed\nchanged: text 1\n")


def test_with_gold_it_says_which_changes_are_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    gold = [
        {"tier": 1, "clause": TEXT[0:10], "measure": TEXT[2:10], "subject": "县长", "action": "接访",
         "modality": "obligation", "frequency": {"op": "ge", "count": 2, "period": "P1M"}},
        {"tier": 2, "clause": TEXT[17:22], "measure": None, "subject": "村长", "action": "巡查", "modality": "obligation"},
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, gold)), encoding="utf-8")
    (tmp_path / "out").mkdir()
    named = [[row | {"action": row["action"] or "接访"} for row in table(version)] for version in (OLD, NEW)]
    for name, rows_ in zip(("old.jsonl", "new.jsonl"), named, strict=True):
        write_table(rows_, tmp_path / "out" / name)
    call = [str(tmp_path / "out" / "old.jsonl"), str(tmp_path / "out" / "new.jsonl"), "--gold", str(tmp_path)]
    assert main([*call, "--text", str(tmp_path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "against gold: 2 statements better, 1 worse"
    assert f"  - a: frequency: {TEXT[0:10]}" in said and f"  + a: missed: {TEXT[17:22]}" in said
    assert f"  + a: extra: {TEXT[11:16]}" in said, "an extra row that went is a gain"


def test_errors_by_cause(capsys: pytest.CaptureFixture[str]) -> None:
    gold = Path(__file__).parent / "gold"
    assert errors.main(["--gold", str(gold), "--text", str(gold / "texts")]) == 0
    said = capsys.readouterr().out
    result = evaluate(gold, text=gold / "texts")
    counted = sum(int(line.split()[-4]) for line in said.split("\n\n")[0].splitlines()[1:])
    assert counted == sum(len(unit.slots) or 1 for unit in result.misses), "every disagreement has its causes"
    assert "subject_source" in said and "rule " in said
    clauses = {unit.gold["clause"] for unit in result.misses if unit.gold is not None}
    assert not [clause for clause in clauses if clause in said], "counts only"


def test_no_difference_is_told_in_one_line() -> None:
    assert report(table(OLD), table(OLD)) == "0 rows gained, 0 lost, 0 changed"
