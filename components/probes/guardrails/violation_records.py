"""What a guardrail check reports of a violation is what it found: kind, place, severity and details."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="A guardrail check reports a violation wrongly",
    claim="A violation has its type, a severity as configured, the place (start, end) in the content and the details of the check.",
    source="docstring:stageflow.helpers.guardrails.PolicyViolation",
    component="stageflow.helpers.PolicyViolation",
    subsystem="guardrails",
    category="security",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Thresholds, audits and redaction by place work on wrong data.",
    recommendation="Fill every field of the violation from the match.",
)

LONG = "a" * 41


def told(check, text, *extra):
    """[type, severity, location, metadata] of each violation, then the passed flag."""
    result = need(f"stageflow.helpers:{check[0]}")(**check[1]).check(text)
    rows = [[v.type.value, v.severity, list(v.location) if v.location else None, v.metadata] for v in result.violations]
    return [rows, result.passed, *(result.metadata.get(name) for name in extra)]


def pii(kind, start, end):
    return ["pii_detected", 0.8, [start, end], {"pii_type": kind}]


def length(kind, severity, **details):
    return [kind, severity, None, details]


FACTS = {
    "PIIDetector email": (("PIIDetector", {}), "to ann@example.org now", (), [[pii("email", 3, 18)], False]),
    "PIIDetector phone": (("PIIDetector", {}), "call 555-123-4567.", (), [[pii("phone", 5, 17)], False]),
    "PIIDetector ssn": (("PIIDetector", {}), "is 123-45-6789.", (), [[pii("ssn", 3, 14)], False]),
    "PIIDetector address": (("PIIDetector", {}), "at 10.0.0.1 x", (), [[pii("ip_address", 3, 11)], False]),
    "PIIDetector card": (
        ("PIIDetector", {"detect_types": {"credit_card"}}),
        "pay 4111-1111-1111-1111 now",
        ("pii_types_checked",),
        [[pii("credit_card", 4, 23)], False, ["credit_card"]],
    ),
    "PIIDetector two": (
        ("PIIDetector", {"detect_types": {"email"}}),
        "a@b.com x c@d.org 10.0.0.1",
        ("pii_types_checked",),
        [[pii("email", 0, 7), pii("email", 10, 17)], False, ["email"]],
    ),
    "PIIDetector other types": (("PIIDetector", {"detect_types": {"ssn"}}), "to ann@example.org", (), [[], True]),
    "ContentFilter word": (
        ("ContentFilter", {}),
        "what the hell",
        ("profanity_checked",),
        [[["profanity", 0.3, None, {"word": "hell"}]], False, True],
    ),
    "ContentFilter severity": (
        ("ContentFilter", {"max_severity": 0.7, "profanity_list": {"fish"}}),
        "a Fish, hell",
        (),
        [[["profanity", 0.7, None, {"word": "fish"}]], False],
    ),
    "ContentFilter disguised word": (("ContentFilter", {}), "d4mn", (), [[["profanity", 0.3, None, {"word": "damn"}]], False]),
    "ContentFilter off": (("ContentFilter", {"block_profanity": False}), "hell", ("profanity_checked",), [[], True, False]),
    "ContentFilter pattern": (
        ("ContentFilter", {"blocked_patterns": [r"rival\s+product", "unseen"]}),
        "the Rival  Product",
        (),
        [[["blocked_topic", 0.9, None, {"pattern": r"rival\s+product", "normalized": False}]], False],
    ),
    "ContentFilter patterns in order": (
        ("ContentFilter", {"blocked_patterns": ["two", "unseen", "one", "three"]}),
        "one two three",
        (),
        [[["blocked_topic", 0.9, None, {"pattern": word, "normalized": False}] for word in ("two", "one", "three")], False],
    ),
    "InjectionDetector patterns in order": (
        ("InjectionDetector", {"additional_patterns": ["two", "one"]}),
        "one two",
        (),
        [
            [
                ["injection_attempt", 1.0, [4, 7], {"matched_pattern": "two"}],
                ["injection_attempt", 1.0, [0, 3], {"matched_pattern": "one"}],
            ],
            False,
        ],
    ),
    "ContentFilter disguised pattern": (
        ("ContentFilter", {"blocked_patterns": ["rival"]}),
        "the r1v4l".replace("1", "!"),
        (),
        [[["blocked_topic", 0.9, None, {"pattern": "rival", "normalized": True}]], False],
    ),
    "InjectionDetector own pattern": (
        ("InjectionDetector", {"additional_patterns": [r"open\s+sesame", "unseen"]}),
        "now Open Sesame!",
        (),
        [[["injection_attempt", 1.0, [4, 15], {"matched_pattern": r"open\s+sesame"}]], False],
    ),
    "InjectionDetector clean": (("InjectionDetector", {}), "good morning", (), [[], True]),
    "ContentLengthCheck characters": (
        ("ContentLengthCheck", {"max_chars": 40}),
        LONG,
        ("char_count", "token_count"),
        [[length("content_too_long", 0.5, char_count=41, limit=40)], False, 41, 10],
    ),
    "ContentLengthCheck tokens": (
        ("ContentLengthCheck", {"max_tokens": 9}),
        LONG,
        (),
        [[length("content_too_long", 0.5, token_count=10, limit=9)], False],
    ),
    "ContentLengthCheck minimum": (
        ("ContentLengthCheck", {"min_chars": 42}),
        LONG,
        (),
        [[length("custom", 0.3, char_count=41, minimum=42)], False],
    ),
    "ContentLengthCheck three": (
        ("ContentLengthCheck", {"max_chars": 1, "max_tokens": 1, "min_chars": 99}),
        LONG,
        (),
        [
            [
                length("content_too_long", 0.5, char_count=41, limit=1),
                length("content_too_long", 0.5, token_count=10, limit=1),
                length("custom", 0.3, char_count=41, minimum=99),
            ],
            False,
        ],
    ),
    "ContentLengthCheck none": (("ContentLengthCheck", {}), LONG, ("char_count",), [[], True, 41]),
}
CASES = tuple(Case(name, {"fact": name}, component=f"stageflow.helpers.{name.partition(' ')[0]}.check") for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][3], f"{fact}: [[type, severity, location, details] of each violation, passed, details of the result]")


@promised
def scenario(params):
    check, text, extra, _ = FACTS[params["fact"]]
    if check[0] == "ContentFilter":
        need("stageflow.helpers.guardrails:_normalize_leetspeak")  # records say how a word was found since it can be found disguised
    judge(told(check, text, *extra), params["fact"])


def control(params):
    judge(FACTS[params["fact"]][3], params["fact"])
    expect_equal(raised(judge, [[], None], params["fact"]), "Violation", "verdict on another report")
