"""The shipped sample corpus and its gold files are sound. Reads files only; uses no other part of the package."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
GOLD = ROOT / "tests" / "gold"
SAMPLE = GOLD / "sample"
MARK = re.compile("siga_nlp 示例文本[，,]地名、(?:机关均属虚构|機關均屬虛構)")
COLUMNS = ["file", "doc_id", "title", "issuer", "doc_number", "date", "genre", "region", "region_code", "level"]
LEVELS = {"same", "stricter", "looser", "different", "unmeasured", "absent", "not_applicable"}


class _Page(HTMLParser):
    """The text of a page with a line break at each block: what quotes from HTML files refer to."""

    BLOCK = re.compile("p|div|br|t[rdh]|li|h[1-5]|table|[uo]l|section|title")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("script", "style")
        if self.BLOCK.fullmatch(tag):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style") and self.hidden > 0
        if self.BLOCK.fullmatch(tag):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def read(path: Path) -> str:
    text = path.read_bytes().decode("utf-8")
    if path.suffix == ".html":
        page = _Page()
        page.feed(text)
        text = re.sub(r"[ \t\xa0\u3000]*\n\s*", "\n", "".join(page.parts)).strip()
    return text


DOCUMENTS = {p.stem: p for p in sorted(CORPUS.glob("*/*")) if p.suffix in (".txt", ".html")}
OWN = {p.stem: p for p in sorted((GOLD / "texts").iterdir())}
GOLD_FILES = sorted(SAMPLE.glob("*.jsonl")) + sorted(GOLD.glob("*.jsonl"))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def nth(text: str, needle: str, n: int) -> int:
    at = -1
    for _ in range(n + 1):
        at = text.find(needle, at + 1)
        if at < 0:
            break
    return at


def data(name: str) -> Any:
    return json.loads((SAMPLE / name).read_text("utf-8"))


def test_corpus_has_the_kinds_of_document_it_promises() -> None:
    assert len(DOCUMENTS) >= 12
    assert {p.suffix for p in DOCUMENTS.values()} == {".txt", ".html"}
    texts = {doc: read(path) for doc, path in DOCUMENTS.items()}
    assert any("應" in t and "機關" in t for t in texts.values()), "a text in traditional script"
    assert any("应当" in t and "机关" in t for t in texts.values()), "a text in simplified script"
    assert any("機關干部" in t for t in texts.values()), "a machine-converted mixture"
    assert any(
        re.search(r"[\u4e00-\u9fff] ?\n[\u4e00-\u9fff]", t) and re.search(r"\d \d分钟", t) for t in texts.values()
    )
    assert len({p.parent for p in DOCUMENTS.values()}) == 3


@pytest.mark.parametrize("doc", DOCUMENTS)
def test_every_document_is_marked_as_a_sample(doc: str) -> None:
    assert len(MARK.findall(read(DOCUMENTS[doc]))) == 1


@pytest.mark.parametrize("doc", DOCUMENTS)
def test_document_has_the_promised_length_and_plain_line_ends(doc: str) -> None:
    assert 800 <= len(read(DOCUMENTS[doc])) <= 2500
    assert b"\r" not in DOCUMENTS[doc].read_bytes()
    assert re.fullmatch(r"[a-z0-9-]+", doc)


def test_documents_csv_names_every_document_once() -> None:
    with (CORPUS / "documents.csv").open(encoding="utf-8", newline="") as f:
        reader = csv.DictReader(f)
        rows = list(reader)
        assert reader.fieldnames == COLUMNS
    assert sorted(r["file"] for r in rows) == sorted(p.relative_to(CORPUS).as_posix() for p in DOCUMENTS.values())
    for row in rows:
        assert row["region"] and row["level"] in {"province", "city", "county", "township"}
        assert not row["region_code"], "invented places have no code"
    regions = {r["region"]: r["level"] for r in rows}
    for region, level in regions.items():
        if level == "city":  # its superior is in the corpus and is the beginning of its own name
            assert any(region.startswith(r) for r, lv in regions.items() if lv == "province")


def test_readme_lists_every_document() -> None:
    readme = (CORPUS / "README.md").read_text("utf-8")
    for path in DOCUMENTS.values():
        assert f"`{path.relative_to(CORPUS).as_posix()}`" in readme


def test_every_gold_file_has_a_text() -> None:
    assert len(list(SAMPLE.glob("*.jsonl"))) >= 8
    assert {p.stem for p in SAMPLE.glob("*.jsonl")} <= set(DOCUMENTS)
    assert {p.stem for p in GOLD.glob("*.jsonl")} == set(OWN)


@pytest.mark.parametrize("path", GOLD_FILES, ids=lambda p: p.stem)
def test_gold_quotes_stand_in_their_document(path: Path) -> None:
    text = read({**DOCUMENTS, **OWN}[path.stem])
    seen = set()
    for g in lines(path):
        assert g["doc"] == path.stem
        at = nth(text, g["clause"], g.get("occurrence", 0))
        assert at >= 0, g["clause"]
        assert g["clause"] == g["clause"].strip()
        if g["tier"] == 1:
            assert g["measure"] and g["measure"] in g["clause"], g["clause"]
            assert g["frequency"] or g["quantity"] or g["deadline"], g["clause"]
        else:
            assert g["tier"] == 2 and g["measure"] is None and not g["quantity"] and not g["deadline"], g["clause"]
        assert g["modality"] in {"obligation", "prohibition", "permission", "recommendation"}
        assert (g["subject"] is None) == (g["subject_source"] == "none"), g["clause"]
        assert g["action"] and g["topic"]
        place = (at, g["clause"], g["measure"], g["action"])
        assert place not in seen, f"written twice: {g['clause']}"
        seen.add(place)


def test_gold_of_the_samples_stands_in_the_order_of_the_text() -> None:
    for path in SAMPLE.glob("*.jsonl"):
        text = read(DOCUMENTS[path.stem])
        places = [nth(text, g["clause"], g.get("occurrence", 0)) for g in lines(path)]
        assert places == sorted(places), path.stem


def test_retold_rules_count_once() -> None:
    doc = "wantang-xian-xinwen-2022"
    full = read(DOCUMENTS[doc]).index("第一条")
    for g in lines(SAMPLE / f"{doc}.jsonl"):
        assert nth(read(DOCUMENTS[doc]), g["clause"], g.get("occurrence", 0)) > full, g["clause"]


def test_planted_differences_stand_in_their_documents() -> None:
    planted = data("planted.json")
    assert len(planted) >= 30
    assert {p["level"] for p in planted} == LEVELS
    assert len({p["name"] for p in planted}) == len(planted)
    for p in planted:
        assert set(p) == {"name", "topic", "document", "other", "clause", "other_clause", "level", "why"}
        assert p["document"] != p["other"] and p["why"]
        assert p["clause"] in read(DOCUMENTS[p["document"]]), p["name"]
        if p["level"] in ("absent", "not_applicable"):
            assert p["other_clause"] is None, p["name"]
            assert p["clause"] not in read(DOCUMENTS[p["other"]]), p["name"]
        else:
            assert p["other_clause"] in read(DOCUMENTS[p["other"]]), p["name"]


def test_alignment_names_requirements_that_exist() -> None:
    alignment = data("alignment.json")
    clauses = {p.stem: [g["clause"] for g in lines(p)] for p in SAMPLE.glob("*.jsonl")}
    joined = set()
    for item in alignment["items"]:
        assert len(item["members"]) == len(item["level"]) + 1 >= 2, item["name"]
        assert len({doc for doc, _ in item["members"]}) == len(item["members"]), item["name"]
        for levels in item["level"]:
            assert levels and set(levels) <= LEVELS - {"absent", "not_applicable"}, item["name"]
        joined |= {(item["name"], doc, clause) for doc, clause in item["members"]}
    members = {(doc, clause) for _, doc, clause in joined}
    assert len(members) == len(joined), "a requirement is a member of one item"
    for doc, clause in members | {tuple(m) for pair in alignment["apart"] for m in pair}:
        assert clause in read(DOCUMENTS[doc]), clause
        if doc in clauses:
            assert any(c.startswith(clause) for c in clauses[doc]), clause
    of = {(doc, clause): item for item, doc, clause in joined}
    for first, second in alignment["apart"]:
        assert of.get(tuple(first), 1) != of.get(tuple(second), 2), (first, second)


def test_planted_levels_and_alignment_agree() -> None:
    """Where an alignment item holds both clauses of a planted pair, and the first is the item's first member."""
    alignment = data("alignment.json")
    checked = 0
    for p in data("planted.json"):
        for item in alignment["items"]:
            members = [tuple(m) for m in item["members"]]
            if members[0] == (p["document"], p["clause"]) and (p["other"], p["other_clause"]) in members:
                assert p["level"] in item["level"][members.index((p["other"], p["other_clause"])) - 1], p["name"]
                checked += 1
    assert checked >= 30
