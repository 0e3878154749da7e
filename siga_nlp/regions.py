"""Administrative divisions: from a name to its GB/T 2260 code, or to the places it may mean.

An ambiguous or unknown name is a result, never a guess: ``朝阳区`` alone is ambiguous, ``假县`` unknown. The table
(``data/regions.csv``) is read once, at the first question.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import islice

from .view import fold


@dataclass(frozen=True, slots=True)
class Region:
    """One row of the table. ``since`` and ``until`` are outer bounds in years (see ``data/README.md``)."""

    code: str | None
    name: str
    level: str
    parent: str
    since: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name stands for.

    ``status`` is ``found``, ``ambiguous`` or ``unknown``. ``region`` (full name), ``code`` (None where GB/T 2260 has
    none) and ``level`` (``province city county``) are filled only when found; ``candidates`` are full paths
    (``吉林省长春市朝阳区``) of what the name may mean; ``until`` is set when the name is no longer in force.
    """

    region: str | None = None
    code: str | None = None
    level: str | None = None
    candidates: tuple[str, ...] = ()
    status: str = "unknown"
    until: int | None = None


UNKNOWN = Resolution()

# Names of peoples as they stand in names of autonomous areas: 彭水[苗族土家族]自治县, 昌吉[回族]自治州.
_PEOPLES = (
    "阿昌族|白族|保安族|布朗族|布依族|朝鲜族|达斡尔族|傣族|德昂族|侗族|东乡族|独龙族|鄂伦春|鄂温克族|高山族|仡佬族|哈尼族|哈萨克族|哈萨克|回族|基诺族|景颇族|柯尔克孜族|柯尔克孜|拉祜族|黎族|傈僳族|珞巴族|"
    "满族|毛南族|门巴族|蒙古族|蒙古|苗族|仫佬族|纳西族|怒族|普米族|羌族|撒拉族|畲族|水族|塔吉克族|塔吉克|土家族|土族|佤族|维吾尔|锡伯族|锡伯|瑶族|彝族|裕固族|藏族|壮族|各族"
)
_AUTONOMOUS = re.compile(rf"(?P<stem>.{{1,60}}?)(?:{_PEOPLES}){{0,8}}自治(?P<kind>[州县旗])")
_SUFFIX = re.compile(r"(?P<stem>.{2,}?)(?:自治区|特别行政区|地区|林区|特区|新区|[省市盟县区旗])")
# Short forms in everyday use that no rule yields.
_SHORT = {
    "前郭": "前郭尔罗斯蒙古族自治县",
    "前郭县": "前郭尔罗斯蒙古族自治县",
    "杜蒙县": "杜尔伯特蒙古族自治县",
    "喀左县": "喀喇沁左翼蒙古族自治县",
    "阜蒙县": "阜新蒙古族自治县",
    "察右前旗": "察哈尔右翼前旗",
    "察右中旗": "察哈尔右翼中旗",
    "察右后旗": "察哈尔右翼后旗",
    "科左中旗": "科尔沁左翼中旗",
    "科左后旗": "科尔沁左翼后旗",
    "科右前旗": "科尔沁右翼前旗",
    "科右中旗": "科尔沁右翼中旗",
    "土左旗": "土默特左旗",
    "土右旗": "土默特右旗",
    "达茂旗": "达尔罕茂明安联合旗",
    "莫旗": "莫力达瓦达斡尔族自治旗",
    "鄂温克旗": "鄂温克族自治旗",
    "鄂伦春旗": "鄂伦春自治旗",
    "塔县": "塔什库尔干塔吉克自治县",
    "察县": "察布查尔锡伯自治县",
    "和布克赛尔县": "和布克赛尔蒙古自治县",
    "三江县": "三江侗族自治县",
    "锡盟": "锡林郭勒盟",
    "巴州": "巴音郭楞蒙古自治州",
    "克州": "克孜勒苏柯尔克孜自治州",
    "博州": "博尔塔拉蒙古自治州",
    "内蒙古": "内蒙古自治区",
    "广西": "广西壮族自治区",
    "西藏": "西藏自治区",
    "宁夏": "宁夏回族自治区",
    "新疆": "新疆维吾尔自治区",
    "香港": "香港特别行政区",
    "澳门": "澳门特别行政区",
}

# Full names that are common words too: at the head of a title they name a place only below a named one (晋城市城区).
_GENERIC = frozenset({"城区", "郊区", "矿区", "新区", "东区", "南区", "西区", "北区", "新城区", "市中区"})


