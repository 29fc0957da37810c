"""The pipeline runner uses its arguments; durations are milliseconds, printed texts are those of the run."""

import asyncio
import contextlib
import io
import time
import tracemalloc
import uuid

from components.lab.flow import pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import error_awaited, raised

PROBE = Probe(
    title="A helper for running pipelines ignores an argument or tells a wrong number",
    claim="Snapshots get the given ids and fields, monitors run when enabled, times are milliseconds, and summaries print what happened.",
    source="docstring:stageflow.helpers.run_utils.PipelineRunner",
    component="stageflow.helpers.PipelineRunner",
    subsystem="observability",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Runs are measured, identified or described wrongly.",
    recommendation="Pass each argument on, and compute each number from the run.",
)

IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id", "interaction_id")
MODULE = "stageflow.helpers.run_utils"


def made(name, *args, **settings):
    return need(f"{MODULE}:{name}")(*args, **settings)


def runner(**settings):
    return made("PipelineRunner", **({"verbose": False} | settings))


async def body(ctx=None, **data):
    return need("stageflow:StageOutput").ok(**data)


def pipe(run=body):
    return pipeline(("only", run))


def printed(call, *args, **settings):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        call(*args, **settings)
    return out.getvalue()


def snapshot_given():
    given = {name: uuid.UUID(int=number) for number, name in enumerate(IDS, 1)}
    fields = {"input_text": "hello", "execution_mode": "fast", "topology": "chat"}
    one = runner().create_snapshot(**given, **fields, channel="web")
    return [[getattr(one, name).int for name in IDS], [getattr(one, name) for name in fields], one.metadata.get("channel")]


def snapshot_defaults():
    one, other = runner().create_snapshot(), runner().create_snapshot()
    own = [name for name in IDS if isinstance(getattr(one, name), uuid.UUID) and getattr(one, name) != getattr(other, name)]
    return [own, one.org_id, one.input_text, one.execution_mode, one.topology, one.metadata.get("channel")]


async def seen_by_stage(**given):
    """(fields of the snapshot that a stage sees, result) of a run with the arguments."""
    seen = []

    async def look(ctx):
        seen.extend([ctx.snapshot.input_text, ctx.snapshot.execution_mode, ctx.snapshot.topology, ctx.snapshot.user_id])
        ctx.try_emit_event("probe.seen", {})
        return await body()

    result = await runner().run(pipe(look), **given)
    return seen, result


async def run_arguments():
    user = uuid.UUID(int=9)
    first, _ = await seen_by_stage(input_text="hello", execution_mode="fast", topology="chat", user_id=user)
    second, _ = await seen_by_stage(snapshot=runner().create_snapshot(input_text="there", user_id=user))
    return [first == ["hello", "fast", "chat", user], second == ["there", "practice", "pipeline", user]]


async def run_context():
    """A context of the caller keeps its text; one without gets the runner's."""
    seen = []
    for text in (None, "own"):
        ctx = need("stageflow:PipelineContext")(pipeline_run_id=uuid.UUID(int=5), topology="t", execution_mode="m", input_text=text)
        fields, result = await seen_by_stage(pipeline_ctx=ctx, input_text="given")
        seen.append([fields[0], fields[1], result.pipeline_run_id.int, bool(result.events)])
    return seen


async def both_contexts():
    ctx = need("stageflow:PipelineContext")(pipeline_run_id=uuid.UUID(int=5), topology="t", execution_mode="m")
    return await error_awaited(runner().run(pipe(), pipeline_ctx=ctx, snapshot=runner().create_snapshot()))


async def simple_run():
    seen = []

    async def look(ctx):
        seen.extend([ctx.snapshot.input_text, ctx.snapshot.execution_mode])
        ctx.try_emit_event("probe.seen", {})
        return await body(n=1)

    out, results = io.StringIO(), []
    with contextlib.redirect_stdout(out):
        results = [
            await made("run_simple_pipeline", pipe(look), "hello"),
            await made("run_simple_pipeline", pipe(look), "x", execution_mode="fast"),
        ]
    captured = [any(event["type"] == "probe.seen" for event in result.events) for result in results]
    return [seen, results[0].stages, captured, out.getvalue()]


async def run_duration(how):
    """The duration of a run that takes a tenth of a second lies between that and what we measure."""

    async def slow(ctx):
        await asyncio.sleep(0.1)
        output = need("stageflow:StageOutput")
        return {"ok": output.ok, "fail": lambda: output.fail(error="no"), "cancel": lambda: output.cancel(reason="no")}[how]()

    before = time.monotonic()
    result = await runner().run(pipe(slow))
    whole = (time.monotonic() - before) * 1000
    return 95 <= result.duration_ms <= whole + 20


async def no_capture():
    result = await runner(capture_events=False).run(pipe())
    return [result.success, result.events]


async def uuid_monitor():
    """Run ids that the monitor is shown, and its settings, with and without it."""
    seen, monitor = [], need("stageflow.helpers:UuidCollisionMonitor")
    observe, start = monitor.observe, monitor.__init__

    def noted(self, value):
        seen.append([value.int, self.category])
        return observe(self, value)

    def started(self, **settings):
        seen.append(settings.get("ttl_seconds"))
        start(self, **settings)

    monitor.observe, monitor.__init__ = noted, started
    try:
        for settings in ({}, {"enable_uuid_monitor": True}, {"enable_uuid_monitor": True, "uuid_monitor_ttl_seconds": 7.0}):
            await runner(**settings).run(pipe(), pipeline_run_id=uuid.UUID(int=3))
    finally:
        monitor.observe, monitor.__init__ = observe, start
    return seen


