"""Files as publishers, browsers and other programs leave them: old encodings, newer releases, other packers, R's NA."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
import reference_files as made

from healthsim.db.connection import Database
from healthsim.db.reference import import_files
from healthsim.errors import InvalidInput


def _newer(path: Path, years: int, *, wide: bool) -> Path:
    """A file of PLACES of a release that nobody knows yet: that of 2025, with later survey years."""
    if wide:
        return made.places_wide(path, "2025", "county")
    made.places_long(path, "2025", "county")
    text = path.read_text(encoding="utf-8")
    for survey in (2023, 2022):
        text = text.replace(f"\n{survey},", f"\n{survey + years},")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("release", ["2026", "2027"])
def test_places_of_a_newer_release(database: Database, tmp_path: Path, wide: bool, release: str) -> None:
    """The kind: what is known of the newest release holds for it or newer."""
    path = _newer(tmp_path / "places.csv", int(release) - 2025, wide=wide)
    (load,) = import_files(database, [path], release=release)
    assert (load.dataset, load.release) == ("places", release)


def test_the_survey_year_says_the_newer_release(database: Database, tmp_path: Path) -> None:
    (load,) = import_files(database, [_newer(tmp_path / "places.csv", 1, wide=False)])
    assert load.release == "2026"


def test_a_newer_year_in_the_name_is_asked_about(database: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="may be release 2025 or 2026 of"):
        import_files(database, [_newer(tmp_path / "PLACES_county_2026_release.csv", 0, wide=True)])


@pytest.mark.parametrize("older", ["2022", "2024"])
def test_an_older_file_is_no_newer_release(database: Database, tmp_path: Path, older: str) -> None:
    path = made.places_long(tmp_path / "places.csv", older, "county")
    with pytest.raises(InvalidInput):
        import_files(database, [path], release="2026")


def test_a_newer_svi(database: Database, tmp_path: Path) -> None:
    (load,) = import_files(database, [made.svi(tmp_path / "svi.csv", "2022")], release="2024")
    assert load.release == "2024"
    with pytest.raises(InvalidInput):
        import_files(database, [made.svi(tmp_path / "old.csv", "2018")], release="2024")


_COUNTIES = "STATE,STATEFP,COUNTYFP,COUNTYNAME,CLASSFP\nNM,35,013,Doña Ana County,H1\nAL,01,001,Autauga County,H1\n"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_census_bureau_writes_latin_1(database: Database, tmp_path: Path, encoding: str, packed: bool) -> None:
    data = _COUNTIES.encode(encoding)
    path = tmp_path / "national_county2020.csv"
    if packed:
        path = made.zipped(tmp_path / "counties.zip", {"national_county2020.csv": data})
    else:
        path.write_bytes(data)
    import_files(database, [path], release="2020")
    with database.read() as connection:
        row = connection.execute("SELECT county_name FROM reference.counties WHERE county_fips = '35013'").fetchone()
    assert row == ("Doña Ana County",)


def test_figures_in_another_encoding_are_damaged(database: Database, tmp_path: Path) -> None:
    path = made.svi(tmp_path / "svi.csv", "2022")
    path.write_bytes(path.read_bytes().replace("Doña".encode(), b"Do\xf1a").replace(b"Autauga", b"Autaug\xe1"))
    with pytest.raises(InvalidInput, match="UTF-8 does not have"):
        import_files(database, [path])


@pytest.mark.parametrize("nothing", ["NA", "N/A", "NULL", "NaN", "None"])
def test_words_that_stand_for_no_value(database: Database, tmp_path: Path, nothing: str) -> None:
    """The kind: R writes NA, databases NULL, Python NaN and None where there is no value."""
    path = made.places_wide(tmp_path / "places.csv", "2022", "county", drop=f"{made.KEYS['county'][0]}DIABETES")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [",".join(cell or nothing for cell in line.split(",")) for line in lines]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (load,) = import_files(database, [path], release="2022")
    with database.read() as connection:
        sql = "SELECT diabetes_crude_prev FROM ref_places_county WHERE county_fips = ? AND release = '2022'"
        (value,) = connection.execute(sql, [made.KEYS["county"][0]]).fetchone() or (0,)
    assert value is None
    assert load.rows == len(lines) - 1


def _tar(data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        entry = tarfile.TarInfo("svi.csv")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


@pytest.mark.parametrize("form", ["tar", "tar in gzip", "bzip2", "xz", "7-Zip", "Zstandard", "PDF", "Parquet"])
def test_other_packers_are_named(database: Database, tmp_path: Path, form: str) -> None:
    import bz2
    import gzip
    import lzma

    data = made.svi(tmp_path / "svi.csv", "2022").read_bytes()
    packed = {
        "tar": _tar(data),
        "tar in gzip": gzip.compress(_tar(data)),
        "bzip2": bz2.compress(data),
        "xz": lzma.compress(data),
        "7-Zip": b"7z\xbc\xaf\x27\x1c" + data,
        "Zstandard": b"\x28\xb5\x2f\xfd" + data,
        "PDF": b"%PDF-1.7" + data,
        "Parquet": b"PAR1" + data,
    }[form]
    path = tmp_path / "svi.packed"
    path.write_bytes(packed)
    with pytest.raises(InvalidInput) as caught:
        import_files(database, [path])
    assert f"is a file of {form.split()[0]}; expected a table (CSV)" in caught.value.message
    assert "damaged" not in caught.value.message


def test_deflate64_is_named(database: Database, tmp_path: Path) -> None:
    path = made.zipped(tmp_path / "svi.zip", {"svi.csv": made.svi(tmp_path / "svi.csv", "2022").read_bytes()})
    data = bytearray(path.read_bytes())
    for magic, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        start = data.index(magic)
        data[start + place] = 9
    path.write_bytes(data)
    assert zipfile.ZipFile(path).infolist()[0].compress_type == 9
    with pytest.raises(
        InvalidInput, match=r"is packed by Deflate64 \(method 9\), which Python cannot unpack; it is not damaged"
    ):
        import_files(database, [path])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_told_and_not_waited_for(database: Database, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(
        InvalidInput, match="is a pipe or a device, and a table is read more than once; expected a file"
    ):
        import_files(database, [tmp_path / "pipe.csv"])
