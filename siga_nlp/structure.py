"""From the view of a document to its tree: labels, headlines, lists, units, furniture.

The parser is total: any text yields nodes that together cover every character of the view that is not blank, once
and in order. It goes over the lines once, keeps the open levels on a stack and never recurses. The words and
patterns it goes by are data (``rules/structure.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from .models import Node, Span
from .view import View

_MAX_DEPTH = 14  # Deeper lists than any document has stay at this depth, so that paths stay short.
_ORDER = {"编": 1, "章": 2, "节": 3, "条": 4, "款": 5, "项": 6, "目": 7}
_KINDS = {"编": "part", "章": "chapter", "节": "section", "条": "article"}
_CN = "零〇○一二三四五六七八九十百千两廿卅"
_NUM = f"[{_CN}0-9]"
# One alternative for each style of label; the group that matched names it. The lookaheads keep out what only begins
# like a label: `第五条规定的…`, `3.5万元`, `第二款所列…`.
_LABEL = re.compile(
    rf"(?P<hash>#{{1,6}} ?)?(?:"
    rf"第(?P<n>{_NUM}{{1,9}}(?:-\d{{1,3}})?)(?P<law>[编章节条])(?:之(?P<sub>{_NUM}{{1,3}}))?(?:(?=[ \[(\n])|(?<=[编章节])(?![的第和与及、])|$|"
    rf"(?<=条)(?![规所第的和与及、至或中,之]))"
    rf"|第(?P<m>{_NUM}{{1,4}})(?P<low>[款项目])(?= )"
    rf"|(?P<annex>附[件表录]?{_NUM}{{0,3}}(?:-\d+)?)(?=[ :]|$|\n)"
    rf"|(?P<cn>[{_CN}]{{1,5}})、"
    rf"|\((?P<cnp>[{_CN}]{{1,5}})\)[、.]?"
    rf"|(?P<dec>\d{{1,2}}(?:\.\d{{1,2}}){{1,3}})(?:\.| |(?=[^\d.%万亿元米公倍个人次天年月-]))"
    rf"|(?P<ar>\d{{1,3}})(?:\.(?!\d)|、)"
    rf"|\((?P<arp>\d{{1,3}})\)[、.]?"
    rf"|(?P<half>\d{{1,2}})\)"
    rf"|(?P<circ>[①-⑳])[、.]?"
    rf") ?"
)
_HEAD = frozenset("#第附(①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳0123456789" + _CN)
_INLINE = re.compile(
    rf"[:;,。、!?]\s?(?=(?:\((?P<cnp>[{_CN}]{{1,3}})\)|\((?P<arp>\d{{1,2}})\)|(?P<circ>[①-⑳])|(?P<cn>[{_CN}]{{1,3}})、"
    rf"|(?P<ar>\d{{1,2}})(?:\.(?!\d)|、(?!\d))))"
)
_ARTICLE = re.compile(rf"第(?P<n>{_NUM}{{1,6}})条(?![规所第的和与及、至或中,之])")
_OTHER_LABEL = re.compile(r"[;,。 ](?=[^、,;:()\d]{2,8}:)")
_LINE = re.compile(r"[^\n]+")
_BRACKET = re.compile(r"[()\[\]]")
_UNIT = re.compile(r"(?:[^、,;。:()]+|\([^()]*\)|[()])+")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000, "廿": 20, "卅": 30}


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Mapping[str, Any]]:
    """The entries of ``rules/structure.yaml`` by name, each with its compiled ``regex`` and the bound method ``test``."""
    import yaml

    text = resources.files(__package__).joinpath("rules/structure.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    parts: dict[str, str] = {}
    for name, pattern in data["parts"].items():
        parts[name] = _fill(pattern, parts)
    entries = {}
    for name, entry in data["patterns"].items():
        regex = re.compile(_fill(entry["pattern"], parts))
        entries[name] = {**entry, "regex": regex, "test": getattr(regex, entry["at"])}
    return entries


def _fill(pattern: str, parts: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda m: parts[m[1]], pattern)


@lru_cache(maxsize=4096)
def number(text: str) -> int:
    """The number a label states, in either numeral style.

    >>> number("十二"), number("12"), number("一百零五"), number("二〇")
    (12, 12, 105, 20)
    """
    if text.isascii():
        return int(text)
    if "①" <= text[0] <= "⑳":
        return ord(text[0]) - 0x245F
    if not any(c in _TENS for c in text):
        return int("".join(c if c.isascii() else str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in _TENS:
            ten = _TENS[c]
            total += ten if ten in (20, 30) else (digit or 1) * ten
            digit = 0
        else:
            digit = int(c) if c.isascii() else _DIGITS[c]
    return total + digit


@dataclass(slots=True)
class _Draft:
    """A node while it is being placed."""

    kind: str
    start: int
    end: int
    body: int
    label: str = ""
    path: str = ""
    rank: int = 1
    heading: Span | None = None
    parent: int = -1
    stem: int = -1
    item: int = -1  # the numbered node that units named below it belong to


@dataclass(slots=True)
class _Level:
    """An open level: the style of its labels, the last number, its node."""

    style: str
    n: int
    node: int
    stem: int
    path: str
    clauses: int = 0  # paragraphs seen below an article
    semicolons: bool = False  # an item of this list ended with a semicolon: the list is one sentence


def parse(view: View) -> tuple[Node, ...]:
    """The tree of a document: nodes in document order, which cover every character that is not blank once.

    All offsets refer to ``view.text``. Never raises, whatever the text; linear in its length.

    >>> from siga_nlp.view import view
    >>> tree = parse(view("第五条　县长应当履行下列职责：（一）每月接访一次；（二）每季度巡河一次。"))
    >>> [(n.kind, n.path, n.stem) for n in tree]
    [('article', '第五条', -1), ('item', '第五条/（一）', 0), ('item', '第五条/（二）', 0)]
    """
    return _Parser(view).run()


class _Parser:
    """State of one pass over the lines of a text."""

    def __init__(self, view: View) -> None:
        self.text = view.text
        self.drafts: list[_Draft] = []
        self.stack: list[_Level] = []
        self.under: dict[str, str | None] = {}
        self.units: dict[int, dict[str, list[Span]]] = {}
        self.prefix = ""
        self.annex = -1
        self.annex_list = 0
        self.bodies: dict[str, int] = {}  # style → items with a text of their own
        self.continued: set[str] = set()  # styles whose items went on in a second paragraph
        self.clause_word = "项" if "條" in view.source else "款"
        r = rules()
        self.is_ = {name: entry["test"] for name, entry in r.items()}

    def run(self) -> tuple[Node, ...]:
        text = self.text
        lines = self._segments()
        kinds = self._furniture(lines)
        previous = -1
        for k, (start, end) in enumerate(lines):
            kind = kinds[k]
            if kind:
                if kind == "merged":
                    continue
                draft = _Draft(kind, start, end, start)
                if kind == "table_row":
                    draft.parent = self._top_node()
                    if draft.parent >= 0:
                        draft.path, draft.rank = self.drafts[draft.parent].path, self.drafts[draft.parent].rank + 1
                elif kind == "title":
                    self._reset()
                self._add(draft)
                continue
            match = _LABEL.match(text, start, end) if text[start] in _HEAD else None
            if match:
                self._labelled(k, lines, kinds, match, previous)
            else:
                self._plain(k, lines, kinds, previous)
            previous = len(self.drafts) - 1
        self._retellings()
        return self._nodes()

    # ---- lines

    def _segments(self) -> list[Span]:
        """The lines of the text without the blanks around them, those with a list inside taken apart."""
        text = self.text
        cuts = self._inline_labels()
        lines: list[Span] = []
        next_cut = 0
        for match in _LINE.finditer(text):
            start, end = match.span()
            while next_cut < len(cuts) and cuts[next_cut] < end:
                cut = cuts[next_cut]
                next_cut += 1
                if cut > start:
                    self._strip(start, cut, lines)
                    start = cut
            self._strip(start, end, lines)
        return lines

    def _strip(self, start: int, end: int, lines: list[Span]) -> None:
        text = self.text
        if text[start].isspace() or text[end - 1].isspace():
            piece = text[start:end]
            end = start + len(piece.rstrip())
            start += len(piece) - len(piece.lstrip())
        if start < end:
            lines.append((start, end))

    def _inline_labels(self) -> list[int]:
        """Where a list that stands inside one line has its items: runs of labels that count up from one."""
        text = self.text
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
                own = _LABEL.match(text, line_start, line_end)
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
            elif before == "。" and number(match["n"]) == last + 1 and last:
                last += 1
                cuts.append(at)
        cuts.sort()
        return cuts

    def _furniture(self, lines: list[Span]) -> list[str]:
        """For each line the kind that it has by its own words: boilerplate, title, signature, … or nothing."""
        text, is_ = self.text, self.is_
        kinds = [""] * len(lines)
        fact, furniture, leader, contents = is_["fact_row"], is_["furniture"], is_["leader"], is_["contents"]
        short = []
        for k, (start, end) in enumerate(lines):
            if end - start <= 130:
                short.append(k)
                if furniture(text, start, end) or text[end - 1] in "0123456789)" and leader(text, start, end):
                    kinds[k] = "boilerplate"
                elif text[start] in "目#[(" and contents(text, start, end):
                    kinds[k] = "boilerplate"
        if "|" in text:
            for k, (start, end) in enumerate(lines):
                if text.find("|", start, end) >= 0 and not kinds[k]:
                    kinds[k] = "boilerplate" if fact(text, start, end) else "table_row"
        self._front_matter(lines, kinds)
        self._contents(lines, kinds)
        self._head_and_foot(lines, kinds)
        self._cells(lines, kinds, short)
        for k in short:
            if kinds[k]:
                continue
            start, end = lines[k]
            last = text[end - 1]
            if last in "日月)发" and is_["date_line"](text, start, end):
                kinds[k] = "signature"
                j = k - 1
                while j >= 0 and k - j <= 4 and not kinds[j] and is_["issuer_line"](text, *lines[j]):
                    kinds[j] = "signature"
                    j -= 1
            elif text[start] in "([抄主报送校中共" or "印" in text[end - 4 : end]:
                if is_["closing"](text, start, end):
                    kinds[k] = "signature"
        for k, (start, end) in enumerate(lines[:14]):
            if not kinds[k] and end - start < 400 and is_["history"](text, start, end):
                kinds[k] = "title"
        self._titles(lines, kinds)
        self._salutations(lines, kinds)
        return kinds

    def _salutations(self, lines: list[Span], kinds: list[str]) -> None:
        """At most one for each text: between its title and its first label."""
        text, waiting = self.text, True
        for k, (start, end) in enumerate(lines):
            if kinds[k] == "title":
                waiting = True
            if kinds[k] or not waiting:
                continue
            if _LABEL.match(text, start, end):
                waiting = False
            elif text[end - 1] == ":" and end - start < 420 and self.is_["salutation"](text, start, end):
                kinds[k] = "salutation"
                waiting = False

    def _head_and_foot(self, lines: list[Span], kinds: list[str]) -> None:
        """Facts about the document above it, each on lines of their own; what the site puts below it."""
        text, is_ = self.text, self.is_
        labels = []
        for k, (start, end) in enumerate(lines[:40]):
            if text[start] in _HEAD and _LABEL.match(text, start, end) or end - start > 130:
                break
            if end - start <= 60 and not kinds[k]:
                if is_["fact_line"](text, start, end):
                    kinds[k] = "boilerplate"
                    if text[end - 1] == ":" and not text.startswith("主题词", start):
                        labels.append(k)
                elif is_["fact_label"](text, start, end):
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
            if kinds[k - 1] != "boilerplate" or not is_["related"](text, start, end):
                continue
            while k < len(lines) and not kinds[k] in ("title", "signature"):
                start, end = lines[k]
                if text.find("。", start, end) >= 0 or end - start > 80 or _LABEL.match(text, start, end):
                    break
                kinds[k] = "boilerplate"
                k += 1
        for k in range(len(lines) - 1, max(len(lines) - 16, 0), -1):
            start, end = lines[k]
            if text[start] in _HEAD and _LABEL.match(text, start, end) or end - start > 200:
                break
            if is_["foot"](text, start, end):
                kinds[k:] = ["boilerplate"] * (len(lines) - k)

    def _cells(self, lines: list[Span], kinds: list[str], short: list[int]) -> None:
        """A table that was copied cell by cell, a line each: its rows are put together again.

        The line of a row's first cell then spans the row, the others are emptied.
        """
        text, test = self.text, self.is_["table_head"]
        heads = [k for k in short if lines[k][1] - lines[k][0] <= 8 and not kinds[k] and test(text, *lines[k])]
        for place, first in enumerate(heads):
            width = 1
            while place + width < len(heads) and heads[place + width] == first + width:
                width += 1
            if width < 3 or kinds[first]:
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

    def _front_matter(self, lines: list[Span], kinds: list[str]) -> None:
        if not lines or self.text[slice(*lines[0])] != "---":
            return
        for k in range(1, min(len(lines), 60)):
            if self.text[slice(*lines[k])] == "---":
                kinds[: k + 1] = ["boilerplate"] * (k + 1)
                return

    def _contents(self, lines: list[Span], kinds: list[str]) -> None:
        """The lines below 目录 that stand again further down are its table of contents."""
        text = self.text
        for k, kind in enumerate(kinds[:200]):
            if kind != "boilerplate" or not self.is_["contents"](text, *lines[k]):
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

    def _titles(self, lines: list[Span], kinds: list[str]) -> None:
        text, is_ = self.text, self.is_
        bare = [k for k, kind in enumerate(kinds) if kind not in ("boilerplate", "merged")]
        # The first lines up to the first sentence or label.
        for place, k in enumerate(bare[:8]):
            if kinds[k]:
                if kinds[k] == "title":
                    continue
                break
            start, end = lines[k]
            if is_["lead_in"](text, start, end):
                continue
            named = bool(is_["genre_end"](text, start, end) or is_["doc_number"](text, start, end))
            if not self._bare_line(start, end, 90) or (place + 1 == len(bare) and not named):
                break
            if not named and (is_["measure"](text, start, end) and is_["modal"](text, start, end) or place > 5):
                break
            kinds[k] = "title"
        for place, k in enumerate(bare):
            start, end = lines[k]
            if kinds[k] or end - start > 70 or not is_["genre_end"](text, start, end):
                if not kinds[k] and end - start < 60 and is_["doc_number"](text, start, end):
                    kinds[k] = "title"
                continue
            if not self._bare_line(start, end, 70):
                continue
            before = kinds[bare[place - 1]] if place else ""
            follows = False
            for j in bare[place + 1 : place + 5]:
                if is_["doc_number"](text, *lines[j]):
                    follows = True
                match = _LABEL.match(text, *lines[j])
                if match:
                    first = match["n"] or match["cn"]
                    follows = follows or bool(first) and number(first) == 1
                    break
            if before == "signature" or follows or self._is_annex(lines[bare[place - 1]]):
                kinds[k] = "title"
                # A title on two or three lines.
                j = place - 1
                while j >= 0 and place - j <= 3 and not kinds[bare[j]] and self._bare_line(*lines[bare[j]], 60):
                    if is_["measure"](text, *lines[bare[j]]) or is_["modal"](text, *lines[bare[j]]):
                        break
                    kinds[bare[j]] = "title"
                    j -= 1

    def _is_annex(self, line: Span) -> bool:
        match = _LABEL.match(self.text, *line)
        return bool(match and match["annex"] and match.end() == line[1])

    def _bare_line(self, start: int, end: int, most: int) -> bool:
        """Short, without a label and without the end of a sentence."""
        text = self.text
        if end - start > most or text[end - 1] in "。;:!?,、":
            return False
        if text[start] == "#":
            return not _LABEL.match(text, start, end)
        return (text[start] not in _HEAD or not _LABEL.match(text, start, end)) and text.find("。", start, end) < 0

    # ---- placing

    def _reset(self) -> None:
        self.stack.clear()
        self.under.clear()
        self.bodies.clear()
        self.continued.clear()

    def _add(self, draft: _Draft) -> int:
        self.drafts.append(draft)
        return len(self.drafts) - 1

    def _labelled(self, k: int, lines: list[Span], kinds: list[str], match: re.Match[str], previous: int) -> None:
        text = self.text
        start, end = lines[k]
        group = match.lastgroup or ""
        if match["annex"]:
            self._annex(start, end, match)
            return
        if match["law"]:
            style, value = match["law"], match["n"]
        elif match["low"]:
            style, value = match["low"], match["m"]
        else:
            style, value = group, match[group]
        n = number(value.rsplit(".", 1)[-1] if style == "dec" else value.split("-")[0])
        if self.annex_list:
            # `附件:1.…` and below it `2.…`: a list of annexes, not the annexes.
            if n == self.annex_list + 1 and end - start < 60 and text[end - 1] != "。":
                self.annex_list = n
                self._add(_Draft("annex", start, end, match.end(), match[0].strip(), self.drafts[-1].path))
                return
            self.annex_list = 0
        if style == "dec":
            style = f"dec{value.count('.')}"
        label = text[match.end("hash") if match["hash"] else start : match.end()].rstrip()
        stem = self._stem(previous)
        level = self._place(style, n, stem, previous)
        parent = level.stem if level.stem >= 0 and self.drafts[level.stem].label == "" else self._top_node()
        base = self.drafts[parent].path if parent >= 0 else self.prefix.rstrip("/")
        if style == "条":
            base = self.prefix.rstrip("/")
        name = label.rstrip("、.").replace("(", "（").replace(")", "）")
        if match["law"] or match["low"]:
            name = label.replace(" ", "")
        level.path = f"{base}/{name}" if base else name
        kind = _KINDS.get(style, "item")
        body = match.end()
        draft = _Draft(kind, start, end, body, label, level.path, parent=parent, stem=level.stem)
        draft.rank = self.drafts[parent].rank + 1 if parent >= 0 else 1
        index = self._add(draft)
        draft.item = index
        level.node = index
        self.stack.append(level)
        self._headline(draft, k, lines, kinds, style)
        if draft.kind == "heading":
            level.stem = draft.stem = -1
            self.stack.pop()
            draft.parent = self._top_node()
            draft.rank = self.drafts[draft.parent].rank + 1 if draft.parent >= 0 else 1
            self.stack.append(level)
        elif draft.body < end:
            self.bodies[style] = self.bodies.get(style, 0) + 1
            level.semicolons = level.semicolons or text[end - 1] == ";"
        if style != "条":
            self._units_at_tail(draft)

    def _annex(self, start: int, end: int, match: re.Match[str]) -> None:
        label = match["annex"]
        draft = _Draft("annex", start, end, match.end(), label, label)
        index = self._add(draft)
        draft.item = index
        rest = self.text[match.end() : end].strip(": ")
        if not rest:
            self._reset()
            self.prefix, self.annex = f"{label}/", index
        elif rest.startswith(("1", "一")):
            self.annex_list = 1

    def _top_node(self) -> int:
        return self.stack[-1].node if self.stack else self.annex

    def _stem(self, previous: int) -> int:
        """The node that introduces a list, if the last one does."""
        if previous < 0:
            return -1
        draft = self.drafts[previous]
        if draft.kind in ("title", "salutation", "units", "heading", "annex", "boilerplate", "signature", "table_row"):
            return -1
        return previous if self.is_["stem"](self.text, max(draft.start, draft.end - 40), draft.end) else -1

    def _place(self, style: str, n: int, stem: int, previous: int) -> _Level:
        """Close the levels that a label of this style and number ends, and give its own level."""
        stack = self.stack
        if style in _ORDER:
            order = _ORDER[style]
            for i, level in enumerate(stack):
                if level.style == style or _ORDER.get(level.style, 0) > order:
                    del stack[i:]
                    break
            else:
                keep = len(stack)
                while keep and not (
                    stack[keep - 1].style in _ORDER
                    or stack[keep - 1].style == "bare"
                    or self.drafts[stack[keep - 1].node].kind == "heading"
                ):
                    keep -= 1
                del stack[keep:]
            return _Level(style, n, -1, -1, "")
        for i in range(len(stack) - 1, -1, -1):
            if stack[i].style == style and stack[i].n + 1 == n:
                level = stack[i]
                del stack[i:]
                return _Level(style, n, -1, level.stem, "", semicolons=level.semicolons)
        if n == 1 and stem >= 0 and len(stack) < _MAX_DEPTH:
            # A new list: below the node that introduces it.
            draft = self.drafts[stem]
            while stack and stack[-1].node != stem and stack[-1].node != draft.parent:
                stack.pop()
            self.under.setdefault(style, stack[-1].style if stack else None)
            return _Level(style, n, -1, stem, "")
        for i in range(len(stack) - 1, -1, -1):
            if stack[i].style == style:
                kept = stack[i].stem if n != 1 else -1
                del stack[i:]
                return _Level(style, n, -1, kept, "")
        known = self.under.get(style, "")
        if known:
            for i in range(len(stack) - 1, -1, -1):
                if stack[i].style == known:
                    del stack[i + 1 :]
                    return _Level(style, n, -1, -1, "")
        if known != "":
            while stack and self._below(stack[-1].style, style):
                stack.pop()
        if len(stack) >= _MAX_DEPTH:
            del stack[_MAX_DEPTH - 1 :]
        if n == 1 or known == "":
            self.under[style] = stack[-1].style if stack else None
        return _Level(style, n, -1, stem if stem >= 0 and n == 1 else -1, "")

    def _below(self, style: str, other: str) -> bool:
        """Whether the first style was first seen under the other, directly or not."""
        seen = 0
        step: str | None = style
        while step and seen < 12:
            step = self.under.get(step)
            if step == other:
                return True
            seen += 1
        return False

    def _headline(self, draft: _Draft, k: int, lines: list[Span], kinds: list[str], style: str) -> None:
        """Find the headline of a numbered node, alone on its line or run in."""
        text, is_ = self.text, self.is_
        start, end = draft.body, draft.end
        if start >= end:
            return
        if style in "编章节":
            draft.heading, draft.body = (start, end), end
            return
        if style == "条":
            # `第一条[目的]为了…`
            if text[start] in "[(":
                close = text.find("]" if text[start] == "[" else ")", start, start + 25)
                if start < close and (close + 1 == end or text[close + 1] != ","):
                    draft.heading, draft.body = (start, close + 1), close + 1
            return
        stop = text.find("。", start, min(end, start + 30))
        if 0 < stop < end - 1 and stop - start <= 25:
            after = text[stop + 1]
            if after in "(但其如除前" and (after != "其" or text.startswith("其中", stop + 1)):
                return
            if self._plain_words(start, stop) and text.find(":", start, stop) < 0:
                draft.heading, draft.body = (start, stop + 1), stop + 1
            return
        if end - start > 45 or k + 1 >= len(lines):
            return
        alone = text[end - 1] not in "。;:!?,、" or (text[end - 1] == "。" and end - start <= 26 and self._plain_words(start, end))
        if not alone or text.find("。", start, end - 1) >= 0:
            return
        if kinds[k + 1] in ("title", "signature", "salutation"):
            return
        after = _LABEL.match(text, *lines[k + 1])
        if after:
            own, other = draft.label, after[0].strip()
            same = own[:1] == "(" and other[:1] == "(" and own[1:2].isascii() == other[1:2].isascii() or (
                own[-1:] == other[-1:] and own[:1] != "(" and other[:1] != "(" and own[:1].isascii() == other[:1].isascii()
            )
            if same or self._style_open(after):
                return
        elif is_["units_line"](text, *lines[k + 1]):
            return
        elif draft.stem >= 0 and (self.stack[-1].n > 1 or any(level.style == "条" for level in self.stack)):
            # The last item of a list that was introduced, before the paragraph that follows the list.
            return
        if draft.stem >= 0 and text[end - 1] == "。":
            return
        draft.kind, draft.heading, draft.body = "heading", (start, end), end

    def _style_open(self, match: re.Match[str]) -> bool:
        if match["annex"]:
            return True
        if match["law"] or match["low"]:
            return any(level.style in _ORDER for level in self.stack)
        return any(level.style == match.lastgroup for level in self.stack[:-1])

    def _short(self, line: Span) -> bool:
        return line[1] - line[0] <= 30 and self._bare_line(*line, 30)

    def _plain_words(self, start: int, end: int) -> bool:
        return not self.is_["measure"](self.text, start, end) and not self.is_["modal"](self.text, start, end)

    def _plain(self, k: int, lines: list[Span], kinds: list[str], previous: int) -> None:
        """A line without a label: units, a headline, a paragraph."""
        text, is_, stack = self.text, self.is_, self.stack
        start, end = lines[k]
        if text[start] in "(主牵责承配协参实落完[" and is_["units_line"](text, start, end):
            owner = self._owner()
            index = self._add(_Draft("units", start, end, start, item=owner))
            draft = self.drafts[index]
            if owner >= 0:
                draft.parent, draft.path = owner, self.drafts[owner].path
                draft.rank = self.drafts[owner].rank + 1
                self._read_units(owner, start, end)
            elif stack:
                draft.parent, draft.path, draft.rank = stack[-1].node, stack[-1].path, self.drafts[stack[-1].node].rank + 1
            return
        if (
            end - start <= 30
            and k + 1 < len(lines)
            and not kinds[k + 1]
            and not (k + 2 < len(lines) and self._short(lines[k + 1]) and self._short(lines[k + 2]))
            and not (k > 1 and not kinds[k - 1] and self._short(lines[k - 1]) and self._short(lines[k - 2]))
            and self._bare_line(start, end, 30)
            and not is_["measure"](text, start, end)
            and not is_["modal"](text, start, end)
            and not any(level.style == "条" for level in stack)
        ):
            for i, level in enumerate(stack):
                if level.style == "bare":
                    del stack[i:]
                    break
            parent = self._top_node()
            path = self.drafts[parent].path if parent >= 0 else self.prefix.rstrip("/")
            head = start
            while head < end and text[head] in "# ":
                head += 1
            draft = _Draft("heading", start, end, end, path=path, heading=(head, end), parent=parent)
            draft.rank = self.drafts[parent].rank + 1 if parent >= 0 else 1
            index = self._add(draft)
            if len(stack) < _MAX_DEPTH:
                stack.append(_Level("bare", 0, index, -1, path))
            return
        draft = _Draft("paragraph", start, end, start)
        last = self.drafts[previous] if previous >= 0 and previous == len(self.drafts) - 1 else None
        if (
            last
            and last.kind in ("item", "article", "paragraph")
            and last.body < last.end
            and last.end - last.body > 12
            and text[last.end - 1] not in "。;:!?…”\"』)]》>"
        ):
            # The line before stops in mid-sentence: this one goes on with it.
            own = bool(last.label)
            draft.parent = previous if own else last.parent
            draft.path, draft.rank, draft.item = last.path, last.rank + own, last.item
            self._add(draft)
            return
        # Lists that were introduced, or are one sentence, are over; another list goes on in this paragraph.
        i = len(stack) - 1
        article = next((j for j in range(i, -1, -1) if stack[j].style == "条"), -1)
        if article >= 0:
            i = article
        else:
            while i >= 0 and (stack[i].stem >= 0 or stack[i].semicolons):
                i -= 1
            if i >= 0 and self._closes(k, lines, kinds, stack[i]):
                i = -1
        if i >= 0:
            level = stack[i]
            owner = self.drafts[level.node]
            draft.parent, draft.path = level.node, level.path
            draft.rank = owner.rank + 1
            if owner.kind == "item":
                self.continued.add(level.style)
            if i == article:
                level.clauses += 1
                alone = owner.body >= owner.end
                nth = level.clauses + (not alone)
                if nth > 1:
                    draft.path = f"{level.path}/第{_numeral(nth)}{self.clause_word if alone else '款'}"
            draft.item = level.node if owner.label else -1
        elif self.annex >= 0:
            draft.parent, draft.path, draft.rank = self.annex, self.prefix.rstrip("/"), 2
        self._add(draft)
        if draft.item >= 0:
            self._units_at_tail(draft)

    def _closes(self, k: int, lines: list[Span], kinds: list[str], level: _Level) -> bool:
        """Whether a paragraph below an item speaks for the whole text: it is the last one, and no item before it
        went on in a second paragraph."""
        if self.bodies.get(level.style, 0) < 3 or level.style in self.continued or level.style == "bare":
            return False
        if self.drafts[level.node].kind != "item":
            return False
        k += 1
        while k < len(lines) and kinds[k] in ("boilerplate", "merged"):
            k += 1
        if k >= len(lines) or kinds[k] == "signature":
            return True
        after = _LABEL.match(self.text, *lines[k])
        return bool(after and after["annex"])

    # ---- units

    def _owner(self) -> int:
        for draft in reversed(self.drafts[-6:]):
            if draft.kind not in ("units", "boilerplate"):
                return draft.item
        return -1

    def _units_at_tail(self, draft: _Draft) -> None:
        text = self.text
        last = text[draft.end - 1]
        if last not in ")]" and (last not in "。;" or text[draft.end - 2 : draft.end - 1] not in (")", "]")):
            return
        depth = 0
        for match in reversed(list(_BRACKET.finditer(text, max(draft.body, draft.end - 400), draft.end))):
            depth += 1 if match[0] in ")]" else -1
            if not depth:
                inside = match.end(), text.rfind(")", 0, draft.end) if last != "]" else draft.end - 1
                if self.is_["units_tail"](text, *inside):
                    self._read_units(draft.item, *inside)
                return

    def _read_units(self, owner: int, start: int, end: int) -> None:
        """Put the units named in a stretch of text down to the numbered node they belong to."""
        text = self.text
        found = self.units.setdefault(owner, {})
        roles = list(rules()["units_inside"]["regex"].finditer(text, start, end))
        if roles:
            for i, role in enumerate(roles):
                stop = roles[i + 1].start() if i + 1 < len(roles) else end
                other = _OTHER_LABEL.search(text, role.end(), stop)
                if other:
                    stop = other.start()
                if text.count("(", role.end(), stop) < text.count(")", role.end(), stop):
                    stop = text.rfind(")", role.end(), stop)
                found.setdefault(_role(role[0]), []).extend(self._split_units(role.end(), stop))
            return
        # `市发改委牵头,市财政局、市人社局配合`: each part names its role; one that names none goes with the next.
        at, first = start, -1
        for part in re.split(r"([,;])", text[start:end]):
            stop = at + len(part)
            if part == ";":
                first = -1
            elif part and part != ",":
                match = rules()["units_verb"]["regex"].fullmatch(text, at, stop)
                if match:
                    names = (first if first >= 0 else match.start("names")), match.end("names")
                    found.setdefault(_role(match["verb"]), []).extend(self._split_units(*names))
                    first = -1
                elif not self.is_["unit_name"](text, at, stop):
                    first = -1
                elif first < 0:
                    first = at
            at = stop

    def _split_units(self, start: int, end: int) -> Iterator[Span]:
        for match in _UNIT.finditer(self.text, start, end):
            a, b = match.span()
            while a < b and self.text[a] in " [":
                a += 1
            while a < b and self.text[b - 1] in " ]":
                b -= 1
            if self.text.startswith("由", a):
                a += 1
            if a < b:
                yield a, b

    # ---- what is known only at the end

    def _retellings(self) -> None:
        """Paragraphs that report a rule which the same file prints further down."""
        text = self.text
        numbered = max((i for i, d in enumerate(self.drafts) if d.label), default=-1)
        for i, draft in enumerate(self.drafts[: max(numbered, 0)]):
            if draft.kind == "paragraph" and draft.item < 0 and self.is_["lead_in"](text, draft.start, draft.end):
                if self._printed_in_full(i):
                    draft.kind = "retelling"
        titles = [(i, text[d.start : d.end]) for i, d in enumerate(self.drafts) if d.kind == "title"]
        if not titles:
            return
        last_title = titles[-1][0]
        for i, draft in enumerate(self.drafts[:last_title]):
            if draft.kind != "paragraph" or draft.item >= 0:
                continue
            match = self.is_["retells"](text, draft.start, draft.end)
            if match and any(j > i and _names(title, match["name"]) for j, title in titles):
                draft.kind = "retelling"

    def _printed_in_full(self, i: int) -> bool:
        """Whether the text that an editor's note at node ``i`` speaks of follows as a document of its own."""
        kinds = {d.kind for d in self.drafts[i + 1 :]}
        return bool(kinds & {"salutation", "title"})

    def _nodes(self) -> tuple[Node, ...]:
        empty: Mapping[str, tuple[Span, ...]] = {}
        units = {k: {role: tuple(spans) for role, spans in v.items() if spans} for k, v in self.units.items()}
        return tuple(
            Node(
                kind=d.kind,
                start=d.start,
                end=d.end,
                body=d.body,
                label=d.label,
                path=d.path,
                rank=d.rank,
                heading=d.heading,
                parent=d.parent,
                stem=d.stem,
                units=units.get(d.item, empty) if d.kind != "units" else empty,
            )
            for d in self.drafts
        )


def _long_runs(runs: Mapping[str, list[list[Any]]]) -> Iterator[int]:
    for lists in runs.values():
        for last, places in lists:
            if last > 1:
                yield from places


def _role(words: str) -> str:
    if words.startswith(("牵头", "主办", "主责")):
        return "lead"
    if words.startswith(("配合", "协", "参")):
        return "cooperating"
    return "responsible"


def _names(title: str, name: str) -> bool:
    """Whether a line that is a title is the title of the rule named."""
    plain = re.sub(r"[\"“”《》\s#]|\([^()]*\)$", "", title)
    name = re.sub(r"[\"“”《》\s]|\([^()]*\)$", "", name)
    return len(name) >= 4 and plain.endswith(name)


def _numeral(n: int) -> str:
    digits = "零一二三四五六七八九"
    if n < 10:
        return digits[n]
    if n < 100:
        tens, ones = divmod(n, 10)
        return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
    return str(n)
