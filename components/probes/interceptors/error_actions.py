"""What on_error() answers decides whether the stage runs again."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The ErrorAction of an interceptor is not followed",
    claim="RETRY runs the stage once more, FAIL does not; the innermost interceptor that answers something else than FAIL decides.",
    source="docs/guides/interceptors.md#error-handling",
    component="stageflow.pipeline.interceptors.ErrorAction",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Failed work is repeated against the policy, or never repeated.",
    recommendation="Ask the interceptors from the inside out and follow the first answer that is not FAIL.",
    virtual_time=True,
)

CASES = (
    Case("FAIL", {"inner": "FAIL", "outer": "FAIL", "runs": 1}),
    Case("outer RETRY", {"inner": "FAIL", "outer": "RETRY", "runs": 2}),
    Case("inner RETRY", {"inner": "RETRY", "outer": "FAIL", "runs": 2}),
    Case("both RETRY", {"inner": "RETRY", "outer": "RETRY", "runs": 2}),
    Case("on_error raises, outer RETRY", {"inner": "raise", "outer": "RETRY", "runs": 2}),
)


class Judge(EmptyInterceptor):
    """Answers errors as told."""

    def __init__(self, priority, answer):
        self.name, self.priority, self.answer = f"judge {priority}", priority, answer

    async def on_error(self, stage_name, error, ctx):
        if self.answer == "raise":
            raise RuntimeError("the judge is ill")
        answer, self.answer = self.answer, "FAIL"
        return getattr(need("stageflow.pipeline.interceptors:ErrorAction"), answer)


async def scenario(params):
    runs = []

    async def stage(ctx):
        runs.append("run")
        if len(runs) == 1:
            raise ValueError("no")
        return {"fine": True}

    judges = [Judge(10, params["outer"]), Judge(20, params["inner"])]
    _, error = await outcome(graph(pipeline(("stage", stage)), judges).run(context()))
    expect_equal([len(runs), error is None], [params["runs"], params["runs"] == 2], "runs, and whether the run succeeds")


async def control(params):
    retry = "RETRY" in (params["inner"], params["outer"])
    expect_equal([1 + retry, retry], [params["runs"], params["runs"] == 2], "runs by the rule")
