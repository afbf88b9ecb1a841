"""Import: a file is recognised, staged, checked, and only then swapped in, all files of a call in one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from healthsim.db.reference import detection, nppes, storage
from healthsim.db.reference.dataset import DIGITS, Dataset, Layout
from healthsim.db.reference.npi_staging import stage_providers
from healthsim.db.reference.source import bomb, members_of, read_start
from healthsim.db.reference.staging import Options, Staged, stage_table
from healthsim.db.reference.storage import Load
from healthsim.db.reference.views import refresh_views
from healthsim.db.sql import literal
from healthsim.errors import InvalidInput, NotFound, UsageError
from healthsim.outputs import sha256_of
from healthsim.remedies import remedy

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database

#: every dataset, as ``module:name``, the ones with the most particular headers first; there is no other list
_DECLARED = (
    "nppes:NPPES",
    "places:PLACES",
    "svi:SVI",
    "adi:ADI",
    "census:CROSSWALK",
    "census:CBSA",
    "census:COUNTIES",
)
DATASETS: tuple[Dataset, ...] = tuple(resolve_name(f"healthsim.db.reference.{name}") for name in _DECLARED)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Imported:
    """What an import did about one load."""

    dataset: str
    level: str
    release: str
    geography_vintage: str | None
    rows: int
    sha256: str
    status: str
    file: str
    stored_rows: int
    warnings: tuple[str, ...] = ()
    filters: str | None = None

    @classmethod
    def of(cls, load: Load, status: str, warnings: Sequence[str] = ()) -> Imported:
        """The answer about a load."""
        return cls(
            load.dataset,
            load.level,
            load.release,
            load.geography_vintage,
            load.rows,
            load.sha256,
            status,
            load.file,
            load.stored_rows,
            tuple(warnings),
            load.filters,
        )


def import_files(
    database: Database,
    paths: Sequence[str | Path],
    *,
    dataset: str | None = None,
    level: str | None = None,
    release: str | None = None,
    states: Sequence[str] = (),
    taxonomies: Sequence[str] = (),
    url: str | None = None,
    progress: Progress | None = None,
) -> list[Imported]:
    """Load published files; a file that is there already is left alone.

    Args:
        database: where to.
        paths: CSV files, gzip or zip, as published.
        dataset, level, release: what the files are, where they do not say it themselves; what contradicts is refused.
        states, taxonomies: of NPPES, only providers who practise in these states, with these taxonomy codes.
        url: where the files came from, to be recorded.
        progress: called with a name, bytes done and bytes in all while a long file is read.

    Returns:
        One entry per load, with the status ``loaded`` or ``unchanged``.

    Raises:
        InvalidInput: a file is not what it should be. Nothing is loaded then, of any of the files.
    """
    options = Options(dataset, level, release, tuple(states), tuple(taxonomies), url)
    _check_options(options)
    if not paths:
        raise UsageError("No file was named. Name the files to import.")
    done: list[Imported] = []
    with TemporaryDirectory(prefix="healthsim-", ignore_cleanup_errors=True) as folder:
        held = Path(folder) / "held.parquet"
        with database.read() as connection:
            options = replace(options, states=nppes.letters_of(connection, options.states))
            nppes.check_taxonomies(options.taxonomies)
            present = storage.loads_in(connection)
            if options.filters:
                # a deactivated provider has no state and no taxonomy: that it is known already is what keeps it
                connection.execute(
                    f"COPY (SELECT DISTINCT npi FROM reference.npi_providers) TO {literal(str(held))} (FORMAT parquet)"
                )
        staged: list[Staged] = []
        for number, path in enumerate(paths):
            place = Path(folder) / str(number)
            place.mkdir()
            same, new = _stage_file(Path(path).expanduser(), place, options, present, held, progress)
            done += same
            staged += [_compared(item, present) for item in new]
        _refuse_twice(staged)
        if staged:
            database.written(partial(_put, staged))
    return done + [Imported.of(item.load, "loaded", item.warnings) for item in staged]


def _put(staged: Sequence[Staged], connection: duckdb.DuckDBPyConnection) -> None:
    for item in staged:
        storage.put(connection, item.load, item.parts)
    refresh_views(connection)


def _compared(item: Staged, present: Sequence[Load]) -> Staged:
    """The load, with a warning where it takes the place of one with more places, as the file of a state does, or of one
    with other providers; the files beside these follow them."""
    load = item.load
    if load.filters and not load.stored_rows and load.level == "provider":
        item.warnings.append(f"No provider of {load.file} is kept by {load.filters}: nothing of it is stored.")
    for other in (earlier for earlier in present if earlier.key == load.key):
        if load.filters not in (None, other.filters):
            if load.level == "provider":
                item.warnings.append(
                    f"{load.file} with {load.filters} takes the place of {other.file} with {other.filters or 'all providers'}:"
                    f" {load.stored_rows:,} providers instead of {other.stored_rows:,}. For both, name all states and"
                    " taxonomies in one import."
                )
        elif other.rows > 2 * load.rows:
            item.warnings.append(
                f"{load.file} takes the place of {other.file}: {load.rows:,} records instead of {other.rows:,}."
            )
    return item


def _check_options(options: Options) -> None:
    names = [dataset.name for dataset in DATASETS]
    if options.dataset is not None and options.dataset not in names:
        raise UsageError(f"There is no dataset {options.dataset!r}; expected one of {', '.join(sorted(names))}.")
    if options.level is not None and options.level not in DIGITS:
        raise UsageError(f"There is no level {options.level!r}; expected one of {', '.join(DIGITS)}.")
    if options.release is not None and not re.fullmatch(r"\d{4}(-\d\d){0,2}", options.release):
        raise UsageError(f"The release {options.release!r} is none; expected a year such as 2022, or a date of NPPES.")


def _refuse_twice(staged: Sequence[Staged]) -> None:
    seen: dict[tuple[str, str, str], str] = {}
    for item in staged:
        other = seen.setdefault(item.load.key, item.load.file)
        if other is not item.load.file:
            raise InvalidInput(
                f"{other} and {item.load.file} are both {' '.join(item.load.key)}: one would replace the other."
                " Nothing was"
                " loaded. Import only one of them."
            )


def _stage_file(
    path: Path, folder: Path, options: Options, present: Sequence[Load], held: Path, progress: Progress | None
) -> tuple[list[Imported], list[Staged]]:
    members = members_of(path)
    checksum = sha256_of(path)
    known = [load for load in present if load.sha256 == checksum and load.release != storage.STARTER]
    if known and len(known) == known[0].members and all(_agrees(load, options) for load in known):
        return [Imported.of(load, "unchanged") for load in known], []
    layouts: list[Layout] = []
    warnings: list[str] = []
    for member in members:
        try:
            table = read_start(member)
            layout = detection.recognise(table, DATASETS, options.dataset)
            if member.is_bomb and layout.dataset is not nppes.NPPES:
                raise bomb(member, member.size)
            layouts.append(layout)
        except InvalidInput as error:
            if member.is_bomb:
                raise bomb(member, member.size) from None
            if len(members) == 1:
                raise
            warnings.append(error.message)
    if not layouts:
        raise InvalidInput(
            f"{path.name} has no table that is known, in {len(members)} members; nothing was loaded.\n"
            + "\n".join(warnings),
            file=path.name,
        )
    staged: list[Staged] = []
    providers: Staged | None = None
    for layout in sorted(layouts, key=lambda known: known.form != "provider"):
        place = folder / str(len(staged))
        place.mkdir()
        if layout.dataset is nppes.NPPES:
            item = stage_providers(layout, place, options, providers, held, progress)
            providers = providers or (item if layout.form == "provider" else None)
        else:
            item = stage_table(layout, place, options)
        staged.append(item)
    staged[0].warnings[:0] = warnings
    return [], [
        Staged(replace(item.load, sha256=checksum, members=len(staged)), item.parts, item.warnings) for item in staged
    ]


def _agrees(load: Load, options: Options) -> bool:
    said = ((options.dataset, load.dataset), (options.level, load.level), (options.release, load.release))
    return load.filters == options.filters and all(option in (None, value) for option, value in said)


def drop(database: Database, dataset: str, *, level: str | None = None, release: str | None = None) -> list[Load]:
    """Remove loads: those of a dataset, or of one level and release of it; the removed ones.

    Raises:
        NotFound: nothing of the kind is loaded.
    """

    def once(connection: duckdb.DuckDBPyConnection) -> list[Load]:
        matching = storage.loads_in(connection, dataset, level)
        gone = [load for load in matching if release is None or load.release == release]
        if not gone:
            present = ", ".join(" ".join(load.key) for load in storage.loads_in(connection)) or "nothing"
            wanted = " ".join(word for word in (dataset, level, release) if word)
            raise NotFound(f"Nothing is loaded of {wanted}; loaded: {present}. See: {remedy('list reference data')}.")
        for load in gone:
            storage.remove(connection, load)
        refresh_views(connection)
        return gone

    return database.written(once)
