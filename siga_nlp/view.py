"""The view: a document's text as it is matched, with the way back.

Matching happens on folded characters: full width to half width, CJK radicals and compatibility forms to the usual
characters, traditional script to simplified (OpenCC's dictionary, character by character, so that a character folds
the same wherever it stands), white space in the middle of words removed, hard-wrapped lines joined. The source text
is never changed: ``View.span`` says where a stretch of the view stands in the source.
"""

from __future__ import annotations

import functools
import re
import string
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .models import Span

# Radicals Supplement → unified ideograph (Unicode, EquivalentUnifiedIdeograph.txt). NFKC leaves these as they are,
# and PDF fonts write whole words with them (⻓ for 长).
_RADICALS = {
    pair[0]: pair[1]
    for pair in (
        "⺁厂 ⺂乛 ⺃乚 ⺄乙 ⺅亻 ⺆冂 ⺇几 ⺈刀 ⺉刂 ⺊卜 ⺌小 ⺍小 ⺎兀 ⺏尣 ⺐尢 ⺒巳 ⺓幺 ⺖忄 ⺘扌 ⺙攵 ⺛旡 ⺟母 ⺠民 ⺡氵 ⺢氺 ⺣灬 ⺦丬 ⺧牛 "
        "⺨犭 ⺩王 ⺪疋 ⺫目 ⺬示 ⺭礻 ⺮竹 ⺯糸 ⺰纟 ⺶羊 ⺸羊 ⺹耂 ⺻聿 ⺼肉 ⺽臼 ⻁虎 ⻂衤 ⻃覀 ⻄西 ⻅见 ⻆角 ⻇角 ⻈讠 ⻉贝 ⻊足 ⻋车 ⻏阝 ⻐钅 "
        "⻑长 ⻒长 ⻓长 ⻔门 ⻖阝 ⻗雨 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻞食 ⻠饣 ⻡首 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫齐 ⻬齐 ⻭齿 ⻮齿 "
        "⻯龙 ⻰龙 ⻱龟 ⻲龟 ⻳龟"
    ).split()
}
# One sign for each job, so that rules are written once: half-width punctuation, one pair of quotation marks.
_SIGNS = {
    pair[0]: pair[1]
    for pair in (
        "，, ：: ；; ！! ？? （( ）) ［[ ］] 【[ 】] 〔[ 〕] 「“ 」” 『“ 』” ﹁“ ﹂” ‘“ ’” ﹐, ﹑、 ﹔; ﹕: "
        "ㄧ一 ．. ｜| ～~ 〜~ －- —- –- ‒- ─- ﹣- −- ・· •· ‧· ％% ＋+ ／/ ＝= ＜< ＞> ＂“ ＊*"
    ).split()
}


# Numbers in one sign, each as ①: ⑴ ⒈ ❶ ㈠.
_CIRCLED = {
    chr(first + n): chr(0x2460 + n)
    for first, count in ((0x2474, 20), (0x2488, 20), (0x2776, 10), (0x3220, 10))
    for n in range(count)
}


class _Fold(dict[int, str | int | None]):
    """A table for ``str.translate`` that asks once for each character. Each character folds to exactly one."""

    def __missing__(self, code: int) -> str | int:
        char = chr(code)
        folded = _SIGNS.get(char) or _RADICALS.get(char) or _CIRCLED.get(char) or char
        if folded == char and code > 0x7F and not 0x2460 <= code <= 0x24FF:  # ① stays a label, apart from 1
            wide = unicodedata.normalize("NFKC", char)
            if len(wide) == 1:
                folded = _RADICALS.get(wide) or wide
        if "\u3400" <= folded <= "\U0003ffff":
            simple = _to_simplified(folded)
            folded = simple if len(simple) == 1 else folded
        self[code] = folded
        return folded


_FOLD = _Fold({ord(c): c for c in map(chr, range(0x80))})
_FOLD |= dict.fromkeys(map(ord, "\v\x85\u2028\u2029"), "\n")  # line breaks of Word, of mainframes, of Unicode
_OPENCC: list[object] = []


def _to_simplified(char: str) -> str:
    if not _OPENCC:
        from opencc import OpenCC

        _OPENCC.append(OpenCC("t2s"))
    if "\ud800" <= char <= "\udfff":
        return char  # a lone surrogate: OpenCC takes only what UTF-8 can hold
    return _OPENCC[0].convert(char)  # type: ignore[attr-defined, no-any-return]


