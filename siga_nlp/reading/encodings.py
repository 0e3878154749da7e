"""Bytes → text, with the encoding that was chosen and why.

BOM, then strict UTF-8, then a ladder: each candidate decodes a sample and the result is scored by how much it looks
like Chinese (share of common characters and words, no junk). What a page says of itself (``charset=gb2312``) is only a
hint: it decides between readings that score alike, and never against the bytes.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from dataclasses import dataclass

from .common_zh import CHARACTERS, WORDS
from .failures import Unreadable

SAMPLE = 48_000
"""Bytes of each of the (up to) three windows that the ladder looks at."""
ACCEPT = 0.45
"""A reading that scores lower is garbled. Real documents score above 0.8, wrong readings below 0.25."""
MARGIN = 0.15
"""Two readings closer than this are told apart by order and hint alone, and the confidence is said to be low."""
MOST_DAMAGE = 0.005
"""Share of undecodable sequences up to which a damaged file is still read (with a note)."""

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
# In order of preference: between readings that score alike the first is taken.
_LADDER = ("utf-8", "gb18030", "big5hkscs", "cp950", "utf-16-le", "utf-16-be")
_NAMES = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030",
    "big5hkscs": "Big5-HKSCS",
    "cp950": "Big5 (cp950)",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
}
_FAMILY = {
    "utf8": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "cp936": "gb18030",
    "x-gbk": "gb18030", "hz-gb-2312": "gb18030", "gb_2312-80": "gb18030", "euc-cn": "gb18030", "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs", "big5hkscs": "big5hkscs", "x-x-big5": "big5hkscs", "cp950": "big5hkscs",
    "utf-8": "utf-8", "utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
}  # fmt: skip

# What may stand in a Chinese document besides Chinese characters.
_PLAIN = re.compile(r"[\t\n\r\f\x20-\x7e\u00a0\u00b7\u00d7\u2010-\u203b\u2103\u2116\u3000-\u3017\uff01-\uff5e\uffe5]")
_USUAL = re.compile(
    r"[\u00a1-\u00ff\u0391-\u03c9\u0401-\u0451\u2000-\u206f\u2070-\u209f\u20ac\u2100-\u27bf\u2e80-\u2fdf\u3018-\u303f"
    r"\u3041-\u30ff\u3105-\u312f\u3220-\u33ff\ufe30-\ufe4f\uffe0-\uffe6]"
)
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_COMMON = re.compile(f"[{''.join(sorted(CHARACTERS))}]+")
_JUNK = re.compile(
    r"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff"
    r"\U000e0000-\U0010ffff]"
)
_LATIN1 = re.compile(r"[\u0080-\u024f\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the encoding it was read in, the reason, and notes for the user."""

    text: str
    encoding: str
    reason: str
    notes: tuple[str, ...] = ()


def plausibility(text: str) -> float:
    """How much a text looks like Chinese (or plain ASCII) writing, from 1 (surely) to −1 (junk). Linear.

    >>> plausibility("各级领导干部每年至少下基层一次。") > 0.8
    True
    >>> plausibility("各级领导干部每年至少下基层一次。".encode().decode("gb18030", "replace")) < 0.3
    True
    """
    visible = re.sub(r"\s+", "", text)
    if not visible:
        return 0.0
    han, common = _length(_HAN, visible), _length(_COMMON, visible)
    junk = len(_JUNK.findall(visible))
    plain = len(_PLAIN.findall(visible))
    usual = max(0, len(_USUAL.findall(visible)) - len(re.findall(r"[\u00a0\u00b7\u00d7\u2010-\u203b]", visible)))
    words = sum(visible[i : i + 2] in WORDS for i in range(len(visible) - 1))
    other = max(0, len(visible) - han - junk - plain - usual)  # rare planes, Hangul, scripts not expected here
    points = common + plain + 0.4 * usual + 0.1 * (han - common) - 0.3 * other - junk
    return max(-1.0, min(1.0, (points + min(words, 0.1 * len(visible))) / len(visible)))


