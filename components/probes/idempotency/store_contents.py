"""The in-memory store gives back what was stored, by its whole key, until it is deleted, replaced or expired."""

import asyncio
from datetime import UTC, datetime, timedelta

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="InMemoryIdempotencyStore gives back something else than was stored",
    claim="get() gives a copy of the entry last stored under the key, all its fields the same, until ttl_seconds have passed or delete(); "
    "other keys are untouched.",
    source="docstring:stageflow.pipeline.idempotency.InMemoryIdempotencyStore",
    component="stageflow.pipeline.idempotency.InMemoryIdempotencyStore",
    subsystem="idempotency",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A repeated request gets another request's result, a changed one, or is executed again.",
    recommendation="Store and return deep copies by the whole key.",
    virtual_time=True,
)

LONG = "order-2024-02-29-customer-0000"
START = datetime(2024, 5, 6, 7, 8, 9, 123_456, UTC)
CASES = (
    Case("nothing", {"steps": [["get", "a"]], "want": [None]}),
    Case("stored", {"steps": [["set", "a", 1, None], ["get", "a"]], "want": [1]}),
    Case("replaced", {"steps": [["set", "a", 1, None], ["set", "a", 2, None], ["get", "a"]], "want": [2]}),
    Case("read twice", {"steps": [["set", "a", 1, None], ["get", "a"], ["get", "a"]], "want": [1, 1]}),
    Case("two keys", {"steps": [["set", "a", 1, None], ["set", "b", 2, None], ["get", "a"], ["get", "b"]], "want": [1, 2]}),
    Case(
        "long keys",
        {"steps": [["set", f"{LONG}1", 1, None], ["set", f"{LONG}2", 2, None], ["get", f"{LONG}1"], ["get", f"{LONG}2"]], "want": [1, 2]},
    ),
    Case("deleted", {"steps": [["set", "a", 1, None], ["delete", "a"], ["get", "a"]], "want": [None]}),
    Case("another one deleted", {"steps": [["set", "a", 1, None], ["delete", "b"], ["get", "a"]], "want": [1]}),
    Case("stored after deletion", {"steps": [["set", "a", 1, None], ["delete", "a"], ["set", "a", 2, None], ["get", "a"]], "want": [2]}),
    Case("not expired", {"steps": [["set", "a", 1, 10], ["wait", 9], ["get", "a"]], "want": [1]}),
    Case("expired", {"steps": [["set", "a", 1, 10], ["wait", 11], ["get", "a"], ["get", "a"]], "want": [None, None]}),
    Case(
        "replaced after expiry", {"steps": [["set", "a", 1, 10], ["wait", 11], ["set", "a", 2, 10], ["wait", 9], ["get", "a"]], "want": [2]}
    ),
    Case(
        "other life per entry",
        {"steps": [["set", "a", 1, 10], ["set", "b", 2, 100], ["wait", 50], ["get", "a"], ["get", "b"]], "want": [None, 2]},
    ),
    Case("no limit", {"steps": [["set", "a", 1, None], ["wait", 10_000_000], ["get", "a"]], "want": [1]}),
    Case("entry changed after storing", {"steps": [["set", "a", 1, None], ["spoil", "given"], ["get", "a"]], "want": [1]}),
    Case("answer changed after reading", {"steps": [["set", "a", 1, None], ["get", "a"], ["spoil", "got"], ["get", "a"]], "want": [1, 1]}),
)


def entry_of(number):
    """An entry with a value in every field."""
    result = need("stageflow.stages.result:StageResult")(
        f"stage {number}", "completed", START, START + timedelta(seconds=number), {"deep": {"list": [number]}}, f"note {number}"
    )
    return need("stageflow.pipeline.idempotency:CachedStageResult")(result=result, params_hash=f"hash {number}")


def number_of(entry):
    """Which entry it is; `changed` when a field differs."""
    if entry is None:
        return None
    number = round((entry.result.ended_at - START).total_seconds())
    wanted = entry_of(number)
    return number if entry.result == wanted.result and entry.params_hash == wanted.params_hash else "changed"


async def play(store, params):
    """What the store answers to each get."""
    answers, seen = [], {}
    for step, *rest in params["steps"]:
        if step == "set":
            seen["given"] = entry_of(rest[1])
            await store.set(rest[0], seen["given"], ttl_seconds=rest[2])
        elif step == "get":
            seen["got"] = await store.get(rest[0])
            answers.append(number_of(seen["got"]))
        elif step == "delete":
            await store.delete(rest[0])
        elif step == "wait":
            await asyncio.sleep(rest[0])
        else:
            seen[rest[0]].result.data["deep"]["list"].append("spoiled")
    return answers


@promised
async def scenario(params):
    store = need("stageflow.pipeline.idempotency:InMemoryIdempotencyStore")()
    expect_equal(await play(store, params), list(params["want"]), "entries given back")


class PlainStore:
    """Keeps numbers and the time they end."""

    def __init__(self):
        self.kept = {}

    async def set(self, key, entry, ttl_seconds=None):
        ends = asyncio.get_running_loop().time() + ttl_seconds if ttl_seconds else float("inf")
        self.kept[key] = (number_of(entry), ends)

    async def get(self, key):
        number, ends = self.kept.get(key, (None, 0.0))
        return entry_of(number) if ends > asyncio.get_running_loop().time() else None

    async def delete(self, key):
        self.kept.pop(key, None)


async def control(params):
    expect_equal(await play(PlainStore(), params), list(params["want"]), "entries given back")
