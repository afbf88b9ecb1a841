"""What nobody needs any more at a share: files of publishers that were stopped, and earlier states."""

from __future__ import annotations

import datetime as dt
import re

from healthsim.errors import UsageError
from healthsim.publish.share import Share, require
from healthsim.results import Cleaned

_AGE = re.compile(r"(\d{1,5})d")


def clean(share: Share, *, before: str | None, remove: bool) -> Cleaned:
    """List or remove files that belong to nothing, and earlier states where a time is given.

    Files of the last day stay in any case: somebody may be publishing them.

    Raises:
        UsageError: the place gives back space by itself, or the time is none.
    """
    until = None if before is None else _instant(before)
    with share.database.read() as connection:
        require(connection, share)
    swept = share.database.sweep(until, remove=remove)
    return Cleaned(share.name, list(swept.orphans), swept.expired, list(swept.files), remove)


def _instant(text: str) -> dt.datetime:
    """``30d`` or a day, as an instant (UTC) that is not in the future."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    if age := _AGE.fullmatch(text):
        return now - dt.timedelta(days=int(age[1]))
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is not None or instant > now:
        raise UsageError(
            f"{text!r} is no time before which earlier states go; expected a day such as 2026-01-31, or an age such as 30d.",
            before=text,
        )
    return instant
