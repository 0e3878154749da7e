"""What the command says, in English and in Chinese. Column names in files are never translated."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping

LANGUAGES = ("en", "zh")

# key → (English, Chinese)
_TEXTS: Mapping[str, tuple[str, str]] = {
    "nothing_to_read": (
        "{path}: no documents to read there. Put .txt, .md, .html, .docx or .pdf files (or a .zip of them) into it.",
        "{path}：没有可读的文件。请放入 .txt、.md、.html、.docx 或 .pdf 文件（或其 .zip 压缩包）。",
    ),
    "no_such_path": (
        "{path}: there is no such file or folder. Check the path.",
        "{path}：没有这个文件或文件夹，请检查路径。",
    ),
    "cannot_write": (
        "{path}: cannot write there ({why}). Choose another folder with --out, or change its permissions.",
        "{path}：无法写入（{why}）。请用 --out 另选文件夹，或修改其权限。",
    ),
    "cannot_replace": (
        "{path}: cannot be replaced ({why}). Close the program that has it open (Excel?) and run again.",
        "{path}：无法替换（{why}）。请关闭正在打开它的程序（如 Excel）后重新运行。",
    ),
    "one_at_a_time": (
        "{path}: holds several documents; siga show shows one at a time. Name one file.",
        "{path}：其中有多份文件；siga show 一次只显示一份，请指定一个文件。",
    ),
    "needs_out": (
        "{format} is not for the screen: name a file with --out.",
        "{format} 格式不能在屏幕上显示，请用 --out 指定文件。",
    ),
    "explain_needs_table": (
        "--explain goes with --format table on the screen, not with {format}.",
        "--explain 只与屏幕上的 --format table 同用，不能与 {format} 同用。",
    ),
    "table_needs_screen": (
        "--format table is for the screen; into a file go jsonl, csv, parquet or xlsx.",
        "--format table 只用于屏幕；写入文件请用 jsonl、csv、parquet 或 xlsx。",
    ),
    "reading": ("reading", "读取"),
    "no_requirements": ("no requirements found", "没有找到要求"),
    "requirement_count": ("{doc}: {count} requirements", "{doc}：{count} 条要求"),
    "failed": ("not read: {message}; {advice}", "未能读取：{message}；{advice}"),
    "interrupted": ("Interrupted. Nothing was changed.", "已中断，未作任何改动。"),
    "interrupted_run": (
        "Interrupted. The files in {out} are as they were; what was read is kept for the next run.",
        "已中断。{out} 中的文件保持原样；已读取的内容留待下次运行使用。",
    ),
    "summary_documents": ("Documents", "文件"),
    "summary_requirements": ("Requirements", "要求"),
    "summary_measured": ("of these with a measure", "其中有数量、频次或期限的"),
    "summary_issues": ("of these for a person to look at", "其中需人工查看的"),
    "summary_reused": ("{count} documents unchanged, taken from the last run", "{count} 份文件未变，沿用上次结果"),
    "summary_levels": ("By level", "按层级"),
    "summary_topics": ("By topic", "按主题"),
    "summary_failed": ("Not read", "未能读取"),
    "summary_written": ("Written to {out}: {files}", "已写入 {out}：{files}"),
    "other_topics": ("{count} other topics", "其他 {count} 个主题"),
    "field_frequency": ("a frequency", "频次"),
    "field_quantity": ("an amount", "数量"),
    "field_deadline": ("a deadline", "期限"),
    "per_year": ("{count} a year", "每年{count}次"),
    "compare_same": ("both ask the same: {one} and {other}", "要求相同：{one}，{other}"),
    "compare_stricter": ("other asks more: {other} against {one}", "对方要求更高：{other}，此为 {one}"),
    "compare_looser": ("other asks less: {other} against {one}", "对方要求较低：{other}，此为 {one}"),
    "compare_spacing": (
        "the same total ({total}), spaced differently: {one} and {other}",
        "总量相同（{total}），间隔不同：{one}，{other}",
    ),
    "compare_opposite": (
        "a least and a most cannot be ordered: {one} and {other}",
        "下限与上限不可比：{one}，{other}",
    ),
    "compare_times_days": (
        "times and amounts of time cannot be ordered: {one} and {other}",
        "次数与时长不可比：{one}，{other}",
    ),
    "compare_no_total": (
        "one has no total for a year: {one} and {other}",
        "有一方无法折算为全年总量：{one}，{other}",
    ),
    "compare_units": ("different units: {one} and {other}", "单位不同：{one}，{other}"),
    "compare_bases": (
        "owed for different things or periods: {one} and {other}",
        "计量基准不同：{one}，{other}",
    ),
    "compare_month_days": (
        "a month has 28 to 31 days, so these cannot be ordered: {one} and {other}",
        "月的天数不定（28至31天），不可比：{one}，{other}",
    ),
    "compare_deadlines": ("different kinds of deadlines: {one} and {other}", "期限种类不同：{one}，{other}"),
    "compare_one_states": ("only one states {field}", "仅一方规定了{field}"),
    "compare_unmeasured": ("only one has a measure: {one} and {other}", "仅一方有量度：{one}，{other}"),
    "compare_modality": ("{one} against {other}", "{one}与{other}之别"),
    "compare_cap_words": (
        "{one} and {other}, the same upper limit in other words",
        "{one}与{other}，上限表述不同而含义相同",
    ),
    "compare_vague": ("neither has a measure: {one} and {other}", "双方均无量度：{one}，{other}"),
    "compare_no_measure": ("neither has a measure", "双方均无量度"),
    "compare_events": ("running from: {one} and {other}", "起算点：{one}，{other}"),
    "compare_leads": ("lead units: {one} and {other}", "牵头单位：{one}，{other}"),
    "compare_conditions": ("conditions: {one} and {other}", "适用条件：{one}，{other}"),
    "compare_more": ("{count} more of {side} in this item", "{side}在此项另有{count}条"),
    "compare_not_applicable": ("binds only levels above ({role})", "仅约束上级（{role}）"),
    "compare_left_out": ("left out by {other}", "{other}未作规定（上级有）"),
    "compare_added": ("added: the superior {other} has none", "新增：上级 {other} 无此项"),
    "compare_absent": ("{other} has none", "{other}无此项"),
    "none": ("(none)", "（无）"),
    "written": ("{count} requirements written to {out}", "{count} 条要求已写入 {out}"),
    "columns_form": (
        "--columns {given}: write FIELD=HEADING, for example date=时间",
        "--columns {given}：请写成 字段=列名，例如 date=时间",
    ),
    "ledger_columns": ("Columns of {path} understood as (score of 100):", "{path} 的各列理解为（满分 100）："),
    "ledger_records": ("{count} records, {dated} with a date", "{count} 条记录，其中 {dated} 条有日期"),
    "as_of_taken": (
        "No --as-of given: {day}, the last day recorded in {year}, is taken.",
        "没有给出 --as-of：取台账 {year} 年最后一条记录的日期 {day}。",
    ),
    "as_of_needed": ("no record has a date: give --as-of", "台账没有可用的日期：请给出 --as-of"),
    "decisions_written": (
        "{count} doubtful matches are in {path}: write 是 or 否 into the column decision and run again.",
        "{count} 条存疑的对应关系已写入 {path}：请在 decision 列填 是 或 否 后重新运行。",
    ),
    "matches_counted": (
        "Matches: {matched} certain, {doubtful} doubtful, {not_counted} not counted, {unmatched} records without one",
        "对应：确定 {matched}，存疑 {doubtful}，不计 {not_counted}，没有对应的记录 {unmatched}",
    ),
    "html_needs_out": ("a page needs a file: name it with --out F.html", "网页要写入文件：请用 --out F.html 指定"),
    "findings_written": ("{count} findings written to {out}", "{count} 条核对结果已写入 {out}"),
    "findings_count": ("Findings: {count}", "核对结果：{count}"),
    "findings_none_open": ("Nothing is missing, short, late or exceeded.", "没有缺失、不足、逾期或超出的事项。"),
    "evaluate_measured": ("measured", "有数量、频次或期限"),
    "evaluate_modal": ("modal", "仅有情态词"),
    "evaluate_faults": ("The gold files are not sound:", "金标准文件有误："),
}

# Headings on the screen. In files the columns keep their names.
_HEADINGS: Mapping[str, tuple[str, str]] = {
    "section": ("section", "位置"),
    "subject": ("who", "主体"),
    "modality": ("kind", "性质"),
    "action": ("what", "行为"),
    "measure": ("measure", "量度原文"),
    "how_often": ("how often", "频次"),
    "how_much": ("how much", "数量"),
    "deadline": ("by when", "期限"),
    "text": ("text", "原文"),
}
_VALUES: Mapping[str, str] = {
    "obligation": "义务",
    "prohibition": "禁止",
    "permission": "允许",
    "recommendation": "鼓励",
    "central": "中央",
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "township": "乡级",
    "village": "村级",
    "met": "已完成",
    "short": "不足",
    "exceeded": "超出",
    "late": "逾期完成",
    "missing": "缺失",
    "violated": "违反",
    "not_due": "未到期",
    "undetermined": "无法判定",
}


def say(key: str, lang: str, **values: object) -> str:
    """A message in the language asked for.

    >>> say("requirement_count", "en", doc="x", count=2)
    'x: 2 requirements'
    """
    return _TEXTS[key][LANGUAGES.index(lang)].format(**values)


def heading(name: str, lang: str) -> str:
    """The heading of a column on the screen."""
    return _HEADINGS[name][LANGUAGES.index(lang)]


def label(value: str, lang: str) -> str:
    """A coded value as people of that language call it."""
    return _VALUES.get(value, value) if lang == "zh" else value


def default_language() -> str:
    """``zh`` where the system speaks Chinese, else ``en``.

    >>> default_language() in LANGUAGES
    True
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh" if os.environ[name].lower().startswith(("zh", "chinese")) else "en"
    try:
        name = locale.getlocale()[0] or ""
    except ValueError:
        name = ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
