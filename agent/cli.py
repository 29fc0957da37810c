"""The command line. Commands import what they need when they run, so that `--help` and the look-up commands answer at once."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.commands.endings import complained, unforeseen, unheard
from agent.commands.look_options import add_docs, add_doctor, add_experience, add_findings, add_others, add_report, add_roadmap, add_view
from agent.commands.options import (
    ROADMAP_FILTERS,
    add_approve,
    add_batch,
    add_check,
    add_nodes,
    add_replays,
    chat_models,
    checkpoints_option,
    common,
    runs_option,
)
from agent.commands.streams import make_ready, unwritable
from agent.core.errors import AgentError, UsageError

if TYPE_CHECKING:
    from agent.core.settings import Settings

BATCH_ONLY = (*ROADMAP_FILTERS, "limit", "shuffle", "redo", "dry_run", "json", "backend", "scheduler")
"""Options that would be forgotten without `--batch`."""
EPILOG = """\
examples:
  python -m agent --entry FIN-001              one mission, start to finish; goes on with a stopped run of that entry
  python -m agent --resume                     go on with the latest stopped run
  python -m agent --batch --priority P0 --jobs 2   every entry of that priority that has no finished run yet
  python -m agent check --target 0.9.6         the probes alone against a release or a checkout
  python -m agent verify BUG-007               prove a finding again, in a clean environment; also a whole run
  python -m agent timeline BUG-007             the releases that have it: first bad, fixed in, still open
  python -m agent tool run_code --file x.py    one tool by itself

exit codes:
  0 done   1 done, and a confirmed bug at or above --fail-on exists; verify: not all confirmed   2 wrong usage or input
  3 stopped by a limit, resumable   4 this machine cannot do it   5 waits for a person's approval, resumable   130 interrupted, resumable
  70 a defect of this program: please report it with the lines that it printed
"""


RUNS = """Lists the runs and where they stand. `runs verify [RUN]` checks a run folder instead: every file with a known hash, the ledger,
checkpoints, records, configuration and finding files, and tells what a resume will do about damage. Nothing is changed.
Exit code of verify: 0 sound, 1 damage found, 2 no such run, 4 a process works on it."""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="python -m agent",
        description="Finds and proves defects of the Stageflow framework, one roadmap entry at a time.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--entry", metavar="ID", help="run the mission of this roadmap entry")
    top.add_argument("--resume", metavar="RUN", nargs="?", const="", help="go on with a stopped run: the latest, or the named one")
    top.add_argument("--new", action="store_true", help="with --entry: a new run even when a stopped one could be resumed")
    top.add_argument("--target", default="installed", metavar="VERSION|PATH", help="stageflow to test (default: the pinned release)")
    top.add_argument("--fail-on", choices=("critical", "high", "medium", "low"), help="exit 1 when a confirmed bug is at least that severe")
    top.add_argument("--traces", metavar="otlp|FILE", help="send spans to OTEL_EXPORTER_OTLP_ENDPOINT, or write them to a file (OTLP JSON)")
    top.add_argument(
        "--approve",
        choices=("code", "phases", "all", "none"),
        help="pause for a person before code that a model wrote is run, at the end of each phase, or both (kept for --resume)",
    )
    top.add_argument(
        "--minutes",
        dest="mission_minutes",
        type=float,
        metavar="M",
        help="stop a mission after this working time, all its processes together, with a partial report (kept for --resume; 0: no limit); "
        "with --batch: stop the batch after that time; exit code 3, go on with the same command",
    )
    checkpoints_option(top)
    common(top)
    chat_models(top)
    add_batch(top)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for add in (add_check, add_approve, add_replays, add_nodes, add_tool, add_lookups, add_docs, add_experience, add_doctor, add_others):
        add(commands)
    return top


def add_tool(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Listed here for the help; `main` hands everything after `tool` to the command, which makes its options from the tool's record."""
    commands.add_parser("tool", help="one tool by itself: `tool --help` lists them", add_help=False)


