"""``healthsim generate``: a population of a real place, as a scenario or as files."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.journeys import journey_files_option
from healthsim.cli.numbered import numbered, shares
from healthsim.cli.opening import pass_new_workbench
from healthsim.cli.output import json_option, notice, print_json, table
from healthsim.cli.paths import NamedPath
from healthsim.cli.progress import shown_progress
from healthsim.cli.spelling import option
from healthsim.errors import InvalidInput, UsageError
from healthsim.outputs import who_may_read

if TYPE_CHECKING:
    from healthsim.results import GeneratedFiles
    from healthsim.workbench import Workbench


@click.command()
@click.option("--size", type=int, help="Number of persons. Default: 1000.")
@click.option(
    "--county",
    "counties",
    multiple=True,
    shell_complete=completion.counties,
    metavar="PLACE",
    help="A FIPS code (06073) or a name ('San Diego County, CA'); repeatable.",
)
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE",
    help="The counties of a state (CA, California) that have figures; repeatable.",
)
@click.option("--seed", type=int, help="The same seed gives the same people. Default: 1.")
@option(
    "--as", "name", older=["--name"], metavar="NAME", help="The name of the scenario. Default: from county and size."
)
@click.option(
    "--spec",
    "spec_file",
    type=NamedPath(),
    help="A population spec; options go before it.",
)
@click.option("--as-of", metavar="DATE", help="The last day of the history. Default: 2025-12-31.")
@click.option("--years", type=int, help="Years of history. Default: 3.")
@click.option("--only", "products", metavar="LIST", help="Of patient,claims,pharmacy,trial. Default: the first three.")
@click.option(
    "--cohort",
    shell_complete=completion.conditions,
    multiple=True,
    metavar="CONDITION",
    help="A condition that every person has; repeatable.",
)
@click.option("--age", "ages", metavar="FROM-TO", help="Only these ages, such as 65-85 or 65+.")
@click.option("--sex", type=click.Choice(["F", "M"]), help="Only this sex.")
@click.option(
    "--payer", "payers", multiple=True, metavar="PAYER[=WEIGHT]", help="Payer mix, such as medicare=0.6; repeatable."
)
@click.option(
    "--conditions",
    type=NamedPath(),
    metavar="DIR",
    help="A folder of clinical knowledge of your own. Default: conditions in HealthSim's home, where there is one.",
)
@click.option(
    "--journey",
    "journeys",
    multiple=True,
    shell_complete=completion.journeys,
    metavar="NAME[=SHARE]",
    help="A journey, and the share of those who qualify that goes through it; repeatable.",
)
@journey_files_option
@click.option(
    "--format", "output_format", type=click.Choice(["scenario", "parquet"]), default="scenario", show_default=True
)
@click.option(
    "--output", "-o", metavar="DIR", help="With --format parquet: a new folder, or s3://BUCKET/PATH or the like."
)
@click.option(
    "--partition",
    type=click.Choice(["none", "year"]),
    default="none",
    show_default=True,
    help="With --format parquet: a folder for each year of tables with dates.",
)
@click.option(
    "--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True, help="What computes."
)
@click.option(
    "--master", metavar="URL", help="With --engine spark: the cluster, sc://HOST:PORT too. Default: local[*]."
)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes. Default: one per processor, at most four.")
@click.option("--overwrite", is_flag=True, help="Replace a scenario of that name.")
@click.option("--force", is_flag=True, help="With --output: replace what an earlier run left there.")
@click.option(
    "--progress",
    "shown_as",
    type=click.Choice(["auto", "plain", "none"]),
    default="auto",
    show_default=True,
    help="How the run is shown: auto is a bar at a terminal; plain is a line each ten seconds.",
)
@click.option("--report", is_flag=True, help="Hold the population against the published figures afterwards.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a population spec, and end.")
@json_option
@pass_new_workbench
def generate(
    bench: Workbench,
    /,
    *,
    name: str | None,
    conditions: Path | None,
    journey_files: Path | None,
    output_format: str,
    output: str | None,
    partition: str,
    engine: str,
    master: str | None,
    workers: int | None,
    overwrite: bool,
    force: bool,
    shown_as: str,
    report: bool,
    schema: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Generate a population of a real place: people, care, claims and pharmacy that belong together.

    The same seed gives the same people, whatever the number of workers. Nothing is saved before all of it is there.
    """
    from healthsim.generation.spec import PopulationSpec, read_spec

    if schema:
        print_json(PopulationSpec.model_json_schema())
        return
    fields, named = _fields(given, conditions)
    spec = read_spec(fields)
    if (output_format == "parquet") != (output is not None):
        raise UsageError("Files need both --format parquet and --output DIR; a scenario needs neither.")
    if engine == "spark" and output_format != "parquet":
        raise UsageError("The engine spark writes files: add --format parquet --output DIR.")
    if report and output_format == "parquet":
        raise UsageError("The report is about a scenario: leave out --format parquet.")
    from healthsim.generation.estimate import BIG
    from healthsim.generation.knowledge_files import own_folder

    workers = workers or min(os.cpu_count() or 1, 4)
    if conditions is None and (own := own_folder(settings=bench.settings)):
        notice(f"With the conditions of your own in {own}")
    if spec.size >= BIG and engine == "local":
        notice(str(bench.estimate(spec, output, workers=workers)))
    began = time.monotonic()
    with shown_progress(spec.size, shown_as) as shown:
        if output is not None:
            written = bench.generate_files(
                spec,
                output,
                overwrite=overwrite or force,
                conditions=conditions,
                journey_files=journey_files,
                workers=workers,
                progress=shown,
                engine=engine,
                master=master,
                partition=partition,
            )
            for remark in written.warnings:
                notice(remark)
            _print_files(written, spec.size, as_json)
            return
        saved = bench.generate(
            spec,
            name or named,
            overwrite=overwrite,
            conditions=conditions,
            journey_files=journey_files,
            workers=workers,
            progress=shown,
        )
    for remark in saved.warnings:
        notice(remark)
    answer: dict[str, Any] = {
        "scenario_id": saved.scenario_id,
        "name": saved.name,
        "entity_count": saved.entity_count,
        "entities_by_type": saved.entities_by_type,
        "spec": spec.as_json(),
    }
    if report:
        answer["fidelity"] = bench.fidelity(saved.name)
    if as_json:
        print_json(answer)
        return
    seconds = time.monotonic() - began
    rate = f" in {seconds:,.0f} s ({saved.entity_count / seconds:,.0f} a second)" if spec.size >= BIG else ""
    click.echo(f"Saved {saved.name!r}: {spec.size:,} persons, {saved.entity_count:,} entities{rate}")
    table(("entities", "rows"), list(saved.entities_by_type.items()))
    if report:
        from healthsim.cli.check import print_fidelity

        print_fidelity(answer["fidelity"])


