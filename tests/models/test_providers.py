"""The chain of the settings, in its order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.core.errors import UsageError
from agent.core.settings import Settings
from agent.models.providers import connect, notices

Make = Callable[..., Settings]


def test_no_providers_are_no_models(settings_for: Make) -> None:
    assert connect(settings_for()) == ()


def test_the_chain_keeps_its_order_and_its_notices(serve: Any, settings_for: Make, tmp_path: Path) -> None:
    script = tmp_path / "replies.jsonl"
    script.write_text('{"reply": "yes"}\n')
    settings = settings_for(serve(), providers=("scripted", "groq", "openai_compatible", "local"), script=script)
    for models in (connect(settings), connect(settings, record=tmp_path / "tape")):
        assert [model.provider for model in models] == ["scripted", "groq", "openai_compatible", "local"]
        said = notices(models)
        assert [notice.split(":")[0] for notice in said] == ["groq", "local"]


def test_an_unknown_provider_is_a_usage_error_with_the_list(settings_for: Make) -> None:
    with pytest.raises(UsageError, match="'grok'") as raised:
        connect(settings_for(providers=("groq", "grok")))
    for name in ("groq", "openai_compatible", "local", "scripted", "cassette"):
        assert name in raised.value.hint
