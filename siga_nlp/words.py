"""Words: cuts, parts of speech, head verbs and key terms. The only module that imports jieba.

Matching goes by characters and never by these cuts; words serve where a slot needs one. The tokenizer is our own:
``jieba.dt`` and every other tokenizer of the process stay as they are, and theirs do not change ours. The dictionary
is read straight from jieba's package, without jieba's cache file in the shared temporary folder and without its
messages. Words are looked up in the folded text (``view.fold``), so that traditional script is cut as simplified.
"""

# ruff: noqa: SIM905  (word lists read better as words between spaces)
from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from .models import Span
from .view import fold

if TYPE_CHECKING:
    from jieba import Tokenizer

# Words of administration that jieba's dictionary lacks, cuts in two, or (报 联系 备案) has as nouns only.
_OWN_TAGS = {
    "v": "下访 约访 接访 回访 家访 包案 包保 包抓 包联 驻村 驻点 巡河 巡湖 巡林 巡护 约谈 交办 承办 督学 述廉 述法 备案 报备 报 报请 上报 填报 "
    "联系 帮带 挂钩 挂联 调处 建档 归档 销号 会商 研判 演练 轮训 轮岗 抽查 自查 考评 通报 办结 登记 留存 执行 严格执行 建立健全 整改 入户 上门 "
    "上墙 值班 带班 列席 讲党课 谈心 谈话 随访 访视 巡诊 巡检 部署 审议 夜宿 随行 履行 办理 指派 明确 更新 报告 力戒 宣讲 走访 蹲点 督办 进驻 抄送 问责 换发",
    "n": "领导干部 党政领导干部 联系点 联系户 联系人 责任人 河长 湖长 林长 田长 网格员 村委会 居委会 街道办 责任单位 牵头单位 困难群众 "
    "特困人员 信访事项 联席会议 例会 台账 工作日 分管领导 主要负责人 主要负责同志 班子成员",
}
# Coverbs open an adverbial: the head verb comes after what they govern (到基层接访群众, 将名单报县委备案).
_COVERBS = frozenset(
    "到 向 对 在 为 由 以 按 按照 依 依照 依据 根据 通过 结合 围绕 针对 从 与 同 和 跟 把 将 于 给 就 利用 采取 采用 经 经过 "
    "带着 带头 深入 使 令 让 请 会同 随 随同 自 之 至 赴 前往 对于 关于 因 凭 用".split()
)
# Auxiliaries and modal words, which a phrase without its modal should not have, but may.
_AUXILIARIES = frozenset(
    "应 应当 应该 须 必须 务必 需 需要 要 可 可以 能 能够 得 不得 不准 不能 不许 严禁 禁止 鼓励 提倡 倡导 支持 允许 会 是 有 做到 确保 "
    "保证 力争 负责 坚持 注意 予 均 定期 经常 及时 继续 主动 积极 亲自 抓紧 加快 进一步 起来".split()
)
# Verbs that say only that the noun after them happens.
_LIGHT = frozenset("安排 进行 开展 组织 组织开展 实施 予以 给予 加以 做 做好 抓好 搞好 举行 作 作出".split())
# After 将 or 把 these are the head, whatever verbs the object holds (把听取意见作为目的).
_PLACING = frozenset(
    "作为 纳入 列入 列为 录入 记入 计入 转交 转送 移送 移交 报 送 报送 报告 上报 通报 抄送 告知 归入 存入".split()
)
# Verbal nouns that name no act of their own: 开展活动 has the head 开展.
_GENERIC = frozenset("活动 工作 服务 建设 行动 制度 管理 报告 记录 决定 规定 计划 处分 奖励 补助 补贴".split())
_STOP_TERMS = frozenset(
    "应当 必须 不得 可以 需要 进行 开展 组织 以上 以下 以内 有关 相关 规定 情况 工作 本办法 本规定 本条例 或者 以及 及其 其他 下列 "
    "负责 单位 部门 实施 按照 根据 依照 年度 每年 每月 每季度 通知 意见 要求 方面 情形 事项 单独 第一 同时".split()
)
_NOUNY = ("n", "j", "l", "i", "a", "b", "m", "q", "s", "eng", "vn", "g", "k", "h", "z", "r")
_LINKS = frozenset("、 的 之 和 与 及 或 以及 或者 暨 ( ) “ ” 《 》 · /".split())
_TRIM = _LINKS - frozenset("( ) “ ” 《 》".split())

