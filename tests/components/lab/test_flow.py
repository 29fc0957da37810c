"""Probes build and run pipelines in the shape that a release has, and tell an API that is not there from their own mistakes."""

import asyncio
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stageflow
from hypothesis import given
from hypothesis import strategies as st

from components.lab.absence import missing_api
from components.lab.flow import (
    call_off_later,
    context,
    default_graph,
    graph,
    outcome,
    pipeline,
    pipeline_context,
    stage_class,
    stage_context,
)
from components.lab.probe import NotApplicable
from components.lab.verdict import play

PROJECT = Path(__file__).resolve().parents[3]
NAMES = st.from_regex(r"[a-z]{3,9}_[a-z]{3,9}_nowhere", fullmatch=True)

OLD_RELEASE = {
    "__init__.py": """
        import enum
        from stageflow.stages.context import PipelineContext

        class StageKind(enum.Enum):
            TRANSFORM = "transform"

        class Graph:
            def __init__(self, stages):
                self.stages = stages

            async def run(self, ctx):
                assert type(ctx).__name__ == "StageContext"
                return {name: await stage.execute(ctx) for name, stage in self.stages}

        class Pipeline:
            def __init__(self, stages=()):
                self.stages = stages

            def with_stage(self, name, stage, kind, *, dependencies=(), conditional=False):
                return Pipeline((*self.stages, (name, stage)))

            def build(self):
                return Graph(self.stages)
    """,
    "stages/__init__.py": "",
    "stages/context.py": """
        class PipelineContext:
            def __init__(self, *, event_sink=None, data=None, **ids):
                self.data = data
    """,
    "stages/inputs.py": """
        def create_stage_inputs(snapshot):
            return {"snapshot": snapshot}
    """,
    "core.py": """
        class PipelineTimer:
            pass

        class StageContext:
            def __init__(self, *, snapshot, inputs, stage_name, timer, event_sink=None):
                self.snapshot, self.event_sink = snapshot, event_sink
    """,
    "context/__init__.py": """
        class ContextSnapshot:
            def __init__(self, *, run_id, topology, execution_mode, input_text=None):
                self.run_id, self.topology, self.input_text = run_id, topology, input_text
    """,
    "context/identity.py": """
        class RunIdentity:
            def __init__(self, *, pipeline_run_id, request_id, session_id, user_id, org_id, interaction_id):
                self.org_id = org_id
    """,
}
"""The shape of a release whose graphs take a StageContext and run no interceptors."""

TOLD_BY_OLD_RELEASE = """
    import json
    from components.lab.flow import call_off_later, context, default_graph, graph, pipeline, pipeline_context
    from components.lab.probe import NotApplicable
    from components.lab.verdict import play

    async def body(ctx):
        return [type(ctx).__name__, ctx.snapshot.input_text, ctx.snapshot.run_id.org_id, ctx.event_sink]

    async def told(act):
        answer = act()
        seen.append(await answer if hasattr(answer, "__await__") else type(answer).__name__)

    def ask(act):
        try:
            play(lambda params: told(act), {}, 5.0)
        except NotApplicable as missing:
            seen.append("not applicable: " + str(missing))

    seen = []
    ask(lambda: graph(pipeline(("only", body)), []).run(context(input_text="hello", org_id=7, event_sink="sink")))
    ask(lambda: pipeline_context(data={}))
    ask(lambda: context(data={}))
    ask(lambda: default_graph(pipeline(("only", body))))
    ask(lambda: graph(pipeline(("only", body)), ["mine"]))
    ask(lambda: call_off_later(context(), 1, "enough"))
    print(json.dumps(seen))
"""


def test_on_an_old_release_graphs_run_on_a_stage_context_and_the_rest_is_not_applicable(tmp_path: Path) -> None:
    for name, text in OLD_RELEASE.items():
        file = tmp_path / "stageflow" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
    path = os.pathsep.join([str(tmp_path), str(PROJECT)])
    command = [sys.executable, "-c", textwrap.dedent(TOLD_BY_OLD_RELEASE)]
    answer = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True, cwd=tmp_path)
    run, direct, *absent = json.loads(answer.stdout)
    assert run == {"only": ["StageContext", "hello", 7, "sink"]}
    assert direct == "PipelineContext"
    assert absent == [
        "not applicable: ContextSnapshot.__init__() got an unexpected keyword argument 'data'",
        "not applicable: Pipeline.build() takes no interceptors",
        "not applicable: Pipeline.build() got an unexpected keyword argument 'interceptors'",
        "not applicable: 'StageContext' object has no attribute 'mark_canceled'",
    ]


