"""Cut the font of the figures out of Noto Sans CJK: ``python tests/make_font.py NotoSansCJK-Regular.ttc``.

The file is the one of Debian's package ``fonts-noto-cjk`` (SIL Open Font License 1.1). Kept are Latin, signs, and the
characters of GBK: all of GB 2312 and of Big5, simplified and traditional. The subset has a name of its own, so that it
never stands in for an installed font.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).parents[1] / "siga_nlp" / "data" / "fonts"
NAME = "Siga Sans"


def characters() -> set[str]:
    """What the font must have a glyph for."""
    codes = (bytes([lead, trail]) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF))
    chinese = {code.decode("gbk", "ignore") for code in codes} - {""}
    latin = {chr(c) for c in (*range(0x20, 0x7F), *range(0xA0, 0x100))}
    signs = set("–—‘’“”•…‰′″→←↑↓≈≠≤≥−×÷±°·□■▲△▼▽◆◇○●★☆①②③④⑤⑥⑦⑧⑨⑩㎡")
    return {c for c in chinese | latin | signs if len(c) == 1 and c.isprintable()}


def make(source: Path) -> TTFont:
    fonts = TTCollection(source).fonts
    font = next(f for f in fonts if f["name"].getDebugName(1) == "Noto Sans CJK SC")
    options = subset.Options(
        layout_features=[], hinting=False, desubroutinize=False, notdef_outline=True, name_IDs=[0, 13, 14],
        drop_tables=["BASE", "VORG", "vhea", "vmtx", "GSUB", "GPOS", "GDEF", "DSIG"],
    )  # fmt: skip
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(characters())))
    subsetter.subset(font)
    for number, text in {
        1: NAME,
        2: "Regular",
        3: f"{NAME} 1",
        4: NAME,
        5: "Version 1",
        6: NAME.replace(" ", ""),
    }.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames[0] = NAME.replace(" ", "")
    top[0].FullName = top[0].FamilyName = NAME
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    return font


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    make(Path(sys.argv[1])).save(HERE / "siga-sans.otf")
