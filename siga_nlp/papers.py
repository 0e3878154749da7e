"""What a paper prints about a table: its documents as references, and a codebook of its columns and topics.

The codebook is made from what the program goes by: the columns of the table, the values that ``check_table`` admits,
the rule files (a user's own among them). Only the meaning of a column is written here.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from .header import LEVELS
from .lexicon import Lexicon, load
from .marking import ISSUES, OPERATORS
from .messages import LANGUAGES, PERIODS, label, language
from .models import Document
from .table import COLUMNS, VALUES, Row, StrPath, as_folder, check_table, is_missing, provenance, records
from .view import fold

if TYPE_CHECKING:
    import pandas as pd


class Markdown(str):
    """A text in Markdown: ``print`` prints it, a notebook shows it."""

    def _repr_markdown_(self) -> str:
        return str(self)


class References(str):
    """A list of references: ``print`` prints it, a notebook shows it as it stands."""

    def _repr_html_(self) -> str:
        return f'<pre style="white-space:pre-wrap">{escape(self)}</pre>'


# References

STYLES = ("gbt7714", "bibtex")
_FACTS = ("title", "issuer", "doc_number", "date")


def cite(
    table: pd.DataFrame | Iterable[Row], *, style: str = "gbt7714", documents: Iterable[Document] = ()
) -> References:
    """The documents of a table as references.

    One for each ``doc_id``, by issuer (in the order of its sounds, as far as GB/T 2312 has it), date and title. What
    the table does not know is said in brackets (``[责任者不详]``, ``[日期不详]``) or, in BibTeX, in ``note``; nothing
    is filled in. A missing fact can be given in ``documents.csv`` beside the documents. The document type is ``[Z]``
    (other): GB/T 7714 has none of its own for official documents.

    Args:
        table: A requirement table, or any rows with ``doc_id title issuer doc_number date``.
        style: ``gbt7714`` for GB/T 7714-2015, numbered; ``bibtex`` for an entry ``@misc`` each, in UTF-8.
        documents: The documents themselves (``sg.read_corpus``), for names in their own script: those of the table are
            in simplified script.

    Raises:
        ValueError: There is no such style, or the table has no ``doc_id``.

    >>> row = {"doc_id": "a", "title": "下基层办法", "issuer": "甲县委 甲县政府", "doc_number": "甲委〔2024〕2号", "date": "2024-01-08"}
    >>> print(cite([row, {"doc_id": "b"}]))
    [1] 甲县委, 甲县政府. 下基层办法: 甲委〔2024〕2号[Z]. 2024-01-08.
    [2] [责任者不详]. [题名不详] (b)[Z]. [日期不详].
    >>> print(cite([row], style="bibtex"))
    @misc{a,
      author = {{甲县委} and {甲县政府}},
      title = {{下基层办法}},
      howpublished = {甲委〔2024〕2号},
      year = {2024},
      month = {1},
      day = {8},
      language = {chinese}
    }
    """
    if style not in STYLES:
        raise ValueError(f"style is {style!r}; it can be {' or '.join(STYLES)}")
    if hasattr(table, "columns"):
        if "doc_id" not in table.columns:
            raise ValueError("cite needs a table whose rows name their documents: it has no column doc_id")
        table = records(table, columns={name: COLUMNS[name] for name in ("doc_id", *_FACTS)})
    known: dict[str, Row] = {}
    for row in table:
        about = known.setdefault(str(row["doc_id"]), dict.fromkeys(_FACTS))
        for name in _FACTS:
            about[name] = about[name] or (None if is_missing(row.get(name)) else _line(str(row[name])))
    for document in documents:
        if document.doc_id in known:
            known[document.doc_id].update(_in_own_script(document, known[document.doc_id]))
    ranked = sorted(known.items(), key=lambda item: [*(_by_sound(item[1][n]) for n in ("issuer", "date", "title")), item[0].encode()])  # fmt: skip
    if style == "gbt7714":
        return References("\n".join(f"[{n}] {_gbt7714(doc_id, about)}" for n, (doc_id, about) in enumerate(ranked, 1)))
    keys = safe_names([doc_id for doc_id, _ in ranked])
    return References("\n\n".join(_bibtex(key, *entry) for key, entry in zip(keys, ranked, strict=True)))


def _in_own_script(document: Document, about: Row) -> Row:
    """The names of a document as it writes them: what the table has of them, character by character in another script."""
    found = {}
    for name, span in document.header.spans.items():
        value, written = about.get(name), "".join(document.text[slice(*span)].split())
        if value and len(written) == len(value.replace(" ", "")) and fold(written) == fold(value.replace(" ", "")):
            signs = iter(written)
            found[name] = "".join(char if char == " " else next(signs) for char in value)
    return found


def _line(text: str) -> str:
    return " ".join(text.split())


def _by_sound(text: str | None) -> tuple[bool, bytes]:
    """GB/T 2312 orders its common characters by their sounds; what is missing comes last."""
    return text is None, fold(text or "").encode("gb18030", "replace")


def _issuers(about: Row) -> list[str]:
    """A header parts joint issuers by a space."""
    return (about["issuer"] or "").split()


def _gbt7714(doc_id: str, about: Row) -> str:
    issuers = _issuers(about)
    who = ", ".join(issuers[:3]) + (", 等" if len(issuers) > 3 else "") or "[责任者不详]"
    title = about["title"] or f"[题名不详] ({_line(doc_id)})"
    number = f": {about['doc_number']}" if about["doc_number"] else ""
    return f"{who}. {title}{number}[Z]. {about['date'] or '[日期不详]'}."


def _bibtex(key: str, doc_id: str, about: Row) -> str:
    date = dict(zip(("year", "month", "day"), (about["date"] or "").split("-"), strict=False))
    missing = [name for name in ("title", "issuer", "date") if about[name] is None]
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in _issuers(about)),
        "title": f"{{{_tex(about['title'] or f'[题名不详] {_line(doc_id)}')}}}",
        "howpublished": _tex(about["doc_number"] or ""),
        **{name: value.lstrip("0") for name, value in date.items()},
        "language": "chinese",
        "note": f"not stated: {', '.join(missing)}" if missing else "",
    }
    return f"@misc{{{key},\n" + ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value) + "\n}"


_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # \{ would upset BibTeX, which counts braces
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in text)


def safe_names(doc_ids: Iterable[str]) -> list[str]:
    """Names that BibTeX takes as keys and every system as file names, each once (whatever the case of its letters).

    >>> safe_names(["a b", "a/b", "A-b-2", "a b", "..."])
    ['a-b', 'a-b-2', 'A-b-2-2', 'a-b-3', 'document']
    """
    names: list[str] = []
    taken: set[str] = set()
    for doc_id in doc_ids:
        stem = re.sub(r"[^\w.-]+", "-", doc_id).strip("-.") or "document"
        endings = itertools.chain([""], (f"-{n}" for n in itertools.count(2)))
        names.append(next(stem + ending for ending in endings if (stem + ending).casefold() not in taken))
        taken.add(names[-1].casefold())
    return names


# The codebook

# Column → what it means (en, zh), and where that is laid down: rule file and kinds of rules, or a file of data.
_MEANINGS: Mapping[str, tuple[str, str, str]] = {
    "requirement_id": ("doc_id and a hash of the clause's and the measure's words; stable", "文件编号加条文与量度文字的哈希，稳定不变", ""),
    "doc_id": ("the document: its file's name without ending, or what documents.csv says", "文件编号：文件名（不含扩展名），或 documents.csv 所给", ""),
    "title": ("title of the document", "标题", "header.yaml: header"),
    "issuer": ("who issued it; joint issuers are parted by a space", "发文机关；联合发文以空格分隔", "header.yaml: header"),
    "doc_number": ("document number", "发文字号", "header.yaml: doc_number"),
    "date": ("day of adoption, ISO 8601, as exact as the text says", "成文日期，ISO 8601，精确到原文所写", "header.yaml: doc_date"),
    "genre": ("genre, by the last words of the title", "文种，取自标题末尾", "header.yaml: genre"),
    "region": ("jurisdiction, as a path of names", "所属地区（全称）", "regions.csv"),
    "region_code": ("its GB/T 2260 code", "GB/T 2260 行政区划代码", "regions.csv"),
    "level": ("administrative level of the document", "文件的行政层级", "regions.csv"),
    "section": ("path of headings", "标题路径", "structure.yaml: line"),
    "start": ("where the clause begins in the document's text (code points from 0)", "条文在文件文本中的起点（码位，自 0 起）", ""),
    "end": ("where it ends (exclusive)", "条文终点（不含）", ""),
    "text": ("the clause, in the source's words", "条文原文", ""),
    "measure": ("the words that say how often, how much or by when", "表示频次、数量或期限的原文", "measures.yaml: period count amount deadline"),
    "measure_start": ("where they begin", "量度文字的起点", ""),
    "measure_end": ("where they end (exclusive)", "量度文字的终点（不含）", ""),
    "subject": ("who must act, as written", "责任主体，照原文", "parties.yaml: people"),
    "subject_source": ("where the subject stands", "主体出处", ""),
    "subject_level": ("administrative levels that the subject's words bind", "主体用语所约束的行政层级", "parties.yaml"),
    "subject_role": ("roles that they bind", "主体用语所约束的角色", "parties.yaml"),
    "lead_units": ("units named as leading", "牵头单位", "parties.yaml"),
    "responsible_units": ("units named as responsible or cooperating", "责任单位、配合单位", "parties.yaml"),
    "basis": ("what one amount is owed for", "数量按什么计算", "measures.yaml: basis"),
    "modality": ("kind of the requirement", "要求的性质", "modality.yaml: modal"),
    "modal": ("the modal word; empty where it is only implied", "情态词原文；未写出时为空", "modality.yaml: modal pseudo"),
    "action": ("verb phrase, without measure and modal word", "行为（不含量度与情态词）", "actions.yaml"),
    "topic": ("what the action is about", "主题", "topics.yaml"),
    "condition": ("the condition that the clause states", "条文所写的条件", "modality.yaml: condition"),
    "frequency_op": ("how the count of times is bounded", "次数的比较方式", "measures.yaml: comparator"),
    "frequency_count": ("count of times", "次数", "measures.yaml: count"),
    "frequency_max": ("upper end of a range of times", "次数范围的上限", "measures.yaml: count"),
    "frequency_period": ("recurrence: ISO 8601 duration, semester or term", "周期：ISO 8601 时长，或 semester、term", "measures.yaml: period mechanism"),
    "per_year": ("least number of times a year that satisfies it; empty where it cannot be said", "每年至少几次才算达到；无法确定时为空", ""),
    "quantity_op": ("how the amount is bounded", "数量的比较方式", "measures.yaml: comparator"),
    "quantity_value": ("amount", "数量", "measures.yaml: amount"),
    "quantity_max": ("upper end of a range of amounts", "数量范围的上限", "measures.yaml: amount"),
    "quantity_unit": ("its unit as written, in simplified script", "单位（简体）", "measures.yaml: amount"),
    "deadline": ("by when: by, within, before or in, with an ISO 8601 date or duration (WD: working days)", "期限：by、within、before、in 加 ISO 8601 日期或时长（WD 为工作日）", "measures.yaml: deadline"),
    "deadline_event": ("the event that the deadline runs from", "期限的起算事件", "measures.yaml: deadline"),
    "vague": ("a word such as 定期 or 及时, never made a number", "定期、及时等模糊词，绝不换算成数字", "measures.yaml"),
    "rules": ("rules that filled the row", "得出这一行的规则", ""),
    "issues": ("what a person should look at", "需要人工查看之处", ""),
    "spans": ("where each field stands in the document: {field: [[start, end], …]}", "每一项在文件文本中的位置", ""),
}  # fmt: skip
_KINDS = {
    "text": ("text", "文本"),
    "int": ("whole number", "整数"),
    "number": ("number", "数"),
    "list": ("list of texts", "文本列表"),
    "spans": ("places", "位置"),
}
_SOURCES = {
    "stated": ("in the clause", "写在条文中"),
    "inherited": ("carried from earlier text", "承前文"),
    "none": ("nobody is named", "未写明"),
}
# Columns whose values are counted although they are open.
_COUNTED = ("region", "genre", "subject_role", "basis", "quantity_unit", "vague")
_MOST = 30  # values of an open column that are listed

_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Codebook", "编码手册"),
    "columns": ("Columns", "各列"),
    "values": ("Values", "取值"),
    "topics": ("Topics", "主题"),
    "numbers": ("Numbers", "数值"),
    "column": ("column", "列"),
    "kind": ("kind", "类型"),
    "meaning": ("meaning", "含义"),
    "from": ("laid down in", "依据"),
    "filled": ("filled rows", "非空行"),
    "value": ("value", "值"),
    "rows": ("rows", "行数"),
    "topic": ("topic", "主题"),
    "words": ("words", "词语"),
    "none": ("(none)", "（无）"),
    "unknown": ("not in the codebook", "不在手册中"),
    "more": ("{n} more values", "另有 {n} 个值"),
    "topic_rule": (
        "The topic whose words take most of the action (counted twice) and of the rest of the clause wins; of equals the first.",
        "取词语在行为（计两次）和条文其余部分中所占最多的主题；相同时取靠前的。",
    ),
    "made": (
        "siga_nlp {siga_nlp}; rules SHA-256 `{rules_sha256}`",
        "siga_nlp {siga_nlp}；规则 SHA-256 `{rules_sha256}`",
    ),
    "table": (
        "Table: {rows} rows of {documents} documents, SHA-256 `{table_sha256}`",
        "表：{rows} 行，来自 {documents} 份文件，SHA-256 `{table_sha256}`",
    ),
    "other_rules": (
        "**The table was extracted with other rules** (siga_nlp {extracted_with}, SHA-256 `{rules_sha256}`)",
        "**此表是用另一套规则抽取的**（siga_nlp {extracted_with}，SHA-256 `{rules_sha256}`）",
    ),
}


def meaning(column: str, lang: str | None = None) -> str:
    """What a column of the requirement table means.

    >>> meaning("modality", "en")
    'kind of the requirement'
    """
    return _MEANINGS[column][LANGUAGES.index(language(lang))]


def codebook(table: pd.DataFrame | None = None, *, lang: str | None = None, rules: StrPath | None = None) -> Markdown:
    """The codebook of the requirement table: columns, values, topics with their words.

    Args:
        table: A requirement table; then each value comes with the rows that have it, 0 included, and values that the
                codebook does not know are listed as such.
        lang: ``zh`` or ``en``; by default the system's language.
        rules: A folder of rule files of your own, for their topics and words.

    Returns:
        Markdown (a ``str``): a notebook shows it, ``pathlib.Path("codebook.md").write_text(…, "utf-8")`` keeps it.

    >>> text = codebook(lang="en")
    >>> "| `modality` | text | kind of the requirement |" in text, "接访" in text
    (True, True)
    """
    lang = language(lang)
    lexicon = load(as_folder(rules))
    if table is not None:
        check_table(table)
    counts = _counted(table) if table is not None else None
    return Markdown("\n".join(_lines(lexicon, counts, table, lang, as_folder(rules))) + "\n")


def _lines(
    lexicon: Lexicon, counts: Mapping[str, Counter[str]] | None, table: pd.DataFrame | None, lang: str, rules: str | None
) -> Iterator[str]:  # fmt: skip
    from . import __version__
    from .lexicon import digest

    def say(key: str) -> str:
        return _WORDS[key][LANGUAGES.index(lang)]

    yield f"# {say('title')}\n"
    yield say("made").format(siga_nlp=__version__, rules_sha256=digest(rules)) + "\n"
    if table is not None:
        record = provenance(table)
        yield say("table").format(**record | {"documents": len(record["documents"])}) + "\n"
        if record["rules_sha256"] not in (None, digest(rules)):
            yield say("other_rules").format(**record) + "\n"
    yield f"## {say('columns')}\n"
    heads = [say("column"), say("kind"), say("meaning"), say("from"), *([say("filled")] if counts else [])]
    yield _row(heads)
    yield _row(["---"] * len(heads))
    for column, kind in COLUMNS.items():
        cells = [f"`{column}`", _KINDS[kind][LANGUAGES.index(lang)], _md(meaning(column, lang)), _laid_down(_MEANINGS[column][2], lexicon)]  # fmt: skip
        yield _row([*cells, *([f"{_filled(table, column)}/{len(table)}"] if table is not None else [])])
    yield f"\n## {say('values')}\n"
    for column in COLUMNS:
        known = _known(column, lang)
        if not known and not (counts and column in _COUNTED and counts[column]):
            continue
        heads = [say("value"), say("meaning"), *([say("rows")] if counts else [])]
        yield f"\n### `{column}`\n\n{_row(heads)}\n{_row(['---'] * len(heads))}"
        yield from _values(column, known, counts, say)
    topics: Mapping[str, Sequence[str]] = lexicon.terms["topics"]
    yield f"\n## {say('topics')}\n\n{say('topic_rule')}\n"
    heads = [say("topic"), say("words"), *([say("rows")] if counts else [])]
    yield f"{_row(heads)}\n{_row(['---'] * len(heads))}"
    for topic, words in topics.items():
        yield _row([_md(topic), _md("、".join(words)), *([str(counts["topic"][topic])] if counts else [])])
    if counts:
        for topic in sorted(set(counts["topic"]) - set(topics)):
            yield _row([_md(topic) or say("none"), "" if topic == "" else say("unknown"), str(counts["topic"][topic])])
    if table is not None:
        yield f"\n## {say('numbers')}\n\n{_row([say('column'), say('rows'), 'min', 'median', 'max'])}\n{_row(['---'] * 5)}"
        for column in ("frequency_count", "frequency_max", "per_year", "quantity_value", "quantity_max"):
            found = table[column].dropna().astype(float)
            if len(found):
                yield _row([f"`{column}`", str(len(found)), *(f"{v:g}" for v in (found.min(), found.median(), found.max()))])  # fmt: skip


def _values(
    column: str, known: Mapping[str, str], counts: Mapping[str, Counter[str]] | None, say: Any
) -> Iterator[str]:
    for value, means in known.items():
        yield _row([f"`{value}`", _md(means), *([str(counts[column][value])] if counts else [])])
    if counts is None:
        return
    others = sorted((item for item in counts[column].items() if item[0] not in known), key=lambda i: (-i[1], i[0]))
    for value, count in others[:_MOST]:
        closed = column in VALUES or column in ("level", "subject_level")
        means = say("none") if value == "" else say("unknown") if closed else ""
        yield _row([_md(value) if value else "", means, str(count)])
    if len(others) > _MOST:
        yield _row([say("more").format(n=len(others) - _MOST), "", str(sum(count for _, count in others[_MOST:]))])


def _known(column: str, lang: str) -> Mapping[str, str]:
    """The values of a column that is closed, or nearly so, with what they mean."""
    n = LANGUAGES.index(lang)
    if column in ("level", "subject_level"):
        return {value: label(value, lang) for value in LEVELS}
    if column in ("frequency_op", "quantity_op"):
        return {value: OPERATORS[value][n].format("n" if value != "range" else "n–m") for value in VALUES[column]}
    if column == "subject_source":
        return {value: _SOURCES[value][n] for value in VALUES[column]}
    if column == "modality":
        return {value: label(value, lang) for value in VALUES[column]}
    if column == "frequency_period":
        return {value: words[n] for value, words in PERIODS.items()}
    if column == "issues":
        return {value: words[n] for value, words in ISSUES.items()}
    return {}


def _counted(table: pd.DataFrame) -> dict[str, Counter[str]]:
    """For each column the rows that have a value ("": none); an issue counts by its name, without what it tells."""
    found: dict[str, Counter[str]] = {column: Counter() for column in COLUMNS}
    for row in records(table):
        for column, kind in COLUMNS.items():
            cell = row[column]
            if kind == "list":
                values = {v.partition(":")[0].strip() if column == "issues" else v for v in cell or [""]}
                found[column].update(values)
            elif kind == "text":
                found[column][cell or ""] += 1
    return found


def _filled(table: pd.DataFrame, column: str) -> int:
    return sum(not is_missing(cell) for cell in table[column])


def _laid_down(source: str, lexicon: Lexicon) -> str:
    """``measures.yaml: period count`` → the file, and how many rules of each kind there are (a user's own included)."""
    name, _, kinds = source.partition(": ")
    if not name:
        return ""
    folder = "rules" if name.endswith(".yaml") else "data"
    counted = ", ".join(f"{kind} {len(lexicon.rules[kind])}" for kind in kinds.split())
    return f"`{folder}/{name}`" + (f": {counted}" if counted else "")


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _md(text: str) -> str:
    """A text for a cell of a Markdown table: nothing in it is markup."""
    text = escape(_line(text), quote=False)
    return re.sub(r"([\\`*_|\[\]{}#~$])", r"\\\1", text)
