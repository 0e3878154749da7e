"""The lines of a view: where they begin and end, their labels, and what they are by their own words.

What is known of a line before its place in the tree is known: boilerplate, title, signature, salutation, row of a
table. The words and patterns are data (``rules/structure.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .models import Span

if TYPE_CHECKING:
    from .lexicon import Lexicon

Matchers = Mapping[str, Callable[..., "re.Match[str] | None"]]

_CN = "零〇○一二三四五六七八九十百千两廿卅"
_NUM = f"[{_CN}0-9]"
# One alternative for each style of label; the group that matched names it. The lookaheads keep out what only begins
# like a label: `第五条规定的…`, `3.5万元`, `第二款所列…`.
# What makes 4.5 at the head of a wrapped line a number and no label: 4.5公里, but 4.5公司 and 4.5人力资源部.
_AMOUNT = r"$|[\d.%万亿元米倍个次天-]|公[里斤顷分尺升]|人(?:[次均]|以[上下内]|[^\u4e00-\u9fff]|$)|[年月](?!度)"
LABEL = re.compile(
    rf"(?P<hash>#{{1,6}} ?)?(?:"
    rf"第(?P<n>{_NUM}{{1,9}}(?:-\d{{1,3}})?)(?P<law>[编章节条])(?:之(?P<sub>{_NUM}{{1,3}}))?"
    rf"(?:(?=[ \[(\n])|(?<=[编章节])(?![的第和与及、])|$|(?<=条)(?![规所第的和与及、至或中,之]))"
    rf"|第(?P<m>{_NUM}{{1,4}})(?P<low>[款项目])(?= )"
    rf"|(?P<annex>附[件表录]?{_NUM}{{0,3}}(?:-\d+)?)(?=[ :]|$|\n)"
    rf"|(?P<cn>[{_CN}]{{1,5}})、"
    rf"|\((?P<cnp>[{_CN}]{{1,5}})\)[、.]?"
    rf"|(?P<dec>\d{{1,2}}(?:\.\d{{1,2}}){{1,3}})(?:\.| |(?!{_AMOUNT}))"
    rf"|(?P<ar>\d{{1,3}})(?:\.(?:(?!\d)|(?=\d{{1,2}}月))|、)"
    rf"|\((?P<arp>\d{{1,3}})\)[、.]?"
    rf"|(?P<half>\d{{1,2}})\)"
    rf"|(?P<circ>[①-⑳])[、.]?"
    rf") ?"
)
LABEL_HEADS = frozenset("#第附(①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳0123456789" + _CN)
_INLINE = re.compile(
    rf"[:;,。、!?]\s?(?=(?:\((?P<cnp>[{_CN}]{{1,3}})\)|\((?P<arp>\d{{1,2}})\)|(?P<circ>[①-⑳])|(?P<cn>[{_CN}]{{1,3}})、"
    rf"|(?P<ar>\d{{1,2}})(?:\.(?!\d)|、(?!\d))))"
)
_ARTICLE = re.compile(rf"第(?P<n>{_NUM}{{1,6}})条(?![规所第的和与及、至或中,之])")
_LINE = re.compile(r"[^\n]+")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000, "廿": 20, "卅": 30}


@lru_cache(maxsize=4096)
def number(text: str) -> int:
    """The number a label states, in either numeral style.

    >>> number("十二"), number("12"), number("一百零五"), number("二〇")
    (12, 12, 105, 20)
    """
    if text.isdecimal():
        return int(text)
    if "①" <= text[0] <= "⑳":
        return ord(text[0]) - 0x245F
    if not any(c in _TENS for c in text):
        return int("".join(c if c.isdecimal() else str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in _TENS:
            ten = _TENS[c]
            total += ten if ten in (20, 30) else (digit or 1) * ten
            digit = 0
        else:
            digit = int(c) if c.isdecimal() else _DIGITS[c]
    return total + digit


@lru_cache(maxsize=8)
def matchers(lexicon: Lexicon) -> Matchers:
    """The rules of kind ``line`` by name, as bound ``match``, ``search`` or ``fullmatch`` (their ``at``), compiled once."""
    return lexicon.finders("line")


def segments(text: str) -> list[Span]:
    """The lines of the text without the blanks around them, those with a list inside taken apart."""
    cuts = _inline_labels(text)
    lines: list[Span] = []
    next_cut = 0
    for match in _LINE.finditer(text):
        start, end = match.span()
        while next_cut < len(cuts) and cuts[next_cut] < end:
            cut = cuts[next_cut]
            next_cut += 1
            if cut > start:
                _strip(text, start, cut, lines)
                start = cut
        _strip(text, start, end, lines)
    return lines


def _strip(text: str, start: int, end: int, lines: list[Span]) -> None:
    if text[start].isspace() or text[end - 1].isspace():
        piece = text[start:end]
        end = start + len(piece.rstrip())
        start += len(piece) - len(piece.lstrip())
    if start < end:
        lines.append((start, end))


def _inline_labels(text: str) -> list[int]:
    """Where a list that stands inside one line has its items: runs of labels that count up from one."""
    cuts: list[int] = []
    line_end = -1
    runs: dict[str, list[list[Any]]] = {}
    for match in _INLINE.finditer(text):
        at = match.end()
        if match.start() > line_end:
            cuts.extend(_long_runs(runs))
            runs = {}
            line_start = text.rfind("\n", 0, match.start()) + 1
            line_end = text.find("\n", at)
            line_end = len(text) if line_end < 0 else line_end
            own = LABEL.match(text, line_start, line_end)
            if own and own.lastgroup in ("cn", "cnp", "ar", "arp", "circ"):
                runs[own.lastgroup] = [[number(own[own.lastgroup]), []]]
        style = match.lastgroup or ""
        n = number(match[style])
        lists = runs.setdefault(style, [])
        if lists and lists[-1][0] + 1 == n:
            lists[-1][0] = n
            lists[-1][1].append(at)
        elif n == 1 and text[match.start()] in ":。":
            lists.append([1, [at]])
    cuts.extend(_long_runs(runs))
    # An article that was run into the one before it.
    last = 0
    for match in _ARTICLE.finditer(text):
        at = match.start()
        before = text[at - 1] if at else "\n"
        if before == " " and at > 1:
            before = text[at - 2]
        if before == "\n" or before == "#":
            last = number(match["n"])
        elif last and number(match["n"]) == last + 1 and (before == "。" or _in_chapter_line(text, at)):
            last += 1
            cuts.append(at)
    cuts.sort()
    return cuts


def _in_chapter_line(text: str, at: int) -> bool:
    """Whether the words before ``at`` are the head of a chapter: `第七章 附则第四十二条 本办法…`."""
    start = text.rfind("\n", max(at - 40, 0), at) + 1
    head = LABEL.match(text, start, at) if start else None
    return bool(head and head["law"] in ("编", "章", "节") and not re.search("[,;:。]", text[start:at]))


def line_kinds(text: str, lines: list[Span], is_: Matchers) -> list[str]:
    """For each line the kind that it has by its own words: boilerplate, title, signature, … or nothing."""
    kinds = [""] * len(lines)
    fact, furniture, leader, contents = (
        is_["line-fact-row"],
        is_["line-furniture"],
        is_["line-leader"],
        is_["line-contents"],
    )
    short = []
    for k, (start, end) in enumerate(lines):
        if end - start <= 130:
            short.append(k)
            if (
                furniture(text, start, end)
                or (text[end - 1] in "0123456789)" and leader(text, start, end))
                or (text[start] in "目#[(" and contents(text, start, end))
            ):
                kinds[k] = "boilerplate"
    if "|" in text:
        for k, (start, end) in enumerate(lines):
            if text.find("|", start, end) >= 0 and not kinds[k]:
                kinds[k] = "boilerplate" if fact(text, start, end) else "table_row"
    _front_matter(text, lines, kinds)
    _contents(text, lines, kinds, is_)
    _head_and_foot(text, lines, kinds, is_)
    _cells(text, lines, kinds, short, is_)
    for k in short:
        if kinds[k]:
            continue
        start, end = lines[k]
        last = text[end - 1]
        if last in "日月)发" and is_["line-date-line"](text, start, end):
            kinds[k] = "signature"
            j = k - 1
            while j >= 0 and k - j <= 4 and not kinds[j] and is_["line-issuer-line"](text, *lines[j]):
                kinds[j] = "signature"
                j -= 1
        elif (text[start] in "([抄主报送校中共" or "印" in text[end - 4 : end]) and is_["line-closing"](
            text, start, end
        ):
            kinds[k] = "signature"
    for k, (start, end) in enumerate(lines[:14]):
        if not kinds[k] and end - start < 400 and is_["line-history"](text, start, end):
            kinds[k] = "title"
    _titles(text, lines, kinds, is_)
    _salutations(text, lines, kinds, is_)
    return kinds


def _salutations(text: str, lines: list[Span], kinds: list[str], is_: Matchers) -> None:
    """At most one for each text: between its title and its first label."""
    waiting, salutation = True, is_["line-salutation"]
    for k, (start, end) in enumerate(lines):
        if kinds[k] == "title":
            waiting = True
        if kinds[k] or not waiting:
            continue
        if LABEL.match(text, start, end):
            waiting = False
        elif text[end - 1] == ":" and end - start < 420 and salutation(text, start, end):
            kinds[k] = "salutation"
            waiting = False


def _head_and_foot(text: str, lines: list[Span], kinds: list[str], is_: Matchers) -> None:
    """Facts about the document above it, each on lines of their own; what the site puts below it."""
    labels = []
    for k, (start, end) in enumerate(lines[:40]):
        if text[start] in LABEL_HEADS and LABEL.match(text, start, end) or end - start > 130:
            break
        if end - start <= 60 and not kinds[k]:
            if is_["line-fact-line"](text, start, end):
                kinds[k] = "boilerplate"
                if text[end - 1] == ":" and not text.startswith("主题词", start):
                    labels.append(k)
            elif is_["line-fact-label"](text, start, end):
                labels.append(k)
    if len(labels) >= 3:
        for k in labels:
            kinds[k] = "boilerplate"
            if k + 1 < len(lines) and not kinds[k + 1] and k + 1 not in labels:
                start, end = lines[k + 1]
                if end - start < 100 and text[end - 1] not in "。;:":
                    kinds[k + 1] = "boilerplate"
    k = 0
    while k < len(lines):
        start, end = lines[k]
        k += 1
        if kinds[k - 1] != "boilerplate" or not is_["line-related"](text, start, end):
            continue
        while k < len(lines) and kinds[k] not in ("title", "signature"):
            start, end = lines[k]
            if text.find("。", start, end) >= 0 or end - start > 80 or LABEL.match(text, start, end):
                break
            kinds[k] = "boilerplate"
            k += 1
    for k in range(len(lines) - 1, max(len(lines) - 16, 0), -1):
        start, end = lines[k]
        if text[start] in LABEL_HEADS and LABEL.match(text, start, end) or end - start > 200:
            break
        if is_["line-foot"](text, start, end):
            kinds[k:] = ["boilerplate"] * (len(lines) - k)


def _cells(text: str, lines: list[Span], kinds: list[str], short: list[int], is_: Matchers) -> None:
    """A table that was copied cell by cell, a line each: its rows are put together again.

    The line of a row's first cell then spans the row, the others are emptied.
    """
    test = is_["line-table-head"]
    heads = [k for k in short if lines[k][1] - lines[k][0] <= 8 and not kinds[k] and test(text, *lines[k])]
    for place, first in enumerate(heads):
        if kinds[first]:
            continue
        width = 1
        while width < 12 and place + width < len(heads) and heads[place + width] == first + width:
            width += 1
        if width < 3:
            continue
        last = first + width
        while last < len(lines) and not kinds[last]:
            start, end = lines[last]
            if end - start > 60 or text[end - 1] in "。:" or text.find("。", start, end) >= 0:
                break
            last += 1
        for row in range(first, last - width + 1, width):
            lines[row] = (lines[row][0], lines[row + width - 1][1])
            kinds[row : row + width] = ["table_row"] + ["merged"] * (width - 1)


def _front_matter(text: str, lines: list[Span], kinds: list[str]) -> None:
    if not lines or text[slice(*lines[0])] != "---":
        return
    for k in range(1, min(len(lines), 60)):
        if text[slice(*lines[k])] == "---":
            kinds[: k + 1] = ["boilerplate"] * (k + 1)
            return


def _contents(text: str, lines: list[Span], kinds: list[str], is_: Matchers) -> None:
    """The lines below 目录 that stand again further down are its table of contents."""
    for k, kind in enumerate(kinds[:200]):
        if kind != "boilerplate" or not is_["line-contents"](text, *lines[k]):
            continue
        seen = {text[a:b] for a, b in lines[k + 1 : k + 200] if b - a < 60}
        later: dict[str, int] = {}
        for a, b in lines[k + 1 :]:
            if b - a < 60 and text[a:b] in seen:
                later[text[a:b]] = later.get(text[a:b], 0) + 1
        for j in range(k + 1, len(lines)):
            if later.get(text[slice(*lines[j])], 0) < 2:
                break
            kinds[j] = "boilerplate"
            later[text[slice(*lines[j])]] -= 1
        return


def _titles(text: str, lines: list[Span], kinds: list[str], is_: Matchers) -> None:
    bare = [k for k, kind in enumerate(kinds) if kind not in ("boilerplate", "merged")]
    # The first lines up to the first sentence or label.
    for place, k in enumerate(bare[:8]):
        if kinds[k]:
            if kinds[k] == "title":
                continue
            break
        start, end = lines[k]
        if is_["line-lead-in"](text, start, end):
            continue
        named = bool(is_["line-genre-end"](text, start, end) or is_["line-doc-number"](text, start, end))
        if not is_bare(text, start, end, 90) or (place + 1 == len(bare) and not named):
            break
        if not named and (place > 5 or _demands(text, start, end, is_, first=not place)):
            break
        kinds[k] = "title"
    for place, k in enumerate(bare):
        start, end = lines[k]
        if place and not kinds[k] and end - start <= 70 and is_bare(text, start, end, 70):
            # The line below `附件1`, if a text follows it.
            above = lines[bare[place - 1]]
            if text[above[0]] == "附" and is_annex(text, above) and k + 1 < len(lines):
                kinds[k] = "title"
                continue
        if kinds[k] or end - start > 70 or not is_["line-genre-end"](text, start, end):
            if not kinds[k] and end - start < 60 and is_["line-doc-number"](text, start, end):
                kinds[k] = "title"
            continue
        if not is_bare(text, start, end, 70):
            continue
        before = kinds[bare[place - 1]] if place else ""
        follows = False
        for j in bare[place + 1 : place + 5]:
            if is_["line-doc-number"](text, *lines[j]):
                follows = True
            match = LABEL.match(text, *lines[j])
            if match:
                first = match["n"] or match["cn"]
                follows = follows or bool(first) and number(first) == 1
                break
        if before == "signature" or follows or is_annex(text, lines[bare[place - 1]]):
            kinds[k] = "title"
            # A title on two or three lines.
            j = place - 1
            while j >= 0 and place - j <= 3 and not kinds[bare[j]] and is_bare(text, *lines[bare[j]], 60):
                if is_["line-measure"](text, *lines[bare[j]]) or is_["line-modal"](text, *lines[bare[j]]):
                    break
                kinds[bare[j]] = "title"
                j -= 1


def _demands(text: str, start: int, end: int, is_: Matchers, *, first: bool) -> bool:
    """Whether a line asks for something, though it is short and has no full stop. The very first line is a title
    unless it says both how often and how much: `领导干部要带头学` may head a speech.
    """
    owed, modal = is_["line-owed"](text, start, end), is_["line-modal"](text, start, end)
    if first:
        return bool(is_["line-measure"](text, start, end) and modal or is_["line-owed-each"](text, start, end))
    return bool(owed or modal)


def is_annex(text: str, line: Span) -> bool:
    match = LABEL.match(text, *line)
    return bool(match and match["annex"] and match.end() == line[1])


def is_bare(text: str, start: int, end: int, most: int) -> bool:
    """Short, without a label and without the end of a sentence."""
    if end - start > most or text[end - 1] in "。;:!?,、":
        return False
    if text[start] == "#":
        return not LABEL.match(text, start, end)
    return (text[start] not in LABEL_HEADS or not LABEL.match(text, start, end)) and text.find("。", start, end) < 0


def _long_runs(runs: Mapping[str, list[list[Any]]]) -> Iterator[int]:
    for lists in runs.values():
        for last, places in lists:
            if last > 1:
                yield from places
