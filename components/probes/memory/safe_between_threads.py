"""A memory store that is called thread-safe serves two threads that each run an event loop."""

import asyncio
import threading
import uuid

from components.lab.probe import Case, NotApplicable, Probe, expect, need

PROBE = Probe(
    title="InMemoryStore is not thread-safe: a write from a second event loop hangs for ever when it meets a fetch",
    claim="The store is thread-safe: an operation that waits for another thread's operation goes on when that one has ended.",
    source="docstring:stageflow.helpers.memory.InMemoryStore",
    component="stageflow.helpers.InMemoryStore",
    subsystem="memory",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=False,
    default_setup=True,
    impact="A service with one event loop per thread stops answering as soon as two requests touch the memory at once.",
    recommendation="Guard the dict with threading.Lock (nothing is awaited inside), or drop the promise.",
    workaround="Use one store per event loop.",
    seconds=30.0,
)

CASES = (Case("write-meets-fetch"),)
LIMIT = 6.0


def meet(hold, write):
    """Run `write` in a second thread while `hold(inside, go)` is in the store in a first one; whether both ended."""
    inside, go = threading.Event(), threading.Event()
    first = threading.Thread(target=hold, args=(inside, go), daemon=True)
    second = threading.Thread(target=write, daemon=True)
    first.start()
    if not inside.wait(LIMIT):
        raise NotApplicable("fetch does not look at the role of an entry")
    second.start()
    second.join(0.5)
    go.set()
    first.join(LIMIT)
    second.join(LIMIT)
    expect(not first.is_alive(), "the fetch of the first thread ends", "it hangs")
    expect(not second.is_alive(), "the write of the second thread ends", "it hangs")


def scenario(params):
    memory = need("stageflow.helpers.memory")
    store, session = memory.InMemoryStore(), uuid.uuid4()

    class SlowEntry(memory.MemoryEntry):
        """An entry whose role takes as long to read as the other thread needs to come in."""

        def __getattribute__(self, name):
            if name == "role" and armed:
                inside, go = armed.pop()
                inside.set()
                go.wait(LIMIT)
            return super().__getattribute__(name)

    armed = []
    asyncio.run(store.write(SlowEntry(id="a", session_id=session, role="user", content="x")))

    def hold(inside, go):
        armed.append((inside, go))
        asyncio.run(store.fetch(session, memory.MemoryConfig(include_system=False)))

    def write():
        asyncio.run(store.write(memory.MemoryEntry(id="b", session_id=session, role="user", content="y")))

    meet(hold, write)


def control(params):
    lock, entries = threading.Lock(), ["a"]

    def hold(inside, go):
        with lock:
            inside.set()
            go.wait(LIMIT)

    def write():
        with lock:
            entries.append("b")

    meet(hold, write)
