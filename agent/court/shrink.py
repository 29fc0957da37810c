"""Makes a confirmed script minimal, and keeps the result only when it proves itself.

The work is done in the sandbox by `components.lab.shrink.forks`: what is certain for the case is put in its place, calls that never come
near the target become what they return, and delta debugging over the syntax tree leaves out what neither the violating run nor the
control reaches. Every candidate has to show the same violation, deal with the target in the same way, and keep its control.
"""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.files import write_atomic
from agent.core.tool import Record, ToolContext
from agent.court.bundle import Recipe, bundle_to_shrink
from agent.court.catalogue import ProbeCard
from agent.court.plays import PRESENT, RUNS, exit_codes
from tools.run_code import run_python

BUDGET = 8.0
"""Seconds for the candidates of one script; most need less than one."""
START_UP = 20.0
ORACLE = ("Violation", "expect", "expect_equal", "main")
"""Definitions that a minimal script must hold as they are in the lab, when it uses them."""


@dataclass(frozen=True)
class Sample:
    """A script to make minimal.

    Attributes:
        file: the full script; the minimal one goes beside it, `<name>_min.py`.
        header: its docstring.
        card: the probe.
        params: the case.
        shown: what it shows: expected and observed.
    """

    file: Path
    header: str
    card: ProbeCard
    params: Mapping[str, Any]
    shown: tuple[str, str]


class Answer(Record):
    """What `components.lab.shrink.forks` says of one script."""

    id: str
    script: str
    why: str
    candidates: int
    seconds: float


@dataclass(frozen=True)
class Shrunk:
    """What came of one script.

    Attributes:
        file: the minimal script; None when there is none.
        told: how far it went, or why there is none.
    """

    file: Path | None
    told: str


def shrink(samples: Iterable[Sample], context: ToolContext) -> Iterator[Shrunk]:
    """Make scripts minimal, all in one sandboxed interpreter; one result per sample, in their order."""
    listed = list(samples)
    jobs, refused = {}, {}
    for sample in listed:
        try:
            jobs[str(sample.file)] = job_of(sample, context)
        except ValueError as error:
            refused[str(sample.file)] = f"not shrunk: {error}"
    answers = answered(list(jobs.values()), context)
    for sample in listed:
        name = str(sample.file)
        if name in refused:
            yield Shrunk(None, refused[name])
        elif name in answers:
            yield kept(sample, jobs[name]["script"], answers[name], context)
        else:
            yield Shrunk(None, "not shrunk: the time given was over")


def job_of(sample: Sample, context: ToolContext) -> dict[str, Any]:
    """The line for `components.lab.shrink.forks`.

    Raises:
        ValueError: scenario and control cannot stand in one script.
    """
    card, components = sample.card, context.settings.project / "components"
    text = bundle_to_shrink(components, card.id, sample.params, Recipe(sample.header, card.virtual_time, card.seconds))
    shown = {"expected": sample.shown[0], "observed": sample.shown[1]}
    return {"id": str(sample.file), "script": text, "virtual": card.virtual_time, "seconds": card.seconds, "budget": BUDGET, **shown}


def answered(jobs: list[dict[str, Any]], context: ToolContext) -> dict[str, Answer]:
    """The answers by id; those that did not come in time are missing."""
    if not jobs:
        return {}
    outcome = run_python(
        ["-m", "components.lab.shrink.forks"],
        context=context,
        seconds=START_UP + sum(job["budget"] for job in jobs),
        packages=(context.settings.project / "components",),
        output_kib=256 * len(jobs) + 1024,
        stdin="\n".join(map(json.dumps, jobs)).encode(),
    )
    found = (Answer.model_validate_json(line) for line in outcome.stdout.splitlines() if line.startswith(b'{"id"'))
    return {answer.id: answer for answer in found}


def kept(sample: Sample, before: str, answer: Answer, context: ToolContext) -> Shrunk:
    """The minimal script in its place, when it is one and shows the defect in every fresh process."""
    if not answer.script:
        return Shrunk(None, f"not shrunk: {answer.why}")
    lines = [len(text.splitlines()) for text in (sample.file.read_text(encoding="utf-8"), answer.script)]
    if lines[1] >= lines[0]:
        return Shrunk(None, "not shrunk: nothing could be left out")
    if weakened := altered(before, answer.script):
        return Shrunk(None, f"not shrunk: {weakened} would not be what it was")
    file = sample.file.with_name(f"{sample.file.stem}_min.py")
    write_atomic(file, answer.script)
    codes = exit_codes(file, context, sample.card.seconds)
    if codes != [PRESENT] * RUNS:
        file.unlink()
        return Shrunk(None, f"not shrunk: the minimal script showed the defect in {codes.count(PRESENT)} of {len(codes)} fresh processes")
    return Shrunk(file, f"{lines[0]} -> {lines[1]} lines, {answer.candidates} candidates, {answer.seconds:.1f} s")


def altered(before: str, after: str) -> str:
    """The name of a definition the verdict hangs on that is another in the minimal script; "" when there is none."""
    was, now = (definitions(text) for text in (before, after))
    return next((name for name in ORACLE if name in now and was.get(name) != now[name]), "")


def definitions(script: str) -> dict[str, str]:
    """What a script defines, by name."""
    return {name: ast.dump(node) for node in ast.parse(script).body if (name := getattr(node, "name", ""))}
