"""Undo data stored without a time to live gets the store's own, and an executor's its configured one."""

from datetime import UTC, datetime, timedelta

from components.lab.crashes import no_crash
from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="Undo data gets another time to live than the default or the one that is set",
    claim="Undo data lives for the ttl_seconds given, else the store's default_ttl_seconds, by default an hour; also through an executor.",
    source="docstring:stageflow.tools.UndoStore",
    component="stageflow.tools.UndoStore.store",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Users can no longer take back what they did minutes ago.",
    recommendation="Use default_ttl_seconds exactly when ttl_seconds is None.",
)

CONFIG = "stageflow.tools.ToolExecutorConfig.undo_ttl_seconds"
CASES = (
    Case("default of a store", {"store": None, "ttl": None, "seconds": 3600.0}),
    Case("set on the store", {"store": 90.0, "ttl": None, "seconds": 90.0}),
    Case("nothing on the store", {"store": 0.0, "ttl": None, "seconds": 0.0}),
    Case("given", {"store": 90.0, "ttl": 5.0, "seconds": 5.0}),
    Case("given as nothing", {"store": 90.0, "ttl": 0.0, "seconds": 0.0}),
    Case("global store", {"store": "global", "ttl": None, "seconds": 3600.0}, component="stageflow.tools.get_undo_store"),
    Case("default of an executor", {"executor": None, "seconds": 3600.0}, component=CONFIG),
    Case("set on an executor", {"executor": 90.0, "seconds": 90.0}, component=CONFIG),
)


class LateClock(datetime):
    """Tells a time that is some seconds after now."""

    late = timedelta(0)

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + cls.late


async def through_executor(config, action):
    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    options = {} if config is None else {"config": need("stageflow.tools:ToolExecutorConfig")(undo_ttl_seconds=config)}
    executor = need("stageflow.tools:AdvancedToolExecutor")(**options)
    executor.register(need("stageflow.tools:ToolDefinition")(name="edit", action_type="edit", handler=handler, undoable=True))
    await outcome(executor.execute(action, pipeline_context()))
    return need("stageflow.tools:get_undo_store")()


async def scenario(params):
    with no_crash("the store works"):
        await checked(params)


async def checked(params):
    module, action = need("stageflow.tools.undo"), Action("edit")
    if not isinstance(getattr(module, "datetime", None), type):
        raise NotApplicable("the store takes its time from elsewhere")
    if "executor" in params:
        store = await through_executor(params["executor"], action)
    else:
        made = need("stageflow.tools:UndoStore")
        given = params["store"]
        store = need("stageflow.tools:get_undo_store")() if given == "global" else made() if given is None else made(given)
        await store.store(action.id, "edit", {"before": 1}, ttl_seconds=params["ttl"])
    saved, seen = module.datetime, []
    try:
        module.datetime = LateClock
        for late in (params["seconds"] - 2.0, params["seconds"] + 2.0):
            LateClock.late = timedelta(seconds=late)
            seen.append(len(await store.get_all()))
    finally:
        module.datetime = saved
    expect_equal(seen, [1, 0], "entries 2 s before and 2 s after the time to live is over")


def control(params):
    LateClock.late = timedelta(seconds=params["seconds"])
    late = LateClock.now(UTC) - datetime.now(UTC)
    expect_equal(round(late.total_seconds()), round(params["seconds"]), "seconds that the clock is late")
