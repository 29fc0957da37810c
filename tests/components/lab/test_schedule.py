"""The seeded scheduler: asyncio's own guarantees hold under it, schedules replay, and the sweeps reach every point they promise."""

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.lab.interleave_kit import (
    PAUSES,
    Schedule,
    cut_everywhere,
    deadlines,
    ended,
    points,
    result_of,
    schedules,
    strategy_of,
    under_schedules,
)
from components.lab.plain_kit import PlainDecisions, PlainLimiter, PlainOnce, PlainQueue, plain_many
from components.lab.probe import Violation, expect, expect_equal
from components.lab.schedule import Choices, Cut, Stalled, play_schedule

SEEDS = 1000
Main = Callable[[], Awaitable[Any]]


async def nap(turns: int = 1) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


async def queue_keeps_items() -> None:
    queue: asyncio.Queue[tuple[int, int]] = asyncio.Queue(2)
    got: list[tuple[int, int]] = []

    async def produce(number: int) -> None:
        for n in range(3):
            await queue.put((number, n))
            await nap(number)

    async def consume() -> None:
        for _ in range(3):
            got.append(await queue.get())

    await asyncio.gather(*(produce(n) for n in range(3)), *(consume() for _ in range(3)))
    assert sorted(got) == [(number, n) for number in range(3) for n in range(3)]


async def lock_excludes() -> None:
    lock, inside = asyncio.Lock(), 0

    async def use(turns: int) -> None:
        nonlocal inside
        await nap(turns)
        async with lock:
            inside += 1
            await nap(2)
            assert inside == 1
            inside -= 1

    await asyncio.gather(*(use(n % 3) for n in range(6)))
    assert not lock.locked()


async def semaphore_limits() -> None:
    semaphore, inside = asyncio.Semaphore(2), 0

    async def use(turns: int) -> None:
        nonlocal inside
        async with semaphore:
            inside += 1
            assert inside <= 2
            try:
                await nap(turns)
            finally:
                inside -= 1

    users = [asyncio.ensure_future(use(n % 3)) for n in range(7)]
    await nap(1)
    users[4].cancel()
    await asyncio.wait(users)
    assert inside == 0
    assert not semaphore.locked()


async def event_wakes_all() -> None:
    event, woken = asyncio.Event(), []

    async def wait(n: int) -> None:
        await nap(n)
        await event.wait()
        woken.append(n)

    waiters = [asyncio.ensure_future(wait(n)) for n in range(4)]
    await nap(2)
    event.set()
    await asyncio.gather(*waiters)
    assert sorted(woken) == [0, 1, 2, 3]


async def wait_for_decides_once() -> None:
    """The limit falls on the very moment the work ends: either, but not both."""
    done = []

    async def work() -> str:
        await asyncio.sleep(1)
        done.append("done")
        return "result"

    try:
        assert await asyncio.wait_for(work(), 1) == "result"
        assert done == ["done"]
    except TimeoutError:
        assert len(asyncio.all_tasks()) == 1


async def task_group_waits() -> None:
    ended_tasks = []

    async def member(n: int) -> None:
        try:
            await nap(n)
            if n == 1:
                raise ValueError("broken")
            await asyncio.sleep(n)
        finally:
            ended_tasks.append(n)

    try:
        async with asyncio.TaskGroup() as group:
            for n in range(4):
                group.create_task(member(n))
    except* ValueError:
        pass
    assert set(ended_tasks) <= {0, 1, 2, 3}  # a member that was cancelled before its first step never began
    assert 1 in ended_tasks
    assert len(asyncio.all_tasks()) == 1


async def gather_keeps_order() -> None:
    async def one(n: int) -> int:
        await nap(3 - n)
        return n

    assert await asyncio.gather(*(one(n) for n in range(4))) == [0, 1, 2, 3]


async def callbacks_keep_their_order() -> None:
    """Plain callbacks run first come, first served, also among task steps, and before whoever was woken later."""
    order: list[int] = []
    loop = asyncio.get_running_loop()
    others = [asyncio.ensure_future(nap(3)) for _ in range(3)]
    for n in range(5):
        loop.call_soon(order.append, n)
    await asyncio.gather(*others)
    assert order == [0, 1, 2, 3, 4]


PRIMITIVES = (
    queue_keeps_items,
    lock_excludes,
    semaphore_limits,
    event_wakes_all,
    wait_for_decides_once,
    task_group_waits,
    gather_keeps_order,
    callbacks_keep_their_order,
)


@pytest.mark.parametrize("main", PRIMITIVES, ids=lambda main: main.__name__)
def test_asyncio_keeps_its_guarantees(main: Main) -> None:
    for seed in range(SEEDS):
        run = play_schedule(main, seed)
        assert run.left == []


