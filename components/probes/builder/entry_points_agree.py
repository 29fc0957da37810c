"""All ways to run a pipeline give the same results and use what they were given."""

from components.lab.dag_kit import ending
from components.lab.flow import EmptyInterceptor, RecordingSink, context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An entry point of Pipeline ignores an option or gives other results",
    claim="run, invoke, run_stage and build().run run the same graph, with the given input, interceptors and event options.",
    source="docs/api/pipeline.md#run",
    component="stageflow.pipeline.pipeline.Pipeline.run",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Authentication, limits or telemetry that the caller asked for are not in force.",
    recommendation="Pass every option through to build() and every field to the context.",
    virtual_time=True,
)

WAYS = ("build", "run", "invoke", "invoke context", "run_stage")
OPTIONS = ("none", "interceptors", "emit_stage_wide_events", "emit_pipeline_wide_event")
MODULE = "stageflow.pipeline.pipeline"
OWNERS = {"build": f"{MODULE}.Pipeline.build", "run": f"{MODULE}.Pipeline.run", "run_stage": f"{MODULE}.run_stage"}
CASES = tuple(
    Case(f"{way}: {option}", {"way": way, "option": option}, component=OWNERS.get(way, f"{MODULE}.Pipeline.invoke"))
    for way in WAYS
    for option in OPTIONS
)


class Noting(EmptyInterceptor):
    """Notes the stages it is asked about."""

    name = "noting"

    def __init__(self):
        self.seen = []

    async def before(self, stage_name, ctx):
        self.seen.append(stage_name)


async def upper(ctx):
    return {"text": (ctx.snapshot.input_text or "").upper()}


async def run_pipeline(way, options, sink):
    pipe = need("stageflow:Pipeline")().with_stage("upper", upper, "transform")
    run = context(input_text="hello", event_sink=sink)
    if way == "build":
        return (await pipe.build(**options).run(run))["upper"]
    if way == "run":
        return (await pipe.run(input_text="hello", event_sink=sink, **options))["upper"]
    if way == "invoke":
        return (await pipe.invoke("hello", event_sink=sink, **options))["upper"]
    if way == "invoke context":
        return (await pipe.invoke(run, **options))["upper"]
    return await need("stageflow.pipeline.pipeline:run_stage")("upper", upper, "transform", input_text="hello", event_sink=sink, **options)


async def scenario(params):
    need("stageflow:Pipeline.invoke")
    noting, sink, option = Noting(), RecordingSink(), params["option"]
    options = {"none": {}, "interceptors": {"interceptors": [noting]}}.get(option, {option: True})
    output = await run_pipeline(params["way"], options, sink)
    wides = sorted({kind for kind, _ in sink.events if kind.endswith(".wide")})
    seen = [output.data, noting.seen, wides]
    expect_equal(seen, expected_effects(option), "[data, stages the interceptor saw, wide events]")


def expected_effects(option):
    wide = {"emit_stage_wide_events": ["stage.wide"], "emit_pipeline_wide_event": ["pipeline.wide"]}
    return [{"text": "HELLO"}, ["upper"] if option == "interceptors" else [], wide.get(option, [])]


async def control(params):
    noting = Noting()
    if params["option"] == "interceptors":
        await noting.before("upper", None)
    assert await ending(noting.after("upper", None, None)) == "returned"
    wide = [params["option"].removeprefix("emit_").split("_")[0] + ".wide"] if "wide" in params["option"] else []
    expect_equal([{"text": "hello".upper()}, noting.seen, wide], expected_effects(params["option"]), "[data, stages seen, wide events]")
