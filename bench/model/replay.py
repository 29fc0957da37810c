"""Prints whether a recorded mission comes out the same again offline, and what another model changes from the middle on.

    python -m bench.model.replay [--entry CORE-001] [--fork-at 4]

A mission with the good script is recorded; then the recording is replayed, and forked to a script that says other things. Exit code 0 when
the replay found the same and wrote the same report, and the fork changed a decision.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.model.missions import REPLIES, ROOT, Outcome, mission

OTHER = [
    {"name": "target", "reply": {"oracle": "nothing_left", "subject": "", "why": "another opinion"}, "times": 0},
    {
        "name": "summary",
        "reply": {"text": "Another model has written this paragraph, and it says less."},
        "times": 0,
    },
]
"""What the other model says; it has no answer to anything else."""


def main() -> int:
    """Record, replay, fork, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.model.replay", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entry", default="CORE-001", help="roadmap entry (default: CORE-001)")
    parser.add_argument("--fork-at", default="4", help="call from which on the other model answers (default: 4)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temp:
        recorded = mission(Path(temp), "--entry", args.entry, "--provider", "scripted", "--script", str(REPLIES))
        again = replayed(recorded)
        report = again["report"]
        print(
            f"{args.entry}: recorded in {recorded.seconds:.0f} s, {len(recorded.calls())} decisions, {recorded.bugs.total()} defects",
            flush=True,
        )
        print(
            f"replay: findings {'differ' if again['findings'] else 'the same'}, report {'differs' if report['diff'] else 'the same'}",
            flush=True,
        )
        print(f"        {report['lines']} lines compared, measured values left out of {report['masked']} of them", flush=True)
        print("\n".join([*again["findings"], *report["diff"]][:40]), flush=True)
        script = Path(temp) / "other.jsonl"
        script.write_text("".join(json.dumps(line) + "\n" for line in OTHER), encoding="utf-8")
        forked = replayed(recorded, "--fork-at", args.fork_at, "--provider", "scripted", "--script", str(script))
        changed = f"{len(forked['decisions'])} decisions answered otherwise, {len(forked['findings'])} findings differ"
        print(f"fork at call {forked['fork_at']}: {changed}", flush=True)
        print("\n".join([*forked["decisions"], *forked["findings"]][:40]), flush=True)
        return int(not again["same"] or not forked["decisions"])


def replayed(recorded: Outcome, *args: str) -> dict[str, Any]:
    """What `replay` says about a run."""
    runs = recorded.folder.parents[1]
    name = f"{recorded.folder.parent.name}/{recorded.folder.name}"
    command = [sys.executable, "-m", "agent", "replay", name, "--runs", str(runs), "--json", *args]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if not done.stdout.strip():
        raise SystemExit(f"replay came to nothing: {done.stderr[-800:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


if __name__ == "__main__":
    sys.exit(main())
