"""The tests that the five pipelines of an entry know, over all seven categories."""

from dataclasses import dataclass
from typing import Literal, get_args

from agent.core.artifacts import TestCategory
from agent.core.roadmap import Entry
from agent.workload.trouble import siblings

PipelineName = Literal["baseline", "stress", "chaos", "adversarial", "recovery"]


@dataclass(frozen=True)
class PipelineTest:
    """One test of one pipeline file: `python pipelines/<pipeline>.py --test <id>`.

    Attributes:
        id: `<pipeline>-<what>`.
        seconds: how long it may take before it gives up by itself.
        function: its name in the file.
        quiet: only warnings and above are logged, because logging would be what is measured.
    """

    id: str
    category: TestCategory
    pipeline: PipelineName
    seconds: float
    claim: str
    function: str
    quiet: bool = False


TESTS: tuple[tuple[str, TestCategory, str], ...] = (
    ("baseline-correctness", "correctness", "decisions and outputs against the golden ones"),
    ("baseline-observability", "observability", "events and log lines agree with what happened"),
    ("baseline-silent-failures", "silent_failures", "seven ways to notice a silent failure"),
    ("stress-performance", "performance", "latency and throughput at moderate load"),
    ("stress-scalability", "scalability", "the degradation curve at 1x, 10x and 100x"),
    ("stress-interleaving", "correctness", "many runs of one graph at once, and memory after them"),
    ("chaos-faults", "reliability", "before, during and after a storm of faults"),
    ("chaos-retries", "reliability", "how often a stage that keeps failing is tried"),
    ("chaos-timeouts", "reliability", "services that do not answer"),
    ("chaos-default-stack", "silent_failures", "an outage under the default interceptors"),
    ("chaos-lost-answers", "silent_failures", "writes whose answer is lost or that come twice"),
    ("adversarial-malformed", "security", "malformed records are refused"),
    ("adversarial-injection", "security", "instructions hidden in texts"),
    ("adversarial-tenants", "security", "tenants interleaved on one graph"),
    ("adversarial-neighbours", "security", "a healthy run beside one that fails, on one graph"),
    ("recovery-cancelled", "reliability", "cancelled half-way and run again"),
    ("recovery-client-gone", "reliability", "the awaiting task is cancelled during a write"),
    ("recovery-compensation", "reliability", "the last write fails and earlier ones are taken back"),
    ("recovery-idempotency-key", "silent_failures", "each request twice under one key"),
)
SLOW = {"stress-scalability": 40.0, "chaos-timeouts": 30.0, "recovery-idempotency-key": 30.0}
"""Seconds of the tests that may take longer than the rest."""


def pipeline_tests(entry: Entry) -> list[PipelineTest]:
    """Every test of the entry's pipelines, in the order in which they are meant to run."""
    ramp = len(entry.workload.load.ramp) * (entry.workload.load.seconds_per_step + 6)
    found = []
    for id, category, claim in TESTS:
        if id == "adversarial-neighbours" and siblings(entry.workload) is None:
            continue  # without services that are asked side by side a failing run has nothing to wait for
        pipeline, _, what = id.partition("-")
        seconds = max(SLOW.get(id, 20.0), ramp if id == "stress-scalability" else 0.0)
        name = next(known for known in get_args(PipelineName) if known == pipeline)
        found.append(PipelineTest(id, category, name, seconds, claim, what.replace("-", "_"), quiet=pipeline == "stress"))
    return found
