"""Questions to captured events and log lines; each answers with the list of what is wrong, empty when all is well."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from components.lab.trial import Outcome

Events = Sequence[Mapping[str, Any]]
CORRELATIONS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id")


def counted(events: Events) -> Counter[tuple[str, str]]:
    """How often each (type, run id) was emitted."""
    return Counter((event["type"], str(event["data"].get("pipeline_run_id"))) for event in events)


def wide_stages(events: Events) -> Counter[tuple[str, str, str]]:
    """How often each (run id, stage, status) has a `stage.wide` event."""
    rows = (event["data"] for event in events if event["type"] == "stage.wide")
    return Counter((str(data.get("pipeline_run_id")), str(data.get("stage")), str(data.get("status"))) for data in rows)


def stage_events_missing(events: Events, outcomes: Sequence[Outcome]) -> list[str]:
    """Finished stages without their documented `stage.<name>.started` and `.completed` events."""
    seen = counted(events)
    return [
        f"run of record {o.job.number}: no stage.{stage}.{what}"
        for o in outcomes
        for stage in o.outputs
        for what in ("started", "completed")
        if not seen[f"stage.{stage}.{what}", o.run]
    ]


def pipeline_events_missing(events: Events, outcomes: Sequence[Outcome]) -> list[str]:
    """Runs without their documented `pipeline.started` and end events."""
    seen = counted(events)
    ends = {"ok": "completed", "failed": "failed", "cancelled": "cancelled", "refused": "cancelled"}
    return [
        f"run of record {o.job.number} ({o.status}): no pipeline.{what}"
        for o in outcomes
        for what in ("started", ends[o.status])
        if not seen[f"pipeline.{what}", o.run]
    ]


def wide_stage_missing(events: Events, outcomes: Sequence[Outcome]) -> list[str]:
    """Finished stages without exactly one `stage.wide` event."""
    seen: Counter[tuple[str, str]] = Counter()
    for (run, stage, _), times in wide_stages(events).items():
        seen[run, stage] += times
    return [
        f"run of record {o.job.number}: {seen[o.run, stage]} stage.wide events of {stage}"
        for o in outcomes
        for stage in o.outputs
        if seen[o.run, stage] != 1
    ]


def wide_failure_missing(events: Events, outcomes: Sequence[Outcome]) -> list[str]:
    """Failed runs whose failing stage has no `stage.wide` event with status failed."""
    seen = wide_stages(events)
    failed = [(o, str(getattr(o.error, "stage", ""))) for o in outcomes if o.status == "failed"]
    return [
        f"run of record {o.job.number}: {stage} failed and no stage.wide event says so"
        for o, stage in failed
        if not seen[o.run, stage, "failed"]
    ]


def wide_pipeline_wrong(events: Events, outcomes: Sequence[Outcome]) -> list[str]:
    """Runs without exactly one `pipeline.wide` event of the right status."""
    ends = {"ok": "completed", "failed": "failed", "cancelled": "cancelled", "refused": "cancelled"}
    found = []
    for outcome in outcomes:
        rows = [e["data"] for e in events if e["type"] == "pipeline.wide" and e["data"].get("pipeline_run_id") == outcome.run]
        states = [row.get("status") for row in rows]
        if states != [ends[outcome.status]]:
            found.append(f"run of record {outcome.job.number} ended {outcome.status}; its pipeline.wide events say {states}")
    return found


def summary_disagrees(events: Events, outcomes: Sequence[Outcome]) -> list[str]:
    """`pipeline.wide` summaries whose number of stages is not that of the run's outputs."""
    found = []
    by_run = {e["data"].get("pipeline_run_id"): e["data"] for e in events if e["type"] == "pipeline.wide"}
    for outcome in outcomes:
        summary = by_run.get(outcome.run)
        if summary is not None and outcome.status == "ok" and sum(summary["stage_counts"].values()) != len(outcome.outputs):
            found.append(f"run of record {outcome.job.number}: {summary['stage_counts']} in the summary, {len(outcome.outputs)} outputs")
    return found


def ids_missing(events: Events, names: Sequence[str] = CORRELATIONS) -> list[str]:
    """Events without one of the correlation ids."""
    return [f"{event['type']} has no {name}" for event in events for name in names if not event["data"].get(name)]


def foreign_ids(events: Events, org_of_run: Mapping[str, str]) -> list[str]:
    """Events of a run that carry the organisation of another tenant."""
    return [
        f"{event['type']} of a run of {org_of_run[run]} carries {event['data']['org_id']}"
        for event in events
        for run in [str(event["data"].get("pipeline_run_id"))]
        if event["data"].get("org_id") and run in org_of_run and event["data"]["org_id"] != org_of_run[run]
    ]


def log_pairs_missing(lines: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome]) -> list[str]:
    """Finished stages without one line for their start and one for their end."""
    seen = Counter((line["correlation_id"], line["message"].split(" - ")[0]) for line in lines if line["logger"] == "stage_interceptor")
    found = []
    for outcome in outcomes:
        for stage in outcome.outputs:
            for what in ("starting", "completed"):
                if (times := seen[outcome.run, f"Stage {what}: {stage}"]) != 1:
                    found.append(f"run of record {outcome.job.number}: {times} lines 'Stage {what}: {stage}'")
    return found


def errors_unlogged(lines: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome]) -> list[str]:
    """Failed runs without a line of level ERROR."""
    loud = {line["correlation_id"] for line in lines if line["level"] in ("ERROR", "CRITICAL")}
    return [
        f"run of record {o.job.number} failed and no ERROR line says so" for o in outcomes if o.status == "failed" and o.run not in loud
    ]


def errors_in_good_runs(lines: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome]) -> list[str]:
    """Lines of level ERROR of runs that ended ok."""
    good = {outcome.run for outcome in outcomes if outcome.status == "ok"}
    return [f"{line['logger']}: {line['message'][:100]}" for line in lines if line["level"] == "ERROR" and line["correlation_id"] in good]


def completeness(missing: Sequence[str], outcomes: Sequence[Outcome], per_stage: int) -> float | None:
    """Share of the expected marks (`per_stage` for each finished stage) that are there."""
    wanted = per_stage * sum(len(outcome.outputs) for outcome in outcomes)
    return round(1 - len(missing) / wanted, 4) if wanted else None
