"""A cleanup that was taken back is not run, the others are."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="CleanupRegistry.unregister removes the wrong callback, or none",
    claim="unregister() removes the callback and says True; it says False and changes nothing when the callback is not registered.",
    source="docstring:stageflow.pipeline.cancellation.CleanupRegistry.unregister",
    component="stageflow.pipeline.cancellation.CleanupRegistry.unregister",
    subsystem="cancellation",
    category="correctness",
    type="bug",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="A connection that was handed over is closed all the same, or another one stays open.",
    recommendation="Remove exactly that callback.",
    virtual_time=True,
)

CASES = (
    Case("only one", {"registered": ["a"], "taken": ["a"], "answers": [True], "run": []}),
    Case("one of three", {"registered": ["a", "b", "c"], "taken": ["b"], "answers": [True], "run": ["c", "a"]}),
    Case("never registered", {"registered": ["a"], "taken": ["x"], "answers": [False], "run": ["a"]}),
    Case("twice", {"registered": ["a", "b"], "taken": ["a", "a"], "answers": [True, False], "run": ["b"]}),
    Case("registered twice", {"registered": ["a", "a"], "taken": ["a"], "answers": [True], "run": ["a"]}),
    Case("empty registry", {"registered": [], "taken": ["a"], "answers": [False], "run": []}),
)


async def play(registry, params):
    """[answers, callbacks pending, callbacks run]."""
    ran = []

    def callback(name):
        async def release():
            ran.append(name)

        return release

    known = {name: callback(name) for name in {*params["registered"], *params["taken"]}}
    for name in params["registered"]:
        registry.register(known[name], name=name)
    answers = [registry.unregister(known[name]) for name in params["taken"]]
    pending = registry.pending_count
    await registry.run_all(timeout=5)
    return [answers, pending, ran]


@promised
async def scenario(params):
    seen = await play(need("stageflow.pipeline.cancellation:CleanupRegistry")(), params)
    expect_equal(seen, [list(params["answers"]), len(params["run"]), list(params["run"])], "[answers, pending, run]")


class PlainRegistry:
    """A list."""

    def __init__(self):
        self.kept = []

    pending_count = property(lambda self: len(self.kept))

    def register(self, callback, name):
        self.kept.append(callback)

    def unregister(self, callback):
        found = callback in self.kept
        if found:
            self.kept.remove(callback)
        return found

    async def run_all(self, timeout):
        for callback in reversed(self.kept):
            await callback()


async def control(params):
    seen = await play(PlainRegistry(), params)
    expect_equal(seen, [list(params["answers"]), len(params["run"]), list(params["run"])], "[answers, pending, run]")
