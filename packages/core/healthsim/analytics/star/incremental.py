"""Which persons have to be done again: the smallest part of a star that can be built alone and equal a full build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from healthsim.analytics.star.declared import SOURCES, statement
from healthsim.analytics.star.fingerprint import Fingerprint, changed
from healthsim.analytics.star.row_owners import OWNED, Held, Owned
from healthsim.db.sql import literal, quoted
from healthsim.model import ENTITY_TYPES, PERSON_ROLES

#: tables whose rows are persons' records: type of the record in person_links
_RECORDS = {ENTITY_TYPES[role].plural: role for role in PERSON_ROLES}

#: members name plans in several ways, and one member may decide what another one's word for a plan means; a word that is only
#: new, or only gone, is nobody else's
_OTHER_PLANS = (
    "SELECT 1 FROM old_plans AS o JOIN lookup_plan AS n ON n.ref = o.ref WHERE o.plan_key <> n.plan_key LIMIT 1"
)
#: so it is with arms, studies and doses that subjects share
_OTHER_SUBJECTS = """
SELECT f.person_key FROM fact_subject_milestone AS f JOIN lookup_subject AS j ON j.subject_id = f.subject_id
WHERE f.study_key <> j.study_key OR f.site_key <> j.site_key OR f.arm_key <> j.arm_key
    OR f.first_dose_date IS DISTINCT FROM j.first_dose_date
"""


def people_stand(differing: Mapping[str, Sequence[str]]) -> bool:
    """Whether persons, and whatever no person owns, are those of the last build."""
    return OWNED.keys() >= differing.keys()


def remember(connection: duckdb.DuckDBPyConnection) -> None:
    """Put aside what the last build knows of people, before it is made anew."""
    connection.execute("CREATE OR REPLACE TEMP TABLE old_links AS SELECT * FROM person_links")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE old_plans AS {statement('lookup_plan')}")


def affected(connection: duckdb.DuckDBPyConnection, before: Fingerprint, now: Fingerprint) -> int | None:
    """Write the persons whose facts may differ to ``changed_persons``; how many, or None when all of them may.

    Facts are those of the last build and, unless the people stand, so is what was put aside of them; everything else is of
    now. Tables that are not owned by persons (providers, plans, studies ...) reach everybody's facts. What nobody owns
    belongs to person -1, who is always among the changed.
    """
    differing = changed(before, now)
    if any(not SOURCES[table] or "" in instants for table, instants in differing.items()):
        return None
    # rows that were replaced or removed: every save stamps its rows anew
    lost = {
        table
        for table in differing
        if any(now.get(table, {}).get(instant, 0) < count for instant, count in before.get(table, {}).items())
    }
    if "immunizations" in lost:
        # the star does not hold their ids, so that it cannot tell whose they were
        return None
    parts = ["SELECT -1 AS person_key"]
    if not people_stand(differing):
        if connection.execute(_OTHER_PLANS).fetchone():
            return None
        parts += _regrouped()
    if not differing.keys().isdisjoint(("subjects", "exposures")):
        parts.append(_OTHER_SUBJECTS)
    for table, instants in differing.items():
        fresh = " OR ".join(f"saved_at = {literal(instant)}::TIMESTAMP" for instant in instants) or "FALSE"
        if table in _RECORDS:
            parts.append(_record_owners(table, fresh))
            continue
        parts += _of_fresh(table, fresh)
        if table in lost:
            parts += _of_lost(table, fresh)
    for table, owned in OWNED.items():
        if owned.refs in differing or not lost.isdisjoint(owned.names.values()):
            parts += _moved(table, owned)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE changed_persons AS"
        f" SELECT DISTINCT person_key FROM ({' UNION ALL '.join(parts)}) AS found WHERE person_key IS NOT NULL"
    )
    return int(connection.execute("SELECT count(*) FROM changed_persons WHERE person_key > 0").fetchall()[0][0])


def _regrouped() -> Iterator[str]:
    """Records that are new or gone, or belong to another person now."""
    for side in ("o", "n"):
        yield (
            f"SELECT {side}.person_key FROM old_links AS o"
            " FULL JOIN person_links AS n ON n.entity_type = o.entity_type AND n.entity_id = o.entity_id"
            " WHERE o.person_key IS DISTINCT FROM n.person_key"
        )


def _record_owners(table: str, fresh: str) -> str:
    """The persons whose records were written."""
    return (
        f"SELECT l.person_key FROM (SELECT * FROM {quoted(table)} WHERE {fresh}) AS t JOIN person_links AS l"
        f" ON l.entity_id = t.{_RECORDS[table]}_id AND l.entity_type = {literal(_RECORDS[table])}"
    )


def _of_fresh(table: str, fresh: str) -> Iterator[str]:
    """The owners of rows that were written, of rows that name them, and of the encounters that they tell about."""
    owned = OWNED[table]
    yield owned.owners(table, fresh)
    for other, naming in OWNED.items():
        for column, named in naming.names.items():
            if named == table:
                yield naming.owners(other, f"{column} IN (SELECT {owned.key} FROM {quoted(table)} WHERE {fresh})")
    if owned.shared:
        visits = f"encounter_id IN (SELECT encounter_id FROM {quoted(table)} WHERE {fresh})"
        yield OWNED["encounters"].owners("encounters", visits)
        yield OWNED["diagnoses"].owners("diagnoses", visits)


def _of_lost(table: str, fresh: str) -> Iterator[str]:
    """Who had rows that were replaced or removed since the last build, and whom else they told about."""
    owned = OWNED[table]
    for held in owned.held:
        rows = f"{held.fact} AS f WHERE {_is_lost(table, owned, held, fresh)}"
        yield f"SELECT f.person_key FROM {rows}"
        if owned.shared and held is owned.held[0]:
            visits = f"encounter_id IN (SELECT f.encounter_id FROM {rows})"
            yield f"SELECT person_key FROM fact_encounter WHERE {visits}"
            yield f"SELECT person_key FROM bridge_encounter_diagnosis WHERE {visits}"
    for other, naming in OWNED.items():
        for column, named in naming.names.items():
            if named == table:
                yield naming.owners(other, f"{column} NOT IN (SELECT {owned.key} FROM {quoted(table)})")


def _is_lost(table: str, owned: Owned, held: Held, fresh: str) -> str:
    return (
        f"{held.condition} AND f.{held.column} IS NOT NULL AND"
        f" f.{held.column} NOT IN (SELECT {owned.key} FROM {quoted(table)} WHERE NOT ({fresh}))"
    )


def _moved(table: str, owned: Owned) -> Iterator[str]:
    """Who owned rows that belong to somebody else now, though they are the same, and who owns them now."""
    for held in owned.held[:1]:
        rows = (
            f"FROM {quoted(table)} AS t {owned.joins} JOIN {held.fact} AS f ON f.{held.column} = t.{owned.key}"
            f" AND {held.condition} WHERE f.person_key <> coalesce({owned.person}, -1)"
        )
        yield f"SELECT f.person_key {rows}"
        yield f"SELECT {owned.person} {rows}"
