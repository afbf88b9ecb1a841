"""Every value of the sample files, against a second and naive reader; and files of the other releases."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
import reference_files as made

from healthsim.db.connection import Database
from healthsim.db.reference import import_files

ENDINGS = {
    "CrudePrev": ("crude_prevalence",),
    "Crude95CI": ("crude_low", "crude_high"),
    "AdjPrev": ("age_adjusted_prevalence",),
    "Adj95CI": ("age_adjusted_low", "age_adjusted_high"),
}
NOT_VALUES = {
    "ST",
    "STATE",
    "ST_ABBR",
    "STCNTY",
    "COUNTY",
    "FIPS",
    "LOCATION",
    "AFFGEOID",
    "Shape",
    "STCOFIPS",
    "TRACT",
    "STATE_FIPS",
    "CNTY_FIPS",
    "STATE_NAME",
    "STATE_ABBR",
    "TRACTCE",
    "GEO_ID",
}


@pytest.fixture(scope="module")
def side_by_side(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One database for all made-up releases: they stand side by side."""
    return Database(tmp_path_factory.mktemp("releases") / "healthsim.duckdb")


def records(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def naive_places(path: Path, key: str, digits: int) -> dict[tuple[str, str, str], float | None]:
    """(place, measure, column) -> value, by reading line by line."""
    found: dict[tuple[str, str, str], float | None] = {}
    for record in records(path):
        for name, text in record.items():
            measure, _, ending = name.rpartition("_")
            if ending not in ENDINGS:
                continue
            parts = text.strip("() ").split(",") if text else [""] * 2
            for column, part in zip(ENDINGS[ending], parts, strict=False):
                found[record[key].zfill(digits), measure.upper(), column] = float(part) if part else None
    return found


def naive_svi(path: Path, key: str, digits: int) -> dict[tuple[str, str], float | None]:
    found: dict[tuple[str, str], float | None] = {}
    for record in records(path):
        for name, text in record.items():
            if name not in NOT_VALUES:
                value = float(text) if text else None
                found[record[key].zfill(digits), name] = None if value == -999 else value
    return found


def stored_places(database: Database, release: str, level: str) -> dict[tuple[str, str, str], float | None]:
    columns = [column for columns in ENDINGS.values() for column in columns]
    with database.read() as connection:
        rows = connection.execute(
            f"SELECT geoid, measure, {', '.join(columns)} FROM reference.places WHERE release = ? AND level = ?",
            [release, level],
        ).fetchall()
    return {(row[0], row[1], name): value for row in rows for name, value in zip(columns, row[2:], strict=True)}


def stored_svi(database: Database, release: str, level: str) -> dict[tuple[str, str], float | None]:
    with database.read() as connection:
        rows = connection.execute(
            "SELECT geoid, variable, value FROM reference.svi WHERE release = ? AND level = ?", [release, level]
        ).fetchall()
    return {(geoid, variable): value for geoid, variable, value in rows}


@pytest.mark.long
def test_places_2022_as_published(database: Database, test_data: Path) -> None:
    path = next((test_data / "reference/places").glob("PLACES*2022*"))
    (done,) = import_files(database, [path])
    assert (done.dataset, done.level, done.release, done.rows) == ("places", "county", "2022", 3143)
    expected = naive_places(path, "CountyFIPS", 5)
    assert len(expected) == 3143 * 30 * 6
    assert stored_places(database, "2022", "county") == expected
    with database.read() as connection:
        population = dict(connection.execute("SELECT geoid, population FROM ref_places_county").fetchall())
    assert population == {row["CountyFIPS"].zfill(5): int(row["TotalPopulation"]) for row in records(path)}


@pytest.mark.parametrize(("release", "count"), [("2014", 3142), ("2018", 3142), ("2022", 3144)])
@pytest.mark.long
def test_svi_as_published(database: Database, test_data: Path, release: str, count: int) -> None:
    path = test_data / f"reference/svi/SVI_{release}_US_county.csv"
    (done,) = import_files(database, [path])
    assert (done.release, done.rows, done.geography_vintage) == (
        release,
        count,
        "2022" if release == "2022" else "2010",
    )
    assert stored_svi(database, release, "county") == naive_svi(path, "FIPS", 5)


def test_los_angeles(database: Database, test_data: Path) -> None:
    import_files(database, [test_data / "reference/svi/SVI_2022_US_county.csv"])
    with database.read() as connection:
        tidy = connection.execute(
            "SELECT value FROM reference.svi WHERE release = '2022' AND geoid = '06037' AND variable = 'RPL_THEMES'"
        ).fetchall()
        wide = connection.execute("SELECT rpl_themes FROM ref_svi_county WHERE county_fips = '06037'").fetchall()
    assert tidy == wide == [(0.8629,)]


def test_long_samples(database: Database, test_data: Path) -> None:
    folder = test_data / "reference/places"
    done = import_files(database, [folder / f"places_{level}_long_2024_realrows.csv" for level in ("county", "tract")])
    assert [(load.level, load.release, load.geography_vintage) for load in done] == [
        ("county", "2024", "2022"),
        ("tract", "2024", "2022"),
    ]
    kinds = {
        "CrdPrv": ("crude_prevalence", "crude_low", "crude_high"),
        "AgeAdjPrv": ("age_adjusted_prevalence", "age_adjusted_low", "age_adjusted_high"),
    }
    for level in ("county", "tract"):
        expected: dict[tuple[str, str, str], float | None] = {}
        for record in records(folder / f"places_{level}_long_2024_realrows.csv"):
            if record["LocationID"] != "59":
                texts = (record["Data_Value"], record["Low_Confidence_Limit"], record["High_Confidence_Limit"])
                for column, text in zip(kinds[record["DataValueTypeID"]], texts, strict=True):
                    expected[record["LocationID"], record["MeasureId"], column] = float(text)
        stored = stored_places(database, "2024", level)
        assert {key: value for key, value in stored.items() if value is not None} == expected
        assert {key[:2] for key in stored} == {key[:2] for key in expected}
    assert stored_places(database, "2024", "nation")["US", "MAMMOUSE", "age_adjusted_prevalence"] == 76.0


def test_census_samples(database: Database, test_data: Path) -> None:
    folder = test_data / "reference/census"
    done = import_files(database, sorted(folder.glob("*.csv")))
    assert {(load.dataset, load.release, load.rows) for load in done} == {
        ("cbsa", "2023", 1915),
        ("counties", "2022", 3144),
        ("ct_crosswalk", "2022", 879),
    }
    with database.read() as connection:
        counties = dict(connection.execute("SELECT county_fips, county_name FROM reference.counties").fetchall())
        areas = dict(connection.execute("SELECT county_fips, cbsa_code FROM reference.counties").fetchall())
        crosswalk = connection.execute("SELECT tract_fips_2020, tract_fips_2022 FROM reference.ct_crosswalk").fetchall()
    assert counties == {r["county_fips"]: r["county_name"] for r in records(folder / "fips_county_anchor.csv")}
    expected = {r["county_fips"]: r["cbsa_code"] for r in records(folder / "cbsa_definitions_anchor.csv")}
    assert {fips: code for fips, code in areas.items() if code} == {f: c for f, c in expected.items() if f in counties}
    assert set(crosswalk) == {
        (r["tract_fips_2020"], r["Tract_fips_2022"]) for r in records(folder / "ct_2022tractcrosswalk.csv")
    }


@pytest.mark.parametrize("level", ["county", "tract", "place", "zcta"])
@pytest.mark.parametrize("release", sorted(made.MEASURES))
@pytest.mark.long
def test_wide_places_of_every_release(side_by_side: Database, tmp_path: Path, release: str, level: str) -> None:
    path = made.places_wide(tmp_path / f"PLACES_{release}.csv", release, level, drop=made.KEYS[level][0] + "DIABETES")
    (done,) = import_files(side_by_side, [path])
    assert (done.release, done.level, done.rows) == (release, level, len(made.KEYS[level]))
    key = {"county": "CountyFIPS", "tract": "TractFIPS", "place": "PlaceFIPS", "zcta": "ZCTA5"}[level]
    stored = stored_places(side_by_side, release, level)
    expected = naive_places(path, key, 5)
    assert {cell: value for cell, value in stored.items() if cell in expected} == expected
    assert not [value for cell, value in stored.items() if cell not in expected and value is not None]
    assert stored[made.KEYS[level][0], "DIABETES", "crude_prevalence"] is None


@pytest.mark.parametrize("level", ["county", "tract", "place", "zcta"])
@pytest.mark.parametrize("release", sorted(made.MEASURES))
@pytest.mark.long
def test_long_places_of_every_release(side_by_side: Database, tmp_path: Path, release: str, level: str) -> None:
    hidden = made.KEYS[level][0] + "SLEEP"
    path = made.places_long(tmp_path / "download.csv", release, level, suppressed=hidden)
    (done,) = import_files(side_by_side, [path])
    assert (done.release, done.level, done.rows) == (release, level, sum(1 for _ in records(path)))
    stored = stored_places(side_by_side, release, level)
    for record in records(path):
        kind = "crude" if record["DataValueTypeID"] == "CrdPrv" else "age_adjusted"
        for name, text in (
            (f"{kind}_prevalence", "Data_Value"),
            (f"{kind}_low", "Low_Confidence_Limit"),
            (f"{kind}_high", "High_Confidence_Limit"),
        ):
            value = float(record[text]) if record[text] else None
            assert stored[record["LocationID"], record["MeasureId"], name] == value


@pytest.mark.parametrize("level", ["county", "tract"])
@pytest.mark.parametrize("release", ["2000", "2010", "2014", "2016", "2018", "2020", "2022"])
@pytest.mark.long
def test_svi_of_every_release(side_by_side: Database, tmp_path: Path, release: str, level: str) -> None:
    path = made.svi(tmp_path / f"SVI_{release}_US.csv", release, level, unpadded=release > "2000")
    (done,) = import_files(side_by_side, [path])
    assert (done.release, done.level) == (release, level)
    key, digits = (
        ("STCOFIPS", 5) if (release, level) == ("2000", "county") else ("FIPS", 5 if level == "county" else 11)
    )
    stored = stored_svi(side_by_side, release, level)
    expected = naive_svi(path, key, digits)
    assert {cell: value for cell, value in stored.items() if cell in expected} == expected
    assert {variable for _, variable in stored} >= {"RPL_THEMES", "RPL_THEME1"}
    assert [cell for cell in stored if cell not in expected and not cell[1].startswith("RPL_THEME")] == []


def test_svi_2000_with_an_older_header_above_its_own(database: Database, tmp_path: Path) -> None:
    path = made.svi(tmp_path / "SVI_2000_US_county.csv", "2000", two_headers=True)
    (done,) = import_files(database, [path])
    assert (done.release, done.rows) == ("2000", 4)
    assert ("01001", "USTP") in stored_svi(database, "2000", "county")


def test_values_with_more_decimals_are_kept(database: Database, tmp_path: Path) -> None:
    path = made.places_wide(tmp_path / "PLACES_2022.csv", "2022", "county")
    text = path.read_text(encoding="utf-8").replace(f"{made.estimate('01001', 'DIABETES'):.1f},", "9.4567,", 1)
    path.write_text(text, encoding="utf-8")
    import_files(database, [path])
    assert 9.4567 in {value for cell, value in stored_places(database, "2022", "county").items() if cell[0] == "01001"}


@pytest.mark.parametrize(
    ("published", "finer"),
    [("( 7.1,  9.3)", False), ("(7,9)", False), ("( 7.14,  9.3)", True), ("( 7.1,  9.34)", True)],
)
def test_bounds_with_more_decimals_are_kept(database: Database, tmp_path: Path, published: str, finer: bool) -> None:
    path = made.places_wide(tmp_path / "PLACES_2022.csv", "2022", "county")
    value = made.estimate("01001", "DIABETES")
    shown = f"({value - 1:4.1f}, {value + 1:4.1f})"
    text = path.read_text(encoding="utf-8")
    assert shown in text
    path.write_text(text.replace(shown, published, 1), encoding="utf-8")
    import_files(database, [path])
    assert stored_places(database, "2022", "county") == naive_places(path, "CountyFIPS", 5)
    with database.read() as connection:
        (kind,) = connection.execute(
            "SELECT data_type FROM duckdb_columns() WHERE table_name = 'places_county_2022'"
            " AND column_name = 'diabetes_crude_low'"
        ).fetchall()[0]
    assert kind == ("DOUBLE" if finer else "DECIMAL(4,1)")


def test_long_values_with_more_decimals_are_kept(database: Database, tmp_path: Path) -> None:
    path = made.places_long(tmp_path / "PLACES_2022.csv", "2022", "tract")
    value = f",{made.estimate('01001020100', 'DIABETES'):.1f},"
    path.write_text(path.read_text(encoding="utf-8").replace(value, ",9.456,", 1), encoding="utf-8")
    import_files(database, [path])
    assert stored_places(database, "2022", "tract")["01001020100", "DIABETES", "crude_prevalence"] == 9.456
