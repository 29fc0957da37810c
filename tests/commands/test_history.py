"""A defect over the releases: what is said of it must follow from what was seen, and 'not applicable' is never 'absent'."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.commands.history import History, history
from agent.court.replay import Play, State, agreed, read

SHORT: dict[str, State] = {"P": "present", "-": "absent", "n": "not applicable", "?": "unknown"}


def told(signs: str) -> History:
    return history({f"1.{number}": SHORT[sign] for number, sign in enumerate(signs)})


@pytest.mark.parametrize(
    ("signs", "standing", "first", "fixed", "stretches"),
    [
        ("--PP", "open", "1.2", None, (("1.2", "1.3"),)),
        ("PP--", "fixed", "1.0", "1.2", (("1.0", "1.1"),)),
        ("P-P-", "fixed", "1.0", "1.3", (("1.0", "1.0"), ("1.2", "1.2"))),
        ("nnPP", "open", "1.2", None, (("1.2", "1.3"),)),
        ("PPnn", "not applicable", "1.0", None, (("1.0", "1.1"),)),
        ("PP??", "unknown", "1.0", None, (("1.0", "1.1"),)),
        ("PnP", "open", "1.0", None, (("1.0", "1.2"),)),
        ("P?-", "fixed", "1.0", "1.2", (("1.0", "1.0"),)),
        ("----", "not seen", None, None, ()),
        ("nnnn", "not applicable", None, None, ()),
        ("n?n", "unknown", None, None, ()),
    ],
)
def test_examples(signs: str, standing: str, first: str | None, fixed: str | None, stretches: tuple[tuple[str, str], ...]) -> None:
    found = told(signs)
    assert (found.standing, found.first_bad, found.fixed_in, found.intervals) == (standing, first, fixed, stretches)


def test_what_is_uncertain_is_said() -> None:
    assert told("PP--").first_bad_note == "the oldest release played"
    assert told("?PP").first_bad_note == "1.0 is unknown"
    assert told("-PP").first_bad_note == told("nPP").first_bad_note == ""
    assert told("P?n-").fixed_in_note == "1.1 is unknown, 1.2 is not applicable"
    assert told("P-").fixed_in_note == ""


@given(st.text(alphabet="P-n?", max_size=13))
def test_it_follows_from_the_states(signs: str) -> None:
    found = told(signs)
    states = {f"1.{number}": sign for number, sign in enumerate(signs)}
    bad = [release for release, sign in states.items() if sign == "P"]
    assert found.first_bad == (bad[0] if bad else None)
    assert (found.standing == "open") == signs.endswith("P")
    assert (found.standing == "fixed") == (found.fixed_in is not None)
    if found.fixed_in:
        after = list(states)[list(states).index(bad[-1]) + 1 :]
        assert states[found.fixed_in] == "-" and found.fixed_in == next(r for r in after if states[r] == "-")
    covered = [r for first, last in found.intervals for r in list(states)[list(states).index(first) : list(states).index(last) + 1]]
    assert set(bad) <= set(covered) and len(covered) == len(set(covered))
    assert not any(states[release] == "-" for release in covered)


@given(st.lists(st.sampled_from(["present", "absent", "not applicable", "unknown"]), min_size=1, max_size=6))
def test_plays_that_differ_are_unknown(states: list[State]) -> None:
    state, reason = agreed([Play(each, f"said {each}", 0) for each in states])
    assert state == (states[0] if len(set(states)) == 1 else "unknown")
    assert reason


@pytest.mark.parametrize(
    ("code", "said", "complained", "state", "words"),
    [
        (1, "PRESENT: expected a\n   observed b", "", "present", "observed b"),
        (1, "present, in other words", "", "present", "in other words"),
        (1, "", "Traceback (most recent call last):\n  x\nImportError: no stageflow", "unknown", "ImportError: no stageflow"),
        (1, "", '  File "x.py", line 1\n    (\nSyntaxError: never closed', "unknown", "SyntaxError"),
        (0, "ABSENT", "Traceback (most recent call last):", "absent", ""),
        (2, "NOT APPLICABLE: x", "", "not applicable", "x"),
        (3, "NO VERDICT", "ValueError: y", "unknown", "ValueError: y"),
        (-11, "", "", "unknown", "-11"),
        (None, "PRESENT", "", "unknown", "killed"),
    ],
)
def test_exit_codes(code: int | None, said: str, complained: str, state: State, words: str) -> None:
    play = read(code, said, complained)
    assert play.state == state and words in play.reason
