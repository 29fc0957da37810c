"""What a tool did is recorded as it was, and shown to the model in the next turn."""

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import FunctionTool, ScriptedModel, final_answer, registry_of, tool_request

PROBE = Probe(
    title="The agent records a tool's result wrongly",
    claim=(
        "Each tool call gives one result with the tool's own success, data and error; a raising or unknown tool is a failure, "
        "and the model is told."
    ),
    source="docs/guides/agents.md#functional-tool-loop",
    component="stageflow.agent.Agent",
    subsystem="agent",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The agent tells the user that a crashed action was done.",
    recommendation="Set success from the output, and to False for every exception.",
)

CASES = (
    Case("success", {"how": "ok", "want": [["act", True, {"sum": 5}, False]]}),
    Case("tool raises", {"how": "raise", "want": [["act", False, None, True]]}),
    Case("tool fails", {"how": "fail", "want": [["act", False, None, True]]}),
    Case("unknown tool", {"how": "unknown", "want": [["nobody", False, None, True]]}),
    Case("no output", {"how": "none", "want": [["act", False, None, True]]}),
)


class Actor(FunctionTool):
    """Does, fails or raises as told."""

    def __init__(self, how):
        super().__init__("act", lambda payload: {"sum": payload["a"] + payload["b"]})
        self.how = how

    async def execute(self, input, ctx):
        if self.how == "raise":
            raise OSError("disk away")
        if self.how == "none":
            return None
        if self.how == "fail":
            return need("stageflow.tools.base:ToolOutput")(success=False, error="not allowed")
        return await super().execute(input, ctx)


async def scenario(params):
    model = ScriptedModel(tool_request("nobody" if params["how"] == "unknown" else "act", a=2, b=3), final_answer("done"))
    agent = need("stageflow.agent:Agent")(llm_client=model, tool_registry=registry_of(Actor(params["how"])))
    result, error = await outcome(agent.run("go"))
    if error is not None:
        raise Violation("the run ends with the tool's result", f"{type(error).__name__} raised")
    seen = [[found.name, found.success, found.data, bool(found.error)] for found in result.tool_results]
    told = '"success": true' in model.requests[1][-1]["content"]
    expect_equal(
        [seen, told], [list(params["want"]), params["how"] == "ok"], "results (name, success, data, has error), success told to the model"
    )


async def control(params):
    name, success, data, failed = params["want"][0]
    expect_equal([success, data is not None, failed], [params["how"] == "ok"] * 2 + [params["how"] != "ok"], f"{name} by rule")
