"""The tool that plays what a model wrote on a frozen oracle of `components/probes/written`: checked, run once, judged like any case."""

import datetime as dt
import hashlib
import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from agent.core.artifacts import Sighting, Verdict
from agent.core.errors import ToolFailed
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import Record, Tool, ToolContext
from agent.court.run_probes import concatenated
from agent.court.trials import FOUND, CaseVerdict, run_jobs, smallest, tally
from agent.court.written_gate import objections
from tools.resolve_names import resolve_names
from tools.sandbox import choose, weakness
from tools.target_api import Api, load_api

AREA = "written/"
DEADLINE = 60.0
STAGES = 8
"""Most stages of a written graph."""
VERBS = ("ok", "dict", "none", "skip")
"""What stages of a written graph may do: the results of a run that works are promised for these."""


@dataclass(frozen=True)
class Oracle:
    """What a skeleton takes.

    Attributes:
        entry: the function that the code has to define; empty when there is no code.
        subject: the parameter that names what is tested; empty when there is none.
        takes: what the model writes, in one sentence.
    """

    entry: str
    subject: str
    takes: str


ORACLES = {
    "written/call_accepted": Oracle(
        "call", "call", "`def call():` returns (what is called, positional arguments as a tuple, keyword arguments as a dict)"
    ),
    "written/decorator_keeps": Oracle("make", "decorator", "`def make():` returns the class or function to decorate, undecorated"),
    "written/round_trip": Oracle("make", "type", "`def make():` returns one value of the type, with as many fields set as possible"),
    "written/argument_kept": Oracle(
        "call", "call", "`def call():` returns (what is called, positional arguments as a tuple, keyword arguments as a dict)"
    ),
    "written/nothing_left": Oracle(
        "stages", "", "`def stages():` returns rows (name, async function of ctx, names of the stages before it)"
    ),
    "written/results_agree": Oracle("", "", "a graph: rows of name, after, and what each stage returns"),
}
"""By id of the skeleton."""


