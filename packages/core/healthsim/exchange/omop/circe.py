"""Cohort definitions of OHDSI (Circe JSON, as ATLAS exports them), run on the OMOP view of a scenario.

The package ``duckcdm`` translates a definition to SQL; it is the optional extra ``ohdsi``.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from healthsim.analytics.cohorts.search import Cohort, Step
from healthsim.db.connection import Database
from healthsim.errors import InvalidInput, UsageError
from healthsim.exchange.omop.export import export_omop
from healthsim.state.tables import scenario_tables

if TYPE_CHECKING:
    import duckdb

#: the tables that a generated statement writes to
_RESULTS = {
    "cohort": "cohort_definition_id INTEGER, subject_id BIGINT, cohort_start_date DATE, cohort_end_date DATE",
    "cohort_inclusion_result": "cohort_definition_id INTEGER, mode_id INTEGER, inclusion_rule_mask BIGINT, person_count BIGINT",
    "cohort_inclusion_stats": (
        "cohort_definition_id INTEGER, rule_sequence INTEGER, mode_id INTEGER, person_count BIGINT, gain_count BIGINT,"
        " person_total BIGINT"
    ),
    "cohort_summary_stats": "cohort_definition_id INTEGER, mode_id INTEGER, base_count BIGINT, final_count BIGINT",
    "cohort_censor_stats": "cohort_definition_id INTEGER, lost_count BIGINT",
}
#: statistics by the best event of each person
_BY_PERSON = 1


def find_circe_cohort(
    database: Database, name: str, definition: Mapping[str, Any], *, vocabulary_folder: Path | None = None
) -> Cohort:
    """The patients of a scenario whom a cohort definition of OHDSI includes.

    Args:
        database: where the scenario is.
        name: its name or id.
        definition: the expression, or a definition of ATLAS with ``expression`` in it.
        vocabulary_folder: an Athena download; concept sets with descendants need its hierarchy.

    Raises:
        NotFound: there is no such scenario.
        InvalidInput: the definition is none, or uses what the translation does not know.
        UsageError: the extra ``ohdsi`` is not installed.
    """
    circe, sqlrender = _module("duckcdm.circe"), _module("duckcdm.sqlrender")
    expression = _expression(definition)
    try:
        statements = circe.build_cohort_query(
            json.dumps(expression),
            cdm_schema="main",
            vocabulary_schema="main",
            result_schema="results",
            target_table="results.cohort",
            cohort_id=1,
            generate_stats=True,
        )
    except (circe.CirceError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            f"The cohort definition cannot be read: {type(error).__name__} {error}. Expected the JSON that ATLAS shows"
            " under Export."
        ) from None
    with tempfile.TemporaryDirectory(prefix="healthsim-") as folder:
        file = Path(folder) / "omop.duckdb"
        export_omop(database, name, file, vocabulary_folder=vocabulary_folder)
        persons, attrition = _run(
            file, sqlrender.split_sql(sqlrender.translate(sqlrender.render(statements), "duckdb")), expression
        )
    with scenario_tables(database, name) as tables:
        scenario = tables.scenario
        # the id of a person in OMOP is shortened to 50 characters
        known = tables.execute("SELECT left(patient_id, 50), patient_id FROM patients").fetchall()
    patients = dict(known)
    members: list[tuple[str, dt.date | None]] = sorted(
        (patients[source], day) for source, day in persons if source in patients
    )
    if len(members) < len(persons):
        attrition.append(Step("known as patients", len(members), len(persons) - len(members)))
    return Cohort(scenario.scenario_id, scenario.name, members, attrition)


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(
            "Cohort definitions of OHDSI need the package duckcdm. Install it: pip install 'healthsim[ohdsi]'."
        ) from None


def _expression(definition: Mapping[str, Any]) -> dict[str, Any]:
    expression = definition.get("expression", definition)
    if isinstance(expression, str):
        # ATLAS keeps the expression as text
        try:
            expression = json.loads(expression)
        except ValueError:
            expression = None
    if not isinstance(expression, dict) or "PrimaryCriteria" not in expression:
        raise InvalidInput(
            "The cohort definition has no PrimaryCriteria; expected the JSON that ATLAS shows under Export."
        )
    return expression


def _run(
    file: Path, statements: list[str], expression: Mapping[str, Any]
) -> tuple[list[tuple[str, dt.date]], list[Step]]:
    from healthsim.db.plain_engine import UNANSWERABLE, other_file

    with other_file(file, read_only=False) as connection:
        connection.execute("CREATE SCHEMA results")
        for table, columns in _RESULTS.items():
            connection.execute(f"CREATE TABLE results.{table} ({columns})")
        try:
            for statement in statements:
                if statement.strip():
                    connection.execute(statement)
        except UNANSWERABLE as error:
            raise InvalidInput(
                f"The cohort definition asks for what this export cannot answer: {str(error).splitlines()[0]}"
            ) from None
        persons = connection.execute(
            "SELECT p.person_source_value, min(c.cohort_start_date) FROM results.cohort AS c"
            " JOIN main.person AS p ON p.person_id = c.subject_id GROUP BY p.person_source_value ORDER BY 1"
        ).fetchall()
        return persons, _attrition(connection, expression, len(persons))


def _attrition(connection: duckdb.DuckDBPyConnection, expression: Mapping[str, Any], final: int) -> list[Step]:
    """Persons after the entry event and after each inclusion rule, in order; what follows is censoring."""
    everyone = _one(connection, "SELECT count(*) FROM main.person")
    entered = _one(
        connection,
        f"SELECT coalesce(max(base_count), 0) FROM results.cohort_summary_stats WHERE mode_id = {_BY_PERSON}",
    )
    rules = expression.get("InclusionRules") or []
    if not rules:
        entered = max(entered, final)
    steps = [Step("persons of the scenario", everyone, 0), Step("entry event", entered, everyone - entered)]
    for number, rule in enumerate(rules):
        mask = (1 << (number + 1)) - 1
        left = _one(
            connection,
            "SELECT coalesce(sum(person_count), 0) FROM results.cohort_inclusion_result"
            f" WHERE mode_id = {_BY_PERSON} AND (inclusion_rule_mask & {mask}) = {mask}",
        )
        steps.append(Step(str(rule.get("name") or f"inclusion rule {number + 1}"), left, steps[-1].persons - left))
    if final != steps[-1].persons:
        steps.append(Step("exit and censoring", final, steps[-1].persons - final))
    return steps


def _one(connection: duckdb.DuckDBPyConnection, question: str) -> int:
    row = connection.execute(question).fetchone()
    return int(row[0]) if row else 0
