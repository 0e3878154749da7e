"""Every rule of every file: its examples match by it and give their values, its rejects do not; what is linted.

Also that no pattern is slow on texts made to slow it down, and that numerals are read as they are written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siga_nlp import lexicon as lexicons
from siga_nlp.clauses import cues, mask
from siga_nlp.header import header_from_text, read_date, read_genre, read_number
from siga_nlp.lexicon import FILES, RULES, Lexicon, Rule, RuleError, lint, load
from siga_nlp.measures import Atom, Measures, about, compiled, duration, number
from siga_nlp.structure import parse
from siga_nlp.view import fold, view

OURS = [rule for rules in load().rules.values() for rule in rules]
SWALLOWED = ("noise", "date", "pseudo")


# ---- examples and rejects of every rule -------------------------------------------------------------------------------


def cases(*, matching: bool) -> Iterator[Any]:
    for rule in sorted(OURS, key=lambda rule: FILES.index(rule.file.removesuffix(".yaml"))):
        where = f"{rule.file.removesuffix('.yaml')}/{rule.name}"
        for example in rule.examples if matching else ({"text": text} for text in rule.rejects):
            marks = pytest.mark.xfail(reason=example["todo"], strict=True) if "todo" in example else ()
            yield pytest.param(rule, example, id=f"{where}/{example['text']}", marks=marks)


@pytest.mark.parametrize(("rule", "example"), list(cases(matching=True)))
def test_example(rule: Rule, example: dict[str, Any]) -> None:
    mistake = mistake_in(rule, example, load())
    if mistake:
        pytest.fail(f"{rule.file}: rule {rule.name}: {example['text']!r}: {mistake}", pytrace=False)


@pytest.mark.parametrize(("rule", "example"), list(cases(matching=False)))
def test_reject(rule: Rule, example: dict[str, Any]) -> None:
    mistake = mistake_in(rule, example, load())
    if not mistake or mistake.startswith("wrong value"):
        pytest.fail(f"{rule.file}: rule {rule.name} matches {example['text']!r}, one of its rejects", pytrace=False)


def mistake_in(rule: Rule, example: dict[str, Any], lexicon: Lexicon) -> str | None:
    """Why a text is no good example of a rule: nothing matched, another rule did, or the value is wrong."""
    text, wanted = fold(example["text"]), example.get("value") or {}
    match = finder(rule, lexicon)(text)
    if rule.kind in SWALLOWED:
        if not match:
            return "nothing matched"
        found = modals(rule, text, lexicon) if rule.kind == "pseudo" else compiled(lexicon).find(text, 0, len(text))
        inside = [
            f"{x.rule} at {text[x.start : x.end]}" for x in found if x.start < match.end() and match.start() < x.end
        ]
        return f"not swallowed; another rule matched: {', '.join(inside)}" if inside else None
    if rule.kind == "modal":
        return verdict(rule, wanted, [(x.rule, {"modality": x.modality}) for x in modals(rule, text, lexicon)])
    if rule.kind in Measures.ORDER:
        atoms = compiled(lexicon).find(text, 0, len(text))
        return verdict(rule, wanted, [(atom.rule, values(atom, text)) for atom in atoms])
    if rule.kind == "genre":
        genre = read_genre(text, lexicon=lexicon)
        if genre is None:
            return "nothing matched"
        return None if genre == rule.value["genre"] else f"another rule matched: genre {genre}"
    if not match:
        return "nothing matched"
    got: dict[str, Any] = {}
    if rule.kind == "doc_date":
        got["date"] = read_date(text, lexicon=lexicon)
        if got["date"] is None:
            return "nothing matched"
    elif rule.kind == "doc_number":
        got["number"] = read_number(text, lexicon=lexicon)
    elif rule.kind == "mechanism":
        got["period"] = duration(None, match["pu"], lexicon)
    return verdict(rule, wanted, [(rule.name, got)])


def finder(rule: Rule, lexicon: Lexicon) -> Any:
    """How the rule's pattern is tried on a text; a plain search unless the rule says otherwise."""
    return getattr(lexicon.compile(rule.pattern), rule.value.get("at", "search"))


