"""The context attributes that the documentation uses in a stage or interceptor exist there."""

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect, need
from components.lab.value_kit import need_described_release

PROBE = Probe(
    title="The documentation uses a context attribute that does not exist",
    claim="The examples of the documentation use attributes that their context has.",
    source="invariant:documented examples work",
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

STAGE, PIPELINE = "stageflow.core.StageContext", "stageflow.stages.context.PipelineContext"
TABLE = (
    (STAGE, "data", ["advanced/checkpointing", "advanced/routing-loops", "api/auth"]),
    (STAGE, "user_id", ["advanced/guard-security"]),
    (PIPELINE, "emit_event", ["guides/interceptors"]),
)
CASES = tuple(
    Case(
        f"{kind.rpartition('.')[2]}.{attribute}",
        {"context": kind, "attribute": attribute, "pages": pages},
        f"The documentation uses {kind.rpartition('.')[2]}.{attribute}, which does not exist",
        f"{kind}.{attribute}",
        f"docs:{kind.rpartition('.')[2]}.{attribute}",
    )
    for kind, attribute, pages in TABLE
)


def made(kind):
    return pipeline_context() if kind == PIPELINE else need("stageflow.testing:create_test_stage_context")()


def check(ctx, attribute, where):
    expect(hasattr(ctx, attribute), f"{type(ctx).__name__}.{attribute}", f"no such attribute (used on {where})")


def scenario(params):
    need_described_release()
    check(made(params["context"]), params["attribute"], ", ".join(params["pages"]))


def control(params):
    check(made(params["context"]), "try_emit_event", "no page")
