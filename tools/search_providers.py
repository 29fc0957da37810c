"""The seam to the web's search engines: `ddgs`, `searxng`, and `offline`, the shipped stand-in for a machine without network."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.settings import without_keys

WORKER = Path(__file__).with_name("search_worker.py")


@dataclass(frozen=True)
class Attempt:
    """One try at a query.

    Attributes:
        query: what to search for.
        max_results: most results wanted.
        seconds: real time this try may take.
        number: 1 for the first try.
        url: root of the instance, for providers that need one.
    """

    query: str
    max_results: int
    seconds: float
    number: int
    url: str = ""


class SearchFailed(Exception):
    """No answer from the web; `transient` when a second try may do better."""

    def __init__(self, message: str, *, transient: bool) -> None:
        super().__init__(message)
        self.transient = transient


Rows = list[dict[str, Any]]
Provider = Callable[[Attempt], Rows]


def offline(attempt: Attempt) -> Rows:
    """Always fails as a machine without network does."""
    raise SearchFailed("no network: the `offline` provider is set", transient=False)


def ddgs(attempt: Attempt) -> Rows:
    """Ask DuckDuckGo first and, on the second try, whichever engine answers."""
    return _in_child(attempt, {"backend": "duckduckgo" if attempt.number == 1 else "auto"})


def searxng(attempt: Attempt) -> Rows:
    """Ask one SearXNG instance through its JSON format."""
    if not attempt.url:
        raise SearchFailed("the provider `searxng` needs STAGEFLOW_AGENT_SEARXNG_URL", transient=False)
    return _in_child(attempt, {"backend": "searxng", "url": attempt.url})


def _in_child(attempt: Attempt, engine: dict[str, Any]) -> Rows:
    """The rows of a child process that is killed when the time is up.

    `ddgs` itself cannot keep a time limit (it joins its own threads, 20 s behind a black hole), nor can anybody's name resolution.
    """
    order = {"query": attempt.query, "max_results": attempt.max_results, "seconds": attempt.seconds, **engine}
    command = [sys.executable, "-I", str(WORKER)]
    try:
        done = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, timeout=attempt.seconds, env=without_keys())
    except subprocess.TimeoutExpired as late:
        raise SearchFailed(f"no answer within {attempt.seconds:.1f} s", transient=True) from late
    except OSError as error:
        raise SearchFailed(f"the search process did not start: {error.strerror}", transient=False) from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise SearchFailed(f"the search process died: {last[0]}", transient=False) from error
    if "error" in answer:
        raise SearchFailed(answer["error"], transient=bool(answer["transient"]))
    rows: Rows = answer["results"]
    return rows


PROVIDERS: Mapping[str, Provider] = {"ddgs": ddgs, "searxng": searxng, "offline": offline}
"""By the value of the setting `search`."""
