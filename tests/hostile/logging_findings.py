"""Logs many findings in one process, as `add_finding.py` does one: its parser, its ledger."""

import json
import sys
from pathlib import Path

from agent.core.errors import InvalidFinding
from agent.core.findings import parse_finding
from agent.core.ledger import Ledger


def main() -> None:
    """What is refused is told on standard error."""
    ledger = Ledger(Path(sys.argv[2]))
    for kind, entry in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        try:
            ledger.log_finding(kind, parse_finding(kind, json.dumps(entry)).finding, "tester")
        except InvalidFinding as refused:
            sys.stderr.write(f"{kind}: {refused}\n")


if __name__ == "__main__":
    main()
