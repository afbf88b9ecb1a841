"""Speed and memory of scenarios: save, import, load, export, list.

    python benchmarks/state.py [--patients 10000] [--large 100000] [--scenarios 1000]

Makes its own input: N patients with 3 encounters and 5 diagnoses each, as a share file. Every step runs in a process
of its own, so that its peak memory is its own. As a yardstick of the machine, the same file is read by the standard
``json`` module: figures are given as entities per second and as a ratio to that reading.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CODES = ["E11.9", "I10", "E78.5", "J45.20", "N18.30", "F32.9", "M54.50", "K21.9"]
ENTITIES_PER_PATIENT = 9


def patient(rng: random.Random, number: int) -> dict[str, Any]:
    """One patient, in the spelling of old documents."""
    return {
        "id": f"PAT-{number:08d}",
        "mrn": f"MRN{number:08d}",
        "ssn": f"9{rng.randrange(100):02d}-{rng.randrange(100):02d}-{rng.randrange(10_000):04d}",
        "name": {"given_name": f"Given{rng.randrange(5_000)}", "family_name": f"Family{rng.randrange(20_000)}"},
        "birth_date": f"{rng.randrange(1930, 2020)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        "gender": rng.choice("MF"),
        "race": rng.choice(["white", "black", "asian", "other"]),
        "language": "en",
        "address": {
            "street_address": f"{rng.randrange(1, 9_999)} Oak Street",
            "city": "San Diego",
            "state": "CA",
            "postal_code": f"92{rng.randrange(1_000):03d}",
            "country": "US",
        },
        "contact": {"phone": f"619-555-01{rng.randrange(100):02d}", "email": f"p{number}@example.org"},
        "deceased": False,
    }


def day(rng: random.Random) -> str:
    """A day of 2023 to 2025."""
    return f"{rng.randrange(2023, 2026)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"


def encounter(rng: random.Random, patient_number: int, number: int) -> dict[str, Any]:
    """One encounter, referring to its patient by MRN."""
    date = day(rng)
    return {
        "encounter_id": f"ENC-{patient_number:08d}-{number}",
        "patient_mrn": f"MRN{patient_number:08d}",
        "class_code": rng.choice(["O", "E", "I"]),
        "status": "finished",
        "admission_time": f"{date}T{rng.randrange(7, 19):02d}:15:00",
        "discharge_time": f"{date}T23:05:00",
        "facility": "General Hospital",
        "department": rng.choice(["ED", "Clinic", "Surgery"]),
        "chief_complaint": "Chest pain",
    }


def diagnosis(rng: random.Random, patient_number: int, number: int) -> dict[str, Any]:
    """One diagnosis of a patient, in one of the patient's encounters."""
    return {
        "id": f"DX-{patient_number:08d}-{number}",
        "code": rng.choice(CODES),
        "description": "A condition in a few words",
        "type": "final",
        "patient_mrn": f"MRN{patient_number:08d}",
        "encounter_id": f"ENC-{patient_number:08d}-{number % 3}",
        "diagnosed_date": day(rng),
        "present_on_admission": rng.choice("YN"),
    }


def write_share_file(path: Path, patients: int) -> None:
    """A share file as the old exporter writes it, without holding it in memory."""
    rng = random.Random(7)
    kinds: dict[str, tuple[int, Callable[[random.Random, int, int], dict[str, Any]]]] = {
        "diagnoses": (5, diagnosis),
        "encounters": (3, encounter),
        "patients": (1, lambda rng, number, _: patient(rng, number)),
    }
    with path.open("w", encoding="ascii") as out:
        out.write('{\n  "name": "bench",\n  "description": null,\n  "tags": [],\n')
        out.write('  "created_at": "2026-01-01T00:00:00.000001",\n  "entities": {')
        for place, (kind, (count, make)) in enumerate(kinds.items()):
            out.write(f'{"," if place else ""}\n    "{kind}": [')
            for owner in range(patients):
                for number in range(count):
                    text = json.dumps(make(rng, owner, number), indent=2).replace("\n", "\n      ")
                    out.write(f"{',' if owner or number else ''}\n      {text}")
            out.write("\n    ]")
        out.write("\n  }\n}")