def modals(rule: Rule, text: str, lexicon: Lexicon) -> list[Any]:
    return cues(lexicon, rule.value.get("register", "cn")).find(mask(text), 0, len(text))


def values(atom: Atom, text: str) -> dict[str, Any]:
    return {
        "count": atom.value,
        "value": atom.value,
        "max": atom.max,
        "unit": atom.unit,
        "op": atom.op or "eq",
        "period": atom.period,
        "deadline": atom.deadline,
        "basis": atom.basis,
        "event": atom.event and text[slice(*atom.event)],
    }


def verdict(rule: Rule, wanted: dict[str, Any], found: list[tuple[str, dict[str, Any]]]) -> str | None:
    if not found:
        return "nothing matched"
    mine = [got for name, got in found if name == rule.name]
    if not mine:
        return f"another rule matched: {', '.join(dict.fromkeys(name for name, _ in found))}"
    wrong = []
    for got in mine:
        differs = [
            f"{key} {got.get(key)!r}, expected {value!r}" for key, value in wanted.items() if got.get(key) != value
        ]
        if not differs:
            return None
        wrong.append("; ".join(differs))
    return "wrong value: got " + " · ".join(wrong)


def test_a_bad_example_says_why() -> None:
    rule = next(rule for rule in OURS if rule.name == "period-every")
    assert mistake_in(rule, {"text": "走访"}, load()) == "nothing matched"
    assert mistake_in(rule, {"text": "不少于2次"}, load()) == "another rule matched: count"
    wrong = mistake_in(rule, {"text": "每两年", "value": {"period": "P1Y"}}, load())
    assert wrong == "wrong value: got period 'P2Y', expected 'P1Y'"
    noise = next(rule for rule in OURS if rule.name == "date")
    assert mistake_in(noise, {"text": "2024年底前"}, load()) == "nothing matched"


# ---- time -------------------------------------------------------------------------------------------------------------


def adversaries(rule: Rule) -> set[str]:
    """Seeds of long texts: what the rule looks for, over and over, but never all of it."""
    examples = [fold(example["text"]) for example in rule.examples]
    signs = dict.fromkeys(re.findall(r"[\u4e00-\u9fff]", load().expand(rule.pattern)))
    longest = max(examples, key=len)
    return {longest[:-1] or longest, longest[: len(longest) // 2 + 1], "".join(signs)[:60] or longest, longest[:1]}


def seconds(rule: Rule, seed: str, length: int) -> float:
    pattern, text = load().compile(rule.pattern), (seed * (length // len(seed) + 1))[:length]
    at = rule.value.get("at", "search")
    best = float("inf")
    for _ in range(3):
        start = time.thread_time()
        if at == "search":
            for _ in pattern.finditer(text):
                pass
        else:
            getattr(pattern, at)(text)
        best = min(best, time.thread_time() - start)
    return best


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=f"{rule.file.removesuffix('.yaml')}/{rule.name}") for rule in OURS]
)
def test_time_grows_with_the_text(rule: Rule) -> None:
    """Four times the text: four times the time, sixteen times where a pattern looks back over all of it."""
    for seed in adversaries(rule):
        for _ in range(3):
            short, long = seconds(rule, seed, 4_000), seconds(rule, seed, 16_000)
            if long < 0.004 or long <= 8 * short:
                break
        else:
            pytest.fail(
                f"{rule.name} on {seed[:20]!r}…: {short:.4f} s → {long:.4f} s; bound its repetitions", pytrace=False
            )


# ---- numerals ---------------------------------------------------------------------------------------------------------


def written(n: int) -> str:
    """A number below a hundred million as it is spoken: 一万零五十, 十二万."""
    if n >= 10_000:
        rest = n % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return written(n // 10_000) + "万" + gap + (written(rest).replace("十", "一十", rest < 20) if rest else "")
    digits, words, zero = str(n), "", False
    for place, digit in enumerate(digits):
        power = ["", "十", "百", "千"][len(digits) - place - 1]
        if digit == "0":
            zero = bool(words)
            continue
        words += ("零" if zero else "") + "零一二三四五六七八九"[int(digit)] + power
        zero = False
    return (words.removeprefix("一") if 10 <= n < 20 else words) or "零"


def test_the_writer_writes_as_one_does() -> None:
    assert [written(n) for n in (0, 10, 15, 20, 105, 110, 1015, 10_050, 10_015, 100_000, 120_034, 10_020_003)] == [
        "零", "十", "十五", "二十", "一百零五", "一百一十", "一千零一十五", "一万零五十", "一万零一十五", "十万", "十二万零三十四",
        "一千零二万零三",
    ]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 99_999_999) | st.integers(0, 2_000) | st.sampled_from([10**k for k in range(8)]))
