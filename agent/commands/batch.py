"""`python -m agent --batch`: the missions of many roadmap entries, what matters most for its time first; `python -m agent status`."""

import argparse
import contextlib
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from agent.commands.batch_carriers import carriers, checked_backend
from agent.commands.batch_missions import Terms, Wish, run_missions
from agent.commands.batch_plan import UNKNOWN_SECONDS, Planned, limited, planned, seconds_of, states
from agent.commands.batch_progress import BatchScreen, Progress, counts_of, standing_table
from agent.commands.campaign import told_at_the_end
from agent.commands.mission import exit_code
from agent.commands.roadmap_list import columns, selected
from agent.commands.runs import find_run
from agent.core.batch import LOCK, Ended, all_ended, folder_of, log_of, read_standing
from agent.core.errors import UsageError
from agent.core.ledger import Ledger
from agent.core.locks import held, run_lock
from agent.core.roadmap import Heading, known_id
from agent.core.settings import Settings
from agent.core.target import Target
from agent.models.providers import validate
from agent.reporting.screen import Screen
from tools.sandbox import choose
from tools.targets import resolve
from tools.web_search import checked_provider

FOREVER = 1e9
"""Minutes, when none are given."""
PASSED = ("provider", "model", "script", "cassette", "traces", "approve", "sandbox", "search", "fail_on", "checkpoints")
"""Options that every mission gets as the batch was given them."""
LEFT = 3
"""Exit code: something is left to do; the same command goes on."""


def batch(args: argparse.Namespace, settings: Settings) -> int:
    """Plan a batch and run it, or only tell the plan."""
    for name, value in (("jobs", settings.jobs), ("hung-after", args.hung_after), ("minutes", args.mission_minutes)):
        if value is not None and value <= 0:
            raise UsageError(f"--{name} {value:g}: give a number above 0")
    console = Screen(stderr=args.json)  # what is told meanwhile must not stand before the JSON
    checked_backend(args, settings)
    choose(settings.sandbox)
    validate(settings)
    checked_provider(settings)
    if args.resume is not None or args.new:
        raise UsageError("--batch goes on with stopped missions by itself", hint="Leave out --resume and --new; --redo all does all again.")
    target = resolve(args.target, settings, progress=lambda text: console.print(f"  {text}", markup=False))
    ended = all_ended(settings.runs)
    rows = wanted(args, settings)
    plan = limited(
        planned(rows, states(settings.runs, target.fingerprint, ended), seconds_of(ended), args.redo or ""), args.shuffle, args.limit
    )
    if args.dry_run:
        return told_plan(plan, len(rows), settings, args.json, measured=any(row.outcome == "finished" for row in ended))
    if not plan:
        console.print(f"nothing is left to do of {len(rows)} entries; --redo failed or --redo all does them again", markup=False)
        return 0
    return run(plan, args, target, settings, console)


def wanted(args: argparse.Namespace, settings: Settings) -> list[Heading]:
    """The entries that the filters and `--entry` let through."""
    rows = [Heading.model_validate({k: v for k, v in row.items() if k != "state"}) for row in selected(args, settings.places)]
    if args.entry is None:
        return rows
    by_id = {row.id: row for row in rows}
    return [by_id[known_id(by_id, name.strip())] for name in args.entry.split(",")]


