"""The time stamp of a JSON log line is the time of the event, not of its formatting."""

import json
import logging
from datetime import UTC, datetime

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="JsonLogFormatter stamps lines with the time of formatting instead of the time of the record",
    claim="A log line carries the time at which it was logged, LogRecord.created, as with every formatter of the standard library.",
    source="invariant:telemetry",
    component="stageflow.helpers.run_utils.JsonLogFormatter.format",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="With a queue or memory handler all lines of a burst get the time of the flush: gaps and durations read from the log are wrong.",
    recommendation="Use datetime.fromtimestamp(record.created, UTC).",
    workaround="Do not put queue or memory handlers in front of this formatter.",
    cause="stageflow.helpers.run_utils:JsonLogFormatter.format",
)

CASES = (Case("formatted later", {"created": 1_700_000_000.25}),)


class Plain(logging.Formatter):
    """The rule in plain Python."""

    def format(self, record):
        return json.dumps({"timestamp": datetime.fromtimestamp(record.created, UTC).isoformat()})


def verdict(formatter, created):
    record = logging.LogRecord("stageflow.x", 20, __file__, 1, "x", (), None)
    record.created = created
    stamp = datetime.fromisoformat(json.loads(formatter.format(record))["timestamp"])
    expect_equal("time of the record" if abs(stamp.timestamp() - created) < 1 else "another time", "time of the record", "timestamp")


@promised
def scenario(params):
    verdict(need("stageflow.helpers.run_utils:JsonLogFormatter")(), params["created"])


def control(params):
    verdict(Plain(), params["created"])
