"""Files that are not what they should be: each is refused with what was seen, and nothing is loaded."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import reference_files as made

from healthsim.db.connection import Database
from healthsim.db.reference import import_files, list_loads
from healthsim.errors import InvalidInput, NotFound, UsageError

Change = Callable[[bytes], bytes]

REFUSED: dict[str, tuple[Change, str]] = {
    "cut off in the middle": (lambda b: b[: len(b) * 2 // 3], r"ends in the middle of a value .*it was cut off"),
    "a short record": (lambda b: b + b"XX,Some,1\n", r"line 6, has 3 columns; expected \d+, as in the header"),
    "cut off in the last value": (lambda b: b[:-6], r"ends in the middle of a value .*it was cut off"),
    "header only": (lambda b: b[: b.index(b"\n") + 1], "has a header and no rows"),
    "empty": (lambda b: b"", "is empty; expected a table with a header"),
    "a web page": (
        lambda b: b"<!DOCTYPE html>\n<html><body>503, try later</body></html>\n",
        "is a web page, not a table",
    ),
    "Latin-1": (lambda b: b.replace("Doña".encode(), b"Do\xf1a"), "line 2: the byte 0xF1 that UTF-8 does not have"),
    "UTF-16": (lambda b: b.decode().encode("utf-16"), "is not text in UTF-8"),
    "an over-long key": (lambda b: b.replace(b",06073,", b",0607300,"), "keys of no level, or of several"),
    "a key that is no number": (lambda b: b.replace(b",06073,", b",6073X,"), r"1 that are no numbers \('6073X'\)"),
    "a state that is none": (lambda b: b.replace(b",06073,", b",99073,"), "no state has the code 99"),
    "a place twice": (lambda b: b.replace(b",06073,", b",06037,"), "the key 06037 stands 2 times"),
    "a word for a number": (
        lambda b: b.replace(b",(", b',"x(', 1).replace(b'"( ', b'"(x', 1),
        "is no number; expected one",
    ),
    "a header of no table": (lambda b: b"a,b,c\n1,2,3\n", "is none of the known tables: its columns are a, b, c"),
    "a report of deactivations": (
        lambda b: b"NPPES Deactivated Records as of Feb 09 2026,\nNPI,NPPES Deactivation Date\n1234567893,01/17/2006\n",
        "is none of the known tables: its columns are NPI, NPPES Deactivation Date",
    ),
    "one word": (lambda b: b"nothing here", "has no header of a table"),
    "one long word": (lambda b: b"x" * 300_000, "has no header of a table"),
    "zero bytes": (lambda b: bytes(5000), "is not text in UTF-8"),
    "two files in one": (lambda b: b + b, r"StateAbbr|keys of no level|1 that are no numbers|'CountyFIPS'"),
    "an open quote": (lambda b: b + b'XX,"Some\n', "begins a quoted value that never ends|columns; expected"),
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database with one load, which no refused file may change."""
    folder = tmp_path_factory.mktemp("hostile")
    database = Database(folder / "healthsim.duckdb")
    import_files(database, [made.places_wide(folder / "PLACES_2022.csv", "2022", "county")])
    return database


@pytest.mark.parametrize("name", REFUSED)
def test_refused(kept: Database, tmp_path: Path, name: str) -> None:
    change, expected = REFUSED[name]
    path = made.places_wide(tmp_path / "PLACES_county_2022.csv", "2022", "county")
    path.write_bytes(change(path.read_bytes()))
    before = list_loads(kept)
    with pytest.raises(InvalidInput, match=expected):
        import_files(kept, [path])
    assert list_loads(kept) == before


SPOILT_VALUES: dict[str, tuple[Change, str]] = {
    "a word for a number": (
        lambda b: b.replace(b",100,", b",many,", 1),
        r"column E_TOTPOP, record 01001: 'many' is no number",
    ),
    "Latin-1 among the values": (lambda b: b.replace(b",100,", b",\xf1,", 1), "UTF-8 does not have"),
    "a rank above 1": (
        lambda b: b.replace(b",0.5,", b",1.5,", 1),
        r"RPL_THEMES of 01001 is 1\.5; expected a percentile",
    ),
    "an infinite value": (lambda b: b.replace(b",100,", b",inf,", 1), r"E_TOTPOP of 01001 is inf; expected a number"),
}


@pytest.mark.parametrize("name", SPOILT_VALUES)
def test_values_are_read_after_the_keys_and_refused_like_them(kept: Database, tmp_path: Path, name: str) -> None:
    change, expected = SPOILT_VALUES[name]
    path = tmp_path / "SVI_2022_US_county.csv"
    start = b"ST,STATE,ST_ABBR,COUNTY,FIPS,LOCATION,AREA_SQMI,E_TOTPOP,EP_POV150,RPL_THEMES,F_TOTAL\n"
    row = b'1,Alabama,AL,Autauga County,1001,"Autauga County, Alabama",594.4,100,-999,0.5,0\n'
    path.write_bytes(start + change(row) + row.replace(b",1001,", b",1003,"))
    before = list_loads(kept)
    with pytest.raises(InvalidInput, match=expected):
        import_files(kept, [path])
    assert list_loads(kept) == before


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize("pack", ["plain", "gzip", "zip"])
@pytest.mark.long
def test_published_in_other_ways(kept: Database, tmp_path: Path, end: str, bom: bool, pack: str) -> None:
    plain = made.places_wide(tmp_path / "plain.csv", "2020", "county")
    content = (b"\xef\xbb\xbf" if bom else b"") + plain.read_bytes().replace(b"\n", end.encode())
    path = tmp_path / f"file.{pack}"
    if pack == "gzip":
        path.write_bytes(gzip.compress(content))
    elif pack == "zip":
        made.zipped(path, {"folder/table.csv": content, "readme.txt": b"words", "manual.pdf": b"%PDF"})
    else:
        path.write_bytes(content)
    (done,) = import_files(kept, [path])
    assert (done.release, done.level, done.rows) == ("2020", "county", 4)


