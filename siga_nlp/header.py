"""Header facts: what the head of a document says of it.

Facts come from header tables and header lines (``发文字号 | …``, ``成文日期：…``), from the file format's own metadata,
and from the parts that every official document has: letterhead, document number, title, addressees, signature and date,
adoption line. Field names, genres and patterns are data (``rules/header.yaml``). Only the first 3,000 and the last
1,000 characters are looked at, so that a date or number from the provisions is never taken for the document's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as calendar_date
from functools import lru_cache
from itertools import pairwise

from .lexicon import Lexicon, Rule, load
from .models import Document, Header, Node, Span
from .patterns import Sieve
from .regions import Resolution, locate, resolve
from .view import View, fold

HEAD, TAIL = 3000, 1000
LEVELS = ("central", "province", "city", "county", "township", "village")


# --- the rules -------------------------------------------------------------------------------------------------------


_Find = Callable[..., "re.Match[str] | None"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a lexicon says of headers (``rules/header.yaml``), compiled."""

    labels: Mapping[str, str]
    label: re.Pattern[str]
    genres: tuple[str, ...]
    genre: re.Pattern[str]
    find: Mapping[str, _Find]
    patterns: Mapping[str, re.Pattern[str]]
    numbers: tuple[tuple[Rule, re.Pattern[str]], ...]
    number_sieve: Sieve
    number_prefix: re.Pattern[str]
    dates: tuple[re.Pattern[str], ...]
    date_sieve: Sieve
    codes: Mapping[str, str]
    levels: Mapping[str, str]
    verbs: Mapping[str, frozenset[str]]


@lru_cache(maxsize=8)
def compiled(lexicon: Lexicon) -> Rules:
    """The header rules of a lexicon, compiled once."""
    labels = {fold(name): kind for name, kind in lexicon.terms["header_labels"].items()}
    spaced = sorted((r"\s?".join(map(re.escape, name)) for name in labels), key=len, reverse=True)
    genres = lexicon.rules["genre"]
    return Rules(
        labels=labels,
        label=re.compile(rf"(?:^|(?<=[\s|)\]】;\d号]))[\[(]?(?P<label>{'|'.join(spaced)})[\])]?\s?(?P<sep>:|\||$)"),
        genres=tuple(rule.value["genre"] for rule in genres),
        # All of them end where the title ends, so the first to match is the longest.
        genre=re.compile("|".join(f"(?P<g{n}>{lexicon.expand(rule.pattern)})" for n, rule in enumerate(genres))),
        find=lexicon.finders("header"),
        patterns={rule.name: lexicon.compile(rule.pattern) for rule in lexicon.rules["header"]},
        numbers=tuple((rule, lexicon.compile(rule.pattern)) for rule in lexicon.rules["doc_number"]),
        number_sieve=Sieve(lexicon.expand(rule.pattern) for rule in lexicon.rules["doc_number"]),
        number_prefix=lexicon.compile("^{number_prefix}"),
        dates=tuple(lexicon.compile(rule.pattern) for rule in lexicon.rules["doc_date"]),
        date_sieve=Sieve(lexicon.expand(rule.pattern) for rule in lexicon.rules["doc_date"]),
        codes=lexicon.terms["number_codes"],
        levels=lexicon.terms["level_words"],
        verbs={name: frozenset(lexicon.terms[f"verbs_{name}"]) for name in ("made", "published", "version")},
    )


# --- dates and numbers ----------------------------------------------------------------------------------------------

_CHINESE_DIGITS = {c: str(n) for n, c in enumerate("零一二三四五六七八九")} | dict.fromkeys("〇○OoО", "0")


