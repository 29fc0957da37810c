"""Redacted text keeps everything but the personal data."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Redaction leaves personal data in the text or damages the rest",
    claim="With redact=True each found item is replaced by as many redaction characters, and the rest of the text is unchanged.",
    source="docs/guides/governance.md#pii-detection-and-redaction",
    component="stageflow.helpers.PIIDetector.check",
    subsystem="guardrails",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=False,
    impact="Redacted texts still contain what they should hide.",
    recommendation="Replace every match at its own place.",
)

CASES = (
    Case("one", {"text": "write to ann@example.org, please", "secret": ["ann@example.org"], "char": "*"}),
    Case("three kinds", {"text": "a@b.com, 555-123-4567 or 10.0.0.1 end", "secret": ["a@b.com", "555-123-4567", "10.0.0.1"], "char": "*"}),
    Case("two of a kind", {"text": "a@b.com x a@b.com", "secret": ["a@b.com", "a@b.com"], "char": "*"}),
    Case("whole text", {"text": "123-45-6789", "secret": ["123-45-6789"], "char": "#"}),
    Case("nothing", {"text": "all fine", "secret": [], "char": "*"}),
)


def wanted(params):
    text = params["text"]
    for item in params["secret"]:
        text = text.replace(item, params["char"] * len(item), 1)
    return text


@promised
def scenario(params):
    found = need("stageflow.helpers:PIIDetector")(redact=True, redaction_char=params["char"]).check(params["text"])
    expect_equal(found.transformed_content, wanted(params), "redacted text")


def control(params):
    expect_equal(len(wanted(params)), len(params["text"]), "length of the redacted text")
