"""Charts as small inline SVG, rendered from templates; no library and no script in the page."""

import math
from collections.abc import Callable, Mapping, Sequence

from agent.core.pages import page

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 520, 240, 62, 40, 14
COLOURS = ("#2563eb", "#d97706", "#b91c1c", "#047857")


def curve(xs: Sequence[float], series: Mapping[str, Sequence[float | None]], x_label: str, y_label: str) -> str:
    """Lines over a logarithmic x axis and a logarithmic y axis; gaps where a value is missing or not positive."""
    values = [v for line in series.values() for v in line if v and v > 0]
    if not values or len(xs) < 2:
        return ""
    x_at = scale(min(xs), max(xs), LEFT, WIDTH - 14)
    y_at = scale(min(values), max(values), HEIGHT - BOTTOM, TOP)
    lines = [
        {
            "name": name,
            "colour": colour,
            "points": [(round(x_at(x), 1), round(y_at(v), 1), v) for x, v in zip(xs, line, strict=True) if v and v > 0],
        }
        for (name, line), colour in zip(series.items(), COLOURS, strict=False)
    ]
    ticks = [(round(x_at(x), 1), f"{x:g}") for x in xs]
    marks = [(round(y_at(v), 1), shown(v)) for v in decades(min(values), max(values))]
    return page(
        "curve.svg.j2", lines=lines, ticks=ticks, marks=marks, x_label=x_label, y_label=y_label, w=WIDTH, h=HEIGHT, left=LEFT, bottom=BOTTOM
    )


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """A logarithmic scale from [low, high] to [start, end]; a flat one maps to the middle."""
    if low == high:
        return lambda value: (start + end) / 2
    span = math.log(high) - math.log(low)
    return lambda value: start + (math.log(value) - math.log(low)) / span * (end - start)


def shown(value: float) -> str:
    """A tick label."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


def decades(low: float, high: float) -> list[float]:
    """Powers of ten inside the range, with the ends when there are fewer than two."""
    inside = [10.0**n for n in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]
    return inside if len(inside) >= 2 else sorted({low, high})


def bars(counts: Mapping[str, int]) -> str:
    """Horizontal bars, largest value full width."""
    most = max(counts.values())
    rows = [{"name": name, "value": value, "width": round(240 * value / most, 1)} for name, value in counts.items()]
    return page("bars.svg.j2", rows=rows, h=26 * len(rows) + 8)
