"""What a fetch returned belongs to the caller: changing it does not change the store."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="InMemoryStore.fetch without limits hands out its internal list: callers change the stored conversation",
    claim="The list that fetch returns is a result of its own: neither does changing it change the store, nor a later write the result.",
    source="invariant:isolation",
    component="stageflow.helpers.InMemoryStore.fetch",
    subsystem="memory",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A stage that trims or extends its view of the conversation rewrites the memory of the session.",
    recommendation="Start fetch from list(self._entries.get(session_id, [])).",
    workaround="Set max_entries or max_tokens, or copy the result.",
    cause="stageflow.helpers.memory:InMemoryStore.fetch",
)

CASES = (
    Case("limited", {"max_entries": 20, "max_tokens": 4000}),
    Case("unlimited", {"max_entries": 0, "max_tokens": 0}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def check(before, after):
    expect_equal(after, before, "entries in the store after the caller emptied its result")


@promised
async def scenario(params):
    memory = need("stageflow.helpers.memory")
    store, session = memory.InMemoryStore(), uuid.uuid4()
    for name in ("a", "b"):
        await store.write(memory.MemoryEntry(id=name, session_id=session, role="user", content="hello"))
    config = memory.MemoryConfig(**params)
    (await store.fetch(session, config)).clear()
    check(["a", "b"], [entry.id for entry in await store.fetch(session, config)])


def control(params):
    store = {"session": ["a", "b"]}
    list(store["session"]).clear()
    check(["a", "b"], store["session"])
