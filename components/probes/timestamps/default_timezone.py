"""The default time zone is for timestamps without one; the others keep their moment."""

from datetime import UTC, datetime, timedelta, timezone

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="normalize_to_utc or parse_timestamp uses the default time zone wrongly",
    claim="default_timezone applies only to timestamps without explicit time zone, and the result is in UTC; None leaves them naive.",
    source="docstring:stageflow.helpers.timestamps.parse_timestamp",
    component="stageflow.helpers.normalize_to_utc",
    subsystem="timestamps",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Times are off by the difference of two zones.",
    recommendation="Give a naive time the default zone, and convert every aware time to UTC.",
)

CASES = tuple(
    Case(f"{value}/{zone}", {"value": value, "zone": zone, "utc": utc})
    for value, zone, utc in (
        ("2024-01-23T14:30:00", 0, "2024-01-23T14:30:00+00:00"),
        ("2024-01-23T14:30:00", 330, "2024-01-23T09:00:00+00:00"),
        ("2024-01-23T14:30:00", None, "2024-01-23T14:30:00"),
        ("2024-01-23T14:30:00+02:00", 330, "2024-01-23T12:30:00+00:00"),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def zone_of(params):
    return None if params["zone"] is None else timezone(timedelta(minutes=params["zone"]))


@promised
def scenario(params):
    parse, normalize = need("stageflow.helpers:parse_timestamp"), need("stageflow.helpers:normalize_to_utc")
    time, zone = datetime.fromisoformat(params["value"]), zone_of(params)
    seen = [parse(params["value"], default_timezone=zone).isoformat(), normalize(time, default_timezone=zone).isoformat()]
    expect_equal(seen, [params["utc"]] * 2, "parsed and normalized")


def control(params):
    time, zone = datetime.fromisoformat(params["value"]), zone_of(params)
    if time.tzinfo is None and zone is not None:
        time = time.replace(tzinfo=zone)
    expect_equal((time.astimezone(UTC) if time.tzinfo else time).isoformat(), params["utc"], "converted by hand")
