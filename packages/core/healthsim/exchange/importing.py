"""Importing: sources of any format become one scenario, with a report on each."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.db.sql import filled, quoted, sql_text
from healthsim.errors import InvalidEntities, InvalidInput, UsageError
from healthsim.exchange.reading import Reading, Tally
from healthsim.exchange.sources import Place, Sources, Unread
from healthsim.model import ENTITY_TYPES
from healthsim.results import Imported, ReadOddity, SourceReport
from healthsim.state import scenarios
from healthsim.state.json.header import Header
from healthsim.state.save import Documents, Target, Written, save

if TYPE_CHECKING:
    from healthsim.state.intake import Intake, Mark
    from healthsim.state.manager import StateManager

PACKAGE = "healthsim.exchange"
#: what a file is kept as that was not read
KEPT_AS = "json_file"
#: bytes of a file that is kept whole
MOST_KEPT = 64_000_000


@dataclass(frozen=True)
class _Sources(Documents):
    """What was read of several sources, which counts how many entities each of them speaks of."""

    readings: Sequence[Reading] = ()
    entities: list[dict[str, int]] = field(default_factory=list)

    def write(self, target: Target) -> Written:
        written = super().write(target)
        self.entities.extend({} for _ in self.readings)
        tallies = [reading.tally for reading in self.readings]
        ranges = {
            "sources": list(range(len(tallies))),
            "firsts": [tally.first for tally in tallies],
            "lasts": [tally.last for tally in tallies],
        }
        for name, rows in self.intake.staging.sources.items():
            known = ENTITY_TYPES.get(name)
            if known is not None:
                text = filled(sql_text(PACKAGE, "rows_of_sources"), {"rows": rows, "id": quoted(known.key)})
                for source, count in target.connection.execute(text, ranges).fetchall():
                    self.entities[source][known.plural] = count
        return written


def import_sources(
    state: StateManager,
    sources: Sequence[Sources],
    *,
    name: str | None = None,
    mode: str = "create",
    lenient: bool = False,
    timezone: str | None = None,
) -> Imported:
    """Read sources into one scenario; all of it is saved at once, or nothing.

    Args:
        state: the scenarios of a database.
        sources: what was found under each path, in order.
        name: the scenario's name; default: what the only file says, else what the first path is called.
        mode, lenient: as in ``StateManager.save``.
        timezone: of times that say none; default: UTC.

    Raises:
        UsageError: there is no such time zone.
        InvalidInput: a place that was named itself, or every place, cannot be read as what it is.
    """
    zone = zone_named(timezone)
    with state.intake(lenient=lenient) as intake:
        run = _Run(intake, zone)
        for found in sources:
            for place in found.places:
                run.read(place)
            for unread in found.unread:
                run.keep(unread)
        header = run.header()
        if name is None:
            name = header.name if len(run.headers) == 1 == len(sources[0].places) else sources[0].name
        source = _Sources(intake, header, same_stays=True, readings=run.readings)
        saved = save(state.database, scenarios.check_name(name or ""), mode, source)
    reports = [run.report(number, source.entities[number]) for number in range(len(run.readings))]
    return Imported(**{part.name: getattr(saved, part.name) for part in dataclasses.fields(saved)}, sources=reports)


@dataclass
class _Run:
    """One import: what has been read, and what could not be."""

    intake: Intake
    zone: dt.tzinfo
    readings: list[Reading] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)

    def read(self, place: Place) -> None:
        """Read a place; one among others that cannot be read leaves nothing but its text."""
        assert place.format.read is not None  # it was told by what it reads
        mark = self.intake.mark()
        reading = Reading(self.intake, self.zone, place.shown, place.format.name)
        try:
            header = place.format.read(place.path, reading)
            if place.among_others:
                self._check(mark)
        except InvalidInput as error:
            together = place.path.is_dir() and place.format.takes_rest
            if not place.among_others and (isinstance(error, InvalidEntities) or not together):
                raise
            self.intake.forget_since(mark)
            if together:
                self._read_one_by_one(place)
            else:
                self.keep(Unread(place.shown, place.path, error.message))
            return
        reading.tally.last = self.intake.position
        self.readings.append(reading)
        self.headers.append(header)

    def _read_one_by_one(self, place: Place) -> None:
        """The files of a scenario in several of them, of which one cannot be read: the others are read all the same."""
        for path in sorted(place.path.glob("*.json")):
            self.read(Place(f"{place.shown}/{path.name}", path, place.format, among_others=True))

    def _check(self, mark: Mark) -> None:
        """Values that cannot be read refuse a file among others, but not the others."""
        if self.intake.fault_count > mark.fault_count and not self.intake.lenient:
            faults = self.intake.faults[mark.faults :]
            count = self.intake.fault_count - mark.fault_count
            raise InvalidEntities([fault.as_dict() for fault in faults], count)

    def keep(self, unread: Unread) -> None:
        """Keep a file that was not read as it is, if it is JSON, and note why it was not read."""
        reading = Reading(self.intake, self.zone, unread.shown, KEPT_AS)
        content = json_text_of(unread.path)
        if content is not None:
            text = f'{{"file": {json.dumps(unread.shown, ensure_ascii=False)}, "content": {content}}}'
            reading.keep(KEPT_AS, text, entity_id=unread.shown)
            reading.unit()
        reading.tally.last = self.intake.position
        self.problems[len(self.readings)] = unread.problem
        self.readings.append(reading)

    def header(self) -> Header:
        """What is said of the scenario.

        Raises:
            InvalidInput: nothing could be read.
        """
        if not self.headers:
            problems = "\n".join(f"  {problem}" for problem in list(self.problems.values())[:10])
            raise InvalidInput(f"Nothing could be read, and nothing was saved:\n{problems}")
        return self.headers[0] if len(self.headers) == 1 else _joined(self.headers)

    def report(self, number: int, entities: dict[str, int]) -> SourceReport:
        """What is reported of a source."""
        reading = self.readings[number]
        tally, problem = reading.tally, self.problems.get(number)
        return SourceReport(
            reading.source,
            None if problem else reading.format,
            tally.units,
            dict(sorted(entities.items())),
            tally.kept,
            oddities_of(tally),
            problem,
        )


def json_text_of(path: Path) -> str | None:
    """The text of a file that is one JSON value; None where it is none, or too large to be kept as one."""
    try:
        if not path.is_file() or path.stat().st_size > MOST_KEPT:
            return None
        text = path.read_text(encoding="utf-8-sig")
        json.loads(text, parse_constant=_no_number)
        # half of a surrogate pair is no text of a database
        text.encode("utf-8")
    except (ValueError, RecursionError, OSError):
        return None
    return text.strip()


def _no_number(name: str) -> None:
    raise ValueError(name)


def _joined(headers: Sequence[Header]) -> Header:
    first = headers[0]
    formats = {header.format for header in headers}
    of_all = formats.pop() if len(formats) == 1 else "mixed"
    told = of_all if of_all not in ("share", "workspace") else "python"
    return Header(name=first.name, description=first.description, tags=first.tags, format=told)


def oddities_of(tally: Tally) -> list[ReadOddity]:
    """What was odd, in the order in which it was met."""
    oddities = [
        ReadOddity(item.what, item.line, item.count, item.example, item.part) for item in tally.oddities.values()
    ]
    if tally.kinds_beyond:
        oddities.append(ReadOddity("more kinds of oddities, not listed", None, tally.kinds_beyond))
    return oddities


def zone_named(name: str | None) -> dt.tzinfo:
    """A time zone by its name in the database of the IANA, such as ``America/Chicago``.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        return zoneinfo.ZoneInfo(name or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"There is no time zone {str(name)[:80]!r}; expected a name such as America/Chicago, Europe/Berlin or UTC."
        ) from None
