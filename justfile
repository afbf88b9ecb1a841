# The commands of a developer; `just --list` shows them. Each is one line that can be typed without just.

# run the tests
test *words:
    uv run --group dev pytest {{words}}

# run all tests, the long ones as well
test-all *words:
    uv run --group dev pytest -m "long or not long" {{words}}

# lint, format and types
check:
    uv run --group dev ruff check .
    uv run --group dev ruff format --check .
    uv run --group dev sqlfluff lint packages --processes 0
    uv run --group dev mypy

# put the code into the house's format
format:
    uv run --group dev ruff check --fix .
    uv run --group dev ruff format .

# write the generated pages of docs/ anew
docs:
    uv run --group dev python scripts/write_docs.py

# pin what is installed for development
pins:
    uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url --no-header -o constraints.txt

# the gate
ci:
    bash .ci/run
