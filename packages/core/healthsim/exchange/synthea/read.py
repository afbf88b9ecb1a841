"""Reading CSV of Synthea: every file, every row, every column.

A row stays as a document with all of its columns; what the model knows of it becomes a row of a type. Ids stay as they are;
rows without one get one that is made of their content. Nothing is corrected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.exchange.csv_rows import header_of, rows_of
from healthsim.exchange.synthea import rows as special
from healthsim.exchange.synthea.coverage import facts_of_claims
from healthsim.exchange.synthea.mapping import BY_NAME, TABLES, Table
from healthsim.state.json.header import Header

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading


#: a column that only files of Synthea call so, in upper case
_OF_PATIENTS = {"PATIENT", "PATIENTID", "ENCOUNTER"}


def table_of(path: Path) -> Table | None:
    """The file of Synthea that a file is, told by its name and header, or by its header alone."""
    names = {name.upper() for name in header_of(path)}
    if len(names) < 3:
        return None
    known = BY_NAME.get(path.stem.lower())
    if known is not None:
        return known if known.needs <= names else None
    fitting = [table for table in TABLES if table.needs | table.tells <= names]
    return max(fitting, key=lambda table: len(table.needs | table.tells), default=None)


def files_of(folder: Path) -> dict[str, Path]:
    """The files of Synthea that lie in a folder, by what they are.

    Beside one that is told by its columns, others are told by less: one with the name of a file of Synthea, whatever columns
    it lacks, and one of another name (of a fork, of a later version) whose rows are of patients as Synthea's are.
    """
    files: dict[str, Path] = {}
    further: dict[str, Path] = {}
    for path in sorted(folder.glob("*.csv")):
        if not path.is_file():
            continue
        name = path.stem.lower()
        if name in BY_NAME and table_of(path) is not None:
            files.setdefault(name, path)
        elif name in BY_NAME or _OF_PATIENTS & set(header_of(path)):
            further.setdefault(name, path)
    return further | files if files else files


def table_named(name: str) -> Table:
    """A file of Synthea by its name; one that is not known is kept row by row."""
    return BY_NAME.get(name) or Table(name, frozenset(), frozenset(), "synthea_" + re.sub(r"\W+", "_", name))


def version_of(files: Mapping[str, Path]) -> str:
    """The version of Synthea whose headers these are, as far as they tell."""
    headers = {name: {column.upper() for column in header_of(path)} for name, path in files.items()}
    patients, transitions = headers.get("patients", set()), headers.get("payer_transitions", set())
    coded = headers.get("conditions", set()) | headers.get("procedures", set())
    if "MIDDLE" in patients or "SYSTEM" in coded:
        return "3.3"
    if "FIPS" in patients or "INCOME" in patients or "START_DATE" in transitions:
        return "3.1"
    if "DATE" in headers.get("procedures", set()):
        return "2.7"
    return "3.0"


def read(path: Path, reading: Reading) -> Header:
    """Read a file, or the files of a folder."""
    if path.is_dir():
        files = files_of(path)
    else:
        table = table_of(path)
        files = {table.name: path} if table is not None else {}
    context = special.Context(version_of(files))
    for table in (*TABLES, *(table_named(name) for name in files if name not in BY_NAME)):
        if table.name in files:
            reading.part = files[table.name].name if path.is_dir() else None
            _read_table(table, files, reading, context)
    reading.part = None
    return Header(
        name=path.resolve().name if path.is_dir() else path.stem,
        description=f"CSV of Synthea {context.version}: {', '.join(files)}",
        format="synthea",
    )


def _read_table(table: Table, files: Mapping[str, Path], reading: Reading, context: special.Context) -> None:
    make = special.SPECIAL.get(table.special, special.plain)
    if table.name == "claims":
        context.facts = facts_of_claims(files, reading)
    if lacking := table.needs - {name.upper() for name in header_of(files[table.name])}:
        reading.oddity(f"a file without {', '.join(sorted(lacking))}; read as far as it goes", line=1)
    for row in rows_of(files[table.name], reading):
        reading.unit()
        upper = {name.upper(): text for name, text in row.items()}
        made = make(table, upper, context, reading)
        text = json.dumps(row, ensure_ascii=False)
        own_id = made.entity_id or (upper.get(table.key, "") if table.key else "")
        if made.columns is None:
            reading.keep(made.kind, text, entity_id=own_id, derived=made.derived, copies=True)
        else:
            reading.add(made.kind, text, made.columns, entity_id=own_id, derived=made.derived, copies=table.key is None)
