"""A run returns one output for each stage, under its exact name, with the data that this stage returned."""

from components.lab.dag_kit import plain_dag, results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, Violation

PROBE = Probe(
    title="A run's results are not one output per stage under its exact name",
    claim="The results map every stage's name to what that stage returned: none missing, none added, none mixed up.",
    source="docs/guides/pipelines.md#access-results",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A caller reads another stage's output, or none, for a stage that ran.",
    recommendation="Record each output under the unchanged stage name.",
    virtual_time=True,
)

CASES = (
    Case("short names", {"names": ["a", "b", "c"]}),
    Case("long names with one beginning", {"names": ["fetch_customer_profile_from_region_" * 3 + tail for tail in ("eu", "us", "ap")]}),
    Case("names that differ in case", {"names": ["Load", "load", "LOAD"]}),
    Case("punctuation and other scripts", {"names": ["a.b", "a/b", "a b", " a", "ä", "数据", "a-b", "1"]}),
    Case("names of words with a meaning", {"names": ["run", "inputs", "data", "stage", "results", "None", "__root__"]}),
    Case("300 stages", {"names": [f"stage_{n:03}" for n in range(300)]}),
)


def returning(name):
    async def body(_):
        return {"me": name}

    return body


def compare(results, names):
    if sorted(results) != sorted(names):
        raise Violation(
            f"results for exactly {len(names)} stages by name", f"{len(results)} results, {len(set(results) & set(names))} of them known"
        )
    wrong = sum(results[name] != {"me": name} for name in names)
    if wrong:
        raise Violation("each result to be its own stage's output", f"{wrong} of {len(names)} results are another stage's")


async def scenario(params):
    names = params["names"]
    results = await results_of(graph(pipeline(*[(name, returning(name)) for name in names])).run(context()))
    compare({name: output.data for name, output in results.items()}, names)


async def control(params):
    compare(await plain_dag([(name, returning(name), ()) for name in params["names"]]), params["names"])
