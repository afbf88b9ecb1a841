"""The counties of the United States as a map: outlines of us-atlas (ISC licence, data/us-atlas.LICENSE.txt), coloured by class."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from html import escape
from importlib.resources import files

#: the plane of the outlines, in tenths of a pixel
_WHOLE = (0, 0, 9_750, 6_100)
_STEP = re.compile(r"([Ml ]?)(-?\d+),(-?\d+)")
#: what nothing is known of is hatched: it is neither low nor high
_HATCH = (
    '<defs><pattern id="hs-hatch" width="60" height="60" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hs-none" width="60" height="60"/><rect class="hs-stripe" width="14" height="60"/></pattern></defs>'
)


@cache
def _shapes() -> dict[str, dict[str, str]]:
    data = files(__package__).joinpath("data", "counties.json.gz").read_bytes()
    shapes: dict[str, dict[str, str]] = json.loads(gzip.decompress(data))
    return shapes


@lru_cache(maxsize=64)
def _frame(state: str) -> tuple[int, int, int, int]:
    """The part of the plane that a state takes, with some room."""
    xs: list[int] = []
    ys: list[int] = []
    for ring in _shapes()["states"][state].split("z"):
        x = y = 0
        for mark, dx, dy in _STEP.findall(ring):
            x, y = (int(dx), int(dy)) if mark == "M" else (x + int(dx), y + int(dy))
            xs.append(x)
            ys.append(y)
    room = max((max(xs) - min(xs)) // 50, 20)
    left, top = min(xs) - room, min(ys) - room
    return left, top, max(xs) - left + room, max(ys) - top + room


@lru_cache(maxsize=64)
def _counties(state: str) -> tuple[tuple[str, str], ...]:
    return tuple((fips, path) for fips, path in _shapes()["counties"].items() if fips.startswith(state))


def county_map(
    classes: Mapping[str, int], titles: Mapping[str, str], *, state: str | None = None, link: str = "/places/"
) -> str:
    """The map as SVG.

    Args:
        classes: FIPS code -> class from 0; counties without one are hatched.
        titles: FIPS code -> what is said of it.
        state: only this one, by its code.
        link: what stands before the code in the address of a county.
    """
    frame = _frame(state) if state in _shapes()["states"] else _WHOLE
    parts = []
    for fips, path in _counties(state or ""):
        if fips in classes:
            title = escape(titles.get(fips, fips))
            # 3,000 counties would be 3,000 steps of the tabulator; the table below has the same links
            parts.append(
                f'<a href="{link}{fips}" tabindex="-1"><path class="q{classes[fips]}" d="{path}"><title>{title}</title></path></a>'
            )
        else:
            parts.append(f'<path d="{path}"/>')
    borders = [_shapes()["states"][state]] if state in _shapes()["states"] else list(_shapes()["states"].values())
    parts.append(f'<path class="hs-states" d="{"".join(borders)}"/>')
    box = " ".join(map(str, frame))
    label = f"Map of {len(classes):,} counties; the table has the same figures"
    counties = f'<g fill="url(#hs-hatch)">{"".join(parts)}</g>'
    return f'<svg class="hs-map" viewBox="{box}" role="group" aria-label="{label}">{_HATCH}{counties}</svg>'
