"""From a document to its requirements: one subject group × one action × one measure (GUIDELINE).

``extract`` walks the structure once. In each sentence it looks for modal words and measures; each modal word with its first
action, and each measure with what it measures, becomes a row. What the clause leaves out is carried along: the subject from
earlier words, the action from the clause that has it, the period over commas, the comparator over 、.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import lexicon as lexicons
from .clauses import Clause, Modal, clauses, cues, mask, sentences
from .lexicon import Lexicon, alternation
from .measures import Atom, compiled
from .models import Document, Frequency, Node, Quantity, Requirement, Span
from .parties import Parties, Party, normalize, parties
from .structure import parse
from .topics import topic
from .view import View, view

PER_ACT = frozenset({"次", "场", "期", "批", "节", "堂", "篇", "份", "餐", "课", "班", "轮"})
# Units of size: a length, a price or the number of heads is not owed once more in each period.
SIZES = frozenset(
    {"%", "‰", "字", "页", "分钟", "人", "名", "位", "米", "平方米", "分", "秒", "毫米", "公里", "级", "度"}
)
# What is left of a clause once its measure is taken out, and says nothing by itself.
STRAY = frozenset(
    {"以", "为限", "以为限", "的标准", "的比例", "其中", "即", "达", "共计", "合计", "占", "达到", "控制", "的时间"}
)
READ = frozenset({"article", "heading", "item", "paragraph", "table_row"})


def extract(document: Document, *, rules: str | None = None) -> tuple[Requirement, ...]:
    """The requirements of a document, in its order. ``rules`` is a folder of the user's own rule files.

    Total: any text gives a tuple, possibly empty. Every span of every row verifies against ``document.text``.

    >>> doc = Document("x", "市级领导干部每季度至少安排1次到基层现场办公。")
    >>> row = extract(doc)[0]
    >>> row.subject, row.action, row.frequency.count, row.frequency.period
    ('市级领导干部', '到基层现场办公', 1, 'P3M')
    """
    lexicon = lexicons.load(rules)
    seen = view(document.text, furniture=document.furniture)
    return _Reader(document, seen, parse(seen), lexicon).read()


@dataclass(slots=True)
class _Row:
    """A requirement in the making; all spans refer to the view."""

    start: int
    end: int
    action: list[Span]
    subject: Span | None = None
    source: str = "none"
    modality: str = "obligation"
    modal: Span | None = None
    atoms: list[Atom] = field(default_factory=list)
    period: str | None = None
    op: str | None = None
    basis: str | None = None
    basis_span: Span | None = None
    shared: list[Atom] = field(default_factory=list)
    condition: Span | None = None
    rules: list[str] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Memory:
    """What a sentence may take from earlier ones."""

    subject: Span | None = None
    far: bool = False
    action: list[Span] = field(default_factory=list)
    period: str | None = None


class _Words:
    """The word lists of ``rules/actions.yaml`` as patterns."""

    def __init__(self, lexicon: Lexicon) -> None:
        terms, compile_ = lexicon.terms, lexicon.compile
        self.openers = re.compile(f"(?!{alternation(terms['no_prepositions'])}){alternation(terms['openers'])}")
        self.opener_verbs = re.compile(alternation(terms["opener_verbs"]))
        self.adverb_tail = re.compile(rf"(?:{alternation(terms['adverbs'])}|[,、\s])+$")
        self.connectives = re.compile(rf"(?:{alternation(terms['connectives'])}|[,、\s])+")
        self.verbs = re.compile(alternation(terms["verbs"]) + r"(?![点户站])")
        self.vague = re.compile(alternation(terms["vague"]))
        self.who = compile_("{who_acts}")
        self.history = compile_("{history}")
        self.bracket_cue = compile_("不得|严禁|必须|应当|不准|{at_least}|{at_most}")
        self.term = re.compile(r"(?:本(?:办法|规定|细则|意见|方案|制度|条例|规则|要点))?(?:试行期|有效期|施行期)")
        self.bound = compile_("{at_least}|{at_most}")
        self.told = re.compile(r"\d{4}年(?![^,]{0,10}(?:前|底|起|末|至|到))")
        self.reaches = re.compile(r"达到|达|提高到|提高|占|按|为|至|控制在|完成|实现|下降|增长|降低|压减|不少于|保持在")
        self.founded, self.length_only, self.standing = (
            compile_("{founded}"),
            compile_("{length_only}"),
            compile_("{standing}"),
        )
        self.level_tail = re.compile(r"(?:省|市|县|区|乡镇|乡|镇|村)级(?:以上)?$")
        self.window = re.compile(r"[^,。;:()]{2,24}\(([^()]*)\)")
        self.mechanism = [(rule, compile_(rule.pattern)) for rule in lexicon.rules["mechanism"]]
        self.before_relative = re.compile(
            r"(?:^|[,、])(?:对|对于|将|把|就|除|按照|依照|属于|依法|依规|涉及|其他|其它|未按|违反|按|以及|和|或者)[^,]{0,6}$"
        )
        self.penalty = compile_("{penalty}")
        self.definition = compile_("{definition}")
        self.condition = compile_("|".join(rule.pattern for rule in lexicon.rules["condition"]))
        self.stem_conditions = compile_("|".join(rule.pattern for rule in lexicon.rules["stem_conditions"]))
        self.stem_acts = [(rule.name, compile_(rule.pattern)) for rule in lexicon.rules["stem_acts"]]
        self.stem_things = [(rule.name, compile_(rule.pattern)) for rule in lexicon.rules["stem_things"]]


@functools.lru_cache(maxsize=8)
def _words(lexicon: Lexicon) -> _Words:
    return _Words(lexicon)


class _Reader:
    def __init__(self, document: Document, seen: View, nodes: Sequence[Node], lexicon: Lexicon) -> None:
        self.document, self.view, self.nodes, self.lexicon = document, seen, nodes, lexicon
        self.text = seen.text
        self.mask = mask(seen.text)
        self.measures = compiled(lexicon)
        self.register = _register(document.text, self.text)
        self.cues = cues(lexicon, self.register)
        self.parties: Parties = parties(lexicon)
        self.words = _words(lexicon)
        self.rows: list[tuple[int, _Row]] = []
        self.node_subject: dict[int, Span | None] = {}
        self.stems: dict[int, tuple[str, Modal, bool]] = {}
        self.conditions: dict[int, bool] = {}
        self.known: set[str] = set()
        self.stated: list[tuple[str, Span]] = []

    # ---- the walk -------------------------------------------------------------------------------------------------

    def read(self) -> tuple[Requirement, ...]:
        memory = _Memory()
        for index, node in enumerate(self.nodes):
            if node.kind not in READ:
                if node.kind in ("title", "annex"):
                    # 网格员每月工作清单: the title of a list names who acts.
                    party = self.parties.leading(self.mask, node.body, node.end)
                    if party and party.whole and self._carries(party):
                        memory = _Memory((party.start, party.end))
                continue
            memory = self._node(index, node, memory)
        return tuple(self._finish(index, row) for index, row in self.rows)

    def _node(self, index: int, node: Node, memory: _Memory) -> _Memory:
        before = len(self.rows)
        if node.stem >= 0 and node.stem not in self.conditions:
            stem_node = self.nodes[node.stem]
            tail = self.mask[stem_node.body : stem_node.end].rstrip()[-60:]
            self.conditions[node.stem] = bool(self.words.stem_conditions.search(tail))
        subject, far = self._context(index, node, memory)
        memory = _Memory(subject=subject, far=far)
        self._window(index, node, memory)
        if node.kind == "table_row" and self._table_row(index, node, memory):
            return memory
        for start, end in sentences(self.mask, node.body, node.end):
            self._mechanisms(index, start, end, memory)
            memory = self._sentence(index, node, start, end, memory)
            for a, b in self._brackets(start, end):
                self._sentence(index, node, a, b, _Memory(memory.subject, memory.far))
        stem = self.stems.get(node.stem)
        if stem and len(self.rows) == before:
            self._item(index, node, stem, memory)
        self.node_subject.setdefault(index, memory.subject)
        return memory

    def _table_row(self, index: int, node: Node, memory: _Memory) -> bool:
        """A row of a table of duties: one short cell has the measure, one names a party, the longest other is the act."""
        cells = [
            self._trim(node.start + m.start(), node.start + m.end())
            for m in re.finditer(r"[^|\t\n]+", self.text[node.start : node.end])
        ]
        cells = [(a, b) for a, b in cells if b > a]
        if len(cells) < 3:
            return False
        read = [(cell, self.measures.find(self.mask, *cell)) for cell in cells]
        measured = [
            (cell, atoms) for cell, atoms in read
            if any(x.kind in ("period", "count", "amount", "deadline") for x in atoms) and sum(x.end - x.start for x in atoms) >= 0.6 * (cell[1] - cell[0])
        ]  # fmt: skip
        if not measured or any(self.cues.find(self.mask, *cell) for cell in cells):
            return False
        rest = [
            cell
            for cell in cells
            if all(cell != m for m, _ in measured) and not re.fullmatch(r"[\d.、]+", self.text[slice(*cell)])
        ]
        parties_named = [cell for cell in rest if self.parties.ends_in_head(self.mask[slice(*cell)])]
        subject = parties_named[-1] if parties_named else None
        acts = [cell for cell in rest if cell != subject]
        if not acts:
            return False
        act = max(acts, key=lambda cell: cell[1] - cell[0])
        row = _Row(node.start, node.end, [act], subject, "stated" if subject else "none", rules=["table-row"])
        if subject is None and memory.subject:
            row.subject, row.source = memory.subject, "inherited"
        for _, atoms in measured:
            row.atoms += [x for x in atoms if x.kind != "basis"]
            row.rules += [x.rule for x in atoms]
            row.basis = row.basis or next((x.basis for x in atoms if x.basis), None)
        row.period = next((x.period for x in row.atoms if x.period), None)
        row.op = next((x.op for x in row.atoms if x.kind == "comparator"), None)
        self.rows.append((index, row))
        return True

    def _brackets(self, start: int, end: int) -> list[Span]:
        """The insides of brackets that say something of their own: ``(不得事先通知住户)``."""
        out = []
        for match in re.finditer(r"⟨(□{6,})⟩", self.mask[start:end]):
            a, b = start + match.start(1), start + match.end(1)
            if self.text[a - 1] == "(" and self.words.bracket_cue.search(self.text, a, b):
                out.append((a, b))
                # The inside is read as a sentence: the mask lets it through.
                self.mask = self.mask[:a] + mask(self.text[a:b]) + self.mask[b:]
        return out

    def _context(self, index: int, node: Node, memory: _Memory) -> tuple[Span | None, bool]:
        """The subject that a node starts from: that of its stem, else of the nearest node above or before it.

        The second value says whether it comes from another article or section.
        """
        if node.stem >= 0 and node.stem in self.node_subject:
            return self.node_subject[node.stem], False
        if node.units.get("lead"):
            return None, False
        previous = index - 1
        while previous >= 0 and self.nodes[previous].kind not in READ:
            previous -= 1
        far = memory.far or previous < 0 or _article(node.path) != _article(self.nodes[previous].path)
        if (
            far
            and self.stated
            and (memory.subject is None or Counter(w for w, _ in self.stated).most_common(1)[0][1] >= 4)
        ):
            return self._main_actor(), True
        return memory.subject, far

    def _main_actor(self) -> Span:
        """Who acts most often so far in the document; the latest of equals."""
        counts = Counter(words for words, _ in self.stated)
        # An authority is nearly always named where it acts; those whom it regulates are often left out.
        ruled = {words: n for words, n in counts.items() if n >= 3 and not self.parties.authority.search(words)}
        counts = Counter(ruled) or counts
        most = max(counts.values())
        return next(span for words, span in reversed(self.stated) if counts[words] == most)

    # ---- one sentence ---------------------------------------------------------------------------------------------

    def _sentence(self, index: int, node: Node, start: int, end: int, memory: _Memory) -> _Memory:
        words = self.words
        found = clauses(self.mask, self.text, start, end, self.cues, self.measures)
        if not found:
            return memory
        has_cue = any(c.modals or c.atoms for c in found)
        if not has_cue:
            party = self._opening(found[0])
            if party and self._carries(party):
                memory.subject, memory.far = (party.start, party.end), False
            return memory
        if (
            words.definition.search(self.mask[start : min(end, start + 40)])
            and self.mask.find("指", start, start + 40) >= 0
        ):
            return memory
        penalty = self.conditions.get(node.stem, False) or bool(words.penalty.search(self.mask, start, end))
        history = any(c.atoms for c in found) and bool(
            words.history.search(self.mask, start, end) or words.told.match(self.mask, start, end)
        )
        local = _Memory(memory.subject, memory.far, memory.action, None)
        pending: Modal | None = None
        due: list[Atom] = []
        stated: Span | None = None
        encouraged = False
        for k, clause in enumerate(found):
            encouraged = encouraged or any(
                self.text.startswith(("鼓励", "提倡", "倡导"), m.start) for m in clause.modals
            )
            opening = self._opening(clause) if not clause.modals or clause.modals[0].start > clause.start + 1 else None
            modals = [m for m in clause.modals if not self._attributive(clause, m)]
            if k and not encouraged:
                # 支持 in a list of duties is a duty; after 鼓励 it is one more recommendation.
                modals = [m for m in modals if m.modality != "recommendation" or m.start > clause.start + 2]
            if len(modals) > 1 and modals[0].modality == "prohibition":
                modals = modals[:1] + [m for m in modals[1:] if self.text[m.start] not in "要可需"]
            atoms = [] if penalty else self._owed(node, clause, modals, history, found, k)
            first_cue = min([m.start for m in modals] + [a.start for a in atoms] + [clause.end])
            if opening and opening.start < first_cue and self._carries(opening):
                stated = (opening.start, opening.end)
                local.subject, local.far = stated, False
            elif (
                self.register == "tw"
                and masked_ends(self.mask, clause, "者")
                and not modals
                and clause.end - clause.start > 4
            ):
                if self.words.who.match(self.mask, self._start(clause, clause.end), clause.end):
                    local.subject, local.far = (self._start(clause, clause.end), clause.end), False
            closing = [a for a in atoms if a.kind in ("count", "amount", "deadline", "period")]
            if (
                len(closing) == 1
                and closing[0].kind == "deadline"
                and not modals
                and self._bare_clause(clause, closing[0])
            ):
                ahead = found[k + 1 :]
                if any(self._owed(node, c, [m for m in c.modals if not self._attributive(c, m)], history, found, k + 1 + n)
                       for n, c in enumerate(ahead[:3]) if c.atoms) and not penalty:  # fmt: skip
                    due = closing
                    continue
            if (
                due
                and any(a.kind in ("count", "amount") for a in closing)
                and not any(a.kind == "deadline" for a in closing)
            ):
                atoms = due + atoms
            if not clause.modals and not clause.atoms and stated is None:
                by = self.parties.after_by(self.mask, clause.start, clause.end)
                if by and by.whole:
                    self._state((by.start, by.end), local)
                elif (
                    opening
                    and self.mask[opening.end : opening.end + 1] in ("的", "之")
                    and self._carries(opening, of=True)
                ):
                    self._state((opening.start, opening.end), local)
            if closing:
                modal = modals[0] if modals else pending
                self._measured(index, node, clause, found, k, atoms, modal, modals, local, stated)
                pending = None
                later = [m for m in modals[1:]]
                for m in later:
                    if not any(a.start >= m.start for a in closing):
                        self._modal(index, node, clause, found, k, m, local, stated)
                continue
            for modal in modals:
                if self._opens_only(clause, modal, found, k):
                    nxt = found[k + 1] if k + 1 < len(found) else None
                    nxt_modals = [m for m in nxt.modals if not self._attributive(nxt, m)] if nxt else []
                    nxt_atoms = (
                        [] if penalty or nxt is None else self._owed(node, nxt, nxt_modals, history, found, k + 1)
                    )
                    if (
                        nxt
                        and not nxt_modals
                        and any(a.kind in ("count", "amount", "deadline", "period") for a in nxt_atoms)
                    ):
                        pending = modal
                        self._subject_of(clause, modal.start, local)
                        continue
                self._modal(index, node, clause, found, k, modal, local, stated)
        memory.subject, memory.far = local.subject or memory.subject, local.far
        memory.action = local.action
        return memory

    def _carries(self, party: Party, *, of: bool = False) -> bool:
        """Whether a party that opens a clause may be the subject of what follows: known as one, or plainly named."""
        words = self.mask[party.start : party.end]
        if self.parties.weak.search(words) or words.startswith("任何"):
            return False
        return self._is_known(party) or (party.whole or of) and self.parties.plain(self.mask, party)

    def _bare_clause(self, clause: Clause, atom: Atom) -> bool:
        """Whether a clause is nothing but a deadline (``到2025年,``)."""
        a, b = self._trim(clause.start, clause.end)
        return atom.start <= a + 1 and b - atom.end <= 1

    def _opening(self, clause: Clause) -> Party | None:
        return self.parties.leading(self.mask, clause.start, clause.end)

    def _attributive(self, clause: Clause, modal: Modal) -> bool:
        """A modal word in a condition, a relative clause or a penalty: ``对应当通过诉讼解决的``."""
        masked = self.mask
        tail = masked[modal.end : clause.end].rstrip()
        if (
            not tail
            or tail.endswith(("的", "者"))
            and not tail.endswith(("目的", "标的", "使用者", "经营者", "消费者"))
        ):
            return True
        opener = tail.startswith(("在", "于", "根据", "按照"))
        if re.search(r"(?:(?<![小学课工])时|情形|情况下)$", tail) and modal.modality != "prohibition" and not opener:
            return True
        lead = masked[clause.start : modal.start]
        if lead.endswith("除") and tail.endswith("外"):
            return True
        if modal.modality != "prohibition" and self.words.penalty.search(masked, modal.start, clause.end):
            return True
        of = min((i for i in (tail.find("的"), tail.find("之") if self.register == "tw" else -1) if i >= 0), default=-1)
        if 0 <= of <= 24 and self.words.before_relative.search(lead):
            return True
        return 0 < of <= 6 and any(m.end <= modal.start for m in clause.modals) and of + 1 < len(tail)

    def _owed(
        self, node: Node, clause: Clause, modals: list[Modal], history: bool, found: list[Clause], k: int
    ) -> list[Atom]:
        """The measures of a clause that state how much of an action is owed (not conditions, history or names)."""
        if not clause.atoms:
            return []
        masked = self.mask
        words = masked[clause.start : clause.end]
        if self.words.definition.search(words):
            return []
        condition = bool(re.search(r"(?:的|者|(?<![小学课工])时|情形)$", words))
        modal_at = modals[0].start if modals else None
        kept: list[Atom] = []
        has_period = any(a.kind == "period" for a in clause.atoms)
        has_basis = any(a.kind == "basis" for a in clause.atoms)
        only_amount = (
            k > 0 and len(clause.atoms) == 1 and len(words) - (clause.atoms[0].end - clause.atoms[0].start) <= 4
        )
        for atom in clause.atoms:
            after = masked[atom.end : clause.end]
            if atom.kind in ("basis", "comparator"):
                kept.append(atom)
                continue
            if atom.kind == "period":
                if after.startswith(("的", "度的", "之")) or condition and not modals:
                    continue
                kept.append(atom)
                continue
            if atom.kind == "deadline":
                if condition and not modals or after.startswith(("的", "之")) and not after.startswith("之内"):
                    continue
                if history and atom.rule.startswith(("in-", "by-", "before-year")):
                    continue
                if self.words.founded.match(after):
                    continue
                kept.append(atom)
                continue
            if atom.unit in ("年", "月", "日") and atom.value and atom.value > 1000 or atom.unit == "等":
                continue
            share = atom.rule.startswith("share")
            if condition or masked.startswith(":", clause.end) and atom.start <= clause.start + 1 and not after.strip():
                continue
            if atom.op in ("gt", "lt") and not share and (modal_at is None or atom.start < modal_at):
                continue
            if re.match(r"(?:以上|以下)?(?:的|之)?[^,]{0,12}(?:经验|经历|资历|学历|年资|职称|徒刑)", after):
                continue
            if only_amount and (node.stem >= 0 or node.kind == "item") and found[k - 1].after == ":":
                kept.append(atom)
                continue
            if history and atom.op is None and not has_period:
                continue
            if history and re.search(
                r"(?:^|[,、])(?:去年|前年|上年|今年以来|近年来|累计|全年共|截至)", masked[found[0].start : clause.end]
            ):
                continue
            if (
                modal_at is not None
                and atom.end <= modal_at
                and not has_period
                and atom.rule != "throughout"
                and not share
            ):
                if not (
                    atom.start <= clause.start + 2 and self.text.startswith(("至少", "不少于", "最多"), atom.start)
                ):
                    continue
            if (
                re.match(r"(?:的|者|为|的为)", after)
                and modal_at is None
                and not has_period
                and (atom.unit == "分" or atom.op in ("gt", "lt"))
            ):
                continue
            if (
                share
                and atom.op is None
                and modal_at is None
                and not has_period
                and not self.words.reaches.search(masked, max(clause.start, atom.start - 8), atom.start)
                and self.text[atom.start] not in "过半"
                and "分之" not in self.text[atom.start : atom.end]
            ):
                continue
            governed = self.words.verbs.search(masked, clause.start, atom.start)
            if (
                not share
                and not governed
                and re.match(r"(?:以上|以下)?(?:的|之)[^,]{0,14}$", after)
                and modal_at is None
                and not has_period
                and not has_basis
                and atom.kind == "amount"
            ):
                continue
            if atom.op is None and atom.kind in ("count", "amount") and not has_period and not has_basis:
                if not self._bare_is_owed(atom, clause, modal_at, found, k):
                    continue
            kept.append(atom)
        return kept

    def _bare_is_owed(self, atom: Atom, clause: Clause, modal_at: int | None, found: list[Clause], k: int) -> bool:
        """Whether a bare number (no comparator, period or 每人) states something owed."""
        masked = self.mask
        if modal_at is not None and modal_at < atom.start:
            return True
        before = masked[max(clause.start, atom.start - 14) : atom.start]
        after = masked[atom.end : clause.end]
        if (
            re.search(r"(?:各[\u4e00-\u9fff]?|均|一式|只能[^,]{0,4}|只|仅)$", before)
            or atom.rule in ("throughout", "rotation")
            or atom.rule.startswith("share")
        ):
            return True
        if re.fullmatch(r"(?:并|再|要)?[\u4e00-\u9fff]{1,3}", masked[clause.start : atom.start]) and any(
            c.atoms and c.modals for c in found[:k]
        ):
            return True
        if re.search(
            r"(?:任期|期限|有效期|试行期|试用期|学制|保存期?|保管期?|留存|期限为|任期为|为期|聘期|公示期?|控制在|达到|提高到|降至|增长|不少于|组成|延长至|延长)[^,]{0,4}$",
            before,
        ):
            return True
        if after.startswith(("组成", "为限", "不变", "内不变")):
            return True
        if any(a.kind in ("period",) or a.op for c in found for a in c.atoms):
            return (
                bool(re.search(r"[\u4e00-\u9fff]", before)) and masked[atom.start] not in "一" or atom.kind == "count"
            )
        return (
            atom.kind == "count"
            and bool(self.words.verbs.search(before))
            and (
                masked[atom.start : atom.end] != "一次"
                or bool(re.search(r"(?:开展|召开|举办|组织|进行|安排|参加|集中|轮训|走访|调研|检查|听取)$", before))
            )
        )

    # ---- rows -----------------------------------------------------------------------------------------------------

    def _subject_of(self, clause: Clause, cue: int, local: _Memory) -> tuple[Span | None, str, list[str]]:
        """Who acts in a clause whose first cue stands at ``cue``: stated before it, after 由, or inherited."""
        masked = self.mask
        begin = clause.start
        match = self.words.connectives.match(masked, begin, cue)
        if match:
            begin = match.end()
        each = self.parties.each.match(masked, begin, cue)
        begin = each.end() if each else begin
        lead = masked[begin:cue]
        tail = self.words.adverb_tail.search(lead)
        if tail:
            lead = lead[: tail.start()]
        by = self.parties.after_by(masked, begin, cue) if "由" in lead else None
        if by:
            return self._state((by.start, by.end), local), "stated", ["subject-after-由"]
        if self.words.term.match(lead):
            return None, "none", ["thing_as_subject"]
        if self._names_party(lead):
            return self._state((begin, begin + len(lead)), local), "stated", []
        level = self.words.level_tail.search(lead)
        if level and level.start():
            return self._state((begin + level.start(), begin + level.end()), local), "stated", []
        party = self.parties.leading(masked, begin, cue)
        if party and party.end > party.start and (party.whole or party.end >= cue or self._is_known(party)):
            return self._state((party.start, party.end), local), "stated", []
        if party and masked[party.end : party.end + 1] in ("的", "之", "所") and self._carries(party, of=True):
            # 省委常委的联系点, 公司之内部控制制度: whose thing it is has to act.
            return self._state((party.start, party.end), local), "stated", ["owner_as_subject"]
        by = self.parties.after_by(masked, begin, clause.end)
        if by:
            return self._state((by.start, by.end), local), "stated", ["subject-after-由"]
        if self.register == "tw" and lead.endswith("者") and len(lead) > 3:
            return self._state((begin, begin + len(lead)), local), "stated", []
        if (
            lead
            and not self.parties.preposition.match(lead)
            and not lead.endswith(("的", "时", "后", "前", "中", "者"))
        ):
            if (local.subject is None or local.far) and 2 <= len(lead) <= 40 and not self.words.verbs.match(lead):
                return (begin, begin + len(lead)), "stated", ["thing_as_subject"]
            return local.subject, "inherited" if local.subject else "none", ["thing_as_subject"]
        issues = ["subject_from_far"] if local.subject and local.far else []
        return local.subject, "inherited" if local.subject else "none", issues

    def _state(self, span: Span, local: _Memory) -> Span:
        """Remembers a stated subject."""
        words = self.mask[span[0] : span[1]]
        self.known.add(words)
        if not self.parties.weak.search(words) and not words.startswith("任何"):
            local.subject, local.far = span, False
            self.stated.append((words, span))
        return span

    def _names_party(self, lead: str) -> bool:
        """Whether the words before a modal or measure are, as a whole, the name of a party."""
        if not lead or len(lead) > 70 or not self.parties.ends_in_head(lead) or lead in self.parties.bare:
            return False
        if self.parties.object_of.match(lead):
            return False
        if self.parties.compound.fullmatch(lead) or self.parties.named_by_verb(lead):
            return True
        if self.words.verbs.match(lead) and "的" not in lead and "之" not in lead:
            leading = self.parties.leading(lead, 0, len(lead))
            return leading is not None and leading.end == len(lead)
        if self.parties.preposition.match(lead):
            return "的" in lead and not lead.startswith(("在", "根据", "于", "从", "自", "当", "如"))
        leading = self.parties.leading(lead, 0, len(lead))
        if leading is None or leading.end == len(lead):
            return True
        if not leading.whole:
            return not self.parties.inner_preposition.search(lead, leading.end - 1)
        # 省委常委到基层单位: the party ends where a preposition or a verb begins.
        rest = lead[leading.end :]
        if self.parties.preposition.match(rest):
            return rest.startswith(("会同", "与", "同"))
        return not self.words.verbs.match(rest) or bool(self.parties.compound.fullmatch(rest))

    def _is_known(self, party: Party) -> bool:
        return party.end - party.start > 2 and self.mask[party.start : party.end] in self.known

    def _opens_only(self, clause: Clause, modal: Modal, found: list[Clause], k: int) -> bool:
        """Whether the words after a modal are only an opener (``要根据形势任务的要求,``), the act coming later."""
        if k + 1 >= len(found) or clause.after != ",":
            return False
        masked = self.mask
        at = modal.end
        tail = self.words.connectives.match(masked, at, clause.end)
        at = tail.end() if tail else at
        opener = self.words.openers.match(masked, at, clause.end)
        if not opener or at == clause.end:
            return False
        rest = masked[opener.end() : clause.end]
        if self.words.opener_verbs.fullmatch(opener[0]):
            if (
                opener[0] in ("采取", "采用")
                and rest.endswith(("形式", "方式", "办法"))
                and modal.modality == "permission"
            ):
                return False
            return rest.endswith(("原则", "方式", "形式", "办法", "为抓手", "等方面", "实际", "要求", "需要", "渠道"))
        if opener[0] in ("以",):
            return True
        if opener[0] in ("对", "对于", "向", "与", "同", "为", "从", "在", "于", "就", "会同"):
            return rest.endswith(
                (
                    "的",
                    "时",
                    "中",
                    "前",
                    "后",
                    "下",
                    "上",
                    "内",
                    "方面",
                    "问题",
                    "事项",
                    "之日起",
                    "基础上",
                    "同时",
                    "活动",
                    "过程中",
                    "情况",
                    "期间",
                )
            ) and not self._has_verb(rest)
        return True

    def _has_verb(self, words: str) -> bool:
        return bool(re.search(r"(?:开展|进行|加强|建立|实行|作出|给予|采取|提供|报告|公示|公开)", words))

    def _modal(
        self,
        index: int,
        node: Node,
        clause: Clause,
        found: list[Clause],
        k: int,
        modal: Modal,
        local: _Memory,
        stated: Span | None,
    ) -> None:
        masked = self.mask
        previous = [m for m in clause.modals if m.end <= modal.start]
        begin = previous[-1].end if previous else clause.start
        subject, source, issues = self._subject_of(Clause(begin, clause.end, clause.after), modal.start, local)
        if previous and source == "stated" and "thing_as_subject" in issues:
            subject, source, issues = local.subject, "inherited" if local.subject else "none", []
        end_clause, at = clause, modal.end
        rules = [modal.rule]
        nexts = [m for m in clause.modals if m.start >= modal.end and not self._attributive(clause, m)]
        end = nexts[0].start if nexts else clause.end
        generic = masked.startswith(("禁止", "严禁"), modal.start) or modal.modality == "recommendation"
        if generic and source == "inherited" and local.far:
            subject, source = None, "none"  # said to everybody
        if modal.modality == "recommendation" or masked.startswith(("禁止", "允许", "需要", "准许"), modal.start):
            party = self.parties.leading(masked, modal.end, end, modified=True)
            plainly = party and (
                not self.parties.preposition.match(masked, modal.end) or masked.startswith("依法", modal.end)
            )
            if party and plainly and party.end < end - 1 and masked[party.end] not in "的之":
                subject, source, at = (party.start, party.end), "stated", party.end
                rules.append("subject-after-modal")
            elif modal.modality == "recommendation":
                verb = self.words.verbs.search(masked, modal.end + 2, min(end, modal.end + 20))
                words = masked[modal.end : verb.start()] if verb else ""
                if (
                    len(words) > 1
                    and re.search(r"[员者人户家众群]$|骨干|青年|团队|公众|力量|资本", words)
                    and not self.words.verbs.match(words)
                ):
                    subject, source, at = (modal.end, verb.start()), "stated", verb.start()
                    rules.append("subject-after-modal")
                    issues = [*issues, "subject_guessed"]
        j = k
        while self._opens_only(Clause(at, found[j].end, found[j].after), Modal(at, at, "", ""), found, j) and not nexts:
            j += 1
            end_clause, at = found[j], found[j].start
            end = found[j].end
            rules.append("act-after-opener")
            if [m for m in found[j].modals if not self._attributive(found[j], m)]:
                j -= 1
                end_clause, at, end = clause, modal.end, clause.end
                break
        by = self.parties.after_by(masked, at, end)
        if by and by.start - at < 14 and source != "stated":
            subject, source = (by.start, by.end), "stated"
            self._state(subject, local)
        trimmed = self._trim(at, end)
        if trimmed[1] <= trimmed[0]:
            return
        if node.kind != "heading" and self._is_stem(node, found, j, modal, subject, index, trimmed):
            return
        start = (
            subject[0]
            if subject and source == "stated" and clause.start <= subject[0] <= modal.start
            else self._start(clause, modal.start)
        )
        row = _Row(
            start,
            trimmed[1],
            [trimmed],
            subject,
            source,
            modal.modality,
            (modal.start, modal.end),
            rules=rules,
            issues=issues,
        )
        self._condition(row, clause, found, k)
        self.rows.append((index, row))
        local.action = [trimmed]

    def _start(self, clause: Clause, cue: int) -> int:
        match = self.words.connectives.match(self.mask, clause.start, cue)
        return match.end() if match else clause.start

    def _condition(self, row: _Row, clause: Clause, found: list[Clause], k: int) -> None:
        """The 对…的, / …时, condition before the clause, if one is stated."""
        for j in (k - 1, k - 2):
            if 0 <= j and self.words.condition.search(self.mask, found[j].start, found[j].end):
                row.condition = self._trim(found[j].start, found[j].end)
                return

    def _trim(self, start: int, end: int) -> Span:
        match = self.words.connectives.match(self.mask, start, end)
        start = match.end() if match and match.end() < end else start
        while end > start and self.mask[end - 1] in " ,、:;。":
            end -= 1
        while start < end and self.mask[start] in " ,、:;。":
            start += 1
        return start, end

    # ---- measured rows --------------------------------------------------------------------------------------------

    def _measured(
        self,
        index: int,
        node: Node,
        clause: Clause,
        found: list[Clause],
        k: int,
        atoms: list[Atom],
        modal: Modal | None,
        modals: list[Modal],
        local: _Memory,
        stated: Span | None,
    ) -> None:
        masked = self.mask
        made: list[_Row] = []
        segments = self._segments(clause, atoms)
        for s, (start, end, own) in enumerate(segments):
            closing = [a for a in own if a.kind in ("count", "amount", "deadline")]
            periods = [a for a in own if a.kind == "period"]
            if not closing and not periods:
                continue
            segment = Clause(start, end, clause.after if s == len(segments) - 1 else "、")
            own_modals = [m for m in modals if start <= m.start < end]
            # 每名市级领导包联2件: the party stands behind the words that say what one amount is owed for.
            cues_here = [a.start for a in own if a.start >= start and not (a.kind == "basis" and a.start <= start + 1)]
            cue = min(cues_here + [m.start for m in own_modals], default=end)
            prior = _Memory(local.subject, local.far)
            subject, source, issues = self._subject_of(segment, cue, local)
            if s == 0 and source != "stated" and modal is not None and modal.start < clause.start:
                issues = []
            row = _Row(start, end, [], subject, source, issues=issues)
            row.atoms = [a for a in own if a.kind != "basis"]
            governing = own_modals[0] if own_modals else (modal if modal and modal.start < start else None)
            if governing:
                row.modality, row.modal = governing.modality, (governing.start, governing.end)
                row.rules.append(governing.rule)
            row.rules += [a.rule for a in own]
            for a in own:
                if a.kind == "basis":
                    row.basis, row.basis_span = a.basis, (a.start, a.end)
            row.period = next((a.period for a in own if a.period), None)
            if (
                not row.period
                and row.basis not in PER_ACT
                and not any(a.kind == "deadline" and a.deadline and a.deadline.startswith(("within", "P")) for a in own)
            ):
                if (
                    local.period
                    and not self.words.standing.search(self.mask, start, end)
                    and any(a.kind in ("count", "amount") and a.unit not in SIZES for a in own)
                ):
                    row.period = local.period
                    row.rules.append("period-carried")
            row.op = next((a.op for a in own if a.kind == "comparator"), None)
            if (
                row.op is None
                and s
                and segments[s - 1][1] < len(masked)
                and masked[segments[s - 1][1]] == "、"
                and made
            ):
                carried = next((a.op for a in made[-1].atoms if a.kind == "comparator"), None) or made[-1].op
                closing_ops = [a.op for a in closing if a.kind in ("count", "amount")]
                if carried and closing_ops == [None]:
                    row.op = carried
            if row.basis is None and made and made[-1].basis and made[-1].basis != "次" and source != "stated":
                row.basis = made[-1].basis
            row.action = self._residue(start, end, row, own_modals)
            if not row.action and row.source == "stated" and row.subject and self._is_counted(row, closing):
                # 陪同人员不超过3人, 任期三年: what is measured stands where the subject would.
                row.action = [row.subject]
                local.subject, local.far = prior.subject, prior.far
                row.subject, row.source = prior.subject, "inherited" if prior.subject else "none"
            row.start = self._row_start(row, segment, cue)
            if row.period:
                local.period = row.period
            made.append(row)
        for n, row in enumerate(made[:-1]):
            if all(a.kind in ("period", "comparator") for a in row.atoms):
                # 市级每半年、县级每季度至少讲1次: the count stands once, for all.
                after = next((o for o in made[n + 1 :] if any(a.kind in ("count", "amount") for a in o.atoms)), None)
                if after:
                    row.shared = [a for a in after.atoms if a.kind in ("count", "amount")]
                    row.op = after.op
                    row.rules.append("count-from-series")
        if len(made) == 1 and self._is_length(made[0], clause, k):
            last = self.rows[-1][1]
            last.atoms += [a for a in made[0].atoms if a.kind != "comparator"]
            last.rules += made[0].rules
            if last.op is None:
                last.op = made[0].op
            return
        self._lend_actions(made, clause, found, k, local)
        for row in made:
            if node.stem >= 0:
                self._from_stem(row, self.nodes[node.stem])
            if not row.action:
                row.issues.append("no_action")
            self._condition(row, clause, found, k)
            self.rows.append((index, row))
        with_action = [row for row in made if row.action]
        if with_action:
            local.action = with_action[-1].action

    def _is_counted(self, row: _Row, closing: list[Atom]) -> bool:
        heads = [
            a for a in closing if a.kind == "amount" and a.unit in ("人", "名", "位", "年", "个月") and a.op != "eq"
        ]
        return (
            bool(heads)
            and not any(a.kind in ("period", "count") for a in row.atoms)
            and ("thing_as_subject" in row.issues or heads[0].unit in ("人", "名", "位"))
        )

    def _is_length(self, row: _Row, clause: Clause, k: int) -> bool:
        """Whether a clause only says how long the act of the row before it lasts (学制3—5天; 每次不少于半天)."""
        amounts = [a for a in row.atoms if a.kind == "amount"]
        if (
            not k
            or len(amounts) != 1
            or any(a.kind not in ("amount", "comparator") for a in row.atoms)
            or not self.rows
        ):
            return False
        last = self.rows[-1][1]
        if not any(a.kind in ("count", "period") for a in last.atoms) or any(a.kind == "amount" for a in last.atoms):
            return False
        if last.end < clause.start - 60 or self.mask.find("。", last.end, clause.start) >= 0:
            return False
        if amounts[0].unit not in ("天", "日", "小时", "学时", "课时", "分钟", "周", "个月", "个小时", "晚"):
            return False
        begin = row.basis_span[0] if row.basis_span else clause.start
        return bool(
            self.words.length_only.fullmatch(self.mask, min(begin, clause.start), amounts[0].start)
        ) and not self.mask[amounts[0].end : clause.end].strip("的 ")

    def _row_start(self, row: _Row, segment: Clause, cue: int) -> int:
        if row.subject and row.source == "stated" and segment.start <= row.subject[0] < segment.end:
            return min(row.subject[0], cue, *(a for a, _ in row.action or [(cue, cue)]))
        return self._start(segment, max(cue, segment.start + 1))

    def _segments(self, clause: Clause, atoms: list[Atom]) -> list[tuple[int, int, list[Atom]]]:
        """A clause cut at each 、 that parts two measures of their own."""
        closing = [a for a in atoms if a.kind in ("count", "amount", "deadline") or a.kind == "period"]
        cuts: list[int] = []
        for left, right in zip(closing, closing[1:], strict=False):
            if left.kind == "period" and right.kind != "period":
                # 按月实施并作成纪录表一式二份: the period has an act of its own.
                match = re.search(r"(?<=[\u4e00-\u9fff]{2})并(?=[\u4e00-\u9fff]{2})", self.mask[left.end : right.start])
                if match and right.kind == "amount":
                    cuts.append(left.end + match.start())
                continue
            at = self.mask.rfind("、", left.end, right.start)
            if at < 0:
                match = None
                for match in re.finditer(r"并(?=[\u4e00-\u9fff])|和|且|以及", self.mask[left.end : right.start]):
                    break
                if match and right.kind in ("count", "amount") and left.kind in ("count", "amount"):
                    cuts.append(left.end + match.start())
                continue
            first = self.mask.find("、", left.end, right.start)
            cuts.append(first if first >= 0 else at)
        for left, right in zip(closing, closing[1:], strict=False):
            if left.kind == "period" and right.kind == "period":
                at = self.mask.find("、", left.end, right.start)
                if at >= 0:
                    cuts.append(at)
        cuts = sorted(set(cuts))
        bounds = [clause.start, *cuts, clause.end]
        out = []
        for n in range(len(bounds) - 1):
            a, b = bounds[n] + (1 if n and self.mask[bounds[n]] in "、并和且" else 0), bounds[n + 1]
            out.append((a, b, [x for x in atoms if a <= x.start < b or x.start < clause.start]))
        return out

    def _residue(self, start: int, end: int, row: _Row, modals: list[Modal]) -> list[Span]:
        """What a segment says besides subject, modal word and measure: the action, in pieces."""
        holes = [(a.start, a.end) for a in row.atoms]
        floor = max([start, *(m.end for m in modals)])
        if row.subject and row.source == "stated" and start <= row.subject[0] < end:
            floor = max(floor, row.subject[1])
        for a in row.atoms:
            if a.kind == "deadline" and a.event:
                lead = max(a.event[0], floor if floor <= a.start else start)
                at = max(
                    (self.mask.rfind(c, lead - 1 if lead > start else lead, a.start) for c in "自从于在"), default=-1
                )
                holes.append((at if at >= start else lead, a.end))
        holes += [(start + m.start(), start + m.end()) for m in re.finditer(r"⟨□{5,}⟩", self.mask[start:end])]
        if row.basis_span:
            holes.append(row.basis_span)
        holes += [(m.start, m.end) for m in modals]
        if (
            row.subject
            and row.source == "stated"
            and start <= row.subject[0] < end
            and "thing_as_subject" not in row.issues
        ):
            lead = row.subject[0]
            if self.mask[lead - 1 : lead] == "由":
                lead -= 1
            if self.mask[max(start, lead - 2) : lead] in ("每个", "每名", "每位"):
                lead -= 2
            holes.append((lead, row.subject[1]))
        pieces: list[Span] = []
        at = start
        for a, b in sorted(holes):
            if a > at:
                pieces.append((at, a))
            at = max(at, b)
        if at < end:
            pieces.append((at, end))
        out = []
        for n, (a, b) in enumerate(pieces):
            a, b = self._trim(a, b) if n == 0 else _strip(self.mask, a, b)
            words = self.mask[a:b]
            tail = self.words.adverb_tail.fullmatch(words)
            if (
                not words
                or tail
                or words in STRAY
                or words
                in (
                    "的",
                    "为",
                    "是",
                    "在",
                    "于",
                    "内",
                    "之",
                    "按",
                    "共",
                    "其",
                    "要",
                    "以",
                    "由",
                    "到",
                    "者",
                    "则",
                    "组织",
                    "安排",
                    "开展",
                    "进行",
                    "均",
                    "各",
                    "一般",
                    "时间",
                    "单",
                )
                and len(pieces) > 1
                and words not in ("组织", "安排", "开展", "进行")
            ):
                continue
            if n == 0 and words.endswith(("的", "者")) and len(pieces) > 1 and row.condition is None and not modals:
                if any(x.kind == "deadline" and x.start >= b for x in row.atoms):
                    row.condition = (a, b)  # 信息变动的3日内录入
                    continue
            out.append((a, b))
        return out

    def _lend_actions(self, made: list[_Row], clause: Clause, found: list[Clause], k: int, local: _Memory) -> None:
        """Actions for rows whose segment has none: the last of the series, the clause before or after, or the last row."""
        for n, row in enumerate(made):
            if self._says_act(row):
                continue
            alike = self._alike(row) if row.source == "stated" else None
            if alike:
                row.action = list(alike.action)
                row.rules.append("action-carried")
                continue
            later = next((other for other in made[n + 1 :] if self._says_act(other)), None)
            if later and row.source == "stated" or later and n + 1 < len(made):
                row.action = list(later.action)
                row.rules.append("action-from-series")
                continue
            earlier = next((other for other in reversed(made[:n]) if self._says_act(other)), None)
            if earlier:
                row.action = list(earlier.action)
                row.rules.append("action-carried")
                continue
            due_here = not any(a.kind == "count" for a in row.atoms) and any(
                a.kind == "deadline" or a.kind == "period" and a.end >= clause.end - 2 for a in row.atoms
            )
            if due_here and n == len(made) - 1 and clause.after == "," and k + 1 < len(found):
                j = k + 1
                while j < len(found) - 1 and self._opens_only(
                    Clause(found[j].start, found[j].end, found[j].after),
                    Modal(found[j].start, found[j].start, "", ""),
                    found,
                    j,
                ):
                    j += 1
                if not found[j].modals:
                    a, b = self._trim(found[j].start, found[j].end)
                    if b - a >= 2:
                        row.action = [(a, b)]
                        row.rules.append("act-after")
                        continue
            before = found[k - 1] if k else None
            if before is not None and not before.atoms and n == 0 and row.source != "stated":
                a, b = self._predicate(before)
                if b - a >= 2:
                    row.action = [(a, b)]
                    row.rules.append("action-before")
                    continue
            if row.source == "stated" or not row.action:
                ahead = self._series_ahead(found, k)
                if ahead:
                    row.action = ahead
                    row.rules.append("action-from-series")
                    continue
                if local.action:
                    row.action = list(local.action)
                    row.rules.append("action-carried")

    def _from_stem(self, row: _Row, stem: Node) -> None:
        """A list under 以不低于下列比率为原则: its items take the comparator, and where they have none, the act."""
        tail = self.mask.rfind("。", stem.body, stem.end) + 1 or stem.body
        words = self.mask[tail : stem.end]
        amounts = [a for a in row.atoms if a.kind in ("amount", "count")]
        if row.op is None and amounts and all(a.op is None for a in amounts):
            bound = self.words.bound.search(words)
            if bound and ("下列" in words or "如下" in words or "以下" in words):
                row.op = self.measures.ops[bound[0]]
                row.rules.append("comparator-from-stem")
        if not self._says_act(row):
            for match in reversed(list(re.finditer(r"[^,:。;]+", words))):
                a, b = self._trim(tail + match.start(), tail + match.end())
                party = self.parties.leading(self.mask, a, b)
                if party and party.whole:
                    a = party.end
                for modal in self.cues.find(self.mask, a, b):
                    a = max(a, modal.end)
                a, b = self._trim(a, b)
                if b - a >= 4 and not re.search(r"下列|以下|如下|规定$", self.mask[a:b]):
                    row.action = [(a, b)]
                    row.rules.append("action-from-stem")
                    return

    def _alike(self, row: _Row) -> _Row | None:
        """The last row with an amount in the same unit: 其他班子成员不少于10天 measures what 15天 measured."""
        unit = next((a.unit for a in row.atoms if a.kind == "amount"), None)
        for _, other in reversed(self.rows[-6:]):
            if (
                unit
                and other.action
                and row.start - other.end < 60
                and any(a.kind == "amount" and a.unit == unit for a in other.atoms)
            ):
                return other
        return None

    def _says_act(self, row: _Row) -> bool:
        words = "".join(self.mask[a:b] for a, b in row.action)
        return len(words) >= 2 and words not in ("安排", "开展", "进行", "组织", "时间")

    def _series_ahead(self, found: list[Clause], k: int) -> list[Span]:
        """省级每半年1次,市级每季度1次,在同级场所接访: the act that closes a series of measures."""
        j = k + 1
        while j < len(found) and any(a.kind in ("count", "amount", "period") for a in found[j].atoms):
            last = found[j].atoms[-1].end
            a, b = self._trim(last, found[j].end)
            if b - a >= 2 and self.words.verbs.match(self.mask, a, b):
                return [(a, b)]
            j += 1
        if j < len(found) and not found[j].modals and j > k:
            party = self._opening(found[j])
            if not party:
                a, b = self._trim(found[j].start, found[j].end)
                return [(a, b)]
        return []

    def _predicate(self, clause: Clause) -> Span:
        party = self._opening(clause)
        start = party.end if party and party.whole else clause.start
        for modal in clause.modals:
            start = max(start, modal.end)
        return self._trim(start, clause.end)

    # ---- lists and headings ---------------------------------------------------------------------------------------

    def _is_stem(
        self, node: Node, found: list[Clause], j: int, modal: Modal, subject: Span | None, index: int, action: Span
    ) -> bool:
        """Remembers a stem that introduces a list of acts; True if the stem itself gets no row."""
        if j < len(found) - 1 and found[j].after != ":":
            if not any(c.after == ":" for c in found[j:]):
                pass
        tail = self.text[node.body : node.end].rstrip()
        if not tail.endswith((":", ":\n")) and "下列" not in tail and "以下" not in tail and "如下" not in tail:
            return False
        words = self.mask[action[0] : action[1]]
        if self.words.stem_conditions.search(words) and not self.words.verbs.match(words):
            return True
        if re.match(r"(?:具有|具备|符合|有)", words) and self.words.stem_conditions.search(words):
            return True
        if any(p.search(words) for _, p in self.words.stem_things):
            return False
        if any(p.search(words) for _, p in self.words.stem_acts):
            self.stems[index] = ("acts", modal, True)
            self.node_subject[index] = subject
            return any(n.stem == index for n in self.nodes[index + 1 : index + 4])
        return False

    def _item(self, index: int, node: Node, stem: tuple[str, Modal, bool], memory: _Memory) -> None:
        _, modal, _ = stem
        spans = sentences(self.mask, node.heading[0] if node.heading else node.body, node.end)
        if not spans:
            return
        start, end = self._trim(*spans[0])
        if end - start < 2:
            return
        comma = self.mask.find(",", start, end)
        stop = comma if comma > start else end
        row = _Row(start, end, [(start, stop)], memory.subject, "inherited" if memory.subject else "none", modal.modality,
                   (modal.start, modal.end), rules=[modal.rule, "item-of-list"])  # fmt: skip
        self.rows.append((index, row))

    def _window(self, index: int, node: Node, memory: _Memory) -> None:
        """A headline with a time window in brackets: ``走访调研知民情(4月中旬-4月下旬)``."""
        a = node.heading[0] if node.heading else node.body
        match = self.words.window.match(self.text, a, min(node.end, a + 60))
        if not match or node.kind not in ("heading", "item", "paragraph", "title"):
            return
        inside = match.span(1)
        found = [x for x in self.measures.find(self.text, inside[0] - 1, inside[1] + 1) if x.kind == "deadline"]
        if not found or sum(x.end - x.start for x in found) < (inside[1] - inside[0]) - 2:
            return
        row = _Row(a, match.end(), [(a, inside[0] - 1)], rules=["heading-window", *(x.rule for x in found)])
        row.atoms = found
        self.rows.append((index, row))

    def _mechanisms(self, index: int, start: int, end: int, memory: _Memory) -> None:
        """A quoted mechanism whose parts say how often: ``“月调度、季督查、半年观摩考评”``."""
        for match in re.finditer(r"[“\"]([^“”\"\n]{5,40})[”\"]", self.text[start:end]):
            pieces = [(start + match.start(1) + m.start(), m[0]) for m in re.finditer(r"[^、,]+", match[1])]
            for rule, pattern in self.words.mechanism:
                parts = [pattern.fullmatch(words) for _, words in pieces]
                if len(parts) < 2 or not all(parts):
                    continue
                for (at, words), part in zip(pieces, parts, strict=True):
                    assert part is not None
                    atom = self.measures.period(at, part["pu"], rule.name)
                    act = (at + part.start("act"), at + len(words))
                    row = _Row(at, act[1], [act], memory.subject, "inherited" if memory.subject else "none",
                               rules=[rule.name], period=atom.period)  # fmt: skip
                    row.atoms = [atom]
                    self.rows.append((index, row))

    # ---- from view to document ------------------------------------------------------------------------------------

    def _finish(self, index: int, row: _Row) -> Requirement:
        node = self.nodes[index]
        seen = self.view
        numbers = [a for a in row.atoms if a.kind in ("count", "amount", "deadline", "period")]
        measure = None
        comparators = [a for a in row.atoms if a.kind == "comparator"]
        all_measure = numbers + comparators
        start, end = row.start, row.end
        if all_measure:
            measure = (min(a.start for a in all_measure), max(a.end for a in all_measure))
            start, end = min(start, measure[0]), max(end, measure[1])
        own = [s for s in row.action if start <= s[0] < end]
        end = max([end, *(b for _, b in own)])
        start, end = _strip(self.mask, start, end)
        a, b = seen.span(start, end)
        subject, source = row.subject, row.source
        units = {k: tuple(self._folded(s) for s in spans) for k, spans in node.units.items()}
        issues = list(dict.fromkeys(row.issues))
        if subject is None and node.units.get("lead"):
            spans = node.units["lead"]
            subject, source = (spans[0][0], spans[-1][1]), "inherited"
            row.rules.append("subject-from-units")
        if subject is None:
            issues.append("no_subject")
        frequency, quantity, deadline = self._values(row)
        spans_out: dict[str, tuple[Span, ...]] = {}
        if subject:
            spans_out["subject"] = (seen.span(*subject),)
        if row.modal:
            spans_out["modal"] = (seen.span(*row.modal),)
        if row.action:
            spans_out["action"] = tuple(seen.span(*s) for s in row.action)
        if measure:
            spans_out["measure"] = (seen.span(*measure),)
        if row.condition:
            spans_out["condition"] = (seen.span(*row.condition),)
        event = next((x.event for x in row.atoms if x.event), None)
        if event:
            spans_out["deadline_event"] = (seen.span(*event),)
        for kind in ("count", "amount", "deadline", "period"):
            found = tuple(seen.span(x.start, x.end) for x in row.atoms if x.kind == kind)
            if found:
                spans_out[{"count": "frequency", "amount": "quantity"}.get(kind, kind)] = found
        vague = self.words.vague.search(self.mask, start, end)
        if vague:
            spans_out["vague"] = (seen.span(*vague.span()),)
        subject_words = self._quote(subject) if subject else None
        levels, roles = normalize(self._folded(subject), self.lexicon) if subject else ((), ())
        ms = spans_out["measure"][0] if measure else None
        return Requirement(
            start=a,
            end=b,
            text=self.document.text[a:b],
            section=node.path or None,
            measure=self.document.text[ms[0] : ms[1]] if ms else None,
            measure_start=ms[0] if ms else None,
            measure_end=ms[1] if ms else None,
            subject=subject_words,
            subject_source=source if subject else "none",
            subject_level=levels,
            subject_role=roles,
            lead_units=units.get("lead", ()),
            responsible_units=units.get("responsible", ()) + units.get("cooperating", ()),
            basis=row.basis,
            modality=row.modality,
            modal=self._quote(row.modal) if row.modal else None,
            action="".join(self._quote(s) for s in row.action) or None,
            topic=topic("".join(self._folded(s) for s in row.action), self.text[start:end], self.lexicon),
            condition=self._quote(row.condition) if row.condition else None,
            frequency=frequency,
            quantity=quantity,
            deadline=deadline,
            deadline_event=self._quote(event) if event else None,
            vague=self.mask[vague.start() : vague.end()] if vague else None,
            rules=tuple(dict.fromkeys(row.rules)),
            issues=tuple(issues),
            spans=spans_out,
        )

    def _quote(self, span: Span) -> str:
        """The source's words for a span of the view, without the white space that the view has left out."""
        a, b = span
        return "".join(self.view.source[self.view.origin[i]] for i in range(a, b))

    def _folded(self, span: Span) -> str:
        return self.text[span[0] : span[1]]

    def _values(self, row: _Row) -> tuple[Frequency | None, Quantity | None, str | None]:
        frequency: Frequency | None = None
        quantity: Quantity | None = None
        deadline: str | None = None
        atoms = row.atoms + row.shared
        count = next((a for a in atoms if a.kind == "count"), None)
        if count:
            op = count.op or row.op or "eq"
            frequency = Frequency(op, count.value, count.max, count.period or row.period)
        elif row.period:
            frequency = Frequency(None, None, None, row.period)
        amounts = [a for a in atoms if a.kind == "amount"]
        if amounts:
            first = amounts[0]
            op = first.op or (row.op if not count or amounts[0].start < count.start else None) or "eq"
            if len(amounts) > 1 and first.op == "ge" and amounts[1].op == "le" and first.unit == amounts[1].unit:
                quantity = Quantity("range", first.value or 0, amounts[1].value, first.unit)
            else:
                quantity = Quantity(op, first.value if first.value is not None else 0, first.max, first.unit)
        due = next((a for a in row.atoms if a.kind == "deadline"), None)
        if due:
            deadline = due.deadline
        return frequency, quantity, deadline


def _article(path: str) -> str:
    return path.split("/", 1)[0]


def masked_ends(masked: str, clause: Clause, word: str) -> bool:
    return masked.endswith(word, clause.start, clause.end)


def _strip(masked: str, start: int, end: int) -> Span:
    while end > start and masked[end - 1] in " ,、:;。\n":
        end -= 1
    while start < end and masked[start] in " ,、:;。\n":
        start += 1
    return start, end


def _register(source: str, folded: str) -> str:
    """``tw`` for a text in traditional script that drafts in the Taiwanese manner (之, 者, 於, 得), else ``cn``."""
    sample = folded[:20000]
    differing = sum(map(str.__ne__, source[:20000], sample)) if len(source) == len(folded) else None
    if differing is None:
        differing = sum(source.count(c) for c in "為於應條關與經發專學國會業")
        differing = differing * 6
    if differing < 0.02 * len(sample):
        return "cn"
    classical = sum(sample.count(w) for w in ("之", "者,", "得", "应于", "为之"))
    return "tw" if classical > 0.008 * len(sample) else "cn"
