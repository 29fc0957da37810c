"""A stage may return a dict, None or a StageOutput; anything else fails the run."""

from components.lab.flow import context, graph, outcome, pipeline, status_of
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage's return value is not normalised as documented",
    claim="A dict becomes an OK output with that payload, None an empty OK output, a StageOutput is kept; other types fail.",
    source="docs/api/core.md#stagereturn",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage's answer is lost, or a wrong return type passes as success.",
    recommendation="Normalise exactly the three documented types and refuse the rest.",
    virtual_time=True,
)

CASES = (
    Case("dict", {"value": {"k": [1, 2]}, "expected": ["ok", {"k": [1, 2]}]}),
    Case("empty dict", {"value": {}, "expected": ["ok", {}]}),
    Case("None", {"value": None, "expected": ["ok", {}]}),
    Case("empty list", {"value": [], "expected": ["run fails", {}]}),
    Case("list of pairs", {"value": [["k", 1]], "expected": ["run fails", {}]}),
    Case("text", {"value": "done", "expected": ["run fails", {}]}),
    Case("empty text", {"value": "", "expected": ["run fails", {}]}),
    Case("False", {"value": False, "expected": ["run fails", {}]}),
    Case("zero", {"value": 0, "expected": ["run fails", {}]}),
    Case("StageOutput.ok", {"make": "ok", "expected": ["ok", {"k": 1}]}),
    Case("StageOutput.skip", {"make": "skip", "expected": ["skip", {"reason": "", "k": 1}]}),
)


async def scenario(params):
    async def body(ctx):
        if "make" in params:
            return getattr(need("stageflow:StageOutput"), params["make"])(data={"k": 1})
        return params["value"]

    results, error = await outcome(graph(pipeline(("only", body))).run(context()))
    seen = ["run fails", {}] if error else [status_of(results["only"]), results["only"].data]
    expect_equal(seen, list(params["expected"]), "[status, data] of the stage")


async def control(params):
    if "make" in params:
        seen = [params["make"], ({"reason": ""} if params["make"] == "skip" else {}) | {"k": 1}]
    else:
        value = {} if params["value"] is None else params["value"]
        seen = ["ok", value] if isinstance(value, dict) else ["run fails", {}]
    expect_equal(seen, list(params["expected"]), "[status, data] of a plain normaliser")
