"""What the stages of a case do when they are run, whoever runs them, and the notes taken of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from components.lab.dag_case import ENDLESS, FOREVER, RAISED, Course, Script, reply_of

Answer = tuple[str, str, dict[str, Any]]
"""Status, text and data, as in `reply_of`."""


class Host(Protocol):
    """What a stage can ask of whoever runs it."""

    def saw(self, script: Script) -> dict[str, str]:
        """What the stage was given: dependency to summary."""

    def register(self, callback: Callable[[], Awaitable[None]], name: str) -> None:
        """Have a cleanup run at the end of the run."""

    def emit(self, text: str) -> None:
        """Let a note out."""

    async def spawn(self, label: str, child: Mapping[str, Any]) -> Course:
        """Run a sub-pipeline to its end."""

    async def poll(self) -> None:
        """Stop here when the run was called off."""


class Recorder:
    """Takes notes of one run; what comes after `close()` is late. `token` is put into the data of every successful output."""

    def __init__(self, token: Any = None) -> None:
        self.token = token
        self.course = Course()
        self.counts: Counter[str] = Counter()
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    def now(self) -> int:
        """µs since the run began."""
        return round((self._loop.time() - self._began) * 1_000_000)

    def begin(self, script: Script, saw: dict[str, str], age: int) -> int:
        """An execution begins; returns its number."""
        self.counts[script.name] += 1
        label = f"{script.name}#{self.counts[script.name]}"
        if not self.late(f"{label} begins"):
            self.course.starts[label], self.course.saw[label], self.course.ages[label] = self.now(), saw, age
        return self.counts[script.name]

    def late(self, what: str) -> bool:
        """Note that something happens, if the run is over."""
        if self.closed:
            self.course.late.append(what)
        return self.closed

    def cleanup(self, name: str) -> Callable[[], Awaitable[None]]:
        """A cleanup that is noted when it runs; the second one of each execution fails."""

        async def clean() -> None:
            self.course.cleanups.append(name)
            if name.endswith(".1"):
                raise OSError("this cleanup fails")

        return clean

    def close(self) -> Course:
        """The run is over."""
        if not self.closed:
            self.course.at = self.now()
        self.closed = True
        return self.course


async def act(script: Script, recorder: Recorder, host: Host, age: int = 1) -> Answer:
    """One execution of a stage's own code.

    Raises:
        Exception: as the case says.
    """
    execution = recorder.begin(script, host.saw(script), age)
    label = f"{script.name}#{execution}"
    status, text, data = reply_of(script, execution)
    try:
        if script.child is not None:
            child = await host.spawn(label, script.child)
            data = {**data, "child": child.ends == "ok"} if status == "ok" else data
        await work(script, execution, recorder, host)
    except asyncio.CancelledError:
        if script.tidy:
            await asyncio.sleep(script.tidy / 1000)
            if not recorder.late(f"{label} tidies up"):
                recorder.course.tidied.append(label)
        raise
    if recorder.token is not None and status == "ok":
        data = {**data, "token": recorder.token}
    if not recorder.late(f"{label} goes on to its end"):
        recorder.course.stops[label] = recorder.now()
    if status == "raise":
        raise RAISED[text](f"{label} breaks")
    return status, text, data


async def work(script: Script, execution: int, recorder: Recorder, host: Host) -> None:
    """Take the time that the execution takes, and note half-way what it has to."""
    takes = script.duration(execution)
    verb, text, _ = script.act_of(execution)
    if takes == FOREVER or sum(recorder.counts.values()) > ENDLESS:
        await asyncio.Event().wait()
    if verb == "polls":
        for _ in range(int(text)):
            await asyncio.sleep(takes / int(text) / 1_000_000)
            await host.poll()
        return
    await asyncio.sleep(script.notes_after(execution) / 1_000_000)
    for name in script.pledges(execution):
        host.register(recorder.cleanup(name), name)
    for said in script.notes_of(execution):
        host.emit(said)
    await asyncio.sleep((takes - script.notes_after(execution)) / 1_000_000)
