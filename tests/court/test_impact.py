"""Cases that a change cannot reach: what is left out is sound, and only changes within function bodies leave anything out."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.court.causes import changed
from agent.court.impact import ELSEWHERE, Footprints, contained
from agent.court.trials import CaseVerdict

ROOT = Path(__file__).parents[2]
MODULE = '''"""Doc."""
LIMIT = 3

class Box:
    """A box."""

    def put(self, thing=None):
        """Puts."""
        self.thing = thing

def loose(a, *, b=1):
    def inner():
        return b
    return a + inner()
'''
NAMES = st.sampled_from(["m:a", "m:b", "m:C.d", ELSEWHERE])


def packages(folder: Path, before: str, after: str) -> tuple[Path, Path]:
    """Two packages `pkg` that hold one module each."""
    found = []
    for side, text in (("left", before), ("right", after)):
        package = folder / side / "pkg"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(text, encoding="utf-8")
        found.append(package)
    return found[0], found[1]


@pytest.mark.parametrize(
    ("old", "new", "inside"),
    [
        ("self.thing = thing", "self.thing = [thing]", True),
        ("return a + inner()", "return a - inner()", True),
        ("        return b", "        return b + 1", True),
        ("thing=None", "thing=0", False),
        ("b=1", "b=2", False),
        ("LIMIT = 3", "LIMIT = 4", False),
        ("class Box:", "class Box(dict):", False),
        ("def put(self", "@staticmethod\n    def put(self", False),
        ('"""Puts."""\n        self.thing = thing', '"""Takes."""\n        self.thing = 1', False),
        ("def loose", "def other():\n    return 1\n\ndef loose", False),
        ("def loose", "def tight", False),
        ("LIMIT = 3", "LIMIT = 3  # a comment", False),
    ],
)
def test_only_changed_bodies_are_contained(tmp_path: Path, old: str, new: str, inside: bool) -> None:
    left, right = packages(tmp_path, MODULE, MODULE.replace(old, new))
    assert contained(left, right, changed(left, right)) is inside


def test_a_file_more_is_not_contained(tmp_path: Path) -> None:
    left, right = packages(tmp_path, MODULE, MODULE.replace("a + inner()", "a"))
    (right / "more.py").write_text("", encoding="utf-8")
    assert not contained(left, right, changed(left, right))


def row(case: str, entered: list[str], before: list[str]) -> CaseVerdict:
    """A verdict with what its case entered."""
    blank: dict[str, Any] = {"control": False, "component": "x", "title": "t", "params": {}, "verdict": "holds", "seconds": 0.0}
    return CaseVerdict(probe="p/q", case=case, entered=tuple(entered), before=tuple(before), **blank)


@given(
    st.dictionaries(st.text("abc", min_size=1), st.tuples(st.lists(NAMES), st.lists(NAMES))),
    st.sets(NAMES),
    st.frozensets(st.sampled_from(["m:a", "m:b", "m:C.d"]), min_size=1),
)
def test_what_is_left_out_ran_nothing_that_changed(
    cases: dict[str, tuple[list[str], list[str]]], imported: set[str], changes: frozenset[str]
) -> None:
    found = Footprints.of([row(case, *names) for case, names in cases.items()], imported)
    untouched = found.untouched(changes)
    for _, case in untouched:
        assert cases[case][0]
        assert not (changes | {ELSEWHERE}) & {*cases[case][0], *cases[case][1], *imported}
    wanted = {c for c, (ran, listed) in cases.items() if ran and not (changes | {ELSEWHERE}) & {*ran, *listed, *imported}}
    assert {case for _, case in untouched} == wanted


@given(st.dictionaries(st.text("abc", min_size=1), st.tuples(st.lists(NAMES, min_size=1), st.lists(NAMES))), st.sets(NAMES))
def test_footprints_survive_being_kept(
    tmp_path_factory: pytest.TempPathFactory, cases: dict[str, tuple[list[str], list[str]]], imported: set[str]
) -> None:
    found = Footprints.of([row(case, *names) for case, names in cases.items()], imported)
    file = tmp_path_factory.mktemp("kept") / "footprints.json"
    found.save(file)
    again = Footprints.load(file)
    for changes in (frozenset({"m:a"}), frozenset({"m:b", "m:C.d"})):
        assert again.untouched(changes) == found.untouched(changes)


def played(path: Path | None, probes: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of the runner, with the functions entered, on the installed release or on a copy."""
    jobs = "\n".join(json.dumps({"probe": probe, "entered": True}) for probe in probes)
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{path}:{ROOT}" if path else str(ROOT)}
    command = [sys.executable, "-m", "components.lab.runner", "--jobs", "2"]
    done = subprocess.run(command, input=jobs, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, check=True)
    return {(r["probe"], r["case"]): r for r in map(json.loads, done.stdout.splitlines())}


def test_cases_that_notice_a_real_change_are_never_left_out(tmp_path: Path) -> None:
    import stageflow

    package = Path(stageflow.__file__).parent
    shutil.copytree(package, tmp_path / "stageflow", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "stageflow/pipeline/retry.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("    def __init__(", "    def __init__(", 1).replace("random.", "0 * random."), encoding="utf-8")
    changes = changed(package, tmp_path / "stageflow")
    assert contained(package, tmp_path / "stageflow", changes)
    probes = [f"retry/{file.stem}" for file in sorted((ROOT / "components/probes/retry").glob("*.py")) if not file.stem.endswith("_kit")]
    before, after = played(None, [*probes, "memory/safe_between_threads"]), played(tmp_path, [*probes, "memory/safe_between_threads"])
    rows = [row(case, r.get("entered", []), r.get("before", [])).model_copy(update={"probe": probe}) for (probe, case), r in before.items()]
    untouched = Footprints.of(rows, set()).untouched(changes)
    different = {key for key, r in before.items() if r["verdict"] != after[key]["verdict"]}
    assert different and untouched
    assert not different & untouched
