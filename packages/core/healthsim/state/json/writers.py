"""Scenarios as JSON files: the share format and Workspace v2.0, written as a stream.

A file that came in one of these formats and was not changed since leaves byte for byte as it came: numbers
and keys as they were read, tags and times in the spelling of the file. Only a bounded part is held in memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from healthsim.model import PRODUCTS, entity_type_named
from healthsim.results import Written
from healthsim.state.documents import Item, Stored, documents_of, stored_collections
from healthsim.state.json.reader import members_of, pairs_of
from healthsim.state.json.spacing import ascii_escaped, laid_out, unescaped
from healthsim.state.read_documents import Carried, carried_by
from healthsim.state.values import instant

if TYPE_CHECKING:
    from healthsim.state.scenarios import Scenario
    from healthsim.state.tables import ScenarioTables, Tables

FORMATS = ("share", "workspace")
INDENT = 2
#: documents that are laid out together: their bytes fit the processor's cache
AT_ONCE = 500
#: where scenarios come from whose entities the share format shows without their wrapping
_FLAT = ("workspace", "python", "merge")
_LONGEST_STEM = 100
#: the provenance that a workspace file gives to a document that came without any
_UNKNOWN_ORIGIN = json.dumps(
    {
        "source_type": "loaded",
        "source_system": None,
        "skill_used": None,
        "derived_from": [],
        "created_at": None,
        "generation_params": {},
    }
)


@dataclass(frozen=True, repr=False, eq=False)
class Exported(Written):
    """What an export wrote: where (None for a stream), how many entities, how many bytes."""

    path: Path | str | None
    entity_count: int
    bytes: int

    def sentence(self) -> str:
        noun = "entity" if self.entity_count == 1 else "entities"
        return f"Wrote {self.path}: {self.entity_count:,} {noun}, {self.bytes:,} bytes."


class _Writer:
    """Writes text and counts its bytes."""

    def __init__(self, stream: IO[bytes], spell: Callable[[str], str]) -> None:
        self.stream = stream
        self.spell = spell
        self.bytes = 0
        self.entities = 0

    def text(self, text: str) -> None:
        data = self.spell(text).encode()
        self.stream.write(data)
        self.bytes += len(data)

    def values(self, text: str, depth: int) -> None:
        """JSON values with commas between them, laid out at a level."""
        data = laid_out(self.spell(text), indent=INDENT, depth=depth).encode()
        self.stream.write(data)
        self.bytes += len(data)


def write_share(tables: ScenarioTables, stream: IO[bytes]) -> Exported:
    """Write a scenario in the share format: entity types by name, entities without keys that start with ``_``.

    Entities that came in a wrapping with their provenance, in a file other than a workspace, leave in it.
    """
    out, scenario = _Writer(stream, ascii_escaped), tables.scenario
    texts = scenario.envelope.get("texts", {})
    members = {
        "name": _as_it_was(texts.get("name"), scenario.name),
        "description": _as_it_was(texts.get("description"), scenario.description),
        "tags": _as_it_was(texts.get("tags"), scenario.tags, read=lambda tags: list(dict.fromkeys(tags or ()))),
        "created_at": _as_it_was(
            texts.get("created_at"), scenario.created_at.isoformat(), read=lambda text: _same_instant(text, scenario)
        ),
    }
    separator = "{\n  "
    for key, text in members.items():
        out.text(f'{separator}"{key}": ')
        out.values(text, 1)
        separator = ",\n  "
    out.text(',\n  "entities": ')
    stored: dict[str, Stored | None] = dict.fromkeys(scenario.envelope.get("empty", ()))
    stored.update((item.plural, item) for item in stored_collections(tables))
    shape = _without_private if scenario.format in _FLAT else _as_it_came
    _write_collections(out, tables, sorted(stored.items()), shape)
    _write_end(out, scenario)
    return Exported(None, out.entities, out.bytes)


def write_loaded(tables: ScenarioTables, stream: IO[bytes]) -> None:
    """Write a scenario as ``scenario load`` prints it: what is known of it, and every document as it was saved."""
    out = _Writer(stream, str)
    facts = tables.scenario.as_dict()
    out.text("{\n")
    for key in ("scenario_id", "name", "description", "tags", "created_at", "updated_at", "entity_count"):
        out.text(f'  "{key}": {json.dumps(facts[key], ensure_ascii=False)},\n')
    out.text('  "entities": ')
    collections = [(item.plural, item) for item in stored_collections(tables)]
    _write_collections(out, tables, collections, lambda key, entity_type, item: item[1], with_rows=False)
    out.text("\n}\n")


def _write_end(out: _Writer, scenario: Scenario) -> None:
    """What the file that the scenario came from said beyond the format; files in the format itself say nothing."""
    if scenario.attributes is not None:
        out.text(',\n  "attributes": ')
        out.values(scenario.attributes, 1)
    out.text("\n}")


def write_workspace(tables: ScenarioTables, stream: IO[bytes]) -> Exported:
    """Write a scenario as a Workspace v2.0 file: each entity in its envelope, with its provenance."""
    out, scenario = _Writer(stream, unescaped), tables.scenario
    stored = {item.plural: item for item in stored_collections(tables)}
    out.text('{\n  "metadata": ')
    out.values(_metadata(scenario, stored), 1)
    out.text(',\n  "provenance_summary": ')
    out.values(scenario.envelope.get("provenance_summary") or _provenance_summary(tables, stored), 1)
    out.text(',\n  "entities": ')
    keys = list(scenario.envelope.get("collections", ()))
    plurals = {key: known.plural if (known := entity_type_named(key)) else key for key in keys}
    ordered: list[tuple[str, Stored | None]] = [(key, stored.pop(plurals[key], None)) for key in keys]
    ordered += sorted(stored.items())
    _write_collections(out, tables, ordered, _enveloped)
    _write_end(out, scenario)
    return Exported(None, out.entities, out.bytes)


def _write_collections(
    out: _Writer,
    tables: Tables,
    collections: Sequence[tuple[str, Stored | None]],
    shape: Callable[[str, str, Item], str],
    *,
    with_rows: bool = True,
) -> None:
    """Write entities by type.

    Args:
        shape: (key, entity type, entity) -> its text.
        with_rows: the rows of documents that came from other formats stand beside them, in a wrapping.
    """
    if not collections:
        out.text("{}")
        return
    separator = "{\n    "
    for key, stored in collections:
        out.text(f"{separator}{json.dumps(key, ensure_ascii=False)}: ")
        separator = ",\n    "
        if stored is None or not stored.count:
            out.text("[]")
            continue
        opening = "[\n      "
        for batch in documents_of(tables, stored):
            for start in range(0, len(batch), AT_ONCE):
                items = batch[start : start + AT_ONCE]
                carried = carried_by(tables, stored.entity_type, items) if with_rows else {}
                out.text(opening)
                texts = [
                    _with_rows(stored.entity_type, item, carried[item[0]])
                    if item[0] in carried
                    else shape(key, stored.entity_type, item)
                    for item in items
                ]
                out.values(",".join(texts), 3)
                out.entities += len(items)
                opening = ",\n      "
        out.text("\n    ]")
    out.text("\n  }")


def _without_private(key: str, entity_type: str, item: Item) -> str:
    document = item[1]
    if '"_' not in document:
        return document
    pairs = list(pairs_of(document))
    if not any(name.startswith("_") for name, _ in pairs):
        return document
    kept = (f"{json.dumps(name)}: {text}" for name, text in pairs if not name.startswith("_"))
    return "{" + ", ".join(kept) + "}"


def _as_it_came(key: str, entity_type: str, item: Item) -> str:
    data = _without_private(key, entity_type, item)
    if item[3] is None:
        return data
    return _enveloped(key, entity_type, (item[0], data, item[2], item[3]))


def _enveloped(key: str, entity_type: str, item: Item) -> str:
    entity_id, document, provenance, envelope = item
    head = envelope or json.dumps({"entity_id": entity_id, "entity_type": entity_type}, ensure_ascii=False)
    opening = head.rstrip()[:-1]
    comma = ", " if opening.strip() != "{" else ""
    if provenance is None and envelope is None:
        provenance = _UNKNOWN_ORIGIN
    tail = f', "provenance": {provenance}' if provenance is not None else ""
    return f'{opening}{comma}"data": {document}{tail}}}'


def _with_rows(entity_type: str, item: Item, carried: Carried) -> str:
    """A document that came from another format, with what it means: nobody could tell that from its text."""
    entity_id, document, provenance, _ = item
    head = json.dumps({"entity_id": entity_id, "entity_type": entity_type}, ensure_ascii=False)
    return f'{head[:-1]}, "data": {document}, "provenance": {provenance}{carried.text()}}}'


def _metadata(scenario: Scenario, stored: dict[str, Stored]) -> str:
    """The ``metadata`` of a workspace file: as it was read, with what has changed since."""
    now: dict[str, Any] = {
        "workspace_id": scenario.scenario_id,
        "name": scenario.name,
        "description": scenario.description,
        "tags": scenario.tags,
        "created_at": scenario.created_at.isoformat(),
        "updated_at": scenario.updated_at.isoformat(),
        "product": scenario.product or product_of(stored),
        "schema_version": "2.0",
    }
    text = scenario.envelope.get("metadata")
    before = members_of(text) if text else {}
    if text and all(_unchanged(before.get(key), value) for key, value in now.items() if key in before):
        return str(text)
    merged = {key: json.dumps(value, ensure_ascii=False) for key, value in now.items()}
    for key, value in before.items():
        if key not in now or _unchanged(value, now[key]):
            merged[key] = value
    order = dict.fromkeys([*before, *merged])
    return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {merged[key]}" for key in order) + "}"


def _unchanged(text: str | None, value: Any) -> bool:
    """Whether the text of a workspace file still says what the database says."""
    if text is None:
        return False
    said = json.loads(text)
    if said == value or (said is None and not value) or (value is None and not isinstance(said, str)):
        return True
    if isinstance(said, list) and isinstance(value, list):
        return list(dict.fromkeys(said)) == value
    if isinstance(said, str) and isinstance(value, str):
        return instant(said) is not None and instant(said) == instant(value)
    return False


def _provenance_summary(tables: Tables, stored: dict[str, Stored]) -> str:
    by_source: dict[str, int] = {}
    systems: dict[str, None] = {}
    skills: dict[str, None] = {}
    for item in stored.values():
        for batch in documents_of(tables, item):
            for _, _, provenance, _ in batch:
                facts = json.loads(provenance) if provenance else {}
                source = str(facts.get("source_type") or "loaded")
                by_source[source] = by_source.get(source, 0) + 1
                if facts.get("source_system"):
                    systems[str(facts["source_system"])] = None
                if facts.get("skill_used"):
                    skills[str(facts["skill_used"])] = None
    return json.dumps(
        {
            "total_entities": sum(by_source.values()),
            "by_source_type": by_source,
            "source_systems": sorted(systems),
            "skills_used": sorted(skills),
        },
        ensure_ascii=False,
    )


def product_of(collections: dict[str, Any]) -> str | None:
    """The product that a scenario's entity types belong to, where it is one."""
    families = {known.family for key in collections if (known := entity_type_named(key)) is not None}
    products = {PRODUCTS[family] for family in families if family in PRODUCTS}
    return products.pop() if len(products) == 1 else None


def _as_it_was(text: str | None, value: Any, read: Callable[[Any], Any] = lambda value: value) -> str:
    """The spelling of the file that a value came from, as long as it still says the same."""
    if text is not None and read(json.loads(text)) == value:
        return text
    return json.dumps(value, ensure_ascii=False)


def _same_instant(text: Any, scenario: Scenario) -> str:
    return scenario.created_at.isoformat() if instant(text) == scenario.created_at else ""


def file_name(scenario: Scenario, format: str) -> str:
    """A name for the file that a scenario is exported to, safe on every system."""
    if format == "workspace":
        return f"{scenario.scenario_id}.json"
    stem = re.sub(r"[^\w.-]+", "-", scenario.name)[:_LONGEST_STEM].strip("-.") or scenario.scenario_id
    return f"{stem}.json"


def default_folder() -> Path:
    """Where exports go when nothing is said: ``~/Downloads``, else the current folder."""
    downloads = Path.home() / "Downloads"
    return downloads if downloads.is_dir() else Path.cwd()
