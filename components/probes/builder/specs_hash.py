"""Equal stage specifications have equal hashes, so that sets and mappings of them work."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A PipelineSpec cannot be used in sets and mappings",
    claim="A PipelineSpec is hashable; equal ones have equal hashes and count once, ones that differ in a setting count separately.",
    source="docstring:stageflow.pipeline.spec.PipelineSpec.__hash__",
    component="stageflow.pipeline.spec.PipelineSpec.__hash__",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Code that collects specifications keeps doubles or crashes.",
    recommendation="Hash the compared fields.",
)

BASE = {"name": "a", "dependencies": ["b"], "inputs": ["i"], "outputs": ["o"], "conditional": False, "args": {"x": 1}}
OTHERS = (
    {"name": "c"},
    {"dependencies": ["d"]},
    {"inputs": []},
    {"outputs": []},
    {"conditional": True},
    {"args": {"x": 2}},
    {"runner": "other"},
)
CASES = (Case("same", {"changed": {}}), *(Case(f"other {next(iter(changed))}", {"changed": changed}) for changed in OTHERS))


class Runner:
    pass


class OtherRunner:
    pass


def fields_of(changed):
    fields = {"runner": Runner} | BASE | dict(changed)
    fields["runner"] = OtherRunner if fields["runner"] == "other" else fields["runner"]
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def judge(make, changed):
    first, second = make(fields_of({})), make(fields_of(changed))
    try:
        seen = [len({first, second}), hash(first) == hash(make(fields_of({}))), {first: 1}.get(make(fields_of({})))]
    except TypeError as error:
        seen = type(error).__name__
    expect_equal(seen, [2 if changed else 1, True, 1], "[specs in a set, equal ones hash alike, found again in a mapping]")


def scenario(params):
    judge(lambda fields: need("stageflow.pipeline.spec:PipelineSpec")(**fields), params["changed"])


def control(params):
    judge(lambda fields: tuple((name, str(value)) for name, value in fields.items()), params["changed"])
