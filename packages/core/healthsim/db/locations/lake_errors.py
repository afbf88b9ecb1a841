"""What a lake's parts say when something fails, in words for the user: the engine repeats whole statements and connection strings."""

from __future__ import annotations

import re

from healthsim.db.locations.lake_locks import may_not_write
from healthsim.errors import HealthSimError, Outdone
from healthsim.outputs import is_full
from healthsim.scrubbing import scrubbed

NOTHING_THERE = re.compile(
    r"creating a new ducklake is explicitly disabled|no ducklake|ducklake_metadata.*does not exist|existing DuckLake at",
    re.I,
)
_CONFLICT = re.compile(
    r"transaction conflict|conflict on (?:update|delete|tuple)|could not serialize|write-write", re.I
)
_RIGHT = re.compile(r"permission denied for (table|schema|database|sequence) (\"?[\w.]+\"?)", re.I)
_PASSWORD = re.compile(
    r"password authentication failed for user \"([^\"]*)\"|no password supplied|(?:role|user) \"([^\"]*)\" does not exist",
    re.I,
)
_NO_DATABASE = re.compile(r"database \"([^\"]*)\" does not exist", re.I)
_CUT = re.compile(
    r"unable to connect to postgres|connection refused|could not (?:connect|translate|receive|send)|server closed the connection"
    r"|terminating connection|connection to server|timeout expired|no route to host|network is unreachable|ssl (?:syscall|error)"
    r"|no connection to the server|connection reset|connection timed out|name resolution|name or service",
    re.I,
)
_STORE_RIGHT = re.compile(
    r"\b(?:403|401)\b|access ?denied|forbidden|invalidaccesskey|signaturedoesnotmatch|authenticationfailed", re.I
)
_STORE_CUT = re.compile(
    r"could not (?:establish|resolve)|http error|http (?:get|put|post|head) |couldn't connect|curl|failed to (?:connect|upload)"
    r"|timeout was reached|read timed out|io error: unknown error for http",
    re.I,
)
_ROLE = re.compile(r"\brole \"([^\"]*)\"|\buser[ =]\"?([\w-]+)", re.I)


class Unreachable(HealthSimError):
    """A server that has a part of a place is not there, or has gone in the middle of something."""

    code = "unreachable"


def first_sentence(error: Exception) -> str:
    """What an error says, without the statements that it repeats, and without secrets."""
    text = scrubbed(
        re.split(r"\n|:\s*(?:INSERT|UPDATE|DELETE|SELECT|BEGIN|COMMIT)\b", str(error).strip(), maxsplit=1)[0]
    )
    text = text if len(text) <= 300 else text[:299] + "…"
    return text if text.endswith((".", "!", "…")) else text + "."


def in_words(error: Exception, place: str, catalogue: str) -> HealthSimError | None:
    """The error for the user; None where it says nothing of the place."""
    text = str(error)
    if is_full(error):
        # whoever opens databases has words for a full disk
        return None
    if right := _RIGHT.search(text):
        return may_not_write(place, _role(text), f"to write the {right[1]} {right[2]} of its catalogue")
    if wrong := _PASSWORD.search(text):
        who = wrong[1] or wrong[2]
        return HealthSimError(
            f"The server of {place} did not let {repr(who) if who else 'this user'} in. Check the user, and the password in"
            " PGPASSWORD, ~/.pgpass or PGSERVICE.",
            location=place,
        )
    if missing := _NO_DATABASE.search(text):
        return HealthSimError(
            f"The server of {place} has no database {missing[1]!r}. Check the name, or make it there: createdb {missing[1]}.",
            location=place,
        )
    if _CONFLICT.search(text):
        return Outdone(
            f"Another program wrote to {place} at the same moment; nothing was changed. Try again.", location=place
        )
    if "database is locked" in text:
        return Outdone(f"Another program writes to {place}; nothing was changed. Try again.", location=place)
    if catalogue == "postgres" and _CUT.search(text):
        return Unreachable(
            f"The server of {place} is not reached: {_reason(text)} What was not yet committed was not done. Check the network,"
            " the host and the port.",
            location=place,
        )
    if _STORE_RIGHT.search(text) and _STORE_CUT.search(text):
        return HealthSimError(
            f"The object store of {place} refused: {first_sentence(error)} Check the keys in the environment, and what the"
            " bucket lets them do.",
            location=place,
        )
    if _STORE_CUT.search(text):
        return Unreachable(
            f"The object store of {place} is not reached: {first_sentence(error)} What was not yet committed was not done."
            " Check the network and the endpoint.",
            location=place,
        )
    return None


def _reason(text: str) -> str:
    """The line in which the library of Postgres says why, not the connection string before it."""
    found = _CUT.search(re.sub(r"(?i)unable to connect to postgres at \"[^\"]*\"", "", text))
    if found is None:
        return "no connection."
    start = text.rfind("\n", 0, text.find(found.group())) + 1
    line = text[start:].splitlines()[0]
    line = re.sub(r"(?i).*unable to connect to postgres at \"[^\"]*\":\s*", "", line)
    line = scrubbed(line.strip())[:200]
    return line if line.endswith((".", "!")) else line + "."


def _role(text: str) -> str | None:
    named = _ROLE.search(text)
    return (named[1] or named[2]) if named else None
