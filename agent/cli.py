"""The command line. Commands import what they need when they run, so that `--help` and the look-up commands answer at once."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.core.errors import AgentError
from agent.core.settings import Settings, named

EPILOG = """\
examples:
  python -m agent --entry FIN-001              one mission, start to finish; goes on with a stopped run of that entry
  python -m agent --resume                     go on with the latest stopped run
  python -m agent check --target 0.9.6         the probes alone against a release or a checkout
  python -m agent verify BUG-007               prove a finding again, in a clean environment; also a whole run
  python -m agent timeline BUG-007             the releases that have it: first bad, fixed in, still open
  python -m agent tool run_code --file x.py    one tool by itself

exit codes:
  0 done   1 done, and a confirmed bug at or above --fail-on exists; verify: not all confirmed   2 wrong usage or input
  3 stopped by a limit, resumable   4 this machine cannot do it   130 interrupted, resumable
"""


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
    common(top)
    chat_models(top)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for add in (add_check, add_replays, add_tool, add_lookups, add_docs, add_doctor):
        add(commands)
    return top


def runs_option(to: argparse.ArgumentParser) -> None:
    """Where run folders are; suppressed when absent, so that a sub-command does not undo what stood before it."""
    to.add_argument("--runs", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="where run folders are (default: runs/)")


def common(to: argparse.ArgumentParser) -> None:
    """Options that every mission-like command has."""
    runs_option(to)
    confinement(to)
    to.add_argument("--search", choices=("ddgs", "searxng", "offline"), default=argparse.SUPPRESS, help="web search provider")


def chat_models(to: argparse.ArgumentParser) -> None:
    """Who is asked beside the playbook."""
    models = to.add_argument_group("model", "without one the playbook decides alone; GROQ_API_KEY alone chooses groq")
    models.add_argument(
        "--provider",
        metavar="NAME,...",
        help="groq, openai_compatible, local, scripted, cassette; the next one is asked when one fails; or none",
    )
    models.add_argument("--model", metavar="NAME", help="model to ask for (default: llama-3.1-8b-instant or its successor)")
    models.add_argument("--script", type=Path, metavar="FILE", help="replies of the scripted provider")
    models.add_argument("--cassette", type=Path, metavar="FILE", help="recording for the cassette provider, as in results/model/ of a run")


def confinement(to: argparse.ArgumentParser) -> None:
    """Options of every command that runs code."""
    to.add_argument(
        "--sandbox",
        choices=("auto", "bubblewrap", "landlock", "rlimits"),
        default=argparse.SUPPRESS,
        help="how code is confined (default: the strongest that works)",
    )
    to.add_argument(
        "--jobs", type=int, metavar="N", default=argparse.SUPPRESS, help="sandboxed processes at once (default: the number of cores)"
    )


def add_check(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The probes alone."""
    check = commands.add_parser(
        "check",
        help="the probes alone, against any stageflow",
        description="Runs the probe library against a stageflow and proves what it finds.",
    )
    check.add_argument(
        "--target",
        default="installed",
        metavar="VERSION|PATH",
        help="a release, or a folder that holds stageflow/ (default: the pinned release)",
    )
    check.add_argument("--compare", metavar="VERSION|PATH", help="say what regressed and what was fixed against this one")
    check.add_argument("--area", help="only probes of this subsystem or test category")
    check.add_argument("--minutes", type=float, default=3.0, help="time budget (default: 3)")
    check.add_argument("--seed", type=int, default=0, metavar="N", help="of the search beyond the fixed cases (default: 0)")
    check.add_argument("--coverage", action="store_true", help="measure which lines and branches of the target ran, per subsystem")
    check.add_argument("--json", type=Path, metavar="FILE", help="write the result here; the scripts go beside it")
    check.add_argument("--junit", type=Path, metavar="FILE", help="write the verdicts as JUnit XML")
    check.add_argument("--sarif", type=Path, metavar="FILE", help="write the findings as SARIF 2.1.0")
    check.add_argument(
        "--fail-on", choices=("critical", "high", "medium", "low"), help="exit 1 when a confirmed finding is at least that severe"
    )
    common(check)


