"""Whoever writes a scenario leaves the same traces: saves, imports, generations, clones, merges, cohorts, migrations, additions.

Faults of the kind "writers of a scenario disagree": each case runs for every writer.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from healthsim.analytics.cohorts.save import save_cohort
from healthsim.analytics.cohorts.search import Cohort
from healthsim.analytics.star.build import build
from healthsim.analytics.star.status import drop, status
from healthsim.db.connection import Database
from healthsim.errors import AlreadyExists, NotFound, Outdone
from healthsim.generation import generate
from healthsim.model import ENTITY_TYPES
from healthsim.state import load_staged
from healthsim.state.doctor import examine
from healthsim.state.legacy.migrate import migrate
from healthsim.state.manager import StateManager
from healthsim.state.save import Saved

PEOPLE = {
    "patients": [{"patient_id": "P1", "mrn": "M1", "birth_date": "1980-01-02", "gender": "F"}, {"patient_id": "P2"}],
    "encounters": [{"encounter_id": "E1", "patient_mrn": "M1", "start_datetime": "2025-01-02T10:00:00"}],
    "claims": [{"claim_id": "C1", "patient_id": "P1", "lines": [{"line_number": 1, "procedure_code": "99213"}]}],
}
SPEC = {"size": 12, "counties": ["06073"], "products": ["patient"], "years": 1}


class Writers:
    """The writers, each as a function of the scenario's name and of the mode."""

    def __init__(self, state: StateManager, folder: Path) -> None:
        self.state, self.folder = state, folder
        self.file = folder / "people.json"
        self.file.write_text(json.dumps({"name": "people", "entities": PEOPLE}))
        state.save("source", PEOPLE)

    def save(self, name: str, mode: str) -> Saved:
        return self.state.save(name, PEOPLE, mode=mode)

    def import_file(self, name: str, mode: str) -> Saved:
        return self.state.import_path(self.file, name=name, mode=mode)

    def generate(self, name: str, mode: str) -> Saved:
        return generate(SPEC, name, database=self.state.database, overwrite=mode == "overwrite")

    def cohort(self, name: str, mode: str) -> Saved:
        source = self.state.get("source")
        cohort = Cohort(source.scenario_id, source.name, [("P1", None)], [])
        return save_cohort(self.state.database, cohort, name, overwrite=mode == "overwrite")

    def clone(self, name: str, mode: str) -> Saved:
        return self.state.clone("source", name)

    def merge(self, name: str, mode: str) -> Saved:
        return self.state.merge(["source"], name)

    def add(self, name: str, mode: str) -> Saved:
        if mode == "create":
            self.state.save(name, {})
        return self.state.add_entities(name, PEOPLE)

    def migrate(self, name: str, mode: str) -> Saved:
        old = self.folder / "scenarios"
        old.mkdir(exist_ok=True)
        one = old / f"{name}.json"
        one.write_text(json.dumps({"name": name, "entities": PEOPLE}))
        (file,) = migrate(self.state, self.folder, [old]).files
        assert file.status == "migrated", file.reason
        one.unlink()
        made = self.state.get(name)
        return Saved(made.scenario_id, name, "", file.entity_count, made.entities_by_type)


EVERY = ["save", "import_file", "generate", "cohort", "clone", "merge", "add", "migrate"]
#: what is asked of them to write over a scenario, or into one
OVER = {
    "save": "overwrite",
    "import_file": "overwrite",
    "generate": "overwrite",
    "cohort": "overwrite",
    "merge": "merge",
    "add": "add",
}


@pytest.fixture
def writers(state: StateManager, tmp_path: Path) -> Writers:
    folder = tmp_path / "files"
    folder.mkdir()
    return Writers(state, folder)


