"""Short ways to build and run pipelines on the target, for probes."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from components.lab.probe import need

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


def context(**fields: Any) -> Any:
    """A `PipelineContext` with fresh random ids; `fields` override."""
    ids = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id", "interaction_id")
    values: dict[str, Any] = {name: uuid.uuid4() for name in ids}
    values |= {"topology": "probe", "execution_mode": "default"}
    cls = need("stageflow:PipelineContext")
    need("stageflow.stages.context:PipelineContext.derive_root_stage_context")  # 0.9.6 and later run graphs on it
    return cls(**(values | fields))


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
    """Build the executable graph; without `interceptors` the default stack is used."""
    if interceptors is not None:
        options["interceptors"] = [*interceptors, EmptyInterceptor()]
    return pipe.build(**options)


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
    """(result, None) or (None, the exception); cancellation of the caller still gets through."""
    try:
        return await awaitable, None
    except asyncio.CancelledError:
        raise
    except Exception as error:
        return None, error


def status_of(output: Any) -> str:
    """A stage output's status as a lower-case word."""
    status = getattr(output, "status", output)
    return str(getattr(status, "value", status)).lower()
