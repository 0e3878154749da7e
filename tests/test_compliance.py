"""Findings: the sample as a careful person finds it, each status and its edges, properties, the page, the command."""

from __future__ import annotations

import calendar
import csv
import functools
import json
import random
import re
import runpy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.cli import main
from siga_nlp.compliance import FINDINGS, match_score, write_decisions
from siga_nlp.compliance_report import report, summary
from siga_nlp.ledger import LedgerError
from siga_nlp.models import Document
from siga_nlp.table import records

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "corpus" / "ledgers" / "qingxiu-2024.csv"
ROSTER = ROOT / "corpus" / "ledgers" / "qingxiu-2024-roster.csv"
TEXT = ROOT / "corpus" / "yunling" / "qingxiu-shi-sixia-2023.txt"
GOLD = ROOT / "tests" / "gold" / "findings" / "qingxiu-2024.csv"
STATUS = {"m": "met", "s": "short", "x": "missing", "l": "late", "e": "exceeded", "v": "violated", "n": "not_due",
          "?": "undetermined"}  # fmt: skip


@pytest.fixture(scope="module")
def sample() -> tuple[pd.DataFrame, pd.DataFrame]:
    table = sg.requirements(TEXT)
    return table, sg.check(table, SAMPLE, as_of="2024-12-31", roster=ROSTER)


# The sample


def window_of(code: str) -> tuple[str, str | None]:
    """``3`` March, ``1-6`` January to June, ``18/9`` one day, ``-`` no end."""
    if code == "-":
        return "2024-01-01", None
    if "/" in code:
        day, month = map(int, code.split("/"))
        return str(date(2024, month, day)), str(date(2024, month, day))
    first, last = (int(n) for n in (code.split("-") if "-" in code else (code, code)))
    year, month = 2024 + (last - 1) // 12, (last - 1) % 12 + 1
    return f"2024-{first:02d}-01", f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]}"


def gold() -> dict[tuple[str, str, str, str, str | None], tuple[Any, ...]]:
    found = {}
    with GOLD.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            codes, haves, statuses = (line[name].split(" ") for name in ("windows", "have", "status"))
            assert len(codes) == len(haves) == len(statuses), line
            for code, have, status in zip(codes, haves, statuses, strict=True):
                key = (line["clause"], line["unit"], line["person"], *window_of(code))
                assert key not in found, key
                found[key] = (
                    float(line["need"]) if line["need"] else None,
                    None if have == "-" else float(have),
                    line["measure_unit"],
                    STATUS[status],
                    line["evidence"].split(),
                )
    return found


