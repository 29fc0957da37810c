"""A parsed tool call keeps what the model sent: id, name, arguments, the raw call; an unresolved one says why."""

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import FunctionTool, registry_of

PROBE = Probe(
    title="A parsed tool call loses its id, name, tool or raw data",
    claim="A resolved call has the registered tool, id, name, arguments and raw call; an unresolved one id, name, raw call and reason.",
    source="docstring:stageflow.tools.ResolvedToolCall",
    component="stageflow.tools.ToolRegistry.parse_and_resolve",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="A tool's result is sent back under the wrong call, or a refused call cannot be explained.",
    recommendation="Fill every field of the record from the call.",
)

INVALID, UNKNOWN, ANY = "Expecting", "nobody", "any"
CASES = (
    Case("resolved", {"call": {"id": "c1", "function": {"name": "add", "arguments": '{"a": 1}'}}, "want": [["c1", "add", {"a": 1}], ""]}),
    Case("number as id", {"call": {"id": 7, "function": {"name": "add", "arguments": {}}}, "want": [["7", "add", {}], ""]}),
    Case("no id", {"call": {"function": {"name": "add", "arguments": {"a": 1}}}, "want": [["", "add", {"a": 1}], ""]}),
    Case("no arguments", {"call": {"id": "c1", "function": {"name": "add"}}, "want": [["c1", "add", {}], ""]}),
    Case("no wrapper", {"call": {"id": "c1", "name": "add", "arguments": '{"a": 1}'}, "want": [["c1", "add", {"a": 1}], ""]}),
    Case("no wrapper, no arguments", {"call": {"id": "c1", "name": "add"}, "want": [["c1", "add", {}], ""]}),
    Case(
        "own wrapper",
        {
            "call": {"id": "c1", "tool": {"name": "add", "arguments": {"a": 2}}},
            "options": {"function_wrapper": "tool"},
            "want": [["c1", "add", {"a": 2}], ""],
        },
    ),
    Case(
        "wrapper switched off",
        {
            "call": {"id": "c1", "name": "add", "arguments": {"a": 3}, "function": {"name": "nobody"}},
            "options": {"function_wrapper": None},
            "want": [["c1", "add", {"a": 3}], ""],
        },
    ),
    Case(
        "unknown",
        {"call": {"id": "c1", "function": {"name": UNKNOWN, "arguments": '{"a": 1}'}}, "want": [["c1", UNKNOWN, {"a": 1}], UNKNOWN]},
    ),
    Case("no name", {"call": {"id": "c1", "function": {"arguments": {"a": 1}}}, "want": [["c1", "", {"a": 1}], ANY]}),
    Case("broken JSON", {"call": {"id": "c1", "function": {"name": "add", "arguments": '{"a": '}}, "want": [["c1", "add", {}], INVALID]}),
    Case("no function", {"call": {"id": "c1", "name": "add", "function": None}, "want": [["c1", "add", {}], ANY]}),
)


def scenario(params):
    parse = need("stageflow.tools:ToolRegistry.parse_and_resolve")
    tool, call = FunctionTool("add", dict), dict(params["call"])
    registry = registry_of(FunctionTool("other", dict), tool)
    fields, reason = params["want"]
    try:
        good, bad = parse(registry, [call], **params.get("options", {}))
    except Exception as error:
        raise Violation("a resolved or an unresolved call", f"{type(error).__name__} raised") from error
    expect_equal([len(good), len(bad)], [int(not reason), int(bool(reason))], "calls resolved, unresolved")
    found = [*good, *bad][0]
    seen = [[found.call_id, found.name, found.arguments], found.raw == params["call"]]
    expect_equal(seen, [list(fields), True], "id, name, arguments; whether the raw call is kept")
    if reason:
        expect_equal(
            bool(found.error) and reason in ("any", *found.error.replace(":", "").split()), True, "whether the error tells the reason"
        )
    else:
        expect_equal(found.tool is tool, True, "whether the tool is the registered one")


def control(params):
    inner = params["call"].get((params.get("options") or {"function_wrapper": "function"})["function_wrapper"] or "none") or {}
    name = inner.get("name", params["call"].get("name", ""))
    expect_equal(name in (params["want"][0][1], ""), True, "the name is the one in the call")
