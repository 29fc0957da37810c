"""Defects that were fixed between releases: does `timeline` place them in the right release?"""

import csv
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from agent.core.settings import Settings
from bench.lab.figure import Figure, Setting, agent, check, confirmed
from tools.clean_target import clean_target

RELEASES = ("0.5.0", "0.5.1", "0.7.0", "0.8.0", "0.9.0", "0.9.2", "0.9.4", "0.9.5", "0.9.6", "1.0.0", "1.1.0", "1.2.0")
PRESENT, ABSENT = 1, 0


def timeline(setting: Setting) -> Figure:
    """Where the bench's own script turns from present to absent, a finding of that subsystem must turn as well."""
    with (setting.bench / "known.tsv").open(encoding="utf-8") as stream:
        known = [row for row in csv.DictReader(stream, delimiter="\t") if row["status"].startswith("fixed")]
    rows = []
    with tempfile.TemporaryDirectory() as temp:
        for row in known:
            before, fixed = turn(setting.bench / "known" / f"{row['id']}.py")
            rows.append({"id": row["id"], "last_bad": before, "fixed": fixed} | placed(row["subsystem"], before, fixed, Path(temp)))
            print(f"{row['id']} fixed in {fixed}: {rows[-1]['found'] or 'NOT PLACED'}", flush=True)
    found = sum(bool(row["found"]) for row in rows)
    notes = [f"{row['id']}: no finding of its subsystem is fixed in {row['fixed']}" for row in rows if not row["found"]]
    return Figure(
        "known defects that timeline places in the right release", "all", f"{found} of {len(rows)}", found == len(rows), notes, rows
    )


def turn(script: Path) -> tuple[str, str]:
    """The last release on which the bench's script shows the defect, and the first after it on which it does not."""
    codes = {version: exit_code(script, version) for version in RELEASES}
    last = max((version for version in RELEASES if codes[version] == PRESENT), key=RELEASES.index)
    return last, next(version for version in RELEASES[RELEASES.index(last) + 1 :] if codes[version] == ABSENT)


def exit_code(script: Path, version: str) -> int:
    """How the script ends on a release."""
    python = clean_target(version, Settings.load(), lambda text: None).python
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([python, script], env=environment, capture_output=True, timeout=120).returncode


def placed(subsystem: str, before: str, fixed: str, temp: Path) -> dict[str, Any]:
    """Findings of one subsystem on the last bad release of which timeline says that they were fixed in this one."""
    report = temp / f"{before}-{subsystem}.json"
    found = confirmed(check(report, "--target", before, "--area", subsystem)["findings"])
    told = json.loads(agent("timeline", str(report), "--releases", ",".join(RELEASES), "--json", seconds=1800).stdout) if found else {}
    rows = told.get("findings", [])
    return {"confirmed": len(found), "found": [row["title"] for row in rows if row["fixed_in"] == fixed]}
