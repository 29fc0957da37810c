"""Declared causes: each names a place of the installed release, or a mistake of its documentation."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from pydantic import BaseModel

from agent.court.catalogue import load_catalogue

ROOT = Path(__file__).parents[2]
FORM = re.compile(r"docs:\S.*|stageflow(\.\w+)*(:\w+(\.\w+)*)?( #[\w\-]+)?")
LIST = """
import functools, importlib, importlib.util, json, operator, sys

@functools.cache
def exists(place):
    module, _, name = place.partition(":")
    try:
        found = importlib.util.find_spec(module) is not None
        return found and (not name or operator.attrgetter(name)(importlib.import_module(module)) is not None)
    except (ImportError, AttributeError):
        return False

for probe in json.load(sys.stdin):
    module = importlib.import_module("components.probes." + probe.replace("/", "."))
    for case in module.cases() if hasattr(module, "cases") else module.CASES:
        cause = case.cause or module.PROBE.cause
        names = {"probe": probe, "case": case.id, "component": case.component or module.PROBE.component, "cause": cause}
        print(json.dumps(names | {"exists": cause.startswith("stageflow") and exists(cause.partition(" #")[0])}))
"""


class Declaration(BaseModel):
    """The cause that one fixed case declares; `exists` when it is a place of the installed release."""

    probe: str
    case: str
    component: str
    cause: str
    exists: bool


@pytest.fixture(scope="module")
def declared() -> list[Declaration]:
    """What every probe of the library declares for its fixed cases."""
    done = subprocess.run(
        [sys.executable, "-c", LIST],
        input=json.dumps(list(load_catalogue(ROOT / "components"))),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=True,
    )
    return [Declaration.model_validate_json(line) for line in done.stdout.splitlines()]


def test_causes_are_places_or_documentation_mistakes(declared: list[Declaration]) -> None:
    assert sum(row.exists for row in declared) > 100
    assert sorted({row.cause for row in declared if row.cause and not FORM.fullmatch(row.cause)}) == []


def test_named_places_exist(declared: list[Declaration]) -> None:
    assert sorted({row.cause for row in declared if row.cause.startswith("stageflow") and not row.exists}) == []


def test_one_finding_has_one_cause(declared: list[Declaration]) -> None:
    """A probe and component are one finding; a case of it that holds on the release may leave the cause out."""
    causes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in declared:
        causes[row.probe, row.component].add(row.cause.partition(" #")[0])
    assert {key: names for key, names in causes.items() if len(names - {""}) > 1} == {}


def test_two_defects_of_one_place_are_told_apart(declared: list[Declaration]) -> None:
    """Findings with one cause merge, so the bare name of a place is enough only where a single defect is known."""
    causes = {row.cause for row in declared if row.cause.startswith("stageflow")}
    assert sorted(cause for cause in causes if any(other.startswith(f"{cause} #") for other in causes)) == []
