"""Reading journeys: the files of the house, and a folder of the user's own that adds to them or replaces some.

A file that makes no sense is refused with the line of each fault; all faults of all files are in one message.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from healthsim.config import Settings
from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.journeys.declaration import Journey
from healthsim.generation.journeys.faults import faults_of
from healthsim.generation.journeys.knowledge import Known
from healthsim.generation.knowledge_files import load_knowledge
from healthsim.generation.suggestions import near
from healthsim.generation.yaml_files import Kind, Listed, files_in, files_of, versions
from healthsim.model.types import spelling
from healthsim.remedies import remedy


def own_folder(named: Path | None = None, settings: Settings | None = None) -> Path | None:
    """The folder of the user's own journeys: the one given, else ``journeys`` in HealthSim's home where there is one."""
    usual = (settings or Settings.load()).journeys_folder
    return named if named is not None else usual if usual.is_dir() else None


def load_journeys(folder: Path | None = None, conditions: Path | None = None) -> dict[str, Journey]:
    """Every journey by name, in the order of names.

    Args:
        folder: a folder of ``*.yaml`` or ``*.yml`` files; a journey that the house has as well takes its place.
        conditions: a folder of clinical knowledge of the user's own, which journeys may name.

    Raises:
        NotFound: there is no such folder.
        InvalidInput: a file makes no sense; the message has every fault with its file and line.
    """
    if folder is not None and not folder.is_dir():
        raise NotFound(f"There is no folder {folder} of journeys. Check the path.", path=str(folder))
    # a file that was changed since is read again
    changed = [() if place is None else versions(place) for place in (folder, conditions)]
    return dict(_loaded(folder, conditions, changed[0], changed[1]))


Versions = tuple[tuple[str, int, int], ...]


@cache
def _loaded(
    folder: Path | None, conditions: Path | None, changed: Versions, knowledge: Versions
) -> Mapping[str, Journey]:
    kind = _kind(Known(load_knowledge(conditions)))
    journeys, faults = kind.read(_house())
    if folder is not None:
        own, more = kind.read(files_in(folder))
        journeys, faults = {**journeys, **own}, faults + more
    if faults:
        where = "" if folder is None else f" with the files of {folder}"
        raise InvalidInput(
            f"The journeys cannot be used{where}; nothing was generated.\n  "
            + "\n  ".join(faults)
            + f"\nSee an example: {remedy('show a journey', name='diabetes_first_year')}.",
            faults=faults,
        )
    return {name: journeys[name].says for name in sorted(journeys)}


def find_journey(name: str, known: Mapping[str, Journey]) -> Journey:
    """The journey of that name.

    Raises:
        NotFound: there is none; the message names the nearest.
    """
    journey = known.get(spelling(name))
    if journey is None:
        hint = near(spelling(name), known).removeprefix("; ")
        raise NotFound(
            f"There is no journey {name[:80]!r}. {hint[:1].upper()}{hint[1:].rstrip('?.')}"
            f"{'?' if hint.endswith('?') else '.'} See: {remedy('list journeys')}.",
            name=name,
        )
    return journey


def check_files(paths: list[Path], conditions: Path | None = None) -> tuple[int, list[str]]:
    """(how many journeys some files or folders of them hold, their faults).

    Raises:
        NotFound: there is no such file, or a folder has none.
    """
    journeys, faults = _kind(Known(load_knowledge(conditions))).read(files_of(paths))
    return len(journeys), faults


def _kind(known: Known) -> Kind[Journey]:
    return Kind(Journey, "journey", "journey, name, steps", lambda journey, _: faults_of(journey, known))


def _house() -> Listed:
    return files_in(files("healthsim.generation.journeys").joinpath("house"))
