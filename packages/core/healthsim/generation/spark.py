"""The same kernels on Spark: a row per batch goes in, and ``mapInArrow`` writes the parts that a local run would write.

The parts are written by the workers into the output folder, which all of them must see (a local disk for a local master,
a shared one for a cluster). What Spark itself carries are the counts. Values are the same as those of a local run.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.errors import HealthSimError
from healthsim.generation import part_files, runner
from healthsim.generation.kernels.batch import make_common
from healthsim.generation.population import prepare
from healthsim.outputs import new_folder
from healthsim.paths import local_path
from healthsim.results import GeneratedFiles

if TYPE_CHECKING:
    import pyarrow as pa

    from healthsim.db.connection import Database
    from healthsim.generation.spec import PopulationSpec


def generate_on_spark(
    spec: PopulationSpec,
    output: Path,
    *,
    database: Database,
    master: str | None = None,
    overwrite: bool = False,
    conditions: Path | None = None,
    batch: int = runner.BATCH,
) -> GeneratedFiles:
    """Generate a population as Parquet files with a Spark cluster, as ``generate_files`` does.

    Args:
        master: the URL of the cluster; by default ``local[*]``. A session that is open already is used as it is.

    Raises:
        HealthSimError: Spark is not installed, cannot be started, or a task failed.
        InvalidInput, NotFound, AlreadyExists: as ``generate_files``.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise HealthSimError(
            "The engine spark needs PySpark. Install it with: pip install 'healthsim[spark]'. Nothing was written."
        ) from None
    target = local_path(output, what="output")
    context = prepare(database, spec, conditions)
    facts = spec.as_json() | ({"counties": list(context.places.fips)} if spec.by_population else {})
    # the workers must run the Python of this program, with the packages that it has
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    ours = SparkSession.getActiveSession() is None
    try:
        session = (
            SparkSession.builder.master(master or "local[*]")
            .appName("healthsim generate")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "1")
            .getOrCreate()
        )
    except (PySparkException, RuntimeError) as error:
        raise HealthSimError(
            f"Spark at {master or 'local[*]'} cannot be started: {_first_line(error)} Check the URL, and that Java is installed."
        ) from None
    try:
        with new_folder(target.absolute(), force=overwrite) as folder:
            runner.write_part(make_common(context), context, folder, 0)
            starts = range(0, spec.size, batch)
            jobs = [(number, first, min(first + batch, spec.size)) for number, first in enumerate(starts)]
            frame = session.createDataFrame(jobs, "number long, first long, last long").repartition(len(jobs))
            frame.mapInArrow(_mapper(pickle.dumps(context), str(folder)), "number long, rows long").collect()
            tables = part_files.describe(folder, facts)
        return GeneratedFiles(target, sum(tables.values()), tables, spec.as_json())
    except PySparkException as error:
        raise HealthSimError(f"A task of Spark failed; nothing was written. {_first_line(error)}") from None
    finally:
        if ours:
            session.stop()


def _mapper(context: bytes, folder: str) -> Any:
    """The function that workers run: a batch of jobs in, the rows that were written out."""

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        from healthsim.generation.kernels.batch import make_batch

        known = pickle.loads(context)
        for jobs in batches:
            done = []
            for job in jobs.to_pylist():
                tables = make_batch(known, job["first"], job["last"])
                done.append((job["number"], runner.write_part(tables, known, Path(folder), job["number"])))
            yield pa.RecordBatch.from_pydict({"number": [one for one, _ in done], "rows": [rows for _, rows in done]})

    return write


def _first_line(error: Exception) -> str:
    line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return line if line.endswith(".") else line + "."
