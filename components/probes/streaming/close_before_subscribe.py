"""A channel that was closed before anybody used it is closed for its subscriber."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Closing a channel that has no item yet is forgotten: who subscribes later waits for ever",
    claim="The producer closes its channel when done, and the consumer's subscription ends; also when there was nothing to publish.",
    source="docs/guides/realtime-streaming.md#channel-conventions",
    component="stageflow.helpers.RealtimeStageBus.close_channel",
    subsystem="streaming",
    category="reliability",
    type="bug",
    consequence="hang",
    silent=False,
    default_setup=True,
    impact="When the model gives an empty answer before the speech stage has subscribed, the run hangs.",
    recommendation="Create the channel in close_channel, so that it is remembered as closed.",
    workaround="Call await bus.channel(name) before closing, or publish an empty item.",
    virtual_time=True,
    cause="stageflow.helpers.streaming:RealtimeStageBus.close_channel",
)

CASES = (Case("nothing published", {"items": 0}),)


async def heard(bus, items, first):
    """What a subscriber gets that comes after the producer has closed; None when it waits for more than a minute."""
    if first:
        await bus.channel("llm_to_tts")
    for n in range(items):
        await bus.publish("llm_to_tts", n)
    await bus.close_channel("llm_to_tts")

    async def listen():
        return [item async for item in bus.subscribe("llm_to_tts")]

    listener = asyncio.ensure_future(listen())
    await asyncio.wait([listener], timeout=60)
    return listener.result() if listener.done() else None


@promised
async def scenario(params):
    bus = need("stageflow.helpers:RealtimeStageBus")()
    expect_equal(await heard(bus, params["items"], False), [], "items heard by a subscriber that comes after close_channel")


async def control(params):
    bus = need("stageflow.helpers:RealtimeStageBus")()
    expect_equal(await heard(bus, params["items"], True), [], "items heard when the channel existed before it was closed")
