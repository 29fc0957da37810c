"""Plays a case on the target and notes the course that it takes."""

import asyncio
import contextlib
import contextvars
import copy
import inspect
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from components.lab.dag_body import Recorder, act
from components.lab.dag_case import RAISED, Course, DagCase, Script, read_case, summary
from components.lab.dag_interceptors import CallWitness, StageAnswerer
from components.lab.flow import RecordingSink, call_off_later, context, graph, status_of
from components.lab.probe import NotApplicable, need

HORIZON = 500.0
"""A run that has not ended after so many virtual seconds never will."""


class TargetHost:
    """What a stage can ask of the target while it runs."""

    def __init__(self, run: "TargetRun", ctx: Any) -> None:
        self._run = run
        self._ctx = ctx

    def saw(self, script: Script) -> dict[str, str]:
        """The outputs it was given, and those it should not have been."""
        outputs = {name: summary(status_of(output), output.data) for name, output in self._ctx.inputs.prior_outputs.items()}
        return {name: seen if name in script.after else f"undeclared {seen}" for name, seen in outputs.items()}

    def register(self, callback: Callable[[], Awaitable[None]], name: str) -> None:
        """Register a cleanup with the graph."""
        self._run.graph.register_cleanup(callback, name=name)

    def emit(self, text: str) -> None:
        """Emit an event of our own."""
        self._ctx.try_emit_event("probe.note", {"text": text})

    async def poll(self) -> None:
        """A cancellation checkpoint."""
        await self._ctx.cancellation_checkpoint()

    async def spawn(self, label: str, child: Mapping[str, Any]) -> Course:
        """Run a sub-pipeline through the spawner; its result becomes part of its course."""
        run = TargetRun({**child, "depth": self._run.case.depth}, self._run.spawner)
        self._run.recorder.course.children[label] = run.recorder.course
        stage = label.partition("#")[0]
        try:
            result = await self._run.spawner.spawn("child", self._run.context, uuid.uuid4(), stage, run.go)
        except need("stageflow.pipeline.subpipeline:MaxDepthExceededError"):
            run.recorder.course.ends = "too deep"
        else:
            data = {name: dict(output.data) for name, output in (result.data or {}).items()}
            run.recorder.course.events.append(("result", {"success": result.success, "data": data}))
        return run.recorder.course


class ScriptedStage:
    """A stage that does what its script says; `uses` counts the executions of this very object."""

    def __init__(self, run: "TargetRun", script: Script) -> None:
        self.name = script.name
        self.kind = need("stageflow:StageKind")(script.kind)
        self.uses = 0
        self._run = run
        self._script = script

    async def execute(self, ctx: Any) -> Any:
        """Follow the script, and answer with what the target takes."""
        self.uses += 1
        run = self._run.of(ctx)
        status, text, data = await act(self._script, run.recorder, TargetHost(run, ctx), self.uses)
        verb = self._script.act_of(run.recorder.counts[self.name])[0]
        output = need("stageflow:StageOutput")
        if verb in ("dict", "none"):
            return data if verb == "dict" else None
        named = {"skip": {"reason": text}, "cancel": {"reason": text}, "fail": {"error": text}}
        return getattr(output, status)(data=data, **named.get(status, {}))


class TargetRun:
    """A case as a graph of the target."""

    def __init__(self, params: Mapping[str, Any], spawner: Any, **options: Any) -> None:
        self.case: DagCase = read_case(params)
        self.spawner = spawner
        self.sink = RecordingSink()
        self.token = options.pop("token", None)
        self.twins: dict[Any, TargetRun] = {}
        self.renew()
        self.graph = self._build(options)

    def renew(self) -> None:
        """Get ready for a run of its own."""
        self.context = context(event_sink=self.sink, data=dict(self.case.data))
        self.recorder = Recorder(self.token)

    def twin(self) -> "TargetRun":
        """Another run of the same graph, with a sink, a context and a recorder of its own."""
        other = copy.copy(self)
        other.sink = RecordingSink()
        other.renew()
        self.twins[other.context.pipeline_run_id] = other
        return other

    def of(self, ctx: Any) -> "TargetRun":
        """The run that a stage's context belongs to."""
        return self.twins.get(ctx.pipeline_run_id, self)

    def _build(self, options: dict[str, Any]) -> Any:
        built = need("stageflow:Pipeline")()
        for script in self.case.stages.values():
            stage: Any = ScriptedStage(self, script)
            if script.form == "class":
                stage = type("Made", (ScriptedStage,), {"__init__": lambda made, script=script: ScriptedStage.__init__(made, self, script)})
            elif script.form == "function":
                stage = stage.execute
            kind = need("stageflow:StageKind")(script.kind)
            built = built.with_stage(script.name, stage, kind, dependencies=script.after, conditional=script.conditional)
        if self.case.guards:
            policy = need("stageflow.pipeline.guard_retry:GuardRetryPolicy")
            policies = {name: policy(**fields) for name, fields in self.case.guards.items()}
            options["guard_retry_strategy"] = need("stageflow.pipeline.guard_retry:GuardRetryStrategy")(policies=policies)
        for name in options.keys() - inspect.signature(built.build).parameters.keys():
            raise NotApplicable(f"Pipeline.build takes no {name}")
        by_default = self.case.layer("default") is not None
        return graph(built, None if by_default else [self._interceptor(row) for row in self.case.stack], **options)

    def _interceptor(self, row: tuple[Any, ...]) -> Any:
        if row[0] == "answer":
            return StageAnswerer(row[1], row[2])
        if row[0] == "timeout":
            return need("stageflow:TimeoutInterceptor")()
        if row[0] != "retry":
            return CallWitness(self, row[0], row[1])
        module = need("stageflow.pipeline.retry")
        spread = {"backoff_strategy": module.BackoffStrategy(row[4]), "jitter_strategy": module.JitterStrategy.NONE}
        return module.RetryInterceptor(max_attempts=row[2], base_delay_ms=row[3], **spread)

    async def go(self, given: Any = None) -> Any:
        """Run the graph on the given context, or on its own, and note how it ends.

        Raises:
            Exception: what the run ends with.
        """
        if given is not None:
            self.context = given
        course = self.recorder.course
        self.recorder = Recorder(self.token)
        self.recorder.course, before = course, dict(contextvars.copy_context())
        try:
            results = await self.graph.run(self.context)
            course.ends, course.results = "ok", plain_results(results)
            return results
        except need("stageflow.pipeline.dag:UnifiedPipelineCancelled") as cancelled:
            course.ends, course.by, course.why = "cancelled", cancelled.stage, cancelled.reason
            course.results = plain_results(cancelled.results)
            raise
        except need("stageflow.pipeline.dag:UnifiedStageExecutionError") as failed:
            original = failed.original
            course.ends, course.by = "failed", failed.stage
            course.why = type(original).__name__ if type(original) in RAISED.values() else str(original)
            raise
        except Exception as error:
            course.ends = type(error).__name__
            raise
        finally:
            self.recorder.close()
            course.variables = changed_variables(before, dict(contextvars.copy_context()))


