"""What laboratory tests come out as: they move with the conditions, and with their treatment."""

from __future__ import annotations

import numpy as np

from healthsim.generation.kernels.context import Floats, Ints
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.kernels.treatment import Treatment
from healthsim.generation.laboratory import Lab, Test, Values

#: days until a treatment shows in results; an assumption
TAKES_EFFECT = 60
#: share of the spread of a result that belongs to the person and comes again each time; an assumption
OF_PERSON = 0.7


def measured(
    timeline: Timeline, treatment: Treatment, lab: Test, event: Ints, known: dict[str, tuple[Ints, Floats]]
) -> Floats:
    """Results of one test at contacts, as reported; those of a calculated one follow from the others.

    Args:
        known: the contacts and results of the tests that have been worked out, by LOINC code.
    """
    at, result = known.get(lab.loinc, (None, event))
    if at is None or not np.array_equal(at, event):
        value = _values(timeline, treatment, lab, event)
        for loinc, factor in lab.calculated.items():
            value = value + factor * measured(
                timeline, treatment, timeline.context.knowledge.lab_of(loinc), event, known
            )
        result = np.round(value, lab.decimals)
        known[lab.loinc] = event, result
    return result


class _Choice:
    """Which distribution each result is of: at first the normal one, then the one that is farthest from it."""

    def __init__(self, lab: Test, rows: int) -> None:
        self._normal = lab.normal
        self._values = [lab.normal]
        self._which, self._apart = np.zeros(rows, dtype=np.int64), np.zeros(rows)

    def take(self, rows: Ints, values: Values) -> None:
        """These values are possible for these results."""
        apart = abs(values.mean - self._normal.mean)
        far = rows.compress(apart >= self._apart.take(rows))
        self._apart[far], self._which[far] = apart, len(self._values)
        self._values.append(values)

    def drawn(self, spread: Floats) -> Floats:
        """The results, from numbers of the standard normal distribution."""
        figures = [(values.mean, values.sd, values.low, values.high) for values in self._values]
        mean, sd, low, high = (np.array(figure).take(self._which) for figure in zip(*figures, strict=True))
        result: Floats = np.clip(mean + sd * spread, low, high)
        return result


def _values(timeline: Timeline, treatment: Treatment, lab: Test, event: Ints) -> Floats:
    """Results of one test: what people in general have, or what those with a condition have, under control or not."""
    draws, conditions = timeline.context.draws, timeline.context.knowledge.conditions
    ids = timeline.people.number.take(timeline.events.person.take(event))
    of_person = draws.normal("lab/" + lab.loinc, ids)
    this_time = draws.normal("lab/" + lab.loinc + "/time", ids, timeline.events.key.take(event))
    choice = _Choice(lab, len(event))
    for row, number in enumerate(timeline.context.knowledge.chronic):
        for own in conditions[number].labs:
            if own.loinc == lab.loinc:
                _of_chronic(timeline, treatment, row, own, event, choice)
    for number, condition in enumerate(conditions):
        for own in condition.labs if condition.kind != "chronic" else ():
            usual = own.uncontrolled or own.controlled
            if own.loinc == lab.loinc and usual is not None:
                choice.take(np.flatnonzero(timeline.events.cause.take(event) == number), usual)
    return choice.drawn(OF_PERSON * of_person + np.sqrt(1 - OF_PERSON**2) * this_time)


def _of_chronic(timeline: Timeline, treatment: Treatment, row: int, lab: Lab, event: Ints, choice: _Choice) -> None:
    """What a chronic condition makes of a test: under control or not, in a stage, or in those who do not know of it."""
    if not (lab.uncontrolled or lab.controlled or lab.stages or lab.undiagnosed):
        return
    people, health = timeline.people, timeline.health
    condition = timeline.context.knowledge.conditions[timeline.context.knowledge.chronic[row]]
    person, day = timeline.events.person.take(event), timeline.events.day.take(event)
    if lab.undiagnosed:
        old = people.age_at(person, day) >= lab.undiagnosed.min_age
        well = np.flatnonzero(old & ~health.has[row].take(person))
        u = timeline.context.draws.uniform(condition.condition + "/undiagnosed", people.number.take(person.take(well)))
        choice.take(well.compress(u < lab.undiagnosed.share), lab.undiagnosed.values)
    ill = np.flatnonzero(health.onset[row].take(person) <= day)
    patient = person.take(ill)
    since = treatment.treated[row].take(patient)
    in_effect = (since > 0) & (day.take(ill) >= since + TAKES_EFFECT)
    treated, untreated = health.controlled_if_treated[row], health.controlled_if_not[row]
    good = np.where(in_effect, treated.take(patient), untreated.take(patient))
    if lab.uncontrolled:
        choice.take(ill.compress(~good), lab.uncontrolled)
    if lab.controlled:
        choice.take(ill.compress(good), lab.controlled)
    for number, stage in enumerate(condition.stages or ()):
        if stage.name in lab.stages:
            choice.take(ill.compress(health.stage[row].take(patient) == number), lab.stages[stage.name])