def fold(text: str) -> str:
    """Fold width, radicals, quotation marks and script, keeping the length.

    >>> fold("機關干部（每２月）⻓期")
    '机关干部(每2月)长期'
    """
    return text.translate(_FOLD)


@dataclass(frozen=True, slots=True)
class View:
    """``text`` is folded and unwrapped, paragraphs parted by ``\\n``. It is made of stretches of ``source``: the one that
    begins at ``begins[n]`` in the view stands at ``stands[n]`` in the source.

    >>> v = view("一、縣委要\\n每月", furniture=())
    >>> v.text[2:5], v.span(2, 5)
    ('县委要', (2, 5))
    """

    text: str
    begins: Sequence[int]
    stands: Sequence[int]
    source: str

    def place(self, at: int) -> int:
        """Where the character at ``at`` of the view stands in the source."""
        n = bisect_right(self.begins, at) - 1
        return self.stands[n] + at - self.begins[n]

    def span(self, start: int, end: int) -> Span:
        """The span of the source that the span ``[start, end)`` of the view stands for."""
        if end <= start:
            at = self.place(start) if start < len(self.text) else len(self.source)
            return at, at
        n = bisect_right(self.begins, start)
        first = self.stands[n - 1] + start - self.begins[n - 1]
        if n == len(self.begins) or end <= self.begins[n]:
            return first, first + end - start  # in one stretch, as nearly always
        return first, self.place(end - 1) + 1

    def quote(self, start: int, end: int) -> str:
        """The source's own words for the span ``[start, end)`` of the view."""
        a, b = self.span(start, end)
        return self.source[a:b]

    def words(self, start: int, end: int) -> str:
        """The same without what the view has left out between them (white space, line breaks)."""
        a, b = self.span(start, end)
        if b - a == end - start:
            return self.source[a:b]
        return "".join(self.source[self.place(at)] for at in range(start, end))


_NUM = "[零〇○一二三四五六七八九十百千两0-9]"
# A label at the head of a line keeps the white space after it: `第十条 市人民政府` must not read as `第十条市人民政府`.
_LABEL = re.compile(
    rf"(?:#+\s*)?(?:第\s*{_NUM}+\s*[编章节条款项目](?:之{_NUM}+)?|附\s*[件录表]\s*{_NUM}*|[一二三四五六七八九十]+、|"
    rf"\({_NUM}+\)|{_NUM}+[.、)]|[①-⑳])"
)
_GAP = re.compile(r"[ \t\u3000\xa0\u2000-\u200b\ufeff\x0b\x0c]+|\*+|(?<=\d),(?=\d{3}(?!\d))|</?[a-zA-Z]{1,6}>")
_COLUMNS = 3  # with fewer, a tab is layout: a label and its text, a name and a date
_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3}){0,4}$")  # what may stand before the comma of 1,200
_THOUSANDS = re.compile(r"\d{3}(?!\d)")
_SPACE = " \t\u3000\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\ufeff\x0b\x0c\r"
_LINE = re.compile(r"[^\n]+")
# 修正日期: a line of facts above the text goes on from none.
_FIELD = re.compile(r"[\u4e00-\u9fff]{0,4}(?:日期|时间|名称|文号|字号|机关|公发布日|修正日):")
_TERMINAL = "。;:!?…"
# The indent of a line after a blank one, or with a bullet.
_APART = 64
# No paragraph begins with one of these.
_NO_BEGINNING = "之的、,。;:)"
_CLOSERS = '”’")]》'


def view(text: str, *, furniture: Iterable[Span] = ()) -> View:
    """The view of a document's text. ``furniture`` (spans of the source) is left out.

    A line break is taken out where the text was hard-wrapped: see ``_joins``. Linear in the length of the text.
    """
    return _view(text, tuple(sorted(furniture)))


# Header and requirements of a document are read one after the other, from the same view.
@functools.lru_cache(maxsize=1)
def _view(text: str, furniture: tuple[Span, ...]) -> View:
    folded = fold(text)
    if "\n" not in folded:
        folded = folded.replace("\r", "\n")  # the line breaks of old Macs
    lines = _visual_lines(folded, furniture)
    joins = _joins(folded, lines)
    wrapped = any(joins)
    made = _Made()
    for n, (start, end, _) in enumerate(lines):
        if n:
            if joins[n]:
                before, after = folded[lines[n - 1][1] - 1], folded[start]
                if _word(before) and _word(after) and not (before.isdigit() and after.isdigit()):
                    made.put(" ", lines[n - 1][1])
            else:
                made.put("\n", min(lines[n - 1][1], len(text) - 1))
        _append(folded, start, end, made, wrapped=wrapped)
    return View("".join(made.parts), made.begins, made.stands, text)


