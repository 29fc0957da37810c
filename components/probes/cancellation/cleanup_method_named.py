"""A bound method can be registered as a cleanup under a name."""

from components.lab.dag_kit import raised_by
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A bound method cannot be registered as a named cleanup",
    claim="register(callback, name=…) accepts any async callable, such as a connection's close method.",
    source="docstring:stageflow.pipeline.cancellation.CleanupRegistry.register",
    component="stageflow.pipeline.cancellation.CleanupRegistry.register",
    subsystem="cancellation",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="The cleanup register(connection.close, name='db') raises in the stage that has just opened the connection.",
    recommendation="Store (name, callback) pairs instead of setting an attribute on the callback.",
    workaround="Register without a name, or wrap the method in an async def.",
    cause="stageflow.pipeline.cancellation:CleanupRegistry.register",
)

CASES = (Case("function", {"kind": "function"}), Case("method", {"kind": "method"}))


class Database:
    async def close(self):
        """Give the connection back."""


async def close_all():
    """Give all connections back."""


def scenario(params):
    registry = need("stageflow.pipeline.cancellation:CleanupRegistry")()
    callback = Database().close if params["kind"] == "method" else close_all
    expect_equal(raised_by(lambda: registry.register(callback, name="db")), "nothing", "what register(callback, name=…) raises")


def control(params):
    callbacks = []
    callback = Database().close if params["kind"] == "method" else close_all
    expect_equal(raised_by(lambda: callbacks.append(("db", callback))), "nothing", "what a list of pairs raises")
