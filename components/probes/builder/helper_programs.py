"""Whatever helpers are used one after the other, the pipeline has exactly the stages and edges that they describe."""

import warnings

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="A sequence of builder helpers makes other stages, edges or conditions than it describes",
    claim="Each helper adds its stages with its runners, linked as described, and leaves all earlier stages alone.",
    source="docstring:stageflow.pipeline.builder_helpers.FluentPipelineBuilder",
    component="stageflow.pipeline.builder_helpers.FluentPipelineBuilder",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages run before their input is there, wait for nothing, or are missing.",
    recommendation="Derive names and dependencies from the stages just added, and keep the tail up to date.",
)

MODULE = "stageflow.pipeline.builder_helpers"
FLUENT = f"{MODULE}.FluentPipelineBuilder"
ONE = [["stage", ["root"], []]]
FLUENT_ROWS = (
    ("stage", [["stage", ["root"], []], ["stage", ["next"], ["root"]], ["stage", ["maybe"], [], "conditional"]]),
    ("linear_chain", [*ONE, ["linear_chain", ["s"], None, 3]]),
    ("linear_chain, nothing before", [["linear_chain", ["s"], None, 3]]),
    ("linear_chain, one", [*ONE, ["linear_chain", ["s"], None, 1], ["linear_chain", ["t"], None, 1]]),
    ("linear_chain, none", [*ONE, ["linear_chain", ["s"], None, 0], ["linear_chain", ["t"], None, 2]]),
    ("linear_chain, elsewhere", [*ONE, ["stage", ["tail"], []], ["linear_chain", ["s"], ["root"], 2]]),
    ("linear_chain, not linked", [*ONE, ["linear_chain", ["s"], [], 2]]),
    ("parallel", [*ONE, ["parallel", ["s"], None, 3], ["linear_chain", ["t"], None, 1]]),
    ("parallel, nothing before", [["parallel", ["s"], None, 2]]),
    ("parallel, one", [*ONE, ["parallel", ["s"], None, 1]]),
    ("parallel, elsewhere", [*ONE, ["stage", ["tail"], []], ["parallel", ["s"], ["root"], 2]]),
    ("fan_out_fan_in", [*ONE, ["fan_out_fan_in", ["first", "last"], None, 3], ["linear_chain", ["t"], None, 1]]),
    ("fan_out_fan_in, nothing before", [["fan_out_fan_in", ["first", "last"], None, 1]]),
)
PLAIN_ROWS = (
    ("with_linear_chain", [*ONE, ["linear_chain", ["s"], ["root"], 3]]),
    ("with_linear_chain, none", [*ONE, ["linear_chain", ["s"], ["root"], 0]]),
    ("with_linear_chain, negative", [*ONE, ["linear_chain", ["s"], ["root"], -1]]),
    ("with_linear_chain, one", [*ONE, ["linear_chain", ["s"], None, 1]]),
    ("with_parallel_stages, none", [*ONE, ["parallel", ["s"], ["root"], 0]]),
    ("with_parallel_stages, one", [*ONE, ["parallel", ["s"], ["root"], 1]]),
    ("with_parallel_stages, free", [*ONE, ["parallel", ["s"], None, 2]]),
    ("with_parallel_stages", [*ONE, ["stage", ["two"], []], ["parallel", ["s"], ["root", "two"], 3]]),
    ("with_fan_out_fan_in", [*ONE, ["fan_out_fan_in", ["first", "last"], ["root"], 3]]),
    ("with_fan_out_fan_in, free", [["fan_out_fan_in", ["first", "last"], None, 1]]),
    ("with_conditional_branch", [*ONE, ["conditional_branch", ["router", "merge", "x", "y"], ["root"]]]),
    ("with_conditional_branch, no merge", [["conditional_branch", ["router", "", "x", "y", "z"], None]]),
)
CASES = (
    *(Case(f"fluent {name}", {"fluent": True, "steps": steps}, component=f"{FLUENT}.{name.split(',')[0]}") for name, steps in FLUENT_ROWS),
    *(Case(name, {"fluent": False, "steps": steps}, component=f"{MODULE}.{name.split(',')[0]}") for name, steps in PLAIN_ROWS),
)


def case_of(params):
    step = params["steps"][-1][0] if params["steps"] else "stage"
    owner = f"{FLUENT}.{step}" if params["fluent"] else f"{MODULE}.with_{step.replace('parallel', 'parallel_stages')}"
    return Case("", params, component=owner)


def strategy():
    from hypothesis import strategies as st

    return st.tuples(st.booleans(), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)), max_size=5)).map(program)


def program(drawn):
    """Turn numbers into a sequence of steps with fresh names that link to earlier stages only."""
    fluent, rows = drawn
    steps, known = [], []
    for at, (kind, count, link) in enumerate(rows):
        names = [f"{word}{at}" for word in ("first", "last", "x", "y")]
        after = None if link == 0 else known[-link:] or None
        if kind == 0:
            steps.append(["stage", names[:1], after or [], *(["conditional"] if count % 2 else [])])
        elif kind == 4 and not fluent:
            steps.append(["conditional_branch", names, after])
        else:
            name = ("linear_chain", "parallel", "fan_out_fan_in")[kind % 3]
            fixed = name == "fan_out_fan_in"
            steps.append([name, names[:2] if fixed else names[:1], None if fixed and fluent else after, max(count, 1) if fixed else count])
        known = list(model(steps, fluent))
    return {"fluent": fluent, "steps": steps}


