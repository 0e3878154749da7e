"""What an action is about: topic labels from ``rules/topics.yaml``."""

from __future__ import annotations

import functools

from .lexicon import Lexicon
from .patterns import alternation, compiled


class _Topics:
    """The topics of a lexicon: the pattern of all words, for each word its topics with the points that it gives them, the
    place of each topic, and the topics of what the holder of a post does."""

    def __init__(self, lexicon: Lexicon) -> None:
        topics: dict[str, list[str]] = lexicon.terms["topics"]
        fields = lexicon.words("fields")
        self.of: dict[str, list[tuple[str, int]]] = {}
        for topic, words in topics.items():
            for word in words:
                self.of.setdefault(word, []).append((topic, (1 if topic in fields else 2) * len(word)))
        self.words = compiled(alternation(self.of))
        self.places = {topic: place for place, topic in enumerate(topics)}
        duties = [word for post in lexicon.terms["posts"].values() for word in post["does"]]
        self.done_by_posts = compiled(alternation(duties))
        self.posts = [
            (str(topic), compiled(alternation(post["who"])), compiled(alternation(post["does"])))
            for topic, post in lexicon.terms["posts"].items()
        ]


@functools.lru_cache(maxsize=8)
def _topics(lexicon: Lexicon) -> _Topics:
    return _Topics(lexicon)


def topic(action: str, clause: str, lexicon: Lexicon, *, who: str = "") -> str | None:
    """The topic of an action (folded text), with its clause as context and ``who`` acts; ``None`` where no word of the
    lexicon stands.

    >>> from siga_nlp.lexicon import load
    >>> topic("到基层接访群众", "省级领导干部每年至少安排一次到基层接访群众", load())
    '信访接待'
    >>> topic("巡查", "乡级河长每月巡查不少于2次", load())
    '河湖巡查'
    """
    topics = _topics(lexicon)
    for name, post, does in topics.posts if topics.done_by_posts.search(action) else ():
        if does.search(action) and (post.search(clause) or post.search(who)):
            return name
    score: dict[str, int] = {}
    for text, weight in ((action, 2), (clause, 1)):
        for word in topics.words.findall(text):
            for name, points in topics.of[word]:
                score[name] = score.get(name, 0) + weight * points
    return min(score, key=lambda name: (-score[name], topics.places[name])) if score else None
