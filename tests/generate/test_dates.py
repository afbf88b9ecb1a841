"""The world has dates: nothing is written before it existed or after it was gone, whichever day a history ends on.

The list below is independent of ``data/validity.yaml``: it was written by hand, from the announcements of those who made the codes.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest

from healthsim.db.connection import Database
from healthsim.errors import InvalidInput
from healthsim.generation import generate, generate_files
from healthsim.generation.coherence import check
from healthsim.generation.spec import read_spec
from healthsim.generation.validity import CVX, ICD10CM, MS_DRG, Dated, code_on, dates, validity

#: (table, column of the code, column of the day, pattern of the code, first day, last day, what it is)
FACTS = [
    ("diagnoses", "code", "diagnosed_date", r"^[A-Z]", "2015-10-01", None, "ICD-10-CM"),
    ("diagnoses", "code", "diagnosed_date", r"^U07\.1$", "2020-04-01", None, "COVID-19"),
    ("diagnoses", "code", "diagnosed_date", r"^E66\.81", "2024-10-01", None, "classes of obesity"),
    ("diagnoses", "code", "diagnosed_date", r"^M54\.5\d", "2021-10-01", None, "low back pain, five digits"),
    ("diagnoses", "code", "diagnosed_date", r"^M54\.5$", None, "2021-09-30", "low back pain, four digits"),
    ("diagnoses", "code", "diagnosed_date", r"^N18\.3\d", "2020-10-01", None, "stages 3a and 3b"),
    ("diagnoses", "code", "diagnosed_date", r"^F32\.A$", "2021-10-01", None, "depression, unspecified"),
    ("diagnoses", "code", "diagnosed_date", r"^R51\.9$", "2020-10-01", None, "headache, five digits"),
    ("diagnoses", "code", "diagnosed_date", r"^E78\.0$", None, "2016-09-30", "pure hypercholesterolemia, four digits"),
    ("claim_lines", "procedure_code", "service_date", r"^71046$", "2018-01-01", None, "X-rays of the chest by views"),
    ("claim_lines", "procedure_code", "service_date", r"^71020$", None, "2017-12-31", "X-ray of the chest before"),
    ("claim_lines", "procedure_code", "service_date", r"^77067$", "2017-01-01", None, "mammogram with detection"),
    ("claim_lines", "procedure_code", "service_date", r"^913[0-2]\d$", "2020-12-11", None, "COVID-19 vaccines"),
    ("claim_lines", "procedure_code", "service_date", r"^90480$", "2023-09-11", None, "one code of giving them"),
    (
        "claim_lines",
        "procedure_code",
        "service_date",
        r"^00\d1A$|^01\d4A$",
        "2020-12-11",
        "2023-09-10",
        "codes of each dose",
    ),
    ("immunizations", "cvx_code", "administered_date", r"^(208|21[89]|30\d|31[0-3])$", "2020-12-11", None, "COVID-19"),
    ("immunizations", "cvx_code", "administered_date", r"^30[0-2]$", "2022-08-31", "2023-09-10", "bivalent"),
    ("immunizations", "cvx_code", "administered_date", r"^(308|309|310)$", "2023-09-11", None, "2023-24 and later"),
    ("immunizations", "cvx_code", "administered_date", r"^187$", "2017-10-20", None, "Shingrix"),
    ("immunizations", "cvx_code", "administered_date", r"^216$", "2021-06-08", None, "Prevnar 20"),
    ("immunizations", "cvx_code", "administered_date", r"^150$", None, "2024-06-30", "quadrivalent influenza"),
    ("immunizations", "cvx_code", "administered_date", r"^197$", "2020-07-01", "2024-06-30", "high-dose quadrivalent"),
    ("encounters", "drg_code", "end_datetime", r"^(321|322|397|398|399)$", "2023-10-01", None, "version 41"),
    ("encounters", "drg_code", "end_datetime", r"^(246|247|341|342|343)$", None, "2023-09-30", "version 40"),
    ("encounters", "drg_code", "end_datetime", r"^(450|451)$", "2024-10-01", None, "version 42"),
    ("encounters", "drg_code", "end_datetime", r"^(521|522)$", "2020-10-01", None, "version 38"),
    ("encounters", "drg_code", "end_datetime", r"^(78[3-8]|80[5-7])$", "2018-10-01", None, "version 36"),
    ("encounters", "drg_code", "end_datetime", r"^(765|766|774|775)$", None, "2018-09-30", "version 35"),
    ("pharmacy_claims", "drug_name", "service_date", "Semaglutide", "2017-12-05", None, "Ozempic"),
    ("medications", "name", "start_date", "Semaglutide", "2017-12-05", None, "Ozempic"),
    ("claims", "place_of_service", "service_date", "^02$", "2017-01-01", None, "telehealth"),
]


def outside(folder: Path) -> dict[str, int]:
    """What of the list is found outside of its dates, and how often."""
    found = {}
    with duckdb.connect() as connection:
        for table, code, day, pattern, since, until, what in FACTS:
            rows = f"'{folder}/canonical/{table}/*.parquet'"
            if table == "diagnoses":
                # a stay is coded by the code set of the day of discharge
                contacts = f"'{folder}/canonical/encounters/*.parquet'"
                rows = f"(SELECT code, end_datetime AS diagnosed_date FROM {rows} JOIN {contacts} USING (encounter_id))"
            count = connection.execute(
                f"SELECT count(*) FROM {rows} WHERE regexp_matches({code}, ?)"
                f" AND ({day}::DATE < coalesce(?::DATE, DATE '0001-01-01') OR {day}::DATE > coalesce(?::DATE, DATE '9999-01-01'))",
                [pattern, since, until],
            ).fetchall()[0][0]
            if count:
                found[f"{what} in {table}"] = count
    return found


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database(tmp_path_factory.mktemp("dates") / "x.duckdb")


@pytest.mark.long
@pytest.mark.parametrize("as_of", ["2017-12-31", "2019-03-15", "2020-12-31", "2023-12-31", "2024-12-31", "2026-12-31"])
def test_nothing_is_used_outside_its_dates(database: Database, tmp_path: Path, as_of: str) -> None:
    spec = {"size": 4_000, "counties": ["06073"], "as_of": as_of, "seed": 8}
    generate_files(spec, tmp_path / "files", database=database)
    assert outside(tmp_path / "files") == {}


@pytest.mark.long
def test_the_rule_finds_what_is_used_outside_its_dates_in_any_scenario(database: Database) -> None:
    generate({"size": 500, "counties": ["06073"], "as_of": "2021-12-31", "seed": 8}, "then", database=database)
    (rule,) = check(database, "then", rules=["codes_are_of_their_time"]).rules
    assert (rule.status, rule.violations) == ("pass", 0)
    with database.write() as connection:
        connection.execute(
            "UPDATE encounters SET start_datetime = start_datetime - INTERVAL 9 YEAR,"
            " end_datetime = end_datetime - INTERVAL 9 YEAR"
        )
    (rule,) = check(database, "then", rules=["codes_are_of_their_time"]).rules
    assert rule.status == "fail"
    assert rule.violations > 1_000


def test_what_came_before_is_used_before() -> None:
    assert code_on(ICD10CM, "E66.813", dt.date(2024, 9, 30)) == "E66.01"
    assert code_on(ICD10CM, "E66.813", dt.date(2024, 10, 1)) == "E66.813"
    assert code_on(ICD10CM, "U07.1", dt.date(2020, 3, 31)) is None
    assert code_on(MS_DRG, "787", dt.date(2016, 1, 1)) == "765"
    assert [code_on(CVX, "309", dt.date(year, 12, 20)) for year in (2019, 2020, 2022, 2024)] == [
        None,
        "208",
        "300",
        "309",
    ]
    # the high-dose vaccine was of three strains, then of four, and is of three again
    assert [code_on(CVX, "197", dt.date(year, 10, 1)) for year in (2019, 2020, 2023, 2024)] == [
        "135",
        "197",
        "197",
        "135",
    ]
    assert code_on(ICD10CM, "I10", dt.date(1999, 1, 1)) == "I10"


def test_numbers_are_given_by_day() -> None:
    codes = ["I10", "M54.50", "U07.1"]

    def number(code: str, _: int) -> int:
        codes.append(code)
        return len(codes) - 1

    dated = Dated(ICD10CM, codes, number)
    assert codes[3:] == ["M54.5"]
    days = np.array([(dt.date(year, 5, 1) - dt.date(1970, 1, 1)).days for year in (2016, 2018, 2020, 2022)])
    assert dated.on(np.array([0, 1, 2, 1]), days).tolist() == [0, 3, 2, 1]
    assert dated.on(np.array([2, 2]), days[:2]).tolist() == [-1, -1]


def test_a_predecessor_is_known_and_ends_no_later_than_its_successor_begins() -> None:
    for system in validity().systems:
        known = dates(system)
        for code, one in known.items():
            for other in (one.before, one.after):
                # nothing stands for itself, and chains end
                assert other != code, (system, code)
            if one.from_ and one.until:
                assert one.from_ <= one.until, (system, code)
            instead = known.get(one.before or "")
            if one.from_ and instead and instead.from_:
                assert instead.from_ <= one.from_, (system, code)


def test_a_history_has_the_years_that_there_are() -> None:
    assert read_spec({"as_of": "2017-12-31"}).years == 2
    assert read_spec({"as_of": "2016-12-31"}).years == 1
    assert read_spec({"as_of": "2025-12-31"}).years == read_spec({}).years == 3
    assert read_spec({"as_of": "2025-12-31", "years": 10}).years == 10
    kept = read_spec({"as_of": "2017-12-31"})
    assert read_spec(kept.as_json()) == kept
    with pytest.raises(InvalidInput, match="expected at most 2 years"):
        read_spec({"as_of": "2017-12-31", "years": 3})
    with pytest.raises(InvalidInput, match="known up to 2026-12-31 only"):
        read_spec({"as_of": "2150-01-01"})
