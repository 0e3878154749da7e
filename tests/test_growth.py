"""Time grows with the text and not with its square: the work on documents, counted in calls, the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from siga_nlp import extract

# ---- documents --------------------------------------------------------------------------------------------------------

SHAPES: Mapping[str, Callable[[int], str]] = {
    "articles": lambda n: f"第{n}条 县长应当每季度至少接访{n % 7 + 1}次,并自受理之日起15日内答复。\n",
    "items": lambda n: f"{n % 30 + 1}.走访。乡镇干部每月走访不少于{n % 5 + 1}户,记入台账。(责任单位:县委办)\n",
    "one line": lambda n: f"各县区要每月走访{n}户群众。",
    "one sentence": lambda n: f"乡镇领导每月走访{n}户、座谈1次,",
    "one list": lambda n: f"({'一二三四五六七八九'[n % 9]})走访慰问;",
    "modal words": lambda n: "应当",
    "numbers": lambda n: "一二三千万",
    "heads": lambda n: "领导干部",
    "joined": lambda n: "市、县委和",
    "brackets": lambda n: "(要每月走访(不少于2次))",
    "open brackets": lambda n: "(“《",
    "quotes": lambda n: "“月调度、季通报”",
    "table": lambda n: f"{n}|走访慰问困难群众|县长|每月{n % 3 + 1}次\n",
    "cells": lambda n: f"{n}\n走访\n每月1次\n" if n else "序号\n事项\n频次\n",
    "titles": lambda n: f"某县走访办法{'一二三四五六七八九'[n % 9]}\n",
    "hard lines": lambda n: "各乡镇领导干部要结合分工每月至少走访两户困难群众并且记\n",
    "blanks": lambda n: "每 月 走 访 1 户 ",
    "dates": lambda n: "2024年1月8日\n",
    "ascii": lambda n: "no Chinese here 123\n",
}


def calls(path: Path) -> int:
    """How many functions are called, ours and Python's own, on the way from a file to its rows."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        for _ in extract(path):
            pass
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_text_takes_four_times_the_work(shape: str, tmp_path: Path) -> None:
    taken = []
    for length in (200, 5_000, 20_000):  # the first for what is loaded once
        path = tmp_path / f"{length}.txt"
        text, n = "某县工作制度\n", 0
        while len(text) < length:
            text, n = text + SHAPES[shape](n), n + 1
        path.write_text(text, encoding="utf-8")
        taken.append(calls(path))
    assert taken[2] <= 4.5 * taken[1], "what grows with the square?"
