"""The tool that tells what happened to one person."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from healthsim.results import Timeline, TimelineEvent
from healthsim.server.declaring import Bench, tool
from healthsim.server.results import PersonTimeline
from healthsim.server.tools.scenarios import Name

#: so many events are told one by one; the rest are counted
SHOWN = 40
#: of each part, as many places as it has at least
_AT_LEAST = 4


@tool("Show a person", "reads", command="person", verb="person")
def get_person_timeline(
    bench: Bench,
    name: Name,
    person: Annotated[str, Field(description="An id in any product.", max_length=200)],
    first: Annotated[str | None, Field(description="A day.", max_length=10)] = None,
    last: Annotated[str | None, Field(description="A day.", max_length=10)] = None,
    parts: Annotated[
        list[str] | None,
        Field(description="Of coverage, care, conditions, results, drugs, claims, trial.", max_length=7),
    ] = None,
) -> PersonTimeline:
    """Show who a person is and what happened to them: counts by part, and at most 40 events in the order of time.

    Use it to talk about one patient. Of more events the most telling are named; first, last and parts narrow it.
    """
    timeline = bench.person(name, person, first=first, last=last)
    events = [event for event in timeline.events if not parts or event.family in parts]
    chosen = _telling(events)
    return PersonTimeline(
        scenario=timeline.scenario,
        person=timeline.person.as_dict(),
        first=timeline.first,
        last=timeline.last,
        totals=timeline.totals,
        events=[_short(event) for event in chosen],
        left_out=len(events) - len(chosen),
    )


def _telling(events: list[TimelineEvent]) -> list[TimelineEvent]:
    """The events that say most, in the order of time; of every part some."""
    if len(events) <= SHOWN:
        return events
    ranked = sorted(enumerate(events), key=lambda pair: (_rank(pair[1]), -pair[0]))
    taken: dict[int, TimelineEvent] = {}
    for family in Timeline.families():
        mine = [(number, event) for number, event in ranked if event.family == family]
        taken.update(mine[:_AT_LEAST])
    for number, event in ranked:
        if len(taken) >= SHOWN:
            break
        taken[number] = event
    return [taken[number] for number in sorted(taken)]


def _rank(event: TimelineEvent) -> int:
    if event.lane in ("inpatient", "emergency", "adverse events") or event.status == "serious":
        return 0
    if event.family in ("conditions", "coverage") or event.lane == "participation":
        return 1
    return 2 if event.is_unusual else 3


def _short(event: TimelineEvent) -> dict[str, Any]:
    facts = event.as_dict()
    facts["value"] = None if event.value is None else round(event.value, 2)
    if not event.open:
        facts.pop("open")
    if event.records == 1:
        facts.pop("records")
    if facts["end"] == facts["start"]:
        facts.pop("end")
    return {key: value for key, value in facts.items() if value is not None}
