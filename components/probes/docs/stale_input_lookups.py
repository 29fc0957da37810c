"""Stages read their inputs in the documentation the way StageInputs can be read."""

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.value_kit import need_described_release

PROBE = Probe(
    title='Six pages read ctx.inputs["key"], which raises TypeError: StageInputs cannot be subscripted',
    claim='The documented ctx.inputs["key"] gives the value of an upstream stage.',
    source="docs/advanced/saga-pattern.md#step-1-define-compensatable-stages",
    component="stageflow.stages.inputs.StageInputs",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="The copied stage raises TypeError where it reads its input.",
    recommendation='Write ctx.inputs.get("key") or ctx.inputs.require_from(stage, "key") in the examples, or give StageInputs __getitem__.',
    workaround='Use ctx.inputs.get("key").',
    cause="docs:ctx.inputs subscripted",
)

PAGES = [
    "advanced/checkpointing",
    "advanced/chunking",
    "advanced/retry-backoff",
    "advanced/saga-pattern",
    "examples/multimodal-fusion",
    "guides/timestamps",
]
CASES = (Case("subscription", {"key": "order_id", "pages": PAGES}),)


def inputs_with(key):
    ok = need("stageflow:StageOutput").ok
    return need("stageflow.testing:create_test_stage_context")(prior_outputs={"upstream": ok({key: "value"})}).inputs


def check(read, where):
    try:
        value = read()
    except TypeError as error:
        raise Violation("the value of the upstream stage", f"TypeError: not subscriptable (on {where})") from error
    expect_equal(value, "value", "value read")


def scenario(params):
    need_described_release()
    inputs = inputs_with(params["key"])
    check(lambda: inputs[params["key"]], ", ".join(params["pages"]))


def control(params):
    check(lambda: inputs_with(params["key"]).get(params["key"]), "no page")
