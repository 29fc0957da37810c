"""`python -m agent completion SHELL`: what a shell needs to complete commands, options, entries and runs."""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import shtab

from agent.core.roadmap import load_roadmap
from agent.core.settings import Settings

ENTRIES = {
    "bash": "_stageflow_entries(){ compgen -W '%s' -- \"$1\"; }",
    "zsh": "_stageflow_entries(){ compadd %s; }",
}
"""Functions that offer the roadmap's entries."""


def completion(options: argparse.ArgumentParser, shell: str, name: str, settings: Settings) -> int:
    """Print a script for the command line `options`, where the word `name` stands for this program."""
    options.prog = name
    preamble: Any = {}
    if shell in ENTRIES:
        preamble[shell] = ENTRIES[shell] % " ".join(load_roadmap(settings.project / "docs" / "roadmap"))
        every(options, lambda action: "--entry" in action.option_strings, {shell: "_stageflow_entries"})
    every(options, lambda action: action.metavar == "FILE", shtab.FILE)
    every(options, lambda action: action.metavar == "DIR", shtab.DIRECTORY)
    sys.stdout.write(shtab.complete(options, shell, preamble=preamble) + "\n")
    return 0


def every(options: argparse.ArgumentParser, wanted: Callable[[argparse.Action], bool], how: Any) -> None:
    """Mark the arguments of a command line and of all of its commands that are completed in some way."""
    for action in options._actions:  # argparse has no public list of them; shtab reads the same one
        if isinstance(action, argparse._SubParsersAction):
            for one in dict.fromkeys(action.choices.values()):
                every(one, wanted, how)
        elif wanted(action):
            action.complete = how  # type: ignore[attr-defined]
