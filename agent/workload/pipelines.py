"""The five pipelines of an entry and the tests they know, rendered from templates; and the lab code they use."""

import ast
from collections import Counter
from dataclasses import asdict
from typing import Any

from agent.core.errors import UsageError
from agent.core.operations import Ask, Hear, Speak, Validate, Write
from agent.core.roadmap import Entry
from agent.core.settings import project_root
from agent.workload.catalogue import PipelineName, pipeline_tests
from agent.workload.rendering import render
from agent.workload.stages import as_fields, dag_lines, views
from agent.workload.trouble import probe, siblings, storm, write

LAB_MODULES = ("bench", "effects", "faults", "harness", "load", "oracles", "records", "services", "stall", "telemetry", "trial")
SOUND_MODULES = ("audio/speech", "audio/channel", "audio/stt", "lab/voice")
"""What pipelines need besides that hear and speak."""
PAIR_NAMES = ("Job", "run_graph", "run_plain")
"""What the adversarial pipeline needs besides when it has services that are asked side by side."""
MARGIN = 3.0
"""Seconds for starting and ending the process: a test gives up before whoever runs it does."""
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
    "adversarial": ("Outcome",),
    "recovery": ("Job", "Outcome", "run_graph", "run_id", "run_plain"),
}


def pipeline_code(entry: Entry) -> dict[str, str]:
    """File name to text of the files of `pipelines/`, deterministic."""
    shared = common_values(entry)
    tests = pipeline_tests(entry)
    files = {
        f"{name}.py": render(
            f"{name}.py.j2",
            **shared,
            pipeline=name,
            title=name.capitalize(),
            purpose=purpose,
            tests=[asdict(test) | {"seconds": test.seconds - MARGIN} for test in tests if test.pipeline == name],
            trial_names=sorted(
                {*shared["trial_base"], *TRIAL_NAMES[name], *(PAIR_NAMES if name == "adversarial" and shared["siblings"] else ())}
            ),
            uses_any=shared["rows_are_untyped"] or name in ("baseline", "stress"),
        )
        for name, purpose in PURPOSES.items()
    }
    for name, text in files.items():
        refuse_clashes(entry, name, text)
    return files


def refuse_clashes(entry: Entry, file: str, text: str) -> None:
    """Raise `UsageError` when a stage has the name of something else in the file."""
    tree = ast.parse(text)
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    imported = [alias.asname or alias.name for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    twice = [name for name, times in Counter([*defined, *imported]).items() if times > 1]
    if twice:
        raise UsageError(f"{entry.id}: in {file} these names are taken: {twice}", hint="Rename the stage in the roadmap.")


def lab_files(entry: Entry) -> dict[str, str]:
    """Files of `pipelines/lab/`, and of `pipelines/audio/` when the entry has sound: copies that import each other in their new place."""
    modules = [f"lab/{module}" for module in LAB_MODULES] + [module for module in SOUND_MODULES if has_sound(entry)]
    components = project_root() / "components"
    files = {
        f"pipelines/{folder}/__init__.py": '"""Code that the pipelines use: copies, so that the run folder needs nothing else."""\n'
        for folder in dict.fromkeys(module.partition("/")[0] for module in modules)
    }
    for module in modules:
        text = (components / f"{module}.py").read_text(encoding="utf-8")
        files[f"pipelines/{module}.py"] = text.replace("components.", "pipelines.")
    return files


def has_sound(entry: Entry) -> bool:
    """Whether a stage hears or speaks."""
    return any(isinstance(stage.does, Hear | Speak) for stage in entry.workload.stages)


def common_values(entry: Entry) -> dict[str, Any]:
    """What all five templates need."""
    workload = entry.workload
    stages = views(workload)
    validate = next((s.does for s in workload.stages if isinstance(s.does, Validate)), None)
    asks = [s for s in workload.stages if isinstance(s.does, Ask)]
    refusals = {refusal for view in stages for refusal in view.refuses}
    lines = [line for view in stages for line in view.lines]
    functions = ["Field"] * bool(validate) + [
        name for name in ("contains", "problems", "redacted") if any(f"{name}(" in line for line in lines)
    ]
    return {
        "entry": entry,
        "workload": workload,
        "dag": dag_lines(workload),
        "stages": stages,
        "has_copies": any(view.constant for view in stages),
        "rows_are_untyped": any("Any" in annotation for view in stages for annotation in view.gives.values()),
        "refusals": refusals,
        "record_functions": functions,
        "voice_functions": [name for name in ("heard", "spoken") if any(f"await {name}(" in line for line in lines)],
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
        "calm_factor": next((f for f in workload.load.ramp if workload.load.target_per_second / 100 * f * 4 >= 60), workload.load.ramp[-1]),
        "siblings": siblings(workload),
        "text_field": next((f.name for f in workload.fields if f.type == "text"), ""),
        "llm": next((s.name for s in workload.services if s.kind == "llm"), ""),
        "llm_outputs": [(s.name, s.does.into) for s in asks if isinstance(s.does, Ask)],
    }
