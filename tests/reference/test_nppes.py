"""NPPES: both spellings of the header, streamed, filtered, unpivoted. Every provider is invented."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest
import reference_files as made

from healthsim.cli import main
from healthsim.db.connection import Database
from healthsim.db.reference import import_files, list_loads, search_providers
from healthsim.errors import InvalidInput, NotFound

_FILES = {
    "2025": "npidata_pfile_FileHeader_2025_sexcode.csv",
    "older": "npidata_pfile_FileHeader_pre2025_gendercode.csv",
}
_PL = [
    "NPI",
    "Provider Secondary Practice Location Address- Address Line 1",
    "Provider Secondary Practice Location Address-  Address Line 2",
    "Provider Secondary Practice Location Address - City Name",
    "Provider Secondary Practice Location Address - State Name",
    "Provider Secondary Practice Location Address - Postal Code",
    "Provider Secondary Practice Location Address - Country Code (If outside U.S.)",
    "Provider Secondary Practice Location Address - Telephone Number",
    "Provider Secondary Practice Location Address - Telephone Extension",
    "Provider Practice Location Address - Fax Number",
]


def provider(number: int, state: str, codes: list[tuple[str, str]], **more: str) -> dict[str, str]:
    row = {
        "NPI": str(1_000_000_000 + number),
        "Entity Type Code": "1",
        "Provider Last Name (Legal Name)": f"LAST{number}",
        "Provider First Name": 'FIRST, "Q"',
        "Employer Identification Number (EIN)": "<UNAVAIL>",
        "Parent Organization LBN": "<UNAVAIL>",
        "Provider Enumeration Date": "05/23/2015",
        "Last Update Date": "02/07/2025",
        "Provider Business Practice Location Address State Name": state,
        "Provider Sex Code": "F",
        "Provider Gender Code": "F",
        "Provider Business Practice Location Address City Name": "SOMEWHERE",
        "Provider Business Practice Location Address Postal Code": "921011234",
        **more,
    }
    for slot, (code, primary) in enumerate(codes, 1):
        row[f"Healthcare Provider Taxonomy Code_{slot}"] = code
        row[f"Healthcare Provider Primary Taxonomy Switch_{slot}"] = primary
    return row


ROWS = [
    provider(1, "CA", [("207R00000X", "N"), ("207RC0000X", "Y")]),
    provider(2, "NY", [("363L00000X", "Y")]),
    provider(3, "CA", [("1223G0001X", "N")], **{"Provider First Name": "ÉLODIE"}),
    # a deactivated one has nothing but its number and dates
    {"NPI": "1000000004", "NPI Deactivation Date": "01/02/2020"},
]


def table(header: list[str], rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return text.getvalue().encode()


def columns_of(test_data: Path, kind: str) -> list[str]:
    """A published header: with the sex column of 2025, the gender column of before, or without the last column."""
    name = _FILES["2025" if kind == "2025" else "older"]
    with (test_data / "reference/nppes" / name).open(encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
    return columns[:-1] if kind == "before 2020" else columns


@pytest.fixture
def header(test_data: Path) -> list[str]:
    return columns_of(test_data, "2025")


def package(path: Path, header: list[str], **names: str) -> Path:
    places = [
        dict(zip(_PL, ["1000000001", "1 ROAD", "", "TOWN", "CA", "92101", "", "", "", ""], strict=True)),
        dict(zip(_PL, ["1000000002", "2 ROAD", "", "TOWN", "NY", "10001", "", "", "", ""], strict=True)),
    ]
    other = ["NPI", "Provider Other Organization Name", "Provider Other Organization Name Type Code"]
    endpoint = ["NPI", "Endpoint Type", "Endpoint Type Description", "Endpoint", "Affiliation", "Endpoint Description"]
    main = names.get("main", "npidata_pfile_20250203-20250209.csv")
    return made.zipped(
        path,
        {
            main: table(header, ROWS),
            main.replace(".csv", "_fileheader.csv"): table(header, []),
            "pl_pfile_20250203-20250209.csv": table(_PL, places),
            "othername_pfile_20250203-20250209.csv": table(
                other, [dict(zip(other, ["1000000002", "DBA", "3"], strict=True))]
            ),
            "endpoint_pfile_20250203-20250209.csv": table(
                endpoint, [dict(zip(endpoint, ["1000000001", "DIRECT", "Direct", "a@b", "N", ""], strict=True))]
            ),
            "NPPES_Data_Dissemination_CodeValues.pdf": b"%PDF",
        },
    )


@pytest.mark.parametrize("kind", ["2025", "older", "before 2020"])
def test_all_files_of_a_zip(database: Database, tmp_path: Path, test_data: Path, kind: str) -> None:
    header = columns_of(test_data, kind)
    path = package(tmp_path / "NPPES_Data_Dissemination_020325_020925_Weekly.zip", header)
    done = import_files(database, [path])
    assert {(load.level, load.release, load.rows) for load in done} == {
        ("provider", "2025-02-09", 4),
        ("practice_location", "2025-02-09", 2),
        ("other_name", "2025-02-09", 1),
        ("endpoint", "2025-02-09", 1),
    }
    with database.read() as connection:
        rows = connection.execute(
            "SELECT npi, first_name, sex, practice_state, enumeration_date, deactivation_date, parent_organization,"
            " primary_taxonomy FROM reference.npi_providers ORDER BY npi"
        ).fetchall()
        slots = connection.execute(
            "SELECT npi, slot, taxonomy_code, is_primary FROM reference.npi_taxonomies ORDER BY ALL"
        ).fetchall()
    day = dt.date(2015, 5, 23)
    assert rows == [
        ("1000000001", 'FIRST, "Q"', "F", "CA", day, None, None, "207RC0000X"),
        ("1000000002", 'FIRST, "Q"', "F", "NY", day, None, None, "363L00000X"),
        ("1000000003", "ÉLODIE", "F", "CA", day, None, None, "1223G0001X"),
        ("1000000004", None, None, None, None, dt.date(2020, 1, 2), None, None),
    ]
    assert slots == [
        ("1000000001", 1, "207R00000X", False),
        ("1000000001", 2, "207RC0000X", True),
        ("1000000002", 1, "363L00000X", True),
        ("1000000003", 1, "1223G0001X", False),
    ]
    assert {item.status for item in import_files(database, [path])} == {"unchanged"}
    assert len([load for load in list_loads(database) if load.dataset == "nppes"]) == 4


def test_filters_reach_the_other_files(database: Database, tmp_path: Path, header: list[str]) -> None:
    path = package(tmp_path / "nppes.zip", header)
    import_files(database, [path], states=["california"], taxonomies=["207R"])
    with database.read() as connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM reference.{name}").fetchall()[0][0]
            for name in (
                "npi_providers",
                "npi_taxonomies",
                "npi_practice_locations",
                "npi_other_names",
                "npi_endpoints",
            )
        ]
    assert counts == [1, 2, 1, 0, 1]
    assert {item.status for item in import_files(database, [path], states=["NY"])} == {"loaded"}
    with pytest.raises(
        InvalidInput, match=r"no state 'Californa'; expected a name, two letters .* Did you mean California"
    ):
        import_files(database, [path], states=["Californa"])


@pytest.mark.long
def test_filters_are_told_and_what_they_replace(
    database: Database, tmp_path: Path, header: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = package(tmp_path / "nppes.zip", header)

    def said(*words: str) -> tuple[str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--db", str(database.location.path), "reference", *words])
        assert ended.value.code == 0
        told = capsys.readouterr()
        return told.out, told.err

    out, err = said("import", str(path), "--state", "CA")
    assert "loaded nppes provider 2025-02-09: 2 of 4 rows from " in out
    assert "(state=CA)" in out
    assert err == ""
    assert "state=CA" in said("list")[0]
    out, err = said("import", str(path), "--state", "NY")
    assert "with state=NY takes the place of" in err
    assert "with state=CA: 1 providers instead of 2. For both, name all states" in err
    assert err.count("takes the place") == 1
    assert said("import", str(path), "--state", "NY")[1] == ""
    (warning, replaced) = import_files(database, [path], states=["WY"])[0].warnings
    assert "No provider of" in warning
    assert "0 providers instead of 1" in replaced
    # all of them take the place of some without a word
    assert import_files(database, [path])[0].warnings == ()
    assert (
        "with all providers: 2 providers instead of 4" in import_files(database, [path], states=["NY"])[0].warnings[0]
    )
    with pytest.raises(InvalidInput, match="There is no state 'XX'; expected a name, two letters"):
        import_files(database, [path], states=["XX"])
    assert import_files(database, [path], states=["ae"])[0].stored_rows == 1  # the deactivation of one that is known


def test_other_names_of_members_and_releases(database: Database, tmp_path: Path, header: list[str]) -> None:
    month = package(tmp_path / "NPPES_Data_Dissemination_March_2025_V2.zip", header, main="some/folder/providers.csv")
    assert {load.release for load in import_files(database, [month])} == {"2025-03"}
    plain = tmp_path / "providers.csv"
    plain.write_bytes(table(header, ROWS))
    # the newest day in the file
    assert import_files(database, [plain])[0].release == "2025-02-07"


def test_search(database: Database, tmp_path: Path, header: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotFound, match="No providers of NPPES are loaded"):
        search_providers(database, state="CA")
    import_files(database, [package(tmp_path / "nppes.zip", header)])
    found = search_providers(database, state="ca", taxonomy="207RC")
    assert (found["total_count"], [row["npi"] for row in found["providers"]]) == (1, ["1000000001"])
    assert search_providers(database, name="last2 first")["providers"][0]["npi"] == "1000000002"
    assert search_providers(database, name="'; DROP TABLE x; --")["total_count"] == 0
    assert search_providers(database, postal_code="921", limit=1)["truncated"]
    with pytest.raises(SystemExit):
        main(["--db", str(database.location.path), "reference", "providers", "last2", "--json"])
    assert json.loads(capsys.readouterr().out)["total_count"] == 1


def test_refused(database: Database, tmp_path: Path, header: list[str]) -> None:
    whole = table(header, ROWS)
    bad = {
        "cut": (whole[:-300], "is damaged or was cut off"),
        "npi": (whole.replace(b"1000000002", b"10000"), "the NPI '10000' .* is none; expected 10 digits"),
        "twice": (whole.replace(b"1000000002", b"1000000001"), "has 1 NPIs twice"),
        "date": (whole.replace(b"05/23/2015", b"2015-05-23"), "has a value that its column cannot have"),
        "latin": (whole.replace("ÉLODIE".encode(), b"\xc9LODIE"), "UTF-8 does not have"),
        "only": (table(header, []), "has a header and no rows"),
    }
    for name, (content, expected) in bad.items():
        path = made.zipped(tmp_path / f"{name}.zip", {"npidata_pfile_20250203-20250209.csv": content})
        with pytest.raises(InvalidInput, match=expected):
            import_files(database, [path])
    assert [load for load in list_loads(database) if load.dataset == "nppes"] == []


def test_deactivations_of_providers_that_are_known_pass_the_filter(
    database: Database, tmp_path: Path, header: list[str]
) -> None:
    """The kind: a record without a state is no record of another state; a deactivation has nothing but its number."""
    gone = [{"NPI": f"100000000{n}", "NPI Deactivation Date": "02/20/2025"} for n in (1, 2, 9)]
    first, second = tmp_path / "npidata_pfile_20250203-20250209.csv", tmp_path / "npidata_pfile_20250210-20250216.csv"
    first.write_bytes(table(header, ROWS))
    second.write_bytes(table(header, [*gone, provider(5, "NY", []), provider(6, "CA", [("207R00000X", "Y")])]))
    import_files(database, [first], states=["CA"])
    for options in ({"states": ["CA"]}, {"states": ["CA"], "taxonomies": ["207"]}):
        import_files(database, [second], **options)
        with database.read() as connection:
            rows = connection.execute(
                "SELECT npi, deactivation_date FROM reference.npi_providers WHERE release = '2025-02-16' ORDER BY npi"
            ).fetchall()
        # 1000000001 was loaded for California; 1000000002 was not, and of 1000000009 nobody knows anything
        assert rows == [("1000000001", dt.date(2025, 2, 20)), ("1000000006", None)]


@pytest.mark.parametrize("states", [[], ["CA"], ["WY"]])
def test_the_release_of_a_file_does_not_depend_on_the_filter(
    database: Database, tmp_path: Path, header: list[str], states: list[str]
) -> None:
    path = tmp_path / "providers.csv"
    newest = provider(7, "NY", [], **{"Last Update Date": "03/04/2025"})
    path.write_bytes(table(header, [*ROWS, newest, {"NPI": "1000000008", "NPI Deactivation Date": "03/09/2025"}]))
    assert import_files(database, [path], states=states)[0].release == "2025-03-09"
