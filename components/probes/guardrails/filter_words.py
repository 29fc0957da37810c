"""The content filter finds listed words and patterns as whole words, in any case, also in leetspeak."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ContentFilter misses a blocked word or pattern, or blocks a harmless one",
    claim=(
        "A listed word is found as a whole word in any case and in leetspeak, a blocked pattern anywhere; the profanity switch is obeyed."
    ),
    source="docs/guides/governance.md#content-filtering",
    component="stageflow.helpers.ContentFilter",
    subsystem="guardrails",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Forbidden content is published, or harmless content is refused.",
    recommendation="Compare whole words of the plain and the normalised text.",
)

CASES = (
    Case("listed word", {"options": {}, "text": "Oh damn it", "passed": False}),
    Case("upper case", {"options": {}, "text": "DAMN!", "passed": False}),
    Case("leetspeak", {"options": {}, "text": "what the h3ll", "passed": False}),
    Case("part of a word", {"options": {}, "text": "hello shell", "passed": True}),
    Case("switched off", {"options": {"block_profanity": False}, "text": "damn", "passed": True}),
    Case("own list", {"options": {"profanity_list": ["fudge"]}, "text": "oh Fudge", "passed": False}),
    Case("own list replaces the default", {"options": {"profanity_list": ["fudge"]}, "text": "damn", "passed": True}),
    Case("pattern", {"options": {"blocked_patterns": [r"competitor\s+product"]}, "text": "our Competitor  product", "passed": False}),
    Case("second pattern", {"options": {"blocked_patterns": ["aaa", "secret"]}, "text": "a SECRET plan", "passed": False}),
    Case("pattern in leetspeak", {"options": {"blocked_patterns": ["secret"]}, "text": "a s3cr3t plan", "passed": False}),
    Case("clean", {"options": {"blocked_patterns": ["secret"]}, "text": "a nice day", "passed": True}),
)


@promised
def scenario(params):
    if "3" in params["text"]:
        need("stageflow.helpers.guardrails:_normalize_leetspeak")
    options = dict(params["options"])
    if "profanity_list" in options:
        options["profanity_list"] = set(options["profanity_list"])
    found = need("stageflow.helpers:ContentFilter")(**options).check(params["text"])
    expect_equal([found.passed, bool(found.violations)], [params["passed"], not params["passed"]], "passed, has violations")


def control(params):
    text = params["text"].lower().replace("3", "e")
    words = params["options"].get("profanity_list", ["damn", "hell"]) if params["options"].get("block_profanity", True) else []
    bad = any(word in text.replace("!", "").split() for word in words) or "secret" in text or "competitor" in text
    expect_equal(not bad, params["passed"], "by words")
