"""A place is told by its scheme; what is none is refused with the list, and so is a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from healthsim.errors import UsageError
from healthsim.targets import SCHEMES, Kind, target_of, written

EVERY_KIND = tuple(Kind)


@pytest.mark.parametrize(
    ("text", "scheme", "kind"),
    [
        ("out", None, Kind.FOLDER),
        ("C:\\data\\out", None, Kind.FOLDER),
        ("./s3:x", None, Kind.FOLDER),
        ("s3://bucket", "s3", Kind.OBJECTS),
        ("S3://bucket/a b/c=1", "s3", Kind.OBJECTS),
        ("gs://bucket/x", "gs", Kind.OBJECTS),
        ("az://container/x", "az", Kind.OBJECTS),
        ("abfss://a-long-container-name@account.dfs.core.windows.net/x", "abfss", Kind.OBJECTS),
        ("abfs://c@account.dfs.core.windows.net/x", "abfss", Kind.OBJECTS),
        ("ducklake:postgres:dbname=team host=db", "ducklake", Kind.DATABASE),
        ("md:team", "md", Kind.DATABASE),
        ("motherduck:team", "md", Kind.DATABASE),
        ("sc://cluster:15002", "sc", Kind.CLUSTER),
    ],
)
def test_a_place_is_told_by_its_scheme(text: str, scheme: str | None, kind: Kind) -> None:
    target = target_of(text, kinds=EVERY_KIND)
    assert (target.scheme, target.kind, target.text) == (scheme, kind, text)


def test_a_path_stays_a_path() -> None:
    assert target_of("~/out").path == Path.home() / "out"


@pytest.mark.parametrize("text", ["foo://bucket/x", "ftp:x", "dbfs:/x", "http://h/x"])
def test_an_unknown_scheme_is_refused_with_those_that_are_known(text: str) -> None:
    with pytest.raises(UsageError, match="does not know") as refusal:
        target_of(text, kinds=EVERY_KIND)
    for entry in SCHEMES.values():
        assert entry.written in refusal.value.message


def test_a_place_of_another_kind_is_refused_with_those_that_are_possible() -> None:
    with pytest.raises(UsageError, match="begins with md:, which is no place for this") as refusal:
        target_of("md:team", what="output")
    assert "s3://BUCKET/PREFIX" in refusal.value.message
    assert "ducklake" not in refusal.value.message
    with pytest.raises(UsageError, match="Expected as master: sc://HOST:PORT"):
        target_of("/tmp/x", kinds=(Kind.CLUSTER,), what="master")


@pytest.mark.parametrize("text", ["s3://", "s3:/bucket/x", "s3:bucket", "gs:///x", "abfss://container/x", "sc:host"])
def test_a_place_that_lacks_something_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(UsageError, match="expected"):
        target_of(text, kinds=EVERY_KIND)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("s3://b/x?AWS_SECRET_ACCESS_KEY=SECRETabc", "AWS_PROFILE"),
        ("az://c/x?sig=SECRETabc", "AZURE_STORAGE_ACCOUNT_KEY"),
        ("md:team?motherduck_token=SECRETabc", "motherduck_token"),
        ("ducklake:postgres:dbname=x password=SECRETabc", "PGPASSWORD"),
        ("ducklake:postgres://ann:SECRETabc@h/db", "PGPASSWORD"),
        ("sc://h:15002/;token=SECRETabc", "SPARK_CONNECT_TOKEN"),
        ("ftp://ann:SECRETabc@h/x", "in the environment"),
    ],
)
def test_a_secret_in_a_place_is_refused_with_where_it_belongs(text: str, where: str) -> None:
    with pytest.raises(UsageError) as refusal:
        target_of(text, kinds=EVERY_KIND)
    assert where in refusal.value.message
    assert "SECRETabc" not in str(refusal.value) + str(refusal.value.details)


def test_what_is_possible_can_be_listed() -> None:
    assert written((Kind.FOLDER, Kind.OBJECTS))[:2] == ["a path on this machine", "s3://BUCKET/PREFIX"]
