"""`python -m agent replay RUN`: the mission again, offline, with the model's recorded words; what differs is told.

With `--fork-at CALL` another model answers from that call on, and what it changed is told.
"""

import datetime as dt
import json
import shutil
import sys
from dataclasses import asdict, dataclass

from agent.commands.mission import drive
from agent.commands.runs import config_of, find_run, is_finished
from agent.core.approvals import FOLDER
from agent.core.artifacts import CallResult
from agent.core.errors import NothingToResume, UsageError
from agent.core.journal import enter_adopted
from agent.core.ledger import Ledger
from agent.core.roadmap import load_entry
from agent.core.settings import Settings
from agent.core.shown import shown as shown_text
from agent.core.shown import shown_data
from agent.core.workspace import Workspace, create_run
from agent.core.written import sha256_of
from agent.models.cassette import RECORDING, recorded_calls
from agent.models.fork import first_of_decision, write_before
from agent.models.providers import validate
from agent.models.weights import installed
from agent.reporting.same_findings import differing_decisions, differing_findings
from agent.reporting.same_report import compare, shown
from agent.reporting.screen import Screen
from tools.targets import resolve

BEFORE = "results/model/before_fork.jsonl"
"""What the recording says before the call at which another model takes over."""
NETWORK = ("web_search", "read_page")
"""Tools whose results are taken over, so that the same questions follow from them."""


@dataclass(frozen=True)
class Order:
    """What the command line asks for.

    Attributes:
        run: name of a finished run.
        fork_at: number or key of a call; empty to replay everything.
        as_json: print the comparison for machines.
    """

    run: str
    fork_at: str = ""
    as_json: bool = False


def replay(order: Order, settings: Settings) -> int:
    """Run the entry of a finished mission again from its recording, and compare; 1 when findings or report differ without a fork.

    Raises:
        NothingToResume: there is no such run, it is not finished, or no model was recorded in it.
        UsageError: there is no such call, or nobody to answer from there on.
    """
    console = Screen(stderr=order.as_json)
    original = recorded_run(order.run, settings)
    number = first_of_decision(recorded_calls(original.path(RECORDING)), order.fork_at) if order.fork_at else None
    if number is not None:
        answering(settings)
    config = config_of(original)
    entry = load_entry(settings.project / "docs/roadmap", config["entry"], settings.cache)
    target = resolve(config["target"], settings, progress=lambda text: console.print(f"  {text}", markup=False))
    again = create_run(settings.runs, entry.id, dt.datetime.now(dt.UTC).date())
    adopt_network(original, again)
    if original.path(FOLDER).is_dir():
        shutil.copytree(original.path(FOLDER), again.path(FOLDER))
    settings = settings.model_copy(update={"approve": config.get("approve", "none")})
    if number is None:
        played = {"providers": ("cassette",), "cassette": original.path(RECORDING), "search": "offline"}
    else:
        write_before(original.path(RECORDING), number, again.path(BEFORE))
        played = {"providers": ("cassette", *settings.providers), "cassette": again.path(BEFORE)}
        console.print(f"the recording answers calls 1 to {number - 1}, then {', '.join(settings.providers)}", markup=False, highlight=False)
    code = drive(entry, again, target, settings.model_copy(update=played), config["target"], None, console)
    if not is_finished(again):
        return code
    return told(original, again, settings, order) if number is None else told_fork(original, again, number, order)


def recorded_run(name: str, settings: Settings) -> Workspace:
    """A finished run with a recording.

    Raises:
        NothingToResume: it is not there, not finished, or no model was recorded in it.
    """
    original = find_run(name, settings.runs)
    if not is_finished(original):
        raise NothingToResume(f"{original.root} is not finished", hint="Finish it with --resume first.")
    if not original.path(RECORDING).is_file():
        raise NothingToResume(f"{original.root} holds no recording", hint="Only missions with a model are recorded: see --provider.")
    return original


def answering(settings: Settings) -> None:
    """See that there is somebody to answer from the fork on.

    Raises:
        UsageError: there is nobody, or a key or a file is missing.
    """
    if not settings.providers:
        raise UsageError("nobody is named to answer from the fork on", hint="Name a provider with --provider, and a model with --model.")
    if "groq" in settings.providers and settings.groq_key is None:
        raise UsageError("groq needs a key", hint="Set GROQ_API_KEY.")
    if "openai_compatible" in settings.providers and not settings.openai_base_url:
        raise UsageError("openai_compatible needs an address", hint="Set OPENAI_BASE_URL to the endpoint's root, `/v1` included.")
    if "cassette" in settings.providers:
        raise UsageError("a recording cannot answer from the fork on", hint="Name another provider.")
    if "local" in settings.providers and not installed():
        raise UsageError("local needs weights", hint="Install the extra [local]: `make local`.")
    validate(settings)


def adopt_network(original: Workspace, again: Workspace) -> None:
    """Take over what the network answered, so that the same questions follow from it."""
    ledger = Ledger(again.root)
    for file in sorted(original.path("results/calls").glob("*/*.json")):
        marker = CallResult.model_validate(original.read_json(original.relative(file)))
        if marker.tool in NETWORK:
            place = again.write(original.relative(file), file.read_bytes())
            enter_adopted(ledger, marker, sha256_of(place))


def told(original: Workspace, again: Workspace, settings: Settings, order: Order) -> int:
    """Print what differs between a run and its replay; 1 when anything does."""
    findings = list(differing_findings(original, again))
    report = compare(original, again, settings)
    same = not findings and not report.diff
    if order.as_json:
        runs = {"original": str(original.root), "again": str(again.root)}
        return printed(runs | {"same": same, "findings": findings, "report": asdict(report)}, int(not same))
    return printed([*(findings or ["the findings are the same"]), *shown(report)], int(not same))


def told_fork(original: Workspace, again: Workspace, number: int, order: Order) -> int:
    """Print what another model changed; 0, since it was asked to."""
    findings, answers = list(differing_findings(original, again)), list(differing_decisions(original, again))
    if order.as_json:
        runs = {"original": str(original.root), "again": str(again.root)}
        return printed(runs | {"fork_at": number, "findings": findings, "decisions": answers}, 0)
    lines = [f"{len(answers)} decisions were answered otherwise", *answers, *(findings or ["the findings are the same"])]
    return printed([*lines, f"play this run again with:\n  python -m agent replay {again.root.parent.name}/{again.root.name}"], 0)


def printed(what: dict[str, object] | list[str], code: int) -> int:
    """Print lines, or JSON, as they are."""
    as_json = isinstance(what, dict)
    text = shown_data(json.dumps(what, indent=2, ensure_ascii=False)) if as_json else shown_text("\n".join(what))
    sys.stdout.write(text + "\n")
    return code
