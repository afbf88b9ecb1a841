"""What is sent to an object store appears whole: the manifest comes last, and a transfer that was cut is taken up again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from memory_store import Memory, folder_with, in_memory
from obstore.exceptions import GenericError

from healthsim.errors import AlreadyExists, HealthSimError, InvalidInput, NotFound
from healthsim.object_stores.addresses import address_of
from healthsim.object_stores.fetching import fetched
from healthsim.object_stores.sending import outgoing


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Memory:
    return in_memory(monkeypatch)


def send(address: str, *, force: bool = False, **files: str) -> tuple[int, list[str]]:
    """Send a folder; how many files were sent, and which had been there."""
    with outgoing(address_of(address), force=force) as place:
        folder_with(place.path, **files)
        sent = place.send()
    return sent.files, sent.kept


def test_the_manifest_is_sent_last(store: Memory) -> None:
    send("s3://lake/x", a="1", b__c="2")
    assert store.names() == ["x/a", "x/b/c", "x/manifest.json"]
    assert store.sent[-1] == "x/manifest.json"
    assert json.loads(store.text("x/manifest.json"))["files"].keys() == {"a", "b/c"}


def test_what_is_there_is_not_replaced_without_force(store: Memory) -> None:
    send("s3://lake/x", a="1")
    with pytest.raises(AlreadyExists, match="exists already"):
        send("s3://lake/x", a="2")
    assert store.text("x/a") == "1"
    send("s3://lake/x", force=True, b="3")
    assert store.names() == ["x/b", "x/manifest.json"]


def test_a_cut_transfer_has_no_manifest_and_is_taken_up_again(store: Memory) -> None:
    def cut(key: str) -> None:
        if key.endswith(("c", "d")):
            raise GenericError("connection closed before message completed")

    store.before = cut
    with pytest.raises(HealthSimError, match="was cut"):
        send("s3://lake/x", a="1", b="2", c="3", d="4")
    assert "x/manifest.json" not in store.names()
    with pytest.raises(InvalidInput, match="not whole"), fetched(address_of("s3://lake/x")):
        pass
    store.before = lambda key: None
    store.sent.clear()
    assert send("s3://lake/x", a="1", b="2", c="3", d="4") == (3, ["a", "b"])
    assert sorted(store.sent) == ["x/c", "x/d", "x/manifest.json"]


def test_a_part_of_the_same_size_with_other_content_is_sent_again(store: Memory) -> None:
    def cut(key: str) -> None:
        if key.endswith("manifest.json"):
            raise GenericError("connection closed")

    store.before = cut
    with pytest.raises(HealthSimError):
        send("s3://lake/x", a="1", b="2")
    store.before = lambda key: None
    assert send("s3://lake/x", a="1", b="9") == (2, ["a"])
    assert store.text("x/b") == "9"


def test_while_it_is_replaced_nothing_whole_is_there(store: Memory) -> None:
    send("s3://lake/x", a="1")
    seen = []
    store.before = lambda key: seen.append((key, "x/manifest.json" in store.names()))
    send("s3://lake/x", force=True, a="2")
    assert seen == [("x/a", False), ("x/manifest.json", False)]


def test_what_no_export_sent_stays(store: Memory) -> None:
    store.put("x/thesis.txt", b"years of work")
    for force in (False, True):
        with pytest.raises(AlreadyExists, match=r"no export wrote \(thesis\.txt\)"):
            send("s3://lake/x", force=force, a="1")
    assert store.text("x/thesis.txt") == "years of work"
    assert store.names() == ["x/thesis.txt"]


def test_parts_of_another_transfer_go_only_with_force(store: Memory) -> None:
    def cut(key: str) -> None:
        if key.endswith("manifest.json"):
            raise GenericError("connection closed")

    store.before = cut
    with pytest.raises(HealthSimError):
        send("s3://lake/x", old="1")
    store.before = lambda key: None
    with pytest.raises(AlreadyExists, match="parts of another transfer"):
        send("s3://lake/x", new="2")
    send("s3://lake/x", force=True, new="2")
    assert store.names() == ["x/manifest.json", "x/new"]


def test_of_two_who_write_one_place_one_is_told(store: Memory) -> None:
    """The other one's manifest comes between our parts and ours."""

    def meanwhile(key: str) -> None:
        if key == "x/manifest.json" and "x/manifest.json" not in store.names():
            store.put("x/manifest.json", b"{}")

    store.before = meanwhile
    with pytest.raises(AlreadyExists, match="by somebody else meanwhile"):
        send("s3://lake/x", a="1")


def test_a_single_file_is_one_object(store: Memory) -> None:
    for text, force in (("{1}", False), ("{2}", True)):
        with outgoing(address_of("s3://lake/x.json"), force=force) as place:
            place.path.write_text(text)
            place.send()
    assert store.text("x.json") == "{2}"
    with pytest.raises(AlreadyExists), outgoing(address_of("s3://lake/x.json"), force=False):
        pass


def test_what_is_fetched_is_what_was_sent(store: Memory) -> None:
    send("s3://lake/x", a="1", b__c="2")
    with fetched(address_of("s3://lake/x")) as copy:
        found = {path.relative_to(copy).as_posix(): path.read_text() for path in copy.rglob("*") if path.is_file()}
    assert found.keys() == {"a", "b/c", "manifest.json"}
    assert found["b/c"] == "2"
    assert not copy.exists()


def test_what_is_not_as_the_manifest_says_is_refused(store: Memory) -> None:
    send("s3://lake/x", a="1", b="2")
    store.put("x/b", b"9")
    with pytest.raises(InvalidInput, match="checksum"), fetched(address_of("s3://lake/x")):
        pass
    store.put("x/manifest.json", b'{"files": {"a": {}, "gone": {}}}')
    with pytest.raises(InvalidInput, match="lacks 1 of the 2"), fetched(address_of("s3://lake/x")):
        pass
    store.put("x/manifest.json", b'{"files": {"../../a": {}}}')
    with pytest.raises(InvalidInput, match="lacks"), fetched(address_of("s3://lake/x")):
        pass


def test_a_folder_of_somebody_else_is_fetched_as_it_is(store: Memory) -> None:
    store.put("fhir/Patient.ndjson", b"{}")
    store.put("fhir/Claim.ndjson", b"{}")
    with fetched(address_of("s3://lake/fhir/")) as copy:
        assert sorted(path.name for path in copy.iterdir()) == ["Claim.ndjson", "Patient.ndjson"]


def test_nothing_there(store: Memory) -> None:
    with pytest.raises(NotFound, match="nothing at s3://lake/x"), fetched(address_of("s3://lake/x")):
        pass


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "obstore", None)
    needed = pytest.raises(HealthSimError, match=r"needs obstore. Install: pip install 'healthsim\[cloud\]'")
    with needed, outgoing(address_of("s3://lake/x"), force=False):
        pass


def test_local_copies_are_for_their_owner_only(store: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with outgoing(address_of("s3://lake/x"), force=False) as place:
        assert place.path.parent.stat().st_mode & 0o077 == 0
        assert place.path.is_relative_to(tmp_path)
