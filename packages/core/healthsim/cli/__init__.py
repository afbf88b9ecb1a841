"""The command line: ``healthsim``. Each command calls one function of the layers below.

Commands are imported when they are called, so that ``healthsim --help`` answers at once.
"""

from __future__ import annotations

import gc
import importlib
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from healthsim import __version__, unasked_imports
from healthsim.cli import streams
from healthsim.cli.examples import with_examples
from healthsim.cli.output import fail
from healthsim.cli.spelling import database_first
from healthsim.errors import HealthSimError
from healthsim.remedies import door
from healthsim.scrubbing import scrubbed
from healthsim.signals import exit_code, name_of_signal, stoppable

#: containers that are made, before Python looks for cycles among them; its default of 700 is meant for small machines
_COLLECTED_AFTER = 50_000

#: options of commands that Spark carries out, which hands over rows through pandas
_OF_SPARK = ("--master", "--engine")

#: command -> (module of this package, one line of help); the module has a click command of that name
COMMANDS = {
    "demo": ("demo", "See the main job, end to end, on an example."),
    "status": ("database", "Show the database: place, schema version, contents, size."),
    "scenario": ("scenario", "Save, load, list, change and share scenarios."),
    "import": ("import_", "Import files of any known format as scenarios."),
    "export": ("export", "Export a scenario for other programs: JSON, OMOP, Parquet, CSV."),
    "share": ("share", "Publish scenarios where others reach them, and pull what others published."),
    "migrate": ("migrate", "Bring scenarios of the old implementation into the database."),
    "reference": ("reference", "Load public statistics, and look up what places are like."),
    "generate": ("generate", "Generate a population of a real place, as a scenario or as files."),
    "conditions": ("conditions", "See and check the clinical knowledge that generation works with."),
    "journeys": ("journeys", "See and check the care pathways that generation can plan."),
    "person": ("person", "Show what happened to one person, as a timeline."),
    "check": ("check", "Check a scenario against the rules of coherent care."),
    "fidelity": ("check", "Hold a scenario against the published figures of its places."),
    "analytics": ("analytics", "Build the star schema, and ask it: metrics, reports, comparisons, cohorts."),
    "sql": ("sql", "Ask the database a question in SQL (read-only)."),
    "ui": ("ui", "See the database in a browser of this machine."),
    "mcp": ("mcp", "Serve the database to an AI assistant (MCP)."),
    "schema": ("schema", "Show the entity types and their columns."),
    "doctor": ("database", "Check the database for damage and contradictions."),
    "compact": ("database", "Give back the space of deleted data."),
}


#: the sections of the help
GROUPS = {
    "Begin": ("demo", "status", "generate", "import", "migrate"),
    "Scenarios": ("scenario", "export", "share"),
    "Questions": ("ui", "person", "sql", "analytics", "check", "fidelity", "schema"),
    "What the world is like": ("reference", "conditions", "journeys"),
    "Assistants": ("mcp",),
    "The database": ("doctor", "compact"),
}


