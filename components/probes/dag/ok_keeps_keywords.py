"""StageOutput.ok keeps everything it is given."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="StageOutput.ok(data, key=value) drops the keyword values",
    claim="All values given to StageOutput.ok(), as a dict and as keywords, are in the output's data.",
    source="docs/api/core.md#constructors",
    component="stageflow.core.stage_output.StageOutput.ok",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Values that a stage returned are not there for the stages behind it.",
    recommendation="Merge data and keywords, or refuse the combination.",
    workaround="Pass one dict.",
    cause="stageflow.core.stage_output:StageOutput.ok #keywords",
)

CASES = (
    Case("keywords", {"data": None, "keywords": {"a": 1, "b": None}}),
    Case("dict", {"data": {"a": 1, "b": 0}, "keywords": {}}),
    Case("dict and keyword", {"data": {"a": 1}, "keywords": {"b": 2}}),
    Case("empty dict and keyword", {"data": {}, "keywords": {"b": 2}}),
)


def scenario(params):
    output = need("stageflow:StageOutput").ok(params["data"], **params["keywords"])
    expect_equal(dict(output.data), (params["data"] or {}) | params["keywords"], "data of the output")


def control(params):
    def ok(data=None, **keywords):
        return {**(data or {}), **keywords}

    expect_equal(ok(params["data"], **params["keywords"]), (params["data"] or {}) | params["keywords"], "data of a plain output")
