"""How fast the star is built: persons with three years of care, made by SQL, and a small scenario.

Run: python benchmarks/analytics.py [--persons 100000] [--keep FILE]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from healthsim.analytics import build, check
from healthsim.db.connection import Database
from healthsim.state.manager import StateManager

#: what a person has in three years; about 100 rows of facts for each
STATEMENTS = """
INSERT INTO plans BY NAME SELECT $s::UUID AS scenario_id, 'PLAN' || i AS plan_id, 'PLAN' || i AS plan_code, 'Plan ' || i AS plan_name,
    ['HMO', 'PPO', 'EPO'][i % 3 + 1] AS plan_type, now()::TIMESTAMP AS saved_at FROM range(6) AS t(i);
INSERT INTO providers BY NAME SELECT $s::UUID AS scenario_id, 'PR' || i AS provider_id, (1000000000 + i)::VARCHAR AS npi,
    ['Family Medicine', 'Cardiology', 'Internal Medicine'][i % 3 + 1] AS specialty, now()::TIMESTAMP AS saved_at FROM range(2000) AS t(i);
INSERT INTO facilities BY NAME SELECT $s::UUID AS scenario_id, 'F' || i AS facility_id, 'Hospital ' || i AS name, 100 * i AS bed_count,
    now()::TIMESTAMP AS saved_at FROM range(20) AS t(i);
INSERT INTO patients BY NAME SELECT $s::UUID AS scenario_id, 'P' || i AS patient_id, 'N' || i AS person_id, 'Given' || i % 500 AS given_name,
    'Family' || i % 900 AS family_name, DATE '1935-01-01' + (i * 7919 % 32000)::INTEGER AS birth_date, ['F', 'M'][i % 2 + 1] AS gender,
    ['06073', '01073', '06037'][i % 3 + 1] AS county_fips, 'PR' || i % 700 AS primary_care_provider_id, now()::TIMESTAMP AS saved_at
    FROM range($n) AS t(i);
INSERT INTO members BY NAME SELECT $s::UUID AS scenario_id, 'M' || i || '-' || y AS member_id, 'M' || i AS member_number,
    'N' || i AS person_id, 'P' || i AS patient_id, 'PLAN' || ((i + y) % 6) AS plan_id, make_date(2022 + y, 1, 1) AS coverage_start,
    make_date(2022 + y, 12, 31) AS coverage_end, 'PR' || i % 700 AS pcp_provider_id, now()::TIMESTAMP AS saved_at
    FROM range($n) AS t(i), range(3) AS u(y) WHERE (i + y) % 20 <> 0;
INSERT INTO encounters BY NAME SELECT $s::UUID AS scenario_id, 'E' || i || '-' || k AS encounter_id, 'P' || i AS patient_id,
    'F' || (i + k) % 20 AS facility_id,
    CASE WHEN (i + k * 13) % 23 = 0 THEN 'inpatient' WHEN (i + k) % 9 = 0 THEN 'emergency' ELSE 'outpatient' END AS encounter_class,
    'office visit' AS encounter_type, TIMESTAMP '2022-01-03 09:00:00' + INTERVAL (k * 105 + i % 97) DAY AS start_datetime,
    TIMESTAMP '2022-01-03 10:00:00' + INTERVAL (k * 105 + i % 97 + CASE WHEN (i + k * 13) % 23 = 0 THEN 4 ELSE 0 END) DAY AS end_datetime,
    CASE WHEN (i + k * 13) % 23 = 0 THEN '01' END AS discharge_disposition_code, 'PR' || (i * 31 + k) % 2000 AS attending_provider_id,
    now()::TIMESTAMP AS saved_at FROM range($n) AS t(i), range(10) AS u(k);
INSERT INTO diagnoses BY NAME SELECT $s::UUID AS scenario_id, 'D' || i || '-' || k || '-' || d AS diagnosis_id, 'P' || i AS patient_id,
    'E' || i || '-' || k AS encounter_id,
    ['E11.9', 'I10', 'E78.5', 'J45.909', 'I25.10', 'F32.1', 'N18.30', 'M17.11', 'J06.9', 'Z00.00', 'K21.9', 'E66.9'][(i * 3 + k + d * 5) % 12 + 1] AS code,
    'ICD-10-CM' AS code_system, CASE WHEN d = 0 THEN 'principal' ELSE 'secondary' END AS diagnosis_type, d + 1 AS sequence_number,
    DATE '2022-01-03' + (k * 105 + i % 97)::INTEGER AS diagnosed_date, now()::TIMESTAMP AS saved_at
    FROM range($n) AS t(i), range(10) AS u(k), range(3) AS v(d);
