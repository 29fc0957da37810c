"""Any async callable can be a cleanup: one without a __name__ does not stop the others."""

import functools

from components.lab.dag_kit import ending
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A cleanup without __name__, such as functools.partial, makes run_all raise: it and the cleanups after it never run",
    claim="Every registered cleanup runs, whatever kind of callable it is.",
    source="docstring:stageflow.pipeline.cancellation.CleanupRegistry.register",
    component="stageflow.pipeline.cancellation.CleanupRegistry.run_all",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=False,
    default_setup=True,
    impact="One partial(close, connection) leaves its own resource and all that were registered before it open.",
    recommendation="Ask for the name with getattr(callback, '__name__', repr(callback)).",
    workaround="Wrap the call in an async def.",
    virtual_time=True,
    cause="stageflow.pipeline.cancellation:CleanupRegistry.run_all #name",
)

CASES = (
    Case("function", {"kind": "function"}),
    Case("method", {"kind": "method"}),
    Case("partial", {"kind": "partial"}),
    Case("object", {"kind": "object"}),
)


class Connection:
    def __init__(self, log):
        self.log = log

    async def close(self):
        self.log.append("close")

    async def __call__(self):
        self.log.append("close")


def closer(kind, log):
    async def close(entry="close"):
        log.append(entry)

    connection = Connection(log)
    kinds = {"function": close, "method": connection.close, "partial": functools.partial(close, "close"), "object": connection}
    return kinds[kind]


async def scenario(params):
    log = []

    async def rollback():
        log.append("rollback")

    registry = need("stageflow.pipeline.cancellation:CleanupRegistry")()
    registry.register(rollback)
    registry.register(closer(params["kind"], log))
    await ending(registry.run_all())
    expect_equal(sorted(log), ["close", "rollback"], "cleanups that ran")


async def control(params):
    log = []

    async def rollback():
        log.append("rollback")

    for callback in (closer(params["kind"], log), rollback):
        await callback()
    expect_equal(sorted(log), ["close", "rollback"], "cleanups that ran")
