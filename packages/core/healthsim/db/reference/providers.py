"""Search in the providers of NPPES that are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from healthsim.db.reference.nppes import letters_of
from healthsim.db.reference.storage import PACKAGE, loads_in
from healthsim.db.sql import sql_text
from healthsim.errors import InvalidInput, NotFound, UsageError
from healthsim.remedies import remedy
from healthsim.results import Providers

if TYPE_CHECKING:
    from healthsim.db.connection import Database

MOST = 1000


def search_providers(
    database: Database,
    *,
    name: str | None = None,
    npi: str | None = None,
    state: str | None = None,
    city: str | None = None,
    postal_code: str | None = None,
    taxonomy: str | None = None,
    entity_type: str | None = None,
    release: str | None = None,
    limit: int = 20,
) -> Providers:
    """Real providers, each as its newest loaded record says.

    Args:
        name: words of the person's or organisation's name, in any order.
        npi: the number.
        state, city, postal_code: of the practice location; the state by name, letters or code, the postal code may be its
            beginning.
        taxonomy: a taxonomy code or its beginning, in any slot.
        entity_type: 1 for people, 2 for organisations.
        release: only from this release.
        limit: how many at most.

    Raises:
        NotFound: no NPPES file is loaded.
    """
    if not 1 <= limit <= MOST:
        raise UsageError(f"The limit is {limit}; expected 1 to {MOST}.")
    if npi is not None and not (npi.isdigit() and len(npi) == 10):
        raise InvalidInput(f"{npi!r} is no NPI; expected 10 digits.", npi=npi)
    if entity_type not in (None, "1", "2"):
        raise InvalidInput(f"The entity type is {entity_type!r}; expected 1 (people) or 2 (organisations).")
    if not any((name, npi, state, city, postal_code, taxonomy)):
        raise UsageError("Say what to search for: a name, NPI, state, city, postal code or taxonomy.")
    with database.read() as connection:
        state = letters_of(connection, [state])[0] if state else None
        releases = [load.release for load in loads_in(connection, "nppes", "provider")]
        if not releases or release not in (None, *releases):
            loaded = ", ".join(releases) or "none"
            wanted = f" {release}" if release else ""
            raise NotFound(
                f"No providers of NPPES{wanted} are loaded (loaded: {loaded}). Download a file of NPPES and import it,"
                f" with {remedy('import reference data')}.",
            )
        values = {
            "release": release,
            "npi": npi,
            "state": state,
            "city": city,
            "entity": entity_type,
            "postal": postal_code,
            "taxonomy": taxonomy.upper() if taxonomy else None,
            "words": (name or "").lower().split(),
            "most": limit,
        }
        result = connection.execute(sql_text(PACKAGE, "search_providers"), values)
        rows = result.fetchall()
        names = [column[0] for column in connection.description or ()]
    providers = [dict(zip(names, row, strict=True)) for row in rows]
    total = providers[0]["total_count"] if providers else 0
    for provider in providers:
        del provider["total_count"]
    return Providers(providers, total, truncated=total > limit, releases=releases)
