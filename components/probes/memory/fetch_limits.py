"""A fetch gives the newest entries that fit all limits, oldest first."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="InMemoryStore.fetch gives the wrong entries for its limits",
    claim="A fetch returns entries oldest to newest; max_entries and max_tokens (four characters each) keep the newest, 0 means unlimited.",
    source="docstring:stageflow.helpers.memory.MemoryConfig",
    component="stageflow.helpers.InMemoryStore.fetch",
    subsystem="memory",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The model answers from the wrong part of the conversation, or from too much of it.",
    recommendation="Apply the filters in the documented order and keep the newest entries that fit.",
)

ROLES = ("system", "user", "assistant")
CASES = tuple(
    Case(f"entries={entries},tokens={tokens},system={system}", {"entries": entries, "tokens": tokens, "system": system})
    for entries, tokens in ((0, 0), (1, 0), (4, 0), (30, 0), (0, 1), (0, 7), (0, 10_000), (1, 1), (4, 7), (30, 10_000))
    for system in ((True, False) if entries in (0, 4) and tokens in (0, 7) else (True,))
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def rows():
    """(id, role, content) of 25 entries of different length."""
    return [(f"m{n}", ROLES[n % 3], "x" * (4 * (n * 7 % 5) + n % 3)) for n in range(25)]


def wanted(params):
    """Ids by the plain reading of the documentation."""
    kept = [row for row in rows() if params["system"] or row[1] != "system"]
    kept = kept[-params["entries"] :] if params["entries"] else kept
    if not params["tokens"]:
        return [row[0] for row in kept]
    ids, used = [], 0
    for name, _, content in reversed(kept):
        used += len(content) // 4
        if used > params["tokens"]:
            break
        ids.append(name)
    return ids[::-1]


@promised
async def scenario(params):
    memory = need("stageflow.helpers.memory")
    store, session = memory.InMemoryStore(), uuid.uuid4()
    for name, role, content in rows():
        await store.write(memory.MemoryEntry(id=name, session_id=session, role=role, content=content))
    config = memory.MemoryConfig(max_entries=params["entries"], max_tokens=params["tokens"], include_system=params["system"])
    expect_equal([entry.id for entry in await store.fetch(session, config)], wanted(params), "ids fetched")


def control(params):
    ids = wanted(params)
    limits = len(ids) <= (params["entries"] or 25)
    expect_equal([ids == sorted(ids, key=lambda name: int(name[1:])), limits], [True, True], "in order and within max_entries")
