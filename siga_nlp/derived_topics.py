"""Topics for requirements that fit none of the lexicon's: clusters of like texts, named by their key terms.

``rules/topics.yaml`` names the topics of fields that somebody wrote down. What is left over is grouped here, so that a
field that nobody wrote down has topics on the first day. A derived topic is marked (``≈养老·服务``), never takes the
place of one of the lexicon, and its name is true of each of its requirements: a term of the name stands in the clause.

Character n-grams of action and clause (TF-IDF) are reduced to 50 dimensions (latent semantic analysis) and clustered
by average linkage; a cluster is named by the one or two words that are frequent in it and rare elsewhere, and those of
its requirements that hold neither stay without topic. What depends on the table is only how the leftovers are
grouped: scores of pairs do not use derived topics.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .lexicon import load
from .table import Row, check_table, records, to_frame
from .view import fold

if TYPE_CHECKING:
    import pandas as pd

DERIVED = "≈"
"""Stands before the name of a topic that was derived."""
_DIMENSIONS = 50
_DISTANCE = 1.0  # of unit vectors, at most, between clusters that are put together
_MOST = 3_000  # texts that are clustered one by one; of more, the centres of so many first clusters
_LEAST = 3  # requirements of a topic; two are enough if they are of different documents


def derive_topics(table: pd.DataFrame) -> pd.DataFrame:
    """Topics for the requirements of a table that have none.

    Args:
        table: A requirement table (``sg.requirements``, ``sg.read_table``).

    Returns:
        ``requirement_id topic terms``: one row for each requirement that has no topic in the table and fits a cluster;
        ``topic`` is the cluster's name with ``≈`` before it, ``terms`` the words of the name. The same table gives the
        same topics, whatever the order of its rows.

    Raises:
        ValueError: It is no requirement table.

    >>> from siga_nlp.models import Document
    >>> from siga_nlp.table import requirements
    >>> texts = ("居民应当把厨余垃圾投放到收集点。", "居民不得把建筑垃圾投放到收集点。", "住户应当按时段投放厨余垃圾。")
    >>> table = requirements([Document(name, text) for name, text in zip("abc", texts)])
    >>> table["topic"] = None
    >>> derive_topics(table)["topic"].unique().tolist()
    ['≈垃圾']
    """
    check_table(table)
    rows = sorted((r for r in records(table) if r["topic"] is None), key=lambda row: str(row["requirement_id"]))
    found = clusters(rows)
    lines = [
        {"requirement_id": name, "topic": topic, "terms": topic.removeprefix(DERIVED).split("·")}
        for name, topic in found.items()
    ]
    return to_frame(lines, columns={"requirement_id": "text", "topic": "text", "terms": "list"})


def clusters(rows: Sequence[Row]) -> dict[str, str]:
    """``requirement_id`` → name of its cluster, of those rows that are in one. The order of the rows does not matter."""
    texts = {row["requirement_id"]: _text(row) for row in rows}
    distinct = sorted(set(texts.values()))
    label = dict(zip(distinct, _labels(distinct), strict=True))
    of: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: str(row["requirement_id"])):
        if label[texts[row["requirement_id"]]] >= 0:
            of[label[texts[row["requirement_id"]]]].append(row)
    words = {row["requirement_id"]: _terms(row) for row in rows}
    held = Counter(word for terms in words.values() for word in terms)
    found: dict[str, str] = {}
    for number in sorted(of):
        name, members = _named(of[number], words, held, len(rows))
        if len(members) >= _LEAST or len({row["doc_id"] for row in members}) > 1:
            found |= {row["requirement_id"]: DERIVED + name for row in members}
    return dict(sorted(found.items()))


def _labels(texts: list[str]) -> list[int]:
    """A cluster for each text; -1: it shares nothing with the others."""
    import numpy as np
    from sklearn.cluster import AgglomerativeClustering, MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    if len(texts) < 3:
        return [0] * len(texts)
    try:
        weights = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, min_df=2).fit_transform(texts)
    except ValueError:  # no n-gram stands in two texts
        return [-1] * len(texts)
    dimensions = min(_DIMENSIONS, weights.shape[1] - 1, len(texts) - 1)
    reduced: Any = (
        TruncatedSVD(dimensions, random_state=0).fit_transform(weights) if dimensions > 1 else weights.toarray()
    )
    placed = np.flatnonzero(np.linalg.norm(reduced, axis=1) > 1e-9)
    found = np.full(len(texts), -1)
    if len(placed) < 2:
        return [int(n) for n in found]
    points = normalize(reduced[placed])
    linkage = AgglomerativeClustering(None, linkage="average", distance_threshold=_DISTANCE)
    if len(points) <= _MOST:
        found[placed] = linkage.fit_predict(points)
    else:
        first = MiniBatchKMeans(_MOST // 2, random_state=0, n_init=1, batch_size=4096).fit(points)
        found[placed] = linkage.fit_predict(normalize(first.cluster_centers_))[first.labels_]
    return [int(n) for n in found]


def _named(rows: list[Row], words: dict[str, frozenset[str]], held: Counter[str], of_all: int) -> tuple[str, list[Row]]:
    """The name of a cluster, and its rows that hold a word of it."""
    from .words import tag

    counts = Counter(word for row in rows for word in words[row["requirement_id"]])
    weight = {
        word: count / len(rows) * math.log(1 + of_all / held[word]) * (1.0 if tag(word)[:1] in "nijl" else 0.8)
        for word, count in counts.items()
        if count > 1
    }
    name: list[str] = []
    members: list[Row] = []
    for word in sorted(weight, key=lambda w: (-weight[w], w)):
        more = [row for row in rows if row not in members and word in words[row["requirement_id"]]]
        if len(more) > 1 and not any(word in other or other in word for other in name):
            name.append(word)
            members += more
            if len(name) == 2:
                break
        elif not name:
            break
    return "·".join(name), members


def _text(row: Row) -> str:
    return re.sub(r"\W", "", fold(row["action"] or "")) + re.sub(r"\W", "", _clause(row))


def _clause(row: Row) -> str:
    """The clause without who, how much and the modal word."""
    text = fold(row["text"] or "")
    for name in ("measure", "subject", "modal"):
        part = fold(row[name] or "")
        text = text.replace(part, " ", 1) if part else text
    return text


def _terms(row: Row) -> frozenset[str]:
    from .words import key_words

    return frozenset(key_words(f"{fold(row['action'] or '')} {_clause(row)}")) - load().words("untopical")
