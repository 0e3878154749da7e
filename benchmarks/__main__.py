"""How fast it is on this machine: ``python -m benchmarks``.

First a table of what a user would pick instead, as multiples of the speed of ``jieba.lcut`` on the same text in the same
run (processor time, medians of five, in turns), on real documents (``../shared`` where it is there) or on made ones. ``--install`` gives
each peer that needs it an environment of its own under ``.peers``; what does not install is skipped.

Then whole processes (time, the peak of memory of the largest process) on archives of made documents.

At the end, what got faster or slower against ``benchmarks/baseline.json``, which ``--save`` writes anew.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .archive import document, write
from .peers import PEERS, ROUNDS, Inputs, Peer

ROOT = Path(__file__).parents[1]
BASELINE = Path(__file__).parent / "baseline.json"
SIZES = (1, 100, 1_000)
_NOISE = 1.2  # a ratio that is this many times another has changed
_BRANCHES = (
    r"每(?:年|季度|半年|月|周|日)",
    r"不(?:少|低|多|超)于\d+",
    r"至少\d+",
    r"原则上",
    r"应当",
    r"必须",
    r"不得",
    r"严禁",
    r"禁止",
    r"可以",
    r"鼓励",
    r"负责",
    r"\d+个?(?:工作日|月|季度)",
    r"定期",
    r"及时",
    r"经常",
    r"牵头单位",
    r"责任单位",
    r"(?:各级|市级|县级)领导干部",
    r"(?:市|县|区|乡镇)人民政府",
    r"主要负责人",
    r"第[一二三四五六七八九十]+条",
    r"[一二三四五六七八九十]+、",
    r"（[一二三四五六七八九十]+）",
    r"\d{4}年\d{1,2}月",
    r"自.{1,8}之日起",
    r"接待来访",
    r"现场办公",
    r"调查研究",
    r"督查通报",
)


# Peers


def inputs() -> Inputs:
    """Documents by script, the first of each to warm up with; cue words and branches of a pattern."""
    from opencc import OpenCC

    from siga_nlp import read_corpus
    from siga_nlp.lexicon import load
    from siga_nlp.view import fold

    shared = Path(os.environ.get("SIGA_SHARED") or ROOT.parent / "shared")
    texts: dict[str, list[str]] = {"simplified": [document(1)], "traditional": [OpenCC("s2t").convert(document(1))]}
    if (shared / "corpus").is_dir():
        for found in (*read_corpus(shared / "corpus"), *read_corpus(shared / "seeds")):
            changed = sum(a != b for a, b in zip(found.text, fold(found.text), strict=False))
            texts["traditional" if changed > len(found.text) / 12 else "simplified"].append(found.text)
    else:
        texts["simplified"] += [document(number) for number in range(2, 32)]
        texts["traditional"] += [OpenCC("s2t").convert(document(number)) for number in range(2, 32)]
    terms = load().terms.values()
    words = {word for found in terms if isinstance(found, (list, tuple)) for word in found if isinstance(word, str)}
    return {"texts": texts, "cues": sorted(word for word in words if len(word) > 1)[:300], "branches": _BRANCHES}


def ratios(peers: Iterable[Peer], given: Inputs, folder: Path, *, install: bool) -> dict[str, dict[str, float]]:
    """Multiples of the speed of jieba by peer and script; peers that are not there are left out, and it is said why."""
    found = {}
    for peer in peers:
        python = _environment(peer, folder, install=install)
        if python is None:
            print(f"  {peer.name}: skipped", file=sys.stderr)
            continue
        runs = [
            _measured(python, peer, given, 1 if peer.caches else ROUNDS) for _ in range(ROUNDS if peer.caches else 1)
        ]
        if any(run is None for run in runs):
            continue
        kept = [run for run in runs if run is not None]
        found[peer.name] = {key: statistics.median(run[key] for run in kept) for key in kept[0]}
        print(f"  {peer.name}: done", file=sys.stderr)
    return found


def _environment(peer: Peer, folder: Path, *, install: bool) -> str | None:
    """The Python of the peer's environment, made if it is not there and shall be."""
    if not peer.packages:
        return sys.executable
    place = folder / peer.packages[0]
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if install and not python.exists():
        venv.create(place, with_pip=True)
        packages = ["jieba", "setuptools<81", *peer.packages]  # old packages import pkg_resources
        done = subprocess.run([python, "-m", "pip", "install", "-q", *packages], capture_output=True, text=True)
        if done.returncode:
            (place / "failed.txt").write_text(done.stderr, encoding="utf-8")
    return str(python) if python.exists() and not (place / "failed.txt").exists() else None


def _measured(python: str, peer: Peer, given: Inputs, rounds: int) -> dict[str, float] | None:
    command = [python, str(Path(__file__).parent / "peers.py"), peer.name, str(rounds)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, encoding="utf-8", env=environment)
    if done.returncode:
        print(f"  {peer.name}: failed ({done.stderr.strip().splitlines()[-1:]})", file=sys.stderr)
        return None
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


# Whole processes


