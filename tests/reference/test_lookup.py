"""What is this place like? By code, by name, by state, by ZIP code area, across the codings of Connecticut."""

from __future__ import annotations

from pathlib import Path

import pytest
import reference_files as made

from healthsim.cli import main
from healthsim.db.connection import Database
from healthsim.db.reference import compare, import_files, lookup
from healthsim.errors import InvalidInput, NotFound, UsageError


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory, test_data: Path) -> Database:
    """A database with the sample files."""
    database = Database(tmp_path_factory.mktemp("lookup") / "healthsim.duckdb")
    folder = test_data / "reference"
    import_files(database, [*folder.glob("places/*.csv"), *folder.glob("svi/*.csv"), *folder.glob("census/*.csv")])
    return database


def test_by_code(official: Database) -> None:
    answer = lookup(official, county="6073", measures=["DIABETES"])
    assert answer == {
        "place": {
            "level": "county",
            "geoid": "06073",
            "name": "San Diego County",
            "state": "CA",
            "cbsa": {"code": "41740", "title": "San Diego-Chula Vista-Carlsbad, CA"},
        },
        "population": 3332427,
        "population_18plus": None,
        "measures": {
            "DIABETES": {
                "crude_prevalence": 9.4,
                "crude_low": 8.9,
                "crude_high": 10.0,
                "age_adjusted_prevalence": 9.0,
                "age_adjusted_low": 8.5,
                "age_adjusted_high": 9.5,
                "release": "2022",
            }
        },
        "svi": {},
        "releases": {"places": "2022"},
        "notes": ["places 2024 has no 06073; these figures are of 2022."],
    }


@pytest.mark.parametrize(
    ("name", "geoid"),
    [
        ("San Diego County, CA", "06073"),
        ("san diego, california", "06073"),
        ("Doña Ana, NM", "35013"),
        ("Dona Ana County, NM", "35013"),
        ("St. Louis city, MO", "29510"),
        ("St. Louis County, MO", "29189"),
        ("Orleans Parish, LA", "22071"),
        ("Capitol Planning Region, CT", "09110"),
    ],
)
def test_by_name(official: Database, name: str, geoid: str) -> None:
    assert lookup(official, county=name)["place"]["geoid"] == geoid


def test_a_name_of_several_places(official: Database) -> None:
    with pytest.raises(InvalidInput, match=r"'Orange' may be 8 places: Orange County, CA \(06059\); .* Add the state"):
        lookup(official, county="Orange")


def test_svi_themes_and_variables(official: Database) -> None:
    answer = lookup(official, county="06037")
    assert answer["svi"]["RPL_THEMES"] == 0.8629
    assert set(answer["svi"]) == {"RPL_THEMES", "RPL_THEME1", "RPL_THEME2", "RPL_THEME3", "RPL_THEME4"}
    assert lookup(official, county="06037", measures=["EP_POV150"])["svi"].keys() == {"EP_POV150"}
    assert lookup(official, county="06037", release="2018")["releases"] == {"svi": "2018"}


def test_a_state_is_its_counties(official: Database) -> None:
    answer = lookup(official, state="CA", measures=["DIABETES"])
    assert (answer["place"]["geoid"], answer["counties"]) == ("06", 58)
    assert 9 < answer["measures"]["DIABETES"]["crude_prevalence"] < 12
    assert answer["measures"]["DIABETES"]["crude_low"] is None
    ranks = lookup(official, state="California")["svi"]["RPL_THEMES"]
    assert set(ranks) == {"lowest_county", "highest_county"}


def test_connecticut(official: Database) -> None:
    old = lookup(official, county="09001")
    assert old["releases"]["places"] == "2022"
    assert any("09001 overlaps 09120" in note for note in old["notes"])
    tract = lookup(official, tract="09003400101")
    assert tract["notes"] == ["places 2024 has this tract as 09110400101 (Connecticut's crosswalk)."]
    with pytest.raises(NotFound, match=r"09001 is in the coding of Connecticut's counties .* use planning regions"):
        lookup(official, county="09001", release="2024")


def test_by_zip_tract_and_place(database: Database, tmp_path: Path) -> None:
    paths = [made.places_long(tmp_path / f"{level}.csv", "2023", level) for level in ("zcta", "tract", "place")]
    import_files(database, paths)
    assert lookup(database, zcta="601")["place"] == {"level": "zcta", "geoid": "00601", "name": None, "state": None}
    assert lookup(database, tract="01001020100")["place"]["name"] == "Doña Ana"
    assert lookup(database, place="0644000")["measures"].keys() == {"DIABETES", "BPHIGH", "SLEEP"}