def tracing(log: list[str]) -> Main:
    async def walk(name: str) -> None:
        for n in range(3):
            log.append(f"{name}{n}")
            await asyncio.sleep(0 if n else 1)

    async def main() -> None:
        await asyncio.gather(*(walk(name) for name in "abc"))

    return main


def trace(order: Any) -> tuple[list[str], list[int]]:
    log: list[str] = []
    return log, play_schedule(tracing(log), order).order


def test_without_choices_it_is_plain_asyncio() -> None:
    plain: list[str] = []

    async def quickly() -> None:
        async def walk(name: str) -> None:
            for n in range(3):
                plain.append(f"{name}{n}")
                await asyncio.sleep(0 if n else 0.01)

        await asyncio.gather(*(walk(name) for name in "abc"))

    asyncio.run(quickly())
    assert trace([])[0] == plain


def test_different_seeds_give_different_overlaps() -> None:
    traces = {tuple(trace(seed)[0]) for seed in range(300)}
    assert len(traces) > 100
    assert {first[0] for first in traces} == {"a0", "b0", "c0"}


@given(st.integers(0, 10**9) | st.lists(st.integers(0, 5), max_size=30))
@settings(max_examples=200, deadline=None)
def test_a_schedule_replays_exactly_also_from_its_decisions(order: int | list[int]) -> None:
    log, taken = trace(order)
    assert trace(order) == (log, taken)
    assert trace(taken) == (log, taken)


def test_choices_end_in_zeros() -> None:
    choices = Choices([3, 5])
    assert [choices.pick(2), choices.pick(4), choices.pick(4)] == [1, 1, 0]
    assert choices.taken == [1, 1, 0]


def test_timers_of_one_moment_fire_either_way_round() -> None:
    def firing(order: Any) -> str:
        fired: list[str] = []

        async def main() -> None:
            loop = asyncio.get_running_loop()
            loop.call_later(5, fired.append, "a")
            loop.call_later(5, fired.append, "b")
            await asyncio.sleep(6)

        play_schedule(main, order)
        return "".join(fired)

    assert firing([]) == "ab"
    assert {firing(seed) for seed in range(50)} == {"ab", "ba"}


def test_what_a_task_sets_in_its_context_stays_there_and_only_there() -> None:
    """Also when the context was empty, and therefore false, as the task began."""
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="nobody")

    async def walk(own: str) -> None:
        token = name.set(own)
        for _ in range(3):
            await asyncio.sleep(0)
            assert name.get() == own
        name.reset(token)

    async def main() -> None:
        await asyncio.gather(*(walk(own) for own in "abc"))
        assert name.get() == "nobody"

    for seed in range(100):
        contextvars.Context().run(play_schedule, main, seed)


async def forever() -> None:
    await asyncio.Event().wait()


async def polling() -> None:
    while True:  # noqa: ASYNC110 - what is tested
        await asyncio.sleep(0.1)


async def spinning() -> None:
    while True:  # noqa: ASYNC110 - what is tested
        await asyncio.sleep(0)


@pytest.mark.parametrize("main", [forever, polling, spinning], ids=lambda main: main.__name__)
def test_what_never_ends_is_told(main: Main) -> None:
    before = time.monotonic
    with pytest.raises(Stalled):
        play_schedule(main, limit=60)
    assert time.monotonic is before


def test_what_is_left_running_is_named_and_ended() -> None:
    ends: list[str] = []

    async def worker() -> None:
        try:
            await forever()
        finally:
            ends.append("cancelled")

    async def main() -> None:
        main.task = asyncio.ensure_future(worker())  # type: ignore[attr-defined]
        await asyncio.sleep(1)

    run = play_schedule(main)
    assert [name.rpartition(".")[2] for name in run.left] == ["worker"]
    assert ends == ["cancelled"]
    assert run.seconds == pytest.approx(1)


def test_a_task_is_cut_after_each_of_its_steps_at_both_moments() -> None:
    seen: set[tuple[int, str, int]] = set()

    async def scene(cut: Cut) -> None:
        reached: list[int] = []

        async def work() -> None:
            for n in range(3):
                reached.append(n)
                await asyncio.sleep(1)

        await ended(cut.watch(work()))
        seen.add((cut.after, cut.moment if cut.after else "", len(reached)))

    assert points(scene).steps == 4
    cut_everywhere(scene)
    assert seen == {(0, "", 3)} | {(after, moment, after) for after in (1, 2, 3) for moment in ("suspended", "woken")}


