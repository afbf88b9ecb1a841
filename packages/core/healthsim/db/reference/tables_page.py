"""The page of the reference tables, made from a new database: what there is to query, column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

from healthsim.db.connection import Database
from healthsim.db.reference.storage import PACKAGE
from healthsim.db.sql import sql_text

#: what the columns of the tables and of the tidy views mean; a name means the same wherever it stands
MEANINGS: dict[str, str] = {
    "release": "The release, as `healthsim reference list` names it; `starter` is the set that comes with the program.",
    "level": "`county`, `tract`, `place` or `zcta`.",
    "geoid": "The place: 5 digits of a county or ZCTA, 7 of a place, 11 of a tract, 12 of a block group.",
    "measure": "The measure of PLACES in capitals: `DIABETES`, `OBESITY` ...",
    "crude_prevalence": "Percent of adults (0 to 100), as modelled.",
    "crude_low": "Lower bound of its 95 % confidence interval.",
    "crude_high": "Upper bound of its 95 % confidence interval.",
    "age_adjusted_prevalence": "Percent of adults at the age distribution of the standard population; not at every level.",
    "age_adjusted_low": "Lower bound of its 95 % confidence interval.",
    "age_adjusted_high": "Upper bound of its 95 % confidence interval.",
    "population": "Inhabitants.",
    "population_18plus": "Adults; published from 2024.",
    "variable": "The variable of SVI as published: `RPL_THEMES`, `EP_POV150` ...; ranks of old releases under today's names.",
    "value": "Its value; what is published as -999 is NULL.",
    "national_rank": "Rank in the country, 1 (least) to 100 (most deprived).",
    "state_rank": "Rank in the state, 1 to 10.",
    "suppression": "Why there is no rank: `GQ`, `PH`, `GQ-PH`, `QDI`, `NONE`, `KVM`.",
    "vintage": "The geography: the year whose borders and codes the release uses.",
    "county_fips": "County, five digits.",
    "county_name": "Name of the county.",
    "state_fips": "State, two digits.",
    "state_abbr": "State, two letters.",
    "state_name": "Name of the state.",
    "cbsa_code": "Metropolitan or micropolitan area.",
    "cbsa_title": "Name of that area.",
    "cbsa_type": "Metropolitan or micropolitan.",
    "csa_code": "Combined area.",
    "csa_title": "Name of the combined area.",
    "central_outlying": "Whether the county is central or outlying in its area.",
    "tract_fips": "Tract, 11 digits.",
    "tract_fips_2020": "Tract in the coding by counties.",
    "tract_fips_2022": "The same tract in the coding by planning regions.",
    "town_name": "Town.",
    "county_fips_2020": "County, as it was until 2021.",
    "region_name": "Planning region.",
    "region_fips_2022": "Planning region, five digits.",
    "zcta": "ZIP code tabulation area.",
    "dataset": "The dataset: `places`, `svi`, `adi`, `nppes` ...",
    "file": "The file that was read.",
    "sha256": "Its checksum.",
    "rows": "Records read from the file.",
    "loaded_at": "When it was loaded (UTC).",
    "stored_rows": "Rows that they became.",
    "members": "How many loads the same file gave.",
    "url": "Where it was fetched from.",
    "filters": "The states and taxonomies that were kept, where not all were.",
    "variables": "The measures or variables in it.",
    "npi": "National Provider Identifier.",
    "entity_type": "1: a person, 2: an organisation.",
    "slot": "Place of the taxonomy in the file, 1 to 15.",
    "taxonomy_code": "Health care provider taxonomy.",
    "taxonomy_group": "Group of the taxonomy.",
    "primary_taxonomy": "The taxonomy that is flagged as the primary one.",
    "is_primary": "Whether it is flagged as the primary one.",
    "name": "Name of the place.",
}


def tables_page() -> str:
    """The text of ``docs/reference-tables.md``."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Tables of reference data"
    yield ""
    yield "Made from a new database by `python scripts/write_docs.py`; a test keeps it true."
    yield ""
    yield (
        "[Reference data](reference-data.md) tells where the figures come from. All releases lie side by side: choose one by"
        " `release`, or use the wide views, which show the newest. Percentile ranks are never averaged to another geography."
    )
    with Database(":memory:").read() as connection:
        columns = connection.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
            " AND (schema_name = 'reference' OR starts_with(table_name, 'ref_')) ORDER BY schema_name DESC, table_name,"
            " column_index"
        ).fetchall()
    tables: dict[str, list[tuple[str, str]]] = {}
    for schema, table, column, kind in columns:
        tables.setdefault(table if schema == "main" else f"{schema}.{table}", []).append((column, kind))
    for table, described in tables.items():
        yield ""
        yield f"## `{table}`"
        yield ""
        yield _about(table)
        yield ""
        if table.startswith("ref_p"):
            yield (
                "Per measure: `<measure>_crude_prev`, `<measure>_crude_low`, `<measure>_crude_high`, and the age-adjusted ones"
                " where the release has them."
            )
            yield ""
        yield "| column | type | meaning |"
        yield "| --- | --- | --- |"
        for column, kind in described:
            yield f"| `{column}` | {kind} | {_meaning(column)} |"


def _about(table: str) -> str:
    """What the comment above the statement of a table or view says."""
    schema, _, name = table.rpartition(".")
    if schema and name not in ("places", "svi", "counties"):
        text = files("healthsim.db").joinpath("versions", "0002_reference", f"{name}.sql").read_text(encoding="utf-8")
    else:
        view = name if name == "ref_adi_blockgroup" or schema else re.sub("_(county|tract)$", "", name)
        text = sql_text(PACKAGE, f"view_{view}")
    comment = re.match(r"(?:--[^\n]*\n)+", text)
    return " ".join(line.removeprefix("--").strip() for line in (comment[0] if comment else "").splitlines())


def _meaning(column: str) -> str:
    if column in MEANINGS:
        return MEANINGS[column]
    estimate = re.fullmatch(r"(\w+?)_(crude|age_adjusted)_(prev|low|high)", column)
    if estimate:
        ends = {"prev": "Percent of adults", "low": "Lower bound", "high": "Upper bound"}
        kind = {"crude": "crude", "age_adjusted": "age-adjusted"}[estimate[2]]
        return f"{ends[estimate[3]]}, {kind}: {estimate[1].upper()}."
    if column.startswith(("rpl_theme", "e_", "ep_", "f_", "m_", "epl_", "spl_")):
        return f"The variable `{column.upper()}` of SVI."
    return f"{column.replace('_', ' ').capitalize()}, as published."
