"""Reading clinical knowledge: the files of the house, and a folder of the user's own that adds to them or replaces some.

A file that makes no sense is refused with the line of each fault; all faults of all files are in one message.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from yaml.reader import Reader, ReaderError

from healthsim.config import Settings
from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.knowledge import Condition
from healthsim.generation.knowledge_faults import faults_of
from healthsim.generation.packaged import LOADER
from healthsim.remedies import remedy

Lines = Mapping[tuple[Any, ...], int]


def own_folder(given: Path | None = None, settings: Settings | None = None) -> Path | None:
    """The folder of the user's own knowledge: the one given, else ``conditions`` in HealthSim's home where there is one."""
    usual = (settings or Settings.load()).conditions_folder
    return given if given is not None else usual if usual.is_dir() else None


def find_condition(name: str, folder: Path | None = None) -> Condition:
    """The condition of that name.

    Raises:
        NotFound: there is none; the message names the nearest.
    """
    known = load_knowledge(folder)
    found = known.get(spelled(name))
    if found is None:
        near = difflib.get_close_matches(spelled(name), known, n=3, cutoff=0.4)
        hint = f"Did you mean {', '.join(near)}?" if near else f"See: {remedy('list conditions')}."
        raise NotFound(f"There is no condition {name[:80]!r}. {hint}", name=name, similar=near)
    return found


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
    return _loaded(folder, () if folder is None else _versions(folder))


def _versions(folder: Path) -> tuple[tuple[str, int, int], ...]:
    facts = ((name, Path(str(file)).stat()) for name, file in files_in(folder))
    return tuple((name, fact.st_mtime_ns, fact.st_size) for name, fact in facts)


@cache
def _loaded(folder: Path | None, versions: tuple[tuple[str, int, int], ...]) -> dict[str, Condition]:
    found, faults = _read_all(files_in(files("healthsim.generation").joinpath("conditions")))
    if folder is not None:
        own, more = _read_all(files_in(folder))
        found, faults = {**found, **own}, faults + more
    faults += list(_across(found))
    if faults:
        where = "" if folder is None else f" with the files of {folder}"
        raise InvalidInput(
            f"The clinical knowledge cannot be used{where}; nothing was generated.\n  "
            + "\n  ".join(faults)
            + f"\nSee the form of a file in the documentation, or an example: {remedy('show a condition', name='hypertension')}.",
            faults=faults,
        )
    return dict(sorted((name, condition) for name, (condition, _, _) in found.items()))


def check_files(paths: list[Path]) -> list[str]:
    """The faults of some files or folders of them, beside the knowledge of the house; empty for good ones.

    Raises:
        NotFound: there is no such file, or a folder has none.
    """
    listed: list[tuple[str, Traversable | Path]] = []
    for path in paths:
        if not path.exists():
            raise NotFound(f"There is no file {path}. Check the path.", path=str(path))
        inside = files_in(path) if path.is_dir() else [(path.name, path)]
        if not inside:
            raise NotFound(f"{path} holds no *.yaml or *.yml; no other file is read. Check the path.", path=str(path))
        listed += inside
    house, _ = _read_all(files_in(files("healthsim.generation").joinpath("conditions")))
    own, faults = _read_all(listed)
    return faults + list(_across({**house, **own}))


def files_in(folder: Traversable | Path) -> list[tuple[str, Traversable | Path]]:
    """The files of a folder that are read as knowledge, by name."""
    return sorted(
        ((one.name, one) for one in folder.iterdir() if one.name.endswith((".yaml", ".yml")) and one.is_file()),
        key=lambda f: f[0],
    )


Found = dict[str, tuple[Condition, str, Lines]]


def _read_all(listed: Any) -> tuple[Found, list[str]]:
    found: Found = {}
    faults: list[str] = []
    for name, file in listed:
        try:
            text = file.read_text(encoding="utf-8")
            node = yaml.compose(text, Loader=LOADER)
            content = yaml.load(text, Loader=LOADER)
            lines = dict(_lines(node)) if node is not None else {}
        except UnicodeDecodeError:
            faults.append(f"{name}: not UTF-8 text; expected YAML")
            continue
        except RecursionError:
            faults.append(f"{name}:1: something in it contains itself; expected plain keys and values")
            continue
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            faults.append(f"{name}:{line}: no YAML: {error.problem}")
            continue
        except ReaderError:
            bad = Reader.NON_PRINTABLE.search(text)
            line = text.count("\n", 0, bad.start()) + 1 if bad else 1
            shown = repr(bad.group()) if bad else "that is not printable"
            faults.append(f"{name}:{line}: no YAML: the character {shown} cannot stand in it")
            continue
        if not isinstance(content, dict):
            faults.append(f"{name}:1: holds {type(content).__name__}; expected keys such as condition, name, kind")
            continue
        try:
            condition = Condition.model_validate(content)
        except ValidationError as error:
            faults += [_fault(name, lines, fault) for fault in error.errors(include_url=False)]
            continue
        faults += [f"{name}:{line}: {key}: the key stands here for the second time" for line, key in _repeated(node)]
        faults += [f"{name}:{_line(lines, path)}: {problem}" for path, problem in faults_of(condition, content)]
        if condition.condition in found:
            line, other = _line(lines, ("condition",)), found[condition.condition][1]
            faults.append(
                f"{name}:{line}: condition: {condition.condition!r} is in {other} already; expected one file each"
            )
        found[condition.condition] = (condition, name, lines)
    return found, faults


def _lines(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], int]]:
    """The line of everything that stands in a file, by its path."""
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, str(key.value)), key.start_mark.line + 1
            yield from (
                (one, line) for one, line in _lines(value, (*path, str(key.value))) if one != (*path, str(key.value))
            )
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, (*path, number))


def _repeated(node: Any) -> Iterator[tuple[int, str]]:
    """Keys that stand twice in one place, of which YAML would keep the last one without a word."""
    if isinstance(node, yaml.MappingNode):
        met: set[str] = set()
        for key, value in node.value:
            if str(key.value) in met:
                yield key.start_mark.line + 1, str(key.value)
            met.add(str(key.value))
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


def _line(lines: Lines, path: tuple[Any, ...]) -> int:
    """The line of a path, or of the nearest thing around it."""
    for length in range(len(path), -1, -1):
        found = lines.get(tuple(part if isinstance(part, int) else str(part) for part in path[:length]))
        if found is not None:
            return found
    return 1


def _fault(name: str, lines: Lines, fault: Any) -> str:
    path = tuple(part for part in fault["loc"] if part != "[key]")
    where = ".".join(map(str, path))
    message = "there is no such key" if fault["type"] == "extra_forbidden" else fault["msg"]
    value = fault.get("input")
    shown = (
        ""
        if isinstance(value, (dict, list)) or fault["type"] in ("extra_forbidden", "missing")
        else f" (given: {value!r})"
    )
    return f"{name}:{_line(lines, path)}: {where}: {message[:1].lower()}{message[1:]}{shown}"


def _across(found: Found) -> Iterator[str]:
    """References between files that lead nowhere."""
    for condition, name, lines in found.values():
        named: list[tuple[tuple[Any, ...], str]] = [(("excludes",), other) for other in condition.excludes]
        named += [(("risk", other), other) for other in condition.risk]
        for number, stage in enumerate(condition.stages or ()):
            named += [(("stages", number, "needs"), stage.needs)] if stage.needs else []
        named += [(("born_of",), condition.born_of)] if condition.born_of else []
        mother = found[condition.born_of][0] if condition.born_of in found else None
        if mother is not None and len(mother.admissions) != len(condition.admissions):
            given = f"{len(condition.admissions)} admissions, and {mother.condition} has {len(mother.admissions)}"
            yield f"{name}:{_line(lines, ('admissions',))}: admissions: {given}; expected one for each of them"
        for path, other in named:
            if other not in found:
                yield f"{name}:{_line(lines, path)}: there is no condition {other!r}"


def spelled(name: str) -> str:
    """The name of a condition as users type it: lower case, with underscores."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())
