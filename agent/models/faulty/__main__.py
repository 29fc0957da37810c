"""`python -m agent.models.faulty --behaviour NAME`: prints its base URL and serves until it is interrupted."""

import argparse
import sys
from pathlib import Path

from agent.core.errors import UsageError
from agent.models.faulty.behaviours import BEHAVIOURS
from agent.models.faulty.contract import LISTED
from agent.models.faulty.server import FaultServer
from agent.models.script import Script, read_script


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m agent.models.faulty", description="A model server that misbehaves in one way.")
    parser.add_argument("--behaviour", choices=sorted(BEHAVIOURS), default="good", metavar="NAME", help="see --list")
    parser.add_argument("--port", type=int, default=0, help="on the loopback address; 0: any free one")
    parser.add_argument("--replies", type=Path, help="good answers: a file as the scripted provider takes")
    parser.add_argument("--model", action="append", help="a model to list; may be repeated")
    parser.add_argument("--log", type=Path, help="gets a JSON line for each completion that was asked for")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="until each completion is answered (default: 0)")
    parser.add_argument("--list", action="store_true", help="name every behaviour and stop")
    return parser


def main() -> int:
    """Parse, serve."""
    given = _parser().parse_args()
    if given.list:
        sys.stdout.writelines(f"{row.name:22} {row.about}\n" for row in BEHAVIOURS.values())
        return 0
    try:
        script = read_script(given.replies) if given.replies else Script(())
    except UsageError as error:
        sys.stderr.write(f"{error}\n{error.hint}\n")
        return error.exit_code
    with FaultServer(BEHAVIOURS[given.behaviour], script, tuple(given.model or LISTED), given.port, given.log, given.delay) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.stopped.set()
    return 0


if __name__ == "__main__":
    sys.exit(main())
