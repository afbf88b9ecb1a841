"""Several whole numbers as one word, by name: for keys that are sorted, searched, counted or given to the chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from healthsim.generation.randomness import Ints


class Packing:
    """Words that are made of a first number, which has no limit, and of named numbers from a range each.

    Words are in the order of the first number, then of the named ones; two words that differ in the last name only are as far
    apart as its values. Sorting one word is many times faster than sorting several columns.

    Args:
        first: what the first number is.
        ranges: name -> the least value, and the one after the last.
    """

    def __init__(self, first: str, **ranges: tuple[int, int]) -> None:
        self.first = first
        self._low = {name: low for name, (low, _) in ranges.items()}
        self._size = {name: end - low for name, (low, end) in ranges.items()}

    @property
    def room(self) -> int:
        """How many words there are for one first number."""
        return int(np.prod(list(self._size.values()), dtype=object))

    def pack(self, first: Any, **values: Any) -> Any:
        """One word for each row; a number stands for all rows."""
        if values.keys() != self._size.keys():
            raise TypeError(f"A word is made of {self.first}, {', '.join(self._size)}; given: {', '.join(values)}.")
        words = first
        for name, size in self._size.items():
            low, value = self._low[name], values[name]
            words = words * size + (value - low if low else value)
        return words

    def unpack(self, words: Ints) -> tuple[Ints, ...]:
        """The first number of each word, and the named ones in their order."""
        parts: list[Ints] = []
        for name in reversed(self._size):
            words, value = _split(words, self._size[name])
            parts.append(value + self._low[name] if self._low[name] else value)
        return (words, *reversed(parts))

    def first_of(self, words: Ints) -> Ints:
        """The first number of each word."""
        return _split(words, self.room)[0]


def _split(words: Ints, size: int) -> tuple[Ints, Ints]:
    """Quotient and remainder; of powers of two in half the time."""
    if size & (size - 1):
        quotient = words // size
        return quotient, words - quotient * size
    return words >> (size.bit_length() - 1), words & (size - 1)
