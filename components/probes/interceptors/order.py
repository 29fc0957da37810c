"""Interceptors wrap the stage by priority: lower ones outside, whatever their order in the list."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Interceptors do not run in priority order",
    claim=(
        "before() runs from the lowest to the highest priority, after() and on_error() in the opposite order, however the list is shuffled."
    ),
    source="docs/guides/interceptors.md#ordering-guarantees-verified",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Authentication runs after the work it should protect.",
    recommendation="Sort by priority and walk the list backwards on the way out.",
    virtual_time=True,
)

CASES = (
    Case("ordered list", {"priorities": [1, 5, 20], "fails": False}),
    Case("reversed list", {"priorities": [20, 5, 1], "fails": False}),
    Case("shuffled list", {"priorities": [30, 2, 7, 100, 1, 45], "fails": False}),
    Case("shuffled list, stage raises", {"priorities": [30, 2, 7, 100, 1, 45], "fails": True}),
)


class Witness(EmptyInterceptor):
    """Writes down each of its calls."""

    def __init__(self, priority, log):
        self.name, self.priority, self.log = f"witness {priority}", priority, log

    async def before(self, stage_name, ctx):
        self.log.append(f"before {self.priority}")

    async def after(self, stage_name, result, ctx):
        self.log.append(f"after {self.priority}")

    async def on_error(self, stage_name, error, ctx):
        self.log.append(f"error {self.priority}")
        return await super().on_error(stage_name, error, ctx)


def wanted(params):
    inward = sorted(params["priorities"])
    outward = inward[::-1]
    errors = [f"error {number}" for number in outward] if params["fails"] else []
    return [*(f"before {number}" for number in inward), "stage", *errors, *(f"after {number}" for number in outward)]


async def scenario(params):
    log = []

    async def stage(ctx):
        log.append("stage")
        if params["fails"]:
            raise ValueError("no")

    await outcome(graph(pipeline(("stage", stage)), [Witness(priority, log) for priority in params["priorities"]]).run(context()))
    expect_equal(log, wanted(params), "calls in order")


async def control(params):
    log = []

    async def layer(left):
        if not left:
            log.append("stage")
            if params["fails"]:
                log.extend(f"error {number}" for number in sorted(params["priorities"], reverse=True))
            return
        log.append(f"before {left[0]}")
        await layer(left[1:])
        log.append(f"after {left[0]}")

    await layer(sorted(params["priorities"]))
    expect_equal(log, wanted(params), "calls of nested functions in order")
