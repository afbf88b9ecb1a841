"""A path as a user names it is checked once, before anything is made of it (kinds 12 and 18 of what strangers try)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from healthsim.errors import InvalidInput, UsageError
from healthsim.paths import local_path, refuse_scheme, scheme_of

posix = pytest.mark.skipif(os.name != "posix", reason="names and links of POSIX")


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("s3://bucket/x", "s3"),
        ("S3://bucket/x", "s3"),
        ("abfss://c@a.dfs.core.windows.net/x", "abfss"),
        ("ducklake:postgres:dbname=x", "ducklake"),
        ("md:", "md"),
        ("https://example.org/x.json", "https"),
        ("file:///tmp/x", "file"),
        ("git+ssh://h/x", "git+ssh"),
        ("C:\\data\\x.duckdb", None),
        ("c:/data/x", None),
        ("/tmp/s3:/x", None),
        ("./s3:x", None),
        ("a/b:c", None),
        ("12:30.json", None),
        ("", None),
        (":memory:", None),
        ("x", None),
    ],
)
def test_a_scheme_has_two_letters_at_least_and_stands_first(text: str, scheme: str | None) -> None:
    assert scheme_of(text) == scheme


@pytest.mark.parametrize(
    "place", ["s3://bucket/x", "gs://bucket/x", "postgres://h/db", "http://x", Path("s3://bucket/x"), "dbfs:/x"]
)
def test_what_is_no_path_is_refused_with_what_is_possible(place: str | Path) -> None:
    with pytest.raises(
        UsageError, match=r"kind of place that this program does not know.*a path on this machine"
    ) as end:
        local_path(place)
    assert end.value.exit_code == 2


def test_the_refusal_names_what_is_known_and_no_password() -> None:
    with pytest.raises(UsageError, match=r"a path on this machine, md:NAME") as end:
        refuse_scheme("postgres://ann:hunter2@db/x", known=["md:NAME"])
    assert "hunter2" not in str(end.value) + str(end.value.details)


def test_a_path_object_has_lost_its_dot_and_may_have_a_colon() -> None:
    assert local_path(Path("./run:1.json")) == Path("run:1.json")
    assert local_path("./run:1.json") == Path("run:1.json")


@posix
def test_names_that_no_file_can_have_are_refused_with_the_reason(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(tmp_path / "pool")
    (tmp_path / "pool").symlink_to(loop)
    for text, reason in (
        (str(loop), "is a loop of symbolic links"),
        (str(loop / "x.json"), "is a loop of symbolic links"),
        (str(tmp_path / ("x" * 300)), "too long"),
        ("/" + "x/" * 3_000, "too long"),
        ("~nosuchuser/x.json", "no such user here"),
        (os.fsdecode(b"/tmp/\xff.json"), r"/tmp/\\xff\.json is not UTF-8"),
        ("a\0b", r"a\\x00b has a NUL"),
    ):
        with pytest.raises(InvalidInput, match=reason) as end:
            local_path(text, what="output")
        end.value.message.encode()


def test_a_tilde_is_the_users_folder(home: Path) -> None:
    assert local_path("~/x.json") == Path.home() / "x.json"
