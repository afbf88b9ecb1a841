"""What the shell completes: scenarios, metrics, dimensions, reports, conditions, counties. What cannot be read completes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from healthsim.errors import HealthSimError

if TYPE_CHECKING:
    from healthsim.workbench import Workbench

#: of a shell's list nobody reads more
_MOST = 200
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completed(known: Callable[[Workbench], Iterable[tuple[str, str]]], *, several: bool = False) -> Complete:
    """A completion from (word, what it is); ``several``: words may stand behind each other, separated by commas."""

    def complete(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        before, comma, last = begun.rpartition(",") if several else ("", "", begun)
        items: list[CompletionItem] = []
        with contextlib.suppress(HealthSimError, OSError):
            for word, meaning in known(_workbench(context)):
                if word.startswith(last) or (last and last.lower() in meaning.lower()):
                    items.append(CompletionItem(f"{before}{comma}{word}", help=meaning))
        return items[:_MOST]

    return complete


def _workbench(context: click.Context) -> Workbench:
    from healthsim.workbench import Workbench

    location = context.find_root().params.get("database")
    return Workbench.at(location, make=False)


def _scenarios(bench: Workbench) -> Iterator[tuple[str, str]]:
    if bench.database.location.exists():
        for scenario in bench.list(limit=_MOST):
            yield scenario.name, scenario.description or ""


def _metrics(bench: Workbench) -> Iterator[tuple[str, str]]:
    return ((entry["name"], entry["title"]) for entry in bench.catalog().metrics or ())


def _dimensions(bench: Workbench) -> Iterator[tuple[str, str]]:
    return ((entry["name"], entry["meaning"]) for entry in bench.catalog().dimensions or ())


def _reports(bench: Workbench) -> Iterator[tuple[str, str]]:
    return ((entry["name"], entry["question"]) for entry in bench.catalog().reports or ())


def _conditions(bench: Workbench) -> Iterator[tuple[str, str]]:
    return ((facts["condition"], facts["name"]) for facts in bench.conditions().conditions)


def _journeys(bench: Workbench) -> Iterator[tuple[str, str]]:
    return ((facts["journey"], facts["name"]) for facts in bench.journeys().journeys)


def _counties(bench: Workbench) -> Iterable[tuple[str, str]]:
    from healthsim.generation.county_places import county_names

    return county_names().items()


scenarios = _completed(_scenarios)
metrics = _completed(_metrics, several=True)
dimensions = _completed(_dimensions, several=True)
reports = _completed(_reports)
conditions = _completed(_conditions, several=True)
journeys = _completed(_journeys, several=True)
counties = _completed(_counties)
