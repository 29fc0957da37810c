"""A memory entry survives its dictionary form, also through JSON."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A memory entry changes when it is stored as a dictionary and read back",
    claim="MemoryEntry.from_dict(entry.to_dict()) equals the entry, with its id, session, role, content, exact time and metadata.",
    source="invariant:round trip",
    component="stageflow.helpers.MemoryEntry",
    subsystem="memory",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Persistent memory stores bring back something else than was said.",
    recommendation="Write and read every field in to_dict and from_dict without loss.",
)

CASES = tuple(
    Case(f"{name}-{zone}", {"content": content, "metadata": metadata, "zone_minutes": zone})
    for name, content, metadata in (
        ("plain", "hello", {}),
        ("empty", "", {"tags": []}),
        ("unicode", "żółw 🐢\n\t\x00", {"nested": {"a": [1, 2.5, None, True]}}),
    )
    for zone in (0, 330, -210)
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


@promised
def scenario(params):
    entry_class = need("stageflow.helpers:MemoryEntry")
    zone = timezone(timedelta(minutes=params["zone_minutes"])) if params["zone_minutes"] else UTC
    entry = entry_class(
        id="m1",
        session_id=uuid.UUID(int=7),
        role="assistant",
        content=params["content"],
        timestamp=datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=zone),
        metadata=params["metadata"],
    )
    back = entry_class.from_dict(json.loads(json.dumps(entry.to_dict())))
    same = [getattr(back, name) == getattr(entry, name) for name in ("id", "session_id", "role", "content", "timestamp", "metadata")]
    expect_equal([*same, back.timestamp.utcoffset() == entry.timestamp.utcoffset()], [True] * 7, "fields kept, and the offset")


def control(params):
    data = {"content": params["content"], "metadata": params["metadata"]}
    expect_equal(json.loads(json.dumps(data)), data, "the same fields through JSON")
