"""What the star is, is said once, in the heads of its statements: the rest of the program follows from there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from small_scenarios import scenario

import healthsim
from healthsim.analytics import build
from healthsim.analytics.star.declared import (
    CODES,
    HEADS,
    KEPT,
    PACKAGE,
    SEEDS,
    SOURCES,
    STEPS,
    WHO,
    columns_of,
    statement,
)
from healthsim.analytics.star.heads import read_head
from healthsim.analytics.star.macros import expanded
from healthsim.analytics.star.measures import measures, read_measure
from healthsim.analytics.star.row_owners import OWNED, WAYS
from healthsim.db.connection import Database
from healthsim.model import ENTITY_TYPES
from healthsim.state.manager import StateManager

STAR = Path(sys.modules[PACKAGE].__file__ or "").parent

#: a fact of a canonical table that the star does not know
NEW_FACT = """\
-- One row per allergy of the clinical record.
-- kind: fact
-- grain: one row per allergy
-- holds: allergies
-- rows: allergies.allergy_id, owned by patient
-- dates: onset = onset_date_key
-- columns:
--   person_key INTEGER: the patient
--   onset_date_key INTEGER: day of onset; -2 where it is not known
--   allergy_id VARCHAR: degenerate
--   allergen VARCHAR: what to
--   allergy_count INTEGER: 1
SELECT
    coalesce(p.person_key, -1) AS person_key, coalesce({day_key(a.onset_date)}, -2) AS onset_date_key,
    a.allergy_id, a.substance AS allergen, 1 AS allergy_count
FROM allergies AS a
LEFT JOIN lookup_patient AS p ON p.patient_id = a.patient_id
"""
NEW_MEASURE = """\
-- Statins at any age
-- number: 90
-- population: Everybody
-- numerator: A statin in the year
-- source: a test
-- definition: Persons with a statin in the year.
SELECT person_key, "year", 0 AS excluded, has_statin AS met, CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
"""
#: builds, adds, builds again and asks, with whatever package it finds
ASK = """
import json, sys
from pathlib import Path
from healthsim.analytics import build, check, query
from healthsim.analytics.metrics.registry import registry
from healthsim.analytics.reference import reference_page
from healthsim.db.connection import Database
from healthsim.state.manager import StateManager

database = Database(Path(sys.argv[1]))
state = StateManager(database)
people = [{"patient_id": f"P{n}", "birth_date": "1960-06-15", "gender": "F"} for n in range(40)]
visits = [{"encounter_id": f"E{n}", "patient_id": f"P{n}", "encounter_class": "outpatient", "start_datetime": "2024-05-01T08:00:00",
           "end_datetime": "2024-05-01T09:00:00"} for n in range(40)]
allergies = [{"allergy_id": f"A{n}", "patient_id": f"P{n}", "allergen": "penicillin", "onset_date": "2020-03-04"} for n in range(3)]
state.save("s", {"patients": people, "encounters": visits, "allergies": allergies})
first = build(database, ["s"])[0]
state.save("s", {"allergies": [{"allergy_id": "A9", "patient_id": "P9", "allergen": "nuts"}]}, mode="merge")
again = build(database, ["s"])[0]
fact = registry().facts.get("fact_allergy")
with database.read() as connection:
    rows = connection.execute("SELECT allergy_id, onset_date_key, person_key > 0 FROM analytics.fact_allergy ORDER BY 1").fetchall() if fact else []
