"""Runs every proof of a mission by hand: a new virtual environment with nothing but stageflow-core, three times each.

    python bench/proofs.py [RUN] [--times 3]

Without RUN the newest finished mission is taken. Exit code 0 when every script ended with 1 every time.
"""

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agent.commands.runs import find_run
from agent.core.settings import Settings


def environment(folder: Path, version: str) -> Path:
    """Interpreter of a new environment that holds only the release and what it requires."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin/python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"stageflow-core=={version}"], check=True)
    return python


def exit_code(python: Path, script: Path) -> int:
    """How one script ends."""
    return subprocess.run([python, "-I", script], capture_output=True, timeout=120).returncode


def main() -> int:
    """Run all, print what did not end with 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", default="")
    parser.add_argument("--times", type=int, default=3)
    args = parser.parse_args()
    run = find_run(args.run, Settings.load().runs)
    version = run.read_json("config/run_config.json")["target_version"]
    scripts = sorted(run.root.glob("findings/*-*/repro.py"))
    with tempfile.TemporaryDirectory() as temp, ThreadPoolExecutor(2) as pool:
        python = environment(Path(temp) / "venv", version)
        codes = {script: [] for script in scripts}
        for _ in range(args.times):
            for script, code in zip(scripts, pool.map(lambda s: exit_code(python, s), scripts), strict=True):
                codes[script].append(code)
    wrong = {script: seen for script, seen in codes.items() if set(seen) != {1}}
    for script, seen in wrong.items():
        print(f"{script.parent.name}: exit codes {seen}")
    print(f"{len(scripts) - len(wrong)} of {len(scripts)} proofs ended with 1 in {args.times} of {args.times} runs")
    return int(bool(wrong) or not scripts)


if __name__ == "__main__":
    sys.exit(main())
