"""The star against a naive computation in Python, and against itself: twice, together with others, person by person."""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_scenarios import scenario

from healthsim.analytics import build, check
from healthsim.analytics.star.declared import FACTS, STEPS, TABLES, dimension_of
from healthsim.db.connection import Database
from healthsim.state.manager import StateManager

#: a database lives through all examples of a test: what one leaves, the next must bear; HEALTHSIM_LONG_TESTS asks for more
EXAMPLES = settings(
    max_examples=30 if os.environ.get("HEALTHSIM_LONG_TESTS") else 3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def content(database: Database, tables: tuple[str, ...] = TABLES) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the star, surrogate keys included."""
    with database.read() as connection:
        return {
            table: sorted(connection.execute(f"SELECT * FROM analytics.{table}").fetchall(), key=repr)
            for table in tables
        }


def without_keys(database: Database, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """The facts of a scenario with what keys stand for in their place."""
    natural = {step.name: step.natural for step in STEPS if step.kind in ("code", "scoped")} | {
        "dim_geography": ("geoid",)
    }
    found = {}
    with database.read() as connection:
        for fact in FACTS:
            shown, joined = [], []
            for number, (column, *_) in enumerate(connection.execute(f"DESCRIBE analytics.{fact}").fetchall()):
                dimension = dimension_of(column)
                if column == "scenario_key":
                    continue
                if dimension in natural:
                    key = dimension.removeprefix("dim_") + "_key"
                    shown.append(
                        f"concat_ws('|', {', '.join(f'd{number}.{part}' for part in natural[dimension])}, least(0, f.{column}))"
                    )
                    joined.append(f" LEFT JOIN analytics.{dimension} d{number} ON d{number}.{key} = f.{column}")
                else:
                    shown.append(f"f.{column}")
            statement = f"SELECT {', '.join(shown)} FROM analytics.{fact} f JOIN analytics.dim_scenario s USING (scenario_key){''.join(joined)} WHERE s.name = ?"
            found[fact] = sorted(connection.execute(statement, [name]).fetchall(), key=repr)
    return found


def date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text[:10]) if text else None


# -- the oracle ------------------------------------------------------------------------------------------------


class Oracle:
    """Facts by loops over the entities, without any SQL."""

    def __init__(self, entities: dict[str, list[dict[str, Any]]]) -> None:
        self.of = lambda kind: entities.get(kind, [])
        ends = [date(e.get("end_datetime") or e["start_datetime"]) for e in self.of("encounters")]
        ends += [date(c["service_date"]) for c in self.of("claims") + self.of("pharmacy_claims")]
        ends += [date(a["aestdtc"]) for a in self.of("adverse_events")] + [
            date(x["exstdtc"]) for x in self.of("exposures")
        ]
        ends += [date(r["collected_datetime"]) for r in self.of("lab_results")]
        self.end = max((day for day in ends if day), default=None)
        self.patients = {p["patient_id"]: p for p in self.of("patients")}

    def age(self, patient: str, day: dt.date) -> int:
        born = date(self.patients[patient]["birth_date"])
        assert born is not None
        return max(-1, day.year - born.year - ((day.month, day.day) < (born.month, born.day)))

    def dead(self, visit: dict[str, Any]) -> bool:
        died = date(self.patients[visit["patient_id"]].get("death_date"))
        first, last = date(visit["start_datetime"]), date(visit.get("end_datetime") or visit["start_datetime"])
        return visit.get("discharge_disposition_code") == "20" or (
            visit["encounter_class"] in ("inpatient", "emergency")
            and died is not None
            and first is not None
            and last is not None
            and first <= died <= last
        )

    def encounters(self) -> dict[str, tuple[Any, ...]]:
        """id -> age, index admission, readmission within 30 days, days to it."""
        found = {}
        for visit in self.of("encounters"):
            left = visit.get("end_datetime")
            good = (
                visit["encounter_class"] == "inpatient"
                and left
                # over at least one night, of an adult
                and left[:10] > visit["start_datetime"][:10]
                and self.age(visit["patient_id"], dt.date.fromisoformat(visit["start_datetime"][:10])) >= 18
                and not self.dead(visit)
                and visit.get("discharge_disposition_code") != "02"
            )
            index = bool(good and self.end and (self.end - dt.date.fromisoformat(left[:10])).days >= 30)
            later = [
                (dt.date.fromisoformat(other["start_datetime"][:10]) - dt.date.fromisoformat(left[:10])).days
                for other in self.of("encounters")
                if left
                and other is not visit
                and other["encounter_class"] == "inpatient"
                and other["patient_id"] == visit["patient_id"]
                and other["start_datetime"] >= left
            ]
            days = min(later) if later and index else None
            found[visit["encounter_id"]] = (
                self.age(visit["patient_id"], dt.date.fromisoformat(visit["start_datetime"][:10])),
                int(index),
                int(days is not None and days <= 30),
                days,
            )
        return found

    def spans(self) -> list[tuple[str, str, str, dt.date, dt.date]]:
        """(patient, plan, member, first day, last day)"""
        found = []
        for member in self.of("members"):
            first, last = date(member["coverage_start"]), date(member.get("coverage_end")) or self.end
            if first and last:
                found.append((member["patient_id"], member["plan_id"], member["member_id"], first, last))
        return found

    def covered(self, patient: str, day: dt.date) -> tuple[str, str] | None:
        """The plan and the span that count on a day."""
        real = {m["member_id"]: date(m.get("coverage_end")) or dt.date.max for m in self.of("members")}
        fitting = [
            (first, real[member], member, plan)
            for who, plan, member, first, _ in self.spans()
            if who == patient and first <= day <= real[member]
        ]
        return (max(fitting)[3], max(fitting)[2]) if fitting else None

    def member_months(self) -> dict[tuple[str, str, int], tuple[int, Decimal]]:
        """(patient, plan, yyyymm) -> covered days, medical paid."""
        days: dict[tuple[str, str, int], set[dt.date]] = defaultdict(set)
        for who, plan, _, first, last in self.spans():
            day = first
            while day <= last:
                days[who, plan, day.year * 100 + day.month].add(day)
                day += dt.timedelta(days=1)
        paid: dict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
        for claim in self.of("claims"):
            day = dt.date.fromisoformat(claim["service_date"])
            cover = self.covered(claim["patient_id"], day)
            if claim["status"] == "paid" and cover:
                paid[claim["patient_id"], cover[0], day.year * 100 + day.month] += Decimal(claim["total_paid"])
        return {key: (len(value), paid[key]) for key, value in days.items()}

    def adherence(self, class_of: dict[str, str | None]) -> dict[tuple[str, str, int], tuple[int, int]]:
        """(rx member, class, year) -> days covered, days observed."""
        fills = defaultdict(list)
        for fill in self.of("pharmacy_claims"):
            kind = class_of.get(fill["drug_name"])
            if fill["status"] == "paid" and kind:
                fills[fill["rx_member_id"], kind].append(fill)
        found = {}
        for (member, kind), given_out in fills.items():
            supplied = {
                date(f["service_date"]) + dt.timedelta(days=n) for f in given_out for n in range(f["days_supply"])
            }  # type: ignore[operator]
            died = date(self.patients[member.replace("R", "P", 1)].get("death_date")) or dt.date.max
            for year in {int(f["service_date"][:4]) for f in given_out}:
                first = min(
                    dt.date.fromisoformat(f["service_date"])
                    for f in given_out
                    if f["service_date"].startswith(str(year))
                )
                assert self.end is not None
                last = min(dt.date(year, 12, 31), self.end, died)
                found[member, kind, year] = (
                    len([day for day in supplied if first <= day <= last]),
                    (last - first).days + 1,
                )
        return found


CLASSES = {
    "atorvastatin 20 MG": "statins",
    "Crestor 10 MG": "statins",
    "metformin 500 MG": "diabetes",
    "lisinopril 10 MG": "rasa",
    "losartan 50 MG": "rasa",
}


@EXAMPLES
@given(seed=st.integers(0, 10**9))
@pytest.mark.long
def test_facts_are_those_of_a_naive_computation(state: StateManager, database: Database, seed: int) -> None:
    entities = scenario(seed)
    oracle = Oracle(entities)
    state.save("s", entities, mode="overwrite")
    build(database, ["s"], mode="full")
    with database.read() as connection:

        def ask(statement: str) -> list[tuple[Any, ...]]:
            return connection.execute(statement).fetchall()

        encounters = ask(
            "SELECT encounter_id, age_band_key, index_admission_count, readmission_30_day_count, days_to_readmission FROM analytics.fact_encounter"
        )
        assert {row[0]: row[1:] for row in encounters} == oracle.encounters()
        months = ask(
            "SELECT patient_id, plan_id, year_month, covered_days, medical_paid_amount FROM analytics.fact_member_month"
            " JOIN analytics.dim_plan USING (plan_key) JOIN analytics.dim_person p USING (person_key) WHERE p.person_key > 0"
        )
        assert {row[:3]: row[3:] for row in months} == oracle.member_months()
        claims = ask("SELECT claim_id, enrolled_count, net_paid_amount, paid_amount FROM analytics.fact_claim")
        assert {row[0]: row[1:] for row in claims} == {
            claim["claim_id"]: (
                int(oracle.covered(claim["patient_id"], dt.date.fromisoformat(claim["service_date"])) is not None),
                Decimal(claim["total_paid"]) if claim["status"] == "paid" else Decimal("0.00"),
                Decimal(claim["total_paid"]),
            )
            for claim in oracle.of("claims")
        }
        shares = ask("SELECT claim_id, sum(weight), count(*) FROM analytics.bridge_claim_diagnosis GROUP BY 1")
        assert {row[0]: (round(row[1], 9), row[2]) for row in shares} == {
            claim["claim_id"]: (1.0, len({claim["principal_diagnosis"], *claim["other_diagnoses"]}))
            for claim in oracle.of("claims")
        }
        exposed = ask(
            "SELECT rx_member_id, substr(measure_id, 11), measurement_year, measure_value FROM analytics.fact_quality_measure"
            " JOIN analytics.dim_measure USING (measure_key) JOIN analytics.dim_person USING (person_key) WHERE measure_id LIKE 'adherence%'"
        )
        expected = oracle.adherence(CLASSES)
        for member, kind, year, value in exposed:
            covered, observed = expected[member, kind, year]
            assert value == pytest.approx(covered / observed)
    assert [finding for finding in check(database) if finding.result == "fail"] == []


@EXAMPLES
@given(first=st.integers(0, 10**6), second=st.integers(0, 10**6))
@pytest.mark.long
def test_two_scenarios_together_are_what_each_is_alone(
    tmp_path_factory: pytest.TempPathFactory, first: int, second: int
) -> None:
    folder = tmp_path_factory.mktemp("together")
    alone, both = Database(folder / "alone.duckdb"), Database(folder / "both.duckdb")
    entities = scenario(first)
    StateManager(alone).save("a", entities)
    StateManager(both).save("b", scenario(second))
    StateManager(both).save("a", entities)
    build(alone, ["a"])
    build(both, everything=True)
    assert without_keys(both, "a") == without_keys(alone, "a")
    StateManager(both).delete("b")
    assert without_keys(both, "a") == without_keys(alone, "a")
    assert [finding for finding in check(both) if finding.result == "fail"] == []


@pytest.mark.long
def test_building_twice_gives_the_same_tables(state: StateManager, database: Database) -> None:
    state.save("s", scenario(1, 10))
    state.save("t", scenario(2, 10))
    build(database, everything=True)
    before = content(database)
    assert all(before[table] for table in ("fact_encounter", "fact_claim_line", "fact_rx_fill", "fact_quality_measure"))
    build(database, everything=True, mode="full")
    assert content(database) == before


@pytest.mark.long
def test_a_failed_build_leaves_the_star_as_it_was(
    state: StateManager, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.save("s", scenario(3))
    build(database, ["s"])
    before = content(database)
    state.save("s", scenario(4), mode="merge")
    from healthsim.analytics.star import surrogate_keys

    def broken(self: surrogate_keys.Keys) -> None:
        raise duckdb.OutOfMemoryException("no memory")

    with monkeypatch.context() as patched:
        patched.setattr(surrogate_keys.Keys, "save", broken)
        with pytest.raises(Exception, match="no memory"):
            build(database, ["s"])
    assert content(database) == before
    with database.read() as connection:
        assert connection.execute("SELECT current_setting('preserve_insertion_order')").fetchone() == (True,)
    build(database, ["s"])
    assert content(database) != before


def test_every_statement_is_of_the_portable_subset() -> None:
    sqlglot = pytest.importorskip("sqlglot")
    for step in STEPS:
        for statement in sqlglot.transpile(
            step.statement, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
        ):
            assert statement.upper().startswith(("WITH", "SELECT", "/*")), step.name
