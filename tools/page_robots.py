"""robots.txt of a host, honoured as `urllib.robotparser` understands it; wildcards, which it does not know, are resolved beforehand."""

import re
from collections.abc import Callable
from urllib.robotparser import RobotFileParser

import httpx

from tools.page_addresses import NotRead

Text = Callable[[httpx.URL], tuple[int, str]]
"""Reads a small file: (HTTP status, text)."""
WILD = re.compile(r"(\s*(?:dis)?allow\s*:\s*)([^\s#]*[*$][^\s#]*)", re.I)


class Robots:
    """What hosts allow to a user agent; each host is asked once."""

    def __init__(self, agent: str, read: Text) -> None:
        self._agent, self._read = agent, read
        self._known: dict[str, list[str] | NotRead] = {}

    def check(self, url: httpx.URL) -> None:
        """Let an allowed address pass.

        Raises:
            NotRead: the host forbids it, or does not say what it allows.
        """
        file = url.copy_with(path="/robots.txt", query=None, fragment=None)
        if str(file) not in self._known:
            self._known[str(file)] = self._lines(file)
        lines = self._known[str(file)]
        if isinstance(lines, NotRead):
            raise lines
        rules = RobotFileParser()
        rules.parse([resolved(line, url.raw_path.decode("ascii", "replace")) for line in lines])
        if not rules.can_fetch(self._agent, str(url)):
            raise NotRead(f"robots.txt of {url.host} does not allow it")

    def _lines(self, file: httpx.URL) -> list[str] | NotRead:
        """The rules, or why nothing may be read: a missing file allows everything, a host in trouble allows nothing."""
        try:
            status, text = self._read(file)
        except NotRead as why:
            return NotRead(f"robots.txt of {file.host} gave no answer, so nothing is read from it: {why}")
        if status == 429 or status >= 500:
            return NotRead(f"robots.txt of {file.host} answered HTTP {status}, so nothing is read from it")
        return text.splitlines() if status < 300 else []


def resolved(line: str, path: str) -> str:
    """A rule whose pattern matches a path, as a rule for this very path; any other line as it is: a pattern by itself matches nothing."""
    rule = WILD.match(line)
    if rule is None:
        return line
    pattern = rule[2].removesuffix("$")
    parts = (re.escape(part) for part in re.split(r"\*+", pattern))
    fits = re.match(".*".join(parts) + ("$" if rule[2].endswith("$") else ""), path)
    return f"{rule[1]}{path}" if fits else line
