"""The floor: messages to the model over one HTTP connection, the tool, nothing kept.

python raw.py URL STEPS FOLDER
"""

import json
import sys
from pathlib import Path
from typing import Any

import httpx
from common import MODEL, SYSTEM, TOOL, index_in, lookup, timed, told


def main(url: str, steps: int, folder: Path) -> None:
    """Ask, look up, append."""
    index = index_in(folder)
    messages: list[dict[str, Any]] = [{"role": "system", "content": SYSTEM}]
    with httpx.Client(base_url=url, headers={"authorization": "Bearer none"}) as client:

        def step() -> None:
            body = {"model": MODEL, "messages": messages, "tools": [TOOL]}
            answer = client.post("/openai/v1/chat/completions", json=body).json()["choices"][0]["message"]
            call = answer["tool_calls"][0]
            found = lookup(index, json.loads(call["function"]["arguments"])["query"])
            messages.extend((answer, {"role": "tool", "tool_call_id": call["id"], "content": found}))

        told(timed(steps, step))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
