"""A small language for stage graphs: what they are made of, what each stage does, and what came of a run.

A case is JSON-like: `{"stages": [stage, …]}` and, where needed, `stack` (interceptors), `guards` (retry policies), `data` (the
context's), `cancel_at` (ms), `depth` (how deep sub-pipelines may nest). A stage is `{"name", "after", "does"}` and, where needed,
`kind`, `conditional`, `form`, `data`, `cleanups`, `notes`, `tidy`, `child`. `does` lists what its executions do, the last one for
ever: `[verb, ms, …]` with the verbs of `VERBS`.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERBS = {
    "ok": "return StageOutput.ok with data",
    "dict": "return a plain dict",
    "none": "return None",
    "skip": "return StageOutput.skip, text is the reason",
    "fail": "return StageOutput.fail, text is the error, then maybe a dict of data",
    "raise": "raise the exception class named by the text",
    "cancel": "return StageOutput.cancel, text is the reason",
    "hang": "never come to an end",
    "polls": "work in steps of that many ms with a cancellation checkpoint after each; the number of steps is the text",
}
RAISED = {error.__name__: error for error in (ConnectionError, OSError, ValueError, KeyError)}
TRANSIENT = ("ConnectionError", "OSError")
"""Those of them that a RetryInterceptor retries by default."""

FOREVER = 10**12
"""The duration of what never ends, in µs."""

ENDLESS = 400
"""So many executions in one run mean that it would never end."""

RECORDERS = ("record", "raise before", "raise error", "raise after")
"""Interceptors that write down their calls; the last three break in that hook."""


@dataclass(frozen=True)
class Script:
    """One stage of a case; see the module for the fields."""

    name: str
    number: int
    after: tuple[str, ...] = ()
    does: tuple[tuple[Any, ...], ...] = (("ok", 1),)
    kind: str = "transform"
    conditional: bool = False
    form: str = "instance"
    data: Mapping[str, Any] = field(default_factory=dict)
    cleanups: int = 0
    notes: int = 0
    tidy: int = 0
    child: Mapping[str, Any] | None = None

    def act_of(self, execution: int) -> tuple[str, str, Mapping[str, Any]]:
        """(verb, text, data) of the execution with that number, from 1."""
        step = self.does[min(execution, len(self.does)) - 1]
        return step[0], str(step[2]) if len(step) > 2 else "", step[3] if len(step) > 3 else {}

    def duration(self, execution: int) -> int:
        """How long that execution works, in µs.

        A few hundred µs of its own, always the same ones, keep what different stages do from happening in the same moment.
        """
        verb, ms = self.does[min(execution, len(self.does)) - 1][:2]
        own = 2 + zlib.crc32(f"{self.number}#{execution}".encode()) % 991
        steps = int(self.act_of(execution)[1]) if verb == "polls" else 1
        return FOREVER if verb == "hang" else (ms * 1000 + own) * steps

    def notes_after(self, execution: int) -> int:
        """When during that execution the stage registers cleanups and emits notes: half-way, in µs from its start."""
        return self.duration(execution) // 2

    def pledges(self, execution: int) -> list[str]:
        """Names of the cleanups that the execution registers."""
        return [f"{self.name}#{execution}.{n}" for n in range(self.cleanups)]

    def notes_of(self, execution: int) -> list[str]:
        """What the execution emits."""
        return [f"{self.name}#{execution} says {n}" for n in range(self.notes)]

    def made(self, execution: int) -> dict[str, Any]:
        """The data that an ordinary return of that execution holds."""
        return {"made_by": f"{self.name}#{execution}", **self.data}


@dataclass(frozen=True)
class DagCase:
    """A case that has been read."""

    stages: Mapping[str, Script]
    stack: tuple[tuple[Any, ...], ...] = ()
    guards: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    cancel_at: int | None = None
    depth: int = 5

    def layer(self, kind: str) -> tuple[Any, ...] | None:
        """The interceptor of that kind in the stack, `(kind, …)`; None when there is none."""
        return next((row for row in self.stack if row[0] == kind), None)

    def time_limit(self) -> int | None:
        """The time-out of each attempt in µs, None when there is none."""
        given = self.data.get("_timeout_ms", 30_000) if self.layer("timeout") else 0
        return round(given * 1000) or None


def read_case(params: Mapping[str, Any]) -> DagCase:
    """The case in JSON-like parameters.

    Raises:
        ValueError: a stage does something that has no meaning here.
    """
    stages = {}
    for number, row in enumerate(params["stages"]):
        given = {key: value for key, value in row.items() if key not in ("after", "does")}
        does = tuple(tuple(step) for step in row["does"])
        if unknown := {step[0] for step in does} - VERBS.keys():
            raise ValueError(f"no stage can {', '.join(unknown)}")
        stages[row["name"]] = Script(number=number, after=tuple(row.get("after", ())), does=does, **given)
    known = {key: params[key] for key in ("guards", "data", "cancel_at", "depth") if key in params}
    return DagCase(stages, tuple(tuple(row) for row in params.get("stack", ())), **known)


@dataclass
class Course:
    """What happens in a run, or has to. Times are µs from its start; `stage#n` is the n-th execution of a stage.

    Attributes:
        ends: `ok`, `failed`, `cancelled`, `never`, or the name of an exception that a run should not end with.
        by: the stage that ended it; `why` the reason or error text; `at` when, or with `latest` some time from then to that.
        may_end: other words that would do for `ends`.
        starts: when each execution began. `stops`: when each one that came to an end did.
        saw: what each execution was given: dependency to `stage#n` or the status of what left no data.
        results: stage to (status, data).
        calls: what the interceptors were asked for a stage, in order.
        cleanups: names of cleanups in the order they ran. `notes`: what stages emitted, in order.
        keys: keys in the context's data after the run that were not there before.
        tidied: executions that finished their tidying after they were stopped.
        children: the courses of sub-pipelines, by the execution that spawned them.
        events: what else reached the event sink.
        late: what stages did after the run had ended. `tasks`: how many tasks were left at its end.
        ages: how often each stage's object had been used, by execution.
        variables: names of context variables that had another value after the run than before.
        unclear: why nothing is promised; empty otherwise.
    """

    ends: str = "never"
    by: str = ""
    why: str = ""
    at: int = 0
    latest: int = 0
    may_end: tuple[str, ...] = ()
    starts: dict[str, int] = field(default_factory=dict)
    stops: dict[str, int] = field(default_factory=dict)
    saw: dict[str, dict[str, str]] = field(default_factory=dict)
    results: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    calls: dict[str, list[str]] = field(default_factory=dict)
    cleanups: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    tidied: list[str] = field(default_factory=list)
    children: dict[str, "Course"] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    tasks: int = 0
    ages: dict[str, int] = field(default_factory=dict)
    variables: list[str] = field(default_factory=list)
    unclear: str = ""


def summary(status: str, data: Mapping[str, Any]) -> str:
    """An output in one word: who made it, or its status when it does not say."""
    return str(data.get("made_by", status))


def reply_of(script: Script, execution: int) -> tuple[str, str, dict[str, Any]]:
    """(status, text, data) of what a stage answers when it is left alone."""
    verb, text, data = script.act_of(execution)
    made = script.made(execution)
    replies: dict[str, tuple[str, str, dict[str, Any]]] = {
        "none": ("ok", "", {}),
        "skip": ("skip", text, {"reason": text, **made}),
        "fail": ("fail", text, dict(data)),
        "cancel": ("cancel", text, {"cancel_reason": text, **made}),
        "raise": ("raise", text, {}),
    }
    return replies.get(verb, ("ok", "", made))


def skip_reasons(given: Mapping[str, tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Why a conditional stage with these dependencies is not to run; empty when it is."""
    told = [data.get("skip_reason") for _, data in given.values()]
    skipped = [data.get("reason") for status, data in given.values() if status == "skip"]
    return [reason for reason in (*told, *skipped) if reason]


def delay_before_retry(failures: int, base_ms: int, strategy: str, cap_ms: int = 30_000) -> int:
    """The wait after so many failures, in µs, by the documented formulas; without jitter."""
    factor = {"exponential": 2 ** (failures - 1), "linear": failures, "constant": 1}[strategy]
    return int(min(base_ms * factor, cap_ms) * 1000)
