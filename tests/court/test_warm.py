"""Scripts played in forks of one process end as they do in interpreters of their own; what a search found is played like the rest."""

import subprocess
import sys
from pathlib import Path

from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.court import run_probes, warm
from agent.court.plays import RUNS
from agent.court.trials import CaseVerdict
from tools.targets import INSTALLED, resolve

PROBES = ("auth/default_stack_rejects_garbage", "explore/failure_modes_agree")


def test_scripts_in_forks_and_alone_come_to_one_verdict(tmp_path: Path) -> None:
    settings = Settings.load({}, cache=tmp_path / "cache")
    run = ToolContext(settings, resolve(INSTALLED, settings), Workspace(tmp_path / "run"), lambda line: None)
    (tmp_path / "run").mkdir()
    ran = run_probes.run(run_probes.RunProbes(name="probes-some", probes=PROBES, search=1.0, seed=7), run)
    assert ran.examples > 0
    rows = [CaseVerdict.model_validate(row) for row in Workspace(tmp_path / "run").read_json(ran.file)]
    violated = [warm.name_of(row) for row in rows if row.verdict == "violated" and not row.control]
    holding = [warm.name_of(row) for row in rows if row.verdict == "holds" and not row.control]
    assert {name.split()[0] for name in violated} == set(PROBES) and holding
    codes = warm.run(warm.PlayScripts(verdict_files=(ran.file,), cases=(*violated, *holding, "no/such probe")), run).codes
    assert codes == {name: (1,) * (RUNS - 1) for name in violated}
    for script in (tmp_path / "run/findings/proofs").rglob("*.py"):
        done = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1, done.stdout + done.stderr
