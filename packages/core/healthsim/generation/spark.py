"""The same kernels on Spark: a row per batch goes in, and ``mapInArrow`` writes the parts that a local run would write.

The parts are written by the workers, into an object store or a folder that all of them see (a local disk for a local master,
a shared one for a cluster). What Spark itself carries are their names, counts and checksums, of which the manifest is made.
Values are the same as those of a local run.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.clusters import check_workers, spark_session
from healthsim.errors import HealthSimError
from healthsim.generation import part_files, runner
from healthsim.generation.destinations import Part, SharedFolder, Store
from healthsim.generation.kernels.batch import make_common
from healthsim.generation.population import prepare
from healthsim.object_stores.addresses import address_of
from healthsim.outputs import MANIFEST, TABLES_FORMAT, new_folder
from healthsim.paths import local_path
from healthsim.results import GeneratedFiles
from healthsim.targets import Kind, target_of

if TYPE_CHECKING:
    import pyarrow as pa

    from healthsim.db.connection import Database
    from healthsim.generation.kernels.context import Context
    from healthsim.generation.spec import PopulationSpec


def generate_on_spark(
    spec: PopulationSpec,
    output: str | Path,
    *,
    database: Database,
    master: str | None = None,
    overwrite: bool = False,
    conditions: Path | None = None,
    journey_files: Path | None = None,
    partition: str = "none",
    batch: int = runner.BATCH,
) -> GeneratedFiles:
    """Generate a population as Parquet files with a Spark cluster, as ``generate_files`` does.

    Args:
        output: an address in an object store, or a folder that all workers see under the same path.
        master: the URL of the cluster (``sc://HOST:PORT`` too); by default ``local[*]``. A session that is open already is
            used as it is.
        partition: as in ``generate_files``.

    Raises:
        HealthSimError: Spark is not installed, cannot be started, its workers have another version, or a task failed.
        InvalidInput, NotFound, AlreadyExists: as ``generate_files``.
    """
    remote = isinstance(output, str) and target_of(output).kind is Kind.OBJECTS
    path = None if remote else local_path(output, what="output")
    context = prepare(database, spec, conditions, journeys=journey_files)
    facts = spec.as_json() | ({"counties": list(context.places.fips)} if spec.by_population else {})
    by_year = partition == "year"
    with spark_session(master, "healthsim generate") as session:
        check_workers(session, needs=("obstore",) if remote else ())
        if path is not None:
            tables = _into_folder(session, context, path, facts, overwrite=overwrite, by_year=by_year, batch=batch)
            return GeneratedFiles(path, sum(tables.values()), tables, spec.as_json())
        tables = _into_store(session, context, str(output), facts, overwrite=overwrite, by_year=by_year, batch=batch)
    return GeneratedFiles(str(output), sum(tables.values()), tables, spec.as_json())


def _into_folder(
    session: Any, context: Context, target: Path, facts: dict[str, Any], *, overwrite: bool, by_year: bool, batch: int
) -> dict[str, int]:
    with new_folder(target.absolute(), force=overwrite) as folder:
        parts = _parts(session, context, SharedFolder(str(folder), by_year), batch)
        missing = [part.file for part in parts if not (folder / part.file).is_file()]
        if missing:
            raise HealthSimError(
                f"The workers wrote {len(missing):,} files to a folder that this machine does not see. Name an address in an"
                " object store (s3://BUCKET/PATH), or a folder that all of them share. Nothing was written here.",
                path=str(target),
            )
        manifest, tables = _manifest(facts, parts)
        (folder / MANIFEST).write_bytes(manifest)
    return tables


def _into_store(
    session: Any, context: Context, output: str, facts: dict[str, Any], *, overwrite: bool, by_year: bool, batch: int
) -> dict[str, int]:
    from healthsim.object_stores.sending import Remote

    remote = Remote(address_of(output), force=overwrite)
    # names say which batch a part is of: what a run that failed left is written over, or goes at the end
    remote.begin(None)
    parts = _parts(session, context, Store(remote.address, by_year), batch)
    manifest, tables = _manifest(facts, parts)
    remote.end(manifest, {part.file for part in parts})
    return tables


def _parts(session: Any, context: Context, destination: SharedFolder | Store, batch: int) -> list[Part]:
    """Let the workers write all batches; what they wrote."""
    common = destination.write(make_common(context), context, 0)
    starts = range(0, context.spec.size, batch)
    jobs = [(number, first, min(first + batch, context.spec.size)) for number, first in enumerate(starts)]
    frame = session.createDataFrame(jobs, "number long, first long, last long").repartition(len(jobs))
    rows = frame.mapInArrow(_mapper(pickle.dumps(context), destination), "number long, parts string").collect()
    written = [Part(**part) for _, text in sorted(tuple(row) for row in rows) for part in json.loads(text)]
    return [*common, *written]


def _mapper(context: bytes, destination: SharedFolder | Store) -> Any:
    """The function that workers run: a batch of jobs in, the names of the parts that were written out."""

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        from healthsim.generation.kernels.batch import make_batch

        known = pickle.loads(context)
        for jobs in batches:
            done = []
            for job in jobs.to_pylist():
                parts = destination.write(make_batch(known, job["first"], job["last"]), known, job["number"])
                done.append((job["number"], json.dumps([asdict(part) for part in parts])))
            yield pa.RecordBatch.from_pydict(
                {"number": [number for number, _ in done], "parts": [text for _, text in done]}
            )

    return write


def _manifest(facts: dict[str, Any], parts: list[Part]) -> tuple[bytes, dict[str, int]]:
    """The manifest as exports write it, and the rows of each table."""
    tables: dict[str, int] = {}
    for part in sorted(parts, key=lambda part: part.table):
        tables[part.table] = tables.get(part.table, 0) + part.rows
    files = {
        part.file: {"bytes": part.bytes, "sha256": part.sha256} for part in sorted(parts, key=lambda part: part.file)
    }
    manifest = {"format": TABLES_FORMAT, **part_files.manifest_facts(facts, tables), "files": files}
    return (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode(), tables
