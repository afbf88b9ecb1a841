"""Generate people: a form, and the run that comes of it, which goes on while its page is closed."""

from __future__ import annotations

import re
import shlex
from typing import Any

from healthsim.errors import InvalidInput, NotFound
from healthsim.web.runs import Run
from healthsim.web.visits import Column, Download, Redirect, Screen, Sheet, View, Visit, address

#: field -> (label, hint); what a form asks for
FIELDS = {
    "size": ("Number of people", "1,000"),
    "county": ("Counties", "San Diego County, CA; 48201"),
    "state": ("States", "CA, Texas"),
    "cohort": ("Everybody has", "type_2_diabetes"),
    "ages": ("Ages", "40-85 or 65+"),
    "sex": ("Sex", ""),
    "years": ("Years of history", "3"),
    "as_of": ("Up to", "2025-12-31"),
    "seed": ("Seed", "1"),
    "products": ("Products", ""),
    "as_": ("Name of the scenario", "by place and size"),
}
_PRODUCTS = ("patient", "claims", "pharmacy", "trial")
#: persons that a page may ask for; more is the work of a terminal
MOST = 1_000_000


def form(visit: Visit) -> View:
    """What is to be made."""
    values = {name: visit.text(name) for name in FIELDS}
    conditions = [condition["condition"] for condition in visit.bench.conditions().conditions]
    facts = {
        "fields": FIELDS,
        "values": values,
        "products": _PRODUCTS,
        "conditions": conditions,
        "runs": visit.runs.all(),
    }
    return View(
        "generate.html",
        "Generate people",
        facts,
        {"fields": values, "runs": [run.as_dict() for run in visit.runs.all()]},
    )


def start(visit: Visit) -> Redirect:
    """Begin."""
    values = {name: visit.form.get(name, "").strip() for name in FIELDS}
    fields, name = _fields(values), values["as_"] or None
    bench = visit.bench

    def work(run: Run) -> str:
        saved = bench.generate(
            fields, name, progress=lambda done: run.report(done.phase, done.persons, done.size, done.rows)
        )
        return address("s", saved.scenario_id)

    run = visit.runs.start(f"{fields.get('size', 1_000):,} people", _command(fields, name), work)
    run.again = address("generate", **values)
    return Redirect(address("runs", run.run_id))


def _fields(values: dict[str, str]) -> dict[str, Any]:
    """The fields of a population spec, of what was typed; the spec itself says what else is wrong."""
    fields: dict[str, Any] = {}
    for name, limit in (("size", MOST), ("years", 10), ("seed", 2**63 - 1)):
        if text := values[name].replace(",", ""):
            if not text.isdigit() or int(text) > limit:
                raise InvalidInput(f"{FIELDS[name][0]} is {values[name][:40]!r}; expected a number up to {limit:,}.")
            fields[name] = int(text)
    for name, key, sign in (
        ("county", "counties", ";"),
        ("state", "states", ","),
        ("cohort", "cohort", ","),
        ("products", "products", ","),
    ):
        if words := [word.strip() for word in values[name].split(sign) if word.strip()]:
            fields[key] = words
    if values["ages"]:
        match = re.fullmatch(r"(\d{1,3})\s*(?:(\+)|-\s*(\d{1,3}))?", values["ages"])
        if match is None:
            raise InvalidInput(f"Ages are {values['ages'][:40]!r}; expected such as 40-85, 65+ or 40.")
        fields["ages"] = {"min": int(match[1]), "max": 110 if match[2] else int(match[3] or match[1])}
    return fields | {name: values[name] for name in ("sex", "as_of") if values[name]}


def _command(fields: dict[str, Any], name: str | None) -> str:
    """The same on the command line."""
    words = ["healthsim", "generate"]
    for key, option in (
        ("size", "--size"),
        ("seed", "--seed"),
        ("years", "--years"),
        ("as_of", "--as-of"),
        ("sex", "--sex"),
    ):
        words += [option, str(fields[key])] if key in fields else []
    for key, option in (("counties", "--county"), ("states", "--state"), ("cohort", "--cohort")):
        words += [word for value in fields.get(key, ()) for word in (option, value)]
    if "ages" in fields:
        words += ["--age", f"{fields['ages']['min']}-{fields['ages']['max']}"]
    words += ["--only", ",".join(fields["products"])] if "products" in fields else []
    return shlex.join([*words, *(["--as", name] if name else [])])


def run(visit: Visit) -> View:
    """How far a run is."""
    running = _run(visit)
    sheets = [
        Sheet(
            [
                Column(name, "number" if all(isinstance(row[place], int) for row in grid.rows) else "text")
                for place, name in enumerate(grid.columns)
            ],
            grid.rows,
            grid.title or "What was done",
        )
        for grid in running.grids
    ]
    return View("run.html", running.title, {"run": running, "sheets": sheets}, running, crumbs=[("Scenarios", "/")])


def cancel(visit: Visit) -> Redirect:
    """End a run at its next report."""
    stopped = _run(visit)
    stopped.cancel()
    return Redirect(address("runs", stopped.run_id))


def file(visit: Visit) -> Download:
    """What a run has written."""
    done = _run(visit)
    if done.file is None or not done.file.is_file():
        raise NotFound("This run has written no file, or it is gone. Ask for it again.")
    return Download(done.file)


def _run(visit: Visit) -> Run:
    known = visit.runs.get(visit.part("run"))
    if known is None:
        raise NotFound(
            "This run is lost: the server was started anew since. What had not been saved by then was not saved."
        )
    return known


SCREENS = (
    Screen("/generate", form),
    Screen("/generate", start, form=True),
    Screen("/runs/{run}/file", file, alone=True),
    Screen("/runs/{run}", run),
    Screen("/runs/{run}", cancel, form=True),
)
