"""Which dataset, level and release a file is: from its header and contents, never from the header alone.

What cannot be told apart is taken from the file's name, else asked for. What contradicts is refused, with what was
seen and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from healthsim.db.reference.dataset import DIGITS, DROPPED_ZEROS, Claim, Connection, Dataset, Layout
from healthsim.db.reference.source import Table
from healthsim.errors import InvalidInput
from healthsim.remedies import remedy

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def recognise(table: Table, datasets: Sequence[Dataset], claimed: str | None) -> Layout:
    """The layout of a table.

    Raises:
        InvalidInput: no dataset has such a header, or not the one that was claimed.
    """
    layouts = [layout for dataset in datasets if (layout := dataset.recognise(dataset, table)) is not None]
    label = table.member.label
    if claimed is not None:
        wanted = next(dataset for dataset in datasets if dataset.name == claimed)
        match = [layout for layout in layouts if layout.dataset is wanted]
        if match:
            return match[0]
        seen = f"it looks like {layouts[0].dataset.title}" if layouts else f"its columns are {_shown(table.header)}"
        raise InvalidInput(
            f"{label} is no file of {wanted.title}: {seen}; expected {wanted.expected}. Nothing was loaded.",
            file=label,
            expected=wanted.expected,
        )
    if not layouts:
        listed = "\n".join(f"  {dataset.name}: {dataset.expected}" for dataset in datasets)
        raise InvalidInput(
            f"{label} is none of the known tables: its columns are {_shown(table.header)}. Nothing was loaded."
            f" Expected one of\n{listed}",
            file=label,
            columns=list(table.header[:50]),
        )
    return layouts[0]


def _shown(header: Sequence[str]) -> str:
    names = ", ".join(name[:40] or "(unnamed)" for name in header[:8])
    return names + (f" ... ({len(header)} columns)" if len(header) > 8 else "")


def level_of(connection: Connection, layout: Layout, claimed: str | None) -> str:
    """The level of the keys of the table raw.

    Raises:
        InvalidInput: the keys are of no level that the header allows, of several, or not of the claimed one.
    """
    label = layout.table.member.label
    lengths = connection.execute(
        "SELECT CASE WHEN regexp_full_match(key, '[0-9]+') THEN length(key) ELSE 0 END AS digits, count(*), min(key)"
        " FROM raw GROUP BY ALL ORDER BY 2 DESC, 1"
    ).fetchall()
    seen = ", ".join(
        f"{count:,} of {digits} digits (such as {example})"
        if digits
        else f"{count:,} that are no numbers ({example!r})"
        for digits, count, example in lengths[:6]
    )
    fits = [level for level in layout.levels if all(fit(level, digits) for digits, _, _ in lengths)]
    if claimed is None and {"county", "zcta"} <= set(fits):
        fits.remove(_not_the_level(connection, layout))
    if claimed is not None and claimed not in fits:
        expected = (
            f"level {claimed} has keys of {DIGITS[claimed]} digits" if claimed in DIGITS else f"no level {claimed}"
        )
        raise InvalidInput(
            f"{label} is not of level {claimed}: its keys are {seen}; expected: {expected}"
            + (f", and this header allows {', '.join(layout.levels)}" if claimed not in layout.levels else "")
            + (f". It looks like level {fits[0]}" if fits else "")
            + ". Nothing was loaded.",
            file=label,
            level=claimed,
        )
    if claimed is not None:
        return claimed
    if not fits:
        wanted = ", ".join(f"{level} {DIGITS[level]}" for level in layout.levels)
        raise InvalidInput(
            f"{label} has keys of no level, or of several: {seen}; expected all of one level (digits: {wanted}; one"
            " lost"
            " leading zero is put back). Nothing was loaded.",
            file=label,
        )
    return fits[0]


def fit(level: str, digits: int) -> bool:
    """Whether a key of so many digits can be of a level, lost leading zeros put back."""
    return DIGITS[level] - DROPPED_ZEROS.get(level, 1) <= digits <= DIGITS[level]


def _not_the_level(connection: Connection, layout: Layout) -> str:
    """Of counties and ZIP code areas, whose keys look alike, the level that a table is not of: the places of one are
    named by their own keys, those of the other by words.

    Raises:
        InvalidInput: they have no names.
    """
    parts = [part for part in ("name", "location", "county") if part in layout.parts]
    if not parts:
        label = layout.table.member.label
        raise InvalidInput(
            f"{label} has keys of 5 digits and no names: they may be counties or ZIP code areas. Say it with"
            f" {remedy('the level', level='county')} or {remedy('the level', level='zcta')}.",
            file=label,
        )
    row = connection.execute(
        f"SELECT count(*) FROM raw WHERE NOT coalesce(ltrim(replace(coalesce({', '.join(parts)}), 'ZCTA5 ', ''), '0')"
        " = ltrim(key, '0'), false)"
    ).fetchone()
    return "zcta" if row and row[0] else "county"


def pad_keys(connection: Connection, layout: Layout, level: str) -> None:
    """Give the table raw the column geoid: its keys with the leading zeros that their level has.

    Raises:
        InvalidInput: a key is of no state, or stands twice.
    """
    label = layout.table.member.label
    digits = DIGITS[level]
    connection.execute(f"ALTER TABLE raw ADD COLUMN geoid VARCHAR; UPDATE raw SET geoid = lpad(key, {digits}, '0')")
    if level != "zcta" and digits < 13 and layout.dataset.name != "nppes":
        bad = connection.execute(
            "SELECT geoid, key FROM raw WHERE NOT (left(geoid, 2)::INTEGER BETWEEN 1 AND 56"
            " AND left(geoid, 2) NOT IN ('03', '07', '14', '43', '52') OR left(geoid, 2) IN ('60', '66', '69', '72',"
            " '78')"
            " OR geoid = '00059')"
            " LIMIT 3"
        ).fetchall()
        if bad:
            raise InvalidInput(
                f"{label}: the key {bad[0][1]!r} would be {bad[0][0]}, and no state has the code {bad[0][0][:2]};"
                " nothing"
                " was loaded. The column is no FIPS key, or the file is damaged.",
                file=label,
            )
    if not layout.repeated_keys:
        twice = connection.execute(
            "SELECT geoid, count(*) FROM raw GROUP BY geoid HAVING count(*) > 1 ORDER BY ALL LIMIT 3"
        ).fetchall()
        if twice:
            raise InvalidInput(
                f"{label}: the key {twice[0][0]} stands {twice[0][1]} times; expected one record a place. The file"
                " is two"
                " files in one, or damaged; nothing was loaded.",
                file=label,
            )


def release_of(connection: Connection, layout: Layout, level: str, claimed: str | None) -> str:
    """The release of the table raw: what header and contents leave possible, the claim or the file name decide.

    Raises:
        InvalidInput: contents and claim contradict each other, or nothing decides.
    """
    dataset, member = layout.dataset, layout.table.member
    claimed = claimed and dataset.of_year(claimed)
    name = f"{member.path.name} {member.name}" if member.packed == "zip" else member.path.name
    years = {dataset.of_year(year) for year in _YEAR.findall(name)}
    possible: set[str] = set(layout.releases)
    claims = list(dataset.claims(connection, layout, level))
    unknown = _unknown(layout, claims, {*years, *([claimed] if claimed else [])})
    possible |= unknown
    reasons = [layout.why]
    for claim in claims:
        allowed = claim.releases | (unknown if claim.or_newer else set())
        if not possible & allowed:
            raise InvalidInput(
                f"{member.label} contradicts itself: {'; '.join(reasons)} ({_listed(possible)}), but {claim.why}"
                f" ({_listed(set(claim.releases))}). It mixes releases, or is damaged; nothing was loaded.",
                file=member.label,
            )
        possible &= allowed
        reasons.append(claim.why)
    because = "; ".join(reason for reason in reasons if reason) or "nothing in it tells them apart"
    if claimed is not None:
        if claimed in possible:
            return claimed
        raise InvalidInput(
            f"{member.label} is not {dataset.title} {claimed}: {because}, so it is release {_listed(possible)}. Nothing"
            f" was loaded. Import it with {remedy('the release', release=max(possible))}, or fetch the release that you want.",
            file=member.label,
            release=claimed,
            possible=sorted(possible),
        )
    named = years & possible
    # a year that is later than all that is known is asked about, where the contents allow a known one as well
    if len(named) == 1 and (not named & unknown or named == possible):
        return next(iter(named))
    claims_other = years & set(dataset.releases)
    newer = years & unknown & possible
    if len(possible) == 1 and not (len(years) == 1 and newer):
        if len(claims_other) == 1 and not named:
            raise InvalidInput(
                f"{member.label} says {claims_other.pop()} in its name, but {because}, so it is release"
                f" {_listed(possible)}. Nothing was loaded. If the name is wrong, say {remedy('the release', release=max(possible))}.",
                file=member.label,
            )
        return next(iter(possible))
    raise InvalidInput(
        f"{member.label} may be release {_listed(possible | newer)} of {dataset.title}: {because}, and the file name"
        " does not"
        f" settle it. Say it with {remedy('the release', release=max(possible | newer, default='YEAR'))}.",
        file=member.label,
        possible=sorted(possible | newer),
    )


def _unknown(layout: Layout, claims: Sequence[Claim], named: set[str]) -> set[str]:
    """The releases after the newest known one that a file may be of: those that it or the user names, where it has the
    columns of the newest; what is known of that holds for this one or newer."""
    newest = max(layout.dataset.releases, default="")
    if newest not in layout.releases:
        return set()
    said = {release for claim in claims if not claim.or_newer for release in claim.releases}
    return {year for year in named | said if re.fullmatch(r"20\d\d", year) and year > newest}


def _listed(releases: set[str]) -> str:
    names = sorted(releases)
    return " or ".join(names) if len(names) < 4 else ", ".join(names[:-1]) + " or " + names[-1]
