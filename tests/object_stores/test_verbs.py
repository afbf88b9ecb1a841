"""Exports, imports and generations go to and come from object stores by the same options as folders."""

from __future__ import annotations

import json

import pytest
from memory_store import Memory, in_memory
from obstore.exceptions import PermissionDeniedError

from healthsim.cli import main
from healthsim.errors import UsageError
from healthsim.workbench import Workbench


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Memory:
    return in_memory(monkeypatch)


@pytest.fixture
def bench() -> Workbench:
    bench = Workbench.at()
    bench.save("s", {"patients": [{"patient_id": "P1", "mrn": "M1"}]})
    return bench


def test_tables_are_sent_with_their_manifest(bench: Workbench, store: Memory) -> None:
    written = bench.export("parquet", "s", "s3://lake/tables")
    assert written.path == "s3://lake/tables"
    assert "Wrote s3://lake/tables:" in written.sentence()
    assert store.names() == ["tables/canonical/patients/data.parquet", "tables/manifest.json"]
    assert json.loads(store.text("tables/manifest.json"))["scenario"] == "s"


def test_json_goes_and_comes_back(bench: Workbench, store: Memory) -> None:
    bench.export("share", "s", "s3://lake/s.json")
    bench.export("share", "s", "s3://lake/folder/")
    assert store.names() == ["folder/s.json", "s.json"]
    assert store.text("s.json") == store.text("folder/s.json")
    back = bench.import_("s3://lake/s.json", as_="back")
    assert back.entity_count == 1


def test_a_refusal_leaves_nothing_and_names_the_right(
    bench: Workbench, store: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(key: str) -> None:
        raise PermissionDeniedError("<Code>AccessDenied</Code><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId>")

    store.before = refuse
    with pytest.raises(SystemExit, match="1"):
        main(["export", "parquet", "s", "-o", "s3://lake/x"])
    shown = "".join(capsys.readouterr())
    assert "s3:PutObject" in shown
    assert "AKIAIOSFODNN7EXAMPLE" not in shown
    assert store.names() == []


def test_other_schemes_are_refused_with_the_list_of_what_is_possible(bench: Workbench) -> None:
    with pytest.raises(UsageError, match="s3://BUCKET/PREFIX"):
        bench.export("parquet", "s", "ftp://host/x")
