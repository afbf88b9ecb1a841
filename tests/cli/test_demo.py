"""The demo may be run at any time, and nothing of the user's own is replaced by it (kind 8 of what strangers try)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from healthsim import demo
from healthsim.cli.demo import called
from healthsim.errors import AlreadyExists
from healthsim.generation import generate
from healthsim.state.manager import StateManager


def add(state: StateManager) -> None:
    state.add_entities(demo.NAME, {"patients": [{"patient_id": "MINE"}]})


def tag(state: StateManager) -> None:
    state.tag(demo.NAME, ["mine"])


def replace(state: StateManager) -> None:
    state.save(demo.NAME, {"patients": [{"patient_id": "MINE"}]}, mode="overwrite")


@pytest.mark.parametrize("change", [add, tag, replace])
def test_an_example_that_was_changed_is_spared(state: StateManager, change: Callable[[StateManager], None]) -> None:
    demo.import_example(state)
    change(state)
    mine = state.load(demo.NAME)
    with pytest.raises(
        AlreadyExists, match=r"have changed the one of an earlier demo. It stays as it is.*healthsim.rename"
    ):
        demo.import_example(state)
    assert state.load(demo.NAME) == mine


def test_what_an_earlier_demo_saved_is_used_as_it_is(state: StateManager) -> None:
    first, second = demo.import_example(state), demo.import_example(state)
    assert (first.is_new, second.is_new, first.entity_count) == (True, False, second.entity_count)
    assert state.list()[1] == 1


@pytest.mark.long
def test_a_renamed_example_makes_room_for_another_one(state: StateManager) -> None:
    demo.import_example(state)
    state.rename(demo.NAME, "mine")
    for is_new in (True, False):
        assert demo.import_example(state).is_new is is_new
        assert demo.leaves_as_it_came(state)
        assert not demo.keeps_its_id(state)
    assert state.list()[1] == 2


@pytest.mark.parametrize("spec", [{"size": 40}, {"size": 40, "seed": 1}])
def test_a_county_of_the_users_own_is_spared(state: StateManager, spec: dict[str, int]) -> None:
    generate({"counties": [demo.COUNTY], **spec}, demo.COUNTY_NAME, database=state.database)
    before = state.get(demo.COUNTY_NAME)
    with pytest.raises(AlreadyExists, match="'demo-county' of your own"):
        demo.generate_county(state)
    assert state.get(demo.COUNTY_NAME) == before


@pytest.mark.long
def test_what_was_added_to_the_county_stays(state: StateManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PERSONS", 40)
    made = demo.generate_county(state)
    state.add_entities(demo.COUNTY_NAME, {"patients": [{"patient_id": "MINE"}]})
    again = demo.generate_county(state)
    assert (made.is_new, again.is_new) == (True, False)
    assert again.entity_count == made.entity_count + 1


@pytest.mark.parametrize(("variable", "typed"), [("1", "uv run healthsim"), (None, "healthsim")])
def test_what_comes_next_can_be_typed_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, typed: str
) -> None:
    """``uv run`` puts the program on its own path only."""
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH", raising=False)
    if variable is not None:
        monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", variable)
    assert called() == typed
