"""siga_nlp: from Chinese policy documents to a table of requirements.

    import siga_nlp as sg

    for row in sg.extract("corpus"): ...   rows as dicts, nothing heavy loaded
    table = sg.requirements("corpus")      the same as a DataFrame
    nlp = sg.load()                        the same inside spaCy

Names are loaded when they are first used: importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .alignment import align as align
    from .browsing import browse as browse
    from .checklist_formats import render_checklist as render_checklist
    from .checklist_formats import write_checklist as write_checklist
    from .checklists import checklist as checklist
    from .codings import write_codings as write_codings
    from .comparison import changes as changes
    from .comparison import compare as compare
    from .comparison import coverage as coverage
    from .comparison import demand as demand
    from .comparison import matrix as matrix
    from .compliance import check as check
    from .compliance import match as match
    from .corpus import read_corpus as read_corpus
    from .corpus import read_document as read_document
    from .derived_topics import derive_topics as derive_topics
    from .evaluation import evaluate as evaluate
    from .ledger import read_ledger as read_ledger
    from .ledger import read_roster as read_roster
    from .marking import explain as explain
    from .marking import show as show
    from .papers import cite as cite
    from .papers import codebook as codebook
    from .plots import chinese_font as chinese_font
    from .plots import plot_dumbbell as plot_dumbbell
    from .plots import plot_frequencies as plot_frequencies
    from .plots import plot_funnel as plot_funnel
    from .plots import plot_headers as plot_headers
    from .plots import plot_heatmap as plot_heatmap
    from .plots import plot_timeline as plot_timeline
    from .report import labelled as labelled
    from .report import report as report
    from .spacy_pipeline import load as load
    from .table import check_table as check_table
    from .table import extract as extract
    from .table import provenance as provenance
    from .table import read_table as read_table
    from .table import requirements as requirements
    from .table import write_table as write_table

__version__ = "0.1.0"

_HOME = {
    "load": "spacy_pipeline",
    "extract": "table",
    "read_corpus": "corpus",
    "read_document": "corpus",
    "requirements": "table",
    "show": "marking",
    "explain": "marking",
    "evaluate": "evaluation",
    "checklist": "checklists",
    "write_checklist": "checklist_formats",
    "render_checklist": "checklist_formats",
    "read_table": "table",
    "write_table": "table",
    "check_table": "table",
    "provenance": "table",
    "cite": "papers",
    "write_codings": "codings",
    "browse": "browsing",
    "codebook": "papers",
    "read_ledger": "ledger",
    "read_roster": "ledger",
    "check": "compliance",
    "match": "compliance",
    "align": "alignment",
    "compare": "comparison",
    "matrix": "comparison",
    "coverage": "comparison",
    "demand": "comparison",
    "changes": "comparison",
    "derive_topics": "derived_topics",
    "plot_heatmap": "plots",
    "plot_dumbbell": "plots",
    "plot_timeline": "plots",
    "plot_funnel": "plots",
    "plot_frequencies": "plots",
    "plot_headers": "plots",
    "chinese_font": "plots",
    "labelled": "report",
    "report": "report",
}
__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
