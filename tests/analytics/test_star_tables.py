"""The star is derived: builds make its tables, another version takes them away, and the keys that were given stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_scenarios import scenario

from healthsim.analytics import build, check, drop, query, status
from healthsim.analytics.star import made
from healthsim.analytics.star.declared import DIMENSIONS, HEADS, KEPT, columns_of, key_of
from healthsim.db.connection import Database
from healthsim.db.query import ask
from healthsim.db.status import status as database_status
from healthsim.errors import InvalidInput, NotFound
from healthsim.exchange.tables import export_tables
from healthsim.state.doctor import examine
from healthsim.state.manager import StateManager

LOG = {"builds", "carried_keys", "dimension_keys"}


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        rows = connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'analytics'").fetchall()
    return {name for (name,) in rows}


def given_keys(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every key of every dimension that gives keys, beside what it was given for."""
    found = {}
    with database.read() as connection:
        for table in DIMENSIONS:
            natural = HEADS[table].natural
            if natural:
                scope = "scenario_key, " if any(column.name == "scenario_key" for column in columns_of(table)) else ""
                found[table] = connection.execute(
                    f"SELECT {key_of(table)}, {scope}{', '.join(natural)} FROM analytics.{table} WHERE {key_of(table)} > 0 ORDER BY ALL"
                ).fetchall()
        found["scenarios"] = connection.execute(
            "SELECT scenario_id, scenario_key FROM analytics.builds ORDER BY 2"
        ).fetchall()
    return found


def another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, the program is one whose star has other columns."""
    monkeypatch.setattr(made, "layout", lambda: "another")


@pytest.mark.long
def test_a_new_database_has_no_table_of_the_star(state: StateManager, database: Database) -> None:
    state.save("s", scenario(1))
    assert tables(database) == LOG
    build(database, ["s"])
    assert tables(database) == LOG | set(KEPT)
    with database.read() as connection:
        kept = connection.execute(
            "SELECT compression FROM pragma_storage_info('analytics.fact_observation') WHERE column_name = 'observation_id'"
        ).fetchall()
    assert kept


@pytest.mark.long
def test_every_reader_says_that_nothing_is_built(state: StateManager, database: Database, tmp_path: Path) -> None:
    state.save("s", scenario(1))
    (standing,) = status(database)
    assert (standing.state, standing.reason, standing.fact_rows) == ("not built", None, 0)
    (finding,) = check(database)
    assert finding.result == "warn"
    assert finding.detail.startswith("not built: it was never built; ")
    with pytest.raises(NotFound, match="The star of 's' is not built"):
        query(database, ["persons"], scenarios=["s"], build="never")
    with pytest.raises(NotFound, match="The star of 's' has not been built"):
        export_tables(database, "s", tmp_path / "out", layers=["star"])
    assert drop(database, ["s"]) == []
    assert drop(database, everything=True) == []
    assert examine(database)["ok"]
    assert database_status(database)["scenarios"] == 1
    with pytest.raises(
        InvalidInput, match=r"The star has no tables before a scenario of it is built: healthsim\.build"
    ):
        ask(database, "SELECT count(*) FROM analytics.fact_claim")
    export_tables(database, "s", tmp_path / "all")
    assert not (tmp_path / "all" / "star").exists()
    state.save("s", scenario(2), mode="overwrite")
    state.delete("s")


@pytest.mark.long
def test_keys_outlive_the_tables(state: StateManager, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        state.save(f"s{number}", scenario(number) | {"sites": [{"site_id": "X", "study_id": "T"}]})
    build(database, ["s2"])
    build(database, ["s1"])
    before = given_keys(database)
    another_version(monkeypatch)
    assert [(one.state, one.reason) for one in status(database)] == [("not built", made.NEEDS_BUILDING)] * 2
    with pytest.raises(NotFound, match="is not built"):
        query(database, ["persons"], scenarios=["s1"], build="never")
    # in another order than before, and something new comes first
    state.save("s0", scenario(3))
    build(database, ["s0", "s1"])
    assert [one.state for one in status(database)] == ["built", "built", "not built"]
    build(database, ["s2"])
    after = given_keys(database)
    for table, rows in before.items():
        assert set(rows) <= set(after[table]), table
        keys = [row[0] for row in after[table]]
        assert len(set(keys)) == len(keys), table
    assert [finding for finding in check(database) if finding.result == "fail"] == []
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM analytics.carried_keys").fetchall() == [(0,)]


@pytest.mark.long
def test_keys_that_nobody_has_again_are_not_given_to_others(
    state: StateManager, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.save("s", scenario(1))
    build(database, ["s"])
    before = given_keys(database)
    another_version(monkeypatch)
    state.save("s", scenario(2, persons=9), mode="overwrite")
    build(database, ["s"])
    after = given_keys(database)
    old = {(row[2], row[0]) for row in before["dim_person"]}
    new = {(row[2], row[0]) for row in after["dim_person"]}
    for person, key in new - old:
        assert key not in {taken for _, taken in old}, person


@pytest.mark.long
def test_what_was_built_can_be_dropped_and_deleted_when_its_tables_are_gone(
    state: StateManager, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        state.save(f"s{number}", scenario(number))
    build(database, everything=True)
    with database.write() as connection:
        made.take_away(connection)
    assert tables(database) == LOG
    assert drop(database, ["s1"]) == ["s1"]
    state.delete("s2")
    with database.read() as connection:
        left = connection.execute(
            "SELECT DISTINCT scenario_key FROM analytics.carried_keys WHERE scenario_key IS NOT NULL"
        ).fetchall()
        assert left == connection.execute("SELECT scenario_key FROM analytics.builds").fetchall()
    assert examine(database)["ok"]
    assert drop(database, everything=True) == ["s3"]
    assert tables(database) == LOG
    build(database, ["s1"])
    assert [finding for finding in check(database, ["s1"]) if finding.result == "fail"] == []


@pytest.mark.long
def test_a_renamed_column_of_another_version_does_not_stop_a_build(state: StateManager, database: Database) -> None:
    state.save("s", scenario(1))
    build(database, ["s"])
    before = given_keys(database)
    with database.write() as connection:
        connection.execute("ALTER TABLE analytics.dim_drug RENAME COLUMN code TO drug_code")
        connection.execute("CREATE TABLE analytics.fact_of_old_times (scenario_key INTEGER)")
        connection.execute("UPDATE analytics.dimension_keys SET content = 'older' WHERE table_name = 'star'")
    build(database, ["s"])
    after = given_keys(database)
    assert tables(database) == LOG | set(KEPT)
    assert {table for table in before if before[table] != after[table]} == {"dim_drug"}
    taken = {row[0] for row in before["dim_drug"]}
    assert taken.isdisjoint(row[0] for row in after["dim_drug"])
