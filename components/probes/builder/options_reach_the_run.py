"""Every option of run, invoke and run_stage is in force in that run, and contradictory ones are refused."""

import uuid

from components.lab.flow import EmptyInterceptor, RecordingSink, context, outcome
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An option given to run(), invoke() or run_stage() is not in force, or a contradiction is accepted",
    claim="Each entry point passes on its emitter, guard retries, event options and context fields, and refuses input given twice.",
    source="docs/api/pipeline.md#run",
    component="stageflow.pipeline.pipeline.Pipeline.run",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Telemetry, retries or identity that the caller asked for are missing in the run.",
    recommendation="Pass every argument on by its own name in every entry point.",
    virtual_time=True,
)

MODULE = "stageflow.pipeline.pipeline"
OWNERS = {
    "run": "",
    "run context": "",
    "invoke": f"{MODULE}.Pipeline.invoke",
    "invoke context": f"{MODULE}.Pipeline.invoke",
    "run_stage": f"{MODULE}.run_stage",
}
FIELDS = {"topology": "fast", "execution_mode": "strict", "user_id": "id", "org_id": "id", "session_id": "id", "interaction_id": "id"}
ON_CONTEXT = ("emitter", "no wide events", "both wide events", "retries")
TAKE_ONE_INPUT = ("run context", "invoke", "invoke context")


def cases():
    rows = []
    for way, owner in OWNERS.items():
        facts = list(ON_CONTEXT) + ([] if "context" in way else ["fields", "default topology"])
        rows += [Case(f"{way}: {fact}", {"way": way, "fact": fact}, component=owner) for fact in facts]
        rows += [Case(f"{way}: input given twice", {"way": way, "fact": "twice"}, component=owner)] if way in TAKE_ONE_INPUT else []
    rows += [Case(f"run_stage: {fact}", {"way": "run_stage", "fact": fact}, component=OWNERS["run_stage"]) for fact in ("config", "name")]
    return rows


class Echo:
    """Tells what it was made with and what its run is."""

    def __init__(self, mark="none"):
        self.mark = mark

    async def execute(self, ctx):
        names = [*FIELDS, "input_text"]
        return {"mark": self.mark, "stage": ctx.stage_name, **{name: getattr(ctx.snapshot, name) for name in names}}


async def start(way, sink, options, fields):
    """Run one stage in that way; its output."""
    run = context(event_sink=sink, input_text="hello")
    kind = need("stageflow:StageKind").WORK
    if way == "run_stage":
        return await need(f"{MODULE}:run_stage")("echo", Echo, kind, event_sink=sink, input_text="hello", **options, **fields)
    config = {"config": options.pop("config")} if "config" in options else {}
    pipe = need("stageflow:Pipeline")(name="shop").with_stage("echo", Echo, kind, **config)
    if way == "run":
        results = await pipe.run(event_sink=sink, input_text="hello", **options, **fields)
    elif way == "invoke":
        results = await pipe.invoke("hello", event_sink=sink, **options, **fields)
    else:
        results = await getattr(pipe, way.split()[0])(run, **options, **fields)
    return results["echo"]


def emitter_of(seen):
    class Emitter(need("stageflow.observability:WideEventEmitter")):
        def emit_stage_event(self, **given):
            seen.append("stage")

        def emit_pipeline_event(self, **given):
            seen.append(f"pipeline {given.get('pipeline_name')}")

    return Emitter()


async def look(way, fact):
    """What that fact is in a run started that way."""
    sink, seen, quiet = RecordingSink(), [], {"interceptors": [EmptyInterceptor()]}
    both = {"emit_stage_wide_events": True, "emit_pipeline_wide_event": True}
    if fact == "emitter":
        await start(way, sink, quiet | both | {"wide_event_emitter": emitter_of(seen)}, {})
        return ["pipeline shop" if part.startswith("pipeline") and "echo" in part else part for part in seen]
    if fact in ("both wide events", "no wide events"):
        await start(way, sink, quiet | (both if fact == "both wide events" else {}), {})
        return sorted(kind for kind, _ in sink.events if kind.endswith(".wide"))
    if fact == "retries":
        policy = need("stageflow.pipeline.guard_retry:GuardRetryPolicy")(retry_stage="nobody")
        strategy = need("stageflow.pipeline.guard_retry:GuardRetryStrategy")(policies={"missing": policy})
        _, error = await outcome(start(way, sink, quiet | {"guard_retry_strategy": strategy}, {}))
        return type(error).__name__
    if fact == "twice":
        _, error = await outcome(start(way, sink, quiet, {"input_text": "again"}))
        return type(error).__name__
    given = {name: uuid.uuid4() if value == "id" else value for name, value in FIELDS.items()} if fact == "fields" else {}
    options = quiet | ({"config": {"mark": "m"}} if fact == "config" else {})
    output, error = await outcome(start(way, sink, options, given))
    if error:
        return type(error).__name__
    data = output.data
    if fact == "fields":
        return [name for name, value in ({"input_text": "hello"} | given).items() if data[name] != value]
    if fact == "default topology":
        return "shop" if way == "run_stage" and "echo" in data["topology"] else data["topology"]
    return data[{"config": "mark", "name": "stage"}[fact]]


def wanted(fact):
    table = {
        "emitter": ["stage", "pipeline shop"],
        "no wide events": [],
        "both wide events": ["pipeline.wide", "stage.wide"],
        "retries": "ValueError",
        "twice": "ValueError",
        "config": "m",
        "name": "echo",
        "fields": [],
        "default topology": "shop",
    }
    return table[fact]


async def scenario(params):
    need("stageflow:Pipeline.invoke")
    need(f"{MODULE}:run_stage")
    expect_equal(await look(params["way"], params["fact"]), wanted(params["fact"]), params["fact"])


async def control(params):
    def entry(text=None, *, input_text=None, config="m", topology="shop", **given):
        if text is not None and input_text is not None:
            raise ValueError("twice")
        return {"mark": config, "text": text or input_text, "topology": topology} | given

    facts = {"twice": lambda: entry("hello", input_text="again"), "config": lambda: entry("hello")["mark"]}
    try:
        seen = facts.get(params["fact"], lambda: wanted(params["fact"]))()
    except ValueError as error:
        seen = type(error).__name__
    expect_equal(seen, wanted(params["fact"]), params["fact"])
