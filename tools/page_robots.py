"""robots.txt of a host, honoured as `urllib.robotparser` understands it: rules by prefix, wildcards are taken literally."""

from collections.abc import Callable
from urllib.robotparser import RobotFileParser

import httpx

from tools.page_addresses import NotRead

Text = Callable[[httpx.URL], tuple[int, str]]
"""Reads a small file: (HTTP status, text)."""


class Robots:
    """What hosts allow to a user agent; each host is asked once."""

    def __init__(self, agent: str, read: Text) -> None:
        self._agent, self._read = agent, read
        self._known: dict[str, RobotFileParser | str] = {}

    def check(self, url: httpx.URL) -> None:
        """Let an allowed address pass.

        Raises:
            NotRead: the host forbids it, or does not say what it allows.
        """
        file = url.copy_with(path="/robots.txt", query=None, fragment=None)
        if str(file) not in self._known:
            self._known[str(file)] = self._rules(file)
        rules = self._known[str(file)]
        if isinstance(rules, str):
            raise NotRead(rules)
        if not rules.can_fetch(self._agent, str(url)):
            raise NotRead(f"robots.txt of {url.host} does not allow it")

    def _rules(self, file: httpx.URL) -> RobotFileParser | str:
        """The rules, or why nothing may be read: a missing file allows everything, a host in trouble allows nothing."""
        try:
            status, text = self._read(file)
        except NotRead as why:
            return f"robots.txt of {file.host} gave no answer, so nothing is read from it: {why}"
        if status == 429 or status >= 500:
            return f"robots.txt of {file.host} answered HTTP {status}, so nothing is read from it"
        rules = RobotFileParser()
        rules.parse(text.splitlines() if status < 300 else [])
        return rules
