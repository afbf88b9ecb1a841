"""The column types: how a value of a document is read, and what it is in SQL and in Arrow.

Each type is a pydantic annotation that carries its ``Sql`` type. Reading is forgiving about spelling
(an instant where a date is asked for, a number where text is) and strict about meaning.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import core_schema

if TYPE_CHECKING:
    import pyarrow as pa

INT32 = 2**31


@dataclass(frozen=True)
class Sql:
    """The SQL type of a column, and the words that an error message uses for it."""

    name: str
    expected: str


class NumberText(str):
    """A JSON number with a fraction or an exponent, in the spelling in which it was read."""

    __slots__ = ()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    raise ValueError("not text")


#: a zone behind a date, as XML Schema writes it
_ZONE = re.compile(r"Z|[+-](?:0\d|1[0-4]):?[0-5]\d")


def _date(value: Any) -> Any:
    """The calendar date as it is written: a zone tells when that day was, and makes no other day of it."""
    if type(value) is str:
        if len(value) == 10 and value[4] == "-":
            return dt.date.fromisoformat(value)
        if len(value) > 10 and value[10] in "T ":
            return dt.datetime.fromisoformat(value).date()
        if len(value) > 10 and _ZONE.fullmatch(value, 10):
            return dt.date.fromisoformat(value[:10])
        if len(value) == 8 and value.isascii() and value.isdigit():
            return dt.date(int(value[:4]), int(value[4:6]), int(value[6:]))
        raise ValueError("not a date")
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    raise ValueError("not a date")


def _instant(value: Any) -> dt.datetime:
    if isinstance(value, str):
        instant = dt.datetime.fromisoformat(value)
    elif isinstance(value, dt.datetime):
        instant = value
    elif isinstance(value, dt.date):
        instant = dt.datetime(value.year, value.month, value.day)
    else:
        raise ValueError("not an instant")
    if instant.tzinfo is not None:
        instant = instant.astimezone(dt.UTC).replace(tzinfo=None)
    return instant


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise ValueError("not a whole number")
    if isinstance(value, (str, int, float, Decimal)):
        number = Decimal(value)
    else:
        raise ValueError("not a whole number")
    if not number.is_finite() or number != number.to_integral_value() or abs(number) >= INT32:
        raise ValueError("not a whole number")
    return int(number)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise ValueError("not a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


CENT = Decimal("0.01")
MONEY_LIMIT = Decimal(10) ** 12


def _money(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise ValueError("not an amount")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError("not an amount")
    amount = number.quantize(CENT)
    # after rounding, which is what may reach the limit
    if abs(amount) >= MONEY_LIMIT:
        raise ValueError("not an amount")
    return amount


_FLAGS = {
    "true": True,
    "false": False,
    "yes": True,
    "no": False,
    "y": True,
    "n": False,
    "t": True,
    "f": False,
    "1": True,
    "0": False,
}


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, (str, int)):
        known = _FLAGS.get(str(value).lower())
        if known is not None:
            return known
    raise ValueError("not true or false")


def jsonable(value: Any) -> Any:
    """For ``json.dumps``: what documents made in Python hold beyond JSON's own types.

    Raises:
        TypeError: it has no meaning in JSON.
    """
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, (Decimal, uuid.UUID)):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no meaning there")


def plain(value: Any) -> Any:
    """A parsed document with ``NumberText`` turned into floats: what JSON tools elsewhere would have read."""
    if isinstance(value, NumberText):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _json(value: Any) -> str:
    # 1e400 is a number of JSON, but none of this machine: it must not become Infinity, which JSON does not know
    return json.dumps(plain(value), ensure_ascii=False, default=jsonable, allow_nan=False)


def _reader(read: Callable[[Any], Any]) -> BeforeValidator:
    """Turn the many ways in which a conversion can fail into the one that pydantic reports."""

    def convert(value: Any) -> Any:
        if value is None or value == "":
            return None
        try:
            return read(value)
        except (ValueError, OverflowError, InvalidOperation, TypeError) as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(convert)


class _TextSchema:
    """Text is read by the core of pydantic; only what it does not take (true, false) goes through Python."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        text = core_schema.str_schema(coerce_numbers_to_str=True)
        other = core_schema.no_info_plain_validator_function(_text)
        return core_schema.nullable_schema(core_schema.union_schema([text, other], mode="left_to_right"))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, {"type": "null"}]}


