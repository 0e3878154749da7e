"""How fast a big table can be looked through in a real browser: ``python -m benchmarks.browsing [--rows 20000]``.

Writes the page of ``sg.browse`` for so many rows (those of ``extracted/requirements.csv`` with words changed, so that
hardly a cell stands twice), opens it in headless Chromium, and prints its size and how many milliseconds each step takes.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import tempfile
import time
from html import unescape
from pathlib import Path

import pandas as pd

import siga_nlp as sg

_STEPS = """<script>
addEventListener("load", function () {
  var root = document.querySelector(".siga-browse"), said = { shown: Math.round(performance.now()) };
  function all(what) { return Array.from(root.querySelectorAll(what)) }
  function step(name, act) { var t = performance.now(); act(); void document.body.offsetHeight; said[name] = Math.round(performance.now() - t) }
  function put(text) { var box = all("input[type=search]")[0]; box.value = text; box.dispatchEvent(new Event("input")) }
  step("search", function () { put("\\u63a5\\u8bbf") }); step("clear", function () { put("") });
  all("th").forEach(function (th) { step("sort by " + th.title, function () { th.click() }) });
  step("open a filter", function () { var d = all("details")[0]; d.open = true; d.dispatchEvent(new Event("toggle")) });
  step("filter", function () { all(".siga-menu input")[0].click() });
  document.body.textContent = "SAID" + JSON.stringify(said) + "DIAS";
});
</script>"""


def big_table(table: pd.DataFrame, rows: int) -> pd.DataFrame:
    """So many rows; each document comes again under other names, each text with a number of its own."""
    times = -(-rows // len(table))
    parts = [
        table.assign(
            requirement_id=[f"{i}-{n}" for i in table["requirement_id"]],
            region=[f"{region}{n}" for region in table["region"]],
            text=[f"{text}（{n}）" for text in table["text"]],
            action=[f"{action}{n}" for action in table["action"]],
        )
        for n in range(times)
    ]
    return pd.concat(parts, ignore_index=True).head(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    rows = parser.parse_args().rows
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("there is no Chromium on this machine")
    table = big_table(sg.read_table(Path(__file__).parents[1] / "extracted" / "requirements.csv"), rows)
    began = time.perf_counter()
    page = sg.browse(table, lang="zh").html
    print(f"{rows:,} rows: written in {time.perf_counter() - began:.1f} s, {len(page.encode()) / 1e6:.1f} MB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.html")
        path.write_text(page.replace("</body>", _STEPS + "</body>"), encoding="utf-8")
        done = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
             "--no-first-run", "--disable-component-update", f"--user-data-dir={folder}/profile", "--dump-dom", path.as_uri()],
            capture_output=True, encoding="utf-8",
        )  # fmt: skip
    found = re.search(r"SAID(.*?)DIAS", done.stdout, re.S)
    if not found:
        raise SystemExit(f"the page did not answer: {done.stderr[-500:]}")
    for name, milliseconds in json.loads(unescape(found[1])).items():
        print(f"{name:24} {milliseconds:6} ms")


if __name__ == "__main__":
    main()
