"""Who may read and publish: the SQL that gives these rights, for the owner of a share."""

from __future__ import annotations

from healthsim.errors import UsageError
from healthsim.publish.share import Share
from healthsim.results import Granted


def grant(share: Share, role: str | None, *, publish: bool, everybody: bool, execute: bool) -> Granted:
    """The statements for a role, and what has to be allowed elsewhere; run where that is said.

    Raises:
        UsageError: the place knows no such rights.
        HealthSimError: this user may not give them.
    """
    database = share.database
    statements, notes = database.location.rights(role, write=publish, everybody=everybody)
    if not statements:
        raise UsageError(f"{share.name} has no rights of its own. {' '.join(notes)}", share=share.name)
    if execute:
        database.allow(statements)
    return Granted(share.name, list(statements), execute, list(notes))
