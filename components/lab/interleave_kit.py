"""Sweeps over schedules, cancellation points and deadlines, for probes of concurrent code.

A violation counts only if plain asyncio can produce it: what shows under a chosen order of task steps is looked for again with
asyncio's own order and pauses in the code that a user writes (stage bodies, sinks, stores), and dropped when it is not found there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.lab.absence import missing_api
from components.lab.probe import NotApplicable, Violation, expect
from components.lab.schedule import Choices, Cut, Run, Source, Stalled, play_schedule

PAUSES = (None, 0.0, 0.01, 0.5, 3.0)
"""What a decision of user code to wait means, in seconds; None is not to wait."""

PLAIN_SEEDS = 200
"""Pause patterns that are tried to show a violation in asyncio's own order."""

LATE = 120.0
"""Virtual seconds after which whatever has not ended counts as hanging; nothing here works longer than a minute."""


class Schedule:
    """One way in which things may happen: how long user code waits at each of its pauses, and the order of ready task steps."""

    def __init__(self, pauses: Source = (), order: Source = ()) -> None:
        self.pauses = pauses
        self.order = order
        self._waits = Choices(pauses)

    async def pause(self) -> None:
        """A point at which user code waits, or not."""
        seconds = PAUSES[self._waits.pick(len(PAUSES))]
        if seconds is not None:
            await asyncio.sleep(seconds)

    def play(self, scene: Callable[["Schedule"], Awaitable[Any]]) -> Run:
        """Play the scene once under this schedule, from the start.

        Raises:
            Violation: something in it never ends.
        """
        self._waits = Choices(self.pauses)
        try:
            return play_schedule(lambda: scene(self), self.order)
        except Stalled as stalled:
            raise Violation("everything that was started ends", str(stalled)) from stalled


Scene = Callable[[Schedule], Awaitable[Any]]


def schedules(params: Mapping[str, Any]) -> Iterator[Schedule]:
    """The schedules of a case: the one it spells out, or those of its first `seeds` seeds, plain and reordered in turn."""
    if "seeds" not in params:
        yield Schedule(params.get("pauses", ()), params.get("order", ()))
        return
    yield Schedule()
    for seed in range(1, params["seeds"]):
        yield Schedule(seed, seed if seed % 2 == 0 else ())


def under_schedules(params: Mapping[str, Any], scene: Scene) -> None:
    """Play a scene, which raises `Violation` where the claim is broken, under all schedules of the case.

    Raises:
        Violation: it is broken under one of them that plain asyncio can produce.
    """
    for schedule in schedules(params):
        try:
            schedule.play(scene)
        except Violation:
            if not schedule.order:
                raise
            for seed in range(PLAIN_SEEDS):
                Schedule(seed).play(scene)


def strategy_of(targets: Iterator[str] | tuple[str, ...]) -> Any:
    """Hypothesis strategy of cases: a target and a schedule spelt out."""
    import hypothesis.strategies as st  # only a search needs it, and it takes a third of a second

    small = st.integers(0, len(PAUSES) - 1)
    return st.fixed_dictionaries(
        {
            "target": st.sampled_from(sorted(targets)),
            "pauses": st.lists(small, max_size=24),
            "order": st.one_of(st.just([]), st.lists(small, max_size=16)),
        }
    )


async def ended(*tasks: Any, what: str = "every task") -> None:
    """Wait until the tasks have ended, however they ended.

    Raises:
        Violation: one of them has not ended within `LATE` virtual seconds, or found a violation.
        NotApplicable: the target does not have what one of them uses.
    """
    if not tasks:
        return
    finished, waiting = await asyncio.wait(tasks, timeout=LATE)
    for error in (task.exception() for task in finished if not task.cancelled()):
        if isinstance(error, Violation):
            raise error
        if missing := missing_api(error):
            raise NotApplicable(missing) from error
    expect(not waiting, f"{what} ends", f"{len(waiting)} of {len(tasks)} waits for ever")


async def result_of(work: Awaitable[Any], what: str = "it") -> Any:
    """What `work` returns, or the name of the exception it raises.

    Raises:
        Violation: it has not ended within `LATE` virtual seconds, or found a violation.
        NotApplicable: the target does not have what it uses.
    """
    task = asyncio.ensure_future(work)
    await ended(task, what=what)
    if task.cancelled():
        return "cancelled"
    error = task.exception()
    return type(error).__name__ if error else task.result()


async def all_results(*works: Awaitable[Any], what: str = "it") -> list[Any]:
    """`result_of` of several works that are started together."""
    return list(await asyncio.gather(*(result_of(work, what) for work in works)))


@dataclass(frozen=True)
class Points:
    """Where a scene can be cut: after which of the watched task's steps, and at which moments of time."""

    steps: int
    moments: tuple[float, ...]


def points(scene: Callable[[Cut], Awaitable[Any]]) -> Points:
    """Play the scene undisturbed and tell where it can be cut."""
    cut = Cut()
    run = Schedule().play(lambda schedule: scene(cut))
    return Points(cut.steps, tuple(run.moments))


def cut_everywhere(scene: Callable[[Cut], Awaitable[Any]]) -> None:
    """Play the scene with its watched task cancelled after each of its steps, as it begins to wait and as it is woken.

    Raises:
        Violation: the scene raised it for one of the cuts.
    """
    for after in range(1, points(scene).steps):
        for moment in ("suspended", "woken"):
            cut = Cut(after, moment)
            Schedule().play(lambda schedule, cut=cut: scene(cut))  # type: ignore[misc]


def deadlines(moments: tuple[float, ...], gap: float = 1e-3) -> list[float]:
    """Just before, at and just after each moment."""
    found = {round(moment + shift, 6) for moment in moments for shift in (-gap, 0.0, gap)}
    return sorted(moment for moment in found if moment > 0)
