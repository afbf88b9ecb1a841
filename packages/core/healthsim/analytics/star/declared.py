"""The catalogue of the star, as the heads of its statements declare it: there is no other list.

A statement is a file ``sql/<table>.sql``: a head (see ``heads``) and the SELECT of the table's rows. It reads tables by bare
names. A build gives it, under these names, the rows of one scenario; on Spark they are views over files. So the same text runs
everywhere. What a statement reads decides when it is run.

Days become keys below the joins where they can: for each join, the engine starts what stands above it once more (for rows
that did not fit in memory), and the parts of dates are dear to start, which a small build feels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from healthsim.analytics.star.heads import SCOPED as SCOPED_KINDS
from healthsim.analytics.star.heads import TEMPORARY, Column, Head, read_head
from healthsim.analytics.star.macros import expanded
from healthsim.analytics.star.measures import union
from healthsim.model import ENTITY_TYPES, PERSON_ROLES

PACKAGE = "healthsim.analytics.star"

#: kinds of tables that are not made step by step for each scenario
_APART = frozenset({"seed", "scenario", "place", "places named", "published", "reference"})
#: what the build makes of the program's data, for the statements of seeds
_GIVEN = frozenset({"code_rule_definitions", "measure_definitions"})
#: canonical tables whose rows are persons in a role
PEOPLE = tuple(ENTITY_TYPES[role].plural for role in PERSON_ROLES)
#: the first and the last day of dim_date
FIRST_DAY, LAST_DAY = 19000101, 21001231


@dataclass(frozen=True)
class Step:
    """One statement of the build.

    Attributes:
        head: what it says of its table.
        sources: canonical tables without whose rows it has none; nothing is known where there are none.
    """

    head: Head
    sources: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The table, and the file that selects its rows."""
        return self.head.name

    @property
    def kind(self) -> str:
        """What kind of table it makes: see ``heads``."""
        return self.head.kind

    @property
    def natural(self) -> tuple[str, ...]:
        """What identifies a row of a dimension."""
        return self.head.natural

    @property
    def key(self) -> str:
        """The surrogate key column of a dimension."""
        return key_of(self.name)

    @property
    def statement(self) -> str:
        """The SELECT."""
        return statement(self.name)


def key_of(dimension: str) -> str:
    """The surrogate key column of a dimension: of ``dim_plan`` it is ``plan_key``."""
    return dimension.removeprefix("dim_") + "_key"


def _read(name: str, text: str) -> Head:
    return read_head(name, text.replace("{measures}", union().strip()))


def _all_heads() -> Mapping[str, Head]:
    folder = files(PACKAGE).joinpath("sql")
    named = sorted((file.name[:-4], file) for file in folder.iterdir() if file.name.endswith(".sql"))
    return {name: _read(name, file.read_text(encoding="utf-8").replace("\r\n", "\n")) for name, file in named}


#: every statement, by the name of its table
HEADS: Mapping[str, Head] = _all_heads()


@cache
def statement(name: str) -> str:
    """The SELECT of a table's rows."""
    return expanded(HEADS[name].body)


# -- what depends on what --------------------------------------------------------------------------------------


def _ordered(names: Iterable[str], among: Collection[str]) -> list[str]:
    """Names of statements with everything among some that they read, each after what it reads."""
    order: dict[str, None] = {}

    def add(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"Statements of the star read each other in a circle: {' -> '.join((*path, name))}")
        if name not in order:
            for read in HEADS[name].reads():
                if read in among:
                    add(read, (*path, name))
            order[name] = None

    for name in sorted(names):
        add(name, ())
    return list(order)


def _named(kinds: Collection[str]) -> list[str]:
    return [name for name, head in HEADS.items() if head.kind in kinds]


def _canonical(name: str) -> bool:
    return name not in HEADS and name not in _GIVEN


@cache
def _sources(name: str) -> frozenset[str]:
    """The canonical tables without whose rows a statement has none, as far as its head or its FROM shows it."""
    head = HEADS[name]
    declared = head.empty_without or tuple(rows.table for rows in head.rows)
    if declared:
        return frozenset(declared)
    driving = head.reads(driving=True)
    direct = frozenset(table for table in driving if _canonical(table))
    return direct.union(*(_sources(table) for table in driving if not _canonical(table) and table != name))


def _step(name: str) -> Step:
    return Step(HEADS[name], tuple(sorted(_sources(name))))


