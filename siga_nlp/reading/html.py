"""A web page → the article's text: no navigation, sharing, footer, related links, advertising.

The page is cut into blocks (paragraphs, headings, list items, table rows) in document order. The article is the
deepest element that holds four fifths of the sentences; everything in it counts, except widgets. Outside it only the
title, the facts about the document (索引号, 发文字号, 发布时间 …) and paragraphs that are plainly prose are kept.
Inside a block the text is the page's own characters in order, white space collapsed as a browser does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .failures import Unreadable

if TYPE_CHECKING:
    from lxml.html import HtmlElement

ARTICLE_SHARE = 0.8
"""Share of the page's prose that the article's element must hold."""
LEAST_PROSE = 40
"""Characters of prose below which a page has no article (its whole text is taken, with a note)."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SKIP = _words(
    "script style noscript template iframe frame svg canvas head title object embed applet audio video map select "
    "option button textarea nav footer aside dialog"
)
_BLOCK = _words(
    "address article blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hr html legend li main ol p pre section summary table tbody td tfoot th thead tr ul caption"
)
# One line of text: never the whole article, though all its sentences may stand in it.
_LINE = _words("p li h1 h2 h3 h4 h5 h6 dt dd")
_HEADING = _words("h1 h2 h3")

# Words in class and id that name furniture, Chinese ones in pinyin as Chinese sites write them.
_FURNITURE = _words(
    "nav navbar navigation menu submenu breadcrumb breadcrumbs crumb crumbs mbx mianbaoxie position location dqwz "
    "weizhi curpos share sharing shared bdshare bdsharebuttonbox fenxiang fx social weixin wechat weibo qrcode qr "
    "ewm erweima foot "
    "footer copyright bottom related relate relevant xglj xgwz xgyd xgxx xgnews xgzx recommend tuijian hot "
    "rank ads ad adv "
    "advert advertisement guanggao banner sidebar side aside toolbar tools tool print dayin "
    "login search sousuo comment "
    "comments pinglun pager pagination prev next prevnext lang logo links friendlink yqlj top header pagefoot pagetop"
)
_CONTENT = _words("article content zoom ucap editor text body title main detail zhengwen xxgk gkinfo")

_FACT = re.compile(
    r"^[\s【\[(（·]*(索\s*引\s*号?|信息索引|发文机[关構]|制发机[关構]|发布机构|发布单位|印发机关|公开责任|责任部门|发文字号|文\s*号|"
    r"文件编号|主题分类|主\s*题\s*词|体\s*裁|分\s*类|成文日期|生成日期|发文日期|印发日期|发布日期|发布时间|公布日期|实施日期|施行日期|"
    r"生效日期|标\s*题|名\s*称|有\s*效\s*性|效力|时效|公开方式|公开时限|公开范围|时\s*间|日\s*期|来\s*源|信息来源|作\s*者|"
    r"發文機關|發布日期|發文字號|法規名稱|公發布日|修正日期|生效狀態|法規類別)\s*[】\])）]?\s*([:：|\s]|$)"
)
# A short line that is furniture wherever it stands.
_WIDGET = re.compile(
    r"^[\s·【\[]*(分享(到|至|本页)?\s*[:：]?|打印(本页|此页|本文)?|关闭(窗口|本页)|扫一扫|扫码|上一[篇条]|下一[篇条]|返回(顶部|首页|列表)|"
    r"您?(现在|当前)?(所在)?的?(位置|当前位置)\s*[:：]|当前位置|字[号体](大小)?\s*[:：]|收藏(本页)?|【?我要纠错|责任编辑\s*[:：]?\s*$)"
)
_TRAIL = re.compile(r"(首页|Home)\s*[>＞»›]{1,2}")
_FOOT = re.compile(
    r"版权所有|ICP备|公网安备|网站标识码|主办单?位?\s*[:：]|承办单?位?\s*[:：]|技术支持|浏览器|访问者|无障碍|网站地图|联系我们|©|Copyright",
    re.IGNORECASE,
)
_END = re.compile(
    r"^[\s·【\[■●▌|]*(相关(链接|文章|阅读|新闻|解读|报道|政策|信息|稿件|文档|内容|推荐)|推荐(阅读|文章)|热[点门](新闻|推荐|文章)?|猜你喜欢|"
    r"延伸阅读|友情链接|最新(文章|新闻|信息)|网友评论|發表評論|相關(連結|文章|新聞))\s*[】\]:：]?$"
)
# A link by itself that belongs to the document all the same: an enclosure, a law that it names.
_ENCLOSED = re.compile(r"附件|附表|附錄|附录|《|\.(docx?|pdf|xlsx?|wps|et|zip|rar|ofd)\b|[。；，：]")
# Inside the line of facts: the counter and the size switch, which are not the document's.
_SWITCH = re.compile(
    r"[【\[(（]?\s{0,4}字[号体](大小)?\s{0,4}[:：]?[大中小超特\s]{0,40}[】\])）]|(浏览|点击|阅读|访问)(次?数|量)?\s*[:：]\s*\d*\s*次?"
)
_SENTENCE = re.compile(r"[。；！？]|[，、：].*[，、。]")
_NUMBERED = re.compile(
    r"^[\s(（\[【]*([0-9０-９]{1,3}|[一二三四五六七八九十百]{1,4}|[a-zA-Z]|第.{1,6})[)）\]】.．、,，条章款项:：\s]|^[①-⑳]"
)
_SPACES = re.compile(r"[ \t\n\r\f]+")


