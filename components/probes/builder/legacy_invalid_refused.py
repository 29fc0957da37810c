"""The older builder refuses stages that cannot run, as soon as they are put together."""

import warnings

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="PipelineBuilder or PipelineSpec accepts stages that cannot run",
    claim="Missing dependencies, circles, self-dependencies, conflicts and empty names or pipelines are refused with the stages named.",
    source="docstring:stageflow.pipeline.builder.PipelineBuilder",
    component="stageflow.pipeline.builder.PipelineBuilder",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A mistake in a pipeline shows only when it runs, or never.",
    recommendation="Validate whenever stages are put together.",
)

SPEC = "stageflow.pipeline.spec.PipelineSpec"
OWNER = "stageflow.pipeline.builder.PipelineBuilder"
MISSING = ["PipelineValidationError", ["b", "nobody"]]
CIRCLE = ["CycleDetectedError", ["a", "b"]]
ROWS = (
    ("sound", "made", [["a", []], ["b", ["a"]]], ["accepted", []], ""),
    ("sound, declared backwards", "made", [["b", ["a"]], ["a", []]], ["accepted", []], ""),
    ("missing dependency", "made", [["a", []], ["b", ["nobody"]]], MISSING, ""),
    ("circle of 2", "made", [["a", ["b"]], ["b", ["a"]]], CIRCLE, ""),
    ("circle of 3", "made", [["x", ["z"]], ["y", ["x"]], ["z", ["y"]], ["a", ["x"]]], ["CycleDetectedError", ["x", "y", "z"]], ""),
    ("added with a missing dependency", "added", [["a", []], ["b", ["nobody"]]], MISSING, f"{OWNER}.with_stage"),
    ("added, sound", "added", [["a", []], ["b", ["a"]], ["c", ["a", "b"]]], ["accepted", []], f"{OWNER}.with_stage"),
    ("detected circle", "detected", [["a", ["b"]], ["b", ["a"]]], CIRCLE, f"{OWNER}._detect_cycles"),
    ("detected circle behind a chain", "detected", [["c", ["b"]], ["a", ["b"]], ["b", ["a"]]], CIRCLE, f"{OWNER}._detect_cycles"),
    (
        "detected nothing",
        "detected",
        [["d", ["b", "c"]], ["b", ["a"]], ["c", ["a"]], ["a", []]],
        ["accepted", []],
        f"{OWNER}._detect_cycles",
    ),
    ("conflict", "composed", [["a", []], ["b", ["a"]]], ["PipelineValidationError", ["b"]], f"{OWNER}.compose"),
    ("empty", "built", [], ["refused", []], f"{OWNER}.build"),
    ("one stage", "built", [["a", []]], ["accepted", []], f"{OWNER}.build"),
    ("empty name", "spec", [["", []]], ["ValueError", []], SPEC),
    ("blank name", "spec", [[" \t", []]], ["ValueError", []], SPEC),
    ("depends on itself", "spec", [["a", ["b", "a"]]], ["ValueError", []], SPEC),
    ("ordinary", "spec", [["a", ["b"]]], ["accepted", []], SPEC),
    ("name with spaces", "spec", [[" a b ", []]], ["accepted", []], SPEC),
)
CASES = tuple(
    Case(f"{how}: {name}", {"how": how, "rows": rows, "expected": expected}, component=owner) for name, how, rows, expected, owner in ROWS
)


class Runner:
    async def execute(self, ctx):
        return {}


def put_together(how, rows):
    """Make the pipeline in one of the ways."""
    make, spec = need("stageflow.pipeline.builder:PipelineBuilder"), need("stageflow.pipeline.spec:PipelineSpec")
    specs = {name: spec(name=name, runner=Runner, dependencies=tuple(after)) for name, after in rows}
    if how == "made":
        make(name="p", stages=specs)
    elif how == "built":
        make(name="p", stages=specs).build()
    elif how == "added":
        pipe = make(name="p")
        for name, after in rows:
            pipe = pipe.with_stage(name, Runner, dependencies=after)
    elif how == "detected":
        detect, pipe = need("stageflow.pipeline.builder:PipelineBuilder._detect_cycles"), make(name="p")
        pipe.stages.update(specs)
        detect(pipe)
    elif how == "composed":
        other = specs | {"b": spec(name="b", runner=Runner, dependencies=("a",), inputs=("other",))}
        make(name="p", stages=specs).compose(make(name="q", stages=other))


def verdict_on(call):
    try:
        call()
    except NotApplicable:
        raise
    except Exception as error:
        return [type(error).__name__, sorted(set(getattr(error, "stages", ())))]
    return ["accepted", []]


def scenario(params):
    warnings.simplefilter("ignore")
    verdict, stages = verdict_on(lambda: put_together(params["how"], params["rows"]))
    if params["expected"][0] == "refused" and verdict in ("ValueError", "PipelineValidationError"):
        verdict = "refused"  # one is documented, the other is what the current builder raises
    expect_equal([verdict, stages], list(params["expected"]), "[verdict, stages named]")


class Refused(Exception):
    def __init__(self, *stages):
        super().__init__(stages)
        self.stages = stages


def check_graph(after):
    """Refuse an empty graph, a dependency that is not there, and a circle with the stages that are in one."""
    if not after:
        raise Refused()
    for name, deps in after.items():
        if lost := deps - set(after):
            raise Refused(name, *lost)
    while ready := [name for name in after if not after[name] & set(after)]:
        for name in ready:
            del after[name]
    while leaves := [name for name in after if not any(name in deps for deps in after.values())]:
        del after[leaves[0]]
    if after:
        raise Refused(*after)


def check_plainly(how, rows):
    after = {name: set(deps) for name, deps in rows}
    if how == "spec":
        if any(not name.strip() or name in deps for name, deps in after.items()):
            raise Refused()
        return
    check_graph(after)
    if how == "composed":
        raise Refused("b")


def control(params):
    expected = list(params["expected"])
    verdict, stages = verdict_on(lambda: check_plainly(params["how"], params["rows"]))
    expect_equal([verdict.replace("Refused", expected[0]), stages], expected, "[verdict, stages named]")
