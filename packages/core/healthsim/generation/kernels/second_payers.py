"""Who pays second: Medicaid of people with Medicare, and Medicare of people with kidney failure whose employer's plan pays first.

The first payer decides as if it were alone; the second pays of the share that this leaves to the member what its own terms do not
leave to the member again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import Context, Ints
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.payers import MEDICAID, MEDICARE, PAYERS, dual_rank, dual_share
from healthsim.generation.kernels.people import People
from healthsim.generation.ordering import order_of
from healthsim.generation.packaged import figures
from healthsim.generation.places import OLD

#: months after that in which dialysis began until Medicare begins: 42 CFR 406.13(e)
_WAITING = 3
#: ICD-10-CM: end stage renal disease
_KIDNEY_FAILURE = "N18.6"
#: months for which the plan of an employer pays before Medicare: 42 CFR 411.162
EMPLOYER_FIRST = 30


@dataclass(frozen=True)
class Second:
    """Spans of coverage that pay second, at most one a person, in the order of persons.

    Attributes:
        person: the place in the batch. plan: the place among the plans. start, end: days; NEVER is open.
        of: (person,) the row of the span, -1 without one.
    """

    person: Ints
    plan: Ints
    start: Ints
    end: Ints
    of: Ints

    def on(self, person: Ints, day: Ints) -> Ints:
        """The row of the span that covers a person on a day, -1 where there is none."""
        row = self.of.take(person)
        at = np.flatnonzero(row >= 0)
        covered, then = row.take(at), day.take(at)
        out = (then < self.start.take(covered)) | (then > self.end.take(covered))
        row[at.compress(out)] = -1
        return row


@dataclass(frozen=True)
class Kidneys:
    """Medicare for kidney failure, as far as there is another payer at the same time.

    Attributes:
        beside: people with Medicare beside the plan of an employer. start, end: the first and the last day of that.
        poor: people who have Medicaid, and keep it beside Medicare.
    """

    beside: Ints
    start: Ints
    end: Ints
    poor: Ints


def plan_of(line: str, kind: str | None = None) -> int:
    """The first plan of a line of business, and of a type."""
    plans = figures("services.yaml")["plans"]
    return next(n for n, plan in enumerate(plans) if plan["line"] == line and kind in (None, plan["type"]))


def may_have(context: Context, *payers: int) -> bool:
    """Whether people may have these payers; a mix of the user's own names all that there are."""
    mix: Mapping[Any, float] = context.spec.payers
    return not mix or all(mix.get(PAYERS[payer], 0) > 0 for payer in payers)


def medicare_of_kidneys(context: Context, people: People, health: Health) -> tuple[Ints, Ints]:
    """(people with kidney failure, the day from which each is entitled to Medicare): the first of the third month after."""
    known = context.knowledge
    rows, days = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for row, number in enumerate(known.chronic):
        stages = known.conditions[number].stages or ()
        ending = [place for place, stage in enumerate(stages) if _KIDNEY_FAILURE in stage.codes]
        if ending:
            who = np.flatnonzero(health.has[row] & np.isin(health.stage[row], ending))
            rows.append(who)
            days.append(first_of_month(health.onset[row, who], _WAITING))
    return np.concatenate(rows), np.concatenate(days)


def first_of_month(day: Ints, months: int) -> Ints:
    """The first day of the month that comes so many months after that of a day."""
    month = day.astype("datetime64[D]").astype("datetime64[M]") + months
    first: Ints = month.astype("datetime64[D]").astype(np.int64)
    return first


def after_employer(entitled: Ints) -> Ints:
    """The day from which Medicare pays before the plan of an employer."""
    return first_of_month(entitled, EMPLOYER_FIRST)


def second_payers(
    context: Context, people: People, person: Ints, plan: Ints, start: Ints, end: Ints, kidneys: Kidneys
) -> Second:
    """The spans that pay second.

    Args:
        person, plan, start, end: of the spans that pay first.
    """
    lines = [entry["line"] for entry in figures("services.yaml")["plans"]]
    first = np.flatnonzero(np.array([line == "medicare" for line in lines])[plan])
    who = person[first]
    dual = np.zeros(len(first), dtype=bool)
    if may_have(context, MEDICARE, MEDICAID):
        share = dual_share(context, people.county[who], people.ages[1][who] >= OLD)
        dual = (dual_rank(context, people, who) < share) | np.isin(who, kidneys.poor)
        dual &= ~np.isin(who, kidneys.beside)
    first = first[dual]
    whose = np.concatenate([person[first], kidneys.beside])
    plans = np.repeat([plan_of("medicaid"), plan_of("medicare", "FFS")], [len(first), len(kidneys.beside)])
    starts, ends = np.concatenate([start[first], kidneys.start]), np.concatenate([end[first], kidneys.end])
    order = order_of(whose)
    of = np.full(len(people), -1)
    of[whose[order]] = np.arange(len(order))
    return Second(whose[order], plans[order], starts[order], ends[order], of)


def second_ids(people: People, second: Second) -> pa.Array:
    """Identifiers of the coverage that pays second."""
    ids = col.gathered(people.ids("MEM-"), second.person)
    return col.strings(col.texts(ids, "-S", rows=len(second.person)))