@dataclass(slots=True)
class _Block:
    """A line of text (or several, after ``<br>``) with what decides whether it belongs to the article."""

    text: str
    links: int
    heading: bool
    order: int
    furniture: bool
    row: bool = False  # of a data table

    @property
    def prose(self) -> int:
        """Characters that count as the article's: sentences, and rows of tables that are no facts about it."""
        own = len(self.text) - self.links
        if self.links * 2 >= len(self.text) or (len(self.text) < 300 and _FOOT.search(self.text)):
            return 0
        if self.row:
            return own if not _FACT.match(self.text) else 0
        return own if own >= 12 and _reads(self.text) else 0


@dataclass(slots=True)
class _Walk:
    blocks: list[_Block] = field(default_factory=list)
    first: dict[Any, int] = field(default_factory=dict)
    last: dict[Any, int] = field(default_factory=dict)


def declared_charset(data: bytes) -> str | None:
    """The charset that a page states of itself (``meta`` or XML declaration), if any.

    >>> declared_charset(b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">')
    'gb2312'
    """
    found = re.search(
        rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_\-]{3,20})""", data[:4096].replace(b"\x00", b"")
    )
    return found[1].decode("ascii").lower() if found else None


def read_html(page: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """The article's text, the page's metadata and notes; raises :class:`Unreadable` where there is no text.

    >>> read_html("<title>办法</title><div class=nav>首页</div><p>第一条　每年至少一次。<p>第二条　略。")[0]
    '第一条\\u3000每年至少一次。\\n第二条\\u3000略。'
    """
    root = _tree(page)
    metadata = _metadata(root) if root is not None else {}
    walk = _walk(root) if root is not None else _Walk()
    blocks = [b for b in walk.blocks if not b.furniture]
    notes: tuple[str, ...] = ()
    if sum(b.prose for b in blocks) >= LEAST_PROSE:
        lines = _article(root, walk, metadata)
    else:
        lines = [b.text for b in blocks if not _WIDGET.match(b.text)] or [b.text for b in walk.blocks]
        notes = ("no_article: no article was found on the page; this is all of its text",)
    text = "\n".join(lines)
    if not text.strip():
        raise Unreadable(
            "no_text",
            "the page holds no text (it may be filled in by a script, or be a frame around another page)",
            "open it in a browser, and save the page that shows the text, or copy the text into a .txt file",
        )
    return text, metadata, notes


def _tree(page: str) -> HtmlElement | None:
    from lxml import etree, html

    def parse(markup: str) -> tuple[HtmlElement, bool]:
        parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
        root = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
        return root, any("depth" in entry.message for entry in parser.error_log.filter_from_fatals())

    try:
        root, cut = parse(page)
        return parse(_flatten(page))[0] if cut else root
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _flatten(page: str, deepest: int = 250) -> str:
    """Unwrap tags nested deeper than libxml2 reads (2048 levels, then it drops the rest of the page)."""
    void = _words("br hr img input meta link area base col embed source track wbr")
    depth, pos = 0, 0
    out: list[str] = []
    kept: list[bool] = []
    for tag in re.finditer(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})(?=[\s/>])[^<>]*>", page):
        name = tag[2].lower()
        if name in void:
            continue
        out.append(page[pos : tag.start()])
        pos = tag.end()
        if tag[1]:
            keep = kept.pop() if kept else True
            depth -= keep
        else:
            keep = depth < deepest or name in ("script", "style")
            kept.append(keep)
            depth += keep
        out.append(tag[0] if keep else "<br>" if name in _BLOCK else "")
    return "".join(out) + page[pos:]


def _metadata(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("title", "meta"):
        if element.tag == "title":
            value = _SPACES.sub(" ", element.text_content()).strip()
            key = "title"
        else:
            key = element.get("name") or element.get("property") or element.get("itemprop") or ""
            value = (element.get("content") or "").strip()
            if not key and element.get("charset"):
                key, value = "charset", element.get("charset", "")
            elif not key and (charset := re.search(r"charset=([\w-]+)", value)):
                key, value = "charset", charset[1]
        if key and value:
            found.setdefault(key.strip(), value)
    return found


def _names(element: HtmlElement) -> set[str]:
    raw = f"{element.get('class') or ''} {element.get('id') or ''}"
    raw = re.sub(r"([a-z])([A-Z])", r"\1 \2", raw[:300])
    return {token.lower() for token in re.split(r"[\s_\-\d:]+", raw) if token}


def _is_hidden(element: HtmlElement) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style or element.get("hidden") is not None


def _is_data_table(table: HtmlElement) -> bool:
    """Rows of cells, not a frame for the page's layout: no table inside, several filled cells in a row, none of them
    holding most of the page."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    filled = 0
    for row in table.iterdescendants("tr"):
        sizes = [len("".join(cell.itertext()).strip()) for cell in row if cell.tag in ("td", "th")]
        if any(size > 3000 for size in sizes):
            return False
        filled = max(filled, sum(size > 0 for size in sizes))
    return filled >= 2


