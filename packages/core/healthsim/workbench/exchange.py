"""Verbs that carry scenarios to other programs and back: any format of the one list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from healthsim.workbench.base import Verbs

if TYPE_CHECKING:
    from healthsim.exchange.format import Format
    from healthsim.results import Written
    from healthsim.state.intake import Intake
    from healthsim.state.json.header import Header
    from healthsim.state.save import Saved


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
            format: one of ``formats()``: ``share``, ``workspace``, ``omop``, ``parquet``, ``csv``.
            name: the scenario.
            output: a file or folder that is made; for JSON also a folder that is there, or an open binary stream. Default:
                ``~/Downloads``, else the current folder.
            overwrite: replace what an earlier export left there.
            options: of the format, such as ``layers=["star"]``.

        Raises:
            NotFound: there is no such format or scenario.
            AlreadyExists: something is there.
        """
        from healthsim.errors import UsageError
        from healthsim.exchange.formats import find_format
        from healthsim.paths import local_path
        from healthsim.state.json.writers import default_folder, file_name

        entry = find_format(format)
        if entry.write is None:
            raise UsageError(f"The format {format} is only read; choose another one.")
        chosen = entry.checked(options)
        if output is not None and not isinstance(output, (str, Path)):
            if entry.read is None:
                raise UsageError(f"The format {format} is of several files, and goes to a file or folder.")
            return self.state.export(name, output, format=format)
        if output is None:
            stem = file_name(self.state.get(name), "share").removesuffix(".json")
            target = default_folder()
            target = target if entry.read is not None else target / entry.target_name(stem, chosen)
        else:
            target = local_path(output, what="output")
        return entry.write(self.database, name, target, force=overwrite, **chosen)

    def import_(
        self,
        *paths: str | Path,
        as_: str | None = None,
        overwrite: bool = False,
        mode: str | None = None,
        lenient: bool = False,
    ) -> Saved | list[Saved]:
        """Save what files or folders hold, in any format that can be read, told by content.

        Args:
            paths: each becomes a scenario; with a name all of them become that one.
            as_: the name; default: the one in the file, else the file's own.
            overwrite: replace a scenario of that name.
            mode: ``create``, ``overwrite`` or ``merge`` (add, and replace entities of the same ids).
            lenient: keep documents with values that cannot be read, and leave those columns empty.

        Returns:
            What was saved; a list of it, where several paths became several scenarios.

        Raises:
            NotFound: nothing is there.
            InvalidInput: it is of no format that can be read.
        """
        from healthsim.errors import UsageError
        from healthsim.exchange.formats import format_of

        if not paths:
            raise UsageError("No file was named. Name the files to import.")
        chosen = mode or ("overwrite" if overwrite else "create")
        found = [format_of(path) for path in paths]

        def save(places: Sequence[tuple[Path, Format]]) -> Saved:
            def read(_: Path, intake: Intake) -> Header:
                return read_all(places, intake)

            return self.state.import_path(places[0][0], name=as_, mode=chosen, lenient=lenient, read=read)

        if len(found) == 1 or as_ is not None:
            return save(found)
        return [save([place]) for place in found]


def read_all(places: Sequence[tuple[Path, Format]], intake: Intake) -> Header:
    """Read several places into one intake; what is said of the scenario is what the first of them says of it."""
    headers = []
    for path, entry in places:
        assert entry.read is not None  # of a format that was told by what it reads
        headers.append(entry.read(path, intake))
    if len(headers) > 1:
        from healthsim.state.json.header import Header

        return Header(name=headers[0].name, description=headers[0].description, tags=headers[0].tags, format="python")
    return headers[0]
