"""Loads come, stay, stand side by side, and go; an import that is killed leaves what was there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import reference_files as made

from healthsim.analytics import build, status
from healthsim.db.connection import Database
from healthsim.db.reference import drop, import_files, list_loads, lookup, verify
from healthsim.errors import NotFound
from healthsim.state.manager import StateManager


def keys(database: Database) -> list[tuple[str, str, str]]:
    return [load.key for load in list_loads(database) if load.release != "starter"]


def test_the_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    path = made.svi(tmp_path / "SVI_2022_US_county.csv", "2022")
    (first,) = import_files(database, [path])
    before = list_loads(database)
    (second,) = import_files(database, [path])
    assert (first.status, second.status) == ("loaded", "unchanged")
    assert (second.sha256, second.rows, second.release) == (first.sha256, first.rows, first.release)
    assert list_loads(database) == before
    path.write_bytes(path.read_bytes().replace(b"Some State", b"Same State"))
    assert import_files(database, [path])[0].status == "loaded"
    assert keys(database) == [("svi", "county", "2022")]


@pytest.mark.long
def test_releases_side_by_side_and_drop_of_one(database: Database, tmp_path: Path) -> None:
    for release in ("2018", "2020", "2022"):
        import_files(database, [made.svi(tmp_path / f"SVI_{release}_US_county.csv", release)])
    import_files(database, [made.places_wide(tmp_path / "PLACES_2023.csv", "2023", "county")])
    with database.read() as connection:
        assert connection.execute("SELECT DISTINCT release FROM ref_svi_county").fetchall() == [("2022",)]
        everything = connection.execute("SELECT * FROM reference.svi WHERE release <> '2022' ORDER BY ALL").fetchall()
    assert [load.key for load in drop(database, "svi", level="county", release="2022")] == [("svi", "county", "2022")]
    assert keys(database) == [("places", "county", "2023"), ("svi", "county", "2020"), ("svi", "county", "2018")]
    with database.read() as connection:
        assert connection.execute("SELECT DISTINCT release FROM ref_svi_county").fetchall() == [("2020",)]
        left = connection.execute("SELECT * FROM reference.svi ORDER BY ALL").fetchall()
    assert left == everything
    with pytest.raises(NotFound, match="Nothing is loaded of svi 2022; loaded: places county 2023"):
        drop(database, "svi", release="2022")


def test_views_exist_before_anything_is_loaded(database: Database) -> None:
    with database.read() as connection:
        for view in ("ref_places_tract", "ref_svi_tract", "ref_adi_blockgroup", "reference.counties", "reference.adi"):
            assert connection.execute(f"SELECT count(*) FROM {view}").fetchall() == [(0,)]
        assert connection.execute("SELECT diabetes_crude_prev FROM ref_places_tract").fetchall() == []
        assert connection.execute(
            "SELECT diabetes_crude_prev, release FROM ref_places_county WHERE county_fips = '06073'"
        ).fetchall() == [(9.4, "starter")]


def test_verify_finds_what_is_missing(database: Database, tmp_path: Path) -> None:
    import_files(database, [made.svi(tmp_path / "SVI_2022_US_county.csv", "2022")])
    assert all(check["ok"] for check in verify(database))
    with database.raw(read_only=False) as connection:
        connection.execute("DELETE FROM reference_data.svi_county_2022 WHERE geoid = '01001'")
    problems = [check["problem"] for check in verify(database) if not check["ok"]]
    assert problems == ["3 rows where 4 were stored: import SVI_2022_US_county.csv again"]


def test_the_starter_set_gives_way_and_comes_back(database: Database, tmp_path: Path) -> None:
    assert lookup(database, county="06073")["releases"] == {"places": "starter", "svi": "starter"}
    import_files(database, [made.places_wide(tmp_path / "PLACES_2023.csv", "2023", "county")])
    assert lookup(database, county="06073")["releases"] == {"places": "2023", "svi": "starter"}
    drop(database, "places", release="2023")
    assert lookup(database, county="06073")["releases"] == {"places": "starter", "svi": "starter"}


@pytest.mark.long
def test_the_starter_set_says_what_the_official_files_say(database: Database, test_data: Path) -> None:
    import_files(database, [next((test_data / "reference/places").glob("PLACES*2022*"))])
    import_files(database, [test_data / "reference/svi/SVI_2022_US_county.csv"])
    with database.read() as connection:
        for table, key, values in (
            ("places", "measure", "crude_prevalence, crude_low, crude_high, population"),
            ("svi", "variable", "value"),
        ):
            rows = connection.execute(
                f"SELECT count(*), count(*) FILTER (WHERE official.geoid IS NULL) FROM"
                f" (SELECT geoid, {key}, {values} FROM reference.{table} WHERE release = 'starter') AS starter"
                f" LEFT JOIN (SELECT geoid, {key}, {values} FROM reference.{table} WHERE release = '2022') AS official"
                " ON starter IS NOT DISTINCT FROM official"
            ).fetchall()
            assert rows[0][0] > 400
            assert rows[0][1] == 0


_WORKER = """
import sys
from healthsim.db.connection import Database
from healthsim.db.reference import import_files
print("started", flush=True)
import_files(Database(sys.argv[1]), [sys.argv[2]])
print("done", flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes cannot be killed outright on this platform")
@pytest.mark.long
def test_a_killed_import_leaves_the_old_load_or_the_new_one(
    database: Database, database_path: Path, tmp_path: Path
) -> None:
    old = made.places_wide(tmp_path / "PLACES_2020.csv", "2020", "county")
    import_files(database, [old])
    keys_of_new = [f"06{number:03d}" for number in range(1, 999)]
    new = made.places_wide(tmp_path / "new_PLACES_2020.csv", "2020", "county", keys=keys_of_new)
    seen = set()
    for delay in (0.05, 0.15, 0.25, 0.4, 0.6):
        worker = subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(database_path), str(new)], stdout=subprocess.PIPE, env=dict(os.environ)
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        # at some moment of the work, or at its end
        with suppress(subprocess.TimeoutExpired):
            worker.wait(delay)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        checks = verify(Database(database_path))
        assert all(check["ok"] for check in checks)
        with Database(database_path).read() as connection:
            count = connection.execute("SELECT count(*) FROM ref_places_county").fetchall()[0][0]
        assert count in (4, 998)
        seen.add(count)
        if count == 998:
            break
    assert 4 in seen