def add_replays(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Proofs, played again."""
    verify = commands.add_parser(
        "verify",
        help="prove findings again, in a clean environment",
        description="Plays proofs again, in fresh sandboxed processes of an environment that holds nothing but stageflow-core and what it "
        "requires. Confirmed: every process shows the defect. Exit code 0: all confirmed; 1: some not reproduced or unknown.",
    )
    verify.add_argument("paths", nargs="+", metavar="PATH", help="a finding, a run, a check's JSON or script folder, or a repro.py")
    verify.add_argument("--times", type=int, default=3, metavar="N", help="processes for each proof (default: 3)")
    verify.add_argument("--target", metavar="VERSION|PATH", help="play on this stageflow (default: what the proof was made on)")
    timeline = commands.add_parser(
        "timeline",
        help="which releases have a defect: first bad, fixed in, still open",
        description="Plays proofs on the published releases and dates each defect. A missing API is 'not applicable', never 'fixed'.",
    )
    timeline.add_argument("paths", nargs="+", metavar="FINDING|RUN|CHECK.json", help="as for verify")
    timeline.add_argument("--releases", metavar="V,V,...", help="only these (default: all published from 0.5.0 on)")
    replay = commands.add_parser(
        "replay",
        help="a mission with a model again, offline, from its recording",
        description="Runs the entry of a finished run again with the recorded answers of its model, and tells which findings differ. "
        "Exit code 0: none; 1: some.",
    )
    replay.add_argument("run", metavar="RUN", help="a finished run that asked a model")
    runs_option(replay)
    confinement(replay)
    for command in (verify, timeline):
        command.add_argument("--json", action="store_true", help="for machines")
        runs_option(command)
        confinement(command)


def add_tool(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Listed here for the help; `main` hands everything after `tool` to the command, which makes its options from the tool's record."""
    commands.add_parser("tool", help="one tool by itself: `tool --help` lists them", add_help=False)


def add_lookups(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Commands that only look."""
    for name, text in (("roadmap", "entries of the roadmap"), ("runs", "runs and where they stand"), ("findings", "findings of a run")):
        look = commands.add_parser(name, help=text, description=f"Lists the {text}.")
        argument = {"roadmap": "entry", "runs": "run", "findings": "run"}[name]
        look.add_argument(argument, nargs="?", help=f"show this {argument} (findings: of this run; default the newest)")
        look.add_argument("--json", action="store_true", help="for machines")
        runs_option(look)
    report = commands.add_parser("report", help="write the report of a run again, also of an unfinished one")
    report.add_argument("run", nargs="?", help="default: the newest")
    runs_option(report)
    commands.add_parser("graph", help="the mission's state machine as a Mermaid diagram")
    commands.add_parser("folder-structure", help="the definition of a run folder, as in FOLDER_STRUCTURE.md")


def add_docs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Documentation."""
    docs = commands.add_parser("docs", help="fetch, search or check the documentation of the target")
    what = docs.add_subparsers(dest="what", metavar="WHAT", required=True)
    sync = what.add_parser("sync", help="fetch a release's own documentation")
    sync.add_argument("--target", default="", metavar="VERSION", help="release (default: the pinned one)")
    search = what.add_parser("search", help="look something up")
    search.add_argument("query", nargs="?", default="", help="words to look for")
    for command in (sync, search):
        command.add_argument("--json", action="store_true", help="for machines")
    add_docs_check(what)


def add_docs_check(what: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The documentation as oracle."""
    check = what.add_parser(
        "check",
        help="contradictions between the documentation and the target",
        description="Compiles, resolves and runs every Python block of the pages against the target, compares written-down signatures and "
        "members with the real ones, and lists what contradicts. What is only doubtful is listed apart and never counted.",
    )
    check.add_argument("--target", default="installed", metavar="VERSION|PATH", help="release or checkout (default: the pinned release)")
    check.add_argument("--own", action="store_true", help="the pages of this project instead of the release's own")
    check.add_argument("--page", default="", metavar="NAME", help="one page only, e.g. api/tools.md")
    check.add_argument("--minutes", type=float, default=3.0, help="time budget (default: 3)")
    check.add_argument("--verdicts", type=Path, metavar="CHECK.json", help="also quote the sentences that its findings contradict")
    check.add_argument("--json", type=Path, metavar="FILE", help="write the result here")
    check.add_argument("--fail-on", choices=("critical", "high", "medium", "low"), help="exit 1 for contradictions; their severity is low")
    confinement(check)


def add_doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The machine."""
    doctor = commands.add_parser("doctor", help="what works on this machine and which protections are active")
    doctor.add_argument("--json", action="store_true", help="for machines")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; deliberate errors become one line and their exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    options = parser()
    try:
        if given[:1] == ["tool"]:
            return one_tool(given[1:])
        return dispatch(options.parse_args(given), options)
    except AgentError as error:
        print(f"error: {error}" + (f"\n  {error.hint}" if error.hint else ""), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def dispatch(args: argparse.Namespace, options: argparse.ArgumentParser) -> int:
    """Find the command's function."""
    chosen = {name: getattr(args, name, None) for name in ("runs", "sandbox", "search", "jobs", "model", "script", "cassette")}
    if (provider := getattr(args, "provider", None)) is not None:
        chosen["providers"] = named(provider)
    settings = Settings.load(**chosen)
    match args.command:
        case None:
            return mission(args, settings, options)
        case "check":
            from agent.commands.check import Order, check

            names = ("target", "compare", "area", "minutes", "seed", "coverage", "junit", "sarif", "fail_on")
            return check(Order(out=args.json, **{name: getattr(args, name) for name in names}), settings)
        case "verify":
            from agent.commands.verify import verify

            return verify(args.paths, args.times, args.target, args.json, settings)
        case "timeline":
            from agent.commands.timeline import timeline

            return timeline(args.paths, args.releases, args.json, settings)
        case "replay":
            from rich.console import Console

            from agent.commands.replay import replay

            return replay(args.run, settings, Console())
        case "graph" | "folder-structure" | "roadmap" | "runs" | "findings" | "report":
            from agent.commands import look

            return look.run(args, settings)
        case "docs":
            return documentation(args, settings)
        case _:
            from agent.commands.doctor import doctor

            return doctor(settings, args.json)


def documentation(args: argparse.Namespace, settings: Settings) -> int:
    """`docs sync`, `docs search`, `docs check`."""
    if args.what == "check":
        from agent.commands.docs_check import Order, docs_check

        order = Order(args.target, args.own, args.page, args.json, args.minutes, args.verdicts, args.fail_on)
        return docs_check(order, settings)
    from agent.commands import docs

    return docs.docs_search(args.query, settings, args.json) if args.what == "search" else docs.docs_sync(args.target, settings, args.json)


def one_tool(rest: list[str]) -> int:
    """`tool NAME ...`."""
    from agent.commands.tool import tool

    return tool(rest, Settings.load())


def mission(args: argparse.Namespace, settings: Settings, options: argparse.ArgumentParser) -> int:
    """`--entry` or `--resume`."""
    if args.entry is None and args.resume is None:
        options.print_help()
        return 2
    from rich.console import Console

    from agent.commands import mission as command

    console = Console()
    if args.resume is not None:
        return command.resume(args.resume, settings, fail_on=args.fail_on, console=console)
    return command.start(args.entry, settings, target=args.target, new=args.new, fail_on=args.fail_on, console=console)
