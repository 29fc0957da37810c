"""Each entry that the write stage stores has an id of its own."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="MemoryWriteStage gives all exchanges without interaction_id the same entry ids",
    claim="MemoryEntry.id is a unique identifier: two exchanges of a session are stored under different ids.",
    source="docstring:stageflow.helpers.memory.MemoryEntry",
    component="stageflow.helpers.MemoryWriteStage",
    subsystem="memory",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Entries cannot be told apart by id; a store that keys them by it keeps only the last exchange.",
    recommendation="Make an id with uuid4 when the snapshot has no interaction_id, instead of 'unknown_user' and 'unknown_assistant'.",
    workaround="Always set interaction_id.",
    cause="stageflow.helpers.memory:MemoryWriteStage.execute",
)

CASES = (
    Case("with-interaction", {"interactions": [1, 2]}),
    Case("without-interaction", {"interactions": [None, None]}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


@promised
async def scenario(params):
    helpers, context = need("stageflow.helpers"), need("stageflow.context")
    testing = need("stageflow.testing")
    store, session = helpers.InMemoryStore(), uuid.uuid4()
    for number in params["interactions"]:
        run = context.RunIdentity(session_id=session, interaction_id=uuid.UUID(int=number) if number else None)
        snapshot = context.ContextSnapshot(run_id=run, input_text="hello")
        await helpers.MemoryWriteStage(store).execute(testing.create_test_stage_context(snapshot=snapshot))
    entries = await store.fetch(session, helpers.MemoryConfig())
    expect_equal(len({entry.id for entry in entries}), len(params["interactions"]), "different ids of the stored user messages")


def control(params):
    ids = [f"{number or uuid.uuid4()}_user" for number in params["interactions"]]
    expect_equal(len(set(ids)), len(params["interactions"]), "different ids of a plain scheme")
