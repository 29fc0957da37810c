"""ContextSizeInterceptor measures snapshot and data together, uses its default limits and hands its metric on once."""

import json
from types import SimpleNamespace

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="ContextSizeInterceptor measures or limits something else",
    claim="The size is that of snapshot plus data as JSON text; by default 1 MB and growth of 100 KB are let through and more is reported; "
    "the metric context_size_bytes is recorded once per stage.",
    source="docstring:stageflow.pipeline.interceptors_hardening.ContextSizeInterceptor",
    component="stageflow.pipeline.interceptors_hardening.ContextSizeInterceptor",
    subsystem="hardening",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Runaway payloads are noticed only when memory runs out, or alarms come without a reason.",
    recommendation="Add both sizes, keep the documented default limits and record the metric once.",
)

CASES = (
    Case("default size, below", {"data": 900_000, "snapshot": 0, "grow": 0, "reports": []}),
    Case("default size, above", {"data": 1_100_000, "snapshot": 0, "grow": 0, "reports": ["size"]}),
    Case("default growth, below", {"data": 0, "snapshot": 0, "grow": 95_000, "reports": []}),
    Case("default growth, above", {"data": 0, "snapshot": 0, "grow": 110_000, "reports": ["growth"]}),
    Case("snapshot and data together", {"data": 600_000, "snapshot": 600_000, "grow": 0, "reports": ["size"]}),
    Case("snapshot alone", {"data": None, "snapshot": 1_100_000, "grow": 0, "reports": ["size"]}),
    Case("no snapshot, no data", {"data": None, "snapshot": None, "grow": 0, "reports": []}),
    Case("exactly the limits", {"data": 1_000, "snapshot": 0, "grow": 500, "spare": 0, "reports": []}),
    Case("one byte above the limits", {"data": 1_000, "snapshot": 0, "grow": 500, "spare": -1, "reports": ["size", "growth"]}),
    Case("falsy snapshot", {"data": 0, "snapshot": 1_100_000, "falsy": True, "grow": 0, "reports": ["size"]}),
)


class Snapshot:
    """Something with a text."""

    def __init__(self, length, falsy):
        self.length, self.falsy = length, falsy

    def to_dict(self):
        return {"text": "x" * self.length}

    def __bool__(self):
        return not self.falsy


def size_of(ctx):
    """The documented size."""
    shown = ctx.snapshot.to_dict() if ctx.snapshot is not None else {}
    return len(json.dumps(shown)) + len(json.dumps(ctx.data if ctx.data is not None else {}))


def limits_for(params):
    """Limits that the case's sizes meet exactly, or miss by the bytes that are wanting; none for the defaults."""
    if "spare" not in params:
        return {}
    before = {"text": "x" * params["data"]}
    small, large = (size_of(SimpleNamespace(snapshot=Snapshot(0, False), data=data)) for data in (before, grown(before, params)))
    return {"max_size_bytes": small + params["spare"], "warn_on_growth_bytes": large - small + params["spare"]}


def grown(data, params):
    """The data after the stage."""
    return {**data, "more": "x" * params["grow"]} if params["grow"] else data


async def verdict(checker, params, reports):
    """Compare reports and metrics of one stage."""
    metrics = []
    snapshot = None if params["snapshot"] is None else Snapshot(params["snapshot"], params.get("falsy", False))
    data = None if params["data"] is None else {"text": "x" * params["data"]}
    ctx = SimpleNamespace(snapshot=snapshot, data=data, record_metric=lambda *row: metrics.append(list(row)))
    await checker.before("stage", ctx)
    if params["grow"]:
        data |= grown(data, params)
    await checker.after("stage", None, ctx)
    wanted = [["context_size_bytes", size_of(ctx), {"stage": "stage"}]]
    expect_equal([reports(), metrics], [list(params["reports"]), wanted], "[reports, metrics]")


@promised
async def scenario(params):
    checker = need("stageflow.pipeline.interceptors_hardening:ContextSizeInterceptor")(**limits_for(params))
    with LogTap("stageflow.hardening") as tap:

        def reports():
            return ["size"] * len(tap.with_text("exceeds limit")) + ["growth"] * len(tap.with_text("context growth"))

        await verdict(checker, params, reports)


class PlainChecker:
    """Does as documented."""

    def __init__(self, max_size_bytes=1024 * 1024, warn_on_growth_bytes=100 * 1024):
        self.before_size, self.reports = 0, []
        self.most, self.growth = max_size_bytes, warn_on_growth_bytes

    async def before(self, name, ctx):
        self.before_size = size_of(ctx)
        self.reports += ["size"] * (self.before_size > self.most)

    async def after(self, name, result, ctx):
        self.reports += ["growth"] * (size_of(ctx) - self.before_size > self.growth)
        ctx.record_metric("context_size_bytes", size_of(ctx), {"stage": name})


async def control(params):
    checker = PlainChecker(**limits_for(params))
    await verdict(checker, params, lambda: checker.reports)
