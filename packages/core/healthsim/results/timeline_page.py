"""The timeline of a person as a page that stands alone."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from healthsim.pictures.page import table_html, whole_page
from healthsim.pictures.timeline import style, timeline_html
from healthsim.results.timeline import Timeline
from healthsim.results.timeline_events import FAMILIES

#: the columns of a table of events, and those that hold numbers
COLUMNS = ("from", "to", "part", "code", "what", "value", "unit", "status", "detail", "entity")
NUMBERS = ("value",)


def timeline_page(timeline: Timeline) -> str:
    """The text of the page: who it is, the picture, all events."""
    who = timeline.person
    parts = [
        f'<p class="quiet">{escape(facts_of(timeline))}</p>',
        timeline_html(timeline.lanes()),
        f"<h2>{len(timeline.events):,} events</h2>",
        table_html(COLUMNS, rows_of(timeline), name="Events", numbers=NUMBERS, ids="e"),
    ]
    return whole_page(who.name, parts, styles=[style()])


def facts_of(timeline: Timeline) -> str:
    """Who somebody is, in a line."""
    who = timeline.person
    facts = [
        {"F": "female", "M": "male"}.get(who.gender or "", who.gender),
        who.birth_date and f"born {who.birth_date}",
        who.death_date and f"died {who.death_date}",
        ", ".join(place for place in (who.city, who.county, who.state) if place),
        who.ssn and f"synthetic SSN {who.ssn}",
        f"scenario {timeline.scenario}",
    ]
    return "; ".join(fact for fact in facts if fact)


def rows_of(timeline: Timeline) -> Iterator[list[Any]]:
    """The events as rows of ``COLUMNS``."""
    for event in timeline.events:
        value = "" if event.value is None else f"{event.value:,.2f}".rstrip("0").rstrip(".")
        end = "open" if event.open else event.end if event.end != event.start else None
        family = FAMILIES[event.family]
        records = f"{event.records:,} records" if event.records > 1 else None
        yield [
            event.start,
            end,
            family,
            event.code,
            event.label,
            value,
            event.unit,
            event.status,
            event.detail or records,
            f"{event.entity_type} {event.entity_id}",
        ]
