"""``healthsim reference``: public reference data, imported, fetched, listed, looked up."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.opening import pass_new_workbench, pass_workbench
from healthsim.cli.output import confirm, json_option, notice, print_json, table
from healthsim.cli.paths import NamedPath

if TYPE_CHECKING:
    from healthsim.db.reference.loader import Imported
    from healthsim.workbench import Workbench

_DATASETS = "places, svi, adi, nppes, counties, cbsa, ct_crosswalk"
_LEVELS = ("county", "tract", "place", "zcta", "blockgroup")


@click.group()
def reference() -> None:
    """Public reference data: what places are like, and who provides care there."""


@reference.command("import")
@click.argument("paths", nargs=-1, required=True, type=NamedPath(), metavar="PATH...")
@click.option("--dataset", help=f"What the files are, where they do not say it: {_DATASETS}.")
@click.option("--level", help=f"The level of their places: {', '.join(_LEVELS)}.")
@click.option("--release", help="Their release, such as 2022.")
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE",
    help="NPPES: only providers of this state: CA, 06 or California; repeatable.",
)
@click.option("--taxonomy", "taxonomies", multiple=True, metavar="CODE", help="NPPES: only this taxonomy; repeatable.")
@json_option
@pass_new_workbench
def import_(
    bench: Workbench,
    paths: tuple[Path, ...],
    dataset: str | None,
    level: str | None,
    release: str | None,
    states: tuple[str, ...],
    taxonomies: tuple[str, ...],
    as_json: bool,
) -> None:
    """Load files as they are published: CSV, gzip or zip of PLACES, SVI, ADI, NPPES and Census.

    A file that is loaded already is left alone; another release is kept beside the ones that are there.
    """
    with _progress() as progress:
        done = bench.import_reference(
            paths,
            dataset=dataset,
            level=level,
            release=release,
            states=states,
            taxonomies=taxonomies,
            progress=progress,
        )
    _print_imported(done, as_json)


@reference.command()
@click.argument("dataset")
@click.option("--release", required=True, help="The release, such as 2022.")
@click.option("--level", required=True, help=f"The level: {', '.join(_LEVELS[:4])}.")
@click.option("--url", help="Another address than the official one.")
@click.option("--keep", is_flag=True, help="Keep the downloaded file.")
@json_option
@pass_new_workbench
def fetch(bench: Workbench, dataset: str, release: str, level: str, url: str | None, keep: bool, as_json: bool) -> None:
    """Download an official file of PLACES or SVI and load it. An interrupted download is continued."""
    with _progress() as progress:
        done = bench.fetch_reference(
            dataset,
            release=release,
            level=level,
            url=url,
            keep=keep,
            progress=progress,
        )
    _print_imported(done, as_json)


@reference.command("list")
@json_option
@pass_workbench
def list_(bench: Workbench, as_json: bool) -> None:
    """Show what is loaded: datasets, levels, releases and where they are from."""
    loads = [load.as_dict() for load in bench.references()]
    if as_json:
        print_json({"loads": loads})
        return
    names = ["dataset", "level", "release", "geography_vintage", "rows", "loaded_at", "file"]
    if any(load["filters"] for load in loads):
        names += ["stored_rows", "filters"]
    table(names, ([str(load[name])[:19] if name == "loaded_at" else load[name] for name in names] for load in loads))


@reference.command()
@click.argument("dataset")
@click.option("--level", help="Only this level.")
@click.option("--release", help="Only this release.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@pass_workbench
def drop(bench: Workbench, dataset: str, level: str | None, release: str | None, yes: bool, as_json: bool) -> None:
    """Remove loads of a dataset: all, or those of one level and release."""
    if not yes:
        words = " ".join(word for word in (dataset, level, release) if word)
        confirm(f"Remove {words} from the database?", "--yes")
    dropped = bench.drop_reference(dataset, level=level, release=release)
    if as_json:
        print_json({"dropped": [{"dataset": d.dataset, "level": d.level, "release": d.release} for d in dropped]})
        return
    for load in dropped:
        click.echo(f"dropped {load.dataset} {load.level} {load.release} ({load.stored_rows:,} rows)")


@reference.command()
@json_option
@pass_workbench
def verify(bench: Workbench, as_json: bool) -> int:
    """Count what each load has against what was recorded when it was loaded."""
    checks = bench.verify_reference()
    if as_json:
        print_json({"checks": checks, "ok": all(check.ok for check in checks)})
    else:
        names = ("dataset", "level", "release", "expected", "found", "ok", "problem")
        table(names, ([check[name] for name in names] for check in checks))
    return 0 if all(check.ok for check in checks) else 1


@reference.command()
@click.argument("place", required=False, shell_complete=completion.counties)
@click.option("--county", help='A county: 06073, or "San Diego County, CA".')
@click.option("--tract", help="A census tract: 11 digits.")
@click.option("--zip", "zcta", help="A ZIP code area: 5 digits.")
@click.option("--place", "town", help='A town: 7 digits, or "Denver, CO".')
@click.option("--blockgroup", help="A block group: 12 digits.")
@click.option("--state", help="A state: CA, 06 or California.")
@click.option(
    "--measure", "measures", multiple=True, metavar="NAMES", help="Only these: DIABETES,OBESITY or EP_POV150."
)
@click.option("--release", help="Only from this release.")
@json_option
@pass_workbench
def lookup(
    bench: Workbench,
    place: str | None,
    county: str | None,
    tract: str | None,
    zcta: str | None,
    town: str | None,
    blockgroup: str | None,
    state: str | None,
    measures: tuple[str, ...],
    release: str | None,
    as_json: bool,
) -> None:
    """Show what a place is like: prevalences with their intervals, vulnerability, population, and the releases.

    PLACE is the name of a county, as in "San Diego County, CA".
    """
    answer = bench.lookup(
        place,
        county=county,
        tract=tract,
        zcta=zcta,
        town=town,
        blockgroup=blockgroup,
        state=state,
        measures=_names(measures),
        release=release,
    )
    if as_json:
        print_json(answer)
        return
    known = answer["place"]
    named = ", ".join(word for word in (known["name"], known["state"]) if word)
    population = answer["population"]
    title = f"{named or known['level']} ({known['geoid']})" + (f", {population:,} people" if population else "")
    # where all are of one release, it is said once below
    several = len({values["release"] for values in answer["measures"].values()}) > 1
    rows = [
        (name, values["crude_prevalence"], _interval(values), *([values["release"]] * several))
        for name, values in sorted(answer["measures"].items())
    ]
    if rows:
        table(("measure", "percent of adults", "95 % interval", *(["release"] * several)), rows, title=title)
    if answer["svi"]:
        table(
            ("SVI", "rank"),
            ((name, _rank(value)) for name, value in answer["svi"].items()),
            title=None if rows else title,
        )
    if answer.get("adi"):
        table(("block group", "national", "state", "reason"), (list(row.values()) for row in answer["adi"]))
    notice("Releases: " + ", ".join(f"{name} {used}" for name, used in answer["releases"].items()))
    for note in answer["notes"]:
        notice(note)


@reference.command()
@click.argument("first", shell_complete=completion.counties)
@click.argument("second", shell_complete=completion.counties)
@click.option("--level", default="county", show_default=True, help="The level of the two places.")
@click.option("--measure", "measures", multiple=True, metavar="NAMES", help="Only these measures.")
@click.option("--release", help="Only from this release.")
@json_option
@pass_workbench
def compare(
    bench: Workbench,
    first: str,
    second: str,
    level: str,
    measures: tuple[str, ...],
    release: str | None,
    as_json: bool,
) -> None:
    """Show two places side by side: FIRST and SECOND are codes or names."""
    answer = bench.compare_places(first, second, level=level, measures=_names(measures), release=release)
    if as_json:
        print_json(answer)
        return
    heads = [f"{answer[side]['place']['name'] or answer[side]['place']['geoid']}" for side in ("first", "second")]
    rows = [(row["measure"], row["first"], row["second"], row["difference"]) for row in answer["measures"]]
    rows += [(row["variable"], row["first"], row["second"], row["difference"]) for row in answer["svi"]]
    table(("", *heads, "difference"), rows)
    used = (", ".join(f"{name} {of}" for name, of in answer[side]["releases"].items()) for side in ("first", "second"))
    notice("Releases: " + " and ".join(used))
    for note in answer["notes"]:
        notice(note)


@reference.command()
@click.argument("name", required=False)
@click.option("--npi", help="The number.")
@click.option("--state", help="Of the practice location: CA, 06 or California.")
@click.option("--city", help="Of the practice location.")
@click.option("--zip", "postal_code", help="Of the practice location: a ZIP code or its beginning.")
@click.option("--taxonomy", help="A taxonomy code or its beginning.")
@click.option("--entity-type", type=click.Choice(["1", "2"]), help="1 for people, 2 for organisations.")
@click.option("--release", help="Only from this release.")
@click.option("--limit", default=20, show_default=True, help="How many at most.")
@json_option
@pass_workbench
def providers(
    bench: Workbench,
    name: str | None,
    npi: str | None,
    state: str | None,
    city: str | None,
    postal_code: str | None,
    taxonomy: str | None,
    entity_type: str | None,
    release: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Search the providers of NPPES that are loaded, by words of the NAME, place and taxonomy."""
    answer = bench.providers(
        name,
        npi=npi,
        state=state,
        city=city,
        postal_code=postal_code,
        taxonomy=taxonomy,
        entity_type=entity_type,
        release=release,
        limit=limit,
    )
    if as_json:
        print_json(answer)
        return
    shown = (
        "npi",
        "organization_name",
        "last_name",
        "first_name",
        "primary_taxonomy",
        "practice_city",
        "practice_state",
    )
    table(shown, ([provider[column] for column in shown] for provider in answer["providers"]))
    notice(f"{len(answer['providers'])} of {answer['total_count']:,}")


