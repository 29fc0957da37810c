"""Composing keeps every stage of both pipelines with all of its settings, and changes neither."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="compose() loses or changes a stage, or changes one of the two pipelines",
    claim="The composed pipeline has the stages of both, each with its runner, kind, dependencies, condition and configuration.",
    source="docstring:stageflow.pipeline.pipeline.Pipeline.compose",
    component="stageflow.pipeline.pipeline.Pipeline.compose",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages or edges vanish when components are put together.",
    recommendation="Merge the stage mappings into a new pipeline.",
)

CASES = (
    Case("disjoint", {"first": ["a", "b"], "second": ["c", "d"]}),
    Case("edge into the first", {"first": ["a"], "second": ["b", "c"]}),
    Case("same stage in both", {"first": ["a", "b"], "second": ["b", "c"]}),
    Case("empty first", {"first": [], "second": ["a"]}),
    Case("empty second", {"first": ["a", "b"], "second": []}),
)
AFTER = {"a": (), "b": ("a",), "c": ("a", "b"), "d": ("c",)}


class Configured:
    def __init__(self, mark=""):
        self.mark = mark

    async def execute(self, ctx):
        return {}


def expected_rows(names):
    return {name: [AFTER[name], name in "bd", {"mark": name}, "work"] for name in names}


def rows_of_pipeline(pipe):
    return {name: [spec.dependencies, spec.conditional, dict(spec.config), str(spec.kind)] for name, spec in pipe.stages.items()}


def scenario(params):
    pipes = []
    for half in ("first", "second"):
        pipe = need("stageflow:Pipeline")()
        for name in params[half]:
            conditional = name in "bd"
            pipe = pipe.with_stage(name, Configured, "work", dependencies=AFTER[name], conditional=conditional, config={"mark": name})
        pipes.append(pipe)
    seen = [rows_of_pipeline(pipe) for pipe in (pipes[0].compose(pipes[1]), *pipes)]
    wanted = [expected_rows(names) for names in (params["first"] + params["second"], params["first"], params["second"])]
    expect_equal(seen, wanted, "stages of [composed, first, second]")


def control(params):
    first, second = expected_rows(params["first"]), expected_rows(params["second"])
    wanted = [expected_rows(names) for names in (params["first"] + params["second"], params["first"], params["second"])]
    expect_equal([first | second, first, second], wanted, "stages of [composed, first, second]")
