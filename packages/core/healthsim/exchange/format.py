"""What a format is: how scenarios leave for other programs, and how they come in.

A format is one module of this package with a ``FORMAT``, and one line in ``formats.py``. From the entry come the command
``healthsim export NAME``, what ``healthsim import`` recognises, and what the assistant's tool offers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from healthsim.errors import UsageError
from healthsim.remedies import remedy

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.results import Written
    from healthsim.state.intake import Intake
    from healthsim.state.json.header import Header
    from healthsim.state.scenarios import Scenario


@dataclass(frozen=True)
class Option:
    """What can be said of an export beside its target.

    Attributes:
        name: in Python; on the command line with dashes.
        help: one line.
        choices: what is possible, where it is one of few; none means that it is a path.
        default: what holds when nothing is said.
        several: it may be given several times.
        flag: how the command line spells it, where that is not the name.
    """

    name: str
    help: str
    choices: tuple[str, ...] = ()
    default: str | None = None
    several: bool = False
    flag: str | None = None


class Write(Protocol):
    """Writes a scenario; everything appears at once, or nothing does."""

    def __call__(self, database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written: ...


#: reads a file or a folder into an intake, and says what it says of the scenario
Read = Callable[[Path, "Intake"], "Header"]


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        name: what it is called on the command line.
        title: one line: what is written.
        meaning: what the help of its command says.
        write: writes a scenario; None for a format that is only read.
        sniff: whether a path holds something of the format, told by content.
        read: reads it; None for a format that is only written.
        options: of writing.
        variant: the option that makes formats of their own of this one for the assistant: ``omop_csv``.
        target_name: the name of what is written, where only a folder was named, by scenario and options.
    """

    name: str
    title: str
    meaning: str
    write: Write | None = None
    sniff: Callable[[Path], bool] | None = None
    read: Read | None = None
    options: tuple[Option, ...] = ()
    variant: str | None = None
    target_name: Callable[[str, Mapping[str, Any]], str] = lambda stem, options: stem

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
            listed = list(value or ()) if option.several else [option.default if value is None else value]
            for item in listed:
                if option.choices and item not in option.choices:
                    raise UsageError(
                        f"{name} is {item!r}; expected one of {', '.join(option.choices)}. See: {remedy('see exports')}."
                    )
            checked[name] = tuple(listed) if option.several else listed[0]
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
        "updated_at": scenario.updated_at.isoformat(),
        "tables": dict(tables),
        "notes": list(notes),
    }
