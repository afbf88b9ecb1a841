"""Names with numbers behind them, as in ``medicare=0.6`` and ``diabetes_first_year=0.5``."""

from __future__ import annotations

from collections.abc import Iterable

from healthsim.errors import InvalidInput


def numbered(text: str, what: str, usual: float | None, expected: str) -> tuple[str, float | None]:
    """A name, and the number behind it or the usual one.

    Args:
        what: the option or argument, for its fault.
        expected: likewise what it should be.
    """
    name, equals, number = text.partition("=")
    try:
        return name.strip(), float(number) if equals else usual
    except ValueError:
        raise InvalidInput(f"{what} is {text!r}; expected {expected}.") from None


def shares(texts: Iterable[str], what: str) -> dict[str, float | None]:
    """Journeys and the share of those who qualify that goes through each."""
    expected = "a journey, or a journey and its share: diabetes_first_year=0.5"
    return dict(numbered(text, what, None, expected) for text in texts)
