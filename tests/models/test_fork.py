"""A recording up to a call: whose answers hold, and who is asked from there on."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.chat import Message, Reply, Request
from agent.core.errors import UsageError
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.models.ask import TOOL
from agent.models.cassette import RECORDING, RecordedCall, key_of, recorded_calls
from agent.models.fork import first_of_decision, write_before
from agent.models.providers import connect

SETTINGS = Settings.load({})
GOOD = "Nothing that was found here was found by chance, and each of it can be shown again."
SLOTS = {"table": "confirmed bugs: 2"}


def call(name: str, text: str, turns: int = 2) -> RecordedCall:
    messages = tuple(Message(role="user", content=text) for _ in range(turns))
    request = Request(messages=messages, max_tokens=9, name=name)
    reply = Reply(text="x", finish="stop", usage=None, model="m")
    return RecordedCall(key=key_of("m", request), provider="p", model="m", request=request.model_dump(mode="json"), reply=reply)


CALLS = [call("a", "1"), call("a", "1"), call("a", "1", 4), call("b", "2"), call("b", "3"), call("b", "3", 4)]


@pytest.mark.parametrize(("wanted", "first"), [("1", 1), ("2", 1), ("#3", 1), ("4", 4), ("5", 5), ("6", 5)])
def test_a_decision_is_one_models_alone(wanted: str, first: int) -> None:
    assert first_of_decision(CALLS, wanted) == first


def test_a_call_is_found_by_the_start_of_its_key() -> None:
    assert first_of_decision(CALLS, CALLS[3].key[:8]) == 4
    with pytest.raises(UsageError, match="several"):
        first_of_decision(CALLS, CALLS[0].key[:8])


@given(st.text(max_size=8).filter(lambda text: text.removeprefix("#") not in {str(n) for n in range(1, 7)}))
def test_a_call_that_is_not_there_is_told_with_those_that_are(wanted: str) -> None:
    with pytest.raises(UsageError) as told:
        first_of_decision(CALLS, wanted)
    assert "4 b (" in told.value.hint


def context(folder: Path, settings: Settings) -> ToolContext:
    models = connect(settings, record=folder / RECORDING)
    return ToolContext(settings.model_copy(update={"cache": folder}), None, Workspace(folder), lambda text: None, models)


def script(path: Path, *texts: str) -> Path:
    path.write_text("\n".join(json.dumps({"name": "summary", "reply": {"text": text}}) for text in texts), encoding="utf-8")
    return path


def said(folder: Path, **settings: Any) -> list[str]:
    """What a chain answers to three questions in a fresh run."""
    asked = context(folder, SETTINGS.model_copy(update=settings))
    tables = [{"table": f"confirmed bugs: {number}"} for number in (1, 2, 3)]
    results = [TOOL.call({"decision": "summary", "slots": slots}, asked) for slots in tables]
    return [result.answer["text"] if result.answer else result.why for result in results]


def test_the_recording_answers_up_to_the_call_and_another_model_from_there_on(tmp_path: Path) -> None:
    one = script(tmp_path / "one.jsonl", *(f"{GOOD} one {n}" for n in (1, 2, 3)))
    other = script(tmp_path / "other.jsonl", *(f"{GOOD} other {n}" for n in (1, 2, 3)))
    assert said(tmp_path / "first", providers=("scripted",), script=one) == [f"{GOOD} one {n}" for n in (1, 2, 3)]
    write_before(tmp_path / "first" / RECORDING, 2, tmp_path / "before")
    forked = said(tmp_path / "forked", providers=("cassette", "scripted"), cassette=tmp_path / "before", script=other)
    assert forked == [f"{GOOD} one 1", f"{GOOD} other 1", f"{GOOD} other 2"]
    calls = recorded_calls(tmp_path / "forked" / RECORDING)
    assert [(c.provider, c.error) for c in calls] == [("cassette", None), ("scripted", None), ("scripted", None)]
    assert said(tmp_path / "again", providers=("cassette",), cassette=tmp_path / "forked" / RECORDING) == forked


def test_a_fork_at_the_first_call_leaves_nothing_to_the_recording(tmp_path: Path) -> None:
    said(tmp_path / "first", providers=("scripted",), script=script(tmp_path / "one.jsonl", *[GOOD] * 3))
    write_before(tmp_path / "first" / RECORDING, 1, tmp_path / "before")
    forked = said(
        tmp_path / "forked",
        providers=("cassette", "scripted"),
        cassette=tmp_path / "before",
        script=script(tmp_path / "b.jsonl", *[GOOD] * 3),
    )
    assert forked[0] == GOOD
    assert said(tmp_path / "alone", providers=("cassette",), cassette=tmp_path / "before") == ["the recording is played to its end"] * 3


def test_a_limit_that_was_recorded_is_no_limit_now(tmp_path: Path) -> None:
    """The first question was turned away for a day, and answered by a later try; no replay on this machine has to wait for that day."""
    said(tmp_path / "first", providers=("scripted",), script=script(tmp_path / "one.jsonl", *[GOOD] * 3))
    tape = tmp_path / "first" / RECORDING
    lines = tape.read_text(encoding="utf-8").splitlines()
    error = {"name": "ModelLimited", "message": "come back tomorrow", "hint": "", "retry_after": 80_000.0, "scope": "day"}
    limited = json.dumps(json.loads(lines[1]) | {"reply": None, "error": error})
    tape.write_text("\n".join([lines[0], limited, *lines[1:]]) + "\n", encoding="utf-8")
    for number in range(2):  # in one cache folder, hence with one memory of limits
        assert said(tmp_path / "again", providers=("cassette",), cassette=tape) == [GOOD] * 3
        (tmp_path / "again/results").rename(tmp_path / f"again/{number}")
