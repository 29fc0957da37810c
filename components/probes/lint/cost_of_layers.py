"""Linting a layered graph does not explode with the number of layers."""

from components.lab.dag_kit import calls_during, plain_pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="lint_pipeline takes exponential time on layered graphs",
    claim="The cost of linting grows with stages and dependencies, not with the number of paths through the graph.",
    source="invariant:complexity",
    component="stageflow.cli.lint.lint_pipeline",
    subsystem="lint",
    category="performance",
    type="performance",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="A valid pipeline of sixty stages in layers of four keeps the linter busy for minutes; each layer makes it four times as long.",
    recommendation="Search for cycles with one depth-first pass that visits every stage once.",
    workaround="Use Pipeline.build(), whose cycle check is linear.",
    seconds=30.0,
)

CASES = (Case("3 stages a layer", {"width": 3, "small": 5, "large": 8}), Case("4 stages a layer", {"width": 4, "small": 4, "large": 7}))


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
    graphs = [plain_pipeline(layers(params["width"], params[size]), body) for size in ("small", "large")]
    lint(graphs[0])
    judge_cost(*[calls_during(lambda graph=graph: lint(graph)) for graph in graphs])


def control(params):
    def search(rows):
        after, seen = dict(rows), set()

        def visit(name):
            if name not in seen:
                seen.add(name)
                for dep in after[name]:
                    visit(dep)

        for name in after:
            visit(name)

    judge_cost(*[calls_during(lambda count=params[size]: search(layers(params["width"], count))) for size in ("small", "large")])
