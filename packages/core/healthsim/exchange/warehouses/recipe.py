"""The recipe of a warehouse: its files of SQL over exported tables."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from healthsim.errors import HealthSimError, UsageError
from healthsim.exchange.delta.declared import LakeTable
from healthsim.exchange.warehouses.metric_views import statements, yaml_of
from healthsim.exchange.warehouses.metrics import metric_views, models
from healthsim.exchange.warehouses.place import Place, script

if TYPE_CHECKING:
    from types import ModuleType

#: the warehouses that there are recipes for: a module each, with ``install``, ``SCHEMES`` and ``BEFORE``
DIALECTS = ("databricks", "snowflake", "bigquery")


def refuse_missing() -> None:
    """Make sure that what writes SQL in dialects is installed.

    Raises:
        HealthSimError: it is not.
    """
    try:
        import sqlglot  # noqa: F401  # asked for, not used
    except ImportError:
        raise HealthSimError("SQL for warehouses needs sqlglot. Install: pip install 'healthsim[delta]'.") from None


def recipe_files(dialect: str, place: Place, tables: Sequence[LakeTable]) -> Mapping[str, str]:
    """The files of a recipe: name -> text.

    Raises:
        UsageError: the warehouse cannot reach the tables where they are.
    """
    refuse_missing()
    module = _module(dialect)
    if not place.location.startswith(module.SCHEMES):
        raise UsageError(
            f"{dialect} does not see {place.location}: expected {' or '.join(f'{scheme}...' for scheme in module.SCHEMES)}."
            " Say where the tables will lie for it with --location, or export to an object store."
        )
    names = {table.name for table in tables}
    files = {"install.sql": script(module.install(place, tables), module.BEFORE)}
    if views := metric_views(place, names, dialect):
        files["metrics.sql"] = script(
            views, "The metrics of HealthSim as views: one row per scenario, and per value of what they need."
        )
    if dialect == "databricks":
        known = models(names)
        files |= {f"metrics/{model.fact}.yaml": yaml_of(model, place) for model in known}
        if known:
            text = "The same metrics as metric views, one per fact: MEASURE(paid) by any of their dimensions. Needs runtime 17.2."
            files["metric_views.sql"] = script(statements(known, place), text)
    return files


def _module(dialect: str) -> ModuleType:
    return importlib.import_module(f"healthsim.exchange.warehouses.{dialect}")
