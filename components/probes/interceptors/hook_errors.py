"""An interceptor that breaks does not take the stage with it, unless its error is critical."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Errors of interceptors are not isolated as documented",
    claim=(
        "An ordinary error in before() or after() leaves the stage and the other interceptors alone; a CriticalInterceptorError "
        "fails the run."
    ),
    source="docs/guides/interceptors.md#2-handle-errors-gracefully",
    component="stageflow.pipeline.interceptors.CriticalInterceptorError",
    subsystem="interceptors",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A broken metrics hook stops the service, or a security hook's veto is ignored.",
    recommendation="Log ordinary hook errors and go on; let critical ones through.",
    virtual_time=True,
)

CASES = (
    Case("before, ordinary", {"hook": "before", "critical": False, "want": ["stage ran", "other after", "run ok"]}),
    Case("after, ordinary", {"hook": "after", "critical": False, "want": ["stage ran", "other after", "run ok"]}),
    Case("before, critical", {"hook": "before", "critical": True, "want": ["run failed"]}),
    Case("after, critical", {"hook": "after", "critical": True, "want": ["stage ran", "run failed"]}),
)


class Broken(EmptyInterceptor):
    """Raises in one hook."""

    name, priority = "broken", 20

    def __init__(self, params):
        self.params = params

    def trip(self, hook):
        if hook == self.params["hook"]:
            critical = need("stageflow.pipeline.interceptors:CriticalInterceptorError")("no", self.name)
            raise critical if self.params["critical"] else RuntimeError("hook is broken")

    async def before(self, stage_name, ctx):
        self.trip("before")

    async def after(self, stage_name, result, ctx):
        self.trip("after")


class Other(EmptyInterceptor):
    """Tells that it was left properly."""

    name, priority = "other", 10

    def __init__(self, log):
        self.log = log

    async def after(self, stage_name, result, ctx):
        self.log.append("other after")


async def scenario(params):
    log = []

    async def stage(ctx):
        log.append("stage ran")

    _, error = await outcome(graph(pipeline(("stage", stage)), [Broken(params), Other(log)]).run(context()))
    log.append("run failed" if error else "run ok")
    expect_equal(log, list(params["want"]), "what happened")


async def control(params):
    log = []
    if not (params["critical"] and params["hook"] == "before"):
        log.append("stage ran")
    log += ["run failed"] if params["critical"] else ["other after", "run ok"]
    expect_equal(log, list(params["want"]), "what the rule says")