def linked(step, tail):
    """(name, dependencies, conditional) of the stages that one step adds, and the stage that the next one links to."""
    kind, names, after, *more = step
    after = list(after) if after is not None else list(tail)
    if kind == "stage":
        return [(names[0], after, bool(more))], names
    made = [f"{names[0]}{n}" for n in range(more[0])] if more else []
    if kind == "linear_chain":
        return [(name, [made[n - 1]] if n else after, False) for n, name in enumerate(made)], made[-1:] or tail
    if kind == "parallel":
        return [(name, after, False) for name in made], []
    first, last, *branches = names
    inner = branches or [f"{first}_{n}" for n in range(more[0])]
    rows = [(first, after, False), *((name, [first], bool(branches)) for name in inner)]
    return rows + ([(last, inner, False)] if last else []), [last]


def model(steps, fluent):
    """Stages that the steps describe."""
    rows, tail = {}, []
    for step in steps:
        new, tail = linked(step, tail if fluent and step[0] != "stage" else [])
        rows |= {name: [after, conditional] for name, after, conditional in new}
        tail = tail if fluent else []
    return rows


class Runner:
    def __init__(self, name):
        self.name = name

    async def execute(self, ctx):
        return {}


def factory(prefix, kept):
    def make(index):
        name = f"{prefix}{index}"
        return name, kept.setdefault(name, Runner(name))

    return make


def apply_plain(pipe, step, kept):
    """One step on a `PipelineBuilder`."""
    kind, names, after, *more = step
    after = tuple(after) if after is not None else None
    pairs = [(name, kept.setdefault(name, Runner(name))) for name in names if name]
    if kind == "stage":
        return pipe.with_stage(*pairs[0], dependencies=after, conditional=bool(more))
    if kind == "conditional_branch":
        add, branches = (
            need(f"{MODULE}:with_conditional_branch"),
            {f"key {at}": pair for at, pair in enumerate(pairs[1 + bool(names[1]) :])},
        )
        return add(pipe, pairs[0], branches, pairs[1] if names[1] else None, router_depends_on=after)
    if kind == "fan_out_fan_in":
        inner = factory(f"{names[0]}_", kept)
        return need(f"{MODULE}:with_fan_out_fan_in")(pipe, pairs[0], more[0], inner, pairs[1], fan_out_depends_on=after)
    if kind == "parallel":
        return need(f"{MODULE}:with_parallel_stages")(pipe, more[0], factory(names[0], kept), depends_on=after)
    return need(f"{MODULE}:with_linear_chain")(pipe, more[0], factory(names[0], kept), first_depends_on=after)


def apply_fluent(pipe, step, kept):
    """One step on a `FluentPipelineBuilder`."""
    kind, names, after, *more = step
    after = tuple(after) if after is not None else None
    pairs = [(name, kept.setdefault(name, Runner(name))) for name in names]
    if kind == "stage":
        return pipe.stage(*pairs[0], depends_on=after, conditional=bool(more))
    if kind == "fan_out_fan_in":
        return pipe.fan_out_fan_in(pairs[0], more[0], factory(f"{names[0]}_", kept), pairs[1])
    if kind == "parallel":
        return pipe.parallel(more[0], factory(names[0], kept), depends_on=after)
    return pipe.linear_chain(more[0], factory(names[0], kept), first_depends_on=after)


def scenario(params):
    warnings.simplefilter("ignore")
    fluent, kept = params["fluent"], {}
    pipe = need(f"{MODULE}:FluentPipelineBuilder")("p") if fluent else need("stageflow.pipeline.builder:PipelineBuilder")(name="p")
    try:
        for step in params["steps"]:
            pipe = (apply_fluent if fluent else apply_plain)(pipe, step, kept)
        pipe = pipe.builder if fluent else pipe
        rows = {name: [list(spec.dependencies), spec.conditional, spec.runner is kept.get(name)] for name, spec in pipe.stages.items()}
    except NotApplicable:
        raise
    except Exception as error:
        rows = f"{type(error).__name__} raised"
    wanted = {name: [*row, True] for name, row in model(params["steps"], fluent).items()}
    expect_equal(rows, wanted, "[dependencies, conditional, own runner] of each stage")


def control(params):
    rows, tail = [], []
    for step in params["steps"]:
        new, tail = linked(step, tail if params["fluent"] and step[0] != "stage" else [])
        rows += new
        tail = tail if params["fluent"] else []
    seen = {name: [after, conditional] for name, after, conditional in rows}
    expect_equal(seen, model(params["steps"], params["fluent"]), "[dependencies, conditional] of each stage")