def add_lookups(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Commands that only look."""
    add_roadmap(commands)
    add_findings(commands)
    spans = "spans of a run as a tree, and the tokens and cost of its model calls"
    for name, text in (("runs", "runs and where they stand"), ("trace", spans)):
        look = commands.add_parser(name, help=text, description=f"Lists the {text}.")
        if name == "runs":
            look.add_argument("words", nargs="*", metavar="[verify] [RUN]", help="show this run; or check its folder (default: the newest)")
            look.description = RUNS
        else:
            look.add_argument("run", nargs="?", help="of this run; default the newest")
            look.add_argument("--send", metavar="otlp|FILE", help="send the whole trace there instead; see --traces")
        look.add_argument("--json", action="store_true", help="for machines")
        runs_option(look)
    status = commands.add_parser("status", help="where the batch stands, from any terminal")
    status.add_argument("--json", action="store_true", help="for machines")
    runs_option(status)
    add_report(commands)
    add_view(commands)
    commands.add_parser("graph", help="the mission's state machine as a Mermaid diagram")
    commands.add_parser("folder-structure", help="the definition of a run folder, as in FOLDER_STRUCTURE.md")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; deliberate errors become one line and their exit code."""
    make_ready()
    given = list(sys.argv[1:] if argv is None else argv)
    options = parser()
    code = 0
    try:
        code = one_tool(given[1:]) if given[:1] == ["tool"] else dispatch(options.parse_args(given), options)
    except AgentError as error:
        code = complained(error)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = 130
    except Exception as error:
        gone = unwritable(error) if isinstance(error, OSError) else None
        code = unheard(gone, given) if gone else unforeseen(error)
    return unheard(gone, given) if (gone := unwritable()) else code


def dispatch(args: argparse.Namespace, options: argparse.ArgumentParser) -> int:
    """Find the command's function."""
    if args.command in ("roadmap", "findings"):
        return looked(args)
    settings = settings_of(args)
    match args.command:
        case None:
            return mission(args, settings, options)
        case "approve":
            from agent.commands.approve import approve

            return approve(args.run, args.reject, args.show, settings)
        case "check":
            from agent.commands.check import Order, check

            names = ("target", "compare", "area", "minutes", "seed", "coverage", "junit", "sarif", "fail_on")
            order = Order(out=args.json, **{name: getattr(args, name) for name in names})
            return worked(lambda: check(order, settings), settings)
        case "verify":
            from agent.commands.verify import verify

            return worked(lambda: verify(args.paths, args.times, args.target, args.json, settings), settings)
        case "timeline":
            from agent.commands.timeline import timeline

            return timeline(args.paths, args.releases, args.json, settings)
        case "replay":
            from agent.commands.replay import Order as Replay
            from agent.commands.replay import replay

            if not args.fork_at and (args.provider or args.model or args.script or args.cassette):
                raise UsageError("another model answers only from a call on", hint="Name it with --fork-at CALL.")
            return replay(Replay(args.run, args.fork_at, args.json), settings)
        case "graph" | "folder-structure" | "runs" | "trace" | "report" | "view":
            from agent.commands import look

            return look.run(args, settings)
        case "status" | "scheduler" | "worker":
            return around_a_batch(args, settings)
        case "docs":
            return documentation(args, settings)
        case _:
            return others(args, settings, options)


def settings_of(args: argparse.Namespace) -> "Settings":
    """What environment and options say."""
    from agent.core.settings import Settings, named

    shared: tuple[str, ...] = ("runs", "sandbox", "allow_weak_sandbox", "search", "jobs", "model", "script", "cassette")
    shared += ("traces", "approve", "shared", "checkpoints")
    chosen = {name: getattr(args, name, None) for name in shared}
    if (provider := getattr(args, "provider", None)) is not None:
        chosen["providers"] = named(provider)
    return Settings.load(minutes=getattr(args, "mission_minutes", None), **chosen)


def looked(args: argparse.Namespace) -> int:
    """`findings ...` and `roadmap ...`; what lists needs no settings but places."""
    from agent.core.environment import places_of

    places = places_of(getattr(args, "runs", None))
    if args.command == "findings":
        from agent.commands.findings import findings

        return findings(args, places)
    if args.words in ([], ["list"]):
        from agent.commands.roadmap_list import listed, selected

        return listed(selected(args, places), args.json)
    from agent.commands.roadmap import roadmap

    return roadmap(args, settings_of(args))


def others(args: argparse.Namespace, settings: "Settings", options: argparse.ArgumentParser) -> int:
    """`dx`, `mcp`, `completion`, `doctor`."""
    match args.command:
        case "dx":
            from agent.commands.experience import experience

            releases = [name.strip() for name in args.releases.split(",") if name.strip()]
            return worked(lambda: experience(releases, args.json, settings), settings)
        case "mcp":
            from agent.commands.assistant_tools import serve

            return serve(settings)
        case "completion":
            from agent.commands.completion import completion

            return completion(options, args.shell, args.name, settings)
        case _:
            from agent.commands.doctor import doctor

            return doctor(settings, args.json)


def worked(command: Callable[[], int], settings: "Settings") -> int:
    """Run a command whose verdicts count only where the machine lacked nothing."""
    from agent.core.shortage import bounds_suffice, counted

    bounds_suffice()
    return counted(command, (Path(tempfile.gettempdir()), settings.cache))


def around_a_batch(args: argparse.Namespace, settings: "Settings") -> int:
    """`status`, and the nodes of a batch on several machines."""
    if args.command == "status":
        from agent.commands.batch import status

        return status(settings, args.json)
    from agent.commands import cluster

    return cluster.scheduler(args) if args.command == "scheduler" else cluster.worker(args)


def documentation(args: argparse.Namespace, settings: "Settings") -> int:
    """`docs sync`, `docs search`, `docs check`, `docs reference`."""
    if args.what == "check":
        from agent.commands.docs_check import Order, docs_check

        order = Order(args.target, args.own, args.page, args.json, args.minutes, args.verdicts, args.fail_on)
        return docs_check(order, settings)
    if args.what == "reference":
        from agent.commands.docs_reference import docs_reference

        return docs_reference(args.target, args.verdicts, args.out, settings)
    from agent.commands import docs

    return docs.docs_search(args.query, settings, args.json) if args.what == "search" else docs.docs_sync(args.target, settings, args.json)


def one_tool(rest: list[str]) -> int:
    """`tool NAME ...`."""
    from agent.commands.tool import tool
    from agent.core.settings import Settings

    return tool(rest, Settings.load())


def mission(args: argparse.Namespace, settings: "Settings", options: argparse.ArgumentParser) -> int:
    """`--entry`, `--resume` or `--batch`."""
    if args.batch:
        from agent.commands.batch import batch

        return batch(args, settings)
    if astray := [f"--{name.replace('_', '-')}" for name in BATCH_ONLY if getattr(args, name) not in (None, False)]:
        raise UsageError(f"{', '.join(astray)}: for --batch only", hint="Add --batch, or leave it out.")
    if args.entry is None and args.resume is None:
        options.print_help()
        return 2
    if settings.minutes is not None and not 0 <= settings.minutes < 1e6:
        raise UsageError(f"--minutes {settings.minutes:g}: give a number from 0 (no limit) on")
    from agent.commands import mission as command
    from agent.reporting.screen import Screen

    console = Screen()
    if args.resume is not None:
        return command.resume(args.resume, settings, fail_on=args.fail_on, console=console)
    return command.start(args.entry, settings, target=args.target, new=args.new, fail_on=args.fail_on, console=console)
