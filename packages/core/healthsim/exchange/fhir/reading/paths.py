"""How a column is found in a resource: small readers that know their path, from which the page about reading follows."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from healthsim.exchange.fhir.reading.envelopes import Addresses
from healthsim.exchange.fhir.systems import EXTENSION, OWN_SYSTEM, SYSTEM_NAMES
from healthsim.model import ENTITY_TYPES
from healthsim.model.types import NumberText

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

Document = Mapping[str, Any]
_PARTIAL = re.compile(r"\d{4}(-\d{2})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECIMAL = re.compile(r'"value"\s*:\s*(-?[0-9][0-9.eE+-]*)')


@dataclass
class Unit:
    """A resource that is being read.

    Attributes:
        document: parsed.
        text: as it came.
        id: its id.
        reading: takes what is odd.
        names: (type, id) -> what other resources of the file call it: the code of a condition, the drug of a Medication.
        addresses: those of entries of bundles that are not made of ids.
    """

    document: Document
    text: str
    id: str
    reading: Reading
    names: dict[tuple[str, str], Any] = field(default_factory=dict)
    addresses: Addresses = field(default_factory=Addresses)


@dataclass(frozen=True)
class Read:
    """A reader of a column: where it looks, for the page, and how."""

    path: str
    take: Callable[[Unit], Any]


@dataclass(frozen=True)
class Typed:
    """A type of resource whose documents are entities of ours.

    Attributes:
        entity: the entity type.
        columns: column -> where it is.
    """

    entity: str
    columns: Mapping[str, Read]


def at(document: Any, path: Sequence[str]) -> Any:
    """What stands at a path; of lists the first item."""
    for name in path:
        if type(document) is list:
            document = document[0] if document else None
        if type(document) is not dict:
            return None
        document = document.get(name)
    return document


def one(value: Any) -> Any:
    """The first item of a list, or the value."""
    return (value[0] if value else None) if type(value) is list else value


def listed(value: Any) -> list[Any]:
    """The objects of a list; a single one is a list as well."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def word(value: Any) -> str | None:
    """A text, or nothing."""
    return value if isinstance(value, str) and value else None


# -- references ------------------------------------------------------------------------------------------------


def reference_id(value: Any, unit: Unit) -> str | None:
    """The id that a Reference leads to.

    Relative and absolute addresses end in it; ``urn:uuid:`` goes before it; a contained resource has the id of the one around
    it before its own; a search names an identifier, by which the entity is found when all is loaded.
    """
    reference = value.get("reference") if type(value) is dict else None
    if type(reference) is not str or not reference:
        return _by_identifier(value) if type(value) is dict else None
    if reference.startswith("urn:"):
        return unit.addresses.id_of(reference)
    if reference[0] == "#":
        return f"{unit.id}-{reference[1:]}" if len(reference) > 1 else unit.id
    if "?" in reference:
        return _by_search(reference, unit)
    address = reference.partition("/_history/")[0]
    return address.rstrip("/").rpartition("/")[2] or None


def _by_identifier(value: Document) -> str | None:
    identifier = value.get("identifier")
    return word(identifier.get("value")) if isinstance(identifier, dict) else None


def _by_search(reference: str, unit: Unit) -> str | None:
    query = unquote(reference.partition("?")[2])
    name, _, value = query.partition("=")
    found = value.rpartition("|")[2]
    if name not in ("identifier", "_id") or not found:
        unit.reading.oddity("a reference by a search that names no identifier; kept as text", example=reference)
        return reference
    return found


def type_of_reference(value: Any, unit: Unit) -> str:
    """The type that a Reference leads to, where it says so."""
    if type(value) is not dict:
        return ""
    reference = value.get("reference")
    if not isinstance(reference, str) or reference.startswith(("urn:", "#")):
        said = str(value.get("type") or "")
        return said if said or not isinstance(reference, str) else unit.addresses.type_of(reference)
    address = reference.partition("?")[0].partition("/_history/")[0].rstrip("/")
    parts = address.split("/")
    return parts[-1] if "?" in reference else (parts[-2] if len(parts) > 1 else "")


# -- times -----------------------------------------------------------------------------------------------------


def day_of(value: Any, unit: Unit) -> str | None:
    """The day of a date or time as it is written: it is never shifted; of a part of a date the first day."""
    text = word(value)
    if text is None:
        return None
    if _DAY.match(text):
        return text[:10]
    if _PARTIAL.fullmatch(text):
        unit.reading.oddity("a date without a day; the row has the first day", example=text)
        return f"{text}-01" if len(text) == 7 else f"{text}-01-01"
    return text


def moment_of(value: Any, unit: Unit) -> dt.datetime | str | None:
    """An instant in UTC; a date alone is its first moment, wherever."""
    text = word(value)
    if text is None:
        return None
    if len(text) <= 10:
        day = day_of(text, unit)
        return f"{day}T00:00:00" if day else None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    try:
        return unit.reading.utc(moment)
    except OverflowError:
        return text


# -- concepts --------------------------------------------------------------------------------------------------


def codings(value: Any) -> list[Document]:
    """The codings of a CodeableConcept (or a Coding, or a list of them)."""
    value = one(value)
    if not isinstance(value, dict):
        return []
    return listed(value["coding"]) if "coding" in value else ([value] if "code" in value else [])


def coding_of(value: Any, *systems: str) -> Document | None:
    """The coding in the first of these systems, else the first with a code; with none of them where systems end in ''."""
    known = codings(value)
    for system in systems:
        for coding in known:
            if coding.get("system") == system and coding.get("code"):
                return coding
    if systems and systems[-1] == "":
        return None
    return next((coding for coding in known if coding.get("code")), None)


