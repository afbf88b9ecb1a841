"""The example that ``healthsim demo`` walks through: a family of our own making, in the old workspace format."""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from healthsim.errors import AlreadyExists, NotFound
from healthsim.state.manager import StateManager
from healthsim.state.storing import Saved

NAME = "demo-family"
SCENARIO_ID = "0b3f6c1e-5a52-4d6e-9f41-7c2f0e9d4a10"


def example() -> bytes:
    """The bundled file: a Workspace v2.0 file of a family of four, with clinic visits, claims and prescriptions."""
    return files(__name__).joinpath("family.json").read_bytes()


def import_example(manager: StateManager) -> Saved:
    """Save the example; an earlier one is replaced.

    Raises:
        AlreadyExists: the user has a scenario of that name which is not the example.
    """
    try:
        existing = manager.get(NAME)
    except NotFound:
        existing = None
    if existing is not None and existing.scenario_id != SCENARIO_ID:
        raise AlreadyExists(
            f"You have a scenario {NAME!r} of your own, which the demo would replace. Rename it first:"
            f" healthsim scenario rename {NAME} another-name.",
            name=NAME,
        )
    return manager.import_stream(io.BytesIO(example()), name=NAME, mode="overwrite")


@dataclass(frozen=True)
class Answer:
    """The SQL of a question, and its answer."""

    sql: str
    columns: list[str]
    rows: list[tuple[Any, ...]]


def cost_per_person(manager: StateManager) -> Answer:
    """What medical and pharmacy care of each person cost: one query over four products' tables."""
    sql = files(__name__).joinpath("cost_per_person.sql").read_text(encoding="utf-8")
    with manager.database.read() as connection:
        result = connection.execute(sql, {"scenario": NAME})
        return Answer(sql, [column[0] for column in result.description or ()], result.fetchall())


def leaves_as_it_came(manager: StateManager) -> bool:
    """Whether the export of the example is the file that was imported, byte for byte."""
    exported = io.BytesIO()
    manager.export(NAME, exported, format="workspace")
    return exported.getvalue() == example()
