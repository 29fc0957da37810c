"""A newcomer's script does its task or it does not; what it used that does not exist, and what the framework told it, is kept."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.court.newcomer import SAID, TASKS, NewcomerPlayed, PlayNewcomer, play_newcomer
from tools.targets import resolve

TARGET = resolve("1.2.0", Settings.load())
GOOD = """
import asyncio
from stageflow import Pipeline, PipelineContext, StageKind, StageOutput


class First:
    async def execute(self, ctx):
        return StageOutput.ok(number=20)


class Second:
    async def execute(self, ctx):
        return StageOutput.ok(number=ctx.inputs.require_from("first", "number") + 3)


async def main():
    pipeline = Pipeline().with_stage("first", First, StageKind.TRANSFORM)
    pipeline = pipeline.with_stage("second", Second, StageKind.TRANSFORM, dependencies=("first",))
    results = await pipeline.build().run(PipelineContext.create())
    print(results["second"].data["number"])


asyncio.run(main())
"""
Play = Callable[..., NewcomerPlayed]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    def played(code: str, task: str = "two-stages", **more: object) -> NewcomerPlayed:
        context = ToolContext(Settings.load(**more), TARGET, Workspace(tmp_path), lambda line: None)
        return play_newcomer(PlayNewcomer(task=task, attempt=1, code=code), context)

    return played


def test_a_script_that_does_its_task(play: Play, tmp_path: Path) -> None:
    played = play(GOOD)
    assert played == NewcomerPlayed(worked=True, stage="ran", script="dx_evaluation/newcomer/two-stages-1.py.txt")
    assert (tmp_path / played.script).read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize(
    ("code", "wrong", "said"),
    [
        (GOOD.replace("import Pipeline, ", "import Flow, Pipeline, "), ("stageflow.Flow",), "Flow"),
        (GOOD.replace("with_stage", "add_stage"), (), "add_stage"),
        (GOOD.replace('"first", "number"', '"first", "price"'), (), "price"),
        (GOOD.replace("+ 3", "+ 4"), (), "asked for was '23'"),
        ("raise SystemExit('no idea')", (), "no idea"),
        ("print(23)\nraise SystemExit(1)", (), "it printed '23'"),
        ("import time\ntime.sleep(60)\n", (), "it printed ''"),
    ],
)
def test_what_it_stumbles_over(code: str, wrong: tuple[str, ...], said: str, play: Play) -> None:
    played = play(code)
    assert not played.worked and played.stage == "ran" and said in played.said and len(played.said) <= SAID
    assert played.wrong_names == wrong


def test_what_does_not_compile_is_not_run(play: Play) -> None:
    played = play("def broken(:\n")
    assert (played.worked, played.stage) == (False, "form") and "SyntaxError" in played.said


def test_it_reaches_nothing(play: Play, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("23")
    code = f"print(open({str(tmp_path / 'secret')!r}).read())"
    assert not play(code).worked
    assert not play("import socket\nsocket.create_connection(('127.0.0.1', 22), 1)\nprint(23)").worked
    play(f"open({str(tmp_path / 'left')!r}, 'w').close()")
    assert not (tmp_path / "left").exists()


def test_in_a_weak_sandbox_it_is_not_run(play: Play) -> None:
    played = play(GOOD, sandbox="rlimits")
    assert (played.worked, played.stage) == (False, "sandbox") and "--allow-weak-sandbox" in played.said


@given(code=st.text(max_size=40))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_an_answer(code: str, play: Play) -> None:
    assert not play(code).worked


def test_every_task_can_be_told_from_its_answer() -> None:
    assert len({wanted for _, wanted in TASKS.values()}) == len(TASKS)
