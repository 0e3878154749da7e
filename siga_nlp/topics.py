"""What an action is about: topic labels from ``rules/topics.yaml``."""

from __future__ import annotations

import functools
import re

from .lexicon import Lexicon
from .patterns import alternation, compiled


@functools.lru_cache(maxsize=8)
def _patterns(lexicon: Lexicon) -> tuple[re.Pattern[str], dict[str, list[tuple[str, int]]], dict[str, int]]:
    """The pattern of all words; for each word its topics with the points that it gives them; the place of each topic."""
    topics: dict[str, list[str]] = lexicon.terms["topics"]
    fields = lexicon.words("fields")
    of: dict[str, list[tuple[str, int]]] = {}
    for topic, words in topics.items():
        for word in words:
            of.setdefault(word, []).append((topic, (1 if topic in fields else 2) * len(word)))
    return compiled(alternation(of)), of, {topic: place for place, topic in enumerate(topics)}


def topic(action: str, clause: str, lexicon: Lexicon) -> str | None:
    """The topic of an action (folded text), with its clause as context; ``None`` where no word of the lexicon stands.

    >>> from siga_nlp.lexicon import load
    >>> topic("到基层接访群众", "省级领导干部每年至少安排一次到基层接访群众", load())
    '信访接待'
    """
    pattern, of, places = _patterns(lexicon)
    score: dict[str, int] = {}
    for text, weight in ((action, 2), (clause, 1)):
        for word in pattern.findall(text):
            for name, points in of[word]:
                score[name] = score.get(name, 0) + weight * points
    return min(score, key=lambda name: (-score[name], places[name])) if score else None
