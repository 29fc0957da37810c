"""A date written with underscores is not taken for a number of seconds."""

from datetime import datetime

from components.lab.probe import Case, Probe, Violation, expect, need

PROBE = Probe(
    title="parse_timestamp reads '2023_10_05' as 20231005 seconds: a date in 1970, without an error",
    claim="ValueError is raised when the format cannot be detected; a date is read as that date or refused, never as another one.",
    source="docstring:stageflow.helpers.timestamps.parse_timestamp",
    component="stageflow.helpers.parse_timestamp",
    subsystem="timestamps",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Dates taken from file names end up in August 1970.",
    recommendation="Accept only texts of ASCII digits, sign and point as numbers; int() and float() also take underscores.",
    workaround="Replace underscores before parsing.",
)

CASES = tuple(Case(text, {"text": text, "year": year}) for text, year in (("2023-10-05", 2023), ("2023_10_05", 2023), ("2023_10", 2023)))


def check(parse, params):
    try:
        year = parse(params["text"]).year
    except ValueError:
        return
    expect(year == params["year"], f"a date in {params['year']}, or ValueError", f"a date in {year}")


def scenario(params):
    check(need("stageflow.helpers:parse_timestamp"), params)


def control(params):
    check(datetime.fromisoformat, params)
    try:
        check(lambda text: datetime(1970, 1, 1), params)
    except Violation:
        return
    raise AssertionError("the check accepts 1970")