class _Made:
    """A view in the making."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.begins: list[int] = []
        self.stands: list[int] = []
        self.length = 0

    def put(self, words: str, at: int) -> None:
        """Words that stand at ``at`` in the source."""
        if not self.begins or self.stands[-1] - self.begins[-1] != at - self.length:
            self.begins.append(self.length)
            self.stands.append(at)
        self.parts.append(words)
        self.length += len(words)


# A bullet is no part of what it stands before (●县长 is 县长): it begins a paragraph and stays out of the view.
# The dash needs a space (——在会议上的讲话), the ring no number behind it (二○○九).
_BULLET = re.compile(
    r"(?:[●•▪■□◆◇▲△▼▶►★☆※◎❖➢➤→✓✔☐]+|○(?![○零〇一二三四五六七八九十0-9年])|·)[ \t\u3000]*(?=[^\s·])"
    r"|[-+>][ \t\u3000]+(?=[^\s\d])|[A-Za-z][.)、] ?(?=[\u4e00-\u9fff])"
)
_BULLETS = frozenset("●•▪■□◆◇▲△▼▶►★☆※◎❖➢➤→✓✔☐○·-+>" + string.ascii_letters)


def _word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _append(folded: str, start: int, end: int, made: _Made, *, wrapped: bool) -> None:
    """One visual line, without the white space and the emphasis marks inside it."""
    at = start
    tabs = folded.find("\t", start, end) >= 0 and folded.count("\t", start, end) >= _COLUMNS - 1
    label_end = -1
    gap = _GAP.search(folded, start, end)
    if gap:
        label = _LABEL.match(folded, start, end)
        label_end = label.end() if label else -1
    while gap:
        a, b = gap.span()
        if a > at:
            made.put(folded[at:a], at)
        before, after = folded[a - 1 : a], folded[b : b + 1]
        if tabs and folded.find("\t", a, b) >= 0:
            made.put("|", a)  # a row of a table that was pasted from a sheet
        elif folded[a] == ",":
            if not _GROUPED.search(folded, max(a - 16, start), a):
                made.put(",", a)
        elif b - a == 1 and before.isdigit() and after.isdigit() and (wrapped or _THOUSANDS.match(folded, b)):
            pass  # 4 0分钟, cut by a line that is gone; 1 050毫米
        elif folded[a] in "*<":
            if _word(before) or _word(after):
                made.put(folded[a:b], a)
        elif (
            a == label_end
            or (_word(before) and _word(after))
            or (b - a > 1 or folded[a] == "\t")
            and "|" not in (before, after)
        ):
            made.put(" ", a)
        at = b
        gap = _GAP.search(folded, b, end)
    if at < end:
        made.put(folded[at:end], at)


def _visual_lines(folded: str, furniture: Sequence[Span]) -> list[tuple[int, int, int]]:
    """``(start, end, indent)`` of each line that is not empty; a line in which somebody else's line breaks became
    spaces (pieces of one width between single spaces) is taken apart at them. A blank line counts as indent."""
    lines: list[tuple[int, int, int]] = []
    last_end, next_furniture = 0, 0
    for match in _LINE.finditer(folded):
        start, end = match.span()
        raw_start = start
        while next_furniture < len(furniture) and furniture[next_furniture][1] <= start:
            next_furniture += 1
        if next_furniture < len(furniture) and furniture[next_furniture][0] <= start < furniture[next_furniture][1]:
            last_end = end
            continue
        while start < end and folded[start] in _SPACE:
            start += 1
        bullet = _BULLET.match(folded, start, end) if folded[start : start + 1] in _BULLETS else None
        while end > start and folded[end - 1] in _SPACE:
            end -= 1
        if start == end:
            continue
        blank = folded.count("\n", last_end, raw_start) > 1
        indent = (start - raw_start) + (_APART if blank or bullet else 0)
        start = bullet.end() if bullet else start
        last_end = match.end()
        pieces = _space_wrapped(folded, start, end)
        if pieces:
            lines.append((*pieces[0], indent))
            lines.extend((a, b, 0) for a, b in pieces[1:])
        else:
            lines.append((start, end, indent))
    return lines


def _width(folded: str, start: int, end: int) -> float:
    """Width in Chinese characters: letters and digits take half of one."""
    return end - start - 0.5 * len(folded[start:end].encode("ascii", "ignore"))


def _space_wrapped(folded: str, start: int, end: int) -> list[Span]:
    if end - start < 200 or folded.count(" ", start, end) < 5:
        return []
    pieces: list[Span] = []
    at = start
    while at < end:
        stop = folded.find(" ", at, end)
        stop = end if stop < 0 else stop
        if stop > at:
            pieces.append((at, stop))
        at = stop + 1
    widths = sorted(_width(folded, a, b) for a, b in pieces)
    full = widths[int(len(widths) * 0.8)]
    near = sum(full - 4 <= w <= full + 3 for w in widths)
    return pieces if 12 <= full <= 60 and near >= 0.5 * len(pieces) else []


def _joins(folded: str, lines: list[tuple[int, int, int]]) -> list[bool]:
    """For each line whether it goes on with the paragraph of the line before it.

    A text counts as hard-wrapped when many of its lines share one full width and stop in mid-sentence. There a full
    line goes on in the next one, unless that one begins with a label or an indent.
    """
    joins = [False] * len(lines)
    if len(lines) < 4:
        return joins
    widths = [_width(folded, a, b) if b - a < 400 else 400.0 for a, b, _ in lines]
    # The rows of a table are whole, however wide: joined, one row's measure would become another's.
    table = [folded.find("|", a, b) >= 0 or folded.count("\t", a, b) >= _COLUMNS - 1 for a, b, _ in lines]
    candidates = sorted(w for w, row in zip(widths, table, strict=True) if 12 <= w <= 62 and not row)
    if len(candidates) < 4:
        return joins
    full = candidates[min(int(len(candidates) * 0.85), len(candidates) - 1)]
    cut = [
        # An indent takes its part of the width; folding leaves open whether its spaces were wide ones.
        full - 3.5 <= w + (indent / 2 if indent < 5 else indent % _APART)
        and w <= full + 3
        and not row
        and _stop(folded, a, b) not in _TERMINAL
        for (a, b, indent), w, row in zip(lines, widths, table, strict=True)
    ]
    near = sum(full - 3.5 <= w <= full + 3 for w in widths)
    wide = sum(w > full + 3 for w in widths)
    many = sum(cut) >= 0.25 * len(lines) and wide <= 0.2 * len(lines)
    # Few full lines (short items between them), but nearly all of them stop in mid-sentence and none is longer.
    clear = sum(cut) >= max(4, 0.6 * near) and wide <= 0.02 * len(lines) and full >= 20
    if not (many or clear):
        return joins
    for n in range(1, len(lines)):
        start, end, indent = lines[n]
        before = widths[n - 1]
        if table[n] or table[n - 1] or _FIELD.match(folded, start, end):
            continue
        if indent >= _APART or _LABEL.match(folded, start, end):
            # A number at the start of a line may be the text's own ("…不少于\n3次").
            joins[n] = bool(indent < _APART and cut[n - 1] and not _starts_item(folded, start, end))
        elif indent >= 2:
            # An indent begins a paragraph, unless the line before stops full in mid-sentence (a hanging indent).
            joins[n] = cut[n - 1]
        elif _stop(folded, *lines[n - 1][:2]) in _TERMINAL:
            joins[n] = before >= full - 1.5
        else:
            joins[n] = before >= full - 4.5 or folded[start] in _NO_BEGINNING
    return joins


def _starts_item(folded: str, start: int, end: int) -> bool:
    label = _LABEL.match(folded, start, end)
    if not label:
        return False
    # 3. begins an item, 3.5 does not.
    number = folded[label.end() - 1] in "、.)" and not folded[label.end() : label.end() + 1].isdigit()
    return folded[label.start()] in "#第附(①" or number


def _stop(folded: str, start: int, end: int) -> str:
    """The last sign of a line that says whether the sentence ends there, closing brackets aside."""
    while end - 1 > start and folded[end - 1] in _CLOSERS:
        end -= 1
    return folded[end - 1]
