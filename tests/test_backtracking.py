"""No pattern backtracks: each is run on long texts made of its own parts, and the steps that it takes are counted.

The steps are those of a small matcher below, which goes through a pattern as Python's own does and is held against it on
every text: no clock, so the same result on every machine. Repetitions that are bounded are bounded sooner (``SOON``), so
that short texts show which ones are not.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import siga_nlp
from siga_nlp import lexicon as lexicons
from siga_nlp import parties
from siga_nlp.extraction import wording

ROOT = Path(siga_nlp.__file__).parent
SOURCE = "\n".join(path.read_text("utf-8") for path in sorted(ROOT.rglob("*.py")))
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
SINGLE = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)
SOON = 6
LENGTH = 24
MOST = 40_000

# ---- the patterns, and how they are asked -------------------------------------------------------------------------------


def uses(name: str) -> set[str]:
    """The methods by which the package asks a pattern of this name."""
    return set(
        re.findall(rf"\b{name}\b(?:\[[^\]]*\])?\.(match|fullmatch|search|finditer|findall|sub|subn|split)\(", SOURCE)
    )


class Written(lexicons.Lexicon):
    """The rules, which give a pattern as it is written where they are asked to compile it."""

    def compile(self, pattern: str) -> Any:
        return self.expand(pattern)


@cache
def patterns() -> dict[str, tuple[str, int, bool]]:
    """Each pattern by a name: its text, its flags, whether it is looked for or only tried at one place."""
    found: dict[str, tuple[str, int, bool]] = {}
    lexicon = lexicons.load()
    for rules in lexicon.rules.values():
        for rule in rules:
            found[rule.name] = lexicon.expand(rule.pattern), 0, rule.value.get("at", "search") == "search"
    written = Written(lexicon.rules, lexicon.terms, lexicon.parts)
    words = wording.Wording(written)
    named = {f"parties.{name}": text for name, text in vars(parties.Parties(written)).items()}
    named |= {f"wording.{name}": getattr(words, name) for name in wording.Wording.__annotations__}
    for name, text in named.items():
        if isinstance(text, str):
            found[name] = text, 0, not uses(name.partition(".")[2]) <= {"match", "fullmatch"}
    for info in pkgutil.walk_packages([str(ROOT)], "siga_nlp."):
        if info.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(info.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                looked_for = not uses(name) <= {"match", "fullmatch"}
                found[f"{info.name}.{name}"] = value.pattern, value.flags & ~re.UNICODE, looked_for
    return found


def test_all_kinds_of_patterns_are_there() -> None:
    expected = {"amount", "prohibition", "line-modal", "wording.relative_verb", "parties.head", "siga_nlp.lines.LABEL"}
    assert expected <= set(patterns()) and len(patterns()) > 400


# ---- a matcher that counts ----------------------------------------------------------------------------------------------

Then = Callable[[int], bool]
Try = Callable[[int, Then], bool]


class Matcher:
    """A pattern that is gone through step by step, as Python's own matcher does it."""

    def __init__(self, tree: Any) -> None:
        self.state, self.groups, self.steps, self.most, self.text = tree.state, dict[int, tuple[int, int]](), 0, 0, ""
        self.run = self.sequence(tree)

    def step(self, count: int = 1) -> None:
        self.steps += count
        if self.steps > self.most:
            raise TimeoutError

    def spans(self, text: str, *, looked_for: bool, most: int) -> list[tuple[int, int]]:
        """Where the pattern matches: everywhere, or only at the beginning."""
        self.text, self.steps, self.most = text, 0, most
        found: list[tuple[int, int]] = []
        at = 0
        while at <= len(text):
            self.groups.clear()
            end = self.end(self.run, at)
            if end is not None:
                found.append((at, end))
            if not looked_for:
                break
            at = end if end is not None and end > at else at + 1
        return found

    def end(self, run: Try, at: int) -> int | None:
        ends: list[int] = []
        return ends[0] if run(at, lambda end: not ends.append(end)) else None  # type: ignore[func-returns-value]

    def sequence(self, tree: Any) -> Try:
        runs = [self.one(code, value) for code, value in tree.data]

        def run(at: int, then: Then, n: int = 0) -> bool:
            return then(at) if n == len(runs) else runs[n](at, lambda end: run(end, then, n + 1))

        return run

    def one(self, code: Any, value: Any) -> Try:
        if code in SINGLE:
            return self.single(code, value)
        if code is op.AT:
            holds = self.tester(code, value)
            return lambda at, then: holds(self.text, at) is not None and then(at)
        if code is op.BRANCH:
            return self.branch([self.sequence(tree) for tree in value[1]])
        if code is op.SUBPATTERN:
            return self.group(value[0], self.sequence(value[3]))
        if code is op.GROUPREF:
            return self.reference(value)
        if code is op.ATOMIC_GROUP:
            return self.atomic(self.sequence(value))
        if code in (op.ASSERT, op.ASSERT_NOT):
            return self.look(value[0], value[1], wanted=code is op.ASSERT)
        assert code in REPEATS, f"{code}: the matcher does not know it"
        return self.repeat(code, *value)

    def tester(self, code: Any, value: Any) -> Callable[..., Any]:
        return compiler.compile(parser.SubPattern(self.state, [(code, value)])).match

    def fits(self, code: Any, value: Any) -> Callable[[str], bool]:
        if code is op.LITERAL and not self.state.flags & re.IGNORECASE:
            return chr(value).__eq__
        test = self.tester(code, value)
        return cache(lambda char: test(char) is not None)

    def single(self, code: Any, value: Any) -> Try:
        fits = self.fits(code, value)

        def run(at: int, then: Then) -> bool:
            self.step()
            return at < len(self.text) and fits(self.text[at]) and then(at + 1)

        return run

    def branch(self, runs: list[Try]) -> Try:
        def run(at: int, then: Then) -> bool:
            for each in runs:  # any() would go deeper into C with every call
                if each(at, then):
                    return True
            return False

        return run

    def group(self, number: int | None, inner: Try) -> Try:
        if number is None:
            return inner

        def run(at: int, then: Then) -> bool:
            before = self.groups.get(number)

            def closed(end: int) -> bool:
                self.groups[number] = at, end
                return then(end)

            if inner(at, closed):
                return True
            self.groups.pop(number, None)
            if before:
                self.groups[number] = before
            return False

        return run

    def reference(self, number: int) -> Try:
        def run(at: int, then: Then) -> bool:
            a, b = self.groups.get(number, (0, -1))
            return a <= b and self.text.startswith(self.text[a:b], at) and then(at + b - a)

        return run

    def atomic(self, inner: Try) -> Try:
        def run(at: int, then: Then) -> bool:
            end = self.end(inner, at)
            return end is not None and then(end)

        return run

    def look(self, direction: int, tree: Any, *, wanted: bool) -> Try:
        inner = self.sequence(tree)
        back = tree.getwidth()[0] if direction < 0 else 0

        def run(at: int, then: Then) -> bool:
            self.step()
            found = at >= back and self.end(inner, at - back) is not None
            return found == wanted and then(at)

        return run

    def repeat(self, code: Any, least: int, most: int, tree: Any) -> Try:
        if len(tree.data) == 1 and tree.data[0][0] in SINGLE:
            return self.run_of(code, least, most, self.fits(*tree.data[0]))
        inner = self.sequence(tree)

        def more(at: int, then: Then, n: int = 0) -> bool:
            self.step()

            def again(end: int) -> bool:
                return (end > at or n < least) and more(end, then, n + 1)

            if n < least:
                return inner(at, again)
            if code is op.MIN_REPEAT:
                return then(at) or n < most and inner(at, again)
            return n < most and inner(at, again) or then(at)

        return self.atomic(more) if code is op.POSSESSIVE_REPEAT else more

    def run_of(self, code: Any, least: int, most: int, fits: Callable[[str], bool]) -> Try:
        def run(at: int, then: Then) -> bool:
            text, end = self.text, at
            stop = min(len(text), at + most)
            if code is op.MIN_REPEAT:
                while end < at + least or not then(end):
                    self.step()
                    if end >= stop or not fits(text[end]):
                        return False
                    end += 1
                return True
            while end < stop and fits(text[end]):
                end += 1
            self.step(end - at + 1)
            if code is op.POSSESSIVE_REPEAT:
                return end >= at + least and then(end)
            for back in range(end, at + least - 1, -1):
                self.step()
                if then(back):
                    return True
            return False

        return run


