"""The reference executor: right by hand for small graphs, and in step with a plain asyncio run for drawn ones."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from components.lab.dag_case import FOREVER, Course, read_case
from components.lab.dag_judge import (
    Aspect,
    calls_made,
    child_ends,
    child_reports,
    cleanups_run,
    event_order,
    executions,
    final_inputs,
    final_results,
    inputs_seen,
    judge_course,
    judge_same,
    notes_told,
    run_end,
    run_outcome,
    skip_events,
    start_times,
    statuses,
    tidied_up,
    wide_events,
)
from components.lab.dag_plain import on_plain
from components.lab.dag_strategy import Traits, drawn, seeded, slowed
from components.lab.probe import Violation
from components.lab.reference import promised_course
from components.lab.virtual_time import run_virtual

Params = dict[str, Any]
DRAWN = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def stage(name: str, *after: str, does: Any = ("ok", 5), **more: Any) -> Params:
    steps = does if isinstance(does, list) else [does]
    return {"name": name, "after": list(after), "does": [list(step) for step in steps], **more}


def case(*stages: Params, **more: Any) -> Params:
    return {"stages": list(stages), **more}


def in_ms(times: dict[str, int]) -> dict[str, int]:
    return {label: moment // 1000 for label, moment in times.items()}


DIAMOND = case(stage("a"), stage("b", "a", does=("ok", 20)), stage("c", "a", does=("ok", 1)), stage("d", "b", "c"))


def test_stages_start_when_the_last_of_their_dependencies_has_ended() -> None:
    course = promised_course(DIAMOND)
    assert in_ms(course.starts) == {"a#1": 0, "b#1": 5, "c#1": 5, "d#1": 25}
    assert course.starts["d#1"] == course.stops["b#1"] > course.stops["c#1"]
    assert course.saw["d#1"] == {"b": "b#1", "c": "c#1"}
    assert (course.ends, course.at) == ("ok", course.stops["d#1"])
    assert course.results["d"] == ("ok", {"made_by": "d#1"})


@pytest.mark.parametrize(("verb", "ends"), [("raise", "failed"), ("fail", "failed"), ("cancel", "cancelled")])
def test_the_first_decision_ends_the_run(verb: str, ends: str) -> None:
    text = "KeyError" if verb == "raise" else "enough"
    course = promised_course(case(stage("a", does=(verb, 5, text)), stage("b", does=("ok", 20), tidy=1), stage("c", "a"), stage("d", "b")))
    assert (course.ends, course.by, course.why) == (ends, "a", text)
    assert set(course.starts) == {"a#1", "b#1"}
    assert course.tidied == ["b#1"]
    assert "b" not in course.results


def test_conditional_stages_behind_a_reason_or_a_skipped_stage_are_skipped() -> None:
    course = promised_course(
        case(
            stage("a", data={"skip_reason": "quota"}),
            stage("b", "a", conditional=True),
            stage("c", "b", conditional=True),
            stage("d", "c"),
        )
    )
    assert {name: status for name, (status, _) in course.results.items()} == {"a": "ok", "b": "skip", "c": "skip", "d": "ok"}
    assert course.results["c"][1] == {"reason": "quota"}
    assert set(course.starts) == {"a#1", "d#1"}


@pytest.mark.parametrize(
    ("allowed", "spread", "starts"),
    [
        (2, "constant", [0, 102]),
        (4, "constant", [0, 102, 204, 306]),
        (4, "linear", [0, 102, 304, 606]),
        (4, "exponential", [0, 102, 304, 706]),
    ],
)
def test_transient_errors_are_retried_after_the_documented_delay(allowed: int, spread: str, starts: list[int]) -> None:
    does = [("raise", 2, "ConnectionError")] * 3 + [("ok", 2)]
    course = promised_course(case(stage("a", does=does), stack=[["retry", 15, allowed, 100, spread]]))
    assert list(in_ms(course.starts).values()) == pytest.approx(starts, abs=3)
    assert course.ends == ("ok" if allowed == 4 else "failed")


def test_other_errors_and_single_attempts_are_not_retried() -> None:
    for error, allowed in (("ValueError", 3), ("ConnectionError", 1)):
        course = promised_course(case(stage("a", does=[("raise", 2, error), ("ok", 2)]), stack=[["retry", 15, allowed, 100, "constant"]]))
        assert (course.ends, set(course.starts)) == ("failed", {"a#1"})


def test_a_time_out_ends_the_run_when_it_is_over() -> None:
    more: Params = {"stack": [["timeout", 5]], "data": {"_timeout_ms": 50}}
    course = promised_course(case(stage("a", does=("hang", 0)), stage("b", does=("ok", 40)), **more))
    assert (course.ends, course.by, course.at, course.why) == ("failed", "a", 50_000, "time-out")
    assert promised_course(case(stage("a", does=("ok", 40)), **more)).ends == "ok"


def guarded(refusals: list[dict[str, Any]], **policy: Any) -> Course:
    does = [("fail", 1, "no", data) for data in refusals] + [("ok", 1)]
    stages = stage("a"), stage("g", "a", does=does, kind="guard"), stage("z", "g")
    return promised_course(case(*stages, guards={"g": {"retry_stage": "a", **policy}}))


def test_a_guard_is_asked_until_it_accepts_or_its_policy_is_used_up() -> None:
    different, same = [{"turn": 1}, {"turn": 2}], [{"turn": 1}, {"turn": 1}]
    accepted = guarded(different, max_attempts=3)
    assert (accepted.ends, len(accepted.starts)) == ("ok", 3 + 3 + 1)
    assert accepted.results["g"] == ("ok", {"made_by": "g#3"})
    assert guarded(different, max_attempts=2).by == "g"
    assert guarded(same, max_attempts=9, stagnation_limit=1).ends == "failed"
    assert guarded(same, max_attempts=9, stagnation_limit=2).ends == "ok"
    assert guarded(different, max_attempts=9, timeout_seconds=0.004).ends == "failed"
    assert [kind for kind, _ in accepted.events if "guard" in kind] == [
        "guard_retry.attempt",
        "guard_retry.scheduled",
        "guard_retry.attempt",
        "guard_retry.scheduled",
        "guard_retry.recovered",
    ]


def test_children_run_inside_their_parents_up_to_the_depth_allowed() -> None:
    inner = case(stage("c", does=("raise", 2, "KeyError")))
    outer = case(stage("a", child=case(stage("b", child=inner))), stage("d", "a"))
    course = promised_course(outer)
    child = course.children["a#1"]
    assert (course.ends, child.ends, child.children["b#1"].ends) == ("ok", "ok", "failed")
    assert course.results["a"][1]["child"] is True
    assert child.results["b"][1]["child"] is False
    assert course.starts["d#1"] == course.stops["a#1"] > child.at
    assert promised_course({**outer, "depth": 1}).children["a#1"].children["b#1"].ends == "too deep"


def test_cleanups_run_backwards_and_only_those_that_were_registered() -> None:
    course = promised_course(
        case(stage("a", cleanups=2), stage("b", "a", does=("raise", 9, "KeyError"), cleanups=1), stage("c", "b", cleanups=1))
    )
    assert course.cleanups == ["b#1.0", "a#1.1", "a#1.0"]


def test_a_run_that_is_called_off_starts_nothing_more() -> None:
    called_off = case(stage("a"), stage("b", "a", does=("polls", 10, "4")), stage("c", "b"), cancel_at=18)
    course = promised_course(called_off)
    assert (course.ends, course.why, in_ms(course.starts)) == ("cancelled", "called off", {"a#1": 0, "b#1": 5})
    step = read_case(called_off).stages["b"].duration(1) // 4
    assert course.latest == course.starts["b#1"] + 2 * step  # its second checkpoint
    assert promised_course(case(stage("a"), cancel_at=50)).ends == "ok"


def test_interceptors_wrap_by_priority_and_an_answer_keeps_the_inner_ones_out() -> None:
    stack = [["record", 9], ["raise before", 3], ["answer", 5, "a"], ["record", 1]]
    course = promised_course(case(stage("a"), stage("b", does=("raise", 5, "KeyError")), stack=stack))
    assert course.calls["a"] == ["before 1", "before 3", "after 1"]
    assert course.calls["b"] == ["before 1", "before 3", "before 9", "error 9", "error 1", "after 9", "after 1"]
    assert "a#1" not in course.starts


def test_nothing_is_promised_where_two_decisions_coincide_or_nothing_ends() -> None:
    assert promised_course(case(stage("a", does=("hang", 0)))).unclear
    late = case(stage("a", does=("hang", 0)), stage("b", does=("hang", 0)), stack=[["timeout", 5]], data={"_timeout_ms": 50})
    assert promised_course(late).unclear
    both = read_case(case(stage("a"), stage("b")))
    assert both.stages["a"].duration(1) != both.stages["b"].duration(1)
    assert both.stages["a"].duration(1) < FOREVER


ASPECTS: dict[str, tuple[Traits, tuple[Aspect, ...]]] = {
    "basic": (
        Traits(returns=("ok", "dict", "none", "skip"), endings=("fail", "raise", "cancel"), notes=2, cleanups=2, values=(0, None)),
        (executions, start_times, run_end, inputs_seen, final_results, notes_told, skip_events, wide_events, cleanups_run),
    ),
    "conditions": (Traits(returns=("ok", "skip"), conditional=("quota", "closed", "")), (executions, statuses, skip_events)),
    "interceptors": (
        Traits(endings=("raise", "fail"), recorders=("record", "raise before", "raise after", "raise error"), answers=True),
        (calls_made, final_results, executions),
    ),
    "tidying": (Traits(endings=("raise", "cancel"), tidy=50), (tidied_up, run_outcome)),
    "children": (Traits(most=5, returns=("ok", "skip"), children=2), (child_ends, child_reports, start_times)),
    "guards": (Traits(most=5, guards=3), (executions, run_end, start_times, event_order("guard_retry."))),
    "retries": (Traits(most=4, retries=((1, 1), (2, 2), (2, 3), (4, 4))), (start_times, executions)),
    "limits": (Traits(most=5, limits=True), (run_end, start_times)),
    "called off": (Traits(returns=("ok", "polls"), called_off=True), (executions, start_times)),
}


@pytest.mark.parametrize("name", ASPECTS)
def test_a_plain_asyncio_run_takes_the_promised_course(name: str) -> None:
    traits, aspects = ASPECTS[name]

    @DRAWN
    @given(drawn(traits))
    def agrees(params: Params) -> None:
        promised, taken = promised_course(params), run_virtual(on_plain(params))
        for aspect in aspects:
            judge_course(promised, taken, aspect)

    agrees()


@DRAWN
@given(drawn(Traits(most=5, guards=3, beside=True)))
def test_plain_runs_are_consistent_after_guard_retries(params: Params) -> None:
    judge_same(*final_inputs(run_virtual(on_plain(params))))


def test_a_difference_is_told_by_its_label() -> None:
    promised, taken = promised_course(DIAMOND), promised_course(DIAMOND)
    moment = f"{taken.starts.pop('d#1') / 1000:.3f}"
    with pytest.raises(Violation) as caught:
        judge_course(promised, taken, start_times)
    assert (caught.value.expected, caught.value.observed) == (f"start of d#1: {moment} ms", "start of d#1: nothing")


def test_seeded_cases_are_the_same_every_time_and_slowed_ones_take_as_many_times_longer() -> None:
    traits = Traits(returns=("ok", "skip"), children=1)
    assert seeded(traits, 5) == seeded(traits, 5)
    slow = promised_course(slowed(DIAMOND))
    assert {label: moment // 1_000_000 for label, moment in slow.starts.items()} == in_ms(promised_course(DIAMOND).starts)
