"""The domains of what happens to subjects by the protocol: DM, AE, EX, DS, SV."""

from __future__ import annotations

from healthsim.exchange.sdtm import terminology as ct
from healthsim.exchange.sdtm.variables import (
    Domain,
    Supplement,
    Variable,
    epoch,
    identifiers,
    sequence,
    sponsor_id,
    study_day,
)

_EXPOSED = "s.rfstdtc IS NOT NULL"
_COUNTRY = "CASE WHEN upper(coalesce(s.country, 'US')) IN ('US', 'USA') THEN 'USA' ELSE upper(s.country) END"

DM = Domain(
    "DM",
    "Demographics",
    "SPECIAL PURPOSE",
    "One record per subject",
    ("STUDYID", "USUBJID"),
    (
        *identifiers("DM"),
        Variable("SUBJID", "Subject Identifier for the Study", "regexp_extract(s.unique_id, '[^-]+$')", core="Req"),
        Variable(
            "RFSTDTC", "Subject Reference Start Date/Time", "s.rfstdtc", kind="date", core="Exp", origin="Derived"
        ),
        Variable("RFENDTC", "Subject Reference End Date/Time", "s.rfendtc", kind="date", core="Exp", origin="Derived"),
        Variable(
            "RFXSTDTC", "Date/Time of First Study Treatment", "s.rfstdtc", kind="date", core="Exp", origin="Derived"
        ),
        Variable(
            "RFXENDTC", "Date/Time of Last Study Treatment", "s.rfendtc", kind="date", core="Exp", origin="Derived"
        ),
        Variable(
            "RFICDTC",
            "Date/Time of Informed Consent",
            "s.informed_consent_date",
            "subject.informed_consent_date",
            "date",
            "Exp",
        ),
        Variable(
            "RFPENDTC", "Date/Time of End of Participation", "s.rfpendtc", kind="date", core="Exp", origin="Derived"
        ),
        Variable(
            "DTHDTC", "Date/Time of Death", "s.death_date", "subject.death_date patient.death_date", "date", "Exp"
        ),
        Variable(
            "DTHFL",
            "Subject Death Flag",
            "CASE WHEN s.deceased OR s.death_date IS NOT NULL THEN 'Y' END",
            "subject.deceased patient.deceased",
            core="Exp",
            codelist=ct.NO_YES,
        ),
        Variable(
            "SITEID", "Study Site Identifier", "s.siteid", "subject.site_id site.site_number site.site_id", core="Req"
        ),
        Variable("INVNAM", "Investigator Name", "s.principal_investigator", "site.principal_investigator"),
        Variable("BRTHDTC", "Date/Time of Birth", "s.birth_date", "subject.birth_date patient.birth_date", "date"),
        Variable(
            "AGE",
            "Age",
            "date_sub('year', s.birth_date, coalesce(s.rfstdtc, s.informed_consent_date, s.screening_date))",
            kind="integer",
            core="Exp",
            origin="Derived",
        ),
        Variable(
            "AGEU",
            "Age Units",
            "CASE WHEN s.birth_date IS NOT NULL THEN 'YEARS' END",
            core="Exp",
            codelist=ct.AGE_UNIT,
            origin="Assigned",
        ),
        Variable("SEX", "Sex", "s.gender", "subject.gender patient.gender", core="Req", codelist=ct.SEX),
        Variable(
            "RACE", "Race", "s.race", "subject.race patient.race", core="Exp", codelist=ct.RACE, words=ct.RACE_WORDS
        ),
        Variable(
            "ETHNIC",
            "Ethnicity",
            "s.ethnicity",
            "subject.ethnicity patient.ethnicity",
            codelist=ct.ETHNIC,
            words=ct.ETHNIC_WORDS,
        ),
        Variable("ARMCD", "Planned Arm Code", "s.arm_code", "subject.arm_code", core="Exp", origin="Assigned"),
        Variable(
            "ARM", "Description of Planned Arm", "coalesce(s.arm_name, s.arm_code)", core="Exp", origin="Assigned"
        ),
        Variable(
            "ACTARMCD",
            "Actual Arm Code",
            f"CASE WHEN {_EXPOSED} THEN s.arm_code END",
            core="Exp",
            origin="Derived",
        ),
        Variable(
            "ACTARM",
            "Description of Actual Arm",
            f"CASE WHEN {_EXPOSED} THEN coalesce(s.arm_name, s.arm_code) END",
            core="Exp",
            origin="Derived",
        ),
        Variable(
            "ARMNRS",
            "Reason Arm and/or Actual Arm is Null",
            f"CASE WHEN s.arm_code IS NULL AND lower(s.subject_status) LIKE '%fail%' THEN 'SCREEN FAILURE'"
            f" WHEN s.arm_code IS NULL THEN 'NOT ASSIGNED' WHEN NOT ({_EXPOSED}) THEN 'ASSIGNED, NOT TREATED' END",
            core="Exp",
            origin="Assigned",
        ),
        Variable("COUNTRY", "Country", _COUNTRY, core="Req", origin="Assigned"),
        Variable("DMDTC", "Date/Time of Collection", "s.informed_consent_date", kind="date"),
        Variable(
            "DMDY", "Study Day of Collection", study_day("s.informed_consent_date"), kind="integer", origin="Derived"
        ),
    ),
    into="subject",
    supplements=(
        Supplement("SCRNDTC", "Date of Screening", "CAST(s.screening_date AS VARCHAR)", "subject.screening_date"),
        Supplement(
            "RANDDTC", "Date of Randomization", "CAST(s.randomization_date AS VARCHAR)", "subject.randomization_date"
        ),
        Supplement("COMPDTC", "Date of Completion", "CAST(s.completion_date AS VARCHAR)", "subject.completion_date"),
        Supplement(
            "DISCDTC",
            "Date of Discontinuation",
            "CAST(s.discontinuation_date AS VARCHAR)",
            "subject.discontinuation_date",
        ),
        Supplement(
            "DISCREAS", "Reason for Discontinuation", "s.discontinuation_reason", "subject.discontinuation_reason"
        ),
        Supplement("SUBJSTAT", "Subject Status", "s.subject_status", "subject.subject_status"),
        Supplement("MRN", "Medical Record Number", "p.mrn", "patient.mrn"),
        Supplement("LANG", "Preferred Language", "s.language", "subject.language patient.language"),
    ),
    carries=("subjects", "sites"),
)

