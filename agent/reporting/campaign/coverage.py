"""Adds up which lines and branches of the target the runs have run; what was not measured is not counted as anything."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from agent.reporting.campaign.records import Coverage, FileCoverage
from agent.reporting.campaign.views import Measured, RunView


def covered(views: Iterable[RunView]) -> Coverage | None:
    """Of the target that most runs measured; None when no run did."""
    measured = [view for view in views if view.coverage and view.target]
    if not measured:
        return None
    counts = Counter(view.target for view in measured)
    target = max(sorted(counts), key=lambda name: counts[name])
    parts = [part for view in measured if view.target == target for part in view.coverage]
    names = sorted({file for part in parts for file in part})
    return Coverage(fingerprint=target, runs=counts[target], files=tuple(added(file, parts) for file in names))


def added(file: str, parts: Iterable[Mapping[str, Measured]]) -> FileCoverage:
    """A module; counts of the same target are the same in all parts."""
    rows = [part[file] for part in parts if file in part]
    lines = {number for row in rows for number in numbers(row.ran)}
    branches = {jump for row in rows for jump in row.taken.split(",") if jump}
    return FileCoverage(
        file=file,
        lines=max(row.lines for row in rows),
        lines_run=len(lines),
        branches=max(row.branches for row in rows),
        branches_run=len(branches),
    )


def numbers(spans: str) -> Iterator[int]:
    """Line numbers out of `1-4,9`."""
    for span in spans.split(",") if spans else ():
        first, _, last = span.partition("-")
        yield from range(int(first), int(last or first) + 1)


def by_subsystem(coverage: Coverage) -> list[FileCoverage]:
    """Sums over the folders of the package, and of all in front, under the name `all`."""
    sums: dict[str, Counter[str]] = {"all": Counter()}
    for file in coverage.files:
        for name in ("all", file.file.rpartition("/")[0] or "(top)"):
            sums.setdefault(name, Counter()).update(file.model_dump(exclude={"file"}))
    return [
        FileCoverage.model_validate({"file": name, **counts})
        for name, counts in sorted(sums.items(), key=lambda item: (item[0] != "all", item[0]))
    ]
