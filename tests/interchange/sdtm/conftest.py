"""A scenario with a trial, generated once, and its exports."""

from __future__ import annotations

from pathlib import Path

import pytest

import healthsim

SPEC = {
    "size": 160,
    "counties": ["06073"],
    "cohort": ["type_2_diabetes"],
    "ages": {"min": 40, "max": 75},
    "products": ["patient", "claims", "pharmacy", "trial"],
    "seed": 4,
}


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> healthsim.Workbench:
    """A database with the generated scenario ``trial``."""
    bench = healthsim.open(tmp_path_factory.mktemp("sdtm") / "trial.duckdb")
    bench.generate(SPEC, as_="trial")
    return bench


@pytest.fixture(scope="session")
def both(bench: healthsim.Workbench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its datasets, in both forms."""
    target = tmp_path_factory.mktemp("datasets") / "both"
    bench.export("sdtm", "trial", target, files="both")
    return target
