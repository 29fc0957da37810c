"""Plays a case on the target's older executor, `StageGraph`, as far as that one can do what a case asks."""

import asyncio
import contextlib
import warnings
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from components.lab.dag_body import Recorder, act
from components.lab.dag_case import RAISED, Course, Script, read_case
from components.lab.dag_play import HORIZON
from components.lab.flow import EmptyInterceptor, pipeline_context, stage_class
from components.lab.probe import need


class LegacyHost:
    """What a stage can ask of the older executor: nothing."""

    def saw(self, script: Script) -> dict[str, str]:
        """It hands on no outputs."""
        return {}

    def register(self, callback: Callable[[], Awaitable[None]], name: str) -> None:
        """It knows no cleanups."""

    def emit(self, text: str) -> None:
        """Notes are not looked at."""

    async def poll(self) -> None:
        """It knows no checkpoints."""

    async def spawn(self, label: str, child: Mapping[str, Any]) -> Course:
        """Sub-pipelines are not played here."""
        return Course()


async def on_legacy(params: Mapping[str, Any], **options: Any) -> Course:
    """The course a case takes there; stages return their data as a dict."""
    case, recorder = read_case(params), Recorder()
    spec = need("stageflow.pipeline.dag:StageSpec")
    failed = need("stageflow.pipeline.dag:StageExecutionError")

    def runner_of(script: Script) -> Callable[[Any], Awaitable[Any]]:
        async def run(ctx: Any) -> Any:
            return (await act(script, recorder, LegacyHost()))[2]

        return run

    rows = [spec(name=script.name, runner=stage_class(runner_of(script)), dependencies=script.after) for script in case.stages.values()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        built = need("stageflow.pipeline.dag:StageGraph")(rows, [EmptyInterceptor()])
    course, before = recorder.course, asyncio.all_tasks()
    try:
        results = await asyncio.wait_for(built.run(pipeline_context()), HORIZON)
        course.ends = "ok"
        words = {"completed": "ok"}
        course.results = {name: (words.get(result.status, str(result.status)), dict(result.data)) for name, result in results.items()}
    except failed as error:
        course.ends, course.by = "failed", error.stage
        course.why = type(error.original).__name__ if type(error.original) in RAISED.values() else str(error.original)
    except TimeoutError:
        course.ends = "never"
    recorder.close()
    left = asyncio.all_tasks() - before
    for task in left:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*left, return_exceptions=True)
    return course