def test_cut_as_it_is_woken_finds_the_item_taken_and_lost() -> None:
    """A hand-over that keeps the item in the waiter is only wrong when the waiter is cancelled after it was woken."""

    async def scene(cut: Cut) -> None:
        waiting: list[asyncio.Future[int]] = []
        got: list[int] = []

        async def take() -> None:
            waiting.append(asyncio.get_running_loop().create_future())
            got.append(await waiting[-1])

        task = cut.watch(take())
        await asyncio.sleep(1)
        handed = bool(waiting) and not waiting[0].done()
        if handed:
            waiting[0].set_result(1)
        await ended(task)
        expect_equal(got, [1] if handed else [], "items taken")

    with pytest.raises(Violation):
        cut_everywhere(scene)


def test_deadlines_lie_around_every_moment() -> None:
    assert deadlines((0.0, 1.0, 2.5)) == [0.001, 0.999, 1.0, 1.001, 2.499, 2.5, 2.501]


def test_pauses_decide_how_long_user_code_waits() -> None:
    async def scene(schedule: Schedule) -> float:
        began = asyncio.get_running_loop().time()
        for _ in range(3):
            await schedule.pause()
        return asyncio.get_running_loop().time() - began

    assert Schedule().play(scene).result == 0.0
    last = len(PAUSES) - 1
    assert Schedule([last, 0, last]).play(scene).result == pytest.approx(2 * (PAUSES[last] or 0))


async def check_then_act(schedule: Schedule) -> None:
    """The classic race: it needs user code that waits between the look and the deed."""
    made: list[str] = []

    async def create() -> None:
        if not made:
            await schedule.pause()
            made.append("one")

    await asyncio.gather(create(), create())
    expect_equal(len(made), 1, "things made")


def test_a_race_is_found_by_its_seeds_and_not_without_a_pause() -> None:
    Schedule().play(check_then_act)
    with pytest.raises(Violation):
        under_schedules({"seeds": 40}, check_then_act)
    with pytest.raises(Violation):
        under_schedules({"pauses": [1], "order": []}, check_then_act)


def test_what_only_an_impossible_order_shows_is_dropped() -> None:
    async def first_come(schedule: Schedule) -> None:
        order: list[str] = []

        async def note(name: str) -> None:
            order.append(name)

        await asyncio.gather(*(note(name) for name in "ab"))
        expect(order == ["a", "b"], "tasks that begin in the order they were made", "b first")

    with pytest.raises(Violation):
        Schedule(order=[1, 1]).play(first_come)
    under_schedules({"pauses": [], "order": [1, 1]}, first_come)
    under_schedules({"seeds": 40}, first_come)


def test_a_hang_is_a_violation_whatever_the_scene_waits_for() -> None:
    async def scene(schedule: Schedule) -> None:
        await forever()

    with pytest.raises(Violation, match="every task waits"):
        under_schedules({"pauses": []}, scene)

    async def waiting(schedule: Schedule) -> None:
        await result_of(forever(), "the caller")

    with pytest.raises(Violation, match="the caller ends"):
        under_schedules({"pauses": []}, waiting)


def test_seeds_alternate_between_plain_and_reordered() -> None:
    found = list(schedules({"seeds": 5}))
    assert [bool(schedule.order) for schedule in found] == [False, False, True, False, True]


@given(strategy_of(("a", "b")))
@settings(max_examples=50, deadline=None)
def test_drawn_cases_are_literals_that_can_be_played(params: dict[str, Any]) -> None:
    assert set(params) == {"target", "pauses", "order"}

    async def scene(schedule: Schedule) -> None:
        await asyncio.gather(*(schedule.pause() for _ in range(3)))

    under_schedules(params, scene)


async def stand_ins_hold(schedule: Schedule) -> None:
    """The plain stand-ins do what the controls rely on."""
    queue, limiter, decisions = PlainQueue(1), PlainLimiter(1), PlainDecisions()

    async def produce() -> None:
        for n in range(3):
            assert await queue.put(n)
            await schedule.pause()
        await queue.close()

    async def consume() -> list[int]:
        got = []
        while (item := await queue.get()) is not None:
            got.append(item)
            await schedule.pause()
        return got

    async def use() -> None:
        await limiter.acquire()
        await schedule.pause()
        limiter.release()

    async def work(who: str) -> str:
        await schedule.pause()
        return who

    once, request = PlainOnce(work), await decisions.ask()
    asked = asyncio.ensure_future(decisions.wait(request, 50))
    _, got, *_ = await asyncio.gather(produce(), consume(), use(), use())
    await decisions.decide(request, True)
    assert got == [0, 1, 2]
    assert await asked
    assert not await queue.put(4)
    assert limiter.get_metrics() == {"active_count": 0, "queued_count": 0}
    assert len(set(await asyncio.gather(*(once.run("key", who) for who in "abc")))) == 1

    async def number(n: int) -> int:
        await schedule.pause()
        return n

    assert await plain_many(number, 4, 2) == [0, 1, 2, 3]


def test_the_stand_ins_of_the_controls_are_sound() -> None:
    for seed in range(200):
        Schedule(seed, seed).play(stand_ins_hold)
