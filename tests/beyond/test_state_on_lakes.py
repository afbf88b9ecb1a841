"""What scenarios do in a file, they do on a lake: the same tests, with its catalogue in SQLite and in Postgres.

A lake asks its catalogue for every table, so that each of these tests takes some seconds of a processor. Of every kind of work one
runs always; all of them with HEALTHSIM_TEST_STATE_ON_LAKES=1.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "spec"))

import lakes
import test_state
from test_state import pytestmark as pytestmark

LOCATIONS = lakes.KINDS

#: saving, replacing, merging, finding, deleting, cloning
_ALWAYS = (
    "test_load_gives_the_documents_as_they_were_saved",
    "test_overwrite_replaces_everything_and_keeps_what_is_said_about_it",
    "test_merge_adds_and_replaces_by_id",
    "test_rename",
    "test_delete_leaves_no_row_in_any_table",
    "test_a_clone_is_a_scenario_of_its_own",
)
_every = bool(os.environ.get("HEALTHSIM_TEST_STATE_ON_LAKES"))
globals().update(
    (name, test)
    for name, test in vars(test_state).items()
    # fixtures of that module, too
    if name == "shelf" or (name.startswith("test_") and (_every or name in _ALWAYS))
)
assert set(_ALWAYS) <= globals().keys(), "tests that run always are there"
