"""MotherDuck without an account: an engine of this machine in its place that refuses what a cloud may refuse; and, on request, the real one."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "spec"))

import clouds
from lakes import workbench
from people import entities
from test_state import *  # noqa: F403 - every test of that module, at another place
from test_state import pytestmark as pytestmark

from healthsim.db.connection import Database
from healthsim.db.locations.motherduck import only_reads
from healthsim.errors import HealthSimError, UsageError
from healthsim.workbench import Workbench

LOCATIONS = ("motherduck",)


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[clouds.Cloud]:
    """An engine in the place of MotherDuck, for every database of a test."""
    with clouds.Cloud() as stand_in:
        monkeypatch.setattr(duckdb, "connect", stand_in.connect(duckdb.connect))
        yield stand_in


@pytest.fixture
def database(location: str, cloud: clouds.Cloud) -> Database:
    return Database(cloud.place)


def bench_of(tmp_path: Path, name: str) -> Workbench:
    """Somebody's workbench."""
    return workbench(tmp_path / name, HEALTHSIM_AUTHOR=name)


def test_scenarios_are_published_there_and_pulled(tmp_path: Path, cloud: clouds.Cloud) -> None:
    ann, ben = bench_of(tmp_path, "ann"), bench_of(tmp_path, "ben")
    ann.share_init(cloud.place)
    ann.save("uat", entities(3))
    assert ann.share_publish("uat", cloud.place).version == 1
    assert ann.share_publish("uat", cloud.place, onto=1).version == 2
    assert ben.share_pull("uat", cloud.place).proved
    with pytest.raises(UsageError, match="earlier versions are not kept for reading"):
        ben.share_pull("uat@1", cloud.place, as_="before")
    assert ben.share_check(cloud.place).ok
    assert workbench(tmp_path / "there", cloud.place).sql("SELECT count(*) FROM patients").rows == [[3]]


def test_a_share_of_it_is_made_and_brought_up_to_date(tmp_path: Path, cloud: clouds.Cloud) -> None:
    ann = bench_of(tmp_path, "ann")
    ann.share_init(cloud.place)
    granted = ann.share_grant(cloud.place, everybody=True)
    assert granted.statements == [
        f'CREATE SHARE IF NOT EXISTS "{cloud.name}" FROM "{cloud.name}"'
        " (ACCESS ORGANIZATION, VISIBILITY DISCOVERABLE, UPDATE MANUAL)",
        f'UPDATE SHARE "{cloud.name}"',
    ]
    ann.share_grant(cloud.place, "ben", execute=True)
    assert f'GRANT READ ON SHARE "{cloud.name}" TO "ben"' in cloud.shared
    ann.save("uat", entities(1))
    ann.share_publish("uat", cloud.place)
    assert cloud.shared[-1] == f'UPDATE SHARE "{cloud.name}"'
    with pytest.raises(UsageError, match="lets others only read"):
        ann.share_grant(cloud.place, "ben", publish=True)
    with pytest.raises(UsageError, match="Say who is to read"):
        ann.share_grant(cloud.place)


def test_what_somebody_shares_is_only_read(tmp_path: Path, cloud: clouds.Cloud) -> None:
    ann = bench_of(tmp_path, "ann")
    ann.save("uat", entities(1))
    with pytest.raises(HealthSimError, match="is what somebody shares, and is only read"):
        ann.share_publish("uat", "md:_share/team/0a1b")


@pytest.mark.parametrize("said", [{"tokenType": "read_scaling"}, {"readOnly": True}])
def test_a_token_for_reading_does_not_write(
    said: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cloud: clouds.Cloud
) -> None:
    payload = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    ann = bench_of(tmp_path, "ann")
    ann.share_init(cloud.place)
    ann.save("uat", entities(1))
    monkeypatch.setenv("motherduck_token", f"eyJhbGciOiJIUzI1NiJ9.{payload}.c2ln")
    with pytest.raises(HealthSimError, match="can only read") as refusal:
        ann.share_publish("uat", cloud.place)
    assert payload not in refusal.value.message
    assert list(ann.share_list(cloud.place)) == []


def test_the_stand_in_refuses_what_a_cloud_may_refuse(cloud: clouds.Cloud) -> None:
    connection = duckdb.connect(cloud.place)
    for statement in ("CHECKPOINT", "-- all of it\nFORCE CHECKPOINT;", "CREATE INDEX i ON t (a)", "INSTALL json"):
        with pytest.raises(clouds.Refused):
            connection.execute(statement)
    connection.close()


def test_other_tokens_write() -> None:
    assert not only_reads({})
    assert not only_reads({"motherduck_token": "x.y.z"})
    assert not only_reads({"motherduck_token": "a.eyJ0b2tlblR5cGUiOiJyZWFkX3dyaXRlIn0.c"})


def test_two_that_write_at_once_take_turns(cloud: clouds.Cloud, tmp_path: Path) -> None:
    bench_of(tmp_path, "ann").share_init(cloud.place)
    one, other = Database(cloud.place, 0.3), Database(f"{cloud.place}?as=other", 0.3)
    with one.write(), pytest.raises(HealthSimError, match="Another program writes to"), other.write():
        pass
    with other.write():
        pass


@pytest.mark.skipif(
    not os.environ.get("HEALTHSIM_TEST_MOTHERDUCK"),
    reason="HEALTHSIM_TEST_MOTHERDUCK is not set: nothing is tried with MotherDuck itself",
)
def test_the_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a token in motherduck_token, which the environment of these tests takes away from all others."""
    monkeypatch.undo()
    share = f"md:healthsim_ci_{secrets.token_hex(4)}"
    ann, ben = bench_of(tmp_path, "ann"), bench_of(tmp_path, "ben")
    try:
        ann.share_init(share)
        ann.save("uat", entities(3))
        assert ann.share_publish("uat", share).version == 1
        assert ben.share_pull("uat", share).proved
        assert ann.share_check(share).ok
    finally:
        root = duckdb.connect("md:")
        root.execute(f"DROP DATABASE IF EXISTS {share.removeprefix('md:')}")
        root.close()
