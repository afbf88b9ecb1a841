"""Files come in and scenarios go out through the pages: what is read and written, and what attackers try."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from clinic_pages import HERE, HOSTILE, browser
from starlette.testclient import TestClient

from healthsim.web.guard import LARGEST_BODY, LARGEST_UPLOAD, Keys
from healthsim.web.runs import Runs
from healthsim.web.visits import Upload
from healthsim.workbench import Workbench
from waiting import until

OURS = {"origin": HERE, "sec-fetch-site": "same-origin"}
SHARED = json.dumps({"patients": [{"patient_id": "P1", "given_name": "Ada"}, {"patient_id": "P2"}]}).encode()
FIELDS = {"mode": "create"}


def finished(page: TestClient, answer: Any) -> dict[str, Any]:
    """The run that a form has begun, when it has ended."""
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    until(lambda: page.get(f"{address}.json").json()["state"] != "running", "the run ends")
    return dict(page.get(f"{address}.json").json())


def sent(page: TestClient, files: Any, **fields: str) -> Any:
    return page.post("/import", data=FIELDS | fields, files=files, headers=OURS)


@pytest.fixture
def folder(bench: Workbench) -> Path:
    """The first folder that may be read."""
    folder = bench.settings.folders[0]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_file_that_is_sent_becomes_a_scenario_with_a_report(page: TestClient) -> None:
    run = finished(page, sent(page, {"files": ("week one.json", SHARED)}))
    assert run["state"] == "done", run["message"]
    shown = page.get(f"/runs/{run['run_id']}").text
    assert "Saved &#39;week one&#39;: 2 entities." in shown
    assert "healthsim import &#39;week one.json&#39;" in shown
    (source,) = run["answer"]["sources"]
    assert (source["path"], source["format"], source["entities"]) == ("week one.json", "share", {"patients": 2})
    assert page.get(run["result"]).status_code == 200
    taken = finished(page, sent(page, {"files": ("week one.json", SHARED)}))
    assert (taken["state"], "'week one'" in taken["message"]) == ("failed", True)
    assert finished(page, sent(page, {"files": ("week one.json", SHARED)}, mode="overwrite"))["state"] == "done"


def test_several_files_become_one_scenario(page: TestClient) -> None:
    files = [("files", ("a.json", SHARED)), ("files", ("b.json", SHARED.replace(b"P", b"Q")))]
    run = finished(page, sent(page, files, as_="both"))
    assert run["state"] == "done", run["message"]
    assert page.get("/s/both.json").json()["entities_by_type"] == {"patients": 4}
    twice = sent(page, [("files", ("a.json", SHARED)), ("files", ("a.json", SHARED))])
    assert twice.status_code == 422
    assert "Two of the files are called &#39;a.json&#39;" in twice.text


def test_a_path_of_this_machine_is_imported(page: TestClient, folder: Path) -> None:
    (folder / "mine.json").write_bytes(SHARED)
    run = finished(page, page.post("/import", data=FIELDS | {"path": "mine.json"}, headers=OURS))
    assert run["state"] == "done", run["message"]
    assert page.get("/s/mine.json").json()["entities_by_type"] == {"patients": 2}


def test_what_cannot_be_read_says_why_without_the_folder_of_the_server(page: TestClient) -> None:
    run = finished(page, sent(page, {"files": ("notes.txt", b"Dear diary")}))
    assert run["state"] == "failed"
    assert "notes.txt" in run["message"]
    assert "healthsim-ui-" not in json.dumps(run)


@pytest.mark.parametrize(
    "fields",
    [{"path": "x.json", "mode": "explode"}, {"path": "", "mode": "create"}, {"path": "nothing.json", "mode": "create"}],
)
def test_a_form_that_says_nothing_of_use_is_refused(page: TestClient, fields: dict[str, str]) -> None:
    assert page.post("/import", data=fields, headers=OURS).status_code in (404, 422)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../healthsim.duckdb", "~/.ssh/id_ed25519", "file:///etc/passwd", "s3://bucket/x", "\0"]
)
def test_paths_outside_of_the_folders_are_refused(page: TestClient, folder: Path, path: str) -> None:
    answer = page.post("/import", data=FIELDS | {"path": path}, headers=OURS)
    assert answer.status_code in (404, 422), path
    assert "root:" not in answer.text


def test_a_link_does_not_lead_out_of_the_folders(page: TestClient, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_bytes(SHARED)
    (folder / "link.json").symlink_to(secret)
    answer = page.post("/import", data=FIELDS | {"path": "link.json"}, headers=OURS)
    assert answer.status_code == 422
    assert "outside of the folders" in answer.text


@pytest.mark.parametrize(
    "name",
    ["../../evil.json", "..\\..\\evil.json", "/etc/evil.json", "\0evil.json", ".evil.json", HOSTILE, "a" * 500],
)
def test_the_name_of_a_file_that_is_sent_is_no_path(page: TestClient, tmp_path: Path, name: str) -> None:
    upload = Upload.of(name, io.BytesIO())
    assert "/" not in upload.name
    assert not upload.name.startswith(".")
    assert 0 < len(upload.name.encode()) <= 200
    run = finished(page, sent(page, {"files": (name, SHARED)}, as_="sent"))
    assert run["state"] == "done", run["message"]
    assert not list(tmp_path.rglob("*evil*"))
    assert "<script>" not in page.get(f"/runs/{run['run_id']}").text


def test_only_the_form_that_wants_files_is_large_and_takes_any(page: TestClient) -> None:
    large = {"content-length": str(LARGEST_UPLOAD + 1)}
    assert page.post("/import", content=b"x", headers=OURS | large).status_code == 413
    some = {"content-length": str(LARGEST_BODY + 1)}
    assert page.post("/s/clinic/change/tag", content=b"x", headers=OURS | some).status_code == 413
    assert page.post("/s/clinic/change/tag", files={"value": ("x", b"x")}, headers=OURS).status_code == 400
    assert page.post("/import", data=FIELDS, files={"files": ("x.json", SHARED)}).status_code == 403, "another page"


def test_read_only_pages_neither_take_nor_write(bench: Workbench, keys: Keys) -> None:
    with browser(bench, keys, read_only=True) as client:
        assert client.post("/import", data=FIELDS, files={"files": ("x.json", SHARED)}, headers=OURS).status_code == 403
        assert client.post("/s/clinic/export", data={"format": "share"}, headers=OURS).status_code == 403
        assert '<form method="post"' not in client.get("/import").text + client.get("/s/clinic/export?format=fhir").text


def exported(page: TestClient, format: str, **options: str) -> tuple[dict[str, Any], Any]:
    run = finished(page, page.post("/s/clinic/export", data={"format": format, **options}, headers=OURS))
    assert run["state"] == "done", run["message"]
    return run, page.get(f"/runs/{run['run_id']}/file")


def test_a_scenario_is_written_and_fetched(page: TestClient, bench: Workbench) -> None:
    run, answer = exported(page, "share")
    assert answer.headers["content-disposition"] == 'attachment; filename="clinic.json"'
    assert answer.headers["content-type"] == "application/octet-stream", "a browser does not show it"
    assert answer.content == _document(bench)
    run, answer = exported(page, "omop", o_format="csv")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert any(name.endswith("person.csv") for name in archive.namelist())
    assert "--format csv" in page.get(f"/runs/{run['run_id']}").text
    assert "healthsim-ui-" not in json.dumps(run)


def _document(bench: Workbench) -> bytes:
    stream = io.BytesIO()
    bench.export("share", "clinic", stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["share", "fhir", "parquet"])
@pytest.mark.long
def test_what_goes_out_comes_in_again(page: TestClient, name: str) -> None:
    _, answer = exported(page, name)
    run = finished(page, sent(page, {"files": (f"again.{name}", answer.content)}, as_="again"))
    assert run["state"] == "done", run["message"]
    assert page.get("/s/again.json").json()["entities_by_type"]["claims"] == 1


def test_every_format_is_offered_here_or_said_to_be_elsewhere(page: TestClient, bench: Workbench) -> None:
    rows = page.get("/s/clinic/export.json").json()["formats"]
    assert [row["format"] for row in rows] == [entry.name for entry in bench.formats() if entry.write is not None]
    for row in rows:
        answer = page.get(f"/s/clinic/export?format={row['format']}")
        assert answer.status_code == (200 if row["where"] == "here" else 422), row
    assert "databricks" in [row["format"] for row in rows if row["where"] != "here"]


def test_a_page_sends_nothing_elsewhere_and_names_no_file(page: TestClient) -> None:
    """An option that reaches beyond this machine is not asked for, and not taken where it is said all the same."""
    shown = page.get("/s/clinic/export?format=hl7v2").text
    assert 'name="o_mllp"' not in shown
    assert "--mllp" in shown, "it is said where it can be"
    run, _ = exported(page, "hl7v2", o_mllp="127.0.0.1:1")
    assert "--mllp" not in page.get(f"/runs/{run['run_id']}").text
    assert page.post("/s/clinic/export", data={"format": "databricks"}, headers=OURS).status_code == 422
    wrong = page.post("/s/clinic/export", data={"format": "omop", "o_format": "../../x"}, headers=OURS)
    assert wrong.status_code == 400


def test_files_of_runs_are_of_this_server_and_go_with_it(page: TestClient) -> None:
    assert page.get("/runs/lost/file").status_code == 404
    runs = Runs()
    folder = runs.folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    runs.stop()
    assert not folder.parent.exists()
