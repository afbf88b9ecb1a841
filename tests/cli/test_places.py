"""Inputs and outputs that are no paths are refused, and nothing is made of them (kind 12 of what strangers try)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from healthsim.cli import main

COMMANDS = [
    "export parquet demo -o {}",
    "export csv demo -o {}",
    "export omop demo -o {}",
    "scenario export demo -o {}",
    "scenario import {}",
    "import {}",
    "generate --size 10 --county 06073 --format parquet -o {}",
    "analytics report pmpm --html {}",
    "migrate json --from {}",
    "sql -f {}",
    "reference import {}",
    "conditions check {}",
]


#: these also reach object stores
REACHING = ("export", "scenario", "import", "generate")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_place_of_another_kind_is_refused_before_anything_is_done(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    reaches = command.split()[0] in REACHING
    for place in (
        "ftp://h/x" if reaches else "s3://bucket/x",
        "gs://u:hunter2@bucket/x.json",
        "https://h/x?sig=hunter2",
    ):
        with pytest.raises(SystemExit) as end:
            main([word.format(place) for word in command.split()])
        printed = capsys.readouterr().err
        assert end.value.code == 2, printed
        if not reaches:
            assert "a kind of place that this program does not know" in printed
            assert "a path on this machine" in printed
        assert "hunter2" not in printed
    assert os.listdir(tmp_path) == ["home"]
