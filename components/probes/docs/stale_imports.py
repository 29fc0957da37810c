"""What the documentation imports from stageflow can be imported."""

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.value_kit import need_described_release, run_target

PROBE = Probe(
    title="The documentation imports names that cannot be imported from there",
    claim="The import statements of the documentation's Python examples work.",
    source="invariant:documented examples work",
    component="docs",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Whoever copies the example gets an ImportError.",
    recommendation="Export the names where the page imports them from, or change the page.",
)

TABLE = (
    (
        "duplex helpers",
        "stageflow.pipeline",
        ["DuplexLaneSpec", "DuplexSystemSpec", "with_duplex_system"],
        ["api/pipeline", "advanced/composition", "guides/pipelines"],
    ),
    ("linter parts", "stageflow.cli", ["IssueSeverity", "analyze_stage_source"], ["api/cli"]),
    ("BackpressureMetrics", "stageflow", ["BackpressureMetrics"], ["api/events"]),
    ("UnifiedPipelineCancelled", "stageflow", ["UnifiedPipelineCancelled"], ["examples/full"]),
    ("create_stage_inputs", "stageflow.stages.ports", ["create_stage_inputs"], ["guides/stages"]),
    ("stageflow.interceptors", "stageflow.interceptors", ["BaseInterceptor", "InterceptorResult"], ["README"]),
)
CASES = tuple(
    Case(
        label,
        {"imports": [f"{module}:{name}" for name in names], "pages": pages},
        f"The documentation imports {', '.join(names)} from {module}, which does not have {'them' if len(names) > 1 else 'it'}",
        module if len(names) > 1 else f"{module}.{names[0]}",
        f"docs:import of {label}",
    )
    for label, module, names, pages in TABLE
)


def missing(imports):
    """Those that cannot be imported."""
    absent = []
    for name in imports:
        try:
            need(name)
        except NotApplicable:
            absent.append(name)
    return absent


def scenario(params):
    need_described_release()
    run_target()
    expect_equal(missing(params["imports"]), [], f"names imported on {', '.join(params['pages'])} that do not exist")


def control(params):
    expect_equal(missing(["stageflow:Pipeline", "stageflow:StageOutput", "stageflow.helpers:ChunkQueue"]), [], "names that do exist")
