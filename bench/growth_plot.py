"""Draws what `bench_growth.py` measured: CPU of a report by incidents, a line for each network."""

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 640, 360
LEFT, TOP, RIGHT, BOTTOM = 60, 40, 120, 50
COLOURS = ("#1b6ca8", "#b3541e", "#3d7a3d", "#7a3d7a")


def plot(rows: Sequence[dict[str, float]], key: str = "report_cpu_ms") -> str:
    """Return an SVG with incidents from left to right (logarithmic), milliseconds upwards."""
    most = max(row[key] for row in rows) * 1.15
    first = min(math.log10(row["incidents"]) for row in rows)
    last = max(math.log10(row["incidents"]) for row in rows)

    def x(incidents: float) -> float:
        share = (math.log10(incidents) - first) / max(1e-9, last - first)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        "<style>text { font: 12px sans-serif }</style>",
        '<rect width="100%" height="100%" fill="white"/>',
        _text(LEFT, 20, "CPU of a report and all that it sets off, ms, by past incidents"),
    ]
    for step in range(5):
        value = most * step / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"'
            ' stroke="#ddd"/>'
        )
        parts.append(_text(LEFT - 8, y(value) + 4, f"{value:.0f}", anchor="end"))
    parts += [
        _text(x(incidents), HEIGHT - BOTTOM + 20, f"{incidents:,.0f}", anchor="middle")
        for incidents in sorted({row["incidents"] for row in rows})
    ]
    for number, routes in enumerate(sorted({row["routes"] for row in rows})):
        colour = COLOURS[number % len(COLOURS)]
        line = sorted((row["incidents"], row[key]) for row in rows if row["routes"] == routes)
        points = " ".join(f"{x(one):.1f},{y(value):.1f}" for one, value in line)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        end = line[-1]
        parts.append(_text(x(end[0]) + 8, y(end[1]) + 4, f"{routes:,.0f} routes", fill=colour))
    return "\n".join([*parts, "</svg>", ""])


def _text(x: float, y: float, said: str, *, anchor: str = "start", fill: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{said}</text>'
