"""A memory store that is called thread-safe serves two threads that each run an event loop."""

import asyncio
import threading
import uuid

from components.lab.probe import Case, NotApplicable, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="InMemoryStore is not thread-safe: a write from a second event loop that meets a fetch hangs after the fetch has ended",
    claim="The store is thread-safe: an operation that waits for that of another thread goes on when that one has ended.",
    source="docstring:stageflow.helpers.memory.InMemoryStore",
    component="stageflow.helpers.InMemoryStore",
    subsystem="memory",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=False,
    default_setup=True,
    impact="With one event loop per thread, requests that meet in the store stay waiting until something else wakes their loop.",
    recommendation="Guard the dict with threading.Lock (nothing is awaited inside), or drop the promise.",
    workaround="Use one store per event loop.",
    seconds=20.0,
    cause="stageflow.helpers.memory:InMemoryStore.__init__",
)

CASES = (Case("write-meets-fetch"),)
LIMIT = 5.0
"""Seconds for what has to happen in any case."""
PATIENCE = 1.5
"""Seconds for a single append after the store has become free."""


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def meet(hold, write):
    """Run `write(begun)` in a second thread while `hold(inside, go)` is in the store in a first one; both must end."""
    inside, go, begun = threading.Event(), threading.Event(), threading.Event()
    first = threading.Thread(target=hold, args=(inside, go), daemon=True)
    second = threading.Thread(target=write, args=(begun,), daemon=True)
    first.start()
    if not inside.wait(LIMIT):
        raise NotApplicable("fetch does not look at the role of an entry")
    second.start()
    begun.wait(LIMIT)
    second.join(0.2)
    go.set()
    first.join(LIMIT)
    expect(not first.is_alive(), "the fetch of the first thread ends", "it hangs")
    second.join(PATIENCE)
    expect(not second.is_alive(), "the write of the second thread ends", "it hangs")


@promised
def scenario(params):
    memory = need("stageflow.helpers.memory")
    store, session, armed = memory.InMemoryStore(), uuid.uuid4(), []

    class SlowEntry(memory.MemoryEntry):
        """An entry whose role takes as long to read as the other thread needs to come in."""

        def __getattribute__(self, name):
            if name == "role" and armed:
                inside, go = armed.pop()
                inside.set()
                go.wait(LIMIT)
            return super().__getattribute__(name)

    asyncio.run(store.write(SlowEntry(id="a", session_id=session, role="user", content="x")))

    def hold(inside, go):
        armed.append((inside, go))
        asyncio.run(store.fetch(session, memory.MemoryConfig(include_system=False)))

    async def write(begun):
        begun.set()
        await store.write(memory.MemoryEntry(id="b", session_id=session, role="user", content="y"))

    meet(hold, lambda begun: asyncio.run(write(begun)))


def control(params):
    lock, entries = threading.Lock(), ["a"]

    def hold(inside, go):
        with lock:
            inside.set()
            go.wait(LIMIT)

    def write(begun):
        begun.set()
        with lock:
            entries.append("b")

    meet(hold, write)
