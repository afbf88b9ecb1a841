"""Write a frozen database with the program of a released version: rows in every table that the version has.

    python tests/migration/freeze.py PROGRAM FILE.duckdb.gz

PROGRAM is the ``healthsim`` of that version, in an environment of its own; this script needs the files of
``HEALTHSIM_TEST_DATA`` and nothing else of the tree that it lies in, so that a tag of old can be frozen today. What is
in ``fixtures/`` is history: it is never written again.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

DOCUMENTS = Path(__file__).with_name("frozen_documents.json")
#: what an old installation left: a file that `migrate json` brings in
OLD_FILE = {
    "metadata": {"workspace_id": "w1", "name": "an old file", "created_at": "2024-05-06T07:08:09"},
    "entities": {"patients": [{"id": "OLD1", "mrn": "MRN9"}]},
}


def run(program: str, database: Path, *words: str | Path) -> str:
    """The answer of a command of the program; a command that fails ends everything."""
    done = subprocess.run(
        [program, "--db", str(database), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def reference_files(folder: Path, data: Path) -> list[list[str | Path]]:
    """Words of `reference import` for a small file of every dataset."""
    census, nppes = data / "reference" / "census", data / "reference" / "nppes"

    def head(source: Path, lines: int, name: str) -> Path:
        text = source.read_text(encoding="utf-8-sig").splitlines(keepends=True)[:lines]
        (folder / name).write_text("".join(text), encoding="utf-8")
        return folder / name

    adi = "\n".join(
        [
            '"",GISJOIN,FIPS,ADI_NATRANK,ADI_STATERNK',
            "1,G01000100201001,010010201001,73,5",
            "2,G01000100201002,010010201002,GQ,GQ",
        ]
    )
    (folder / "US_2020_ADI_Census Block Group_v3.2.csv").write_text(adi + "\n", encoding="utf-8")
    with (nppes / "npidata_pfile_FileHeader_2025_sexcode.csv").open(encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
    person = {
        "NPI": "1000000001",
        "Entity Type Code": "1",
        "Provider Last Name (Legal Name)": "BIRCH",
        "Provider First Name": "ÉLODIE",
        "Provider Enumeration Date": "05/23/2015",
        "Last Update Date": "02/07/2025",
        "Provider Business Practice Location Address State Name": "CA",
        "Healthcare Provider Taxonomy Code_1": "207R00000X",
        "Healthcare Provider Primary Taxonomy Switch_1": "Y",
    }
    location = "Provider Secondary Practice Location Address"
    members: dict[str, tuple[list[str], dict[str, str]]] = {
        "npidata": (columns, person),
        "pl": (
            [
                "NPI",
                f"{location}- Address Line 1",
                f"{location}-  Address Line 2",
                f"{location} - City Name",
                f"{location} - State Name",
                f"{location} - Postal Code",
                f"{location} - Country Code (If outside U.S.)",
                f"{location} - Telephone Number",
                f"{location} - Telephone Extension",
                "Provider Practice Location Address - Fax Number",
            ],
            {"NPI": "1000000001", f"{location}- Address Line 1": "1 ROAD", f"{location} - State Name": "CA"},
        ),
        "othername": (
            ["NPI", "Provider Other Organization Name", "Provider Other Organization Name Type Code"],
            {
                "NPI": "1000000001",
                "Provider Other Organization Name": "DBA",
                "Provider Other Organization Name Type Code": "3",
            },
        ),
        "endpoint": (
            ["NPI", "Endpoint Type", "Endpoint Type Description", "Endpoint", "Affiliation", "Endpoint Description"],
            {"NPI": "1000000001", "Endpoint Type": "DIRECT", "Endpoint": "a@b"},
        ),
    }
    with zipfile.ZipFile(folder / "NPPES_Data_Dissemination_020325_020925_Weekly.zip", "w") as archive:
        for kind, (header, row) in members.items():
            text = io.StringIO()
            writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerows([header, [row.get(name, "") for name in header]])
            archive.writestr(f"{kind}_pfile_20250203-20250209.csv", text.getvalue())
    return [
        [folder / "US_2020_ADI_Census Block Group_v3.2.csv"],
        [folder / "NPPES_Data_Dissemination_020325_020925_Weekly.zip"],
        [head(census / "ct_2022tractcrosswalk.csv", 4, "ct_2022tractcrosswalk.csv")],
        ["--dataset", "cbsa", "--release", "2023", head(census / "cbsa_definitions_anchor.csv", 4, "cbsa_2023.csv")],
        ["--release", "2022", head(census / "fips_county_anchor.csv", 4, "counties_2022.csv")],
        [data / "reference" / "places" / "places_county_long_2024_realrows.csv"],
        [data / "reference" / "places" / "places_tract_long_2024_realrows.csv"],
        ["--release", "2022", head(data / "reference" / "svi" / "SVI_2022_US_county.csv", 4, "SVI_2022_US_county.csv")],
    ]


def freeze(program: str, target: Path) -> None:
    """Fill a database by the commands that its version has, and pack it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["HEALTHSIM_HOME"] = str(folder / "home")
        database = folder / "frozen.duckdb"
        run(
            program,
            database,
            "scenario",
            "save",
            "frozen family",
            "--from",
            DOCUMENTS,
            "-d",
            "Saved by a version of old",
            "-t",
            "frozen",
            "-t",
            "two words",
        )
        old = folder / "old"
        (old / "workspaces").mkdir(parents=True)
        (old / "workspaces" / "old.json").write_text(json.dumps(OLD_FILE), encoding="utf-8")
        run(program, database, "migrate", "json", "--from", old / "workspaces")
        commands = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout.split()
        if "reference" in commands:
            for words in reference_files(folder, Path(os.environ["HEALTHSIM_TEST_DATA"])):
                run(program, database, "reference", "import", *words)
        if "analytics" in commands:
            run(program, database, "analytics", "build", "frozen family")
        run(program, database, "compact")
        target.write_bytes(gzip.compress(database.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    freeze(sys.argv[1], Path(sys.argv[2]))
