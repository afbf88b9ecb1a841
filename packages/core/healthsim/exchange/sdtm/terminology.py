"""Controlled terminology of CDISC that the domains use (SDTM terminology, National Cancer Institute)."""

from __future__ import annotations

from healthsim.exchange.sdtm.variables import Codelist


def _same(*values: str) -> dict[str, str]:
    """Values that differ from ours in nothing but capitals."""
    return {value.lower(): value for value in values}


SEX = Codelist("CL.SEX", "Sex", "C66731", {"m": "M", "f": "F", "u": "U", "o": "U"}, closed=True)
RACE = Codelist(
    "CL.RACE",
    "Race",
    "C74457",
    {
        "white": "WHITE",
        "black or african american": "BLACK OR AFRICAN AMERICAN",
        "asian": "ASIAN",
        "american indian or alaska native": "AMERICAN INDIAN OR ALASKA NATIVE",
        "native hawaiian or other pacific islander": "NATIVE HAWAIIAN OR OTHER PACIFIC ISLANDER",
        "two or more races": "MULTIPLE",
        "multiple": "MULTIPLE",
        "other": "OTHER",
        "unknown": "UNKNOWN",
    },
)
ETHNIC = Codelist(
    "CL.ETHNIC",
    "Ethnic Group",
    "C66790",
    _same("HISPANIC OR LATINO", "NOT HISPANIC OR LATINO", "NOT REPORTED", "UNKNOWN")
    | {"hispanic": "HISPANIC OR LATINO", "not hispanic": "NOT HISPANIC OR LATINO"},
    closed=True,
)
NO_YES = Codelist("CL.NY", "No Yes Response", "C66742", _same("N", "Y"), closed=True)
SEVERITY = Codelist("CL.AESEV", "Severity/Intensity Scale", "C66769", _same("MILD", "MODERATE", "SEVERE"), closed=True)
ACTION = Codelist(
    "CL.ACN",
    "Action Taken with Study Treatment",
    "C66767",
    _same(
        "DOSE INCREASED",
        "DOSE NOT CHANGED",
        "DOSE REDUCED",
        "DRUG INTERRUPTED",
        "DRUG WITHDRAWN",
        "NOT APPLICABLE",
        "UNKNOWN",
    ),
)
OUTCOME = Codelist(
    "CL.OUT",
    "Outcome of Event",
    "C66768",
    _same(
        "FATAL",
        "NOT RECOVERED/NOT RESOLVED",
        "RECOVERED/RESOLVED",
        "RECOVERED/RESOLVED WITH SEQUELAE",
        "RECOVERING/RESOLVING",
        "UNKNOWN",
    ),
)
FREQUENCY = Codelist(
    "CL.FREQ",
    "Frequency",
    "C71113",
    {
        "once daily": "QD",
        "daily": "QD",
        "twice daily": "BID",
        "three times daily": "TID",
        "four times daily": "QID",
        "once weekly": "QS",
        "as needed": "PRN",
        "once": "ONCE",
    },
)
ROUTE = Codelist(
    "CL.ROUTE",
    "Route of Administration Response",
    "C66729",
    {
        "oral": "ORAL",
        "inhaled": "RESPIRATORY (INHALATION)",
        "subcutaneous": "SUBCUTANEOUS",
        "topical": "TOPICAL",
        "sublingual": "SUBLINGUAL",
        "intramuscular": "INTRAMUSCULAR",
        "intravenous": "INTRAVENOUS",
    },
)
FORM = Codelist("CL.FRM", "Pharmaceutical Dosage Form", "C66726", _same("TABLET", "CAPSULE", "INJECTION", "SOLUTION"))
DISPOSITION = Codelist(
    "CL.DSDECOD",
    "Completion/Reason for Non-Completion; Protocol Milestone",
    "C66727",
    _same(
        "COMPLETED",
        "ADVERSE EVENT",
        "DEATH",
        "LACK OF EFFICACY",
        "LOST TO FOLLOW-UP",
        "SCREEN FAILURE",
        "WITHDRAWAL BY SUBJECT",
        "INFORMED CONSENT OBTAINED",
        "RANDOMIZED",
    ),
)
CATEGORY = Codelist(
    "CL.DSCAT",
    "Category for Disposition Event",
    "C74558",
    _same("DISPOSITION EVENT", "PROTOCOL MILESTONE", "OTHER EVENT"),
    closed=True,
)
INDICATOR = Codelist(
    "CL.NRIND",
    "Reference Range Indicator",
    "C78736",
    {"n": "NORMAL", "h": "HIGH", "l": "LOW", "a": "ABNORMAL", "hh": "HIGH", "ll": "LOW"},
)
SPECIMEN = Codelist(
    "CL.SPECTYPE",
    "Specimen Type",
    "C78734",
    {"blood specimen": "BLOOD", "serum specimen": "SERUM", "urine specimen": "URINE", "plasma specimen": "PLASMA"},
)
PHASE = Codelist(
    "CL.TPHASE",
    "Trial Phase Response",
    "C66737",
    {
        "phase 1": "PHASE I TRIAL",
        "phase 1/2": "PHASE I/II TRIAL",
        "phase 2": "PHASE II TRIAL",
        "phase 2/3": "PHASE II/III TRIAL",
        "phase 3": "PHASE III TRIAL",
        "phase 4": "PHASE IV TRIAL",
        "phase i": "PHASE I TRIAL",
        "phase ii": "PHASE II TRIAL",
        "phase iii": "PHASE III TRIAL",
        "phase iv": "PHASE IV TRIAL",
    },
)
EPOCH = Codelist("CL.EPOCH", "Epoch", "C99079", _same("SCREENING", "TREATMENT", "FOLLOW-UP"))
AGE_UNIT = Codelist("CL.AGEU", "Age Unit", "C66781", _same("YEARS", "MONTHS", "DAYS"), closed=True)
CODELISTS = (
    SEX,
    RACE,
    ETHNIC,
    NO_YES,
    SEVERITY,
    ACTION,
    OUTCOME,
    FREQUENCY,
    ROUTE,
    FORM,
    DISPOSITION,
    CATEGORY,
    INDICATOR,
    SPECIMEN,
    PHASE,
    EPOCH,
    AGE_UNIT,
)

