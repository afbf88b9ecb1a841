"""Documents of other programs, told by what is in them: JSON, YAML, or Markdown with one of these in a block."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from healthsim.errors import NotFound
from healthsim.generation.journeys.importing import engine_form, schema_form, synthea
from healthsim.generation.journeys.importing.draft import Draft
from healthsim.generation.packaged import LOADER
from healthsim.remedies import remedy

_SUFFIXES = (".json", ".yaml", ".yml", ".md")
_BLOCK = re.compile(r"^```(?:json|ya?ml)\s*$\n(.*?)^```\s*$", re.M | re.S)
#: bytes; a larger file is no document of steps
_LARGEST = 20_000_000


@dataclass(frozen=True)
class Shape:
    """A shape of documents: its name, how it is told, how it is read."""

    name: str
    tells: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Draft, Mapping[str, Any]], None]


def _events(document: Mapping[str, Any]) -> bool:
    events = document.get("events")
    return isinstance(events, list) and any(isinstance(event, Mapping) and "event_type" in event for event in events)


def _states(document: Mapping[str, Any]) -> bool:
    states = document.get("states")
    return isinstance(states, Mapping) and any(
        isinstance(state, Mapping) and "type" in state for state in states.values()
    )


SHAPES = (
    Shape("Synthea module", _states, synthea.draft_of),
    Shape(
        "journey-spec-v1",
        lambda document: (
            isinstance(document.get("journey"), Mapping) and isinstance(document["journey"].get("phases"), list)
        ),
        schema_form.draft_of,
    ),
    Shape("events of the engine", _events, engine_form.draft_of),
    Shape("phases", lambda document: isinstance(document.get("phases"), list), schema_form.draft_of),
)


@dataclass(frozen=True)
class Found:
    """A file: its document and shape, or why it is none."""

    path: Path
    document: Mapping[str, Any] | None = None
    shape: Shape | None = None
    problem: str | None = None


def files_of(paths: list[Path]) -> Iterator[Path]:
    """The files that paths mean: themselves, and those of folders at any depth.

    Raises:
        NotFound: there is no such file, or a folder has none that could be read.
    """
    for path in paths:
        if not path.exists():
            raise NotFound(f"There is no file {path}. Check the path.", path=str(path))
        if not path.is_dir():
            yield path
            continue
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file())
        if not inside:
            raise NotFound(f"{path} holds no {', '.join(_SUFFIXES)} file. Check the path.", path=str(path))
        yield from inside


def find(path: Path) -> Found:
    """What a file holds."""
    try:
        if path.stat().st_size > _LARGEST:
            return Found(path, problem=f"it has {path.stat().st_size:,} bytes, and no document of steps is that large")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return Found(path, problem="it is no UTF-8 text")
    except OSError as error:
        return Found(path, problem=f"it cannot be read ({error.strerror})")
    blocks = _BLOCK.findall(text) if path.suffix.lower() == ".md" else [text]
    seen = "it has no block of JSON or YAML" if path.suffix.lower() == ".md" else "it is empty"
    for block in blocks:
        try:
            content = _content(block)
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            seen = f"it is neither JSON nor YAML: {' '.join(str(error).split())[:160]}"
            continue
        for shape in SHAPES if isinstance(content, Mapping) else ():
            if shape.tells(content):
                return Found(path, content, shape)
        seen = _seen(content)
    return Found(path, problem=seen)


def _content(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        if text.lstrip()[:1] in ("{", "["):
            raise
        return yaml.load(text, Loader=LOADER)


def _seen(content: Any) -> str:
    expected = "expected states, journey with phases, events with event_type, or phases"
    if isinstance(content, Mapping):
        keys = ", ".join(str(key)[:40] for key in list(content)[:8])
        if "steps" in content and "journey" in content:
            return f"it is a journey of HealthSim already; see: {remedy('check journeys')}"
        return f"its keys are {keys or 'none'}; {expected}"
    return f"it holds {'nothing' if content is None else f'a {type(content).__name__}'}; {expected}"
