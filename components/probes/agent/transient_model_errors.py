"""A transient error of the model can be retried by the interceptor that retries transient errors."""

from components.lab.flow import context, graph, outcome
from components.lab.probe import Case, Probe, expect, need
from components.lab.tool_kit import ScriptedModel, final_answer, registry_of

PROBE = Probe(
    title="AgentStage turns every exception into a failed output, so RetryInterceptor never retries the model call",
    claim="An agent stage whose model call fails with a connection error is retried like any other stage that raises it.",
    source="docs/advanced/retry-backoff.md#retryinterceptor-implementation",
    component="stageflow.agent.AgentStage.execute",
    subsystem="agent",
    category="silent_failures",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="One hiccup of the model provider fails the conversation although retries are configured.",
    recommendation="Turn only the agent's own errors into failed outputs and let provider errors through.",
    workaround="Retry inside the model client.",
    virtual_time=True,
    cause="stageflow.agent.stage:AgentStage.execute",
)

CASES = (
    Case("connection error", {"error": "ConnectionError"}),
    Case("OS error", {"error": "OSError"}),
)
ERRORS = {"ConnectionError": ConnectionError, "OSError": OSError}


class PlainStage:
    """Runs an agent without touching its errors."""

    name = "agent"

    def __init__(self, agent):
        self.agent = agent
        self.kind = need("stageflow:StageKind").AGENT

    async def execute(self, ctx):
        return (await self.agent.run("hello")).model_dump()


async def requests_with(params, wrap):
    model = ScriptedModel(ERRORS[params["error"]]("503"), final_answer("done"))
    agent = need("stageflow.agent:Agent")(llm_client=model, tool_registry=registry_of())
    pipe = need("stageflow:Pipeline")().with_stage("agent", wrap(agent), need("stageflow:StageKind").AGENT)
    retry = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=3, base_delay_ms=10)
    _, error = await outcome(graph(pipe, [retry]).run(context(input_text="hello")))
    seen = f"{len(model.requests)} request(s) to the model, {'failed' if error else 'succeeded'}"
    expect(seen == "2 request(s) to the model, succeeded", "2 request(s) to the model, succeeded", seen)


async def scenario(params):
    await requests_with(params, need("stageflow.agent:AgentStage"))


async def control(params):
    await requests_with(params, PlainStage)
