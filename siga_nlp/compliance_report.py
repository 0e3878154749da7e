"""Findings for the office: summaries, a picture of who did what when, and a page that says first what is missing.

The page stands alone: no script, no address, everything from table and ledger escaped. A status is told by colour and
by a sign, so that it can be told in print and without colours too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING

from .compliance import FINDINGS, MATCHES, STATUSES, as_day
from .ledger import Ledger
from .messages import label
from .table import Row, provenance_told, records

if TYPE_CHECKING:
    import pandas as pd

OPEN = ("missing", "short", "late", "exceeded", "violated")
"""Statuses that somebody has to answer for."""
# status → sign, colours (light, dark): the hues of Okabe and Ito, told apart by their lightness too
_LOOK: Mapping[str, tuple[str, str, str]] = {
    "met": ("✓", "#cfe9df", "#0f4737"),
    "missing": ("✗", "#d55e00", "#e0701c"),
    "short": ("◐", "#f3b37a", "#a8591a"),
    "late": ("迟", "#f5d76e", "#8a6d00"),
    "exceeded": ("超", "#cc79a7", "#b4608f"),
    "violated": ("违", "#8e2f66", "#d98ab8"),
    "undetermined": ("?", "#d9d9d9", "#4d4d4d"),
    "not_due": ("·", "#eef3f8", "#1e2a36"),
}


def summary(findings: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many findings of each status, by ``unit``, ``person``, ``topic`` or another column of the findings.

    ``open`` counts those that somebody has to answer for (missing short late exceeded violated), and ``done`` is the
    share of met among those that could be decided and are due, from 0 to 1, null where there are none.

    >>> from siga_nlp.table import to_frame
    >>> rows = [{"topic": "党课", "status": s} for s in ("met", "missing", "met", "undetermined")]
    >>> summary(to_frame(rows, columns=FINDINGS), "topic")[["topic", "met", "missing", "open", "done"]].values.tolist()
    [['党课', 2, 1, 1, 0.67]]
    """
    import pandas as pd

    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in records(findings, columns=FINDINGS):
        counted[row[by] or ""][row["status"]] += 1
    out = []
    for name, counter in sorted(counted.items(), key=lambda item: (-sum(item[1][s] for s in OPEN), item[0])):
        open_ = sum(counter[s] for s in OPEN)
        decided = open_ + counter["met"]
        out.append({by: name or None, **{s: counter[s] for s in STATUSES}, "open": open_,
                    "done": round(counter["met"] / decided, 2) if decided else None})  # fmt: skip
    return pd.DataFrame(out, columns=[by, *STATUSES, "open", "done"])


