"""Enrichments tell whether they hold anything."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised, sample

PROBE = Probe(
    title="Enrichments.has_any is wrong",
    claim="has_any is true when a profile, memory, document or web result is present, and false otherwise.",
    source="docstring:stageflow.context.enrichments.Enrichments.has_any",
    component="stageflow.context.Enrichments.has_any",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages enrich again, or answer without the evidence that is there.",
    recommendation="Check all four fields.",
)

FIELDS = {"profile": "ProfileEnrichment", "memory": "MemoryEnrichment", "documents": "DocumentEnrichment", "web_results": ""}
CASES = (Case("nothing", {"present": []}), *(Case(name, {"present": [name]}) for name in FIELDS), Case("all", {"present": list(FIELDS)}))


def value(name):
    """Something for the field."""
    if name == "web_results":
        return [{"url": "x"}]
    made = sample(need(f"stageflow.context:{FIELDS[name]}"), name, False)
    return [made] if name == "documents" else made


@promised
def scenario(params):
    found = need("stageflow.context:Enrichments")(**{name: value(name) for name in params["present"]})
    expect_equal(found.has_any, bool(params["present"]), f"has_any with {params['present']}")


def control(params):
    expect_equal(any([value(name) for name in params["present"]]), bool(params["present"]), "any of the values")
