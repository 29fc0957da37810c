"""Content that a check emptied is empty afterwards."""

from components.lab.flow import context, graph, outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="GuardrailStage ignores a transformation that removes all content",
    claim="The next check gets the content as the check before transformed it, also when nothing was left of it.",
    source="docstring:stageflow.helpers.guardrails.GuardrailResult",
    component="stageflow.helpers.GuardrailStage.execute",
    subsystem="guardrails",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A text that a check removed altogether, because it was nothing but a secret say, passes on unchanged.",
    recommendation="Test transformed_content with `is not None`.",
    workaround="Replace removed content by a placeholder instead of nothing.",
    cause="stageflow.helpers.guardrails:GuardrailStage.execute #empty-transformation",
)

CASES = (Case("everything removed", {"left": ""}),)


class Redact:
    """Leaves only a given text."""

    def __init__(self, left):
        self.left = left

    def check(self, content, context=None):
        return need("stageflow.helpers.guardrails:GuardrailResult")(passed=True, transformed_content=self.left)


class Listen:
    """Notes what it is given."""

    def __init__(self):
        self.heard = []

    def check(self, content, context=None):
        self.heard.append(content)
        return need("stageflow.helpers.guardrails:GuardrailResult")(passed=True)


async def heard(left):
    listener = Listen()
    guard = need("stageflow.helpers:GuardrailStage")([Redact(left), listener])
    pipe = need("stageflow:Pipeline")().with_stage("guard", guard, need("stageflow:StageKind").GUARD)
    await outcome(graph(pipe, []).run(context(input_text="the password is swordfish")))
    expect_equal(listener.heard, [left], "content given to the second check")


@promised
async def scenario(params):
    await heard(params["left"])


async def control(params):
    await heard("[removed]")
