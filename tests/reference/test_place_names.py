"""A place is asked for by its code, its name or its state, wherever one is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from healthsim.db.connection import Database
from healthsim.db.reference import compare, import_files, lookup
from healthsim.errors import HealthSimError, InvalidInput, NotFound
from healthsim.generation import default_name
from healthsim.generation.places import with_codes
from healthsim.generation.spec import PopulationSpec, read_spec


@pytest.mark.parametrize(
    "text",
    ["06073", "6073", "San Diego County, CA", "San Diego, CA", "san diego county, california", " SAN DIEGO ,ca "],
)
def test_a_county_by_code_and_by_name(database: Database, text: str) -> None:
    assert lookup(database, county=text)["place"]["geoid"] == "06073"
    assert with_codes(database, read_spec({"counties": [text]})).counties == {"06073": 0.0}


@pytest.mark.parametrize("text", ["CA", "ca", "California", " california "])
def test_a_state_by_letters_and_by_name(database: Database, text: str) -> None:
    assert lookup(database, state=text)["place"]["geoid"] == "06"
    assert with_codes(database, read_spec({"states": [text]})).states in (("CA",), ("ca",))


def test_weights_go_with_the_names(database: Database) -> None:
    spec = read_spec({"counties": {"San Diego County, CA": 2, "48201": 1}})
    assert with_codes(database, spec).counties == {"06073": 2.0, "48201": 1.0}


@pytest.mark.parametrize(
    ("fields", "kind", "message"),
    [
        ({"counties": ["San Dieggo, CA"]}, NotFound, "Did you mean San Diego"),
        (
            {"counties": ["Nowhere at all, CA"]},
            NotFound,
            "No loaded table has a county 'Nowhere at all, CA'. Write it as",
        ),
        (
            {"states": ["Californa"]},
            NotFound,
            "There is no state 'Californa'; expected a name, two letters (CA) or a code",
        ),
        ({"states": ["Californa"]}, NotFound, "Did you mean California?"),
        ({"counties": ["San Diego, CA", "06073"]}, InvalidInput, "are one county; expected each once"),
        ({"counties": ["607"]}, InvalidInput, "a county is five digits, such as '06073', or a name"),
    ],
)
def test_what_is_no_place_is_told(
    database: Database, fields: dict[str, Any], kind: type[HealthSimError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        with_codes(database, read_spec(fields))
    assert message in caught.value.message


def test_a_name_of_several_counties_is_answered_with_them(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "counties_2020.csv"
    path.write_text(
        "fips,name\n48273,Kleberg County\n06073,San Diego County\n31109,San Diego County\n", encoding="utf-8"
    )
    import_files(database, [path])
    with pytest.raises(InvalidInput, match=r"'San Diego' may be 2 places: .*San Diego County, NE \(31109\)"):
        lookup(database, county="San Diego")
    assert lookup(database, county="San Diego, CA")["place"]["geoid"] == "06073"


def test_two_states_are_compared_as_states(database: Database) -> None:
    found = compare(database, "California", "TX")
    assert (found["first"]["place"]["level"], found["second"]["place"]["geoid"]) == ("state", "48")
    assert compare(database, "6073", "Harris, TX")["first"]["place"]["level"] == "county"


def test_names_of_scenarios_are_made_of_names_of_places() -> None:
    spec = PopulationSpec(counties={"San Diego County, CA": 0.0}, size=50)
    assert default_name(spec) == "population-san-diego-county-ca-50-seed-1"
