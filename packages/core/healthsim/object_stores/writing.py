"""Writing to, and reading from, wherever a user says: a path of this machine, or an address in an object store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from healthsim.object_stores.addresses import address_of, is_address
from healthsim.paths import local_path
from healthsim.results import Written
from healthsim.targets import Kind, target_of

if TYPE_CHECKING:
    from healthsim.object_stores.sending import Outgoing

Answered = TypeVar("Answered", bound=Written)


class Prepared:
    """A path of this machine to write to, for the place that a user named.

    Attributes:
        path: where it is written.
        force: whether what is there may be replaced.
        shown: the place itself.
    """

    def __init__(self, path: Path, force: bool, outgoing: Outgoing | None = None) -> None:
        self.path = path
        self.force = force
        self.shown: Path | str = path if outgoing is None else str(outgoing.address)
        self.remark: str | None = None
        self._outgoing = outgoing

    def send(self) -> None:
        """Send what was written to the place, where that is not the path."""
        if self._outgoing is not None:
            sent = self._outgoing.send()
            self.shown, self.remark = sent.place, sent.remark()


@contextmanager
def prepared_at(output: str | os.PathLike[str], *, force: bool, what: str = "output") -> Iterator[Prepared]:
    """What to write to for a place.

    Args:
        output: as the user wrote it.
        force: whether what is there may be replaced.

    Raises:
        UsageError: it is a place of an unknown kind.
        AlreadyExists: something is at the address that ``force`` does not replace; at a path, its writer finds out.
        HealthSimError: it cannot be written; what is at an address then has no manifest.
    """
    if not isinstance(output, str) or target_of(output, what=what).kind is Kind.FOLDER:
        yield Prepared(local_path(output, what=what), force)
        return
    # only here: whoever writes to a path needs nothing of it
    from healthsim.object_stores.sending import outgoing

    with outgoing(address_of(output, what=what), force=force) as place:
        yield Prepared(place.path, False, place)


def written_to(
    output: str | os.PathLike[str], write: Callable[[Path, bool], Answered], *, force: bool, what: str = "output"
) -> Answered:
    """Let a function write a file or a folder, whole or not at all, at a path or an address.

    Args:
        write: writes to a path; its second argument is whether what is there may be replaced.
        output, force: as in ``prepared_at``, which says what is raised.
    """
    with prepared_at(output, force=force, what=what) as place:
        written = write(place.path, place.force)
        place.send()
    return written if isinstance(place.shown, Path) else written.at(place.shown, place.remark)


@contextmanager
def read_from(place: str | Path) -> Iterator[str | Path]:
    """What a user names, as something that can be read here: a path as it is; of an address, a copy that goes with the block.

    Raises:
        NotFound: nothing is at the address.
        InvalidInput: what is there is not whole.
    """
    if isinstance(place, str) and is_address(place):
        from healthsim.object_stores.fetching import fetched

        with fetched(address_of(place, what="path")) as copy:
            yield copy
    else:
        yield place