#: what columns of the model have for submission values, where it is another word
RACE_WORDS = {
    "WHITE": "White",
    "BLACK OR AFRICAN AMERICAN": "Black or African American",
    "ASIAN": "Asian",
    "AMERICAN INDIAN OR ALASKA NATIVE": "American Indian or Alaska Native",
    "NATIVE HAWAIIAN OR OTHER PACIFIC ISLANDER": "Native Hawaiian or Other Pacific Islander",
    "MULTIPLE": "Two or more races",
    "OTHER": "Other",
    "UNKNOWN": "Unknown",
}
ETHNIC_WORDS = {"HISPANIC OR LATINO": "Hispanic or Latino", "NOT HISPANIC OR LATINO": "Not Hispanic or Latino"}
FREQUENCY_WORDS = {
    "QD": "once daily",
    "BID": "twice daily",
    "TID": "three times daily",
    "QID": "four times daily",
    "QS": "once weekly",
    "PRN": "as needed",
    "ONCE": "once",
}
ROUTE_WORDS = {value: word for word, value in ROUTE.terms.items()}
INDICATOR_WORDS = {"NORMAL": "N", "HIGH": "H", "LOW": "L", "ABNORMAL": "A"}
SPECIMEN_WORDS = {value: word.capitalize() for word, value in SPECIMEN.terms.items()}
PHASE_WORDS = {
    value: f"Phase {arabic}"
    for value, arabic in zip(
        (
            "PHASE I TRIAL",
            "PHASE I/II TRIAL",
            "PHASE II TRIAL",
            "PHASE II/III TRIAL",
            "PHASE III TRIAL",
            "PHASE IV TRIAL",
        ),
        ("1", "1/2", "2", "2/3", "3", "4"),
        strict=True,
    )
}
