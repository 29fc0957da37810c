"""An event of a legacy dictionary context may have any keys."""

from components.lab.probe import Case, Probe, Violation, need
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="DictContextAdapter.try_emit_event() raises KeyError for event data with a key such as name or message",
    claim="Emitting an event of an adapted context is fire-and-forget: it never raises, whatever its data.",
    source="docstring:stageflow.tools.DictContextAdapter.try_emit_event",
    component="stageflow.tools.DictContextAdapter.try_emit_event",
    subsystem="tools",
    category="reliability",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=False,
    impact="A legacy tool that reports an event with a name fails as soon as debug logging is switched on.",
    recommendation="Log the data under one key of `extra`, such as event_data, instead of spreading it over the record.",
    workaround="Do not use the attribute names of log records as keys, or keep the level above DEBUG.",
    cause="stageflow.tools.adapters:DictContextAdapter.try_emit_event",
)

CASES = (
    Case("name", {"key": "name"}),
    Case("message", {"key": "message"}),
    Case("module", {"key": "module"}),
)


def emitted(key):
    adapter = need("stageflow.tools:adapt_context")({"execution_mode": "practice"})
    with LogTap("stageflow.tools.adapters"):
        try:
            adapter.try_emit_event("my.event", {key: "x"})
        except KeyError as error:
            raise Violation("the event is emitted", "KeyError raised") from error


def scenario(params):
    emitted(params["key"])


def control(params):
    emitted(f"my_{params['key']}")
