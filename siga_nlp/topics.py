"""What an action is about: topic labels from ``rules/topics.yaml``."""

from __future__ import annotations

import functools
import re

from .lexicon import Lexicon
from .patterns import alternation, compiled


@functools.lru_cache(maxsize=8)
def _patterns(lexicon: Lexicon) -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    topics: dict[str, list[str]] = lexicon.terms["topics"]
    of: dict[str, list[str]] = {}
    for topic, words in topics.items():
        for word in words:
            of.setdefault(word, []).append(topic)
    return compiled(alternation(of)), {word: tuple(found) for word, found in of.items()}


def topic(action: str, clause: str, lexicon: Lexicon, *, who: str = "") -> str | None:
    """The topic of an action (folded text), with its clause as context and ``who`` acts; ``None`` where no word of the
    lexicon stands.

    >>> from siga_nlp.lexicon import load
    >>> topic("到基层接访群众", "省级领导干部每年至少安排一次到基层接访群众", load())
    '信访接待'
    >>> topic("巡查", "乡级河长每月巡查不少于2次", load())
    '河湖巡查'
    """
    for field, post in lexicon.terms["posts"].items():
        if any(word in clause or word in who for word in post["who"]) and any(word in action for word in post["does"]):
            return str(field)
    pattern, of = _patterns(lexicon)
    fields = lexicon.words("fields")
    score: dict[str, int] = {}
    for text, weight in ((action, 2), (clause, 1)):
        for match in pattern.finditer(text):
            for name in of[match[0]]:
                score[name] = score.get(name, 0) + (weight if name in fields else 2 * weight) * len(match[0])
    if not score:
        return None
    order = list(lexicon.terms["topics"])
    return min(score, key=lambda name: (-score[name], order.index(name)))