# ---- texts of a pattern's own parts -------------------------------------------------------------------------------------


def bounded_sooner(tree: Any) -> Any:
    """The same pattern with its bounded repetitions bounded at ``SOON``."""
    data = []
    for code, value in tree.data:
        if code in REPEATS:
            least, most, body = value
            value = least, most if most == op.MAXREPEAT else max(least, min(most, SOON)), bounded_sooner(body)
        elif code is op.BRANCH:
            value = value[0], [bounded_sooner(each) for each in value[1]]
        elif code is op.SUBPATTERN:
            value = *value[:3], bounded_sooner(value[3])
        elif code in (op.ASSERT, op.ASSERT_NOT):
            value = value[0], bounded_sooner(value[1])
        elif code is op.ATOMIC_GROUP:
            value = bounded_sooner(value)
        data.append((code, value))
    return parser.SubPattern(tree.state, data)


def sample(tree: Any, pick: int) -> str:
    """A text that a pattern may match; ``pick`` chooses among its alternatives."""
    made = ""
    for code, value in tree.data:
        if code is op.LITERAL:
            made += chr(value)
        elif code in SINGLE:
            fits = Matcher(parser.SubPattern(tree.state, [])).fits(code, value)
            members = (
                [chr(v) if c is op.LITERAL else chr(v[0]) for c, v in value if c in (op.LITERAL, op.RANGE)]
                if code is op.IN
                else []
            )
            some = [char for char in [*members, *"某的一1 a、,"] if fits(char)] or [""]
            made += some[pick % len(some)]
        elif code is op.BRANCH:
            made += sample(value[1][pick % len(value[1])], pick)
        elif code is op.SUBPATTERN:
            made += sample(value[3], pick)
        elif code is op.ATOMIC_GROUP:
            made += sample(value, pick)
        elif code in REPEATS:
            made += sample(value[2], pick) * max(value[0], min(1, pick % 3))
    return made