AE = Domain(
    "AE",
    "Adverse Events",
    "EVENTS",
    "One record per adverse event per subject",
    ("STUDYID", "USUBJID", "AEDECOD", "AESTDTC"),
    (
        *identifiers("AE"),
        sequence("AE", "a.number", "aeseq"),
        sponsor_id("AE", "a.adverse_event_id", "adverse_event_id"),
        Variable("AETERM", "Reported Term for the Adverse Event", "a.aeterm", "aeterm", core="Req"),
        Variable("AEDECOD", "Dictionary-Derived Term", "a.aedecod", "aedecod", core="Req", origin="Assigned"),
        Variable("AEBODSYS", "Body System or Organ Class", "a.aebodsys", "aebodsys", core="Exp", origin="Assigned"),
        Variable("AESEV", "Severity/Intensity", "a.aesev", "aesev", codelist=ct.SEVERITY),
        Variable("AESER", "Serious Event", "a.aeser", "aeser", core="Exp", codelist=ct.NO_YES),
        Variable("AEACN", "Action Taken with Study Treatment", "a.aeacn", "aeacn", core="Exp", codelist=ct.ACTION),
        Variable("AEREL", "Causality", "upper(a.aerel)", "aerel", core="Exp"),
        Variable("AEOUT", "Outcome of Adverse Event", "a.aeout", "aeout", codelist=ct.OUTCOME),
        Variable("AETOXGR", "Standard Toxicity Grade", "a.aetoxgr", "aetoxgr"),
        Variable("EPOCH", "Epoch", epoch("a.aestdtc"), codelist=ct.EPOCH, origin="Derived"),
        Variable("AESTDTC", "Start Date/Time of Adverse Event", "a.aestdtc", "aestdtc", "date", "Exp"),
        Variable("AEENDTC", "End Date/Time of Adverse Event", "a.aeendtc", "aeendtc", "date", "Exp"),
        Variable(
            "AESTDY", "Study Day of Start of Adverse Event", study_day("a.aestdtc"), kind="integer", origin="Derived"
        ),
        Variable(
            "AEENDY", "Study Day of End of Adverse Event", study_day("a.aeendtc"), kind="integer", origin="Derived"
        ),
    ),
    into="adverse_event",
    number="AESEQ",
    carries=("adverse_events",),
)

