"""X12 of others: any delimiters, wrong counts, missing loops; nothing of it is lost, and what is odd is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import healthsim as hs
from healthsim.errors import InvalidInput
from healthsim.exchange.reading import Reading
from healthsim.exchange.sources import recognised
from healthsim.exchange.x12.reader import read_x12
from healthsim.results import Imported
from healthsim.state.manager import StateManager
from healthsim.state.tables import scenario_tables

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250101*1200*^*00501*000000905*0*T*:~"
CLAIM = (
    "ST*837*0001*005010X222A1~BHT*0019*00*1*20250101*1200*CH~NM1*41*2*CLEARING*****46*1~PER*IC*X*TE*8005550100~"
    "NM1*40*2*PAYER*****46*2~HL*1**20*1~PRV*BI*PXC*207Q00000X~NM1*85*2*LAKE CLINIC*****XX*1234567893~N3*1 LAKE RD~"
    "N4*MADISON*WI*537039998~REF*EI*123456789~HL*2*1*22*1~SBR*P**GRP1*GOLD*****CI~NM1*IL*1*BIRCH*ADA****MI*MEM1~"
    "NM1*PR*2*LAKESHORE HEALTH*****PI*LSH01~HL*3*2*23*0~PAT*19~NM1*QC*1*BIRCH*TOM~N3*12 BIRCH RD~N4*MADISON*WI*53703~"
    "DMG*D8*20150422*M~CLM*C1*150***11:B:1*Y*A*Y*Y~PWK*OZ*BM***AC*DMN0012~REF*G1*AUTH1~CRC*ZZ*Y*AV~"
    "HI*ABK:E119*ABF:I10*ABF:E785~HI*ABN:W1830XA~NM1*82*1*HILL*EVA****XX*1982671186~PRV*PE*PXC*208D00000X~"
    "SBR*S*18*******CI~CAS*PR*1*20~NM1*IL*1*OTHER*PERSON****MI*OTHER1~NM1*PR*2*OTHER PAYER*****PI*OP~"
    "LX*1~SV1*HC:99213:25*100*UN*1***1:2~DTP*472*D8*20250304~REF*6R*L1~LX*2~SV1*HC:80061*50*UN*1***1~DTP*472*D8*20250305~"
    "SE*41*0001~"
)
PAYMENT = (
    "ST*835*0001~BPR*I*70*C*CHK************20250320~TRN*1*T1*1512345678~DTM*405*20250320~N1*PR*LAKESHORE HEALTH~N3*X~N4*Y*WI*53703~"
    "N1*PE*LAKE CLINIC*XX*1234567893~LX*1~CLP*C1*1*150*80*20*12*ICN1*11*1~NM1*QC*1*BIRCH*TOM~NM1*IL*1*BIRCH*ADA****MI*MEM1~"
    "SVC*HC:99213:25*100*60**1~DTM*472*20250304~CAS*CO*45*20~CAS*PR*3*20~REF*6R*L1~SVC*HC:80061*50*20**1~"
    "DTM*472*20250305~CAS*CO*45*25*1*97*5~PLB*1234567893*20251231*72:X*10~SE*22*0001~"
)
ENROLMENT = (
    "ST*834*0001*005010X220A1~BGN*00*1*20250101*1200****2~N1*P5*BIRCH INC*FI*123456789~N1*IN*LAKESHORE HEALTH*94*LSH01~"
    "INS*Y*18*021*XN*A***FT~REF*0F*MEM1~REF*1L*GRP1~NM1*IL*1*BIRCH*ADA***JR*34*900123456~PER*IP**HP*6085550142~DMG*D8*19800422*F~"
    "HD*021**HLT*GOLD*EMP~DTP*348*D8*20250101~INS*N*19*024*07*A~REF*0F*MEM1~REF*1L*GRP1~NM1*IL*1*BIRCH*TOM~"
    "DMG*D8*20150422*M~HD*024**HLT*GOLD~DTP*348*D8*20240101~DTP*349*D8*20241231~SE*21*0001~"
)


def interchange(*transactions: str, group: str = "HC", version: str = "005010X222A1") -> str:
    return f"{ISA}GS*{group}*S*R*20250101*1200*1*X*{version}~{''.join(transactions)}GE*{len(transactions)}*1~IEA*1*000000905~"


WHOLE = interchange(CLAIM), interchange(PAYMENT, group="HP"), interchange(ENROLMENT, group="BE")


def read(state: StateManager, path: Path, name: str = "s", mode: str = "create") -> Imported:
    """Import a file through the public door."""
    imported = hs.open(state.database.location.path).import_(path, as_=name, mode=mode)
    assert isinstance(imported, Imported)
    return imported


def told(path: Path) -> str | None:
    """The format of a file, by its content."""
    known = recognised(path)
    return known.name if known is not None else None


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.edi"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


class Taken:
    """Stands for an intake, so that a reader can be looked at without a database."""

    position = 0

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}

    def take(self, kind: str, text: str, entity_id: str, from_content: bool, rows: Any, provenance: Any) -> None:
        self.documents.append({"is": kind, **json.loads(text)})
        for made in rows:
            row = self.rows.setdefault((made.entity_type.name, made.entity_id), {})
            row.update({name: value for name, value in made.row.items() if value is not None})

    def of(self, name: str) -> list[dict[str, Any]]:
        return [row for (type_name, _), row in self.rows.items() if type_name == name]


def taken(path: Path) -> tuple[Taken, Reading]:
    """What the reader makes of a file."""
    into = Taken()
    reading = Reading(into)  # type: ignore[arg-type]  # it stands for one
    read_x12(path, reading)
    return into, reading


def rows(state: StateManager, sql: str) -> list[tuple[Any, ...]]:
    with scenario_tables(state.database, "s") as tables:
        return tables.execute(sql).fetchall()


# -- delimiters ------------------------------------------------------------------------------------------------

DELIMITERS = {
    "usual": ("*", ":", "^", "~", ""),
    "line by line": ("*", ":", "^", "~", "\n"),
    "windows lines": ("*", ":", "^", "~", "\r\n"),
    "pipes": ("|", ">", "!", "\n", ""),
    "returns": ("+", "<", "^", "\r\n", ""),
    "control characters": ("\x1d", "\x1f", "\x1c", "\x1e", ""),
}


@pytest.mark.parametrize("name", DELIMITERS)
def test_an_interchange_says_its_delimiters(tmp_path: Path, name: str) -> None:
    element, component, repetition, end, between = DELIMITERS[name]
    table = str.maketrans({"*": element, ":": component, "^": repetition})
    text = "".join(part.translate(table) + end + between for part in "".join(WHOLE).split("~")[:-1])
    path = written(tmp_path, text)
    assert told(path) == "x12"
    into, reading = taken(path)
    assert reading.tally.units == 3
    assert list(reading.tally.oddities) == []
    (claim,) = into.of("claim")
    assert (claim["claim_id"], claim["status"], claim["total_paid"], claim["principal_diagnosis"]) == (
        "C1",
        "paid",
        80,
        "E11.9",
    )
    kept = "".join(document["text"] for document in into.documents).translate({ord(letter): None for letter in "\r\n"})
    for part in "".join(WHOLE).split("~")[:-1]:
        assert part.translate(table).replace("\r\n", "") in kept


@pytest.mark.parametrize("text", ["", "ISA", "ISA*00", "ISA*00*" + "x" * 600, "ISAA00A", "nothing of the kind"])
def test_what_cannot_be_split_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be split into segments of X12"):
        taken(written(tmp_path, text))


@given(data=st.binary(max_size=400), at=st.integers(0, 800))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_end_in_a_traceback(tmp_path: Path, data: bytes, at: int) -> None:
    whole = WHOLE[0].encode()
    try:
        into, _ = taken(written(tmp_path, whole[:at] + data + whole[at:]))
    except InvalidInput:
        assert at < 120 or b"ISA" in data, "only an ISA can make it impossible to split"
    else:
        assert into.documents


# -- what the segments mean ------------------------------------------------------------------------------------


def test_claims_payments_and_enrolment_meet(state: StateManager, tmp_path: Path) -> None:
    read(state, written(tmp_path, "".join(WHOLE)))
    assert rows(
        state,
        "SELECT claim_type, place_of_service, total_charge::VARCHAR, total_paid::VARCHAR, member_responsibility::VARCHAR,"
        " status, paid_date::VARCHAR, service_date::VARCHAR, service_end_date::VARCHAR, authorization_number, subscriber_id"
        " FROM claims",
    ) == [
        (
            "professional",
            "11",
            "150.00",
            "80.00",
            "20.00",
            "paid",
            "2025-03-20",
            "2025-03-04",
            "2025-03-05",
            "AUTH1",
            "MEM1",
        )
    ]
    assert rows(
        state,
        "SELECT claim_line_id, line_number, procedure_code, charge_amount::VARCHAR, paid_amount::VARCHAR, allowed_amount::VARCHAR,"
        " copay_amount::VARCHAR, adjustment_reason_code FROM claim_lines ORDER BY line_number",
    ) == [
        ("L1", 1, "99213", "100.00", "60.00", "80.00", "20.00", "45"),
        ("C1-2", 2, "80061", "50.00", "20.00", "20.00", "0.00", "45"),
    ]
    assert rows(
        state,
        "SELECT m.given_name, m.relationship_code, m.birth_date::VARCHAR, m.coverage_status, m.coverage_end::VARCHAR, m.plan_code"
        " FROM members AS m ORDER BY 1",
    ) == [
        ("ADA", "18", "1980-04-22", "active", None, "GOLD"),
        ("TOM", "19", "2015-04-22", "terminated", "2024-12-31", "GOLD"),
    ]
    assert rows(
        state,
        "SELECT p.given_name, m.given_name, r.family_name, b.name, b.tax_id FROM claims AS c JOIN patients AS p USING (patient_id)"
        " JOIN members AS m USING (member_id) JOIN providers AS r ON r.provider_id = c.rendering_provider_id"
        " JOIN facilities AS b ON b.facility_id = c.billing_facility_id",
    ) == [("TOM", "TOM", "HILL", "LAKE CLINIC", "12-3456789")]


def test_adjustments_and_every_diagnosis_survive_x12_edi_parser_26(state: StateManager, tmp_path: Path) -> None:
    read(state, written(tmp_path, "".join(WHOLE)))
    ((others,),) = rows(state, "SELECT other_diagnoses FROM claims")
    assert json.loads(others) == ["I10", "E78.5", "W18.30XA"]
    texts = "".join(text for (text,) in rows(state, "SELECT document->>'text' FROM scenario_documents"))
    for segment in "".join(WHOLE).split("~")[:-1]:
        assert segment in texts
    for name in (
        "CAS*CO*45*25*1*97*5~",
        "PLB*1234567893*20251231*72:X*10~",
        "PWK*OZ*BM***AC*DMN0012~",
        "CRC*ZZ*Y*AV~",
        "HI*ABN:W1830XA~",
    ):
        assert name in texts
    assert rows(state, "SELECT count(*) FROM members WHERE family_name = 'OTHER'") == [(0,)], (
        "another payer's subscriber"
    )
    ((payment,),) = rows(state, "SELECT document->>'payment' FROM scenario_documents WHERE document->>'kind' = '835'")
    assert json.loads(payment)["trace"] == "T1"


def test_a_payment_that_is_taken_back_leaves_nothing_paid(state: StateManager, tmp_path: Path) -> None:
    back = PAYMENT.replace("CLP*C1*1*150*80*20", "CLP*C1*22*-150*-80*-20")
    read(state, written(tmp_path, interchange(PAYMENT, group="HP") + interchange(back, group="HP")))
    assert rows(state, "SELECT status, total_charge::VARCHAR, total_paid::VARCHAR FROM claims") == [
        ("reversed", "150.00", "0.00")
    ]
    assert rows(state, "SELECT sum(paid_amount)::VARCHAR, sum(member_responsibility)::VARCHAR FROM claim_lines") == [
        ("0.00", "0.00")
    ]


# -- tolerance -------------------------------------------------------------------------------------------------

CLAIMS = WHOLE[0]
ODD = {
    "SE01 does not say how many segments there are": CLAIMS.replace("SE*41*", "SE*7*"),
    "SE02 is not ST02": CLAIMS.replace("SE*41*0001", "SE*41*0009"),
    "GE01 does not say how many transaction sets there are": CLAIMS.replace("GE*1*", "GE*4*"),
    "IEA02 is not ISA13": CLAIMS.replace("IEA*1*000000905", "IEA*1*000000906"),
    "an ISA that is not 106 characters long": CLAIMS.replace("ISA*00*          *", "ISA*00**"),
    "a transaction set without SE": CLAIMS.replace("SE*41*0001~", ""),
    "the last segment has no terminator": CLAIMS[:-1],
    "a claim whose lines do not add up to its total (CLM02)": CLAIMS.replace("CLM*C1*150*", "CLM*C1*151*"),
    "a date that is none": CLAIMS.replace("D8*20250305", "D8*20251305"),
    "an amount that is none": CLAIMS.replace("80061*50*", "80061*fifty*"),
    "a gender (DMG03) other than M, F and U": CLAIMS.replace("20150422*M", "20150422*X"),
    "a qualifier of a code (HI) that is not known": CLAIMS.replace("HI*ABN:", "HI*QQ:"),
    "a service line without LX": CLAIMS.replace("LX*1~", "").replace("LX*2~", ""),
    "a segment outside of a transaction set": CLAIMS.replace("GE*1", "ZZZ*9~GE*1"),
    "text that is not UTF-8; read as Latin-1": CLAIMS.replace("BIRCH*ADA", "BIRCH*AD\u00c9").encode("latin-1"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_odd_is_read_and_said(tmp_path: Path, what: str) -> None:
    into, reading = taken(written(tmp_path, ODD[what]))
    assert what in reading.tally.oddities
    assert all(oddity.line for oddity in reading.tally.oddities.values())
    assert [(claim["claim_id"], claim["principal_diagnosis"]) for claim in into.of("claim")] == [("C1", "E11.9")]
    assert len(into.of("claim_line")) == 2


def test_levels_may_be_missing(tmp_path: Path) -> None:
    text = "".join(part + "~" for part in CLAIMS.split("~")[:-1] if not part.startswith(("HL*", "SBR*S")))
    into, _ = taken(written(tmp_path, text))
    assert [(claim["claim_id"], claim["billing_facility_id"]) for claim in into.of("claim")] == [("C1", "1234567893")]


def test_a_transaction_set_alone_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, CLAIM)
    assert told(path) == "x12"
    into, reading = taken(path)
    assert "segments without an interchange around them (no ISA)" in reading.tally.oddities
    assert [claim["claim_id"] for claim in into.of("claim")] == ["C1"]


def test_two_claims_of_one_number_are_kept_apart(tmp_path: Path) -> None:
    other = CLAIM.replace("BIRCH*TOM", "BIRCH*EVE").replace("20250304", "20250604")
    into, reading = taken(written(tmp_path, interchange(CLAIM, other, CLAIM)))
    assert [oddity for oddity in reading.tally.oddities if "CLM01" in oddity]
    assert sorted(claim["claim_id"] for claim in into.of("claim")) == ["C1", "C1~2"]


def test_a_void_or_replaced_claim_is_the_same_claim(tmp_path: Path) -> None:
    void = CLAIM.replace("11:B:1", "11:B:8").replace("20250304", "20250303")
    into, reading = taken(written(tmp_path, interchange(CLAIM, void)))
    assert list(reading.tally.oddities) == []
    assert [(claim["claim_id"], claim["status"]) for claim in into.of("claim")] == [("C1", "reversed")]


def test_what_is_no_claim_is_kept_and_counted(state: StateManager, tmp_path: Path) -> None:
    request = "ST*278*0001*005010X217~BHT*0007*13*1*20250101*1200~SE*3*0001~"
    imported = read(state, written(tmp_path, interchange(request, group="HI")))
    assert imported.sources[0].kept == {"x12_transaction": 1, "x12_interchange": 1}
    assert rows(state, "SELECT document->>'text' FROM scenario_documents WHERE document->>'kind' = '278'") == [
        (request,)
    ]
