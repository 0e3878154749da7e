"""Patterns that run fast. What a pattern matches never changes; only what need not be tried is left out.

A pattern is read once for what every match of it must have: the sign it begins with (``compiled`` looks for that before
anything else) and the signs it holds (``Sieve`` leaves out the patterns that lack one). Both follow from the pattern
alone, so that nobody who writes a rule need think of them. A pattern that tells nothing is run as it is.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from re import _compiler as compiler  # type: ignore[attr-defined]  # what reads patterns; ours may read with it
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

# The signs that may stand at one place: the members of a class (``一`` ``0-9`` ``\d``).
Signs = frozenset[str]
_CATEGORIES = {op.CATEGORY_DIGIT: r"\d", op.CATEGORY_SPACE: r"\s", op.CATEGORY_WORD: r"\w"}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_WIDTHLESS = (op.AT, op.ASSERT, op.ASSERT_NOT)
# What is wider keeps out too little: a range of so many signs, a class of so many members to hold one of.
_WIDEST, _MOST_HELD = 100, 48
# Words that are tried one after the other; of more than so many, only those in the range of the sign that stands there,
# and those that begin alike as one.
_PART, _ALIKE = 64, 16


def alternation(words: Iterable[str]) -> str:
    """A pattern for the words, of which the longest that fits is taken (不得少于 before 不得).

    Of many words only those are tried that begin near the sign that stands there. The words are written out rather than
    folded into classes of signs, which take long to compile.

    >>> alternation(["不得", "不得少于", "应当", "应"])
    '(?:应当|应|不得少于|不得)'
    """
    by_sign: dict[str, list[str]] = {}
    for word in sorted(filter(None, words), reverse=True):
        by_sign.setdefault(word[0], []).append(word)
    parts: list[tuple[list[str], list[str]]] = [([], [])]
    for sign, alike in by_sign.items():
        if len(parts[-1][1]) >= _PART:
            parts.append(([], []))
        parts[-1][0].append(sign)
        parts[-1][1].extend(_beginning(sign, alike))
    if len(parts) == 1:
        return f"(?:{'|'.join(parts[0][1])})"
    ranges = [f"(?=[{_sign(signs[-1])}-{_sign(signs[0])}])(?:{'|'.join(written)})" for signs, written in parts]
    return f"(?:{'|'.join(ranges)})"


def _beginning(sign: str, words: list[str]) -> list[str]:
    """The alternatives for the words that begin with a sign: many of them as one."""
    if len(words) <= _ALIKE:
        return list(map(re.escape, words))
    return [re.escape(sign) + alternation(word[1:] for word in words) + "?" * (sign in words)]


@functools.lru_cache(maxsize=1024)  # some are asked for by two names, and by the rules of several folders
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern compiled, with a look ahead at the sign that each match begins with.

    It is compiled from the tree that was read for the look ahead, and so does not hold its own text.

    >>> compiled("(?<!不)得(?!到)|应当").findall("不得,应当得")
    ['应当', '得']
    """
    tree = parser.parse(pattern)
    look = _look(tree)
    if look:
        tree = parser.SubPattern(tree.state, [(op.ASSERT, (1, parser.parse(look))), *tree.data])
    found: re.Pattern[str] = compiler.compile(tree)
    return found


def ahead(pattern: str) -> str:
    """The pattern behind a look ahead at the two signs that each match begins with, or the one that it is.

    >>> ahead("(?<!不)得(?!到)|应当")
    '(?=[应][当]|[得])(?:(?<!不)得(?!到)|应当)'
    """
    look = _look(parser.parse(pattern))
    return f"(?={look})(?:{pattern})" if look else pattern


def _look(tree: Any) -> str:
    """What each match begins with; nothing where that is not known, or where the engine itself looks for it."""
    if not _plain(tree) or not tree.data or tree.data[0][0] in (op.LITERAL, op.IN):
        return ""
    opening = _opening(tree)
    if not opening.first or opening.empty == _ANYWHERE:
        return ""
    look = _brackets(opening.first)
    if opening.second and opening.single is not None:
        longer = opening.first - opening.single
        look = _brackets(longer) + _brackets(opening.second) if longer else ""
        look = "|".join(filter(None, [look, _brackets(opening.single) if opening.single else ""]))
    return look + "|$" if opening.empty == _AT_END else look


def _brackets(signs: Signs) -> str:
    return f"[{''.join(sorted(signs))}]"


