"""Time limits and failures of cleanups: the given limit is the one in force, and a failing cleanup is dealt with as documented."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The time limit of a cleanup is not the one that was set",
    claim="A cleanup may take cleanup_timeout seconds (10 for a group, 5 for run_with_cleanup by default) and is given up after that; "
    "cleanup_on_cancel lets the error of its cleanup through.",
    source="docstring:stageflow.pipeline.cancellation.run_with_cleanup",
    component="stageflow.pipeline.cancellation.run_with_cleanup",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=False,
    impact="A cleanup is cut off before its time, or a hanging one stops the program.",
    recommendation="Hand cleanup_timeout on, in seconds.",
    virtual_time=True,
)

GROUP, CONTEXT = "StructuredTaskGroup", "cleanup_on_cancel"
CASES = (
    *(
        Case(
            f"{name}, {'default' if limit is None else limit} s, {takes} s",
            {"name": name, "limit": limit, "takes": takes, "want": want},
            component=f"stageflow.pipeline.cancellation.{name}",
        )
        for name, limit, takes, want in (
            (GROUP, 2.0, 1.5, ["", 1, 1.5]),
            (GROUP, 2.0, 3.0, ["", 0, 2.0]),
            (GROUP, 30.0, 25.0, ["", 1, 25.0]),
            (GROUP, None, 9.0, ["", 1, 9.0]),
            (GROUP, None, 11.0, ["", 0, 10.0]),
            ("run_with_cleanup", 2.0, 1.5, ["", 1, 1.5]),
            ("run_with_cleanup", 2.0, 3.0, ["", 0, 2.0]),
            ("run_with_cleanup", 30.0, 25.0, ["", 1, 25.0]),
            ("run_with_cleanup", None, 4.5, ["", 1, 4.5]),
            ("run_with_cleanup", None, 5.5, ["", 0, 5.0]),
        )
    ),
    *(
        Case(
            f"{CONTEXT}, cleanup fails, {name or 'no name'}",
            {"name": CONTEXT, "label": name, "takes": "fails", "want": ["OSError", 0, 0.0]},
            component=f"stageflow.pipeline.cancellation.{CONTEXT}",
        )
        for name in ("db", None)
    ),
    Case(
        "run_with_cleanup, cleanup fails",
        {"name": "run_with_cleanup", "limit": None, "takes": "fails", "want": ["", 0, 0.0]},
    ),
)


async def play(use, params):
    """[error, cleanups completed, seconds]."""
    done, clock, how = [], asyncio.get_running_loop(), ""

    async def cleanup():
        if params["takes"] == "fails":
            raise OSError("cannot close")
        await asyncio.sleep(params["takes"])
        done.append("cleanup")

    began = clock.time()
    try:
        await use(cleanup)
    except Exception as error:
        how = type(error).__name__
    return [how, len(done), round(clock.time() - began, 3)]


async def work():
    """Something that is done at once."""


async def scenario(params):
    tool = need(f"stageflow.pipeline.cancellation:{params['name']}")
    options = {} if params.get("limit") is None else {"cleanup_timeout": params["limit"]}

    async def use(cleanup):
        if params["name"] == "run_with_cleanup":
            await tool(work(), cleanup, **options)
        elif params["name"] == CONTEXT:
            async with tool(cleanup, name=params["label"]):
                await work()
        else:
            async with tool(**options) as group:
                group.cleanup_registry.register(cleanup)

    expect_equal(await play(use, params), list(params["want"]), "[error, cleanups completed, seconds]")


async def control(params):
    limit = params.get("limit") or {"run_with_cleanup": 5.0}.get(params["name"], 10.0)

    async def use(cleanup):
        try:
            await asyncio.wait_for(cleanup(), limit)
        except TimeoutError:
            return
        except OSError:
            if params["name"] == CONTEXT:
                raise

    expect_equal(await play(use, params), list(params["want"]), "[error, cleanups completed, seconds]")
