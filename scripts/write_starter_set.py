"""Write the starter set of reference data from the official files that it is an excerpt of.

    python scripts/write_starter_set.py PLACES_COUNTY_2022.csv SVI_2022_US_COUNTY.csv

The figures are those of CDC PLACES, 2022 release (crude prevalence in percent of adults, 95 % interval, population),
and of CDC/ATSDR SVI 2022 (population, percentile ranks). Both are works of the US Government, in the public domain.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "packages/core/healthsim/db/reference"
MEASURES = (
    "ACCESS2 ARTHRITIS BINGE BPHIGH CANCER CASTHMA CHD COPD CSMOKING DEPRESSION DIABETES HIGHCHOL KIDNEY LPA MHLTH"
    " OBESITY"
    " SLEEP STROKE"
).split()
RANKS = ("RPL_THEME1", "RPL_THEME2", "RPL_THEME3", "RPL_THEME4", "RPL_THEMES")
#: counties of every region and size, from 180 people to 10 million; none of Connecticut, whose codes the two releases
#: have in different codings
COUNTIES = """
36061 36047 25025 25017 23029 33009 50007 44007 42101 42003 42039 34013 34003 36029
17031 39035 26163 27053 27123 29510 55079 18097 20173 19153 31055 46102 38017 46027 20055 55047
12086 12011 13121 37119 51059 24510 11001 54047 28033 28151 48201 48113 48141 47157 01073 01047 22071 05119 40109 21195
45045 48301 48261 06037 06073 06075 06019 53033 41051 04013 32003 08031 49035 35001 30111 16001 56025 02020 15003 41023
35039 04001
""".split()


def main(places_file: str, svi_file: str) -> None:
    """Write data/starter_counties.csv."""
    places = _read(places_file, "CountyFIPS")
    svi = _read(svi_file, "FIPS")
    header = ["county_fips", "county_name", "population"]
    header += [column for measure in MEASURES for column in (measure, f"{measure}_low", f"{measure}_high")]
    with (FOLDER / "data/starter_counties.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*header, "E_TOTPOP", *RANKS])
        for fips in sorted(COUNTIES):
            row = [fips, svi[fips]["COUNTY"], places[fips]["TotalPopulation"]]
            for measure in MEASURES:
                interval = places[fips][f"{measure}_Crude95CI"].strip("() ")
                low, high = (part.strip() for part in interval.split(",")) if interval else ("", "")
                row += [places[fips][f"{measure}_CrudePrev"], low, high]
            row += ["" if float(svi[fips][name]) == -999 else svi[fips][name] for name in ("E_TOTPOP", *RANKS)]
            writer.writerow(row)


def _read(name: str, key: str) -> dict[str, dict[str, str]]:
    with Path(name).open(encoding="utf-8-sig", newline="") as stream:
        return {row[key].zfill(5): row for row in csv.DictReader(stream)}


if __name__ == "__main__":
    main(*sys.argv[1:])
