"""Load reference data: a thin door to ``healthsim reference import``.

python scripts/import_reference_data.py PATH... [--dataset D --level L --release R] [--json]
"""

from __future__ import annotations

import sys

from healthsim.cli import main

if __name__ == "__main__":
    main(["reference", "import", *sys.argv[1:]])
