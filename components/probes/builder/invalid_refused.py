"""A pipeline that cannot run is refused when it is built, with an error that names the cause."""

import warnings

from components.lab.dag_kit import plain_pipeline
from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="A pipeline that cannot run is built, or is refused without naming the cause",
    claim="Building validates: empty pipelines, missing dependencies and cycles raise PipelineValidationError naming the stages.",
    source="docs/guides/pipelines.md#build-the-graph",
    component="stageflow.pipeline.pipeline.Pipeline.build",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A mistake in a pipeline shows only when it runs, or never.",
    recommendation="Validate in build() before anything else.",
)

SHAPES = {
    "sound": ([["a", []], ["b", ["a"]]], ["built"]),
    "sound, declared backwards": ([["b", ["a"]], ["a", []]], ["built"]),
    "empty": ([], ["PipelineValidationError"]),
    "missing dependency": ([["a", []], ["b", ["nobody"]]], ["PipelineValidationError", "b", "nobody"]),
    "self-dependency": ([["a", []], ["b", ["b"]]], ["CycleDetectedError", "b"]),
    "circle of 2": ([["a", ["b"]], ["b", ["a"]], ["c", []]], ["CycleDetectedError", "a", "b"]),
    "circle behind a chain": ([["a", []], ["x", ["a", "z"]], ["y", ["x"]], ["z", ["y"]]], ["CycleDetectedError", "x", "y", "z"]),
}
CASES = tuple(Case(name, {"rows": rows, "expected": expected}) for name, (rows, expected) in SHAPES.items())


async def body(ctx):
    return {}


def verdict_on(build):
    try:
        build()
    except Exception as error:
        if isinstance(error, ValueError) and "ValueError:" in (need("stageflow:Pipeline.build").__doc__ or ""):
            raise NotApplicable("build() is documented to raise ValueError, which names no stages") from error
        return [type(error).__name__, *sorted(set(getattr(error, "stages", ["?"])))]
    return ["built"]


def scenario(params):
    warnings.simplefilter("ignore")
    need("stageflow.pipeline.spec:CycleDetectedError")
    expect_equal(verdict_on(plain_pipeline(params["rows"], body).build), list(params["expected"]), "what build() says")


class Refused(Exception):
    def __init__(self, *stages):
        super().__init__(stages)
        self.stages = stages


def control(params):
    kinds = {"PipelineValidationError": "Refused", "CycleDetectedError": "Refused"}

    def build():
        after = {name: set(deps) for name, deps in params["rows"]}
        if not after:
            raise Refused()
        for name, deps in after.items():
            if deps - set(after):
                raise Refused(name, *(deps - set(after)))
        while ready := [name for name in after if not after[name] & set(after)]:
            for name in ready:
                del after[name]
        if after:
            raise Refused(*after)

    expect_equal(verdict_on(build), [kinds.get(word, word) for word in params["expected"]], "what a plain validator says")
