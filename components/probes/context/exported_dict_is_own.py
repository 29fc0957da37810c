"""Editing the dictionary a snapshot was exported to does not change the snapshot."""

import copy

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, difference, promised

PROBE = Probe(
    title="ContextSnapshot.to_dict hands out the snapshot's own containers: editing the export changes the immutable snapshot",
    claim="A snapshot is immutable: what a reader does with the exported dictionary does not change the snapshot.",
    source="docstring:stageflow.context.ContextSnapshot",
    component="stageflow.context.ContextSnapshot.to_dict",
    subsystem="context",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A tool or log shipper that edits its copy (say, redacts it) changes the input of all later stages of the run.",
    recommendation="Copy metadata, web_results, preferences, goals and blocks in to_dict, as PipelineContext.to_dict does with its "
    "metadata.",
    workaround="copy.deepcopy the exported dictionary before changing it.",
)

PATHS = (["metadata"], ["web_results"], ["enrichments", "profile", "preferences"], ["enrichments", "memory", "key_facts"])
CASES = tuple(Case(" ".join(path), {"path": path}) for path in PATHS)


def edit(exported, path):
    """Empty one container of the export."""
    container = exported
    for key in path:
        container = container[key]
    assert container
    container.clear()


def verdict(export, path):
    snapshot = build(need("stageflow.context:ContextSnapshot"), "filled")
    before = copy.deepcopy(snapshot)
    edit(export(snapshot), path)
    found = difference(before, snapshot, "snapshot")
    expect(not found, "the snapshot is as before", "the snapshot changed with the exported dictionary" if found else "")


@promised
def scenario(params):
    verdict(lambda snapshot: snapshot.to_dict(), params["path"])


def control(params):
    verdict(lambda snapshot: copy.deepcopy(snapshot.to_dict()), params["path"])
