"""Rules and lexicons: read from YAML, linted, compiled.

All rule files have one form (``rules/README.md`` tells it to users). Each holds any of four sections, all of them data:

``about``
    what the file is for.
``terms``
    named word lists (``heads: [政府, 部门, …]``) or tables (``durations: {年: Y, 月: M}``). A list, and the words of a
    table, are also a part of that name for patterns, as an alternation, longest word first.
``parts``
    named pieces of patterns, used as ``{name}``. Lists, tables and parts share one namespace over all files.
``rules``
    ``name``, ``kind``, ``pattern`` (a regular expression with ``{parts}``, on folded text), ``value`` (what a match
    means), ``examples`` and ``rejects``, which the tests run. ``why`` is for the reader.
    ``todo`` on an example marks a known gap.

A folder of the user's own of the same form is laid over these: lists grow, tables are laid over (lists inside them
grow), parts and rules of the same name are replaced. ``load`` checks the form of every file; how patterns are made is
checked for a user's folder at once (``lint``), for the package's own files by the tests.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .patterns import alternation, compiled

RULES = Path(__file__).parent / "rules"
FILES = ("measures", "modality", "parties", "actions", "topics", "structure", "header", "evidence", "ledger")
# Rules of these kinds are asked for by their names: a rule of a new name would never be read.
BY_NAME = ("line", "header")
# What the readers of a kind go by: groups that the pattern must have, and keys of `value` with what they may say.
_AT = ("match", "search", "fullmatch")
_DEMANDS: Mapping[str, tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]] = {
    "period": ((), {"period": ()}),
    "count": (("n",), {}),
    "amount": (("n",), {}),
    "deadline": ((), {"deadline": ()}),
    "comparator": (("c1",), {}),
    "mechanism": (("pu", "act"), {}),
    "modal": ((), {"modality": ("obligation", "prohibition", "permission", "recommendation")}),
    "line": ((), {"at": _AT}),
    "header": ((), {"at": _AT}),
    "genre": ((), {"genre": ()}),
    "doc_number": (("code", "serial"), {}),
    "doc_date": (("month",), {}),
}
_RULE_KEYS = ("name", "kind", "pattern", "value", "examples", "rejects", "why")
_FILE_KEYS = ("about", "terms", "parts", "rules")
_EXAMPLE_KEYS = ("text", "value", "todo")
_PART = re.compile(r"\{([a-z_][a-z_0-9]*)\}")


class RuleError(ValueError):
    """What is wrong with rule files: file, entry, what to do. All faults are named at once, one a line."""


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
        return compiled(self.expand(pattern))

    def finders(self, kind: str) -> dict[str, Callable[..., re.Match[str] | None]]:
        """For each rule of a kind by name its pattern's ``match``, ``search`` or ``fullmatch``, as ``at`` says."""
        return {rule.name: getattr(self.compile(rule.pattern), rule.value["at"]) for rule in self.rules[kind]}


class _Parts(dict[str, str]):
    """Parts by name; a word list becomes one when it is first asked for."""

    def __init__(self, parts: Mapping[str, str], terms: Mapping[str, Any]) -> None:
        super().__init__(parts)
        self.terms = terms

    def __missing__(self, name: str) -> str:
        self[name] = alternation(self.terms[name])
        return self[name]


def _expand(pattern: str, parts: Mapping[str, str], depth: int = 0) -> str:
    if depth > 12:
        raise RecursionError(pattern)
    return _PART.sub(lambda m: _expand(parts[m[1]], parts, depth + 1), pattern)


def load(folder: str | Path | None = None) -> Lexicon:
    """The package's rules, with those of ``folder`` (a user's own) laid over them. Read once, then kept.

    Raises ``RuleError`` with every fault of the user's files at once, ``FileNotFoundError`` if there is no such folder.

    >>> lexicon = load()
    >>> "不少于" in lexicon.terms["at_least"]
    True
    """
    return _load(None if folder is None else str(Path(folder).resolve()))


@functools.lru_cache(maxsize=8)
def _load(folder: str | None) -> Lexicon:
    found = _read(folder)
    faults = found.faults or ([] if folder is None else _lint(found))
    if faults:
        raise RuleError("\n".join(faults))
    by_kind: dict[str, list[Rule]] = {}
    for rule in found.rules.values():
        by_kind.setdefault(rule.kind, []).append(rule)
    rules = {kind: tuple(of_kind) for kind, of_kind in by_kind.items()}
    return Lexicon(rules, found.terms, _Parts(found.parts, found.terms))


def digest(folder: str | None = None) -> str:
    """SHA-256 of the package's rule files and of those in ``folder``: their names and contents, line ends aside.

    >>> len(digest()), digest() == digest(None)
    (64, True)
    """
    found = hashlib.sha256()
    own = sorted(Path(folder).glob("*.yaml")) if folder else []
    for path in [*(RULES / f"{name}.yaml" for name in FILES), *own]:
        found.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return found.hexdigest()


