"""Equal payloads have equal hashes, different ones different hashes, in every process."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The hash of a guard's payload is not stable or does not tell payloads apart",
    claim="hash_retry_payload depends on the payload's content only: not on key order, and on every field that is compared.",
    source="docstring:stageflow.pipeline.guard_retry.hash_retry_payload",
    component="stageflow.pipeline.guard_retry.hash_retry_payload",
    subsystem="guard_retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Progress is taken for stagnation, or the other way round.",
    recommendation="Hash the sorted JSON of the compared fields.",
)

CASES = (
    Case("key order", {"first": {"a": 1, "b": 2}, "second": {"b": 2, "a": 1}, "fields": None, "same": True}),
    Case("nested key order", {"first": {"a": {"x": 1, "y": 2}}, "second": {"a": {"y": 2, "x": 1}}, "fields": None, "same": True}),
    Case("other value", {"first": {"a": 1}, "second": {"a": 2}, "fields": None, "same": False}),
    Case("other key", {"first": {"a": 1}, "second": {"b": 1}, "fields": None, "same": False}),
    Case("nested value", {"first": {"a": [1, {"b": 2}]}, "second": {"a": [1, {"b": 3}]}, "fields": None, "same": False}),
    Case("field left out", {"first": {"a": 1, "t": 1}, "second": {"a": 1, "t": 2}, "fields": ["a"], "same": True}),
    Case("second field", {"first": {"a": 1, "b": 1}, "second": {"a": 1, "b": 2}, "fields": ["a", "b"], "same": False}),
    Case("long text, late difference", {"first": {"a": "x" * 999 + "1"}, "second": {"a": "x" * 999 + "2"}, "fields": None, "same": False}),
    Case("no output", {"first": None, "second": None, "fields": None, "same": True}),
    Case("no output, fields", {"first": None, "second": None, "fields": ["a"], "same": True}),
)


def scenario(params):
    fail = need("stageflow:StageOutput").fail
    digest = need("stageflow.pipeline.guard_retry:hash_retry_payload")
    fields = tuple(params["fields"]) if params["fields"] else None
    if params["first"] is None:
        try:
            seen = digest(None, fields)
        except Exception as error:
            seen = f"{type(error).__name__} raised"
        expect_equal(seen, None, "hash of an output that is not there")
        return
    first, second = (digest(fail(error="no", data=params[which]), fields) for which in ("first", "second"))
    expect_equal(first == second and first is not None, params["same"], "hashes are the same")


def control(params):
    def picked(payload):
        return payload and {key: payload.get(key) for key in params["fields"] or payload}

    expect_equal(picked(params["first"]) == picked(params["second"]), params["same"], "payloads are the same")
