"""From paths to what can be read: folders are walked, archives unpacked, and each file told by its content.

A folder that is something as a whole (CSV files of Synthea, an OMOP database, an export of ours) is read as that; what else
lies in it is told file by file. What no format recognises is named with what was seen.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from healthsim.errors import HealthSimError, InvalidInput, NotFound
from healthsim.exchange.containers import DEEPEST, GZ, ZIP, copy_as_utf8, copy_stream, unpack_gz, unpack_zip
from healthsim.exchange.format import Format
from healthsim.exchange.formats import format_names, readable
from healthsim.exchange.seen import encoding_of, head_of, is_blank, text_head, what_it_is
from healthsim.paths import local_path
from healthsim.remedies import remedy

#: what systems leave in folders and archives, and nobody means
_IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini")
MOST_FILES = 500_000


@dataclass(frozen=True)
class Place:
    """Something that can be read.

    Attributes:
        shown: what it is called in the report.
        path: where it lies.
        format: what reads it.
        among_others: it came out of a folder or an archive, where one that cannot be read does not cost the others.
    """

    shown: str
    path: Path
    format: Format
    among_others: bool = False


@dataclass(frozen=True)
class Unread:
    """A file that no format recognises, or that cannot be read: what it is called, where it lies, why."""

    shown: str
    path: Path
    problem: str


@dataclass
class Sources:
    """What was found under one path, and what the scenario of it is called where no file says so.

    Args:
        scratch: a folder for what is unpacked; it is made when something is.
    """

    scratch: Scratch
    name: str = ""
    places: list[Place] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def find(self, path: str | Path, called: str | None = None) -> None:
        """Find what lies at a path.

        Args:
            called: what the user calls it, where that is not the path.

        Raises:
            NotFound: nothing is there.
            InvalidInput: it is of no format that can be read, or an archive that cannot be unpacked.
        """
        place = local_path(path, what="path")
        if not place.exists():
            raise NotFound(f"There is nothing at {place}. Check the path.", path=str(place))
        shown = called or str(path)
        if not place.is_dir() and not place.is_file():
            place = copy_stream(place, shown, self.scratch.folder())
        self.name = place.stem
        if place.is_dir():
            self.name = place.resolve().name
            self._folder(place, shown.rstrip("/"), 0)
        else:
            self._file(place, shown, 0, among_others=False)
        if not self.places:
            self._refuse(shown, is_folder=place.is_dir())

    def _refuse(self, place: str, *, is_folder: bool) -> None:
        if len(self.unread) == 1 and not is_folder:
            raise InvalidInput(self.unread[0].problem, path=self.unread[0].shown)
        if not self.unread:
            raise InvalidInput(f"{place} holds no files; there is nothing to import.", path=place)
        problems = "\n".join(f"  {item.problem}" for item in self.unread[:10])
        more = f"\n  ... and {len(self.unread) - 10:,} more" if len(self.unread) > 10 else ""
        raise InvalidInput(
            f"{place} holds nothing of a format that can be read ({format_names()}):\n{problems}{more}", path=place
        )

    # -- files -----------------------------------------------------------------------------------------------

    def _file(self, path: Path, shown: str, depth: int, *, among_others: bool) -> None:
        try:
            head = head_of(path, 4)
        except OSError as error:
            self.unread.append(Unread(shown, path, f"{shown} cannot be read: {error.strerror or error}."))
            return
        if head.startswith((GZ, *ZIP)):
            self._archive(path, shown, head, depth, among_others)
        elif is_blank(path):
            self.unread.append(Unread(shown, path, f"{shown} is empty; there is nothing to import."))
        elif (encoding := encoding_of(path)) != "utf-8-sig" and not text_head(path).startswith("<"):
            # every reader knows UTF-8, and XML says itself what it is in
            plain = copy_as_utf8(path, encoding, shown, self.scratch.folder())
            self._file(plain, shown, depth, among_others=among_others)
        else:
            entry = recognised(path)
            if entry is None:
                self.unread.append(Unread(shown, path, not_recognised(path, shown)))
            else:
                self.places.append(Place(shown, path, entry, among_others))

    def _archive(self, path: Path, shown: str, head: bytes, depth: int, among_others: bool) -> None:
        if depth >= DEEPEST:
            problem = f"{shown} is an archive in archives, {depth} deep; unpack it yourself."
            self.unread.append(Unread(shown, path, problem))
            return
        folder = self.scratch.folder()
        try:
            if head.startswith(GZ):
                inside = unpack_gz(path, shown, folder)
                if depth == 0:
                    self.name = inside.stem
                self._file(inside, shown, depth + 1, among_others=among_others)
            else:
                unpack_zip(path, shown, folder)
                self._folder(folder, shown + "!", depth + 1)
        except InvalidInput as error:
            if not among_others:
                raise
            self.unread.append(Unread(shown, path, error.message))

    # -- folders ---------------------------------------------------------------------------------------------

    def _folder(self, folder: Path, shown: str, depth: int) -> None:
        """What lies in a folder: as a whole where it is something, then file by file."""
        try:
            entries = sorted(entry for entry in folder.iterdir() if not _ignored(entry.name))
        except OSError as error:
            self.unread.append(Unread(shown, folder, f"{shown} cannot be looked into: {error.strerror or error}."))
            return
        taken: set[Path] = set()
        for entry in readable():
            if entry.sniff_folder is not None:
                files = [path for path in entry.sniff_folder(folder) if path not in taken]
                if files:
                    self.places.append(Place(shown, folder, entry, among_others=True))
                    taken.update(files)
        rest = [path for path in entries if path not in taken]
        files = [path for path in rest if not path.is_dir()]
        taken = set(self._share(folder, shown, files))
        for path in files:
            if path not in taken:
                self._file(path, _inside(shown, path.name), depth, among_others=True)
        for path in rest:
            if path.is_dir() and not _is_loop(path):
                self._folder(path, _inside(shown, path.name), depth)

    def _share(self, folder: Path, shown: str, files: Sequence[Path]) -> list[Path]:
        """JSON files of our own in one folder are one scenario together, unless others lie among them."""
        own = [path for path in folder.glob("*.json") if not _ignored(path.name)]
        if not own or any(path not in files or path.is_dir() for path in own):
            return []
        found = {path: recognised(path) if not is_blank(path) else None for path in own}
        names = {entry.name for entry in found.values() if entry is not None and entry.takes_rest}
        if len(own) < 2 or any(entry is None or not entry.takes_rest for entry in found.values()):
            return []
        (name,) = names
        entry = next(entry for entry in readable() if entry.name == name)
        self.places.append(Place(shown, folder, entry, among_others=len(files) > len(own)))
        return own


@dataclass
class Scratch:
    """A folder for what is unpacked, made when it is asked for, with a folder of its own for each archive."""

    beside: Path | None
    made: Path | None = None
    number: int = 0

    def folder(self) -> Path:
        """An empty folder."""
        from healthsim.state.staging import new_folder

        if self.made is None:
            self.made = new_folder(self.beside)
        self.number += 1
        folder = self.made / str(self.number)
        folder.mkdir()
        return folder

    def __enter__(self) -> Scratch:
        return self

    def __exit__(self, *_: object) -> None:
        from healthsim.leftovers import remove

        if self.made is not None:
            remove(self.made)


def recognised(path: Path) -> Format | None:
    """The format of a file, told by its content; None where no format recognises it.

    Raises:
        HealthSimError: it cannot be looked at.
    """
    try:
        return next((entry for entry in readable() if entry.sniff is not None and entry.sniff(path)), None)
    except OSError as error:
        raise HealthSimError(f"{path} cannot be read: {error.strerror or error}.", path=str(path)) from None


def not_recognised(path: Path, shown: str) -> str:
    """What to say of a file that no format recognises."""
    return (
        f"{shown} is of no format that can be read: {what_it_is(path)}. Expected one of {format_names()}."
        f" Public statistics are loaded with {remedy('import reference data')}."
    )


def _ignored(name: str) -> bool:
    return name.startswith(".") or name in _IGNORED


def _inside(shown: str, name: str) -> str:
    return f"{shown}{name}" if shown.endswith("!") else f"{shown}/{name}"


def _is_loop(path: Path) -> bool:
    """Whether a folder is a link to one that it lies in."""
    return path.is_symlink() and Path(os.path.realpath(path)) in [Path(os.path.realpath(up)) for up in path.parents]


def walked(folder: Path) -> Iterator[Path]:
    """The files of a folder at any depth, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _ignored(path.name):
            yield path