Text = Annotated[str | None, _TextSchema(), Sql("VARCHAR", "text")]
#: text of which an object or a list says nothing: standards use the same key for both (``category`` of FHIR)
Word = Annotated[Text, BeforeValidator(lambda value: None if isinstance(value, (dict, list)) else value)]
Date = Annotated[dt.date | None, _reader(_date), Sql("DATE", "a date, YYYY-MM-DD")]
Instant = Annotated[dt.datetime | None, _reader(_instant), Sql("TIMESTAMP", "an instant, YYYY-MM-DDTHH:MM:SS (UTC)")]
Integer = Annotated[int | None, _reader(_integer), Sql("INTEGER", "a whole number")]
Number = Annotated[float | None, _reader(_number), Sql("DOUBLE", "a number")]
Money = Annotated[Decimal | None, _reader(_money), Sql("DECIMAL(14,2)", "a decimal amount below 10^12")]
Flag = Annotated[bool | None, _reader(_flag), Sql("BOOLEAN", "true or false")]
Json = Annotated[str | None, _reader(_json), WithJsonSchema({"description": "any JSON value"}), Sql("JSON", "JSON")]

#: the types that are read by a function alone -> that function; what it refuses raises what ``_reader`` translates
STANDARD_TYPES: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Date, _date),
    (Instant, _instant),
    (Integer, _integer),
    (Number, _number),
    (Money, _money),
    (Flag, _flag),
)


@cache
def arrow_type(sql_type: str) -> pa.DataType:
    """What a SQL type of the canonical tables is in Arrow; money fits into 64 bits.

    Raises:
        KeyError: no column has the type.
    """
    import pyarrow as pa

    return {
        "VARCHAR": pa.string(),
        "JSON": pa.string(),
        "DATE": pa.date32(),
        "TIMESTAMP": pa.timestamp("us"),
        "INTEGER": pa.int32(),
        "BIGINT": pa.int64(),
        "DOUBLE": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "DECIMAL(14,2)": pa.decimal64(14, 2),
    }[sql_type]


@dataclass(frozen=True)
class Coded(Sql):
    """A text column with a closed set of codes."""

    codes: tuple[str, ...]
    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"enum": [*self.codes, None]}


def coded(words: Mapping[str, str]) -> Coded:
    """The reader of a closed set of codes; ``words`` maps each accepted spelling (lower case) to its code."""
    codes = tuple(dict.fromkeys(words.values()))
    spelled_out = {**words, **{code.lower(): code for code in codes}}

    def read(value: Any) -> Any:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            code = spelled_out.get(spelling(value))
            if code is not None:
                return code
        raise ValueError("not a known code")

    return Coded("VARCHAR", "one of " + ", ".join(codes), codes, read)


def spellings(codes: Mapping[str, str]) -> dict[str, str]:
    """Spelling -> code, from code -> its other spellings, lower case and separated by spaces."""
    return {word: code for code, words in codes.items() for word in (code.lower(), *words.split())}


def spelling(value: str) -> str:
    """A word of a document as vocabularies spell theirs: lower case, with underscores."""
    return re.sub(r"[\s-]+", "_", value.strip().lower())


def spelled(codes: Mapping[str, str]) -> BeforeValidator:
    """A reader for text with usual codes: known spellings become their code, other text stays as it is."""
    known = spellings(codes)
    return BeforeValidator(lambda value: known.get(spelling(value), value) if isinstance(value, str) else value)