def test_unpadded_keys_are_padded(kept: Database, tmp_path: Path) -> None:
    path = made.places_wide(tmp_path / "PLACES.csv", "2020", "county", keys=["1001", "6073"])
    import_files(kept, [path])
    with kept.read() as connection:
        keys = connection.execute("SELECT DISTINCT geoid FROM reference.places WHERE release = '2020'").fetchall()
    assert sorted(keys) == [("01001",), ("06073",)]


def test_damaged_packages(kept: Database, tmp_path: Path) -> None:
    content = made.places_wide(tmp_path / "PLACES_2022.csv", "2022", "county").read_bytes()
    cut_gzip, cut_zip = tmp_path / "a.csv.gz", tmp_path / "b.zip"
    cut_gzip.write_bytes(gzip.compress(content)[:-200])
    made.zipped(cut_zip, {"PLACES_2022.csv": content})
    cut_zip.write_bytes(cut_zip.read_bytes()[:-30])
    for path in (cut_gzip, cut_zip):
        with pytest.raises(InvalidInput, match="is damaged or incomplete"):
            import_files(kept, [path])
    broken = made.zipped(tmp_path / "c.zip", {"PLACES_2022.csv": content})
    spoilt = bytearray(broken.read_bytes())
    spoilt[len(spoilt) // 2] ^= 0xFF
    broken.write_bytes(spoilt)
    with pytest.raises(InvalidInput, match="is damaged or incomplete"):
        import_files(kept, [broken])
    with pytest.raises(InvalidInput, match=r"has no table in it: seen picture\.png"):
        import_files(kept, [made.zipped(tmp_path / "d.zip", {"picture.png": b"x"})])


@pytest.mark.long
def test_a_zip_bomb(kept: Database, tmp_path: Path) -> None:
    content = made.places_wide(tmp_path / "PLACES_2022.csv", "2022", "county").read_bytes()
    for start in (content, b""):
        path = tmp_path / "bomb.zip"
        made.zipped(path, {"PLACES_2022.csv": start + bytes(100 << 20)}, level=9)
        with pytest.raises(InvalidInput, match="is refused as a zip bomb"):
            import_files(kept, [path])
    packed = tmp_path / "bomb.csv.gz"
    packed.write_bytes(gzip.compress(content + bytes(100 << 20), 9))
    with pytest.raises(InvalidInput, match="is refused as a zip bomb"):
        import_files(kept, [packed])


def test_a_national_file_that_was_cut_off_at_a_line(kept: Database, test_data: Path, tmp_path: Path) -> None:
    lines = (test_data / "reference/svi/SVI_2022_US_county.csv").read_bytes().splitlines(keepends=True)
    path = tmp_path / "SVI_2022_US_county.csv"
    path.write_bytes(b"".join(lines[:2501]))
    with pytest.raises(InvalidInput, match=r"has 2,500 records of \d+ states; CDC/ATSDR SVI 2022 has 3,144 .* cut off"):
        import_files(kept, [path])
    path.write_bytes(b"".join(lines[:301]))
    (done,) = import_files(kept, [path])
    assert done.warnings == ("SVI_2022_US_county.csv has 300 of the 3,144 records of CDC/ATSDR SVI 2022: an excerpt.",)


def test_one_bad_file_stops_all_of_a_call(kept: Database, tmp_path: Path) -> None:
    good = made.svi(tmp_path / "SVI_2014_US_county.csv", "2014")
    bad = tmp_path / "bad.csv"
    bad.write_text("<html>", encoding="utf-8")
    before = list_loads(kept)
    with pytest.raises(InvalidInput):
        import_files(kept, [good, bad])
    assert list_loads(kept) == before


def test_two_files_of_one_load(kept: Database, tmp_path: Path) -> None:
    one = made.svi(tmp_path / "SVI_2014_a.csv", "2014")
    two = made.svi(tmp_path / "SVI_2014_b.csv", "2014")
    with pytest.raises(InvalidInput, match=r"SVI_2014_a\.csv and SVI_2014_b\.csv are both svi county 2014"):
        import_files(kept, [one, two])


def test_what_is_asked_wrongly(kept: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        import_files(kept, [tmp_path / "missing.csv"])
    with pytest.raises(InvalidInput, match="is a folder; expected a file"):
        import_files(kept, [tmp_path])
    path = made.svi(tmp_path / "SVI_2014_US_county.csv", "2014")
    with pytest.raises(UsageError, match="There is no dataset 'nope'"):
        import_files(kept, [path], dataset="nope")
    with pytest.raises(UsageError, match="There is no level 'nope'"):
        import_files(kept, [path], level="nope")
    with pytest.raises(UsageError, match="states and taxonomies are for NPPES only"):
        import_files(kept, [path], states=["CA"])