def repeated(tree: Any) -> Iterator[Any]:
    """The parts of a pattern that may be repeated, however deep."""
    for code, value in tree.data:
        inner = {op.BRANCH: lambda v: v[1], op.SUBPATTERN: lambda v: [v[3]], op.ATOMIC_GROUP: lambda v: [v]}.get(code)
        if code in REPEATS:
            if value[1] > SOON:
                yield value[2]
            yield from repeated(value[2])
        elif code in (op.ASSERT, op.ASSERT_NOT):
            yield from repeated(value[1])
        elif inner:
            for each in inner(value):
                yield from repeated(each)


def pumps(tree: Any) -> list[str]:
    """What to repeat: the repeatable parts of a pattern, and a match of all of it but its end."""
    bodies = [sample(body, pick) for body in repeated(tree) for pick in (0, 1)]
    whole = [sample(tree, pick)[:-1] for pick in (0, 1, 5)]
    return [pump for pump in dict.fromkeys([*bodies, *whole]) if 0 < len(pump) <= 2 * LENGTH][:6]


# ---- the test -----------------------------------------------------------------------------------------------------------


def grows(name: str) -> str:
    text, flags, looked_for = patterns()[name]
    tree = bounded_sooner(parser.parse(text, flags))
    counted, real = Matcher(tree), compiler.compile(tree, flags)
    for pump in pumps(tree):
        steps = []
        for times in (1, 2, 4):
            long = pump * (max(2, LENGTH // len(pump)) * times) + "\0"
            try:
                spans = counted.spans(long, looked_for=looked_for, most=MOST)
            except TimeoutError:
                return f"more than {MOST} steps on {len(long)} signs: {pump!r} over and over"
            if looked_for:
                expected = [match.span() for match in real.finditer(long)]
            else:
                expected = [match.span()] if (match := real.match(long)) else []
            assert [s for s in spans if s[1] > s[0]] == [s for s in expected if s[1] > s[0]], (name, long)
            steps.append(counted.steps)
        # Twice the text from there: twice the steps (the square of it: four times).
        if steps[2] - steps[1] > 2.8 * max(steps[1] - steps[0], steps[1] // 2):
            return f"{steps} steps on {pump!r} over and over"
    return ""


@pytest.fixture(autouse=True)
def deep() -> Iterator[None]:
    """The matcher calls itself for each sign."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


def test_no_pattern_backtracks() -> None:
    found = {name: fault for name in patterns() if (fault := grows(name))}
    assert not found, "bound these repetitions, or say what may not stand before them"


@pytest.mark.parametrize(
    "pattern", ["(?:a+)+b", "[ab]*a[ab]*c", "a*b", "(?:a|ab)*c", r"\s*x\s*$", "a+?b", "(?:a{1,9}b?){1,9}c"]
)
def test_what_backtracks_is_found(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "patterns", lambda: {"it": (pattern, 0, True)})
    assert grows("it")


@pytest.mark.parametrize("pattern", ["(?<!a)a*b", "a{1,40}b", "x[^,x]*,", "(?:ab)*+", "a|b", "(?:a{1,9}b){1,9}c"])
def test_what_does_not_is_not(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "patterns", lambda: {"it": (pattern, 0, True)})
    assert grows("it") == ""