def lint(folder: str | Path | None = None) -> list[str]:
    """Every fault of the package's rule files and of those in ``folder``, each one sentence that says what to do.

    >>> lint()
    []
    """
    found = _read(None if folder is None else str(Path(folder).resolve()))
    return [*found.faults, *_lint(found)]


# ---- reading: the form of a file ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Read:
    """What the files say so far. ``ours`` is what the package's own said, once they are read."""

    terms: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    homes: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    ours: _Read | None = None


def _read(folder: str | None) -> _Read:
    found = _Read()
    for name in FILES:
        _read_file(RULES / f"{name}.yaml", f"{name}.yaml", found)
    if folder is None:
        return found
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"{folder}: there is no such folder of rules")
    own = sorted(Path(folder).glob("*.yaml"))
    if not own:
        raise RuleError(f"{folder}: no .yaml file in this folder of rules")
    found.ours = _Read(dict(found.terms), dict(found.parts), dict(found.rules))
    for path in own:
        _read_file(path, f"{Path(folder).name}/{path.name}", found)
    return found


@functools.lru_cache(maxsize=1)
def _loader() -> Any:
    """A loader of plain YAML that remembers keys which stand twice in one table: YAML itself lets the last one win."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def construct_mapping(self: Any, node: Any, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value if isinstance(key.value, str)]
        if len(set(keys)) < len(keys):
            line = node.start_mark.line + 1
            self.twice = [*getattr(self, "twice", []), *((key, line) for key in _twice(keys))]
        return base.construct_mapping(self, node, deep)

    return type("RuleLoader", (base,), {"construct_mapping": construct_mapping})


def _twice(words: list[Any]) -> list[Any]:
    return [word for word, count in Counter(words).items() if count > 1]


def _read_file(path: Path, label: str, found: _Read) -> None:
    import yaml

    faults = found.faults
    try:
        loader = _loader()(path.read_text("utf-8-sig"))
        data = loader.get_single_data() or {}
    except UnicodeDecodeError as error:
        faults.append(f"{label}: is not UTF-8 (byte {error.start}); save it as UTF-8")
        return
    except yaml.YAMLError as error:
        at = getattr(error, "problem_mark", None)
        line = f"line {at.line + 1}: " if at else ""
        problem = str(getattr(error, "problem", None) or error)
        faults.append(f"{label}: {line}not readable as YAML ({problem}); mend that line")
        return
    if not isinstance(data, dict):
        faults.append(f"{label}: holds a {type(data).__name__}; write the sections {', '.join(_FILE_KEYS)}")
        return
    for key, line in getattr(loader, "twice", []):
        faults.append(f"{label}: line {line}: {key!r} stands twice in one table; leave one of them out")
    for key in data:
        if key not in _FILE_KEYS:
            faults.append(f"{label}: unknown section {key!r}; a rule file holds {', '.join(_FILE_KEYS)}")
    sections: dict[str, Any] = {}
    for section, form in (("terms", dict), ("parts", dict), ("rules", list)):
        content = data.get(section)
        if content is not None and not isinstance(content, form):
            faults.append(
                f"{label}: {section} is {'no list of rules' if form is list else 'no table of names'}; see README.md"
            )
            content = None
        sections[section] = content or form()
    for name, words in sections["terms"].items():
        _read_terms(f"{label}: terms {name}", str(name), words, found)
        found.homes["terms", str(name)] = label
    for name, pattern in sections["parts"].items():
        if not isinstance(pattern, str) or not pattern:
            faults.append(f"{label}: part {name}: is no pattern; write one in quotes")
            continue
        if not _PART.fullmatch(f"{{{name}}}"):
            faults.append(f"{label}: part {name}: a name has small letters, digits and _ only; rename it")
        if ("parts", name) in found.homes and found.ours is None:
            faults.append(f"{label}: part {name}: {found.homes['parts', name]} has one of that name; rename it")
        found.parts[name] = pattern
        found.homes["parts", name] = label
    names = [entry.get("name") for entry in sections["rules"] if isinstance(entry, dict)]
    for name in _twice([name for name in names if isinstance(name, str)]):
        faults.append(f"{label}: rule {name}: stands twice in this file; rename one of them")
    for place, entry in enumerate(sections["rules"], 1):
        rule = _read_rule(label, place, entry, faults)
        if rule is None:
            continue
        if rule.name in found.rules and found.ours is None and found.rules[rule.name].file != label:
            faults.append(f"{label}: rule {rule.name}: {found.rules[rule.name].file} has one of that name; rename it")
        found.rules[rule.name] = rule


def _read_terms(where: str, name: str, words: Any, found: _Read) -> None:
    known = found.terms.get(name)
    if known is not None and isinstance(words, list | dict) and not isinstance(words, type(known)):
        wanted = "a list of words" if isinstance(known, list) else "a table (word: meaning)"
        found.faults.append(f"{where}: is {wanted} in the package; write it as one")
    elif isinstance(words, list):
        if _words_are_right(where, words, found.faults):
            there = set(known or ())
            found.terms[name] = [*(known or ()), *(word for word in words if word not in there)]
    elif isinstance(words, dict):
        table = dict(known or {})
        right = _words_are_right(where, list(words), found.faults)
        for word, meaning in words.items():
            if isinstance(meaning, list):
                right = _words_are_right(f"{where}: {word}", meaning, found.faults) and right
                if right and isinstance(table.get(word), list):
                    meaning = [*table[word], *(other for other in meaning if other not in table[word])]
            table[word] = meaning
        if right:
            found.terms[name] = table
    else:
        found.faults.append(f"{where}: is neither a list of words nor a table; write [one, two] or {{word: meaning}}")


def _words_are_right(where: str, words: list[Any], faults: list[str]) -> bool:
    before = len(faults)
    if not words:
        faults.append(f"{where}: is empty; put words into it or leave it out")
    for word in words:
        if not isinstance(word, str) or not word.strip():
            faults.append(f"{where}: {word!r} is no word; put it in quotes or leave it out")
    texts = [word for word in words if isinstance(word, str)]
    if len(set(texts)) < len(texts):
        faults.append(f"{where}: {', '.join(_twice(texts))} stands twice; leave one of them out")
    return len(faults) == before


def _read_rule(label: str, place: int, entry: Any, faults: list[str]) -> Rule | None:
    before = len(faults)
    if not isinstance(entry, dict):
        faults.append(f"{label}: rule {place} is {entry!r:.40}; write name, kind, pattern, examples and rejects")
        return None
    where = f"{label}: rule {entry.get('name', f'number {place}')}"
    for key in entry:
        if key not in _RULE_KEYS:
            faults.append(f"{where}: unknown key {key!r}; a rule has {', '.join(_RULE_KEYS)}")
    for key in ("name", "kind", "pattern"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            faults.append(f"{where}: has no {key}; write one, in quotes if need be")
    value = entry.get("value") or {}
    if not isinstance(value, dict):
        faults.append(f"{where}: value is {value!r:.40}; write a table such as {{modality: obligation}}")
    examples: list[Mapping[str, Any]] = []
    for example in _list(where, "examples", entry, faults):
        example = {"text": example} if isinstance(example, str) else example
        if not isinstance(example, dict) or set(example) - set(_EXAMPLE_KEYS) or not _is_text(example.get("text")):
            faults.append(f"{where}: example {example!r:.60} is no text; write one in quotes, or {{text: …, value: …}}")
        else:
            examples.append(example)
    rejects = _list(where, "rejects", entry, faults)
    faults += [f"{where}: rejects: {t!r:.60} is no text; put it in quotes" for t in rejects if not _is_text(t)]
    if not entry.get("examples"):
        faults.append(f"{where}: has no examples; give at least one that the pattern must match")
    if not entry.get("rejects"):
        faults.append(f"{where}: has no rejects; give at least one that looks alike and must not match")
    shown = [str(example["text"]) for example in examples] + [str(text) for text in rejects]
    if len(set(shown)) < len(shown):
        faults.append(f"{where}: {', '.join(_twice(shown))} stands twice among its examples and rejects; leave one out")
    if len(faults) > before:
        return None
    return Rule(
        name=entry["name"],
        kind=entry["kind"],
        pattern=entry["pattern"],
        value=value,
        examples=tuple(examples),
        rejects=tuple(rejects),
        file=label,
    )


def _is_text(text: Any) -> bool:
    return isinstance(text, str) and bool(text)


def _list(where: str, key: str, entry: Mapping[str, Any], faults: list[str]) -> list[Any]:
    found = entry.get(key) or []
    if not isinstance(found, list):
        faults.append(f"{where}: {key} is {found!r:.40}; write a list in brackets")
        return []
    return found


# ---- linting: what the entries say ----------------------------------------------------------------------------------------


def _lint(found: _Read) -> list[str]:
    """Faults of patterns and names; in a user's folder also what nobody would read."""
    faults: list[str] = []
    parts = _Parts(found.parts, found.terms)
    for name in found.parts:
        if name in found.terms:
            where = found.homes["parts", name]
            faults.append(f"{where}: part {name}: there is a word list of that name; rename the part")
    patterns = [(f"{found.homes['parts', name]}: part {name}", pattern) for name, pattern in found.parts.items()]
    patterns += [(f"{rule.file}: rule {rule.name}", rule.pattern) for rule in found.rules.values()]
    used = {name for _, pattern in patterns for name in _PART.findall(pattern)}
    broken: set[str] = set()
    for where, pattern in patterns:
        for name in dict.fromkeys(_PART.findall(pattern)):
            if name not in found.parts and name not in found.terms:
                broken.add(where)
                faults.append(f"{where}: nobody defines {{{name}}}; define it under parts or terms, or mend the name")
        at = _empty_alternative(pattern)
        if at is not None:
            faults.append(
                f"{where}: an empty alternative at …{pattern[max(at - 8, 0) : at + 8]}…; take out the | there"
            )
    for rule in found.rules.values():
        where = f"{rule.file}: rule {rule.name}"
        if where not in broken:
            faults += [f"{where}: {fault}" for fault in _pattern_faults(rule, parts)]
    if found.ours is not None:
        faults += _unread(found, found.ours, used)
    return faults


