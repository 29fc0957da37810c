"""PipelineResults hands out the outputs under their names, defaults only for missing ones, and errors that say what is there."""

from components.lab.probe import Case, Probe, expect, expect_equal, need

PROBE = Probe(
    title="PipelineResults hands out the wrong output or default, or its error does not say what is there",
    claim="output, data, require, require_ok and failed go by the stage's name; defaults stand in for missing stages only.",
    source="docs/api/pipeline.md#run",
    component="stageflow.pipeline.results.PipelineResults",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A missing stage passes for an empty one, or the wrong stage's output is used.",
    recommendation="Look the name up, and use the default only when it is not there.",
)

METHODS = ("output", "data", "require", "require_ok", "failed")
ROWS = (
    ("output, there", "output", ["a"], "a", []),
    ("output, there, default", "output", ["b", "default"], "b", []),
    ("output, missing", "output", ["z"], None, []),
    ("output, missing, default", "output", ["z", "default"], "default", []),
    ("data, there", "data", ["b"], {"me": "b"}, []),
    ("data, there, default", "data", ["b", {"d": 1}], {"me": "b"}, []),
    ("data, there and empty", "data", ["empty", {"d": 1}], {}, []),
    ("data, missing", "data", ["z"], "KeyError", ["z"]),
    ("data, missing, default", "data", ["z", {"d": 1}], {"d": 1}, []),
    ("data, missing, empty default", "data", ["z", {}], {}, []),
    ("data of a failed stage", "data", ["x"], {"me": "x"}, []),
    ("require, there", "require", ["a"], "a", []),
    ("require, failed", "require", ["x"], "x", []),
    ("require, missing", "require", ["z"], "KeyError", ["'z'", "a, b, c, empty, s, x, y"]),
    ("require_ok, ok", "require_ok", ["b"], "b", []),
    ("require_ok, failed", "require_ok", ["x"], "RuntimeError", ["'x'", "fail", "no disk"]),
    ("require_ok, skipped", "require_ok", ["s"], "RuntimeError", ["'s'", "skip", "not today"]),
    ("require_ok, cancelled", "require_ok", ["c"], "RuntimeError", ["'c'", "cancel", "stopped"]),
    ("require_ok, missing", "require_ok", ["z"], "KeyError", ["'z'", "a, b, c, empty, s, x, y"]),
    ("failed", "failed", [], ["y", "x"], []),
)
CASES = tuple(
    Case(
        name,
        {"method": method, "arguments": arguments, "answer": answer, "told": told},
        component=f"stageflow.pipeline.results.PipelineResults.{method}",
    )
    for name, method, arguments, answer, told in ROWS
)


def stages(make):
    named = {name: make.ok(data={"me": name}) for name in "ba"}
    named |= {name: make.fail(error="no disk", data={"me": name}) for name in "yx"}
    return named | {"empty": make.ok(), "s": make.skip(reason="not today"), "c": make.cancel(reason="stopped")}


def asked(results, kept, method, arguments):
    """The answer, an output by its stage's name; the error's type and text."""
    try:
        found = getattr(results, method)(*arguments)
    except Exception as error:
        return type(error).__name__, str(error)
    return next((name for name, output in kept.items() if output is found), found), ""


def judge(answer, text, params):
    expect_equal(answer, params["answer"], f"{params['method']}({', '.join(map(repr, params['arguments']))})")
    missing = [part for part in params["told"] if part not in text]
    expect(not missing, f"an error that tells {', '.join(params['told'])}", f"an error without {', '.join(missing)}")


def scenario(params):
    kept = stages(need("stageflow:StageOutput"))
    results = need("stageflow.pipeline.results:PipelineResults")(kept)
    judge(*asked(results, kept, params["method"], params["arguments"]), params)


def control(params):
    names = {"a", "b", "c", "empty", "s", "x", "y"}
    name = params["arguments"][0] if params["arguments"] else ""
    answer, text = params["answer"], ""
    if name == "z" and answer == "KeyError":
        text = f"{name!r} is none of {', '.join(sorted(names))}"
    elif answer == "RuntimeError":
        text = f"{name!r}: " + {"x": "fail, no disk", "s": "skip, not today", "c": "cancel, stopped"}[name]
    judge(answer, text, params)
