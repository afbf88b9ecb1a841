"""The command line as others rely on it: outputs, exit codes, where things are printed."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import healthsim
from healthsim.cli import main
from healthsim.model import ENTITY_TYPES

CLINIC = {
    "patients": [{"id": "P1", "mrn": "M1", "name": {"given_name": "Ada", "family_name": "Birch"}, "gender": "F"}],
    "diagnoses": [{"id": "D1", "patient_mrn": "M1", "code": "E11.9", "diagnosed_date": "2025-01-02"}],
    "care_gaps": [{"id": "G1", "measure": "eye exam"}],
}


class Result:
    """What a command did."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str | Path) -> Result:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        captured = capfd.readouterr()
        code = ended.value.code
        return Result(code if isinstance(code, int) else 0, captured.out, captured.err)

    return call


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.json"
    path.write_text(json.dumps({"name": "clinic", "entities": CLINIC}))
    return path


def test_import_answers_with_what_it_saved(run: Run, clinic: Path) -> None:
    result = run("scenario", "import", clinic, "--json")
    assert result.code == 0
    assert result.json.keys() == {
        "scenario_id",
        "name",
        "format",
        "entity_count",
        "entities_by_type",
        "untyped_types",
        "warnings",
    }
    assert result.json["name"] == "clinic"
    assert result.json["entity_count"] == 3
    assert result.json["entities_by_type"] == {"care_gaps": 1, "diagnoses": 1, "patients": 1}
    assert result.json["untyped_types"] == ["care_gaps"]
    assert result.json["warnings"] == []


def test_a_name_that_is_taken_ends_with_4_unless_told_what_to_do(run: Run, clinic: Path) -> None:
    run("scenario", "import", clinic)
    refused = run("scenario", "import", clinic, "--json")
    assert refused.code == 4
    assert refused.json["error"]["code"] == "already_exists"
    assert "--overwrite" in refused.json["error"]["message"]
    assert refused.err.startswith("healthsim: A scenario 'clinic' exists already.")
    assert run("scenario", "import", clinic, "--overwrite").code == 0
    assert run("scenario", "import", clinic, "--merge").code == 0
    assert run("scenario", "import", clinic, "--name", "other").code == 0
    assert run("scenario", "import", clinic, "--merge", "--overwrite").code == 2


def test_save_takes_a_file_or_standard_input(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in.json"
    source.write_text(json.dumps({"entities": CLINIC}))
    result = run("scenario", "save", "a", "--from", source, "-d", "What it is", "--tag", "x", "--tag", "y", "--json")
    assert result.code == 0
    assert result.json["name"] == "a"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.read_bytes())))
    assert run("scenario", "save", "b", "--from", "-", "--json").json["entity_count"] == 3
    loaded = run("scenario", "load", "a", "--json").json
    assert loaded["description"] == "What it is"
    assert loaded["tags"] == ["x", "y"]


def test_load_prints_the_documents_as_they_were_saved(run: Run, clinic: Path) -> None:
    run("scenario", "import", clinic)
    loaded = run("scenario", "load", "clinic", "--json").json
    assert list(loaded) == [
        "scenario_id",
        "name",
        "description",
        "tags",
        "created_at",
        "updated_at",
        "entity_count",
        "entities",
    ]
    assert loaded["entities"] == CLINIC


