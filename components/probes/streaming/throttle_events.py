"""A queue announces the beginning and the end of throttling once each, in turn."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ChunkQueue announces throttling more than once, or not at all",
    claim="stream.throttle_started and stream.throttle_ended come in turn, one of each for every period of throttling.",
    source="docs/api/events.md#streaming-telemetry-events",
    component="stageflow.helpers.ChunkQueue.event_emitter",
    subsystem="streaming",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Periods of back-pressure are not seen, or seem not to end.",
    recommendation="Emit when the state of the monitor changes.",
    virtual_time=True,
)

CASES = (
    Case("below", {"steps": [7], "events": []}),
    Case("once", {"steps": [8], "events": ["started"]}),
    Case("still", {"steps": [10], "events": ["started"]}),
    Case("over", {"steps": [8, -8, 1], "events": ["started", "ended"]}),
    Case("twice", {"steps": [9, -9, 1, 8, -8, 1], "events": ["started", "ended", "started", "ended"]}),
    Case("not between", {"steps": [8, -5, 5], "events": ["started"]}),
)


@promised
async def scenario(params):
    events = []
    queue = need("stageflow.helpers:ChunkQueue")(10, event_emitter=lambda kind, data: events.append(kind))
    for step in params["steps"]:
        for _ in range(abs(step)):
            await (queue.put("x") if step > 0 else queue.get())
    found = [kind.removeprefix("stream.throttle_") for kind in events if "throttle" in kind]
    expect_equal(found, params["events"], "events about throttling")


async def control(params):
    size, state, found = 0, False, []
    for step in params["steps"]:
        for _ in range(abs(step)):
            size += 1 if step > 0 else -1
            now = size >= 8 if not state else size > 2
            if step > 0 and now != state:
                found.append("started" if now else "ended")
                state = now
    expect_equal(found, params["events"], "changes of a plain hysteresis")
