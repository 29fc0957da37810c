"""Writes pytest files into the run that repeat every verdict with nothing but Python, stageflow-core and pytest."""

from collections import defaultdict
from pathlib import Path

from agent.core.tool import Record, Tool, ToolContext
from agent.court.bundle import Recipe, Table, bundle_tables, module_name
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.evidence import pipeline_result
from agent.court.trials import CaseVerdict

HARNESS = Path(__file__).parent / "harness"
"""Pytest modules that are copied as they are."""


class WriteTests(Record):
    """Arguments of `write_tests`."""

    verdict_files: tuple[str, ...]
    """Metrics files of the run whose verdicts are to be repeated."""


class TestsWritten(Record):
    """Result of `write_tests`."""

    __test__ = False
    files: tuple[str, ...]
    """What was written, relative to the run."""
    verdicts: int
    """How many verdicts the tests repeat; unknown and not applicable ones are left out."""


def run(args: WriteTests, context: ToolContext) -> TestsWritten:
    """Bundle each probe with its cases, note each check of the pipelines, copy the pytest modules."""
    assert context.workspace
    probes: dict[str, list[CaseVerdict]] = defaultdict(list)
    checks: list[dict[str, str]] = []
    for name in args.verdict_files:
        if Path(name).name.startswith("probes-"):
            for row in map(CaseVerdict.model_validate, context.workspace.read_json(name) or []):
                if not row.control and row.verdict in ("holds", "violated"):
                    probes[row.probe].append(row)
            continue
        found = pipeline_result(context.workspace, Path(name).stem)
        kept = [c for c in found["checks"] if c["verdict"] in ("holds", "violated")]
        checks += [{"pipeline": found["pipeline"], "test": found["test"], "check": c["id"], "verdict": c["verdict"]} for c in kept]
    table = write_probes(probes, context)
    context.workspace.write_json("tests/verdicts.json", {"probes": table, "pipelines": checks})
    for file in sorted(HARNESS.glob("*.py")):
        context.workspace.write(f"tests/{file.name}", file.read_text(encoding="utf-8"))
    return TestsWritten(
        files=tuple(context.workspace.relative(p) for p in sorted(context.workspace.path("tests").rglob("*.py"))),
        verdicts=len(table) + len(checks),
    )


def write_probes(probes: dict[str, list[CaseVerdict]], context: ToolContext) -> list[dict[str, str]]:
    """One script per probe with all its judged cases, and the module that they share; returns the verdict table."""
    assert context.workspace
    components = context.settings.project / "components"
    catalogue = load_catalogue(components, context.settings.cache)
    tables = [table_of(catalogue[probe], rows) for probe, rows in sorted(probes.items())]
    for module, text in bundle_tables(components, tables).items():
        context.workspace.write(f"tests/probes/{module}.py", text)
    places = {probe: f"tests/probes/{module_name(probe)}.py" for probe in sorted(probes)}
    return [{"script": script, "case": row.case, "verdict": row.verdict} for probe, script in places.items() for row in probes[probe]]


def table_of(card: ProbeCard, rows: list[CaseVerdict]) -> Table:
    """What the script of a probe is to play."""
    cases = {row.case: row.params for row in sorted(rows, key=lambda r: r.order)}
    header = f"{card.claim}\n\nSource of the claim: {card.source}\nRun: python {module_name(card.id)}.py"
    return Table(card.id, cases, Recipe(header, card.virtual_time, card.seconds))


TOOL = Tool("write_tests", "write pytest files that repeat a run's verdicts", WriteTests, TestsWritten, run, needs_run=True)
