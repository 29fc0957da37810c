"""The commands of a page, and how each has to end."""

import datetime as dt
import re
from dataclasses import dataclass

ASKS = "; echo $?"
FIRST = ("make ",)
"""Commands that set something up."""
SERVES = ("python -m agent view",)
"""Commands that end when they are told to."""
LEFT_OUT = {
    "10.0.0.1": "needs other machines",
    "--backend dask": "needs a scheduler and a database",
    "<Tab>": "is typed, not run",
}
"""Words of commands that cannot be typed here, and why; `make test-slow` has those with several machines."""
RUN = re.compile(r"run-\d{4}-\d\d-\d\d")
"""A run of the day on which the page was written; today it has another name."""
LINE = re.compile(r"^ {4}(?: {4})?\$ (.*)$")


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        command: as the page has it.
        shown: what the page shows below it.
        left_out: why it cannot be typed; empty when it can.
    """

    command: str
    shown: tuple[str, ...]
    left_out: str

    def wrong(self, code: str, said: str) -> str:
        """What is otherwise than on the page; empty when nothing is."""
        if "Traceback (most recent call last)" in said:
            return "told a traceback"
        if not code:
            return "did not end"
        if ASKS not in self.command:
            return "" if code == "0" else f"ended with {code}"
        expected = next(line.strip() for line in reversed(self.shown) if line.strip().isdigit())
        ended = said.strip().splitlines()[-1:]
        return "" if ended == [expected] else f"ended with {' '.join(ended)}, not {expected}"


def steps(text: str) -> list[Step]:
    """The commands in their order."""
    found: list[Step] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if match := LINE.match(line):
            words, below = [match[1]], number + 1
            while words[-1].endswith("\\"):
                words[-1] = words[-1][:-1].rstrip()
                words.append(lines[below].strip())
                below += 1
            found.append(step(" ".join(words), shown_below(lines[below:])))
    return found


def step(command: str, shown: tuple[str, ...]) -> Step:
    """One command; what serves until it is told to end is told so after a while."""
    command = RUN.sub(f"run-{dt.datetime.now(dt.UTC).date()}", command)
    why = next((reason for words, reason in LEFT_OUT.items() if words in command), "")
    return Step(f"timeout --preserve-status -s INT 10 {command}" if command.startswith(SERVES) else command, shown, why)


def shown_below(lines: list[str]) -> tuple[str, ...]:
    """The indented lines up to the next command or the end of the block."""
    shown: list[str] = []
    for line in lines:
        if LINE.match(line) or (line.strip() and not line.startswith("    ")):
            break
        shown.append(line)
    return tuple(shown)
