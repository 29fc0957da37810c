"""The hardening interceptors watch each stage, whatever its name and whichever stages overlap with it."""

from types import SimpleNamespace

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="A hardening interceptor overlooks a stage",
    claim="Between its before() and after(), each stage is watched on its own: a change of the snapshot, or growth of the context, is "
    "reported once for every stage it happened in.",
    source="docstring:stageflow.pipeline.interceptors_hardening.ImmutabilityInterceptor",
    component="stageflow.pipeline.interceptors_hardening.ImmutabilityInterceptor",
    subsystem="hardening",
    category="reliability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="A stage that changes what it must not change goes unnoticed.",
    recommendation="Remember the state before each stage under its full name.",
)

LONG = "summarize_the_conversation_of_"
SIZE = "stageflow.pipeline.interceptors_hardening.ContextSizeInterceptor"
ONE, TWO = [["before", "a"], ["change", ""], ["after", "a"]], [["before", f"{LONG}a"], ["change", ""], ["after", f"{LONG}a"]]
OVERLAP = [["before", f"{LONG}a"], ["change", ""], ["before", f"{LONG}b"], ["after", f"{LONG}b"], ["after", f"{LONG}a"]]
BOTH = [["before", "a"], ["before", "b"], ["change", ""], ["after", "b"], ["after", "a"]]
STEPS = {
    "short name": [ONE, ["a"]],
    "long name": [TWO, [f"{LONG}a"]],
    "overlapping stages": [OVERLAP, [f"{LONG}a"]],
    "both overlap the change": [BOTH, ["b", "a"]],
    "changed between stages": [[["before", "a"], ["after", "a"], ["change", ""], ["before", "b"], ["after", "b"]], []],
    "twice": [[*ONE, ["before", "a"], ["after", "a"]], ["a"]],
    "not begun": [[["change", ""], ["after", "a"]], []],
}
CASES = tuple(
    Case(f"{what}: {name}", {"what": what, "steps": steps, "reports": want}, component=SIZE if what == "growth" else "")
    for what in ("change", "growth")
    for name, (steps, want) in STEPS.items()
)


class Snapshot:
    """Something that can be changed and written down."""

    def __init__(self):
        self.values = {"text": ""}

    def to_dict(self):
        return {"values": self.values}


async def reports(checker, steps, reported):
    """The stages that are reported, in order."""
    snapshot, found = Snapshot(), []
    ctx = SimpleNamespace(snapshot=snapshot, data={})
    for step, name in steps:
        if step == "change":
            snapshot.values["text"] += "x" * 20_000
        else:
            given = (name, ctx) if step == "before" else (name, None, ctx)
            await getattr(checker, step)(*given)
            found += [name] * reported()
    return found


@promised
async def scenario(params):
    base = "stageflow.pipeline.interceptors_hardening:"
    if params["what"] == "change":
        checker, text = need(f"{base}ImmutabilityInterceptor")(crash_on_violation=False), "mmutability violation"
    else:
        checker, text = need(f"{base}ContextSizeInterceptor")(warn_on_growth_bytes=10_000), "context growth"
    with LogTap("stageflow.hardening") as tap:
        seen = {"so far": 0}

        def reported():
            before, seen["so far"] = seen["so far"], len(tap.with_text(text))
            return seen["so far"] - before

        found = await reports(checker, params["steps"], reported)
    expect_equal(found, list(params["reports"]), "stages reported")


class PlainChecker:
    """Remembers by name."""

    def __init__(self):
        self.kept, self.fresh = {}, 0

    async def before(self, name, ctx):
        self.kept[name] = str(ctx.snapshot.to_dict())

    async def after(self, name, result, ctx):
        now = str(ctx.snapshot.to_dict())
        self.fresh = int(self.kept.pop(name, now) != now)


async def control(params):
    checker = PlainChecker()

    def reported():
        fresh, checker.fresh = checker.fresh, 0
        return fresh

    expect_equal(await reports(checker, params["steps"], reported), list(params["reports"]), "stages reported")
