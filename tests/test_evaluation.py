"""The scorer: figures by hand, and the same figures as the reference scorer where it is at hand."""

from __future__ import annotations

import csv
import importlib.util
import json
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import siga_nlp as sg
from siga_nlp.agreement import agreement, intervals
from siga_nlp.table import to_frame

TEXT = "县长每月至少接访2次。副县长要经常下乡。镇长3日内答复。"
GOLD: list[dict[str, Any]] = [
    {"tier": 1, "clause": "县长每月至少接访2次", "measure": "每月至少接访2次", "subject": "县长", "action": "接访",
     "modality": "obligation", "frequency": {"op": "ge", "count": 2, "period": "P1M"}},
    {"tier": 2, "clause": "副县长要经常下乡", "measure": None, "subject": "副县长", "action": "下乡",
     "modality": "obligation", "alt": {"action": ["到乡下去"]}, "vague": "经常"},
    {"tier": 1, "clause": "镇长3日内答复", "measure": "3日内", "subject": "镇长", "action": "答复",
     "modality": "obligation", "deadline": "within P3D"},
]  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"doc_id": "a", "start": 0, "end": 10, "text": TEXT[0:10], "measure": "每月至少接访2次", "measure_start": 2,
     "measure_end": 10, "subject": "縣長", "action": "接访群众", "modality": "obligation", "frequency_op": "ge",
     "frequency_count": 2, "frequency_period": "P1M", "rules": ["times"]},
    {"doc_id": "a", "start": 11, "end": 19, "text": TEXT[11:19], "modal": "要", "subject": "副县长", "action": "到乡下去",
     "modality": "prohibition", "rules": ["modal"]},
    {"doc_id": "a", "start": 11, "end": 19, "text": TEXT[11:19], "modality": "obligation", "action": "不计"},
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(g, ensure_ascii=False) for g in GOLD), encoding="utf-8")
    return tmp_path


