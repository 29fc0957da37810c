"""No session sees, or clears, the memory of another one."""

import asyncio
import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="InMemoryStore mixes the memory of two sessions",
    claim="fetch and clear touch only the given session; clear returns the number deleted; concurrent writes are all kept in order.",
    source="docstring:stageflow.helpers.memory.MemoryStore",
    component="stageflow.helpers.InMemoryStore",
    subsystem="memory",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="A user reads, or loses, what another user wrote.",
    recommendation="Key entries by session id in every operation.",
)

CASES = tuple(Case(f"sessions={count}", {"sessions": count}) for count in (2, 5))


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


async def exchange(store, entry_of, config, sessions):
    """Write 20 entries to each session, all at once, clear the first; what each holds then, and how many were cleared."""

    async def talk(session):
        for n in range(20):
            await store.write(entry_of(session, f"{session}:{n}"))
            await asyncio.sleep(0)

    await asyncio.gather(*(talk(session) for session in sessions))
    cleared = await store.clear(sessions[0])
    return [[entry.content for entry in await store.fetch(session, config)] for session in sessions], cleared


def check(held, cleared, sessions):
    wanted = [[], *([f"{session}:{n}" for n in range(20)] for session in sessions[1:])]
    expect_equal(
        [kept == own for kept, own in zip(held, wanted, strict=True)], [True] * len(sessions), "each session holds exactly its own"
    )
    expect_equal(cleared, 20, "entries cleared")


@promised
async def scenario(params):
    memory = need("stageflow.helpers.memory")
    sessions = [uuid.uuid4() for _ in range(params["sessions"])]

    def entry(session, text):
        return memory.MemoryEntry(id=text, session_id=session, role="user", content=text)

    config = memory.MemoryConfig(max_entries=0, max_tokens=0)
    check(*await exchange(memory.InMemoryStore(), entry, config, sessions), sessions)


class PlainEntry:
    """Stand-in for an entry."""

    def __init__(self, session, content):
        self.session_id, self.content = session, content


class PlainStore:
    """Stand-in for the store."""

    def __init__(self):
        self.entries = []

    async def write(self, entry):
        self.entries.append(entry)

    async def fetch(self, session, config):
        return [entry for entry in self.entries if entry.session_id == session]

    async def clear(self, session):
        before = len(self.entries)
        self.entries = [entry for entry in self.entries if entry.session_id != session]
        return before - len(self.entries)


async def control(params):
    sessions = [uuid.uuid4() for _ in range(params["sessions"])]
    check(*await exchange(PlainStore(), PlainEntry, None, sessions), sessions)
