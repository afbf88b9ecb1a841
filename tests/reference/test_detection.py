"""What a file is: dataset, level, release and vintage, from header and contents."""

from __future__ import annotations

from pathlib import Path

import pytest
import reference_files as made

from healthsim.db.connection import Database
from healthsim.db.reference import import_files
from healthsim.errors import InvalidInput


@pytest.mark.parametrize("release", ["2021", "2022"])
def test_releases_with_the_same_columns_are_told_apart_by_the_file_name(
    database: Database, tmp_path: Path, release: str
) -> None:
    path = made.places_wide(tmp_path / f"PLACES__{release}_release.csv", "2022", "county")
    assert import_files(database, [path])[0].release == release


def test_what_cannot_be_told_apart_is_asked_for(database: Database, tmp_path: Path) -> None:
    path = made.places_wide(tmp_path / "download.csv", "2022", "county")
    with pytest.raises(InvalidInput) as caught:
        import_files(database, [path])
    assert str(caught.value) == (
        "download.csv may be release 2021 or 2022 of CDC PLACES: it has the measure DEPRESSION; it has no measure of"
        " social"
        ' needs; it has no measure of disability, and the file name does not settle it. Say it with release="2022".'
    )
    assert import_files(database, [path], release="2021")[0].release == "2021"


@pytest.mark.parametrize(
    ("release", "claimed"),
    [("2022", "2020"), ("2020", "2022"), ("2016", "2018"), ("2018", "2016"), ("2014", "2016"), ("2010", "2014")],
)
def test_a_wrong_year_is_refused(database: Database, tmp_path: Path, release: str, claimed: str) -> None:
    path = made.svi(tmp_path / "svi.csv", release)
    with pytest.raises(InvalidInput, match=rf"is not CDC/ATSDR SVI {claimed}: .* so it is release .*{release}"):
        import_files(database, [path], release=claimed)


def test_a_wrong_year_in_the_name_is_refused(database: Database, tmp_path: Path) -> None:
    path = made.svi(tmp_path / "SVI_2020_US_county.csv", "2022")
    with pytest.raises(InvalidInput, match=r"says 2020 in its name, but .* so it is release 2022"):
        import_files(database, [path])
    assert import_files(database, [path], release="2022")[0].release == "2022"


def test_a_release_that_is_newer_than_any_known(database: Database, tmp_path: Path) -> None:
    path = made.svi(tmp_path / "SVI_2024_US_county.csv", "2022")
    with pytest.raises(InvalidInput, match="may be release 2022 or 2024"):
        import_files(database, [path])
    assert import_files(database, [path], release="2024")[0].release == "2024"


def test_a_county_file_is_no_tract_file(database: Database, tmp_path: Path) -> None:
    path = made.svi(tmp_path / "SVI_2022_US.csv", "2022")
    with pytest.raises(InvalidInput) as caught:
        import_files(database, [path], level="tract")
    assert str(caught.value) == (
        "SVI_2022_US.csv is not of level tract: its keys are 4 of 5 digits (such as 01001); expected: level tract"
        " has keys"
        " of 11 digits. It looks like level county. Nothing was loaded."
    )


def test_another_dataset_is_not_what_was_claimed(database: Database, tmp_path: Path) -> None:
    path = made.svi(tmp_path / "SVI_2022_US_county.csv", "2022")
    with pytest.raises(
        InvalidInput, match=r"is no file of CDC PLACES: it looks like CDC/ATSDR SVI; expected CountyFIPS"
    ):
        import_files(database, [path], dataset="places")


def test_connecticut_decides(database: Database, tmp_path: Path) -> None:
    old = made.places_wide(tmp_path / "a.csv", "2023", "county", keys=["09001", "01001"])
    new = made.places_wide(tmp_path / "b.csv", "2024", "county", keys=["09110", "01001"])
    assert [(load.release, load.geography_vintage) for load in import_files(database, [old, new])] == [
        ("2023", "2010"),
        ("2024", "2022"),
    ]
    wrong = made.places_wide(tmp_path / "c.csv", "2024", "county", keys=["09001", "01001"])
    with pytest.raises(InvalidInput, match=r"contradicts itself: .*ISOLATION.* but it has Connecticut's counties"):
        import_files(database, [wrong])
    mixed = made.places_wide(tmp_path / "d.csv", "2023", "county", keys=["09001", "09110"])
    with pytest.raises(
        InvalidInput, match=r"mixes releases: 1 keys of Connecticut's counties .* and 1 of its planning"
    ):
        import_files(database, [mixed])


def test_adi(database: Database, tmp_path: Path) -> None:
    rows = [
        ["", "GISJOIN", "FIPS", "ADI_NATRANK", "ADI_STATERNK"],
        [1, "G01000100201001", "10010020100", "73", "5"],
        [2, "G01000100201002", "010010201002", "GQ", "GQ"],
        [3, "G16000100001011", "160010001011", "GQ-PH", "GQ-PH"],
        [4, "G36006100001001", "3.6061E+11", "100", "10"],
    ]
    rows[1][2] = "10010201001"
    path = made.write(tmp_path / "US_2023_ADI_Census_Block_Group_v4_0_1.csv", rows)
    (done,) = import_files(database, [path])
    assert (done.dataset, done.level, done.release, done.rows) == ("adi", "blockgroup", "2023", 4)
    with database.read() as connection:
        stored = connection.execute(
            "SELECT geoid, national_rank, state_rank, suppression FROM ref_adi_blockgroup ORDER BY geoid"
        ).fetchall()
    assert stored == [
        ("010010201001", 73, 5, None),
        ("010010201002", None, None, "GQ"),
        ("160010001011", None, None, "GQ-PH"),
        ("360610001001", 100, 10, None),
    ]
    shifted = made.write(tmp_path / "ADI_2023.csv", [rows[0], [1, "G01000100201001", "010030201001", "73", "5"]])
    with pytest.raises(InvalidInput, match="has FIPS 010030201001 and a GISJOIN of 010010201001"):
        import_files(database, [shifted])
    ranks = made.write(tmp_path / "ADI_2022.csv", [rows[0], [1, "G01000100201001", "10010201001", "173", "5"]])
    with pytest.raises(InvalidInput, match="has the ranks '173' and '5'; expected 1 to 100 and 1 to 10, or a reason"):
        import_files(database, [ranks])
