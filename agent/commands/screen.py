"""The console of every command whose exit code means something."""

from rich.console import Console


class Screen(Console):
    """A console whose reader may go away: that is told as what it is; rich would end the program with the exit code of a finding."""

    def on_broken_pipe(self) -> None:
        """Let the error pass."""
        raise BrokenPipeError("nobody reads standard output")
