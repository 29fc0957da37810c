"""Inputs, payloads and stage classes are made with exactly what they are given."""

from components.lab.flow import stage_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A factory of stage inputs or outputs loses what it is given",
    claim="create_stage_inputs, the payload helpers, stage_metadata and create_skills_extension keep each argument; what is left out has "
    "its documented default.",
    source="docstring:stageflow.stages.inputs.create_stage_inputs",
    component="stageflow.stages.inputs.create_stage_inputs",
    subsystem="inputs",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Undeclared data is read without an error, or declared data is refused.",
    recommendation="Pass each argument on; only None stands for the default.",
)


def inputs(**given):
    return need("stageflow.stages.inputs:create_stage_inputs")(snapshot=stage_context().snapshot, **given)


def direct(**given):
    return need("stageflow.stages.inputs:StageInputs")(snapshot=stage_context().snapshot, **given)


def dependencies(given):
    found = inputs(declared_deps=given).declared_deps
    return [type(found).__name__, sorted(found)]


def refused(made):
    try:
        made.get_from("other", "k")
    except Exception as error:
        return [type(error).__name__, "'me'" in str(error), "'other'" in str(error)]
    return "nothing"


def same_objects():
    outputs, ports = {"a": need("stageflow:StageOutput").ok(k=1)}, need("stageflow.stages.ports:create_core_ports")(db=1)
    made = inputs(prior_outputs=outputs, ports=ports, stage_name="me")
    return [made.get_output("a") is outputs["a"], made.ports is ports, made.stage_name]


def payload(maker, **given):
    helpers = need("stageflow.stages.payloads")
    return getattr(helpers, maker)(helpers.StagePayloadResult(payload=1), **given).data


def failed(**given):
    output = need("stageflow.stages.payloads:fail_output")(error="broken", **given)
    return [output.status.value, output.error, output.data]


def summary_of(**data):
    return need("stageflow.stages.payloads:summary_from_output")(need("stageflow:StageOutput").ok(data=data))


def marked(kind):
    class Stage:
        """A stage."""

    found = need("stageflow.core.stage_metadata:stage_metadata")(name="s", kind=kind)(Stage)
    return [found is Stage, getattr(found, "name", None), getattr(found, "kind", None) is need("stageflow:StageKind").GUARD]


def skills(**given):
    return need("stageflow.extensions:create_skills_extension")(**given)


REFUSED = ["UndeclaredDependencyError", True, True]
SKILLS = {"active_skill_ids": ["a"], "current_level": "x", "skill_progress": {"a": 0}}
EMPTY = {"active_skill_ids": [], "current_level": None, "skill_progress": {}}
INPUTS, PAYLOADS = "stageflow.stages.inputs", "stageflow.stages.payloads"
FACTS = {
    "list of dependencies": (f"{INPUTS}.create_stage_inputs", lambda: dependencies(["b", "a"]), ["frozenset", ["a", "b"]]),
    "set of dependencies": (f"{INPUTS}.create_stage_inputs", lambda: dependencies({"b", "a"}), ["frozenset", ["a", "b"]]),
    "frozenset of dependencies": (f"{INPUTS}.create_stage_inputs", lambda: dependencies(frozenset("ab")), ["frozenset", ["a", "b"]]),
    "no dependencies": (f"{INPUTS}.create_stage_inputs", lambda: dependencies([]), ["frozenset", []]),
    "given objects": (f"{INPUTS}.create_stage_inputs", same_objects, [True, True, "me"]),
    "strict by default": (f"{INPUTS}.create_stage_inputs", lambda: refused(inputs(declared_deps=["a"], stage_name="me")), REFUSED),
    "strict by default, direct": (f"{INPUTS}.StageInputs", lambda: refused(direct(declared_deps=frozenset("a"), stage_name="me")), REFUSED),
    "nothing by default": (
        f"{INPUTS}.StageInputs",
        lambda: [direct().prior_outputs, direct().ports, direct().stage_name],
        [{}, None, None],
    ),
    "ok payload": (f"{PAYLOADS}.ok_output", lambda: payload("ok_output"), {"payload": 1, "summary": {}}),
    "cancel reason": (f"{PAYLOADS}.cancel_output", lambda: payload("cancel_output", reason="enough").get("cancel_reason"), "enough"),
    "no cancel reason": (f"{PAYLOADS}.cancel_output", lambda: payload("cancel_output").get("cancel_reason"), ""),
    "fail": (f"{PAYLOADS}.fail_output", lambda: failed(payload=0), ["fail", "broken", {"payload": 0, "summary": {}}]),
    "fail without payload": (f"{PAYLOADS}.fail_output", failed, ["fail", "broken", {"payload": None, "summary": {}}]),
    "no summary": (
        f"{PAYLOADS}.summary_from_output",
        lambda: [summary_of(), summary_of(summary=5), summary_of(summary={"a": 1})],
        [{}, {}, {"a": 1}],
    ),
    "kind as text": ("stageflow.core.stage_metadata", lambda: marked("guard"), [True, "s", True]),
    "kind": ("stageflow.core.stage_metadata", lambda: marked(need("stageflow:StageKind").GUARD), [True, "s", True]),
    "skills": ("stageflow.extensions.create_skills_extension", lambda: skills(**SKILLS), SKILLS),
    "no skills": ("stageflow.extensions.create_skills_extension", skills, EMPTY),
}
CASES = tuple(Case(name, {"fact": name}, component=component) for name, (component, _, _) in FACTS.items())


@promised
def scenario(params):
    need("stageflow:StageOutput").ok()  # generated dataclass code does not count as a call of the target
    _, look, wanted = FACTS[params["fact"]]
    expect_equal(look(), wanted, params["fact"])


class Kept:
    """Keeps what it is given."""

    def __init__(self, given=None, strict=True):
        self.names = frozenset() if given is None else frozenset(given)
        self.strict = strict


def control(params):
    expect_equal([sorted(Kept(["b", "a"]).names), sorted(Kept().names), Kept().strict], [["a", "b"], [], True], "what a plain object keeps")
