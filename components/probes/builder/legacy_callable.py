"""PipelineBuilder runs every kind of runner that it accepts."""

import warnings

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="PipelineBuilder accepts a plain async callable as a runner and fails when it runs",
    claim="A runner may be a stage class, a stage instance or an async callable, as PipelineBuilder.with_stage() declares.",
    source="invariant:a declared argument type works",
    component="stageflow.pipeline.builder.PipelineBuilder.build",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="A pipeline that type-checks and builds without complaint fails in every run: the function has no attribute execute.",
    recommendation="Call runners without an execute method directly, as Pipeline.build() does.",
    workaround="Use Pipeline, or wrap the callable in a class.",
    virtual_time=True,
    cause="stageflow.pipeline.builder:PipelineBuilder.build",
)

CASES = tuple(Case(kind, {"kind": kind}) for kind in ("class", "instance", "callable"))


class LegacyStage:
    async def execute(self, ctx):
        return {"n": 1}


async def legacy_callable(ctx):
    return {"n": 1}


def runner_of(kind):
    return {"class": LegacyStage, "instance": LegacyStage(), "callable": legacy_callable}[kind]


async def scenario(params):
    warnings.simplefilter("ignore")
    need("stageflow.pipeline.spec:StageRunnerCallable")
    builder = need("stageflow.pipeline.builder:PipelineBuilder")(name="p").with_stage("only", runner_of(params["kind"]))
    results, error = await outcome(builder.build().run(pipeline_context()))
    seen = type(error).__name__ if error else results["only"].status
    expect_equal(seen, "completed", f"how a stage with a {params['kind']} as runner ends")


async def control(params):
    runner = runner_of(params["kind"])
    runner = runner() if isinstance(runner, type) else runner
    call = getattr(runner, "execute", runner)
    results, _ = await outcome(call(None))
    expect_equal("completed" if results == {"n": 1} else "failed", "completed", f"how a call of a {params['kind']} ends")
