"""A graph that can never be finished says so at once instead of waiting for ever."""

import asyncio
import warnings

from components.lab.dag_kit import ending
from components.lab.flow import context, pipeline_context, stage_class
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A graph with an unsatisfiable dependency does not end with an error",
    claim="A graph whose remaining stages can never become ready ends with an error that names the deadlock.",
    source="invariant:liveness",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="The request hangs, or stages are left out without a word.",
    recommendation="Raise when nothing is active and stages remain.",
    virtual_time=True,
)

SHAPES = {
    "unknown": [["a", []], ["b", ["nobody"]]],
    "cycle": [["a", []], ["b", ["a", "c"]], ["c", ["b"]]],
    "only a cycle": [["b", ["c"]], ["c", ["b"]]],
}
CASES = tuple(
    Case(f"{name}, {kind}", {"rows": rows, "legacy": kind == "StageGraph"}, component=f"stageflow.pipeline.dag.{kind}.run")
    for kind in ("UnifiedStageGraph", "StageGraph")
    for name, rows in SHAPES.items()
)


async def body(ctx):
    return {}


async def scenario(params):
    warnings.simplefilter("ignore")
    prefix = "" if params["legacy"] else "Unified"
    spec = need(f"stageflow.pipeline.dag:{prefix}StageSpec")
    runner = stage_class(body) if params["legacy"] else body
    rows = [spec(name=name, runner=runner, dependencies=tuple(after)) for name, after in params["rows"]]
    built = need(f"stageflow.pipeline.dag:{prefix}StageGraph")(rows)
    run = pipeline_context() if params["legacy"] else context()
    expect_equal(await ending(asyncio.wait_for(built.run(run), 3600)), "RuntimeError", "how the run ends")


async def control(params):
    async def run():
        ended, left = set(), dict(params["rows"])
        while left:
            ready = [name for name, after in left.items() if ended.issuperset(after)]
            if not ready:
                raise RuntimeError("deadlock")
            ended.update(ready)
            for name in ready:
                del left[name]

    expect_equal(await ending(run()), "RuntimeError", "how the run ends")
