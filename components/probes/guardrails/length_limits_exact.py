"""Length limits are the largest and smallest lengths that pass."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A length limit is off by one or ignored",
    claim=(
        "Content of exactly max_chars or min_chars characters passes, one more or less does not; a token is about four "
        "characters; 0 is no limit."
    ),
    source="docstring:stageflow.helpers.ContentLengthCheck.__init__",
    component="stageflow.helpers.ContentLengthCheck",
    subsystem="guardrails",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Texts that fit are refused, or ones that do not fit reach the model.",
    recommendation="Compare with > and < against the configured numbers.",
)

CASES = (
    Case("at max_chars", {"options": {"max_chars": 100}, "length": 100, "passed": True}),
    Case("over max_chars", {"options": {"max_chars": 100}, "length": 101, "passed": False}),
    Case("at min_chars", {"options": {"min_chars": 10}, "length": 10, "passed": True}),
    Case("under min_chars", {"options": {"min_chars": 10}, "length": 9, "passed": False}),
    Case("at max_tokens", {"options": {"max_tokens": 25}, "length": 100, "passed": True}),
    Case("over max_tokens", {"options": {"max_tokens": 25}, "length": 104, "passed": False}),
    Case("no limits", {"options": {}, "length": 1_000_000, "passed": True}),
    Case("chars fine, tokens not", {"options": {"max_chars": 1000, "max_tokens": 10}, "length": 400, "passed": False}),
    Case("tokens fine, chars not", {"options": {"max_chars": 10, "max_tokens": 1000}, "length": 400, "passed": False}),
)


@promised
def scenario(params):
    found = need("stageflow.helpers:ContentLengthCheck")(**params["options"]).check("x" * params["length"])
    expect_equal(found.passed, params["passed"], f"whether {params['length']} characters pass {params['options']}")


def control(params):
    options, length = params["options"], params["length"]
    passed = options.get("min_chars", 0) <= length <= (options.get("max_chars") or length)
    passed = passed and length // 4 <= (options.get("max_tokens") or length)
    expect_equal(passed, params["passed"], "by comparison")
