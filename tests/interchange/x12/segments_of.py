"""X12 as tests look at it: segments as lists of elements, split by somebody else than the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def segments(path: Path) -> list[list[str]]:
    """Every segment of a file that HealthSim wrote."""
    return [line.split("*") for line in path.read_text("ascii").replace("\n", "").split("~") if line]


def sets(path: Path) -> Iterator[list[list[str]]]:
    """The transaction sets of a file, ST to SE."""
    found: list[list[str]] = []
    for segment in segments(path):
        if segment[0] == "ST":
            found = []
        found.append(segment)
        if segment[0] == "SE":
            yield found
            found = []
