"""Options of the commands, and those that several share."""

import argparse
from pathlib import Path
from typing import Any, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


LOOPBACK = "tcp://127.0.0.1:8786"
ROADMAP_FILTERS = ("tier", "area", "priority", "risk", "industry", "state")


def runs_option(to: argparse.ArgumentParser) -> None:
    """Where run folders are; suppressed when absent, so that a sub-command does not undo what stood before it."""
    to.add_argument("--runs", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="where run folders are (default: runs/)")


def checkpoints_option(to: argparse.ArgumentParser) -> None:
    """Where a mission notes how far it is."""
    to.add_argument(
        "--checkpoints",
        metavar="sqlite|postgresql://USER@HOST/DB",
        help="in the run folder (default), or in a database that several machines reach; its password comes from PGPASSWORD, the file that "
        "PGPASSWORD_FILE names, PGPASSFILE or a service, never from here (kept for --resume)",
    )


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
        "--allow-weak-sandbox",
        action="store_true",
        default=argparse.SUPPRESS,
        help="run code that a model wrote also where the sandbox leaves something open; see `doctor`",
    )
    to.add_argument(
        "--jobs", type=int, metavar="N", default=argparse.SUPPRESS, help="sandboxed processes at once (default: the number of cores)"
    )


def add_batch(to: argparse.ArgumentParser) -> None:
    """The roadmap as a whole."""
    batch = to.add_argument_group("batch", "the missions of many entries as processes of their own; running it again does what is missing")
    batch.add_argument("--batch", action="store_true", help="all entries that the filters let through; --entry A,B for some by name")
    roadmap_filters(batch)
    batch.add_argument("--limit", type=int, metavar="N", help="at most so many missions")
    batch.add_argument(
        "--hung-after", type=float, default=30.0, metavar="M", help="a mission that takes longer failed (minutes; default: 30)"
    )
    batch.add_argument("--shuffle", type=int, metavar="SEED", help="in random order instead of value for time")
    batch.add_argument("--redo", choices=("failed", "all"), help="also what failed before, or everything again")
    batch.add_argument(
        "--shared",
        type=Path,
        metavar="DIR",
        help="where missions leave verdicts and proofs that do not depend on the entry for each other (default in a batch: batch/shared in "
        "the folder of runs)",
    )
    batch.add_argument(
        "--backend",
        choices=("local", "dask"),
        help="where missions run: here (default), or on the workers of a dask scheduler, see `worker --help` (extra [cluster])",
    )
    link_options(batch, "--scheduler", metavar="tcp://HOST:PORT", help="with --backend dask: where the scheduler listens")
    batch.add_argument("--dry-run", action="store_true", help="only tell what would be done, with an estimate of time and tokens")
    batch.add_argument("--json", action="store_true", help="with --dry-run: for machines")


def link_options(to: "argparse.ArgumentParser | argparse._ArgumentGroup", *name: str, **address: Any) -> None:
    """The way to a scheduler."""
    to.add_argument(*name, **address)
    to.add_argument("--tls-ca", type=Path, metavar="FILE", help="with tls://HOST:PORT: certificates are those of this authority (PEM)")
    to.add_argument("--tls-cert", type=Path, metavar="FILE", help="this machine's certificate (PEM)")
    to.add_argument("--tls-key", type=Path, metavar="FILE", help="its key (PEM)")


NODES = """A batch on several machines: one scheduler, a worker on each machine, and `--batch --backend dask --scheduler ADDRESS`.
All use the same checkout, the extra [cluster] (`make cluster`) and the same folder of runs at the same path. A worker carries out one
mission at a time, with keys of models from its own environment; when it dies, another one goes on with its mission. dask executes
whatever it is sent: who can connect to the scheduler or a worker can run any program as that user. Listen on loopback (the default)
or on a network of your own, or use tls:// with certificates."""


def add_nodes(commands: Commands) -> None:
    """What a batch on several machines consists of."""
    for name, what in (
        ("scheduler", "the scheduler of a batch on several machines"),
        ("worker", "take missions of a batch from a scheduler"),
    ):
        node = commands.add_parser(name, help=what, description=NODES)
        link_options(node, "scheduler", metavar="ADDRESS", nargs="?", default=LOOPBACK, help=f"tcp://HOST:PORT (default: {LOOPBACK})")


def roadmap_filters(to: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """Which entries of the roadmap."""
    for name in ROADMAP_FILTERS:
        to.add_argument(f"--{name}", metavar=name.upper(), help=f"only entries of this {name}; several with commas")


def add_check(commands: Commands) -> None:
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


def add_approve(commands: Commands) -> None:
    """A person's word."""
    approve = commands.add_parser(
        "approve",
        help="allow or reject what a mission waits for, and go on with it",
        description="Shows, allows or rejects what a mission with --approve waits for; then the mission goes on, with the models that "
        "it was started with. Rejected code is dropped and the mission does without; a phase that is rejected at its end ends the mission.",
    )
    approve.add_argument("run", nargs="?", default="", metavar="RUN", help="default: the newest that waits")
    approve.add_argument("--reject", metavar="WHY", help="do not allow it, with the reason")
    approve.add_argument("--show", action="store_true", help="only show what is asked")
    common(approve)
    chat_models(approve)


def add_replays(commands: Commands) -> None:
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
        description="Runs the entry of a finished run again with the recorded answers of its model, and tells what of findings "
        "and report differs. Exit code 0: nothing; 1: something.",
    )
    replay.add_argument("run", metavar="RUN", help="a finished run that asked a model")
    replay.add_argument(
        "--fork-at",
        default="",
        metavar="CALL",
        help="number of a call, as the report's last page tells it, or the start of its key: from there on another model answers, and "
        "what it changed is told; exit code 0",
    )
    chat_models(replay)
    for command in (verify, timeline, replay):
        command.add_argument("--json", action="store_true", help="for machines")
        runs_option(command)
        confinement(command)
