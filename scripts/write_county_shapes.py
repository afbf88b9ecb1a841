"""Write the outlines of counties and states that maps are drawn from, out of the npm package us-atlas (ISC licence).

    npm pack us-atlas@3 && tar xzf us-atlas-3.*.tgz
    python scripts/write_county_shapes.py package/counties-albers-10m.json

The file of the package is TopoJSON: arcs that neighbours share, projected to a plane of 975 by 610. Arcs become paths of SVG
of whole pixels and tenths: of the country a tenth of a pixel is not seen, of a single state it is.
"""

from __future__ import annotations

import gzip
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "packages/core/healthsim/pictures/data/counties.json.gz"


def shapes(topology: dict[str, Any]) -> dict[str, Any]:
    """Paths by FIPS code: ``{"counties": {...}, "states": {...}}``, in tenths of a pixel."""
    (scale_x, scale_y), (move_x, move_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((round((x * scale_x + move_x) * 10), round((y * scale_y + move_y) * 10)))
        arcs.append(points)

    def ring(numbers: list[int]) -> str:
        points: list[tuple[int, int]] = []
        for number in numbers:
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
            points += arc[1:] if points else arc
        kept = [points[0]] + [after for before, after in pairwise(points) if after != before]
        if len(kept) < 4:
            return ""
        steps = [f"{bx - ax},{by - ay}" for (ax, ay), (bx, by) in pairwise(kept[:-1])]
        return f"M{kept[0][0]},{kept[0][1]}l{' '.join(steps)}z"

    def path(geometry: dict[str, Any]) -> str:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        return "".join(ring(numbers) for polygon in polygons for numbers in polygon)

    return {
        layer: {item["id"]: path(item) for item in topology["objects"][layer]["geometries"] if item.get("arcs")}
        for layer in ("counties", "states")
    }


def main() -> None:
    """Read the file that is named and write the package's."""
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = json.dumps(shapes(topology), separators=(",", ":"), sort_keys=True)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size:,} bytes, {len(text):,} unpacked\n")


if __name__ == "__main__":
    main()
