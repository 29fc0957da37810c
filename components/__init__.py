"""Everything that runs inside the sandbox, beside the stageflow under test. Imports neither agent nor tools.

`from components import groq_llama` is `components.llm`, `from components import streaming_mocks` is `components.audio`.
"""

import importlib
from types import ModuleType

SHORT = {"groq_llama": "components.llm", "streaming_mocks": "components.audio"}
"""Names that the mission brief gives to packages; each is imported when it is first asked for."""


def __getattr__(name: str) -> ModuleType:
    """A package by its short name."""
    if name not in SHORT:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(SHORT[name])