class _Commands(click.Group):
    """The commands, by name; their modules stay unloaded until one is needed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, database_first(args))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"healthsim.cli.{COMMANDS[cmd_name][0]}")
        # a word that Python keeps for itself has an underscore behind it
        return with_examples(vars(module).get(cmd_name) or vars(module)[f"{cmd_name}_"], cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise click.UsageError(f"No such command {args[0][:80]!r}.{_meant(args[0])}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(map(len, COMMANDS))
        grouped = {name for names in GROUPS.values() for name in names}
        others = {"Others": tuple(name for name in COMMANDS if name not in grouped)}
        for head, names in (GROUPS | others).items():
            if names:
                with formatter.section(head):
                    # columns of all sections begin at one place
                    formatter.write_dl([(name.ljust(longest), COMMANDS[name][1]) for name in names])


#: what people type for a command that is called otherwise; the names of formats and their other words come to it
_OTHER_WORDS = {
    "help": "--help",
    "version": "--version",
    "ls": "scenario list",
    "list": "scenario list",
    "scenarios": "scenario list",
    "patient": "person",
    "timeline": "person",
    "save": "scenario save",
    "load": "scenario load",
    "show": "scenario show",
    "delete": "scenario delete",
    "query": "analytics query",
    "report": "analytics report",
    "metrics": "analytics metrics",
    "cohort": "analytics cohort",
    "build": "analytics build",
    "lookup": "reference lookup",
    "publish": "share publish",
    "pull": "share pull",
    "browser": "ui",
    "web": "ui",
    "serve": "mcp",
    "server": "mcp",
    "chat": "mcp",
    "init": "demo",
    "start": "demo",
    "quickstart": "demo",
    "tutorial": "demo",
    "new": "generate",
    "create": "generate",
    "simulate": "generate",
    "synthesize": "generate",
    "population": "generate",
    "validate": "check",
    "quality": "check",
    "info": "status",
    "size": "status",
    "tables": "schema list",
    "columns": "schema show",
    "clone": "scenario clone",
    "copy": "scenario clone",
    "merge": "scenario merge",
    "rename": "scenario rename",
    "tag": "scenario tag",
    "remove": "scenario delete",
    "rm": "scenario delete",
    "counties": "reference lookup",
    "places": "reference lookup",
    "diseases": "conditions list",
    "vacuum": "compact",
    "synthea": "import PATH",
    "ingest": "import PATH",
}


def _meant(word: str) -> str:
    """What a word that is no command may have meant."""
    import difflib

    from healthsim.exchange.formats import words_of_formats

    exports = {text: f"export {name} NAME -o PATH" for text, name in words_of_formats().items()}
    meant = {**exports, **_OTHER_WORDS, **{name: name for name in COMMANDS}}
    near = difflib.get_close_matches(word.lower()[:100], meant, n=1, cutoff=0.7)
    return f" Did you mean: healthsim {meant[near[0]]}?" if near else ""


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="healthsim")
@click.option(
    "--db",
    "database",
    metavar="PATH",
    help="The database: a file, ducklake:... or md:NAME; anywhere on the line. Default: HEALTHSIM_DB.",
)
@click.pass_context
def healthsim(ctx: click.Context, database: str | None) -> None:
    """A workbench for synthetic healthcare data in one DuckDB file.

    Start with: healthsim demo
    """
    ctx.obj = database


def main(arguments: list[str] | None = None) -> Any:
    """Run the program; every error ends it with its exit code and without a traceback."""
    words = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in words
    # what commands hold in large numbers (documents, rows) has no cycles to look for, over and over
    gc.set_threshold(_COLLECTED_AFTER)
    streams.prepare()
    if arguments is None and not any(word.startswith(_OF_SPARK) for word in words):
        unasked_imports.keep_out()
    try:
        with door("command"), stoppable():
            streams.refuse_unreadable(words)
            result = healthsim.main(words, prog_name="healthsim", standalone_mode=False)
        streams.finish()
    except click.exceptions.Abort as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            sys.exit(_interrupted(as_json))
        sys.exit(fail("aborted", "Aborted; nothing was changed.", {}, as_json, exit_code=1))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.UsageError as error:
        hint = f" See: {error.ctx.command_path} --help." if error.ctx else ""
        sys.exit(fail("usage", error.format_message() + hint, {}, as_json, exit_code=2))
    except HealthSimError as error:
        sys.exit(fail(error.code, error.message, error.details, as_json, exit_code=error.exit_code))
    except KeyboardInterrupt:
        sys.exit(_interrupted(as_json))
    except MemoryError:
        message = (
            "There is not enough memory for this. Nothing was changed. Ask for less at once, or close other programs."
        )
        sys.exit(fail("failure", message, {}, as_json, exit_code=1))
    except BrokenPipeError:
        streams.let_go()
        sys.exit(1)
    except OSError as error:
        if streams.output_failed(error):
            sys.exit(fail("failure", f"The output cannot be written: {error.strerror}.", {}, False, exit_code=1))
        where = error.filename or "A file"
        sys.exit(fail("failure", f"{where} cannot be used: {error.strerror or error}.", {}, as_json, exit_code=1))
    except Exception as error:  # noqa: BLE001 - the outermost door: whatever else happens has one line, no traceback
        # so the engine ends when it is interrupted in the middle of a statement
        if isinstance(error, RuntimeError) and "interrupted" in str(error).lower():
            sys.exit(_interrupted(as_json))
        sys.exit(fail("failure", _unexpected(error), {"error": type(error).__name__}, as_json, exit_code=1))
    sys.exit(result if isinstance(result, int) else 0)


def _unexpected(error: Exception) -> str:
    """A fault of this program in one line, with the place for whoever mends it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "healthsim" in frame.filename]
    place = f" at {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    text = scrubbed(" ".join(str(error).split())[:500])
    return (
        f"Something unexpected happened: {type(error).__name__}{place}: {text}. This is a fault of HealthSim; please"
        " report it with these words. healthsim doctor checks the database."
    )


def _interrupted(as_json: bool) -> int:
    stopped_by = name_of_signal()
    if stopped_by is not None:
        message = f"Stopped by {stopped_by}; nothing is half done."
        return fail("stopped", message, {"signal": stopped_by}, as_json, exit_code=exit_code(130))
    return fail("interrupted", "Interrupted; nothing was changed.", {}, as_json, exit_code=130)
