"""A stage's kind and dependencies are read from every way of stating them, and contradictions are refused."""

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="A stage's kind or dependencies are read wrongly, or a contradiction in them is accepted",
    claim="kind may be a member, its value or the runner's own; dependencies= and after= exclude each other; nonsense raises ValueError.",
    source="docs/api/pipeline.md#with_stage",
    component="stageflow.pipeline.pipeline.stage",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A guard is run as an ordinary stage, an edge is lost, or a mistake passes unnoticed.",
    recommendation="Resolve the kind from the argument, then from the runner, and raise ValueError for everything else.",
)

KINDS = (
    ("value", {"kind": "guard"}, "none", "guard"),
    ("member", {"kind": "GUARD"}, "none", "guard"),
    ("of the runner", {}, "member", "guard"),
    ("of the runner, as value", {}, "value", "guard"),
    ("argument and runner", {"kind": "route"}, "member", "route"),
    ("unknown value", {"kind": "gaurd"}, "none", "ValueError"),
    ("unknown value, runner has one", {"kind": "gaurd"}, "member", "ValueError"),
    ("unknown value of the runner", {}, "wrong", "ValueError"),
    ("nowhere", {}, "none", "ValueError"),
    ("a number", {}, "number", "ValueError"),
)
EDGES = (
    ("neither", {}, []),
    ("tuple", {"dependencies": ["b", "a"]}, ["b", "a"]),
    ("after one", {"after": "long name"}, ["long name"]),
    ("after many", {"after": ["b", "a"]}, ["b", "a"]),
    ("both", {"dependencies": ["a"], "after": "b"}, "ValueError"),
    ("both, first empty", {"dependencies": [], "after": "b"}, "ValueError"),
    ("both, same", {"dependencies": ["a"], "after": "a"}, "ValueError"),
)
CONFIGS = (
    ("class", "class", {"x": 1}, {"x": 1}),
    ("class, nothing", "class", None, {}),
    ("object", "object", {"x": 1}, "ValueError"),
    ("object, nothing", "object", None, {}),
    ("object, empty", "object", {}, {}),
    ("function", "function", {"x": 1}, "ValueError"),
)
OWNER = "stageflow.pipeline.pipeline.Pipeline.with_stage"
ROWS = (
    *((f"kind, {name}", {"kind": given, "own": own, "expected": kind, "told": name}) for name, given, own, kind in KINDS),
    *((f"edges, {name}", {"edges": given, "expected": edges}) for name, given, edges in EDGES),
    *((f"config, {name}", {"runner": runner, "config": given, "expected": config}) for name, runner, given, config in CONFIGS),
)
BRIEF = ("kind, of the runner", "kind, nowhere", "edges, after many", "edges, both", "config, class", "config, object")
CASES = (
    *(Case(name, params | {"maker": "stage"}) for name, params in ROWS),
    *(Case(f"with_stage: {name}", params | {"maker": "with_stage"}, component=OWNER) for name, params in ROWS if name in BRIEF),
)


class Plain:
    def __init__(self, **settings):
        self.settings = settings

    async def execute(self, ctx):
        return {}


async def body(ctx):
    return {}


def runner_with(own):
    """A class with a kind of its own, or none."""
    runner = type("Kinded", (Plain,), {})
    if own != "none":
        kinds = {"member": need("stageflow:StageKind").GUARD, "value": "guard", "wrong": "gaurd", "number": 7}
        runner.kind = kinds[own]
    return runner


def arguments_of(params):
    """(runner, keyword arguments, what of the specification is looked at)"""
    if "own" in params:
        given = dict(params["kind"])
        if given.get("kind") == "GUARD":
            given["kind"] = need("stageflow:StageKind").GUARD
        return runner_with(params["own"]), given, "kind"
    if "edges" in params:
        edges = {name: tuple(value) if isinstance(value, list) else value for name, value in params["edges"].items()}
        return Plain, {"kind": "work", **edges}, "dependencies"
    runner = {"class": Plain, "object": Plain(), "function": body}[params["runner"]]
    return runner, {"kind": "work", "config": params["config"]}, "config"


def plainly(value):
    """The kind's value, the dependencies as a list, the configuration as a dict."""
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, dict) else str(getattr(value, "value", value))


def scenario(params):
    make = need("stageflow.pipeline.pipeline:stage")
    runner, given, looked = arguments_of(params)
    try:
        if params["maker"] == "stage":
            spec = make("s", runner, **given)
        else:
            spec = need("stageflow:Pipeline")().with_stage("s", runner, **given).get_stage("s")
        seen = plainly(getattr(spec, looked))
    except NotApplicable:
        raise
    except Exception as error:
        seen = type(error).__name__
        if "unknown value" in params.get("told", "") and "gaurd" not in str(error):
            seen = f"{seen} that does not name the value"
    expect_equal(seen, params["expected"], f"{looked} of the stage, or the exception")


def control(params):
    if "own" in params:
        own = {"none": None, "member": "guard", "value": "guard", "wrong": "gaurd", "number": "7"}[params["own"]]
        kind = params["kind"].get("kind", own)
        seen = kind.lower() if kind and kind.lower() in ("guard", "route") else "ValueError"
    elif "edges" in params:
        after = list(params["edges"].values())
        first = after[0] if after else []
        seen = "ValueError" if len(after) > 1 else [first] if isinstance(first, str) else list(first)
    else:
        seen = "ValueError" if params["config"] and params["runner"] != "class" else params["config"] or {}
    expect_equal(seen, params["expected"], "what a plain reading gives")
