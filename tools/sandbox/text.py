"""Output of untrusted code as text that no terminal obeys and that reads in the order in which it was written."""

from agent.core.harmless import harmless


def plain(raw: bytes) -> str:
    """Output as text, without terminal escapes, control characters and marks that turn or hide what is read."""
    return harmless(raw.decode("utf-8", errors="replace").replace("\r\n", "\n"))
