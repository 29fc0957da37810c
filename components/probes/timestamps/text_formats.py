"""ISO 8601, RFC 2822 and the human forms give the exact instant in UTC."""

from datetime import UTC, datetime

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="parse_timestamp reads a supported text format as a wrong instant",
    claim="ISO 8601, RFC 2822 and the listed human forms are parsed and normalized to UTC.",
    source="docs/guides/timestamps.md#supported-formats",
    component="stageflow.helpers.parse_timestamp",
    subsystem="timestamps",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Records are filtered and joined by wrong times.",
    recommendation="Keep offset, sub-seconds and day/month order of every supported format.",
)

CASES = tuple(
    Case(text, {"text": text, "utc": utc})
    for text, utc in (
        ("2024-01-23T14:30:00Z", "2024-01-23T14:30:00+00:00"),
        ("2024-01-23T14:30:00.123456Z", "2024-01-23T14:30:00.123456+00:00"),
        ("2024-01-23T14:30:00+05:30", "2024-01-23T09:00:00+00:00"),
        ("2024-01-23T23:30:00-05:00", "2024-01-24T04:30:00+00:00"),
        ("2024-02-29T00:00:00", "2024-02-29T00:00:00+00:00"),
        ("2024-01-23 14:30:00", "2024-01-23T14:30:00+00:00"),
        ("2024/01/23 14:30:00", "2024-01-23T14:30:00+00:00"),
        ("2023-10-05", "2023-10-05T00:00:00+00:00"),
        ("Tue, 23 Jan 2024 14:30:00 GMT", "2024-01-23T14:30:00+00:00"),
        ("Tue, 23 Jan 2024 14:30:00 +0530", "2024-01-23T09:00:00+00:00"),
        ("Tue, 23 Jan 2024 14:30:00 -0700", "2024-01-23T21:30:00+00:00"),
        ("October 5, 2023", "2023-10-05T00:00:00+00:00"),
        ("Oct 5, 2023", "2023-10-05T00:00:00+00:00"),
        ("05 October 2023", "2023-10-05T00:00:00+00:00"),
        ("05 Oct 2023", "2023-10-05T00:00:00+00:00"),
        ("1999-12-31T23:59:59.999999+00:00", "1999-12-31T23:59:59.999999+00:00"),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


@promised
def scenario(params):
    parse = need("stageflow.helpers:parse_timestamp")
    try:
        seen = parse(params["text"])
    except (ValueError, OverflowError) as error:
        raise Violation(f"{params['utc']} for {params['text']!r}", type(error).__name__) from error
    expect_equal([seen.isoformat(), str(seen.utcoffset())], [params["utc"], "0:00:00"], f"{params['text']!r} in UTC")


def control(params):
    expect_equal(datetime.fromisoformat(params["utc"]).astimezone(UTC).isoformat(), params["utc"], "the wanted instant is UTC")
