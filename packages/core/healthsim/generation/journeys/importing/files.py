"""Files of other programs become files of journeys, each with a report of what was taken and what was not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from healthsim.errors import AlreadyExists, InvalidInput, UsageError
from healthsim.generation.journeys.importing.documents import Found, files_of, find
from healthsim.generation.journeys.importing.draft import Draft, spelled
from healthsim.generation.journeys.importing.finishing import finished
from healthsim.generation.journeys.importing.matching import CodeMap, House, read_codes
from healthsim.generation.journeys.knowledge import Known
from healthsim.generation.knowledge_files import load_knowledge
from healthsim.outputs import new_file
from healthsim.remedies import remedy
from healthsim.results import JourneyImport, JourneyImports, StepTaken

_WIDTH = 140


def import_files(
    paths: list[Path],
    output: Path,
    *,
    codes: Path | None = None,
    assume: float | None = None,
    keep_snomed: bool = False,
    overwrite: bool = False,
    conditions: Path | None = None,
) -> JourneyImports:
    """Read documents of other programs, and write those that become journeys as YAML.

    Args:
        paths: files, or folders of them.
        output: the folder of the journeys; it may hold others.
        codes: a CSV file of codes: system, code, target, value.
        assume: the share of people for whom a condition holds that cannot be asked; None: such steps are left out.
        keep_snomed: what is done under a SNOMED code without a map is kept as what its contact is for.
        overwrite: replace journeys that are there.
        conditions: a folder of clinical knowledge of the user's own.

    Raises:
        NotFound: there is no such file.
        InvalidInput: none of them is a document of one of the shapes, or the codes make no sense.
        AlreadyExists: a file of a journey is there.
    """
    if not paths:
        raise UsageError("Name the files or folders to import.")
    if assume is not None and not 0 < assume <= 1:
        raise InvalidInput(f"The share to assume is {assume:g}; expected a number above 0 and up to 1.")
    house = House(
        Known(load_knowledge(conditions)),
        CodeMap() if codes is None else read_codes(codes),
        assume,
        keep_snomed,
    )
    sources = [find(path) for path in files_of(paths)]
    if not any(each.shape for each in sources):
        seen = [f"{each.path}: {each.problem}" for each in sources]
        raise InvalidInput(
            "Nothing here is a care pathway of the original HealthSim or a module of Synthea; nothing was written.\n  "
            + "\n  ".join(seen[:20])
            + (f"\n  ... and {len(seen) - 20:,} more" if len(seen) > 20 else ""),
            seen=seen[:200],
        )
    names: set[str] = set()
    read = [_read(each, house, names) for each in sources]
    if not overwrite:
        taken = [place for result, written in read if written and (place := output / f"{result.journey}.yaml").exists()]
        if taken:
            raise AlreadyExists(
                f"{', '.join(map(str, taken[:5]))} {'exists' if len(taken) == 1 else 'exist'} already; nothing was written. Use"
                f" {remedy('replace a file')} to replace them, or choose another folder.",
                path=str(taken[0]),
            )
    files = [_write(result, written, output) for result, written in read]
    return JourneyImports(str(output), len(files), sum(each.file is not None for each in files), files)


def _read(source: Found, house: House, names: set[str]) -> tuple[JourneyImport, dict[str, Any] | None]:
    """(the report of a document, the journey that it becomes)."""
    if source.shape is None or source.document is None:
        return JourneyImport(str(source.path), None, problem=source.problem), None
    title = source.path.stem.replace("_", " ").replace("-", " ").capitalize()
    draft = Draft(
        house,
        spelled(source.path.stem),
        title,
        f"Imported from {source.path.name}, {source.shape.name}; its shares are those of that file",
    )
    source.shape.read(draft, source.document)
    base, number = draft.name, 1
    while draft.name in names:
        number += 1
        draft.name = f"{base}_{number}"
        draft.note(f"another document is {base} already; this one is {draft.name}")
    names.add(draft.name)
    written = finished(draft)
    steps = [StepTaken(node.name, node.path, str(node.kind)) for node in draft.nodes.values()] if written else []
    result = JourneyImport(
        str(source.path),
        source.shape.name,
        draft.name,
        None,
        steps,
        sorted(draft.left_out, key=lambda left: left.path),
        draft.notes,
        draft.problem,
    )
    return result, written


def _write(result: JourneyImport, written: dict[str, Any] | None, output: Path) -> JourneyImport:
    if written is None:
        return replace(result, journey=None)
    output.mkdir(parents=True, exist_ok=True)
    place = output / f"{result.journey}.yaml"
    with new_file(place, force=True) as partial:
        text = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=None)
        partial.write_text(text, encoding="utf-8")
    return replace(result, file=str(place))
