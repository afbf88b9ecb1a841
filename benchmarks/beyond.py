"""What it takes to bring a scenario elsewhere, beside a bare COPY of the same rows in the same run.

python benchmarks/beyond.py [--size 2000] [--line NAME ...] [--to s3://bucket/path]

A line is a place: seconds, rows by second, bytes that lie there, and how many times the bare COPY takes. Lines that need servers
start them on this machine where they are installed, as in the environment of tests/beyond (uv run --group beyond): PostgreSQL for
the catalogue of a share, SeaweedFS for its rows and for uploads. What is left out is said, and why. ``--to`` uploads to a store of
yours instead, with credentials from the environment.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "beyond")]

from lakes import workbench  # noqa: E402
from real_parts import BUCKET, postgres_server, program, seaweed_server  # noqa: E402

from healthsim.exchange.delta.export import export_delta  # noqa: E402
from healthsim.exchange.tables import canonical_tables, export_tables, star_tables  # noqa: E402
from healthsim.publish.proof import contents_of  # noqa: E402
from healthsim.state.tables import scenario_tables  # noqa: E402
from healthsim.workbench import Workbench  # noqa: E402

NAME = "measured"


@dataclass
class Run:
    """One run: a scenario, what a bare COPY of it took, and the places that it goes to.

    Attributes:
        share: where it is published; None where there is nothing for it.
        store: the address that it is uploaded to; None likewise.
        servers: what is stopped at the end.
    """

    folder: Path
    bench: Workbench
    share: str | None = None
    store: str | None = None
    servers: ExitStack = field(default_factory=ExitStack)

    def bare_copy(self, *, star: bool) -> tuple[int, int, float]:
        """Every table of the scenario as one Parquet file, by the engine alone: rows, bytes, seconds."""
        folder = self.folder / f"bare-{star}"
        folder.mkdir()
        began, rows = time.perf_counter(), 0
        with scenario_tables(self.bench.database, NAME) as tables:
            for table in (*canonical_tables(tables), *(star_tables(tables) if star else ())):
                file = folder / f"{table.place.replace('/', '-')}.parquet"
                done = tables.connection.execute(f"COPY ({table.query}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
                rows += done.fetchall()[0][0]
        return rows, size_of(folder), time.perf_counter() - began

    def publish(self) -> str:
        assert self.share is not None
        done = self.bench.share_publish(NAME, self.share)
        return f"version {done.version}"

    def pull(self) -> str:
        assert self.share is not None
        reader = workbench(self.folder / "reader")
        pulled = reader.share_pull(NAME, self.share)
        return "equal by hash" if pulled.proved else "counted"

    def prove(self) -> str:
        """Hold what was pulled against what was published, outside of what is measured."""
        reader = workbench(self.folder / "reader")
        with scenario_tables(self.bench.database, NAME) as here, scenario_tables(reader.database, NAME) as there:
            contents = contents_of(here)
            assert contents_of(there) == contents, "every row of every table is equal"
        return f"all {len(contents)} tables equal by hash"

    def delta(self) -> str:
        export_delta(self.bench.database, NAME, self.folder / "delta")
        return ""

    def parquet(self) -> str:
        export_tables(self.bench.database, NAME, self.folder / "parquet", partition="none")
        return ""

    def upload(self) -> str:
        self.bench.export("parquet", NAME, f"{self.store}/parquet", overwrite=True, partition="none")
        return ""

    def upload_delta(self) -> str:
        export_delta(self.bench.database, NAME, f"{self.store}/delta")
        return ""


#: name of a line -> what is measured, whether the star goes along, and what it needs
LINES: dict[str, tuple[Callable[[Run], str], bool, str | None]] = {
    "parquet": (Run.parquet, True, None),
    "delta": (Run.delta, True, None),
    "delta, again": (Run.delta, True, None),
    "upload, parquet": (Run.upload, True, "store"),
    "upload, delta": (Run.upload_delta, True, "store"),
    "publish": (Run.publish, False, "share"),
    "publish, again": (Run.publish, False, "share"),
    "pull": (Run.pull, False, "share"),
}


def size_of(folder: Path) -> int:
    """The bytes of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def start(run: Run, to: str | None) -> None:
    """Start what this machine has of the servers, and make a share there."""
    if program("weed") is not None:
        store = run.servers.enter_context(seaweed_server(BUCKET))
        if to is None:
            os.environ |= store.environment
            run.store = f"s3://{BUCKET}/benchmark"
    run.store = to or run.store
    if find_spec("duckdb_extension_ducklake") is not None and run.store is not None:
        postgres = run.servers.enter_context(postgres_server())
        os.environ["PGPASSWORD"] = postgres.password
        run.share = f"ducklake:postgres:{postgres.dsn(postgres.new_database())}"
        run.bench.share_init(run.share, data=f"{run.store}/share")


def measured(name: str, run: Run, bare: dict[bool, tuple[int, int, float]]) -> None:
    """Run a line and print it."""
    work, star, needs = LINES[name]
    if needs is not None and getattr(run, needs) is None:
        print(f"{name:18} left out: there is no {needs} (see the head of this program)")
        return
    rows, bytes_, seconds = bare[star]
    began = time.perf_counter()
    said = work(run)
    took = time.perf_counter() - began
    print(
        f"{name:18} {took:7.2f} s {rows / took:12,.0f} rows/s {bytes_ / took / 1e6:8.1f} MB/s {took / seconds:6.1f} x  {said}",
        flush=True,
    )
    if work is Run.pull:
        print(f"{'':18} {run.prove()}", flush=True)


def main() -> None:
    """Generate, copy, and bring elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2_000)
    parser.add_argument("--to", help="An address in an object store.")
    parser.add_argument("--line", action="append", choices=list(LINES), help="Only this; repeatable.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run = Run(folder, Workbench.at(folder / "x.duckdb"))
        with run.servers:
            run.bench.generate(size=asked.size, counties={"06073": 1.0}, seed=1, as_=NAME)
            run.bench.build(NAME)
            start(run, asked.to)
            bare = {star: run.bare_copy(star=star) for star in (False, True)}
            for star, what in ((False, "canonical tables"), (True, "with the star")):
                rows, bytes_, seconds = bare[star]
                print(f"{asked.size:,} persons, {what}: {rows:,} rows, {bytes_ / 1e6:,.1f} MB of Parquet")
                print(
                    f"{'bare COPY':18} {seconds:7.2f} s {rows / seconds:12,.0f} rows/s {bytes_ / seconds / 1e6:8.1f} MB/s    1.0 x"
                )
            for name in asked.line or LINES:
                measured(name, run, bare)
            del run.bench
            gc.collect()


if __name__ == "__main__":
    main()
