"""One record through a pipeline: on Stageflow, and step by step in plain Python as the control."""

import asyncio
import copy
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

from stageflow.api import PipelineContext, StageContext, StageStatus
from stageflow.pipeline.dag import UnifiedPipelineCancelled

from components.lab.services import Caller, RowNotFound

CORRELATION: ContextVar[str] = ContextVar("correlation", default="")
"""Run id of the record that is being worked on; the log formatter adds it to every line."""

Upstream = Mapping[str, Mapping[str, Any]]
"""Outputs of the stages that a stage depends on, by stage name."""


class Rejected(Exception):
    """The record must not pass; a decision of the pipeline, not a failure."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)


class UpstreamMissing(KeyError):
    """A stage ran although a stage that it depends on left no output."""


@dataclass(frozen=True)
class Job:
    """One record to process and what is expected of it.

    Attributes:
        number: position in its batch; run ids follow from it.
        record: the input, `tenant` included.
        expected: `outcome` (accepted or rejected), `decision`, `outputs`, `effects`; see the data files.
    """

    number: int
    record: Mapping[str, Any]
    expected: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tenant(self) -> str:
        """On whose behalf."""
        return str(self.record.get("tenant"))


@dataclass(frozen=True)
class Request:
    """What a step gets to see of a run; `on_stageflow` is False in the control."""

    record: Mapping[str, Any]
    tenant: str
    run: str
    emit: Callable[[str, dict[str, Any]], None]
    on_stageflow: bool = False

    @property
    def caller(self) -> Caller:
        """On whose behalf services are asked."""
        return Caller(self.run, self.tenant)


@dataclass(frozen=True)
class Step:
    """The body of a stage without Stageflow: name, what it comes after, and the function."""

    name: str
    after: tuple[str, ...]
    run: Callable[[Request, Upstream, Any], Awaitable[Mapping[str, Any]]]


OutcomeStatus = Literal["ok", "refused", "cancelled", "failed"]


@dataclass(frozen=True)
class Outcome:
    """How one run ended.

    Attributes:
        status: ok; refused by a stage of the pipeline; cancelled from outside; failed by an exception.
        outputs: data of each stage that finished.
        intact: the input is as it was before the run.
    """

    job: Job
    run: str
    status: OutcomeStatus
    outputs: dict[str, dict[str, Any]]
    reason: str = ""
    error: BaseException | None = None
    seconds: float = 0.0
    intact: bool = True


def run_id(salt: str, number: int) -> uuid.UUID:
    """The run id of a job in a batch; the same in every execution."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{salt}:{number}")


def tenant_id(tenant: str) -> uuid.UUID:
    """The organisation id of a tenant."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, tenant)


def context_of(job: Job, salt: str, sink: Any, data: Mapping[str, Any] | None = None) -> PipelineContext:
    """The Stageflow context of a job, with every id set."""
    run = run_id(salt, job.number)
    return PipelineContext.create(
        pipeline_run_id=run,
        request_id=uuid.uuid5(run, "request"),
        session_id=uuid.uuid5(run, "session"),
        user_id=uuid.uuid5(run, "user"),
        org_id=tenant_id(job.tenant),
        interaction_id=uuid.uuid5(run, "interaction"),
        topology=salt,
        execution_mode="test",
        metadata={"record": copy.deepcopy(dict(job.record)), "tenant": job.tenant},
        event_sink=sink,
        data=dict(data or {}),
    )


def request_of(ctx: StageContext) -> Request:
    """The request inside a stage."""
    given = ctx.snapshot.metadata
    return Request(given["record"], given["tenant"], str(ctx.pipeline_run_id), ctx.try_emit_event, on_stageflow=True)


def upstream_of(ctx: StageContext, *names: str) -> Upstream:
    """Outputs of the named dependencies.

    Raises:
        UpstreamMissing: one of them left none.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for name in names:
        output = ctx.inputs.get_output(name)
        if output is None:
            raise UpstreamMissing(name)
        found[name] = output.data
    return found


async def run_graph(graph: Any, context: PipelineContext, job: Job) -> Outcome:
    """Run a built graph to its end, whatever that is; cancellation of the caller still gets through."""
    CORRELATION.set(str(context.pipeline_run_id))
    before = json.dumps(job.record, sort_keys=True, default=str)
    began = time.perf_counter()
    status: OutcomeStatus = "ok"
    reason = ""
    error: BaseException | None = None
    results: Mapping[str, Any] = {}
    try:
        results = await graph.run(context)
    except UnifiedPipelineCancelled as cancelled:
        status = "cancelled" if context.is_canceled or cancelled.stage == "<external>" else "refused"
        reason, results = str(cancelled.reason), cancelled.results
    except asyncio.CancelledError:
        raise
    except Exception as failure:
        status, reason, error = "failed", str(failure), failure
    seconds = time.perf_counter() - began
    intact = json.dumps(context.metadata["record"], sort_keys=True, default=str) == before
    return Outcome(job, str(context.pipeline_run_id), status, plain_data(results), reason, error, seconds, intact)


def plain_data(results: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Stage data by stage, without the reason that Stageflow adds to a skipped stage."""
    found: dict[str, dict[str, Any]] = {}
    for name, output in results.items():
        dropped = {"reason"} if output.status == StageStatus.SKIP else set()
        found[name] = {key: value for key, value in output.data.items() if key not in dropped}
    return found


async def run_plain(steps: Sequence[Step], job: Job, services: Any, salt: str) -> Outcome:
    """The control: the same step functions one after the other, without Stageflow."""
    run = str(run_id(salt, job.number))
    request = Request(copy.deepcopy(dict(job.record)), job.tenant, run, lambda type, data: None)
    outputs: dict[str, dict[str, Any]] = {}
    status: OutcomeStatus = "ok"
    reason = ""
    error: BaseException | None = None
    began = time.perf_counter()
    try:
        for step in steps:
            outputs[step.name] = dict(await step.run(request, {name: outputs[name] for name in step.after}, services))
    except (Rejected, RowNotFound) as refusal:
        status, reason = "refused", str(refusal)
    except Exception as failure:
        status, reason, error = "failed", f"{type(failure).__name__}: {failure}", failure
    return Outcome(job, run, status, outputs, reason, error, time.perf_counter() - began)


async def all_of(jobs: Sequence[Job], run: Callable[[Job], Awaitable[Outcome]], at_once: int = 8) -> list[Outcome]:
    """Outcomes of all jobs, in their order, so many at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one(job: Job) -> Outcome:
        async with gate:
            return await run(job)

    return list(await asyncio.gather(*(one(job) for job in jobs)))
