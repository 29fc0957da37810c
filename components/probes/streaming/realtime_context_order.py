"""The example of create_realtime_stage_context unpacks what the function returns."""

import inspect
import re

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The docstring example of create_realtime_stage_context unpacks context and bus in the wrong order",
    claim="'bus, ctx = create_realtime_stage_context(snapshot)' in the example of the docstring.",
    source="docstring:stageflow.helpers.streaming.create_realtime_stage_context",
    component="stageflow.helpers.create_realtime_stage_context",
    subsystem="streaming",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Code copied from the example fails with AttributeError: 'RealtimeStageBus' object has no attribute 'inputs'.",
    recommendation="Write 'ctx, bus = ...' in the example.",
    cause="stageflow.helpers.streaming:create_realtime_stage_context",
)

CASES = (Case("example", {}),)


@promised
def scenario(params):
    create = need("stageflow.helpers:create_realtime_stage_context")
    example = re.search(r">>> (\w+), (\w+) = create_realtime_stage_context", inspect.getdoc(create) or "")
    found = create(need("stageflow.context:ContextSnapshot")())
    names = ["bus" if type(part).__name__ == "RealtimeStageBus" else "ctx" for part in found]
    if example and "bus" in example.groups():
        written = ["bus" if name == "bus" else "ctx" for name in example.groups()]
        expect_equal(written, names, "names in the example")


def control(params):
    found = need("stageflow.helpers:create_realtime_stage_context")(need("stageflow.context:ContextSnapshot")())
    expect_equal(found[0].inputs.ports.realtime_bus is found[1], True, "the bus that is returned second is the one in the context's ports")
