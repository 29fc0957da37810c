"""Makes tool calls of the agent in a process of its own, which is measured from outside: orders come on standard input, results go out as JSON."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from agent.commands.docs import docs_search
from agent.core.harmless import json_text
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.registry import TOOLS


def called(order: dict[str, Any]) -> dict[str, Any]:
    """One call and how long it took."""
    began = time.monotonic()
    settings = Settings.load(**{name: tuple(value) if isinstance(value, list) else value for name, value in order["settings"].items()})
    result = TOOLS[order["tool"]].call(order["args"], ToolContext(settings, None, None, lambda text: None))
    return {"name": order["name"], "seconds": time.monotonic() - began, "result": result.model_dump(mode="json")}


def main() -> None:
    """Four calls at once: most of them wait."""
    if sys.argv[1:2] == ["docs"]:
        sys.exit(docs_search(sys.argv[3], Settings.load(docs=Path(sys.argv[2])), as_json=False))
    orders = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with ThreadPoolExecutor(4) as pool:
        sys.stdout.write(json_text(list(pool.map(called, orders))))


if __name__ == "__main__":
    main()
