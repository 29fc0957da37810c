"""An activated trace context is what the code inside sees, and what was before is back afterwards."""

import asyncio
import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Activating a trace context does not set its ids, or does not restore the former ones",
    claim="Inside activate() the ids are those of the context; afterwards, also after an error, they are the former ones; "
    "capture() tells the current ones.",
    source="docstring:stageflow.observability.tracing.TraceContext.activate",
    component="stageflow.observability.TraceContext.activate",
    subsystem="observability",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Log lines and events are assigned to another request.",
    recommendation="Set all variables on entry, reset them with their tokens in a finally block.",
)

CASES = (
    Case("plain", {"error": False, "nested": False}),
    Case("error inside", {"error": True, "nested": False}),
    Case("nested", {"error": False, "nested": True}),
    Case("nested, error inside", {"error": True, "nested": True}),
)


def current():
    """The ids this code sees now, by every way of asking."""
    tracing = need("stageflow.observability")
    found = tracing.get_trace_context_dict()
    captured = tracing.TraceContext.capture()
    ways = [found["trace_id"], found["span_id"], found["parent_span_id"], found["correlation_id"]]
    own = [tracing.get_trace_id(), tracing.get_span_id(), captured.parent_span_id, tracing.get_correlation_id()]
    caught = [captured.trace_id, captured.span_id, captured.parent_span_id, captured.correlation_id]
    texts = [[part and str(part) for part in row] for row in (ways, own, caught)]
    return texts[0] if texts[0] == texts[1] == texts[2] else ["the ways of asking disagree", *texts]


def ids(letter):
    """Ids of one context."""
    return [letter * 32, letter * 16, letter.upper() * 16, str(uuid.uuid5(uuid.NAMESPACE_OID, letter))]


def make(letter):
    trace, span, parent, correlation = ids(letter)
    return need("stageflow.observability:TraceContext")(trace, span, parent, uuid.UUID(correlation))


async def walk(params, seen):
    """Go in and out, noting what is seen at each step."""
    try:
        with make("a").activate():
            seen.append(current())
            if params["nested"]:
                with make("b").activate():
                    await asyncio.sleep(0)
                    seen.append(current())
                seen.append(current())
            if params["error"]:
                raise KeyError("inside")
    except KeyError:
        pass
    seen.append(current())


@promised
async def scenario(params):
    seen = [current()]
    await walk(params, seen)
    middle = [ids("a"), ids("b"), ids("a")] if params["nested"] else [ids("a")]
    expect_equal(seen, [[None] * 4, *middle, [None] * 4], "[trace, span, parent span, correlation] at each step")


async def control(params):
    stack = [[None] * 4]
    stack.append(ids("a"))
    expect_equal([stack.pop(), stack.pop()], [ids("a"), [None] * 4], "ids on a plain stack")