def _print_files(written: GeneratedFiles, persons: int, as_json: bool) -> None:
    if as_json:
        print_json(written)
    else:
        click.echo(f"Wrote {written.rows:,} rows of {persons:,} persons to {written.path}")
        table(("table", "rows"), list(written.tables.items()))
    if isinstance(written.path, Path) and (readable := who_may_read(written.path)) is not None:
        notice(readable)


def _fields(options: dict[str, Any], conditions: Path | None) -> tuple[dict[str, Any], str | None]:
    """The fields of a spec from options and file, and the name that an old profile gives; options go before the file."""
    from healthsim.generation.profiles import is_profile, spec_of_profile
    from healthsim.generation.spec import read_spec_file

    fields: dict[str, Any] = {}
    named = None
    if options["spec_file"] is not None:
        fields = read_spec_file(options["spec_file"])
        if is_profile(fields):
            fields, named, left_out = spec_of_profile(fields, conditions)
            for line in left_out:
                notice(f"Not expressed: {line}")
    for name in ("size", "seed", "as_of", "years", "sex"):
        if options[name] is not None:
            fields[name] = options[name]
    if options["counties"]:
        fields["counties"] = list(options["counties"])
    if options["states"]:
        fields["states"] = list(options["states"])
    if options["cohort"]:
        fields["cohort"] = [name for listed in options["cohort"] for name in listed.split(",")]
    if options["products"] is not None:
        fields["products"] = [name.strip() for name in options["products"].split(",")]
    if options["ages"] is not None:
        fields["ages"] = _ages(options["ages"])
    if options["payers"]:
        fields["payers"] = dict(
            numbered(text, "--payer", 1.0, "a payer, or a payer and its weight: medicare=0.6")
            for text in options["payers"]
        )
    if options["journeys"]:
        fields["journeys"] = shares(options["journeys"], "--journey")
    return fields, named


def _ages(text: str) -> dict[str, int]:
    from healthsim.generation.spec import OLDEST

    match = re.fullmatch(r"\s*(\d{1,3})\s*(?:(\+)|-\s*(\d{1,3}))?\s*", text)
    if match is None:
        raise InvalidInput(f"--age is {text!r}; expected one age, or a range such as 65-85 or 65+.")
    first, open_end, last = match.groups()
    return {"min": int(first), "max": OLDEST if open_end else int(last or first)}
