"""Every change of the snapshot by a stage is noticed, and an untouched one is not accused."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="ImmutabilityInterceptor misses a change of the snapshot",
    claim="A stage that changes a nested part of its snapshot is reported once; one that only reads is not.",
    source="docstring:stageflow.pipeline.interceptors_hardening.ImmutabilityInterceptor",
    component="stageflow.pipeline.interceptors_hardening.ImmutabilityInterceptor.after",
    subsystem="hardening",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="Shared-state bugs pass the check that is meant to find them.",
    recommendation="Compare a full serialisation of the snapshot before and after the stage.",
)

CASES = (
    Case("reads only", {"what": "nothing", "reports": 0}),
    Case("messages", {"what": "messages", "reports": 1}),
    Case("metadata of a message", {"what": "message metadata", "reports": 1}),
    Case("nested metadata", {"what": "nested metadata", "reports": 1}),
    Case("documents", {"what": "documents", "reports": 1}),
    Case("web results", {"what": "web results", "reports": 1}),
)


def touch(snapshot, what):
    if what == "messages":
        snapshot.messages.pop()
    elif what == "message metadata":
        snapshot.messages[0].metadata["seen"] = True
    elif what == "nested metadata":
        snapshot.metadata["nested"]["new"] = 1
    elif what == "documents":
        snapshot.documents.clear()
    elif what == "web results":
        snapshot.web_results.append({"url": "x"})
    else:
        _ = snapshot.to_dict()


async def scenario(params):
    async def stage(ctx):
        touch(ctx.snapshot, params["what"])

    message = need("stageflow.context.types:Message")(role="user", content="hello", metadata={})
    document = need("stageflow.context.enrichments:DocumentEnrichment")(document_id="d1", document_type="note")
    ctx = context(
        metadata={"nested": {}},
        conversation=need("stageflow.context.conversation:Conversation")(messages=[message]),
        enrichments=need("stageflow.context.enrichments:Enrichments")(documents=[document], web_results=[]),
    )
    checker = need("stageflow.pipeline.interceptors_hardening:ImmutabilityInterceptor")(crash_on_violation=False)
    with LogTap("stageflow.hardening") as tap:
        await outcome(graph(pipeline(("stage", stage)), [checker]).run(ctx))
    expect_equal(len(tap.with_text("Immutability violation")), params["reports"], f"reports of a stage that touches {params['what']}")


def control(params):
    before = {"messages": [1], "nested": {}}
    after = before if params["what"] == "nothing" else {"messages": [], "nested": {}}
    expect_equal(int(before != after), params["reports"], "reports by comparing dictionaries")
