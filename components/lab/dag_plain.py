"""Plays a case in plain asyncio, without the target and without the simulation: the proof that a case can take its promised course."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from components.lab.dag_body import Answer, Recorder, act
from components.lab.dag_case import RAISED, RECORDERS, TRANSIENT, Course, Script, delay_before_retry, read_case, skip_reasons, summary


class PlainHost:
    """What a stage can ask of a plain run."""

    def __init__(self, run: "PlainRun") -> None:
        self._run = run

    def saw(self, script: Script) -> dict[str, str]:
        """The outputs of its dependencies."""
        return {name: summary(*self._run.outputs[name]) for name in script.after}

    def register(self, callback: Callable[[], Awaitable[None]], name: str) -> None:
        """Have a cleanup run at the end."""
        self._run.cleanups.append(callback)

    def emit(self, text: str) -> None:
        """Write the note down."""
        self._run.recorder.course.notes.append(text)

    async def poll(self) -> None:
        """Nothing to do: a plain run cancels its tasks at once."""

    async def spawn(self, label: str, child: Mapping[str, Any]) -> Course:
        """Play a nested case, unless it is too deep."""
        run = PlainRun({**child, "depth": self._run.case.depth}, self._run.level + 1)
        self._run.recorder.course.children[label] = run.recorder.course
        course = run.recorder.course
        if self._run.level >= self._run.case.depth:
            course.ends = "too deep"
            return course
        self._run.emit_child("pipeline.spawned_child")
        run.root = self._run.root
        await run.go()
        data = {name: dict(output) for name, (_, output) in course.results.items()} if course.ends == "ok" else {}
        course.events.append(("result", {"success": course.ends == "ok", "data": data}))
        self._run.emit_child("pipeline.child_completed" if course.ends == "ok" else "pipeline.child_failed")
        return course


class PlainRun:
    """One run of a case: a task for each stage."""

    def __init__(self, params: Mapping[str, Any], level: int = 0, token: Any = None) -> None:
        self.case, self.level = read_case(params), level
        self.recorder = Recorder(token)
        self.outputs: dict[str, tuple[str, dict[str, Any]]] = {}
        self.cleanups: list[Callable[[], Awaitable[None]]] = []
        self.over = asyncio.get_running_loop().create_future()
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.ready: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.refusals: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self.root = self

    async def go(self) -> Course:
        """Play it to its end."""
        course = self.recorder.course
        self.tasks = {name: asyncio.create_task(self.node(script)) for name, script in self.case.stages.items()}
        if self.case.cancel_at is not None:
            asyncio.get_running_loop().call_later(self.case.cancel_at / 1000, self.end, "cancelled", "", "called off")
        course.ends, course.by, course.why = await self.over
        tasks = [task for task in self.tasks.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for cleanup in reversed(self.cleanups):
            await asyncio.gather(cleanup(), return_exceptions=True)
        course.results = self.outputs
        self.tell("pipeline.wide", status="completed" if course.ends == "ok" else course.ends, stages=len(self.outputs))
        return self.recorder.close()

    def end(self, how: str, stage: str, why: str) -> None:
        """The first end is the end of the run."""
        if not self.over.done():
            self.over.set_result((how, stage, why))

    def tell(self, kind: str, **data: Any) -> None:
        """An event is due."""
        self.recorder.course.events.append((kind, data))

    def emit_child(self, kind: str) -> None:
        """An event about a sub-pipeline; they all go to the outermost run's sink."""
        self.root.tell(kind)

    async def node(self, script: Script) -> None:
        """One stage, from its dependencies to what follows from its answer."""
        name = script.name
        while True:
            for dependency in script.after:
                await self.ready[dependency].wait()
            status, text, data = await self.call(script)
            if status != "raise":
                self.outputs[name] = status, dict(data)
                self.tell("stage.wide", stage=name)
            if status == "skip":
                self.tell(f"stage.{name}.skipped", reason=text)
            if status != "fail" or name not in self.case.guards or not await self.ask_again(name, data):
                break
        if status in ("fail", "raise", "cancel"):
            self.end("cancelled" if status == "cancel" else "failed", name, text)
            return
        if told := self.refusals.pop(name, []):
            self.tell("guard_retry.recovered", guard=name, attempts=len(told))
        self.ready[name].set()
        if all(self.ready[stage].is_set() for stage in self.case.stages):
            self.end("ok", "", "")

    async def call(self, script: Script) -> Answer:
        """A stage with its interceptors around it."""
        reasons = skip_reasons({name: self.outputs[name] for name in script.after})
        if script.conditional and reasons:
            return "skip", reasons[0], {"reason": reasons[0]}
        log: list[str] = []
        layers = sorted(self.case.stack, key=lambda row: row[1])
        answer = await self.layered(script, layers, log)
        self.recorder.course.calls[script.name] = log
        return answer

    async def layered(self, script: Script, layers: list[tuple[Any, ...]], log: list[str]) -> Answer:
        """The first layer around the others around the stage."""
        if not layers:
            return await self.attempt(script)
        kind, priority, *rest = layers[0]
        if kind == "answer" and rest[0] == script.name:
            return "ok", "", {"made_by": "interceptor"}
        if kind == "retry":
            return await self.retried(script, layers, log)
        if kind not in RECORDERS:
            return await self.layered(script, layers[1:], log)
        log.append(f"before {priority}")
        answer = await self.layered(script, layers[1:], log)
        if kind != "raise before":
            if answer[0] == "raise":
                log.insert(len(log) - sum(line.startswith("after") for line in log), f"error {priority}")
            log.append(f"after {priority}")
        return answer

    async def retried(self, script: Script, layers: list[tuple[Any, ...]], log: list[str]) -> Answer:
        """What is inside the retry layer, until it works or has been tried often enough."""
        most, base_ms, strategy = layers[0][2:]
        for number in range(1, most + 1):
            answer = await self.layered(script, layers[1:], log)
            if answer[0] != "raise" or answer[1] not in TRANSIENT or number == most:
                break
            await asyncio.sleep(delay_before_retry(number, base_ms, strategy) / 1_000_000)
        return answer

    async def attempt(self, script: Script) -> Answer:
        """The stage's own code, within its time limit."""
        limit = self.case.time_limit()
        try:
            return await asyncio.wait_for(act(script, self.recorder, PlainHost(self)), limit and limit / 1_000_000)
        except TimeoutError:
            return "raise", "time-out", {}
        except tuple(RAISED.values()) as error:
            return "raise", type(error).__name__, {}

    async def ask_again(self, guard: str, data: Mapping[str, Any]) -> bool:
        """After a refusal: whether the guard is to be asked again; everything made from what it refused is made again."""
        policy, told = self.case.guards[guard], self.refusals[guard]
        told.append((self.recorder.now() / 1_000_000, repr(sorted(data.items()))))
        self.tell("guard_retry.attempt", guard=guard, attempt=len(told))
        same = 0
        for (_, earlier), (_, later) in itertools.pairwise(told):
            same = same + 1 if earlier == later else 0
        late = policy.get("timeout_seconds") is not None and told[-1][0] - told[0][0] >= policy["timeout_seconds"]
        if len(told) >= policy.get("max_attempts", 2) or same >= policy.get("stagnation_limit", 2) or late:
            self.tell("guard_retry.exhausted", guard=guard, attempts=len(told))
            return False
        self.tell("guard_retry.scheduled", guard=guard, attempt=len(told))
        stale = {policy["retry_stage"]}
        while more := {name for name, script in self.case.stages.items() if stale.intersection(script.after)} - stale:
            stale |= more
        for name in stale:
            self.ready[name].clear()
            if name != guard:
                self.tasks[name].cancel()
                self.tasks[name] = asyncio.create_task(self.node(self.case.stages[name]))
        return True


async def on_plain_together(params: Mapping[str, Any], delays: Sequence[int]) -> list[Course]:
    """The courses of plain runs that overlap."""

    async def later(delay: int) -> Course:
        await asyncio.sleep(delay / 1000)
        return await PlainRun(params).go()

    return list(await asyncio.gather(*(later(delay) for delay in delays)))


async def on_plain(params: Mapping[str, Any], **options: Any) -> Course:
    """The course a case takes in plain asyncio; options of the target other than `token` mean nothing here."""
    before = asyncio.all_tasks()
    course = await PlainRun(params, token=options.get("token")).go()
    course.tasks = len(asyncio.all_tasks() - before)
    return course
