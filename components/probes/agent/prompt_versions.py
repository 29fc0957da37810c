"""Prompts are rendered from the version asked for, and never with a variable missing."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The prompt library renders another version than asked for",
    claim=(
        "The first version or the one made default is rendered unless another is named; unknown names, versions and missing "
        "variables are errors."
    ),
    source="docs/guides/agents.md#versioned-prompts",
    component="stageflow.agent.PromptLibrary",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="An agent runs with an old system prompt and nobody notices.",
    recommendation="Resolve the version by name, then by the default.",
)

CASES = (
    Case("first is default", {"defaults": [], "version": None, "vars": {"x": 1}, "want": ["v1", "one 1"]}),
    Case("made default", {"defaults": ["v2"], "version": None, "vars": {"x": 1}, "want": ["v2", "two 1"]}),
    Case("named", {"defaults": ["v2"], "version": "v1", "vars": {"x": "{y}"}, "want": ["v1", "one {y}"]}),
    Case("last default wins", {"defaults": ["v2", "v3"], "version": None, "vars": {"x": 1}, "want": ["v3", "three 1"]}),
    Case("unknown version", {"defaults": [], "version": "v9", "vars": {"x": 1}, "want": ["KeyError"]}),
    Case("unknown name", {"defaults": [], "version": None, "vars": {"x": 1}, "name": "other", "want": ["KeyError"]}),
    Case("missing variable", {"defaults": [], "version": None, "vars": {}, "want": ["PromptRenderError"]}),
)
WORDS = {"v1": "one", "v2": "two", "v3": "three"}


def scenario(params):
    library = need("stageflow.agent:PromptLibrary")()
    for version, word in WORDS.items():
        prompt = need("stageflow.agent:PromptTemplate")(name="p", version=version, template=word + " {x}")
        library.register(prompt, make_default=version in params["defaults"])
    try:
        found = library.render(params.get("name", "p"), version=params["version"], variables=dict(params["vars"]))
        seen = [found.version, found.content]
    except (KeyError, ValueError) as error:
        seen = [type(error).__name__]
    expect_equal(seen, list(params["want"]), "version and text")


def control(params):
    version = params["version"] or (params["defaults"] or ["v1"])[-1]
    if "name" in params or version not in WORDS:
        seen = ["KeyError"]
    else:
        seen = [version, f"{WORDS[version]} {params['vars']['x']}"] if params["vars"] else ["PromptRenderError"]
    expect_equal(seen, list(params["want"]), "version and text by dictionary")
