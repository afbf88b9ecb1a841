"""Spark computes the rows that a local run computes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from population_files import rows_of

from healthsim.db.connection import Database
from healthsim.generation import generate_files
from healthsim.generation.spec import PopulationSpec

for needed in ("pyspark", "pandas"):
    pytest.importorskip(needed, reason="the extra spark is not installed")
pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
    pytest.mark.filterwarnings("ignore"),  # Spark's own warnings are about Spark
]


def test_the_same_rows(database: Database, tmp_path: Path) -> None:
    from healthsim.generation.spark import generate_on_spark

    spec = PopulationSpec(size=5_000, counties={"06073": 1.0}, seed=4)
    manifest = generate_on_spark(spec, tmp_path / "spark", database=database, master="local[2]", batch=4_096)
    local = generate_files(spec, tmp_path / "local", database=database, workers=1)
    assert manifest["tables"] == local["tables"]
    one, two = rows_of(tmp_path / "local"), rows_of(tmp_path / "spark")
    for table in one:
        assert one[table] == two[table], table
