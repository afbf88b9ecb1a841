"""Measure reference data: import, size, lookup. Inputs are made up here.

    python benchmarks/reference.py [--nppes-megabytes 2048] [--tracts 85000] [--folder DIR]

What is aimed at: a tract file of 60 columns in at most twice the time of DuckDB's own typed read into a database file;
an NPPES zip at 60 MB/s of its unpacked size or more, in less than 1 GB of memory; a county lookup in 20 ms; the loaded
data a fifth of the CSV.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from healthsim.db.connection import Database
from healthsim.db.reference import import_files, lookup

MEASURES = (
    "ACCESS2 ARTHRITIS BINGE BPHIGH BPMED CANCER CASTHMA CERVICAL CHD CHECKUP CHOLSCREEN COLON_SCREEN COPD COREM COREW"
    " CSMOKING DENTAL DEPRESSION DIABETES GHLTH HIGHCHOL KIDNEY LPA MAMMOUSE MHLTH OBESITY PHLTH SLEEP STROKE TEETHLOST"
).split()
STATES = [n for n in range(1, 57) if n not in (3, 7, 9, 14, 43, 52)]


def tract_file(path: Path, tracts: int) -> None:
    """A wide tract file of PLACES 2022, as published, with made-up values."""
    draw = random.Random(1)
    usual = [draw.uniform(4, 70) for _ in MEASURES]
    with path.open("w", encoding="utf-8", newline="") as stream:
        columns = ",".join(f"{measure}_CrudePrev,{measure}_Crude95CI" for measure in MEASURES)
        stream.write(f"StateAbbr,StateDesc,CountyName,CountyFIPS,TractFIPS,TotalPopulation,{columns},Geolocation\n")
        for number in range(tracts):
            state = STATES[number * len(STATES) // tracts]
            county = f"{state:02d}{number // 30 % 500 * 2 + 1:03d}"
            cells = []
            for mean in usual:
                value = mean * draw.uniform(0.7, 1.3)
                cells.append(f'{value:.1f},"({value * 0.9:4.1f}, {value * 1.1:4.1f})"')
            place = f"{county},{county}{number:06d},{draw.randrange(500, 9000)}"
            stream.write(f"XX,Some State,Some County,{place},{','.join(cells)},POINT (-{80 + number / 1e6:.6f} 30.5)\n")


def nppes_rows(header: list[str], count: int) -> Iterator[str]:
    """Invented providers with the published columns, all quoted."""
    draw = random.Random(2)
    where = {name: number for number, name in enumerate(header)}
    names = (
        "ADAMS BAKER CLARK DIAZ EVANS FLORES GARCIA HUGHES IBARRA JONES KHAN LOPEZ MEYER NGUYEN OKAFOR PATEL".split()
    )
    states = (
        "AL AK AZ AR CA CO DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND".split()
    )
    codes = ["207R00000X", "208D00000X", "363L00000X", "1223G0001X", "3336C0003X", "261QP2300X", "101YM0800X"]
    for number in range(count):
        row = [""] * len(header)
        values = {
            "NPI": str(1_000_000_000 + number),
            "Entity Type Code": "1",
            "Provider Last Name (Legal Name)": draw.choice(names),
            "Provider First Name": draw.choice(names),
            "Provider First Line Business Mailing Address": f"{draw.randrange(9999)} SOME STREET",
            "Provider Business Mailing Address City Name": draw.choice(names) + "VILLE",
            "Provider Business Mailing Address State Name": draw.choice(states),
            "Provider Business Mailing Address Postal Code": f"{draw.randrange(10**9):09d}",
            "Provider First Line Business Practice Location Address": f"{draw.randrange(9999)} OTHER STREET",
            "Provider Business Practice Location Address City Name": draw.choice(names) + "TON",
            "Provider Business Practice Location Address State Name": draw.choice(states),
            "Provider Business Practice Location Address Postal Code": f"{draw.randrange(10**9):09d}",
            "Provider Business Practice Location Address Telephone Number": f"{draw.randrange(10**10):010d}",
            "Provider Enumeration Date": f"{draw.randrange(1, 13):02d}/{draw.randrange(1, 29):02d}/2015",
            "Last Update Date": f"{draw.randrange(1, 13):02d}/{draw.randrange(1, 29):02d}/2024",
            "Healthcare Provider Taxonomy Code_1": draw.choice(codes),
            "Healthcare Provider Primary Taxonomy Switch_1": "Y",
            "Is Sole Proprietor": "N",
        }
        for name, value in values.items():
            row[where[name]] = value
        yield '"' + '","'.join(row) + '"\n'


def nppes_header() -> list[str]:
    """The columns of the file that the importer needs, filled up to the published number of 330."""
    slots = [
        f"{name}_{slot}"
        for slot in range(1, 16)
        for name in (
            "Healthcare Provider Taxonomy Code",
            "Provider License Number",
            "Provider License Number State Code",
            "Healthcare Provider Primary Taxonomy Switch",
        )
    ]
    named = list(
        dict.fromkeys(
            [
                "NPI",
                "Entity Type Code",
                "Replacement NPI",
                "Provider Last Name (Legal Name)",
                "Provider First Name",
                "Provider First Line Business Mailing Address",
                "Provider Business Mailing Address City Name",
                "Provider Business Mailing Address State Name",
                "Provider Business Mailing Address Postal Code",
                "Provider First Line Business Practice Location Address",
                "Provider Business Practice Location Address City Name",
                "Provider Business Practice Location Address State Name",
                "Provider Business Practice Location Address Postal Code",
                "Provider Business Practice Location Address Telephone Number",
                "Provider Enumeration Date",
                "Last Update Date",
                "NPI Deactivation Date",
                "Provider Sex Code",
                *slots,
                "Is Sole Proprietor",
            ]
        )
    )
    others = [f"Other Provider Identifier_{number}" for number in range(1, 330 - len(named))]
    return [*named, *others, "Certification Date"]


def nppes_zip(path: Path, megabytes: int) -> int:
    """A zip with so many megabytes of providers, as the monthly one is laid out; the bytes unpacked."""
    header = nppes_header()
    block = "".join(nppes_rows(header, 20_000))
    per_block = len(block)
    written = 0
    name = "npidata_pfile_20050523-20250209.csv"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(name, "w", force_zip64=True) as member,
    ):
        first = ('"' + '","'.join(header) + '"\n').encode()
        member.write(first)
        written += len(first)
        number = 0
        while written < megabytes << 20:
            # the same block again, with NPIs of its own
            lines = block.splitlines(keepends=True)
            text = "".join(f'"{1_000_000_000 + number + n}"{line[12:]}' for n, line in enumerate(lines))
            member.write(text.encode())
            number += len(lines)
            written += per_block
    return written


def measure_tracts(folder: Path, tracts: int) -> None:
    """Import a tract file, against DuckDB's own typed read of it into a database file."""
    path = folder / "PLACES_tract_2022.csv"
    tract_file(path, tracts)
    size = path.stat().st_size
    names = path.open(encoding="utf-8").readline().strip().split(",")
    types = {name: "DOUBLE" if name.endswith("Prev") else "VARCHAR" for name in names}
    own, ours, work = [], [], []
    for attempt in range(3):
        started, before = time.perf_counter(), time.process_time()
        with duckdb.connect(str(folder / f"own{attempt}.duckdb")) as connection:
            connection.execute("CREATE TABLE t AS SELECT * FROM read_csv(?, columns = ?)", [str(path), types])
        own.append(time.perf_counter() - started)
        work.append([time.process_time() - before])
        database = Database(folder / f"ours{attempt}.duckdb")
        with database.read():
            pass
        empty = (folder / f"ours{attempt}.duckdb").stat().st_size
        started, before = time.perf_counter(), time.process_time()
        import_files(database, [path])
        ours.append(time.perf_counter() - started)
        work[-1].append(time.process_time() - before)
    grown = (folder / "ours2.duckdb").stat().st_size - empty
    print(f"tracts: {tracts:,} x {len(names)} columns, {size / 1e6:.0f} MB")
    print(f"  DuckDB's typed read {min(own):.2f} s, import {min(ours):.2f} s ({min(ours) / min(own):.2f} times)")
    theirs, mine = map(min, zip(*work, strict=True))
    print(f"  in processor time {theirs:.2f} s and {mine:.2f} s ({mine / theirs:.2f} times)")
    print(f"  stored in {grown / 1e6:.1f} MB, {grown / size:.2f} of the CSV")
    lookups = []
    for _ in range(30):
        started = time.perf_counter()
        lookup(database, county="06073", measures=["DIABETES", "OBESITY"])
        lookups.append(time.perf_counter() - started)
    print(f"  lookup of a county: median {statistics.median(lookups) * 1000:.1f} ms")


