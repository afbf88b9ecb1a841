"""Spark Connect: populations and stars that a cluster makes are those that this machine makes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest
from cluster_parts import Sail, somewhere
from people import ran

from healthsim.errors import AlreadyExists, HealthSimError
from healthsim.object_stores.addresses import address_of
from healthsim.object_stores.fetching import fetched
from healthsim.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")

SPEC = {"size": 500, "counties": {"06073": 1.0}, "seed": 8}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.at(tmp_path / "x.duckdb")


def checksums(folder: Path) -> dict[str, str]:
    manifest = json.loads((folder / "manifest.json").read_text())
    return {name: facts["sha256"] for name, facts in manifest["files"].items()}


@pytest.mark.parametrize("partition", ["none", "year"])
def test_a_population_by_a_cluster_is_byte_for_byte_the_local_one(
    bench: Workbench, sail: Sail, tmp_path: Path, partition: str
) -> None:
    address = somewhere()
    bench.generate_files(SPEC, tmp_path / "local", partition=partition, workers=1)
    bench.generate_files(SPEC, address, partition=partition, engine="spark", master=sail.url)
    with fetched(address_of(address)) as copy:
        assert checksums(copy) == checksums(tmp_path / "local")
    with pytest.raises(AlreadyExists):
        bench.generate_files(SPEC, address, engine="spark", master=sail.url)


def differing(local: Path, star: Path) -> tuple[list[str], int]:
    """The tables of a star that are not those of another one, row by row and column by column; and how many were compared."""
    wrong, compared = [], 0
    with duckdb.connect() as connection:
        for table in sorted((local / "star").iterdir()):
            here = f"read_parquet('{table}/**/*.parquet', hive_partitioning = false)"
            there = f"read_parquet('{star}/star/{table.name}/*.parquet')"
            columns = [name for name, *_ in connection.execute(f"DESCRIBE FROM {there}").fetchall()]
            listed = ", ".join(f'"{name}"::VARCHAR' for name in columns)
            for one, other in ((here, there), (there, here)):
                (rows,) = connection.execute(
                    f"SELECT count(*) FROM (SELECT {listed} FROM {one} EXCEPT ALL SELECT {listed} FROM {other})"
                ).fetchall()[0]
                wrong += [f"{table.name}: {rows} rows"] if rows else []
            compared += 1
    return wrong, compared


def local_star(bench: Workbench, folder: Path) -> Path:
    """The star of 200 persons, too few for a subject of a trial: some of its tables have no rows."""
    products = ["patient", "claims", "pharmacy", "trial"]
    bench.generate(size=200, counties={"06073": 1.0}, seed=2, products=products, as_="p")
    bench.build("p")
    bench.export("parquet", "p", folder, layers=["star"])
    return folder


@pytest.mark.long
def test_a_star_by_a_cluster_is_the_local_one(bench: Workbench, sail: Sail, tmp_path: Path) -> None:
    local = local_star(bench, tmp_path / "local")
    address = somewhere()
    built = bench.build_files("p", output=address, master=sail.url)
    with fetched(address_of(address)) as copy:
        wrong, compared = differing(local, copy)
    assert wrong == []
    assert compared > 35
    assert built.tables["star/fact_claim"] > 1_000
    assert built.tables["star/fact_trial_visit"] == 0


@pytest.mark.long
@pytest.mark.skipif(
    shutil.which("java") is None or not os.environ.get("HEALTHSIM_TEST_JAVA"),
    reason="HEALTHSIM_TEST_JAVA is not set, or Java not installed: the star is not built on Spark's own engine (ten minutes)",
)
def test_a_star_by_spark_on_java_is_the_local_one(bench: Workbench, tmp_path: Path) -> None:
    local = local_star(bench, tmp_path / "local")
    # Java ends with its process
    words = (
        "--db",
        bench.database.location.text,
        "analytics",
        "build",
        "p",
        "--engine",
        "spark",
        "--master",
        "local[2]",
    )
    code, said = ran(tmp_path / "home", *words, "-o", str(tmp_path / "spark"))
    assert code == 0, said
    wrong, compared = differing(local, tmp_path / "spark")
    assert wrong == []
    assert compared > 35


def test_nobody_listens(bench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(HealthSimError, match="cannot be reached"):
        bench.generate_files(SPEC, tmp_path / "x", engine="spark", master="sc://127.0.0.1:1")
    assert not (tmp_path / "x").exists()
