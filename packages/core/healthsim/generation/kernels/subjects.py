"""The subjects of the trial, drawn from the people with its condition, and what happens to them.

Names and codes follow CDISC SDTM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import Bools, Context, Ints
from healthsim.generation.kernels.network import expected_ordinal
from healthsim.generation.kernels.people import COUNTY_DIGITS, People
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.trials import (
    ARMS,
    PER_SITE,
    PROTOCOL,
    STUDY,
    VISITS,
    WINDOW,
    condition_of,
    enrolment,
    site_ids,
)
from healthsim.generation.ordering import order_of

MIN_AGE, MAX_AGE = 18, 80
#: share of eligible people who are screened, of these who fail, of the others who leave before the end; assumptions, as are
#: all figures of this trial, which has a design that is usual in its field
SCREENED, FAILED, LEFT = 0.05, 0.22, 0.14
#: share of visits that are missed, and of severe adverse events that are serious
MISSED, SERIOUS = 0.04, 0.35
#: adverse events last up to so many days; the higher the exponent, the more of them are mild
_EVENT_DAYS, _GRADE_SKEW = 21, 2.2
#: days after screening that a subject lives at least
_LIVES_ON = 20
#: randomisation follows screening by 3 days and up to so many more
_SCREENING = 12


class _Event(NamedTuple):
    """What may happen to a subject: as said, the MedDRA term, and the body system."""

    term: str
    decoded: str
    system: str


_EVENTS = (
    _Event("Headache", "Headache", "Nervous system disorders"),
    _Event("Feeling sick", "Nausea", "Gastrointestinal disorders"),
    _Event("Loose stools", "Diarrhoea", "Gastrointestinal disorders"),
    _Event("Tired", "Fatigue", "General disorders"),
    _Event("Cold", "Nasopharyngitis", "Infections and infestations"),
    _Event("Dizzy", "Dizziness", "Nervous system disorders"),
    _Event("Back pain", "Back pain", "Musculoskeletal and connective tissue disorders"),
    _Event("Rash", "Rash", "Skin disorders"),
    _Event("Cough", "Cough", "Respiratory disorders"),
    _Event("Urinary infection", "Urinary tract infection", "Infections and infestations"),
)
_FAILURES = ("Inclusion criteria not met", "Exclusion criteria met", "Withdrawal of consent before randomisation")
_REASONS = ("Adverse event", "Withdrawal by subject", "Lost to follow-up", "Lack of efficacy")
_ENDINGS = (*_REASONS, "Death")
_MILESTONES = ("Informed consent obtained", "Randomized", "Completed")
_RELATED = ("NOT RELATED", "UNLIKELY RELATED", "POSSIBLY RELATED", "RELATED")


@dataclass(frozen=True)
class _Subjects:
    """Those who are screened: one row each.

    Attributes:
        who: the place in the batch. ids: the person's number. digits: what identifiers are made of. arm: the place among ``ARMS``.
        screened, randomised, until: days; the last one within the trial. last: the last day of life or history.
        failed: at screening. status: 0 failed, 1 discontinued, 2 completed. reason: the place in ``_ENDINGS``.
        site: the ordinal of the site within the county. subject_ids, usubjid: identifiers.
    """

    who: Ints
    ids: Ints
    digits: col.Bytes
    arm: Ints
    screened: Ints
    randomised: Ints
    until: Ints
    last: Ints
    failed: Bools
    status: Ints
    reason: Ints
    site: Ints
    subject_ids: pa.Array
    usubjid: pa.Array

    def __len__(self) -> int:
        return len(self.who)

    @property
    def treated(self) -> Ints:
        """The rows of those who are randomised."""
        return np.flatnonzero(~self.failed)

    def row_ids(self, prefix: str, of: Ints) -> tuple[Ints, pa.Array]:
        """(the place of each row among those of its subject, the identifiers of the rows)."""
        place, _ = col.runs(of)
        characters = col.texts(prefix, self.digits[of], "-", col.digits(place + 1, 2), rows=len(of))
        return place, col.strings(characters)

    def columns(self, of: Ints) -> dict[str, pa.Array]:
        """The columns of rows of subjects that say whose they are."""
        return {"subject_id": col.coded(of, self.subject_ids), "usubjid": col.coded(of, self.usubjid)}


def make_subjects(
    context: Context, people: People, roster: Roster, shared: Mapping[str, pa.Array]
) -> dict[str, pa.Table]:
    """The tables subject, trial_visit, adverse_event, exposure and disposition_event."""
    subjects = _subjects(context, people, roster)
    visits, exposures = _visits(context, subjects)
    return {
        "subject": _subject_table(context, people, roster, subjects, shared),
        "trial_visit": visits,
        "exposure": exposures,
        "adverse_event": _adverse_events(context, subjects),
        "disposition_event": _dispositions(context, subjects),
    }


def _screened(context: Context, people: People, roster: Roster) -> tuple[Ints, Ints]:
    """(those who are screened, on which day): some of those with the condition, of the right age."""
    draws, health = context.draws, roster.timeline.health
    row = context.knowledge.chronic.index(condition_of(context))
    opens, closes = enrolment(context)
    day = opens + (draws.uniform("trial/screened", people.number) * (closes - opens + 1)).astype(np.int64)
    age = people.age_at(np.arange(len(people)), day)
    can = (
        health.has[row]
        & (health.onset[row] < day)
        & (age >= MIN_AGE)
        & (age <= MAX_AGE)
        & (people.last > day + _LIVES_ON)
    )
    who = np.flatnonzero(can & (draws.uniform("trial/chosen", people.number) < SCREENED))
    return who, day[who]


def _subjects(context: Context, people: People, roster: Roster) -> _Subjects:
    """Who takes part, until when, and how it ends."""
    draws = context.draws
    who, screened = _screened(context, people, roster)
    ids, last = people.number[who], people.last[who]
    failed = draws.uniform("trial/failed", ids) < FAILED
    randomised = screened + 3 + draws.integer("trial/randomised", ids, _SCREENING)
    planned_end = randomised + VISITS[-1][0]
    leaves = draws.uniform("trial/leaves", ids) < LEFT
    leave_day = randomised + 1 + draws.integer("trial/leave day", ids, VISITS[-1][0] - 7)
    dies = last < planned_end + WINDOW + 1
    until = np.where(leaves, leave_day, np.where(dies, last, planned_end))
    until = np.where(dies, np.minimum(last, until), until)
    reason = np.where(dies & (until >= last), len(_REASONS), draws.integer("trial/reason", ids, len(_REASONS)))
    site = (expected_ordinal(context, people)[who] / PER_SITE).astype(np.int64)
    digits = people.digits[who]
    usubjid = col.texts(
        f"{PROTOCOL}-",
        digits[:, :COUNTY_DIGITS],
        col.digits(site + 1, 2),
        "-",
        digits[:, COUNTY_DIGITS:],
        rows=len(who),
    )
    return _Subjects(
        who,
        ids,
        digits,
        _arm(context, ids),
        screened,
        randomised,
        until,
        last,
        failed,
        np.where(failed, 0, np.where(leaves | dies, 1, 2)),
        reason,
        site,
        col.strings(col.texts("SUB-", digits, rows=len(who))),
        col.strings(usubjid),
    )


def _arm(context: Context, ids: Ints) -> Ints:
    """The arm of each person: one of three is given the placebo."""
    return (context.draws.uniform("trial/arm", ids) < 1 / 3).astype(np.int64)


def _subject_table(
    context: Context, people: People, roster: Roster, subjects: _Subjects, shared: Mapping[str, pa.Array]
) -> pa.Table:
    who, status, n = subjects.who, subjects.status, len(subjects)
    own = pa.array(who)
    return pa.table(
        {
            "subject_id": subjects.subject_ids,
            "study_id": col.constant(STUDY, n),
            "usubjid": subjects.usubjid,
            "site_id": site_ids(context, people.county[who], subjects.site),
            **{name: column.take(own) for name, column in shared.items()},
            "person_id": col.strings(col.texts("PER-", subjects.digits, rows=n)),
            "patient_id": roster.patient(who),
            "screening_date": col.days(subjects.screened),
            "informed_consent_date": col.days(subjects.screened),
            "randomization_date": col.days(subjects.randomised, subjects.failed),
            "arm_code": col.coded(np.where(subjects.failed, -1, subjects.arm), [arm.code for arm in ARMS], gaps=True),
            "subject_status": col.coded(status, ["screen_failed", "discontinued", "completed"]),
            "completion_date": col.days(subjects.until, status != 2),
            "discontinuation_date": col.days(subjects.until, status != 1),
            "discontinuation_reason": col.coded(np.where(status == 1, subjects.reason, -1), _ENDINGS, gaps=True),
        }
    )


def _attended(context: Context, subjects: _Subjects) -> tuple[Ints, Ints, Ints, Ints]:
    """(subject, number of the visit, planned day, day) of the visits that take place: a few are missed or late."""
    treated, until = subjects.treated, subjects.until
    group, nth = col.repeated(np.full(len(treated), len(VISITS)))
    of = treated[group]
    ids = subjects.ids[of]
    off = context.draws.integer("trial/off", ids, 2 * WINDOW + 5, nth) - WINDOW - 2
    off = np.where(nth == 0, 0, np.clip(off, -WINDOW, WINDOW + 1))
    planned = subjects.randomised[of] + np.array([day for day, _ in VISITS])[nth]
    day = np.where(nth == len(VISITS) - 1, np.minimum(planned, until[of]), planned + off)
    happens = (planned <= until[of]) & (day <= until[of])
    missed = context.draws.uniform("trial/missed", ids, nth) < MISSED
    rows = np.flatnonzero(happens & ((nth == 0) | ~missed))
    return of[rows], nth[rows], planned[rows], day[rows]


def _visits(context: Context, subjects: _Subjects) -> tuple[pa.Table, pa.Table]:
    """The tables trial_visit and exposure."""
    of, nth, planned, day = _attended(context, subjects)
    _, ids = subjects.row_ids("TVI-", of)
    late = day - planned
    visits = pa.table(
        {
            "trial_visit_id": ids,
            **subjects.columns(of),
            "visit_num": col.money(100 * (nth + 1)),
            "visit_name": col.coded(nth, [name for _, name in VISITS]),
            "visit_date": col.days(day),
            "study_day": col.whole(day - subjects.randomised[of] + 1),
            "visit_status": col.constant("completed", len(of)),
            "window_deviation_days": col.whole(np.sign(late) * np.maximum(np.abs(late) - WINDOW, 0)),
        }
    )
    # each visit but the last hands out the drug until the next one
    gives = np.flatnonzero(nth < len(VISITS) - 1)
    follows = np.r_[of[1:], -1][gives] == of[gives]
    next_day = np.r_[day[1:], 0][gives]
    whose, start = of[gives], day[gives]
    stop = np.maximum(np.where(follows, next_day - 1, subjects.until[whose]), start)
    return visits, _exposures(subjects, whose, start, stop)


def _exposures(subjects: _Subjects, of: Ints, start: Ints, stop: Ints) -> pa.Table:
    sequence, ids = subjects.row_ids("EXP-", of)
    arm, n = subjects.arm[of], len(of)
    dose = np.array([arm.dose for arm in ARMS])[arm]
    return pa.table(
        {
            "exposure_id": ids,
            **subjects.columns(of),
            "exseq": col.whole(sequence + 1),
            "extrt": col.coded(arm, [arm.name for arm in ARMS]),
            "exdose": col.numbers(dose),
            "exdosu": col.constant("mg", n),
            "exdosfrq": col.constant("QD", n),
            "exdosfrm": col.constant("TABLET", n),
            "exroute": col.constant("ORAL", n),
            "exstdtc": col.days(start),
            "exendtc": col.days(stop),
        }
    )


def _happened(context: Context, subjects: _Subjects) -> tuple[Ints, Ints, Ints]:
    """(subject, which of the person's it is, day) of adverse events, in the order of days."""
    treated, draws = subjects.treated, context.draws
    days = subjects.until - subjects.randomised
    often = np.array([arm.events for arm in ARMS])[subjects.arm[treated]]
    count = draws.poisson("trial/events", subjects.ids[treated], often * (np.maximum(days, 1)[treated] / VISITS[-1][0]))
    group, k = col.repeated(count)
    of = treated[group]
    u = draws.uniform("trial/event day", subjects.ids[of], k)
    day = subjects.randomised[of] + (u * (days + 1)[of]).astype(np.int64)
    order = order_of(of, day)
    return of[order], k[order], day[order]


def _adverse_events(context: Context, subjects: _Subjects) -> pa.Table:
    draws = context.draws
    of, k, day = _happened(context, subjects)
    ids, n = subjects.ids[of], len(of)
    which = draws.integer("trial/event", ids, len(_EVENTS), k)
    grade = np.minimum((draws.uniform("trial/grade", ids, k) ** _GRADE_SKEW * 3).astype(np.int64), 2)
    serious = (grade == 2) & (draws.uniform("trial/serious", ids, k) < SERIOUS)
    stop = np.minimum(day + 1 + draws.integer("trial/event length", ids, _EVENT_DAYS, k), subjects.last[of])
    related = draws.integer("trial/related", ids, len(_RELATED), k)
    sequence, row_ids = subjects.row_ids("ADV-", of)
    return pa.table(
        {
            "adverse_event_id": row_ids,
            **subjects.columns(of),
            "aeseq": col.whole(sequence + 1),
            "aeterm": col.coded(which, [event.term for event in _EVENTS]),
            "aedecod": col.coded(which, [event.decoded for event in _EVENTS]),
            "aebodsys": col.coded(which, [event.system for event in _EVENTS]),
            "aestdtc": col.days(day),
            "aeendtc": col.days(np.maximum(stop, day)),
            "aesev": col.coded(grade, ["MILD", "MODERATE", "SEVERE"]),
            "aetoxgr": col.coded(grade, ["1", "2", "3"]),
            "aeser": col.coded(serious.astype(np.int64), ["N", "Y"]),
            "aerel": col.coded(related, _RELATED),
            "aeacn": col.constant("DOSE NOT CHANGED", n),
            "aeout": col.constant("RECOVERED/RESOLVED", n),
        }
    )


def _dispositions(context: Context, subjects: _Subjects) -> pa.Table:
    """Consent, randomisation, and the end of the trial or why it was left."""
    n, failed, treated = len(subjects), subjects.failed, subjects.treated
    terms = [*_MILESTONES, *_ENDINGS, *_FAILURES]
    decoded = [*(text.upper() for text in (*_MILESTONES, *_ENDINGS)), *("SCREEN FAILURE" for _ in _FAILURES)]
    failure = context.draws.integer("trial/failure", subjects.ids, len(_FAILURES))
    last = len(_MILESTONES) - 1
    left = np.where(subjects.status == 2, last, len(_MILESTONES) + subjects.reason)
    end = np.where(failed, len(_MILESTONES) + len(_ENDINGS) + failure, left)
    of = np.concatenate([np.arange(n), treated, np.arange(n)])
    which = np.concatenate([np.zeros(n, dtype=np.int64), np.ones(len(treated), dtype=np.int64), end])
    until = np.where(failed, subjects.screened, subjects.until)
    day = np.concatenate([subjects.screened, subjects.randomised[treated], until])
    order = order_of(of, day, which >= last)
    of, which, day = of[order], which[order], day[order]
    _, ids = subjects.row_ids("DSP-", of)
    return pa.table(
        {
            "disposition_event_id": ids,
            **subjects.columns(of),
            "dsterm": col.coded(which, terms),
            "dsdecod": col.coded(which, decoded),
            "dscat": col.coded((which >= last).astype(np.int64), ["PROTOCOL MILESTONE", "DISPOSITION EVENT"]),
            "dsstdtc": col.days(day),
        }
    )
