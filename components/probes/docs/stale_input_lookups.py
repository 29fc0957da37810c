"""Stages read their inputs in the documentation the way StageInputs can be read."""

from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title='A documentation page reads ctx.inputs["key"], which raises TypeError: StageInputs cannot be subscripted',
    claim='The documented ctx.inputs["key"] gives the value of an upstream stage.',
    source="docs/advanced/saga-pattern.md#step-1-define-compensatable-stages",
    component="docs",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="The copied stage raises TypeError where it reads its input.",
    recommendation='Write ctx.inputs.get("key") or ctx.inputs.require_from(stage, "key") in the examples, or give StageInputs __getitem__.',
    workaround='Use ctx.inputs.get("key").',
)

TABLE = (
    ("docs/advanced/checkpointing.md", "force-checkpoint-from-stage", "data"),
    ("docs/advanced/chunking.md", "chunking-stage", "data"),
    ("docs/advanced/retry-backoff.md", "retry-with-stageoutput", "request"),
    ("docs/advanced/saga-pattern.md", "step-1-define-compensatable-stages", "order_id"),
    ("docs/examples/multimodal-fusion.md", "real-time-streaming", "stream"),
    ("docs/guides/timestamps.md", "extracting-timestamps-from-documents", "document"),
)
CASES = tuple(
    Case(
        f"{page}#{section}", {"page": page, "section": section, "key": key}, f"{page} reads ctx.inputs in a way that raises TypeError", page
    )
    for page, section, key in TABLE
)


def inputs_with(key):
    ok = need("stageflow:StageOutput").ok
    return need("stageflow.testing:create_test_stage_context")(prior_outputs={"upstream": ok({key: "value"})}).inputs


def check(read):
    try:
        value = read()
    except TypeError as error:
        raise Violation("the value of the upstream stage", "TypeError: not subscriptable") from error
    expect_equal(value, "value", "value read")


def scenario(params):
    inputs = inputs_with(params["key"])
    check(lambda: inputs[params["key"]])


def control(params):
    check(lambda: inputs_with(params["key"]).get(params["key"]))
