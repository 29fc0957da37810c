"""A mock takes the latency it was given."""

import asyncio

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="A mock provider does not take the configured latency",
    claim="latency_ms is the simulated latency in milliseconds; jitter moves it by no more than itself.",
    source="docstring:stageflow.helpers.mocks.MockLLMProvider.__init__",
    component="stageflow.helpers.MockLLMProvider",
    subsystem="mocks",
    category="performance",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Timeout and latency tests measure nothing.",
    recommendation="Sleep latency_ms / 1000 seconds, plus or minus the jitter.",
    virtual_time=True,
)

CALLS = {
    "llm": ("MockLLMProvider", "complete", ["hi"], True),
    "stt": ("MockSTTProvider", "transcribe", [b"\x00" * 320], True),
    "tts": ("MockTTSProvider", "synthesize", ["hi"], False),
    "tool": ("MockToolExecutor", "execute", ["tool", {}], False),
}
CASES = tuple(
    Case(
        f"{call}-{latency}-{jitter}", {"call": call, "latency": latency, "jitter": jitter}, component=f"stageflow.helpers.{CALLS[call][0]}"
    )
    for call in CALLS
    for latency, jitter in ((0, 0), (250, 0), (2_000, 0), (1_000, 400))
    if jitter == 0 or CALLS[call][3]
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def check(times, params):
    low, high = params["latency"] - params["jitter"], params["latency"] + params["jitter"]
    wrong = [time for time in times if not low - 0.001 <= time <= high + 0.001]
    expect(not wrong, f"each of 20 calls takes {low} to {high} ms", f"{'all' if len(wrong) == 20 else 'some'} take another time")


async def timed(call):
    """Virtual milliseconds of 20 calls."""
    loop, times = asyncio.get_running_loop(), []
    for _ in range(20):
        began = loop.time()
        await call()
        times.append((loop.time() - began) * 1000)
    return times


async def scenario(params):
    name, method, arguments, jittery = CALLS[params["call"]]
    options = {"latency_ms": params["latency"]} | ({"latency_jitter_ms": params["jitter"]} if jittery else {})
    provider = need(f"stageflow.helpers:{name}")(**options)
    check(await timed(lambda: getattr(provider, method)(*arguments)), params)


async def control(params):
    check(await timed(lambda: asyncio.sleep(params["latency"] / 1000)), params)