@dataclass(frozen=True, slots=True)
class _Table:
    rows: tuple[Region, ...]
    by_code: dict[str, Region]
    full: dict[str, tuple[Region, ...]]
    short: dict[str, tuple[Region, ...]]
    longest: int


@lru_cache(maxsize=1)
def _table() -> _Table:
    text = files("siga_nlp").joinpath("data/regions.csv").read_text(encoding="utf-8")
    rows = tuple(
        Region(code or None, name, level, parent, int(since) if since else None, int(until) if until else None)
        for code, name, level, parent, since, until in islice(csv.reader(text.splitlines()), 1, None)
    )
    by_code: dict[str, Region] = {}
    full: dict[str, list[Region]] = {}
    short: dict[str, list[Region]] = {}
    for row in rows:
        # Rows in force come before those of the past, so the first one with a code is the one in force.
        if row.code:
            by_code.setdefault(row.code, row)
        # The names are folded like the texts are: OpenCC makes 干 of the 乾 in 乾县.
        full.setdefault(fold(row.name), []).append(row)
        for form in _short_forms(row.name):
            short.setdefault(fold(form), []).append(row)
    for form, name in _SHORT.items():
        for row in full[fold(name)]:
            if row not in short.setdefault(fold(form), []):
                short[fold(form)].append(row)
    return _Table(
        rows,
        by_code,
        {name: tuple(found) for name, found in full.items()},
        {name: tuple(found) for name, found in short.items()},
        max(map(len, full)),
    )


def _short_forms(name: str) -> list[str]:
    """``福建省`` → 福建; ``延边朝鲜族自治州`` → 延边, 延边州; ``东区`` has none (one character is no name)."""
    match = _AUTONOMOUS.fullmatch(name)
    if match:
        stem, kind = match["stem"], match["kind"]
        return [form for form in (stem, stem + kind) if len(form) >= 2]
    match = _SUFFIX.fullmatch(name)
    return [match["stem"]] if match else []


def _parent(row: Region) -> Region | None:
    return _table().by_code.get(row.parent)


def _ancestors(row: Region) -> list[Region]:
    found = []
    above = _parent(row)
    while above:
        found.append(above)
        above = _parent(above)
    return found


def path(row: Region) -> str:
    """Full path of a division: ``吉林省长春市朝阳区``."""
    return "".join(r.name for r in reversed([row, *_ancestors(row)]))


def resolve(name: str, *, context: str | Iterable[str] | None = None, year: int | None = None) -> Resolution:
    """What division a name stands for.

    Full names, short forms (福建, 前郭县) and chains (青海西宁, 北京市朝阳区) are read, in either script. The whole
    name must be used up: what is not in the table is ``unknown``, never a neighbour. ``context`` is text that names a
    place above (issuer, document number's province, title): it decides between namesakes. ``year`` leaves out
    divisions that did not exist then, where that decides between namesakes.

    >>> resolve("青海西宁").code, resolve("前郭县").region
    ('630100', '前郭尔罗斯蒙古族自治县')
    >>> resolve("假县").status, resolve("朝阳区").status
    ('unknown', 'ambiguous')
    >>> resolve("朝阳区", context="北京市财政局").code
    '110105'
    """
    text = re.sub(r"\s+", "", fold(name))
    if len(text) < 2:
        return UNKNOWN
    return _resolution(_parse(text), context, year)


def locate(text: str, *, context: str | Iterable[str] | None = None, year: int | None = None) -> tuple[Resolution, int]:
    """The division named at the head of ``text`` (an issuer, a title), and where its name ends (0: none is).

    Full names, and short ones with their suffix (延边州, 前郭县), may end the name; a bare stem may not (中山大学).

    >>> locate("福建省福州市鼓楼区人民政府办公室")[0].code
    '350102'
    >>> locate("中山大学")[1]
    0
    """
    folded = fold(text[: 4 * _table().longest])
    best: tuple[list[Region], int] = ([], 0)
    for found, end in _walk(folded, 0, None):
        if end > best[1]:
            best = (list(found), end)
        elif end == best[1]:
            best[0].extend(row for row in found if row not in best[0])
    if not best[1]:
        return UNKNOWN, 0
    return _resolution(best[0], context, year), best[1]


