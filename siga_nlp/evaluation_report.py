"""An evaluation as text for the screen, as Markdown for a paper, and as one CSV of all figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .agreement import FEW
from .evaluation import AGREEMENT, FIGURES, TIERS, Evaluation, agreements, figures
from .messages import LANGUAGES, screen_width

CSV = (*FIGURES, *(name for name in AGREEMENT if name not in FIGURES))
"""Columns of the CSV: those of ``figures``, and beside the rows of all documents those of ``agreements``."""

# word → (English, Chinese)
_WORDS = {
    "measured": ("measured", "有数量、频次或期限"),
    "modal": ("modal word only", "仅有情态词"),
    "fields": ("Fields: {tier} ({gold} gold statements, {predicted} rows)", "各字段：{tier}（标注 {gold} 条，输出 {predicted} 行）"),
    "registers": ("By register", "按文体"),
    "documents": ("By document", "按文件"),
    "issues": ("Rows with and without issues: share strictly right", "有无存疑标记的各行：全对的比例"),
    "agreement": ("Agreement beyond chance", "扣除偶然一致后的一致性"),
    "field": ("field", "字段"), "right": ("right", "正确"), "precision": ("P", "精确率"), "recall": ("R", "召回率"),
    "f1": ("F1", "F1"), "of_found": ("of those found", "占已找到的"), "tier": ("tier", "类别"),
    "register": ("register", "文体"), "document": ("document", "文件"), "gold": ("gold", "标注"), "rows": ("rows", "行"),
    "found_f1": ("found F1", "找到 F1"), "strict_f1": ("strict F1", "全对 F1"), "strict": ("strict", "全对"),
    "found": ("found", "找到"), "subject": ("subject", "主体"), "action": ("action", "行为"),
    "modality": ("modality", "情态"), "frequency": ("frequency", "频次"), "quantity": ("quantity", "数量"),
    "deadline": ("deadline", "期限"), "basis": ("basis", "计量基础"), "vague": ("vague", "模糊词"),
    "topic": ("topic", "主题"), "sentence": ("sentence", "句子"), "without": ("without issues", "无存疑标记"),
    "with": ("with issues", "有存疑标记"), "statute": ("statute", "法规"), "directive": ("directive", "文件"),
    "traditional": ("traditional", "繁体原生"), "units": ("units", "单位数"), "share": ("agree", "一致率"),
    "kappa": ("κ", "κ"), "alpha": ("α", "α"), "kappa_all": ("κ, unmatched too", "κ（含未配对）"),
    "alpha_all": ("α, unmatched too", "α（含未配对）"), "issue": ("issue", "标记"), "docs": ("documents", "文件数"),
    "note_found": (
        "found: the statement has a row. strict: subject, action, modality, frequency, quantity and deadline of that row "
        "are all right. A field's P and R count the statements that were found and have this field right.",
        "找到：该条有对应的一行。全对：主体、行为、情态、频次、数量、期限六项均正确。各字段的精确率、召回率按“已找到且该字段正确”计算。",
    ),
    "note_interval": (
        "In brackets: 95 % bootstrap intervals, {replicates} replicates drawn over the {documents} documents, seed {seed}.",
        "方括号内：95% 自助法置信区间，以 {documents} 份文件为单位重抽样 {replicates} 次，随机种子 {seed}。",
    ),
    "note_few": (
        "With so few documents the intervals are too narrow: read them as a lower bound of the uncertainty.",
        "文件太少，区间偏窄，只能视为不确定性的下限。",
    ),
    "note_agreement": (
        "Units of κ and α (nominal) are the statements found by both; in the last columns also those of one coder only, "
        "whose other label is “no statement”. On which statements there are, F1 is the measure: no count of places "
        "without a statement exists. The row “sentence” takes the stretches between 。；！？ and line breaks as units, each "
        "labelled measured, modal, both or neither. – : not defined, all labels are one.",
        "κ、α（名义尺度）的单位是双方都找到的条目；末两列把只有一方找到的也计入，另一方记为“无”。哪些地方有要求，以 F1 衡量，"
        "因为“没有要求的地方”无法计数。“句子”一行以 。；！？ 和换行切分的句段为单位，各标为有量度、仅情态词、两者都有、都没有。"
        "– 表示全部标签相同，无定义。",
    ),
    "note_left_out": ("Left out, annotated by one coder only: {names}", "只有一方标注、未计入的文件：{names}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, column headings and cells, all ready to be read."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def text(result: Evaluation, *, replicates: int = 2000, seed: int = 0, lang: str = "en") -> str:
    """The figures for a screen: what `siga evaluate` prints after its first lines."""
    tables, notes = _tables(result, replicates, seed, lang)
    return "\n\n".join([*(_aligned(table) for table in tables), "\n".join(notes)])


def markdown(result: Evaluation, *, replicates: int = 2000, seed: int = 0, lang: str = "en") -> str:
    """The same tables in Markdown."""
    tables, notes = _tables(result, replicates, seed, lang)
    parts = []
    for table in tables:
        lines = [table.headings, tuple("---" for _ in table.headings), *table.rows]
        cells = ("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        parts.append(f"### {table.title}\n\n" + "\n".join(cells))
    return "\n\n".join([*parts, *notes]) + "\n"


def records(result: Evaluation, *, replicates: int = 2000, seed: int = 0) -> list[dict[str, Any]]:
    """Every figure as a row of ``CSV``: one table that a spreadsheet or R can filter."""
    rows = [dict.fromkeys(CSV) | row for row in figures(result, replicates=replicates, seed=seed)]
    agreed = {(row["tier"], row["field"]): row for row in agreements(result, replicates=replicates, seed=seed)}
    for row in rows:
        if row["part"] == "all" and (mine := agreed.pop((row["tier"], row["field"]), None)):
            row |= mine
    rest = ({"part": "all", "name": "", "documents": len(result.registers)} | row for row in agreed.values())
    return [*rows, *(dict.fromkeys(CSV) | row for row in rest)]


def _tables(result: Evaluation, replicates: int, seed: int, lang: str) -> tuple[list[Table], list[str]]:
    def word(key: str, **values: object) -> str:
        return _WORDS[key][LANGUAGES.index(lang)].format(**values) if key in _WORDS else key

    def words(*keys: str) -> tuple[str, ...]:
        return tuple(map(word, keys))

    rows = figures(result, replicates=replicates, seed=seed)
    tables = []
    for tier in TIERS.values():
        mine = [row for row in rows if row["part"] == "all" and row["tier"] == tier and _told(tier, row["field"])]
        cells = (
            (
                word(r["field"]),
                str(r["right"]),
                *(_bounded(r, f) for f in ("precision", "recall", "f1")),
                _share(r["of_found"]),
            )
            for r in mine
        )
        title = word("fields", tier=word(tier), gold=mine[0]["gold"], predicted=mine[0]["predicted"])
        tables.append(Table(title, words("field", "right", "precision", "recall", "f1", "of_found"), tuple(cells)))
    for part, title, heading in (("register", "registers", "register"), ("document", "documents", "document")):
        found = {(r["name"], r["tier"], r["field"]): r for r in rows if r["part"] == part}
        names = list(dict.fromkeys(name for name, *_ in found))
        cells = (
            (
                word(name) if part == "register" else name,
                *([str(found[name, tier, "found"]["documents"])] if part == "register" else []),
                word(tier),
                *(str(found[name, tier, "found"][key]) for key in ("gold", "predicted")),
                *(_bounded(found[name, tier, field], "f1") for field in ("found", "strict")),
                *(_share(found[name, tier, slot]["of_found"]) for slot in ("subject", "action")),
            )
            for name in names
            for tier in TIERS.values()
        )
        headings = words(heading, *(["docs"] if part == "register" else []), "tier", "gold", "rows", "found_f1",
                         "strict_f1", "subject", "action")  # fmt: skip
        tables.append(Table(word(title), headings, tuple(cells)))
    mine = [r for r in rows if r["part"] == "issues" and r["predicted"] and r["tier"] in TIERS.values()]
    if mine:
        cells = ((word(r["name"]), word(r["tier"]), str(r["predicted"]), _bounded(r, "precision")) for r in mine)
        tables.append(Table(word("issues"), words("issue", "tier", "rows", "strict"), tuple(cells)))
    agreed = [
        (
            word(r["tier"]), word(r["field"]), str(r["units"]), _share(r["share"]),
            *(_bounded(r, name) for name in ("kappa", "alpha")), *map(_share, (r["kappa_all"], r["alpha_all"])),
        )
        for r in agreements(result, replicates=replicates, seed=seed)
        if r["units"] and _told(r["tier"], r["field"])
    ]  # fmt: skip
    headings = words("tier", "field", "units", "share", "kappa", "alpha", "kappa_all", "alpha_all")
    tables.append(Table(word("agreement"), headings, tuple(agreed)))
    return tables, list(_notes(result, replicates, seed, word))


def _notes(result: Evaluation, replicates: int, seed: int, word: Any) -> Iterator[str]:
    documents = len(result.registers)
    yield word("note_found")
    if documents > 1 and replicates:
        yield word("note_interval", replicates=replicates, documents=documents, seed=seed)
        if documents < FEW:
            yield word("note_few")
    yield word("note_agreement")
    if result.left_out:
        yield word("note_left_out", names=", ".join(result.left_out))


def _told(tier: str, field: str) -> bool:
    """A statement with a modal word only has no measure whose fields could be told."""
    return tier != "modal" or field not in ("frequency", "quantity", "deadline", "basis")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _bounded(row: dict[str, Any], name: str) -> str:
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    return _share(row[name]) + (f" [{low:.3f}, {high:.3f}]" if low is not None and row[name] is not None else "")


def _aligned(table: Table) -> str:
    lines: Sequence[tuple[str, ...]] = [table.headings, *table.rows]
    widths = [max(map(screen_width, column)) for column in zip(*lines, strict=True)]
    filled = (
        "  ".join(cell + " " * (width - screen_width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join([table.title, *(f"  {line}" for line in filled)])
