"""Files as their publishers lay them out, of releases that are no sample files; every figure is invented."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

#: measures of the wide files by release
COMMON = [
    "ACCESS2",
    "ARTHRITIS",
    "BINGE",
    "BPHIGH",
    "BPMED",
    "CANCER",
    "CASTHMA",
    "CHD",
    "CHECKUP",
    "CHOLSCREEN",
    "COLON_SCREEN",
    "COPD",
    "CSMOKING",
    "DENTAL",
    "DIABETES",
    "HIGHCHOL",
    "LPA",
    "MAMMOUSE",
    "MHLTH",
    "OBESITY",
    "PHLTH",
    "SLEEP",
    "STROKE",
    "TEETHLOST",
]
OLDER = ["CERVICAL", "COREM", "COREW", "KIDNEY"]
DISABILITY = ["HEARING", "VISION", "COGNITION", "MOBILITY", "SELFCARE", "INDEPLIVE", "DISABILITY"]
NEEDS = ["FOODSTAMP", "FOODINSECU", "HOUSINSECU", "SHUTUTILITY", "LACKTRPT", "EMOTIONSPT"]
MEASURES = {
    "2020": COMMON + OLDER,
    "2021": [*COMMON, *OLDER, "DEPRESSION", "GHLTH"],
    "2022": [*COMMON, *OLDER, "DEPRESSION", "GHLTH"],
    "2023": [*COMMON, *OLDER, "DEPRESSION", "GHLTH", *DISABILITY],
    "2024": [*COMMON, "DEPRESSION", "GHLTH", *DISABILITY, "ISOLATION", *NEEDS],
    "2025": [*COMMON, "DEPRESSION", "GHLTH", *DISABILITY, "LONELINESS", *NEEDS],
}
KEYS = {
    "county": ["01001", "06037", "06073", "35013"],
    "tract": ["01001020100", "06037101110", "35013001807"],
    "place": ["0100124", "0644000"],
    "zcta": ["00601", "01001", "90001"],
}
_WIDE_PLACE = {
    "county": ["StateAbbr", "StateDesc", "CountyName", "CountyFIPS"],
    "tract": ["StateAbbr", "StateDesc", "CountyName", "CountyFIPS", "TractFIPS"],
    "place": ["StateAbbr", "PlaceName", "PlaceFIPS"],
    "zcta": ["ZCTA5"],
}


def write(path: Path, rows: Sequence[Sequence[object]], *, bom: bool = False, end: str = "\n") -> Path:
    """A CSV file of these rows, header first."""
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode())
    return path


def estimate(key: str, measure: str, kind: str = "crude") -> float:
    """The invented prevalence of a place: one decimal, different for each."""
    number = sum(ord(letter) * (index + 3) for index, letter in enumerate(key + measure + kind))
    return 5 + number % 600 / 10


def places_wide(path: Path, release: str, level: str, keys: Sequence[str] | None = None, drop: str = "") -> Path:
    """A wide file of PLACES; tracts and ZIP code areas have crude prevalences only."""
    adjusted = level in ("county", "place")
    header = [*_WIDE_PLACE[level], "TotalPopulation"] + (["TotalPop18plus"] if release >= "2024" else [])
    for measure in MEASURES[release]:
        header += [f"{measure}_CrudePrev", f"{measure}_Crude95CI"]
        header += [f"{measure}_AdjPrev", f"{measure}_Adj95CI"] * adjusted
    rows: list[list[object]] = [[*header, "Geolocation"]]
    for key in keys or KEYS[level]:
        place: dict[str, object] = {
            "StateAbbr": "XX",
            "StateDesc": "Some State",
            "CountyName": "Doña Ana",
            "CountyFIPS": key[:5],
            "TractFIPS": key,
            "PlaceName": "Some Place",
            "PlaceFIPS": key,
            "ZCTA5": key,
        }
        row: list[object] = [place[name] for name in _WIDE_PLACE[level]] + [f"1{release[-1]},345"]
        row += ["9,876"] if release >= "2024" else []
        for measure in MEASURES[release]:
            for kind in ("crude", "age_adjusted")[: 1 + adjusted]:
                value = estimate(key, measure, kind)
                empty = f"{key}{measure}" == drop
                row += ["", ""] if empty else [f"{value:.1f}", f"({value - 1:4.1f}, {value + 1:4.1f})"]
        rows.append([*row, "POINT (-86.6 32.5)"])
    return write(path, rows)


def places_long(
    path: Path,
    release: str,
    level: str,
    measures: Sequence[str] = ("DIABETES", "BPHIGH", "SLEEP"),
    nation: bool = False,
    suppressed: str = "",
) -> Path:
    """A long file of PLACES: 21 columns until 2023, 22 since 2024; tracts have two more that name the county."""
    new = release >= "2024"
    state = [] if level == "zcta" else ["StateAbbr", "StateDesc"]
    county = ["CountyName", "CountyFIPS"] if level == "tract" else []
    header = ["Year", *state, *county, "LocationName", "DataSource", "Category", "Measure", "Data_Value_Unit"]
    header += ["Data_Value_Type", "Data_Value", "Data_Value_Footnote_Symbol", "Data_Value_Footnote"]
    header += ["Low_Confidence_Limit", "High_Confidence_Limit", "TotalPopulation"] + ["TotalPop18plus"] * new
    header += ["LocationID", "CategoryID", "MeasureId", "DataValueTypeID", "Short_Question_Text", "Geolocation"]
    rows: list[list[object]] = [list(header)]
    kinds = [("CrdPrv", "Crude prevalence", "crude")]
    kinds += [("AgeAdjPrv", "Age-adjusted prevalence", "age_adjusted")] * (level in ("county", "place"))
    for key in [*KEYS[level], *(["59"] if nation else [])]:
        for measure in measures:
            # every other year's questions are of the year before
            biennial = measure in ("BPHIGH", "BPMED", "CHOLSCREEN", "HIGHCHOL")
            year = (
                int(release) - 2 - (biennial if int(release) % 2 == 0 else measure in ("SLEEP", "DENTAL", "MAMMOUSE"))
            )
            for code, text, kind in kinds:
                value = estimate(key, measure, kind)
                name = "" if key == "59" else key if level in ("zcta", "tract") else "Doña Ana"
                row: list[object] = [year]
                row += (["US", "United States"] if key == "59" else ["XX", "Some State"]) if state else []
                row += ["Doña Ana", key[:5]] if county else []
                row += [name, "BRFSS", "Health", "Some measure among adults", "%", text]
                hidden = f"{key}{measure}" == suppressed
                row += ["", "*", "Estimates suppressed"] if hidden else [f"{value:.1f}", "", ""]
                row += ["", ""] if hidden else [f"{value - 1:.1f}", f"{value + 1:.1f}"]
                row += [12345] + [9876] * new
                rows.append([*row, key, "HLTH", measure, code, "Some", "POINT (-86.6 32.5)"])
    return write(path, rows)


_SVI_COUNTIES = {
    # what was renamed, divided or replaced between releases
    "2000": ["01001", "02261", "09001", "46113"],
    "2010": ["01001", "02261", "09001", "46113"],
    "2014": ["01001", "02261", "09001", "46113"],
    "2016": ["01001", "02261", "09001", "35039", "46102"],
    "2018": ["01001", "02261", "09001", "35039", "46102"],
    "2020": ["01001", "02063", "09001", "46102"],
    "2022": ["01001", "02063", "09110", "46102"],
}
_OLD = ["POV", "UNEMP", "PCI", "NOHSDP", "AGE65", "AGE17", "DISABL", "SNGPNT", "MINRTY", "LIMENG"]
_NEW = ["POV150", "UNEMP", "HBURD", "NOHSDP", "UNINSUR", "AGE65", "AGE17", "DISABL", "SNGPNT", "LIMENG", "MINRTY"]
_RANKS = ["RPL_THEME1", "RPL_THEME2", "RPL_THEME3", "RPL_THEME4", "RPL_THEMES"]


def svi_header(release: str, level: str) -> list[str]:
    """Column names of a release, as published, less some variables."""
    tract = level == "tract"
    if release == "2000":
        place = (
            ["STATE_FIPS", "CNTY_FIPS", "STCOFIPS"] + ["TRACT", "FIPS"] * tract + ["STATE_NAME", "STATE_ABBR", "COUNTY"]
        )
        return [
            *place,
            "TOTPOP2000",
            "G1V1N",
            "G1V1R",
            "USG1V1P",
            "USG1TP",
            "USG2TP",
            "USG3TP",
            "USG4TP",
            "USTP",
            "USTF",
        ]
    if release == "2010":
        place = ["GEO_ID", "STATE_FIPS", "CNTY_FIPS", "TRACT", "STCOFIPS", "FIPS", "STATE_ABBR", "STATE_NAME", "COUNTY"]
        place = place if tract else ["ST", "STATE", "FIPS"]
        ranks = ["R_PL_THEME1", "R_PL_THEME2", "R_PL_THEME3", "R_PL_THEME4", "S_PL_THEMES", "R_PL_THEMES"]
        return [*place, "LOCATION", "TOTPOP", "E_TOTPOP", "M_TOTPOP", "E_P_POV", "M_P_POV", "E_PL_POV", *ranks, "Shape"]
    old = release <= "2018"
    place = ["AFFGEOID"] * (release == "2014") + ["TRACTCE"] * (release == "2014" and tract)
    place += ["ST", "STATE", "ST_ABBR"] + ["STCNTY"] * (tract or not old) + ["COUNTY", "FIPS", "LOCATION", "AREA_SQMI"]
    names = _OLD if old else _NEW
    values = [f"{kind}_{name}" for kind in ("E", "M", "EP", "MP", "EPL", "F") for name in names]
    shape = ["Shape", "Shape.STArea()", "Shape.STLength()"] * (release == "2014")
    return [*place, "E_TOTPOP", "M_TOTPOP", *values, "SPL_THEMES", *_RANKS, *shape]


def svi_keys(release: str, level: str) -> list[str]:
    """The places of a made-up file of SVI."""
    return [key + ("020100" if level == "tract" else "") for key in _SVI_COUNTIES[release]]


def svi(path: Path, release: str, level: str = "county", *, unpadded: bool = False, two_headers: bool = False) -> Path:
    """A file of SVI of any release, with -999 where a figure is missing."""
    header = svi_header(release, level)
    rows: list[list[object]] = [list(header)]
    for number, key in enumerate(svi_keys(release, level)):
        shown = str(int(key)) if unpadded else key
        county = "Autauga County" if release == "2022" else "Autauga"
        where = {
            "FIPS": shown,
            "STCNTY": shown[: len(shown) - 6 * (level == "tract")],
            "STCOFIPS": key[:5],
            "COUNTY": county,
            "LOCATION": f"Autauga County, State {number} in {release}",
            "Shape": "(-86.6, 32.5)",
            "AFFGEOID": "1400000US" + key,
            "ST": key[:2],
            "STATE": "Some State",
            "ST_ABBR": "XX",
            "STATE_FIPS": key[:2],
            "CNTY_FIPS": key[2:5],
            "STATE_NAME": "Some State",
            "STATE_ABBR": "XX",
            "TRACT": key[5:],
            "TRACTCE": key[5:],
            "GEO_ID": "x" + key,
        }
        rio_arriba = key == "35039" and release == "2018"
        rows.append([where[name] if name in where else svi_value(name, number, rio_arriba) for name in header])
    if two_headers:
        rows.insert(0, [f"OLD_{number}" for number in range(len(header))])
    return write(path, rows, bom=True)


def svi_value(name: str, number: int, missing: bool = False) -> object:
    """The invented value of a column: ranks lie between 0 and 1, and every seventh other value is missing."""
    seed = sum(map(ord, name)) + number
    if name.startswith(("RPL_", "R_PL_", "US")):
        return -999.0 if missing else f"{seed % 10000 / 10000:.4f}"
    return "-999" if seed % 7 == 0 else seed


def zipped(path: Path, members: dict[str, bytes], level: int = 6) -> Path:
    """A zip of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path
