"""Every JSON shape that a scenario comes in, told apart by its content and read in one pass.

The shapes differ in where the entities stand and in what the scenario's own members are called; the
entities themselves go to an ``Intake``, everything else to a ``Header``.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from healthsim.errors import HealthSimError, InvalidInput, NotFound
from healthsim.model import ENTITY_TYPES, EntityType, entity_type_named
from healthsim.model.entity import snake_case
from healthsim.model.projection import embedded_entities
from healthsim.state.intake import Intake
from healthsim.state.json.header import SHARE_KEYS, Header
from healthsim.state.json.reader import CHUNK, JsonReader, members_of
from healthsim.state.read_documents import PARTS, carried_of, was_read

#: members that say something about the scenario, in whatever shape
_SCENARIO_KEYS = frozenset(
    (
        "name description tags created_at updated_at scenario_id workspace_id id cohort_id cohort_name scenario_name"
        " product schema_version version created_by healthsim_version exported_at entity_count files"
        " provenance_summary attributes"
    ).split()
)
_WRAPPED = {"entity_id", "entity_type", "data", "provenance"}
_MANIFEST = "scenario.json"

SHAPES = (
    'a workspace or scenario file of HealthSim, {"entities": {"patients": [...]}}, {"patients": [...]},'
    ' {"patient": {...}} or a folder of such files'
)


def read_path(path: Path, intake: Intake) -> Header:
    """Read a file or a folder of files into an intake.

    Raises:
        NotFound: nothing is there.
        InvalidInput: it is not JSON, or holds no entities in any known shape.
    """
    if path.is_dir():
        return _read_folder(path, intake)
    header = Header()
    with _opened(path) as opened, _seekable(opened) as stream:
        _File(path.name, path.stem, intake, header).read(stream)
    header.name = header.name or path.stem
    return header


def read_stream(stream: IO[bytes], name: str, intake: Intake) -> Header:
    """Read an open binary stream; a name for the scenario is not made up."""
    header = Header()
    with _seekable(stream) as seekable:
        _File(name, "", intake, header).read(seekable)
    return header


@contextmanager
def _seekable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """The same bytes, to be looked at twice, as it takes to tell shapes apart: what a pipe gives is put aside."""
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as aside:
        shutil.copyfileobj(stream, aside)
        aside.seek(0)
        yield aside


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except (FileNotFoundError, ValueError):
        # a path with a NUL character is no path, and raises a ValueError
        raise NotFound(f"There is no file or folder {path}. Check the path.", path=str(path)) from None
    except OSError as error:
        raise HealthSimError(f"{path} cannot be read: {error.strerror}.", path=str(path)) from None


def _read_folder(folder: Path, intake: Intake) -> Header:
    paths = sorted(folder.glob("*.json"), key=lambda path: (path.name != _MANIFEST, path.name))
    if not paths:
        raise InvalidInput(f"The folder {folder} holds no *.json files; expected {SHAPES}.", path=str(folder))
    header = Header()
    for path in paths:
        with _opened(path) as stream:
            _File(path.name, path.stem, intake, header).read(stream, manifest=path.name == _MANIFEST)
    if not intake.counts:
        raise _nothing(str(folder))
    header.format = "folder"
    header.name = header.name or folder.name
    return header


def _nothing(name: str) -> InvalidInput:
    return InvalidInput(
        f"{name} holds no entities in any known shape; expected {SHAPES}. Nothing was saved. A file of one kind of"
        ' entity is recognised by its name (patients.json) or when it is wrapped: {"patients": [...]}.',
        file=name,
    )


class _File:
    """One file: its members go to the header or, as entities, to the intake."""

    def __init__(self, name: str, stem: str, intake: Intake, header: Header) -> None:
        self.name = name
        self.stem = stem
        self.intake = intake
        self.header = header
        self.reader: JsonReader
        self.others: dict[str, tuple[str, Any]] = {}
        self.keys: list[str] = []
        self.has_entities = False

    def read(self, stream: IO[bytes], *, manifest: bool = False) -> None:
        """Read the whole file, and decide at its end which shape it had."""
        if not manifest and self._is_one_entity(stream):
            return
        before = sum(self.intake.counts.values())
        self.reader = JsonReader(stream, self.name)
        start = self.reader.peek()
        if start == "{":
            for key in self.reader.members():
                self.keys.append(key)
                self._member(key)
            self.reader.end()
            self._finish(manifest, read=sum(self.intake.counts.values()) - before)
        elif start == "[":
            self._bare_list()
            self.reader.end()
            self.header.format = "list"
        elif not start:
            raise InvalidInput(f"{self.name} is empty; expected {SHAPES}. Nothing was saved.", file=self.name)
        else:
            self.reader.value()
            self.reader.end()
            raise _nothing(self.name)

    def _is_one_entity(self, stream: IO[bytes]) -> bool:
        """The file is a single entity, not wrapped in anything: its members are the entity's fields."""
        data = stream.read(CHUNK + 1)
        stream.seek(0)
        if len(data) > CHUNK or not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return False
        reader = JsonReader(io.BytesIO(data), self.name)
        text, value = reader.value()
        reader.end()
        if "entities" in value or "metadata" in value:
            return False
        named = entity_type_named(self.stem)
        known = named if named and shared_names(named, value) >= 2 else recognised(value)
        if known is None:
            return False
        self._entity(known.plural, text, value)
        self.header.format = self.header.format or "document"
        return True

    # -- members of the top-level object ---------------------------------------------------------------------

    def _member(self, key: str) -> None:
        opening = self.reader.peek()
        if key == "entities" and opening in "{[":
            self._entities(opening)
            return
        known = entity_type_named(key)
        if opening == "[" and key not in _SCENARIO_KEYS:
            self._list(key)
        elif opening == "{" and known is not None and known.plural != snake_case(key):
            text, value = self.reader.value()
            self._entity(key, text, value)
        else:
            self.others[key] = self.reader.value()

    def _entities(self, opening: str) -> None:
        self.has_entities = True
        if opening == "[":
            for text, value in self.reader.items():
                label = value.get("entity_type") if isinstance(value, dict) else None
                if not isinstance(label, str):
                    raise self.reader.fault("an entity without entity_type in a list", '{"entity_type": ..., ...}')
                self._entity(label, text, value)
            return
        for key in self.reader.members():
            self.header.collections.append(key)
            opening, before = self.reader.peek(), self.intake.position
            if opening == "[":
                for text, value in self.reader.items():
                    self._entity(key, text, value)
            else:
                text, value = self.reader.value()
                if value is not None:
                    self._entity(key, text, value)
            if self.intake.position == before:
                self.header.empty.append(key)

    def _entity(self, collection: str, text: str, value: Any) -> None:
        """One entity, out of its wrapping where it has one."""
        if isinstance(value, dict) and isinstance(value.get("data"), dict) and len(_WRAPPED & value.keys()) >= 2:
            parts = members_of(text)
            document = parts.pop("data")
            provenance = parts.pop("provenance", None)
            if was_read(provenance) and PARTS in value:
                self._read_elsewhere(collection, document, value, str(provenance))
                return
            wrapping = ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {part}" for key, part in parts.items())
            self.intake.add(collection, document, value["data"], provenance=provenance, envelope="{" + wrapping + "}")
        else:
            self.intake.add(collection, text, value)

    def _read_elsewhere(self, collection: str, document: str, value: dict[str, Any], provenance: str) -> None:
        """An entity that came from another format: its rows are beside it."""
        known = entity_type_named(collection)
        type_name, entity_id = known.name if known else collection, str(value.get("entity_id"))
        rows = carried_of(value).projected(type_name, entity_id)
        self.intake.take(known.plural if known else collection, document, entity_id, False, rows, provenance)

    def _list(self, key: str) -> None:
        """A list beside the scenario's members: entities where it holds objects, else a fact about the scenario."""
        texts: list[str] = []
        for text, value in self.reader.items():
            if isinstance(value, dict) and not texts:
                self._entity(key, text, value)
            else:
                texts.append(text)
        if texts or not self.intake.counts.get(_collection(key)):
            text = "[" + ", ".join(texts) + "]"
            self.others[key] = (text, json.loads(text))

    def _bare_list(self) -> None:
        """A file that is one list: its name, or else each entity itself, tells the type."""
        named = entity_type_named(self.stem)
        for text, value in self.reader.items():
            known = named or (recognised(value) if isinstance(value, dict) else None)
            if known is None:
                raise _nothing(self.name)
            self._entity(known.plural, text, value)
        if named is None and not self.intake.counts:
            raise _nothing(self.name)

    # -- at the end of the file ------------------------------------------------------------------------------

    def _finish(self, manifest: bool, read: int) -> None:
        if "metadata" in self.others and self.has_entities:
            self._finish_workspace()
            return
        if not self.has_entities and not read and not manifest and not self._wrapped_episodes():
            raise _nothing(self.name)
        if not self.header.format or not manifest:
            self.header.format = self._shape()
        scenario = self.others.pop("scenario", None) if self.has_entities or manifest else None
        if scenario is not None and isinstance(scenario[1], dict):
            for key, text in members_of(scenario[0]).items():
                self.header.take(key, text, scenario[1][key], file=self.name)
        for key, (text, value) in self.others.items():
            self.header.take(key, text, value, file=self.name)
        if self.header.name is None and "scenarioId" in self.others and isinstance(self.others["scenarioId"][1], str):
            self.header.name = self.others["scenarioId"][1] or None

    def _finish_workspace(self) -> None:
        self.header.format = "workspace"
        self.header.take_metadata(*self.others.pop("metadata"))
        if "provenance_summary" in self.others:
            self.header.provenance_summary = self.others.pop("provenance_summary")[0]
        for key, (text, value) in self.others.items():
            self.header.take(key, text, value, file=self.name)

    def _wrapped_episodes(self) -> bool:
        """Entities one or more levels down, in members that the model does not know: those members are documents."""
        has_episodes = False
        for key, (text, value) in list(self.others.items()):
            if isinstance(value, dict) and next(embedded_entities(value, key), None) is not None:
                self._entity(key, text, self.others.pop(key)[1])
                has_episodes = True
        return has_episodes

    def _shape(self) -> str:
        keys = set(self.keys)
        if self.has_entities:
            if keys <= {*SHARE_KEYS, "entities", "attributes"}:
                return "share"
            if "scenario" in keys:
                return "saver"
            if keys & {"cohort_id", "cohort_name"}:
                return "cohort"
            return "scenario" if "schema_version" in keys else "entities"
        entity_keys = {key for key in keys if entity_type_named(key)}
        return "collections" if keys - entity_keys <= _SCENARIO_KEYS else "episode"


