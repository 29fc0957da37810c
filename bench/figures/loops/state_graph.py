"""The plain durable way: LangGraph's StateGraph with all messages in the state, the groq SDK, and its SQLite checkpoints, synced.

    python state_graph.py URL STEPS FOLDER [--raw]

`--raw` asks without the SDK, whose price grows with the messages, to see the checkpoints alone.
"""

import json
import operator
import sys
import time
from pathlib import Path
from typing import Annotated, Any, TypedDict

import groq
import httpx
from common import MODEL, SYSTEM, TOOL, index_in, lookup, told
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph


class State(TypedDict):
    """All messages."""

    messages: Annotated[list[Any], operator.add]


def main(url: str, steps: int, folder: Path, raw: bool) -> None:
    """Walk a graph of two nodes, model and tool."""
    index, ends = index_in(folder), []
    client = groq.Groq(api_key="none", base_url=url, max_retries=0)
    http = httpx.Client(base_url=url, headers={"authorization": "Bearer none"})

    def model(state: State) -> State:
        if raw:
            body = {"model": MODEL, "messages": state["messages"], "tools": [TOOL]}
            return {"messages": [http.post("/openai/v1/chat/completions", json=body).json()["choices"][0]["message"]]}
        tools: Any = [TOOL]
        answer = client.chat.completions.create(model=MODEL, messages=state["messages"], tools=tools)
        return {"messages": [answer.choices[0].message.model_dump(exclude_none=True)]}

    def tool(state: State) -> State:
        call = state["messages"][-1]["tool_calls"][0]
        found = lookup(index, json.loads(call["function"]["arguments"])["query"])
        ends.append(time.perf_counter())
        return {"messages": [{"role": "tool", "tool_call_id": call["id"], "content": found}]}

    graph = StateGraph(State)
    graph.add_node("model", model)
    graph.add_node("tool", tool)
    graph.add_edge(START, "model")
    graph.add_edge("model", "tool")
    graph.add_conditional_edges("tool", lambda state: END if len(ends) == steps else "model", ["model", END])
    file = folder / "checkpoints.sqlite"
    with SqliteSaver.from_conn_string(str(file)) as saver:
        began = time.perf_counter()
        config: Any = {"configurable": {"thread_id": "one"}, "recursion_limit": 3 * steps}
        graph.compile(checkpointer=saver).invoke({"messages": [{"role": "system", "content": SYSTEM}]}, config, durability="sync")
    told([(end - start) * 1e3 for start, end in zip([began, *ends], ends, strict=False)], file)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), "--raw" in sys.argv)
