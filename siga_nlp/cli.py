"""The command ``siga``. Results go to stdout or files, messages to stderr; heavy imports happen inside the verbs.

Exit codes: 0 done; 1 done, but some inputs failed (each is named; the others' results are kept); 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from .messages import LANGUAGES, default_language, heading, label, progress, say, screen_width

if TYPE_CHECKING:
    from .models import Document, ReadFailure
    from .table import Row

DONE, SOME_FAILED, WRONG_USAGE, STOPPED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with the given arguments (default: those of the process) and return its exit code.

    >>> main(["--version"])
    Traceback (most recent call last):
    ...
    SystemExit: 0
    """
    _speak_utf8()
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.verb(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader has seen enough (`siga extract … | head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        _tell(say("interrupted", arguments.lang or default_language()))
        return STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="siga",
        description="Read Chinese policy documents and turn them into a table of requirements:\n"
        "who must do what, how often, how much, by when, with the exact place in the source.",
        epilog="example:\n  siga run corpus --out extracted\n\nsiga VERB --help says more about each verb.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    run = _verb(verbs, "run", _run, "read a folder of documents and write the requirement table in every format",
                "siga run corpus --out extracted",
                "A second run reads only the documents that changed. What could not be read is listed in\n"
                "failures.csv and at the end; exit code 1 then.")  # fmt: skip
    run.add_argument("corpus", nargs="?", default="corpus", metavar="CORPUS", help="folder (default: corpus)")
    run.add_argument("--out", default="extracted", metavar="DIR", help="where to (default: extracted)")
    run.add_argument("--rules", metavar="DIR", help="a folder with rule files of your own")
    run.add_argument("--force", action="store_true", help="read every document again")
    _workers(run)

    extract = _verb(verbs, "extract", _extract, "print or write the requirements of files and folders",
                    "siga extract notice.docx\n  siga extract corpus --format jsonl > rows.jsonl\n"
                    "  siga extract notice.pdf --out notice.xlsx\n  siga extract corpus --out coded.qdpx",
                    "--out takes .csv .jsonl .parquet .xlsx; .html for a page to filter and sort; and for coding tools\n"
                    ".qdpx (NVivo, MAXQDA, ATLAS.ti), .jsonld (W3C Web Annotations), .json or .zip (INCEpTION).")  # fmt: skip
    extract.add_argument("paths", nargs="+", metavar="FILE|FOLDER", help="what to read")
    extract.add_argument("--format", choices=("table", "jsonl", "csv", "parquet", "xlsx"),
                         help="default: a table on the screen, or what the name of --out says")  # fmt: skip
    extract.add_argument("--out", metavar="F", help="write into this file")
    extract.add_argument("--rules", metavar="DIR", help="a folder with rule files of your own")
    extract.add_argument("--explain", action="store_true", help="with each row, the rules that filled it and where")
    _workers(extract)

    show = _verb(verbs, "show", _show, "print a document with its requirements marked",
                 "siga show notice.txt\n  siga show notice.txt --html notice.html")  # fmt: skip
    show.add_argument("file", metavar="FILE", help="the document")
    show.add_argument("--html", metavar="F", help="write a page (self-contained, for any browser) instead")
    show.add_argument("--rules", metavar="DIR", help="a folder with rule files of your own")

    check = _verb(verbs, "check", _check, "compare a ledger of activities with a requirement table",
                  "siga check ledger.xlsx --against extracted/requirements.csv --as-of 2024-12-31\n"
                  "  siga check ledger.csv --against notice.txt --roster roster.csv --out findings.html",
                  "LEDGER is a .csv or .xlsx as offices keep it. How its columns were understood, what could not be read and\n"
                  "which day is taken as --as-of is said on stderr. Exit code 1: some rows have no readable date.")  # fmt: skip
    check.add_argument("ledger", metavar="LEDGER", help="activity records (.csv .xlsx)")
    check.add_argument("--against", required=True, metavar="TABLE", help="a requirement table, or a document")
    check.add_argument("--as-of", metavar="D", help="last day that counts, 2024-12-31 (default: last day recorded)")
    check.add_argument("--from", dest="start", metavar="D", help="first day (default: 1 January of that year)")
    check.add_argument("--roster", metavar="F", help="who holds which level and role, from when to when (.csv .xlsx)")
    check.add_argument(
        "--columns", nargs="+", default=[], metavar="FIELD=HEADING", help="which column is which: date=时间"
    )
    check.add_argument("--year", type=int, metavar="Y", help="year of dates that name none")
    check.add_argument("--sheet", metavar="NAME", help="read this sheet only")
    check.add_argument("--decisions", metavar="F", help="decisions on doubtful records (written if it is not there)")
    check.add_argument("--matches", metavar="F", help="write which record concerns which requirement")
    check.add_argument("--format", choices=("table", "jsonl", "csv", "parquet", "xlsx", "html"),
                       help="default: a list on the screen, or what the name of --out says")  # fmt: skip
    check.add_argument("--out", metavar="F", help="write the findings into this file")
    checklist = _verb(verbs, "checklist", _checklist, "turn requirements into tasks with windows and due dates",
                      "siga checklist notice.txt --for 市级领导干部 --from 2026-01-01 --to 2026-12-31\n"
                      "  siga checklist extracted/requirements.csv --from 2026 --to 2026 --out tasks.xlsx",
                      "Works on a requirement table (.csv .jsonl .parquet .xlsx) or straight on documents. Nothing is\n"
                      "counted from today: without --from and --to each requirement is one task without windows.")  # fmt: skip
    checklist.add_argument("file", metavar="TABLE|FILE", help="a requirement table, a document or a folder of them")
    checklist.add_argument("--for", dest="subject", metavar="SUBJECT", help="only what binds them, by level and role")
    checklist.add_argument("--from", dest="first", metavar="D", help="first day (2026-01-01, 2026-01, 2026)")
    checklist.add_argument("--to", dest="last", metavar="D", help="last day")
    checklist.add_argument("--start", metavar="D", help="first day of rotations such as 3年一轮换")
    checklist.add_argument("--event", action="append", default=[], metavar="EVENT=D",
                           help="the day of an event that deadlines run from; may be given several times")  # fmt: skip
    checklist.add_argument("--holidays", action="store_true",
                           help="count working days with the package chinesecalendar, where it knows the year")  # fmt: skip
    checklist.add_argument("--format", choices=("md", "xlsx", "html", "ics", "csv"),
                           help="default: md, or what the name of --out says")  # fmt: skip
    checklist.add_argument("--out", metavar="F", help="write into this file")
    checklist.add_argument("--sheets", choices=("topic", "subject"), default="topic", help="xlsx: one sheet for each")
    checklist.add_argument("--script", choices=("simplified", "traditional"), default="simplified",
                           help="of our own words; quotes keep the source's")  # fmt: skip
    checklist.add_argument("--rules", metavar="DIR", help="a folder with rule files of your own")
    checklist.set_defaults(lang=None)  # Chinese where the source is Chinese, whatever the system speaks
    cite = _verb(verbs, "cite", _cite, "list the documents of a table as references",
                 "siga cite extracted/requirements.csv\n  siga cite corpus --style bibtex > corpus.bib",
                 "What a document does not state is said, never filled in.")  # fmt: skip
    cite.add_argument("file", metavar="TABLE|FILE", help="a requirement table, a document or a folder of them")
    cite.add_argument("--style", choices=("gbt7714", "bibtex"), default="gbt7714", help="default: GB/T 7714-2015")
    cite.add_argument("--rules", metavar="DIR", help="a folder with rule files of your own")
    codebook = _verb(verbs, "codebook", _codebook, "print the codebook of columns, values and topics in Markdown",
                     "siga codebook > codebook.md\n  siga codebook extracted/requirements.csv > codebook.md")  # fmt: skip
    codebook.add_argument("file", nargs="?", metavar="TABLE|FILE", help="count each value in this table too")
    codebook.add_argument("--rules", metavar="DIR", help="a folder with rule files of your own")
    verify = _verb(verbs, "verify", _verify, "verify a table against its texts: hash of each text, place of each row",
                   "siga verify extracted/reference/fujian-2013.csv --text texts",
                   "Says of each document whether the text is the very same, and which rows do not stand at their\n"
                   "place. Exit code 1 if anything does not match.")  # fmt: skip
    verify.add_argument("table", metavar="TABLE", help="a requirement table (csv, jsonl, parquet or xlsx)")
    verify.add_argument("--text", nargs="+", required=True, metavar="FILE|FOLDER", help="the texts it was made from")
    verify.add_argument("--all", action="store_true", help="list every row that does not match, not the first 20")
    compare = _verb(verbs, "compare", _compare, "set the requirements of documents or regions side by side",
                    "siga compare extracted/requirements.csv --by level\n"
                    "  siga compare extracted/requirements.csv --by region --baseline 云岭省 --out comparison.html",
                    "Each row is seen from `document`: stricter means that `other` asks more. --by level compares each\n"
                    "document with those above it (province, city, county).")  # fmt: skip
    compare.add_argument("table", metavar="TABLE", help="a requirement table (of siga run or siga extract)")
    compare.add_argument("--by", choices=("doc_id", "region", "level"), default="doc_id", help="default: doc_id")
    compare.add_argument("--baseline", metavar="NAME", help="compare the others with this document or region")
    compare.add_argument("--topic", metavar="T", help="only this topic")
    compare.add_argument("--across", action="store_true",
                         help="count as absent also what documents of another policy do not ask")  # fmt: skip
    compare.add_argument("--decisions", metavar="F", help="joins and splits by a person, a CSV")
    compare.add_argument(
        "--near", metavar="F", help="write the doubtful pairs, and the decisions so far, into this CSV"
    )
    compare.add_argument("--format", choices=("table", "jsonl", "csv", "xlsx", "html"),
                         help="default: a table on the screen, or what the name of --out says")  # fmt: skip
    compare.add_argument("--out", metavar="F", help="write into this file")
    compare.add_argument("--script", choices=("simplified", "traditional"), default="simplified",
                         help="of Chinese headings in html and xlsx")  # fmt: skip

    report = _verb(verbs, "report", _write_report, "execute the report notebook and write it as a page, Word file or PDF",
                   "siga report corpus --as-of 2024-12-31 --out report.html\n"
                   "  siga report extracted/requirements.csv --baseline 云岭省 --out report.docx\n"
                   "  siga report corpus --template ours.ipynb --set month=2024-12 --out ours.html",
                   "The template is a notebook with a cell tagged `parameters`; without --template it is the one that\n"
                   "notebooks/06-report.ipynb shows, in Chinese unless --lang en is given. Exit code 1: some documents\n"
                   "could not be read.")  # fmt: skip
    report.add_argument("corpus", nargs="?", default="corpus", metavar="TABLE|CORPUS", help="default: corpus")
    report.add_argument("--template", metavar="NB", help="a notebook (.ipynb) of your own")
    report.add_argument("--baseline", metavar="NAME", help="the region that the others are compared with")
    report.add_argument("--topic", metavar="T", help="only this topic")
    report.add_argument("--as-of", metavar="D", help="list what falls due in the three months after this day")
    report.add_argument("--ledger", metavar="F", help="activity records to check up to --as-of")
    report.add_argument("--roster", metavar="F", help="who holds which level and role, for the ledger")
    report.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="another parameter of the template; may be given several times")  # fmt: skip
    report.add_argument("--out", default="report.html", metavar="F",
                        help="report.html, .docx, or .pdf where a browser is installed (default: report.html)")  # fmt: skip
    report.set_defaults(lang=None)  # the report is in Chinese, whatever the system speaks

    evaluate = _verb(verbs, "evaluate", _evaluate, "compare rows with gold files: precision, recall, F1 per field",
                     "siga evaluate --gold tests/gold --text tests/gold/texts --misses\n"
                     "  siga evaluate --gold mine --text corpus --out figures.md\n"
                     "  siga evaluate --gold mine --other hers --text corpus",
                     "For all documents, each document, register and field, with 95 % bootstrap intervals over documents,\n"
                     "rows with and without issues apart, and Cohen's kappa and Krippendorff's alpha per field.")  # fmt: skip
    evaluate.add_argument("--gold", required=True, metavar="DIR", help="folder of <doc_id>.jsonl gold files")
    evaluate.add_argument("--text", nargs="+", metavar="DIR", help="folders with the documents (default: corpus)")
    evaluate.add_argument("--pred", metavar="F", help="a table of rows (default: extract them now)")
    evaluate.add_argument("--other", metavar="DIR", help="a second coder's gold files, compared instead of rows")
    evaluate.add_argument("--rules", metavar="DIR", help="a folder with rule files of your own")
    evaluate.add_argument(
        "--registers", metavar="F", help="a .csv with the columns doc_id and register: your own groups"
    )
    evaluate.add_argument("--misses", action="store_true", help="list every disagreement with the rules that fired")
    evaluate.add_argument("--replicates", type=int, default=2000, metavar="N",
                          help="of the bootstrap; 0: no intervals (default: 2000)")  # fmt: skip
    evaluate.add_argument("--seed", type=int, default=0, metavar="N", help="of the bootstrap (default: 0)")
    evaluate.add_argument("--format", choices=_EVALUATION_FORMATS, help="default: text, or what the name of --out says")
    evaluate.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    evaluate.add_argument("--out", metavar="F", help="write into this file")
    return parser


def _verb(
    verbs: Any, name: str, does: Callable[[argparse.Namespace], int], what: str, example: str, more: str = ""
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=what,
        description=what[0].upper() + what[1:] + "." + (f"\n{more}" if more else ""),
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lang", choices=LANGUAGES, default=default_language(), help="of messages and headings")
    parser.set_defaults(verb=does)
    return parser


def _workers(parser: argparse.ArgumentParser) -> None:
    def count(value: str) -> int:
        if not value.isdecimal() or int(value) < 1:
            raise argparse.ArgumentTypeError(f"{value!r} is not a number of processes; give 1 or more")
        return int(value)

    parser.add_argument("--workers", type=count, metavar="N",
                        help="processes that read large corpora (default: one for each core, at most 8); same result")  # fmt: skip
    parser.add_argument("--engine", choices=("processes", "dask"), default="processes",
                        help="dask: the workers of a Dask scheduler, past one machine (default: processes)")  # fmt: skip
    parser.add_argument("--scheduler", metavar="ADDRESS",
                        help="of the Dask scheduler, tcp://host:8786 (default: a cluster of --workers on this machine)")  # fmt: skip


class _Version(argparse.Action):
    """``--version``, looked up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from . import __version__

        print(f"siga_nlp {__version__}")
        parser.exit()


# Verbs


def _run(a: argparse.Namespace) -> int:
    from .run import CannotRun, run

    if a.scheduler and a.engine != "dask":
        return _wrong(say("scheduler_needs_dask", a.lang))
    try:
        summary = run(
            a.corpus, a.out, rules=a.rules, force=a.force, lang=a.lang, progress=_progress(a.lang), workers=a.workers,
            scheduler=_scheduler(a),
        )  # fmt: skip
    except CannotRun as error:
        return _wrong(str(error))
    except KeyboardInterrupt:
        _tell(say("interrupted_run", a.lang, out=a.out))
        return STOPPED
    print("\n".join(_summary_lines(summary, a.lang)))
    return SOME_FAILED if summary.failures else DONE


def _extract(a: argparse.Namespace) -> int:
    from .execution import NoWorkers

    if a.scheduler and a.engine != "dask":
        return _wrong(say("scheduler_needs_dask", a.lang))
    try:
        return _extracted(a)
    except NoWorkers as error:
        return _wrong(str(error))


def _extract_for_readers(a: argparse.Namespace) -> int:
    """Into a page to look through, or codings for the tools that coders use."""
    from .browsing import browse
    from .codings import codings_format, write_codings

    problem = _path_problem(a.paths, a.rules, a.lang)
    if problem:
        return _wrong(problem)
    failures: list[ReadFailure] = []
    documents: list[Document] = []
    table = _table(a.paths, a, failures, documents)
    try:
        if codings_format(a.out):
            write_codings(documents, a.out, table, lang=a.lang, rules=a.rules)
        else:
            browse(table, lang=a.lang).save(a.out)
    except ValueError as error:
        _report(failures, a.lang)
        return _wrong(str(error))
    except OSError as error:
        return _wrong(say("cannot_write", a.lang, path=a.out, why=error.strerror or error))
    _tell(say("written", a.lang, count=len(table), out=a.out))
    return _report(failures, a.lang)


def _extracted(a: argparse.Namespace) -> int:
    from contextlib import closing

    from .cluster import outcomes
    from .execution import Outcome, tasks_for
    from .table import csv_writer, format_of, json_line, made_from, rows, write_table

    format = a.format or ("table" if a.out is None else None)
    if a.out is not None:
        if format == "table":
            return _wrong(say("table_needs_screen", a.lang))
        if format is None and os.path.splitext(a.out)[1].lower() in (".html", ".qdpx", ".jsonld", ".json", ".zip"):
            return _extract_for_readers(a)
        try:
            format = format_of(a.out, format)
        except ValueError as error:
            return _wrong(str(error))
    elif format in ("parquet", "xlsx"):
        return _wrong(say("needs_out", a.lang, format=format))
    if a.explain and format != "table":
        return _wrong(say("explain_needs_table", a.lang, format=format))
    problem = _path_problem(a.paths, a.rules, a.lang)
    if problem:
        return _wrong(problem)
    failures: list[ReadFailure] = []
    progress = _progress(a.lang) if a.out is not None or not sys.stdout.isatty() else iter
    count = 0
    made = made_from(a.rules)

    def counted() -> Iterator[Row]:
        nonlocal count
        tasks = tasks_for(a.paths, rules=a.rules)
        found = outcomes(tasks, workers=a.workers, scheduler=_scheduler(a), progress=progress)
        with closing(found) as results:
            for result in results:
                if isinstance(result, Outcome):
                    count += len(result.rows)
                    made["documents"][result.document["doc_id"]] = result.document["sha256"]
                    yield from result.rows
                else:
                    failures.append(result)

    if a.out is not None:
        try:
            write_table(counted(), a.out, format, made=made)
        except OSError as error:
            return _wrong(say("cannot_write", a.lang, path=a.out, why=error.strerror or error))
        _tell(say("written", a.lang, count=count, out=a.out))
    elif format == "jsonl":
        for row in counted():
            sys.stdout.write(json_line(row))
    elif format == "csv":
        if not sys.stdout.isatty():
            sys.stdout.write("\ufeff")  # as in a file: Excel takes it for UTF-8 then
        write = csv_writer(sys.stdout)
        for row in counted():
            write(row)
    else:
        for document, requirements in progress(_documents(a.paths, a.rules, failures)):
            _print_table(document, list(rows(document, requirements)), a.explain, a.lang)
    return _report(failures, a.lang)


def _show(a: argparse.Namespace) -> int:
    from .marking import show

    problem = _path_problem([a.file], a.rules, a.lang)
    if problem:
        return _wrong(problem)
    failures: list[ReadFailure] = []
    found = list(islice(_documents([a.file], a.rules, failures), 2))
    if len(found) > 1:
        return _wrong(say("one_at_a_time", a.lang, path=a.file))
    for document, requirements in found:
        page = show(document, requirements, lang=a.lang)
        if a.html is None:
            print(page.terminal(**_screen()))
            continue
        try:
            page.save(a.html)
        except OSError as error:
            return _wrong(say("cannot_write", a.lang, path=a.html, why=error.strerror or error))
    return _report(failures, a.lang)


def _checklist(a: argparse.Namespace) -> int:
    chosen, a.lang = a.lang, a.lang or default_language()  # messages in the system's language, unless one is asked for
    problem = _path_problem([a.file], a.rules, a.lang)
    if problem:
        return _wrong(problem)
    from .checklist_formats import checklist_format, render_checklist, undated, write_checklist
    from .checklists import checklist, source_language

    failures: list[ReadFailure] = []
    try:
        format = checklist_format(a.out, a.format) if a.out is not None else a.format or "md"
        if format == "xlsx" and a.out is None:
            return _wrong(say("needs_out", a.lang, format=format))
        if format == "ics" and (a.first is None or a.last is None):
            return _wrong(say("checklist_no_dates", a.lang))
        events = {}
        for value in a.event:
            name, sign, day = value.rpartition("=")
            if not (name.strip() and sign and day.strip()):
                return _wrong(say("checklist_bad_event", a.lang, value=value))
            events[name.strip()] = day.strip()
        table = _table([a.file], a, failures)
        tasks = checklist(
            table,
            for_subject=a.subject,
            start=a.first,
            end=a.last,
            rotation_start=a.start,
            event_dates=events,
            holidays=a.holidays,
            script=a.script,
            lang=chosen or source_language(table["text"].dropna()),
            rules=a.rules,
        )
    except (ValueError, OSError) as error:
        _report(failures, a.lang)
        return _wrong(str(error))
    if a.out is None:
        if format == "csv" and not sys.stdout.isatty():
            sys.stdout.write("\ufeff")  # as in a file: Excel takes it for UTF-8 then
        sys.stdout.write(render_checklist(tasks, format))
    else:
        try:
            write_checklist(tasks, a.out, format, sheets=a.sheets)
        except OSError as error:
            return _wrong(say("cannot_write", a.lang, path=a.out, why=error.strerror or error))
        _tell(say("checklist_written", a.lang, count=len(tasks), out=a.out))
    if format in ("ics", "csv"):  # the other formats say it on the page
        for note in tasks.attrs["notes"]:
            _tell(note)
    if format == "ics" and undated(tasks):
        _tell(say("checklist_undated", a.lang, count=undated(tasks)))
    return _report(failures, a.lang)


def _compare(a: argparse.Namespace) -> int:
    from dataclasses import replace

    from .alignment import NEAR_COLUMNS, align
    from .comparison import COMPARISON, compare
    from .table import check_table, csv_writer, json_line, read_table, records, write_table

    ending = os.path.splitext(a.out)[1].lower().lstrip(".") if a.out else "table"
    format = a.format or ending
    if format not in ("jsonl", "csv", "xlsx", "html", *([] if a.out else ["table"])):
        return _wrong(say("comparison_formats", a.lang, path=a.out))
    if a.out is None and format in ("xlsx", "html"):
        return _wrong(say("needs_out", a.lang, format=format))
    try:
        table = check_table(read_table(a.table), name=a.table)
        aligned = align(table, decisions=a.decisions)
        if a.across:
            aligned = replace(aligned, policies=aligned.policies.iloc[:0])
        found = compare(table, by=a.by, baseline=a.baseline, topic=a.topic, alignment=aligned, lang=a.lang)
    except (ValueError, OSError) as error:
        return _wrong(str(error))
    policies = aligned.policies["policy"].nunique()
    if policies > 1:
        _tell(say("comparison_policies", a.lang, count=policies))
    for entry in aligned.decisions.to_dict("records"):
        if entry["status"] != "applied":
            _tell(say(f"decision_{entry['status']}", a.lang, one=entry["requirement_id"], other=entry["other_id"]))
    try:
        if a.near:
            write_table(aligned.near, a.near, "csv", columns=NEAR_COLUMNS)
            _tell(say("near_written", a.lang, count=len(aligned.near), out=a.near))
        if a.out and format in ("html", "xlsx"):
            _comparison_report(found, table, aligned, a, format)
        elif a.out:
            write_table(found, a.out, format, columns=COMPARISON)
    except OSError as error:
        return _wrong(say("cannot_write", a.lang, path=a.out or a.near, why=error.strerror or error))
    if a.out:
        _tell(say("comparison_written", a.lang, count=len(found), out=a.out))
        return DONE
    rows = records(found, columns=COMPARISON)
    if format == "jsonl":
        for row in rows:
            sys.stdout.write(json_line(row, columns=COMPARISON))
    elif format == "csv":
        if not sys.stdout.isatty():
            sys.stdout.write("\ufeff")
        write = csv_writer(sys.stdout, columns=COMPARISON)
        for row in rows:
            write(row)
    else:
        _print_comparison(list(rows), a.lang)
    return DONE


def _comparison_report(found: Any, table: Any, aligned: Any, a: argparse.Namespace, format: str) -> None:
    from importlib import import_module
    from pathlib import Path

    report = import_module(".comparison_report", __package__)
    if format == "xlsx":
        report.comparison_xlsx(found, table, a.out, alignment=aligned, lang=a.lang, script=a.script)
    else:
        page = report.comparison_html(found, table, alignment=aligned, lang=a.lang, script=a.script)
        Path(a.out).write_text(page, encoding="utf-8")


_EVALUATION_FORMATS = ("text", "md", "csv", "json")


def _evaluate(a: argparse.Namespace) -> int:
    from .evaluation import evaluate

    text = a.text or ["corpus"]
    format = a.format or ("text" if a.out is None else os.path.splitext(a.out)[1].lower().lstrip("."))
    format = "text" if format == "txt" else format
    if format not in _EVALUATION_FORMATS:
        return _wrong(say("evaluate_format", a.lang, out=a.out))
    for path in (a.gold, a.other, a.pred, a.registers):
        if path is not None and not os.path.exists(path):
            return _wrong(say("no_such_path", a.lang, path=path))
    problem = _path_problem(text, a.rules, a.lang)
    if problem:
        return _wrong(problem)
    try:
        result = evaluate(
            a.gold, text=text, pred=a.pred, other=a.other, rules=a.rules,
            registers=_registers(a.registers) if a.registers else None, progress=_progress(a.lang),
        )  # fmt: skip
        page = _evaluation_page(result, format, a)
    except (ValueError, OSError) as error:
        return _wrong(str(error))
    if a.out is None:
        sys.stdout.write(page)
        return DONE
    try:
        with open(a.out, "w", encoding="utf-8-sig" if format == "csv" else "utf-8", newline="") as file:
            file.write(page)
    except OSError as error:
        return _wrong(say("cannot_write", a.lang, path=a.out, why=error.strerror or error))
    return DONE


def _registers(path: str) -> dict[str, str]:
    import csv

    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        if not {"doc_id", "register"} <= {*(lines.fieldnames or ())}:
            raise ValueError(f"{path}: the columns doc_id and register are needed; it has {lines.fieldnames}")
        return {line["doc_id"]: line["register"] for line in lines if line["register"]}


def _evaluation_page(result: Any, format: str, a: argparse.Namespace) -> str:
    import io
    import json

    from . import evaluation_report as report
    from .table import csv_writer

    drawn = {"replicates": a.replicates, "seed": a.seed}
    misses = [_miss(unit) for unit in result.misses] if a.misses else []
    if format == "json":
        listed = {"misses": misses} if a.misses else {}
        return json.dumps(result.to_dict(**drawn) | listed, ensure_ascii=False) + "\n"
    if format == "csv":
        file = io.StringIO(newline="")
        write = csv_writer(file, columns=dict.fromkeys(report.CSV, "text"))
        for row in report.records(result, **drawn):
            write(row)
        return file.getvalue()
    if format == "md":
        return report.markdown(result, lang=a.lang, **drawn)
    told = "".join(
        f"[{miss['tier']}] {miss['doc_id']}: {' '.join([miss['kind'], ', '.join(miss['slots'])]).strip()}\n"
        + "".join(f"   {side:6} {miss[side]}\n" for side in ("gold", "row") if miss[side] is not None)
        + (f"   rules: {', '.join(miss['rules']) or '-'}\n" if miss["row"] is not None else "")
        for miss in misses
    )
    return f"{told}{result}\n\n{report.text(result, lang=a.lang, **drawn)}\n"


def _miss(unit: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"tier": unit.tier, "doc_id": unit.doc_id, "kind": unit.kind, "slots": list(unit.slots)}
    sides = (("gold", unit.gold, ("clause", *_TOLD, "frequency", "quantity")),
             ("row", unit.row, ("text", "clause", "modal", *_TOLD, *_MEASURES, "frequency", "quantity")))  # fmt: skip
    for side, row, names in sides:
        told[side] = None if row is None else {name: row[name] for name in names if row.get(name) is not None}
    return told | {"rules": unit.rules}


def _cite(a: argparse.Namespace) -> int:
    from .papers import cite

    failures: list[ReadFailure] = []
    problem = _path_problem([a.file], a.rules, a.lang)
    if problem:
        return _wrong(problem)
    try:
        print(cite(_table([a.file], a, failures), style=a.style))
    except (ValueError, OSError) as error:
        return _wrong(str(error))
    return _report(failures, a.lang)


def _codebook(a: argparse.Namespace) -> int:
    from .papers import codebook

    failures: list[ReadFailure] = []
    problem = _path_problem([a.file], a.rules, a.lang) if a.file else None
    if problem:
        return _wrong(problem)
    try:
        print(codebook(_table([a.file], a, failures) if a.file else None, lang=a.lang, rules=a.rules), end="")
    except (ValueError, OSError) as error:
        return _wrong(str(error))
    return _report(failures, a.lang)


def _verify(a: argparse.Namespace) -> int:
    from .verification import verify

    problem = _path_problem(a.text, None, a.lang)
    if problem:
        return _wrong(problem)
    failures: list[ReadFailure] = []
    try:
        found = verify(a.table, text=a.text, failures=failures)
    except (ValueError, OSError) as error:
        return _wrong(str(error))
    for document in found:
        print("\n".join(document.lines(a.lang, most=0 if a.all else 20)))
    code = _report(failures, a.lang)
    return code if all(document.sound for document in found) else SOME_FAILED


def _check(a: argparse.Namespace) -> int:
    from pathlib import Path

    from . import compliance
    from .ledger import LedgerError, read_ledger, read_roster
    from .table import FORMATS, csv_writer, json_line, read_table, records, requirements, write_table

    format = a.format or ("table" if a.out is None else Path(a.out).suffix.lower().lstrip("."))
    if a.out is None and format in ("parquet", "xlsx", "html"):
        return _wrong(say("html_needs_out" if format == "html" else "needs_out", a.lang, format=format))
    if a.out is not None and format not in (*FORMATS, "html"):
        return _wrong(say("table_needs_screen", a.lang))
    columns = {}
    for given in a.columns:
        name, sign, heading_ = given.partition("=")
        if not sign or not name or not heading_:
            return _wrong(say("columns_form", a.lang, given=given))
        columns[name] = heading_
    if not os.path.exists(a.against):
        return _wrong(say("no_such_path", a.lang, path=a.against))
    try:
        is_table = Path(a.against).suffix.lower().lstrip(".") in FORMATS
        table = read_table(a.against) if is_table else requirements(a.against)
        ledger = read_ledger(a.ledger, columns=columns, year=a.year, sheet=a.sheet)
        roster = read_roster(a.roster) if a.roster else None
        _tell_ledger(ledger, a.lang)
        as_of = a.as_of or _last_day(ledger, a.lang)
        if as_of is None:
            return _wrong(say("as_of_needed", a.lang))
        decided = a.decisions if a.decisions and os.path.exists(a.decisions) else None
        matches = compliance.match(table, ledger, roster=roster, decisions=decided)
        findings = compliance.check(table, ledger, as_of=as_of, start=a.start, roster=roster, decisions=decided)
        if a.decisions:
            open_ = compliance.write_decisions(matches, a.decisions)
            if open_:
                _tell(say("decisions_written", a.lang, count=open_, path=a.decisions))
        if a.matches:
            write_table(matches, a.matches, columns=compliance.MATCHES)
    except (LedgerError, ValueError, FileNotFoundError) as error:
        return _wrong(str(error))
    except OSError as error:
        return _wrong(say("cannot_write", a.lang, path=error.filename, why=error.strerror or error))
    states = matches["state"].value_counts()
    counts = {name: int(states.get(name, 0)) for name in ("doubtful", "not_counted", "unmatched")}
    _tell(say("matches_counted", a.lang, matched=int(states.get("matched", 0) + states.get("yes", 0)), **counts))
    try:
        if format == "html":
            from .compliance_report import report

            page = report(findings, table=table, ledger=ledger, matches=matches, as_of=as_of, start=a.start)
            Path(a.out).write_text(page, encoding="utf-8", newline="\n")
        elif a.out is not None:
            write_table(findings, a.out, format, columns=compliance.FINDINGS)
    except OSError as error:
        return _wrong(say("cannot_write", a.lang, path=a.out, why=error.strerror or error))
    if a.out is not None:
        _tell(say("findings_written", a.lang, count=len(findings), out=a.out))
    elif format == "jsonl":
        for row in records(findings, columns=compliance.FINDINGS):
            sys.stdout.write(json_line(row, columns=compliance.FINDINGS))
    elif format == "csv":
        if not sys.stdout.isatty():
            sys.stdout.write("\ufeff")
        write = csv_writer(sys.stdout, columns=compliance.FINDINGS)
        for row in records(findings, columns=compliance.FINDINGS):
            write(row)
    else:
        _print_findings(list(records(findings, columns=compliance.FINDINGS)), a.lang)
    return SOME_FAILED if bool(ledger.frame["start"].isna().any()) else DONE


def _write_report(a: argparse.Namespace) -> int:
    from datetime import date

    from .report import ReportError, report

    lang = a.lang or default_language()
    for path in (a.corpus, a.ledger, a.roster):
        if path is not None and not os.path.exists(path):
            return _wrong(say("no_such_path", lang, path=path))
    given = {name: getattr(a, name) for name in ("baseline", "topic", "as_of", "ledger", "roster")}
    parameters = {name: value for name, value in given.items() if value is not None}
    for setting in a.set:
        name, sign, value = setting.partition("=")
        if not sign or not name.isidentifier():
            return _wrong(say("set_form", lang, given=setting))
        parameters[name] = value
    if a.as_of is not None:
        try:
            date.fromisoformat(a.as_of)
        except ValueError:
            return _wrong(say("as_of_form", lang, given=a.as_of))
    bar: Any = None

    def watch(done: int, of: int) -> None:
        nonlocal bar
        if bar is None:
            from tqdm import tqdm

            bar = tqdm(total=of, desc=say("report_cells", lang), unit="", leave=False, disable=not sys.stderr.isatty())
        bar.update(done - bar.n)

    try:
        failures = report(
            a.corpus, out=a.out, template=a.template, parameters=parameters, lang=a.lang or "zh", watch=watch
        )
    except ReportError as error:
        return _wrong(str(error))
    finally:
        if bar is not None:
            bar.close()
    for message in failures:
        _tell(say("report_failed", lang, message=message))
    _tell(say("report_written", lang, out=a.out))
    return SOME_FAILED if failures else DONE


def _tell_ledger(ledger: Any, lang: str) -> None:
    _tell(say("ledger_columns", lang, path=ledger.path))
    for column in ledger.columns:
        place = f"{column.sheet}!" if column.sheet else ""
        _tell(f"  {place}{column.heading} → {column.field} ({column.score:.0f})".replace("\n", " "))
    dated = int(ledger.frame["start"].notna().sum())
    _tell(say("ledger_records", lang, count=len(ledger.frame), dated=dated))
    for problem in ledger.problems:
        _tell(f"  ! {problem}")


def _last_day(ledger: Any, lang: str) -> Any:
    """The last day recorded in the year that most records are of: a slip (2042) must not decide what is due."""
    from collections import Counter

    days = [day for day in ledger.frame["start"] if day is not None]
    if not days:
        return None
    years = Counter(day.year for day in days)
    year = ledger.year if ledger.year in years else max(years, key=lambda y: (years[y], y))
    last = max(day for day in days if day.year == year)
    _tell(say("as_of_taken", lang, day=last, year=year))
    return last


def _print_findings(findings: list[Row], lang: str) -> None:
    """How many of each status, then what is open, the earliest first."""
    from collections import Counter

    from .compliance import STATUSES

    counted = Counter(row["status"] for row in findings)
    print(say("findings_count", lang, count=len(findings)))
    for status in STATUSES:
        if counted[status]:
            print(f"  {_pad(label(status, lang), 14)} {counted[status]:>5}")
    bad = [row for row in findings if row["status"] in STATUSES[:5]]
    if not bad:
        print(say("findings_none_open", lang))
    for row in sorted(
        bad, key=lambda r: (r["window_end"] or "9", STATUSES.index(r["status"]), r["person"] or r["unit"] or "")
    ):
        who = " ".join(part for part in (row["person"], row["unit"]) if part) or row["who"] or ""
        print(
            "  ".join(
                (row["window_end"] or "          ", _pad(label(row["status"], lang), 10), _pad(who, 24), row["why"])
            )
        )


_TOLD = ("measure", "subject", "modality", "action", "deadline")
_MEASURES = (*(f"frequency_{part}" for part in ("op", "count", "max", "period")),
             *(f"quantity_{part}" for part in ("op", "value", "max", "unit")))  # fmt: skip


# Reading


def _scheduler(a: argparse.Namespace) -> str | None:
    return (a.scheduler or "local") if a.engine == "dask" else None


def _table(
    paths: Sequence[str], a: argparse.Namespace, failures: list[ReadFailure], documents: list[Document] | None = None
) -> Any:
    """The requirement table that a file holds, or that documents give (``documents`` takes them, if asked for)."""
    from .table import FORMATS, check_table, made_from, read_table, rows, to_frame

    if documents is None and os.path.isfile(paths[0]) and paths[0].lower().endswith(tuple(f".{e}" for e in FORMATS)):
        return check_table(read_table(paths[0]), name=paths[0])
    made = made_from(a.rules)
    found: list[Row] = []
    for document, requirements in _progress(a.lang)(_documents(paths, a.rules, failures)):
        made["documents"][document.doc_id] = document.sha256 or None
        found += rows(document, requirements)
        if documents is not None:
            documents.append(document)
    return to_frame(found, made=made)


def _path_problem(paths: Sequence[str], rules: str | None, lang: str) -> str | None:
    """What is wrong with the call: nothing to read, bad rules, a bad list. One bad path among good ones is a failure."""
    from .reading import exists

    if not any(exists(path) for path in paths):
        return say("no_such_path", lang, path=", ".join(paths))
    if all(os.path.isdir(path) for path in paths):
        from .reading import sources

        reasons = [s.failure.reason if s.failure else "" for s in sources(paths)]
        if paths and reasons and set(reasons) == {"no_documents"}:
            return say("nothing_to_read", lang, path=", ".join(paths))
    from . import lexicon
    from .corpus import ListingError, read_listing

    try:
        lexicon.load(rules)
        read_listing(paths)
    except (lexicon.RuleError, FileNotFoundError, ListingError) as error:
        return str(error)
    return None


def _documents(paths: Sequence[str], rules: str | None, failures: list[ReadFailure]) -> Iterator[tuple[Document, Any]]:
    from .corpus import iter_documents
    from .execution import requirements_of
    from .models import ReadFailure

    for document in iter_documents(paths, rules=rules):
        if isinstance(document, ReadFailure):
            failures.append(document)
            continue
        found = requirements_of(document, rules=rules)
        if isinstance(found, ReadFailure):
            failures.append(found)
        else:
            yield document, found


def _progress(lang: str) -> Callable[[Iterable[Any]], Iterable[Any]]:
    return lambda items: progress(items, lang=lang)


# Telling


def _report(failures: list[ReadFailure], lang: str) -> int:
    for failure in failures:
        _tell(say("failed", lang, message=failure.message, advice=failure.advice))
    return SOME_FAILED if failures else DONE


def _wrong(message: str) -> int:
    _tell(f"siga: {message}")
    return WRONG_USAGE


def _tell(message: str) -> None:
    print(message, file=sys.stderr)


def _summary_lines(summary: Any, lang: str) -> Iterator[str]:
    colon = "：" if lang == "zh" else ": "
    counts = [("documents", summary.documents), ("requirements", summary.requirements)]
    for key, count in [*counts, ("measured", summary.measured), ("issues", summary.with_issues)]:
        yield f"{say(f'summary_{key}', lang)}{colon}{count}"
    if summary.reused:
        yield say("summary_reused", lang, count=summary.reused)
    for key, counter in (("levels", summary.levels), ("topics", summary.topics)):
        if counter:
            ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
            yield f"{say(f'summary_{key}', lang)}{colon}".rstrip()
            width = max(screen_width(label(name, lang) or say("none", lang)) for name, _ in ranked[:12])
            for name, count in ranked[:12]:
                yield f"  {_pad(label(name, lang) or say('none', lang), width)}  {count:>6}"
            if len(ranked) > 12:
                yield f"  {say('other_topics', lang, count=len(ranked) - 12)}"
    if summary.failures:
        yield f"{say('summary_failed', lang)}{colon}{len(summary.failures)}"
        for failure in summary.failures:
            yield f"  {failure.message}; {failure.advice}"
    from .run import FILES, XLSX_MOST

    for name in summary.left_out:
        yield say("summary_left_out", lang, name=name, most=f"{XLSX_MOST:,}")
    files = " ".join(name for name in FILES if name not in summary.left_out)
    yield say("summary_written", lang, out=summary.out, files=files)


def _print_table(document: Document, found: list[Row], explained: bool, lang: str) -> None:
    print(say("requirement_count", lang, doc=document.doc_id, count=len(found)))
    if not found:
        return
    columns: dict[str, tuple[int, Callable[[Row], str]]] = {
        "section": (12, lambda row: row["section"] or ""),
        "subject": (22, lambda row: row["subject"] or ""),
        "modality": (14, lambda row: label(row["modality"], lang)),
        "action": (30, lambda row: row["action"] or ""),
        "how_often": (14, _how_often),
        "how_much": (12, _how_much),
        "deadline": (14, lambda row: row["deadline"] or ""),
    }
    cells = {name: [read(row).replace("\n", " ") for row in found] for name, (_, read) in columns.items()}
    widths = {
        name: min(max(screen_width(text) for text in (heading(name, lang), *cells[name])), most)
        for name, (most, _) in columns.items()
    }
    spare = shutil.get_terminal_size((120, 24)).columns - sum(widths.values()) - 2 * (len(widths) - 1)
    if spare > 0:  # long actions get what is left
        longest = max(screen_width(text) for text in cells["action"])
        widths["action"] = max(widths["action"], min(longest, widths["action"] + spare))
    print("  ".join(_pad(heading(name, lang), width) for name, width in widths.items()).rstrip())
    for n, row in enumerate(found):
        print("  ".join(_pad(cells[name][n], width) for name, width in widths.items()).rstrip())
        if explained:
            from .marking import explain

            page = explain(row, document=document, lang=lang).terminal(**_screen(indent=4))
            print(textwrap.indent(page, "    "))
    print()


def _print_comparison(found: list[Row], lang: str) -> None:
    """Item by item; a pair that is there in both directions is shown once, and what is not applicable is left out."""
    shown: set[tuple[str, frozenset[str]]] = set()
    last = None
    width = max((screen_width(row[side]) for row in found for side in ("document", "other")), default=0)
    levels = {row["level"]: label(row["level"], lang) for row in found}
    for row in found:
        pair = (row["item"], frozenset((row["document"], row["other"])))
        if row["level"] == "not_applicable" or pair in shown:
            continue
        shown.add(pair)
        if row["item"] != last:
            last = row["item"]
            print(f"{last}  [{row['topic'] or say('none', lang)}]")
        level = _pad(levels[row["level"]], max(map(screen_width, levels.values())))
        sides = f"{_pad(row['document'], min(width, 28))} → {_pad(row['other'], min(width, 28))}"
        print(f"  {sides}  {level}  {row['why'] or ''}".rstrip())


def _screen(*, indent: int = 0) -> dict[str, Any]:
    """Width and colours that the screen has; no colours in a pipe, or where NO_COLOR asks for none."""
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ or (os.name == "nt" and "WT_SESSION" not in os.environ)
    return {"color": not plain, "width": shutil.get_terminal_size((100, 24)).columns - indent}


_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "approx": "≈", "eq": "=", "range": ""}


def _how_often(row: Row) -> str:
    count = _amount(row["frequency_op"], row["frequency_count"], row["frequency_max"])
    return " / ".join(part for part in (count, row["frequency_period"]) if part)


def _how_much(row: Row) -> str:
    amount = _amount(row["quantity_op"], row["quantity_value"], row["quantity_max"])
    unit = " ".join(part for part in (amount, row["quantity_unit"]) if part)
    return f"{unit} / {row['basis']}" if unit and row["basis"] else unit


def _amount(op: str | None, value: float | None, most: float | None) -> str:
    if value is None:
        return ""
    return f"{_SIGNS.get(op or 'eq', '')}{value:g}" + (f"–{most:g}" if most is not None else "")


def _pad(text: str, width: int) -> str:
    """Cut or fill a text to a width on the screen.

    >>> _pad("县长", 6), _pad("副县长接访", 6)
    ('县长  ', '副县… ')
    """
    if screen_width(text) > width:
        kept = ""
        for char in text:
            if screen_width(kept + char) > width - 1:
                break
            kept += char
        text = kept + "…"
    return text + " " * (width - screen_width(text))


def _speak_utf8() -> None:
    """Results in a pipe or a file are UTF-8 on every system; a console that lacks a character shows a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if not hasattr(stream, "reconfigure"):
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
