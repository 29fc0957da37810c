"""An output bag refuses a second output of a stage unless overwriting is allowed, and keeps the first."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="OutputBag lets a second output replace the first without allow_overwrite",
    claim="Writing a stage's output again raises OutputConflictError and keeps the first, unless allow_overwrite is set.",
    source="docstring:stageflow.context.output_bag.OutputBag.write",
    component="stageflow.context.OutputBag",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Two stages of one name overwrite each other's result and nobody notices.",
    recommendation="Check for an existing entry under the lock and raise OutputConflictError.",
)

CASES = (
    Case("write by default", {"method": "write", "overwrite": None, "kept": "first", "raised": "OutputConflictError"}),
    Case("write_sync by default", {"method": "write_sync", "overwrite": None, "kept": "first", "raised": "OutputConflictError"}),
    Case("write", {"method": "write", "overwrite": False, "kept": "first", "raised": "OutputConflictError"}),
    Case("write_sync", {"method": "write_sync", "overwrite": False, "kept": "first", "raised": "OutputConflictError"}),
    Case("write allowed", {"method": "write", "overwrite": True, "kept": "second", "raised": "nothing"}),
    Case("write_sync allowed", {"method": "write_sync", "overwrite": True, "kept": "second", "raised": "nothing"}),
    Case("concurrent writes", {"method": "gather", "overwrite": False, "kept": "first", "raised": "OutputConflictError"}),
)


class OutputConflictError(Exception):
    pass


class DictBag:
    """The rule in plain Python."""

    def __init__(self):
        self._outputs = {}

    def write_sync(self, name, output, *, allow_overwrite=False):
        if name in self._outputs and not allow_overwrite:
            raise OutputConflictError(name)
        self._outputs[name] = output

    async def write(self, name, output, *, allow_overwrite=False):
        self.write_sync(name, output, allow_overwrite=allow_overwrite)

    def get_output(self, name):
        return self._outputs[name]


async def write_twice(bag, outputs, method, overwrite):
    """Write both under one name; names of the exceptions."""
    allowed = {} if overwrite is None else {"allow_overwrite": overwrite}
    if method == "write_sync":
        try:
            for output in outputs:
                bag.write_sync("stage", output, **allowed)
        except Exception as error:
            return [type(error).__name__]
        return []
    writes = [bag.write("stage", output, **allowed) for output in outputs]
    if method == "gather":
        answers = await asyncio.gather(*writes, return_exceptions=True)
    else:
        answers = [(await asyncio.gather(write, return_exceptions=True))[0] for write in writes]
    return [type(answer).__name__ for answer in answers if isinstance(answer, Exception)]


async def verdict(bag, outputs, params):
    raised = await write_twice(bag, outputs, params["method"], params["overwrite"])
    names = {id(outputs[0]): "first", id(outputs[1]): "second"}
    seen = {"raised": raised[0] if raised else "nothing", "kept": names.get(id(bag.get_output("stage")), "neither")}
    expect_equal(seen, {"raised": params["raised"], "kept": params["kept"]}, "after two writes")


@promised
async def scenario(params):
    output = need("stageflow:StageOutput")
    await verdict(need("stageflow.context:OutputBag")(), [output.ok(n=1), output.ok(n=2)], params)


async def control(params):
    await verdict(DictBag(), [object(), object()], params)
