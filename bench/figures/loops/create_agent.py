"""The agent framework that most would pick: LangChain's create_agent over its model for Groq; nothing is kept.

    python create_agent.py URL STEPS FOLDER

The server ends the loop: it knows the number of steps by the model's name.
"""

import sys
import time
from pathlib import Path

from common import SYSTEM, index_in, told
from common import lookup as looked_up
from langchain.agents import create_agent
from langchain_groq import ChatGroq


def main(url: str, steps: int, folder: Path) -> None:
    """Invoke the agent once; it makes all the steps."""
    index, ends = index_in(folder), []

    def lookup(query: str) -> str:
        """Search the documentation."""
        ends.append(time.perf_counter())
        return looked_up(index, query)

    agent = create_agent(ChatGroq(model=f"steps-{steps}", base_url=url, api_key="none", max_retries=0), [lookup], system_prompt=SYSTEM)
    began = time.perf_counter()
    agent.invoke({"messages": [{"role": "user", "content": "Go."}]}, {"recursion_limit": 3 * steps + 10})
    told([(end - start) * 1e3 for start, end in zip([began, *ends], ends, strict=False)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
