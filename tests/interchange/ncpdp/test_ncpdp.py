"""NCPDP D.0: amounts, headers, what dzero reads of it, what comes back, and files of others."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import healthsim as hs
from healthsim.db.connection import Database
from healthsim.errors import InvalidInput
from healthsim.exchange.ncpdp.codecs import OVERPUNCH, from_overpunched, overpunched
from healthsim.exchange.ncpdp.export import export_ncpdp
from healthsim.exchange.ncpdp.transmission import FS, GS, SS
from healthsim.exchange.sources import recognised
from healthsim.results import Imported
from healthsim.state.manager import StateManager
from healthsim.state.tables import scenario_tables


@pytest.fixture(scope="module")
def exported(population: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its transmissions."""
    folder = tmp_path_factory.mktemp("exported") / "ncpdp"
    export_ncpdp(population, "town", folder)
    return folder


def read(state: StateManager, *paths: Path, name: str = "s", mode: str = "create") -> Imported:
    """Import files through the public door."""
    imported = hs.open(state.database.location.path).import_(*paths, as_=name, mode=mode)
    assert isinstance(imported, Imported)
    return imported


def told(path: Path) -> str | None:
    """The format of a file, by its content."""
    known = recognised(path)
    return known.name if known is not None else None


def rows(state: StateManager, sql: str) -> list[tuple[Any, ...]]:
    with scenario_tables(state.database, "s") as tables:
        return tables.execute(sql).fetchall()


# -- amounts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "{"), (1, "A"), (1250, "125{"), (1259, "125I"), (-1250, "125}"), (-9, "R"), (-1257, "125P")]
)
def test_the_sign_of_an_amount_is_punched_over_its_last_digit(cents: int, text: str) -> None:
    assert overpunched(cents) == text
    assert from_overpunched(text) == cents


@settings(deadline=None)
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_amounts_come_back(amount: Decimal) -> None:
    assert OVERPUNCH.read(OVERPUNCH.write(amount, 12)) == amount


