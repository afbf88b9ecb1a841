"""A clinical trial among the eligible: subjects drawn from the people with its condition, and what happens to them.

The trial is of the first condition of the cohort, else of the first chronic condition of ``PREFERRED`` that is known.
Names and codes follow CDISC SDTM.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import Context, Ints
from healthsim.generation.kernels.identity import addresses, person_ids
from healthsim.generation.kernels.network import expected_ordinal
from healthsim.generation.kernels.people import People
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.ordering import order_of

PREFERRED = ("type_2_diabetes", "hypertension", "hyperlipidemia")
STUDY, PROTOCOL = "STU-0001", "HSIM-001"
#: planned days of the visits after randomisation, and their names
VISITS = ((0, "Baseline"), (14, "Week 2"), (28, "Week 4"), (56, "Week 8"), (84, "Week 12"), (112, "Week 16"),
          (140, "Week 20"), (168, "End of treatment"))  # fmt: skip
WINDOW = 3
MIN_AGE, MAX_AGE = 18, 80
#: share of eligible people who are screened, of these who fail, of the others who leave before the end
SCREENED, FAILED, LEFT = 0.05, 0.22, 0.14
PER_SITE = 25_000
ARMS = (("TRT", "Investigational drug", "Experimental", False), ("PBO", "Placebo", "Placebo Comparator", True))
_EVENTS = (
    ("Headache", "Headache", "Nervous system disorders"), ("Feeling sick", "Nausea", "Gastrointestinal disorders"),
    ("Loose stools", "Diarrhoea", "Gastrointestinal disorders"), ("Tired", "Fatigue", "General disorders"),
    ("Cold", "Nasopharyngitis", "Infections and infestations"), ("Dizzy", "Dizziness", "Nervous system disorders"),
    ("Back pain", "Back pain", "Musculoskeletal and connective tissue disorders"), ("Rash", "Rash", "Skin disorders"),
    ("Cough", "Cough", "Respiratory disorders"), ("Urinary infection", "Urinary tract infection", "Infections and infestations"),
)  # fmt: skip
_FAILURES = ("Inclusion criteria not met", "Exclusion criteria met", "Withdrawal of consent before randomisation")
_REASONS = ("Adverse event", "Withdrawal by subject", "Lost to follow-up", "Lack of efficacy")


def condition_of(context: Context) -> int:
    """The number of the condition of the trial."""
    names = [context.knowledge.conditions[number].condition for number in context.knowledge.chronic]
    wanted = [name for name in (*context.spec.cohort, *PREFERRED) if name in names] or names
    return context.knowledge.index(wanted[0])


def make_trial(context: Context) -> dict[str, pa.Table]:
    """The tables study, treatment_arm, visit_schedule and site."""
    condition = context.knowledge.conditions[condition_of(context)]
    first, last = _enrolment(context)
    county, rest = col.repeated((context.spec.size * context.places.weights / PER_SITE).astype(np.int64) + 1)
    n = len(VISITS)
    study = pa.table({
        "study_id": [STUDY], "protocol_number": [PROTOCOL],
        "protocol_title": [f"A randomised, placebo-controlled study of an investigational drug in {condition.name}"],
        "phase": ["Phase 3"], "therapeutic_area": [condition.group], "indication": [condition.name],
        "sponsor": ["Synthetic Therapeutics"], "status": ["completed"],
        "start_date": col.days(np.array([first])), "end_date": col.days(np.array([last + VISITS[-1][0] + 21])),
    })  # fmt: skip
    arms = pa.table({
        "treatment_arm_id": [f"ARM-{code}" for code, *_ in ARMS], "study_id": [STUDY] * 2,
        "arm_code": [code for code, *_ in ARMS], "arm_name": [name for _, name, *_ in ARMS],
        "arm_type": [kind for _, _, kind, _ in ARMS], "is_control": [control for *_, control in ARMS],
    })  # fmt: skip
    schedule = pa.table({
        "visit_schedule_id": [f"VSC-{place:02d}" for place in range(1, n + 1)],
        "visit_num": col.money(100 * np.arange(1, n + 1)), "visit_name": [name for _, name in VISITS],
        "study_id": [STUDY] * n, "planned_day": col.whole(np.array([day + 1 for day, _ in VISITS])),
        "window_before_days": [WINDOW] * n, "window_after_days": [WINDOW] * n,
    })  # fmt: skip
    schedule = schedule.cast(pa.schema([
        field.with_type(pa.int32()) if field.name.endswith("_days") else field for field in schedule.schema]))  # fmt: skip
    key = county * 100_000 + rest + 4_000_000_000_000
    place = addresses(context, key, county, phone=False)
    sites = pa.table({
        "site_id": _sites(context, county, rest), **place, "study_id": col.constant(STUDY, len(county)),
        "site_number": col.strings(col.digits(np.arange(1, len(county) + 1), 4)),
        "name": col.coded(county, [f"{name} Research Center" for name in context.places.names]),
        "status": col.constant("completed", len(county)),
    })  # fmt: skip
    return {"study": study, "treatment_arm": arms, "visit_schedule": schedule, "site": sites}


def _enrolment(context: Context) -> tuple[int, int]:
    """The first and the last day on which people are screened."""
    latest = context.end - VISITS[-1][0] - 40
    first = context.start + 30
    return first, max(first, min(latest, first + 365))


def _sites(context: Context, county: Ints, ordinal: Ints) -> pa.Array:
    fips = np.frombuffer("".join(context.places.fips).encode(), dtype=np.uint8).reshape(-1, 5)
    return col.strings(col.texts("SIT-", fips[county], "-", col.digits(ordinal + 1, 2), rows=len(county)))


def make_subjects(
    context: Context, people: People, roster: Roster, shared: Mapping[str, pa.Array]
) -> dict[str, pa.Table]:
    """The tables subject, trial_visit, adverse_event, exposure and disposition_event."""
    draws, health = context.draws, roster.timeline.health
    row = context.knowledge.chronic.index(condition_of(context))
    opens, closes = _enrolment(context)
    screened = opens + (draws.uniform("trial/screened", people.number) * (closes - opens + 1)).astype(np.int64)
    age = people.age_at(np.arange(len(people)), screened)
    can = (
        health.has[row]
        & (health.onset[row] < screened)
        & (age >= MIN_AGE)
        & (age <= MAX_AGE)
        & (people.last > screened + 20)
    )
    who = np.flatnonzero(can & (draws.uniform("trial/chosen", people.number) < SCREENED))
    ids, screened = people.number[who], screened[who]
    failed = draws.uniform("trial/failed", ids) < FAILED
    randomised = screened + 3 + draws.integer("trial/randomised", ids, 12)
    arm = (draws.uniform("trial/arm", ids) < 1 / 3).astype(np.int64)
    leaves = draws.uniform("trial/leaves", ids) < LEFT
    planned_end = randomised + VISITS[-1][0]
    leave_day = randomised + 1 + draws.integer("trial/leave day", ids, VISITS[-1][0] - 7)
    dies = people.last[who] < planned_end + WINDOW + 1
    until = np.where(dies, np.minimum(people.last[who], np.where(leaves, leave_day, people.last[who])),
                     np.where(leaves, leave_day, planned_end))  # fmt: skip
    ended_early = leaves | dies
    status = np.where(failed, 0, np.where(ended_early, 1, 2))
    site = (expected_ordinal(context, people)[who] / PER_SITE).astype(np.int64)
    own, n = pa.array(who), len(who)
    subject_ids = col.strings(person_ids("SUB-", ids))
    fips = np.frombuffer("".join(context.places.fips).encode(), dtype=np.uint8).reshape(-1, 5)
    usubjid = col.strings(col.texts(f"{PROTOCOL}-", fips[people.county[who]], col.digits(site + 1, 2), "-",
                                    col.digits(ids + 1, 10), rows=n))  # fmt: skip
    reason = np.where(
        dies & (until >= people.last[who]), len(_REASONS), draws.integer("trial/reason", ids, len(_REASONS))
    )
    reasons = [*_REASONS, "Death"]
    subject = pa.table({
        "subject_id": subject_ids, "study_id": col.constant(STUDY, n), "usubjid": usubjid,
        "site_id": _sites(context, people.county[who], site),
        **{name: column.take(own) for name, column in shared.items()},
        "person_id": col.strings(person_ids("PER-", ids)), "patient_id": roster.patient(who),
        "screening_date": col.days(screened), "informed_consent_date": col.days(screened),
        "randomization_date": col.days(randomised, failed),
        "arm_code": col.coded(np.where(failed, -1, arm), [code for code, *_ in ARMS], gaps=True),
        "subject_status": col.coded(status, ["screen_failed", "discontinued", "completed"]),
        "completion_date": col.days(until, status != 2), "discontinuation_date": col.days(until, status != 1),
        "discontinuation_reason": col.coded(np.where(status == 1, reason, -1), reasons, gaps=True),
    })  # fmt: skip
    treated = np.flatnonzero(~failed)
    return {
        "subject": subject,
        **_visits(context, ids, treated, randomised, until, subject_ids, usubjid),
        **_adverse_events(context, ids, treated, arm, randomised, until, people.last[who], subject_ids, usubjid),
        "disposition_event": _dispositions(ids, failed, screened, randomised, until, status, reason, reasons, subject_ids,
                                           usubjid, draws.integer("trial/failure", ids, len(_FAILURES))),
    }  # fmt: skip


def _visits(
    context: Context, ids: Ints, treated: Ints, randomised: Ints, until: Ints, subject_ids: pa.Array, usubjid: pa.Array
) -> dict[str, pa.Table]:
    group, nth = col.repeated(np.full(len(treated), len(VISITS)))
    of = treated[group]
    off = context.draws.integer("trial/off", ids[of], 2 * WINDOW + 5, nth) - WINDOW - 2
    off = np.where(nth == 0, 0, np.clip(off, -WINDOW, WINDOW + 1))
    planned = np.array([day for day, _ in VISITS])[nth]
    day = np.where(
        nth == len(VISITS) - 1, np.minimum(randomised[of] + planned, until[of]), randomised[of] + planned + off
    )
    happens = (randomised[of] + planned <= until[of]) & (day <= until[of])
    missed = context.draws.uniform("trial/missed", ids[of], nth) < 0.04
    rows = np.flatnonzero(happens & ((nth == 0) | ~missed))
    of, nth, day, planned = of[rows], nth[rows], day[rows], planned[rows]
    number, _ = col.runs(of)
    key = col.texts(person_ids("TVI-", ids)[of], "-", col.digits(number + 1, 2), rows=len(of))
    visits = pa.table({
        "trial_visit_id": col.strings(key), "subject_id": col.coded(of, subject_ids), "usubjid": col.coded(of, usubjid),
        "visit_num": col.money(100 * (nth + 1)), "visit_name": col.coded(nth, [name for _, name in VISITS]),
        "visit_date": col.days(day), "study_day": col.whole(day - randomised[of] + 1),
        "visit_status": col.constant("completed", len(of)),
        "window_deviation_days": col.whole(np.sign(day - randomised[of] - planned) * np.maximum(
            np.abs(day - randomised[of] - planned) - WINDOW, 0)),
    })  # fmt: skip
    # each visit but the last hands out the drug until the next one
    gives = np.flatnonzero(nth < len(VISITS) - 1)
    follows = np.r_[of[1:], -1][gives] == of[gives]
    next_day = np.r_[day[1:], 0][gives]
    stop = np.maximum(np.where(follows, next_day - 1, until[of[gives]]), day[gives])
    doses = context.draws.uniform("trial/arm", ids[of[gives]]) < 1 / 3
    sequence, _ = col.runs(of[gives])
    key = col.texts(person_ids("EXP-", ids)[of[gives]], "-", col.digits(sequence + 1, 2), rows=len(gives))
    exposures = pa.table({
        "exposure_id": col.strings(key), "subject_id": col.coded(of[gives], subject_ids),
        "usubjid": col.coded(of[gives], usubjid), "exseq": col.whole(sequence + 1),
        "extrt": col.coded(doses.astype(np.int64), [name for _, name, *_ in ARMS]),
        "exdose": col.numbers(np.where(doses, 0.0, 10.0)), "exdosu": col.constant("mg", len(gives)),
        "exdosfrq": col.constant("QD", len(gives)), "exroute": col.constant("ORAL", len(gives)),
        "exstdtc": col.days(day[gives]), "exendtc": col.days(stop),
    })  # fmt: skip
    return {"trial_visit": visits, "exposure": exposures}


def _adverse_events(
    context: Context, ids: Ints, treated: Ints, arm: Ints, randomised: Ints, until: Ints, last: Ints, subject_ids: pa.Array,
    usubjid: pa.Array,
) -> dict[str, pa.Table]:  # fmt: skip
    draws = context.draws
    years = np.maximum(until - randomised, 1)[treated] / 168
    count = draws.poisson("trial/events", ids[treated], np.where(arm[treated] == 0, 1.7, 1.2) * years)
    group, k = col.repeated(count)
    of = treated[group]
    day = randomised[of] + (draws.uniform("trial/event day", ids[of], k) * (until - randomised + 1)[of]).astype(
        np.int64
    )
    order = order_of(of, day)
    of, k, day = of[order], k[order], day[order]
    which = draws.integer("trial/event", ids[of], len(_EVENTS), k)
    grade = np.minimum((draws.uniform("trial/grade", ids[of], k) ** 2.2 * 3).astype(np.int64), 2)
    serious = (grade == 2) & (draws.uniform("trial/serious", ids[of], k) < 0.35)
    stop = np.minimum(day + 1 + draws.integer("trial/event length", ids[of], 21, k), last[of])
    related = draws.integer("trial/related", ids[of], 4, k)
    number, _ = col.runs(of)
    key = col.texts(person_ids("ADV-", ids)[of], "-", col.digits(number + 1, 2), rows=len(of))
    table = pa.table({
        "adverse_event_id": col.strings(key), "subject_id": col.coded(of, subject_ids), "usubjid": col.coded(of, usubjid),
        "aeseq": col.whole(number + 1), "aeterm": col.coded(which, [one[0] for one in _EVENTS]),
        "aedecod": col.coded(which, [one[1] for one in _EVENTS]), "aebodsys": col.coded(which, [one[2] for one in _EVENTS]),
        "aestdtc": col.days(day), "aeendtc": col.days(np.maximum(stop, day)),
        "aesev": col.coded(grade, ["MILD", "MODERATE", "SEVERE"]), "aetoxgr": col.coded(grade, ["1", "2", "3"]),
        "aeser": col.coded(serious.astype(np.int64), ["N", "Y"]),
        "aerel": col.coded(related, ["NOT RELATED", "UNLIKELY RELATED", "POSSIBLY RELATED", "RELATED"]),
        "aeacn": col.constant("DOSE NOT CHANGED", len(of)), "aeout": col.constant("RECOVERED/RESOLVED", len(of)),
    })  # fmt: skip
    return {"adverse_event": table}


def _dispositions(
    ids: Ints, failed: np.ndarray, screened: Ints, randomised: Ints, until: Ints, status: Ints, reason: Ints,
    reasons: list[str], subject_ids: pa.Array, usubjid: pa.Array, failure: Ints,
) -> pa.Table:  # fmt: skip
    n = len(ids)
    everyone = np.arange(n)
    terms = ["Informed consent obtained", "Randomized", "Completed", *reasons, *_FAILURES]
    decoded = ["INFORMED CONSENT OBTAINED", "RANDOMIZED", "COMPLETED", *(text.upper() for text in reasons),
               *("SCREEN FAILURE" for _ in _FAILURES)]  # fmt: skip
    end = np.where(failed, 3 + len(reasons) + failure, np.where(status == 2, 2, 3 + reason))
    treated = everyone[~failed]
    of = np.concatenate([everyone, treated, everyone])
    which = np.concatenate([np.zeros(n, dtype=np.int64), np.ones(len(treated), dtype=np.int64), end])
    day = np.concatenate([screened, randomised[treated], np.where(failed, screened, until)])
    order = order_of(of, day, which > 1)
    of, which, day = of[order], which[order], day[order]
    number, _ = col.runs(of)
    key = col.texts(person_ids("DSP-", ids)[of], "-", col.digits(number + 1, 2), rows=len(of))
    return pa.table({
        "disposition_event_id": col.strings(key), "subject_id": col.coded(of, subject_ids), "usubjid": col.coded(of, usubjid),
        "dsterm": col.coded(which, terms), "dsdecod": col.coded(which, decoded),
        "dscat": col.coded((which > 1).astype(np.int64), ["PROTOCOL MILESTONE", "DISPOSITION EVENT"]), "dsstdtc": col.days(day),
    })  # fmt: skip
