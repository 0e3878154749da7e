"""A table to look through in a notebook or a browser: filter, sort, search, copy, without a network.

What is written is one piece of HTML with the rows as data and a small script that draws only the lines in view. Where
scripts do not run (GitHub's viewer, a notebook that is not trusted) the first rows stand there as a plain table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from .marking import VISIBLE, Block, Page, css, frequency_words, quantity_words
from .messages import LANGUAGES, label, language
from .table import COLUMNS, Row, is_missing, records

if TYPE_CHECKING:
    import pandas as pd

FIRST = 20  # rows that are there without a script
_MOST = 60  # values that a filter offers at most
# Columns that are worth a filter where they are there, of any of our tables.
_FILTERS = ("region", "level", "topic", "modality", "document", "other", "role", "status", "person", "unit", "who")

# Heading (en, zh) and width in characters of the columns that are shown of a requirement table.
_COLUMNS: Mapping[str, tuple[str, str, int]] = {
    "region": ("region", "地区", 12),
    "level": ("level", "层级", 5),
    "topic": ("topic", "主题", 6),
    "subject": ("who", "主体", 11),
    "modality": ("kind", "性质", 6),
    "action": ("what", "行为", 16),
    "how_often": ("how often", "频次", 9),
    "how_much": ("how much", "数量", 8),
    "deadline": ("by when", "期限", 8),
    "text": ("text", "原文", 34),
    "section": ("section", "位置", 8),
    "title": ("document", "文件", 18),
    "issues": ("look at", "需留意", 10),
    "requirement_id": ("id", "编号", 12),
}
_MEASURES = (*(f"frequency_{part}" for part in ("op", "count", "max", "period")), "per_year",
             *(f"quantity_{part}" for part in ("op", "value", "max", "unit")))  # fmt: skip
_WORDS: Mapping[str, tuple[str, str]] = {
    "search": ("search", "搜索"),
    "copy": ("copy", "复制"),
    "copied": ("copied", "已复制"),
    "clear": ("clear filters", "清除筛选"),
    "none": ("(none)", "（无）"),
    "shown": ("{shown} of {all} rows", "{shown} / {all} 行"),
    "first": (
        "the first {shown} of {all} rows; trust this notebook, or open the page, to filter and sort",
        "前 {shown} 行，共 {all} 行；信任此笔记本或打开网页后可筛选、排序",
    ),
}


def browse(
    table: pd.DataFrame, *, columns: Iterable[str] | None = None, filters: Iterable[str] | None = None, lang: str | None = None
) -> Page:  # fmt: skip
    """A table to filter, search, sort and copy from, in a notebook or as a page.

    Long cells are cut on the screen and shown as a whole under the pointer. Copying gives the rows that are left, as
    they are sorted, for a spreadsheet: whole cells, those that it would run as formulas disarmed.

    Args:
        table: A requirement table (measures are shown in words, and sort by how much they ask), or any other frame.
        columns: The columns to show, of ``table`` or ``how_often`` and ``how_much``.
        filters: The columns to filter by; by default region, level, topic and modality, or those of their kind.
        lang: ``zh`` or ``en``; by default the system's language.

    Returns:
        A page, as ``show`` gives: a notebook displays it, ``.html`` is the whole page, ``.save(path)`` writes it.

    Raises:
        ValueError: A column is not there.

    >>> from siga_nlp.models import Document
    >>> from siga_nlp.table import requirements
    >>> page = browse(requirements(Document("x", "县长每月至少接访群众1次。")), lang="zh")
    >>> "每月至少 1 次" in page.html
    True
    """
    lang = language(lang)
    shown = _shown(table, columns, lang)
    chosen = (
        [name for name in _FILTERS if name in shown and len(shown[name].words) > 1] if filters is None else [*filters]
    )
    if unknown := [name for name in chosen if name not in shown]:
        raise ValueError(f"no such column is shown: {', '.join(unknown)}; there are {', '.join(shown)}")

    def say(key: str) -> str:
        return _WORDS[key][LANGUAGES.index(lang)]

    data = {
        "rows": len(table),
        "filters": [list(shown).index(name) for name in chosen],
        "columns": [column.data() for column in shown.values()],
        "say": {key: say(key) for key in _WORDS},
        "most": _MOST,
    }
    # "<" would end the script, or begin a comment in it.
    content = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    name = "siga-" + hashlib.sha256(content.encode()).hexdigest()[:10]
    note = say("first").format(shown=min(FIRST, len(table)), all=len(table))
    fragment = (
        f'<div class="siga siga-browse" data-table="{name}"><style>{css()}{_STYLE}</style>'
        f"<div>{escape(note)}</div>{_plain_table(shown)}</div>\n"
        f'<script type="application/json" id="{name}">{content}</script>\n'
        f"<script>{_SCRIPT.replace('NAME', json.dumps(name))}</script>"
    )
    lines = [" | ".join(column.heading for column in shown.values())]
    lines += [" | ".join(column.cell(n) for column in shown.values()) for n in range(min(FIRST, len(table)))]
    return Page(note, fragment, tuple(Block(line) for line in [note, *lines]), lang)


class _Column:
    """Cells as words, each value once, and what they are sorted by where it is not the words."""

    def __init__(
        self, heading: str, width: int, cells: Iterable[str], ranks: Iterable[float | None] | None = None
    ) -> None:
        self.heading, self.width = heading, width
        places: dict[str, int] = {}
        self.places = [places.setdefault(cell, len(places)) for cell in cells]
        self.words = list(places)
        self.ranks = None if ranks is None else list(ranks)

    def cell(self, n: int) -> str:
        return self.words[self.places[n]]

    def data(self) -> dict[str, Any]:
        many = len(self.words) > len(self.places) // 2  # hardly a value stands twice
        cells = (
            {"cells": [self.words[n] for n in self.places]} if many else {"words": self.words, "places": self.places}
        )
        return {"name": self.heading, "width": self.width, **cells, **({"ranks": self.ranks} if self.ranks else {})}


def _shown(table: pd.DataFrame, columns: Iterable[str] | None, lang: str) -> dict[str, _Column]:
    own = "requirement_id" in table.columns and "frequency_count" in table.columns
    names = list(columns) if columns is not None else list(_COLUMNS) if own else [str(name) for name in table.columns]
    measures = ("how_often", "how_much") if own else ()
    if unknown := [name for name in names if name not in table.columns and name not in measures]:
        raise ValueError(f"the table has no column {', '.join(unknown)}; it has {', '.join(map(str, table.columns))}")
    needed = {*names, *(_MEASURES if measures else ())} - {*measures}
    rows = list(records(table, columns={name: COLUMNS.get(name, "") for name in needed}))
    return {name: _column(name, rows, lang, own, name in measures) for name in names}


def _column(name: str, rows: list[Row], lang: str, own: bool, measure: bool) -> _Column:
    english, chinese, width = _COLUMNS.get(name, (name, name, 12))
    heading = name if not own else chinese if lang == "zh" else english
    if measure:
        words: Callable[[Row, str], str] = frequency_words if name == "how_often" else quantity_words
        by = "per_year" if name == "how_often" else "quantity_value"
        return _Column(heading, width, (_clean(words(row, lang)) for row in rows), (row[by] for row in rows))
    cells = [row[name] for row in rows]
    numbers = [cell for cell in cells if not is_missing(cell)]
    ranks = cells if numbers and all(isinstance(cell, (int, float)) for cell in numbers) else None
    return _Column(heading, width, (_words(cell, lang) for cell in cells), ranks)


def _words(cell: Any, lang: str) -> str:
    if is_missing(cell):
        return ""
    if isinstance(cell, (list, tuple)):
        return _clean("、".join(map(str, cell)))
    if isinstance(cell, dict):
        return _clean(json.dumps(cell, ensure_ascii=False))
    return _clean(f"{cell:g}" if isinstance(cell, float) else label(str(cell), lang))


def _clean(text: str) -> str:
    return text.translate(VISIBLE).replace("\r\n", "\n").replace("\r", "\n")


def _plain_table(shown: Mapping[str, _Column]) -> str:
    left = ' style="text-align:left"'
    head = "".join(f"<th{left}>{escape(column.heading)}</th>" for column in shown.values())
    count = min((len(column.places) for column in shown.values()), default=0)
    lines = [
        "<tr>" + "".join(f"<td{left}>{escape(column.cell(n))}</td>" for column in shown.values()) + "</tr>"
        for n in range(min(FIRST, count))
    ]
    return (
        f'<div class="siga-scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


_STYLE = """
.siga-bar{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:.4em 0;font-size:13px}
.siga-bar details{position:relative}.siga-bar summary{cursor:pointer;padding:3px 8px;border:1px solid var(--rule);border-radius:4px;list-style-position:inside}
.siga-bar details[open] summary{background:var(--band)}.siga-bar .on{border-color:var(--subject-i);color:var(--subject-i)}
.siga-menu{position:absolute;z-index:9;max-height:320px;min-width:12em;max-width:26em;overflow:auto;background:var(--bg);border:1px solid var(--rule);padding:6px 8px;box-shadow:0 2px 8px #0006}
.siga-menu label{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.siga-menu small{color:var(--soft)}
.siga-bar input[type=search],.siga-bar button{font:inherit;color:var(--fg);background:var(--bg);border:1px solid var(--rule);border-radius:4px;padding:3px 8px}
.siga-bar button{cursor:pointer}.siga-view{position:relative;overflow:auto;max-height:480px;border:1px solid var(--rule)}
.siga-view table{margin:0!important;table-layout:fixed;border-collapse:separate!important;border-spacing:0}
.siga-view th{position:sticky;top:0;z-index:2;cursor:pointer;user-select:none;background:var(--band)!important}
.siga-view th,.siga-view td{height:27px;padding:0 6px!important;box-sizing:border-box;text-align:left!important;white-space:nowrap!important;overflow:hidden;text-overflow:ellipsis;line-height:26px;max-width:none}
.siga-view th:focus-visible{outline:2px solid var(--subject-i);outline-offset:-2px}
"""

# Rows are numbers into the columns; what is left after filters and search is drawn line by line as it comes in view.
_SCRIPT = r"""
(function(){"use strict";
var source=document.getElementById(NAME);
document.querySelectorAll('.siga-browse[data-table="'+NAME+'"]:not([data-on])').forEach(function(root){
root.setAttribute("data-on","");
var D=JSON.parse(source.textContent),C=D.columns,S=D.say,H=27,left=[],chosen={},query="",hits=null,by=-1,down=false,timer=0;
var collator=new Intl.Collator("zh-Hans-CN",{numeric:true});
function cell(c,i){return c.cells?c.cells[i]:c.words[c.places[i]]}
function el(tag,text,parent){var e=document.createElement(tag);if(text!==undefined)e.textContent=text;if(parent)parent.appendChild(e);return e}
var style=root.querySelector("style");root.textContent="";root.appendChild(style);
var bar=el("div",undefined,root),view=el("div",undefined,root);bar.className="siga-bar";view.className="siga-view";view.tabIndex=0;
var box=el("input",undefined,bar);box.type="search";box.placeholder=S.search;box.setAttribute("aria-label",S.search);
var menus=D.filters.map(function(k){
var c=C[k],d=el("details",undefined,bar),s=el("summary",c.name,d),m=el("div",undefined,d);m.className="siga-menu";
d.addEventListener("toggle",function(){if(d.open){menus.forEach(function(o){if(o.d!==d)o.d.open=false});fill(k,m)}});
return{k:k,d:d,s:s,m:m}});
var clear=el("button",S.clear,bar),copy=el("button",S.copy,bar),count=el("span",undefined,bar);
var table=el("table",undefined,view),group=el("colgroup",undefined,table),head=el("tr",undefined,el("thead",undefined,table)),body=el("tbody",undefined,table),wide=0;
C.forEach(function(c,k){el("col",undefined,group).style.width=c.width+"em";wide+=c.width;
var th=el("th",c.name,head);th.tabIndex=0;th.title=c.name;function sort(){if(by===k){if(down){by=-1;down=false}else down=true}else{by=k;down=false}update()}
th.addEventListener("click",sort);th.addEventListener("keydown",function(e){if(e.key==="Enter"||e.key===" "){e.preventDefault();sort()}})});
table.style.width=wide+"em";
function passes(i,but){for(var k in chosen)if(+k!==but&&!chosen[k].has(cell(C[k],i)))return false;
if(hits){for(var n=0;n<C.length;n++)if(hits[n][C[n].cells?i:C[n].places[i]])return true;return false}return true}
function find(){hits=query&&C.map(function(c){return(c.cells||c.words).map(function(w){return w.toLowerCase().indexOf(query)>=0})})}
function fill(k,m){var counts=new Map(),i;for(i=0;i<D.rows;i++)if(passes(i,k)){var v=cell(C[k],i);counts.set(v,(counts.get(v)||0)+1)}
(chosen[k]||new Set()).forEach(function(v){if(!counts.has(v))counts.set(v,0)});
m.textContent="";Array.from(counts).sort(function(a,b){return b[1]-a[1]||collator.compare(a[0],b[0])}).slice(0,D.most).forEach(function(p){
var l=el("label",undefined,m),b=el("input",undefined,l);b.type="checkbox";b.checked=!!chosen[k]&&chosen[k].has(p[0]);
el("span"," "+(p[0]||S.none)+" ",l);el("small",String(p[1]),l);l.title=p[0];
b.addEventListener("change",function(){var s=chosen[k]||new Set();if(b.checked)s.add(p[0]);else s.delete(p[0]);if(s.size)chosen[k]=s;else delete chosen[k];update()})})}
function order(){var c=C[by],n=left.length,keys=new Array(D.rows),i;
if(c.ranks){for(i=0;i<n;i++){var r=c.ranks[left[i]];keys[left[i]]=r===null?NaN:r}}
else{var words=c.cells?Array.from(new Set(c.cells)):c.words.slice(),rank=new Map();words.sort(collator.compare).forEach(function(w,j){rank.set(w,w===""?NaN:j)});
for(i=0;i<n;i++)keys[left[i]]=rank.get(cell(c,left[i]))}
var sign=down?-1:1;left.sort(function(a,b){var x=keys[a],y=keys[b];if(x!==x||y!==y)return(x!==x)-(y!==y)||a-b;return sign*(x-y)||a-b})}
function update(){left=[];for(var i=0;i<D.rows;i++)if(passes(i,-1))left.push(i);if(by>=0)order();
Array.prototype.forEach.call(head.children,function(th,k){th.textContent=C[k].name+(by===k?down?" ↓":" ↑":"");th.setAttribute("aria-sort",by===k?down?"descending":"ascending":"none")});
menus.forEach(function(o){var n=chosen[o.k]?chosen[o.k].size:0;o.s.textContent=C[o.k].name+(n?" · "+n:"");o.s.className=n?"on":""});
count.textContent=S.shown.replace("{shown}",left.length.toLocaleString("en")).replace("{all}",D.rows.toLocaleString("en"));
view.style.height=Math.min(480,(left.length+1)*H+20)+"px";view.scrollTop=0;draw()}
function draw(){var a=Math.max(0,Math.floor(view.scrollTop/H)-8),b=Math.min(left.length,a+40+Math.ceil(480/H)),f=document.createDocumentFragment();
function gap(n){if(n>0){var r=el("tr",undefined,f),d=el("td",undefined,r);d.colSpan=C.length;d.style.height=n*H+"px";d.style.border=0}}
gap(a);for(var j=a;j<b;j++){var r=el("tr",undefined,f);for(var k=0;k<C.length;k++){var t=cell(C[k],left[j]),d=el("td",t,r);if(t)d.title=t}}
gap(left.length-b);body.textContent="";body.appendChild(f)}
view.addEventListener("scroll",function(){if(!timer)timer=requestAnimationFrame(function(){timer=0;draw()})});
box.addEventListener("input",function(){query=box.value.trim().toLowerCase();find();update()});
clear.addEventListener("click",function(){chosen={};query=box.value="";hits=null;menus.forEach(function(o){o.d.open=false});update()});
document.addEventListener("click",function(e){menus.forEach(function(o){if(!o.d.contains(e.target))o.d.open=false})});
function safe(t){if(/^'*[=+\-@\t\r\n＝＋－＠]/.test(t))t="'"+t;return/["\t\n]/.test(t)?'"'+t.replace(/"/g,'""')+'"':t}
copy.addEventListener("click",function(){
var lines=[C.map(function(c){return c.name}).join("\t")];left.forEach(function(i){lines.push(C.map(function(c){return safe(cell(c,i))}).join("\t"))});
var text=lines.join("\r\n");function done(){copy.textContent=S.copied;setTimeout(function(){copy.textContent=S.copy},1500)}
function old(){var a=el("textarea",undefined,root);a.value=text;a.select();document.execCommand("copy");root.removeChild(a);done()}
if(navigator.clipboard&&window.isSecureContext)navigator.clipboard.writeText(text).then(done,old);else old()});
update()})})();
"""
