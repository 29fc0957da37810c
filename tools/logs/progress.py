"""Waiting that leads nowhere: the same few messages over and over."""

import re
from collections import OrderedDict

from tools.logs.flags import FLAGS_KEPT, LINES_KEPT, CheckResult, Flag, checked
from tools.logs.parse import Entry

STALL_LINES = 20
"""Lines of a stretch that counts as no progress."""
STALL_MESSAGES = 4
"""Different messages it may consist of."""

_WAITING = re.compile(r"\b(?:wait\w*|block\w*|retry\w*|retries|pending|acquir\w*|lock\w*|poll\w*|still|stuck|stall\w*)\b", re.IGNORECASE)
_DURATION = re.compile(r"\b\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|s|sec|seconds?|m|min|minutes?)\b")


class Progress:
    """Stretches of lines that are all among a few messages, one of which speaks of waiting."""

    def __init__(self) -> None:
        self._messages: OrderedDict[str, int] = OrderedDict()
        self._begin: Entry | None = None
        self._end: Entry | None = None
        self._lines = 0
        self._shown: list[int] = []
        self._flags: list[Flag] = []
        self._found = 0

    def see(self, entry: Entry) -> None:
        """Take the next line."""
        message = _DURATION.sub("<duration>", entry.message[:500])
        if message not in self._messages and len(self._messages) >= STALL_MESSAGES:
            self._close()
        if self._begin is None:
            self._begin = entry
        self._messages[message] = self._messages.get(message, 0) + 1
        self._end = entry
        self._lines += 1
        if len(self._shown) < LINES_KEPT:
            self._shown.append(entry.line)

    def _close(self) -> None:
        waiting = [
            message for message, count in self._messages.items() if count * STALL_MESSAGES >= STALL_LINES and _WAITING.search(message)
        ]
        if self._begin and self._end and self._lines >= STALL_LINES and waiting:
            self._found += 1
            if len(self._flags) < FLAGS_KEPT:
                text = (
                    f"lines {self._begin.line} to {self._end.line} say only {len(self._messages)} things over and over: {waiting[0][:160]}"
                )
                flag = Flag(pattern="no_progress", message=text, lines=tuple(self._shown), count=self._lines, snippet=self._begin.raw)
                self._flags.append(flag)
        self._messages.clear()
        self._begin = self._end = None
        self._lines = 0
        self._shown = []

    def result(self) -> CheckResult:
        """One flag for each stretch."""
        self._close()
        return checked("waiting without progress", self._flags).model_copy(update={"found": self._found})
