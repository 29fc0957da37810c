"""AgentStage runs its agent on the stage's input and hands on the whole result."""

from components.lab.crashes import no_crash
from components.lab.flow import context, graph, outcome, status_of
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import FunctionTool, ScriptedModel, final_answer, registry_of, tool_request

PROBE = Probe(
    title="AgentStage changes the agent's input or loses its result",
    claim="The stage is an agent stage; the model gets the run's input text, tools get its context, the output has result and version.",
    source="docs/guides/agents.md#functional-tool-loop",
    component="stageflow.agent.AgentStage",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The agent answers something else than was asked.",
    recommendation="Pass snapshot.input_text and the context on, and validate the result with the configured version.",
)

CASES = (
    Case("input and output", {"what": "output", "text": "what is new", "options": {}, "version": "agent/stage/v1"}),
    Case("own version", {"what": "output", "text": "what is new", "options": {"output_version": "v7"}, "version": "v7"}),
    Case("no input", {"what": "output", "text": None, "options": {}, "version": "agent/stage/v1"}),
    Case("context for tools", {"what": "context", "options": {}}),
    Case("history", {"what": "history", "options": {}}, component="stageflow.agent.Agent.run"),
    Case("failure", {"what": "failure", "options": {}}),
    Case("kind", {"what": "kind", "options": {}}),
)


class ContextKeeper(FunctionTool):
    """Keeps the context of every call."""

    def __init__(self):
        super().__init__("act", dict)
        self.contexts = []

    async def execute(self, input, ctx):
        self.contexts.append(ctx)
        return await super().execute(input, ctx)


async def run(params, model, tool, **fields):
    """Runs a stage with an agent; its output, or the output in the error that the run raises."""
    agent = need("stageflow.agent:Agent")(llm_client=model, tool_registry=registry_of(tool))
    stage = need("stageflow.agent:AgentStage")(agent, **params["options"])
    if params["what"] == "kind":
        return stage
    pipe = need("stageflow:Pipeline")().with_stage("agent", stage, need("stageflow:StageKind").AGENT)
    results, error = await outcome(graph(pipe, []).run(context(**fields)))
    if error is not None and params["what"] != "failure":
        raise Violation("the pipeline with the agent runs to its end", f"{type(error).__name__} raised")
    return str(error) if error else results["agent"]


async def scenario(params):
    with no_crash("the stage works"):
        await checked(params)


async def checked(params):
    what, tool = params["what"], ContextKeeper()
    model = ScriptedModel(*([tool_request("act", n=1)] if what == "context" else []), final_answer("nothing"))
    if what == "failure":
        model = ScriptedModel(ValueError("quota 4711"))
    fields = {"input_text": params.get("text", "hello"), "user_id": need("uuid:UUID")(int=5)}
    if what == "history":
        message = need("stageflow.context.types:Message")
        said = [message(role="user", content="I am Bo"), message(role="assistant", content="Hi Bo"), message(role="user", content="")]
        fields["conversation"] = need("stageflow.context.conversation:Conversation")(messages=said)
    judge(params, await run(params, model, tool, **fields), model, tool)


def judge(params, output, model, tool):
    what = params["what"]
    if what == "kind":
        expect_equal([output.kind is need("stageflow:StageKind").AGENT, output.name], [True, "agent"], "whether it is an agent stage, name")
    elif what == "failure":
        expect_equal(["quota 4711" in output, len(model.requests)], [True, 1], "whether the run's error tells the cause, requests")
    elif what == "context":
        seen = [ctx.get("user_id") for ctx in tool.contexts]
        expect_equal(str(seen), str([str(need("uuid:UUID")(int=5))]), "user in the context that the tool got")
    elif what == "history":
        between = [[message.get("role"), message.get("content", "")] for message in model.requests[0]][1:-1]
        seen = [[role, text in content] for (role, content), text in zip(between, ("I am Bo", "Hi Bo"), strict=False)]
        expect_equal([seen, len(between)], [[["user", True], ["assistant", True]], 2], "messages between the system's and the user's")
    else:
        seen = [status_of(output), output.version, output.data["response"], output.data["iterations"], output.data["prompt_name"]]
        expect_equal(seen, ["ok", params["version"], "nothing", 1, "stageflow.agent.system"], "status, version, response, turns, prompt")
        text = model.requests[0][-1].get("content", "")
        inside = text.partition("<user_input>")[2].partition("</user_input>")[0].strip()
        expect_equal(inside, params["text"] or "", "the user's text in the request")


async def control(params):
    model = ScriptedModel(final_answer("nothing"))
    await model.chat(messages=[{"role": "user", "content": str(params.get("text"))}], model="m")
    expect_equal(model.requests[0][-1].get("content", ""), str(params.get("text")), "the text in the request")
