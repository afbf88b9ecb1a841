"""What somebody may have meant by a name that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Collection

#: so many names are listed where none is near
_LISTED = 12


def near(name: str, known: Collection[str]) -> str:
    """The nearest names as the end of a sentence; where none is near, what there is."""
    close = difflib.get_close_matches(name[:100], known, n=2, cutoff=0.6)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    more = ", ..." if len(known) > _LISTED else ""
    return f"; expected one of {', '.join(list(known)[:_LISTED])}{more}" if known else ""