_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(
    rf"(?P<han>[{_HAN}]+)|\r\n|\r|\n|[^\S\r\n]+|[A-Za-z]+(?:[-'][A-Za-z]+)*|\d+(?:[.,]\d+)*%?|…+|-{{2,}}|.", re.DOTALL
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# A run of Han characters without any sign is cut piece by piece: nobody writes such words, and time stays linear.
_LONGEST_RUN = 2000
_ALONE = frozenset("由对向在为将把被给以从经于应须要均各每并且和与及或的")

Word = tuple[str, int, int]


@lru_cache(maxsize=1)
def _jieba() -> tuple[Tokenizer, dict[str, str]]:
    """A tokenizer of our own, ready, and the parts of speech of its dictionary. Reads 5 MB once a process."""
    with warnings.catch_warnings():
        # jieba 0.42.1 imports pkg_resources (deprecated) and has invalid escapes (a SyntaxWarning from Python 3.12).
        warnings.simplefilter("ignore")
        import jieba
    freq: dict[str, int] = {}
    tags: dict[str, str] = {}
    total = 0
    with (files("jieba") / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, tag = line.split()
            freq[word] = int(count)
            total += freq[word]
            tags[word] = tag
    for kind, own in _OWN_TAGS.items():
        for word in own.split():
            total += max(0, 1000 - freq.get(word, 0))
            freq[word] = max(1000, freq.get(word, 0))
            if not tags.get(word, "").startswith(kind):
                tags[word] = kind
    for word in list(freq):
        for end in range(1, len(word)):
            freq.setdefault(word[:end], 0)
    # Filled in here, and not by Tokenizer.initialize(): that one logs to stderr and keeps a cache file in the shared
    # temporary folder, where another user's or a half-written file may lie.
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = freq, total, True
    return tokenizer, tags


def _folded(text: str) -> str:
    """Folded for looking up; lone surrogates, which no dictionary has, give way to a sign. Keeps the length."""
    return fold(_SURROGATE.sub("\ufffd", text))


def _edges(text: str) -> Iterable[int]:
    """The end of each word of a folded text."""
    tokenizer, tags = _jieba()
    at = 0
    for run in _RUN.finditer(text):
        if run["han"] is None:
            at = run.end()
            yield at
            continue
        for start in range(run.start(), run.end(), _LONGEST_RUN):
            for word in tokenizer.cut(text[start : min(start + _LONGEST_RUN, run.end())]):
                # jieba guesses unknown words, and glues 由 市 to 由市: what no word begins with stands alone.
                if len(word) > 1 and word[0] in _ALONE and word not in tags:
                    yield at + 1
                at += len(word)
                yield at


def words(text: str, *, terms: Iterable[str] = ()) -> list[Word]:
    """Cut a text into words, white space and punctuation included.

    Args:
        text: Any text, in simplified or traditional script.
        terms: Words to keep in one piece wherever they stand, the longest first; either script.

    Returns:
        ``(word, start, end)`` for each word, ``word == text[start:end]``, one after the other from 0 to ``len(text)``.

    >>> words("縣級領導幹部每年接訪2次")
    [('縣級', 0, 2), ('領導幹部', 2, 6), ('每年', 6, 8), ('接訪', 8, 10), ('2', 10, 11), ('次', 11, 12)]
    >>> words("到杏花川镇走访", terms=["杏花川镇"])
    [('到', 0, 1), ('杏花川镇', 1, 5), ('走访', 5, 7)]
    """
    if isinstance(terms, str):
        raise TypeError(f'terms must be a list of words, not one string: write terms=["{terms}"]')
    folded = _folded(text)
    kept = sorted({_folded(term) for term in terms if term}, key=lambda term: (-len(term), term))
    ends: list[int] = []
    at = 0
    if kept:
        for found in re.finditer("|".join(map(re.escape, kept)), folded):
            ends += [at + end for end in _edges(folded[at : found.start()])]
            ends.append(found.end())
            at = found.end()
    ends += [at + end for end in _edges(folded[at:])]
    out: list[Word] = []
    start = 0
    for end in ends:
        out.append((text[start:end], start, end))
        start = end
    return out


def tag(word: str) -> str:
    """The part of speech of a word in jieba's notation (``n`` noun, ``v`` verb, ``vn`` verbal noun, ``m`` number, …).

    ``x`` for punctuation and white space, ``eng`` for letters, ``""`` for a word that the dictionary does not have.

    >>> tag("走访"), tag("群眾"), tag("12"), tag("，")
    ('v', 'n', 'm', 'x')
    """
    folded = _folded(word)
    known = _jieba()[1].get(folded)
    if known:
        return known
    if not re.search(rf"[{_HAN}A-Za-z0-9]", folded):
        return "x"
    if folded.isascii():
        return "m" if folded[0].isdigit() else "eng"
    return ""


def _verbal(word: str) -> bool:
    """Whether a word can head an action; an unknown word goes by its first character (巡渠: 巡 is a verb)."""
    folded = _folded(word)
    kind = tag(folded)
    if not kind and len(folded) == 2:
        kind = tag(folded[0])
    return kind.startswith("v") and folded not in _AUXILIARIES


def head_verb(action: str) -> str | None:
    """The head verb of an action phrase, as written; ``None`` where there is none.

    Adverbials (到基层, 对…, 将…) are passed over, and a light verb gives way to the act that it carries out.

    >>> head_verb("到基层接访群众"), head_verb("开展蹲点调研"), head_verb("開展活動"), head_verb("名单")
    ('接访', '调研', '開展', None)
    """
    tokens = [part for word, _, _ in words(action) for part in _parts(word)]
    plain = [_folded(word) for word in tokens]
    verbs = [n for n, word in enumerate(plain) if word not in _COVERBS and _verbal(word)]
    placed = next((n for n, word in enumerate(plain) if word in ("将", "把")), len(plain))
    for n in verbs:
        if n > placed and plain[n] in _PLACING:
            return tokens[n]
    for n in verbs:
        later = [m for m in verbs if m > n]
        # 将整改情况报县委, 对包联企业进行检查: a verb inside what a coverb governs is part of a noun.
        governed = any(word in _COVERBS for word in plain[:n])
        if governed and later and (_attributive(plain, n) or any(plain[m] == "进行" for m in later)):
            continue
        if plain[n] in _LIGHT and later:
            if later[-1] == len(plain) - 1 and plain[later[-1]] not in _GENERIC:
                return tokens[later[-1]]
            if later[0] == n + 1 and plain[n + 1] not in _GENERIC:
                return tokens[n + 1]
        return tokens[n]
    # The dictionary has longer nouns that begin or end with the act (履行职责, 专题研究): look into them.
    for token, word in zip(tokens, plain, strict=True):
        if len(word) >= 4:
            for at in range(0, len(word) - 1, 2):
                if _verbal(word[at : at + 2]) and word[at : at + 2] not in _COVERBS:
                    return token[at : at + 2]
    # 坚持…, 确保…: an auxiliary is the verb where nothing else is; 到联系点一次: so is a coverb.
    for kinds in (_AUXILIARIES, _COVERBS):
        for token, word in zip(tokens, plain, strict=True):
            if word in kinds and tag(word) == "v":
                return token
    return None


def _parts(word: str) -> list[str]:
    """A set phrase of the dictionary (依法处理) in its halves where one of them is a verb."""
    halves = [word[:2], word[2:]]
    if len(word) == 4 and tag(word) in ("l", "i") and any(map(_verbal, halves)):
        return halves
    return [word]


def _attributive(plain: list[str], n: int) -> bool:
    before = plain[n - 1] if n else ""
    after = plain[n + 1] if n + 1 < len(plain) else ""
    if after in ("的", "之") or before == "、" or after == "、":
        return True
    return tag(plain[n]) == "vn" and tag(after).startswith(("n", "vn", "l", "uj"))


def noun_phrase(text: str, at: int) -> Span:
    """The noun phrase round the character at ``at``: coordination (、 和 及) and attributes (的) included.

    Returns the word itself where it is no noun, and ``(at, at)`` at the end of the text.

    >>> text = "每年，县（区）党政领导和班子成员要下访"
    >>> start, end = noun_phrase(text, 9)
    >>> text[start:end]
    '县（区）党政领导和班子成员'
    """
    if not 0 <= at < len(text):
        return at, at
    cut = words(text)
    here = next(n for n, (_, _, end) in enumerate(cut) if at < end)
    if not _nouny(cut[here][0]):
        return cut[here][1], cut[here][2]
    first = last = here
    while first > 0 and (_nouny(cut[first - 1][0]) or _folded(cut[first - 1][0]) in _LINKS):
        first -= 1
    while last + 1 < len(cut) and (_nouny(cut[last + 1][0]) or _folded(cut[last + 1][0]) in _LINKS):
        last += 1
    while first < here and _folded(cut[first][0]) in _TRIM | {")", "”", "》"}:
        first += 1
    while last > here and _folded(cut[last][0]) in _TRIM | {"(", "“", "《"}:
        last -= 1
    return cut[first][1], cut[last][2]


def _nouny(word: str) -> bool:
    kind = tag(word)
    return (not kind or kind.startswith(_NOUNY)) and kind != "x" and _folded(word) not in _AUXILIARIES


@lru_cache(maxsize=1)
def _idf() -> tuple[dict[str, float], float]:
    """jieba's inverse document frequencies, and the median for words it does not have. Read as a file: importing
    ``jieba.analyse`` would set up its own extractors round the global tokenizer."""
    with (files("jieba") / "analyse" / "idf.txt").open(encoding="utf-8") as lines:
        idf = {word: float(value) for word, value in (line.split(" ") for line in lines)}
    return idf, sorted(idf.values())[len(idf) // 2]


def terms(texts: Iterable[str], *, top: int = 20) -> list[tuple[str, float]]:
    """Key terms of a set of texts (the actions of one topic, say), by TF-IDF, the weightiest first.

    Args:
        texts: Any number of texts.
        top: How many terms at most.

    Returns:
        ``(term, weight)``, terms in simplified script; weights add up to at most 1.

    >>> [term for term, _ in terms(["到信访局接待来访群众", "接待群众来访", "每月接待群众"], top=2)]
    ['接待', '群众']
    """
    if isinstance(texts, str):
        raise TypeError("texts must be a list of texts, not one string: write terms([text])")
    counts = Counter(word for text in texts for word in key_words(text))
    if not counts:
        return []
    idf, median = _idf()
    total = sum(counts.values())
    weights = [(word, round(count / total * idf.get(word, median) / 14, 6)) for word, count in counts.items()]
    return sorted(weights, key=lambda term: (-term[1], term[0]))[:top]


def key_words(text: str) -> list[str]:
    """The words of a text that can be key terms, in simplified script: nouns, verbs, idioms of two characters or more.

    >>> key_words("每月到基層接待來訪群眾")
    ['基层', '接待', '来访', '群众']
    """
    return [word for word in map(_folded, (word for word, _, _ in words(text))) if _is_term(word)]


def _is_term(word: str) -> bool:
    kind = tag(word)
    return (
        len(word) > 1
        and word not in _STOP_TERMS
        and (not kind or kind[0] in "nvjlia" or kind == "eng")
        and kind not in ("vd", "ad")
    )
