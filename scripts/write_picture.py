"""Draw the picture of the README: a generated county beside CDC PLACES, light and dark.

python scripts/write_picture.py            # write docs/pictures/county-*.svg
python scripts/write_picture.py --check    # end with 1 where a figure has moved by more than a percentage point

The same people are made by: healthsim generate --size 2000 --county 06073 --seed 1
"""

from __future__ import annotations

import json
import re
import sys
from html import escape, unescape
from pathlib import Path

import healthsim as hs
from healthsim.results.by_county import measure_name

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SPEC = {"size": 2_000, "counties": ["06073"], "seed": 1, "as_": "county"}
#: percentage points by which a figure may move before the picture counts as old
MOVED = 1.0
#: ground, ink, quiet, line, published, its edge, scenario, outside
COLOURS = {
    "light": ("#ffffff", "#1b2430", "#55606e", "#e1e6eb", "#d3dae2", "#96a2af", "#2f7cbf", "#b3261e"),
    "dark": ("#0d1117", "#e6ebf0", "#a6b1bd", "#2b3540", "#3a4653", "#66727f", "#5aa6e6", "#ff9a90"),
}
WIDTH, LEFT, RIGHT, TOP, ROW = 860, 250, 70, 74, 26
#: measure, published, from, to, scenario, whether it is met
Row = tuple[str, float, float, float, float, bool]


def rows() -> list[Row]:
    """The prevalences of the county: published with what chance allows, and of the people that are generated."""
    bench = hs.open(":memory:")
    bench.generate(**SPEC)
    shares = [
        (
            measure_name(target.target.removeprefix("prevalence ")),
            round(target.expected, 1),
            round(target.low if target.low is not None else target.expected, 1),
            round(target.high if target.high is not None else target.expected, 1),
            round(target.generated, 1),
            target.met is not False,
        )
        for target in bench.fidelity("county").targets
        if target.target.startswith("prevalence ")
        and target.place == "06073"
        and target.expected is not None
        and target.generated is not None
    ]
    return sorted(shares, key=lambda row: -row[1])


def picture(shares: list[Row], scheme: str) -> str:
    """The SVG of one colour scheme; what it shows stands in it as JSON, too."""
    ground, ink, quiet, line, published, edge, inside, outside = COLOURS[scheme]
    most = max(max(row[3], row[4]) for row in shares) * 1.05
    height = TOP + ROW * len(shares) + 34

    def at(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * value / most

    def text(x: float, y: float, words: str, colour: str, more: str = "") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" {more}>{escape(words)}</text>'

    says = f"{sum(row[5] for row in shares)} of {len(shares)} published figures are met."
    title = "2,000 generated people of San Diego County, CA, beside CDC PLACES"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' font-family="system-ui, -apple-system, Segoe UI, Roboto, sans-serif" font-size="13">',
        f"<title>{title}: {says}</title>",
        f"<desc>{escape(json.dumps(shares))}</desc>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{ground}"/>',
        text(20, 28, title, ink, 'font-size="17" font-weight="650"'),
        text(20, 50, f"Percent of adults. {says}", quiet),
        f'<rect x="{WIDTH - 392}" y="40" width="26" height="12" rx="2" fill="{published}" stroke="{edge}"/>',
        text(WIDTH - 360, 50, "published, with what chance allows", quiet),
        f'<circle cx="{WIDTH - 104}" cy="46" r="5" fill="{inside}"/>',
        text(WIDTH - 94, 50, "generated", quiet),
    ]
    bottom = TOP + ROW * len(shares)
    for mark in range(0, int(most) + 1, 10):
        parts.append(f'<path d="M{at(mark):.1f} {TOP - 6}V{bottom}" stroke="{line}"/>')
        parts.append(text(at(mark), bottom + 18, f"{mark} %" if mark else "0", quiet, 'text-anchor="middle"'))
    for place, (name, _, low, high, value, met) in enumerate(shares):
        y = TOP + ROW * place + ROW / 2
        width = max(at(high) - at(low), 2)
        parts += [
            text(LEFT - 14, y + 4, name, ink, 'text-anchor="end"'),
            f'<rect x="{at(low):.1f}" y="{y - 6:.1f}" width="{width:.1f}" height="12" rx="2" fill="{published}" stroke="{edge}"/>',
            f'<circle cx="{at(value):.1f}" cy="{y:.1f}" r="5" fill="{inside if met else outside}"/>',
            text(WIDTH - 16, y + 4, f"{value:.1f}", ink if met else outside, 'text-anchor="end"'),
        ]
    return "\n".join([*parts, "</svg>", ""])


def drawn(path: Path) -> list[Row]:
    """What a picture says that it shows."""
    match = re.search(r"<desc>(.*?)</desc>", path.read_text(encoding="utf-8"))
    assert match is not None

    return [tuple(row) for row in json.loads(unescape(match[1]))]


def is_old(before: list[Row], now: list[Row]) -> list[str]:
    """Measures that are published anew, have come or gone, or moved by more than a point."""
    known = {row[0]: row for row in before}
    moved = [
        row[0]
        for row in now
        if row[0] not in known or known[row[0]][1] != row[1] or abs(known[row[0]][4] - row[4]) > MOVED
    ]
    return moved + sorted(set(known) - {row[0] for row in now})


def main(words: list[str]) -> int:
    """Write or check the pictures; the exit code."""
    if words not in ([], ["--check"]):
        sys.stderr.write(f"{__doc__}")
        return 2
    now = rows()
    if words:
        old = {scheme: is_old(drawn(FOLDER / f"county-{scheme}.svg"), now) for scheme in COLOURS}
        for scheme, measures in old.items():
            if measures:
                sys.stdout.write(f"docs/pictures/county-{scheme}.svg is old: {', '.join(measures)}\n")
        return int(any(old.values()))
    FOLDER.mkdir(exist_ok=True)
    for scheme in COLOURS:
        (FOLDER / f"county-{scheme}.svg").write_text(picture(now, scheme), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
