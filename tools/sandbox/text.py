"""Output of untrusted code as text that no terminal obeys and that reads in the order in which it was written."""

import re

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # titles, links and other strings
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]"
    r"|[\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]",  # turn or hide
    re.DOTALL,
)


def plain(raw: bytes) -> str:
    """Output as text, without terminal escapes, control characters and marks that turn or hide what is read."""
    return _ESCAPES.sub("", raw.decode("utf-8", errors="replace").replace("\r\n", "\n"))
