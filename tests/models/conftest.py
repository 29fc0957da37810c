"""For the model tests: the shipped fault server in this process, and a stand-in for the runtime of real weights."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from agent.core.chat import Message, Request
from agent.core.settings import Settings, project_root
from agent.models.catalogue import Weights
from agent.models.faulty.behaviours import BEHAVIOURS
from agent.models.faulty.contract import LISTED, Behaviour
from agent.models.faulty.server import FaultServer
from agent.models.script import Script, ScriptLine
from tests.serving import serving

KEY = "gsk_loopback0123456789"
SCHEMA = {
    "type": "object",
    "properties": {"claim": {"type": "string", "maxLength": 200}, "kind": {"enum": ["order", "loss"]}, "code": {"type": "string"}},
    "required": ["claim", "kind", "code"],
    "additionalProperties": False,
}

RUNTIME = """
import os, time

class _Open:
    def __getattr__(self, name):
        value = self.__dict__[name] = _Open()
        return value

class CommonParams(_Open):
    pass

class Server:
    def __init__(self, parameters):
        print("noise on standard output")
        if open(parameters.model.path).read() == "broken":
            raise RuntimeError("cannot load")

    def handle_chat_completions(self, request):
        text = request["messages"][-1]["content"]
        if text == "sleep":
            time.sleep(60)
        if text == "crash":
            os._exit(9)
        if text == "refuse":
            return {"error": {"code": 400, "message": "exceeds the context size", "type": "exceed_context_size_error"}}
        if text == "What could break?":
            return {"choices": [{"message": {"content": '{"claim": "order"}'}, "finish_reason": "stop"}]}
        said = f"{sorted(request)} {'GROQ_API_KEY' in os.environ}"
        return {"choices": [{"message": {"content": said}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
"""

Serve = Callable[..., FaultServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a fault server: a behaviour or its name, lines of its script, models to list."""
    with ExitStack() as stack:

        def start(
            behaviour: str | Behaviour = "good", *lines: dict[str, Any], listed: tuple[str, ...] = LISTED, log: Path | None = None
        ) -> FaultServer:
            chosen = BEHAVIOURS[behaviour] if isinstance(behaviour, str) else behaviour
            script = Script(ScriptLine.model_validate(line) for line in lines)
            return stack.enter_context(serving(FaultServer(chosen, script, listed, log=log)))

        yield start


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Settings]:
    """Settings that point at a server."""

    def make(server: FaultServer | None = None, **overrides: Any) -> Settings:
        url = server.url if server else "http://127.0.0.1:9"
        values = {"groq_key": KEY, "openai_key": KEY, "groq_base_url": url, "openai_base_url": f"{url}/openai/v1", "cache": tmp_path}
        return Settings.load({}, **(values | overrides))

    return make


def request(name: str = "hypotheses", text: str = "What could break?", **changes: Any) -> Request:
    """A small request."""
    return Request(messages=(Message(role="user", content=text),), max_tokens=200, name=name, **changes)


@pytest.fixture
def ask() -> Callable[..., Request]:
    """Makes small requests."""
    return request


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the module path with a runtime and this project."""
    place = tmp_path / "place"
    place.mkdir()
    (place / "xllamacpp.py").write_text(RUNTIME)
    (place / "agent").symlink_to(project_root() / "agent")
    monkeypatch.syspath_prepend(place)
    return place


@pytest.fixture
def weights_of(place: Path) -> Callable[..., Weights]:
    """Makes weights spread over packages that must never be run."""

    def make(*parts: str, package: str = "loopback_weights_{}") -> Weights:
        for number, part in enumerate(parts, start=1):
            data = place / package.format(number) / "data"
            data.mkdir(parents=True)
            (data.parent / "__init__.py").write_text("raise SystemExit('package code was run')")
            (data / f"part{number}.bin").write_text(part)
        digest = hashlib.sha256("".join(parts).encode()).hexdigest()
        found = {"packages": package, "parts": len(parts), "pattern": "data/*.bin", "sha256": digest}
        return Weights(name="tiny", requirement="tiny==1", context=512, **found)

    return make
