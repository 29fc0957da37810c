"""A streamed call counts as a call."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="MockLLMProvider.stream is not counted: call_count stays 0",
    claim="call_count, documented as the number of calls made, counts every call, however it was made.",
    source="invariant:count",
    component="stageflow.helpers.MockLLMProvider.stream",
    subsystem="mocks",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A test that asserts that the provider was not called passes although streaming did call it.",
    recommendation="Count and record the call in stream() as complete() and synthesize() do.",
    workaround="Count calls in the test.",
    virtual_time=True,
)

TTS = "MockTTSProvider.stream is not counted: call_count stays 0"
CASES = (
    Case("llm-complete", {"provider": "MockLLMProvider", "method": "complete"}, component="stageflow.helpers.MockLLMProvider.complete"),
    Case(
        "tts-synthesize", {"provider": "MockTTSProvider", "method": "synthesize"}, component="stageflow.helpers.MockTTSProvider.synthesize"
    ),
    Case("llm-stream", {"provider": "MockLLMProvider", "method": "stream"}, cause="stageflow.helpers.mocks:MockLLMProvider.stream"),
    Case(
        "tts-stream",
        {"provider": "MockTTSProvider", "method": "stream"},
        title=TTS,
        component="stageflow.helpers.MockTTSProvider.stream",
        cause="stageflow.helpers.mocks:MockTTSProvider.stream",
    ),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


async def scenario(params):
    provider = need(f"stageflow.helpers:{params['provider']}")()
    method = getattr(provider, params["method"])
    for _ in range(3):
        if params["method"] == "stream":
            async for _ in method("Hello"):
                pass
        else:
            await method("Hello")
    expect_equal(provider.call_count, 3, "call_count after three calls")


async def control(params):
    calls = []

    async def stream(prompt):
        calls.append(prompt)
        yield prompt

    for _ in range(3):
        async for _ in stream("Hello"):
            pass
    expect_equal(len(calls), 3, "calls of a plain generator")
