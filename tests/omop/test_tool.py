"""The tool export_data: every format, in the allowed folders only."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import omop_scenario
import pytest

from healthsim.analytics import build
from healthsim.config import Settings
from healthsim.errors import AlreadyExists, InvalidInput, NotFound
from healthsim.server.declaring import Bench
from healthsim.server.tools.exporting import export_data


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A server's workbench with a scenario."""
    made = Bench(Settings.load({"HEALTHSIM_HOME": str(tmp_path / "served")}))
    made.state.save("My scenario / 1", omop_scenario.entities(12))
    return made


@pytest.mark.long
def test_every_format(bench: Bench) -> None:
    exports = bench.folders.allowed[0]
    for format, name, file in (
        ("omop_duckdb", "My-scenario-1-omop.duckdb", None),
        ("omop_parquet", "My-scenario-1-omop", "person.parquet"),
        ("parquet", "My-scenario-1-parquet", "canonical/patients/data.parquet"),
        ("csv", "My-scenario-1-csv", "canonical/patients.csv"),
    ):
        result = export_data(bench, "My scenario / 1", format=format)  # type: ignore[arg-type]
        assert result.path == str(exports / name)
        assert result.format == format
        assert (exports / name / file if file else exports / name).is_file()
        assert result.tables.get("person", result.tables.get("canonical/persons")) == 12
        assert bool(result.coverage) == format.startswith("omop")
    with duckdb.connect(str(exports / "My-scenario-1-omop.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (12,)
    manifest = json.loads((exports / "My-scenario-1-csv" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"] == "My scenario / 1"


@pytest.mark.long
def test_a_stale_star_is_said(bench: Bench) -> None:
    def notes() -> list[str]:
        said = export_data(bench, "My scenario / 1", format="csv", overwrite=True).notes
        return [note for note in said if "can be read by" not in note]  # that depends on the umask of who tests

    build(bench.database, everything=True)
    assert notes() == []
    bench.state.save("My scenario / 1", {"patients": [{"patient_id": "new"}]}, mode="merge")
    assert [note.partition(";")[0] for note in notes()] == [
        "The star of My scenario / 1 is stale (written since: patients)"
    ]


def test_only_in_the_allowed_folders(bench: Bench, tmp_path: Path) -> None:
    for path in ("../x.duckdb", "/tmp/x.duckdb", str(tmp_path / "x.duckdb"), "a/../../x", "\0"):
        with pytest.raises(InvalidInput):
            export_data(bench, "My scenario / 1", path=path)
    for path in (".", str(bench.folders.allowed[0])):
        with pytest.raises(InvalidInput, match="is the whole folder"):
            export_data(bench, "My scenario / 1", format="csv", path=path)
    bench.folders.allowed[0].mkdir(parents=True, exist_ok=True)
    (bench.folders.allowed[0] / "link").symlink_to(tmp_path)
    with pytest.raises(InvalidInput):
        export_data(bench, "My scenario / 1", path="link/x.duckdb")
    assert not list(tmp_path.glob("*.duckdb"))


@pytest.mark.long
def test_nothing_is_replaced_by_mistake(bench: Bench) -> None:
    export_data(bench, "My scenario / 1", path="sub/a.duckdb")
    with pytest.raises(AlreadyExists):
        export_data(bench, "My scenario / 1", path="sub/a.duckdb")
    export_data(bench, "My scenario / 1", path="sub/a.duckdb", overwrite=True)
    with pytest.raises(NotFound):
        export_data(bench, "nobody")
