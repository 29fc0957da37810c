"""A validation error carries its stages and its structured details, also after more context was attached to it."""

import json

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A pipeline validation error loses its stages, its path or its structured details",
    claim="to_dict() has the message, the stages and error_info; with_context() adds to the context and keeps the rest.",
    source="docstring:stageflow.pipeline.spec.PipelineValidationError.with_context",
    component="stageflow.pipeline.spec.PipelineValidationError",
    subsystem="builder",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Logs and APIs cannot tell which stages are wrong.",
    recommendation="Keep every argument and serialise it under its own name.",
)

OWNER = "stageflow.pipeline.spec.PipelineValidationError"
CYCLE = "stageflow.pipeline.spec.CycleDetectedError"
INFO = {"code": "C-1", "summary": "S", "context": {"stage": "a"}}
CASES = (
    Case("to_dict", {"how": "to_dict", "added": []}, component=f"{OWNER}.to_dict"),
    Case("to_dict without details", {"how": "bare", "added": []}, component=f"{OWNER}.to_dict"),
    Case("with_context", {"how": "to_dict", "added": [{"run": "r"}]}, component=f"{OWNER}.with_context"),
    Case("with_context twice", {"how": "to_dict", "added": [{"run": "r"}, {"user": "u"}]}, component=f"{OWNER}.with_context"),
    Case("with_context without details", {"how": "bare", "added": [{"run": "r"}]}, component=f"{OWNER}.with_context"),
    Case("cycle", {"how": "cycle", "stages": None}, component=CYCLE),
    Case("cycle, stages given", {"how": "cycle", "stages": ["a", "b"]}, component=CYCLE),
)
PATH = ["a", "b", "c", "a"]


def wanted(params):
    if params["how"] == "cycle":
        return {"path": PATH, "stages": params["stages"] or PATH, "in text": True, "in details": PATH, "in repr": True}
    context = INFO["context"] | {key: value for extra in params["added"] for key, value in extra.items()}
    info = None if params["how"] == "bare" else INFO | {"context": context}
    return {"message": "no good", "stages": ["a", "b"], "error_info": info, "same object": True}


def scenario(params):
    if params["how"] == "cycle":
        error = need("stageflow.pipeline.spec:CycleDetectedError")(PATH, stages=params["stages"])
        details = error.to_dict()["error_info"] or {}
        text, shown = (" -> ".join(PATH) in str(error)), (str(PATH) in repr(error))
        inside = dict(details.get("context") or {}).get("cycle_path")
        seen = {"path": error.cycle_path, "stages": error.stages, "in text": text, "in details": inside, "in repr": shown}
    else:
        make = need("stageflow.contracts:ContractErrorInfo")
        info = None if params["how"] == "bare" else make(code="C-1", summary="S", context={"stage": "a"})
        first = error = need("stageflow.pipeline.spec:PipelineValidationError")("no good", ["a", "b"], error_info=info)
        for extra in params["added"]:
            error = error.with_context(**extra)
        told = error.to_dict()
        details = told["error_info"] and {name: told["error_info"].get(name) for name in INFO}
        plain = details and details | {"context": dict(details["context"] or {})}
        json.dumps(told)
        seen = {"message": told["message"], "stages": told["stages"], "error_info": plain, "same object": error is first}
    expect_equal(seen, wanted(params), "what the error tells")


def control(params):
    if params["how"] == "cycle":
        seen = {"path": PATH, "stages": params["stages"] or PATH, "in text": True, "in details": list(PATH), "in repr": True}
    else:
        context = dict(INFO["context"])
        for extra in params["added"]:
            context.update(extra)
        info = None if params["how"] == "bare" else {"code": "C-1", "summary": "S", "context": context}
        seen = {"message": "no good", "stages": ["a", "b"], "error_info": info, "same object": True}
    expect_equal(seen, wanted(params), "what the error tells")