def test_load_keeps_the_spelling_of_numbers(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "n.json"
    source.write_text('{"name": "n", "entities": {"labs": [{"id": "1", "value": 2.50, "big": 1e400, "small": 1e-07}]}}')
    run("scenario", "import", source)
    out = run("scenario", "load", "n", "--json").out
    assert '"value": 2.50' in out
    assert '"big": 1e400' in out
    assert '"small": 1e-07' in out


def test_export_writes_a_file_and_never_over_another(run: Run, clinic: Path, tmp_path: Path) -> None:
    run("scenario", "import", clinic)
    target = tmp_path / "out" / "c.json"
    result = run("scenario", "export", "clinic", "-o", target, "--json")
    assert result.json == {"path": str(target), "entity_count": 3, "bytes": target.stat().st_size}
    before = target.read_bytes()
    refused = run("scenario", "export", "clinic", "-o", target, "--json")
    assert refused.code == 4
    assert "--force" in refused.json["error"]["message"]
    assert target.read_bytes() == before
    assert run("scenario", "export", "clinic", "-o", target, "--force").code == 0
    folder = tmp_path / "folder"
    folder.mkdir()
    assert run("scenario", "export", "clinic", "-o", folder, "--json").json["path"] == str(folder / "clinic.json")


def test_export_goes_to_downloads_else_to_the_current_folder(
    run: Run, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("scenario", "import", clinic)
    home, here = tmp_path / "someone", tmp_path / "here"
    (home / "Downloads").mkdir(parents=True)
    here.mkdir()
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.chdir(here)
    assert run("scenario", "export", "clinic", "--json").json["path"] == str(home / "Downloads" / "clinic.json")
    (home / "Downloads" / "clinic.json").unlink()
    (home / "Downloads").rmdir()
    assert run("scenario", "export", "clinic", "--json").json["path"] == str(here / "clinic.json")


def test_export_to_standard_output(run: Run, clinic: Path) -> None:
    run("scenario", "import", clinic)
    result = run("scenario", "export", "clinic", "-o", "-")
    assert result.json["entities"]["patients"] == CLINIC["patients"]
    assert run("scenario", "export", "clinic", "-o", "-", "--format", "workspace").json["metadata"]["name"] == "clinic"


def test_list_filters_sorts_and_counts(run: Run, clinic: Path) -> None:
    assert run("scenario", "list", "--json").json == {"scenarios": [], "total_count": 0}
    for name in ("b", "a", "c"):
        run("scenario", "import", clinic, "--name", name)
    run("scenario", "tag", "a", "keep", "two words")
    listed = run("scenario", "list", "--sort", "name", "--limit", "2", "--json").json
    assert [item["name"] for item in listed["scenarios"]] == ["a", "b"]
    assert listed["total_count"] == 3
    assert run("scenario", "list", "--tag", "keep", "--json").json["total_count"] == 1
    assert run("scenario", "list", "--search", "TWO WORDS", "--json").json["total_count"] == 1
    assert run("scenario", "list", "--search", "%", "--json").json["total_count"] == 0
    assert run("scenario", "list", "--product", "patientsim", "--json").json["total_count"] == 3
    assert run("scenario", "list", "--product", "trialsim", "--json").json["total_count"] == 0


def test_delete_asks_and_without_a_terminal_wants_yes(run: Run, clinic: Path) -> None:
    run("scenario", "import", clinic)
    refused = run("scenario", "delete", "clinic")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert run("scenario", "list", "--json").json["total_count"] == 1
    assert run("scenario", "delete", "clinic", "--yes", "--json").json["entity_count"] == 3
    assert run("scenario", "list", "--json").json["total_count"] == 0


@pytest.mark.parametrize("verb", ["load", "show", "export", "delete"])
def test_an_unknown_scenario_ends_with_3_and_names_the_nearest(run: Run, clinic: Path, verb: str) -> None:
    run("scenario", "import", clinic)
    result = run("scenario", verb, "clinik", "--json")
    assert result.code == 3
    error = result.json["error"]
    assert error["code"] == "not_found"
    assert error["message"] == "There is no scenario 'clinik'. Did you mean 'clinic'?"
    assert error["details"]["similar"] == ["clinic"]


def test_values_that_cannot_be_read_end_with_5_and_are_all_named(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "bad.json"
    source.write_text(
        json.dumps({"patients": [{"id": "1", "birth_date": "1980-13-01", "sex": "cat"}, {"id": "2", "dob": "soon"}]})
    )
    result = run("scenario", "import", source, "--json")
    assert result.code == 5
    paths = [fault["path"] for fault in result.json["error"]["details"]["faults"]]
    assert paths == ["patients[0].birth_date", "patients[0].sex", "patients[1].dob"]
    assert '"1980-13-01" cannot be read as a date, YYYY-MM-DD' in result.json["error"]["message"]
    assert run("scenario", "list", "--json").json["total_count"] == 0
    lenient = run("scenario", "import", source, "--lenient", "--json")
    assert lenient.code == 0
    assert len(lenient.json["warnings"]) == 3
    assert run("scenario", "load", "bad", "--json").json["entities"]["patients"][1] == {"id": "2", "dob": "soon"}


def test_a_newer_database_ends_with_7_and_is_left_alone(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "newer.duckdb"
    healthsim.open(path).status()
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'future', 'x', now()::TIMESTAMP)")
    before = path.read_bytes()
    result = run("--db", path, "scenario", "list", "--json")
    assert result.code == 7
    assert result.json["error"]["code"] == "database_newer"
    assert path.read_bytes() == before


def test_a_database_in_use_ends_with_6(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    path = tmp_path / "held.duckdb"
    healthsim.open(path).status()
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    monkeypatch.setenv("HEALTHSIM_LOCK_TIMEOUT", "0.3")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        result = run("--db", path, "scenario", "list", "--json")
        holder.communicate("")
    assert result.code == 6
    assert result.json["error"]["details"]["pid"] == holder.pid
    assert "HEALTHSIM_LOCK_TIMEOUT" in result.json["error"]["message"]


def test_usage_errors_end_with_2_and_are_json_when_asked(run: Run) -> None:
    result = run("scenario", "list", "--sort", "colour", "--json")
    assert result.code == 2
    assert result.json["error"]["code"] == "usage"
    assert run("no-such-command").code == 2


def test_rename_clone_merge_tag_untag_and_add(run: Run, clinic: Path, tmp_path: Path) -> None:
    run("scenario", "import", clinic)
    assert run("scenario", "rename", "clinic", "base", "--json").json["name"] == "base"
    clone = run("scenario", "clone", "base", "copy", "--json").json
    assert clone["entity_count"] == 3
    merged = run("scenario", "merge", "base", "copy", "--into", "both", "--json").json
    assert merged["entities_by_type"] == {"care_gaps": 2, "diagnoses": 2, "patients": 2}
    assert run("scenario", "tag", "both", "b", "a", "--json").json["tags"] == ["b", "a"]
    assert run("scenario", "untag", "both", "b", "--json").json["tags"] == ["a"]
    assert run("scenario", "untag", "both", "nope").code == 3
    more = tmp_path / "more.json"
    more.write_text('{"patients": [{"id": "P2"}]}')
    assert run("scenario", "add", "both", "--from", more, "--json").json["entities_by_type"]["patients"] == 3
    assert run("scenario", "add", "nobody", "--from", more).code == 3


def test_schema_is_published(run: Run) -> None:
    listed = run("schema", "list", "--json").json["entity_types"]
    assert [entry["entity_type"] for entry in listed] == list(ENTITY_TYPES)
    schema = run("schema", "show", "patients", "--json").json
    assert schema["title"] == "patient"
    assert schema["properties"]["gender"]["enum"] == ["M", "F", "O", "U", None]
    unknown = run("schema", "show", "patiens", "--json")
    assert unknown.code == 3
    assert "patient" in unknown.json["error"]["details"]["similar"]


def test_status_doctor_and_compact(run: Run, clinic: Path) -> None:
    run("scenario", "import", clinic)
    status = run("status", "--json").json
    assert status["scenarios"] == 1
    assert status["entities"] == 3
    doctor = run("doctor", "--deep", "--json")
    assert (doctor.code, doctor.json["ok"]) == (0, True)
    assert run("compact", "--json").json["bytes_after"] > 0
    assert run("scenario", "load", "clinic", "--json").json["entities"] == CLINIC


def test_the_doctor_ends_with_1_when_a_row_differs_from_its_document(run: Run, clinic: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    run("--db", path, "scenario", "import", clinic)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE patients SET given_name = 'Eve'")
    assert run("--db", path, "doctor").code == 0
    deep = run("--db", path, "doctor", "--deep", "--json")
    assert deep.code == 1
    assert [finding["check"] for finding in deep.json["findings"]] == ["values"]


@pytest.mark.long
def test_sql_answers_and_changes_nothing(run: Run, clinic: Path) -> None:
    run("scenario", "import", clinic)
    answer = run("sql", "SELECT family_name, birth_date FROM patients", "--json").json
    assert answer["columns"] == ["family_name", "birth_date"]
    assert answer["rows"] == [["Birch", None]]
    assert answer["truncated"] is False
    refused = run("sql", "DELETE FROM patients", "--json")
    assert refused.code == 5
    assert run("sql", "SELECT count(*) FROM patients", "--json").json["rows"] == [[1]]


@pytest.mark.long
def test_the_demo_may_be_run_again_and_spares_a_scenario_of_the_users_own(run: Run, clinic: Path) -> None:
    first, second = run("demo"), run("demo")
    assert (first.code, second.code) == (0, 0)
    assert "byte for byte the file that came in" in second.out
    run("scenario", "delete", "demo-family", "--yes")
    run("scenario", "import", clinic, "--name", "demo-family")
    assert run("demo").code == 4
    assert run("scenario", "load", "demo-family", "--json").json["entities"] == CLINIC


@pytest.mark.parametrize("there", [True, False], ids=["a file", "nothing yet"])
def test_an_export_goes_through_a_link_to_the_file_that_it_leads_to(
    run: Run, clinic: Path, tmp_path: Path, there: bool
) -> None:
    run("scenario", "import", clinic)
    kept = tmp_path / "elsewhere" / "kept.json"
    kept.parent.mkdir()
    if there:
        kept.write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to("elsewhere/kept.json")
    if there:
        assert run("scenario", "export", "clinic", "-o", link).code == 4
        assert kept.read_text() == "old"
    assert run("scenario", "export", "clinic", "-o", link, "--force").code == 0
    assert link.readlink() == Path("elsewhere/kept.json")
    assert json.loads(kept.read_text())["name"] == "clinic"
    assert sorted(path.name for path in kept.parent.iterdir()) == ["kept.json"]


@pytest.mark.parametrize("kind", ["a pipe", "a link to a pipe", "a link to itself", "a folder by its name"])
def test_an_export_replaces_nothing_that_is_no_file(run: Run, clinic: Path, tmp_path: Path, kind: str) -> None:
    run("scenario", "import", clinic)
    folder = tmp_path / "out"
    target = folder / "clinic.json"
    folder.mkdir()
    if kind == "a pipe":
        os.mkfifo(target)
    elif kind == "a folder by its name":
        target.mkdir()
    else:
        os.mkfifo(tmp_path / "pipe")
        target.symlink_to(tmp_path / "pipe" if kind == "a link to a pipe" else target)
    before = target.lstat()
    refused = run("scenario", "export", "clinic", "-o", folder, "--force", "--json")
    assert refused.code == 4
    assert "clinic.json is no regular file" in refused.json["error"]["message"]
    assert (target.lstat().st_mode, target.lstat().st_ino) == (before.st_mode, before.st_ino)
    assert list(folder.iterdir()) == [target]


@pytest.mark.long
def test_migrate_finds_both_old_folders_and_a_second_run_changes_nothing(
    run: Run, test_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    home = tmp_path / "old-home"
    monkeypatch.setenv("HEALTHSIM_HOME", str(home))
    shutil.copytree(test_data / "legacy" / "workspaces", home / "workspaces")
    shutil.copytree(test_data / "legacy" / "scenarios", home / "scenarios")
    (home / "workspaces" / "broken.json").write_text('{"metadata": {')
    originals = {path: path.read_bytes() for path in home.rglob("*.json")}
    assert run("migrate", "json", "--dry-run", "--json").json["counts"]["pending"] == 6
    assert run("scenario", "list", "--json").json["total_count"] == 0
    report = run("migrate", "json", "--json")
    assert report.code == 1
    assert report.json["counts"] == {"migrated": 6, "already migrated": 0, "pending": 0, "changed": 0, "failed": 1}
    failed = [file for file in report.json["files"] if file["status"] == "failed"]
    assert [Path(file["path"]).name for file in failed] == ["broken.json"]
    assert "broken.json, line 1" in failed[0]["reason"]
    assert all(file["verified"] for file in report.json["files"] if file["status"] == "migrated")
    assert {path: path.read_bytes() for path in originals} == originals
    backups = {path.read_bytes() for path in (home / "backups").rglob("*.json")}
    assert set(originals.values()) == backups
    before = run("scenario", "list", "--json").out
    again = run("migrate", "json", "--json").json
    assert (again["counts"]["migrated"], again["counts"]["already migrated"]) == (0, 6)
    assert run("scenario", "list", "--json").out == before
    status = run("migrate", "json", "--status", "--json").json
    assert status["counts"]["already migrated"] == 6


def test_migrate_without_old_files_says_where_it_looked(run: Run, tmp_path: Path) -> None:
    result = run("migrate", "json", "--from", tmp_path / "nowhere", "--json")
    assert result.code == 3
    assert "nowhere" in result.json["error"]["message"]


def test_a_migrated_file_stays_migrated_whatever_happens_to_its_scenario(run: Run, home: Path, clinic: Path) -> None:
    old = home / "workspaces" / "clinic.json"
    old.parent.mkdir(parents=True)
    old.write_bytes(clinic.read_bytes())
    assert run("migrate", "json", "--json").json["counts"]["migrated"] == 1
    old.write_text(old.read_text().replace("Birch", "Alder"))
    changed = run("migrate", "json", "--json").json
    assert changed["counts"]["changed"] == 1
    assert "healthsim import" in changed["files"][0]["reason"]
    assert run("scenario", "import", old, "--overwrite").code == 0
    assert run("migrate", "json", "--json").json["counts"]["migrated"] == 0
    run("scenario", "delete", "clinic", "--yes")
    assert run("migrate", "json", "--json").json["counts"]["migrated"] == 0
    assert run("scenario", "list", "--json").json["total_count"] == 0


@pytest.mark.parametrize("options", [["--status"], ["--dry-run"], []], ids=["status", "dry run", "migrate"])
def test_what_cannot_be_read_does_not_stop_the_migration_of_the_others(
    run: Run, home: Path, clinic: Path, options: list[str]
) -> None:
    old = home / "workspaces"
    (old / "a folder" / "sub.json").mkdir(parents=True)
    (old / "b links").mkdir()
    (old / "b links" / "nowhere.json").symlink_to("nothing")
    (old / "c pipes").mkdir()
    os.mkfifo(old / "c pipes" / "pipe.json")
    (old / "f locked").mkdir(mode=0)
    (old / "d closed.json").write_bytes(clinic.read_bytes() + b" ")
    (old / "d closed.json").chmod(0)
    (old / "e clinic.json").write_bytes(clinic.read_bytes())
    report = run("migrate", "json", "--json", *options)
    files = {Path(file["path"]).name: file for file in report.json["files"]}
    assert report.code == 1
    broken = ["a folder", "b links", "c pipes", *(["d closed.json", "f locked"] if os.geteuid() else [])]
    for name in broken:
        assert files[name]["status"] == "failed"
        assert re.search(
            r"(sub.json|nowhere.json|pipe.json|d closed.json|f locked) cannot be read: .*; expected JSON",
            files[name]["reason"],
        )
    assert files["e clinic.json"]["status"] == ("pending" if options else "migrated")


@pytest.mark.parametrize("error", [TypeError("odd"), UnicodeError("odd"), pa.ArrowException("odd"), KeyError("odd")])
def test_an_unexpected_error_of_one_file_does_not_stop_the_others(
    run: Run, home: Path, clinic: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from healthsim.state.manager import StateManager

    old = home / "workspaces"
    old.mkdir(parents=True)
    (old / "a.json").write_bytes(clinic.read_bytes())
    (old / "b.json").write_bytes(clinic.read_bytes() + b"\n")
    real = StateManager.import_path

    def import_path(self: StateManager, path: Path, **options: Any) -> Any:
        if path.name == "a.json":
            raise error
        return real(self, path, **options)

    monkeypatch.setattr(StateManager, "import_path", import_path)
    report = run("migrate", "json", "--json")
    assert report.code == 1
    assert [file["status"] for file in report.json["files"]] == ["failed", "migrated"]
    assert re.match(rf"{type(error).__name__}, .*odd.*nothing of it was kept", report.json["files"][0]["reason"])


def test_of_two_files_that_are_the_same_one_is_migrated(run: Run, home: Path, clinic: Path) -> None:
    old = home / "workspaces"
    old.mkdir(parents=True)
    for name in ("a.json", "b.json"):
        (old / name).write_bytes(clinic.read_bytes())

    def became(*options: str) -> list[tuple[str, str]]:
        report = run("migrate", "json", "--json", *options).json
        return [(file["status"], file["scenario"]) for file in report["files"]]

    rehearsed = became("--dry-run")
    first = became()
    name = first[0][1]
    assert rehearsed == [("pending", name), ("already migrated", name)]
    assert first == [("migrated", name), ("already migrated", name)]
    assert became() == [("already migrated", name)] * 2
    assert run("scenario", "list", "--json").json["total_count"] == 1


def test_a_file_whose_values_are_not_all_found_again_is_not_kept(
    run: Run, home: Path, clinic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from healthsim.state.legacy import migrate

    old = home / "workspaces" / "clinic.json"
    old.parent.mkdir(parents=True)
    old.write_bytes(clinic.read_bytes())
    monkeypatch.setattr(migrate, "missing_leaves", lambda *_: ['"Birch"'])
    report = run("migrate", "json", "--json")
    assert report.code == 1
    assert '"Birch"' in report.json["files"][0]["reason"]
    assert run("scenario", "list", "--json").json["total_count"] == 0
    monkeypatch.undo()


def test_an_empty_name_is_refused(run: Run, clinic: Path) -> None:
    assert run("scenario", "save", "", "--from", clinic).code == 5
    assert run("scenario", "import", clinic, "--name", " ").code == 5


def test_an_overwrite_keeps_what_neither_the_call_nor_the_file_speaks_of(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "plain.json"
    source.write_text('{"patients": [{"id": "1"}]}')
    run("scenario", "save", "a", "--from", source, "-d", "Words", "-t", "kept")
    run("scenario", "save", "a", "--from", source, "--overwrite")
    loaded = run("scenario", "load", "a", "--json").json
    assert (loaded["description"], loaded["tags"]) == ("Words", ["kept"])
    source.write_text('{"description": null, "tags": [], "patients": [{"id": "1"}]}')
    run("scenario", "save", "a", "--from", source, "--overwrite")
    loaded = run("scenario", "load", "a", "--json").json
    assert (loaded["description"], loaded["tags"]) == (None, [])


def test_what_can_be_imported_can_be_exported(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "odd.json"
    source.write_text('{"patients": [{"mrn": "M1", "mrn": "M2", "_x": 1}]}')
    assert run("scenario", "import", source).code == 0
    exported = run("scenario", "export", "odd", "-o", "-")
    assert exported.code == 0
    assert '"mrn": "M1",\n        "mrn": "M2"' in exported.out
    assert "_x" not in exported.out


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_an_interrupted_command_says_so(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("healthsim.analytics.star.status.selected", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["analytics", "status"])
    assert ended.value.code == 130
    assert capsys.readouterr().err.strip() == "healthsim: Interrupted; nothing was changed."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = json.dumps({"entities": CLINIC}).encode()
    for words in (["scenario", "save", "s", "--from"], ["scenario", "add", "s", "--from"]):
        writing = threading.Thread(target=pipe.write_bytes, args=(text,))
        writing.start()
        with pytest.raises(SystemExit) as ended:
            main([*words, str(pipe)])
        writing.join()
        assert ended.value.code == 0
