"""Speed and memory of the star: builds, every report, and metric queries, over a generated population.

    python benchmarks/analytics.py [--persons 100000] [--county 06073] [--keep FILE] [--check]

Generates persons with three years of care, claims, pharmacy and trials (and a scenario of 200 persons), builds their stars, asks
every report and every metric in up to three ways. Each part runs in a process of its own, so that its peak memory is its own. Yardsticks
of the machine: copying the finished star as it is, by the engine alone; and one plain sum over a fact. Figures are given
absolutely and as ratios to these. ``--keep`` names a file that stays, and is used again when it is there.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: the facts that are copied for comparison
COPIED = (
    "fact_observation",
    "fact_member_month",
    "fact_claim",
    "fact_claim_line",
    "bridge_encounter_diagnosis",
    "fact_encounter",
)


def clocked(action: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What an action gives, with its seconds and its seconds of processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = action()
    return result, {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def prepare(path: Path, persons: int, county: str) -> dict[str, Any]:
    """Generate the two scenarios."""
    from healthsim.generation import generate

    for name, size in (("large", persons), ("small", 200)):
        spec = {
            "size": size,
            "counties": {county: 1.0},
            "years": 3,
            "products": ["patient", "claims", "pharmacy", "trial"],
        }
        generate(spec, name, database=path)
    return {}


def build(path: Path, name: str, times: int = 1) -> dict[str, Any]:
    """Build the star of one scenario anew; the fastest of so many times, and the first."""
    from healthsim.analytics import build as build_star
    from healthsim.db.connection import Database

    database = Database(path)
    with database.read() as connection:
        # the first question with a parameter in a process may import what the engine can convert results to
        connection.execute("SELECT ?", [1]).fetchall()
    builds = [clocked(lambda: build_star(database, [name], mode="full")) for _ in range(times)]
    (built,), took = min(builds, key=lambda one: one[1]["wall"])
    slowest = sorted(built.tables.items(), key=lambda entry: -entry[1]["seconds"])[:8]
    return took | {
        "rows": built.fact_rows,
        "first": builds[0][1]["wall"],
        "slowest": {table: facts["seconds"] for table, facts in slowest},
    }


def build_again(path: Path) -> dict[str, Any]:
    """Give some persons a visit more, and bring the star up to date."""
    from healthsim.analytics import build as build_star
    from healthsim.db.connection import Database
    from healthsim.state.manager import StateManager

    database = Database(path)
    with database.read() as connection:
        visits = connection.execute(
            "SELECT e.patient_id, e.start_datetime::DATE::VARCHAR FROM main.encounters AS e JOIN main.scenarios AS s"
            " USING (scenario_id) WHERE s.name = 'large' ORDER BY hash(e.encounter_id) LIMIT 50"
        ).fetchall()
    name = f"again-{time.time_ns()}"
    encounters = [
        {
            "encounter_id": f"{name}-{number}",
            "patient_id": patient,
            "encounter_class": "virtual",
            "start_datetime": f"{day}T18:00:00",
        }
        for number, (patient, day) in enumerate(visits)
    ]
    StateManager(database).save("large", {"encounters": encounters}, mode="merge")
    (built,), took = clocked(lambda: build_star(database, ["large"]))
    return took | {"mode": built.mode, "persons": built.persons}


def build_small(county: str) -> dict[str, Any]:
    """Build the star of 200 persons in a database of their own."""
    from healthsim.generation import generate

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.duckdb"
        generate({"size": 200, "counties": {county: 1.0}, "years": 3}, "small", database=path)
        return build(path, "small", times=5)


def copy(path: Path) -> dict[str, Any]:
    """Copy the largest facts of the star as they are, into a file of their own."""
    import duckdb

    from healthsim.db.engine import STORAGE_VERSION
    from healthsim.db.sql import literal

    with tempfile.TemporaryDirectory(dir=path.parent) as folder, duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(str(path))} AS star (READ_ONLY)")
        target = literal(str(Path(folder) / "copy.duckdb"))
        connection.execute(f"ATTACH {target} AS copied (STORAGE_VERSION {literal(STORAGE_VERSION)})")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET memory_limit = '1150MB'")

        def whole() -> int:
            connection.execute("BEGIN TRANSACTION")
            for table in COPIED:
                connection.execute(f"CREATE TABLE copied.{table} AS SELECT * FROM star.analytics.{table}")
            connection.execute("COMMIT")
            return sum(connection.execute(f"SELECT count(*) FROM copied.{table}").fetchall()[0][0] for table in COPIED)

        rows, took = clocked(whole)
        return took | {"rows": rows}


def questions() -> list[tuple[str, str, str]]:
    """(metric, by, where): every metric alone, by year, and by age of the women, where it can be divided like that."""
    from healthsim.analytics import catalog

    found = []
    for listed in catalog()["metrics"]:
        known = catalog(listed["name"])["metric"]
        possible = set(known["dimensions"])
        for by, where in (("", ""), ("year", ""), ("age_band", "gender=F")):
            if {word.partition("=")[0] for word in (by, where) if word} <= possible:
                found.append((known["name"], ",".join(word for word in (known["needs"], by) if word), where))
    return found


def ask(path: Path) -> dict[str, Any]:
    """Every report and every query, the best of three, in seconds; and one plain sum."""
    from healthsim.analytics import query, report
    from healthsim.analytics.reports.report import reports
    from healthsim.db.connection import Database

    database = Database(path)

    def best(action: Callable[[], Any]) -> dict[str, float]:
        return min((clocked(action)[1] for _ in range(3)), key=lambda took: took["wall"])

    def plain() -> None:
        with database.read() as connection:
            connection.execute("SELECT sum(net_paid_amount) FROM analytics.fact_claim").fetchall()

    answers = {
        name: best(
            lambda name=name, found=found: report(
                database, name, scenario="large", other="small" if found.compares else None, build="never"
            )
        )
        for name, found in reports().items()
    }
    asked = {
        " ".join(part for part in (metric, by and f"by {by}", where and f"where {where}") if part): best(
            lambda metric=metric, by=by, where=where: query(
                database, metric, by=by, where=where or (), scenarios="large", build="never"
            )
        )
        for metric, by, where in questions()
    }
    return {"reports": answers, "queries": asked, "plain": best(plain)}


def invariants(path: Path) -> dict[str, Any]:
    """How many findings of each kind the checks of the star give."""
    from healthsim.analytics import check
    from healthsim.db.connection import Database

    findings = check(Database(path))
    return {result: sum(found.result == result for found in findings) for result in ("ok", "warn", "fail")}


def child(step: str, path: Path, *more: str) -> dict[str, Any]:
    """What a step measures in a process of its own, with the peak memory of that process in MB."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", step, "--keep", str(path), *more],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.returncode)
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def run_step(chosen: argparse.Namespace) -> None:
    """The step of a child; its figures are the last line."""
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "prepare": lambda: prepare(chosen.keep, chosen.persons, chosen.county),
        "build": lambda: build(chosen.keep, chosen.scenario),
        "again": lambda: build_again(chosen.keep),
        "small": lambda: build_small(chosen.county),
        "copy": lambda: copy(chosen.keep),
        "ask": lambda: ask(chosen.keep),
        "check": lambda: invariants(chosen.keep),
    }
    facts = steps[chosen.step]()
    import resource

    print(json.dumps(facts | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--county", default="06073")
    parser.add_argument("--keep", type=Path, help="a database file that stays, and is used again when it is there")
    parser.add_argument("--check", action="store_true", help="prove the invariants as well")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--scenario", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        run_step(chosen)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.keep or Path(folder) / "benchmark.duckdb"
        if not path.exists():
            child("prepare", path, "--persons", str(chosen.persons), "--county", chosen.county)
        measure(path, chosen.county, chosen.check)


def measure(path: Path, county: str, checked: bool) -> None:
    """Run the steps, and print a line or more for each."""
    small = child("small", path, "--county", county)
    print(
        f"build, 200 persons    {small['rows']:12,} fact rows {small['wall']:8.3f} s {small['cpu']:8.3f} s of processor,"
        f" the first one {small['first']:.3f} s   (to be under 0.3 s)"
    )
    child("build", path, "--scenario", "small")
    large, copied = child("build", path, "--scenario", "large"), child("copy", path)
    print(
        f"build, large          {large['rows']:12,} fact rows {large['wall']:8.2f} s {large['cpu']:8.2f} s of processor"
        f" {large['rows'] / large['wall']:10,.0f} rows/s {large['rows'] / large['cpu']:10,.0f} rows/s of processor"
        f" {large['peak']:6,.0f} MB at most   (to be 1,200,000 rows/s, under 1,500 MB)"
    )
    print("   slowest: " + ", ".join(f"{table} {seconds:.2f}" for table, seconds in large["slowest"].items()))
    again = child("again", path)
    print(
        f"{again['mode']}, {again['persons']} persons{'':24}{again['wall']:8.2f} s {again['cpu']:8.2f} s of processor;"
        f" {again['wall'] / large['wall']:.2f} of the whole build"
    )
    copying, building = copied["cpu"] / copied["rows"], large["cpu"] / large["rows"]
    print(
        f"copy of the star      {copied['rows']:12,} fact rows {copied['wall']:8.2f} s {copied['cpu']:8.2f} s of processor;"
        f" a built row costs {building / copying:.2f} times a copied one"
    )
    asked = child("ask", path)
    plain = asked["plain"]["wall"]
    for kind, aim in (("reports", "each to be under 1 s"), ("queries", "median to be under 0.1 s")):
        by_time = sorted(asked[kind].items(), key=lambda entry: -entry[1]["wall"])
        middle = statistics.median(took["wall"] for _, took in by_time)
        over = sum(took["wall"] >= 1 for _, took in by_time)
        print(
            f"{len(by_time)} {kind}: median {middle:.3f} s ({middle / plain:.1f} times a plain sum of {plain:.3f} s), slowest"
            f" {by_time[0][1]['wall']:.3f} s, {over} of 1 s or more   ({aim})"
        )
        for name, took in by_time[:6]:
            print(
                f"   {took['wall']:7.3f} s {took['cpu']:7.3f} s of processor {took['wall'] / plain:7.1f} times  {name}"
            )
    print(f"peak memory of asking {asked['peak']:,.0f} MB")
    if checked:
        found = child("check", path)
        print("invariants: " + ", ".join(f"{found[result]} {result}" for result in ("ok", "warn", "fail")))


if __name__ == "__main__":
    main()
