"""A Unix timestamp gives the exact instant, in seconds, milliseconds and microseconds, as number or text."""

from datetime import UTC, datetime, timedelta

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="parse_timestamp gives the wrong instant for a Unix timestamp",
    claim="Seconds, milliseconds and microseconds are recognised by their number of digits and give the exact UTC instant.",
    source="docs/guides/timestamps.md#parse_timestamp",
    component="stageflow.helpers.parse_timestamp",
    subsystem="timestamps",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Events are ordered and filtered by wrong times.",
    recommendation="Divide by 1, 1 000 or 1 000 000 according to the detected precision.",
)

MICROSECONDS = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
CASES = tuple(
    Case(f"{precision}:{number}", {"number": number, "precision": precision})
    for number, precision in (
        (0, "seconds"),
        (1, "seconds"),
        (951782400, "seconds"),
        (1706020200, "seconds"),
        (4102444799, "seconds"),
        (9999999999, "seconds"),
        (-1706020200, "seconds"),
        (10000000000, "milliseconds"),
        (951782400000, "milliseconds"),
        (1706020200001, "milliseconds"),
        (1706020200999, "milliseconds"),
        (4294967295999, "milliseconds"),
        (-1706020200123, "milliseconds"),
        (10000000000000, "microseconds"),
        (951782400000000, "microseconds"),
        (1706020200123456, "microseconds"),
        (1706020200999999, "microseconds"),
        (4102444799999999, "microseconds"),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def instant(params):
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=params["number"] * MICROSECONDS[params["precision"]])


@promised
def scenario(params):
    parse, detect = need("stageflow.helpers:parse_timestamp"), need("stageflow.helpers:detect_unix_precision")
    number = params["number"]
    try:
        seen = [detect(number), *(parse(value).isoformat() for value in (number, str(number), f" {number} ", float(number)))]
    except (ValueError, OverflowError) as error:
        raise Violation(f"{instant(params).isoformat()} for {number}", type(error).__name__) from error
    expect_equal(seen, [params["precision"], *[instant(params).isoformat()] * 4], f"precision and instants of {number}")


def control(params):
    seconds = params["number"] * MICROSECONDS[params["precision"]] / 1_000_000
    expect_equal(
        abs(datetime.fromtimestamp(seconds, tz=UTC) - instant(params)) < timedelta(microseconds=2), True, "agrees with fromtimestamp"
    )
