"""Defaults of the buffered exporter are the documented ones."""

import inspect

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A default of BufferedExporter differs from the documented one",
    claim="BufferedExporter(exporter, *, batch_size=100, flush_interval_seconds=10.0, max_buffer_size=10000, "
    "on_overflow=None, high_water_mark=0.8).",
    source="docs/api/helpers.md#bufferedexporter",
    component="stageflow.helpers.BufferedExporter.__init__",
    subsystem="analytics",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Programs that rely on the documentation lose events earlier, or write them later.",
    recommendation="Use the documented value, or change the documentation with it.",
)

DEFAULTS = {"batch_size": 100, "flush_interval_seconds": 10.0, "max_buffer_size": 10000, "on_overflow": None, "high_water_mark": 0.8}
CASES = (Case("constructor", {"defaults": DEFAULTS}),)


def documented(exporter, *, batch_size=100, flush_interval_seconds=10.0, max_buffer_size=10000, on_overflow=None, high_water_mark=0.8):
    """The documented signature."""


def verdict(found, defaults):
    given = inspect.signature(found).parameters
    expect_equal({name: given[name].default for name in defaults}, defaults, "defaults")


@promised
def scenario(params):
    need("stageflow.context:RunIdentity")().to_dict()
    verdict(need("stageflow.helpers:BufferedExporter"), params["defaults"])


def control(params):
    verdict(documented, params["defaults"])
