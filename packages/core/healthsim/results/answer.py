"""What all answers can do: be printed in a line, become JSON, be read by key; and tables: become data frames."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator, KeysView, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from healthsim.errors import HealthSimError

if TYPE_CHECKING:
    import pyarrow

#: columns and characters that a line of text shows
_SHOWN_COLUMNS, _SHOWN_TEXT = 6, 60


class Answer:
    """The base of every answer: a frozen dataclass that can also be read by key."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]
    #: fields that JSON leaves out where they are None, or have nothing in them by default
    OPTIONAL: ClassVar[tuple[str, ...]] = ()

    def as_dict(self) -> dict[str, Any]:
        """The answer as the object that ``--json`` prints."""
        return {name: _plain(getattr(self, name)) for name in self.keys()}

    def keys(self) -> KeysView[str]:
        """The names of what the answer holds."""
        names = [field.name for field in dataclasses.fields(self)]
        held = [name for name in names if name not in self.OPTIONAL or getattr(self, name) not in (None, {})]
        return dict.fromkeys(held).keys()

    def items(self) -> list[tuple[str, Any]]:
        """What the answer holds, by name."""
        return [(name, getattr(self, name)) for name in self.keys()]

    def get(self, name: str, default: Any = None) -> Any:
        """What it holds under a name, or the default."""
        return getattr(self, name) if name in self.keys() else default

    def __getitem__(self, name: str) -> Any:
        if name not in self.keys():
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[Any]:
        """The names of what the answer holds, as of a dict."""
        return iter(self.keys())

    def __contains__(self, name: object) -> bool:
        return name in self.keys()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Answer):
            return type(self) is type(other) and self.as_dict() == other.as_dict()
        return self.as_dict() == other if isinstance(other, dict) else NotImplemented

    def _repr_html_(self) -> str:
        """What it holds, in a notebook."""
        from healthsim.results.notebook import answer_html, facts_of

        return answer_html([facts_of(self.items())])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The same for programs that show notebooks: as a line and as HTML."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    __hash__ = None  # type: ignore[assignment]  # as of a dict: answers hold lists

    def __repr__(self) -> str:
        facts = [
            f"{name}={_short(value)}" for name, value in self.items() if isinstance(value, (str, int, float, Path))
        ]
        more = [f"{len(value):,} {name}" for name, value in self.items() if isinstance(value, (list, dict)) and value]
        return f"<{type(self).__name__} {', '.join([*facts[:5], *more[:4]])}>"


class Table(Answer):
    """An answer with ``columns`` and ``rows``: it can become a data frame."""

    def _cells(self) -> tuple[list[str], list[list[Any]]]:
        """The names of the columns, and the rows."""
        return getattr(self, "columns"), getattr(self, "rows")  # noqa: B009 - fields of some classes, properties of others

    def __len__(self) -> int:
        return len(self._cells()[1])

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cells()[1])

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        columns, rows = self._cells()
        names = ", ".join(columns[:_SHOWN_COLUMNS]) + (" ..." if len(columns) > _SHOWN_COLUMNS else "")
        return f"<{type(self).__name__} {len(rows):,} rows: {names}>"

    def arrow(self) -> pyarrow.Table:
        """The rows as a table of PyArrow."""
        pa = _library("pyarrow")
        columns, rows = self._cells()
        names, kinds = _different(columns), [*getattr(self, "types", ()), *[""] * len(columns)]
        arrays = [_array(pa, [row[place] for row in rows], kinds[place]) for place in range(len(names))]
        return pa.Table.from_arrays(arrays, names=names)

    def df(self) -> Any:
        """The rows as a data frame of pandas.

        Raises:
            HealthSimError: pandas is not installed.
        """
        _library("pandas")
        return self.arrow().to_pandas()

    def pl(self) -> Any:
        """The rows as a data frame of Polars.

        Raises:
            HealthSimError: Polars is not installed.
        """
        return _library("polars").from_arrow(self.arrow())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows for any library that takes Arrow data: an answer can be given to it as it is."""
        return self.arrow().__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        """The first rows, in a notebook."""
        from healthsim.results.notebook import answer_html, table_of

        return answer_html([table_of(*self._cells())])


class Records(Table):
    """An answer whose rows are the things that one of its fields lists."""

    #: the field, and the facts that make up a row; without names all of them
    LISTED: ClassVar[str]
    SHOWN: ClassVar[tuple[str, ...]] = ()

    def _cells(self) -> tuple[list[str], list[list[Any]]]:
        facts = [_plain(item) for item in getattr(self, self.LISTED)]
        columns = list(self.SHOWN) or list(dict.fromkeys(name for record in facts for name in record))
        return columns, [[record.get(name) for name in columns] for record in facts]

    @property
    def columns(self) -> list[str]:
        """The names of the facts."""
        return self._cells()[0]

    @property
    def rows(self) -> list[list[Any]]:
        """The facts of each thing."""
        return self._cells()[1]

    def __len__(self) -> int:
        return len(getattr(self, self.LISTED))

    def __iter__(self) -> Iterator[Any]:
        return iter(getattr(self, self.LISTED))


def _plain(value: Any) -> Any:
    """A value as JSON has it; what is no JSON stays, and is for the writer to spell."""
    if isinstance(value, Answer) or hasattr(value, "as_dict"):
        return value.as_dict()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise HealthSimError(
            f"{name} is not installed, which this needs. Install it: pip install {name}.", package=name
        ) from None


def _array(pa: Any, values: list[Any], kind: str) -> Any:
    """The values of a column of a kind of the engine, where that is known; what is of several kinds becomes text."""
    if (wanted := _arrow_type(pa, kind)) is not None:
        try:
            return pa.array([None if value is None else str(value) for value in values], pa.string()).cast(wanted)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            # infinity, and dates before the year 1: Arrow has none
            return pa.array([None if value is None else str(value) for value in values])
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        if all(value is None or isinstance(value, (int, float)) for value in values):
            return pa.array([None if value is None else float(value) for value in values])
        return pa.array([None if value is None else str(value) for value in values])


def _arrow_type(pa: Any, kind: str) -> Any:
    """The type of Arrow for what answers carry as text though it is more: days, instants, decimals, large integers."""
    if kind.startswith("DECIMAL("):
        width, scale = map(int, kind.removeprefix("DECIMAL(").removesuffix(")").split(","))
        return pa.decimal128(width, scale)
    return {"DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"), "BIGINT": pa.int64(), "UBIGINT": pa.uint64()}.get(
        kind
    )


def _different(names: Sequence[str]) -> list[str]:
    """Names, those that are there twice with a number."""
    taken: dict[str, None] = {}
    for name in names:
        number, fresh = 1, name
        while fresh in taken:
            fresh, number = f"{name}_{number}", number + 1
        taken[fresh] = None
    return list(taken)


def _short(value: object) -> str:
    text = str(value) if isinstance(value, Path) else f"{value:,}" if type(value) is int else repr(value)
    return text if len(text) <= _SHOWN_TEXT else text[: _SHOWN_TEXT - 1] + "…"
