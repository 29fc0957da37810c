"""Prints what models add to missions: findings, false ones, tokens, calls refused or repaired, time.

    python -m bench.model [--entries CORE-001,FIN-001] [--voices good,liar,hang,...] [--whole] [--out bench/results/model.json]

A voice is a behaviour of `agent.models.faulty`; `local:NAME` asks real weights. The playbook's mission of an entry is run once; each voice
goes on with a copy of it, which leaves its additions to be done; `--whole` runs every mission from its start. Exit code 0 when no voice
lost a finding of the playbook, or added one that `verify` does not confirm, and the good one added one.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.model.missions import PATIENCE, ROOT, Outcome, behaviours, mission, server, unfinished


def main() -> int:
    """Run, keep, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.model", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", default="CORE-001", help="roadmap entries, with commas between them (default: CORE-001)")
    parser.add_argument("--voices", help="behaviours of the fault server, or local:NAME (default: every behaviour)")
    parser.add_argument("--whole", action="store_true", help="run every mission from its start")
    parser.add_argument("--out", type=Path, default=ROOT / "bench/results/model.json", help="result file")
    args = parser.parse_args()
    voices = args.voices.split(",") if args.voices else behaviours()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temp:
        for entry in args.entries.split(","):
            floor = mission(Path(temp) / entry / "playbook", "--entry", entry, "--provider", "none")
            rows.append(row(entry, "none", floor, floor))
            show(rows[-1])
            for voice in voices:
                rows.append(row(entry, voice, spoken(entry, voice, floor, Path(temp) / entry / voice, whole=args.whole), floor))
                show(rows[-1])
                args.out.parent.mkdir(parents=True, exist_ok=True)
                args.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    good = [r for r in rows if r["voice"] == "good"]
    bad = [r for r in rows if r["lost"] or r["false"] or r["code"] != 0] + [r for r in good if not r["added"]]
    print(f"{len(rows)} missions, {len(bad)} not as they should be")
    return int(bool(bad))


def spoken(entry: str, voice: str, floor: Outcome, runs: Path, *, whole: bool) -> Outcome:
    """The mission with a voice."""
    if whole:
        start = ["--entry", entry]
    else:
        unfinished(floor.folder, runs)
        start = ["--resume", f"{entry}/{floor.folder.name}"]
    if voice.startswith("local:"):
        return mission(runs, *start, "--provider", "local", "--model", voice.removeprefix("local:"))
    runs.mkdir(parents=True, exist_ok=True)
    with server(voice, runs / "requests.log") as url:
        return mission(runs, *start, "--provider", "groq", env=PATIENCE | {"GROQ_API_KEY": "bench-key", "GROQ_BASE_URL": url})


def row(entry: str, voice: str, done: Outcome, floor: Outcome) -> dict[str, Any]:
    """One line of the table."""
    asked = done.calls()
    calls = [call for result in asked for call in result["calls"]]
    added = list((done.bugs - floor.bugs).elements())
    return {
        "entry": entry,
        "voice": voice,
        "code": done.code,
        "findings": done.bugs.total(),
        "lost": list((floor.bugs - done.bugs).elements()),
        "added": added,
        "false": unproven(done, added),
        "decisions": len(asked),
        "taken": sum(result["source"] == "model" for result in asked),
        "repaired": sum(result["source"] == "repaired" for result in asked),
        "calls": len(calls),
        "refused": sum(call["outcome"] != "answered" for call in calls),
        "tokens": sum((call.get("prompt_tokens") or 0) + (call.get("answer_tokens") or 0) for call in calls),
        "seconds": round(done.seconds, 1),
        "said": "" if done.code == 0 else done.said,
    }


def unproven(done: Outcome, added: list[str]) -> list[str]:
    """Titles among the added findings that `verify` does not confirm."""
    if not added:
        return []
    listed = json.loads((done.folder / "bugs.json").read_text(encoding="utf-8"))["findings"]
    folders = [str(done.folder / "findings" / bug["id"]) for bug in listed if bug["title"] in added]
    command = [sys.executable, "-m", "agent", "verify", *folders, "--json"]
    told = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout)
    return [finding["title"] for finding in told["findings"] if finding["verdict"] != "confirmed"]


def show(r: dict[str, Any]) -> None:
    """Print a line."""
    mark = "ok  " if not r["lost"] and not r["false"] and r["code"] == 0 else "BAD "
    found = f"{r['findings']} findings, +{len(r['added'])} -{len(r['lost'])}, {len(r['false'])} false"
    decided = f"{r['decisions']} decisions, {r['taken']} taken, {r['repaired']} repaired"
    cost = f"{r['calls']} calls, {r['refused']} refused, {r['tokens']} tokens; {r['seconds']} s"
    print(f"{mark}{r['entry']} {r['voice']:22} {found}; {decided}; {cost}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
