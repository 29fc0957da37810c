"""A recorded failure keeps everything it was recorded with, and what the collector hands out is not changed by later failures."""

import time

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="FailureCollector loses part of a failure, or changes what it has handed out",
    claim="Stage, error, type, recoverability, context and time of every failure are in the summary; summaries are snapshots.",
    source="docstring:stageflow.pipeline.failure_tolerance.FailureCollector",
    component="stageflow.pipeline.failure_tolerance.FailureCollector",
    subsystem="failure_tolerance",
    category="observability",
    type="log_issue",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A partial failure cannot be analysed, or a stored report changes afterwards.",
    recommendation="Store every argument in the record and return copies.",
)

OWNER = "stageflow.pipeline.failure_tolerance.FailureCollector"
FULL = {"error": "broken", "type": "LookupError", "recoverable": True, "context": {"attempt": 2}}
PLAIN = {"error": "broken", "type": "Error", "recoverable": False, "context": {}}
CASES = (
    Case("everything", {"how": "everything", "record": FULL}, component=f"{OWNER}.record_failure"),
    Case("defaults", {"how": "defaults", "record": PLAIN | {"type": "ValueError"}}, component=f"{OWNER}.record_failure"),
    Case("a text", {"how": "text", "record": PLAIN}, component=f"{OWNER}.record_failure"),
    Case("time", {"how": "time"}, component=f"{OWNER}.record_failure"),
    Case("partial results", {"how": "partial"}, component=f"{OWNER}.get_summary"),
    Case("order", {"how": "order"}, component=f"{OWNER}.get_summary"),
    Case("summary afterwards", {"how": "summary"}, component=f"{OWNER}.get_summary"),
    Case("names afterwards", {"how": "names"}, component=f"{OWNER}.failed_stages"),
    Case("has_failures", {"how": "has"}, component=f"{OWNER}.has_failures"),
    Case("same stage twice", {"how": "twice"}, component=f"{OWNER}.failed_stages"),
)
WANTED = {
    "time": [True, True],
    "partial": {"a": 1},
    "order": ["c", "a", "b"],
    "summary": [["a"], ["a"], 1],
    "names": [["a"], ["a"], ["a", "b"]],
    "has": [False, True, False],
    "twice": [["a"], ["a", "a"]],
}


def record(collector, how):
    if how == "everything":
        collector.record_failure("a", LookupError("broken"), recoverable=True, context={"attempt": 2})
    else:
        collector.record_failure("a", "broken" if how == "text" else ValueError("broken"))


def look(make, how):
    """What is asked of a new collector."""
    collector = make()
    if how == "names":
        record(collector, how)
        first = collector.failed_stages
        kept = sorted(first)
        collector.record_failure("b", "broken")
        then = sorted(first)
        first.add("z")
        return [kept, then, sorted(collector.failed_stages)]
    if how == "has":
        before, other = collector.has_failures, make()
        record(collector, how)
        return [before, collector.has_failures, other.has_failures]
    if how in ("order", "twice"):
        for name in WANTED["order"] if how == "order" else "aa":
            collector.record_failure(name, "broken")
        names = [row.stage for row in collector.get_summary(3, {}).failures]
        return names if how == "order" else [sorted(collector.failed_stages), names]
    before = time.time()
    record(collector, how)
    summary = collector.get_summary(3, {"a": 1})
    row = summary.failures[0]
    if how == "time":
        told = summary.to_dict()["failures"][0].get("timestamp")
        return [before <= row.timestamp <= time.time(), told == row.timestamp]
    if how == "partial":
        return summary.partial_results
    if how == "summary":
        first = [item.stage for item in summary.failures]
        collector.record_failure("b", "broken")
        return [first, [item.stage for item in summary.failures], summary.failed_stages]
    return {"error": row.error, "type": row.error_type, "recoverable": row.recoverable, "context": row.context}


def scenario(params):
    seen = look(need("stageflow.pipeline.failure_tolerance:FailureCollector"), params["how"])
    wanted = params.get("record", WANTED.get(params["how"]))
    expect_equal(seen, dict(wanted) if isinstance(wanted, dict) else wanted, params["how"])


class PlainRow:
    def __init__(self, stage, error, recoverable, context):
        self.stage, self.error, self.recoverable, self.context = stage, str(error), recoverable, context or {}
        self.error_type = type(error).__name__ if isinstance(error, Exception) else "Error"
        self.timestamp = time.time()


class PlainSummary:
    def __init__(self, failures, partial_results):
        self.failures, self.partial_results = failures, partial_results
        self.failed_stages = len({row.stage for row in failures})

    def to_dict(self):
        return {"failures": [vars(row) for row in self.failures]}


class PlainCollector:
    def __init__(self):
        self.rows = []

    def record_failure(self, stage, error, recoverable=False, context=None):
        self.rows.append(PlainRow(stage, error, recoverable, context))

    def get_summary(self, total_stages, partial_results):
        return PlainSummary(list(self.rows), partial_results)

    @property
    def failed_stages(self):
        return {row.stage for row in self.rows}

    @property
    def has_failures(self):
        return bool(self.rows)


def control(params):
    seen = look(PlainCollector, params["how"])
    wanted = params.get("record", WANTED.get(params["how"]))
    expect_equal(seen, dict(wanted) if isinstance(wanted, dict) else wanted, params["how"])
