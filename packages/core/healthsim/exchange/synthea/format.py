"""Synthea's CSV: read only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.exchange.format import Format

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading
    from healthsim.state.json.header import Header


def _sniff(path: Path) -> bool:
    from healthsim.exchange.synthea.read import table_of

    return table_of(path) is not None


def _sniff_folder(folder: Path) -> list[Path]:
    from healthsim.exchange.synthea.read import files_of

    return list(files_of(folder).values())


def _read(path: Path, reading: Reading) -> Header:
    from healthsim.exchange.synthea.read import read

    return read(path, reading)


FORMAT = Format(
    name="synthea",
    title="CSV of Synthea.",
    meaning="Read the CSV files that Synthea writes, of any version.",
    sniff=_sniff,
    sniff_folder=_sniff_folder,
    read=_read,
)