_CHILD = """
import resource, sys, time
from healthsim.db.connection import Database
from healthsim.db.reference import import_files
started = time.perf_counter()
done = import_files(Database(sys.argv[1]), [sys.argv[2]])
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(time.perf_counter() - started, time.process_time(), memory, sum(item.rows for item in done))
"""


def measure_nppes(folder: Path, megabytes: int) -> None:
    """Import a zip of NPPES in a process of its own, to see its memory."""
    path = folder / "NPPES_Data_Dissemination_February_2025.zip"
    size = nppes_zip(path, megabytes)
    target = folder / "nppes.duckdb"
    found = subprocess.run(
        [sys.executable, "-c", _CHILD, str(target), str(path)], check=True, capture_output=True, text=True
    ).stdout.split()
    seconds, work, memory, rows = float(found[0]), float(found[1]), int(found[2]), int(found[3])
    print(f"NPPES: {size / 1e6:,.0f} MB in a zip of {path.stat().st_size / 1e6:,.0f} MB, {rows:,} providers")
    print(f"  {seconds:.1f} s, {size / 1e6 / seconds:.0f} MB/s, {memory / 1024:,.0f} MB of memory at most")
    print(f"  {work:.1f} s of processor time, {size / 1e6 / work:.0f} MB a second of it")
    print(f"  stored in {target.stat().st_size / 1e6:.1f} MB, {target.stat().st_size / size:.3f} of the CSV")


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nppes-megabytes", type=int, default=2048)
    parser.add_argument("--tracts", type=int, default=85_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        measure_tracts(Path(folder), options.tracts)
        if options.nppes_megabytes:
            measure_nppes(Path(folder), options.nppes_megabytes)


if __name__ == "__main__":
    main()
