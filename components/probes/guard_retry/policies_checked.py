"""A guard retry policy that cannot work is refused when the graph is built."""

from components.lab.dag_kit import guarded_graph, raised_by
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="A guard retry policy that cannot work is accepted",
    claim="Policies with limits below one, unknown stages, non-guard stages, themselves or a non-dependency as target raise ValueError.",
    source="docstring:stageflow.pipeline.guard_retry.GuardRetryStrategy",
    component="stageflow.pipeline.guard_retry.GuardRetryStrategy.validate",
    subsystem="guard_retry",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="A misspelt policy means no retry, without a word.",
    recommendation="Check every policy against the stages in validate().",
)

CASES = (
    Case("sound policy", {"guard": "guard", "fields": {"retry_stage": "make"}, "expected": "nothing"}),
    Case("max_attempts 0", {"guard": "guard", "fields": {"retry_stage": "make", "max_attempts": 0}, "expected": "ValueError"}),
    Case("stagnation_limit 0", {"guard": "guard", "fields": {"retry_stage": "make", "stagnation_limit": 0}, "expected": "ValueError"}),
    Case("timeout 0", {"guard": "guard", "fields": {"retry_stage": "make", "timeout_seconds": 0}, "expected": "ValueError"}),
    Case("timeout -1", {"guard": "guard", "fields": {"retry_stage": "make", "timeout_seconds": -1}, "expected": "ValueError"}),
    Case("unknown guard", {"guard": "gaurd", "fields": {"retry_stage": "make"}, "expected": "ValueError"}),
    Case("not a guard", {"guard": "other", "fields": {"retry_stage": "make"}, "expected": "ValueError"}),
    Case("unknown target", {"guard": "guard", "fields": {"retry_stage": "mkae"}, "expected": "ValueError"}),
    Case("itself", {"guard": "guard", "fields": {"retry_stage": "guard"}, "expected": "ValueError"}),
    Case("not a dependency", {"guard": "guard", "fields": {"retry_stage": "other"}, "expected": "ValueError"}),
)
ROWS = (("make", [], "transform"), ("guard", ["make"], "guard"), ("other", ["make"], "transform"))


async def body(ctx):
    return {}


def scenario(params):
    rows = [(name, body, after, kind) for name, after, kind in ROWS]
    seen = raised_by(lambda: guarded_graph(rows, {params["guard"]: dict(params["fields"])}))
    expect_equal(seen, params["expected"], "what building with this policy raises")


def control(params):
    fields = params["fields"]
    sound = params["guard"] == "guard" and fields["retry_stage"] == "make"
    sound = sound and all(fields.get(name, 1) > 0 for name in ("max_attempts", "stagnation_limit", "timeout_seconds"))
    expect_equal("nothing" if sound else "ValueError", params["expected"], "what building with this policy raises")
