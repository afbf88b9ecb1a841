"""Speed and memory of generation: to Parquet and to the database, beside another generator on the same machine.

    python benchmarks/generate.py [--sizes 50000,200000,1000000] [--county 06073] [--peer]

Every run is a process of its own, so that its peak memory is its own. ``--peer`` also runs ``shape generate healthcare`` of the
packages ``sqllocks-shape`` and ``sqllocks-shape-domains``, which must be installed, and gives the ratio of rows per second of
processor time (of the largest size to Parquet). Figures of one run on one machine can be compared with each other, not with those of another day.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_CHILD = """
import json, os, resource, sys, time
begin = time.monotonic()
from healthsim.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({"code": code, "wall": time.monotonic() - begin, "cpu": sum(one.ru_utime + one.ru_stime for one in usage),
                  "peak": max(one.ru_maxrss for one in usage) / 1024}), file=sys.stderr)
"""


def measured(*words: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what the command answered, its seconds, processor seconds and peak memory of the largest process in MB)."""
    done = subprocess.run([sys.executable, "-c", _CHILD, *words], capture_output=True, text=True, check=False)
    facts = json.loads(done.stderr.strip().splitlines()[-1])
    if facts["code"]:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout), facts


def size_of(folder: Path) -> float:
    """Megabytes of the files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def peer(scale: str, place: Path) -> tuple[int, dict[str, float]] | None:
    """Rows and seconds of the other generator; None where it is not installed."""
    command = shutil.which("shape")
    if command is None:
        return None
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    subprocess.run(
        [command, "generate", "healthcare", "--scale", scale, "--format", "parquet", "-o", str(place), "--yes"],
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    import pyarrow.parquet as pq

    rows = sum(pq.ParquetFile(file).metadata.num_rows for file in place.rglob("*.parquet"))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return rows, {"wall": time.monotonic() - begin, "cpu": cpu}


def main() -> None:
    """Run, and print a line for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="50000,200000,1000000")
    parser.add_argument("--county", default="06073")
    parser.add_argument("--peer", action="store_true")
    asked = parser.parse_args()
    print(
        f"{'run':32} {'rows':>12} {'wall s':>8} {'cpu s':>8} {'rows/s':>11} {'rows/cpu s':>11} {'persons/s':>10} {'peak MB':>8} {'MB':>8}"
    )
    rate = 0.0
    for size in (int(text) for text in asked.sizes.split(",")):
        for target in ("parquet", "database"):
            with tempfile.TemporaryDirectory() as folder:
                place = Path(folder)
                words = [
                    "--db",
                    str(place / "x.duckdb"),
                    "generate",
                    "--size",
                    str(size),
                    "--county",
                    asked.county,
                    "--json",
                ]
                words += (
                    ["--format", "parquet", "--output", str(place / "files")] if target == "parquet" else ["--as", "x"]
                )
                answer, facts = measured(*words)
                rows = answer["rows"] if target == "parquet" else answer["entity_count"]
                megabytes = (
                    size_of(place / "files") if target == "parquet" else (place / "x.duckdb").stat().st_size / 1e6
                )
                show(f"{size:,} persons to {target}", rows, facts, size, facts["peak"], megabytes)
                rate = rows / facts["cpu"] if target == "parquet" else rate
    if asked.peer:
        theirs = 0.0
        for _ in range(3):  # short runs differ more than long ones: its best counts
            with tempfile.TemporaryDirectory() as folder:
                found = peer("large", Path(folder))
                if found is None:
                    print("sqllocks-shape is not installed: pip install sqllocks-shape sqllocks-shape-domains")
                    return
                rows, facts = found
                show("sqllocks-shape, large, to parquet", rows, facts, 0, 0, size_of(Path(folder)))
                theirs = max(theirs, rows / facts["cpu"])
        print(f"rows per second of processor time, ours to its best: {rate / theirs:.2f}")


def show(label: str, rows: int, facts: dict[str, Any], size: int, peak: float, megabytes: float) -> None:
    """One line."""
    print(
        f"{label:32} {rows:12,} {facts['wall']:8.1f} {facts['cpu']:8.1f} {rows / facts['wall']:11,.0f}"
        f" {rows / facts['cpu']:11,.0f} {size / facts['wall']:10,.0f} {peak:8,.0f} {megabytes:8,.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
