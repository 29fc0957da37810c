"""RetryInterceptor's own accounts: answers, log records and what it leaves in the context, attempt by attempt."""

from types import SimpleNamespace

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="RetryInterceptor counts or reports its attempts wrongly",
    claim="With max_attempts n the first n - 1 errors of a stage are answered with RETRY and the next with FAIL; each is logged with "
    "stage, attempt, delay and error; success clears the stage's account, and stages do not share accounts.",
    source="docs/advanced/retry-backoff.md#observability",
    component="stageflow.pipeline.retry.RetryInterceptor",
    subsystem="retry",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A stage is tried too often or too rarely, and the log does not tell.",
    recommendation="Keep the attempt count by the stage's full name and report it as it is.",
    virtual_time=True,
)

LONG = "call_the_payment_provider_of_the_"
CASES = (
    Case("3 attempts", {"attempts": 3, "steps": ["a", "a", "a"], "answers": ["RETRY", "RETRY", "FAIL"]}),
    Case("1 attempt", {"attempts": 1, "steps": ["a"], "answers": ["FAIL"]}),
    Case("long name", {"attempts": 2, "steps": [f"{LONG}north", f"{LONG}north"], "answers": ["RETRY", "FAIL"]}),
    Case("two stages", {"attempts": 2, "steps": ["a", "b", "a", "b"], "answers": ["RETRY", "RETRY", "FAIL", "FAIL"]}),
    Case(
        "two long names",
        {
            "attempts": 2,
            "steps": [f"{LONG}north", f"{LONG}south", f"{LONG}north", f"{LONG}south"],
            "answers": ["RETRY", "RETRY", "FAIL", "FAIL"],
        },
    ),
    Case("success between", {"attempts": 2, "steps": ["a", "+a", "a"], "answers": ["RETRY", "RETRY"]}),
    Case("default number", {"attempts": None, "steps": ["a", "a", "a"], "answers": ["RETRY", "RETRY", "FAIL"]}),
    Case("error not listed", {"attempts": 3, "steps": ["!a"], "answers": ["FAIL"]}),
)


def expected_log(params):
    """[event, stage, attempt or attempts, error] by the documented rules."""
    limit, counts, rows = params["attempts"] or 3, {}, []
    for step in params["steps"]:
        if step[0] == "+":
            counts.pop(step[1:], None)
        elif step[0] != "!":
            counts[step] = counts.get(step, 0) + 1
            rows.append(["retry_exhausted" if counts[step] == limit else "retry_scheduled", step, counts[step], f"{step} away"])
    return rows


async def play(retry, params, ctx):
    """Names of the answers to the errors."""
    answers = []
    for step in params["steps"]:
        name = step.lstrip("+!")
        await retry.before(name, ctx)
        if step[0] == "+":
            await retry.after(name, SimpleNamespace(status="completed", error=None), ctx)
        else:
            error = KeyError("no") if step[0] == "!" else ConnectionError(f"{name} away")
            answers.append((await retry.on_error(name, error, ctx)).name)
    return answers


def row_of(record):
    number = getattr(record, "attempts", None) or getattr(record, "attempt", None)
    return [record.event, record.stage, number, record.error]


@promised
async def scenario(params):
    options = {} if params["attempts"] is None else {"max_attempts": params["attempts"]}
    retry = need("stageflow.pipeline.retry:RetryInterceptor")(base_delay_ms=10, **options)
    with LogTap("stageflow.pipeline.retry") as tap:
        answers = await play(retry, params, pipeline_context())
    rows = [row_of(record) for record in tap.records if record.event in ("retry_scheduled", "retry_exhausted")]
    expect_equal([answers, rows], [list(params["answers"]), expected_log(params)], "[answers, log rows]")


async def control(params):
    named = {"retry_scheduled": "RETRY", "retry_exhausted": "FAIL"}
    answers = [named[row[0]] for row in expected_log(params)] or ["FAIL"]
    expect_equal(answers, list(params["answers"]), "answers by the rules")
