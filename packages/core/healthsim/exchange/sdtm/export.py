"""``healthsim export sdtm``: the trials of a scenario as datasets of SDTM, with their Define-XML."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.db.sql import quoted, sql_text
from healthsim.errors import InvalidInput
from healthsim.exchange.format import manifest_facts
from healthsim.exchange.sdtm import dataset_json, xpt
from healthsim.exchange.sdtm.ascii_text import LABEL_BYTES, VALUE_BYTES, ascii_of, pieces
from healthsim.exchange.sdtm.define_xml import Described, write_define
from healthsim.exchange.sdtm.domains import DOMAINS
from healthsim.exchange.sdtm.staged import PACKAGE, Shortened, Staged, measured, one_line, stage, stage_supplement
from healthsim.exchange.selection import selected
from healthsim.outputs import new_folder, write_manifest
from healthsim.results import Exported

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.state.tables import ScenarioTables

FILES = ("xpt", "dataset-json", "both")
QUERIES = {name: sql_text(PACKAGE, name) for name in ("sdtm_studies", "sdtm_subjects", "sdtm_elements")}


@dataclass
class _Written:
    """What became of a study's datasets, for the report."""

    counts: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    changed: int = 0
    cut: int = 0
    lost: int = 0


def export_sdtm(
    database: Database,
    name: str,
    target: Path,
    *,
    files: str = "xpt",
    force: bool = False,
    patient: Sequence[str] = (),
    since: dt.datetime | None = None,
    types: Sequence[str] = (),
) -> Exported:
    """Write the trials of a scenario.

    Args:
        database: where the scenario is.
        name: its name or id.
        target: a folder; with several studies, each has a folder of its own in it.
        files: ``xpt``, ``dataset-json`` or ``both``.
        force: replace what an earlier export left there.
        patient, since, types: what of it, as in ``selected``.

    Raises:
        NotFound: there is no such scenario.
        InvalidInput: there is no trial in it.
        AlreadyExists: something is at the target, and ``force`` is not set.
    """
    with selected(database, name, patient, since, types, QUERIES) as tables:
        studies = tables.execute("SELECT study_id, studyid, protocol_title FROM sdtm_studies ORDER BY ALL").fetchall()
        if not studies:
            raise InvalidInput(
                f"{tables.scenario.name!r} has no study and no subjects, so that there is nothing to write as SDTM."
                " Generate a population with the product trial, or choose another scenario.",
                scenario=tables.scenario.name,
            )
        written = _Written()
        with new_folder(target, force=force) as folder:
            for study_id, number, title in studies:
                place = folder if len(studies) == 1 else folder / _file_name(number)
                place.mkdir(exist_ok=True)
                _write_study(tables, place, (study_id, number), title, files, written)
            notes = _notes(written)
            left_out = _left_out(tables, written)
            facts = manifest_facts(tables.scenario, written.counts, [*left_out, *notes])
            write_manifest(folder, "HealthSim SDTM 3.4", facts)
        return Exported(target, tables.scenario.name, written.counts, left_out, notes)


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", ascii_of(text)).strip("._") or "study"


def _write_study(
    tables: ScenarioTables, place: Path, study: tuple[str, str], title: str | None, files: str, written: _Written
) -> None:
    described = []
    for domain in DOMAINS:
        staged = stage(tables, domain, study)
        for table in domain.carries:
            written.carried[table] = written.carried.get(table, 0) + _rows_carried(staged)
        supplement = stage_supplement(tables, staged)
        rest: list[tuple[Any, ...]] = []
        if staged.rows:
            described.append(_write_dataset(staged, place, study[1], files, written, rest))
        if supplement is not None and (supplement.rows or rest):
            described.append(_write_supplement(supplement, place, study[1], files, written, rest))
    made = tables.scenario.updated_at.replace(microsecond=0, tzinfo=None).isoformat()
    write_define(place / "define.xml", study[1], title, described, made, _version())


def _rows_carried(staged: Staged) -> int:
    """How many rows of the canonical table a dataset says: several of its rows may be of one, and several of one of them."""
    name = (
        f"{staged.domain.name}SPID"
        if staged.domain.name == "VS"
        else {"TA": "ARMCD", "TS": "STUDYID"}.get(staged.domain.name)
    )
    if name is None:
        return staged.rows
    count: int = staged.tables.one(f"SELECT count(DISTINCT {quoted(name)}) FROM {quoted(staged.table)}")
    return count


def _write_supplement(
    staged: Staged, place: Path, study: str, files: str, written: _Written, rest: list[tuple[Any, ...]]
) -> Described:
    """A supplement, with what was too long for its domain; what is too long in itself follows right away."""
    if rest:
        _insert(staged, rest)
        staged = measured(staged.tables, staged.domain, staged.table)
    while True:
        longer: list[tuple[Any, ...]] = []
        if files == "dataset-json":
            break
        # texts of a supplement go on in the supplement: they are found before anything is written
        shortened = Shortened(staged)
        for rows in staged.batches():
            shortened.columns(rows)
        longer = shortened.rest
        if not longer:
            break
        _insert(staged, longer)
        _cut(staged)
        staged = measured(staged.tables, staged.domain, staged.table)
    return _write_dataset(staged, place, study, files, written, [])


