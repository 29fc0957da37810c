"""A Unix timestamp with a fraction is read in the precision that is detected for it."""

from datetime import UTC, datetime, timedelta

from components.lab.probe import Case, Probe, Violation, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="parse_timestamp takes every number with a fraction as seconds: fractional milliseconds fail or land in a wrong century",
    claim="The precision of a Unix timestamp is detected before conversion, so a fraction does not change the unit.",
    source="docstring:stageflow.helpers.timestamps",
    component="stageflow.helpers.parse_timestamp",
    subsystem="timestamps",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=False,
    default_setup=True,
    impact="Browser timestamps (milliseconds with decimals) are refused, old ones silently become the year 5138.",
    recommendation="In _parse_unix_timestamp apply detect_unix_precision to floats too, instead of taking them for seconds.",
    workaround="Round to whole milliseconds first.",
    cause="stageflow.helpers.timestamps:_parse_unix_timestamp",
)

CASES = (
    Case("seconds", {"value": 1706020200.25, "microseconds": 1706020200250000}),
    Case("milliseconds", {"value": 1706020200000.5, "microseconds": 1706020200000500}),
    Case("milliseconds-text", {"value": "1706020200000.5", "microseconds": 1706020200000500}),
    Case("milliseconds-1973", {"value": 99999999999.5, "microseconds": 99999999999500}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def check(parse, params):
    wanted = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=params["microseconds"])
    try:
        seen = parse(params["value"])
    except (ValueError, OverflowError) as error:
        raise Violation(f"{wanted.isoformat()} for {params['value']}", type(error).__name__) from error
    expect(abs(seen - wanted) < timedelta(milliseconds=1), f"{wanted.isoformat()} for {params['value']}", seen.isoformat())


@promised
def scenario(params):
    check(need("stageflow.helpers:parse_timestamp"), params)


def control(params):
    def plain(value):
        number = float(value)
        return datetime.fromtimestamp(number / (1000 if number > 9999999999 else 1), tz=UTC)

    check(plain, params)
