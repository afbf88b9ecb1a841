"""Shares: the places that have a name here, what they offer, its history, how versions differ; publish and pull.

A share is named by the name that was added in a terminal, never by a location: a page cannot make this machine talk to
another place than those.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from healthsim.errors import InvalidInput, NotFound
from healthsim.results import Publication
from healthsim.scrubbing import scrubbed
from healthsim.web.runs import Run
from healthsim.web.screens.scenario import crumbs_of, tabs_of
from healthsim.web.visits import Column, Redirect, Screen, Sheet, View, Visit, address, scenario_part

_SHARES = (Column("Share"), Column("Where it is"))
_VERSIONS = (
    Column("Name"),
    Column("Version", "number"),
    Column("Published by"),
    Column("Published", meaning="UTC"),
    Column("People", "number"),
    Column("Rows", "number"),
    Column("Star"),
    Column("Note"),
    Column("Withdrawn"),
)
_DIFFERENCES = (
    Column("Table"),
    *(Column(name, "number") for name in ("Before", "After", "Added", "Removed", "Changed")),
    Column("For example"),
)


def shares(visit: Visit) -> View:
    """The shares that have names."""
    listed = visit.bench.share_names()
    rows = [[name, scrubbed(location)] for name, location in sorted(listed.shares.items())]
    sheet = Sheet(_SHARES, rows, "Shares", links=[address("shares", row[0]) for row in rows])
    return View("shares.html", "Shares", {"sheet": sheet}, {"shares": dict(rows)}, sheet)


def share(visit: Visit) -> View:
    """What a share offers: the newest version of everything."""
    name = _named(visit, visit.part("share"))
    listed = visit.bench.share_list(name)
    links = [address("shares", name, "versions", item.name) for item in listed.publications]
    sheet = Sheet(_VERSIONS, [_row(item) for item in listed.publications], f"Offered by {name}", links=links)
    facts = {"share": name, "sheet": sheet, "publication": None}
    return View("share.html", f"Share {name}", facts, listed, sheet, crumbs=[("Shares", "/shares")])


def versions(visit: Visit) -> View:
    """Every version of a name."""
    name, publication = _named(visit, visit.part("share")), visit.part("publication")
    listed = visit.bench.share_history(publication, name)
    sheet = Sheet(_VERSIONS, [_row(item) for item in listed.publications], f"Versions of {publication}")
    facts = {
        "share": name,
        "sheet": sheet,
        "publication": publication,
        "versions": [item.version for item in listed.publications],
    }
    crumbs = [("Shares", "/shares"), (name, address("shares", name))]
    return View("share.html", publication, facts, listed, sheet, crumbs=crumbs)


def _row(item: Publication) -> Sequence[Any]:
    return (
        item.name,
        item.version,
        item.published_by,
        item.published_at,
        item.persons,
        item.rows,
        "with its star" if item.has_star else "",
        item.note,
        item.withdrawn_at and f"{item.withdrawn_at} by {item.withdrawn_by}",
    )


def difference(visit: Visit) -> View:
    """How two versions differ, entity by entity."""
    name, publication = _named(visit, visit.part("share")), visit.part("publication")
    first, second = (f"{publication}@{visit.number(side, 1, least=1)}" for side in ("first", "second"))
    changes = visit.bench.share_diff(first, second, name)
    rows = [
        [
            table.table,
            table.before,
            table.after,
            table.added,
            table.removed,
            table.changed,
            "; ".join(f"{kind}: {', '.join(ids)}" for kind, ids in table.examples.items()),
        ]
        for table in changes.tables
    ]
    sheet = Sheet(_DIFFERENCES, rows, "Tables that differ")
    crumbs = [
        ("Shares", "/shares"),
        (name, address("shares", name)),
        (publication, address("shares", name, "versions", publication)),
    ]
    title = f"{changes.first} and {changes.second}"
    return View("share_difference.html", title, {"changes": changes, "sheet": sheet}, changes, sheet, crumbs=crumbs)


def pull(visit: Visit) -> Redirect:
    """Save a publication as a scenario here."""
    name, publication = _named(visit, visit.part("share")), visit.part("publication")
    version, as_ = visit.form.get("version", "").strip(), visit.form.get("as_", "").strip() or None
    if version and not version.isdigit():
        raise InvalidInput(f"version is {version[:40]!r}; expected a number. Nothing was pulled.")
    wanted, bench = f"{publication}@{version}" if version else publication, visit.bench

    def work(run: Run) -> str:
        run.report("pulling", 0, 0)
        pulled = bench.share_pull(wanted, name, as_=as_)
        run.tell(pulled, pulled.sentence())
        return address("s", pulled.scenario_id)

    command = shlex.join(["healthsim", "share", "pull", wanted, "--from", name, *(["--as", as_] if as_ else [])])
    run = visit.runs.start(f"Pull of {wanted}", command, work, stoppable=False)
    run.again = address("shares", name, "versions", publication)
    return Redirect(address("runs", run.run_id))


def publishing(visit: Visit) -> View:
    """The form that publishes a scenario."""
    scenario = visit.bench.get(visit.part("name"))
    names = sorted(visit.bench.share_names().shares)
    facts = {
        "scenario": scenario,
        "part": scenario_part(scenario),
        "tabs": tabs_of(scenario),
        "names": names,
        "chosen": visit.text("share"),
    }
    answer = {"scenario": scenario.name, "shares": names}
    return View("publish.html", f"{scenario.name}: publish", facts, answer, crumbs=crumbs_of(scenario, inside=True))


def publish(visit: Visit) -> Redirect:
    """Publish a scenario as the next version of its name."""
    scenario = visit.bench.get(visit.part("name"))
    name = _named(visit, visit.form.get("share", ""))
    as_, note = (visit.form.get(field, "").strip() or None for field in ("as_", "note"))
    bench, source, star = visit.bench, scenario.scenario_id, visit.form.get("star") == "on"
    called = as_ or scenario.name

    def work(run: Run) -> str:
        run.report("publishing", 0, 0)
        published = bench.share_publish(source, name, as_=called, star=star, note=note)
        run.tell(published, published.sentence())
        return address("shares", name, "versions", called)

    words = ["healthsim", "share", "publish", scenario.name, "--to", name, *(["--as", as_] if as_ else [])]
    words += [*(["--star"] if star else []), *(["--note", note] if note else [])]
    run = visit.runs.start(f"Publication of {called}", shlex.join(words), work, stoppable=False)
    run.again = address("s", scenario_part(scenario), "publish", share=name)
    return Redirect(address("runs", run.run_id))


def _named(visit: Visit, text: str) -> str:
    """A share by its name.

    Raises:
        NotFound: it has none; whatever else the text is, nothing is asked of it.
    """
    names = visit.bench.share_names().shares
    if text not in names:
        known = f"Known: {', '.join(sorted(names))}." if names else "None has been added yet."
        raise NotFound(f"There is no share named {text[:80]!r}. {known} Add it in a terminal: healthsim share add.")
    return text


SCREENS = (
    Screen("/shares/{share}/versions/{publication}/diff", difference, csv=True),
    Screen("/shares/{share}/versions/{publication}", versions, csv=True),
    Screen("/shares/{share}/versions/{publication}", pull, form=True),
    Screen("/shares/{share}", share, csv=True),
    Screen("/shares", shares, csv=True),
    Screen("/s/{name}/publish", publishing),
    Screen("/s/{name}/publish", publish, form=True),
)
