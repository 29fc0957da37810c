"""The form in which a text is shown to somebody: harmless, and without keys."""

from agent.core.harmless import harmless, shown_json
from agent.core.secrets import without_secrets


def shown(text: str) -> str:
    """A text as it may be shown."""
    return harmless(without_secrets(text))


def shown_data(text: str) -> str:
    """JSON as it may be shown: the same data but for keys."""
    return shown_json(without_secrets(text))
