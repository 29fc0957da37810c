"""An error is logged with its own traceback; that of a background task also from its done callback."""

import logging

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="handle_async_task_error logs no traceback when it is called from a task's done callback",
    claim="An error handed to a logging helper is logged with its own traceback; that of a task also in its done callback.",
    source="invariant:telemetry",
    component="stageflow.stages.errors.handle_async_task_error",
    subsystem="errors",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The log does not say where the error happened ('NoneType: None' in place of a traceback).",
    recommendation="Pass exc_info=error instead of exc_info=True, which takes the exception being handled, if any.",
    workaround="Log the traceback yourself.",
)

HELPERS = {
    "handle_async_task_error": ("async_tasks", lambda error, ctx: ["job", error]),
    "log_stage_error": ("pipeline_error", lambda error, ctx: ["stage", error, ctx]),
    "log_debug_failure": ("debug_operations", lambda error, ctx: ["operation", error]),
    "handle_provider_error": ("provider_error", lambda error, ctx: ["model", "complete", error, ctx]),
}
CASES = tuple(
    Case(
        f"{helper}-{'handling' if handling else 'callback'}",
        {"helper": helper, "handling": handling},
        f"{helper} logs no traceback of the error" if helper != "handle_async_task_error" else "",
        f"stageflow.stages.errors.{helper}",
        f"stageflow.stages.errors:{helper} #traceback",
    )
    for helper, handling in (*((helper, True) for helper in HELPERS), ("handle_async_task_error", False))
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.pipeline.dag"), need("stageflow.stages.errors")
    return CASES


class Keeper(logging.Handler):
    """Keeps records."""

    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


def logged(name, call, handling):
    """Records of logger `name` after `call(error)`, while the error is being handled or later."""
    logging.disable(logging.NOTSET)
    keeper, kept = Keeper(), None
    logger = logging.getLogger(name)
    logger.addHandler(keeper)
    logger.propagate = False
    try:
        raise LookupError("gone")
    except LookupError as error:
        kept = error
        if handling:
            call(error)
    if not handling:
        call(kept)
    return keeper.records


def check(records):
    expect_equal(
        [record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "none" for record in records],
        ["LookupError"],
        "tracebacks logged",
    )


def scenario(params):
    name, arguments = HELPERS[params["helper"]]
    helper = need(f"stageflow.stages.errors:{params['helper']}")
    check(logged(name, lambda error: helper(*arguments(error, pipeline_context())), params["handling"]))


def control(params):
    check(logged("probe", lambda error: logging.getLogger("probe").error("failed", exc_info=error), params["handling"]))
