"""What before() answers is what the skipped stage's result says; the defaults of the answer let the stage run."""

from components.lab.flow import EmptyInterceptor, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An interceptor's answer is not what run_with_interceptors does",
    claim="An answer without stage_ran=False lets the stage run; with it the stage is skipped, its data are the answer's result and its "
    "error the answer's error.",
    source="docs/api/interceptors.md#interceptorresult",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A cached or refused stage delivers something else than the interceptor decided.",
    recommendation="Copy result and error of the answer; let stage_ran default to True.",
)

CASES = (
    Case("empty answer", {"answer": {}, "want": [1, {"from": "stage"}, None]}),
    Case("result without a skip", {"answer": {"result": {"from": "cache"}}, "want": [1, {"from": "stage"}, None]}),
    Case("skip", {"answer": {"stage_ran": False}, "want": [0, {}, None]}),
    Case("skip with a result", {"answer": {"stage_ran": False, "result": {"from": "cache"}}, "want": [0, {"from": "cache"}, None]}),
    Case("skip with an error", {"answer": {"stage_ran": False, "error": "no entry"}, "want": [0, {}, "no entry"]}),
    Case(
        "skip with both",
        {"answer": {"stage_ran": False, "result": {"from": "cache"}, "error": "old"}, "want": [0, {"from": "cache"}, "old"]},
    ),
)


class Answers(EmptyInterceptor):
    """Answers as told."""

    def __init__(self, answer):
        self.answer = answer

    async def before(self, stage_name, ctx):
        return self.answer


@promised
async def scenario(params):
    runs, make = [], need("stageflow.stages.result:StageResult")
    clock = need("stageflow.stages.context:PipelineContext").now

    async def stage():
        runs.append("run")
        return make("stage", "completed", clock(), clock(), {"from": "stage"}, None)

    answer = need("stageflow.pipeline.interceptors:InterceptorResult")(**params["answer"])
    run = need("stageflow.pipeline.interceptors:run_with_interceptors")
    found = await run("stage", stage, pipeline_context(), [Answers(answer)])
    expect_equal([len(runs), found.data, found.error], list(params["want"]), "[runs of the stage, data, error]")


async def control(params):
    answer = {"stage_ran": True, "result": None, "error": None} | params["answer"]
    seen = [1, {"from": "stage"}, None] if answer["stage_ran"] else [0, answer["result"] or {}, answer["error"]]
    expect_equal(seen, list(params["want"]), "[runs of the stage, data, error]")
