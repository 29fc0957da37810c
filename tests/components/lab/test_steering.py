"""Turns of a search: everybody gets one, the fruitful get more, the finished none."""

from hypothesis import given
from hypothesis import strategies as st

from components.lab.steering import LONGEST, SHORTEST, turns

BROUGHT_NOTHING = [{"verdict": "holds"}]


@given(names=st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True), seconds=st.floats(0.5, 1000), jobs=st.integers(1, 8))
def test_everybody_gets_a_turn_before_anybody_gets_two(names: list[str], seconds: float, jobs: int) -> None:
    queue = turns(names, 1, seconds, jobs)
    first = [next(queue) for _ in names]
    assert [turn.probe for turn in first] == names
    assert all(SHORTEST <= turn.explore["seconds"] <= LONGEST for turn in first)


def test_new_code_earns_more_turns() -> None:
    queue = turns(["poor", "rich"], 1, 60, 1)
    taken = []
    for _ in range(20):
        turn = next(queue)
        taken.append(turn.probe)
        turn.learn(BROUGHT_NOTHING, 100 if turn.probe == "rich" and len(taken) < 8 else 0)
    assert taken[2:8].count("rich") > 4
    assert "poor" in taken[8:], "what reaches nothing new any more gives way"


def test_what_is_over_gets_no_turn_and_the_known_is_passed_on() -> None:
    queue = turns(["a", "b"], 1, 60, 1)
    next(queue).learn([{"verdict": "holds", "over": True}], 0)
    turn = next(queue)
    turn.learn([{"verdict": "violated", "features": ["x"]}], 5)
    following = next(queue)
    assert (following.probe, following.explore["known"]) == ("b", [["x"]])
    assert following.explore["seed"] != turn.explore["seed"]
    following.learn([{"verdict": "holds", "over": True}], 0)
    assert list(queue) == []
