"""The helpers of PipelineResults answer by name and status."""

from components.lab.dag_kit import raised_by
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A helper of PipelineResults answers wrongly",
    claim="require, require_ok, data, output, ok and failed answer by the stage's presence and status, and raise where they say so.",
    source="docs/api/pipeline.md#run",
    component="stageflow.pipeline.results.PipelineResults",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A failed or skipped stage is taken for a good one.",
    recommendation="Compare the output's status with OK and FAIL.",
)

CASES = (
    Case("ok", {"status": "ok", "expected": [True, "nothing", "nothing", {"k": 1}, []]}),
    Case("skip", {"status": "skip", "expected": [False, "nothing", "RuntimeError", {"k": 1, "reason": ""}, []]}),
    Case("cancel", {"status": "cancel", "expected": [False, "nothing", "RuntimeError", {"k": 1, "cancel_reason": ""}, []]}),
    Case("fail", {"status": "fail", "expected": [False, "nothing", "RuntimeError", {"k": 1}, ["s"]]}),
    Case("missing", {"status": None, "expected": [False, "KeyError", "KeyError", {"default": 1}, []]}),
)


def asked(results):
    default = {"default": 1}
    return [
        results.ok("s"),
        raised_by(lambda: results.require("s")),
        raised_by(lambda: results.require_ok("s")),
        dict(results.data("s", default)),
        results.failed(),
    ]


def scenario(params):
    make = need("stageflow:StageOutput")
    outputs = {"other": make.ok()}
    if params["status"]:
        outputs["s"] = getattr(make, params["status"])(data={"k": 1})
    results = need("stageflow.pipeline.results:PipelineResults")(outputs)
    expect_equal(asked(results), list(params["expected"]), "[ok, require raises, require_ok raises, data, failed]")


class PlainResults(dict):
    def ok(self, name):
        return self.get(name, ("none",))[0] == "ok"

    def require(self, name):
        return self[name]

    def require_ok(self, name):
        if self[name][0] != "ok":
            raise RuntimeError(name)

    def data(self, name, default):
        return self[name][1] if name in self else default

    def failed(self):
        return [name for name, row in self.items() if row[0] == "fail"]


def control(params):
    key = {"skip": {"reason": ""}, "cancel": {"cancel_reason": ""}}.get(params["status"], {})
    rows = {"s": (params["status"], {"k": 1} | key)} if params["status"] else {}
    expect_equal(asked(PlainResults(rows)), list(params["expected"]), "[ok, require raises, require_ok raises, data, failed]")
