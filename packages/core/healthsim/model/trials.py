"""Trial entity types: a study, its sites and arms, its subjects, and what happens to them (names of CDISC SDTM)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from healthsim.model.core import AddressColumns, text_only
from healthsim.model.coverage import PersonInRole
from healthsim.model.entity import Embed, Entity, column
from healthsim.model.measured import number_in
from healthsim.model.types import Date, Flag, Integer, Money, Number, Text, Word


def _yes_no(value: Any) -> Any:
    if isinstance(value, bool):
        return "Y" if value else "N"
    return (
        {"yes": "Y", "no": "N", "true": "Y", "false": "N"}.get(value.lower(), value)
        if isinstance(value, str)
        else value
    )


YesNo = Annotated[Text, BeforeValidator(_yes_no)]


class StudyColumn(Entity):
    """The study that a record belongs to."""

    study_id: Text = column(
        "The study.",
        aliases="studyid protocol_id protocol_number study.study_id",
        convert={"study": text_only, "protocol": text_only},
        references="study",
        example="STU-001",
    )


class SubjectColumns(Entity):
    """The subject that a record is about."""

    subject_id: Text = column(
        "The subject.",
        aliases="usubjid",
        convert={"subject": text_only},
        references="subject",
        example="SUBJ-001",
    )
    usubjid: Text = column(
        "The subject, by the identifier that is unique across studies.",
        aliases="unique_subject_id",
        system="CDISC SDTM",
        example="STU001-101-0001",
    )


class ScheduledVisitColumns(Entity):
    """Which visit of the schedule it is."""

    visit_num: Money = column(
        "Number of the visit; unscheduled ones have a fraction.",
        aliases="visitnum",
        convert={"visit_number": number_in},
        example="3.00",
    )
    visit_name: Text = column("Name of the visit.", aliases="visit name", system="CDISC SDTM VISIT", example="Week 4")


class Study(Entity):
    """A clinical trial."""

    family: ClassVar[str] = "trials"
    natural_keys: ClassVar[tuple[str, ...]] = ("protocol_number",)

    study_id: Text = column("Identifier of the study.", aliases="studyid id", example="STU-001")
    protocol_number: Text = column(
        "Number of the protocol.", aliases="protocol_id protocol_no protocol", example="HS-DM-301"
    )
    protocol_title: Text = column(
        "Title of the protocol.",
        aliases="study_title title official_title study_name name",
        example="A randomized study of HS-101 in type 2 diabetes",
    )
    phase: Text = column("Phase of development.", aliases="study_phase trial_phase", example="Phase 3")
    therapeutic_area: Text = column("Field of medicine.", aliases="therapy_area", example="Endocrinology")
    indication: Text = column("The condition under study.", aliases="disease condition", example="Type 2 diabetes")
    sponsor: Text = column("Who is responsible for it.", aliases="sponsor_name sponsor.name lead_sponsor")
    status: Text = column(
        "planned, recruiting, active, completed, terminated.", aliases="study_status", example="recruiting"
    )
    target_enrollment: Integer = column(
        "How many subjects are planned.",
        aliases="planned_enrollment enrollment_target planned_subjects sample_size target_sample_size",
        unit="subjects",
        example=300,
    )
    start_date: Date = column("First day of the study.", aliases="study_start_date", example="2025-01-15")
    end_date: Date = column("Last day of the study.", aliases="study_end_date completion_date")

    embeds: ClassVar[tuple[Embed, ...]] = (
        Embed("site", ("sites",)),
        Embed("treatment_arm", ("treatment_arms", "arms")),
        Embed("visit_schedule", ("visit_schedules", "visit_schedule")),
        Embed("subject", ("subjects",)),
    )


class Site(StudyColumn, AddressColumns):
    """A place where a study enrols subjects."""

    family: ClassVar[str] = "trials"
    natural_keys: ClassVar[tuple[str, ...]] = ("site_number",)

    site_id: Text = column("Identifier of the site.", aliases="id", example="SITE-101")
    site_number: Text = column("Number of the site within the study.", aliases="siteid site_no site_num", example="101")
    name: Text = column("Name of the site.", aliases="site_name facility_name institution", example="Lakeside Research")
    principal_investigator: Text = column(
        "The investigator in charge.",
        aliases="principal_investigator.name investigator investigator.name investigator_name pi_name pi",
        example="Dr. Ada Birch",
    )
    status: Text = column("planned, active, on hold, closed.", aliases="site_status", example="active")


class TreatmentArm(StudyColumn):
    """A group of a study that is treated alike."""

    family: ClassVar[str] = "trials"
    natural_keys: ClassVar[tuple[str, ...]] = ("arm_code",)

    treatment_arm_id: Text = column("Identifier of the arm.", aliases="arm_id id", example="ARM-A")
    arm_code: Text = column("Short code.", aliases="armcd code", system="CDISC SDTM ARMCD", example="TRT")
    arm_name: Text = column(
        "Name of the arm.", aliases="arm name label description", system="CDISC SDTM ARM", example="HS-101 10 mg"
    )
    arm_type: Text = column(
        "experimental, placebo, active comparator, no intervention.", aliases="type", example="experimental"
    )
    is_control: Flag = column(
        "Whether the others are compared with it.", aliases="control is_control_arm", example=False
    )


class Subject(PersonInRole, StudyColumn):
    """A person who takes part in a study."""

    family: ClassVar[str] = "trials"
    natural_keys: ClassVar[tuple[str, ...]] = ("usubjid",)

    subject_id: Text = column("Identifier of the subject.", aliases="id", example="SUBJ-001")
    usubjid: Text = column(
        "Identifier that is unique across studies.",
        aliases="unique_subject_id",
        system="CDISC SDTM",
        example="STU001-101-0001",
    )
    site_id: Text = column(
        "The site.",
        aliases="siteid site_number site.site_id",
        convert={"site": text_only},
        references="site",
        example="SITE-101",
    )
    patient_id: Text = column(
        "The same human as a care provider knows them.",
        aliases="patient_mrn mrn patient_ref",
        references="patient",
        example="PAT-001",
    )
    screening_date: Date = column("When screening began.", aliases="screened_date screen_date", example="2025-02-01")
    informed_consent_date: Date = column(
        "When consent was given.", aliases="consent_date rficdtc icf_date", example="2025-02-01"
    )
    randomization_date: Date = column(
        "When the arm was drawn.", aliases="randomized_date date_randomized randdt", example="2025-02-15"
    )
    arm_code: Text = column(
        "The arm that was drawn.",
        aliases="treatment_arm armcd treatment_arm_code treatment_arm.arm_code actarmcd arm arm.arm_code",
        system="CDISC SDTM ARMCD",
        example="TRT",
    )
    subject_status: Text = column(
        "screening, screen failed, enrolled, randomized, on treatment, completed, withdrawn.",
        aliases="status enrollment_status",
        example="randomized",
    )
    completion_date: Date = column("When the study was completed.", aliases="completed_date date_completed")
    discontinuation_date: Date = column(
        "When the subject left early.", aliases="discontinued_date withdrawal_date early_termination_date"
    )
    discontinuation_reason: Text = column("Why the subject left early.", aliases="withdrawal_reason dropout_reason")

    embeds: ClassVar[tuple[Embed, ...]] = (
        Embed("trial_visit", ("trial_visits", "visits")),
        Embed("adverse_event", ("adverse_events",)),
        Embed("exposure", ("exposures",)),
        Embed("disposition_event", ("disposition_events", "dispositions")),
    )


class VisitSchedule(StudyColumn, ScheduledVisitColumns):
    """One visit that a protocol plans for every subject."""

    family: ClassVar[str] = "trials"

    visit_schedule_id: Text = column("Identifier of the planned visit.", aliases="visit_id id", example="VS-003")
    planned_day: Integer = column(
        "Planned study day, 1 is the first day of treatment.",
        aliases="visitdy target_day planned_study_day study_day day",
        unit="d",
        example=29,
    )
    window_before_days: Integer = column(
        "How many days early it may be.",
        aliases="window_before window.before window_minus window_early",
        unit="d",
        example=3,
    )
    window_after_days: Integer = column(
        "How many days late it may be.",
        aliases="window_after window.after window_plus window_late",
        unit="d",
        example=3,
    )


class TrialVisit(SubjectColumns, ScheduledVisitColumns):
    """A visit that a subject made, or missed."""

    family: ClassVar[str] = "trials"

    trial_visit_id: Text = column("Identifier of the visit.", aliases="visit_id id", example="TV-001")
    visit_date: Date = column(
        "When it took place.", aliases="svstdtc actual_date actual_visit_date date", example="2025-03-15"
    )
    study_day: Integer = column(
        "Study day on which it took place.", aliases="svdy svstdy visitdy day", unit="d", example=29
    )
    visit_status: Text = column("scheduled, completed, missed.", aliases="status", example="completed")
    window_deviation_days: Integer = column(
        "Days outside the planned window; early ones are negative.",
        aliases="window_deviation deviation_days",
        unit="d",
        example=0,
    )


class AdverseEvent(SubjectColumns):
    """Something untoward that happened to a subject, whether or not the treatment caused it."""

    family: ClassVar[str] = "trials"

    adverse_event_id: Text = column("Identifier of the event.", aliases="ae_id id", example="AE-001")
    aeseq: Integer = column("Number within the subject.", aliases="ae_seq sequence_number sequence", example=1)
    aeterm: Text = column(
        "The event as reported.", aliases="ae_term term reported_term event_term verbatim_term", example="headache"
    )
    aedecod: Text = column(
        "The event, preferred term.",
        aliases="preferred_term ae_decod ae_preferred_term meddra_pt",
        system="MedDRA PT",
        example="Headache",
    )
    aebodsys: Text = column(
        "Body system.",
        aliases="system_organ_class soc body_system meddra_soc",
        system="MedDRA SOC",
        example="Nervous system disorders",
    )
    aestdtc: Date = column("When it began.", aliases="onset_date start_date ae_start_date", example="2025-03-18")
    aeendtc: Date = column("When it ended.", aliases="resolution_date end_date ae_end_date", example="2025-03-20")
    aesev: Text = column(
        "mild, moderate, severe.", aliases="severity ae_severity", system="CDISC AESEV", example="MILD"
    )
    aetoxgr: Text = column(
        "Grade of toxicity, 1 to 5.", aliases="toxicity_grade ctcae_grade grade", system="CTCAE", example="1"
    )
    aeser: YesNo = column("Whether it is serious, Y or N.", aliases="serious is_serious", example="N")
    aerel: Text = column(
        "Relation to the treatment.", aliases="causality relationship relatedness related", example="POSSIBLY"
    )
    aeacn: Text = column(
        "Action taken with the treatment.",
        aliases="action_taken action",
        system="CDISC ACN",
        example="DOSE NOT CHANGED",
    )
    aeout: Text = column("Outcome.", aliases="outcome ae_outcome", system="CDISC OUT", example="RECOVERED/RESOLVED")


class Exposure(SubjectColumns):
    """A treatment that a subject received, over one span at one dose."""

    family: ClassVar[str] = "trials"

    exposure_id: Text = column("Identifier of the exposure.", aliases="ex_id id", example="EX-001")
    exseq: Integer = column("Number within the subject.", aliases="ex_seq sequence_number sequence", example=1)
    extrt: Text = column("The treatment.", aliases="treatment study_drug drug_name treatment_name", example="HS-101")
    exdose: Number = column("Dose, a number.", convert={"dose": number_in, "dose_amount": number_in}, example=10.0)
    exdosu: Text = column("Unit of the dose.", aliases="dose_unit dose_units", system="UCUM", example="mg")
    exdosfrq: Text = column(
        "How often.", aliases="dose_frequency dosing_frequency frequency", system="CDISC FREQ", example="QD"
    )
    exdosfrm: Word = column("Form of the dose.", aliases="dose_form dosage_form", system="CDISC FRM", example="TABLET")
    exroute: Text = column("Route of administration.", aliases="route", system="CDISC ROUTE", example="ORAL")
    exstdtc: Date = column("First day.", aliases="start_date exposure_start_date", example="2025-02-15")
    exendtc: Date = column("Last day.", aliases="end_date exposure_end_date", example="2025-03-14")
    dose_modification: Text = column("How the dose was changed, and why.", aliases="exadj dose_adjustment")


class DispositionEvent(SubjectColumns):
    """A milestone of a subject's way through a study."""

    family: ClassVar[str] = "trials"

    disposition_event_id: Text = column("Identifier of the event.", aliases="disposition_id id", example="DS-001")
    dsterm: Text = column(
        "The event as reported.", aliases="term reported_term disposition_term", example="Completed the study"
    )
    dsdecod: Text = column(
        "The event, standardised.",
        aliases="disposition decoded_term standardized_term",
        system="CDISC NCOMPLT, PROTMLST",
        example="COMPLETED",
    )
    dscat: Text = column(
        "Category.", aliases="category disposition_category", system="CDISC DSCAT", example="DISPOSITION EVENT"
    )
    dsstdtc: Date = column(
        "When it happened.", aliases="start_date event_date disposition_date date", example="2025-08-01"
    )
