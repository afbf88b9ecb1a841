"""Where a database is: a file, memory, or a place that its scheme names. The one seam; nothing outside ``db`` asks more of it."""

from __future__ import annotations

from pkgutil import resolve_name

from healthsim.db.locations.base import Ability, Location, Owned, Swept, Travelling, first_line
from healthsim.db.locations.file import FileLocation
from healthsim.db.locations.memory import MemoryLocation
from healthsim.db.locations.motherduck import MotherDuckLocation
from healthsim.errors import UsageError
from healthsim.paths import refuse_scheme, scheme_of
from healthsim.targets import refuse_secret

__all__ = [
    "KINDS",
    "Ability",
    "FileLocation",
    "Location",
    "MemoryLocation",
    "MotherDuckLocation",
    "Owned",
    "Swept",
    "Travelling",
    "first_line",
    "location_of",
]

MEMORY = ":memory:"
#: scheme -> ``module:class`` of the places that it names; what has none is a path. A new kind is a module, and one line here.
KINDS: dict[str, str] = {
    "ducklake": "healthsim.db.locations.ducklake:DuckLakeLocation",
    "md": "healthsim.db.locations.motherduck:MotherDuckLocation",
    "motherduck": "healthsim.db.locations.motherduck:MotherDuckLocation",
}


def location_of(text: str) -> Location:
    """The place that a text names: ``:memory:``, a known scheme, or a path.

    Raises:
        UsageError: the scheme is not known, or there is a password or a token in the text.
        InvalidInput: no file can have that name.
    """
    refuse_secret(text, what="database")
    if text == MEMORY:
        return MemoryLocation(text)
    scheme = scheme_of(text)
    if scheme in KINDS:
        return _kind(scheme)(text)
    if text.startswith(":"):
        raise UsageError(
            f"{text} names no database; expected {', '.join(known_places())}. For a file that is really called so, write"
            f" ./{text}.",
            location=text,
        )
    refuse_scheme(text, known=known_places()[1:], what="database")
    return FileLocation(text)


def known_places() -> list[str]:
    """How the places that there are can be named."""
    written = (FileLocation.written, MemoryLocation.written, *(_kind(scheme).written for scheme in KINDS))
    return list(dict.fromkeys(written))


def _kind(scheme: str) -> type[Location]:
    kind: type[Location] = resolve_name(KINDS[scheme])
    return kind
