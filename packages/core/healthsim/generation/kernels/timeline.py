"""The contacts of a batch as a searchable timeline: who was where at which time, and what was coded first when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from healthsim.generation.columns import runs
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import Bools, Context, Ints
from healthsim.generation.kernels.events import Events
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.journey_record import Journeys
from healthsim.generation.kernels.people import People
from healthsim.generation.knowledge import Condition, Stage
from healthsim.generation.ordering import among, order_of
from healthsim.generation.packing import Packing
from healthsim.generation.validity import ICD10CM, MS_DRG

#: a person and a day as one number to search for: two of one person are as far apart as their days
DAYS = Packing("person", day=(-(2**19), 2**19))
#: minutes of a day
_DAY = 1_440
#: minutes that a visit to an emergency department, or another contact, takes at least, and how much longer it may take;
#: assumptions
_EMERGENCY, _OTHERS = (60, 240), (15, 30)
#: people leave hospital between ten and six, at least two hours after they came; assumptions
_LEAVES_FROM, _LEAVES_WITHIN, _SHORTEST = 600, 480, 120


@dataclass(frozen=True)
class Timeline:
    """The contacts in order, and for each chronic condition the first contact at which it is taken down.

    Attributes:
        events: in the order of persons and time.
        ordinal: the place of a contact among those of its person, from 0.
        stage: the stage that a contact's cause is in. code: its principal diagnosis, in the codes of the knowledge.
        chronic: (chronic condition, person) the diagnosis code of a person's form of the condition; it stays the same.
        first: (chronic condition, person) the row of the first contact on or after onset, -1 where there is none.
        of_cause: for each condition the rows of the contacts that are for it.
        journeys: what of the contacts, orders and drugs belongs to journeys.
    """

    context: Context
    people: People
    health: Health
    events: Events
    ordinal: Ints
    stage: Ints
    code: Ints
    chronic: Ints
    first: Ints
    of_cause: list[Ints]
    journeys: Journeys

    @cached_property
    def begins(self) -> Ints:
        """The start of each contact, in minutes since 1970-01-01."""
        minutes: Ints = self.events.day * _DAY + self.events.minute
        return minutes

    @cached_property
    def ends(self) -> Ints:
        """The end of each contact: minutes later in an office, hours later in an emergency department, days later in hospital."""
        events, people = self.events, self.people
        play = self.context.draws.uniform("length", people.number.take(events.person), events.key)
        emergency = events.setting == ev.EMERGENCY
        least, longer = (np.where(emergency, *pair) for pair in zip(_EMERGENCY, _OTHERS, strict=True))
        minutes = self.begins + (least + play * longer).astype(np.int64)
        stays = np.flatnonzero(events.setting == ev.INPATIENT)
        last_day = (events.day[stays] + events.stay[stays]) * _DAY
        leaves = last_day + _LEAVES_FROM + (play[stays] * _LEAVES_WITHIN).astype(np.int64)
        minutes[stays] = np.maximum(leaves, self.begins[stays] + _SHORTEST)
        latest: Ints = np.minimum(minutes, ((people.last + 1) * _DAY - 1).take(events.person))
        return latest

    @cached_property
    def goes_on(self) -> Bools:
        """Stays that are under way at the end of the history: nobody knows yet when they end, and nothing is billed for them."""
        events = self.events
        is_stay = events.setting == ev.INPATIENT
        going_on: Bools = is_stay & (events.day + events.stay > self.context.end) & ~events.expired
        return going_on

    @cached_property
    def coded_on(self) -> Ints:
        """The day of each contact that says which version of a code system counts: of stays the last one."""
        stays = np.flatnonzero(self.events.setting == ev.INPATIENT)
        day = self.events.day.copy()
        day[stays] = self.ends[stays] // _DAY
        return day

    @cached_property
    def written(self) -> Ints:
        """The principal diagnosis of each contact as it was coded then."""
        return self.context.knowledge.on(ICD10CM, self.code, self.coded_on)

    @cached_property
    def drg(self) -> Ints:
        """The MS-DRG of each stay in the version of its day, -1 of other contacts."""
        drg = np.where((self.events.setting == ev.INPATIENT) & ~self.goes_on, self.events.drg, -1)
        return self.context.knowledge.on(MS_DRG, drg, self.coded_on)

    def minutes(self, event: Ints, after: int) -> Ints:
        """So many minutes after the start of contacts, or their end where that is earlier."""
        minutes: Ints = np.minimum(self.begins.take(event) + after, self.ends.take(event))
        return minutes

    @cached_property
    def is_clinic(self) -> np.ndarray:
        """Contacts at which blood is drawn, drugs are prescribed and vaccines given."""
        return among(self.events.setting, (ev.OFFICE, ev.SPECIALIST, ev.WELLNESS))

    @cached_property
    def _clinic(self) -> tuple[Ints, Ints]:
        rows = np.flatnonzero(self.is_clinic)
        keys = DAYS.pack(self.events.person.take(rows), day=self.events.day.take(rows))
        # behind all contacts there is none
        return np.append(rows, -1), np.append(keys, np.iinfo(np.int64).max)

    @cached_property
    def _earlier(self) -> Ints:
        """(person) when the last clinic contact before the history may have been: as long before the first one in it as
        there are days from one to the next."""
        rows = self._clinic[0][:-1]
        person, day = self.events.person.take(rows), self.events.day.take(rows)
        n = np.bincount(person, minlength=len(self.people))
        first = self.people.first.copy()
        # of a person's contacts the first one is written last
        first[person[::-1]] = day[::-1]
        span = self.people.last - self.people.first + 1
        earlier: Ints = first - span // np.maximum(n, 1)
        return earlier

    def attach(self, person: Ints, day: Ints, within: Ints | int) -> Ints:
        """The row of the first clinic contact on or after a day and at most so many days later; -1 where there is none.

        The day may lie before the history: what was due then waits for the first contact in it, unless there was one before.
        """
        rows, keys = self._clinic
        wanted = DAYS.pack(person, day=day)
        at = np.searchsorted(keys, wanted)
        waits = (day >= self.people.first.take(person)) | (day > self._earlier.take(person))
        # contacts of the next person are farther away than any number of days
        return np.where(waits & (keys.take(at) - wanted <= within), rows.take(at), -1)


def make_timeline(
    context: Context, people: People, health: Health, events: Events, journeys: Journeys | None = None
) -> Timeline:
    """Put the contacts into a timeline."""
    ordinal, _ = runs(events.person)
    chronic = _chronic_codes(context, people, health)
    causes = np.bincount(events.cause + 1, minlength=len(context.knowledge.conditions) + 1)
    _, *of_cause = np.split(order_of(events.cause), np.cumsum(causes)[:-1])
    stage, code = _principal(context, people, health, events, chronic, of_cause)
    first = _first_contacts(context, health, events)
    return Timeline(
        context, people, health, events, ordinal, stage, code, chronic, first, of_cause, journeys or Journeys(context)
    )


def _first_contacts(context: Context, health: Health, events: Events) -> Ints:
    """(chronic condition, person) the row of the first contact in person on or after onset, -1 where there is none."""
    in_person = np.flatnonzero((events.setting != ev.VIRTUAL) & (events.kind != ev.SERVICE))
    keys = DAYS.pack(events.person[in_person], day=events.day[in_person])
    first = np.full(health.has.shape, -1)
    if not len(keys):
        return first
    for row in range(len(context.knowledge.chronic)):
        who = np.flatnonzero(health.has[row])
        wanted = DAYS.pack(who, day=health.onset[row, who])
        at = np.searchsorted(keys, wanted)
        inside = np.minimum(at, len(keys) - 1)
        fits = (at < len(keys)) & (DAYS.first_of(keys[inside]) == who)
        first[row, who[fits]] = in_person[inside[fits]]
    return first


def _chronic_codes(context: Context, people: People, health: Health) -> Ints:
    """(chronic condition, person) diagnosis codes, -1 where a person does not have the condition."""
    knowledge = context.knowledge
    codes = np.full(health.has.shape, -1)
    for row, number in enumerate(knowledge.chronic):
        condition = knowledge.conditions[number]
        who = np.flatnonzero(health.has[row])
        u = context.draws.uniform(condition.condition + "/code", people.number[who])
        for which, stage in enumerate(condition.stages or ()):
            here = health.stage[row, who] == which
            codes[row, who[here]] = knowledge.weighted(stage.codes).pick(u[here])
    return codes


def _principal(
    context: Context, people: People, health: Health, events: Events, chronic: Ints, of_cause: list[Ints]
) -> tuple[Ints, Ints]:
    """(the stage that a contact's cause is in, its principal diagnosis)."""
    stage, code = np.zeros(len(events), dtype=np.int64), events.code.copy()
    place = context.knowledge.chronic_rows
    for number, (condition, rows) in enumerate(zip(context.knowledge.conditions, of_cause, strict=True)):
        person = events.person.take(rows)
        if number in place:
            stage[rows] = health.stage[place[number]].take(person)
            own_code = chronic[place[number]].take(person)
        elif condition.stages:
            ids, keys = people.number[person], events.key[rows]
            stage[rows], own_code = _of_episodes(context, condition, condition.stages, ids, keys)
        else:
            continue
        # what a contact came with stays
        code[rows] = np.where(code.take(rows) < 0, own_code, code.take(rows))
    return stage, code


def _of_episodes(
    context: Context, condition: Condition, stages: tuple[Stage, ...], ids: Ints, keys: Ints
) -> tuple[Ints, Ints]:
    """(stage, diagnosis) of each episode of a condition that is not chronic, by shares."""
    cumulative = np.cumsum([stage.share for stage in stages])
    u = context.draws.uniform(condition.condition + "/stage", ids, keys) * cumulative[-1]
    which = np.minimum(np.searchsorted(cumulative, u, side="right"), len(cumulative) - 1)
    code = np.empty(len(ids), dtype=np.int64)
    of_code = context.draws.uniform(condition.condition + "/code", ids, keys)
    for number, stage in enumerate(stages):
        here = which == number
        code[here] = context.knowledge.weighted(stage.codes).pick(of_code[here])
    return which, code
