"""Addresses in object stores: ``s3://bucket/path``, ``gs://bucket/path``, ``az://container/path``, ``abfss://...``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace

from healthsim.errors import UsageError
from healthsim.paths import scheme_of
from healthsim.targets import SCHEMES, Kind, target_of

_PARTS = re.compile(r"\w+://(?P<container>[^/@]+)(?:@(?P<host>[^/@]+))?(?P<key>(?:/.*)?)", re.S)
#: what no name of an object may have here: it means something else in a store, in SQL or in a query
_REFUSED = frozenset("?#*\\'\"\0\n")


@dataclass(frozen=True)
class Address:
    """A place in an object store.

    Attributes:
        scheme: which kind of store.
        container: the bucket.
        key: the path in it, without slashes at its ends; "" for the bucket itself.
        host: of ``abfss``: the account's host.
        folder: whether it was written with a slash at its end: what is put there goes into it.
    """

    scheme: str
    container: str
    key: str = ""
    host: str = ""
    folder: bool = False

    def __str__(self) -> str:
        host = f"@{self.host}" if self.host else ""
        return f"{self.scheme}://{self.container}{host}/{self.key}".rstrip("/")

    def __truediv__(self, name: str) -> Address:
        return replace(self, key="/".join(part for part in (self.key, name.strip("/")) if part), folder=False)

    @property
    def name(self) -> str:
        """The last part of the path, or the bucket."""
        return self.key.rsplit("/", 1)[-1] or self.container


def is_address(place: str | os.PathLike[str]) -> bool:
    """Whether a place is in an object store."""
    scheme = scheme_of(place) if isinstance(place, str) else None
    return scheme in SCHEMES and SCHEMES[scheme].kind is Kind.OBJECTS


def address_of(text: str, *, what: str = "output") -> Address:
    """The address that a user wrote.

    Raises:
        UsageError: it is none, or holds a secret.
    """
    target = target_of(text, kinds=(Kind.OBJECTS,), what=what)
    assert target.scheme is not None  # of a place that is no folder
    found = _PARTS.fullmatch(text)
    key = found["key"] if found else ""
    parts = [part for part in key.split("/") if part]
    if found is None or _REFUSED & set(key) or any(part in (".", "..") for part in parts):
        raise UsageError(
            f"The {what} {text!r} cannot be used; expected {SCHEMES[target.scheme].written} with names between slashes, without"
            " quotes, ? # * \\ and without dots alone.",
            path=text,
        )
    return Address(target.scheme, found["container"], "/".join(parts), found["host"] or "", key.endswith("/"))