def _collection(key: str) -> str:
    known = entity_type_named(key)
    return known.plural if known else key


def recognised(document: dict[str, Any]) -> EntityType | None:
    """The entity type that a document's own fields tell, if they tell exactly one."""
    fits = sorted(((_fit(known, document), known.name) for known in ENTITY_TYPES.values()), reverse=True)
    best, name = fits[0]
    return ENTITY_TYPES[name] if best and best > fits[1][0] else None


def _fit(known: EntityType, document: dict[str, Any]) -> int:
    """How many members of a document are columns of a type; 0 without one that identifies it."""
    names = {snake_case(key) for key in document}
    identifying = {known.key, *known.model.natural_keys} - {"name"}
    return shared_names(known, document) + 2 * (known.key in names) if names & identifying else 0


def shared_names(known: EntityType, document: dict[str, Any]) -> int:
    """How many members of a document are columns of a type, or stand where older documents have one."""
    places = {alias.path.split(".")[0] for column in known.columns for alias in column.aliases} | set(known.column)
    return sum(snake_case(key) in places for key in document)


def folders_and_files(folder: Path) -> Iterator[Path]:
    """The scenarios of a folder of the old implementation: its JSON files, and its folders that hold some.

    Folders in which nobody may look are among them: who reads them is told so.
    """
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            is_scenario = any(path.glob("*.json")) or not os.access(path, os.R_OK | os.X_OK)
        else:
            is_scenario = path.suffix == ".json" and path.is_file()
        if is_scenario:
            yield path
