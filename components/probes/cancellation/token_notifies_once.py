"""A cancellation token keeps the first reason and calls every listener exactly once."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="CancellationToken loses its reason or does not call each listener once",
    claim="The first cancel() sets the reason and calls every listener once, later ones change nothing, late listeners are called at once.",
    source="docstring:stageflow.pipeline.cancellation.CancellationToken.on_cancel",
    component="stageflow.pipeline.cancellation.CancellationToken",
    subsystem="cancellation",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A listener that stops work is not told, or stops it twice.",
    recommendation="Return early from cancel() when cancelled, and call all listeners otherwise.",
)

CASES = (
    Case("three listeners", {"before": ["a", "b", "c"], "late": []}),
    Case("listener that fails", {"before": ["a", "!", "c"], "late": []}),
    Case("late listener", {"before": ["a"], "late": ["z"]}),
)


def listen(token, params, calls):
    def listener(name):
        def call():
            calls.append(name)
            if name == "!":
                raise ValueError("listener is broken")

        return call

    for name in params["before"]:
        token.on_cancel(listener(name))
    before = token.is_cancelled
    token.cancel("first")
    token.cancel("second")
    for name in params["late"]:
        token.on_cancel(listener(name))
    return [before, token.is_cancelled, token.reason, calls]


def scenario(params):
    seen = listen(need("stageflow.pipeline.cancellation:CancellationToken")(), params, [])
    expect_equal(seen, [False, True, "first", params["before"] + params["late"]], "[before, after, reason, listeners called]")


def control(params):
    seen = [False, True, "first", [*params["before"], *params["late"]]]
    expect_equal(seen, [False, True, "first", params["before"] + params["late"]], "[before, after, reason, listeners called]")