def test_numerals_are_read_as_written(n: int) -> None:
    assert number(written(n)) == n
    assert number(str(n)) == n
    assert number(re.sub("二(?=[百千万])", "两", written(n))) == n
    digits = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(n))
    assert number(digits) == (None if about(digits) else n), "三四 is three or four, not thirty-four"
    assert number(written(n).translate(str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟"))) == n


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 99_999_999))
def test_numerals_agree_with_another_reader(n: int) -> None:
    cn2an = pytest.importorskip("cn2an")
    assert number(written(n)) == cn2an.cn2an(written(n), "smart")


# ---- the form of the files --------------------------------------------------------------------------------------------


def test_the_files_of_the_package_have_no_faults() -> None:
    assert lint() == []
    assert {path.stem for path in RULES.glob("*.yaml")} == set(FILES)


def test_every_kind_is_explained() -> None:
    page = (RULES / "README.md").read_text("utf-8")
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    explained = {kind for cell in cells for kind in re.findall(r"`(\w+)`", cell)}
    assert explained == {rule.kind for rule in OURS}


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    page = (RULES / "README.md").read_text("utf-8")
    mine = load(own(tmp_path, page.split("```yaml\n")[1].split("```")[0]))
    mine_too = next(rule for rule in mine.rules["period"] if rule.name == "period-market")
    assert mistake_in(mine_too, dict(mine_too.examples[0]), mine) is None


GOOD = "rules: [{name: own, kind: modal, pattern: 定当, value: {modality: obligation}, examples: [定当办], rejects: [一定当选]}]"


def own(tmp_path: Path, *texts: str) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    for n, text in enumerate(texts):
        (folder / f"own{n or ''}.yaml").write_text(text, encoding="utf-8")
    return folder


def rule(**changes: str) -> str:
    """A rule file with one good rule, some of whose keys are changed; "" leaves a key out."""
    keys = {
        "name": "own", "kind": "condition", "pattern": "'办$'", "examples": "[定当办]", "rejects": "[办法]",
    } | changes  # fmt: skip
    return "rules: [{" + ", ".join(f"{key}: {value}" for key, value in keys.items() if value) + "}]"