_STEPWISE = [name for name, head in HEADS.items() if head.kind not in _APART]
_CODES = _ordered(_named({"code"}), _STEPWISE)


def _finders() -> list[str]:
    """What persons and places are found by: lookups that need neither codes nor facts."""
    late = {*_named({"code"}), *_named({"fact"})}
    return [name for name in _named({"lookup"}) if late.isdisjoint(_ordered([name], _STEPWISE))]


_WHO = _ordered([*_named({"base", "scoped", "link"}), *_finders()], _STEPWISE)

#: who and where: what the persons of a scenario are found by
WHO = tuple(_step(name) for name in _WHO)
#: what finds codes
CODES = tuple(_step(name) for name in _CODES if name not in _WHO)
#: what happened to persons: codes, then facts
WHAT = (*CODES, *(_step(name) for name in _ordered(_STEPWISE, _STEPWISE) if name not in (*_WHO, *_CODES)))
STEPS = (*WHO, *WHAT)

#: canonical tables that the star is built from -> whether their rows belong to persons
SOURCES: dict[str, bool] = {
    table: table in PEOPLE
    or any(rows.owner and rows.table == table for head in HEADS.values() for rows in (*head.rows, *head.uses))
    for table in sorted({read for head in HEADS.values() for read in head.reads() if _canonical(read)} - {"scenarios"})
}

#: tables that depend on no scenario, in the order in which they are made, and those of them that are dimensions
SEEDS = tuple(_ordered(_named({"seed"}), _named({"seed"})))
FIXED = tuple(name for name in SEEDS if name.startswith("dim_"))
#: what the reference layer gives, under bare names
REFERENCE = tuple(_named({"reference"}))

SCOPED = tuple(step.name for step in STEPS if step.kind in SCOPED_KINDS)
FACTS = tuple(step.name for step in STEPS if step.kind == "fact")
DIMENSIONS = (
    *_named({"scenario"}),
    *_named({"place"}),
    *FIXED,
    *(step.name for step in STEPS if step.kind in ("code", "scoped") and step.name.startswith("dim_")),
)
#: what people ask
TABLES = (
    *DIMENSIONS,
    *(step.name for step in STEPS if step.kind == "code" and step.name not in DIMENSIONS),
    *_named({"published"}),
    *FACTS,
)
#: every table that is kept
KEPT = (*TABLES, *(name for name, head in HEADS.items() if head.kind not in TEMPORARY and name not in TABLES))


# -- columns ---------------------------------------------------------------------------------------------------


@cache
def columns_of(table: str) -> tuple[Column, ...]:
    """The columns of a table of the star, those that the build adds included."""
    head = HEADS[table]
    own = []
    if head.kind in ("code", "scoped", "place", "scenario") and table in DIMENSIONS:
        own.append(Column(key_of(table), "INTEGER", "surrogate key; -1 unknown, -2 not applicable"))
    if head.kind in SCOPED_KINDS:
        own.append(Column("scenario_key", "INTEGER", "the scenario"))
    return (*own, *head.columns)


def same_in_every_database() -> tuple[str, ...]:
    """The tables in which no word of a scenario is."""
    return SEEDS


def dimension_of(column: str) -> str | None:
    """The dimension that a key column points to: ``service_date_key`` to ``dim_date``, whatever its role."""
    if not column.endswith("_key"):
        return None
    for table in DIMENSIONS:
        key = key_of(table)
        if column == key or column.endswith("_" + key):
            return table
    return None


def data(name: str) -> str:
    """The text of a file of the package's data."""
    return files(PACKAGE).joinpath("data", name).read_text(encoding="utf-8")


@cache
def layout() -> str:
    """Checksum of the columns of all tables: where a database has another one, its star has to be made anew."""
    texts = [
        f"{table} {column.name} {column.type} {column.compression}"
        for table in sorted(KEPT)
        for column in columns_of(table)
    ]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


@cache
def version() -> str:
    """Checksum of everything that decides what the star looks like: another one means another star."""
    from healthsim.analytics.star.measures import measures

    texts = [statement(name) for name in sorted(HEADS)]
    texts += [str(measure.row()) for measure in measures().values()]
    texts += [data("code_rules.csv"), data("places_measures.csv"), f"{FIRST_DAY} {LAST_DAY}", layout()]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
