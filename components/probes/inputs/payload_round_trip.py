"""What the payload helpers put into an output comes out of it again, with the right status."""

from components.lab.dag_kit import ending, results_of
from components.lab.flow import context, graph, outcome, pipeline, status_of
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A payload or its summary is lost or changed between the payload helpers",
    claim="The payload and summary given to ok_output, cancel_output or fail_output are read back unchanged.",
    source="docs/guides/stages.md#typed-payload-helpers",
    component="stageflow.stages.payloads.ok_output",
    subsystem="inputs",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Stages work on incomplete domain objects, or a failure counts as success.",
    recommendation="Use the same two keys in all helpers.",
    virtual_time=True,
)

VALUES = {"dict": {"n": 0}, "list": [], "number": 0, "text": "", "nothing": None}
MODULE = "stageflow.stages.payloads"
CASES = tuple(
    Case(f"{maker}, {name}", {"maker": maker, "value": name}, component=f"{MODULE}.{maker}")
    for maker in ("ok_output", "cancel_output", "fail_output")
    for name in VALUES
) + tuple(
    Case(f"{reader}, {name}", {"maker": reader, "value": name}, component=f"{MODULE}.{reader}")
    for reader in ("payload_from_inputs", "payload_from_results")
    for name in VALUES
)


async def read_back(reader, value):
    """The payload as the stage behind reads it, or the caller."""
    helpers = need(MODULE)

    async def make(ctx):
        return helpers.ok_output(helpers.StagePayloadResult(payload=value, summary={"count": 1}))

    async def use(ctx):
        return {"read": helpers.payload_from_inputs(ctx, "make")}

    results = await results_of(graph(pipeline(("make", make), ("use", use, ["make"]))).run(context()))
    return results["use"].data["read"] if reader == "payload_from_inputs" else helpers.payload_from_results(results, "make")


async def scenario(params):
    helpers, value, maker = need(MODULE), VALUES[params["value"]], params["maker"]
    if maker.startswith("payload_from"):
        read, error = await outcome(read_back(maker, value))
        expect_equal(read if error is None else type(error).__name__, value, "payload read back")
        return
    result = helpers.StagePayloadResult(payload=value, summary={"count": 1})
    if maker == "fail_output":
        output = helpers.fail_output(error="broken", payload=value, summary={"count": 1})
    else:
        output = getattr(helpers, maker)(result)
    seen = [status_of(output), output.data[helpers.PAYLOAD_KEY], helpers.summary_from_output(output), output.error]
    error = "broken" if maker == "fail_output" else None
    expect_equal(seen, [maker.removesuffix("_output"), value, {"count": 1}, error], "[status, payload, summary, error]")


async def control(params):
    async def store():
        return VALUES[params["value"]]

    assert await ending(store()) == "returned"
    expect_equal({"payload": await store()}["payload"], VALUES[params["value"]], "payload read back")
