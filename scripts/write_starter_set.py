"""Write the starter set of reference data from the official files that it is an excerpt of.

    python scripts/write_starter_set.py PLACES_COUNTY_2022.csv SVI_2022_US_COUNTY.csv

The figures are those of CDC PLACES, 2022 release (crude prevalence in percent of adults, 95 % interval, population),
and of CDC/ATSDR SVI 2022 (population, households, shares of people by age, group and circumstances, percentile ranks), for
every county of the two. Both are works of the US Government, in the public domain. Connecticut has its counties in the one
and its planning regions in the other: each line has what its code has.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

FOLDER = Path(__file__).parents[1] / "packages/core/healthsim/db/reference"
MEASURES = (
    "ACCESS2 ARTHRITIS BINGE BPHIGH CANCER CASTHMA CHD COPD CSMOKING DEPRESSION DIABETES HIGHCHOL KIDNEY LPA MHLTH"
    " OBESITY"
    " SLEEP STROKE"
).split()
#: people and households, and the shares that say who the people of a county are
FIGURES = (
    "E_TOTPOP E_HH EP_AGE17 EP_AGE65 EP_HISP EP_AFAM EP_ASIAN EP_AIAN EP_NHPI EP_TWOMORE EP_OTHERRACE EP_MINRTY EP_LIMENG"
    " EP_POV150 EP_UNINSUR EP_DISABL EP_GROUPQ"
).split()
RANKS = ("RPL_THEME1", "RPL_THEME2", "RPL_THEME3", "RPL_THEME4", "RPL_THEMES")


def main(places_file: str, svi_file: str) -> None:
    """Write data/starter_places.parquet and data/starter_svi.parquet: a line per county, by its code."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("CREATE TABLE places AS SELECT * FROM read_csv(?, all_varchar = true)", [places_file])
        connection.execute("CREATE TABLE svi AS SELECT * FROM read_csv(?, all_varchar = true)", [svi_file])
        for dataset, select in (("places", _places()), ("svi", _svi())):
            target = FOLDER / f"data/starter_{dataset}.parquet"
            # read at once and once per database: one row group, packed as small as it gets
            connection.execute(
                f"COPY ({select} ORDER BY geoid) TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 22)"
            )


def _places() -> str:
    columns = [
        "lpad(p.CountyFIPS, 5, '0') AS geoid",
        "coalesce(s.COUNTY, p.CountyName || ' County') AS name",
        "p.TotalPopulation::BIGINT AS population",
        "NULL::BIGINT AS population_18plus",
        "NULL::VARCHAR[] AS absent",
    ]
    for measure in MEASURES:
        interval = f"regexp_extract(p.{measure}_Crude95CI, '([0-9.]+)[^0-9.]+([0-9.]+)', {{}})"
        columns.append(f"p.{measure}_CrudePrev::DOUBLE AS {measure.lower()}_crude_prev")
        for place, end in enumerate(("low", "high"), 1):
            columns.append(f"nullif({interval.format(place)}, '')::DOUBLE AS {measure.lower()}_crude_{end}")
    joined = "places AS p LEFT JOIN svi AS s ON lpad(s.FIPS, 5, '0') = lpad(p.CountyFIPS, 5, '0')"
    return f"SELECT {', '.join(columns)} FROM {joined} WHERE p.TotalPopulation IS NOT NULL"


def _svi() -> str:
    # -999 is what the file has where there is no figure
    figures = [f'nullif({name}::DOUBLE, -999) AS "{name}"' for name in (*FIGURES, *RANKS)]
    return f"SELECT lpad(FIPS, 5, '0') AS geoid, COUNTY AS name, {', '.join(figures)} FROM svi"


if __name__ == "__main__":
    main(*sys.argv[1:])