def _names(values: Sequence[str]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def _interval(values: dict[str, Any]) -> str:
    if values.get("crude_low") is not None:
        return f"{values['crude_low']} to {values['crude_high']}"
    if values.get("lowest_county") is not None:
        return f"counties {values['lowest_county']} to {values['highest_county']}"
    return ""


def _rank(value: Any) -> Any:
    return f"counties {value['lowest_county']} to {value['highest_county']}" if isinstance(value, dict) else value


def _print_imported(done: Sequence[Imported], as_json: bool) -> None:
    for item in done:
        for warning in item.warnings:
            notice(warning)
    if as_json:
        names = (
            "dataset",
            "level",
            "release",
            "geography_vintage",
            "rows",
            "sha256",
            "status",
            "file",
            "stored_rows",
            "filters",
        )
        print_json(
            {
                "loads": [
                    {**{name: getattr(item, name) for name in names}, "warnings": list(item.warnings)} for item in done
                ]
            }
        )
        return
    for item in done:
        rows, only = f"{item.rows:,} rows", ""
        if item.filters:
            rows, only = f"{item.stored_rows:,} of {rows}", f" ({item.filters})"
        click.echo(f"{item.status} {item.dataset} {item.level} {item.release}: {rows} from {item.file}{only}")


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A progress bar on stderr, in a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        tasks: dict[str, Any] = {}

        def report(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name[-50:], total=total or None)
            bar.update(tasks[name], completed=done)

        yield report
