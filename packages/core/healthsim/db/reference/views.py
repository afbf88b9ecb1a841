"""The views over the loads: one row per value, and one column per value of the newest release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from healthsim.db.reference.dataset import Connection
from healthsim.db.reference.places import STORED
from healthsim.db.reference.storage import PACKAGE, STARTER, Load, loads_in
from healthsim.db.reference.svi import THEMES, TODAY
from healthsim.db.sql import literal, quoted, sql_text

#: what the wide views are made for
_LEVELS = ("county", "tract")


def columns_of(connection: Connection, load: Load) -> list[str]:
    """The columns of a load's own table."""
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'reference_data' AND table_name = ?"
        " AND database_name = current_database() ORDER BY column_index",
        ["_".join(load.key)],
    ).fetchall()
    return [name for (name,) in rows]


def refresh_views(connection: Connection) -> None:
    """Make the views over the loads anew: what they show depends on what is loaded."""
    loads = loads_in(connection)
    columns = {load.key: columns_of(connection, load) for load in loads if load.target is None}
    places = [load for load in loads if load.dataset == "places" and columns[load.key]]
    svi = [load for load in loads if load.dataset == "svi" and columns[load.key]]
    tidy = [_tidy_places(load, set(columns[load.key])) for load in places]
    _view(connection, "view_places", rows=_union(tidy))
    _view(connection, "view_svi", rows=_union([_tidy_svi(load, columns[load.key]) for load in svi]))
    for level in _LEVELS:
        _view(connection, "view_ref_places", **_wide(newest_of(places, level), level, columns, _wide_places))
        _view(connection, "view_ref_svi", **_wide(newest_of(svi, level), level, columns, _wide_svi))
    _view(connection, "view_ref_adi_blockgroup")
    _view(connection, "view_counties")


def public_views() -> list[str]:
    """The views outside of the schemas of public statistics."""
    return ["ref_adi_blockgroup", *(f"ref_{dataset}_{level}" for dataset in ("places", "svi") for level in _LEVELS)]


def newest_of(loads: Sequence[Load], level: str) -> Load | None:
    """The newest load of a level that is no excerpt."""
    return next(iter(whole(loads, level)), None)


def whole(loads: Sequence[Load], level: str) -> list[Load]:
    """The loads of a level that are no excerpts, the newest first: those with half the places of the largest one or more."""
    known = [load for load in loads if load.level == level]
    official = [load for load in known if load.release != STARTER] or known
    largest = max((load.stored_rows for load in official), default=0)
    return [load for load in official if load.stored_rows * 2 >= largest]


def _view(connection: Connection, name: str, **parts: str) -> None:
    connection.execute(sql_text(PACKAGE, name).format(**parts))


def _union(selects: Iterable[str]) -> str:
    return "".join(f"\nUNION ALL\n{select}" for select in selects)


def measures_in(columns: set[str]) -> dict[str, list[str]]:
    """Measure (lower case) -> stored endings, of a table of PLACES."""
    measures: dict[str, list[str]] = {}
    for ending in STORED:
        for name in sorted(columns):
            if name.endswith("_" + ending) and (
                ending.startswith("age") or not name.endswith("_age_adjusted_" + ending)
            ):
                measures.setdefault(name.removesuffix("_" + ending), []).append(ending)
    return dict(sorted(measures.items()))


def _tidy_places(load: Load, columns: set[str]) -> str:
    structs = []
    for measure, endings in measures_in(columns).items():
        fields = ", ".join(
            f"{column} := {quoted(f'{measure}_{ending}') + '::DOUBLE' if ending in endings else 'NULL::DOUBLE'}"
            for ending, column in STORED.items()
        )
        structs.append(f"struct_pack(measure := {literal(measure.upper())}, {fields})")
    return sql_text(PACKAGE, "tidy_places").format(
        release=literal(load.release), level=literal(load.level), table=load.table, values=",\n        ".join(structs)
    )


def _tidy_svi(load: Load, columns: list[str]) -> str:
    variables = [(name, name) for name in columns if name not in ("geoid", "name")]
    present = set(columns)
    # older releases call the scores otherwise: they are found under today's names as well
    variables += [(today, old) for old, today in TODAY.items() if old in present and today not in present]
    structs = [f"struct_pack(variable := {literal(name)}, value := {quoted(old)})" for name, old in variables]
    return sql_text(PACKAGE, "tidy_svi").format(
        release=literal(load.release), level=literal(load.level), table=load.table, values=",\n        ".join(structs)
    )


def _wide(
    newest: Load | None,
    level: str,
    columns: Mapping[tuple[str, str, str], list[str]],
    selected: Callable[[list[str] | None], str],
) -> dict[str, str]:
    """The parts of a wide view: without a load it has the columns that every load has, and no rows."""
    tract = "geoid AS tract_fips,\n    " if level == "tract" else ""
    if newest is None:
        empty = "(SELECT NULL::VARCHAR AS geoid, NULL::VARCHAR AS name WHERE false)"
        return {"level": level, "tract": tract, "release": "NULL::VARCHAR", "columns": selected(None), "table": empty}
    return {
        "level": level,
        "tract": tract,
        "release": literal(newest.release),
        "columns": selected(columns[newest.key]),
        "table": newest.table,
    }


#: measures of every release: the columns of a wide view before anything is loaded
_ALWAYS = (
    "access2",
    "arthritis",
    "binge",
    "bphigh",
    "cancer",
    "casthma",
    "chd",
    "copd",
    "csmoking",
    "diabetes",
    "highchol",
    "obesity",
    "stroke",
)


def _wide_places(columns: list[str] | None) -> str:
    if columns is None:
        names = ["population", "population_18plus"]
        names += [f"{measure}_{ending}" for measure in _ALWAYS for ending in list(STORED)[:3]]
        return ",\n    ".join(f"NULL::{'BIGINT' if name.startswith('pop') else 'DOUBLE'} AS {name}" for name in names)
    # they are stored with one decimal where that is how they are published
    shown = [
        quoted(name) if name.startswith("population") else f"{quoted(name)}::DOUBLE AS {quoted(name)}"
        for name in columns
        if name not in ("geoid", "name", "absent")
    ]
    usual = [f"{measure}_{ending}" for measure in _ALWAYS for ending in list(STORED)[:3]]
    shown += [f"NULL::DOUBLE AS {name}" for name in usual if name not in columns]
    return ",\n    ".join(shown)


def _wide_svi(columns: list[str] | None) -> str:
    if columns is None:
        return ",\n    ".join(f"NULL::DOUBLE AS {name.lower()}" for name in ("E_TOTPOP", *THEMES))
    names = [name for name in columns if name not in ("geoid", "name")]
    shown = [f"{quoted(name)} AS {quoted(TODAY.get(name, name).lower())}" for name in names]
    return ",\n    ".join(shown)
