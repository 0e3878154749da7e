"""Which requirements of different documents concern the same duty: pairs with a score and why, and items.

An *item* is one duty of one group of people: a row of the comparison. How requirements come into items:

1. *Candidates.* Actions are compared as folded text without measure, modal and light words (``core``); each one's
   nearest neighbours by character n-grams (TF-IDF) are looked up within its topic, and, on rarer n-grams, in all topics.
2. *Score* of a pair, 0 to 1: 0.55 × likeness of the actions + 0.15 × same topic + 0.15 × compatible subject (level and
   role) + 0.15 × compatible dimension (times, duration, amount of one unit, deadline, …). Subjects that name different
   levels (市级, 县级) exclude each other; a subject without a level goes with any; a clause for two levels has a place in
   the item of each; a level that is only inherited from earlier text counts for less than one that is stated.
3. *Items.* The best pairs first, groups are joined if their members are alike on the average, their levels agree, and no
   document would have two requirements in one item. Documents of different policies share an item only where they say
   nearly the same, and not for common acts (答复, 保存). What a document says twice in the same words and with the
   same measure is one requirement.

A person's decisions come before all this: ``join`` and ``split`` of two requirements, as rows of a CSV.
"""

from __future__ import annotations

import csv
import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .derived_topics import DERIVED, clusters
from .messages import label
from .table import Row, StrPath, check_table, is_missing, read_table, records
from .view import fold

if TYPE_CHECKING:
    import pandas as pd

THRESHOLD = 0.70
"""Pairs that score this or more may share an item."""
NEAR = 0.06
"""Pairs closer than this to the threshold are listed for a person."""
DECISIONS = {"requirement_id": "text", "other_id": "text", "decision": "text", "note": "text"}
ITEMS = {
    "item": "text", "topic": "text", "role": "text", "requirement_id": "text", "doc_id": "text", "levels": "list",
    "repeats": "list",
}  # fmt: skip
PAIRS = {
    "requirement_id": "text", "other_id": "text", "score": "number", "action_score": "number", "topic_score": "number",
    "subject_score": "number", "dimension_score": "number", "joined": "text", "why": "text", "stands_for": "int",
}  # fmt: skip
POLICIES = {"doc_id": "text", "policy": "text"}
NEAR_COLUMNS = {**DECISIONS, "score": "number", "joined": "text", "why": "text", "text": "text", "other_text": "text"}

HIERARCHY = ("central", "province", "city", "county", "township", "village")
_WEIGHTS = {"action": 0.55, "topic": 0.15, "subject": 0.15, "dimension": 0.15}
_LEAST_ACTION = 0.45
_LEAST_PLAIN = 0.73  # where neither has a measure: that both lack one says nothing
_OTHER_ACT = 0.4
_NEIGHBOURS = 12
_KIN = 0.06  # kin share surely (_SURE) at least this part of the smaller one's items,
_SURE = 0.88
_SAME_TITLE = 0.4  # or this part of the shorter title;
_THIN = 5  # documents with fewer requirements say too little to be told apart
_SAME = 0.9  # requirements of others share an item only if they score this
_COMMON = 250  # n-grams of more texts than this do not help to find neighbours across topics


@dataclass(frozen=True, slots=True)
class Alignment:
    """Items and pairs of a requirement table.

    ``items``: one row a requirement in an item (``item topic role requirement_id doc_id levels repeats``); ``levels`` are
    the levels for which the requirement stands there, ``repeats`` the ids of equal statements in the same document.
    ``pairs``: the scored candidates (``requirement_id other_id score``, the four parts of the score, ``joined`` yes or
    no, ``why``); one row stands for ``stands_for`` pairs of equally worded requirements. ``near``: the decisions
    given so far and the pairs close to the threshold, with both texts: save it as CSV, fill in ``join`` or ``split``,
    give it back as ``decisions``; written again to the same place it loses none. ``decisions``: those given, with
    ``status`` ``applied``, ``unknown_id``, ``conflict`` or ``overruled``. ``policies``: ``doc_id`` and ``policy``, one
    and the same for documents of one policy (kin, or kin of kin): only they can lack what another one asks.
    """

    items: pd.DataFrame
    pairs: pd.DataFrame
    near: pd.DataFrame
    decisions: pd.DataFrame
    policies: pd.DataFrame


# Texts


