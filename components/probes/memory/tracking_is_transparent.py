"""A function under memory tracking gives its own result or error, and two samples around it."""

import inspect

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="track_memory changes what the function does, or misses a sample",
    claim="The decorated function returns or raises as before, keeps its name, and leaves one sample before and one after, also on error.",
    source="docstring:stageflow.helpers.memory_tracker.track_memory",
    component="stageflow.helpers.track_memory",
    subsystem="memory",
    category="observability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Measuring a stage breaks it, or its memory growth goes unseen.",
    recommendation="Observe before and in `finally`, and pass result and error through.",
)

CASES = tuple(
    Case(f"{kind}-{ending}", {"kind": kind, "ending": ending, "label": label})
    for kind in ("sync", "async")
    for ending, label in (("returns", "heavy"), ("raises", None))
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def work_of(params):
    def plain(value, *, factor):
        if params["ending"] == "raises":
            raise LookupError("gone")
        return value * factor

    async def waiting(value, *, factor):
        return plain(value, factor=factor)

    return plain if params["kind"] == "sync" else waiting


async def told(function):
    async def call():
        given = function(3, factor=2)
        return await given if inspect.isawaitable(given) else given

    value, error = await outcome(call())
    return [value, type(error).__name__, function.__name__]


@promised
async def scenario(params):
    helpers = need("stageflow.helpers")
    heard = []
    tracker = helpers.MemoryTracker(listeners=[heard.append])
    work = work_of(params)
    tracked = helpers.track_memory(label=params["label"], tracker=tracker)(work)
    expect_equal(await told(tracked), await told(work), "result, error and name")
    name = params["label"] or work.__name__
    labels = [f"{name}:start", f"{name}:end"]
    expect_equal(
        [[sample.label for sample in samples] for samples in (tracker.samples, heard)], [labels, labels], "samples and those heard"
    )


async def control(params):
    work = work_of(params)
    expect_equal(await told(work), await told(work), "result, error and name of the bare function")
