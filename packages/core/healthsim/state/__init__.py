"""Scenarios: named snapshots of entities. These functions work on the user's database.

The names are those of the original documentation; underneath is ``StateManager(database)``, which takes any
database and has a few verbs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from healthsim.results import LoadedScenario
    from healthsim.state.manager import Entities, StateManager
    from healthsim.state.save import Saved

__all__ = [
    "delete_scenario",
    "export_scenario_to_json",
    "import_scenario_from_json",
    "list_scenarios",
    "load_scenario",
    "save_scenario",
    "state_manager",
]


def state_manager(database: str | None = None) -> StateManager:
    """The scenarios of a database: a path, ``:memory:`` or ``md:NAME``; default is the user's own."""
    from healthsim.config import Settings
    from healthsim.db.connection import Database
    from healthsim.state.manager import StateManager

    return StateManager(Database.of(Settings.load(database=database)))


def save_scenario(
    name: str,
    entities: Entities,
    description: str | None = None,
    tags: Sequence[str] | None = None,
    overwrite: bool = False,
    *,
    database: str | None = None,
) -> Saved:
    """Save {entity type: [documents]} as a scenario; see ``StateManager.save``."""
    mode = "overwrite" if overwrite else "create"
    return state_manager(database).save(name, entities, description=description, tags=tags or (), mode=mode)


def load_scenario(name: str, *, database: str | None = None) -> LoadedScenario:
    """A scenario with all of its documents; see ``StateManager.load``."""
    return state_manager(database).load(name)


def list_scenarios(
    tag: str | None = None, search: str | None = None, limit: int | None = None, *, database: str | None = None
) -> list[dict[str, Any]]:
    """The scenarios that match, newest first; see ``StateManager.list``."""
    listed, _ = state_manager(database).list(tags=[tag] if tag else (), search=search, limit=limit)
    return [scenario.as_dict() for scenario in listed]


def delete_scenario(name: str, *, database: str | None = None) -> bool:
    """Remove a scenario; False where there is none of that name."""
    from healthsim.errors import NotFound

    try:
        state_manager(database).delete(name)
    except NotFound:
        return False
    return True


def export_scenario_to_json(
    name: str, path: str | Path | None = None, *, overwrite: bool = False, database: str | None = None
) -> Path:
    """Write a scenario in the share format; the file that was written.

    Args:
        name: the scenario.
        path: a file or folder; default ``~/Downloads``, else the current folder.
        overwrite: replace a file that is there.
        database: default: the user's own.
    """
    from healthsim.state.json.writers import default_folder

    target = Path(path) if path is not None else default_folder()
    exported = state_manager(database).export(name, target, force=overwrite)
    assert exported.path is not None
    return Path(exported.path)


def import_scenario_from_json(
    path: str | Path, name: str | None = None, overwrite: bool = False, *, database: str | None = None
) -> Saved:
    """Save what a file or folder holds, in any known shape; see ``StateManager.import_path``."""
    return state_manager(database).import_path(path, name=name, mode="overwrite" if overwrite else "create")