def _insert(staged: Staged, rows: list[tuple[Any, ...]]) -> None:
    places = ", ".join("?" * len(rows[0]))
    names = ", ".join(quoted(variable.name) for variable in staged.domain.variables)
    staged.tables.connection.executemany(f"INSERT INTO {quoted(staged.table)} ({names}) VALUES ({places})", rows)


def _cut(staged: Staged) -> None:
    """Texts that have been continued keep their first piece."""
    table = quoted(staged.table)
    rows = staged.tables.connection.execute(
        f"SELECT DISTINCT QVAL FROM {table} WHERE strlen(QVAL) > {VALUE_BYTES}"
    ).fetchall()
    pairs = [(pieces(ascii_of(one_line(value)))[0], value) for (value,) in rows]
    staged.tables.connection.executemany(f"UPDATE {table} SET QVAL = ? WHERE QVAL = ?", pairs)


def _write_dataset(
    staged: Staged, place: Path, study: str, files: str, written: _Written, rest: list[tuple[Any, ...]]
) -> Described:
    domain = staged.domain
    name = domain.name.lower()
    order = f"ORDER BY {', '.join(map(quoted, domain.keys))}" if name.startswith("supp") else ""
    moment = staged.tables.scenario.updated_at.replace(microsecond=0, tzinfo=None)
    file = f"{name}.json" if files == "dataset-json" else f"{name}.xpt"
    if files != "xpt":
        head = dataset_json.facts(
            domain, staged.variables, staged.lengths, staged.rows, study, moment.isoformat(), _version()
        )
        rows = (list(dataset_json.values_of(staged.variables, row)) for batch in staged.batches(order) for row in batch)
        with (place / f"{name}.json").open("xb") as stream:
            dataset_json.write_dataset(stream, head, rows)
    if files != "dataset-json":
        shortened = _write_xpt(staged, place / f"{name}.xpt", moment, order)
        rest += shortened.rest
        written.changed += shortened.changed
        written.cut += shortened.cut
        # trial design has no supplement: what does not fit there is lost, and said
        if not domain.is_of_subjects and not name.startswith("supp"):
            written.lost += len(shortened.rest)
            rest.clear()
    written.counts[domain.name] = written.counts.get(domain.name, 0) + staged.rows
    return Described(domain, staged.variables, staged.lengths, file, _coded_values(staged))


def _write_xpt(staged: Staged, target: Path, moment: dt.datetime, order: str) -> Shortened:
    columns = [
        xpt.XptColumn(each.name, each.label[:LABEL_BYTES], 0 if each.is_number else staged.lengths[each.name])
        for each in staged.variables
    ]
    shortened, size = Shortened(staged), 0
    with target.open("xb") as stream:
        xpt.write_header(stream, staged.domain.name, staged.domain.label[:LABEL_BYTES], columns, moment)
        for rows in staged.batches(order):
            content = xpt.rows_as_bytes(columns, shortened.columns(rows), len(rows))
            stream.write(content)
            size += len(content)
        stream.write(xpt.padding(size))
    return shortened


def _coded_values(staged: Staged) -> Mapping[str, Sequence[str]]:
    """The values of variables with controlled terminology."""
    values: dict[str, list[str]] = {}
    for variable in staged.variables:
        if variable.codelist is not None:
            column = quoted(variable.name)
            rows = staged.tables.execute(
                f"SELECT DISTINCT {column} FROM {quoted(staged.table)} WHERE {column} <> '' ORDER BY 1"
            ).fetchall()
            values[variable.name] = [value for (value,) in rows]
    return values


def _notes(written: _Written) -> list[str]:
    notes = []
    if written.changed:
        notes.append(
            f"{written.changed:,} texts were spelled in ASCII, which is all that XPT version 5 holds; Dataset-JSON has"
            " them as they are."
        )
    if written.cut:
        notes.append(f"{written.cut:,} texts of more than {VALUE_BYTES} bytes go on in supplemental qualifiers.")
    if written.lost:
        notes.append(f"{written.lost:,} texts of the trial's design were cut: it has no supplemental qualifiers.")
    return notes


def _left_out(tables: ScenarioTables, written: _Written) -> list[str]:
    """What of the scenario is in no dataset, counted by table."""
    missing = []
    for table, count in tables.counts().items():
        others = count - written.carried.get(table, 0)
        if others > 0:
            missing.append(f"{others:,} {table}")
    left_out = []
    if missing:
        left_out.append(
            f"Left out, as no part of a trial's tabulation or of no subject in its trial: {', '.join(missing)}."
        )
    left_out.append("Left out of subjects: names, addresses and other direct identifiers.")
    return left_out


def _version() -> str:
    from importlib.metadata import version

    return version("healthsim")
