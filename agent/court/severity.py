"""Severity from recorded facts, by one published rule; nobody's opinion enters.

The consequence sets the start: security_breach, cross_tenant and data_loss are critical; hang, crash, wrong_result,
resource_leak and lost_telemetry high; misleading low. A workaround that a user can apply takes one step
away, a set-up other than the default takes one, an error the user gets to see takes one, but not from a hang or a crash, which are
seen in any case. The floor is low.
Levels as in the finding schema: critical > high > medium > low.
"""

from agent.court.catalogue import ProbeCard

LEVELS = ("low", "medium", "high", "critical")
START = {
    "security_breach": 3,
    "cross_tenant": 3,
    "data_loss": 3,
    "hang": 2,
    "crash": 2,
    "wrong_result": 2,
    "resource_leak": 2,
    "lost_telemetry": 2,
    "misleading": 0,
}


def severity(card: ProbeCard) -> str:
    """Level of a defect with the probe's recorded facts."""
    steps = bool(card.workaround) + (not card.default_setup) + (not card.silent and card.consequence not in ("hang", "crash"))
    return LEVELS[max(0, START[card.consequence] - steps)]