def _walk(text: str, at: int, above: tuple[Region, ...] | None) -> list[tuple[tuple[Region, ...], int]]:
    """Chains of names from ``at`` on that end in a name with its suffix: (last divisions, end)."""
    table = _table()
    found: list[tuple[tuple[Region, ...], int]] = []
    for end in range(min(len(text), at + table.longest), at + 1, -1):
        piece = text[at:end]
        rows = table.full.get(piece, ())
        ends = bool(rows) and (above is not None or piece not in _GENERIC)
        if not rows:
            rows = table.short.get(piece, ())
            ends = bool(rows) and piece[-1] in "州县旗盟"
        if above is not None:
            rows = tuple(row for row in rows if any(a in above for a in _ancestors(row)))
        if not rows:
            continue
        further = _walk(text, end, rows)
        found.extend(further)
        if ends:
            found.append((rows, end))
    return found


def _parse(text: str) -> list[Region]:
    """All divisions that the whole of ``text`` may mean, as one name or as a chain of names."""
    table = _table()
    whole = table.full.get(text)
    if whole:
        return list(whole)
    found: list[Region] = []
    short = table.short.get(text)
    if short:
        found.extend(_prefer(short))

    def step(at: int, above: tuple[Region, ...] | None) -> None:
        for end in range(min(len(text), at + table.longest), at + 1, -1):
            piece = text[at:end]
            rows = table.full.get(piece) or table.short.get(piece) or ()
            if above is not None:
                rows = tuple(row for row in rows if any(a in above for a in _ancestors(row)))
            if not rows:
                continue
            if end == len(text):
                if above is not None:
                    found.extend(row for row in _prefer(rows) if row not in found)
            else:
                step(end, rows)

    step(0, None)
    return found


def _prefer(rows: Iterable[Region]) -> list[Region]:
    """Among divisions of one short form: the province, then its capital; else the city, not the county of that name
    in it.

    吉林 is the province, 西安 is 陕西's; 湘潭 is 湘潭市, not the 湘潭县 below it; 大同 stays ambiguous, for 大庆市 has
    a 大同区 too.
    """
    rows = list(rows)
    for foremost in (
        [row for row in rows if row.level == "province"],
        [row for row in rows if row.code and row.code.endswith("0100") and not row.until],
    ):
        if foremost:
            return foremost
    cities = [row for row in rows if row.level == "city" and row.name.endswith("市") and not row.until]
    return [row for row in rows if not any(city in _ancestors(row) for city in cities)]


def _resolution(rows: list[Region], context: str | Iterable[str] | None, year: int | None) -> Resolution:
    rows = _in_force(rows)
    if len(rows) > 1 and context:
        words = fold(context if isinstance(context, str) else "\n".join(context))
        rows = _by_context(rows, words)
    if len(rows) > 1 and year:
        then = [r for r in rows if (r.since is None or r.since <= year) and (r.until is None or year <= r.until)]
        rows = then or rows
    if not rows:
        return UNKNOWN
    names = tuple(path(row) for row in rows)
    if len(rows) > 1:
        return Resolution(candidates=names, status="ambiguous")
    row = rows[0]
    return Resolution(row.name, row.code, row.level, names, "found", row.until)


def _in_force(rows: list[Region]) -> list[Region]:
    """Without those divisions of the past that one in force has taken the place of: under the same parent, or in the
    same province with a new code from that time on (公主岭市 went from 四平市 to 长春市).

    A namesake elsewhere stays: 江北区 was in 重庆市 too, and a document of that time may mean it.
    """
    current = [row for row in rows if not row.until]
    kept = list(current)
    for row in rows:
        if not row.until:
            continue
        succeeded = any(
            row.parent == now.parent
            or (_same_province(row, now) and row.level == now.level and (now.since or row.until) < row.until)
            or (_same_province(row, now) and (row.level == now.level == "city" or _gone(row.parent)))
            for now in current
        )
        if not succeeded and row not in kept:
            kept.append(row)
    return kept


def _same_province(one: Region, other: Region) -> bool:
    return bool(one.code and other.code and one.code[:2] == other.code[:2])


def _gone(code: str) -> bool:
    above = _table().by_code.get(code)
    return above is not None and above.until is not None


def _by_context(rows: list[Region], words: str) -> list[Region]:
    """Those whose parents are named in ``words``: by full name, else by short form. All of them if that decides none."""
    for short in (False, True):
        scored: dict[int, list[Region]] = {}
        for row in rows:
            score = 0
            for above in _ancestors(row):
                forms = _short_forms(above.name) if short else [above.name]
                score += any(fold(form) in words for form in forms)
            scored.setdefault(score, []).append(row)
        best = max(scored)
        if best and len(scored[best]) < len(rows):
            return scored[best]
    return rows
