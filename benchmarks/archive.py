"""An archive of as many documents as wanted: ``python -m benchmarks.archive 1000 FOLDER``.

Each document is put together from the sample corpus: the head of one document and sentences of several, in their
order, some left out; every number and every place is another one. No two are alike, and a cache cannot help. A document of
a given number is the same in an archive of any size. Some 11 kB each, 500 to a folder, one in six in traditional script.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIZE = 11_300  # bytes of a document, on the average: 16,000 are 180 MB
_PLACES = "云岭 青岫 石棠 临峪 禾垄 桐埠 海澜 澄屿 汐港 湾棠 潮坪 瀛坪 河口".split()
_NAMES = "青白云石清永平安南北东西长新龙金银玉松柏竹梅桂兰溪泉湖江洪岭峰坪川原塘洲港湾桥渡"
_NUMBER = re.compile(r"(?P<year>(?:19|20)\d\d(?=年|〕))|\d+")
_SPOKEN = re.compile("(?<![第十])[一二两三四五六七八九十]+(?=(?:个|個)?(?:工作)?[次天日月年周件场場户戶份名人])")
_SENTENCE = re.compile("[^。；]*[。；]?")


@cache
def _samples() -> Sequence[tuple[str, ...]]:
    """The lines of each document of the sample corpus."""
    from siga_nlp import read_corpus

    return [
        tuple(line for line in document.text.splitlines() if line.strip()) for document in read_corpus(ROOT / "corpus")
    ]


def document(number: int) -> str:
    """The text of one document of the archive.

    >>> one, other = document(1), document(2)
    >>> one == document(1), len(set(one.splitlines()) & set(other.splitlines())) < len(one.splitlines()) / 2
    (True, True)
    """
    chance = random.Random(number)
    samples = _samples()
    first = samples[number % len(samples)]
    lines, size, wanted = [*first[:6]], 0, 0.85 * SIZE * chance.uniform(0.4, 1.6)
    rest = [*first[6:]]
    while size < wanted:
        for line in rest:
            said = "".join(sentence for sentence in _SENTENCE.findall(line) if chance.random() < 0.85)
            if said:
                lines.append(said)
                size += len(said.encode())
        rest = [*chance.choice(samples)[3:]]
    names = {place: "".join(chance.sample(_NAMES, 2)) for place in _PLACES}
    text = re.sub("|".join(_PLACES), lambda m: names[m[0]], "\n".join(lines))

    def other(match: re.Match[str]) -> str:
        return str(chance.randint(2008, 2025) if match["year"] else chance.randint(1, max(9, 2 * int(match[0][:6]))))

    text = _NUMBER.sub(other, text)
    return (
        _SPOKEN.sub(
            lambda m: chance.choice(("", "二十", "三十")[: 2 * len(m[0]) - 1]) + chance.choice("十一二三四五六七八九"),
            text,
        )
        + "\n"
    )


def write(count: int, folder: Path) -> int:
    """Write the documents 1 to ``count`` into a folder that is there or not; gives their size in bytes."""
    size = 0
    for number in range(1, count + 1):
        part = folder / f"{number // 500:03}"
        part.mkdir(parents=True, exist_ok=True)
        size += (part / f"d{number:06}.txt").write_bytes(document(number).encode())
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, help="documents")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    print(f"{given.count} documents, {write(given.count, given.folder) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
