"""Facts about the developer experience of the target, each from an execution: `python dx_facts.py --out FILE`.

Makes ten common mistakes and looks at what the framework says, looks at what a failing run leaves for debugging,
tries the extension points, and does one three-stage job with the framework and in plain asyncio.
"""

import argparse
import asyncio
import inspect
import json
import logging
import statistics
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 200


def stage_of(body: Callable[[Any], Any]) -> Any:
    """A stage instance from a plain function."""

    class Stage:
        name = "stage"

        async def execute(self, ctx: Any) -> Any:
            return body(ctx)

    return Stage()


def chain(*rows: tuple[str, Callable[[Any], Any], tuple[str, ...]]) -> Any:
    """A pipeline of (name, body, dependencies)."""
    from stageflow import Pipeline, StageKind

    built = Pipeline()
    for name, body, after in rows:
        built = built.with_stage(name, stage_of(body), StageKind.TRANSFORM, dependencies=after)
    return built


def job_with_stageflow() -> Any:
    """Add, double, sum: the three-stage job on the framework."""
    from stageflow import Pipeline, StageContext, StageKind

    class Add:
        async def execute(self, ctx: StageContext) -> dict[str, int]:
            return {"value": 1}

    class Double:
        async def execute(self, ctx: StageContext) -> dict[str, int]:
            return {"value": 2 * ctx.inputs.get_from("add", "value")}

    class Total:
        async def execute(self, ctx: StageContext) -> dict[str, int]:
            return {"value": ctx.inputs.get_from("add", "value") + ctx.inputs.get_from("double", "value")}

    return (
        Pipeline()
        .with_stage("add", Add, StageKind.TRANSFORM)
        .with_stage("double", Double, StageKind.TRANSFORM, dependencies=("add",))
        .with_stage("total", Total, StageKind.TRANSFORM, dependencies=("add", "double"))
    )


async def job_in_plain_asyncio() -> int:
    """The same job without a framework."""

    async def add() -> int:
        return 1

    async def double(value: int) -> int:
        return 2 * value

    async def total(first: int, second: int) -> int:
        return first + second

    value = await add()
    return await total(value, await double(value))


def fresh(**fields: Any) -> Any:
    """A context as every release can make one."""
    from stageflow import PipelineContext

    ids = dict.fromkeys(("pipeline_run_id", "request_id", "session_id", "user_id", "org_id", "interaction_id"))
    return PipelineContext(**ids, input_text="x", topology="dx", execution_mode="default", **fields)


async def run(pipe: Any) -> Any:
    """Run a pipeline with a fresh context."""
    return await pipe.build().run(fresh())


def raising(ctx: Any) -> dict[str, Any]:
    """A stage body with a bug of the user's."""
    raise KeyError("price_of_user_code")


def reads(name: str, key: str) -> Callable[[Any], Any]:
    """A body that reads a key of another stage."""
    return lambda ctx: {"v": ctx.inputs.get_from(name, key)}


def requires(name: str, key: str) -> Callable[[Any], Any]:
    """A body that requires a key of another stage."""
    return lambda ctx: {"v": ctx.inputs.require_from(name, key)}


def nothing(ctx: Any) -> dict[str, Any]:
    """A body that does nothing."""
    return {}


MISTAKES: tuple[tuple[str, str, str, Callable[[], Any]], ...] = (
    ("unknown dependency", "missing_stage", "available|known|add |declare|did you mean", lambda: chain(("a", nothing, ("missing_stage",)))),
    ("cycle", "ping", "->|→|remove", lambda: chain(("ping", nothing, ("pong",)), ("pong", nothing, ("ping",)))),
    ("empty pipeline", "empty", "add |at least|with_stage", chain),
    ("stage named twice", "twice", "already|unique|rename|duplicate", lambda: chain(("twice", nothing, ()), ("twice", nothing, ()))),
    ("stage returns text", "returns_text", "dict|stageoutput|expected", lambda: chain(("returns_text", lambda ctx: "hello", ()))),
    ("stage raises", "bad_stage", "keyerror", lambda: chain(("bad_stage", raising, ()))),
    ("reads a stage it does not depend on", "other", "depend", lambda: chain(("other", nothing, ()), ("r", reads("other", "k"), ()))),
    (
        "requires a key that is not there",
        "absent_key",
        "available",
        lambda: chain(("p", nothing, ()), ("q", requires("p", "absent_key"), ("p",))),
    ),
    ("depends on itself", "selfish", "->|→|itself|remove", lambda: chain(("selfish", nothing, ("selfish",)))),
    ("empty stage name", "name", "empty|blank|non-empty", lambda: chain(("", nothing, ()))),
)
"""What was done, a word that names the cause, words of which one leads to the fix, and the pipeline that does it."""


