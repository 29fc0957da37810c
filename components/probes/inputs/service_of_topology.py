"""extract_service gives the service part of a topology name."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="extract_service does not give the service part of a topology name",
    claim="chat_fast gives chat, kernel names and None give None.",
    source="docstring:stageflow.stages.context.extract_service",
    component="stageflow.stages.context.extract_service",
    subsystem="inputs",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Events are filed under the wrong service.",
    recommendation="Cut at the last underscore, and return None for kernels.",
)

CASES = tuple(
    Case(str(topology), {"topology": topology, "service": service})
    for topology, service in (
        ("chat_fast", "chat"),
        ("voice_accurate", "voice"),
        ("long_name_fast", "long_name"),
        ("chat", "chat"),
        ("fast_kernel", None),
        (None, None),
    )
)


def scenario(params):
    expect_equal(need("stageflow.stages.context:extract_service")(params["topology"]), params["service"], "service")


def control(params):
    name = params["topology"]
    kernel = name is None or name.endswith("_kernel")
    expect_equal(None if kernel else name.rpartition("_")[0] or name, params["service"], "service")
