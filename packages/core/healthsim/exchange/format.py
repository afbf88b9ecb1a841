"""What a format is: how scenarios leave for other programs, and how they come in.

A format is one module of this package with a ``FORMAT``, and one line in ``formats.py``. From the entry come the command
``healthsim export NAME``, what ``healthsim import`` recognises, and what the assistant's tool offers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from healthsim.errors import UsageError
from healthsim.remedies import remedy

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header
    from healthsim.state.scenarios import Scenario


Kind = Literal["path", "text", "flag", "instant"]


@dataclass(frozen=True)
class Option:
    """What can be said of an export beside its target.

    Attributes:
        name: in Python; on the command line with dashes.
        help: one line.
        choices: what is possible, where it is one of few.
        default: what holds when nothing is said.
        several: it may be given several times.
        flag: how the command line spells it, where that is not the name.
        kind: what it is where it is none of few: a ``path``, a ``text``, a ``flag`` that is said or not, an ``instant``
            (a date, or a date and time; without a zone it is UTC).
        group: under which head the help of the command shows it.
        reaches: it sends something beyond this machine, which pages of a browser do not offer.
    """

    name: str
    help: str
    choices: tuple[str, ...] = ()
    default: str | None = None
    several: bool = False
    flag: str | None = None
    kind: Kind = "path"
    group: str = "Of the format"
    reaches: bool = False

    @property
    def spelling(self) -> str:
        """What it is on the command line."""
        return self.flag or "--" + self.name.replace("_", "-")

    def read(self, value: Any) -> Any:
        """One value as the writer takes it.

        Raises:
            UsageError: it is no value of this option.
        """
        if self.kind == "flag":
            return bool(value)
        if value is None:
            return None
        if self.choices and value not in self.choices:
            raise UsageError(
                f"{self.name} is {value!r}; expected one of {', '.join(self.choices)}. See: {remedy('see exports')}."
            )
        return instant_of(value, self.name) if self.kind == "instant" and not self.choices else value


def instant_of(value: Any, name: str) -> dt.datetime:
    """A date, or a date and time, as an instant in UTC without its zone.

    Raises:
        UsageError: it is neither.
    """
    moment = value
    if isinstance(value, str):
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            raise UsageError(
                f"{name} is {value[:80]!r}; expected a date or an instant: 2025-01-31 or 2025-01-31T08:00:00Z."
            ) from None
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        moment = dt.datetime(value.year, value.month, value.day)
    if not isinstance(moment, dt.datetime):
        raise UsageError(f"{name} is {value!r}; expected a date or an instant.")
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)


class Write(Protocol):
    """Writes a scenario; everything appears at once, or nothing does."""

    def __call__(self, database: Database, name: str, target: Any, *, force: bool, **options: Any) -> Written: ...


#: reads a file or a folder, and tells what it says of the scenario
Read = Callable[[Path, "Reading"], "Header"]


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        name: what it is called on the command line.
        title: one line: what is written.
        meaning: what the help of its command says.
        also: what people type who mean it: the name of a standard, of a message, of an ending.
        write: writes a scenario; None for a format that is only read.
        sniff: whether a file is of the format, told by content; it is neither empty nor an archive.
        sniff_folder: what lies directly in a folder and is of the format as a whole, such as the tables of a database: it is
            read together, by the path of the folder. What else lies there is told file by file.
        read: reads a file, or a folder of which ``sniff_folder`` told something; None for a format that is only written.
        takes_rest: it is asked last whether a file is its own, since it takes what could be another's.
        streams: it is one file of text that can go to an open stream, such as standard output.
        reaches: it writes to places beyond this machine by itself, beside what is there; of other formats, what they write
            here is sent there.
        target: how the command line spells the place in words of the format, and its help.
        options: of writing.
        variant: the option that makes formats of their own of this one for the assistant: ``omop_csv``.
        target_name: the name of what is written, where only a folder was named, by scenario and options.
    """

    name: str
    title: str
    meaning: str
    write: Write | None = None
    sniff: Callable[[Path], bool] | None = None
    sniff_folder: Callable[[Path], Sequence[Path]] | None = None
    read: Read | None = None
    takes_rest: bool = False
    streams: bool = False
    reaches: bool = False
    target: tuple[str, str] | None = None
    options: tuple[Option, ...] = ()
    variant: str | None = None
    target_name: Callable[[str, Mapping[str, Any]], str] = lambda stem, options: stem
    also: tuple[str, ...] = ()

    def checked(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options as the writer takes them: those that were not said have their defaults.

        Raises:
            UsageError: there is no such option, or not this choice of it.
        """
        known = {option.name: option for option in self.options}
        for name in options:
            if name not in known:
                shown = ", ".join(known) or "none"
                raise UsageError(f"The format {self.name} has no option {name!r}; it has {shown}.")
        checked: dict[str, Any] = {}
        for name, option in known.items():
            value = options.get(name)
            if option.several:
                items = [value] if isinstance(value, str) else list(value or ())
                checked[name] = tuple(option.read(item) for item in items)
            else:
                checked[name] = option.read(option.default if value is None else value)
        return checked

    @property
    def variants(self) -> dict[str, dict[str, Any]]:
        """What the assistant may ask for -> the options that it means."""
        if self.variant is None:
            return {self.name: {}}
        (option,) = (option for option in self.options if option.name == self.variant)
        return {f"{self.name}_{choice}": {option.name: choice} for choice in option.choices}


def manifest_facts(scenario: Scenario, tables: Mapping[str, int], notes: Sequence[str] = ()) -> dict[str, Any]:
    """What the manifest of an export says of the scenario, before the files: rows by table, and what there is to note."""
    return {
        "scenario": scenario.name,
        "scenario_id": scenario.scenario_id,
        "description": scenario.description,
        "product": scenario.product,
        "created_at": scenario.created_at.isoformat(),
        "updated_at": scenario.updated_at.isoformat(),
        "tables": dict(tables),
        "notes": list(notes),
    }