def _walk(root: HtmlElement) -> _Walk:
    """All blocks in document order, and for each element the range of blocks in it. No recursion: pages nest deeply."""
    from lxml import etree

    walk = _Walk()
    pieces: list[str] = []
    state = {"links": 0, "anchor": 0, "furniture": 0, "pre": 0, "heading": 0}
    lists: list[list[Any]] = []  # open lists: [number of the next item or None, its type]
    marker = ""

    def add(text: str | None) -> None:
        if text:
            pieces.append(text if state["pre"] else _SPACES.sub(" ", text))
            if state["anchor"]:
                state["links"] += len(text.strip())

    def flush() -> None:
        nonlocal marker
        text = "".join(pieces)
        pieces.clear()
        lines = [re.sub(r" {2,}", " ", line).strip(" \t\xa0\u3000\r") for line in text.split("\n")]
        text = "\n".join(line for line in lines if line)
        if text:
            if marker and not _NUMBERED.match(text):
                text = marker + text
            marker = ""
            walk.blocks.append(
                _Block(text, state["links"], state["heading"] > 0, len(walk.blocks), state["furniture"] > 0)
            )
        state["links"] = 0

    events = etree.iterwalk(root, events=("start", "end"))
    opened: dict[Any, tuple[str, ...]] = {}
    for event, element in events:
        tag = element.tag
        if not isinstance(tag, str):
            if event == "end":
                add(element.tail)
            continue
        if event == "start":
            if tag in _SKIP or (tag != "body" and _is_hidden(element)):
                events.skip_subtree()
                opened[element] = ("skipped",)
                if tag in _BLOCK:
                    flush()
                continue
            if tag == "table" and _is_data_table(element):
                flush()
                events.skip_subtree()
                opened[element] = ("skipped",)
                furniture = state["furniture"] > 0 or _is_furniture(element)
                for text, links in _rows(element):
                    walk.blocks.append(_Block(text, links, False, len(walk.blocks), furniture, row=True))
                continue
            marks = []
            if tag in _BLOCK:
                flush()
                walk.first[element] = len(walk.blocks)
                if _is_furniture(element):
                    marks.append("furniture")
                if tag in _HEADING or {"title", "biaoti", "bt"} & _names(element):
                    marks.append("heading")
            if tag == "a" and _is_link(element):
                marks.append("anchor")
            elif tag == "pre":
                marks.append("pre")
            elif tag in ("ol", "ul"):
                lists.append(_numbering(element) if tag == "ol" else [None, "1"])
                marks.append("list")
            elif tag == "li":
                marker = _marker(lists[-1], element) if lists else ""
            elif tag == "br":
                pieces.append("\n")
            elif tag == "input" and element.get("type", "").lower() == "text":
                add(element.get("value"))
            for mark in marks:
                if mark in state:
                    state[mark] += 1
            opened[element] = tuple(marks)
            if not (tag == "a" and _is_script_link(element)):
                add(element.text)
        else:
            marks = list(opened.pop(element, ()))
            if tag in _BLOCK and "skipped" not in marks:
                flush()
                walk.last[element] = len(walk.blocks)
            for mark in marks:
                if mark in state:
                    state[mark] -= 1
            if "list" in marks:
                lists.pop()
            add(element.tail)
    flush()
    return walk