class PlayWritten(Record):
    """What a model wrote, and the oracle it is for."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,40}$", description="name of the test")
    probe: str = Field(description="skeleton, `written/<oracle>`")
    subject: str = Field(default="", max_length=120, description="dotted public name of what is tested")
    code: str = Field(default="", max_length=6000, description="builds the workload")
    stages: tuple[dict[str, Any], ...] = Field(default=(), description="a graph in the case language of the lab")


class WrittenPlayed(Record):
    """What came of it."""

    ok: bool = Field(description="it came to a verdict")
    stage: Literal["sandbox", "form", "names", "approval", "smoke", "played"] = Field(description="how far it came")
    problem: str = Field(default="", description="what is wrong, in one paragraph; empty when ok")
    file: str = Field(default="", description="verdicts, relative to the run")
    log: str = Field(default="", description="what it printed, relative to the run")
    checks: dict[Verdict, int] = Field(default={}, description="cases per verdict")
    sightings: tuple[Sighting, ...] = Field(default=(), description="what was violated")


def play_written(args: PlayWritten, context: ToolContext) -> WrittenPlayed:
    """Check, run, judge; what does not come to a verdict is kept below `findings/dropped/` with its reason.

    Raises:
        ToolFailed: the attempt broke the checks themselves, which must not end a mission.
    """
    try:
        return attempt(args, context)
    except Exception as error:
        raise ToolFailed(f"the written probe could not be judged: {type(error).__name__}: {error}") from error


def attempt(args: PlayWritten, context: ToolContext) -> WrittenPlayed:
    """See `play_written`."""
    assert context.workspace and context.target
    if found := objection(args, context):
        return dropped(args, *found, context)
    params = params_of(args, ORACLES[args.probe], context, load_api(context.target, context.settings))
    case = FOUND + hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:8]
    given = {"probe": args.probe, "given": [{"id": case, "params": params}]}
    context.settings.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=context.settings.cache, ignore_cleanup_errors=True) as scratch:
        logs = Path(scratch)
        rows, why = run_jobs([given | {"entered": True}, given | {"control": True}], context, logs=logs, deadline=DEADLINE)
        text = concatenated(logs, {"test": args.name, "target": context.target.fingerprint, "skeleton": args.probe, "case": case})
    return played(args, rows, why, text, context)


def refusal(settings: Settings) -> str:
    """Why nothing that a model wrote may run here; empty when it may."""
    found = "" if settings.allow_weak_sandbox else weakness(choose(settings.sandbox))
    return found and f"code that a model wrote is not run in a weak sandbox, and {found}; --allow-weak-sandbox runs it all the same"


def objection(args: PlayWritten, context: ToolContext) -> tuple[Literal["sandbox", "form", "names"], str] | None:
    """Why it would be dropped before any of it runs, with the check that says so."""
    assert context.target
    if found := refusal(context.settings):
        return "sandbox", found
    oracle = ORACLES.get(args.probe)
    if oracle is None:
        return "form", f"there is no oracle {args.probe!r}; there are {', '.join(ORACLES)}"
    if problems := form_problems(args, oracle):
        return "form", "; ".join(problems[:3])
    problems = name_problems(args, oracle, load_api(context.target, context.settings), context.settings, context.target)
    return ("names", "; ".join(problems[:3])) if problems else None


def rejected(args: PlayWritten, why: str, context: ToolContext) -> WrittenPlayed:
    """What a person did not allow to run; kept as other dropped code is."""
    return dropped(args, "approval", f"a person did not allow it: {why or 'no reason given'}", context)


def played(args: PlayWritten, rows: list[CaseVerdict], why: str, text: str, context: ToolContext) -> WrittenPlayed:
    """Keep verdicts and log, when there is a verdict."""
    assert context.workspace
    judged = next((row for row in rows if not row.control), None)
    control = next((row for row in rows if row.control), None)
    if judged is None or judged.verdict not in ("holds", "violated"):
        return dropped(args, "smoke", f"it came to no verdict: {judged.reason if judged else why}", context)
    if control is None or control.verdict != "holds":
        reason = f"its control does not hold: {control.reason or control.observed if control else why}"
        return dropped(args, "smoke", reason, context)
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    log = context.workspace.write(f"results/logs/{args.name}_{stamp}.log", text)
    file = context.workspace.write_json(f"results/metrics/{args.name}.json", [row.model_dump(mode="json") for row in rows])
    return WrittenPlayed(
        ok=True,
        stage="played",
        file=context.workspace.relative(file),
        log=context.workspace.relative(log),
        checks=tally(rows),
        sightings=tuple(Sighting(key=row.key, case=row.case, origin="probe") for row in smallest(rows)),
    )


def dropped(
    args: PlayWritten, stage: Literal["sandbox", "form", "names", "approval", "smoke"], problem: str, context: ToolContext
) -> WrittenPlayed:
    """Keep what was written, with the reason why it does not count."""
    assert context.workspace
    words = " ".join(problem.split())[:900]
    text = f"# {args.name}: dropped at {stage}\n\n{words}\n\nOracle {args.probe}, subject {args.subject or 'none'}.\n\n"
    body = args.code or json.dumps(args.stages, indent=2)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", body)), default=0))
    context.workspace.write(f"findings/dropped/{args.name}.md", f"{text}{fence}\n{body}\n{fence}\n")
    return WrittenPlayed(ok=False, stage=stage, problem=words)


def form_problems(args: PlayWritten, oracle: Oracle) -> list[str]:
    """What is wrong with the form alone."""
    if oracle.subject and not re.fullmatch(r"stageflow(\.[A-Za-z]\w*)+", args.subject):
        return [f"{args.subject!r} is no public name of stageflow"]
    if oracle.entry:
        return objections(args.code, oracle.entry)
    return graph_problems(args.stages)


def graph_problems(stages: tuple[dict[str, Any], ...]) -> list[str]:
    """Why rows are no graph that the lab can judge."""
    if not 1 <= len(stages) <= STAGES:
        return [f"a graph has 1 to {STAGES} stages"]
    seen: set[str] = set()
    for row in stages:
        name, after, does = row.get("name"), row.get("after", []), row.get("does")
        if set(row) - {"name", "after", "does"} or not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
            return [f"a stage is name, after and does; the name is in lower case: {row!r}"[:300]]
        if name in seen or not isinstance(after, list) or set(map(str, after)) - seen:
            return [f"stage {name} is there twice, or comes after one that is not declared before it"]
        if not isinstance(does, list) or len(does) != 1 or not fitting(does[0]):
            return [f"stage {name}: does is [[verb, ms]] with a verb of {', '.join(VERBS)} and 0 to 1000 ms; skip has a text after that"]
        seen.add(name)
    return []


def fitting(step: object) -> bool:
    """Whether a step is one that a written graph may have."""
    if not isinstance(step, list) or not 2 <= len(step) <= 3 or step[0] not in VERBS:
        return False
    timed = type(step[1]) is int and 0 <= step[1] <= 1000
    return timed and (len(step) == 3) == (step[0] == "skip") and all(isinstance(text, str) for text in step[2:])


def name_problems(args: PlayWritten, oracle: Oracle, api: Api, settings: Settings, target: Target) -> list[str]:
    """Names of stageflow that do not exist, with the nearest that do; a decorator that no page writes as one."""
    found = [
        f"line {p.line}: {p.message}" + (f"; real names: {', '.join(p.suggestions)}" if p.suggestions else "")
        for p in unresolved(args, api)
    ]
    if found or not oracle.subject:
        return found
    if api.canonical(args.subject) is None:
        near = ", ".join(api.nearest(args.subject)) or "none is like it"
        return [f"stageflow has no {args.subject}; real names: {near}"]
    if oracle.subject == "decorator" and not decorated_kinds(args.subject, settings, target):
        return [f"no page of the documentation writes @{args.subject.rpartition('.')[2]} above a class or a function"]
    return []


def unresolved(args: PlayWritten, api: Api) -> list[Any]:
    """What the code takes from stageflow that is not there."""
    return resolve_names(args.code, api) if args.code else []


def decorated_kinds(subject: str, settings: Settings, target: Target) -> list[str]:
    """What the target's documentation writes it above, without arguments: `class`, `function`, both, or nothing.

    Only pages count that import the name from stageflow.
    """
    name = re.escape(subject.rpartition(".")[2])
    usage = re.compile(rf"^@{name}[ \t]*\n(class|def|async def) ", re.MULTILINE)
    imported = re.compile(rf"^from stageflow[\w.]* import (?:\([^)]*|[^\n]*)\b{name}\b", re.MULTILINE)
    folder = settings.docs / "upstream" / target.version
    texts = (page.read_text(encoding="utf-8", errors="replace") for page in sorted(folder.rglob("*.md")))
    found = {word for text in texts if imported.search(text) for word in usage.findall(text)}
    return sorted({"class" if word == "class" else "function" for word in found})


def params_of(args: PlayWritten, oracle: Oracle, context: ToolContext, api: Api) -> dict[str, Any]:
    """The case's parameters, in the one form that the skeleton takes."""
    assert context.target
    if not oracle.entry:
        return {"stages": [dict(row) for row in args.stages]}
    named: dict[str, Any] = {oracle.subject: importable(args.subject, api)} if oracle.subject else {}
    if oracle.subject == "decorator":
        named["documented"] = decorated_kinds(args.subject, context.settings, context.target)
    return named | {"code": args.code.strip("\n") + "\n"}


def importable(subject: str, api: Api) -> str:
    """`module:Qual.name` of a dotted name."""
    parts = subject.split(".")
    cut = next((n for n in range(len(parts) - 1, 0, -1) if ".".join(parts[:n]) in api.modules), 1)
    return f"{'.'.join(parts[:cut])}:{'.'.join(parts[cut:])}"


TOOL = Tool(
    "play_written",
    "check a workload that a model wrote and play it on a frozen oracle",
    PlayWritten,
    WrittenPlayed,
    play_written,
    needs_target=True,
    needs_run=True,
)
