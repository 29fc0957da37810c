"""Reads one web page in a process of its own, which can be killed and holds no keys; started by `tools.read_page`.

Reads `{"url", "seconds", "most", "hosts"}` from standard input and writes `{"url", "title", "type", "bytes", "sha256", "paragraphs"}` or
`{"error": text}` to standard output.
"""

import hashlib
import json
import math
import resource
import signal
import sys
from typing import Any

from tools.page_addresses import NotRead
from tools.page_fetch import Fetcher
from tools.page_text import main_text

SHARE = 0.8
"""Of the time, for the network; the rest is for the start of this process and the extraction of the text."""


MEMORY = 1 << 30
"""Bytes of address space: what a parser makes of a hostile page ends this process, and no other."""


def read(order: dict[str, Any]) -> dict[str, Any]:
    """The page's main text, or why there is none."""
    try:
        found = Fetcher(frozenset(map(str.lower, order["hosts"])), order["seconds"] * SHARE).page(order["url"], order["most"])
        title, paragraphs = main_text(found.body, found.type, found.charset)
    except NotRead as why:
        return {"error": str(why)}
    except Exception as error:  # what others wrote may break a parser in any way
        return {"error": f"the page cannot be read: {type(error).__name__}: {error}"}
    size, digest = len(found.body), hashlib.sha256(found.body).hexdigest()
    return {"url": found.url, "title": title, "type": found.type, "bytes": size, "sha256": digest, "paragraphs": paragraphs}


def main() -> None:
    """Answer one order; the alarm ends this process should its parent have died."""
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(math.ceil(order["seconds"]) + 1)
    sys.stdout.write(json.dumps(read(order)))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
