"""What fails far away fails whole and in words: no network, wrong password, no right, a cut in the middle, a full disk; no secret is shown."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from dropping import Proxy
from lakes import Lake, make, workbench
from people import entities, ran
from real_parts import BUCKET, ObjectStore, Postgres, free_port

from healthsim.db.connection import Database
from healthsim.state.doctor import examine


def local(tmp_path: Path, count: int = 3) -> Path:
    """The home of somebody who has a scenario ``uat``."""
    home = tmp_path / "ann"
    workbench(home).save("uat", entities(count))
    return home


def untouched(home: Path) -> bool:
    """Whether the database there is as sound as before, with the one scenario."""
    database = Database(home / "healthsim.duckdb")
    return examine(database).ok and [item.name for item in workbench(home).list()] == ["uat"]


#: what is done with a share
VERBS = (
    ("share", "publish", "uat", "--to"),
    ("share", "list"),
    ("share", "pull", "uat", "--as", "again", "--from"),
    ("share", "check"),
    ("share", "clean"),
    ("share", "init"),
)


@pytest.mark.long
def test_every_failing_command_says_why_and_shows_no_secret(postgres: Postgres, tmp_path: Path, lake: Lake) -> None:
    home, secret = local(tmp_path), f"Sek-ret_{secrets.token_hex(6)}"
    closed = postgres.dsn(lake.database, port=free_port())
    cases = {
        "is not reached": (f"ducklake:postgres:{closed}", {}),
        "did not let 'owner' in": (lake.text, {}),
        "did not let 'nobody' in": (f"ducklake:postgres:{postgres.dsn(lake.database, user='nobody')}", {}),
        "has no database 'nothing'": (
            f"ducklake:postgres:{postgres.dsn('nothing')}",
            {"PGPASSWORD": postgres.password},
        ),
        "could not be found|is not reached": ("ducklake:postgres:dbname=x host=no-such-host.invalid", {}),
    }
    for reason, (share, environment) in cases.items():
        for verb in VERBS[:3] if "reached" in reason else VERBS:
            code, said = ran(home, *verb, share, environment={"PGPASSWORD": secret, **environment})
            assert code == 1, (verb, said)
            assert any(part in said for part in reason.split("|")), (verb, said)
            assert "Traceback" not in said
            assert secret not in said
            assert postgres.password not in said
    code, said = ran(home, "--db", lake.text, "scenario", "list", "--json", environment={"PGPASSWORD": secret})
    assert code == 1
    assert secret not in said
    assert untouched(home)


@pytest.mark.long
def test_a_reader_cannot_publish_and_hears_which_right_is_missing(
    postgres: Postgres, tmp_path: Path, lake: Lake
) -> None:
    home, password = local(tmp_path), secrets.token_hex(8)
    owner = workbench(tmp_path / "owner")
    role = f"r{secrets.token_hex(4)}"
    postgres.run(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    owner.save("uat", entities(2))
    owner.share_publish("uat", lake.text)
    share = f"ducklake:postgres:{postgres.dsn(lake.database, user=role)}"
    environment = {"PGPASSWORD": password}
    code, said = ran(home, "share", "list", share, environment=environment)
    assert code == 1
    assert "lacks the right" in said

    granted = owner.share_grant(lake.text, role)
    assert not granted.done
    assert any(statement.startswith("GRANT SELECT ON ALL TABLES") for statement in granted.statements)
    assert owner.share_grant(lake.text, role, execute=True).done
    code, said = ran(home, "share", "pull", "uat", "--from", share, "--as", "theirs", environment=environment)
    assert code == 0, said
    code, said = ran(home, "share", "publish", "uat", "--to", share, environment=environment)
    assert code == 1
    assert f"The role '{role}' may not write to" in said
    assert "INSERT on the tables of its catalogue" in said
    assert "share grant SHARE" in said

    owner.share_grant(lake.text, role, publish=True, execute=True)
    code, said = ran(home, "share", "publish", "uat", "--to", share, environment=environment)
    assert code == 0, said
    assert owner.share_list(lake.text).publications[0].version == 2
    code, said = ran(home, "--db", share, "scenario", "show", "uat", environment=environment)
    assert code == 0, said


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    with Proxy(postgres.port) as between:
        yield between


@pytest.mark.parametrize("verb", ["publish", "pull"])
@pytest.mark.long
def test_a_connection_that_is_cut_in_the_middle_leaves_nothing_half_made(
    verb: str, postgres: Postgres, proxy: Proxy, tmp_path: Path, lake: Lake
) -> None:
    home = local(tmp_path, 40)
    bench = workbench(home)
    bench.share_publish("uat", lake.text)
    share = f"ducklake:postgres:{postgres.dsn(lake.database, port=proxy.port)}"
    words = (
        ("share", "publish", "uat", "--to", share)
        if verb == "publish"
        else ("share", "pull", "uat", "--as", "again", "--from", share)
    )
    proxy.let_through(None)
    assert ran(tmp_path / "cy", "share", "list", share)[0] == 0
    whole = proxy.bytes
    done = 0
    # what a list takes, a publication and a pull take as well: the first two are cut
    for part in (0.4, 0.9, 1.2):
        proxy.let_through(int(whole * part))
        code, said = ran(home, *words)
        assert code in (0, 1), said
        done += code == 0
        if code:
            assert "is not reached" in said, said
            assert "Traceback" not in said
            assert postgres.password not in said
        else:
            break
    assert proxy.cuts, "at least one was cut"
    versions = [item.version for item in bench.share_history("uat", lake.text)]
    assert versions == list(range(len(versions), 0, -1))
    assert len(versions) == 1 + (done if verb == "publish" else 0)
    assert bench.share_check(lake.text).ok
    if verb == "publish" or not done:
        assert untouched(home)


@pytest.mark.long
def test_an_object_store_that_refuses_or_is_gone_is_told(
    postgres: Postgres, seaweed: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = local(tmp_path)
    lake = make(tmp_path / "lake", "postgres", postgres, data=f"s3://{BUCKET}/lake-2")
    workbench(home).share_publish("uat", lake.text)
    wrong = f"wrong{secrets.token_hex(8)}"
    code, said = ran(home, "share", "publish", "uat", "--to", lake.text, environment={"AWS_SECRET_ACCESS_KEY": wrong})
    assert code == 1
    assert "The object store of" in said, said
    assert wrong not in said
    away = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}
    code, said = ran(home, "share", "pull", "uat", "--as", "again", "--from", lake.text, environment=away)
    assert code == 1
    assert "is not reached" in said, said
    assert seaweed.secret not in said
    assert [item.version for item in workbench(home).share_history("uat", lake.text)] == [1]
    assert untouched(home)


@pytest.mark.long
def test_a_full_disk_at_the_share_is_told_and_nothing_is_published(tmp_path: Path) -> None:
    home, small = local(tmp_path, 2_000), tmp_path / "small"
    small.mkdir()
    mount = shutil.which("mount")
    mounted = (
        mount
        and os.geteuid() == 0
        and subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(small)], check=False, capture_output=True
        )
    )
    if not mounted or mounted.returncode:
        pytest.skip("only root can mount a disk that is small enough to be full")
    try:
        lake = make(tmp_path / "lake", "sqlite", None, data=str(small))
        # what the share itself has on the disk grows with the figures that come with the program
        (small / "filler").write_bytes(b"x" * (shutil.disk_usage(small).free - 40_000))
        code, said = ran(home, "share", "publish", "uat", "--to", lake.text)
        assert code == 1
        assert "is full; nothing was changed" in said, said
        assert list(workbench(home).share_list(lake.text)) == []
        (small / "filler").unlink()
        assert ran(home, "share", "publish", "uat", "--to", lake.text)[0] == 0
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert untouched(home)
