"""Graph shapes, a reference executor and small observers for the probes of the graph and its builders."""

import asyncio
import gc
import random
import sys
import types
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from components.lab.absence import missing_api
from components.lab.flow import graph, outcome, pipeline
from components.lab.probe import NotApplicable, Violation, need

Edges = list[tuple[str, tuple[str, ...]]]


def random_edges(seed: int, size: int) -> Edges:
    """A random graph without cycles as (stage, dependencies) rows, in random declaration order."""
    dice = random.Random(seed)
    rows: Edges = []
    for index in range(size):
        earlier = [name for name, _ in rows]
        rows.append((f"s{index}", tuple(sorted(dice.sample(earlier, min(len(earlier), dice.randint(0, 3)))))))
    dice.shuffle(rows)
    return rows


def earliest_starts(rows: Iterable[tuple[str, tuple[str, ...]]], seconds: dict[str, float]) -> dict[str, float]:
    """When each stage can start at the earliest, counted from the start of the run."""
    after = dict(rows)
    starts: dict[str, float] = {}

    def start(name: str) -> float:
        if name not in starts:
            starts[name] = max((start(dep) + seconds[dep] for dep in after[name]), default=0.0)
        return starts[name]

    for name in after:
        start(name)
    return starts


async def plain_dag(rows: Iterable[tuple[str, Callable[[Any], Awaitable[Any]], Sequence[str]]]) -> dict[str, Any]:
    """Reference executor in plain asyncio: a stage gets its dependencies' results as a dict."""
    steps = list(rows)
    ready = {name: asyncio.Event() for name, _, _ in steps}
    results: dict[str, Any] = {}

    async def node(name: str, body: Callable[[Any], Awaitable[Any]], after: Sequence[str]) -> None:
        for dep in after:
            await ready[dep].wait()
        results[name] = await body({dep: results[dep] for dep in after})
        ready[name].set()

    async with asyncio.TaskGroup() as group:
        for step in steps:
            group.create_task(node(*step))
    return results


async def ending(work: Awaitable[Any]) -> str:
    """How a task ends, as one word: `returned`, `cancelled` or the exception's type; nothing gets through."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([task])
    if task.cancelled():
        return "cancelled"
    error = task.exception()
    if missing := missing_api(error):
        raise NotApplicable(missing)
    return type(error).__name__ if error else "returned"


def raised_by(call: Callable[[], Any]) -> str:
    """The type of exception that a plain call raises, or `nothing`."""
    try:
        call()
    except Exception as error:
        if isinstance(error, NotApplicable):
            raise
        return type(error).__name__
    return "nothing"


def calls_during(work: Callable[[], Any]) -> int:
    """How many Python functions are entered while `work` runs: a cost that does not depend on the machine."""
    count = 0

    def profile(frame: types.FrameType, event: str, argument: Any) -> None:
        nonlocal count
        if event == "call":
            count += 1

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def reachable(root: Any, kind: type) -> int:
    """How many objects of a type can be reached from `root` without passing through classes, modules or functions."""
    stops = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
    seen = {id(root)}
    stack = [root]
    found = 0
    while stack:
        for thing in gc.get_referents(stack.pop()):
            if id(thing) not in seen and not isinstance(thing, stops):
                seen.add(id(thing))
                stack.append(thing)
                found += isinstance(thing, kind)
    return found


def plain_pipeline(rows: Iterable[tuple[str, Sequence[str]]], body: Callable[[Any], Awaitable[Any]]) -> Any:
    """A `Pipeline` of (name, dependencies) rows in which every stage runs `body`; nothing is checked before `build()`."""
    specs = {}
    spec_class = need("stageflow.pipeline.pipeline:UnifiedStageSpec")
    transform = need("stageflow:StageKind").TRANSFORM
    for name, after in rows:
        specs[name] = spec_class(name=name, runner=body, kind=transform, dependencies=tuple(after))
    return need("stageflow:Pipeline")(stages=specs)


def guarded_graph(rows: Sequence[Sequence[Any]], policies: dict[str, dict[str, Any]]) -> Any:
    """A graph of `flow.pipeline` rows with one guard retry policy per guard stage, given as keyword arguments.

    It has no default interceptors: their circuit breaker would end the attempts after five refusals.
    """
    policy = need("stageflow.pipeline.guard_retry:GuardRetryPolicy")
    made = {name: policy(**fields) for name, fields in policies.items()}
    strategy = need("stageflow.pipeline.guard_retry:GuardRetryStrategy")(policies=made)
    return graph(pipeline(*rows), [], guard_retry_strategy=strategy)


async def results_of(work: Awaitable[Any]) -> Any:
    """The results of a run that must succeed.

    Raises:
        Violation: the run failed or was cancelled.
    """
    results, error = await outcome(work)
    if error is not None:
        raise Violation("a run that succeeds", f"a run that ends with {type(error).__name__}")
    return results
