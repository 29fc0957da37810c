"""How a StructuredTaskGroup ends: results, errors, cancelled tasks, its token and its cleanups."""

import asyncio

from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="StructuredTaskGroup does not end as its tasks do",
    claim="Leaving the group, all tasks are over and the cleanups have run within cleanup_timeout; the error of a task or of the block "
    "reaches the caller, and cancels the token and the tasks that still run; without errors nothing is cancelled.",
    source="docstring:stageflow.pipeline.cancellation.StructuredTaskGroup",
    component="stageflow.pipeline.cancellation.StructuredTaskGroup",
    subsystem="cancellation",
    category="reliability",
    type="bug",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Work goes on after its group has ended, or its failure is never seen.",
    recommendation="Wait for every task, run the cleanups and raise the first error.",
    virtual_time=True,
)

CASES = (
    Case("no tasks", {"tasks": [], "block": "", "want": ["", [], False, ["cleanup"]]}),
    Case("tasks succeed", {"tasks": ["ok", "ok"], "block": "", "want": ["", ["done", "done"], False, ["cleanup"]]}),
    Case("a task fails", {"tasks": ["fail"], "block": "", "want": ["ValueError", ["ValueError"], True, ["cleanup"]]}),
    Case("one of two fails", {"tasks": ["ok", "fail"], "block": "", "want": ["ValueError", ["done", "ValueError"], True, ["cleanup"]]}),
    Case(
        "two fail, one after the other", {"tasks": ["fail", "late"], "block": "", "want": ["ValueError", ["ValueError"], True, ["cleanup"]]}
    ),
    Case("the block fails", {"tasks": [], "block": "KeyError", "want": ["KeyError", [], True, ["cleanup"]]}),
    Case("the block fails, one task", {"tasks": ["long"], "block": "KeyError", "want": ["KeyError", ["cancelled"], True, ["cleanup"]]}),
    Case(
        "the block fails, three tasks",
        {"tasks": ["long"] * 3, "block": "KeyError", "want": ["KeyError", ["cancelled"] * 3, True, ["cleanup"]]},
    ),
    Case(
        "the block fails, tasks take time to end",
        {"tasks": ["slow end"] * 2, "block": "KeyError", "want": ["KeyError", ["ended"] * 2, True, ["cleanup"]]},
    ),
    Case(
        "a task failed before the block",
        {"tasks": ["fail at once"], "block": "KeyError", "want": ["KeyError", ["ValueError"], True, ["cleanup"]]},
    ),
)


async def task(how, ends):
    """One task of the group; says how it ended."""
    try:
        if how == "fail at once":
            raise ValueError("broken")
        if how == "late":
            await asyncio.sleep(2)
            raise LookupError("broken later")
        await asyncio.sleep(1 if how in ("ok", "fail") else 3600)
        if how == "fail":
            raise ValueError("broken")
        ends.append("done")
    except asyncio.CancelledError:
        if how == "slow end":
            await asyncio.sleep(2)
        ends += {"late": [], "slow end": ["ended"]}.get(how, ["cancelled"])
        raise
    except ValueError:
        ends.append("ValueError")
        raise


async def play(group, params):
    """[how the group ended, how its tasks ended, token cancelled, cleanups run]."""
    ends, cleanups = [], []

    async def cleanup():
        await asyncio.sleep(0.5)
        cleanups.append("cleanup")

    how = ""
    try:
        async with group:
            group.cleanup_registry.register(cleanup, name="cleanup")
            for number, kind in enumerate(params["tasks"]):
                made = group.create_task(task(kind, ends), name=f"task {number}")
                if made.get_name() != f"task {number}":
                    raise Violation(expected="a task with the name it was given", observed="another name")
            await asyncio.sleep(0.1)
            if params["block"]:
                raise KeyError("block")
    except (ValueError, LookupError) as error:
        how = type(error).__name__
    return [how, ends, group.cancel_token.is_cancelled, cleanups]


async def scenario(params):
    seen = await told(play(need("stageflow.pipeline.cancellation:StructuredTaskGroup")(cleanup_timeout=1.0), params))
    expect_equal(seen, [list(row) if isinstance(row, list) else row for row in params["want"]], "[group, tasks, token cancelled, cleanups]")


async def told(run):
    """What it gives; another exception of the target is a violation."""
    try:
        return await run
    except Violation:
        raise
    except Exception as error:
        raise Violation(expected="the group ends as its tasks do", observed=f"{type(error).__name__}") from error


class PlainGroup:
    """The same with asyncio alone."""

    def __init__(self):
        self.cleanup_registry, self.cancel_token, self.tasks, self.cleanups = self, self, [], []
        self.is_cancelled = False

    def register(self, callback, name):
        self.cleanups.append(callback)

    def create_task(self, coroutine, name):
        self.tasks.append(asyncio.create_task(coroutine, name=name))
        return self.tasks[-1]

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, trace):
        for one in self.tasks if kind else ():
            one.cancel()
        results = await asyncio.gather(*self.tasks, return_exceptions=True)
        errors = [result for result in results if isinstance(result, Exception)]
        self.is_cancelled = bool(errors or kind)
        for cleanup in self.cleanups:
            await cleanup()
        if errors and not kind:
            raise errors[0]


async def control(params):
    seen = await play(PlainGroup(), params)
    expect_equal(seen, [list(row) if isinstance(row, list) else row for row in params["want"]], "[group, tasks, token cancelled, cleanups]")
