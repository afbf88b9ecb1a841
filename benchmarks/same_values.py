"""Whether two checkouts generate the same values: digests of every column of populations of eleven specs.

    python benchmarks/same_values.py OTHER_CHECKOUT [--only NAME]
    python benchmarks/same_values.py OTHER_CHECKOUT --keep FILE    and from then on, while working:    ... FILE

Each checkout runs in a process of its own, with the libraries of this one; FILE keeps what the other one has given. No digest is kept in the repository, since values change
when the knowledge does; what is proved is that a change of the code alone changed none. Columns that differ are named.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_EVERYTHING = ["patient", "claims", "pharmacy", "trial"]
#: name -> spec: sizes within a block and over several, one county and many, cohorts, windows, ages, payers, products, seeds
SPECS: dict[str, dict[str, Any]] = {
    "one block": {"size": 4_500, "counties": ["06073"], "products": _EVERYTHING, "seed": 11},
    "several blocks": {"size": 9_000, "counties": ["48201"], "products": _EVERYTHING, "seed": 5},
    "few": {"size": 7, "counties": ["06073"], "products": _EVERYTHING},
    "counties": {"size": 5_000, "counties": {"06073": 3, "48201": 1, "46102": 1}, "products": _EVERYTHING},
    "states": {"size": 4_000, "states": ["CA", "AZ"], "seed": 2},
    "cohort": {
        "size": 3_000,
        "counties": ["06073"],
        "cohort": ["type_2_diabetes", "chronic_kidney_disease"],
        "products": _EVERYTHING,
    },
    "pregnant": {"size": 2_000, "counties": ["06073"], "cohort": ["pregnancy"], "sex": "F"},
    "ten years": {"size": 1_500, "counties": ["06073"], "years": 10, "as_of": "2019-12-31", "products": _EVERYTHING},
    "one year": {"size": 3_000, "counties": ["06073"], "years": 1, "as_of": "2024-02-29", "seed": 2**62},
    "payers": {
        "size": 3_000,
        "counties": ["06073"],
        "payers": {"medicaid": 2, "exchange": 1, "uninsured": 1},
        "ages": {"min": 0, "max": 30},
        "products": ["claims"],
    },
    "trial alone": {"size": 20_000, "counties": ["06073"], "products": ["trial"], "ages": {"min": 40, "max": 75}},
}

_CHILD = """
import hashlib, json, sys, tempfile
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
try:
    from healthsim.generation import generate_files
except ImportError:  # as the package was called
    from healthsim.generate import generate_files

with tempfile.TemporaryDirectory() as folder:
    for name, spec in json.loads(sys.argv[1]).items():
        place = Path(folder) / name
        generate_files(spec, place, database=str(Path(folder) / "x.duckdb"))
        digests = {}
        tables = place / "canonical" if (place / "canonical").is_dir() else place  # as they were laid out
        for table in sorted(one for one in tables.iterdir() if one.is_dir()):
            rows = pa.concat_tables(pq.read_table(part) for part in sorted(table.glob("*.parquet")))
            for column in rows.column_names:
                whole = rows[column].combine_chunks()
                if pa.types.is_dictionary(whole.type):
                    whole = whole.dictionary_decode()
                texts = whole.cast(pa.large_string()).fill_null("NULL").to_pylist()
                digest = hashlib.blake2b("|".join([str(whole.type), *texts]).encode(), digest_size=16)
                digests[f"{table.name}.{column}"] = digest.hexdigest()
        print(json.dumps([name, digests]), flush=True)
"""


def start(checkout: Path, specs: dict[str, dict[str, Any]]) -> subprocess.Popen[str]:
    """A process that prints the digests of what a checkout generates, a line for each spec."""
    script = f"import sys; sys.path.insert(0, {str(checkout / 'packages' / 'core')!r})\n" + _CHILD
    return subprocess.Popen([sys.executable, "-c", script, json.dumps(specs)], stdout=subprocess.PIPE, text=True)


def answer(run: subprocess.Popen[str]) -> dict[str, dict[str, str]]:
    """Spec -> column -> digest."""
    lines, _ = run.communicate()
    if run.returncode:
        raise SystemExit(run.returncode)
    return dict(json.loads(line) for line in lines.splitlines())


def main() -> None:
    """Compare, and exit with 1 where a column differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path, help="another checkout of this repository, or a file of its digests")
    parser.add_argument("--keep", type=Path, help="write the other's digests to this file")
    parser.add_argument("--only", choices=SPECS, help="one spec alone")
    options = parser.parse_args()
    specs = {options.only: SPECS[options.only]} if options.only else SPECS
    here = Path(__file__).parents[1]
    run = start(here, specs)
    kept = options.other.is_file()
    theirs = json.loads(options.other.read_text()) if kept else answer(start(options.other, specs))
    if options.keep:
        options.keep.write_text(json.dumps(theirs))
    ours = answer(run)
    total, different = 0, 0
    for name in specs:
        columns = sorted({*ours[name], *theirs[name]})
        changed = [column for column in columns if ours[name].get(column) != theirs[name].get(column)]
        total, different = total + len(columns), different + len(changed)
        print(f"{name}: {len(columns)} columns, {len(changed)} differ{': ' if changed else ''}{', '.join(changed)}")
    print(f"{total:,} columns of {len(specs)} specs, {different:,} differ")
    raise SystemExit(bool(different))


if __name__ == "__main__":
    main()
