"""Everything given to spawn reaches the child's context, its events or its result."""

import asyncio
import uuid

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An argument of spawn() does not reach the child run, or an event of it lacks a field",
    claim="The child context, the events and the result of a spawn carry what spawn() was given and what the runner did.",
    source="docs/advanced/subpipelines.md#spawnpipeline_name-ctx-correlation_id-parent_stage_id-runner--topologynone-execution_modenone---subpipelineresult",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    subsystem="subpipeline",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A child runs with the wrong topology or data, or cannot be traced to what started it.",
    recommendation="Pass every argument on by its own name.",
    virtual_time=True,
)

DATA = {"k": 1, "other": 2}
FACTS = {
    "child context: run": "own",
    "child context: parent run": "parent",
    "child context: parent stage": "asking stage",
    "child context: correlation": "action",
    "child context: topology": "parent's",
    "child context: mode": "parent's",
    "child context: data": {},
    "result: run": "own",
    "result: duration": 2000,
    "spawned event": ["parent", "own", "asking stage", "lookup", "action"],
    "end event": ["parent", "own", "lookup", 2000],
    "end event: kind": "pipeline.child_completed",
    "end event: error": None,
    "result: error": None,
    "tracked while it runs": True,
    "tracked afterwards": False,
    "events": 2,
}
OPTIONS = {
    "nothing": ({}, {}),
    "topology": ({"topology": "fast"}, {"child context: topology": "fast"}),
    "mode": ({"execution_mode": "strict"}, {"child context: mode": "strict"}),
    "all data": ({"inherit_data": True}, {"child context: data": DATA}),
    "one key": ({"inherit_data": ["k", "absent"]}, {"child context: data": {"k": 1}}),
    "overrides": ({"data_overrides": {"new": 3}}, {"child context: data": {"new": 3}}),
    "data and overrides": ({"inherit_data": True, "data_overrides": {"k": 9}}, {"child context: data": DATA | {"k": 9}}),
    "everything": (
        {"topology": "fast", "execution_mode": "strict", "inherit_data": ["other"], "data_overrides": {"new": 3}},
        {"child context: topology": "fast", "child context: mode": "strict", "child context: data": {"other": 2, "new": 3}},
    ),
}


FAILS = {"end event: kind": "pipeline.child_failed", "end event: error": "cause 4711", "result: error": "cause 4711"}
QUIET = {name: "nothing" for name in ("spawned event", "end event", "end event: kind", "end event: error")} | {"events": 0}
CASES = (
    *(Case(option, {"given": given, "facts": FACTS | changed}) for option, (given, changed) in OPTIONS.items()),
    Case("failing child", {"given": {}, "fails": True, "facts": FACTS | FAILS}),
    Case("without events", {"given": {}, "silent": True, "facts": FACTS | QUIET}),
)


def noted(child, names):
    """What the runner sees of its context."""
    return {
        "child context: parent run": names.get(child.parent_run_id),
        "child context: parent stage": child.parent_stage_id,
        "child context: correlation": names.get(child.correlation_id),
        "child context: topology": child.topology,
        "child context: mode": child.execution_mode,
        "child context: data": dict(child.data),
    }


def event_facts(events, names):
    """What the sink has been told; ids by the names of what they identify."""
    found = {"events": len(events)}
    for kind, data in events:
        run, child = names.get(data.get("parent_run_id")), names.get(data.get("child_run_id"))
        if kind == "pipeline.spawned_child":
            correlation = names.get(data.get("correlation_id"))
            found["spawned event"] = [run, child, data.get("parent_stage_id"), data.get("pipeline_name"), correlation]
        else:
            found["end event: kind"] = kind
            found["end event"] = [run, child, data.get("pipeline_name"), rounded(data.get("duration_ms"))]
            found["end event: error"] = data.get("error_message")
    return found


def judge(seen, wanted):
    """Compare what differs only."""
    wrong = {name: seen.get(name, "nothing") for name, value in wanted.items() if seen.get(name, "nothing") != value}
    expect_equal(wrong, {name: wanted[name] for name in wrong}, "what reached the child, its events and its result")


def rounded(value):
    return round(value) if isinstance(value, int | float) else value


async def scenario(params):
    module = "stageflow.pipeline.subpipeline"
    sink, facts = RecordingSink(), {}
    need("stageflow.events:set_event_sink")(sink)
    tracker = need(f"{module}:ChildRunTracker")()
    parent = pipeline_context(topology="parent's", execution_mode="parent's")
    parent.data.update(DATA)
    action = uuid.uuid4()
    names = {parent.pipeline_run_id: "parent", action: "action"}

    async def runner(child):
        names[child.pipeline_run_id] = "own"
        facts.update(noted(child, names) | {"child context: run": names[child.pipeline_run_id]})
        facts["tracked while it runs"] = child.pipeline_run_id in await tracker.get_children(parent.pipeline_run_id)
        await asyncio.sleep(2)
        if params.get("fails"):
            raise ValueError("cause 4711")
        return {}

    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker, emit_events=not params.get("silent"))
    result = await spawner.spawn("lookup", parent, action, "asking stage", runner, **params["given"])
    facts |= {"result: run": names.get(result.child_run_id), "result: duration": rounded(result.duration_ms), "result: error": result.error}
    facts["tracked afterwards"] = bool(await tracker.get_children(parent.pipeline_run_id))
    facts |= event_facts(sink.events, {str(key): name for key, name in names.items()})
    judge(facts, params["facts"])


async def control(params):
    given, facts = params["given"], dict(FACTS)
    inherited = given.get("inherit_data", [])
    data = {key: value for key, value in DATA.items() if inherited is True or key in inherited} | given.get("data_overrides", {})
    facts |= {
        "child context: topology": given.get("topology", "parent's"),
        "child context: mode": given.get("execution_mode", "parent's"),
        "child context: data": data,
    } | (FAILS if params.get("fails") else QUIET if params.get("silent") else {})
    judge(facts, params["facts"])
