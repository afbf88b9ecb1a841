"""Hold the people of counties against the figures of their counties: each figure beside its target.

    python benchmarks/counties.py [COUNTY ...] [--size 20480] [--use]

Origins and ages are those of SVI, within a 99 % binomial interval (of a figure that is rounded to a tenth of a percent); households those
of the American Community Survey, within 10 %; uninsured adults those of PLACES (ACCESS2), within 99 %. With ``--use``, visits to
emergency departments and stays as well. Nothing is saved.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from healthsim.config import Settings
from healthsim.db.connection import Database
from healthsim.generation.calibration import Scales, scale_prevalence
from healthsim.generation.compiled import compile_knowledge
from healthsim.generation.fidelity.intervals import binomial_interval
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.care import make_care
from healthsim.generation.kernels.context import BLOCK, YEAR, Context
from healthsim.generation.kernels.coverage import billing, make_coverage
from healthsim.generation.kernels.health import make_health
from healthsim.generation.kernels.origins import origins
from healthsim.generation.kernels.payers import COMMERCIAL, MEDICAID, MEDICARE, PAYERS, UNINSURED
from healthsim.generation.kernels.people import People, make_people
from healthsim.generation.knowledge_files import load_knowledge
from healthsim.generation.places import read_places, the_nation
from healthsim.generation.society import ORIGINS
from healthsim.generation.spec import PopulationSpec
from healthsim.generation.tuning import tuned

#: counties of every kind: of the border, of a Black majority, of American Indians, of pensioners, of universities, of prisons, large
#: cities, suburbs, islands, Alaska, the plains, both codings of Connecticut
COUNTIES = """
48427 48215 04023 28151 01063 13121 46102 04001 02290 12119 12015 04012 12001 48041 53075 19169 17031 36061 06037 06073 51107
49049 15003 02020 38017 31055 09009 09170 22071 25025 48301
""".split()
#: figures of SVI are rounded to a tenth of a percent
_ROUNDED = 0.06
Row = tuple[str, float, float, float]


def main() -> None:
    """Print the figures of each county; exit with 1 where one is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("counties", nargs="*", default=COUNTIES)
    parser.add_argument("--size", type=int, default=5 * BLOCK, help="persons of each county; whole blocks of 4,096")
    parser.add_argument("--use", action="store_true", help="visits to emergency departments and stays, too")
    options = parser.parse_args()
    knowledge = compile_knowledge(load_knowledge(None).values())
    missed, poverty, medicaid = 0, [], []
    with TemporaryDirectory() as folder:
        database = Database.of(Settings.load(database=str(Path(folder) / "counties.duckdb")))
        for county in options.counties:
            spec = PopulationSpec(size=options.size, counties={county: 0})
            places = read_places(database, spec)
            context = Context(spec, places, knowledge, Scales(scale_prevalence(knowledge, places)))
            people = make_people(context, np.arange(options.size // BLOCK * BLOCK, dtype=np.int64))
            payer = _payers(context, people)
            poverty.append(float(places.society.poverty[0]))
            medicaid.append(float((payer[people.age < 65] == MEDICAID).mean()))
            rows = [*_who(database, context, people), *_households(context, people), *_coverage(context, people, payer)]
            if options.use:
                rows += _use(replace(context, scales=tuned(context, the_nation(database))), people, payer)
            print(
                f"\n{county} {places.names[0]}, {places.states[0]}; few figures: {', '.join(*places.lacking.values()) if places.lacking else 'no'}"
            )
            for name, low, value, high in rows:
                good = low <= value <= high
                missed += not good
                print(f"  {name:34} {value:9.3f}   {low:8.3f} to {high:8.3f}   {'' if good else 'MISSED'}")
    if len(options.counties) > 2:
        print(
            f"\nMedicaid by poverty over the counties: r = {np.corrcoef(poverty, medicaid)[0, 1]:.2f} (more than 0.7)"
        )
    print(f"\n{missed} missed")
    sys.exit(bool(missed))


def _who(database: Database, context: Context, people: People) -> Iterator[Row]:
    """Origins and ages against SVI."""
    with database.read() as connection:
        found = connection.execute(
            "SELECT variable, value FROM reference.svi WHERE geoid = ? AND level = 'county'", [context.places.fips[0]]
        ).fetchall()
    svi = dict(found)
    origin = origins(context, people)
    shares = {group.variable: float((origin == number).mean()) for number, group in enumerate(ORIGINS)}
    shares["EP_MINRTY"] = 1 - shares["EP_MINRTY"]
    shares |= {"EP_AGE17": float((people.age < 18).mean()), "EP_AGE65": float((people.age >= 65).mean())}
    for variable, share in shares.items():
        if svi.get(variable) is not None:
            low, _ = binomial_interval(max(svi[variable] - _ROUNDED, 0.01) / 100, len(people))
            _, high = binomial_interval(min(svi[variable] + _ROUNDED, 100) / 100, len(people))
            yield f"{variable}, percent", 100 * low, 100 * share, 100 * high


def _households(context: Context, people: People) -> Iterator[Row]:
    """Sizes of households against the American Community Survey."""
    society = context.places.society
    _, sizes = np.unique(people.home, return_counts=True)
    mean = float(society.household[0])
    yield "people of a household", 0.9 * mean, float(sizes.mean()), 1.1 * mean
    alone = 100 * float(society.alone[0])
    yield "households of one person, percent", 0.9 * alone, 100 * float((sizes == 1).mean()), 1.1 * alone


def _coverage(context: Context, people: People, payer: np.ndarray) -> Iterator[Row]:
    """Payers on the last day."""
    adults = (people.age >= 18) & (people.age < 65)
    known = context.places.prevalence.get("ACCESS2", np.full(1, np.nan))[0]
    if not np.isnan(known):
        low, high = binomial_interval(float(known), int(adults.sum()))
        yield "uninsured adults, percent", 100 * low, 100 * float((payer[adults] == UNINSURED).mean()), 100 * high
    yield "65 and over with Medicare, percent", 93.0, 100 * float((payer[people.age >= 65] == MEDICARE).mean()), 97.0
    yield "over 66 on commercial alone", 0.0, float((payer[people.age > 66] == COMMERCIAL).sum()), 0.0


def _use(context: Context, people: People, payer: np.ndarray) -> Iterator[Row]:
    """Emergency departments and hospitals; those of a county are not held against the nation's number of stays."""
    events = make_care(context, people, make_health(context, people)).events
    urgent, stays = (np.flatnonzero(events.setting == setting) for setting in (ev.EMERGENCY, ev.INPATIENT))
    years = np.maximum(people.last - np.maximum(context.start, people.birth) + 1, 0) / YEAR
    visits = np.zeros((context.spec.years + 1, len(people)), dtype=np.int64)
    np.add.at(visits, (((context.end - events.day[urgent]) / YEAR).astype(np.int64), events.person[urgent]), 1)
    adults = (people.age >= 21) & (people.last >= context.end)
    now, before = visits[0][adults] > 0, visits[1][adults] > 0
    odds = [share / (1 - share) for share in (now[before].mean(), now[~before].mean())]
    by_payer = np.bincount(payer[events.person[urgent]], minlength=5) / np.bincount(payer, years, minlength=5)
    infants = people.age_at(events.person[urgent], events.day[urgent]) == 0
    lived = np.maximum(
        np.minimum(people.last + 1, people.birth + YEAR) - np.maximum(context.start, people.birth), 0
    ).sum()
    yield "adults with an ED visit, percent", 18.0, 100 * float(now.mean()), 24.0
    yield "odds of one after another", 1.5, float(odds[0] / odds[1]), np.inf
    yield "ED visits, Medicaid : commercial", 2.0, float(by_payer[MEDICAID] / by_payer[COMMERCIAL]), np.inf
    yield "ED visits of 100 infants", 0.0, 100 * float(infants.sum() / (lived / YEAR)), np.inf
    yield "stays per 1,000", 0.0, 1000 * len(stays) / float(years.sum()), np.inf


def _payers(context: Context, people: People) -> np.ndarray:
    """The payer of each person on the last day, of the dead on the last one of life."""
    coverage = make_coverage(context, people)
    row = coverage.on(np.arange(len(people)), np.minimum(people.last, context.end))
    lines = np.array([PAYERS.index(plan["line"]) for plan in billing()["plans"]])
    return np.where(row >= 0, lines[coverage.plan[row]], UNINSURED)


if __name__ == "__main__":
    main()
