"""An analytics sink exports the events its patterns select, once, with their run, stage and duration."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="AnalyticsSink exports other events than its patterns select, or without their ids",
    claim="Events that match an include pattern, or all without one, are exported unless an exclude pattern matches; run "
    "id, stage and duration come from the data.",
    source="docstring:stageflow.helpers.analytics.AnalyticsSink",
    component="stageflow.helpers.analytics.AnalyticsSink",
    subsystem="analytics",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Analytics are missing, or hold what was excluded for privacy.",
    recommendation="Check excludes first, then includes, and copy the fields from data.",
    virtual_time=True,
)

TYPES = ("stage.llm.completed", "stage.llm.failed", "tool.completed", "pipeline.started")
CASES = (
    Case("all", {"include": None, "exclude": None, "kept": [0, 1, 2, 3], "way": "emit"}),
    Case("all tried", {"include": None, "exclude": None, "kept": [0, 1, 2, 3], "way": "try_emit"}),
    Case("include", {"include": ["stage.", "pipeline"], "exclude": None, "kept": [0, 1, 3], "way": "emit"}),
    Case("exclude", {"include": None, "exclude": ["completed"], "kept": [1, 3], "way": "try_emit"}),
    Case("both", {"include": ["completed"], "exclude": ["tool"], "kept": [0], "way": "emit"}),
    Case("both tried", {"include": ["completed"], "exclude": ["tool"], "kept": [0], "way": "try_emit"}),
)


class Recorder:
    """Keeps the events."""

    def __init__(self):
        self.rows = []

    async def export(self, event):
        self.rows.append([event.event_type, event.data, str(event.pipeline_run_id), event.stage_name, event.duration_ms])


def by_hand(kept):
    """The rows that must arrive."""
    return [[TYPES[n], {"pipeline_run_id": "r", "stage": f"s{n}", "duration_ms": n, "x": 1}, "r", f"s{n}", n] for n in kept]


@promised
async def scenario(params):
    recorder = Recorder()
    sink = need("stageflow.helpers.analytics:AnalyticsSink")(
        recorder, include_patterns=params["include"], exclude_patterns=params["exclude"]
    )
    for n, kind in enumerate(TYPES):
        data = {"pipeline_run_id": "r", "stage": f"s{n}", "duration_ms": n, "x": 1}
        if params["way"] == "emit":
            await sink.emit(type=kind, data=data)
        else:
            sink.try_emit(type=kind, data=data)
    await asyncio.sleep(1)
    expect_equal(recorder.rows, by_hand(params["kept"]), "[type, data, run, stage, duration] exported")


async def control(params):
    include, exclude = params["include"] or [""], params["exclude"] or []
    kept = [n for n, kind in enumerate(TYPES) if any(part in kind for part in include) and not any(part in kind for part in exclude)]
    expect_equal(kept, params["kept"], "events selected by the patterns")
