"""One measure in every county: what a map is coloured by."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from healthsim.db.reference import storage, views
from healthsim.db.reference.storage import PACKAGE
from healthsim.db.sql import sql_text
from healthsim.errors import NotFound
from healthsim.results import CountyFigure, CountyMeasure

if TYPE_CHECKING:
    from healthsim.db.connection import Database


def measure_by_county(database: Database, measure: str = "", *, state: str = "", release: str = "") -> CountyMeasure:
    """A measure of PLACES in every county that a release has.

    Args:
        database: where public statistics are loaded.
        measure: its name, such as ``DIABETES``; by default that, or the first that there is.
        state: only of a state: its abbreviation, name or code.
        release: by default the newest that is no excerpt.

    Raises:
        NotFound: there is no such measure, state or release; the message names those that there are.
    """
    with database.read() as connection:
        loads = [load for load in storage.loads_in(connection) if load.dataset == "places" and load.level == "county"]
        releases = list(dict.fromkeys(load.release for load in [*views.whole(loads, "county"), *loads]))
        if not releases or (release and release not in releases):
            raise NotFound(
                f"Release {release[:40]!r} of PLACES is not loaded; loaded: {', '.join(releases) or 'none'}.",
                release=release,
            )
        chosen = release or releases[0]
        rows = connection.execute(sql_text(PACKAGE, "measures_of_release"), {"release": chosen}).fetchall()
        measures = [name for (name,) in rows]
        name = measure.strip().upper() or ("DIABETES" if "DIABETES" in measures else measures[0])
        if name not in measures:
            near = difflib.get_close_matches(name[:40], measures, n=3, cutoff=0.4) or measures
            raise NotFound(f"Release {chosen} has no measure {name[:40]!r}; nearest: {', '.join(near)}.", measure=name)
        codes = connection.execute(
            "SELECT state_fips, state_abbr, state_name FROM reference.states ORDER BY state_name"
        ).fetchall()
        code = _state(state, codes)
        values = {"release": chosen, "measure": name, "state": code}
        figures = [
            CountyFigure(*row) for row in connection.execute(sql_text(PACKAGE, "measure_by_county"), values).fetchall()
        ]
    return CountyMeasure(name, chosen, code, measures, releases, {fips: title for fips, _, title in codes}, figures)


def _state(text: str, codes: list[tuple[str, str, str]]) -> str | None:
    if not text.strip():
        return None
    wanted = text.strip().lower()
    for fips, abbreviation, name in codes:
        if wanted in (fips, abbreviation.lower(), name.lower()):
            return fips
    raise NotFound(f"There is no state {text[:40]!r}; expected such as CA, California or 06.", state=text[:200])
