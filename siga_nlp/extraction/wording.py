"""The wording by which clauses are judged: the parts and rules of ``rules/actions.yaml``, compiled, each under its name."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, fields

from ..lexicon import Lexicon


class Wording:
    """A pattern for each name, compiled when it is first asked for: short texts ask for few. What it means and why it is
    there stands beside it in the rule files.
    """

    # how clauses begin and end
    verb: re.Pattern[str]
    opener: re.Pattern[str]
    opener_verbs: re.Pattern[str]
    with_act: re.Pattern[str]
    opener_end: re.Pattern[str]
    severally: re.Pattern[str]
    begins_act: re.Pattern[str]
    joins_act: re.Pattern[str]
    disposing: re.Pattern[str]
    thing_end: re.Pattern[str]
    disposed: re.Pattern[str]
    openers_of_place: re.Pattern[str]
    link: re.Pattern[str]
    verb_end: re.Pattern[str]
    adverb_tail: re.Pattern[str]
    in_respect: re.Pattern[str]
    relative_end: re.Pattern[str]
    relative_verb: re.Pattern[str]
    or_ought_to: re.Pattern[str]
    cannot: re.Pattern[str]
    who_cannot: re.Pattern[str]
    needing: re.Pattern[str]
    verb_before_need: re.Pattern[str]
    when_needed: re.Pattern[str]
    relative_need: re.Pattern[str]
    by_rule: re.Pattern[str]
    only_then: re.Pattern[str]
    names_contents: re.Pattern[str]
    things_to_do: re.Pattern[str]
    in_writing: re.Pattern[str]
    of_a_thing: re.Pattern[str]
    needing_thing: re.Pattern[str]
    qualifies: re.Pattern[str]
    case_before_modal: re.Pattern[str]
    circumstance_end: re.Pattern[str]
    joint: re.Pattern[str]
    made_by: re.Pattern[str]
    their_act: re.Pattern[str]
    voters: re.Pattern[str]
    votes: re.Pattern[str]
    made_up: re.Pattern[str]
    voting: re.Pattern[str]
    voters_before: re.Pattern[str]
    voters_behind: re.Pattern[str]
    thing_before: re.Pattern[str]
    case_end: re.Pattern[str]
    every_case: re.Pattern[str]
    condition_end: re.Pattern[str]
    ground: re.Pattern[str]
    exception_before: re.Pattern[str]
    exception_after: re.Pattern[str]
    place_end: re.Pattern[str]
    means_end: re.Pattern[str]
    means: re.Pattern[str]
    form_end: re.Pattern[str]
    acting_verbs: re.Pattern[str]
    openers_of_ground: re.Pattern[str]
    ground_and_act: re.Pattern[str]
    example: re.Pattern[str]
    ground_then_act: re.Pattern[str]
    before_relative: re.Pattern[str]
    condition: re.Pattern[str]
    when_end: re.Pattern[str]
    # modal words
    encouraging: re.Pattern[str]
    weak_after_prohibition: re.Pattern[str]
    said_to_all: re.Pattern[str]
    acts_on: re.Pattern[str]
    actor_follows: re.Pattern[str]
    by_law: re.Pattern[str]
    quorum: re.Pattern[str]
    # who acts
    who_acts: re.Pattern[str]
    people: re.Pattern[str]
    level_tail: re.Pattern[str]
    validity: re.Pattern[str]
    no_thing: re.Pattern[str]
    person_end: re.Pattern[str]
    unfinished_end: re.Pattern[str]
    area: re.Pattern[str]
    # what is owed
    penalty: re.Pattern[str]
    history: re.Pattern[str]
    retold: re.Pattern[str]
    builds: re.Pattern[str]
    plan_title: re.Pattern[str]
    units_named: re.Pattern[str]
    compared: re.Pattern[str]
    future: re.Pattern[str]
    told_of_a_year: re.Pattern[str]
    definition: re.Pattern[str]
    defining_verb: re.Pattern[str]
    qualification: re.Pattern[str]
    period_as_attribute: re.Pattern[str]
    deadline_as_attribute: re.Pattern[str]
    hands_in: re.Pattern[str]
    paper_of_age: re.Pattern[str]
    period_in_name: re.Pattern[str]
    named_amount: re.Pattern[str]
    cites: re.Pattern[str]
    bound: re.Pattern[str]
    bound_ahead: re.Pattern[str]
    threshold: re.Pattern[str]
    describes: re.Pattern[str]
    is_divided: re.Pattern[str]
    demand: re.Pattern[str]
    there_are: re.Pattern[str]
    demanded: re.Pattern[str]
    demanded_then: re.Pattern[str]
    marks_before: re.Pattern[str]
    of_whom: re.Pattern[str]
    sums_up: re.Pattern[str]
    summed: re.Pattern[str]
    staffed_before: re.Pattern[str]
    each_follows: re.Pattern[str]
    leave_case: re.Pattern[str]
    at_that_time: re.Pattern[str]
    leave_before: re.Pattern[str]
    leave_within: re.Pattern[str]
    case_after: re.Pattern[str]
    case_before: re.Pattern[str]
    by_whom: re.Pattern[str]
    of_a_person: re.Pattern[str]
    if_so: re.Pattern[str]
    time_of_case: re.Pattern[str]
    by_heat: re.Pattern[str]
    kind_of_thing: re.Pattern[str]
    kind_ruled: re.Pattern[str]
    measured_thing: re.Pattern[str]
    nobody: re.Pattern[str]
    grade_next: re.Pattern[str]
    deems: re.Pattern[str]
    deemed_later: re.Pattern[str]
    rounded: re.Pattern[str]
    rounded_within: re.Pattern[str]
    granted: re.Pattern[str]
    counted_as: re.Pattern[str]
    founded: re.Pattern[str]
    share_in_words: re.Pattern[str]
    reaching: re.Pattern[str]
    reaches: re.Pattern[str]
    whole_rate: re.Pattern[str]
    each_or_only: re.Pattern[str]
    staffing: re.Pattern[str]
    staffed: re.Pattern[str]
    staffs: re.Pattern[str]
    short_body: re.Pattern[str]
    size_named: re.Pattern[str]
    term_of: re.Pattern[str]
    divided: re.Pattern[str]
    member: re.Pattern[str]
    papers_stem: re.Pattern[str]
    amounts_stem: re.Pattern[str]
    amounts_follow: re.Pattern[str]
    members_stem: re.Pattern[str]
    appoints: re.Pattern[str]
    assigning: re.Pattern[str]
    visiting: re.Pattern[str]
    standard_end: re.Pattern[str]
    short_verb: re.Pattern[str]
    lasts_or_reaches: re.Pattern[str]
    stays_so: re.Pattern[str]
    a_word: re.Pattern[str]
    article: re.Pattern[str]
    once: re.Pattern[str]
    held_once: re.Pattern[str]
    time_named: re.Pattern[str]
    each_time: re.Pattern[str]
    date_named: re.Pattern[str]
    dates_of_year: re.Pattern[str]
    length_of_time: re.Pattern[str]
    at_scale: re.Pattern[str]
    times_ahead: re.Pattern[str]
    length_only: re.Pattern[str]
    share_base: re.Pattern[str]
    by_standard: re.Pattern[str]
    standard: re.Pattern[str]
    within_limits: re.Pattern[str]
    scoring: re.Pattern[str]
    background: re.Pattern[str]
    scored_case: re.Pattern[str]
    whose: re.Pattern[str]
    short_act: re.Pattern[str]
    copula: re.Pattern[str]
    reaching_tail: re.Pattern[str]
    event_end: re.Pattern[str]
    turn: re.Pattern[str]
    mere_round: re.Pattern[str]
    standing: re.Pattern[str]
    vague: re.Pattern[str]
    # what is left for the action
    no_act: re.Pattern[str]
    strives: re.Pattern[str]
    leftovers: re.Pattern[str]
    particles: re.Pattern[str]
    and_act: re.Pattern[str]
    and_measure: re.Pattern[str]
    and_verb: re.Pattern[str]
    or_share: re.Pattern[str]
    or_thing: re.Pattern[str]
    next_paper: re.Pattern[str]
    cut_sign: re.Pattern[str]
    date_before: re.Pattern[str]
    rest_of_amount: re.Pattern[str]
    as_limit: re.Pattern[str]
    limited: re.Pattern[str]
    fee: re.Pattern[str]
    money: re.Pattern[str]
    contrary_bounds: re.Pattern[str]
    either: re.Pattern[str]
    only_dates: re.Pattern[str]
    whose_end: re.Pattern[str]
    inner_case: re.Pattern[str]
    size_before: re.Pattern[str]
    of_things: re.Pattern[str]
    event_opener: re.Pattern[str]
    # lists, headings, brackets
    stem_conditions: re.Pattern[str]
    stem_acts: re.Pattern[str]
    stem_things: re.Pattern[str]
    list_words: re.Pattern[str]
    act_of_stem: re.Pattern[str]
    exception: re.Pattern[str]
    staff_stem: re.Pattern[str]
    to_list: re.Pattern[str]
    only_refers: re.Pattern[str]
    has: re.Pattern[str]
    record: re.Pattern[str]
    short_name: re.Pattern[str]
    sets_up: re.Pattern[str]
    in_office: re.Pattern[str]
    announces: re.Pattern[str]
    heading_window: re.Pattern[str]
    speaks_in_brackets: re.Pattern[str]

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def __getattr__(self, name: str) -> re.Pattern[str]:
        """The pattern of a name that was not asked for before: of a kind of rules, a word list or a part."""
        if name not in Wording.__annotations__:
            raise AttributeError(name)
        rules = self._lexicon.rules.get(name)
        found = self._lexicon.compile("|".join(rule.pattern for rule in rules) if rules else f"{{{name}}}")
        setattr(self, name, found)
        return found


@dataclass(frozen=True, slots=True)
class Units:
    """The sets of units that decide something, by name (``rules/measures.yaml``)."""

    per_act: frozenset[str]
    sizes: frozenset[str]
    people_units: frozenset[str]
    part_units: frozenset[str]
    copy_units: frozenset[str]
    term_units: frozenset[str]
    length_units: frozenset[str]
    score_units: frozenset[str]
    temperature_units: frozenset[str]
    calendar_units: frozenset[str]
    time_units: frozenset[str]
    rank_units: frozenset[str]


@functools.lru_cache(maxsize=8)
def wording(lexicon: Lexicon) -> Wording:
    """The wording of a lexicon.

    >>> from siga_nlp.lexicon import load
    >>> wording(load()).penalty.search("处五百元以下罚款")[0]
    '处五百元以下罚款'
    """
    return Wording(lexicon)


@functools.lru_cache(maxsize=8)
def units(lexicon: Lexicon) -> Units:
    """The sets of units of a lexicon.

    >>> from siga_nlp.lexicon import load
    >>> "场" in units(load()).per_act
    True
    """
    return Units(**{field.name: lexicon.words(field.name) for field in fields(Units)})
