"""The context size interceptor warns when its limits are passed, and only then."""

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="ContextSizeInterceptor does not warn at its limits",
    claim="A context above max_size_bytes is reported before the stage, growth of more than warn_on_growth_bytes after it; less is not.",
    source="docs/advanced/hardening.md#contextsizeinterceptor",
    component="stageflow.pipeline.interceptors_hardening.ContextSizeInterceptor",
    subsystem="hardening",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Runaway payloads are noticed only when memory runs out.",
    recommendation="Compare the estimated bytes with the configured limits.",
)

SIZE, GROWTH = 50_000, 10_000
CASES = (
    Case("small", {"start": 1_000, "grow": 100, "warnings": []}),
    Case("well below both", {"start": 40_000, "grow": 8_000, "warnings": []}),
    Case("over the size", {"start": 60_000, "grow": 0, "warnings": ["size"]}),
    Case("grows too much", {"start": 1_000, "grow": 12_000, "warnings": ["growth"]}),
    Case("both", {"start": 60_000, "grow": 12_000, "warnings": ["size", "growth"]}),
    Case("shrinks", {"start": 40_000, "grow": -30_000, "warnings": []}),
)


async def scenario(params):
    checker = need("stageflow.pipeline.interceptors_hardening:ContextSizeInterceptor")
    checker = checker(max_size_bytes=SIZE, warn_on_growth_bytes=GROWTH)
    ctx = pipeline_context(data={"payload": "x" * params["start"]})
    with LogTap("stageflow.hardening") as tap:
        await checker.before("stage", ctx)
        ctx.data["payload"] = "x" * (params["start"] + params["grow"])
        await checker.after("stage", None, ctx)
    seen = ["size"] * len(tap.with_text("exceeds limit")) + ["growth"] * len(tap.with_text("context growth"))
    expect_equal(seen, list(params["warnings"]), f"warnings with limits of {SIZE} and {GROWTH} bytes")


def control(params):
    seen = (["size"] if params["start"] > SIZE else []) + (["growth"] if params["grow"] > GROWTH else [])
    expect_equal(seen, list(params["warnings"]), "warnings by comparison")