FAULTS = {
    "section": ("words: {a: [b]}", ["unknown section 'words'", "about, terms, parts, rules"]),
    "yaml": ("terms: [a", ["own.yaml: line 2: not readable as YAML", "mend that line"]),
    "form": ("just words", ["own.yaml: holds a str", "write the sections"]),
    "terms are no table": ("terms: [办]", ["terms is no table of names"]),
    "rules are no list": ("rules: {a: b}", ["rules is no list of rules"]),
    "key": (rule(pattren="办"), ["rule own: unknown key 'pattren'", "a rule has name, kind, pattern"]),
    "no pattern": (rule(pattern=""), ["rule own: has no pattern"]),
    "no rule": ("rules: [办]", ["rule 1 is '办'"]),
    "no examples": (rule(examples=""), ["rule own: has no examples; give at least one"]),
    "no rejects": (rule(rejects=""), ["rule own: has no rejects; give at least one"]),
    "example is a number": (rule(examples="[12]"), ["example 12 is no text; write one in quotes"]),
    "example is a list": (rule(examples="办"), ["examples is '办'; write a list"]),
    "key of an example": (rule(examples="[{text: 办, vlaue: {}}]"), ["vlaue", "is no text; write"]),
    "reject is a date": (rule(rejects="[2024-01-08]"), ["rejects: datetime.date(2024, 1, 8) is no text"]),
    "example twice": (rule(examples="[定当办, 定当办]"), ["定当办 stands twice among its examples and rejects"]),
    "value": (rule(value="obligation"), ["value is 'obligation'; write a table"]),
    "name twice": (GOOD[:-1] + ", " + GOOD.removeprefix("rules: ["), ["rule own: stands twice in this file; rename"]),
    "key twice": ("terms:\n  levels: {乡: township, 乡: village}", ["line 2: '乡' stands twice in one table"]),
    "word twice": ("terms: {heads: [圩长, 摊主, 圩长]}", ["terms heads: 圩长 stands twice; leave one of them out"]),
    "word is none": ("terms: {heads: [圩长, 12, '']}", ["12 is no word", "'' is no word"]),
    "empty list": ("terms: {heads: []}", ["terms heads: is empty"]),
    "list for a table": ("terms: {levels: [乡]}", ["terms levels: is a table (word: meaning) in the package"]),
    "table for a list": ("terms: {heads: {圩长: x}}", ["terms heads: is a list of words in the package"]),
    "no list": ("terms: {heads: 圩长}", ["terms heads: is neither a list of words nor a table"]),
    "list that nobody reads": ("terms: {haeds: [圩长]}", ["terms haeds: nobody reads it", "heads, "]),
    "part that nobody uses": ("parts: {mine: 办}", ["part mine: no pattern uses it"]),
    "part is none": ("parts: {mine: [办]}", ["part mine: is no pattern"]),
    "part and list": ("parts: {heads: 办}", ["part heads: there is a word list of that name; rename the part"]),
    "unknown part": (rule(pattern="'{verbz}办'"), ["rule own: nobody defines {verbz}"]),
    "unknown part in a part": (
        "parts: {mine: '{verbz}'}\n" + rule(pattern="'{mine}办'"),
        ["part mine: nobody defines {verbz}", "rule own: a part of it uses 'verbz'"],
    ),
    "circle": ("parts: {mine: '{yours}', yours: '{mine}'}\n" + rule(pattern="'{mine}办'"), ["in a circle"]),
    "does not compile": (rule(pattern="'(办'"), ["rule own: the pattern does not compile", "mend it"]),
    "empty text": (rule(pattern="'办*'"), ["rule own: the pattern matches the empty text"]),
    "empty alternative": (rule(pattern="'办(?:理|)'"), ["rule own: an empty alternative at …办(?:理|)…"]),
    "empty alternative in front": (rule(pattern="'|办'"), ["an empty alternative"]),
    "kind": (rule(kind="modul"), ["nobody reads rules of kind 'modul'; the kinds are amount, basis, "]),
    "other kind": (rule(name="count"), ["rule count: replaces a rule of kind count (measures.yaml)"]),
    "line of its own": (rule(kind="line", value="{at: match}"), ["rules of kind line only replace", "line-closing"]),
    "group is gone": (
        rule(name="township", kind="header", value="{at: match}"),
        ["rule township: header.yaml has a group place that is read; write (?P<place>…) in yours too"],
    ),
    "no modality": (rule(kind="modal"), ["kind modal wants modality in value; write one of obligation, prohibition"]),
    "unknown modality": (rule(kind="modal", value="{modality: must}"), ["write one of obligation"]),
    "no number": (rule(kind="count"), ["kind count reads the group n; write (?P<n>…) in the pattern"]),
    "no such group": (
        rule(kind="deadline", value="{deadline: 'within {n}{du}'}", pattern="'{n}日办'"),
        ["value names {n}", "value names {du}, which is no group of the pattern"][1:],
    ),
}


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
def test_faults(tmp_path: Path, text: str, said: list[str]) -> None:
    with pytest.raises(RuleError) as caught:
        load(own(tmp_path, text))
    message = str(caught.value)
    assert all(line.startswith("mine/own.yaml: ") for line in message.split("\n")), message
    for words in said:
        assert words in message


def test_all_faults_at_once(tmp_path: Path) -> None:
    folder = own(tmp_path, rule(pattern="'(办'"), rule(name="other", kind="modul"))
    with pytest.raises(RuleError) as caught:
        load(folder)
    first, second = str(caught.value).split("\n")
    assert first.startswith("mine/own.yaml: rule own: the pattern") and second.startswith(
        "mine/own1.yaml: rule other: "
    )
    assert lint(folder) == [first, second]


