"""The shared tracker and the shared spawner are one object each until they are replaced or cleared."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The shared child tracker or spawner is not the one that was set, or changes between calls",
    claim="get returns the same object each time, the one given to set, and a new one after clear.",
    source="docstring:stageflow.pipeline.subpipeline.get_child_tracker",
    component="stageflow.pipeline.subpipeline.get_child_tracker",
    subsystem="subpipeline",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Children are registered with one tracker and looked up in another, so cancelling does not reach them.",
    recommendation="Keep one module-level object and change it only in set and clear.",
)

MODULE = "stageflow.pipeline.subpipeline"
KINDS = {"child_tracker": "ChildRunTracker", "subpipeline_spawner": "SubpipelineSpawner"}
STEPS = {
    "get": (["get", "get", "get"], ["new 1"] * 3),
    "set": (["set", "get", "get"], ["given 1", "given 1"]),
    "get, set": (["get", "set", "get"], ["new 1", "given 1"]),
    "set, set": (["set", "set", "get"], ["given 2"]),
    "get, clear": (["get", "clear", "get", "get"], ["new 1", "new 2", "new 2"]),
    "set, clear": (["set", "clear", "get"], ["new 1"]),
}
CASES = (
    *(
        Case(f"{kind}: {name}", {"kind": kind, "steps": steps, "expected": expected}, component=f"{MODULE}.get_{kind}")
        for kind in KINDS
        for name, (steps, expected) in STEPS.items()
    ),
    Case("a spawner uses the shared tracker", {"kind": "spawner's tracker", "steps": [], "expected": []}),
)


def labels(steps, get, put, clear, make):
    """Which object every `get` returns, numbered as they were given or seen first."""
    given, new, told = [], [], []
    for step in steps:
        if step == "clear":
            clear()
        elif step == "set":
            given.append(make())
            put(given[-1])
        else:
            found = get()
            known = [f"given {at}" for at, item in enumerate(given, 1) if item is found]
            if not known and not any(item is found for item in new):
                new.append(found)
            told += known or [f"new {at}" for at, item in enumerate(new, 1) if item is found]
    return told


async def scenario(params):
    kind = params["kind"]
    if kind == "spawner's tracker":
        tracker, ids = need(f"{MODULE}:get_child_tracker")(), [1, 2]
        spawner = need(f"{MODULE}:SubpipelineSpawner")(emit_events=False)
        await tracker.register_child(*ids)
        cancelled = await spawner.cancel_with_children(1)
        expect_equal(sorted(cancelled), ids, "runs that a spawner without a tracker of its own cancels")
        return
    get, put, clear = (need(f"{MODULE}:{word}_{kind}") for word in ("get", "set", "clear"))
    make = need(f"{MODULE}:{KINDS[kind]}")
    clear()
    expect_equal(labels(params["steps"], get, put, clear, make), list(params["expected"]), "objects returned by get")


async def control(params):
    held = []

    def get():
        if not held:
            held.append(object())
        return held[0]

    seen = labels(params["steps"], get, lambda item: held.__setitem__(slice(None), [item]), held.clear, object)
    expect_equal(seen, list(params["expected"]), "objects returned by get")
