# The commands of a developer; `just --list` shows them. Each is one line that can be typed without just.

# run the tests
test *words:
    uv run pytest {{words}}

# lint, format and types
check:
    uv run ruff check .
    uv run ruff format --check .
    uv run sqlfluff lint packages --processes 0
    uv run mypy

# put the code into the house's format
format:
    uv run ruff check --fix .
    uv run ruff format .

# write the generated pages of docs/ anew
docs:
    uv run python scripts/write_docs.py

# pin what is installed for development
pins:
    uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url --no-header -o constraints.txt

# the gate
ci:
    bash .ci/run
