"""A checklist as a file: Markdown with boxes, XLSX, an HTML page, an ICS calendar, CSV.

Texts come from documents that anybody may have written: in every format they are text and never formula, markup or
script. The same tasks give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .checklists import COLUMNS, source_language, to_traditional
from .messages import label, say
from .table import PROVENANCE, Row, StrPath, csv_writer, provenance, provenance_sheet, records, write_table

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("md", "xlsx", "html", "ics", "csv")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_ENDINGS = {".markdown": "md", ".htm": "html", ".ical": "ics"}


def checklist_format(path: StrPath, format: str | None = None) -> str:
    """The format of a checklist file: the one given, else that of the name's ending.

    >>> checklist_format("tasks.xlsx"), checklist_format("tasks", "ics")
    ('xlsx', 'ics')
    """
    ending = Path(path).suffix.lower()
    chosen = format or _ENDINGS.get(ending, ending.removeprefix("."))
    if chosen not in FORMATS:
        said = repr(chosen) if chosen else "no ending"
        raise ValueError(f"{path}: a checklist is written as .{', .'.join(FORMATS)}, and this says {said}")
    return chosen


def write_checklist(tasks: pd.DataFrame, path: StrPath, format: str | None = None, *, sheets: str = "topic") -> None:
    """Write a checklist; the format is that of the file name unless given.

    ``sheets`` says what an XLSX file has one sheet for: ``topic`` or ``subject``. The file appears when it is complete.

    >>> import tempfile
    >>> from siga_nlp import checklist
    >>> from siga_nlp.models import Document
    >>> path = Path(tempfile.mkdtemp(), "tasks.md")
    >>> write_checklist(checklist(Document("x", "县长每月至少接访1次。")), path)
    >>> "- [ ] **接访**" in path.read_text("utf-8")
    True
    """
    format = checklist_format(path, format)
    if format == "csv":
        write_table(tasks, path, "csv", columns=COLUMNS)
        return
    content = xlsx(tasks, sheets=sheets) if format == "xlsx" else render_checklist(tasks, format).encode("utf-8")
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def render_checklist(tasks: pd.DataFrame, format: str = "md") -> str:
    """A checklist as text: ``md``, ``html``, ``ics`` or ``csv``.

    >>> from siga_nlp import checklist
    >>> from siga_nlp.models import Document
    >>> print(render_checklist(checklist(Document("x", "县长每月至少接访1次。"))).splitlines()[0])
    # 任务清单
    """
    if format not in _RENDERERS:
        raise ValueError(f"format {format!r} is not known here; it is one of {', '.join(_RENDERERS)}")
    return _RENDERERS[format](_Sheet(tasks))


class _Sheet:
    """The tasks of a frame with their language, grouped for the page."""

    def __init__(self, tasks: pd.DataFrame) -> None:
        missing = [name for name in COLUMNS if name not in tasks.columns]
        if missing:
            raise ValueError(
                f"this is no checklist: columns are missing: {', '.join(missing)}; make it with checklist()"
            )
        self.rows: list[Row] = [
            {name: clean(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
            for row in records(tasks, columns=COLUMNS)
        ]
        about = tasks.attrs
        self.lang: str = about.get("lang") or source_language(row["text"] or "" for row in self.rows)
        self.script: str = about.get("script") or "simplified"
        self.subject: str | None = about.get("subject")
        self.start: str | None = about.get("start")
        self.end: str | None = about.get("end")
        self.notes: list[str] = [self.own(note) for note in about.get("notes", ())]

    def say(self, key: str, **values: object) -> str:
        return self.own(say(f"checklist_{key}", self.lang, **values))

    def own(self, words: str) -> str:
        """Our own words in the script asked for."""
        return to_traditional(words) if self.lang == "zh" and self.script == "traditional" else words

    @property
    def title(self) -> str:
        title = self.say("title")
        if self.subject:
            title += self.say("colon") + clean(self.subject)
        if self.start:
            title += self.say("range", start=self.start, end=self.end)
        return title

    def groups(self, by: str = "topic") -> Iterator[tuple[str, list[list[Row]]]]:
        """(name, requirements), each requirement being its tasks, in the order in which they come."""
        groups: dict[str, dict[str, list[Row]]] = {}
        for row in self.rows:
            name = row["topic" if by == "topic" else "who"] or self.say("no_topic" if by == "topic" else "no_subject")
            groups.setdefault(name, {}).setdefault(row["requirement_id"] or row["task_id"] or "", []).append(row)
        for name, requirements in groups.items():
            yield name, list(requirements.values())

    def facts(self, row: Row) -> list[str]:
        """Who, of what kind, how often, how much: what stands beside the task."""
        kind = self.own(label(row["modality"], self.lang)) if row["modality"] not in (None, "obligation") else None
        return [
            fact for fact in (row["who"] or self.say("no_subject"), kind, row["how_often"], row["how_much"]) if fact
        ]

    def when(self, row: Row) -> str:
        """The window and the due date of a task, "" where it has neither."""
        window = self.say("window", start=row["window_start"], end=row["window_end"]) if row["window_start"] else ""
        if not row["due"] or row["due"] == row["window_end"] and row["window_start"]:
            return window
        known = day(row["due"]) is not None
        by = self.say("by" if known else "due", due=row["due"])
        return f"{window}{self.say('comma')}{by}" if window else by


def clean(text: str) -> str:
    """A text without the characters that break files: control characters and halves of surrogate pairs.

    >>> clean("a\\x00b\\u2028c\\rd")
    'a b c d'
    """
    return _CONTROL.sub(" ", text)


def day(text: str | None) -> date | None:
    """An ISO date, None for words and for nothing.

    >>> str(day("2026-02-28")), day("收到之日 + 3 日")
    ('2026-02-28', None)
    """
    if text and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    return None


# Markdown

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~$&^@])")


def _inline(text: str) -> str:
    """A text as Markdown that shows it as it is, on one line."""
    text = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    text = re.sub(r"(?i)(https?|ftp|mailto|www)([:.])", r"\1\\\2", text)  # no links of its own making
    return re.sub(r"^(\d+)([.)])(?=\s|$)|^([-+=])", lambda m: f"{m[1] or ''}\\{m[2] or m[3]}", text)


def markdown(sheet: _Sheet) -> str:
    """Boxes to tick, the source beneath each."""
    lines = [f"# {_inline(sheet.title)}", ""]
    lines += [f"> {_inline(note)}" if n == 0 else f">\n> {_inline(note)}" for n, note in enumerate(sheet.notes)]
    lines += [""] if sheet.notes else []
    if not sheet.rows:
        lines += [sheet.say("empty"), ""]
    for name, requirements in sheet.groups():
        lines += [f"## {_inline(name)}", ""]
        for tasks in requirements:
            first = tasks[0]
            facts = sheet.say("semicolon").join(map(_inline, sheet.facts(first)))
            head = f"**{_inline(first['what'] or '')}** — {facts}"
            if len(tasks) == 1:
                when = sheet.when(first)
                lines.append(f"- [ ] {head}" + (f"{sheet.say('semicolon')}{_inline(when)}" if when else ""))
            else:
                lines.append(f"- {head}")
                lines += [f"  - [ ] {_inline(sheet.when(task))}" for task in tasks]
            lines.append(f"  - {sheet.say('keep')}{sheet.say('colon')}{_inline(first['evidence'] or '') or '________'}")
            place = " ".join(part for part in (first["doc_id"], first["section"]) if part)
            lines += ["", f"  > {_inline(first['text'] or '')}（{_inline(place)}）", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


# HTML

_STYLE = """
:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;--accent:#0a58ca;--done:#1a7f37}
@media(prefers-color-scheme:dark){:root{--fg:#e6e6e6;--bg:#161616;--soft:#a0a6ad;--line:#3a3f45;--card:#202327;--accent:#7ab3ff;--done:#56d364}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1.2rem;color:var(--fg);background:var(--bg);line-height:1.6;overflow-wrap:anywhere;
font-family:system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif}
h1{font-size:1.5rem;line-height:1.3;margin:.2rem 0 .6rem}h2{font-size:1.15rem;margin:1.6rem 0 .5rem;border-bottom:2px solid var(--line)}
.notes{color:var(--soft);font-size:.9rem;margin:0;padding-left:1.2rem}.bar{position:sticky;top:0;background:var(--bg);padding:.4rem 0;z-index:1;
display:flex;gap:1rem;align-items:center;border-bottom:1px solid var(--line)}progress{flex:1;accent-color:var(--accent)}
article{border:1px solid var(--line);border-left:4px solid var(--accent);border-radius:6px;background:var(--card);padding:.6rem .9rem;margin:.6rem 0;
break-inside:avoid}article.prohibition{border-left-color:#c6403a}article.recommendation{border-left-color:#8a6d1b}
h3{font-size:1rem;margin:0}.facts{margin:.15rem 0;color:var(--soft);font-size:.92rem}.facts b{color:var(--fg);font-weight:600}
.boxes{display:grid;grid-template-columns:repeat(auto-fill,minmax(15.5rem,1fr));gap:.1rem .9rem;margin:.35rem 0;padding:0;list-style:none}
label{display:flex;gap:.5rem;align-items:baseline;cursor:pointer}input{width:1.05rem;height:1.05rem;flex:none;accent-color:var(--done);transform:translateY(.15rem)}
input:checked+span{color:var(--done);text-decoration:line-through}
blockquote{margin:.35rem 0 0;padding-left:.7rem;border-left:3px solid var(--line);color:var(--soft);font-size:.88rem}cite{font-style:normal}
@media print{:root{color-scheme:light;--fg:#000;--bg:#fff;--soft:#333;--card:#fff;--line:#999}body{max-width:none;padding:0;font-size:10pt}
.bar{display:none}@page{size:A4;margin:15mm}}
"""
# Ticks stay in this browser. A browser that keeps nothing for files (or forbids it) still shows the list.
_SCRIPT = """
(function(){"use strict";var boxes=document.querySelectorAll("input[type=checkbox]"),bar=document.querySelector("progress"),
count=document.getElementById("count");function key(b){return"siga-checklist:"+b.dataset.task}
function tell(){var n=0;boxes.forEach(function(b){if(b.checked)n++});bar.value=n;count.textContent=n+" / "+boxes.length}
boxes.forEach(function(b){try{b.checked=localStorage.getItem(key(b))==="1"}catch(e){}
b.addEventListener("change",function(){try{if(b.checked)localStorage.setItem(key(b),"1");else localStorage.removeItem(key(b))}catch(e){}tell()})});
tell()})();
"""


def page(sheet: _Sheet) -> str:
    """One file for any browser: nothing is fetched, nothing is sent."""
    e = html.escape
    sums = {
        name: base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        for name, content in (("style", _STYLE), ("script", _SCRIPT))
    }
    policy = f"default-src 'none'; style-src 'sha256-{sums['style']}'; script-src 'sha256-{sums['script']}'"
    lang = "en" if sheet.lang == "en" else "zh-Hant" if sheet.script == "traditional" else "zh-Hans"
    out = [
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{e(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{e(sheet.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{e(sheet.title)}</h1>\n"
    ]
    if sheet.notes:
        out.append('<ul class="notes">' + "".join(f"<li>{e(note)}</li>" for note in sheet.notes) + "</ul>\n")
    out.append(
        f'<div class="bar"><progress max="{max(len(sheet.rows), 1)}" value="0" aria-label="{e(sheet.say("done"))}"></progress>'
        f'<span id="count">0 / {len(sheet.rows)}</span></div>\n'
    )
    if not sheet.rows:
        out.append(f"<p>{e(sheet.say('empty'))}</p>\n")
    for name, requirements in sheet.groups():
        out.append(f"<section>\n<h2>{e(name)}</h2>\n")
        for tasks in requirements:
            out.append(_article(sheet, tasks))
        out.append("</section>\n")
    out.append(f"<script>{_SCRIPT}</script>\n</body>\n</html>\n")
    return "".join(out)


def _article(sheet: _Sheet, tasks: list[Row]) -> str:
    e = html.escape
    first = tasks[0]
    who, *facts = sheet.facts(first)
    place = " ".join(part for part in (first["doc_id"], first["section"]) if part)
    said = "".join(f" · {e(fact)}" for fact in facts)
    boxes = "".join(
        f'<li><label><input type="checkbox" data-task="{e(task["task_id"] or "")}">'
        f"<span>{e(sheet.when(task) or sheet.say('done'))}</span></label></li>"
        for task in tasks
    )
    kept = f"{sheet.say('keep')}{sheet.say('colon')}{first['evidence'] or '________'}"
    return (
        f'<article class="{e(first["modality"] or "")}">\n<h3>{e(first["what"] or "")}</h3>\n'
        f'<p class="facts"><b>{e(who)}</b>{said} · {e(kept)}</p>\n<ul class="boxes">{boxes}</ul>\n'
        f"<blockquote>{e(first['text'] or '')} <cite>{e(place)}</cite></blockquote>\n</article>\n"
    )


# ICS

_END = -1  # of a month
_RULES: tuple[dict[str, Any], ...] = (
    {"FREQ": "DAILY"},
    {"FREQ": "WEEKLY"},
    {"FREQ": "WEEKLY", "INTERVAL": 2},
    {"FREQ": "MONTHLY", "BYMONTHDAY": [15, _END]},
    {"FREQ": "MONTHLY", "BYMONTHDAY": [10, 20, _END]},
    *({"FREQ": "MONTHLY", "INTERVAL": n, "BYMONTHDAY": [_END]} for n in (1, 2, 3, 4, 6)),
    *({"FREQ": "MONTHLY", "INTERVAL": n, "BYMONTHDAY": ["day"]} for n in (1, 2, 3, 4, 6)),
    {"FREQ": "YEARLY", "BYMONTH": [1, 8], "BYMONTHDAY": [31]},
    *({"FREQ": "YEARLY", "INTERVAL": n, "BYMONTH": ["month"], "BYMONTHDAY": [_END]} for n in (1, 2, 3, 4, 5)),
    *({"FREQ": "YEARLY", "INTERVAL": n, "BYMONTH": ["month"], "BYMONTHDAY": ["day"]} for n in (1, 2, 3, 4, 5)),
)


def calendar(sheet: _Sheet) -> str:
    """RFC 5545: an all-day event on each due date, one with a rule where the dates are regular. Words are no dates.

    The UID of a series is made of the requirement and its first year, so that importing again updates it, with another
    range of that year too, while next year's leaves it alone.
    """
    from icalendar import Alarm, Calendar, Event

    book = Calendar()
    book.add("prodid", "-//siga_nlp//checklist//ZH")
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", " ".join(sheet.title.split()))
    for _, requirements in sheet.groups():
        for tasks in requirements:
            for key, first, dates, rule in _series(tasks):
                event = Event()
                event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@siga-nlp")
                # Not the time of writing: the same checklist gives the same bytes.
                event.add("dtstamp", datetime.combine(dates[0], datetime.min.time(), UTC))
                event.add("dtstart", dates[0])
                if dates[0] < date.max:
                    event.add("dtend", dates[0] + timedelta(days=1))
                if rule:
                    event.add("rrule", {**rule, "COUNT": len(dates)})
                what = " ".join((first["what"] or "").split())
                event.add("summary", f"{what}（{first['who']}）" if first["who"] else what)
                event.add("description", _description(sheet, first, single=len(dates) == 1))
                if first["topic"]:
                    event.add("categories", [first["topic"]])
                event.add("transp", "TRANSPARENT")
                alarm = Alarm()
                alarm.add("action", "DISPLAY")
                alarm.add("description", what or sheet.say("title"))
                near = len(dates) > 1 and (dates[1] - dates[0]).days < 14
                alarm.add("trigger", timedelta(days=-1 if near else -7))
                event.add_component(alarm)
                book.add_component(event)
    return str(book.to_ical().decode("utf-8"))


def _series(tasks: list[Row]) -> Iterator[tuple[str, Row, list[date], dict[str, Any] | None]]:
    """The dated tasks of a requirement: as one series if a rule gives exactly their dates, else one by one.

    Each with a key that stays when the series is made again.
    """
    dated = [(task, found) for task in tasks if (found := day(task["due"])) is not None]
    dates = [found for _, found in dated]
    rule = _rule(dates) if len(dates) > 1 else None
    if rule or len(dated) == 1:
        year = (dated[0][0]["window_start"] or "")[:4]
        yield f"{dated[0][0]['requirement_id']}@{year}", dated[0][0], dates, rule
        return
    for task, found in dated:
        yield task["task_id"] or "", task, [found], None


def _rule(dates: list[date]) -> dict[str, Any] | None:
    from dateutil import rrule

    first = datetime.combine(dates[0], datetime.min.time())
    for form in _RULES:
        rule = {
            name: [{"day": first.day, "month": first.month}.get(v, v) for v in value]
            if isinstance(value, list)
            else value
            for name, value in form.items()
        }
        expanded = rrule.rrule(
            getattr(rrule, str(rule["FREQ"])),
            dtstart=first,
            interval=rule.get("INTERVAL", 1),
            bymonth=rule.get("BYMONTH"),
            bymonthday=rule.get("BYMONTHDAY"),
            count=len(dates),
        )
        if [found.date() for found in expanded] == dates:
            return rule
    return None


def _description(sheet: _Sheet, task: Row, *, single: bool) -> str:
    place = " ".join(part for part in (task["doc_id"], task["section"]) if part)
    lines = [sheet.say("semicolon").join(sheet.facts(task))]
    if single and task["window_start"]:
        lines.append(sheet.say("window", start=task["window_start"], end=task["window_end"]))
    if task["evidence"]:
        lines.append(f"{sheet.say('keep')}{sheet.say('colon')}{task['evidence']}")
    lines.append(f"{task['text'] or ''}（{place}）")
    return "\n".join(lines)


def undated(tasks: pd.DataFrame) -> int:
    """How many tasks have no day, and so no place in a calendar."""
    return sum(day(row["due"]) is None for row in records(tasks, columns=COLUMNS))


# CSV


def _csv(sheet: _Sheet) -> str:
    out = io.StringIO(newline="")
    write = csv_writer(out, columns=COLUMNS)
    for row in sheet.rows:
        write(row)
    return out.getvalue()


_RENDERERS: dict[str, Callable[[_Sheet], str]] = {"md": markdown, "html": page, "ics": calendar, "csv": _csv}


# XLSX

_CELL = 32_767
_STATES = ("todo", "doing", "done", "not_applicable")
# Column of the sheet → (width, field of the task or None for one to fill in)
_SHEET_COLUMNS: tuple[tuple[str, int, str | None], ...] = (
    ("state", 8, None), ("due_day", 13, "due"), ("what", 26, "what"), ("who", 16, "who"), ("kind", 6, "modality"),
    ("how_often", 13, "how_often"), ("how_much", 10, "how_much"), ("window_start", 11, "window_start"),
    ("window_end", 11, "window_end"), ("keep", 11, "evidence"), ("done_on", 11, None), ("remark", 12, None),
    ("place", 11, "section"), ("source", 34, "text"),
    ("vague", 8, "vague"), ("document", 14, "doc_id"), ("task_id", 14, "task_id"),
)  # fmt: skip
_HIDDEN = ("vague", "document", "task_id")  # in the file for those who sort and look things up, not on paper


def xlsx(tasks: pd.DataFrame, *, sheets: str = "topic") -> bytes:
    """A workbook: one sheet a topic (or a subject), states to choose from, due dates as dates, A4 across; what it was made from last."""
    import xlsxwriter

    if sheets not in ("topic", "subject"):
        raise ValueError(f"sheets {sheets!r} is not known; it is topic or subject")
    sheet = _Sheet(tasks)
    out = io.BytesIO()
    # Nothing but our own calls decides what a cell is: texts stay texts, whatever they begin with.
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": sheet.title[:255], "created": datetime(2000, 1, 1)})
    cell = {"valign": "top", "text_wrap": True, "border": 1, "border_color": "#BFC7D1", "font_size": 11}
    formats = {
        "head": book.add_format({**cell, "bold": True, "bg_color": "#DDE6F0", "valign": "vcenter"}),
        "text": book.add_format(cell),
        "date": book.add_format({**cell, "num_format": "yyyy-mm-dd", "align": "left"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "plain": book.add_format({"valign": "top", "text_wrap": True}),
        "done": book.add_format({"bg_color": "#DFF3E4", "font_color": "#1A5E2E"}),
        "doing": book.add_format({"bg_color": "#FFF4D6"}),
        "not_applicable": book.add_format({"font_color": "#8A8F98", "italic": True}),
    }
    groups = list(sheet.groups(sheets))
    used = {PROVENANCE}
    _overview(book, sheet, groups, formats, used)
    for name, requirements in groups:
        _task_sheet(book, sheet, name, [task for tasks in requirements for task in tasks], formats, used)
    provenance_sheet(book, provenance(tasks))
    book.close()
    return out.getvalue()


def _overview(
    book: Any, sheet: _Sheet, groups: list[tuple[str, list[list[Row]]]], formats: Any, used: set[str]
) -> None:
    page = book.add_worksheet(_sheet_name(sheet.say("overview"), used))
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, 44)
    page.set_column(1, 2, 12)
    page.write_string(0, 0, sheet.title[:_CELL], formats["title"])
    at = 1
    for note in sheet.notes or ([] if sheet.rows else [sheet.say("empty")]):
        page.merge_range(at, 0, at, 2, "", formats["plain"])
        page.write_string(at, 0, note[:_CELL], formats["plain"])
        page.set_row(at, 15 * (1 + len(note) // 38))
        at += 1
    at += 1
    for column, key in enumerate(("group", "requirements", "tasks")):
        page.write_string(at, column, sheet.say(key), formats["head"])
    for n, (name, requirements) in enumerate(groups, at + 1):
        page.write_string(n, 0, name[:_CELL], formats["text"])
        page.write_number(n, 1, len(requirements), formats["text"])
        page.write_number(n, 2, sum(map(len, requirements)), formats["text"])


def _task_sheet(book: Any, sheet: _Sheet, name: str, tasks: list[Row], formats: Any, used: set[str]) -> None:
    page = book.add_worksheet(_sheet_name(name, used))
    last = len(_SHEET_COLUMNS) - 1
    states = [sheet.say(f"state_{state}") for state in _STATES]
    for column, (key, width, _) in enumerate(_SHEET_COLUMNS):
        page.set_column(column, column, width, None, {"hidden": key in _HIDDEN})
        page.write_string(0, column, sheet.say(f"column_{key}"), formats["head"])
    for n, task in enumerate(tasks, 1):
        lines = 1
        for column, (key, width, field) in enumerate(_SHEET_COLUMNS):
            if field is None:
                value = states[0] if key == "state" else None
            elif field == "modality":
                value = sheet.own(label(task[field] or "", sheet.lang))
            else:
                value = task[field]
            found = day(value) if field in ("due", "window_start", "window_end") else None
            if found is not None and found.year >= 1900:
                page.write_datetime(n, column, datetime.combine(found, datetime.min.time()), formats["date"])
            elif value:
                page.write_string(n, column, value[:_CELL], formats["text"])
                lines = max(lines, 1 if key in _HIDDEN else _lines(value, width))
            else:
                page.write_blank(n, column, None, formats["date" if key == "done_on" else "text"])
        page.set_row(n, min(14.5 * lines + 2, 400))  # not every program fits the rows to wrapped text
    rows = max(len(tasks), 1)
    page.data_validation(
        1, 0, rows, 0,
        {"validate": "list", "source": states, "error_title": sheet.say("column_state"), "error_message": " / ".join(states)},
    )  # fmt: skip
    for state, value in zip(_STATES, states, strict=True):
        if state in formats:
            rule = {"type": "formula", "criteria": f'=$A2="{value}"', "format": formats[state]}
            page.conditional_format(1, 0, rows, last, rule)
    page.autofilter(0, 0, rows, last)
    page.freeze_panes(1, 3)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_header(f"&L{_print(sheet.title)}&R{_print(name)}")
    page.set_footer("&C&P / &N")


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column: a Chinese character is about 1.9 figures wide."""
    return sum(1 + int(sum(1.9 if ord(c) > 0x2E7F else 1.05 for c in line) / width) for line in text.split("\n"))


def _print(text: str) -> str:
    """A text in a page's header: & begins a code there, and 255 characters are all it holds."""
    return " ".join(text.split())[:80].replace("&", "&&")


def _sheet_name(name: str, used: set[str]) -> str:
    """A name that a sheet may have: up to 31 characters, none of []:*?/\\, not taken, not History."""
    plain = " ".join(re.sub(r"[\[\]:*?/\\]", " ", name).split()).strip("'")[:28] or "-"
    if plain.casefold() == "history":
        plain += "_"
    found, n = plain, 1
    while found.casefold() in used:
        n += 1
        found = f"{plain[: 30 - len(str(n))]}~{n}"
    used.add(found.casefold())
    return found
