"""How long alignment takes and how it grows: ``python -m benchmarks.alignment [--text DIR]``.

The requirements of real documents (``../shared/corpus`` where it is there, else ``corpus``) are multiplied into
documents of twenty requirements: the numbers are varied, and in every second clause a word of another clause is put in,
so that texts do not only repeat. Prints requirements, documents, items, seconds and the peak of memory in MB.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SIZES = (2_500, 10_000)
EACH = 20  # requirements of a document


def table(texts: list[Path], size: int) -> Any:
    """A requirement table of ``size`` rows in ``size / EACH`` documents, made of the requirements of real texts."""
    from siga_nlp.table import records, requirements, to_frame

    chance = random.Random(7)
    real = [row for row in records(requirements(texts)) if row["action"]]
    words = [row["action"][:2] for row in real]
    rows = []
    for n in range(size):
        row = dict(real[chance.randrange(len(real))])
        document = n // EACH
        if chance.random() < 0.5:
            at = chance.randrange(len(row["action"]))
            row["action"] = row["action"][:at] + chance.choice(words) + row["action"][at:]
        for name in ("frequency_count", "quantity_value"):
            if row[name] is not None:
                row[name] = chance.randrange(1, 13)
        row |= {
            "requirement_id": f"d{document:04}/{n:06}",
            "doc_id": f"d{document:04}",
            "region": f"某省某市{document % 80}县",
        }
        rows.append(row)
    return to_frame(rows)


def measure(texts: list[Path], size: int) -> None:
    import resource
    import time

    from siga_nlp.alignment import align

    made = table(texts, size)
    before = time.perf_counter()
    found = align(made)
    seconds = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{size}\t{made['doc_id'].nunique()}\t{found.items['item'].nunique()}\t{seconds:.1f}\t{peak:.0f}", flush=True)


def main() -> None:
    shared = Path(os.environ.get("SIGA_SHARED") or ROOT.parent / "shared") / "corpus"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", nargs="+", type=Path, default=[shared if shared.is_dir() else ROOT / "corpus"])
    parser.add_argument("--size", type=int, help="only this number of requirements, in this process")
    given = parser.parse_args()
    if given.size:
        measure(given.text, given.size)
        return
    print("requirements\tdocuments\titems\tseconds\tpeak MB")
    for size in SIZES:  # each in a process of its own: the peak is its own
        arguments = ["--text", *map(str, given.text), "--size", str(size)]
        subprocess.run([sys.executable, "-m", "benchmarks.alignment", *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
