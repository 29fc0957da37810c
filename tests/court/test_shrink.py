"""A minimal script shows the same defect, turns to 0 when it is repaired, and is made by steps that keep what they must."""

import ast
import contextlib
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.artifacts import Proof
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.court.catalogue import load_catalogue
from agent.court.plays import exit_codes
from agent.court.proof import Prove, prove
from agent.court.shrink import Sample, altered, shrink
from components.lab.shrink.reduce import OutOfBudget, reduced
from components.lab.shrink.simplify import simplified
from components.lab.shrink.working_out import certain_calls, worked_out
from tools.targets import resolve

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue(ROOT / "components")


# The reducer: any program, any predicate

marks = st.integers(0, 30).map(lambda n: f"mark({n})")


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Compound statements around blocks of statements."""
    blocks = st.lists(inner, min_size=1, max_size=4).map(
        lambda lines: "\n".join(f"    {line}" for text in lines for line in text.split("\n"))
    )
    return st.one_of(
        blocks.map(lambda b: f"if mark(99):\n{b}"),
        st.tuples(blocks, blocks).map(lambda b: f"if mark(98):\n{b[0]}\nelse:\n{b[1]}"),
        st.tuples(blocks, blocks).map(lambda b: f"try:\n{b[0]}\nexcept OSError:\n{b[1]}\nfinally:\n{b[0]}"),
        blocks.map(lambda b: f"for i in range(3):\n{b}"),
        blocks.map(lambda b: f"@mark\nasync def f():\n{b}"),
        blocks.map(lambda b: f"class C:\n{b}"),
        blocks.map(
            lambda b: f"match 1:\n    case 1:\n{chr(10).join('    ' + line for line in b.split(chr(10)))}\n    case _:\n        pass"
        ),
    )


programs = st.lists(st.recursive(marks, nested, max_leaves=12), min_size=1, max_size=6).map("\n".join)


def marked(tree: ast.AST) -> set[int]:
    """The numbers that a program marks."""
    return {part.value for part in ast.walk(tree) if isinstance(part, ast.Constant) and isinstance(part.value, int)}


def statements(source: str) -> int:
    """How many statements a program has, `pass` left out."""
    return sum(isinstance(node, ast.stmt) and not isinstance(node, ast.Pass) for node in ast.walk(ast.parse(source)))


@settings(max_examples=60, deadline=None)
@given(programs, st.data())
def test_what_is_reduced_is_still_interesting_valid_and_not_larger(source: str, data: st.DataObject) -> None:
    wanted = data.draw(st.sets(st.sampled_from(sorted(marked(ast.parse(source)))), max_size=3))
    result = reduced(source, lambda tree: wanted <= marked(tree))
    assert wanted <= marked(ast.parse(result))
    assert statements(result) <= statements(source)
    if not wanted:
        assert statements(result) == 0


@settings(max_examples=60, deadline=None)
@given(programs, st.sets(st.integers(0, 30), max_size=5))
def test_what_may_not_go_stays(source: str, kept: set[int]) -> None:
    kept &= marked(ast.parse(source))
    result = reduced(source, lambda tree: True, lambda node: not marked(node) & kept)
    assert kept <= marked(ast.parse(result))


@settings(max_examples=60, deadline=None)
@given(programs, st.integers(0, 6))
def test_the_end_of_the_budget_leaves_the_best_so_far(source: str, budget: int) -> None:
    wanted = {max(marked(ast.parse(source)))}
    tries = iter(range(budget))

    def interesting(tree: ast.Module) -> bool:
        if next(tries, None) is None:
            raise OutOfBudget
        return wanted <= marked(tree)

    assert wanted <= marked(ast.parse(reduced(source, interesting)))


# The exact steps: any case, the same course

CASES = st.fixed_dictionaries({"a": st.booleans(), "b": st.integers(0, 3), "c": st.lists(st.integers(0, 3), max_size=3)})
VALUES = st.sampled_from(["params['a']", "params['b']", "params.get('b', 7)", "params.get('x')", "2", "None", "y", "len(params['c'])"])
TESTS = st.one_of(
    VALUES,
    st.tuples(VALUES, st.sampled_from(["==", "!=", "is", "is not"]), st.sampled_from(["None", "True"])).map(" ".join),
    st.tuples(VALUES, st.sampled_from(["==", "!="]), st.sampled_from(["2", "False"])).map(" ".join),
    st.sampled_from(["'a' in params", "'x' not in params", "not params['a']", "params['a'] and y", "params['b'] or 0", "y > 1"]),
)
LINES = st.one_of(
    VALUES.map("note({})".format),
    st.tuples(VALUES, VALUES).map(lambda v: f"helper({v[0]}, second={v[1]})"),
    st.tuples(VALUES, TESTS, VALUES).map(lambda v: f"note({v[0]} if {v[1]} else {v[2]})"),
    st.just("shared(params)"),
    st.just("return"),
    st.just("unread = 5"),
)
BODIES = st.lists(
    st.one_of(LINES, st.tuples(TESTS, LINES, LINES).map(lambda v: f"if {v[0]}:\n        {v[1]}\n    else:\n        {v[2]}")), max_size=6
)

PROGRAM = """
import json
def note(value):
    COURSE.append(value)
