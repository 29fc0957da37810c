"""The result of run_with_interceptors names the stage, how it ended and why, and lies within the time of the run."""

import asyncio
from datetime import UTC, datetime, timedelta

from components.lab.flow import EmptyInterceptor, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The result of a stage run with interceptors does not say how the stage ended",
    claim="run_with_interceptors() gives the stage's own result; for an exception, a time-out or a failed retry a failed one with that "
    "stage's name, the reason, and times in UTC from before to after the stage; every after() hook sees it.",
    source="docstring:stageflow.pipeline.interceptors.run_with_interceptors",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Metrics and logs blame the wrong stage, or report a failure without its reason.",
    recommendation="Fill in every field of the StageResult on every path.",
    virtual_time=True,
)

CASES = (
    Case("completes", {"ends": ["ok"], "action": "FAIL", "timeout": None, "want": ["completed", "", 1]}),
    Case("raises", {"ends": ["first"], "action": "FAIL", "timeout": None, "want": ["failed", "first", 1]}),
    Case("retried, completes", {"ends": ["first", "ok"], "action": "RETRY", "timeout": None, "want": ["completed", "", 2]}),
    Case("times out", {"ends": ["hang"], "action": "FAIL", "timeout": 30, "want": ["failed", "timed out after 30ms", 1]}),
    Case("short limit not reached", {"ends": ["ok"], "action": "FAIL", "timeout": 5000, "want": ["completed", "", 1]}),
    Case("no limit", {"ends": ["pause"], "action": "FAIL", "timeout": 0, "want": ["completed", "", 1]}),
    Case("stage reports failure", {"ends": ["reports"], "action": "FAIL", "timeout": None, "want": ["failed", "own words", 1]}),
)


class Decides(EmptyInterceptor):
    """Answers errors as told, sets the limit, and keeps the results it sees."""

    def __init__(self, action, timeout):
        self.action, self.timeout, self.seen = action, timeout, []

    async def before(self, stage_name, ctx):
        if self.timeout is not None:
            ctx.data[f"_timeout.{stage_name}"] = self.timeout

    async def on_error(self, stage_name, error, ctx):
        return need("stageflow.pipeline.interceptors:ErrorAction")[self.action]

    async def after(self, stage_name, result, ctx):
        self.seen.append([stage_name, result.status, result.error])


def told(result, name, text, began, ended):
    """What is wrong with the result, by field."""
    checks = {
        "name": result.name == name,
        "error": text in (result.error or "") and bool(text) == bool(result.error),
        "started_at": began <= result.started_at <= result.ended_at,
        "ended_at": result.ended_at <= ended,
        "zone": result.started_at.utcoffset() == result.ended_at.utcoffset() == timedelta(0),
    }
    return sorted(field for field, sound in checks.items() if not sound)


async def ending(params, runs):
    how = params["ends"][len(runs)]
    runs.append(how)
    if how == "hang":
        await asyncio.sleep(3600)
    if how == "pause":
        await asyncio.sleep(0.005)
    if how == "first":
        raise ConnectionError("the first one")
    now = datetime.now(UTC)
    failed = how == "reports"
    return need("stageflow.stages.result:StageResult")(
        "the stage of the probe", "failed" if failed else "completed", now, now, {}, "own words" if failed else None
    )


@promised
async def scenario(params):
    runs, watcher, name = [], Decides(params["action"], params["timeout"]), "the stage of the probe"
    run = need("stageflow.pipeline.interceptors:run_with_interceptors")
    began = datetime.now(UTC)
    result = await run(name, lambda: ending(params, runs), pipeline_context(), [watcher])
    wrong = told(result, name, params["want"][1], began, datetime.now(UTC))
    seen = [result.status, wrong, len(runs), watcher.seen == [[name, result.status, result.error]]]
    expect_equal(seen, [params["want"][0], [], params["want"][2], True], "[status, wrong fields, runs, after() saw the result]")


async def control(params):
    runs, now = [], datetime.now(UTC)
    limit = params["timeout"] / 1000 if params["timeout"] else None
    make, result = need("stageflow.stages.result:StageResult"), None
    while result is None:
        try:
            result = await asyncio.wait_for(ending(params, runs), limit)
        except TimeoutError:
            result = make("the stage of the probe", "failed", now, now, {}, f"timed out after {params['timeout']}ms")
        except ConnectionError as error:
            result = None if params["action"] == "RETRY" else make("the stage of the probe", "failed", now, now, {}, str(error))
    wrong = told(result, "the stage of the probe", params["want"][1], now, datetime.now(UTC))
    expect_equal([result.status, wrong, len(runs)], [params["want"][0], [], params["want"][2]], "[status, wrong fields, runs]")
