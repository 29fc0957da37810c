"""What the documentation imports from stageflow can be imported."""

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.value_kit import run_target

PROBE = Probe(
    title="A documentation page imports names that cannot be imported from there",
    claim="The import statements of the documentation's Python examples work.",
    source="docs/api/pipeline.md#duplex-topology-helpers",
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

DUPLEX = ["stageflow.pipeline:DuplexLaneSpec", "stageflow.pipeline:DuplexSystemSpec", "stageflow.pipeline:with_duplex_system"]
DUPLEX_TITLE = "Three pages (api/pipeline, guides/pipelines, advanced/composition) document duplex helpers that stageflow does not have"
TABLE = (
    ("docs/api/pipeline.md", "duplex-topology-helpers", DUPLEX),
    ("docs/advanced/composition.md", "duplex-components-bidirectional-flows", DUPLEX),
    ("docs/guides/pipelines.md", "duplex-pattern-bidirectional-systems", DUPLEX),
    ("docs/api/cli.md", "issueseverity", ["stageflow.cli:IssueSeverity"]),
    ("docs/api/cli.md", "custom-linting-rules", ["stageflow.cli:analyze_stage_source"]),
    ("docs/api/events.md", "backpressureawareeventsink", ["stageflow:BackpressureMetrics"]),
    ("docs/examples/full.md", "complete-example", ["stageflow:UnifiedPipelineCancelled"]),
    ("docs/guides/stages.md", "creating-ports", ["stageflow.stages.ports:create_stage_inputs"]),
    ("README.md", "interceptors", ["stageflow.interceptors:BaseInterceptor", "stageflow.interceptors:InterceptorResult"]),
)
CASES = tuple(
    Case(
        f"{page}#{section}",
        {"page": page, "section": section, "imports": imports},
        DUPLEX_TITLE if imports is DUPLEX else f"{page} imports names that cannot be imported from there",
        "docs/api/pipeline.md" if imports is DUPLEX else page,
    )
    for page, section, imports in TABLE
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
    run_target()
    expect_equal(missing(params["imports"]), [], f"names imported in {params['page']}#{params['section']} that do not exist")


def control(params):
    expect_equal(missing(["stageflow:Pipeline", "stageflow:StageOutput", "stageflow.helpers:ChunkQueue"]), [], "names that do exist")
