"""The terminal, for text that others wrote: it obeys nothing of it, and no key is shown."""

from typing import Any

from rich.console import Console
from rich.text import Text

from agent.core.shown import shown


class Screen(Console):
    """A console whose every text, also in tables and status lines, is harmless, and whose reader may go away.

    That is told as what it is; rich would end the program with the exit code of a finding.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """As `Console`, for the text as it may be shown."""
        return super().render_str(shown(text), **options)

    def on_broken_pipe(self) -> None:
        """Let the error pass."""
        raise BrokenPipeError("nobody reads standard output")
