"""The commands of the README: found, known to the program, and judged as the page says."""

import shlex

import pytest

from agent.cli import parser
from bench.walk.page import Step, steps
from tests.conftest import ROOT

PAGE = steps((ROOT / "README.md").read_text(encoding="utf-8"))
OURS = [step.command for step in PAGE if step.command.startswith("python -m agent ")]


def test_the_page_has_commands() -> None:
    assert len(OURS) > 20 and PAGE[0].command.startswith("make run ENTRY=FIN-001")


@pytest.mark.parametrize("command", OURS)
def test_the_program_knows_what_the_page_types(command: str) -> None:
    words = shlex.split(command.partition(" -m agent ")[2].partition(";")[0], comments=True)
    words = words[: next((number for number, word in enumerate(words) if word in (">", "&", "...")), len(words))]
    parser().parse_args(words)


def test_commands_go_over_lines_and_have_what_is_shown_below() -> None:
    text = "text\n\n    $ one \\\n        --more; echo $?\n    said\n    4\n    $ two run-2020-01-02-001\n\nmore\n    not below\n"
    first, second = steps(text)
    assert first.command == "one --more; echo $?" and first.shown == ("    said", "    4")
    assert second.command.startswith("two run-20") and "2020-01-02" not in second.command and second.shown == ("",)


@pytest.mark.parametrize(
    ("command", "code", "said", "wrong"),
    [
        ("a", "0", "well", ""),
        ("a", "1", "well", "ended with 1"),
        ("a", "", "", "did not end"),
        ("a", "0", "Traceback (most recent call last):", "told a traceback"),
        ("a; echo $?", "0", "no\n4\n", ""),
        ("a; echo $?", "0", "no\n3\n", "ended with 3, not 4"),
    ],
)
def test_ends_are_compared_with_the_page(command: str, code: str, said: str, wrong: str) -> None:
    assert Step(command, ("told", "4", ""), "").wrong(code, said) == wrong
