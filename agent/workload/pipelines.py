"""The five pipelines of an entry and the tests they know, rendered from templates; and the lab code they use."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from agent.core.artifacts import TestCategory
from agent.core.errors import UsageError
from agent.core.roadmap import Entry
from agent.core.settings import project_root
from agent.core.workload import Ask, Lookup, Stage, Validate, Workload, Write
from agent.workload.rendering import render
from agent.workload.stages import as_fields, dag_lines, views

PipelineName = Literal["baseline", "stress", "chaos", "adversarial", "recovery"]
LAB_MODULES = ("bench", "effects", "faults", "harness", "load", "oracles", "records", "services", "telemetry", "trial")
PURPOSES: dict[PipelineName, str] = {
    "baseline": "Normal operation: right answers, complete telemetry, and seven ways to notice a silent failure.",
    "stress": "High load and many runs at once: latency from intended start, throughput, memory, the degradation curve.",
    "chaos": "Faults on purpose: errors, lost and doubled answers, services that hang, services that stay down.",
    "adversarial": "Malformed input, instructions hidden in texts, tenants that must not see or disturb each other.",
    "recovery": "Cancelled, abandoned and half-done runs, what they leave behind, and running them again.",
}
TRIAL_NAMES: dict[PipelineName, tuple[str, ...]] = {
    "baseline": ("Outcome",),
    "stress": ("Job", "Outcome"),
    "chaos": (),
    "adversarial": ("Outcome", "UpstreamMissing"),
    "recovery": ("Job", "Outcome", "run_graph", "run_id", "run_plain"),
}


@dataclass(frozen=True)
class PipelineTest:
    """One test of one pipeline file: `python pipelines/<pipeline>.py --test <id>`.

    Attributes:
        seconds: how long it may take before it gives up by itself.
        function: its name in the file.
        quiet: only warnings and above are logged.
    """

    id: str
    category: TestCategory
    pipeline: PipelineName
    seconds: float
    claim: str
    function: str
    quiet: bool = False


def pipeline_tests(entry: Entry) -> list[PipelineTest]:
    """Every test of the entry's pipelines, in the order in which they are meant to run."""
    load = entry.workload.load
    ramp = len(load.ramp) * (load.seconds_per_step + 6) + 10
    return [
        PipelineTest("baseline-correctness", "correctness", "baseline", 20, "decisions and outputs against the golden ones", "correctness"),
        PipelineTest("baseline-observability", "observability", "baseline", 20, "events and log lines agree with what happened", "observability"),
        PipelineTest("baseline-silent-failures", "silent_failures", "baseline", 20, "seven ways to notice a silent failure", "silent_failures"),
        PipelineTest("stress-performance", "performance", "stress", 20, "latency and throughput at a hundredth of the target", "performance", True),
        PipelineTest("stress-scalability", "scalability", "stress", ramp, "the degradation curve at 1x, 10x and 100x", "scalability", True),
        PipelineTest("stress-interleaving", "correctness", "stress", 20, "many runs of one graph at once, and memory after them", "interleaving", True),
        PipelineTest("chaos-faults", "reliability", "chaos", 20, "before, during and after a storm of faults", "faults"),
        PipelineTest("chaos-retries", "reliability", "chaos", 20, "how often a stage that keeps failing is tried", "retries"),
        PipelineTest("chaos-timeouts", "reliability", "chaos", 30, "services that do not answer", "timeouts"),
        PipelineTest("chaos-default-stack", "silent_failures", "chaos", 20, "an outage under the default interceptors", "default_stack"),
        PipelineTest("chaos-lost-answers", "silent_failures", "chaos", 20, "writes whose answer is lost or that come twice", "lost_answers"),
        PipelineTest("adversarial-malformed", "security", "adversarial", 20, "malformed records are refused", "malformed"),
        PipelineTest("adversarial-injection", "security", "adversarial", 20, "instructions hidden in texts", "injection"),
        PipelineTest("adversarial-tenants", "security", "adversarial", 20, "tenants interleaved on one graph", "tenants"),
        PipelineTest("recovery-cancelled", "reliability", "recovery", 20, "cancelled half-way and run again", "cancelled"),
        PipelineTest("recovery-client-gone", "reliability", "recovery", 20, "the awaiting task is cancelled during a write", "client_gone"),
        PipelineTest("recovery-compensation", "reliability", "recovery", 20, "the last write fails and earlier ones are taken back", "compensation"),
        PipelineTest("recovery-idempotency-key", "silent_failures", "recovery", 30, "each request twice under one key", "idempotency_key"),
    ]  # fmt: skip