def terms_of(args: argparse.Namespace, target: Target, settings: Settings) -> Terms:
    """What holds for every mission."""
    abreast = min(settings.jobs, args.limit or settings.jobs)
    shared = (args.shared or folder_of(settings.runs) / "shared").resolve()
    options = ["--target", args.target, "--runs", str(settings.runs.resolve()), "--shared", str(shared)]
    if args.backend == "local" or hasattr(args, "jobs"):  # a worker has cores of its own
        options += ["--jobs", str(settings.jobs if args.backend != "local" else max(1, settings.jobs // abreast))]
    for name in PASSED:
        if (value := getattr(args, name, None)) is not None:
            options += [f"--{name.replace('_', '-')}", str(value.resolve() if isinstance(value, Path) else value)]
    if getattr(args, "allow_weak_sandbox", False):
        options.append("--allow-weak-sandbox")
    minutes = FOREVER if args.mission_minutes is None else args.mission_minutes
    return Terms(
        runs=settings.runs.resolve(),
        command=tuple(options),
        fingerprint=target.fingerprint,
        abreast=abreast,
        mission_seconds=args.hung_after * 60,
        until=time.monotonic() + minutes * 60,
    )


def run(plan: Sequence[Planned], args: argparse.Namespace, target: Target, settings: Settings, console: Console) -> int:
    """Run the missions under the batch's lock and sum them up."""
    folder = folder_of(settings.runs)
    folder.mkdir(parents=True, exist_ok=True)
    terms = terms_of(args, target, settings)
    seconds = sum(one.seconds for one in plan) / len(plan)
    progress = Progress(settings.runs, args.target, len(plan), terms.abreast, seconds, left=len(plan))
    with (
        run_lock(folder / LOCK),
        wishes() as wish,
        BatchScreen(progress, console) as screen,
        carriers(args, terms, target, settings, wish, screen.say) as carrier,
    ):
        progress.abreast = max(1, carrier.abreast)
        screen.say(f"{len(plan)} missions, {carrier.abreast} at once; Ctrl-C: begin no more, twice: stop all, resumably")
        try:
            left = run_missions(plan, terms, carrier, wish, screen.ended, screen.tick)
        finally:
            progress.running = ()
            progress.tell()
    code = summed_up(progress.ended, left, wish, settings, args.fail_on, console)
    told_at_the_end(settings, console)
    return code


@contextlib.contextmanager
def wishes() -> Iterator[Wish]:
    """Ctrl-C and SIGTERM as wishes, as long as the batch runs."""
    wish = Wish()
    before = {number: signal.signal(number, wish.more) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def summed_up(ended: Sequence[Ended], left: int, wish: Wish, settings: Settings, fail_on: str | None, console: Console) -> int:
    """Say what came of it; the exit code."""
    counts = Counter(row.outcome for row in ended)
    finished = [row.run for row in ended if row.outcome == "finished"]
    seen: Counter[str] = Counter()
    for name in finished:
        seen.update(record.key for record in Ledger(find_run(name, settings.runs).root).records("bug"))
    many = ", ".join(f"{number} {outcome}" for outcome, number in counts.items()) or "none ended"
    console.print(f"{many}, {left} not begun; {len(seen)} distinct confirmed defects, seen {seen.total()} times", highlight=False)
    for row in ended:
        if row.outcome == "failed":
            console.print(f"  {row.entry} failed: {row.why}\n    see {log_of(settings.runs, row.entry)}", markup=False, soft_wrap=True)
    if left or counts.total() != counts["finished"]:
        console.print("Go on with what is missing: the same command; with what failed: --redo failed", highlight=False)
        return 130 if wish.level else LEFT
    return max((exit_code(find_run(name, settings.runs), fail_on) for name in finished), default=0)


def told_plan(plan: Sequence[Planned], entries: int, settings: Settings, as_json: bool, *, measured: bool) -> int:
    """What a batch would do, without doing it: missions in order, time and tokens; `measured`: some mission has been timed here."""
    seconds = sum(one.seconds for one in plan) / settings.jobs
    tokens = len(plan) * settings.mission_tokens if settings.providers else 0
    if as_json:
        found = {
            "missions": [one.model_dump() for one in plan],
            "entries": entries,
            "seconds": round(seconds),
            "measured": measured,
            "tokens_at_most": tokens,
        }
        sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        return 0
    rows = [one.model_dump() | {"value": f"{one.value:.0f}", "seconds": f"{one.seconds:.0f}"} for one in plan]
    sys.stdout.write(columns(rows, ("entry", "state", "priority", "risk", "value", "seconds", "area", "title")))
    counts = f"{len(plan)} missions to do of {entries} entries"
    basis = "" if measured else f" ({UNKNOWN_SECONDS:.0f} s each are assumed: no batch has timed a mission here)"
    sys.stdout.write(f"{counts}, about {seconds / 60:.0f} minutes{basis}, {settings.jobs} at once; at most {tokens:,} tokens\n")
    return 0


def status(settings: Settings, as_json: bool) -> int:
    """Where the batch stands, from any terminal."""
    standing = read_standing(settings.runs)
    if standing is None:
        raise UsageError(f"there was no batch in {settings.runs}", hint="Start one with `python -m agent --batch --dry-run`.")
    alive = held(folder_of(settings.runs) / LOCK)
    if as_json:
        sys.stdout.write(json.dumps(standing.model_dump() | {"alive": alive}, indent=2, ensure_ascii=False) + "\n")
        return 0
    console = Screen()
    console.print(f"batch of {standing.started_at}, " + (f"process {standing.pid}" if alive else "not running"), highlight=False)
    console.print(standing_table(standing) if standing.running and alive else counts_of(standing), highlight=False)
    return 0
