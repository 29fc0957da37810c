"""The documentation link of a contract error leads to a section that exists."""

from components.lab.flow import FunctionStage
from components.lab.probe import Case, NotApplicable, Probe, expect, need
from components.lab.value_kit import need_described_release

PROBE = Probe(
    title="The doc_url of pipeline validation errors points to sections that do not exist",
    claim="Every contract error has a link to a deeper troubleshooting guide: the page and the section are there.",
    source="docs/advanced/error-messages.md#structure",
    component="stageflow.pipeline.validation",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Whoever follows the link of an error lands on top of a page that says nothing about it, or has to search.",
    recommendation="Use the existing anchors #missing-stage-dependency, #empty-pipeline and #dependency-cycle of error-messages.md.",
    cause="stageflow.pipeline.validation:validate_stage_dependencies #doc-url",
)

ABSENT = {
    "docs/advanced/error-messages.md": ("missing-stage-dependencies", "empty-pipelines"),
    "docs/guides/stages.md": ("contract-troubleshooting",),
}
"""Sections that the pages do not have."""
CASES = (
    Case("missing-dependency", {"stages": {"a": ["b"]}}),
    Case("empty", {"stages": {}}),
    Case("cycle", {"stages": {"a": ["b"], "b": ["a"]}}),
)


def link_of(stages):
    """The doc_url of the error that building these stages raises."""
    kind = need("stageflow:StageKind").TRANSFORM
    built = need("stageflow:Pipeline")()

    async def body(ctx):
        return {}

    for name, after in stages.items():
        built = built.with_stage(name, FunctionStage(name, body, kind), kind, dependencies=tuple(after))
    try:
        built.build()
    except need("stageflow.pipeline.spec:PipelineValidationError") as error:
        return error.error_info.doc_url
    except ValueError as error:
        raise NotApplicable(f"{type(error).__name__} has no link") from error
    raise NotApplicable("this pipeline is built without an error")


def check(link):
    page, _, section = link.partition("#")
    absent = next((sections for name, sections in ABSENT.items() if page.endswith(name)), ())
    expect(section not in absent, "a section that the page has", f"#{section}")


def scenario(params):
    need_described_release()
    check(link_of(params["stages"]))


def control(params):
    for section in ("missing-stage-dependency", "dependency-cycle", "empty-pipeline"):
        check(f"docs/advanced/error-messages.md#{section}")
