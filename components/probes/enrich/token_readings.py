"""The readings of a token budget follow from its three numbers."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A reading of ContextUtilization does not follow from its numbers",
    claim="utilization is used/max; near the limit means above 80%; at the limit means used has reached max less reserved; "
    "to_dict repeats the readings.",
    source="docstring:stageflow.context.enrich.ContextUtilization",
    component="stageflow.context.ContextUtilization",
    subsystem="enrich",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Compaction starts too late or never; dashboards show a wrong fill level.",
    recommendation="Compute the reading from max_tokens, used_tokens and reserved_tokens as documented.",
)

ROWS = (
    (1, 1, 0),
    (10, 0, 0),
    (10, 8, 0),
    (10, 9, 0),
    (10, 10, 0),
    (10, 12, 0),
    (10, 6, 3),
    (10, 7, 3),
    (10, 8, 3),
    (0, 0, 0),
    (1000, 801, 100),
)
CASES = tuple(Case(f"{used} of {top}, {kept} reserved", {"max": top, "used": used, "reserved": kept}) for top, used, kept in ROWS)
KEYS = ("max_tokens", "used_tokens", "reserved_tokens", "available_tokens", "utilization", "is_near_limit")


def by_hand(top, used, kept):
    """Readings in plain Python."""
    share = used / top if top else 0.0
    numbers = {"max_tokens": top, "used_tokens": used, "reserved_tokens": kept, "available_tokens": max(0, top - used - kept)}
    return numbers | {"utilization": share, "is_near_limit": share > 0.8, "is_at_limit": used >= top - kept}


@promised
def scenario(params):
    wanted = by_hand(params["max"], params["used"], params["reserved"])
    budget = need("stageflow.context:ContextUtilization")(
        max_tokens=params["max"], used_tokens=params["used"], reserved_tokens=params["reserved"]
    )
    expect_equal({name: getattr(budget, name) for name in wanted}, wanted, "readings")
    expect_equal({name: budget.to_dict().get(name) for name in KEYS}, {name: wanted[name] for name in KEYS}, "to_dict()")


def control(params):
    wanted = by_hand(params["max"], params["used"], params["reserved"])
    expect_equal(wanted["available_tokens"] == 0 or not wanted["is_at_limit"], True, "at the limit means that nothing is available")
