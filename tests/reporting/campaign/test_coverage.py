"""What several runs reached is the union of what each reached."""

from hypothesis import given
from hypothesis import strategies as st

from agent.reporting.campaign.coverage import by_subsystem, covered, numbers
from agent.reporting.campaign.views import Measured, RunView
from components.lab.observe import spans


def view(run: str, lines: set[int], jumps: set[tuple[int, int]], target: str = "t") -> RunView:
    taken = ",".join(f"{a}>{b}" for a, b in sorted(jumps))
    measured = Measured(lines=60, lines_run=len(lines), branches=40, branches_run=len(jumps), ran=spans(lines), taken=taken)
    return RunView("E", run, "1.2.0", target, coverage=({"pipeline/dag.py": measured},))


NUMBERS = st.sets(st.integers(1, 60))
JUMPS = st.sets(st.tuples(st.integers(1, 9), st.integers(-9, 9)))


@given(NUMBERS)
def test_lines_as_text_are_the_same_lines(lines: set[int]) -> None:
    assert list(numbers(spans(lines))) == sorted(lines)


@given(NUMBERS, NUMBERS, JUMPS, JUMPS)
def test_runs_add_up(one: set[int], other: set[int], some: set[tuple[int, int]], more: set[tuple[int, int]]) -> None:
    found = covered([view("a", one, some), view("b", other, more), view("c", {1, 2}, set(), target="another")])
    assert found and found.runs == 2 and found.fingerprint == "t"
    assert (found.files[0].lines_run, found.files[0].branches_run) == (len(one | other), len(some | more))
    assert [row.file for row in by_subsystem(found)] == ["all", "pipeline"]


def test_nothing_measured_is_nothing_told() -> None:
    assert covered([RunView("E", "a", "1.2.0", "t")]) is None
