"""What the formats of the field take: scenarios out as FHIR, X12 and HL7 v2, and FHIR in again, beside a writer in Python.

    python benchmarks/interchange.py [--size 2000] [--sizes 500,2000] [--sample 100]

Every step runs in a process of its own, so that its peak memory is its own; ``--sizes`` does all of it for several sizes, and
says what memory grows by. Beside the export of FHIR, ``fhir.resources`` (PyPI) writes a sample of the same resources: from
dictionaries in memory, through its models, which check what they are given, to lines of JSON. Its time for everything is
extrapolated by type, and nothing is counted for what ours does before: reading rows from the database and deriving elements.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

NAME = "measured"
#: seconds by the clock, and of the processor in all threads and processes
Seconds = tuple[float, float]


def seconds() -> Seconds:
    """Both clocks; what they are at is only good for differences."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(part.ru_utime + part.ru_stime for part in usage)


def peak() -> float:
    """Megabytes that this process, or the largest one that it started, had at most."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def timed(work: Callable[[], Any]) -> tuple[Any, Seconds]:
    """What some work answers, and what it took."""
    wall, processor = seconds()
    answer = work()
    wall_after, processor_after = seconds()
    return answer, (wall_after - wall, processor_after - processor)


# -- the steps, each in a process of its own -----------------------------------------------------------------------


def generated(folder: Path, size: int) -> dict[str, Any]:
    """A scenario of one county with every product."""
    from healthsim.workbench import Workbench

    bench = Workbench.at(folder / "made.duckdb")
    _, took = timed(lambda: bench.generate(size=size, counties={"06073": 1.0}, seed=1, as_=NAME))
    return {"seconds": took, "units": size}


def export_step(function: str, target: str, **options: Any) -> Callable[[Path, int], dict[str, Any]]:
    """A step that is an export: of a function, into a place below the folder."""

    def step(folder: Path, _: int) -> dict[str, Any]:
        from healthsim.db.connection import Database

        module, _dot, name = function.rpartition(".")
        export = getattr(import_module(f"healthsim.exchange.{module}"), name)
        database = Database(folder / "made.duckdb")
        written, took = timed(lambda: export(database, NAME, folder / target, force=True, **options))
        place = folder / target
        files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        return {"seconds": took, "counts": written.counts, "units": sum(written.counts.values()), "MB": megabytes}

    return step


def claims_out(folder: Path, size: int) -> dict[str, Any]:
    """837P: what counts is claims, of which a transaction set has many."""
    facts = export_step("x12.export.export_x12", "x12", transactions=["837P"])(folder, size)
    text = (folder / "x12" / "837P.x12").read_text()
    return facts | {"units": text.count("~CLM*") + text.count("~\nCLM*")}


def imported(folder: Path, _: int) -> dict[str, Any]:
    """The bulk files of FHIR into a new database, with typed rows."""
    from healthsim.workbench import Workbench

    bench = Workbench.at(folder / "read.duckdb")
    answer, took = timed(lambda: bench.import_(folder / "fhir", as_=NAME))
    report = answer.sources
    return {
        "seconds": took,
        "units": sum(source.units for source in report),
        "rows": sum(sum(source.entities.values()) for source in report),
    }


def peer(folder: Path, sample: int) -> dict[str, Any]:
    """``fhir.resources`` as the writer of so many resources of each type, spread over the file; extrapolated to all."""
    total, written, resources = [0.0, 0.0], 0, 0
    with (folder / "peer.ndjson").open("wb") as out:
        for path in sorted((folder / "fhir").glob("*.ndjson")):
            lines = path.read_bytes().splitlines()
            taken = [json.loads(line) for line in lines[:: max(1, len(lines) // sample)]]
            model = getattr(import_module(f"fhir.resources.R4B.{path.stem.lower()}"), path.stem)

            def write(taken: Sequence[dict[str, Any]] = taken, model: Any = model) -> int:
                for document in taken:
                    out.write(model(**document).model_dump_json().encode() + b"\n")
                return len(taken)

            # the first one of a type builds what the library keeps
            model(**taken[0]).model_dump_json()
            count, took = timed(write)
            written += count
            total = [before + part * len(lines) / count for before, part in zip(total, took, strict=True)]
            resources += len(lines)
    return {"seconds": total, "units": resources, "sample": written}


STEPS: dict[str, tuple[str, Callable[[Path, int], dict[str, Any]]]] = {
    "generate": ("persons", generated),
    "FHIR NDJSON out": ("resources", export_step("fhir.writing.export_fhir", "fhir")),
    "fhir.resources out": ("resources", peer),
    "837P out": ("claims", claims_out),
    "HL7 v2 out": ("messages", export_step("hl7v2.export.export_hl7v2", "messages.hl7")),
    "FHIR NDJSON in": ("resources", imported),
}


def measured(step: str, folder: Path, number: int) -> dict[str, Any]:
    """Run a step in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", step, str(folder), str(number)], stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def line(step: str, facts: dict[str, Any], size: int) -> str:
    """What a step took, per second by the clock and of the processor."""
    (wall, processor), units = facts["seconds"], facts["units"]
    notes = [f"{facts[name]:,.0f} {name}" for name in ("rows", "MB") if name in facts]
    if "sample" in facts:
        notes.append(f"extrapolated by type from {facts['sample']:,}")
    return (
        f"  {step:20} {units:10,} {STEPS[step][0]:10} {wall:8.1f} {processor:8.1f} {units / wall:10,.0f}"
        f" {units / processor:10,.0f} {size / wall:10,.0f} {facts['peak']:9,.0f}  {', '.join(notes)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2_000, help="persons")
    parser.add_argument("--sizes", help="several sizes, for memory: 500,2000")
    parser.add_argument("--sample", type=int, default=100, help="resources of a type that fhir.resources writes")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        name, folder, number = asked.step
        facts = STEPS[name][1](Path(folder), int(number))
        sys.stdout.write(json.dumps(facts | {"peak": peak()}) + "\n")
        return
    peaks: dict[str, list[float]] = {step: [] for step in STEPS}
    sizes = [int(text) for text in asked.sizes.split(",")] if asked.sizes else [asked.size]
    for size in sizes:
        print(f"{size:,} persons")
        print(
            f"  {'step':20} {'units':>21} {'wall s':>8} {'cpu s':>8} {'per wall s':>10} {'per cpu s':>10} {'persons/s':>10} {'peak MB':>9}"
        )
        results = {}
        with tempfile.TemporaryDirectory() as scratch:
            for step in STEPS:
                results[step] = measured(step, Path(scratch), asked.sample if step == "fhir.resources out" else size)
                peaks[step].append(results[step]["peak"])
                print(line(step, results[step], size), flush=True)
        ours, theirs = results["FHIR NDJSON out"]["seconds"], results["fhir.resources out"]["seconds"]
        print(
            f"  FHIR out: fhir.resources takes {theirs[0] / ours[0]:.1f} times the time, {theirs[1] / ours[1]:.1f} times the processor's"
        )
    if len(sizes) > 1:
        print(f"Peak memory in MB at {', '.join(f'{size:,}' for size in sizes)} persons")
        for step, megabytes in peaks.items():
            print(
                f"  {step:20} {' '.join(f'{value:9,.0f}' for value in megabytes)}  x {megabytes[-1] / megabytes[0]:.2f}"
            )


if __name__ == "__main__":
    main()