def _pattern_faults(rule: Rule, parts: Mapping[str, str]) -> list[str]:
    try:
        pattern = re.compile(_expand(rule.pattern, parts))
    except RecursionError:
        return ["its parts refer to each other in a circle; write one of them out"]
    except KeyError as error:
        return [f"a part of it uses {error}, which nobody defines; define it under parts or terms"]
    except (re.error, OverflowError) as error:
        return [f"the pattern does not compile ({error}); mend it"]
    faults = []
    if pattern.search(""):
        faults.append("the pattern matches the empty text; let it ask for at least one sign")
    groups, values = _DEMANDS.get(rule.kind, ((), {}))
    for group in groups:
        if group not in pattern.groupindex:
            faults.append(f"kind {rule.kind} reads the group {group}; write (?P<{group}>…) in the pattern")
    for key, allowed in values.items():
        if key not in rule.value or allowed and rule.value[key] not in allowed:
            faults.append(f"kind {rule.kind} wants {key} in value; write one{_of(allowed)}")
    for text in rule.value.values():
        for group in _PART.findall(text) if isinstance(text, str) else ():
            if group not in pattern.groupindex:
                faults.append(f"value names {{{group}}}, which is no group of the pattern; write (?P<{group}>…) there")
    return faults


def _of(allowed: tuple[str, ...]) -> str:
    return f" of {', '.join(allowed)}" if allowed else ""