def test_not_utf8(tmp_path: Path) -> None:
    folder = own(tmp_path)
    (folder / "own.yaml").write_bytes("terms: {heads: [圩长]}".encode("gb18030"))
    with pytest.raises(RuleError, match="own.yaml: is not UTF-8 .*; save it as UTF-8"):
        load(folder)


def test_a_mark_at_the_head_of_a_file_is_no_fault(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    folder = own(tmp_path)
    (folder / "own.yaml").write_text(GOOD, encoding="utf-8-sig")
    assert "own" in {rule.name for rule in load(folder).rules["modal"]}


def test_two_files_of_the_package_may_not_use_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.yaml").write_text("parts: {a: 甲}\n" + rule(pattern="'{a}办'"), encoding="utf-8")
    (tmp_path / "two.yaml").write_text("parts: {a: 乙}\n" + rule(), encoding="utf-8")
    monkeypatch.setattr(lexicons, "RULES", tmp_path)
    monkeypatch.setattr(lexicons, "FILES", ("one", "two"))
    assert lint() == [
        "two.yaml: part a: one.yaml has one of that name; rename it",
        "two.yaml: rule own: one.yaml has one of that name; rename it",
    ]


# ---- a folder of the user's own ---------------------------------------------------------------------------------------


def test_lists_grow_tables_are_laid_over_rules_are_replaced(tmp_path: Path) -> None:
    text = """
        terms:
          heads: [圩长, 部门]
          levels: {圩: village, 镇: village}
          topics: {党课: [夜校], 集市: [圩日]}
        rules:
          - {name: modal-own, kind: modal, pattern: 定当, value: {modality: obligation}, examples: [定当办], rejects: [当选]}
          - {name: prohibition, kind: modal, pattern: 切勿, value: {modality: prohibition}, examples: [切勿办], rejects: [切]}
    """
    mine, ours = load(own(tmp_path, text)), load()
    assert mine.terms["heads"] == [*ours.terms["heads"], "圩长"]
    assert mine.terms["levels"] == {**ours.terms["levels"], "圩": "village", "镇": "village"}
    assert mine.terms["topics"]["党课"] == [*ours.terms["topics"]["党课"], "夜校"]
    assert mine.terms["topics"]["集市"] == ["圩日"] and set(mine.terms["topics"]) > set(ours.terms["topics"])
    names = [rule.name for rule in ours.rules["modal"]]
    assert [rule.name for rule in mine.rules["modal"]] == [*names, "modal-own"]
    assert next(rule for rule in mine.rules["modal"] if rule.name == "prohibition").pattern == "切勿"
    assert "部门" in re.findall(r"\w+", mine.expand("{heads}")) and "圩长" not in ours.expand("{heads}")
    assert ours.terms["levels"]["镇"] == "township"


def test_own_rules_reach_structure_and_header(tmp_path: Path) -> None:
    text = (
        "terms: {header_labels: {发文处: issuer}, number_codes: {栖政发: 北京市}}\n"
        "rules:\n"
        "  - {name: line-foot, kind: line, value: {at: search}, pattern: 'EOF', examples: [EOF], rejects: [全文]}\n"
        "  - {name: genre-帖, kind: genre, value: {genre: 帖}, pattern: '帖$', examples: [关于赶圩的帖], rejects: [帖子办法]}\n"
    )
    mine = load(own(tmp_path, text))
    body = view("第一条 镇长每月接访一次。\nEOF")
    assert [node.kind for node in parse(body)] == ["article", "paragraph"]
    assert [node.kind for node in parse(body, lexicon=mine)] == ["article", "boilerplate"]
    page = "发文处：栖阳圩务会\n关于赶圩的帖\n一、赶圩。"
    assert header_from_text(page).issuer is None and header_from_text(page).genre is None
    header = header_from_text(page, lexicon=mine)
    assert (header.issuer, header.genre) == ("栖阳圩务会", "帖")
    assert read_genre("关于赶圩的帖", lexicon=mine) == "帖"