@pytest.mark.long
def test_a_star_knows_the_places_of_the_data_that_is_loaded(
    database: Database, state: StateManager, tmp_path: Path
) -> None:
    def standing() -> dict[str, tuple[str, str | None]]:
        return {one.name: (one.state, one.reason) for one in status(database)}

    def release(county: str) -> str | None:
        with database.read() as connection:
            found = connection.execute(
                "SELECT svi_release FROM analytics.dim_person AS p JOIN analytics.dim_geography AS g USING (geography_key)"
                " WHERE p.county_fips = ?",
                [county],
            ).fetchall()
        assert len({row[0] for row in found}) == 1
        return None if found[0][0] is None else str(found[0][0])

    for name in ("a", "b"):
        state.save(name, {"patients": [{"patient_id": "P1", "birth_date": "1960-06-15", "county_fips": "35039"}]})
    assert {name: item[0] for name, item in standing().items()} == {"a": "not built", "b": "not built"}
    import_files(database, [made.svi(tmp_path / "SVI_2016_US_county.csv", "2016")])
    build(database, everything=True)
    assert release("35039") == "2016"

    import_files(database, [made.svi(tmp_path / "SVI_2018_US_county.csv", "2018")])
    stale = ("stale", "reference data was loaded or removed since")
    assert standing() == {"a": stale, "b": stale}
    assert [item.mode for item in build(database, ["a"])] == ["places"]
    assert standing() == {"a": ("built", None), "b": ("built", None)}
    assert [item.mode for item in build(database, ["a"])] == ["skipped"]
    assert release("35039") == "2018"

    # nothing is left of what is no longer loaded; a scenario that has changed as well is built with the places
    drop(database, "svi", release="2016")
    drop(database, "svi", release="2018")
    state.save("b", {"patients": [{"patient_id": "P2", "county_fips": "02261"}]}, mode="merge")
    assert standing() == {"a": stale, "b": ("stale", "written since: patients")}
    assert [item.mode for item in build(database, everything=True)] == ["places", "full"]
    assert (release("35039"), release("02261")) == ("starter", None)
    with database.read() as connection:
        (counted,) = connection.execute(
            "SELECT count(*), count(DISTINCT geoid) FROM analytics.dim_geography"
        ).fetchall()
    assert counted[0] == counted[1]
