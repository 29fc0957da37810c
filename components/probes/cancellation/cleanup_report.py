"""run_all reports which cleanups completed and which failed, and nothing is left pending."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="CleanupRegistry.run_all does not report completed and failed cleanups correctly",
    claim="run_all returns the names of completed callbacks and those of failed ones with their exceptions, and leaves none pending.",
    source="docstring:stageflow.pipeline.cancellation.CleanupRegistry.run_all",
    component="stageflow.pipeline.cancellation.CleanupRegistry.run_all",
    subsystem="cancellation",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A resource that was not released is logged as released.",
    recommendation="Append each callback to exactly one of the two lists.",
    virtual_time=True,
)

CASES = (
    Case("all complete", {"ends": ["ok", "ok", "ok"]}),
    Case("one fails", {"ends": ["ok", "fail", "ok"]}),
    Case("one hangs", {"ends": ["hang", "ok"]}),
    Case("fails and hangs", {"ends": ["fail", "ok", "hang", "ok", "fail"]}),
)


def expected_report(ends):
    rows = list(enumerate(ends))
    kinds = {"fail": "OSError", "hang": "TimeoutError"}
    return [[f"c{n}" for n, end in rows if end == "ok"], [[f"c{n}", kinds[end]] for n, end in rows if end != "ok"], 0]


async def cleanup_ending(end):
    if end == "fail":
        raise OSError("cannot close")
    if end == "hang":
        await asyncio.sleep(3600)


async def scenario(params):
    registry = need("stageflow.pipeline.cancellation:CleanupRegistry")()

    def one(end):
        async def release():
            await cleanup_ending(end)

        return release

    for number, end in enumerate(params["ends"]):
        registry.register(one(end), name=f"c{number}")
    completed, failed = await registry.run_all(timeout=10)
    seen = [sorted(completed), sorted([name, type(error).__name__] for name, error in failed), registry.pending_count]
    expect_equal(seen, expected_report(params["ends"]), "[completed, failed, pending]")


async def control(params):
    completed, failed = [], []
    for number, end in enumerate(params["ends"]):
        try:
            await asyncio.wait_for(cleanup_ending(end), 2)
            completed.append(f"c{number}")
        except (OSError, TimeoutError) as error:
            failed.append([f"c{number}", type(error).__name__])
    expect_equal([completed, failed, 0], expected_report(params["ends"]), "[completed, failed, pending]")
