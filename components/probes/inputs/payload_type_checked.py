"""expected_type is enforced when a payload is read, in both readers."""

from components.lab.flow import stage_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A payload reader does not check expected_type, or the stage's status",
    claim="A payload of another type raises TypeError, a stage that is not OK RuntimeError, a missing one KeyError.",
    source="docs/guides/stages.md#typed-payload-helpers",
    component="stageflow.stages.payloads.payload_from_results",
    subsystem="inputs",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A wrong object travels on until it breaks something far away.",
    recommendation="Check with isinstance before returning the payload.",
)

MODULE = "stageflow.stages.payloads"
TYPES = {"dict": dict, "str": str, "none": None}
ROWS = (("ok", "dict", "dict"), ("ok", "str", "TypeError"), ("ok", "none", "dict"), ("missing", "none", "KeyError"))
CASES = tuple(
    Case(
        f"{reader}, {status}, expected {kind}",
        {"reader": reader, "status": status, "kind": kind, "expected": expected},
        component=f"{MODULE}.{reader}",
    )
    for reader in ("payload_from_inputs", "payload_from_results")
    for status, kind, expected in (*ROWS, *((("fail", "none", "RuntimeError"),) if reader == "payload_from_results" else ()))
)


def read_kind(read):
    try:
        return type(read()).__name__
    except Exception as error:
        return type(error).__name__


def scenario(params):
    helpers = need(MODULE)
    payload = {"payload": {"n": 1}}
    output = (
        helpers.fail_output(error="no", **payload)
        if params["status"] == "fail"
        else helpers.ok_output(helpers.StagePayloadResult(**payload))
    )
    outputs = {} if params["status"] == "missing" else {"s": output}
    make = need("stageflow.stages.inputs:create_stage_inputs")
    inputs = make(snapshot=stage_context().snapshot, prior_outputs=outputs, declared_deps=["s"])
    source = inputs if params["reader"] == "payload_from_inputs" else need("stageflow.pipeline.results:PipelineResults")(outputs)
    seen = read_kind(lambda: getattr(helpers, params["reader"])(source, "s", expected_type=TYPES[params["kind"]]))
    expect_equal(seen, params["expected"], "type of what is read, or of the exception")


def control(params):
    def read():
        stored = {} if params["status"] == "missing" else {"s": {"n": 1}}
        if params["status"] == "fail":
            raise RuntimeError("not ok")
        if TYPES[params["kind"]] and not isinstance(stored["s"], TYPES[params["kind"]]):
            raise TypeError("other type")
        return stored["s"]

    expect_equal(read_kind(read), params["expected"], "type of what is read, or of the exception")