def _length(runs: re.Pattern[str], text: str) -> int:
    """How many characters of a text stand in runs."""
    return sum(map(len, runs.findall(text)))


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """Decode bytes, or raise :class:`Unreadable` (``empty``, ``binary``, ``encoding``, ``garbled``).

    Args:
        data: The file's bytes.
        declared: The charset that the file states of itself, if any; a hint only.

    >>> decode("关于下基层的意见".encode("gb18030")).encoding
    'gb18030'
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise _empty() if not data.strip() else _binary("holds nothing but NUL bytes")
    hint = _FAMILY.get((declared or "").strip().lower().replace("_", "-"))
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            after, damage = _decode_all(data[len(bom) :], encoding)
            return _judged(after, encoding, f"byte order mark of {_NAMES[encoding]}", damage, declared, hint)
    text: str | None = None
    with contextlib.suppress(UnicodeDecodeError):
        text = data.decode("utf-8")
    if text is not None and _convincing(text):
        reason = "all bytes are ASCII" if text.isascii() else "all bytes are valid UTF-8"
        return _judged(text, "utf-8", reason, 0, declared, hint)
    return _ladder(data, declared, hint, valid_utf8=text is not None)


def _ladder(data: bytes, declared: str | None, hint: str | None, *, valid_utf8: bool) -> Decoded:
    windows = _windows(data)
    scores: dict[str, float] = {}
    for encoding in _LADDER:
        sample = "".join(_sample(window, encoding, cut=i > 0) for i, window in enumerate(windows))
        scores[encoding] = plausibility(sample) + (0.05 if encoding == hint else 0.0)
    best = max(_LADDER, key=lambda e: (round(scores[e], 3), -_LADDER.index(e)))
    if valid_utf8 and scores[best] - scores["utf-8"] < MARGIN:
        return _judged(data.decode("utf-8"), "utf-8", "all bytes are valid UTF-8", 0, declared, hint)
    if len(data) <= 4 and best != "gb18030" and scores["gb18030"] > 0 and _strict(data, "gb18030"):
        best = "gb18030"  # too short to tell: by far the most frequent non-UTF encoding of Chinese files
    if best != "gb18030" and scores[best] - scores["gb18030"] < MARGIN and scores["gb18030"] >= ACCEPT:
        best = "gb18030" if hint != best else best
    short = len(data) < 24
    if scores[best] < (0.05 if len(data) <= 4 else 0.3 if short else ACCEPT):
        if data.count(0) > len(data) // 50 or scores[best] < -0.2:
            raise _binary("holds bytes that are no text in any Chinese encoding")
        raise Unreadable(
            "encoding",
            f"no encoding gives readable Chinese text (best: {_NAMES[best]}, score {scores[best]:.2f} of 1)",
            "open it in the program that made it and save it as UTF-8 text",
        )
    text, damage = _decode_all(data, best)
    ranked = sorted((e for e in _LADDER if e != best and {e, best} != {"big5hkscs", "cp950"}), key=scores.__getitem__)
    second = ranked[-1]
    reason = f"not UTF-8; {_NAMES[best]} scores {scores[best]:.2f}, {_NAMES[second]} {scores[second]:.2f}"
    if best == "utf-8":
        reason = f"UTF-8 scores {scores[best]:.2f}, {_NAMES[second]} {scores[second]:.2f}"
    notes: tuple[str, ...] = ()
    if short or scores[best] - scores[second] < MARGIN:
        reason += "; low confidence"
        notes = (f"encoding_uncertain: read as {_NAMES[best]}, too little text to be sure; check that it reads right",)
    judged = _judged(text, best, reason, damage, declared, hint)
    return Decoded(judged.text, judged.encoding, judged.reason, judged.notes + notes)


def _convincing(text: str) -> bool:
    """Whether valid UTF-8 is surely UTF-8: GBK pairs may look like two-byte UTF-8, and UTF-16 may hide in NULs."""
    if text.count("\x00") * 10 > len(text):
        return False
    return text.isascii() or re.search(r"[\u0800-\U0010ffff]", text) is not None


def _judged(text: str, encoding: str, reason: str, damage: int, declared: str | None, hint: str | None) -> Decoded:
    """Refuse text that is garbled although its bytes decode; note what a person should know."""
    if not text.strip().strip("\ufeff\x00\x1a"):
        raise _empty()
    text = text.removeprefix("\ufeff")
    visible = len(text) - sum(text.count(c) for c in " \t\r\n\u3000\xa0")
    lost = text.count("\ufffd")
    if lost > max(3, 0.02 * visible):
        raise _garbled(f"{lost} of {visible} characters are lost (\ufffd): it was damaged by an earlier conversion")
    parts = _text_windows(text)
    latin = len(_LATIN1.findall(parts))
    if latin > 20 and latin > 0.2 * len(parts) and _is_mojibake(parts):
        raise _garbled("it is Chinese text that was read as Western European and saved again")
    junk = len(_JUNK.findall(parts)) / max(1, len(parts))
    if junk > 0.1:
        raise _binary("holds control characters and other bytes that are no text")
    common = _length(_COMMON, parts)
    han = _length(_HAN, parts) if common < 0.3 * len(parts) else 0  # as good as all of a text, if so many are common
    if han >= 40 and common < 0.3 * han and len(set("".join(_HAN.findall(parts)))) >= 20:
        raise _garbled("hardly any of its Chinese characters are in use: it was saved in a wrong encoding")
    notes: list[str] = []
    if damage:
        at = text.find("\ufffd")
        notes.append(f"encoding_damage: {damage} damaged place(s) read as \ufffd, the first at character {at}")
    elif lost:
        notes.append(f"lost_characters: {lost} character(s) were lost before this file was made (\ufffd)")
    if "\x00" in text:
        notes.append(f"nul_characters: {text.count(chr(0))} NUL character(s) stand in the text")
    if hint and hint != encoding and not text.isascii():
        reason += f"; the file says {declared}, which is wrong"
    elif hint and (declared or "").lower() in ("gb2312", "gbk"):
        reason += f"; the file says {declared}, which GB18030 contains"
    return Decoded(text, encoding, reason, tuple(notes))


def _is_mojibake(text: str) -> bool:
    for wrong in ("cp1252", "latin-1"):
        raw = text.encode(wrong, "ignore")
        for right in ("utf-8", "gb18030", "big5hkscs"):
            back = raw.decode(right, "ignore")
            han = _length(_HAN, back)
            if han * 6 > len(text) and _length(_COMMON, back) > 0.6 * han:
                return True
    return False


def _windows(data: bytes) -> list[bytes]:
    """Up to three windows of the bytes, at even offsets."""
    if len(data) <= 3 * SAMPLE:
        return [data]
    middle, last = len(data) // 4 * 2, (len(data) - SAMPLE) // 2 * 2
    return [data[:SAMPLE], data[middle : middle + SAMPLE], data[last:]]


def _sample(window: bytes, encoding: str, *, cut: bool) -> str:
    """A window's text. A window that begins inside a character is tried from the next bytes too: in a long line
    of two-byte characters nothing else puts the reading right again."""
    if not cut:
        return window.decode(encoding, "replace")
    starts = (0, 2) if encoding.startswith("utf-16") else (0, 1, 2, 3)
    return max((window[start:].decode(encoding, "replace")[1:-2] for start in starts), key=plausibility)


def _strict(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decode_all(data: bytes, encoding: str) -> tuple[str, int]:
    """Decode everything; damaged sequences become U+FFFD and are counted, up to a limit. Linear."""
    limit = min(1000, max(3, int(len(data) * MOST_DAMAGE)))
    view, pos, pieces, damage = memoryview(data), 0, [], 0
    while True:
        try:
            pieces.append(codecs.decode(view[pos:], encoding))
            break
        except UnicodeDecodeError as error:
            damage += 1
            if damage > limit:
                raise Unreadable(
                    "encoding",
                    f"more than {limit} byte sequences are not {_NAMES[encoding]}, which it otherwise looks like",
                    "open it in the program that made it and save it as UTF-8 text",
                ) from None
            pieces.append(codecs.decode(view[pos : pos + error.start], encoding))
            pieces.append("\ufffd")
            pos += max(error.end, error.start + 1)
    return "".join(pieces), damage


def _text_windows(text: str) -> str:
    if len(text) <= 3 * SAMPLE:
        return text
    middle = len(text) // 2
    return text[:SAMPLE] + text[middle : middle + SAMPLE] + text[-SAMPLE:]


def _empty() -> Unreadable:
    return Unreadable("empty", "it is empty", "check that it was saved or downloaded completely")


def _binary(what: str) -> Unreadable:
    return Unreadable(
        "binary",
        f"it is not a text file: it {what}",
        "give the file its right ending, or save its content as text (UTF-8)",
    )


def _garbled(what: str) -> Unreadable:
    return Unreadable("garbled", what, "get the original again and save it as UTF-8")
