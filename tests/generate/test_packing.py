"""Several numbers in one word come out again as they went in, and random numbers that are used twice are fair."""

from __future__ import annotations

import numpy as np
import pytest

from healthsim.generation.packing import Packing
from healthsim.generation.randomness import Draws, another

LINES = Packing("bill", revenue=(-1, 63), code=(-1, 65_535))
DAYS = Packing("person", day=(-1000, 1001))


def test_what_is_packed_is_unpacked() -> None:
    bill, revenue, code = np.array([0, 7, 2**31]), np.array([-1, 62, 5]), np.array([65_534, -1, 0])
    for part, again in zip(
        (bill, revenue, code), LINES.unpack(LINES.pack(bill, revenue=revenue, code=code)), strict=True
    ):
        assert (part == again).all()
    assert (LINES.first_of(LINES.pack(bill, revenue=revenue, code=code)) == bill).all()


def test_words_are_in_the_order_of_their_parts() -> None:
    parts = [(person, day) for person in (0, 1, 5) for day in (-1000, -1, 0, 1, 1000)]
    words = [DAYS.pack(person, day=day) for person, day in parts]
    assert words == sorted(words)
    assert len(set(words)) == len(words)


def test_days_of_one_person_are_as_far_apart_as_their_words() -> None:
    assert DAYS.pack(3, day=500) - DAYS.pack(3, day=-20) == 520


def test_sizes_that_are_no_powers_of_two_are_unpacked_as_well() -> None:
    person, day = DAYS.unpack(DAYS.pack(np.array([4, 4]), day=np.array([-1000, 1000])))
    assert person.tolist() == [4, 4]
    assert day.tolist() == [-1000, 1000]


@pytest.mark.parametrize("values", [{"revenue": 1}, {"revenue": 1, "code": 2, "kind": 3}])
def test_a_name_too_few_or_too_many_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="bill, revenue, code"):
        LINES.pack(1, **values)


@pytest.mark.parametrize(("prime", "parts"), [(97, 12), (89, 6)])
def test_a_number_that_is_used_twice_is_fair_within_every_tenth(prime: int, parts: int) -> None:
    """As claims do: the first digit of a number says when one is received, and its product with a prime the rest."""
    u = Draws(5).uniform("received", np.arange(200_000))
    first, second = (u * 10).astype(int), (another(u, prime) * parts).astype(int)
    counts = np.zeros((10, parts))
    np.add.at(counts, (first, second), 1)
    expected = len(u) / 10 / parts
    assert np.abs(counts / expected - 1).max() < 0.15
    assert abs(np.corrcoef(another(u, 97), another(u, 89))[0, 1]) < 0.02
