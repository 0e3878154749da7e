"""Numbers as Word and browsers write them before a paragraph: 一、 十二、 ① ⅳ b. 甲 ……"""

from __future__ import annotations

_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"


def chinese(number: int, *, legal: bool = False, zero: str = "零") -> str:
    """A number in Chinese numerals as it is counted aloud.

    >>> [chinese(n) for n in (3, 10, 12, 20, 105, 110, 1024)]
    ['三', '十', '十二', '二十', '一百零五', '一百一十', '一千零二十四']
    >>> chinese(12, legal=True)
    '壹拾贰'
    """
    if not 0 <= number < 10000:
        return str(number)
    digits = _LEGAL if legal else _DIGITS
    if number == 0:
        return zero
    out, gap = "", False
    for value, unit in (
        (1000, "仟" if legal else "千"),
        (100, "佰" if legal else "百"),
        (10, "拾" if legal else "十"),
        (1, ""),
    ):
        digit, number = divmod(number, value)
        if digit:
            out += ("零" if gap and out else "") + digits[digit] + unit
            gap = False
        else:
            gap = bool(out)
    return out[1:] if not legal and out.startswith("一十") else out


def counted(number: int) -> str:
    """Digits one by one, as Word's ``chineseCounting`` writes numbers from 100 on.

    >>> counted(105), counted(12)
    ('一〇五', '十二')
    """
    return chinese(number) if number < 100 else "".join(_DIGITS[int(d)] for d in str(number))


def full_width(number: int) -> str:
    """
    >>> full_width(12)
    '１２'
    """
    return "".join(chr(ord(d) + 0xFEE0) for d in str(number))


def circled(number: int) -> str:
    """
    >>> circled(1), circled(21), circled(51)
    ('①', '㉑', '51')
    """
    if 1 <= number <= 20:
        return chr(0x245F + number)
    if 21 <= number <= 35:
        return chr(0x3251 + number - 21)
    if 36 <= number <= 50:
        return chr(0x32B1 + number - 36)
    return str(number)


def stem(number: int) -> str:
    """
    >>> stem(3)
    '丙'
    """
    return _STEMS[number - 1] if 1 <= number <= 10 else str(number)


def branch(number: int) -> str:
    """
    >>> branch(1)
    '子'
    """
    return _BRANCHES[number - 1] if 1 <= number <= 12 else str(number)


def alphabetic(number: int) -> str:
    """Word's letters: a … z, aa, bb, …

    >>> alphabetic(2), alphabetic(27)
    ('b', 'aa')
    """
    times, index = divmod(number - 1, 26)
    return chr(ord("a") + index) * (times + 1) if 0 < number <= 780 else str(number)


def roman(number: int) -> str:
    """
    >>> roman(4), roman(19)
    ('iv', 'xix')
    """
    if not 0 < number < 4000:
        return str(number)
    out = ""
    steps = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
             (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
    for value, letters in steps:
        while number >= value:
            out += letters
            number -= value
    return out
