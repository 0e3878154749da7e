"""From the view of a document to its tree: labels, headlines, lists, units, furniture.

The parser is total: any text yields nodes that together cover every character of the view that is not blank, once
and in order. It goes over the lines once, keeps the open levels on a stack and never recurses. The words and
patterns it goes by are data (``rules/structure.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .lexicon import Lexicon, load
from .lines import LABEL, LABEL_HEADS, is_bare, line_kinds, matchers, number, segments
from .models import Node, Span
from .view import View

_MAX_DEPTH = 14  # Deeper lists than any document has stay at this depth, so that paths stay short.
_ORDER = {"编": 1, "章": 2, "节": 3, "条": 4, "款": 5, "项": 6, "目": 7}
_KINDS = {"编": "part", "章": "chapter", "节": "section", "条": "article"}
_OTHER_LABEL = re.compile(r"[;,。 ](?=[^、,;:()\d]{2,8}:)")
_BRACKET = re.compile(r"[()\[\]]")
_UNIT = re.compile(r"(?:[^、,;。:()]+|\([^()]*\)|[()])+")


def _style(match: re.Match[str]) -> tuple[str, str]:
    """The style of a label that is no annex's, and the number in it; 4.9 and 4.9.1 are of two styles."""
    if match["law"]:
        return match["law"], match["n"]
    if match["low"]:
        return match["low"], match["m"]
    group = match.lastgroup or ""
    return (f"dec{match[group].count('.')}" if group == "dec" else group), match[group]


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


def parse(view: View, *, lexicon: Lexicon | None = None) -> tuple[Node, ...]:
    """The tree of a document: nodes in document order, which cover every character that is not blank once.

    All offsets refer to ``view.text``. ``lexicon``: whose rules of kind ``line`` it goes by (the package's own unless
    told). Never raises, whatever the text; linear in its length.

    >>> from siga_nlp.view import view
    >>> tree = parse(view("第五条　县长应当履行下列职责：（一）每月接访一次；（二）每季度巡河一次。"))
    >>> [(n.kind, n.path, n.stem) for n in tree]
    [('article', '第五条', -1), ('item', '第五条/（一）', 0), ('item', '第五条/（二）', 0)]
    """
    return _Parser(view, lexicon or load()).run()


