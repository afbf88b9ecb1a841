"""The contacts of journeys, put among those that people have anyway, before anything is coded, prescribed or billed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from healthsim.generation.journeys.declaration import CONTACTS, Step
from healthsim.generation.journeys.order import Placed
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import Bools, Context, Ints
from healthsim.generation.kernels.coverage import make_coverage
from healthsim.generation.kernels.days import arrivals, office_hours
from healthsim.generation.kernels.events import Collected, Events
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.journey_parts import Group
from healthsim.generation.kernels.journey_record import Journeys
from healthsim.generation.kernels.journey_starts import group_of
from healthsim.generation.kernels.journey_world import World
from healthsim.generation.kernels.journeys import plan
from healthsim.generation.kernels.people import People
from healthsim.generation.kernels.sources import planned_setting
from healthsim.generation.kernels.stays import admit
from healthsim.generation.knowledge import Screening
from healthsim.generation.ordering import among


def with_journeys(context: Context, people: People, health: Health, events: Events) -> tuple[Events, Journeys]:
    """(contacts with those of journeys among them, the journeys); what cannot be since somebody is in hospital is not planned."""
    if not context.journeys:
        return events, Journeys(context)
    world = World(context, people, health, make_coverage(context, people, health))
    groups = tuple(group_of(world, pathway, events) for pathway in context.journeys)
    events = _without_replaced(Journeys(context, groups), events)
    lost: list[dict[str, Bools]] = [{} for _ in groups]
    while True:
        planned = tuple(plan(world, group, missing) for group, missing in zip(groups, lost, strict=True))
        journeys = Journeys(context, groups, planned)
        together = ev.joined([events, _contacts(world, journeys)])
        together = ev.in_order(together, np.arange(len(together)))
        of_steps = np.flatnonzero(together.step >= 0)
        event = np.full(journeys.rows, -1)
        event[together.step[of_steps]] = of_steps
        journeys = replace(journeys, event=event)
        if not _lose(journeys, lost):
            return together, journeys


def _lose(journeys: Journeys, lost: list[dict[str, Bools]]) -> bool:
    """Note the contacts that were planned and did not take place; whether there are any."""
    any_lost = False
    for which, group in enumerate(journeys.groups):
        for placed in group.pathway.steps:
            if placed.step.kind in CONTACTS:
                missing = journeys.planned[which][placed.name].happens & (journeys.contact(which, placed) < 0)
                if missing.any():
                    lost[which][placed.name] = missing | lost[which].get(placed.name, missing)
                    any_lost = True
    return any_lost


def _without_replaced(journeys: Journeys, events: Events) -> Events:
    """Contacts without those of conditions that journeys have contacts of their own for."""
    gone = np.zeros(len(events), dtype=bool)
    for part, kinds in (("visits", (ev.FOLLOW_UP, ev.VISIT)), ("procedures", (ev.SERVICE,))):
        conditions = {
            group.pathway.journey.condition for group in journeys.groups if part in group.pathway.journey.instead_of
        }
        for name in sorted(filter(None, conditions)):
            number = journeys.context.knowledge.index(name)
            own = (events.cause == number) & among(events.kind, kinds)
            gone |= own & journeys.replaces(part, number, events.person, events.day)
    return events.take(np.flatnonzero(~gone))


class _OfAStep(Collected):
    """The contacts of one step, each with the row of the step that it is."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Ints = np.zeros(0, dtype=np.int64)

    def add(self, source: str, person: Ints, day: Ints, *, setting: Any, kind: int, **others: Any) -> None:
        """Take the events, in the order of ``rows``."""
        super().add(source, person, day, setting=setting, kind=kind, step=self.rows, **others)


def _contacts(world: World, journeys: Journeys) -> Events:
    """The contacts of all steps, in any order."""
    collected = _OfAStep()
    for which, group in enumerate(journeys.groups):
        for placed in group.pathway.steps:
            if placed.step.kind in CONTACTS:
                planned = journeys.planned[which][placed.name]
                at, time = np.nonzero(planned.happens)
                collected.rows = journeys.row(which, placed.name)[at, time]
                happening = _Happening(
                    group, placed, group.person[at], planned.day[at, time], time, planned.option[at, time]
                )
                _add(world, happening, collected)
    return collected.sorted(world.people)


