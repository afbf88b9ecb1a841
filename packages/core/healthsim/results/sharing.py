"""Answers about shares: what was published and pulled, what is offered, and how two versions differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from healthsim.results.answer import Answer, Records


@dataclass(frozen=True, repr=False, eq=False)
class ShareMade(Answer):
    """A share that was made, or brought up to date.

    Attributes:
        data: where its rows lie; None where the place decides that.
        applied: migrations that it got.
    """

    share: str
    data: str | None
    schema_version: int
    applied: int


@dataclass(frozen=True, repr=False, eq=False)
class ShareNames(Answer):
    """The shares that have names, and where they are."""

    shares: dict[str, str]
    replaced: bool = False


@dataclass(frozen=True, repr=False, eq=False)
class Published(Answer):
    """What a publication did.

    Attributes:
        version: the one that it became.
        rows: of all tables, as counted at the share.
        after: the version that was the newest before, and who had published it.
    """

    OPTIONAL = ("after",)

    share: str
    name: str
    version: int
    rows: int
    entity_count: int
    persons: int
    has_star: bool
    seconds: float
    after: dict[str, Any] | None = None

    def sentence(self) -> str:
        """What was done, in a line."""
        star = " with its star" if self.has_star else ""
        after = f" (after version {self.after['version']} by {self.after['published_by']})" if self.after else ""
        return f"Published {self.name!r} version {self.version}{star} to {self.share}{after}: {self.rows:,} rows, {self.seconds:.1f} s."


@dataclass(frozen=True, repr=False, eq=False)
class Publication(Answer):
    """A version of a scenario that was published; times are UTC.

    Attributes:
        reference_data: the releases of public statistics that its database had: ``dataset``, ``level``, ``release``, ``sha256``.
    """

    OPTIONAL = ("withdrawn_at", "withdrawn_by")

    name: str
    version: int
    published_by: str
    published_at: str
    persons: int
    entity_count: int
    rows: int
    has_star: bool
    note: str | None
    program: str
    reference_data: list[dict[str, Any]]
    withdrawn_at: str | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True, repr=False, eq=False)
class PublicationList(Records):
    """Publications of a share."""

    LISTED = "publications"
    SHOWN = ("name", "version", "published_by", "published_at", "persons", "rows", "note")

    share: str
    publications: list[Publication]


@dataclass(frozen=True, repr=False, eq=False)
class Pulled(Answer):
    """A publication that was saved here.

    Attributes:
        name: what it is called here.
        proved: whether the hashes of all tables were compared; else their rows were counted.
    """

    share: str
    published: str
    version: int
    scenario_id: str
    name: str
    rows: int
    entity_count: int
    proved: bool
    seconds: float

    def sentence(self) -> str:
        """What was done, in a line."""
        as_name = f" as {self.name!r}" if self.name != self.published else ""
        proof = "equal by hash" if self.proved else "equal in number"
        return (
            f"Pulled {self.published!r} version {self.version} from {self.share}{as_name}: {self.rows:,} rows, {proof},"
            f" {self.seconds:.1f} s."
        )


@dataclass(frozen=True, repr=False, eq=False)
class TableDifference(Answer):
    """How the entities of one type differ: ids that only one version has, and those whose values differ.

    Attributes:
        examples: some ids of each: ``added``, ``removed``, ``changed``.
    """

    table: str
    before: int
    after: int
    added: int
    removed: int
    changed: int
    examples: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, repr=False, eq=False)
class ShareDifference(Records):
    """How two versions differ; tables that are the same are left out.

    Attributes:
        about: what is said of the scenario, where it differs: ``description``, ``tags``, an attribute; before and after.
    """

    LISTED = "tables"
    SHOWN = ("table", "before", "after", "added", "removed", "changed")

    share: str
    first: str
    second: str
    same: bool
    tables: list[TableDifference]
    about: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, repr=False, eq=False)
class PublicationCheck(Answer):
    """Whether a share still holds what was published."""

    name: str
    version: int
    ok: bool
    rows: int
    by: str
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, repr=False, eq=False)
class ShareCheck(Records):
    """Whether a share holds what was published there: ``ok`` is False when something differs."""

    LISTED = "publications"
    SHOWN = ("name", "version", "ok", "rows", "by")

    share: str
    ok: bool
    publications: list[PublicationCheck]


@dataclass(frozen=True, repr=False, eq=False)
class Withdrawn(Answer):
    """A scenario that is no longer offered."""

    share: str
    name: str
    version: int


@dataclass(frozen=True, repr=False, eq=False)
class Cleaned(Answer):
    """What nobody needs any more at a share.

    Attributes:
        orphans: files that belong to nothing: what stopped publishers left.
        expired: earlier states that go.
        files: files of earlier states that go.
        done: whether it was removed, or only listed.
    """

    share: str
    orphans: list[str]
    expired: int
    files: list[str]
    done: bool


@dataclass(frozen=True, repr=False, eq=False)
class Granted(Answer):
    """What lets somebody read or publish.

    Attributes:
        statements: SQL for the place.
        done: whether they were run, or only shown.
        notes: what else has to be allowed, elsewhere.
    """

    share: str
    statements: list[str]
    done: bool
    notes: list[str] = field(default_factory=list)