@functools.lru_cache(maxsize=1)
def _same() -> tuple[re.Pattern[str], dict[str, str], dict[tuple[str, str], str]]:
    """Words that mean one act; and those that do if they are the whole act of a topic (a 河长's 巡查 is 巡河)."""
    with (Path(__file__).parent / "data" / "same_actions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    same = {row["words"]: row["as"] for row in rows if not row["topic"]}
    whole = {(row["words"], row["topic"]): row["as"] for row in rows if row["topic"]}
    return re.compile("|".join(sorted(map(re.escape, same), key=lambda w: (-len(w), w)))), same, whole


@functools.lru_cache(maxsize=1)
def _common() -> tuple[dict[str, str], re.Pattern[str], re.Pattern[str]]:
    """Acts of any administration (办结, 保存, 召开) with the act that they are, and what says no more than such acts."""
    with (Path(__file__).parent / "data" / "common_acts.csv").open(encoding="utf-8") as file:
        entries = sorted(csv.DictReader(file), key=lambda row: (-len(row["word"]), row["word"]))
    acts = {row["word"]: row["act"] for row in entries if row["act"]}
    every = "|".join(re.escape(row["word"]) for row in entries)
    return acts, re.compile("|".join(map(re.escape, acts))), re.compile(f"(?:{every})+")


@functools.lru_cache(maxsize=65536)
def _acts(text: str) -> frozenset[str]:
    of, pattern, _ = _common()
    return frozenset(of[word] for word in pattern.findall(text))


@functools.lru_cache(maxsize=65536)
def _says_little(text: str) -> bool:
    """Whether a core is a bare act of any administration, without its object."""
    return len(text) == 2 and _common()[2].fullmatch(text) is not None


_NOISE = re.compile(r"[\s,.;:!?、。“”‘’()《》〈〉\[\]…—\-]+")
_LIGHT = re.compile(
    r"安排|开展|组织|进行|举行|累计|一般|原则上|不定期|定期|经常|随时|及时|切实|认真|积极|主动|带头|(?:每|全)年|年度|活动$|^[的于向对在将把]+(?=..)|(?<=..)的?时[间长]$"
)
_NAMED = re.compile(
    r"“[^“”]{1,6}”(?:工作|制度|活动)?"
)  # “四下基层”: the name of the policy, which all of its duties share


# 结合下基层调研、信访接待, 组织宣讲: what it is done with stands before the act.
_OCCASION = re.compile(r"^(?:结合|依托|围绕|根据|按照|依照)[^,;]*[,;]")
_ONLY_OCCASION = re.compile(r"结合(?!.{0,4}实际)[^,;]*、[^,;]*")
_WHERE = re.compile(r"(?:深入|到|下)?(?:基层|一线)")


@functools.lru_cache(maxsize=65536)
def core(text: str) -> str:
    """What an action is about, as it is compared: folded, without light words, variants of an action made equal.

    >>> core("安排接待群众来访"), core("定期開展現場辦公"), core("组织")
    ('接访', '现场办公', '组织')
    """
    folded = fold(text)
    folded = _NAMED.sub("", folded if _OCCASION.fullmatch(folded) else _OCCASION.sub("", folded))
    folded = _NOISE.sub("", folded if len(folded) > 2 else fold(text))
    pattern, same, _ = _same()
    folded = pattern.sub(lambda m: same[m[0]], folded)
    rest = pattern.sub(lambda m: same[m[0]], _LIGHT.sub("", folded))  # 责任河湖|进行|巡查
    return rest if len(rest) > 1 else folded


@functools.lru_cache(maxsize=262144)
def likeness(one: str, other: str) -> float:
    """How alike two cores are, 0 to 1: rapidfuzz's ratio, or the characters that they share in any order, or the share
    of the shorter one that stands in the longer (which counts for 0.85, or less where it is a small part of it).

    >>> likeness("公布接访安排", "接访安排公布"), round(likeness("更新", "公示牌更新"), 2), likeness("接访", "讲党课")
    (0.95, 0.85, 0.0)
    """
    from rapidfuzz import fuzz

    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    if _WHERE.sub("", one) == _WHERE.sub("", other):
        return 0.97  # 接访, 到基层接访
    shared = sum((Counter(one) & Counter(other)).values())
    shorter, longer = sorted((one, other), key=len)
    found = [fuzz.ratio(one, other) / 100, 0.95 * 2 * shared / (len(one) + len(other))]
    if len(shorter) >= 2:
        part = fuzz.partial_ratio(shorter, longer) / 100 * shared / len(shorter)
        at_edge = longer.startswith(shorter) or longer.endswith(shorter)  # 走访…, …更新: the verb of a verb phrase
        weight = 0.85 if at_edge or len(shorter) > 2 else 0.5
        if len(shorter) == 2 and len(longer) >= 8 and not longer.startswith(shorter):
            weight -= 0.15
        if not at_edge and len(longer) >= 2.5 * len(shorter):
            weight = min(weight, 0.7)  # 维护保养, 建立维护保养记录并存档: the object of another act
        if len(longer) >= 6 * len(shorter):
            weight -= 0.2 if len(shorter) == 2 else 0.05
        found.append(weight * part)
        runs, covered = _shared_words(shorter, longer)
        runs = max(runs, _shared_words(longer, shorter)[0])
        if (
            runs > 1 and covered >= 0.4 and len(longer) <= 3 * len(shorter)
        ):  # 公布…接访…, whatever stands between and in whatever order
            found.append(0.4 + 0.5 * covered)
    return round(min(max(found), 0.95), 4)


def _shared_words(text: str, other: str) -> tuple[int, float]:
    """How many runs of two characters and more of a text stand in another one, and their share of the text."""
    held = {other[n : n + 2] for n in range(len(other) - 1)}
    covered = [False] * len(text)
    for n in range(len(text) - 1):
        if text[n : n + 2] in held:
            covered[n] = covered[n + 1] = True
    runs = sum(now and not before for before, now in zip([False, *covered], covered, strict=False))
    return runs, sum(covered) / len(text)


def neighbours(
    texts: Sequence[str],
    others: Sequence[str] | None = None,
    *,
    top: int = _NEIGHBOURS,
    common: int | None = None,
) -> list[list[tuple[int, float]]]:
    """For each text its nearest others by character n-grams (TF-IDF, cosine): ``(index, cosine)``, the best first.

    With no ``others``, the texts among themselves (no text is its own neighbour). ``common`` leaves n-grams out that
    more than so many texts hold. Equal scores are ordered by the text, so the order of the input does not matter.

    >>> neighbours(["接访", "讲党课"], ["讲一次党课", "到村接访"], top=1)[0][0][0]
    1
    """
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    among = others is None
    pool = list(texts) if others is None else list(others)
    if not texts or not pool:
        return [[] for _ in texts]
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    every = sorted({*texts, *pool})
    try:
        vectorizer.fit(every)
    except ValueError:  # nothing but empty texts
        return [[] for _ in texts]
    rows, columns = vectorizer.transform(texts), vectorizer.transform(pool)
    if common is not None and len(every) > common:
        held = np.asarray((vectorizer.transform(every) > 0).sum(axis=0)).ravel() <= common
        rows, columns = rows[:, held], columns[:, held]
    columns = columns.T.tocsr()
    rank = {text: n for n, text in enumerate(sorted(set(pool)))}
    order = [rank[text] for text in pool]
    found: list[list[tuple[int, float]]] = []
    for start in range(0, len(texts), 512):
        block = (rows[start : start + 512] @ columns).tocsr()
        for n in range(block.shape[0]):
            found.append(_best(block, n, start + n if among else -1, order, top))
    return found


def _best(block: Any, n: int, itself: int, order: list[int], top: int) -> list[tuple[int, float]]:
    import numpy as np

    span = slice(block.indptr[n], block.indptr[n + 1])
    indices, scores = block.indices[span], block.data[span].round(5)
    if len(scores) > 4 * top:  # ties at the edge stay in, the order below decides
        least = np.partition(scores, len(scores) - top - 1)[len(scores) - top - 1]
        indices, scores = indices[scores >= least], scores[scores >= least]
    ranked = sorted(zip(indices.tolist(), scores.tolist(), strict=True), key=lambda p: (-p[1], order[p[0]], p[0]))
    return [(index, float(score)) for index, score in ranked if index != itself][:top]


def similar(
    texts: Sequence[str], others: Sequence[str], *, top: int = 5, least: float = _LEAST_ACTION
) -> list[list[tuple[int, float, str]]]:
    """For each text the others that are most like it: ``(index, score, why)``, the best first.

    Texts are actions or descriptions of what was done, in any script. The score is ``likeness`` of their cores, 0 to 1;
    ``why`` names the characters they share. Only the neighbours by n-grams are scored, never all pairs.

    >>> similar(["下村接待来访群众"], ["讲党课", "接访"])
    [[(1, 0.85, 'shared: 接访')]]
    """
    cores, pool = [core(t) for t in texts], [core(t) for t in others]
    found = []
    for text, near in zip(cores, neighbours(cores, pool, top=4 * top), strict=True):
        scored = [(n, likeness(text, pool[n]), f"shared: {_shared(text, pool[n])}") for n, _ in near]
        scored = [entry for entry in scored if entry[1] >= least]
        found.append(sorted(scored, key=lambda e: (-e[1], e[0]))[:top])
    return found


def _shared(one: str, other: str) -> str:
    left = Counter(other)
    kept = []
    for char in one:
        if left[char]:
            left[char] -= 1
            kept.append(char)
    return "".join(kept)


# Requirements as they are compared


@dataclass(frozen=True, slots=True)
class Duty:
    """What of a requirement decides with which others it is aligned; equal duties are aligned at once."""

    core: str
    clause: str  # the core of the clause without subject, measure and modal: the object may stand before the verb
    topic: str | None
    levels: tuple[str, ...]
    stated: bool  # whether the levels bind: those inherited from earlier text do not where a thing is measured
    group: str  # persons, bodies, or what else the subject is
    roles: tuple[str, ...]
    marks: tuple[str, ...]  # what tells holders of one role apart: 总河长, 部门领导干部
    dimensions: tuple[str, ...]
    modality: str
    own: str = ""  # the id, where a decision names the requirement


_UNITS = {"日": "天", "月": "个月", "名": "人", "位": "人", "家": "个", "学时": "课时"}
_SHORT = {"分钟", "小时", "课时", "秒"}
_LONG = {"天", "个月", "周", "年", "晚", "个工作日"}


_OFTEN = frozenset("定期 不定期 经常 随时 常态化 适时 经常性 不定时".split())


def dimensions(row: Row) -> tuple[str, ...]:
    """What a row measures: ``times often rotation days length deadline notice window``, or ``amount`` with its unit.

    >>> dimensions({"frequency_count": 1, "frequency_period": "P3M"}), dimensions({"quantity_value": 2, "quantity_unit": "户"})
    (('times',), ('amount 户',))
    """
    found = []
    period = row.get("frequency_period")
    quantity = row.get("quantity_value") is not None
    deadline = row.get("deadline") or ""
    if row.get("frequency_count") is not None or period and not quantity and not deadline:
        long = re.fullmatch(r"P(\d+)Y", period or "")
        found.append("rotation" if long and int(long[1]) > 1 else "times")
    if quantity:
        unit = _UNITS.get(row.get("quantity_unit") or "", row.get("quantity_unit") or "")
        recurs = period and row.get("frequency_count") is None
        if unit in _SHORT | _LONG:
            found.append("days" if recurs else "length")
        else:
            found.append(f"amount {unit}")
    if deadline:
        kind = "notice" if deadline.endswith("before") else "window" if deadline.startswith("in ") else "deadline"
        found.append(kind)
    if not found and row.get("vague") in _OFTEN:
        found.append("often")
    return tuple(found)


def _dimension_score(one: Duty, other: Duty) -> float:
    if not one.dimensions or not other.dimensions:
        return 1.0 if one.dimensions == other.dimensions else 0.6
    if set(one.dimensions) & set(other.dimensions):
        return 1.0
    kinds = {one.dimensions[0].split()[0], other.dimensions[0].split()[0]}
    if kinds == {"times", "often"}:
        return 0.8
    if kinds in ({"times", "days"}, {"window", "deadline"}):
        return 0.6
    if kinds == {"days", "often"}:
        return 0.5
    if kinds == {"amount"}:
        return 0.3
    return 0.0


_PERSONS = frozenset(
    "领导干部 领导班子 领导班子成员 班子成员 主要负责人 负责人 书记 常委 干部 党员 委员 人员 网格员 代表".split()
)
_LEADERS = frozenset("领导干部 领导班子 领导班子成员 班子成员 常委".split())
_BODIES = frozenset("党委 党组 党组织 常委会 政府 部门 单位 机关 纪检监察机关".split())


_BODY = re.compile(
    r"(?:政府|办公[室厅]|[局厅署院]|(?<!常)委|(?<!干)部|部门|单位|机关|党组|党组织|常委会|委员会|两级|市、?县|企业|公司|中心|学校|医院|协会)(?:\([^()]*\))?$"
)


def _group(subject: str, roles: tuple[str, ...]) -> str:
    if _BODY.search(subject):
        return "bodies"
    if set(roles) & _PERSONS:
        return "persons"
    return "bodies" if set(roles) & _BODIES else roles[0] if roles else ""


def _subject_score(one: Duty, other: Duty) -> float:
    """0 to 1; below 0 where the subjects exclude each other."""
    if set(one.levels) & set(other.levels):
        level = 0.8 + 0.2 * len(set(one.levels) & set(other.levels)) / len(set(one.levels) | set(other.levels))
    elif not one.levels or not other.levels:
        level = 0.8 if one.levels or other.levels else 1.0
    elif one.stated and other.stated:
        return -1.0
    else:
        level = 0.2
    if one.group and other.group and one.group != other.group:
        role = 0.0
    elif set(one.roles) & set(other.roles) or not one.roles and not other.roles:
        role = 1.0 if one.marks == other.marks else 0.7
    elif _LEADERS & set(one.roles) and _LEADERS & set(other.roles):
        role = 0.9 if one.marks == other.marks else 0.7
    else:
        role = 0.6
    return (level + role) / 2


def _topic_score(one: Duty, other: Duty) -> float:
    if one.topic is None or other.topic is None:
        return 0.5
    if one.topic == other.topic:
        return 1.0
    return 0.5 if one.topic in other.core or other.topic in one.core else 0.0


_BINDING = {"obligation": 0, "recommendation": 0, "permission": 1, "prohibition": 2}


@functools.lru_cache(maxsize=1 << 20)
def _parts(one: Duty, other: Duty) -> tuple[float, float, float, float, float]:
    """Score of two duties and its parts: action, topic, subject, dimension."""
    action = likeness(one.core, other.core)
    if action < 0.9 and one.clause and other.clause:
        action = max(action, round(0.9 * likeness(one.clause, other.clause), 4))
    plain = not one.dimensions and not other.dimensions
    if plain and one.core != other.core and (_says_little(one.core) or _says_little(other.core)):
        action = min(action, _OTHER_ACT)  # 使用, 使用外单位人员
    acts, other_acts = _acts(one.core), _acts(other.core)
    if acts and other_acts and not acts & other_acts:
        action = min(action, _OTHER_ACT)  # 建立台账, 保存台账: what they share is the object
    topic, subject, dimension = _topic_score(one, other), _subject_score(one, other), _dimension_score(one, other)
    if subject < 0:
        return 0.0, action, topic, 0.0, dimension
    weights = _WEIGHTS
    score = (
        weights["action"] * action
        + weights["topic"] * topic
        + weights["subject"] * subject
        + weights["dimension"] * dimension
    )
    if action < _LEAST_ACTION or dimension == 0.0:
        score = min(score, THRESHOLD - 2 * NEAR)
    elif plain and action < _LEAST_PLAIN:
        score = min(score, THRESHOLD - NEAR / 2)
    elif action < 0.75 and bool(one.dimensions) != bool(other.dimensions):  # 建立台账, 台账保存5年
        score = min(score, THRESHOLD - NEAR / 2)
    if _BINDING[one.modality] != _BINDING[other.modality]:
        score -= 0.2 if action < 1.0 else 0.1
    elif one.modality != other.modality and one.group and other.group and one.group != other.group:
        score -= 0.15  # 鼓励企业参与结对, 干部每人结对1户
    return round(score, 4), action, topic, subject, dimension


def _why(one: Duty, other: Duty) -> str:
    score, action, topic, subject, dimension = _parts(one, other)
    same = "same topic" if topic == 1 else "different topics" if topic == 0 else "topic of one unknown"
    return (
        f"actions {action:.2f} ({one.core} / {other.core}), {same}, subjects {subject:.2f}, "
        f"measures {dimension:.1f} ({'+'.join(one.dimensions) or 'none'} / {'+'.join(other.dimensions) or 'none'})"
    )


def duty_of(row: Row, *, own: bool = False) -> Duty:
    """The duty of a row of the requirement table."""
    levels = [level for level in row.get("subject_level") or () if level in HIERARCHY]
    measured = dimensions(row)
    roles = tuple(sorted(set(row.get("subject_role") or ())))
    thing = row.get("quantity_op") in ("le", "lt") or any(kind in _OF_THINGS for kind in measured)
    subject = fold(row.get("subject") or "")
    action = row.get("action") or row.get("text") or ""
    if _ONLY_OCCASION.fullmatch(fold(action)):
        action = ""
    if row.get("subject_source") == "stated" and not roles and not levels and not _ACTORS.search(subject):
        # 民情台账长期保存: the thing stands as the subject
        action = subject if fold(action) in subject else f"{subject}{action}"
    act = core(action)
    return Duty(
        core=_same()[2].get((act, row.get("topic") or ""), act),
        clause=_clause(row),
        topic=row.get("topic"),
        levels=tuple(sorted(set(levels), key=HIERARCHY.index)),
        stated=row.get("subject_source") == "stated" or not thing,
        group=_group(subject, roles),
        roles=roles,
        marks=tuple(sorted(set(_MARKS.findall(subject)))),
        dimensions=measured,
        modality=row.get("modality") or "obligation",
        own=row["requirement_id"] if own or not act else "",  # without words nothing is like another
    )


def _clause(row: Row) -> str:
    text = fold(row.get("text") or "")
    for name in ("measure", "subject", "modal", "condition"):
        part = fold(row.get(name) or "")
        if part:
            text = text.replace(part, "", 1)
    rest = _NOISE.sub("", text)
    return core(text) if len(rest) > 2 else ""  # the measure holds the verb: 每月至少接访2次


_ACTORS = re.compile(rf"[员人长组队户民者]$|{_BODY.pattern}")
_MARKS = re.compile("总(?=[河湖林田路]长)|副|部门|单位|机关|分管|专职|兼职|新任|一般|驻村|离退休")
_OF_THINGS = frozenset(("length", "rotation", "notice", "deadline"))


def pair_score(row: Row, other: Row) -> float:
    """The score of two rows of the requirement table, 0 to 1."""
    return _parts(duty_of(row), duty_of(other))[0]


# Groups


@dataclass(slots=True)
class _Group:
    """Requirements that share an item so far: documents → place of the row; ``level`` is the one that is stated."""

    level: str | None
    members: dict[str, int]  # doc_id → index of the row
    duties: dict[Duty, int]  # duty → how many members have it

    def sample(self, most: int = 5) -> list[Duty]:
        """The duties that most members have."""
        return sorted(self.duties, key=lambda d: (-self.duties[d], _key(d)))[:most]


def _key(duty: Duty) -> tuple[Any, ...]:
    return (
        duty.core,
        duty.clause,
        duty.topic or "",
        duty.levels,
        duty.stated,
        duty.group,
        duty.roles,
        duty.marks,
        duty.dimensions,
        duty.modality,
        duty.own,
    )


def align(
    table: pd.DataFrame,
    *,
    decisions: StrPath | pd.DataFrame | Iterable[Mapping[str, Any]] | None = None,
    threshold: float = THRESHOLD,
) -> Alignment:
    """Align the requirements of a table: which of them, in different documents, concern the same duty.

    Args:
        table: A requirement table (``sg.requirements``, ``sg.read_table``).
        decisions: Joins and splits by a person: a CSV (or a frame, or dicts) with the columns ``requirement_id
            other_id decision`` (``join`` or ``split``) and perhaps ``note``. Rows without a decision are passed over.
            Decisions on ids that the table does not hold are kept and reported in ``Alignment.decisions``.
        threshold: The least score of a pair.

    Raises:
        ValueError: The table or the decisions are not sound; the message says what to do.

    >>> from siga_nlp.models import Document
    >>> from siga_nlp.table import requirements
    >>> found = align(requirements([Document("a", "市长每月接访1次。"), Document("b", "市长每年接待群众来访6次。")]))
    >>> found.items[["item", "doc_id"]].values.tolist()
    [['市级接访', 'a'], ['市级接访', 'b']]
    """
    from .table import to_frame

    check_table(table)
    rows = sorted(records(table), key=lambda row: str(row["requirement_id"]))
    known = {row["requirement_id"]: n for n, row in enumerate(rows)}
    said = _read_decisions(decisions)
    named = {i for entry in said for i in (entry["requirement_id"], entry["other_id"])}
    duties = [duty_of(row, own=row["requirement_id"] in named) for row in rows]
    first, repeats = _repeats(rows, duties, named)

    joins, splits = _sort_decisions(said, known, rows, first)
    edges = _edges(rows, duties, first)
    groups = _grouped(rows, duties, first, edges, joins, splits, threshold)
    _extend(groups, rows, duties, edges, splits, threshold)
    kin, docs = _kinship(groups, rows, duties, joins)
    groups = _without_strangers(groups, rows, duties, joins, kin, docs)
    groups = _once(groups, duties, joins)
    items = _with_derived_topics(_items(groups, rows, duties, repeats), rows)
    shared: dict[int, set[int]] = defaultdict(set)
    for n, (_, members) in enumerate(items):
        for index in members:
            shared[index].add(n)
    pairs: list[Row] = []
    near = [_decided(entry, rows, duties, known, shared) for entry in said]
    decided = {frozenset((entry["requirement_id"], entry["other_id"])) for entry in said}
    for score, one, other, count in edges:
        if score < threshold - 3 * NEAR:
            continue
        _, action, topic, subject, dimension = _parts(duties[one], duties[other])
        joined = "yes" if shared[one] & shared[other] else "no"
        pair = {
            "requirement_id": rows[one]["requirement_id"], "other_id": rows[other]["requirement_id"], "score": score,
            "action_score": action, "topic_score": topic, "subject_score": subject, "dimension_score": dimension,
            "joined": joined, "why": _why(duties[one], duties[other]), "stands_for": count,
        }  # fmt: skip
        pairs.append(pair)
        doubtful = abs(score - threshold) <= NEAR or score >= threshold and joined == "no"
        if doubtful and frozenset((pair["requirement_id"], pair["other_id"])) not in decided:
            near.append({**pair, "text": rows[one]["text"], "other_text": rows[other]["text"]})
    found = []
    for (name, topic_name, role), members in items:
        for index, levels in sorted(members.items()):
            row = rows[index]
            found.append(
                {"item": name, "topic": topic_name, "role": role, "requirement_id": row["requirement_id"],
                 "doc_id": row["doc_id"], "levels": list(levels),
                 "repeats": [rows[n]["requirement_id"] for n in repeats.get(index, ())]}
            )  # fmt: skip
    return Alignment(
        items=to_frame(found, columns=ITEMS),
        pairs=to_frame(pairs, columns=PAIRS),
        near=to_frame([{k: p.get(k) for k in NEAR_COLUMNS} for p in near], columns=NEAR_COLUMNS),
        decisions=to_frame(said, columns={**DECISIONS, "status": "text"}),
        policies=to_frame(_policies(kin, docs), columns=POLICIES),
    )


def _decided(
    entry: Row, rows: list[Row], duties: list[Duty], known: Mapping[str, int], shared: Mapping[int, set[int]]
) -> Row:
    """A decision as it stands in the list for a person, which may be written over the file that it came from."""
    one, other = known.get(entry["requirement_id"]), known.get(entry["other_id"])
    if one is None or other is None:
        return dict(entry)
    return entry | {
        "score": _parts(duties[one], duties[other])[0], "joined": "yes" if shared[one] & shared[other] else "no",
        "why": _why(duties[one], duties[other]), "text": rows[one]["text"], "other_text": rows[other]["text"],
    }  # fmt: skip


_MEASURE = (
    "frequency_op", "frequency_count", "frequency_max", "frequency_period", "quantity_op", "quantity_value",
    "quantity_max", "quantity_unit", "deadline", "basis", "condition",
)  # fmt: skip


def _repeats(rows: list[Row], duties: list[Duty], named: set[str]) -> tuple[list[int], dict[int, list[int]]]:
    """The rows to align, and for each those of its document that say the same once more."""
    first: dict[Any, int] = {}
    repeats: dict[int, list[int]] = defaultdict(list)
    kept = []
    for n in sorted(range(len(rows)), key=lambda n: (rows[n]["doc_id"], rows[n]["start"] or 0, n)):
        row = rows[n]
        duty = duties[n]
        key = (row["doc_id"], duty, row["vague"], *(row[name] for name in _MEASURE))
        if key in first and row["requirement_id"] not in named and duty.dimensions:
            repeats[first[key]].append(n)
        else:
            first.setdefault(key, n)
            kept.append(n)
    return sorted(kept), dict(repeats)


def _edges(rows: list[Row], duties: list[Duty], kept: list[int]) -> list[tuple[float, int, int, int]]:
    """Scored candidates, the best first: ``(score, row, other row, pairs they stand for)``; one for two duties."""
    of: dict[Duty, list[int]] = defaultdict(list)
    for n in kept:
        of[duties[n]].append(n)
    by_core: dict[str, list[Duty]] = defaultdict(list)
    by_topic: dict[str | None, set[str]] = defaultdict(set)
    for duty in sorted(of, key=_key):
        by_core[duty.core].append(duty)
        by_topic[duty.topic].add(duty.core)
    near: set[tuple[str, str]] = {(text, text) for text in by_core}
    for topic in sorted(by_topic, key=str):
        texts = sorted(by_topic[topic])
        for text, found in zip(texts, neighbours(texts), strict=True):
            near |= {(min(text, texts[n]), max(text, texts[n])) for n, _ in found}
    texts = sorted(by_core)
    for text, found in zip(texts, neighbours(texts, common=_COMMON), strict=True):
        near |= {(min(text, texts[n]), max(text, texts[n])) for n, _ in found}
    edges: list[tuple[float, int, int, int]] = []
    for one_text, other_text in sorted(near):
        for one in by_core[one_text]:
            for other in by_core[other_text]:
                if one_text == other_text and _key(one) >= _key(other):
                    continue
                score = _parts(one, other)[0]
                if score < 0.5:
                    continue
                pair = _example(rows, of[one], of[other])
                if pair is not None:
                    edges.append((score, min(pair), max(pair), len(of[one]) * len(of[other])))
    return sorted(edges, key=lambda e: (-e[0], e[1], e[2]))


def _example(rows: list[Row], ones: list[int], others: list[int]) -> tuple[int, int] | None:
    for one in ones[:8]:
        for other in others[:8]:
            if rows[one]["doc_id"] != rows[other]["doc_id"]:
                return one, other
    return None


def _levels_of(duty: Duty) -> tuple[str | None, ...]:
    return duty.levels or (None,)


def _grouped(
    rows: list[Row], duties: list[Duty], kept: list[int], edges: list[tuple[float, int, int, int]],
    joins: list[tuple[int, int]], splits: set[tuple[int, int]], threshold: float,
) -> list[_Group]:  # fmt: skip
    """Groups of rows, per level, by joining the best pairs first."""
    groups: list[_Group | None] = []
    at: dict[tuple[Duty, str | None], list[int]] = defaultdict(list)  # duty and level → its groups
    place: dict[tuple[int, str | None], int] = {}  # row and level → group

    ordinal: Counter[tuple[str, Duty]] = Counter()
    for n in kept:  # equal duties of different documents are together from the start
        duty = duties[n]
        turn = ordinal[rows[n]["doc_id"], duty]
        ordinal[rows[n]["doc_id"], duty] += 1
        for level in _levels_of(duty):
            mine = at[duty, level]
            if turn >= len(mine):
                mine.append(len(groups))
                groups.append(_Group(level if duty.stated else None, {}, {}))
            group = groups[mine[turn]]
            assert group is not None
            group.members[rows[n]["doc_id"]] = n
            group.duties[duty] = group.duties.get(duty, 0) + 1
            place[n, level] = mine[turn]
    moved = list(range(len(groups)))

    def root(g: int) -> int:
        while moved[g] != g:
            moved[g] = moved[moved[g]]
            g = moved[g]
        return g

    def merge(a: int, b: int) -> None:
        one, other = groups[a], groups[b]
        assert one is not None and other is not None
        one.members.update(other.members)
        for duty, count in other.duties.items():
            one.duties[duty] = one.duties.get(duty, 0) + count
        one.level = one.level or other.level
        groups[b] = None
        moved[b] = a

    apart: dict[int, set[int]] = defaultdict(set)
    for a, b in splits:
        apart[a].add(b)
        apart[b].add(a)

    def may(a: int, b: int) -> bool:
        one, other = groups[a], groups[b]
        assert one is not None and other is not None
        if one.members.keys() & other.members.keys():
            return False
        if apart and any(apart[n] & set(other.members.values()) for n in one.members.values() if n in apart):
            return False
        return True

    for a, b in joins:
        for level in _levels_of(duties[a]):
            for with_level in _levels_of(duties[b]):
                x, y = root(place[a, level]), root(place[b, with_level])
                wanted = level == with_level or level is None or with_level is None
                if x != y and (wanted or not set(duties[a].levels) & set(duties[b].levels)) and may(x, y):
                    merge(x, y)
    for score, a, b, _ in edges:
        if score < threshold:
            break
        for level in _levels_of(duties[a]):
            for with_level in _levels_of(duties[b]):
                if level is not None and with_level is not None and level != with_level:
                    if set(duties[a].levels) & set(duties[b].levels):
                        continue  # they meet at the level that both name
                    if duties[a].stated and duties[b].stated:
                        continue
                for i in at[duties[a], level]:
                    for j in at[duties[b], with_level]:
                        x, y = root(i), root(j)
                        if x == y or not may(x, y):
                            continue
                        one, other = groups[x], groups[y]
                        assert one is not None and other is not None
                        if one.level and other.level and one.level != other.level:
                            continue
                        links = [_parts(p, q)[0] for p in one.sample() for q in other.sample()]
                        if min(links) >= threshold - 2.5 * NEAR and sum(links) / len(links) >= threshold:
                            merge(min(x, y), max(x, y))
    return [group for group in groups if group is not None]


def _extend(
    groups: list[_Group], rows: list[Row], duties: list[Duty], edges: list[tuple[float, int, int, int]],
    splits: set[tuple[int, int]], threshold: float,
) -> None:  # fmt: skip
    """A requirement that names no level goes into the items of all levels with which it is aligned."""
    by_duty: dict[Duty, list[_Group]] = defaultdict(list)
    for group in groups:
        for duty in group.duties:
            by_duty[duty].append(group)
    wanted: dict[int, list[tuple[float, _Group, Duty]]] = defaultdict(list)
    for score, a, b, _ in edges:
        if score < threshold:
            break
        for one, other in ((duties[a], duties[b]), (duties[b], duties[a])):
            if one.levels and one.stated:
                continue
            for group in by_duty[other]:
                if group.level is not None and one not in group.duties:
                    links = [_parts(one, q)[0] for q in group.sample()]
                    if min(links) >= threshold and (len(group.members) > 1 or group.level in one.levels):
                        wanted[id(group)].append((score, group, one))
    of: dict[Duty, dict[str, int]] = defaultdict(dict)
    for group in groups:
        for doc, n in group.members.items():
            if not duties[n].levels or not duties[n].stated:
                of[duties[n]].setdefault(doc, n)
    for found in wanted.values():
        for _, group, duty in sorted(found, key=lambda e: (-e[0], _key(e[2]))):
            for doc, n in sorted(of[duty].items()):
                taken = group.members.values()
                if doc not in group.members and not any((n, m) in splits or (m, n) in splits for m in taken):
                    group.members[doc] = n
                    group.duties[duty] = group.duties.get(duty, 0) + 1


def _without_strangers(
    groups: list[_Group],
    rows: list[Row],
    duties: list[Duty],
    joins: list[tuple[int, int]],
    kin: Any,
    docs: dict[str, int],
) -> list[_Group]:
    """Part members whose documents are no kin, unless they say nearly the same of the same people.

    Documents of different policies (river chiefs, production safety) use the same common words (召开会议, 办结). Kin are
    documents whose titles name the same thing, and those that share a part of their items; common acts are no sign of
    it, and never bring strangers together.
    """
    import numpy as np
    from scipy.sparse.csgraph import connected_components

    joined = {n for pair in joins for n in pair}
    found = []
    for group in groups:
        names = sorted(group.members)
        at = [docs[name] for name in names]
        count, part = connected_components(kin[at][:, at], directed=False)
        if count == 1 or any(n in joined for n in group.members.values()):
            found.append(group)
            continue
        parts = [[group.members[name] for name, p in zip(names, part, strict=True) if p == q] for q in range(count)]
        links = np.array([[_closest(a, b, duties) >= _SAME for b in parts] for a in parts])
        _, whole = connected_components(links, directed=False)
        for q in sorted(set(whole)):
            kept = {n for p, rows_of in enumerate(parts) if whole[p] == q for n in rows_of}
            members = {doc: n for doc, n in group.members.items() if n in kept}
            level = group.level
            if level and not any(duties[n].stated and level in duties[n].levels for n in kept):
                level = None
            found.append(_Group(level, members, dict(Counter(duties[n] for n in kept))))
    return found


_PAPER = re.compile(
    r"关于|印发|通知|意见|办法|细则|方案|制度|工作|实施|进一步|深入|开展|推动|推进|做好|加强|规范|落实|规定|条例|管理|暂行|试行|"
    r"领导干部|要点|若干|决定|讲话|会议|出台|全面|[^《》]{0,60}?(?:人民政府|办公[厅室]|委员会|委)(?=关于|印发|办理|出台)|"
    r"[的在上和与及《》“”、,()\s]"
)


def _title_words(row: Row) -> frozenset[str]:
    """Pairs of characters of what a title names, without the place, the issuer and the kind of paper."""
    title = fold(row.get("title") or "")
    for name in (row.get("region"), row.get("issuer")):
        if name:
            title = title.replace(fold(name), "")
    text = _PAPER.sub(" ", title)
    return frozenset(text[n : n + 2] for n in range(len(text) - 1) if " " not in text[n : n + 2])


def _is_common(text: str) -> bool:
    return _common()[2].fullmatch(text) is not None


def _kinship(
    groups: list[_Group], rows: list[Row], duties: list[Duty], joins: list[tuple[int, int]]
) -> tuple[Any, dict[str, int]]:
    """Documents × documents, true where they are kin, and the place of each document.

    Two alone are kin, and so are those that say too little to tell."""
    import numpy as np
    from scipy.sparse import csr_matrix, identity

    common = [all(_is_common(duty.core) for duty in group.duties) for group in groups]
    first = {rows[n]["doc_id"]: n for group in groups for n in group.members.values()}
    docs = {doc: n for n, doc in enumerate(sorted(first))}
    words: dict[str, int] = {}
    named = [
        (docs[doc], words.setdefault(w, len(words))) for doc in docs for w in sorted(_title_words(rows[first[doc]]))
    ]
    parts: dict[tuple[int, Duty], int] = {}  # a group's members of one duty
    held = []
    for n, group in enumerate(groups):
        for doc, row in group.members.items():
            if not common[n]:
                held.append((docs[doc], parts.setdefault((n, duties[row]), len(parts))))
    alike = [
        (parts[n, one], parts[n, other])
        for n, group in enumerate(groups)
        if not common[n]
        for one in group.sample(30)
        for other in group.sample(30)
        if one is not other and (n, one) in parts and (n, other) in parts and _strong(one, other)
    ]

    def table(places: list[tuple[int, int]], width: int) -> Any:
        at = tuple(zip(*places, strict=True)) if places else ([], [])
        return csr_matrix((np.ones(len(places)), at), shape=(len(docs), width) if width != -1 else (len(parts),) * 2)

    titles, members = table(named, len(words)), table(held, len(parts))
    shared = members @ (table(alike, -1) + identity(len(parts))) @ members.T if parts else members @ members.T
    kin = _part_of_smaller(titles @ titles.T, titles, _SAME_TITLE) + _part_of_smaller(shared, members, _KIN)
    told = [(docs[rows[a]["doc_id"]], docs[rows[b]["doc_id"]]) for a, b in joins]
    if len(docs) == 2:
        told.append((0, 1))
    sizes = Counter(doc for group in groups for doc in group.members)
    thin = [docs[doc] for doc in sorted(docs) if sizes[doc] < _THIN]
    told += zip(thin, thin[1:], strict=False)
    said = table([*told, *((b, a) for a, b in told)], len(docs)) > 0
    return kin + said, docs


def _policies(kin: Any, docs: dict[str, int]) -> list[Row]:
    """Which documents are of one policy: kin, and kin of kin. A policy bears the name of its first document."""
    from scipy.sparse.csgraph import connected_components

    if not docs:
        return []
    _, part = connected_components(kin, directed=False)
    first: dict[int, str] = {}
    for doc, n in docs.items():
        first.setdefault(part[n], doc)
    return [{"doc_id": doc, "policy": first[part[n]]} for doc, n in docs.items()]


def _part_of_smaller(shared: Any, held: Any, least: float) -> Any:
    """Where what two rows share is at least so large a part of what the smaller one has."""
    import numpy as np

    found = shared.tocoo()
    sizes = np.asarray(held.sum(axis=1)).ravel()
    found.data = found.data >= least * np.minimum(sizes[found.row], sizes[found.col])
    return found.tocsr()


def _strong(one: Duty, other: Duty) -> bool:
    parts = _parts(one, other)
    return parts[0] >= _SURE and parts[1] >= 0.85 and not _is_common(one.core) and not _is_common(other.core)


def _once(groups: list[_Group], duties: list[Duty], joins: list[tuple[int, int]]) -> list[_Group]:
    """A requirement stands in several items only at different levels; else it leaves those that fit it less."""
    joined = {n for pair in joins for n in pair}
    of: dict[int, list[_Group]] = defaultdict(list)
    samples = {}
    for group in groups:
        if len(group.members) > 1:
            samples[id(group)] = group.sample()
            for n in group.members.values():
                of[n].append(group)
    for n, held in sorted(of.items()):
        if (
            n in joined
            or len(held) < 2
            or len({group.level for group in held}) == len(held)
            and all(g.level for g in held)
        ):
            continue
        doc = next(doc for doc, m in held[0].members.items() if m == n)

        def fit(group: _Group, n: int = n) -> float:
            others = [sum(_parts(duties[n], other)[:2]) for other in samples[id(group)] if other != duties[n]]
            return sum(others) / len(others) if others else 2.0

        ranked = sorted(held, key=lambda g: (-fit(g), -len(g.members), g.level or ""))
        taken: set[str | None] = set()
        for group in ranked:
            if not taken or group.level and None not in taken and group.level not in taken:
                taken.add(group.level)
            elif group.members != ranked[0].members:
                del group.members[doc]
    return [group for group in groups if group.members]


def _closest(ones: list[int], others: list[int], duties: list[Duty]) -> float:
    """The best score between two sides, common acts left out."""
    few = [sorted({duties[n] for n in side if not _is_common(duties[n].core)}, key=_key)[:5] for side in (ones, others)]
    return max((_parts(a, b)[0] for a in few[0] for b in few[1]), default=0.0)


def _items(
    groups: list[_Group], rows: list[Row], duties: list[Duty], repeats: dict[int, list[int]]
) -> list[tuple[tuple[str, str | None, str | None], dict[int, tuple[str, ...]]]]:
    """Names, topics and roles of items with their rows; groups of the same rows at several levels become one item."""
    merged: dict[tuple[int, ...], set[str]] = defaultdict(set)
    for group in groups:
        key = tuple(sorted(group.members.values()))
        levels = (
            {group.level} if group.level else {v for n in key for v in duties[n].levels} if len(key) == 1 else set()
        )
        merged[key] |= {level for level in levels if level}
    full = [set(key) for key in merged if len(key) > 1]
    for key in [key for key in merged if len(key) > 1]:  # all of it stands in a larger item, and most name no level
        unnamed = sum(not duties[n].levels or not duties[n].stated for n in key)
        if 2 * unnamed > len(key) and any(set(key) < other for other in full):
            del merged[key]
            full.remove(set(key))
    covered: dict[int, list[set[int]]] = defaultdict(list)
    for rows_of in full:
        for n in rows_of:
            covered[n].append(rows_of)
    found = []
    for key, levels in merged.items():
        if len(key) == 1 and any(any(m != key[0] and not duties[m].levels for m in s) for s in covered[key[0]]):
            continue  # aligned already with one that names no level and so stands for this level too
        if len(key) == 1 and covered[key[0]] and not duties[key[0]].stated:
            continue
        if len(key) == 1:
            levels = levels - {v for s, ls in merged.items() if len(s) > 1 and key[0] in s for v in ls} or levels
        topics = Counter(duties[n].topic for n in key if duties[n].topic)
        topic = min(topics, key=lambda t: (-topics[t], t)) if topics else None
        roles = Counter(role for n in key for role in duties[n].roles)
        role = min(roles, key=lambda r: (-roles[r], r)) if roles else None
        where = {n: tuple(v for v in duties[n].levels if not levels or v in levels) for n in key}
        if 2 * sum(bool(found_at) for found_at in where.values()) < len(key):
            levels = set()  # most name no level
        ordered = sorted(levels, key=HIERARCHY.index)
        named = " ".join([*ordered, *([role] if role else [])]) or None
        cores = Counter(duties[n].core for n in key)
        most = max(cores.values())
        name = min((c for c in cores if cores[c] == most), key=lambda c: (len(c) > 12, -len(c), c))[:24]
        words = [label(level, "zh").removesuffix("级") for level in ordered]
        name = f"{'、'.join(words)}级{name}" if words else name or rows[key[0]]["requirement_id"]
        found.append(((name, topic, named), where, (rows[key[0]]["doc_id"], rows[key[0]]["start"] or 0, key)))
    found.sort(key=lambda e: (e[0][1] is None, e[0][1] or "", e[0][2] or "", e[0][0], e[2]))
    seen: Counter[str] = Counter()
    total = Counter(name for (name, _, _), _, _ in found)
    result = []
    for (name, topic, role), where, _ in found:
        seen[name] += 1
        unique = name if total[name] == 1 else f"{name} ({seen[name]})"
        result.append(((unique, topic, role), where))
    return result


def _with_derived_topics(
    items: list[tuple[tuple[str, str | None, str | None], dict[int, tuple[str, ...]]]], rows: list[Row]
) -> list[tuple[tuple[str, str | None, str | None], dict[int, tuple[str, ...]]]]:
    """Items without a topic of the lexicon get one that is derived from all of them (marked), if they fit one."""
    left = {n for (_, topic, _), members in items if topic is None for n in members}
    derived = clusters([rows[n] for n in sorted(left)])
    found = []
    for (name, topic, role), members in items:
        if topic is None:
            told = Counter(derived[rows[n]["requirement_id"]] for n in members if rows[n]["requirement_id"] in derived)
            topic = min(told, key=lambda t: (-told[t], t), default=None)
        found.append(((name, topic, role), members))
    return sorted(found, key=lambda e: (e[0][1] is None, (e[0][1] or "").startswith(DERIVED), e[0][1] or ""))


# Decisions


def _read_decisions(given: StrPath | pd.DataFrame | Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    if given is None:
        return []
    name = "decisions"
    frame: Any = given
    entries: list[dict[str, Any]]
    if hasattr(frame, "columns"):
        entries, columns = list(frame.to_dict("records")), {str(c) for c in frame.columns}
    elif isinstance(given, str) or hasattr(given, "__fspath__"):
        name = str(given)
        frame = read_table(frame, columns=DECISIONS)
        entries, columns = list(frame.to_dict("records")), {str(c) for c in frame.columns}
    else:
        entries = [dict(entry) for entry in frame]
        columns = {key for entry in entries for key in entry} or {*DECISIONS}
    missing = [c for c in ("requirement_id", "other_id", "decision") if c not in columns]
    if missing:
        raise ValueError(
            f"{name}: columns are missing: {', '.join(missing)}. A file of decisions has the columns "
            "requirement_id, other_id, decision (join or split) and perhaps note."
        )
    found = []
    for n, entry in enumerate(entries, 2):
        cells = {c: None if is_missing(entry.get(c)) else str(entry[c]).strip() for c in DECISIONS}
        if not cells["decision"]:
            continue
        cells["decision"] = cells["decision"].lower()
        if cells["decision"] not in ("join", "split") or not cells["requirement_id"] or not cells["other_id"]:
            raise ValueError(
                f"{name}, row {n}: two requirement ids and join or split are wanted, this is "
                f"{cells['requirement_id']}, {cells['other_id']}, {cells['decision']}. Correct the row or empty its decision."
            )
        found.append({**cells, "status": "applied"})
    return found


def _sort_decisions(
    said: list[dict[str, Any]], known: Mapping[str, int], rows: list[Row], kept: list[int]
) -> tuple[list[tuple[int, int]], set[tuple[int, int]]]:
    """Joins and splits as places of rows. A later decision on the same pair overrules; statuses are noted in ``said``."""
    last: dict[frozenset[str], dict[str, Any]] = {}
    for entry in said:
        pair = frozenset((entry["requirement_id"], entry["other_id"]))
        if not pair <= known.keys():
            entry["status"] = "unknown_id"
            continue
        if pair in last:
            last[pair]["status"] = "overruled"
        last[pair] = entry
    joins, splits = [], set()
    group: dict[int, set[int]] = {}
    for entry in last.values():
        a, b = sorted((known[entry["requirement_id"]], known[entry["other_id"]]))
        if entry["decision"] == "split":
            splits.add((a, b))
    for entry in last.values():
        if entry["decision"] == "split":
            continue
        a, b = sorted((known[entry["requirement_id"]], known[entry["other_id"]]))
        union = group.get(a, {a}) | group.get(b, {b})
        docs = Counter(rows[n]["doc_id"] for n in union)
        if max(docs.values()) > 1 or any((x, y) in splits for x in union for y in union):
            entry["status"] = "conflict"
            continue
        for n in union:
            group[n] = union
        joins.append((a, b))
    return joins, splits
