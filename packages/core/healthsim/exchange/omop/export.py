"""``healthsim export omop``: a scenario's canonical tables as an OMOP CDM 5.4 database.

Rows are staged in temporary tables (who is who, contacts, coded events), codes get their standard concepts, and each
table of the common data model is one statement over the stage: the domain of the concept decides which table.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from healthsim.analytics.star.scenario_views import SHARED
from healthsim.db.connection import Database
from healthsim.db.engine import STORAGE_VERSION
from healthsim.db.plain_engine import EngineError, other_file
from healthsim.db.sql import filled, literal, quoted, sql_text
from healthsim.errors import UsageError
from healthsim.exchange.format import manifest_facts
from healthsim.exchange.omop import vocabulary
from healthsim.exchange.omop.tables import cdm_tables
from healthsim.outputs import is_database, new_file, new_folder, write_manifest
from healthsim.remedies import remedy
from healthsim.results import Grid, Written
from healthsim.state.tables import ScenarioTables, scenario_tables

FORMATS = ("duckdb", "parquet", "csv")
PACKAGE = "healthsim.exchange.omop"
#: staged one after the other; the coded events share one range of numbers, so that each is unique in whatever table
_STAGES = ("identity", "person", "role", "status", "address", "care_site", "provider", "claim", "visit", "billed")
_EVENTS = ("diagnosis", "procedure", "drug", "result", "allergy")
_VOCABULARY = (
    "domain",
    "vocabulary",
    "concept_class",
    "relationship",
    "concept",
    "concept_relationship",
    "concept_ancestor",
    "drug_strength",
)
#: filled in this order: eras read the tables before them
_FILLED = (
    "location",
    "care_site",
    "provider",
    "person",
    "death",
    "observation_period",
    "visit_occurrence",
    "condition_occurrence",
    "drug_exposure",
    "procedure_occurrence",
    "device_exposure",
    "measurement",
    "observation",
    "note",
    "payer_plan_period",
    "cost",
    "condition_era",
    "drug_era",
    "cdm_source",
    "source_to_concept_map",
)
#: in the head of a stage: a canonical table of which each row becomes at most one of its own, and the condition on those
_TAKES = re.compile(r"^-- takes: (\w+) as (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Coverage:
    """How much of what comes from one domain of source codes has a standard concept; the most frequent that have none."""

    domain: str
    codes: int
    mapped_codes: int
    rows: int
    mapped_rows: int
    unmapped: dict[str, int]

    @property
    def percent(self) -> str:
        """The share of rows that have a standard concept."""
        return f"{100 * self.mapped_rows / self.rows:.1f}" if self.rows else ""


#: why rows of a canonical table are left out, where it is not for want of a person or a date
_WHY = {
    "persons": "without a date of birth",
    "claims": "reversed, of a pharmacy, or without a person or a date",
    "pharmacy_claims": "not paid, or without a person or a date",
}
#: codes that a remark on coverage names
_NAMED_CODES = 5


@dataclass(frozen=True, repr=False, eq=False)
class OmopExport(Written):
    """What an export wrote: rows by table, the coverage of the map, and what has no place in the common data model."""

    path: Path | str
    format: str
    vocabulary: str
    tables: dict[str, int]
    coverage: list[Coverage]
    left_out: dict[str, int]

    def sentence(self) -> str:
        return f"Wrote {self.path}: {sum(self.tables.values()):,} rows. Vocabulary: {self.vocabulary}."

    def grids(self) -> list[Grid]:
        names = ("source codes", "codes", "mapped", "rows", "mapped rows", "%")
        coverage = [
            (item.domain, item.codes, item.mapped_codes, item.rows, item.mapped_rows, item.percent)
            for item in self.coverage
        ]
        filled = [(name, rows) for name, rows in self.tables.items() if rows]
        return [Grid(("table", "rows"), filled), Grid(names, coverage, "Standard concepts")]

    def remarks(self) -> list[str]:
        remarks = []
        for item in self.coverage:
            if item.unmapped:
                first = ", ".join(f"{code} ({rows:,})" for code, rows in list(item.unmapped.items())[:_NAMED_CODES])
                remarks.append(f"{item.domain}: most frequent without a standard concept: {first}.")
        for table, count in self.left_out.items():
            remarks.append(f"Left out: {count:,} {table} ({_WHY.get(table, 'without a person or a date')}).")
        return remarks


def export_omop(
    database: Database,
    name: str,
    target: Path,
    *,
    format: str = "duckdb",
    vocabulary_folder: Path | None = None,
    force: bool = False,
    today: dt.date | None = None,
) -> OmopExport:
    """Write a scenario as an OMOP CDM 5.4 database.

    Args:
        database: where the scenario is.
        name: its name or id.
        target: a file for ``duckdb``, a folder for ``parquet`` and ``csv``.
        format: ``duckdb``, ``parquet`` or ``csv``.
        vocabulary_folder: an unpacked Athena download, whose concepts and mappings are then used.
        force: replace what an earlier export left there.
        today: the date of the release; default: today.

    Raises:
        NotFound: there is no such scenario, or the folder of vocabularies is none.
        AlreadyExists: something is at the target, and ``force`` is not set.
        InvalidInput: the vocabularies cannot be read.
    """
    if format not in FORMATS:
        raise UsageError(f"Unknown format {format!r}; expected one of {', '.join(FORMATS)}.")
    if vocabulary_folder is not None:
        vocabulary.check_athena(vocabulary_folder)
    with scenario_tables(database, name, SHARED) as tables:
        if format == "duckdb":
            with new_file(target, force=force, ours=_no_cdm, engine=EngineError) as partial:
                build = _Build(tables, partial, vocabulary_folder, today)
                build.detach()
        else:
            with new_folder(target, force=force, engine=EngineError) as folder:
                scratch = folder / "export.duckdb"
                build = _Build(tables, scratch, vocabulary_folder, today)
                build.copy_tables(folder, format)
                build.detach()
                scratch.unlink()
                write_manifest(folder, f"OMOP CDM 5.4, {format}", manifest_facts(tables.scenario, build.tables))
    return OmopExport(target, format, build.version, build.tables, build.coverage, build.left_out)


def _no_cdm(file: Path) -> str | None:
    """Why a file is not ours to replace, in words; None for a database that an export of OMOP wrote."""
    if is_database(file):
        try:
            with other_file(file, read_only=True) as connection:
                rows = connection.execute(
                    "SELECT count(*) FILTER (table_name = 'cdm_source'), count(*) FILTER (table_name = 'scenarios')"
                    " FROM duckdb_tables() WHERE NOT internal"
                ).fetchall()
            if rows == [(1, 0)]:
                return None
        except EngineError:
            # somebody has it open, or it cannot be read: it is not ours to take away
            pass
    return f"no OMOP database, so that {remedy('replace a file')} does not replace it"


class _Build:
    """One common data model, built in a new database file that is attached while it is written."""

    def __init__(
        self,
        tables: ScenarioTables,
        file: Path,
        vocabulary_folder: Path | None,
        today: dt.date | None,
    ) -> None:
        self.canonical = tables
        self.connection = connection = tables.connection
        self.alias = f"cdm_{uuid.uuid4().hex[:12]}"
        self.version = vocabulary.BUILT_IN
        self.values: dict[str, Any] = {"today": today or dt.date.today(), "offset": 0}
        connection.execute(
            f"ATTACH {literal(str(file))} AS {quoted(self.alias)} (READ_WRITE, STORAGE_VERSION {literal(STORAGE_VERSION)})"
        )
        for table in cdm_tables().values():
            connection.execute(table.create(self.alias))
        connection.execute(sql_text(PACKAGE, "macros"))
        vocabulary.stage_built_in(connection)
        self.values["vocabulary_version"] = self.version
        if vocabulary_folder is not None:
            self.version = vocabulary.load_athena(connection, self.alias, vocabulary_folder)
            self.values["vocabulary_version"] = self.version
        else:
            for table_name in _VOCABULARY:
                self._fill(table_name)
        self._stage()
        self._fill("concept", "local_concept")
        self._fill("concept_relationship", "local_relationship")
        for table_name in _FILLED:
            self._fill(table_name)
        self.tables = {name: self._one(f"SELECT count(*) FROM {quoted(self.alias)}.{name}") for name in cdm_tables()}
        self.coverage = self._coverage()
        self.left_out = self._left_out()
        # the file is whole, without a log beside it; what follows in this connection is another transaction
        connection.execute("COMMIT")
        connection.execute(f"CHECKPOINT {quoted(self.alias)}")
        connection.execute("BEGIN TRANSACTION")

    def _stage(self) -> None:
        for name in _STAGES:
            self._keep(f"stage_{name}", "TABLE")
        for name in _EVENTS:
            self._keep(f"stage_{name}", "TABLE")
            self.values["offset"] += self._one(f"SELECT count(*) FROM stage_{name}")
        self._keep("stage_code", "TABLE")
        for name in ("mapped", "local", "map"):
            self._keep(f"stage_{name}", "TABLE")
        self._keep("stage_event", "VIEW")
        self._keep("stage_data_end", "TABLE")
        self._keep("stage_coverage", "TABLE")

    def _keep(self, name: str, kind: str) -> None:
        self._run(f"CREATE OR REPLACE TEMP {kind} {name} AS\n", name)

    def _fill(self, table: str, statement: str | None = None) -> None:
        columns = ", ".join(quoted(column.name) for column in cdm_tables()[table].columns)
        self._run(
            f"INSERT INTO {quoted(self.alias)}.{table} BY NAME\nSELECT {columns} FROM (\n", statement or table, "\n)"
        )

    def _run(self, before: str, name: str, after: str = "") -> None:
        text = filled(sql_text(PACKAGE, name), {"cdm": quoted(self.alias)})
        self.canonical.execute(before + text + after, self.values)

    def _one(self, question: str) -> int:
        row = self.connection.execute(question).fetchone()
        return int(row[0]) if row else 0

    def _coverage(self) -> list[Coverage]:
        unmapped: dict[str, dict[str, int]] = {}
        for domain, source_value, rows in self.connection.execute(sql_text(PACKAGE, "unmapped")).fetchall():
            unmapped.setdefault(domain, {})[source_value] = rows
        counted = self.connection.execute(sql_text(PACKAGE, "coverage")).fetchall()
        return [
            Coverage(domain, codes, mapped_codes, rows, mapped_rows, unmapped.get(domain, {}))
            for domain, codes, mapped_codes, rows, mapped_rows in counted
        ]

    def _left_out(self) -> dict[str, int]:
        counts = {"persons": self._one("SELECT count(*) FROM stage_person WHERE person_id IS NULL")}
        held = self.canonical.counts()
        for name in (*_STAGES, *_EVENTS):
            for table, taken in _TAKES.findall(sql_text(PACKAGE, f"stage_{name}")):
                counts[table] = held.get(table, 0) - self._one(f"SELECT count(*) FROM stage_{name} WHERE {taken}")
        return {table: count for table, count in counts.items() if count}

    def copy_tables(self, folder: Path, format: str) -> None:
        """Write every table as a file of the folder."""
        options = "FORMAT parquet, COMPRESSION zstd" if format == "parquet" else "FORMAT csv, HEADER true"
        for name in cdm_tables():
            path = literal(str(folder / f"{name}.{format}"))
            self.connection.execute(f"COPY {quoted(self.alias)}.{name} TO {path} ({options})")

    def detach(self) -> None:
        """Close the file."""
        self.connection.execute("COMMIT")
        self.connection.execute(f"DETACH {quoted(self.alias)}")
        self.connection.execute("BEGIN TRANSACTION")
