"""The invariants of the star: what must be true of every build, asked of the database as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from healthsim.analytics.star import declared
from healthsim.analytics.star.declared import DIMENSIONS, FACTS, HEADS
from healthsim.analytics.star.heads import Head
from healthsim.analytics.star.status import Standing, selected, standings
from healthsim.db.connection import Database
from healthsim.db.sql import quoted
from healthsim.remedies import remedy
from healthsim.state.tables import here


@dataclass(frozen=True)
class Finding:
    """The result of one invariant for one scenario.

    Attributes:
        result: ``ok``, ``warn`` or ``fail``.
    """

    scenario: str
    check: str
    table: str
    result: str
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def check(database: Database, names: Sequence[str] = ()) -> list[Finding]:
    """Ask every invariant of the star of the named scenarios, or of all.

    Raises:
        NotFound: there is no such scenario.
    """
    findings: list[Finding] = []
    with database.read() as connection:
        for standing in standings(connection, selected(connection, names)):
            if standing.state != "built":
                reason = standing.reason or "it was never built"
                hint = f"{reason}; {remedy('build the star', name=standing.name)}"
                findings.append(Finding(standing.name, "current", "builds", "warn", f"{standing.state}: {hint}"))
            if standing.state == "built":
                findings.append(Finding(standing.name, "current", "builds", "ok"))
                findings += _Checks(connection, standing).all()
    return findings


class _Checks:
    """The invariants of one built scenario."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, standing: Standing) -> None:
        self.connection = connection
        self.standing = standing
        self.name = standing.name
        self.scenario = here(standing.scenario_id)
        self.key = f"scenario_key = {standing.scenario_key}"

    def all(self) -> Iterator[Finding]:
        """Every invariant, one finding each."""
        yield from self._rows()
        yield from self._money()
        yield from self._orphans()
        yield from self._weights()
        yield from self._keys()
        yield from self._members()
        yield from self._unknown()

    def _one(self, statement: str) -> Any:
        return self.connection.execute(statement).fetchall()[0][0]

    def _finding(self, check: str, table: str, good: bool, detail: str) -> Finding:
        return Finding(self.name, check, table, "ok" if good else "fail", "" if good else detail)

    def _rows(self) -> Iterator[Finding]:
        for table, head in HEADS.items():
            if not head.rows:
                continue
            expected = self._one(self._expected(head))
            count = self._one(f"SELECT count(*) FROM analytics.{table} WHERE {self.key}")
            yield self._finding(
                "rows", table, expected == count, f"{count:,} rows, {expected:,} in the canonical tables"
            )

    def _expected(self, head: Head) -> str:
        """The number of rows that a table must have, by the canonical rows that it holds."""
        counts = []
        for rows in head.rows:
            values = " + ".join(f"({column} IS NOT NULL)::INTEGER" for column in rows.each)
            count = f"coalesce(sum({values}), 0)" if values else "count(*)"
            counts.append(f"(SELECT {count} FROM main.{quoted(rows.table)} WHERE {self.scenario})")
        return f"SELECT {' + '.join(counts)}"

    def _money(self) -> Iterator[Finding]:
        sums = [(source, columns, head.name) for head in HEADS.values() for source, columns in head.sums]
        for source, columns, fact in sums:
            wanted = ", ".join(f"coalesce(sum({column}), 0)" for column in columns.values())
            held = ", ".join(f"coalesce(sum({column}), 0)" for column in columns)
            expected = self.connection.execute(f"SELECT {wanted} FROM main.{source} WHERE {self.scenario}").fetchall()[
                0
            ]
            amounts = self.connection.execute(f"SELECT {held} FROM analytics.{fact} WHERE {self.key}").fetchall()[0]
            wrong = [
                f"{column} is {has}, {should} in {source}"
                for column, has, should in zip(columns, amounts, expected, strict=True)
                if has != should
            ]
            yield self._finding("money", fact, not wrong, "; ".join(wrong))
        enrolled = self._one(
            f"SELECT coalesce(sum(net_paid_amount), 0) FROM analytics.fact_claim WHERE {self.key} AND enrolled_count = 1"
        )
        monthly = self._one(
            f"SELECT coalesce(sum(medical_paid_amount), 0) FROM analytics.fact_member_month WHERE {self.key}"
        )
        yield self._finding(
            "money",
            "fact_member_month",
            enrolled == monthly,
            f"medical paid is {monthly}, enrolled claims paid {enrolled}",
        )

    def _orphans(self) -> Iterator[Finding]:
        """Every key points to a row of its dimension."""
        columns = self.connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'analytics'"
            " AND database_name = current_database() ORDER BY table_name, column_index"
        ).fetchall()
        for table in (*FACTS, "dim_person", "dim_coverage"):
            wrong = []
            for name, column in columns:
                dimension = declared.dimension_of(column)
                if name != table or dimension in (None, table):
                    continue
                key = str(dimension).removeprefix("dim_") + "_key"
                count = self._one(
                    f"SELECT count(*) FROM (SELECT DISTINCT {column} AS held FROM analytics.{table} WHERE {self.key})"
                    f" ANTI JOIN analytics.{dimension} AS d ON d.{key} = held"
                )
                if count:
                    wrong.append(f"{count:,} values of {column} are not in {dimension}")
            yield self._finding("keys point to rows", table, not wrong, "; ".join(wrong))

    def _weights(self) -> Iterator[Finding]:
        for table, owner in (("bridge_encounter_diagnosis", "encounter_id"), ("bridge_claim_diagnosis", "claim_id")):
            count = self._one(
                f"SELECT count(*) FROM (SELECT sum(weight) AS total FROM analytics.{table} WHERE {self.key}"
                f" AND {owner} IS NOT NULL GROUP BY {owner}) WHERE abs(total - 1) > 1e-9"
            )
            yield self._finding("weights sum to 1", table, not count, f"{count:,} of {owner} do not")
        count = self._one(
            f"SELECT count(*) FROM (SELECT sum(is_principal) AS total FROM analytics.bridge_encounter_diagnosis WHERE {self.key}"
            " AND encounter_id IS NOT NULL GROUP BY encounter_id) WHERE total <> 1"
        )
        yield self._finding(
            "one principal diagnosis",
            "bridge_encounter_diagnosis",
            not count,
            f"{count:,} encounters have none or several",
        )

    def _keys(self) -> Iterator[Finding]:
        """Keys of dimensions are unique, and so are their natural keys."""
        for step in declared.STEPS:
            if step.name not in DIMENSIONS or step.kind not in ("code", "scoped"):
                continue
            scope = f"WHERE {self.key}" if step.kind == "scoped" else ""
            natural = ", ".join(step.natural)
            twice = self._one(f"SELECT count(*) - count(DISTINCT {step.key}) FROM analytics.{quoted(step.name)}")
            same = self._one(
                f"SELECT count(*) FROM (SELECT 1 FROM analytics.{quoted(step.name)} {scope} GROUP BY {natural} HAVING count(*) > 1)"
            )
            yield self._finding(
                "keys are unique",
                step.name,
                not twice and not same,
                f"{twice:,} keys and {same:,} rows are there twice",
            )

    def _members(self) -> Iterator[Finding]:
        """Unknown and Not applicable are in every dimension."""
        for table in DIMENSIONS:
            key = table.removeprefix("dim_") + "_key"
            count = self._one(f"SELECT count(*) FROM analytics.{table} WHERE {key} IN (-1, -2)")
            yield self._finding("unknown members", table, count == 2, f"{count} of the rows -1 and -2")

    def _unknown(self) -> Iterator[Finding]:
        """Facts of nobody are kept, and said."""
        for table in FACTS:
            entry = (self.standing.tables or {}).get(table, {})
            nobody = entry.get("unknown", {}).get("person_key", 0)
            if nobody:
                detail = f"{nobody:,} of {entry['rows']:,} rows belong to no known person"
                yield Finding(self.name, "persons known", table, "warn", detail)