class Sieve:
    """Which of several patterns can match in a stretch of text, by the signs that stand in it.

    >>> sieve = Sieve(["每(?:个)?月", "第.条", "月[初底]"])
    >>> sieve.passing("每季度和本月底前", 0, 8), sieve.passing("每季度和本月底前", 0, 4)
    ((0, 2), ())
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        needed = [_held(pattern) for pattern in patterns]
        classes = list(dict.fromkeys(signs for each in needed for signs in each))
        bits = {signs: 1 << n for n, signs in enumerate(classes)}
        self._needs = [sum(bits[signs] for signs in set(each)) for each in needed]
        self._signs = re.compile(_brackets(frozenset().union(*classes))) if classes else None
        tests = [(re.compile(_brackets(signs)), bit) for signs, bit in bits.items()]
        self._bits = _Bits(tests)
        # Every text has other sets of signs: what is remembered of them is bounded.
        self._passing = functools.lru_cache(maxsize=4096)(
            lambda held: tuple(n for n, need in enumerate(self._needs) if need & held == need)
        )

    def passing(self, text: str, start: int, end: int) -> Sequence[int]:
        """The numbers of the patterns that may match in ``text[start:end]``; the others cannot."""
        held, bits = 0, self._bits
        for sign in set(self._signs.findall(text, start, end)) if self._signs else ():
            held |= bits[sign]
        return self._passing(held)


class _Bits(dict[str, int]):
    """For each sign the classes that hold it, as bits. Asked only for the signs of these classes."""

    def __init__(self, tests: Sequence[tuple[re.Pattern[str], int]]) -> None:
        super().__init__()
        self._tests = tests

    def __missing__(self, sign: str) -> int:
        self[sign] = sum(bit for test, bit in self._tests if test.match(sign))
        return self[sign]


# ---- reading a pattern ------------------------------------------------------------------------------------------------


def _plain(tree: Any) -> bool:
    return not tree.state.flags & ~re.UNICODE  # with other flags a sign stands for more than itself


def _class(items: Any) -> Signs | None:
    """The members of a class; None for one that is wide, or says what it does not hold."""
    signs = set()
    for code, value in items:
        if code is op.LITERAL:
            signs.add(_member(value))
        elif code is op.RANGE and value[1] - value[0] < _WIDEST:
            signs.add(f"{_member(value[0])}-{_member(value[1])}")
        elif code is op.CATEGORY and value in _CATEGORIES:
            signs.add(_CATEGORIES[value])
        else:
            return None
    return frozenset(signs)


def _member(code: int) -> str:
    return _sign(chr(code))


def _sign(char: str) -> str:
    """A sign as it is written inside a class."""
    return f"\\{char}" if char in r"\]^-[&~|" else char


# Where a match may have no sign at all.
_NOWHERE, _AT_END, _ANYWHERE = range(3)


class _Opening(NamedTuple):
    """How the matches of a pattern may begin; None: with any sign."""

    first: Signs | None = frozenset()
    second: Signs | None = frozenset()
    single: Signs | None = frozenset()  # those that are a match by themselves
    empty: int = _ANYWHERE


def _opening(tree: Any) -> _Opening:
    if len(tree.data) > 1 and tree.data[0][0] is tree.data[1][0] is op.LITERAL:  # a word, as nearly all are
        first, second = ({_member(value)} for _, value in tree.data[:2])
        return _Opening(frozenset(first), frozenset(second), frozenset(), _NOWHERE)
    found = _Opening()
    for code, value in tree.data:
        found = _then(found, _opening_of(code, value))
        if not found.empty and found.single == frozenset():
            break
    return found


def _then(left: _Opening, right: _Opening) -> _Opening:
    """How matches of one thing after another begin."""
    first, second, single = left.first, left.second, right.single if left.empty else frozenset()
    if left.empty:
        first, second = _any([first, right.first]), _any([second, right.second])
    if left.single != frozenset():
        second = _any([second, right.first])
    if right.empty:
        single = _any([single, left.single])
    return _Opening(first, second, single, min(left.empty, right.empty))


def _any(classes: Sequence[Signs | None]) -> Signs | None:
    return None if None in classes else frozenset().union(*classes)  # type: ignore[arg-type]


def _opening_of(code: Any, value: Any) -> _Opening:
    if code is op.LITERAL or code is op.IN:
        signs = frozenset({_member(value)}) if code is op.LITERAL else _class(value)
        return _Opening(signs, frozenset(), signs, _NOWHERE)
    if code is op.BRANCH:
        found = [_opening(branch) for branch in value[1]]
        return _Opening(
            _any([each.first for each in found]),
            _any([each.second for each in found]),
            _any([each.single for each in found]),
            max(each.empty for each in found),
        )
    if code is op.SUBPATTERN and not value[1] and not value[2]:
        return _opening(value[3])
    if code is op.ATOMIC_GROUP:
        return _opening(value)
    if code in _REPEATS:
        least, most, body = value
        once = _opening(body)
        more = once if most == 1 else _then(once, once if least > 1 else once._replace(empty=_ANYWHERE))
        return more if least else more._replace(empty=_ANYWHERE)
    if code in _WIDTHLESS:
        return _Opening(empty=_AT_END if value is op.AT_END else _ANYWHERE)
    return _Opening(None, None, None, _ANYWHERE)


def _held(pattern: str) -> list[Signs]:
    """Classes of signs of each of which a match holds at least one."""
    tree = parser.parse(pattern)
    return [signs for signs in _required(tree) if len(signs) <= _MOST_HELD] if _plain(tree) else []


def _required(tree: Any) -> list[Signs]:
    found: list[Signs] = []
    for code, value in tree.data:
        if code is op.LITERAL:
            found.append(frozenset({_member(value)}))
        elif code is op.IN:
            found += filter(None, [_class(value)])
        elif code is op.BRANCH:
            found += _of_branches([_required(branch) for branch in value[1]])
        elif code is op.SUBPATTERN and not value[1] and not value[2]:
            found += _required(value[3])
        elif code is op.ATOMIC_GROUP:
            found += _required(value)
        elif code in _REPEATS and value[0] > 0:
            found += _required(value[2])
        elif code is op.ASSERT and value[0] > 0:
            found += _required(value[1])  # ahead, within the stretch; what is behind may stand before it
    return found


def _of_branches(branches: list[list[Signs]]) -> list[Signs]:
    """One class for several alternatives: from each the one that adds the fewest signs."""
    if not all(branches):
        return []
    signs: Signs = frozenset()
    for required in branches:
        signs |= min(required, key=lambda more: len(more - signs))
    return [signs]
