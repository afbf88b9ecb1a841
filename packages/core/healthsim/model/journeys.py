"""The steps of care pathways: what was planned for a patient, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from healthsim.model.clinical import PatientColumn
from healthsim.model.entity import column
from healthsim.model.types import Date, Flag, Integer, Text

#: why a step did not happen
WHY_NOT = (
    "predecessor",
    "other branch",
    "when",
    "chance",
    "not for this person",
    "journey over",
    "died",
    "history over",
    "in hospital",
    "already taken",
    "not on the market",
)


class JourneyStep(PatientColumn):
    """One time of one step of a patient's journey: planned, and happened or not, with the reason."""

    family: ClassVar[str] = "clinical"
    dated_by: ClassVar[str | None] = "planned_date"

    journey_step_id: Text = column("Identifier of the row.", aliases="id", example="JST-0607300000001-0000")
    encounter_id: Text = column("The encounter at which it happened.", example="ENC-0607300000001-0004")
    journey: Text = column("The journey, by the name of its file.", example="diabetes_first_year")
    step: Text = column("The step of the journey.", example="first_visit")
    kind: Text = column(
        "encounter, emergency, admission, procedure, lab, regimen, or choice.", aliases="step_kind", example="encounter"
    )
    occurrence: Integer = column("Which time of a step that comes again it is, from 1.", example=1)
    predecessor: Text = column("The step that it follows.", example="first_visit")
    relation: Text = column("with, after or from: how it follows that one.", example="after")
    planned_date: Date = column("The day on which it is to be.", example="2025-03-31")
    happened: Flag = column("Whether it happened.", example=True)
    happened_date: Date = column("The day on which it happened.", example="2025-03-31")
    why_not: Text = column(f"Why it did not happen: {', '.join(WHY_NOT)}.", example="chance")
    chosen: Text = column("What a choice led to, or which of several codes was done.", example="add_glp1")
    entity_type: Text = column("The type of the entity that it became.", example="encounter")
    entity_id: Text = column("The identifier of that entity.", example="ENC-0607300000001-0004")
