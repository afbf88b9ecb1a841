"""What strangers found by trying, as kinds of faults, each with the tests that hold it: where one goes, another one takes its place.

The numbers are those that the tests themselves name ("kind 13 of what strangers try").
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

#: what went wrong -> the file below tests/ and the functions that try it and its neighbours
KINDS: dict[str, tuple[str, ...]] = {
    "1 a write is lost where the file is exchanged, deleted or compacted meanwhile": (
        "spec/test_locations.py",
        "test_what_was_saved_is_there_whatever_took_the_place_of_the_file_meanwhile",
        "test_a_file_that_was_deleted_under_a_running_program_is_made_anew",
        "test_an_exchanged_file_of_an_older_version_is_brought_up_to_date",
    ),
    "2 compact of a linked database leaves two": (
        "spec/test_locations.py",
        "test_compact_goes_through_symbolic_links_which_stay",
        "test_a_file_with_several_names_is_not_compacted",
    ),
    "3 a name with signs of patterns reads another file": (
        "reference/test_names_of_files.py",
        "test_signs_of_patterns_are_signs_of_names",
    ),
    "4 a date with a zone moves by a day": (
        "spec/test_state.py",
        "test_the_day_of_a_date_is_the_one_that_is_written_whatever_its_zone",
        "test_a_date_that_python_gives_with_a_zone_is_of_the_day_that_it_shows",
    ),
    "5 values are shown otherwise than they are": (
        "sql/test_shown.py",
        "test_every_type_of_the_engine_is_shown_as_it_writes_it",
        "test_json_has_numbers_where_they_are_exact",
        "test_numbers_of_a_column_are_of_one_kind",
    ),
    "6 a filter throws deactivations away": (
        "reference/test_nppes.py",
        "test_deactivations_of_providers_that_are_known_pass_the_filter",
        "test_the_release_of_a_file_does_not_depend_on_the_filter",
    ),
    "7 writers of a scenario disagree": (
        "spec/test_every_writer.py",
        "test_every_writer_leaves_the_same_traces",
        "test_a_write_that_fails_at_its_end_changes_nothing_whoever_writes",
    ),
    "8 the demo takes what is the user's": (
        "cli/test_demo.py",
        "test_an_example_that_was_changed_is_spared",
        "test_a_county_of_the_users_own_is_spared",
        "test_what_was_added_to_the_county_stays",
    ),
    "9 a question reads the catalogue": (
        "sql/test_attacks.py",
        "test_is_refused_by_the_check",
        "test_the_hidden_file_is_not_named",
        "test_other_scenarios_stay_unseen",
    ),
    "10 silent sockets shut the server": (
        "server/test_connections.py",
        "test_256_silent_sockets_without_a_token_hold_up_nobody",
        "test_headers_have_a_time",
        "test_the_longest_idle_session_makes_room",
    ),
    "11 secrets are printed": (
        "unit/test_scrubbing.py",
        "test_secrets_are_taken_out",
        "test_values_of_details_are_scrubbed_however_deep",
        "test_logs_and_the_tracebacks_in_them_show_none",
    ),
    "12 an unknown scheme becomes a path": (
        "unit/test_targets.py",
        "test_an_unknown_scheme_is_refused_with_those_that_are_known",
    ),
    "13 a killed command leaves files": (
        "spec/test_killed_commands.py",
        "test_kills_leave_nothing_behind",
    ),
    "14 files have the rights of others": (
        "unit/test_outputs.py",
        "test_what_is_replaced_keeps_its_mode",
        "test_what_is_new_follows_the_umask_and_says_who_may_read_it",
    ),
    "15 a stopped waiter holds up everyone": (
        "spec/test_locations.py",
        "test_a_stopped_waiter_holds_up_nobody",
    ),
    "16 a pipe as a database hangs": (
        "spec/test_locations.py",
        "test_what_would_be_waited_for_for_ever_is_refused_at_once",
    ),
    "17 damage ends in a traceback": (
        "spec/test_locations.py",
        "test_flipped_bytes_are_damage_and_never_a_traceback",
        "test_damage_is_told_whatever_class_the_engine_gives_it",
    ),
    "18 doors break on streams and arguments": (
        "cli/test_streams.py",
        "test_a_full_output_is_told",
        "test_closed_streams_are_nowhere",
        "test_letters_that_the_terminal_lacks_are_shown_by_number",
        "test_arguments_that_are_no_text_are_refused",
        "test_whatever_happens_is_told_in_one_line",
    ),
    "19 CSV and tables differ": (
        "sql/test_shown.py",
        "test_csv_quotes_every_end_of_a_line",
        "test_csv_and_tables_say_the_same",
    ),
    "20 wide tables cannot be read": (
        "cli/test_output.py",
        "test_a_pipe_gets_every_column_on_one_line",
        "test_a_narrow_terminal_gets_lines_of_column_and_value",
    ),
    "21 official files are refused": (
        "reference/test_official_files.py",
        "test_places_of_a_newer_release",
        "test_the_census_bureau_writes_latin_1",
        "test_words_that_stand_for_no_value",
        "test_deflate64_is_named",
        "test_a_pipe_is_told_and_not_waited_for",
    ),
    "22 duplicate ids vanish": (
        "spec/test_state.py",
        "test_of_two_documents_with_one_id_the_later_wins",
        "test_what_the_earlier_of_two_documents_carried_goes_with_it",
    ),
    "23 honest questions are refused": (
        "sql/test_questions.py",
        "test_there_are_enough",
        "test_is_answered",
    ),
    "24 progress and pictures leave out": (
        "generate/test_progress.py",
        "test_phases_have_a_total_from_the_beginning",
        "test_charts_say_what_they_leave_out",
    ),
    "25 machines get in each other's way": (
        "unit/test_leftovers.py",
        "test_only_what_dead_processes_of_this_host_left_is_abandoned",
        "test_what_another_host_made_is_its_own_until_nobody_has_touched_it_for_days",
    ),
    "25 the latest is that of the clock": (
        "spec/test_every_writer.py",
        "test_what_was_written_last_is_the_latest_though_the_clock_was_set_back",
    ),
    "25 databases of old": (
        "migration/test_frozen.py",
        "test_there_is_a_frozen_file_of_every_version_since_the_first",
        "test_a_frozen_file_has_rows_in_every_table",
    ),
    "26 tests want a quiet machine": (
        "architecture/test_tests.py",
        "test_no_test_waits_for_a_fixed_time",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_the_tests_that_it_names(kind: str) -> None:
    path, *names = KINDS[kind]
    written = {
        node.name
        for node in ast.parse((TESTS / path).read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert set(names) - written == set()


def test_no_kind_is_left_out() -> None:
    assert {int(kind.split()[0]) for kind in KINDS} == set(range(1, 27))
