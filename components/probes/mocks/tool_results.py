"""The mock tool executor reports what the tool did, and remembers each execution."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="MockToolExecutor reports success for a failed tool, or the wrong output",
    claim="A tool's return value is the output of a success, its exception the error of a failure; each execution is in the history.",
    source="docstring:stageflow.helpers.mocks.MockToolExecutor",
    component="stageflow.helpers.MockToolExecutor",
    subsystem="mocks",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Agent tests take failures for successes.",
    recommendation="Return success=False with the error text whenever the tool raised.",
    virtual_time=True,
)

CASES = (
    Case("returns", {"tool": "add", "arguments": {"a": 2, "b": 3}, "result": [True, 5, None]}),
    Case("raises", {"tool": "broken", "arguments": {}, "result": [False, None, "no disk"]}),
    Case("unknown", {"tool": "other", "arguments": {}, "result": [True, {"status": "ok"}, None]}),
    Case("registered-later", {"tool": "late", "arguments": {"x": 1}, "result": [True, [1], None]}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def broken(arguments):
    raise OSError("no disk")


async def scenario(params):
    executor = need("stageflow.helpers:MockToolExecutor")(tools={"add": lambda given: given["a"] + given["b"], "broken": broken})
    executor.register_tool("late", lambda given: list(given.values()))
    result = await executor.execute(params["tool"], params["arguments"])
    expect_equal([result.success, result.output, result.error], params["result"], "success, output and error")
    told = [(entry["tool"], entry["arguments"]) for entry in executor.execution_history]
    expect_equal([told, executor.execution_count], [[(params["tool"], params["arguments"])], 1], "history and count")


async def control(params):
    expect_equal(params["result"][0], params["result"][2] is None, "success without error")
