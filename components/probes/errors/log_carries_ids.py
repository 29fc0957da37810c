"""An error log of a stage or provider carries the ids of the run and the type of the error."""

import logging

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An error log lacks the ids of its run",
    claim="The helpers log an error with full context: run, request and session id, stage or provider, error type and message.",
    source="docstring:stageflow.stages.errors.log_stage_error",
    component="stageflow.stages.errors.log_stage_error",
    subsystem="errors",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="A logged failure cannot be assigned to a request.",
    recommendation="Put every id of the context into the record under its own name.",
)

CASES = (
    Case("stage", {"helper": "log_stage_error", "logger": "pipeline_error", "own": {"stage": "s"}}),
    Case(
        "provider",
        {"helper": "handle_provider_error", "logger": "provider_error", "own": {"provider": "s", "operation": "call"}},
        component="stageflow.stages.errors.handle_provider_error",
    ),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.pipeline.dag"), need("stageflow.stages.errors")
    return CASES


IDS = ("pipeline_run_id", "request_id", "session_id")


class Keeper(logging.Handler):
    """Keeps records."""

    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


def keeper_of(name):
    logging.disable(logging.NOTSET)
    keeper, logger = Keeper(), logging.getLogger(name)
    logger.addHandler(keeper)
    logger.propagate = False
    return keeper


def check(record, ctx, own):
    wanted = (
        {name: str(getattr(ctx, name)) for name in IDS} | own | {"error_type": "ValueError", "error_message": "bad", "levelname": "ERROR"}
    )
    expect_equal([name for name, value in wanted.items() if getattr(record, name, None) != value], [], "fields missing or wrong")


def scenario(params):
    keeper, ctx = keeper_of(params["logger"]), pipeline_context()
    arguments = ["s", ValueError("bad"), ctx] if params["helper"] == "log_stage_error" else ["s", "call", ValueError("bad"), ctx]
    need(f"stageflow.stages.errors:{params['helper']}")(*arguments)
    check(keeper.records[0], ctx, params["own"])


def control(params):
    keeper, ctx = keeper_of("probe"), pipeline_context()
    extra = {name: str(getattr(ctx, name)) for name in IDS} | params["own"] | {"error_type": "ValueError", "error_message": "bad"}
    logging.getLogger("probe").error("failed", extra=extra)
    check(keeper.records[0], ctx, params["own"])
