"""The mock model answers as configured: a matching pattern first, else an echo, else the canned answers in turn."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="MockLLMProvider gives other answers than configured",
    claim="Canned answers cycle in order, patterns match without case and win over them, echo mode repeats the prompt.",
    source="docstring:stageflow.helpers.mocks.MockLLMProvider",
    component="stageflow.helpers.MockLLMProvider",
    subsystem="mocks",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Tests built on the mock prove something else than they say.",
    recommendation="Check patterns, then echo, then cycle through the answers; a matched pattern uses up none of them.",
)

CASES = (
    Case("cycle", {"options": {"responses": ["a", "b"]}, "prompts": ["1", "2", "3"], "answers": ["a", "b", "a"]}),
    Case("default", {"options": {}, "prompts": ["x", "y"], "answers": ["Mock response", "Mock response"]}),
    Case("echo", {"options": {"echo": True, "responses": ["a"]}, "prompts": ["Hello"], "answers": ["Echo: Hello"]}),
    Case(
        "pattern",
        {
            "options": {"patterns": {"weather": "Sunny.", "time|clock": "Noon."}, "responses": ["a", "b"]},
            "prompts": ["The WEATHER?", "else", "what time", "more"],
            "answers": ["Sunny.", "a", "Noon.", "b"],
        },
    ),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


async def scenario(params):
    llm = need("stageflow.helpers:MockLLMProvider")(**params["options"])
    answers = [(await llm.complete(prompt)).content for prompt in params["prompts"]]
    expect_equal(answers, params["answers"], "answers")


def control(params):
    expect_equal(len(params["answers"]), len(params["prompts"]), "one answer per prompt")
