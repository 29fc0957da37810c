"""What a stage's end means for the stages that depend on it: failure and cancellation stop them, success and skip do not."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Dependents of a failed or cancelled stage run, or those of a finished one do not",
    claim="Nothing that depends on a failed or cancelled stage runs; stages after a successful or skipped one do.",
    source="docs/guides/pipelines.md#error-handling",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Work is done on the output of a stage that refused or broke.",
    recommendation="Raise before dependents of a FAIL or CANCEL output are scheduled.",
    virtual_time=True,
)

CASES = (
    Case("ok", {"end": "ok", "expected": ["direct", "indirect", "returned"]}),
    Case("skip", {"end": "skip", "expected": ["direct", "indirect", "returned"]}),
    Case("fail", {"end": "fail", "expected": ["UnifiedStageExecutionError"]}),
    Case("raise", {"end": "raise", "expected": ["UnifiedStageExecutionError"]}),
    Case("cancel", {"end": "cancel", "expected": ["UnifiedPipelineCancelled"]}),
)


async def scenario(params):
    ran = []

    async def first(ctx):
        if params["end"] == "raise":
            raise ValueError("broken")
        return getattr(need("stageflow:StageOutput"), params["end"])()

    def note(name):
        async def body(ctx):
            ran.append(name)
            return {}

        return body

    rows = ("first", first), ("direct", note("direct"), ["first"]), ("indirect", note("indirect"), ["direct"])
    _, error = await outcome(graph(pipeline(*rows)).run(context()))
    seen = [*ran, type(error).__name__ if error else "returned"]
    expect_equal(seen, list(params["expected"]), "stages that ran after the first, and how the run ended")


async def control(params):
    stops = {"fail": "UnifiedStageExecutionError", "raise": "UnifiedStageExecutionError", "cancel": "UnifiedPipelineCancelled"}
    seen = [stops[params["end"]]] if params["end"] in stops else ["direct", "indirect", "returned"]
    expect_equal(seen, list(params["expected"]), "stages that ran after the first, and how the run ended")
