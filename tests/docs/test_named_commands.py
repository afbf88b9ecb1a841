"""Every command that a page names exists, with the options that it is named with."""

from __future__ import annotations

import pytest
from doc_pages import USER_PAGES, Page

from commands import fault_in


@pytest.mark.parametrize("page", USER_PAGES, ids=lambda page: page.name)
def test_the_commands_that_a_page_names_exist(page: Page) -> None:
    wrong = [
        f"line {line}: healthsim {words}: {fault}" for line, words in page.commands() if (fault := fault_in(words))
    ]
    assert not wrong, f"{page.name} names commands that do not exist"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("scenario list --tag demo --json", None),
        ("--db other.duckdb scenario list|show|load", None),
        ("migrate json [--status | --dry-run] [--from DIR]", None),
        ("scenario ...", None),
        ("scenario export NAME -o - | healthsim scenario list", None),
        ("scenario lst", "there is no command lst"),
        ("scenario list|shwo", "there is no command shwo"),
        ("scenario list --tags", "there is no option --tags"),
        ("migrate json [--state]", "there is no option --state"),
    ],
)
def test_what_does_not_exist_is_found_out(words: str, fault: str | None) -> None:
    assert fault_in(words) == fault
