"""A recency window lets exactly the entries through that are younger than so many seconds."""

import uuid
from datetime import UTC, datetime, timedelta

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The recency window of a memory fetch keeps old or drops recent entries",
    claim="recency_window_seconds=N fetches entries of the last N seconds only, whatever their time zone; 0 fetches all.",
    source="docstring:stageflow.helpers.memory.MemoryConfig",
    component="stageflow.helpers.InMemoryStore.fetch",
    subsystem="memory",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="The model sees a stale conversation or forgets the current one.",
    recommendation="Compare aware timestamps with now minus the window in seconds.",
)

AGES = (100_000, 3_700, 3_500, 130, 110, 30, 0)
CASES = tuple(Case(f"window={window}", {"window": window}) for window in (0, 60, 120, 3_600, 86_400))


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


@promised
async def scenario(params):
    memory = need("stageflow.helpers.memory")
    store, session, now = memory.InMemoryStore(), uuid.uuid4(), datetime.now(UTC)
    for place, age in enumerate(AGES):
        time = (now - timedelta(seconds=age)).astimezone(UTC if place % 2 else datetime.now().astimezone().tzinfo)
        await store.write(memory.MemoryEntry(id=str(age), session_id=session, role="user", content="x", timestamp=time))
    config = memory.MemoryConfig(recency_window_seconds=params["window"])
    ages = [int(entry.id) for entry in await store.fetch(session, config)]
    expect_equal(ages, [age for age in AGES if not params["window"] or age < params["window"]], "ages fetched")


def control(params):
    kept = [age for age in AGES if not params["window"] or age < params["window"]]
    expect_equal(kept[-1], 0, "youngest entry")
