"""A script answers by name, by text, and in order; then it has nothing left."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import ModelUnavailable, UsageError
from agent.core.settings import Settings
from agent.models import scripted
from agent.models.script import Script, ScriptLine

YAML = """
- {reply: for anyone, times: 2}
- {name: plan, reply: {steps: [1]}}
- {name: plan, reply: second, finish: length}
- {name: plan, contains: FIN-001, reply: about money, times: 0}
"""


@pytest.fixture
def model(tmp_path: Path, settings_for: Callable[..., Settings]) -> scripted.ScriptedModel:
    path = tmp_path / "replies.yaml"
    path.write_text(YAML)
    return scripted.connect(settings_for(script=path))


def test_named_replies_go_first_and_in_order_and_then_it_is_exhausted(model: scripted.ScriptedModel, ask: Any) -> None:
    texts = [model.complete(ask("plan"), seconds=1).text for _ in range(4)]
    assert texts == ['{"steps": [1]}', "second", "for anyone", "for anyone"]
    with pytest.raises(ModelUnavailable, match="plan"):
        model.complete(ask("plan"), seconds=1)


def test_a_reply_for_any_number_of_times_is_found_by_its_text(model: scripted.ScriptedModel, ask: Any) -> None:
    assert [model.complete(ask("plan", "FIN-001"), seconds=1).text for _ in range(5)][2:] == ["about money"] * 3


@pytest.mark.parametrize("text", ["reply: 1", "- 7", "- {answer: x}", "[", "- {reply: x, times: -1}", "- {reply: x, finish: never}"])
def test_what_is_no_script_is_a_usage_error(text: str, tmp_path: Path, settings_for: Callable[..., Settings]) -> None:
    path = tmp_path / "replies.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match="replies"):
        scripted.connect(settings_for(script=path))


def test_a_script_that_is_missing_is_a_usage_error(tmp_path: Path, settings_for: Callable[..., Settings]) -> None:
    for path in (None, tmp_path / "none.yaml"):
        with pytest.raises(UsageError):
            scripted.connect(settings_for(script=path))


@given(st.lists(st.sampled_from([None, "a", "b"]), max_size=8), st.lists(st.sampled_from(["a", "b"]), max_size=12))
def test_no_line_is_used_twice_and_none_is_held_back(names: list[str | None], asked: list[str]) -> None:
    script = Script(ScriptLine(name=name, reply=json.dumps(number)) for number, name in enumerate(names))
    used: list[int] = []
    for name in asked:
        line = script.next(name, "")
        left = [number for number, owner in enumerate(names) if owner in {None, name} and number not in used]
        assert (line is None) == (not left)
        if line is not None:
            used.append(int(line.text))
    assert len(used) == len(set(used))
