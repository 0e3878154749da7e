"""Patterns are made to run fast and must match what they matched before: on real texts, on texts made of their own parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from siga_nlp.clauses import mask, sentences
from siga_nlp.lexicon import load
from siga_nlp.measures import Atom, Measures
from siga_nlp.patterns import Sieve, alternation, compiled
from siga_nlp.view import fold

CORPUS = Path(__file__).parent.parent / "corpus"
RULES = [rule for rules in load().rules.values() for rule in rules]


@cache
def plain(pattern: str) -> re.Pattern[str]:
    return re.compile(load().expand(pattern))


@cache
def fast(pattern: str) -> re.Pattern[str]:
    return load().compile(pattern)


def found(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[tuple[object, ...]]:
    return [(match.span(), match.groups(), match.lastgroup) for match in pattern.finditer(text, start, end)]


@cache
def everything() -> dict[str, str]:
    """All patterns that there are: of rules, parts and word lists."""
    lexicon = load()
    parts = {name: f"{{{name}}}" for name in [*lexicon.parts, *lexicon.terms] if name in lexicon.parts or words(name)}
    return parts | {rule.name: rule.pattern for rule in RULES}


def words(name: str) -> list[str]:
    terms = load().terms[name]
    return [word for word in terms if isinstance(word, str)]


def texts() -> Iterator[str]:
    for path in sorted(CORPUS.rglob("*.txt")):
        yield mask(fold(path.read_text("utf-8")))[:3000]
    yield "。".join(fold(example["text"]) for rule in RULES for example in rule.examples)
    yield "".join(fold(text) for rule in RULES for text in rule.rejects)


@pytest.mark.parametrize("text", [pytest.param(text, id=text[:8].strip()) for text in texts()])
def test_every_pattern_matches_what_it_did(text: str) -> None:
    for name, pattern in everything().items():
        for start, end in ((0, len(text)), (len(text) // 3, 2 * len(text) // 3)):
            assert found(fast(pattern), text, start, end) == found(plain(pattern), text, start, end), name


pieces = st.sampled_from(
    sorted(
        {fold(e["text"]) for rule in RULES for e in rule.examples} | {fold(t) for rule in RULES for t in rule.rejects}
    )
)
signs = st.sampled_from("每年月日内前一二2٣０半%次个不得应当至少、,。 \n|(第x")
made = st.lists(pieces | st.tuples(pieces, st.integers(1, 6)).map(lambda p: p[0][: p[1]]) | signs, max_size=6).map(
    "".join
)


@settings(max_examples=60, deadline=None)
@given(made, st.integers(0, 12), st.integers(0, 12))
@example("得", 0, 0)
@example("每٣年", 0, 0)
def test_parts_of_examples(text: str, before: int, after: int) -> None:
    start, end = before, max(before, len(text) - after)
    for name, pattern in everything().items():
        assert found(fast(pattern), text, start, end) == found(plain(pattern), text, start, end), name
        for how in ("match", "fullmatch"):
            one, two = (getattr(p, how)(text, start, end) for p in (fast(pattern), plain(pattern)))
            assert (one and one.span()) == (two and two.span()), name


class Unsieved(Measures):
    """Every rule is tried, each as it is written."""

    def __init__(self) -> None:
        super().__init__(load())
        self.rules = [(rule, plain(rule.pattern)) for rule, _ in self.rules]
        self.sieve = type("All", (), {"passing": lambda *_: range(len(self.rules))})()


def atoms(measures: Measures, text: str) -> list[list[Atom]]:
    return [measures.find(text, start, end) for start, end in sentences(text, 0, len(text))]


SIEVED, UNSIEVED = Measures(load()), Unsieved()


@pytest.mark.parametrize("text", [pytest.param(text, id=text[:8].strip()) for text in texts()])
def test_the_same_measures_are_found(text: str) -> None:
    assert atoms(SIEVED, text) == atoms(UNSIEVED, text)


@settings(deadline=None)
@given(made)
def test_the_same_measures_are_found_in_parts_of_examples(text: str) -> None:
    assert atoms(SIEVED, text) == atoms(UNSIEVED, text)


simple = st.text("甲乙丙12-^]\\", min_size=1, max_size=4)


@given(st.sets(simple, min_size=1, max_size=12), st.text("甲乙丙12-^]\\", max_size=20))
@example({"不得", "不得少于"}, "不得少于")
def test_a_list_takes_the_longest_word(words: set[str], text: str) -> None:
    longest_first = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
    assert re.findall(alternation(words), text) == longest_first.findall(text)


# Patterns of every build, small enough to be tried on all texts of a few signs.
atom = st.sampled_from(
    ["甲", "乙", "[甲乙]", "[^甲]", r"\d", ".", "^", "$", "(?=甲)", "(?!乙)", "(?<=甲)", "(?<!乙)", r"\b"]
)
built = st.recursive(
    atom,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda p: f"(?:{p[0]}|{p[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*?", "{0,2}", "{1,2}", "{2,3}?", "+"])).map(
            lambda p: f"(?:{p[0]}){p[1]}"
        ),
        inner.map(lambda p: f"({p})"),
        inner.map(lambda p: f"(?>{p})"),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(built, st.text("甲乙1\n", max_size=7), st.integers(0, 3))
@example("(甲?)乙\\1", "甲乙甲", 0)
@example("(?i:a)b", "Ab", 0)
def test_any_pattern(pattern: str, text: str, start: int) -> None:
    slow = found(re.compile(pattern), text, start, len(text))
    assert found(compiled(pattern), text, start, len(text)) == slow
    if slow:
        assert Sieve([pattern]).passing(text, start, len(text)) == (0,)