def test_the_sample_findings_are_those_of_a_careful_person(sample: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table, findings = sample
    texts = {row["requirement_id"]: row["text"] for row in records(table)}
    wanted = gold()
    clauses = {key[0] for key in wanted}
    got = {}
    for row in records(findings, columns=FINDINGS):
        clause = next((c for c in clauses if c in texts[row["requirement_id"]]), texts[row["requirement_id"]])
        key = (clause, row["unit"] or "", row["person"] or "", row["window_start"], row["window_end"])
        evidence = row["evidence"] or []
        asked = wanted.get(key, ((), (), (), (), []))[4]
        got[key] = (row["need"], row["have"], row["measure_unit"] or "", row["status"], evidence if asked else [])
    differing = {
        key: (wanted.get(key), got.get(key)) for key in wanted.keys() | got.keys() if wanted.get(key) != got.get(key)
    }
    assert not differing, "\n".join(f"{k}: wanted {w}, got {g}" for k, (w, g) in differing.items())


def test_the_sample_ledger_is_what_its_script_writes() -> None:
    text = runpy.run_path(str(ROOT / "tests" / "make_ledger.py"))["text"]()
    assert SAMPLE.read_bytes().decode("utf-8-sig") == text


def test_every_row_of_the_sample_is_accounted_for() -> None:
    ledger = sg.read_ledger(SAMPLE)
    matches = sg.match(sg.requirements(TEXT), ledger, roster=ROSTER)
    assert set(matches["row"]) == set(ledger.frame["row"])
    assert set(matches["state"]) == {"matched", "doubtful", "unmatched", "not_counted"}
    other = matches[matches["unit"].str.startswith("临峪市", na=False)]
    assert set(other["state"]) == {"not_counted"} and other["why"].str.contains("临峪市").all()


# One duty at a time


@functools.lru_cache(maxsize=32)
def table_of(clause: str) -> pd.DataFrame:
    return sg.requirements(Document("x", clause))


def findings_of(
    tmp_path: Path,
    clause: str,
    lines: list[str],
    *,
    head: str = "日期,姓名,单位,级别,事项",
    roster: list[str] | None = None,
    **options: Any,
) -> list[dict[str, Any]]:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    if roster is not None:
        (tmp_path / "roster.csv").write_text("\n".join(["姓名,单位,级别,职务,起,止", *roster]) + "\n", encoding="utf-8")
        options["roster"] = tmp_path / "roster.csv"
    options.setdefault("as_of", "2024-12-31")
    return list(records(sg.check(table_of(clause), ledger, **options), columns=FINDINGS))


def statuses(rows: list[dict[str, Any]]) -> list[str]:
    return [row["status"] for row in rows]


ONE = ["甲某,某县,县级,领导干部,,"]


def row_of(day: str, what: str, who: str = "甲某") -> str:
    return f"{day},{who},某县,县级领导,{what}"


def test_four_in_march_are_short_in_the_other_quarters(tmp_path: Path) -> None:
    rows = findings_of(
        tmp_path,
        "县级领导干部每季度至少接访1次。",
        [row_of(f"2024-3-{d}", "接访") for d in (4, 11, 18, 25)],
        roster=ONE,
    )
    assert statuses(rows) == ["met", "missing", "missing", "missing"] and [r["have"] for r in rows] == [4, 0, 0, 0]
    assert rows[0]["evidence"] == ["2", "3", "4", "5"]


def test_up_to_as_of_and_never_further(tmp_path: Path) -> None:
    lines = [row_of("2024-2-1", "接访"), row_of("2024-8-15", "接访"), row_of("2024-9-20", "接访")]
    rows = findings_of(tmp_path, "县级领导干部每季度至少接访2次。", lines, roster=ONE, as_of="2024-08-31")
    assert [(r["window_end"], r["have"], r["status"]) for r in rows] == [
        ("2024-03-31", 1, "short"), ("2024-06-30", 0, "missing"), ("2024-09-30", 1, "not_due")]  # fmt: skip
    with pytest.raises(TypeError):
        sg.check(sg.requirements(Document("x", "县长每月接访1次。")), tmp_path / "ledger.csv")  # type: ignore[call-arg]


def test_it_does_not_stop_at_the_end_of_the_year(tmp_path: Path) -> None:
    lines = [row_of("2023-12-31", "接访"), row_of("2024-1-1", "接访")]
    rows = findings_of(
        tmp_path, "县级领导干部每季度至少接访1次。", lines, roster=ONE, start="2023-10-01", as_of="2024-03-31"
    )
    assert [(r["window_start"], r["status"], r["evidence"]) for r in rows] == [
        ("2023-10-01", "met", ["2"]), ("2024-01-01", "met", ["3"])]  # fmt: skip


def test_days_are_summed_and_shared_days_count_once(tmp_path: Path) -> None:
    clause = "县级领导干部每年到基层调研不少于60天。"
    lines = [
        row_of("2024-3-1至3月20日", "到基层调研"),
        row_of("2024-3-11至3月30日", "到乡镇调研"),
        row_of("2024-12-25至1月10日", "调研"),
    ]
    (found,) = findings_of(tmp_path, clause, lines, roster=ONE)
    assert found["have"] == 37 and found["status"] == "short" and "重叠" in found["why"]
    (found,) = findings_of(tmp_path, clause, [*lines, row_of("2024-5-1至5月23日", "调研")], roster=ONE)
    assert found["have"] == 60 and found["status"] == "met"


def test_caps_are_exceeded_and_only_then(tmp_path: Path) -> None:
    clause = "县级领导干部每季度调研不超过2次。"
    lines = [row_of(f"2024-{m}", "调研") for m in ("1-3", "2-3", "3-3", "4-4")]
    rows = findings_of(tmp_path, clause, lines, roster=ONE, as_of="2024-06-30")
    assert [(r["need"], r["have"], r["status"]) for r in rows] == [(2, 3, "exceeded"), (2, 1, "met")]


def test_late_is_late(tmp_path: Path) -> None:
    clause = "各县每年2月底前向市政府报送工作情况。"
    units = [",甲县,县级,县,,", ",乙县,县级,县,,", ",丙县,县级,县,,"]
    lines = ["2024-2-29,,甲县政府,,报送工作情况", "2024-3-5,,乙县政府,,报送工作情况"]
    rows = findings_of(tmp_path, clause, lines, roster=units)
    assert [(r["unit"], r["status"]) for r in rows] == [("甲县", "met"), ("乙县", "late"), ("丙县", "missing")]
    assert "迟 5 天" in rows[1]["why"]
    assert (
        statuses(
            findings_of(tmp_path, clause, lines[:0] or ["2024-1-5,,甲县政府,,开会"], roster=units, as_of="2024-01-31")
        )
        == ["not_due"] * 3
    )


def test_a_window_cut_by_a_term_is_undetermined_unless_the_text_scales(tmp_path: Path) -> None:
    new = ["甲某,某县,县级,领导干部,2024-07-01,"]
    lines = [row_of("2024-8-1", "接访"), row_of("2024-9-1", "接访")]
    (found,) = findings_of(tmp_path, "县级领导干部每年至少接访4次。", lines, roster=new)
    assert (found["status"], found["window_start"], found["have"]) == ("undetermined", "2024-07-01", 2)
    (found,) = findings_of(tmp_path, "县级领导干部每年按实际任职时间折算至少接访4次。", lines, roster=new)
    assert (found["status"], found["need"]) == ("short", 3) and "折算" in found["why"]  # 184 of 366 days: 3 of 4
    (found,) = findings_of(tmp_path, "县级领导干部每年至少接访2次。", lines, roster=new)
    assert found["status"] == "met"  # enough in a part of the year is enough in the year
    (found,) = findings_of(tmp_path, "县级领导干部每年至少接访4次。", lines, roster=ONE, start="2024-06-01")
    assert found["status"] == "undetermined" and "2024-06-01" in found["why"]
    rows = findings_of(
        tmp_path, "县级领导干部每季度至少接访1次。", lines, roster=["甲某,某县,县级,领导干部,,2024-06-30"]
    )
    assert statuses(rows) == ["missing", "missing"]  # out of office: no windows, and no records


@pytest.mark.parametrize(
    ("clause", "word"),
    [
        ("县级领导干部要定期接访。", "定期"),
        ("县级领导干部应当自受理之日起10日内答复来访群众。", "受理之日"),
        ("必须接访。", "没有说由谁做"),
        ("县级领导干部应当接待来访群众。", "没有规定次数"),
    ],
)
def test_what_cannot_be_decided_says_why(tmp_path: Path, clause: str, word: str) -> None:
    (found,) = findings_of(tmp_path, clause, [row_of("2024-3-5", "接访")], roster=ONE)
    assert found["status"] == "undetermined" and word in found["why"]


def test_prohibitions_need_an_explicit_record(tmp_path: Path) -> None:
    clause = "县级领导干部不得接受下属单位宴请。"
    assert statuses(findings_of(tmp_path, clause, [row_of("2024-3-5", "到下属单位调研")], roster=ONE)) == [
        "undetermined"
    ]
    assert statuses(findings_of(tmp_path, clause, [row_of("2024-3-5", "未接受下属单位宴请")], roster=ONE)) == [
        "undetermined"
    ]
    (found,) = findings_of(tmp_path, clause, [row_of("2024-3-5", "接受下属单位宴请")], roster=ONE)
    assert (found["status"], found["person"], found["evidence"]) == ("violated", "甲某", ["2"])


def test_without_a_roster_the_finding_says_what_it_assumed(tmp_path: Path) -> None:
    (found,) = findings_of(tmp_path, "县级领导干部每年至少接访1次。", [row_of("2024-3-5", "接访")])
    assert found["status"] == "met" and "没有花名册" in found["why"] and found["person"] == "甲某"
    (found,) = findings_of(tmp_path, "县级领导干部每年至少接访1次。", ["2024-3-5,甲某,某县,,接访"])
    assert found["status"] == "undetermined" and "没有花名册" in found["why"] and found["person"] is None


def test_two_people_of_one_name(tmp_path: Path) -> None:
    two = ["甲某,东县,县级,领导干部,,", "甲某,西县,县级,领导干部,,"]
    lines = ["2024-3-5,甲某,东县,县级领导,接访", "2024-4-5,甲某,,县级领导,接访"]
    rows = findings_of(tmp_path, "县级领导干部每年至少接访2次。", lines, roster=two)
    assert [(r["unit"], r["have"], r["status"]) for r in rows] == [("东县", 1, "undetermined"), ("西县", 0, "short")]
    assert all("同名" in r["why"] for r in rows)


def test_amounts_that_name_no_number_leave_it_open(tmp_path: Path) -> None:
    head = "日期,姓名,单位,级别,事项,天数"
    lines = ["2024-3-5至3月25日,甲某,某县,县级领导,到基层调研,若干"]
    (found,) = findings_of(tmp_path, "县级领导干部每年到基层调研不少于10天。", lines, head=head, roster=ONE)
    assert (found["have"], found["status"]) == (0, "undetermined") and "第 2 行" in found["why"]


def test_several_people_in_a_row_each_did_it(tmp_path: Path) -> None:
    two = [*ONE, "乙某,某县,县级,领导干部,,"]
    rows = findings_of(
        tmp_path,
        "县级领导干部每年至少接访1次。",
        [row_of("2024-3-5", "接访", "甲某、乙某")],
        roster=two,
        head="日期,姓名,单位,级别,事项",
    )
    assert [(r["person"], r["status"]) for r in rows] == [("甲某", "met"), ("乙某", "met")]


@pytest.mark.parametrize(
    ("subject", "bound"),
    [("领导干部", True), ("党员干部", True), ("各级领导干部", True), ("市级领导干部", False), ("驻村干部", False)],
)
def test_whom_a_wider_role_binds(tmp_path: Path, subject: str, bound: bool) -> None:
    rows = findings_of(tmp_path, f"{subject}每年至少接访1次。", [row_of("2024-3-5", "接访")], roster=ONE)
    assert [(r["person"], r["status"]) for r in rows] == [("甲某", "met") if bound else (None, "undetermined")]


def test_a_duplicate_counts_once(tmp_path: Path) -> None:
    (found,) = findings_of(
        tmp_path,
        "县级领导干部每年至少接访2次。",
        [row_of("2024-3-5", "接访3批"), row_of("2024年3月5日", "接访３批")],
        roster=ONE,
    )
    assert (found["have"], found["status"], found["evidence"]) == (1, "short", ["2"])


def test_decisions_are_kept_and_applied_again(tmp_path: Path) -> None:
    clause = "县级领导干部每年至少为联系点党员讲1次党课。"
    lines = [row_of("2024-7-1", "讲党课1次")]
    (found,) = findings_of(tmp_path, clause, lines, roster=ONE)
    assert found["status"] == "undetermined"
    table, file = sg.requirements(Document("x", clause)), tmp_path / "decisions.csv"
    assert write_decisions(sg.match(table, tmp_path / "ledger.csv", roster=tmp_path / "roster.csv"), file) == 1
    for word, status in (("是", "met"), ("否", "missing")):
        frame = sg.read_table(file, columns={})
        frame["decision"] = word
        (found,) = findings_of(tmp_path, clause, lines, roster=ONE, decisions=frame)
        assert found["status"] == status
    frame["decision"] = "或许"
    with pytest.raises(LedgerError, match="或许"):
        findings_of(tmp_path, clause, lines, roster=ONE, decisions=frame)


def test_scores_tell_activities_apart() -> None:
    assert match_score("下访，接待群众5批12人", "接待来访群众", "信访接待")[0] >= 0.7
    for activity, action in (
        ("召开信访工作会议", "接待来访群众"),
        ("到乡镇调研", "蹲点调研"),
        ("通报接访情况", "接访"),
        ("原定接访，因故取消", "接访"),
    ):
        assert match_score(activity, action, None)[0] < 0.7


# Properties

CLAUSES = ("县级领导干部每季度至少接访2次。", "县级领导干部每年到基层调研不少于20天。")
LINES = st.lists(
    st.tuples(
        st.dates(date(2023, 11, 1), date(2025, 2, 1)), st.integers(0, 12), st.sampled_from(("接访", "接访2次", "到基层调研", "开会")),
        st.sampled_from(("甲某", "乙某", "甲某、乙某")), st.sampled_from(("", "1", "3", "若干")),
    ),
    max_size=8,
)  # fmt: skip


def told(folder: Path, lines: list[Any]) -> dict[tuple[Any, ...], tuple[Any, Any]]:
    cells = [f"{d}至{d + timedelta(days=n)},{who},某县,县级领导,{what},{days}" for d, n, what, who, days in lines] or [
        "2024-1-1,丙某,某县,县级领导,开会,"
    ]
    rows = findings_of(
        folder,
        "".join(CLAUSES),
        cells,
        head="日期,姓名,单位,级别,事项,天数",
        roster=[*ONE, "乙某,某县,县级,领导干部,,"],
    )
    return {(r["requirement_id"], r["person"], r["window_start"]): (r["have"], r["status"]) for r in rows}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, seed=st.integers(0, 99))