def test_what_is_not_there(official: Database) -> None:
    with pytest.raises(NotFound, match="NOPE: no measure of PLACES and no variable of SVI"):
        lookup(official, county="06073", measures=["NOPE"])
    with pytest.raises(NotFound, match="Release 1999 is not loaded; loaded: 2014, 2018"):
        lookup(official, county="06073", release="1999")
    with pytest.raises(
        NotFound,
        match=r'Nothing is loaded about zcta 92101.*healthsim\.fetch_reference\("places", release="2024", level="zcta"\)',
    ):
        lookup(official, zcta="92101")
    with pytest.raises(NotFound, match="99999 is no county code: no state has the code 99"):
        lookup(official, county="99999")
    with pytest.raises(InvalidInput, match="'060730' has 6 digits; a county code has 5, such as 06073"):
        lookup(official, county="060730")
    with pytest.raises(UsageError, match="Ask for exactly one place"):
        lookup(official, county="06073", state="CA")
    with pytest.raises(NotFound, match="There is no measure"):
        lookup(official, county="06073", measures=["a'); DROP TABLE x; --"])


def test_compare(official: Database) -> None:
    answer = compare(official, "06073", "Los Angeles County, CA", measures=["DIABETES"])
    assert answer["measures"] == [
        {
            "measure": "DIABETES",
            "first": 9.4,
            "second": 10.9,
            "difference": 1.5,
            "intervals_overlap": False,
            "first_release": "2022",
            "second_release": "2022",
        }
    ]
    other = compare(official, "06073", "09110")
    assert any("the first is of release 2022, the second of 2024" in note for note in other["notes"])


def test_each_measure_is_of_the_newest_release_that_has_it(
    database: Database, tmp_path: Path, test_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A newer file with one measure of some counties hides nothing of the older ones."""
    import_files(database, [next((test_data / "reference/places").glob("PLACES*2022*"))])
    before = lookup(database, county="01001")
    import_files(database, [made.places_long(tmp_path / "p.csv", "2024", "county", measures=["SLEEP"])], release="2024")
    only = lookup(database, county="01001", measures=["DIABETES"])
    assert only["measures"]["DIABETES"] == before["measures"]["DIABETES"]
    assert only["releases"] == {"places": "2022"}
    assert only["population"] == before["population"]
    assert only["notes"] == ["places 2024 has no DIABETES of 01001; these figures are of 2022."]
    every = lookup(database, county="01001")
    assert every["measures"].keys() == before["measures"].keys()
    assert {every["measures"][name]["release"] for name in every["measures"] if name != "SLEEP"} == {"2022"}
    assert every["measures"]["SLEEP"]["release"] == "2024"
    assert every["releases"]["places"] == "2024, 2022"
    assert "ACCESS2, ARTHRITIS, BINGE, BPHIGH, BPMED, CANCER and 23 more of 01001" in every["notes"][0]
    with pytest.raises(NotFound, match="DIABETES: no measure of PLACES"):
        lookup(database, county="01001", measures=["DIABETES"], release="2024")
    other = compare(database, "01001", "06059")
    releases = {row["measure"]: (row["first_release"], row["second_release"]) for row in other["measures"]}
    assert (releases["SLEEP"], releases["DIABETES"]) == (("2024", "2022"), ("2022", "2022"))
    assert any(note.startswith("places (SLEEP): the first is of release 2024") for note in other["notes"])
    with pytest.raises(SystemExit):
        main(["--db", str(database.location.path), "reference", "lookup", "--county", "01001"])
    told = capsys.readouterr()
    assert "places 2024, 2022" in told.err
    assert "release" in told.out


def test_each_measure_of_a_state_is_of_the_newest_release_that_has_it(database: Database, tmp_path: Path) -> None:
    for release, measures in (("2023", ["DIABETES", "SLEEP"]), ("2024", ["SLEEP"])):
        path = made.places_long(tmp_path / f"{release}.csv", release, "county", measures=measures)
        import_files(database, [path], release=release)
    answer = lookup(database, state="AL")
    assert {name: values["release"] for name, values in answer["measures"].items()} == {
        "DIABETES": "2023",
        "SLEEP": "2024",
    }
    assert answer["releases"]["places"] == "2024, 2023"
    assert lookup(database, state="AL", measures=["DIABETES"])["releases"]["places"] == "2023"
