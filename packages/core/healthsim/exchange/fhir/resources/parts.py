"""Parts that several resources have: names, addresses, telephones, identifiers, references, codes of rows."""

from __future__ import annotations

import json

from healthsim.db.sql import literal
from healthsim.exchange.fhir.nodes import (
    Const,
    Each,
    Items,
    Leaf,
    Node,
    Obj,
    Ref,
    Switch,
    When,
    code,
    coding,
    concept,
    text,
)
from healthsim.exchange.fhir.systems import CODE_SYSTEMS, IDENTIFIER, OWN, OWN_SYSTEM, WITHOUT_DISPLAY

#: identifier types of v2-0203 that are written
_KINDS = {
    "MR": "Medical record number",
    "SS": "Social Security number",
    "PI": "Patient internal identifier",
    "MB": "Member Number",
    "DL": "Driver's license number",
}


def identifier(system: str, value: Node, kind: str = "") -> Obj:
    """An identifier: its system (a column, where it is ours), its value, and what kind it is of."""
    members: dict[str, Node] = {}
    if kind:
        members["type"] = Const(
            {"coding": [{"system": IDENTIFIER, "code": kind, "display": _KINDS[kind]}], "text": _KINDS[kind]}
        )
    members["system"] = Const(system if ":" in system else OWN + system)
    return Obj(members | {"value": value}, needs=("value",))


def name(alias: str, use: str = "official", suffix: str = "suffix") -> Obj:
    """A HumanName; without a family name, the text says that there is none."""
    return Obj(
        {
            "use": Const(use),
            "family": text(f"{alias}.family_name"),
            "given": Items(text(f"{alias}.given_name"), text(f"{alias}.middle_name")),
            "prefix": Items(text(f"{alias}.prefix")),
            "suffix": Items(text(f"{alias}.{suffix}")),
        }
    )


def address(alias: str, use: str) -> Obj:
    """An Address."""
    return Obj(
        {
            "use": Const(use),
            "line": Items(text(f"{alias}.address_line1"), text(f"{alias}.address_line2")),
            "city": text(f"{alias}.city"),
            "district": text(f"{alias}.county"),
            "state": text(f"{alias}.state"),
            "postalCode": text(f"{alias}.postal_code"),
            "country": text(f"{alias}.country"),
        }
    )


def telecom(alias: str, use: str, *kinds: str) -> Items:
    """Telephone and mail."""
    columns = {"phone": "phone", "email": "email"}
    return Items(
        *(
            Obj({"system": Const(kind), "use": Const(use), "value": text(f"{alias}.{columns[kind]}")})
            for kind in (kinds or ("phone",))
        )
    )


def absent(reason: str = "unknown") -> Const:
    """The extension that stands for a value which has to be there and is not known."""
    return Const(
        {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": reason}]}
    )


def subject(alias: str = "t") -> Ref:
    """The patient, whatever led to them."""
    return Ref("Patient", f"{alias}.owner_id")


def encounter(table: str, alias: str = "t") -> Ref:
    """The encounter of a row."""
    return Ref("Encounter", f"{alias}.encounter_id", f"{table}.encounter_id")


def practitioner(table: str, column: str, alias: str = "t") -> Ref:
    """A provider that a row names."""
    return Ref("Practitioner", f"{alias}.{column}", f"{table}.{column}")


def system_of(expression: str, default: str) -> Leaf:
    """The address of the code system that a row names; of one without an address, one of ours."""
    known = " ".join(f"WHEN {literal(word.lower())} THEN {_quoted(address)}" for word, address in CODE_SYSTEMS.items())
    other = f"CASE WHEN {{}} LIKE '%:%' THEN to_json({{}}) ELSE to_json({literal(OWN_SYSTEM)} || url_encode({{}})) END"
    return Leaf(
        expression,
        f"CASE WHEN {{}} IS NULL THEN {_quoted(CODE_SYSTEMS[default])} ELSE CASE lower({{}}) {known} ELSE {other} END END",
    )


def _quoted(address: str) -> str:
    """SQL of the JSON text of an address."""
    return literal(json.dumps(address))


def coded(
    default: str,
    *,
    value: str = "t.code",
    system: str = "t.code_system",
    words: str = "t.description",
    further: tuple[Node, ...] = (),
) -> Obj:
    """A code of a row in the system that the row names, and its words; words of CPT stand beside the code, not in it."""
    free = ", ".join(literal(name.lower()) for name in WITHOUT_DISPLAY)
    display = When(f"lower(coalesce({system}, {literal(default)})) NOT IN ({free})", text(words))
    return concept(coding(system_of(system, default), code(value), display), *further, text=text(words))


def strings(expression: str) -> str:
    """SQL of the texts in a column that holds a JSON array."""
    return f"json_extract_string({expression}, '$[*]')"


def concepts_of(expression: str, system: str) -> Each:
    """CodeableConcepts of the codes in a column that holds a JSON array."""
    return Each(strings(expression), concept(coding(system, Leaf("value", "to_json({})", expression.split(".")[-1]))))


def unless(expression: str, *known: str) -> str:
    """SQL: a word is none of these, so that an element of a required code does not keep it."""
    return f"{expression} NOT IN ({', '.join(map(literal, known))})"


def one_of(expression: str, known: tuple[str, ...], otherwise: str, **spelled: str) -> Switch:
    """A code of FHIR that our word is, or stands for."""
    cases = {word: Const(word) for word in known} | {word: Const(value) for word, value in spelled.items()}
    return Switch(expression, cases, Const(otherwise))
