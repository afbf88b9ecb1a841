"""The concepts of an export: those of the built-in map, or a user's own Athena download.

The built-in map holds the concepts of the codes that scenarios use. What it does not know stays unmapped: concept 0.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.db.sql import one_file, quoted
from healthsim.errors import InvalidInput, NotFound
from healthsim.exchange.omop.tables import cdm_tables
from healthsim.remedies import remedy

if TYPE_CHECKING:
    import duckdb

BUILT_IN = "HealthSim 1"
#: the files of an Athena download -> whether the export needs them
ATHENA_FILES = {
    "CONCEPT": True,
    "CONCEPT_RELATIONSHIP": True,
    "VOCABULARY": True,
    "DOMAIN": True,
    "CONCEPT_CLASS": True,
    "RELATIONSHIP": True,
    "CONCEPT_ANCESTOR": False,
    "CONCEPT_SYNONYM": False,
    "DRUG_STRENGTH": False,
}
#: what the temporary tables of the built-in map hold: name -> (file, columns of it)
_BUILT_IN_TABLES = {
    "stage_word": ("word_map", "kind, word, CAST(concept_id AS INTEGER) AS concept_id"),
    "stage_term": (
        "vocabulary_terms",
        "kind, id, name, CAST(concept_id AS INTEGER) AS concept_id, is_hierarchical, defines_ancestry, reverse_id",
    ),
    "stage_code_map": (
        "code_map",
        "source_vocabulary AS vocabulary, upper(source_code) AS code, match = 'prefix' AS is_prefix,"
        " CAST(concept_id AS INTEGER) AS concept_id",
    ),
    "stage_parent": (
        "concept_parents",
        "CAST(ancestor_concept_id AS INTEGER) AS ancestor_concept_id,"
        " CAST(descendant_concept_id AS INTEGER) AS descendant_concept_id",
    ),
}
_ALWAYS = "DATE '1970-01-01' AS valid_start_date, DATE '2099-12-31' AS valid_end_date, NULL AS invalid_reason"
_KINDS = {
    "domain": "Domain",
    "vocabulary": "Vocabulary",
    "concept_class": "Concept Class",
    "relationship": "Relationship",
}


def stage_built_in(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the built-in map into temporary tables; ``stage_concept`` has the concepts of terms as well."""
    for table, (name, columns) in _BUILT_IN_TABLES.items():
        _load(connection, table, name, columns)
    columns = (
        "CAST(concept_id AS INTEGER) AS concept_id, concept_name, domain_id, vocabulary_id, concept_class_id,"
        f" standard_concept, concept_code, {_ALWAYS}"
    )
    _load(connection, "stage_concept", "concepts", columns)
    for kind, word in _KINDS.items():
        connection.execute(
            "INSERT INTO stage_concept SELECT DISTINCT ON (t.concept_id) t.concept_id, t.name, 'Metadata', $word, $word,"
            f" NULL, 'OMOP generated', {_ALWAYS} FROM stage_term AS t"
            " WHERE t.kind = $kind AND t.concept_id NOT IN (SELECT concept_id FROM stage_concept)",
            {"word": word, "kind": kind},
        )


def _load(connection: duckdb.DuckDBPyConnection, table: str, name: str, columns: str) -> None:
    with as_file(files("healthsim.exchange.omop").joinpath(f"{name}.csv")) as path:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {columns}"
            " FROM read_csv($path, header = true, all_varchar = true, nullstr = '')",
            {"path": one_file(path)},
        )


def check_athena(folder: Path) -> None:
    """Make sure that a folder is an Athena download.

    Raises:
        NotFound: there is no such folder, or a file of it is missing.
    """
    missing = [
        f"{name}.csv" for name, needed in ATHENA_FILES.items() if needed and not (folder / f"{name}.csv").is_file()
    ]
    if missing:
        raise NotFound(
            f"{folder} is no folder of vocabularies: {', '.join(missing)} missing. Expected an unpacked download of"
            " athena.ohdsi.org with CONCEPT.csv and its companions.",
            path=str(folder),
            missing=missing,
        )


def load_athena(connection: duckdb.DuckDBPyConnection, database: str, folder: Path) -> str:
    """Fill the vocabulary tables from an Athena download; the built-in concepts that it lacks are added.

    ``stage_concept`` becomes a view of what was loaded, and ``stage_code_map`` what the download maps. Answers the
    version of the vocabularies.

    Raises:
        InvalidInput: a file cannot be read as what Athena writes.
    """
    from healthsim.db.plain_engine import UNREADABLE

    here = quoted(database)
    for name in ATHENA_FILES:
        path, table = folder / f"{name}.csv", cdm_tables()[name.lower()]
        if not path.is_file():
            continue
        # dates are written 20991231; everything else is taken as it is
        columns = ", ".join(
            f"CAST(strptime({quoted(column.name)}, '%Y%m%d') AS DATE)"
            if column.sql_type == "date"
            else f"CAST({quoted(column.name)} AS {column.sql_type})"
            for column in table.columns
        )
        try:
            connection.execute(
                f"INSERT INTO {here}.{table.name} SELECT {columns} FROM read_csv($path, delim = '\t', header = true,"
                " quote = '', escape = '', all_varchar = true, nullstr = '')",
                {"path": one_file(path)},
            )
        except UNREADABLE as error:
            raise InvalidInput(
                f"{path} cannot be read as the {table.name} table of Athena: {str(error).splitlines()[0]}"
                f" Download the vocabularies again, or leave {remedy('the vocabulary folder')} out.",
                path=str(path),
            ) from None
    _add_missing(connection, here)
    connection.execute("DROP TABLE stage_concept")
    connection.execute(f"CREATE TEMP VIEW stage_concept AS SELECT * FROM {here}.concept")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE stage_code_map AS SELECT c.vocabulary_id AS vocabulary, upper(c.concept_code) AS code,"
        " false AS is_prefix, r.concept_id_2 AS concept_id"
        f" FROM {here}.concept_relationship AS r JOIN {here}.concept AS c ON c.concept_id = r.concept_id_1"
        f" JOIN {here}.concept AS t ON t.concept_id = r.concept_id_2 AND t.standard_concept = 'S'"
        " WHERE r.relationship_id = 'Maps to' AND r.invalid_reason IS NULL AND r.concept_id_1 <> r.concept_id_2"
        " AND c.vocabulary_id IN ('ICD10CM', 'ICD9CM', 'ICD10PCS', 'CPT4', 'HCPCS', 'NDC', 'RxNorm', 'LOINC', 'SNOMED', 'CVX')"
    )
    row = connection.execute(
        f"SELECT vocabulary_version FROM {here}.vocabulary WHERE vocabulary_id = 'None'"
    ).fetchone()
    return str(row[0]) if row and row[0] else "Athena"


def _add_missing(connection: duckdb.DuckDBPyConnection, here: str) -> None:
    connection.execute(
        f"INSERT INTO {here}.concept SELECT * FROM stage_concept AS c"
        f" WHERE c.concept_id NOT IN (SELECT concept_id FROM {here}.concept)"
    )
    for kind in _KINDS:
        columns = {
            "vocabulary": "id, name, NULL, NULL, concept_id",
            "relationship": "id, name, is_hierarchical, defines_ancestry, reverse_id, concept_id",
        }.get(kind, "id, name, concept_id")
        connection.execute(
            f"INSERT INTO {here}.{kind} SELECT {columns} FROM stage_term"
            f" WHERE kind = $kind AND id NOT IN (SELECT {kind}_id FROM {here}.{kind})",
            {"kind": kind},
        )
