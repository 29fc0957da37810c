"""Runs asyncio code under a chosen order of task steps, in virtual time: the same choices give the same run.

Which task goes on first when several are ready is asyncio's own affair, and code must not rely on it. Here that order is a list of
small numbers, or a seed: 0 is what asyncio does, first come, first served. Plain callbacks keep asyncio's documented order, and no
task step overtakes a callback that was scheduled before it; timers due at the same moment may fire either way round.
"""

import asyncio
import contextvars
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from components.lab.virtual_time import VirtualLoop, clock_of

Source = int | Sequence[int]
"""A seed, or the decisions themselves."""

Moment = Literal["suspended", "woken"]
"""When a task is cancelled: as it begins to wait, or when what it waited for has come but it has not gone on yet."""

BLANK = contextvars.Context()
"""The context of the loop's own callbacks; every task step runs in its task's context."""

TURNS = 200_000
"""Turns of the loop after which a run counts as stalled, whatever its clock says."""


class Stalled(Exception):
    """The run can never end: every task waits for another one, or virtual time has run out."""


class Choices:
    """A source of small decisions: a literal list, with 0 after its end, or a seed; `taken` tells what was decided."""

    def __init__(self, source: Source) -> None:
        self.taken: list[int] = []
        self._given = deque(() if isinstance(source, int) else source)
        self._dice = random.Random(source) if isinstance(source, int) else None
        self._calm = self._dice.random() if self._dice else 1.0

    def pick(self, options: int) -> int:
        """A number below `options`; seeds differ in how often they decide anything but 0."""
        if self._dice:
            choice = 0 if self._dice.random() < self._calm else self._dice.randrange(options)
        else:
            choice = self._given.popleft() % options if self._given else 0
        self.taken.append(choice)
        return choice


@dataclass
class Cut:
    """One task that is cancelled after its step number `after`; 0 only counts its steps.

    Attributes:
        after: the step, counted from 1.
        moment: see `Moment`.
        steps: steps the task has made so far.
        made: the task was cancelled.
    """

    after: int = 0
    moment: Moment = "suspended"
    steps: int = 0
    made: bool = False
    task: asyncio.Task[Any] | None = None

    def watch(self, work: Awaitable[Any]) -> asyncio.Task[Any]:
        """Make `work` the task that this cut is about."""
        self.task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        if isinstance(loop, ScheduledLoop):
            loop.cuts.append(self)
        assert self.task is not None
        return self.task

    def cancel(self, moment: Moment) -> None:
        """Cancel the task if this is the step and the moment for it."""
        if not self.made and self.after and self.steps == self.after and self.moment == moment and self.task and not self.task.done():
            self.made = True
            self.task.cancel()


@dataclass
class Step:
    """A task step that is ready to run."""

    task: asyncio.Task[Any]
    call: Callable[..., object]
    arguments: tuple[Any, ...]
    context: contextvars.Context


def stepping_task(callback: Callable[..., object]) -> asyncio.Task[Any] | None:
    """The task whose next step the callback is, None for every other callback."""
    owner = getattr(callback, "__self__", None)
    return owner if isinstance(owner, asyncio.Task) and getattr(callback, "__name__", "") != "cancel" else None


class ScheduledLoop(VirtualLoop):
    """Event loop in virtual time whose order of ready task steps is chosen.

    Attributes:
        cuts: the tasks to be cancelled at some step.
        moments: the distinct times, from the start, at which anything ran.
    """

    def __init__(self, order: Source = (), limit: float = 600.0) -> None:
        self._order = Choices(order)
        self._ready_steps: deque[list[Step]] = deque([[]])  # one list for each stretch between two plain callbacks
        self._due: Counter[float] = Counter()
        self._turns = 0
        self._limit = limit
        self.cuts: list[Cut] = []
        super().__init__()
        self._began = self.time()
        self.moments: list[float] = [0.0]

    def advance(self, seconds: float) -> None:
        """Move the clock on.

        Raises:
            Stalled: the virtual time allowed for the run is over.
        """
        super().advance(seconds)
        self.moments.append(self.time() - self._began)
        self._turns += 1
        if self.moments[-1] > self._limit:
            raise Stalled(f"not ended after {self._limit:g} virtual seconds")

    def stalled(self) -> None:
        """Nothing will ever happen again.

        Raises:
            Stalled: always.
        """
        raise Stalled("every task waits for another one")

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """Schedule a callback; a task step goes to the steps from which the next one is chosen."""
        task = stepping_task(callback)
        if task is None:
            if self._ready_steps[-1]:
                self._ready_steps.append([])
            return super().call_soon(callback, *args, context=context)
        for cut in self.cuts:
            if cut.task is task and not cut.made and cut.moment == "woken":
                self.call_soon(cut.cancel, "woken")
        self._ready_steps[-1].append(Step(task, callback, args, contextvars.copy_context() if context is None else context))
        return super().call_soon(self._run_step, context=BLANK)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        """Schedule a timer; one that is due together with others comes after all of them, or before, as chosen."""
        ties = self._due[when]
        self._due[when] += 1
        shift = 0 if not ties else -ties if self._order.pick(2) else ties
        return super().call_at(when * (1 + shift * 1e-15), callback, *args, context=context)

    def _run_step(self) -> None:
        """Run one of the steps that may be next."""
        while not self._ready_steps[0]:
            self._ready_steps.popleft()
        steps = self._ready_steps[0]
        step = steps.pop(self._order.pick(len(steps)) if len(steps) > 1 else 0)
        self._turns += 1
        if self._turns > TURNS:
            raise KeyboardInterrupt("the run never comes to rest")  # only this gets through a callback
        step.context.run(step.call, *step.arguments)
        for cut in self.cuts:
            if cut.task is step.task:
                cut.steps += 1
                cut.cancel("suspended")


@dataclass
class Run:
    """What a run came to.

    Attributes:
        result: what `main` returned.
        seconds: virtual seconds it took.
        moments: the distinct times, from the start, at which anything ran.
        order: the decisions about the order that were taken: given again, they give the same run.
        left: names of the coroutines that were still running when `main` had ended.
    """

    result: Any = None
    seconds: float = 0.0
    moments: list[float] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def play_schedule(main: Callable[[], Awaitable[Any]], order: Source = (), limit: float = 600.0) -> Run:
    """Run `main()` on a loop of its own under the given order, and end what it leaves behind.

    Raises:
        Stalled: it cannot end, or not within `limit` virtual seconds.
    """
    loop = ScheduledLoop(order, limit)
    loop.set_exception_handler(lambda loop, context: None)
    run = Run(order=loop._order.taken)
    with clock_of(loop):
        try:
            run.result = loop.run_until_complete(main())
            run.seconds = loop.time() - loop._began
            run.left = sorted(name_of(task) for task in asyncio.all_tasks(loop))
            run.moments = loop.moments
        except KeyboardInterrupt as endless:
            raise Stalled(str(endless)) from None
        finally:
            end_tasks(loop)
            loop.close()
    return run


def name_of(task: asyncio.Task[Any]) -> str:
    """The function that a task runs."""
    return str(getattr(task.get_coro(), "__qualname__", "task"))


def end_tasks(loop: ScheduledLoop) -> None:
    """Cancel what is left on the loop; what resists is dropped."""
    loop._limit, loop._turns = loop.moments[-1] + 60.0, 0
    for _ in range(3):
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            try:
                loop.run_until_complete(asyncio.wait(left, timeout=10.0))
            except (Stalled, KeyboardInterrupt):
                break
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]
