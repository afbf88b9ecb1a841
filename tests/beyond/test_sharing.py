"""A team shares scenarios on a lake: published as versions, listed, pulled, compared, withdrawn; whole and proved, or not at all."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from lakes import KINDS, Lake, workbench
from people import entities, ran, started
from real_parts import BUCKET, ObjectStore, Postgres

from healthsim.db.connection import Database
from healthsim.errors import AlreadyExists, DatabaseNewer, DatabaseUnusable, HealthSimError, NotFound, UsageError
from healthsim.publish.proof import contents_of
from healthsim.state.doctor import examine
from healthsim.state.tables import scenario_tables
from healthsim.workbench import Workbench


@pytest.fixture
def ann(tmp_path: Path) -> Workbench:
    return workbench(tmp_path / "ann", HEALTHSIM_AUTHOR="ann", HEALTHSIM_LOCK_TIMEOUT=300)


@pytest.fixture
def ben(tmp_path: Path) -> Workbench:
    return workbench(tmp_path / "ben", HEALTHSIM_AUTHOR="ben", HEALTHSIM_LOCK_TIMEOUT=300)


def held(bench: Workbench, name: str) -> dict[str, object]:
    """Every table of a scenario with its rows and their hash."""
    with scenario_tables(bench.database, name) as tables:
        return dict(contents_of(tables))


@pytest.mark.parametrize("lake", KINDS, indirect=True)
@pytest.mark.long
def test_what_one_publishes_another_one_pulls_as_it_was(ann: Workbench, ben: Workbench, lake: Lake) -> None:
    ann.save("uat", entities(3), description="For UAT", tags=["x", "y"])
    first = ann.share_publish("uat", lake.text, note="first try")
    assert (first.version, first.after) == (1, None)
    ann.save("uat", entities(5, "Salem"), mode="overwrite")
    second = ann.share_publish("uat", lake.text, onto=1)
    assert second.after == {"version": 1, "published_by": "ann"}

    (offered,) = ben.share_list(lake.text)
    assert (offered.name, offered.version, offered.published_by, offered.persons) == ("uat", 2, "ann", 5)
    pulled = ben.share_pull("uat", lake.text)
    assert pulled.proved
    assert held(ben, "uat") == held(ann, "uat")
    assert ben.load("uat").entities == ann.load("uat").entities
    assert ben.get("uat").as_dict() == ann.get("uat").as_dict()

    # the version before is still there
    assert ben.share_pull("uat@1", lake.text, as_="before").version == 1
    assert len(ben.load("before").entities["patients"]) == 3
    assert [(item.version, item.note) for item in ben.share_history("uat", lake.text)] == [(2, None), (1, "first try")]
    assert examine(ben.database).ok


@pytest.mark.long
def test_two_versions_are_compared_entity_by_entity(ann: Workbench, lake: Lake) -> None:
    ann.save("uat", entities(3))
    ann.share_publish("uat", lake.text)
    ann.save("uat", {"patients": [{"patient_id": "P0", "city": "Reno"}, {"patient_id": "P9"}]}, mode="merge")
    ann.share_publish("uat", lake.text)
    found = ann.share_diff("uat@1", "uat", lake.text)
    assert (found.first, found.second, found.same) == ("uat@1", "uat@2", False)
    patients = next(table for table in found if table.table == "patients")
    assert (patients.before, patients.after, patients.added, patients.removed, patients.changed) == (3, 4, 1, 0, 1)
    assert patients.examples == {"added": ["P9"], "changed": ["P0"]}
    assert ann.share_diff("uat@2", "uat", lake.text).same
    # what is said of it, too
    assert found.about == {}
    ann.tag("uat", ["smoke"])
    ann.share_publish("uat", lake.text)
    last = ann.share_diff("uat@2", "uat@3", lake.text)
    assert (last.same, list(last.tables)) == (False, [])
    assert last.about == {"tags": [[], ["smoke"]]}


@pytest.mark.long
def test_who_was_overtaken_is_told(ann: Workbench, ben: Workbench, lake: Lake) -> None:
    for bench in (ann, ben):
        bench.save("uat", entities(1))
    ann.share_publish("uat", lake.text, onto=0)
    with pytest.raises(
        AlreadyExists, match=r"'uat' was to follow version 0, and ann published version 1\. Nothing was published"
    ):
        ben.share_publish("uat", lake.text, onto=0)
    assert [item.version for item in ben.share_history("uat", lake.text)] == [1]


@pytest.mark.long
def test_what_nobody_published_is_not_overwritten(ann: Workbench, lake: Lake, tmp_path: Path) -> None:
    workbench(tmp_path / "direct", lake.text).save("uat", entities(1))
    ann.save("uat", entities(2))
    with pytest.raises(AlreadyExists, match="that nobody published"):
        ann.share_publish("uat", lake.text)
    assert ann.share_publish("uat", lake.text, as_="uat of ann").name == "uat of ann"


@pytest.mark.long
def test_what_was_withdrawn_is_not_offered_and_its_versions_can_be_named(
    ann: Workbench, ben: Workbench, lake: Lake
) -> None:
    ann.save("uat", entities(2))
    ann.share_publish("uat", lake.text)
    assert ben.share_withdraw("uat", lake.text).version == 1
    assert list(ben.share_list(lake.text)) == []
    with pytest.raises(NotFound, match="was withdrawn by ben"):
        ann.share_pull("uat", lake.text)
    assert ben.share_pull("uat@1", lake.text).proved
    assert ann.share_publish("uat", lake.text).version == 2
    assert ann.share_check(lake.text).ok


@pytest.mark.long
def test_a_share_that_was_tampered_with_is_found_out(ann: Workbench, ben: Workbench, lake: Lake) -> None:
    ann.save("uat", entities(3))
    ann.share_publish("uat", lake.text)
    assert ann.share_check(lake.text).ok
    with Database(lake.text).write() as connection:
        connection.execute("UPDATE main.patients SET city = 'elsewhere' WHERE patient_id = 'P1'")
    check = ann.share_check(lake.text, "uat")
    assert not check.ok
    assert check.publications[0].problems == ["patients holds other rows"]
    with pytest.raises(HealthSimError, match=r"is not what was published: patients\. Nothing was saved"):
        ben.share_pull("uat", lake.text)
    assert ben.list().total_count == 0


@pytest.mark.long
def test_a_published_star_answers_at_the_share(ann: Workbench, lake: Lake, tmp_path: Path) -> None:
    ann.save("uat", entities(4))
    assert ann.share_publish("uat", lake.text, star=True).has_star
    there = workbench(tmp_path / "there", lake.text)
    ann.build("uat")
    assert there.query("claims", scenario="uat").rows == ann.query("claims", scenario="uat").rows
    assert there.sql("SELECT count(*) FROM patients", scenario="uat").rows == [[4]]


def test_names_are_kept_without_secrets(ann: Workbench, lake: Lake) -> None:
    ann.share_add("team", lake.text)
    assert list(ann.share_list("team")) == []
    with pytest.raises(NotFound, match="Did you mean team"):
        ann.share_list("taem")
    with pytest.raises(UsageError, match="named with a secret"):
        ann.share_add("other", "ducklake:postgres:dbname=x password=sekret")
    assert "sekret" not in (ann.settings.home / "shares.yaml").read_text()


@pytest.mark.parametrize("lake", KINDS, indirect=True)
def test_older_and_newer_programs_are_told_and_change_nothing(ann: Workbench, lake: Lake) -> None:
    with Database(lake.text).write() as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (99, 'future/0001_more', 'x', now()::TIMESTAMP)")
    with pytest.raises(DatabaseNewer, match="schema version 99"):
        ann.share_list(lake.text)
    with Database(lake.text).raw(read_only=False) as connection:
        connection.execute("DELETE FROM schema_migrations WHERE number = 99 OR name LIKE 'analytics/%'")
    with pytest.raises(
        DatabaseUnusable, match=r"has schema version \d, and this program needs .* Its owner brings it up"
    ):
        ann.share_list(lake.text)


@pytest.mark.parametrize("lake", KINDS, indirect=True)
def test_a_lake_lies_where_it_was_made(ann: Workbench, lake: Lake, tmp_path: Path) -> None:
    assert ann.share_init(lake.text).data == f"{lake.data}/"
    with pytest.raises(UsageError, match="where a lake's rows lie is said once"):
        ann.share_init(lake.text, data=str(tmp_path / "elsewhere"))
    with pytest.raises(UsageError, match="Say where its rows are to lie"):
        ann.share_init(f"ducklake:sqlite:{tmp_path}/new.sqlite")
    assert not (tmp_path / "new.sqlite").exists()
    with pytest.raises(NotFound, match="There is no lake at"):
        ann.share_list(f"ducklake:sqlite:{tmp_path}/new.sqlite")


def test_rows_can_lie_in_an_object_store(
    ann: Workbench, ben: Workbench, postgres: Postgres, seaweed: ObjectStore
) -> None:
    share = f"ducklake:postgres:{postgres.dsn(postgres.new_database())}"
    ann.share_init(share, data=f"s3://{BUCKET}/lake-1")
    ann.save("uat", entities(3))
    ann.share_publish("uat", share)
    ann.share_publish("uat", share)
    assert ben.share_pull("uat@1", share).proved
    assert held(ben, "uat") == held(ann, "uat")


# -- several at once ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lake", KINDS, indirect=True)
@pytest.mark.long
def test_publishers_at_once_make_one_version_each(tmp_path: Path, lake: Lake) -> None:
    """Nobody is overwritten unseen, and whoever pulls meanwhile gets a whole version."""
    benches = [
        workbench(tmp_path / name, HEALTHSIM_AUTHOR=name, HEALTHSIM_LOCK_TIMEOUT=300) for name in ("ann", "ben", "cy")
    ]
    for number, bench in enumerate(benches):
        bench.save("uat", entities(3 + number, bench.settings.author))
    benches[0].share_publish("uat", lake.text)
    publishers = [
        started(bench.settings.home, "share", "publish", "uat", "--to", lake.text)
        for bench in benches
        for _ in range(2)
    ]
    puller = workbench(tmp_path / "dee")
    while any(process.poll() is None for process in publishers):
        puller.share_pull("uat", lake.text, overwrite=True)
        assert {patient["city"] for patient in puller.load("uat").entities["patients"]} <= {"ann", "ben", "cy"}
    for process in publishers:
        out, err = process.communicate()
        assert process.returncode == 0, out + err
    versions = puller.share_history("uat", lake.text)
    assert [item.version for item in versions] == list(range(7, 0, -1))
    assert sorted(item.published_by for item in versions) == ["ann"] * 3 + ["ben"] * 2 + ["cy"] * 2
    assert puller.share_check(lake.text).ok


@pytest.mark.parametrize("lake", KINDS, indirect=True)
@pytest.mark.long
def test_of_four_that_save_one_name_at_once_one_does(tmp_path: Path, lake: Lake) -> None:
    source = tmp_path / "race.json"
    source.write_text('{"entities": {"patients": [{"patient_id": "P1"}]}}')
    processes = [
        started(tmp_path / f"home{number}", "--db", lake.text, "scenario", "import", str(source), "--as", "race")
        for number in range(4)
    ]
    outcomes = [process.communicate(timeout=600) for process in processes]
    assert sorted(process.returncode for process in processes) == [0, 4, 4, 4], outcomes
    assert sum("exists already" in err for _, err in outcomes) == 3
    there = Database(lake.text)
    assert examine(there).ok


@pytest.mark.long
def test_a_publisher_that_is_killed_leaves_whole_versions(tmp_path: Path, lake: Lake) -> None:
    bench = workbench(tmp_path / "ann", HEALTHSIM_AUTHOR="ann", HEALTHSIM_LOCK_TIMEOUT=300)
    bench.save("uat", entities(40))
    bench.share_publish("uat", lake.text)
    for number in range(5):
        process = started(tmp_path / "ann", "share", "publish", "uat", "--to", lake.text)
        threading.Timer(0.6 + 0.7 * number, process.kill).start()
        process.wait()
        process.communicate()
    versions = [item.version for item in bench.share_history("uat", lake.text)]
    assert versions == list(range(len(versions), 0, -1))
    assert bench.share_check(lake.text).ok
    pulled = bench.share_pull("uat", lake.text, as_="again")
    assert pulled.proved
    assert held(bench, "again") == held(bench, "uat")
    # what it left is younger than a day, and stays: somebody might just be publishing it
    assert bench.share_clean(lake.text).orphans == []
    assert bench.share_publish("uat", lake.text).version == len(versions) + 1


@pytest.mark.long
def test_commands_speak_of_what_they_do(tmp_path: Path, lake: Lake) -> None:
    source = tmp_path / "x.json"
    source.write_text('{"entities": {"patients": [{"patient_id": "P1"}]}}')
    home = tmp_path / "eve"
    assert ran(home, "share", "add", "team", lake.text)[0] == 0
    assert ran(home, "scenario", "import", str(source), "--as", "uat")[0] == 0
    code, said = ran(home, "share", "publish", "uat", "--to", "team", "--note", "for UAT")
    assert code == 0
    assert "Published 'uat' version 1 to team: 2 rows" in said
    assert "for UAT" in ran(home, "share", "list", "team")[1]
    assert ran(home, "share", "pull", "uat", "--from", "team")[0] == 4
    assert "equal by hash" in ran(home, "share", "pull", "uat", "--from", "team", "--as", "again")[1]
    assert ran(home, "share", "check", "team")[0] == 0
    assert ran(home, "share", "withdraw", "uat", "--from", "team")[0] == 2
    assert ran(home, "--db", lake.text, "compact")[0] == 2