def changed_variables(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[str]:
    """Names of the context variables that have another value than before."""
    return sorted(variable.name for variable in {*before, *after} if before.get(variable, before) is not after.get(variable, before))


def plain_results(results: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Status and data of each stage's output."""
    return {name: (status_of(output), dict(output.data)) for name, output in results.items()}


def need_for(case: DagCase) -> None:
    """Make sure that the target has what the case uses.

    Raises:
        NotApplicable: it has not.
    """
    need("stageflow.pipeline.dag:UnifiedPipelineCancelled")
    need("stageflow.stages.context:PipelineContext.derive_root_stage_context")  # 0.9.6 and later run graphs on it
    if case.cancel_at is not None:
        need("stageflow.stages.context:PipelineContext.cancellation_reason")
        need("stageflow.core:StageContext.cancellation_checkpoint")
    if any(script.cleanups for script in case.stages.values()):
        need("stageflow.pipeline.dag:UnifiedStageGraph.register_cleanup")


def ready_run(params: Mapping[str, Any], **options: Any) -> TargetRun:
    """A run of a case, before it starts."""
    need_for(read_case(params))
    module = need("stageflow.pipeline.subpipeline")
    spawner = module.SubpipelineSpawner(child_tracker=module.ChildRunTracker(), max_depth=params.get("depth", 5))
    run = TargetRun(params, spawner, **options)
    need("stageflow.events:set_event_sink")(run.sink)
    return run


async def on_target(params: Mapping[str, Any], linger: float = 0.0, times: int = 1, **options: Any) -> Course:
    """The course a case takes on the target, the last time that it is run on one graph.

    Waits so many virtual seconds for what stages do after the run has ended. Other options are those of `Pipeline.build`, and `token`.
    """
    before = asyncio.all_tasks()
    run = ready_run(params, **options)
    for _ in range(times - 1):
        await asyncio.wait([asyncio.ensure_future(run.go())], timeout=HORIZON)
        run.renew()
    if run.case.cancel_at is not None:
        call_off_later(run.context, run.case.cancel_at / 1000, "called off")
    others = asyncio.all_tasks()
    task = asyncio.ensure_future(run.go())
    await asyncio.wait([task], timeout=HORIZON)
    course = run.recorder.close()
    course.tasks = len(asyncio.all_tasks() - others - {task})
    course.events += run.sink.events
    course.notes = [told_note(data, run) for kind, data in run.sink.events if kind == "probe.note"]
    course.keys = sorted(run.context.data.keys() - run.case.data.keys())
    await asyncio.sleep(linger)
    await end_all(asyncio.all_tasks() - before | {task})
    return course


def told_note(data: Mapping[str, Any], run: TargetRun) -> str:
    """What a stage said, with a word on the run it was said in when that is not this one."""
    return str(data["text"]) + ("" if data.get("pipeline_run_id") == str(run.context.pipeline_run_id) else " in another run")


async def on_target_together(params: Mapping[str, Any], delays: Sequence[int]) -> list[Course]:
    """The courses of runs that overlap on one graph of the target; each starts so many ms after the first."""
    before = asyncio.all_tasks()
    first = ready_run(params)
    runs = [first.twin() for _ in delays]

    async def later(run: TargetRun, delay: int) -> None:
        await asyncio.sleep(delay / 1000)
        with contextlib.suppress(Exception):  # it is noted where it is raised
            await run.go()

    await asyncio.wait([asyncio.ensure_future(later(*row)) for row in zip(runs, delays, strict=True)], timeout=HORIZON)
    courses = [run.recorder.close() for run in runs]
    await end_all(asyncio.all_tasks() - before)
    return courses


async def end_all(tasks: set[asyncio.Task[Any]]) -> None:
    """End what is left of these tasks, and drop what they raised."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=HORIZON)
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, asyncio.InvalidStateError):
            task.exception()  # noted where it was raised
