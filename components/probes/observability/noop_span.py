"""A span without OpenTelemetry accepts what a real one does and lets results and errors through."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A no-op span changes what happens inside it",
    claim="Without OpenTelemetry, start_span() yields a span that takes attributes, events, a status and exceptions; what "
    "the block returns or raises is unchanged, and the ids stay.",
    source="docstring:stageflow.observability.tracing",
    component="stageflow.observability.StageflowTracer.start_span",
    subsystem="observability",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Tracing swallows errors, or breaks code where OpenTelemetry is not installed.",
    recommendation="Yield a NoOpSpan without handling exceptions.",
)

CASES = (Case("result", {"raises": False}), Case("error", {"raises": True}))


def use(span):
    span.set_attribute("a", 1)
    span.add_event("e", {"b": 2})
    span.set_status("ok", "fine")
    span.record_exception(ValueError("x"))


def work(start, raises):
    """What comes out of a block with a span in a span."""
    try:
        with start("outer") as outer, start("inner") as inner:
            use(outer)
            use(inner)
            if raises:
                raise KeyError("inside")
            return ["result", outer is inner]
    except KeyError:
        return ["error", False]


@promised
def scenario(params):
    api = need("stageflow.observability")
    carrier = {"kept": "1"}
    with api.TraceContext("a" * 32, "b" * 16).activate():
        found = work(api.StageflowTracer("probe").start_span, params["raises"])
        api.StageflowTracer("probe").inject_context(carrier)
        extracted = api.StageflowTracer("probe").extract_context(carrier)
    seen = [found, carrier["kept"], extracted.trace_id, extracted.span_id]
    expect_equal(seen, [["error" if params["raises"] else "result", False], "1", "a" * 32, "b" * 16], "[outcome, carrier, trace, span]")


def control(params):
    api = need("stageflow.observability")
    expect_equal(
        work(lambda name: PlainSpan(api.NoOpSpan(name)), params["raises"]), ["error" if params["raises"] else "result", False], "outcome"
    )


class PlainSpan:
    """Enters and leaves without doing anything."""

    def __init__(self, span):
        self.span = span

    def __enter__(self):
        return self.span

    def __exit__(self, *details):
        return None
