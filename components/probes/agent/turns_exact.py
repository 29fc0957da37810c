"""The agent asks the model at most max_turns times and counts its turns."""

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import FunctionTool, ScriptedModel, final_answer, registry_of, tool_request

PROBE = Probe(
    title="The agent's turn limit is not max_turns",
    claim=(
        "A model that never finishes is asked max_turns times, then AgentTurnLimitError; one that finishes earlier reports that "
        "many iterations."
    ),
    source="docstring:stageflow.agent.AgentTurnLimitError",
    component="stageflow.agent.AgentConfig.max_turns",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Runaway agents cost more than budgeted, or good ones are cut off.",
    recommendation="Count a turn for every model decision and stop after max_turns.",
)

CASES = (
    Case("never finishes, 1 turn", {"max_turns": 1, "tools": 99, "want": ["AgentTurnLimitError", 1]}),
    Case("never finishes, 4 turns", {"max_turns": 4, "tools": 99, "want": ["AgentTurnLimitError", 4]}),
    Case("never finishes, default", {"max_turns": None, "tools": 99, "want": ["AgentTurnLimitError", 4]}),
    Case("finishes in the last turn", {"max_turns": 3, "tools": 2, "want": [3, 3]}),
    Case("finishes at once", {"max_turns": 3, "tools": 0, "want": [1, 1]}),
)


async def scenario(params):
    model = ScriptedModel(*[tool_request("look")] * params["tools"], final_answer("done"))
    config = {} if params["max_turns"] is None else {"max_turns": params["max_turns"]}
    config = need("stageflow.agent:AgentConfig")(**config)
    agent = need("stageflow.agent:Agent")(llm_client=model, config=config, tool_registry=registry_of(FunctionTool("look", dict)))
    result, error = await outcome(agent.run("go"))
    expect_equal(
        [type(error).__name__ if error else result.iterations, len(model.requests)], list(params["want"]), "end, requests to the model"
    )


def control(params):
    limit = params["max_turns"] or 4
    turns = min(params["tools"] + 1, limit)
    expect_equal([turns if params["tools"] < limit else "AgentTurnLimitError", turns], list(params["want"]), "by arithmetic")
