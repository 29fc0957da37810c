"""A guard that accepts the second version lets the run go on with that version, once."""

from components.lab.dag_kit import guarded_graph, results_of
from components.lab.flow import context, status_of
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="After a successful guard retry the run does not go on once with the accepted version",
    claim="When the guard accepts, its dependents run once, and results hold the accepted outputs.",
    source="docs/examples/agent-tools.md#guard-retry-cookbook",
    component="stageflow.pipeline.guard_retry.GuardRetryStrategy",
    subsystem="guard_retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Rejected text goes out, or an accepted one goes out twice.",
    recommendation="Finalise the guard only when it passes or is exhausted.",
    virtual_time=True,
)

CASES = (
    Case("accepted at once", {"accept": 1, "guards": 1}),
    Case("accepted at the third version", {"accept": 3, "guards": 1}),
    Case("two guards, third version", {"accept": 3, "guards": 2}),
)


async def scenario(params):
    output = need("stageflow:StageOutput")
    made, sent = [], []

    async def make(ctx):
        made.append(1)
        return {"v": len(made)}

    async def guard(ctx):
        value = ctx.inputs.get_from("make", "v")
        return output.ok(v=value) if value >= params["accept"] else output.fail(error="no", data={"v": value})

    async def send(ctx):
        sent.append(ctx.inputs.get_from("g0", "v"))
        return {}

    names = [f"g{n}" for n in range(params["guards"])]
    rows = [("make", make), *[(name, guard, ["make"], "guard") for name in names], ("send", send, names)]
    policies = {name: {"retry_stage": "make", "max_attempts": 9} for name in names}
    results = await results_of(guarded_graph(rows, policies).run(context()))
    statuses = [status_of(results[name]) for name in ("make", *names, "send")]
    expect_equal(
        [len(made), sent, set(statuses) == {"ok"}], [params["accept"], [params["accept"]], True], "[versions made, versions sent, all ok]"
    )


async def control(params):
    made = 0
    while made < params["accept"]:
        made += 1
    expect_equal([made, [made], True], [params["accept"], [params["accept"]], True], "[versions made, versions sent, all ok]")
