"""How large a run will be, before it begins: rows, bytes, minutes; and whether the disk has room for it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.errors import HealthSimError

if TYPE_CHECKING:
    from healthsim.generation.spec import PopulationSpec

#: product -> (rows of a person, and more of them for each year). Counted: 2,000 persons of 06073 up to 2025, over 1 and 3 years;
#: people who were chosen by a condition have more
_ROWS = {"patient": (7.0, 27.5), "claims": (3.7, 12.0), "pharmacy": (4.3, 3.4)}
#: bytes of a row in Parquet and in the database. Counted: the same, and 100,000 persons
_IN_FILES, _IN_DATABASE = 28, 40
#: rows that one process makes and that the database takes in a second, on a processor of 2023: an order of magnitude
_A_SECOND = 120_000
#: persons from which on it is worth a word, and a look at the disk
BIG = 20_000


@dataclass(frozen=True)
class Estimate:
    """What a run will need, within about a third.

    Attributes:
        rows: of all tables.
        bytes: on the disk while it runs: the parts, and the database that takes them.
        seconds: with so many processes.
        free: bytes that the disk has, None where no disk takes them.
    """

    rows: int
    bytes: int
    seconds: float
    free: int | None

    def __str__(self) -> str:
        minutes = (
            f"{self.seconds / 60:,.0f} minutes"
            if self.seconds >= 90
            else f"{max(round(self.seconds, -1), 10):.0f} seconds"
        )
        room = f"; the disk has {_gigabytes(self.free)}" if self.free is not None else ""
        return f"About {round(self.rows, -5):,} rows, {_gigabytes(self.bytes)} while it runs, {minutes}{room}."


def estimate(spec: PopulationSpec, folder: Path | None, *, saved: bool, workers: int = 1) -> Estimate:
    """What a run will need.

    Args:
        folder: where the parts go, None where that is no disk of this machine.
        saved: whether a database takes the parts.
        workers: processes.
    """
    rows = round(spec.size * sum(of + more * spec.years for of, more in map(_rows, spec.products)))
    needed = rows * (_IN_FILES + (_IN_DATABASE if saved else 0))
    free = shutil.disk_usage(_there(folder)).free if folder is not None else None
    return Estimate(rows, needed, rows / (_A_SECOND * workers), free)


def refuse_without_room(wanted: PopulationSpec, folder: Path | None, *, saved: bool) -> None:
    """Say at once that a big run cannot end well; what is in doubt is tried.

    Raises:
        HealthSimError: the disk has less than half of what is needed.
    """
    if wanted.size < BIG:
        return
    needed = estimate(wanted, folder, saved=saved)
    if needed.free is not None and needed.free < needed.bytes / 2:
        raise HealthSimError(
            f"The disk of {folder} has {_gigabytes(needed.free)} free, and {wanted.size:,} persons need about"
            f" {_gigabytes(needed.bytes)}; nothing was done. Make room, ask for fewer persons, or choose another place.",
            free=needed.free,
            needed=needed.bytes,
        )


def _rows(product: str) -> tuple[float, float]:
    # a trial is of few
    return _ROWS.get(product, (0.0, 0.0))


def _there(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    folder = folder.absolute()
    return next((above for above in (folder, *folder.parents) if above.is_dir()), Path(folder.anchor))


def _gigabytes(number: int) -> str:
    return f"{number / 1e9:,.1f} GB" if number >= 1e8 else f"{number / 1e6:,.0f} MB"