def pipeline_code(entry: Entry) -> dict[str, str]:
    """File name to text of the files of `pipelines/`, deterministic."""
    shared = common_values(entry)
    tests = pipeline_tests(entry)
    return {
        f"{name}.py": render(
            f"{name}.py.j2",
            **shared,
            pipeline=name,
            title=name.capitalize(),
            purpose=purpose,
            tests=[asdict(test) for test in tests if test.pipeline == name],
            trial_names=sorted({*shared["trial_base"], *TRIAL_NAMES[name]}),
            uses_any=shared["uses_any"] or name in ("baseline", "stress"),
        )
        for name, purpose in PURPOSES.items()
    }


def lab_files() -> dict[str, str]:
    """Files of `pipelines/lab/` by path: copies of the lab modules, importing each other in their new place."""
    lab = project_root() / "components" / "lab"
    files = {"pipelines/lab/__init__.py": '"""Lab code that the pipelines use: copies, so that the run folder needs nothing else."""\n'}
    for module in LAB_MODULES:
        text = (lab / f"{module}.py").read_text(encoding="utf-8")
        files[f"pipelines/lab/{module}.py"] = text.replace("components.lab.", "pipelines.lab.")
    return files


def common_values(entry: Entry) -> dict[str, Any]:
    """What all five templates need."""
    workload = entry.workload
    stages = views(workload)
    validate = next((s.does for s in workload.stages if isinstance(s.does, Validate)), None)
    asks = [s for s in workload.stages if isinstance(s.does, Ask)]
    refusals = {refusal for view in stages for refusal in view.refuses}
    lines = [line for view in stages for line in view.lines]
    functions = ["Field"] * bool(validate) + [name for name in ("contains", "problems", "redacted") if any(f"{name}(" in line for line in lines)]
    return {
        "entry": entry,
        "workload": workload,
        "dag": dag_lines(workload),
        "stages": stages,
        "has_copies": any(view.constant for view in stages),
        "uses_any": any("Any" in annotation for view in stages for annotation in view.gives.values()),
        "refusals": refusals,
        "record_functions": functions,
        "trial_base": ["Request", "Step", "Upstream", "request_of", "upstream_of"] + ["Rejected"] * ("Rejected" in refusals),
        "validates": validate is not None,
        "forbidden": validate.forbid if validate else (),
        "fields": as_fields(workload),
        "storm": storm(workload),
        "probe": probe(workload),
        "main_write": write(workload.stages),
        "last_write": write(tuple(reversed(workload.stages))),
        "write_services": sorted({s.does.service for s in workload.stages if isinstance(s.does, Write)}),
        "service_names": [service.name for service in workload.services],
        "text_field": next((f.name for f in workload.fields if f.type == "text"), ""),
        "llm": next((s.name for s in workload.services if s.kind == "llm"), ""),
        "llm_outputs": [(s.name, s.does.into) for s in asks if isinstance(s.does, Ask)],
    }


def storm(workload: Workload) -> list[dict[str, Any]]:
    """The entry's faults that a retry can cure, as arguments of the lab's `Fault`."""
    rows = []
    for fault in workload.faults:
        if fault.kind not in ("timeout", "cancel"):
            row: dict[str, Any] = {"kind": fault.kind, "target": fault.service or fault.stage}
            row |= {name: value for name in ("rate", "nth", "milliseconds") if (value := getattr(fault, name))}
            rows.append(row)
    return rows


def probe(workload: Workload) -> dict[str, str]:
    """A stage that always asks a service that no other stage asks: where single faults are put."""
    asking = [s for s in workload.stages if isinstance(s.does, Lookup | Ask | Write)]
    users = [s.does.service for s in asking if isinstance(s.does, Lookup | Ask | Write)]
    for stage in asking:
        does = stage.does
        if isinstance(does, Lookup | Ask | Write) and users.count(does.service) == 1 and not stage.copies and not getattr(does, "when", ""):
            return {"stage": stage.name, "service": does.service}
    raise UsageError("a workload needs a stage that always asks a service of its own")


def write(stages: tuple[Stage, ...]) -> dict[str, str]:
    """The first write among these stages."""
    for stage in stages:
        if isinstance(stage.does, Write):
            return {"stage": stage.name, "service": stage.does.service, "operation": stage.does.operation}
    raise UsageError("a workload needs a stage that writes")
