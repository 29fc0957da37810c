"""Linting copes with layered graphs and with long chains."""

from components.lab.dag_kit import calls_during, plain_pipeline, raised_by
from components.lab.probe import Case, Probe, expect, expect_equal, need

PROBE = Probe(
    title="lint_pipeline follows every path: exponential time on layered graphs, RecursionError on long chains",
    claim="The cost of linting a valid pipeline grows with stages and dependencies, not with the number or length of its paths.",
    source="invariant:complexity",
    component="stageflow.cli.lint.lint_pipeline",
    subsystem="lint",
    category="performance",
    type="performance",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="A valid pipeline of sixty stages in layers of four keeps the linter busy for minutes; each layer makes it four times as long.",
    recommendation="Search for cycles with one pass over an explicit stack that visits every stage once.",
    workaround="Use Pipeline.build() as the check, with dependencies declared first.",
    seconds=30.0,
    cause="stageflow.cli.lint:lint_pipeline #cycle-search",
)

CASES = (
    Case("3 stages a layer", {"width": 3, "small": 5, "large": 8}),
    Case("4 stages a layer", {"width": 4, "small": 4, "large": 7}),
    Case("chain of 50 stages", {"width": 1, "chain": 50}),
    Case("chain of 1500 stages", {"width": 1, "chain": 1500}),
)


def layers(width, count):
    return [(f"s{layer}_{n}", [f"s{layer - 1}_{k}" for k in range(width)] if layer else []) for layer in range(count) for n in range(width)]


async def body(ctx):
    return {}


def judge_cost(small, large):
    expect(
        large <= 6 * small + 200, "about as much more work as there are stages and dependencies", "work that multiplies with every layer"
    )


def scenario(params):
    lint = need("stageflow.cli.lint:lint_pipeline")
    if "chain" in params:
        chain = plain_pipeline(layers(params["width"], params["chain"]), body)
        expect_equal(raised_by(lambda: lint(chain)), "nothing", f"what linting a chain of {params['chain']} stages raises")
        return
    graphs = [plain_pipeline(layers(params["width"], params[size]), body) for size in ("small", "large")]
    lint(graphs[0])
    judge_cost(*[calls_during(lambda graph=graph: lint(graph)) for graph in graphs])


def control(params):
    def search(rows):
        after, seen = dict(rows), set()
        waiting = list(after)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(after[name])

    if "chain" in params:
        chain = layers(params["width"], params["chain"])
        expect_equal(raised_by(lambda: search(chain)), "nothing", f"what checking a chain of {params['chain']} steps raises")
        return
    judge_cost(*[calls_during(lambda count=params[size]: search(layers(params["width"], count))) for size in ("small", "large")])
