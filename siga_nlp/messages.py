"""What the command says, in English and in Chinese. Column names in files are never translated."""

from __future__ import annotations

import locale
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

LANGUAGES = ("en", "zh")
T = TypeVar("T")

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
    "scheduler_needs_dask": (
        "--scheduler goes with --engine dask.",
        "--scheduler 须与 --engine dask 同用。",
    ),
    "summary_left_out": (
        "{name} left out: a sheet holds {most} rows. Use the .parquet or .csv file.",
        "未写 {name}：一张工作表最多 {most} 行，请用 .parquet 或 .csv 文件。",
    ),
    "summary_written": ("Written to {out}: {files}", "已写入 {out}：{files}"),
    "other_topics": ("{count} other topics", "其他 {count} 个主题"),
    "field_frequency": ("a frequency", "频次"),
    "field_quantity": ("an amount", "数量"),
    "field_deadline": ("a deadline", "期限"),
    "per_year": ("{count} a year", "每年{count}次"),
    "comparison_formats": (
        "{path}: a comparison is written as .jsonl, .csv, .xlsx or .html.",
        "{path}：对比结果可写为 .jsonl、.csv、.xlsx 或 .html。",
    ),
    "comparison_written": ("{count} rows written to {out}", "{count} 行已写入 {out}"),
    "near_written": (
        "{count} pairs for a person to decide written to {out}: fill in join or split, give it back with --decisions",
        "{count} 对待人工判断，已写入 {out}：在 decision 列填 join 或 split 后用 --decisions 传回",
    ),
    "decision_unknown_id": (
        "decision kept, but not applied: {one}, {other}: an id is not in this table",
        "判断已保留但未应用：{one}，{other}：表中没有其中的编号",
    ),
    "decision_conflict": (
        "decision not applied: {one}, {other}: it contradicts others, or would put two requirements of one document "
        "into one item",
        "判断未应用：{one}，{other}：与其他判断矛盾，或会使同一文件的两条要求归入同一项",
    ),
    "decision_overruled": (
        "decision overruled by a later one on the same pair: {one}, {other}",
        "判断已被后面对同一对的判断取代：{one}，{other}",
    ),
    "made_from": (
        "Made by siga_nlp {siga_nlp} from a table of {rows} rows (SHA-256 {table_sha256}), extracted with version "
        "{extracted_with} and rules of SHA-256 {rules_sha256}.",
        "由 siga_nlp {siga_nlp} 据要求表生成：表 {rows} 行（SHA-256 {table_sha256}），抽取版本 {extracted_with}，规则 SHA-256 {rules_sha256}。",
    ),
    "comparison_policies": (
        "The documents are of {count} policies (by their titles and what they share); those of different policies are "
        "compared only in what they share. --across compares them in everything.",
        "文件分属 {count} 项政策（依标题和共有要求判断）；政策不同的只比较共有的要求。--across 则全部比较。",
    ),
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
    "compare_subjects": ("binding {one} and {other}", "约束对象：{one}，{other}"),
    "compare_wording": ("in other words: {one} and {other}", "措辞不同：{one}，{other}"),
    "compare_owed_for": ("owed for: {one} and {other}", "计量对象：{one}，{other}"),
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
    "checklist_general": (" (binds {subject} too)", "（含{subject}）"),
    "checklist_body": (" ({subject} are members of it)", "（{subject}为其成员）"),
    "checklist_part": (" (only those of {subject} who are such)", "（仅限{subject}中属此者）"),
    "checklist_condition": ("({condition}) {what}", "（{condition}）{what}"),
    "checklist_each": ("for each {basis}", "每{basis}"),
    "checklist_vague": ("{vague} (the text gives no number)", "{vague}（原文未给出数字）"),
    "checklist_vague_when": ("{vague} (the text gives no day)", "{vague}（原文未给出日期）"),
    "checklist_unmeasured": ("not measured", "原文未规定数量、频次或期限"),
    "checklist_not": ("不得", "不得"),  # stands before the source's Chinese words
    "checklist_forbidden": ("forbidden", "禁止事项"),
    "checklist_no_year": ("{deadline} (the text gives no year)", "{deadline}（原文未写年份）"),
    "checklist_from_start": ("{period} from its start", "起算之日 + {period}"),
    "checklist_unknown_subject": (
        "no requirement binds {subject!r}. Choose one of the subjects there are: {known}",
        "没有约束“{subject}”的要求。现有主体：{known}",
    ),
    "checklist_more_subjects": (" and {count} more", "等，另有 {count} 个"),
    "checklist_permissions": ("{count} permissions are no tasks and left out", "{count} 条允许性规定不是任务，未列入"),
    "checklist_nobody": (
        "{count} requirements name nobody; they are in the list without --for",
        "{count} 条要求未写明主体，不指定 --for 时列出",
    ),
    "checklist_outside": (
        "{count} due dates lie outside the range and are left out",
        "{count} 个期限不在起止日期之内，未列入",
    ),
    "checklist_rotation": (
        "{count} rotations have no first day yet; give it with --start",
        "{count} 项轮换未给出起算日，请用 --start 指定",
    ),
    "checklist_cut": (
        "{count} windows are cut by the range; what is asked for belongs to the whole window",
        "{count} 个时段被起止日期截断，所列要求是整个时段的要求",
    ),
    "checklist_semester": (
        "semesters are counted from 1 September and from 1 February",
        "学期自 9 月 1 日、2 月 1 日起算",
    ),
    "checklist_weekdays": (
        "working days of {count} tasks counted Monday to Friday, public holidays not considered",
        "{count} 项任务的工作日按周一至周五计算，未考虑法定节假日和调休",
    ),
    "checklist_chinese_calendar": (
        "working days of {count} tasks counted with the public holidays of mainland China",
        "{count} 项任务的工作日已按法定节假日和调休计算",
    ),
    "checklist_title": ("Checklist", "任务清单"),
    "checklist_range": (", {start} to {end}", "（{start} 至 {end}）"),
    "checklist_colon": (": ", "："),
    "checklist_comma": (", ", "，"),
    "checklist_semicolon": ("; ", "；"),
    "checklist_no_topic": ("other topics", "其他"),
    "checklist_no_subject": ("(nobody named)", "（原文未写明主体）"),
    "checklist_window": ("{start} to {end}", "{start} 至 {end}"),
    "checklist_by": ("by {due}", "{due} 前"),
    "checklist_due": ("due: {due}", "期限：{due}"),
    "checklist_keep": ("keep", "留存"),
    "checklist_done": ("done", "完成"),
    "checklist_empty": ("No tasks.", "没有任务。"),
    "checklist_overview": ("overview", "概览"),
    "checklist_group": ("sheet", "分表"),
    "checklist_requirements": ("requirements", "要求"),
    "checklist_tasks": ("tasks", "任务"),
    "checklist_state_todo": ("not started", "未开始"),
    "checklist_state_doing": ("in progress", "进行中"),
    "checklist_state_done": ("done", "已完成"),
    "checklist_state_not_applicable": ("not applicable", "不适用"),
    "checklist_column_state": ("state", "状态"),
    "checklist_column_due_day": ("due", "期限"),
    "checklist_column_what": ("what", "事项"),
    "checklist_column_who": ("who", "主体"),
    "checklist_column_kind": ("kind", "性质"),
    "checklist_column_how_often": ("how often", "频次"),
    "checklist_column_how_much": ("how much", "数量"),
    "checklist_column_window_start": ("from", "起"),
    "checklist_column_window_end": ("to", "止"),
    "checklist_column_keep": ("keep", "留存材料"),
    "checklist_column_vague": ("vague", "模糊词"),
    "checklist_column_done_on": ("done on", "完成日期"),
    "checklist_column_remark": ("remarks", "备注"),
    "checklist_column_place": ("place", "位置"),
    "checklist_column_source": ("source", "原文"),
    "checklist_column_document": ("document", "文件"),
    "checklist_column_task_id": ("task_id", "task_id"),
    "checklist_undated": (
        "{count} tasks have no day and are not in the calendar; the other formats list them",
        "{count} 项任务没有确定日期，未列入日历；其他格式中均有列出",
    ),
    "checklist_no_dates": (
        "ics needs days: give --from and --to",
        "ics 格式需要日期，请给出 --from 和 --to",
    ),
    "checklist_written": ("{count} tasks written to {out}", "{count} 项任务已写入 {out}"),
    "checklist_bad_event": (
        "--event {value!r}: write EVENT=DATE, such as 收到申请之日=2026-03-05",
        "--event {value!r}：请写成“事件=日期”，如 收到申请之日=2026-03-05",
    ),
    "report_cells": ("report", "报告"),
    "report_failed": ("not read: {message}", "未能读取：{message}"),
    "report_written": ("report written to {out}", "报告已写入 {out}"),
    "set_form": (
        "--set {given}: write NAME=VALUE, NAME being a parameter of the template",
        "--set {given}：请写成 名称=值，名称须是模板中的参数",
    ),
    "as_of_form": ("--as-of {given}: write the day as 2024-12-31", "--as-of {given}：日期请写成 2024-12-31"),
    "evaluate_measured": ("measured", "有数量、频次或期限"),
    "evaluate_modal": ("modal", "仅有情态词"),
    "evaluate_faults": ("The gold files are not sound:", "金标准文件有误："),
    "evaluate_format": (
        "{out}: the figures can be written as .txt, .md, .csv or .json; choose with --format.",
        "{out}：指标可写成 .txt、.md、.csv 或 .json，请用 --format 指定。",
    ),
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
    "requirement_id": ("requirement_id", "编号"),
    "doc_id": ("doc_id", "文件"),
    "title": ("title", "标题"),
    "issuer": ("issuer", "发文机关"),
    "doc_number": ("doc_number", "发文字号"),
    "date": ("date", "成文日期"),
    "genre": ("genre", "文种"),
    "region": ("region", "地区"),
    "region_code": ("region_code", "区划代码"),
    "level": ("level", "层级"),
    "subject_source": ("subject_source", "主体来源"),
    "topic": ("topic", "主题"),
    "condition": ("condition", "条件"),
    "per_year": ("per_year", "每年至少次数"),
    "vague": ("vague", "模糊词"),
    "issues": ("issues", "需查看的理由"),
    "requirements": ("requirements", "要求条数"),
    "measured": ("measured", "有数量、频次或期限"),
    "to_look_at": ("to_look_at", "需人工查看"),
    "item": ("item", "事项"),
    "other": ("other", "对方"),
    "why": ("why", "理由"),
    "who": ("who", "主体"),
    "what": ("what", "事项"),
    "due": ("due", "期限"),
    "window_start": ("window_start", "起"),
    "window_end": ("window_end", "止"),
    "unit": ("unit", "单位"),
    "person": ("person", "人员"),
    "need": ("need", "应完成"),
    "have": ("have", "已完成"),
    "status": ("status", "结果"),
    "evidence": ("evidence", "台账行号"),
    "findings": ("findings", "条数"),
    "windows": ("windows", "时段数"),
}
_VALUES: Mapping[str, str] = {
    "obligation": "义务",
    "prohibition": "禁止",
    "permission": "允许",
    "recommendation": "鼓励",
    "same": "相同",
    "stricter": "更严",
    "looser": "更宽",
    "different": "不可比",
    "unmeasured": "一方未量化",
    "absent": "没有",
    "not_applicable": "不适用",
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


def progress(items: Iterable[T], *, lang: str | None = None) -> Iterable[T]:
    """The items, with a progress bar on a terminal or in a notebook, and without one in a pipe."""
    kernel = sys.modules.get("ipykernel.kernelapp")  # loaded by notebooks only
    notebook = kernel is not None and kernel.IPKernelApp.initialized()
    off = os.environ.get("TQDM_DISABLE", "0") not in ("", "0")  # tqdm itself forgets its switch in notebooks
    if off or not notebook and not sys.stderr.isatty():
        return items
    from tqdm.auto import tqdm

    name = say("reading", lang or default_language())
    # A bar leaves its trace in a saved notebook: none for what takes but a moment.
    shown: Iterable[T] = tqdm(items, desc=name, unit="", leave=False, delay=0.5 if notebook else 0)
    return shown


def heading(name: str, lang: str) -> str:
    """The heading of a column on the screen; a coded value that heads a column is named as one."""
    return _HEADINGS[name][LANGUAGES.index(lang)] if name in _HEADINGS else label(name, lang)


def label(value: str, lang: str) -> str:
    """A coded value as people of that language call it."""
    return _VALUES.get(value, value) if lang == "zh" else value


def screen_width(text: str) -> int:
    """Columns on a screen: a Chinese character takes two.

    >>> screen_width("κ 一致")
    6
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def language(lang: str | None) -> str:
    """The language asked for, or the system's.

    >>> language("zh")
    'zh'
    """
    lang = lang or default_language()
    if lang not in LANGUAGES:
        raise ValueError(f"lang is {lang!r}; it can be {' or '.join(LANGUAGES)}")
    return lang


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


# The period of a frequency as reports say it, in the order of LANGUAGES.
PERIODS: dict[str, tuple[str, str]] = {
    "P1Y": ("a year", "每年"),
    "P6M": ("a half-year", "每半年"),
    "P3M": ("a quarter", "每季度"),
    "P1M": ("a month", "每月"),
    "P0.5M": ("a half-month", "每半月"),
    "P10D": ("ten days", "每旬"),
    "P1W": ("a week", "每周"),
    "P7D": ("a week", "每周"),
    "P1D": ("a day", "每日"),
    "P1WD": ("a working day", "每个工作日"),
    "PT1H": ("an hour", "每小时"),
    "semester": ("a semester", "每学期"),
    "term": ("a term of office", "每届"),
}
