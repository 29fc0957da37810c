"""Severity is a function of recorded facts, and worse facts never give a milder level."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.court.catalogue import ProbeCard
from agent.court.proof import status
from agent.court.severity import LEVELS, START, severity


def card(consequence: str, silent: bool, default_setup: bool, workaround: str) -> ProbeCard:
    texts = {
        name: "x" for name in ("id", "title", "claim", "source", "component", "subsystem", "category", "type", "impact", "recommendation")
    }
    return ProbeCard(**texts, path=Path(), consequence=consequence, silent=silent, default_setup=default_setup, workaround=workaround)


@given(st.sampled_from(sorted(START)), st.booleans(), st.booleans(), st.booleans())
def test_worse_facts_never_give_a_milder_level(consequence: str, silent: bool, default_setup: bool, way_round: bool) -> None:
    level = LEVELS.index(severity(card(consequence, silent, default_setup, "yes" if way_round else "")))
    worst = LEVELS.index(severity(card(consequence, True, True, "")))
    assert level <= worst == START[consequence]


@given(
    st.lists(st.sampled_from([0, 1, 2, 3, None, -9]), min_size=3, max_size=3),
    st.sampled_from(["holds", "violated", "unknown", "not_applicable"]),
)
def test_confirmed_means_every_run_and_a_control_that_holds(codes: list[int | None], control: str) -> None:
    verdict, reason = status(codes, control)  # type: ignore[arg-type]
    assert (verdict == "confirmed") == (codes == [1, 1, 1] and control == "holds")
    assert reason
