"""A legacy dictionary context logs the events it is given, with its ids, and gives away a copy of its data."""

import uuid

from components.lab.crashes import no_crash
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="An adapted dictionary context loses an event, or shares its data",
    claim="try_emit_event() logs the event at debug level with the context's ids and the event's data; to_dict() is a copy.",
    source="docstring:stageflow.tools.DictContextAdapter.try_emit_event",
    component="stageflow.tools.DictContextAdapter.try_emit_event",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="What legacy tools report is found nowhere, or a tool changes the context of the others.",
    recommendation="Log the type with ids and data, and copy the dictionary.",
)

RUN, REQUEST = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
WHOLE = {"pipeline_run_id": RUN, "request_id": REQUEST, "execution_mode": "practice", "user": {"id": 1}}
COPY = "stageflow.tools.DictContextAdapter.to_dict"
CASES = (
    Case("event", {"context": WHOLE, "data": {"step": "step-4711"}, "want": [RUN, REQUEST, "practice", "step-4711"]}),
    Case("event without ids", {"context": {}, "data": {"step": "step-4711"}, "want": ["step-4711"]}),
    Case("copy", {"context": WHOLE}, component=COPY),
    Case("ids as UUID", {"context": {"pipeline_run_id": "uuid", "request_id": "uuid"}}, component=COPY),
)
IDS = ("pipeline_run_id", "request_id", "execution_mode")


def emitted(adapter, params):
    with LogTap("stageflow.tools.adapters") as tap:
        try:
            adapter.try_emit_event("my.event", dict(params["data"]))
        except Exception as error:
            raise Violation("the event is logged", f"{type(error).__name__} raised") from error
    found = [record for record in tap.records if "my.event" in record.getMessage()]
    missing = [word for record in found for word in params["want"] if word not in repr(vars(record))]
    expect_equal([[record.levelname for record in found], missing], [["DEBUG"], []], "levels of the records, what they do not tell")


def scenario(params):
    with no_crash("the context works"):
        checked(params)


def checked(params):
    given = {name: uuid.UUID(int=3) if value == "uuid" else value for name, value in params["context"].items()}
    adapter = need("stageflow.tools:adapt_context")(given)
    if "data" in params:
        emitted(adapter, params)
        return
    copy = adapter.to_dict()
    expect_equal([copy == given, copy is given], [True, False], "the dictionary is equal, the very same")
    copy["request_id"] = uuid.UUID(int=9)
    ids = [value and str(value) for value in (adapter.pipeline_run_id, adapter.request_id)]
    expect_equal(ids, [str(given[name]) for name in IDS[:2]], "ids after the copy was changed")


def control(params):
    copy = dict(params["context"])
    copy["request_id"] = "other"
    expect_equal(params["context"].get("request_id") != "other", True, "a copy of a dictionary is independent")
