"""A prompt library lists what was registered, and a rendered prompt tells what it was made from."""

from components.lab.crashes import no_crash
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The prompt library lists or renders something else than was registered",
    claim=(
        "versions() and list_prompts() name what was registered, in order; a rendered prompt has the template's name, version and "
        "metadata and the variables given; errors name prompt, version and variable."
    ),
    source="docs/guides/agents.md#versioned-prompts",
    component="stageflow.agent.PromptLibrary",
    subsystem="agent",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="It cannot be said which prompt an answer was made with.",
    recommendation="Copy name, version, variables and metadata into the rendered prompt.",
)

RENDERED, TEMPLATE = "stageflow.agent.RenderedPrompt", "stageflow.agent.PromptTemplate.render"
CASES = (
    Case("versions", {"what": "versions"}, component="stageflow.agent.PromptLibrary.versions"),
    Case("listed", {"what": "listed"}, component="stageflow.agent.PromptLibrary.list_prompts"),
    Case("registered again", {"what": "again"}, component="stageflow.agent.PromptLibrary.register"),
    Case("rendered", {"what": "rendered", "variables": {"who": "sailor", "unused": [1]}}, component=RENDERED),
    Case("rendered without variables", {"what": "rendered", "variables": None}, component=RENDERED),
    Case("metadata is a copy", {"what": "copy"}, component=TEMPLATE),
    Case("missing variable", {"what": "missing"}, component="stageflow.agent.PromptRenderError"),
    Case("unknown version", {"what": "unknown", "name": "p", "version": "v9"}, component="stageflow.agent.PromptLibrary.get"),
    Case("unknown name", {"what": "unknown", "name": "q", "version": None}, component="stageflow.agent.PromptLibrary.get"),
)


def filled():
    library, kind = need("stageflow.agent:PromptLibrary")(), need("stageflow.agent:PromptTemplate")
    for name, version in (("p", "v2"), ("p", "v1"), ("other", "v1")):
        library.register(kind(name=name, version=version, template=f"{name} {version}", metadata={"owner": name}))
    return library, kind


def scenario(params):
    with no_crash("the library works"):
        checked(params)


def checked(params):
    what, (library, kind) = params["what"], filled()
    if what == "versions":
        seen = [library.versions("p"), library.versions("other"), library.versions("q")]
        expect_equal(seen, [("v2", "v1"), ("v1",), ()], "versions of p, other, q")
    elif what == "listed":
        seen = [library.list_prompts(), type(library)().list_prompts()]
        expect_equal(seen, [{"p": ("v2", "v1"), "other": ("v1",)}, {}], "prompts of a filled, of an empty library")
    elif what == "again":
        library.register(kind(name="p", version="v1", template="new"))
        seen = [library.render("p", version="v1").content, library.versions("p"), library.render("p").version]
        expect_equal(seen, ["new", ("v2", "v1"), "v2"], "text, versions, default version")
    elif what == "missing":
        missing(kind)
    elif what == "unknown":
        unknown(params, library)
    else:
        rendered(params, kind)


def rendered(params, kind):
    template = kind(name="p", version="v3", template="hi {who}" if params.get("variables") else "hi", metadata={"owner": "me"})
    found = template.render(params.get("variables"))
    if params["what"] == "copy":
        found.metadata["owner"] = "you"
        expect_equal(template.metadata, {"owner": "me"}, "metadata of the template after the rendered one's was changed")
        return
    seen = [found.name, found.version, found.content, found.variables, found.metadata]
    want = ["p", "v3", "hi sailor" if params["variables"] else "hi", dict(params["variables"] or {}), {"owner": "me"}]
    expect_equal(seen, want, "name, version, text, variables, metadata")


def missing(kind):
    try:
        kind(name="the prompt", version="v7", template="hi {who_is_it}").render({})
        seen = "rendered"
    except Exception as error:
        seen = [type(error).__name__, *(word in str(error) for word in ("who_is_it", "the prompt", "v7"))]
    expect_equal(seen, ["PromptRenderError", True, True, True], "error, whether it names variable, prompt, version")


def unknown(params, library):
    try:
        library.get(params["name"], version=params["version"])
        seen = "found"
    except Exception as error:
        seen = [type(error).__name__, params["name"] in str(error), (params["version"] or "") in str(error)]
        text = " ".join(str(part) for part in error.args)
        seen.append("prompt" in text.lower())
    expect_equal(seen, ["KeyError", True, True, True], "error, whether it names prompt, version, and says that it is a prompt")


def control(params):
    listed = {"p": ("v2", "v1")}
    expect_equal([listed.get("p"), listed.get("q", ())], [("v2", "v1"), ()], "look-ups in a dictionary")
