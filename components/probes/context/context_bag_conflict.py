"""A context bag keeps the first value of a key and names both writers of a conflict."""

import asyncio
import warnings

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ContextBag lets a second stage overwrite a key, or blames the wrong one",
    claim="A key written by one stage cannot be written by another: DataConflictError names key, first and second writer, "
    "and the first value stays.",
    source="docstring:stageflow.context.bag.ContextBag",
    component="stageflow.context.ContextBag",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Parallel stages overwrite each other's data.",
    recommendation="Check and write under the lock, and pass the stored writer to the error.",
)

CASES = (Case("one after the other", {"concurrent": False}), Case("concurrent", {"concurrent": True}))


class DataConflictError(Exception):
    def __init__(self, key, existing_writer, new_writer):
        super().__init__(key)
        self.key, self.existing_writer, self.new_writer = key, existing_writer, new_writer


class DictBag:
    """The rule in plain Python."""

    def __init__(self):
        self._kept = {}

    async def write(self, key, value, stage_name):
        if key in self._kept:
            raise DataConflictError(key, self._kept[key][1], stage_name)
        self._kept[key] = (value, stage_name)

    def read(self, key, default=None):
        return self._kept.get(key, (default, None))[0]

    def get_writer(self, key):
        return self._kept.get(key, (None, None))[1]

    def keys(self):
        return list(self._kept)

    def has(self, key):
        return key in self._kept

    def to_dict(self):
        return {key: value for key, (value, _) in self._kept.items()}


async def verdict(bag, concurrent):
    rows = (("k", 0, "first"), ("k", 1, "second"), ("other", None, "second"))
    writes = [bag.write(*row) for row in rows]
    if concurrent:
        answers = await asyncio.gather(*writes, return_exceptions=True)
    else:
        answers = [(await asyncio.gather(write, return_exceptions=True))[0] for write in writes]
    conflicts = [[error.key, error.existing_writer, error.new_writer] for error in answers if type(error).__name__ == "DataConflictError"]
    seen = [
        conflicts,
        bag.read("k", 9),
        bag.get_writer("k"),
        bag.read("z", 9),
        bag.get_writer("z"),
        bag.keys(),
        bag.has("k"),
        bag.has("z"),
        bag.to_dict(),
    ]
    expect_equal(
        seen,
        [[["k", "first", "second"]], 0, "first", 9, None, ["k", "other"], True, False, {"k": 0, "other": None}],
        "conflicts, values and writers",
    )


@promised
async def scenario(params):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bag = need("stageflow.context:ContextBag")()
    await verdict(bag, params["concurrent"])


async def control(params):
    await verdict(DictBag(), params["concurrent"])