def report(
    findings: pd.DataFrame,
    *,
    table: pd.DataFrame,
    ledger: Ledger,
    matches: pd.DataFrame | None = None,
    as_of: str | date,
    start: str | date | None = None,
) -> str:
    """The findings as a page in Chinese: what is missing and by when first, then the picture, summaries, all findings,
    and what to check in the ledger.
    """
    until = as_day(as_of)
    since = as_day(start) if start is not None else date(until.year, 1, 1)
    rows = list(records(findings, columns=FINDINGS))
    asked = {r["requirement_id"]: r for r in records(table)}
    counted = Counter(row["status"] for row in rows)
    titles = list(dict.fromkeys(r["title"] or r["doc_id"] for r in asked.values()))
    shown = "、".join(f"《{t}》" for t in titles[:3] if t) + (f" 等 {len(titles)} 份文件" if len(titles) > 3 else "")
    rest = sum(r["modality"] in ("permission", "recommendation") for r in asked.values())
    parts = [
        '<!DOCTYPE html>\n<html lang="zh">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>落实情况核对 {until}</title>\n<style>{_css()}</style>\n</head>\n<body>",
        f"<h1>落实情况核对</h1>\n<p>{_e(shown)}<br>核对范围 {since} 至 {until}（含当日），台账 {_e(_name(ledger.path))}，"
        f"{len(ledger.frame)} 条记录；要求 {len({r['requirement_id'] for r in rows})} 条"
        + (f"（另有允许、鼓励的 {rest} 条，不作核对）" if rest else "")
        + "。</p>",
        _tiles(counted),
        *_open(rows, asked),
        *_coming(rows, asked, until),
        *_pictures(rows, asked),
        *_summaries(findings),
        *_undetermined(rows, asked),
        *_to_check(ledger, matches),
        *_everything(rows, asked),
        f'<p class="made"><small>{_e(provenance_told(table, "zh"))}</small></p>',
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _e(text: object) -> str:
    return escape(str(text), quote=True)


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _who(row: Row) -> str:
    if row["person"]:
        return f"{_e(row['person'])}<small>{_e(row['unit'] or '')}</small>"
    return _e(row["unit"] or row["who"] or "（未写明）")


def _span(row: Row) -> str:
    """A window in words: 2024年, 2024年第1季度, 2024年3月, else its days."""
    if not row["window_start"] or not row["window_end"]:
        return f"{row['window_start']} 起" if row["window_start"] else ""
    first, last = date.fromisoformat(row["window_start"]), date.fromisoformat(row["window_end"])
    ends = (last + timedelta(days=1)).day == 1
    if first == last:
        return str(first)
    if first.day == 1 and ends and first.year == last.year:
        months = last.month - first.month + 1
        if months == 12:
            return f"{first.year}年"
        if months == 6 and first.month in (1, 7):
            return f"{first.year}年{'上' if first.month == 1 else '下'}半年"
        if months == 3 and first.month % 3 == 1:
            return f"{first.year}年第{(first.month + 2) // 3}季度"
        if months == 1:
            return f"{first.year}年{first.month}月"
    return f"{first}—{last}"


def _asks(row: Row, asked: Mapping[str, Row]) -> str:
    found = asked.get(row["requirement_id"])
    if not found:
        return _e(row["requirement_id"])
    return f"{_e(found['text'])}<small>{_e(found['section'] or '')}</small>"


def _mark(status: str) -> str:
    return f'<span class="s {status}">{_LOOK[status][0]} {label(status, "zh")}</span>'


def _tiles(counted: Mapping[str, int]) -> str:
    cells = "".join(
        f'<div class="tile {s}"><b>{counted[s]}</b>{_LOOK[s][0]} {label(s, "zh")}</div>' for s in STATUSES if counted[s]
    )
    return f'<div class="tiles">{cells}</div>'


def _table(headings: Sequence[str], lines: Iterable[Sequence[str]], kind: str = "") -> str:
    head = "".join(f"<th>{h}</th>" for h in headings)
    body = "\n".join("<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>" for cells in lines)
    return (
        f'<div class="wide"><table class="{kind}"><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'
    )


def _open(rows: Sequence[Row], asked: Mapping[str, Row]) -> list[str]:
    """What is missing and by when, the earliest first; one line a requirement and party."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["status"] in OPEN:
            groups[row["requirement_id"], row["person"] or "", row["unit"] or ""].append(row)
    if not groups:
        return ["<h2>未落实的事项</h2>\n<p>没有缺失、不足、逾期、超出或违反的事项。</p>"]
    ordered = sorted(
        groups.values(),
        key=lambda g: (min(r["window_end"] or "9" for r in g), g[0]["unit"] or "", g[0]["person"] or ""),
    )
    lines = []
    for group in ordered:
        what = "<br>".join(f"{_mark(r['status'])} {_e(_span(r))}{_e(_short_of(r))}" for r in group)
        lines.append((_e(min(r["window_end"] or "" for r in group)), _who(group[0]), _asks(group[0], asked), what,
                      "<br>".join(_e("、".join(r["evidence"] or ()) or "—") for r in group)))  # fmt: skip
    total = sum(len(g) for g in groups.values())
    return [
        f"<h2>未落实的事项（{total} 项，按到期先后）</h2>",
        _table(("最早到期", "谁", "要求", "缺什么", "台账行"), lines, "open"),
    ]


def _short_of(row: Row) -> str:
    if row["need"] is None:
        return ""
    if row["have"] is None:
        return f"：不到 {row['need']:g}{row['measure_unit'] or ''}"
    have, need = row["have"] or 0, row["need"]
    if row["status"] in ("missing", "short"):
        return f"：{have:g}／{need:g}{row['measure_unit'] or ''}"
    if row["status"] == "exceeded":
        return f"：{have:g}，上限 {need:g}{row['measure_unit'] or ''}"
    return ""


def _coming(rows: Sequence[Row], asked: Mapping[str, Row], until: date) -> list[str]:
    waiting = [r for r in rows if r["status"] == "not_due" and r["window_end"] and (r["have"] or 0) < (r["need"] or 0)]
    if not waiting:
        return []
    waiting.sort(key=lambda r: (r["window_end"], r["unit"] or "", r["person"] or ""))
    lines = [(_e(r["window_end"]), _who(r), _asks(r, asked),
              f"{r['have'] or 0:g}／{r['need']:g}{_e(r['measure_unit'] or '')}") for r in waiting]  # fmt: skip
    return [f"<h2>尚未到期、还没有完成的（{len(lines)} 项）</h2>", _table(("到期", "谁", "要求", "已有／要求"), lines)]


# The picture


def _pictures(rows: Sequence[Row], asked: Mapping[str, Row]) -> list[str]:
    """People and units × windows: those who are bound by the same requirements stand in one picture."""
    by_party: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if (row["person"] or row["unit"]) and row["window_end"]:
            by_party[row["unit"] or "", row["person"] or ""][row["requirement_id"]].append(row)
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    order = list(asked)
    for party, found in by_party.items():
        groups[tuple(sorted(found, key=order.index))].append(party)
    merged: list[tuple[set[str], list[tuple[str, str]]]] = []
    for ids, parties in groups.items():  # those of one level stand together, although not all have every duty
        for known, others in merged:
            if len(known & set(ids)) * 2 >= len(known | set(ids)):
                known |= set(ids)
                others += parties
                break
        else:
            merged.append((set(ids), list(parties)))
    groups = {tuple(sorted(ids, key=order.index)): sorted(parties) for ids, parties in merged}
    pictures = [
        _picture(ids, parties, by_party, asked) for ids, parties in groups.items() if len(parties) > 1 or len(ids) > 1
    ]
    single = [(ids, parties) for ids, parties in groups.items() if not (len(parties) > 1 or len(ids) > 1)]
    if single:
        pictures.append("".join(_picture(ids, parties, by_party, asked) for ids, parties in single))
    if not pictures:
        return []
    legend = " ".join(_mark(s) for s in STATUSES)
    return [f'<h2>一览</h2>\n<p class="legend">{legend}</p>', *pictures]


_CELL, _LEFT, _TOP = 20, 150, 96


def _picture(
    ids: Sequence[str], parties: Sequence[tuple[str, str]], by_party: Mapping[tuple[str, str], Mapping[str, list[Row]]],
    asked: Mapping[str, Row],
) -> str:  # fmt: skip
    windows = {i: sorted({r["window_end"] for p in parties for r in by_party[p].get(i, ())}) for i in ids}
    at, x = {}, _LEFT
    heads = []
    for i in ids:
        width = _CELL * len(windows[i])
        row = asked.get(i)
        name = (row["action"] or row["text"]) if row else i
        middle = x + width / 2
        heads.append(
            f'<text class="head" transform="translate({middle:g},{_TOP - 22}) rotate(-38)"><title>{_e(row["text"] if row else i)}</title>'
            f"{_e(name[:10] + ('…' if len(name) > 10 else ''))}</text>"
        )
        for n, end in enumerate(windows[i]):
            at[i, end] = x + n * _CELL
            last = date.fromisoformat(end)
            heads.append(f'<text class="tick" x="{x + (n + 0.5) * _CELL:g}" y="{_TOP - 6}">{last.month}</text>')
        x += width + 8
    width = x + 70
    lines = []
    for n, (unit, person) in enumerate(parties):
        y = _TOP + n * (_CELL + 3)
        alike = sum(p == person for _, p in parties) > 1
        name = f"{person} {unit}" if person and alike else person or unit
        lines.append(
            f'<text class="name" x="{_LEFT - 8}" y="{y + 15}"><title>{_e(unit)}</title>'
            f"{_e(name[:9] + ('…' if len(name) > 9 else ''))}</text>"
        )
        for i in ids:
            worst: dict[str, Row] = {}
            for row in by_party[unit, person].get(i, ()):
                worst[row["window_end"]] = row
            for end, row in worst.items():
                told = f"{name} {_span(row)} {label(row['status'], 'zh')} {row['why']}"
                lines.append(
                    f'<g class="{row["status"]}"><title>{_e(told)}</title><rect x="{at[i, end]:g}" y="{y}" width="{_CELL - 2}" '
                    f'height="{_CELL}" rx="3"/><text x="{at[i, end] + (_CELL - 2) / 2:g}" y="{y + 15}">{_LOOK[row["status"]][0]}</text></g>'
                )
    height = _TOP + len(parties) * (_CELL + 3) + 6
    return (
        f'<div class="wide"><svg role="img" aria-label="各人各时段落实情况" viewBox="0 0 {width:g} {height}" width="{width:g}" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(heads)}{"".join(lines)}</svg></div>'
    )


# The rest


def _summaries(findings: pd.DataFrame) -> list[str]:
    out = ["<h2>汇总</h2>"]
    for by, name in (("unit", "单位"), ("person", "人员"), ("topic", "主题")):
        frame = summary(findings, by)
        frame = frame[frame[by].notna()] if by != "topic" else frame
        if frame.empty:
            continue
        lines = []
        for row in frame.to_dict("records"):
            share = row["done"]
            done = "—" if share is None or share != share else f"{share:.0%}"
            lines.append(
                (_e(row[by] if isinstance(row[by], str) else "（无）"), *(str(row[s] or "") for s in STATUSES), done)
            )
        heads = (name, *(label(s, "zh") for s in STATUSES), "完成率")
        out.append(
            f"<details{' open' if by != 'person' else ''}><summary>按{name}</summary>{_table(heads, lines, 'sum')}</details>"
        )
    out.append("<p><small>完成率：已完成的占已到期且能判定的。</small></p>")
    return out


def _undetermined(rows: Sequence[Row], asked: Mapping[str, Row]) -> list[str]:
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["status"] == "undetermined":
            groups[row["requirement_id"], row["why"]].append(row)
    if not groups:
        return []
    lines = [
        (_asks(g[0], asked), "<br>".join(dict.fromkeys(f"{_who(r)} {_e(_span(r))}" for r in g[:8])), _e(why))
        for (_, why), g in groups.items()
    ]
    return ["<h2>无法判定的（及原因）</h2>", _table(("要求", "谁、时段", "原因"), lines)]


def _to_check(ledger: Ledger, matches: pd.DataFrame | None) -> list[str]:
    out = ["<h2>台账中请核对的</h2>"]
    if ledger.problems:
        out.append("<ul>" + "".join(f"<li>{_e(p)}</li>" for p in ledger.problems) + "</ul>")
    columns = "；".join(f"{c.heading.replace(chr(10), ' ')}＝{c.field}（{c.score:.0f} 分）" for c in ledger.columns)
    out.append(f"<p><small>各列的理解：{_e(columns)}</small></p>")
    if matches is None:
        return out
    for state, name in (
        ("doubtful", "存疑、未确定计入的记录"),
        ("not_counted", "相近但不计入的记录"),
        ("unmatched", "没有对应要求的记录"),
    ):
        found = [r for r in records(matches, columns=MATCHES) if r["state"] == state]
        if not found:
            continue
        lines = [
            (_e(r["row"]), _e(r["date"] or "—"), _e(r["person"] or r["unit"] or ""), _e(r["activity"]), _e(r["asks"] or ""),
             "" if r["score"] is None else f"{r['score']:.2f}", _e(r["why"]))
            for r in found
        ]  # fmt: skip
        out.append(
            f"<details><summary>{name}（{len(found)}）</summary>"
            + _table(("行", "日期", "谁", "记录", "要求", "分", "说明"), lines)
            + "</details>"
        )
    return out


def _everything(rows: Sequence[Row], asked: Mapping[str, Row]) -> list[str]:
    lines = [
        (_who(r), _asks(r, asked), _e(_span(r)), _mark(r["status"]), _e("、".join(r["evidence"] or ())), _e(r["why"]))
        for r in rows
    ]
    return [f"<h2>全部结果</h2>\n<details><summary>{len(rows)} 项</summary>",
            _table(("谁", "要求", "时段", "结果", "台账行", "算法"), lines), "</details>"]  # fmt: skip


def _css() -> str:
    light = "".join(f".{s}{{--c:{c}}}" for s, (_, c, _d) in _LOOK.items())
    dark = "".join(f".{s}{{--c:{d}}}" for s, (_, _l, d) in _LOOK.items())
    return (
        ":root{color-scheme:light dark;--ink:#1c1c1c;--soft:#666;--paper:#fff;--line:#d5d5d5;--head:#f3f5f7}"
        "body{margin:1.5rem auto;padding:0 1rem;max-width:76rem;color:var(--ink);background:var(--paper);"
        'font:15px/1.6 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif}'
        "h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:2px solid var(--line)}"
        "small{color:var(--soft);display:block}summary{cursor:pointer;font-weight:600;margin:.5rem 0}"
        ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}"
        "th,td{border:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}"
        "th{background:var(--head);white-space:nowrap}td:first-child{white-space:nowrap}"
        ".sum td:not(:first-child){text-align:right}table.open td:nth-child(4){white-space:nowrap}"
        ".tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0}"
        ".tile{border-left:8px solid var(--c);background:var(--head);padding:.3rem .9rem;min-width:5.5rem}"
        ".tile b{display:block;font-size:1.5rem;line-height:1.3}"
        ".s{display:inline-block;border-left:6px solid var(--c);padding-left:.35rem;margin-right:.3rem;white-space:nowrap}"
        ".made{overflow-wrap:anywhere}svg{display:block;margin:.4rem 0;font-size:12px}svg text{fill:var(--ink)}svg rect{fill:var(--c)}"
        "svg g text{text-anchor:middle}.tick{text-anchor:middle;font-size:9px}.name{text-anchor:end}.head{font-size:11px}"
        "svg .missing text,svg .violated text{fill:#fff}"
        f"{light}@media(prefers-color-scheme:dark){{:root{{--ink:#e8e8e8;--soft:#a0a0a0;--paper:#161616;--line:#3b3b3b;--head:#23272b}}{dark}"
        "svg .late text,svg .exceeded text,svg .short text{fill:#fff}}"
        "table.open td:nth-child(2){min-width:6.5em}"
        "@media print{body{margin:0;max-width:none;font-size:11px}table{font-size:10px}.wide{overflow:visible}svg{max-width:100%;height:auto}"
        "tr,svg{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}"
    )
