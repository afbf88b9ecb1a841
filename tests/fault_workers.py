"""What other processes do to a database while a test looks on: they are killed, hold the lock, or write along.

They come from a server process that has everything imported and nothing opened, so that each starts at once.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "healthsim.state.manager",
        "healthsim.state.save",
        "healthsim.state.json.shapes",
        "healthsim.state.copying",
        "healthsim.state.legacy.migrate",
        "healthsim.state.python_input",
        "healthsim.state.json.writers",
    ]
)


def clinic(size: int, version: str) -> dict[str, list[dict[str, Any]]]:
    """Patients with an encounter and two diagnoses each; all say which version they are."""
    return {
        "patients": [{"patient_id": f"P{n}", "mrn": f"M{n}", "given_name": version} for n in range(size)],
        "encounters": [{"encounter_id": f"E{n}", "patient_mrn": f"M{n}", "department": version} for n in range(size)],
        "diagnoses": [{"encounter_id": f"E{n % size}", "code": f"{version}-{n}"} for n in range(2 * size)],
    }


def manager_of(path: Path, lock_timeout: float = 120.0) -> Any:
    from healthsim.db.connection import Database
    from healthsim.state.manager import StateManager

    return StateManager(Database(path, lock_timeout=lock_timeout))


def operate(operation: str, path: Path, folder: Path, size: int, ready: Connection) -> None:
    """One operation on the database, announced before it begins and after it has ended."""
    from healthsim.state import staging
    from healthsim.state.legacy.migrate import migrate

    # parts go to disk early: a kill must not leave more than a folder that the next save removes
    staging.BATCH_ROWS, staging.MEMORY_ROWS = 128, 256
    manager = manager_of(path)
    with manager.database.read():
        pass
    ready.send("begin")
    if operation == "save":
        manager.save("new", clinic(size, "new"))
    elif operation == "overwrite":
        manager.save("old", clinic(size, "new"), mode="overwrite")
    elif operation == "import":
        manager.import_path(folder / "new.json")
    elif operation == "delete":
        manager.delete("old")
    elif operation == "clone":
        manager.clone("old", "new")
    elif operation == "merge":
        manager.merge(["old", "other"], "new")
    elif operation == "migrate":
        migrate(manager, folder / "home", [folder / "workspaces"])
    ready.send("end")


def hold(path: Path, ready: Connection) -> None:
    """Keep the database open for writing until told to let go."""
    import duckdb

    with duckdb.connect(str(path)):
        ready.send(os.getpid())
        ready.recv()


def leave_unmerged(path: Path, ready: Connection) -> None:
    """Commit a change that stays in the write-ahead log: the process is killed before it can close the file."""
    import duckdb

    connection = duckdb.connect(str(path))
    connection.execute("SET checkpoint_threshold = '1TB'")
    connection.execute("UPDATE scenarios SET description = 'from the log'")
    ready.send("committed")
    ready.recv()


def save_many(path: Path, writer: int, count: int, ready: Connection) -> None:
    """Save scenarios one after the other; the names of those whose save returned."""
    manager = manager_of(path)
    done = []
    for number in range(count):
        name = f"writer {writer} scenario {number}"
        manager.save(name, clinic(2, name))
        done.append(name)
    ready.send(done)


def read_along(path: Path, ready: Connection) -> None:
    """Read everything over and over until told to stop; how often, and what was seen that was not whole."""
    manager = manager_of(path)
    rounds, broken, seen = 0, [], 0
    while not ready.poll():
        found, total = manager.list()
        if len(found) != total or total < seen:
            broken.append(f"{len(found)} of {total} listed after {seen}")
        seen = total
        for scenario in found[:2]:
            entities = manager.load(scenario.name)["entities"]
            if entities != clinic(2, scenario.name):
                broken.append(f"{scenario.name}: {entities}")
        rounds += 1
        time.sleep(0.01)
    ready.send((rounds, broken))


def cli_as_nobody(arguments: list[str], output: Path, rehearsal: Path, ready: Connection) -> None:
    """Run the command line without the rights of root; its exit code."""
    import sys
    import traceback  # noqa: F401 - the interpreter's own files may be out of reach later

    from healthsim.cli import main

    with output.open("a") as stream:
        sys.stdout = sys.stderr = stream
        # once with all rights, on another database, so that everything is imported
        rehearsal.mkdir()
        manager_of(rehearsal / "h.duckdb").save("demo", clinic(1, "v"))
        for words in (["scenario", "list"], arguments[2:]):
            try:
                main(["--db", str(rehearsal / "h.duckdb"), *words])
            except SystemExit:
                pass
        shutil.rmtree(rehearsal)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            main(arguments)
        except SystemExit as end:
            ready.send(end.code)
