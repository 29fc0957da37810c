"""A stage sees the outputs of exactly the stages it depends on."""

from components.lab.dag_kit import plain_dag, random_edges, results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, Violation

PROBE = Probe(
    title="A stage's inputs are not exactly the outputs of its declared dependencies",
    claim="ctx.inputs.prior_outputs holds the outputs of the declared dependencies, all of them and no others, unchanged.",
    source="docs/api/inputs.md#constructor",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage works on missing or foreign data.",
    recommendation="Build the inputs from the dependencies' recorded outputs.",
    virtual_time=True,
)

CASES = tuple(Case(f"graph {seed} of {size}", {"seed": seed, "size": size}) for seed, size in ((11, 4), (12, 10), (13, 25), (14, 50)))


async def scenario(params):
    rows = random_edges(**params)
    wrong = []

    def make(name, after):
        async def body(ctx):
            seen = {dep: output.data for dep, output in ctx.inputs.prior_outputs.items()}
            if seen != {dep: {"from": dep} for dep in after}:
                wrong.append(name)
            return {"from": name}

        return body

    await results_of(graph(pipeline(*[(name, make(name, after), after) for name, after in rows])).run(context()))
    if wrong:
        raise Violation("every stage to see exactly its dependencies' outputs", f"{len(wrong)} of {len(rows)} stages saw something else")


async def control(params):
    rows = random_edges(**params)
    wrong = []

    def make(name, after):
        async def body(seen):
            if seen != {dep: {"from": dep} for dep in after}:
                wrong.append(name)
            return {"from": name}

        return body

    await plain_dag([(name, make(name, after), after) for name, after in rows])
    if wrong:
        raise Violation("every step to see exactly its dependencies' results", f"{len(wrong)} of {len(rows)} saw something else")
