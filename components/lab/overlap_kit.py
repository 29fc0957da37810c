"""What several parties see of a shared object when their requests overlap, for probes of isolation, conservation and cancellation."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from components.lab.dag_kit import ending
from components.lab.interleave_kit import LATE, Schedule, all_results, ended, points, under_schedules
from components.lab.probe import Violation, expect, expect_equal
from components.lab.schedule import Cut

TENANTS = ("A", "B", "C", "D")
"""Tenants of one service: A and B have nothing special, C fails and D is called off."""

PRODUCERS = 3
EACH = 4
"""Items of each producer."""

Request = Callable[[str], Awaitable[Any]]


def tenants_apart(share: Callable[[Schedule], Request], params: Mapping[str, Any]) -> None:
    """Each tenant's record of a request through what `share` makes is the same beside the others as it is alone.

    Raises:
        Violation: it is not, under one of the schedules of the case.
    """

    async def alone(schedule: Schedule, who: str) -> Any:
        return await share(schedule)(who)

    own = {who: Schedule().play(lambda schedule, who=who: alone(schedule, who)).result for who in TENANTS}  # type: ignore[misc]

    async def together(schedule: Schedule) -> None:
        run = share(schedule)
        found = await all_results(*(run(who) for who in TENANTS), what="every tenant's request")
        for who, seen in zip(TENANTS, found, strict=True):
            expect_equal(seen, own[who], f"what tenant {who} gets beside other tenants")

    under_schedules(params, together)


def share_nothing(schedule: Schedule) -> Request:
    """The control of `tenants_apart`: every request keeps its own trail."""

    async def run(who: str) -> list[str]:
        trail = []
        for mark in "!?":
            await schedule.pause()
            trail.append(who + mark)
        return trail

    return run


class QueuePipe:
    """Into a queue, read by one slow consumer until it is closed."""

    def __init__(self, schedule: Schedule, queue: Any) -> None:
        self.schedule = schedule
        self.queue = queue
        self.got: list[Any] = []
        self.reader = asyncio.ensure_future(self.read())

    async def read(self) -> None:
        """Take items until the end."""
        while (item := await self.queue.get()) is not None:
            self.got.append(item)
            await self.schedule.pause()

    async def put(self, item: Any) -> None:
        """Hand over an item.

        Raises:
            Violation: it was refused.
        """
        if await self.queue.put(item) is False:
            raise Violation("an open queue takes every item", "put() returned False")

    async def finish(self) -> list[Any]:
        """Close the queue and tell what was read."""
        await self.queue.close()
        await ended(self.reader, what="the reader of a closed queue")
        return self.got


def conserved(open_pipe: Callable[[Schedule], Any], params: Mapping[str, Any]) -> None:
    """What concurrent producers put into a pipe comes out of `finish()` once, each producer's items in order.

    Raises:
        Violation: it does not, under one of the schedules of the case.
    """

    async def scene(schedule: Schedule) -> None:
        pipe = open_pipe(schedule)

        async def produce(number: int) -> None:
            for n in range(EACH):
                await schedule.pause()
                await pipe.put((number, n))

        await all_results(*(produce(number) for number in range(PRODUCERS)), what="every producer")
        got = [tuple(item) for item in await pipe.finish()]
        wanted = [(number, n) for number in range(PRODUCERS) for n in range(EACH)]
        expect_equal(sorted(got), wanted, "what arrived, sorted by producer")
        for number in range(PRODUCERS):
            own = [n for producer, n in got if producer == number]
            expect_equal(own, sorted(own), f"the items of producer {number} in the order they arrived")

    under_schedules(params, scene)


def passed_on(prepare: Callable[[], Awaitable[Awaitable[Any]]]) -> None:
    """A caller of what `prepare` gives ends cancelled when it is cancelled after any of its steps, as it begins to wait.

    Raises:
        Violation: it goes on, or ends in another way.
    """

    async def scene(cut: Cut) -> None:
        work = await prepare()

        async def caller() -> None:
            await work
            await asyncio.sleep(LATE / 4)  # a caller that goes on would be here

        how = await ending(cut.watch(caller()))
        if cut.made:
            expect_equal(how, "cancelled", "how a task ends that is cancelled as it begins to wait")

    for after in range(1, points(scene).steps):
        Schedule().play(lambda schedule, after=after: scene(Cut(after)))  # type: ignore[misc]


class Room:
    """Where callers work: counts how many are inside, were so at most, and came in all."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.inside = 0
        self.most = 0
        self.visits = 0

    async def visit(self, fails: bool = False) -> None:
        """Come in, work for as long as the schedule says, and leave.

        Raises:
            ValueError: it was to fail.
        """
        self.inside += 1
        self.visits += 1
        self.most = max(self.most, self.inside)
        try:
            await self.schedule.pause()
            await self.schedule.pause()
        finally:
            self.inside -= 1
        if fails:
            raise ValueError("broken")

    def judge(self, limit: int, what: str) -> None:
        """Nobody came in while it was full.

        Raises:
            Violation: somebody did.
        """
        expect(self.most <= limit, f"at most {limit} {what} at once", f"{self.most}")