def _number(text: str) -> int:
    """``二〇一三`` → 2013, ``一百一十二`` → 112, ``廿一`` → 21, ``08`` → 8."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not re.search("[十百]", text):
        digits = "".join(_CHINESE_DIGITS.get(c, c) for c in text)
        return int(digits)
    total, digit = 0, 0
    for c in text:
        if c == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif c == "十":
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = int(_CHINESE_DIGITS.get(c, c))
    return total + digit


def _iso(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    try:
        if parts.get("roc"):
            year = 1911 + (1 if parts["roc"] == "元" else _number(parts["roc"]))
        else:
            year = _number(parts["year"])
            year += 1911 if year < 200 else 0
        month = _number(parts["month"])
        if not 1900 <= year <= 2100:
            return None
        if not parts.get("day"):
            return f"{year:04}-{month:02}" if 1 <= month <= 12 else None
        return calendar_date(year, month, _number(parts["day"])).isoformat()
    except ValueError:
        return None


def read_date(text: str, *, lexicon: Lexicon | None = None) -> str | None:
    """The first date in ``text``, ISO 8601; None if there is none, or none of the calendar's.

    >>> read_date("二〇一三年十二月八日"), read_date("中華民國115年3月5日"), read_date("2024-1-8 09:12"), read_date("2024年1月")
    ('2013-12-08', '2026-03-05', '2024-01-08', '2024-01')
    >>> read_date("00012345000067890X/2024-81234")
    """
    found = _find_date(compiled(lexicon or load()), fold(text))
    return found[2] if found else None


def _find_date(rules: Rules, text: str, start: int = 0, end: int | None = None) -> tuple[int, int, str] | None:
    best: tuple[int, int, str] | None = None
    end = len(text) if end is None else end
    for n in rules.date_sieve.passing(text, start, end):
        for match in rules.dates[n].finditer(text, start, end):
            iso = _iso(match)
            if iso:
                if best is None or match.start() < best[0]:
                    best = (match.start(), match.end(), iso)
                break
    return best


def read_number(text: str, *, lexicon: Lexicon | None = None) -> str | None:
    """The document number in ``text``, in the form ``市委办发〔2024〕2号``; None if there is none.

    >>> read_number("市委办发[2024]第2号"), read_number("（20）湛仲字第2号时间：2025年3月20日")
    ('市委办发〔2024〕2号', '(20)湛仲字第2号')
    """
    found = _find_number(compiled(lexicon or load()), fold(text))
    return found[2] if found else None


def _find_number(rules: Rules, text: str, start: int = 0, end: int | None = None) -> tuple[int, int, str] | None:
    end = len(text) if end is None else end
    for n in rules.number_sieve.passing(text, start, end):
        rule, pattern = rules.numbers[n]
        match = pattern.search(text, start, end)
        if not match:
            continue
        code, begin = match["code"], match.start()
        while not rule.value.get("keeps_prefix") and (prefix := rules.number_prefix.match(code)):
            code, begin = code[prefix.end() :], begin + prefix.end()
        if not code:
            continue
        value = text[begin : match.end()]
        if form := rule.value.get("number"):
            value = form.format(code=code, **{k: _number(n) for k, n in match.groupdict().items() if k != "code" and n})
        return begin, match.end(), re.sub(r"\s", "", value)
    return None


# --- the head as lines ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Fact:
    """A value and where it stands in the view (None: in the file's metadata)."""

    value: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class _Page:
    """What all facts are read from: the lines of head and tail (the first ``zone`` lines of the head stand before the
    body), the labelled fields, the adoption lines and the signatures."""

    rules: Rules
    view: View
    head: Sequence[_Line]
    tail: Sequence[_Line]
    zone: int
    fields: Mapping[str, list[_Fact]]
    adoption: Sequence[_Adopted]
    signature: Sequence[_Signed]

    @property
    def text(self) -> str:
        return self.view.text

    @property
    def front(self) -> Sequence[_Line]:
        """The lines before the body."""
        return self.head[: self.zone]


@dataclass(slots=True)
class _Found:
    """The facts so far, their spans in the source, and what a person should look at; ``title`` is the title on one
    line, folded, ``title_span`` its place in the view."""

    view: View
    facts: dict[str, str | None]
    spans: dict[str, Span] = field(default_factory=dict)
    issues: list[str] = field(default_factory=list)
    title: str = ""
    title_span: Span | None = None

    def put(self, name: str, value: str | None, span: Span | None) -> None:
        self.facts[name] = value
        if value is not None and span is not None:
            self.spans[name] = self.view.span(*span)

    @property
    def title_on_one_line(self) -> Span | None:
        """The span of a title that no line break parts, so that places in it are places in the view."""
        span = self.title_span
        return span if span and "\n" not in self.view.text[slice(*span)] else None


def _lines(text: str, start: int, end: int, skip: Sequence[Span]) -> list[_Line]:
    lines = []
    at = start
    for piece in text[start:end].split("\n"):
        body = piece.lstrip("#> ")
        begin = at + len(piece) - len(body)
        body = body.rstrip()
        if body and not any(a <= begin < b for a, b in skip):
            lines.append(_Line(begin, begin + len(body), body))
        at += len(piece) + 1
    return lines


def _zone(rules: Rules, lines: Sequence[_Line]) -> int:
    """How many lines stand before the body: before the addressees, a first heading or article, or a sentence."""
    for n, line in enumerate(lines):
        text = line.text
        if rules.label.match(text):
            continue
        if rules.find["salutation"](text):
            return n
        if rules.find["body-start"](text) and (text[-1] in "。;:" or len(text) < 60 and not _genre_of(rules, text)):
            return n
        if len(text) > 15 and text[-1] in "。!;" and not text.startswith("("):
            return n
    return len(lines)


def _letterhead_inside(rules: Rules, head: Sequence[_Line], zone: int) -> int:
    """The line after the zone that is a letterhead (``中共某省委文件`` with a number on it or below); 0 if none is."""
    for n in range(zone, len(head) - 1):
        organ, word, rest = head[n].text.partition("文件")
        if (
            word
            and _is_organ_line(rules, organ)
            and (rest or head[n + 1].text)
            and _is_number_line(rules, rest or head[n + 1].text)
        ):
            return n
    return 0


def _fields(rules: Rules, text: str, lines: Iterable[_Line]) -> dict[str, list[_Fact]]:
    """Label and value pairs: ``发文字号|市委办发[2024]2号|制发机构||``, ``文号:…``, or the label on a line of its own."""
    found: dict[str, list[_Fact]] = {}
    lines = list(lines)
    for n, line in enumerate(lines):
        labels = list(rules.label.finditer(line.text))
        for k, label in enumerate(labels):
            kind = rules.labels.get(re.sub(r"\s", "", label["label"]))
            stop = labels[k + 1].start() if k + 1 < len(labels) else len(line.text)
            begin = label.end()
            if not line.text[begin:].strip(" |:"):
                # The label alone: its value is the next line, unless that is a label too.
                if len(labels) > 1 or n + 1 == len(lines) or rules.label.match(lines[n + 1].text):
                    continue
                following = lines[n + 1]
                value, at = following.text, following.start
                if len(value) > 80:
                    continue
            else:
                value = line.text[begin:stop]
                while value[:1] in (":", "|", " ") and value:
                    begin, value = begin + 1, value[1:]
                value = re.split(r"\|| (?=[一-鿿]{2,6}:)|(?<=\d)(?=[一-鿿]{2,4}:)", value)[0]
                at = line.start + begin
            value = value.strip(" |\"'")
            if kind and kind != "ignore" and value and value not in "-—/无":
                at = text.index(value, at)
                found.setdefault(kind, []).append(_Fact(value, (at, at + len(value))))
    return found


# --- title and genre ------------------------------------------------------------------------------------------------

_BRACKETS = re.compile(r"(?:\s|[(\[][^()\[\]]{0,80}[)\]]|[”\"》〉]){1,12}$")


def _genre_of(rules: Rules, title: str) -> tuple[str, int, int] | None:
    """(genre, start, end) by the last words of a title, brackets after it aside."""
    core = _BRACKETS.sub("", title)
    # Far from the end nothing matches; not to look there saves time.
    match = rules.genre.search(core, max(0, len(core) - 20))
    if not match or not match.lastgroup:
        return None
    return rules.genres[int(match.lastgroup[1:])], match.start(), match.end()


def read_genre(title: str, *, lexicon: Lexicon | None = None) -> str | None:
    """The genre that a title names. A notice that prints another text has that text's genre.

    >>> read_genre("关于印发《四下基层实施意见》的通知"), read_genre("关于做好防汛工作的通知"), read_genre("圖書館設立及營運標準")
    ('实施意见', '通知', '标准')
    """
    return _read_genre(compiled(lexicon or load()), fold(title))[0]


def _read_genre(rules: Rules, title: str) -> tuple[str | None, Span | None]:
    if match := rules.find["speech-title"](title):
        word = re.search("讲话|致辞|发言", title[match.start() :])
        at = match.start() + word.start() if word else match.start()
        return "讲话", (at, at + 2)
    carrier = rules.find["carrier"](title)
    if carrier:
        printed = carrier["printed"]
        quoted = [(m[1], carrier.start("printed") + m.start(1)) for m in re.finditer(r"《([^《》]+)》", printed)]
        for name, at in quoted or [(printed, carrier.start("printed"))]:
            genre = _genre_of(rules, name)
            if genre:
                return genre[0], (at + genre[1], at + genre[2])
    genre = _genre_of(rules, title)
    return (genre[0], (genre[1], genre[2])) if genre else (None, None)


_TITLE_START = re.compile(r"(?:关于|印发|转发|批转)")


def _title(rules: Rules, text: str, lines: Sequence[_Line]) -> tuple[int, int] | None:
    """View span of the title: of the lines before the body the one most like it, with the lines it goes on from."""
    best: tuple[float, int] | None = None
    whole = text[:HEAD]
    for n, line in enumerate(lines):
        run_in = rules.find["run-in-title"](line.text)
        content = run_in[1] if run_in else line.text
        if not 4 <= len(content) <= 100 or content[-1] in "。;,、:" or rules.find["navigation"](content):
            continue
        if rules.label.match(content) or _is_number_line(rules, content) or "|" in content:
            continue
        genre = _read_genre(rules, content)[0]
        if not genre or content.endswith("文件"):
            continue
        score = 2.0 + 2.0 * bool(re.search("关于|印发|上的讲话|实施|管理|工作", content))
        score += 1.5 * (text[max(0, line.start - 3) : line.start].endswith("#"))
        # Pages print the title twice; a piece of a longer line is no repetition.
        score += 0.5 * (len(re.findall(rf"(?m)^[#\s]*{re.escape(content)}", whole)) > 1) - 0.05 * n
        if len(content) < 6:
            score -= 1
        if best is None or score > best[0]:
            best = (score, n)
    if best is None:
        return None
    n = first = best[1]
    # A title broken over several lines: back to the line that opens it, and to the organs above.
    if not _title_opens(lines[n].text):
        for back in range(1, 4):
            if n - back < 0 or not _may_continue(rules, lines[n - back].text):
                break
            if re.search("关于|印发", lines[n - back].text):
                first = n - back
                break
    if _TITLE_START.match(lines[first].text):
        while first > 0 and _is_organ_line(rules, lines[first - 1].text):
            first -= 1
    end = lines[n].end
    if run_in := rules.find["run-in-title"](lines[n].text):
        end = lines[n].start + run_in.end(1)
    # When the text was adopted is no part of its title: 河川管理規則（新 88.06.30 訂定）.
    if dated := re.search(r"\([^()]*(?:订定|修正|修订|通过|公布|发布)\)$", text[lines[n].start : end]):
        end = lines[n].start + dated.start()
    return lines[first].start, end


def _title_opens(text: str) -> bool:
    return bool(re.search("关于|印发|转发", text)) and not re.match(r"《[^》]*》的?[一-鿿]{2,4}$", text)


def _may_continue(rules: Rules, text: str) -> bool:
    return (
        len(text) <= 40
        and text[-1] not in "。;:,!?|"
        and not rules.label.match(text)
        and not _is_number_line(rules, text)
    )


def _is_number_line(rules: Rules, text: str) -> bool:
    found = _find_number(rules, text)
    return bool(found) and len(text) - (found[1] - found[0]) <= 4 if found else False


def _is_organ_line(rules: Rules, text: str) -> bool:
    return len(text) <= 60 and bool(rules.find["organ"](text)) and not re.search("关于|的", text)


def _as_written(rules: Rules, view: View, start: int, end: int) -> str:
    """The source's words in simplified script: its own punctuation, white space only where organs are listed."""
    out: list[str] = []
    for at in range(start, end):
        char = view.text[at]
        stands = view.place(at)
        source = view.source[stands]
        gap = view.source[view.place(at - 1) + 1 : stands] if at > start else ""
        if char == "\n" or source.isspace():
            char, gap = " ", ""
        elif not "\u3400" <= char <= "\U0003ffff" and not char.isalnum():
            char = source
        if gap and gap.isspace():
            out.append(" ")
        out.append(char)
    text = re.sub(r"\s+", " ", "".join(out)).strip()
    # White space inside a title is layout, except between the organs before 关于.
    opening = re.search("关于|印发|转发|批转", text)
    cut = opening.start() if opening else 0
    organs = text[:cut].split()
    if not all(_is_organ_line(rules, fold(organ)) for organ in organs):
        organs = ["".join(organs)]
    return " ".join(organs) + re.sub(r"(?<=[^\x00-\xff]) | (?=[^\x00-\xff])", "", text[cut:])


# --- issuer -----------------------------------------------------------------------------------------------------------


def _organs(rules: Rules, text: str) -> str:
    """Joint issuers parted by one space: ``中共栖阳市委、栖阳市人民政府`` → ``中共栖阳市委 栖阳市人民政府``."""
    parts = [re.sub(r"\s+", "", part) for part in re.split(r"[、\n]|\s+", text.strip()) if part.strip()]
    if len(parts) > 1 and not all(_is_organ_line(rules, part) for part in parts):
        parts = ["".join(parts)]
    out: list[str] = []
    for part in parts:
        # 中共甲市委甲市人民政府, written without a space: the second organ begins where the place is named again.
        place = _place_name(rules, part)
        again = part.find(place, part.find(place) + len(place)) if place else -1
        if again > 0 and _is_organ_line(rules, part[:again]) and _is_organ_line(rules, part[again:]):
            out += [part[:again], part[again:]]
        else:
            out.append(part)
    return " ".join(out)


def _strip_party(text: str) -> tuple[str, int]:
    match = re.match(r"(?:中国共产党|中共|共青团|民革|九三学社|政协|中国人民政治协商会议)", text)
    if match and not text.startswith("中共中央") and not text.startswith("中国共产党中央"):
        return text[match.end() :], match.end()
    return text, 0


def _place_name(rules: Rules, organ: str) -> str | None:
    rest, _ = _strip_party(organ)
    end = locate(rest)[1]
    if end:
        return rest[:end]
    match = rules.find["unknown-place"](rest)
    return match["place"] if match else None


def _issuer_of_session(rules: Rules, who: str) -> str | None:
    """``浙江省第九届人民代表大会常务委员会第四次会议`` → ``浙江省人民代表大会常务委员会``."""
    who = re.sub(r"^(?:根据|经|由|于)", "", who)
    who = re.sub(r"[(《〈].*$", "", who)
    who = re.sub(r"第[一二三四五六七八九十百]+届", "", who, count=1)
    who = re.sub(r"(?:令|公告)?第[一二三四五六七八九十百0-9]+[次号].*$", "", who)
    who = re.sub(r"(?:常务会议|全体会议|会议)$", "", who)
    who = re.sub(r"[一-鿿]+字$", "", who) if "字" in who else who
    return who if len(who) >= 3 and rules.find["organ"](who) else None


def _title_issuer(rules: Rules, title: str) -> tuple[str, int, int] | None:
    """The organs before 关于 / 印发 / 转发 in a title (or before 办理 after a government's name)."""
    match = re.match(r"(?P<organs>.{3,80}?)(?=关于|印发|转发|批转|公布|发布|办理)", title)
    if match and (_is_organ_line(rules, match["organs"]) or _is_organ_line(rules, re.sub(r"\s", "", match["organs"]))):
        return match["organs"].strip(), 0, len(match["organs"].rstrip())
    return None


# --- region and level -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    name: str | None
    code: str | None
    level: str | None
    issue: str | None
    span: Span | None


def _place(
    rules: Rules, organ: str, context: Iterable[str], year: int | None, *, confirmed: str | None = None
) -> _Place | None:
    """The place that an organ, or a title, begins with. ``confirmed``: text that must name an organ of an unknown place
    (a title alone does not: 农村集市 is no city)."""
    rest, offset = _strip_party(organ)
    if rules.find["central-organ"](rest):
        return _Place("全国", None, "central", None, None)
    resolution, end = locate(rest, context=context, year=year)
    name, code, level, issue = rest[:end] or None, None, None, None
    if resolution.status == "found":
        name, code, level = resolution.region, resolution.code, resolution.level
    elif resolution.status == "ambiguous":
        level = _level_of_name(rules, name or "")
        issue = f"region_ambiguous: {name} ({', '.join(resolution.candidates)})"
    at = end
    # A place below the known one that the table does not have: never the known one's code for it.
    while unknown := rules.find["unknown-place"](rest, at):
        if confirmed is not None and not re.search(
            rf"{unknown['place']}(?:委|人民|政府|人大|纪|{'[一-鿿]{1,6}'}[局厅])", confirmed
        ):
            break
        name, code = rest[: unknown.end("place")] if at else unknown["place"], None
        level = rules.levels.get(unknown["suffix"])
        issue = f"region_unknown: {unknown['place']}"
        at = unknown.end("place")
    # 朝阳区人民政府建外街道办事处: the office stands below the government.
    government = re.match("人民政府(?=.{1,8}街道办)", rest[at:]) if at else None
    begin = at + (government.end() if government else 0)
    below = rules.find["township"](rest, begin) or rules.find["village"](rest, begin)
    if below and (
        at or confirmed is None or re.match("人民政府|[村居]民委员会|街?道?办事处", rest[below.end("place") :])
    ):
        level = "village" if re.search("(?:村|社区|嘎查)$", below["place"]) else "township"
        name, code = rest[:at] + below["place"], None
        at = below.end("place")
    if not name:
        return None
    return _Place(name, code, level, issue, (offset, offset + at))


def _level_of_name(rules: Rules, name: str) -> str | None:
    return next(
        (rules.levels[word] for word in sorted(rules.levels, key=len, reverse=True) if name.endswith(word)), None
    )


def _level_of_addressees(rules: Rules, text: str) -> str | None:
    """Whom a document is addressed to says what level it comes from."""
    return next((level for level in LEVELS[:-1] if rules.find[f"addressees-of-{level}"](text)), None)


def _code_place(rules: Rules, number: str | None) -> str | None:
    """The division whose organs write such document numbers, if only they do."""
    match = re.match(r"[一-鿿]+", number or "")
    return rules.codes.get(match[0]) if match else None


# --- all of it ------------------------------------------------------------------------------------------------------


def read_header(
    document: Document, view: View, nodes: Sequence[Node] | None = None, *, lexicon: Lexicon | None = None
) -> Header:
    """Header facts of a document. Values are normalized and in simplified script; ``spans`` point at the source's words.

    Args:
        document: As read; its ``metadata`` (HTML meta, front matter, DOCX properties) completes what the text says.
        view: ``siga_nlp.view.view`` of its text.
        nodes: Structure, where it is known: lines of kind ``retelling`` and ``boilerplate`` are left out.
        lexicon: Whose labels, genres and patterns it goes by; the package's own unless told.

    Returns:
        ``Header``; ``None`` where the text does not say. ``issues`` names what is ambiguous, contradictory or inferred.

    >>> from siga_nlp.view import view
    >>> text = "金昌市人民政府关于加强接访工作的意见\\n金政发〔2024〕3号\\n各县、区人民政府:\\n请认真执行。\\n金昌市人民政府\\n2024年1月8日"
    >>> h = read_header(Document("a", text), view(text))
    >>> h.issuer, h.doc_number, h.date, h.genre, h.region_code, h.level
    ('金昌市人民政府', '金政发〔2024〕3号', '2024-01-08', '意见', '620300', 'city')
    >>> text[slice(*h.spans["date"])]
    '2024年1月8日'
    """
    rules = compiled(lexicon or load())
    page, letterhead = _read_page(rules, document, view, nodes)
    found = _Found(view, dict.fromkeys(_FACTS))
    genre = _title_and_genre(page, found, letterhead=letterhead)
    if number := _number_fact(page):
        found.put("doc_number", number.value, number.span)
    for name in ("index_number", "validity", "subject_class"):
        if page.fields.get(name):
            found.put(name, page.fields[name][0].value, page.fields[name][0].span)
    _dates(page, found)
    _issuer(page, found, genre)
    region = _region(page, found, genre)
    return Header(
        **found.facts,
        region=region.name,
        region_code=region.code,
        level=region.level,
        issues=tuple(dict.fromkeys(found.issues)),
        spans=found.spans,
    )


_FACTS = ("title", "issuer", "doc_number", "index_number", "date", "published", "validity", "subject_class", "genre")


def _read_page(rules: Rules, document: Document, view: View, nodes: Sequence[Node] | None) -> tuple[_Page, bool]:
    """The page, and whether it begins at a letterhead further down."""
    text = view.text
    skip = [(n.start, n.end) for n in nodes or () if n.kind in ("retelling", "boilerplate")]
    head_end = min(len(text), HEAD)
    tail_start = max(head_end, len(text) - TAIL)
    head = _lines(text, 0, head_end, skip)
    tail = _lines(text, tail_start, len(text), skip) if tail_start < len(text) else []
    if tail and tail_start > 0 and text[tail_start - 1] != "\n":
        tail = tail[1:]
    letterhead = _letterhead_inside(rules, head, _zone(rules, head))
    if letterhead:
        # A report that prints the document in full: the facts are those of the document.
        head = head[letterhead:]
    zone = _zone(rules, head)
    fields = _fields(rules, text, head[:zone])
    for key, value in document.metadata.items():
        kind = rules.labels.get(fold(key))
        if kind and kind != "ignore" and str(value).strip():
            fields.setdefault(kind, []).append(_Fact(fold(str(value)).strip()))
    adoption, signature = _adoption(rules, text, head[:zone]), _signature(rules, head, zone, tail)
    return _Page(rules, view, head, tail, zone, fields, adoption, signature), bool(letterhead)


def _title_and_genre(page: _Page, found: _Found, *, letterhead: bool) -> str | None:
    rules, text, view = page.rules, page.text, page.view
    in_text = [fact for fact in page.fields.get("title", []) if fact.span]
    title_span = in_text[0].span if in_text else _title(rules, text, page.front)
    if title_span:
        found.put("title", _as_written(rules, view, *title_span), title_span)
    elif page.fields.get("title"):
        found.put("title", _page_title(rules, page.fields["title"][0].value), None)
    elif adopted := re.search(r"《([^《》]{4,60})》(?=(?:已|业)经?)", text[:HEAD]):
        # An order names the text that it prints.
        title_span = adopted.span(1)
        found.put("title", _as_written(rules, view, *title_span), title_span)
    # Where each character of the title, read as one line, stands in the view.
    at_view = [at for at in range(*(title_span or (0, 0))) if text[at] != "\n"]
    title = "".join(text[at] for at in at_view) if title_span else fold(found.facts["title"] or "")
    genre, genre_span = _read_genre(rules, title) if title else (None, None)
    kind = None if letterhead else _speech_or_news(page, genre)
    if kind and kind != genre:
        genre, genre_span = kind, None
    if not found.facts["title"]:
        # No line names a genre: the first that could be a headline.
        line = next((line for line in page.front if _may_be_headline(rules, line.text)), None)
        if line:
            title, title_span = line.text, (line.start, line.end)
            at_view = list(range(*title_span))
            found.put("title", _as_written(rules, view, *title_span), title_span)
            if kind != "新闻":
                found.issues.append("title_inferred")
    if not genre:
        own = re.search(r"(?:制定|订定|特订定)本([一-鿿]{2})", text[:HEAD])
        if own and own[1] in rules.genres:
            genre = own[1]
            found.issues.append("genre_inferred")
    found.put("genre", genre, None)
    if genre and genre_span and at_view:
        found.spans["genre"] = view.span(at_view[genre_span[0]], at_view[genre_span[1] - 1] + 1)
    found.title, found.title_span = title, title_span
    return genre


def _may_be_headline(rules: Rules, text: str) -> bool:
    if not 5 <= len(text) <= 50 or text[-1] in "。;:,、" or rules.find["navigation"](text) or rules.label.match(text):
        return False
    if (
        _is_number_line(rules, text)
        or _is_organ_line(rules, text)
        or text.endswith("文件")
        or "|" in text
        or _find_date(rules, text)
    ):
        return False
    return sum("\u3400" <= c <= "\u9fff" for c in text) >= 0.6 * len(text)


def _page_title(rules: Rules, title: str) -> str:
    """A web page's title without the site's name: the part that names a genre, else the first."""
    parts = [part.strip() for part in re.split(r"[_|]|\s[-–]\s|--", title) if part.strip()]
    return next((part for part in parts if _read_genre(rules, part)[0]), parts[0] if parts else title)


def _speech_or_news(page: _Page, genre: str | None) -> str | None:
    opening = "\n".join(line.text for line in page.head[:12])[:700]
    closing = "\n".join(line.text for line in (page.tail or page.head)[-3:])[-200:]
    find = page.rules.find
    if genre != "讲话" and (find["news-opening"](opening) or find["news-opening"](closing)):
        return "新闻"
    if not genre and find["news-lead"](opening):
        return "新闻"
    if genre in (None, "讲话") and any(find["speech-opening"](line.text) for line in page.head[:12]):
        return "讲话"
    return None


@dataclass(frozen=True, slots=True)
class _Adopted:
    date: str
    date_span: Span
    who: str
    who_span: Span
    verb: str


def _adoption(rules: Rules, text: str, front: Sequence[_Line]) -> list[_Adopted]:
    """Adoption lines before the body: ``2016年7月29日 …会议通过``, ``（2011年…令第61号公布，根据2015年…修订）``."""
    found: list[_Adopted] = []
    if not front:
        return found
    start, end = front[0].start, front[-1].end
    for match in rules.patterns["adoption"].finditer(text, start, end):
        date = _find_date(rules, text, *match.span("date"))
        if date:
            found.append(_Adopted(date[2], match.span("date"), match["who"], match.span("who"), match["verb"]))
    for match in rules.patterns["roc-short-date"].finditer(text, start, end):
        iso = _iso(match)
        if iso:
            verb = text[match.end() : match.end() + 2]
            found.append(_Adopted(iso, match.span("date"), "", (match.end(), match.end()), verb))
    return found


def _number_fact(page: _Page) -> _Fact | None:
    rules, near = page.rules, page.head[: page.zone + 1]
    for fact in page.fields.get("doc_number", []):
        found = _find_number(rules, fact.value)
        if found:
            return _Fact(found[2], (fact.span[0] + found[0], fact.span[0] + found[1]) if fact.span else None)
        if re.search(r"\d", fact.value):
            return fact
    # 国务院令 / 第710号, on two lines.
    for line, below in pairwise(near):
        if line.text.endswith(("令", "公告")) and re.fullmatch(r"\(?第?\s?[^第号]{1,6}号\)?", below.text):
            return _Fact(line.text + re.sub(r"[\s()]", "", below.text), (line.start, below.end))
    # A line that is a number and little else; then a number after a label or in brackets under the title.
    for whole in (True, False):
        for line in near:
            found = _find_number(rules, line.text)
            if not found:
                continue
            rest = re.sub(r"^.{2,40}文件$", "", line.text[: found[0]]) + line.text[found[1] :]
            alone = len(re.sub(r"[\s.()\[\]…:]", "", rest)) <= 2
            led = bool(re.match(r"[\[(]?[一-鿿]{2,6}:$|\($|^$", line.text[: found[0]])) and len(line.text) < 60
            if (whole and alone) or (not whole and (led or rest[:1] in ":" or rules.label.search(rest))):
                return _Fact(found[2], (line.start + found[0], line.start + found[1]))
    for event in page.adoption:
        found = _find_number(rules, page.text, *event.who_span)
        if found and event.verb not in ("批准",):
            value = re.sub(r"[函令]$", "", found[2]) if "字第" in found[2] else found[2]
            return _Fact(value, (found[0], found[0] + len(value) if "字第" in value else found[1]))
    return None


@dataclass(frozen=True, slots=True)
class _Signed:
    date: str
    date_span: Span
    organs: tuple[_Line, ...]
    printed: bool = False


def _signature(rules: Rules, head: Sequence[_Line], zone: int, tail: Sequence[_Line]) -> list[_Signed]:
    """Dates on a line of their own (or after an organ), each with the organs that stand above: the signature."""
    found: list[_Signed] = []
    for lines in (head, tail):
        for n, line in enumerate(lines):
            if len(line.text) > 60:
                continue
            date = _find_date(rules, line.text)
            if not date:
                continue
            before = line.text[: date[0]].strip(" (")
            after = line.text[date[1] :].strip(" )")
            printed = after in ("印发", "印", "印制", "翻印", "编印")
            if after and not printed:
                continue
            organs: list[_Line] = []
            if before:
                if not _is_organ_line(rules, before) or rules.label.match(line.text):
                    continue
                at = line.start + line.text.index(before)
                organs.append(_Line(at, at + len(before), before))
            back = n - 1
            while back >= 0 and len(organs) < 8 and _is_organ_line(rules, lines[back].text):
                organs.insert(0, lines[back])
                back -= 1
            official = back >= 0 and rules.find["official"](lines[back].text)
            ends_text = back < 0 or official or lines[back].text[-1] in "。;:!)…》”" or (lines is head and n <= zone)
            last = n + 1 >= len(lines)
            if organs or ends_text or last:
                span = (line.start + date[0], line.start + date[1])
                found.append(_Signed(date[2], span, tuple(organs), printed))
    return found


def _dates(page: _Page, found: _Found) -> None:
    rules, facts, spans, issues, view = page.rules, found.facts, found.spans, found.issues, page.view

    def field_date(name: str) -> tuple[str, Span | None] | None:
        for fact in page.fields.get(name, []):
            if day := _find_date(rules, fact.value):
                return day[2], (fact.span[0] + day[0], fact.span[0] + day[1]) if fact.span else None
        return None

    published = field_date("published")
    stated = field_date("date")
    versions = [a for a in page.adoption if a.verb in rules.verbs["version"]]
    made = [a for a in page.adoption if a.verb in rules.verbs["made"]] or [
        a for a in page.adoption if a.verb in rules.verbs["published"]
    ]
    signed = [s for s in page.signature if not s.printed]
    printed = [s for s in page.signature if s.printed]
    candidates: list[tuple[str, Span | None]] = []
    if stated:
        candidates.append(stated)
    if versions:
        latest = max(versions, key=lambda a: a.date)
        candidates.append((latest.date, latest.date_span))
        dates = sorted({a.date for a in [*versions, *made]})
        if len(dates) > 1:
            issues.append(f"date_versions: {', '.join(dates)}")
    elif made:
        candidates.append((made[0].date, made[0].date_span))
    if signed:
        with_organs = [s for s in signed if s.organs]
        first = (with_organs or signed)[0]
        candidates.append((first.date, first.date_span))
    for line in (*page.head, *page.tail):
        match = rules.find["adoption-in-text"](line.text)
        if match and (day := _find_date(rules, line.text, *match.span("date"))):
            candidates.append((day[2], (line.start + day[0], line.start + day[1])))
    if printed:
        candidates.append((printed[-1].date, printed[-1].date_span))
    if candidates:
        found.put("date", *candidates[0])
        signed_dates = {s.date for s in signed if s.organs}
        if stated and signed_dates and stated[0] not in signed_dates:
            issues.append(f"date_conflict: {stated[0]} / {', '.join(sorted(signed_dates))}")
    elif facts["doc_number"] and (year := re.search(r"〔(\d{4})〕", facts["doc_number"])):
        found.put("date", year[1], None)
        if "doc_number" in spans:
            a, b = spans["doc_number"]
            inner = re.search(r"\d{4}|[〇○零一二三四五六七八九]{4}", fold(view.source[a:b]))
            if inner:
                spans["date"] = (a + inner.start(), a + inner.end())
        issues.append("date_from_doc_number")
    if published is None:
        # The promulgation of an older version is not that of this one.
        promulgated = [a for a in page.adoption if a.verb in rules.verbs["published"] and not versions]
        if promulgated and any(a.verb in rules.verbs["made"] for a in page.adoption):
            latest = max(promulgated, key=lambda a: a.date)
            published = (latest.date, latest.date_span)
    if published:
        found.put("published", *published)
        if facts["date"] and published[0][: len(facts["date"])] < facts["date"][: len(published[0])]:
            issues.append(f"date_conflict: published {published[0]} before {facts['date']}")


def _issuer(page: _Page, found: _Found, genre: str | None) -> None:
    """First that is there: the field, the organs in the title, the signature, the letterhead, the adoption, the organ
    above the title, the publisher. A news report's and a speech's page names who put it there, not who issued it."""

    rules, text, facts = page.rules, page.text, found.facts
    title, title_span = found.title, found.title_span

    def written(start: int, end: int) -> str:
        return _organs(rules, fold(page.view.quote(start, end)))

    named: list[tuple[str, str, Span | None]] = []
    for fact in page.fields.get("issuer", []):
        named.append(("field", written(*fact.span) if fact.span else _organs(rules, fact.value), fact.span))
    if title_span and genre != "讲话":
        raw = text[slice(*title_span)]
        in_title = _title_issuer(rules, raw.replace("\n", " ")) if raw else None
        if in_title:
            in_text = (title_span[0], title_span[0] + in_title[2])
            named.append(("title", written(*in_text), in_text))
    signed = [s for s in page.signature if s.organs and not s.printed]
    if signed:
        organs = signed[0].organs
        whole = (organs[0].start, organs[-1].end)
        named.append(("signature", " ".join(written(o.start, o.end) for o in organs), whole))
    for line in page.front:
        organ, word, rest = line.text.partition("文件")
        if word and _is_organ_line(rules, organ) and (not rest or _is_number_line(rules, rest)):
            end = line.start + len(organ)
            named.append(("letterhead", written(line.start, end), (line.start, end)))
    for event in sorted(page.adoption, key=lambda a: a.verb not in rules.verbs["made"]):
        if event.verb == "批准" or event.verb in rules.verbs["version"] and named:
            continue
        who = text[slice(*event.who_span)].replace("\n", "")
        number = _find_number(rules, who)
        bare = who[: number[0]] + who[number[1] :] if number and "字第" in number[2] else who
        adopter = _organs(rules, fold(bare)) if _is_organ_line(rules, bare) else _issuer_of_session(rules, who)
        if adopter:
            # The session's full name stands there: 浙江省第九届人民代表大会常务委员会第四次会议.
            begin, end = event.who_span
            at = text.find(adopter.replace(" ", ""), begin, end)
            span = (at, at + len(adopter.replace(" ", ""))) if at >= 0 else (begin, end)
            named.append(("adoption", adopter, span))
            break
    if genre not in ("讲话", "新闻"):
        above = [n for n, line in enumerate(page.head[: page.zone + 1]) if title_span and line.end <= title_span[0]]
        if above:
            n, line = above[-1], page.head[above[-1]]
            if _is_organ_line(rules, line.text) and (n == 0 or _place_name(rules, line.text)):
                named.append(("above", written(line.start, line.end), (line.start, line.end)))
    order = facts["doc_number"] and re.match(r"(.{2,40}?)(?:令|公告)第", facts["doc_number"])
    if order and _is_organ_line(rules, order[1]):
        at = text.find(order[1])
        named.append(("number", order[1], (at, at + len(order[1])) if at >= 0 else None))
    if (line_of_title := found.title_on_one_line) and (lead := rules.find["government-in-title"](title)):
        named.append(("title", lead[0], (line_of_title[0], line_of_title[0] + lead.end())))
    for fact in page.fields.get("publisher", []):
        if _place_name(rules, fact.value) and genre not in ("讲话", "新闻"):
            named.append(("publisher", written(*fact.span) if fact.span else _organs(rules, fact.value), fact.span))
    if not named or genre == "新闻":
        return
    _, issuer, stands = named[0]
    found.put("issuer", issuer, stands)
    organs_named = set(issuer.split())
    for source, other, _ in named[1:]:
        # 市政府办公厅 under 某市人民政府办公厅's own document is short for it.
        if source in ("signature", "title") and _place_name(rules, other) and not organs_named & set(other.split()):
            found.issues.append(f"issuer_conflict: {issuer} / {other} ({source})")


def _region(page: _Page, found: _Found, genre: str | None) -> _Place:
    """Region and level, from the surest source that names one."""
    rules, facts, title = page.rules, found.facts, found.title
    number_place = _code_place(rules, facts["doc_number"])
    sources = [fact.value for name in ("publisher", "source") for fact in page.fields.get(name, [])]
    sources += [
        m[1]
        for line in [*page.head[: page.zone + 1], *page.tail[-8:]]
        for m in rules.patterns["source"].finditer(line.text)
    ]
    year = int(facts["date"][:4]) if facts["date"] else None
    context = [facts["issuer"] or "", title, number_place or "", *sources]
    context += [line.text for line in page.front]
    addressees = next(
        (line.text for line in page.head[page.zone : page.zone + 3] if rules.find["salutation"](line.text)), ""
    )
    looked_at = "\n".join(line.text for line in [*page.head, *page.tail])

    place: _Place | None = None
    inferred = None
    if facts["issuer"]:
        place = _place(rules, facts["issuer"].split()[0], [*context, addressees], year)
        if place and place.span and "issuer" in found.spans:
            a, b = found.spans["issuer"]
            name = facts["issuer"][slice(*place.span)]
            at = fold(page.view.source[a:b]).find(name)
            if at >= 0:
                found.spans["region"] = (a + at, a + at + len(name))
    if place is None and title:
        begin = _BEFORE_PLACE.match(title).end()  # type: ignore[union-attr]
        place = _place(rules, title[begin:], [*context, addressees], year, confirmed=looked_at)
        if place and place.span and (line := found.title_on_one_line):
            first = line[0] + begin
            found.spans["region"] = page.view.span(first + place.span[0], first + place.span[1])
    if place is None and number_place:
        if number_place == "central":
            place = _Place("全国", None, "central", None, None)
        else:
            known = resolve(number_place)
            place = _Place(known.region, known.code, known.level, None, None)
        inferred = "发文字号"
    if place is None:
        for source in sources:
            place = _place(rules, source, context, year)
            if place:
                inferred = "来源"
                break
    if place is None and genre in ("新闻", "讲话"):
        place = _lead_place(rules, page.text, year)
        inferred = "正文" if place else None
    if place is None:
        place, inferred = _level_only(page, found, addressees)
    if place.issue:
        found.issues.append(place.issue)
    if inferred:
        found.issues.append(f"{'region' if place.name else 'level'}_inferred: {inferred}")
    if place.issue and place.level == "city":
        # An unknown 市 may be a county-level one: whom it writes to tells.
        level = _level_of_addressees(rules, addressees)
        if level == "county":
            place = _Place(place.name, place.code, level, place.issue, place.span)
    if number_place and place.code and number_place != "central":
        expected = resolve(number_place).code
        if expected and expected[:2] != place.code[:2]:
            found.issues.append(f"region_conflict: {facts['doc_number']} ({number_place}) / {place.name}")
    return place


# 2022年某市工作要点, 关于印发某市办法的通知: what may stand before the place that a text is of.
_BEFORE_PLACE = re.compile(r"(?:关于(?:印发|公布|发布)《?)?(?:(?:\d{4}|[一二][〇○零九一二三四五六七八]{3})年度?)?")


def _lead_place(rules: Rules, text: str, year: int | None) -> _Place | None:
    """The first place with an organ in the first lines of a report: ``近日,湖北省委制定下发了…``."""
    lead = text[:400]
    for at in range(len(lead)):
        if (
            not "一" <= lead[at] <= "鿿"
            or at
            and re.match(r"[一-鿿]", lead[at - 1])
            and lead[at - 1] not in "对在由经为"
        ):
            continue
        resolution, end = locate(lead[at : at + 40], year=year)
        if end and re.match("委|人民政府|政府|人大|纪委|[一-鿿]{1,6}[局厅]", lead[at + end :]):
            if resolution.status == "found":
                return _Place(resolution.region, resolution.code, resolution.level, None, None)
            if resolution.status == "ambiguous":
                name = lead[at : at + end]
                issue = f"region_ambiguous: {name} ({', '.join(resolution.candidates)})"
                return _Place(name, None, _level_of_name(rules, name), issue, None)
        unknown = rules.find["unknown-place"](lead, at)
        if unknown and re.match("委|人民政府|政府", lead[unknown.end("place") :]) and text.count(unknown["place"]) > 1:
            level = rules.levels.get(unknown["suffix"])
            return _Place(unknown["place"], None, level, f"region_unknown: {unknown['place']}", None)
    return None


def _level_only(page: _Page, found: _Found, addressees: str) -> tuple[_Place, str | None]:
    """The level of a text that names no place: organs in issuer or title, its addressees, who interprets it, 全县 …"""
    rules, title = page.rules, found.title
    for words in (found.facts["issuer"] or "", title):
        match = rules.find["level-of-organ"](words)
        match = match or rules.find["self-reference"](words)
        if match:
            return _Place(None, None, rules.levels[match["level"]], None, None), "标题" if words is title else None
    level = _level_of_addressees(rules, addressees)
    if level:
        return _Place(None, None, level, None, None), "主送机关"
    body = "\n".join(line.text for line in [*page.head, *page.tail])
    interpreter = re.search(r"由([一-鿿]{2,20})负责解释", body)
    if interpreter and rules.find["central-organ"](interpreter[1]):
        return _Place("全国", None, "central", None, None), "解释机关"
    counts: dict[str, int] = {}
    for match in rules.patterns["self-reference"].finditer(body):
        level = rules.levels[match["level"]]
        counts[level] = counts.get(level, 0) + 1
    for match in rules.patterns["committee-named"].finditer(body):
        level = rules.levels[match["level"] or match["of"]]
        counts[level] = counts.get(level, 0) + 1
    if counts:
        level = max(counts, key=lambda name: counts[name])
        if 2 * counts[level] > sum(counts.values()):
            return _Place(None, None, level, None, None), "正文"
    return _Place(None, None, None, None, None), None


def header_from_text(text: str, *, lexicon: Lexicon | None = None) -> Header:
    """Header facts of a bare string, for notebooks and tests.

    >>> header_from_text("某县委办公室关于做好接访工作的通知").genre
    '通知'
    """
    from .view import view

    return read_header(Document("text", text), view(text), lexicon=lexicon)


__all__ = [
    "LEVELS",
    "Resolution",
    "compiled",
    "header_from_text",
    "read_date",
    "read_genre",
    "read_header",
    "read_number",
]
