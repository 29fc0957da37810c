"""A finding stands only when no control speaks against it, and each control is called what it was measured to be."""

import shutil
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.artifacts import ControlName, ControlVerdict, Verdict
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.causes import cause_of
from agent.court.controls import CONTROLS, conformities, further_controls, objection, own_control, table, without_mocks
from agent.court.proof import Prove, prove
from agent.court.trials import CaseVerdict, run_controls, run_jobs
from tools.targets import resolve

COMPONENTS = Path(__file__).parents[2] / "components"
CATALOGUE = load_catalogue(COMPONENTS)

rows = st.lists(
    st.builds(
        ControlVerdict,
        control=st.sampled_from(get_args(ControlName)),
        outcome=st.sampled_from(get_args(Verdict)),
        reason=st.just("measured"),
    ),
    max_size=6,
)


@given(rows)
def test_the_table_has_every_control_once_and_forgets_no_objection(found: list[ControlVerdict]) -> None:
    told = table(found)
    assert [row.control for row in told] == list(CONTROLS)
    against = [row for row in found if row.outcome in ("violated", "unknown") and row.control != "other_release"]
    assert bool(objection(told)) == bool(against)
    assert {row.control for row in found} == {row.control for row in told if row.reason == "measured"}


@pytest.fixture(scope="module")
def context() -> ToolContext:
    settings = Settings.load()
    return ToolContext(settings, resolve("installed", settings), None, lambda line: None)


def sighting(probe: str, context: ToolContext) -> tuple[CaseVerdict, CaseVerdict]:
    """A violated case of a probe and its control."""
    cases, _ = run_jobs([{"probe": probe}], context, logs=None, deadline=60)
    row = next(case for case in cases if case.verdict == "violated")
    (control,) = run_controls([row], context, deadline=60)
    return row, control


def args_of(row: CaseVerdict) -> Prove:
    """What `prove` wants to know, the control left open."""
    names = ("probe", "case", "component", "title", "params", "expected", "observed")
    return Prove(**{name: getattr(row, name) for name in names}, control="unknown")


@pytest.mark.parametrize(
    ("probe", "control", "mocks"),
    [
        ("explore/skips_agree", "on_reference", "holds"),
        ("tools/undo_by_tool_name", "without_fault", "holds"),
        ("dag/ok_keeps_keywords", "in_asyncio", "not_applicable"),
    ],
)
def test_the_control_of_a_probe_is_called_what_it_was_measured_to_be(
    probe: str, control: str, mocks: str, context: ToolContext, tmp_path: Path
) -> None:
    row, own = sighting(probe, context)
    proof = prove(args_of(row), CATALOGUE[probe], tmp_path, context, control_row=own)
    outcomes = {entry.control: entry.outcome for entry in proof.controls}
    assert proof.status == "confirmed", proof.reason
    assert outcomes == dict.fromkeys(CONTROLS, "not_applicable") | {control: "holds", "without_mocks": mocks}
    assert all(entry.reason and "\n" not in entry.reason for entry in proof.controls)


def test_a_control_that_does_not_hold_makes_the_verdict_unknown(context: ToolContext, tmp_path: Path) -> None:
    names = {"probe": "dag/ok_keeps_keywords", "case": "dict and keyword", "component": "stageflow.StageOutput", "title": "lost"}
    params = {"data": {"a": 1}, "keywords": {"b": 2}}
    args = Prove(**names, params=params, expected="both", observed="one", control="violated", control_reached=False)
    proof = prove(args, CATALOGUE[args.probe], tmp_path, context, shrink=True)
    assert (proof.status, proof.minimal, proof.shrunk) == ("unknown", "", "")
    assert {entry.control: entry.outcome for entry in proof.controls}["in_asyncio"] == "violated"


def test_the_doubles_of_the_lab_are_faithful_to_the_pinned_release(context: ToolContext) -> None:
    assert {row.double: row.problems for row in conformities(context).values() if row.verdict != "holds"} == {}


def test_a_double_that_the_target_has_outgrown_is_no_witness(context: ToolContext, tmp_path: Path) -> None:
    assert context.target
    copy = tmp_path / "copy"
    shutil.copytree(context.target.package, copy / "stageflow", ignore=shutil.ignore_patterns("__pycache__"))
    file = copy / "stageflow/events/sink.py"
    text = file.read_text(encoding="utf-8")
    protocol, rest = text.split("class NoOpEventSink", 1)
    file.write_text(
        protocol.replace("def try_emit(self, *, type", "def try_emit(self, *, urgency: int, type") + "class NoOpEventSink" + rest
    )
    other = ToolContext(context.settings, resolve(str(copy), context.settings), None, context.progress)
    row = without_mocks("class RecordingSink:\n    pass\n", other)
    assert row.outcome == "unknown" and "try_emit does not take urgency=" in row.reason
    assert without_mocks("class Action:\n    pass\n", other).outcome == "holds"
    assert without_mocks("def scenario(params): pass\n", other).outcome == "not_applicable"


def test_further_controls_are_run_when_a_probe_defines_them(context: ToolContext, tmp_path: Path) -> None:
    components = tmp_path / "components"
    shutil.copytree(COMPONENTS, components, ignore=shutil.ignore_patterns("__pycache__"))
    file = components / "probes/dag/ok_keeps_keywords.py"
    more = "\n\ndef in_asyncio(params):\n    pass\n\n\ndef without_fault(params):\n    expect_equal(1, 2, 'x')\n"
    file.write_text(file.read_text(encoding="utf-8") + more)
    card = load_catalogue(components)["dag/ok_keeps_keywords"]
    found = {row.control: row.outcome for row in further_controls(card, {"data": None, "keywords": {}}, components, context)}
    assert found == {"in_asyncio": "holds", "without_fault": "violated"}


def test_without_a_measurement_the_control_is_named_by_its_source() -> None:
    assert "by its source" in own_control(CATALOGUE["dag/ok_keeps_keywords"], "holds", None, COMPONENTS).reason


def card_of(cause: str) -> ProbeCard:
    card = CATALOGUE["dag/ok_keeps_keywords"]
    return ProbeCard(**{**vars(card), "cause": cause})


@pytest.mark.parametrize(
    ("cause", "observed", "entered", "found"),
    [
        ("stageflow.a:F.g #one", "0", ["stageflow.a:F.g"], "stageflow.a:F.g #one"),
        ("stageflow.a:F.g", "0", ["stageflow.a:F.h"], ""),
        ("docs:a page", "0", [], "docs:a page"),
        ("", "KeyError raised in h()", ["stageflow.b:K.h", "stageflow.a:F.h", "stageflow.a:F.g"], "stageflow.a:F.h"),
        ("", "KeyError raised in h()", ["stageflow.a:F.other_h"], ""),
        ("", "0", ["stageflow.a:F.g"], ""),
    ],
)
def test_the_cause_is_what_was_declared_and_entered_or_what_raised(cause: str, observed: str, entered: list[str], found: str) -> None:
    row = CaseVerdict(
        probe="p", case="c", control=False, component="x", title="t", params={}, verdict="violated", seconds=0, observed=observed
    )
    assert cause_of(card_of(cause), row, entered) == found