async def mistake_facts() -> list[dict[str, Any]]:
    """For each mistake: was it refused, and does the message name the culprit and lead to the fix?"""
    facts = []
    for what, culprit, fix, make in MISTAKES:
        text = ""
        try:
            await run(make())
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
        said = text.lower()
        helps = {"names_culprit": culprit in said, "leads_to_fix": bool(said) and any(word in said for word in fix.split("|"))}
        facts.append({"mistake": what, "refused": bool(text), **helps, "message": text[:300]})
    return facts


class Capture(logging.Handler):
    """Keeps log records."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.texts.append(record.getMessage())


async def failing() -> tuple[BaseException, list[str]]:
    """What a run raises whose second stage has a bug of the user's, and the errors that were logged."""
    capture = Capture()
    logging.getLogger().addHandler(capture)
    try:
        await run(chain(("first", lambda c: {"done": 1}, ()), ("bad_stage", raising, ("first",))))
    except Exception as error:
        return error, capture.texts
    finally:
        logging.getLogger().removeHandler(capture)
    return RuntimeError("nothing was raised"), capture.texts


def lines_to_cause(caught: BaseException, logged: list[str]) -> int | None:
    """Lines of output to read, from the first on, until the user's own line stands there; None when it never does."""
    shown = [*logged, *"".join(traceback.format_exception(caught)).splitlines()]
    return next((number for number, line in enumerate(shown, 1) if 'raise KeyError("price_of' in line), None)


def debugging_facts(caught: BaseException, logged: list[str]) -> dict[str, bool]:
    """What a failing run leaves behind."""
    links, link = [caught], caught
    while link := (link.__cause__ or getattr(link, "original", None)):  # type: ignore[assignment]
        links.append(link)
        if len(links) > 10:
            break
    functions = {frame.f_code.co_name for e in links for frame, _ in traceback.walk_tb(e.__traceback__)}
    return {
        "message names the stage": "bad_stage" in str(caught),
        "exception carries the stage's name": getattr(caught, "stage", "") == "bad_stage",
        "original exception is reachable": any(isinstance(e, KeyError) for e in links),
        "traceback reaches the user's line": "raising" in functions,
        "an error is logged with the stage's name": any("bad_stage" in text for text in logged),
        "results of finished stages are reachable": bool(getattr(caught, "results", None)),
    }


async def extension_facts() -> dict[str, bool]:
    """Which extension points take effect."""
    from stageflow import BaseInterceptor, Pipeline, StageKind

    called: list[str] = []

    class Mine(BaseInterceptor):  # type: ignore[misc]
        name = "mine"
        priority = 1

        async def before(self, stage_name: str, ctx: Any) -> None:
            called.append("interceptor")

        async def after(self, stage_name: str, result: Any, ctx: Any) -> None:
            called.append("interceptor after")

    class Sink:
        async def emit(self, *, type: str, data: Any) -> None:
            called.append("sink")

        def try_emit(self, *, type: str, data: Any) -> None:
            called.append("sink")

    class Emits:
        async def execute(self, ctx: Any) -> dict[str, Any]:
            ctx.try_emit_event("mine", {})
            return {}

    pipe = Pipeline().with_stage("emits", Emits, StageKind.WORK)
    context = fresh(event_sink=Sink())
    await pipe.build(interceptors=[Mine()]).run(context)
    facts = {
        "own interceptor, before": "interceptor" in called,
        "own interceptor, after": "interceptor after" in called,
        "own event sink": "sink" in called,
    }
    for what, stage in (("stage class", Emits), ("stage instance", Emits())):
        results = await run(Pipeline().with_stage("only", stage, StageKind.WORK))
        facts[f"{what} as runner"] = "only" in results
    return facts


def code_lines(function: Callable[..., Any]) -> int:
    """Lines of a function that are neither blank nor docstring."""
    body = inspect.getsource(function).splitlines()[2:]
    return sum(bool(line.strip()) for line in body)


async def cost_facts() -> dict[str, float]:
    """Median milliseconds of the three-stage job on the framework and in plain asyncio."""
    graph = job_with_stageflow().build()
    framework, plain = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await graph.run(fresh())
        framework.append(time.perf_counter() - began)
        began = time.perf_counter()
        await job_in_plain_asyncio()
        plain.append(time.perf_counter() - began)
    return {"framework_ms": statistics.median(framework) * 1000, "plain_ms": statistics.median(plain) * 1000}


async def gather() -> dict[str, Any]:
    """All facts."""
    caught, logged = await failing()
    return {
        "mistakes": await mistake_facts(),
        "debugging": debugging_facts(caught, logged),
        "lines_to_cause": lines_to_cause(caught, logged),
        "extensions": await extension_facts(),
        "lines": {"framework": code_lines(job_with_stageflow), "plain": code_lines(job_in_plain_asyncio)},
        "cost": await cost_facts(),
    }


def main() -> None:
    """Gather and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.write_text(json.dumps(asyncio.run(gather()), indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
