"""Where something may go besides a folder: one function tells, by its scheme, what kind of place a text names.

Whatever is no place is refused with the list of what is, and so is a place with a secret in it: passwords, tokens and keys
come from the environment, from ``.pgpass``, a ``PGSERVICE``, or the variables of a cloud.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from healthsim.errors import UsageError
from healthsim.paths import local_path, scheme_of
from healthsim.scrubbing import has_secret, scrubbed


class Kind(Enum):
    """What a place can take."""

    #: files and folders of this machine
    FOLDER = "folder"
    #: objects in a bucket or container, by keys that look like paths
    OBJECTS = "objects"
    #: scenarios
    DATABASE = "database"
    #: work
    CLUSTER = "cluster"


@dataclass(frozen=True)
class Scheme:
    """A kind of place.

    Attributes:
        written: how such a place is named, as a user is told.
        shape: what its text must match; None where whoever opens it finds out.
        secrets: where passwords, tokens and keys for it are looked for.
    """

    kind: Kind
    written: str
    secrets: str
    shape: re.Pattern[str] | None = None


_AWS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
_AZURE = "AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY, or the login of az"
_POSTGRES = "PGPASSWORD, ~/.pgpass or PGSERVICE"
_BUCKET = re.compile(r"\w+://[^/@:?#\s]+(?:/[^?#]*)?")
#: scheme -> what it names; what has none is a path. A new kind of place is one line here, and who can do something with it.
SCHEMES: dict[str, Scheme] = {
    "s3": Scheme(Kind.OBJECTS, "s3://BUCKET/PREFIX", _AWS, _BUCKET),
    "gs": Scheme(Kind.OBJECTS, "gs://BUCKET/PREFIX", "GOOGLE_APPLICATION_CREDENTIALS", _BUCKET),
    "az": Scheme(Kind.OBJECTS, "az://CONTAINER/PREFIX", _AZURE, _BUCKET),
    "abfss": Scheme(
        Kind.OBJECTS,
        "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PREFIX",
        _AZURE,
        re.compile(r"\w+://[^/@:?#\s]+@[^/@:?#\s]+(?:/[^?#]*)?"),
    ),
    "ducklake": Scheme(Kind.DATABASE, "ducklake:postgres:dbname=NAME host=HOST", _POSTGRES),
    "md": Scheme(Kind.DATABASE, "md:NAME", "motherduck_token"),
    "sc": Scheme(Kind.CLUSTER, "sc://HOST:PORT", "SPARK_CONNECT_TOKEN", re.compile(r"\w+://[^/@\s]+.*")),
}
#: other spellings
_ALSO = {"abfs": "abfss", "motherduck": "md"}
FOLDER = "a path on this machine"


@dataclass(frozen=True)
class Target:
    """A place as a user named it.

    Attributes:
        text: the words; there is no secret in them.
        scheme: ``s3``, ``gs``, ``az``, ``abfss``, ``ducklake``, ``md``, ``sc``; None for a path.
    """

    text: str
    scheme: str | None
    kind: Kind

    @property
    def path(self) -> Path:
        """The path of a folder or file on this machine.

        Raises:
            InvalidInput: no file can have that name.
        """
        assert self.scheme is None
        return local_path(self.text)

    @property
    def secrets(self) -> str:
        """Where secrets for it are looked for, for a message; nowhere for a path."""
        return SCHEMES[self.scheme].secrets if self.scheme else ""


def target_of(
    text: str,
    *,
    kinds: Collection[Kind] = (Kind.FOLDER, Kind.OBJECTS),
    what: str = "output",
    known: Collection[str] = (),
) -> Target:
    """The place that a text names.

    Args:
        text: as the user wrote it: a path, or ``scheme:...``.
        kinds: what is possible here.
        what: what is named, for the message: ``output``, ``database``, ``master``.
        known: how places can be named that only the caller knows.

    Raises:
        UsageError: it is a place of another kind, or has a secret in it, or lacks what such a place needs.
    """
    refuse_secret(text, what=what)
    scheme = scheme_of(text)
    if scheme is None:
        if Kind.FOLDER in kinds:
            return Target(text, None, Kind.FOLDER)
        raise _refused(text, "is a path on this machine", kinds, what, known)
    scheme = _ALSO.get(scheme, scheme)
    if scheme not in SCHEMES:
        raise _refused(
            text, f"begins with {scheme}:, a kind of place that this program does not know", kinds, what, known
        )
    entry = SCHEMES[scheme]
    if entry.kind not in kinds:
        raise _refused(text, f"begins with {scheme}:, which is no place for this", kinds, what, known)
    if entry.shape is not None and not entry.shape.fullmatch(text):
        raise UsageError(
            f"The {what} {text!r} is not as expected: {entry.written}. Nothing was written.",
            location=text,
            scheme=scheme,
        )
    return Target(text, scheme, entry.kind)


def refuse_secret(text: str, *, what: str) -> None:
    """Refuse a text with a password, a token or a key in it.

    Raises:
        UsageError: it has one.
    """
    if has_secret(text):
        entry = SCHEMES.get(_ALSO.get(scheme_of(text) or "", scheme_of(text) or ""))
        where = entry.secrets if entry is not None else "motherduck_token, PGPASSWORD, AWS_SECRET_ACCESS_KEY"
        raise UsageError(
            f"The {what} {scrubbed(text)!r} was named with a secret in it, which others can read in lists of processes and in"
            f" logs. Leave it out, and give it in the environment: {where}.",
            location=scrubbed(text),
        )


def written(kinds: Collection[Kind]) -> list[str]:
    """How places of these kinds can be named."""
    names = [entry.written for entry in SCHEMES.values() if entry.kind in kinds]
    return [FOLDER, *names] if Kind.FOLDER in kinds else names


def _refused(text: str, reason: str, kinds: Collection[Kind], what: str, known: Collection[str]) -> UsageError:
    hint = ""
    if Kind.FOLDER in kinds and scheme_of(text) and "//" not in text:
        hint = f" For a file that is really called so, write ./{text}."
    return UsageError(
        f"{text} {reason}; nothing was written. Expected as {what}: {', '.join([*known, *written(kinds)])}.{hint}",
        path=text,
        scheme=scheme_of(text),
    )
