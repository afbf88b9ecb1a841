"""Loading into Databricks, against a stand-in that answers the SDK's calls (fake_workspace.py says what that proves)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest
import sqlglot
from fake_workspace import TOKEN, Workspace, fake_workspace

from healthsim.errors import HealthSimError, UsageError
from healthsim.exchange.databricks import workspace as ours
from healthsim.exchange.databricks.upload import DatabricksExport, export_databricks
from healthsim.workbench import Workbench

VOLUME = "/Volumes/main/healthsim/raw"


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    with fake_workspace() as there:
        monkeypatch.setenv("DATABRICKS_HOST", there.host)
        monkeypatch.setenv("DATABRICKS_TOKEN", TOKEN)
        monkeypatch.setenv("DATABRICKS_WAREHOUSE_ID", "abc")
        monkeypatch.setattr(ours, "_PAUSE", 0.0)
        yield there


@pytest.fixture
def bench() -> Workbench:
    bench = Workbench.at()
    patients = [{"patient_id": f"P{number}", "mrn": f"M{number}"} for number in range(3)]
    allergies = [{"allergy_id": "A1", "patient_id": "P1", "substance": "Peanut"}]
    bench.save("s", {"patients": patients, "allergies": allergies})
    return bench


def export(bench: Workbench, **options: str) -> DatabricksExport:
    return export_databricks(bench.database, "s", VOLUME, **{"layer": "canonical", "metrics": "none", **options})


@pytest.mark.long
def test_files_go_to_the_volume_and_statements_to_the_warehouse(bench: Workbench, workspace: Workspace) -> None:
    workspace.slow = 2
    written = export(bench)
    folder = f"{VOLUME}/{written.scenario_id}"
    assert written.tables == {"canonical/patients": 3, "canonical/allergies": 1}
    assert list(workspace.files)[-1] == f"{folder}/manifest.json"
    held = pq.read_table(io.BytesIO(workspace.files[f"{folder}/canonical/patients.parquet"]))
    assert held.num_rows == 3
    assert str(held.schema.field("saved_at").type) == "timestamp[us, tz=UTC]"
    for statement in workspace.statements:
        sqlglot.parse_one(statement, read="databricks")
    (load,) = [one for one in workspace.statements if "`patients` REPLACE WHERE" in one]
    assert f"scenario_id = '{written.scenario_id}'" in load
    assert f"read_files('{folder}/canonical/patients.parquet'" in load
    made = [one.split("(")[0].split()[:2] for one in workspace.statements]
    assert made.index(["CREATE", "SCHEMA"]) < made.index(["CREATE", "TABLE"]) < made.index(["INSERT", "INTO"])


def test_rows_of_a_table_that_has_none_any_more_go(bench: Workbench, workspace: Workspace) -> None:
    written = export(bench)
    with bench.database.write() as connection:
        connection.execute("DELETE FROM allergies")
    workspace.statements.clear()
    export(bench)
    assert (
        f"DELETE FROM `main`.`healthsim`.`allergies` WHERE scenario_id = '{written.scenario_id}'"
        in workspace.statements
    )


def test_a_statement_that_fails_is_told_and_the_manifest_is_not_written(bench: Workbench, workspace: Workspace) -> None:
    workspace.fails = lambda statement: "[DELTA_X] no space, password=geheim" if "INSERT" in statement else None
    with pytest.raises(HealthSimError, match=r"could not run: INSERT INTO .*DELTA_X.*\*\*\*"):
        export(bench)
    assert not [file for file in workspace.files if file.endswith("manifest.json")]


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [
        ("PUT", 403, "It takes READ VOLUME and WRITE VOLUME"),
        ("POST", 403, "CAN USE"),
        ("PUT", 404, "Make the volume first"),
    ],
)
def test_refusals_name_the_right_and_no_token(
    bench: Workbench, workspace: Workspace, method: str, status: int, expected: str
) -> None:
    workspace.refuses = lambda asked, path: status if asked == method else None
    with pytest.raises(HealthSimError) as refused:
        export(bench)
    assert expected in str(refused.value)
    assert TOKEN not in f"{refused.value} {refused.value.details}"
    assert not [file for file in workspace.files if file.endswith("manifest.json")]


def test_a_wrong_token(bench: Workbench, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi" + "9" * 32)
    with pytest.raises(HealthSimError, match="Check DATABRICKS_TOKEN") as refused:
        export(bench)
    assert "999" not in str(refused.value)


def test_what_is_missing_is_named(bench: Workbench, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="expected /Volumes/CATALOG/SCHEMA/VOLUME"):
        export_databricks(bench.database, "s", "/tmp/x")
    monkeypatch.delenv("DATABRICKS_WAREHOUSE_ID")
    with pytest.raises(UsageError, match="--warehouse ID or DATABRICKS_WAREHOUSE_ID"):
        export(bench)
    monkeypatch.delenv("DATABRICKS_HOST")
    with pytest.raises(UsageError, match="set DATABRICKS_HOST"):
        export(bench)
    assert workspace.calls == []


def test_the_stand_in_was_asked_only_what_it_knows(bench: Workbench, workspace: Workspace) -> None:
    written = bench.export("databricks", "s", VOLUME, layer="canonical", metrics="none")
    kinds = {call.split(VOLUME)[0].split("/s")[0].rstrip("/0123456789") for call in workspace.calls}
    assert json.dumps(written.as_dict())
    assert not [call for call in workspace.calls if "well-known" not in call and "/api/2.0/" not in call], kinds
