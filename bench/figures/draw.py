"""Draws the charts of the README; for an interpreter that has matplotlib.

python draw.py RESULTS.json FOLDER
"""

import json
import sys
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

OURS, OTHER, OVER = "#2f7ed8", "#9aa0a6", "#d9822b"
"""Colours that are told apart on white and on black."""
TEXT = "#808080"
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "figures",
    "font.size": 10,
    "text.color": TEXT,
    "axes.labelcolor": TEXT,
    "axes.edgecolor": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
}


def beside(figure: dict, file: Path) -> None:
    """Bars of ours and of what stands beside it, with the spread between the fastest and the slowest round."""
    rows = sorted(figure["values"].items(), key=lambda row: -row[1])
    names, values = [name for name, _ in rows], [value for _, value in rows]
    spread = [[value - figure["spread"][name][0] for name, value in rows], [figure["spread"][name][1] - value for name, value in rows]]
    chart = Figure(figsize=(7.5, 0.5 * len(rows) + 0.9))
    axes = chart.subplots()
    bars = axes.barh(names, values, color=[OURS if name == "ours" else OTHER for name in names], xerr=spread, ecolor=TEXT, capsize=3)
    axes.bar_label(bars, fmt="%.3g", padding=6)
    axes.set_xlabel(figure["unit"])
    axes.set_title(figure["title"], loc="left", color=TEXT, fontsize=10)
    saved(chart, file)


def shares(figures: list, file: Path) -> None:
    """Every figure as a share of what it may be."""
    rows = [(figure["title"], share) for figure in reversed(figures) if (share := share_of(figure)) is not None]
    chart = Figure(figsize=(7.5, 0.28 * len(rows) + 0.9))
    axes = chart.subplots()
    bars = axes.barh([title for title, _ in rows], [share for _, share in rows], color=[OVER if share > 1 else OURS for _, share in rows])
    axes.bar_label(bars, fmt="%.2f", padding=4)
    axes.axvline(1, color=TEXT, linewidth=1, linestyle="--")
    axes.set_xscale("log")
    axes.set_xlabel("share of the limit; beyond the line it is not kept")
    saved(chart, file)


def share_of(figure: dict) -> float | None:
    """Ours by its limit, or the other way round for what has to reach one."""
    sense, limit = figure["limit"].split()
    ours = figure["values"].get("ours")
    if not ours:
        return None
    return ours / float(limit) if sense == "<=" else float(limit) / ours


def saved(chart: Figure, file: Path) -> None:
    """Write a chart."""
    for axes in chart.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.12)
    chart.savefig(file, transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None})


def main(results: Path, folder: Path) -> None:
    """The charts: steps beside what a user would pick instead, and all figures beside their limits."""
    figures = json.loads(results.read_text(encoding="utf-8"))["figures"]
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(STYLE):
        for figure in figures:
            if figure["figure"] in ("step", "memory"):
                beside(figure, folder / f"{figure['figure']}.svg")
        shares(figures, folder / "limits.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
