"""Log one finding by hand: a thin door to the ledger.

python add_finding.py --file bug --entry '{"title": …}' --agent NAME [--run RUN] [--json]
"""
# ruff: noqa: E402  # the imports below need a Python that the first lines make sure of

import importlib.util
import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  # before it is known that this Python is recent enough
OWN_PYTHON = os.path.join(ROOT, ".venv", "bin", "python")  # noqa: PTH118

if sys.version_info < (3, 11) or importlib.util.find_spec("pydantic") is None:
    if os.path.exists(OWN_PYTHON) and os.path.abspath(sys.executable) != OWN_PYTHON:  # noqa: PTH100, PTH110
        os.execv(OWN_PYTHON, [OWN_PYTHON, os.path.abspath(__file__), *sys.argv[1:]])  # noqa: PTH100
    sys.exit("this needs Python 3.11 with pydantic: run `make setup` in {} first".format(ROOT))  # noqa: UP032

import argparse
import json
from pathlib import Path
from typing import NoReturn

from agent.core.errors import AgentError, InvalidFinding, UsageError, WorkspaceUnwritable
from agent.core.findings import ENTRY_LIMIT, KINDS, parse_finding
from agent.core.ledger import Ledger
from agent.core.settings import Settings
from agent.core.workspace import RUN_NAME, list_runs


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message}\n")


def main(argv: list[str] | None = None) -> int:
    """Log the finding that the arguments describe; the exit code is 0, 2 (input that cannot be used) or 4 (no place to write)."""
    options = _arguments().parse_args(argv)
    try:
        parsed = parse_finding(options.file, _entry_text(options.entry))
        logged = Ledger(_folder(options.run)).log_finding(options.file, parsed.finding, options.agent)
    except AgentError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for note in (*parsed.notes, *logged.notes):
        print(note, file=sys.stderr)
    record = {"id": logged.id, "path": str(logged.path), "new": logged.new}
    print(json.dumps(record) if options.json else f"{logged.id} logged in {logged.path}")
    return 0


def _arguments() -> _Parser:
    parser = _Parser(description="Log one finding; its id is given by the ledger.", allow_abbrev=False)
    parser.add_argument("--file", required=True, choices=list(KINDS), help="kind of the finding")
    parser.add_argument("--entry", required=True, metavar="JSON", help="the finding; `-` reads it from standard input, `@FILE` from a file")
    parser.add_argument("--agent", required=True, metavar="NAME", help="who found it")
    parser.add_argument(
        "--run", metavar="RUN", help="run folder: its path, ENTRY/NAME, or its name; else the run one stands in, else the project"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON record instead of a sentence")
    return parser


def _entry_text(entry: str) -> str:
    try:
        if entry == "-":
            raw = sys.stdin.buffer.read(4 * ENTRY_LIMIT + 1)
        elif entry.startswith("@"):
            with Path(entry[1:]).open("rb") as stream:
                raw = stream.read(4 * ENTRY_LIMIT + 1)
        else:
            return entry
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise InvalidFinding(f"entry: cannot read {entry[1:]}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidFinding(f"entry: not UTF-8 text, see byte {error.start + 1}") from error


def _folder(run: str | None) -> Path:
    """Where the ledger is: the run that was named, or the one the current directory lies in, or the project's root."""
    if run is None:
        here = Path.cwd()
        return next((folder for folder in (here, *here.parents) if RUN_NAME.fullmatch(folder.name)), Path(ROOT))
    runs = Settings.load().runs
    try:
        named = [workspace.root for workspace in list_runs(runs) if workspace.root.name == run]
        places = [place.resolve() for place in (Path(run), runs / run) if run and place.exists()] or named
        if not places:
            raise UsageError(f"run: there is no folder {run!r}, neither here nor in {runs}")
        if len(named) > 1 and places == named:
            raise UsageError(f"run: {run} could be {' or '.join(f'{place.parent.name}/{place.name}' for place in named)}")
        if runs.resolve() in (places[0], places[0].parent):
            raise UsageError(f"run: {places[0]} holds runs, it is none; name one of them")
        if not places[0].is_dir():
            raise WorkspaceUnwritable(f"run: {places[0]} is not a folder")
    except OSError as error:
        raise UsageError(f"run: cannot use {run!r}: {error.strerror}") from error
    return places[0]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
