"""Running a graph opens no files for writing."""

import os
import sys
import warnings

from components.lab.dag_kit import results_of
from components.lab.flow import context, pipeline_context, stage_class
from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="UnifiedStageGraph writes files while it runs",
    claim="Running stages writes nothing to disk that the user did not ask for.",
    source="invariant:no hidden side effect",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="security",
    type="security",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Stage names and errors pile up in files of fixed names in the shared temporary folder; others may read or create them first.",
    recommendation="Remove the debug files and use the logger.",
    workaround="Use Pipeline.build() instead of StageGraph.",
)

CASES = (
    Case("UnifiedStageGraph", {"legacy": False}),
    Case(
        "StageGraph",
        {"legacy": True},
        title="StageGraph appends debug output to fixed files in the temporary folder on every run",
        component="stageflow.pipeline.dag.StageGraph.run",
        cause="stageflow.pipeline.dag:StageGraph.run #debug-files",
    ),
)


def files_opened():
    """Base names of files opened for writing from now on."""
    opened = []

    def hook(event, arguments):
        if event == "open" and isinstance(arguments[0], str) and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
            opened.append(os.path.basename(arguments[0]))  # noqa: PTH119

    sys.addaudithook(hook)
    return opened


async def work(ctx):
    return {"x": 1}


async def scenario(params):
    warnings.simplefilter("ignore")
    if params["legacy"]:
        spec = need("stageflow.pipeline.dag:StageSpec")(name="secret_stage", runner=stage_class(work))
        built = need("stageflow.pipeline.dag:StageGraph")([spec])
    else:
        built = need("stageflow:Pipeline")().with_stage("secret_stage", work, need("stageflow:StageKind").WORK).build()
    opened = files_opened()
    await results_of(built.run(pipeline_context() if params["legacy"] else context()))
    names = sorted({name for name in opened if not name.endswith(".pyc") and ".pyc." not in name})
    if names:
        raise Violation("no file opened for writing during a run", ", ".join(names))


async def control(params):
    opened = files_opened()
    await work(None)
    if opened:
        raise Violation("no file opened for writing during a run", ", ".join(sorted(set(opened))))