class _Parser:
    """State of one pass over the lines of a text."""

    def __init__(self, view: View, lexicon: Lexicon) -> None:
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
        self.is_ = matchers(lexicon)

    def run(self) -> tuple[Node, ...]:
        text = self.text
        lines = segments(text)
        kinds = line_kinds(text, lines, self.is_)
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
            match = LABEL.match(text, start, end) if text[start] in LABEL_HEADS else None
            if match:
                self._labelled(k, lines, kinds, match, previous)
            else:
                self._plain(k, lines, kinds, previous)
            previous = len(self.drafts) - 1
        self._retellings()
        return self._nodes()

    # ---- lines

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
        if match["annex"]:
            self._annex(start, end, match)
            return
        style, value = _style(match)
        n = number(value.rsplit(".", 1)[-1] if match["dec"] else value.split("-")[0])
        if self.annex_list:
            # `附件:1.…` and below it `2.…`: a list of annexes, not the annexes.
            if n == self.annex_list + 1 and end - start < 60 and text[end - 1] != "。":
                self.annex_list = n
                self._add(_Draft("annex", start, end, match.end(), match[0].strip(), self.drafts[-1].path))
                return
            self.annex_list = 0
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
        return previous if self.is_["line-stem"](self.text, max(draft.start, draft.end - 40), draft.end) else -1

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
        alone = text[end - 1] not in "。;:!?,、"
        alone = alone or text[end - 1] == "。" and end - start <= 26 and self._plain_words(start, end)
        if not alone or text.find("。", start, end - 1) >= 0:
            return
        if kinds[k + 1] in ("title", "signature", "salutation"):
            return
        below = LABEL.match(text, *lines[k + 1])
        if below:
            if not below["annex"] and _style(below)[0] == style or self._style_open(below):
                return
        elif is_["line-units-line"](text, *lines[k + 1]):
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
        return any(level.style == _style(match)[0] for level in self.stack[:-1])

    def _short(self, line: Span) -> bool:
        return line[1] - line[0] <= 30 and is_bare(self.text, *line, 30)

    def _plain_words(self, start: int, end: int) -> bool:
        return not self.is_["line-measure"](self.text, start, end) and not self.is_["line-modal"](self.text, start, end)

    def _plain(self, k: int, lines: list[Span], kinds: list[str], previous: int) -> None:
        """A line without a label: units, a headline, a paragraph."""
        text, is_, stack = self.text, self.is_, self.stack
        start, end = lines[k]
        if text[start] in "(主牵责承配协参实落完[" and is_["line-units-line"](text, start, end):
            owner = self._owner()
            draft = _Draft("units", start, end, start, item=owner)
            self._add(draft)
            if owner >= 0:
                draft.parent, draft.path = owner, self.drafts[owner].path
                draft.rank = self.drafts[owner].rank + 1
                self._read_units(owner, start, end)
            elif stack:
                draft.parent, draft.path = stack[-1].node, stack[-1].path
                draft.rank = self.drafts[draft.parent].rank + 1
            return
        if (
            end - start <= 30
            and k + 1 < len(lines)
            and not kinds[k + 1]
            and not (k + 2 < len(lines) and self._short(lines[k + 1]) and self._short(lines[k + 2]))
            and not (k > 1 and not kinds[k - 1] and self._short(lines[k - 1]) and self._short(lines[k - 2]))
            and is_bare(self.text, start, end, 30)
            and not is_["line-measure"](text, start, end)
            and not is_["line-modal"](text, start, end)
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
            and text[last.end - 1] not in '。;:!?…”"』)]》>'
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
            above = self.drafts[level.node]
            draft.parent, draft.path = level.node, level.path
            draft.rank = above.rank + 1
            if above.kind == "item":
                self.continued.add(level.style)
            if i == article:
                level.clauses += 1
                alone = above.body >= above.end
                nth = level.clauses + (not alone)
                if nth > 1:
                    draft.path = f"{level.path}/第{_numeral(nth)}{self.clause_word if alone else '款'}"
            draft.item = level.node if above.label else -1
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
        after = LABEL.match(self.text, *lines[k])
        return bool(after and after["annex"])

    # ---- units

    def _owner(self) -> int:
        for draft in reversed(self.drafts[-6:]):
            if draft.kind not in ("units", "boilerplate"):
                return draft.item
        return -1

    def _units_at_tail(self, draft: _Draft) -> None:
        text = self.text
        cut = text.rfind("。", max(draft.body, draft.end - 400), draft.end - 2) + 1
        if cut and self.is_["line-units-line"](text, cut, draft.end):
            self._read_units(draft.item, cut, draft.end)
            return
        last = text[draft.end - 1]
        if last not in ")]" and (last not in "。;" or text[draft.end - 2 : draft.end - 1] not in (")", "]")):
            return
        depth = 0
        for match in reversed(list(_BRACKET.finditer(text, max(draft.body, draft.end - 400), draft.end))):
            depth += 1 if match[0] in ")]" else -1
            if not depth:
                inside = match.end(), text.rfind(")", 0, draft.end) if last != "]" else draft.end - 1
                if self.is_["line-units-tail"](text, *inside):
                    self._read_units(draft.item, *inside)
                return

    def _read_units(self, owner: int, start: int, end: int) -> None:
        """Put the units named in a stretch of text down to the numbered node they belong to."""
        text = self.text
        found = self.units.setdefault(owner, {})
        roles, at = [], start
        while role := self.is_["line-units-inside"](text, at, end):
            roles.append(role)
            at = role.end()
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
                match = self.is_["line-units-verb"](text, at, stop)
                if match:
                    names = (first if first >= 0 else match.start("names")), match.end("names")
                    found.setdefault(_role(match["verb"]), []).extend(self._split_units(*names))
                    first = -1
                elif not self.is_["line-unit-name"](text, at, stop):
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
            free = draft.kind == "paragraph" and draft.item < 0
            if free and self.is_["line-lead-in"](text, draft.start, draft.end) and self._printed_in_full(i):
                draft.kind = "retelling"
        titles = [(i, text[d.start : d.end]) for i, d in enumerate(self.drafts) if d.kind == "title"]
        if not titles:
            return
        last_title = titles[-1][0]
        for i, draft in enumerate(self.drafts[:last_title]):
            if draft.kind != "paragraph" or draft.item >= 0:
                continue
            match = self.is_["line-retells"](text, draft.start, draft.end)
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
