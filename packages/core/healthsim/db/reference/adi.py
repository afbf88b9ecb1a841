"""Neighborhood Atlas Area Deprivation Index of block groups. It may not be passed on: users bring their own file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from healthsim.db.reference.dataset import Claim, Connection, Dataset, Layout, connecticut, parts_of, positions
from healthsim.db.reference.source import Table
from healthsim.db.sql import sql_text
from healthsim.errors import InvalidInput

RELEASES = ("2013", "2015", "2018", "2019", "2020", "2021", "2022", "2023", "2024")
TOTALS: Mapping[tuple[str, str], int] = {("blockgroup", "2018"): 220_333, ("blockgroup", "2023"): 242_336}
#: reasons instead of a rank: group quarters, few people or homes, both, questionable data; older: none, suppressed
REASONS = ("GQ", "PH", "GQ-PH", "PH-GQ", "QDI", "NONE", "KVM", "GQ-QDI", "PH-QDI", "GQ-PH-QDI")

_PARTS = {
    "key": ("fips",),
    "gisjoin": ("gisjoin",),
    "national": ("adinatrank", "adinationalrank"),
    "state_rank": ("adistaternk", "adistaterank", "adisternk", "adistatrank"),
}
#: what the files of nine-digit ZIP codes have, many of which lie in one block group
_ZIP_CODES = ("zip4", "zipid")
#: "G16000100001011" is G, state 16, 0, county 001, 0, tract 000101, block group 1. It keeps the zeros that FIPS loses.
_FROM_GISJOIN = (
    "CASE WHEN regexp_full_match(trim(gisjoin), 'G[0-9]{14}')"
    " THEN substr(trim(gisjoin), 2, 2) || substr(trim(gisjoin), 5, 3) || substr(trim(gisjoin), 9, 7) ELSE trim(key) END"
)


def recognise(dataset: Dataset, table: Table) -> Layout | None:
    """A file of ADI, with or without the leading row number, or none of it.

    Raises:
        InvalidInput: it is the file of nine-digit ZIP codes.
    """
    columns = positions(table.header)
    parts = parts_of(columns, _PARTS)
    if "national" in parts and any(name in columns for name in _ZIP_CODES):
        raise InvalidInput(
            f"{table.member.label} is the ADI of nine-digit ZIP codes; expected that of block groups. Nothing was"
            ' loaded. Download the file "Census Block Group" of the same year and import that.',
            file=table.member.label,
        )
    if not {"key", "national", "state_rank"} <= set(parts):
        return None
    key = _FROM_GISJOIN if "gisjoin" in parts else "trim(key)"
    return Layout(
        dataset,
        table,
        table.header,
        table.skip + 1,
        parts,
        {},
        ("blockgroup",),
        RELEASES,
        "the releases have the same columns",
        key=key,
    )


def claims(connection: Connection, layout: Layout, level: str) -> Iterable[Claim]:
    """What the number of records and Connecticut's codes say about the release."""
    row = connection.execute("SELECT count(*) FROM raw").fetchone()
    for (_, release), total in TOTALS.items():
        if row and row[0] == total:
            # releases of one decade have the same block groups: their number says which decade, and no more
            same = frozenset(other for other in RELEASES if (other < "2020") == (release < "2020"))
            yield Claim(same, f"it has {total:,} records, the block groups of {vintage_of(release)}")
    coding = connecticut(connection, layout.table.member.label)
    if coding == "regions":
        yield Claim(
            frozenset(release for release in RELEASES if release >= "2022"),
            "it has Connecticut's planning regions (09110 to 09190)",
        )


def vintage_of(release: str) -> str:
    """The census whose block groups a release has."""
    return "2010" if release < "2020" else "2020"


def vintage(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """Block groups of 2010 until the release of 2019, of 2020 since then; Connecticut's coding decides about 2022."""
    regions = release >= "2020" and connecticut(connection, layout.table.member.label) == "regions"
    return "2022" if regions else vintage_of(release)


def project(connection: Connection, layout: Layout, level: str, release: str) -> str:
    """The SELECT of one row per block group: ranks, or the reason why there are none."""
    return sql_text("healthsim.db.reference", "adi")


def check(connection: Connection, layout: Layout, level: str, release: str) -> Sequence[str]:
    """Ranks are from 1 to 100 and 1 to 10, reasons are known ones, and the two keys of a record agree."""
    label = layout.table.member.label
    bad = connection.execute(
        "SELECT geoid, coalesce(national_rank::VARCHAR, ''), coalesce(state_rank::VARCHAR, ''),"
        " coalesce(suppression, '')"
        " FROM staged WHERE national_rank NOT BETWEEN 1 AND 100 OR state_rank NOT BETWEEN 1 AND 10"
        " OR NOT list_contains(?, suppression) LIMIT 1",
        [list(REASONS)],
    ).fetchone()
    if bad:
        raise InvalidInput(
            f"{label}: block group {bad[0]} has the ranks {bad[1] or bad[3]!r} and {bad[2] or bad[3]!r}; expected 1"
            " to 100"
            f" and 1 to 10, or a reason ({', '.join(REASONS[:7])}). Nothing was loaded.",
            file=label,
        )
    if "gisjoin" in layout.parts:
        other = connection.execute(
            "SELECT published_key, geoid FROM raw WHERE regexp_full_match(published_key, '[0-9]{11,12}') AND"
            " lpad(published_key, 12, '0') <> geoid LIMIT 1"
        ).fetchone()
        if other:
            raise InvalidInput(
                f"{label}: a record has FIPS {other[0]} and a GISJOIN of {other[1]}; expected the same block group."
                " The columns were shifted against each other; nothing was loaded.",
                file=label,
            )
    return ()


ADI = Dataset(
    name="adi",
    title="Area Deprivation Index",
    expected="FIPS, ADI_NATRANK and ADI_STATERNK",
    releases=RELEASES,
    recognise=recognise,
    claims=claims,
    vintage=vintage,
    project=project,
    check=check,
    target="adi",
    totals=TOTALS,
)