def _unread(found: _Read, ours: _Read, used: set[str]) -> list[str]:
    """Entries of a user's files that nobody would read, or that break what reads them."""
    faults = []
    kinds = sorted({rule.kind for rule in ours.rules.values()})
    for rule in found.rules.values():
        before = ours.rules.get(rule.name)
        where = f"{rule.file}: rule {rule.name}"
        if before is rule:
            continue
        if rule.kind not in kinds:
            faults.append(f"{where}: nobody reads rules of kind {rule.kind!r}; the kinds are {', '.join(kinds)}")
        elif before and before.kind != rule.kind:
            faults.append(
                f"{where}: replaces a rule of kind {before.kind} ({before.file}); take that kind or another name"
            )
        elif rule.kind in BY_NAME and not before:
            names = ", ".join(sorted(r.name for r in ours.rules.values() if r.kind == rule.kind))
            faults.append(f"{where}: rules of kind {rule.kind} only replace those there are; take one of {names}")
        elif before and rule.kind in BY_NAME:
            for group in sorted(_groups(before.pattern) - _groups(rule.pattern)):
                faults.append(
                    f"{where}: {before.file} has a group {group} that is read; write (?P<{group}>…) in yours too"
                )
    for name in found.terms:
        if name not in ours.terms and name not in used:
            there = ", ".join(sorted(ours.terms))
            faults.append(
                f"{found.homes['terms', name]}: terms {name}: nobody reads it; the lists and tables are {there}"
            )
    for name in found.parts:
        if name not in ours.parts and name not in used:
            faults.append(
                f"{found.homes['parts', name]}: part {name}: no pattern uses it; use it as {{{name}}} or drop it"
            )
    return faults


def _groups(pattern: str) -> set[str]:
    return set(re.findall(r"\(\?P<(\w+)>", pattern))


_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:P<\w+>|<?[=!:]|[:=!>])|.", re.DOTALL)


def _empty_alternative(pattern: str) -> int | None:
    """Where a ``|`` has nothing on one of its sides; ``None`` if there is no such place."""
    opened = True
    for match in _TOKEN.finditer(pattern):
        token = match[0]
        if token == "|" and opened or token == ")" and pattern[match.start() - 1 : match.start()] == "|" and opened:
            return match.start()
        opened = token == "|" or token.startswith("(") and len(token) <= 1 or token.startswith("(?")
    return len(pattern) - 1 if opened and pattern.endswith("|") else None
