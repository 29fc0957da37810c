"""The contract suite of the components on older releases of Stageflow; on the pinned one it runs as it is."""

import os
import subprocess
import sys

import pytest

from agent.core.settings import Settings
from tests.conftest import ROOT, uncovered
from tools.targets import resolve

WHERE = "import stageflow, importlib.metadata; print(importlib.metadata.version('stageflow-core'), stageflow.__file__)"


@pytest.mark.parametrize("release", ["0.9.6", pytest.param("1.0.0", marks=pytest.mark.slow)])
def test_the_components_keep_their_contract_on(release: str) -> None:
    package = resolve(release, Settings.load()).package
    environ = {**uncovered(), "PYTHONPATH": os.pathsep.join([str(package.parent), str(ROOT)])}
    where = subprocess.run([sys.executable, "-c", WHERE], capture_output=True, text=True, env=environ, cwd=ROOT, timeout=60)
    assert where.stdout.split() == [release, str(package / "__init__.py")], where.stderr
    suite = ["tests/components/llm", "tests/components/audio"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *suite]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, cwd=ROOT, timeout=240)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " skipped" not in done.stdout
