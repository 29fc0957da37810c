"""What the tracker answers is the caller's own: changing it, or registering more runs, changes neither."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="ChildRunTracker hands out its own state",
    claim="An answer of the tracker is a snapshot that the caller may keep and change.",
    source="invariant:isolation",
    component="stageflow.pipeline.subpipeline.ChildRunTracker.get_children",
    subsystem="subpipeline",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A caller that works through the children while others start or end crashes or loses some.",
    recommendation="Return a copy.",
    virtual_time=True,
)

OWNER = "stageflow.pipeline.subpipeline.ChildRunTracker"
METHODS = ("get_children", "get_all_descendants", "get_metrics")
CASES = tuple(Case(name, {"method": name}, component=f"{OWNER}.{name}") for name in METHODS)


async def judge(tracker, method):
    parent, first, second = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    await tracker.register_child(parent, first)
    ask = getattr(tracker, method)
    given = () if method == "get_metrics" else (parent,)
    answer = await ask(*given)
    kept = type(answer)(answer)
    await tracker.register_child(parent, second)
    seen = [answer == kept]
    answer.clear()
    seen.append(await tracker.get_children(parent) == {first, second})
    expect_equal(seen, [True, True], "[answer stays as it was, tracker knows its children after the answer was emptied]")


async def scenario(params):
    await judge(need("stageflow.pipeline.subpipeline:ChildRunTracker")(), params["method"])


class PlainTracker:
    def __init__(self):
        self.known = {}

    async def register_child(self, parent, child):
        self.known.setdefault(parent, set()).add(child)

    async def get_children(self, parent):
        return set(self.known.get(parent, ()))

    async def get_all_descendants(self, parent):
        return set(self.known.get(parent, ()))

    async def get_metrics(self):
        return {"active_parents": len(self.known)}


async def control(params):
    await judge(PlainTracker(), params["method"])
