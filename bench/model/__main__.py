"""Prints what models add to missions: findings, false ones, tokens, calls refused or repaired, time.

    python -m bench.model [--entries FIN-001,CORE-001,GUARD-001] [--voices good,liar,local:smollm2-135m,...]

A voice is a behaviour of `agent.models.faulty`; `local:NAME` asks real weights (see `make local`). The playbook's mission of an entry is
run once; each voice goes on with a copy of it, which leaves its additions to be done, so seconds are those of these; `--whole` runs every
mission from its start. Rows measured by the same code are kept: an interrupted measurement goes on where it was. Exit code 0 when no
voice lost a finding of the playbook or added one that `verify` does not confirm, all ended well within their budget of tokens, and the
good one added a defect through a probe it wrote.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from agent.models.weights import installed
from bench.model.missions import ALSO, Outcome, behaviours, environment, floor_of, mission, server, unfinished
from bench.rows import ROOT, remembered

TOKENS, CALL = 62_000, 4_500
"""Most of a mission, and of one call."""
LOCAL = {"STAGEFLOW_AGENT_MODEL_SECONDS": "300"}
"""Real weights on two cores are slow; a mission gives them so many seconds."""


def main() -> int:
    """Run, keep, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.model", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", default="FIN-001,CORE-001,GUARD-001", help="roadmap entries, with commas between them")
    parser.add_argument(
        "--voices", help="behaviours of the fault server, or local:NAME (default: every behaviour, and all weights that are installed)"
    )
    parser.add_argument("--whole", action="store_true", help="run every mission from its start")
    parser.add_argument("--out", type=Path, default=ROOT / "bench/results/model.json", help="result file")
    args = parser.parse_args()
    voices = args.voices.split(",") if args.voices else [*behaviours(), *(f"local:{weights.name}" for weights in installed())]
    rows = list(measured(args.entries.split(","), voices, args.whole, args.out.parent / "model-rows.json"))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(merged(args.out, rows), indent=1) + "\n", encoding="utf-8")
    bad = [row for row in rows if wrong(row)]
    extra = [row["seconds"] for row in rows if row["voice"] != "none"]
    print(f"{len(rows)} missions, {len(bad)} not as they should be; additions took a median of {statistics.median(extra or [0]):.0f} s")
    return int(bool(bad))


def measured(entries: list[str], voices: list[str], whole: bool, kept: Path) -> Any:
    """A row for each entry and voice, shown as it is measured."""
    for entry in entries:
        for voice in ("none", *voices):

            def one(entry: str = entry, voice: str = voice) -> dict[str, Any]:
                floor = floor_of(entry)
                with tempfile.TemporaryDirectory() as temp:
                    return row(entry, voice, floor if voice == "none" else spoken(entry, voice, floor, Path(temp), whole=whole), floor)

            found = remembered(kept, f"{entry} {voice}{' whole' if whole else ''}", one, *ALSO)
            show(found)
            yield found


def merged(out: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the result file, the new ones in place of older ones."""
    old: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    return list({(row["entry"], row["voice"]): row for row in (*old, *rows)}.values())


def spoken(entry: str, voice: str, floor: Outcome, runs: Path, *, whole: bool) -> Outcome:
    """The mission with a voice."""
    if whole:
        start = ["--entry", entry]
    else:
        unfinished(floor.folder, runs)
        start = ["--resume", f"{entry}/{floor.folder.name}"]
    if voice.startswith("local:"):
        return mission(runs, *start, "--provider", "local", "--model", voice.removeprefix("local:"), env=environment(LOCAL))
    with server(voice, runs / "requests.log") as env:
        return mission(runs, *start, "--provider", "groq", env=env)


def row(entry: str, voice: str, done: Outcome, floor: Outcome) -> dict[str, Any]:
    """One line of the table."""
    asked = [result for _, result in done.calls()]
    calls = [call for result in asked for call in result["calls"]]
    phases: Counter[str] = Counter()
    for phase, result in done.calls():
        phases[phase] += sum(call["budgeted"] for call in result["calls"])
    added = list((done.bugs - floor.bugs).elements())
    return {
        "entry": entry,
        "voice": voice,
        "code": done.code,
        "findings": done.bugs.total(),
        "lost": list((floor.bugs - done.bugs).elements()),
        "added": added,
        "written": list((done.written - floor.written).elements()),
        "false": unproven(done, added),
        "decisions": len(asked),
        "taken": sum(result["source"] == "model" for result in asked),
        "repaired": sum(result["source"] == "repaired" for result in asked),
        "calls": len(calls),
        "refused": sum(call["outcome"] != "answered" for call in calls),
        "tokens": sum(call["budgeted"] for call in calls),
        "phases": phases,
        "largest": max((call["budgeted"] for call in calls), default=0),
        "seconds": round(done.seconds, 1),
        "said": "" if done.code == 0 else done.said,
    }


def unproven(done: Outcome, added: list[str]) -> list[str]:
    """Titles among the added findings that `verify` does not confirm."""
    if not added:
        return []
    folders = [str(done.folder / "findings" / bug["id"]) for bug in done.findings() if bug["title"] in added]
    order = [sys.executable, "-m", "agent", "verify", *folders, "--json"]
    told = json.loads(subprocess.run(order, cwd=ROOT, capture_output=True, text=True).stdout)
    return [finding["title"] for finding in told["findings"] if finding["verdict"] != "confirmed"]


def wrong(r: dict[str, Any]) -> bool:
    """Whether a mission did not end as it should."""
    spent = r["tokens"] > TOKENS or r["largest"] > CALL
    return bool(r["lost"] or r["false"] or r["code"] != 0 or spent or (r["voice"] == "good" and not r["written"]))


def show(r: dict[str, Any]) -> None:
    """Print a line."""
    found = (
        f"{r['findings']} findings, +{len(r['added'])} ({len(r['written'])} by its own probes) -{len(r['lost'])}, {len(r['false'])} false"
    )
    decided = f"{r['decisions']} decisions, {r['taken']} taken, {r['repaired']} repaired"
    cost = f"{r['calls']} calls, {r['refused']} refused, {r['tokens']} tokens; {r['seconds']} s"
    print(f"{'BAD ' if wrong(r) else 'ok  '}{r['entry']} {r['voice']:26} {found}; {decided}; {cost}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
