"""StageOutput's with_…() methods change one field and keep all others."""

import dataclasses

from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="A with_…() method of StageOutput loses other fields",
    claim="A with_…() method returns a copy in which only the named field differs.",
    source="docstring:stageflow.core.stage_output.StageOutput.with_duration",
    component="stageflow.core.stage_output.StageOutput",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="The executor stamps a duration on every output: what the copy loses is lost for every stage.",
    recommendation="Use dataclasses.replace.",
)

VALUES = {
    "data": {"k": [1]},
    "artifacts": ["artifact"],
    "events": ["event"],
    "error": "broken",
    "duration_ms": 7,
    "version": "v1",
}


def cases():
    output = need("stageflow:StageOutput")
    kinds = [kind.value for kind in need("stageflow:StageStatus")]
    changers = sorted(name for name in vars(output) if name.startswith("with_"))
    return [
        Case(f"{name}, {kind}", {"method": name, "status": kind}, component=f"stageflow.core.stage_output.StageOutput.{name}")
        for name in changers
        for kind in kinds
    ]


def field_named(method, names):
    wanted = method.removeprefix("with_")
    return next(name for name in names if name.startswith(wanted))


def judge_copy(before, after, changed):
    lost = sorted(name for name, value in before.items() if name != changed and after.get(name) != value)
    if lost or after[changed] != 99:
        raise Violation(f"only {changed} to change, to 99", f"{changed} = {after[changed]!r}, also changed: {lost}")


def scenario(params):
    output = need("stageflow:StageOutput")
    names = [field.name for field in dataclasses.fields(output)]
    given = {name: value for name, value in VALUES.items() if name in names}
    first = output(status=need("stageflow:StageStatus")(params["status"]), **given)
    changed = field_named(params["method"], names)
    second = getattr(first, params["method"])(99)
    judge_copy({name: getattr(first, name) for name in names}, {name: getattr(second, name) for name in names}, changed)


def control(params):
    first = {"status": params["status"], **VALUES}
    changed = field_named(params["method"], first)
    judge_copy(first, first | {changed: 99}, changed)
