"""Write ``generation/data/county_people.tsv``: who lives in each county, besides what a release of SVI says.

    python scripts/write_county_people.py DEMOGRAPHICS_2018.csv.gz SVI_2022_US_COUNTY.csv CT_CROSSWALK.csv

Facts of these sources, whose files stay where they are:
- DEMOGRAPHICS_2018.csv.gz: figures of the U.S. Census Bureau by county (Population Estimates 2018: people by sex and age; American
  Community Survey 2018, one year, for the 827 counties of 65,000 people and more: people of 15 and of 25 and more, who lives alone), as
  compiled by JieYingWu/COVID-19_US_County-level_Summaries;
- SVI_2022_US_COUNTY.csv: CDC/ATSDR SVI 2022 (American Community Survey 2018-2022): households and people in them;
- CT_CROSSWALK.csv: CT Office of Policy and Management, 2022 tract crosswalk: how many tracts the counties and the planning regions
  of Connecticut have in common. A tract has about 4,000 people wherever it is, so that tracts stand for people.

The file has a line for each county:
- code; people;
- of 1,000 people under 18, of 18 to 64, and of 65 and more: how many are male;
- of 1,000 women of 65 and more, and of 1,000 men: how many are 85 and more;
- of 1,000 adults how many are under 25; of 1,000 households how many are of one person; people in 100 households;
- ``e`` where the last but one and the one before are estimates: by a least-squares line over the counties that have them, in shares of
  SVI (group quarters, ages, poverty and others), which leaves 2 points of the first unexplained, and 3 of the second;
- for Connecticut, the codes of the other coding with shares: ``09003 0.9 09013 0.1``.
"""

from __future__ import annotations

import csv
import gzip
import math
import sys
from collections import Counter
from pathlib import Path

import numpy as np

OUT = Path(__file__).parents[1] / "packages/core/healthsim/generation/data/county_people.tsv"
#: columns of the demographics, which has long names twice
PEOPLE, MALE_CHILDREN, CHILDREN, MALE_WORKING, WORKING, MALE_OLD, OLD = 2, 6, 5, 9, 8, 12, 11
WOMEN_OLD, MALE_OLDEST, WOMEN_OLDEST = 13, 15, 16
HOUSEHOLDS, ALONE, MEN_15, WOMEN_15, FROM_25 = 18, 28, 41, 47, 59
#: of 1,000 children how many are under 15: 2020 Census, table P12
UNDER_15 = 0.829
#: counties that were made of another one since -> that one
LATER = {"02063": "02261", "02066": "02261"}
#: what is estimated lies within these shares, which the known ones do as well
LEAST, MOST = (0.03, 0.08), (0.5, 0.5)
PREDICTORS = "EP_GROUPQ EP_AGE17 EP_AGE65 EP_MUNIT EP_POV150 EP_NOHSDP EP_CROWD EP_HBURD EP_UNINSUR EP_DISABL EP_NOVEH"


def main(demographics: str, svi_file: str, crosswalk: str) -> None:
    """Read the sources and write the file."""
    with gzip.open(demographics, "rt", encoding="utf-8") as file:
        lines = list(csv.reader(file, delimiter=";"))[2:]
    counted = {
        row[0].zfill(5): [_number(value) for value in row[2:]] for row in lines if row[2].strip() not in ("", "null")
    }
    with Path(svi_file).open(encoding="utf-8-sig", newline="") as stream:
        svi = {row["FIPS"].zfill(5): row for row in csv.DictReader(stream)}
    mixes = _connecticut(crosswalk)
    for code, mix in mixes.items():
        if code not in counted:
            counted[code] = list(sum(np.array(counted[other]) * share for other, share in mix.items()))
    for code, before in LATER.items():
        counted[code] = counted[before]
    codes = sorted(code for code in svi if code in counted)
    traits = np.array([_traits(svi[code], counted[code]) for code in codes])
    known = np.array([_shares(counted[code]) for code in codes])
    estimates = np.empty_like(known)
    for column in range(known.shape[1]):
        rows = ~np.isnan(known[:, column])
        line, *_ = np.linalg.lstsq(traits[rows], known[rows, column], rcond=None)
        estimates[:, column] = np.clip(traits @ line, LEAST[column], MOST[column])
    text = []
    for code, own, other in zip(codes, known, estimates, strict=True):
        row, sizes = counted[code], svi[code]
        size = (float(sizes["E_TOTPOP"]) - float(sizes["E_GROUPQ"])) / float(sizes["E_HH"])
        shares = np.where(np.isnan(own), other, own)
        male = [_share(row, MALE_CHILDREN, CHILDREN), _share(row, MALE_WORKING, WORKING), _share(row, MALE_OLD, OLD)]
        oldest = [_share(row, WOMEN_OLDEST, WOMEN_OLD), _share(row, MALE_OLDEST, MALE_OLD)]
        figures = [f"{1000 * value:.0f}" for value in (*male, *oldest, *shares)]
        mix = " ".join(f"{name} {share:.4f}" for name, share in mixes.get(code, {}).items())
        text.append(
            "\t".join([code, sizes["E_TOTPOP"], *figures, f"{100 * size:.0f}", "e" * bool(np.isnan(own).any()), mix])
        )
    for code, mix in mixes.items():
        if code not in svi:
            text.append(
                "\t".join([code, *[""] * 9, "", " ".join(f"{name} {share:.4f}" for name, share in mix.items())])
            )
    OUT.write_text("\n".join(sorted(text)) + "\n", encoding="utf-8")


def _number(value: str) -> float:
    text = value.strip().replace(",", ".")
    return float(text) if text not in ("", "null") else math.nan


def _at(row: list[float], column: int) -> float:
    return row[column - 2]


def _share(row: list[float], some: int, every: int) -> float:
    """A share; of nobody it is a half."""
    return _at(row, some) / _at(row, every) if _at(row, every) else 0.5


def _shares(row: list[float]) -> tuple[float, float]:
    """(share of adults who are under 25, share of households of one person); NaN where the survey has none."""
    children = _at(row, CHILDREN) / _at(row, PEOPLE)
    from_25 = _at(row, FROM_25) / (_at(row, MEN_15) + _at(row, WOMEN_15)) * (1 - UNDER_15 * children)
    return 1 - from_25 / (1 - children), _at(row, ALONE) / _at(row, HOUSEHOLDS)


def _traits(svi: dict[str, str], row: list[float]) -> list[float]:
    """What the shares are estimated by. Group quarters are prisons where men are in excess, colleges where they are not."""
    values = [max(0.0, float(svi[name])) for name in PREDICTORS.split()]
    men = max(0.0, _at(row, MALE_WORKING) / _at(row, WORKING) - 0.51) * 100
    size = (float(svi["E_TOTPOP"]) - float(svi["E_GROUPQ"])) / float(svi["E_HH"])
    return [1.0, *values, men, size, values[0] * values[5] / 10, values[0] * men / 10]


def _connecticut(crosswalk: str) -> dict[str, dict[str, float]]:
    """Code -> codes of the other coding and their shares."""
    tracts: Counter[tuple[str, str]] = Counter()
    with Path(crosswalk).open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            tracts[row["ce_fips_2022"], row["county_fips_2020"]] += 1
    mixes: dict[str, dict[str, float]] = {}
    for place in (0, 1):
        for pair, number in tracts.items():
            all_of_it = sum(count for other, count in tracts.items() if other[place] == pair[place])
            mixes.setdefault(pair[place], {})[pair[1 - place]] = number / all_of_it
    return mixes


if __name__ == "__main__":
    main(*sys.argv[1:])
