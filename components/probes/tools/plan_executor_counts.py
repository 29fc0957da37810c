"""ToolExecutor runs every action of a plan in order and counts successes and failures truthfully."""

from dataclasses import dataclass, field

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action, FunctionTool

PROBE = Probe(
    title="ToolExecutor counts failed actions as executed, or leaves actions out",
    claim=(
        "Every action of a plan is tried once in order; raising, failing and unknown ones count as failed and ask for re-entry, "
        "artifacts are kept."
    ),
    source="docstring:stageflow.tools.ToolExecutor",
    component="stageflow.tools.ToolExecutor.execute",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="An agent believes that failed actions were done.",
    recommendation="Count by output.success and go on after errors.",
)

CASES = (
    Case("all fine", {"plan": ["ok", "ok"], "seen": [2, 0, False, ["a0", "a1"]]}),
    Case("one raises", {"plan": ["ok", "raise", "ok"], "seen": [2, 1, True, ["a0", "a2"]]}),
    Case("one fails", {"plan": ["fail", "ok"], "seen": [1, 1, True, ["a1"]]}),
    Case("unknown action", {"plan": ["ok", "unknown"], "seen": [1, 1, True, ["a0"]]}),
    Case("no output", {"plan": ["none", "ok"], "seen": [1, 1, True, ["a1"]]}),
    Case("no artifacts", {"plan": ["bare", "ok"], "seen": [2, 0, False, ["a1"]]}),
    Case("asks for re-entry, then fine", {"plan": ["reenter", "ok"], "seen": [2, 0, True, ["a0", "a1"]]}),
    Case("no plan", {"plan": None, "seen": [0, 0, False, []]}),
    Case("asks for re-entry", {"plan": ["reenter"], "seen": [1, 0, True, ["a0"]]}),
    Case("empty plan", {"plan": [], "seen": [0, 0, False, []]}),
)


@dataclass
class Plan:
    """Actions in order."""

    actions: list = field(default_factory=list)


class Worker(FunctionTool):
    """Does, fails or raises as the payload says."""

    async def execute(self, input, ctx):
        payload = input.action.payload
        self.calls.append(payload["number"])
        if payload["how"] == "raise":
            raise OSError("no")
        output = need("stageflow.tools.base:ToolOutput")
        if payload["how"] == "none":
            return None
        if payload["how"] == "bare":
            return output(success=True, data={})
        if payload["how"] == "fail":
            return output(success=False, error="no")
        return output(success=True, data={}, artifacts=[{"name": f"a{payload['number']}"}])


async def scenario(params):
    need("stageflow.tools:clear_tool_registry")()
    worker = Worker("work", lambda payload: payload)
    need("stageflow.tools:register_tool")(worker)
    actions = [
        Action("nobody" if how == "unknown" else "work", {"how": how, "number": number, "requires_reentry": how == "reenter"})
        for number, how in enumerate(params["plan"] or ())
    ]
    found = await need("stageflow.tools:ToolExecutor")().execute(pipeline_context(), None if params["plan"] is None else Plan(actions))
    names = [artifact["name"] for artifact in found.artifacts_produced]
    seen = [found.actions_executed, found.actions_failed, found.requires_reentry, names]
    expect_equal(seen, list(params["seen"]), "executed, failed, re-entry, artifacts")


def control(params):
    plan = params["plan"] or []
    good = [number for number, how in enumerate(plan) if how in ("ok", "reenter", "bare")]
    bad = len(plan) - len(good)
    seen = [len(good), bad, bad > 0 or "reenter" in plan, [f"a{number}" for number in good if plan[number] != "bare"]]
    expect_equal(seen, list(params["seen"]), "by rule")
