"""The mission's eleven success criteria, each computed from the run folder, with its evidence."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.core.artifacts import CATEGORIES, Construction, Evaluation, Execution, Recommendations, Research, Simulation
from agent.core.ledger import Ledger
from agent.core.records import read_record
from agent.core.workspace import Workspace
from agent.court.evidence import confirmed_proofs, logged_ids, pipeline_result

STRATEGIES = ("golden", "state", "metrics", "logs", "side_effects", "invariant", "differential")
"""The seven ways to catch a silent failure."""


@dataclass(frozen=True)
class Point:
    """One criterion: met or not, why, and where to look."""

    text: str
    met: bool
    why: str
    evidence: tuple[str, ...]


def success_checklist(workspace: Workspace) -> list[Point]:
    """All eleven, in the owner's order."""
    return [check(workspace) for check in CHECKS]


def research(workspace: Workspace) -> Point:
    """Research done and documented."""
    record = read_record(workspace, Research)
    met = record is not None and not record.missing
    why = (
        f"{record.passages} passages, {record.symbols} API names, {record.searches_answered} of {record.searches} web queries answered"
        if record
        else "phase not finished"
    )
    return Point("Research completed and documented", met, why, ("research/summary.md", "research/citations.json"))


def simulation(workspace: Workspace) -> Point:
    """A realistic environment."""
    record = read_record(workspace, Simulation)
    met = record is not None and all(record.rows.values()) and len(record.rows) == 4 and not record.missing
    why = (
        f"{sum(record.rows.values())} records of {len(record.rows)} kinds, {len(record.services)} mocked services"
        if record
        else "phase not finished"
    )
    return Point("Environment simulated with realistic data", met, why, ("mocks/persona.md", "mocks/data/", "mocks/services/"))


def pipelines(workspace: Workspace) -> Point:
    """Several pipelines."""
    record = read_record(workspace, Construction)
    met = record is not None and len(record.pipelines) == 5
    why = (
        f"{len(record.pipelines)} of 5 pipelines ran" + (f"; broken: {', '.join(record.broken)}" if record.broken else "")
        if record
        else "phase not finished"
    )
    return Point("Test pipelines implemented", met, why, ("pipelines/",))


def categories(workspace: Workspace) -> Point:
    """All seven categories."""
    record = read_record(workspace, Execution)
    done = {t.category for t in record.tests if set(t.checks) - {"unknown"}} if record else set()
    why = f"{len(done)} of {len(CATEGORIES)} categories came to verdicts"
    return Point("All test categories executed", len(done) == len(CATEGORIES), why, ("results/metrics/",))


def logged(workspace: Workspace) -> Point:
    """Everything proven is logged."""
    proofs = confirmed_proofs(workspace)
    ids = logged_ids(Ledger(workspace.root))
    open_ = [p for p in proofs if p.fingerprint not in ids]
    record = read_record(workspace, Execution)
    why = f"{len(proofs) - len(open_)} of {len(proofs)} confirmed proofs are logged" if record else "phase not finished"
    return Point("Findings logged in structured form", record is not None and not open_, why, ("findings.json", "bugs.json"))


def logs(workspace: Workspace) -> Point:
    """A log for every test."""
    record = read_record(workspace, Execution)
    tests = record.tests if record else ()
    have = [t for t in tests if list(workspace.path("results/logs").glob(f"{t.id}_*.log*"))]
    return Point(
        "Logs captured from all test runs",
        bool(tests) and len(have) == len(tests),
        f"{len(have)} of {len(tests)} tests have their log",
        ("results/logs/",),
    )


def analysis(workspace: Workspace) -> Point:
    """An analysis for every log."""
    record = read_record(workspace, Execution)
    tests = record.tests if record else ()
    kinds = ("analysis.md", "stats.json", "errors.json")
    have = [t for t in tests if all(workspace.path(f"results/logs/{t.id}_{kind}").exists() for kind in kinds)]
    flags = record.log_flags if record else 0
    why = f"{len(have)} of {len(tests)} logs analysed, {flags} patterns flagged"
    return Point("Log analysis performed and documented", bool(tests) and len(have) == len(tests), why, ("results/logs/",))


def silent_failures(workspace: Workspace) -> Point:
    """All seven strategies used."""
    record = read_record(workspace, Execution)
    used = set()
    for test in record.tests if record else ():
        used |= {c.get("strategy") for c in pipeline_result(workspace, test.id)["checks"] if c["verdict"] != "unknown"}
    have = [s for s in STRATEGIES if s in used]
    why = f"{len(have)} of {len(STRATEGIES)} strategies came to verdicts" + (
        f"; without: {', '.join(s for s in STRATEGIES if s not in used)}" if len(have) < len(STRATEGIES) else ""
    )
    return Point("Silent failures hunted", len(have) == len(STRATEGIES), why, ("results/metrics/",))


def experience(workspace: Workspace) -> Point:
    """Eight aspects scored."""
    record = read_record(workspace, Evaluation)
    scored = [s for s in record.scores if s.score is not None] if record else []
    return Point(
        "Developer experience evaluated",
        len(scored) == 8,
        f"{len(scored)} of 8 aspects scored from facts",
        ("dx_evaluation/evaluation.md",),
    )


def report(workspace: Workspace) -> Point:
    """The report itself: true when all phases before it left their records."""
    left = [cls.__name__ for cls in (Research, Simulation, Construction, Execution, Evaluation) if read_record(workspace, cls) is None]
    why = "all sections are filled from records" if not left else f"partial: no record of {', '.join(left)}"
    return Point("Final report generated", not left, why, ("FINAL_REPORT.md", "report.html"))


def recommendations(workspace: Workspace) -> Point:
    """Improvements logged."""
    record = read_record(workspace, Recommendations)
    why = f"{record.logged} improvements logged" if record else "phase not finished"
    return Point("Recommendations given", bool(record and record.logged), why, ("improvements.json",))


CHECKS: tuple[Callable[[Workspace], Point], ...] = (
    research,
    simulation,
    pipelines,
    categories,
    logged,
    logs,
    analysis,
    silent_failures,
    experience,
    report,
    recommendations,
)
