"""Tells which functions of the target run while it is imported: a change in one of them can show anywhere.

python -m components.lab.imports > functions.json
"""

import json
import sys

from components.lab.observe import PACKAGE, WATCH
from components.lab.runner import imported


def main() -> None:
    """Import every module of the target; print `module:Qual.name` of what ran, as a JSON list."""
    entered = WATCH.start()
    imported(PACKAGE)
    WATCH.stop()
    sys.stdout.write(json.dumps(list(entered)) + "\n")


if __name__ == "__main__":
    main()
