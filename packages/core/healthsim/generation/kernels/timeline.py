"""The contacts of a batch as a searchable timeline: who was where at which time, and what was coded first when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from healthsim.generation.columns import runs
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import Context, Ints
from healthsim.generation.kernels.events import Events
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.people import People
from healthsim.generation.ordering import among, order_of

#: days that one person's part of the combined search key has room for
_SPAN = 1 << 20
_OFFSET = 1 << 19


@dataclass(frozen=True)
class Timeline:
    """The contacts in order, and for each chronic condition the first contact at which it is taken down.

    Attributes:
        events: in the order of persons and time.
        ordinal: the place of a contact among those of its person, from 0.
        stage: the stage that a contact's cause is in. code: its principal diagnosis.
        chronic: (chronic condition, person) the diagnosis code of a person's form of the condition; it stays the same.
        first: (chronic condition, person) the row of the first contact on or after onset, -1 where there is none.
        of_cause: for each condition the rows of the contacts that are for it.
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

    @cached_property
    def begins(self) -> Ints:
        """The start of each contact, in minutes since 1970-01-01."""
        minutes: Ints = self.events.day * 1_440 + self.events.minute
        return minutes

    @cached_property
    def ends(self) -> Ints:
        """The end of each contact: minutes later in an office, hours later in an emergency department, days later in hospital."""
        events, people = self.events, self.people
        play = self.context.draws.uniform("length", people.number.take(events.person), events.key)
        emergency = events.setting == ev.EMERGENCY
        minutes = self.begins + (np.where(emergency, 60, 15) + play * np.where(emergency, 240, 30)).astype(np.int64)
        stays = np.flatnonzero(events.setting == ev.INPATIENT)
        leaves = (events.day[stays] + events.stay[stays]) * 1_440 + 600 + (play[stays] * 480).astype(np.int64)
        minutes[stays] = np.maximum(leaves, self.begins[stays] + 120)
        latest: Ints = np.minimum(minutes, (people.last * 1_440 + 1_439).take(events.person))
        return latest

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
        keys = self.events.person.take(rows) * _SPAN + self.events.day.take(rows) + _OFFSET
        # behind all contacts there is none
        return np.append(rows, -1), np.append(keys, np.iinfo(np.int64).max)

    def attach(self, person: Ints, day: Ints, within: Ints | int) -> Ints:
        """The row of the first clinic contact on or after a day and at most so many days later; -1 where there is none."""
        rows, keys = self._clinic
        wanted = person * _SPAN + day + _OFFSET
        at = np.searchsorted(keys, wanted)
        # contacts of the next person are farther away than any number of days
        return np.where(keys.take(at) - wanted <= within, rows.take(at), -1)


def make_timeline(context: Context, people: People, health: Health, events: Events) -> Timeline:
    """Put the contacts into a timeline."""
    ordinal, _ = runs(events.person)
    chronic = _chronic_codes(context, people, health)
    causes = np.bincount(events.cause + 1, minlength=len(context.knowledge.conditions) + 1)
    _, *of_cause = np.split(order_of(events.cause), np.cumsum(causes)[:-1])
    stage, code = _principal(context, people, health, events, chronic, of_cause)
    in_person = np.flatnonzero((events.setting != ev.VIRTUAL) & (events.kind != ev.SERVICE))
    keys = events.person[in_person] * _SPAN + events.day[in_person] + _OFFSET
    first = np.full(health.has.shape, -1)
    for row in range(len(context.knowledge.chronic)):
        who = np.flatnonzero(health.has[row])
        wanted = who * _SPAN + np.maximum(health.onset[row, who], context.start) + _OFFSET
        at = np.searchsorted(keys, wanted)
        inside = np.minimum(at, max(len(keys) - 1, 0))
        fits = (at < len(keys)) & (keys[inside] // _SPAN == who) if len(keys) else np.zeros(len(who), dtype=bool)
        first[row, who[fits]] = in_person[inside[fits]]
    return Timeline(context, people, health, events, ordinal, stage, code, chronic, first, of_cause)


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
            codes[row, who[here]] = knowledge.weighted(stage.codes, condition.name).pick(u[here])
    return codes


def _principal(
    context: Context, people: People, health: Health, events: Events, chronic: Ints, of_cause: list[Ints]
) -> tuple[Ints, Ints]:
    """(the stage that a contact's cause is in, its principal diagnosis)."""
    knowledge, draws = context.knowledge, context.draws
    stage, code = np.zeros(len(events), dtype=np.int64), events.code.copy()
    place = knowledge.chronic_rows
    for number, (condition, rows) in enumerate(zip(knowledge.conditions, of_cause, strict=True)):
        person = events.person.take(rows)
        if number in place:
            stage[rows] = health.stage[place[number]].take(person)
            own = chronic[place[number]].take(person)
        elif condition.stages:
            cumulative = np.cumsum([one.share for one in condition.stages])
            u = draws.uniform(condition.condition + "/stage", people.number[person], events.key[rows]) * cumulative[-1]
            stage[rows] = np.minimum(np.searchsorted(cumulative, u, side="right"), len(cumulative) - 1)
            own = np.empty(len(rows), dtype=np.int64)
            again = draws.uniform(condition.condition + "/code", people.number[person], events.key[rows])
            for which, one in enumerate(condition.stages):
                here = stage[rows] == which
                own[here] = knowledge.weighted(one.codes, condition.name).pick(again[here])
        else:
            continue
        given = code.take(rows)
        code[rows] = np.where(given < 0, own, given)
    return stage, code
