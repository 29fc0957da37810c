"""One web search through `ddgs` or SearXNG, in a process of its own that can be killed; started by `tools.search_providers`.

Reads `{"query", "max_results", "backend", "seconds"}`, for SearXNG with `"url"`, from standard input and writes `{"results": [...]}` or
`{"error": text, "transient": bool}` to standard output. Needs nothing of this project.
"""

import json
import logging
import math
import resource
import signal
import sys
from typing import Any

MEMORY = 2 << 30
"""Bytes of address space: what a parser makes of a hostile answer ends this process, and no other."""
MOST = 8 << 20
"""Bytes of an instance's answer."""
REDIRECTS = 3
DISABLED = "its JSON format seems to be disabled: add `json` to search.formats in its settings.yml"


def search(order: dict[str, Any]) -> dict[str, Any]:
    """Rows with title, href and body, or what went wrong."""
    try:
        return searxng(order) if order["backend"] == "searxng" else engines(order)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}", "transient": False}


def engines(order: dict[str, Any]) -> dict[str, Any]:
    """What `ddgs` finds."""
    from ddgs import DDGS  # 0.1 to 0.6 s and 28 MB: only this process pays for it
    from ddgs.exceptions import DDGSException

    try:
        engine = DDGS(timeout=max(1, math.floor(order["seconds"])))
        return {"results": engine.text(order["query"], max_results=order["max_results"], backend=order["backend"])}
    except DDGSException as error:
        # A refusal (any HTTP status but 200) reads "No results found.", hence worth a second try; a name that cannot be resolved is not.
        return {"error": str(error) or type(error).__name__, "transient": "DNSError" not in str(error)}


def searxng(order: dict[str, Any]) -> dict[str, Any]:
    """What an instance of SearXNG finds; see https://docs.searxng.org/dev/search_api."""
    import httpx

    address = order["url"].rstrip("/") + "/search"
    asked = {"q": order["query"], "format": "json"}
    try:
        with httpx.Client(timeout=order["seconds"], trust_env=False, headers={"accept-encoding": "identity"}) as client:
            answer = asked_of(client, httpx.URL(address, params=asked))
    except Refused as refused:
        return {"error": f"SearXNG {refused}", "transient": False}
    except httpx.HTTPError as error:
        return {
            "error": f"SearXNG does not answer: {type(error).__name__}: {error}",
            "transient": isinstance(error, httpx.TimeoutException),
        }
    if answer.status_code != 200:
        why = f", {DISABLED}" if answer.status_code == 403 else ""
        return {
            "error": f"SearXNG answers HTTP {answer.status_code}{why}",
            "transient": answer.status_code == 429 or answer.status_code >= 500,
        }
    try:
        rows = answer.json()["results"]
        found = [{"title": row.get("title"), "href": row.get("url"), "body": row.get("content")} for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError):
        kind = answer.headers.get("content-type", "no type")
        return {"error": f"SearXNG answers no results as JSON ({kind}): this is another server, or {DISABLED}", "transient": False}
    return {"results": found[: order["max_results"]]}


class Refused(Exception):
    """An answer that is not taken; the message says why."""


def asked_of(client: Any, url: Any) -> Any:
    """The instance's answer, its body read up to `MOST` bytes; redirects are followed on the same host only, which a person named.

    Raises:
        Refused: it leads elsewhere, is larger, or is compressed although that was not allowed.
    """
    import httpx

    for _ in range(REDIRECTS + 1):
        with client.stream("GET", url) as response:
            if not response.has_redirect_location:
                if response.headers.get("content-encoding", "identity").lower() != "identity":
                    raise Refused("answers compressed although that was not allowed")
                body = bytearray()
                for chunk in response.iter_raw(65_536):
                    body += chunk
                    if len(body) > MOST:
                        raise Refused(f"answers more than {MOST} bytes")
                kind = {"content-type": response.headers.get("content-type", "")}
                return httpx.Response(response.status_code, headers=kind, content=bytes(body))
            onward = url.join(response.headers["location"])
        if (onward.host, onward.port) != (url.host, url.port) or (url.scheme, onward.scheme) == ("https", "http"):
            raise Refused(f"redirects to {onward.scheme}://{onward.host}, which is not asked: name it in STAGEFLOW_AGENT_SEARXNG_URL")
        url = onward.copy_with(userinfo=url.userinfo)
    raise Refused(f"redirects more than {REDIRECTS} times")


def main() -> None:
    """Answer one order; the alarm ends this process should its parent have died."""
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(math.ceil(order["seconds"]) + 1)
    logging.disable(logging.CRITICAL)
    answer = search(order)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
