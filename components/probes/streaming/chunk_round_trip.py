"""An audio chunk comes back from `to_dict`, JSON and `from_dict` as it was."""

import copy

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, difference, promised, round_trip_difference

PROBE = Probe(
    title="An audio chunk does not survive its own serialization",
    claim="AudioChunk.from_dict(chunk.to_dict()) restores the chunk: bytes, format, rate, sequence, time and metadata.",
    source="docs/guides/voice-audio.md#audio-chunk-management",
    component="stageflow.helpers.AudioChunk",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Audio that went over the wire is played in the wrong format or order.",
    recommendation="Write and read every field.",
)

CASES = tuple(Case(filling, {"filling": filling}) for filling in ("default", "smallest", "filled"))


@promised
def scenario(params):
    found = round_trip_difference(need("stageflow.helpers:AudioChunk"), params["filling"])
    expect(not found, "the chunk comes back equal in every field and type", found)


def control(params):
    original = build(need("stageflow.helpers:AudioChunk"), params["filling"])
    found = difference(original, copy.deepcopy(original))
    expect(not found, "a copy is equal in every field and type", found)
