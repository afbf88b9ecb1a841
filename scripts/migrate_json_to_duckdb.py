"""Migrate the JSON scenarios of the old implementation: the same as ``healthsim migrate json``.

python scripts/migrate_json_to_duckdb.py [--status | --dry-run] [--from DIR] [--json]
"""

from __future__ import annotations

import sys

from healthsim.cli import main

if __name__ == "__main__":
    main(["migrate", "json", *sys.argv[1:]])
