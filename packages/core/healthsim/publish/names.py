"""Names of shares, kept in HealthSim's home without secrets: ``team`` for ``ducklake:postgres:dbname=team host=db``."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import yaml

from healthsim.errors import InvalidInput, NotFound, UsageError
from healthsim.outputs import open_file
from healthsim.paths import scheme_of
from healthsim.remedies import remedy
from healthsim.targets import Kind, Target, target_of

FILE = "shares.yaml"
_NAME = re.compile(r"[A-Za-z][\w.-]{0,63}")


def read_names(home: Path) -> dict[str, str]:
    """Name -> location, as they were added.

    Raises:
        InvalidInput: the file holds something else.
    """
    path = home / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        names = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise _unreadable(path, str(error).splitlines()[0]) from None
    if not isinstance(names, dict) or not all(isinstance(item, str) for pair in names.items() for item in pair):
        raise _unreadable(path, "expected lines of NAME: LOCATION")
    return names


def add_name(home: Path, name: str, location: str) -> bool:
    """Keep a name; whether it had meant another place before.

    Raises:
        UsageError: it is no name, or the location has a secret in it or is none that scenarios go to.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:80]!r} is no name for a share; expected letters, digits, dots and dashes, such as team.",
            name=name[:80],
        )
    share_target(location)
    names = read_names(home)
    before = names.get(name)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open_file(home / FILE, force=True) as stream:
        stream.write(yaml.safe_dump({**names, name: location}, sort_keys=True, allow_unicode=True).encode())
    return before is not None and before != location


def share_target(text: str) -> Target:
    """A place that scenarios can be published to.

    Raises:
        UsageError: it is none, or has a secret in it.
    """
    return target_of(text, kinds=(Kind.DATABASE,), what="share", known=("the name of a share",))


def location_named(home: Path, text: str) -> str:
    """The location that a name stands for, or that was written out.

    Raises:
        NotFound: there is no such name.
    """
    if scheme_of(text) is not None:
        return share_target(text).text
    names = read_names(home)
    if text in names:
        # the file may have been written by hand
        return share_target(names[text]).text
    near = difflib.get_close_matches(text[:100], names, n=1, cutoff=0.6)
    known = f"Known: {', '.join(sorted(names))}." if names else "None has been added yet."
    hint = f"Did you mean {near[0]}?" if near else f"{known} Add it: {remedy('add a share')}, or write its location."
    raise NotFound(f"There is no share {text[:80]!r}. {hint}", name=text[:200])


def _unreadable(path: Path, reason: str) -> InvalidInput:
    return InvalidInput(
        f"{path} cannot be read: {reason}. Correct it, or remove it and add the shares again.", path=str(path)
    )