async def memory_tracker(how):
    """Labels that the tracker of a runner takes, and whether memory is traced before the run."""
    tracemalloc.stop()
    seen, tracker = [], need("stageflow.helpers:MemoryTracker")
    observe = tracker.observe

    def noted(self, *, label=None):
        seen.append(label)
        return observe(self, label=label)

    async def end(ctx):
        output = need("stageflow:StageOutput")
        return {"ok": output.ok, "fail": lambda: output.fail(error="no"), "cancel": lambda: output.cancel(reason="no")}[how]()

    tracker.observe = noted
    try:
        await runner().run(pipe(end))
        before = [list(seen), tracemalloc.is_tracing()]
        one = runner(enable_memory_tracker=True)
        traced = tracemalloc.is_tracing()
        await one.run(pipe(end))
    finally:
        tracker.observe = observe
    return [*before, traced, seen]


def result_prints(**fields):
    """Whether the parts of a result are printed: long values cut at a hundred characters."""
    result = made("RunResult", **fields)
    return printed(runner(colorize=False).print_result, result), printed(runner(colorize=False).print_result, result, show_data=False)


def result_success():
    text, short = result_prints(success=True, stages={"llm": {"t": "a" * 101, "u": "b" * 100, "n": 5, "none": None}}, duration_ms=12.34)
    words = (
        "12.3ms",
        "Stages: 1",
        "Stage: llm",
        "a" * 100 + "...",
        "a" * 101,
        "b" * 100 + "...",
        "n: 5",
        "none: None",
        "Cancelled",
        "\033[",
    )
    return [[word in text for word in words], "Stage: llm" in short, "12.3ms" in short]


def result_others():
    cancelled = result_prints(success=True, cancelled=True, cancel_reason="enough")[0]
    failed = result_prints(success=False, error="broken", error_type="ValueError", duration_ms=7.0)[0]
    return ["enough" in cancelled, [word in failed for word in ("broken", "ValueError", "7.0ms", "successfully")]]


def result_data():
    one = made("RunResult", success=True, stages={"llm": {"text": "hi", "none": None}})
    calls = (("llm", "text"), ("llm", "none", 1), ("llm", "gone"), ("llm", "gone", 2), ("other", "text"), ("other", "text", 3))
    return [one.get_stage_data(*call) for call in calls]


def result_defaults():
    one = made("RunResult", True)
    return [one.to_dict(), one.events, one.error_type, one.cancel_reason, one.pipeline_run_id]


LABELS = {"ok": "end", "cancel": "cancelled", "fail": "error"}
FACTS = {
    "PipelineRunner.create_snapshot given": (snapshot_given, [[1, 2, 3, 4, 5, 6], ["hello", "fast", "chat"], "web"]),
    "PipelineRunner.create_snapshot defaults": (
        snapshot_defaults,
        [[name for name in IDS if name != "org_id"], None, None, "practice", "pipeline", "cli"],
    ),
    "PipelineRunner.run arguments": (run_arguments, [True, True]),
    "PipelineRunner.run context": (run_context, [["given", "m", 5, True], ["own", "m", 5, True]]),
    "PipelineRunner.run two contexts": (both_contexts, "ValueError"),
    "PipelineRunner.run no capture": (no_capture, [True, []]),
    "PipelineRunner.run id monitor": (uuid_monitor, [300.0, [3, "pipeline"], 7.0, [3, "pipeline"]]),
    **{
        f"PipelineRunner.run memory tracker, {how}": (
            lambda how=how: memory_tracker(how),
            [[], False, True, ["pipeline:start", f"pipeline:{LABELS[how]}"]],
        )
        for how in LABELS
    },
    **{f"PipelineRunner.run duration, {how}": (lambda how=how: run_duration(how), True) for how in LABELS},
    "run_simple_pipeline": (simple_run, [["hello", "practice", "x", "fast"], {"only": {"n": 1}}, [True, True], ""]),
    "PipelineRunner.print_result success": (
        result_success,
        [[True, True, True, True, False, False, True, True, False, False], False, True],
    ),
    "PipelineRunner.print_result others": (result_others, [True, [True, True, True, False]]),
    "RunResult.get_stage_data": (result_data, ["hi", None, None, 2, None, 3]),
    "RunResult defaults": (result_defaults, [{"success": True, "stages": {}, "duration_ms": 0.0}, [], None, None, None]),
}
CASES = tuple(Case(name, {"fact": name}, component=f"stageflow.helpers.{name.partition(' ')[0]}") for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers"), need("stageflow.pipeline.dag")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][1], fact)


@promised
async def scenario(params):
    seen = FACTS[params["fact"]][0]()
    judge(await seen if hasattr(seen, "__await__") else seen, params["fact"])


async def control(params):
    judge(FACTS[params["fact"]][1], params["fact"])
    expect_equal(raised(judge, b"other", params["fact"]), "Violation", "verdict on another answer")