def test_figures_by_hand(folder: Path) -> None:
    result = sg.evaluate(folder, text=folder, pred=ROWS)
    measured, modal = result.tiers["measured"], result.tiers["modal"]
    assert (measured.gold, measured.predicted, measured.pairs) == (2, 1, 1)
    assert measured.found == {"precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert measured.share("subject") == 1.0, "script is no difference"
    assert measured.share("action") == 1.0, "接访 and 接访群众 share enough"
    assert (modal.gold, modal.predicted, modal.strict) == (1, 1, 0)
    assert modal.share("action") == 1.0, "another reading of the gold line counts"
    assert modal.share("modality") == 0.0
    assert [(m.kind, m.slots, m.rules) for m in result.misses] == [
        ("missed", (), []),
        ("wrong", ("modality",), ["modal"]),
    ]


def test_rows_frame_and_file_give_the_same(folder: Path) -> None:
    expected = sg.evaluate(folder, text=folder, pred=ROWS).to_dict()
    frame = to_frame(ROWS)
    assert sg.evaluate(folder, text=folder, pred=frame).to_dict() == expected
    for name in ("pred.jsonl", "pred.csv", "pred.parquet", "pred.xlsx"):
        (folder / "out").mkdir(exist_ok=True)
        sg.write_table(frame, folder / "out" / name)
        assert sg.evaluate(folder, text=folder, pred=folder / "out" / name).to_dict() == expected


def test_faults_of_gold_files_are_listed_together(folder: Path) -> None:
    bad = [GOLD[0] | {"clause": "不在文中"}, GOLD[1] | {"modality": "必须"}, GOLD[2] | {"measure": "三日内"}]
    (folder / "a.jsonl").write_text("\n".join(json.dumps(g) for g in bad) + "\n{", encoding="utf-8")
    (folder / "b.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        sg.evaluate(folder, text=folder, pred=[])
    message = str(caught.value)
    for part in ("a.jsonl:1: clause is not in the text", "a.jsonl:2: modality is '必须'", "a.jsonl:3: measure is not",
                 "a.jsonl:4: no JSON", "b.jsonl: there is no document"):  # fmt: skip
        assert part in message


def test_rows_of_another_file_are_no_zero(folder: Path) -> None:
    with pytest.raises(ValueError, match="no row belongs to a document annotated"):
        sg.evaluate(folder, text=folder, pred=[ROWS[0] | {"doc_id": "elsewhere"}])
    with pytest.raises(ValueError, match="a: 1 of 3 rows do not stand in this text"):
        sg.evaluate(folder, text=folder, pred=[ROWS[0] | {"start": 3, "end": 13}, *ROWS[1:]])


def test_fields_registers_and_issues(folder: Path) -> None:
    flagged = [ROWS[0] | {"issues": ["two_readings: 2, 3"]}, ROWS[1]]
    result = sg.evaluate(folder, text=folder, pred=flagged, registers={"a": "ours"})
    frame = result.to_frame().set_index(["part", "name", "tier", "field"])
    action = frame.loc["all", "", "measured", "action"]
    assert (action["right"], action["precision"], action["recall"], action["of_found"]) == (1, 1.0, 0.5, 1.0)
    assert frame.loc["register", "ours", "all", "found"]["gold"] == 3
    strict = frame.loc["issues"].xs("strict", level="field")
    assert strict.loc[("two_readings", "measured"), "precision"] == 1.0
    assert strict.loc[("without", "all"), ["predicted", "right"]].tolist() == [1, 0]
    assert strict["recall"].isna().all(), "of rows with issues nothing can be said of what they miss"


def test_two_coders(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    theirs = [GOLD[0] | {"subject": "各级县长"}, GOLD[1] | {"action": "到乡下去"}]
    (other / "a.jsonl").write_text("\n".join(json.dumps(g) for g in theirs), encoding="utf-8")
    (other / "b.jsonl").write_text("", encoding="utf-8")
    there, back = sg.evaluate(folder, other=other, text=folder), sg.evaluate(other, other=folder, text=folder)
    assert there.left_out == back.left_out == ("b",)
    for tier in ("measured", "modal"):
        assert there.tiers[tier].found["f1"] == back.tiers[tier].found["f1"]
        assert there.tiers[tier].found["precision"] == back.tiers[tier].found["recall"]
    assert there.tiers["modal"].strict == back.tiers["modal"].strict == 1, "other readings count, whoever states them"
    assert not {row["part"] for row in there.to_dict()["figures"]} & {"issues"}
    with pytest.raises(ValueError, match="give one of them"):
        sg.evaluate(folder, other=other, text=folder, pred=ROWS)


def test_units_of_the_agreement(folder: Path) -> None:
    found = {(r["tier"], r["field"]): r for r in sg.evaluate(folder, text=folder, pred=ROWS).to_dict()["agreement"]}
    assert found["measured", "subject"]["units"] == 1 and found["measured", "subject"]["units_all"] == 2
    assert found["measured", "subject"]["kappa"] is None, "one label on both sides: chance explains it"
    assert found["modal", "modality"]["share"] == 0.0
    sentence = found["", "sentence"]
    assert (sentence["units"], sentence["share"]) == (3, 0.6667), "the third sentence has a statement in the gold only"


@pytest.mark.parametrize("seed", range(5))
def test_agreement_as_in_other_libraries(seed: int) -> None:
    krippendorff = pytest.importorskip("krippendorff")
    from sklearn.metrics import cohen_kappa_score

    chance = random.Random(seed)
    pairs = [(chance.choice("abcd"), chance.choice("abcde")) for _ in range(60)]
    pairs += [(a, a) for a in chance.choices("abcde", k=60)]
    found = agreement([pairs[:50], pairs[50:51], [], pairs[51:]])
    first, second = zip(*pairs, strict=True)
    codes = [["abcde".index(label) for label in side] for side in (first, second)]
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second))
    assert found.alpha == pytest.approx(krippendorff.alpha(codes, level_of_measurement="nominal"))


def test_intervals_as_in_scipy() -> None:
    import numpy as np
    from scipy.stats import bootstrap

    rows = np.array([[9, 12], [4, 4], [20, 31], [7, 9], [15, 16], [2, 8], [11, 13], [6, 6]])
    (found,) = (
        intervals(lambda w: (w @ rows[:, 0] / (w @ rows[:, 1]))[:, None], len(rows), replicates=4000, seed=3) or ()
    )
    reference = bootstrap(
        (rows[:, 0], rows[:, 1]), lambda a, b, axis: a.sum(axis) / b.sum(axis), paired=True, vectorized=True,
        method="percentile", n_resamples=4000,
    ).confidence_interval  # fmt: skip
    assert found == pytest.approx(tuple(reference), abs=0.02)
    assert intervals(lambda w: w, 1, replicates=100, seed=0) is None, "one document says nothing of others"


def _reference(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_scorer", shared / "gold" / "score.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows_like(gold: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A row that a careless reader would write for a gold statement: shifted, cut, or with a slot wrong."""
    row = {key: gold.get(key) for key in ("subject", "action", "modality", "deadline", "basis", "vague", "topic")}
    row |= {"doc_id": gold["doc"], "start": gold["start"], "end": gold["end"], "text": gold["clause"]}
    row |= {key: gold.get(key) for key in ("measure", "measure_start", "measure_end")}
    row["modal"] = "要" if gold["tier"] == 2 else None
    for slot, parts in (("frequency", ("op", "count", "max", "period")), ("quantity", ("op", "value", "max", "unit"))):
        row |= {f"{slot}_{part}": (gold.get(slot) or {}).get(part) for part in parts}
    match chance.randrange(8):
        case 0:
            row["subject"] = (row["subject"] or "甲乙")[:-1]
        case 1:
            row["action"] = row["action"][: len(row["action"]) // 2 + 1]
        case 2:
            row["modality"] = "permission"
        case 3 if gold["clause"].find(gold.get("measure") or gold["clause"]) == 0 and len(gold["clause"]) > 8:
            cut = len(gold["clause"]) - 3
            row["text"], row["end"] = gold["clause"][:cut], gold["start"] + cut
            if gold.get("measure_end") and gold["measure_end"] > row["end"]:
                row["measure"] = row["measure_start"] = row["measure_end"] = None
        case 4:
            row["quantity_value"] = 7 if row["quantity_value"] else None
    return row


def test_same_figures_as_the_reference_scorer(shared: Path, tmp_path: Path) -> None:
    reference = _reference(shared)
    folders = [shared / "seeds", shared / "corpus"]
    texts = reference.load_texts(*folders)
    gold, faults = reference.load_gold(shared / "gold", texts)
    assert not faults
    chance = random.Random(1)
    rows = [_rows_like(g, chance) for g in gold if chance.random() > 0.1]
    rows += [row | {"subject": "某人"} for row in chance.sample(rows, 100)]
    for doc, (text, ending) in texts.items():
        if ending == ".html":
            reference.by_quote([row for row in rows if row["doc_id"] == doc], text)
    expected = reference.score(gold, rows, docs=sorted({p.stem for p in (shared / "gold").glob("*.jsonl")}))
    result = sg.evaluate(shared / "gold", text=folders, pred=rows)
    for tier, figures in expected.items():
        assert result.tiers[tier].to_dict() == figures


def test_command(siga: Callable[..., Any], folder: Path) -> None:
    (folder / "out").mkdir()
    sg.write_table(ROWS, folder / "out" / "pred.jsonl")
    call = ("evaluate", "--gold", folder, "--text", folder, "--pred", folder / "out" / "pred.jsonl")
    plain = siga(*call, "--misses")
    assert plain.returncode == 0, plain.stderr
    assert "found P 1.000 R 0.500 F1 0.667" in plain.stdout
    assert "镇长3日内答复" in plain.stdout and "rules: modal" in plain.stdout
    figures = json.loads(siga(*call, "--json").stdout)
    assert figures["measured"]["found"]["f1"] == 0.6667 and set(figures["documents"]) == {"a"}
    assert siga("evaluate", "--gold", folder / "none").returncode == 2
    assert siga(*call, "--json").stdout == siga(*call, "--format", "json").stdout


def test_command_writes_what_papers_and_spreadsheets_take(siga: Callable[..., Any], folder: Path) -> None:
    (folder / "b.txt").write_text(TEXT, encoding="utf-8")
    (folder / "b.jsonl").write_bytes((folder / "a.jsonl").read_bytes())
    (folder / "registers.csv").write_text("doc_id,register\na,甲|乙\n", encoding="utf-8")
    call = ("evaluate", "--gold", folder, "--text", folder, "--registers", folder / "registers.csv", "--replicates", 50)
    for name in ("figures.md", "figures.csv"):
        assert siga(*call, "--out", folder / name, "--lang", "zh").returncode == 0
    page = (folder / "figures.md").read_text("utf-8")
    assert "| 甲\\|乙 | 1 | 有数量、频次或期限 |" in page and "以 2 份文件为单位" in page and "只能视为" in page
    with (folder / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    strict = next(r for r in rows if r["part"] == "all" and r["tier"] == "measured" and r["field"] == "strict")
    figures = json.loads(siga(*call, "--json").stdout)
    assert float(strict["f1"]) == figures["measured"]["strict"]["f1"] and strict["f1_low"]
    assert siga(*call, "--out", folder / "figures.docx").returncode == 2
    again = siga(*call, "--seed", 0)
    assert again.stdout == siga(*call).stdout, "the same seed gives the same intervals"
