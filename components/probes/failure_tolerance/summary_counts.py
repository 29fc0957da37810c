"""The failure summary counts what was recorded."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The failure summary does not agree with what was recorded",
    claim="The summary has the recorded completions and failures, each failure's text and type, and their share of the total.",
    source="docstring:stageflow.pipeline.failure_tolerance.FailureSummary",
    component="stageflow.pipeline.failure_tolerance.FailureCollector.get_summary",
    subsystem="failure_tolerance",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Reports understate failures or blame the wrong stage.",
    recommendation="Compute the summary from the recorded sets.",
)

CASES = (
    Case("nothing", {"total": 0, "done": [], "failed": [], "rate": 0.0}),
    Case("all complete", {"total": 2, "done": ["a", "b"], "failed": [], "rate": 1.0}),
    Case("one of four fails", {"total": 4, "done": ["a", "b", "c"], "failed": ["d"], "rate": 0.75}),
    Case("one missing", {"total": 4, "done": ["a"], "failed": ["c", "d"], "rate": 0.25}),
    Case("completed twice", {"total": 2, "done": ["a", "a"], "failed": [], "rate": 0.5}),
)


def facts(total, done, failed, rate, has, rows):
    return {"total": total, "completed": done, "failed": failed, "rate": rate, "has_failures": has, "failures": rows}


def wanted_facts(params):
    rows = [[name, f"{name} broke", "ValueError", True] for name in params["failed"]]
    return facts(params["total"], len(set(params["done"])), len(rows), params["rate"], bool(rows), rows)


def scenario(params):
    collector = need("stageflow.pipeline.failure_tolerance:FailureCollector")()
    for name in params["done"]:
        collector.record_completion(name)
    for name in params["failed"]:
        collector.record_failure(name, ValueError(f"{name} broke"), recoverable=True)
    summary = collector.get_summary(total_stages=params["total"], partial_results={})
    told = summary.to_dict()
    rows = [[row[key] for key in ("stage", "error", "error_type", "recoverable")] for row in told["failures"]]
    counts = [told[key] for key in ("total_stages", "completed_stages", "failed_stages", "success_rate")]
    expect_equal(facts(*counts, summary.has_failures, rows), wanted_facts(params), "summary")


def control(params):
    rows = [[name, str(ValueError(f"{name} broke")), "ValueError", True] for name in params["failed"]]
    done = len(set(params["done"]))
    rate = done / params["total"] if params["total"] else 0.0
    expect_equal(facts(params["total"], done, len(rows), rate, bool(rows), rows), wanted_facts(params), "summary")
