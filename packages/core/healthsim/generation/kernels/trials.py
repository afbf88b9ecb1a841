"""A clinical trial: its study, arms, schedule and sites.

The trial is of the first condition of the cohort, else of the first chronic condition of ``PREFERRED`` that is known.
Names and codes follow CDISC SDTM.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import Context, Ints
from healthsim.generation.kernels.identity import addresses
from healthsim.generation.kernels.network import fips_codes
from healthsim.generation.kernels.people import counties_with_people
from healthsim.generation.packing import Packing

PREFERRED = ("type_2_diabetes", "hypertension", "hyperlipidemia")
STUDY, PROTOCOL = "STU-0001", "HSIM-001"
#: planned days of the visits after randomisation, and their names
VISITS = (
    (0, "Baseline"),
    (14, "Week 2"),
    (28, "Week 4"),
    (56, "Week 8"),
    (84, "Week 12"),
    (112, "Week 16"),
    (140, "Week 20"),
    (168, "End of treatment"),
)
WINDOW = 3
#: persons of a county for each site
PER_SITE = 25_000
#: days from the beginning of the history to the first screening, from the last possible end of treatment to the end of the
#: history, and from there to the end of the study; assumptions
_OPENING, _BEFORE_END, _CLOSING = 30, 40, 21
#: which site it is; what its chance is looked up by begins far above the numbers of persons
_SITE, _SITES = Packing("county", ordinal=(0, 100_000)), 4_000_000_000_000


class Arm(NamedTuple):
    """An arm: the dose in mg, and the adverse events that a subject has until the end of treatment, on average."""

    code: str
    name: str
    kind: str
    control: bool
    dose: float
    events: float


ARMS = (
    Arm("TRT", "Investigational drug", "Experimental", control=False, dose=10.0, events=1.7),
    Arm("PBO", "Placebo", "Placebo Comparator", control=True, dose=0.0, events=1.2),
)


def condition_of(context: Context) -> int:
    """The number of the condition of the trial."""
    names = [context.knowledge.conditions[number].condition for number in context.knowledge.chronic]
    wanted = [name for name in (*context.spec.cohort, *PREFERRED) if name in names] or names
    return context.knowledge.index(wanted[0])


def make_trial(context: Context) -> dict[str, pa.Table]:
    """The tables study, treatment_arm, visit_schedule and site."""
    condition = context.knowledge.conditions[condition_of(context)]
    first, last = enrolment(context)
    n = len(VISITS)
    study = pa.table(
        {
            "study_id": [STUDY],
            "protocol_number": [PROTOCOL],
            "protocol_title": [
                f"A randomised, placebo-controlled study of an investigational drug in {condition.name}"
            ],
            "phase": ["Phase 3"],
            "therapeutic_area": [condition.group],
            "indication": [condition.name],
            "sponsor": ["Synthetic Therapeutics"],
            "status": ["completed"],
            "start_date": col.days(np.array([first])),
            "end_date": col.days(np.array([last + VISITS[-1][0] + _CLOSING])),
        }
    )
    arms = pa.table(
        {
            "treatment_arm_id": [f"ARM-{arm.code}" for arm in ARMS],
            "study_id": [STUDY] * len(ARMS),
            "arm_code": [arm.code for arm in ARMS],
            "arm_name": [arm.name for arm in ARMS],
            "arm_type": [arm.kind for arm in ARMS],
            "is_control": [arm.control for arm in ARMS],
        }
    )
    window = pa.array([WINDOW] * n, pa.int32())
    schedule = pa.table(
        {
            "visit_schedule_id": [f"VSC-{place:02d}" for place in range(1, n + 1)],
            "visit_num": col.money(100 * np.arange(1, n + 1)),
            "visit_name": [name for _, name in VISITS],
            "study_id": [STUDY] * n,
            "planned_day": col.whole(np.array([day + 1 for day, _ in VISITS])),
            "window_before_days": window,
            "window_after_days": window,
        }
    )
    return {"study": study, "treatment_arm": arms, "visit_schedule": schedule, "site": _site_table(context)}


def _site_table(context: Context) -> pa.Table:
    """The sites: as many in a county as its expected number of persons asks for, at least one."""
    there = counties_with_people(context)
    expected = context.spec.size * context.places.weights[there] / PER_SITE
    place, ordinal = col.repeated(expected.astype(np.int64) + 1)
    county = there[place]
    n = len(county)
    key = _SITE.pack(county, ordinal=ordinal) + _SITES
    return pa.table(
        {
            "site_id": site_ids(context, county, ordinal),
            **addresses(context, key, county, phone=False),
            "study_id": col.constant(STUDY, n),
            "site_number": col.strings(col.digits(np.arange(1, n + 1), 4)),
            "name": col.coded(county, [f"{name} Research Center" for name in context.places.names]),
            "status": col.constant("completed", n),
        }
    )


def enrolment(context: Context) -> tuple[int, int]:
    """The first and the last day on which people are screened."""
    latest = context.end - VISITS[-1][0] - _BEFORE_END
    first = context.start + _OPENING
    return first, max(first, min(latest, first + 365))


def site_ids(context: Context, county: Ints, ordinal: Ints) -> pa.Array:
    return col.strings(
        col.texts("SIT-", fips_codes(context)[county], "-", col.digits(ordinal + 1, 2), rows=len(county))
    )