INSERT INTO claims BY NAME SELECT $s::UUID AS scenario_id, 'C' || i || '-' || k AS claim_id, 'M' || i || '-' || least(k // 3, 2) AS member_id,
    'P' || i AS patient_id, 'E' || i || '-' || k AS encounter_id, CASE WHEN (i + k * 13) % 23 = 0 THEN 'institutional' ELSE 'professional' END AS claim_type,
    'PR' || (i * 31 + k) % 2000 AS billing_provider_id, 'PR' || (i * 31 + k) % 2000 AS rendering_provider_id, 'F' || (i + k) % 20 AS facility_id,
    DATE '2022-01-03' + (k * 105 + i % 97)::INTEGER AS service_date, DATE '2022-01-10' + (k * 105 + i % 97)::INTEGER AS received_date,
    DATE '2022-01-20' + (k * 105 + i % 97)::INTEGER AS adjudicated_date, DATE '2022-01-30' + (k * 105 + i % 97)::INTEGER AS paid_date,
    ['E11.9', 'I10', 'E78.5', 'J45.909'][(i + k) % 4 + 1] AS principal_diagnosis, '["I10","E66.9"]'::JSON AS other_diagnoses,
    CASE WHEN (i + k) % 17 = 0 THEN 'denied' ELSE 'paid' END AS status, CASE WHEN (i + k) % 17 = 0 THEN '197' END AS denial_reason_code,
    300 AS total_charge, CASE WHEN (i + k) % 17 = 0 THEN 0 ELSE 210 END AS total_allowed, CASE WHEN (i + k) % 17 = 0 THEN 0 ELSE 180 END AS total_paid,
    CASE WHEN (i + k) % 17 = 0 THEN 0 ELSE 30 END AS member_responsibility, now()::TIMESTAMP AS saved_at
    FROM range($n) AS t(i), range(10) AS u(k);
INSERT INTO claim_lines BY NAME SELECT $s::UUID AS scenario_id, 'L' || i || '-' || k || '-' || l AS claim_line_id, 'C' || i || '-' || k AS claim_id,
    l + 1 AS line_number, DATE '2022-01-03' + (k * 105 + i % 97)::INTEGER AS service_date,
    ['99213', '80053', '71046', '99284', '83036', '93000'][(i + k + l) % 6 + 1] AS procedure_code, '11' AS place_of_service, 1 AS units,
    100 AS charge_amount, CASE WHEN (i + k) % 17 = 0 THEN 0 ELSE 70 END AS allowed_amount, CASE WHEN (i + k) % 17 = 0 THEN 0 ELSE 60 END AS paid_amount,
    CASE WHEN (i + k) % 17 = 0 THEN 0 ELSE 10 END AS copay_amount, CASE WHEN (i + k) % 17 = 0 THEN 0 ELSE 10 END AS member_responsibility,
    now()::TIMESTAMP AS saved_at FROM range($n) AS t(i), range(10) AS u(k), range(3) AS v(l);
"""


def make(database: Database, name: str, persons: int) -> None:
    """Write a scenario of that many persons."""
    saved = StateManager(database).save(name, {"sites": [{"site_id": "S1"}]})
    with database.write() as connection:
        for statement in STATEMENTS.split(";\n"):
            if statement.strip():
                wanted = {"s": saved.scenario_id} | ({"n": persons} if "$n" in statement else {})
                connection.execute(statement, wanted)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="a database file that stays, and is used again when it is there")
    parser.add_argument("--check", action="store_true", help="prove the invariants as well")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.keep or Path(folder) / "benchmark.duckdb"
        database = Database(path)
        if not path.exists():
            make(database, "large", chosen.persons)
            make(database, "small", 200)
        for name in ("small", "small", "large"):
            before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
            (built,) = build(database, [name], mode="full")
            wall = time.perf_counter() - started
            after = resource.getrusage(resource.RUSAGE_SELF)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            rows = built.fact_rows
            print(f"{name}: {rows:,} fact rows in {wall:.2f} s ({cpu:.2f} s of processor), {rows / wall:,.0f} a second,"
                  f" peak {after.ru_maxrss / 1024:,.0f} MB")  # fmt: skip
            slowest = sorted(built.tables.items(), key=lambda entry: -entry[1]["seconds"])[:8]
            print("   " + ", ".join(f"{table} {entry['seconds']:.2f}" for table, entry in slowest))
        if chosen.check:
            findings = check(database)
            print({result: sum(found.result == result for found in findings) for result in ("ok", "warn", "fail")})


if __name__ == "__main__":
    main()
