"""Addresses in object stores: what is one, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from healthsim.errors import UsageError
from healthsim.object_stores.addresses import address_of, is_address


@pytest.mark.parametrize(
    ("text", "container", "key", "host", "folder"),
    [
        ("s3://lake/a/b", "lake", "a/b", "", False),
        ("s3://lake/a/b/", "lake", "a/b", "", True),
        ("s3://lake", "lake", "", "", False),
        ("gs://lake//a//b", "lake", "a/b", "", False),
        ("az://files/x.json", "files", "x.json", "", False),
        ("abfss://files@team.dfs.core.windows.net/x", "files", "x", "team.dfs.core.windows.net", False),
    ],
)
def test_the_parts_of_an_address(text: str, container: str, key: str, host: str, folder: bool) -> None:
    address = address_of(text)
    assert (address.container, address.key, address.host, address.folder) == (container, key, host, folder)


def test_an_address_is_shown_as_it_was_written() -> None:
    for text in ("s3://lake/a/b", "s3://lake", "abfss://files@team.dfs.core.windows.net/x"):
        assert str(address_of(text)) == text
    assert str(address_of("s3://lake/a/") / "b/c.parquet") == "s3://lake/a/b/c.parquet"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("s3://", "expected"),
        ("s3:/lake/x", "expected"),
        ("s3://lake/x?y=1", "expected"),
        ("s3://lake/a/../b", "without dots alone"),
        ("s3://lake/it's", "without quotes"),
        ("abfss://files/x", "ACCOUNT.dfs.core.windows.net"),
        ("ftp://host/x", "s3://BUCKET/PREFIX"),
        ("md:team", "no place for this"),
    ],
)
def test_what_is_no_address_is_refused_with_what_is_expected(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what.replace("?", r"\?")):
        address_of(text)


@pytest.mark.parametrize("text", ["s3://AKIAABCDEFGHIJKLMNOP:geheim@lake/x", "s3://lake/x?secret_access_key=geheim"])
def test_a_secret_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        address_of(text)
    assert "geheim" not in str(refused.value) + str(refused.value.details)
    assert "AWS_SECRET_ACCESS_KEY" in str(refused.value)


def test_paths_are_no_addresses() -> None:
    assert not is_address("folder/x")
    assert not is_address(Path("s3://lake/x"))
    assert not is_address("md:x")
    assert is_address("s3://lake/x")
