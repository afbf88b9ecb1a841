"""Who pays for people: the main source of coverage by age, by the poverty of the county and by the household.

Shares of payers are those of the county at each age. Who has which follows from a hidden rank that people of one household have
in common: those with the highest ranks are covered by Medicaid, then come the uninsured. The ranks are spread evenly among the
people of a county in a band of ages, those who left before the end for themselves, so that the shares are met to less than one person.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from healthsim.generation.kernels.context import BLOCK, Bools, Context, Floats, Ints
from healthsim.generation.kernels.people import People
from healthsim.generation.ordering import distinct, order_of
from healthsim.generation.packaged import figures
from healthsim.generation.packing import Packing
from healthsim.generation.places import OLD

PAYERS = ("commercial", "medicare", "medicaid", "exchange", "uninsured")
COMMERCIAL, MEDICARE, MEDICAID, EXCHANGE, UNINSURED = range(5)
#: bands of ages with shares of their own, by the first age of each: children, adults, those who may work on, the others
BANDS = (0, 18, 65, 67)
#: payers in the order of the hidden rank, from those who are best off
_BY_RANK = np.array([COMMERCIAL, EXCHANGE, MEDICARE, UNINSURED, MEDICAID])
#: what people of one household have in common of their rank; an assumption
_OF_HOUSEHOLD = 0.8
_RESOLUTION = 2**23


@cache
def _facts() -> Mapping[Any, Any]:
    known: Mapping[Any, Any] = figures("people.yaml")["payers"]
    return known


def payer_shares(context: Context) -> Floats:
    """(band, county, payer) shares of the people of each band of ages, as the county has them."""
    if "payers" not in context.tables:
        context.tables["payers"] = _payer_shares(context)
    return context.tables["payers"]


def _payer_shares(context: Context) -> Floats:
    places, facts = context.places, _facts()
    society = places.society
    known = places.prevalence.get("ACCESS2", np.full(len(places), np.nan))
    shares = np.zeros((len(BANDS), len(places), len(PAYERS)))
    for band, first in enumerate(BANDS):
        figures_of = facts[first]
        for name, share in figures_of["shares"].items():
            shares[band, :, PAYERS.index(name)] = share
        if "medicaid" in figures_of:
            line = figures_of["medicaid"]
            shares[band, :, MEDICAID] = np.minimum(line["least"] + line["slope"] * society.poverty, line["most"])
            uninsured = society.uninsured * figures_of["of_all_uninsured"]
            if first >= BANDS[1]:
                uninsured = np.where(np.isnan(known), uninsured, known)
            shares[band, :, UNINSURED] = uninsured
            # where the poor and the uninsured leave no room, there are fewer of the others, and then of the poor
            shares[band, :, MEDICAID] = np.minimum(shares[band, :, MEDICAID], facts["room"] - uninsured)
            others = shares[band, :, [MEDICARE, EXCHANGE]].sum(axis=0)
            room = 1 - shares[band, :, MEDICAID] - uninsured
            shares[band][:, [MEDICARE, EXCHANGE]] *= np.minimum(1, facts["others"] * room / others)[:, None]
        shares[band, :, COMMERCIAL] += 1 - shares[band].sum(axis=1)
    return shares


def band_of(age: Floats | Ints) -> Ints:
    """The band of ages, by its place in ``BANDS``."""
    return np.searchsorted(BANDS, age, side="right") - 1


def draw_payers(context: Context, people: People, band: Ints, stream: str) -> Ints:
    """The payer of each person, as one of a band of ages."""
    hidden = _OF_HOUSEHOLD * context.draws.normal(stream + "/household", people.number[people.home])
    hidden += np.sqrt(1 - _OF_HOUSEHOLD**2) * context.draws.normal(stream, people.number)
    groups = Packing("block", county=(0, len(context.places)), band=(0, len(BANDS)), left=(0, 2))
    left = people.left_by(context.end)
    group = groups.pack(people.number // BLOCK, county=people.county, band=band, left=left)
    order = order_of(group, (hidden * _RESOLUTION).astype(np.int64))
    kinds, place = distinct(group)
    sizes = np.bincount(place)
    starts = np.cumsum(sizes) - sizes
    shift = context.draws.uniform(stream + "/shift", group[kinds])
    in_order = place[order]
    at = np.empty(len(people))
    at[order] = (np.arange(len(people)) - starts[in_order] + shift[in_order]) / sizes[in_order]
    return _at(context, at, people.county, band)


def pick_payers(context: Context, people: People, rows: Ints, band: Ints, at: Floats) -> Ints:
    """The payers of some people by numbers between 0 and 1: the highest have Medicaid."""
    return _at(context, at, people.county[rows], band)


def dual_rank(context: Context, people: People, rows: Ints) -> Floats:
    """Numbers between 0 and 1, the lowest of those who have Medicaid beside Medicare; many of a household have the same."""
    draws, number = context.draws, people.number[rows]
    together = draws.uniform("dual/together", number) < figures("people.yaml")["dual"]["of_household"]
    return draws.uniform("dual", np.where(together, people.number[people.home[rows]], number))


def dual_share(context: Context, county: Ints, is_old: Bools) -> Floats:
    """The share of people with Medicare who have Medicaid as well, by the poverty of the county."""
    lines = figures("people.yaml")["dual"]["by_poverty"]
    poverty = context.places.society.poverty
    young, old = (
        np.minimum(lines[age]["least"] + lines[age]["slope"] * poverty, lines[age]["most"]) for age in (0, OLD)
    )
    shares: Floats = np.where(is_old, old[county], young[county])
    return shares


def _at(context: Context, at: Floats, county: Ints, band: Ints) -> Ints:
    """The payer at each place between 0 and 1 of the hidden ranks of a county and band."""
    cumulative = np.cumsum(payer_shares(context)[:, :, _BY_RANK], axis=2)[:, :, :-1]
    rank = (at[:, None] >= cumulative[band, county]).sum(axis=1)
    result: Ints = _BY_RANK[rank]
    return result
