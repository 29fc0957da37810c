"""What a sandboxed probe costs with one warm interpreter that is forked for each case, against a plain `python -c "import stageflow"`.

    python -m bench.sandbox.warm [--cases 500] [--rounds 5] [--sandbox MODE] [--json FILE]

The case is among the cheapest of the library, so that what is measured is the fresh process and not its work. Both sides take turns; told
are medians. The price of a case includes its share of starting the sandbox and importing stageflow once. Exit code 0 below a quarter.
"""

import argparse
import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.court.trials import run_jobs
from tools.sandbox import choose
from tools.targets import INSTALLED, resolve

PROBE = "frozen/cannot_be_changed"
CASE = {"kind": "FrozenDict", "act": "changing methods"}
"""Among the cheapest of the library."""
IMPORTS = 5
"""Plain imports in each round."""
AT_MOST = 0.25
"""Of the time of a plain import."""


def plain(context: ToolContext) -> float:
    """Seconds of a plain import in a new interpreter, without a sandbox."""
    assert context.target
    began = time.perf_counter()
    subprocess.run([context.target.python, "-c", "import stageflow"], check=True)
    return time.perf_counter() - began


def warm(context: ToolContext, cases: int) -> float:
    """Seconds of so many cases, the start of their sandbox included."""
    began = time.perf_counter()
    job = {"probe": PROBE, "given": [{"id": str(number), "params": CASE} for number in range(cases)]}
    rows, why = run_jobs([job], context, logs=None, deadline=300)
    took = time.perf_counter() - began
    if [row.verdict for row in rows] != ["holds"] * cases:
        raise SystemExit(f"{len(rows)} of {cases} cases came to a verdict: {why}")
    return took


def measured(context: ToolContext, cases: int, rounds: int) -> dict[str, Any]:
    """Medians of both, taken by turns, in milliseconds."""
    imports, all_of_them, one = [], [], []
    for _ in range(rounds):
        imports += [plain(context) for _ in range(IMPORTS)]
        all_of_them.append(warm(context, cases) / cases)
        one.append(warm(context, 1))
    figures = {
        "plain_import_ms": median(imports) * 1e3,
        "case_ms": median(all_of_them) * 1e3,
        "lone_case_ms": median(one) * 1e3,
        "ratio": median(all_of_them) / median(imports),
    }
    return {name: round(value, 3) for name, value in figures.items()}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.sandbox.warm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sandbox", default="auto")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    settings = Settings.load(sandbox=args.sandbox, jobs=1)
    context = ToolContext(settings, resolve(INSTALLED, settings), None, lambda line: None)
    result = {"sandbox": choose(args.sandbox).name, "machine": platform.processor() or platform.machine(), "cases": args.cases}
    result |= measured(context, args.cases, args.rounds)
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return int(result["ratio"] >= AT_MOST)


if __name__ == "__main__":
    sys.exit(main())
