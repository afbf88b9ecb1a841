"""Code systems and words: what FHIR calls what the model has, for writing and for reading alike."""

from __future__ import annotations

from collections.abc import Mapping

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
T = "http://terminology.hl7.org/CodeSystem/"
#: identifiers of this program, by column, and columns that have no element of their own, by entity type and column
OWN = "https://healthsim.example.org/identifier/"
EXTENSION = "https://healthsim.example.org/StructureDefinition/"
#: code systems that have no address
OWN_SYSTEM = "https://healthsim.example.org/code-system/"

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
CVX = "http://hl7.org/fhir/sid/cvx"
NPI = "http://hl7.org/fhir/sid/us-npi"
SSN = "http://hl7.org/fhir/sid/us-ssn"
TAX = "urn:oid:2.16.840.1.113883.4.4"
NUCC = "http://nucc.org/provider-taxonomy"
DISPOSITION = "http://www.nubc.org/patient-discharge"
ADMISSION_TYPE = "https://www.nubc.org/CodeSystem/PriorityTypeOfAdmitOrVisit"
ADMISSION_SOURCE = "https://www.nubc.org/CodeSystem/PointOfOrigin"
REVENUE = "https://www.nubc.org/CodeSystem/RevenueCodes"
TYPE_OF_BILL = "https://www.nubc.org/CodeSystem/TypeOfBill"
POA = "https://www.nubc.org/CodeSystem/PresentOnAdmissionIndicator"
POS = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
DRG = "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software"
ADJUDICATION = T + "adjudication"
CARIN = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication"
CARIN_KIND = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudicationDiscriminator"
CARC = "https://x12.org/codes/claim-adjustment-reason-codes"
OMB = "urn:oid:2.16.840.1.113883.6.238"
LANGUAGES = "urn:ietf:bcp:47"
DEA = "urn:oid:2.16.840.1.113883.4.814"
CCN = "urn:oid:2.16.840.1.113883.4.336"
NCPDP = "http://terminology.hl7.org/NamingSystem/NCPDPProviderIdentificationNumber"
IDENTIFIER = T + "v2-0203"

#: what the model calls code systems -> their addresses; the first name of an address is what reading gives
CODE_SYSTEMS: Mapping[str, str] = {
    "ICD-10-CM": ICD10CM,
    "ICD-10": "http://hl7.org/fhir/sid/icd-10",
    "ICD-9-CM": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD-10-PCS": "http://www.cms.gov/Medicare/Coding/ICD10",
    "CPT": CPT,
    "HCPCS": HCPCS,
    "LOINC": LOINC,
    "SNOMED CT": SNOMED,
    "SNOMED-CT": SNOMED,
    "SNOMED": SNOMED,
    "RxNorm": RXNORM,
    "NDC": NDC,
    "CVX": CVX,
    "UNII": "http://fdasis.nlm.nih.gov",
    "CDT": "http://www.ada.org/cdt",
}
SYSTEM_NAMES: Mapping[str, str] = {address: name for name, address in reversed(list(CODE_SYSTEMS.items()))}
#: codes whose descriptions may not be handed on
WITHOUT_DISPLAY = ("CPT", "CDT")

Words = Mapping[str, tuple[str, str]]

