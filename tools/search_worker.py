"""One web search through `ddgs` or SearXNG, in a process of its own that can be killed; started by `tools.search_providers`.

Reads `{"query", "max_results", "backend", "seconds"}`, for SearXNG with `"url"`, from standard input and writes `{"results": [...]}` or
`{"error": text, "transient": bool}` to standard output. Needs nothing of this project.
"""

import json
import logging
import math
import signal
import sys
from typing import Any

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
        answer = httpx.get(address, params=asked, timeout=order["seconds"], follow_redirects=True, trust_env=False)
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


def main() -> None:
    """Answer one order; the alarm ends this process should its parent have died."""
    order = json.load(sys.stdin)
    signal.alarm(math.ceil(order["seconds"]) + 1)
    logging.disable(logging.CRITICAL)
    answer = search(order)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
