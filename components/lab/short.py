"""Short counterparts of definitions that most stand-alone scripts need, for minimal scripts.

Same names, same exit codes, same verdicts on the release that the script was made on. Left out: what serves other releases (an API that
is missing is told only where the script asks for it with `need`; there is one kind of context), and putting the clock back.
"""

import asyncio
import inspect
import logging
import os
import pkgutil
import selectors
import sys
import time
import traceback
import uuid
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from components.lab.flow import EmptyInterceptor


class Violation(Exception):
    """As in `components.lab.probe`."""

    def __init__(self, expected: str, observed: str) -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected, self.observed = expected, observed


class NotApplicable(Exception):
    """As in `components.lab.probe`."""


def need(dotted: str) -> Any:
    """As in `components.lab.probe`."""
    try:
        return pkgutil.resolve_name(dotted if ":" in dotted else f"{dotted}:")
    except (ImportError, AttributeError) as error:
        raise NotApplicable(f"{dotted}: {error}") from error


def expect(holds: bool, expected: str, observed: object) -> None:
    """As in `components.lab.probe`."""
    if not holds:
        raise Violation(expected, str(observed))


def expect_equal(observed: object, expected: object, what: str) -> None:
    """As in `components.lab.probe`."""
    if type(observed) is not type(expected) or observed != expected:
        raise Violation(f"{what} = {expected!r}", f"{observed!r}")


class FunctionStage:
    """As in `components.lab.flow`."""

    def __init__(self, name: str, body: Callable[[Any], Awaitable[Any]], kind: Any) -> None:
        self.name, self.kind, self.body = name, kind, body

    async def execute(self, ctx: Any) -> Any:
        """Run the function."""
        return await self.body(ctx)


def pipeline(*stages: Sequence[Any]) -> Any:
    """As in `components.lab.flow`."""
    built, kinds = need("stageflow:Pipeline")(), need("stageflow:StageKind")
    for name, body, *more in stages:
        defaults: tuple[Any, ...] = ((), "transform", False)
        after, kind, conditional = (*more, *defaults[len(more) :])
        stage = FunctionStage(name, body, kinds(kind))
        built = built.with_stage(name, stage, stage.kind, dependencies=tuple(after), conditional=bool(conditional))
    return built


def context(**fields: Any) -> Any:
    """As in `components.lab.flow`."""
    names = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id", "interaction_id")
    given = {**{name: uuid.uuid4() for name in names}, "topology": "probe", "execution_mode": "default", **fields}
    return need("stageflow:PipelineContext")(**given)


def graph(pipe: Any, interceptors: Sequence[Any] | None = None, **options: Any) -> Any:
    """As in `components.lab.flow`."""
    if interceptors is not None:
        options["interceptors"] = [*interceptors, EmptyInterceptor()]
    return pipe.build(**options)


async def outcome(awaitable: Awaitable[Any]) -> tuple[Any, BaseException | None]:
    """As in `components.lab.flow`."""
    try:
        return await awaitable, None
    except NotApplicable:
        raise
    except Exception as error:
        return None, error


class JumpingLoop(asyncio.SelectorEventLoop):
    """As `components.lab.virtual_time.VirtualLoop`."""

    def __init__(self) -> None:
        self.now = 1000.0
        selector: Any = selectors.DefaultSelector()
        self.select = selector.select
        selector.select = self.jump
        super().__init__(selector)

    def time(self) -> float:
        """Virtual seconds."""
        return self.now

    def jump(self, timeout: float | None = None) -> Any:
        """What is ready; when nothing is, move the clock on instead of waiting."""
        ready = self.select(0 if timeout else timeout)
        self.now += 0 if ready else timeout or 0
        return ready


def run_jumping(main: Awaitable[Any]) -> None:
    """As `components.lab.virtual_time.run_virtual`."""
    loop, epoch = JumpingLoop(), time.time() - 1000
    time.monotonic = time.perf_counter = loop.time
    time.time = lambda: epoch + loop.time()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main)


def play_sync(scenario: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any], seconds: float) -> None:
    """Run a plain scenario."""
    scenario(params)


def play(scenario: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any], seconds: float) -> None:
    """As in `components.lab.verdict`."""
    outcome = scenario(params)
    if inspect.isawaitable(outcome):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(asyncio.wait_for(outcome, seconds))


def play_virtual(scenario: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any], seconds: float) -> None:
    """As in `components.lab.verdict`."""
    outcome = scenario(params)
    if inspect.isawaitable(outcome):
        run_jumping(outcome)


def main(scenario: Any, params: Mapping[str, Any], seconds: float, player: Callable[[Any, Mapping[str, Any], float], None]) -> None:
    """As in `components.lab.verdict`."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    code = 3
    try:
        player(scenario, params, seconds)
        code = 0
        sys.stdout.write("ABSENT: the claim holds\n")
    except Violation as violation:
        code = 1
        sys.stdout.write(f"PRESENT: expected {violation.expected}\n         observed {violation.observed}\n")
    except NotApplicable as missing:
        code = 2
        sys.stdout.write(f"NOT APPLICABLE: {missing}\n")
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(code)