def test_one_record_more_never_lowers_and_order_is_nothing(tmp_path: Path, lines: list[Any], seed: int) -> None:
    all_ = told(tmp_path, lines)
    shuffled = lines[:]
    random.Random(seed).shuffle(shuffled)
    assert told(tmp_path, shuffled) == all_
    if lines:
        fewer = told(tmp_path, lines[:-1])
        assert all(all_[key][0] >= have for key, (have, _) in fewer.items())
        assert all(all_[key][1] == "met" for key, (_, status) in fewer.items() if status == "met")


# The page and the command


def test_the_page_is_inert_and_says_first_what_is_missing(
    tmp_path: Path, sample: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    from lxml import html

    table, findings = sample
    ledger = sg.read_ledger(SAMPLE)
    page = report(
        findings, table=table, ledger=ledger, matches=sg.match(table, ledger, roster=ROSTER), as_of="2024-12-31"
    )
    tree = html.fromstring(page)
    assert not tree.xpath("//script|//a|//link|//img|//iframe|//form") and "url(" not in page
    assert not re.search(r'\s(?:src|href|on\w+)="', page)
    heads = [h.text_content() for h in tree.xpath("//h2")]
    open_ = sum(found[3] in ("missing", "short", "late", "exceeded", "violated") for found in gold().values())
    assert heads[0].startswith(f"未落实的事项（{open_} 项") and "=HYPERLINK(" in tree.text_content()
    dues = [td.text_content() for td in tree.xpath("(//table)[1]//tr/td[1]")]
    assert dues == sorted(dues) and dues[0] == "2024-02-29"
    assert len(tree.xpath("//*[local-name()='rect']")) >= 150
    assert sg.provenance(table)["table_sha256"] in tree.xpath("string(//p[@class='made'])")
    evil = sample[1].assign(person="<script>alert(1)</script>", unit='"><img src=x>')
    page = report(evil, table=table, ledger=ledger, as_of="2024-12-31")
    assert "<script" not in page and "<img" not in page


def test_summaries_add_up(sample: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    findings = sample[1]
    for by in ("unit", "person", "topic"):
        frame = summary(findings, by)
        counted = (
            frame[["missing", "short", "late", "exceeded", "violated", "undetermined", "not_due", "met"]].sum().sum()
        )
        assert counted == len(findings)


@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx", "parquet"])
def test_findings_survive_every_format(tmp_path: Path, sample: tuple[pd.DataFrame, pd.DataFrame], format: str) -> None:
    path = tmp_path / f"f.{format}"
    rows = list(records(sample[1].assign(person='=HYPERLINK("x")'), columns=FINDINGS))
    sg.write_table(rows, path, columns=FINDINGS)
    assert list(records(sg.read_table(path, columns=FINDINGS), columns=FINDINGS)) == rows
    if format == "csv":
        assert all(line["person"].startswith("'=") for line in csv.DictReader(path.open(encoding="utf-8-sig")))
    if format == "xlsx":
        import openpyxl

        assert not [c for r in openpyxl.load_workbook(path).worksheets[0].iter_rows() for c in r if c.data_type == "f"]


def test_the_command(siga: Any, tmp_path: Path) -> None:
    done = siga("check", SAMPLE, "--against", TEXT, "--roster", ROSTER, "--as-of", "2024-12-31", "--format", "jsonl")
    assert done.returncode == 1 and "十一月上旬" in done.stderr  # a row without a date is named
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 182 and list(rows[0]) == list(FINDINGS)
    done = siga(
        "check",
        SAMPLE,
        "--against",
        TEXT,
        "--roster",
        ROSTER,
        "--lang",
        "zh",
        "--decisions",
        "d.csv",
        "--out",
        "f.html",
    )
    assert done.returncode == 1 and "2024-12-31" in done.stderr and (tmp_path / "f.html").exists()
    decided = (tmp_path / "d.csv").read_bytes()
    assert siga("check", SAMPLE, "--against", TEXT, "--roster", ROSTER, "--decisions", "d.csv").returncode == 1
    assert (tmp_path / "d.csv").read_bytes() == decided


@pytest.mark.parametrize(
    "wrong",
    [
        ["--as-of", "gestern"],
        ["--columns", "date"],
        ["--columns", "date=没有"],
        ["--format", "html"],
        ["--from", "2025-01-01", "--as-of", "2024-01-01"],
        ["--roster", "none.csv"],
        ["--sheet", "none"],
        ["--out", "f.doc"],
    ],
)
def test_wrong_usage_is_2_and_says_why(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(SAMPLE), "--against", str(TEXT), *wrong]) == 2
    assert capsys.readouterr().err


def test_what_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "none.xlsx", "--against", str(TEXT)]) == 2
    assert main(["check", str(SAMPLE), "--against", "none.csv"]) == 2
    assert capsys.readouterr().err.count("none.") == 2


def test_the_sample_ledgers_are_no_documents(tmp_path: Path) -> None:
    from siga_nlp.reading import sources

    assert not [s.name for s in sources([ROOT / "corpus"]) if "ledgers" in s.name]
