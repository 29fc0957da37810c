"""A pipeline keeps its name through every way of extending it, also of being composed."""

import warnings

from components.lab.probe import Case, Probe, expect, expect_equal, need

PROBE = Probe(
    title="A pipeline loses its name when it is extended or composed",
    claim="from_stages, with_stage and with_stages keep the name that was given; composing keeps a common name, or at least the first.",
    source="docs/api/pipeline.md#with_stages--from_stages--stage",
    component="stageflow.pipeline.pipeline.Pipeline",
    subsystem="builder",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Events and dashboards attribute a run to another pipeline.",
    recommendation="Pass the name on to every new pipeline.",
)

OWNER = "stageflow.pipeline.pipeline.Pipeline"
LEGACY = "stageflow.pipeline.builder.PipelineBuilder"
WAYS = ("from_stages", "with_stage", "with_stages", "compose")
CASES = (
    *(Case(way, {"way": way, "legacy": False, "names": ["customer_support_chat"]}, component=f"{OWNER}.{way}") for way in WAYS),
    Case("compose, two names", {"way": "compose", "legacy": False, "names": ["chat", "voice"]}, component=f"{OWNER}.compose"),
    Case("older with_stage", {"way": "with_stage", "legacy": True, "names": ["chat"]}, component=f"{LEGACY}.with_stage"),
    Case("older compose", {"way": "compose", "legacy": True, "names": ["chat", "voice"]}, component=f"{LEGACY}.compose"),
    Case(
        "fluent", {"way": "fluent", "legacy": True, "names": ["chat"]}, component="stageflow.pipeline.builder_helpers.FluentPipelineBuilder"
    ),
)


class Runner:
    async def execute(self, ctx):
        return {}


def extended(params):
    """A pipeline of the first name, extended in that way; of both names when it is composed."""
    names = params["names"]
    if params["way"] == "fluent":
        return need("stageflow.pipeline.builder_helpers:FluentPipelineBuilder")(names[0]).stage("a", Runner()).builder
    make = need("stageflow.pipeline.builder:PipelineBuilder") if params["legacy"] else need("stageflow:Pipeline")
    kind = () if params["legacy"] else (need("stageflow:StageKind").WORK,)
    if params["way"] == "with_stage":
        return make(name=names[0]).with_stage("a", Runner, *kind)
    if params["way"] == "compose":
        parts = [make(name=name).with_stage(stage, Runner, *kind) for name, stage in zip([names[0], names[-1]], "ab", strict=True)]
        return parts[0].compose(parts[1])
    spec = need("stageflow.pipeline.pipeline:stage")("a", Runner, *kind)
    return make(name=names[0]).with_stages(spec) if params["way"] == "with_stages" else make.from_stages(spec, name=names[0])


def judge(name, names):
    if len(names) == 1:
        expect_equal(name, names[0], "name of the pipeline")
    else:
        expect(names[0] in name, f"a name with {names[0]} in it", repr(name))


def scenario(params):
    warnings.simplefilter("ignore")
    judge(extended(params).name, params["names"])


def control(params):
    judge("+".join(params["names"]), params["names"])
