"""Who lives with whom: couples, parents and children, relatives and roommates, in households as many as the county has.

Households are formed among the people of one county in one block. The number of them follows from the county's average size
(American Community Survey 2018-2022), so that it is met exactly, and so are those of one person as far as the other people allow.
Institutions are not simulated: everybody lives in a household.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from healthsim.generation.kernels.context import BLOCK, YEAR, Bools, Context, Floats, Ints
from healthsim.generation.ordering import distinct, order_of
from healthsim.generation.packaged import figures
from healthsim.generation.packing import Packing
from healthsim.generation.pyramids import ADULT, AGES, curve

FEMALE, MALE = 0, 1
#: of the households of two persons and more this share may be couples, at most
_COUPLES = 0.88
#: years between partners beyond what their order gives, and by how much men are older: assumptions
_PARTNERS_APART, _MEN_OLDER = 3.0, 2.0
#: years of mothers at birth, at the least and at most; children of each who has some
_LEAST_GAP, _MOST_GAP, _CHILDREN_EACH = 16, 46, 1.9
#: grown children who live with their parents are younger than this; parents have so many of them at most
_GROWN, _GROWN_EACH = 35, 1
#: scores of people are compared to a millionth
_RESOLUTION = 1_000_000


@dataclass(frozen=True)
class Households:
    """Who lives with whom; places are those in the batch.

    Attributes:
        home: the place of the person that a household is named after. partner: -1 for those without.
        mother, father: of those who live with them, else -1.
    """

    home: Ints
    partner: Ints
    mother: Ints
    father: Ints


@cache
def _facts() -> dict[str, Any]:
    known: dict[str, Any] = figures("people.yaml")["households"]
    return known


def make_households(context: Context, number: Ints, county: Ints, sex: Ints, birth: Ints) -> Households:
    """The households of whole blocks."""
    return _Forming(context, number, county, sex, birth).households()


class _Forming:
    """Households while they are formed."""

    def __init__(self, context: Context, number: Ints, county: Ints, sex: Ints, birth: Ints) -> None:
        self._draws, self._number, self._sex = context.draws, number, sex
        self._age = (context.end - birth) / YEAR
        self._whole = np.clip(self._age.astype(np.int64), 0, AGES - 1)
        rows, self._group = distinct(
            Packing("block", county=(0, len(context.places))).pack(number // BLOCK, county=county)
        )
        self._groups = len(rows)
        society, spec = context.places.society, context.spec
        self._size = np.bincount(self._group, minlength=self._groups)
        self._household = society.household[county[rows]]
        self._alone = society.alone[county[rows]]
        everyone = not spec.cohort and spec.sex is None and spec.ages.min == 0 and spec.ages.max >= AGES - 1
        #: of people who were chosen, the others of their households are not there
        self._whole_households = everyone
        self._home = np.arange(len(number))
        self._partner = np.full(len(number), -1)
        self._mother, self._father = self._partner.copy(), self._partner.copy()

    def households(self) -> Households:
        adults = self._whole >= ADULT
        count = np.bincount(self._group, adults, self._groups)
        wanted = np.round(self._size / self._household)
        most = (
            np.minimum(count - wanted, _COUPLES * wanted * (1 - self._alone)) if self._whole_households else count / 2
        )
        self._couples(adults, np.maximum(most, 0))
        single = adults & (self._partner < 0)
        joins = self._joining(single, wanted)
        heads = single & ~joins
        alone = self._living_alone(heads)
        self._children(~adults, heads & ~alone)
        self._grown(joins, heads & ~alone)
        self._others(joins, heads & ~alone)
        return Households(self._home, self._partner, self._mother, self._father)

    def _ranked(self, rows: Ints, score: Floats) -> Ints:
        """The place of each row among those of its group, by the score."""
        order = order_of(self._group[rows], (score * _RESOLUTION).astype(np.int64))
        group = self._group[rows][order]
        starts = np.searchsorted(group, np.arange(self._groups))
        place = np.empty(len(rows), dtype=np.int64)
        place[order] = np.arange(len(rows)) - starts[group]
        return place

    def _likeliest(self, rows: Ints, stream: str, weight: Floats) -> Ints:
        """The place of each row in a random order, in which heavier ones come rather first."""
        u = self._draws.uniform(stream, self._number[rows])
        return self._ranked(rows, np.minimum(-np.log(u) / np.maximum(weight, 1e-6), 1e6))

    def _couples(self, adults: Bools, most: Floats) -> None:
        """Women and men, as many as are partnered, by the order of their ages."""
        chance = [curve(_facts()["partnered"][sex]) for sex in "FM"]
        sides, expected = [], []
        for sex in (FEMALE, MALE):
            rows = np.flatnonzero(adults & (self._sex == sex))
            likely = chance[sex][self._whole[rows]]
            expected.append(np.bincount(self._group[rows], likely, self._groups))
            sides.append((rows, self._likeliest(rows, "partnered", likely / (1 - likely))))
        here = [np.bincount(self._group[rows], minlength=self._groups) for rows, _ in sides]
        number = np.minimum.reduce([(expected[0] + expected[1]) / 2, most, *here]).astype(np.int64)
        pairs = []
        for sex, (rows, place) in enumerate(sides):
            chosen = rows[place < number[self._group[rows]]]
            noise = _PARTNERS_APART * self._draws.normal("partner", self._number[chosen])
            by_age = self._ranked(chosen, self._age[chosen] - _MEN_OLDER * (sex == MALE) + noise + 100)
            pairs.append(chosen[order_of(self._group[chosen], by_age)])
        women, men = pairs
        self._partner[women], self._partner[men] = men, women
        first = self._draws.uniform("head", self._number[women]) < 0.5
        self._home[women] = np.where(first, women, men)
        self._home[men] = self._home[women]

    def _joining(self, single: Bools, wanted: Floats) -> Bools:
        """Adults without a partner who live in a household of others: as many as there are households too many."""
        rows = np.flatnonzero(single)
        weight = curve(_facts()["with_others"]["curve"])[self._whole[rows]]
        couples = np.bincount(self._group, self._partner >= 0, self._groups) / 2
        too_many = couples + np.bincount(self._group[rows], minlength=self._groups) - wanted
        if not self._whole_households:
            too_many = np.zeros(self._groups)
        joins = np.zeros(len(single), dtype=bool)
        joins[rows] = self._likeliest(rows, "with others", weight) < too_many[self._group[rows]]
        return joins

    def _living_alone(self, heads: Bools) -> Bools:
        """Heads of households of one person, as many as the county has."""
        rows = np.flatnonzero(heads)
        weight = curve(_facts()["alone"]["curve"])[self._whole[rows]]
        # women with children live alone less often
        weight = weight * np.where((self._sex[rows] == FEMALE) & (self._age[rows] < 50), 0.4, 1.0)
        number = np.round(self._alone * self._size / self._household)
        alone = np.zeros(len(heads), dtype=bool)
        alone[rows] = self._likeliest(rows, "alone", weight) < number[self._group[rows]]
        return alone

    def _children(self, children: Bools, single: Bools) -> None:
        """Children live with a mother of the right age, and her partner; some with their father alone."""
        rows = np.flatnonzero(children)
        couples = np.flatnonzero((self._partner >= 0) & (self._sex == FEMALE))
        self._settle(rows, np.r_[couples, np.flatnonzero(single)], "mother", _CHILDREN_EACH)
        # nobody of the right age is there: whoever else of the county has a household
        left = rows[self._home[rows] == rows]
        self._shelter(left, np.r_[couples, np.flatnonzero(single)])
        self._shelter(
            left[self._home[left] == left], np.flatnonzero((self._home == np.arange(len(children))) & ~children)
        )

    def _grown(self, joins: Bools, single: Bools) -> None:
        """Grown children who live with their parents."""
        rows = np.flatnonzero(joins & (self._age < _GROWN))
        families = np.flatnonzero(((self._partner >= 0) & (self._sex == FEMALE)) | single)
        self._settle(rows, families, "mother of grown", _GROWN_EACH, limited=True)

    def _others(self, joins: Bools, single: Bools) -> None:
        """Relatives and roommates: in households of one adult first, then in any."""
        here = np.arange(len(joins))
        rows = np.flatnonzero(joins & (self._home == here))
        members = np.bincount(self._home, minlength=len(here))
        lonely = single & (members == 1)
        self._shelter(rows, np.flatnonzero(lonely), once=True)
        heads = (self._home == here) & ~joins & (self._whole >= ADULT)
        # families take in more than couples do
        for least in (3, 2):
            rows = rows[self._home[rows] == rows]
            self._shelter(rows, np.flatnonzero(heads & ((members >= least) | lonely)))

    def _settle(self, rows: Ints, parents: Ints, stream: str, each: float, *, limited: bool = False) -> None:
        """Put children to parents such that the years between them are as drawn, as far as there are such parents.

        Parents of a county are cut into bands of age, narrow ones where there are many. Within a band children go to the
        parents by turns in the order of their ages, so that siblings are apart.
        """
        facts = _facts()["mother"]
        years = facts["mean"] + facts["deviation"] * self._draws.normal(stream, self._number[rows])
        wanted = self._age[rows] + np.clip(years, _LEAST_GAP, _MOST_GAP)
        for width in (np.where(self._size > 2_000, 1, np.where(self._size > 400, 3, 8)), np.full(self._groups, 10)):
            if not len(rows) or not len(parents):
                return
            bands = Packing("group", band=(0, 256))
            of_parent = bands.pack(
                self._group[parents], band=(self._age[parents] / width[self._group[parents]]).astype(np.int64)
            )
            of_child = bands.pack(self._group[rows], band=(wanted / width[self._group[rows]]).astype(np.int64))
            fits = self._in_turn(rows, of_child, parents, of_parent, stream, each, limited)
            rows, wanted = rows[~fits], wanted[~fits]

    def _in_turn(
        self, rows: Ints, of_child: Ints, parents: Ints, of_parent: Ints, stream: str, each: float, limited: bool
    ) -> Bools:
        """Give the children of each band to its parents by turns; whether each child has some then."""
        chance = self._draws.uniform(stream + "/turn", self._number[parents])
        by_band = order_of(of_parent, (chance * _RESOLUTION).astype(np.int64))
        first, there = _within(of_parent[by_band], of_child)
        order = order_of(of_child, (self._age[rows] * 1_000).astype(np.int64))
        start, children = _within(of_child[order], of_child)
        rank = np.empty(len(rows), dtype=np.int64)
        rank[order] = np.arange(len(rows)) - start[order]
        used = np.clip(np.ceil(children / each).astype(np.int64), 1, np.maximum(there, 1))
        fits = (there > 0) & ((rank < there * each) | (not limited))
        chosen = np.flatnonzero(fits)
        parent = parents[by_band[first[chosen] + rank[chosen] % used[chosen]]]
        gap = self._age[parent] - self._age[rows[chosen]]
        right = (gap >= _LEAST_GAP - 1) & (gap < _MOST_GAP + 4)
        self._raise(rows[chosen[right]], parent[right])
        fits[chosen[~right]] = False
        return fits

    def _raise(self, child: Ints, parent: Ints) -> None:
        """Children live with a parent and the parent's partner, who is a parent too unless too young."""
        self._home[child] = self._home[parent]
        partner = self._partner[parent]
        partner = np.where(self._age[partner] - self._age[child] >= _LEAST_GAP - 1, partner, -1)
        is_mother = self._sex[parent] == FEMALE
        self._mother[child] = np.where(is_mother, parent, partner)
        self._father[child] = np.where(is_mother, partner, parent)

    def _shelter(self, rows: Ints, heads: Ints, *, once: bool = False) -> None:
        """Put people into households of others of their county, at random and by turns."""
        if not len(rows) or not len(heads):
            return
        by_group = heads[order_of(self._group[heads], self._likeliest(heads, "shelter", np.ones(len(heads))))]
        first = np.searchsorted(self._group[by_group], np.arange(self._groups))
        there = np.bincount(self._group[heads], minlength=self._groups)
        rank = self._likeliest(rows, "sheltered", np.ones(len(rows)))
        group = self._group[rows]
        fits = rank < there[group] if once else there[group] > 0
        chosen = np.flatnonzero(fits)
        of_group = group[chosen]
        head = by_group[first[of_group] + rank[chosen] % there[of_group]]
        self._home[rows[chosen]] = self._home[head]


def _within(ordered: Ints, values: Ints) -> tuple[Ints, Ints]:
    """(where each value begins among ordered ones, how often it is there)."""
    first = np.searchsorted(ordered, values, "left")
    return first, np.searchsorted(ordered, values, "right") - first
