"""Interceptors of a case as the target's: some write down their calls and may break, one answers in the place of a stage."""

from typing import Any, Protocol

from components.lab.dag_body import Recorder
from components.lab.flow import EmptyInterceptor
from components.lab.probe import need


class RecordedRun(Protocol):
    """A run that notes are taken of."""

    recorder: Recorder


class CallWitness(EmptyInterceptor):
    """An interceptor that writes down its calls, and may break in one of them."""

    def __init__(self, run: RecordedRun, kind: str, priority: int) -> None:
        self.name, self.priority = f"{kind} {priority}", priority
        self._run, self._breaks = run, kind.removeprefix("raise ")

    def _note(self, hook: str, stage: str) -> None:
        self._run.recorder.course.calls.setdefault(stage, []).append(f"{hook} {self.priority}")
        if hook == self._breaks:
            raise RuntimeError("this interceptor breaks")

    async def before(self, stage_name: str, ctx: Any) -> None:
        """Write it down."""
        self._note("before", stage_name)

    async def after(self, stage_name: str, result: Any, ctx: Any) -> None:
        """Write it down."""
        self._note("after", stage_name)

    async def on_error(self, stage_name: str, error: Exception, ctx: Any) -> Any:
        """Write it down."""
        self._note("error", stage_name)
        return await super().on_error(stage_name, error, ctx)


class StageAnswerer(EmptyInterceptor):
    """An interceptor that answers in the place of one stage."""

    def __init__(self, priority: int, stage: str) -> None:
        self.name, self.priority, self._stage = f"answer {priority}", priority, stage

    async def before(self, stage_name: str, ctx: Any) -> Any:
        """Answer for the one stage, let the others run."""
        if stage_name != self._stage:
            return None
        return need("stageflow.pipeline.interceptors:InterceptorResult")(stage_ran=False, result={"made_by": "interceptor"})
