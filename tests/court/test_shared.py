"""What missions of a batch leave for each other: taken over whole, with its origin, and never when it is damaged or about something else."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.core.artifacts import Proof
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.court import proof, run_probes
from agent.court.catalogue import load_catalogue
from agent.court.run_probes import ProbesRan
from agent.court.shared import PATIENCE, probe_place
from agent.court.trials import FOUND, CaseVerdict
from tests.conftest import ROOT
from tools.targets import INSTALLED, resolve

PROBES = ("auth/default_stack_rejects_garbage", "frozen/cannot_be_changed")


HOLD = """
import sys, time
from pathlib import Path
from agent.core.locks import free_locks
with free_locks([Path(sys.argv[1])], 1):
    print(flush=True)
    time.sleep(300)
"""


@contextlib.contextmanager
def making(place: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that says it is making a thing for the shelf."""
    maker = subprocess.Popen([sys.executable, "-c", HOLD, str(place.with_suffix(".making"))], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert maker.stdout and maker.stdout.readline()
        yield maker
    finally:
        maker.kill()
        maker.communicate()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Missions with a shelf."""
    return Settings.load({}, shared=tmp_path / "shared")


def context(settings: Settings, folder: Path) -> ToolContext:
    """Of a run in a folder."""
    folder.mkdir(parents=True)
    return ToolContext(settings, resolve(INSTALLED, settings), Workspace(folder), lambda line: None)


def probes(context: ToolContext) -> tuple[ProbesRan, list[CaseVerdict]]:
    """What the tool says, and the verdicts that it wrote."""
    assert context.workspace
    ran = run_probes.run(run_probes.RunProbes(name="probes-security", probes=PROBES), context)
    return ran, [CaseVerdict.model_validate(row) for row in context.workspace.read_json(ran.file)]


def told(rows: list[CaseVerdict]) -> list[tuple[str, str, bool, str]]:
    """Verdicts in an order of their own."""
    return sorted((row.probe, row.case, row.control, row.verdict) for row in rows)


def proven(context: ToolContext, rows: list[CaseVerdict]) -> Proof:
    """The proof of the first violated case."""
    row = next(row for row in rows if row.verdict == "violated" and not row.control)
    shown = row.model_dump(include={"probe", "case", "component", "title", "params", "expected", "observed"})
    return proof.run(proof.Prove(control="holds", control_reached=True, **shown), context)


def test_verdicts_and_proofs_are_taken_over_with_their_origin(settings: Settings, tmp_path: Path) -> None:
    """The second run says the same without playing anything again; a shelf that was changed by hand is not believed."""
    first, second, third = (context(settings, tmp_path / f"CORE-00{number}/run-2026-01-01-001") for number in (1, 2, 3))
    ran, rows = probes(first)
    again, same = probes(second)
    assert not ran.borrowed and again.borrowed == {"CORE-001/run-2026-01-01-001": 2}
    assert told(rows) == told(same) and ran.checks == again.checks and ran.sightings == again.sightings
    made, taken = proven(first, rows), proven(second, same)
    assert made.status == taken.status == "confirmed" and "CORE-001/run-2026-01-01-001" in taken.reason
    for run in (first, second):
        assert run.workspace and len(list(run.workspace.path("findings/proofs").glob("*-3.log"))) == 1
    for file in (tmp_path / "shared").rglob("*.json"):
        file.write_bytes(file.read_bytes().replace(b"probe", b"Probe", 1))
    anew, fresh = probes(third)
    assert not anew.borrowed and told(fresh) == told(rows)
    assert "taken over" not in proven(third, fresh).reason


def test_missions_that_begin_together_play_a_probe_once(settings: Settings, tmp_path: Path) -> None:
    """Each waits for what the other one is making, and both come to the same verdicts and proofs."""
    runs = [context(settings, tmp_path / f"CORE-00{number}/run-2026-01-01-001") for number in (1, 2)]
    with ThreadPoolExecutor(2) as both:
        (ran, rows), (again, same) = both.map(probes, runs)
    borrowed = ran.borrowed | again.borrowed
    assert sum(borrowed.values()) == len(PROBES) and told(rows) == told(same)
    with ThreadPoolExecutor(2) as both:
        reasons = [made.reason for made in both.map(proven, runs, [rows, same])]
    assert sum("taken over" in reason for reason in reasons) == 1


def place_of(run: ToolContext, settings: Settings) -> Path:
    """Where the verdicts of the second probe would be."""
    place = probe_place(load_catalogue(ROOT / "components", settings.cache)[PROBES[1]], run)
    assert place
    return place


def test_a_mission_that_dies_is_not_waited_for(settings: Settings, tmp_path: Path) -> None:
    """Another one makes what it was making."""
    run = context(settings, tmp_path / "CORE-001/run-2026-01-01-001")
    place = place_of(run, settings)
    with making(place) as maker, ThreadPoolExecutor(1) as waiting:
        coming = waiting.submit(probes, run)
        time.sleep(3)
        assert not coming.done() and not place.exists()
        maker.kill()
        ran, _ = coming.result(50)
    assert not ran.borrowed and place.exists()


@pytest.mark.slow
def test_a_mission_that_hangs_is_not_waited_for_long(settings: Settings, tmp_path: Path) -> None:
    """A minute, then everybody helps himself."""
    run = context(settings, tmp_path / "CORE-001/run-2026-01-01-001")
    place = place_of(run, settings)
    with making(place):
        began = time.monotonic()
        ran, _ = probes(run)
        assert PATIENCE <= time.monotonic() - began < PATIENCE + 30 and not ran.borrowed and place.exists()


def test_a_failure_pattern_is_tried_by_the_missions_to_come(settings: Settings, tmp_path: Path) -> None:
    """What a search found is played, judged beside its control, and told with the run that found it; by the finder itself it is not."""
    finder, sibling = (context(settings, tmp_path / f"CORE-00{number}/run-2026-01-01-001") for number in (1, 2))
    args = run_probes.RunProbes(name="probes-correctness", probes=("explore/failure_modes_agree",))
    assert finder.workspace and sibling.workspace

    def rows(tool: ToolContext) -> tuple[ProbesRan, list[CaseVerdict]]:
        ran = run_probes.run(args, tool)
        assert tool.workspace
        return ran, [CaseVerdict.model_validate(row) for row in tool.workspace.read_json(ran.file)]

    ran, fixed = rows(finder)
    violated = next(row for row in fixed if row.verdict == "violated" and not row.control)
    found = violated.model_copy(update={"case": f"{FOUND}1234abcd"})
    assert not ran.tried
    run_probes.leave_patterns([found], [], finder)
    assert not rows(sibling)[0].tried, "its control was not played"
    run_probes.leave_patterns([found], [found.model_copy(update={"control": True, "verdict": "holds"})], finder)
    again, played = rows(sibling)
    assert again.tried == {"CORE-001/run-2026-01-01-001": 1}
    assert {(row.control, row.verdict) for row in played if row.case == found.case} == {(False, "violated"), (True, "holds")}


def test_a_checkout_shares_nothing(settings: Settings, tmp_path: Path) -> None:
    """It may change at any time."""
    package = resolve(INSTALLED, settings).package
    target = resolve(str(package.parent), settings)
    run = tmp_path / "CORE-001/run-2026-01-01-001"
    run.mkdir(parents=True)
    probes(ToolContext(settings, target, Workspace(run), lambda line: None))
    assert not (tmp_path / "shared").exists()
