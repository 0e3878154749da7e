"""Rules and lexicons: read from YAML, linted, compiled.

A rule file holds any of three sections, all of them data:

``terms``
    named word lists (``heads: [政府, 部门, …]``) or tables (``durations: {年: Y, 月: M}``). A list is also a part of
    that name for patterns, as an alternation, longest word first.
``parts``
    named pieces of patterns, used as ``{name}``.
``rules``
    ``name``, ``kind``, ``pattern`` (a regular expression with ``{parts}``, on folded text), ``value`` (what a match
    means), ``examples`` and ``rejects``, which the tests run. ``needs`` may name signs of which a text must hold one for
    the rule to be tried at all (``number`` stands for the numerals); it only saves time. ``todo`` on an example marks a known gap.

A folder of the user's own of the same form is laid over these: lists grow, rules of the same name are replaced.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RULES = Path(__file__).parent / "rules"
FILES = ("measures", "modality", "parties", "actions", "topics", "evidence", "ledger")
_RULE_KEYS = {"name", "kind", "pattern", "needs", "value", "examples", "rejects", "why"}
_FILE_KEYS = {"about", "terms", "parts", "rules"}
_NUMERALS = "0123456789零〇一二两三四五六七八九十百千万亿廿卅半"
_PART = re.compile(r"\{([a-z_][a-z_0-9]*)\}")


class RuleError(ValueError):
    """What is wrong with a rule file: file, entry, what is allowed. All faults are named at once."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A name, a pattern on folded text and what a match means."""

    name: str
    kind: str
    pattern: str
    value: Mapping[str, Any]
    examples: tuple[Mapping[str, Any], ...]
    rejects: tuple[str, ...]
    file: str
    needs: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, eq=False)
class Lexicon:
    """All rules by kind, all word lists and tables by name, and the parts that patterns are made of."""

    rules: Mapping[str, tuple[Rule, ...]]
    terms: Mapping[str, Any]
    parts: Mapping[str, str]

    def words(self, name: str) -> frozenset[str]:
        return frozenset(self.terms[name])

    def expand(self, pattern: str) -> str:
        """A pattern with its ``{parts}`` put in (repetitions such as ``{2,5}`` stay)."""
        return _expand(pattern, self.parts)

    def compile(self, pattern: str) -> re.Pattern[str]:
        return re.compile(self.expand(pattern))


def _expand(pattern: str, parts: Mapping[str, str], depth: int = 0) -> str:
    if depth > 12:
        raise RuleError(f"parts refer to each other in a circle: {pattern!r:.80}")
    return _PART.sub(lambda m: _expand(parts[m[1]], parts, depth + 1), pattern)


def alternation(words: Any) -> str:
    """The words as an uncaptured alternation, longest first, so that 不得少于 wins over 不得."""
    return "(?:" + "|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w))) + ")"


def load(folder: str | Path | None = None) -> Lexicon:
    """The package's rules, with those of ``folder`` (a user's own) laid over them.

    Raises ``RuleError`` with every fault of the user's files at once, ``FileNotFoundError`` if there is no such folder.

    >>> lexicon = load()
    >>> "不少于" in lexicon.terms["at_least"]
    True
    """
    return _load(None if folder is None else str(Path(folder).resolve()))


@functools.lru_cache(maxsize=8)
def _load(folder: str | None) -> Lexicon:
    files = [RULES / f"{name}.yaml" for name in FILES]
    if folder is not None:
        if not Path(folder).is_dir():
            raise FileNotFoundError(f"{folder}: there is no such folder of rules")
        own = sorted(Path(folder).glob("*.yaml"))
        if not own:
            raise RuleError(f"{folder}: no .yaml file in this folder of rules")
        files += own
    terms: dict[str, Any] = {}
    parts: dict[str, str] = {}
    rules: dict[str, Rule] = {}
    faults: list[str] = []
    for path in files:
        _read_file(path, terms, parts, rules, faults)
    for name, words in terms.items():
        if all(isinstance(word, str) for word in words):
            parts.setdefault(name, alternation(words))
    for rule in rules.values():
        faults += _faults(rule, parts)
    if faults:
        raise RuleError("\n".join(faults))
    by_kind: dict[str, list[Rule]] = {}
    for rule in rules.values():
        by_kind.setdefault(rule.kind, []).append(rule)
    return Lexicon({kind: tuple(found) for kind, found in by_kind.items()}, terms, parts)


def _read_file(
    path: Path, terms: dict[str, Any], parts: dict[str, str], rules: dict[str, Rule], faults: list[str]
) -> None:
    import yaml

    try:
        data = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(f"{path.name}: not readable as YAML in UTF-8: {error}")
        return
    if not isinstance(data, dict) or set(data) - _FILE_KEYS:
        extra = sorted(set(data) - _FILE_KEYS) if isinstance(data, dict) else [type(data).__name__]
        faults.append(f"{path.name}: unknown {', '.join(extra)}; a rule file holds {', '.join(sorted(_FILE_KEYS))}")
        return
    for name, words in (data.get("terms") or {}).items():
        if isinstance(words, list):
            seen = [w for w in words if words.count(w) > 1] if len(words) < 2000 else []
            if seen or any(not isinstance(w, str) or not w for w in words):
                faults.append(
                    f"{path.name}: terms {name}: {'twice: ' + str(sorted(set(seen))) if seen else 'empty or no text'}"
                )
                continue
            terms[name] = [*terms.get(name, []), *(w for w in words if w not in terms.get(name, []))]
        elif isinstance(words, dict):
            terms[name] = {**terms.get(name, {}), **words}
        else:
            faults.append(f"{path.name}: terms {name}: a list of words or a table is wanted")
    parts.update({str(k): str(v) for k, v in (data.get("parts") or {}).items()})
    for entry in data.get("rules") or []:
        where = f"{path.name}: rule {entry.get('name', '?') if isinstance(entry, dict) else entry!r:.40}"
        if not isinstance(entry, dict) or set(entry) - _RULE_KEYS or not {"name", "kind", "pattern"} <= set(entry):
            unknown = sorted(set(entry) - _RULE_KEYS) if isinstance(entry, dict) else []
            faults.append(
                f"{where}: {'unknown key ' + ', '.join(unknown) if unknown else 'name, kind and pattern are wanted'}"
            )
            continue
        rules[entry["name"]] = Rule(
            name=entry["name"],
            kind=entry["kind"],
            pattern=entry["pattern"],
            value=entry.get("value") or {},
            examples=tuple(e if isinstance(e, dict) else {"text": e} for e in entry.get("examples") or ()),
            rejects=tuple(entry.get("rejects") or ()),
            file=path.name,
            needs=tuple(frozenset(_NUMERALS if signs == "number" else signs) for signs in entry.get("needs") or ()),
        )


def _faults(rule: Rule, parts: Mapping[str, str]) -> list[str]:
    where = f"{rule.file}: rule {rule.name}"
    try:
        pattern = re.compile(_expand(rule.pattern, parts))
    except KeyError as error:
        return [f"{where}: there is no part {error}"]
    except re.error as error:
        return [f"{where}: the pattern does not compile: {error}"]
    if pattern.search(""):
        return [f"{where}: the pattern matches the empty text"]
    return []
