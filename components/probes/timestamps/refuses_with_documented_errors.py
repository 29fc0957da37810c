"""A value that is no timestamp is refused with the documented exception types."""

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="parse_timestamp raises OverflowError, which the documented handlers do not catch, for out-of-range input",
    claim="parse_timestamp raises TypeError for a value that is no text or number and ValueError for anything it cannot read.",
    source="docstring:stageflow.helpers.timestamps.parse_timestamp",
    component="stageflow.helpers.parse_timestamp",
    subsystem="timestamps",
    category="reliability",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="One odd field ('inf', 400 digits, a placeholder date of year 1 or 9999 with an offset) ends a stage written as in the guide.",
    recommendation="Catch OverflowError in parse_timestamp and detect_unix_precision and raise ValueError from it.",
    workaround="Catch OverflowError as well.",
    cause="stageflow.helpers.timestamps:parse_timestamp",
)

CASES = tuple(
    Case(name, {"value": value, "error": error})
    for name, value, error in (
        ("words", "not a timestamp", "ValueError"),
        ("empty", "  ", "ValueError"),
        ("none", None, "TypeError"),
        ("list", [1706020200], "TypeError"),
        ("nanoseconds", 1706020200000000000, "ValueError"),
        ("no-such-day", "2023-02-30T00:00:00Z", "ValueError"),
        ("no-such-hour", "2024-01-23T25:00:00Z", "ValueError"),
        ("nan", "nan", "ValueError"),
        ("infinity", "inf", "ValueError"),
        ("too-many-digits", "1" * 400, "ValueError"),
        ("before-year-1", "0001-01-01T00:00:00+01:00", "ValueError"),
        ("after-year-9999", "9999-12-31T23:59:59-05:00", "ValueError"),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def check(call, params):
    seen = raised(call, params["value"])
    expect(seen == params["error"], params["error"], seen or "no error")


@promised
def scenario(params):
    check(need("stageflow.helpers:parse_timestamp"), params)


def control(params):
    def plain(value):
        raise TypeError("type") if not isinstance(value, str | int | float) else ValueError("value")

    check(plain, params)
