"""Verbs that carry scenarios to other programs and back: any format of the one list."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from healthsim.workbench.base import Verbs

if TYPE_CHECKING:
    from healthsim.exchange.format import Format
    from healthsim.exchange.sources import Sources
    from healthsim.results import Imported, Written


class ExchangeVerbs(Verbs):
    """Import and export."""

    def formats(self) -> list[Format]:
        """The formats that scenarios are written in, and read from."""
        from healthsim.exchange.formats import formats

        return list(formats().values())

    def export(
        self,
        format: str,
        name: str,
        /,
        output: str | Path | IO[bytes] | None = None,
        *,
        overwrite: bool = False,
        **options: Any,
    ) -> Written:
        """Write a scenario for another program: whole or not at all.

        Args:
            format: one of ``formats()``: ``fhir``, ``x12``, ``omop``, ``parquet``, ``share`` ...
            name: the scenario.
            output: a file or folder that is made, here or in an object store (``s3://bucket/path``); for JSON also a folder
                that is there, or an open binary stream. Default: ``~/Downloads``, else the current folder.
            overwrite: replace what an earlier export left there.
            options: of the format, such as ``layers=["star"]`` or ``patient=["PAT-1"]``.

        Raises:
            NotFound: there is no such format or scenario.
            AlreadyExists: something is there.
        """
        from healthsim.errors import UsageError
        from healthsim.exchange.formats import find_format
        from healthsim.object_stores.writing import written_to
        from healthsim.state.json.writers import default_folder, file_name

        entry = find_format(format)
        if entry.write is None:
            raise UsageError(f"The format {format} is only read; choose another one.")
        chosen = entry.checked(options)
        if output is not None and not isinstance(output, (str, Path)):
            if not entry.streams:
                raise UsageError(f"The format {format} is of several files, and goes to a file or folder.")
            return self.state.export(name, output, format=format)
        write = entry.write
        if output is None:
            stem = file_name(self.state.get(name), "share").removesuffix(".json")
            output = default_folder()
            output = output if entry.streams else output / entry.target_name(stem, chosen)
        if entry.reaches:
            return write(self.database, name, output, force=overwrite, **chosen)
        return written_to(
            output, lambda target, force: write(self.database, name, target, force=force, **chosen), force=overwrite
        )

    def import_(
        self,
        *paths: str | Path,
        as_: str | None = None,
        overwrite: bool = False,
        mode: str | None = None,
        lenient: bool = False,
        timezone: str | None = None,
        together: bool = False,
    ) -> Imported | list[Imported]:
        """Save what files, folders or archives hold, in any format that can be read, told by content.

        Args:
            paths: each becomes a scenario; with a name all of them become that one. Also addresses in object stores.
            as_: the name; default: the one in the file, else the file's own.
            overwrite: replace a scenario of that name.
            mode: ``create``, ``overwrite`` or ``merge`` (add, and replace entities of the same ids).
            lenient: keep documents with values that cannot be read, and leave those columns empty.
            timezone: of times that say none, by name (``America/Chicago``); default: UTC.
            together: all paths become one scenario, also without a name.

        Returns:
            What was saved, and a report on each source; a list of it, where several paths became several scenarios.

        Raises:
            NotFound: nothing is there.
            InvalidInput: it is of no format that can be read.
        """
        from healthsim.errors import UsageError
        from healthsim.exchange.importing import import_sources
        from healthsim.exchange.sources import Scratch, Sources
        from healthsim.object_stores.writing import read_from

        if not paths:
            raise UsageError("No file was named. Name the files to import.")
        chosen = mode or ("overwrite" if overwrite else "create")
        with ExitStack() as opened:
            scratch = opened.enter_context(Scratch(self.database.location.scratch_folder()))
            collected = [Sources(scratch) for _ in paths]
            for path, sources in zip(paths, collected, strict=True):
                sources.find(opened.enter_context(read_from(path)), called=str(path))

            def save(part: Sequence[Sources]) -> Imported:
                return import_sources(self.state, part, name=as_, mode=chosen, lenient=lenient, timezone=timezone)

            if len(collected) == 1 or as_ is not None or together:
                return save(collected)
            return [save([sources]) for sources in collected]
