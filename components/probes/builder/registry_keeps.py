"""A registry gives back exactly the pipelines that were registered."""

from components.lab.dag_kit import raised_by
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="PipelineRegistry does not give back what was registered",
    claim="get() returns the pipeline registered last under a name, list() all names, unknown names raise KeyError.",
    source="docs/guides/pipelines.md#pipeline-registry",
    component="stageflow.pipeline.registry.PipelineRegistry",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A request is served by the wrong pipeline.",
    recommendation="Keep a plain mapping from names to pipelines.",
)

CASES = (
    Case("nothing", {"names": []}),
    Case("one", {"names": ["chat"]}),
    Case("common prefix and case", {"names": ["chat_fast", "chat", "Chat", "chat_fast_v2"]}),
    Case("long names with one beginning", {"names": ["customer_support_chat_fast_eu", "customer_support_chat_fast_us"]}),
    Case("registered again", {"names": ["chat", "voice", "chat"]}),
)


def answers(register, get, listed, contains, names):
    pipes = [f"pipeline {number} for {name}" for number, name in enumerate(names)]
    for name, pipe in zip(names, pipes, strict=True):
        register(name, pipe)
    last = dict(zip(names, pipes, strict=True))
    same = [raised_by(lambda name=name: get(name)) == "nothing" and get(name) == pipe for name, pipe in last.items()]
    return [all(same), sorted(listed()), contains("cha"), [contains(name) for name in last], raised_by(lambda: get("cha"))]


def wanted_answers(names):
    return [True, sorted(set(names)), False, [True] * len(set(names)), "KeyError"]


def scenario(params):
    registry = need("stageflow.pipeline.registry:PipelineRegistry")()
    seen = answers(registry.register, registry.get, registry.list, registry.__contains__, params["names"])
    expect_equal(seen, wanted_answers(params["names"]), "[right pipelines, names, unknown in it, known in it, unknown raises]")


def control(params):
    kept = {}
    seen = answers(kept.__setitem__, kept.__getitem__, kept.keys, kept.__contains__, params["names"])
    expect_equal(seen, wanted_answers(params["names"]), "[right pipelines, names, unknown in it, known in it, unknown raises]")
