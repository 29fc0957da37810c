"""The documentation link of a registered suggestion leads to a section that exists."""

from components.lab.probe import Case, Probe, expect, need
from components.lab.value_kit import need_described_release

PROBE = Probe(
    title="The link of a contract suggestion points to a section that does not exist",
    claim="Every registered suggestion has a reachable doc URL.",
    source="docs/advanced/error-messages.md#enforcement",
    component="stageflow.contracts.suggestions",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The remediation that an error offers is not there.",
    recommendation="Link suggestions to existing sections of error-messages.md.",
)

SECTIONS = ("example-errors", "missing-stage-dependency", "dependency-cycle", "empty-pipeline")
CODES = ("CYCLE", "MISSING_DEP", "SELF_DEP", "CONFLICT", "ORPHAN", "EMPTY")
CASES = tuple(Case(code, {"code": f"CONTRACT-004-{code}"}) for code in CODES)


def check(link, code, known):
    page, _, section = link.partition("#")
    expect(page.endswith("docs/advanced/error-messages.md") and section in SECTIONS, "a section of error-messages.md", f"#{section}")
    expect(code == known, code, known)


def scenario(params):
    need_described_release()
    suggestion = need("stageflow.contracts:get_contract_suggestion")(params["code"])
    expect(suggestion is not None, f"a suggestion for {params['code']}", "none")
    check(suggestion.doc_url, params["code"], suggestion.code)
    expect(bool(suggestion.fix_steps), "steps to fix it", "none")


def control(params):
    check("docs/advanced/error-messages.md#example-errors", params["code"], params["code"])
