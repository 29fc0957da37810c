"""Every tool call of a model ends up resolved or unresolved, once, with its arguments."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import FunctionTool, registry_of

PROBE = Probe(
    title="Tool calls of a model are lost or changed while they are parsed",
    claim=(
        "parse_and_resolve() puts each call, in order, either into the resolved list with its arguments or into the unresolved "
        "list with an error."
    ),
    source="docstring:stageflow.tools.ToolRegistry.parse_and_resolve",
    component="stageflow.tools.ToolRegistry.parse_and_resolve",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Actions an agent asked for are not done, or done with other arguments.",
    recommendation="Sort every call into exactly one list.",
)

NESTED = '{"id": "1", "deep": {"list": [1, 2, {"k": "v"}], "text": "ünï \\"quoted\\""}}'
CASES = (
    Case(
        "provider format with a wrapper",
        {
            "calls": [{"id": "c1", "function": {"name": "add", "arguments": '{"a": 1}'}}],
            "options": {},
            "good": [["c1", {"a": 1}]],
            "bad": [],
        },
    ),
    Case(
        "direct format",
        {
            "calls": [{"id": "c1", "name": "add", "arguments": {"a": 1}}],
            "options": {"function_wrapper": None},
            "good": [["c1", {"a": 1}]],
            "bad": [],
        },
    ),
    Case(
        "own field names",
        {
            "calls": [{"key": "c1", "tool": "add", "input": {"a": 1}}],
            "options": {"id_field": "key", "name_field": "tool", "arguments_field": "input"},
            "good": [["c1", {"a": 1}]],
            "bad": [],
        },
    ),
    Case(
        "nested arguments",
        {
            "calls": [{"id": "c1", "function": {"name": "add", "arguments": NESTED}}],
            "options": {},
            "good": [["c1", {"id": "1", "deep": {"list": [1, 2, {"k": "v"}], "text": 'ünï "quoted"'}}]],
            "bad": [],
        },
    ),
    Case(
        "good, broken, unknown, good",
        {
            "calls": [
                {"id": "c1", "function": {"name": "add", "arguments": "{}"}},
                {"id": "c2", "function": {"name": "add", "arguments": '{"a": '}},
                {"id": "c3", "function": {"name": "nobody", "arguments": "{}"}},
                {"id": "c4", "function": None},
                {"id": "c5", "function": {"name": "add", "arguments": ""}},
            ],
            "options": {},
            "good": [["c1", {}], ["c5", {}]],
            "bad": ["c2", "c3", "c4"],
        },
    ),
)


def scenario(params):
    registry = registry_of(FunctionTool("add", dict))
    need("stageflow.tools:ToolRegistry.parse_and_resolve")
    good, bad = registry.parse_and_resolve([dict(call) for call in params["calls"]], **params["options"])
    seen = [[[call.call_id, call.arguments] for call in good], [call.call_id for call in bad], all(call.error for call in bad)]
    expect_equal(seen, [list(params["good"]), list(params["bad"]), True], "resolved, unresolved, errors given")


def control(params):
    ids = [call.get("id", call.get("key")) for call in params["calls"]]
    expect_equal(sorted([row[0] for row in params["good"]] + list(params["bad"])), ids, "every id is in one list")
