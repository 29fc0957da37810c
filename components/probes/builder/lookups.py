"""has_stage, get_stage, stage_names and stage_specs answer for exactly the stages that were added."""

import warnings

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A pipeline answers wrongly which stages it has",
    claim="has_stage and get_stage know exactly the stages that were added, stage_names and the built graph list each once.",
    source="docs/api/pipeline.md#additional-helpers",
    component="stageflow.pipeline.pipeline.Pipeline",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Code that extends a pipeline adds a stage twice or attaches to one that is not there.",
    recommendation="Answer from the mapping of stages.",
)

BUILDER = "stageflow.pipeline.builder:PipelineBuilder"
KINDS = {"stageflow.pipeline.pipeline:Pipeline": "", BUILDER: "stageflow.pipeline.builder.PipelineBuilder"}
LONG = "fetch_customer_profile_from_region_"
SETS = {"none": [], "one": ["a"], "chain": ["a", "b", "c"], "long names": [f"{LONG}eu", f"{LONG}us"], "same twice": ["a", "b", "a"]}
ABSENT = ("", "A", "aa", LONG)
QUESTIONS = ("has_stage", "get_stage", "stage_names", "stages", "repr", "graph")
CASES = tuple(
    Case(
        f"{made.rpartition(':')[2]}: {question}",
        {"made": made, "question": question},
        component=f"{owner or 'stageflow.pipeline.pipeline.Pipeline'}.{question.replace('graph', 'build').replace('repr', '__repr__')}",
    )
    for made, owner in KINDS.items()
    for question in QUESTIONS
    if owner or question != "repr"
)


class Runner:
    async def execute(self, ctx):
        return {}


def wanted(question, names):
    known = list(dict.fromkeys(names))
    if question in ("has_stage", "get_stage"):
        return [known, []]
    return sorted(known) if question == "repr" else known


def answered(pipe, question, names):
    if question == "has_stage":
        return [[name for name in dict.fromkeys(names) if pipe.has_stage(name) is True], [name for name in ABSENT if pipe.has_stage(name)]]
    if question == "get_stage":
        found = [getattr(pipe.get_stage(name), "name", "nothing") for name in dict.fromkeys(names)]
        return [found, [name for name in ABSENT if pipe.get_stage(name) is not None]]
    if question == "repr":
        return sorted(name for name in set(names) if repr(name) in repr(pipe))
    if question == "graph":
        return [spec.name for spec in pipe.build().stage_specs]
    return pipe.stage_names() if question == "stage_names" else list(pipe.stages)


def made_of(names, params):
    """A pipeline of a chain of these stages; a name that comes again replaces the stage by the same one."""
    pipe, before = need(params["made"])(), ()
    kind = () if params["made"] == BUILDER else (need("stageflow:StageKind").WORK,)
    for name in names:
        after = pipe.stages[name].dependencies if name in pipe.stages else before
        pipe = pipe.with_stage(name, Runner, *kind, dependencies=after)
        before = (name,)
    return pipe


def judge(make, question):
    sets = {label: names for label, names in SETS.items() if names or question != "graph"}
    seen = {label: answered(make(names), question, names) for label, names in sets.items()}
    expect_equal(seen, {label: wanted(question, names) for label, names in sets.items()}, f"{question} for each set of stages")


def scenario(params):
    warnings.simplefilter("ignore")
    judge(lambda names: made_of(names, params), params["question"])


class PlainSpec:
    def __init__(self, name):
        self.name = name


class PlainPipe:
    def __init__(self, names):
        self.stages = {name: PlainSpec(name) for name in names}
        self.get_stage = self.stages.get
        self.stage_specs = list(self.stages.values())

    def has_stage(self, name):
        return name in self.stages

    def stage_names(self):
        return list(self.stages)

    def build(self):
        return self

    def __repr__(self):
        return repr(list(self.stages))


def control(params):
    judge(PlainPipe, params["question"])
