"""What a sandboxed case costs, and how many random graphs a second the explorer plays."""

import json
import subprocess

from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.court.trials import run_jobs
from bench.figures.figure import OURS, Samples
from bench.sandbox.warm import plain, warm
from tools.targets import INSTALLED, resolve

CASES = 500
EXPLORED = "explore/start_times_agree"
"""Random graphs, the scheduler of the target against the reference model, in virtual time."""
SECONDS = 10.0
PLAIN_PIPELINE = """
import asyncio, json, time
from stageflow import Pipeline, PipelineContext, StageKind, StageOutput
class Stage:
    name = "s"
    kind = StageKind.TRANSFORM
    async def execute(self, ctx):
        return StageOutput.ok()
async def main():
    graph = Pipeline().with_stage("a", Stage, StageKind.TRANSFORM).with_stage("b", Stage, StageKind.TRANSFORM, dependencies=("a",))
    built = graph.with_stage("c", Stage, StageKind.TRANSFORM, dependencies=("b",)).build()
    began, runs = time.perf_counter(), 0
    while time.perf_counter() - began < 3:
        await built.run(PipelineContext.create())
        runs += 1
    print(json.dumps(runs / (time.perf_counter() - began)))
asyncio.run(main())
"""
"""Three stages that do nothing, on the target alone."""


def context() -> ToolContext:
    """One process at a time, on the installed release."""
    settings = Settings.load(jobs=1)
    return ToolContext(settings, resolve(INSTALLED, settings), None, lambda line: None)


def cases(rounds: int) -> dict[str, Samples]:
    """Milliseconds of a case, its share of the sandbox's start included, and of a plain import without a sandbox."""
    place, taken = context(), {OURS: [], "python -c 'import stageflow'": []}
    for _ in range(rounds):
        taken[OURS].append(warm(place, CASES) / CASES * 1e3)
        taken["python -c 'import stageflow'"].append(plain(place) * 1e3)
    return {"probe": taken}


def explored(rounds: int) -> dict[str, Samples]:
    """Cases a second of a search, and runs a second of a pipeline of three stages that do nothing."""
    place, taken = context(), {OURS: [], "3-stage pipeline on the target alone": []}
    assert place.target
    for seed in range(rounds):
        rows, why = run_jobs([{"probe": EXPLORED, "explore": {"seed": seed, "seconds": SECONDS}}], place, logs=None, deadline=120)
        played = sum(row.examples for row in rows)
        spent = sum(row.seconds for row in rows if row.examples)
        if not played:
            raise SystemExit(f"{EXPLORED} drew no case: {why}")
        taken[OURS].append(played / spent)
        done = subprocess.run([place.target.python, "-c", PLAIN_PIPELINE], check=True, capture_output=True, text=True)
        taken["3-stage pipeline on the target alone"].append(json.loads(done.stdout))
    return {"explorer": taken}
