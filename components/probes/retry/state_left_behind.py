"""RetryInterceptor leaves nothing about a stage in the run's data once the stage has succeeded, and keeps its account until then."""

from types import SimpleNamespace

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="RetryInterceptor's state outlives the stage, or is lost before its end",
    claim="Retry state is initialised before the stage, kept while it fails and cleared by its success; a result with a status to retry "
    "is accounted for with its own error.",
    source="docstring:stageflow.pipeline.retry.RetryInterceptor.after",
    component="stageflow.pipeline.retry.RetryInterceptor.after",
    subsystem="retry",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A later run begins with the attempts of an earlier one, or the log names the wrong error.",
    recommendation="Create the account in before(), and drop it when the stage has succeeded.",
    virtual_time=True,
)

LONG = "call_the_payment_provider_of_the_north"
CASES = (
    Case("begun", {"name": "a", "steps": [], "accounts": 1, "errors": []}),
    Case("begun, long name", {"name": LONG, "steps": [], "accounts": 1, "errors": []}),
    Case("succeeded", {"name": "a", "steps": ["completed"], "accounts": 0, "errors": []}),
    Case("failed once, succeeded", {"name": LONG, "steps": ["raise", "completed"], "accounts": 0, "errors": ["away"]}),
    Case("skipped", {"name": "a", "steps": ["skipped"], "accounts": 0, "errors": []}),
    Case("status to retry", {"name": "a", "steps": ["retry"], "accounts": 1, "errors": ["come back"]}),
    Case("status to retry, no error", {"name": "a", "steps": ["retry without"], "accounts": 1, "errors": ["Retry requested"]}),
)


async def play(retry, params, ctx):
    """How many entries the run's data has more."""
    await retry.before(params["name"], ctx)
    for step in params["steps"]:
        if step == "raise":
            await retry.on_error(params["name"], ConnectionError("away"), ctx)
        else:
            error = "come back" if step == "retry" else None
            await retry.after(params["name"], SimpleNamespace(status=step.split()[0], error=error), ctx)
    return len(ctx.data) - 1


@promised
async def scenario(params):
    retry = need("stageflow.pipeline.retry:RetryInterceptor")(base_delay_ms=10)
    ctx = pipeline_context(data={"own": 1})
    with LogTap("stageflow.pipeline.retry") as tap:
        left = await play(retry, params, ctx)
    errors = [record.error for record in tap.records if record.event == "retry_scheduled"]
    expect_equal([left, errors], [params["accounts"], list(params["errors"])], "[entries added to the data, errors logged]")


class PlainRetry:
    """Keeps an account by name."""

    async def before(self, name, ctx):
        ctx.data.setdefault(name, 0)

    async def on_error(self, name, error, ctx):
        ctx.data[name] += 1

    async def after(self, name, result, ctx):
        if result.status != "retry":
            ctx.data.pop(name)


async def control(params):
    left = await play(PlainRetry(), params, SimpleNamespace(data={"own": 1}))
    expect_equal(left, params["accounts"], "entries added to the data")
