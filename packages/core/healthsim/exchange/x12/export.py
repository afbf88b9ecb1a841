"""``healthsim export x12``: a scenario as transactions of X12, one file for each kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.db.sql import sql_text
from healthsim.exchange.files import opened
from healthsim.exchange.format import manifest_facts
from healthsim.exchange.portions import portions
from healthsim.exchange.selection import selected
from healthsim.exchange.x12.envelope import Envelope
from healthsim.exchange.x12.transactions import TRANSACTIONS, Transaction
from healthsim.exchange.x12.writing import PACKAGE, SET_SIZE, queries
from healthsim.outputs import new_folder, write_manifest
from healthsim.results import Exported

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.state.tables import ScenarioTables


def export_x12(
    database: Database,
    name: str,
    target: Path,
    *,
    force: bool = False,
    transactions: Sequence[str] = (),
    patient: Sequence[str] = (),
    since: dt.datetime | None = None,
    gz: bool = False,
) -> Exported:
    """Write a scenario as X12 into a new folder: a file for each kind of transaction that it has.

    Args:
        transactions: which; default: all that the scenario has something for.
        patient, since: a part of the scenario, as in ``selected``.
        gz: compress each file.

    Raises:
        NotFound: there is no such scenario or patient.
        AlreadyExists: something is at the target, and ``force`` is not set.
    """
    wanted = [known for known in TRANSACTIONS.values() if not transactions or known.name in transactions]
    counts: dict[str, int] = {}
    changed = 0
    with (
        selected(database, name, patient, since, queries=queries()) as tables,
        new_folder(target, force=force) as folder,
    ):
        for transaction in wanted:
            path = folder / f"{transaction.name}.x12{'.gz' * gz}"
            written, lost = _write(tables, transaction, path, gz=gz)
            if written or transactions:
                counts[f"{transaction.name} {transaction.thing}"] = written
                changed += lost
            else:
                path.unlink()
        left_out = _left_out(tables, changed)
        facts = manifest_facts(tables.scenario, counts, left_out)
        write_manifest(folder, "X12 5010", facts)
        scenario = tables.scenario.name
    return Exported(target, scenario, counts, left_out)


def _write(tables: ScenarioTables, transaction: Transaction, path: Path, *, gz: bool) -> tuple[int, int]:
    moment = tables.scenario.updated_at
    rows = portions(
        tables,
        PACKAGE,
        transaction.order,
        transaction.rows,
        transaction.names(),
        size=SET_SIZE,
        today=moment.date(),
    )
    with opened(path, moment, gz=gz) as stream:
        envelope = Envelope(
            stream,
            transaction.functional_id,
            transaction.version,
            moment,
            names_version=transaction.names_version,
        )
        written = transaction.assemble(envelope, rows)
        envelope.close()
    return written


def _left_out(tables: ScenarioTables, changed: int) -> list[str]:
    """What X12 carries otherwise than it stands, or not at all."""
    row = tables.execute(sql_text(PACKAGE, "left_out")).fetchone()
    dental, lineless, undecided, other = row if row is not None else (0, 0, 0, 0)
    told = [
        (changed, "values were shortened, or lost characters that X12 does not have"),
        (dental, "dental claims are in no 837: it is written for professional and institutional claims"),
        (lineless, "claims without lines are in no 837, which asks for one at least"),
        (undecided, "claims that are not decided (pended, or without a status) are in no 835"),
        (other, "rows of the clinical record, pharmacy and trials: X12 is about coverage, claims and payments"),
    ]
    return [f"{count:,} {words}" for count, words in told if count]
