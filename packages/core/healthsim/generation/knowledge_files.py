"""Reading clinical knowledge: the files of the house, and a folder of the user's own that adds to them or replaces some.

A file that makes no sense is refused with the line of each fault; all faults of all files are in one message.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from healthsim.config import Settings
from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.knowledge import Condition
from healthsim.generation.knowledge_faults import faults_of
from healthsim.generation.yaml_files import Kind, Listed, OneFile, files_in, files_of, line_of, versions
from healthsim.model.types import spelling
from healthsim.remedies import remedy

_KIND = Kind(Condition, "condition", "condition, name, kind", faults_of)


def own_folder(named: Path | None = None, settings: Settings | None = None) -> Path | None:
    """The folder of the user's own knowledge: the one given, else ``conditions`` in HealthSim's home where there is one."""
    usual = (settings or Settings.load()).conditions_folder
    return named if named is not None else usual if usual.is_dir() else None


def find_condition(name: str, folder: Path | None = None) -> Condition:
    """The condition of that name.

    Raises:
        NotFound: there is none; the message names the nearest.
    """
    known = load_knowledge(folder)
    condition = known.get(spelling(name))
    if condition is None:
        near = difflib.get_close_matches(spelling(name), known, n=3, cutoff=0.4)
        hint = f"Did you mean {', '.join(near)}?" if near else f"See: {remedy('list conditions')}."
        raise NotFound(f"There is no condition {name[:80]!r}. {hint}", name=name, similar=near)
    return condition


def load_knowledge(folder: Path | None = None) -> dict[str, Condition]:
    """Every condition by name, in the order of names.

    Args:
        folder: a folder of ``*.yaml`` or ``*.yml`` files; a condition that the house has as well takes its place.

    Raises:
        NotFound: there is no such folder.
        InvalidInput: a file makes no sense; the message has every fault with its file and line.
    """
    if folder is not None and not folder.is_dir():
        raise NotFound(f"There is no folder {folder} of conditions. Check the path.", path=str(folder))
    # a file that was changed since is read again
    return _loaded(folder, () if folder is None else versions(folder))


@cache
def _loaded(folder: Path | None, versions: tuple[tuple[str, int, int], ...]) -> dict[str, Condition]:
    conditions, faults = _KIND.read(_house())
    if folder is not None:
        own, more = _KIND.read(files_in(folder))
        conditions, faults = {**conditions, **own}, faults + more
    faults += list(_across(conditions))
    if faults:
        where = "" if folder is None else f" with the files of {folder}"
        raise InvalidInput(
            f"The clinical knowledge cannot be used{where}; nothing was generated.\n  "
            + "\n  ".join(faults)
            + f"\nSee the form of a file in the documentation, or an example: {remedy('show a condition', name='hypertension')}.",
            faults=faults,
        )
    return {name: conditions[name].says for name in sorted(conditions)}


def check_files(paths: list[Path]) -> list[str]:
    """The faults of some files or folders of them, beside the knowledge of the house; empty for good ones.

    Raises:
        NotFound: there is no such file, or a folder has none.
    """
    own, faults = _KIND.read(files_of(paths))
    house, _ = _KIND.read(_house())
    return faults + list(_across({**house, **own}))


def _house() -> Listed:
    return files_in(files("healthsim.generation").joinpath("conditions"))


def _across(conditions: Mapping[str, OneFile[Condition]]) -> Iterator[str]:
    """References between files that lead nowhere."""
    for knowledge in conditions.values():
        condition, name, lines = knowledge.says, knowledge.file, knowledge.lines
        named: list[tuple[tuple[Any, ...], str]] = [(("excludes",), other) for other in condition.excludes]
        named += [(("risk", other), other) for other in condition.risk]
        for number, stage in enumerate(condition.stages or ()):
            named += [(("stages", number, "needs"), stage.needs)] if stage.needs else []
        named += [(("born_of",), condition.born_of)] if condition.born_of else []
        mother = conditions.get(condition.born_of or "")
        if mother is not None and len(mother.says.admissions) != len(condition.admissions):
            theirs = f"{mother.says.condition} has {len(mother.says.admissions)}"
            counts = f"{len(condition.admissions)} admissions, and {theirs}"
            yield f"{name}:{line_of(lines, ('admissions',))}: admissions: {counts}; expected one for each of them"
        for path, other in named:
            if other not in conditions:
                yield f"{name}:{line_of(lines, path)}: there is no condition {other!r}"
