"""Every setting given when a stage is added is in the pipeline and reaches the built graph; the old pipeline is unchanged."""

from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="A setting of with_stage(), with_stages() or stage() is lost or changed",
    claim="Name, kind, dependencies (or after), condition and configuration are kept as given, in a new pipeline.",
    source="docs/api/pipeline.md#with_stage",
    component="stageflow.pipeline.pipeline.Pipeline.with_stage",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage runs at the wrong time, unconditionally or with default settings.",
    recommendation="Pass every argument on to the stage's specification.",
)

SETTINGS = {
    "dependencies": {"dependencies": ["a", "b"]},
    "after one": {"after": "a"},
    "after two": {"after": ["a", "b"]},
    "conditional": {"conditional": True},
    "config": {"config": {"mark": "m"}},
    "everything": {"after": ["b", "a"], "conditional": True, "config": {"mark": "m"}},
}
WAYS = ("with_stage", "with_stages", "from_stages")
CASES = tuple(
    Case(f"{way}: {name}", {"way": way, "kind": kind, "options": options}, component=f"stageflow.pipeline.pipeline.Pipeline.{way}")
    for way in WAYS
    for name, options in SETTINGS.items()
    for kind in ("guard",)
)


class Stage:
    def __init__(self, mark=""):
        self.mark = mark

    async def execute(self, ctx):
        return {}


def wanted_settings(params):
    options = params["options"]
    after = options.get("dependencies", options.get("after", ()))
    after = (after,) if isinstance(after, str) else tuple(after)
    return [params["kind"], after, options.get("conditional", False), options.get("config", {})]


def scenario(params):
    make = need("stageflow:Pipeline")
    base = make().with_stage("a", Stage, "work").with_stage("b", Stage, "work")
    if params["way"] == "with_stage":
        changed = base.with_stage("new", Stage, params["kind"], **params["options"])
    else:
        spec = need("stageflow.pipeline.pipeline:stage")("new", Stage, params["kind"], **params["options"])
        changed = base.with_stages(spec) if params["way"] == "with_stages" else make.from_stages(*base.stages.values(), spec)
    spec = changed.get_stage("new")
    built = {row.name: row for row in changed.build().stage_specs}.get("new")
    if spec is None or built is None:
        raise Violation("the added stage in the pipeline and in the graph", "a pipeline or graph without it")
    seen = [
        [str(spec.kind), spec.dependencies, spec.conditional, dict(spec.config)],
        [str(built.kind), built.dependencies, built.conditional],
        sorted(base.stages),
    ]
    wanted = wanted_settings(params)
    expect_equal(seen, [wanted, wanted[:3], ["a", "b"]], "[settings in the pipeline, in the graph, stages of the old pipeline]")


def control(params):
    options = params["options"]
    after = options.get("dependencies") or options.get("after") or ()
    seen = [params["kind"], tuple([after] if isinstance(after, str) else after), "conditional" in options, options.get("config") or {}]
    expect_equal(seen, wanted_settings(params), "settings of a stage")
