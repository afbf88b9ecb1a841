"""``healthsim export meds``: the patients of a scenario as events of MEDS 0.4, in shards of some thousand patients.

All is done by the engine: a shard is sorted and written by it, and no more than one is in work.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.db.sql import filled, literal, quoted, sql_text
from healthsim.errors import InvalidInput
from healthsim.exchange.format import manifest_facts
from healthsim.exchange.meds.events import EVENTS
from healthsim.exchange.selection import selected
from healthsim.outputs import new_folder, write_manifest
from healthsim.results import Exported

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.state.tables import ScenarioTables

PACKAGE = "healthsim.exchange.meds"
VERSION = "0.4"
SPLITS = ("train", "tuning", "held_out")
#: of a hundred subjects, as their numbers fall: the rest is held out
TRAIN, TUNING = 80, 10
#: patients whose events are sorted and written together
PER_SHARD = 10_000
_COLUMNS = "subject_id, time, code, numeric_value, text_value, encounter_id, entity_id"


def export_meds(
    database: Database,
    name: str,
    target: Path,
    *,
    force: bool = False,
    patient: Sequence[str] = (),
    since: dt.datetime | None = None,
    types: Sequence[str] = (),
    per_shard: int = PER_SHARD,
) -> Exported:
    """Write the patients of a scenario as a dataset of MEDS.

    Args:
        database: where the scenario is.
        name: its name or id.
        target: a folder.
        force: replace what an earlier export left there.
        patient, since, types: what of it, as in ``selected``.
        per_shard: patients of one file at most.

    Raises:
        NotFound: there is no such scenario.
        InvalidInput: there are no patients in it.
        AlreadyExists: something is at the target, and ``force`` is not set.
    """
    with selected(database, name, patient, since, types) as tables:
        if not tables.one("SELECT count(*) FROM patients"):
            raise InvalidInput(
                f"{tables.scenario.name!r} has no patients, so that there are no events to write. Choose another scenario.",
                scenario=tables.scenario.name,
            )
        shares = {"per_shard": per_shard, "train": TRAIN, "tuning": TUNING}
        tables.execute(f"CREATE OR REPLACE TEMP TABLE meds_subjects AS {sql_text(PACKAGE, 'meds_subjects')}", shares)
        tables.execute("CREATE OR REPLACE TEMP TABLE meds_codes (code VARCHAR, description VARCHAR, n BIGINT)")
        with new_folder(target, force=force) as folder:
            for split in SPLITS:
                (folder / "data" / split).mkdir(parents=True)
            (folder / "metadata").mkdir()
            shards = tables.execute(
                "SELECT shard, min(patient_id), max(patient_id) FROM meds_subjects GROUP BY shard ORDER BY shard"
            ).fetchall()
            for shard, first, last in shards:
                _write_shard(tables, folder, shard, first, last)
            counts = dict(
                tables.execute(
                    "SELECT split_part(split_part(code, '//', 1), '/', 1) AS kind, sum(n)::BIGINT FROM meds_codes"
                    " GROUP BY kind ORDER BY kind"
                ).fetchall()
            )
            _write_metadata(tables, folder)
            left_out = _left_out(tables)
            write_manifest(folder, f"HealthSim MEDS {VERSION}", manifest_facts(tables.scenario, counts, left_out))
        return Exported(target, tables.scenario.name, counts, left_out)


def _write_shard(tables: ScenarioTables, folder: Path, shard: int, first: str, last: str) -> None:
    """Sort the events of a shard, and write a file for each split that has any."""
    union = "\nUNION ALL\n".join(event.sql() for event in EVENTS)
    statement = filled(sql_text(PACKAGE, "meds_events"), {"events": union})
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE meds_shard AS {statement}", {"shard": shard, "first": first, "last": last}
    )
    tables.execute("INSERT INTO meds_codes SELECT code, max(description), count(*) FROM meds_shard GROUP BY code")
    splits = tables.execute("SELECT DISTINCT split FROM meds_shard ORDER BY split").fetchall()
    for (split,) in splits:
        file = folder / "data" / split / f"{shard}.parquet"
        tables.execute(
            f"COPY (SELECT {_COLUMNS} FROM meds_shard WHERE split = {literal(split)}) TO {literal(str(file))} (FORMAT parquet)"
        )


def _write_metadata(tables: ScenarioTables, folder: Path) -> None:
    """What MEDS wants to know of a dataset: itself, its codes, and who is in which split."""
    files = {
        "codes": "SELECT code, max(description) AS description, CAST(NULL AS VARCHAR[]) AS parent_codes FROM meds_codes"
        " GROUP BY code ORDER BY code",
        "subject_splits": "SELECT subject_id, split FROM meds_subjects ORDER BY subject_id",
    }
    for name, query in files.items():
        place = folder / "metadata" / f"{name}.parquet"
        tables.execute(f"COPY ({query}) TO {literal(str(place))} (FORMAT parquet)")
    from importlib.metadata import version

    scenario = tables.scenario
    about = {
        "dataset_name": scenario.name,
        "dataset_version": scenario.scenario_id,
        "etl_name": "HealthSim",
        "etl_version": version("healthsim"),
        "meds_version": VERSION,
        "created_at": scenario.updated_at.replace(microsecond=0, tzinfo=None).isoformat() + "Z",
        "raw_source_id_columns": ["entity_id"],
        "other_extension_columns": ["encounter_id"],
    }
    text = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    (folder / "metadata" / "dataset.json").write_text(text, encoding="utf-8")


def _left_out(tables: ScenarioTables) -> list[str]:
    """The tables of which nothing is an event, and the rows without the code that an event has."""
    carried = {event.table for event in EVENTS}
    missing = [f"{count:,} {table}" for table, count in tables.counts().items() if table not in carried]
    left_out = [f"Left out, as no events of patients: {', '.join(missing)}."] if missing else []
    coded = {event.table: event.key for event in EVENTS if event.table not in ("patients", "vital_signs")}
    for table, key in coded.items():
        conditions = " OR ".join(f"({event.where})" for event in EVENTS if event.table == table)
        count = tables.one(
            f"SELECT count({quoted(key)}) FROM {quoted(table)} AS t WHERE NOT coalesce({conditions}, FALSE)"
        )
        if count:
            left_out.append(f"Left out: {count:,} {table} without a code or a time.")
    return left_out
