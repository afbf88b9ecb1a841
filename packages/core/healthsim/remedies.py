"""What to do next, in the words of the door through which somebody came: an option, an argument, the name of a tool.

A message that names one says ``remedy("replace a file")``; the words stand here and nowhere else. The command line and the
assistant's server say which door is theirs; who calls a function is in Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, NamedTuple

Door = Literal["command", "python", "tool"]
_door: ContextVar[Door] = ContextVar("door", default="python")


class Remedy(NamedTuple):
    """One remedy in the words of each door; names in braces are filled in."""

    command: str
    python: str
    tool: str


@contextmanager
def door(name: Door) -> Iterator[None]:
    """Messages that are made inside the block use the words of this door."""
    before = _door.set(name)
    try:
        yield
    finally:
        _door.reset(before)


def current_door() -> Door:
    """The door that is open: for a process that is to go on in its words."""
    return _door.get()


def remedy(name: str, /, **values: object) -> str:
    """The remedy of that name, in the words of the door that is open."""
    return str(getattr(REMEDIES[name], _door.get())).format(**values)


_TERMINAL = ", on the command line"

REMEDIES = {
    # -- what may be replaced, added to, read leniently --
    "replace a file": Remedy("--force", "overwrite=True", "overwrite=true"),
    "replace a scenario": Remedy("--overwrite", "overwrite=True", 'mode="overwrite"'),
    "or add to it": Remedy(
        " or --merge to add to it", ' or mode="merge" to add to it', ' or mode="merge" to add to it'
    ),
    "be lenient": Remedy("--lenient", "lenient=True", "lenient=true"),
    "to standard output": Remedy("let the shell write there: -o - > FILE", "give an open stream", "leave the path out"),
    # -- places that others use, too --
    "make a share": Remedy(
        "healthsim share init LOCATION --data FOLDER", "healthsim.share_init()", f"healthsim share init{_TERMINAL}"
    ),
    "add a share": Remedy(
        "healthsim share add NAME LOCATION", "healthsim.share_add()", f"healthsim share add{_TERMINAL}"
    ),
    "check a share": Remedy(
        "healthsim share check {share}", 'healthsim.share_check("{share}")', f"healthsim share check{_TERMINAL}"
    ),
    "list a share": Remedy("healthsim share list {share}", 'healthsim.share_list("{share}")', "the tool share_list"),
    "see versions": Remedy(
        "healthsim share history {name} --from {share}",
        'healthsim.share_history("{name}", "{share}")',
        f"healthsim share history{_TERMINAL}",
    ),
    "pull from": Remedy(
        "healthsim share pull NAME --from {share}", 'healthsim.share_pull(NAME, "{share}")', "the tool share_pull"
    ),
    "grant writing": Remedy(
        "healthsim share grant SHARE {role} --publish",
        'healthsim.share_grant(SHARE, "{role}", publish=True)',
        f"healthsim share grant{_TERMINAL}",
    ),
    "fetch extensions": Remedy(
        "healthsim share init --fetch", "healthsim.share_init(fetch=True)", f"healthsim share init{_TERMINAL}"
    ),
    "another version first": Remedy("--onto {version}", "onto={version}", "onto={version}"),
    "under another name": Remedy("--as NAME", 'as_="NAME"', "as_name"),
    # -- which database, which scenarios --
    "name another database": Remedy(
        "--db PATH or HEALTHSIM_DB", "healthsim.open(PATH) or HEALTHSIM_DB", "HEALTHSIM_DB, where the server is started"
    ),
    "list scenarios": Remedy("healthsim scenario list", "healthsim.list()", "the tool list_scenarios"),
    "name scenarios": Remedy("--scenario", "scenario=", "scenario or scenarios"),
    "all scenarios": Remedy("--all", "everything=True", "one call for each"),
    "rename a scenario": Remedy(
        "healthsim scenario rename {name} another-name",
        'healthsim.rename("{name}", "another-name")',
        "the tool rename_scenario",
    ),
    "make a scenario": Remedy(
        "healthsim generate, healthsim import or healthsim demo",
        "healthsim.generate(), healthsim.import_() or healthsim.save()",
        "generate_population, import_scenario_json or save_scenario",
    ),
    "import again": Remedy(
        "healthsim import {path} --overwrite",
        'healthsim.import_("{path}", overwrite=True)',
        'the tool import_scenario_json with mode="overwrite"',
    ),
    "the old folder": Remedy("--from DIR", "healthsim.migrate(DIR)", f"healthsim migrate json --from DIR{_TERMINAL}"),
    # -- what there is --
    "see exports": Remedy("healthsim export --help", "healthsim.formats()", "the tool export_data"),
    "list entity types": Remedy("healthsim schema list", "healthsim.entity_types()", "the tool describe_schema"),
    "show an entity type": Remedy(
        "healthsim schema show {name}", 'healthsim.schema("{name}")', 'describe_schema(entity_type="{name}")'
    ),
    "list rules": Remedy(
        "healthsim check NAME --json", "healthsim.check(NAME).rules", f"healthsim check NAME{_TERMINAL}"
    ),
    "the vocabulary folder": Remedy("--vocab-dir", "vocabulary_folder", "the vocabularies"),
    "find people": Remedy(
        'healthsim sql --scenario NAME "FROM patients"', "healthsim.find(NAME, 'patient')", "the tool query_scenario"
    ),
    # -- generation --
    "list conditions": Remedy(
        "healthsim conditions list", "healthsim.conditions()", f"healthsim conditions list{_TERMINAL}"
    ),
    "show a condition": Remedy(
        "healthsim conditions show {name}",
        'healthsim.condition("{name}")',
        f"healthsim conditions show {{name}}{_TERMINAL}",
    ),
    "list journeys": Remedy("healthsim journeys list", "healthsim.journeys()", "the tool list_journeys"),
    "show a journey": Remedy(
        "healthsim journeys show {name}",
        'healthsim.journey("{name}")',
        f"healthsim journeys show {{name}}{_TERMINAL}",
    ),
    "check journeys": Remedy(
        "healthsim journeys check", "healthsim.check_journeys()", f"healthsim journeys check{_TERMINAL}"
    ),
    "map codes": Remedy("--codes", "codes=", f"--codes{_TERMINAL}"),
    "assume a share": Remedy("--assume SHARE", "assume=SHARE", f"--assume SHARE{_TERMINAL}"),
    "generate on a journey": Remedy(
        "healthsim generate --journey NAME", "healthsim.generate(journeys=[NAME])", "generate_population with journeys"
    ),
    "choose ages": Remedy("--age 0-1", 'ages={{"min": 0, "max": 1}}', "min_age and max_age"),
    "see the spec": Remedy(
        "healthsim generate --schema",
        "healthsim.generation.spec.PopulationSpec.model_json_schema()",
        "the arguments of generate_population",
    ),
    "one worker": Remedy("--workers 1", "workers=1", "a smaller size"),
    # -- reference data --
    "import reference data": Remedy(
        "healthsim reference import", "healthsim.import_reference()", f"healthsim reference import{_TERMINAL}"
    ),
    "list reference data": Remedy("healthsim reference list", "healthsim.references()", "the tool list_reference"),
    "fetch places": Remedy(
        "healthsim reference fetch places --release 2024 --level {level}",
        'healthsim.fetch_reference("places", release="2024", level="{level}")',
        f"healthsim reference fetch places --release 2024 --level {{level}}{_TERMINAL}",
    ),
    "fetch svi": Remedy(
        "healthsim reference fetch svi --release 2022 --level county",
        'healthsim.fetch_reference("svi", release="2022", level="county")',
        f"healthsim reference fetch svi --release 2022 --level county{_TERMINAL}",
    ),
    "the level": Remedy("--level {level}", 'level="{level}"', 'level="{level}"'),
    "the release": Remedy("--release {release}", 'release="{release}"', 'release="{release}"'),
    "the address": Remedy("--url", "url=", "--url"),
    "filters of providers": Remedy("--state and --taxonomy", "states and taxonomies", "--state and --taxonomy"),
    # -- the star --
    "build the star": Remedy(
        "healthsim analytics build {name!r}", "healthsim.build({name!r})", "the tool analytics_build"
    ),
    "build a star": Remedy("healthsim analytics build", "healthsim.build()", "the tool analytics_build"),
    "bring the star up to date": Remedy(
        "--build, or healthsim analytics build", 'build="stale", or healthsim.build()', "the tool analytics_build"
    ),
    "list metrics": Remedy("healthsim analytics metrics", "healthsim.catalog()", "the tool analytics_catalog"),
    "divide by": Remedy("--by {dimension}", 'by="{dimension}"', 'by=["{dimension}"]'),
    "only where": Remedy("--where {dimension}={value}", 'where="{dimension}={value}"', 'where=["{dimension}={value}"]'),
    "compare": Remedy("healthsim analytics compare", "healthsim.compare()", "the tool analytics_compare"),
    "two scenarios": Remedy(
        "--scenario {one} --with {other}", 'scenario="{one}", other="{other}"', 'scenario="{one}", other="{other}"'
    ),
    "the second scenario": Remedy("--with", "other=", "other"),
    "two periods": Remedy(
        "--period 2024 --with-period 2025", 'period="2024", other_period="2025"', 'period="2024", other_period="2025"'
    ),
    "published figures": Remedy("--reference places", 'reference="places"', 'reference="places"'),
}
