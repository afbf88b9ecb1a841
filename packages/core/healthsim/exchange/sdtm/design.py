"""The domains of the design of a trial: TA, TE, TV, TS."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from healthsim.exchange.sdtm import terminology as ct
from healthsim.exchange.sdtm.variables import Domain, Variable, identifiers

_WINDOW = re.compile(r"from (\d+) days? before to (\d+) days? after")


def days_before(value: Any) -> int | None:
    """How many days before the planned one a visit may be, by its rule in words."""
    match = _WINDOW.search(str(value))
    return int(match[1]) if match else None


def days_after(value: Any) -> int | None:
    """How many days after the planned one a visit may be."""
    match = _WINDOW.search(str(value))
    return int(match[2]) if match else None


TA = Domain(
    "TA",
    "Trial Arms",
    "TRIAL DESIGN",
    "One record per planned element per arm",
    ("STUDYID", "ARMCD", "TAETORD"),
    (
        *identifiers("TA", of_subjects=False),
        Variable("ARMCD", "Planned Arm Code", "a.arm_code", "arm_code treatment_arm_id", core="Req", origin="Protocol"),
        Variable(
            "ARM",
            "Description of Planned Arm",
            "coalesce(a.arm_name, a.arm_code)",
            "arm_name",
            core="Req",
            origin="Protocol",
        ),
        Variable(
            "TAETORD", "Planned Order of Element within Arm", "a.element", kind="integer", core="Req", origin="Protocol"
        ),
        Variable("ETCD", "Element Code", "a.etcd", core="Req", origin="Protocol"),
        Variable("ELEMENT", "Description of Element", "a.description", origin="Protocol"),
        Variable(
            "TABRANCH",
            "Branch",
            "CASE WHEN a.element = 1 THEN 'Assigned to ' || coalesce(a.arm_name, a.arm_code) END",
            core="Exp",
            origin="Protocol",
        ),
        Variable("TATRANS", "Transition Rule", "CAST(NULL AS VARCHAR)", core="Exp", origin="Protocol"),
        Variable("EPOCH", "Epoch", "a.epoch", core="Req", codelist=ct.EPOCH, origin="Protocol"),
    ),
    into="treatment_arm",
    carries=("treatment_arms",),
)

TE = Domain(
    "TE",
    "Trial Elements",
    "TRIAL DESIGN",
    "One record per planned element",
    ("STUDYID", "ETCD"),
    (
        *identifiers("TE", of_subjects=False),
        Variable("ETCD", "Element Code", "a.etcd", core="Req", origin="Protocol"),
        Variable("ELEMENT", "Description of Element", "a.description", core="Req", origin="Protocol"),
        Variable("TESTRL", "Rule for Start of Element", "a.starts", core="Req", origin="Protocol"),
        Variable("TEENRL", "Rule for End of Element", "a.ends", origin="Protocol"),
    ),
)

TV = Domain(
    "TV",
    "Trial Visits",
    "TRIAL DESIGN",
    "One record per planned visit",
    ("STUDYID", "VISITNUM"),
    (
        *identifiers("TV", of_subjects=False),
        Variable("VISITNUM", "Visit Number", "a.visit_num", "visit_num", "float", "Req", origin="Protocol"),
        Variable("VISIT", "Visit Name", "a.visit_name", "visit_name", origin="Protocol"),
        Variable("VISITDY", "Planned Study Day of Visit", "a.planned_day", "planned_day", "integer", origin="Protocol"),
        Variable("ARMCD", "Planned Arm Code", "CAST(NULL AS VARCHAR)", core="Exp", origin="Protocol"),
        Variable("TVSTRL", "Visit Start Rule", "a.rule", core="Req", origin="Protocol"),
    ),
    into="visit_schedule",
    carries=("visit_schedules",),
    said_by={"visit_schedule.window_before_days": "TVSTRL", "visit_schedule.window_after_days": "TVSTRL"},
)


class Parameter(NamedTuple):
    """A parameter of the trial summary: its code and name, and the column of the study that holds it."""

    code: str
    name: str
    column: str
    is_of_phase: bool = False


#: what of a study is a parameter of the trial summary
PARAMETERS = (
    Parameter("TITLE", "Trial Title", "protocol_title"),
    Parameter("TPHASE", "Trial Phase Classification", "phase", is_of_phase=True),
    Parameter("INDIC", "Trial Disease/Condition Indication", "indication"),
    Parameter("THERAREA", "Therapeutic Area", "therapeutic_area"),
    Parameter("SPONSOR", "Clinical Study Sponsor", "sponsor"),
    Parameter("PLANSUB", "Planned Number of Subjects", "target_enrollment"),
    Parameter("SSTDTC", "Study Start Date", "start_date"),
    Parameter("SENDTC", "Study End Date", "end_date"),
)


def _parameters() -> str:
    """The rows of the parameters: a SELECT each, of those that the study says."""
    selects = []
    for place, parameter in enumerate(PARAMETERS, start=1):
        value = (
            ct.PHASE.sql(f"t.{parameter.column}") if parameter.is_of_phase else f"CAST(t.{parameter.column} AS VARCHAR)"
        )
        selects.append(
            f"SELECT t.study_id, {place} AS place, '{parameter.code}' AS code, '{parameter.name}' AS name,"
            f" {value} AS value FROM sdtm_studies AS t"
        )
    return "\nUNION ALL\n".join(selects)


TS = Domain(
    "TS",
    "Trial Summary",
    "TRIAL DESIGN",
    "One record per trial summary parameter value",
    ("STUDYID", "TSPARMCD", "TSSEQ"),
    (
        *identifiers("TS", of_subjects=False),
        Variable("TSSEQ", "Sequence Number", "1", kind="integer", core="Req", origin="Derived"),
        Variable("TSPARMCD", "Trial Summary Parameter Short Name", "a.code", core="Req", origin="Assigned"),
        Variable("TSPARM", "Trial Summary Parameter", "a.name", core="Req", origin="Assigned"),
        Variable("TSVAL", "Parameter Value", "substr(a.value, 1, 200)", core="Exp", origin="Protocol"),
        Variable("TSVAL1", "Parameter Value 1", "substr(a.value, 201, 200)", origin="Protocol"),
    ),
    names={"parameters": _parameters()},
    carries=("studies",),
    said_by={f"study.{parameter.column}": "TSVAL" for parameter in PARAMETERS},
)


def study_column(record: dict[str, Any]) -> tuple[str, Any] | None:
    """(column, value) of the study that a record of TS says."""
    known = next((each for each in PARAMETERS if each.code == record.get("TSPARMCD")), None)
    if known is None:
        return None
    value = "".join(str(record.get(name) or "") for name in ("TSVAL", "TSVAL1", "TSVAL2", "TSVAL3"))
    return known.column, ct.PHASE_WORDS.get(value, value) if known.is_of_phase else value