@pytest.mark.parametrize("text", ["", "12Z", "1A2", "A1", "--", "{{"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        from_overpunched(text)


# -- what is written -------------------------------------------------------------------------------------------


def test_headers_have_fixed_widths(exported: Path) -> None:
    requests = (exported / "requests.ncpdp").read_text("ascii").split("\n")[:-1]
    responses = (exported / "responses.ncpdp").read_text("ascii").split("\n")[:-1]
    assert len(requests) == len(responses) > 100
    for text in requests:
        assert re.match(rf"\d{{6}}D0B[12].{{10}}101\d{{10}} {{5}}\d{{8}}HEALTHSIM {SS}", text)
        assert text.index(SS) == 56
    for request, response in zip(requests, responses, strict=True):
        assert response[:5] == f"{request[6:10]}1"
        assert response[6:31] == request[21:46], "provider and day are those of the request"
        assert response[31] == GS


def test_dzero_reads_what_is_written(population: Database, exported: Path) -> None:
    from dzero_python import Request, Response

    with scenario_tables(population, "town") as tables:
        claims = tables.execute(
            "SELECT c.ndc, (c.quantity_dispensed * 1000)::BIGINT, c.days_supply, c.status, c.reject_code, p.prescription_number,"
            " c.cardholder_id, c.plan_paid_amount FROM pharmacy_claims AS c JOIN prescriptions AS p USING (prescription_id)"
            " ORDER BY c.rx_member_id, c.service_date, c.pharmacy_claim_id"
        ).fetchall()
    pairs = zip(
        (exported / "requests.ncpdp").read_text().split("\n")[:-1],
        (exported / "responses.ncpdp").read_text().split("\n")[:-1],
        strict=True,
    )
    read_back = []
    reversed_claims = 0
    for asked, answered in pairs:
        request, response = Request.parse(asked), Response.parse(answered)
        claim = request.transaction_groups[0].claim_segment
        status = response.transaction_groups[0].response_status_segment
        if request.header["transaction_code"] == "B2":
            reversed_claims += 1
            assert status["AN"] == "A"
            continue
        paid = response.transaction_groups[0].response_pricing_segment["F9"]
        read_back.append(
            (
                claim["D7"],
                int(claim["E7"]),
                int(claim["D5"]),
                status["AN"],
                status["FB"] if status["AN"] == "R" else None,
                claim["D2"],
                request.transmission_group.insurance_segment["C2"],
                OVERPUNCH.read(paid) if status["AN"] == "P" else Decimal(0),
            )
        )
    assert read_back == [
        (*claim[:3], "R" if claim[3] == "rejected" else "P", *claim[4:7], claim[7]) for claim in claims
    ]
    assert reversed_claims == sum(claim[3] == "reversed" for claim in claims) > 0
    assert any(claim[3] == "rejected" for claim in claims)


def test_every_alert_is_in_a_response(population: Database, exported: Path) -> None:
    with scenario_tables(population, "town") as tables:
        codes = [code for (code,) in tables.execute("SELECT reason_for_service_code FROM dur_alerts").fetchall()]
    text = (exported / "responses.ncpdp").read_text()
    assert sorted(re.findall(rf"AM24{FS}J6\d+{FS}E4(\w\w)", text)) == sorted(codes) != []


# -- round trip ------------------------------------------------------------------------------------------------

#: columns that come back as they are, by table and the columns that pair its rows
CARRIED = {
    "pharmacy_claims": (
        "prescription_number, fill_number, service_date",
        "transaction_code ndc quantity_dispensed days_supply daw_code status reject_code authorization_number"
        " cardholder_id person_code group_number bin pcn ingredient_cost dispensing_fee gross_amount_due"
        " usual_and_customary_charge plan_paid_amount patient_pay_amount",
    ),
    "prescriptions": (
        "prescription_number",
        "ndc days_supply daw_code quantity_prescribed refills_authorized written_date",
    ),
    "rx_members": ("cardholder_id, person_code", "group_number bin pcn birth_date gender state postal_code phone"),
    "dur_alerts": (
        "prescription_number, fill_number, service_date",
        "reason_for_service_code professional_service_code result_of_service_code clinical_significance_code",
    ),
    "pharmacies": ("npi", "npi"),
}
#: the same, but that words come back in upper case, as far as their fields are long
IN_UPPER_CASE = {
    "rx_members": {"given_name": 12, "family_name": 15, "address_line1": 30, "city": 20},
    "dur_alerts": {"message": 30},
}
#: D.0 has no field for them
NOT_CARRIED = {
    "pharmacy_claims": "paid_date drug_name",
    "prescriptions": "drug_name rxnorm_code directions expiration_date",
}
_KEYED = {
    "pharmacy_claims": "SELECT c.* EXCLUDE (prescription_number), p.prescription_number FROM {0}.pharmacy_claims AS c"
    " JOIN {0}.prescriptions AS p USING (scenario_id, prescription_id)",
    "dur_alerts": "SELECT d.*, p.prescription_number, c.fill_number, c.service_date FROM {0}.dur_alerts AS d"
    " JOIN {0}.pharmacy_claims AS c USING (scenario_id, pharmacy_claim_id)"
    " JOIN {0}.prescriptions AS p ON p.scenario_id = c.scenario_id AND p.prescription_id = c.prescription_id",
}


@pytest.fixture(scope="module")
def both(population: Database, exported: Path) -> Database:
    """The database with the scenario and, as ``pharmacy``, what was read of its transmissions."""
    imported = read(
        StateManager(population), exported / "requests.ncpdp", exported / "responses.ncpdp", name="pharmacy"
    )
    assert not [oddity for source in imported.sources for oddity in source.oddities]
    return population


@pytest.mark.parametrize("table", CARRIED)
def test_what_d0_carries_comes_back(both: Database, table: str) -> None:
    key, exact = CARRIED[table]
    same = {column: (f"a.{column}", f"b.{column}") for column in exact.split()}
    for column, length in IN_UPPER_CASE.get(table, {}).items():
        same[column] = (f"trim(left(upper(strip_accents(a.{column})), {length}))", f"b.{column}")
    query = _KEYED.get(table, f"SELECT * FROM {{0}}.{table}").format("main")
    with both.read() as connection:
        ids = dict(connection.execute("SELECT name, scenario_id::VARCHAR FROM scenarios").fetchall())
        sides = [f"(SELECT * FROM ({query}) WHERE scenario_id = '{ids[name]}')" for name in ("town", "pharmacy")]
        pairs = f"{sides[0]} AS a JOIN {sides[1]} AS b USING ({key})"
        assert connection.execute(f"SELECT count(*) FROM {pairs}").fetchall()[0][0] > 0
        different = {
            column: connection.execute(
                f"SELECT count(*), any_value(({sent})::VARCHAR), any_value(({back})::VARCHAR) FROM {pairs}"
                f" WHERE ({sent}) IS DISTINCT FROM ({back})"
            ).fetchall()[0]
            for column, (sent, back) in same.items()
        }
        counts = [connection.execute(f"SELECT count(*) FROM {side}").fetchall()[0][0] for side in sides]
    assert {column: found for column, found in different.items() if found[0]} == {}
    if table == "pharmacy_claims":
        assert counts[0] == counts[1]


# -- hostile text, files of others -----------------------------------------------------------------------------


def claim_with(name: str, cardholder: str) -> dict[str, Any]:
    return {
        "rx_members": [{"rx_member_id": "R1", "family_name": name, "cardholder_id": cardholder, "bin": "610014"}],
        "pharmacy_claims": [
            {
                "pharmacy_claim_id": "C1",
                "member_id": "R1",
                "prescription_number": "77",
                "fill_date": "2025-03-05",
                "ndc": "1",
            }
        ],
    }


@settings(deadline=None)
@given(name=st.text(max_size=40), cardholder=st.text(min_size=1, max_size=30))
def test_no_text_breaks_a_transmission(name: str, cardholder: str) -> None:
    from healthsim.exchange.ncpdp import fields
    from healthsim.exchange.ncpdp.transmission import segment_text

    text = segment_text(fields.PATIENT, {"rx_member.family_name": name}) + segment_text(
        fields.INSURANCE, {"pharmacy_claim.cardholder_id": cardholder}
    )
    assert text.isascii()
    for segment in text.split(SS)[1:]:
        assert all(field[:2] in ("AM", "CB", "C2", "C5", "C6") for field in segment.split(FS)[1:])
        assert segment.replace(FS, "").isprintable()


def test_a_scenario_with_hostile_names_is_written_and_said(state: StateManager, tmp_path: Path) -> None:
    hostile = f"Zo\u00eb {FS}{SS}{GS}\n\u4e2d" + "x" * 40
    state.save("s", claim_with(hostile, "A" * 30))
    written = export_ncpdp(state.database, "s", tmp_path / "out")
    lines = (tmp_path / "out" / "requests.ncpdp").read_text("ascii").split("\n")[:-1]
    assert len(lines) == 1
    assert f"{FS}CBZOE" in lines[0]
    assert written.left_out[0] == "2 values were shortened, or lost characters that D.0 does not have"


REQUEST = (
    "610014D0B1RXGROUP   2011234567893     20250115VENDOR    "
    f"{SS}{FS}AM04{FS}C2001234001{FS}C1CORP001{FS}C301{SS}{FS}AM01{FS}C419780315{FS}C51{FS}CAJOHN{FS}CBSMITH"
    f"{GS}{SS}{FS}AM07{FS}EM1{FS}D278901234{FS}E103{FS}D700093505601{FS}E730000{FS}D30{FS}D530{FS}D80{SS}{FS}AM11{FS}D985{{{FS}DU105{{"
    f"{GS}{SS}{FS}AM07{FS}EM1{FS}D278901235{FS}E103{FS}D700093505602{FS}E7XX{FS}ZZnew{SS}{FS}AM99{FS}A1x"
)
RESPONSE = (
    f"D0B12A011234567893     20250115{GS}{SS}{FS}AM21{FS}ANP{FS}F3AUTH1{SS}{FS}AM22{FS}EM1{FS}D278901234{SS}{FS}AM23{FS}F5100{{{FS}F925}}"
    f"{GS}{SS}{FS}AM21{FS}ANR{FS}FA2{FS}FB75{FS}FB70{SS}{FS}AM22{FS}EM1{FS}D278901235{SS}{FS}AM24{FS}J61{FS}E4DD{FS}FS1{FS}J62{FS}E4ER"
)


@pytest.mark.parametrize(
    "frame",
    [
        "{0}\n{1}\n",
        "\x02{0}\x03\x02{1}\x03",
        "\r\n{0}\r\n\r\n{1}",
        "\x0200T1\x03\x02G10000000001{0}\x03\x02G10000000002{1}\x03\x0299\x03",
    ],
)
def test_files_of_others_are_read(state: StateManager, tmp_path: Path, frame: str) -> None:
    path = tmp_path / "switch.dat"
    path.write_bytes(frame.format(REQUEST, RESPONSE).encode())
    assert told(path) == "ncpdp"
    imported = read(state, path)
    assert imported.sources[0].units == 2
    assert rows(
        state,
        "SELECT prescription_number, ndc, quantity_dispensed::VARCHAR, status, reject_code, patient_pay_amount::VARCHAR,"
        " plan_paid_amount::VARCHAR, authorization_number, ingredient_cost::VARCHAR FROM pharmacy_claims ORDER BY 1",
    ) == [
        ("78901234", "00093505601", "30.00", "paid", None, "10.00", "-2.50", "AUTH1", "8.50"),
        ("78901235", "00093505602", None, "rejected", "75", "0.00", "0.00", None, None),
    ]
    assert rows(state, "SELECT given_name, birth_date::VARCHAR, gender FROM rx_members") == [
        ("JOHN", "1978-03-15", "M")
    ]
    assert rows(state, "SELECT alert_type FROM dur_alerts ORDER BY 1") == [("DD",), ("ER",)]
    (document,) = rows(
        state, "SELECT document->>'text' FROM scenario_documents WHERE document->>'kind' = 'B1 request'"
    )[0]
    assert document.endswith(REQUEST), "what has no column is in the document"
    assert [oddity.what for oddity in imported.sources[0].oddities] == [
        "a value of E7 (quantity_dispensed) that is no quantity, thousandths"
    ]


def test_a_claim_that_comes_again_is_another_one_and_a_reversal_takes_back_the_last(
    state: StateManager, tmp_path: Path
) -> None:
    one = REQUEST.partition(GS)[0] + GS + REQUEST.split(GS)[1]
    answer = RESPONSE.partition(GS)[0] + GS + RESPONSE.split(GS)[1]
    rejected = answer.replace("ANP", "ANR")
    back = one.replace("D0B1", "D0B2")
    path = tmp_path / "day.ncpdp"
    path.write_text("\n".join([one, rejected, one, answer, back, answer.replace("D0B1", "D0B2").replace("ANP", "ANA")]))
    read(state, path)
    assert rows(state, "SELECT status FROM pharmacy_claims ORDER BY pharmacy_claim_id") == [
        ("rejected",),
        ("reversed",),
    ]
    before = rows(state, "SELECT * EXCLUDE (created_at, saved_at) FROM pharmacy_claims ORDER BY ALL")
    read(state, path, mode="merge")
    assert rows(state, "SELECT * EXCLUDE (created_at, saved_at) FROM pharmacy_claims ORDER BY ALL") == before


def test_what_holds_no_transmission_is_refused(state: StateManager, tmp_path: Path) -> None:
    path = tmp_path / "empty.ncpdp"
    path.write_text("nothing\n")
    with pytest.raises(InvalidInput, match="is of no format that can be read"):
        read(state, path)


OLD = {
    "transaction_header": {"bin_number": "610014", "version": "D0", "transaction_code": "B1", "pcn": "RXGROUP"},
    "insurance_segment": {"cardholder_id": "001234001", "group_id": "CORP001", "person_code": "01"},
    "patient_segment": {"date_of_birth": "1978-03-15", "patient_first_name": "John", "patient_last_name": "Smith"},
    "claim_segment": {
        "prescription_reference_number": "78901234",
        "product_service_id": "00093505601",
        "quantity_dispensed": 30.000,
        "days_supply": 30,
        "date_prescription_written": "20250110",
        "date_of_service": "2025-01-15",
        "fill_number": 0,
    },
    "prescriber_segment": {"prescriber_id_qualifier": "01", "prescriber_id": "1234567893"},
    "pharmacy_segment": {"service_provider_id": "9876543213"},
    "pricing_segment": {
        "ingredient_cost_submitted": 8.50,
        "dispensing_fee_submitted": "2.00",
        "gross_amount_due": 10.50,
    },
    "response": {
        "status": "paid",
        "authorization_number": "AUTH1",
        "patient_pay_amount": 10.0,
        "total_amount_paid": 0.25,
    },
    "dur_alerts": [{"reason_for_service_code": "ER", "message": "8 days early"}],
    "something_else": {"kept": [1, 2]},
}


@pytest.mark.parametrize("several", [False, True])
def test_the_json_of_the_old_implementation_is_read(state: StateManager, tmp_path: Path, several: bool) -> None:
    path = tmp_path / "claim.json"
    path.write_text(json.dumps([OLD] if several else OLD))
    assert told(path) == "ncpdp"
    read(state, path)
    assert rows(
        state,
        "SELECT prescription_number, ndc, quantity_dispensed::VARCHAR, service_date::VARCHAR, status, ingredient_cost::VARCHAR,"
        " plan_paid_amount::VARCHAR, bin, pcn, group_number, authorization_number FROM pharmacy_claims",
    ) == [
        (
            "78901234",
            "00093505601",
            "30.00",
            "2025-01-15",
            "paid",
            "8.50",
            "0.25",
            "610014",
            "RXGROUP",
            "CORP001",
            "AUTH1",
        )
    ]
    assert rows(state, "SELECT given_name, birth_date::VARCHAR FROM rx_members") == [("John", "1978-03-15")]
    assert rows(state, "SELECT written_date::VARCHAR FROM prescriptions") == [("2025-01-10",)]
    assert rows(state, "SELECT reason_for_service_code, message FROM dur_alerts") == [("ER", "8 days early")]
    assert rows(state, "SELECT npi FROM providers") == [("1234567893",)]
    ((document,),) = rows(state, "SELECT document FROM scenario_documents")
    assert json.loads(document) == OLD