GENDERS: Mapping[str, str] = {"m": "male", "f": "female", "o": "other", "u": "unknown"}
BIRTH_SEXES: Mapping[str, str] = {"m": "M", "f": "F", "o": "OTH", "u": "UNK"}
RACES: Words = {
    "white": ("2106-3", "White"),
    "black or african american": ("2054-5", "Black or African American"),
    "black": ("2054-5", "Black or African American"),
    "african american": ("2054-5", "Black or African American"),
    "asian": ("2028-9", "Asian"),
    "american indian or alaska native": ("1002-5", "American Indian or Alaska Native"),
    "native hawaiian or other pacific islander": ("2076-8", "Native Hawaiian or Other Pacific Islander"),
    "native hawaiian or pacific islander": ("2076-8", "Native Hawaiian or Other Pacific Islander"),
}
ETHNICITIES: Words = {
    "hispanic or latino": ("2135-2", "Hispanic or Latino"),
    "hispanic": ("2135-2", "Hispanic or Latino"),
    "not hispanic or latino": ("2186-5", "Not Hispanic or Latino"),
    "non-hispanic": ("2186-5", "Not Hispanic or Latino"),
    "not hispanic": ("2186-5", "Not Hispanic or Latino"),
}
ENCOUNTER_CLASSES: Words = {
    "inpatient": ("IMP", "inpatient encounter"),
    "outpatient": ("AMB", "ambulatory"),
    "emergency": ("EMER", "emergency"),
    "observation": ("OBSENC", "observation encounter"),
    "virtual": ("VR", "virtual"),
    "home": ("HH", "home health"),
}
ENCOUNTER_STATUSES = (
    *(
        "planned",
        "arrived",
        "triaged",
        "in-progress",
        "onleave",
        "finished",
        "cancelled",
        "entered-in-error",
        "unknown",
    ),
)
DIAGNOSIS_ROLES: Words = {
    "admitting": ("AD", "Admission diagnosis"),
    "final": ("DD", "Discharge diagnosis"),
    "secondary": ("CM", "Comorbidity diagnosis"),
}
INTERPRETATIONS: Words = {
    "n": ("N", "Normal"),
    "h": ("H", "High"),
    "l": ("L", "Low"),
    "hh": ("HH", "Critical high"),
    "ll": ("LL", "Critical low"),
    "a": ("A", "Abnormal"),
    "aa": ("AA", "Critical abnormal"),
}
#: results in words that have a code
FINDINGS: Words = {
    "positive": ("10828004", "Positive"),
    "negative": ("260385009", "Negative"),
    "detected": ("260373001", "Detected"),
    "not detected": ("260415000", "Not detected"),
    "reactive": ("11214006", "Reactive"),
    "non-reactive": ("131194007", "Non-Reactive"),
}
ORDER_CATEGORIES: Words = {
    "lab": ("108252007", "Laboratory procedure"),
    "laboratory": ("108252007", "Laboratory procedure"),
    "imaging": ("363679005", "Imaging"),
    "radiology": ("363679005", "Imaging"),
    "procedure": ("387713003", "Surgical procedure"),
    "surgery": ("387713003", "Surgical procedure"),
    "counselling": ("409063005", "Counselling"),
    "education": ("409073007", "Education"),
}
NOTE_TYPES: Words = {
    "discharge summary": ("18842-5", "Discharge summary"),
    "ed note": ("34111-5", "Emergency department Note"),
    "emergency department note": ("34111-5", "Emergency department Note"),
    "progress": ("11506-3", "Progress note"),
    "progress note": ("11506-3", "Progress note"),
    "history and physical": ("34117-2", "History and physical note"),
    "h&p": ("34117-2", "History and physical note"),
    "consultation": ("11488-4", "Consult note"),
    "consultation note": ("11488-4", "Consult note"),
    "procedure note": ("28570-0", "Procedure note"),
    "operative note": ("11504-8", "Surgical operation note"),
}
RELATIONSHIPS: Words = {
    "18": ("self", "Self"),
    "01": ("spouse", "Spouse"),
    "19": ("child", "Child"),
    "53": ("common", "Common Law Spouse"),
    "g8": ("other", "Other"),
}
PLAN_TYPES: Words = {
    "hmo": ("HMO", "health maintenance organization policy"),
    "ppo": ("PPO", "preferred provider organization policy"),
    "pos": ("POS", "point of service policy"),
    "epo": ("MCPOL", "managed care policy"),
    "hdhp": ("EHCPOL", "extended healthcare"),
    "ffs": ("EHCPOL", "extended healthcare"),
}
ROUTES: Words = {
    "oral": ("26643006", "Oral route"),
    "po": ("26643006", "Oral route"),
    "topical": ("6064005", "Topical route"),
    "inhaled": ("447694001", "Respiratory tract route"),
    "inhalation": ("447694001", "Respiratory tract route"),
    "subcutaneous": ("34206005", "Subcutaneous route"),
    "intramuscular": ("78421000", "Intramuscular route"),
    "im": ("78421000", "Intramuscular route"),
    "intravenous": ("47625008", "Intravenous route"),
    "iv": ("47625008", "Intravenous route"),
    "nasal": ("46713006", "Nasal route"),
    "ophthalmic": ("54485002", "Ophthalmic route"),
    "rectal": ("37161004", "Rectal route"),
    "sublingual": ("37839007", "Sublingual route"),
    "intradermal": ("372464004", "Intradermal route"),
}
SITES: Words = {
    "left deltoid": ("LD", "Left Deltoid"),
    "right deltoid": ("RD", "Right Deltoid"),
    "left arm": ("LA", "Left Arm"),
    "right arm": ("RA", "Right Arm"),
    "left thigh": ("LT", "Left Thigh"),
    "right thigh": ("RT", "Right Thigh"),
    "left vastus lateralis": ("LVL", "Left Vastus Lateralis"),
    "right vastus lateralis": ("RVL", "Right Vastus Lateralis"),
    "left gluteus medius": ("LG", "Left Gluteus Medius"),
    "right gluteus medius": ("RG", "Right Gluteus Medius"),
}
#: how often: (frequency, period, its unit)
FREQUENCIES: Mapping[str, tuple[int, int, str]] = {
    "once daily": (1, 1, "d"),
    "daily": (1, 1, "d"),
    "qd": (1, 1, "d"),
    "twice daily": (2, 1, "d"),
    "bid": (2, 1, "d"),
    "three times daily": (3, 1, "d"),
    "tid": (3, 1, "d"),
    "four times daily": (4, 1, "d"),
    "qid": (4, 1, "d"),
    "once weekly": (1, 1, "wk"),
    "weekly": (1, 1, "wk"),
    "once monthly": (1, 1, "mo"),
    "every 4 hours": (1, 4, "h"),
    "every 6 hours": (1, 6, "h"),
    "every 8 hours": (1, 8, "h"),
    "every 12 hours": (1, 12, "h"),
}
#: units of doses that are units of UCUM as they are written
DOSE_UNITS = ("mg", "g", "ug", "kg", "mL", "L", "mmol", "meq", "[IU]", "%")
CLAIM_TYPES: Words = {
    "professional": ("professional", "Professional"),
    "institutional": ("institutional", "Institutional"),
    "dental": ("oral", "Oral"),
    "pharmacy": ("pharmacy", "Pharmacy"),
    "vision": ("vision", "Vision"),
}
