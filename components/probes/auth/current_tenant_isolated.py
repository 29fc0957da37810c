"""The current tenant of one task is not seen by another, and asking without one is an error."""

import asyncio
from uuid import UUID

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The current tenant leaks from one request to another",
    claim="set_current_tenant() is seen by its own task only, clear_current_tenant() forgets it, and require_tenant() raises without one.",
    source="docs/guides/authentication.md#tenant-context-variables",
    component="stageflow.auth.set_current_tenant",
    subsystem="auth",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="A request reads the data of the tenant that was served beside it.",
    recommendation="Keep the tenant in a ContextVar.",
    virtual_time=True,
)

CASES = (Case("2 tasks", {"tasks": 2}), Case("20 tasks", {"tasks": 20}))


async def scenario(params):
    store, require = need("stageflow.auth:set_current_tenant"), need("stageflow.auth:require_tenant")
    clear, broken = need("stageflow.auth:clear_current_tenant"), need("stageflow.auth:TenantIsolationError")

    async def request(number):
        store(UUID(int=number + 1))
        await asyncio.sleep(1 + number % 3)
        seen = require().int - 1
        clear()
        try:
            require()
        except broken:
            return seen
        return "still set"

    seen = await asyncio.gather(*(request(number) for number in range(params["tasks"])))
    expect_equal(list(seen), list(range(params["tasks"])), "tenant that each task sees after waiting")


async def control(params):
    async def request(number):
        await asyncio.sleep(1 + number % 3)
        return number

    seen = await asyncio.gather(*(request(number) for number in range(params["tasks"])))
    expect_equal(list(seen), list(range(params["tasks"])), "local variable that each task sees")