def helper(first, second=2, third=None):
    if third is not None:
        note("third")
    elif first == 2 and second:
        note("both")
    note((first, second))
def shared(params):
    note(params["b"] if params["a"] else params["c"])
def unused():
    return json
def scenario(params):
    y = 3
    {scenario}
    note("end")
def control(params):
    y = 1
    {control}
CASE = {case!r}
if __name__ == "__main__":
    main(scenario, CASE)
"""


def course(source: str, function: str) -> list[Any]:
    """What a program notes, how it ends included."""
    space: dict[str, Any] = {"COURSE": [], "__name__": "script"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # `2 is None`
        exec(compile(source, "script", "exec"), space)
    try:
        space[function](space["CASE"])
    except TypeError as error:
        space["COURSE"].append(str(error))
    return list(map(repr, space["COURSE"]))


@settings(max_examples=60, deadline=None)
@given(BODIES, BODIES, CASES)
def test_a_simplified_program_does_the_same(scenario: list[str], control: list[str], case: dict[str, Any]) -> None:
    source = PROGRAM.format(scenario="\n    ".join(scenario or ["pass"]), control="\n    ".join(control or ["pass"]), case=case)
    simple = ast.unparse(simplified(ast.parse(source), frozenset({"main"}), ("scenario", "control")))
    assert course(simple, "scenario") == course(source, "scenario")
    assert course(simple, "control") == course(source, "control")
    assert "unused" not in simple and "json" not in simple and len(simple) <= len(source)


def test_only_what_follows_from_the_case_alone_is_worked_out() -> None:
    source = (
        "from stageflow import StageOutput\nLOG = []\n"
        "def pure(case): return [case['n'] * 2]\n"
        "def asks(case): return bool(StageOutput.ok().data)\n"
        "def fresh(case): return object()\n"
        "def scenario(params): pure(CASE), asks(CASE), fresh(CASE)\n"
        "CASE = {'n': 4}\n"
    )
    space: dict[str, Any] = {}
    exec(source, space)
    calls = certain_calls(ast.parse(source), frozenset())
    assert set(calls) == {"pure(CASE)", "asks(CASE)", "fresh(CASE)"}
    assert dict(worked_out(calls, space)) == {"pure(CASE)": "[8]"}
    exec("def keeps(case): LOG.append(1)", space)
    assert dict(worked_out(["keeps(CASE)"], space)) == {}


# The short forms: the same verdicts as the long ones

ENDINGS = {
    "return None": (0, "ABSENT"),
    "expect_equal(1, 1.0, 'x')": (1, "PRESENT: expected x = 1.0\n         observed 1"),
    "expect(False, 'a', 'b')": (1, "PRESENT: expected a\n         observed b"),
    "need('stageflow:nothing')": (2, "NOT APPLICABLE: stageflow:nothing: "),
    "need('stageflow.nothing')": (2, "NOT APPLICABLE: stageflow.nothing: "),
    "raise KeyError('ours')": (3, ""),
    "need('stageflow.core:StageOutput').ok()": (0, "ABSENT"),
}


@pytest.mark.no_cover  # a sweep: other tests run the same lines once
@pytest.mark.parametrize("ending", ENDINGS)
def test_short_forms_come_to_the_same_verdicts(ending: str) -> None:
    code, said = ENDINGS[ending]
    homes = (("probe", "verdict"), ("short", "short"))
    for probe, verdict in homes:
        text = (
            f"from components.lab.{probe} import expect, expect_equal, need\nfrom components.lab.{verdict} import main, play_virtual\n"
            f"import asyncio, time\nasync def scenario(params):\n    began = time.monotonic()\n    await asyncio.sleep(3600)\n"
            f"    assert 3600 <= time.monotonic() - began < 3601\n    {ending}\nmain(scenario, {{}}, seconds=5.0, player=play_virtual)\n"
        )
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, cwd=ROOT, timeout=30)
        assert (done.returncode, done.stdout.startswith(said)) == (code, True), (probe, done.stdout, done.stderr)


def test_another_oracle_is_noticed() -> None:
    long = "def expect(a):\n    if not a: raise Violation\ndef other(): pass\n"
    assert altered(long, "def expect(a):\n    if not a: raise Violation\n") == ""
    assert altered(long, "def expect(a): raise Violation\n") == "expect"


# Through the front door: real scripts, sandbox and target

REPAIRS = {
    "dag/ok_keeps_keywords": ("core/stage_output.py", "payload = data or kwargs", "payload = {**(data or {}), **kwargs}"),
    "streaming/close_wakes_consumers": (
        "helpers/streaming.py",
        "            item = await self._queue.get()\n            return item\n",
        "            item = await self._queue.get()\n            if self._closed and self._queue.empty():\n"
        "                self._queue.put_nowait(None)\n            return item\n",
    ),
}


@pytest.fixture(scope="module")
def context() -> ToolContext:
    settings = Settings.load()
    return ToolContext(settings, resolve("installed", settings), None, lambda line: None)


def seen(probe: str, context: ToolContext) -> Prove:
    """The first violated case of a probe, as the runner sees it, with its control."""
    jobs = "\n".join(json.dumps({"probe": probe, "control": control}) for control in (False, True))
    done = subprocess.run(
        [sys.executable, "-m", "components.lab.runner"], input=jobs, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    row = next(row for row in rows if row["verdict"] == "violated" and not row["control"])
    control = next(other for other in rows if other["control"] and other["case"] == row["case"])
    names = ("probe", "case", "component", "title", "params", "expected", "observed")
    return Prove(**{name: row[name] for name in names}, control=control["verdict"], control_reached=control["reached"])


def repaired(probe: str, context: ToolContext, folder: Path) -> ToolContext:
    """A copy of the target without the defect."""
    assert context.target
    name, wrong, right = REPAIRS[probe]
    shutil.copytree(context.target.package, folder / "stageflow", ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "stageflow" / name
    text = file.read_text(encoding="utf-8")
    assert text.count(wrong) == 1
    file.write_text(text.replace(wrong, right), encoding="utf-8")
    return ToolContext(context.settings, resolve(str(folder), context.settings), None, context.progress)


@pytest.mark.parametrize("probe", REPAIRS)
def test_a_minimal_script_shows_the_defect_and_its_repair(probe: str, context: ToolContext, tmp_path: Path) -> None:
    proofs, other = tmp_path / "proofs", repaired(probe, context, tmp_path / "copy")
    proof: Proof = prove(seen(probe, context), CATALOGUE[probe], proofs, context, shrink=True, other=other)
    assert (proof.status, bool(proof.minimal)) == ("confirmed", True), (proof.reason, proof.shrunk)
    full, small = proofs / proof.script, proofs / proof.minimal
    assert len(small.read_text().splitlines()) < 0.7 * len(full.read_text().splitlines())
    assert exit_codes(small, other, 10, runs=1) == exit_codes(full, other, 10, runs=1) == [0]
    assert {row.control: row.outcome for row in proof.controls}["other_release"] == "holds"
    assert ast.get_docstring(ast.parse(small.read_text())), "the minimal script says what it shows"


def test_scripts_that_cannot_be_made_minimal_say_why(context: ToolContext, tmp_path: Path) -> None:
    card = CATALOGUE["dag/ok_keeps_keywords"]
    params = {"data": {"a": 1}, "keywords": {}}  # this case holds
    file = tmp_path / "whole.py"
    file.write_text("pass\n")
    (result,) = shrink([Sample(file, "title", card, params, ("data", "nothing"))], context)
    assert result.file is None and "does not show the same" in result.told
    with contextlib.suppress(StopIteration):
        assert next(shrink([], context)) is None
