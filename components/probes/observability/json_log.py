"""A JSON log line is one line of JSON with everything the record says."""

import json
import logging
import sys

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A JSON log line lacks a field, or is not one line of JSON",
    claim="JsonLogFormatter writes one JSON line with level, logger, message, event, stage, duration_ms and the exception.",
    source="docstring:stageflow.helpers.run_utils.JsonLogFormatter",
    component="stageflow.helpers.run_utils.JsonLogFormatter",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Log aggregators drop the line or show it under the wrong level.",
    recommendation="Copy the attributes of the record into the object that is dumped.",
)

CASES = (
    Case("plain", {"level": 20, "text": "hello", "args": [], "extra": {}}),
    Case("arguments", {"level": 30, "text": "%s of %d", "args": ["two", 3], "extra": {}}),
    Case("several lines", {"level": 40, "text": 'a\nb \u00fc "quoted"', "args": [], "extra": {}}),
    Case("extra", {"level": 10, "text": "x", "args": [], "extra": {"event": "stage_failed", "stage": "llm", "duration_ms": 0}}),
    Case("exception", {"level": 40, "text": "x", "args": [], "extra": {}, "raise": "broken"}),
)


def record_of(params):
    """The log record of the case."""
    trace = None
    if "raise" in params:
        try:
            raise ValueError(params["raise"])
        except ValueError:
            trace = sys.exc_info()
    record = logging.LogRecord("stageflow.x", params["level"], __file__, 1, params["text"], tuple(params["args"]), trace)
    record.__dict__.update(params["extra"])
    return record


class Plain(logging.Formatter):
    """The rule in plain Python."""

    def format(self, record):
        row = {"level": record.levelname, "logger": record.name, "message": record.getMessage()}
        row |= {name: getattr(record, name) for name in ("event", "stage", "duration_ms") if hasattr(record, name)}
        return json.dumps(row | ({"exception": self.formatException(record.exc_info)} if record.exc_info else {}))


def verdict(formatter, params):
    text = formatter.format(record_of(params))
    expect_equal(len(text.splitlines()), 1, "lines")
    row = json.loads(text)
    message = params["text"] % tuple(params["args"]) if params["args"] else params["text"]
    wanted = {"level": logging.getLevelName(params["level"]), "logger": "stageflow.x", "message": message, **params["extra"]}
    expect_equal({name: row.get(name) for name in wanted}, wanted, "fields of the line")
    expect_equal("ValueError: broken" in row.get("exception", ""), "raise" in params, "the line has the exception")


@promised
def scenario(params):
    verdict(need("stageflow.helpers.run_utils:JsonLogFormatter")(), params)


def control(params):
    verdict(Plain(), params)
