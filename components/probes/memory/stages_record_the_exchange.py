"""The write stage stores an exchange once, the fetch stage gives it back with right counts."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The memory stages lose, repeat or miscount an exchange",
    claim="MemoryWriteStage stores input and answer of the session once each; MemoryFetchStage gives them in order, counted.",
    source="docstring:stageflow.helpers.memory.MemoryFetchStage",
    component="stageflow.helpers.MemoryWriteStage",
    subsystem="memory",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="The conversation that the next turn sees is not the one that took place.",
    recommendation="Write each side of the exchange exactly once under the session of the context.",
)

CASES = (
    Case("both", {"input": "What is the time?", "answer": "Noon.", "stage": "llm", "key": "response"}),
    Case("own-names", {"input": "hi", "answer": "hello there", "stage": "model", "key": "text"}),
    Case("input-only", {"input": "hi", "answer": None, "stage": "llm", "key": "response"}),
    Case("answer-only", {"input": None, "answer": "hello", "stage": "llm", "key": "response"}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def wanted(params):
    said = [("user", params["input"]), ("assistant", params["answer"])]
    return [(role, content) for role, content in said if content]


@promised
async def scenario(params):
    helpers, testing = need("stageflow.helpers"), need("stageflow.testing")
    ok = need("stageflow:StageOutput").ok
    store, session = helpers.InMemoryStore(), uuid.uuid4()
    outputs = {params["stage"]: ok({params["key"]: params["answer"]})} if params["answer"] else {}
    ctx = testing.create_test_stage_context(session_id=session, input_text=params["input"], prior_outputs=outputs)
    writer = helpers.MemoryWriteStage(store, response_stage=params["stage"], response_key=params["key"])
    written = (await writer.execute(ctx)).data["entries_written"]
    data = (await helpers.MemoryFetchStage(store).execute(ctx)).data
    said = [(entry["role"], entry["content"]) for entry in data["memory_entries"]]
    expect_equal(said, wanted(params), "exchange fetched")
    tokens = sum(len(content) // 4 for _, content in said)
    expect_equal([written, data["memory_count"], data["memory_tokens"]], [len(said), len(said), tokens], "written, count and tokens")


def control(params):
    expect_equal(all(content for _, content in wanted(params)), True, "no empty message")
