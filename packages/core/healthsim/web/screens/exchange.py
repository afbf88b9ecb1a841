"""Scenarios come in and go out: files of other programs become one, and one is written in any format of the one list."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.allowed_folders import Folders
from healthsim.errors import HealthSimError, InvalidInput
from healthsim.leftovers import remove
from healthsim.web.runs import Run
from healthsim.web.screens.scenario import crumbs_of, tabs_of
from healthsim.web.visits import Column, Redirect, Screen, Sheet, Upload, View, Visit, address, scenario_part

if TYPE_CHECKING:
    from healthsim.results import Scenario

#: files of one form, and characters of a name of one on the disk
MOST_FILES, _LONGEST_STEM = 1_000, 80
#: what becomes of a scenario that has the name -> what the form says of it
MODES = {
    "create": "refuse, and change nothing",
    "overwrite": "replace it",
    "merge": "add to it; entities of the same ids are replaced",
}
_READ = (Column("Format"), Column("What it is"), Column("Written, too"))
_WRITTEN = (Column("Format"), Column("What is written"), Column("Where"))
_FIELDS = ("path", "as_", "mode", "timezone", "lenient")


# -- in -------------------------------------------------------------------------------------------------------


def imports(visit: Visit) -> View:
    """What can be read, and the form that reads it."""
    rows = [
        [entry.name, entry.title, "yes" if entry.write is not None else "no"]
        for entry in visit.bench.formats()
        if entry.read is not None
    ]
    sheet = Sheet(_READ, rows, "Formats that are read")
    facts = {
        "sheet": sheet,
        "modes": MODES,
        "values": {name: visit.text(name) for name in _FIELDS},
        "folders": [str(folder) for folder in Folders(visit.bench.settings.folders).allowed],
    }
    answer = {"formats": [dict(zip(("format", "what", "written"), row, strict=True)) for row in rows]}
    return View("import.html", "Import", facts, answer, sheet)


def start_import(visit: Visit) -> Redirect:
    """Begin to read a file of this machine, or what was sent."""
    values = {name: visit.form.get(name, "").strip() for name in _FIELDS}
    if values["mode"] not in MODES:
        raise InvalidInput(f"mode is {values['mode'][:40]!r}; expected one of {', '.join(MODES)}.")
    if bool(values["path"]) == bool(visit.uploads):
        raise InvalidInput("Expected a path of this machine, or files: one of both. Nothing was imported.")
    bench, folder = visit.bench, visit.runs.folder()
    with ExitStack() as unless_begun:
        unless_begun.callback(remove, folder)
        source = _received(folder, visit.uploads) if visit.uploads else _named(visit, values["path"])
        unless_begun.pop_all()
    zone, name, lenient = values["timezone"] or None, values["as_"] or None, values["lenient"] == "on"

    def work(run: Run) -> str:
        try:
            run.report("reading", 0, 0)
            imported = bench.import_(source, as_=name, mode=values["mode"], lenient=lenient, timezone=zone)
            assert not isinstance(imported, list)  # it was one path
        finally:
            # what was sent is in the database now, or of no use
            for path in folder.iterdir():
                remove(path)
        run.tell(imported, f"Saved {imported.name!r}: {imported.entity_count:,} entities.")
        return address("s", imported.scenario_id)

    words = ["healthsim", "import", source.name if visit.uploads else values["path"]]
    words += ["--as", values["as_"]] if values["as_"] else []
    words += {"create": [], "overwrite": ["--overwrite"], "merge": ["--merge"]}[values["mode"]]
    words += ["--lenient"] if values["lenient"] == "on" else []
    words += ["--timezone", values["timezone"]] if values["timezone"] else []
    run = visit.runs.start(f"Import of {source.name}", shlex.join(words), work, folder=folder, stoppable=False)
    run.again = address("import", **values)
    return Redirect(address("runs", run.run_id))


def _named(visit: Visit, path: str) -> Path:
    """What a path of this machine names, in the folders that may be read."""
    return Folders(visit.bench.settings.folders).to_read(path)


def _received(folder: Path, uploads: Iterable[Upload]) -> Path:
    """What was sent, as a file, or as a folder where several files were."""
    paths: list[Path] = []
    for upload in uploads:
        path = folder / upload.name
        try:
            with path.open("xb") as stream:
                shutil.copyfileobj(upload.stream, stream, 1 << 20)
        except FileExistsError:
            raise InvalidInput(f"Two of the files are called {upload.name!r}; nothing was imported.") from None
        except OSError as error:
            reason = error.strerror or error
            raise HealthSimError(f"{upload.name} cannot be kept here: {reason}. Nothing was imported.") from error
        paths.append(path)
    if len(paths) == 1:
        return paths[0]
    together = folder / f"{paths[0].stem} and {len(paths) - 1} more"
    together.mkdir()
    for path in paths:
        path.rename(together / path.name)
    return together


# -- out ------------------------------------------------------------------------------------------------------


def exports(visit: Visit) -> View:
    """The formats, and the form of the one that was chosen."""
    scenario = visit.bench.get(visit.part("name"))
    part, chosen = scenario_part(scenario), visit.text("format")
    written = [entry for entry in visit.bench.formats() if entry.write is not None]
    rows = [[entry.name, entry.title, "here" if _is_here(entry) else "from the command line"] for entry in written]
    links = [address("s", part, "export", format=entry.name) if _is_here(entry) else None for entry in written]
    sheet = Sheet(_WRITTEN, rows, "Formats that are written", links=links)
    entry = _format(visit, chosen) if chosen else None
    facts = {
        "scenario": scenario,
        "part": part,
        "tabs": tabs_of(scenario),
        "sheet": sheet,
        "entry": entry,
        "options": [option for option in entry.options if _is_offered(option)] if entry else [],
        "elsewhere": [option.spelling for option in entry.options if not _is_offered(option)] if entry else [],
    }
    answer = {"formats": [dict(zip(("format", "what", "where"), row, strict=True)) for row in rows]}
    title = f"{scenario.name}: export" + (f" as {entry.name}" if entry else "")
    return View("export.html", title, facts, answer, sheet, crumbs=crumbs_of(scenario, inside=True))


def start_export(visit: Visit) -> Redirect:
    """Begin to write a scenario into a folder of the server, for the browser to fetch."""
    scenario = visit.bench.get(visit.part("name"))
    part = scenario_part(scenario)
    entry = _format(visit, visit.form.get("format", ""))
    options = {option.name: value for option in entry.options if (value := _said(visit, option)) is not None}
    stem = _stem(scenario)
    # what is wrong with an option is said at once
    target = stem if entry.streams else entry.target_name(stem, entry.checked(options))
    bench, folder, name = visit.bench, visit.runs.folder(), scenario.scenario_id

    def work(run: Run) -> str:
        run.report("writing", 0, 0)
        written = bench.export(entry.name, name, folder if entry.streams else folder / target, **options)
        run.tell(written, written.sentence())
        (path,) = folder.iterdir()
        if path.is_dir():
            run.report("packing", 0, 0)
            packed = shutil.make_archive(str(path), "zip", folder, path.name)
            remove(path)
            path = Path(packed)
        run.file = path
        return address("s", part)

    words = ["healthsim", "export", entry.name, scenario.name, "-o", f"{target}.json" if entry.streams else target]
    for option in entry.options:
        value = options.get(option.name)
        if option.kind == "flag":
            words += [option.spelling] if value else []
        elif value:
            words += [word for item in (value if option.several else [value]) for word in (option.spelling, str(item))]
    title = f"{scenario.name} as {entry.name}"
    run = visit.runs.start(title, shlex.join(words), work, folder=folder, stoppable=False)
    run.again = address("s", part, "export", format=entry.name)
    return Redirect(address("runs", run.run_id))


def _stem(scenario: Scenario) -> str:
    """What files of a scenario are called, without an ending."""
    return re.sub(r"[^\w.-]+", "-", scenario.name)[:_LONGEST_STEM].strip("-.") or scenario.scenario_id


def _format(visit: Visit, name: str) -> Any:
    """A format that is written into a file or a folder of this machine."""
    known = {entry.name: entry for entry in visit.bench.formats() if entry.write is not None and _is_here(entry)}
    if name not in known:
        raise InvalidInput(f"{name[:40]!r} is no format that is written here; expected one of {', '.join(known)}.")
    return known[name]


def _is_here(entry: Any) -> bool:
    """Whether its target is a path: others go to a place of their own kind."""
    return entry.target is None


def _is_offered(option: Any) -> bool:
    """Whether a page asks for it: nothing that names a file of this machine, or sends something elsewhere."""
    return bool(option.choices) or (option.kind != "path" and not option.reaches)


def _said(visit: Visit, option: Any) -> Any:
    """What the form says of an option; None where it says nothing."""
    if not _is_offered(option):
        return None
    text = visit.form.get(f"o_{option.name}", "").strip()
    if option.kind == "flag" and not option.choices:
        return text == "on" or None
    if option.several and option.choices:
        chosen = [choice for choice in option.choices if visit.form.get(f"o_{option.name}_{choice}") == "on"]
        return chosen or None
    if option.several:
        return [word.strip() for word in text.splitlines() if word.strip()] or None
    return text or None


SCREENS = (
    Screen("/import", imports, csv=True),
    Screen("/import", start_import, form=True, files=MOST_FILES),
    Screen("/s/{name}/export", exports, csv=True),
    Screen("/s/{name}/export", start_export, form=True),
)
