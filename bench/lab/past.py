"""Defects that were fixed between releases: does `timeline` place them in the right release?"""

import csv
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from bench.lab.figure import Figure, Setting, agent, check, confirmed

RELEASES = "0.5.0,0.7.0,0.9.0,0.9.5,0.9.6,1.0.0,1.1.0,1.2.0"


def timeline(setting: Setting) -> Figure:
    """Check the last release that has the defect, place its findings in time, and look for the known one among them."""
    with (setting.bench / "known.tsv").open(encoding="utf-8") as stream:
        known = [row for row in csv.DictReader(stream, delimiter="\t") if row["status"].startswith("fixed")]
    rows = []
    with tempfile.TemporaryDirectory() as temp:
        for row in known:
            fixed = re.sub(r"[^0-9.]", "", row["status"])
            rows.append({"id": row["id"], "fixed": fixed} | placed(row["subsystem"], fixed, Path(temp)))
            print(f"{row['id']} fixed in {fixed}: {rows[-1]['found'] or 'NOT PLACED'}", flush=True)
    found = sum(bool(row["found"]) for row in rows)
    notes = [f"{row['id']}: nothing of its subsystem is fixed in {row['fixed']}" for row in rows if not row["found"]]
    return Figure(
        "known defects that timeline places in the right release", "all", f"{found} of {len(rows)}", found == len(rows), notes, rows
    )


def placed(subsystem: str, fixed: str, temp: Path) -> dict[str, Any]:
    """Findings of one subsystem on the release before, of which timeline says that they were fixed in this one."""
    before = RELEASES.split(",")[RELEASES.split(",").index(fixed) - 1]
    report = temp / f"{before}-{subsystem}.json"
    found = confirmed(check(report, "--target", before, "--area", subsystem)["findings"])
    told = json.loads(agent("timeline", str(report), "--releases", RELEASES, "--json", seconds=1800).stdout) if found else {"findings": []}
    return {"before": before, "confirmed": len(found), "found": [row["title"] for row in told["findings"] if row.get("fixed_in") == fixed]}
