"""The correlation id belongs to one flow of control: set, kept, inherited by its tasks, unseen by others."""

import asyncio
import contextvars
import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The correlation id of one request is seen by another, or lost",
    claim="set, get, ensure and clear work on the current flow of control; tasks started from it inherit the id, others do not see it.",
    source="docs/guides/observability.md#correlation-id-propagation",
    component="stageflow.observability.set_correlation_id",
    subsystem="observability",
    category="security",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Requests are logged under each other's id.",
    recommendation="Keep the id in a ContextVar.",
)

CASES = (
    Case("side by side", {"what": "side by side"}),
    Case("inherited", {"what": "inherited"}),
    Case("set by a child", {"what": "child"}),
    Case("ensure", {"what": "ensure"}),
    Case("clear", {"what": "clear"}),
)


class Variable:
    """Correlation ids in a ContextVar."""

    def __init__(self):
        self._id = contextvars.ContextVar("id", default=None)

    def set_correlation_id(self, value):
        self._id.set(value)

    def get_correlation_id(self):
        return self._id.get()

    def ensure_correlation_id(self):
        if self._id.get() is None:
            self._id.set(uuid.uuid4())
        return self._id.get()

    def clear_correlation_id(self):
        self._id.set(None)


async def request(api, number):
    """Set an id, let the others work, read it back; 0 when it is still the own one."""
    api.set_correlation_id(uuid.UUID(int=number))
    await asyncio.sleep(0.01)
    found = api.get_correlation_id()
    return 0 if found == uuid.UUID(int=number) else 1


async def child(api):
    before = api.get_correlation_id()
    api.set_correlation_id(uuid.UUID(int=99))
    return before and before.int


async def observe(api, what):
    """What the case looks at, as plain data."""
    if what == "side by side":
        return sum(await asyncio.gather(*(request(api, n) for n in range(1, 9))))
    if what == "ensure":
        first = api.ensure_correlation_id()
        return [isinstance(first, uuid.UUID), api.ensure_correlation_id() == first, api.get_correlation_id() == first]
    api.set_correlation_id(uuid.UUID(int=7))
    if what == "clear":
        api.clear_correlation_id()
        return api.get_correlation_id()
    inherited = await asyncio.ensure_future(child(api))
    return inherited if what == "inherited" else api.get_correlation_id().int


WANTED = {"side by side": 0, "inherited": 7, "child": 7, "ensure": [True, True, True], "clear": None}


@promised
async def scenario(params):
    expect_equal(await observe(need("stageflow.observability"), params["what"]), WANTED[params["what"]], params["what"])


async def control(params):
    expect_equal(await observe(Variable(), params["what"]), WANTED[params["what"]], params["what"])
