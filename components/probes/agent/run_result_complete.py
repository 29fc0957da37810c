"""The result of an agent run tells which prompt, model, tools and security checks it came from."""

import json

from components.lab.crashes import no_crash
from components.lab.flow import outcome
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import FunctionTool, ScriptedModel, final_answer, registry_of

PROBE = Probe(
    title="The result of an agent run leaves out or mixes up what happened",
    claim=(
        "The result has the answer, its turns, name and version of the prompt, the last model response, each tool's result under its "
        "call id and one security report for the input and each tool result."
    ),
    source="docstring:stageflow.agent.AgentRunResult",
    component="stageflow.agent.AgentRunResult",
    subsystem="agent",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="It cannot be said afterwards with which prompt or model an answer was made, or which call a result belongs to.",
    recommendation="Fill every field of the result from the run.",
)

CASES = (
    Case("no tools", {"calls": [], "named": True}),
    Case("two calls", {"calls": [["c1", 1], ["c2", 2]], "named": True}),
    Case("calls without ids", {"calls": [[None, 1], [None, 2]], "named": True}),
    Case("default prompt", {"calls": [["c1", 1]], "named": False}),
    Case("call without arguments", {"calls": [["c1", None]], "named": False}),
)


class Keeper(FunctionTool):
    """Keeps the action and the context of every call."""

    def __init__(self):
        super().__init__("act", lambda payload: {"n": payload.get("n")})
        self.given = []

    async def execute(self, input, ctx):
        self.given.append((input.action, ctx))
        return await super().execute(input, ctx)


def request_of(calls):
    rows = [{"name": "act", "call_id": name, "arguments": {"n": number}} for name, number in calls]
    rows = [row if row["arguments"]["n"] is not None else {"name": "act", "call_id": row["call_id"]} for row in rows]
    return {"content": json.dumps({"tool_calls": rows}), "model": "first-model", "usage": {"prompt_tokens": 1}}


def library():
    made = need("stageflow.agent:PromptLibrary")()
    made.register(need("stageflow.agent:PromptTemplate")(name="p", version="2026-01", template="be nice"))
    return made


async def scenario(params):
    with no_crash("the run is recorded"):
        await checked(params)


async def checked(params):
    last = {"content": final_answer("done"), "model": "last-model", "usage": {"prompt_tokens": 11, "completion_tokens": 7}}
    model, tool = ScriptedModel(*([request_of(params["calls"])] if params["calls"] else []), last), Keeper()
    options = {"prompt_library": library(), "prompt_name": "p"} if params["named"] else {}
    agent = need("stageflow.agent:Agent")(llm_client=model, tool_registry=registry_of(tool), **options)
    result, error = await outcome(agent.run("hello"))
    if error is not None:
        raise Violation("a result", f"{type(error).__name__} raised")
    turns = 2 if params["calls"] else 1
    seen = [result.response, result.iterations, result.llm["model"], result.llm["input_tokens"], result.llm["output_tokens"]]
    expect_equal(seen, ["done", turns, "last-model", 11, 7], "answer, turns, model, tokens in, tokens out")
    prompt = ["p", "2026-01"] if params["named"] else ["stageflow.agent.system", "v1"]
    expect_equal([result.prompt_name, result.prompt_version], prompt, "name and version of the prompt")
    expect_equal(
        [report["source"] for report in result.security], ["user"] + ["tool"] * len(params["calls"]), "sources of the security reports"
    )
    calls_recorded(params, result, tool, model)


def calls_recorded(params, result, tool, model):
    rows = [[found.call_id, found.name, found.success, found.data, found.error] for found in result.tool_results]
    want = [[name or row[0], "act", True, {"n": number}, None] for row, (name, number) in zip(rows, params["calls"], strict=False)]
    expect_equal(
        rows == want and len(rows) == len(params["calls"]), True, "each result has its call's id, the tool's name, success and data"
    )
    own = len({row[0] for row in rows}) == len(rows) and all(row[0] for row in rows)
    expect_equal(own, True, "each result has an id of its own")
    payloads = [{} if number is None else {"n": number} for _, number in params["calls"]]
    expect_equal([[action.type, action.payload] for action, _ in tool.given], [["act", each] for each in payloads], "actions the tool got")
    told = [message.get("content", "") for message in model.requests[-1] if message.get("role") == "user"][1:]
    shown = [[row[0] in text, "act" in text, "untrusted" in text] for row, text in zip(rows, told, strict=False)]
    expect_equal([shown, len(told)], [[[True] * 3] * len(rows), len(rows)], "results told to the model: with id, tool, as untrusted")
    said = [message.get("role") for message in model.requests[-1]]
    expect_equal(said, ["system", "user", *(["assistant"] if rows else []), *["user"] * len(rows)], "roles of the last request")


def control(params):
    rows = json.loads(request_of(params["calls"])["content"])["tool_calls"]
    expect_equal([row["call_id"] for row in rows], [name for name, _ in params["calls"]], "ids of the calls in the reply")
