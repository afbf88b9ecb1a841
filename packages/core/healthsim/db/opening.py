"""What every database gets when it is opened: the tables of every owner, their views, and the rows that come along.

The layers above own tables, and nothing below may import them: here they are names, which are looked up when there is
something to do. A database that is up to date is opened without importing any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

from healthsim.db.history import HISTORY
from healthsim.db.migrations import Connection, Migration, Openable, bring_up_to_date, migrations_in, missing_in

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Owner:
    """Who has tables in the database.

    Attributes:
        name: as the bookkeeping names it.
        folder: where its migrations lie, seen from the package: a folder each, ``<number>_<name>``.
        views: ``module:function`` that makes its views anew, whatever is there.
        rows: ``module:function`` that brings in the rows that come with the program, where they are not there yet.
        shared: ``module:function`` that names the relations which say nothing about scenarios, so that a question about one
            of them may see them whole.
    """

    name: str
    folder: str
    views: str | None = None
    rows: str | None = None
    shared: str | None = None


#: in the order in which a new database gets their tables: each may rest on those before it
OWNERS: tuple[Owner, ...] = (
    Owner("canonical", "model/migrations", views="healthsim.db.schema:make_views"),
    Owner("state", "state/migrations", views="healthsim.state.views:make_views"),
    Owner(
        "reference",
        "db/reference/migrations",
        views="healthsim.db.reference.views:refresh_views",
        rows="healthsim.db.reference.starter:install",
        shared="healthsim.db.reference.views:public_views",
    ),
    Owner("analytics", "analytics/star/migrations", shared="healthsim.analytics.star.declared:same_in_every_database"),
)


def known_migrations() -> tuple[Migration, ...]:
    """Every migration of this program, in the order in which a new database gets them."""
    return _migrations_of(OWNERS)


@cache
def _migrations_of(owners: tuple[Owner, ...]) -> tuple[Migration, ...]:
    sets = [migrations_in(owner.name, _PACKAGE / owner.folder) for owner in owners]
    return (*HISTORY, *(migration for each in sets for migration in each))


def make_current(database: Openable) -> list[Migration]:
    """Give a database what it lacks; the migrations that were applied.

    Raises:
        DatabaseNewer: the database has seen migrations that this program does not know. It is left untouched.
        DatabaseUnusable: the database is not one of ours, or was made by other statements under the same name.
    """
    return bring_up_to_date(database, known_migrations(), _finish)


def is_current(connection: Connection, location: str) -> bool:
    """Whether a database has all that this program needs.

    Raises:
        DatabaseNewer: it has seen migrations that this program does not know.
        DatabaseUnusable: it is not one of ours.
    """
    return not missing_in(connection, known_migrations(), location)


def rebuild_views(connection: Connection) -> None:
    """Make every view anew in the current database."""
    for owner in OWNERS:
        if owner.views:
            resolve_name(owner.views)(connection)


def shared_relations() -> frozenset[str]:
    """The relations, besides those of public statistics, that are the same whatever scenarios there are."""
    return frozenset(name for owner in OWNERS if owner.shared for name in resolve_name(owner.shared)())


def _finish(connection: Connection) -> None:
    rebuild_views(connection)
    for owner in OWNERS:
        if owner.rows:
            resolve_name(owner.rows)(connection)