def system_name(coding: Document | None) -> str | None:
    """What the model calls the system of a coding."""
    system = word(coding.get("system")) if coding else None
    if system is None:
        return None
    if system.startswith(OWN_SYSTEM):
        return unquote(system.removeprefix(OWN_SYSTEM))
    if system.startswith("urn:oid:"):
        return _OIDS.get(system[8:], system)
    return SYSTEM_NAMES.get(system, system)


_OIDS = {
    "2.16.840.1.113883.6.90": "ICD-10-CM",
    "2.16.840.1.113883.6.96": "SNOMED CT",
    "2.16.840.1.113883.6.1": "LOINC",
    "2.16.840.1.113883.6.88": "RxNorm",
    "2.16.840.1.113883.6.12": "CPT",
    "2.16.840.1.113883.12.292": "CVX",
    "2.16.840.1.113883.6.69": "NDC",
}


def words_of(value: Any) -> str | None:
    """The words of a CodeableConcept: its text, else what a coding displays."""
    value = one(value)
    if not isinstance(value, dict):
        return None
    return word(value.get("text")) or next(
        (text for coding in codings(value) if (text := word(coding.get("display")))), None
    )


def has_code(value: Any, code: str) -> bool:
    """Whether a CodeableConcept, or one of a list of them, has a code."""
    items = value if isinstance(value, list) else [value]
    return any(coding.get("code") == code for item in items for coding in codings(item))


# -- readers ---------------------------------------------------------------------------------------------------


def text(path: str) -> Read:
    """A text or a code."""
    parts = path.split(".")
    return Read(path, lambda unit: one(at(unit.document, parts)))


def flag(path: str) -> Read:
    """A yes or no."""
    parts = path.split(".")
    return Read(path, lambda unit: value if isinstance(value := at(unit.document, parts), bool) else None)


def ref(*paths: str) -> Read:
    """The id that a Reference leads to; of several the first that there is."""
    split = [path.split(".") for path in paths]

    def take(unit: Unit) -> str | None:
        for parts in split:
            found = reference_id(one(at(unit.document, parts)), unit)
            if found is not None:
                return found
        return None

    return Read(" or ".join(paths), take)


def day(*paths: str) -> Read:
    """A date."""
    split = [path.split(".") for path in paths]
    return Read(
        " or ".join(paths),
        lambda unit: next((found for parts in split if (found := day_of(one(at(unit.document, parts)), unit))), None),
    )


def moment(*paths: str) -> Read:
    """An instant."""
    split = [path.split(".") for path in paths]
    return Read(
        " or ".join(paths),
        lambda unit: next(
            (found for parts in split if (found := moment_of(one(at(unit.document, parts)), unit))), None
        ),
    )


def code(path: str, *systems: str) -> Read:
    """The code of a concept, in the first of these systems that it has."""
    parts = path.split(".")

    def take(unit: Unit) -> str | None:
        coding = coding_of(at(unit.document, parts), *systems)
        return word(coding.get("code")) if coding else None

    return Read(f"{path}.coding.code", take)


def system(path: str, *systems: str) -> Read:
    """The code system of the same."""
    parts = path.split(".")
    return Read(f"{path}.coding.system", lambda unit: system_name(coding_of(at(unit.document, parts), *systems)))


def words(*paths: str) -> Read:
    """The words of a concept."""
    split = [path.split(".") for path in paths]
    return Read(
        " or ".join(f"{path}.text" for path in paths),
        lambda unit: next((found for parts in split if (found := words_of(at(unit.document, parts)))), None),
    )


def identifier(path: str, *systems: str, kind: str = "") -> Read:
    """The value of an identifier, by its system or its kind."""

    def take(unit: Unit) -> str | None:
        for item in listed(unit.document.get("identifier")):
            if item.get("system") in systems or (kind and has_code(item.get("type"), kind)):
                return word(item.get("value"))
        return None

    return Read(path, take)


def spelled(read: Read, known: Mapping[str, str]) -> Read:
    """The word that a code of FHIR is here."""
    return Read(read.path, lambda unit: known.get(str(value := read.take(unit)), value))


def attached(path: str) -> Read:
    """The text of an attachment."""
    parts = path.split(".")

    def take(unit: Unit) -> str | None:
        attachment = one(at(unit.document, parts))
        data = attachment.get("data") if isinstance(attachment, dict) else None
        if not isinstance(data, str):
            return word(attachment.get("url")) if isinstance(attachment, dict) else None
        try:
            return base64.b64decode(data).decode()
        except (binascii.Error, ValueError):
            unit.reading.oddity("an attachment that is no text; only the document has it")
            return None

    return Read(f"{path}.data", take)


def decimal_text(value: Any, unit: Unit, member: str) -> str | None:
    """A number as it is written in a member of the resource: 2.50 is not 2.5."""
    if isinstance(value, NumberText | str):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        start = unit.text.find(f'"{member}"')
        match = _DECIMAL.search(unit.text, start) if start >= 0 else None
        if match and float(match[1]) == value:
            return match[1]
    return str(value)


def extended(document: Document, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The columns that extensions of ours carry, by entity type."""
    columns: dict[str, dict[str, Any]] = {}
    for extension in listed(document.get("extension")):
        url = extension.get("url")
        if not isinstance(url, str) or not url.startswith(EXTENSION):
            continue
        name, _, column = url.removeprefix(EXTENSION).partition("-")
        if name in names and column in ENTITY_TYPES[name].column:
            value = next((inner for key, inner in extension.items() if key.startswith("value")), None)
            if ENTITY_TYPES[name].column[column].sql_type == "JSON" and isinstance(value, str):
                # what is no JSON is no value of the column, which is said where the row is read
                with suppress(ValueError, RecursionError):
                    value = json.loads(value)
            columns.setdefault(name, {})[column] = value
    return columns
