"""What a screen is: an address, a function that looks, and a template that shows; with JSON and CSV of the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from healthsim.errors import InvalidInput

if TYPE_CHECKING:
    from starlette.requests import Request

    from healthsim.results import Scenario
    from healthsim.web.runs import Runs
    from healthsim.workbench import Workbench

#: lines of a page
PAGE = 50
#: names that cannot stand in an address as they are
_NEEDS_ID = re.compile(r"[/\\?#]|\.(?:json|csv)$|^\.{1,2}$")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its head.
        kind: ``text``, ``number``, ``money``, ``day`` or ``percent``.
        meaning: what the head says when it is pointed at.
    """

    name: str
    kind: str = "text"
    meaning: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it stands to the right."""
        return self.kind in ("number", "money", "percent")


@dataclass(frozen=True)
class Sheet:
    """A table of a page.

    Attributes:
        columns: the heads.
        rows: the cells that the page shows.
        links: for each row the address of what it is about, where there is one.
        every: called for all rows, of all pages: what ``.csv`` streams.
        total: how many rows there are in all.
        offset: how many come before these.
        name: what it is, for who does not see it.
        ids: rows get identifiers that begin so.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    name: str
    links: Sequence[str | None] = ()
    every: Callable[[], Iterable[Sequence[Any]]] | None = None
    total: int | None = None
    offset: int = 0
    ids: str = ""

    @property
    def count(self) -> int:
        """All rows, of all pages."""
        return len(self.rows) if self.total is None else self.total

    @property
    def pages(self) -> tuple[int, int]:
        """Which page this is, and of how many."""
        return self.offset // PAGE + 1, max(-(-self.count // PAGE), 1)


@dataclass(frozen=True)
class View:
    """What a screen answers.

    Attributes:
        template: the file that shows it.
        title: of the page.
        facts: what the template is given.
        answer: what ``.json`` gives.
        sheet: the table of which ``.csv`` gives all rows.
        crumbs: what lies above, as label and address.
        status: of the answer.
    """

    template: str
    title: str
    facts: Mapping[str, Any]
    answer: Any
    sheet: Sheet | None = None
    crumbs: Sequence[tuple[str, str]] = ()
    status: int = 200


@dataclass(frozen=True)
class Redirect:
    """Another address, after a form was sent."""

    address: str


@dataclass(frozen=True)
class Download:
    """A file that a browser keeps."""

    path: Path


@dataclass(frozen=True)
class Upload:
    """A file that a form has sent.

    Attributes:
        name: what the browser calls it: a name without folders, that a file of this machine can have.
        stream: what it holds, as long as the request lasts.
    """

    name: str
    stream: IO[bytes]

    @classmethod
    def of(cls, said: str | None, stream: IO[bytes]) -> Upload:
        """An upload by the name that was sent with it, which may be anything."""
        last = (said or "").replace("\\", "/").rpartition("/")[2]
        kept = "".join(sign for sign in last if sign.isprintable()).strip().lstrip(".")
        return cls(kept.encode("utf-8", "ignore")[-200:].decode("utf-8", "ignore") or "upload", stream)


#: what a screen answers
Shown = View | Redirect | Download


@dataclass
class Visit:
    """One request, for a screen.

    Attributes:
        bench: the verbs.
        form: what a form has sent.
        uploads: files that it has sent.
    """

    request: Request
    bench: Workbench
    runs: Runs
    read_only: bool
    form: Mapping[str, str] = field(default_factory=dict)
    uploads: Sequence[Upload] = ()

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def text(self, name: str, default: str = "") -> str:
        """What the address says of something."""
        return self.request.query_params.get(name, default).strip()

    def words(self, name: str) -> list[str]:
        """Several words, separated by commas or said several times."""
        return [
            word.strip() for text in self.request.query_params.getlist(name) for word in text.split(",") if word.strip()
        ]

    def number(self, name: str, default: int, *, least: int = 0, most: int = 1_000_000_000) -> int:
        """A number.

        Raises:
            InvalidInput: it is none.
        """
        text = self.text(name)
        if not text:
            return default
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise InvalidInput(
                f"{name} is {text[:40]!r}; expected a number from {least:,} to {most:,}.", value=text[:200]
            )
        return int(text)

    @property
    def offset(self) -> int:
        """How many rows come before the page that was asked for."""
        return (self.number("page", 1, least=1, most=1_000_000) - 1) * PAGE

    def again(self, suffix: str = "", **changes: object) -> str:
        """This address with other words; None takes one away."""
        path = quote(self.request.url.path.removesuffix(".json").removesuffix(".csv")) or "/"
        if suffix:
            path = f"{'/index' if path == '/' else path}{suffix}"
        words = [
            (name, value) for name, value in self.request.query_params.multi_items() if name not in changes and value
        ]
        words += [(name, str(value)) for name, value in changes.items() if value not in (None, "")]
        return f"{path}?{urlencode(words)}" if words else path


def address(*parts: str, **words: object) -> str:
    """The address of a screen."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    said = {name: value for name, value in words.items() if value not in (None, "")}
    return f"{path}?{urlencode(said)}" if said else path


def scenario_part(scenario: Scenario) -> str:
    """How a scenario is called in an address: by its name, or by its id where the name cannot stand there."""
    return scenario.scenario_id if _NEEDS_ID.search(scenario.name) else scenario.name


@dataclass(frozen=True)
class Screen:
    """A function under an address.

    Attributes:
        csv: its table can be had as CSV.
        form: it takes what a form sends, and changes something.
        files: how many files the form may send.
        alone: there is neither JSON nor CSV of it.
    """

    path: str
    show: Callable[[Visit], Shown]
    csv: bool = False
    form: bool = False
    files: int = 0
    alone: bool = False
