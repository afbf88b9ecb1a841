"""Exports to real object stores: whole, taken up again after a cut, and clear about what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster_parts import Azure, somewhere
from dropping import Proxy
from real_parts import ObjectStore

from healthsim.errors import HealthSimError, InvalidInput
from healthsim.object_stores import opening
from healthsim.object_stores.addresses import address_of
from healthsim.object_stores.fetching import fetched
from healthsim.object_stores.opening import open_store
from healthsim.object_stores.sending import listing
from healthsim.outputs import MANIFEST
from healthsim.workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    bench = Workbench.at(tmp_path / "x.duckdb")
    bench.generate(size=60, counties={"06073": 1.0}, seed=3, as_="p")
    return bench


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sent_and_fetched(bench: Workbench, address: str, tmp_path: Path) -> None:
    bench.export("parquet", "p", tmp_path / "local")
    bench.export("parquet", "p", address)
    with fetched(address_of(address)) as copy:
        there, here = content(copy), content(tmp_path / "local")
        assert there.keys() == here.keys()
        assert len(there) > 20
    bench.export("share", "p", f"{address}.json")
    back = bench.import_(f"{address}.json", as_="back")
    assert back.entity_count == bench.get("p").entity_count


def test_tables_and_json_by_s3(bench: Workbench, seaweed: ObjectStore, tmp_path: Path) -> None:
    sent_and_fetched(bench, somewhere(), tmp_path)


def test_tables_and_json_by_azure(bench: Workbench, azurite: Azure, tmp_path: Path) -> None:
    sent_and_fetched(bench, somewhere().replace("s3://", "az://"), tmp_path)


def test_a_cut_in_the_middle_leaves_no_manifest_and_is_taken_up_again(
    bench: Workbench, seaweed: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = somewhere()
    monkeypatch.setattr(opening, "RETRIES", 0)
    with Proxy(seaweed.port) as proxy:
        proxy.let_through(150_000)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(HealthSimError) as cut:
            bench.export("parquet", "p", address, partition="none")
    assert seaweed.secret not in str(cut.value)
    assert seaweed.key not in str(cut.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{seaweed.port}")
    there = listing(open_store(address_of(address)), address_of(address))
    assert there
    assert MANIFEST not in there
    with pytest.raises(InvalidInput, match="not whole"), fetched(address_of(address)):
        pass
    written = bench.export("parquet", "p", address, partition="none")
    assert written.transfer is not None
    assert "were there already" in written.transfer
    with fetched(address_of(address)) as copy:
        assert (copy / MANIFEST).is_file()


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("AWS_SECRET_ACCESS_KEY", "wrong" * 8, "does not accept the key"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "cannot be reached"),
    ],
)
@pytest.mark.parametrize("format", ["parquet", "delta"])
def test_failures_are_told_without_secrets(
    bench: Workbench,
    seaweed: ObjectStore,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    expected: str,
    format: str,
) -> None:
    monkeypatch.setattr(opening, "RETRIES", 0)
    monkeypatch.setenv(variable, value)
    with pytest.raises(HealthSimError, match=expected) as failed:
        bench.export(format, "p", somewhere())
    for secret in (seaweed.key, seaweed.secret, value if variable.startswith("AWS_SECRET") else "none"):
        assert secret not in f"{failed.value} {failed.value.details}"
