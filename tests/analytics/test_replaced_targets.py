"""What --force replaces: what an earlier export left, and nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pytest

from healthsim.analytics import report
from healthsim.analytics.reports.page import write_page
from healthsim.db.connection import Database
from healthsim.errors import AlreadyExists
from healthsim.exchange.omop.export import export_omop
from healthsim.exchange.tables import export_tables
from healthsim.state.manager import StateManager


@pytest.fixture
def saved(state: StateManager, database: Database) -> Database:
    state.save("s", {"patients": [{"patient_id": "P1", "birth_date": "1960-01-01"}]})
    return database


@pytest.mark.long
def test_no_export_replaces_a_database(
    saved: Database, state: StateManager, database_path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 7 AS a")
    answers = [report(saved, "top_diagnoses")]
    for target in (database_path, other):
        before = target.read_bytes()
        with pytest.raises(AlreadyExists, match="is no OMOP database, so that overwrite=True does not replace it"):
            export_omop(saved, "s", target, force=True)
        with pytest.raises(AlreadyExists, match="is a database, which no other file replaces"):
            state.export("s", target, force=True)
        with pytest.raises(AlreadyExists, match="is a database, which no other file replaces"):
            write_page(target, answers, force=True)
        assert target.read_bytes() == before
    assert state.get("s").name == "s"
    text = tmp_path / "thesis.txt"
    text.write_text("mine", encoding="utf-8")
    with pytest.raises(AlreadyExists, match="is no OMOP database"):
        export_omop(saved, "s", text, force=True)
    assert text.read_text(encoding="utf-8") == "mine"
    export_omop(saved, "s", tmp_path / "cdm.duckdb")
    export_omop(saved, "s", tmp_path / "cdm.duckdb", force=True)


def test_no_export_takes_files_of_others_along(saved: Database, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "manifest.json").write_text(
        json.dumps({"name": "my web app", "files": {"code.py": {}}}), encoding="utf-8"
    )
    (project / "code.py").write_text("code", encoding="utf-8")
    with pytest.raises(AlreadyExists, match=r"was not written by an export \(it has no manifest.json of one\)"):
        export_tables(saved, "s", project, format="csv", layers=("canonical",), force=True)
    assert (project / "code.py").exists()

    ours = tmp_path / "ours"
    export_tables(saved, "s", ours, format="csv", layers=("canonical",))
    export_omop(saved, "s", ours, format="csv", force=True)
    (ours / "mine").mkdir()
    (ours / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(AlreadyExists, match=r"holds what no export wrote \(mine/notes.txt\)"):
        export_tables(saved, "s", ours, format="csv", layers=("canonical",), force=True)
    assert (ours / "mine" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (ours / "person.csv").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_what_is_no_file_stays(saved: Database, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(AlreadyExists, match="is no regular file"):
        write_page(pipe, [report(saved, "top_diagnoses")], force=True)
    with pytest.raises(AlreadyExists, match="is no regular file"):
        export_omop(saved, "s", pipe, force=True)
    assert pipe.is_fifo()
    page, link = tmp_path / "page.html", tmp_path / "link.html"
    page.write_text("old", encoding="utf-8")
    link.symlink_to(page)
    write_page(link, [report(saved, "top_diagnoses")], force=True)
    assert link.is_symlink()
    assert page.read_text(encoding="utf-8").startswith("<!")
