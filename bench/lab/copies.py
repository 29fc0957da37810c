"""Seeded faults found, and real defects whose proof turns on the repaired copy; also which probes see each of them."""

import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from bench.lab.figure import Figure, Setting, confirmed
from bench.rows import remembered

MINUTES = 3.0


def faults(setting: Setting) -> Figure:
    """The seeded faults."""
    return scored(setting, "fault", "regressed", 27, "seeded faults found, proof included")


def repairs(setting: Setting) -> Figure:
    """The repaired defects."""
    return scored(setting, "repair", "fixed", 30, "real defects found whose proof turns from 1 to 0 on the repaired copy")


def scored(setting: Setting, kind: str, part: str, least: int, name: str) -> Figure:
    """Score every copy of one kind with the bench's own scorer."""
    import make_target  # of the bench, whose folder is on the path by now
    import score

    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temp:
        for copy in (entry for entry in make_target.entries() if score.kind(entry) == kind):

            def measured(copy: str = copy) -> dict[str, Any]:
                row = score.score(copy, MINUTES, Path(temp))
                return row | {"seen": seen(Path(temp) / copy / "check.json", part)}

            row = remembered(setting.rows, f"{kind} {copy}", measured)
            rows.append(row)
            print(f"{kind} {copy} {'found' if row['found'] else 'NOT FOUND'} {row['seconds']} s, seen by {len(row['seen'])}", flush=True)
    found = sum(row["found"] for row in rows)
    alarms = sum(row["alarms"] for row in rows)
    seconds = [row["seconds"] for row in rows]
    notes = [f"not found: {row['name']} {row.get('error') or ''}" for row in rows if not row["found"]]
    notes += [f"claims that their own script does not bear out: {alarms}"] if alarms else []
    probes = [len({case["probe"] for case in row["seen"]}) for row in rows if row["found"]]
    notes.append(f"seconds for a copy: median {statistics.median(seconds):.0f}, longest {max(seconds):.0f}")
    notes.append(f"probes that see a found one: median {statistics.median(probes):.0f}, only one sees {probes.count(1)}")
    return Figure(name, f"{least} of {len(rows)}", f"{found} of {len(rows)}", found >= least and not alarms, notes, rows)


def seen(report: Path, part: str) -> list[dict[str, str]]:
    """Probe cases that tell the copy from the release, with a confirmed proof for their cause."""
    if not report.exists():
        return []
    cases = []
    for finding in confirmed(json.loads(report.read_text(encoding="utf-8"))[part]):
        cases += [{"probe": case["probe"], "case": case["case"]} for case in (finding, *finding["also_seen"])]
    return cases
