"""Chat models for Stageflow pipelines: Groq, a script, a recording or a model on this machine behind one stage.

`GroqClient` needs the packages groq and tenacity; everything else needs stageflow-core alone, and is imported without them.
"""

from typing import TYPE_CHECKING, Any

from components.llm.cassette import CassetteClient, RecordingClient
from components.llm.chat import ChatClient, Completion, Message, Usage
from components.llm.errors import ChatError, ChatMalformed, ChatRefused, ChatTimeout, ChatUnavailable, RateLimited
from components.llm.scripted import ScriptedClient, echo
from components.llm.settings import LLAMA, GroqSettings
from components.llm.stage import GroqChatStage

if TYPE_CHECKING:
    from components.llm.client import GroqClient

__all__ = [
    "LLAMA",
    "CassetteClient",
    "ChatClient",
    "ChatError",
    "ChatMalformed",
    "ChatRefused",
    "ChatTimeout",
    "ChatUnavailable",
    "Completion",
    "GroqChatStage",
    "GroqClient",
    "GroqSettings",
    "Message",
    "RateLimited",
    "RecordingClient",
    "ScriptedClient",
    "Usage",
    "echo",
]


def __getattr__(name: str) -> Any:
    """`GroqClient`, when it is first asked for."""
    if name != "GroqClient":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from components.llm.client import GroqClient

    return GroqClient
