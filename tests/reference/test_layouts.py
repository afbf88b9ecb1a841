"""Layouts of releases and publishers that are no sample files: each is recognised with every value, asked for, or
refused; none is taken for another. The figures are invented."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
import reference_files as made
from test_samples import naive_svi, stored_svi

from healthsim.db.connection import Database
from healthsim.db.reference import import_files, lookup
from healthsim.errors import InvalidInput


def words(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text)))


# ---------------------------------------------------------------- SVI

_OF_2000 = "POV UNEMP PCI NOHSDP AGE65 AGE17 DISABL SNGPNT MINRTY LIMENG MUNIT MOBILE CROWD NOVEH GROUPQ".split()
_RANKS = [f"RPL_THEME{number}" for number in (1, 2, 3, 4)]
#: the header that the file of 2000 is about is its second line; the first is that of an older edition
SVI_2000 = [
    "ST",
    "COU",
    "STCNTY",
    "STATE",
    "ST_ABBR",
    "COUNTY",
    *(f"P_{name}" for name in _OF_2000),
    *(f"PL_{name}" for name in _OF_2000),
    *_RANKS,
    "RPL_THEMES",
    *(f"F_{name}" for name in _OF_2000),
    "F_THEME1",
    "F_TOTAL",
    "TOTPOP",
    "HU",
    *(name for name in _OF_2000 if name != "PCI"),
]
_OF_2010 = "POV UNEMP PCI NOHSDIP LIMENG MUNIT MOBILE CROWD NOVEH".split()
_COUNTED = "AGE65 AGE17 SNGPRNT MINORITY GROUPQ".split()
SVI_2010 = [
    "TOTPOP",
    "E_TOTPOP",
    "M_TOTPOP",
    "HU",
    "E_HU",
    "M_HU",
    "HH",
    *_COUNTED,
    *(f"{kind}_{name}" for name in _OF_2010 for kind in ("E", "M", "E_P", "M_P", "E_PL")),
    *(f"{kind}_{name}" for name in _COUNTED for kind in ("P", "PL")),
    *(f"{kind}_PL_THEME{number}" for number in "1234S" for kind in "SR"),
    "F_PL_POV",
    "F_PLSNGPRNT",
    "F_PL_TOTAL",
    "Shape",
    "Shape.STArea()",
    "Shape.STLength()",
]
_TRACT_2010 = "GEO_ID STATE_FIPS CNTY_FIPS TRACT CENSUSAREA STCOFIPS FIPS STATE_ABBR STATE_NAME COUNTY LOCATION".split()


def svi_file(path: Path, header: Sequence[str], places: Sequence[dict[str, str]], above: Sequence[str] = ()) -> Path:
    """A file of SVI: columns that no place has are figures."""
    rows: list[list[object]] = [list(above)] * bool(above) + [list(header)]
    for number, place in enumerate(places):
        rows.append([place.get(name, "") if name in place else made.svi_value(name, number) for name in header])
    return made.write(path, rows, bom=True)


def place(key: str, **more: str) -> dict[str, str]:
    """What says where a place is; codes and names mean other things in other releases."""
    return {
        "FIPS": key,
        "STCNTY": key[:5],
        "STCOFIPS": key[:5],
        "ST": key[:2],
        "COU": key[2:5],
        "TRACT": key[5:],
        "STATE": "Some State",
        "ST_ABBR": "XX",
        "STATE_ABBR": "XX",
        "STATE_NAME": "Some State",
        "COUNTY": "Autauga",
        "STATE_FIPS": key[:2],
        "CNTY_FIPS": key[2:5],
        "GEO_ID": "1400000US" + key,
        "Shape": "(-86.6, 32.5)",
        "LOCATION": "Autauga County, Alabama",
        **more,
    }


@pytest.mark.parametrize("level", ["county", "tract"])
def test_svi_2000_as_published(database: Database, tmp_path: Path, level: str) -> None:
    header = SVI_2000 if level == "county" else [*SVI_2000[:3], "TRACT", "FIPS", *SVI_2000[3:]]
    stale = ["STATE_FIPS", "CNTY_FIPS", "STCOFIPS", *["TRACT", "FIPS"] * (level == "tract")]
    stale += ["STATE_NAME", "STATE_ABBR", "COUNTY", "USTP", "USG1TP"]
    stale += [f"G{number}" for number in range(len(header) - len(stale))]
    tract = "020100" * (level == "tract")
    path = svi_file(tmp_path / "SVI.csv", header, [place(key + tract) for key in ("01001", "02261", "46113")], stale)
    (done,) = import_files(database, [path])
    assert (done.level, done.release, done.geography_vintage, done.rows) == (level, "2000", "2000", 3)
    path.write_text("\n".join(path.read_text(encoding="utf-8-sig").splitlines()[1:]) + "\n", encoding="utf-8")
    expected = naive_svi(path, "STCNTY" if level == "county" else "FIPS", 5 if level == "county" else 11)
    stored = stored_svi(database, "2000", level)
    assert {key: value for key, value in expected.items() if key[1] != "COU"} == stored
    assert None in stored.values()


@pytest.mark.parametrize("level", ["county", "tract"])
def test_svi_2010_as_published(database: Database, tmp_path: Path, level: str) -> None:
    if level == "county":
        header, places = ["ST", "STATE", "FIPS", "LOCATION", *SVI_2010], [place("1001", ST="1", STATE="01")]
    else:
        header, places = [*_TRACT_2010, *SVI_2010], [place("1001020100"), place("46113940500")]
    path = svi_file(tmp_path / "download.csv", header, places)
    (done,) = import_files(database, [path])
    assert (done.level, done.release, done.geography_vintage, done.rows) == (level, "2010", "2010", len(places))
    stored = stored_svi(database, "2010", level)
    expected = naive_svi(path, "FIPS", 5 if level == "county" else 11)
    assert {key: value for key, value in stored.items() if not key[1].startswith("RPL_")} == expected
    key = "01001" + "020100" * (level == "tract")
    assert stored[key, "RPL_THEMES"] == expected[key, "R_PL_THEMES"]


@pytest.mark.parametrize("columns", [["FIPS", "LOCATION"], ["ST", "STATE", "ST_ABBR", "COUNTY", "FIPS", "LOCATION"]])
@pytest.mark.parametrize("keys", [["601", "90001"], ["10001", "46113"]])
def test_svi_of_zip_code_areas(database: Database, tmp_path: Path, columns: list[str], keys: list[str]) -> None:
    """Some ZIP codes are codes of counties, too; the names tell."""
    none = dict.fromkeys(("ST", "STATE", "ST_ABBR", "COUNTY"), "")
    places = [{**place(key, LOCATION=f"ZCTA5 {key:0>5}"), **none} for key in keys]
    path = svi_file(tmp_path / "SVI_2022_US_ZCTA.csv", [*columns, *made.svi_header("2022", "county")[8:]], places)
    (done,) = import_files(database, [path])
    assert (done.level, done.release, done.geography_vintage, done.rows) == ("zcta", "2022", "2020", 2)
    assert stored_svi(database, "2022", "zcta") == naive_svi(path, "FIPS", 5)
    expected = stored_svi(database, "2022", "zcta")[keys[0].zfill(5), "RPL_THEMES"]
    assert lookup(database, zcta=keys[0].zfill(5))["svi"]["RPL_THEMES"] == expected


def test_five_digits_without_names_are_asked_for(database: Database, tmp_path: Path) -> None:
    path = svi_file(tmp_path / "SVI_2022.csv", ["FIPS", *made.svi_header("2022", "county")[8:]], [place("01001")])
    with pytest.raises(InvalidInput) as caught:
        import_files(database, [path])
    assert str(caught.value) == (
        "SVI_2022.csv has keys of 5 digits and no names: they may be counties or ZIP code areas. Say it with"
        ' level="county" or level="zcta".'
    )
    assert import_files(database, [path], level="county")[0].level == "county"


@pytest.mark.parametrize(
    ("county", "written", "release"),
    [
        ("Anchorage", "Census Tract 1, Anchorage Municipality, Alaska", "2020"),
        ("Anchorage Municipality", "Census Tract 1; Anchorage Municipality; Alaska", "2022"),
        ("Adjuntas", "Adjuntas Municipio, Puerto Rico", "2020"),
        ("St. John the Baptist", "St. John the Baptist Parish, Louisiana", "2020"),
    ],
)
def test_svi_2020_and_2022_write_names_otherwise(
    database: Database, tmp_path: Path, county: str, written: str, release: str
) -> None:
    places = [place("02020000101", COUNTY=county, LOCATION=written)]
    path = svi_file(tmp_path / "Alaska.csv", made.svi_header("2022", "tract"), places)
    assert import_files(database, [path])[0].release == release


def test_svi_of_a_map_service(database: Database, tmp_path: Path) -> None:
    """Names in lower case, and columns of shapes; a shape alone says no year."""
    header = [
        "objectid",
        "fips",
        "location",
        "e_totpop",
        "ep_pov",
        *map(str.lower, _RANKS),
        "rpl_themes",
        "shape",
        "wkt",
    ]
    row = ["1", "1001020100", "Census Tract 201, Autauga County, Alabama", "100", "-999", *["0.25"] * 5, "x", "POINT"]
    path = made.write(tmp_path / "export.csv", [[*header, "globalid"], [*row, "{A1}"]])
    with pytest.raises(InvalidInput, match=r"may be release 2014 or 2016 or 2018"):
        import_files(database, [path])
    assert import_files(database, [path], release="2016")[0].level == "tract"
    stored = stored_svi(database, "2016", "tract")
    assert stored["01001020100", "RPL_THEMES"] == 0.25
    assert (stored["01001020100", "E_TOTPOP"], stored["01001020100", "EP_POV"]) == (100, None)
    assert lookup(database, tract="01001020100")["svi"]["RPL_THEME4"] == 0.25


def test_the_file_of_a_state_has_ranks_of_its_own(database: Database, tmp_path: Path) -> None:
    """CDC's files of a state look like the national one, and rank within the state."""
    header = ["ST", "STATE", "ST_ABBR", "COUNTY", "FIPS", "LOCATION", "E_TOTPOP", "EP_POV150", "RPL_THEMES"]
    rows = [
        [number // 1000, "Some State", "XX", "Some County", number, "Some County, Some State", 100, "12.5", rank]
        for number, rank in ((1001, "0.4001"), (1003, "0"), (1005, "1"), (4001, "0.9"), (5001, "-999"), (5003, "0.2"))
    ]
    nation = made.write(tmp_path / "SVI_2022_US_county.csv", [header, *rows])
    assert [text for text in import_files(database, [nation])[0].warnings if "one state" in text] == []
    (starter,) = lookup(database, county="01001")["notes"]
    assert starter.startswith("From the starter set: PLACES 2022"), "which has what was not imported"
    state = made.write(tmp_path / "Alabama_COUNTY.csv", [header, *rows[:2], [*rows[2][:-1], "1.0"]])
    (done,) = import_files(database, [state], release="2022")
    assert done.warnings == (
        "Alabama_COUNTY.csv is the file of one state: its ranks are among the places of that state. Import the national"
        " file for ranks in the nation.",
    )
    note = "svi 2022 is the file of one state: its ranks are among that state's places."
    assert lookup(database, county="01001")["notes"] == [note, starter]
    assert lookup(database, county="01001", measures=["EP_POV150"])["notes"] == [starter]
    one = made.write(tmp_path / "one.csv", [header, rows[0]])
    (done,) = import_files(database, [one], release="2022")
    assert done.warnings == ("one.csv takes the place of Alabama_COUNTY.csv: 1 records instead of 3.",)


# ---------------------------------------------------------------- PLACES


def test_places_of_the_api(database: Database, tmp_path: Path) -> None:
    """Names in lower case, quoted, some columns only; columns that are not known are left alone."""
    text = (
        '"stateabbr","statedesc","countyname","countyfips","totalpopulation","totalpop18plus","totalpop65plus",'
        '"diabetes_crudeprev","diabetes_crude95ci","diabetes_adjprev","loneliness_crudeprev","geolocation"\n'
        '"CT","Connecticut","Capitol","09110","979114","775000","180000","12.5","(11.2,13.9)","","30.1","POINT (1 2)"\n'
    )
    path = tmp_path / "i46a-9kgh.csv"
    path.write_text(text, encoding="utf-8")
    (done,) = import_files(database, [path])
    assert (done.level, done.release, done.geography_vintage) == ("county", "2025", "2022")
    found = lookup(database, county="09110", release="2025")
    assert (found["population"], found["population_18plus"]) == (979114, 775000)
    assert found["measures"]["DIABETES"] == {
        "crude_prevalence": 12.5,
        "crude_low": 11.2,
        "crude_high": 13.9,
        "age_adjusted_prevalence": None,
        "age_adjusted_low": None,
        "age_adjusted_high": None,
        "release": "2025",
    }


def test_columns_that_all_releases_have_are_asked_about(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "i46a-9kgh.csv"
    path.write_text("countyfips,totalpopulation,diabetes_crudeprev\n48001,58000,12.5\n", encoding="utf-8")
    with pytest.raises(
        InvalidInput, match=r"may be release 2020, 2021, .* or 2025 of CDC PLACES: nothing in it tells them apart"
    ):
        import_files(database, [path])


def test_a_choice_of_columns_is_no_older_release(database: Database, tmp_path: Path) -> None:
    """Measures that are not in a file say something of its release only where it has all that any release has."""
    header = ["zcta5", "totalpopulation", *(f"{measure.lower()}_crudeprev" for measure in made.COMMON)]
    path = made.write(tmp_path / "kee5-23sr.csv", [header, ["10001", "25000", *["9.9"] * len(made.COMMON)]])
    with pytest.raises(InvalidInput, match=r"may be release 2020, 2021, 2022, 2023, 2024 or 2025"):
        import_files(database, [path])
    done = import_files(database, [path], release="2024")
    assert [(load.level, load.release) for load in done] == [("zcta", "2024")]


def test_adults_are_counted_in_2023_as_well(database: Database, tmp_path: Path) -> None:
    path = made.places_wide(tmp_path / "PLACES.csv", "2023", "county")
    path.write_text(path.read_text(encoding="utf-8").replace("TotalPopulation", "TotalPop18plus"), encoding="utf-8")
    assert import_files(database, [path])[0].release == "2023"


_CITIES = {
    "tract": "StateAbbr,PlaceName,PlaceFIPS,TractFIPS,Place_TractID,Population2010,DIABETES_CrudePrev\n"
    "AL,Birmingham,0107000,01073000100,0107000-01073000100,3042,24.4\n",
    "city": "StateAbbr,PlaceName,PlaceFIPS,Population2010,DIABETES_CrudePrev,DIABETES_AdjPrev\n"
    "AL,Birmingham,0107000,212237,24.4,23.0\n",
    "long": "Year,StateAbbr,CityName,GeographicLevel,Data_Value,DataValueTypeID,MeasureId,CityFIPS,TractFIPS\n"
    "2017,CA,Hawthorne,Census Tract,14.6,CrdPrv,ARTHRITIS,632548,06037602504\n",
}


@pytest.mark.parametrize("kind", _CITIES)
def test_five_hundred_cities_are_no_release_of_places(database: Database, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "500_Cities_2019_release.csv"
    path.write_text(_CITIES[kind], encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"^500_Cities_2019_release\.csv is a file of the 500 Cities Project"):
        import_files(database, [path])


# ---------------------------------------------------------------- ADI

_ADI = ',"GISJOIN","FIPS","ADI_NATRANK","ADI_STATERNK"'


@pytest.mark.parametrize(
    ("name", "header", "release", "vintage"),
    [
        ("US_2013_ADI_Census Block Group_v1.5.txt", "FIPS,GISJOIN,ADI_NATRANK,ADI_STATERNK", "2013", "2010"),
        ("US_2015_ADI_Census_Block_Group_v4_0_1.csv", _ADI, "2015", "2010"),
        ("WI_2019_ADI_Census Block Group_v3.1.txt", _ADI, "2019", "2010"),
        ("US_2020_ADI_Census Block Group_v3.2.csv", _ADI, "2020", "2020"),
        ("US_2021_ADI_Census_Block_Group_v4_0_1.csv", ",GISJOIN,FIPS,ADI_NATRANK,ADI_STATERANK", "2021", "2020"),
        ("US_2024_ADI_Census_Block_Group_v4_0_1.csv", _ADI, "2024", "2020"),
    ],
)
def test_adi_of_every_version(
    database: Database, tmp_path: Path, name: str, header: str, release: str, vintage: str
) -> None:
    columns = words(header)
    codes = ["73", "GQ", "PH", "GQ-PH", "QDI", "NONE", "KVM", "1"]
    records = [
        {
            "": str(number),
            "FIPS": f"100102{number:04d}1",
            "GISJOIN": f"G010001002{number:04d}1",
            "ADI_NATRANK": code,
            "ADI_STATERNK": "5" if code.isdigit() else code,
            "ADI_STATERANK": "5" if code.isdigit() else code,
        }
        for number, code in enumerate(codes, 100)
    ]
    path = made.write(tmp_path / name, [columns, *([record[column] for column in columns] for record in records)])
    (done,) = import_files(database, [path])
    assert (done.level, done.release, done.geography_vintage, done.rows) == ("blockgroup", release, vintage, 8)
    with database.read() as connection:
        rows = connection.execute(
            "SELECT geoid, national_rank, state_rank, suppression FROM reference.adi ORDER BY geoid"
        ).fetchall()
    assert rows == [
        (f"0100102{number:04d}1", *((int(code), 5, None) if code.isdigit() else (None, None, code)))
        for number, code in enumerate(codes, 100)
    ]


@pytest.mark.parametrize(("count", "release"), [(220_333, "2015"), (242_336, "2021")])
@pytest.mark.long
def test_the_number_of_block_groups_says_no_year(database: Database, tmp_path: Path, count: int, release: str) -> None:
    """All releases since 2020 have the same block groups, and so have those before."""
    rows = "".join(f"01001{number:07d},5,5\n" for number in range(count))
    path = tmp_path / f"US_{release}_ADI_Census_Block_Group_v4_0_1.csv"
    path.write_text("FIPS,ADI_NATRANK,ADI_STATERNK\n" + rows, encoding="utf-8")
    assert import_files(database, [path])[0].release == release
    other = tmp_path / "adi.csv"
    other.write_text("FIPS,ADI_NATRANK,ADI_STATERNK\n" + rows.replace(",5,5", ",6,6"), encoding="utf-8")
    with pytest.raises(InvalidInput, match="may be release"):
        import_files(database, [other])
    wrong = tmp_path / f"US_{'2021' if release == '2015' else '2015'}_ADI.csv"
    other.rename(wrong)
    with pytest.raises(InvalidInput, match=r"the file name does not settle it|in its name, but"):
        import_files(database, [wrong])


@pytest.mark.parametrize(
    "header",
    [
        ",ZIP_4,TYPE,GISJOIN,FIPS,ADI_NATRANK,ADI_STATERNK",
        ",X,TYPE,ZIPID,FIPS.x,GISJOIN,FIPS.y,ADI_NATRANK,ADI_STATERNK",
    ],
)
def test_adi_of_zip_codes_is_refused(database: Database, tmp_path: Path, header: str) -> None:
    path = made.write(tmp_path / "CA_2020_ADI_9 Digit Zip Code_v3.2.csv", [words(header), ["1"] * len(words(header))])
    with pytest.raises(InvalidInput, match="is the ADI of nine-digit ZIP codes; expected that of block groups"):
        import_files(database, [path])


# ---------------------------------------------------------------- Census

_GAZETTEER = "USPS\tGEOID\tANSICODE\tNAME\tALAND\tAWATER\tALAND_SQMI\tAWATER_SQMI\tINTPTLAT\tINTPTLONG" + " " * 40
_COUNTIES = {
    "national_county.txt": ("2010", "AL,01,001,Autauga County,H1\nSD,46,113,Shannon County,H1\n", "2010"),
    "national_county2020.txt": (
        None,
        "STATE|STATEFP|COUNTYFP|COUNTYNS|COUNTYNAME|CLASSFP|FUNCSTAT\nAL|01|001|00161526|Autauga County|H1|A\n"
        "AK|02|063|02516404|Chugach Census Area|H5|S\n",
        "2020",
    ),
    "Gaz_counties_national.txt": (
        None,
        "USPS\tGEOID\tANSICODE\tNAME\tPOP10\tHU10\tALAND\tINTPTLONG \nAL\t01001\t00161526\tAutauga County\t1\t1\t1\t1\n",
        "2010",
    ),
    "2018_Gaz_counties_national.txt": (
        None,
        _GAZETTEER + "\nAL\t01001\t00161526\tAutauga County\t1\t1\t1\t1\t1\t-86.6   \n",
        "2015",
    ),
    "2024_Gaz_counties_national.txt": (
        None,
        _GAZETTEER.replace("\t", "|") + "\nCT|09110|02830246|Capitol Planning Region|1|1|1|1|1|1\n",
        "2022",
    ),
    "CenPop2020_Mean_CO.txt": (
        None,
        "STATEFP,COUNTYFP,COUNAME,STNAME,POPULATION,LATITUDE,LONGITUDE\n01,001,Autauga,Alabama,58805,+32.5,-086.4\n",
        "2020",
    ),
    "all-geocodes-v2020.csv": (
        None,
        "Estimates Geography File: Vintage 2020,,,,,,\n,,,,,,\nSummary Level,State Code (FIPS),County Code (FIPS),County"
        " Subdivision Code (FIPS),Place Code (FIPS),Consolidtated City Code (FIPS),Area Name (including"
        " legal/statistical area description)\n040,01,000,00000,00000,00000,Alabama\n"
        "050,01,001,00000,00000,00000,Autauga County\n162,01,000,00000,00124,00000,Abbeville city\n",
        "2020",
    ),
    "counties_2020.csv": (None, "fips,name\n1001,Autauga County\n2063,Chugach Census Area\n", "2020"),
    "tl_2016_us_county.csv": (
        "2016",
        "STATEFP,COUNTYFP,COUNTYNS,GEOID,NAME,NAMELSAD,LSAD\n01,001,00161526,01001,Autauga,Autauga County,06\n",
        "2015",
    ),
}


@pytest.mark.parametrize("name", _COUNTIES)
def test_county_lists(database: Database, tmp_path: Path, name: str) -> None:
    """Lists of years between two changes have the counties of the earlier one."""
    said, text, release = _COUNTIES[name]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (done,) = import_files(database, [path], release=said)
    assert (done.dataset, done.level, done.release, done.geography_vintage) == ("counties", "county", release, release)
    with database.read() as connection:
        names = dict(connection.execute("SELECT county_fips, county_name FROM reference.counties").fetchall())
    assert names[min(names)].removesuffix(" County") in ("Autauga", "Capitol Planning Region")
    assert len(names) == done.stored_rows


@pytest.mark.parametrize(
    ("name", "header", "row"),
    [
        ("2023_Gaz_sldu_national.txt", "USPS\tGEOID\tNAME\tLSAD\tALAND", "AL\t01001\tState Senate District 1\tLU\t1"),
        (
            "2020_Gaz_cbsa_national.txt",
            "CSAFP\tGEOID\tNAME\tCBSA_TYPE\tALAND",
            "\t10100\tAberdeen, SD Micro Area\t2\t1",
        ),
        ("2020_Gaz_ua_national.txt", "GEOID\tNAME\tUATYPE\tALAND", "10162\tBuckeye Lake, OH Urban Cluster\tC\t1"),
    ],
)
def test_places_with_codes_like_counties_are_no_counties(
    database: Database, tmp_path: Path, name: str, header: str, row: str
) -> None:
    path = tmp_path / name
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="1 of its 1 places are not called as counties are"):
        import_files(database, [path])


_LIST1 = (
    "CBSA Code,Metropolitan Division Code,CSA Code,CBSA Title,Metropolitan/Micropolitan Statistical Area,Metropolitan"
    " Division Title,CSA Title,County/County Equivalent,State Name,FIPS State Code,FIPS County Code,Central/Outlying"
    " County"
)


@pytest.mark.parametrize(
    ("month", "year", "vintage"),
    [
        ("February", "2013", "2010"),
        ("July", "2015", "2010"),
        ("August", "2017", "2010"),
        ("September", "2018", "2010"),
        ("March", "2020", "2020"),
        ("July", "2023", "2022"),
    ],
)
def test_delineations_saved_from_the_workbook(
    database: Database, tmp_path: Path, month: str, year: str, vintage: str
) -> None:
    """The titles above the table have commas, and the notes below say the year."""
    empty = "," * 11
    title = f'"List 1. CORE BASED STATISTICAL AREAS (CBSAs), METROPOLITAN DIVISIONS, {month.upper()} {year}"{empty}'
    record = '10100,,,"Aberdeen, SD",Micropolitan Statistical Area,,,Brown County,South Dakota,46,13,Central'
    notes = f'"Note: The standards ..."{empty}\n"Source: File prepared, based on {month} {year} delineations."{empty}'
    path = tmp_path / "list1.csv"
    path.write_text(f"{title}\n{empty}\n{_LIST1}\n{record}\n{notes}\n", encoding="utf-8")
    (done,) = import_files(database, [path])
    assert (done.dataset, done.release, done.geography_vintage, done.stored_rows) == ("cbsa", year, vintage, 1)
    with database.read() as connection:
        rows = connection.execute(
            "SELECT county_fips, county_name, cbsa_code, cbsa_title, cbsa_type FROM reference.cbsa_counties"
        ).fetchall()
    assert rows == [("46013", "Brown County", "10100", "Aberdeen, SD", "Micropolitan Statistical Area")]


def test_delineations_of_the_standards_of_2000(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "list1_2009.csv"
    path.write_text(
        'CBSA Code,CBSA Title,Level of CBSA,"Status, 1=metro 2=micro",Component Name,State,FIPS,County Status\n'
        '10020,"Abbeville, LA",Micropolitan Statistical Area,2,Vermilion Parish,Louisiana,22113,Central\n',
        encoding="utf-8",
    )
    (done,) = import_files(database, [path])
    assert (done.release, done.geography_vintage) == ("2009", "2000")
    with database.read() as connection:
        rows = connection.execute(
            "SELECT county_fips, cbsa_title, central_outlying FROM reference.cbsa_counties"
        ).fetchall()
    assert rows == [("22113", "Abbeville, LA", "Central")]
    path.rename(tmp_path / "list1_2018.csv")
    changed = tmp_path / "list1_2018.csv"
    changed.write_text(changed.read_text(encoding="utf-8").replace("Vermilion", "Vernon"), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"may be release 2003, .* or 2009 of .*: delineations until 2009 have"):
        import_files(database, [changed])