def whole(sizes: Iterable[int], workers: Iterable[int], *, dask: bool = False) -> dict[str, dict[str, float]]:
    """Seconds and megabytes (the largest process) of ``siga run`` and ``siga extract`` on archives."""
    ways = [(f"{count} worker{'s' * (count > 1)}", ["--workers", str(count)]) for count in workers]
    if dask:
        ways.append(("Dask, 2 workers", ["--engine", "dask", "--workers", "2"]))
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        for size in sizes:
            archive = Path(scratch, str(size))
            read = write(size, archive)
            for n, (way, options) in enumerate(ways if size > 1 else ways[:1]):
                for verb, out in {
                    "run": archive.with_suffix(f".{n}"),
                    "extract": archive.with_suffix(".jsonl"),
                }.items():
                    seconds, peak = process([verb, str(archive), "--out", str(out), *options])
                    name = f"siga {verb}, {size:,} document{'s' * (size > 1)}, {way}"
                    found[name] = {"MB read": read / 1e6, "seconds": seconds, "peak MB": peak}
                    print(f"  {name}: done", file=sys.stderr)
    return found


_PEAK = (
    "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode; "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
)


def process(arguments: list[str]) -> tuple[float, float]:
    """Seconds and the peak of memory in MB of a call of ``siga``, of its largest process where it has several."""
    command = [sys.executable, "-m", "siga_nlp", *arguments]
    if os.name != "nt":
        command = [sys.executable, "-c", _PEAK, *command]
    before = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    seconds = time.perf_counter() - before
    if done.returncode:
        raise RuntimeError(f"siga {' '.join(arguments)}: {done.stderr}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return seconds, float("nan") if os.name == "nt" else int(done.stdout.split()[-1]) / unit


# Telling


def table(found: Mapping[str, Mapping[str, float]], first: str) -> str:
    """A Markdown table of figures by name.

    >>> print(table({"a": {"x": 0.034, "y": 12.3}}, "what"))
    | what | x | y |
    | --- | --- | --- |
    | a | 0.034 | 12 |
    """
    columns = list(dict.fromkeys(key for figures in found.values() for key in figures))
    lines = [f"| {first} | {' | '.join(columns)} |", f"| --- |{' --- |' * len(columns)}"]
    for name, figures in found.items():
        lines.append(f"| {name} | {' | '.join(_figure(figures.get(key)) for key in columns)} |")
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}" if value < 1 else f"{value:.1f}"


def changes(before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]]) -> list[str]:
    """What got faster or slower, by more than the noise of a busy machine.

    >>> changes({"ours": {"simplified": 1.0}}, {"ours": {"simplified": 2.0}})
    ['ours (simplified): 1.0 → 2.0 × jieba, 2.0 times as fast']
    """
    found = []
    for name, figures in after.items():
        for script, now in figures.items():
            then = before.get(name, {}).get(script)
            if then and not 1 / _NOISE < now / then < _NOISE:
                found.append(
                    f"{name} ({script}): {_figure(then)} → {_figure(now)} × jieba, {now / then:.1f} times as fast"
                )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="make the environments of peers that are not there")
    parser.add_argument("--environments", type=Path, default=ROOT / ".peers", metavar="DIR", help="where they are")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="only the peers whose names begin so; none: no table")
    parser.add_argument("--sizes", nargs="*", type=int, default=SIZES, metavar="N", help="documents of the archives")
    parser.add_argument("--workers", nargs="+", type=int, default=(1, 2), metavar="N")
    parser.add_argument("--dask", action="store_true", help="the archives by a Dask cluster of two workers, too")
    parser.add_argument("--save", action="store_true", help="write the ratios as the new baseline")
    a = parser.parse_args()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    peers = [peer for peer in PEERS if a.only is None or peer.name.startswith(tuple(a.only))] if a.only != [] else []
    found = ratios(peers, inputs(), a.environments, install=a.install) if peers else {}
    speed = found.get("jieba", {})
    shown = {name: {k: v for k, v in figures.items() if "MB/s" not in k} for name, figures in found.items()}
    print(machine)
    if shown:
        paces = [f"{key.removesuffix(' MB/s')} {value:.1f} MB/s" for key, value in speed.items() if "MB/s" in key]
        print(f"\nmultiples of jieba.lcut's speed ({', '.join(paces) or 'measured beside each'})\n")
        print(table(dict(sorted(shown.items(), key=lambda item: min(item[1].values()))), "× jieba"))
    if a.sizes:
        print(f"\n{table(whole(a.sizes, a.workers, dask=a.dask), 'whole processes')}")
    stored: dict[str, Any] = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    if shown and stored:
        lines = changes(stored["ratios"], shown) or ["nothing beyond the noise"]
        print(f"\nagainst the baseline ({stored['machine']}):\n" + "\n".join(f"- {line}" for line in lines))
    if a.save:
        kept = {**stored.get("ratios", {}), **{n: {k: round(v, 4) for k, v in f.items()} for n, f in shown.items()}}
        text = json.dumps({"machine": machine, "ratios": kept}, ensure_ascii=False, indent=1)
        BASELINE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
