"""What a run will need is said before it begins, and a disk that cannot hold it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

import healthsim as hs
from healthsim.errors import HealthSimError
from healthsim.generation import estimate as estimating


@pytest.mark.long
def test_an_estimate_is_near_what_comes_of_it(tmp_path: Path) -> None:
    bench = hs.open(tmp_path / "x.duckdb")
    spec = {"size": 1_000, "counties": ["17031"], "years": 2, "seed": 5}
    said = bench.estimate(spec)
    assert said.rows == pytest.approx(bench.generate(spec, "made").entity_count, rel=1 / 3)
    assert bench.estimate(spec, tmp_path / "files").bytes < said.bytes, "files need no database"
    assert bench.estimate(spec, "s3://bucket/x").free is None


def test_an_estimate_is_a_sentence(tmp_path: Path) -> None:
    said = estimating.Estimate(rows=2_912_345, bytes=197_000_000, seconds=400, free=61_900_000_000)
    assert str(said) == "About 2,900,000 rows, 0.2 GB while it runs, 7 minutes; the disk has 61.9 GB."


def test_a_run_that_the_disk_cannot_hold_is_refused_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = estimating.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(estimating.shutil, "disk_usage", lambda folder: usage._replace(free=1_000_000))
    bench = hs.open(tmp_path / "x.duckdb")
    with pytest.raises(
        HealthSimError, match=r"has 1 MB free, and 200,000 persons need about 2\.. GB; nothing was done"
    ):
        bench.generate({"size": 200_000, "counties": ["06073"]}, "made")
    with pytest.raises(HealthSimError, match="nothing was done"):
        bench.generate_files({"size": 200_000, "counties": ["06073"]}, tmp_path / "files")
    assert list(bench.list()) == []
    assert not (tmp_path / "files").exists()
