"""A campaign does not depend on the order of runs, counts every sighting once, and never takes unknown for held."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.artifacts import CATEGORIES
from agent.core.roadmap import Heading
from agent.reporting.campaign.comparing import compared
from agent.reporting.campaign.deduplication import deduplicated, identity, rank
from agent.reporting.campaign.gathering import cell_state, gathered, settled
from agent.reporting.campaign.records import Campaign, Worry
from agent.reporting.campaign.views import Row, RunView

ENTRIES = ("CORE-001", "CORE-002", "FIN-001")
ROADMAP = [
    Heading(id=name, title=name, tier=1, area="a", priority="P0", risk="High", industry="i", deployment="d")
    for name in (*ENTRIES, "WORK-001")
]
MARKS = ("aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "")
VERDICTS = ("holds", "violated", "unknown", "not_applicable")


@st.composite
def rows(draw: st.DrawFn) -> Row:
    number = draw(st.integers(1, 9))
    kind = draw(st.sampled_from(["bug", "dx"]))
    fields = {
        "id": f"BUG-{number:03d}", "title": draw(st.sampled_from(["t", "u"])), "component": "c", "severity": draw(st.sampled_from(["critical", "high", "low"])),
        "timestamp": f"2026-01-0{number}T00:00:00+00:00",
    }  # fmt: skip
    return Row(kind, fields, draw(st.sampled_from(MARKS)), "p/q", draw(st.sampled_from(["", f"x/findings/BUG-{number:03d}"])))


@st.composite
def views(draw: st.DrawFn) -> list[RunView]:
    names = draw(st.sets(st.tuples(st.sampled_from(ENTRIES), st.integers(1, 4)), max_size=8))
    made = []
    for entry, number in sorted(names):
        checks = draw(st.dictionaries(st.sampled_from(VERDICTS), st.integers(1, 5), max_size=3))
        found = draw(st.lists(rows(), max_size=5, unique_by=lambda row: row.fields["id"]))
        made.append(
            RunView(
                entry, f"run-2026-01-01-{number:03d}", draw(st.sampled_from(["1.1.0", "1.2.0"])), "t", draw(st.booleans()), phases=draw(st.integers(0, 7)),
                tests=((draw(st.sampled_from(CATEGORIES)), draw(st.booleans()), checks),), rows=tuple(found),
            )
        )  # fmt: skip
    return made


@settings(max_examples=25, deadline=None)
@given(views(), st.randoms(use_true_random=False))
def test_the_order_of_runs_does_not_matter(made: list[RunView], chance: random.Random) -> None:
    other = list(made)
    chance.shuffle(other)
    assert gathered(made, ROADMAP, "now") == gathered(other, ROADMAP, "now")


@settings(max_examples=25, deadline=None)
@given(views())
def test_every_row_of_every_run_is_one_sighting_of_one_finding(made: list[RunView]) -> None:
    campaign = gathered(made, ROADMAP, "now")
    listed = Counter((view.entry, view.run, row.fields["id"]) for view in made for row in view.rows)
    told = Counter((one.entry, one.run, one.id) for finding in campaign.findings for one in finding.sightings)
    assert told == listed
    assert {finding.id for finding in campaign.findings} == {identity(row) for view in made for row in view.rows}
    assert len({finding.id for finding in campaign.findings}) == len(campaign.findings)
    assert list(campaign.findings) == sorted(campaign.findings, key=rank)
    assert Campaign.model_validate_json(campaign.model_dump_json()) == campaign


@settings(max_examples=25, deadline=None)
@given(views())
def test_runs_that_are_read_twice_add_no_finding(made: list[RunView]) -> None:
    once, twice = deduplicated(made, ()), deduplicated([*made, *made], ())
    assert [finding.id for finding in once] == [finding.id for finding in twice]
    assert [2 * len(finding.sightings) for finding in once] == [len(finding.sightings) for finding in twice]


@settings(max_examples=25, deadline=None)
@given(views(), views())
def test_what_is_new_one_way_is_gone_the_other_way(some: list[RunView], others: list[RunView]) -> None:
    a, b = gathered(some, ROADMAP, "a"), gathered(others, ROADMAP, "b")
    there, back = compared(a, b, "b"), compared(b, a, "a")
    of = {
        (way.label, what): {one.id for one in way.findings if one.change == what}
        for way in (there, back)
        for what in ("new", "gone", "still there")
    }
    assert of["b", "new"] == of["a", "gone"] and of["b", "gone"] == of["a", "new"] and of["b", "still there"] == of["a", "still there"]
    same = compared(a, a, "a")
    assert {one.change for one in same.findings} <= {"still there"} and not same.entries
    assert all(one.known for one in there.findings if one.change != "gone")


@given(st.dictionaries(st.sampled_from(VERDICTS), st.integers(0, 3)), st.dictionaries(st.sampled_from(VERDICTS), st.integers(0, 3)))
def test_unknown_never_counts_as_held(own: dict[str, int], probes: dict[str, int]) -> None:
    state = cell_state(own, probes)
    some = {verdict for counts in (own, probes) for verdict, number in counts.items() if number}
    if state == "holds":
        assert "holds" in some and not some & {"violated", "unknown"}
    if not some:
        assert state == "unknown"
    assert ("violated" in some) == (state in ("violated", "by probes"))


@pytest.mark.parametrize(
    ("verdicts", "wanted"),
    [((), "unknown"), (("held",), "holds"), (("held", "undecided"), "unknown"), (("held", "contradicted", "undecided"), "violated")],
)
def test_a_worry_is_settled_by_what_its_hypotheses_say(verdicts: tuple[str, ...], wanted: str) -> None:
    assert settled([Worry.model_validate({"id": "h", "statement": "s", "verdict": verdict}) for verdict in verdicts]) == wanted


def test_the_newest_finished_run_stands_for_its_entry() -> None:
    old = RunView("CORE-001", "run-2026-01-01-001", "1.2.0", "t", True, phases=7)
    newer = RunView("CORE-001", "run-2026-01-02-001", "1.2.0", "t", True, phases=7)
    begun = RunView("CORE-001", "run-2026-01-03-001", "1.2.0", "t", phases=2, doing="under way")
    campaign = gathered([begun, old, newer, RunView("FIN-001", "run-2026-01-01-001", problems=("x",))], ROADMAP, "now")
    core, _, fin, work = campaign.entries
    assert (core.progress, core.run, core.unfinished) == ("finished", newer.run, begun.run)
    assert (fin.progress, work.progress) == ("damaged", "never begun")
    assert {cell.state for cell in work.cells.values()} == {"unknown"} and set(work.cells) == set(CATEGORIES)
    assert campaign.damage[0].what == "x"
