"""Names that differ only after many characters stay different."""

import asyncio
import warnings

from components.lab.flow import pipeline_context, stage_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Names are cut: two long ones that differ at the end are taken for one",
    claim="A store keeps what is put under a name apart from what is put under another one, however long the names are.",
    source="invariant:isolation",
    component="stageflow.context.OutputBag.write",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="One stage's or extension's data replaces another's.",
    recommendation="Use the whole name as key.",
)

FIRST, SECOND = "a-name-" * 20 + "1", "a-name-" * 20 + "2"


async def output_bag(sync):
    bag, output = need("stageflow.context:OutputBag")(), need("stageflow:StageOutput")
    for n, name in enumerate((FIRST, SECOND)):
        written = (bag.write_sync if sync else bag.write)(name, output.ok(n=n), allow_overwrite=True)
        await written if asyncio.iscoroutine(written) else None
    return [[bag.get_value(name, "n"), bag.get(name).stage_name == name] for name in (FIRST, SECOND)]


async def context_bag():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bag = need("stageflow.context:ContextBag")()
    for n, name in enumerate((FIRST, SECOND)):
        await bag.write(name, n, name)
    return [[bag.read(name), bag.get_writer(name) == name] for name in (FIRST, SECOND)]


async def registry():
    extensions = need("stageflow.extensions:ExtensionRegistry")
    extensions.register(FIRST, int)
    extensions.register(SECOND, str)
    return [[n, extensions.get(name) is kind] for n, (name, kind) in enumerate(((FIRST, int), (SECOND, str)))]


async def stage_metadata():
    ctx = pipeline_context()
    for n, name in enumerate((FIRST, SECOND)):
        ctx.set_stage_metadata(name, {"n": n})
    return [[ctx.get_stage_metadata(name)["n"], True] for name in (FIRST, SECOND)]


async def inputs():
    outputs = {name: need("stageflow:StageOutput").ok({name: n}) for n, name in enumerate((FIRST, SECOND))}
    make = need("stageflow.stages.inputs:create_stage_inputs")
    made = make(snapshot=stage_context().snapshot, prior_outputs=outputs, declared_deps=list(outputs), stage_name="me")
    return [[made.get(name), made.get_from(name, name) == n] for n, name in enumerate((FIRST, SECOND))]


STORES = {
    "stageflow.context.OutputBag.write": lambda: output_bag(False),
    "stageflow.context.OutputBag.write_sync": lambda: output_bag(True),
    "stageflow.context.ContextBag.write": context_bag,
    "stageflow.extensions.ExtensionRegistry.register": registry,
    "stageflow.stages.context.PipelineContext.set_stage_metadata": stage_metadata,
    "stageflow.stages.inputs.StageInputs.get": inputs,
}
CASES = tuple(Case(name.removeprefix("stageflow."), {"store": name}, component=name) for name in STORES)


@promised
async def scenario(params):
    expect_equal(await STORES[params["store"]](), [[0, True], [1, True]], "what was stored under each of the two names")


async def control(params):
    plain = {name: n for n, name in enumerate((FIRST, SECOND))}
    expect_equal([[plain[name], True] for name in (FIRST, SECOND)], [[0, True], [1, True]], "what a dict holds under each of the two names")
