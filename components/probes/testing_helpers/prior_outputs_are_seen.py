"""Prior outputs, ports and declared dependencies given to the helper are what the stage reads."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="create_test_stage_context does not hand prior outputs to the stage as given",
    claim="A stage under test reads each prior output by its stage name, defaults for absent ones, and the ports it was given.",
    source="docs/api/testing.md#example",
    component="stageflow.testing.create_test_stage_context",
    subsystem="testing_helpers",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Unit tests of stages run on other inputs than they set up.",
    recommendation="Pass prior outputs, ports, stage name and dependencies to create_stage_inputs.",
)

CASES = (
    Case("one", {"outputs": {"a": {"x": 1}}}),
    Case("none", {"outputs": {}}),
    Case("same-key", {"outputs": {"a": {"x": 1}, "b": {"x": 2, "y": None}}}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.testing")
    return CASES


def reading(get_from, has_output, outputs):
    """Every key of every stage, and what is said about an absent one."""
    values = {stage: {key: get_from(stage, key, "absent") for key in data} for stage, data in outputs.items()}
    return [values, get_from("other", "x", "absent"), has_output("other")]


def scenario(params):
    ok, ports = need("stageflow:StageOutput").ok, need("stageflow.stages.ports:create_llm_ports")(llm_provider="model")
    prior = {stage: ok(dict(data)) for stage, data in params["outputs"].items()}
    ctx = need("stageflow.testing:create_test_stage_context")(prior_outputs=prior, ports=ports, stage_name="under-test")
    seen = reading(ctx.inputs.get_from, ctx.inputs.has_output, params["outputs"])
    expect_equal(seen, [params["outputs"], "absent", False], "what the stage reads")
    expect_equal(
        [ctx.inputs.ports.llm_provider, ctx.stage_name, ctx.inputs.stage_name], ["model", "under-test", "under-test"], "ports and name"
    )


def control(params):
    outputs = params["outputs"]
    seen = reading(lambda stage, key, default: outputs.get(stage, {}).get(key, default), outputs.__contains__, outputs)
    expect_equal(seen, [outputs, "absent", False], "plain dicts read")
