"""A small clinic that pages show, one scenario that wants to be code, and browsers before the gate."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from healthsim.web.app import UPLOADS, create_app
from healthsim.web.guard import Guard, Keys
from healthsim.workbench import Workbench

PORT = 43210
HERE = f"http://127.0.0.1:{PORT}"
HOSTILE = '<script>alert(1)</script>"><svg onload=alert(2)>'
CLINIC: dict[str, list[dict[str, Any]]] = {
    "patients": [
        {
            "patient_id": f"P{n:03}",
            "mrn": f"MRN{n}",
            "given_name": "Ada",
            "family_name": f"Birch{n:03}",
            "gender": "FM"[n % 2],
            "birth_date": f"{1940 + n % 60}-04-22",
        }
        for n in range(120)
    ],
    "encounters": [
        {
            "encounter_id": f"E{n}",
            "patient_id": f"P{n % 7:03}",
            "encounter_class": "outpatient",
            "start_datetime": f"2025-0{1 + n % 9}-01T10:00:00",
        }
        for n in range(30)
    ],
    "diagnoses": [
        {
            "diagnosis_id": f"D{n}",
            "patient_id": f"P{n:03}",
            "code": "E11.9",
            "description": "Type 2 diabetes",
            "onset_date": "2020-01-01",
        }
        for n in range(7)
    ],
    "members": [{"member_id": "M1", "patient_id": "P000", "payer_name": "Meridian", "coverage_start": "2024-01-01"}],
    "claims": [
        {
            "claim_id": "C1",
            "member_id": "M1",
            "patient_id": "P000",
            "service_date": "2025-02-01",
            "total_paid": "1234.50",
            "status": "paid",
        }
    ],
}


def browser(bench: Workbench, keys: Keys, *, read_only: bool = False, inside: bool = True) -> TestClient:
    """A browser before the guarded pages, let in or not."""
    app = Guard(create_app(bench, read_only=read_only), PORT, keys, read_only=read_only, uploads=UPLOADS)
    client = TestClient(app, base_url=HERE, follow_redirects=False)
    if inside:
        assert client.get(f"/?token={keys.new_token()}").status_code == 303
    return client
