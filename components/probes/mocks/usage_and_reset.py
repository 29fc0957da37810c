"""The mock model counts tokens, calls and prompts, and starts again after a reset."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="MockLLMProvider miscounts tokens or calls, or a reset leaves something behind",
    claim="Usage is counted with the given counter and sums up; call_count and call_history cover every call; reset() starts anew.",
    source="docstring:stageflow.helpers.mocks.MockLLMProvider.reset",
    component="stageflow.helpers.MockLLMProvider",
    subsystem="mocks",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Cost and call assertions of tests are wrong.",
    recommendation="Count prompt and completion separately, and clear all state in reset().",
)

CASES = tuple(Case(question, {"question": question}) for question in ("usage", "usage-default-counter", "history", "reset"))


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


WANTED = {
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    "usage-default-counter": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
    "history": [2, ["one", "two"]],
    "reset": [0, [], "a", 1],
}


async def answer(question):
    mock = need("stageflow.helpers:MockLLMProvider")
    if question == "usage":
        return (await mock(responses=["x y"], token_counter=lambda text: len(text.split())).complete("one two three")).usage
    if question == "usage-default-counter":
        return (await mock(responses=["12345678"]).complete("x" * 23)).usage
    llm = mock(responses=["a", "b"])
    for prompt in ("one", "two") if question == "history" else ("one",):
        await llm.complete(prompt)
    if question == "history":
        return [llm.call_count, [call["prompt"] for call in llm.call_history]]
    llm.reset()
    return [llm.call_count, list(llm.call_history), (await llm.complete("again")).content, llm.call_count]


async def scenario(params):
    expect_equal(await answer(params["question"]), WANTED[params["question"]], params["question"])


def control(params):
    usage = WANTED["usage-default-counter"]
    expect_equal([usage["prompt_tokens"], usage["completion_tokens"]], [23 // 4, 8 // 4], "tokens at four characters each")
