"""A token budget takes what fits beside the reserved tokens, to the last token, and nothing more."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ContextUtilization takes more or fewer tokens than its budget",
    claim="add() takes content exactly when it fits into max_tokens less used less reserved tokens; refused content changes nothing.",
    source="docstring:stageflow.context.enrich.ContextUtilization",
    component="stageflow.context.ContextUtilization",
    subsystem="enrich",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The prompt overruns the model's window, or there is no room left for the answer.",
    recommendation="available_tokens = max(0, max_tokens - used_tokens - reserved_tokens), and accept up to and including it.",
)

CASES = (
    Case("no reserve", {"max": 10, "reserved": 0, "adds": [4, 7, 6, 1]}),
    Case("reserve by default", {"max": 10, "reserved": None, "adds": [4, 7, 6, 1]}),
    Case("reserve", {"max": 10, "reserved": 3, "adds": [7, 1]}),
    Case("one too many", {"max": 10, "reserved": 3, "adds": [8, 7]}),
    Case("bit by bit", {"max": 100, "reserved": 20, "adds": [1] * 90}),
    Case("nothing left", {"max": 10, "reserved": 10, "adds": [1, 0]}),
    Case("more reserved than there is", {"max": 10, "reserved": 30, "adds": [1]}),
    Case("no room", {"max": 0, "reserved": 0, "adds": [1, 0]}),
)


class Budget:
    """The rule in plain Python."""

    def __init__(self, max_tokens, reserved_tokens):
        self.max_tokens, self.reserved_tokens, self.used_tokens = max_tokens, reserved_tokens, 0

    available_tokens = property(lambda self: max(0, self.max_tokens - self.used_tokens - self.reserved_tokens))

    def can_fit(self, count):
        return count <= self.available_tokens

    def add(self, count):
        fits = self.can_fit(count)
        self.used_tokens += count if fits else 0
        return fits


def by_hand(params):
    """(fits, taken, used, available) after each add."""
    used, rows = 0, []
    for count in params["adds"]:
        fits = count <= max(0, params["max"] - (params["reserved"] or 0) - used)
        used += count if fits else 0
        rows.append([fits, fits, used, max(0, params["max"] - (params["reserved"] or 0) - used)])
    return rows


def verdict(budget, params):
    rows = []
    for count in params["adds"]:
        fits = budget.can_fit(count)
        rows.append([fits, budget.add(count), budget.used_tokens, budget.available_tokens])
    wanted = by_hand(params)
    wrong = next((n for n, (row, hand) in enumerate(zip(rows, wanted, strict=True)) if row != hand), None)
    if wrong is not None:
        expect_equal(rows[wrong], wanted[wrong], f"[can_fit, add, used, available] at add number {wrong + 1}")


@promised
def scenario(params):
    reserve = {} if params["reserved"] is None else {"reserved_tokens": params["reserved"]}
    verdict(need("stageflow.context:ContextUtilization")(max_tokens=params["max"], **reserve), params)


def control(params):
    verdict(Budget(params["max"], params["reserved"] or 0), params)
