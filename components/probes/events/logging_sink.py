"""The logging sink writes one record for each event, at its level, with type and data."""

import logging

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="LoggingEventSink logs an event not once, at another level, or without its data",
    claim="Each event becomes one log record of the logger stageflow.events at the configured level, carrying event_type and event_data.",
    source="docs/api/events.md#loggingeventsink",
    component="stageflow.events.LoggingEventSink",
    subsystem="events",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The log, for many the only telemetry, lacks events.",
    recommendation="Log once with the level of the sink and the event in extra.",
)

CASES = (
    Case("try_emit default", {"way": "try_emit", "level": None}),
    Case("emit default", {"way": "emit", "level": None}),
    Case("try_emit warning", {"way": "try_emit", "level": logging.WARNING}),
    Case("emit debug", {"way": "emit", "level": logging.DEBUG}),
)


class Keeper(logging.Handler):
    """Keeps the records."""

    def __init__(self):
        super().__init__(0)
        self.rows = []

    def emit(self, record):
        kind = getattr(record, "event_type", "absent")
        self.rows.append([record.levelno, kind, getattr(record, "event_data", "absent"), kind in record.getMessage()])


class Plain:
    """The rule with the logging module."""

    def __init__(self, level=logging.INFO):
        self._level = level

    def try_emit(self, *, type, data):
        logging.getLogger("stageflow.events").log(self._level, "Event: %s", type, extra={"event_type": type, "event_data": data})

    async def emit(self, *, type, data):
        self.try_emit(type=type, data=data)


async def verdict(make, params):
    keeper, logger = Keeper(), logging.getLogger("stageflow.events")
    logging.disable(logging.NOTSET)
    logger.setLevel(1)
    logger.addHandler(keeper)
    logger.propagate, logging.getLogger().disabled = False, False
    sink = make() if params["level"] is None else make(level=params["level"])
    for n, data in enumerate(({"a": 1}, None)):
        if params["way"] == "emit":
            await sink.emit(type=f"event.{n}", data=data)
        else:
            sink.try_emit(type=f"event.{n}", data=data)
    level = logging.INFO if params["level"] is None else params["level"]
    expect_equal(
        keeper.rows,
        [[level, "event.0", {"a": 1}, True], [level, "event.1", None, True]],
        "[level, type, data, type in the text] of the records",
    )


@promised
async def scenario(params):
    await verdict(need("stageflow.events:LoggingEventSink"), params)


async def control(params):
    await verdict(Plain, params)
