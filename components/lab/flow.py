"""Short ways to build and run pipelines on the target, for probes."""

import asyncio
import inspect
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from components.lab.absence import missing_api
from components.lab.probe import NotApplicable, need

Body = Callable[[Any], Awaitable[Any]]


class FunctionStage:
    """A stage made of an async function."""

    def __init__(self, name: str, body: Body, kind: Any) -> None:
        self.name = name
        self.kind = kind
        self._body = body

    async def execute(self, ctx: Any) -> Any:
        """Run the function."""
        return await self._body(ctx)


def stage_class(body: Body) -> type:
    """A class whose instances run the function: the only kind of runner that `StageGraph` takes in every release."""

    class Stage:
        """Runs the function."""

        async def execute(self, ctx: Any) -> Any:
            """Run it."""
            return await body(ctx)

    return Stage


def pipeline(*stages: Sequence[Any]) -> Any:
    """A `Pipeline` of `(name, body)`, `(name, body, dependencies)`, `(…, kind)`, `(…, conditional)` rows; kind is a lower-case name."""
    built = need("stageflow:Pipeline")()
    kinds = need("stageflow:StageKind")
    for row in stages:
        name, body = row[0], row[1]
        after = tuple(row[2]) if len(row) > 2 else ()
        kind = kinds(row[3]) if len(row) > 3 else kinds.TRANSFORM
        conditional = bool(row[4]) if len(row) > 4 else False
        built = built.with_stage(name, FunctionStage(name, body, kind), kind, dependencies=after, conditional=conditional)
    return built


CONTEXT_IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id", "interaction_id")


def fresh_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What every context of a probe has, random ids among it; `fields` override."""
    ids = {name: uuid.uuid4() for name in CONTEXT_IDS}
    return {**ids, "topology": "probe", "execution_mode": "default", **fields}


def pipeline_context(**fields: Any) -> Any:
    """A `PipelineContext` with fresh random ids; `fields` override."""
    return need("stageflow:PipelineContext")(**fresh_fields(fields))


def stage_context(**fields: Any) -> Any:
    """A root `StageContext` with fresh random ids: what a graph's `run` takes on releases that know no other way."""
    values = fresh_fields(fields)
    identity = need("stageflow.context.identity:RunIdentity")(**{name: values.pop(name) for name in CONTEXT_IDS})
    sink = values.pop("event_sink", None)
    snapshot = need("stageflow.context:ContextSnapshot")(run_id=identity, **values)
    inputs = need("stageflow.stages.inputs:create_stage_inputs")(snapshot=snapshot)
    timer = need("stageflow.core:PipelineTimer")()
    return need("stageflow.core:StageContext")(snapshot=snapshot, inputs=inputs, stage_name="root", timer=timer, event_sink=sink)


def context(**fields: Any) -> Any:
    """The context to run a graph with, with fresh random ids; `fields` override."""
    runs_on_pipeline_context = hasattr(need("stageflow.stages.context:PipelineContext"), "derive_root_stage_context")
    return (pipeline_context if runs_on_pipeline_context else stage_context)(**fields)


def call_off_later(run: Any, seconds: float, reason: str) -> None:
    """Cancel the context of a run after a while, for a reason.

    Raises:
        NotApplicable: this release takes no reason.
    """
    if "reason" not in inspect.signature(run.mark_canceled).parameters:
        raise NotApplicable("mark_canceled() takes no reason")
    asyncio.get_running_loop().call_later(seconds, run.mark_canceled, reason)


class EmptyInterceptor:
    """Does nothing. A stack holding only this is the way to run without the default stack: an empty list installs it."""

    name = "empty"
    priority = 1000

    async def before(self, stage_name: str, ctx: Any) -> None:
        """Let the stage run."""

    async def after(self, stage_name: str, result: Any, ctx: Any) -> None:
        """Nothing to do."""

    async def on_error(self, stage_name: str, error: Exception, ctx: Any) -> Any:
        """Let the error through."""
        return need("stageflow.pipeline.interceptors:ErrorAction").FAIL


def graph(pipe: Any, interceptors: Sequence[Any] | None = None, **options: Any) -> Any:
    """Build the executable graph; without `interceptors` the default stack is used, if the release has one."""
    takes_interceptors = "interceptors" in inspect.signature(pipe.build).parameters
    if interceptors or (interceptors is not None and takes_interceptors):
        options["interceptors"] = [*interceptors, EmptyInterceptor()]
    return pipe.build(**options)


def default_graph(pipe: Any) -> Any:
    """Build the executable graph with the default stack of interceptors around its stages.

    Raises:
        NotApplicable: graphs of this release run their stages without interceptors.
    """
    if "interceptors" not in inspect.signature(pipe.build).parameters:
        raise NotApplicable("Pipeline.build() takes no interceptors")
    return graph(pipe)


class RecordingSink:
    """An event sink that keeps everything: `events` is a list of (type, data)."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    async def emit(self, *, type: str, data: dict[str, Any] | None) -> None:
        """Keep the event."""
        self.events.append((type, dict(data or {})))

    def try_emit(self, *, type: str, data: dict[str, Any] | None) -> None:
        """Keep the event."""
        self.events.append((type, dict(data or {})))

    def of(self, part: str) -> list[dict[str, Any]]:
        """Data of all events whose type contains `part`."""
        return [data for kind, data in self.events if part in kind]


async def outcome(awaitable: Awaitable[Any]) -> tuple[Any, BaseException | None]:
    """(result, None) or (None, the exception); cancellation of the caller still gets through.

    Raises:
        NotApplicable: our own code, perhaps that of a stage, has failed for want of an API of the target.
    """
    try:
        return await awaitable, None
    except asyncio.CancelledError:
        raise
    except Exception as error:
        if missing := missing_api(error) or missing_api(getattr(error, "original", None)):
            raise NotApplicable(missing) from error
        return None, error


def status_of(output: Any) -> str:
    """A stage output's status as a lower-case word."""
    status = getattr(output, "status", output)
    return str(getattr(status, "value", status)).lower()