EX = Domain(
    "EX",
    "Exposure",
    "INTERVENTIONS",
    "One record per constant dosing interval per subject",
    ("STUDYID", "USUBJID", "EXTRT", "EXSTDTC"),
    (
        *identifiers("EX"),
        sequence("EX", "a.number", "exseq"),
        sponsor_id("EX", "a.exposure_id", "exposure_id"),
        Variable("EXTRT", "Name of Treatment", "upper(a.extrt)", "extrt", core="Req"),
        Variable("EXDOSE", "Dose", "a.exdose", "exdose", "float", "Exp"),
        Variable("EXDOSU", "Dose Units", "a.exdosu", "exdosu", core="Exp"),
        Variable("EXDOSFRM", "Dose Form", "a.exdosfrm", "exdosfrm", core="Exp", codelist=ct.FORM),
        Variable("EXDOSFRQ", "Dosing Frequency per Interval", "a.exdosfrq", "exdosfrq", codelist=ct.FREQUENCY),
        Variable("EXROUTE", "Route of Administration", "a.exroute", "exroute", codelist=ct.ROUTE),
        Variable("EXADJ", "Reason for Dose Adjustment", "a.dose_modification", "dose_modification"),
        Variable("EPOCH", "Epoch", epoch("a.exstdtc"), codelist=ct.EPOCH, origin="Derived"),
        Variable("EXSTDTC", "Start Date/Time of Treatment", "a.exstdtc", "exstdtc", "date", "Exp"),
        Variable("EXENDTC", "End Date/Time of Treatment", "a.exendtc", "exendtc", "date", "Exp"),
        Variable("EXSTDY", "Study Day of Start of Treatment", study_day("a.exstdtc"), kind="integer", origin="Derived"),
        Variable("EXENDY", "Study Day of End of Treatment", study_day("a.exendtc"), kind="integer", origin="Derived"),
    ),
    into="exposure",
    number="EXSEQ",
    supplements=(
        Supplement(
            "EXTRTVRB", "Treatment as Recorded", "CASE WHEN a.extrt <> upper(a.extrt) THEN a.extrt END", "extrt"
        ),
    ),
    carries=("exposures",),
)

DS = Domain(
    "DS",
    "Disposition",
    "EVENTS",
    "One record per disposition status or protocol milestone per subject",
    ("STUDYID", "USUBJID", "DSDECOD", "DSSTDTC"),
    (
        *identifiers("DS"),
        sequence("DS", "a.number"),
        sponsor_id("DS", "a.disposition_event_id", "disposition_event_id"),
        Variable("DSTERM", "Reported Term for the Disposition Event", "a.dsterm", "dsterm", core="Req"),
        Variable(
            "DSDECOD",
            "Standardized Disposition Term",
            "a.dsdecod",
            "dsdecod",
            core="Req",
            codelist=ct.DISPOSITION,
            origin="Assigned",
        ),
        Variable(
            "DSCAT",
            "Category for Disposition Event",
            "a.dscat",
            "dscat",
            core="Exp",
            codelist=ct.CATEGORY,
            origin="Assigned",
        ),
        Variable("EPOCH", "Epoch", epoch("a.dsstdtc"), codelist=ct.EPOCH, origin="Derived"),
        Variable("DSSTDTC", "Start Date/Time of Disposition Event", "a.dsstdtc", "dsstdtc", "date", "Exp"),
        Variable(
            "DSSTDY",
            "Study Day of Start of Disposition Event",
            study_day("a.dsstdtc"),
            kind="integer",
            core="Exp",
            origin="Derived",
        ),
    ),
    into="disposition_event",
    number="DSSEQ",
    carries=("disposition_events",),
)

SV = Domain(
    "SV",
    "Subject Visits",
    "SPECIAL PURPOSE",
    "One record per actual visit per subject",
    ("STUDYID", "USUBJID", "VISITNUM"),
    (
        *identifiers("SV"),
        Variable("VISITNUM", "Visit Number", "a.visit_num", "visit_num", "float", "Req", origin="Protocol"),
        Variable("VISIT", "Visit Name", "a.visit_name", "visit_name", origin="Protocol"),
        Variable("VISITDY", "Planned Study Day of Visit", "a.planned_day", kind="integer", origin="Protocol"),
        Variable("EPOCH", "Epoch", epoch("a.visit_date"), codelist=ct.EPOCH, origin="Derived"),
        Variable("SVSTDTC", "Start Date/Time of Observation", "a.visit_date", "visit_date", "date", "Exp"),
        Variable("SVENDTC", "End Date/Time of Observation", "a.visit_date", kind="date", core="Exp"),
        Variable(
            "SVSTDY", "Study Day of Start of Observation", study_day("a.visit_date"), kind="integer", origin="Derived"
        ),
        Variable(
            "SVENDY", "Study Day of End of Observation", study_day("a.visit_date"), kind="integer", origin="Derived"
        ),
    ),
    into="trial_visit",
    number="VISITNUM",
    supplements=(
        Supplement("SVSTATUS", "Status of the Visit", "a.visit_status", "visit_status"),
        Supplement("SVDAY", "Study Day as Recorded", "CAST(a.study_day AS VARCHAR)", "study_day"),
        Supplement(
            "SVWINDEV", "Days Outside the Window", "CAST(a.window_deviation_days AS VARCHAR)", "window_deviation_days"
        ),
    ),
    carries=("trial_visits",),
)
