"""The older builder keeps every setting of a stage, through building and composing, and never changes the builder it started from."""

import warnings

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="PipelineBuilder loses or changes a stage's settings, or changes the builder it was called on",
    claim="with_stage, compose and build keep name, runner, dependencies, inputs, outputs, condition and arguments, in a new object.",
    source="docstring:stageflow.pipeline.builder.PipelineBuilder.with_stage",
    component="stageflow.pipeline.builder.PipelineBuilder.with_stage",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage runs at the wrong time, unconditionally or with default settings.",
    recommendation="Pass every argument on to the stage's specification.",
)

OWNER = "stageflow.pipeline.builder.PipelineBuilder"
OWNERS = {
    "with_stage": "",
    "compose": f"{OWNER}.compose",
    "compose with itself": f"{OWNER}.compose",
    "fluent": "stageflow.pipeline.builder_helpers.FluentPipelineBuilder.stage",
}
FULL = {
    "dependencies": ["a", "b"],
    "inputs": ["in_1", "in_2"],
    "outputs": ["out_1", "out_2"],
    "conditional": True,
    "args": {"mark": "m"},
}
EMPTY = {"dependencies": [], "inputs": [], "outputs": [], "conditional": False, "args": {}}
OPTIONS = ({}, {"dependencies": ["b"]}, {"inputs": ["in_1"]}, {"outputs": ["out_1"]}, {"conditional": True}, {"args": {"mark": "m"}}, FULL)
FLUENT = ({}, {"dependencies": ["b"]}, {"conditional": True}, {"dependencies": ["a", "b"], "conditional": True})
CASES = tuple(
    Case(f"{way}: {', '.join(options) or 'nothing'}", {"way": way, "options": options}, component=owner)
    for way, owner in OWNERS.items()
    for options in (FLUENT if way == "fluent" else OPTIONS if way == "with_stage" else (FULL,))
)
NAME = "fetch_customer_profile_from_region"


class Runner:
    async def execute(self, ctx):
        return {}


RUNNER = Runner()


def settings_of(spec):
    rows = {name: list(getattr(spec, name)) for name in ("dependencies", "inputs", "outputs")}
    return {"name": spec.name, **rows, "conditional": spec.conditional, "args": dict(spec.args), "own runner": spec.runner is RUNNER}


def told(pipe, base):
    """The settings as kept, what of them the graph has, and the stages of pipe and of the builder that it came from."""
    spec = pipe.stages.get(NAME)
    built = {row.name: row for row in pipe.build().stage_specs}.get(NAME)
    in_graph = [list(built.dependencies), built.conditional] if built else "not in the graph"
    return [settings_of(spec) if spec else "not kept", in_graph, list(pipe.stages), list(base.stages)]


def wanted(params):
    settings = {"name": NAME} | EMPTY | dict(params["options"]) | {"own runner": True}
    return [settings, [settings["dependencies"], settings["conditional"]], ["a", "b", NAME], ["a", "b"]]


def scenario(params):
    warnings.simplefilter("ignore")
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in params["options"].items()}
    if params["way"] == "fluent":
        options["depends_on"] = options.pop("dependencies", None)
        fluent = need("stageflow.pipeline.builder_helpers:FluentPipelineBuilder")("p").stage("a", RUNNER).stage("b", RUNNER)
        base = fluent.builder
        pipe = fluent.stage(NAME, RUNNER, **options).builder
    else:
        base = need("stageflow.pipeline.builder:PipelineBuilder")(name="p").with_stage("a", RUNNER).with_stage("b", RUNNER)
        pipe = base.with_stage(NAME, RUNNER, **options)
    if params["way"] == "compose":
        other = need("stageflow.pipeline.builder:PipelineBuilder")(name="q", stages={name: pipe.stages[name] for name in ("a", "b", NAME)})
        pipe = base.compose(other)
    elif params["way"] == "compose with itself":
        pipe = pipe.compose(pipe)
    expect_equal(told(pipe, base), wanted(params), "[settings, of them in the graph, stages, stages of the first builder]")


def control(params):
    rows = {"a": {}, "b": {}}
    base, settings = dict(rows), EMPTY | dict(params["options"])
    rows[NAME] = {"name": NAME} | settings | {"own runner": True}
    told_by = [rows[NAME], [rows[NAME]["dependencies"], rows[NAME]["conditional"]], list(rows), list(base)]
    expect_equal(told_by, wanted(params), "settings in a plain dict")
