"""With crash_on_violation the run fails when a stage changes the snapshot."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="ImmutabilityInterceptor(crash_on_violation=True) never fails the run: the violation is only logged",
    claim="With crash_on_violation=True a stage that changes its input snapshot fails the run.",
    source="docs/advanced/hardening.md#immutabilityinterceptor",
    component="stageflow.pipeline.interceptors_hardening.ImmutabilityInterceptor",
    subsystem="hardening",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=False,
    default_setup=True,
    impact="The check that was added to make tests fail on shared-state bugs lets them all pass.",
    recommendation="Raise a CriticalInterceptorError: run_with_interceptors isolates any other error of after().",
    workaround="Search the logs for 'Immutability violation'.",
    cause="stageflow.pipeline.interceptors_hardening:ImmutabilityInterceptor.after",
)

CASES = (
    Case("nested metadata", {"what": "metadata", "change": True}),
    Case("conversation messages", {"what": "messages", "change": True}),
)


def fields(what):
    if what == "metadata":
        return {"metadata": {"nested": {"list": [1]}}}
    message = need("stageflow.context.types:Message")(role="user", content="hello")
    return {"conversation": need("stageflow.context.conversation:Conversation")(messages=[message])}


def change(snapshot, what):
    if what == "metadata":
        snapshot.metadata["nested"]["list"].append(2)
    else:
        snapshot.conversation.messages.clear()


async def fails(params, crash, stage_error):
    async def stage(ctx):
        change(ctx.snapshot, params["what"])
        if stage_error:
            raise RuntimeError(stage_error)

    checker = need("stageflow.pipeline.interceptors_hardening:ImmutabilityInterceptor")(crash_on_violation=crash)
    _, error = await outcome(graph(pipeline(("stage", stage)), [checker]).run(context(**fields(params["what"]))))
    expect(error is not None, "the run fails when a stage changes the snapshot", "the run succeeded")


async def scenario(params):
    await fails(params, True, "")


async def control(params):
    await fails(params, False, "the stage checks itself")