@dataclass(frozen=True)
class _Happening:
    """The times of a step that take place: person, day, which time of the step, which option."""

    group: Group
    placed: Placed
    person: Ints
    day: Ints
    time: Ints
    option: Ints

    @property
    def label(self) -> str:
        return self.group.pathway.stream(self.placed.name)


def _add(world: World, happening: _Happening, collected: Collected) -> None:
    """The contacts of one step."""
    context, people, step = world.context, world.people, happening.placed.step
    knowledge, journey = context.knowledge, happening.group.pathway.journey
    own = -1 if journey.condition is None else knowledge.index(journey.condition)
    label, person, day, time = happening.label, happening.person, happening.day, happening.time
    if step.encounter is not None:
        encounter = step.encounter
        collected.add(
            label,
            person,
            day,
            occurrence=time,
            setting=ev.SETTINGS.index(encounter.setting),
            kind=ev.VISIT,
            cause=own,
            code=-1 if encounter.diagnosis is None else knowledge.code(encounter.diagnosis),
            specialty=-1 if encounter.specialty is None else knowledge.specialties.number(encounter.specialty),
            reason=knowledge.reasons.number(encounter.reason),
            minute=office_hours(context, person, people, label, time),
        )
    elif step.procedure is not None:
        _add_procedures(world, happening, own, collected)
    elif step.admission is not None:
        number = knowledge.index(step.admission.of)
        stay = happening.group.pathway.known.stays(step.admission)[0]
        condition = knowledge.conditions[number]
        admit(context, people, label, number, condition, stay, person, day, time, collected, exact=True)
    else:
        _add_emergencies(world, happening, step, collected)


def _add_emergencies(world: World, happening: _Happening, step: Step, collected: Collected) -> None:
    """Visits to an emergency department for a condition."""
    context, person, time = world.context, happening.person, happening.time
    number = context.knowledge.index(step.emergency or "")
    emergency = context.knowledge.conditions[number].emergency
    assert emergency is not None  # the faults of a file say so before
    codes = context.knowledge.weighted(emergency.principal)
    u = context.draws.uniform(happening.label + "/code", world.people.number[person], time)
    collected.add(
        happening.label,
        person,
        happening.day,
        occurrence=time,
        setting=ev.EMERGENCY,
        kind=ev.EPISODE,
        cause=number,
        code=codes.pick(u),
        minute=arrivals(context, person, world.people, happening.label, time),
    )


def _add_procedures(world: World, happening: _Happening, own: int, collected: Collected) -> None:
    """Contacts for a procedure, as the file of its condition says: where, with whom, and for screening the diagnosis."""
    knowledge, known = world.context.knowledge, happening.group.pathway.known
    of_conditions = [known.procedures[code] for code in happening.placed.step.procedure or ()]
    settings, specialties, services, causes, codes = [], [], [], [], []
    for condition, done in of_conditions:
        screening = isinstance(done, Screening)
        specialty = None if isinstance(done, Screening) else done.specialty
        settings.append(planned_setting(done.setting))
        specialties.append(-1 if specialty is None else knowledge.specialties.number(specialty))
        services.append(knowledge.service(done))
        causes.append(knowledge.index(condition.condition) if screening else own)
        codes.append(knowledge.code(done.diagnosis) if isinstance(done, Screening) else -1)
    which = happening.option
    collected.add(
        happening.label,
        happening.person,
        happening.day,
        occurrence=happening.time,
        setting=np.array(settings)[which],
        kind=ev.SERVICE,
        cause=np.array(causes)[which],
        specialty=np.array(specialties)[which],
        service=np.array(services)[which],
        code=np.array(codes)[which],
        minute=office_hours(world.context, happening.person, world.people, happening.label, happening.time),
    )
