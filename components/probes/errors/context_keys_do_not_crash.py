"""Logging an error works with whatever context keys it is given."""

import logging

from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="log_stage_error raises KeyError for context keys such as 'filename' or 'name', in place of the error to be logged",
    claim="The error helpers log an error with the given context; they do not raise themselves.",
    source="invariant:fail safe",
    component="stageflow.stages.errors.log_stage_error",
    subsystem="errors",
    category="reliability",
    type="reliability",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Reporting a failure with such a key ends in a KeyError, and the failure itself is not logged.",
    recommendation="Put the context into one `extra` entry, or prefix keys that LogRecord reserves.",
    workaround="Avoid the names of LogRecord attributes as keys.",
)

HELPERS = {
    "log_stage_error": ("pipeline_error", lambda error, extra: (["stage", error], {"additional_context": extra})),
    "log_debug_failure": ("debug_operations", lambda error, extra: (["operation", error, extra], {})),
    "handle_async_task_error": ("async_tasks", lambda error, extra: (["job", error, extra], {})),
}
CASES = tuple(
    Case(
        f"{helper}-{key}",
        {"helper": helper, "key": key},
        "" if helper == "log_stage_error" else f"{helper} raises KeyError for context keys such as 'filename' or 'name'",
        f"stageflow.stages.errors.{helper}",
        f"stageflow.stages.errors:{helper} #context-keys",
    )
    for key in ("document", "filename", "name")
    for helper in HELPERS
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.pipeline.dag"), need("stageflow.stages.errors")
    return CASES


def check(call, key):
    logging.disable(logging.NOTSET)
    try:
        call({key: "report.pdf"})
    except KeyError as error:
        raise Violation("the error is logged", "KeyError") from error


def scenario(params):
    name, arguments = HELPERS[params["helper"]]
    logging.getLogger(name).propagate = False
    logging.getLogger(name).addHandler(logging.NullHandler())
    helper = need(f"stageflow.stages.errors:{params['helper']}")

    def call(extra):
        given, named = arguments(ValueError("bad"), extra)
        helper(*given, **named)

    check(call, params["key"])


def control(params):
    logger = logging.getLogger("probe")
    logger.propagate = False
    check(lambda extra: logger.error("failed", extra={"context": extra}), params["key"])
    expect_equal(logger.name, "probe", "logger")
