"""Delta tables as others read them: DuckDB's extension ``delta``, and Sail, which speaks the language of Spark."""

from __future__ import annotations

import importlib.util
import multiprocessing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cluster_parts import Sail, somewhere
from real_parts import ObjectStore

from healthsim.exchange.delta.declared import lake_table
from healthsim.exchange.delta.export import DeltaExport, export_delta
from healthsim.exchange.tables import canonical_tables, star_tables
from healthsim.state.tables import scenario_tables
from healthsim.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """Four small populations; the star of the first is built."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEALTHSIM_HOME", str(folder / "home"))
        bench = Workbench.at(folder / "x.duckdb")
        for seed, name in enumerate(("one", "two", "three", "four")):
            bench.generate(
                size=40,
                counties={"06073": 1.0},
                seed=seed,
                products=["patient", "claims", "pharmacy", "trial"],
                as_=name,
            )
        bench.build("one")
    return bench


def figures(bench: Workbench, name: str) -> dict[str, tuple[int, int]]:
    """Table -> rows, and a hash over every value of every row, of what is in the database."""
    with scenario_tables(bench.database, name) as rows:
        return {
            table.place: figure(
                rows.connection, f"({lake_table(table.place).select(table.query, rows.scenario_id)})", table.place
            )
            for table in (*canonical_tables(rows), *star_tables(rows))
        }


def figure(connection: duckdb.DuckDBPyConnection, source: str, table: str) -> tuple[int, int]:
    listed = ", ".join(f'CAST("{column.name}" AS {column.type})::VARCHAR' for column in lake_table(table).columns)
    count, total = connection.execute(f"SELECT count(*), coalesce(sum(hash([{listed}])), 0) FROM {source}").fetchall()[
        0
    ]
    return int(count), int(total)


@pytest.fixture(scope="module")
def exported(bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DeltaExport]:
    target = tmp_path_factory.mktemp("lake") / "tables"
    export_delta(bench.database, "one", target)
    return target, export_delta(bench.database, "one", target)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    """An engine with the extension that reads Delta."""
    connection = duckdb.connect()
    for extension in ("delta", "icu"):
        wheel = importlib.util.find_spec(f"duckdb_extension_{extension}")
        folders = [Path(folder) for folder in (wheel.submodule_search_locations or ())] if wheel else []
        files = [
            file for folder in folders for file in folder.glob(f"extensions/v{duckdb.__version__}/*.duckdb_extension")
        ]
        if not files:
            pytest.skip(f"The extension {extension} is not installed (pip install duckdb-extension-{extension})")
        connection.execute(f"LOAD '{files[0]}'")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def test_all_tables_by_the_extension(
    bench: Workbench, exported: tuple[Path, DeltaExport], engine: duckdb.DuckDBPyConnection
) -> None:
    target, written = exported
    expected = figures(bench, "one")
    assert len(expected) > 65
    assert {name: figure(engine, f"delta_scan('{target / name}')", name) for name in written.tables} == expected


def test_all_tables_by_sail(bench: Workbench, exported: tuple[Path, DeltaExport], sail: Sail) -> None:
    from pyspark.sql import SparkSession

    target, _ = exported
    session = SparkSession.builder.remote(sail.url).config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        with scenario_tables(bench.database, "one") as rows:
            for table in (*canonical_tables(rows), *star_tables(rows)):
                declared = lake_table(table.place)
                money = [column.name for column in declared.columns if column.type.startswith("DECIMAL")]
                whole = [column.name for column in declared.columns if column.type in ("INTEGER", "BIGINT")]
                texts = [column.name for column in declared.columns if column.type == "VARCHAR"]
                sums = [f'sum("{name}")' for name in money] + [f'sum(CAST("{name}" AS BIGINT))' for name in whole]
                sums += [f'sum(length("{name}"))' for name in texts] + ["count(*)"]
                here = rows.connection.execute(
                    f"SELECT {', '.join(sums)} FROM ({declared.select(table.query, rows.scenario_id)})"
                ).fetchall()[0]
                there = session.sql(
                    f"SELECT {', '.join(sums).replace(chr(34), '`')} FROM delta.`{target / table.place}`"
                ).collect()[0]
                assert [plain(value) for value in there] == [plain(value) for value in here], table.place
    finally:
        session.stop()


def plain(value: Any) -> Any:
    return None if value is None else round(float(value), 2)


def _export(location: str, name: str, target: str) -> str:
    return export_delta(Workbench.at(location).database, name, target, layer="canonical").scenario_id


@pytest.mark.parametrize("where", ["folder", "s3"])
@pytest.mark.long
def test_four_writers_of_different_scenarios_all_commit(
    bench: Workbench, where: str, tmp_path: Path, seaweed: ObjectStore
) -> None:
    from deltalake import DeltaTable

    target = str(tmp_path / "lake") if where == "folder" else somewhere()
    names = ("one", "two", "three", "four")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        jobs = [(bench.database.location.text, name, target) for name in names]
        ids = pool.starmap(_export, jobs)
    options = {"allow_http": "true"} if where == "s3" else None
    table = DeltaTable(f"{target}/canonical/patients", storage_options=options)
    held = table.to_pyarrow_table().column("scenario_id").to_pylist()
    assert {name: held.count(scenario_id) for name, scenario_id in zip(names, ids, strict=True)} == dict.fromkeys(
        names, 40
    )


def test_four_writers_of_one_scenario_leave_its_rows_once(bench: Workbench, tmp_path: Path) -> None:
    from deltalake import DeltaTable

    target = str(tmp_path / "lake")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(_export, [(bench.database.location.text, "one", target)] * 4)
    table = DeltaTable(f"{target}/canonical/patients")
    assert table.to_pyarrow_table().num_rows == 40
    assert table.version() >= 4
