"""A mock with failure rate 0 never fails, with rate 1 always, in the documented way."""

import random

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A mock provider ignores or distorts its failure rate",
    claim="fail_rate is the probability of a simulated failure, from 0 (never) to 1 (always).",
    source="docstring:stageflow.helpers.mocks.MockLLMProvider.__init__",
    component="stageflow.helpers.MockLLMProvider",
    subsystem="mocks",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Error handling is not exercised by the tests that were written for it.",
    recommendation="Fail when random() is below the rate, on every entry point.",
    virtual_time=True,
)

CALLS = {
    "llm-complete": ("MockLLMProvider", "complete", ["hi"]),
    "llm-stream": ("MockLLMProvider", "stream", ["hi"]),
    "stt": ("MockSTTProvider", "transcribe", [b"\x00" * 320]),
    "tts": ("MockTTSProvider", "synthesize", ["hi"]),
    "tts-stream": ("MockTTSProvider", "stream", ["hi"]),
    "auth": ("MockAuthProvider", "validate", ["token"]),
    "tool": ("MockToolExecutor", "execute", ["tool", {}]),
}
CASES = tuple(
    Case(f"{call}-{rate}", {"call": call, "rate": rate, "failures": int(30 * rate)}, component=f"stageflow.helpers.{CALLS[call][0]}")
    for call in CALLS
    for rate in (0.0, 1.0)
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


async def failed(provider, method, arguments):
    """Whether one call failed."""
    try:
        if method == "stream":
            return not [chunk async for chunk in provider.stream(*arguments)]
        result = await getattr(provider, method)(*arguments)
    except Exception:
        return True
    return getattr(result, "success", True) is False


async def scenario(params):
    name, method, arguments = CALLS[params["call"]]
    options = {"fail_rate": params["rate"]} | ({"accept_any": True} if name == "MockAuthProvider" else {})
    provider = need(f"stageflow.helpers:{name}")(**options)
    failures = [await failed(provider, method, arguments) for _ in range(30)]
    expect_equal(sum(failures), params["failures"], f"failures of 30 calls at rate {params['rate']}")


async def control(params):
    expect_equal(sum(random.random() < params["rate"] for _ in range(30)), params["failures"], "failures of a plain draw")
