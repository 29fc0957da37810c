"""A cleanup registered through the graph is known under its name while the run lasts, and nothing of it is left afterwards."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="A cleanup registered through the graph loses its name, or the graph shows a run that is over",
    claim="register_cleanup adds the callback under its name to cleanup_registry, which exists for the current execution only.",
    source="docstring:stageflow.pipeline.dag.UnifiedStageGraph.register_cleanup",
    component="stageflow.pipeline.dag.UnifiedStageGraph.register_cleanup",
    subsystem="cancellation",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A failed cleanup cannot be told from the others, or a later caller acts on a run that is over.",
    recommendation="Pass the name on, and drop registry and token when the run ends.",
    virtual_time=True,
)

OWNER = "stageflow.pipeline.dag.UnifiedStageGraph"
CASES = (
    Case("named", {"look": "named"}),
    Case("while it runs", {"look": "inside"}, component=f"{OWNER}.cleanup_registry"),
    Case("before and after", {"look": "outside"}, component=f"{OWNER}.cleanup_registry"),
    Case("after a failure", {"look": "failed"}, component=f"{OWNER}.cleanup_registry"),
)
WANTED = {"named": ["close files"], "inside": [True, 1, False], "outside": ["None", "None"], "failed": ["None", "None"]}


async def scenario(params):
    need("stageflow.pipeline.dag:UnifiedStageGraph.cleanup_registry")
    need("stageflow.pipeline.dag:UnifiedStageGraph.register_cleanup")
    seen, look = [], params["look"]

    async def close():
        return None

    async def body(ctx):
        built.register_cleanup(close, name="close files")
        registry, token = built.cleanup_registry, built.cancel_token
        if registry is None:
            raise NotApplicable("runs keep their registry elsewhere")
        if look == "inside":
            seen.extend([token is not None, registry.pending_count, bool(token and token.is_cancelled)])
        elif look == "named":
            seen.extend((await registry.run_all(timeout=1.0))[0])
        elif look == "failed":
            raise ValueError("broken")
        return {}

    built = graph(pipeline(("only", body)))
    shown = [built.cleanup_registry, built.cancel_token]
    await outcome(built.run(context()))
    after = [built.cleanup_registry, built.cancel_token]
    if look in ("outside", "failed"):
        seen = ["None" if first is None and last is None else "a registry or token" for first, last in zip(shown, after, strict=True)]
    expect_equal(seen, WANTED[look], look)


async def control(params):
    kept = {}
    kept["close files"] = print
    seen = {"named": list(kept), "inside": [True, len(kept), False]}.get(params["look"], [str(kept.get(name)) for name in ("a", "b")])
    expect_equal(seen, WANTED[params["look"]], params["look"])
