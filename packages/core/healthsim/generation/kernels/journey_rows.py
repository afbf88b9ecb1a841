"""The steps of journeys as rows: what was planned, whether it happened, why not, and the entity that it became."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.journeys.declaration import KINDS
from healthsim.generation.journeys.order import Placed
from healthsim.generation.kernels.clinical import Done
from healthsim.generation.kernels.context import Bools, Ints
from healthsim.generation.kernels.journey_parts import HAPPENS, NO_PRODUCT, TAKEN, WHY_NOT, Group, Planned
from healthsim.generation.kernels.results import Tests
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.kernels.treatment import Treatment, product_of
from healthsim.generation.ordering import order_of
from healthsim.generation.packing import Packing
from healthsim.generation.validity import CPT

#: entity types that steps become
ENTITIES = ("encounter", "order", "medication", "procedure")
_RELATIONS = ("with", "after", "from")


@dataclass(frozen=True)
class _Rows:
    """Rows of steps.

    Attributes:
        person, day, why, time: as planned. event: row of the contact, -1. kind: of ``ENTITIES``, -1: none. entity: its row in its
        table. journey, step, before, relation, what, option: numbers of texts, -1 for none.
    """

    person: Ints
    day: Ints
    why: Ints
    time: Ints
    event: Ints
    kind: Ints
    entity: Ints
    journey: Ints
    step: Ints
    before: Ints
    relation: Ints
    what: Ints
    option: Ints


def make_journey_steps(
    roster: Roster, treatment: Treatment, tests: Tests, done: Done, tables: dict[str, pa.Table]
) -> pa.Table:
    """One row for each time of each step of each person on a journey.

    Args:
        tables: those of the entities that steps become, with their identifiers in the first column.
    """
    texts: dict[str, int] = {}
    parts = list(_parts(roster, _Entities(treatment, tests, done), texts))
    rows = _Rows(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(_Rows)))
    order = order_of(rows.person, rows.journey, rows.day, rows.step, rows.time)
    rows = _Rows(*(getattr(rows, column.name)[order] for column in fields(_Rows)))
    happens, names = rows.why == HAPPENS, list(texts)
    event = np.where(happens, rows.event, -1)
    return pa.table(
        {
            "journey_step_id": roster.numbered("JST-", rows.person),
            "patient_id": roster.patient(rows.person),
            "encounter_id": roster.encounter(event, gaps=True),
            "journey": col.coded(rows.journey, names),
            "step": col.coded(rows.step, names),
            "kind": col.coded(rows.what, ["choice" if kind == "one_of" else kind for kind in KINDS]),
            "occurrence": col.whole(rows.time + 1),
            "predecessor": col.coded(rows.before, names, gaps=True),
            "relation": col.coded(rows.relation, _RELATIONS, gaps=True),
            "planned_date": col.days(rows.day),
            "happened": col.flags(happens),
            "happened_date": col.days(_when(roster, rows), ~happens),
            "why_not": col.coded(np.where(happens, -1, rows.why), WHY_NOT, gaps=True),
            "chosen": col.coded(np.where(happens, rows.option, -1), names, gaps=True),
            "entity_type": col.coded(np.where(happens, rows.kind, -1), ENTITIES, gaps=True),
            "entity_id": _identifiers(tables, np.where(happens, rows.kind, -1), rows.entity),
        }
    )


def _when(roster: Roster, rows: _Rows) -> Ints:
    """The day of the contact, where there is one; of others the planned one."""
    day = roster.timeline.events.day
    result: Ints = np.where(rows.event >= 0, day.take(np.maximum(rows.event, 0)) if len(day) else 0, rows.day)
    return result


def _identifiers(tables: dict[str, pa.Table], kind: Ints, entity: Ints) -> pa.Array:
    """The identifiers of rows of several tables."""
    columns = [pa.concat_arrays(tables[name].column(0).chunks or [pa.array([], pa.string())]) for name in ENTITIES]
    moved = np.cumsum([0, *(len(column) for column in columns[:-1])])
    row = moved[kind] + entity
    return pa.concat_arrays([column.cast(pa.string()) for column in columns]).take(pa.array(row, mask=kind < 0))


class _Entities:
    """What steps became: rows of the tables of drugs, orders and procedures."""

    def __init__(self, treatment: Treatment, tests: Tests, done: Done) -> None:
        self._orders, self._done = tests, done
        self.taken = np.flatnonzero(treatment.step >= 0)
        self.of_step = treatment.step[self.taken]

    def drugs(self, row: Ints) -> Ints:
        """The drugs that were begun with steps, -1 where none was."""
        order = np.argsort(self.of_step)
        return _place_of(row, self.of_step[order], self.taken[order])

    def orders(self, event: Ints, number: int) -> Ints:
        """The orders of one kind at contacts."""
        at = np.flatnonzero(self._orders.order == number)
        return _place_of(event, self._orders.ordered_at[at], at)

    def procedures(self, timeline: Timeline, event: Ints) -> Ints:
        """What was done at contacts that are for a procedure, -1 of others."""
        words = Packing("contact", service=(-1, len(timeline.context.knowledge.services)))
        service = timeline.events.service.take(event, mode="clip")
        service = timeline.context.knowledge.on(CPT, service, timeline.events.day.take(event, mode="clip"))
        known = words.pack(self._done.event, service=self._done.service)
        order = np.argsort(known)
        return _place_of(words.pack(event, service=service), known[order], order)


def _place_of(wanted: Ints, known: Ints, rows: Ints) -> Ints:
    """The rows of values among known ones in order, -1 of those that are not there."""
    if not len(known):
        return np.full(len(wanted), -1)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    result: Ints = np.where(known[at] == wanted, rows[at], -1)
    return result


def _parts(roster: Roster, entities: _Entities, texts: dict[str, int]) -> Iterator[_Rows]:
    journeys = roster.timeline.journeys
    for which, group in enumerate(journeys.groups):
        for placed in group.pathway.steps:
            planned = journeys.planned[which][placed.name]
            at, time = np.nonzero(planned.exists)
            event = journeys.contact(which, placed)[at, time]
            row = journeys.row(which, placed.name)[at, time]
            steps = _Steps(group, placed, group.person[at], time, planned.why[at, time], event, row)
            why, kind, entity = _became(roster, entities, steps)
            yield _Rows(
                person=steps.person,
                day=planned.day[at, time],
                why=why,
                time=time,
                event=event,
                kind=np.full(len(at), kind),
                entity=entity,
                option=_options(placed, planned, texts)[at, time],
                **{name: np.full(len(at), number) for name, number in _texts(group, placed, texts).items()},
            )


def _texts(group: Group, placed: Placed, texts: dict[str, int]) -> dict[str, int]:
    """The numbers of the texts of a step, by the column of the rows."""
    step = placed.step
    return {
        "journey": texts.setdefault(group.pathway.name, len(texts)),
        "step": texts.setdefault(placed.name, len(texts)),
        "before": -1 if step.predecessor is None else texts.setdefault(step.predecessor, len(texts)),
        "relation": -1 if step.relation is None else _RELATIONS.index(step.relation),
        "what": KINDS.index(step.kind),
    }


def _options(placed: Placed, planned: Planned, texts: dict[str, int]) -> Ints:
    """The numbers of the names of what was chosen, or done of several codes."""
    names = [*(placed.step.one_of or placed.step.procedure or ())]
    if not names:
        return np.full(planned.option.shape, -1)
    numbers: Ints = np.array([texts.setdefault(name, len(texts)) for name in names])[planned.option]
    return numbers


@dataclass(frozen=True)
class _Steps:
    """The times of a step that there are, one row each: person, which time, why not, row of the contact, row in the plan."""

    group: Group
    placed: Placed
    person: Ints
    time: Ints
    why: Ints
    event: Ints
    row: Ints


def _sold(roster: Roster, steps: _Steps) -> Bools:
    """Whether there was a product of a regimen on the day on which it was to begin; no where it was not to."""
    sold = np.zeros(len(steps.row), dtype=bool)
    begins = np.flatnonzero(steps.why == HAPPENS)
    pathway = steps.group.pathway
    regimen = pathway.known.regimens(pathway.journey)[steps.placed.step.regimen or ""]
    day = roster.timeline.events.day.take(steps.event[begins])
    label, person, time = pathway.stream(steps.placed.name, "drug"), steps.person[begins], steps.time[begins]
    sold[begins] = product_of(roster.timeline, label, regimen, person, time, day) >= 0
    return sold


def _became(roster: Roster, entities: _Entities, steps: _Steps) -> tuple[Ints, int, Ints]:
    """(why a step did not happen, the kind of its entity, the row of that)."""
    step, why, event, group = steps.placed.step, steps.why, steps.event, steps.group
    none = np.full(len(event), -1)
    if step.one_of is not None:
        return why, -1, none
    if step.lab is not None:
        number = roster.timeline.journeys.order_of(group, step.lab)
        return why, ENTITIES.index("order"), entities.orders(event, number)
    if step.procedure is not None:
        return why, ENTITIES.index("procedure"), entities.procedures(roster.timeline, event)
    if step.regimen is not None:
        drug = entities.drugs(steps.row)
        why = np.where((why == HAPPENS) & (drug < 0), np.where(_sold(roster, steps), TAKEN, NO_PRODUCT), why)
        return why, ENTITIES.index("medication"), drug
    return why, ENTITIES.index("encounter"), event
