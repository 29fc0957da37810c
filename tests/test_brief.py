"""The owner's brief, clause by clause: which prompt, gate, artifact or code fulfils it. A clause without its evidence fails."""

from pathlib import Path

import pytest

from agent.core.artifacts import CATEGORIES, RECORDS
from agent.core.findings import KINDS
from agent.core.workspace import LAYOUT
from agent.reporting.checklist import CHECKS, STRATEGIES

ROOT = Path(__file__).parents[1]
PROMPTS = {stem: (ROOT / f"prompts/{stem}.md").read_text(encoding="utf-8").lower() for stem in ("system", *RECORDS)}
CLAUSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "stageflow is imported, components are shared": ("system", ("import stageflow", "components")),
    "groq chat stage by default, audio mocks first": ("system", ("groq chat stage", "mocks before any real provider")),
    "nothing outside the repository is read": ("system", ("stay inside the repository",)),
    "documentation is vendored and linked": ("system", ("stageflow-docs/", "link the page")),
    "documentation gaps are logged at once": ("system", ("logged as a", "documentation finding")),
    "mission parameters": ("system", ("{{ entry.id }}", "{{ entry.priority }}", "{{ entry.risk_class }}", "{{ entry.industry }}", "{{ entry.deployment_mode }}")),
    "earlier work is resumed": ("system", ("earlier work", "do not log a finding twice")),
    "lean, powerful, general": ("system", ("small and general", "missing power")),
    "web research comes first": ("research", ("the web comes first", "before any code")),
    "industry context": ("research", ("pain points", "regulation", "workflows", "existing solutions", "post-mortems")),
    "technical context": ("research", ("state of the art", "failure modes", "similar frameworks", "academic", "open-source")),
    "stageflow context": ("research", ("architecture", "stage kinds", "interceptors", "known gaps")),
    "docs before implementation": ("research", ("before building", "ambiguous, missing or contradictory")),
    "research output": ("research", ("citations", "risks and edge cases", "hypotheses", "success criteria")),
    "persona": ("simulate", ("persona.role", "worries")),
    "four kinds of data": ("simulate", ("happy path", "edge cases", "adversarial", "scale")),
    "environment mocks": ("simulate", ("external services", "databases", "deterministic", "network latency", "memory, processor and time")),
    "design principles": ("build", ("smallest case", "one thing at a time", "typed outputs", "logging and tracing", "path for every error")),
    "five categories in order": ("build", ("baseline", "stress", "chaos", "adversarial", "recovery")),
    "code quality": ("build", ("idioms", "type hints and docstrings", "nothing outside the run folder", "tears down")),
    "test categories and metrics": ("execute", ("accuracy, precision, recall", "recovery time", "p50, p95, p99", "injection success rate", "degradation curve", "span completeness", "silent failure rate")),
    "silent failure patterns": ("execute", ("swallowed exceptions", "defaults that hide", "partial state", "lossy conversions", "background work")),
    "silent failure strategies": ("execute", ("golden outputs", "state audits", "metrics that must", "log analysis", "side effects", "invariants", "differential")),
    "completion is not success": ("execute", ("completion is not success", "success and the failure path")),
    "log capture": ("execute", ("application, framework, libraries", "errors apart", "one file per test run", "configuration on top", "appended")),
    "log analysis": ("execute", ("error keywords", "repeated warnings", "gaps and order", "start and end pairs", "correlation ids", "between runs", "bursts")),
    "log outputs": ("execute", ("an analysis, statistics and extracted", "errors with context")),
    "execution protocol": ("execute", ("set up, execute", "observe", "compare with the criteria", "document")),
    "investigation": ("execute", ("reproduce", "smallest case", "cause", "classify", "recommend")),
    "eight dx aspects": ("evaluate", ("discoverability", "clarity", "documentation", "error messages", "debugging", "boilerplate", "flexibility", "performance")),
    "dx scale": ("evaluate", ("1 (blocking) to 5",)),
    "documentation feedback": ("evaluate", ("clarity", "coverage", "accuracy", "improvements")),
    "add_finding is required": ("report", ("add_finding.py", "mints the id")),
    "when to log what": ("report", ("strength:", "bug:", "dx:", "improvement:")),
    "severity levels": ("report", ("critical", "high", "medium", "low", "info")),
    "final report template": ("report", ("final_report_template.md",)),
    "framework recommendations": ("recommend", ("interface changes", "missing features", "documentation", "defaults", "patterns")),
    "industry recommendations": ("recommend", ("compliance gaps", "integrations", "workflow", "service levels")),
    "plus suggestions": ("recommend", ("stagekind_suggestion", "component_suggestion", "pattern_suggestion", "plus_package", "priority p0 to p2", "persona.role")),
    "dos and donts": ("system", ("thorough", "think like an attacker", "reproduced", "verify assumptions", "no untested code", "no skipped phase", "silent failures and logs")),
}  # fmt: skip


@pytest.mark.parametrize("clause", CLAUSES)
def test_prompt_carries_the_clause(clause: str) -> None:
    stem, words = CLAUSES[clause]
    text = " ".join(PROMPTS[stem].split())
    assert [word for word in words if word not in text] == []


def test_artifacts_of_the_brief_have_their_place() -> None:
    places = {slot.path for slot in LAYOUT}
    wanted = {
        "research/summary.md",
        "mocks/services/",
        "pipelines/",
        "results/logs/",
        "results/metrics/",
        "results/traces/",
        "findings.json",
        "FINAL_REPORT.md",
    }
    assert wanted <= places


def test_code_has_the_brief_s_numbers_of_things() -> None:
    assert len(RECORDS) == 7
    assert len(CATEGORIES) == 7
    assert len(STRATEGIES) == 7
    assert len(CHECKS) == 11
    assert {spec.prefix for spec in KINDS.values()} == {"STR", "BUG", "DX", "IMP"}


def test_files_the_brief_names_are_there() -> None:
    names = (
        "docs/roadmap/mission-brief.md",
        "FOLDER_STRUCTURE.md",
        "FINAL_REPORT_TEMPLATE.md",
        "add_finding.py",
        "stageflow-docs/INDEX.md",
    )
    assert [name for name in names if not (ROOT / name).is_file()] == []
