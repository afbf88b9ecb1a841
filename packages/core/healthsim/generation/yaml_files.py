"""YAML files with the line of everything that stands in them: clinical knowledge, journeys, and folders of the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from yaml.reader import Reader, ReaderError

from healthsim.errors import NotFound
from healthsim.generation.packaged import LOADER

#: path of something in a file -> its line
Lines = Mapping[tuple[Any, ...], int]
#: names of files, and these
Listed = list[tuple[str, Traversable | Path]]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class OneFile(Generic[Model]):
    """What a file says, with its name and the line of everything."""

    says: Model
    file: str
    lines: Lines


@dataclass(frozen=True)
class Kind(Generic[Model]):
    """A kind of files, each of which declares one thing.

    Attributes:
        model: what a file says.
        key: under which it says its name.
        keys: some keys, for who has none of them.
        faults_of: what a model and the text it is from say that cannot be, as (path, problem).
    """

    model: type[Model]
    key: str
    keys: str
    faults_of: Callable[[Model, dict[str, Any]], Iterable[tuple[tuple[Any, ...], str]]]

    def read(self, listed: Listed) -> tuple[dict[str, OneFile[Model]], list[str]]:
        """(what files declare, by name; their faults with file and line)."""
        declared: dict[str, OneFile[Model]] = {}
        faults: list[str] = []
        for file, content in listed:
            text, lines, problems = read_yaml(file, content, self.keys)
            faults += problems
            if text is None:
                continue
            try:
                says = self.model.model_validate(text)
            except ValidationError as error:
                faults += [fault_of(file, lines, fault, self.model) for fault in error.errors(include_url=False)]
                continue
            faults += [f"{file}:{line_of(lines, path)}: {problem}" for path, problem in self.faults_of(says, text)]
            name = getattr(says, self.key)
            if name in declared:
                line, other = line_of(lines, (self.key,)), declared[name].file
                faults.append(f"{file}:{line}: {self.key}: {name!r} is in {other} already; expected one file each")
            declared[name] = OneFile(says, file, lines)
        return declared, faults


def files_of(paths: Iterable[Path]) -> Listed:
    """The files that some paths mean: themselves, and those in folders.

    Raises:
        NotFound: there is no such file, or a folder has none.
    """
    listed: Listed = []
    for path in paths:
        if not path.exists():
            raise NotFound(f"There is no file {path}. Check the path.", path=str(path))
        inside = files_in(path) if path.is_dir() else [(path.name, path)]
        if not inside:
            raise NotFound(f"{path} holds no *.yaml or *.yml; no other file is read. Check the path.", path=str(path))
        listed += inside
    return listed


def files_in(folder: Traversable | Path) -> Listed:
    """The YAML files of a folder, by name."""
    return sorted(
        ((file.name, file) for file in folder.iterdir() if file.name.endswith((".yaml", ".yml")) and file.is_file()),
        key=lambda f: f[0],
    )


def versions(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells whether the files of a folder have changed: name, time and size of each."""
    facts = ((name, Path(str(file)).stat()) for name, file in files_in(folder))
    return tuple((name, fact.st_mtime_ns, fact.st_size) for name, fact in facts)


def read_yaml(name: str, file: Traversable | Path, keys: str) -> tuple[dict[str, Any] | None, Lines, list[str]]:
    """(what a file says, None where it is no YAML of keys; the line of everything; faults with file and line).

    Args:
        name: of the file, for its faults.
        keys: some keys that are expected.
    """
    try:
        text = file.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=LOADER)
        content = yaml.load(text, Loader=LOADER)
        lines = dict(_lines(node)) if node is not None else {}
    except UnicodeDecodeError:
        return None, {}, [f"{name}: not UTF-8 text; expected YAML"]
    except RecursionError:
        return None, {}, [f"{name}:1: something in it contains itself; expected plain keys and values"]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, {}, [f"{name}:{line}: no YAML: {error.problem}"]
    except ReaderError:
        bad = Reader.NON_PRINTABLE.search(text)
        line = text.count("\n", 0, bad.start()) + 1 if bad else 1
        shown = repr(bad.group()) if bad else "that is not printable"
        return None, {}, [f"{name}:{line}: no YAML: the character {shown} cannot stand in it"]
    if not isinstance(content, dict):
        return None, lines, [f"{name}:1: holds {type(content).__name__}; expected keys such as {keys}"]
    twice = [f"{name}:{line}: {key}: the key stands here for the second time" for line, key in _repeated(node)]
    return content, lines, twice


def _lines(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], int]]:
    """The line of everything that stands in a file, by its path."""
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, str(key.value)), key.start_mark.line + 1
            yield from (
                (place, line)
                for place, line in _lines(value, (*path, str(key.value)))
                if place != (*path, str(key.value))
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


def line_of(lines: Lines, path: tuple[Any, ...]) -> int:
    """The line of a path, or of the nearest thing around it."""
    for length in range(len(path), -1, -1):
        line = lines.get(tuple(part if isinstance(part, int) else str(part) for part in path[:length]))
        if line is not None:
            return line
    return 1


def fault_of(name: str, lines: Lines, fault: Any, model: type[BaseModel]) -> str:
    """A fault that pydantic has found in a model, in words, with its file and line; of a key that is not known the nearest."""
    path = tuple(part for part in fault["loc"] if part != "[key]")
    where = ".".join(map(str, path))
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        inside = _model_at(model, path[:-1])
        keys = [field.alias or key for key, field in inside.model_fields.items()] if inside else []
        close = difflib.get_close_matches(str(path[-1]), keys, n=2, cutoff=0.6)
        message = "there is no such key" + (f"; did you mean {' or '.join(close)}?" if close else "")
    value = fault.get("input")
    shown = (
        ""
        if isinstance(value, (dict, list)) or fault["type"] in ("extra_forbidden", "missing")
        else f" (given: {value!r})"
    )
    return f"{name}:{line_of(lines, path)}: {where}: {message[:1].lower()}{message[1:]}{shown}"


def _model_at(kind: Any, path: tuple[Any, ...]) -> type[BaseModel] | None:
    """The model that stands at a path inside a type; None where it is none."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not path:
            return kind
        fields = (field for key, field in kind.model_fields.items() if (field.alias or key) == path[0])
        return next((_model_at(field.annotation, path[1:]) for field in fields), None)
    parts, origin = get_args(kind), get_origin(kind)
    if origin in (Union, UnionType, Annotated):
        return next((model for part in parts if (model := _model_at(part, path)) is not None), None)
    # of a mapping the values, of a tuple what it is made of
    return _model_at(parts[-1] if origin in (dict, Mapping) else parts[0], path[1:]) if parts and path else None
