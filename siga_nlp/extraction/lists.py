"""Lists under a stem: ``应当履行下列职责:`` and the items that state no measure or modal word of their own."""

from __future__ import annotations

import re

from ..clauses import Modal, sentences
from ..models import Node, Span
from .page import Page
from .statements import Memory, Statement
from .subjects import carries, leads


def lists_conditions(page: Page, node: Node) -> bool:
    """Whether a node is an item of a list of conditions (``有下列情形之一的:``) or of sanctions, which nobody owes."""
    if node.stem < 0:
        return False
    stem = page.nodes[node.stem]
    tail = page.masked[stem.body : stem.end].rstrip()[-60:]
    return bool(page.wording.stem_conditions.search(tail) or page.wording.penalty.search(tail[tail.rfind("。") + 1 :]))


def introduces_list(page: Page, index: int, action: Span, modal: Modal, subject: Span | None, memory: Memory) -> bool:
    """Whether ``modal`` with ``action`` only introduces a list and gets no row; a stem of acts is remembered.

    A stem of things (应当包括下列内容) is a requirement of its own; its items are none.
    """
    node, wording = page.nodes[index], page.wording
    # Only the end of a node introduces what comes after it; 400 characters hold the longest stems.
    tail = page.text[max(node.body, node.end - 400) : node.end].rstrip()
    if not tail.endswith(":") and not wording.list_words.search(tail):
        return False
    words = page.says(action)
    if not wording.list_words.search(words) and action[1] < node.end - 1:
        # 应当加强领导,做好下列工作: the act before is a row, and the list is one of acts.
        rest = page.masked[action[1] : node.end]
        last = "" if re.search("[。;!?]", rest) else rest.rpartition(",")[2]
        if wording.stem_acts.search(last.strip()) and not wording.stem_things.search(last.strip()):
            memory.stems[index], memory.subjects[index] = modal, subject
        return False
    if wording.stem_conditions.search(words) and (wording.has.match(words) or not wording.verb.match(words)):
        return True
    if wording.list_words.search(words) and wording.stem_conditions.search(
        page.masked[action[0] - 12 : node.end].rstrip()
    ):
        if page.masked.find("资格", max(node.body, action[0] - 12), action[0]) >= 0:
            return True  # 其资格应符合下列规定:
    if wording.stem_things.search(words) or not wording.stem_acts.search(words):
        return False
    memory.stems[index] = modal
    memory.subjects[index] = subject
    if wording.act_of_stem.search(words.rstrip(":")):
        return False
    return any(n.stem == index for n in page.nodes[index + 1 : index + 4])


def item(page: Page, index: int, memory: Memory, before: int) -> None:
    """An item whose first clause states nothing by itself: it is an act under the modal word of its stem.

    ``before`` is how many statements there were before the item was read; those that it makes itself may follow.
    """
    node = page.nodes[index]
    modal = memory.stems[node.stem]
    spans = sentences(page.masked, node.heading[0] if node.heading else node.body, node.end)
    if not spans:
        return
    start, end = page.trim(*spans[0])
    if end - start < 2:
        return
    own = memory.statements[before:]
    for row in own:
        if row.modal is None:  # 不得有下列行为: 在水源五十米内养殖
            row.modality, row.modal = modal.modality, (modal.start, modal.end)
    party = page.parties.leading(page.masked, start, end)
    acts = modal.modality == "obligation"  # who is named in a prohibited act suffers it
    stated = (
        acts
        and party
        and party.end < end - 1
        and (carries(page, party, memory) or leads(page, party, end) or page.says((party.start, party.end)) == "本人")
    )
    if page.masked[start : node.end].rstrip().endswith(":") and _is_name(page, start, end, index):
        # 一、经理人员: whose acts the next list says.
        memory.stems[index], memory.subjects[index] = modal, (start, page.strip(start, end)[1])
        return
    things = page.wording.stem_things.search(page.masked, start, node.end) and not page.wording.stem_acts.search(
        page.masked, start, node.end
    )
    if (
        page.masked[start : node.end].rstrip().endswith(":")
        and any(n.stem == index for n in page.nodes[index + 1 : index + 3])
        and not things
    ):
        memory.stems[index], memory.subjects[index] = modal, memory.subject  # 一、使用宽度: and what it is in each case
        return
    act, comma = start, page.masked.find(",", start, end)
    while 0 <= comma < end - 2 and page.wording.condition_end.search(page.masked[act:comma]):
        act, comma = page.trim(comma, end)[0], page.masked.find(",", comma + 1, end)
    if own:
        end = comma if comma > act else end
        other = [row for row in own if row.modal != (modal.start, modal.end)]
        own_modals = bool(other)
        # 按时清运,不得混装: an act before the one with a modal word of its own; not a thing that is ruled (提供之餐具,应…).
        said = page.wording.begins_act.match(page.masked, act, end) and not page.parties.of.search(
            page.masked, act, end
        )
        said = said and not page.wording.condition.search(page.masked, act, end)
        # 申请使用道路,应于开工前…: under 应 it is the case, and under it 不得 a second rule.
        said = said and all(row.modality != modal.modality for row in other[:1])
        if own_modals and not said or any(min([row.start, *(a for a, _ in row.action)]) < end for row in own):
            return
    memory.statements.insert(
        before,
        Statement(
            index,
            start,
            end,
            [(max(act, party.end) if stated and party else act, comma if comma > act else end)],
            (party.start, party.end) if stated and party else memory.subject,
            "stated" if stated else memory.inherited(),
            modal.modality,
            (modal.start, modal.end),
            rules=[modal.rule, "item-of-list"],
        ),  # fmt: skip
    )


def _is_name(page: Page, start: int, end: int, index: int) -> bool:
    """Whether an item that has a list of its own only names a party."""
    name = page.says(page.strip(start, end))
    return page.parties.ends_in_head(name) and any(n.stem == index for n in page.nodes[index + 1 : index + 3])
