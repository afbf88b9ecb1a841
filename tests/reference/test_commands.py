"""``healthsim reference``: what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import reference_files as made

from healthsim.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    with pytest.raises(SystemExit) as ended:
        main(["reference", *words, "--json"])
    assert ended.value.code == code
    return json.loads(capsys.readouterr().out)


def test_import_list_lookup_drop_verify(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = made.svi(tmp_path / "SVI_2022_US_county.csv", "2022")
    (load,) = run(capsys, "import", str(path))["loads"]
    assert {key: load[key] for key in ("dataset", "level", "release", "geography_vintage", "rows", "status")} == {
        "dataset": "svi",
        "level": "county",
        "release": "2022",
        "geography_vintage": "2022",
        "rows": 4,
        "status": "loaded",
    }
    assert run(capsys, "import", str(path))["loads"][0]["status"] == "unchanged"
    listed = run(capsys, "list")["loads"]
    assert [(load["dataset"], load["release"]) for load in listed] == [
        ("places", "starter"),
        ("svi", "2022"),
        ("svi", "starter"),
    ]
    answer = run(capsys, "lookup", "--county", "06073", "--measure", "DIABETES,OBESITY")
    assert answer["measures"]["OBESITY"]["crude_prevalence"] == 28.1
    assert run(capsys, "lookup", "San Diego County, CA")["place"]["geoid"] == "06073"
    assert (
        "Two places" in run(capsys, "lookup", "Los Angeles County, CA", "--county", "06073", code=2)["error"]["message"]
    )
    assert run(capsys, "compare", "06073", "06037")["measures"][0]["measure"] == "ACCESS2"
    assert run(capsys, "verify")["ok"]
    assert run(capsys, "drop", "svi", "--release", "2022", "--yes")["dropped"] == [
        {"dataset": "svi", "level": "county", "release": "2022"}
    ]
    assert run(capsys, "drop", "svi", "--release", "2022", "--yes", code=3)["error"]["code"] == "not_found"
    assert run(capsys, "import", str(tmp_path / "missing.csv"), code=3)["error"]["code"] == "not_found"
    assert run(capsys, "import", str(path), "--release", "2020", code=5)["error"]["code"] == "invalid_input"


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["list"],
        ["lookup", "--state", "CA"],
        ["lookup", "--county", "06073"],
        ["compare", "06073", "06037"],
        ["verify"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(["reference", *words])
        assert ended.value.code == 0
        assert capsys.readouterr().out
