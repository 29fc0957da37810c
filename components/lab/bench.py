"""A pipeline under test with its services: batches on Stageflow, the same batches in plain Python, and leaving nothing behind."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stageflow.api import PipelineContext

from components.lab.oracles import Evidence
from components.lab.records import read_jsonl
from components.lab.services import Caller
from components.lab.trial import Job, Outcome, Step, all_of, context_of, run_graph, run_plain

GIVE_UP_SECONDS = 8.0
"""A run that has not ended by then counts as failed with a TimeoutError."""


@dataclass(frozen=True)
class Bench:
    """A built graph, the services it talks to, and the sink it reports to.

    Attributes:
        name: in the run ids; the same name and job give the same id.
        data: what every run finds in `PipelineContext.data`.
    """

    name: str
    graph: Any
    services: Any
    sink: Any
    data: Mapping[str, Any]

    def context(self, job: Job, attempt: int = 0, data: Mapping[str, Any] | None = None) -> PipelineContext:
        """The context of one run of a job."""
        return context_of(job, f"{self.name}#{attempt}", self.sink, {**self.data, **(data or {})})

    async def run(self, job: Job, attempt: int = 0, data: Mapping[str, Any] | None = None) -> Outcome:
        """One run of a job."""
        context = self.context(job, attempt, data)
        try:
            return await asyncio.wait_for(run_graph(self.graph, context, job), GIVE_UP_SECONDS)
        except TimeoutError as late:
            reason = f"did not end within {GIVE_UP_SECONDS:g} s"
            return Outcome(job, str(context.pipeline_run_id), "failed", {}, reason, late, GIVE_UP_SECONDS)

    async def batch(self, jobs: Sequence[Job], at_once: int = 8, attempt: int = 0) -> Evidence:
        """All jobs, so many at a time."""
        outcomes = await all_of(jobs, lambda job: self.run(job, attempt), at_once)
        return self.evidence(outcomes)

    def evidence(self, outcomes: Sequence[Outcome]) -> Evidence:
        """The outcomes with what the services have seen so far."""
        return Evidence(outcomes, self.services.ledger, self.services.stored())


async def in_plain_python(steps: Sequence[Step], jobs: Sequence[Job], services: Any, at_once: int = 8) -> Evidence:
    """The control: the same jobs through the same steps without Stageflow; the steps of a job one after the other."""
    outcomes = await all_of(jobs, lambda job: run_plain(steps, job, services, "plain"), at_once)
    return Evidence(outcomes, services.ledger, services.stored())


def load_jobs(root: Path, *kinds: str, most: int = 0) -> list[Job]:
    """Records of the data sets `mocks/data/<kind>/`, the first `most` of each when given."""
    rows = [row for kind in kinds for row in read_jsonl(root / "mocks" / "data" / kind / "records.jsonl")[: most or None]]
    return [Job(number, row["record"], row["expected"]) for number, row in enumerate(rows)]


async def compensate(services: Any, run: str, tenant: str) -> int:
    """Take back what a run has written, last write first; returns how many writes were taken back."""
    taken_back = 0
    for effect in reversed(services.ledger.rows(run=run, outcome="applied")):
        if not effect.operation.startswith("undo_"):
            service = getattr(services, effect.service)
            taken_back += await service.undo(effect.operation, effect.key, Caller(run, tenant))
    return taken_back


async def tear_down(bench: Bench, settle_seconds: float = 0.05) -> list[str]:
    """End what is still running and say what it was."""
    bench.services.faults.active = False
    await asyncio.sleep(settle_seconds)
    left = [task for task in asyncio.all_tasks() if "_execute_node" in repr(task.get_coro())]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return [f"a task of a stage was still there: {task.get_name()}" for task in left]
