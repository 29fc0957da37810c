"""One web search through `ddgs`, in a process of its own that can be killed; started by `tools.search_providers`.

Reads `{"query", "max_results", "backend", "seconds"}` from standard input and writes `{"results": [...]}` or
`{"error": text, "transient": bool}` to standard output. Needs nothing of this project.
"""

import json
import logging
import math
import signal
import sys
from typing import Any


def search(order: dict[str, Any]) -> dict[str, Any]:
    """Rows as `ddgs` gives them (title, href, body), or what went wrong."""
    from ddgs import DDGS  # 0.1 to 0.6 s and 28 MB: only this process pays for it
    from ddgs.exceptions import DDGSException

    try:
        engine = DDGS(timeout=max(1, math.floor(order["seconds"])))
        return {"results": engine.text(order["query"], max_results=order["max_results"], backend=order["backend"])}
    except DDGSException as error:
        # A refusal (any HTTP status but 200) reads "No results found.", hence worth a second try; a name that cannot be resolved is not.
        return {"error": str(error) or type(error).__name__, "transient": "DNSError" not in str(error)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}", "transient": False}


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
