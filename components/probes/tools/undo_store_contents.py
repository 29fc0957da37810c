"""The undo store holds what was stored and has not expired, under every way of asking."""

import asyncio
import uuid

from components.lab.crashes import no_crash
from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The undo store loses, keeps or miscounts entries",
    claim=(
        "get() and get_all() give exactly the entries that were stored, not deleted and not expired; delete(), remove() and "
        "cleanup_expired() say truthfully what they removed."
    ),
    source="docstring:stageflow.tools.UndoStore",
    component="stageflow.tools.UndoStore",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="An action cannot be undone although its data was stored, or is undone with stale data.",
    recommendation="Compare each entry's own time of expiry with now, and count what is really removed.",
)

CASES = (
    Case("stored", {"steps": [["store", 0]]}),
    Case("stored by metadata", {"steps": [["store metadata", 0]]}),
    Case("stored twice", {"steps": [["store", 0], ["store", 0]]}),
    Case("expired", {"steps": [["store expired", 0], ["store", 1]]}),
    Case("metadata expired", {"steps": [["store metadata expired", 0]]}),
    Case("stored again after it expired", {"steps": [["store expired", 0], ["store", 0], ["clean", 0]]}),
    Case("cleaned", {"steps": [["store expired", 0], ["store", 1], ["store expired", 2], ["clean", 0], ["clean", 0]]}),
    Case("nothing to clean", {"steps": [["clean", 0], ["store", 0], ["clean", 0]]}),
    Case("deleted", {"steps": [["store", 0], ["store", 1], ["delete", 0], ["delete", 0]]}),
    Case("removed", {"steps": [["store", 0], ["remove", 0], ["remove", 0], ["remove", 1]]}),
    Case("all expired", {"steps": [["store expired", 0], ["store expired", 1], ["clean", 0]]}),
)
LIFE = {"live": 1000.0, "over": 0.0}


def key(number):
    return uuid.UUID(int=number + 1)


async def stepped(store, what, number, place):
    """One step on the store; what it answers."""
    if what == "clean":
        return await store.cleanup_expired()
    if what in ("delete", "remove"):
        return await getattr(store, what)(key(number))
    life = LIFE["over" if what.endswith("expired") else "live"]
    if "metadata" in what:
        given = need("stageflow.tools:UndoMetadata")(action_id=key(number), tool_name="edit", undo_data={"place": place})
        kept = await store.store(given, ttl_seconds=life)
        answer = kept is given
    else:
        kept = await store.store(key(number), "edit", {"place": place}, ttl_seconds=life)
        answer = kept.action_id == key(number) and kept.tool_name == "edit" and kept.undo_data == {"place": place}
    if what.endswith("expired"):
        await asyncio.sleep(0.002)
    return answer


def modelled(state, what, number, place):
    """The same step on a dictionary of number -> [place, live]."""
    if what == "clean":
        over = [each for each, (_, live) in state.items() if not live]
        for gone in over:
            del state[gone]
        return len(over)
    if what in ("delete", "remove"):
        return state.pop(number, None) is not None
    state.pop(number, None)
    state[number] = [place, not what.endswith("expired")]
    return True


async def scenario(params):
    with no_crash("the store works"):
        await checked(params)


async def checked(params):
    store, state = need("stageflow.tools:UndoStore")(), {}
    need("stageflow.tools:UndoStore.remove")
    for place, (what, number) in enumerate(params["steps"]):
        answer, error = await outcome(stepped(store, what, number, place))
        wanted = modelled(state, what, number, place)
        expect_equal(type(error).__name__ if error else answer, wanted, f"answer to {what}")
        live = {number: place for number, (place, alive) in state.items() if alive}
        listed = {each.action_id.int - 1: each.undo_data["place"] for each in await store.get_all()}
        expect_equal(listed, live, f"number and data of all entries after {what}")
        if what == "clean":
            expect_equal(len(store), len(live), "entries after the clean-up")
    for number in range(4):
        found, alive = await store.get(key(number)), state.get(number, [None, False])
        seen = found and [found.tool_name, found.undo_data["place"]]
        expect_equal(seen, ["edit", alive[0]] if alive[1] else None, "tool and data of an entry")


def control(params):
    state = {}
    for place, (what, number) in enumerate(params["steps"]):
        modelled(state, what, number, place)
    stored = {number for what, number in params["steps"] if what.startswith("store")}
    expect_equal(set(state) <= stored, True, "the model holds only what was stored")


def strategy():
    from hypothesis import strategies as st

    step = st.sampled_from(["store", "store", "store metadata", "store expired", "store metadata expired", "delete", "remove", "clean"])
    steps = st.lists(st.tuples(step, st.integers(0, 3)).map(list), min_size=1, max_size=8)
    return st.fixed_dictionaries({"steps": steps})
