"""What a file says about a scenario as a whole, beside its entities."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from healthsim.errors import InvalidInput
from healthsim.state.values import as_uuid, instant

#: the members of the share format, in order, before the entities
SHARE_KEYS = ("name", "description", "tags", "created_at")
_NAME_KEYS = ("name", "cohort_name", "scenario_name")
_ID_KEYS = ("scenario_id", "workspace_id", "id", "cohort_id")


@dataclass
class Header:
    """Name, description, tags and times of a scenario, and all else that its file says.

    Attributes:
        texts: the share format's members as they were written, to be written again the same way.
        attributes: every other member of the file, as text: what the share format has no place for.
        metadata: the text of a workspace file's ``metadata``.
        provenance_summary: the text of a workspace file's ``provenance_summary``.
        collections: the keys of a workspace file's ``entities``, in order, empty ones too.
        empty: the keys of a share file's ``entities`` that hold none.
    """

    name: str | None = None
    description: str | None = None
    tags: list[str] = field(default_factory=list)
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    scenario_id: str | None = None
    product: str | None = None
    format: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    metadata: str | None = None
    provenance_summary: str | None = None
    collections: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)

    def take(self, key: str, text: str, value: Any, *, file: str = "") -> None:
        """Take one member of a file: into the field that it means, else into the attributes.

        Raises:
            InvalidInput: the name is no text.
        """
        if key in _NAME_KEYS and self.name is None:
            self._take_name(key, text, value)
        elif key == "description" and (value is None or isinstance(value, str)) and key not in self.texts:
            self.description = value
            self.texts[key] = text
        elif key == "tags" and (value is None or _is_texts(value)) and key not in self.texts:
            self.tags = list(dict.fromkeys(value or ()))
            self.texts[key] = text
        elif key == "created_at" and self.created_at is None and instant(value) is not None:
            self.created_at = instant(value)
            self.texts[key] = text
        elif key == "attributes" and isinstance(value, dict) and self.format in ("share", "workspace"):
            from healthsim.state.json.reader import members_of

            # exports write them under this key: they are what they were before
            for name, said in members_of(text).items():
                self._keep(name, said, file)
        else:
            self._take_attribute(key, text, value, file)

    def _take_name(self, key: str, text: str, value: Any) -> None:
        if not isinstance(value, str) or not value.strip():
            raise InvalidInput(f"The scenario's {key} is {text[:80]}; expected a text that is not empty.", path=key)
        self.name = value
        self.texts["name"] = text

    def _take_attribute(self, key: str, text: str, value: Any, file: str) -> None:
        if key in _ID_KEYS and self.scenario_id is None:
            self.scenario_id = as_uuid(value)
        elif key == "updated_at" and self.updated_at is None:
            self.updated_at = instant(value)
        elif key == "product" and isinstance(value, str):
            self.product = value
        self._keep(key, text, file)

    def _keep(self, key: str, text: str, file: str) -> None:
        label = key if key not in self.attributes else f"{file}:{key}"
        while label in self.attributes:
            label += "'"
        self.attributes[label] = text

    def take_metadata(self, text: str, value: Any) -> None:
        """Take the ``metadata`` of a workspace file.

        Raises:
            InvalidInput: it is no object with a name.
        """
        if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not value["name"].strip():
            raise InvalidInput(
                f"metadata is {text[:80]}; expected an object with the scenario's name, description and tags.",
                path="metadata",
            )
        self.metadata = text
        self.name = value["name"]
        description = value.get("description")
        self.description = description if isinstance(description, str) else None
        tags = value.get("tags")
        self.tags = list(dict.fromkeys(tags)) if _is_texts(tags) else []
        self.created_at = instant(value.get("created_at"))
        self.updated_at = instant(value.get("updated_at"))
        self.scenario_id = as_uuid(value.get("workspace_id"))
        product = value.get("product")
        self.product = product if isinstance(product, str) else None

    def says(self, member: str) -> bool:
        """Whether the file speaks of a member of the share format, if only to say that there is none."""
        return member in self.texts or self.metadata is not None

    def envelope(self) -> str | None:
        """What is kept of the file's own spelling, as JSON for the column ``envelope``."""
        parts: dict[str, Any] = {}
        if self.texts:
            parts["texts"] = self.texts
        if self.format == "share" and self.empty:
            parts["empty"] = self.empty
        if self.metadata is not None:
            parts["metadata"] = self.metadata
            parts["collections"] = self.collections
        if self.provenance_summary is not None:
            parts["provenance_summary"] = self.provenance_summary
        return json.dumps(parts, ensure_ascii=False) if parts else None


def attributes_text(attributes: Mapping[str, str]) -> str | None:
    """Attributes, member -> the text of its value, as the text of one JSON object; None where there are none."""
    members = (f"{json.dumps(key, ensure_ascii=False)}: {text}" for key, text in attributes.items())
    return "{" + ", ".join(members) + "}" if attributes else None


def _is_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
