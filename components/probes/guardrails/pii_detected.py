"""Personal data is found where it is, of the kinds asked for, and nowhere else."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="PIIDetector misses personal data, or finds it where there is none",
    claim="E-mail, US phone, SSN, card and IP numbers are detected with their positions, only of the selected kinds; plain text passes.",
    source="docstring:stageflow.helpers.PIIDetector",
    component="stageflow.helpers.PIIDetector",
    subsystem="guardrails",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Personal data goes to a model provider.",
    recommendation="Match each documented kind wherever it stands in the text.",
)

CASES = (
    Case("e-mail", {"kind": "email", "text": "write to ann.lee+x@mail.example.org, please", "found": ["ann.lee+x@mail.example.org"]}),
    Case("e-mail at both ends", {"kind": "email", "text": "a@b.com and c@d.org", "found": ["a@b.com", "c@d.org"]}),
    Case("upper case e-mail", {"kind": "email", "text": "ANN@EXAMPLE.ORG", "found": ["ANN@EXAMPLE.ORG"]}),
    Case("phone", {"kind": "phone", "text": "call 555-123-4567 now", "found": ["555-123-4567"]}),
    Case("phone with dots", {"kind": "phone", "text": "call 555.123.4567", "found": ["555.123.4567"]}),
    Case("SSN", {"kind": "ssn", "text": "ssn 123-45-6789.", "found": ["123-45-6789"]}),
    Case("card", {"kind": "credit_card", "text": "card 4111 1111 1111 1111", "found": ["4111 1111 1111 1111"]}),
    Case("IP", {"kind": "ip_address", "text": "from 192.168.0.1!", "found": ["192.168.0.1"]}),
    Case("other kind selected", {"kind": "ssn", "text": "a@b.com", "found": []}),
    Case("nothing", {"kind": None, "text": "The meeting is at 10:30 in room 12, bring 3 copies.", "found": []}),
)


@promised
def scenario(params):
    options = {"detect_types": {params["kind"]}} if params["kind"] else {}
    found = need("stageflow.helpers:PIIDetector")(**options).check(params["text"])
    seen = [params["text"][slice(*violation.location)] for violation in found.violations]
    expect_equal([seen, found.passed], [list(params["found"]), not params["found"]], "what was found, passed")


def control(params):
    seen = [text for text in params["found"] if text in params["text"]]
    expect_equal([seen, not seen], [list(params["found"]), not params["found"]], "what the text contains")
