"""Decorrelated jitter grows from one delay to the next, for each stage on its own."""

import random

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="Decorrelated jitter does not build on the previous delay",
    claim="Each delay is between the base and three times the stage's previous delay, capped at the maximum: over many retries the delays "
    "exceed three times the base and reach the maximum, and those of another stage begin anew.",
    source="docs/advanced/retry-backoff.md#decorrelated-jitter",
    component="stageflow.pipeline.retry.RetryInterceptor._calculate_delay",
    subsystem="retry",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A service that is down is asked again and again at nearly the first pace.",
    recommendation="Keep the previous delay by the stage's full name.",
    virtual_time=True,
)

BASE, MOST, TIMES = 100, 100_000, 60
CASES = (
    Case("short name", {"name": "a", "other": "b"}),
    Case("long name", {"name": "call_the_payment_provider_north", "other": "call_the_payment_provider_south"}),
)


def sound(delays, first_of_other):
    """What is wrong with the delays, if anything."""
    steps = zip([BASE, *delays], delays, strict=False)
    if any(not BASE <= now <= min(MOST, before * 3) for before, now in steps):
        return "a delay outside its bounds"
    if max(delays) <= MOST // 4:
        return "delays that do not grow"
    return "sound" if BASE <= first_of_other <= BASE * 3 else "another stage that does not begin anew"


@promised
async def scenario(params):
    api = need("stageflow.pipeline.retry")
    random.seed(20240229)
    retry = api.RetryInterceptor(
        max_attempts=TIMES + 2, base_delay_ms=BASE, max_delay_ms=MOST, jitter_strategy=api.JitterStrategy.DECORRELATED
    )
    ctx = pipeline_context()
    with LogTap("stageflow.pipeline.retry") as tap:
        for name in [params["name"]] * TIMES + [params["other"]]:
            await retry.on_error(name, ConnectionError("away"), ctx)
    delays = [record.delay_ms for record in tap.records if record.event == "retry_scheduled"]
    found = sound(delays[:TIMES], delays[TIMES])
    expect(found == "sound", "delays that grow from the base to the maximum, by stage", found)


async def control(params):
    numbers, delays = random.Random(20240229), []
    for _ in range(TIMES):
        delays.append(min(MOST, numbers.randint(BASE, (delays or [BASE])[-1] * 3)))
    expect(sound(delays, BASE) == "sound", "delays that grow", "others")
