"""The context attributes that the documentation uses in a stage or interceptor exist there."""

from components.lab.flow import context
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="A documentation page uses a context attribute that does not exist",
    claim="The documented examples use attributes that their context has.",
    source="docs/api/auth.md#resource-access-control",
    component="docs",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="The copied stage or interceptor raises AttributeError at that line.",
    recommendation="Use what the context has: snapshot.user_id of a StageContext, which has no data; try_emit_event of a PipelineContext.",
)

TABLE = (
    ("docs/advanced/checkpointing.md", "force-checkpoint-from-stage", "stage", "data"),
    ("docs/advanced/guard-security.md", "fail-open-explicit-opt-in", "stage", "user_id"),
    ("docs/advanced/routing-loops.md", "direct-loop-detection", "stage", "data"),
    ("docs/api/auth.md", "resource-access-control", "stage", "data"),
    ("docs/guides/interceptors.md", "tool-registry-parsing-from-interceptors", "pipeline", "emit_event"),
)
CASES = tuple(
    Case(
        f"{page}#{section}",
        {"page": page, "section": section, "context": kind, "attribute": attribute},
        f"{page} uses a context attribute that does not exist",
        page,
    )
    for page, section, kind, attribute in TABLE
)


def made(kind):
    return context() if kind == "pipeline" else need("stageflow.testing:create_test_stage_context")()


def check(ctx, attribute):
    expect(hasattr(ctx, attribute), f"{type(ctx).__name__}.{attribute}", "no such attribute")


def scenario(params):
    check(made(params["context"]), params["attribute"])


def control(params):
    check(made(params["context"]), "try_emit_event")
