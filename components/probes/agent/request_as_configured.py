"""What the model is asked is what was configured: settings, messages, their order and content."""

import json

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import FunctionTool, final_answer, registry_of

PROBE = Probe(
    title="The agent asks the model with other settings, messages or prompt than configured",
    claim=(
        "Each request has the configured model, temperature and max_tokens, first the rendered system prompt with tools, schema, turns "
        "and own variables, last the user's text as untrusted data; chat() and complete() clients get the same."
    ),
    source="docs/guides/agents.md#provider-contract",
    component="stageflow.agent.Agent.run",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Another model answers than was paid for, or it does not know its tools.",
    recommendation="Pass each setting of AgentConfig on, and build the messages in order: system, history, user.",
)

CONFIG = "stageflow.agent.AgentConfig"
CASES = (
    Case("settings", {"what": "settings", "config": {"model": "m1", "temperature": 0.7, "max_tokens": 55}}, component=CONFIG),
    Case("default settings", {"what": "settings", "config": {}}, component=CONFIG),
    Case("complete client", {"what": "settings", "config": {"model": "m2", "temperature": 0.25}, "client": "complete"}),
    Case("system first, user last", {"what": "messages", "client": "chat"}),
    Case("as one prompt", {"what": "messages", "client": "complete"}),
    Case("default prompt", {"what": "default prompt"}),
    Case("own prompt", {"what": "own prompt", "name": "p", "version": "v2", "want": "two sailor"}),
    Case("own prompt, its default version", {"what": "own prompt", "name": "p", "version": None, "want": "one sailor"}),
    Case("tools", {"what": "tools", "tools": ["ADD", "MUL"]}),
    Case("no tools", {"what": "tools", "tools": []}),
    Case("no client", {"what": "no client"}, component="stageflow.agent.TypedLLMOutput.generate"),
)


class ChatClient:
    """A client with chat()."""

    def __init__(self):
        self.requests = []

    async def chat(self, *, messages, model, **settings):
        self.requests.append({"messages": [dict(each) for each in messages], "model": model, **settings})
        return final_answer("done")


class CompleteClient:
    """A client with complete() only."""

    def __init__(self):
        self.requests = []

    async def complete(self, prompt, *, messages, model, **settings):
        self.requests.append({"prompt": prompt, "messages": [dict(each) for each in messages], "model": model, **settings})
        return final_answer("done")


async def asked(params, text="hello there", variables=None, **options):
    """The one request that an agent makes of its client."""
    client = CompleteClient() if params.get("client") == "complete" else ChatClient()
    options.setdefault("tool_registry", registry_of(FunctionTool("ADD", dict)))
    result, error = await outcome(need("stageflow.agent:Agent")(llm_client=client, **options).run(text, prompt_variables=variables))
    if error is not None or result.response != "done" or len(client.requests) != 1:
        seen = f"{type(error).__name__} raised" if error else f"{len(client.requests)} requests"
        raise Violation("one request to the client, and its answer", seen)
    return client.requests[0]


async def settings(params):
    request = await asked(params, config=need("stageflow.agent:AgentConfig")(**params["config"]))
    want = {"model": "mock-model", "temperature": 0.0, "max_tokens": None} | params["config"]
    expect_equal({name: request.get(name, "missing") for name in want}, want, "settings of the request")


async def messages(params):
    request = await asked(params)
    found = [each.get("role") for each in request["messages"]]
    expect_equal(
        [found, sorted({*request["messages"][0]})], [["system", "user"], ["content", "role"]], "roles in order, fields of a message"
    )
    user = request["messages"][1].get("content", "")
    expect_equal(["hello there" in user, "untrusted" in user], [True, True], "the user's text in its message, called untrusted")
    if params["client"] == "complete":
        places = [request["prompt"].find(each.get("content", "")) for each in request["messages"]]
        expect_equal(-1 < places[0] < places[1], True, "both messages are in the prompt, the system's first")


async def default_prompt(params):
    request = await asked(params, config=need("stageflow.agent:AgentConfig")(max_turns=17))
    text = request["messages"][0].get("content", "")
    schema = need("stageflow.agent:AgentTurn").model_json_schema()
    words = ["ADD", "does ADD", "17", *(json.dumps(name) for name in schema["properties"])]
    expect_equal([word for word in words if word not in text], [], "tool, description, turns and schema missing in the system prompt")


async def own_prompt(params):
    library, kind = need("stageflow.agent:PromptLibrary")(), need("stageflow.agent:PromptTemplate")
    for version, word in (("v1", "one"), ("v2", "two")):
        library.register(kind(name="p", version=version, template=word + " {who}"))
    options = {"prompt_library": library, "prompt_name": params["name"], "prompt_version": params["version"]}
    request = await asked(params, variables={"who": "sailor"}, **options)
    expect_equal(request["messages"][0].get("content", ""), params["want"], "system prompt")


async def tools(params):
    library = need("stageflow.agent:PromptLibrary")()
    library.register(need("stageflow.agent:PromptTemplate")(name="p", version="v1", template="{tool_descriptions}"))
    registry = registry_of(*(FunctionTool(name, dict, f"{name.lower()}er") for name in params["tools"]))
    request = await asked(params, tool_registry=registry, prompt_library=library, prompt_name="p")
    text = request["messages"][0].get("content", "")
    if params["tools"]:
        told = [[name in line, f"does {name}" in line] for name, line in zip(params["tools"], text.splitlines(), strict=False)]
        expect_equal([told, len(text.splitlines())], [[[True, True]] * len(params["tools"]), len(params["tools"])], "a line for each tool")
    else:
        expect_equal(bool(text.strip()), True, "the model is told that there are no tools")


async def no_client(params):
    typed = need("stageflow.agent:TypedLLMOutput")(need("stageflow.agent:AgentTurn"))
    _, error = await outcome(typed.generate(object(), [], model="m"))
    seen = [type(error).__name__, *(word in str(error) for word in ("chat", "complete"))]
    expect_equal(seen, ["TypeError", True, True], "error for a client without either method, whether it names them")


async def scenario(params):
    plays = {"settings": settings, "messages": messages, "default prompt": default_prompt, "own prompt": own_prompt}
    await (plays | {"tools": tools, "no client": no_client})[params["what"]](params)


async def control(params):
    client = CompleteClient() if params.get("client") == "complete" else ChatClient()
    ask = client.complete if params.get("client") == "complete" else client.chat
    await ask(
        *(["x"] if params.get("client") == "complete" else []), messages=[{"role": "user", "content": "x"}], model="m", temperature=0.5
    )
    request = client.requests[0]
    expect_equal([request["model"], request["temperature"], len(request["messages"])], ["m", 0.5, 1], "what the client keeps")
