"""In a pipeline of many stages every stage runs its own runner with its own settings."""

import warnings

from components.lab.dag_kit import results_of
from components.lab.flow import context, pipeline_context
from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="Stages of one pipeline get each other's runners or settings",
    claim="Each stage runs the class, object or function it was given, with the settings it was given, however many there are.",
    source="docs/api/pipeline.md#with_stage",
    component="stageflow.pipeline.pipeline.Pipeline.build",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage runs with another stage's configuration.",
    recommendation="Bind runner and settings of each stage when its wrapper is made.",
    virtual_time=True,
)

LEGACY = "stageflow.pipeline.builder.PipelineBuilder.build"
KINDS = ("class", "configured class", "bare and configured class", "instance", "function", "all of them")
CASES = (
    *(Case(kind, {"kind": kind, "legacy": False}) for kind in KINDS),
    *(Case(f"older builder: {kind}", {"kind": kind, "legacy": True}, component=LEGACY) for kind in KINDS[:4]),
)


def marking(mark):
    """A class of its own for each mark."""

    class Marked:
        def __init__(self, setting=""):
            self.setting = setting

        async def execute(self, ctx):
            return {"mark": mark + self.setting}

    return Marked


SHARED = marking("shared ")


def function(mark):
    async def body(ctx):
        return {"mark": mark}

    return body


def rows_of(kind):
    """(name, runner, settings, mark) of the stages."""
    one = {
        "class": [(f"c{n}", marking(f"class {n}"), {}, f"class {n}") for n in range(3)],
        "configured class": [(f"k{n}", SHARED, {"setting": str(n)}, f"shared {n}") for n in range(3)],
        "bare and configured class": [("plain", SHARED, {}, "shared "), ("set", SHARED, {"setting": "1"}, "shared 1")],
        "instance": [(f"i{n}", marking(f"object {n}")(), {}, f"object {n}") for n in range(3)],
        "function": [(f"f{n}", function(f"function {n}"), {}, f"function {n}") for n in range(3)],
    }
    return one[kind] if kind in one else [row for rows in one.values() for row in rows]


async def scenario(params):
    warnings.simplefilter("ignore")
    rows = rows_of(params["kind"])
    if params["legacy"]:
        pipe = need("stageflow.pipeline.builder:PipelineBuilder")(name="p")
        for name, runner, settings, _ in rows:
            pipe = pipe.with_stage(name, runner, args=settings)
    else:
        pipe = need("stageflow:Pipeline")()
        for name, runner, settings, _ in rows:
            pipe = pipe.with_stage(name, runner, need("stageflow:StageKind").WORK, config=settings)
    results = await results_of(pipe.build().run(pipeline_context() if params["legacy"] else context()))
    if params["legacy"] and all("positional argument: 'ctx'" in str(output.error) for output in results.values()):
        raise NotApplicable("graphs of this builder do not run its stages in this release")
    seen = {name: output.data.get("mark") for name, output in results.items()}
    expect_equal(seen, {name: mark for name, _, _, mark in rows}, "what each stage returned")


async def control(params):
    rows, seen = rows_of(params["kind"]), {}
    for name, runner, settings, _ in rows:
        stage = runner(**settings) if isinstance(runner, type) else runner
        seen[name] = (await getattr(stage, "execute", stage)(None))["mark"]
    expect_equal(seen, {name: mark for name, _, _, mark in rows}, "what each stage returned")