def step(name: str, folder: Path, size: int) -> dict[str, float]:
    """Run one step in a process of its own: seconds of the step, and peak memory of the process in MB."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", name, str(folder), str(size)], check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_step(name: str, folder: Path, size: int) -> None:
    """The body of a step, in its own process."""
    import resource

    # starting up is measured elsewhere
    from healthsim.state import (
        save,  # noqa: F401
        state_manager,
    )

    state = state_manager(str(folder / f"{name if name == 'save' else 'import'}-{size}.duckdb"))
    source = folder / f"{size}.json"
    entities = json.loads(source.read_bytes())["entities"] if name == "save" else {}
    state.list()
    start = time.perf_counter()
    if name == "json":
        json.loads(source.read_bytes())
    elif name == "import":
        state.import_path(source)
    elif name == "save":
        state.save("bench", entities)
    elif name == "load":
        state.load("bench")
    elif name == "export":
        state.export("bench", folder / f"{size}-exported.json", force=True)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak": peak}) + "\n")


def bulk_insert(source: Path, path: Path) -> None:
    """The same documents without HealthSim: read, put into one Arrow table, and inserted by one statement."""
    import duckdb
    import pyarrow as pa

    entities = json.loads(source.read_bytes())["entities"]
    columns: dict[str, list[str]] = {"entity_type": [], "entity_id": [], "document": []}
    for kind, documents in entities.items():
        columns["entity_type"] += [kind] * len(documents)
        columns["entity_id"] += [document.get("id") or document["encounter_id"] for document in documents]
        columns["document"] += map(json.dumps, documents)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE documents (entity_type VARCHAR, entity_id VARCHAR, document JSON)")
        connection.register("incoming", pa.table(columns))
        connection.execute("INSERT INTO documents FROM incoming")


def whole_process(command: Callable[[int], list[str]]) -> tuple[float, float]:
    """Seconds of a program from start to end, by the clock and of the processor: the best of three runs.

    The modules of an installed program are compiled, also where the environment says that Python shall not keep them.
    """
    import resource

    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    runs = []
    for number in range(3):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command(number), check=True, capture_output=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        runs.append((time.perf_counter() - start, processor))
    return min(run[0] for run in runs), min(run[1] for run in runs)


def command_and_bulk(folder: Path, size: int) -> str:
    """`healthsim scenario save` beside a bare bulk insert of the same documents, both as whole processes."""
    database, source = str(folder / "command.duckdb"), str(folder / f"{size}.json")
    cli = [sys.executable, "-c", "from healthsim.cli import main; main()", "--db", database, "scenario"]
    subprocess.run([*cli, "list"], check=True, capture_output=True)
    saved = whole_process(lambda number: [*cli, "save", f"bench {number}", "--from", source])
    bulk = whole_process(lambda number: [sys.executable, __file__, "--step", "bulk", str(folder), str(size)])
    lines = [
        f"  {what:<28} {one[0]:6.2f} s, {one[1]:6.2f} s of the processor"
        for what, one in (("healthsim scenario save", saved), ("a bare bulk insert", bulk))
    ]
    ratio = f"  = {saved[0] / bulk[0]:.1f} times as long, {saved[1] / bulk[1]:.1f} times the processor's time"
    return "\n".join([*lines, ratio]) + "\n"


def list_milliseconds(folder: Path, scenarios: int) -> float:
    """Median time of ``list`` with many scenarios present, the opening of the database included."""
    from healthsim.state import state_manager

    state = state_manager(str(folder / "list.duckdb"))
    state.save("seed", {"patients": [{"id": "1"}]})
    with state.database.write() as connection:
        connection.execute(
            "INSERT INTO scenarios BY NAME SELECT uuid() AS scenario_id, 's' || i AS name, 'made for the list' AS"
            " description, now()::TIMESTAMP AS created_at, now()::TIMESTAMP AS updated_at, 9 AS entity_count,"
            " '{\"patients\": 9}' AS entity_counts FROM range(?) t(i)",
            [scenarios],
        )
        connection.execute("INSERT INTO scenario_tags SELECT scenario_id, 'tag', 1 FROM scenarios")
    times = []
    for _ in range(15):
        start = time.perf_counter()
        found, _ = state.list()
        times.append(time.perf_counter() - start)
        assert len(found) == scenarios + 1
    return sorted(times)[len(times) // 2] * 1_000


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=100_000, help="the size to compare peak memory with; 0 for none")
    parser.add_argument("--scenarios", type=int, default=1_000)
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step and options.step[0] == "bulk":
        folder = Path(options.step[1])
        bulk_insert(folder / f"{options.step[2]}.json", folder / "bulk.duckdb")
        return
    if options.step:
        run_step(options.step[0], Path(options.step[1]), int(options.step[2]))
        return
    say = sys.stdout.write
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in [options.patients, *([options.large] if options.large else [])]:
            source = folder / f"{size}.json"
            write_share_file(source, size)
            entities = size * ENTITIES_PER_PATIENT
            say(f"\n{size:,} patients, {entities:,} entities, {source.stat().st_size / 1e6:,.1f} MB of JSON\n")
            yardstick = step("json", folder, size)["seconds"]
            steps = ["import", "load", "export"] + (["save"] if size == options.patients else [])
            for which in steps:
                done = step(which, folder, size)
                rate = entities / done["seconds"]
                ratio = done["seconds"] / yardstick
                say(f"  {which:<7} {done['seconds']:7.2f} s {rate:10,.0f} entities/s {ratio:6.1f} x json.load")
                say(f" {done['peak']:8,.0f} MB peak\n")
            database = (folder / f"import-{size}.duckdb").stat().st_size
            same = (folder / f"{size}-exported.json").read_bytes() == source.read_bytes()
            say(f"  database {database / 1e6:,.1f} MB = {database / source.stat().st_size:.2f} x the JSON;")
            say(f" export {'is' if same else 'IS NOT'} the file byte for byte\n")
            if size == options.patients:
                say(command_and_bulk(folder, size))
        say(f"\nlist with {options.scenarios:,} scenarios: {list_milliseconds(folder, options.scenarios):.1f} ms\n")


if __name__ == "__main__":
    main()