async def say(ctx: Any) -> dict[str, Any]:
    return {"said": ctx.snapshot.input_text}


@pytest.mark.filterwarnings("ignore:.*StageContext.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize("make", [context, pipeline_context, stage_context])
def test_every_context_runs_a_graph_of_this_release(make: Callable[..., Any]) -> None:
    results = asyncio.run(graph(pipeline(("only", say)), []).run(make(input_text="hello")))
    assert results["only"].data == {"said": "hello"}


def test_two_contexts_share_no_id() -> None:
    first, second = context(), context()
    assert first.pipeline_run_id != second.pipeline_run_id
    assert first.org_id != second.org_id


def test_a_default_graph_has_the_default_stack_and_an_empty_list_means_none() -> None:
    names = {type(item).__name__ for item in default_graph(pipeline(("only", say)))._interceptors}
    assert "TimeoutInterceptor" in names
    assert [item.name for item in graph(pipeline(("only", say)), [])._interceptors] == ["empty"]


def test_call_off_later_cancels_with_the_reason() -> None:
    async def run() -> list[Any]:
        ctx = context()
        call_off_later(ctx, 0.01, "enough")
        before = ctx.is_canceled
        await asyncio.sleep(0.05)
        return [before, ctx.is_canceled, ctx.cancellation_reason]

    assert asyncio.run(run()) == [False, True, "enough"]


def test_a_stage_class_runs_its_function() -> None:
    assert asyncio.run(stage_class(say)().execute(stage_context(input_text="hello"))) == {"said": "hello"}


def failing(act: Callable[[], Any]) -> str:
    """What `missing_api` makes of the exception."""
    try:
        act()
    except Exception as error:
        return missing_api(error)
    pytest.fail("it does not raise")


@given(name=NAMES)
def test_names_that_the_target_does_not_have_are_told(name: str) -> None:
    pipe = stageflow.Pipeline()
    told = [
        failing(lambda: getattr(stageflow, name)),
        failing(lambda: getattr(stageflow.Pipeline, name)),
        failing(lambda: getattr(pipe, name)),
    ]
    told += [failing(lambda: setattr(context(), name, 1))]
    told += [failing(lambda: pipe.build(**{name: 1})), failing(lambda: exec(f"from stageflow import {name}"))]
    assert all(name in text for text in told)
    assert all("/" not in text for text in told), "no paths of this machine"


@given(name=NAMES)
def test_mistakes_of_our_own_are_not_told(name: str) -> None:
    def own() -> None:
        """Takes nothing."""

    assert [failing(lambda: getattr("", name)), failing(lambda: own(**{name: 1})), failing(lambda: exec(f"import {name}"))] == ["", "", ""]


def test_a_failure_inside_the_target_is_not_an_absent_api() -> None:
    assert failing(lambda: asyncio.run(stageflow.TimeoutInterceptor().before("stage", stage_context()))) == ""


def test_outcome_tells_a_stage_that_lacks_an_api_from_one_that_fails() -> None:
    async def lacking(ctx: Any) -> None:
        stageflow.nowhere_to_be_found()

    async def broken(ctx: Any) -> None:
        raise KeyError("mine")

    async def error_of(body: Any) -> Any:
        return (await outcome(graph(pipeline(("only", body)), []).run(context())))[1]

    assert isinstance(asyncio.run(error_of(broken)), stageflow.UnifiedStageExecutionError)
    try:
        with pytest.raises(NotApplicable, match="nowhere_to_be_found"):
            play(lambda params: error_of(lacking), {}, 5.0)
    finally:
        asyncio.get_event_loop().close()  # play() leaves its loop open: a process of its own ends right after it
        asyncio.set_event_loop(None)