def rows(database: Database, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        used = {name: value for name, value in values.items() if f"${name}" in sql}
        return connection.execute(sql, used).fetchall()


def stamps(database: Database, scenario_id: str) -> set[dt.datetime]:
    """The instants that the rows of a scenario carry."""
    tables = " UNION ALL ".join(
        f'FROM (SELECT scenario_id, saved_at FROM "{known.plural}")' for known in ENTITY_TYPES.values()
    )
    return {
        row[0]
        for row in rows(
            database, f"SELECT DISTINCT saved_at FROM ({tables}) WHERE scenario_id = $id::UUID", id=scenario_id
        )
    }


@pytest.mark.parametrize("writer", EVERY)
@pytest.mark.long
def test_every_writer_leaves_the_same_traces(writers: Writers, writer: str) -> None:
    database = writers.state.database
    saved = getattr(writers, writer)("new", "create")
    made = writers.state.get("new")
    assert (saved.scenario_id, saved.name, saved.entities_by_type) == (
        made.scenario_id,
        made.name,
        made.entities_by_type,
    )
    assert saved.entity_count == made.entity_count == sum(made.entities_by_type.values()) > 0
    assert made.format
    # the rows carry one instant, which is that of the scenario
    assert stamps(database, made.scenario_id) == {made.updated_at}
    assert made.created_at <= made.updated_at
    for known in ENTITY_TYPES.values():
        count, *filled = rows(
            database,
            "SELECT count(*), count(created_at), count(source_type), count(saved_at), count(DISTINCT"
            f" {known.key}) FROM {known.plural} WHERE scenario_id = $id::UUID",
            id=made.scenario_id,
        )[0]
        assert set(filled) == {count}, f"{known.plural} lacks provenance"
    # documents: as long as they say, in an order of their own
    assert rows(
        database,
        "SELECT count(*) FROM scenario_documents WHERE scenario_id = $id::UUID AND (characters IS DISTINCT FROM"
        " length(document::VARCHAR) OR is_typed IS NULL OR position IS NULL)",
        id=made.scenario_id,
    ) == [(0,)]
    assert examine(database, deep=True)["ok"]


@pytest.fixture
def overtaken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Of every two attempts to write, the first fails at its end, as where another program has committed meanwhile."""
    real, attempts = Database.write, [0]

    @contextmanager
    def write(database: Database) -> Iterator[duckdb.DuckDBPyConnection]:
        with real(database) as connection:
            yield connection
            attempts[0] += 1
            if attempts[0] % 2:
                raise Outdone("somebody was faster")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", write)
        yield attempts


@pytest.mark.parametrize("writer", EVERY)
@pytest.mark.long
def test_whoever_was_overtaken_writes_all_of_it_again(
    state: StateManager, writers: Writers, writer: str, overtaken: list[int]
) -> None:
    write = getattr(writers, writer)
    first, second = write("first", "create"), write("second", "create")
    assert overtaken[0] >= 4
    assert first.entities_by_type == second.entities_by_type
    assert first.entity_count > 0
    if writer != "clone":  # whose ids are new
        assert state.load("first").entities == state.load("second").entities
    assert examine(state.database, deep=True)["ok"]


@pytest.mark.long
def test_changes_and_stars_are_made_again_where_they_were_overtaken(
    state: StateManager, writers: Writers, overtaken: list[int]
) -> None:
    state.save("old", PEOPLE)
    state.tag("old", ["a"])
    state.untag("old", ["a"])
    state.tag("old", ["b"])
    state.rename("old", "new")
    assert state.get("new").tags == ["b"]
    assert [built.name for built in build(state.database, ["new"])] == ["new"]
    assert drop(state.database, ["new"]) == ["new"]
    assert state.delete("new").name == "new"
    assert state.list()[1] == 1
    assert overtaken[0] >= 16


@pytest.mark.parametrize("writer", EVERY)
def test_tags_are_numbered_from_one_whoever_writes(writers: Writers, writer: str) -> None:
    writers.state.tag("source", ["b", "a"])
    getattr(writers, writer)("new", "create")
    writers.state.tag("new", ["z"])
    tags = rows(
        writers.state.database,
        "SELECT position FROM scenario_tags AS t JOIN scenarios AS s USING (scenario_id) WHERE s.name = 'new' ORDER BY 1",
    )
    assert tags == [(number + 1,) for number in range(len(tags))]
    assert tags


@pytest.mark.parametrize("writer", OVER)
@pytest.mark.long
def test_a_star_keeps_its_key_and_is_stale_whoever_writes_over_its_scenario(writers: Writers, writer: str) -> None:
    state, database = writers.state, writers.state.database
    first = state.save("old", {"patients": [{"patient_id": "gone"}]}, description="what it is", tags=["kept"])
    build(database, everything=True)
    (before,) = status(database, ["old"])
    star = "SELECT count(*) FROM analytics.dim_person JOIN analytics.dim_scenario USING (scenario_key) WHERE scenario_id = $id::UUID"
    built = rows(database, star, id=first.scenario_id)
    saved = getattr(writers, writer)("old", OVER[writer])
    assert saved.scenario_id == first.scenario_id
    (after,) = status(database, ["old"])
    assert (after.state, after.scenario_key) == ("stale", before.scenario_key)
    assert "patients" in (after.reason or "")
    assert rows(database, star, id=first.scenario_id) == built
    (again,) = build(database, ["old"])
    assert again.scenario_key == before.scenario_key
    (rebuilt,) = status(database, ["old"])
    assert rebuilt.state == "built"
    assert examine(database)["ok"]


@pytest.mark.parametrize("writer", OVER)
def test_what_nobody_speaks_of_stays_whoever_writes_over_a_scenario(writers: Writers, writer: str) -> None:
    old = writers.state.save("old", {"patients": [{"patient_id": "gone"}]}, description="what it is", tags=["kept"])
    before = writers.state.get("old")
    saved = getattr(writers, writer)("old", OVER[writer])
    after = writers.state.get("old")
    assert (saved.scenario_id, after.created_at, after.tags) == (old.scenario_id, before.created_at, ["kept"])
    assert after.updated_at > before.updated_at
    if writer not in ("generate", "cohort"):  # they say what they made
        assert after.description == "what it is"


@pytest.mark.parametrize("writer", OVER)
def test_a_scenario_may_be_named_by_its_id_and_keeps_its_name(writers: Writers, writer: str) -> None:
    old = writers.state.save("old", {"patients": [{"patient_id": "gone"}]})
    saved = getattr(writers, writer)(old.scenario_id, OVER[writer])
    assert (saved.name, saved.scenario_id) == ("old", old.scenario_id)
    assert sorted(known.name for known in writers.state.list()[0]) == ["old", "source"]


@pytest.mark.parametrize("writer", OVER)
def test_a_write_that_fails_at_its_end_changes_nothing_whoever_writes(
    writers: Writers, writer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = writers.state.save("old", PEOPLE, tags=["t"])
    before = writers.state.get("old"), stamps(writers.state.database, old.scenario_id)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the power is gone")

    monkeypatch.setattr(load_staged, "touch", fail)
    with pytest.raises(RuntimeError, match="the power is gone"):
        getattr(writers, writer)("old", OVER[writer])
    assert (writers.state.get("old"), stamps(writers.state.database, old.scenario_id)) == before


@pytest.mark.parametrize("writer", [name for name in EVERY if name not in ("merge", "add", "migrate")])
def test_a_name_that_is_taken_is_refused_whoever_writes(writers: Writers, writer: str) -> None:
    writers.state.save("old", PEOPLE)
    before = writers.state.get("old")
    with pytest.raises(AlreadyExists, match="A scenario 'old' exists already"):
        getattr(writers, writer)("old", "create")
    assert writers.state.get("old") == before


def test_entities_are_added_only_to_what_is_there(writers: Writers) -> None:
    with pytest.raises(NotFound):
        writers.state.import_path(writers.file, name="nowhere", mode="add")
    assert writers.state.list()[1] == 1


# -- the newest version -------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Sets the clock of the machine, as writes see it."""

    class Clock(dt.datetime):
        at = dt.datetime.now(dt.UTC)

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return cls.at.astimezone(tz)

    def set_to(instant: dt.datetime) -> None:
        Clock.at = instant.replace(tzinfo=dt.UTC)

    monkeypatch.setattr(load_staged.dt, "datetime", Clock)
    return set_to


@pytest.mark.parametrize("writer", [name for name in EVERY if name not in ("clone", "generate")])
def test_what_was_written_last_is_the_latest_though_the_clock_was_set_back(
    writers: Writers, writer: str, clock: Callable[[dt.datetime], None]
) -> None:
    """Faults of the kind "latest follows the clock": an hour back, in whatever scenario the older version is."""
    clock(dt.datetime(2030, 1, 1, 12))
    writers.state.save("source", PEOPLE, mode="overwrite")
    writers.state.save("other", {"patients": [{"patient_id": "P1", "given_name": "Older"}]})
    clock(dt.datetime(2030, 1, 1, 11))
    saved = getattr(writers, writer)("new", "create")
    latest = "SELECT scenario_id::VARCHAR, given_name FROM latest.patients WHERE patient_id = 'P1'"
    assert rows(writers.state.database, latest) == [(saved.scenario_id, None)]
    # of two saves within one tick of the clock the second is the newer one
    again = writers.state.save("again", {"patients": [{"patient_id": "P1", "given_name": "Newest"}]})
    assert rows(writers.state.database, latest) == [(again.scenario_id, "Newest")]
    assert writers.state.list()[0][0].name == "again"


# -- duplicates ---------------------------------------------------------------------------------------------------


def test_the_answer_counts_what_was_left_out_for_its_id_by_type(state: StateManager) -> None:
    """Faults of the kind "duplicate ids vanish"."""
    saved = state.save(
        "twice",
        {
            "patients": [
                {"patient_id": "P1"},
                {"patient_id": "P1", "given_name": "Ann"},
                {"patient_id": "P2"},
                {"patient_id": "P1"},
            ],
            "moods": [{"id": 1}, {"id": 1}],
            "claims": [
                {"claim_id": "C1", "lines": [{"claim_line_id": "L"}, {"claim_line_id": "L"}, {"claim_line_id": "M"}]}
            ],
        },
    )
    assert saved.entities_by_type == {"claims": 1, "moods": 1, "patients": 2}
    assert saved.dropped_by_type == {"patients": 2, "moods": 1, "claim_lines": 1}
    assert saved.warnings == [
        "patients: 2 left out, since a later one has the same id; ids are unique within a scenario and type",
        "moods: 1 left out, since a later one has the same id; ids are unique within a scenario and type",
        "claim_lines: 1 left out, since a later one has the same id; ids are unique within a scenario and type",
    ]
    assert saved.as_dict()["dropped_by_type"] == saved.dropped_by_type


def test_what_is_kept_or_only_mentioned_is_not_counted(state: StateManager) -> None:
    """Documents without ids are all kept, and a provider that two documents mention is one provider."""
    provider = {"provider_id": "D1", "npi": "1234567893", "name": "Dr. Who"}
    saved = state.save(
        "kept",
        {
            "diagnoses": [{"code": "I10"}, {"code": "I10"}],
            "encounters": [{"encounter_id": "E1", "provider": provider}, {"encounter_id": "E2", "provider": provider}],
            "providers": [provider],
        },
    )
    assert (saved.dropped_by_type, saved.warnings) == ({}, [])
    assert "dropped_by_type" not in saved.as_dict()
    # replacing is what a merge was asked for
    again = state.save("kept", {"providers": [provider]}, mode="merge")
    assert (again.dropped_by_type, again.warnings) == ({}, [])


def test_a_merge_of_scenarios_counts_what_gave_way(state: StateManager) -> None:
    state.save("one", {"patients": [{"patient_id": "P1"}, {"patient_id": "P2"}], "moods": [{"id": 1}]})
    state.save("two", {"patients": [{"patient_id": "P2"}, {"patient_id": "P3"}], "moods": [{"id": 1}]})
    merged = state.merge(["one", "two"], "both")
    assert merged.entities_by_type == {"moods": 1, "patients": 3}
    assert merged.dropped_by_type == {"moods": 1, "patients": 1}
    assert merged.warnings == [
        "moods: 1 gave way to others of the same ids",
        "patients: 1 gave way to others of the same ids",
    ]
    assert state.merge(["two"], "both").dropped_by_type == {"moods": 1, "patients": 2}