known = "statins_at_any_age" in registry().metrics
rate = query(database, ["statins_at_any_age"], scenarios=["s"])["rows"] if known else None
print(json.dumps({
    "rows": rows, "modes": [first.mode, again.mode], "persons": again.persons,
    "failed": [finding.as_dict() for finding in check(database) if finding.result == "fail"],
    "roles": [role.name for role in fact.roles] if fact else [], "keys": sorted(fact.keys) if fact else [],
    "page": "### fact_allergy" in reference_page(), "rate": rate,
}))
"""


def asked_with(tmp_path: Path, file: str, text: str) -> dict[str, object]:
    """What a program says that has one file more than this one."""
    package = tmp_path / "copy" / "healthsim"
    shutil.copytree(Path(healthsim.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "analytics" / "star" / "sql" / file).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path / "x.duckdb")],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(package.parent)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.long
def test_a_new_fact_is_one_file(tmp_path: Path) -> None:
    found = asked_with(tmp_path, "fact_allergy.sql", NEW_FACT)
    assert found["rows"] == [["A0", 20200304, True], ["A1", 20200304, True], ["A2", 20200304, True], ["A9", -2, True]]
    # whose its rows are is known: one person was done again
    assert (found["modes"], found["persons"]) == (["full", "incremental"], 1)
    assert found["failed"] == []
    # metrics can sum it, by its date and by what is known of the person
    assert found["roles"] == ["onset"]
    assert found["keys"] == ["geography", "pcp", "person", "tract"]
    assert found["page"] is True


@pytest.mark.long
def test_a_new_measure_is_one_file(tmp_path: Path) -> None:
    found = asked_with(tmp_path, "measures/statins_at_any_age.sql", NEW_MEASURE)
    assert found["failed"] == []
    assert found["rate"] == [[0.0]]


@pytest.mark.long
def test_a_statement_gives_the_columns_that_its_head_declares(state: StateManager, database: Database) -> None:
    state.save("s", scenario(1))
    build(database, ["s"])
    with database.raw(read_only=False) as connection:
        from healthsim.analytics.star.scenario_views import Views
        from healthsim.analytics.star.seed_tables import given

        for name, select in given().items():
            connection.execute(f"CREATE TEMP TABLE {name} AS {select}")
        views = Views(connection)
        ((scenario_id, key),) = connection.execute(
            "SELECT scenario_id::VARCHAR, scenario_key FROM analytics.builds"
        ).fetchall()
        views.of_scenario(scenario_id, key, frozenset(SOURCES))
        names = [*SEEDS, *(name for name, head in HEADS.items() if head.kind == "reference"), "geoids", "dim_geography"]
        names += ["fact_population_measure", "dim_scenario", *(step.name for step in STEPS)]
        for name in names:
            given_columns = [row[0] for row in connection.execute(f"DESCRIBE {statement(name)}").fetchall()]
            if name in KEPT:
                declared = [column.name for column in HEADS[name].columns]
                assert sorted(given_columns) == sorted(declared), name
            elif name not in SEEDS:
                connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {statement(name)}")


def test_heads_name_canonical_tables_and_their_keys() -> None:
    by_table = {entity_type.plural: entity_type.key for entity_type in ENTITY_TYPES.values()}
    assert set(SOURCES) <= set(by_table)
    for name, head in HEADS.items():
        columns = {column.name for column in columns_of(name)} if name in KEPT else set()
        for rows in (*head.rows, *head.tells_of):
            assert by_table[rows.table] == rows.key, name
            assert rows.column in columns, name
            assert set(rows.each) <= ENTITY_TYPES_BY_PLURAL[rows.table], name
        for table, sums in head.sums:
            assert set(sums) <= columns, name
            assert set(sums.values()) <= ENTITY_TYPES_BY_PLURAL[table], name
        assert {rows.owner for rows in (*head.rows, *head.uses)} <= {None, *WAYS}, name
        assert all(column.meaning for column in head.columns), name
    assert {table for table, persons in SOURCES.items() if persons} >= set(OWNED)


ENTITY_TYPES_BY_PLURAL = {
    entity_type.plural: {column.name for column in entity_type.columns} for entity_type in ENTITY_TYPES.values()
}


def test_each_statement_comes_after_what_it_reads() -> None:
    seen: set[str] = set()
    for step in STEPS:
        later = {other.name for other in STEPS} - seen - {step.name}
        assert later.isdisjoint(step.head.reads()), step.name
        seen.add(step.name)
    assert [step.name for step in (*WHO, *CODES)] == [step.name for step in STEPS][: len(WHO) + len(CODES)]
    # whoever needs to know persons only, needs neither codes nor facts
    assert not [step.name for step in WHO if step.kind in ("code", "fact")]


def test_dates_become_keys_in_one_place() -> None:
    folders = [
        STAR / "sql",
        STAR / "sql" / "measures",
        *(STAR.parent / name / "sql" for name in ("metrics", "reports", "cohorts")),
    ]
    arithmetic = re.compile(r"\* 10000 \+ month|birth_date_key\) // 10000|\+ 10000\) // 10000")
    assert [
        path.name for folder in folders for path in folder.glob("*.sql") if arithmetic.search(path.read_text())
    ] == []


def test_ages_are_those_of_people() -> None:
    born, day = 20000229, 20240228
    with duckdb.connect() as connection:

        def age(birth: int | None, at: int | None) -> int:
            text = expanded(
                "SELECT {age_at(b, coalesce(d, NULL))} FROM (SELECT CAST($b AS INTEGER) AS b, CAST($d AS INTEGER) AS d)"
            )
            return int(connection.execute(text, {"b": birth, "d": at}).fetchall()[0][0])

        assert (age(born, day), age(born, 20240229), age(born, 20240301)) == (23, 24, 24)
        assert (age(born, born), age(born, 20000228), age(18000101, 20240101)) == (0, -1, 120)
        assert [age(birth, at) for birth, at in ((-1, day), (born, -1), (born, -2), (None, day), (born, None))] == [
            -1
        ] * 5
        key = expanded("SELECT {day_key(d)} FROM (SELECT DATE '2024-03-05' AS d)")
        assert connection.execute(key).fetchall() == [(20240305,)]


def test_macros_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="no macro 'month_key'"):
        expanded("SELECT {month_key(d)}")
    with pytest.raises(ValueError, match=r"age_at\.sql takes birth, day; it was given b"):
        expanded("SELECT {age_at(b)}")
    assert expanded("SELECT {encounters}, {'a': 1}") == "SELECT {encounters}, {'a': 1}"


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("-- A fact.\n-- kind: facts\n", "the kind is 'facts'"),
        ("-- A fact.\n", "the kind is ''"),
        ("-- A fact.\n-- kind: fact\n-- columns:\n--   person_key: who\n", "a column is `name TYPE: meaning`"),
        ("-- A fact.\n-- kind: fact\n-- rows: encounters\n", "rows are `table.key as column"),
        ("-- A fact.\n-- kind: fact\n-- dates: start\n", "a date is `role = key column`"),
    ],
)
def test_a_head_that_cannot_be_read_is_refused_by_file(head: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"sql/fact_x\.sql: .*" + re.escape(message)):
        read_head("fact_x", head + "SELECT 1")


def test_measures_have_numbers_of_their_own_and_say_what_is_needed() -> None:
    numbers = [measure.number for measure in measures().values()]
    assert len(set(numbers)) == len(numbers)
    assert numbers[:3] == [1, 2, 3]
    with pytest.raises(
        ValueError, match=r"sql/measures/x\.sql: the head needs population, numerator, source, definition"
    ):
        read_measure("x", "-- X\n-- number: 5\nSELECT 1")