def _is_link(element: HtmlElement) -> bool:
    """Whether an ``<a>`` leads elsewhere: Word puts headings into anchors, and contents lead down the same page."""
    href = (element.get("href") or "").strip()
    return href == "#" or (href != "" and not href.startswith("#"))


def _is_script_link(element: HtmlElement) -> bool:
    """``大 中 小``, ``打印``: links that run a script and say next to nothing."""
    href = (element.get("href") or "").strip().lower()
    return href.startswith("javascript:") and len("".join(element.itertext()).strip()) <= 6


def _is_furniture(element: HtmlElement) -> bool:
    names = _names(element)
    if not names & _FURNITURE or names & _CONTENT or element.tag == "body":
        return False
    if next(element.iterdescendants("h1"), None) is not None:
        return False
    return _prose(element) < 300


def _reads(text: str) -> bool:
    """Whether a text has the marks of a sentence, by its beginning (the pattern is not linear on endless colons)."""
    return _SENTENCE.search(text, 0, 500) is not None


def _prose(element: HtmlElement) -> int:
    """Characters of prose, up to the point where there is plainly much of it (bounded: the walk stays linear)."""
    total = 0
    for text in element.itertext():
        total += len(text) if _reads(text) and len(text.strip()) >= 12 else 0
        if total >= 300:
            break
    return total


def _rows(table: HtmlElement) -> list[tuple[str, int]]:
    """The rows of a data table, cells joined by `` | ``; merged cells stand once, empty ones at the end not."""
    rows: list[tuple[str, int]] = []
    for row in table.iterdescendants("tr", "caption"):
        cells, links = [], 0
        for cell in [row] if row.tag == "caption" else [c for c in row if c.tag in ("td", "th")]:
            cells.append(_cell_text(cell))
            links += sum(len("".join(a.itertext()).strip()) for a in cell.iter("a") if _is_link(a))
        while cells and not cells[-1]:
            cells.pop()
        if any(cells):
            rows.append((" | ".join(cells), links))
    return rows


def _cell_text(cell: HtmlElement) -> str:
    from lxml import etree

    parts: list[str] = []
    events = etree.iterwalk(cell, events=("start", "end"))
    for event, element in events:
        if event == "start":
            if element.tag in _SKIP:
                events.skip_subtree()
                continue
            if element.tag in _BLOCK or element.tag == "br":
                parts.append(" ")
            parts.append(element.text or "")
        elif element is not cell:
            if element.tag in _BLOCK:
                parts.append(" ")
            parts.append(element.tail or "")
    return _SPACES.sub(" ", "".join(parts)).strip(" \t\xa0\u3000")


def _numbering(element: HtmlElement) -> list[Any]:
    try:
        start = int(element.get("start") or 1)
    except ValueError:
        start = 1
    return [start, element.get("type") or "1"]


