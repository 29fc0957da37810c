"""Words of a custom profanity list are found however they are written in the list."""

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Words with a capital letter in ContentFilter's profanity_list are never found",
    claim="Every word of a custom profanity list is blocked, whatever its case in the list and in the text.",
    source="docstring:stageflow.helpers.ContentFilter.__init__",
    component="stageflow.helpers.ContentFilter.__init__",
    subsystem="guardrails",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Names and other words with capitals in a block list are let through.",
    recommendation="Lower the words of the list once in the constructor.",
    workaround="Pass the list in lower case.",
    cause="stageflow.helpers.guardrails:ContentFilter.__init__",
)

CASES = (Case("capital letter", {"word": "Fudge"}), Case("all capitals", {"word": "FUDGE"}))


def blocked(word):
    found = need("stageflow.helpers:ContentFilter")(profanity_list={word}).check(f"Oh {word} it")
    expect(not found.passed, f"a text with {word!r} is blocked", "it passed")


@promised
def scenario(params):
    blocked(params["word"])


def control(params):
    blocked(params["word"].lower())