def _marker(numbering: list[Any], item: HtmlElement) -> str:
    """The number that a browser writes before an item of an ``<ol>``; nothing in a ``<ul>``."""
    number, kind = numbering
    if number is None:
        return ""
    value = item.get("value") or ""
    if re.fullmatch(r"\d{1,6}", value):
        number = int(value)
    numbering[0] = number + 1
    from .numerals import alphabetic, roman

    if kind in ("a", "A") and number > 0:
        written = alphabetic(number)
        return f"{written if kind == 'a' else written.upper()}. "
    if kind in ("i", "I") and 0 < number < 4000:
        written = roman(number)
        return f"{written if kind == 'i' else written.upper()}. "
    return f"{number}. "


def _article(root: HtmlElement, walk: _Walk, metadata: dict[str, str]) -> list[str]:
    """The lines of the article and of the facts around it."""
    sums = [0]
    for block in walk.blocks:
        sums.append(sums[-1] + (0 if block.furniture else block.prose))
    begin, end = _main(root, walk, sums)
    titles = [_squeezed(metadata[k]) for k in ("ArticleTitle", "title", "og:title") if metadata.get(k)]
    lines: list[str] = []
    for block in walk.blocks:
        inside = begin <= block.order < end
        if block.furniture:
            continue
        if block.order >= end and _END.match(block.text):
            break
        if len(block.text) <= 80 and (_WIDGET.match(block.text) or _TRAIL.search(block.text)):
            continue
        if block.links * 10 >= len(block.text) * 9 and len(block.text) < 60 and not _ENCLOSED.search(block.text):
            continue  # a link by itself, wherever it stands
        if not inside and not _belongs(block, titles, before=block.order < begin):
            continue
        late = block.order > begin + (end - begin) * 0.6
        if inside and late and _END.match(block.text) and sums[end] - sums[block.order + 1] < LEAST_PROSE:
            break  # related links at the end of the article's own element
        text = _SWITCH.sub("", block.text).rstrip(" \u3000\xa0") if len(block.text) < 200 else block.text
        if text:
            lines.append(text)
    return lines


def _belongs(block: _Block, titles: list[str], *, before: bool) -> bool:
    """Whether a block outside the article belongs to the document: a fact, its title, or prose."""
    text = block.text
    if _FOOT.search(text):
        return False
    if block.links * 2 > len(text):
        return before and block.heading and _is_title(text, titles)
    if _FACT.match(text):
        return before
    if before and (block.heading or _is_title(text, titles)):
        return True
    if block.row and block.prose and not before:
        return True  # a table that belongs to it
    return block.prose >= 20 and text.rstrip().endswith(("。", "；", "：", "！"))


def _is_title(text: str, titles: list[str]) -> bool:
    squeezed = _squeezed(text)
    return len(squeezed) >= 6 and any(squeezed in title or title in squeezed for title in titles)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _main(root: HtmlElement, walk: _Walk, sums: list[int]) -> tuple[int, int]:
    """The range of blocks of the deepest element that holds ARTICLE_SHARE of the prose (``sums``: running sums).

    An element around it that adds mostly prose too (the other chapters in elements of their own) is taken instead.
    """
    need = ARTICLE_SHARE * sums[-1]
    element, ranges = root, [(0, len(walk.blocks))]
    descended = True
    while descended:
        descended = False
        for child in element:
            if child not in walk.first:
                # An inline element around blocks (<span><p>…): look through it.
                inner = next((e for e in child.iterdescendants() if e in walk.first), None) if len(child) else None
                if inner is None or child.tag in _SKIP:
                    continue
                child = inner.getparent() if len(inner.getparent()) > 1 else inner
            begin, end = walk.first.get(child, 0), walk.last.get(child, 0)
            if child.tag not in _LINE and end > begin and sums[end] - sums[begin] >= need:
                element, descended = child, True
                ranges.append((begin, end))
                break
    sizes = [0]
    for block in walk.blocks:
        sizes.append(sizes[-1] + (0 if block.furniture else len(block.text)))
    begin, end = ranges.pop()
    for outer_begin, outer_end in reversed(ranges):
        more = sizes[outer_end] - sizes[outer_begin] - (sizes[end] - sizes[begin])
        more_prose = sums[outer_end] - sums[outer_begin] - (sums[end] - sums[begin])
        if more_prose > 0 and more_prose * 2 >= more:
            begin, end = outer_begin, outer_end
    return begin, end
